/** Something that is asked of the engine, and asked again while it changes. */
import { useEffect, useEffectEvent, useRef, useState } from 'react'

/**
 * What `ask` answered last. It asks anew when `key` changes, one question at a time: what changes meanwhile is asked for once more when
 * the answer is there. An undefined key asks nothing and yields nothing.
 */
export function useAsked<T>(
  key: string | undefined,
  ask: () => Promise<T>,
  isSame?: (before: T, after: T) => boolean,
): T | undefined {
  const [answer, setAnswer] = useState<T>()
  const askNow = useEffectEvent(ask)
  const take = useEffectEvent((value: T) =>
    setAnswer((before) => (before !== undefined && isSame?.(before, value) ? before : value)),
  )
  const asking = useRef<{ isStale: boolean }>(undefined)
  useEffect(() => {
    if (key === undefined) {
      setAnswer(undefined)
      return
    }
    if (asking.current) {
      asking.current.isStale = true
      return
    }
    const turn = { isStale: true }
    asking.current = turn
    const run = async (): Promise<void> => {
      while (turn.isStale) {
        turn.isStale = false
        take(await askNow())
      }
    }
    // A worker that stopped is told of by whoever opened the source; what was answered before stays.
    void run()
      .catch(() => {})
      .finally(() => {
        asking.current = undefined
      })
  }, [key])
  return answer
}
