/** A file on its way over TFTP, followed packet by packet in constant memory (RFC 1350, RFC 2347, RFC 7440). */
import { u16At } from '../wire/bytes.ts'
import type { IpAddress } from '../wire/ip-address.ts'
import type { FrameHeaders } from '../wire/headers.ts'
import type { Refusal } from './icmp.ts'
import { decodeTftp, tftpOpcodes, type TftpOption } from '../wire/tftp.ts'

export interface TransferSample {
  /** Nanoseconds since the store's base. */
  readonly timeNs: number
  readonly bytes: number
}

export type TransferState = 'asked' | 'running' | 'complete' | 'probe' | 'refused' | 'failed' | 'unreachable'

/** Blocks that a server may go back without a window: a retransmission, and no capture that lost what lay between. */
const fewestBlocksBack = 64

const mostSamples = 96
const defaultBlockSize = 512

export class Transfer {
  readonly kind = 'transfer' as const
  readonly number: number
  readonly file: string
  readonly isWrite: boolean
  readonly clientAddress: IpAddress
  readonly clientPort: number
  /** Whom the client asked. */
  readonly serverAddress: IpAddress
  /** Who answered instead; undefined where the one that was asked did, or nobody. */
  answeredFrom: IpAddress | undefined
  /** Whether the client went on with what it got: without that, no answer reached it, or none that it takes. */
  hasClientSpoken = false
  readonly asked: readonly TftpOption[]
  /** Whether the capture cut the request, or what answers it: options and sizes may be missing then. */
  isCut: boolean
  readonly startNs: number
  lastNs: number
  readonly #request: number
  /** Frames and times of the repetitions of the request, in turn; most transfers have none. */
  #repetitions: number[] | undefined
  serverPort = -1
  /** What the OACK granted; undefined before, and where the server sent none. */
  granted: readonly TftpOption[] | undefined
  oackFrame = -1
  blockSize = defaultBlockSize
  bytes = 0
  /** Blocks seen, counted on across the wrap of the 16-bit number. */
  blocks = 0
  /** Blocks of which the capture holds a packet. */
  #blocksHeld = 0
  acknowledged = 0
  retransmissions = 0
  firstDataFrame = -1
  lastFrame = -1
  frames = 0
  state: TransferState = 'asked'
  error:
    { readonly frame: number; readonly code: number; readonly message: string; readonly byClient: boolean } | undefined
  /** The first ICMP error about it. */
  refusal: Refusal | undefined
  #sawLast = false
  #samples: TransferSample[] | undefined
  #sampleEvery = 16
  #sinceSample = 0

  constructor(
    number: number,
    request: {
      readonly frame: number
      readonly timeNs: number
      readonly clientAddress: IpAddress
      readonly clientPort: number
      readonly serverAddress: IpAddress
      readonly file: string
      readonly isWrite: boolean
      readonly isCut: boolean
      readonly options: readonly TftpOption[]
    },
  ) {
    this.number = number
    this.file = request.file
    this.isWrite = request.isWrite
    this.clientAddress = request.clientAddress
    this.clientPort = request.clientPort
    this.serverAddress = request.serverAddress
    this.asked = request.options
    this.isCut = request.isCut
    this.startNs = this.lastNs = request.timeNs
    this.#request = request.frame
    this.lastFrame = request.frame
    this.frames = 1
  }

