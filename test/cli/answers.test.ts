/** Yes and no in each language: its letters are shown, and they, its words and those of English are understood. */
import { afterEach, expect, test } from 'vitest'
import { speakBest } from '#messages/speak.ts'
import { meansYes, yesNoQuestion } from '../../src/main/cli/answers.ts'

afterEach(() => speakBest(['en']))

test.each([
  ['en', '[y/N] ', ['y', 'Y', ' yes ', 'YES'], ['j', 'o', 'はい']],
  ['de', '[j/N] ', ['j', 'J', 'ja', 'Ja', 'y', 'yes'], ['nein', 'n', 'o', 'jawohl']],
  ['fr', '[o/N] ', ['o', 'oui', 'Oui', 'y'], ['non', 's', 'ou']],
  ['es', '[s/N] ', ['s', 'sí', 'si', 'SÍ', 'y'], ['no', 'o', 'siempre']],
  ['ja', '[y/はい/N/いいえ] ', ['y', 'はい', 'ハイ', 'ｙ'], ['いいえ', 'ｎ', 'は']],
  ['zh-Hans', '[y/是/N/否] ', ['y', '是', '是的', 'Ｙ'], ['否', '不是', 'n']],
] as const)('%s', async (tag, letters, yes, no) => {
  await speakBest([tag])
  expect(yesNoQuestion('?')).toBe(`? ${letters}`)
  expect(yes.filter((one) => !meansYes(one))).toEqual([])
  // Who only presses Enter has not said yes.
  expect(['', ' ', ...no].filter((one) => meansYes(one))).toEqual([])
})
