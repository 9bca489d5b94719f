import { t } from '#messages/text.ts'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
} from 'react'
import type { LadderRow } from '#shared/trace/ladder.ts'
import { ladderRowId, timeColumn } from '#shared/trace/ladder-svg.ts'
import { isMenuKey } from '../parts/context-menu.tsx'
import type { ExplainedAttempt } from './answers.ts'

interface LadderViewProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  /** Whether it is over: the last row is what is looked at, also where it stands for a packet that did not come. */
  readonly isAtEnd?: boolean
  readonly onFrame: (frame: number) => void
  /** The menu of a row's packet is asked for, by pointer or key. */
  readonly onMenu?: (event: MouseEvent | KeyboardEvent, frame: number, element: Element) => void
  /** A bar was opened or closed. */
  readonly onFold: (transfer: number) => void
}

const holds = (row: LadderRow, frame: number): boolean =>
  row.kind === 'bar' ? frame >= row.frames[0]! && frame <= row.frames[1]! : row.frames[0] === frame

/** The row that stands for a packet: its arrow, else the bar of its file. */
const rowFor = (rows: readonly LadderRow[], frame: number | undefined): LadderRow | undefined =>
  frame === undefined
    ? undefined
    : (rows.find((row) => row.kind === 'arrow' && holds(row, frame)) ??
      rows.find((row) => row.kind === 'bar' && holds(row, frame)))

/**
 * The ladder as the engine drew it. Its rows are the options of a list, in reading order: arrow keys go through them, Enter opens and
 * closes a file, and a screen reader reads each as a sentence.
 */
export function LadderView({
  explained,
  frame,
  isAtEnd = false,
  onFrame,
  onMenu,
  onFold,
}: LadderViewProps): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const { ref: sized, height } = useElementSize()
  const merged = useMergedRef(box, sized)
  const { svg, heads, times, width, zoom, rows } = explained
  // Of ghosts and of what has no packet the row itself is what is chosen.
  const [chosen, setChosen] = useState<string>()
  const byKey = rows.find((row) => row.key === chosen && row.frames[0] === frame)
  const selected = isAtEnd ? rows.at(-1) : (byKey ?? rowFor(rows, frame))
  const key = selected?.key
  useEffect(() => {
    if (key === undefined) return
    const shown = box.current?.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) ?? []
    const group = box.current?.querySelector(`#${CSS.escape(ladderRowId(key))}`)
    for (const one of shown) one.classList.add('selected')
    group?.setAttribute('aria-selected', 'true')
    group?.scrollIntoView({ block: 'nearest' })
    return () => {
      for (const one of shown) one.classList.remove('selected')
      group?.setAttribute('aria-selected', 'false')
    }
    // Less room moves it too: a pane that opens must not hide what it is about.
  }, [key, svg, height])
  /** Labels begin where the ladder is seen, beside the column of times. */
  const tellScrolled = (): void => {
    const { current } = box
    current?.style.setProperty('--scrolled', `${current.scrollLeft / zoom + timeColumn}px`)
  }
  // It asks where things are, which has the page laid out at once: only where that may have changed.
  useLayoutEffect(tellScrolled, [svg, zoom, width])
  const take = (row: LadderRow | undefined): void => {
    if (!row) return
    setChosen(row.key)
    if (row.frames[0] !== undefined && row.frames[0] > 0) onFrame(row.frames[0])
  }
  const fold = (row: LadderRow | undefined): void => {
    if (row?.kind === 'bar' && row.transfer !== undefined) onFold(row.transfer)
  }
  const rowOf = (event: MouseEvent): LadderRow | undefined => {
    const group = (event.target as Element).closest('[data-key]')
    return rows.find((one) => one.key === group?.getAttribute('data-key'))
  }
  const click = (event: MouseEvent): void => {
    const row = rowOf(event)
    fold(row)
    take(row)
  }
  const openMenu = (event: MouseEvent | KeyboardEvent, row: LadderRow | undefined, element: Element): void => {
    const first = row?.frames[0] ?? 0
    if (!onMenu || first <= 0) return
    take(row)
    onMenu(event, first, element)
  }
  const press = (event: KeyboardEvent): void => {
    if (isMenuKey(event)) {
      const element = box.current?.querySelector('[aria-selected="true"]')
      if (element) openMenu(event, selected, element)
      return
    }
    const here = selected ? rows.indexOf(selected) : -1
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: here + 1,
      ArrowUp: here < 0 ? rows.length - 1 : here - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: here + 10,
      PageUp: here - 10,
    }
    const next = steps[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') fold(selected)
    else if (next !== undefined) take(rows[Math.max(0, Math.min(rows.length - 1, next))])
    else return
    event.preventDefault()
  }
  return (
    <div ref={merged} className="ladder-box" role="figure" aria-label={t('flows.ladder')} onScroll={tellScrolled}>
      <div className="ladder-heads" style={{ width }}>
        <div className="ladder-corner" style={{ width: Math.round(timeColumn * zoom) }} />
        <div dangerouslySetInnerHTML={{ __html: heads }} />
      </div>
      <div className="ladder-body" style={{ width }}>
        <div
          className="ladder-rows"
          role="listbox"
          aria-label={t('flows.ladder-boot-rows', { count: rows.length })}
          aria-activedescendant={key === undefined ? undefined : ladderRowId(key)}
          tabIndex={0}
          onClick={click}
          onKeyDown={press}
          onContextMenu={(event) => openMenu(event, rowOf(event), event.currentTarget)}
          dangerouslySetInnerHTML={{ __html: svg }}
        />
        <div className="ladder-times" aria-hidden="true" dangerouslySetInnerHTML={{ __html: times }} />
      </div>
    </div>
  )
}
