/** Explanations for other programs: versioned, times in seconds, addresses as texts. See resources/explain.schema.json. */
import { formatIp } from '../../wire/ip-address.ts'
import { formatUtc } from '../../wire/time.ts'
import type { Attempt } from '../../trace/events.ts'
import type { Session } from '../../trace/session.ts'
import type { Explanation } from './explanation.ts'

export const explanationVersion = 1

/** One attempt of the document, with its explanation. */
export function attemptJson(session: Session, attempt: Attempt, told: Explanation): object {
  const { store } = session
  const seconds = (ns: number): number => Math.round(ns / 1000) / 1e6
  return {
    client: attempt.machine.name,
    attempt: attempt.ordinal,
    began: formatUtc(store.baseNs + BigInt(Math.round(attempt.startNs))),
    start: seconds(told.startNs),
    end: seconds(told.endNs),
    outcome: told.outcome,
    headline: told.headline,
    ...(told.failure === undefined ? {} : { failure: told.failure }),
    ...(told.firmware
      ? {
          firmware: {
            kind: told.firmware.kind,
            name: told.firmware.name,
            evidence: told.firmware.evidence,
            ...(told.firmware.architecture === undefined ? {} : { architecture: told.firmware.architecture }),
          },
        }
      : {}),
    screen: told.screen,
    ...(told.code ? { code: told.code.code, meaning: told.code.meaning } : {}),
    causes: told.causes,
    tells: told.tells,
    stages: told.stages.map((stage) => ({
      name: stage.name,
      title: stage.title,
      state: stage.state,
      start: seconds(stage.startNs),
      end: seconds(stage.endNs),
      frames: stage.frames,
    })),
    offers: told.offers,
    missing: told.missing.map((one) => ({
      label: one.label,
      ...(one.from === 0 ? {} : { from: formatIp(one.from) }),
      after: one.afterFrame,
      due: seconds(one.dueNs),
      overdue: one.isOverdue,
      causes: one.causes,
    })),
    notes: told.notes,
    sentences: told.sentences,
  }
}
