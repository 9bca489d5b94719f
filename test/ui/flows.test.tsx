/** The Flows page with the engine itself behind it, which elsewhere lives in a worker. */
import { MantineProvider } from '@mantine/core'
import { Notifications, notifications } from '@mantine/notifications'
import { act, configure, render, screen, waitFor, within } from '@testing-library/react'
import type { ReactElement, ReactNode } from 'react'
import userEvent from '@testing-library/user-event'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { CaptureReader } from '#shared/wire/capture-file.ts'
import type * as Client from '../../src/renderer/flows/client.ts'
import { narrowed, without } from '../../src/renderer/flows/filter-text.ts'
import { itemOf, placeOf, usePlaces } from '../../src/renderer/flows/places.ts'
import { usePreferences } from '../../src/renderer/flows/preferences.ts'
import { openFile } from '../../src/renderer/flows/sources.ts'
import { FlowsPage } from '../../src/renderer/pages/flows.tsx'

// A busy machine is no failure.
configure({ asyncUtilTimeout: 60_000 })

vi.mock(import('../../src/renderer/flows/client.ts'), async () => {
  const { create } = await import('zustand')
  const { FlowsEngine } = await import('../../src/renderer/flows/engine.ts')
  type States = ReturnType<typeof Client.useSources.getState>
  const useSources = create<States>(() => ({ states: new Map() }))
  const engine = new FlowsEngine((state) =>
    useSources.setState({ states: new Map(useSources.getState().states).set(state.source, state) }),
  )
  const ask = async (name: string, ...args: unknown[]): Promise<unknown> =>
    (engine as unknown as Record<string, (...values: unknown[]) => unknown>)[name]!(...args)
  return { useSources, ask, forget: () => {} } as unknown as typeof Client
})
// Its borders listen to every click of the page, by geometry that jsdom does not have.
vi.mock(import('react-resizable-panels'), () => {
  const Plain = ({ children }: { readonly children?: ReactNode }): ReactElement => <div>{children}</div>
  return { Group: Plain, Panel: Plain, Separator: Plain, useDefaultLayout: () => ({}) } as never
})
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: (() => Promise.resolve([])) as never,
}))

/** One machine boots, the other asks for a file that is not there. */
const capture = (() => {
  const simulation = new Simulation(
    scenarioSchema.parse({
      title: 'test',
      group: 'Normal boots',
      summary: 'test',
      segments: { lan: { network: '192.168.77.0/24' } },
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            DHCPServer: {
              nextServer: '192.168.77.1',
              policies: { bios: { 67: 'undionly.kpxe' }, '7': { 67: 'absent.efi' } },
              subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }],
            },
            tftp: {},
          },
          files: { 'undionly.kpxe': { program: 'plain', architecture: 'bios', size: 30_000 } },
        },
      },
      clients: { new: { firmware: 'edk2', on: 'lan' }, old: { firmware: 'bios', on: 'lan' } },
    }),
    { record: true },
  )
  simulation.run()
  return new Uint8Array(simulation.capture())
})()

beforeAll(() => {
  // The page draws nothing where it has no room, and jsdom gives it none.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      readonly #hear: ResizeObserverCallback
      constructor(hear: ResizeObserverCallback) {
        this.#hear = hear
      }
      observe(target: Element): void {
        const contentRect = { width: 1400, height: 900, top: 0, left: 0, x: 0, y: 0, bottom: 900, right: 1400 }
        this.#hear([{ target, contentRect } as unknown as ResizeObserverEntry], this)
      }
      unobserve(): void {}
      disconnect(): void {}
    },
  )
})
afterAll(() => void vi.unstubAllGlobals())

const source = 'file:boots.pcapng'
const show = (): { leave: () => void } => {
  const { unmount } = render(
    <MantineProvider env="test">
      <Notifications />
      <FlowsPage />
    </MantineProvider>,
  )
  return { leave: unmount }
}
const packets = (): HTMLElement => screen.getByRole('listbox', { name: 'Packets' })
const filter = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Filter packets' })
const rowOf = (frame: number): Promise<HTMLElement> =>
  waitFor(() => {
    const found = within(packets())
      .getAllByRole('option')
      .find((row) => row.textContent?.replace('◆ ', '').startsWith(String(frame)))
    expect(found?.textContent).toContain('DHCP')
    return found!
  })
const go = (item: string | undefined): void =>
  act(() => {
    window.location.hash = item === undefined ? '#/flows' : `#/flows/${encodeURIComponent(item)}`
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  })

