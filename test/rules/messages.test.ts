/** Where the product speaks: every message is used, and areas that speak by the catalogue hold no sentence of their own. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { differences, missing, readCatalogue } from '../../scripts/messages/catalogue.ts'
import { languages } from '../../src/messages/languages.ts'

const source = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(source, { recursive: true })
  .map((file) => String(file).replaceAll(sep, '/'))
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('messages/compiled/'))
const codeOf = (file: string): string => readFileSync(join(source, file), 'utf8')

/** Folders and files whose every sentence is in the catalogue; it grows until it is all of src. */
const speaking = [
  'main/cli/command.ts',
  'main/cli/help.ts',
  'main/cli/image.ts',
  'main/cli/index.ts',
  'main/inspect/disc-media.ts',
  'main/inspect/windows-image.ts',
  'main/electron/dialogs.ts',
  'main/electron/furnish.ts',
  'main/electron/graphics.ts',
  'main/electron/menu.ts',
  'main/electron/page-crash.ts',
  'main/electron/tray.ts',
  'renderer/files/disc-image.tsx',
  'renderer/shell/',
  'renderer/doctor/commands.tsx',
  'renderer/doctor/past-checks.tsx',
  'renderer/doctor/use-dhcp-ports.tsx',
  'shared/diagnosis/authority.ts',
  'shared/diagnosis/doctor',
  'shared/diagnosis/guidance.ts',
  'shared/diagnosis/history.ts',
  'shared/diagnosis/passages.ts',
  'shared/diagnosis/inverse/row-words.ts',
  'shared/knowledge/cause-topics.ts',
  'shared/knowledge/code-in-text.ts',
  'shared/knowledge/doctor-checks.ts',
  'shared/lab/windows-pe.ts',
  'shared/wire/windows-image.ts',
]

const catalogue = readCatalogue('en')

/** Messages that no code names; `say(`a.b-${kind}`)` names all that begin so. */
function unused(ids: Iterable<string>, code: string): string[] {
  const starts = [...code.matchAll(/`([a-z]+(?:-[a-z]+)*\.[a-z\d-]*)\$\{/g)].map(([, start]) => start!)
  const named = new Set([...code.matchAll(/'([a-z]+(?:-[a-z]+)*\.[a-z\d-]+)'/g)].map(([, id]) => id!))
  return [...ids].filter((id) => !named.has(id) && !starts.some((start) => id.startsWith(start)))
}

/** Literals and text of elements that read like a sentence or a label of several words; a command is none. */
function sentences(code: string): string[] {
  const bare = code.replaceAll(/\/\*.*?\*\/|(?<=^|\s)\/\/[^\n]*/gs, '')
  const literals = [...bare.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"([^"\n]*)"/g)].map(
    ([, a, b, c]) => a ?? b ?? c ?? '',
  )
  const texts = [...bare.matchAll(/(?<!=)>\s*([A-Z][a-z]+[^<>{}=;]*?)\s*</g)].map(([, text]) => text!)
  return [
    ...literals.filter(
      (text) => !/^net(sh)? /.test(text) && /^[A-Z][a-z]+ [a-z]+|[a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(text),
    ),
    ...texts,
  ]
}

/** Failures that are told to a window as a sentence of this process; those in a list of `[why, remedy]` as well. */
const failures = (code: string): string[] =>
  [...code.matchAll(/new CallFailure\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)|[?:=] \[(t\('[^\]]*)\]/g)].flatMap(
    ([all, given, pair]) => (pair !== undefined || /(?<![\w.])(t|textOf)\(/.test(given ?? '') ? [all] : []),
  )

test('every message is used', () => {
  expect(unused(catalogue.keys(), files.map(codeOf).join('\n'))).toEqual([])
})

test.each(languages.slice(1))('what $tag has fits the English', ({ tag }) => {
  expect(differences(catalogue, readCatalogue(tag))).toEqual([])
})

test.each(languages.slice(1))('$tag lacks nothing', ({ tag }) => {
  expect(missing(catalogue, readCatalogue(tag), tag)).toEqual([])
})

test.each(speaking)('%s speaks by the catalogue alone', (folder) => {
  const own = files.filter((file) => file.startsWith(folder))
  expect(own.length).toBeGreaterThan(0)
  expect(own.flatMap((file) => sentences(codeOf(file)).map((text) => `src/${file}: ${text}`))).toEqual([])
})

test('a back end gives messages to a window, which may speak another language, and no finished sentences', () => {
  const finished = files
    .filter((file) => /^main\/(?!cli\/|electron\/)/.test(file))
    .flatMap((file) => failures(codeOf(file)).map((text) => `src/${file}: ${text}`))
  expect(finished).toEqual([])
})

test('the rules find what they are there for', () => {
  expect(failures("new CallFailure(\n  t('a.b'), x)\nnew CallFailure(say('a.b'), t('a.c'))\nnew CallFailure(say('a.b'), why)")).toHaveLength(2) // prettier-ignore

  expect(unused(['a.b', 'a.c', 'a.d-x'], "say('a.b') + t(`a.d-${kind}`)")).toEqual(['a.c'])
  expect(
    sentences("const a = 'Open the file'; b('compact-xs'); // It is a comment\n<Button>\n  Cancel\n</Button>"),
  ).toEqual(['Open the file', 'Cancel'])
})
