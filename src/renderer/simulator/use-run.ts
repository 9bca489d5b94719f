/** Runs of a scenario, one after another as its changes come. */
import { useEffect, useState } from 'react'
import type { Change } from '#shared/simulation/scenario.ts'
import { simulator } from './client.ts'
import type { Ran } from './engine.ts'

/** Runs the scenario; what was there stays until the new run is done. */
export function useRun(
  input: unknown,
  changes: readonly Change[],
): { readonly ran: Ran | undefined; readonly isRunning: boolean } {
  const [ran, setRan] = useState<Ran>()
  const [isRunning, setRunning] = useState(true)
  const key = JSON.stringify(changes)
  useEffect(() => {
    let isCurrent = true
    setRunning(true)
    void simulator('run', input, JSON.parse(key) as Change[]).then((value) => {
      if (!isCurrent || !value) return
      setRan(value)
      setRunning(false)
    })
    return () => {
      isCurrent = false
    }
  }, [input, key])
  return { ran, isRunning }
}
