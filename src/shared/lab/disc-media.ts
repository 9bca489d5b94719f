/**
 * What an image of a disc is to somebody who boots machines over the network: which distribution, what a machine loads first, the
 * arguments by which it finds the rest in the image as a folder of a web server, and how much memory that takes.
 */
import { say, isMessage, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { bootProgramHeadBytes, inspectBootProgram } from '../wire/boot-program.ts'
import { decodeText } from '../wire/bytes.ts'
import { windowsPeMemory } from './windows-pe.ts'
import { judgeWindowsImage, mostImageXmlBytes, readWindowsImageHeader, readWindowsImages, windowsImageHeaderBytes } from '../wire/windows-image.ts' // prettier-ignore
import { readBootEntries, type BootEntry } from './boot-entries.ts'
import type { IpxeEntry } from './ipxe-menu.ts'

export interface DiscFile {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** In bytes. */
  readonly size: number
}

/** The image, as whoever opened it lets others look into it. Paths are from its root; links are followed. */
export interface DiscFiles {
  readonly label: string
  readonly bytes: number
  find(path: string): Promise<DiscFile | undefined>
  /** What is in a folder; nothing where there is none. */
  list(path: string): Promise<readonly DiscFile[]>
  /** Bytes `from` to `to` of a file; fewer at its end, none where there is no such file. */
  read(path: string, from: number, to: number): Promise<Uint8Array>
}

/** Stands in arguments for the address of the image as a folder, such as `http://192.168.77.1/debian.iso`. */
export const imageAddress = '{image}'

export interface MemoryPart {
  readonly what: Phrase
  readonly bytes: number
}

export interface DiscEntry extends Omit<BootEntry, 'title'> {
  readonly title: Phrase
  readonly kind: 'linux' | 'windows'
  /** What its kernel is, with the architecture. */
  readonly program: Phrase
  /** Loaded by the machine itself once it runs; paths in the image, and `''` for the image itself. */
  readonly later: readonly { readonly file: string; readonly bytes: number }[]
  /** Why this does not end in what one wants; empty where nothing speaks against it. A clause. */
  readonly problem: Phrase
  /** An estimate from the sizes in the image. */
  readonly memory: readonly MemoryPart[]
}

export const discFamilies = ['debian-installer', 'debian-live', 'ubuntu', 'fedora', 'arch', 'suse', 'alpine', 'windows', 'live', 'unknown'] as const // prettier-ignore

export interface DiscReport {
  /** As the image calls itself. */
  readonly name: Phrase
  readonly family: (typeof discFamilies)[number]
  /** For the network, the best first; none where it is not known how. */
  readonly entries: readonly DiscEntry[]
  /** What the menus on the disc start, as they stand there. */
  readonly menu: readonly BootEntry[]
  /** UEFI programs on it, with their architecture. */
  readonly programs: readonly { readonly file: string; readonly description: Phrase }[]
  /** What the distribution asks for; undefined where that is not known here. */
  readonly documentedMemory: { readonly bytes: number; readonly source: Phrase } | undefined
  /** Sentences. */
  readonly remarks: readonly Phrase[]
}

const mebi = 2 ** 20
/** How many times as large a compressed initrd becomes: gzip, xz and zstd of program files give between two and four. */
const unpacking = 3
/** What a kernel and the programs of an installer take beside what was loaded. */
const systemBytes = 256 * mebi
const mostTextBytes = 256 * 1024
const mostMenuFiles = 40

async function contentOf(files: DiscFiles, path: string): Promise<string | undefined> {
  const file = await files.find(path)
  if (file?.kind !== 'file' || file.size > mostTextBytes) return undefined
  return decodeText(await files.read(path, 0, file.size)).replaceAll('\r\n', '\n')
}

const sizeOf = async (files: DiscFiles, path: string): Promise<number> => (await files.find(path))?.size ?? 0

/** The first of a folder whose name fits, newest version last in the alphabet first. */
async function pick(files: DiscFiles, folder: string, form: RegExp): Promise<string | undefined> {
  const names = (await files.list(folder)).filter(({ name, kind }) => kind !== 'folder' && form.test(name)).map(({ name }) => name) // prettier-ignore
  const best = names.toSorted((a, b) => a.length - b.length || (a < b ? 1 : -1))[0]
  return best === undefined ? undefined : folder === '' ? best : `${folder}/${best}`
}

async function firstThere(files: DiscFiles, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await files.find(path)) return path
  return undefined
}

