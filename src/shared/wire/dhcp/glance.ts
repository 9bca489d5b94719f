/**
 * What lists, filters and the analysis need of a DHCP message, read without building one: a storm of a hundred thousand
 * messages is told apart in passing. `decodeDhcp` reads everything.
 */
import { decodeText, formatMac, macKeyAt, u16At, u32At } from '../bytes.ts'
import { identifierName } from './message.ts'
import { optionCodes } from './options.ts'

const at = { op: 0, hlen: 2, hops: 3, xid: 4, secs: 8, flags: 10, ciaddr: 12, yiaddr: 16, siaddr: 20, giaddr: 24, chaddr: 28, file: 108, cookie: 236, options: 240 } as const // prettier-ignore
const magicCookie = 0x63825363

/** What stands for the message type where none was read: plain BOOTP has none, and of a cut message it may not be kept. */
export const typeless = { bootp: -1, cut: -2 } as const

/** One message after another; every field is overwritten by `read`. Numbers are 0 and offsets -1 where nothing is there. */
export class DhcpGlance {
  op = 0
  xid = 0
  /** Message type, or one of `typeless`. */
  type: number = typeless.bootp
  ciaddr = 0
  yiaddr = 0
  siaddr = 0
  giaddr = 0
  requested = 0
  server = 0
  /** Option 51, Infinity where it is absent, as of BOOTP. */
  leaseSeconds = Infinity
  /** Option 93, -1 where it is absent. */
  architecture = -1
  /** Whether option 175, or a user class that names iPXE, is there. */
  isIpxe = false
  /** Whether header, magic cookie and every option up to END are there. */
  isWhole = false
  #bytes: Uint8Array = new Uint8Array()
  #start = 0
  #end = 0
  #vendorClassAt = -1
  #messageAt = -1
  #hostNameAt = -1
  #identifierAt = -1
  #fileAt = -1
  #fileEnd = -1

  /**
   * Reads the payload from `start` to `end`; false where it cannot be a DHCP message. `declaredEnd` is where it ended before the
   * capture cut it: of a message that was cut behind the hardware address, what is left is read.
   */
  read(bytes: Uint8Array, start: number, end: number, declaredEnd = end): boolean {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.op = bytes[start] ?? 0
    this.type = typeless.bootp
    this.architecture = -1
    this.requested = this.server = this.ciaddr = this.yiaddr = this.siaddr = this.giaddr = this.xid = 0
    this.leaseSeconds = Infinity
    this.isIpxe = this.isWhole = false
    this.#vendorClassAt = this.#messageAt = this.#hostNameAt = this.#identifierAt = this.#fileAt = this.#fileEnd = -1
    const isCut = declaredEnd > end
    if (end - start < (isCut ? at.chaddr + 6 : at.cookie) || declaredEnd - start < at.cookie) return false
    this.xid = u32At(bytes, start + at.xid)
    this.ciaddr = u32At(bytes, start + at.ciaddr)
    this.yiaddr = u32At(bytes, start + at.yiaddr)
    this.siaddr = u32At(bytes, start + at.siaddr)
    this.giaddr = u32At(bytes, start + at.giaddr)
    const overload = this.#options(bytes, start + at.options, end)
    if (isCut && this.type === typeless.bootp) this.type = typeless.cut
    if (this.#fileAt < 0 && !(overload & 1) && start + at.file + 128 <= end) {
      this.#fileAt = start + at.file
      this.#fileEnd = this.#fileAt + 128
    }
    return true
  }

