/** Catalogues of languages that cannot be used: missing, cut off, of another version. The program speaks English then. */
import { expect, test, vi } from 'vitest'
import { speakBest } from '#messages/speak.ts'
import { localText, spokenLanguage, t } from '#messages/text.ts'

const nothing = { of: 'another', functions: [], texts: { x: 'y' } }

vi.mock('#messages/compiled/catalogues.ts', () => ({
  catalogues: {
    de: () => Promise.reject(new Error('Cannot find module')),
    fr: () => Promise.reject(new SyntaxError('Unexpected end of input')),
    es: () => Promise.resolve(nothing),
    // A file that loads, and is no catalogue.
    ja: () => Promise.resolve({}),
    'zh-Hans': () => Promise.resolve(undefined),
  },
}))

test.each(['de', 'fr', 'es', 'ja', 'zh-Hans'])('%s: English with English numbers, and a word why', async (tag) => {
  const warn = vi.fn<(message: string) => void>()
  expect(await speakBest([tag], undefined, warn)).toMatchObject({ tag: 'en' })
  expect(t('common.cancel')).toBe('Cancel')
  expect(spokenLanguage()).toBe('en')
  expect(localText('The firewall drops TFTP')).toBe('The firewall drops TFTP')
  expect(warn.mock.calls.flat()).toEqual([expect.stringMatching(`^The words of ${tag} cannot be used .*Install`)])
})

test('the longer language needs no catalogue', async () => {
  expect(await speakBest([], 'en-XA')).toMatchObject({ tag: 'en-XA' })
  expect(t('common.cancel')).toMatch(/^⟦/)
})
