/**
 * Rules about IPv6: who else holds the port of DHCPv6 that the lab wants, and whether the firewall lets it in. Nothing is said
 * where neither the lab nor another server here answers over IPv6.
 */
import { say, together } from '#messages/message.ts'
import { ownWays, passageOf } from '../../lab/firewall.ts'
import { documentedDhcp6Port as port } from '../../machines/machine.ts'
import { byHand, elevated, numbers, repair, type Context, type Known, type PortFact, type Rule } from './context.ts'
import type { Remedy } from './finding.ts'
import { stopRemedy, whyHeld } from './port-rules.ts'

/** Netstat writes addresses of IPv6 in brackets. */
const isLoopback = ({ address }: PortFact): boolean => /^\[?::1(%|\]|$)/.test(address)
const isEverywhere = ({ address }: PortFact): boolean => /^(\[?::\]?|0\.0\.0\.0)$/.test(address)
/** A lab that runs has its ports, whichever process of it holds them. */
const isLab = ({ isOwn, process = '' }: PortFact): boolean => isOwn === true || /^pxe-lab/i.test(process)

const wantsPort = ({ known }: Context): boolean => known.facts.ipv6Ports?.includes(port) === true
const holders = (known: Known): PortFact[] => known.owners(port)?.filter((one) => !isLoopback(one)) ?? []

/** Whether the lab answers DHCPv6 here. */
export const labAnswersDhcp6 = wantsPort

/** Takes the Windows DHCP server off IPv6 where the lab answers there; it goes on giving IPv4 addresses. */
function unbindRemedy({ facts }: Known): Remedy {
  const says = say('doctor.dhcpv6-unbind-fix')
  const names = [...new Set(facts.interfaces?.value.map(({ name }) => name))]
  const [name] = names
  if (name === undefined || names.length > 1) return byHand(together([says, say('doctor.dhcpv6-unbind-how')]), [], [])
  const set = (state: string): string[] => [elevated(`Set-DhcpServerv6Binding -InterfaceAlias '${name.replaceAll("'", "''")}' -BindingState ${state}`)] // prettier-ignore
  return byHand(says, set('$false'), set('$true'))
}

/**
 * Somebody else has the port that the lab answers DHCPv6 at. Linux and macOS refuse the second socket at the same address;
 * Windows lends it, and each packet then reaches one of the two ("Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Winsock).
 */
export const dhcp6PortHeld: Rule = ({ known }) => {
  const all = holders(known)
  const isWindows = known.facts.system === 'windows'
  // Where the lab has the port it was not in the way.
  if (!isWindows && all.some(isLab)) return undefined
  const others = all.filter((one) => !isLab(one))
  const first = others.find(isEverywhere) ?? others[0]
  if (!first) return undefined
  const name = first.services.join(', ') || first.process || say('doctor.other-users-process')
  const why = whyHeld(first)
  const isDhcpServer = first.services.some((one) => /^DHCPServer$/i.test(one))
  const consequence = isWindows
    ? say('doctor.dhcpv6-held-windows')
    : isEverywhere(first)
      ? say('doctor.dhcpv6-held-everywhere')
      : say('doctor.dhcpv6-held-at', { address: first.address })
  return {
    id: 'dhcpv6-port-held',
    severity: isEverywhere(first) ? 'warning' : 'note',
    title: say('doctor.dhcpv6-held-title', { name, port }),
    says: why === '' ? consequence : together([say('doctor.dhcpv6-held-what', { what: why }), consequence]),
    reference: 'RFC 8415 section 7.2',
    evidence: known.portEvidence(port),
    remedy: isWindows
      ? isDhcpServer
        ? unbindRemedy(known)
        : byHand(say('doctor.dhcpv6-held-fix', { name, port }), [], [])
      : stopRemedy(known, first, ''),
  }
}

/** Ports that machines have to reach over IPv6: those of the lab, and that of a DHCPv6 server which is here. */
const neededOver6 = ({ known }: Context): number[] => [
  ...new Set([...(known.facts.ipv6Ports ?? []), ...(holders(known).length > 0 ? [port] : [])]),
]

/** Where it is told what the firewall does with IPv6: on Linux. */
export const firewallConcerns6 = (context: Context): boolean =>
  context.known.facts.system === 'linux' && neededOver6(context).length > 0

export const dhcp6FirewallClosed: Rule = (context) => {
  const { known } = context
  const needed = neededOver6(context)
  const firewall = known.facts.firewall!.value
  const over6 = firewall.ipv6
  if (!over6) return { doubt: say('doctor.ipv6-firewall-unknown') }
  if (!over6.isOn) return undefined
  const passage = (one: number) => passageOf({ isOn: true, rules: over6.rules }, one, ownWays(known.facts))
  const closed = needed.filter((one) => passage(one) === 'closed')
  const doubtful = needed.filter((one) => passage(one) === 'unknown')
  if (closed.length === 0)
    return doubtful.length === 0 ? undefined : { doubt: say('doctor.ipv6-firewall-unknown-ports', { ports: numbers(doubtful) }) } // prettier-ignore
  return {
    id: 'dhcpv6-firewall-closed',
    severity: wantsPort(context) ? 'error' : 'warning',
    title: say('doctor.ipv6-firewall-title', { ports: numbers(closed) }),
    says: known.facts.ipv6Ports
      ? say('doctor.ipv6-firewall-says', { needed: numbers(needed), ports: numbers(closed) })
      : say('doctor.ipv6-firewall-says-server', { port, ports: numbers(closed) }),
    reference: 'RFC 8415 section 7.2',
    evidence: [
      known.evidence(say('doctor.chain-drops', { chain: over6.chain ?? say('doctor.input-chain') }), [known.facts.firewall?.source], '"hook": "input"'), // prettier-ignore
    ],
    remedy: repair(
      known,
      say('doctor.opening-fix-until'),
      closed.map((one) => ({ kind: 'firewall', port: one, family: 'ipv6' })),
    ),
  }
}
