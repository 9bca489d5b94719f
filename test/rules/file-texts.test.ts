/** Texts of scenarios and lessons: each has its translations, and each translation belongs to one. */
import { expect, test } from 'vitest'
import { textsOfFiles } from '../../scripts/messages/file-texts.ts'
import { readTexts } from '../../scripts/messages/texts.ts'
import { languages } from '../../src/messages/languages.ts'
import { textKey } from '../../src/messages/local-texts.ts'

const english = textsOfFiles()

/** What is filled in, and what stands in backticks: the same in every language. */
const keptIn = (text: string): readonly string[] => (text.match(/\{[^}]*\}|`[^`]*`/g) ?? []).toSorted()

test('there are texts, each with a key of its own', () => {
  expect(english.size).toBeGreaterThan(900)
  expect(new Set([...english].map(textKey)).size).toBe(english.size)
})

test.each(languages.slice(1))('$tag has every text and no other', ({ tag }) => {
  const told = readTexts(tag)
  expect([...english].filter((text) => !told.has(text))).toEqual([])
  expect([...told.keys()].filter((text) => !english.has(text))).toEqual([])
})

test.each(languages.slice(1))('$tag keeps what is filled in, and code as it is', ({ tag }) => {
  const wrong = [...readTexts(tag)].filter(([en, told]) => String(keptIn(en)) !== String(keptIn(told)))
  expect(wrong).toEqual([])
})
