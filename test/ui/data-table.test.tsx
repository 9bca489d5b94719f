/** The table of clients, leases, files and set-ups: sorted, filtered, selected, copied, exported, arranged, by keyboard too. */
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState, type ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DataTable } from '../../src/renderer/parts/data-table.tsx'
import type { Column } from '../../src/renderer/parts/table-columns.ts'

const saved = vi.hoisted(() => ({ files: new Map<string, string>(), copied: [] as string[] }))
vi.mock(import('../../src/renderer/parts/download.ts'), () => ({
  download: (name, content) => void saved.files.set(name, String(content)),
}))
vi.mock(import('../../src/renderer/parts/copy.ts'), () => ({
  copyText: (text) => (saved.copied.push(text), Promise.resolve()),
}))

interface Machine {
  readonly address: string
  readonly name: string | null
  readonly bytes: number
}
const machines: readonly Machine[] = [
  { address: '192.168.77.10', name: 'lab, left', bytes: 900 },
  { address: '192.168.77.9', name: null, bytes: 20_000 },
  { address: '192.168.77.100', name: '=cmd()', bytes: 7 },
]
const columns: readonly Column<Machine>[] = [
  { id: 'address', title: 'Address', width: 100, value: (one) => one.address },
  { id: 'name', title: 'Name', width: 80, grows: 1, value: (one) => one.name },
  { id: 'bytes', title: 'Size', width: 60, isNumber: true, value: (one) => one.bytes, text: (one) => `${one.bytes} B` },
  { id: 'go', title: 'Actions', width: 60, cell: (one) => <button type="button">Free {one.address}</button> },
]
const freed: string[][] = []

function Shown({ rows = machines }: { readonly rows?: readonly Machine[] }): ReactElement {
  const [selected, setSelected] = useState<string>()
  return (
    <MantineProvider env="test">
      <DataTable
        id="machines"
        label="Machines"
        rows={rows}
        columns={columns}
        keyOf={(one) => one.address}
        selected={selected}
        onSelect={(one) => setSelected(one.address)}
        actions={(some) => [
          { label: `Free ${some.length}`, run: () => void freed.push(some.map((one) => one.address)), isBad: true },
        ]}
      />
      <p id="details">{selected}</p>
    </MantineProvider>
  )
}

const grid = (): HTMLElement => screen.getByRole('grid', { name: 'Machines' })
const body = (): HTMLElement[] => within(grid()).getAllByRole('row').slice(1)
const addresses = (): string[] => body().map((row) => within(row).getAllByRole('gridcell')[0]!.textContent)
const chosen = (): string[] =>
  body()
    .filter((row) => row.getAttribute('aria-selected') === 'true')
    .map((row) => within(row).getAllByRole('gridcell')[0]!.textContent)
const title = (name: string): HTMLElement => screen.getByRole('columnheader', { name: new RegExp(name) })
const sortBy = (name: string): Promise<void> => userEvent.click(within(title(name)).getByRole('button'))

beforeEach(() => {
  localStorage.clear()
  saved.files.clear()
  saved.copied.length = 0
  freed.length = 0
  // jsdom lays nothing out: the box is as high as a window.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800)
})
afterEach(() => vi.restoreAllMocks())

