/** Images with the layout of each distribution, made by xorriso and genisoimage: what they are, and what machines load of them. */
import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { discImageSchema } from '#shared/contract/documents.ts'
import { argumentsFor, memoryOf, neededMemory } from '#shared/lab/disc-media.ts'
import { readBootEntries } from '#shared/lab/boot-entries.ts'
import { readDiscImage } from '../../src/main/inspect/disc-media.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { describeWith } from '../helpers/requirements.ts'

const mebi = 2 ** 20
let root: string
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'pxe-lab-media-'))))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A number is a file of that size. */
type Content = string | number | Uint8Array
let count = 0
async function read(files: Readonly<Record<string, Content>>, label = 'LABEL', udf = false) {
  const [folder, iso] = [join(root, `tree-${++count}`), join(root, `${count}.iso`)]
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'number' ? '' : content)
    if (typeof content === 'number') truncateSync(join(folder, name), content)
  }
  const [tool, options] = udf ? (['genisoimage', ['-udf', '-J']] as const) : (['xorriso', ['-as', 'mkisofs', '-R']] as const) // prettier-ignore
  execFileSync(tool, [...options, '-quiet', '-V', label, '-o', iso, folder], { stdio: 'ignore' })
  const image = (await readDiscImage(iso))!
  // The contract takes whatever is found.
  discImageSchema.parse(image)
  return image
}

/** Enough of a kernel to be told by its header. */
function kernel(machine: 'x64' | 'arm64' = 'x64'): Uint8Array {
  const bytes = new Uint8Array(2 * mebi)
  bytes.set(peProgram(machine === 'x64' ? 0x8664 : 0xaa64))
  bytes.set(Buffer.from('HdrS'), 0x202)
  return bytes
}

