/**
 * The diagnosis backwards: which set-ups of the space show exactly this, and which observation tells the rest apart best. Pure and
 * deterministic: the same evidence gives the same answer.
 */
import { say, together, type Phrase } from '#messages/message.ts'
import { findPxeError, uefiMeaning } from '../pxe-errors.ts'
import { readCode } from './codes.ts'
import { answerText, observation, observationIds, type ObservationId } from './observations.ts'
import type { Candidate, Cause, Setup, Space } from './space.ts'

/** Something that is known. */
export interface Evidence {
  readonly id: ObservationId
  /** The answers it leaves: one, or all that contain a code. */
  readonly allowed: readonly string[]
  /** As somebody said it. */
  readonly says: Phrase
  /** The code on the screen that was told. */
  readonly code?: string
  /** Where it is from: `answer`, `code`, `capture`, `facts`, or `assumed`. */
  readonly source: 'answer' | 'code' | 'capture' | 'facts' | 'assumed'
}

export interface Remaining {
  readonly cause: Cause
  /** Its share of what is left, 0 to 1, by how common its set-ups are taken to be. */
  readonly share: number
  readonly setups: readonly Setup[]
  readonly candidates: readonly Candidate[]
}

export interface Choice {
  readonly answer: string
  readonly says: Phrase
  /** Causes that are left after it. */
  readonly leaves: number
}

export interface Question {
  readonly id: ObservationId
  readonly choices: readonly Choice[]
  /** Expected information in bits about the cause. */
  readonly gain: number
}

export interface State {
  readonly evidence: readonly Evidence[]
  readonly causes: readonly Remaining[]
  /** The best question first; empty where one cause is left, or where no question tells the rest apart. */
  readonly questions: readonly Question[]
  /**
   * `one`: one cause is left. `several`: there are questions. `alike`: no question tells the rest apart. `none`: nothing in the space
   * shows this; `conflicts` are the pieces of evidence each of which, taken back, leaves something.
   */
  readonly kind: 'one' | 'several' | 'alike' | 'none'
  readonly conflicts: readonly Evidence[]
}

/** Nobody asks why a machine boots: unless something else is known, it does not. */
const assumed: Evidence = {
  id: 'outcome',
  allowed: ['fails', 'waits'],
  says: say('questions.assumed'),
  source: 'assumed',
}

const fits = (candidate: Candidate, { id, allowed }: Evidence): boolean => allowed.includes(candidate.answers[id])

/** All that is known, with what is assumed where nothing is known of it. */
export function evidenceWith(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.some((one) => one.id === 'outcome') ? evidence : [assumed, ...evidence]
}

/** Candidates that show all of this and have a cause. */
export const remaining = ({ candidates }: Space, evidence: readonly Evidence[]): readonly Candidate[] =>
  candidates.filter((one) => one.setup.cause >= 0 && evidence.every((known) => fits(one, known)))

const weightOf = (one: Candidate): number => one.setup.weight * one.weight

/** Weights by key; and their sum. */
function weigh(candidates: readonly Candidate[], keyOf: (one: Candidate) => string | number): Map<string | number, number> {
  const weights = new Map<string | number, number>()
  for (const one of candidates) weights.set(keyOf(one), (weights.get(keyOf(one)) ?? 0) + weightOf(one))
  return weights
} // prettier-ignore

const causeOf = (one: Candidate): number => one.setup.cause

/** Uncertainty about the cause, in bits (Shannon). */
function entropy(candidates: readonly Candidate[]): number {
  const weights = [...weigh(candidates, causeOf).values()]
  const sum = weights.reduce((total, one) => total + one, 0)
  return weights.reduce((bits, one) => bits - (one / sum) * Math.log2(one / sum), 0)
}

function byAnswer(candidates: readonly Candidate[], id: ObservationId): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>()
  for (const one of candidates) {
    const group = groups.get(one.answers[id])
    if (group) group.push(one)
    else groups.set(one.answers[id], [one])
  }
  return groups
}

/** What a question is worth beside another that costs less to answer. */
const costFactors = { 1: 1, 2: 1.15, 3: 1.25, 4: 1.5 } as const
/** Below this nothing is told. */
const leastBits = 1e-9

const countCauses = (candidates: readonly Candidate[]): number => new Set(candidates.map(causeOf)).size

/** The questions that tell something, the best first. */
function questionsFor(
  candidates: readonly Candidate[],
  answered: ReadonlySet<ObservationId>,
  lines: Space['lines'],
): Question[] {
  const before = entropy(candidates)
  const sum = candidates.reduce((total, one) => total + weightOf(one), 0)
  return observationIds
    .filter((id) => !answered.has(id) && !observation(id).isDerived)
    .map((id) => {
      const groups = [...byAnswer(candidates, id)]
      const after = groups.reduce(
        (bits, [, group]) => bits + (group.reduce((total, one) => total + weightOf(one), 0) / sum) * entropy(group),
        0,
      )
      return { id, groups, gain: before - after }
    })
    .filter(({ gain }) => gain > leastBits)
    .map((one) => ({ ...one, score: one.gain / costFactors[observation(one.id).cost] }))
    .sort((a, b) => b.score - a.score || observationIds.indexOf(a.id) - observationIds.indexOf(b.id))
    .map(({ id, groups, gain }) => ({ id, gain, choices: choicesOf(id, groups, lines) }))
}

