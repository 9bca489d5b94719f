import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import type { Lease6 } from '#shared/machines/dhcpv6-server/leases.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { Answers } from '../../src/main/responder/answers.ts'
import { LeaseStore, LeaseStoreError } from '../../src/main/responder/lease-store.ts'
import { Repeats } from '../../src/main/responder/repeats.ts'
import { storageProblem } from '../../src/main/responder/sqlite-problem.ts'
import { FolderInUse, StateLock } from '../../src/main/responder/state-lock.ts'
import { movedBy, notLongerThanGiven, SteadyClock } from '../../src/main/responder/steady-clock.ts'
import { arriving, ip, pxe, request } from '../helpers/dhcp.ts'
import { describeWith } from '../helpers/requirements.ts'

let root: string
let state: string
let file: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
  state = join(root, 'state')
  file = join(state, 'leases.sqlite')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const lease = (address: number): Lease => ({
  address, key: `1-${address}`, mac: '52:54:00:00:00:01', uuid: undefined, hostname: undefined, architecture: 7, state: 'bound', since: 1, until: 5000,
}) // prettier-ignore

const open = (): ReturnType<typeof LeaseStore.open> => LeaseStore.open(file, new Date(0), '/labs/bench.yaml')
const refusal = (): LeaseStoreError => {
  try {
    open().store.close()
  } catch (error) {
    expect(error).toBeInstanceOf(LeaseStoreError)
    return error as LeaseStoreError
  }
  throw new Error('it was opened')
}
const withLeases = (): void => {
  const { store } = open()
  store.commit([lease(1), lease(2)])
  store.close()
}
/** What is in the database, and that nothing was put aside. */
const expectUntouched = (): void => {
  expect(readdirSync(state).filter((name) => name.includes('damaged'))).toEqual([])
  const { leases, store } = open()
  store.close()
  expect(leases.map((one) => one.address)).toEqual([1, 2])
}

describe('leases of IPv6', () => {
  const lease6 = (address: string, more: Partial<Lease6> = {}): Lease6 => ({
    address, duid: '0004aabb', iaid: 0xffff_ffff, mac: '52:54:00:00:00:01', uuid: 'u', hostname: undefined, architecture: 7, state: 'bound', since: 1, until: Infinity, ...more,
  }) // prettier-ignore

  test('are kept beside those of IPv4, one for each address', () => {
    const { store } = open()
    store.commit([lease(1), lease6('fd00::1'), lease6('fd00::2')])
    store.commit([lease6('fd00::1', { state: 'released', duid: '0001', since: 2 })])
    store.close()
    const again = open()
    again.store.close()
    expect(again.leases).toEqual([lease(1)])
    expect(again.leases6).toEqual([lease6('fd00::2'), lease6('fd00::1', { state: 'released', duid: '0001', since: 2 })])
  })

  test('all or none of a transaction are stored, of whatever family', () => {
    const { store } = open()
    expect(() => store.commit([lease(1), lease6('fd00::1', { duid: null as never })])).toThrow('NOT NULL')
    store.close()
    const again = open()
    again.store.close()
    expect([again.leases, again.leases6]).toEqual([[], []])
  })

  test('a database of the first layout is taken over with its leases', () => {
    withLeases()
    const database = new DatabaseSync(file)
    database.exec('DROP TABLE lease6; PRAGMA user_version = 1')
    database.close()
    const { store, leases, leases6 } = open()
    expect([leases.map((one) => one.address), leases6]).toEqual([[1, 2], []])
    store.commit([lease6('fd00::1')])
    store.close()
    const again = open()
    again.store.close()
    expect(again.leases6).toEqual([lease6('fd00::1')])
  })
})

