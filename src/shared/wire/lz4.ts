/**
 * LZ4 frames, unpacked as a stream (LZ4 Frame Format 1.6.4, LZ4 Block Format). Checksums are not compared: what a capture
 * holds shows by itself whether it is whole.
 */
import { concatBytes } from './bytes.ts'

const frameMagic = 0x18_4d_22_04
/** Blocks may refer to this much of what came before. */
const windowBytes = 64 * 1024

export class Lz4Reader {
  readonly #out: (bytes: Uint8Array) => void
  #pending: Uint8Array = new Uint8Array()
  #state: 'frame' | 'blocks' = 'frame'
  #isIndependent = false
  #hasBlockSum = false
  #hasContentSum = false
  #largest = 0
  #window: Uint8Array = new Uint8Array()

  constructor(out: (bytes: Uint8Array) => void) {
    this.#out = out
  }

  /** Throws where the bytes are no LZ4. */
  push(chunk: Uint8Array): void {
    this.#pending = concatBytes([this.#pending, chunk])
    let at = 0
    for (;;) {
      const used = this.#state === 'frame' ? this.#frame(at) : this.#block(at)
      if (used === 0) break
      at += used
    }
    this.#pending = this.#pending.slice(at)
  }

  /** Throws where the last frame is not at its end. */
  end(): void {
    if (this.#state !== 'frame' || this.#pending.length > 0) throw new Error('unexpected end of file')
  }

  #u32(at: number): number {
    return new DataView(this.#pending.buffer, this.#pending.byteOffset).getUint32(at, true)
  }

  #frame(at: number): number {
    const left = this.#pending.length - at
    if (left < 8) return 0
    const magic = this.#u32(at)
    // A frame of somebody's own, to be skipped.
    if (magic >>> 4 === 0x18_4d_2a_5) {
      const length = 8 + this.#u32(at + 4)
      return left < length ? 0 : length
    }
    const flags = this.#pending[at + 4]!
    if (magic !== frameMagic || flags >>> 6 !== 1) throw new Error('it is no LZ4 frame')
    if (flags & 1) throw new Error('it needs a dictionary')
    const length = 7 + (flags & 8 ? 8 : 0)
    if (left < length) return 0
    this.#isIndependent = (flags & 0x20) !== 0
    this.#hasBlockSum = (flags & 0x10) !== 0
    this.#hasContentSum = (flags & 4) !== 0
    const size = (this.#pending[at + 5]! >>> 4) & 7
    if (size < 4) throw new Error('its largest block is none of LZ4')
    this.#largest = 4 ** (size + 4)
    this.#window = new Uint8Array()
    this.#state = 'blocks'
    return length
  }

  #block(at: number): number {
    const left = this.#pending.length - at
    if (left < 4) return 0
    const word = this.#u32(at)
    if (word === 0) {
      const length = 4 + (this.#hasContentSum ? 4 : 0)
      if (left < length) return 0
      this.#state = 'frame'
      return length
    }
    const size = word & 0x7fff_ffff
    if (size > this.#largest) throw new Error('a block is larger than its frame allows')
    const length = 4 + size + (this.#hasBlockSum ? 4 : 0)
    if (left < length) return 0
    const packed = this.#pending.subarray(at + 4, at + 4 + size)
    const bytes = word >>> 31 ? packed.slice() : unpackBlock(packed, this.#window, this.#largest)
    if (!this.#isIndependent) this.#window = concatBytes([this.#window, bytes]).slice(-windowBytes)
    this.#out(bytes)
    return length
  }
}

function unpackBlock(packed: Uint8Array, window: Uint8Array, largest: number): Uint8Array {
  // No octet stands for more than 255 others: a small block needs no room for a large one.
  const out = new Uint8Array(window.length + Math.min(largest, packed.length * 255 + 64))
  out.set(window)
  let to = window.length
  let from = 0
  const more = (start: number): number => {
    let length = start
    if (start !== 15) return length
    for (let byte = 255; byte === 255;) {
      byte = packed[from++] ?? 0
      length += byte
    }
    return length
  }
  while (from < packed.length) {
    const token = packed[from++]!
    const literals = more(token >>> 4)
    if (from + literals > packed.length || to + literals > out.length) throw new Error('a block runs over its end')
    out.set(packed.subarray(from, from + literals), to)
    from += literals
    to += literals
    // The last sequence is literals alone.
    if (from >= packed.length) break
    const back = packed[from]! | ((packed[from + 1] ?? 0) << 8)
    from += 2
    const length = more(token & 15) + 4
    if (back === 0 || back > to || to + length > out.length) throw new Error('a block refers to what is not there')
    if (back >= length) out.copyWithin(to, to - back, to - back + length)
    else for (let index = 0; index < length; index++) out[to + index] = out[to - back + index]!
    to += length
  }
  return out.slice(window.length, to)
}
