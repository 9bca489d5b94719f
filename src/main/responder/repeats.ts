/**
 * What goes on being wrong is said once, and again only after a while with how often it happened meanwhile: a fault that
 * meets every packet must not fill the log.
 */
const repeatMs = 60_000
/** Things that can be wrong at once; the one that was said first is forgotten first. */
const mostSubjects = 100

export class Repeats {
  readonly #tell: (message: string) => void
  readonly #now: () => number
  readonly #said = new Map<string, { message: string; at: number; more: number }>()

  /** `now` in milliseconds, of a clock that nobody sets. */
  constructor(tell: (message: string) => void, now: () => number = () => performance.now()) {
    this.#tell = tell
    this.#now = now
  }

  /** Says it at once where it is new or other than before; `subject` is what it is about, such as a port. */
  say(subject: string, message: string): void {
    const now = this.#now()
    const before = this.#said.get(subject)
    if (before && before.message === message && now - before.at < repeatMs) {
      before.more++
      return
    }
    const isSame = before?.message === message
    const seconds = isSame ? Math.round((now - before.at) / 1000) : 0
    this.#tell(isSame && before.more > 0 ? `${message} (${before.more} more times in ${seconds} s)` : message)
    this.#said.delete(subject)
    this.#said.set(subject, { message, at: now, more: 0 })
    if (this.#said.size > mostSubjects) this.#said.delete(this.#said.keys().next().value!)
  }

  /** It is over: the next time it is news again. */
  forget(subject: string): void {
    this.#said.delete(subject)
  }
}
