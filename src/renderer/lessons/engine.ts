/** The course in a worker: lessons are read and played here, for each step boots machines. */
import type { LabProblem } from '#shared/lab/lab.ts'
import {
  LessonError,
  act,
  beginLesson,
  eventsOf,
  openLesson,
  problemsOf,
  reportOf,
  restored,
  resultOf,
  viewOf,
  type LessonAction,
  type LessonEvent,
  type LessonReport,
  type LessonResult,
  type LessonState,
  type OpenedLesson,
  type StepView,
} from '#shared/lessons/engine.ts'
import { localText, textOf } from '#messages/text.ts'
import { readLesson, type Lesson } from '#shared/lessons/lesson.ts'
import { readLessons } from '#shared/lessons/library.ts'

const texts = import.meta.glob('../../../resources/lessons/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
})

export interface CourseEntry {
  readonly id: string
  readonly title: string
  readonly blindTitle: string
  readonly summary: string
  readonly level: Lesson['level']
  readonly minutes: number
  /** The name of its scenario; undefined where the lesson has one of its own. */
  readonly scenario: string | undefined
}

/** Which lesson, and as which variant. */
export interface LessonPlace {
  readonly id: string
  readonly seed: number
  readonly isBlind: boolean
}

export interface Shown {
  readonly title: string
  readonly state: LessonState
  /** The step that is looked at; undefined behind the last. */
  readonly view: StepView | undefined
  readonly result: LessonResult
  readonly report: LessonReport
  readonly events: readonly LessonEvent[]
}

export type Played =
  | { readonly ok: true; readonly shown: Shown }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

export interface OutlinedStep {
  readonly kind: StepView['kind']
  readonly text: string
  /** What is chosen from; empty where nothing is. */
  readonly choices: readonly string[]
}

export type Outlined =
  | { readonly ok: true; readonly title: string; readonly steps: readonly OutlinedStep[] }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

export type Handout =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

export type ReadOwn =
  { readonly ok: true; readonly entry: CourseEntry } | { readonly ok: false; readonly problems: readonly LabProblem[] }

/** The lesson that somebody opened as a file. */
export const ownLesson = 'own'

const entryOf = (id: string, { title, blindTitle, summary, level, minutes, scenario }: Lesson): CourseEntry => ({
  id,
  title,
  blindTitle,
  summary,
  level,
  minutes,
  scenario: typeof scenario === 'string' ? scenario : undefined,
})

export class LessonsEngine {
  readonly #lessons: Map<string, Lesson>
  #opened: { readonly key: string; readonly lesson: OpenedLesson } | undefined

  constructor() {
    const files = new Map(Object.entries(texts).map(([path, text]) => [path.replace(/^.*\//, ''), text]))
    this.#lessons = new Map(readLessons(files, localText))
  }

  /** The lessons in their order. */
  course(): CourseEntry[] {
    return [...this.#lessons].filter(([id]) => id !== ownLesson).map(([id, lesson]) => entryOf(id, lesson))
  }

  /** Takes a lesson that somebody wrote. */
  own(text: string): ReadOwn {
    const read = readLesson(text)
    if (!read.ok) return read
    this.#lessons.set(ownLesson, read.lesson)
    this.#opened = undefined
    return { ok: true, entry: entryOf(ownLesson, read.lesson) }
  }

  /** Every step as it begins, for whoever leads a class through it. */
  outline(place: LessonPlace, input: unknown): Outlined {
    try {
      const opened = this.#open(place, input)
      const begun = beginLesson(opened)
      const steps = opened.lesson.steps.map((_, at): OutlinedStep => {
        const { kind, text, options } = viewOf(opened, { ...begun, at })!
        return { kind, text, choices: options.map((one) => textOf(one.text)) }
      })
      return { ok: true, title: opened.title, steps }
    } catch (error) {
      if (error instanceof LessonError) return { ok: false, problem: error.message, remedy: error.remedy }
      throw error
    }
  }

  /** Lessons as pages to print; loaded when somebody wants them. Each with its scenario. */
  async handout(lessons: readonly { readonly place: LessonPlace; readonly input: unknown }[]): Promise<Handout> {
    const { lessonsHtml } = await import('#shared/lessons/handout.ts')
    const ids = [...this.#lessons.keys()]
    try {
      const opened = lessons.map(({ place, input }) => this.#open(place, input))
      const numbers = lessons.map(({ place }) => ids.indexOf(place.id) + 1)
      return { ok: true, html: lessonsHtml(opened, numbers) }
    } catch (error) {
      if (error instanceof LessonError) return { ok: false, problem: error.message, remedy: error.remedy }
      throw error
    }
  }

  /** A lesson that somebody opened, with its scenario in it, so that it can be played elsewhere; null for one that is everywhere. */
  portable(id: string, input: unknown): string | null {
    if (id !== ownLesson) return null
    const lesson = this.#lessons.get(ownLesson)
    return lesson ? JSON.stringify({ ...lesson, scenario: typeof lesson.scenario === 'string' ? input : lesson.scenario }) : null // prettier-ignore
  }

  #open({ id, seed, isBlind }: LessonPlace, input: unknown): OpenedLesson {
    const key = JSON.stringify([id, seed, isBlind])
    if (this.#opened?.key === key) return this.#opened.lesson
    const lesson = this.#lessons.get(id)!
    const opened = openLesson(id, lesson, typeof lesson.scenario === 'string' ? input : lesson.scenario, seed, isBlind)
    if (id === ownLesson) {
      const [problem] = problemsOf(opened)
      if (problem) throw problem
    }
    this.#opened = { key, lesson: opened }
    return opened
  }

  /**
   * Plays on: `kept` is the state so far (anything that is none begins anew), `looked` a step before it that is looked at again.
   */
  play(
    place: LessonPlace,
    input: unknown,
    kept: unknown,
    action: LessonAction | undefined,
    spentMs: number,
    looked: string | undefined,
  ): Played {
    try {
      const opened = this.#open(place, input)
      const before = restored(opened, kept)
      const begun = before ?? beginLesson(opened)
      const state = action ? act(opened, begun, action, spentMs) : begun
      const at = opened.lesson.steps.findIndex(({ id }) => id === looked)
      return {
        ok: true,
        shown: {
          title: opened.title,
          state,
          view: viewOf(opened, at >= 0 && at < state.at ? { ...state, at } : state),
          result: resultOf(opened, state),
          report: reportOf(opened, state),
          events: eventsOf(opened, action ? begun : undefined, state),
        },
      }
    } catch (error) {
      if (error instanceof LessonError) return { ok: false, problem: error.message, remedy: error.remedy }
      throw error
    }
  }
}
