/** What is selected in the list of packets, held against a plain set of numbers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  choiceOf,
  extendToPacket,
  holdsPacket,
  isSeveral,
  onlyPacket,
  togglePacket,
} from '../../src/renderer/flows/packet-selection.ts'

const most = 12
const all = Array.from({ length: most }, (_, index) => index + 1)

test('whatever is clicked, ranges hold what a set would, ascending and apart', () => {
  const click = fc.record({
    frame: fc.integer({ min: 1, max: most }),
    how: fc.constantFrom('only', 'toggle', 'extend'),
  })
  fc.assert(
    fc.property(fc.array(click, { minLength: 1, maxLength: 12 }), (clicks) => {
      let selection = onlyPacket(undefined)
      let set = new Set<number>()
      let anchor: number | undefined
      for (const { frame, how } of clicks) {
        if (how === 'only') {
          selection = onlyPacket(frame)
          set = new Set([frame])
        } else if (how === 'toggle') {
          selection = togglePacket(selection, frame)
          if (!set.delete(frame) || set.size === 0) set.add(frame)
        } else {
          selection = extendToPacket(selection, frame)
          const start = anchor ?? frame
          set = new Set(all.filter((one) => one >= Math.min(start, frame) && one <= Math.max(start, frame)))
        }
        if (how !== 'extend' || anchor === undefined) anchor = frame
        expect(all.filter((one) => holdsPacket(selection, one))).toEqual([...set].toSorted((a, b) => a - b))
        expect(selection.current).toBe(frame)
        const ends = selection.ranges.flat()
        expect(ends).toEqual(ends.toSorted((a, b) => a - b))
        for (const [index, [from]] of selection.ranges.entries())
          if (index > 0) expect(from).toBeGreaterThan(selection.ranges[index - 1]![1] + 1)
      }
    }),
  )
})

test('the engine is asked about the selection, or else about the packet that is shown', () => {
  expect(choiceOf(onlyPacket(undefined))).toEqual([])
  expect(choiceOf(onlyPacket(7))).toEqual([7])
  expect(isSeveral(onlyPacket(7))).toBe(false)
  expect(choiceOf(extendToPacket(onlyPacket(7), 3))).toEqual({ ranges: [[3, 7]] })
})
