/** What was asked so far, as it stands in the address: back, forward and a copied link lead to the same place. */
import { type Phrase } from '#messages/message.ts'
import { evidenceOfAnswer, evidenceOfFile, type Evidence } from '#shared/diagnosis/inverse/dialogue.ts'
import { isObservation, type ObservationId } from '#shared/diagnosis/inverse/observations.ts'
import type { Space } from '#shared/diagnosis/inverse/space.ts'
import { evidenceOfText } from '#shared/knowledge/code-in-text.ts'
import { go } from '../route.ts'

const page = 'ask'

export interface GivenAnswer {
  readonly id: ObservationId
  /** Undefined for what nobody knows. */
  readonly answer: string | undefined
}

export interface Asked {
  /** As it was typed; empty without one. */
  readonly code: string
  /** What a capture and a report tell. */
  readonly seen: readonly Evidence[]
  /** In the order in which they were given. */
  readonly answers: readonly GivenAnswer[]
}

export const nothingAsked: Asked = { code: '', seen: [], answers: [] }

const unknownWord = '?'

const pairOf = (text: string): readonly [ObservationId, string] | undefined => {
  const at = text.indexOf('=')
  const id = text.slice(0, at)
  return at > 0 && isObservation(id) ? [id, text.slice(at + 1)] : undefined
}

/** Whether an item of the Doctor's address belongs here. */
export const isAskItem = (item: string | undefined): boolean => item === page || item?.startsWith(`${page}?`) === true

export function askedOf(item: string | undefined): Asked {
  const values = new URLSearchParams((item ?? '').slice(page.length + 1))
  const pairs = (name: string): (readonly [ObservationId, string])[] =>
    values.getAll(name).flatMap((text) => {
      const pair = pairOf(text)
      return pair ? [pair] : []
    })
  const seen = (['capture', 'facts'] as const).flatMap((source) =>
    pairs(source).map(([id, words]) => evidenceOfFile(id, words.split('|'), source)),
  )
  return {
    code: values.get('code') ?? '',
    seen,
    answers: pairs('answer').map(([id, word]) => ({ id, answer: word === unknownWord ? undefined : word })),
  }
}

export function askItem({ code, seen, answers }: Asked): string {
  const values = new URLSearchParams()
  if (code !== '') values.set('code', code)
  for (const { id, allowed, source } of seen) values.append(source, `${id}=${allowed.join('|')}`)
  for (const { id, answer } of answers) values.append('answer', `${id}=${answer ?? unknownWord}`)
  const query = values.toString()
  return query === '' ? page : `${page}?${query}`
}

export const showAsked = (asked: Asked): void => go('doctor', askItem(asked))

/** What is known and what is not, and what is wrong with the code. */
export function knownOf(
  space: Space,
  { code, seen, answers }: Asked,
): {
  readonly evidence: readonly Evidence[]
  readonly unknown: readonly ObservationId[]
  readonly problem: Phrase | undefined
} {
  const ofCode = code === '' ? undefined : evidenceOfText(space, code)
  const isProblem = ofCode !== undefined && 'problem' in ofCode
  const said = new Set(answers.map(({ id }) => id))
  return {
    evidence: [
      ...(ofCode && !isProblem ? [ofCode] : []),
      // What a person says takes the place of what a file said.
      ...seen.filter(({ id }) => !said.has(id)),
      ...answers.flatMap(({ id, answer }) => (answer === undefined ? [] : [evidenceOfAnswer(id, answer)])),
    ],
    unknown: answers.flatMap(({ id, answer }) => (answer === undefined ? [id] : [])),
    problem: isProblem ? ofCode.problem : undefined,
  }
}

/** Without one piece of evidence. */
export const takenBack = (asked: Asked, { id, source }: Evidence): Asked => ({
  code: source === 'code' ? '' : asked.code,
  seen: source === 'answer' ? asked.seen : asked.seen.filter((one) => one.id !== id || one.source !== source),
  answers: source === 'answer' ? asked.answers.filter((one) => one.id !== id) : asked.answers,
})
