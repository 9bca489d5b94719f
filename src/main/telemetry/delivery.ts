/** Posts what happens to a receiver over HTTP, in order; what it cannot take now waits, bounded. */
import { setTimeout as delay } from 'node:timers/promises'

export interface DeliveryOptions<Item> {
  readonly url: string
  readonly mostInRequest: number
  readonly request: (items: readonly Item[]) => { readonly body: string; readonly headers: Readonly<Record<string, string>> } // prettier-ignore
  /** Each trouble is told once while it lasts; undefined where all are over. */
  readonly onTrouble: (trouble: string | undefined) => void
  /** For tests. */
  readonly waitMs?: number
}

const mostWaiting = 5000
const answerMs = 10_000
const longestWaitMs = 60_000
const closingMs = 1500

/** Worth another attempt; every other refusal is final (OTLP/HTTP, "Retryable Response Codes"). */
const retryable: readonly number[] = [429, 502, 503, 504]

type Sent = { readonly state: 'sent' } | { readonly state: 'later'; readonly trouble: string; readonly afterMs?: number } | { readonly state: 'refused'; readonly trouble: string } // prettier-ignore

export class Delivery<Item> {
  readonly #options: DeliveryOptions<Item>
  readonly #stop = new AbortController()
  #waiting: Item[] = []
  #running: Promise<void> | undefined
  #lost = 0
  /** Those that were told since it worked last. */
  readonly #troubles = new Set<string>()

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
      await delay(Math.min(longestWaitMs, sent.afterMs ?? waitMs), undefined, { signal: this.#stop.signal }).catch(() => {}) // prettier-ignore
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
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(answerMs)]),
      })
      await answer.body?.cancel()
      if (answer.ok) return { state: 'sent' }
      const location = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && location !== null)
        return { state: 'refused', trouble: `${url} answers ${answer.status} and sends it on to ${URL.canParse(location, url) ? new URL(location, url).href : location}, which is not followed: write that address instead` } // prettier-ignore
      const trouble = `${url} answers ${answer.status} ${answer.statusText}`.trimEnd()
      if (!retryable.includes(answer.status)) return { state: 'refused', trouble }
      const after = Number(answer.headers.get('retry-after'))
      return { state: 'later', trouble, ...(after > 0 ? { afterMs: after * 1000 } : {}) }
    } catch (error) {
      const { cause, message } = error as Error
      const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? message
      return { state: 'later', trouble: `${url} cannot be reached (${why})` }
    }
  }

  /** Another trouble is told as well: its remedy is another. */
  #tell(trouble: string | undefined): void {
    if (trouble === undefined ? this.#troubles.size === 0 : this.#troubles.has(trouble)) return
    if (trouble === undefined) this.#troubles.clear()
    else this.#troubles.add(trouble)
    this.#options.onTrouble(trouble)
  }
}
