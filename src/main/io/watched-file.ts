/**
 * The one place where this program watches a file. It is looked at by its path, so editors that write a new file in its
 * place are noticed; it may come and go, and be a folder for a while. One change is dealt with before the next.
 */
import { statSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

const marksOf = (now: BigIntStats | undefined): string =>
  now ? `${now.ino} ${now.size} ${now.mtimeNs} ${now.mode}` : ''

/** Calls `onChange` after each change from now on; what it throws goes to `onError`. Returns how to stop. */
export function followFile(
  path: string,
  onChange: () => Promise<void>,
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
  const look = async (): Promise<void> => {
    const now = marksOf(await stat(path, { bigint: true }).catch(() => undefined))
    if (now !== last && !isOver) {
      last = now
      try {
        await onChange()
      } catch (error) {
        onError(error as Error)
      }
    }
    if (!isOver) timer = setTimeout(() => void look(), intervalMs)
  }
  timer = setTimeout(() => void look(), intervalMs)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
