import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'

/** Pages that are kept beside those on the screen. */
const mostPages = 24

interface PagedListProps<T> {
  readonly label: string
  readonly count: number
  /** What lies at `from` to `to`, fetched when it comes into view. */
  readonly fetch: (from: number, to: number) => Promise<readonly T[]>
  /** Changes where other things lie at the same places. */
  readonly identity: string
  /** Changes where things may have changed. */
  readonly version: number
  readonly selected: number | undefined
  readonly onSelect: (item: T, position: number) => void
  readonly rowHeight: number
  readonly columns: string
  readonly row: (item: T, position: number) => ReactNode
  /** Stays at the end while it is there, as live lists do. */
  readonly follows?: boolean
  /** How many are fetched at once. */
  readonly pageSize?: number
}

/** A list of any length whose rows live elsewhere: only what is seen is asked for. */
export function PagedList<T>(props: PagedListProps<T>): ReactElement {
  const {
    label,
    count,
    fetch,
    identity,
    version,
    selected,
    onSelect,
    rowHeight,
    columns,
    row,
    follows = false,
    pageSize = 128,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const pages = useRef(new Map<number, { readonly items: readonly T[]; readonly version: number }>())
  const asked = useRef(new Map<number, number>())
  const owner = useRef(identity)
  const isAtEnd = useRef(true)
  const [, redraw] = useState(0)
  const list = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const shown = list.getVirtualItems()
  if (owner.current !== identity) {
    owner.current = identity
    pages.current.clear()
    asked.current.clear()
  }
  const first = Math.floor((shown[0]?.index ?? 0) / pageSize)
  const last = Math.floor((shown.at(-1)?.index ?? 0) / pageSize)
  useEffect(() => {
    if (count === 0) return
    for (let page = first; page <= last; page++) {
      const known = pages.current.get(page)
      const isWhole = known && known.items.length === Math.min(pageSize, count - page * pageSize)
      if ((isWhole && known.version === version) || asked.current.get(page) === version) continue
      asked.current.set(page, version)
      void fetch(page * pageSize, (page + 1) * pageSize).then(
        (items) => {
          asked.current.delete(page)
          if (owner.current !== identity) return
          pages.current.set(page, { items, version })
          if (pages.current.size > mostPages)
            for (const old of pages.current.keys()) if (Math.abs(old - page) > mostPages / 2) pages.current.delete(old)
          redraw((one) => one + 1)
        },
        () => asked.current.delete(page),
      )
    }
  }, [first, last, count, version, identity, fetch])
  useEffect(() => {
    if (follows && isAtEnd.current && count > 0) list.scrollToIndex(count - 1)
  }, [count, follows, list])
  useEffect(() => {
    if (selected !== undefined && selected >= 0 && selected < count) list.scrollToIndex(selected, { align: 'auto' })
    // Only a new selection moves the list, not what comes in meanwhile.
  }, [selected, identity])
  const itemAt = (position: number): T | undefined =>
    pages.current.get(Math.floor(position / pageSize))?.items[position % pageSize]
  const choose = (position: number): void => {
    const item = itemAt(position)
    isAtEnd.current = position === count - 1
    if (item !== undefined) onSelect(item, position)
    else void fetch(position, position + 1).then(([one]) => one !== undefined && onSelect(one, position))
  }
  const press = (event: KeyboardEvent): void => {
    const here = selected ?? -1
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: here + 1,
      ArrowUp: here < 0 ? count - 1 : here - 1,
      Home: 0,
      End: count - 1,
      PageDown: here + 15,
      PageUp: here - 15,
    }
    const next = steps[event.key]
    if (next === undefined || count === 0 || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    choose(Math.max(0, Math.min(next, count - 1)))
  }
  return (
    <div
      ref={box}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      onKeyDown={press}
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - rowHeight
      }}
      style={{ flex: 1, overflow: 'auto', minHeight: 0 }}
    >
      <div style={{ height: list.getTotalSize(), position: 'relative' }}>
        {shown.map((virtual) => {
          const item = itemAt(virtual.index)
          return (
            <div
              key={virtual.index}
              role="option"
              aria-selected={virtual.index === selected}
              aria-posinset={virtual.index + 1}
              aria-setsize={count}
              className="list-row"
              style={{
                gridTemplateColumns: columns,
                height: rowHeight,
                position: 'absolute',
                insetInline: 0,
                transform: `translateY(${virtual.start}px)`,
              }}
              onClick={() => choose(virtual.index)}
            >
              {item === undefined ? <span /> : row(item, virtual.index)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
