/**
 * Frames of any origin: their bytes one after another in large segments, and an index of typed arrays beside them. Nothing
 * is dissected before it is looked at, so that a million frames cost little more than their bytes. Numbers count up from 1
 * and stay: a store with a limit forgets its oldest segments.
 */
import { timeNsOf } from '../wire/capture-file.ts'

export interface StoredInterface {
  readonly name: string
  /** See `linkTypes`. */
  readonly linkType: number
  /** Whether its frames are datagrams of our own sockets in made-up headers. */
  readonly isSynthesised: boolean
}

export interface NewFrame {
  readonly interface: number
  /** Seconds since 1970 and nanoseconds within the second. */
  readonly seconds: number
  readonly nanoseconds: number
  readonly bytes: Uint8Array
  /** Bytes on the wire, where the capture cut the frame. */
  readonly originalLength?: number
  readonly direction?: 'in' | 'out' | undefined
  readonly comment?: string | undefined
}

/** A segment is full after so many frames or bytes, whichever comes first. */
const framesInSegment = 16_384
const bytesInSegment = 4 * 1024 * 1024
const smallestBytes = 64 * 1024

const directions = [undefined, 'in', 'out'] as const

/** What the analysis has learnt of a frame, kept beside it: small numbers that filters and lists read. */
export interface FrameMarks {
  /** Number of the machine the frame belongs to, 0 for none. */
  machine: number
  /** Number of the transfer it is part of, 0 for none. */
  transfer: number
}

class Segment {
  readonly first: number
  count = 0
  bytes: Uint8Array
  used = 0
  time: Float64Array
  at: Uint32Array
  length: Uint32Array
  original: Uint32Array
  interface: Uint32Array
  flags: Uint8Array
  machine: Uint32Array
  transfer: Uint32Array

  /** Whether the bytes are a piece of a file that was handed over, in which the frames lie where they lay. */
  readonly isAdopted: boolean

  constructor(first: number, bytes: Uint8Array, frames: number, isAdopted: boolean) {
    this.first = first
    this.bytes = bytes
    this.isAdopted = isAdopted
    this.time = new Float64Array(frames)
    this.at = new Uint32Array(frames)
    this.length = new Uint32Array(frames)
    this.original = new Uint32Array(frames)
    this.interface = new Uint32Array(frames)
    this.flags = new Uint8Array(frames)
    this.machine = new Uint32Array(frames)
    this.transfer = new Uint32Array(frames)
  }

  /** Whether a frame fits; one that lies in an adopted piece belongs to that piece alone. */
  takes(frame: Uint8Array, isAdopted: boolean): boolean {
    if (this.count >= framesInSegment || isAdopted !== this.isAdopted) return false
    if (isAdopted) return frame.buffer === this.bytes.buffer
    return this.used + frame.length <= bytesInSegment || this.count === 0
  }

  #growIndex(size: number): void {
    const grown = <T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from.length > size ? from.subarray(0, size) : from)
      return to
    }
    this.time = grown(this.time, new Float64Array(size))
    this.at = grown(this.at, new Uint32Array(size))
    this.length = grown(this.length, new Uint32Array(size))
    this.original = grown(this.original, new Uint32Array(size))
    this.interface = grown(this.interface, new Uint32Array(size))
    this.flags = grown(this.flags, new Uint8Array(size))
    this.machine = grown(this.machine, new Uint32Array(size))
    this.transfer = grown(this.transfer, new Uint32Array(size))
  }

  makeRoom(length: number): void {
    if (this.count === this.time.length) this.#growIndex(Math.min(framesInSegment, this.count * 2))
    if (this.isAdopted || this.used + length <= this.bytes.length) return
    const size = Math.max(this.used + length, Math.min(bytesInSegment, this.bytes.length * 2))
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, this.used))
    this.bytes = bytes
  }

  /** Gives back what a full segment does not need. */
  seal(): void {
    if (!this.isAdopted && this.used < this.bytes.length * 0.9) this.bytes = this.bytes.slice(0, this.used)
    if (this.count < this.time.length * 0.85) this.#growIndex(this.count)
  }
}

