/** What the system is short of now and may have again once others have given something back. */
const shortages: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

/** The system's word for it where this error is one that passes by itself, undefined where it is not. */
export function shortageOf(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException
  if (shortages.has(code)) return code
  // Node wraps what a new thread was refused, and tells it in words.
  return code === 'ERR_WORKER_INIT_FAILED' ? (/\bE[A-Z]+\b(?!_)/.exec(message)?.[0] ?? code) : undefined
}