interface NewEntry {
  readonly title: Phrase
  readonly kernel: string
  readonly initrds: readonly string[]
  readonly arguments: string
  readonly later?: readonly string[]
  readonly problem?: Phrase
}

async function linux(files: DiscFiles, { later = [], problem = '', ...entry }: NewEntry): Promise<DiscEntry> {
  const kernel = await sizeOf(files, entry.kernel)
  const initrds = (await Promise.all(entry.initrds.map((one) => sizeOf(files, one)))).reduce((sum, one) => sum + one, 0)
  const loaded = await Promise.all(later.map(async (file) => ({ file, bytes: file === '' ? files.bytes : await sizeOf(files, file) }))) // prettier-ignore
  return {
    ...entry,
    kind: 'linux',
    program: inspectBootProgram(await files.read(entry.kernel, 0, bootProgramHeadBytes), entry.kernel).description,
    later: loaded,
    problem,
    memory: [
      { what: say('disc.kernel-and-initrd'), bytes: kernel + initrds },
      { what: say('disc.initrd-unpacked', { times: unpacking }), bytes: unpacking * initrds },
      ...loaded.map(({ file, bytes }) => ({ what: file === '' ? say('disc.whole-image') : say('disc.kept-in-memory', { file }), bytes })), // prettier-ignore
      { what: say('disc.system-itself'), bytes: systemBytes },
    ],
  }
}

/** Undefined where the image is none of that family. */
type Recognise = (files: DiscFiles) => Promise<Omit<DiscReport, 'menu' | 'programs'> | undefined>

const titleOf = (info: string | undefined, files: DiscFiles): Phrase =>
  info?.split('\n')[0]?.trim().replaceAll('"', '') || files.label || say('disc.no-label')

/** All that it is called, to look for the name of a distribution in. */
const namesOf = (name: Phrase, files: DiscFiles): string => `${isMessage(name) ? '' : name} ${files.label}`

