/** Files within images of discs, as the responder serves them. */
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, closeSync, copyFileSync, fstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs' // prettier-ignore
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TransferEvent } from '#shared/contract/events.ts'
import { BootFolder, readWhole, type BootFile } from '../../src/main/responder/boot-folder.ts'
import { DiscImages } from '../../src/main/responder/disc-images.ts'
import { HttpBoot } from '../../src/main/responder/http-boot.ts'
import { FileCache } from '../../src/main/responder/tftp/file-cache.ts'
import { ip } from '../helpers/dhcp.ts'
import { describeWith } from '../helpers/requirements.ts'

let root: string
const at = (...names: string[]): string => join(root, ...names)
const kernel = randomBytes(700_001)
const make = (file: string, ...from: string[]): void =>
  void execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', file, ...from], { cwd: root, stdio: 'ignore' })

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-disc-'))
  mkdirSync(at('disc', 'install.amd'), { recursive: true })
  writeFileSync(at('disc', 'install.amd', 'vmlinuz'), kernel)
  writeFileSync(at('disc', 'note'), 'first')
  writeFileSync(at('disc', 'empty'), '')
  writeFileSync(at('disc', 'CON'), 'no device here')
  symlinkSync('install.amd/vmlinuz', at('disc', 'link'))
  symlinkSync('../../../../etc/hostname', at('disc', 'out'))
  mkdirSync(at('boot', 'images'), { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describeWith(['xorriso'], 'an image in the boot folder', () => {
  let folder: BootFolder
  beforeAll(() => make('boot/images/Debian.iso', 'disc'))
  beforeEach(async () => void (folder = await BootFolder.open(at('boot'))))

  const open = async (name: string): Promise<BootFile> => {
    const file = await folder.openFile(name)
    if (file.ok) await file.handle.close()
    return file
  }
  const text = async (name: string): Promise<string> => {
    const file = await folder.openFile(name)
    if (!file.ok) return `${file.code}: ${file.reason}`
    try {
      return (await readWhole(file)).toString('latin1')
    } finally {
      await file.handle.close()
    }
  }

  test('acts as a folder, in any spelling, and is a file as well', async () => {
    for (const name of [
      'images/Debian.iso/install.amd/vmlinuz',
      '\\IMAGES\\debian.ISO\\Install.AMD\\VMLINUZ',
      'images/debian.iso/link',
    ])
      // prettier-ignore
      expect(await text(name)).toBe(kernel.toString('latin1'))
    expect(await open('images/debian.iso/install.amd/vmlinuz')).toMatchObject({ name: 'images/Debian.iso/install.amd/vmlinuz', size: kernel.length }) // prettier-ignore
    expect(await text('images/debian.iso/empty')).toBe('')
    expect(await open('images/debian.iso')).toMatchObject({ ok: true, size: readFileSync(at('boot/images/Debian.iso')).length }) // prettier-ignore
  })

  test('what is not in it is told as of any folder', async () => {
    expect(await text('images/debian.iso/nothing')).toBe('not-found: there is no such file')
    expect(await text('images/debian.iso/install.amd')).toBe('folder: it is a folder')
    expect(await text('images/debian.iso/note/more')).toBe('not-found: there is no such file')
    expect(await text('images/debian.iso/out')).toBe('not-found: there is no such file')
    expect(await text('images/debian.iso/../secret')).toBe('forbidden: the name leads out of the folder')
    expect(await text('images/debian.iso/con')).toBe('forbidden: "con" is a device name')
  })

  test('a file that only has such a name is no image, and a folder of such a name is a folder', async () => {
    writeFileSync(at('boot/text.iso'), 'no image')
    mkdirSync(at('boot/folder.iso'), { recursive: true })
    writeFileSync(at('boot/folder.iso/note'), 'plain')
    expect(await text('text.iso/note')).toBe('not-found: there is no such file')
    expect(await text('folder.iso/note')).toBe('plain')
  })

  test('a link to an image out of the folder is refused', async () => {
    make('outside.iso', 'disc')
    symlinkSync(at('outside.iso'), at('boot/linked.iso'))
    expect(await text('linked.iso/note')).toMatch(/^(forbidden|not-found)/)
    expect(await text('linked.iso')).toBe('forbidden: a link on its path leads out of the folder')
  })

  test('another image under the same name is another folder', async () => {
    copyFileSync(at('boot/images/Debian.iso'), at('boot/changing.iso'))
    expect(await text('changing.iso/note')).toBe('first')
    writeFileSync(at('disc/note'), 'the second')
    make('other.iso', 'disc')
    renameSync(at('other.iso'), at('boot/changing.iso'))
    expect(await text('changing.iso/note')).toBe('the second')
    // What is left of one that was cut.
    truncateSync(at('boot/changing.iso'), 100_000)
    expect(await text('changing.iso/install.amd/vmlinuz')).toBe('unreadable: it lies beyond the end of the image, which was not copied whole') // prettier-ignore
  })

  test('a damaged image says so and does not take others with it', async () => {
    const bytes = readFileSync(at('boot/images/Debian.iso'))
    bytes.fill(0xff, 16 * 2048 + 156 + 10, 16 * 2048 + 156 + 14)
    writeFileSync(at('boot/damaged.iso'), bytes)
    expect(await text('damaged.iso/note')).toBe('unreadable: the image cannot be read: a folder in it claims to have 4294967295 bytes of names') // prettier-ignore
    expect(await text('images/debian.iso/install.amd/vmlinuz')).toHaveLength(kernel.length)
  })

  test('as many at once as one likes', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, (_, index) => text(index % 2 === 0 ? 'images/debian.iso/link' : 'images/debian.iso/empty'))) // prettier-ignore
    expect(new Set(all.map((one) => one.length))).toEqual(new Set([kernel.length, 0]))
  })

  test('over HTTP: ranges, lengths, and a connection that breaks where the image changes', async () => {
    const events: TransferEvent[] = []
    const boot = new HttpBoot(folder, (event) => events.push(event))
    const server = await boot.listen(ip('127.0.0.1'), 0)
    const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${server.port}/${path}`, { headers })
    try {
      const whole = await get('images/debian.iso/install.amd/vmlinuz')
      expect(whole.headers.get('content-length')).toBe(String(kernel.length))
      expect(Buffer.from(await whole.arrayBuffer()).equals(kernel)).toBe(true)
      const part = await get('images/debian.iso/install.amd/vmlinuz', { range: 'bytes=699990-' })
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 699990-700000/${kernel.length}`])
      expect(Buffer.from(await part.arrayBuffer()).equals(kernel.subarray(699_990))).toBe(true)
      expect((await get('images/debian.iso/install.amd/vmlinuz', { range: 'bytes=700001-' })).status).toBe(416)
      const tag = whole.headers.get('etag')!
      expect((await get('images/debian.iso/install.amd/vmlinuz', { 'if-none-match': tag })).status).toBe(304)
      expect((await get('images/debian.iso/none')).status).toBe(404)
      // Not mistaken for another file of the same image, of which pieces may be in memory.
      expect(await (await get('images/debian.iso/note')).text()).toBe('first')
      const image = await get('images/debian.iso')
      expect(Buffer.from(await image.arrayBuffer()).equals(readFileSync(at('boot/images/Debian.iso')))).toBe(true)

      mkdirSync(at('large'))
      writeFileSync(at('large/file'), Buffer.alloc(24_000_000, 7))
      make('boot/large.iso', 'large')
      const slow = await get('large.iso/file')
      appendFileSync(at('boot/large.iso'), 'more')
      await expect(slow.arrayBuffer()).rejects.toThrow()
      expect(events.at(-1)).toMatchObject({ type: 'transfer-ended', outcome: 'failed', message: 'the file changed during the transfer; the connection was broken off' }) // prettier-ignore
    } finally {
      await server.close()
    }
  })

  describe('as blocks of TFTP', () => {
    test('files of one image are not mistaken for each other, holes are zeros, and a change is noticed', () => {
      const file = at('pieces.bin')
      const bytes = randomBytes(300_000)
      writeFileSync(file, bytes)
      const descriptor = openSync(file, 'r+')
      const imageBytes = fstatSync(descriptor).size
      const cache = new FileCache()
      const read = (
        extents: readonly { offset: number; bytes: number }[],
        length: number,
        from = 0,
      ): Buffer | undefined => {
        // prettier-ignore
        const size = extents.reduce((sum, one) => sum + one.bytes, 0)
        const target = Buffer.alloc(length)
        return cache.open(descriptor, size, { extents, imageBytes }).read(from, target) === undefined
          ? undefined
          : target
      }
      try {
        const [a, b] = [[{ offset: 2048, bytes: 1000 }], [{ offset: 4096, bytes: 1000 }]]
        expect(read(a, 1000)!.equals(bytes.subarray(2048, 3048))).toBe(true)
        expect(read(b, 1000)!.equals(bytes.subarray(4096, 5096))).toBe(true)
        const split = [{ offset: 100_000, bytes: 70_000 }, { offset: -1, bytes: 3000 }, { offset: 0, bytes: 70_000 }] // prettier-ignore
        const expected = Buffer.concat([bytes.subarray(100_000, 170_000), Buffer.alloc(3000), bytes.subarray(0, 70_000)]) // prettier-ignore
        expect(read(split, 143_000)!.equals(expected)).toBe(true)
        expect(read(split, 1428, 69_500)!.equals(expected.subarray(69_500, 70_928))).toBe(true)
        const source = cache.open(descriptor, 70_000, { extents: [{ offset: 200_000, bytes: 70_000 }], imageBytes })
        utimesSync(file, new Date(), new Date(1e12))
        expect(source.read(0, Buffer.alloc(10))).toBeUndefined()
      } finally {
        closeSync(descriptor)
      }
    })
  })
})

