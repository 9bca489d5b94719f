import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Approval, Client } from '#shared/contract/calls.ts'
import { ApprovalNotices, FailureNotices, type Notice } from '../../src/main/electron/notices.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const client = (number: number, stage: Client['boots'][number]['stage'] = 'failed', startedAt = 1): Client => ({
  mac: `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`,
  vendor: '',
  firmware: 'UEFI x64 (EDK2)',
  architecture: '',
  uuid: null,
  address: null,
  hostName: null,
  name: number === 1 ? 'bench-1' : null,
  serial: null,
  asset: null,
  reason: '',
  isReserved: false,
  boots: [
    {
      startedAt,
      lastAt: startedAt,
      stage,
      detail: 'Boot file not found (PXE-E23)',
      outcome: stage === 'failed' ? 'failed' : 'waiting',
      code: null,
      causes: [],
      firmware: '',
      files: [],
    },
  ],
})

function listening(): { readonly told: Notice[]; readonly notices: FailureNotices } {
  const told: Notice[] = []
  return { told, notices: new FailureNotices((notice) => told.push(notice), 0) }
}

test('a failed boot is told once, with its client and the reason', () => {
  const { told, notices } = listening()
  notices.hear([client(1), client(2, 'loaded')], true)
  notices.hear([client(1)], true)
  vi.advanceTimersByTime(200_000)
  expect(told).toEqual([
    { title: 'Boot failed: bench-1', body: 'Boot file not found (PXE-E23)', mac: '52:54:00:00:00:01' },
  ])
})

test('a storm is one notice, and what fails in the next minute is one more', () => {
  const { told, notices } = listening()
  for (let number = 1; number <= 40; number++) {
    notices.hear([client(number)], true)
    vi.advanceTimersByTime(40)
  }
  vi.advanceTimersByTime(2000)
  expect(told).toHaveLength(1)
  expect(told[0]!.title).toMatch(/^\d+ boots failed$/)
  for (let number = 41; number <= 80; number++) {
    notices.hear([client(number)], true)
    vi.advanceTimersByTime(1000)
  }
  expect(told).toHaveLength(1)
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(2)
  expect(told[1]).toMatchObject({ title: expect.stringMatching(/^\d+ boots failed$/), mac: undefined })
})

test('a storm of invented addresses costs no more than its bound, and a clock that is set delays nothing', () => {
  const { told, notices } = listening()
  const invented = Array.from({ length: 50_000 }, (_, number) => ({ ...client(2), mac: `52:54:${number}` }))
  notices.hear(invented, true)
  vi.advanceTimersByTime(2000)
  expect(told[0]!.title).toBe('4000 boots failed')
  vi.setSystemTime(Date.now() - 86_400_000)
  notices.hear([client(1)], true)
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(2)
})

test('several are named, and the rest are counted', () => {
  const { told, notices } = listening()
  notices.hear(
    [1, 2, 3, 4, 5].map((number) => client(number)),
    true,
  )
  vi.advanceTimersByTime(2000)
  expect(told).toEqual([
    { title: '5 boots failed', body: 'bench-1, 52:54:00:00:00:02, 52:54:00:00:00:03 and 2 more', mac: undefined },
  ])
})

test('what failed before the eyes of a person is not told afterwards', () => {
  const { told, notices } = listening()
  notices.hear([client(1)], false)
  notices.hear([client(1)], true)
  vi.advanceTimersByTime(200_000)
  expect(told).toEqual([])
  notices.hear([client(1, 'failed', 2)], true)
  notices.forget()
  vi.advanceTimersByTime(200_000)
  expect(told).toEqual([])
  notices.hear([client(1, 'failed', 3)], true)
  vi.advanceTimersByTime(2000)
  expect(told).toHaveLength(1)
})

const approval = (request: number, state: Approval['state'] = 'pending'): Approval => ({
  request,
  mac: `52:54:00:00:01:0${request}`,
  uuid: null,
  architecture: 'x64-uefi',
  vendor: '',
  vendorClass: '',
  file: '',
  knownAs: null,
  since: request,
  state,
  name: '',
  isRemembered: false,
})

test('a machine that waits for approval is told once, several as one, and not one that was decided on meanwhile', () => {
  const told: Notice[] = []
  const notices = new ApprovalNotices((notice) => told.push(notice))
  notices.hear([approval(1)], true)
  notices.hear([approval(1)], true)
  vi.advanceTimersByTime(2000)
  const first = { title: 'Waiting for approval: 52:54:00:00:01:01', body: 'Pending request ID 1, x64-uefi', mac: '52:54:00:00:01:01' } // prettier-ignore
  expect(told).toEqual([first])
  notices.hear([approval(1), approval(2)], true)
  notices.hear([approval(1, 'refused'), approval(2, 'approved')], true)
  vi.advanceTimersByTime(200_000)
  expect(told).toEqual([first])
  notices.hear([approval(3), approval(4), approval(5), approval(6)], true)
  vi.advanceTimersByTime(2000)
  expect(told[1]).toEqual({ title: '4 machines are waiting for approval', body: '52:54:00:00:01:03, 52:54:00:00:01:04, 52:54:00:00:01:05 and 1 more', mac: undefined }) // prettier-ignore
  notices.hear([approval(7)], false)
  notices.hear([approval(7)], true)
  vi.advanceTimersByTime(200_000)
  expect(told).toHaveLength(2)
})

test('a boot that failed before this program began is no news', () => {
  const told: Notice[] = []
  const notices = new FailureNotices((notice) => told.push(notice), 5000)
  notices.hear([client(1, 'failed', 4999), client(2, 'failed', 5000)], true)
  vi.advanceTimersByTime(5000)
  expect(told.map((one) => one.mac)).toEqual([client(2).mac])
})