  /** Frames of the request and its repetitions. */
  get requests(): readonly number[] {
    return [this.#request, ...(this.#repetitions ?? []).filter((_, index) => index % 2 === 0)]
  }

  /** When they were sent. */
  get requestTimes(): readonly number[] {
    return [this.startNs, ...(this.#repetitions ?? []).filter((_, index) => index % 2 === 1)]
  }

  /** The size the server told, undefined where it did not. */
  get size(): number | undefined {
    const told = this.granted?.find((one) => one.name.toLowerCase() === 'tsize')
    return told && /^\d+$/.test(told.value) ? Number(told.value) : undefined
  }

  /** Options of which the OACK grants more than was asked: RFC 2348 and RFC 7440 let a server only lower them. As they were asked. */
  get exceeding(): readonly TftpOption[] {
    if (this.isCut) return []
    return this.asked.filter(({ name, value }) => {
      const key = name.toLowerCase()
      const told = this.granted?.find((one) => one.name.toLowerCase() === key)
      return (key === 'blksize' || key === 'windowsize') && told !== undefined && Number(told.value) > Number(value)
    })
  }

  /** Options of the OACK that the client did not ask for so; RFC 2347 lets a server acknowledge only what was asked. */
  get unasked(): readonly TftpOption[] {
    if (this.isCut) return []
    const asked = new Set(this.asked.map((one) => one.name.toLowerCase()))
    for (const { name } of this.exceeding) asked.delete(name.toLowerCase())
    return (this.granted ?? []).filter((one) => !asked.has(one.name.toLowerCase()))
  }

  /** Blocks that were sent and are not in the capture: it was sampled, or it lost them. */
  get blocksNotHeld(): number {
    return this.blocks - this.#blocksHeld
  }

  get windowSize(): number {
    const told = this.granted?.find((one) => one.name.toLowerCase() === 'windowsize')
    return told ? Number(told.value) || 1 : 1
  }

  get isOver(): boolean {
    return this.state !== 'asked' && this.state !== 'running'
  }

  /** Progress over time, at most a hundred points. */
  get samples(): readonly TransferSample[] {
    const last = { timeNs: this.lastNs, bytes: this.bytes }
    const samples = this.#samples ?? []
    return samples.at(-1)?.timeNs === last.timeNs ? samples : [...samples, last]
  }

  repeat(frame: number, timeNs: number): void {
    ;(this.#repetitions ??= []).push(frame, timeNs)
    this.#touch(frame, timeNs)
  }

  refused(refusal: Refusal, timeNs: number): void {
    this.#touch(refusal.frame, timeNs)
    this.refusal ??= refusal
    // A server that is told so sends smaller packets, and a router that knows no way may learn one: what follows shows it.
    if (this.state === 'asked' || this.state === 'running') this.state = 'unreachable'
  }

  /** Frame of the first ICMP error, -1 where there is none. */
  get icmpFrame(): number {
    return this.refusal?.frame ?? -1
  }

  #touch(frame: number, timeNs: number): void {
    this.lastFrame = frame
    this.lastNs = timeNs
    this.frames++
  }

  /** A packet of this transfer that is no request. */
  handle(frame: number, timeNs: number, bytes: Uint8Array, headers: FrameHeaders, byClient: boolean): void {
    const { payloadAt: at, payloadEnd: end, declaredEnd, sourcePort } = headers
    this.#touch(frame, timeNs)
    if (byClient) this.hasClientSpoken = true
    else {
      this.serverPort = sourcePort
      const isBroadcast = this.serverAddress === 0xffffffff
      const source = headers.sourceIn(bytes)
      if (source !== this.serverAddress && !isBroadcast) this.answeredFrom ??= source
    }
    const opcode = end - at >= 4 ? u16At(bytes, at) : 0
    if (opcode === tftpOpcodes.data) this.#data(frame, timeNs, u16At(bytes, at + 2), declaredEnd - at - 4)
    else if (opcode === tftpOpcodes.ack) this.#ack(u16At(bytes, at + 2), byClient)
    else if (opcode === tftpOpcodes.oack || opcode === tftpOpcodes.error) {
      const { packet } = decodeTftp(bytes.subarray(at, end))
      if (declaredEnd > end) this.isCut = true
      if (packet?.kind === 'oack') this.#oack(frame, packet.options)
      else if (packet?.kind === 'error') this.#error(frame, packet.code, packet.message, byClient)
    }
  }

  #oack(frame: number, options: readonly TftpOption[]): void {
    if (this.granted) this.retransmissions++
    this.granted = options
    this.oackFrame = frame
    if (this.state === 'asked') this.state = 'running'
    const told = options.find((one) => one.name.toLowerCase() === 'blksize')
    if (told) this.blockSize = Number(told.value) || defaultBlockSize
  }

  #error(frame: number, code: number, message: string, byClient: boolean): void {
    this.error ??= { frame, code, message, byClient }
    if (this.isOver) return
    // A client that only wanted to know the size asks for it, takes the OACK and ends the transfer (EDK2, wdsnbp).
    const isProbe = byClient && this.blocks === 0 && this.size !== undefined && this.unasked.length === 0
    this.state = isProbe ? 'probe' : this.blocks === 0 && !byClient ? 'refused' : 'failed'
  }

  #data(frame: number, timeNs: number, block: number, length: number): void {
    if (this.firstDataFrame < 0) {
      this.firstDataFrame = frame
      // What the OACK granted may not be kept: the first block is a whole one, unless it is the only one.
      if (this.isCut && length > this.blockSize) this.blockSize = length
    }
    if (this.state === 'asked' || this.state === 'unreachable') this.state = 'running'
    // Some servers begin again at 1 instead of 0 behind block 65535.
    const previous = this.blocks & 0xffff
    const ahead = previous === 0xffff && block === 1 ? 1 : (block - previous) & 0xffff
    const back = (previous - block) & 0xffff
    if (back <= Math.max(fewestBlocksBack, this.windowSize * 4) && back <= this.blocks) {
      this.retransmissions++
      return
    }
    this.#blocksHeld++
    this.blocks += ahead
    this.bytes = (this.blocks - 1) * this.blockSize + length
    if (length < this.blockSize) this.#sawLast = true
    if (++this.#sinceSample < this.#sampleEvery) return
    this.#sinceSample = 0
    const samples = (this.#samples ??= [])
    samples.push({ timeNs, bytes: this.bytes })
    if (samples.length < mostSamples) return
    this.#samples = samples.filter((_, index) => index % 2 === 1)
    this.#sampleEvery *= 2
  }

  #ack(block: number, byClient: boolean): void {
    const ahead = (block - this.acknowledged) & 0xffff
    // What the client acknowledges has come, whether the capture holds it or not.
    if (ahead <= 0x8000 || (byClient && this.acknowledged + ahead <= this.blocks)) this.acknowledged += ahead
    if (this.#sawLast && this.state === 'running' && this.acknowledged >= this.blocks) this.state = 'complete'
  }

  /** Whether every block came, acknowledged or not. */
  get hasEverything(): boolean {
    return this.state === 'complete' || (this.#sawLast && !this.error)
  }
}
