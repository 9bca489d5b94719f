import { useCallback, useEffect, useState } from 'react'

/** Something read by a call, read again when asked to or when `key` changes; undefined until it is there. */
export function useRead<T>(
  read: () => Promise<T>,
  key: unknown,
): { readonly value: T | undefined; readonly error: string | undefined; readonly again: () => void } {
  const [state, setState] = useState<{ value?: T; error?: string }>({})
  const [count, setCount] = useState(0)
  useEffect(() => {
    let isCurrent = true
    read().then(
      (value) => isCurrent && setState({ value }),
      (error: unknown) => isCurrent && setState({ error: error instanceof Error ? error.message : String(error) }),
    )
    return () => {
      isCurrent = false
    }
    // The reader is written in place by every render; what it depends on is the key.
  }, [key, count])
  return { value: state.value, error: state.error, again: useCallback(() => setCount((one) => one + 1), []) }
}
