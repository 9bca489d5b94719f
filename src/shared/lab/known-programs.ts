/** Boot programs by the names they are distributed under, whom each is for, and the rules that hand them out. */
import { architectureByKey, architectureName, architectures } from '../wire/iana/architecture.ts'
import { isWithin, ruleArchitectures, type BootProgramRule } from '../machines/boot-policy.ts'
import type { BootProgram } from '../wire/boot-program.ts'

/** By architecture, the one to prefer first: iPXE, then loaders that Secure Boot takes, then the rest. */
const wellKnown: readonly { readonly architecture: string; readonly names: readonly string[] }[] = [
  {
    architecture: 'bios',
    names: ['undionly.kpxe', 'ipxe.pxe', 'netboot.xyz.kpxe', 'netboot.xyz-undionly.kpxe', 'netboot.xyz-legacy.kpxe', 'lpxelinux.0', 'pxelinux.0', 'grub/i386-pc/core.0', 'boot/x64/wdsnbp.com'],
  },
  { architecture: 'x86-uefi', names: ['ipxe32.efi', 'bootia32.efi', 'grubia32.efi'] },
  {
    architecture: 'x64-uefi',
    names: ['ipxe.efi', 'snponly.efi', 'netboot.xyz.efi', 'netboot.xyz-snp.efi', 'netboot.xyz-snponly.efi', 'bootx64.efi', 'shimx64.efi', 'bootnetx64.efi', 'grubx64.efi', 'boot/x64/wdsmgfw.efi'],
  },
  {
    architecture: 'arm64-uefi',
    names: ['ipxe-arm64.efi', 'netboot.xyz-arm64.efi', 'netboot.xyz-arm64-snp.efi', 'netboot.xyz-arm64-snponly.efi', 'bootaa64.efi', 'shimaa64.efi', 'bootnetaa64.efi', 'grubaa64.efi'],
  },
  { architecture: 'arm-rpiboot', names: ['bootcode.bin'] },
] // prettier-ignore

const isCalled = (name: string, known: string): boolean =>
  name.toLowerCase() === known || name.toLowerCase().endsWith(`/${known}`)

/** Rules for the boot programs that are there under well-known names, one for each architecture. */
export function rulesForFiles(names: readonly string[]): { architecture: string; file: string }[] {
  return wellKnown.flatMap(({ architecture, names: known }) => {
    const file = known.map((one) => names.find((name) => isCalled(name, one))).find(Boolean)
    return file === undefined ? [] : [{ architecture, file }]
  })
}

export interface ProgramFile extends Pick<BootProgram, 'kind' | 'peMachine'> {
  /** In the boot folder, with slashes. */
  readonly name: string
}

/** The rule that hands a file to the machines it is for; undefined for what no firmware starts. */
export function ruleForFile({ name, kind, peMachine }: ProgramFile): BootProgramRule | undefined {
  if (kind === 'script') return { userClass: 'iPXE', file: name }
  const known = wellKnown.find(({ names }) => names.some((one) => isCalled(name, one)))
  const byName = known && architectureByKey(known.architecture)
  if (kind === 'uefi') {
    // What its first bytes say counts more than what it is called.
    const one = architectures.find((each) => each.boot === 'uefi' && !each.isHttp && each.peMachine === peMachine)
    return one && { architecture: one.key, file: name }
  }
  if (kind === 'bios') return { architecture: byName?.boot === 'other' ? byName.key : 'bios', file: name }
  return byName && byName.boot !== 'uefi' ? { architecture: byName.key, file: name } : undefined
}

/** Whether two rules are for the same machines. */
const isForSame = (one: BootProgramRule, other: BootProgramRule): boolean =>
  isWithin(one, other) && isWithin(other, one)

/**
 * The rules with one more. It takes the place of a rule for the same machines; else it comes before the first that would
 * leave it nobody, and a rule for iPXE before all, since it guards against handing iPXE to iPXE.
 */
export function withRule<Rule extends BootProgramRule>(rules: readonly Rule[], added: Rule): Rule[] {
  const same = rules.findIndex((one) => isForSame(one, added))
  if (same >= 0) return rules.with(same, added)
  const wider = added.userClass === undefined ? rules.findIndex((one) => isWithin(added, one)) : 0
  return wider < 0 ? [...rules, added] : rules.toSpliced(wider, 0, added)
}

export interface RuleSuggestion {
  readonly rule: BootProgramRule
  /** The architecture that gets nothing yet; undefined for machines that run iPXE. */
  readonly architecture: string | undefined
}

/** What could be handed out to machines that no rule gives anything yet: programs under well-known names, and a script for iPXE. */
export function suggestRules(rules: readonly BootProgramRule[], files: readonly ProgramFile[]): RuleSuggestion[] {
  /** By a rule that asks for nothing but the architecture. */
  const isServed = (architecture: string): boolean => {
    const [code] = ruleArchitectures(architecture)
    return rules.some((rule) => isWithin({ architecture: code! }, rule))
  }
  const found = rulesForFiles(files.filter(({ kind }) => kind !== 'empty').map(({ name }) => name))
  const suggestions: RuleSuggestion[] = found
    .filter(({ architecture }) => !isServed(architecture))
    .map((rule) => ({ rule, architecture: rule.architecture }))
  const handsOutIpxe = [...rules, ...suggestions.map(({ rule }) => rule)].some(({ file }) =>
    /(^|\/)(undionly|ipxe|snponly)/i.test(file),
  )
  const script = files.find(({ kind, name }) => kind === 'script' && !/(^|\/)autoexec\.ipxe$/i.test(name))
  if (handsOutIpxe && script && !rules.some(({ userClass }) => userClass?.toLowerCase() === 'ipxe'))
    suggestions.unshift({ rule: { userClass: 'iPXE', file: script.name }, architecture: undefined })
  return suggestions
}

/** An architecture of a rule, by its word or number, as people call such machines: BIOS, UEFI x64. */
export function machinesWord(architecture: string | number): string {
  return typeof architecture === 'number'
    ? architectureName(architecture)
    : (architectureByKey(architecture)?.name ?? architecture)
}
