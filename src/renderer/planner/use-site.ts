/** What the worker says of a text, and the changes that it writes into it, one after another. */
import { startTransition, useEffect, useRef, useState } from 'react'
import type { Path } from '#shared/planner/site.ts'
import { connectWorker } from '../worker-client.ts'
import type { JudgedSite, SiteEngine } from './site-engine.ts'

export const siteWorker = connectWorker<SiteEngine>('site', () => {})

/** A page is drawn more often than a text changes, and comes back with the text that it had. */
const known = new Map<string, JudgedSite>()
const mostKnown = 3
/** Of a text that says nothing there is nothing to ask. */
const blank: JudgedSite = { problems: [], site: {}, stated: {}, judged: undefined }

const knownOf = (text: string | undefined): JudgedSite | undefined =>
  text?.trim() === '' ? blank : text === undefined ? undefined : known.get(text)

async function judgedOf(text: string): Promise<JudgedSite> {
  const there = knownOf(text)
  if (there) return there
  const judged = await siteWorker('judge', text)
  known.set(text, judged)
  for (const old of known.keys()) if (known.size > mostKnown) known.delete(old)
  return judged
}

interface Shown {
  readonly file: unknown
  readonly text: string
  readonly judged: JudgedSite
}

export interface Judging {
  /** Of the text, or of the one before it in the same file while the text is being read. */
  readonly shown: JudgedSite | undefined
  /** Which text that is. */
  readonly shownText: string | undefined
  readonly problem: string | undefined
}

/** What is said of a text of a file. While one text is being judged only the newest of those that come after it waits. */
export function useJudged(text: string | undefined, file: unknown): Judging {
  const [last, setLast] = useState<Shown>()
  const [problem, setProblem] = useState<string>()
  const wanted = useRef({ text, file })
  const isBusy = useRef(false)
  useEffect(() => {
    wanted.current = { text, file }
    if (isBusy.current || text === undefined) return
    isBusy.current = true
    const follow = async (): Promise<void> => {
      for (;;) {
        const { text: asked, file: of } = wanted.current
        if (asked === undefined) return
        const judged = await judgedOf(asked)
        // A hundred rules are drawn in pieces, between which the window does other things.
        startTransition(() => {
          setLast({ file: of, text: asked, judged })
          setProblem(undefined)
        })
        if (wanted.current.text === asked) return
      }
    }
    follow()
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        isBusy.current = false
      })
  }, [text, file])
  const now = knownOf(text)
  if (now) return { shown: now, shownText: text, problem: undefined }
  if (text !== undefined && last?.file === file) return { shown: last?.judged, shownText: last?.text, problem }
  return { shown: undefined, shownText: undefined, problem }
}

/** A value that is to stand at a path; undefined takes it away. */
export interface Edit {
  readonly path: Path
  readonly value: unknown
}

/** The text that the page has now, and how it is given another one. */
export interface TextBox {
  readonly read: () => string
  readonly put: (text: string) => void
}

/** Which file is open: what was begun for the one before is not written into it. */
let file = 0
let writing: Promise<unknown> = Promise.resolve()

export function anotherFile(): void {
  file++
}

/** Changes a text by the worker, after what was asked before; what is typed meanwhile is kept. False where another file was opened, or nothing came of it. */
export function rewrite(box: TextBox, change: (text: string) => Promise<string | undefined>): Promise<boolean> {
  const own = file
  const work = async (): Promise<boolean> => {
    for (;;) {
      if (file !== own) return false
      const before = box.read()
      const after = await change(before)
      if (file !== own || after === undefined) return false
      if (box.read() !== before) continue
      box.put(after)
      return true
    }
  }
  const done = writing.then(work)
  writing = done.catch(() => {})
  return done
}
