/** Labs to begin with: what each boots, what it needs, and how it changes a lab file. */
import { writeIpxeMenu } from './ipxe-menu.ts'
import type { Lab, LabInput } from './lab.ts'
import type { NewBootConfiguration } from '../wire/boot-configuration-writer.ts'

export interface PresetFile {
  /** Path in the boot folder. */
  readonly file: string
  readonly what: string
  /** Where people get it, in words. */
  readonly source: string
}

export interface LabPreset {
  readonly id: string
  readonly title: string
  /** A sentence or two. */
  readonly summary: string
  readonly needs: readonly PresetFile[]
  /** Texts for the boot folder; one that is there already is left alone. */
  readonly scripts: readonly { readonly file: string; readonly text: string }[]
  /** Boot configuration for the boot folder, likewise. */
  readonly stores?: readonly { readonly file: string; readonly configuration: NewBootConfiguration }[]
  /** Keys of the lab file that it sets; the rest of the file stays. */
  readonly changes: readonly { readonly path: readonly string[]; readonly value: unknown }[]
  /** What else has to be so, each a sentence. */
  readonly remarks: readonly string[]
}

const ipxeSource = 'ipxe.org, or the package ipxe of Debian and Ubuntu (/usr/lib/ipxe)'
const undionly = { file: 'undionly.kpxe', what: 'iPXE for BIOS machines', source: ipxeSource }
const ipxeEfi = { file: 'ipxe.efi', what: 'iPXE for UEFI x64 machines', source: ipxeSource }

const bootImage = {
  what: 'a Windows PE image',
  source: 'copype of the Windows ADK (media\\sources\\boot.wim), or a boot image of Configuration Manager',
}

const menu = {
  file: 'menu.ipxe',
  text: writeIpxeMenu({
    title: 'PXE Lab',
    timeoutSeconds: 10,
    defaultEntry: 0,
    entries: [
      { kind: 'disk', text: 'Local disk', key: 'd' },
      { kind: 'shell', text: 'iPXE command line', key: 's' },
    ],
  }),
}
const grubMenu = {
  file: 'grub/grub.cfg',
  text: "set timeout=10\nmenuentry 'Local disk' {\n  exit\n}\n# menuentry 'Installer' {\n#   linux /vmlinuz\n#   initrd /initrd.img\n# }\n",
}
const netbootSource = 'netboot.xyz, Downloads'
const signedNetbootSource = (machine: string): string =>
  `secureboot-${machine}.tar.gz of the releases of netbootxyz/netboot.xyz on GitHub (3.0.1 or later)`
const needsInternet = 'The machines need a router and a DNS server: in mode dhcp, set router and dns of the subnet.'

type Programs = NonNullable<NonNullable<LabInput['boot']>['programs']>

const ipxePrograms = (script: Programs[number]): Programs => [
  script,
  { architecture: 'bios', file: undionly.file },
  { architecture: 'x64-uefi', file: ipxeEfi.file },
]

/** The keys that presets set: another preset leaves nothing of the one before. */
const plain: readonly { readonly path: readonly string[]; readonly value: unknown }[] = [
  { path: ['role'], value: null },
  { path: ['boot', 'menus'], value: [] },
  { path: ['boot', 'raspberryPi'], value: null },
]
const set = (...changes: readonly [path: string, value: unknown][]): LabPreset['changes'] => {
  const own = changes.map(([path, value]) => ({ path: path.split('.'), value }))
  const isOwn = (path: readonly string[]): boolean => own.some((one) => one.path.join('.') === path.join('.'))
  return [...plain.filter(({ path }) => !isOwn(path)), ...own]
}

