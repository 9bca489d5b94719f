/** Images of optical discs, made by the tools that distributions make theirs with, and held against what other tools read. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, lstatSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findInIso, openIsoImage, readIsoFile } from '#shared/wire/iso/image.ts'
import { IsoError, type IsoNode } from '#shared/wire/iso/node.ts'
import { contentOf, everything, isoOf, readBytes, withIso, type OpenedIso } from '../helpers/iso.ts'
import { continuedAt, isoImageOf } from '../helpers/large-programs.ts'
import { describeWith } from '../helpers/requirements.ts'

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let folder: string
const at = (...names: string[]): string => join(folder, ...names)
const run = (tool: string, ...values: string[]): Buffer =>
  execFileSync(tool, values, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 })

const longName = `${'x'.repeat(200)} äöü 名前.bin`
const deep = 'deep/2/3/4/5/6/7/8/9/10'

/** What goes into images, for tests that make some: links need rights on Windows. */
function withSources(): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-iso-'))
    for (const name of ['boot', 'many', deep]) mkdirSync(at('src', name), { recursive: true })
    writeFileSync(at('src', 'boot', 'VMLinuz'), randomBytes(300_001))
    writeFileSync(at('src', 'README.txt'), 'hello\n')
    writeFileSync(at('src', 'empty'), '')
    writeFileSync(at('src', deep, 'bottom'), 'bottom')
    for (let count = 0; count < 300; count++) writeFileSync(at('src', 'many', `file-${count}.txt`), `${count}`)
    mkdirSync(at('linked'))
    writeFileSync(at('linked', longName), randomBytes(100))
    for (const [name, target] of [
      ['kernel', 'boot/VMLinuz'],
      ['out', '/boot/../../etc/passwd'],
      ['circle', 'circle'],
      ['up', '../../../boot'],
    ] as const)
      symlinkSync(target, at('linked', name))
    // genisoimage writes wrong lengths for a link of several records.
    mkdirSync(at('far'))
    symlinkSync(`./${'y'.repeat(180)}/${'z'.repeat(180)}`, at('far', 'long'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
}

/** What was put into the image, as `everything` tells it. */
function putIn(...roots: string[]): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (path: string, name: string): void => {
    const status = lstatSync(path)
    if (status.isSymbolicLink()) found.set(name, `link ${readlinkSync(path)}`)
    else if (status.isFile()) found.set(name, `file ${hashOf(readFileSync(path))}`)
    else {
      if (name !== '') found.set(name, 'folder')
      for (const one of readdirSync(path)) walk(join(path, one), `${name}/${one}`)
    }
  }
  for (const one of roots) walk(at(one), '')
  return found
}

async function readOut(iso: OpenedIso): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const [path, node] of await everything(iso)) {
    const content = node.kind === 'file' ? hashOf(await contentOf(node, iso.read)) : (node.target ?? '')
    found.set(path, [node.kind, content, node.problem].filter(Boolean).join(' '))
  }
  return found
}

const sorted = (map: ReadonlyMap<string, string>): string[] => [...map].map((one) => one.join(' ')).toSorted()
const find = ({ image, list }: OpenedIso, name: string): Promise<IsoNode | undefined> =>
  findInIso(image.tree.root, name.split('/'), list)

