/** The lessons that a class can be led through, and their steps. */
import { listScenarios } from '../scenarios.ts'
import { course } from '../lessons/client.ts'
import { ownLesson, type CourseEntry } from '../lessons/engine.ts'
import { useOwn } from '../lessons/progress.ts'

export interface ListedLesson extends CourseEntry {
  /** The scenario it is about, where it has none of its own. */
  readonly input: unknown
}

/** The course in its order, and behind it a lesson that somebody opened. */
export async function entriesOfCourse(): Promise<readonly ListedLesson[]> {
  const [scenarios, shipped] = await Promise.all([listScenarios(), course('course')])
  const { text } = useOwn.getState()
  const own = text === '' ? undefined : await course('own', text)
  return [...shipped.filter(({ id }) => id !== ownLesson), ...(own?.ok ? [own.entry] : [])].map((entry) => ({
    ...entry,
    input: scenarios.find(({ id }) => id === entry.scenario)?.input,
  }))
}
