/** Captures that are kept, told in words, and made anew from some of their frames. */
import { explainAttempt } from './told.ts'
import type { Explanation } from './told.ts'
import type { NewFrame } from '#shared/trace/frame-store.ts'
import { Session } from '#shared/trace/session.ts'
import { captureNames, fieldNames, fieldSession, sessionOf } from './fixtures.ts'

/** Every attempt of a capture in turn, told as of a moment. */
export const explain = (session: Session, nowNs = session.endNs): Explanation[] =>
  session.trace.attempts.map((attempt) => explainAttempt(session.store, attempt, { nowNs }))

/** All that is said of an attempt. */
export const wordsOf = ({ headline, sentences, causes }: Explanation): string =>
  [headline, ...sentences.map((one) => one.text), ...causes].join('\n')

export interface Kept extends NewFrame {
  readonly linkType: number
}

export const framesOf = ({ store }: Session): Kept[] =>
  Array.from({ length: store.count }, (_, index) => {
    const frame = store.first + index
    const ns = store.absoluteNs(frame)
    return {
      interface: 0,
      linkType: store.interfaceOf(frame).linkType,
      seconds: Number(ns / 1_000_000_000n),
      nanoseconds: Number(ns % 1_000_000_000n),
      bytes: store.bytesOf(frame),
      originalLength: store.originalLengthOf(frame),
    }
  })

export function sessionOfFrames(frames: readonly Kept[]): Session {
  const session = new Session()
  session.store.addInterface({ name: 'made', linkType: frames[0]!.linkType })
  for (const frame of frames) {
    session.store.add(frame)
    session.trace.advance()
  }
  return session
}

/** Every capture of the fixtures that holds a dialogue: its name, and what reads it. */
export const kept = [
  ...captureNames.map((name) => [name, () => sessionOf(name)] as const),
  ...fieldNames.filter((name) => name !== 'teredo-as-tftp.pcap').map((name) => [`field/${name}`, () => fieldSession(name)] as const),
] // prettier-ignore
