/** The lessons of a folder, in a language: `what-is-dhcp.yaml` is a lesson, and `what-is-dhcp.de.yaml` the German of it. */
import { readLesson, translateLesson, type Lesson } from './lesson.ts'

/**
 * Lessons by name, in their order. What has no translation, or one that does not fit, stays English.
 * @param files texts by file name, without a folder
 */
export function readLessons(files: ReadonlyMap<string, string>, language: string): ReadonlyMap<string, Lesson> {
  const lessons = [...files].flatMap(([file, text]): [string, Lesson][] => {
    const id = /^([^.]+)\.yaml$/.exec(file)?.[1]
    const read = id === undefined ? undefined : readLesson(text)
    if (id === undefined || !read?.ok) return []
    // `pt-BR` is spoken by the very tag, else by its language.
    const translation = [language, language.split('-')[0]!]
      .map((tag) => files.get(`${id}.${tag}.yaml`))
      .find((one) => one !== undefined)
    const spoken = translation === undefined ? read : translateLesson(read.lesson, translation)
    return [[id, spoken.ok ? spoken.lesson : read.lesson]]
  })
  return new Map(lessons.toSorted(([, a], [, b]) => a.order - b.order))
}
