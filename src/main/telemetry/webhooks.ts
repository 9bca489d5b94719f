/**
 * Tells addresses of a boot as it goes: that it started, waits for approval, booted or failed. Each state of a boot is told
 * once; where a boot that had failed goes on and boots after all, that is told too.
 */
import { createHmac } from 'node:crypto'
import type { Verdict } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { Delivery } from './delivery.ts'

export type Webhook = Lab['telemetry']['webhooks'][number]
export type WebhookEvent = Webhook['events'][number]

/** Of boots whose last state is known; the first is forgotten. */
const mostBoots = 20_000

export interface WebhookPost {
  readonly version: 1
  readonly event: WebhookEvent
  /** The machine that PXE Lab runs on. */
  readonly lab: string
  /** Of the last packet so far. */
  readonly time: string
  readonly boot: {
    readonly mac: string
    readonly hostName: string
    readonly firmware: string
    readonly startedAt: string
    readonly headline: string
    readonly code: string | null
    readonly causes: readonly string[]
  }
}

/** What a verdict is to somebody outside; undefined where nothing is told of it. */
export function webhookEventOf({ outcome, stage }: Pick<Verdict, 'outcome' | 'stage'>): WebhookEvent | undefined {
  if (outcome === 'check' || outcome === 'idle' || outcome === 'address') return undefined
  if (outcome === 'failed') return 'failed'
  if (outcome === 'started' || outcome === 'loaded') return 'booted'
  return stage === 'approval' ? 'waiting' : 'started'
}

/** `sha256=` and the HMAC of the body in hexadecimal digits, as GitHub signs its own. */
export const signatureOf = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

export interface WebhooksOptions {
  readonly settings: readonly Webhook[]
  readonly lab: string
  readonly warn: (message: string) => void
  /** For tests. */
  readonly waitMs?: number
}

export class Webhooks {
  readonly #lab: string
  readonly #hooks: readonly { readonly events: readonly WebhookEvent[]; readonly delivery: Delivery<WebhookPost> }[]
  /** By machine and beginning: more may become known of a boot when the next one has begun. */
  readonly #last = new Map<string, WebhookEvent>()

  constructor({ settings, lab, warn, waitMs }: WebhooksOptions) {
    this.#lab = lab
    this.#hooks = settings.map(({ url, events, headers, secret }) => ({
      events,
      delivery: new Delivery<WebhookPost>({
        url,
        mostInRequest: 1,
        request: ([post]) => {
          const body = JSON.stringify(post)
          return { body, headers: { ...headers, ...(secret === null ? {} : { 'x-pxe-lab-signature': signatureOf(body, secret) }) } } // prettier-ignore
        },
        onTrouble: (trouble) =>
          warn(trouble === undefined ? `${url} is told of boots again.` : `a webhook is not told of boots: ${trouble}. Check telemetry.webhooks.`), // prettier-ignore
        ...(waitMs === undefined ? {} : { waitMs }),
      }),
    }))
  }

  judged(verdict: Verdict): void {
    const event = webhookEventOf(verdict)
    if (event === undefined || this.#hooks.length === 0) return
    const { mac, startedAt, hostName, firmware, headline, code, causes } = verdict
    const boot = `${mac} ${startedAt}`
    const before = this.#last.get(boot)
    // A boot that waited or failed goes on: that it started was told.
    if (before !== undefined && (event === before || event === 'started')) return
    this.#last.delete(boot)
    this.#last.set(boot, event)
    if (this.#last.size > mostBoots) this.#last.delete(this.#last.keys().next().value!)
    const posts: WebhookEvent[] = before !== undefined || event === 'started' ? [event] : ['started', event]
    for (const one of posts)
      for (const { events, delivery } of this.#hooks)
        if (events.includes(one))
          delivery.add({
            version: 1,
            event: one,
            lab: this.#lab,
            time: new Date(verdict.lastAt).toISOString(),
            boot: { mac, hostName, firmware, startedAt: new Date(startedAt).toISOString(), headline, code, causes },
          })
  }

  async close(): Promise<void> {
    await Promise.all(this.#hooks.map(({ delivery }) => delivery.close()))
  }
}
