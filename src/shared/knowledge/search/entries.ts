/** Everything that can be found without a running lab, made of the tables. */
import type { MessageId } from '#messages/message.ts'
import { spokenLanguage, t, textOf, whileEnglish } from '#messages/text.ts'
import { pageLinks, type LabPage } from '../../contract/pages.ts'
import { dhcp6Options } from '../../wire/dhcpv6/options.ts'
import { dhcpOptions, kindOf } from '../../wire/dhcp/options.ts'
import { signatures } from '../../logs/signatures.ts'
import { rules } from '../../planner/plan.ts'
import { severityNames } from '../../planner/rule.ts'
import { sectionsOf, titleOf, type Article } from '../articles.ts'
import { allCodes, codes, familyTitles, type Code } from '../code-book.ts'
import { doctorChecks } from '../doctor-checks.ts'
import { fieldNotes } from '../field-notes.ts'
import { terms } from '../glossary.ts'
import { labKeys } from '../lab-keys.ts'
import { optionNotes } from '../option-notes.ts'
import { registryValues } from '../registry-values.ts'
import { codeAddress, kindTitles, type Entry } from './entry.ts'

/** What people call a page, beside its name. */
const pageWords: Readonly<Record<LabPage, readonly [detail: MessageId, keywords: MessageId]>> = {
  start: ['search.detail-start', 'search.words-start'],
  lab: ['search.detail-lab', 'search.words-lab'],
  clients: ['search.detail-clients', 'search.words-clients'],
  flows: ['search.detail-flows', 'search.words-flows'],
  doctor: ['search.detail-doctor', 'search.words-doctor'],
  simulator: ['search.detail-simulator', 'search.words-simulator'],
  files: ['search.detail-files', 'search.words-files'],
  planner: ['search.detail-planner', 'search.words-planner'],
  settings: ['search.detail-settings', 'search.words-settings'],
}

const pages = (): Entry[] => [
  ...pageLinks.map(
    ({ page, label, key }): Entry => ({
      id: `page ${page}`,
      kind: 'page',
      title: textOf(label),
      detail: t('search.with-keys', { detail: { say: pageWords[page][0] }, keys: `g ${key}` }),
      keywords: textOf({ say: pageWords[page][1] }),
      address: `#/${page}`,
    }),
  ),
  { id: 'page approvals', kind: 'page', title: t('search.approvals'), detail: t('search.detail-approvals'), keywords: t('search.words-approvals'), address: '#/clients/approvals' },
  { id: 'page matrix', kind: 'page', title: t('search.matrix'), detail: t('search.detail-matrix', { count: 864 }), keywords: t('search.words-matrix'), address: '#/simulator/matrix' },
  { id: 'page use-dhcp-ports', kind: 'page', title: t('search.use-dhcp-ports'), detail: t('page-names.doctor'), keywords: t('search.words-use-dhcp-ports'), address: '#/doctor/use-dhcp-ports' },
  { id: 'page ask', kind: 'page', title: t('search.ask'), detail: t('search.detail-ask'), keywords: t('search.words-ask'), address: '#/doctor/ask' },
] // prettier-ignore

const codeEntry = ({ code, family, title, bios, uefi, look, lines, spellings }: Code): Entry => ({
  id: `code ${code}`,
  kind: 'code',
  title: code,
  detail: title,
  keywords: [...lines.map((one) => one.line), ...spellings].join(' \n '),
  text: [bios, uefi, look, textOf(familyTitles[family]), ...(fieldNotes[code] ?? []).map(textOf)]
    .filter(Boolean)
    .join(' '),
  address: codeAddress(code),
})

