/** Which boot program and which menu a client gets: the first rule that matches all it names, with the reason in words. */
import { encodeText, formatHex, parseHex } from '../wire/bytes.ts'
import { formatIp, isInIpNetwork, parseIp, type IpAddress } from '../wire/ip-address.ts'
import { architectureByKey, architectureCodes, architectureName } from '../wire/iana/architecture.ts'
import { isIpxeClass, matchesMac, type ClientIdentity } from './client-identity.ts'
import type { Whereabouts } from './whereabouts.ts'

/** What a client must be, and where, for a rule to hold; what is not named does not matter. */
export interface RuleConditions {
  readonly architecture?: string | number | readonly (string | number)[]
  /** How option 60 begins. */
  readonly vendorClass?: string
  readonly userClass?: string
  /** Hardware address or prefix. */
  readonly mac?: string
  readonly uuid?: string
  /** A network of either family with its prefix length. */
  readonly subnet?: string
  /** Address of the relay, or a network of relays. */
  readonly relay?: string
  /** Option 82, sub-options 1 and 2, or options 18 and 37 of DHCPv6: the text, or its bytes in hexadecimal digits after 0x. */
  readonly circuitId?: string
  readonly remoteId?: string
}

export interface BootProgramRule extends RuleConditions {
  /** A path in the boot folder, or an address that begins with a scheme. */
  readonly file: string
  /** Address of the file server. */
  readonly nextServer?: string
  /** The same for those that boot over IPv6. */
  readonly nextServer6?: string
  /** How the file is loaded; where absent, as the client asks for it. */
  readonly protocol?: 'tftp' | 'http' | 'https'
  /** Option 17. */
  readonly rootPath?: string
  /** Answers as a Raspberry Pi wants it, also one that is not recognised. */
  readonly raspberryPi?: boolean
  /** How long an offer is held back. */
  readonly replyDelaySeconds?: number
}

export interface BootChoice {
  readonly file: string | undefined
  /** A sentence without its full stop: why this file, or why none. */
  readonly reason: string
  /** Position of the rule in the lab file, from 0; undefined where none matched. */
  readonly rule: number | undefined
  /** Whether it is for one boot of this machine alone. */
  readonly isOnce?: true
}

/** The architecture numbers a rule's words or numbers cover; none where one of them is no architecture. */
export function ruleArchitectures(architecture: NonNullable<RuleConditions['architecture']>): readonly number[] {
  if (typeof architecture === 'object') {
    const each = architecture.map(ruleArchitectures)
    return each.some((codes) => codes.length === 0) ? [] : each.flat()
  }
  const known = typeof architecture === 'string' ? architectureByKey(architecture) : undefined
  if (known) return architectureCodes(known)
  const code = Number(architecture)
  return Number.isInteger(code) ? [code] : []
}

/** Names under which builds of iPXE itself are distributed: handing one to iPXE again loops for ever. */
const ipxeProgram = /(^|[\\/])(undionly|ipxe|snponly|snp|i386-pc-ipxe|intel|realtek)[^\\/]*\.(k{0,3}pxe|efi|0)$/i

/** Whether a file is iPXE itself, by its name. */
export const isIpxeProgram = (file: string): boolean => ipxeProgram.test(file)

interface Condition {
  readonly holds: boolean
  readonly says: string
}

/** Whether an identifier is the text, or the bytes that are written as 0x and hexadecimal digits. */
export function isIdentifier(data: Uint8Array | undefined, wanted: string): boolean {
  if (!data) return false
  const bytes = /^0x/i.test(wanted) ? parseHex(wanted.slice(2)) : undefined
  return formatHex(data) === formatHex(bytes ?? encodeText(wanted))
}

const isRelay = (relay: IpAddress, wanted: string): boolean =>
  relay !== 0 && (wanted.includes('/') ? isInIpNetwork(relay, wanted) : relay === parseIp(wanted))

/** The conditions of a rule on a client that loads as that architecture. */
function conditionsOf(
  rule: RuleConditions,
  client: ClientIdentity,
  where: Whereabouts,
  architecture: number | undefined,
): Condition[] {
  const conditions: Condition[] = []
  if (rule.architecture !== undefined)
    conditions.push({
      holds: architecture !== undefined && ruleArchitectures(rule.architecture).includes(architecture),
      says: architecture === undefined ? 'no architecture' : architectureSays(client, architecture),
    })
  if (rule.vendorClass !== undefined)
    conditions.push({
      holds: client.vendorClass.startsWith(rule.vendorClass),
      says: `vendor class "${rule.vendorClass}"`,
    })
  if (rule.userClass !== undefined)
    conditions.push({
      holds: client.userClasses.includes(rule.userClass) || (isIpxeClass(rule.userClass) && client.isIpxe),
      says: `user class "${rule.userClass}"`,
    })
  if (rule.mac !== undefined)
    conditions.push({ holds: matchesMac(client.mac, [rule.mac]), says: `hardware address ${rule.mac}` })
  if (rule.uuid !== undefined)
    conditions.push({
      holds: client.uuid === rule.uuid.toLowerCase().replace(/[{}]/g, ''),
      says: `machine ${rule.uuid}`,
    })
  if (rule.subnet !== undefined)
    conditions.push({ holds: isInIpNetwork(where.link, rule.subnet), says: `subnet ${rule.subnet}` })
  if (rule.relay !== undefined)
    conditions.push({ holds: isRelay(where.relay, rule.relay), says: `relay ${formatIp(where.relay)}` })
  if (rule.circuitId !== undefined)
    conditions.push({ holds: isIdentifier(where.circuitId, rule.circuitId), says: `circuit "${rule.circuitId}"` })
  if (rule.remoteId !== undefined)
    conditions.push({ holds: isIdentifier(where.remoteId, rule.remoteId), says: `remote "${rule.remoteId}"` })
  return conditions
}

