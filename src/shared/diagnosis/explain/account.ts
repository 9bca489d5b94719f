/** The account of an attempt while it is being written: what was said so far, and what is known of the time. */
import type { Attempt } from '../../trace/events.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import type { Missing, Note, Tone } from '../../trace/ladder.ts'
import type { FailureKind } from '../failures.ts'
import { roundsOf, type Round } from '../rounds.ts'
import type { OfferVerdict, Outcome, Sentence, Stage } from './explanation.ts'

export class Account {
  readonly store: FrameStore
  readonly attempt: Attempt
  /** Until when nothing more came. */
  readonly nowNs: number
  readonly rounds: Round[]
  readonly sentences: Sentence[] = []
  readonly stages: Stage[] = []
  readonly offers: OfferVerdict[] = []
  readonly missing: Missing[] = []
  readonly notes: Note[] = []
  failure: FailureKind | undefined
  outcome: Outcome = 'waiting'
  /** What has not come yet, in words. */
  waitsFor: string | undefined

  constructor(store: FrameStore, attempt: Attempt, nowNs: number) {
    this.store = store
    this.attempt = attempt
    // What came after the next attempt began says nothing about this one.
    this.nowNs = attempt.next ? attempt.next.startNs : nowNs
    this.rounds = roundsOf(store, attempt)
  }

  say(text: string, frames: readonly number[], tone: Tone = 'plain'): void {
    this.sentences.push({ text, tone, frames })
  }

  stage(
    name: Stage['name'],
    title: string,
    state: Stage['state'],
    startNs: number,
    endNs: number,
    frames: readonly number[],
  ): void {
    this.stages.push({ name, title, state, startNs, endNs, frames })
  }

  note(frame: number, tone: Tone, text: string): void {
    this.notes.push({ frame, tone, text })
  }

  fail(failure: FailureKind): void {
    this.failure = failure
    this.outcome = 'failed'
  }

  /** A packet that should have come: due when the client would wait no longer, ended when it did something else. */
  miss(
    label: string,
    from: number | undefined,
    protocol: Missing['protocol'],
    after: { frame: number; timeNs: number },
    dueNs: number,
    causes: readonly string[],
  ): void {
    this.missing.push({
      number: this.missing.length + 1,
      label,
      from: from ?? 0,
      protocol,
      afterFrame: after.frame,
      afterNs: after.timeNs,
      dueNs,
      isOverdue: this.nowNs >= dueNs,
      causes,
    })
  }

  wait(what: string): false {
    this.waitsFor = what
    this.say(`It is waiting for ${what}.`, [], 'warning')
    return false
  }
}
