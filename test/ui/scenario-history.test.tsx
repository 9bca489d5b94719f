/** Undo and redo of a scenario: by keys and buttons, through the text that was applied, and after the browser's way back. */
import { MantineProvider } from '@mantine/core'
import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import fc from 'fast-check'
import { useLayoutEffect, useState, type ReactElement } from 'react'
import { beforeEach, expect, test } from 'vitest'
import type { Change } from '#shared/simulation/scenario.ts'
import { keepDraft, useDrafts, useEdited } from '../../src/renderer/simulator/edited.ts'
import {
  isSame,
  recorded,
  stepsAt,
  useScenarioHistory,
  type ScenarioHistory,
  type ScenarioState,
  type Timeline,
} from '../../src/renderer/simulator/history.ts'
import { nowhere, useLayouts } from '../../src/renderer/simulator/layouts.ts'
import { hearUndoKeys } from '../../src/renderer/undo.tsx'

let history: ScenarioHistory
let show: (scenario: string, changes: readonly Change[]) => void

function Shown(): ReactElement {
  const [place, setPlace] = useState<{ scenario: string; changes: readonly Change[] }>({ scenario: 'one', changes: [] })
  const goTo: typeof show = (scenario, changes) => setPlace({ scenario, changes })
  const made = useScenarioHistory(place.scenario, place.changes, goTo)
  useLayoutEffect(() => {
    show = goTo
    history = made
  })
  return (
    <p>
      {place.scenario} {place.changes.map(({ path }) => path).join(' ')}
      <input aria-label="Field" />
    </p>
  )
}

const set = (path: string): Change => ({ path, value: 1 })
const shown = (): string | null => screen.getByText(/./, { selector: 'p' }).textContent

beforeEach(() => {
  useLayouts.setState({ layouts: {} })
  useDrafts.setState({ drafts: {} })
})

test('settings, places and an applied text are taken back and done again in their order', async () => {
  const stop = hearUndoKeys()
  render(
    <MantineProvider env="test">
      <Shown />
    </MantineProvider>,
  )
  const user = userEvent.setup()
  act(() => history.make('A set', { changes: [set('a')] }))
  act(() => history.make('pc placed', { places: { pc: { x: 1, y: 2 } } }))
  act(() =>
    history.make('Text applied', {
      scenario: 'edited',
      changes: [],
      places: nowhere,
      edited: { input: {}, text: 'title: x' },
    }),
  )
  act(() => history.make('B set', { changes: [set('b')] }))
  expect(shown()).toBe('edited b')
  expect([history.undoes, history.redoes]).toEqual(['B set', undefined])
  await user.keyboard('{Control>}z{/Control}')
  expect(shown()).toBe('edited ')
  await user.keyboard('{Control>}z{/Control}')
  expect(shown()).toBe('one a')
  expect(useLayouts.getState().layouts['one']).toEqual({ pc: { x: 1, y: 2 } })
  await user.keyboard('{Control>}z{/Control}')
  expect(useLayouts.getState().layouts['one']).toBeUndefined()
  expect([history.undoes, history.redoes]).toEqual(['A set', 'pc placed'])
  // A field has keys of its own.
  await user.click(screen.getByLabelText('Field'))
  await user.keyboard('{Control>}z{/Control}')
  expect(shown()).toBe('one a')
  act(() => screen.getByLabelText('Field').blur())
  await user.keyboard('{Control>}y{/Control}')
  await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
  expect(shown()).toBe('edited ')
  expect(useEdited.getState().text).toBe('title: x')
  await user.keyboard('{Control>}y{/Control}')
  expect(shown()).toBe('edited b')
  expect([history.undoes, history.redoes]).toEqual(['B set', undefined])
  // The browser's way back is no undo: what led to the state that it shows is what is undone.
  act(() => show('one', [set('a')]))
  expect([history.undoes, history.redoes]).toEqual(['pc placed', 'Text applied'])
  // Another scenario has nothing to undo.
  act(() => show('two', []))
  expect([history.undoes, history.redoes]).toEqual([undefined, undefined])
  stop()
})

test('drafts of several scenarios are kept, the oldest given up', () => {
  for (let number = 0; number < 25; number++) keepDraft(`s${number}`, `text ${number}`)
  keepDraft('s24', undefined)
  const { drafts } = useDrafts.getState()
  expect(Object.keys(drafts)).toHaveLength(19)
  expect(drafts['s23']).toBe('text 23')
  expect(drafts['s4']).toBeUndefined()
  expect(JSON.parse(localStorage.getItem('pxe-lab-scenario-drafts')!)).toMatchObject({ state: { drafts } })
})

test('undo always leads to the state before, and redo back', () => {
  const stateOf = (number: number): ScenarioState => ({
    scenario: 'one',
    changes: [set(String(number))],
    places: nowhere,
    edited: undefined,
  })
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(2), fc.constantFrom('undo', 'undo', 'redo', 'back')), { maxLength: 40 }),
      (acts) => {
        let timeline: Timeline = { done: [], at: 0 }
        let now = stateOf(0)
        for (const one of acts) {
          const { undo, redo } = stepsAt(timeline, now)
          if (undo !== undefined) expect(isSame(timeline.done[undo]!.after, now)).toBe(true)
          if (redo !== undefined) expect(isSame(timeline.done[redo]!.before, now)).toBe(true)
          if (one === 'undo') {
            if (undo === undefined) continue
            const was = now
            now = timeline.done[undo]!.before
            timeline = { ...timeline, at: undo }
            const again = stepsAt(timeline, now).redo!
            expect(isSame(timeline.done[again]!.after, was)).toBe(true)
          } else if (one === 'redo') {
            if (redo === undefined) continue
            now = timeline.done[redo]!.after
            timeline = { ...timeline, at: redo + 1 }
          } else if (one === 'back') now = timeline.done[0]?.before ?? now
          else {
            const after = stateOf(one)
            if (isSame(now, after)) continue
            timeline = recorded(timeline, { what: String(one), before: now, after })
            now = after
            expect(stepsAt(timeline, now)).toEqual({ undo: timeline.done.length - 1 })
          }
        }
        // However often it was done, taken back it ends where it began.
        for (let left = timeline.done.length; left > 0; left--) {
          const { undo } = stepsAt(timeline, now)
          if (undo === undefined) break
          now = timeline.done[undo]!.before
          timeline = { ...timeline, at: undo }
        }
        expect(stepsAt(timeline, now).undo).toBeUndefined()
      },
    ),
    { numRuns: 500 },
  )
})
