/** What other programs read: the English sentence, and beside it the code of the message and what was put into it. */
import { isMessage, type Message } from './message.ts'
import { inEnglish } from './text.ts'

/** A message as other programs get it: values are as they were given, a message among them as this again. */
const coded = ({ say: id, values = {} }: Message): object => ({
  code: id,
  ...(Object.keys(values).length > 0 && {
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, isMessage(value) ? coded(value) : value]),
    ),
  }),
})

const hasMessages = (value: unknown): boolean => isMessage(value) || (Array.isArray(value) && value.some(isMessage))

const codesOf = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((one: unknown) => (isMessage(one) ? coded(one) : null)) : coded(value as Message)

/** A result in whose schema no codes have a place yet: each message in it is its English sentence, whatever language is spoken. */
export function englishOf(value: unknown): unknown {
  if (isMessage(value)) return inEnglish(value)
  if (Array.isArray(value)) return value.map(englishOf)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, englishOf(one)]))
}

/**
 * A result for `--json`: each message in it becomes its English sentence, whatever language is spoken, and the object that holds it
 * gets `messages`, with code and values under the same key (in a list null for what is no message).
 */
export function forPrograms(value: unknown): unknown {
  if (isMessage(value)) return inEnglish(value)
  if (Array.isArray(value)) return value.map(forPrograms)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Map) return forPrograms(Object.fromEntries(value))
  // What writes itself (a date, an address) goes on doing so.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value)
  const told = entries.filter(([, one]) => hasMessages(one))
  return {
    ...Object.fromEntries(entries.map(([key, one]) => [key, forPrograms(one)])),
    ...(told.length > 0 && { messages: Object.fromEntries(told.map(([key, one]) => [key, codesOf(one)])) }),
  }
}
