/** Messages as sentences: values, messages within messages, units, and who is spoken to in which language. */
import { describe, expect, test } from 'vitest'
import { bytes, list, moment, span } from '../../src/messages/formatters.ts'
import { languageFor } from '../../src/messages/languages.ts'
import { say, type Message } from '../../src/messages/message.ts'
import { t, textOf } from '../../src/messages/text.ts'

test('a message is data until somebody reads it', () => {
  const message = say('shell.lab-replaced', { before: 'lab.yaml', file: say('shell.problems', { count: 1 }) })
  expect(JSON.parse(JSON.stringify(message))).toEqual(message)
  expect(textOf(message)).toBe('Replaced lab.yaml with 1 problem')
  expect(textOf('as it is')).toBe('as it is')
  expect([0, 1, 1234].map((count) => t('shell.problems', { count }))).toEqual([
    '0 problems',
    '1 problem',
    '1,234 problems',
  ])
})

test('the code of a message that this version does not know is shown', () => {
  expect(textOf({ say: 'shell.of-tomorrow' } as unknown as Message)).toBe('shell.of-tomorrow')
})

test.each([
  [0, 'en', '0 B'],
  [1023, 'en', '1,023 B'],
  [1024, 'en', '1 KiB'],
  [1_048_575, 'en', '1 MiB'],
  [1_531_904, 'en', '1.46 MiB'],
  [1_047_552, 'en', '1,023 KiB'],
  [5_000_000_000, 'de', '4,66 GiB'],
  [2 ** 60, 'en', '1,048,576 TiB'],
])('%d bytes in %s', (value, language, text) => {
  expect(bytes(value, language).replaceAll('\u00a0', ' ')).toBe(text)
})

test.each([
  [0.25, 'en', '250 ms'],
  [0.9999, 'en', '1 s'],
  [3.84, 'en', '3.84 s'],
  [59.94, 'en', '59.9 s'],
  [59.96, 'en', '1 min'],
  [3600, 'en', '1 h'],
  [7500, 'en', '2 h 5 min'],
  [864_000, 'de', '10 Tg.'],
])('%d seconds in %s', (value, language, text) => {
  expect(span(value, language).replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(text)
})

test('lists and moments are as the language has them', () => {
  expect(list(['a', 'b', 'c'], 'de', null)).toBe('a, b und c')
  expect(list(['a', 'b'], 'en', 'or')).toBe('a or b')
  expect(moment(Date.UTC(2026, 10, 26, 12, 0, 5), 'en', 'time')).toMatch(/^\d{1,2}:\d\d:05/)
  expect(moment(Date.UTC(2026, 10, 26, 12, 0, 5), 'de', null)).toMatch(/^\d\d\.11\.2026, \d\d:\d\d:05$/)
})

describe('the language to speak', () => {
  const offered = ['en', 'de', 'fr', 'es', 'ja', 'zh-Hans'].map((tag) => ({ tag, name: tag }))
  test.each([
    [['de-AT', 'en'], 'de'],
    [['nl', 'fr-CA'], 'fr'],
    [['zh-CN'], 'zh-Hans'],
    [['zh'], 'zh-Hans'],
    [['zh_SG'], 'zh-Hans'],
    [['zh-TW', 'ja'], 'ja'],
    [['zh-Hant'], 'en'],
    [['C', ''], 'en'],
    [[], 'en'],
  ])('%j', (wanted, tag) => {
    expect(languageFor(wanted, offered).tag).toBe(tag)
  })
})