/** INI of productmd: `[section]` and `key = value`. */
function readIni(text: string): (section: RegExp, key: string) => string | undefined {
  const found: [string, string, string][] = []
  let section = ''
  for (const line of text.split('\n')) {
    section = /^\[(.*)\]$/.exec(line.trim())?.[1] ?? section
    const [, key, value] = /^([^=#]+?)\s*=\s*(.*)$/.exec(line.trim()) ?? []
    if (key !== undefined) found.push([section, key, value!])
  }
  return (wanted, key) => found.find(([where, name]) => wanted.test(where) && name === key)?.[2]
}

/** Debian, "Configuring your system to boot from the network"; netboot's mini.iso has its kernel in the root. */
const debianInstaller: Recognise = async (files) => {
  const mini = (await files.find('linux')) && (await files.find('initrd.gz'))
  const folder = await firstThere(files, ['install.amd', 'install.a64', 'install.386'])
  const info = await contentOf(files, '.disk/info')
  if ((!mini && folder === undefined) || (folder !== undefined && !info)) return undefined
  const entry = mini
    ? await linux(files, { title: say('disc.debian-installer'), kernel: 'linux', initrds: ['initrd.gz'], arguments: '--- quiet' })
    : await linux(files, {
        title: titleOf(info, files),
        kernel: `${folder}/vmlinuz`,
        initrds: [`${folder}/initrd.gz`],
        arguments: '--- quiet',
        problem: say('disc.installer-looks-for-disc'),
      })
  return {
    name: titleOf(info ?? undefined, files),
    family: 'debian-installer',
    entries: [entry],
    documentedMemory: { bytes: 780e6, source: say('disc.debian-guide', { section: '2.5' }) },
    remarks: mini
      ? [say('disc.rest-from-mirror')]
      : [say('disc.debian-netboot')],
  }
} // prettier-ignore

/** live-boot(7): fetch=. */
const debianLive: Recognise = async (files) => {
  const root = await pick(files, 'live', /\.squashfs$/)
  const kernel = await pick(files, 'live', /^vmlinuz/)
  const initrd = await pick(files, 'live', /^initrd/)
  if (root === undefined || kernel === undefined || initrd === undefined) return undefined
  const name = titleOf(await contentOf(files, '.disk/info'), files)
  const entry = { title: name, kernel, initrds: [initrd], arguments: `boot=live components ip=dhcp fetch=${imageAddress}/${root}`, later: [root] } // prettier-ignore
  return { name, family: 'debian-live', entries: [await linux(files, entry)], documentedMemory: undefined, remarks: [] }
}

/** Ubuntu Server documentation, "How to netboot the server installer on amd64"; casper(7): url=. */
const ubuntu: Recognise = async (files) => {
  const kernel = await pick(files, 'casper', /^(hwe-)?vmlinuz/)
  const initrd = await pick(files, 'casper', /^(hwe-)?initrd/)
  if (kernel === undefined || initrd === undefined) return undefined
  const name = titleOf(await contentOf(files, '.disk/info'), files)
  // With root= the initial root file system is a ramfs; without, a tmpfs, which half the memory bounds (init/do_mounts.c of Linux), and
  // an image that is larger ends in "No space left on device". cloud-init takes url= for its own and would load the image once more.
  const given = `root=/dev/ram0 ramdisk_size=1500000 cloud-config-url=/dev/null ip=dhcp url=${imageAddress}`
  return {
    name,
    family: 'ubuntu',
    entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: given, later: [''] })],
    documentedMemory: /server/i.test(namesOf(name, files))
      ? {
          bytes: 1.5e9 + files.bytes,
          source: say('disc.ubuntu-requirements'),
        }
      : undefined,
    remarks: [say('disc.image-into-memory')],
  }
}

/** Anaconda, "Boot options": inst.repo=, inst.stage2=; the tree is described by .treeinfo (productmd). */
const fedora: Recognise = async (files) => {
  const described = await contentOf(files, '.treeinfo')
  const ini = readIni(described ?? '')
  const kernel = ini(/^images-/, 'kernel') ?? 'images/pxeboot/vmlinuz'
  const initrd = ini(/^images-/, 'initrd') ?? 'images/pxeboot/initrd.img'
  if (!(await files.find(kernel)) || !(await files.find(initrd))) return undefined
  const stage2 = ini(/^stage2$/, 'mainimage') ?? (await firstThere(files, ['images/install.img', 'LiveOS/squashfs.img']))
  if (stage2 === undefined || (described === undefined && stage2 !== 'images/install.img')) return undefined
  const hasPackages = (await firstThere(files, ['repodata', 'BaseOS/repodata', 'Packages'])) !== undefined
  const family = ini(/^release$/, 'name') ?? ini(/^general$/, 'family')
  const version = ini(/^release$/, 'version') ?? ini(/^general$/, 'version')
  const name = family === undefined ? titleOf(undefined, files) : [family, version].filter(Boolean).join(' ')
  const given = `ip=dhcp ${hasPackages ? 'inst.repo' : 'inst.stage2'}=${imageAddress}`
  const isRhel = /red hat|rhel|centos|alma|rocky|oracle/i.test(namesOf(name, files))
  return {
    name,
    family: 'fedora',
    entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: given, later: [stage2] })],
    // Red Hat's table has it for x86_64 in RHEL 8 and 9; osinfo-db 20221130 states both of these.
    documentedMemory: isRhel
      ? { bytes: 3 * 1024 * mebi, source: say('disc.red-hat-requirements') }
      : /fedora/i.test(namesOf(name, files))
        ? { bytes: 2 * 1024 * mebi, source: say('disc.osinfo-fedora') }
        : undefined,
    remarks: hasPackages ? [] : [say('disc.no-packages')],
  }
} // prettier-ignore

