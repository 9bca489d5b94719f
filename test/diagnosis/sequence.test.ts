/** What a comparison of a real boot with a simulated one points at. */
import { expect, test } from 'vitest'
import { compareSequences, type SequenceMessage } from '#shared/diagnosis/sequence.ts'

const boot: readonly SequenceMessage[] = [
  { atMs: 0, from: 'client', says: 'DISCOVER' },
  { atMs: 10, from: 'server', says: 'OFFER' },
  { atMs: 4000, from: 'client', says: 'REQUEST' },
  { atMs: 4010, from: 'server', says: 'ACK' },
]
const changed = (at: number, change: Partial<SequenceMessage>): SequenceMessage[] =>
  boot.map((one, index) => (index === at ? { ...one, ...change } : one))

test('what is the same does not differ', () => expect(compareSequences(boot, boot, false)).toEqual([]))

test.each([0, 1, 2, 3])('the message that says something else is named: number %i from 0', (at) => {
  const { atMs, from, says } = boot[at]!
  expect(compareSequences(boot, changed(at, { says: 'NAK' }), false)).toEqual([
    {
      at: at + 1,
      real: `${(atMs / 1000).toFixed(3)} s ${from}: ${says}`,
      simulated: `${(atMs / 1000).toFixed(3)} s ${from}: NAK`,
    },
  ])
})

test('a message from the other side differs though it says the same', () => {
  expect(compareSequences(boot, changed(3, { from: 'client' }), false)).toMatchObject([{ at: 4 }])
})

test('nothing behind the first difference is told', () => {
  const shifted = boot.map((one) => ({ ...one, says: `${one.says}?` }))
  expect(compareSequences(boot, shifted, false).map((one) => one.at)).toEqual([1])
})

test('the shorter one says nothing more; a capture that was cut off may', () => {
  expect(compareSequences(boot.slice(0, 3), boot, false)).toMatchObject([{ at: 4, real: 'nothing more' }])
  expect(compareSequences(boot.slice(0, 3), boot, true)).toEqual([])
  expect(compareSequences(boot, boot.slice(0, 3), true)).toMatchObject([{ at: 4, simulated: 'nothing more' }])
})

test('a client that waits otherwise is told, a server that does is not', () => {
  // 260 ms and 6 % of 3.99 s are within what a timer and an emulated processor take.
  expect(compareSequences(boot, changed(2, { atMs: 4490 }), false)).toEqual([])
  expect(compareSequences(boot, changed(2, { atMs: 4510 }), false)).toEqual([
    { at: 3, real: 'waited 3.990 s, then REQUEST', simulated: 'waited 4.500 s' },
  ])
  expect(compareSequences(boot, changed(1, { atMs: 1000 }), false)).toMatchObject([{ at: 3 }])
})