describe('a table', () => {
  test('sorts addresses as people count and numbers by size; what is absent comes last either way', async () => {
    render(<Shown />)
    expect(addresses()).toEqual(['192.168.77.10', '192.168.77.9', '192.168.77.100'])
    await sortBy('Address')
    expect(addresses()).toEqual(['192.168.77.9', '192.168.77.10', '192.168.77.100'])
    expect(title('Address').getAttribute('aria-sort')).toBe('ascending')
    await sortBy('Address')
    expect(addresses()).toEqual(['192.168.77.100', '192.168.77.10', '192.168.77.9'])
    expect(title('Address').getAttribute('aria-sort')).toBe('descending')
    await sortBy('Size')
    expect(addresses()).toEqual(['192.168.77.100', '192.168.77.10', '192.168.77.9'])
    await sortBy('Name')
    expect(addresses().at(-1)).toBe('192.168.77.9')
    await sortBy('Name')
    expect(addresses().at(-1)).toBe('192.168.77.9')
  })

  test('filters by every word, counts what is left, and says where nothing is', async () => {
    render(<Shown />)
    const filter = screen.getByRole('textbox', { name: 'Filter machines' })
    await userEvent.type(filter, 'LEFT 77')
    expect(addresses()).toEqual(['192.168.77.10'])
    expect(screen.getByRole('status').textContent).toBe('1 of 3')
    await userEvent.type(filter, ' nowhere')
    expect(screen.getByText('Nothing matches “LEFT 77 nowhere”.')).toBeTruthy()
    await userEvent.keyboard('{Escape}')
    expect(addresses()).toHaveLength(3)
  })

  test('selects one, several and ranges by pointer and by keyboard; details follow the current row', async () => {
    const user = userEvent.setup()
    render(<Shown />)
    await user.click(screen.getByText('192.168.77.10'))
    expect(chosen()).toEqual(['192.168.77.10'])
    await user.keyboard('{Control>}')
    await user.click(screen.getByText('192.168.77.100'))
    await user.keyboard('{/Control}')
    expect(chosen()).toEqual(['192.168.77.10', '192.168.77.100'])
    expect(document.querySelector('#details')!.textContent).toBe('192.168.77.100')
    expect(screen.getByRole('status').textContent).toBe('3, 2 selected')
    await user.keyboard('{Home}')
    expect(chosen()).toEqual(['192.168.77.10'])
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}')
    expect(chosen()).toEqual(['192.168.77.10', '192.168.77.9'])
    await user.keyboard('{Control>}a{/Control}')
    expect(chosen()).toHaveLength(3)
    // A screen reader is told of the current row.
    const active = grid().getAttribute('aria-activedescendant')
    expect(document.getElementById(active!)!.textContent).toContain('192.168.77.9')
    // Of rows that a filter hides nothing is done.
    await user.type(screen.getByRole('textbox', { name: 'Filter machines' }), '77.9')
    expect(chosen()).toEqual(['192.168.77.9'])
  })

  test('copies what is selected for a spreadsheet, and exports all or the selected rows as CSV', async () => {
    const user = userEvent.setup()
    render(<Shown />)
    await user.click(screen.getByRole('button', { name: 'Export machines as CSV' }))
    expect(saved.files.get('machines.csv')).toBe(
      `Address,Name,Size\r\n192.168.77.10,"lab, left",900 B\r\n192.168.77.9,,20000 B\r\n192.168.77.100,'=cmd(),7 B\r\n`,
    )
    await user.click(screen.getByText('192.168.77.10'))
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}{Control>}c{/Control}')
    expect(saved.copied).toEqual(['192.168.77.10\tlab, left\t900 B\n192.168.77.9\t\t20000 B'])
    await user.click(screen.getByRole('button', { name: 'Export machines as CSV' }))
    expect(saved.files.get('machines.csv')!.trim().split('\r\n')).toHaveLength(3)
  })

  test('a row has a menu, by pointer and by key, for all rows that are selected', async () => {
    const user = userEvent.setup()
    render(<Shown />)
    await user.pointer({ keys: '[MouseRight]', target: screen.getByText('192.168.77.9') })
    expect(chosen()).toEqual(['192.168.77.9'])
    await user.click(await screen.findByRole('menuitem', { name: 'Free 1' }))
    grid().focus()
    await user.keyboard('{Control>}a{/Control}{Shift>}{F10}{/Shift}')
    await user.click(await screen.findByRole('menuitem', { name: 'Free 3' }))
    expect(freed).toEqual([['192.168.77.9'], ['192.168.77.10', '192.168.77.9', '192.168.77.100']])
  })

  test('columns are chosen, widened by keyboard and reset, and stay so', async () => {
    const user = userEvent.setup()
    render(<Shown />)
    await user.click(screen.getByRole('button', { name: 'Columns of machines' }))
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Name' }))
    expect(screen.queryByRole('columnheader', { name: /Name/ })).toBeNull()
    await user.keyboard('{Escape}')
    await sortBy('Address')
    within(title('Address')).getByRole('button').focus()
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue({ width: 150 } as DOMRect)
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}')
    const tracks = (): string => body()[0]!.style.gridTemplateColumns
    expect(tracks()).toBe('158px 60px 60px')
    cleanup()
    render(<Shown />)
    expect(tracks()).toBe('158px 60px 60px')
    expect(addresses()[0]).toBe('192.168.77.9')
    await user.click(screen.getByRole('button', { name: 'Columns of machines' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Reset columns' }))
    await waitFor(() => expect(tracks()).toBe('100px minmax(80px, 1fr) 60px 60px'))
    expect(addresses()[0]).toBe('192.168.77.10')
  })

  test.each([
    '{"sorting":',
    '7',
    'null',
    '{"sorting":7,"columnSizing":{"name":"wide","address":1e9},"columnVisibility":null}',
    '{"sorting":[{"id":"gone"},{"id":7},null],"columnVisibility":{"gone":true,"name":"no"}}',
  ])('an arrangement that cannot be read is as if there were none: %s', (text) => {
    localStorage.setItem('pxe-lab-table-machines', text)
    render(<Shown />)
    expect(addresses()).toEqual(machines.map((one) => one.address))
    expect(body()[0]!.style.gridTemplateColumns).toBe('100px minmax(80px, 1fr) 60px 60px')
  })

  test('of 10,000 rows only those in view are drawn; the end is one key away', async () => {
    const user = userEvent.setup()
    const rows = Array.from({ length: 10_000 }, (_, at) => ({ address: `10.0.${at >> 8}.${at & 255}`, name: null, bytes: at })) // prettier-ignore
    render(<Shown rows={rows} />)
    expect(body().length).toBeLessThan(60)
    expect(grid().getAttribute('aria-rowcount')).toBe('10001')
    grid().focus()
    await user.keyboard('{End}')
    expect(document.querySelector('#details')!.textContent).toBe('10.0.39.15')
  })

  test('keys within a button of a row are its own', async () => {
    const user = userEvent.setup()
    render(<Shown />)
    screen.getByRole('button', { name: 'Free 192.168.77.9' }).focus()
    await user.keyboard('{Control>}a{/Control}')
    expect(chosen()).toEqual([])
  })
})
