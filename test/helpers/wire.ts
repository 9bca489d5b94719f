/** Frames of boots made by hand, for what no capture shows. */
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { parseHex } from '#shared/wire/bytes.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { blankMessage, encodeDhcp, fieldText, type DhcpMessage, type DhcpOption } from '#shared/wire/dhcp/message.ts'
import { encodeText } from '#shared/wire/bytes.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'
import { Session } from '#shared/trace/session.ts'

export const machine = '52:54:00:aa:00:01'
const serverMac = '02:00:00:00:00:01'
const everyone = 'ff:ff:ff:ff:ff:ff'

const macBytes = (mac: string): Uint8Array => parseHex(mac)!
export const text = (code: number, value: string): DhcpOption => ({ code, data: encodeText(value) })
export const bytes = (code: number, ...values: number[]): DhcpOption => ({ code, data: Uint8Array.from(values) })
export const address = (code: number, value: string): DhcpOption => ({
  code,
  data: Uint8Array.from(value.split('.').map(Number)),
})
export const type = (value: number): DhcpOption => bytes(53, value)

const classes = {
  bios: [text(60, 'PXEClient:Arch:00000:UNDI:002001'), bytes(93, 0, 0), bytes(97, ...new Uint8Array(17))],
  uefi: [text(60, 'PXEClient:Arch:00007:UNDI:003000'), bytes(93, 0, 7), bytes(97, ...new Uint8Array(17))],
  ipxe: [text(60, 'PXEClient:Arch:00000:UNDI:002001'), bytes(93, 0, 0), bytes(175, 1, 1, 1)],
  linux: [text(60, 'udhcp 1.36.1'), bytes(55, 1, 3, 6)],
} as const

export interface UdpEnds {
  readonly from: string
  readonly to: string
  readonly sourcePort: number
  readonly destinationPort: number
}

/** A session that is filled a packet at a time; times in seconds. */
export class Wire {
  readonly session: Session
  #kind: keyof typeof classes
  xid = 0x1234

  constructor(kind: keyof typeof classes, limitBytes = Infinity) {
    this.#kind = kind
    this.session = new Session(limitBytes)
    this.session.store.addInterface({ name: 'eth0', linkType: linkTypes.ethernet })
  }

  frame(seconds: number, frame: Uint8Array): number {
    const id = this.session.store.add({
      interface: 0,
      seconds: 1000 + Math.floor(seconds),
      nanoseconds: Math.round((seconds % 1) * 1e9),
      bytes: frame,
    })
    this.session.trace.advance()
    return id
  }

  udp(seconds: number, ends: UdpEnds, payload: Uint8Array, isUp: boolean): number {
    const isBroadcast = ends.to === '255.255.255.255'
    return this.frame(
      seconds,
      wrapUdp({
        sourceMac: macBytes(isUp ? machine : serverMac),
        destinationMac: macBytes(isBroadcast ? everyone : isUp ? serverMac : machine),
        sourceAddress: parseIpv4(ends.from)!,
        destinationAddress: parseIpv4(ends.to)!,
        sourcePort: ends.sourcePort,
        destinationPort: ends.destinationPort,
        payload,
      }),
    )
  }

  as(kind: keyof typeof classes): this {
    this.#kind = kind
    return this
  }

