/**
 * Catalogues of messages: one folder for each language in src/messages, one YAML file for each area of the product, one line for
 * each message in ICU MessageFormat. English says which messages there are and what each is given.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, type Token } from '@messageformat/parser'
import { LineCounter, parseDocument, isMap, isScalar } from 'yaml'

/** How a value may be given: a number, a list, any text, or one of some words. */
export type Kind = 'number' | 'time' | 'list' | 'text' | readonly string[]

export interface Message {
  readonly text: string
  /** Values by their names. */
  readonly values: ReadonlyMap<string, Kind>
  /** Names of the tags around parts of it, sorted. */
  readonly tags: readonly string[]
  /** File and line, for whoever has to mend it. */
  readonly place: string
  /** Of a translation: the mark of the English text it was made from, a comment at the end of its line. */
  readonly from?: string
}

export type Catalogue = ReadonlyMap<string, Message>

export const folderOf = (language: string): URL =>
  new URL(`../../src/messages/${language.toLowerCase()}/`, import.meta.url)

/** Formatters beside those of ICU; src/messages/formatters.ts has them. */
const kinds: Readonly<Record<string, Kind>> = { number: 'number', date: 'time', time: 'time', moment: 'time', bytes: 'number', span: 'number', lapse: 'number', octets: 'number', filesize: 'number', list: 'list', bare: 'text', capital: 'text', lower: 'text' } // prettier-ignore

const catalogueFiles = (folder: URL): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort()
    : []

export class CatalogueError extends Error {}

const tagPattern = /<(\/?)([a-z][a-z\d-]*)>/g

function valuesOf(
  tokens: readonly Token[],
  plurals: readonly string[],
  complain: (what: string) => never,
): Map<string, Kind> {
  const values = new Map<string, Kind>()
  const add = (name: string, kind: Kind): void => {
    if (!/^[a-z][A-Za-z\d]*$/.test(name)) complain(`{${name}} is no name of a value: write it like {fileName}`)
    const before = values.get(name)
    // What is counted may be shown as it is as well.
    if (before === undefined || before === 'text') values.set(name, kind)
    else if (kind !== 'text' && String(before) !== String(kind)) complain(`{${name}} is given in two ways`)
  }
  for (const token of tokens) {
    if (token.type === 'content' || token.type === 'octothorpe') continue
    if (token.type === 'argument') add(token.arg, 'text')
    else if (token.type === 'function') {
      const kind =
        kinds[token.key] ?? complain(`there is no format "${token.key}"; there are ${Object.keys(kinds).join(', ')}`)
      add(token.arg, kind)
    } else {
      const keys = token.cases.map(({ key }) => key)
      if (!keys.includes('other')) complain(`{${token.arg}} has no case "other"`)
      if (token.type === 'select') add(token.arg, keys.filter((key) => key !== 'other').sort())
      else {
        add(token.arg, 'number')
        const missing = token.type === 'plural' ? plurals.filter((key) => !keys.includes(key)) : []
        if (missing.length > 0) complain(`{${token.arg}} has no case "${missing.join('", "')}", which the language has`)
      }
      for (const one of token.cases) for (const [name, kind] of valuesOf(one.tokens, plurals, complain)) add(name, kind)
    }
  }
  return values
}

const tagsOf = (text: string, complain: (what: string) => never): string[] => {
  const found: string[] = []
  let open: string | undefined
  for (const [, closes, name] of text.matchAll(tagPattern)) {
    if (closes === '' && open === undefined) open = name!
    else if (closes === '/' && open === name) {
      found.push(name!)
      open = undefined
    } else complain(`<${closes}${name}> is in the wrong place`)
  }
  if (open !== undefined) complain(`<${open}> is not closed`)
  return found.sort()
}

/** By what a translation knows its English text again. */
export const markOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6)

/** Categories that whole numbers have in a language; Spanish and French have "many" for millions, where it reads like "other". */
const pluralsOf = (language: string): readonly string[] =>
  new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((one) => one !== 'many')