const options = (): Entry[] => [
  ...[...dhcpOptions.values()].map((one): Entry => {
    const note = textOf(optionNotes[one.code])
    return {
      id: `option ${one.code}`,
      kind: 'option',
      title: t('search.option', { code: one.code, name: one.name }),
      detail: note ?? t('search.option-wants', { wants: kindOf(one).wants }),
      keywords: `dhcp option ${one.code} ${one.name.replaceAll('-', ' ')}`,
      rows: [
        ...(note === undefined ? [] : ([[t('search.row-network-boot'), note]] as const)),
        [
          t('search.row-value'),
          one.cardinality === 'many' ? t('search.one-or-more', { what: kindOf(one).wants }) : textOf(kindOf(one).wants),
        ],
        [t('search.row-lab-file'), `dhcp.options: { ${one.name}: ... }`, 'mono'],
        [t('search.row-defined-in'), one.reference],
      ],
    }
  }),
  ...[...dhcp6Options.values()].map((one): Entry => ({
    id: `option6 ${one.code}`,
    kind: 'option',
    title: t('search.option-6', { code: one.code, name: one.name }),
    detail: t('search.defined-in', { reference: one.reference }),
    keywords: `${one.name.replaceAll('-', ' ')} ipv6`,
    rows: [[t('search.row-defined-in'), one.reference]],
  })),
]

const registry = (): Entry[] =>
  registryValues.map(({ key, name, says, page }) => ({
    id: `registry ${name}`,
    kind: 'registry',
    title: name,
    detail: textOf(says),
    keywords: `${key} registry value`,
    rows: [
      [t('search.row-key'), key, 'mono'],
      [t('search.row-meaning'), textOf(says)],
    ],
    address: `#/${page}`,
  }))

const glossary = (): Entry[] =>
  terms.map(({ term, also, means }) => ({
    id: `term ${term}`,
    kind: 'term',
    title: term,
    detail: textOf(means),
    keywords: also.join(' '),
    rows: [
      [t('search.row-meaning'), textOf(means)],
      ...(also.length > 0 ? ([[t('search.row-also-called'), also.join(', ')]] as const) : []),
    ],
  }))

const checks = (): Entry[] =>
  doctorChecks.map(({ id, title }) => ({
    id: `check ${id}`,
    kind: 'check',
    title: textOf(title),
    detail: t('search.doctor-checks'),
    keywords: id.replaceAll('-', ' '),
    address: '#/doctor',
  }))

const plannerRules = (): Entry[] =>
  rules.map(({ id, title, remedy, severity, source }) => ({
    id: `rule ${id}`,
    kind: 'rule',
    title: `${id}: ${textOf(title)}`,
    detail: textOf(remedy),
    keywords: '',
    text: source,
    rows: [
      [t('search.row-requirement'), textOf(title)],
      [t('search.row-severity'), textOf(severityNames[severity])],
      [t('search.row-remedy'), textOf(remedy)],
      [t('search.row-source'), source],
    ],
    address: '#/planner',
  }))

/** The words that a pattern matches, as far as they are plain. */
const wordsOfPattern = (pattern: RegExp): string =>
  pattern.source
    .replaceAll(/\(\?<\w+>/g, '(')
    .replaceAll(/\\[a-zA-Z]|\[[^\]]*\]|[\\^$*+?()|{}.]/g, ' ')
    .replaceAll(/\s+/g, ' ')

const logLines = (): Entry[] =>
  signatures
    // A screen with a code is the code's own entry.
    .filter(({ id }) => !id.startsWith('screen-pxe'))
    .map(({ id, families, title, means, fix, source, pattern, kind, rules: own }) => ({
      id: `signature ${families[0]} ${id}`,
      kind: 'signature' as const,
      title: textOf(title()),
      detail: textOf((means ?? fix)?.()) ?? '',
      keywords: wordsOfPattern(pattern),
      text: textOf(fix?.()) ?? '',
      rows: [
        ...(means ? ([[t('search.row-meaning'), textOf(means())]] as const) : []),
        ...(fix ? ([[t('search.row-fix'), textOf(fix())]] as const) : []),
        [t('search.row-kind'), t('search.line-kind', { kind })],
        ...(own.length === 0 ? [] : ([[t('search.row-planner-rules'), own.join(', ')]] as const)),
        [t('search.row-source'), source],
      ],
      address: '#/planner',
    }))

