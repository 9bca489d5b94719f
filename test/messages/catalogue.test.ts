/** Catalogues: what is wrong in one is told with file, line and remedy; what is right becomes functions and types. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { textKey } from '#messages/local-texts.ts'
import type { Translation } from '#messages/message.ts'
import { differences, markNew, missing, readCatalogue, type Catalogue } from '../../scripts/messages/catalogue.ts'
import { englishModule, translationModule, typesOf } from '../../scripts/messages/compile.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function read(language: string, files: Readonly<Record<string, string>>): Catalogue {
  const place = join(folder, language)
  mkdirSync(place, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
  return readCatalogue(language, pathToFileURL(`${place}/`))
}

test('each area and name is a message, with what it is given', () => {
  const catalogue = read('en', {
    'a.yaml': 'plain: Nothing to add\nfile: "{file} has {size, bytes}"\n',
    'b.yaml':
      'hosts: "{count, plural, one {# host} other {# hosts of {names, list}}} in {mode, select, proxy {a proxy} other {{mode}}}"\n',
  })
  expect([...catalogue].map(([id, { values }]) => [id, Object.fromEntries(values)])).toEqual([
    ['a.plain', {}],
    ['a.file', { file: 'text', size: 'number' }],
    ['b.hosts', { count: 'number', names: 'list', mode: ['proxy'] }],
  ])
  expect(typesOf(catalogue)).toContain(`'b.hosts': { readonly count: number; readonly names: readonly Phrase[]; readonly mode: 'proxy' | (string & {}) }`) // prettier-ignore
  expect(englishModule(catalogue)).toContain('"a.plain": () => "Nothing to add"')
})

test('a translation has its functions in the order of the English ones, and texts of files by their key', async () => {
  const files = {
    'x.yaml': 'first: First\nsecond: "{count, plural, one {# host} other {# hosts}}"\nthird: "{a}, \\"b\\": {c}"\n',
  }
  const english = read('en', files)
  const german = read('de', {
    'x.yaml': 'third: "{c},\\n  \\"x.first\\": {a}"\nsecond: "{count, plural, one {# Host} other {# Hosts}}"\n',
  })
  const made = translationModule('de', english, german, new Map([['Old PC', 'Alter PC']]))
  const file = join(import.meta.dirname, '../../src/messages/compiled/.of-a-test.js')
  writeFileSync(file, made)
  try {
    const { of, functions, texts } = (await import(pathToFileURL(file).href)) as Translation
    expect(of).toBe(textKey('x.first,x.second,x.third'))
    expect(functions[0]).toBeUndefined()
    expect(functions.map((told) => told?.({ count: 2, a: 'A', c: 'C' }))).toEqual([
      undefined,
      '2 Hosts',
      'C,\n  "x.first": A',
    ])
    expect(texts).toEqual({ [textKey(' Old PC\n')]: 'Alter PC' })
  } finally {
    rmSync(file)
  }
})

test.each([
  [
    'a: "{count, plural, other {# hosts}}"',
    'src/messages/en/x.yaml:1: a: {count} has no case "one", which the language has',
  ],
  ['b: fine\na: "{count, plural, one {# host}}"', 'src/messages/en/x.yaml:2: a: {count} has no case "other"'],
  ['a: "{file"', /^src\/messages\/en\/x\.yaml:1: a: .*\("\{file"\)$/s],
  ['a: "{file, bites}"', 'src/messages/en/x.yaml:1: a: there is no format "bites"; there are number, date, time, moment, bytes, span, lapse, octets, filesize, list, bare'], // prettier-ignore
  ['a: "{file-name}"', /a: \{file-name\} is no name of a value: write it like \{fileName\}|a: .*file-name/s],
  ['a: "{n, number} of {n, list}"', 'src/messages/en/x.yaml:1: a: {n} is given in two ways'],
  ['a: "<link>{n}"', 'src/messages/en/x.yaml:1: a: <link> is not closed'],
  ['a: "</link>{n}"', 'src/messages/en/x.yaml:1: a: </link> is in the wrong place'],
  ['Aa: text', 'src/messages/en/x.yaml:1: Aa: the name is not in small letters and hyphens'],
  ['a:', 'src/messages/en/x.yaml:1: a: the text is missing'],
  ['- a', 'src/messages/en/x.yaml holds no messages: write "name: text" on each line'],
  ['a: b: c', /^src\/messages\/en\/x\.yaml: /],
])('%j is refused', (text, problem) => {
  expect(() => read('en', { 'x.yaml': `${text}\n` })).toThrow(problem)
})

const folderFor = (language: string): URL => pathToFileURL(`${join(folder, language)}/`)

/** A translation whose lines have been marked. */
function translated(english: Catalogue, language: string, text: string): Catalogue {
  read(language, { 'x.yaml': text })
  markNew(english, language, folderFor(language))
  return readCatalogue(language, folderFor(language))
}

test('a translation lacks nothing, adds nothing and is given the same', () => {
  const english = read('en', {
    'x.yaml': 'a: "{count, plural, one {# host} other {# hosts}}"\nb: "<link>{file}</link>"\nc: c\n',
  })
  const japanese = translated(english, 'ja', 'a: "{count, plural, other {#}}"\nb: "<link>{file}</link>"\nc: c\n')
  expect([...differences(english, japanese), ...missing(english, japanese, 'ja')]).toEqual([])
  const german = translated(english, 'de', 'a: "{count} Hosts"\nb: "{datei}"\nd: d\n')
  expect(differences(english, german)).toEqual([
    'src/messages/de/x.yaml:1: x.a is given count (text); in English count (number)',
    'src/messages/de/x.yaml:2: x.b is given datei (text); in English file (text)',
    'src/messages/de/x.yaml:2: x.b has the tags none; in English link',
    'src/messages/de/x.yaml:3: x.d is no message any more',
  ])
  expect(missing(english, german, 'de')).toEqual(['x.c is not in de (src/messages/en/x.yaml:3: "c")'])
})

test('a translation of an English text that has changed since is told, and so is one without its mark', () => {
  const before = read('en', { 'x.yaml': "a: One\nb: 'Two: {n}'\n" })
  const german = translated(before, 'de', "a: Eins\nb: 'Zwei: {n}'\n")
  expect(readFileSync(new URL('x.yaml', folderFor('de')), 'utf8')).toMatch(
    /^a: Eins # [\da-f]{6}\nb: 'Zwei: \{n\}' # [\da-f]{6}\n$/,
  )
  const after = read('en', { 'x.yaml': "a: One more\nb: 'Two: {n}'\n" })
  expect(differences(after, german)).toEqual([
    'src/messages/de/x.yaml:1: x.a was translated from another text than "One more": translate it again without its mark, then run scripts/messages.ts --mark',
  ])
  expect(differences(after, translated(after, 'de', "a: Noch eins\nb: 'Zwei: {n}'\n"))).toEqual([])
  expect(differences(after, read('de', { 'x.yaml': 'a: Noch eins\n' }))).toHaveLength(1)
})

test('a word that stands in the text twice, once counted, is a number', () => {
  const catalogue = read('en', { 'x.yaml': 'a: "{n}: {n, plural, one {# host} other {# hosts}}"\n' })
  expect(catalogue.get('x.a')!.values).toEqual(new Map([['n', 'number']]))
})