/** ISO 9660 by hand: folders `d0` to `d49` that lie over each other, each of files in a thousand pieces. */
function overlappingFolders(): Buffer {
  const [folders, sectors, first] = [50, 128, 24]
  const record = (name: string, flags: number, block: number, bytes: number): Buffer => {
    const made = Buffer.alloc((33 + name.length + 1) & ~1)
    made[0] = made.length
    made.writeUInt32LE(block, 2)
    made.writeUInt32LE(bytes, 10)
    made[25] = flags
    made[32] = name.length
    made.write(name, 33, 'latin1')
    return made
  }
  const image = Buffer.alloc((first + folders + sectors) * 2048)
  image.write('\x01CD001\x01', 16 * 2048, 'latin1')
  image.writeUInt16LE(2048, 16 * 2048 + 128)
  record('\0', 2, 18, 2 * 2048).copy(image, 16 * 2048 + 156)
  image.write('\xffCD001\x01', 17 * 2048, 'latin1')
  let at = 18 * 2048
  for (let index = 0; index < folders; index++)
    at += record(`D${index}`, 2, first + index, sectors * 2048).copy(image, at)
  for (let sector = first; sector < first + folders + sectors; sector++)
    for (let piece = 0; piece < 60; piece++) {
      const isLast = (sector * 60 + piece) % 1000 === 0
      record('A', isLast ? 0 : 0x80, 0, 0).copy(image, sector * 2048 + piece * 34)
    }
  return image
}

