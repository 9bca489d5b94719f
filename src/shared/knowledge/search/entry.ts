import { say, type Phrase } from '#messages/message.ts'

/** What can be found, by whatever people have in their hands. */
export const entryKinds = [
  'page',
  'action',
  'code',
  'option',
  'registry',
  'article',
  'term',
  'scenario',
  'check',
  'rule',
  'signature',
  'setting',
  'client',
  'capture',
] as const
export type EntryKind = (typeof entryKinds)[number]

export interface Entry {
  /** Unique among all. */
  readonly id: string
  readonly kind: EntryKind
  readonly title: string
  /** The title in English, where another language is spoken. */
  readonly english?: string
  /** One line below the title. */
  readonly detail: string
  /** Words that lead to it and are not shown: sentences off screens, other names. */
  readonly keywords: string
  /** Longer text that is searched with less weight. */
  readonly text?: string
  /** Where it leads: the hash of an address. Without one it is an action, which its id names, or is told by its rows. */
  readonly address?: string
  /** What is told of it beside the page: label, words, and whether they are a value to type. */
  readonly rows?: readonly (readonly [label: string, words: string, form?: 'mono'])[]
}

export const kindTitles: Readonly<Record<EntryKind, Phrase>> = {
  page: say('search.kind-page'),
  action: say('search.kind-action'),
  code: say('search.kind-code'),
  option: say('search.kind-option'),
  registry: say('search.kind-registry'),
  article: say('search.kind-article'),
  term: say('search.kind-term'),
  scenario: say('search.kind-scenario'),
  check: say('search.kind-check'),
  rule: say('search.kind-rule'),
  signature: say('search.kind-signature'),
  setting: say('search.kind-setting'),
  client: say('search.kind-client'),
  capture: say('search.kind-capture'),
}

/** The page of a code, which is also where the questions about it are. */
export const codeAddress = (code: string): string => `#/doctor/${encodeURIComponent(`ask?code=${code}`)}`
