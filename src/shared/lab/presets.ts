/** Labs to begin with: what each boots, what it needs, and how it changes a lab file. */
import { say, type Phrase } from '#messages/message.ts'
import { writeIpxeMenu } from './ipxe-menu.ts'
import type { Lab, LabInput } from './lab.ts'
import type { NewBootConfiguration } from '../wire/boot-configuration-writer.ts'

export interface PresetFile {
  /** Path in the boot folder. */
  readonly file: string
  readonly what: Phrase
  /** Where people get it, in words. */
  readonly source: Phrase
}

export interface LabPreset {
  readonly id: string
  readonly title: Phrase
  /** A sentence or two. */
  readonly summary: Phrase
  readonly needs: readonly PresetFile[]
  /** Texts for the boot folder; one that is there already is left alone. */
  readonly scripts: readonly { readonly file: string; readonly text: string }[]
  /** Boot configuration for the boot folder, likewise. */
  readonly stores?: readonly { readonly file: string; readonly configuration: NewBootConfiguration }[]
  /** Keys of the lab file that it sets; the rest of the file stays. */
  readonly changes: readonly { readonly path: readonly string[]; readonly value: unknown }[]
  /** What else has to be so, each a sentence. */
  readonly remarks: readonly Phrase[]
}

const ipxeSource = say('presets.ipxe-org-package-ipxe-debian')
const undionly = { file: 'undionly.kpxe', what: say('presets.ipxe-bios-machines'), source: ipxeSource }
const ipxeEfi = { file: 'ipxe.efi', what: say('presets.ipxe-uefi-x64-machines'), source: ipxeSource }