const settings = (): Entry[] =>
  labKeys()
    .filter((one) => !one.isGroup)
    .map(({ path, says, standard }) => ({
      id: `setting ${path}`,
      kind: 'setting',
      title: path,
      detail: textOf(says),
      keywords: t('search.words-setting'),
      rows: [
        [t('search.row-value'), textOf(says)],
        ...(standard === undefined ? [] : ([[t('search.row-default'), standard, 'mono']] as const)),
      ],
      address: path.startsWith('boot.programs') || path.startsWith('boot.menu') ? '#/files' : '#/settings',
    }))

/** An entry that its English words find too. */
const foundBy = (one: Entry, english: Entry | undefined): Entry =>
  english === undefined
    ? one
    : {
        ...one,
        english: english.title,
        keywords: `${one.keywords} \n ${english.keywords}`,
        text: [one.text, english.detail, english.text].filter(Boolean).join(' \n '),
      }

/** Entries in the language that is spoken, which English words find as well: those of screens, of search pages and of habit. */
export function alsoInEnglish(make: () => readonly Entry[]): Entry[] {
  const entries = make()
  if (spokenLanguage() === 'en') return [...entries]
  const english = new Map(whileEnglish(make).map((one) => [one.id, one]))
  return entries.map((one) => foundBy(one, english.get(one.id)))
}

/** What needs nothing but the tables. */
export const tableEntries = (): Entry[] =>
  alsoInEnglish(() => [
    ...pages(),
    ...(spokenLanguage() === 'en' ? allCodes() : codes).map(codeEntry),
    ...options(),
    ...registry(),
    ...glossary(),
    ...checks(),
    ...plannerRules(),
    ...logLines(),
    ...settings(),
  ])

export interface ListedScenario {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly summary: string
  readonly goesWrong?: string | undefined
  readonly look?: readonly string[] | undefined
  /** The same in English, where another language is spoken. */
  readonly english?: Omit<ListedScenario, 'id' | 'english'>
}

const scenarioEntry = ({ id, title, group, summary, goesWrong = '', look = [] }: ListedScenario): Entry => ({
  id: `scenario ${id}`,
  kind: 'scenario',
  title,
  detail: summary,
  keywords: `${id.replaceAll('-', ' ')} ${group} simulator`,
  text: `${goesWrong} ${look.join(' ')}`,
  address: `#/simulator/${encodeURIComponent(id)}`,
})

export const scenarioEntries = (scenarios: readonly ListedScenario[]): Entry[] =>
  scenarios.map((one) => foundBy(scenarioEntry(one), one.english && scenarioEntry({ ...one.english, id: one.id })))

/** A section of an article each; what is generated of the tables is found by its tables. */
export const articleEntries = (articles: readonly Article[]): Entry[] =>
  articles
    .filter(({ path }) => !path.startsWith('codes/') && path.includes('/'))
    .flatMap((article) => {
      const title = titleOf(article)
      return sectionsOf(article).map(({ heading, anchor, level, text }) => ({
        id: `article ${article.path}${level === 1 ? '' : `#${anchor}`}`,
        kind: 'article' as const,
        title: level === 1 ? title : heading,
        detail: level === 1 ? textOf(kindTitles.article) : t('search.help-of', { title }),
        keywords: '',
        text,
      }))
    })

export interface FoundClient {
  readonly mac: string
  readonly name: string | null
  readonly address: string | null
  readonly firmware: string
  readonly vendor: string
}

export const clientEntries = (clients: Iterable<FoundClient>): Entry[] =>
  [...clients].map(({ mac, name, address, firmware, vendor }) => ({
    id: `client ${mac}`,
    kind: 'client',
    title: name ?? mac,
    detail: [name === null ? '' : mac, firmware, address ?? '', vendor].filter(Boolean).join(', '),
    keywords: `${mac} ${address ?? ''}`,
    address: `#/clients/${encodeURIComponent(mac)}`,
  }))
