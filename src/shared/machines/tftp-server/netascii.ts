/** The netascii mode of RFC 1350 (RFC 764): line ends are CR LF, a lone CR is CR NUL. For text; never for boot files. */
import type { BlockSource } from './read-transfer.ts'

/** Bytes of a file that are converted at once: what a transfer holds of it. */
const stretchBytes = 8 * 1024

/**
 * Where each stretch of a file begins in its netascii form, and at the end how long that is, in bytes; undefined where the
 * file cannot be read. It is the same for every transfer of the file.
 */
export function netasciiStarts(source: BlockSource): readonly number[] | undefined {
  const starts = [0]
  const buffer = new Uint8Array(stretchBytes)
  for (let at = 0; at < source.size; at += stretchBytes) {
    const stretch = buffer.subarray(0, Math.min(stretchBytes, source.size - at))
    if (source.read(at, stretch) !== stretch.length) return undefined
    starts.push(starts.at(-1)! + stretch.length + lineEndsIn(stretch))
  }
  return starts
}

/**
 * A file in netascii, converted where it is read: a request costs its sender one packet, which anybody can forge, and must
 * not cost us the whole file.
 */
export class NetasciiSource implements BlockSource {
  readonly #source: BlockSource
  readonly #starts: readonly number[]
  #index = -1
  #text: Uint8Array = new Uint8Array()

  /** `starts` as from `netasciiStarts` of that source. */
  constructor(source: BlockSource, starts: readonly number[]) {
    this.#source = source
    this.#starts = starts
  }

  get size(): number {
    return this.#starts.at(-1)!
  }

  get problem(): string | undefined {
    return this.#source.problem
  }

  read(offset: number, target: Uint8Array): number | undefined {
    for (let at = 0; at < target.length;) {
      const text = this.#stretchAt(offset + at)
      if (!text) return undefined
      const from = offset + at - this.#starts[this.#index]!
      const part = text.subarray(from, from + target.length - at)
      target.set(part, at)
      at += part.length
    }
    return target.length
  }

  #stretchAt(offset: number): Uint8Array | undefined {
    let index = Math.max(this.#index, 0)
    while (index > 0 && this.#starts[index]! > offset) index--
    while (this.#starts[index + 1]! <= offset) index++
    if (index === this.#index) return this.#text
    const at = index * stretchBytes
    const raw = new Uint8Array(Math.min(stretchBytes, this.#source.size - at))
    if (this.#source.read(at, raw) !== raw.length) return undefined
    this.#index = index
    this.#text = toNetascii(raw)
    return this.#text
  }
}

function lineEndsIn(data: Uint8Array): number {
  let count = 0
  for (const byte of data) if (byte === 10 || byte === 13) count++
  return count
}

export function toNetascii(data: Uint8Array): Uint8Array {
  const text = new Uint8Array(data.length + lineEndsIn(data))
  let to = 0
  for (const byte of data) {
    if (byte === 10) text[to++] = 13
    text[to++] = byte
    if (byte === 13) text[to++] = 0
  }
  return text
}

/** The other way, for uploads; keeps a CR at the end of a block for the next one. */
export class NetasciiReader {
  #hasCarriageReturn = false

  read(data: Uint8Array): Uint8Array {
    const out = new Uint8Array(data.length + 1)
    let to = 0
    for (const byte of data) {
      if (this.#hasCarriageReturn) {
        this.#hasCarriageReturn = false
        out[to++] = byte === 10 ? 10 : 13
        if (byte === 10 || byte === 0) continue
      }
      if (byte === 13) this.#hasCarriageReturn = true
      else out[to++] = byte
    }
    return out.subarray(0, to)
  }
}
