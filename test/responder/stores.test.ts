import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TransferEvent } from '#shared/contract/events.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { BootFolder, segmentsOf, type BootFile } from '../../src/main/responder/boot-folder.ts'
import { parseRange } from '../../src/main/responder/http-boot.ts'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { FileCache } from '../../src/main/responder/tftp/file-cache.ts'
import { TftpService } from '../../src/main/responder/tftp/service.ts'
import type { UdpPort } from '../../src/main/responder/udp-port.ts'
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

  test('a name in another letter case is found as soon as it is there, and gone with its file', async () => {
    put('sub/one.cfg')
    expect(await ask('sub/TWO.cfg')).toBe('not-found')
    put('sub/two.cfg')
    expect(await ask('sub/TWO.cfg')).toBe('sub/two.cfg')
    const folder = await BootFolder.open(join(root, 'boot'))
    for (const expected of [true, false]) {
      const found = await folder.openFile('SUB/ONE.CFG')
      expect(found.ok).toBe(expected)
      if (found.ok) await found.handle.close()
      rmSync(join(root, 'boot/sub/one.cfg'), { force: true })
      // As it is on disks that tell whole seconds: the listing of before is none of now.
      utimesSync(join(root, 'boot/sub'), 1e9, 1e9)
    }
  })

  test('a Raspberry Pi without a folder of its own gets the files of all of them', async () => {
    for (const name of ['pi/start4.elf', 'pi/bootcode.bin', 'pi/overlays/a.dtbo', '0a1b2c3d/start4.elf', 'grub/x.cfg']) put(name) // prettier-ignore
    const asking = async (folder: BootFolder, name: string): Promise<string> => {
      const found = await folder.openFile(name)
      if (found.ok) await found.handle.close()
      return found.ok ? found.name : found.code
    }
    const folder = await BootFolder.open(join(root, 'boot'), 'pi')
    for (const [name, expected] of [
      ['11223344/start4.elf', 'pi/start4.elf'],
      ['dc-a6-32-00-00-01/start4.elf', 'pi/start4.elf'],
      ['11223344\\overlays/A.dtbo', 'pi/overlays/a.dtbo'],
      ['bootcode.bin', 'pi/bootcode.bin'],
      // With a folder of its own it has what is there.
      ['0A1B2C3D/start4.elf', '0a1b2c3d/start4.elf'],
      ['0a1b2c3d/bootcode.bin', 'not-found'],
      // Nobody else is led there.
      ['start4.elf', 'not-found'],
      ['grub/start4.elf', 'not-found'],
      ['11223344/none', 'not-found'],
      ['11223344/../grub/x.cfg', 'forbidden'],
    ] as const)
      expect([name, await asking(folder, name)]).toEqual([name, expected])
    mkdirSync(join(root, 'boot/11223344'))
    expect(await asking(folder, '11223344/start4.elf')).toBe('not-found')
    expect(await asking(await BootFolder.open(join(root, 'boot')), 'bootcode.bin')).toBe('not-found')
  })

  test('names that are not there cost no reading of the folder each', async () => {
    mkdirSync(join(root, 'boot/many'), { recursive: true })
    for (let at = 0; at < 5000; at++) writeFileSync(join(root, 'boot/many', `01-52-54-00-${at}`), '')
    utimesSync(join(root, 'boot/many'), 1e9, 1e9)
    const folder = await BootFolder.open(join(root, 'boot'))
    const costOf = async (names: readonly string[]): Promise<number> => {
      const before = process.cpuUsage()
      await Promise.all(
        names.map(async (name) => expect(await folder.openFile(name)).toMatchObject({ code: 'not-found' })),
      )
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const one = await costOf(['many/first'])
    expect(await costOf(Array.from({ length: 600 }, (_, at) => `many/absent-${at}`))).toBeLessThan(100 * one)
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

test('a hundred transfers of one text in netascii do not take a hundred texts of memory', () => {
  writeFileSync(join(root, 'large.txt'), Buffer.alloc(4 * 1024 * 1024, 'a line of text\n'))
  const descriptor = openSync(join(root, 'large.txt'), 'r')
  const cache = new FileCache()
  const before = process.memoryUsage().arrayBuffers
  const sources = Array.from({ length: 100 }, () => cache.openNetascii(descriptor, 4 * 1024 * 1024))
  const block = new Uint8Array(512)
  for (const source of sources) expect(source.read(source.size - 512, block)).toBe(512)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024)
  closeSync(descriptor)
})

test('of requests whose files are still being looked for no more than a bound are kept', async () => {
  let goOn = (): void => {}
  const waiting = new Promise<void>((resolve) => (goOn = resolve))
  const told: TransferEvent[] = []
  const sent: Uint8Array[] = []
  const openFile = async (): Promise<BootFile> => {
    await waiting
    return { ok: false, code: 'not-found', reason: 'there is no such file' }
  }
  const settings = { maxBlockSize: 1468, maxWindowSize: 64, maxTransfers: 8, maxTransfersPerClient: 8, ports: null, singlePort: false, upload: undefined, maxUploadBytes: 1 } // prettier-ignore
  const service = new TftpService(settings, { openFile }, (event) => void told.push(event))
  const port = { asked: 0x7f000001, send: (payload: Uint8Array) => void sent.push(payload) } as unknown as UdpPort
  const ask = (client: number): void =>
    void service.receive(encodeTftp({ kind: 'rrq', filename: 'a', mode: 'octet', options: [] }), { address: client, port: 2000 }, port) // prettier-ignore
  for (let client = 1; client <= 2000; client++) ask(client)
  expect(told).toHaveLength(976)
  expect(told[0]).toEqual({ type: 'transfer-deferred', client: '0.0.4.1', reason: '1024 files are being looked for already' }) // prettier-ignore
  goOn()
  await vi.waitUntil(() => sent.length >= 1024, 60_000)
  ask(3000)
  await vi.waitUntil(() => sent.length === 1025, 60_000)
  await service.close()
})
