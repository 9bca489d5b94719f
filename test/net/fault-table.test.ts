/**
 * What the system may answer, at each place of this program that asks it: the true cause is told, and afterwards the lab
 * serves. Each cell is a test of this file, a test elsewhere, or why there is nothing to test.
 */
import { textOf } from '#messages/text.ts'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CaptureState } from '#shared/contract/calls.ts'
import { CaptureWriter, listCaptures } from '../../src/main/observe/capture-writer.ts'
import { Journal } from '../../src/main/remedy/journal.ts'
import { LabFile } from '../../src/main/workspace/lab-file.ts'
import { RotatingLog } from '../../src/main/workspace/rotating-log.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { cli, startResponder } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))

type Faults = Readonly<Record<string, string>>
type Cell =
  /** A test elsewhere: its file below `test`, and text that stands in it. */
  | { readonly file: string; readonly says: string }
  /** A case of fault-places.mjs, and what it has to tell. */
  | { readonly place: string; readonly faults: Faults; readonly tells: RegExp }
  /** A test of this file, by its name. */
  | { readonly here: string }
  | { readonly none: string }

const elsewhere = (file: string, says: string): Cell => ({ file, says })
const alone = (place: string, faults: Faults, tells: RegExp): Cell => ({ place, faults, tells })
const here = (name: string): Cell => ({ here: name })
const none = (why: string): Cell => ({ none: why })

const socketFaults = (why: string) => ({ ECONNRESET: none(why), EPIPE: none(why), EADDRINUSE: none(why) }) as const
const aFile = socketFaults('it is a file')
const noPort = none('it has no port of its own')
const timeless = none('nothing in it counts time')
const readsOnly = none('it only reads')
const made = none('it is made where it is missing')

type Fault = 'EIO' | 'ENOSPC' | 'EMFILE' | 'EACCES' | 'ENOENT' | 'ECONNRESET' | 'EPIPE' | 'EADDRINUSE' | 'full disk' | 'clock jump' // prettier-ignore
const database = { in: 'leases.sqlite' }
const lock = { in: 'lock.sqlite' }
const remedies = { in: 'remedies' }
const logs = { in: 'logs' }
const page = { in: 'index.html' }

