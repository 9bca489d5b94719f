/**
 * Kea as the engine of a running lab: brings the boot logic there, one server of a pair after the other, and watches. What is
 * lost is told at once and asked for again, each time after a longer pause; nothing here ends the responder.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { EngineStatus, UntimedEvent } from '#shared/contract/events.ts'
import type { EngineLab } from '#shared/kea/boot-classes.ts'
import { changesBetween } from '#shared/kea/configuration.ts'
import { KeaProblem, type JsonObject } from '#shared/kea/control.ts'
import type { KeaHighAvailability, KeaStatus } from '#shared/kea/dialogues.ts'
import { KeaLost } from './kea-channel.ts'
import type { KeaControl } from './kea-control.ts'

export interface KeaEngineLimits {
  readonly pollMs: number
  /** How often a Kea without `config-hash-get` is asked for its whole configuration. */
  readonly configurationMs: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

const usualLimits: KeaEngineLimits = { pollMs: 2000, configurationMs: 10_000, firstPauseMs: 1000, longestPauseMs: 30_000 } // prettier-ignore

export interface KeaEngineOptions {
  readonly controls: readonly KeaControl[]
  /** What Kea is to be told; asked whenever it is needed, for addresses change. Throws a `KeaProblem` where that is not known. */
  readonly lab: () => EngineLab
  readonly tell: (event: UntimedEvent) => void
  readonly onStatus: () => void
  readonly limits?: Partial<KeaEngineLimits>
}

const partnerText = ({ partner }: KeaHighAvailability): string =>
  partner.isInTouch ? `partner ${partner.state}` : `partner not in touch${partner.state === '' ? '' : `, last ${partner.state}`}` // prettier-ignore

export const highAvailabilityText = (all: readonly KeaHighAvailability[]): string =>
  all.map((one) => `${one.mode}: ${one.role} is ${one.state}, ${partnerText(one)}`).join('; ')

export class KeaEngine {
  readonly #options: KeaEngineOptions
  readonly #limits: KeaEngineLimits
  readonly #abort = new AbortController()
  readonly #servers: readonly WatchedKea[]
  /** Of a pair only one is changed at a time. */
  #changing: Promise<unknown> = Promise.resolve()
  #following: Promise<unknown> = Promise.resolve()

