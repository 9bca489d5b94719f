/** What a client must be for something to be said to it, as a tree that each writer prints in its engine's own language. */
import type { ConditionTree } from '../condition-tree.ts'

export type Atom =
  /** The first architecture of option 93. */
  | { readonly is: 'architecture'; readonly codes: readonly number[] }
  /** How option 60 begins. */
  | { readonly is: 'vendor-class'; readonly begins: string }
  /** One text of option 77, whether it stands alone or after its length. */
  | { readonly is: 'user-class'; readonly text: string }
  /** The client sends the option. */
  | { readonly is: 'option'; readonly code: number }
  /** The beginning of the hardware address. */
  | { readonly is: 'mac'; readonly prefix: Uint8Array }
  /** Option 97 with the type octet before the UUID. */
  | { readonly is: 'machine-identifier'; readonly begins: Uint8Array }
  /** The relay: giaddr, by network (one address has 32 bits). */
  | { readonly is: 'relay'; readonly address: number; readonly prefixLength: number }
  /** Sub-options 1 and 2 of option 82. */
  | { readonly is: 'circuit-id' | 'remote-id'; readonly data: Uint8Array }
  /** Positions of the plan's subnets; the client is in one of them. */
  | { readonly is: 'subnet'; readonly subnets: readonly number[] }
  /** Positions of the plan's programs: one of them was chosen. */
  | { readonly is: 'program'; readonly programs: readonly number[] }
  /** A condition that is long and used often: engines define it once under its name. */
  | { readonly is: 'named'; readonly name: string; readonly of: Condition }

export type Condition = ConditionTree<Atom>

export const always: Condition = { is: 'all', of: [] }
export const never: Condition = { is: 'any', of: [] }

const isAlways = (one: Condition): boolean => one.is === 'all' && one.of.length === 0
const isNever = (one: Condition): boolean =>
  (one.is === 'any' && one.of.length === 0) ||
  (one.is === 'subnet' && one.subnets.length === 0) ||
  (one.is === 'program' && one.programs.length === 0)

/** A condition that no client fulfils is left out by whoever writes it. */
export const canHold = (one: Condition): boolean => !isNever(one)

const gists = new WeakMap<Condition, string>()

/** The same text for conditions that say the same in the same way. */
export function gistOf(one: Condition): string {
  let gist = gists.get(one)
  if (gist === undefined) {
    gist = one.is === 'named' ? `named ${one.name}` : one.is === 'not' ? `not ${gistOf(one.of)}` : one.is === 'all' || one.is === 'any' ? `${one.is}(${one.of.map(gistOf).join()})` : JSON.stringify(one) // prettier-ignore
    gists.set(one, gist)
  }
  return gist
}

/** The architectures of which a client of the condition is one; undefined where it may be any. */
function architecturesOf(one: Condition): readonly number[] | undefined {
  if (one.is === 'architecture') return one.codes
  if (one.is === 'named') return architecturesOf(one.of)
  const parts = one.is === 'all' || one.is === 'any' ? one.of.map(architecturesOf) : []
  if (one.is === 'any') return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? undefined : known.reduce((left, part) => left.filter((code) => part.includes(code)))
}

/** Each part once; never where two of them contradict each other. */
export function all(...of: readonly Condition[]): Condition {
  const byGist = new Map(of.flatMap((one) => (one.is === 'all' ? one.of : [one])).map((one) => [gistOf(one), one]))
  const parts = [...byGist.values()]
  if (parts.some((one) => isNever(one) || (one.is === 'not' && byGist.has(gistOf(one.of))))) return never
  if (parts.length === 1) return parts[0]!
  const whole: Condition = { is: 'all', of: parts }
  return architecturesOf(whole)?.length === 0 ? never : whole
}

/** Whether everybody of the condition is of the other one, as far as their parts tell. */
export function isWithin(one: Condition, other: Condition): boolean {
  const parts = new Set((one.is === 'all' ? one.of : [one]).map(gistOf))
  return (other.is === 'all' ? other.of : [other]).every((part) => parts.has(gistOf(part)))
}

export function any(...of: readonly Condition[]): Condition {
  const parts = of.flatMap((one) => (one.is === 'any' ? one.of : [one])).filter((one) => !isNever(one))
  if (parts.some(isAlways)) return always
  return parts.length === 1 ? parts[0]! : { is: 'any', of: parts }
}

export const not = (one: Condition): Condition =>
  isAlways(one) ? never : isNever(one) ? always : one.is === 'not' ? one.of : { is: 'not', of: one }

/** A condition without parts, and whether it must not hold. */
export interface Literal {
  readonly atom: Atom
  readonly isNegated: boolean
}

/** The same as alternatives of literals that must hold together, for engines that know no brackets. */
export function alternatives(condition: Condition, isNegated = false): Literal[][] {
  if (condition.is === 'not') return alternatives(condition.of, !isNegated)
  if (condition.is !== 'all' && condition.is !== 'any') return [[{ atom: condition, isNegated }]]
  const parts = condition.of.map((one) => alternatives(one, isNegated))
  // De Morgan: a negated conjunction is a disjunction of negations.
  if ((condition.is === 'any') !== isNegated) return parts.flat()
  return parts.reduce<Literal[][]>(
    (before, part) => before.flatMap((one) => part.map((more) => [...one, ...more])),
    [[]],
  )
}

/** Every atom of a condition, those of named ones included, and those of one name once. */
export function atomsOf(condition: Condition, seen = new Set<Condition>()): Atom[] {
  if (condition.is === 'not') return atomsOf(condition.of, seen)
  if (condition.is === 'all' || condition.is === 'any') return condition.of.flatMap((one) => atomsOf(one, seen))
  if (condition.is !== 'named') return [condition]
  if (seen.has(condition)) return []
  seen.add(condition)
  return [condition, ...atomsOf(condition.of, seen)]
}

/** The condition with each atom replaced; named ones keep their name where nothing in them changes. */
export function replaceAtoms(condition: Condition, replace: (atom: Atom) => Condition): Condition {
  const known = new Map<Condition, Condition>()
  const walk = (of: Condition): Condition => {
    if (of.is === 'not') return not(walk(of.of))
    if (of.is === 'all') return all(...of.of.map(walk))
    if (of.is === 'any') return any(...of.of.map(walk))
    if (of.is !== 'named') return replace(of)
    const before = known.get(of)
    if (before) return before
    const isSame = atomsOf(of.of).every((atom) => atom.is === 'named' || replace(atom) === atom)
    const after = isSame ? of : walk(of.of)
    known.set(of, after)
    return after
  }
  return walk(condition)
}
