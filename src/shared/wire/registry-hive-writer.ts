/**
 * Writes a registry hive (regf 1.5), whole and at once: keys, values, one security record, a list of subkeys in the order of
 * their names in capitals. Format as in registry-hive.ts.
 */
import { concatBytes } from './bytes.ts'

/** Types of values by the numbers of the registry (MS-RRP 2.2.9). */
export const valueTypes = { text: 1, bytes: 3, number: 4, texts: 7 } as const

export interface HiveValue {
  readonly name: string
  readonly type: (typeof valueTypes)[keyof typeof valueTypes]
  readonly data: Uint8Array
}

export interface NewKey {
  /** Characters of Latin-1. */
  readonly name: string
  readonly values?: readonly HiveValue[]
  readonly keys?: readonly NewKey[]
}

const headerBytes = 0x1000
const binHeaderBytes = 0x20
const none = 0xffff_ffff
/** Larger data would need a record of segments (format 1.4 and later). */
const mostData = 16_344
const rootKey = 0x0c
const latinName = 0x20

/** Self-relative descriptor (MS-DTYP 2.4.6): administrators own it and may do all, everybody may read. */
const securityDescriptor = Uint8Array.from(
  [
    [1, 0, 0x04, 0x80, 20, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0],
    // Owner and group: S-1-5-32-544.
    [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0],
    [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0],
    // Two entries that allow: KEY_ALL_ACCESS to S-1-5-32-544, KEY_READ to S-1-1-0; keys below inherit them.
    [2, 0, 52, 0, 2, 0, 0, 0],
    [0, 2, 24, 0, 0x3f, 0, 0x0f, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0],
    [0, 2, 20, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
  ].flat(),
)

const latin = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0)
    if (code > 0xff) throw new RangeError(`the name ${text} has a character that is not of Latin-1`)
    return code
  })

class Cells {
  readonly #parts: Uint8Array[] = []
  #end = binHeaderBytes

  /** Puts content into a cell of its own; its offset, as records name it. */
  add(content: Uint8Array): number {
    const offset = this.#end
    const size = (content.length + 4 + 7) & ~7
    const cell = new Uint8Array(size)
    new DataView(cell.buffer).setInt32(0, -size, true)
    cell.set(content, 4)
    this.#parts.push(cell)
    this.#end += size
    return offset
  }

  /** Content that a later record completes: the cell lies where it will be read from. */
  get last(): DataView {
    const cell = this.#parts.at(-1)!
    return new DataView(cell.buffer, 4)
  }

  /** Everything as one bin, a multiple of 4096 bytes. */
  bin(): Uint8Array {
    const size = (this.#end + 0xfff) & ~0xfff
    const bin = concatBytes([new Uint8Array(binHeaderBytes), ...this.#parts, new Uint8Array(size - this.#end)])
    const view = new DataView(bin.buffer)
    bin.set(latin('hbin'))
    view.setUint32(8, size, true)
    // What is left over is one free cell.
    if (size > this.#end) view.setInt32(this.#end, size - this.#end, true)
    return bin
  }
}

function record(sign: string, length: number, words: readonly (readonly [at: number, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(latin(sign))
  const view = new DataView(bytes.buffer)
  for (const [at, value] of words) view.setUint32(at, value, true)
  return bytes
}

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}

function addValue(cells: Cells, { name, type, data }: HiveValue): number {
  if (data.length > mostData) throw new RangeError(`the value ${name} has ${data.length} bytes, more than ${mostData}`)
  const isInside = data.length <= 4
  const at = isInside ? new DataView(concatBytes([data, new Uint8Array(4)]).buffer).getUint32(0, true) : cells.add(data)
  const letters = latin(name)
  const bytes = record('vk', 20 + letters.length, [
    [4, (data.length | (isInside ? 0x8000_0000 : 0)) >>> 0],
    [8, at],
    [12, type],
    [16, letters.length > 0 ? 1 : 0],
  ])
  new DataView(bytes.buffer).setUint16(2, letters.length, true)
  bytes.set(letters, 20)
  return cells.add(bytes)
}

/** The key itself, then what is below it: each names its parent. */
function addKey(
  cells: Cells,
  key: NewKey,
  parent: number,
  security: number,
  flags: number,
): { at: number; keys: number } {
  const { name, values = [] } = key
  const byName = (one: NewKey): string => one.name.toUpperCase()
  const keys = (key.keys ?? []).toSorted((a, b) => (byName(a) < byName(b) ? -1 : byName(a) > byName(b) ? 1 : 0))
  const letters = latin(name)
  const longest = (lengths: readonly number[]): number => Math.max(0, ...lengths)
  const bytes = record('nk', 76 + letters.length, [
    [16, parent],
    [20, keys.length],
    [28, none],
    [32, none],
    [36, values.length],
    [40, none],
    [44, security],
    [48, none],
    // Lengths as UTF-16, as whoever reads allocates.
    [52, longest(keys.map((one) => one.name.length * 2))],
    [60, longest(values.map((one) => one.name.length * 2))],
    [64, longest(values.map((one) => one.data.length))],
    [72, letters.length],
  ])
  new DataView(bytes.buffer).setUint16(2, flags | latinName, true)
  bytes.set(letters, 76)
  const at = cells.add(bytes)
  const own = cells.last
  let count = 1
  if (values.length > 0) own.setUint32(40, cells.add(words(values.map((one) => addValue(cells, one)))), true)
  if (keys.length > 0) {
    const leaves = keys.flatMap((one) => {
      const below = addKey(cells, one, at, security, 0)
      count += below.keys
      // The first four letters of the name, by which a search skips others.
      const hint = new DataView(concatBytes([latin(one.name.slice(0, 4)), new Uint8Array(4)]).buffer).getUint32(0, true)
      return [below.at, hint]
    })
    const list = concatBytes([record('lf', 4, []), words(leaves)])
    new DataView(list.buffer).setUint16(2, keys.length, true)
    own.setUint32(28, cells.add(list), true)
  }
  return { at, keys: count }
}

/** @throws RangeError where a name is not of Latin-1 or a value is above 16,344 bytes. */
export function writeHive(root: NewKey): Uint8Array {
  const cells = new Cells()
  const security = cells.add(concatBytes([record('sk', 20, [[16, securityDescriptor.length]]), securityDescriptor]))
  // The only one of its list: before and behind it stands itself.
  const shared = cells.last
  shared.setUint32(4, security, true)
  shared.setUint32(8, security, true)
  const { at, keys } = addKey(cells, root, none, security, rootKey)
  shared.setUint32(12, keys, true)
  const bin = cells.bin()
  const header = record('regf', headerBytes, [
    [4, 1],
    [8, 1],
    [0x14, 1],
    [0x18, 5],
    [0x20, 1],
    [0x24, at],
    [0x28, bin.length],
    [0x2c, 1],
  ])
  const view = new DataView(header.buffer)
  let sum = 0
  for (let offset = 0; offset < 0x1fc; offset += 4) sum ^= view.getUint32(offset, true)
  view.setUint32(0x1fc, sum >>> 0, true)
  return concatBytes([header, bin])
}
