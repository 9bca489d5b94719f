/** A capture file, read slice by slice, so that what the page asks for meanwhile comes first. */
import { t } from '#messages/text.ts'
import { unreadFrames } from '#shared/trace/unread.ts'
import { compressionOf } from '#shared/wire/compression.ts'
import type { Source } from './source.ts'
import { unpackerOf, type Unpacker } from './unpack.ts'
import { yieldToMessages } from './yield-to-messages.ts'

const sliceBytes = 2 * 1024 * 1024
/** A small first piece puts the first rows on the screen. */
const firstBytes = 64 * 1024
/** The page needs a moment to show them. */
const firstRowsMs = 120
/** Pieces of a file that are on their way while one is being read. */
const readAhead = 4

/** Reads a file to its end; what is wrong with it, as a sentence. */
export async function readCapture(source: Source, file: Blob, onProgress: () => void): Promise<string | undefined> {
  const slice = (at: number, length = sliceBytes): Promise<ArrayBuffer> => {
    const piece = file.slice(at, at + length).arrayBuffer()
    // Heard where it is awaited; of the pieces behind one that cannot be read nobody asks.
    piece.catch(() => {})
    return piece
  }
  // The first piece comes alone: the others would slow it down.
  const ahead = [slice(0, firstBytes)]
  let asked = firstBytes
  let unpacker: Unpacker | undefined
  const unpacked: Uint8Array[] = []
  const take = (bytes: Uint8Array, isHandedOver: boolean): void => {
    const start = performance.now()
    source.session.push(bytes, isHandedOver)
    source.busyMs += performance.now() - start
  }
  for (let at = 0; at < file.size && !source.isCancelled;) {
    let chunk: Uint8Array<ArrayBuffer>
    try {
      chunk = new Uint8Array(await ahead.shift()!)
    } catch (error) {
      // A file that was changed, moved or pulled out since it was chosen.
      return t('flows.file-cannot-read-byte-came', { position: at, reason: (error as Error).message })
    }
    for (; ahead.length < readAhead && asked < file.size; asked += sliceBytes) ahead.push(slice(asked))
    if (source.isCancelled) break
    if (at === 0) {
      const compression = compressionOf(chunk)
      if (compression) unpacker = unpackerOf(compression, (bytes) => void unpacked.push(new Uint8Array(bytes)))
    }
    at += chunk.length
    const damage = await unpacker?.push(chunk).catch((error: Error) => error.message)
    if (unpacker) unpacked.splice(0).forEach((bytes) => take(bytes, false))
    else take(chunk, true)
    if (damage !== undefined) return t('flows.compressed-file-damaged-came-before', { reason: damage })
    source.progress = { read: at, total: file.size }
    if (source.session.damage || chunk.length === 0) break
    onProgress()
    // What the page asks for meanwhile comes first, above all the first rows.
    await (at === firstBytes ? new Promise((resolve) => setTimeout(resolve, firstRowsMs)) : yieldToMessages())
  }
  if (!source.isCancelled) {
    const damage = await unpacker?.end().catch((error: Error) => error.message)
    unpacked.forEach((bytes) => take(bytes, false))
    if (damage !== undefined) return t('flows.compressed-file-cut-off-came', { reason: damage })
    source.session.end()
  }
  const { damage } = source.session
  if (damage?.at === 0) return damage.message
  if (damage) return t('flows.file-damaged-byte-came-before', { position: damage.at, reason: damage.message })
  const unread =
    source.isCancelled || source.session.trace.attempts.length > 0 ? [] : unreadFrames(source.session.store)
  return unread.length > 0 ? t('flows.no-boot-shown-may-one', { reasons: unread.join('; ') }) : undefined
}