/**
 * Makes of a small image one of more than 4 GiB, which takes a few KiB of the disk: `PART0` grows into 4 GiB and `more`, with `marks` at
 * its places. ISO 9660 has it in two records of one name (ECMA-119 section 9.1.6), UDF in pieces below 1 GiB (ECMA-167 section 4/14.14.1).
 */
function growBeyond4Gib(file: string, format: 'iso' | 'udf', more: number, marks: readonly (readonly [number, string])[]): void {
  const bytes = readFileSync(file)
  const first = Math.ceil(bytes.length / 2048)
  const size = 2 ** 32 + more
  if (format === 'iso') {
    const most = 2 ** 32 - 2048
    const [one, two] = ['PART0.;1', 'PART1.;1'].map((name) => bytes.indexOf(name) - 33) as [number, number]
    for (const [record, block, length] of [[one, first, most], [two, first + most / 2048, size - most]] as const) {
      bytes.writeUInt32LE(block, record + 2)
      bytes.writeUInt32BE(block, record + 6)
      bytes.writeUInt32LE(length, record + 10)
      bytes.writeUInt32BE(length, record + 14)
    }
    bytes[one + 25]! |= 0x80
    bytes.write('PART0.;1', two + 33)
  } else {
    let start = 0
    for (let where = bytes.readUInt32LE(256 * 2048 + 20) * 2048; bytes.readUInt16LE(where) !== 8; where += 2048)
      if (bytes.readUInt16LE(where) === 5) {
        start = bytes.readUInt32LE(where + 188)
        bytes.writeUInt32LE(first + Math.ceil(size / 2048) - start, where + 192)
      }
    // The entry of the only file, whose type is 5.
    let entry = start * 2048
    while (bytes.readUInt16LE(entry) !== 261 || bytes[entry + 27] !== 5) entry += 2048
    const piece = 2 ** 30 - 2048
    const pieces = Math.ceil(size / piece)
    bytes.writeBigUInt64LE(BigInt(size), entry + 56)
    bytes.writeUInt32LE(pieces * 8, entry + 172)
    for (let at = 0; at < pieces; at++) {
      bytes.writeUInt32LE(Math.min(piece, size - at * piece), entry + 176 + at * 8)
      bytes.writeUInt32LE(first - start + (at * piece) / 2048, entry + 180 + at * 8)
    }
    bytes[entry + 4] = 0
    bytes[entry + 4] = bytes.subarray(entry, entry + 16).reduce((sum, one) => sum + one, 0) & 255
  }
  writeFileSync(file, bytes)
  truncateSync(file, first * 2048 + size)
  const descriptor = openSync(file, 'r+')
  for (const [where, text] of marks) writeSync(descriptor, text, first * 2048 + where)
  closeSync(descriptor)
} // prettier-ignore

