/** A responder that is an agent itself: what passes through its ports and what it decides goes to a hub. */
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { FrameFeed } from '../agent/frame-feed.ts'
import { ClientBook } from '../backend/client-book.ts'
import { LiveFrames } from '../observe/live-frames.ts'
import type { Observed } from '../responder/observed.ts'
import type { HubLink } from './hub-link.ts'

/** Packets never wait for the disk of the spool: they are written a batch at a time. */
const writeEveryMs = 250
const batchBytes = 4 << 20

interface Teller {
  readonly hear: (event: UntimedEvent) => void
  readonly observe: (seen: Observed) => void
  readonly stop: () => Promise<void>
}

export function tellHub(link: HubLink, lab: Lab): Teller {
  const clients = new ClientBook()
  const frames = new LiveFrames((address) => clients.macOf(address))
  const feed = new FrameFeed(link, 0n)
  frames.setPorts(lab.ports)
  let taken = 0
  const take = (): void => {
    while (taken < frames.last) {
      const { pcapng, last } = frames.read(taken, batchBytes)
      if (last <= taken) return
      taken = last
      feed.push(pcapng, false)
    }
  }
  const timer = setInterval(take, writeEveryMs)
  link.isCapturing = true
  link.start()
  return {
    hear: (event) => clients.hear({ ...event, time: Date.now() }),
    observe: (seen) => frames.addObserved(seen),
    async stop() {
      clearInterval(timer)
      take()
      await link.stop()
    },
  }
}
