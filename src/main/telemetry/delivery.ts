/**
 * Posts what happens to a receiver over HTTP, in order; what it cannot take now waits, bounded. The receiver may be anything: of
 * what it answers the status alone is read, for ten seconds at most, and whatever it says, few lines are told of it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { printable } from '#shared/wire/printable.ts'

export interface DeliveryOptions<Item> {
  readonly url: string
  readonly mostInRequest: number
  readonly request: (items: readonly Item[]) => { readonly body: string; readonly headers: Readonly<Record<string, string>> } // prettier-ignore
  /**
   * Each kind of trouble is told once while it lasts, and not again within ten minutes; undefined where all that were told are over.
   */
  readonly onTrouble: (trouble: string | undefined) => void
  /** For tests. */
  readonly waitMs?: number
  readonly answerMs?: number
  readonly quietMs?: number
}

const mostWaiting = 5000
const answerMs = 10_000
const longestWaitMs = 60_000
const closingMs = 1500
/** A receiver that falls ill and recovers again and again is told of that often at most. */
const quietMs = 600_000
/** Of what a receiver says of itself. */
const mostSaid = 200

/** Worth another attempt; every other refusal is final (OTLP/HTTP, "Retryable Response Codes"). */
const retryable: readonly number[] = [429, 502, 503, 504]

/** Statuses with a remedy of their own; the others are one kind for each hundred. */
const ownKinds: readonly number[] = [400, 401, 403, 404, 405, 410, 411, 413, 415, 422, 429, 500, 502, 503, 504]

/** `kind` is one of a few, whatever the receiver answers. */
interface Trouble {
  readonly kind: string
  readonly text: string
}

type Sent = { readonly state: 'sent' } | { readonly state: 'later'; readonly trouble: Trouble; readonly afterMs?: number } | { readonly state: 'refused'; readonly trouble: Trouble } // prettier-ignore

/** As a line shows it. */
const said = (text: string): string => printable(text.length > mostSaid ? `${text.slice(0, mostSaid)}…` : text)

/** Why nothing came back, as the system or the client of HTTP calls it: a code where there is one, of which there are few. */
function unreached(error: unknown): Trouble {
  const { cause, message, name } = error as Error & { readonly cause?: Partial<NodeJS.ErrnoException> }
  if (name === 'TimeoutError') return { kind: 'no answer', text: 'it does not answer' }
  // Codes of TLS stand there too (CERT_HAS_EXPIRED); what follows them is the other side's.
  const code = /^[A-Z][A-Z0-9_]{2,60}$/.exec(cause?.code ?? '')?.[0]
  return code === undefined ? { kind: 'other', text: said(cause?.message ?? message) } : { kind: code, text: code }
}

export class Delivery<Item> {
  readonly #options: DeliveryOptions<Item>
  readonly #stop = new AbortController()
  #waiting: Item[] = []
  #running: Promise<void> | undefined
  #lost = 0
  /** Kinds of trouble that were told since it worked last, and when each was told. */
  readonly #troubles = new Set<string>()
  readonly #toldAt = new Map<string, number>()

  constructor(options: DeliveryOptions<Item>) {
    this.#options = options
  }

  /** Items that were dropped, because they were refused or too many waited. */
  get lost(): number {
    return this.#lost
  }

  add(item: Item): void {
    this.#waiting.push(item)
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift()
      this.#lost++
    }
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
  }

  /** Gives what waits a last chance. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, closingMs)
    await Promise.race([this.#running ?? Promise.resolve(), promise])
    clearTimeout(timer)
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const first = this.#options.waitMs ?? 1000
    let waitMs = first
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const batch = this.#waiting.slice(0, this.#options.mostInRequest)
      const sent = await this.#send(batch)
      if (sent.state !== 'later') {
        const taken = new Set(batch)
        this.#waiting = this.#waiting.filter((one) => !taken.has(one))
        if (sent.state === 'refused') this.#lost += batch.length
        this.#tell(sent.state === 'refused' ? sent.trouble : undefined)
        waitMs = first
        continue
      }
      this.#tell(sent.trouble)
      await delay(Math.min(longestWaitMs, Math.max(first, sent.afterMs ?? waitMs)), undefined, { signal: this.#stop.signal }).catch(() => {}) // prettier-ignore
      waitMs = Math.min(longestWaitMs, waitMs * 2)
    }
  }

  async #send(batch: readonly Item[]): Promise<Sent> {
    const { url, request } = this.#options
    try {
      const { body, headers } = request(batch)
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        // Whoever sends it elsewhere would get it without its body, or signed for somebody else.
        redirect: 'manual',
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#options.answerMs ?? answerMs)]),
      })
      // It hangs up on a body that has no end, and nobody waits for that.
      void answer.body?.cancel().catch(() => {})
      if (answer.ok) return { state: 'sent' }
      const location = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && location !== null)
        return { state: 'refused', trouble: { kind: 'sent on', text: `${url} answers ${answer.status} and sends it on to ${said(URL.canParse(location, url) ? new URL(location, url).href : location)}, which is not followed: write that address instead` } } // prettier-ignore
      const kind = ownKinds.includes(answer.status) ? answer.status : Math.floor(answer.status / 100)
      const trouble = {
        kind: String(kind),
        text: `${url} answers ${answer.status} ${said(answer.statusText)}`.trimEnd(),
      }
      if (!retryable.includes(answer.status)) return { state: 'refused', trouble }
      const after = Number(answer.headers.get('retry-after'))
      return { state: 'later', trouble, ...(after > 0 ? { afterMs: after * 1000 } : {}) }
    } catch (error) {
      const { kind, text } = unreached(error)
      return { state: 'later', trouble: { kind, text: `${url} cannot be reached (${text})` } }
    }
  }

  /** Another kind of trouble is told as well: its remedy is another. */
  #tell(trouble: Trouble | undefined): void {
    if (trouble === undefined) {
      if (this.#troubles.size > 0) this.#options.onTrouble(undefined)
      this.#troubles.clear()
      return
    }
    const { kind, text } = trouble
    if (this.#troubles.has(kind) || this.#stop.signal.aborted) return
    const [before, now] = [this.#toldAt.get(kind), performance.now()]
    if (before !== undefined && now - before < (this.#options.quietMs ?? quietMs)) return
    this.#troubles.add(kind)
    this.#toldAt.set(kind, now)
    this.#options.onTrouble(text)
  }
}
