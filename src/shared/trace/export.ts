/** Frames of a store as pcapng that carries what is known of them. */
import { concatBytes } from '../wire/bytes.ts'
import { pcapngFrame, pcapngHeader } from '../wire/capture-file.ts'
import type { FrameStore } from './frame-store.ts'

const application = 'PXE Lab'

/** The beginning of a file that holds frames of a store. */
export const exportedHeader = (store: FrameStore): Uint8Array => pcapngHeader(application, store.interfaces)

/** A frame as it stands in a file; `comment` is added to the one that it came with. */
export function exportedFrame(store: FrameStore, id: number, comment?: string): Uint8Array {
  const time = store.absoluteNs(id)
  const comments = [store.commentOf(id), comment].filter((one) => one !== undefined)
  return pcapngFrame({
    interface: store.interfaceIndexOf(id),
    seconds: Number(time / 1_000_000_000n),
    nanoseconds: Number(time % 1_000_000_000n),
    bytes: store.bytesOf(id),
    originalLength: store.originalLengthOf(id),
    direction: store.directionOf(id),
    comment: comments.length === 0 ? undefined : comments.join('\n'),
  })
}

/** A whole file; `comments`: what is to stand beside a frame. */
export function exportFrames(
  store: FrameStore,
  frames: Iterable<number>,
  comments: ReadonlyMap<number, string>,
): Uint8Array {
  const parts = [exportedHeader(store)]
  for (const id of frames) parts.push(exportedFrame(store, id, comments.get(id)))
  return concatBytes(parts)
}
