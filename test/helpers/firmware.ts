/** Real firmware under QEMU's software emulation, and boot programs that say on the serial line how far they came. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Network, Running } from './network.ts'

export type Firmware =
  'bios' | 'uefi-x64' | 'uefi-secure' | 'uefi-http-x64' | 'uefi-arm64' | 'uefi-http-arm64' | 'u-boot-arm64'

/** What stands in front of each machine's GRUB. */
type Target = 'bios' | 'uefi-x64' | 'uefi-arm64'

/** Printed by the boot program once it has fetched its second file. */
export const marker = (firmware: Firmware): RegExp => new RegExp(`PXELAB-NBP-OK ${firmware}`)

const modules = ['tftp', 'http', 'echo', 'serial', 'configfile', 'test', 'sleep', 'terminal', 'normal']

const images: Readonly<Record<Target, { format: string; file: string; card: string }>> = {
  bios: { format: 'i386-pc-pxe', file: 'grub-bios.0', card: 'pxe' },
  'uefi-x64': { format: 'x86_64-efi', file: 'grub-x64.efi', card: 'efinet' },
  'uefi-arm64': { format: 'arm64-efi', file: 'grub-arm64.efi', card: 'efinet' },
}

/**
 * A GRUB that reports its start, fetches `grub/second.cfg` from the given server and runs it. The server is built in: GRUB
 * takes it from the DHCP acknowledgement otherwise, which beside a foreign DHCP server names the wrong machine.
 */
export function makeGrub(folder: string, target: Target, server: string, protocol: 'tftp' | 'http' = 'tftp'): string {
  const early = join(folder, `early-${target}.cfg`)
  writeFileSync(
    early,
    [
      target === 'bios' ? 'serial --unit=0 --speed=115200\nterminal_output serial' : 'terminal_output console',
      `echo PXELAB-NBP-START ${target}`,
      `configfile (${protocol},${server})/grub/second-${target}.cfg`,
    ].join('\n'),
  )
  const { format, file, card } = images[target]
  execFileSync('grub-mkimage', ['-O', format, '-o', join(folder, file), '-c', early, '-p', '/grub', ...modules, card])
  return file
}

/** The second file: reaching it proves that the program can load more from where it came from. */
export const secondConfiguration = (target: Target): string => `echo PXELAB-NBP-OK ${target}\nsleep 60\n`

/** A script that U-Boot looks for by this name (`boot_script_dhcp`), in the format of its `source` command. */
export function makeUBootScript(folder: string, ...commands: string[]): void {
  const source = join(folder, 'boot.cmd')
  writeFileSync(source, `${commands.join('\n')}\n`)
  execFileSync('mkimage', ['-T', 'script', '-C', 'none', '-d', source, join(folder, 'boot.scr.uimg')])
}

/**
 * A kernel for AArch64 that writes a text to the serial port of QEMU's machine `virt` (PL011 at 0x09000000) and stops. Its
 * header is that of Linux, Documentation/arch/arm64/booting.rst, which U-Boot's `booti` looks for.
 */
export function makeArm64Kernel(file: string, text: string): void {
  const image = Buffer.alloc(4096)
  const codeAt = 0x40
  const words = [
    0x10000000 | ((7 * 4) >> 2 << 5) | 1, // adr x1, text
    0xd2a12002, // movz x2, #0x0900, lsl #16
    0x38401420, // ldrb w0, [x1], #1
    0x34000060, // cbz w0, +12
    0xb9000040, // str w0, [x2]
    0x17fffffd, // b -12
    0x14000000, // b .
  ] // prettier-ignore
  image.writeUInt32LE(0x14000000 | (codeAt / 4), 0)
  image.writeBigUInt64LE(BigInt(image.length), 16)
  // Little-endian, pages of 4 KiB, anywhere in memory.
  image.writeBigUInt64LE(0xan, 24)
  image.write('ARM\x64', 0x38, 'latin1')
  for (const [index, word] of words.entries()) image.writeUInt32LE(word >>> 0, codeAt + index * 4)
  image.write(`\r\n${text}\r\n\0`, codeAt + words.length * 4, 'latin1')
  writeFileSync(file, image)
}

/** A disk whose boot sector writes a text to the serial port and stops; the options that put it into a PC. */
export function makeDisk(file: string, text: string): string[] {
  const image = Buffer.alloc(1 << 20)
  // xor ax, ax; mov ds, ax; mov si, text; next: lodsb; test al, al; jz end; mov dx, 0x3f8; out dx, al; jmp next; end: hlt; jmp end
  image.set([0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x15, 0x7c, 0xac, 0x84, 0xc0, 0x74, 6, 0xba, 0xf8, 3, 0xee, 0xeb, 0xf5, 0xf4, 0xeb, 0xfd]) // prettier-ignore
  image.write(`\r\n${text}\r\n\0`, 0x15, 'latin1')
  image.set([0x55, 0xaa], 510)
  writeFileSync(file, image)
  return ['-drive', `file=${file},format=raw,if=ide`]
}

