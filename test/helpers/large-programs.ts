/** Programs and images that somebody made to be slow to read. */
import { encodeText } from '#shared/wire/bytes.ts'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const one = Buffer.from([2, 1, 1])
const sha256 = sequence(oid('608648016503040201'))

/** SignedData of Authenticode without certificates, which names this hash (RFC 2315 section 9.1). */
const signature = (digest: Uint8Array): Buffer =>
  sequence(
    one,
    der(0x31),
    sequence(oid('2b060104018237020104'), der(0xa0, sequence(sequence(), sequence(sha256, der(0x04, digest))))),
    der(0x31, sequence(one, sequence(sequence(), one), sha256)),
  )

/** A program of x64 with as many signatures, and as many bytes to hash as are given. */
export function manySigned(count: number, bytes: number): Uint8Array {
  const headers = 0x400
  const entry = signature(new Uint8Array(32))
  const length = Math.ceil((entry.length + 8) / 8) * 8
  const start = headers + Math.ceil(bytes / 8) * 8
  const program = Buffer.alloc(start + count * length)
  program.write('MZ')
  program[0x3c] = 0x80
  program.write('PE\0\0', 0x80, 'latin1')
  program.writeUInt16LE(0x8664, 0x84)
  program.writeUInt16LE(1, 0x86)
  program.writeUInt16LE(240, 0x94)
  const optional = 0x98
  program.writeUInt16LE(0x20b, optional)
  program.writeUInt32LE(headers, optional + 60)
  program.writeUInt32LE(16, optional + 108)
  program.writeUInt32LE(start, optional + 112 + 32)
  program.writeUInt32LE(count * length, optional + 112 + 36)
  const section = optional + 240
  program.write('.rdata', section)
  program.writeUInt32LE(start - headers, section + 8)
  program.writeUInt32LE(headers, section + 12)
  program.writeUInt32LE(start - headers, section + 16)
  program.writeUInt32LE(headers, section + 20)
  for (let at = start; at < program.length; at += length) {
    program.writeUInt32LE(entry.length + 8, at)
    program.writeUInt16LE(0x0200, at + 4)
    program.writeUInt16LE(2, at + 6)
    program.set(entry, at + 8)
  }
  return new Uint8Array(program.buffer, program.byteOffset, program.length)
}

/** The same without signatures, and with these bytes as its data. */
export function withData(data: Uint8Array): Uint8Array {
  const program = manySigned(0, data.length)
  program.set(data, 0x400)
  return program
}

const sector = 2048

/** A record of a folder of ISO 9660 (ECMA-119 section 9.1), with a system use area behind its name. */
function record(name: Uint8Array, block: number, length: number, flags: number, systemUse: Uint8Array): Buffer {
  const named = 33 + name.length + ((name.length + 1) % 2)
  const size = named + systemUse.length + (systemUse.length % 2)
  const bytes = Buffer.alloc(size)
  bytes[0] = size
  bytes.writeUInt32LE(block, 2)
  bytes.writeUInt32BE(block, 6)
  bytes.writeUInt32LE(length, 10)
  bytes.writeUInt32BE(length, 14)
  bytes[25] = flags
  bytes.writeUInt16LE(1, 28)
  bytes[32] = name.length
  bytes.set(name, 33)
  bytes.set(systemUse, named)
  return bytes
}

export interface IsoEntry {
  readonly name: string
  readonly systemUse?: Uint8Array
}

/** Where a record goes on (SUSP section 5.1, CE): block, bytes, and where within the block. */
export function continuedAt(block: number, length: number, offset = 0): Uint8Array {
  const field = Buffer.alloc(28)
  field.write('CE')
  field[2] = 28
  field[3] = 1
  field.writeUInt32LE(block, 4)
  field.writeUInt32LE(offset, 12)
  field.writeUInt32LE(length, 20)
  return field
}

/**
 * An image whose root holds these records; each content is one sector behind the folder. Where a record has a system use area the
 * image has Rock Ridge, and `behind` is what lies after the contents, from the block on that it is handed.
 */
export function isoImageOf(
  entriesOf: readonly IsoEntry[] | ((block: number) => readonly IsoEntry[]),
  behind: (block: number) => Uint8Array = () => new Uint8Array(),
): Uint8Array {
  const first = 18
  const none = new Uint8Array()
  const entries = (block: number): readonly IsoEntry[] =>
    typeof entriesOf === 'function' ? entriesOf(block) : entriesOf
  const isRock = entries(0).some((each) => each.systemUse)
  const use = isRock ? Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]) : none
  const perSector = Math.floor(sector / Math.max(...entries(0).map((each) => record(encodeText(each.name), 0, 0, 0, each.systemUse ?? none).length))) // prettier-ignore
  // As many sectors as the records could take at most; the contents share one behind them.
  const folder = Math.ceil((entries(0).length + 2) / perSector) + 1
  const after = first + folder + 1
  const rest = behind(after)
  const length = folder * sector
  const bytes = Buffer.alloc(after * sector + Math.ceil(rest.length / sector) * sector)
  let at = first * sector
  const add = (each: Buffer): void => {
    const left = sector - (at % sector)
    if (each.length > left) at += left
    bytes.set(each, at)
    at += each.length
  }
  add(record(Uint8Array.of(0), first, length, 2, use))
  add(record(Uint8Array.of(1), first, length, 2, none))
  for (const { name, systemUse = none } of entries(after)) add(record(encodeText(name), first + folder, sector, 0, systemUse)) // prettier-ignore
  const descriptor = 16 * sector
  bytes[descriptor] = 1
  bytes.write('CD001', descriptor + 1)
  bytes[descriptor + 6] = 1
  bytes.writeUInt32LE(bytes.length / sector, descriptor + 80)
  bytes.writeUInt16LE(sector, descriptor + 128)
  bytes.set(record(Uint8Array.of(0), first, length, 2, none), descriptor + 156)
  bytes[17 * sector] = 255
  bytes.write('CD001', 17 * sector + 1)
  bytes.set(rest, after * sector)
  return bytes
}
