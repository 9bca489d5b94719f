import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { formatMac } from '#shared/wire/bytes.ts'
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
  readonly onFrame: (frame: number) => void
}

const source = 'simulation'

/** Names instead of makers on the lanes: every virtual network card and every address of a host is known. */
function namesOf(run: RunResult): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const outcome of run.story.outcomes) names.set(outcome.mac, run.story.names[outcome.name] ?? outcome.name)
  for (const [index, [name, { on }]] of Object.entries(run.scenario.hosts).entries()) {
    const title = run.story.names[name] ?? name
    for (let nic = 1; nic < 8; nic++) names.set(formatMac(Uint8Array.of(2, 0, 0x5e, 0, 0, index * 8 + nic)), title)
    for (const address of Object.values(on)) names.set(address, title)
  }
  return names
}

/** The ladder of the Flows page, of a simulated boot. */
export function SimLadder({ run, client, frame, lastFrame, onFrame }: SimLadderProps): ReactElement {
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
    void ask('open', source, new Blob([run.capture as Uint8Array<ArrayBuffer>]))
      .then(() => ask('setNames', source, namesOf(run)))
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
            })
      if (isCurrent) setExplained(value)
    }
    void draw()
    return () => {
      isCurrent = false
    }
  }, [isOpen, run, mac, width, unfolded])
  useEffect(() => {
    for (const row of explained?.rows ?? []) {
      const first = row.frames.find((one) => one > 0) ?? 0
      for (const one of box.current?.querySelectorAll(`[data-key="${CSS.escape(row.key)}"]`) ?? [])
        one.classList.toggle('future', first > lastFrame || (first === 0 && lastFrame < Infinity))
    }
  }, [explained, lastFrame])
  return (
    <div className="sim-ladder" ref={merged}>
      {explained && (
        <LadderView
          explained={explained}
          frame={frame}
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
