/** A terminal read line by line. */
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { AskTerminal } from './ask-dialogue.ts'

/** The system edits the line: readline would write control sequences, which nothing that is printed here may hold. */
export function lineTerminal(input: Readable, output: Writable): AskTerminal {
  // Lines that were typed ahead wait here.
  const lines = createInterface({ input, terminal: false })[Symbol.asyncIterator]()
  return {
    print: (text) => void output.write(`${text}\n`),
    async ask(text) {
      output.write(text)
      const { value, done } = await lines.next()
      return done === true ? undefined : value
    },
  }
}