export const presets: readonly LabPreset[] = [
  {
    id: 'ipxe',
    title: 'iPXE with a boot menu',
    summary: 'BIOS and UEFI machines load iPXE, and iPXE shows a menu that you edit on the page Boot files.',
    needs: [undionly, ipxeEfi],
    scripts: [menu],
    changes: set(['boot.programs', ipxePrograms({ userClass: 'iPXE', file: 'menu.ipxe' })]),
    remarks: [],
  },
  {
    id: 'windows-pe',
    title: 'Windows PE without WDS (wimboot)',
    summary: 'iPXE loads wimboot and a boot image over HTTP; no WDS and no boot configuration is needed.',
    needs: [
      undionly,
      ipxeEfi,
      { file: 'wimboot', what: 'the loader for Windows images', source: 'the releases of ipxe/wimboot on GitHub' },
      { file: 'boot.wim', ...bootImage },
    ],
    scripts: [
      {
        file: 'windows-pe.ipxe',
        text: writeIpxeMenu({
          title: 'PXE Lab',
          timeoutSeconds: 5,
          defaultEntry: 0,
          entries: [
            { kind: 'windows', text: 'Windows PE', key: 'w', wimboot: 'wimboot', image: 'boot.wim', files: [] },
            { kind: 'disk', text: 'Local disk', key: 'd' },
          ],
        }),
      },
    ],
    changes: set(
      ['http.enabled', true],
      [
        'boot.programs',
        [
          ...ipxePrograms({ userClass: 'iPXE', file: 'windows-pe.ipxe', protocol: 'http' }),
          { architecture: 'x64-uefi-http', file: ipxeEfi.file },
        ],
      ],
    ),
    remarks: [],
  },
  {
    id: 'windows-boot-manager',
    title: 'Windows PE without WDS (boot manager)',
    summary: 'UEFI x64 machines load the boot manager of Windows, signed by Microsoft, and it loads Windows PE by TFTP.',
    needs: [
      {
        file: 'Boot/bootmgfw.efi',
        what: 'the boot manager',
        source: 'Windows\\Boot\\EFI of a Windows PE image, or of any Windows of the same architecture',
      },
      {
        file: 'Boot/boot.sdi',
        what: 'the empty RAM disk',
        source: 'copype of the Windows ADK (media\\Boot\\boot.sdi), or the folder boot of Windows media',
      },
      { file: 'Boot/boot.wim', ...bootImage },
    ],
    scripts: [],
    stores: [
      {
        file: 'Boot/BCD',
        configuration: {
          entries: [{ title: 'Windows PE', image: '\\Boot\\boot.wim' }],
          sdi: '\\Boot\\boot.sdi',
          firmware: 'uefi',
          blockSize: 1456,
          windowSize: 4,
          timeoutSeconds: 0,
        },
      },
    ],
    changes: set(['boot.programs', [{ architecture: 'x64-uefi', file: 'Boot/bootmgfw.efi' }]]),
    remarks: [
      'Boot/BCD is written for you, with the block and window size that Windows uses. Boot configuration, beside the image in the list of files, measures what your network carries, and writes one for BIOS machines.',
      'boot.wim of installation media starts Windows Setup, which then asks for its installation files: have them on a share.',
    ],
  },
  {
    id: 'wds',
    title: 'As a WDS server',
    summary: 'The lab answers as Windows Deployment Services do, with the boot files of a server of yours.',
    needs: [
      {
        file: 'boot',
        what: 'the folder Boot of RemoteInstall, with wdsnbp.com, pxeboot.n12, wdsmgfw.efi and bootmgfw.efi',
        source: 'the RemoteInstall folder of a WDS server',
      },
    ],
    scripts: [],
    changes: set(['role', 'wds'], ['wds', { answer: 'all' }], ['boot.programs', []]),
    remarks: ['WDS stays the server of installation images: the lab serves what comes before Windows PE.'],
  },
  {
    id: 'secure-boot-grub',
    title: 'Secure Boot: shim and GRUB',
    summary: 'UEFI machines with Secure Boot load the signed shim of a distribution, and shim loads the GRUB beside it.',
    needs: [
      { file: 'shimx64.efi', what: 'shim, signed by Microsoft', source: 'shim-signed of Debian and Ubuntu (/usr/lib/shim/shimx64.efi.signed), shim-x64 of Fedora; rename it' },
      { file: 'grubx64.efi', what: 'GRUB for the network, signed by the same distribution', source: 'grub-efi-amd64-signed of Debian and Ubuntu (/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed); rename it' },
    ],
    scripts: [grubMenu],
    changes: set(['boot.programs', [{ architecture: 'x64-uefi', file: 'shimx64.efi' }]]),
    remarks: [
      'shim and GRUB have to come from one release: shim trusts the authority that is built into it. Check signatures on this page.',
      'GRUB takes its server from the DHCP acknowledgement: beside another DHCP server set next-server there.',
    ],
  },
  {
    id: 'secure-boot-ipxe',
    title: 'Secure Boot: shim and iPXE',
    summary: 'UEFI machines with Secure Boot load the signed shim of iPXE, shim loads iPXE, and iPXE shows a menu.',
    needs: [
      { file: 'ipxe-shimx64.efi', what: 'the shim of iPXE, signed by Microsoft', source: 'the releases of ipxe/shim on GitHub; it loads the name without -shimx64' },
      { file: ipxeEfi.file, what: 'iPXE, signed by its project', source: 'the releases of ipxe/ipxe on GitHub (ipxeboot.tar.gz)' },
    ],
    scripts: [menu],
    changes: set([
      'boot.programs',
      [
        { userClass: 'iPXE', file: 'menu.ipxe' },
        { architecture: 'x64-uefi', file: 'ipxe-shimx64.efi' },
      ],
    ]),
    remarks: ['The iPXE of packages is not signed, and the shim refuses it: take both from the releases of iPXE.'],
  },
  {
    id: 'http-boot',
    title: 'UEFI HTTP boot',
    summary: 'UEFI machines load their boot program over HTTP, which is faster than TFTP and passes routers.',
    needs: [
      { file: 'bootx64.efi', what: 'a boot program for UEFI x64, such as shim or iPXE', source: 'your distribution, or ipxe.org' },
    ],
    scripts: [],
    changes: set(
      ['http.enabled', true],
      [
        'boot.programs',
        [
          { architecture: 'x64-uefi-http', file: 'bootx64.efi' },
          { architecture: 'x64-uefi', file: 'bootx64.efi' },
        ],
      ],
    ),
    remarks: ['Choose HTTP boot in the firmware of the machine; the same program is offered over TFTP.'],
  },
  {
    id: 'netboot-xyz',
    title: 'netboot.xyz',
    summary: 'Machines load netboot.xyz, which offers installers and tools from the Internet.',
    needs: [
      { file: 'netboot.xyz.kpxe', what: 'netboot.xyz for BIOS machines', source: netbootSource },
      { file: 'netboot.xyz.efi', what: 'netboot.xyz for UEFI x64 machines', source: netbootSource },
      { file: 'netboot.xyz-arm64.efi', what: 'netboot.xyz for UEFI ARM64 machines', source: netbootSource },
    ],
    scripts: [],
    changes: set([
      'boot.programs',
      [
        { architecture: 'bios', file: 'netboot.xyz.kpxe' },
        { architecture: 'x64-uefi', file: 'netboot.xyz.efi' },
        { architecture: 'arm64-uefi', file: 'netboot.xyz-arm64.efi' },
      ],
    ]),
    remarks: [
      needsInternet,
      'If it does not find the network card, use netboot.xyz-snponly.efi (UEFI; ARM64: netboot.xyz-arm64-snponly.efi) or netboot.xyz-undionly.kpxe (BIOS) in the rules: they use the driver of the firmware.',
      'If a USB keyboard is dead in the menu of a BIOS machine, use netboot.xyz-legacy.kpxe (since 3.0.2).',
      'These programs are not signed: for Secure Boot there is a preset of its own.',
    ],
  },
  {
    id: 'secure-boot-netboot-xyz',
    title: 'Secure Boot: netboot.xyz',
    summary: 'UEFI machines with Secure Boot load the signed shim of iPXE, shim loads iPXE, and its script autoexec.ipxe loads netboot.xyz.',
    needs: ['x86_64', 'arm64'].flatMap((machine) => [
        { file: `secureboot-${machine}/ipxe-shim.efi`, what: 'the shim of iPXE, signed by Microsoft', source: signedNetbootSource(machine) },
        { file: `secureboot-${machine}/ipxe.efi`, what: 'iPXE, signed by its project', source: signedNetbootSource(machine) },
        { file: `secureboot-${machine}/autoexec.ipxe`, what: 'the script that loads netboot.xyz', source: signedNetbootSource(machine) },
      ]),
    scripts: [],
    changes: set([
      'boot.programs',
      [
        // iPXE looks for it by itself, beside where it came from; the script is the same for both.
        { userClass: 'iPXE', file: 'secureboot-x86_64/autoexec.ipxe' },
        { architecture: 'x64-uefi', file: 'secureboot-x86_64/ipxe-shim.efi' },
        { architecture: 'arm64-uefi', file: 'secureboot-arm64/ipxe-shim.efi' },
      ],
    ]),
    remarks: [
      needsInternet,
      'Unpack the archives whole: shim loads ipxe.efi from its own folder, and iPXE loads autoexec.ipxe from there.',
      'Of the systems in its menu only Debian, Devuan and Kali start with Secure Boot.',
      'If it does not find the network card, use snponly-shim.efi, which loads snponly.efi.',
    ],
  },
  {
    id: 'arm-servers',
    title: 'ARM servers (UEFI)',
    summary: 'UEFI ARM64 machines load the signed shim of a distribution over TFTP or HTTP, and shim loads the GRUB beside it.',
    needs: [
      { file: 'shimaa64.efi', what: 'shim for ARM64', source: 'shim-signed of Debian and Ubuntu (arm64: /usr/lib/shim/shimaa64.efi.signed), shim-aa64 of Fedora; rename it' },
      { file: 'grubaa64.efi', what: 'GRUB for the network, of the same release', source: 'grub-efi-arm64-signed of Debian and Ubuntu (/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed); rename it' },
    ],
    scripts: [grubMenu],
    changes: set(
      ['http.enabled', true],
      [
        'boot.programs',
        [
          { architecture: 'arm64-uefi', file: 'shimaa64.efi' },
          { architecture: 'arm64-uefi-http', file: 'shimaa64.efi' },
        ],
      ],
    ),
    remarks: [
      'Servers that follow SBSA or SystemReady are UEFI machines like any other: architecture 11 over TFTP, 19 over HTTP.',
      'Without Secure Boot, GRUB alone is enough: use grubaa64.efi or ipxe-arm64.efi in place of shim in the rules.',
      'GRUB takes its server from the DHCP acknowledgement: beside another DHCP server set next-server there.',
    ],
  },
  {
    id: 'raspberry-pi',
    title: 'Raspberry Pi',
    summary: 'Raspberry Pis load their boot files from the folder pi; a folder with the serial number as its name comes first.',
    needs: [
      { file: 'bootcode.bin', what: 'the first program of a Raspberry Pi 2 and 3; later ones need none', source: 'github.com/raspberrypi/firmware, folder boot' },
      { file: 'pi', what: 'start.elf, the kernel, config.txt and the rest', source: 'the boot partition of a Raspberry Pi OS card' },
    ],
    scripts: [],
    changes: set(
      ['boot.raspberryPi', 'pi'],
      ['boot.programs', [{ architecture: 'arm-rpiboot', file: 'bootcode.bin', replyDelaySeconds: 1 }]],
    ),
    remarks: [
      'A Raspberry Pi 4 or 5 boots from the network once BOOT_ORDER of its EEPROM has a 2, such as 0xf21 (sudo -E rpi-eeprom-config --edit). TFTP_PREFIX=2 there makes its MAC address the name of its folder, such as dc-a6-32-01-36-c2.',
      'A Raspberry Pi 5 needs neither bootcode.bin nor start.elf: config.txt, kernel_2712.img and bcm2712-rpi-5-b.dtb are enough.',
      'cmdline.txt says where the root file system is: root=/dev/nfs nfsroot=... ip=dhcp for a system on NFS.',
      'HTTP boot of a Raspberry Pi 4 or 5 (7 in BOOT_ORDER) asks no DHCP server for files: HTTP_HOST and HTTP_PATH of its EEPROM name this computer, and boot.img and boot.sig, signed with a key in the EEPROM, lie in the boot folder. Set http.enabled and http.port 80.',
    ],
  },
  {
    id: 'u-boot',
    title: 'U-Boot boards',
    summary: 'ARM64 boards with U-Boot load the kernel that pxelinux.cfg/default-arm names; as UEFI they load GRUB.',
    needs: [
      { file: 'u-boot/Image', what: 'the kernel', source: 'your distribution: vmlinuz or Image for arm64, not compressed with gzip unless the board sets kernel_comp_addr_r' },
      { file: 'u-boot/initrd.img', what: 'its initial RAM disk', source: 'your distribution' },
      { file: 'bootaa64.efi', what: 'GRUB or another program, for boards that boot as UEFI', source: 'your distribution' },
    ],
    scripts: [
      {
        // The format of extlinux.conf; names are below the folder of the boot file.
        file: 'u-boot/pxelinux.cfg/default-arm',
        text: 'DEFAULT linux\nPROMPT 0\nTIMEOUT 50\nLABEL linux\n  KERNEL Image\n  INITRD initrd.img\n  # FDTDIR dtbs\n  APPEND ip=dhcp\n',
      },
    ],
    changes: set([
      'boot.programs',
      [
        // The folder that it looks for pxelinux.cfg in; the script itself need not be there.
        { vendorClass: 'U-Boot', file: 'u-boot/boot.scr.uimg' },
        { architecture: 'arm64-uefi', file: 'bootaa64.efi' },
      ],
    ]),
    remarks: [
      'U-Boot takes its server from the DHCP server alone: beside another DHCP server set next-server and the boot file u-boot/boot.scr.uimg there.',
      'For a file of its own for one board, name it 01- and its MAC address with hyphens: U-Boot asks for that first, then for its IP address in hexadecimal digits, one digit fewer each time, and for default-arm last. Some boards ask for default-arm-<soc> before that.',
      'A board without pxe in its boot_targets asks for boot.scr.uimg, then as UEFI for bootaa64.efi. At its prompt: dhcp; pxe get; pxe boot.',
    ],
  },
] // prettier-ignore

/** Files that the lab still lacks for it; a folder is there when something is in it. */
export const missingFor = (preset: LabPreset, files: readonly string[]): readonly PresetFile[] => {
  const names = files.map((one) => one.toLowerCase())
  return preset.needs.filter(
    ({ file }) => !names.some((name) => name === file.toLowerCase() || name.startsWith(`${file.toLowerCase()}/`)),
  )
}

/** Whether a lab is as the preset leaves it. */
export const isApplied = ({ changes }: LabPreset, lab: Lab): boolean =>
  changes.every(({ path, value }) => {
    let here: unknown = lab
    for (const key of path) here = (here as Record<string, unknown> | undefined)?.[key]
    return includes(here, value)
  })

/** What a lab says beyond it are its defaults. */
function includes(here: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(here) && here.length === wanted.length && wanted.every((one, at) => includes(here[at], one))
  if (typeof wanted === 'object' && wanted !== null)
    return (
      typeof here === 'object' &&
      here !== null &&
      Object.entries(wanted).every(([key, value]) => includes((here as Record<string, unknown>)[key], value))
    )
  return here === wanted
}
