/** The way to the course, and what others hear of it. */
import type { LessonAction, LessonEvent, LessonReport } from '#shared/lessons/engine.ts'
import { connectWorker } from '../worker-client.ts'
import type { LessonsEngine } from './engine.ts'

export const course = connectWorker<LessonsEngine>('lessons', () => {})

/**
 * What happens in a lesson is an event of the page, for whoever leads a class or keeps results: its detail is a `LessonHeard`. The
 * other way an event `lessonCommand` with a `LessonAction` does what its user could do, such as `{ do: 'go', to: 4 }`.
 */
export const lessonHeard = 'pxe-lab-lesson'
export const lessonCommand = 'pxe-lab-lesson-do'

export interface LessonHeard {
  readonly event: LessonEvent
  readonly report: LessonReport
}

export function tellLesson(events: readonly LessonEvent[], report: LessonReport): void {
  for (const event of events)
    window.dispatchEvent(new CustomEvent<LessonHeard>(lessonHeard, { detail: { event, report } }))
}

export function hearCommands(act: (action: LessonAction) => void): () => void {
  const hear = (event: Event): void => act((event as CustomEvent<LessonAction>).detail)
  window.addEventListener(lessonCommand, hear)
  return () => window.removeEventListener(lessonCommand, hear)
}
