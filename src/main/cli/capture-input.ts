/** Reading a capture file for a command, and writing much to a pipe that may be slow. */
import { open, type FileHandle } from 'node:fs/promises'
import type { CaptureDamage } from '#shared/wire/capture-file.ts'
import { printable } from '#shared/wire/printable.ts'
import { exitCodes } from './exit-codes.ts'
import { writeStyled } from './terminal.ts'

const flushAt = 1 << 18
const readBytes = 1 << 20

/** Standard output in large pieces; a pipe that is read slowly must not fill the memory. */
export class Output {
  #text = ''
  #isFull = false

  line(text: string): void {
    this.#text += text
    this.text('\n')
  }

  text(text: string): void {
    this.#text += text
    if (this.#text.length > flushAt) this.#write()
  }

  #write(): void {
    if (this.#text === '') return
    this.#isFull = !process.stdout.write(this.#text)
    this.#text = ''
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
class Progress {
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
    // One buffer for the whole file: the sink copies what it keeps.
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    const progress = showsProgress ? new Progress(file, (await handle.stat()).size) : undefined
    for (;;) {
      let bytesRead: number
      try {
        ;({ bytesRead } = await handle.read(buffer, 0, buffer.length))
      } catch (error) {
        // A folder opens, and cannot be read.
        return unreadable(file, error)
      }
      if (bytesRead === 0) break
      sink.push(buffer.subarray(0, bytesRead))
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
    `pxe-lab: ${file} is damaged at byte ${damage.at}: ${damage.message}. ${frameCount()} frames before it were read.\n`,
  )
  return exitCodes.badFile
}

function unreadable(file: string, error: unknown): number {
  const code = (error as NodeJS.ErrnoException).code ?? String(error)
  process.stderr.write(`pxe-lab: ${printable(file)} cannot be read (${code}). Name a pcap or pcapng file.\n`)
  return exitCodes.badFile
}
