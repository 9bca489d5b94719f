/** Logs in their forms, and what is known of what they say. */
import { describe, expect, test } from 'vitest'
import { readLogLines } from '#shared/planner/log-lines.ts'
import { readLog, signatures } from '#shared/planner/logs.ts'
import { rules } from '#shared/planner/plan.ts'

const tagged = (text: string, component = 'CreateTsMedia', type = 1): string =>
  `<![LOG[${text}]LOG]!><time="10:11:12.123-060" date="11-21-2026" component="${component}" context="" type="${type}" thread="42" file="a.cpp:1">\r\n`

describe('lines', () => {
  test('of CMTrace, of several rows as well', () => {
    expect(readLogLines(`${tagged('one')}${tagged('two\nrows', 'SMSPXE', 2)}${tagged('three', 'SMSPXE', 3)}`)).toEqual([
      { line: 1, text: 'one', time: '11-21-2026 10:11:12.123', component: 'CreateTsMedia', level: undefined },
      { line: 2, text: 'two\nrows', time: '11-21-2026 10:11:12.123', component: 'SMSPXE', level: 'warning' },
      { line: 4, text: 'three', time: '11-21-2026 10:11:12.123', component: 'SMSPXE', level: 'error' },
    ])
  })

  test('with dollar signs, of Windows Setup, and plain', () => {
    expect(
      readLogLines('old one  $$<SMS_TS><01-31-2026 12:00:00.000+00><thread=1 (0x1)>\n\n2026-01-31 12:00:00, Error                 MOUPG  told\r\n2026-01-31 12:00:01, Info                  [setup.exe]  fine\n  as it is  '),
    ).toEqual([
      { line: 1, text: 'old one', time: '01-31-2026 12:00:00.000+00', component: 'SMS_TS', level: undefined },
      { line: 3, text: 'told', time: '2026-01-31 12:00:00', component: 'MOUPG', level: 'error' },
      { line: 4, text: 'fine', time: '2026-01-31 12:00:01', component: 'setup.exe', level: undefined },
      { line: 5, text: '  as it is', time: undefined, component: undefined, level: undefined },
    ]) // prettier-ignore
  })
})

const known: readonly (readonly [id: string, text: string])[] = [
  ['feature-update-media', 'CreateTsMedia failed with error 0x80070490, details=""'],
  ['feature-update-media', 'Failed to create media generator (0x80070490)'],
  ['feature-update-media', 'CreateMedia.exe finished with error code 80070490'],
  ['not-found', 'Lookup failed, hr=0x80070490'],
  ['no-certificate-list', 'PXE::MP_GetList failed; 0x80092002'],
  ['no-certificate-list', 'PXE::CPolicyProvider::InitializeMPConnection failed; 0x80092002'],
  ['no-management-point', 'PXE Provider failed to initialize MP connection.'],
  ['no-advertisement', '52:54:00:77:00:01, 00112233-4455: no advertisements found'],
  ['no-boot-action', '52:54:00:77:00:01, 00112233-4455: No boot action. Aborted.'],
  ['not-serviced', '52:54:00:77:00:01, 00112233-4455: Not serviced.'],
  ['no-mac-list', 'MAC Ignore List Filename in registry is empty'],
  ['device-known', '52:54:00:77:00:01, 00112233-4455: device is in the database.'],
  ['image-found', 'Found new image RR200004'],
  ['booted-pxe', 'Booted from network (PXE)'],
  ['variables-loaded', 'Successfully downloaded pxe variable file.'],
  ['name-not-resolved', 'sending failed with 0x80072ee7'],
  ['timed-out', 'error 80072EE2'],
  ['not-connected', '0x80072efd'],
  ['certificate-refused', '0x80072f8f'],
  ['hash', '0x80091007'],
  ['no-mp-found', '0x87d00269'],
  ['low-disk', '0xC190020E'],
  ['requirements', '0xC1900202 - 0x20008'],
  ['choice', '0xC1900204'],
  ['application', '0xC1900208'],
  ['no-issues', '0xC1900210'],
  ['cleanup', '0xC1900107'],
  ['product-key', '0xC004F050'],
  ['denied', '0x80070005'],
  ['file-missing', '0x80070002'],
  ['path-missing', '0x80070003'],
  ['disk-full', '0x80070070'],
  ['unspecified', '0x80004005'],
]

test.each(known)('%s: %s', (id, text) => {
  const { findings, strange } = readLog(tagged(text))
  expect(findings.map((one) => one.signature.id)).toEqual([id])
  expect(strange).toEqual([])
})

test('every signature is met above, has a source and a remedy, and names rules that there are', () => {
  expect([...new Set(known.map(([id]) => id))].sort()).toEqual(signatures.map((one) => one.id).sort())
  const ids = new Set(rules.map((one) => one.id))
  for (const one of signatures) {
    expect([one.title, one.means, one.remedy, one.source]).not.toContain('')
    for (const rule of one.rules) expect(ids).toContain(rule)
  }
})

test('failures come first, each once with how often; errors that nobody knows are told', () => {
  const text = [
    tagged('Found new image RR200004'),
    tagged('CreateTsMedia failed with error 0x80070490'),
    tagged('Odd thing 0x80dd1234'),
    tagged('Failed to create media generator (0x80070490)', 'CreateTsMedia', 3),
    tagged('all is well'),
  ].join('')
  const { findings, strange, strangeCount, lines } = readLog(text)
  expect(lines).toBe(5)
  expect(findings.map(({ signature, count, first, last }) => [signature.id, count, first.line, last.line])).toEqual([
    ['feature-update-media', 2, 2, 4],
    ['image-found', 1, 1, 1],
  ])
  expect(strange.map((one) => one.text)).toEqual(['Odd thing 0x80dd1234'])
  expect(strangeCount).toBe(1)
})

test('a code inside a longer number is none', () => {
  expect(readLog('id 1800704901 and 0x800704900').findings).toEqual([])
})

test('entries that do not end, and ends without tags, are text like any other', () => {
  const opened = '<![LOG['.repeat(3)
  expect(readLogLines(`${opened}\n${tagged('whole')}rest`).map(({ line, text }) => [line, text])).toEqual([
    [1, `<![LOG[<![LOG[\n<![LOG[whole`],
    [3, 'rest'],
  ])
  expect(readLogLines('<![LOG[a]LOG]!>no tags\n<![LOG[b').map(({ text }) => text)).toEqual([
    '<![LOG[a]LOG]!>no tags',
    '<![LOG[b',
  ])
})
