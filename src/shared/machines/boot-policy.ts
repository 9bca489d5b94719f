/** Which boot program a client gets: the first rule that matches all it names, with the reason in words. */
import { architectureByKey, architectureCodes, architectureName } from '../wire/iana/architecture.ts'
import { matchesMac, type ClientIdentity } from './client-identity.ts'

export interface BootProgramRule {
  /** A path in the boot folder, or an address that begins with a scheme. */
  readonly file: string
  readonly architecture?: string | number
  readonly vendorClass?: string
  readonly userClass?: string
  /** Hardware address or prefix. */
  readonly mac?: string
  readonly uuid?: string
}

export interface BootChoice {
  readonly file: string | undefined
  /** A sentence without its full stop: why this file, or why none. */
  readonly reason: string
  /** Position of the rule in the lab file, from 0; undefined where none matched. */
  readonly rule: number | undefined
}

/** The architecture numbers a rule's word or number covers. */
export function ruleArchitectures(architecture: string | number): readonly number[] {
  const known = typeof architecture === 'string' ? architectureByKey(architecture) : undefined
  if (known) return architectureCodes(known)
  const code = Number(architecture)
  return Number.isInteger(code) ? [code] : []
}

/** Names under which builds of iPXE itself are distributed: handing one to iPXE again loops for ever. */
const ipxeProgram = /(^|[\\/])(undionly|ipxe|snponly|snp|i386-pc-ipxe|intel|realtek)[^\\/]*\.(k{0,3}pxe|efi|0)$/i

interface Condition {
  readonly holds: boolean
  readonly says: string
}

function conditionsOf(rule: BootProgramRule, client: ClientIdentity): Condition[] {
  const conditions: Condition[] = []
  if (rule.architecture !== undefined)
    conditions.push({
      holds: client.architecture !== undefined && ruleArchitectures(rule.architecture).includes(client.architecture),
      says:
        client.architecture === undefined ? 'no architecture' : `architecture ${architectureName(client.architecture)}`,
    })
  if (rule.vendorClass !== undefined)
    conditions.push({
      holds: client.vendorClass.startsWith(rule.vendorClass),
      says: `vendor class "${rule.vendorClass}"`,
    })
  if (rule.userClass !== undefined)
    conditions.push({
      holds: client.userClasses.includes(rule.userClass) || (rule.userClass === 'iPXE' && client.isIpxe),
      says: `user class "${rule.userClass}"`,
    })
  if (rule.mac !== undefined)
    conditions.push({ holds: matchesMac(client.mac, [rule.mac]), says: `hardware address ${rule.mac}` })
  if (rule.uuid !== undefined)
    conditions.push({
      holds: client.uuid === rule.uuid.toLowerCase().replace(/[{}]/g, ''),
      says: `machine ${rule.uuid}`,
    })
  return conditions
}

export function chooseProgram(rules: readonly BootProgramRule[], client: ClientIdentity): BootChoice {
  let loop: BootProgramRule | undefined
  for (const [index, rule] of rules.entries()) {
    const conditions = conditionsOf(rule, client)
    if (!conditions.every((condition) => condition.holds)) continue
    if (client.isIpxe && rule.userClass === undefined && ipxeProgram.test(rule.file)) {
      loop ??= rule
      continue
    }
    const why = conditions.length === 0 ? 'it matches every client' : conditions.map((one) => one.says).join(' and ')
    return { file: rule.file, rule: index, reason: `rule ${index + 1}: ${why}` }
  }
  if (loop)
    return {
      file: undefined,
      rule: undefined,
      reason: `iPXE is asking already, and ${loop.file} is iPXE again: add a rule with userClass iPXE before it`,
    }
  const what =
    client.architecture === undefined ? 'a client without architecture' : architectureName(client.architecture)
  return { file: undefined, rule: undefined, reason: `no rule of boot.programs matches ${what}` }
}
