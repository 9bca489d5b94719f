import { useEffect, useRef, type MouseEvent, type ReactElement } from 'react'
import type { ExplainedAttempt } from './engine.ts'

interface LadderViewProps {
  readonly explained: ExplainedAttempt
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
  /** A bar was opened or closed. */
  readonly onFold: (transfer: number) => void
}

/** The ladder as the engine drew it; selecting happens by the keys that its rows carry. */
export function LadderView({ explained, frame, onFrame, onFold }: LadderViewProps): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const { svg, heads, width, rows } = explained
  const selected =
    rows.find((row) => row.kind !== 'bar' && row.frames[0] === frame && row.kind !== 'ghost') ??
    rows.find((row) => row.kind === 'bar' && frame !== undefined && frame >= row.frames[0]! && frame <= row.frames[1]!)
  const key = selected?.key
  useEffect(() => {
    const group = box.current?.querySelector(key === undefined ? '.none' : `[data-key="${CSS.escape(key)}"]`)
    group?.classList.add('selected')
    group?.scrollIntoView({ block: 'nearest' })
    return () => group?.classList.remove('selected')
  }, [key, svg])
  const rowOf = (event: MouseEvent): (typeof rows)[number] | undefined => {
    const group = (event.target as Element).closest('[data-key]')
    return rows.find((row) => row.key === group?.getAttribute('data-key'))
  }
  return (
    <div ref={box} className="ladder-box" role="figure" aria-label="Ladder">
      <div className="ladder-heads" style={{ width }} dangerouslySetInnerHTML={{ __html: heads }} />
      <div
        className="ladder-rows"
        style={{ width }}
        onClick={(event) => {
          const row = rowOf(event)
          if (!row) return
          if (row.kind === 'bar' && row.transfer !== undefined) onFold(row.transfer)
          if (row.frames[0] !== undefined && row.frames[0] > 0) onFrame(row.frames[0])
        }}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
    </div>
  )
}
