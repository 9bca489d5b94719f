import { useElementSize, useMergedRef } from '@mantine/hooks'
import {
  memo,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
} from 'react'
import { isMenuKey } from './context-menu.tsx'
import { rowOfKey } from './row-keys.ts'
import { clickGesture, type Gesture } from './table-selection.ts'

/** Rows beyond the edges, that scrolling finds something. */
const overscan = 12
/** Pages that are kept beside those on the screen. */
const mostPages = 24

/** Of a list in which several rows can be selected: which are, whether their pages are here or not. */
export interface SeveralRows<T> {
  readonly has: (item: T) => boolean
  /** Whether it is more than the row that keys go by. */
  readonly isSeveral: boolean
  readonly onAll: () => void
  readonly onOne: () => void
  readonly onCopy: () => void
}

interface PagedListProps<T> {
  readonly label: string
  readonly count: number
  /** What lies at `from` to `to`, fetched when it comes into view. */
  readonly fetch: (from: number, to: number) => Promise<readonly T[]>
  /** Changes where other things lie at the same places. */
  readonly identity: string
  /** Changes where things may have changed. */
  readonly version: number
  /** Where what is selected lies, and what it is. */
  readonly selected: number | undefined
  readonly selectedKey: number | undefined
  /** Without `several` each gesture is `only`. */
  readonly onSelect: (item: T, gesture: Gesture) => void
  readonly several?: SeveralRows<T>
  readonly rowHeight: number
  readonly columns: string
  readonly row: (item: T, position: number) => ReactNode
  /** Stays at the end while it is there, as live lists do. */
  readonly follows?: boolean
  /** The menu of a row is asked for, by pointer or key; `element` is the row. */
  readonly onMenu?: (event: MouseEvent | KeyboardEvent, item: T, element: Element) => void
  /** A colour with a meaning, as a class of the style sheet knows it. */
  readonly tint?: (item: T) => string | undefined
  /** How many are fetched at once. */
  readonly pageSize?: number
  /** The first page, where it is here when the list appears. */
  readonly opening?: readonly T[] | undefined
}

/** What stands in a row. Rows that are still the same are not drawn again when the list grows. */
const Content = memo(function Content<T>({ item, position, row }: { readonly item: T; readonly position: number; readonly row: (item: T, position: number) => ReactNode }): ReactNode {
  return row(item, position)
}) as <T>(props: { readonly item: T; readonly position: number; readonly row: (item: T, position: number) => ReactNode }) => ReactNode // prettier-ignore

const isSame = (before: unknown, after: unknown): boolean => {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return before === after
  const [own, other] = [before as Readonly<Record<string, unknown>>, after as Readonly<Record<string, unknown>>]
  const keys = Object.keys(own)
  return keys.length === Object.keys(other).length && keys.every((key) => own[key] === other[key])
} // prettier-ignore

interface Page<T> {
  readonly items: readonly T[]
  readonly version: number
}

interface Kept<T> {
  readonly identity: string
  readonly pages: ReadonlyMap<number, Page<T>>
}

