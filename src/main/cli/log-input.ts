/** Log files for a command, piece by piece. */
import { open, type FileHandle } from 'node:fs/promises'
import { TextPieces } from '#shared/logs/text-pieces.ts'
import { Progress } from './capture-input.ts'

const readBytes = 1 << 20

/** Reads a file to its end; rejects as the system does, or with `NoTextError`. Shows on a terminal how far it is. */
export async function readLogFile(path: string, take: (text: string) => void): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    const progress = new Progress(path, (await handle.stat()).size)
    const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), take)
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      if (bytesRead === 0) break
      pieces.push(buffer.subarray(0, bytesRead))
      progress.add(bytesRead)
    }
    pieces.end()
  } finally {
    await handle?.close()
  }
}
