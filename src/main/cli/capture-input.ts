/** Reading a capture file for a command, and writing much to a pipe that may be slow. */
import { t } from '#messages/text.ts'
import { open, type FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { encodeText } from '#shared/wire/bytes.ts'
import type { CaptureDamage } from '#shared/wire/capture-file.ts'
import { compressionOf, type Compression } from '#shared/wire/compression.ts'
import { Lz4Reader } from '#shared/wire/lz4.ts'
import { printable } from '#shared/wire/printable.ts'
import { exitCodes } from './exit-codes.ts'
import { writeStyled } from './terminal.ts'
import { whyUnread } from '../files/unreadable.ts'

const flushAt = 1 << 18
const readBytes = 1 << 20

/** Standard output in large pieces; a pipe that is read slowly must not fill the memory. */
export class Output {
  #text = ''
  #isFull = false
  #rows = new Uint8Array(0)
  #rowsEnd = 0

  /**
   * A line in pieces that others wrote in part: it stays one line, and printable. For very many of them, in bytes at once: to
   * put texts together and to look through them costs more than to read the frames they are about.
   */
  row(pieces: readonly string[]): void {
    let length = 1
    for (const piece of pieces) length += piece.length
    this.#makeRoom(length)
    const rows = this.#rows
    let end = this.#rowsEnd
    for (const piece of pieces)
      for (let at = 0; at < piece.length; at++) {
        const code = piece.charCodeAt(at)
        if (code < 0x20 || code > 0x7e) return this.#encodedRow(printable(pieces.join('')))
        rows[end++] = code
      }
    rows[end++] = 0x0a
    this.#rowsEnd = end
  }

  #encodedRow(text: string): void {
    const bytes = encodeText(`${text}\n`)
    this.#makeRoom(bytes.length)
    this.#rows.set(bytes, this.#rowsEnd)
    this.#rowsEnd += bytes.length
  }

  #makeRoom(length: number): void {
    if (this.#text === '' && this.#rowsEnd + length <= this.#rows.length) return
    this.#write()
    this.#rows = new Uint8Array(Math.max(flushAt, length))
  }

  line(text: string): void {
    this.text(`${text}\n`)
  }

  text(text: string): void {
    if (this.#rowsEnd > 0) this.#write()
    this.#text += text
    if (this.#text.length > flushAt) this.#write()
  }

  #write(): void {
    // One of the two is empty: the order in which they came is kept.
    if (this.#text !== '') this.#isFull = !process.stdout.write(this.#text)
    if (this.#rowsEnd > 0) this.#isFull = !process.stdout.write(this.#rows.subarray(0, this.#rowsEnd))
    this.#text = ''
    this.#rows = new Uint8Array(0)
    this.#rowsEnd = 0
  }

  async flush(): Promise<void> {
    this.#write()
    await this.drained()
  }

  /** Until whoever reads has taken what was written. */
  async drained(): Promise<void> {
    if (this.#isFull) await new Promise((resolve) => process.stdout.once('drain', resolve))
    this.#isFull = false
  }
}

/** How far a long file is, on a terminal, for commands that say nothing before they have read it all; Ctrl+C ends them. */
export class Progress {
  readonly #file: string
  readonly #total: number
  readonly #startedAt = performance.now()
  #read = 0
  #told = 0

  constructor(file: string, total: number) {
    this.#file = file
    this.#total = total
  }

  add(bytes: number): void {
    this.#read += bytes
    const now = performance.now()
    if (!process.stderr.isTTY || now - this.#startedAt < 1000 || now - this.#told < 250) return
    this.#told = now
    const percent = Math.min(100, Math.round((this.#read / Math.max(1, this.#total)) * 100))
    writeStyled(process.stderr, `\r${printable(this.#file)}: ${percent} %${percent === 100 ? '\n' : ''}`)
  }
}

/** What takes the bytes of a capture file. */
interface CaptureSink {
  push(chunk: Uint8Array): void
  end(): void
  readonly damage: CaptureDamage | undefined
}

/** What is wrong with a compressed file. */
export class UnpackError extends Error {}

const unpackError = (error: unknown): never => {
  throw new UnpackError((error as Error).message)
}

/** What unpacked bytes are given to. */
type Unpacked = Pick<CaptureSink, 'push'>

/** Takes the pieces of a file on their way to the sink. */
export interface Way {
  push(chunk: Uint8Array): Promise<void>
  /** Rejects with `UnpackError` where the compressed file is cut off, as `push` does where it is damaged. */
  end(): Promise<void>
}

const straight = (sink: Unpacked): Way => ({
  push: async (chunk) => sink.push(chunk),
  end: async () => {},
})

function lz4Way(sink: Unpacked): Way {
  const unpacked: Uint8Array[] = []
  const reader = new Lz4Reader((bytes) => unpacked.push(bytes))
  const unpack = async (step: () => void): Promise<void> => {
    let damage: unknown
    try {
      step()
    } catch (error) {
      damage = error
    }
    for (const bytes of unpacked.splice(0)) sink.push(bytes)
    if (damage !== undefined) unpackError(damage)
  }
  return { push: (chunk) => unpack(() => reader.push(chunk)), end: () => unpack(() => reader.end()) }
}

/** What comes out goes on at once: what was whole before damage is read. */
function streamWay(stream: Transform, sink: Unpacked): Way {
  stream.on('data', (bytes: Uint8Array) => sink.push(bytes))
  // Heard by the write or the end that it fails.
  stream.on('error', () => {})
  return {
    async push(chunk) {
      // The file's buffer is used again for the next piece.
      await new Promise<void>((resolve, reject) =>
        stream.write(new Uint8Array(chunk), (error) => (error ? reject(error) : resolve())),
      ).catch(unpackError)
    },
    async end() {
      stream.end()
      await once(stream, 'end').catch(unpackError)
    },
  }
}

/** The way of a file that is compressed so, or not. */
export function wayOf(compression: Compression | undefined, sink: Unpacked): Way {
  if (compression === 'gzip') return streamWay(createGunzip(), sink)
  if (compression === 'zstd') return streamWay(createZstdDecompress(), sink)
  return compression === 'lz4' ? lz4Way(sink) : straight(sink)
}

/** Reads a file piece by piece; `afterEach` sees what has come. Tells damage; returns the exit code. */
export async function readCapture(
  file: string,
  sink: CaptureSink,
  afterEach: () => Promise<void>,
  frameCount: () => number,
  showsProgress = false,
): Promise<number> {
  let handle: FileHandle
  try {
    handle = await open(file)
  } catch (error) {
    return unreadable(file, error)
  }
  try {
    // Two buffers for the whole file, one is filled while the other is read: the sink copies what it keeps.
    const buffers = [new Uint8Array(readBytes), new Uint8Array(readBytes)] as const
    const progress = showsProgress ? new Progress(file, (await handle.stat()).size) : undefined
    let way: Way | undefined
    let compression: Compression | undefined
    const fill = (buffer: Uint8Array) =>
      handle.read(buffer, 0, buffer.length).then(
        ({ bytesRead }) => ({ bytesRead, error: undefined }),
        (error: unknown) => ({ bytesRead: 0, error }),
      )
    let filling = fill(buffers[0])
    for (let round = 0; ; round++) {
      const { bytesRead, error } = await filling
      // A folder opens, and cannot be read.
      if (error !== undefined) return unreadable(file, error)
      const buffer = buffers[round & 1]!
      if (bytesRead > 0) filling = fill(buffers[(round + 1) & 1]!)
      if (!way) {
        compression = compressionOf(buffer.subarray(0, bytesRead))
        way = wayOf(compression, sink)
      }
      try {
        // Of an empty file the sink hears too: it is no capture without packets.
        if (bytesRead > 0 || round === 0) await way.push(buffer.subarray(0, bytesRead))
        if (bytesRead === 0) await way.end()
      } catch (error) {
        if (!(error instanceof UnpackError)) throw error
        process.stderr.write(
          `${t('cli.pxe-lab-damaged-compression-frames', { printable: printable(file), compression, message: error.message, frameCount: frameCount() })}\n`,
        )
        await afterEach()
        return exitCodes.badFile
      }
      if (bytesRead === 0) break
      progress?.add(bytesRead)
      await afterEach()
    }
  } finally {
    await handle.close()
  }
  sink.end()
  await afterEach()
  const { damage } = sink
  if (!damage) return exitCodes.ok
  process.stderr.write(
    `${t('cli.pxe-lab-damaged-byte-frames', { printable: printable(file), at: damage.at, message: damage.message, frameCount: frameCount() })}\n`,
  )
  return exitCodes.badFile
}

function unreadable(file: string, error: unknown): number {
  process.stderr.write(`pxe-lab: ${t('cli.capture-unread', { file: printable(file), why: whyUnread(error) })}\n`)
  return exitCodes.badFile
}
