/**
 * Where the page is: which source, which boot, which packet, behind which filter. The address says it, so that back, reload and a
 * copied link lead there; a source, and the page, that one comes back to is shown as it was left.
 */
import { create } from 'zustand'
import { addressOf, go } from '../route.ts'
import { live } from './source-names.ts'

export interface Place {
  readonly source: string
  /** A machine whose newest attempt is meant. */
  readonly machine?: string | undefined
  readonly attempt: number | undefined
  readonly frame: number | undefined
  readonly filter?: string | undefined
}

interface Places {
  readonly last: string
  readonly bySource: ReadonlyMap<string, Place>
}

/** The places that were left, the one of the page and that of each source. */
export const usePlaces = create<Places>(() => ({ last: live, bySource: new Map() }))

export const startOf = (source: string): Place => ({ source, attempt: undefined, frame: undefined })

/** Where a source was left. */
export const placeIn = (source: string): Place => usePlaces.getState().bySource.get(source) ?? startOf(source)

export function rememberPlace(place: Place): void {
  const bySource = new Map(usePlaces.getState().bySource)
  usePlaces.setState({ last: place.source, bySource: bySource.set(place.source, place) })
}

/** A source that was closed has no place any more. */
export function forgetPlace(source: string): void {
  const { last, bySource } = usePlaces.getState()
  const kept = new Map(bySource)
  kept.delete(source)
  usePlaces.setState({ last: last === source ? live : last, bySource: kept })
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** The place of an address; without one the place that was left. */
export function placeOf(item: string | undefined): Place {
  if (item === undefined) return placeIn(usePlaces.getState().last)
  const [source, attemptText, frameText, ...filter] = item.split('|')
  return {
    source: source || live,
    machine: attemptText?.includes(':') ? attemptText : undefined,
    attempt: numberIn(attemptText),
    frame: numberIn(frameText),
    filter: filter.length > 0 ? filter.join('|') : undefined,
  }
}

export function itemOf({ source, machine, attempt, frame, filter }: Place): string {
  const parts = [source, attempt ?? machine ?? '', frame ?? '']
  return filter === undefined || filter === '' ? parts.join('|').replace(/\|+$/, '') : [...parts, filter].join('|')
}

/** Goes to a place. What turns out later, such as the packet a key leads to, replaces where one is, and calls nobody back. */
export function show(place: Place, isReplacing = true): void {
  if (isReplacing && !window.location.hash.startsWith(addressOf('flows'))) return
  go('flows', itemOf(place), isReplacing)
}
