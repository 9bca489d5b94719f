/** What Raspberry Pis and boards with U-Boot load beside what the rules of a lab name, and where it lies in the boot folder. */
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { raspberryPiArchitecture } from '../wire/dhcp/raspberry-pi.ts'
import type { Lab } from './lab.ts'

type Rule = Lab['boot']['programs'][number]

const hasArchitecture = ({ architecture }: Rule, codes: readonly number[]): boolean =>
  architecture !== undefined && ruleArchitectures(architecture).some((code) => codes.includes(code))

export const isForRaspberryPi = (rule: Rule): boolean =>
  rule.raspberryPi === true || hasArchitecture(rule, [raspberryPiArchitecture])

/** U-Boot on ARM64 by its own name, over TFTP. */
export const isForUBoot = (rule: Rule): boolean =>
  rule.vendorClass?.startsWith('U-Boot') === true || hasArchitecture(rule, [22])

/** U-Boot on ARM32, and that which boots over HTTP. */
export const isForOtherUBoot = (rule: Rule): boolean => hasArchitecture(rule, [21, 23, 24])

/** The machines of that kind in a simulation of the lab; the last three octets of a Pi are in its serial number, too. */
export const smallMachines = {
  'u-boot-pxe': '52:54:00:00:00:16',
  'raspberry-pi-3': 'b8:27:eb:00:00:03',
  'raspberry-pi-4': 'dc:a6:32:00:00:04',
  'raspberry-pi-5': '2c:cf:67:00:00:05',
} as const
export type SmallMachine = keyof typeof smallMachines

/** The folder that a simulated Pi asks in. */
export const raspberryPiFolderOf = (machine: Exclude<SmallMachine, 'u-boot-pxe'>): string =>
  `10${smallMachines[machine].replaceAll(':', '').slice(6)}/`

export const smallMachinesOf = ({ boot }: Lab): readonly SmallMachine[] => [
  ...(boot.programs.some(isForUBoot) ? (['u-boot-pxe'] as const) : []),
  ...(boot.programs.some(isForRaspberryPi) ? (['raspberry-pi-3', 'raspberry-pi-4', 'raspberry-pi-5'] as const) : []),
]

/** Where Pis without a folder of their own find their files: a path with its slash, empty for the boot folder itself. */
export const commonFolderOf = ({ boot }: Lab): string =>
  boot.raspberryPi === null ? '' : `${boot.raspberryPi.split(/[\\/]+/).filter((one) => one !== '' && one !== '.').join('/')}/` // prettier-ignore

/** The folders, with their slashes, below which U-Boot looks for pxelinux.cfg: those of the files that it is told. */
export const uBootFolders = ({ boot }: Lab): readonly string[] => [
  ...new Set(boot.programs.filter(isForUBoot).map(({ file }) => file.slice(0, file.lastIndexOf('/') + 1))),
]

/** Files that a configuration in the format of PXELINUX names, as it names them. */
export const filesNamedIn = (text: string): readonly string[] =>
  [...text.matchAll(/^[ \t]*(?:kernel|linux|fit|initrd|fdt|devicetree)[ \t]+(\S+)/gim)].map(([, name]) => name!.replace(/#.*/, '')) // prettier-ignore
