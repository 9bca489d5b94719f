/** Which language a process speaks, and the one that only tests speak. */
import { afterEach, describe, expect, test } from 'vitest'
import { say } from '#messages/message.ts'
import { languageFor } from '#messages/languages.ts'
import { pseudoText } from '#messages/pseudo.ts'
import { speakBest } from '#messages/speak.ts'
import { localText, speak, spokenLanguage, t, textOf, whileEnglish } from '#messages/text.ts'
import { languagesOf } from '../../src/main/language.ts'

afterEach(async () => void (await speakBest(['en'])))

describe('what the system of a process wants', () => {
  test.each<[object, readonly string[]]>([
    [{}, ['pt-BR']],
    [{ LANG: 'de_DE.UTF-8' }, ['de-DE']],
    [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'fr_CA' }, ['fr-CA']],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'C.UTF-8' }, ['en']],
    [{ LANG: 'POSIX', LANGUAGE: 'de' }, ['en']],
    [{ LANG: 'de_AT@euro', LANGUAGE: 'gsw:de_CH' }, ['gsw', 'de-CH', 'de-AT']],
    [{ LANG: '' }, ['pt-BR']],
  ])('%j', (env, wanted) => {
    expect(languagesOf(env as Record<string, string>, 'pt-BR')).toEqual(wanted)
  })
})

test('who wants a language that is not there is spoken to in English', async () => {
  expect(await speakBest(['tlh', 'en-GB'])).toMatchObject({ tag: 'en' })
  expect(spokenLanguage()).toBe('en')
  expect(t('common.cancel')).toBe('Cancel')
})

test.each([
  ['de-AT', 'de', 'Abbrechen'],
  ['es-419', 'es', 'Cancelar'],
  ['fr', 'fr', 'Annuler'],
  ['ja-JP', 'ja', 'キャンセル'],
  ['zh-CN', 'zh-Hans', '取消'],
  // Traditional characters.
  ['zh-TW', 'en', 'Cancel'],
])('who wants %s is spoken to in %s', async (wanted, tag, cancel) => {
  expect(await speakBest([wanted])).toMatchObject({ tag })
  expect(t('common.cancel')).toBe(cancel)
  // What somebody chose here goes before what the system wants.
  expect(await speakBest([wanted], 'en')).toMatchObject({ tag: 'en' })
})

test('what a language lacks is said in English', () => {
  speak({ 'common.cancel': () => 'Avbryt' }, 'sv')
  expect(t('common.cancel')).toBe('Avbryt')
  expect(t('common.close')).toBe('Close')
})

test('the longer language: 40 % more, tags and what was lengthened before as they were', async () => {
  await speakBest([], 'en-XA')
  expect(spokenLanguage()).toBe('en-XA')
  expect(t('common.cancel')).toBe('⟦Çáñçél ~~~~⟧')
  const inner = textOf(say('planner.by-mdt', { target: say('planner.nothing') }))
  expect(inner.match(/⟦/g)).toHaveLength(1)
  const long = 'Choose the interface that is connected to the machines you boot.'
  expect(pseudoText(long).length).toBeGreaterThanOrEqual(long.length * 1.4)
  expect(pseudoText('Open <link>the guide</link>')).toMatch(/^⟦Ópéñ <link>thé gúídé<\/link>/)
})

test('the longer language marks the texts of files that have translations, and no others', async () => {
  await speakBest([], 'en-XA')
  expect(localText('The firewall drops TFTP')).toMatch(/^⟦Thé/)
  expect(localText('A text of a file of one’s own')).toBe('A text of a file of one’s own')
})

test('what is made while English is spoken is English, and nothing after it', async () => {
  await speakBest(['de'])
  expect(whileEnglish(() => [t('common.cancel'), localText('The firewall drops TFTP'), spokenLanguage()])).toEqual(['Cancel', 'The firewall drops TFTP', 'en']) // prettier-ignore
  expect([t('common.cancel'), spokenLanguage()]).toEqual(['Abbrechen', 'de'])
  expect(localText('The firewall drops TFTP')).not.toBe('The firewall drops TFTP')
})

test.each([
  // As Chrome and Windows of Taiwan and Hong Kong list them.
  [['zh-TW', 'zh', 'en-US', 'en'], 'en'],
  [['zh_HK', 'zh'], 'en'],
  [['zh-TW', 'zh', 'ja'], 'ja'],
  [['zh-TW', 'zh-CN'], 'zh-Hans'],
  [['zh', 'zh-TW'], 'zh-Hans'],
  [['pt-BR', 'de-AT', 'de'], 'de'],
])('who reads %j is spoken to in %s', (wanted, tag) => {
  expect(languageFor(wanted)).toMatchObject({ tag })
})
