/** What code says, as its reader gets it in English. */
import { isMessage, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'

/** A value in which each phrase is its sentence. */
export type Spoken<T> = [T] extends [Phrase]
  ? T extends string
    ? T
    : string
  : [Phrase] extends [T]
    ? string | Exclude<T, Phrase>
    : T extends (...args: never[]) => unknown
      ? T
      : T extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<K, Spoken<V>>
        : T extends object
          ? { [K in keyof T]: Spoken<T[K]> }
          : T

/** The same value with sentences in the place of messages, at any depth of plain objects, lists and maps. */
export function spoken<T>(value: T): Spoken<T> {
  const told = (one: unknown): unknown => {
    if (isMessage(one)) return inEnglish(one)
    if (Array.isArray(one)) return one.map(told)
    if (one instanceof Map) return new Map([...one].map(([key, inside]) => [key, told(inside)]))
    if (typeof one !== 'object' || one === null || Object.getPrototypeOf(one) !== Object.prototype) return one
    return Object.fromEntries(Object.entries(one).map(([key, inside]) => [key, told(inside)]))
  }
  return told(value) as Spoken<T>
}