beforeEach(async () => {
  // What a test before was told stands for some seconds.
  notifications.clean()
  localStorage.clear()
  usePreferences.setState(usePreferences.getInitialState())
  usePlaces.setState({ last: 'live', bySource: new Map() })
  await act(async () => openFile(new File([capture], 'boots.pcapng')))
  go(source)
})

describe('a boot', () => {
  test('that failed is told as verdict, code, cause, fix and evidence, in this order', async () => {
    show()
    const verdict = await screen.findByRole('heading', { level: 1, name: /^Boot file not found/ })
    const region = verdict.closest('section')!
    const terms = [...region.querySelectorAll('dt')].map((one) => one.textContent)
    expect(terms.filter((one) => one !== 'To find out')).toEqual(['Code', 'Likely cause', 'Fix', 'Evidence'])
    // In the headline, beside its meaning, and behind the sentence that says it.
    const links = within(region).getAllByRole('link', { name: 'PXE-E23' })
    expect(links.map((one) => one.getAttribute('href')?.endsWith('PXE-E23'))).toEqual([true, true, true])
    await userEvent.click(within(region).getAllByRole('button', { name: /^Packet \d+$/ })[0]!)
    expect(window.location.hash).toMatch(/%7C\d+%7C\d+$/)
    await screen.findByText(/^Frame \d+ ·/)
  })

  test('is a list that the arrow keys go through', async () => {
    show()
    const ladder = await screen.findByRole('listbox', { name: /^Ladder of the boot/ })
    ladder.focus()
    await userEvent.keyboard('{Home}')
    const chosen = (): string | null => ladder.querySelector('[aria-selected="true"] title')?.textContent ?? null
    await waitFor(() => expect(chosen()).toMatch(/^0\.000 s, client .* to all: DISCOVER/))
    expect(ladder.getAttribute('aria-activedescendant')).toMatch(/^ladder-f\d+$/)
    await userEvent.keyboard('{ArrowDown}')
    await waitFor(() => expect(chosen()).toMatch(/OFFER/))
    await userEvent.keyboard('{End}')
    await waitFor(() => expect(ladder.querySelectorAll('[aria-selected="true"]')).toHaveLength(1))
  })
})

describe('the place', () => {
  test('is kept: source, packet and filter are there when one comes back', async () => {
    const { leave } = show()
    await userEvent.click(await rowOf(2))
    await screen.findByText(/^Frame 2 ·/)
    await userEvent.type(filter(), 'dhcp')
    leave()
    go(undefined)
    show()
    expect(filter().value).toBe('dhcp')
    await screen.findByText(/^Frame 2 ·/)
    await waitFor(() => expect(within(packets()).getByRole('option', { selected: true }).textContent).toMatch(/^2/))
  })

  test('stands in the address, whatever the filter is', () => {
    const place = { source, machine: undefined, attempt: 2, frame: 7, filter: 'dhcp || udp.port == 69 | x' }
    expect(placeOf(itemOf(place))).toEqual(place)
    expect(itemOf({ source, attempt: undefined, frame: undefined })).toBe(source)
    expect(placeOf(`${source}|02:00:5e:00:00:01`)).toMatchObject({ machine: '02:00:5e:00:00:01', attempt: undefined })
  })

  test('at a packet that the filter hides is told, and clearing the filter shows it', async () => {
    show()
    await userEvent.click(await rowOf(2))
    await userEvent.type(filter(), 'tftp')
    await screen.findByText('The filter hides the selected packet 2.')
    expect(within(packets()).queryByRole('option', { selected: true })).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }))
    await waitFor(() => expect(within(packets()).getByRole('option', { selected: true }).textContent).toMatch(/^2/))
  })

  test('at a packet of another boot shows that boot', async () => {
    show()
    const heading = await screen.findByRole('heading', { level: 1, name: /./ })
    const before = heading.textContent
    await userEvent.keyboard(']')
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 }).textContent).not.toBe(before))
    await userEvent.click(await rowOf(1))
    await waitFor(() => expect(within(packets()).getByRole('option', { selected: true }).textContent).toMatch(/^1/))
    expect(window.location.hash).toContain(encodeURIComponent('|1|1'))
  })
})

