/** How wide text is on a terminal, and where its lines end. */
import { expect, test } from 'vitest'
import { alignRight, columnsOf, firstColumns, padColumns, wrapColumns } from '#shared/wire/columns.ts'

test.each([
  ['lab.yaml', 8],
  ['ブート', 6],
  ['启动（DHCP）', 12],
  ['ｶﾅ', 2],
  ['한국', 4],
  ['𠮷', 2],
  ['Rechner „é“', 11],
  // A letter with a mark of its own, as names of files on macOS.
  ['u\u0308ber', 4],
])('%s takes %i columns', (text, columns) => expect(columnsOf(text)).toBe(columns))

test('text is filled up and cut by columns', () => {
  expect([padColumns('ブート', 8), padColumns('boot', 8), padColumns('ブート', 2), padColumns('é', 3, '.')]).toEqual(['ブート  ', 'boot    ', 'ブート', 'é..']) // prettier-ignore
  expect([alignRight('件', 4), alignRight('12', 4)]).toEqual(['  件', '  12'])
  expect([firstColumns('ブート', 5), firstColumns('boot', 2)]).toEqual(['ブー', 'bo'])
})

test('lines break between words, and between wide letters, but not before what closes', () => {
  expect(wrapColumns('boot machines from a lab file', 12)).toBe('boot\nmachines\nfrom a lab\nfile')
  expect(wrapColumns('読み取れないか、破損している。', 14)).toBe('読み取れない\nか、破損してい\nる。')
  expect(wrapColumns('ファイルは「lab.yaml」です', 20)).toBe('ファイルは\n「lab.yaml」です')
  expect(wrapColumns('ロールオーバーされた', 6)).toBe('ロール\nオー\nバーさ\nれた')
  expect(wrapColumns('a\n\nb  c', 10)).toBe('a\n\nb  c')
  expect(wrapColumns('averyveryverylongword x', 10)).toBe('averyveryverylongword\nx')
})
