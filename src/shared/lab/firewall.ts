/**
 * Whom the firewall of a server lets in: by the profile of the network that a client comes from, by the senders that a rule is
 * about, rules that block before rules that allow (MS-FASP 2.2.36, MS-GPFAS 2.2.2). What the facts do not tell is unknown.
 */
import { formatIpv4, parseIpv4, parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'
import { firewallProfiles, type Facts } from './facts.ts'

export type Firewall = NonNullable<Facts['firewall']>['value']
export type FirewallRule = Firewall['rules'][number]
type ProfileName = (typeof firewallProfiles)[number]
type Interface = NonNullable<Facts['interfaces']>['value'][number]

export type Passage = 'open' | 'closed' | 'unknown'

/** Where packets come in. */
export interface Way {
  /** Undefined where the interfaces are not known. */
  readonly interface: Interface | undefined
  /** The network that the clients are in; undefined where it is not known. */
  readonly network: Ipv4Network | undefined
  /** Undefined where that is not known. */
  readonly isRelayed: boolean | undefined
}

/** A rule of another program opens nothing for the boot services. */
const bootPrograms = /^(|system|svchost\.exe|dhcpserver|wdsserver|sccmpxe(\.exe)?|smsdpprov\.exe)$/i

/** Rules for the boot services that hold for a UDP port. */
export const firewallRulesFor = ({ rules }: Firewall, port: number): FirewallRule[] =>
  rules.filter(
    (one) =>
      bootPrograms.test(one.program) &&
      (one.ports.length === 0 || one.ports.some(([first, last]) => port >= first && port <= last)),
  )

type Match = 'yes' | 'no' | 'maybe'
const all = (list: readonly Match[]): Match => (list.includes('no') ? 'no' : list.includes('maybe') ? 'maybe' : 'yes')
const any = (list: readonly Match[]): Match => (list.includes('yes') ? 'yes' : list.includes('maybe') ? 'maybe' : 'no')

const lastOf = ({ address, prefixLength }: Ipv4Network): number => address + 2 ** (32 - prefixLength) - 1

/** `10.0.0.0/255.0.0.0`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9` or one address; undefined for a word, or for IPv6. */
function rangeOf(text: string): readonly [first: number, last: number] | undefined {
  const [, start = '', end = ''] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? []
  const [first, last] = [parseIpv4(start), parseIpv4(end)]
  if (first !== undefined && last !== undefined) return [first, last]
  const one = parseIpv4(text)
  if (one !== undefined) return [one, one]
  const [, base = '', mask = ''] = /^([\d.]+)\/([\d.]+)$/.exec(text) ?? []
  const bits = parseIpv4(mask)
  const length = bits === undefined ? Number(mask === '' ? Number.NaN : mask) : 32 - Math.log2(2 ** 32 - bits)
  const address = parseIpv4(base)
  if (address === undefined || !Number.isInteger(length) || length < 0 || length > 32) return undefined
  const network = parseIpv4Network(
    `${formatIpv4(length === 0 ? 0 : (address & (~0 << (32 - length))) >>> 0)}/${length}`,
  )
  return network && [network.address, lastOf(network)]
}

/** Ports to which clients send before they have an address, or a relay agent for them with one of its own. */
const withoutAddress: readonly number[] = [67, 68]

function isSender(text: string, port: number, { network, isRelayed }: Way): Match {
  const range = rangeOf(text)
  if (range?.[0] === 0 && range[1] === 0xffffffff) return 'yes'
  // What 0.0.0.0 and the address of a relay agent are to a rule that names senders no document tells.
  if (withoutAddress.includes(port)) return 'maybe'
  if (/^LocalSubnet$/i.test(text)) return isRelayed === undefined ? 'maybe' : isRelayed ? 'no' : 'yes'
  // Other words (DNS, DHCP, Intranet, ...) are about lists that only Windows has; IPv6 is about no client here.
  if (!range) return text.includes(':') ? 'no' : 'maybe'
  if (!network) return 'maybe'
  const [first, last] = range
  return first <= network.address && last >= lastOf(network) ? 'yes' : last < network.address || first > lastOf(network) ? 'no' : 'maybe' // prettier-ignore
}

function isReceiver(text: string, port: number, { interface: own }: Way): Match {
  const address = own && parseIpv4(own.address)
  const range = rangeOf(text)
  // A broadcast goes to no address of the server.
  if (address === undefined || !range || withoutAddress.includes(port)) return 'maybe'
  return address >= range[0] && address <= range[1] ? 'yes' : 'no'
}

const holds = (rule: FirewallRule, port: number, profile: ProfileName, way: Way): Match =>
  all([
    rule.profiles === undefined || rule.profiles.includes(profile) ? 'yes' : 'no',
    rule.remote === undefined ? 'yes' : any(rule.remote.map((one) => isSender(one, port, way))),
    rule.local === undefined ? 'yes' : any(rule.local.map((one) => isReceiver(one, port, way))),
    byInterface(rule, way),
  ])

/** What is bound and names an interface may be about others as well that are over it, such as a bridge. */
function byInterface({ interfaces, isBound }: FirewallRule, { interface: own }: Way): Match {
  if (interfaces === undefined) return isBound ? 'maybe' : 'yes'
  if (!own) return 'maybe'
  return interfaces.includes(own.name) ? 'yes' : isBound ? 'maybe' : 'no'
}

function inProfile(firewall: Firewall, port: number, profile: ProfileName, way: Way): Passage {
  const settings = firewall.profiles?.find((one) => one.name === profile)
  if (!(settings?.isOn ?? firewall.isOn)) return 'open'
  if (settings?.blocksAll) return 'closed'
  const rules = firewallRulesFor(firewall, port).filter((one) => one.isPolicy || !settings?.ignoresLocalRules)
  const by = (action: FirewallRule['action']): Match =>
    any(rules.filter((one) => one.action === action).map((one) => holds(one, port, profile, way)))
  const [block, allow] = [by('block'), settings?.allowsInbound ? 'yes' : by('allow')]
  if (block === 'yes' || allow === 'no') return 'closed'
  return block === 'maybe' || allow === 'maybe' ? 'unknown' : 'open'
}

/** Whether a rule is about what comes by each of these ways. */
export const isMet = (firewall: Firewall, rule: FirewallRule, port: number, ways: readonly Way[]): boolean =>
  firewallRulesFor(firewall, port).includes(rule) &&
  ways.every((way) => profilesOf(way).every((profile) => holds(rule, port, profile, way) === 'yes'))

const agreed = (list: readonly Passage[]): Passage => (new Set(list).size === 1 ? list[0]! : 'unknown')

/** The profiles that an interface may have. */
export const profilesOf = ({ interface: own }: Way): readonly ProfileName[] =>
  own?.profile ? [own.profile] : firewallProfiles

/** Whether what comes by these ways reaches the boot services; where it is not the same for all of them it is unknown. */
export const passageOf = (firewall: Firewall, port: number, ways: readonly Way[]): Passage =>
  agreed(ways.flatMap((way) => profilesOf(way).map((profile) => inProfile(firewall, port, profile, way))))

/** Whether rules block a range of ports at which clients answer; that no rule allows them closes nothing, where answers get in. */
export function passageOfAnswers(firewall: Firewall, range: readonly [number, number], ways: readonly Way[]): Passage {
  const rules = firewall.rules.filter((one) => one.action === 'block' && one.program === '' && one.ports.some(([first, last]) => first <= range[0] && last >= range[1])) // prettier-ignore
  return agreed(
    ways.flatMap((way) =>
      profilesOf(way).map((profile): Passage => {
        const settings = firewall.profiles?.find((one) => one.name === profile)
        if (!(settings?.isOn ?? firewall.isOn)) return 'open'
        const met = any(rules.filter((one) => one.isPolicy || !settings?.ignoresLocalRules).map((one) => holds(one, range[0], profile, way))) // prettier-ignore
        return met === 'yes' ? 'closed' : met === 'maybe' ? 'unknown' : 'open'
      }),
    ),
  )
}

const networkAround = ({ address, prefixLength }: Interface): Ipv4Network | undefined => {
  const number = parseIpv4(address)
  return number === undefined
    ? undefined
    : { address: prefixLength <= 0 ? 0 : (number & (~0 << (32 - prefixLength))) >>> 0, prefixLength }
}

const nowhere: Way = { interface: undefined, network: undefined, isRelayed: undefined }

/** The ways from the networks that this machine is in. */
export function ownWays({ interfaces }: Facts): Way[] {
  const ways = (interfaces?.value ?? []).map((one) => ({
    interface: one,
    network: networkAround(one),
    isRelayed: false,
  }))
  return ways.length > 0 ? ways : [nowhere]
}

/** The ways from a network: by the interface that is in it, or by a relay agent and any of them. */
export function waysFrom(facts: Facts, network: Ipv4Network | undefined): Way[] {
  const ways = ownWays(facts)
  if (!network) return ways
  const inside = ways.filter(
    ({ network: own }) => own && own.address <= lastOf(network) && lastOf(own) >= network.address,
  )
  if (inside.length > 0) return inside.map((one) => ({ ...one, network }))
  // Without interfaces nobody knows whether it is that of the server.
  return facts.interfaces ? ways.map((one) => ({ ...one, network, isRelayed: true })) : [nowhere]
}

/** Whether the machine lets a port in from the networks that it is in; undefined where that is not known. */
export function letsIn(facts: Facts, port: number): boolean | undefined {
  const passage = facts.firewall && passageOf(facts.firewall.value, port, ownWays(facts))
  return passage === undefined || passage === 'unknown' ? undefined : passage === 'open'
}
