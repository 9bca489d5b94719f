/** A text that is edited here while others may change where it comes from: it stays until it is saved or discarded, also while the page is left. */
import { useState } from 'react'

interface Draft {
  readonly key: string
  /** What the text was made from. */
  readonly base: string
  readonly text: string
}

const kept = new Map<string, Draft>()

/** What the draft of a file was made from; undefined where there is none. */
export const draftBase = (key: string): string | undefined => kept.get(key)?.base

/** `key`: the file; `source`: what it holds now. */
export function useDraft(
  key: string,
  source: string,
): {
  readonly text: string
  readonly isEdited: boolean
  /** What the text was made from. */
  readonly base: string
  /** Whether somebody else changed the source since the first keystroke. */
  readonly isOutdated: boolean
  readonly set: (text: string) => void
  readonly discard: () => void
} {
  const [draft, setDraft] = useState(() => kept.get(key))
  const own = draft?.key === key && draft.text !== source ? draft : undefined
  // It was saved: whoever changes the source from now on changes no draft.
  if (draft?.key === key && !own) {
    kept.delete(key)
    setDraft(undefined)
  }
  const put = (next: Draft | undefined): void => {
    if (next) kept.set(key, next)
    else kept.delete(key)
    setDraft(next)
  }
  return {
    text: own?.text ?? source,
    isEdited: own !== undefined,
    base: own?.base ?? source,
    isOutdated: own !== undefined && own.base !== source,
    set: (text) => put(text === source ? undefined : { key, base: own?.base ?? source, text }),
    discard: () => put(undefined),
  }
}
