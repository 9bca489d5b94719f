/** Every signature, by the log it belongs to; and the one that an entry has. */
import type { LogEntry } from './entry.ts'
import { families, type Family } from './family.ts'
import type { Signature } from './signature.ts'
import { bootLoaderSignatures } from './signatures/boot-loaders.ts'
import { eventSignatures } from './signatures/events.ts'
import { linuxSignatures } from './signatures/linux.ts'
import { pxeSignatures } from './signatures/pxe.ts'
import { screenSignatures } from './signatures/screens.ts'
import { sequenceSignatures } from './signatures/sequence.ts'
import { serverSignatures } from './signatures/server.ts'
import { setupSignatures } from './signatures/setup.ts'
import { saysWell, withoutNone } from './wording.ts'

export const signatures: readonly Signature[] = [
  ...pxeSignatures,
  ...sequenceSignatures,
  ...setupSignatures,
  ...eventSignatures,
  ...serverSignatures,
  ...screenSignatures,
  ...bootLoaderSignatures,
  ...linuxSignatures,
]

const mostSearched = 4000

const byFamily: ReadonlyMap<Family, readonly Signature[]> = new Map(
  families.map((family) => [family, signatures.filter((one) => one.families.includes(family))]),
)

/** What lines show that are about one kind of machine, for rows whose words alone would be of any program. */
const neighbours: readonly RegExp[] = [...new Set(signatures.flatMap(({ near }) => (near ? [near] : [])))]

/** Takes to `seen` what an entry shows for the rows that want it beside them. */
export function noteNeighbours(text: string, seen: Set<RegExp>): void {
  if (seen.size < neighbours.length)
    for (const one of neighbours) if (!seen.has(one) && one.test(text.slice(0, mostSearched))) seen.add(one)
}

/** The texts before an entry, for rows whose words are of several entries together. */
export class Before {
  #texts: string[] = []

  take(text: string): void {
    this.#texts.push(text.length > mostBefore ? text.slice(0, mostBefore) : text)
    if (this.#texts.length > mostTogether) this.#texts.shift()
  }

  clear(): void {
    this.#texts = []
  }

  /** The last `span` entries, the one before which they are among them. */
  with(text: string, span: number): string {
    return [...this.#texts.slice(1 - span), text].join('\n')
  }
}

const mostBefore = 400
const mostTogether = 8

export interface Match {
  readonly signature: Signature
  readonly family: Family
  /** What the pattern captured. */
  readonly values: Readonly<Record<string, string>>
}

function matched(signature: Signature, entry: LogEntry, before: Before): RegExpExecArray | undefined {
  const { kind, events, pattern, component, onlyErrors, span } = signature
  const isFailure = kind === 'failure' || kind === 'effect'
  if (onlyErrors && (entry.level === 'info' || entry.level === 'warning')) return undefined
  if (component && !component.test(entry.component ?? '')) return undefined
  const own = entry.text.length > mostSearched ? entry.text.slice(0, mostSearched) : entry.text
  const text = span === undefined ? own : before.with(own, span)
  if (events) {
    // The number of another event may be the same; what says that it is information is no failure.
    if (entry.level === 'info' && isFailure) return undefined
    if (entry.id === undefined || !events.ids.includes(entry.id) || !events.source.test(entry.component ?? ''))
      return undefined
    // Words that an event must have decide between rows of the same number.
    return pattern.exec(text) ?? undefined
  }
  const found = pattern.exec(text) ?? undefined
  if (!found || !isFailure) return found
  // `Successfully completed the action (Fix 0x80072ee7)`: what is told as well done fails by no number in it.
  if (saysWell(text)) return undefined
  const failing = withoutNone(text)
  return failing === text ? found : (pattern.exec(failing) ?? undefined)
}

/**
 * What an entry says, by the log it is from: the heaviest row that fits. Where nothing tells the log, that row counts whose
 * words only one log has. `seen`: what the lines before it showed (`noteNeighbours`); `before`: the lines right before it.
 */
export function matchOf(
  entry: LogEntry,
  family: Family | undefined,
  seen: ReadonlySet<RegExp> = new Set(),
  before: Before = new Before(),
): Match | undefined {
  const tried = family === undefined ? families : [family]
  let best: Match | undefined
  for (const one of tried) {
    for (const signature of byFamily.get(one)!) {
      if (best && signature.weight <= best.signature.weight) continue
      if (signature.near && !seen.has(signature.near) && !signature.near.test(entry.text)) continue
      if (family === undefined && signature.own && !signature.own.test(entry.text)) continue
      // A code alone says nothing where the log is not known.
      const found = matched(signature, entry, before)
      if (found && (family !== undefined || isOwnWords(found[0])))
        best = { signature, family: one, values: valuesOf(found) }
    }
  }
  return best ?? eventInAnyWords(entry, family)
}

/** An event whose text is in a language that no pattern has: its source and number say what it is. */
function eventInAnyWords(entry: LogEntry, family: Family | undefined): Match | undefined {
  if (entry.id === undefined || (family !== undefined && family !== 'event')) return undefined
  let best: Signature | undefined
  for (const signature of byFamily.get('event')!) {
    const { events } = signature
    if (
      !events ||
      events.isOfAny ||
      (entry.level === 'info' && (signature.kind === 'failure' || signature.kind === 'effect')) ||
      !events.ids.includes(entry.id) ||
      !events.source.test(entry.component ?? '')
    )
      continue
    // Rows that a code decides are no guess for text without it.
    if (!best || signature.weight < best.weight) best = signature
  }
  return best && { signature: best, family: 'event', values: {} }
}

/** Whether what was found are words, or a code that only a boot manager shows, and not a number that every log may have. */
const isOwnWords = (text: string): boolean =>
  /\bc0000[\da-f]{3}\b|0xc0000/i.test(text) || /[a-z]{3,}.*[a-z]{3,}|PXE-/i.test(text.replace(/0x[\da-f]+/gi, ''))

const valuesOf = (found: RegExpExecArray): Record<string, string> =>
  Object.fromEntries(
    Object.entries(found.groups ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