/**
 * mkinitcpio-archiso, docs/README.bootparams: archiso_http_srv= ends with a slash; its hook archiso_pxe_common takes ip=dhcp. Other
 * distributions that are made with it have another folder than `arch`: SystemRescue has `sysresccd`.
 */
const arch: Recognise = async (files) => {
  for (const { name: base, kind } of await files.list('')) {
    if (kind !== 'folder') continue
    const folder = `${base}/boot/x86_64`
    const root = await firstThere(files, [`${base}/x86_64/airootfs.sfs`, `${base}/x86_64/airootfs.erofs`])
    const [kernel, initrd] = root === undefined ? [] : [await pick(files, folder, /^vmlinuz/), await pick(files, folder, /^(?!.*ucode).*\.img$/)] // prettier-ignore
    if (root === undefined || kernel === undefined || initrd === undefined) continue
    const version = (await contentOf(files, `${base}/version`))?.trim()
    const name = base === 'arch' ? ['Arch Linux', version].filter(Boolean).join(' ') : titleOf(undefined, files)
    const given = `archisobasedir=${base} archiso_http_srv=${imageAddress}/ ip=dhcp`
    return {
      name,
      family: 'arch',
      entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: given, later: [root] })],
      documentedMemory: {
        bytes: Math.ceil((await sizeOf(files, root)) / 0.75),
        source: say('disc.archiso-memory'),
      },
      remarks: [],
    }
  }
  return undefined
}

/** SUSE, linuxrc.html: install= is a folder or an image, and sets the network up by itself. */
const suse: Recognise = async (files) => {
  for (const architecture of ['x86_64', 'aarch64']) {
    const folder = `boot/${architecture}`
    const loader = architecture === 'x86_64' ? `${folder}/loader` : folder
    const [kernel, initrd, root] = [`${loader}/linux`, `${loader}/initrd`, `${folder}/root`]
    if (!(await files.find(kernel)) || !(await files.find(initrd)) || !(await files.find(root))) continue
    const products = (await contentOf(files, 'media.1/products'))?.trim().split('\n')[0]?.split(' ').slice(1).join(' ')
    const name = products || titleOf(undefined, files)
    return {
      name,
      family: 'suse',
      entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: `install=${imageAddress}/`, later: [root] })],
      documentedMemory: /opensuse|leap|tumbleweed/i.test(namesOf(name, files))
        ? { bytes: 1e9, source: say('disc.suse-requirements') }
        : undefined,
      remarks: [],
    }
  }
  return undefined
} // prettier-ignore

/** Alpine, mkinitfs-bootparam(7): alpine_repo=, modloop=. */
const alpine: Recognise = async (files) => {
  const kernel = await pick(files, 'boot', /^vmlinuz-/)
  const flavor = kernel?.slice('boot/vmlinuz-'.length)
  const [initrd, modules] = [`boot/initramfs-${flavor}`, `boot/modloop-${flavor}`]
  if (kernel === undefined || !(await files.find(initrd)) || !(await files.find(modules))) return undefined
  const release = (await contentOf(files, '.alpine-release'))?.trim()
  const name = release ? `Alpine Linux ${release.replace(/^alpine-/, '')}` : titleOf(undefined, files)
  const given = `ip=dhcp modules=loop,squashfs alpine_repo=${imageAddress}/apks modloop=${imageAddress}/${modules}`
  return {
    name,
    family: 'alpine',
    entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: given, later: [modules] })],
    documentedMemory: undefined,
    remarks: [],
  }
}

