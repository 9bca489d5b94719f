/** HTTP boot put together from segments, for what no capture shows. */
import { encodeText, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import type { DhcpOption } from '#shared/wire/dhcp/message.ts'
import { wrapTcp } from '#shared/wire/frame.ts'
import { address, bytes, machine, text, Wire } from './wire.ts'

const server = '02:00:00:00:00:01'
const flags = { fin: 17, syn: 2, reset: 4, push: 24, synAck: 18, ack: 16 } as const

export interface Answer {
  readonly head: string
  readonly body?: Uint8Array
  /** Whether the server closes the connection behind it. */
  readonly closes?: boolean
}

/** UEFI firmware that boots by HTTP: 10.0.0.50, from 10.0.0.1 port 80. */
export class HttpWire extends Wire {
  #port = 49_152
  #up = 0
  #down = 0

  constructor() {
    super('linux')
  }

  #segment(at: number, isUp: boolean, flag: number, payload: Uint8Array = new Uint8Array()): void {
    const [client, web] = [parseIpv4('10.0.0.50')!, parseIpv4('10.0.0.1')!]
    this.frame(
      at,
      wrapTcp({
        sourceMac: parseHex(isUp ? machine : server)!,
        destinationMac: parseHex(isUp ? server : machine)!,
        source: isUp ? client : web,
        destination: isUp ? web : client,
        sourcePort: isUp ? this.#port : 80,
        destinationPort: isUp ? 80 : this.#port,
        payload,
        payloadLength: payload.length,
        sequence: isUp ? this.#up : this.#down,
        acknowledgement: isUp ? this.#down : this.#up,
        flags: flag,
      }),
    )
    const taken = payload.length + (flag & 3 ? 1 : 0)
    if (isUp) this.#up += taken
    else this.#down += taken
  }

  /** DISCOVER to ACK, with a URL. */
  leased(url: string): this {
    const asks: DhcpOption[] = [text(60, 'HTTPClient:Arch:00016:UNDI:003001'), bytes(93, 0, 16)]
    const told = [text(60, 'HTTPClient'), text(67, url)]
    this.asks(0, 1, asks)
    this.answers(0.1, 2, '10.0.0.1', '10.0.0.50', told)
    this.asks(4, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1'), ...asks])
    this.answers(4.1, 5, '10.0.0.1', '10.0.0.50', told)
    return this
  }

  connects(at: number): this {
    this.#port++
    this.#segment(at, true, flags.syn)
    this.#segment(at + 0.001, false, flags.synAck)
    this.#segment(at + 0.002, true, flags.ack)
    return this
  }

  /** A request on the connection that is open, and what comes of it; undefined for nothing. */
  request(at: number, method: string, target: string, answer?: Answer | 'fin' | 'reset'): this {
    this.#segment(at, true, flags.push, encodeText(`${method} ${target} HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n`))
    if (answer === undefined) return this
    if (typeof answer === 'string') {
      this.#segment(at + 0.001, false, flags[answer])
      return this
    }
    const head = encodeText(`${answer.head}\r\n\r\n`)
    const whole = new Uint8Array(head.length + (answer.body?.length ?? 0))
    whole.set(head)
    if (answer.body) whole.set(answer.body, head.length)
    this.#segment(at + 0.001, false, flags.push, whole)
    this.#segment(at + 0.002, true, flags.ack)
    if (answer.closes) this.#segment(at + 0.003, false, flags.fin)
    return this
  }

  /** HEAD and GET as EDK2 sends them, each on a connection of its own, answered alike. */
  asksTwice(target: string, head: string): this {
    for (const [index, method] of ['HEAD', 'GET'].entries())
      this.connects(5 + index).request(5.01 + index, method, target, { head: `${head}\r\nContent-Length: 0` })
    return this
  }
}
