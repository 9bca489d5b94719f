/** Frames of a session as a pcapng file that carries what is known of them. */
import { concatBytes } from '../wire/bytes.ts'
import { pcapngFrame, pcapngHeader } from '../wire/capture-file.ts'
import type { Session } from './session.ts'

/** `comments`: what is to stand beside a frame, added to the comment that it came with. */
export function exportFrames(
  { store }: Session,
  frames: Iterable<number>,
  comments: ReadonlyMap<number, string> = new Map(),
): Uint8Array {
  const parts = [pcapngHeader('PXE Lab', store.interfaces)]
  for (const id of frames) {
    const time = store.absoluteNs(id)
    const comment = [store.commentOf(id), comments.get(id)].filter((one) => one !== undefined).join('\n')
    parts.push(
      pcapngFrame({
        interface: store.interfaceIndexOf(id),
        seconds: Number(time / 1_000_000_000n),
        nanoseconds: Number(time % 1_000_000_000n),
        bytes: store.bytesOf(id),
        originalLength: store.originalLengthOf(id),
        direction: store.directionOf(id),
        ...(comment === '' ? {} : { comment }),
      }),
    )
  }
  return concatBytes(parts)
}
