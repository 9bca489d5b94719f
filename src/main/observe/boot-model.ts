/**
 * What every machine of the lab did, as one model: the frames of the lab, explained as any window explains them, and a verdict
 * for each boot whenever it changes. Clients, the count of problems, notices and the log read these verdicts; a window that draws
 * the same frames comes to the same words, for it asks the same code. Bounded: what is old is told a last time and forgotten.
 */
import type { Verdict } from '#shared/contract/calls.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { exportFrames } from '#shared/trace/export.ts'
import { Session } from '#shared/trace/session.ts'
import { judgedOn, type SettledBoot } from './verdict.ts'

export interface ModelLimits {
  /** Bytes of frames that are kept to explain from. */
  readonly bytes: number
  /** Attempts after which the model begins anew with its newest frames. */
  readonly attempts: number
  /** Frames that it takes along then; each may be an attempt of its own, so many fewer than those. */
  readonly carriedFrames: number
  /** Attempts that time alone may still change. */
  readonly open: number
}

const usual: ModelLimits = { bytes: 16 << 20, attempts: 20_000, carriedFrames: 4000, open: 2000 }

/** An attempt that was quiet for so long changes no more by itself. */
const settledMs = 120_000
/** How often time is asked whether it has changed a verdict. */
const askedAgainMs = 1000
/** Explaining takes turns with what comes in. */
const sliceMs = 40

/** Frame that an attempt begins with; NaN where none is kept. */
function firstFrameOf({ events: [event] }: Attempt): number {
  return event === undefined ? NaN : event.kind === 'transfer' ? event.requests[0]! : event.frame
}

export class BootModel {
  readonly #limits: ModelLimits
  #session: Session
  /** By attempt: the version that was told, and when it was asked last. */
  readonly #told = new Map<Attempt, { version: number; askedAt: number; text: string; judged: SettledBoot }>()
  /** Last packet of the newest settled boot of a machine, the newest last: what is carried over is not told twice. */
  readonly #settledUntil = new Map<string, number>()
  #settled: SettledBoot[] = []
  readonly #pending = new Set<Attempt>()

  constructor(limits: Partial<ModelLimits> = {}) {
    this.#limits = { ...usual, ...limits }
    this.#session = new Session(this.#limits.bytes)
  }

  /** What it holds in memory. */
  get size(): { readonly frames: number; readonly attempts: number; readonly open: number } {
    return { frames: this.#session.store.count, attempts: this.#session.trace.attempts.length, open: this.#told.size }
  }

  /** The next frames, as a capture of their own. */
  take(pcapng: Uint8Array): void {
    const { store, trace } = this.#session
    const before = store.last
    this.#session.begin()
    this.#session.push(pcapng)
    const machines = new Set<number>()
    for (let frame = Math.max(before + 1, store.first); frame <= store.last; frame++)
      machines.add(store.machineOf(frame))
    for (const number of machines)
      for (const attempt of trace.machines[number - 1]?.attempts.slice(-2) ?? []) this.#pending.add(attempt)
    if (trace.attempts.length > this.#limits.attempts) this.#beginAnew()
  }

  /** Boots that changed for the last time since this was asked last, each once. */
  takeSettled(): readonly SettledBoot[] {
    const settled = this.#settled
    this.#settled = []
    return settled
  }

  clear(): void {
    this.#settled = []
    this.#settledUntil.clear()
    this.#session = new Session(this.#limits.bytes)
    this.#told.clear()
    this.#pending.clear()
  }

  /** Verdicts that are new or differ from the last; at most what fits into a moment, the rest comes with the next call. */
  verdicts(now: number): Verdict[] {
    const verdicts: Verdict[] = []
    const until = performance.now() + sliceMs
    for (const [attempt, told] of this.#told)
      if (Math.abs(now - told.askedAt) >= askedAgainMs || attempt.version !== told.version) this.#pending.add(attempt)
    for (const attempt of this.#pending) {
      this.#pending.delete(attempt)
      const verdict = this.#judge(attempt, now)
      if (verdict) verdicts.push(verdict)
      if (performance.now() > until) break
    }
    return verdicts
  }

  #judge(attempt: Attempt, now: number): Verdict | undefined {
    const { store } = this.#session
    // Of a boot whose first packets are gone no more can be told than was.
    if (!(firstFrameOf(attempt) >= store.first)) {
      const last = this.#told.get(attempt)
      if (last) this.#settle(last.judged)
      this.#told.delete(attempt)
      return undefined
    }
    const judged = judgedOn(store, attempt, now)
    const { verdict } = judged
    const text = JSON.stringify(verdict)
    const before = this.#told.get(attempt)
    // The newest last: of too many that are open the oldest is told no more.
    this.#told.delete(attempt)
    const isOpen = attempt.next === undefined && Math.abs(now - verdict.lastAt) < settledMs
    if (isOpen) this.#told.set(attempt, { version: attempt.version, askedAt: now, text, judged })
    else this.#settle(judged)
    if (this.#told.size > this.#limits.open) {
      const [oldest, last] = this.#told.entries().next().value!
      this.#settle(last.judged)
      this.#told.delete(oldest)
    }
    return before?.text === text ? undefined : verdict
  }

  /** What is still awaited is told as it is: nothing comes any more. */
  settleAll(): void {
    for (const { judged } of this.#told.values()) this.#settle(judged)
    this.#told.clear()
  }

  #settle(boot: SettledBoot): void {
    const { mac, startedAt, lastAt } = boot.verdict
    const until = this.#settledUntil.get(mac)
    if (until !== undefined && startedAt <= until) return
    this.#settledUntil.delete(mac)
    this.#settledUntil.set(mac, lastAt)
    if (this.#settledUntil.size > this.#limits.attempts)
      this.#settledUntil.delete(this.#settledUntil.keys().next().value!)
    this.#settled.push(boot)
  }

  /** Of machines that are gone for long nothing is kept but what was told of them. */
  #beginAnew(): void {
    const { store } = this.#session
    const first = Math.max(store.first, store.last - this.#limits.carriedFrames + 1)
    const frames = Array.from({ length: store.last - first + 1 }, (_, at) => first + at)
    const carried = exportFrames(store, frames, new Map())
    for (const [attempt, { judged }] of this.#told) if (!(firstFrameOf(attempt) >= first)) this.#settle(judged)
    this.#session = new Session(this.#limits.bytes)
    this.#told.clear()
    this.#pending.clear()
    this.#session.push(carried)
    // Boots that go on are told again; the others are cut at their beginning, and are not.
    const { trace } = this.#session
    for (const machine of trace.machines) {
      const attempt = machine.attempts.at(-1)
      if (attempt && this.#pending.size < this.#limits.open) this.#pending.add(attempt)
    }
  }
}
