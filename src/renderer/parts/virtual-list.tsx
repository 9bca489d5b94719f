import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type CSSProperties, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'

interface VirtualListProps<T> {
  readonly label: string
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string | number
  readonly selected: string | number | undefined
  readonly onSelect: (item: T) => void
  readonly rowHeight: number
  /** Columns of a row as grid tracks. */
  readonly columns: string
  readonly row: (item: T) => ReactNode
  /** Stays at the end while it is there, as live lists do. */
  readonly follows?: boolean
}

/** A list of any length: only what is seen is drawn. Arrow keys, Home, End and j/k move the selection. */
export function VirtualList<T>({
  label,
  items,
  keyOf,
  selected,
  onSelect,
  rowHeight,
  columns,
  row,
  follows = false,
}: VirtualListProps<T>): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const list = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  useEffect(() => {
    if (follows && isAtEnd.current && items.length > 0) list.scrollToIndex(items.length - 1)
  }, [items, follows, list])
  const index = items.findIndex((item) => keyOf(item) === selected)
  const press = (event: KeyboardEvent): void => {
    const last = items.length - 1
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      j: index + 1,
      ArrowUp: index < 0 ? last : index - 1,
      k: index < 0 ? last : index - 1,
      Home: 0,
      End: last,
      PageDown: index + 15,
      PageUp: index - 15,
    }
    const next = steps[event.key]
    if (next === undefined || items.length === 0 || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const bounded = Math.max(0, Math.min(next, last))
    isAtEnd.current = bounded === last
    onSelect(items[bounded]!)
    list.scrollToIndex(bounded)
  }
  const style: CSSProperties = { gridTemplateColumns: columns, height: rowHeight }
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
        {list.getVirtualItems().map((virtual) => {
          const item = items[virtual.index]!
          return (
            <div
              key={keyOf(item)}
              role="option"
              aria-selected={virtual.index === index}
              aria-posinset={virtual.index + 1}
              aria-setsize={items.length}
              className="list-row"
              style={{ ...style, position: 'absolute', insetInline: 0, transform: `translateY(${virtual.start}px)` }}
              onClick={() => onSelect(item)}
            >
              {row(item)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
