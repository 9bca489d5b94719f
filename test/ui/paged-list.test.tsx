/** A list of rows that live elsewhere: of a hundred thousand those are fetched that are seen, also where all are selected. */
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState, type ReactElement } from 'react'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  extendToPacket,
  holdsPacket,
  isSeveral,
  onlyPacket,
  togglePacket,
} from '../../src/renderer/flows/packet-selection.ts'
import { PagedList } from '../../src/renderer/parts/paged-list.tsx'

const count = 100_000

beforeAll(() => {
  // jsdom gives nothing a height.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      readonly #hear: ResizeObserverCallback
      constructor(hear: ResizeObserverCallback) {
        this.#hear = hear
      }
      observe(target: Element): void {
        const contentRect = { width: 800, height: 400, top: 0, left: 0, x: 0, y: 0, bottom: 400, right: 800 }
        this.#hear([{ target, contentRect } as unknown as ResizeObserverEntry], this)
      }
      unobserve(): void {}
      disconnect(): void {}
    },
  )
})
afterAll(() => void vi.unstubAllGlobals())

interface Row {
  readonly frame: number
}

const fetched: number[] = []
const fetchRows = (from: number, to: number): Promise<readonly Row[]> => {
  const rows = Array.from({ length: Math.min(to, count) - from }, (_, index) => ({ frame: from + index + 1 }))
  fetched.push(...rows.map(({ frame }) => frame))
  return Promise.resolve(rows)
}

/** Numbers from 1, each at the place before it. */
function Numbers(): ReactElement {
  const [selection, setSelection] = useState(onlyPacket(undefined))
  const { current } = selection
  return (
    <>
      <output>{JSON.stringify(selection.ranges)}</output>
      <PagedList<Row>
        label="Numbers"
        count={count}
        fetch={fetchRows}
        identity="numbers"
        version={0}
        selected={current === undefined ? undefined : current - 1}
        selectedKey={current}
        onSelect={({ frame }, gesture) =>
          setSelection((before) =>
            gesture === 'extend'
              ? extendToPacket(before, frame)
              : gesture === 'toggle'
                ? togglePacket(before, frame)
                : gesture === 'move'
                  ? { ...before, current: frame }
                  : onlyPacket(frame),
          )
        }
        several={{
          has: ({ frame }) => holdsPacket(selection, frame),
          isSeveral: isSeveral(selection),
          onAll: () => setSelection((before) => ({ ...before, ranges: [[1, count]] })),
          onOne: () => setSelection((before) => onlyPacket(before.current)),
          onCopy: () => {},
        }}
        rowHeight={22}
        columns="1fr"
        row={({ frame }) => <span>{frame}</span>}
      />
    </>
  )
}

test('all of a hundred thousand rows are selected, and a range to the last, without fetching what lies between', async () => {
  const user = userEvent.setup()
  render(<Numbers />)
  const ranges = (): unknown => JSON.parse(screen.getByRole('status').textContent)
  await user.click(await screen.findByText('3'))
  expect(ranges()).toEqual([[3, 3]])
  const list = screen.getByRole('listbox', { name: 'Numbers' })
  list.focus()
  await user.keyboard('{Shift>}{End}{/Shift}')
  await waitFor(() => expect(ranges()).toEqual([[3, count]]))
  await user.keyboard('{Control>}a{/Control}')
  expect(ranges()).toEqual([[1, count]])
  // Away from the selection without losing it, and one of its rows taken out.
  await user.keyboard('{Control>}{Home}{/Control}')
  await user.keyboard('{Control>}{ArrowDown}{/Control}')
  await user.keyboard('{Control>} {/Control}')
  expect(ranges()).toEqual([
    [1, 1],
    [3, count],
  ])
  const rows = screen.getAllByRole('option')
  expect(rows.slice(0, 3).map((row) => row.getAttribute('aria-selected'))).toEqual(['true', 'false', 'true'])
  expect(rows[1]!.id).toBe(list.getAttribute('aria-activedescendant'))
  expect(rows[1]!.getAttribute('aria-setsize')).toBe(String(count))
  await user.keyboard('{Escape}')
  expect(ranges()).toEqual([[2, 2]])
  expect(new Set(fetched).size).toBeLessThan(1000)
  expect(screen.getAllByRole('option').length).toBeLessThan(100)
})