const table: Readonly<Record<string, Readonly<Record<Fault, Cell>>>> = {
  'lease store': {
    EIO: here('lease store: an I/O error of the disk'),
    ENOSPC: elsewhere('responder/lease-store.test.ts', 'that is full: refused, and sound afterwards'),
    EMFILE: alone('leases', { open: 'EMFILE', ...database }, /too many open files \(EMFILE\)\. Raise the limit/),
    EACCES: alone(
      'leases',
      { open: 'EACCES', ...database },
      /access is denied \(EACCES\)\. Give the user of the lab access/,
    ),
    ENOENT: elsewhere('net/responder-faults.test.ts', 'a state folder that goes while the lab runs'),
    ...aFile,
    'full disk': elsewhere('net/responder-faults.test.ts', 'the true cause is told, nothing is told that was not sent'),
    'clock jump': elsewhere('responder/clock-jump.test.ts', 'a clock that jumps %s'),
  },
  'state lock': {
    EIO: alone('lock', { open: 'EIO', ...lock }, /the disk reports an error \(EIO\)\. Check the disk/),
    ENOSPC: alone('lock', { open: 'ENOSPC', ...lock }, /the disk is full \(ENOSPC\)\. Free some space/),
    EMFILE: alone('lock', { open: 'EMFILE', ...lock }, /too many open files \(EMFILE\)\. Raise the limit/),
    EACCES: alone('lock', { open: 'EACCES', ...lock }, /access is denied \(EACCES\)\. Give the user of the lab access/),
    ENOENT: made,
    ...aFile,
    'full disk': elsewhere('responder/lease-store.test.ts', 'that is full: refused, and sound afterwards'),
    'clock jump': timeless,
  },
  journal: {
    EIO: alone('journal', { sync: 'EIO', ...remedies }, /\(EIO\), and nothing is changed without one\. Check the disk/),
    ENOSPC: alone('journal', { write: 'ENOSPC', ...remedies }, /\(ENOSPC\), and nothing is changed without one\. Free some space/), // prettier-ignore
    EMFILE: alone('journal', { open: 'EMFILE', ...remedies }, /\(EMFILE\), and nothing is changed without one\. End programs/), // prettier-ignore
    EACCES: alone('journal', { open: 'EACCES', ...remedies }, /\(EACCES\), and nothing is changed without one\. Choose a folder/), // prettier-ignore
    ENOENT: made,
    ...aFile,
    'full disk': here('a disk that is full: journal'),
    'clock jump': timeless,
  },
  'lab file': {
    EIO: here('lab file: reading fails with EIO'),
    ENOSPC: here('lab file: writing fails with ENOSPC'),
    EMFILE: here('lab file: reading fails with EMFILE'),
    EACCES: here('lab file: reading fails with EACCES'),
    ENOENT: elsewhere('responder/lab-live.test.ts', 'goes away, and comes back'),
    ...aFile,
    'full disk': here('a disk that is full: lab file'),
    'clock jump': none('what changed is seen by more than its time, and its time is compared with itself'),
  },
  captures: {
    EIO: here('captures: write fails with EIO'),
    ENOSPC: elsewhere('net/capture.test.ts', 'the capture cannot be written \\(ENOSPC\\)'),
    EMFILE: here('captures: open fails with EMFILE'),
    EACCES: here('captures: open fails with EACCES'),
    ENOENT: elsewhere('net/capture.test.ts', 'a file that is deleted while it is written is followed by another'),
    ECONNRESET: none('the tool that captures writes into a pipe'),
    EPIPE: none('nothing is written to the tool that captures'),
    EADDRINUSE: noPort,
    'full disk': here('a disk that is full: captures'),
    'clock jump': none('frames carry the time of the kernel, and two files of one second have two names'),
  },
  uploads: {
    EIO: elsewhere('net/hostile.test.ts', "['write', 'EIO']"),
    ENOSPC: elsewhere('net/hostile.test.ts', "['write', 'ENOSPC']"),
    EMFILE: here('uploads: open fails with EMFILE'),
    EACCES: elsewhere('net/hostile.test.ts', "['open', 'EACCES'],"),
    ENOENT: here('uploads: the folder is gone'),
    ECONNRESET: none('UDP has no connection that is reset'),
    EPIPE: none('UDP has no connection that is closed'),
    EADDRINUSE: none('each transfer takes any port that is free'),
    'full disk': here('uploads: the disk is full'),
    'clock jump': none('transfers count monotonic time'),
  },
  'TFTP reads': {
    EIO: elsewhere('net/hostile.test.ts', "['read', 'EIO', 'tftp'"),
    ENOSPC: readsOnly,
    EMFILE: elsewhere('net/hostile.test.ts', 'EMFILE over TFTP passes by itself'),
    EACCES: elsewhere('net/hostile.test.ts', "['open', 'EACCES', 'tftp'"),
    ENOENT: elsewhere('net/hostile.test.ts', "['open', 'ENOENT', 'tftp'"),
    ECONNRESET: here('TFTP reads: a client that closes its port'),
    EPIPE: none('UDP has no connection that is closed'),
    EADDRINUSE: none('each transfer takes any port that is free'),
    'full disk': readsOnly,
    'clock jump': none('transfers count monotonic time'),
  },
  'HTTP reads': {
    EIO: elsewhere('net/hostile.test.ts', "['read', 'EIO', 'http'"),
    ENOSPC: readsOnly,
    EMFILE: elsewhere('net/hostile.test.ts', "['open', 'EMFILE', 'http'"),
    EACCES: elsewhere('net/hostile.test.ts', "['open', 'EACCES', 'http'"),
    ENOENT: here('HTTP reads: a file that is not there'),
    ECONNRESET: elsewhere('responder/http-boot.test.ts', 'resets at any moment, headers without end'),
    EPIPE: elsewhere('responder/hostile-sockets.test.ts', 'outlives what comes under seed'),
    EADDRINUSE: here('HTTP reads: a port that is taken'),
    'full disk': readsOnly,
    'clock jump': none('waits count monotonic time'),
  },
  'web server': {
    EIO: alone('web', { read: 'EIO', ...page }, /^EIO/),
    ENOSPC: readsOnly,
    EMFILE: alone('web', { open: 'EMFILE', ...page }, /^EMFILE/),
    EACCES: alone('web', { open: 'EACCES', ...page }, /^EACCES/),
    ENOENT: alone('web', { code: 'ENOENT' }, /^ENOENT.*index\.html/),
    ECONNRESET: alone('web', { code: 'ECONNRESET' }, /^0 files stay open$/),
    EPIPE: alone('web', { code: 'EPIPE' }, /^0 files stay open$/),
    EADDRINUSE: alone('web', { code: 'EADDRINUSE' }, /EADDRINUSE/),
    'full disk': readsOnly,
    'clock jump': none('a session lasts as long as the process'),
  },
  'UDP ports': {
    EIO: none('sockets report no such error'),
    ENOSPC: none('they need no disk'),
    EMFILE: elsewhere('net/responder-faults.test.ts', 'no descriptor left: files are refused with the cause'),
    EACCES: here('UDP ports: a user who may not open them'),
    ENOENT: none('sockets report no such error'),
    ECONNRESET: elsewhere('responder/hostile-sockets.test.ts', 'outlives what comes under seed'),
    EPIPE: elsewhere('net/responder-faults.test.ts', 'an answer that this machine does not let out'),
    EADDRINUSE: elsewhere('net/responder.test.ts', 'a taken port is told with its holder and a remedy'),
    'full disk': none('they need no disk'),
    'clock jump': elsewhere('responder/clock-jump.test.ts', 'a clock that jumps %s'),
  },
  'log files': {
    EIO: alone('log', { write: 'EIO', ...logs }, /cannot be written: .*EIO/),
    ENOSPC: alone('log', { write: 'ENOSPC', ...logs }, /cannot be written: .*ENOSPC/),
    EMFILE: alone('log', { write: 'EMFILE', ...logs }, /cannot be written: .*EMFILE/),
    EACCES: alone('log', { write: 'EACCES', ...logs }, /cannot be written: .*EACCES/),
    ENOENT: alone('log', { write: 'ENOENT', ...logs }, /cannot be written: .*ENOENT/),
    ...aFile,
    'full disk': here('a disk that is full: log'),
    'clock jump': none('its lines carry the time they are given'),
  },
}

