/**
 * How long an answer may take as a whole. A time without a byte alone never ends with who sends one byte after another, by fault or
 * by intent.
 */

/** Of the time that may pass without a byte. */
const times = 4

/** Calls `onLate` unless the returned function is called before. */
export function answerDeadline(timeoutMs: number, onLate: (error: Error) => void): () => void {
  const timer = setTimeout(() => onLate(Object.assign(new Error('no whole answer in time'), { code: 'ETIMEDOUT' })), timeoutMs * times) // prettier-ignore
  return () => clearTimeout(timer)
}