  asks(
    seconds: number,
    message: number,
    options: readonly DhcpOption[] = [],
    header: Partial<DhcpMessage> = {},
  ): number {
    const chaddr = new Uint8Array(16)
    chaddr.set(macBytes(machine))
    const payload = encodeDhcp({
      ...blankMessage,
      xid: this.xid,
      chaddr,
      ...header,
      options: [type(message), ...options, ...classes[this.#kind]],
    })
    const own = header.ciaddr ? '10.0.0.50' : '0.0.0.0'
    return this.udp(seconds, { from: own, to: '255.255.255.255', sourcePort: 68, destinationPort: 67 }, payload, true)
  }

  answers(
    seconds: number,
    message: number,
    server: string,
    given: string,
    options: readonly DhcpOption[] = [],
    file = '',
    header: Partial<DhcpMessage> = {},
  ): number {
    const chaddr = new Uint8Array(16)
    chaddr.set(macBytes(machine))
    const payload = encodeDhcp({
      ...blankMessage, op: 2, xid: this.xid, chaddr, yiaddr: given === '' ? 0 : parseIpv4(given)!, siaddr: parseIpv4(server)!, file: fieldText(file, 128)!,
      ...header,
      options: [type(message), address(54, server), ...options],
    }) // prettier-ignore
    return this.udp(
      seconds,
      { from: server, to: '255.255.255.255', sourcePort: 67, destinationPort: 68 },
      payload,
      false,
    )
  }

  /** The REQUEST of a client with the address 10.0.0.50 to port 4011 of a boot server. */
  asksBootServer(seconds: number, options: readonly DhcpOption[] = [], server = '10.0.0.1'): number {
    const payload = this.#payload(1, 3, options, { ciaddr: parseIpv4('10.0.0.50')! })
    return this.udp(seconds, { from: '10.0.0.50', to: server, sourcePort: 4011, destinationPort: 4011 }, payload, true)
  }

  /** The answer to it. */
  bootServerAnswers(seconds: number, file = '', options: readonly DhcpOption[] = [], server = '10.0.0.1'): number {
    const payload = this.#payload(2, 5, [address(54, server), ...options], { siaddr: parseIpv4(server)!, file: fieldText(file, 128)! }) // prettier-ignore
    return this.udp(seconds, { from: server, to: '10.0.0.50', sourcePort: 4011, destinationPort: 4011 }, payload, false)
  }

  #payload(op: 1 | 2, message: number, options: readonly DhcpOption[], header: Partial<DhcpMessage>): Uint8Array {
    const chaddr = new Uint8Array(16)
    chaddr.set(macBytes(machine))
    const own = op === 1 ? classes[this.#kind] : []
    return encodeDhcp({ ...blankMessage, op, xid: this.xid, chaddr, ...header, options: [type(message), ...options, ...own] })
  } // prettier-ignore

  /** DISCOVER to ACK in half a second, from one server at 10.0.0.1. */
  getsAddress(seconds: number, options: readonly DhcpOption[] = [], file = ''): void {
    this.asks(seconds, 1)
    this.answers(seconds + 0.1, 2, '10.0.0.1', '10.0.0.50', options, file)
    this.asks(seconds + 0.2, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1')])
    this.answers(seconds + 0.3, 5, '10.0.0.1', '10.0.0.50', options, file)
  }

  tftp(seconds: number, packet: TftpPacket, isUp: boolean, client = 2000, server = 40_000): number {
    const ends = isUp
      ? { from: '10.0.0.50', to: '10.0.0.1', sourcePort: client, destinationPort: packet.kind === 'rrq' ? 69 : server }
      : { from: '10.0.0.1', to: '10.0.0.50', sourcePort: server, destinationPort: client }
    return this.udp(seconds, ends, encodeTftp(packet), isUp)
  }

  loads(seconds: number, filename: string, blocks: readonly Uint8Array[], client = 2000): void {
    this.tftp(seconds, { kind: 'rrq', filename, mode: 'octet', options: [] }, true, client)
    for (const [index, data] of blocks.entries()) {
      this.tftp(seconds + 0.01 * (index + 1), { kind: 'data', block: index + 1, data }, false, client)
      this.tftp(seconds + 0.01 * (index + 1) + 0.005, { kind: 'ack', block: index + 1 }, true, client)
    }
  }

  /** Time passes without a packet of the machine: another one's is seen. */
  silence(seconds: number): void {
    const payload = encodeDhcp({
      ...blankMessage,
      xid: 9,
      chaddr: Uint8Array.of(2, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      options: [type(8)],
    })
    this.udp(seconds, { from: '10.0.0.99', to: '255.255.255.255', sourcePort: 68, destinationPort: 67 }, payload, true)
  }
}
