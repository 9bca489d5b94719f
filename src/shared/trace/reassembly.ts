/** Fragments of IPv4 and IPv6 put together again (RFC 791 section 3.2, RFC 8200 section 4.5; overlaps are taken as they come). */
import { writeU16 } from '../wire/bytes.ts'
import type { FrameHeaders } from '../wire/headers.ts'
import { Ipv6Chain, ipv6HeaderLength } from '../wire/ipv6.ts'

interface Part {
  readonly frame: number
  /** Where its payload belongs in the packet's. */
  readonly offset: number
  /** Everything in front of the payload, and the payload. */
  readonly head: Uint8Array
  readonly payload: Uint8Array
  readonly ipAt: number
  /** Of IPv6: where the fragment header stands, and where it is named. */
  readonly fragmentAt: number
  readonly namedAt: number
}

interface Pending {
  readonly parts: Part[]
  /** Length of the whole payload, once the last fragment is there. */
  total: number
}

export interface Reassembled {
  /** Link header and IP header of the first fragment, then the whole payload; of IPv6 without the fragment header. */
  readonly bytes: Uint8Array
  readonly parts: readonly number[]
}

/** Packets that are never completed must not fill the memory. */
const mostPending = 256

export class Reassembler {
  readonly #pending = new Map<string, Pending>()
  readonly #chain = new Ipv6Chain()

  /** Takes a fragment; returns the packet that it completes. */
  add(frame: number, bytes: Uint8Array, headers: FrameHeaders): Reassembled | undefined {
    const { identification, ipProtocol, ipAt, ip6At, ipEnd, fragmentOffset } = headers
    if (!headers.isFragment) return undefined
    const isOver6 = ip6At >= 0
    // The protocol is no part of it in IPv6: only the first fragment need name it right (RFC 8200 section 4.5).
    const key = `${headers.sourceIn(bytes)} ${headers.destinationIn(bytes)} ${identification} ${isOver6 ? '' : ipProtocol}`
    const pending = this.#pending.get(key) ?? { parts: [], total: -1 }
    const chain = this.#chain
    if (isOver6) chain.read(bytes, ip6At)
    // The first fragment's transport header belongs to the payload here.
    const from = isOver6 ? chain.fragmentAt + 8 : ipAt + (bytes[ipAt]! & 15) * 4
    const part = new Uint8Array(bytes.subarray(0, Math.max(from, ipEnd)))
    pending.parts.push({
      frame,
      offset: fragmentOffset,
      head: part.subarray(0, from),
      payload: part.subarray(from),
      ipAt: isOver6 ? ip6At : ipAt,
      fragmentAt: isOver6 ? chain.fragmentAt : -1,
      namedAt: isOver6 ? chain.fragmentNamedAt : -1,
    })
    if (!headers.moreFragments) pending.total = fragmentOffset + Math.max(0, ipEnd - from)
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
  const { head, ipAt, fragmentAt, namedAt } = first
  const isOver6 = fragmentAt >= 0
  const headLength = isOver6 ? fragmentAt : head.length
  const bytes = new Uint8Array(headLength + total)
  bytes.set(head.subarray(0, headLength))
  for (const part of sorted)
    if (part.offset < total) bytes.set(part.payload.subarray(0, total - part.offset), headLength + part.offset)
  const length = bytes.length - ipAt
  // A length that the header cannot say is told as zero, which means "to the end of the frame".
  if (isOver6) {
    bytes[namedAt] = head[fragmentAt]!
    const payloadLength = length - ipv6HeaderLength
    writeU16(bytes, ipAt + 4, payloadLength > 0xffff ? 0 : payloadLength)
  } else {
    writeU16(bytes, ipAt + 2, length > 0xffff ? 0 : length)
    writeU16(bytes, ipAt + 6, 0)
  }
  return { bytes, parts: parts.map((part) => part.frame) }
}
