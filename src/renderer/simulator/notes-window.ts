/**
 * A second window for whoever presents. It is an empty document that this page fills, so it is where this page is without a
 * word between them, needs no server, and ends with it.
 */
import { useEffect, useState } from 'react'
import { notesWindowName } from '#shared/contract/shell.ts'
import { useComputedColorScheme } from '@mantine/core'

const features = 'popup,width=560,height=760'
/** How often the window is looked at: whoever closes it tells nobody. */
const lookMs = 500

export interface NotesWindow {
  /** Where the notes are drawn; undefined while there is no window. */
  readonly notes: Window | undefined
  /** Whether the browser did not allow one. */
  readonly isRefused: boolean
  readonly open: () => void
}

/** Makes the empty document look like this one. */
function furnish(notes: Window, title: string): void {
  const { document: paper } = notes
  paper.documentElement.lang = document.documentElement.lang
  paper.head.replaceChildren(
    ...[...document.querySelectorAll<HTMLElement>('link[rel="stylesheet"], style')].map((one) => {
      const copy = paper.importNode(one, true)
      // An empty document has no address that a relative one could begin at.
      if (one instanceof HTMLLinkElement) copy.setAttribute('href', one.href)
      return copy
    }),
  )
  paper.title = title
  paper.body.replaceChildren()
  paper.body.className = 'presenter-notes'
}

export function useNotesWindow(title: string): NotesWindow {
  const [notes, setNotes] = useState<Window>()
  const [isRefused, setRefused] = useState(false)
  const colours = useComputedColorScheme('light')
  useEffect(() => {
    if (!notes) return
    const timer = setInterval(() => notes.closed && setNotes(undefined), lookMs)
    const close = (): void => notes.close()
    window.addEventListener('pagehide', close)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pagehide', close)
      close()
    }
  }, [notes])
  useEffect(() => {
    notes?.document.documentElement.setAttribute('data-mantine-color-scheme', colours)
  }, [notes, colours])
  return {
    notes,
    isRefused,
    open: () => {
      if (notes && !notes.closed) {
        notes.focus()
        return
      }
      const opened = window.open('', notesWindowName, features)
      setRefused(opened === null)
      if (!opened) return
      furnish(opened, title)
      setNotes(opened)
    },
  }
}
