/** The search: exact forms first (codes, options, MAC addresses), then text, forgiving about single letters. */
import { t } from '#messages/text.ts'
import MiniSearch from 'minisearch'
import { findCode } from '../code-book.ts'
import { codesNamed, unknownCodeIn } from '../code-in-text.ts'
import { codeAddress, type Entry } from './entry.ts'
import { answerTo, oneSpelling, withoutQuestion } from './questions.ts'

export interface Hit {
  readonly entry: Entry
  readonly score: number
}

/** Weight of a kind where the same words are found in several. */
const kindWeights: Readonly<Record<Entry['kind'], number>> = {
  page: 1.6,
  action: 1.5,
  code: 1.25,
  option: 1.2,
  registry: 1.3,
  article: 1.15,
  term: 1,
  scenario: 1.15,
  check: 1,
  rule: 0.75,
  signature: 0.85,
  setting: 0.9,
  client: 1.4,
  capture: 1,
}

/** Words that are in every sentence, and tell nothing. */
const empty = new Set(['a', 'an', 'the', 'of', 'to', 'is', 'was', 'were', 'in', 'on', 'at', 'and', 'or', 'for', 'by', 'from', 'with', 'my', 'how', 'do', 'does', 'i', 'what', 'why', 'be', 'are']) // prettier-ignore

const plain = (word: string): string | null => {
  const lower = word.toLowerCase()
  return empty.has(lower) ? null : oneSpelling(lower)
}

/** Words, and of names such as UseDHCPPorts their parts; "file name" is a filename. */
function words(text: string): string[] {
  const found = text
    .replaceAll(/\bfile name/gi, 'filename')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((one) => one !== '')
  return found.flatMap((one) => {
    const parts = one.split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    return parts.length > 1 ? [one, ...parts] : [one]
  })
}

/** Hexadecimal digits of a MAC address or its beginning, where a text has the form of one; else undefined. */
export function macDigits(text: string): string | undefined {
  const trimmed = text.trim()
  const isGrouped = /^[\da-f]{2}(?:[:-][\da-f]{2}){1,5}[:-]?$/i.test(trimmed)
  const isCisco = /^[\da-f]{4}\.[\da-f]{4}(?:\.[\da-f]{1,4})?$/i.test(trimmed)
  if (!isGrouped && !isCisco && !/^[\da-f]{12}$/i.test(trimmed)) return undefined
  return trimmed.replaceAll(/[:.-]/g, '').toLowerCase()
}

