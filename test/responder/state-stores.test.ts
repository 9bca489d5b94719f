/** What is kept in the state folder beside the leases, and the lease store for as long as the lab runs. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { mostRequests, type PendingRequest } from '#shared/machines/pending-requests.ts'
import { LeaseKeeper } from '../../src/main/responder/lease-keeper.ts'
import { LeaseStore } from '../../src/main/responder/lease-store.ts'
import { KeptList } from '../../src/main/responder/kept-list.ts'
import { readRequests } from '../../src/main/responder/request-store.ts'
import { StateLock } from '../../src/main/responder/state-lock.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-state-stores-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('pending requests', () => {
  const request = (number: number): PendingRequest => ({ request: number, mac: '52:54:00:00:00:01', uuid: 'u', architecture: 7, vendorClass: 'PXEClient', file: 'boot.efi', since: 5, state: 'approved', name: 'pc', isRemembered: true }) // prettier-ignore
  const file = (): string => join(root, 'state/approvals.json')
  const store = () => {
    const errors: string[] = []
    return { errors, store: new KeptList(file(), (error) => errors.push(error.message)) }
  }

  test('the newest state is what is read again, in files for their owner alone', async () => {
    expect(readRequests(file())).toEqual({ requests: [] })
    const { store: requests, errors } = store()
    for (let number = 1; number <= 50; number++) requests.write([request(number)])
    await requests.close()
    expect([readRequests(file()), errors]).toEqual([{ requests: [request(50)] }, []])
    if (process.platform !== 'win32')
      expect([statSync(join(root, 'state')).mode & 0o777, statSync(file()).mode & 0o777]).toEqual([0o700, 0o600])
    // One that was closed writes what comes afterwards all the same.
    requests.write([])
    await requests.close()
    expect(readRequests(file())).toEqual({ requests: [] })
  })

  test('what cannot be written is told, and the next state is written', async () => {
    mkdirSync(file(), { recursive: true })
    const { store: requests, errors } = store()
    requests.write([request(1)])
    await requests.close()
    expect(errors).toEqual([expect.stringContaining('EISDIR')])
    expect(readRequests(file())).toEqual({ requests: [], problem: 'it cannot be read (EISDIR)' })
    rmSync(file(), { recursive: true })
    requests.write([request(2)])
    await requests.close()
    expect(readRequests(file())).toEqual({ requests: [request(2)] })
  })

  test('a link in its place is not followed', async () => {
    mkdirSync(join(root, 'state'))
    writeFileSync(join(root, 'precious'), 'as it was')
    symlinkSync(join(root, 'precious'), file())
    const { store: requests, errors } = store()
    requests.write([request(1)])
    await requests.close()
    expect(errors).toEqual([expect.stringContaining('ELOOP')])
    expect(readFileSync(join(root, 'precious'), 'utf8')).toBe('as it was')
  })

  test.each([
    ['no JSON', '{'],
    ['no list', '{}'],
    ['a state that is none', JSON.stringify([{ ...request(1), state: 'lost' }])],
    ['a number that no machine shows', JSON.stringify([request(0)])],
    ['more than are kept', JSON.stringify(Array.from({ length: mostRequests + 1 }, (_, at) => request(at + 1)))],
  ])('%s is told as damaged', (_, text) => {
    mkdirSync(join(root, 'state'))
    writeFileSync(file(), text)
    expect(readRequests(file())).toEqual({ requests: [], problem: 'it is damaged' })
  })
})

describe.skipIf(process.platform === 'win32')('leases whose files are taken away', () => {
  const lease = (address: number): Lease => ({ address, key: `k${address}`, mac: '52:54:00:00:00:01', uuid: undefined, hostname: undefined, architecture: 7, state: 'bound', since: 1, until: 5000 }) // prettier-ignore
  const state = (): string => join(root, 'state')
  const open = () => LeaseStore.open(join(state(), 'leases.sqlite'), new Date(0), 'lab.yaml')
  const stored = (): number[] => {
    const { store, leases } = open()
    store.close()
    return leases.map((one) => one.address)
  }
  const keeper = (reopen = () => open().store) => {
    const acknowledged: Lease[] = []
    const refilled: number[] = []
    let nowMs = 0
    const kept = new LeaseKeeper({ store: open().store, reopen, all: () => acknowledged, onRefilled: (count) => refilled.push(count), now: () => nowMs }) // prettier-ignore
    const commit = (one: Lease): void => {
      kept.commit([one])
      acknowledged.push(one)
    }
    return { kept, commit, refilled, later: (ms: number) => (nowMs += ms) }
  }

  test('are all in the new files, with the one that was just given', () => {
    const { kept, commit, refilled } = keeper()
    commit(lease(1))
    commit(lease(2))
    rmSync(state(), { recursive: true })
    commit(lease(3))
    commit(lease(4))
    kept.close()
    expect([stored(), refilled]).toEqual([[1, 2, 3, 4], [2]])
  })

  test('and put back are used as they are', () => {
    const { kept, commit, refilled } = keeper()
    commit(lease(1))
    renameSync(state(), join(root, 'elsewhere'))
    renameSync(join(root, 'elsewhere'), state())
    commit(lease(2))
    kept.close()
    expect([stored(), refilled]).toEqual([[1, 2], []])
  })

  test('where there is no new place it is looked for after pauses that grow, and nothing is acknowledged meanwhile', () => {
    let tries = 0
    let isThere = false
    const { kept, commit, refilled, later } = keeper(() => {
      tries++
      if (!isThere) throw new Error('no place')
      return open().store
    })
    commit(lease(1))
    rmSync(state(), { recursive: true })
    const fails = (): void => expect(() => kept.commit([lease(9)])).toThrow('no place')
    fails()
    expect(tries).toBe(1)
    // 1 s, then twice as long each time, to half a minute.
    let expected = 1
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      later(pauseMs - 1)
      fails()
      expect(tries, `${pauseMs}`).toBe(expected)
      later(1)
      fails()
      expect(tries, `${pauseMs}`).toBe(++expected)
    }
    isThere = true
    later(30_000)
    commit(lease(2))
    kept.close()
    expect([stored(), refilled]).toEqual([[1, 2], [1]])
  })
})

test('whoever has the folder, maybe for a moment only, is waited for', () => {
  const first = StateLock.take(root, 'a.yaml')
  const startedAt = performance.now()
  expect(() => StateLock.take(root, 'b.yaml')).toThrow(/with a\.yaml/)
  expect(performance.now() - startedAt).toBeGreaterThan(300)
  first.release()
  StateLock.take(root, 'b.yaml').release()
})
