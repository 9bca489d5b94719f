/** What is found in another language: by its words, and by the English ones of screens and of habit. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withTexts } from '#messages/local-texts.ts'
import { speakBest } from '#messages/speak.ts'
import { localText } from '#messages/text.ts'
import { parse } from 'yaml'
import { scenarioTexts } from '#shared/simulation/scenario.ts'
import type { ListedScenario } from '#shared/knowledge/search/entries.ts'
import type { SearchIndex } from '#shared/knowledge/search/index.ts'

describe('a window in German', () => {
  let index: SearchIndex
  beforeAll(async () => {
    // Tables of words are made when they are imported: the language comes first, as in the window.
    await speakBest(['de'])
    const { scenarioEntries, tableEntries } = await import('#shared/knowledge/search/entries.ts')
    const { SearchIndex } = await import('#shared/knowledge/search/index.ts')
    const file = new URL('../../resources/scenarios/firewall-tftp.yaml', import.meta.url)
    const english = parse(readFileSync(file, 'utf8')) as ListedScenario
    index = new SearchIndex([
      ...tableEntries(),
      ...scenarioEntries([{ ...withTexts(english, scenarioTexts, localText), id: 'firewall-tftp', english }]),
    ])
  })
  afterAll(async () => void (await speakBest(['en'])))

  test.each([
    ['Genehmigungen', 'page approvals'],
    ['Approvals', 'page approvals'],
    ['Boot files', 'page files'],
    ['Startdateien', 'page files'],
    ['Find the cause', 'page ask'],
    ['Co-hosting matrix', 'page matrix'],
    ['The firewall drops TFTP', 'scenario firewall-tftp'],
    ['No boot filename received', 'code PXE-E53'],
    ['option 60', 'option 60'],
    ['Lab file and this computer', 'page settings'],
  ])('%s', (query, first) => {
    expect(index.search(query)[0]?.entry.id).toBe(first)
  })

  test('what is shown is German', () => {
    const { title, detail } = index.get('page files')!
    expect(title).toBe('Startdateien')
    expect(detail).toBe('Startordner und wer was lädt (g b)')
    expect(index.get('scenario firewall-tftp')!.title).not.toMatch(/firewall drops/)
  })
})
