/** Messages as sentences. */
import { catalogue as english } from './compiled/en.js'
import {
  isMessage,
  say,
  type Compiled,
  type Given,
  type Message,
  type MessageId,
  type Text,
  type Value,
} from './message.ts'

const inside = (value: Value, words: Compiled): unknown => {
  if (isMessage(value)) return sentence(value, words)
  return Array.isArray(value) ? value.map((one: Text) => (isMessage(one) ? sentence(one, words) : one)) : value
}

function sentence({ id, values = {} }: Message, words: Compiled): string {
  const told = words[id]
  // Of a newer version than this catalogue: its code says more than nothing.
  if (!told) return id
  return told(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inside(value, words)])))
}

/** The sentence for whoever reads it. */
export const textOf = (text: Text): string => (isMessage(text) ? sentence(text, english) : text)

/** A message said at once: for labels, which nobody keeps. */
export const t = <Id extends MessageId>(id: Id, ...given: Given<Id>): string => textOf(say(id, ...given))
