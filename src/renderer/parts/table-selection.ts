/** Which rows of a table are selected: one that the keys move, and those that were added to it. */

/** What is done with a row: it alone is selected, added or taken away, the end of a range, or just the one that keys go by. */
export type Gesture = 'only' | 'toggle' | 'extend' | 'move'

/** What a click on a row means by the keys that are held, the same in every list. */
export const clickGesture = (event: {
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}): Gesture => (event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'only')

export interface Selection {
  /** The row that keys and details go by. */
  readonly current: string | undefined
  /** Where a range begins. */
  readonly anchor: string | undefined
  readonly keys: ReadonlySet<string>
}

export const selectOnly = (key: string | undefined): Selection => ({
  current: key,
  anchor: key,
  keys: new Set(key === undefined ? [] : [key]),
})

/** Adds a row or takes it away (Ctrl and click); the last one stays. */
export function toggle({ keys }: Selection, key: string): Selection {
  const next = new Set(keys)
  if (!next.delete(key)) next.add(key)
  if (next.size === 0) return selectOnly(key)
  const current = next.has(key) ? key : [...next].at(-1)
  return { current, anchor: current, keys: next }
}

/** From where the range began to a row (Shift), in the order in which the rows stand. */
export function extendTo({ anchor }: Selection, order: readonly string[], key: string): Selection {
  const from = Math.max(0, order.indexOf(anchor ?? key))
  const to = order.indexOf(key)
  return { current: key, anchor: order[from], keys: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)) }
}

export const selectAll = ({ current }: Selection, order: readonly string[]): Selection => ({
  current: current ?? order[0],
  anchor: current ?? order[0],
  keys: new Set(order),
})