async function windowsImage(files: DiscFiles, path: string): Promise<{ readonly description: Phrase; readonly problem: Phrase; readonly names: readonly string[] } | undefined> {
  const header = readWindowsImageHeader(await files.read(path, 0, windowsImageHeaderBytes))
  if (!header) return undefined
  const { offset, bytes } = header.xml
  const images = readWindowsImages(await files.read(path, offset, offset + Math.min(bytes, mostImageXmlBytes)))
  return { ...judgeWindowsImage(header, images), names: images.map(({ name }) => name) }
} // prettier-ignore

/** Windows media: wimboot starts Windows PE of `sources/boot.wim`, which looks for the installation on a share. */
const windows: Recognise = async (files) => {
  const path = 'sources/boot.wim'
  const file = await files.find(path)
  const boot = file && (await windowsImage(files, path))
  if (!file || !boot) return undefined
  const install = await firstThere(files, ['sources/install.wim', 'sources/install.esd', 'sources/install.swm'])
  const editions = install === undefined ? undefined : await windowsImage(files, install)
  return {
    name: install === undefined ? boot.description : say('disc.windows-media', { label: files.label }),
    family: 'windows',
    entries: [
      {
        kind: 'windows',
        program: boot.description,
        title: install === undefined ? 'Windows PE' : 'Windows Setup',
        kernel: path,
        initrds: [],
        arguments: '',
        later: [],
        problem: boot.problem,
        memory: windowsPeMemory('wimboot', file.size).parts,
      },
    ],
    documentedMemory: undefined,
    remarks: [
      say('disc.file-is', { file: path, description: boot.description }),
      ...(install === undefined
        ? []
        : [
            editions && editions.names.length > 0
              ? say('disc.file-holds', { file: install, names: editions.names })
              : say('disc.file-unreadable', { file: install }),
            say('disc.setup-asks-for-files'),
          ]),
    ],
  }
}

/** dracut.cmdline(7): root=live: with an address, of the module livenet. */
const live: Recognise = async (files) => {
  const root = await firstThere(files, ['LiveOS/squashfs.img', 'LiveOS/rootfs.img'])
  const [kernel, initrd] = [await firstThere(files, ['images/pxeboot/vmlinuz', 'isolinux/vmlinuz', 'boot/x86_64/loader/linux']), await firstThere(files, ['images/pxeboot/initrd.img', 'isolinux/initrd.img', 'boot/x86_64/loader/initrd'])]
  if (root === undefined || kernel === undefined || initrd === undefined) return undefined
  const name = titleOf(undefined, files)
  const given = `root=live:${imageAddress}/${root} ro rd.live.image ip=dhcp`
  return {
    name,
    family: 'live',
    entries: [await linux(files, { title: name, kernel, initrds: [initrd], arguments: given, later: [root] })],
    documentedMemory: undefined,
    remarks: [say('disc.livenet-not-known')],
  }
} // prettier-ignore

const families: readonly Recognise[] = [windows, ubuntu, debianLive, fedora, arch, suse, alpine, debianInstaller, live]

const menuFiles: readonly string[] = [
  'boot/grub/grub.cfg', 'boot/grub/loopback.cfg', 'boot/grub2/grub.cfg', 'EFI/BOOT/grub.cfg', 'EFI/fedora/grub.cfg',
  'isolinux/isolinux.cfg', 'boot/isolinux/isolinux.cfg', 'boot/x86_64/loader/isolinux.cfg', 'syslinux/syslinux.cfg',
  'boot/syslinux/syslinux.cfg', 'syslinux.cfg', 'isolinux.cfg',
] // prettier-ignore