describeWith(['genisoimage', 'curl'], 'an image of more than 4 GiB', () => {
  const marks = [[0, 'begins'], [2 ** 32 - 3, 'passes'], [2 ** 32 + 99_990, 'ends here!']] as const // prettier-ignore

  test.each(['iso', 'udf'] as const)('gives the pieces of its file that lie beyond, over HTTP: %s', async (format) => {
    mkdirSync(at(format))
    for (const name of format === 'iso' ? ['PART0', 'PART1'] : ['PART0']) writeFileSync(at(format, name), 'x'.repeat(5000))
    const file = at(`boot/big-${format}.iso`)
    execFileSync('genisoimage', [...(format === 'udf' ? ['-udf'] : []), '-quiet', '-o', file, at(format)], { stdio: 'ignore' })
    growBeyond4Gib(file, format, 100_000, marks)
    const size = 2 ** 32 + 100_000
    const server = await new HttpBoot(await BootFolder.open(at('boot')), () => {}).listen(ip('127.0.0.1'), 0)
    const curl = async (path: string, ...more: string[]): Promise<string> =>
      (await promisify(execFile)('curl', ['-sS', ...more, `http://127.0.0.1:${server.port}/big-${format}.iso${path}`])).stdout
    try {
      expect(await curl('/part0', '-I')).toMatch(new RegExp(`content-length: ${size}\\r`, 'i'))
      expect(await curl('/part0', '-r', '0-5')).toBe('begins')
      expect(await curl('/part0', '-r', `${2 ** 32 - 3}-${2 ** 32 + 2}`)).toBe('passes')
      expect(await curl('/part0', '-r', `${size - 10}-`)).toBe('ends here!')
      expect(await curl('/part0', '-r', '-10', '-D', '-')).toMatch(new RegExp(`content-range: bytes ${size - 10}-${size - 1}/${size}\\r[^]*ends here!$`, 'i')) // prettier-ignore
      expect(await curl('/part0', '-r', `${size}-`, '-o', '/dev/null', '-w', '%{http_code}')).toBe('416')
      // The image as a whole ends where its file does.
      expect(await curl('', '-r', '-10')).toBe('ends here!')
    } finally {
      await server.close()
    }
  })
}) // prettier-ignore

test('pieces of files count for what is kept of an image: of many the oldest are forgotten', async () => {
  const bytes = overlappingFolders()
  let isRead = false
  const read = (target: Buffer, _: number, length: number, from: number): Promise<{ bytesRead: number }> => {
    isRead = true
    return Promise.resolve({ bytesRead: bytes.copy(target, 0, from, Math.min(from + length, bytes.length)) })
  }
  const image = (await new DiscImages().open({ read } as unknown as FileHandle, bytes.length, 'one'))!
  const isReadFor = async (folder: number): Promise<boolean> => {
    isRead = false
    expect((await image.find([`d${folder}`, 'a']))?.kind).toBe('file')
    return isRead
  }
  expect([await isReadFor(0), await isReadFor(0)]).toEqual([true, false])
  for (let folder = 1; folder < 50; folder++) expect(await isReadFor(folder)).toBe(true)
  expect(await isReadFor(0)).toBe(true)
})
