/** How far somebody is in the course; kept in this browser. */
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import type { LessonState } from '#shared/lessons/engine.ts'
import { mostVariant } from '#shared/lessons/variants.ts'
import { ownLesson, type LessonPlace } from './engine.ts'

export interface Best {
  readonly score: number
  readonly of: number
}

interface Progress {
  /** States by lesson and variant, the newest last. */
  readonly states: Readonly<Record<string, LessonState>>
  /** The best result of each lesson that was played to its end. */
  readonly best: Readonly<Record<string, Best>>
  /** The variant of this browser, so that neighbours have different ones. */
  readonly seed: number
  readonly isBlind: boolean
}

const keptStates = 60
const newSeed = (): number => (crypto.getRandomValues(new Uint32Array(1))[0]! % mostVariant) + 1

export const useProgress = create<Progress>()(
  persist((): Progress => ({ states: {}, best: {}, seed: newSeed(), isBlind: false }), { name: 'pxe-lab-course' }),
)
/** The text of a lesson that was opened as a file; a reload keeps it. */
export const useOwn = create<{ readonly text: string }>()(
  persist((): { readonly text: string } => ({ text: '' }), {
    name: 'pxe-lab-own-lesson',
    storage: createJSONStorage(() => sessionStorage),
  }),
)

/** Takes a lesson that somebody wrote; what was played of another one is not played on in it. */
export function takeOwn(text: string): void {
  if (useOwn.getState().text === text) return
  useOwn.setState({ text })
  useProgress.setState(({ states }) => ({
    states: Object.fromEntries(Object.entries(states).filter(([key]) => !key.startsWith(`${ownLesson} `))),
  }))
}

export const keyOf = ({ id, seed, isBlind }: LessonPlace): string => `${id} ${seed}${isBlind ? ' blind' : ''}`

export function keepState(place: LessonPlace, state: LessonState | undefined): void {
  useProgress.setState(({ states }) => {
    const others = Object.entries(states).filter(([key]) => key !== keyOf(place))
    const all = state ? [...others, [keyOf(place), state] as const] : others
    return { states: Object.fromEntries(all.slice(-keptStates)) }
  })
}

export function keepResult(id: string, { score, of }: Best): void {
  useProgress.setState(({ best }) => {
    const before = best[id]
    return before && before.score / before.of >= score / of ? {} : { best: { ...best, [id]: { score, of } } }
  })
}

export function forgetCourse(): void {
  useProgress.setState({ states: {}, best: {} })
}