/** Every entry of the menus that are found, each start once. */
async function menuOf(files: DiscFiles): Promise<readonly BootEntry[]> {
  const loader = (await files.list('loader/entries')).map(({ name }) => `loader/entries/${name}`)
  const waiting = [...menuFiles, ...loader]
  const seen = new Set<string>()
  const found = new Map<string, BootEntry>()
  for (let path = waiting.shift(); path !== undefined && seen.size < mostMenuFiles; path = waiting.shift()) {
    if (seen.has(path.toLowerCase())) continue
    const text = await contentOf(files, path)
    if (text === undefined) continue
    seen.add(path.toLowerCase())
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const { entries, includes } = readBootEntries(path, text)
    const inFolder = async (name: string): Promise<string> => ((await files.find(name)) ? name : (await files.find(folder + name)) ? folder + name : name) // prettier-ignore
    for (const one of entries) {
      const kernel = await inFolder(one.kernel)
      const initrds = await Promise.all(one.initrds.map(inFolder))
      const key = [kernel, ...initrds, one.arguments].join(' ')
      if (!found.has(key)) found.set(key, { ...one, kernel, initrds })
    }
    for (const one of includes) waiting.push(one.startsWith('/') ? one.slice(1) : folder + one)
  }
  return [...found.values()]
}

/** What an image is. Never throws for what is in it, unless reading does. */
export async function describeDisc(files: DiscFiles): Promise<DiscReport> {
  const menu = await menuOf(files)
  const programs = []
  for (const { name, kind } of await files.list('EFI/BOOT')) {
    if (kind === 'folder' || !/^boot.*\.efi$/i.test(name)) continue
    const file = `EFI/BOOT/${name}`
    const head = await files.read(file, 0, bootProgramHeadBytes)
    programs.push({ file, description: inspectBootProgram(head, name).description })
  }
  for (const recognise of families) {
    const found = await recognise(files)
    if (found) return { ...found, menu, programs }
  }
  const there = await Promise.all(menu.map(async (one) => (await files.find(one.kernel)) !== undefined))
  const remarks =
    menu.length > 0
      ? [say('disc.unknown-distribution')]
      : [say('disc.nothing-found')]
  const entries = await Promise.all(menu.filter((_, at) => there[at]).map((one) => linux(files, one)))
  return { name: titleOf(undefined, files), family: 'unknown', entries, menu, programs, documentedMemory: undefined, remarks }
} // prettier-ignore

/** The estimate for an entry, in bytes. */
export const memoryOf = ({ memory }: Pick<DiscEntry, 'memory'>): number => memory.reduce((sum, { bytes }) => sum + bytes, 0) // prettier-ignore

/** What a machine needs for it: the estimate, or what is documented where that is more. */
export const neededMemory = (
  entry: Pick<DiscEntry, 'memory'>,
  { documentedMemory }: { readonly documentedMemory?: DiscReport['documentedMemory'] },
): number =>
  // prettier-ignore
  Math.max(memoryOf(entry), documentedMemory?.bytes ?? 0)

/** With the address of the image in the place of its sign. */
export const argumentsFor = ({ arguments: given }: Pick<BootEntry, 'arguments'>, address: string): string =>
  given.replaceAll(imageAddress, address)

/** The entry of a menu of iPXE for it. `image` is the path of the image in the boot folder, `server` the address of this machine, `http://192.168.77.1`. */
export function menuEntryFor(entry: DiscEntry, image: string, server: string): IpxeEntry {
  const inside = (path: string): string => `/${image}/${path}`
  // iPXE shows one line, and takes a dash in front for an option.
  const text = inEnglish(entry.title).replaceAll(/\s+/g, ' ').replaceAll('${', '').replace(/^[- ]+/, '').slice(0, 70).trim() || image.slice(-70)
  if (entry.kind === 'windows') return { kind: 'windows', text, wimboot: '/wimboot', image: inside(entry.kernel), files: [] }
  // A space in an argument would end it.
  const address = `${server.replace(/\/$/, '')}/${image.replaceAll('%', '%25').replaceAll(' ', '%20')}`
  return { kind: 'linux', text, kernel: inside(entry.kernel), initrds: entry.initrds.map(inside), arguments: argumentsFor(entry, address) }
} // prettier-ignore
