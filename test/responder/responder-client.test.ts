/** What is known of the responder over there, while its process comes, tells, goes and comes again: no process, only a channel. */
import { afterEach, expect, test, vi } from 'vitest'
import type { LabEvent } from '#shared/contract/events.ts'
import { ResponderClient, ResponderLost } from '../../src/main/responder-process/client.ts'
import type { Batch, Channel, HostStatus, ToResponder } from '../../src/main/responder-process/messages.ts'

const idle: HostStatus = {
  life: { state: 'stopped', reason: 'test' },
  settings: undefined,
  listening: [],
  startedAt: undefined,
  stopsInMs: undefined,
  engine: [],
  hasGivenUpRights: false,
}
const pools = [{ subnet: '10.0.0.0/24', used: 2, size: 9 }]
const batch = (changes: Partial<Batch> = {}): Batch => ({
  number: 1,
  events: [],
  datagrams: [],
  lost: { events: 0, datagrams: 0 },
  transfers: 3,
  pools,
  ...changes,
})

afterEach(() => void vi.useRealTimers())

function client() {
  const heard: unknown[] = []
  const told = new ResponderClient({
    onHello: (status) => heard.push(['hello', status]),
    onStatus: (status) => heard.push(['status', status]),
    onEvent: (event) => heard.push(['event', event]),
    onObserved: (datagram) => heard.push(['datagram', datagram]),
    onLost: (lost) => heard.push(['lost', lost]),
    onSilent: (ms) => heard.push(['silent', ms]),
    onAnswer: (ms) => heard.push(['answers', ms]),
    onGiveUp: (ms) => heard.push(['gives up', ms]),
  })
  const connect = () => {
    const posted: ToResponder[] = []
    let hear: (message: unknown) => void = () => {}
    const channel: Channel = {
      post: (message) => posted.push(message as ToResponder),
      listen: (listener) => {
        hear = listener
      },
    }
    told.connect(channel)
    return { posted, say: (message: unknown) => hear(message) }
  }
  return { told, heard, connect }
}

test('a batch is told, counted and acknowledged; with its process all of it goes', () => {
  const { told, heard, connect } = client()
  const { posted, say } = connect()
  say({ type: 'hello', pid: 77, status: { ...idle, stopsInMs: 5000 } })
  const event: LabEvent = { type: 'warning', message: 'x', time: 1 }
  say({ type: 'batch', batch: batch({ number: 4, events: [event], lost: { events: 1, datagrams: 2 } }) })
  expect(heard.slice(1)).toEqual([
    ['event', event],
    ['lost', { events: 1, datagrams: 2 }],
  ])
  expect(posted).toEqual([{ type: 'taken', batch: 4 }])
  expect([told.pid, told.transfers, told.pools]).toEqual([77, 3, pools])
  expect(told.stopsInMs).toBeGreaterThan(0)
  expect(told.stopsInMs).toBeLessThanOrEqual(5000)
  told.lost('killed', true)
  expect([told.pid, told.transfers, told.pools, told.stopsInMs]).toEqual([undefined, 0, [], undefined])
  expect(told.status.life.state).toBe('stopped')
})

test('only what is lost is told as lost', () => {
  const { heard, connect } = client()
  const { say } = connect()
  say({ type: 'batch', batch: batch() })
  expect(heard).toEqual([])
  say({ type: 'batch', batch: batch({ lost: { events: 1, datagrams: 0 } }) })
  say({ type: 'batch', batch: batch({ lost: { events: 0, datagrams: 1 } }) })
  expect(heard).toEqual([
    ['lost', { events: 1, datagrams: 0 }],
    ['lost', { events: 0, datagrams: 1 }],
  ])
})

test('a call is answered by the reply of its number, a list by all its pieces', async () => {
  const { told, connect } = client()
  const { posted, say } = connect()
  say({ type: 'hello', pid: 1, status: idle })
  const forgotten = told.forget(9)
  const leases = told.leases()
  const [first, second] = posted as { id: number }[]
  say({ type: 'leases', id: second!.id, leases: ['a'], isLast: false })
  say({ type: 'reply', id: first!.id, value: true })
  say({ type: 'leases', id: second!.id, leases: ['b'], isLast: true })
  expect([await forgotten, await leases]).toEqual([true, ['a', 'b']])
})

test('without a process nothing is asked; what was asked is rejected with the process, and a stop is done', async () => {
  const { told, connect } = client()
  expect([await told.forget(1), await told.leases(), await told.requests(), await told.decide(1, undefined)]).toEqual([
    false,
    [],
    [],
    false,
  ])
  await told.stop('nothing runs')
  const { posted, say } = connect()
  say({ type: 'hello', pid: 1, status: idle })
  const asked = told.leases()
  const stopped = told.stop('end')
  expect(posted).toHaveLength(2)
  told.lost('signal 9', false)
  await expect(asked).rejects.toThrow(ResponderLost)
  await expect(asked).rejects.toThrow('the responder process ended: signal 9')
  await stopped
})

