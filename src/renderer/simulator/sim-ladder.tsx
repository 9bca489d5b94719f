import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { epochSeconds } from '#shared/simulation/simulation.ts'
import { ask } from '../flows/client.ts'
import type { ExplainedAttempt } from '../flows/answers.ts'
import { LadderView } from '../flows/ladder-view.tsx'
import type { RunResult } from './engine.ts'

interface SimLadderProps {
  readonly run: RunResult
  readonly client: string
  /** Frame of the step that is shown. */
  readonly frame: number | undefined
  /** The last frame that has happened by now; later ones are pale. */
  readonly lastFrame: number
  /** Whether the boot of the machine is over. */
  readonly isAtEnd: boolean
  /** How large it is drawn, 1 as it is. */
  readonly zoom?: number
  readonly onFrame: (frame: number) => void
  /** What is to be said of frames beside what the step says. */
  readonly onNotes?: (notes: ReadonlyMap<number, string>) => void
}

const source = 'simulation'

/** The ladder of the Flows page, of a simulated boot. */
export function SimLadder({
  run,
  client,
  frame,
  lastFrame,
  isAtEnd,
  zoom = 1,
  onFrame,
  onNotes,
}: SimLadderProps): ReactElement {
  const [explained, setExplained] = useState<ExplainedAttempt>()
  const [isOpen, setOpen] = useState<RunResult>()
  const [unfolded, setUnfolded] = useState<readonly number[]>([])
  const { ref, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const merged = useMergedRef(box, ref)
  const mac = run.story.outcomes.find((one) => one.name === client)?.mac
  useEffect(() => {
    let isCurrent = true
    setUnfolded([])
    // What had not come when the boot was over never came.
    const endedMs = epochSeconds * 1000 + run.story.endMs
    void ask('open', source, new Blob([run.capture as Uint8Array<ArrayBuffer>]), endedMs)
      .then(() => ask('setNames', source, new Map(Object.entries(run.story.addresses))))
      .then(() => isCurrent && setOpen(run))
    return () => {
      isCurrent = false
    }
  }, [run])
  useEffect(() => {
    if (isOpen !== run || mac === undefined || width < 100) return
    let isCurrent = true
    const draw = async (): Promise<void> => {
      const number = await ask('attemptOf', source, mac)
      const value =
        number === undefined
          ? undefined
          : await ask('explain', source, number, {
              width: Math.floor(width) - 18,
              spacing: 'even',
              unfolded: [...unfolded],
              areNamesFirst: true,
              zoom,
            })
      if (isCurrent) setExplained(value)
    }
    void draw()
    return () => {
      isCurrent = false
    }
  }, [isOpen, run, mac, width, unfolded, zoom])
  useEffect(() => {
    for (const row of explained?.rows ?? []) {
      const first = row.frames.find((one) => one > 0) ?? 0
      for (const one of box.current?.querySelectorAll(`[data-key="${CSS.escape(row.key)}"]`) ?? [])
        one.classList.toggle('future', first > lastFrame || (first === 0 && lastFrame < Infinity))
    }
  }, [explained, lastFrame])
  useEffect(() => {
    const rows = explained?.rows ?? []
    onNotes?.(
      new Map(
        rows.flatMap(({ frames, note }) => (note === undefined || frames[0] === undefined ? [] : [[frames[0], note]])),
      ),
    )
  }, [explained, onNotes])
  return (
    <div className="sim-ladder" ref={merged}>
      {explained && (
        <LadderView
          explained={explained}
          frame={frame}
          isAtEnd={isAtEnd}
          onFrame={onFrame}
          onFold={(transfer) =>
            setUnfolded((before) =>
              before.includes(transfer) ? before.filter((one) => one !== transfer) : [...before, transfer],
            )
          }
        />
      )}
    </div>
  )
}
