/** What a collected report of a server answers. It tells of one server: what another has stays open. */
import { wdsDataPorts, type Facts } from '../../lab/facts.ts'
import { letsIn } from '../../lab/firewall.ts'
import { dhcpAuthority } from '../authority.ts'
import { dpKey, wdsKey } from '../../lab/registry-keys.ts'
import type { ObservationId } from './observations.ts'
import { evidenceOfFile, type Evidence } from './dialogue.ts'

type Allowed = readonly string[] | undefined

const stateOf = (facts: Facts, name: string): 'running' | 'stopped' | 'absent' | undefined => {
  const list = facts.services?.value
  if (!list) return undefined
  const found = list.find((one) => one.name.toLowerCase() === name.toLowerCase())
  // What is disabled does not come back by itself: as good as not installed.
  if (!found || (found.state !== 'running' && found.start === 'disabled')) return 'absent'
  return found.state === 'running' ? 'running' : 'stopped'
}

const registry = (facts: Facts, key: string, name: string): unknown =>
  facts.registry?.value.find(
    (one) => one.key.toLowerCase() === key.toLowerCase() && one.name.toLowerCase() === name.toLowerCase(),
  )?.data

const listenWord = (value: unknown): Allowed =>
  value === null ? ['unset'] : value === 0 || value === 1 ? [String(value)] : undefined

/** Windows services as answers; undefined where the report does not list services. */
function servicesOf(facts: Facts) {
  const [dhcp, wds, responder] = ['DHCPServer', 'WDSServer', 'SccmPxe'].map((name) => stateOf(facts, name))
  if (dhcp === undefined || wds === undefined || responder === undefined) return undefined
  const hasDhcp = dhcp !== 'absent'
  const isResponder = responder === 'running' || (responder === 'stopped' && wds !== 'running')
  const hasWds = wds !== 'absent' && !isResponder
  return { hasDhcp, hasWds, hasResponder: isResponder, pxeState: isResponder ? responder : wds }
}

type Services = NonNullable<ReturnType<typeof servicesOf>>

function options(facts: Facts, { hasDhcp }: Services): Partial<Record<ObservationId, Allowed>> {
  const list = facts.dhcpOptions?.value
  if (!hasDhcp || !list) return {}
  const of60 = list.filter((one) => one.option === 60)
  const files = list.filter((one) => one.option === 66 || one.option === 67)
  const isHttp = of60.some((one) => one.value[0] === 'HTTPClient')
  return {
    option60:
      of60.length === 0 ? ['unset'] : isHttp ? ['http'] : of60.some((one) => one.level === 'server') ? ['server'] : ['scope'],
    option67:
      files.length === 0
        ? ['unset']
        : files.some((one) => one.level === 'server' || one.level === 'scope')
          ? ['all']
          : ['policies', 'unmatched'],
  }
} // prettier-ignore

function ports(facts: Facts, { hasWds, hasResponder }: Services): Partial<Record<ObservationId, Allowed>> {
  if (!hasWds && !hasResponder) return {}
  const udp = facts.udp?.value.filter((one) => one.namespace === undefined)
  const holders = udp?.filter((one) => one.port === 67).flatMap((one) => one.services)
  const known = ['DHCPServer', 'WDSServer', 'SccmPxe'].find((name) => holders?.includes(name))
  const isTaken = udp?.some((one) => one.port >= wdsDataPorts[0] && one.port <= wdsDataPorts[1] && one.services.includes('DNS')) // prettier-ignore
  const passages = [67, 69, 4011].map((port) => ({ port, isOpen: letsIn(facts, port) }))
  const blocked = passages.some((one) => one.isOpen === undefined) ? undefined : passages.flatMap((one) => (one.isOpen ? [] : one.port)) // prettier-ignore
  return {
    'port-67': holders && (known !== undefined ? [known] : udp!.some((one) => one.port === 67) ? undefined : ['nobody']),
    'tftp-ports': isTaken === undefined ? undefined : [isTaken ? 'taken' : 'free'],
    firewall: blocked && [blocked.length === 0 ? 'none' : blocked.length === 1 ? String(blocked[0]) : 'several'],
  } // prettier-ignore
}

/** Whether Active Directory does not let the DHCP server serve. */
const isRefused = (facts: Facts): boolean => {
  const { state, event } = dhcpAuthority(facts)
  return state === 'silent' && event?.id !== 1041
}

/** Evidence of a report; of what it leaves open there is none. */
export function evidenceOfFacts(facts: Facts): Evidence[] {
  const services = servicesOf(facts)
  if (!services) return []
  const { hasDhcp, hasWds, hasResponder, pxeState } = services
  const hasPxe = hasWds || hasResponder
  const places = hasDhcp ? ['same'] : ['apart', 'alone']
  const answers: Partial<Record<ObservationId, Allowed>> = {
    // Whether another server has what this one lacks, it does not tell.
    services: hasPxe ? places.map((place) => `${hasWds ? 'wds' : 'responder'}-${pxeState}-${place}`) : undefined,
    UseDHCPPorts: hasWds ? listenWord(registry(facts, wdsKey, 'UseDHCPPorts')) : undefined,
    DoNotListenOnDhcpPort: hasResponder ? listenWord(registry(facts, dpKey, 'DoNotListenOnDhcpPort')) : undefined,
    events: hasDhcp && isRefused(facts) ? ['unauthorised'] : undefined,
    ...options(facts, services),
    ...ports(facts, services),
  }
  return Object.entries(answers).flatMap(([key, allowed]) => {
    const id = key as ObservationId
    return allowed ? [evidenceOfFile(id, allowed, 'facts')] : []
  }) // prettier-ignore
}
