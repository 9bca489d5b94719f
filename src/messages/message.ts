/**
 * What is said, before it is said in a language: a code and what goes into it. It is plain data, so that it can cross a process, be
 * kept in a file and be compared; `textOf` makes the sentence where somebody reads it.
 */
import type { MessageValues } from './compiled/values.ts'

export type MessageId = keyof MessageValues

export type Value = string | number | Message | readonly Text[]

export interface Message {
  readonly id: MessageId
  readonly values?: Readonly<Record<string, Value>>
}

/** Names, paths, numbers as they were written and other evidence are the same in every language. */
export type Text = string | Message

/** Nothing, where a message takes no values. */
export type Given<Id extends MessageId> = keyof MessageValues[Id] extends never ? [] : [values: MessageValues[Id]]

/** A message of the catalogue with what goes into it. */
export const say = <Id extends MessageId>(id: Id, ...[values]: Given<Id>): Message =>
  values === undefined ? { id } : { id, values: { ...values } }

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value

/** What a compiled catalogue is: a function for each message. */
export type Compiled = Readonly<Record<string, (values: object) => string>>
