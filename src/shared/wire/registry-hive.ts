/**
 * Registry hives (regf), read only, as far as boot configuration data needs them: keys, values, no transactions, no
 * values above 16 KiB. The format is described by its readers (libhivex; Windows registry file format specification of
 * the libregf project).
 */

import { decodeUtf16 } from './bytes.ts'

export interface HiveKey {
  readonly name: string
  readonly keys: readonly HiveKey[]
  readonly values: ReadonlyMap<string, Uint8Array>
}

const cellsAt = 0x1000
/** Deeper and larger than any boot configuration; a loop in a damaged file ends here. */
const deepest = 16
const mostKeys = 20_000

class Damaged extends Error {}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #keys = 0
  /** Bytes of lists and values so far. */
  #seen = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u16(at: number): number {
    if (at + 2 > this.#bytes.length) throw new Damaged()
    return this.#view.getUint16(at, true)
  }

  u32(at: number): number {
    if (at + 4 > this.#bytes.length) throw new Damaged()
    return this.#view.getUint32(at, true)
  }

  bytes(at: number, length: number): Uint8Array {
    if (at + length > this.#bytes.length) throw new Damaged()
    return this.#bytes.slice(at, at + length)
  }

  text(at: number, length: number, isLatin: boolean): string {
    const bytes = this.bytes(at, length)
    return isLatin ? String.fromCharCode(...bytes) : decodeUtf16(bytes)
  }

  /** Every cell has one owner, so that all of them have no more bytes than the file; a list that names one list often has. */
  count(bytes: number): void {
    this.#seen += bytes
    if (this.#seen > this.#bytes.length) throw new Damaged()
  }

  /** Content of the cell at that offset, behind its size. */
  cell(offset: number): number {
    return cellsAt + offset + 4
  }

  sign(at: number): string {
    return this.text(at, 2, true)
  }

  key(offset: number, depth: number): HiveKey {
    const at = this.cell(offset)
    if (this.sign(at) !== 'nk' || depth > deepest || ++this.#keys > mostKeys) throw new Damaged()
    const isLatin = (this.u16(at + 2) & 0x20) !== 0
    const keys = this.u32(at + 20) === 0 ? [] : this.#subkeys(this.u32(at + 28), depth + 1)
    const values = new Map<string, Uint8Array>()
    const count = this.u32(at + 36)
    this.count(count * 4)
    const list = count === 0 ? 0 : this.cell(this.u32(at + 40))
    for (let index = 0; index < count; index++) {
      const [name, data] = this.#value(this.cell(this.u32(list + index * 4)))
      values.set(name, data)
    }
    return { name: this.text(at + 76, this.u16(at + 72), isLatin), keys, values }
  }

  #subkeys(offset: number, depth: number): HiveKey[] {
    const at = this.cell(offset)
    const sign = this.sign(at)
    const step = sign === 'lf' || sign === 'lh' ? 8 : sign === 'li' || sign === 'ri' ? 4 : 0
    const count = this.u16(at + 2)
    if (step === 0 || depth > deepest) throw new Damaged()
    this.count(8 + count * step)
    return Array.from({ length: count }, (_, index) => this.u32(at + 4 + index * step)).flatMap((one) =>
      sign === 'ri' ? this.#subkeys(one, depth + 1) : [this.key(one, depth)],
    )
  }

  #value(at: number): [string, Uint8Array] {
    if (this.sign(at) !== 'vk') throw new Damaged()
    const length = this.u32(at + 4)
    const isInline = length >= 0x8000_0000
    this.count(isInline ? 0 : length)
    const name = this.text(at + 20, this.u16(at + 2), (this.u16(at + 16) & 1) !== 0)
    // Up to four bytes lie where the offset would be.
    return [name, isInline ? this.bytes(at + 8, length - 0x8000_0000) : this.bytes(this.cell(this.u32(at + 8)), length)]
  }
}

/** The root key; undefined where the bytes are no hive or a damaged one. */
export function readHive(bytes: Uint8Array): HiveKey | undefined {
  const reader = new Reader(bytes)
  try {
    return reader.text(0, 4, true) === 'regf' ? reader.key(reader.u32(0x24), 0) : undefined
  } catch (error) {
    if (error instanceof Damaged) return undefined
    throw error
  }
}
