/** What was just done and can be taken back: by the button of its notice, or by Ctrl+Z, the last first. */
import { useEffect } from 'react'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { isTyping } from './parts/typing.ts'
import { attempt } from './store.ts'

const kept = 50
const shownMs = 10_000

interface Done {
  readonly id: string
  readonly what: string
  readonly takeBack: () => Promise<unknown>
}

let count = 0
const done: Done[] = []

async function undo(one: Done): Promise<void> {
  const at = done.indexOf(one)
  if (at < 0) return
  done.splice(at, 1)
  notifications.hide(one.id)
  // A failure is told at the top of the page; a success as what is so again.
  const isBack = await attempt('Undo', async () => (await one.takeBack(), true))
  if (isBack) notifications.show({ message: `Undone: ${one.what}`, autoClose: 4000 })
}

/** Tells that something was done, with a button that takes it back. */
function tellUndo(id: string, what: string, onUndo: () => void): void {
  notifications.show({
    id,
    message: (
      <div className="undo-notice">
        <span>{what}</span>
        <Button size="compact-xs" variant="default" onClick={onUndo}>
          Undo
        </Button>
      </div>
    ),
    autoClose: shownMs,
  })
}

/** Tells that something was done (`Line 2 removed`) and offers to take it back. */
export function offerUndo(what: string, takeBack: () => Promise<unknown>): void {
  const one: Done = { id: `undo-${++count}`, what, takeBack }
  // One notice at a time; what came before is still there for the keys.
  const before = done.at(-1)
  if (before) notifications.hide(before.id)
  done.push(one)
  done.splice(0, Math.max(0, done.length - kept))
  tellUndo(one.id, what, () => void undo(one))
}

/** A history that a page has of its own: the keys are for it while the page is shown. */
interface OwnHistory {
  readonly undoes: string | undefined
  undo(): void
  redo(): void
}

let own: OwnHistory | undefined
const ownNotice = 'undo-own'

function undoOwn(history: OwnHistory): void {
  notifications.hide(ownNotice)
  history.undo()
}

export function useOwnHistory(history: OwnHistory): void {
  useEffect(() => {
    own = history
    return () => {
      own = undefined
    }
  })
  useEffect(
    () => () => {
      notifications.hide(ownNotice)
    },
    [],
  )
}

/** Tells what was just done on a page with a history of its own. */
export function tellOwn(what: string): void {
  notifications.hide(ownNotice)
  tellUndo(ownNotice, what, () => {
    // Something else may have been done since.
    if (own?.undoes === what) undoOwn(own)
    else notifications.hide(ownNotice)
  })
}

/** Does something with each of several, then refreshes; what fails keeps none of the others from it, and the first failure is told. */
export async function eachOf<T>(
  some: readonly T[],
  work: (one: T) => Promise<unknown>,
  again: () => void,
): Promise<void> {
  const failures: unknown[] = []
  for (const one of some) await work(one).catch((error: unknown) => failures.push(error))
  again()
  if (failures.length > 0) throw failures[0]
}

/** Listens for the keys; once, for the whole window. */
export function hearUndoKeys(): () => void {
  const press = (event: KeyboardEvent): void => {
    const key = event.key.toLowerCase()
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return
    const isRedo = (key === 'z' && event.shiftKey) || (key === 'y' && !event.shiftKey)
    // A field has an undo of its own.
    if ((key !== 'z' && !isRedo) || isTyping(event.target)) return
    const last = done.at(-1)
    if (own) {
      if (isRedo) own.redo()
      else undoOwn(own)
    } else if (last && !isRedo) void undo(last)
    else return
    event.preventDefault()
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}