  #options(bytes: Uint8Array, from: number, end: number): number {
    let overload = 0
    if (end < from || u32At(bytes, from - 4) !== magicCookie) return overload
    for (let cursor = from; cursor < end;) {
      const code = bytes[cursor]!
      if (code === 0) {
        cursor++
        continue
      }
      if (code === optionCodes.end) {
        this.isWhole = this.op === 1 || this.op === 2
        break
      }
      const length = cursor + 1 >= end ? -1 : bytes[cursor + 1]!
      const data = cursor + 2
      if (length < 0 || data + length > end) break
      switch (code) {
        case optionCodes.messageType:
          if (length > 0) this.type = bytes[data]!
          break
        case optionCodes.requestedAddress:
          if (length === 4) this.requested = u32At(bytes, data)
          break
        case optionCodes.serverIdentifier:
          if (length === 4) this.server = u32At(bytes, data)
          break
        case optionCodes.leaseTime:
          if (length === 4) this.leaseSeconds = u32At(bytes, data)
          break
        case optionCodes.architecture:
          if (length >= 2) this.architecture = u16At(bytes, data)
          break
        case optionCodes.overload:
          if (length === 1) overload = bytes[data]!
          break
        case optionCodes.vendorClass:
          this.#vendorClassAt = cursor
          break
        case optionCodes.clientIdentifier:
          this.#identifierAt = cursor
          break
        case optionCodes.hostName:
          this.#hostNameAt = cursor
          break
        case optionCodes.message:
          this.#messageAt = cursor
          break
        case optionCodes.ipxe:
          this.isIpxe = true
          break
        case optionCodes.userClass:
          if (/[ig]PXE/.test(decodeText(bytes.subarray(data, data + length)))) this.isIpxe = true
          break
        case optionCodes.bootFileName:
          if (length > 0 && this.#fileAt < 0) {
            this.#fileAt = data
            this.#fileEnd = data + length
          }
          break
      }
      cursor = data + length
    }
    return overload
  }

  #text(optionAt: number): string {
    if (optionAt < 0) return ''
    return decodeText(this.#bytes.subarray(optionAt + 2, optionAt + 2 + this.#bytes[optionAt + 1]!))
  }

  get vendorClass(): string {
    return this.#text(this.#vendorClassAt)
  }

  /** Option 56: what a server says when it refuses. */
  get message(): string {
    return this.#text(this.#messageAt)
  }

  /**
   * Option 12; empty where it is absent or no name that a machine can have (RFC 1123 section 2.1, and the underscore of Windows): an
   * address, of IP or of hardware, is none.
   */
  get hostName(): string {
    const name = this.#text(this.#hostNameAt)
    return /^(?!\d+(?:\.\d+){3}$|[\da-f]{2}(?:-[\da-f]{2}){5}$)\w[\w.-]{0,62}$/i.test(name) ? name : ''
  }

  /** Option 67, else the `file` field where that holds no options. */
  get file(): string {
    return this.#fileAt < 0 || this.#bytes[this.#fileAt] === 0
      ? ''
      : decodeText(this.#bytes.subarray(this.#fileAt, this.#fileEnd))
  }

  /** Option 61 of a message without a hardware address, as InfiniBand sends them (RFC 4390); else undefined. */
  get #identifier(): Uint8Array | undefined {
    if (this.#bytes[this.#start + at.hlen] !== 0 || this.#identifierAt < 0) return undefined
    return this.#bytes.subarray(this.#identifierAt + 2, this.#identifierAt + 2 + this.#bytes[this.#identifierAt + 1]!)
  }

  /** Or the name that option 61 gives, see `identifierName`. */
  get hardwareAddress(): string {
    const identifier = this.#identifier
    if (identifier) return identifierName(identifier)
    const length = Math.min(16, this.#bytes[this.#start + at.hlen] ?? 0, this.#end - this.#start - at.chaddr)
    return formatMac(this.#bytes.subarray(this.#start + at.chaddr, this.#start + at.chaddr + Math.max(0, length)))
  }

  /** See `macKeyAt`; beyond every hardware address where option 61 stands for it. */
  get hardwareKey(): number {
    const identifier = this.#identifier
    if (identifier) return 2 ** 48 + identifier.reduce((key, byte) => (key * 257 + byte) % (2 ** 44 - 17), 1)
    return macKeyAt(this.#bytes, this.#start + at.chaddr)
  }
}
