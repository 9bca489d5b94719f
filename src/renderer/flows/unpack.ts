/** Compressed capture files, unpacked piece by piece with what the browser has, and zstd and LZ4 with what it lacks. */
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

function gzip(out: Out): Unpacker {
  const { readable, writable } = new DecompressionStream('gzip')
  const writer = writable.getWriter()
  const pump = async (): Promise<void> => {
    const reader = readable.getReader()
    for (;;) {
      const piece = (await reader.read()) as { done: true } | { done: false; value: Uint8Array }
      if (piece.done) return
      out(piece.value)
    }
  }
  const pumped = pump()
  // Heard in `end`, or by the write that fails with it.
  pumped.catch(() => {})
  return {
    push: (chunk) => writer.write(chunk),
    async end() {
      await writer.close()
      await pumped
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
