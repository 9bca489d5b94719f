/** The keys that move through rows, the same in every list: arrows, j and k, Home, End, and by pages. */
import type { KeyboardEvent } from 'react'

const page = 15

/** The row a key leads to, from the one that is selected (-1 for none) of `count`; undefined where it leads nowhere. */
export function rowOfKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  at: number,
  count: number,
): number | undefined {
  const last = count - 1
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    j: at + 1,
    ArrowUp: at < 0 ? last : at - 1,
    k: at < 0 ? last : at - 1,
    Home: 0,
    End: last,
    PageDown: at + page,
    PageUp: at - page,
  }
  const next = steps[event.key]
  if (next === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return undefined
  return Math.max(0, Math.min(next, last))
}