export class FrameStore {
  readonly interfaces: StoredInterface[] = []
  #segments: Segment[] = []
  #bytes = 0
  /** Time of the first frame ever, in nanoseconds since 1970; the others are kept relative to it, which is exact for 104 days. */
  #base: { readonly seconds: number; readonly nanoseconds: number } | undefined
  readonly #comments = new Map<number, string>()
  readonly #reassembled = new Map<number, { readonly bytes: Uint8Array; readonly parts: readonly number[] }>()
  readonly #limitBytes: number

  /** `limitBytes`: how many bytes of frames are kept at least; Infinity keeps all. */
  constructor(limitBytes = Infinity) {
    this.#limitBytes = limitBytes
  }

  /** Number of the oldest frame that is kept. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next
  }

  /** Number of the newest frame, `first - 1` while there is none. */
  get last(): number {
    const segment = this.#segments.at(-1)
    return segment ? segment.first + segment.count - 1 : this.#next - 1
  }

  get count(): number {
    return this.last - this.first + 1
  }

  /** Bytes of all frames that are kept. */
  get bytesKept(): number {
    return this.#bytes
  }

  /** Nanoseconds since 1970 that `timeOf` counts from. */
  get baseNs(): bigint {
    return this.#base ? timeNsOf(this.#base) : 0n
  }

  #next = 1

  addInterface(one: Omit<StoredInterface, 'isSynthesised'> & { readonly isSynthesised?: boolean }): number {
    return this.interfaces.push({ isSynthesised: false, ...one }) - 1
  }