describe('records of Rock Ridge that go on elsewhere', () => {
  const opened = async (bytes: Uint8Array, wait = 0) => {
    let reads = 0
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      reads++
      if (wait > 0) await new Promise((resolve) => setImmediate(resolve))
      return bytes.subarray(offset, offset + length)
    }
    const image = (await openIsoImage(bytes.length, read))!
    return { image, list: () => image.tree.list(image.tree.root, read), reads: () => reads }
  }
  const nameField = (name: string): Buffer => Buffer.concat([Buffer.from('NM'), Buffer.from([5 + name.length, 1, 0]), Buffer.from(name)]) // prettier-ignore
  const areaOf = (name: string): Buffer => Buffer.concat([nameField(name), Buffer.alloc(256 - 5 - name.length)])

  test('twenty thousand of them, one behind the other, are read in long pieces, and others have their turn meanwhile', async () => {
    const count = 20_000
    const names = Array.from({ length: count }, (_, at) => `name ${at} ${'x'.repeat(180)}`)
    const bytes = isoImageOf(
      (block) => names.map((_, at) => ({ name: `F${at}.;1`, systemUse: continuedAt(block + (at >> 3), 250, (at % 8) * 256) })), // prettier-ignore
      () => Buffer.concat(names.map(areaOf)),
    )
    const { image, list, reads } = await opened(bytes, 1)
    expect(image.tree.format).toBe('Rock Ridge')
    let turns = 0
    const state = { isOver: false }
    const others = (async () => {
      for (; !state.isOver; turns++) await new Promise((resolve) => setImmediate(resolve))
    })()
    const nodes = await list()
    state.isOver = true
    await others
    expect(nodes).toHaveLength(count)
    expect(nodes.map((one) => one.name)).toEqual(names)
    expect(reads()).toBeLessThan(200)
    expect(turns).toBeGreaterThan(20)
  })

  test.each([
    ['all to one area that leads to itself', (block: number) => ({ systemUse: continuedAt(block, 8192) }), (block: number) => Buffer.concat([continuedAt(block, 8192), Buffer.alloc(8192 - 28, 'ZZ\u0004\u0001')])],
    ['each to a far one', (block: number, at: number) => ({ systemUse: continuedAt(block + (at % 2) * 4000, 8000) }), () => Buffer.alloc(2048 * 4004)],
  ] as const)('%s: the image is refused before that takes long', async (_, use, behind) => {
    const bytes = isoImageOf((block) => Array.from({ length: 20_000 }, (__, at) => ({ name: `F${at}.;1`, ...use(block, at) })), behind)
    const { list } = await opened(bytes)
    await expect(list()).rejects.toThrow(/go on in too many places/)
  }) // prettier-ignore
})

