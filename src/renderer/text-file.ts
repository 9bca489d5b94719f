/** Text files that are dropped or chosen. */
import { readText } from '#shared/lab/text-form.ts'

/** Text with line feeds, and the form that the file has. */
export const readTextOf = async (file: Blob): Promise<ReturnType<typeof readText>> =>
  readText(new Uint8Array(await file.arrayBuffer()), (encoding, options) => new TextDecoder(encoding, options))
