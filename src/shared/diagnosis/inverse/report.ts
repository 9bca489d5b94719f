/** What is left, as it is shown and printed: the same for the command line and the window. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { findPxeError, uefiMeaning } from '../pxe-errors.ts'
import type { Evidence, Question, State } from './dialogue.ts'
import { observation } from './observations.ts'
import type { Verification } from './verify.ts'

/** Questions that are told of beside the best. */
const furtherQuestions = 4

const questionJson = ({ id, choices, gain }: Question) => {
  const { asks, how } = observation(id)
  return { observation: id, asks, how, bits: Number(gain.toPrecision(3)), choices }
}

const evidenceJson = ({ id, allowed, says, source }: Evidence) => ({ observation: id, answers: allowed, says, source })

/** `asked`: set-ups that are known in all. */
export function askJson(state: State, setups: number, verification: Verification | undefined) {
  const [best, ...others] = state.questions
  return {
    version: 1 as const,
    setups,
    result: state.kind,
    evidence: state.evidence.map(evidenceJson),
    causes: state.causes.map(({ cause, share, setups: own }) => ({
      title: inEnglish(cause.title),
      why: cause.why,
      share: Number(share.toPrecision(3)),
      scenario: cause.scenario ?? null,
      setups: own.map(({ id, title }) => ({ id, title: inEnglish(title) })),
      fix: { says: cause.fix.says.map(inEnglish), commands: cause.fix.commands },
    })),
    question: best ? questionJson(best) : null,
    otherQuestions: others.slice(0, furtherQuestions).map(questionJson),
    conflicts: state.conflicts.map(evidenceJson),
    verification: verification
      ? { ...verification, tried: verification.tried.map((one) => ({ ...one, title: inEnglish(one.title) })) }
      : null,
  }
}

/** Messages of a BIOS ROM that are no error numbers: the number in them is that of TFTP (RFC 1350 section 5). */
const romMessages: Readonly<Record<string, Message>> = {
  'PXE-M0F': say('questions.rom-m0f'),
  'PXE-T01': say('questions.rom-t01'),
  'PXE-T02': say('questions.rom-t02'),
}

/** What a code means, where it is one of PXE; undefined for others. */
export function codeMeaning(code: string): Message | undefined {
  const told = romMessages[code]
  if (told !== undefined) return told
  const error = findPxeError(code)
  if (!error) return undefined
  const { bios } = error
  const uefi = uefiMeaning(error)
  if (bios === undefined) return say('questions.code-on-uefi', { code: error.code, uefi })
  return uefi === undefined
    ? say('questions.code-on-bios', { code: error.code, bios })
    : say('questions.code-on-both', { code: error.code, bios, uefi })
}

const endMessages: Readonly<Record<string, Message>> = {
  boots: say('ask.end-boots'),
  'does not boot': say('ask.end-fails'),
  local: say('ask.end-local', { state: 'local' }),
  waiting: say('ask.end-local', { state: 'waiting' }),
  'does not fit': say('ask.end-local', { state: 'other' }),
}

/** How a machine ended, as it is shown; a code stays what it is. */
export const endPhrase = (word: string): Phrase => endMessages[word] ?? word

/** Said beside every result: the space is what the simulator knows, and no more. */
export const limits = (setups: number): Message => say('questions.limits', { count: setups })

export const percent = (share: number): string => (share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`)
