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
  /** One line below the title. */
  readonly detail: string
  /** Words that lead to it and are not shown: sentences off screens, other names. */
  readonly keywords: string
  /** Longer text that is searched with less weight. */
  readonly text?: string
  /** Where it leads: the hash of an address. Without one it is an action, which its id names, or is told by its rows. */
  readonly address?: string
  /** What is told of it beside the page: label and words. */
  readonly rows?: readonly (readonly [label: string, words: string])[]
}

export const kindTitles: Readonly<Record<EntryKind, string>> = {
  page: 'Page',
  action: 'Action',
  code: 'Code',
  option: 'DHCP option',
  registry: 'Registry value',
  article: 'Help',
  term: 'Term',
  scenario: 'Scenario',
  check: 'Doctor check',
  rule: 'Planner rule',
  signature: 'Log line',
  setting: 'Lab setting',
  client: 'Client',
  capture: 'Capture',
}

/** The page of a code, which is also where the questions about it are. */
export const codeAddress = (code: string): string => `#/doctor/${encodeURIComponent(`ask?code=${code}`)}`
