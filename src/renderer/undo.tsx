/**
 * What was just done and can be taken back: by the button of its notice, or by Ctrl+Z, the last first. What was taken back
 * is done again by the button of that notice, or by Ctrl+Shift+Z or Ctrl+Y, where there is a way to.
 */
import { t } from '#messages/text.ts'
import { useEffect } from 'react'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { isWriting } from './parts/typing.ts'
import { attempt } from './store.ts'

const kept = 50
const shownMs = 10_000

interface Done {
  readonly what: string
  readonly takeBack: () => Promise<unknown>
  readonly doAgain: (() => Promise<unknown>) | undefined
}

let count = 0
let done: Done[] = []
let undone: Done[] = []

/** One notice at a time; what came before is still there for the keys. */
let shown = ''
function tell(message: string, button?: { readonly label: string; readonly press: () => void }): void {
  notifications.hide(shown)
  shown = `undo-${++count}`
  notifications.show({
    id: shown,
    message: button ? (
      <div className="undo-notice">
        <span>{message}</span>
        <Button size="compact-xs" variant="default" onClick={button.press}>
          {button.label}
        </Button>
      </div>
    ) : (
      message
    ),
    autoClose: button ? shownMs : 4000,
  })
}

const tellDone = (one: Done): void => tell(one.what, { label: t('app.undo'), press: () => void undo(one) })

async function undo(one: Done): Promise<void> {
  if (!done.includes(one)) return
  done = done.filter((other) => other !== one)
  notifications.hide(shown)
  // A failure is told at the top of the page; a success as what is so again.
  if (!(await attempt(t('app.undo'), async () => (await one.takeBack(), true)))) return
  if (!one.doAgain) return tell(t('app.undone', { what: one.what }))
  undone.push(one)
  tell(t('app.undone', { what: one.what }), { label: t('app.redo'), press: () => void redo(one) })
}

async function redo(one: Done): Promise<void> {
  if (!undone.includes(one)) return
  undone = undone.filter((other) => other !== one)
  notifications.hide(shown)
  if (!(await attempt(t('app.redo'), async () => (await one.doAgain!(), true)))) return
  done.push(one)
  tellDone(one)
}

/** Tells that something was done (`Line 2 removed`) and offers to take it back, and then to do it again where `doAgain` can. */
export function offerUndo(what: string, takeBack: () => Promise<unknown>, doAgain?: () => Promise<unknown>): void {
  const one: Done = { what, takeBack, doAgain }
  done = [...done, one].slice(-kept)
  // Whoever goes on from here does not come back to what was undone.
  undone = []
  tellDone(one)
}

/** A history that a page has of its own: the keys are for it while the page is shown. */
interface OwnHistory {
  readonly undoes: string | undefined
  undo(): void
  redo(): void
}

let own: OwnHistory | undefined
let ownNotice = ''

function undoOwn(history: OwnHistory): void {
  notifications.hide(shown)
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
      if (shown === ownNotice) notifications.hide(ownNotice)
    },
    [],
  )
}

/** Tells what was just done on a page with a history of its own. */
export function tellOwn(what: string): void {
  tell(what, {
    label: t('app.undo'),
    press: () => {
      // Something else may have been done since.
      if (own?.undoes === what) undoOwn(own)
      else notifications.hide(ownNotice)
    },
  })
  ownNotice = shown
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
    const isUndo = key === 'z' && !event.shiftKey
    const isRedo = (key === 'z' && event.shiftKey) || (key === 'y' && !event.shiftKey)
    // A field has an undo of its own.
    if (!(isUndo || isRedo) || isWriting(event.target)) return
    const last = isUndo ? done.at(-1) : undone.at(-1)
    if (own) {
      if (isRedo) own.redo()
      else undoOwn(own)
    } else if (last) void (isUndo ? undo(last) : redo(last))
    else return
    event.preventDefault()
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}
