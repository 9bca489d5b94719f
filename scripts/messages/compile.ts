/**
 * Compiles the catalogues to functions: src/messages/compiled holds a module for each language and the types of what each message
 * is given. It is made wherever it is missing or older than a catalogue, and never committed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MessageFormat from '@messageformat/core'
import compileModule from '@messageformat/core/lib/compile-module.js'
import { languages } from '../../src/messages/languages.ts'
import { textKey } from '../../src/messages/local-texts.ts'
import { differences, readCatalogue, sourceFolder, type Catalogue, type Kind } from './catalogue.ts'
import { readTexts, textsFile } from './texts.ts'

const compiled = join(sourceFolder, 'compiled')
const translations = languages.slice(1).map(({ tag }) => tag)
const head = '// Made of the catalogues beside this folder by scripts/messages.ts.\n'

const formatter = (id: string): { formatter: () => string; id: string; module: string; arg: 'string' } => ({
  formatter: () => '',
  id,
  module: '../formatters.ts',
  arg: 'string',
})

/** Of each module: their functions are not typed, `say` is. */
const declaration = `${head}import type { Compiled } from '../message.ts'\n\nexport declare const catalogue: Compiled\n`
const translated = `${head}import type { Translation } from '../message.ts'

export declare const of: Translation['of']
export declare const functions: Translation['functions']
export declare const texts: Translation['texts']
`

function functionsOf(language: string, catalogue: Catalogue): string {
  const format = new MessageFormat(language, {
    strictPluralKeys: true,
    customFormatters: {
      bytes: formatter('bytes'),
      span: formatter('span'),
      moment: formatter('moment'),
      list: formatter('list'),
      lapse: formatter('lapse'),
      octets: formatter('octets'),
      filesize: formatter('filesize'),
      bare: formatter('bare'),
      capital: formatter('capital'),
      lower: formatter('lower'),
    },
  })
  const messages = Object.fromEntries([...catalogue].map(([id, { text }]) => [id, text]))
  return `${head}${compileModule(format, messages)}\n`
}

export const englishModule = (catalogue: Catalogue): string =>
  functionsOf('en', catalogue).replace('export default {', 'export const catalogue = {')

/**
 * A translation: its functions in the order of the English ones, whose names it does not repeat (they are a third of a catalogue), and
 * the texts of files by their key.
 */
export function translationModule(
  language: string,
  english: Catalogue,
  catalogue: Catalogue,
  texts: ReadonlyMap<string, string>,
): string {
  const [declared = '', ...entries] = functionsOf(language, catalogue).split(
    /\nexport default \{\n|,?\n {2}(?="[a-z])|,?\n\}\n/,
  )
  const told = new Map(entries.flatMap((one) => {
    const found = /^ *"([^"]+)": (.*)$/.exec(one)
    return found ? [[found[1]!, found[2]!] as const] : []
  })) // prettier-ignore
  if (told.size !== catalogue.size)
    throw new Error(`${language}: ${catalogue.size} messages, and ${told.size} functions of them`)
  const ids = [...english.keys()]
  const ofFiles = Object.fromEntries([...texts].map(([text, one]) => [textKey(text), one]))
  return [
    declared,
    `export const of = "${textKey(ids.join())}"`,
    `export const functions = [\n${ids.map((id) => `  ${told.get(id) ?? 'undefined'},\n`).join('')}]`,
    `export const texts = ${JSON.stringify(ofFiles, undefined, 2)}\n`,
  ].join('\n')
}

const typeOf = (kind: Kind): string => {
  if (kind === 'number' || kind === 'time') return 'number'
  if (kind === 'list') return 'readonly Phrase[]'
  if (kind === 'text') return 'Plain'
  // A word that is none of them is what "other" says.
  return [...kind.map((one) => `'${one}'`), '(string & {})'].join(' | ')
}

export function typesOf(english: Catalogue): string {
  const lines = [...english].map(([id, { values }]) => {
    const members = [...values].map(([name, kind]) => `readonly ${name}: ${typeOf(kind)}`)
    return `  '${id}': { ${members.join('; ')} }`
  })
  return `${head}import type { Plain, Phrase } from '../message.ts'\n\n/** What each message is given. */\nexport interface MessageValues {\n${lines.join('\n')}\n}\n`
}

/** English is part of every program; the others are loaded where they are spoken. */
const loadersOf = (tags: readonly string[]): string => {
  const lines = tags.map((tag) => `  '${tag}': () => import('./${tag.toLowerCase()}.js'),`)
  return `${head}import type { Translation } from '../message.ts'\n\nexport const catalogues: Readonly<Record<string, () => Promise<Translation>>> = {\n${lines.map((line) => `${line}\n`).join('')}}\n`
}

/** What the modules are made of: they are older where one of these is newer. */
const sources = (): string[] => [
  fileURLToPath(import.meta.url),
  fileURLToPath(new URL('./catalogue.ts', import.meta.url)),
  join(sourceFolder, 'languages.ts'),
  join(sourceFolder, 'local-texts.ts'),
  ...translations.map(textsFile).filter((path) => existsSync(path)),
  ...['en', ...translations].flatMap((tag) => {
    const folder = join(sourceFolder, tag.toLowerCase())
    return existsSync(folder) ? [folder, ...readdirSync(folder).map((name) => join(folder, name))] : []
  }),
]

const isFresh = (): boolean => {
  const made = [
    join(compiled, 'values.ts'),
    join(compiled, 'catalogues.ts'),
    ...['en', ...translations].map((tag) => join(compiled, `${tag.toLowerCase()}.js`)),
  ]
  if (!made.every((path) => existsSync(path))) return false
  const oldest = Math.min(...made.map((path) => statSync(path).mtimeMs))
  return sources().every((path) => statSync(path).mtimeMs <= oldest)
}

/** Written beside and put in place, for two programs may do it at once. */
function put(name: string, text: string): void {
  const path = join(compiled, name)
  const beside = `${path}.${process.pid}`
  writeFileSync(beside, text)
  renameSync(beside, path)
}

/**
 * What of a translation does not fit its English text is left out, and English is spoken there: a changed sentence does not keep
 * anybody from building. The tests tell it.
 * @throws {CatalogueError} of what cannot be read
 */
export function compileMessages(): void {
  if (isFresh()) return
  mkdirSync(compiled, { recursive: true })
  const english = readCatalogue('en')
  put('en.d.ts', declaration)
  put('en.js', englishModule(english))
  for (const tag of translations) {
    const fitting = new Map([...readCatalogue(tag)].filter((one) => differences(english, new Map([one])).length === 0))
    put(`${tag.toLowerCase()}.d.ts`, translated)
    put(`${tag.toLowerCase()}.js`, translationModule(tag, english, fitting, readTexts(tag)))
  }
  put('values.ts', typesOf(english))
  put('catalogues.ts', loadersOf(translations))
}
