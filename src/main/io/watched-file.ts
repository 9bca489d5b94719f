/**
 * The one place where this program watches a file. It is looked at by its path, so editors that write a new file in its
 * place are noticed; it may come and go, and be a folder for a while. One change is dealt with before the next.
 */
import { statSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

const marksOf = (now: BigIntStats | undefined): string =>
  now ? `${now.ino} ${now.size} ${now.mtimeNs} ${now.mode}` : ''

/** Whoever holds the file for a moment is done soon; a disk that fails is not asked all the time. */
const [firstPauseMs, longestPauseMs] = [250, 30_000]

/**
 * Calls `onChange` after each change from now on, and again after a growing pause while it says false: it could not read
 * the file. What it throws goes to `onError`. Returns how to stop.
 */
export function followFile(
  path: string,
  onChange: () => Promise<boolean>,
  onError: (error: Error) => void,
  intervalMs = 1000,
): () => void {
  let last = ''
  try {
    last = marksOf(statSync(path, { bigint: true, throwIfNoEntry: false }))
  } catch {
    // Its folder may not be entered: nothing is there to be seen, until it may.
  }
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let again: { readonly at: number; readonly pauseMs: number } | undefined
  const plan = (): void => {
    const dueMs = again ? Math.max(0, again.at - performance.now()) : Infinity
    timer = setTimeout(() => void look(), Math.min(intervalMs, dueMs))
  }
  const look = async (): Promise<void> => {
    const now = marksOf(await stat(path, { bigint: true }).catch(() => undefined))
    const isDue = again !== undefined && performance.now() >= again.at
    if ((now !== last || isDue) && !isOver) {
      last = now
      const pauseMs = again && isDue ? Math.min(again.pauseMs * 2, longestPauseMs) : firstPauseMs
      try {
        again = (await onChange()) ? undefined : { at: performance.now() + pauseMs, pauseMs }
      } catch (error) {
        again = undefined
        onError(error as Error)
      }
    }
    if (!isOver) plan()
  }
  plan()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
