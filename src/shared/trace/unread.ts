/** Frames that are in a capture and say nothing: of links that are not read, and encrypted. */
import { FrameHeaders } from '../wire/headers.ts'
import { noteInterface, readLabNote } from '../wire/lab-note.ts'
import { isReadLinkType } from '../wire/layers.ts'
import { linkTypeName } from '../wire/link-types.ts'
import type { FrameStore } from './frame-store.ts'

/** A sentence for each kind of frame that was not read; none where every frame was. */
export function unreadFrames(store: FrameStore): string[] {
  const headers = new FrameHeaders()
  const byType = new Map<number, number>()
  let encrypted = 0
  for (let frame = store.first; frame <= store.last; frame++) {
    const { linkType } = store.interfaceOf(frame)
    if (linkType === noteInterface.linkType && readLabNote(store.bytesOf(frame))) continue
    if (!isReadLinkType(linkType)) byType.set(linkType, (byType.get(linkType) ?? 0) + 1)
    else {
      headers.read(store.contentOf(frame), linkType)
      if (headers.isEncrypted) encrypted++
    }
  }
  const told = [...byType].map(
    ([linkType, count]) => `link type ${linkType} (${linkTypeName(linkType)}) is not read: ${framesText(count)}`,
  )
  if (encrypted > 0) told.push(`what 802.11 carries is encrypted and is not read: ${framesText(encrypted)}`)
  return told
}

const framesText = (count: number): string => (count === 1 ? '1 frame' : `${count} frames`)
