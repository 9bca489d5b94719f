import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { calls } from '#shared/contract/calls.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { keepAside } from '../../src/main/files/aside.ts'
import { FilesRoom } from '../../src/main/backend/files-room.ts'
import { fixture } from '../helpers/fixtures.ts'

let folder: string
let root: string
let aside: string | undefined
let room: FilesRoom
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-files-'))
  root = join(folder, 'boot')
  mkdirSync(root)
  aside = join(folder, 'replaced')
  room = new FilesRoom({ lab: () => ({ lab: labSchema.parse({ interface: 'eth0' }), root }), aside: () => aside })
})
afterEach(() => {
  room.close()
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

async function add(name: string, pieces: readonly Uint8Array[], replaces = false): Promise<readonly string[]> {
  const size = pieces.reduce((sum, one) => sum + one.length, 0)
  const { id } = await room.handlers['files.begin']({ name, size, replaces })
  for (const piece of pieces) await room.handlers['files.append']({ id, base64: base64(piece) })
  return (await room.handlers['files.finish']({ id })).files.map((one) => one.name)
}

describe('a file for the boot folder', () => {
  test('comes in pieces and is there whole, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (pieces) => {
        await add('a/b/file.bin', pieces, true)
        expect(new Uint8Array(readFileSync(join(root, 'a/b/file.bin')))).toEqual(new Uint8Array(Buffer.concat(pieces)))
        expect(readdirSync(join(root, 'a/b'))).toEqual(['file.bin'])
      }),
      { numRuns: 30 },
    )
  })

  test('takes the place of another only when that is meant', async () => {
    writeFileSync(join(root, 'one'), 'old')
    await expect(add('one', [Buffer.from('new')])).rejects.toMatchObject({
      message: 'one is already in the boot folder',
    })
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('old')
    expect(await add('one', [Buffer.from('new')], true)).toEqual(['one'])
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('new')
  })

  test('that is replaced is kept, and put back as it was, once and in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), async (first, second) => {
        await add('a/one', [first], true)
        const kept = await room.handlers['files.keep']({ name: 'a/one' })
        await add('a/one', [second], true)
        const again = await room.handlers['files.keep']({ name: 'a/one' })
        await add('a/one', [], true)
        await room.handlers['files.restore']({ name: 'a/one', id: kept.id! })
        expect(new Uint8Array(readFileSync(join(root, 'a/one')))).toEqual(first)
        await room.handlers['files.restore']({ name: 'a/one', id: again.id! })
        expect(new Uint8Array(readFileSync(join(root, 'a/one')))).toEqual(second)
        expect(readdirSync(join(root, 'a'))).toEqual(['one'])
      }),
      { numRuns: 10 },
    )
    await expect(room.handlers['files.restore']({ name: 'a/one', id: 'gone' })).rejects.toThrow('a/one')
  })

  test('cannot be kept where it is a folder, a link, not there, or the lab has no state folder', async () => {
    mkdirSync(join(root, 'folder'))
    writeFileSync(join(folder, 'secret'), 'x')
    symlinkSync(join(folder, 'secret'), join(root, 'link'))
    for (const name of ['folder', 'link', 'gone', '../secret'])
      expect(await room.handlers['files.keep']({ name }), name).toEqual({ id: null })
    writeFileSync(join(root, 'one'), 'old')
    aside = undefined
    expect(await room.handlers['files.keep']({ name: 'one' })).toEqual({ id: null })
  })

  test('is copied where it can have no second name', async () => {
    const bytes = Buffer.alloc(3_000_000, 'boot')
    writeFileSync(join(root, 'one'), bytes)
    const handle = await open(join(root, 'one'))
    const id = await keepAside(handle, join(root, 'elsewhere'), aside!)
    await handle.close()
    expect(readFileSync(join(aside!, id!)).equals(bytes)).toBe(true)
    await add('one', [Buffer.from('new')], true)
    await room.handlers['files.restore']({ name: 'one', id: id! })
    expect(readFileSync(join(root, 'one')).equals(bytes)).toBe(true)
  })

  test('that another was faster with is told, and nothing is left', async () => {
    const { id } = await room.handlers['files.begin']({ name: 'one', size: 3, replaces: false })
    await room.handlers['files.append']({ id, base64: base64(Buffer.from('new')) })
    writeFileSync(join(root, 'one'), 'other')
    await expect(room.handlers['files.finish']({ id })).rejects.toMatchObject({ message: expect.stringContaining('in the meantime') as string }) // prettier-ignore
    expect(readdirSync(root)).toEqual(['one'])
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('other')
  })

  test.each(['../up', 'a/../../up', '/etc/passwd/..', 'C:\\x', 'con', '.', ''])('is never called %j', async (name) => {
    await expect(add(name, [])).rejects.toMatchObject({ remedy: 'Rename the file and add it again.' })
    expect(readdirSync(folder)).toEqual(['boot'])
  })

  test('goes through no link that leads out, nor makes a folder there', async () => {
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), join(root, 'link'))
    await expect(add('link/file', [])).rejects.toThrow('link/file')
    await expect(add('link/deep/file', [])).rejects.toThrow('link/deep/file')
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  test('whose name is a link that leads nowhere, or a folder, is refused before a byte of it comes', async () => {
    symlinkSync('nothing', join(root, 'dangling'))
    mkdirSync(join(root, 'folder'))
    const begin = (name: string, replaces: boolean) => room.handlers['files.begin']({ name, size: 3, replaces })
    await expect(begin('dangling', false)).rejects.toMatchObject({
      message: 'dangling is a link in the boot folder that leads nowhere',
      remedy: 'Replace it, or give the file another name.',
    })
    for (const replaces of [false, true])
      await expect(begin('folder', replaces)).rejects.toMatchObject({
        message: 'folder is a folder in the boot folder',
      })
    expect(readdirSync(root)).toEqual(['dangling', 'folder'])
    await add('dangling', [Buffer.from('new')], true)
    expect(readFileSync(join(root, 'dangling'), 'utf8')).toBe('new')
    expect(readdirSync(root)).toEqual(['dangling', 'folder'])
  })

  test('that comes short, too long, or not to its end leaves nothing', async () => {
    const { id } = await room.handlers['files.begin']({ name: 'short', size: 10, replaces: false })
    await room.handlers['files.append']({ id, base64: base64(Buffer.from('123')) })
    await expect(room.handlers['files.finish']({ id })).rejects.toThrow('3 of its 10 bytes came')
    const { id: long } = await room.handlers['files.begin']({ name: 'long', size: 1, replaces: false })
    expect(() => room.handlers['files.append']({ id: long, base64: base64(Buffer.from('123')) })).toThrow('longer than was said') // prettier-ignore
    const { id: given } = await room.handlers['files.begin']({ name: 'given up', size: 1, replaces: false })
    await room.handlers['files.abort']({ id: given })
    expect(() => room.handlers['files.append']({ id: given, base64: '' })).toThrow('no upload of this file')
    await room.handlers['files.begin']({ name: 'open', size: 1, replaces: false })
    room.close()
    expect(readdirSync(root)).toEqual([])
  })

  test('of a window that says nothing any more is let go', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { id } = await room.handlers['files.begin']({ name: 'slow', size: 2, replaces: false })
    await vi.advanceTimersByTimeAsync(50_000)
    await room.handlers['files.append']({ id, base64: base64(Buffer.from('1')) })
    await vi.advanceTimersByTimeAsync(50_000)
    expect(readdirSync(root)).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(readdirSync(root)).toEqual([])
  })

  test('that is larger than the disk is refused before its first byte; so is the seventeenth at once', async () => {
    await expect(room.handlers['files.begin']({ name: 'huge', size: 2 ** 52, replaces: false })).rejects.toThrow('left')
    for (let count = 0; count < 16; count++)
      await room.handlers['files.begin']({ name: `file${count}`, size: 1, replaces: false })
    await expect(room.handlers['files.begin']({ name: 'more', size: 1, replaces: false })).rejects.toThrow('16 files')
  })

  test('in a folder that is not there says so', async () => {
    rmSync(root, { recursive: true })
    await expect(add('one', [])).rejects.toMatchObject({ message: expect.stringContaining('ENOENT') as string })
    expect(existsSync(root)).toBe(false)
    expect((await room.handlers['files.create']({})).exists).toBe(true)
  })
})

