/** IPv4 fragments put together again (RFC 791 section 3.2; overlaps are taken as they come). */
import { etherTypes, type FrameHeaders } from '../wire/headers.ts'

interface Part {
  readonly frame: number
  /** Where its payload belongs in the packet's. */
  readonly offset: number
  /** Everything in front of the payload, and the payload. */
  readonly head: Uint8Array
  readonly payload: Uint8Array
  readonly ipAt: number
}

interface Pending {
  readonly parts: Part[]
  /** Length of the whole payload, once the last fragment is there. */
  total: number
}

export interface Reassembled {
  /** Link header and IPv4 header of the first fragment, then the whole payload. */
  readonly bytes: Uint8Array
  readonly parts: readonly number[]
}

/** Packets that are never completed must not fill the memory. */
const mostPending = 256

export class Reassembler {
  readonly #pending = new Map<string, Pending>()

  /** Takes a fragment; returns the packet that it completes. */
  add(frame: number, bytes: Uint8Array, headers: FrameHeaders): Reassembled | undefined {
    const { source, destination, identification, ipProtocol, ipAt, ipEnd, fragmentOffset } = headers
    if (headers.etherType !== etherTypes.ipv4 || !headers.isFragment) return undefined
    const key = `${source} ${destination} ${identification} ${ipProtocol}`
    const pending = this.#pending.get(key) ?? { parts: [], total: -1 }
    // The first fragment's transport header belongs to the payload here.
    const from = ipAt + (bytes[ipAt]! & 15) * 4
    const part = new Uint8Array(bytes.subarray(0, ipEnd))
    pending.parts.push({
      frame,
      offset: fragmentOffset,
      head: part.subarray(0, from),
      payload: part.subarray(from),
      ipAt,
    })
    if (!headers.moreFragments) pending.total = fragmentOffset + (ipEnd - from)
    this.#pending.delete(key)
    const whole = wholeOf(pending)
    if (whole) return whole
    this.#pending.set(key, pending)
    if (this.#pending.size > mostPending) this.#pending.delete(this.#pending.keys().next().value!)
    return undefined
  }
}

function wholeOf({ parts, total }: Pending): Reassembled | undefined {
  const first = parts.find((part) => part.offset === 0)
  if (total < 0 || !first) return undefined
  const sorted = [...parts].sort((a, b) => a.offset - b.offset)
  let reached = 0
  for (const part of sorted) {
    if (part.offset > reached) return undefined
    reached = Math.max(reached, part.offset + part.payload.length)
  }
  if (reached < total) return undefined
  const bytes = new Uint8Array(first.head.length + total)
  bytes.set(first.head)
  for (const part of sorted)
    if (part.offset < total) bytes.set(part.payload.subarray(0, total - part.offset), first.head.length + part.offset)
  const view = new DataView(bytes.buffer)
  const length = bytes.length - first.ipAt
  // A length that the header cannot say is told as zero, which means "to the end of the frame".
  view.setUint16(first.ipAt + 2, length > 0xffff ? 0 : length)
  view.setUint16(first.ipAt + 6, 0)
  return { bytes, parts: parts.map((part) => part.frame) }
}
