/**
 * The responder as the application knows it: what it is doing in words, starting and stopping it, and what becomes of it
 * when its process ends: it goes on with what it did, and the person is told.
 */
import type { LeaseRestoration } from '#shared/machines/freed-leases.ts'
import type { Complaint, Status } from '#shared/contract/calls.ts'
import type { LabEvent, UntimedEvent } from '#shared/contract/events.ts'
import { CallFailure } from '#shared/contract/channel.ts'
import { formatDuration, formatTime } from '#shared/contract/format.ts'
import type { HeartbeatLimits } from '#shared/contract/heartbeat.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { StoredLease } from '../responder/lease-store.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import type { NextBoot } from '#shared/machines/next-boots.ts'
import type { Decision, PendingRequest } from '#shared/machines/pending-requests.ts'
import {
  RemoteResponder,
  ResponderClient,
  responderHeartbeat,
  type ClientListener,
} from '../responder-process/client.ts'
import type { HostStatus, ResponderSettings } from '../responder-process/messages.ts'
import type { ResponderSource } from '../responder-process/source.ts'
import type { Observed } from '../responder/observed.ts'
import { ResponderLife, type LifeState } from '../responder/responder-life.ts'
import { StartError } from '../responder/start-error.ts'

const activity: Readonly<Record<Lab['mode'], string>> = {
  listen: 'Listening; nothing is answered.',
  dhcp: 'Giving addresses, boot programs and files.',
  'proxy-dhcp': 'Giving boot programs and files beside another DHCP server.',
  'boot-server': 'Answering on port 4011 and giving files; port 67 is left to the DHCP server of this machine.',
}

interface Interruption {
  readonly settings: ResponderSettings
  readonly how: string
  /** Milliseconds by a clock that nobody sets. */
  readonly at: number
}

type Shown = Pick<Status, 'state' | 'detail' | 'complaint'>

export interface ResponderRoomOptions {
  readonly source: ResponderSource
  /** Reads the lab for a start; throws a `CallFailure` where it cannot be started from. */
  readonly prepare: () => Promise<ResponderSettings>
  readonly onEvent: (event: LabEvent) => void
  readonly onObserved: (seen: Observed) => void
  /** Packets that were answered and could not be shown. */
  readonly onUnseen: (datagrams: number) => void
  /** What is shown of it has changed; `settings` is what it runs with. */
  readonly onChange: (settings: ResponderSettings | undefined) => void
  readonly heartbeat?: HeartbeatLimits
}

export class ResponderRoom {
  readonly #options: ResponderRoomOptions
  readonly #client: ResponderClient
  readonly #life = new ResponderLife<RemoteResponder>((state) => this.#onLife(state))
  #shown: Shown = { state: 'stopped', detail: '', complaint: null }
  /** Its process has ended: what it did, and what is shown until it does so again. */
  #interrupted: Interruption | undefined
  #trouble: Shown | undefined
  /** Its process is there and does not answer: what is shown of it was told before. */
  #silent: Shown | undefined
  #isClosing = false
  #keepsAll = false

  constructor(options: ResponderRoomOptions) {
    this.#options = options
    const { heartbeat = responderHeartbeat } = options
    const listener: ClientListener = {
      onHello: (status) => this.#onHello(status),
      onStatus: (status) => this.#onStatus(status),
      onEvent: options.onEvent,
      onObserved: options.onObserved,
      onLost: ({ events, datagrams }) => {
        options.onUnseen(datagrams)
        this.#tell({ type: 'not-shown', events, datagrams })
      },
      onSilent: (silentMs) => this.#onSilent(silentMs, heartbeat.giveUpMs),
      onAnswer: (silentMs) => {
        this.#silent = undefined
        this.#tell({ type: 'responder-answers', silentMs })
        options.onChange(this.settings)
      },
      onGiveUp: (silentMs) => options.source.end(`it had not answered for ${formatDuration(silentMs)}`),
    }
    this.#client = new ResponderClient(listener, heartbeat)
  }