  constructor(options: KeaEngineOptions) {
    this.#options = options
    this.#limits = { ...usualLimits, ...options.limits }
    this.#servers = options.controls.map((control) => ({
      control,
      status: { server: control.name, state: 'connecting', version: '', detail: `Connecting to Kea at ${control.name}.`, remedy: '', highAvailability: '' }, // prettier-ignore
      lostAt: undefined,
      known: undefined,
      run: undefined,
      lookedAt: -Infinity,
      hash: undefined,
    }))
  }

  get status(): readonly EngineStatus[] {
    return this.#servers.map(({ status }) => status)
  }

  start(): void {
    this.#following = Promise.all(this.#servers.map((one) => this.#follow(one)))
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    for (const { control } of this.#servers) control.close()
    await this.#following
  }

  async #follow(one: WatchedKea): Promise<void> {
    const { pollMs, firstPauseMs, longestPauseMs } = this.#limits
    const { signal } = this.#abort
    let pauseMs = firstPauseMs
    while (!signal.aborted) {
      let waitMs = pollMs
      try {
        await this.#look(one)
        pauseMs = firstPauseMs
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof KeaProblem)) throw error
        this.#fail(one, error)
        waitMs = pauseMs
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  #fail(one: WatchedKea, error: KeaProblem): void {
    const isLost = error instanceof KeaLost
    const { server, state, detail, version } = one.status
    // Lost is lost: that a connection is refused which was cut off before is nothing new.
    const isNews = isLost ? state !== 'lost' : state !== 'refused' || detail !== error.message
    one.lookedAt = -Infinity
    if (isLost) one.lostAt ??= performance.now()
    this.#set(one, { server, version, state: isLost ? 'lost' : 'refused', detail: error.message, remedy: error.remedy, highAvailability: '' }) // prettier-ignore
    if (isNews) this.#options.tell({ type: isLost ? 'engine-lost' : 'engine-refused', server, message: error.message, remedy: error.remedy }) // prettier-ignore
  }

  async #look(one: WatchedKea): Promise<void> {
    const status = await one.control.status()
    const run = one.run
    const isAnew = run === undefined || run.pid !== status.pid || status.uptimeSeconds < run.uptimeSeconds
    one.run = status
    if (one.lostAt !== undefined) {
      this.#options.tell({ type: 'engine-back', server: one.status.server, downMs: performance.now() - one.lostAt })
      one.lostAt = undefined
    }
    if (isAnew) await this.#apply(one)
    else await this.#compare(one, status)
    this.#tellPair(one, status)
  }

  /** At the start, and when Kea has started again with what its file says. */
  async #apply(one: WatchedKea): Promise<void> {
    const change = this.#changing.then(async () => {
      if (this.#abort.signal.aborted) return
      const done = await one.control.apply(this.#options.lab())
      one.known = done.after
      one.lookedAt = performance.now()
      one.hash = undefined
      const { server } = one.status
      if (done.overtakenBy.length > 0) this.#options.tell({ type: 'engine-changed', server, changes: done.overtakenBy, hasClasses: true }) // prettier-ignore
      this.#options.tell({ type: 'engine-applied', server, version: done.version, classes: done.classes.length, isChanged: done.isChanged, kept: done.kept, warnings: done.warnings, unsaved: done.unsaved && `${done.unsaved.message}. ${done.unsaved.remedy}` }) // prettier-ignore
      this.#set(one, { server, version: done.version, state: 'well', detail: `Kea ${done.version} at ${server} has the boot logic of this lab.`, remedy: '', highAvailability: one.status.highAvailability }) // prettier-ignore
      if (done.isChanged) await one.control.settle()
    })
    this.#changing = change.catch(() => {})
    try {
      await change
    } catch (error) {
      // It is tried again as at a start.
      one.run = undefined
      throw error
    }
  }

  /** Whether somebody else has changed it meanwhile, and whether ours is still there. */
  async #compare(one: WatchedKea, status: KeaStatus): Promise<void> {
    const isTold = status.hash !== undefined && one.hash !== undefined
    if (isTold ? status.hash === one.hash : performance.now() - one.lookedAt < this.#limits.configurationMs) return
    const plan = await one.control.plan(this.#options.lab())
    one.lookedAt = performance.now()
    one.hash = status.hash
    const { server, state } = one.status
    const changes = one.known === undefined ? [] : changesBetween(one.known, plan.dhcp4)
    one.known = plan.dhcp4
    if (changes.length > 0) this.#options.tell({ type: 'engine-changed', server, changes, hasClasses: plan.isInPlace })
    if (plan.isInPlace === (state === 'well')) return
    this.#set(one, {
      ...one.status,
      version: plan.version,
      state: plan.isInPlace ? 'well' : 'without-classes',
      detail: plan.isInPlace
        ? `Kea ${plan.version} at ${server} has the boot logic of this lab.`
        : `Kea at ${server} does not have the boot logic of this lab any more: machines are told no boot file there, or an older one.`, // prettier-ignore
      remedy: plan.isInPlace
        ? ''
        : 'Apply it again on the Lab page or with pxe-lab engine apply, or stop the responder.',
    })
  }

  #tellPair(one: WatchedKea, { highAvailability }: KeaStatus): void {
    const text = highAvailabilityText(highAvailability)
    if (text === one.status.highAvailability) return
    const isAlone = highAvailability.some(({ partner }) => !partner.isInTouch || partner.state === 'unavailable')
    if (text !== '') this.#options.tell({ type: 'engine-pair', server: one.status.server, state: text, isAlone })
    this.#set(one, { ...one.status, highAvailability: text })
  }

  #set(one: WatchedKea, status: EngineStatus): void {
    one.status = status
    this.#options.onStatus()
  }
}

interface WatchedKea {
  readonly control: KeaControl
  status: EngineStatus
  /** By a clock that nobody sets; undefined while it answers. */
  lostAt: number | undefined
  /** Its configuration as it was last seen. */
  known: JsonObject | undefined
  run: KeaStatus | undefined
  lookedAt: number
  hash: string | undefined
}
