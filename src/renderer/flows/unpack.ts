/** Compressed capture files, unpacked piece by piece. */
import { t } from '#messages/text.ts'
import { Gunzip } from 'fflate'
import { Decompress } from 'fzstd'
import type { Compression } from '#shared/wire/compression.ts'
import { Lz4Reader } from '#shared/wire/lz4.ts'

export interface Unpacker {
  /** Rejects where the file is damaged; what was whole before has been handed on. */
  push(chunk: Uint8Array<ArrayBuffer>): Promise<void>
  /** Rejects where the file is cut off. */
  end(): Promise<void>
}

type Out = (bytes: Uint8Array) => void

/** The remainders of CRC-32 (RFC 1952 section 8). */
const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** Size of what stands behind each member: CRC-32 and length. */
const trailerBytes = 8
/** The shortest file: header, an empty block, trailer. */
const shortestBytes = 10 + 2 + trailerBytes
/** The next member is known when its header is there, with the longest extra field and a name. */
const keptBytes = 66_000

/**
 * A gzip file may be several members one behind the other (RFC 1952 section 2.2), as `cat`, bgzip and rotated captures make them.
 * DecompressionStream reads the first only, and does not say where it ends.
 */
function gzip(out: Out): Unpacker {
  let crc = 0xffffffff
  let taken = 0
  let tail = new Uint8Array()
  /** Holds what was unpacked against the trailer, which ends at a place of the whole file. */
  const check = (end: number): void => {
    const at = end - (taken - tail.length) - trailerBytes
    // A header with a longer comment has pushed the trailer out of what is kept.
    if (at >= 0) {
      const told = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint32(at, true)
      if (told !== ~crc >>> 0) throw new Error(t('flows.checksum-wrong'))
    }
    crc = 0xffffffff
  }
  const stream = new Gunzip((bytes) => {
    for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
    out(bytes)
  })
  // Called where each member begins but the first.
  stream.onmember = check
  return {
    async push(chunk) {
      const kept = tail.subarray(Math.max(0, tail.length - keptBytes))
      tail = new Uint8Array(kept.length + chunk.length)
      tail.set(kept)
      tail.set(chunk, kept.length)
      taken += chunk.length
      stream.push(chunk)
    },
    async end() {
      stream.push(new Uint8Array(), true)
      if (taken < shortestBytes) throw new Error(t('flows.no-end'))
      check(taken)
    },
  }
}

function zstd(out: Out): Unpacker {
  const stream = new Decompress((bytes) => out(bytes))
  return {
    push: async (chunk) => stream.push(chunk),
    end: async () => stream.push(new Uint8Array(), true),
  }
}

function lz4(out: Out): Unpacker {
  const reader = new Lz4Reader(out)
  return { push: async (chunk) => reader.push(chunk), end: async () => reader.end() }
}

const unpackers: Readonly<Record<Compression, (out: Out) => Unpacker>> = { gzip, zstd, lz4 }

export const unpackerOf = (compression: Compression, out: Out): Unpacker => unpackers[compression](out)
