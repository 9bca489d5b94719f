/** Messages as sentences. */
import { catalogue as english } from './compiled/en.js'
import {
  isMessage,
  say,
  type Compiled,
  type Given,
  type Message,
  type MessageId,
  type Phrase,
  type Value,
} from './message.ts'

const inside = (value: Value, words: Compiled): unknown => {
  if (value === undefined || value === null) return '?'
  if (isMessage(value)) return sentence(value, words)
  return Array.isArray(value) ? value.map((one: Phrase) => (isMessage(one) ? sentence(one, words) : one)) : value
}

const none = {}

function allInside(values: Readonly<Record<string, Value>>, words: Compiled): object {
  const told: Record<string, unknown> = {}
  for (const name in values) told[name] = inside(values[name], words)
  return told
}

function sentence({ say: id, values = none }: Message, words: Compiled): string {
  const told = words[id] ?? english[id]
  // Of a newer version than this catalogue: its code says more than nothing.
  if (!told) return id
  // Texts and numbers, which most values are, stand as they are: lines about packets are made by the thousand.
  for (const name in values) if (typeof values[name] === 'object' || values[name] === undefined) return told(allInside(values, words)) // prettier-ignore
  return told(values)
}

export { english }

let spoken: Compiled = english
let tag = 'en'
const asItIs = (text: string): string => text
let ofFiles = asItIs

/** From now on this process speaks so; `speak.ts` finds the words. `texts` translates those of files that come with the program. */
export function speak(words: Compiled, language: string, texts: (text: string) => string = asItIs): void {
  spoken = words
  tag = language
  ofFiles = texts
}

/** The language that is spoken, for what Intl formats. */
export const spokenLanguage = (): string => tag

/** The sentence for whoever reads it. */
export function textOf(text: Phrase): string
export function textOf(text: Phrase | undefined): string | undefined
export function textOf(text: Phrase | undefined): string | undefined {
  return isMessage(text) ? sentence(text, spoken) : text
}

/** What is made while English is spoken: for what is found by its English in every language. `make` waits for nothing. */
export function whileEnglish<T>(make: () => T): T {
  const [words, language, texts] = [spoken, tag, ofFiles]
  speak(english, 'en')
  try {
    return make()
  } finally {
    speak(words, language, texts)
  }
}

/** The sentence for other programs and for files that are the same everywhere. */
export const inEnglish = (text: Phrase): string => (isMessage(text) ? sentence(text, english) : text)

/** A text of a file that comes with the program, as a scenario, in the language that is spoken; any other text as it is. */
export const localText = (text: string): string => ofFiles(text)

/** A message said at once: for labels, which nobody keeps. */
export const t = <Id extends MessageId>(id: Id, ...given: Given<Id>): string => textOf(say(id, ...given))
