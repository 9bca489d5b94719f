/** Every code of the tables has a page, in every spelling, and what it tells exists. */
import { isMessage } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSpace, type SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import { failures } from '#shared/diagnosis/failures.ts'
import { pxeErrors } from '#shared/diagnosis/pxe-errors.ts'
import { faultsOfCause } from '#shared/diagnosis/inverse/row-words.ts'
import { causeTopics } from '#shared/knowledge/cause-topics.ts'
import { codes, findCode } from '#shared/knowledge/code-book.ts'
import { codePage, mostCausesShown } from '#shared/knowledge/code-page.ts'
import { doctorChecks } from '#shared/knowledge/doctor-checks.ts'
import { fieldNotes } from '#shared/knowledge/field-notes.ts'
import { wholeCodes, win32Codes } from '#shared/logs/code-tables.ts'

const space = readSpace(JSON.parse(readFileSync(new URL('../../resources/ask.json', import.meta.url), 'utf8')) as SpaceFile) // prettier-ignore
const scenarios = readdirSync(new URL('../../resources/scenarios', import.meta.url)).map((one) => one.replace('.yaml', '')) // prettier-ignore
const page = (text: string) => codePage(findCode(text)!, space)

describe('the code book', () => {
  test('has every code of the tables', () => {
    for (const number of win32Codes.keys()) if (number !== 0) expect(findCode(String(number))?.code).toBe(`0x8007${number.toString(16).padStart(4, '0')}`)
    for (const value of wholeCodes.keys()) if (value > 0xffff) expect(findCode(`0x${value.toString(16)}`)?.code).toBe(`0x${value.toString(16).padStart(8, '0')}`)
    for (const { code } of pxeErrors) expect(findCode(code)?.code).toBe(code)
  }) // prettier-ignore

  test('names each code once, and finds each by its own name', () => {
    const all = codes.map((one) => one.code)
    expect(new Set(all).size).toBe(all.length)
    for (const code of all) expect(findCode(code)?.code).toBe(code)
  })

  test.each([
    ['0xC0000225', '0xc0000225'],
    ['c0000225', '0xc0000225'],
    ['-1073741275', '0xc0000225'],
    ['3221226021', '0xc0000225'],
    ['HRESULT 0x80004005', '0x80004005'],
    ['0x87D1ABCD', '0x87d1abcd'],
    ['pxe-e 55', 'PXE-E55'],
    ['efi_timeout', '0x8000000000000012'],
  ])('%s is %s', (text, code) => expect(findCode(text)?.code).toBe(code))

  test.each(['', 'hello', 'PXE-E0D', 'E', '70000', 'cafe', '0x12345678'])('%j is none', (text) =>
    expect(findCode(text)).toBeUndefined(),
  )

  test('ranks causes as the simulator does, with scenarios and the checks that find them', () => {
    const { causes, scenarios: played, checks, failures } = page('E55')
    expect(causes[0]?.title).toContain('Option 60')
    expect(causes[0]?.scenario).toBe('option-60-left-over')
    expect(causes.map((one) => one.share)).toEqual(causes.map((one) => one.share).toSorted((a, b) => b - a))
    expect(played.map((one) => one.id)).toContain('wds-stopped')
    expect(checks.map((one) => one.id)).toEqual(expect.arrayContaining(['option-60-left-over', 'firewall-closed']))
    expect(failures.length).toBeGreaterThan(0)
    expect(page('0xc000000f').signatures.map((one) => one.id)).toContain('boot-0xc000000f')
    expect(page('80070490').signatures.map((one) => one.id)).toContain('feature-update-media')
  })

  test('every code that a simulated screen shows has causes', () => {
    for (const code of codes.filter((one) => one.family === 'pxe' || one.family === 'ipxe')) {
      const { causes, scenarios: played } = codePage(code, space)
      if (played.length > 0) expect(causes.length, code.code).toBeGreaterThan(0)
    }
  })

  test('no page lists one cause twice, whichever table names it', () => {
    for (const code of codes) {
      const { causes, failures: seen, notes } = codePage(code, space)
      const shown = causes.slice(0, mostCausesShown).map((one) => one.title)
      const further = [...seen.flatMap((one) => one.causes), ...notes]
      expect(new Set([...shown, ...further]).size, code.code).toBe(shown.length + further.length)
      for (const topic of causeTopics) {
        const told = topic.told.map((id) => inEnglish({ say: id }))
        const times = further.filter((text) => told.includes(text)).length
        const isShown = causes.slice(0, mostCausesShown).some((one) => ('fault' in topic ? one.faults.includes(topic.fault) : one.scenario === topic.scenario)) // prettier-ignore
        expect(times + Number(isShown), `${code.code} ${told.join()}`).toBeLessThan(2)
      }
    }
    expect([...page('E55').failures.flatMap((one) => one.causes), ...page('E55').notes]).toEqual([
      'The PXE service does not answer this machine (unknown, not approved, no deployment).',
      'Option 60 sends the client to port 4011 of the DHCP server. Set it only where the PXE service runs on that server.',
    ])
  })

  test('what a topic is told by stands in the tables', () => {
    const told = [
      ...Object.values(failures).flatMap((one) => one.causes.map((cause) => (isMessage(cause) ? cause : cause.text))),
      ...Object.values(fieldNotes).flat(),
    ].flatMap((text) => (isMessage(text) ? text.say : []))
    expect(causeTopics.flatMap((one) => one.told).filter((id) => !told.includes(id))).toEqual([])
    for (const topic of causeTopics)
      expect(
        space.causes.some((one) =>
          'fault' in topic ? faultsOfCause(space, one).includes(topic.fault) : one.scenario === topic.scenario,
        ),
        topic.told.join(),
      ).toBe(true)
  })

  test('checks name scenarios that exist, and notes codes that exist', () => {
    expect(doctorChecks.flatMap((one) => one.scenarios).filter((one) => !scenarios.includes(one))).toEqual([])
    const found = new Set(space.causes.flatMap((one) => faultsOfCause(space, one)))
    const unused = doctorChecks.filter(({ faults }) => faults.some((one) => !found.has(one)))
    expect(unused.map((one) => one.id)).toEqual([])
    expect(Object.keys(fieldNotes).filter((code) => findCode(code)?.code !== code)).toEqual([])
  })
})
