/** Reservations by what a client says of itself: of a hundred thousand, the few that may be for it. */
import type { Condition, Reservation, Value } from './model.ts'

/** The MAC address, or the code of an option. */
type Subject = 'mac' | number

interface Index {
  readonly subjects: ReadonlySet<Subject>
  /** Positions in the list, by the subject and its octets. */
  readonly byValue: ReadonlyMap<string, readonly number[]>
  /** Those that any client may be meant by. */
  readonly others: readonly number[]
}

const keyOf = (subject: Subject, octets: string): string => `${subject} ${octets}`

const subjectOf = (value: Value): Subject | undefined =>
  value.is === 'mac' ? 'mac' : value.is === 'option' ? value.code : undefined

/** Values of which a client has one where the condition holds; undefined where they cannot be told. */
function wanted(test: Condition): readonly (readonly [Subject, octets: string])[] | undefined {
  switch (test.is) {
    case 'equal': {
      const subject = subjectOf(test.left)
      return subject !== undefined && test.right.is === 'octets' ? [[subject, test.right.octets]] : undefined
    }
    case 'pattern': {
      // A shorter one is a beginning.
      const octets = test.octets.filter((one) => one !== undefined)
      return test.in.is === 'mac' && octets.length === 6 && test.octets.length === 6 ? [['mac', String.fromCharCode(...octets)]] : undefined // prettier-ignore
    }
    case 'any': {
      const of = test.of.map(wanted)
      return of.includes(undefined) ? undefined : of.flatMap((one) => one!)
    }
    case 'all':
      return test.of.map(wanted).find((one) => one !== undefined)
    default:
      return undefined
  }
}

/** Lists are never changed once they are read. */
const indexes = new WeakMap<readonly Reservation[], Index>()

function indexOf(list: readonly Reservation[]): Index {
  const known = indexes.get(list)
  if (known) return known
  const subjects = new Set<Subject>()
  const byValue = new Map<string, number[]>()
  const others: number[] = []
  for (const [at, { test }] of list.entries()) {
    const values = wanted(test)
    if (!values) others.push(at)
    for (const [subject, octets] of values ?? []) {
      subjects.add(subject)
      const key = keyOf(subject, octets)
      const before = byValue.get(key)
      if (before) before.push(at)
      else byValue.set(key, [at])
    }
  }
  const index = { subjects, byValue, others }
  indexes.set(list, index)
  return index
}

/** Looking at a few costs less than an index of them. */
const few = 32

/** Those that may be for a client of these values, in their order; each has still to be asked. */
export function reservationsFor(
  list: readonly Reservation[],
  valueOf: (subject: Subject) => string,
): readonly Reservation[] {
  if (list.length <= few) return list
  const { subjects, byValue, others } = indexOf(list)
  const found = [...subjects].flatMap((subject) => byValue.get(keyOf(subject, valueOf(subject))) ?? [])
  if (found.length === 0) return others.length === list.length ? list : others.map((at) => list[at]!)
  return [...new Set([...found, ...others])].toSorted((a, b) => a - b).map((at) => list[at]!)
}
