/**
 * Which boot program asks for what, and which of it may be missing. Programs look for most files under several names, and take
 * the first that exists: a refusal is a fault only of what the program cannot do without.
 */

/** `optional`: the program goes on without it. `one-of`: it needs one of a list of names. */
export type Need = 'required' | 'one-of' | 'optional'

export interface BootProgram {
  readonly name: string
  /** Its own file, by the last part of the name. */
  readonly file: RegExp
  /** Names by their folder, where the last part is whatever somebody chose. */
  readonly folder?: RegExp
  /** What it asks for and does not need, or not under this name; anything else is required. */
  readonly asks: readonly (readonly [RegExp, Exclude<Need, 'required'>])[]
  /** The program it exists to start. */
  readonly starts?: { readonly file: RegExp; readonly name: string }
}

/** PXELINUX and U-Boot's `pxe`: by UUID, by hardware address, by the address in hexadecimal digits, one less each time, `default`. */
const pxelinuxConfiguration = /(^|[\\/])(pxelinux\.cfg|extlinux)[\\/]/i

/** Revocations and certificates since shim 15.7; the MOK manager only where a key is to be enrolled. */
const shimAsks = [/(^|[\\/])(revocations(_\w+)?|shim_certificate(_\d+)?|mm(x64|aa64|ia32)|fb(x64|aa64|ia32))\.efi$/i, 'optional'] as const // prettier-ignore
const grubAsks = [
  [/\.lst$|[\\/](locale|fonts|themes)[\\/]|\.(mo|pf2|gmo)$/i, 'optional'],
  [/(^|[\\/])grub\.cfg(-[\w-]+)?$/i, 'one-of'],
] as const

export const bootPrograms = [
  {
    name: 'shim',
    // That of iPXE is called ipxe-shimx64.efi, and ipxe-shim.efi in its archives.
    file: /^(([\w.]+-)?shim[\w.-]*|boot(x64|aa64|ia32))\.efi(\.signed)?$/i,
    asks: [shimAsks],
    starts: { file: /(^|[\\/])(grub[\w.-]*|ipxe|snponly)\.efi(\.signed)?$/i, name: 'its second stage (grubx64.efi)' },
  },
  {
    // Of the installers of Debian: shim today, GRUB itself in older releases.
    name: 'shim',
    file: /^bootnet(x64|aa64)\.efi$/i,
    asks: [shimAsks, ...grubAsks],
  },
  {
    name: 'GRUB',
    folder: /(^|[\\/])grub\d?[\\/][^\\/]*\.(efi|0)$/i,
    file: /^(grub[\w.-]*\.(efi|pxe|0|kpxe)(\.signed)?|core\.(0|efi))$/i,
    asks: grubAsks,
  },
  {
    name: 'PXELINUX',
    file: /^(l?pxelinux|gpxelinux|syslinux)\.(0|efi|bin|com)$/i,
    asks: [
      [pxelinuxConfiguration, 'one-of'],
      [/(^|[\\/])ldlinux\.(c32|e32|e64)$/i, 'one-of'],
    ],
  },
  {
    name: 'iPXE',
    file: /^(undionly|ipxe|snponly|snp|intel|realtek|netboot\.xyz[\w.-]*)[\w.-]*\.(k?k?pxe|efi|0|lkrn|bin)$/i,
    asks: [
      // Its own script, and those of netboot.xyz: for all machines, by MAC address, by host name.
      [/(^|[\\/])(autoexec|local-vars|(mac|hostname)-[^\\/]*)\.ipxe$/i, 'optional'],
      // What scripts name by a MAC address, and by something else where that is not there.
      [/[\da-f]{2}(?:([-:])[\da-f]{2}(?:\1[\da-f]{2}){4}|[\da-f]{10})[^\\/]*$/i, 'one-of'],
    ],
  },
  {
    name: 'Windows boot manager',
    file: /^(bootmgfw(_ex)?\.efi|bootmgr(\.exe|\.efi)?|wdsmgfw(_ex)?\.efi|wdsnbp\.com|pxeboot\.(com|n12)|hdlscom1\.com|hdlscom2\.com)$/i,
    asks: [
      [/\.(ttf|mui|stl|p7b|policy|bin|cip|log[12]?)$|[\\/](resources|fonts)[\\/]|[\\/][a-z]{2}-[a-z]{2}[\\/]|hiberfil\.sys$/i, 'optional'],
    ],
  },
  {
    name: 'U-Boot',
    file: /^u-boot[\w.-]*\.(bin|img|itb|efi)$/i,
    asks: [
      [pxelinuxConfiguration, 'one-of'],
      [/(^|[\\/])(boot\.scr(\.uimg)?|uenv\.txt|extlinux\.conf)$|\.uimg$|(^|[\\/])dtb[\\/]/i, 'optional'],
    ],
  },
  {
    name: 'Raspberry Pi boot loader',
    file: /^(bootcode\.bin|start[\w]*\.elf)$/i,
    asks: [
      [/(^|[\\/])(start|kernel|recover\w*|fixup)[\w-]*\.(elf|img|dat)$|(^|[\\/])bootcode\.bin$|(^|[\\/])bcm\w[\w-]*\.dtb$/i, 'one-of'],
      [/(^|[\\/])(config|autoboot|bootcfg|cmdline|tryboot|recovery|user|usercfg)\.txt$|\.(sig|upd|bin|dtbo?|dat)$|(^|[\\/])(overlays|armstub|initramfs)/i, 'optional'],
    ],
  },
] as const satisfies readonly BootProgram[] // prettier-ignore

/** The name of a file without its folders, and without what follows a `?`. */
export const lastPart = (name: string): string => name.split(/[\\/]/).at(-1)!.split('?')[0]!

/** The program that a file is, by its name; undefined where the name tells nothing. */
export const programOf = (name: string): BootProgram | undefined =>
  bootPrograms.find((one) => one.file.test(lastPart(name)) || ('folder' in one && one.folder.test(name)))

/** Whether a file by its name is something that is booted: a program of the table, a kernel, an image. */
export const isBootFile = (name: string): boolean =>
  programOf(name) !== undefined ||
  /\.(efi|kpxe|kkpxe|pxe|n12|ipxe|wim|sdi|c32|uimg|lkrn)$|(^|[\\/])(vmlinuz|initrd|bzimage|bcd)[\w.-]*$|\.0$/i.test(
    lastPart(name),
  )

/** Whether a file by its name is only read by a program: its configuration, a device tree, the fix-up data of a Raspberry Pi. */
export const isConfiguration = (name: string): boolean =>
  /(^|[\\/])(pxelinux\.cfg|extlinux)[\\/]|(^|[\\/])grub\.cfg[^\\/]*$|\.(txt|cfg|conf|dtbo?|sig)$|(^|[\\/])fixup\w*\.dat$/i.test(
    name.split('?')[0]!,
  )

/**
 * Whether `running`, or where it is not known any program, can do without a file of this name. `firmware` is one that is a boot program
 * itself: U-Boot looks for a device tree when the program it is to start is loaded.
 */
export function needOf(name: string, running: BootProgram | undefined, firmware?: BootProgram): Need {
  for (const program of running ? (firmware ? [running, firmware] : [running]) : bootPrograms)
    for (const [pattern, need] of program.asks) if (pattern.test(name)) return need
  return 'required'
}