/** Whether every client of `rule` is one of `other` as well; where that is not plain from the conditions, false. */
export function isWithin(rule: RuleConditions, other: RuleConditions): boolean {
  const within = <T>(inner: T | undefined, outer: T | undefined, holds: (inner: T, outer: T) => boolean): boolean =>
    outer === undefined || (inner !== undefined && holds(inner, outer))
  const isSame = (inner: string, outer: string): boolean => inner === outer
  return (
    within(rule.architecture, other.architecture, (inner, outer) => {
      const codes = ruleArchitectures(inner)
      return codes.length > 0 && codes.every((code) => ruleArchitectures(outer).includes(code))
    }) &&
    within(rule.vendorClass, other.vendorClass, (inner, outer) => inner.startsWith(outer)) &&
    within(rule.mac, other.mac, (inner, outer) => inner.toLowerCase().startsWith(outer.toLowerCase())) &&
    (['userClass', 'uuid', 'subnet', 'relay', 'circuitId', 'remoteId'] as const).every((key) =>
      within(rule[key], other[key], isSame),
    )
  )
}

/** The rule that comes before it and gets all its clients; undefined where it has some of its own. */
export function shadowOf(rules: readonly BootProgramRule[], index: number): number | undefined {
  const found = rules.slice(0, index).findIndex(
    // iPXE passes over a rule that would load it once more.
    (other) => isWithin(rules[index]!, other) && (other.userClass !== undefined || !isIpxeProgram(other.file)),
  )
  return found < 0 ? undefined : found
}

const architectureSays = (client: ClientIdentity, architecture: number): string =>
  client.architectures.length > 1
    ? `architecture ${architectureName(architecture)}, the first with a rule of ${client.architectures.map(architectureName).join(', ')}`
    : `architecture ${architectureName(architecture)}`

const reasonOf = (index: number, conditions: readonly Condition[]): string =>
  `rule ${index + 1}: ${conditions.length === 0 ? 'it matches every client' : conditions.map((one) => one.says).join(' and ')}`

/** Option 93 may list several architectures: the first that gets something decides (RFC 4578 section 2.1). */
const architecturesOf = (client: ClientIdentity): readonly (number | undefined)[] =>
  client.architectures.length > 0 ? client.architectures : [undefined]

export function chooseProgram(
  rules: readonly BootProgramRule[],
  client: ClientIdentity,
  where: Whereabouts,
): BootChoice {
  let loop: BootProgramRule | undefined
  for (const architecture of architecturesOf(client))
    for (const [index, rule] of rules.entries()) {
      const conditions = conditionsOf(rule, client, where, architecture)
      if (!conditions.every((condition) => condition.holds)) continue
      if (client.isIpxe && rule.userClass === undefined && isIpxeProgram(rule.file)) {
        loop ??= rule
        continue
      }
      return { file: rule.file, rule: index, reason: reasonOf(index, conditions) }
    }
  if (loop)
    return {
      file: undefined,
      rule: undefined,
      reason: `iPXE is asking already, and ${loop.file} is iPXE again: add a rule with userClass iPXE before it`,
    }
  return { file: undefined, rule: undefined, reason: `no rule of boot.programs matches ${whatIs(client)}` }
}

const whatIs = (client: ClientIdentity): string =>
  client.architectures.length === 0
    ? 'a client without architecture'
    : client.architectures.map(architectureName).join(' or ')

/** The first of the rules that holds for the client; undefined where none does. */
export function firstMatch<Rule extends RuleConditions>(
  rules: readonly Rule[],
  client: ClientIdentity,
  where: Whereabouts,
): Rule | undefined {
  for (const architecture of architecturesOf(client)) {
    const found = rules.find((rule) => conditionsOf(rule, client, where, architecture).every((one) => one.holds))
    if (found) return found
  }
  return undefined
}

/** Whether a rule says anything of the client itself, rather than being for everyone, or everyone at a place. */
export const namesClient = (rule: RuleConditions): boolean =>
  [rule.architecture, rule.vendorClass, rule.userClass, rule.mac, rule.uuid].some((one) => one !== undefined)
