/** A TFTP read as a step of a firmware script (RFC 1350, RFC 2347 to 2349, RFC 7440): request, blocks, acknowledgements. */
import { say, type Phrase } from '#messages/message.ts'
import { decodeText, u16At } from '../../wire/bytes.ts'
import { decodeTftp, encodeTftp, tftpErrors, tftpOpcodes, type TftpOption } from '../../wire/tftp.ts'
import type { IpAddress } from '../../wire/ip-address.ts'
import type { IpEndpoint } from '../machine.ts'
import type { ClientContext, Step } from './client.ts'

export interface DownloadRequest {
  readonly server: IpAddress
  readonly file: string
  readonly sourcePort: number
  /** In the order in which this client names them. */
  readonly options: readonly TftpOption[]
  /** Waits between repetitions of the same packet, in milliseconds; after the last it gives up. */
  readonly retryMs: readonly number[]
  /** Ends the transfer after the OACK: only the size was wanted. */
  readonly isProbe?: boolean
  /** Whether "port unreachable" ends it; most clients do not listen to ICMP. */
  readonly heedsIcmp?: boolean
  /** The longest block it can take, in bytes; a longer one is an error. */
  readonly largestBlock?: number
}

export interface Downloaded {
  readonly ok: true
  /** Bytes the file has. */
  readonly size: number
  /** The beginning of the file, as much of it as was carried. */
  readonly head: Uint8Array
  readonly blockSize: number
  readonly blocks: number
}

export interface NotDownloaded {
  readonly ok: false
  readonly why: 'silent' | 'stalled' | 'error' | 'unreachable' | 'no-arp' | 'no-oack' | 'no-size' | 'block-too-long'
  /** TFTP error code. */
  readonly code: number
  readonly message: Phrase
  readonly bytes: number
}

const headLimit = 64 * 1024

const noHead: Uint8Array = new Uint8Array(0)

/** The bytes that arrived, kept as far as they matter. */
class Head {
  #bytes = noHead
  #used = 0

  add(payload: Uint8Array, from: number): void {
    const more = payload.length - from
    if (more <= 0 || this.#used + more > headLimit) return
    if (this.#used === 0) {
      // Of most files one datagram has all that matters: it is kept as it came.
      this.#bytes = from === 0 ? payload : payload.subarray(from)
      this.#used = more
      return
    }
    if (this.#used + more > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(4096, (this.#used + more) * 2))
      grown.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = grown
    }
    this.#bytes.set(from === 0 ? payload : payload.subarray(from), this.#used)
    this.#used += more
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used)
  }
}

export function* download(client: ClientContext, request: DownloadRequest): Step<Downloaded | NotDownloaded> {
  const { server, sourcePort, retryMs, largestBlock = 65_464 } = request
  const door: IpEndpoint = { address: server, port: 69 }
  const rrq = encodeTftp({ kind: 'rrq', filename: request.file, mode: 'octet', options: [...request.options] })
  const head = new Head()
  let peer: IpEndpoint | undefined
  let last = rrq
  let tries = 0
  let blockSize = 512
  let windowSize = 1
  let size: number | undefined
  let received = 0
  let bytes = 0
  let inWindow = 0
  let hasOack = false
  const fail = (why: NotDownloaded['why'], message: Phrase, code = 0): NotDownloaded => ({
    ok: false,
    why,
    code,
    message,
    bytes,
  })
  const acknowledge = (): void => {
    const ack = new Uint8Array(4)
    ack[1] = tftpOpcodes.ack
    ack[2] = (received >>> 8) & 255
    ack[3] = received & 255
    last = ack
    inWindow = 0
    client.send(sourcePort, peer!, ack)
  }
  const complain = (code: number, message: string): void => {
    if (peer) client.send(sourcePort, peer, encodeTftp({ kind: 'error', code, message }))
  }
  client.send(sourcePort, door, rrq)
  let deadline = client.now + retryMs[0]!
  for (;;) {
    const input = yield deadline
    if (!input) {
      if (client.now < deadline) continue
      tries++
      if (tries >= retryMs.length)
        return peer
          ? fail(
              'stalled',
              say('pxe-client.no-block-came', { seconds: retryMs.reduce((sum, one) => sum + one, 0) / 1000 }),
            )
          : fail('silent', say('pxe-client.request-not-answered'))
      client.send(sourcePort, peer ?? door, last)
      deadline = client.now + retryMs[tries]!
      continue
    }
    if (input.kind === 'arp-failed' && input.address === server && !peer)
      return fail('no-arp', say('pxe-client.nobody-address-file-server'))
    if (input.kind === 'unreachable' && input.remote.address === server && request.heedsIcmp && !peer)
      return fail('unreachable', say('pxe-client.port-closed'))
    if (input.kind !== 'datagram' || input.destinationPort !== sourcePort) continue
    if (input.source.address !== server) continue
    if (peer && input.source.port !== peer.port) {
      // Another transfer id (RFC 1350 section 4).
      continue
    }
    const { payload } = input
    const opcode = u16At(payload, 0)
    if (opcode === tftpOpcodes.data) {
      const block = u16At(payload, 2)
      const length = input.length - 4
      if (!peer) peer = input.source
      if (request.isProbe && !hasOack) {
        complain(tftpErrors.optionRefused, 'User aborted the transfer')
        return fail('no-oack', say('pxe-client.data-came-size-asked'))
      }
      if (length > largestBlock) {
        complain(tftpErrors.illegalOperation, 'block too long')
        return fail('block-too-long', say('pxe-client.block-bytes-no-more-than', { length, largestBlock }))
      }
      if (block !== ((received + 1) & 0xffff)) {
        // Out of order: said once, so that the window begins again behind what is here (RFC 7440 section 4).
        if (received > 0 || hasOack) acknowledge()
        continue
      }
      received++
      inWindow++
      bytes += length
      tries = 0
      deadline = client.now + retryMs[0]!
      head.add(payload, 4)
      const isLast = length < blockSize
      if (isLast || inWindow >= windowSize) acknowledge()
      if (isLast) return { ok: true, size: bytes, head: head.bytes, blockSize, blocks: received }
      continue
    }
    if (opcode === tftpOpcodes.oack) {
      if (hasOack) {
        if (received === 0) acknowledge()
        continue
      }
      const { packet } = decodeTftp(payload)
      if (packet?.kind !== 'oack') continue
      hasOack = true
      peer = input.source
      for (const { name, value } of packet.options) {
        const number = Number(value)
        const lower = name.toLowerCase()
        if (lower === 'blksize') blockSize = number
        else if (lower === 'windowsize') windowSize = number
        else if (lower === 'tsize') size = number
      }
      if (request.isProbe) {
        complain(tftpErrors.optionRefused, 'User aborted the transfer')
        return size === undefined
          ? fail('no-size', say('pxe-client.server-does-not-tell-size'))
          : { ok: true, size, head: noHead, blockSize, blocks: 0 }
      }
      tries = 0
      deadline = client.now + retryMs[0]!
      acknowledge()
      continue
    }
    if (opcode === tftpOpcodes.error)
      return fail('error', decodeText(payload.subarray(4)) || `error ${u16At(payload, 2)}`, u16At(payload, 2))
  }
}

/** Blanks the difference between the forms in which TFTP options are written down here. */
export const tftpOptions = (...pairs: readonly (readonly [string, string | number])[]): TftpOption[] =>
  pairs.map(([name, value]) => ({ name, value: String(value) }))