const cells = Object.entries(table).flatMap(([place, row]) =>
  Object.entries(row).map(([fault, cell]) => ({ name: `${place}: ${fault}`, cell })),
)

test('every cell names a test that is there', () => {
  const own = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\ndescribe')
  const text = (file: string): string => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')
  const missing = cells.filter(({ cell }) => {
    if ('file' in cell) return !text(cell.file).includes(cell.says)
    if (!('here' in cell)) return false
    // Rows of a table are spelt with the place before them.
    const [, row = ''] = cell.here.split(': ')
    return !own.slice(1).some((part) => part.includes(`'${cell.here}'`) || part.includes(`row: '${row}'`))
  })
  expect(missing.map((one) => one.name)).toEqual([])
})

describeWith(['ip'], 'a fault in one place', () => {
  const cases = cells.flatMap(({ name, cell }) => ('place' in cell ? [{ name, ...cell }] : []))
  let results: { told: string; serves: boolean }[]
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
    try {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [
          '--import',
          pathToFileURL(helper('faulty-files.mjs')).href,
          helper('fault-places.mjs'),
          folder,
          JSON.stringify(cases),
        ],
        { encoding: 'utf8', timeout: 60_000, env: { ...process.env, FAULTS_FILE: join(folder, 'faults'), FAULTS_UNDER: folder } }, // prettier-ignore
      )
      // It ends before it has told anything where a fault ends the process.
      expect(stdout, stderr).not.toBe('')
      results = JSON.parse(stdout) as typeof results
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test.each(cases.map((one, at) => [one.name, at] as const))('%s', (_name, at) => {
    expect(results[at]!.told).toMatch(cases[at]!.tells)
    expect(results[at]!.serves).toBe(true)
  })
})

