/** What is told of a boot wherever it is spoken of: the one way from an explanation to a verdict. */
import { inEnglish } from '#messages/text.ts'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import type { Explanation, Stage } from '#shared/diagnosis/explain/explanation.ts'
import type { Boot, Verdict } from '#shared/contract/calls.ts'
import type { Attempt } from '#shared/trace/events.ts'
import type { FrameStore } from '#shared/trace/frame-store.ts'

const stagesOf: Readonly<Record<Stage['name'], Boot['stage']>> = {
  discover: 'seen',
  offer: 'offered',
  request: 'offered',
  ack: 'address',
  'boot-server': 'boot-server',
  file: 'loading',
  'next-program': 'loaded',
}

/** Where in its boot a machine is. */
function stageOf({ outcome, stages, waitsForApproval }: Explanation): Boot['stage'] {
  if (outcome === 'failed' || outcome === 'started' || outcome === 'loaded') return outcome
  if (outcome === 'waiting' && waitsForApproval) return 'approval'
  const last = stages.at(-1)
  if (!last) return 'seen'
  return last.name === 'file' && last.state === 'done' ? 'loaded' : stagesOf[last.name]
}

/** A part of a boot: a round of questions, or a file. Times are milliseconds since 1970. */
export interface BootPart {
  readonly name: Stage['name']
  readonly title: string
  readonly state: Stage['state']
  readonly startedAt: number
  readonly endedAt: number
}

/** A boot of which nothing more is awaited. */
export interface SettledBoot {
  readonly verdict: Verdict
  readonly parts: readonly BootPart[]
}

/** What is told of an attempt at a time, in milliseconds since 1970; `isLive` of a lab that runs, and not of a capture. */
export function judgedOn(store: FrameStore, attempt: Attempt, now: number, isLive = true): SettledBoot {
  const baseMs = Number(store.baseNs / 1000n) / 1000
  const explanation = explainAttempt(store, attempt, { nowNs: (now - baseMs) * 1e6, isLive })
  const verdict: Verdict = {
    mac: attempt.machine.name,
    startedAt: store.millisecondsAt(attempt.startNs),
    lastAt: store.millisecondsAt(attempt.lastNs),
    outcome: explanation.outcome,
    stage: stageOf(explanation),
    headline: inEnglish(explanation.headline).replace(/\.$/, ''),
    code: explanation.code?.code ?? null,
    causes: explanation.causes.map(inEnglish),
    firmware: explanation.firmware?.name ?? '',
    hostName: attempt.machine.hostName,
  }
  const parts = explanation.stages.map(({ name, title, state, startNs, endNs }) => ({
    name,
    title: inEnglish(title),
    state,
    startedAt: store.millisecondsAt(startNs),
    endedAt: store.millisecondsAt(endNs),
  }))
  return { verdict, parts }
}

export const verdictOn = (store: FrameStore, attempt: Attempt, now: number, isLive = true): Verdict =>
  judgedOn(store, attempt, now, isLive).verdict
