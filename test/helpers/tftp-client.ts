/** A TFTP client of a test: one request from a port of its own, and whatever the server says, packet by packet. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodeTftp, encodeTftp, type TftpOption, type TftpPacket } from '#shared/wire/tftp.ts'

export interface Loaded {
  /** What was granted, as sent; undefined where no OACK came. */
  readonly granted: Readonly<Record<string, string>> | undefined
  readonly content: Buffer
  /** Length of the data of each block. */
  readonly blocks: readonly number[]
  readonly error: { readonly code: number; readonly message: string } | undefined
}

export type Options = Readonly<Record<string, string | number>>
const optionsOf = (options: Options): TftpOption[] =>
  Object.entries(options).map(([name, value]) => ({ name, value: String(value) }))

export class TftpClient {
  readonly #socket: Socket = createSocket('udp4')
  readonly #heard: { packet: TftpPacket; from: RemoteInfo }[] = []
  #wake = (): void => {}
  readonly #server: number
  #peer: number | undefined

  readonly #address: string

  /** `server` is a port of 127.0.0.1, `address` another of loopback. */
  constructor(server: number, address = '127.0.0.1') {
    this.#server = server
    this.#address = address
    this.#socket.on('message', (payload, from) => {
      this.#heard.push({ packet: decodeTftp(payload).packet!, from })
      this.#wake()
    })
  }

  async open(): Promise<this> {
    this.#socket.bind(0, this.#address)
    await once(this.#socket, 'listening')
    return this
  }

  close(): void {
    this.#socket.close()
  }

  ask(kind: 'rrq' | 'wrq', filename: string, options: Options = {}, mode = 'octet'): Promise<void> {
    this.#peer = undefined
    return this.say({ kind, filename, mode, options: optionsOf(options) })
  }

  /** Resolves when it has left: a socket that is closed before takes it along. */
  say(packet: TftpPacket): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.send(encodeTftp(packet), this.#peer ?? this.#server, '127.0.0.1', (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  }

  /** The next packet of the server; the port it came from is that of the transfer. */
  async hear(): Promise<TftpPacket> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    const { packet, from } = this.#heard.shift()!
    if (from.port !== this.#server) this.#peer = from.port
    return packet
  }

  /** Reads a file to its end or to the server's error, acknowledging every window. */
  async load(filename: string, options: Options = {}, mode = 'octet'): Promise<Loaded> {
    await this.ask('rrq', filename, options, mode)
    let granted: Record<string, string> | undefined
    const parts: Uint8Array[] = []
    for (let block = 1; ;) {
      const packet = await this.hear()
      const loaded = { granted, content: Buffer.concat(parts), blocks: parts.map((one) => one.length) }
      if (packet.kind === 'error') return { ...loaded, error: { code: packet.code, message: packet.message } }
      if (packet.kind === 'oack') {
        granted = Object.fromEntries(packet.options.map(({ name, value }) => [name, value]))
        await this.say({ kind: 'ack', block: 0 })
      } else if (packet.kind === 'data' && packet.block === (block & 0xffff)) {
        parts.push(packet.data)
        const isLast = packet.data.length < Number(granted?.['blksize'] ?? 512)
        if (isLast || block % Number(granted?.['windowsize'] ?? 1) === 0)
          await this.say({ kind: 'ack', block: block & 0xffff })
        if (isLast) return { granted, content: Buffer.concat(parts), blocks: parts.map((one) => one.length), error: undefined } // prettier-ignore
        block++
      }
    }
  }

  /** Writes a file; the server's error where it refuses. */
  async store(filename: string, content: Uint8Array, options: Options = {}, mode = 'octet'): Promise<Loaded['error']> {
    await this.ask('wrq', filename, options, mode)
    const size = Number(options['blksize'] ?? 512)
    for (let block = 0; ;) {
      const packet = await this.hear()
      if (packet.kind === 'error') return { code: packet.code, message: packet.message }
      if (packet.kind === 'ack' && packet.block !== block) continue
      if (block * size > content.length) return undefined
      await this.say({ kind: 'data', block: block + 1, data: content.subarray(block * size, (block + 1) * size) })
      block++
    }
  }
}
