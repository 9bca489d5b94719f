/** The machines that a twin switches on: each kind as its firmware is simulated, and as conditions of a configuration see it. */
import type { FirmwareName } from '../machines/pxe-client/firmwares.ts'

export interface MachineKind {
  readonly key: FirmwareName
  readonly title: string
  readonly architecture: number
  /** Key of what its own programs are for, as a scenario writes it. */
  readonly runs: string
  readonly isHttp: boolean
  readonly isIpxe: boolean
}

const kind = (key: FirmwareName, title: string, architecture: number, runs: string, speaks: 'pxe' | 'http' | 'ipxe' = 'pxe'): MachineKind => ({ key, title, architecture, runs, isHttp: speaks === 'http', isIpxe: speaks === 'ipxe' }) // prettier-ignore

/** Architectures by IANA number; iPXE stands for what the first stage loads and for what is burnt into a card. */
export const machineKinds: readonly MachineKind[] = [
  kind('bios', 'BIOS', 0, 'bios'),
  kind('edk2-x86', 'UEFI x86', 6, 'x86-uefi'),
  kind('edk2', 'UEFI x64', 7, 'x64-uefi'),
  kind('edk2-arm64', 'UEFI ARM64', 11, 'arm64-uefi'),
  kind('edk2-http', 'UEFI x64 HTTP boot', 16, 'x64-uefi', 'http'),
  kind('edk2-arm64-http', 'UEFI ARM64 HTTP boot', 19, 'arm64-uefi', 'http'),
  kind('ipxe', 'iPXE on BIOS', 0, 'bios', 'ipxe'),
  kind('ipxe-uefi', 'iPXE on UEFI x64', 7, 'x64-uefi', 'ipxe'),
]

const twoOctets = (code: number): string => String.fromCharCode(code >>> 8, code & 255)

/** Options of its DISCOVER as octets (RFC 4578, RFC 3004, ipxe.org/appnote): as the firmware itself, or as the iPXE that it loads. */
export function optionsOf({ architecture, isHttp, isIpxe }: MachineKind, asIpxe = isIpxe): ReadonlyMap<number, string> {
  const name = isHttp && !asIpxe ? 'HTTPClient' : 'PXEClient'
  // What HTTP boot loads says the architecture without HTTP.
  const code = asIpxe ? ({ 16: 7, 19: 11 }[architecture] ?? architecture) : architecture
  return new Map([
    [60, `${name}:Arch:${String(code).padStart(5, '0')}:UNDI:${code === 0 ? '002001' : '003010'}`],
    [93, twoOctets(code)],
    [94, code === 0 ? '\u0001\u0002\u0001' : '\u0001\u0003\u0010'],
    [97, `\u0000${'\u0001'.repeat(16)}`],
    ...(asIpxe ? ([[77, 'iPXE'], [175, '\u00b1\u0005\u0001\u0080\u0086\u0010\u000e']] as const) : []), // prettier-ignore
  ])
}
