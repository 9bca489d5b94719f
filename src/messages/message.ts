/**
 * What is said, before it is said in a language: a code and what goes into it. It is plain data, so that it can cross a process, be
 * kept in a file and be compared; `textOf` makes the sentence where somebody reads it.
 */
import type { MessageValues } from './compiled/values.ts'

export type MessageId = keyof MessageValues

export type Value = string | number | Message | readonly Phrase[] | null | undefined

export interface Message {
  /** Which message of the catalogue. */
  readonly say: MessageId
  readonly values?: Readonly<Record<string, Value>>
}

/** Names, paths and other evidence are the same in every language. */
export type Phrase = string | Message

/**
 * What stands in a message as it is: a port or a build is a number without separators; what is not known is a question mark.
 * @public of the compiled types
 */
export type Plain = Phrase | number | null | undefined

/** Nothing, where a message takes no values. */
export type Given<Id extends MessageId> = keyof MessageValues[Id] extends never ? [] : [values: MessageValues[Id]]

/** A message of the catalogue with what goes into it. */
export const say = <Id extends MessageId>(id: Id, ...[values]: Given<Id>): Message =>
  values === undefined ? { say: id } : { say: id, values }

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'say' in value && typeof value.say === 'string'

/** Where what was read is told from why it could not be. */
export const isPhrase = (value: unknown): value is Phrase => typeof value === 'string' || isMessage(value)

/** Equal for texts that say the same, as a key. */
export const keyOf = (one: Phrase): string => (typeof one === 'string' ? one : JSON.stringify(one))

/** Whether two texts say the same. */
export const sameText = (a: Phrase, b: Phrase): boolean => keyOf(a) === keyOf(b)

/** Each text once, in the order in which they came. */
export const distinct = (texts: readonly Phrase[]): Phrase[] => [
  ...new Map(texts.map((one) => [keyOf(one), one])).values(),
]

/** Whole sentences one after the other. */
export const together = (sentences: readonly Phrase[]): Phrase =>
  sentences.reduce((first, next) => say('common.sentences', { first, next }))

/** The same with each text in it (evidence, as names and addresses) as `change` makes it. */
export function withStrings(text: Phrase, change: (evidence: string) => string): Phrase {
  if (typeof text === 'string') return change(text)
  const inside = (value: Value): Value =>
    typeof value === 'string' || isMessage(value)
      ? withStrings(value, change)
      : Array.isArray(value)
        ? value.map((one: Phrase) => withStrings(one, change))
        : value
  const { say: id, values } = text
  return values === undefined
    ? text
    : { say: id, values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inside(value)])) }
}

/** What a compiled catalogue is: a function for each message. */
export type Compiled = Readonly<Record<string, (values: object) => string>>

/** What a compiled translation is. */
export interface Translation {
  /** Which English catalogue it belongs to: the key of its names. */
  readonly of: string
  /** In the order of the English ones; undefined for what is not translated. */
  readonly functions: readonly (Compiled[string] | undefined)[]
  /** Of texts in files that come with the program, by their key. */
  readonly texts: Readonly<Record<string, string>>
}