describeWith(['xorriso', 'genisoimage', 'bsdtar', '7z'], 'images that tools make', () => {
  withSources()

  test.each([
    ['xorriso', ['-as', 'mkisofs', '-R', '-J', '-joliet-long']],
    ['genisoimage', ['-R', '-J', '-joliet-long', '-udf']],
  ] as const)('%s with Rock Ridge: every name, link and content', async (tool, options) => {
    const file = at(`${tool}.iso`)
    const roots = ['src', 'linked', ...(tool === 'xorriso' ? ['far'] : [])]
    run(tool, ...options, '-V', 'LABEL', '-o', file, ...roots)
    await withIso(file, async (iso) => {
      expect(iso.image.tree).toMatchObject({ format: 'Rock Ridge', label: 'LABEL' })
      expect(iso.image.formats).toEqual(tool === 'xorriso' ? ['Rock Ridge', 'Joliet'] : ['Rock Ridge', 'UDF', 'Joliet'])
      const read = await readOut(iso)
      read.delete('/rr_moved')
      expect(sorted(read)).toEqual(sorted(putIn(...roots)))
      // The same names, as another reader of the format finds them.
      const others = run('xorriso', '-indev', file, '-find', '/').toString('utf8').split('\n').filter((one) => one !== '/' && one !== '').map((one) => one.slice(1, -1)) // prettier-ignore
      expect([...read.keys()].toSorted()).toEqual(
        others.filter((one) => one.length > 1 && one !== '/rr_moved').toSorted(),
      )
    })
  })

  test('UDF as Windows media have it, beside which ISO 9660 counts for nothing', async () => {
    const file = at('windows.iso')
    run('genisoimage', '-udf', '-D', '-J', '-joliet-long', '-V', 'CCCOMA_X64FRE_DE-DE_DV9', '-o', file, 'src')
    await withIso(file, async (iso) => {
      expect(iso.image.tree).toMatchObject({ format: 'UDF', label: 'CCCOMA_X64FRE_DE-DE_DV9' })
      expect(iso.image.problems).toEqual([])
      const read = await readOut(iso)
      expect(sorted(read)).toEqual(sorted(putIn('src')))
      expect(run('7z', 'l', '-ba', '-slt', file).toString().match(/^Path = .*$/gm)!.map((one) => `/${one.slice(7)}`).toSorted()).toEqual([...read.keys()].toSorted()) // prettier-ignore
    })
  })

  test('Joliet and plain ISO 9660', async () => {
    run('genisoimage', '-J', '-D', '-joliet-long', '-o', at('joliet.iso'), 'src')
    await withIso(at('joliet.iso'), async (iso) => {
      expect(iso.image.tree.format).toBe('Joliet')
      expect(sorted(await readOut(iso))).toEqual(sorted(putIn('src')))
    })
    run('genisoimage', '-D', '-o', at('plain.iso'), 'src')
    await withIso(at('plain.iso'), async (iso) => {
      expect(iso.image.tree.format).toBe('ISO 9660')
      const tar = run('bsdtar', '-xOf', at('plain.iso'), 'BOOT/VMLINUZ')
      expect(hashOf(await contentOf((await find(iso, 'boot/vmlinuz'))!, iso.read))).toBe(hashOf(tar))
    })
  })

  test('names are found in any case, links stay inside', async () => {
    await withIso(at('xorriso.iso'), async (iso) => {
      const kernel = (await find(iso, 'boot/VMLinuz'))!
      expect(kernel.size).toBe(300_001)
      for (const name of ['BOOT/vmlinuz', 'kernel', './/boot/../boot/VMLINUZ', 'up/vmlinuz', '../../boot/VMLinuz'])
        expect(await find(iso, name), name).toEqual(kernel)
      // `/` is that of the image, above which nothing is.
      expect(await find(iso, 'out')).toBeUndefined()
      expect(await find(iso, 'boot/VMLinuz/more')).toBeUndefined()
      await expect(find(iso, 'circle')).rejects.toThrow('its links lead in a circle')
      expect(new TextDecoder().decode(await readIsoFile(iso.image.tree.root, 'readme.TXT', 100, iso.list, iso.read))).toBe('hello\n') // prettier-ignore
      expect(await readIsoFile(iso.image.tree.root, 'readme.TXT', 5, iso.list, iso.read)).toBeUndefined()
    })
  })

  test('a compressed file is not handed out as it is stored', async () => {
    writeFileSync(at('text'), 'a'.repeat(200_000))
    run('xorriso', '-outdev', at('zisofs.iso'), '-map', 'text', '/text', '-set_filter', '--zisofs', '/text', '--')
    await withIso(at('zisofs.iso'), async (iso) => {
      expect(await find(iso, 'text')).toMatchObject({ problem: 'the image holds it compressed (zisofs)' })
    })
  })

  test('an image that was not copied whole says so', async () => {
    writeFileSync(at('short.iso'), readFileSync(at('xorriso.iso')))
    const whole = readFileSync(at('short.iso')).length
    truncateSync(at('short.iso'), whole - 400_000)
    await withIso(at('short.iso'), async (iso) => {
      const all = [...(await everything(iso)).values()]
      expect(all.filter((one) => one.problem === 'it lies beyond the end of the image, which was not copied whole')).not.toEqual([]) // prettier-ignore
    })
  })

  test('what a machine starts from a disc', async () => {
    mkdirSync(at('bootable'))
    writeFileSync(at('bootable', 'bios.bin'), randomBytes(4096))
    writeFileSync(at('bootable', 'efi.img'), randomBytes(8192))
    run('xorriso', '-as', 'mkisofs', '-o', at('bootable.iso'), '-b', 'bios.bin', '-no-emul-boot', '-boot-load-size', '4', '-eltorito-alt-boot', '-e', 'efi.img', '-no-emul-boot', 'bootable') // prettier-ignore
    await withIso(at('bootable.iso'), async (iso) => {
      const [bios, efi] = [(await find(iso, 'bios.bin'))!, (await find(iso, 'efi.img'))!]
      expect(iso.image.boots).toEqual([
        { platform: 'BIOS', emulation: 'none', offset: bios.extents[0]!.offset, bytes: 2048 },
        { platform: 'UEFI', emulation: 'none', offset: efi.extents[0]!.offset, bytes: 8192 },
      ])
    })
  })

  /** As UDF 2.50 has it (section 2.2.10): names and entries lie in a file, here one that covers the partition in two pieces. */
  test('a metadata partition', async () => {
    const bytes = readFileSync(at('windows.iso'))
    const grown = new Uint8Array(bytes.length + 2048)
    grown.set(bytes)
    const view = new DataView(grown.buffer)
    const seal = (offset: number): void => {
      grown[offset + 4] = 0
      grown[offset + 4] = grown.subarray(offset, offset + 16).reduce((sum, one) => sum + one, 0) & 255
    }
    const main = view.getUint32(256 * 2048 + 20, true) * 2048
    let start = 0
    let blocks = 0
    for (let where = main; view.getUint16(where, true) !== 8; where += 2048) {
      if (view.getUint16(where, true) === 5) {
        start = view.getUint32(where + 188, true)
        blocks = bytes.length / 2048 - start
        view.setUint32(where + 192, blocks + 1, true)
      }
    }
    for (let where = main; view.getUint16(where, true) !== 8; where += 2048) {
      if (view.getUint16(where, true) !== 6) continue
      // A second map after that of the partition itself; the file set is found through it.
      grown.set([2, 64, 0, 0, 0, ...Buffer.from('*UDF Metadata Partition')], where + 446)
      view.setUint16(where + 446 + 36, 1, true)
      view.setUint16(where + 446 + 38, 0, true)
      view.setUint32(where + 446 + 40, blocks, true)
      view.setUint32(where + 264, 70, true)
      view.setUint32(where + 268, 2, true)
      view.setUint16(where + 248 + 8, 1, true)
    }
    const entry = (start + blocks) * 2048
    view.setUint16(entry, 261, true)
    grown[entry + 27] = 250
    const cut = Math.floor(blocks / 2)
    view.setBigUint64(entry + 56, BigInt(blocks * 2048), true)
    view.setUint32(entry + 172, 16, true)
    for (const [index, [from, count]] of [
      [0, cut],
      [cut, blocks - cut],
    ].entries()) {
      view.setUint32(entry + 176 + index * 8, count! * 2048, true)
      view.setUint32(entry + 180 + index * 8, from!, true)
    }
    seal(entry)
    // The root folder is named through it as well.
    const set = start * 2048
    for (let where = set; where < set + 4 * 2048; where += 2048)
      if (view.getUint16(where, true) === 256) view.setUint16(where + 408, 1, true)
    const iso = (await isoOf(grown.length, readBytes(grown)))!
    expect(iso.image).toMatchObject({ problems: [], tree: { format: 'UDF' } })
    expect(hashOf(await contentOf((await find(iso, 'boot/vmlinuz'))!, iso.read))).toBe(hashOf(readFileSync(at('src', 'boot', 'VMLinuz')))) // prettier-ignore
    // Where the file that holds them is gone, so is everything.
    view.setUint16(entry, 0, true)
    expect((await isoOf(grown.length, readBytes(grown)))!.image).toMatchObject({ problems: ['metadata is not where its UDF says'], tree: { format: 'Joliet' } }) // prettier-ignore
  })

  test('a file in several extents is one file', async () => {
    mkdirSync(at('pieces'))
    const parts = [randomBytes(4096), randomBytes(5000)]
    for (const [index, part] of parts.entries()) writeFileSync(at('pieces', `PART${index}`), part)
    run('genisoimage', '-o', at('pieces.iso'), 'pieces')
    const bytes = readFileSync(at('pieces.iso'))
    // As files of 4 GiB and more are recorded (ECMA-119 section 9.1.6): two records of one name, the first says that there is more.
    const first = bytes.indexOf('PART0.;1')
    bytes[first - 33 + 25]! |= 0x80
    bytes.write('PART0.;1', bytes.indexOf('PART1.;1'))
    const iso = (await isoOf(bytes.length, readBytes(bytes)))!
    const node = (await find(iso, 'part0'))!
    expect(node.size).toBe(9096)
    expect(hashOf(await contentOf(node, iso.read))).toBe(hashOf(Buffer.concat(parts)))
    expect((await everything(iso)).size).toBe(1)
  })

  describe('hostile images', () => {
    const images = (): Buffer[] =>
      ['xorriso.iso', 'windows.iso', 'joliet.iso', 'bootable.iso'].map((name) => readFileSync(at(name)))
    /** Everything that can be asked of an image, and nothing but an IsoError comes of it. */
    async function ask(bytes: Uint8Array): Promise<string> {
      try {
        const iso = await isoOf(bytes.length, readBytes(bytes))
        if (!iso) return 'none'
        const waiting = [iso.image.tree.root]
        for (let count = 0; count < 40; count++) {
          const next = waiting.pop()
          if (!next) break
          for (const node of await iso.image.tree.list(next, iso.read)) {
            expect(node.size).toBeGreaterThanOrEqual(0)
            expect(node.extents.length).toBeLessThanOrEqual(1026)
            if (node.problem === undefined)
              for (const one of node.extents) expect(one.offset + one.bytes).toBeLessThanOrEqual(bytes.length)
            if (node.kind === 'folder') waiting.push(node)
          }
        }
        await find(iso, 'kernel')
        return 'read'
      } catch (error) {
        if (error instanceof IsoError) return 'refused'
        throw error
      }
    }

    test('changed bytes of descriptors and folders are refused or read, nothing else', async () => {
      const originals = images()
      const outcomes = new Set<string>()
      const change = fc.record({ sector: fc.nat(200), offset: fc.nat(300), value: fc.integer({ min: 0, max: 255 }) }) // prettier-ignore
      await fc.assert(
        fc.asyncProperty(fc.nat(3), fc.array(change, { minLength: 1, maxLength: 40 }), async (which, changes) => {
          const bytes = new Uint8Array(originals[which]!)
          // Where descriptors are: content is left out, which says nothing.
          const places: number[] = []
          for (let sector = 16; sector < bytes.length / 2048; sector++)
            if (sector < 24 || (sector >= 30 && sector < 60) || (sector >= 256 && sector < 300))
              places.push(sector * 2048)
          for (const { sector, offset, value } of changes) bytes[places[sector % places.length]! + offset] = value
          outcomes.add(await ask(bytes))
        }),
        { numRuns: 120, seed: 20261126 },
      )
      expect([...outcomes].toSorted()).toEqual(['none', 'read', 'refused'])
    })

    test('it may end anywhere', async () => {
      const [image] = images()
      for (let length = 0; length < 200_000; length += 4001) await ask(image!.subarray(0, length))
    })

    test('a folder that claims to be as large as the disk is not read', async () => {
      const [image] = images()
      const bytes = new Uint8Array(image!)
      bytes.set([0xff, 0xff, 0xff, 0xff], 16 * 2048 + 156 + 10)
      const iso = (await isoOf(bytes.length, readBytes(bytes)))!
      await expect(iso.image.tree.list(iso.image.tree.root, iso.read)).rejects.toThrow(
        'claims to have 4294967295 bytes',
      )
    })
  })
})

