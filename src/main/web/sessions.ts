/**
 * Who may talk to the lab over HTTP: a code in an address is good once and is exchanged for a session, which travels in
 * the WebSocket's subprotocol only. So what stands in a command line, a history or a log opens nothing any more.
 */
import { hash, randomBytes } from 'node:crypto'

const secret = (): string => randomBytes(24).toString('base64url')
const secretForm = /^[\w-]{32,64}$/
/** Kept and compared as digests: no comparison of secrets takes longer the more of them is right. */
const digest = (text: string): string => hash('sha256', text, 'base64')

/** Whether a text is that secret. */
export const isSecret = (secret: string): ((text: string) => boolean) => {
  const own = digest(secret)
  return (text) => digest(text) === own
}

/** Windows are few; the oldest session ends where there are more. */
const mostSessions = 32

export class Sessions {
  #code = secret()
  readonly #sessions = new Set<string>()
  readonly #onCode: (code: string) => void

  /** `onCode` hears each new code once the one before is used up. */
  constructor(onCode: (code: string) => void) {
    this.#onCode = onCode
  }

  /** The code that is good for the next window. */
  get code(): string {
    return this.#code
  }

  /**
   * Lets in the session that a page has chosen, for a code; false where the code is not, or no longer, good. The page
   * chooses, so that it may ask again where it was reloaded before the answer came.
   */
  exchange(code: string, session: string): boolean {
    if (!secretForm.test(session)) return false
    if (this.isKnown(session)) return true
    if (digest(code) !== digest(this.#code)) return false
    this.#code = secret()
    this.#onCode(this.#code)
    this.#sessions.add(digest(session))
    if (this.#sessions.size > mostSessions) this.#sessions.delete(this.#sessions.values().next().value!)
    return true
  }

  isKnown(session: string): boolean {
    return this.#sessions.has(digest(session))
  }
}
