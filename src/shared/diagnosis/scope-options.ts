/**
 * What a client of a scope is told by the DHCP server of the facts. The nearest level wins: reservation, policies of the scope
 * and then of the server in their order, scope, server; at a level a value for the user class of the client stands over the
 * one for all (Microsoft, DHCP policies; RFC 2132 section 9.13, RFC 3004).
 */
import { type Facts } from '../lab/facts.ts'
import { parseIpv4Network, type Ipv4Network } from '../wire/bytes.ts'

type Told<K extends keyof Facts> = NonNullable<Facts[K]> extends { readonly value: infer V } ? V : never
export type OptionFact = Told<'dhcpOptions'>[number]
export type ScopeFact = Told<'dhcpScopes'>[number]
type PolicyFact = Told<'dhcpPolicies'>[number]

/** A client, by what the DHCP server sees of it. */
export interface Asker {
  /** Number of option 93. */
  readonly architecture: number
  /** Option 60. */
  readonly vendorClass: string
  /** Option 77; empty for none. */
  readonly userClass: string
  /** Hexadecimal digits. */
  readonly mac: string
  /** The address that is kept for it. */
  readonly reservation?: string
}

export const networkOf = ({ scope, prefixLength }: ScopeFact): Ipv4Network | undefined =>
  parseIpv4Network(`${scope}/${prefixLength}`)

/** Options that reach whole messages: those of a vendor class travel inside option 43. */
export const plainOptions = (facts: Facts, option: number): OptionFact[] | undefined =>
  facts.dhcpOptions?.value.filter((one) => one.option === option && one.vendorClass === undefined)

/** Options that clients get whatever user class they are of. */
export const optionsForAll = (facts: Facts, option: number): OptionFact[] | undefined =>
  plainOptions(facts, option)?.filter((one) => one.userClass === undefined)

const architectureNames: readonly (readonly [RegExp, number])[] = [
  [/bios|legacy|undi/i, 0],
  [/arm\W?64|aarch64|aa64/i, 11],
  [/(uefi|efi).*(x86|32|ia32)(?!.*64)/i, 6],
  [/uefi|efi|x64/i, 7],
]

/** The architecture that people mean by the name of a class or policy, or by `PXEClient:Arch:00007`. */
function architectureOfName(name: string): number | undefined {
  const number = /Arch:(\d{5})/.exec(name)?.[1]
  return number === undefined ? architectureNames.find(([pattern]) => pattern.test(name))?.[1] : Number(number)
}

/** The architecture that a boot program of this name starts on; undefined where the name does not tell. */
export function architectureOfFile(file: string): number | undefined {
  if (/\.efi(\.signed)?$/i.test(file))
    return /arm64|aarch64|aa64/i.test(file) ? 11 : /(^|[\\/])(x86|ia32|i386)[\\/]|ia32|32\.efi/i.test(file) ? 6 : 7
  return /\.(com|n12|0|k?k?pxe|lkrn|bin)$/i.test(file) ? 0 : undefined
}

const matches = (value: string, own: string): boolean =>
  value.endsWith('*')
    ? own.toLowerCase().startsWith(value.slice(0, -1).toLowerCase())
    : own.toLowerCase() === value.toLowerCase()

/** Whether a client is of a class that a condition or an option names; undefined where the class is not known. */
export function isOfClass(facts: Facts, kind: 'user' | 'vendor', value: string, asker: Asker): boolean | undefined {
  const own = kind === 'user' ? asker.userClass : asker.vendorClass
  const name = value.replace(/\*$/, '')
  const known = facts.dhcpClasses?.value.find(
    (one) => one.kind === kind && one.name.toLowerCase() === name.toLowerCase(),
  )
  const rest = value.slice(name.length)
  if (known) return own !== '' && matches(`${known.data}${rest}`, own)
  // The classes that Windows comes with are of no firmware (default BOOTP, routing and remote access, Microsoft's).
  if (/^(default |microsoft )/i.test(name)) return false
  if (own !== '' && matches(value, own)) return true
  if (facts.dhcpClasses) return false
  if (kind === 'user') return own !== '' && name.toLowerCase() === own.toLowerCase()
  const meant = architectureOfName(name)
  return meant === undefined ? undefined : meant === asker.architecture
}

