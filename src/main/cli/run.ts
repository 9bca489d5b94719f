/** Runs the command line of PXE Lab. */
import { CommanderError } from 'commander'
import { speakAsSystem } from '../language.ts'
import { followParent } from '../stop.ts'
import { exitCodes } from './exit-codes.ts'
import { guardTerminal } from './terminal.ts'

followParent()
guardTerminal()

// Whoever reads ends early, as `head` does: nothing is left to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  // Texts of commands are made when they are loaded.
  await speakAsSystem()
  const { program } = await import('./index.ts')
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  else {
    process.stderr.write(`pxe-lab: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = exitCodes.failed
  }
}
// Worker threads and sockets of a failed start must not keep a finished command alive; what was printed has to arrive.
for (const stream of [process.stdout, process.stderr])
  if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()))
if (process.exitCode !== undefined) process.exit(process.exitCode)
