/** What commands print in large pieces: rows of packets stay one printable line each, in the order they came. */
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { printable } from '#shared/wire/printable.ts'
import { Output } from '../../src/main/cli/capture-input.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function written(): () => string {
  const pieces: Buffer[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    pieces.push(Buffer.from(chunk))
    return true
  })
  return () => Buffer.concat(pieces).toString('utf8')
}

test('rows, lines and texts come out in their order, each row as one printable line', async () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('DATA 12, 512 bytes'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ row: fc.array(text, { maxLength: 5 }) }),
          fc.record({ line: fc.string() }),
          fc.record({ text: fc.string() }),
        ),
      ),
      async (calls) => {
        const read = written()
        const out = new Output()
        for (const call of calls)
          if ('row' in call) out.row(call.row)
          else if ('line' in call) out.line(call.line)
          else out.text(call.text)
        await out.flush()
        const expected = calls
          .map((call) =>
            'row' in call ? `${printable(call.row.join(''))}\n` : 'line' in call ? `${call.line}\n` : call.text,
          )
          .join('')
        expect(read()).toBe(Buffer.from(expected).toString('utf8'))
        vi.restoreAllMocks()
      },
    ),
  )
})

test('rows beyond the size of a piece, and one that is longer than it, lose nothing', async () => {
  const read = written()
  const out = new Output()
  const rows = Array.from({ length: 5000 }, (_, index) => [
    String(index),
    ' x'.repeat(60),
    index % 7 === 0 ? 'é\n' : '',
  ])
  rows.push(['z'.repeat(1_000_000)], ['ü'.repeat(300_000)], ['end'])
  for (const row of rows) out.row(row)
  await out.flush()
  expect(read()).toBe(rows.map((row) => `${printable(row.join(''))}\n`).join(''))
})
