/** The other end of the channel: the responder's process as the one that serves people sees it. */
import type { LeaseRestoration } from '#shared/machines/freed-leases.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import { Heartbeat, type HeartbeatLimits } from '#shared/contract/heartbeat.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { StoredLease } from '../responder/lease-store.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import type { NextBoot } from '#shared/machines/next-boots.ts'
import type { Decision, PendingRequest } from '#shared/machines/pending-requests.ts'
import type { Observed } from '../responder/observed.ts'
import type { Living } from '../responder/responder-life.ts'
import { StartError } from '../responder/start-error.ts'
import { systemClock } from '../supervise/supervisor.ts'
import { failureAsError, type Call, type Channel, type FromResponder, type HostStatus, type PoolState, type RemoteLife, type ResponderSettings, type ToResponder } from './messages.ts' // prettier-ignore

export interface ClientListener {
  /** A process is there; what it does already is in the status. */
  onHello(status: HostStatus): void
  onStatus(status: HostStatus): void
  onEvent(event: LabEvent): void
  onObserved(datagram: Observed): void
  /** What the other side had no room for. */
  onLost(lost: { readonly events: number; readonly datagrams: number }): void
  /** Its process is there and does not answer. */
  onSilent(silentMs: number): void
  /** It answers again. */
  onAnswer(silentMs: number): void
  /** It has not answered for so long that another one should take its place. */
  onGiveUp(silentMs: number): void
}

/** A responder that works answers within milliseconds; one that waits for a slow disk may take seconds. */
export const responderHeartbeat: HeartbeatLimits = { everyMs: 1000, silentMs: 5000, giveUpMs: 30_000 }

/** The process is gone, and what was asked of it with it. */
export class ResponderLost extends Error {}

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly leases: StoredLease[]
  /** Undefined for what may take as long as it takes. */
  limit: NodeJS.Timeout | undefined
}

/** What a question has for its answer, and the answer for its next part. To start and to stop may take longer. */
const silenceMs = 15_000

const nothing: HostStatus = {
  life: { state: 'stopped', reason: 'not started yet' },
  settings: undefined,
  listening: [],
  startedAt: undefined,
  stopsInMs: undefined,
  engine: [],
  hasGivenUpRights: false,
}

export class ResponderClient {
  readonly #listener: ClientListener
  readonly #heartbeat: Heartbeat
  readonly #waiting = new Map<number, Waiting>()
  #channel: Channel | undefined
  /** Resolves when there is a process to ask. */
  #ready = Promise.withResolvers<void>()
  #count = 0
  #pid: number | undefined
  #status: HostStatus = nothing
  #statusAt = 0
  #transfers = 0
  #pools: readonly PoolState[] = []

