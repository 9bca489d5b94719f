/**
 * Processor architecture types of DHCP option 93 and DHCPv6 option 61 (IANA registry "Processor Architecture Types";
 * RFC 4578 section 2.1, RFC 5970 section 3.3). `key` is the word the lab file uses. RFC 4578 as published numbers x64
 * UEFI 9; the registry and today's firmware use 7, some old firmware sends 9 for the same machine.
 */
import { say, type Phrase } from '#messages/message.ts'

export interface Architecture {
  readonly code: number
  readonly key: string
  /** As people call such machines. */
  readonly name: string
  readonly boot: 'bios' | 'uefi' | 'other'
  readonly isHttp: boolean
  /** Machine field of a PE/COFF boot program for it, where it runs one (Microsoft PE format, section 3.3.1). */
  readonly peMachine?: number
}

const row = (
  code: number,
  key: string,
  name: string,
  boot: Architecture['boot'],
  isHttp = false,
  peMachine?: number,
): Architecture => ({ code, key, name, boot, isHttp, ...(peMachine === undefined ? {} : { peMachine }) })

export const architectures: readonly Architecture[] = [
  row(0, 'bios', 'BIOS', 'bios'),
  row(1, 'pc98', 'NEC/PC98', 'other'),
  row(2, 'ia64-uefi', 'UEFI Itanium', 'uefi', false, 0x200),
  row(3, 'alpha', 'DEC Alpha', 'other'),
  row(4, 'arc-x86', 'Arc x86', 'other'),
  row(5, 'lean-client', 'Intel Lean Client', 'other'),
  row(6, 'x86-uefi', 'UEFI x86', 'uefi', false, 0x14c),
  row(7, 'x64-uefi', 'UEFI x64', 'uefi', false, 0x8664),
  row(8, 'xscale-uefi', 'UEFI XScale', 'uefi'),
  row(9, 'ebc', 'UEFI x64 or EBC', 'uefi', false, 0x8664),
  row(10, 'arm32-uefi', 'UEFI ARM32', 'uefi', false, 0x1c2),
  row(11, 'arm64-uefi', 'UEFI ARM64', 'uefi', false, 0xaa64),
  row(12, 'powerpc-of', 'PowerPC Open Firmware', 'other'),
  row(13, 'powerpc-epapr', 'PowerPC ePAPR', 'other'),
  row(14, 'power-opal', 'POWER OPAL v3', 'other'),
  row(15, 'x86-uefi-http', 'UEFI x86 HTTP boot', 'uefi', true, 0x14c),
  row(16, 'x64-uefi-http', 'UEFI x64 HTTP boot', 'uefi', true, 0x8664),
  row(17, 'ebc-http', 'UEFI EBC HTTP boot', 'uefi', true),
  row(18, 'arm32-uefi-http', 'UEFI ARM32 HTTP boot', 'uefi', true, 0x1c2),
  row(19, 'arm64-uefi-http', 'UEFI ARM64 HTTP boot', 'uefi', true, 0xaa64),
  row(20, 'bios-http', 'BIOS HTTP boot', 'bios', true),
  row(21, 'arm32-uboot', 'U-Boot ARM32', 'other'),
  row(22, 'arm64-uboot', 'U-Boot ARM64', 'other'),
  row(23, 'arm32-uboot-http', 'U-Boot ARM32 HTTP boot', 'other', true),
  row(24, 'arm64-uboot-http', 'U-Boot ARM64 HTTP boot', 'other', true),
  row(25, 'riscv32-uefi', 'UEFI RISC-V 32', 'uefi', false, 0x5032),
  row(26, 'riscv32-uefi-http', 'UEFI RISC-V 32 HTTP boot', 'uefi', true, 0x5032),
  row(27, 'riscv64-uefi', 'UEFI RISC-V 64', 'uefi', false, 0x5064),
  row(28, 'riscv64-uefi-http', 'UEFI RISC-V 64 HTTP boot', 'uefi', true, 0x5064),
  row(29, 'riscv128-uefi', 'UEFI RISC-V 128', 'uefi', false, 0x5128),
  row(30, 'riscv128-uefi-http', 'UEFI RISC-V 128 HTTP boot', 'uefi', true, 0x5128),
  row(31, 's390-basic', 's390 Basic', 'other'),
  row(32, 's390-extended', 's390 Extended', 'other'),
  row(33, 'mips32-uefi', 'UEFI MIPS 32', 'uefi'),
  row(34, 'mips64-uefi', 'UEFI MIPS 64', 'uefi'),
  row(35, 'sunway32-uefi', 'UEFI Sunway 32', 'uefi'),
  row(36, 'sunway64-uefi', 'UEFI Sunway 64', 'uefi'),
  row(37, 'loongarch32-uefi', 'UEFI LoongArch 32', 'uefi', false, 0x6232),
  row(38, 'loongarch32-uefi-http', 'UEFI LoongArch 32 HTTP boot', 'uefi', true, 0x6232),
  row(39, 'loongarch64-uefi', 'UEFI LoongArch 64', 'uefi', false, 0x6264),
  row(40, 'loongarch64-uefi-http', 'UEFI LoongArch 64 HTTP boot', 'uefi', true, 0x6264),
  row(41, 'arm-rpiboot', 'Raspberry Pi', 'other'),
]

const byCode = new Map(architectures.map((architecture) => [architecture.code, architecture]))
const byKey = new Map(architectures.map((architecture) => [architecture.key, architecture]))

export const architectureOf = (code: number): Architecture | undefined => byCode.get(code)

export const architectureByKey = (key: string): Architecture | undefined => byKey.get(key.toLowerCase())

/** As people call such machines, everywhere: `UEFI x64`. */
export const architectureName = (code: number): string => byCode.get(code)?.name ?? `architecture ${code}`

/** With its number, where a packet is shown: `UEFI x64 (7)`. */
export function numberedArchitecture(code: number): Phrase {
  const name = byCode.get(code)?.name
  return name === undefined ? say('wire.unknown-architecture', { code }) : `${name} (${code})`
}

/** The codes a lab-file word stands for: `x64-uefi` covers 7 and the 9 of old firmware. */
export const architectureCodes = (architecture: Architecture): readonly number[] =>
  architecture.code === 7 ? [7, 9] : [architecture.code]