test('chains are read of the UEFI programs that rules name, and of no other file', async () => {
  rmSync(root, { recursive: true })
  await expect(room.handlers['files.chains']({})).rejects.toThrow('cannot be read')
  const programs = ['signed.efi', 'signed.efi', 'undionly.kpxe', 'gone.efi'].map((file) => ({ file }))
  const lab = labSchema.parse({ interface: 'eth0', boot: { programs } })
  const own = new FilesRoom({ lab: () => ({ lab, root }), aside: () => undefined })
  mkdirSync(root)
  copyFileSync(fixture('wire/signed.efi'), join(root, 'signed.efi'))
  writeFileSync(join(root, 'undionly.kpxe'), 'no program for UEFI')
  const chains = await own.handlers['files.chains']({})
  expect(calls['files.chains'].reply.parse(chains)).toMatchObject([
    { links: [{ file: 'signed.efi', role: 'program', signers: [{ name: 'Test authority', state: 'valid' }] }] },
  ])
  expect(chains[0]!.verdicts.map((one) => one.starts)).toEqual(Array(6).fill('no'))
  own.close()
})

describe('a text', () => {
  test('is written and read', async () => {
    await room.handlers['files.writeText']({ name: 'menu.ipxe', text: '#!ipxe\nä', replaces: false })
    expect(await room.handlers['files.readText']({ name: 'menu.ipxe' })).toEqual({ text: '#!ipxe\nä' })
    expect((await room.handlers['files.list']({})).files).toMatchObject([{ name: 'menu.ipxe', kind: 'script', peMachine: null }]) // prettier-ignore
  })
  test('that is not there, outside, or too long is told', async () => {
    await expect(room.handlers['files.readText']({ name: 'no.ipxe' })).rejects.toThrow('there is no such file')
    await expect(room.handlers['files.readText']({ name: '../x' })).rejects.toThrow('leads out')
    writeFileSync(join(root, 'BCD'), Uint8Array.of(0x72, 0x65, 0x67, 0x66, 0, 0))
    await expect(room.handlers['files.readText']({ name: 'BCD' })).rejects.toThrow('BCD is not UTF-8 text')
    writeFileSync(join(root, 'big.ipxe'), Buffer.alloc(300_000))
    await expect(room.handlers['files.readText']({ name: 'big.ipxe' })).rejects.toMatchObject({ remedy: 'Open it with an editor.' }) // prettier-ignore
  })
})
