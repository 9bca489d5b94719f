/** The lessons of a folder, as they are read. */
import { withTexts } from '#messages/local-texts.ts'
import { lessonTexts, readLesson, type Lesson } from './lesson.ts'

/**
 * Lessons by name, in their order; what is no lesson is left out.
 * @param files texts by file name, without a folder
 * @param tell each text in the language that is spoken
 */
export function readLessons(
  files: ReadonlyMap<string, string>,
  tell: (text: string) => string,
): ReadonlyMap<string, Lesson> {
  const lessons = [...files].flatMap(([file, text]): [string, Lesson][] => {
    const id = /^(.+)\.yaml$/.exec(file)?.[1]
    const read = id === undefined ? undefined : readLesson(text)
    return id !== undefined && read?.ok ? [[id, withTexts(read.lesson, lessonTexts, tell)]] : []
  })
  return new Map(lessons.toSorted(([, a], [, b]) => a.order - b.order))
}