/** The wire of a machine: a tap of its namespace, or a wire to that tap which loses frames. */
export type Wire = string | LossyWire

/** A wire that loses so many percent of all frames each way, always the same for a seed. */
export class LossyWire {
  readonly #bridge: Running
  private constructor(bridge: Running) {
    this.#bridge = bridge
  }

  static async on(network: Network, namespace: string, tap: string, percent: number, seed: number): Promise<LossyWire> {
    const helper = fileURLToPath(new URL('lossy-tap.mjs', import.meta.url))
    const bridge = network.start(namespace, process.execPath, [helper, tap, String(percent), String(seed)])
    await bridge.sees(/carrying/)
    return new LossyWire(bridge)
  }

  /** Ends it. DATA that the server sent, how many different blocks they were, and frames that were lost. */
  async counted(): Promise<{ data: number; blocks: number; lost: number }> {
    await this.#bridge.stop()
    return JSON.parse(this.#bridge.stdout.split('\n')[1]!) as { data: number; blocks: number; lost: number }
  }
}

const lossy =
  'dgram,id=n0,local.type=inet,local.host=127.0.0.1,local.port=7701,remote.type=inet,remote.host=127.0.0.1,remote.port=7702'

/** A disk for the firmware's variables beside its code. */
const flash = (code: string, variables: string): string[] => [
  '-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${code}`,
  '-drive', `if=pflash,format=raw,unit=1,file=${variables}`,
] // prettier-ignore

/** Options of EDK2 for virtual machines: PXE comes before HTTP boot in its boot order, and is tried for minutes. */
const withoutPxe = [4, 6].flatMap((version) => ['-fw_cfg', `name=opt/org.tianocore/IPv${version}PXESupport,string=n`])

/** Switches a machine on whose first network card is on that wire. */
export function powerOn(
  network: Network,
  namespace: string,
  firmware: Firmware,
  wire: Wire,
  mac: string,
  folder: string,
  more: readonly string[] = [],
): Running {
  const common = [
    '-nodefaults', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-accel', 'tcg', '-m', '512',
    '-netdev', wire instanceof LossyWire ? lossy : `tap,id=n0,ifname=${wire},script=no,downscript=no`,
  ] // prettier-ignore
  // EDK2 and U-Boot bring their own driver for virtio: the card's ROM, which is iPXE, stays out.
  const virtio = ['-device', `virtio-net-pci,netdev=n0,mac=${mac},romfile=,bootindex=1`]
  const arm64 = ['-machine', 'virt', '-cpu', 'cortex-a57', ...common, ...virtio]
  const variables = join(folder, 'vars.fd')
  switch (firmware) {
    case 'bios':
      return network.start(namespace, 'qemu-system-x86_64', [
        '-machine', 'pc,graphics=off', ...common, '-device', `e1000,netdev=n0,mac=${mac},romfile=/usr/lib/ipxe/qemu/pxe-e1000.rom,bootindex=1`, ...more,
      ]) // prettier-ignore
    case 'uefi-x64':
    case 'uefi-http-x64':
      copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', variables)
      return network.start(namespace, 'qemu-system-x86_64', [
        '-machine', 'q35', ...common, ...flash('/usr/share/OVMF/OVMF_CODE_4M.fd', variables), ...virtio, '-device', 'virtio-rng-pci',
        ...(firmware === 'uefi-http-x64' ? withoutPxe : []), ...more,
      ]) // prettier-ignore
    // With the keys of Microsoft of 2011, or what a test has put into the variables (`ovmf-variables.ts`).
    case 'uefi-secure':
      if (!existsSync(variables)) copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.ms.fd', variables)
      return network.start(namespace, 'qemu-system-x86_64', [
        '-machine', 'q35,smm=on', '-global', 'driver=cfi.pflash01,property=secure,value=on', ...common,
        ...flash('/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', variables), ...virtio, '-device', 'virtio-rng-pci',
      ]) // prettier-ignore
    case 'uefi-arm64':
    case 'uefi-http-arm64':
      copyFileSync('/usr/share/AAVMF/AAVMF_VARS.fd', variables)
      return network.start(namespace, 'qemu-system-aarch64', [
        ...arm64, ...flash('/usr/share/AAVMF/AAVMF_CODE.fd', variables), '-device', 'virtio-rng-pci',
        ...(firmware === 'uefi-http-arm64' ? withoutPxe : []),
      ]) // prettier-ignore
    case 'u-boot-arm64':
      return network.start(namespace, 'qemu-system-aarch64', [
        ...arm64, '-bios', '/usr/lib/u-boot/qemu_arm64/u-boot.bin',
      ]) // prettier-ignore
  }
}
