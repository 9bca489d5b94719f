/** What is left, as it is shown and printed: the same for the command line and the window. */
import { textOf } from '#messages/text.ts'
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
      title: cause.title,
      why: cause.why,
      share: Number(share.toPrecision(3)),
      scenario: cause.scenario ?? null,
      setups: own.map(({ id, title }) => ({ id, title })),
      fix: cause.fix,
    })),
    question: best ? questionJson(best) : null,
    otherQuestions: others.slice(0, furtherQuestions).map(questionJson),
    conflicts: state.conflicts.map(evidenceJson),
    verification: verification ?? null,
  }
}

/** Messages of a BIOS ROM that are no error numbers: the number in them is that of TFTP (RFC 1350 section 5). */
const romMessages: Readonly<Record<string, string>> = {
  'PXE-M0F': 'the ROM gives up. The code on the lines above it says why: ask with that code.',
  'PXE-T01': 'TFTP error 1, the server does not find the file.',
  'PXE-T02': 'TFTP error 2, the server denies access to the file.',
}

/** What a code means, where it is one of PXE; undefined for others. */
export function codeMeaning(code: string): string | undefined {
  const words = romMessages[code]
  if (words !== undefined) return `${code}. On BIOS: ${words}`
  const error = findPxeError(code)
  if (!error) return undefined
  const meanings = [
    error.bios === undefined ? '' : `On BIOS: ${textOf(error.bios)}.`,
    error.uefi === undefined ? '' : `On UEFI: ${textOf(uefiMeaning(error))}.`,
  ]
  return `${error.code}. ${meanings.filter(Boolean).join(' ')}`
}

/** Said beside every result: the space is what the simulator knows, and no more. */
export const limits = (setups: number): string =>
  `PXE Lab compares with ${setups} simulated set-ups. Yours may be none of them: verify the cause before you change a server.`

export const percent = (share: number): string => (share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`)
