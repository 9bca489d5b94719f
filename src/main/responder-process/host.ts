/** The responder in a process of its own: does what it is told through a channel, and tells what happens. */
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { StoredLease } from '../responder/lease-store.ts'
import { Responder } from '../responder/responder.ts'
import { ResponderLife, type Living } from '../responder/responder-life.ts'
import { remoteLife, type Batch, type Call, type Channel, type FromResponder, type HostStatus, type ResponderSettings, type ToResponder } from './messages.ts' // prettier-ignore
import { Outbox } from './outbox.ts'

/** How long what happened waits for more; a person sees no difference. */
const batchMs = 50
/** Leases told at once: the table may hold a hundred thousand, and packets are answered between the parts. */
const leasesInPart = 500

type Hosted = Living &
  Pick<
    Responder,
    | 'listening'
    | 'engine'
    | 'poolUsage'
    | 'transfers'
    | 'leases'
    | 'forget'
    | 'restore'
    | 'requests'
    | 'decide'
    | 'forgetRequest'
    | 'restoreRequest'
    | 'keepAllPackets'
    | 'nextBoots'
    | 'setNextBoot'
    | 'undoNextBoot'
  >

export interface HostOptions {
  readonly make?: (
    settings: ResponderSettings,
    told: Pick<ConstructorParameters<typeof Responder>[0], 'tell' | 'observe' | 'isResuming' | 'onEngine'>,
  ) => Hosted
}

export class ResponderHost {
  readonly #make: NonNullable<HostOptions['make']>
  readonly #outbox = new Outbox()
  readonly #life = new ResponderLife<Hosted>(() => this.#tellStatus())
  #settings: ResponderSettings | undefined
  #startedAt: number | undefined
  #channel: Channel | undefined
  #isBatchPlanned = false
  readonly #beganAs = process.geteuid?.()

  constructor({ make = (settings, told) => new Responder({ ...settings, ...told }) }: HostOptions = {}) {
    this.#make = make
  }

  /** Goes by that channel from now on; whoever had the one before is gone. */
  attach(channel: Channel): void {
    this.#channel = channel
    this.#outbox.newReader()
    channel.listen((message) => {
      if (channel === this.#channel) this.#hear(message as ToResponder)
    })
    this.#post({ type: 'hello', pid: process.pid, status: this.#status() })
    this.#planBatch()
  }

  close(reason: string): Promise<unknown> {
    return this.#life.close(reason)
  }

  #post(message: FromResponder): void {
    this.#channel?.post(message)
  }

  #status(): HostStatus {
    const { state, living, stopsInMs } = this.#life
    const life = remoteLife(state)
    return {
      life,
      settings: life.state === 'stopped' || life.state === 'failed' ? undefined : this.#settings,
      listening: living?.listening ?? [],
      startedAt: life.state === 'running' ? this.#startedAt : undefined,
      stopsInMs,
      engine: living?.engine ?? [],
      hasGivenUpRights: this.#beganAs === 0 && process.geteuid?.() !== 0,
    }
  }

  #tellStatus(): void {
    if (this.#life.state.state === 'running') this.#startedAt ??= Date.now()
    else this.#startedAt = undefined
    // What was told before belongs before it.
    this.#flush()
    this.#post({ type: 'status', status: this.#status() })
  }

  #hear(message: ToResponder): void {
    if (message.type === 'taken') {
      this.#outbox.taken()
      this.#planBatch()
      return
    }
    if (message.type === 'ping') return this.#post({ type: 'pong' })
    if (message.type !== 'call') return
    const { id, call } = message
    if (call.type === 'leases') this.#tellLeases(id, this.#life.living?.leases ?? [])
    else void this.#answer(call).then((value) => this.#post({ type: 'reply', id, value }))
  }

  async #answer(call: Exclude<Call, { readonly type: 'leases' }>): Promise<unknown> {
    switch (call.type) {
      case 'start':
        return remoteLife(
          await this.#life.start(() => {
            this.#settings = call.settings
            return this.#make(call.settings, {
              tell: (event) => this.#tell(event),
              observe: (datagram) => {
                this.#outbox.addDatagram(datagram)
                this.#planBatch()
              },
              isResuming: call.isResuming,
              onEngine: () => this.#tellStatus(),
            })
          }),
        )
      case 'stop':
        return remoteLife(await this.#life.stop(call.reason))
      case 'forget':
        return this.#life.living?.forget(call.address) ?? false
      case 'restore':
        return this.#life.living?.restore(call.address) ?? 'unknown'
      case 'restore-request':
        return this.#life.living?.restoreRequest(call.request) ?? false
      case 'requests':
        return this.#life.living?.requests ?? []
      case 'keep-all':
        return this.#life.living?.keepAllPackets(call.all)
      case 'next-boots':
        return this.#life.living?.nextBoots ?? []
      case 'set-next-boot': {
        const { mac, what } = call
        const { living } = this.#life
        return (what ? living?.setNextBoot(mac, what) : living?.undoNextBoot(mac)) ?? false
      }
      case 'decide': {
        const { request, decision } = call
        const { living } = this.#life
        return decision ? living?.decide(request, decision) !== undefined : (living?.forgetRequest(request) ?? false)
      }
    }
  }

  #tellLeases(id: number, leases: readonly StoredLease[], from = 0): void {
    const isLast = from + leasesInPart >= leases.length
    this.#post({ type: 'leases', id, leases: leases.slice(from, from + leasesInPart), isLast })
    if (!isLast) setImmediate(() => this.#tellLeases(id, leases, from + leasesInPart))
  }

  #tell(untimed: UntimedEvent): void {
    this.#outbox.addEvent({ ...untimed, time: Date.now() })
    this.#planBatch()
    // Where it listens has changed.
    if (untimed.type === 'interface-lost' || untimed.type === 'interface-back') this.#tellStatus()
  }

  #planBatch(): void {
    if (this.#isBatchPlanned) return
    this.#isBatchPlanned = true
    setTimeout(() => {
      this.#isBatchPlanned = false
      if (this.#flush()) this.#planBatch()
    }, batchMs)
  }

  /** Hands over one batch; whether there was one. */
  #flush(): boolean {
    if (!this.#channel) return false
    const taken = this.#outbox.take()
    if (!taken) return false
    const { living } = this.#life
    const batch: Batch = { ...taken, transfers: living?.transfers.length ?? 0, pools: living?.poolUsage ?? [] }
    this.#post({ type: 'batch', batch })
    return true
  }
}
