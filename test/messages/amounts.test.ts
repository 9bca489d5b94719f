/** Amounts beside messages, in the language that is spoken. */
import { afterEach, expect, test } from 'vitest'
import { filesize } from '#messages/formatters.ts'
import { english, speak } from '#messages/text.ts'
import { tellAge, tellBytes, tellDuration, tellNumber } from '#shared/contract/amounts.ts'

afterEach(() => speak(english, 'en'))

test.each([
  ['en', ['1.5 KiB', '1,240', '59.8 s', '3 days']],
  ['de', ['1,5 KiB', '1.240', '59,8 s', '3 Tage']],
  ['fr', ['1,5 KiB', '1\u202f240', '59,8 s', '3\u00a0jours']],
  ['ja', ['1.5 KiB', '1,240', '59.8 s', '3 日']],
])('in %s', (language, told) => {
  speak(english, language)
  const threeDays = 3 * 86_400_000 + 5
  expect([tellBytes(1536), tellNumber(1240), tellDuration(59_800), tellAge(threeDays)]).toEqual(told)
  expect([tellBytes(512), tellBytes(200 * 1024), tellDuration(850), tellDuration(125_000)]).toEqual([
    '512 B',
    '200 KiB',
    '850 ms',
    '2 min 5 s',
  ])
})

test.each([
  [39, '39 bytes', '39 octets'],
  [520_192, '520 kB', '520\u202fko'],
  [1_340_000, '1.3 MB', '1,3\u202fMo'],
])('a file of %d bytes is %s', (size, inEnglish, inFrench) => {
  expect(filesize(size, 'en')).toBe(inEnglish)
  expect(filesize(size, 'fr').replace(/\u00a0/, '\u202f')).toBe(inFrench.replace('39 o', '39\u202fo'))
})
