/** What the kernel of Linux tells by netlink (rtnetlink(7)): the hosts that have answered neighbour solicitations. */
import { formatIpv6 } from '#shared/wire/bytes.ts'

const [headBytes, neighbourBytes] = [16, 12]
const [done, failed, newNeighbour, getNeighbour] = [3, 2, 28, 30]
const inet6 = 10
/** NUD_INCOMPLETE and NUD_FAILED: nobody has answered. Whoever once did is written to at once. */
const [incomplete, unanswered] = [0x01, 0x20]

/** struct nlmsghdr and struct ndmsg: all neighbours of IPv6. */
export function askForNeighbours6(): Uint8Array {
  const message = Buffer.alloc(headBytes + neighbourBytes)
  const [request, dump] = [0x1, 0x300]
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(getNeighbour, 4)
  message.writeUInt16LE(request | dump, 6)
  message[headBytes] = inet6
  return message
}

export interface NeighboursRead {
  readonly addresses: readonly string[]
  /** Whether nothing more follows. */
  readonly isEnd: boolean
}

/** What one answer of the kernel holds of the interface with that number. */
export function neighboursIn6(bytes: Uint8Array, index: number): NeighboursRead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const addresses: string[] = []
  for (let at = 0; at + headBytes <= bytes.length;) {
    const length = view.getUint32(at, true)
    const type = view.getUint16(at + 4, true)
    const end = at + length
    if (length < headBytes || end > bytes.length || type === done || type === failed) return { addresses, isEnd: true }
    if (type === newNeighbour && length >= headBytes + neighbourBytes) {
      const isThere = (view.getUint16(at + headBytes + 8, true) & (incomplete | unanswered)) === 0
      if (isThere && view.getInt32(at + headBytes + 4, true) === index) {
        const address = destinationIn(bytes, view, at + headBytes + neighbourBytes, end)
        if (address !== undefined) addresses.push(address)
      }
    }
    at += (length + 3) & ~3
  }
  return { addresses, isEnd: false }
}

/** Attribute NDA_DST (struct rtattr). */
function destinationIn(bytes: Uint8Array, view: DataView, from: number, end: number): string | undefined {
  for (let at = from; at + 4 <= end;) {
    const length = view.getUint16(at, true)
    if (length < 4) return undefined
    if (view.getUint16(at + 2, true) === 1 && length === 20 && at + length <= end) return formatIpv6(bytes, at + 4)
    at += (length + 3) & ~3
  }
  return undefined
}
