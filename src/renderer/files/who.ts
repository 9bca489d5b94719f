/** Whom a rule is for, as a choice of a list. */
import { t } from '#messages/text.ts'
import { architectures } from '#shared/wire/iana/architecture.ts'
import { machinesWord } from '#shared/lab/known-programs.ts'
import type { Rule } from './change-lab.ts'

const common = ['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi']
const raspberryPi = 'arm-rpiboot'

export const whoChoices = [
  { value: 'userClass:iPXE', label: t('files.ipxe-once-runs') },
  ...common.map((key) => ({ value: key, label: machinesWord(key) })),
  { value: raspberryPi, label: machinesWord(raspberryPi) },
  { value: 'vendorClass:U-Boot', label: t('files.u-boot') },
  { value: 'any', label: t('files.every-client') },
  ...architectures
    .filter((one) => !common.includes(one.key) && one.key !== raspberryPi)
    .map((one) => ({ value: one.key, label: `${one.name} (${one.code})` })),
]

type Who = Pick<Rule, 'architecture' | 'userClass' | 'vendorClass'>

const conditions: readonly (keyof Rule)[] = ['architecture', 'userClass', 'vendorClass', 'mac', 'uuid', 'subnet', 'relay', 'circuitId', 'remoteId'] // prettier-ignore

/** The choice that a rule is; undefined for one with conditions that no choice has. */
export function choiceOf(rule: Rule): string | undefined {
  const named = conditions.filter((key) => rule[key] !== undefined)
  if (named.length === 0) return 'any'
  if (named.length > 1) return undefined
  const value = rule[named[0]!]
  const choice = named[0] === 'architecture' ? String(value) : `${named[0]}:${String(value)}`
  return whoChoices.some((one) => one.value === choice) ? choice : undefined
}

export function whoIs(choice: string): Who {
  if (choice === 'any') return {}
  const [key, value] = choice.split(':')
  return value === undefined ? { architecture: choice } : { [key!]: value }
}

/** Machines in the plural, for a button: BIOS machines. */
export const machinesOf = ({ architecture, userClass }: Who): string =>
  userClass !== undefined
    ? userClass
    : architecture === undefined
      ? t('files.every-machine')
      : t('files.machines-of', { kinds: [architecture].flat().map((one) => machinesWord(one)) })
