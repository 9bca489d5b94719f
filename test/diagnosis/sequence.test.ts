/** What a comparison of a real boot with a simulated one points at. */
import { describe, expect, test } from 'vitest'
import { comparableParameters, comparableSecs } from '#shared/diagnosis/comparability.ts'
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

describe('what varies between boots of one machine', () => {
  test('a wait behind work of the machine is not held equal; one that a clock makes is', () => {
    const open = boot.map((one, index) => (index === 2 ? { ...one, openWait: 'a program starts' } : one))
    const late = changed(2, { atMs: 60_000 }).map((one, index) =>
      index > 2 ? { ...one, atMs: one.atMs + 60_000 } : one,
    )
    expect(compareSequences(open, late, false).filter((one) => one.at === 3)).toEqual([])
    expect(compareSequences(boot, late, false).map((one) => one.at)).toContain(3)
  })

  test('a busy emulator may be late, and how late follows from what it does at once; nobody is early', () => {
    const told = (reactionMs: number, waitMs: number): SequenceMessage[] => [
      { atMs: 0, from: 'client', says: 'DISCOVER' },
      { atMs: waitMs, from: 'client', says: 'REQUEST' },
      { atMs: waitMs + 1, from: 'server', says: 'TFTP OACK tsize=1' },
      { atMs: waitMs + 1 + reactionMs, from: 'client', says: 'TFTP error 8' },
    ]
    const simulated = told(1, 4000)
    expect(compareSequences(told(1, 4490), simulated, false)).toEqual([])
    expect(compareSequences(told(1, 5000), simulated, false).map((one) => one.at)).toEqual([2])
    expect(compareSequences(told(8, 5000), simulated, false)).toEqual([])
    expect(compareSequences(told(8, 3400), simulated, false).map((one) => one.at)).toEqual([2])
    expect(compareSequences(told(8, 9000), simulated, false).map((one) => one.at)).toEqual([2])
  })

  test('the clock of GRUB and the octet that HTTP boot leaves unset are not compared, whatever else they stand beside is', () => {
    expect(comparableSecs('grub', 24_867)).toBe('')
    expect(comparableSecs('edk2', 4)).toBe('secs 4')
    const list = '0102030405060c0d0f111216171c28292a2b3233363a3b3c'
    expect(comparableParameters('edk2-http', `${list}eb4361`)).toBe(comparableParameters('edk2-http', `${list}004361`))
    expect(comparableParameters('edk2', `${list}eb4361`)).not.toBe(comparableParameters('edk2', `${list}004361`))
    expect(comparableParameters('edk2-http', `02${list.slice(2)}eb4361`)).not.toBe(
      comparableParameters('edk2-http', `${list}eb4361`),
    )
  })
})
