/** What a hub answers, asked anew when it has something new; what it said last stays while it is asked, and while it is away. */
import { useEffect, useState } from 'react'
import type { Args, CallName, Reply } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { useStore } from '../store.ts'

interface Answer<C extends CallName> {
  /** Undefined before the first answer. */
  readonly value: Reply<C> | undefined
  /** Why the last question has no answer. */
  readonly error: string | undefined
}

/** `isSettled`: what the hub learns later changes nothing in the answer. */
export function useHub<C extends CallName>(name: C, args: Args<C> | undefined, isSettled = false): Answer<C> {
  const revision = useStore((one) => (isSettled ? undefined : one.hub))
  const isConnected = useStore((one) => one.connection === 'connected')
  const key = args === undefined ? undefined : JSON.stringify(args)
  const [state, setState] = useState<Answer<C> & { readonly key?: string }>({ value: undefined, error: undefined })
  useEffect(() => {
    if (key === undefined || !isConnected) return
    let isCurrent = true
    call(name, JSON.parse(key) as Args<C>).then(
      (value) => isCurrent && setState({ key, value, error: undefined }),
      (error: unknown) =>
        isCurrent && useStore.getState().connection === 'connected' && setState({ key, value: undefined, error: (error as Error).message }), // prettier-ignore
    )
    return () => {
      isCurrent = false
    }
  }, [name, key, revision, isConnected])
  return key === undefined ? { value: undefined, error: undefined } : state
}
