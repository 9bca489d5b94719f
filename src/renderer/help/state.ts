/** What the help beside the page shows. It stays through a reload of the window, and while one goes from page to page. */
import { create } from 'zustand'

export type Shown =
  | { readonly kind: 'article'; readonly path: string; readonly anchor?: string | undefined }
  /** What one entry of the search tells, by its id. */
  | { readonly kind: 'entry'; readonly id: string }

interface Help {
  readonly shown: Shown | undefined
  /** What was shown before, the latest last. */
  readonly before: readonly Shown[]
}

const key = 'help'

function kept(): Shown | undefined {
  try {
    const value = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Shown | null
    return value?.kind === 'article' ? value : undefined
  } catch {
    return undefined
  }
}

export const useHelp = create<Help>(() => ({ shown: kept(), before: [] }))

function set(help: Help): void {
  sessionStorage.setItem(key, JSON.stringify(help.shown ?? null))
  useHelp.setState(help)
}

export function showHelp(shown: Shown): void {
  const { shown: now, before } = useHelp.getState()
  set({ shown, before: now ? [...before, now].slice(-50) : before })
}

export function backInHelp(): void {
  const { before } = useHelp.getState()
  set({ shown: before.at(-1), before: before.slice(0, -1) })
}

export const closeHelp = (): void => set({ shown: undefined, before: [] })