  constructor(listener: ClientListener, limits = responderHeartbeat) {
    this.#listener = listener
    this.#heartbeat = new Heartbeat({
      clock: systemClock,
      limits,
      ask: () => this.#post({ type: 'ping' }),
      onSilent: (silentMs) => listener.onSilent(silentMs),
      onAnswer: (silentMs) => listener.onAnswer(silentMs),
      onGiveUp: (silentMs) => listener.onGiveUp(silentMs),
    })
    this.#ready.promise.catch(() => {})
  }

  /** Process id of the responder; undefined where there is none at the moment. */
  get pid(): number | undefined {
    return this.#pid
  }

  get status(): HostStatus {
    return this.#status
  }

  /** Milliseconds until the responder stops by itself; undefined where it does not. */
  get stopsInMs(): number | undefined {
    const { stopsInMs } = this.#status
    return stopsInMs === undefined ? undefined : Math.max(0, stopsInMs - (performance.now() - this.#statusAt))
  }

  get transfers(): number {
    return this.#transfers
  }

  get pools(): readonly PoolState[] {
    return this.#pools
  }

  connect(channel: Channel): void {
    this.#channel = channel
    channel.listen((message) => {
      if (channel === this.#channel) this.#hear(message as FromResponder)
    })
  }

  /** The process has ended; `willReturn` says whether another one is about to be started. */
  lost(how: string, willReturn: boolean): void {
    this.#heartbeat.stop()
    this.#channel = undefined
    this.#pid = undefined
    this.#setStatus(nothing)
    this.#transfers = 0
    this.#pools = []
    const error = new ResponderLost(`the responder process ended: ${how}`)
    for (const { reject, limit } of this.#waiting.values()) {
      clearTimeout(limit)
      reject(error)
    }
    this.#waiting.clear()
    if (!willReturn) this.#ready.reject(error)
    this.#ready = Promise.withResolvers<void>()
    this.#ready.promise.catch(() => {})
  }

  /** Nothing is expected of it any more. */
  close(): void {
    this.#heartbeat.stop()
  }

  /** Waits for a process where there is none; rejects with `ResponderLost` where it goes before it answers. */
  async start(settings: ResponderSettings, isResuming: boolean): Promise<RemoteLife> {
    if (this.#pid === undefined) await this.#ready.promise
    return this.#ask({ type: 'start', settings, isResuming })
  }

  /** A process that is gone has stopped. */
  async stop(reason: string): Promise<void> {
    if (this.#pid === undefined) return
    await this.#ask({ type: 'stop', reason }).catch((error: unknown) => {
      if (!(error instanceof ResponderLost)) throw error
    })
  }

  async forget(address: IpAddress): Promise<boolean> {
    return this.#pid === undefined ? false : this.#ask({ type: 'forget', address })
  }

  async restore(address: IpAddress): Promise<LeaseRestoration> {
    return this.#pid === undefined ? 'unknown' : this.#ask({ type: 'restore', address })
  }

  async restoreRequest(request: number): Promise<boolean> {
    return this.#pid === undefined ? false : this.#ask({ type: 'restore-request', request })
  }

  async leases(): Promise<readonly StoredLease[]> {
    return this.#pid === undefined ? [] : this.#ask({ type: 'leases' })
  }

  async requests(): Promise<readonly PendingRequest[]> {
    return this.#pid === undefined ? [] : this.#ask({ type: 'requests' })
  }

  async nextBoots(): Promise<readonly NextBoot[]> {
    return this.#pid === undefined ? [] : this.#ask({ type: 'next-boots' })
  }

  /** Without `what` it is taken back. False where nothing runs, or there was nothing. */
  async setNextBoot(mac: string, what: InsteadOfRules | undefined): Promise<boolean> {
    return this.#pid === undefined ? false : this.#ask({ type: 'set-next-boot', mac, what })
  }

  async keepAllPackets(all: boolean): Promise<void> {
    if (this.#pid !== undefined) await this.#ask({ type: 'keep-all', all })
  }

  /** Without a decision the request is taken off the list; false where there is none. */
  async decide(request: number, decision: Decision | undefined): Promise<boolean> {
    return this.#pid === undefined ? false : this.#ask({ type: 'decide', request, decision })
  }

  #ask<T>(call: Call): Promise<T> {
    const id = ++this.#count
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, leases: [], limit: undefined })
      if (call.type !== 'start' && call.type !== 'stop') this.#limit(id)
      this.#post({ type: 'call', id, call })
    })
  }

  /** A process that the system holds up, by a disk that does not answer or by its debugger, must not hold up its user. */
  #limit(id: number): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    clearTimeout(waiting.limit)
    waiting.limit = setTimeout(() => {
      this.#waiting.delete(id)
      waiting.reject(
        new CallFailure(
          `the responder (process ${this.#pid}) has not answered for ${silenceMs / 1000} s`,
          'See whether its disk answers and whether the process was stopped; it goes on by itself when it can.',
        ),
      )
    }, silenceMs)
  }

  #post(message: ToResponder): void {
    this.#channel?.post(message)
  }

  #setStatus(status: HostStatus): void {
    this.#status = status
    this.#statusAt = performance.now()
  }

  #hear(message: FromResponder): void {
    this.#heartbeat.heard()
    switch (message.type) {
      case 'hello':
        this.#heartbeat.start()
        this.#pid = message.pid
        this.#setStatus(message.status)
        this.#ready.resolve()
        return this.#listener.onHello(message.status)
      case 'status':
        this.#setStatus(message.status)
        return this.#listener.onStatus(message.status)
      case 'reply':
        return this.#settle(message.id, message.value)
      case 'leases': {
        const leases = this.#waiting.get(message.id)?.leases
        leases?.push(...message.leases)
        this.#limit(message.id)
        return message.isLast ? this.#settle(message.id, leases) : undefined
      }
      case 'batch': {
        const { number, events, datagrams, lost, transfers, pools } = message.batch
        this.#transfers = transfers
        this.#pools = pools
        for (const event of events) this.#listener.onEvent(event)
        for (const datagram of datagrams) this.#listener.onObserved(datagram)
        if (lost.events > 0 || lost.datagrams > 0) this.#listener.onLost(lost)
        return this.#post({ type: 'taken', batch: number })
      }
      case 'pong':
        return undefined
    }
  }

  #settle(id: number, value: unknown): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.limit)
    waiting?.resolve(value as never)
  }
}

/** The responder over there as something that is started and stopped here. */
export class RemoteResponder implements Living {
  readonly settings: ResponderSettings
  readonly #client: ResponderClient
  readonly #isResuming: boolean

  constructor(client: ResponderClient, settings: ResponderSettings, isResuming: boolean) {
    this.#client = client
    this.settings = settings
    this.#isResuming = isResuming
  }

  async start(): Promise<void> {
    const life = await this.#client.start(this.settings, this.#isResuming)
    if (life.state === 'failed') throw failureAsError(life.failure)
    if (life.state !== 'running') throw new StartError({ kind: 'cancelled' }, 'the start was cancelled', 'Start again.')
  }

  stop(reason: string): Promise<void> {
    return this.#client.stop(reason)
  }
}
