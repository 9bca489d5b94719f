/**
 * Whether the DHCP server and WDS serve, as far as Active Directory, their settings and their events tell (Microsoft, DHCP server
 * events; WDSPXE rogue detection events 768 to 777). What nobody asked is unknown: neither a fault nor an all-clear.
 */
import { say, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../lab/facts.ts'
import { dhcpParametersKey, wdsKey } from '../lab/registry-keys.ts'

export type EventFact = NonNullable<Facts['events']>['value'][number]

export interface Authority {
  readonly state: 'serves' | 'silent' | 'unknown'
  /** The event that says so. */
  readonly event: EventFact | undefined
  /** Why it is silent, or what is not known. */
  readonly says: Phrase
}

const registryOf = (facts: Facts, key: string, name: string): unknown =>
  facts.registry?.value.find((one) => one.key.toLowerCase() === key.toLowerCase() && one.name.toLowerCase() === name.toLowerCase())?.data // prettier-ignore

/** Events by which the DHCP server says that it serves clients. */
const servingEvents: readonly number[] = [1043, 1044, 1047, 1048]
/** Those by which it says why it does not. */
const silentEvents: Readonly<Record<number, Message>> = {
  1041: say('doctor.authority-no-address'),
  1045: say('doctor.authority-met-domain'),
  1046: say('doctor.authority-not-listed'),
  1051: say('doctor.authority-not-listed'),
}
/** Those that leave it open. */
const openEvents: Readonly<Record<number, Message>> = {
  1049: say('doctor.authority-no-domain'),
  1050: say('doctor.authority-network-failed'),
  1052: say('doctor.authority-may-stop'),
  1059: say('doctor.authority-no-directory'),
}

/** `2026-01-02T03:04`, the minute of a time. */
const minuteDigits = 16

/** What was said before the port was taken is of an earlier run. */
function isStale(facts: Facts, { at }: EventFact): boolean {
  const since = facts.udp?.value.find((one) => one.port === 67 && one.services.includes('DHCPServer'))?.since
  // Both are ISO 8601 in UTC.
  return since !== undefined && since.slice(0, minuteDigits) > at.slice(0, minuteDigits)
}

const notAsked = say('doctor.authority-not-asked')

/** Of a DHCP server that runs. */
export function dhcpAuthority(facts: Facts): Authority {
  const event = facts.events?.value.find(
    (one) => one.log === 'System' && (servingEvents.includes(one.id) || one.id in silentEvents || one.id in openEvents),
  )
  const told = event && !isStale(facts, event) ? event : undefined
  // Without rogue detection it asks nobody (Microsoft, DHCP: Rogue detection should be enabled).
  const asks = registryOf(facts, dhcpParametersKey, 'DisableRogueDetection') !== 1
  if (told?.id === 1041) return { state: 'silent', event: told, says: silentEvents[told.id]! }
  if (!asks) return { state: 'serves', event: undefined, says: '' }
  if (facts.dhcpAuthorised?.value === false) return { state: 'silent', event: undefined, says: silentEvents[1046]! }
  if (told && told.id in silentEvents) return { state: 'silent', event: told, says: silentEvents[told.id]! }
  if (told && servingEvents.includes(told.id)) return { state: 'serves', event: told, says: '' }
  if (told && told.id in openEvents)
    return { state: 'unknown', event: told, says: say('doctor.authority-unknown-event', { id: told.id, why: openEvents[told.id] }) } // prettier-ignore
  // In a workgroup there is nobody to ask.
  if (facts.domain?.value === '' || facts.dhcpAuthorised?.value) return { state: 'serves', event: undefined, says: '' }
  return { state: 'unknown', event: undefined, says: notAsked }
}

/** Events of rogue detection by which WDS says that it serves, and that it does not. */
const wdsServing: readonly number[] = [771, 777]
const wdsSilent: readonly number[] = [770, 772, 774]

/** Of WDS, which asks Active Directory only where it is told to. */
export function wdsAuthority(facts: Facts): Authority {
  const serves: Authority = { state: 'serves', event: undefined, says: '' }
  if (registryOf(facts, wdsKey, 'DisableRogueDetection') !== 0) return serves
  const event = facts.events?.value.find((one) => one.log === 'Application' && /^WDSPXE$/i.test(one.provider) && (wdsServing.includes(one.id) || wdsSilent.includes(one.id))) // prettier-ignore
  if (facts.dhcpAuthorised?.value === false) return { state: 'silent', event: undefined, says: silentEvents[1046]! }
  if (facts.dhcpAuthorised?.value) return serves
  if (event && wdsSilent.includes(event.id)) return { state: 'silent', event, says: silentEvents[1046]! }
  return event
    ? { ...serves, event }
    : { state: 'unknown', event, says: say('doctor.authority-wds-not-asked') } // prettier-ignore
}