describe('packets', () => {
  test('that no filter leaves are told to be none', async () => {
    show()
    await rowOf(1)
    await userEvent.type(filter(), 'udp.po')
    await screen.findByRole('option', { name: /^udp\.port / })
    await userEvent.clear(filter())
    // An empty filter offers nothing by itself: the list would lie over the ladder.
    await waitFor(() => expect(screen.queryByRole('option', { name: /^(client|udp\.port) / })).toBeNull())
    await userEvent.type(filter(), 'udp.port == 9999')
    await screen.findByRole('heading', { name: 'No packet matches the filter' })
    await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }))
    await rowOf(1)
  })

  test('have a menu: the value under the pointer becomes the filter, is excluded, or the machine is followed', async () => {
    show()
    await rowOf(2)
    const cell = within(packets()).getAllByText('192.168.77.1:67')[0]!
    const choose = async (item: string): Promise<void> => {
      await userEvent.pointer({ keys: '[MouseRight]', target: cell })
      await userEvent.click(await screen.findByRole('menuitem', { name: item }))
    }
    await choose('Apply as filter')
    await waitFor(() => expect(filter().value).toBe('source == 192.168.77.1'))
    const arrow = screen.getByRole('listbox', { name: /^Ladder/ }).querySelector('[data-key="f1"] .ladder-hit')!
    await userEvent.pointer({ keys: '[MouseRight]', target: arrow })
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Follow this transaction' }))
    await waitFor(() => expect(filter().value).toMatch(/^dhcp\.id == 0x[\da-f]{8}$/))
    go(`${source}|||tftp`)
    const row = await waitFor(() => within(packets()).getAllByText(/absent\.efi/)[0]!)
    await userEvent.pointer({ keys: '[MouseRight]', target: row })
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Follow this transfer' }))
    await waitFor(() => expect(filter().value).toMatch(/^transfer == \d+$/))
    expect(usePreferences.getState().recent[0]).toMatch(/^transfer == /)
  })

  test('are marked and commented on, and the comment is in what is exported', async () => {
    show()
    await userEvent.click(await rowOf(2))
    await screen.findByText(/^Frame 2 ·/)
    await userEvent.keyboard('m')
    await waitFor(async () => expect(within(await rowOf(2)).getByRole('img', { name: 'marked' })).toBeTruthy())
    await userEvent.pointer({ keys: '[MouseRight]', target: await rowOf(2) })
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Comment…' }))
    await userEvent.type(await screen.findByRole('textbox', { name: 'Comment on packet 2' }), 'The offer that counts')
    await userEvent.click(screen.getByRole('button', { name: 'Save comment' }))
    await waitFor(async () =>
      expect(within(await rowOf(2)).getByRole('img', { name: /^Comment: The offer/ })).toBeTruthy(),
    )
    const { ask } = await import('../../src/renderer/flows/client.ts')
    const comments: (string | undefined)[] = []
    const reader = new CaptureReader({ onInterface: () => {}, onFrame: ({ comment }) => comments.push(comment) })
    reader.push(await ask('export', source, 'marked', undefined))
    reader.end()
    expect(comments).toHaveLength(1)
    expect(comments[0]).toContain('The offer that counts')
  })

  test('are selected several at once, by pointer and by keys, and are marked and copied together', async () => {
    // It brings a clipboard that can be read.
    const user = userEvent.setup()
    show()
    await rowOf(2)
    const chosen = (): number[] =>
      within(packets())
        .queryAllByRole('option', { selected: true })
        .map((row) => Number(/\d+/.exec(row.querySelector('[data-column="number"]')!.textContent)![0]))
    const press = async (keys: string, ...frames: number[]): Promise<void> => {
      await user.keyboard(keys)
      await waitFor(() => expect(chosen()).toEqual(frames))
    }
    const told = (): string => screen.queryByText(/^[\d,]+ selected$/)?.textContent ?? ''
    const focused = (): string | null =>
      document.getElementById(packets().getAttribute('aria-activedescendant') ?? '')?.textContent ?? null
    expect(packets().getAttribute('aria-multiselectable')).toBe('true')

    await user.click(await rowOf(2))
    await waitFor(() => expect(chosen()).toEqual([2]))
    expect(told()).toBe('')
    packets().focus()
    await waitFor(() => expect(focused()).toMatch(/^2/))
    await press('{Shift>}{ArrowDown}{/Shift}', 2, 3)
    await waitFor(() => expect(told()).toBe('2 selected'))
    // The details are of the one that keys go by.
    await screen.findByText(/^Frame 3 ·/)
    await waitFor(() => expect(focused()).toMatch(/^3/))
    await press('{Control>}{ArrowDown}{/Control}', 2, 3)
    await waitFor(() => expect(focused()).toMatch(/^4/))
    await press('{Control>} {/Control}', 2, 3, 4)
    await user.keyboard('{Control>}')
    await user.click(await rowOf(3))
    await user.keyboard('{/Control}')
    await waitFor(() => expect(chosen()).toEqual([2, 4]))
    await waitFor(() => expect(told()).toBe('2 selected'))

    await user.keyboard('m')
    await waitFor(() => expect(within(packets()).getAllByRole('img', { name: 'marked' })).toHaveLength(2))
    expect(within(await rowOf(3)).queryByRole('img', { name: 'marked' })).toBeNull()
    await user.pointer({ keys: '[MouseRight]', target: await rowOf(4) })
    expect(chosen()).toEqual([2, 4])
    await user.click(await screen.findByRole('menuitem', { name: 'Copy 2 packets as CSV' }))
    await waitFor(async () => expect((await navigator.clipboard.readText()).trim().split('\n')).toHaveLength(3))
    await user.pointer({ keys: '[MouseRight]', target: await rowOf(4) })
    await user.click(await screen.findByRole('menuitem', { name: /^Remove the marks of 2 packets/ }))
    await waitFor(() => expect(within(packets()).queryByRole('img', { name: 'marked' })).toBeNull())

    // All that the filter leaves, whatever lies between.
    await user.type(filter(), 'dhcp')
    await waitFor(() => expect(screen.getByText(/^\d+ of \d+ packets$/).textContent).not.toMatch(/^(\d+) of \1 /))
    await waitFor(() => expect(chosen()).toEqual([3]))
    const left = /^\d+/.exec(screen.getByText(/^\d+ of \d+ packets$/).textContent)![0]
    packets().focus()
    await user.keyboard('{Control>}a{/Control}')
    await waitFor(() => expect(told()).toBe(`${left} selected`))
    await user.keyboard('{Control>}c{/Control}')
    await screen.findByText(`Copied ${left} packets`)
    expect((await navigator.clipboard.readText()).split('\n')).toHaveLength(Number(left))
    await press('{Escape}', 3)
    expect(screen.getByText(/^Frame 3 ·/)).toBeTruthy()
    await press('{Escape}')
    expect(screen.queryByText(/^Frame \d+ ·/)).toBeNull()
  })

  test('are gone to by number, and a number that is none is refused', async () => {
    show()
    await rowOf(1)
    const field = screen.getByRole('textbox', { name: 'Go to packet' })
    await userEvent.type(field, '99999{Enter}')
    expect(screen.getByText(/^1 to \d+$/)).toBeTruthy()
    await userEvent.clear(field)
    await userEvent.type(field, '4{Enter}')
    await screen.findByText(/^Frame 4 ·/)
  })

  test('have the columns that somebody chose, coloured by rules', async () => {
    show()
    await rowOf(2)
    expect(screen.queryByText('Delta')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Columns' }))
    await userEvent.click(await screen.findByRole('menuitemcheckbox', { name: 'Time since the previous row' }))
    expect(screen.getByText('Delta')).toBeTruthy()
    await waitFor(async () => expect((await rowOf(2)).getAttribute('data-tint')).toBe('dhcp'))
    act(() => {
      void usePreferences.setState({
        rules: [{ name: 'Offers', filter: 'dhcp.type == offer', tint: 'good', isOn: true }],
      })
    })
    await waitFor(async () => expect((await rowOf(3)).getAttribute('data-tint')).toBe('good'))
    expect((await rowOf(1)).getAttribute('data-tint')).toBeNull()
  })

  test('are filtered by what was saved under a name', async () => {
    show()
    await rowOf(1)
    await userEvent.type(filter(), 'dhcp.type == offer{Enter}')
    await userEvent.click(screen.getByRole('button', { name: 'Saved and recent filters' }))
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name of the filter' }), 'Offers{Enter}')
    await userEvent.click(screen.getByRole('button', { name: 'Saved and recent filters' }))
    await userEvent.clear(filter())
    await userEvent.click(screen.getByRole('button', { name: 'Saved and recent filters' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Offers' }))
    expect(filter().value).toBe('dhcp.type == offer')
  })
})

test('a file that is no capture says so on its page', async () => {
  show()
  await act(async () =>
    openFile(new File(['{"name":"not a capture", "padding":"' + 'x'.repeat(300) + '"}'], 'notes.json')),
  )
  await screen.findByRole('heading', { name: 'notes.json is not a capture' })
  expect(screen.getByRole('alert').textContent).toContain('It is JSON.')
  expect(document.body.textContent.match(/no capture file|is not a capture/g)).toEqual(['is not a capture'])
})

test.each([
  ['', 'udp', 'udp', '!(udp)'],
  ['dhcp', 'udp', 'dhcp && udp', 'dhcp && !(udp)'],
  ['a || b', 'c or d', '(a || b) && (c or d)', '(a || b) && !(c or d)'],
])('the filter "%s" and the test "%s" together', (before, one, both, rest) => {
  expect(narrowed(before, one)).toBe(both)
  expect(without(before, one)).toBe(rest)
})
