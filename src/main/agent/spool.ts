/**
 * What an agent has seen and the hub does not have yet, on disk: pieces with numbers that count up for as long as the spool is there.
 * The piece that is being written is a capture to which frames are appended, so that a killed agent loses none that it wrote; a
 * finished one is compressed and never changes. Where there is no room the oldest pieces go, and it is counted what went.
 */
import { hash, randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { streamForm } from '#shared/contract/agent-messages.ts'
import { CaptureReader, pcapngFrame, pcapngHeader, timeNsOf, type WrittenFrame, type WrittenInterface } from '#shared/wire/capture-file.ts' // prettier-ignore
import { makeOwnFolder } from '../files/own-file.ts'
import { replaceFile, replaceFileSync } from '../files/replace-file.ts'

export interface SpoolLimits {
  /** Of all finished pieces. */
  readonly bytes: number
  /** Of one piece, before it is compressed, and how long frames are gathered for it. */
  readonly pieceBytes: number
  readonly pieceMs: number
}

export const spoolLimits: SpoolLimits = { bytes: 256 << 20, pieceBytes: 1 << 20, pieceMs: 15_000 }

export interface SpooledPiece {
  readonly number: number
  readonly packed: Uint8Array
  readonly sha256: string
}

const keptSchema = z.object({
  stream: z.string().regex(streamForm),
  next: z.int().min(1),
  lostPieces: z.int(),
  lostFrames: z.int(),
})

const nameOf = (number: number): string => `${String(number).padStart(12, '0')}.pcapng.gz`
const openName = 'open.pcapng'

export class Spool {
  readonly stream: string
  lostPieces = 0
  lostFrames = 0
  readonly #folder: string
  readonly #limits: SpoolLimits
  #next = 1
  #interfaces: readonly WrittenInterface[] = []
  #descriptor: number | undefined
  #bytes = 0
  #openedAt = 0
  #refusedNumber = 0
  readonly #sizes = new Map<number, number>()

  /** Throws what the system says. What an agent that was killed had begun becomes a piece. */
  constructor(folder: string, limits: Partial<SpoolLimits> = {}) {
    this.#folder = folder
    this.#limits = { ...spoolLimits, ...limits }
    makeOwnFolder(folder)
    const kept = readKept(join(folder, 'spool.json'))
    this.stream = kept?.stream ?? randomBytes(8).toString('hex')
    this.lostPieces = kept?.lostPieces ?? 0
    this.lostFrames = kept?.lostFrames ?? 0
    this.#next = kept?.next ?? 1
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile())) {
      const number = Number(/^(\d{12})\.pcapng\.gz$/.exec(name)?.[1] ?? NaN)
      if (!Number.isNaN(number)) this.#sizes.set(number, statSync(join(folder, name)).size)
      if (name.endsWith('.part')) rmSync(join(folder, name), { force: true })
    }
    this.#next = Math.max(this.#next, ...this.numbers.map((one) => one + 1))
    this.#keep()
    this.#finishOpen()
  }

  /** Nanoseconds since 1970 of the newest frame that is here; 0 where there is none. */
  newestNs(): bigint {
    const newest = this.numbers.at(-1)
    const piece = newest === undefined ? undefined : this.read(newest)
    let timeNs = 0n
    if (!piece) return timeNs
    const reader = new CaptureReader({
      onInterface: () => {},
      onFrame: (frame) => {
        if (timeNsOf(frame) > timeNs) timeNs = timeNsOf(frame)
      },
    })
    reader.push(gunzipSync(piece.packed))
    reader.end()
    return timeNs
  }

  /** Finished pieces, the oldest first. */
  get numbers(): number[] {
    return [...this.#sizes.keys()].sort((a, b) => a - b)
  }

  get bytes(): number {
    return [...this.#sizes.values()].reduce((sum, one) => sum + one, 0)
  }

  /** The smallest number that is still here, or that will be made. */
  get oldest(): number {
    return this.numbers[0] ?? this.#next
  }

  get isEmpty(): boolean {
    return this.#sizes.size === 0 && this.#descriptor === undefined
  }

  setInterfaces(interfaces: readonly WrittenInterface[]): void {
    this.rotate()
    this.#interfaces = interfaces
  }

  /** Never throws: what cannot be written is counted. */
  write(frame: WrittenFrame): void {
    try {
      this.#append(pcapngFrame(frame))
    } catch {
      this.#closeOpen()
      this.lostFrames++
      this.#dropOldest()
    }
  }

  #append(block: Uint8Array): void {
    if (this.#descriptor === undefined) {
      this.#descriptor = openSync(join(this.#folder, openName), 'w', 0o600)
      this.#bytes = 0
      this.#openedAt = performance.now()
      this.#writeAll(pcapngHeader('PXE Lab', this.#interfaces))
    }
    this.#writeAll(block)
    if (this.#bytes >= this.#limits.pieceBytes) this.rotate()
  }

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor!, bytes, at)
    this.#bytes += bytes.length
  }

  #closeOpen(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  /** Finishes the piece that is being written where its time is over. */
  tick(): void {
    if (this.#descriptor !== undefined && performance.now() - this.#openedAt >= this.#limits.pieceMs) this.rotate()
  }

  /** Finishes the piece that is being written. */
  rotate(): void {
    if (this.#descriptor === undefined) return
    this.#closeOpen()
    this.#finishOpen()
  }

  #finishOpen(): void {
    const path = join(this.#folder, openName)
    let pcapng: Uint8Array
    try {
      pcapng = readFileSync(path)
    } catch {
      return
    }
    // What was half written when the agent was killed, or when the disk was full, is cut off.
    let frames = 0
    const reader = new CaptureReader({ onInterface: () => {}, onFrame: () => void frames++ })
    reader.push(pcapng)
    reader.end()
    const whole = reader.damage ? pcapng.subarray(0, reader.damage.at) : pcapng
    if (frames > 0 && !this.#finish(whole)) this.lostFrames += frames
    rmSync(path, { force: true })
    this.#keep()
  }

  #finish(pcapng: Uint8Array): boolean {
    const packed = gzipSync(pcapng, { level: 6 })
    const number = this.#next
    for (;;) {
      try {
        replaceFileSync(join(this.#folder, nameOf(number)), packed)
        break
      } catch {
        if (!this.#dropOldest()) return false
      }
    }
    this.#next++
    this.#sizes.set(number, packed.length)
    while (this.bytes > this.#limits.bytes && this.#sizes.size > 1) this.#dropOldest()
    return true
  }

  #dropOldest(): boolean {
    const [number] = this.numbers
    if (number === undefined) return false
    this.#remove(number)
    this.lostPieces++
    return true
  }

  #remove(number: number): void {
    rmSync(join(this.#folder, nameOf(number)), { force: true })
    this.#sizes.delete(number)
  }

  /** A finished piece; undefined where it went meanwhile. */
  read(number: number): SpooledPiece | undefined {
    try {
      const packed = readFileSync(join(this.#folder, nameOf(number)))
      return { number, packed, sha256: hash('sha256', packed, 'hex') }
    } catch {
      // Somebody deleted it: it will not come again.
      if (this.#sizes.delete(number)) this.lostPieces++
      return undefined
    }
  }

  /** The hub has it. */
  done(number: number): void {
    this.#remove(number)
    this.#keep()
  }

  /** The hub refuses it for good: the last few are kept for whoever wants to see why. */
  setAside({ number, packed }: SpooledPiece): void {
    const name = `refused-${this.#refusedNumber++ % 8}.pcapng.gz`
    void replaceFile(join(this.#folder, name), packed, { mode: 0o600 }).catch(() => {})
    this.#remove(number)
    this.lostPieces++
    this.#keep()
  }

  #keep(): void {
    const { stream, lostPieces, lostFrames } = this
    try {
      replaceFileSync(join(this.#folder, 'spool.json'), JSON.stringify({ stream, next: this.#next, lostPieces, lostFrames })) // prettier-ignore
    } catch {
      // A full disk: the numbers follow from the files that are there.
    }
  }

  /** Finishes what is being written, and closes. */
  close(): void {
    this.rotate()
    this.#keep()
  }
}

function readKept(path: string): z.infer<typeof keptSchema> | undefined {
  try {
    return keptSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}