const bootImage = {
  what: say('presets.windows-pe-image'),
  source: say('presets.copype-windows-adk-media-sources'),
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
const netbootSource = say('presets.netboot-downloads')
const signedNetbootSource = (machine: string): Phrase =>
  say('presets.secureboot-tar-gz-releases-netbootxyz', { machine })
const needsInternet = say('presets.machines-need-router-dns-server')

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
    title: say('presets.ipxe-title'),
    summary: say('presets.ipxe-summary'),
    needs: [undionly, ipxeEfi],
    scripts: [menu],
    changes: set(['boot.programs', ipxePrograms({ userClass: 'iPXE', file: 'menu.ipxe' })]),
    remarks: [],
  },
  {
    id: 'windows-pe',
    title: say('presets.windows-pe-title'),
    summary: say('presets.windows-pe-summary'),
    needs: [
      undionly,
      ipxeEfi,
      { file: 'wimboot', what: say('presets.loader-windows-images'), source: say('presets.releases-ipxe-wimboot-github') },
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
    title: say('presets.windows-boot-manager-title'),
    summary: say('presets.windows-boot-manager-summary'),
    needs: [
      {
        file: 'Boot/bootmgfw.efi',
        what: say('presets.boot-manager'),
        source: say('presets.windows-boot-efi-windows-pe'),
      },
      {
        file: 'Boot/boot.sdi',
        what: say('presets.empty-ram-disk'),
        source: say('presets.copype-windows-adk-media-boot'),
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
      say('presets.boot-bcd-written-you-block'),
      say('presets.boot-wim-installation-media-starts'),
    ],
  },
  {
    id: 'wds',
    title: say('presets.wds-title'),
    summary: say('presets.wds-summary'),
    needs: [
      {
        file: 'boot',
        what: say('presets.folder-boot-remoteinstall-wdsnbp-com'),
        source: say('presets.remoteinstall-folder-wds-server'),
      },
    ],
    scripts: [],
    changes: set(['role', 'wds'], ['wds', { answer: 'all' }], ['boot.programs', []]),
    remarks: [say('presets.wds-stays-server-installation-images')],
  },
  {
    id: 'secure-boot-grub',
    title: say('presets.secure-boot-grub-title'),
    summary: say('presets.secure-boot-grub-summary'),
    needs: [
      { file: 'shimx64.efi', what: say('presets.shim-signed-microsoft'), source: say('presets.package-source-two', { package: 'shim-signed', path: '/usr/lib/shim/shimx64.efi.signed', fedora: 'shim-x64' }) },
      { file: 'grubx64.efi', what: say('presets.grub-network-signed-same-distribution'), source: say('presets.package-source', { package: 'grub-efi-amd64-signed', path: '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed' }) },
    ],
    scripts: [grubMenu],
    changes: set(['boot.programs', [{ architecture: 'x64-uefi', file: 'shimx64.efi' }]]),
    remarks: [
      say('presets.shim-grub-come-one-release'),
      say('presets.grub-takes-server-dhcp-acknowledgement'),
    ],
  },
  {
    id: 'secure-boot-ipxe',
    title: say('presets.secure-boot-ipxe-title'),
    summary: say('presets.secure-boot-ipxe-summary'),
    needs: [
      { file: 'ipxe-shimx64.efi', what: say('presets.shim-ipxe-signed-microsoft'), source: say('presets.releases-ipxe-shim-github-loads') },
      { file: ipxeEfi.file, what: say('presets.ipxe-signed-project'), source: say('presets.releases-ipxe-ipxe-github-ipxeboot') },
    ],
    scripts: [menu],
    changes: set([
      'boot.programs',
      [
        { userClass: 'iPXE', file: 'menu.ipxe' },
        { architecture: 'x64-uefi', file: 'ipxe-shimx64.efi' },
      ],
    ]),
    remarks: [say('presets.ipxe-packages-not-signed-shim')],
  },
  {
    id: 'http-boot',
    title: say('presets.http-boot-title'),
    summary: say('presets.http-boot-summary'),
    needs: [
      { file: 'bootx64.efi', what: say('presets.boot-program-uefi-x64-such'), source: say('presets.distribution-or-ipxe') },
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
    remarks: [say('presets.choose-http-boot-firmware-machine')],
  },
  {
    id: 'netboot-xyz',
    title: 'netboot.xyz',
    summary: say('presets.netboot-xyz-summary'),
    needs: [
      { file: 'netboot.xyz.kpxe', what: say('presets.netboot-xyz-bios-machines'), source: netbootSource },
      { file: 'netboot.xyz.efi', what: say('presets.netboot-xyz-uefi-x64-machines'), source: netbootSource },
      { file: 'netboot.xyz-arm64.efi', what: say('presets.netboot-xyz-uefi-arm64-machines'), source: netbootSource },
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
      say('presets.if-does-not-find-network'),
      say('presets.if-usb-keyboard-dead-menu'),
      say('presets.these-programs-not-signed-secure'),
    ],
  },
  {
    id: 'secure-boot-netboot-xyz',
    title: say('presets.secure-boot-netboot-xyz-title'),
    summary: say('presets.secure-boot-netboot-xyz-summary'),
    needs: ['x86_64', 'arm64'].flatMap((machine) => [
        { file: `secureboot-${machine}/ipxe-shim.efi`, what: say('presets.shim-ipxe-signed-microsoft'), source: signedNetbootSource(machine) },
        { file: `secureboot-${machine}/ipxe.efi`, what: say('presets.ipxe-signed-project'), source: signedNetbootSource(machine) },
        { file: `secureboot-${machine}/autoexec.ipxe`, what: say('presets.script-loads-netboot-xyz'), source: signedNetbootSource(machine) },
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
      say('presets.unpack-archives-whole-shim-loads'),
      say('presets.systems-menu-only-debian-devuan'),
      say('presets.if-does-not-find-network-2'),
    ],
  },
  {
    id: 'arm-servers',
    title: say('presets.arm-servers-title'),
    summary: say('presets.arm-servers-summary'),
    needs: [
      { file: 'shimaa64.efi', what: say('presets.shim-arm64'), source: say('presets.package-source-two', { package: 'shim-signed', path: 'arm64: /usr/lib/shim/shimaa64.efi.signed', fedora: 'shim-aa64' }) },
      { file: 'grubaa64.efi', what: say('presets.grub-network-same-release'), source: say('presets.package-source', { package: 'grub-efi-arm64-signed', path: '/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed' }) },
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
      say('presets.servers-follow-sbsa-systemready-uefi'),
      say('presets.without-secure-boot-grub-alone'),
      say('presets.grub-takes-server-dhcp-acknowledgement'),
    ],
  },
  {
    id: 'raspberry-pi',
    title: 'Raspberry Pi',
    summary: say('presets.raspberry-pi-summary'),
    needs: [
      { file: 'bootcode.bin', what: say('presets.first-program-raspberry-pi-2'), source: say('presets.folder-of', { place: 'github.com/raspberrypi/firmware', folder: 'boot' }) },
      { file: 'pi', what: say('presets.start-elf-kernel-config-txt'), source: say('presets.boot-partition-raspberry-pi-os') },
    ],
    scripts: [],
    changes: set(
      ['boot.raspberryPi', 'pi'],
      ['boot.programs', [{ architecture: 'arm-rpiboot', file: 'bootcode.bin', replyDelaySeconds: 1 }]],
    ),
    remarks: [
      say('presets.raspberry-pi-4-5-boots'),
      say('presets.raspberry-pi-5-needs-neither'),
      say('presets.cmdline-txt-says-root-file'),
      say('presets.http-boot-raspberry-pi-4'),
    ],
  },
  {
    id: 'u-boot',
    title: say('presets.u-boot-title'),
    summary: say('presets.u-boot-summary'),
    needs: [
      { file: 'u-boot/Image', what: say('presets.kernel'), source: say('presets.your-distribution-vmlinuz-image-arm64') },
      { file: 'u-boot/initrd.img', what: say('presets.initial-ram-disk'), source: say('presets.your-distribution') },
      { file: 'bootaa64.efi', what: say('presets.grub-another-program-boards-boot'), source: say('presets.your-distribution') },
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
      say('presets.u-boot-takes-server-dhcp'),
      say('presets.file-own-one-board-name', { soc: '<soc>' }),
      say('presets.board-without-pxe-boot-targets'),
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