function holdsOne(facts: Facts, condition: PolicyFact['conditions'][number], asker: Asker): boolean | undefined {
  const { field, isEqual, values } = condition
  const each = values.map((value): boolean | undefined =>
    field === 'VendorClass'
      ? isOfClass(facts, 'vendor', value, asker)
      : field === 'UserClass'
        ? isOfClass(facts, 'user', value, asker)
        : field === 'MacAddress'
          ? matches(value.replaceAll(/[-:]/g, ''), asker.mac)
          : false,
  )
  const found = each.includes(true) ? true : each.includes(undefined) ? undefined : false
  return found === undefined ? undefined : found === isEqual
}

/** Whether a policy holds for a client; undefined where that is not known. */
export function policyHolds(facts: Facts, policy: PolicyFact, asker: Asker): boolean | undefined {
  if (!policy.isEnabled) return false
  const each = policy.conditions.map((one) => holdsOne(facts, one, asker))
  if (policy.operator === 'or') return each.includes(true) ? true : each.includes(undefined) ? undefined : false
  return each.includes(false) ? false : each.includes(undefined) ? undefined : each.length > 0
}

/** Policies whose conditions were not collected: what their names and files say. Facts of version 1 have no others. */
export function presumedPolicies(facts: Facts): PolicyFact[] {
  const told = facts.dhcpPolicies?.value ?? []
  const options = facts.dhcpOptions?.value.filter((one) => one.level === 'policy') ?? []
  const names = [...new Set(options.map((one) => one.at))].filter((name) => !told.some((one) => one.name === name))
  return names.map((name, index) => {
    const file = options.find((one) => one.at === name && one.option === 67)?.value[0]
    const architecture = architectureOfName(name) ?? (file === undefined ? undefined : architectureOfFile(file))
    const value = architecture === undefined ? name : `PXEClient:Arch:${String(architecture).padStart(5, '0')}*`
    return {
      name,
      scope: options.find((one) => one.at === name)?.scope ?? '',
      isEnabled: true,
      order: 1000 + index,
      operator: 'or',
      conditions: [{ field: 'VendorClass', isEqual: true, values: [value] }],
    }
  })
}

/** Names of policies that set options and whose conditions are presumed from their names. */
export const presumedPolicyNames = (facts: Facts): string[] => presumedPolicies(facts).map((one) => one.name)

export interface Given {
  readonly value: string
  readonly from: OptionFact
}

/** What a client of a scope gets as an option; undefined for nothing. A scope that is empty has the options of the server alone. */
export function givenTo(facts: Facts, scope: string, asker: Asker, option: number): Given | undefined {
  const all = plainOptions(facts, option) ?? []
  const given = (from: OptionFact | undefined): Given | undefined => from && { value: from.value.join(' '), from }
  if (asker.reservation !== undefined) {
    const kept = all.find((one) => one.level === 'reservation' && one.at === asker.reservation)
    if (kept) return given(kept)
  }
  const policies = [...(facts.dhcpPolicies?.value ?? []), ...presumedPolicies(facts)]
    .filter((one) => one.scope === '' || one.scope === scope)
    .toSorted((a, b) => Number(a.scope === '') - Number(b.scope === '') || a.order - b.order)
  for (const policy of policies) {
    if (policyHolds(facts, policy, asker) !== true) continue
    const found = all.find(
      (one) => one.level === 'policy' && one.at === policy.name && (one.scope ?? policy.scope) === policy.scope,
    )
    if (found) return given(found)
  }
  for (const level of ['scope', 'server'] as const) {
    const here = all.filter((one) => one.level === level && (level === 'server' || one.at === scope))
    const byClass = here.find(
      (one) => one.userClass !== undefined && isOfClass(facts, 'user', one.userClass, asker) === true,
    )
    const found = byClass ?? here.find((one) => one.userClass === undefined)
    if (found) return given(found)
  }
  return undefined
}