  /**
   * Keeps a frame; returns its number. Its bytes are copied, unless `isAdopted` hands the memory behind them over: then it
   * is kept as it is, with what lies around the frame.
   */
  add(frame: NewFrame, interfaceIndex = frame.interface, isAdopted = false): number {
    const { bytes, seconds, nanoseconds } = frame
    this.#base ??= { seconds, nanoseconds }
    const timeNs = (seconds - this.#base.seconds) * 1e9 + (nanoseconds - this.#base.nanoseconds)
    let segment = this.#segments.at(-1)
    if (!segment?.takes(bytes, isAdopted)) {
      segment?.seal()
      const isFirst = segment === undefined
      segment = isAdopted
        ? new Segment(this.#next, new Uint8Array(bytes.buffer), this.#expectedFrames(bytes.buffer.byteLength), true)
        : new Segment(this.#next, new Uint8Array(isFirst ? smallestBytes : bytesInSegment), isFirst ? 256 : 4096, false)
      this.#segments.push(segment)
      this.#forget()
    }
    segment.makeRoom(bytes.length)
    const index = segment.count
    const at = isAdopted ? bytes.byteOffset : segment.used
    if (!isAdopted) segment.bytes.set(bytes, at)
    segment.time[index] = timeNs
    segment.at[index] = at
    segment.length[index] = bytes.length
    segment.original[index] = frame.originalLength ?? bytes.length
    segment.interface[index] = interfaceIndex
    segment.flags[index] = frame.direction === 'in' ? 1 : frame.direction === 'out' ? 2 : 0
    segment.used += bytes.length
    segment.count++
    this.#bytes += bytes.length
    if (frame.comment !== undefined) this.#comments.set(this.#next, frame.comment)
    return this.#next++
  }

  /** Frames that a piece of a file will have, judged by those before: an index that need not grow leaves no rubbish. */
  #expectedFrames(length: number): number {
    const average = this.count > 0 ? this.#bytes / this.count : 300
    return Math.min(framesInSegment, Math.ceil((length / (average + 36)) * 1.05) + 16)
  }

  #forget(): void {
    while (this.#segments.length > 1 && this.#bytes - this.#segments[0]!.used >= this.#limitBytes) {
      const gone = this.#segments.shift()!
      this.#bytes -= gone.used
      for (const map of [this.#comments, this.#reassembled])
        for (const id of map.keys()) {
          if (id >= gone.first + gone.count) break
          map.delete(id)
        }
    }
  }

  /** Forgets every frame; numbers go on counting. */
  clear(): void {
    this.#segments = []
    this.#bytes = 0
    this.#comments.clear()
    this.#reassembled.clear()
  }

  #recent: Segment | undefined

  /** The segment that holds a frame; throws for a number outside `first` to `last`. */
  #segmentOf(id: number): Segment {
    const recent = this.#recent
    if (recent && id >= recent.first && id < recent.first + recent.count && recent.first >= this.first) return recent
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#segments[middle]!.first <= id) low = middle
      else high = middle - 1
    }
    const segment = this.#segments[low]
    if (!segment || id < segment.first || id >= segment.first + segment.count)
      throw new RangeError(`frame ${id} is not kept: ${this.first} to ${this.last} are`)
    return (this.#recent = segment)
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= this.first && id <= this.last
  }

  /** A view into the store: copy what is to outlive it. */
  bytesOf(id: number): Uint8Array {
    const segment = this.#segmentOf(id)
    const at = segment.at[id - segment.first]!
    return segment.bytes.subarray(at, at + segment.length[id - segment.first]!)
  }

  /** Nanoseconds since `baseNs`. */
  timeOf(id: number): number {
    const segment = this.#segmentOf(id)
    return segment.time[id - segment.first]!
  }

  /** A time since `baseNs` as whole milliseconds since 1970: what a boot is dated with, and its duration counted by, everywhere. */
  millisecondsAt(timeNs: number): number {
    return Number((this.baseNs + BigInt(Math.round(timeNs))) / 1_000_000n)
  }

  /** Whole microseconds since 1970, which a number holds; for a list of packets, where big integers would cost a third of a row. */
  microsecondsOf(id: number): number {
    const { seconds, nanoseconds } = this.#base ?? { seconds: 0, nanoseconds: 0 }
    return seconds * 1e6 + Math.floor((nanoseconds + Math.round(this.timeOf(id))) / 1000)
  }

  /** Nanoseconds since 1970. */
  absoluteNs(id: number): bigint {
    return this.baseNs + BigInt(Math.round(this.timeOf(id)))
  }

  originalLengthOf(id: number): number {
    const segment = this.#segmentOf(id)
    return segment.original[id - segment.first]!
  }

  interfaceOf(id: number): StoredInterface {
    return this.interfaces[this.interfaceIndexOf(id)]!
  }

  interfaceIndexOf(id: number): number {
    const segment = this.#segmentOf(id)
    return segment.interface[id - segment.first]!
  }

  directionOf(id: number): 'in' | 'out' | undefined {
    const segment = this.#segmentOf(id)
    return directions[segment.flags[id - segment.first]!]
  }

  commentOf(id: number): string | undefined {
    return this.#comments.get(id)
  }

  machineOf(id: number): number {
    const segment = this.#segmentOf(id)
    return segment.machine[id - segment.first]!
  }

  transferOf(id: number): number {
    const segment = this.#segmentOf(id)
    return segment.transfer[id - segment.first]!
  }

  mark(id: number, marks: Partial<FrameMarks>): void {
    const segment = this.#segmentOf(id)
    if (marks.machine !== undefined) segment.machine[id - segment.first] = marks.machine
    if (marks.transfer !== undefined) segment.transfer[id - segment.first] = marks.transfer
  }

  /** The packet that the fragment `id` completed, with the numbers of all its fragments. */
  reassembledOf(id: number): { readonly bytes: Uint8Array; readonly parts: readonly number[] } | undefined {
    return this.#reassembled.get(id)
  }

  keepReassembled(id: number, bytes: Uint8Array, parts: readonly number[]): void {
    this.#reassembled.set(id, { bytes, parts })
  }

  /** What a dissector is to look at: the frame, or the whole packet where this frame completed one. */
  contentOf(id: number): Uint8Array {
    return this.#reassembled.size > 0 ? (this.#reassembled.get(id)?.bytes ?? this.bytesOf(id)) : this.bytesOf(id)
  }
}