describe('a database that is sound and cannot be used is left alone, and the lab does not start', () => {
  test('locked by another program', async () => {
    withLeases()
    const other = spawn(process.execPath, [
      '-e',
      `const d = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)}); d.exec('BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1000)`,
    ])
    await once(other.stdout, 'data')
    const { message, remedy } = refusal()
    expect(message).toBe(`leases cannot be kept in ${file}: another program has locked the file (database is locked)`)
    expect(remedy).toMatch(/backup/)
    other.kill('SIGKILL')
    await once(other, 'close')
    expectUntouched()
  })

  test('written by a newer version: not one byte is changed', () => {
    withLeases()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 7; PRAGMA journal_mode = DELETE')
    database.close()
    const before = readFileSync(file)
    expect(refusal()).toMatchObject({
      message: `the leases in ${file} were written by a newer PXE Lab (layout 7, this one knows 2)`,
      remedy: 'Update PXE Lab, or name another folder in state.',
    })
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(state).filter((name) => name.startsWith('leases'))).toEqual(['leases.sqlite'])
  })

  test('a folder of that name', () => {
    mkdirSync(file, { recursive: true })
    expect(refusal().message).toBe(`leases cannot be kept in ${file}: it is no file`)
    expect(statSync(file).isDirectory()).toBe(true)
  })

  test('a state folder that is a file', () => {
    writeFileSync(state, 'x')
    expect(refusal().message).toBe(`leases cannot be kept in ${file}: a file of that name is in the way (EEXIST)`)
  })
})

describeWith(['root', 'mount'], 'a disk', () => {
  let disk: string
  beforeEach(() => {
    disk = join(root, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk])
    state = join(disk, 'state')
    file = join(state, 'leases.sqlite')
  })
  afterEach(() => void execFileSync('umount', [disk]))

  test('that may only be read: refused, and sound afterwards', () => {
    withLeases()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    expect(refusal().message).toMatch(/it may only be read|it cannot be opened/)
    execFileSync('mount', ['-o', 'remount,rw', disk])
    expectUntouched()
  })

  test('that is full: refused, and sound afterwards', () => {
    withLeases()
    const fill = join(disk, 'fill')
    expect(spawnSync('dd', ['if=/dev/zero', `of=${fill}`, 'bs=1k', 'count=1000']).status).not.toBe(0)
    expect(refusal()).toMatchObject({ remedy: 'Free some space on that disk.' })
    rmSync(fill)
    expectUntouched()
  })

  test('that fills up while the lab runs: the first cause is told, and all is well when there is space again', () => {
    const { store } = open()
    let error: unknown
    for (let size = 0; error === undefined && size < 4000; size++)
      try {
        store.commit(Array.from({ length: 50 }, (_, index) => lease(size * 50 + index)))
      } catch (thrown) {
        error = thrown
      }
    expect(storageProblem(error)).toEqual({
      cause: 'the disk is full (database or disk is full)',
      remedy: 'Free some space on that disk.',
    })
    execFileSync('mount', ['-o', 'remount,size=4m', disk])
    store.commit([lease(1_000_000)])
    store.close()
    const again = open()
    again.store.close()
    expect(again.leases.at(-1)?.address).toBe(1_000_000)
  })
})

