/** The chain of headers in front of what an IPv6 packet carries (RFC 8200 section 4), read without building anything. */
import { u16At, u32At } from './bytes.ts'

export const nextHeaders = {
  hopByHop: 0, routing: 43, fragment: 44, authentication: 51, none: 59, destinationOptions: 60, mobility: 135, hip: 139, shim6: 140,
} as const // prettier-ignore

/** Length of the fixed header. */
export const ipv6HeaderLength = 40
/** No packet has more extension headers; what looks like it is garbage. */
const mostExtensions = 16

/** Length in bytes of the extension header at `at`, 0 where `type` is none. */
export function extensionLength(type: number, bytes: Uint8Array, at: number): number {
  switch (type) {
    case nextHeaders.fragment:
      return 8
    case nextHeaders.authentication:
      // In units of four octets, two of them not counted (RFC 4302 section 2.2).
      return ((bytes[at + 1] ?? 0) + 2) * 4
    case nextHeaders.hopByHop:
    case nextHeaders.routing:
    case nextHeaders.destinationOptions:
    case nextHeaders.mobility:
    case nextHeaders.hip:
    case nextHeaders.shim6:
      return ((bytes[at + 1] ?? 0) + 1) * 8
    default:
      return 0
  }
}

/** What the headers of one packet after another say; `read` overwrites every field. */
export class Ipv6Chain {
  /** What follows the last header, and where. */
  protocol = 0
  transportAt = 0
  /** Offset of the fragment header, -1 where there is none. */
  fragmentAt = -1
  /** Offset of the octet that names the fragment header as the next one. */
  fragmentNamedAt = -1
  fragmentOffset = 0
  moreFragments = false
  identification = 0

  /** `at`: where the fixed header begins, which is whole. */
  read(bytes: Uint8Array, at: number): void {
    let namedAt = at + 6
    let type = bytes[namedAt]!
    let cursor = at + ipv6HeaderLength
    this.fragmentAt = this.fragmentNamedAt = -1
    this.fragmentOffset = this.identification = 0
    this.moreFragments = false
    for (let count = 0; count < mostExtensions; count++) {
      const length = extensionLength(type, bytes, cursor)
      if (length === 0) break
      if (type === nextHeaders.fragment && this.fragmentAt < 0) {
        const flags = u16At(bytes, cursor + 2)
        this.fragmentAt = cursor
        this.fragmentNamedAt = namedAt
        this.fragmentOffset = flags & 0xfff8
        this.moreFragments = (flags & 1) !== 0
        this.identification = u32At(bytes, cursor + 4)
      }
      namedAt = cursor
      type = bytes[cursor] ?? nextHeaders.none
      cursor += length
      // Behind the header of a later fragment stands the middle of something.
      if (this.fragmentOffset > 0) break
    }
    this.protocol = type
    this.transportAt = cursor
  }

  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0
  }
}
