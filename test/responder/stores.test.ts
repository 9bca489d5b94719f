import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { BootFolder, segmentsOf } from '../../src/main/responder/boot-folder.ts'
import { parseRange } from '../../src/main/responder/http-boot.ts'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { FileCache } from '../../src/main/responder/tftp/file-cache.ts'
import { openSync, closeSync } from 'node:fs'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const lease = (address: number, more: Partial<Lease> = {}): Lease => ({
  address, key: `1-${address}`, mac: '52:54:00:00:00:01', uuid: undefined, hostname: undefined, architecture: 7, state: 'bound', since: 1, until: 5000.5, ...more,
}) // prettier-ignore

describe('the lease store', () => {
  const file = (): string => join(root, 'state', 'leases.sqlite')

  test('keeps what was committed, the newest of each address', () => {
    const first = LeaseStore.open(file(), new Date(0), 'lab.yaml')
    first.store.commit([lease(1), lease(2, { until: Infinity, hostname: 'bench', uuid: 'u' })])
    first.store.commit([lease(1, { state: 'released' })])
    first.store.close()
    const { leases, setAside, store } = LeaseStore.open(file(), new Date(0), 'lab.yaml')
    store.close()
    expect(setAside).toBeUndefined()
    expect(leases).toEqual([
      lease(1, { state: 'released' }),
      lease(2, { until: Infinity, hostname: 'bench', uuid: 'u' }),
    ])
  })

  test('a failed commit leaves nothing of itself', () => {
    const { store } = LeaseStore.open(file(), new Date(0), 'lab.yaml')
    expect(() => store.commit([lease(1), { ...lease(2), mac: undefined as never }])).toThrow()
    store.commit([lease(3)])
    store.close()
    const again = LeaseStore.open(file(), new Date(0), 'lab.yaml')
    again.store.close()
    expect(again.leases.map((one) => one.address)).toEqual([3])
  })

  test.each([
    ['rubbish', Buffer.alloc(5000, 'x')],
    ['a torn page', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(9000, 7)])],
  ])('%s is put aside, kept, and replaced', (_name, bytes) => {
    mkdirSync(join(root, 'state'))
    writeFileSync(file(), bytes)
    const { leases, setAside, store } = LeaseStore.open(file(), new Date(0), 'lab.yaml')
    store.commit([lease(1)])
    store.close()
    expect(leases).toEqual([])
    expect(setAside?.file).toBe(`${file()}.damaged-1970-01-01T000000.000Z`)
    expect(readdirSync(join(root, 'state'))).toContain('leases.sqlite.damaged-1970-01-01T000000.000Z')
  })
})

describe('the boot folder', () => {
  const put = (name: string, text = name): void => {
    mkdirSync(join(root, 'boot', name, '..'), { recursive: true })
    writeFileSync(join(root, 'boot', name), text)
  }
  const ask = async (name: string): Promise<string> => {
    const folder = await BootFolder.open(join(root, 'boot'))
    const found = await folder.openFile(name)
    if (!found.ok) return found.code
    const text = await found.handle.readFile('utf8')
    await found.handle.close()
    return text
  }

  test('finds what Windows clients mean', async () => {
    put('Boot/x64/wdsmgfw.efi')
    for (const name of [
      'Boot/x64/wdsmgfw.efi',
      '\\boot\\x64\\WDSMGFW.EFI',
      '/boot//x64/wdsmgfw.efi',
      'boot\\x64/./wdsmgfw.efi',
    ])
      expect(await ask(name)).toBe('Boot/x64/wdsmgfw.efi')
  })

  test('an exact spelling goes before a similar one', async () => {
    put('a.cfg')
    put('A.cfg')
    expect(await ask('A.cfg')).toBe('A.cfg')
    expect(await ask('a.CFG')).toBe('A.cfg')
  })

  // Windows lets administrators make links and few others; `test/windows` finds them made.
  test.skipIf(process.platform === 'win32')(
    'a link inside is followed, and one that leads outside is not',
    async () => {
      put('inside.txt')
      writeFileSync(join(root, 'secret'), 'secret')
      symlinkSync(join(root, 'secret'), join(root, 'boot', 'link'))
      symlinkSync(root, join(root, 'boot', 'folder'))
      symlinkSync('inside.txt', join(root, 'boot', 'fine'))
      expect(await ask('fine')).toBe('inside.txt')
      for (const name of ['folder/secret', 'FOLDER\\SECRET', 'link', 'LINK'])
        expect(['not-found', 'forbidden'], name).toContain(await ask(name))
    },
  )

  test('no spelling or device leads outside', async () => {
    put('inside.txt')
    writeFileSync(join(root, 'secret'), 'secret')
    const hostile = [
      '..', '../secret', '..\\secret', 'x/../../secret', '%2e%2e/secret', '....//secret', '/etc/passwd', '\\\\server\\share\\x',
      'C:\\secret', 'c:secret', '\\\\?\\C:\\secret', '\\\\.\\pipe\\x', 'inside.txt\0.efi', 'con', 'CON.efi', 'a/nul', 'COM1', 'lpt9.txt', '', '/', '.', './', '\\', 'x'.repeat(2000), '../boot/../secret',
    ] // prettier-ignore
    for (const name of hostile)
      expect(['not-found', 'forbidden', 'folder'], JSON.stringify(name)).toContain(await ask(name))
  })

  test('whatever is asked for, only what is inside is served', async () => {
    put('a/b.txt', 'inside')
    writeFileSync(join(root, 'secret'), 'secret')
    const part = fc.constantFrom(
      '..',
      '.',
      'a',
      'A',
      'b.txt',
      'secret',
      '/',
      '\\',
      '//',
      '\\..\\',
      'boot',
      '\0',
      ':',
      ' ',
      '%2e',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        expect(['inside', 'not-found', 'forbidden', 'folder']).toContain(await ask(parts.join('')))
      }),
      { numRuns: 300 },
    )
    expect(segmentsOf('a/../b')).toBe('the name leads out of the folder')
  })
})

test('blocks come from the cache as they are in the file, until the file changes', () => {
  const path = join(root, 'file')
  const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 9)) & 255))
  writeFileSync(path, bytes)
  const descriptor = openSync(path, 'r')
  const cache = new FileCache()
  const source = cache.open(descriptor, bytes.length)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 70_000 }), (offset, length) => {
      const wanted = bytes.subarray(offset, offset + length)
      const target = new Uint8Array(wanted.length)
      expect(source.read(offset, target)).toBe(wanted.length)
      expect(Buffer.compare(target, wanted)).toBe(0)
    }),
  )
  writeFileSync(path, bytes.fill(1))
  const fresh = new FileCache().open(descriptor, bytes.length)
  expect(fresh.read(0, new Uint8Array(10))).toBe(10)
  writeFileSync(path, 'short')
  expect(fresh.read(250_000, new Uint8Array(10))).toBeUndefined()
  closeSync(descriptor)
})

test.each([
  [undefined, undefined],
  ['bytes=0-4', { start: 0, end: 4 }],
  ['bytes=5-', { start: 5, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=90-200', { start: 90, end: 99 }],
  ['bytes=100-', 'none'],
  ['bytes=5-4', 'none'],
  ['bytes=-', undefined],
  ['lines=1-2', undefined],
])('range %s of 100 bytes', (header, expected) => expect(parseRange(header, 100)).toEqual(expected))
