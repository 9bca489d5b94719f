import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { LabEvent, UntimedEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { ResponderRoom } from '../../src/main/backend/responder-room.ts'
import { ResponderHost } from '../../src/main/responder-process/host.ts'
import type { Channel, ResponderSettings } from '../../src/main/responder-process/messages.ts'
import { Outbox, outboxLimits } from '../../src/main/responder-process/outbox.ts'
import type { ResponderSource, SourceListener } from '../../src/main/responder-process/source.ts'
import { sizeOf, type Observed } from '../../src/main/responder/observed.ts'
import type { Living } from '../../src/main/responder/responder-life.ts'
import { StartError } from '../../src/main/responder/start-error.ts'

const settings: ResponderSettings = {
  lab: labSchema.parse({ interface: 'lo', mode: 'dhcp' }),
  labText: 'interface: lo',
  labFile: '/labs/a.yaml',
  bootFolder: '/labs/boot',
  stateFolder: '/labs/state',
  uploadFolder: undefined,
}
const datagram = (size = 300): Observed => ({
  direction: 'in',
  interface: {
    name: 'lo', address: 0x7f000001, prefixLength: 8, mtu: 1500, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true,
  }, // prettier-ignore
  time: 1,
  localPort: 67,
  remote: { address: 0x7f000001, port: 68 },
  payload: new Uint8Array(size),
})

const ports = new Set<MessagePort>()
afterEach(() => {
  for (const port of ports) port.close()
  ports.clear()
})
const channelOf = (port: MessagePort): Channel => {
  ports.add(port)
  return { post: (message) => port.postMessage(message), listen: (hear) => void port.on('message', hear) }
}

/** Processes that are none: hosts at the other end of a message channel, which can be made to end. */
class Hosts implements ResponderSource {
  listener: SourceListener | undefined
  readonly hosts: ResponderHost[] = []
  readonly starts: { settings: ResponderSettings; isResuming: boolean | undefined }[] = []
  tell: (event: UntimedEvent) => void = () => {}
  observe: (datagram: Observed) => void = () => {}
  fails: Error | undefined
  retries = 0

  open(listener: SourceListener): void {
    this.listener = listener
    this.begin()
  }

  begin(): void {
    const host = new ResponderHost({
      make: (given, { tell, observe, isResuming }) => {
        this.starts.push({ settings: given, isResuming })
        this.tell = tell
        this.observe = observe!
        const living: Living = {
          start: () => (this.fails ? Promise.reject(this.fails) : delay(2)),
          stop: () => delay(2),
        }
        const leases = Array.from({ length: 1234 }, (_, address) => ({ address }) as Lease)
        return Object.assign(living, {
          listening: [{ service: 'dhcp', interface: 'lo', address: '127.0.0.1', port: 67 } as const],
          poolUsage: [],
          engine: [],
          transfers: [],
          leases,
          requests: [],
          decide: () => undefined,
          forgetRequest: () => false,
          restoreRequest: (request: number) => request === 3,
          restore: (address: number) => (address === 7 ? 'restored' : 'taken'),
          keepAllPackets: () => {},
          nextBoots: [],
          setNextBoot: () => true,
          undoNextBoot: () => false,
          forget: (address: number) => address === 7,
        })
      },
    })
    this.hosts.push(host)
    this.connect(host)
  }

  connect(host: ResponderHost): void {
    const { port1, port2 } = new MessageChannel()
    this.listener!.up(channelOf(port2))
    host.attach(channelOf(port1))
  }

  dies(restartsInMs: number | undefined): void {
    this.listener!.down('signal SIGKILL', restartsInMs)
  }

  /** Why it was to be ended by force. */
  readonly ends: string[] = []
  end(why: string): void {
    this.ends.push(why)
  }

  retry(): void {
    this.retries++
  }

  renew(): Promise<void> {
    this.begin()
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const newRoom = (hosts = new Hosts(), prepare = () => Promise.resolve(settings)) => {
  const events: LabEvent[] = []
  const datagrams: Observed[] = []
  const states: string[] = []
  let unseen = 0
  const room: ResponderRoom = new ResponderRoom({
    source: hosts,
    prepare,
    onEvent: (event) => events.push(event),
    onObserved: (one) => datagrams.push(one),
    onUnseen: (count) => (unseen += count),
    onChange: () => states.push(room.status.state),
  })
  room.open()
  return { room, hosts, events, datagrams, states, unseen: () => unseen }
}

describe('the responder in a process of its own', () => {
  test('starts, answers calls, stops', async () => {
    const { room, hosts } = newRoom()
    await room.start()
    expect(room.status).toMatchObject({ state: 'responding', listening: [{ port: 67 }] })
    expect(hosts.starts).toEqual([{ settings, isResuming: false }])
    expect((await room.leases()).map((one) => one.address)).toEqual(Array.from({ length: 1234 }, (_, index) => index))
    expect([await room.forget(7), await room.forget(8)]).toEqual([true, false])
    await room.stop()
    expect(room.status).toMatchObject({ state: 'stopped', detail: '' })
  })

  test('what keeps it from starting comes over whole', async () => {
    const { room, hosts } = newRoom()
    hosts.fails = new StartError(
      { kind: 'port', port: 67, code: 'EADDRINUSE', owners: [] },
      'port 67 is in use',
      'End it.',
    )
    await room.start()
    expect(room.status).toMatchObject({
      state: 'problem',
      complaint: { message: 'port 67 is in use', remedy: 'End it.', about: 'port 67' },
    })
    hosts.fails = undefined
    await room.start()
    expect(room.status.state).toBe('responding')
  })

  test('its process ends: it goes on with what it did, and the person is told in one sentence', async () => {
    const { room, hosts, events } = newRoom()
    await room.start()
    hosts.dies(250)
    await vi.waitFor(
      () => expect(room.status.detail).toMatch(/ended unexpectedly \(signal SIGKILL\); it is started again/),
      60_000,
    )
    expect(room.status.state).toBe('starting')
    expect(room.isBusy).toBe(true)
    hosts.begin()
    await vi.waitFor(() => expect(room.status.state).toBe('responding'), 60_000)
    expect(hosts.starts.at(-1)).toEqual({ settings, isResuming: true })
    expect(events).toMatchObject([
      { type: 'responder-lost', how: 'signal SIGKILL', restartsInMs: 250 },
      { type: 'responder-restarted', how: 'signal SIGKILL' },
    ])
  })

  test('stopped while it is away, it stays stopped', async () => {
    const { room, hosts } = newRoom()
    await room.start()
    hosts.dies(250)
    await room.stop()
    hosts.begin()
    await room.leases()
    expect(room.status).toMatchObject({ state: 'stopped', complaint: null })
    expect(hosts.starts).toHaveLength(1)
  })

  test('started while it is away, it starts when there is a process', async () => {
    const { room, hosts } = newRoom()
    await room.leases()
    hosts.dies(250)
    const started = room.start()
    // It is about to ask, and nobody is there yet.
    await vi.waitFor(() => expect(room.status.detail).toMatch(/^Looking for other DHCP servers/), 60_000)
    await new Promise((resolve) => setImmediate(resolve))
    hosts.begin()
    await started
    expect(room.status.state).toBe('responding')
  })

  test('whatever it was asked while there was none, and whoever ended, nobody is told of a responder that did not run', async () => {
    const { room, hosts, events } = newRoom()
    await room.leases()
    hosts.dies(250)
    expect([await room.leases(), await room.forget(7)]).toEqual([[], false])
    expect(events).toEqual([])
    expect(room.isBusy).toBe(false)
    hosts.begin()
    await vi.waitFor(async () => expect(await room.leases()).toEqual([]), 60_000)
    hosts.dies(undefined)
    // That nothing can be started any more concerns everybody.
    expect(events).toMatchObject([{ type: 'responder-lost', how: 'signal SIGKILL', restartsInMs: undefined }])
    expect(room.status.state).toBe('problem')
  })

  test('given up, the status says so, and the next start tries anew', async () => {
    const { room, hosts } = newRoom()
    await room.start()
    hosts.dies(undefined)
    await vi.waitFor(() => expect(room.status.state).toBe('problem'), 60_000)
    expect(room.status.complaint).toMatchObject({ remedy: 'Start it again, and report it with the log.' })
    const before = hosts.retries
    const started = room.start()
    expect(hosts.retries).toBe(before + 1)
    hosts.begin()
    await started
    expect(room.status.state).toBe('responding')
  })

  test('calls that wait when the process ends settle', async () => {
    const { room, hosts } = newRoom()
    const started = room.start()
    await vi.waitFor(() => expect(hosts.starts).toHaveLength(1), 60_000)
    const leases = room.leases()
    hosts.dies(250)
    await expect(leases).rejects.toThrow(/ended: signal SIGKILL/)
    await started
    hosts.begin()
    await vi.waitFor(() => expect(room.status.state).toBe('responding'), 60_000)
  })

  test('whoever serves people ends and comes back: the responder has gone on, and is taken over as it is', async () => {
    const first = newRoom()
    await first.room.start()
    const hosts = new Hosts()
    hosts.begin = () => hosts.connect(first.hosts.hosts[0]!)
    const second = newRoom(hosts)
    await vi.waitFor(() => expect(second.room.status.state).toBe('responding'), 60_000)
    expect(second.room.settings).toEqual(settings)
    expect(first.hosts.starts).toHaveLength(1)
    await second.room.stop()
    expect(second.room.status.state).toBe('stopped')
  })

  test('it stops by itself, and the room knows', async () => {
    const { room, hosts } = newRoom()
    await room.start()
    await hosts.hosts[0]!.close('after 5 minutes, as the lab says')
    await vi.waitFor(() => expect(room.status).toMatchObject({ state: 'stopped', detail: 'Stopped after 5 minutes, as the lab says.' }), 60_000) // prettier-ignore
  })

  test('events and packets arrive in order, and what there was no room for is counted', async () => {
    const { room, hosts, events, datagrams, unseen } = newRoom()
    await room.start()
    for (let count = 0; count < 1000; count++) {
      hosts.observe(datagram())
      hosts.tell({ type: 'warning', message: String(count) })
    }
    await vi.waitFor(() => expect(events).toHaveLength(1000), 60_000)
    expect(events.map((one) => (one.type === 'warning' ? Number(one.message) : -1))).toEqual(
      Array.from({ length: 1000 }, (_, index) => index),
    )
    expect(datagrams).toHaveLength(1000)
    for (let count = 0; count < outboxLimits.datagrams + 5; count++) hosts.observe(datagram())
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'not-shown', datagrams: 5, events: 0 }), 60_000)
    expect(unseen()).toBe(5)
  })
})