/** Reads what one language has. @throws {CatalogueError} with file, line and remedy */
export function readCatalogue(language: string, folder = folderOf(language)): Catalogue {
  const messages = new Map<string, Message>()
  for (const file of catalogueFiles(folder)) {
    const lines = new LineCounter()
    const path = `src/messages/${language}/${file}`
    const document = parseDocument(readFileSync(new URL(file, folder), 'utf8'), { lineCounter: lines })
    const [problem] = document.errors
    if (problem) throw new CatalogueError(`${path}: ${problem.message}`)
    if (!isMap(document.contents))
      throw new CatalogueError(`${path} holds no messages: write "name: text" on each line`)
    for (const { key, value } of document.contents.items) {
      const name = String(key)
      const place = `${path}:${isScalar(key) && key.range ? lines.linePos(key.range[0]).line : 1}`
      const complain = (what: string): never => {
        throw new CatalogueError(`${place}: ${name}: ${what}`)
      }
      if (!/^[a-z\d]+(-[a-z\d]+)*$/.test(name)) complain('the name is not in small letters and hyphens')
      const text: unknown = isScalar(value) ? value.value : undefined
      if (typeof text !== 'string' || text.trim() === '') return complain('the text is missing')
      let tokens: readonly Token[]
      try {
        tokens = parse(text, { strictPluralKeys: true })
      } catch (error) {
        return complain(`${(error as Error).message} ("${text}")`)
      }
      const values = valuesOf(tokens, pluralsOf(language), complain)
      const from = (isScalar(value) ? value.comment : undefined)?.trim()
      const id = `${file.slice(0, -'.yaml'.length)}.${name}`
      messages.set(id, { text, values, tags: tagsOf(text, complain), place, ...(from !== undefined && { from }) })
    }
  }
  return messages
}

const given = ({ values }: Message): string =>
  [...values]
    .map(([name, kind]) => `${name} (${String(kind)})`)
    .sort()
    .join(', ')

/** What a translation has too much, gives otherwise than English, or says of an English text that is no longer there, as sentences. */
export function differences(english: Catalogue, translation: Catalogue): string[] {
  const found: string[] = []
  for (const [id, other] of translation) {
    const message = english.get(id)
    if (!message) {
      found.push(`${other.place}: ${id} is no message any more`)
      continue
    }
    if (given(message) !== given(other)) found.push(`${other.place}: ${id} is given ${given(other) || 'nothing'}; in English ${given(message) || 'nothing'}`) // prettier-ignore
    if (message.tags.join() !== other.tags.join()) found.push(`${other.place}: ${id} has the tags ${other.tags.join(', ') || 'none'}; in English ${message.tags.join(', ') || 'none'}`) // prettier-ignore
    if (other.from !== markOf(message.text)) found.push(`${other.place}: ${id} was translated from another text than "${message.text}": translate it again without its mark, then run scripts/messages.ts --mark`) // prettier-ignore
  }
  return found
}

/** What a translation lacks, as sentences. */
export const missing = (english: Catalogue, translation: Catalogue, language: string): string[] =>
  [...english]
    .filter(([id]) => !translation.has(id))
    .map(([id, { place, text }]) => `${id} is not in ${language} (${place}: "${text}")`)

/** Puts the mark of its English text behind each translated line that has none: whoever writes a line leaves it without. */
export function markNew(english: Catalogue, language: string, folder = folderOf(language)): void {
  for (const file of catalogueFiles(folder)) {
    const path = new URL(file, folder)
    const marked = readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => {
        const name = /^'?([a-z\d-]+)'?: /.exec(line)?.[1]
        const message = english.get(`${file.slice(0, -'.yaml'.length)}.${name}`)
        return message && !/ # [\da-f]{6}$/.test(line) ? `${line} # ${markOf(message.text)}` : line
      })
    writeFileSync(path, marked.join('\n'))
  }
}

export const sourceFolder = fileURLToPath(new URL('../../src/messages/', import.meta.url))
