/**
 * The way to the terminal. Whatever a command prints, nothing of it is a command to the terminal: packets, captures, logs
 * and reports are written by others. One place for all printers, so that none can forget it.
 */
import { printableLines } from '#shared/wire/printable.ts'

type Stream = NodeJS.WriteStream

const unguarded = new Map<Stream, Stream['write']>()

/** From here on texts lose their control characters, line feeds apart; bytes pass as they are. */
export function guardTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (unguarded.has(stream)) continue
    const write = stream.write.bind(stream)
    unguarded.set(stream, write)
    const guarded = (chunk: string | Uint8Array, ...rest: []): boolean =>
      write(typeof chunk === 'string' ? printableLines(chunk) : chunk, ...rest)
    stream.write = guarded
  }
}

/** Colours and lines that are written over are ours: for text whose foreign parts went through `printable`. */
export function writeStyled(stream: Stream, text: string): void {
  const write = unguarded.get(stream)
  if (write) write(text)
  else stream.write(text)
}