describeWith(['mkudffs'], 'UDF of other revisions', () => {
  withSources()

  test.each(['1.02', '1.50', '2.01'])('%s, as mkudffs makes it', async (revision) => {
    const file = at(`udf-${revision}.img`)
    writeFileSync(file, '')
    truncateSync(file, 8 << 20)
    run('mkudffs', '--utf8', '-b', '2048', `--udfrev=${revision}`, '--label=Größe', file)
    await withIso(file, async (iso) => {
      expect(iso.image).toMatchObject({ problems: [], tree: { format: 'UDF', label: 'Größe' } })
      expect([...(await everything(iso)).keys()]).toEqual([])
    })
  })

  test.each([
    ['--vat', '*UDF Virtual Partition'],
    ['--spartable', '*UDF Sparable Partition'],
  ])('%s is told as not known', async (option, name) => {
    const file = at(`udf${option}.img`)
    writeFileSync(file, '')
    truncateSync(file, 64 << 20)
    run('mkudffs', ...(option === '--vat' ? ['--media-type=cdr'] : ['--media-type=cdrw']), '-b', '2048', file)
    await expect(withIso(file, everything)).rejects.toThrow(`its UDF has a partition of a kind that is not known here (${name})`) // prettier-ignore
  })
})

test('what is no image is none', async () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(40_000), randomBytes(100_000)])
    expect(await isoOf(bytes.length, readBytes(bytes))).toBeUndefined()
})