describe('one lab alone has a state folder', () => {
  const holder = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { StateLock } from ${JSON.stringify(new URL('../../src/main/responder/state-lock.ts', import.meta.url).href)}
       StateLock.take(${JSON.stringify(state)}, '/labs/other.yaml'); console.log('held'); setInterval(() => {}, 1000)`,
    ])
    await once(child.stdout, 'data')
    return child
  }
  beforeEach(() => mkdirSync(state))

  test('the second is told who has it, and starts as soon as that process is gone, however it went', async () => {
    const child = await holder()
    expect(refusal()).toMatchObject({
      message: `the folder ${state} is in use by PXE Lab with /labs/other.yaml (process ${child.pid} on ${hostname()})`,
      remedy: 'Stop that one, or name another folder in state.',
    })
    child.kill('SIGKILL')
    await once(child, 'close')
    withLeases()
    expectUntouched()
  })

  test.skipIf(process.platform === 'win32')('nobody else reads what is in the folder', () => {
    const { store } = LeaseStore.open(join(state, 'leases.sqlite'), new Date(), 'lab.yaml')
    const names = readdirSync(state)
    expect(names).toContain('lock.sqlite')
    for (const name of names) expect([name, statSync(join(state, name)).mode & 0o077]).toEqual([name, 0])
    store.close()
  })

  test('two in one process are two', () => {
    const first = StateLock.take(state, 'a.yaml')
    expect(() => StateLock.take(state, 'b.yaml')).toThrow(FolderInUse)
    expect(() => StateLock.take(state, 'b.yaml')).toThrow(/with a\.yaml/)
    first.release()
    StateLock.take(state, 'b.yaml').release()
  })

  test('a name of a process that is long gone keeps nobody away, nor does rubbish in the file', () => {
    StateLock.take(state, 'a.yaml').release()
    StateLock.take(state, 'b.yaml').release()
    writeFileSync(join(state, 'lock.sqlite'), Buffer.alloc(5000, 'x'))
    StateLock.take(state, 'c.yaml').release()
  })
})

describe('answers', () => {
  const lab = labSchema.parse({
    interface: 'eth0',
    mode: 'dhcp',
    dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
  })
  const served = { name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }
  class Bench {
    readonly told: UntimedEvent[] = []
    readonly sent: string[] = []
    now = 0
    storeError: Error | undefined
    sendError: Error | undefined
    readonly dhcp = new DhcpServer(dhcpConfigurationOf(lab, [served]))
    readonly answers = new Answers({
      store: {
        commit: () => {
          if (this.storeError) throw this.storeError
        },
      },
      send: (answer, done) => {
        if (!this.sendError) this.sent.push(answer.event?.type ?? '')
        done(this.sendError)
      },
      tell: (event) => this.told.push(event),
      now: () => this.now,
    })
    ask(mac: string, address: string): void {
      this.dhcp.handle(
        arriving(request({ type: 'request', mac, requested: address, server: '192.168.77.1' })),
        this.now,
      )
      this.answers.flush(this.dhcp, [])
    }
    get types(): string[] {
      return this.told.map((one) => one.type)
    }
  }

  test('what cannot be stored is neither acknowledged nor told nor kept; the cause is told once and its end too', () => {
    const bench = new Bench()
    bench.storeError = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    for (let client = 0; client < 50; client++)
      bench.ask(`52:54:00:00:01:${(client + 16).toString(16)}`, `192.168.77.${100 + client}`)
    expect(bench.sent).toEqual([])
    expect(bench.told).toEqual([
      {
        type: 'leases-not-stored',
        cause: 'the disk is full (database or disk is full)',
        remedy: 'Free some space on that disk.',
        unanswered: 0,
      },
    ])
    expect(bench.dhcp.leases()).toEqual([])
    bench.now += 61_000
    bench.ask('52:54:00:00:02:01', '192.168.77.100')
    expect(bench.told.at(-1)).toMatchObject({ type: 'leases-not-stored', unanswered: 50 })
    // A disk that takes one lease and not the next is not well again, and nobody is told that it is.
    for (let round = 0; round < 20; round++) {
      bench.storeError = undefined
      bench.ask('52:54:00:00:02:01', '192.168.77.100')
      bench.storeError = Object.assign(new Error('database or disk is full'), { errcode: 13 })
      bench.ask('52:54:00:00:02:02', '192.168.77.120')
      bench.now += 100
    }
    const troubles = (): string[] => bench.types.filter((type) => type.startsWith('leases-'))
    expect(troubles()).toEqual(['leases-not-stored', 'leases-not-stored'])
    expect(bench.sent).toEqual(Array.from({ length: 20 }, () => 'dhcp-acknowledged'))
    // When it has taken leases for a while it is, and the next trouble is told at once.
    bench.storeError = undefined
    bench.now += 1000
    bench.ask('52:54:00:00:02:01', '192.168.77.100')
    expect(bench.told.slice(-2)).toMatchObject([
      { type: 'leases-stored-again', unanswered: 71 },
      { type: 'dhcp-acknowledged', address: '192.168.77.100' },
    ])
    bench.storeError = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    bench.ask('52:54:00:00:02:02', '192.168.77.120')
    expect(troubles()).toHaveLength(4)
    expect(bench.told.at(-1)).toMatchObject({ type: 'leases-not-stored', unanswered: 0 })
  })

  test('one lease that is taken right after a failure is enough: no other may come to tell it by', () => {
    vi.useFakeTimers()
    try {
      const bench = new Bench()
      bench.storeError = Object.assign(new Error('disk I/O error'), { errcode: 10 })
      bench.ask('52:54:00:00:01:01', '192.168.77.100')
      bench.now += 100
      bench.storeError = undefined
      bench.ask('52:54:00:00:01:01', '192.168.77.100')
      expect(bench.types).not.toContain('leases-stored-again')
      bench.now += 501
      vi.advanceTimersByTime(501)
      expect(bench.told.at(-1)).toMatchObject({ type: 'leases-stored-again', unanswered: 1 })
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    [10, 'disk I/O error', 'the disk reports an error (disk I/O error)'],
    [8, 'attempt to write a readonly database', 'it may only be read (attempt to write a readonly database)'],
    [14, 'unable to open database file', 'it cannot be opened (unable to open database file)'],
    [5, 'database is locked', 'another program has locked the file (database is locked)'],
    [522, 'disk I/O error', 'the disk reports an error (disk I/O error)'],
  ])('result code %i of SQLite is told as what it is', (errcode, message, cause) => {
    const bench = new Bench()
    bench.storeError = Object.assign(new Error(message), { errcode })
    bench.ask('52:54:00:00:00:01', '192.168.77.100')
    expect(bench.told).toMatchObject([{ type: 'leases-not-stored', cause }])
  })

  test('while leases cannot be stored offers and NAKs still go out', () => {
    const bench = new Bench()
    bench.storeError = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    bench.dhcp.handle(arriving(request({ type: 'discover', mac: '52:54:00:00:00:01' })), 0)
    bench.ask('52:54:00:00:00:02', '10.0.0.1')
    bench.ask('52:54:00:00:00:03', '192.168.77.150')
    expect(bench.sent).toEqual(['dhcp-offered', 'dhcp-refused'])
  })

  test('what was not sent is told as such, for every kind of answer', () => {
    const bench = new Bench()
    bench.sendError = Object.assign(new Error('send ENETUNREACH'), { code: 'ENETUNREACH' })
    bench.ask('52:54:00:00:00:01', '192.168.77.100')
    const proxy = new ProxyDhcp({
      interfaces: [served],
      ports: lab.ports,
      filter: lab.clients,
      boot: { programs: [{ file: 'x.efi' }], nextServer: undefined, menus: [], httpPort: undefined },
    })
    proxy.handle(arriving(request({ type: 'discover', ...pxe(7) })))
    bench.answers.flush(undefined, [proxy])
    expect(bench.told).toMatchObject([
      { type: 'answer-not-sent', answer: 'dhcp-acknowledged', to: '255.255.255.255:68', reason: 'ENETUNREACH' },
      { type: 'answer-not-sent', answer: 'proxy-offered', reason: 'ENETUNREACH' },
    ])
    expect(bench.types).not.toContain('dhcp-acknowledged')
  })
})

describe('time', () => {
  test('small differences are followed, a jump is told once, and time never goes back between', () => {
    let wall = 1_000_000
    let steady = 0
    const clock = new SteadyClock({ wall: () => wall, steady: () => steady })
    const pass = (ms: number): void => {
      wall += ms
      steady += ms
    }
    pass(2000)
    expect([clock.follow(), clock.now()]).toEqual([0, 1_002_000])
    wall -= 300
    const before = clock.now()
    expect(clock.follow()).toBe(0)
    expect(clock.now()).toBe(before)
    wall += 86_400_000
    expect(clock.now()).toBe(before)
    expect(clock.follow()).toBe(86_400_000)
    expect(clock.now()).toBe(wall)
    wall -= 2 * 86_400_000
    expect(clock.follow()).toBe(-2 * 86_400_000)
    expect(clock.now()).toBe(wall)
    expect(clock.follow()).toBe(0)
  })

  test('a lease keeps what it has left, and one from the future lasts no longer than it was given for', () => {
    const one = { ...lease(1), since: 1000, until: 3_601_000 }
    expect(movedBy(one, -500)).toMatchObject({ since: 500, until: 3_600_500 })
    expect(notLongerThanGiven(one, 0)).toMatchObject({ since: 0, until: 3_600_000 })
    expect(notLongerThanGiven(one, 2000)).toBe(one)
    expect(notLongerThanGiven({ ...one, until: Infinity }, 0).until).toBe(Infinity)
  })
})

test('what goes on being wrong is said once a minute, with how often it happened', () => {
  let now = 0
  const said: string[] = []
  const repeats = new Repeats(
    (message) => said.push(message),
    () => now,
  )
  for (; now < 90_000; now += 10) repeats.say('port 67', 'no route')
  expect(said).toEqual(['no route', 'no route (5999 more times in 60 s)'])
  repeats.say('port 67', 'no buffer')
  repeats.forget('port 67')
  repeats.say('port 67', 'no buffer')
  expect(said.slice(2)).toEqual(['no buffer', 'no buffer'])
  for (let subject = 0; subject < 100_000; subject++) repeats.say(`port ${subject}`, 'no route')
  expect(said).toHaveLength(100_004)
})