describeWith(['xorriso', 'genisoimage', 'wimlib-imagex'], 'images of distributions', () => {
  test('Debian live: the root comes over HTTP and stays in memory', async () => {
    const image = await read({
      '.disk/info': 'Debian GNU/Linux Live 12.5.0 bookworm gnome amd64 2024-02-10\n',
      'live/vmlinuz': kernel(),
      'live/vmlinuz-6.1.0-18-amd64': kernel(),
      'live/initrd.img': 10 * mebi,
      'live/filesystem.squashfs': 30 * mebi,
      'boot/grub/grub.cfg':
        'set root=(cd0)\nset extra="components quiet"\nmenuentry "Live system (amd64)" --hotkey=l {\n  linux /live/vmlinuz boot=live $extra ${nothing}\n  initrd /live/initrd.img\n}\n',
    })
    expect(image).toMatchObject({
      family: 'debian-live',
      name: 'Debian GNU/Linux Live 12.5.0 bookworm gnome amd64 2024-02-10',
    })
    const [entry] = image.entries
    expect(entry).toMatchObject({
      kernel: 'live/vmlinuz',
      initrds: ['live/initrd.img'],
      problem: '',
      program: 'Linux kernel with EFI stub, x64',
    })
    expect(argumentsFor(entry!, 'http://10.0.0.1/d.iso')).toBe(
      'boot=live components ip=dhcp fetch=http://10.0.0.1/d.iso/live/filesystem.squashfs',
    )
    // Kernel and initrd, the initrd unpacked, the root, the system.
    expect(memoryOf(entry!)).toBe((12 + 30 + 30 + 256) * mebi)
    expect(image.menu).toEqual([
      {
        title: 'Live system (amd64)',
        kernel: 'live/vmlinuz',
        initrds: ['live/initrd.img'],
        arguments: 'boot=live components quiet',
      },
    ])
  })

  test('Debian netinst looks for its disc; mini.iso does not', async () => {
    const image = await read({
      '.disk/info': 'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST',
      'install.amd/vmlinuz': kernel(),
      'install.amd/initrd.gz': mebi,
    })
    expect(image).toMatchObject({
      family: 'debian-installer',
      name: 'Debian GNU/Linux 12.5.0 Bookworm - Official amd64 NETINST',
    })
    expect(image.entries[0]!.problem).toEqual(expect.stringContaining('looks for its disc'))
    const mini = await read({ linux: kernel(), 'initrd.gz': mebi })
    expect(mini.entries[0]).toMatchObject({ kernel: 'linux', problem: '' })
    // What is documented counts where the estimate is lower.
    expect(neededMemory(mini.entries[0]!, mini)).toBe(780e6)
  })

  test('Ubuntu loads the whole image', async () => {
    const image = await read({
      '.disk/info': 'Ubuntu-Server 24.04.1 LTS "Noble Numbat" - Release amd64 (20240827)',
      'casper/vmlinuz': kernel(),
      'casper/hwe-vmlinuz': kernel(),
      'casper/initrd': 20 * mebi,
      'casper/filesystem.squashfs': 5 * mebi,
    })
    expect(image.entries[0]).toMatchObject({
      kernel: 'casper/vmlinuz',
      initrds: ['casper/initrd'],
      later: [{ file: '', bytes: image.bytes }],
      // root= keeps the image out of a tmpfs, which half the memory bounds.
      arguments: 'root=/dev/ram0 ramdisk_size=1500000 cloud-config-url=/dev/null ip=dhcp url={image}',
    })
    expect(image.documentedMemory!.bytes).toBe(1.5e9 + image.bytes)
    expect(memoryOf(image.entries[0]!)).toBeGreaterThan(image.bytes)
  })

  test.each([
    ['a DVD', { 'BaseOS/repodata/repomd.xml': 'x' }, 'ip=dhcp inst.repo={image}', 0],
    ['a boot image without packages', {}, 'ip=dhcp inst.stage2={image}', 1],
  ] as const)('Rocky Linux, %s', async (_, more, given, remarks) => {
    const image = await read({
      '.treeinfo':
        '[general]\nfamily = Rocky Linux\nversion = 9.3\n[images-x86_64]\ninitrd = images/pxeboot/initrd.img\nkernel = images/pxeboot/vmlinuz\n[stage2]\nmainimage = images/install.img\n',
      'images/pxeboot/vmlinuz': kernel(),
      'images/pxeboot/initrd.img': mebi,
      'images/install.img': mebi,
      ...more,
    })
    expect(image).toMatchObject({
      family: 'fedora',
      name: 'Rocky Linux 9.3',
      documentedMemory: { bytes: 3 * 1024 * mebi },
    })
    expect(image.entries[0]!.arguments).toBe(given)
    expect(image.remarks).toHaveLength(remarks)
  })

  test('Arch, SUSE and Alpine', async () => {
    const arch = await read({
      'arch/boot/x86_64/vmlinuz-linux': kernel(),
      'arch/boot/x86_64/initramfs-linux.img': mebi,
      'arch/x86_64/airootfs.sfs': mebi,
      'arch/version': '2026.11.01\n',
      'loader/entries/01-arch.conf':
        'title    Arch Linux install medium\nlinux    /arch/boot/x86_64/vmlinuz-linux\ninitrd   /arch/boot/x86_64/initramfs-linux.img\noptions  archisobasedir=arch archisodevice=UUID=1\n',
    })
    expect(arch).toMatchObject({ family: 'arch', name: 'Arch Linux 2026.11.01' })
    expect(arch.documentedMemory!.bytes).toBe(Math.ceil(mebi / 0.75))
    expect(arch.entries[0]!.arguments).toBe('archisobasedir=arch archiso_http_srv={image}/ ip=dhcp')
    expect(arch.menu).toEqual([
      {
        title: 'Arch Linux install medium',
        kernel: 'arch/boot/x86_64/vmlinuz-linux',
        initrds: ['arch/boot/x86_64/initramfs-linux.img'],
        arguments: 'archisobasedir=arch archisodevice=UUID=1',
      },
    ])
    const rescue = await read({
      'sysresccd/boot/x86_64/vmlinuz': kernel(),
      'sysresccd/boot/x86_64/sysresccd.img': mebi,
      'sysresccd/boot/intel_ucode.img': mebi,
      'sysresccd/x86_64/airootfs.sfs': mebi,
    })
    expect(rescue.entries[0]).toMatchObject({
      initrds: ['sysresccd/boot/x86_64/sysresccd.img'],
      arguments: 'archisobasedir=sysresccd archiso_http_srv={image}/ ip=dhcp',
    })
    const suse = await read({
      'boot/x86_64/loader/linux': kernel(),
      'boot/x86_64/loader/initrd': mebi,
      'boot/x86_64/root': mebi,
      'media.1/products': '/ SLES15-SP6 15.6-0\n',
    })
    expect(suse).toMatchObject({ family: 'suse', name: 'SLES15-SP6 15.6-0', documentedMemory: undefined })
    expect(suse.entries[0]!.arguments).toBe('install={image}/')
    const alpine = await read({
      'boot/vmlinuz-lts': kernel(),
      'boot/initramfs-lts': mebi,
      'boot/modloop-lts': mebi,
      '.alpine-release': 'alpine-lts-3.20.1\n',
    })
    expect(alpine).toMatchObject({ family: 'alpine', name: 'Alpine Linux lts-3.20.1' })
    expect(alpine.entries[0]!.arguments).toBe(
      'ip=dhcp modules=loop,squashfs alpine_repo={image}/apks modloop={image}/boot/modloop-lts',
    )
  })

  test('Windows media: what is on them, and what wimboot needs', async () => {
    const file = join(root, 'file')
    writeFileSync(file, 'x')
    const wim = (name: string, kind: string): Uint8Array => {
      const path = join(root, `${name}.wim`)
      mkdirSync(join(root, 'wim'), { recursive: true })
      execFileSync(
        'wimlib-imagex',
        [
          'capture',
          join(root, 'wim'),
          path,
          name,
          '--boot',
          '--image-property=WINDOWS/ARCH=9',
          `--image-property=WINDOWS/INSTALLATIONTYPE=${kind}`,
          `--image-property=WINDOWS/EDITIONID=${kind}`,
        ],
        { stdio: 'ignore' },
      )
      return execFileSync('cat', [path])
    }
    const image = await read(
      {
        'sources/boot.wim': wim('Setup', 'WindowsPE'),
        'sources/install.wim': wim('Windows 11 Pro', 'Client'),
        'setup.exe': 'x',
        'EFI/BOOT/BOOTX64.EFI': peProgram(0x8664),
      },
      'CCCOMA_X64FRE',
      true,
    )
    expect(image).toMatchObject({
      family: 'windows',
      name: 'Windows installation media (CCCOMA_X64FRE)',
      formats: ['UDF', 'Joliet', 'ISO 9660'],
    })
    expect(image.entries[0]).toMatchObject({ kind: 'windows', kernel: 'sources/boot.wim', problem: '' })
    expect(image.remarks.map(inEnglish).join(' ')).toContain('sources/install.wim: Windows 11 Pro.')
    expect(image.programs).toEqual([{ file: 'EFI/BOOT/BOOTX64.EFI', description: 'UEFI program, x64' }])
  })

  test('what is not known is shown as it stands, with no promise', async () => {
    const image = await read({
      'boot/kernel': kernel('arm64'),
      'isolinux/initrd': mebi,
      'isolinux/isolinux.cfg': 'DEFAULT x\nINCLUDE more.cfg\nLABEL hdt\n MENU LABEL Hardware\n KERNEL hdt.c32\n',
      'isolinux/more.cfg':
        'INCLUDE isolinux.cfg\nLABEL x\n MENU LABEL Start ^System\n KERNEL /boot/kernel\n APPEND initrd=initrd root=/dev/sr0\nLABEL gone\n KERNEL /none\n',
    })
    expect(image.family).toBe('unknown')
    expect(image.menu.map(({ title }) => title)).toEqual(['Start System', 'gone'])
    expect(image.entries).toEqual([
      expect.objectContaining({
        kernel: 'boot/kernel',
        initrds: ['isolinux/initrd'],
        arguments: 'root=/dev/sr0',
        program: 'Linux kernel with EFI stub, ARM64',
      }),
    ])
    expect(image.remarks[0]).toEqual(expect.stringContaining('not known here'))
    const nothing = await read({ 'song.mp3': mebi })
    expect(nothing).toMatchObject({
      family: 'unknown',
      entries: [],
      remarks: ['No boot menu and no kernel that is known here was found in it.'],
    })
  })
})

test('menus of GRUB: quotes, submenus, devices and what comes without end', () => {
  const { entries } = readBootEntries('boot/grub/grub.cfg', "submenu 'More' {\nmenuentry 'It''s' {\n linuxefi ($root)/k quiet\n}\nmenuentry \"a \\\"b\\\"\" {\nlinux (loop)/k2 \"x=1\"\ninitrd (loop)/i1 /i2\n}\n}\nmenuentry none {\n halt\n}\n") // prettier-ignore
  expect(entries).toEqual([
    { title: 'It', kernel: 'k', initrds: [], arguments: 'quiet' },
    { title: 'a "b"', kernel: 'k2', initrds: ['i1', 'i2'], arguments: 'x=1' },
  ])
  expect(readBootEntries('grub.cfg', 'menuentry "x" {\nlinux /k\n}\n'.repeat(1000)).entries).toHaveLength(200)
  expect(readBootEntries('grub.cfg', `set a=${'y'.repeat(4000)}\nmenuentry x {\nlinux /k ${'$a'.repeat(2000)}\n}`).entries[0]!.arguments.length).toBeLessThan(5000) // prettier-ignore
})
