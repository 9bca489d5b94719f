import { useCallback, useLayoutEffect, useRef } from 'react'

/** A function that stays the same and does what the one of the last drawing does: what it is handed to need not be drawn again for it. */
export function useSteady<A extends readonly unknown[], R>(work: (...values: A) => R): (...values: A) => R {
  const latest = useRef(work)
  useLayoutEffect(() => {
    latest.current = work
  })
  return useCallback((...values: A) => latest.current(...values), [])
}
