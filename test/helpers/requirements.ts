/** What a test needs of the machine. Where nothing may be skipped, a missing piece is an error instead. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { postgresFolder } from './postgres.ts'
import { systemFolders } from './system-folders.ts'
import { windowsNodeIsThere } from './wine.ts'

const isWindows = process.platform === 'win32'

export function findTool(name: string): string | undefined {
  return systemFolders()
    .map((folder) => join(folder, isWindows ? `${name}.exe` : name))
    .find((path) => existsSync(path))
}

const checks: Readonly<Record<string, () => boolean>> = {
  root: () => process.platform === 'linux' && process.getuid?.() === 0,
  tun: () => existsSync('/dev/net/tun'),
  ovmf: () => existsSync('/usr/share/OVMF/OVMF_CODE_4M.fd'),
  'ipxe-rom': () => existsSync('/usr/lib/ipxe/qemu/pxe-e1000.rom'),
  'grub-pxe': () => existsSync('/usr/lib/grub/i386-pc') && existsSync('/usr/lib/grub/x86_64-efi'),
  'grub-arm64': () => existsSync('/usr/lib/grub/arm64-efi'),
  'edk2-arm64': () => existsSync('/usr/share/AAVMF/AAVMF_CODE.fd'),
  'u-boot': () => existsSync('/usr/lib/u-boot/qemu_arm64/u-boot.bin'),
  pxelinux: () => existsSync('/usr/lib/PXELINUX/pxelinux.0') && existsSync('/usr/lib/syslinux/modules/bios'),
  ipxe: () => existsSync('/usr/lib/ipxe/snponly.efi'),
  'shim-signed': () =>
    existsSync('/usr/lib/shim/shimx64.efi.signed') &&
    existsSync('/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed'),
  wine64: () => existsSync('/usr/lib/wine/wine64'),
  'windows-node': windowsNodeIsThere,
  postgresql: () => postgresFolder() !== undefined,
  chromium: () => existsSync('/usr/bin/chromium'),
  built: () => existsSync(new URL('../../out/renderer/index.html', import.meta.url)),
}

/** `root`, `tun` and the like by their check, anything else as a command. */
export const missingOf = (needs: readonly string[]): string[] =>
  needs.filter((one) => (checks[one] ? !checks[one]() : findTool(one) === undefined))

/** A group of tests that runs only where everything it needs is there, and says so where it is not. */
export function describeWith(needs: readonly string[], name: string, body: () => void): void {
  const missing = missingOf(needs)
  if (missing.length > 0 && process.env['PXE_LAB_SKIP_NOTHING'] !== undefined)
    throw new Error(`${name} needs ${missing.join(', ')}, and nothing may be skipped here`)
  describe.skipIf(missing.length > 0)(missing.length > 0 ? `${name} (needs ${missing.join(', ')})` : name, body)
}
