/**
 * What happened on the wire, on its way to the process that shows it. The wire does not wait for anybody who looks at it:
 * where the other side is slow, this keeps what there is room for and counts the rest.
 */
import type { LabEvent } from '#shared/contract/events.ts'
import { sizeOf, type Observed } from '../responder/observed.ts'

export const outboxLimits = {
  events: 10_000,
  datagrams: 20_000,
  bytes: 8 << 20,
} as const

/** One batch takes well under a millisecond to hand over. */
const batchLimits = { events: 500, datagrams: 500, bytes: 256 << 10 } as const
/** Batches on their way at a time. */
const mostUnderWay = 2

export interface OutboxBatch {
  readonly number: number
  readonly events: readonly LabEvent[]
  readonly datagrams: readonly Observed[]
  readonly lost: { readonly events: number; readonly datagrams: number }
}

export class Outbox {
  #events: LabEvent[] = []
  /** Progress that waits, by transfer: the newest says all that the earlier ones would have. */
  readonly #progress = new Map<string, LabEvent>()
  #datagrams: Observed[] = []
  #bytes = 0
  #lost = { events: 0, datagrams: 0 }
  #number = 0
  #underWay = 0

  addEvent(event: LabEvent): void {
    if (event.type === 'transfer-progress') {
      this.#progress.set(event.transfer.id, event)
      return
    }
    if (event.type === 'transfer-ended') this.#progress.delete(event.transfer.id)
    if (this.#events.length >= outboxLimits.events) this.#lost.events++
    else this.#events.push(event)
  }

  addDatagram(datagram: Observed): void {
    const size = sizeOf(datagram)
    if (this.#datagrams.length >= outboxLimits.datagrams || this.#bytes + size > outboxLimits.bytes) {
      this.#lost.datagrams++
      return
    }
    this.#bytes += size
    this.#datagrams.push(datagram)
  }

  /** What goes next; undefined where there is nothing, or where enough is under way. */
  take(): OutboxBatch | undefined {
    const hasLost = this.#lost.events > 0 || this.#lost.datagrams > 0
    const isEmpty = this.#events.length === 0 && this.#datagrams.length === 0 && this.#progress.size === 0
    if (this.#underWay >= mostUnderWay || (isEmpty && !hasLost)) return undefined
    const events = this.#events.splice(0, batchLimits.events)
    if (this.#events.length === 0) {
      events.push(...this.#progress.values())
      this.#progress.clear()
    }
    let bytes = 0
    let count = 0
    while (count < Math.min(this.#datagrams.length, batchLimits.datagrams) && bytes < batchLimits.bytes)
      bytes += sizeOf(this.#datagrams[count++]!)
    const datagrams = this.#datagrams.splice(0, count)
    this.#bytes -= bytes
    const lost = this.#lost
    this.#lost = { events: 0, datagrams: 0 }
    this.#underWay++
    return { number: ++this.#number, events, datagrams, lost }
  }

  taken(): void {
    this.#underWay = Math.max(0, this.#underWay - 1)
  }

  /** Somebody else takes what comes from now on; what was under way to the one before is gone with it. */
  newReader(): void {
    this.#underWay = 0
  }
}