test('a process that is held up holds up nobody: a question ends after 15 s without a word, a start and a stop go on', async () => {
  vi.useFakeTimers()
  const { told, connect } = client()
  const { posted, say } = connect()
  say({ type: 'hello', pid: 7, status: idle })
  const refused: string[] = []
  const ask = (name: string, asked: Promise<unknown>): void =>
    void asked.then(() => refused.push(`${name} done`), (error: Error) => refused.push(`${name}: ${error.message}`)) // prettier-ignore
  ask('leases', told.leases())
  ask('requests', told.requests())
  ask('stop', told.stop('end'))
  ask('start', told.start({} as never, false))
  await vi.advanceTimersByTimeAsync(14_999)
  const [leases] = posted as { id: number }[]
  // A part of the answer is a word.
  say({ type: 'leases', id: leases!.id, leases: ['a'], isLast: false })
  expect(refused).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  const silent = 'the responder (process 7) has not answered for 15 s'
  expect(refused).toEqual([`requests: ${silent}`])
  await vi.advanceTimersByTimeAsync(14_999)
  expect(refused).toEqual([`requests: ${silent}`, `leases: ${silent}`])
  await vi.advanceTimersByTimeAsync(600_000)
  expect(refused).toHaveLength(2)
  // What comes too late is for nobody, and the next question is answered.
  say({ type: 'leases', id: leases!.id, leases: ['b'], isLast: true })
  const again = told.leases()
  say({ type: 'leases', id: (posted.at(-1) as { id: number }).id, leases: ['c'], isLast: true })
  expect(await again).toEqual(['c'])
  // What is left is the question whether it still works.
  expect(vi.getTimerCount()).toBe(1)
  told.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('a process is asked every second whether it still works; its silence, its answer and its being given up are told', () => {
  vi.useFakeTimers()
  const { told, heard, connect } = client()
  const { posted, say } = connect()
  vi.advanceTimersByTime(10_000)
  expect([posted, heard]).toEqual([[], []])
  say({ type: 'hello', pid: 1, status: idle })
  heard.length = 0
  for (let second = 1; second <= 20; second++) {
    vi.advanceTimersByTime(1000)
    expect(posted).toEqual(Array.from({ length: second }, () => ({ type: 'ping' })))
    say({ type: 'pong' })
  }
  expect(heard).toEqual([])
  vi.advanceTimersByTime(4999)
  expect(heard).toEqual([])
  vi.advanceTimersByTime(1)
  expect(heard).toEqual([['silent', 5000]])
  // Whatever it says is an answer.
  say({ type: 'status', status: idle })
  expect(heard.slice(1)).toEqual([
    ['answers', 5000],
    ['status', idle],
  ])
  vi.advanceTimersByTime(29_999)
  expect(heard.slice(3)).toEqual([['silent', 5000]])
  vi.advanceTimersByTime(1)
  expect(heard.slice(4)).toEqual([['gives up', 30_000]])
  expect(posted).toHaveLength(22)
  told.lost('killed', true)
  vi.advanceTimersByTime(100_000)
  expect(heard).toHaveLength(5)
  expect(vi.getTimerCount()).toBe(0)
})

test('a start waits for the next process, and what the one before still says is not heard', async () => {
  const { told, heard, connect } = client()
  const old = connect()
  old.say({ type: 'hello', pid: 1, status: idle })
  told.lost('signal 9', true)
  const settings = { labFile: 'lab.yaml' } as never
  const started = told.start(settings, true)
  old.say({ type: 'hello', pid: 1, status: idle })
  expect(told.pid).toBeUndefined()
  const next = connect()
  old.say({ type: 'batch', batch: batch() })
  expect([told.transfers, heard.length, old.posted]).toEqual([0, 1, []])
  next.say({ type: 'hello', pid: 2, status: idle })
  await Promise.resolve()
  const [asked] = next.posted as { id: number }[]
  expect(asked).toMatchObject({ type: 'call', call: { type: 'start', settings, isResuming: true } })
  next.say({ type: 'reply', id: asked!.id, value: { state: 'running' } })
  expect(await started).toEqual({ state: 'running' })
})

test('a start for which no process comes any more is rejected', async () => {
  const { told, connect } = client()
  connect()
  const started = told.start({} as never, false)
  told.lost('it cannot be started', false)
  await expect(started).rejects.toThrow('the responder process ended: it cannot be started')
})