  open(): void {
    this.#options.source.open({
      up: (channel) => this.#client.connect(channel),
      down: (how, restartsInMs) => this.#onDown(how, restartsInMs),
    })
  }

  async close(reason: string): Promise<void> {
    this.#isClosing = true
    this.#interrupted = undefined
    this.#endSilent()
    await this.#life.close(reason)
    await this.#options.source.close()
    this.#client.close()
  }

  /** Whether a responder is there or about to be. */
  get isBusy(): boolean {
    return this.#interrupted !== undefined || !['stopped', 'failed'].includes(this.#life.state.state)
  }

  get pid(): number | undefined {
    return this.#client.pid
  }

  get transfers(): number {
    return this.#client.transfers
  }

  /** What it runs with, or is about to. */
  get settings(): ResponderSettings | undefined {
    return this.#life.living?.settings ?? this.#interrupted?.settings
  }

  get status(): Pick<Status, 'state' | 'detail' | 'complaint' | 'listening' | 'startedAt' | 'stopsAt' | 'pools'> {
    const { status, stopsInMs, pools } = this.#client
    return {
      ...(this.#silent ?? this.#engineShown(status.engine) ?? this.#shown),
      listening: [...status.listening],
      startedAt: status.startedAt ?? null,
      stopsAt: stopsInMs === undefined ? null : Date.now() + stopsInMs,
      pools: [...pools],
    }
  }

  /** It serves files and port 4011, and is not well while the engine that gives the addresses is not. */
  #engineShown(engine: HostStatus['engine']): Shown | undefined {
    if (this.#shown.state !== 'responding') return undefined
    const bad = engine.find(({ state }) => state !== 'well' && state !== 'connecting')
    if (bad) {
      const message = bad.detail.replace(/\.$/, '')
      return { state: 'problem', detail: `${message}. Files and port 4011 are served.`, complaint: { message, remedy: bad.remedy, about: 'Kea' } } // prettier-ignore
    }
    const fresh = engine.find(({ state }) => state === 'connecting')
    return fresh && { state: 'starting', detail: fresh.detail, complaint: null }
  }

  /** Settles when it runs or does not; rejects where the lab cannot be started from, or by a defect. */
  async start(): Promise<void> {
    this.#interrupted = undefined
    this.#trouble = undefined
    this.#options.source.retry()
    const reached = await this.#life.start(async () => {
      const settings = await this.#options.prepare()
      const { mode, allowOtherServers } = settings.lab
      const asks = mode === 'dhcp' && !allowOtherServers
      this.#show({
        state: 'starting',
        detail: asks ? 'Looking for other DHCP servers (4 s).' : 'Opening the ports.',
        complaint: null,
      })
      if (this.#client.status.hasGivenUpRights) {
        this.#client.lost('it begins anew with all rights', true)
        await this.#options.source.renew()
      }
      return new RemoteResponder(this.#client, settings, false)
    })
    if (reached.state === 'failed' && !(reached.error instanceof StartError)) throw reached.error
  }

  async stop(): Promise<void> {
    this.#interrupted = undefined
    this.#trouble = undefined
    const stopped = this.#life.stop()
    this.#endSilent()
    await stopped
  }

  leases(): Promise<readonly StoredLease[]> {
    return this.#client.leases()
  }

  forget(address: IpAddress): Promise<boolean> {
    return this.#client.forget(address)
  }

  restore(address: IpAddress): Promise<LeaseRestoration> {
    return this.#client.restore(address)
  }

  restoreRequest(request: number): Promise<boolean> {
    return this.#client.restoreRequest(request)
  }

  requests(): Promise<readonly PendingRequest[]> {
    return this.#client.requests()
  }

  decide(request: number, decision: Decision | undefined): Promise<boolean> {
    return this.#client.decide(request, decision)
  }

  nextBoots(): Promise<readonly NextBoot[]> {
    return this.#client.nextBoots()
  }

  setNextBoot(mac: string, what: InsteadOfRules | undefined): Promise<boolean> {
    return this.#client.setNextBoot(mac, what)
  }

  get keepsAllPackets(): boolean {
    return this.#keepsAll
  }

  /** Of files one packet in a while is kept, or every one; holds until it is told otherwise. */
  async keepAllPackets(all: boolean): Promise<void> {
    this.#keepsAll = all
    // A process that is gone is told again when it runs.
    await this.#client.keepAllPackets(all).catch(() => {})
    this.#options.onChange(this.settings)
  }

  /** One that does not answer cannot be asked to stop. */
  #endSilent(): void {
    if (this.#silent) this.#options.source.end('it did not answer when it was to stop')
  }

  #onSilent(silentMs: number, giveUpMs: number): void {
    // Told as a time of day, which is the clock that a person reads.
    const told = Date.now()
    const since = formatTime(told - silentMs)
    const message = `the responder (process ${this.pid}) has not answered since ${since}`
    const goesOn = `after ${formatDuration(giveUpMs)} without an answer it is ended and started again, with its leases`
    this.#silent = {
      state: 'silent',
      detail: `The responder has not answered since ${since}, nor do machines get an answer; ${goesOn}.`,
      complaint: { message, remedy: 'See whether the disk of its state folder answers, and whether somebody stopped its process.', about: 'responder' }, // prettier-ignore
    }
    this.#tell({ type: 'responder-silent', silentMs, giveUpMs })
    this.#options.onChange(this.settings)
    // What was to end by being asked would wait for ever.
    if (this.#isClosing || this.#life.state.state === 'stopping') this.#endSilent()
  }

  #tell(event: UntimedEvent): void {
    this.#options.onEvent({ ...event, time: Date.now() })
  }

  #onHello(status: HostStatus): void {
    const interrupted = this.#interrupted
    this.#interrupted = undefined
    this.#trouble = undefined
    if (interrupted) void this.#resume(interrupted)
    // It has outlived the process that served people before this one.
    else if (status.settings && !this.isBusy) {
      const { settings } = status
      void this.#life.start(() => new RemoteResponder(this.#client, settings, true))
    }
  }

  async #resume({ settings, how, at }: Interruption): Promise<void> {
    const { state } = await this.#life.start(() => new RemoteResponder(this.#client, settings, true))
    if (state === 'running') this.#tell({ type: 'responder-restarted', how, downMs: performance.now() - at })
  }

  #onStatus({ life }: HostStatus): void {
    // It stopped by itself, as the lab says.
    if (life.state === 'stopped' && this.#life.state.state === 'running') void this.#life.stop(life.reason)
    else this.#options.onChange(this.settings)
  }

  #onDown(how: string, restartsInMs: number | undefined): void {
    this.#silent = undefined
    // Ctrl+C in a terminal reaches both processes, and either may be the first to go.
    if (this.#isClosing) return this.#client.lost(how, false)
    const settings = this.settings
    const willReturn = restartsInMs !== undefined
    if (settings && willReturn) this.#interrupted ??= { settings, how, at: performance.now() }
    if (settings || !willReturn) this.#tell({ type: 'responder-lost', how, restartsInMs })
    const problem = `the responder ended unexpectedly (${how})`
    if (!willReturn) {
      this.#interrupted = undefined
      this.#trouble = {
        state: 'problem',
        detail: `The responder ended unexpectedly (${how}), again and again, and is not started any more.`,
        complaint: { message: `${problem} too often`, remedy: 'Start it again, and report it with the log.', about: 'defect' }, // prettier-ignore
      }
    } else if (settings)
      this.#trouble = {
        state: 'starting',
        detail: `The responder ended unexpectedly (${how}); it is started again.`,
        complaint: null,
      }
    // Before the client knows: whoever waits for a start is told that it was stopped, and not that it failed.
    const stopped = settings ? this.#life.stop(problem) : undefined
    this.#client.lost(how, willReturn)
    if (!stopped) this.#onLife(this.#life.state)
  }

  #show(shown: Shown): void {
    this.#shown = shown
    this.#options.onChange(this.settings)
  }

  #onLife(life: LifeState): void {
    switch (life.state) {
      case 'starting':
        return this.#show({ state: 'starting', detail: 'Reading the lab file.', complaint: null })
      case 'running': {
        if (this.#keepsAll) void this.#client.keepAllPackets(true).catch(() => {})
        const { mode } = this.settings!.lab
        const state = mode === 'listen' ? 'listening' : 'responding'
        return this.#show({ state, detail: activity[mode], complaint: null })
      }
      case 'stopping':
        return this.#show(
          this.#trouble ?? { state: 'stopping', detail: 'Ending transfers and closing the ports.', complaint: null },
        )
      case 'stopped': {
        const detail = ['by request', 'not started yet'].includes(life.reason) ? '' : `Stopped ${life.reason}.`
        return this.#show(this.#trouble ?? { state: 'stopped', detail, complaint: null })
      }
      case 'failed': {
        const shown = failureShown(life.error)
        if (shown.complaint)
          this.#tell({ type: 'not-started', message: shown.complaint.message, remedy: shown.complaint.remedy })
        return this.#show(shown)
      }
    }
  }
}

function failureShown(error: unknown): Shown {
  if (error instanceof StartError && error.problem.kind === 'cancelled')
    return { state: 'stopped', detail: 'The start was cancelled.', complaint: null }
  const complaint = complaintOf(error)
  return { state: 'problem', detail: complaint.message, complaint }
}

function complaintOf(error: unknown): Complaint {
  if (error instanceof StartError) {
    const { message, remedy, problem } = error
    return { message, remedy, about: problem.kind === 'port' ? `port ${problem.port}` : problem.kind }
  }
  if (error instanceof CallFailure) return { message: error.message, remedy: error.remedy, about: 'lab' }
  const message = error instanceof Error ? error.message : String(error)
  return { message, remedy: 'Report it with the log.', about: 'defect' }
}
