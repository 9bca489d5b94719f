import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { agentHealth, outcomeClasses, siteDimensions, siteGroups, type SiteAgent } from '#shared/contract/sites.ts'
import { MachineText, NameField, SiteNames } from '../../src/renderer/sites/names.tsx'
import { standalone } from '../../src/renderer/sites/picture.ts'
import { filterOf, isFiltered, itemOf, narrowed, periods, placeOf, views, withoutFilter, type SitesPlace } from '../../src/renderer/sites/place.ts' // prettier-ignore
import { OutcomeText, valueText } from '../../src/renderer/sites/words.tsx'
import { useStore } from '../../src/renderer/store.ts'

const hub = vi.hoisted(() => ({ names: [] as { mac: string; name: string }[], said: [] as unknown[] }))
vi.mock(import('../../src/renderer/connection.ts'), async (original) => ({
  ...(await original()),
  call: ((name: string, args: { mac: string; name: string }) => {
    if (name === 'sites.rename') {
      hub.said.push(args)
      hub.names = [...hub.names.filter(({ mac }) => mac !== args.mac), ...(args.name === '' ? [] : [args])]
    }
    return Promise.resolve(hub.names)
  }) as never,
}))

const maybe = <T,>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined })
const moment = fc.integer({ min: 0, max: 4e12 })
const places: fc.Arbitrary<SitesPlace> = fc.record({
  view: fc.constantFrom(...views),
  by: fc.constantFrom(...siteGroups),
  period: maybe(fc.constantFrom(...(Object.keys(periods) as (keyof typeof periods)[]))),
  from: maybe(moment),
  to: maybe(moment),
  machine: maybe(fc.string({ minLength: 1 })),
  class: maybe(fc.constantFrom(...outcomeClasses)),
  values: fc.dictionary(fc.constantFrom(...siteDimensions), fc.string()),
  boot: maybe(fc.nat()),
  offset: fc.nat(),
})

describe('the address of Sites', () => {
  test('holds view, filters and boot, whatever their values are', () => {
    fc.assert(
      fc.property(places, (place) => {
        const read = placeOf(itemOf(place))
        expect({ ...read, values: { ...read.values } }).toEqual({ ...place, values: { ...place.values } })
      }),
    )
  })

  test('what is wrong in an address is left out', () => {
    expect(placeOf('nowhere?by=colour&period=2y&from=-1&class=best&boot=x&site=a')).toEqual({
      ...placeOf(undefined),
      values: { site: 'a' },
    })
  })

  test('a period ends now, given moments are exact, and clearing leaves the view', () => {
    const place = placeOf('boots?by=code&period=24h&machine=52:54&code=&class=failed&boot=7&offset=1000')
    expect(filterOf(place, 100_000_000)).toEqual({ from: 13_600_000, machine: '52:54', code: '', class: 'failed' })
    expect(filterOf(placeOf('boots?from=5&to=9'), 100)).toEqual({ from: 5, to: 9 })
    expect(isFiltered(place)).toBe(true)
    expect(isFiltered(withoutFilter(place))).toBe(false)
    expect(isFiltered(placeOf('boots?by=code&boot=7&offset=1000'))).toBe(false)
    expect(itemOf(withoutFilter(place))).toBe('boots?by=code')
    expect(itemOf(narrowed(place, 'machine', '52:54:00:77:00:01'))).toContain('machine=52%3A54%3A00%3A77%3A00%3A01')
    expect(itemOf(narrowed(place, 'site', 'a&b'))).toContain('site=a%26b')
  })
})

test('outcomes have the words of Flows, and what is not known says so', () => {
  expect([valueText('outcome', 'started'), valueText('code', ''), valueText('model', ''), valueText('site', 'x')]).toEqual(['booted', 'no code', 'unknown', 'x']) // prettier-ignore
  render(
    <MantineProvider env="test">
      <OutcomeText outcome="failed" />
    </MantineProvider>,
  )
  expect(screen.getByRole('img', { name: 'failed' }).textContent).toBe('✗')
})

test('an agent is silent, behind, lossy or delivers, the gravest first', () => {
  const now = 1_000_000_000
  const agent: SiteAgent = { id: 'a/0', site: 'a', name: 'a', version: '1', seenAt: now - 20_000, until: now - 20_000, clockAheadMs: 0, lostPieces: 0, lostFrames: 0, waitingPieces: 0, waitingBytes: 0, pieces: 1 } // prettier-ignore
  const told = (change: Partial<SiteAgent>): string => agentHealth({ ...agent, ...change }, now).text
  expect(told({})).toBe('delivers')
  expect(told({ lostFrames: 1 })).toBe('has lost packets')
  expect(told({ until: now - 600_000, lostFrames: 1 })).toBe('behind')
  expect(told({ until: now - 600_000, seenAt: now - 600_000 })).toBe('silent')
  // A clock that is ten minutes slow is no lag.
  expect(told({ until: now - 620_000, clockAheadMs: -600_000 })).toBe('delivers')
  expect(told({ until: null, waitingPieces: 40 })).toBe('behind')
})

test('a saved picture needs no theme', () => {
  document.body.innerHTML = '<svg style="--lab-bad: #b3261e"><rect fill="var(--lab-bad)"/><text fill="var(--gone)">1</text></svg>' // prettier-ignore
  const text = standalone(document.querySelector('svg')!)
  expect(text).toContain('fill="#b3261e"')
  expect(text).not.toContain('var(')
  expect(text).toContain('xmlns="http://www.w3.org/2000/svg"')
})

test('a machine is named, stands by its name, and the name is taken back by Undo', async () => {
  const mac = '52:54:00:77:01:03'
  useStore.setState({ connection: 'connected' })
  const user = userEvent.setup()
  render(
    <MantineProvider env="test">
      <Notifications />
      <SiteNames>
        <p>
          <MachineText mac={mac} />
        </p>
        <NameField mac={mac} />
      </SiteNames>
    </MantineProvider>,
  )
  await user.click(await screen.findByRole('button', { name: 'Name this machine' }))
  await user.type(screen.getByRole('textbox', { name: `Name of ${mac}` }), ' bench-3 {Enter}')
  await screen.findByTitle(`bench-3, ${mac}`)
  expect(hub.said).toEqual([{ mac, name: 'bench-3' }])
  screen.getByRole('button', { name: 'Rename' })
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(hub.said[1]).toEqual({ mac, name: '' }))
  await screen.findByRole('button', { name: 'Name this machine' })
  // What another window said comes with what is new.
  hub.names = [{ mac, name: 'pc' }]
  act(() => useStore.setState({ hub: {} as never }))
  await screen.findByTitle(`pc, ${mac}`)
})
