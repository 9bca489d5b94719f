/**
 * Clients told apart by a few fields, and what each kind of them gets, as the fewest boxes: sets of values of each field that
 * together have one outcome. Boxes do not overlap, so that their order does not matter.
 */

/** A field of a client: the values that conditions compare it with, and the empty text for a client of none. */
export interface Dimension<F extends string> {
  readonly field: F
  readonly isPrefix: boolean
  /** Values, the shortest first, with the empty text in front. */
  readonly elements: readonly string[]
  /** Elements that every condition judges alike. */
  readonly groups: readonly (readonly string[])[]
}

/** What a box asks of a field: one of `equal`, where there are any, and none of `unequal`. */
export interface Criterion<F extends string> {
  readonly field: F
  readonly equal: readonly string[]
  readonly unequal: readonly string[]
}

export interface Box<F extends string, T> {
  readonly criteria: readonly Criterion<F>[]
  readonly of: T
  /** Kinds of clients in it: a value of each field, which is not there for a client of none. */
  readonly kinds: readonly ReadonlyMap<F, string>[]
}

/** `asked` is the values of each comparison; with `isPrefix` a value stands for all that begins with it. */
export function dimensionOf<F extends string>(
  field: F,
  isPrefix: boolean,
  asked: readonly (readonly string[])[],
): Dimension<F> {
  const elements = ['', ...new Set(asked.flat())].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const groups = new Map<string, string[]>()
  for (const element of elements) {
    const judged = asked.map((values) => values.some((value) => element !== '' && (isPrefix ? element.startsWith(value) : element === value))).join() // prettier-ignore
    groups.set(judged, [...(groups.get(judged) ?? []), element])
  }
  return { field, isPrefix, elements, groups: [...groups.values()] }
}

/** How elements are said; undefined where no single comparison says them. */
function said<F extends string>(
  { field, isPrefix, elements }: Dimension<F>,
  chosen: ReadonlySet<string>,
): Criterion<F> | undefined {
  const left = elements.filter((one) => !chosen.has(one))
  if (!isPrefix)
    return chosen.has('') ? { field, equal: [], unequal: left } : { field, equal: [...chosen], unequal: [] }
  const isUnder = (one: string, others: readonly string[]): boolean => others.some((other) => other !== one && one.startsWith(other)) // prettier-ignore
  const inside = [...chosen]
  const equal = inside.filter((one) => !isUnder(one, inside))
  // What is left out below what is chosen, the nearest alone.
  const below = left.filter((one) => isUnder(one, equal))
  const unequal = below.filter((one) => !isUnder(one, below))
  if (inside.some((one) => isUnder(one, unequal))) return undefined
  return { field, equal: equal.filter((one) => one !== ''), unequal }
}

/** `single` names fields of which one comparison holds one value. */
export function boxesOf<F extends string, T extends { readonly signature: string }>(
  dimensions: readonly Dimension<F>[],
  outcome: (kind: ReadonlyMap<F, string>) => T,
): Box<F, T>[] {
  interface Part {
    readonly sets: readonly ReadonlySet<string>[]
    readonly of: T
    readonly kinds: readonly ReadonlyMap<F, string>[]
  }
  let parts: Part[] = dimensions
    .reduce<readonly (readonly (readonly string[])[])[]>(
      (before, { groups }) => before.flatMap((one) => groups.map((group) => [...one, group])),
      [[]],
    )
    .map((groups) => {
      const kind = new Map<F, string>()
      for (const [at, { field }] of dimensions.entries()) if (groups[at]![0] !== '') kind.set(field, groups[at]![0]!)
      return { sets: groups.map((one) => new Set(one)), of: outcome(kind), kinds: [kind] }
    })
  for (const [at] of dimensions.entries()) {
    const merged = new Map<string, Part>()
    for (const part of parts) {
      const key = JSON.stringify([part.of.signature, part.sets.map((set, other) => (other === at ? '' : [...set].toSorted()))]) // prettier-ignore
      const same = merged.get(key)
      merged.set(key, same ? { ...same, kinds: [...same.kinds, ...part.kinds], sets: same.sets.map((set, other) => (other === at ? new Set([...set, ...part.sets[at]!]) : set)) } : part) // prettier-ignore
    }
    parts = [...merged.values()]
  }
  return parts.flatMap((part) => sayable(dimensions, part.sets).map((criteria) => ({ criteria, of: part.of, kinds: part.kinds }))) // prettier-ignore
}

/** A box in criteria; one that a comparison cannot say is cut along that field. */
function sayable<F extends string>(
  dimensions: readonly Dimension<F>[],
  sets: readonly ReadonlySet<string>[],
): Criterion<F>[][] {
  return dimensions.reduce<Criterion<F>[][]>(
    (before, dimension, at) => {
      const set = sets[at]!
      if (set.size === dimension.elements.length) return before
      const whole = said(dimension, set)
      const ways = whole ? [whole] : [...set].flatMap((one) => said(dimension, new Set([one])) ?? [])
      return before.flatMap((one) => ways.map((way) => [...one, way]))
    },
    [[]],
  )
}