/** `option 60`, `opt. 60`, `dhcp option 67`, `60`. */
function optionNumber(text: string): { readonly code: number; readonly isSaid: boolean } | undefined {
  const [, said, number] = /^((?:dhcp\s*)?(?:scope\s*)?opt(?:ion)?\.?\s*#?)?\s*(\d{1,3})$/i.exec(text.trim()) ?? []
  return number === undefined || Number(number) > 255 ? undefined : { code: Number(number), isSaid: said !== undefined }
}

/** Options that people mean when they write a number alone. */
const bootOptions = new Set([3, 12, 43, 54, 60, 61, 66, 67, 77, 82, 93, 94, 97, 150, 175, 250, 252])

/** What a query names by its form stands above all that has its words. */
const named = 1_000_000

export class SearchIndex {
  readonly #entries = new Map<string, Entry>()
  readonly #text = new MiniSearch<Entry>({
    fields: ['title', 'english', 'keywords', 'detail', 'text'],
    storeFields: [],
    tokenize: words,
    processTerm: plain,
    searchOptions: {
      boost: { title: 3, english: 3, keywords: 2, detail: 1, text: 0.5 },
      prefix: (_term, at, all) => at === all.length - 1,
      fuzzy: (term) => (term.length > 8 ? 2 : term.length > 3 ? 1 : false),
      weights: { fuzzy: 0.45, prefix: 0.6 },
      // A word that comes twice in a line tells little more than one that comes once.
      bm25: { k: 0.1, b: 0.7, d: 0.5 },
    },
  })

  constructor(entries: readonly Entry[] = []) {
    this.add(entries)
  }

  get size(): number {
    return this.#entries.size
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** All entries of a kind, in the order in which they came. */
  ofKind(kind: Entry['kind']): Entry[] {
    return [...this.#entries.values()].filter((one) => one.kind === kind)
  }

  /** Adds entries; one with the id of another takes its place. */
  add(entries: readonly Entry[]): void {
    for (const one of entries) {
      if (this.#entries.has(one.id)) this.#text.replace(one)
      else this.#text.add(one)
      this.#entries.set(one.id, one)
    }
  }

  /** Takes out the entries of that kind and puts these in. */
  put(kind: Entry['kind'], entries: readonly Entry[]): void {
    const kept = new Set(entries.map((one) => one.id))
    for (const one of this.ofKind(kind))
      if (!kept.has(one.id)) {
        this.#entries.delete(one.id)
        this.#text.discard(one.id)
      }
    this.add(entries)
  }

  /** The best first. */
  search(given: string, limit = 12): Hit[] {
    const query = withoutQuestion(given)
    if (query === '') return []
    // In a line off a screen the addresses are of that network, and tell nothing here.
    const left = query.replaceAll(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g, ' ')
    const spoken = /[a-z]/i.test(left) ? left : query
    const hits = new Map<string, Hit>()
    for (const entry of this.#exact(query, given)) hits.set(entry.id, { entry, score: named - hits.size })
    const unknown = unknownCodeIn(query)
    if (unknown !== undefined && !this.#isTitle(query)) {
      hits.set('unknown code', { entry: unknownEntry(unknown), score: named })
      // Other codes are not meant by it: only what holds this very one is found beside it.
      if (words(query).length <= words(unknown).length) {
        const wanted = words(query).map(plain)
        for (const { id, match, score } of this.#text.search(query, { fuzzy: false, prefix: false, combineWith: 'AND' }))
          if (wanted.every((one) => one === null || one in match)) hits.set(String(id), { entry: this.#entries.get(String(id))!, score }) // prettier-ignore
        return [...hits.values()].slice(0, limit)
      }
    }
    const asked = new Set(words(spoken).flatMap((one) => plain(one) ?? [])).size || 1
    const found = this.#text.search(spoken)
    const lower = query.trim().toLowerCase()
    for (const { id, score, queryTerms } of found) {
      const entry = this.#entries.get(String(id))!
      if (hits.has(entry.id)) continue
      const share = Math.min(1, new Set(queryTerms).size / asked)
      const titles = titlesOf(entry)
      const isTitle = titles.includes(lower)
      const begins = titles.some((one) => one.startsWith(lower))
      const isPhrase = words(query).length > 1 && entry.keywords.toLowerCase().includes(lower)
      hits.set(entry.id, {
        entry,
        score: score * kindWeights[entry.kind] * share * share * (isTitle ? 3 : isPhrase ? 2 : begins ? 1.3 : 1),
      })
    }
    return [...hits.values()].sort((a, b) => b.score - a.score).slice(0, limit)
  }

  /** Whether something is called that. */
  #isTitle(query: string): boolean {
    const wanted = query.toLowerCase()
    return [...this.#entries.values()].some((one) => titlesOf(one).includes(wanted))
  }

  /** What a query names by its form. */
  #exact(query: string, given: string): Entry[] {
    const found: (Entry | undefined)[] = []
    const mac = macDigits(query)
    if (mac !== undefined)
      for (const one of this.#entries.values())
        if (one.kind === 'client' && one.id.replaceAll(/[^\da-f]/g, '').endsWith(mac.length === 12 ? mac : '') && clientMac(one).startsWith(mac)) found.push(one) // prettier-ignore
    const option = optionNumber(query)
    const isOption = option !== undefined && (option.isSaid || bootOptions.has(option.code))
    if (isOption) found.push(this.#entries.get(`option ${option.code}`))
    for (const one of codesNamed(query)) {
      const code = findCode(one)
      if (!code) continue
      const known = this.#entries.get(`code ${code.code}`)
      // A number alone may be anything: only where nothing else is meant by it.
      if (/^\d{1,5}$/.test(one) && isOption) continue
      found.push(
        known ?? {
          id: `code ${code.code}`,
          kind: 'code',
          title: code.code,
          detail: code.title,
          keywords: '',
          address: codeAddress(code.code),
        },
      )
    }
    // A title in full is what is meant, whatever question it would make.
    if (found.length === 0 && !this.#isTitle(query)) found.push(this.#entries.get(answerTo(given) ?? ''))
    return [...new Set(found)].filter((one) => one !== undefined)
  }
}

/** A code that nothing here knows: its page says so. */
const unknownEntry = (code: string): Entry => ({
  id: 'unknown code',
  kind: 'code',
  title: code,
  detail: t('search.unknown-code'),
  keywords: '',
  address: codeAddress(code),
})

/** As they are compared with what was typed. */
const titlesOf = ({ title, english }: Entry): string[] => [title, english].flatMap((one) => one?.toLowerCase() ?? [])

const clientMac = (entry: Entry): string => entry.id.replace(/^client /, '').replaceAll(':', '')