describe('the outbox', () => {
  test('holds no more than its bounds, however slow the other side is', () => {
    const outbox = new Outbox()
    for (let count = 0; count < 100_000; count++) {
      outbox.addDatagram(datagram(1400))
      outbox.addEvent({ type: 'warning', message: 'x', time: count })
    }
    let batches = 0
    let bytes = 0
    let events = 0
    let lost = 0
    expect([outbox.take(), outbox.take(), outbox.take()].map((one) => one !== undefined)).toEqual([true, true, false])
    outbox.newReader()
    for (let batch = outbox.take(); batch; batch = outbox.take()) {
      batches++
      bytes += batch.datagrams.reduce((sum, one) => sum + sizeOf(one), 0)
      events += batch.events.length
      lost += batch.lost.datagrams + batch.lost.events
      expect(batch.datagrams.length).toBeLessThanOrEqual(500)
      outbox.taken()
    }
    expect(bytes).toBeLessThanOrEqual(outboxLimits.bytes)
    expect(events).toBe(outboxLimits.events - 1000)
    expect(batches).toBeGreaterThan(15)
    // The first two batches carried the count of what was lost.
    expect(lost).toBe(0)
    expect(outbox.take()).toBeUndefined()
  })

  test('progress is told as it stands, once', () => {
    const outbox = new Outbox()
    const transfer = { id: 'a', client: '', file: '', kind: 'read', size: 1, blockSize: 1, windowSize: 1, bytes: 0, retransmissions: 0 } as const // prettier-ignore
    for (let bytes = 0; bytes < 100; bytes++)
      outbox.addEvent({ type: 'transfer-progress', transfer: { ...transfer, bytes }, time: 0 })
    outbox.addEvent({ type: 'transfer-progress', transfer: { ...transfer, id: 'b' }, time: 0 })
    outbox.addEvent({ type: 'transfer-ended', transfer: { ...transfer, id: 'b' }, outcome: 'completed', message: '', durationMs: 1, time: 0 }) // prettier-ignore
    expect(outbox.take()?.events).toMatchObject([
      { type: 'transfer-ended' },
      { type: 'transfer-progress', transfer: { bytes: 99 } },
    ])
  })
})