/** In the order of the table, where there is one. */
function choicesOf(
  id: ObservationId,
  groups: readonly (readonly [string, readonly Candidate[]])[],
  lines: Space['lines'],
): Choice[] {
  // Boots have their answers, and screens their lines.
  const text = (answer: string): Phrase =>
    answer in observation(id).answers ? answerText(id, answer) : (lines[answer] ?? answerText(id, answer))
  const order = Object.keys(observation(id).answers)
  // Of lines without a place those with a code of PXE come first: everybody who boots may see them.
  const place = (answer: string): number =>
    order.includes(answer) ? order.indexOf(answer) : order.length + (answer.startsWith('PXE-') ? 0 : 1)
  return groups
    .map(([answer, group]) => ({ answer, says: text(answer), leaves: countCauses(group) }))
    .sort((a, b) => place(a.answer) - place(b.answer) || (a.answer < b.answer ? -1 : 1))
}

/** What is left, and how to go on. `unknown`: questions that somebody cannot answer. */
export function stateOf(space: Space, told: readonly Evidence[], unknown: readonly ObservationId[] = []): State {
  const evidence = evidenceWith(told)
  const left = remaining(space, evidence)
  if (left.length === 0)
    return {
      evidence,
      causes: [],
      questions: [],
      kind: 'none',
      conflicts: evidence.filter(
        (one) =>
          remaining(
            space,
            evidence.filter((other) => other !== one),
          ).length > 0,
      ),
    }
  const weights = weigh(left, causeOf)
  const sum = [...weights.values()].reduce((total, one) => total + one, 0)
  const causes = [...weights]
    .map(([index, weight]): Remaining => {
      const candidates = left.filter((one) => one.setup.cause === index)
      return {
        cause: space.causes[index as number]!,
        share: weight / sum,
        setups: [...new Set(candidates.map((one) => one.setup))].sort((a, b) => b.weight - a.weight),
        candidates,
      }
    })
    .sort((a, b) => b.share - a.share)
  const answered = new Set([...told.map((one) => one.id), ...unknown])
  const questions = causes.length > 1 ? questionsFor(left, answered, space.lines) : []
  // Before anything else, what is wrong.
  if (answered.size === 0) questions.sort((a, b) => Number(b.id === 'screen') - Number(a.id === 'screen'))
  return {
    evidence,
    causes,
    questions,
    kind: causes.length === 1 ? 'one' : questions.length > 0 ? 'several' : 'alike',
    conflicts: [],
  }
}

/** All answers that a question can have in the space. */
export const answersIn = ({ candidates }: Space, id: ObservationId): string[] =>
  [...new Set(candidates.map((one) => one.answers[id]))].sort()

const codesOf = (word: string): string[] => (/^(PXE-|0x|[0-9a-f]{8})/.test(word) ? word.split(' ') : [])

/** Codes that a simulated screen shows, each once: those of PXE first, which anybody may see, then the numbers of iPXE. */
export const knownCodes = (space: Space): string[] =>
  [...new Set(answersIn(space, 'screen').flatMap(codesOf))].sort(
    (a, b) => Number(b.startsWith('PXE-')) - Number(a.startsWith('PXE-')) || (a < b ? -1 : 1),
  )

/**
 * Whether a code that was typed is one that is known: a page of iPXE's error list is named by its first six digits, and the last two of
 * its numbers differ between BIOS and UEFI.
 */
const isCode = (known: string, typed: string): boolean =>
  known === typed ||
  known === `0x${typed}` ||
  (/^[0-7][0-9a-f]{5}(?:[0-9a-f]{2})?$/.test(typed) && known.startsWith(typed.slice(0, 6)))

/** Where a code belongs that comes after network boot has done its part: a status of the boot manager, of Windows or of Configuration Manager. */
const laterCode = (code: string): Phrase[] =>
  /^(?:0x)?[c8][0-9a-f]{7}$/.test(code) ? [say('questions.later-code')] : []

/** Screens with this code as evidence; a problem in words where it has no form of a code, or no screen of the simulator shows it. */
export function evidenceOfCode(space: Space, text: string): Evidence | { readonly problem: Phrase } {
  const code = readCode(text)
  const known = knownCodes(space)
  if (code === undefined)
    return { problem: say('questions.no-code', { text, codes: known }) }
  const allowed = answersIn(space, 'screen').filter((word) => codesOf(word).some((one) => isCode(one, code)))
  if (allowed.length === 0) {
    const error = findPxeError(code)
    const bios = error?.bios
    const uefi = error && uefiMeaning(error)
    const meaning = bios === undefined || uefi === undefined ? (bios ?? uefi) : say('questions.means-on-both', { bios, uefi })
    const shown = error ? say('questions.not-shown-means', { code, meaning, look: error.look }) : say('questions.not-shown', { code })
    return { problem: together([shown, ...laterCode(code), say('questions.known-codes', { codes: known })]) }
  }
  return { id: 'screen', allowed, says: say('questions.code-shown', { code }), code, source: 'code' }
} // prettier-ignore

/** Scenarios in which a machine shows this code. */
export const scenariosShowing = ({ candidates }: Space, code: string): Setup[] => [
  ...new Set(
    candidates
      .filter(({ setup, answers }) => !setup.id.startsWith('row:') && codesOf(answers.screen).includes(code))
      .map(({ setup }) => setup),
  ),
]

/** An answer that somebody gave. */
export const evidenceOfAnswer = (id: ObservationId, answer: string): Evidence => ({
  id,
  allowed: [answer],
  says: say('questions.evidence', { question: observation(id).asks, answer: answerText(id, answer) }),
  source: 'answer',
})

/** What a capture or a report tells: the answers that it leaves. */
export const evidenceOfFile = (
  id: ObservationId,
  allowed: readonly string[],
  source: 'capture' | 'facts',
): Evidence => ({
  id,
  allowed,
  says: say('questions.evidence-of-file', {
    source,
    question: observation(id).asks,
    answers: allowed
      .map((one) => answerText(id, one))
      .reduce((before, answer) => say('questions.or', { before, answer })),
  }),
  source,
})