describeWith(['root', 'mount'], 'a disk that is full', () => {
  let disk: string
  const at = (name: string): string => join(disk, name)
  const fill = (): void => void spawnSync('dd', ['if=/dev/zero', `of=${at('fill')}`, 'bs=1k', 'count=1000'])
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk])
  })
  afterEach(() => {
    vi.restoreAllMocks()
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  test('a disk that is full: lab file', async () => {
    const file = new LabFile(at('lab.yaml'))
    await file.write('interface: lo\n')
    fill()
    await expect(file.write(`interface: lo\n# ${'x'.repeat(9000)}\n`)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(readFileSync(file.path, 'utf8')).toBe('interface: lo\n')
    expect(readdirSync(disk).sort()).toEqual(['fill', 'lab.yaml'])
    rmSync(at('fill'))
    await file.write('interface: eth0\n')
    expect(await file.readText()).toBe('interface: eth0\n')
  })

  test('a disk that is full: journal', async () => {
    const journal = new Journal(at('remedies'))
    const record = { id: journal.newId(), title: 'x'.repeat(9000) }
    fill()
    await expect(journal.write(record as never)).rejects.toMatchObject({
      message: expect.stringContaining('(ENOSPC), and nothing is changed without one'),
      remedy: 'Free some space on that disk.',
    })
    rmSync(at('fill'))
    await journal.write(record as never)
    expect(readdirSync(at('remedies'))).toEqual([`${record.id}.json`])
  })

  test('a disk that is full: captures', () => {
    const writer = new CaptureWriter(at('captures'), [{ linkType: 1, name: 'eth0' }])
    const frame = { interface: 0, seconds: 1_700_000_000, nanoseconds: 0, bytes: new Uint8Array(9000) }
    writer.write(frame)
    fill()
    expect(() => {
      writer.write(frame)
      writer.write(frame)
    }).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    writer.close()
    rmSync(at('fill'))
    const next = new CaptureWriter(at('captures'), [{ linkType: 1, name: 'eth0' }])
    next.write(frame)
    next.close()
    expect(listCaptures(at('captures'))).toHaveLength(2)
  })

  test('a disk that is full: log', () => {
    const told: unknown[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(text) > 0)
    const log = new RotatingLog({ folder: at('logs'), name: 'lab' })
    log.write(['before'])
    fill()
    log.write(['x'.repeat(9000)])
    log.write(['x'.repeat(9000)])
    rmSync(at('fill'))
    log.write(['after'])
    expect(told).toEqual([expect.stringMatching(/lab\.log cannot be written: .*ENOSPC/)])
    expect(readFileSync(log.path, 'utf8')).toMatch(/before\n[\s\S]*after\n$/)
  })
})

const server = '10.77.0.1'

describeWith(
  ['root', 'ip', 'curl', 'tftp', 'dhclient', 'prlimit', 'setpriv', 'mount', 'dumpcap'],
  'a lab with a fault',
  () => {
    const { network, folder, here: within, there } = labWireForAllTests()

    beforeAll(() => {
      folder
        .write({
          interface: 'srv0',
          mode: 'dhcp',
          allowOtherServers: true,
          runAs: 'root',
          dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.99' }] }] },
          http: { enabled: true, port: 8080 },
          tftp: { upload: './disk/uploads' },
        })
        .put('a.bin', new Uint8Array(100_000).fill(7))
      mkdirSync(disk())
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk()])
      mkdirSync(uploads())
      writeFileSync(join(folder.root, 'give'), 'content '.repeat(40_000))
    })
    afterAll(async () => {
      await network.close()
      execFileSync('umount', ['-l', disk()])
    })

    const disk = (): string => join(folder.root, 'disk')
    const uploads = (): string => join(disk(), 'uploads')
    const fail = (faults: Faults): void => writeFileSync(join(folder.root, 'faults'), JSON.stringify(faults))
    const url = (scheme: string, name: string): string =>
      `${scheme}://${server}${scheme === 'http' ? ':8080' : ''}/${name}`
    const get = async (scheme: string, name = 'a.bin'): Promise<string> =>
    (await network.exec(there, 'curl', ['-sS', '-m', '10', '-o', '/dev/null', '-w', '%{http_code} %{size_download}', url(scheme, name)])).stdout // prettier-ignore
    const serves = async (): Promise<void> => {
      fail({})
      expect([await get('tftp'), await get('http')]).toEqual(['000 100000', '200 100000'])
    }
    const put = (name: string) => network.exec(there, 'tftp', ['-m', 'binary', server, '-c', 'put', join(folder.root, 'give'), name], 30) // prettier-ignore

    describe('as serve runs it', () => {
      let backend: DrivenBackend
      beforeAll(async () => {
        fail({})
        backend = await DrivenBackend.start(network, within, folder, {
          NODE_OPTIONS: `--import=${pathToFileURL(helper('faulty-files.mjs')).href}`,
          FAULTS_FILE: join(folder.root, 'faults'),
          FAULTS_UNDER: folder.root,
        })
        await backend.call('responder.start')
        await backend.isIn('responding', 15)
      })
      afterAll(() => backend.running.stop('SIGKILL'))
      afterEach(async () => {
        await serves()
        expect(backend.statuses.at(-1)?.state).toBe('responding')
      })

      const labs = () => backend.labs
      const touch = (): void => utimesSync(folder.file, new Date(), new Date())

      test.each([
        { row: 'reading fails with EIO', code: 'EIO', tells: /cannot be read: EIO/ },
        { row: 'reading fails with EMFILE', code: 'EMFILE', tells: /cannot be read: EMFILE/ },
        { row: 'reading fails with EACCES', code: 'EACCES', tells: /may not be read by this user/ },
        { row: 'an editor or a scanner holds it', code: 'EBUSY', tells: /cannot be read: EBUSY/ },
      ])('lab file: $row', async ({ code, tells }) => {
        const started = backend.statuses.filter((one) => one.state === 'starting').length
        fail({ open: code, in: 'lab.yaml' })
        touch()
        await vi.waitFor(() => expect(textOf(labs().at(-1)?.problems[0]?.message ?? '')).toMatch(tells), 60_000)
        expect(labs().at(-1)).toMatchObject({ exists: true, needsRestart: false })
        await vi.waitFor(() => expect(backend.log.filter(({ text }) => tells.test(text))).toHaveLength(1), 60_000)
        await serves()
        // Nothing about the file changes: it is read again by itself, and told as it was.
        await vi.waitFor(() => expect(labs().at(-1)).toMatchObject({ problems: [], needsRestart: false }), 60_000)
        expect(labs().at(-1)?.lab).not.toBeNull()
        expect(backend.log.filter(({ text }) => tells.test(text))).toHaveLength(1)
        expect(backend.statuses.filter((one) => one.state === 'starting')).toHaveLength(started)
      })

      test('lab file: writing fails with ENOSPC', async () => {
        const before = readFileSync(folder.file, 'utf8')
        fail({ write: 'ENOSPC', in: 'lab.yaml' })
        await expect(backend.call('lab.write', { text: `${before}# more\n` })).rejects.toThrow(/cannot be written \(ENOSPC\); it is unchanged/) // prettier-ignore
        expect(readFileSync(folder.file, 'utf8')).toBe(before)
        expect(readdirSync(folder.root).filter((name) => name.endsWith('.part'))).toEqual([])
        fail({})
        await backend.call('lab.write', { text: `${before}# more\n` })
        expect(readFileSync(folder.file, 'utf8')).toBe(`${before}# more\n`)
      })

      test.each([
        { row: 'write fails with EIO', call: 'write', code: 'EIO' },
        { row: 'open fails with EMFILE', call: 'open', code: 'EMFILE' },
        { row: 'open fails with EACCES', call: 'open', code: 'EACCES' },
      ])('captures: $row', async ({ call, code }) => {
        const state = (): Promise<CaptureState> => backend.call<CaptureState>('capture.read')
        await backend.call('capture.start', { interface: 'srv0' })
        fail({ [call]: code, in: 'captures' })
        await get('tftp')
        await vi.waitFor(async () => expect((await state()).complaint?.message).toMatch(`(${code})`), 60_000)
        fail({})
        await backend.call('capture.start', { interface: 'srv0' })
        await get('tftp')
        await vi.waitFor(async () => expect(await state()).toMatchObject({ complaint: null, file: expect.stringMatching(/pcapng$/) }), 60_000) // prettier-ignore
        await backend.call('capture.stop')
      })

      test('uploads: open fails with EMFILE', async () => {
        fail({ open: 'EMFILE', in: 'uploads' })
        const putting = put('many.txt')
        await backend.running.sees(/many\.txt[^\n]*EMFILE/)
        // A shortage passes: the client hears nothing, asks again, and its file comes.
        fail({})
        await putting
        expect(readFileSync(join(uploads(), 'many.txt'), 'utf8')).toHaveLength(320_000)
        rmSync(join(uploads(), 'many.txt'))
      })

      test('uploads: the folder is gone', async () => {
        rmSync(uploads(), { recursive: true })
        await put('back.txt')
        expect(readFileSync(join(uploads(), 'back.txt'), 'utf8')).toHaveLength(320_000)
        rmSync(join(uploads(), 'back.txt'))
      })

      test('uploads: the disk is full', async () => {
        execFileSync('mount', ['-o', 'remount,size=64k', disk()])
        const { stdout, stderr } = await put('full.txt')
        expect(`${stdout}${stderr}`).toContain('ENOSPC')
        await backend.running.sees(/full\.txt[^\n]*ENOSPC/)
        expect(readdirSync(uploads())).toEqual([])
        execFileSync('mount', ['-o', 'remount,size=2m', disk()])
        await put('fits.txt')
        expect(readdirSync(uploads())).toEqual(['fits.txt'])
      })

      test('TFTP reads: a client that closes its port', async () => {
        const since = backend.running.mark()
        // What arrives at a closed port is answered by ICMP, which the sender's socket reports (udp(7)).
        await network.exec(there, process.execPath, [
          '-e',
          `const s = require('node:dgram').createSocket('udp4'); s.on('message', () => s.close()); s.send('\\0\\x01a.bin\\0octet\\0', 69, '${server}')`,
        ])
        await since.sees(/10\.77\.0\.2 a\.bin: the client never answered/)
      })

      test('HTTP reads: a file that is not there', async () => {
        const since = backend.running.mark()
        expect(await get('http', 'none.bin')).toMatch(/^404 /)
        await since.sees(/none\.bin[^\n]*there is no such file/)
      })
    })

    describe('as respond runs it', () => {
      test('HTTP reads: a port that is taken', async () => {
        const holder = network.start(within, process.execPath, ['-e', "require('node:net').createServer().listen(8080, '0.0.0.0', () => console.log('held'))"]) // prettier-ignore
        await holder.sees(/held/)
        const { code, stderr } = await network.exec(
          within,
          process.execPath,
          [cli, 'respond', '--config', folder.file],
          20,
        )
        expect(code).toBe(3)
        expect(stderr).toMatch(/TCP port 8080 .* is in use by node \(process \d+\)/)
        await holder.stop('SIGKILL')
        const responder = await startResponder(network, within, folder)
        await serves()
        await responder.stop('SIGTERM')
      })

      test('UDP ports: a user who may not open them', async () => {
        chmodSync(folder.root, 0o777)
        const lab = join(folder.root, 'theirs.yaml')
        writeFileSync(
          lab,
          readFileSync(folder.file, 'utf8').replace('runAs: root\n', '').replace('./state', './theirs'),
        )
        const { code, stderr } = await network.exec(within, 'setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', process.execPath, cli, 'respond', '--config', lab], 20) // prettier-ignore
        expect(code).toBe(3)
        expect(stderr).toMatch(/UDP port \d+ on srv0 .* may not be opened without more rights/)
        const responder = await startResponder(network, within, folder)
        await serves()
        await responder.stop('SIGTERM')
      })

      test('lease store: an I/O error of the disk', async () => {
        const responder = await startResponder(network, within, folder)
        const pid = String(responder.child.pid)
        // A write beyond the limit fails, and SQLite reports it as it reports a failing disk (setrlimit(2), EFBIG).
        execFileSync('prlimit', ['--pid', pid, '--fsize=1:unlimited'])
        await expect(dhclient(network, there, 'cli0', folder.root, 4)).rejects.toThrow()
        await responder.sees(/"type":"leases-not-stored","cause":"the disk reports an error \(disk I\/O error\)"/)
        await serves()
        execFileSync('prlimit', ['--pid', pid, '--fsize=unlimited:unlimited'])
        expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\./)
        await responder.sees(/"type":"leases-stored-again"/)
        expect(await responder.stop('SIGTERM')).toBe(0)
      })
    })
  },
)