/** What is kept with one page more; pages far from it go, and pages of something else. */
function withPage<T>(before: Kept<T>, identity: string, number: number, page: Page<T>): Kept<T> {
  const pages = new Map(before.identity === identity ? before.pages : [])
  // What was fetched again and is as it was stays the same thing.
  const known = pages.get(number)?.items ?? []
  const items = page.items.map((item, index) =>
    index < known.length && isSame(known[index], item) ? known[index]! : item,
  )
  pages.set(number, { ...page, items })
  if (pages.size > mostPages)
    for (const old of pages.keys()) if (Math.abs(old - number) > mostPages / 2) pages.delete(old)
  return { identity, pages }
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
    selectedKey,
    onSelect,
    several,
    rowHeight,
    columns,
    row,
    follows = false,
    onMenu,
    tint,
    pageSize = 128,
    opening,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const base = useId()
  const [kept, setKept] = useState<Kept<T>>(() => ({
    identity,
    pages: new Map(opening ? [[0, { items: opening, version }]] : []),
  }))
  const pages = kept.identity === identity ? kept.pages : undefined
  /** Version for which a page has been asked, by identity and page. */
  const asked = useRef(new Map<string, number>())
  const isAtEnd = useRef(true)
  // Rows of one height need no measuring, which would cost time for each of a million.
  const [top, setTop] = useState(0)
  const { ref: sized, height } = useElementSize()
  const merged = useMergedRef(box, sized)
  const from = Math.max(0, Math.min(count - 1, Math.floor(top / rowHeight)) - overscan)
  const to = Math.min(count, Math.ceil((top + height) / rowHeight) + overscan)
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
  // A row that leaves the view becomes the one that comes into it, which costs less than one that goes and one that is made.
  const slots = Math.ceil(height / rowHeight) + 2 * overscan + 2
  const scrollTo = useCallback(
    (position: number): void => {
      const element = box.current
      if (!element) return
      const start = position * rowHeight
      if (start < element.scrollTop) element.scrollTop = start
      else if (start + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = start + rowHeight - element.clientHeight
    },
    [rowHeight],
  )
  const first = Math.floor(from / pageSize)
  const last = Math.floor(Math.max(from, to - 1) / pageSize)
  useEffect(() => {
    if (count === 0) return
    for (let page = first; page <= last; page++) {
      const known = pages?.get(page)
      const key = `${identity} ${page}`
      const isWhole = known && known.items.length === Math.min(pageSize, count - page * pageSize)
      if ((isWhole && known.version === version) || asked.current.get(key) === version) continue
      asked.current.set(key, version)
      void fetch(page * pageSize, (page + 1) * pageSize).then(
        (items) => {
          asked.current.delete(key)
          setKept((before) => withPage(before, identity, page, { items, version }))
        },
        () => asked.current.delete(key),
      )
    }
  }, [first, last, count, version, identity, fetch, pages, pageSize])
  useEffect(() => {
    if (follows && isAtEnd.current && count > 0) scrollTo(count - 1)
  }, [count, follows, scrollTo])
  const isThere = selected !== undefined && selected >= 0 && selected < count
  useEffect(() => {
    if (isThere) scrollTo(selected)
    // Something else that is selected moves the list, and less room for it, not that the same thing moves in it.
  }, [selectedKey, isThere, identity, height])
  const itemAt = (position: number): T | undefined =>
    pages?.get(Math.floor(position / pageSize))?.items[position % pageSize]
  const choose = (position: number, gesture: Gesture): void => {
    const item = itemAt(position)
    isAtEnd.current = position === count - 1
    if (item !== undefined) onSelect(item, gesture)
    else void fetch(position, position + 1).then(([one]) => one !== undefined && onSelect(one, gesture))
  }
  /** The keys of a list in which several rows can be selected; whether it was one of them. */
  const pressSeveral = (event: KeyboardEvent, { isSeveral, onAll, onOne, onCopy }: SeveralRows<T>): boolean => {
    const { key, altKey } = event
    const isControl = event.ctrlKey || event.metaKey
    if (key === 'Escape' && isSeveral) onOne()
    else if (!isControl || altKey) return false
    else if (key === 'a' && count > 0) onAll()
    else if (key === ' ' && selected !== undefined) choose(selected, 'toggle')
    else if (key === 'c' && (isSeveral || selected !== undefined) && document.getSelection()?.isCollapsed !== false)
      onCopy()
    else {
      // With Ctrl keys go to another row and leave what is selected; letters are commands of the page.
      const plain = { key: key.length > 1 ? key : '', ctrlKey: false, metaKey: false, altKey }
      const next = rowOfKey(plain, selected ?? -1, count)
      if (next === undefined) return false
      choose(next, event.shiftKey ? 'extend' : 'move')
    }
    return true
  }
  const press = (event: KeyboardEvent): void => {
    const chosen = selected === undefined ? undefined : itemAt(selected)
    if (onMenu && chosen !== undefined && isMenuKey(event)) {
      const element = document.getElementById(`${base}${selected}`)
      if (element) onMenu(event, chosen, element)
      return
    }
    if (several && pressSeveral(event, several)) {
      event.preventDefault()
      return
    }
    const next = rowOfKey(event, selected ?? -1, count)
    if (next === undefined) return
    event.preventDefault()
    choose(next, several && event.shiftKey ? 'extend' : 'only')
  }
  return (
    <div
      ref={merged}
      role="listbox"
      aria-label={label}
      aria-multiselectable={several ? true : undefined}
      aria-activedescendant={selected !== undefined && shown.includes(selected) ? `${base}${selected}` : undefined}
      tabIndex={0}
      onKeyDown={press}
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - rowHeight
        setTop(scrollTop)
      }}
      className="list-box"
    >
      <div className="list-space" style={{ height: count * rowHeight }}>
        {shown.map((position) => {
          const item = itemAt(position)
          return (
            <div
              key={position % slots}
              id={`${base}${position}`}
              role="option"
              aria-selected={several ? item !== undefined && several.has(item) : position === selected}
              data-current={position === selected || undefined}
              aria-posinset={position + 1}
              aria-setsize={count}
              className="list-row list-placed"
              data-tint={item === undefined ? undefined : tint?.(item)}
              style={{
                gridTemplateColumns: columns,
                height: rowHeight,
                transform: `translateY(${position * rowHeight}px)`,
              }}
              onMouseDown={(event) => {
                // A range of rows is meant, not one of letters.
                if (!several || !event.shiftKey) return
                event.preventDefault()
                box.current?.focus()
              }}
              onClick={(event) => choose(position, several ? clickGesture(event) : 'only')}
              onContextMenu={(event) => {
                if (!onMenu || item === undefined) return
                if (!several?.has(item)) choose(position, 'only')
                onMenu(event, item, event.currentTarget)
              }}
            >
              {item === undefined ? <span /> : <Content item={item} position={position} row={row} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}
