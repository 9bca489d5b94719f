/** Log files for a command, piece by piece, packed or not; and the log files of a folder. */
import { say } from '#messages/message.ts'
import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { isLogName, NoTextError, TextPieces } from '#shared/logs/text-pieces.ts'
import { compressionOf } from '#shared/wire/compression.ts'
import { Progress, UnpackError, wayOf, type Way } from './capture-input.ts'

const readBytes = 1 << 20

/** What stands for the standard input, so that what another program prints can be read: `Get-WinEvent ... | pxe-lab read-log -`. */
export const standardInput = '-'

/** Reads a file to its end; rejects as the system does, or with `NoTextError`. Shows on a terminal how far it is. */
export async function readLogFile(path: string, take: (text: string) => void): Promise<void> {
  let handle: FileHandle | undefined
  if (path === standardInput) return readPiped(take)
  try {
    handle = await open(path)
    const progress = new Progress(path, (await handle.stat()).size)
    const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), take)
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    let failure: unknown
    const sink = {
      push(bytes: Uint8Array): void {
        // Called from a stream, which would end the program by what is thrown.
        try {
          if (failure === undefined) pieces.push(bytes)
        } catch (error) {
          failure = error
        }
      },
    }
    let way: Way | undefined
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      const bytes = buffer.subarray(0, bytesRead)
      way ??= wayOf(compressionOf(bytes), sink)
      await (bytesRead === 0 ? way.end() : way.push(bytes))
      if (failure !== undefined) throw failure
      if (bytesRead === 0) break
      progress.add(bytesRead)
    }
    pieces.end()
  } catch (error) {
    throw error instanceof UnpackError ? new NoTextError((file) => say('cli.damaged-cut-off-copy-again', { file, message: error.message })) : error // prettier-ignore
  } finally {
    await handle?.close()
  }
}

async function readPiped(take: (text: string) => void): Promise<void> {
  const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), take)
  for await (const bytes of process.stdin) pieces.push(bytes as Buffer)
  pieces.end()
}

/** Files as they are named; of a folder those in it that are called as logs are, in their order. Rejects as the system does. */
export async function logFilesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const inside = await readdir(path, { withFileTypes: true })
  return inside.filter((one) => one.isFile() && isLogName(one.name)).map((one) => join(path, one.name)).sort() // prettier-ignore
}
