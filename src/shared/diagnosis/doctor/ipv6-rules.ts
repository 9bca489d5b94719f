/**
 * Rules about IPv6: who else holds the port of DHCPv6 that the lab wants, and whether the firewall lets it in. Nothing is said
 * where neither the lab nor another server here answers over IPv6.
 */
import { ownWays, passageOf } from '../../lab/firewall.ts'
import { documentedDhcp6Port as port } from '../../machines/machine.ts'
import { byHand, elevated, listed, repair, type Context, type Known, type PortFact, type Rule } from './context.ts'
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
  const says = 'Take the DHCP server off the network interface of the lab for IPv6 (it goes on with IPv4), or leave IPv6 to it with ipv6.enabled: false.' // prettier-ignore
  const names = [...new Set(facts.interfaces?.value.map(({ name }) => name))]
  const [name] = names
  if (name === undefined || names.length > 1) return byHand(`${says} Get-DhcpServerv6Binding lists the interfaces; Set-DhcpServerv6Binding -BindingState $false takes it off one, and $true brings it back.`, [], []) // prettier-ignore
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
  const name = first.services.join(', ') || first.process || 'A process of another user'
  const why = whyHeld(first)
  const isDhcpServer = first.services.some((one) => /^DHCPServer$/i.test(one))
  const consequence = isWindows
    ? 'Windows may let the lab have it as well; machines then get the answer of one of the two, or none.'
    : isEverywhere(first)
      ? 'Unless it is bound to another network interface, the lab cannot open the port and does not start.'
      : `It has the port at ${first.address} alone: where that is an address of the lab's interface, the lab does not start.`
  return {
    id: 'dhcpv6-port-held',
    severity: isEverywhere(first) ? 'warning' : 'note',
    title: `${name} holds UDP port ${port}, which the lab wants for DHCPv6`,
    says: `${why === '' ? '' : `It ${why}. `}${consequence}`,
    reference: 'RFC 8415 section 7.2',
    evidence: known.portEvidence(port),
    remedy: isWindows
      ? isDhcpServer
        ? unbindRemedy(known)
        : byHand(`End ${name} or have it leave UDP ${port}, or leave IPv6 to it with ipv6.enabled: false.`, [], [])
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
  if (!over6) return { doubt: 'whether the firewall lets IPv6 in' }
  if (!over6.isOn) return undefined
  const passage = (one: number) => passageOf({ isOn: true, rules: over6.rules }, one, ownWays(known.facts))
  const closed = needed.filter((one) => passage(one) === 'closed')
  const doubtful = needed.filter((one) => passage(one) === 'unknown')
  if (closed.length === 0)
    return doubtful.length === 0 ? undefined : { doubt: `whether the firewall lets UDP ${listed(doubtful)} in over IPv6 from every client` } // prettier-ignore
  return {
    id: 'dhcpv6-firewall-closed',
    severity: wantsPort(context) ? 'error' : 'warning',
    title: `The firewall does not let UDP ${listed(closed)} in over IPv6`,
    says: `${known.facts.ipv6Ports ? `The lab answers over IPv6 at UDP ${listed(needed)}` : `A DHCPv6 server is at UDP ${port}`}, and no rule lets ${listed(closed)} in: machines that boot over IPv6 get no answer there.`,
    reference: 'RFC 8415 section 7.2',
    evidence: [
      known.evidence(`${over6.chain ?? 'the input chain'} drops what no rule accepts`, [known.facts.firewall?.source], '"hook": "input"'), // prettier-ignore
    ],
    remedy: repair(
      known,
      'Allow these ports, until the firewall is loaded anew; add them to its configuration as well.',
      closed.map((one) => ({ kind: 'firewall', port: one, family: 'ipv6' })),
    ),
  }
}
