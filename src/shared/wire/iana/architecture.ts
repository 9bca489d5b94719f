/**
 * Processor architecture types of DHCP option 93 and DHCPv6 option 61 (IANA registry "Processor Architecture Types";
 * RFC 4578 section 2.1, RFC 5970 section 3.3). `key` is the word the lab file uses. RFC 4578 as published numbers x64
 * UEFI 9; the registry and today's firmware use 7, some old firmware sends 9 for the same machine.
 */
export interface Architecture {
  readonly code: number
  readonly key: string
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
  row(0, 'bios', 'x86 BIOS', 'bios'),
  row(1, 'pc98', 'NEC/PC98', 'other'),
  row(2, 'ia64-uefi', 'Itanium UEFI', 'uefi', false, 0x200),
  row(3, 'alpha', 'DEC Alpha', 'other'),
  row(4, 'arc-x86', 'Arc x86', 'other'),
  row(5, 'lean-client', 'Intel Lean Client', 'other'),
  row(6, 'x86-uefi', 'x86 UEFI', 'uefi', false, 0x14c),
  row(7, 'x64-uefi', 'x64 UEFI', 'uefi', false, 0x8664),
  row(8, 'xscale-uefi', 'EFI Xscale', 'uefi'),
  row(9, 'ebc', 'EFI byte code (old x64 UEFI)', 'uefi', false, 0x8664),
  row(10, 'arm32-uefi', 'ARM 32-bit UEFI', 'uefi', false, 0x1c2),
  row(11, 'arm64-uefi', 'ARM 64-bit UEFI', 'uefi', false, 0xaa64),
  row(12, 'powerpc-of', 'PowerPC Open Firmware', 'other'),
  row(13, 'powerpc-epapr', 'PowerPC ePAPR', 'other'),
  row(14, 'power-opal', 'POWER OPAL v3', 'other'),
  row(15, 'x86-uefi-http', 'x86 UEFI HTTP', 'uefi', true, 0x14c),
  row(16, 'x64-uefi-http', 'x64 UEFI HTTP', 'uefi', true, 0x8664),
  row(17, 'ebc-http', 'EFI byte code HTTP', 'uefi', true),
  row(18, 'arm32-uefi-http', 'ARM 32-bit UEFI HTTP', 'uefi', true, 0x1c2),
  row(19, 'arm64-uefi-http', 'ARM 64-bit UEFI HTTP', 'uefi', true, 0xaa64),
  row(20, 'bios-http', 'x86 BIOS HTTP', 'bios', true),
  row(21, 'arm32-uboot', 'ARM 32-bit U-Boot', 'other'),
  row(22, 'arm64-uboot', 'ARM 64-bit U-Boot', 'other'),
  row(23, 'arm32-uboot-http', 'ARM 32-bit U-Boot HTTP', 'other', true),
  row(24, 'arm64-uboot-http', 'ARM 64-bit U-Boot HTTP', 'other', true),
  row(25, 'riscv32-uefi', 'RISC-V 32-bit UEFI', 'uefi', false, 0x5032),
  row(26, 'riscv32-uefi-http', 'RISC-V 32-bit UEFI HTTP', 'uefi', true, 0x5032),
  row(27, 'riscv64-uefi', 'RISC-V 64-bit UEFI', 'uefi', false, 0x5064),
  row(28, 'riscv64-uefi-http', 'RISC-V 64-bit UEFI HTTP', 'uefi', true, 0x5064),
  row(29, 'riscv128-uefi', 'RISC-V 128-bit UEFI', 'uefi', false, 0x5128),
  row(30, 'riscv128-uefi-http', 'RISC-V 128-bit UEFI HTTP', 'uefi', true, 0x5128),
  row(31, 's390-basic', 's390 Basic', 'other'),
  row(32, 's390-extended', 's390 Extended', 'other'),
  row(33, 'mips32-uefi', 'MIPS 32-bit UEFI', 'uefi'),
  row(34, 'mips64-uefi', 'MIPS 64-bit UEFI', 'uefi'),
  row(35, 'sunway32-uefi', 'Sunway 32-bit UEFI', 'uefi'),
  row(36, 'sunway64-uefi', 'Sunway 64-bit UEFI', 'uefi'),
  row(37, 'loongarch32-uefi', 'LoongArch 32-bit UEFI', 'uefi', false, 0x6232),
  row(38, 'loongarch32-uefi-http', 'LoongArch 32-bit UEFI HTTP', 'uefi', true, 0x6232),
  row(39, 'loongarch64-uefi', 'LoongArch 64-bit UEFI', 'uefi', false, 0x6264),
  row(40, 'loongarch64-uefi-http', 'LoongArch 64-bit UEFI HTTP', 'uefi', true, 0x6264),
  row(41, 'arm-rpiboot', 'ARM rpiboot', 'other'),
]

const byCode = new Map(architectures.map((architecture) => [architecture.code, architecture]))
const byKey = new Map(architectures.map((architecture) => [architecture.key, architecture]))

export const architectureOf = (code: number): Architecture | undefined => byCode.get(code)

export const architectureByKey = (key: string): Architecture | undefined => byKey.get(key.toLowerCase())

/** In words with its number, as people look it up: `x64 UEFI (7)`. */
export const architectureName = (code: number): string =>
  `${byCode.get(code)?.name ?? 'unknown architecture'} (${code})`

/** The codes a lab-file word stands for: `x64-uefi` covers 7 and the 9 of old firmware. */
export const architectureCodes = (architecture: Architecture): readonly number[] =>
  architecture.code === 7 ? [7, 9] : [architecture.code]
