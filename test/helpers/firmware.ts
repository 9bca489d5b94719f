/** Real firmware under QEMU's software emulation, and GRUB images that say on the serial line how far they came. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Network, Running } from './network.ts'

export type Firmware = 'bios' | 'uefi-x64'

/** Printed by the boot program once it has fetched its second file. */
export const marker = (firmware: Firmware): RegExp => new RegExp(`PXELAB-NBP-OK ${firmware}`)

const modules = ['tftp', 'http', 'echo', 'serial', 'configfile', 'test', 'sleep', 'terminal', 'normal']

/**
 * A GRUB that reports its start, fetches `grub/second.cfg` from the given server and runs it. The server is built in: GRUB
 * takes it from the DHCP acknowledgement otherwise, which beside a foreign DHCP server names the wrong machine.
 */
export function makeGrub(
  folder: string,
  firmware: Firmware,
  server: string,
  protocol: 'tftp' | 'http' = 'tftp',
): string {
  const early = join(folder, `early-${firmware}.cfg`)
  writeFileSync(
    early,
    [
      firmware === 'bios' ? 'serial --unit=0 --speed=115200\nterminal_output serial' : 'terminal_output console',
      `echo PXELAB-NBP-START ${firmware}`,
      `configfile (${protocol},${server})/grub/second-${firmware}.cfg`,
    ].join('\n'),
  )
  const [format, output, extra] =
    firmware === 'bios' ? ['i386-pc-pxe', 'grub-bios.0', ['pxe']] : ['x86_64-efi', 'grub-x64.efi', ['efinet']]
  execFileSync('grub-mkimage', [
    '-O',
    format,
    '-o',
    join(folder, output),
    '-c',
    early,
    '-p',
    '/grub',
    ...modules,
    ...extra,
  ])
  return output
}

/** The second file: reaching it proves that the program can load more from where it came from. */
export const secondConfiguration = (firmware: Firmware): string => `echo PXELAB-NBP-OK ${firmware}\nsleep 60\n`

/** Switches a machine on whose first network card is on that tap. */
export function powerOn(
  network: Network,
  namespace: string,
  firmware: Firmware,
  tap: string,
  mac: string,
  folder: string,
): Running {
  const common = [
    '-nodefaults', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-accel', 'tcg', '-m', '512',
    '-netdev', `tap,id=n0,ifname=${tap},script=no,downscript=no`,
  ] // prettier-ignore
  if (firmware === 'bios')
    return network.start(namespace, 'qemu-system-x86_64', [
      '-machine', 'pc,graphics=off', ...common, '-device', `e1000,netdev=n0,mac=${mac},romfile=/usr/lib/ipxe/qemu/pxe-e1000.rom,bootindex=1`,
    ]) // prettier-ignore
  const variables = join(folder, 'vars.fd')
  copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', variables)
  return network.start(namespace, 'qemu-system-x86_64', [
    '-machine', 'q35', ...common,
    '-drive', 'if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd',
    '-drive', `if=pflash,format=raw,unit=1,file=${variables}`,
    // OVMF brings its own driver for virtio: the card's ROM, which is iPXE, stays out.
    '-device', `virtio-net-pci,netdev=n0,mac=${mac},romfile=,bootindex=1`,
    '-device', 'virtio-rng-pci',
  ]) // prettier-ignore
}
