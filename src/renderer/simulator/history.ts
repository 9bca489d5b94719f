/**
 * What was done to a scenario, to be taken back and done again. What may be undone is what led to the state that is shown:
 * the browser's way back, a link and another scenario change the state too, and none of them leaves the history wrong.
 */
import { create } from 'zustand'
import type { Change } from '#shared/simulation/scenario.ts'
import { useOwnHistory } from '../undo.tsx'
import { editedScenario, useEdited, type Edited } from './edited.ts'
import { keepPlaces, nowhere, useLayouts, type Places } from './layouts.ts'

/** All that an edit of a scenario can change. */
export interface ScenarioState {
  /** The scenario of the address. */
  readonly scenario: string
  readonly changes: readonly Change[]
  readonly places: Places
  /** The text that was applied, where the scenario comes from one. */
  readonly edited: Edited | undefined
}

interface Done {
  /** What was done, such as `uefi-pc removed`. */
  readonly what: string
  readonly before: ScenarioState
  readonly after: ScenarioState
}

const kept = 100

export const isSame = (one: ScenarioState, other: ScenarioState): boolean =>
  one.scenario === other.scenario &&
  one.edited?.text === other.edited?.text &&
  JSON.stringify([one.changes, one.places]) === JSON.stringify([other.changes, other.places])

export interface Timeline {
  readonly done: readonly Done[]
  /** How many of them are not taken back. */
  readonly at: number
}

/** What leads to a state and what leaves it: where the timeline stands if it fits there, else where the state was last. */
export function stepsAt(
  { done, at }: Timeline,
  now: ScenarioState,
): { readonly undo?: number; readonly redo?: number } {
  const leadsHere = (index: number): boolean => index >= 0 && isSame(done[index]!.after, now)
  const leavesHere = (index: number): boolean => index < done.length && isSame(done[index]!.before, now)
  const isAt = (one: number): boolean => leadsHere(one - 1) || leavesHere(one)
  const after = done.findLastIndex((_one, index) => leadsHere(index)) + 1
  const here = isAt(at) ? at : after > 0 ? after : done.findIndex((_one, index) => leavesHere(index))
  return {
    ...(leadsHere(here - 1) ? { undo: here - 1 } : {}),
    ...(here >= 0 && leavesHere(here) ? { redo: here } : {}),
  }
}

/** The timeline with one more thing done: what was taken back before it cannot be done again. More of the same is one thing with it. */
export function recorded(timeline: Timeline, one: Done, isContinued = false): Timeline {
  const { undo, redo } = stepsAt(timeline, one.before)
  const end = undo !== undefined ? undo + 1 : (redo ?? timeline.done.length)
  const last = timeline.done[end - 1]
  const done =
    isContinued && undo !== undefined && last?.what === one.what
      ? [...timeline.done.slice(0, end - 1), { ...one, before: last.before }]
      : [...timeline.done.slice(0, end), one].slice(-kept)
  return { done, at: done.length }
}

const useTimeline = create<Timeline>(() => ({ done: [], at: 0 }))

export interface ScenarioHistory {
  readonly state: ScenarioState
  /** What the last thing was that can be taken back. */
  readonly undoes: string | undefined
  readonly redoes: string | undefined
  undo(): void
  redo(): void
  /** Does something that can be taken back; as one with what was done last, if that was the same and goes on. */
  make(what: string, next: Partial<ScenarioState>, isContinued?: boolean): void
}

/** The history of the scenario that is shown; `show` goes to its address. Ctrl+Z and Ctrl+Y are its keys meanwhile. */
export function useScenarioHistory(
  scenario: string,
  changes: readonly Change[],
  show: (scenario: string, changes: readonly Change[]) => void,
): ScenarioHistory {
  const timeline = useTimeline()
  const places = useLayouts((one) => one.layouts[scenario]) ?? nowhere
  const applied = useEdited()
  const state: ScenarioState = {
    scenario,
    changes,
    places,
    edited: scenario === editedScenario ? applied : undefined,
  }
  const { undo: last, redo: next } = stepsAt(timeline, state)
  const apply = (one: ScenarioState): void => {
    if (one.edited) useEdited.setState(one.edited)
    keepPlaces(one.scenario, one.places)
    if (one.scenario !== scenario || JSON.stringify(one.changes) !== JSON.stringify(changes))
      show(one.scenario, one.changes)
  }
  const history: ScenarioHistory = {
    state,
    undoes: last === undefined ? undefined : timeline.done[last]!.what,
    redoes: next === undefined ? undefined : timeline.done[next]!.what,
    undo: () => {
      if (last === undefined) return
      useTimeline.setState({ at: last })
      apply(timeline.done[last]!.before)
    },
    redo: () => {
      if (next === undefined) return
      useTimeline.setState({ at: next + 1 })
      apply(timeline.done[next]!.after)
    },
    make: (what, more, isContinued) => {
      const after = { ...state, ...more }
      if (isSame(state, after)) return
      useTimeline.setState(recorded(timeline, { what, before: state, after }, isContinued))
      apply(after)
    },
  }
  useOwnHistory(history)
  return history
}
