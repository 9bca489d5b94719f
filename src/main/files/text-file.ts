/** Text that people and their tools wrote: any encoding and line ends that are usual on Windows. */
import { readFile } from 'node:fs/promises'
import { readText } from '#shared/lab/text-form.ts'

/** Text with line feeds and its form; rejects as `readFile` does. */
export const readTextFile = async (path: string): Promise<ReturnType<typeof readText>> =>
  readText(await readFile(path), (encoding, options) => new TextDecoder(encoding, options))
