/** Frames that a responder tells of, rather than a capture: pieces of pcapng, of which what belongs to boots goes into the spool. */
import { CaptureReader, timeNsOf, type WrittenFrame, type WrittenInterface } from '#shared/wire/capture-file.ts'
import { BootFrames } from './boot-frames.ts'

export interface FeedTarget {
  setInterfaces(interfaces: readonly WrittenInterface[]): void
  write(frame: WrittenFrame): void
}

export class FrameFeed {
  readonly #target: FeedTarget
  readonly #filter = new BootFrames()
  #known: WrittenInterface[] = []
  /** Nanoseconds since 1970 of the newest frame that was taken. */
  lastNs: bigint

  constructor(target: FeedTarget, lastNs: bigint) {
    this.#target = target
    this.lastNs = lastNs
  }

  /** A capture file of its own, as `frames.read` gives it; `isAgain`: some of it may have been taken before. */
  push(pcapng: Uint8Array, isAgain: boolean): void {
    const interfaces: number[] = []
    const after = this.lastNs
    const reader = new CaptureReader({
      onInterface: ({ name = '', linkType, isSynthesised }) => void interfaces.push(this.#place({ name, linkType, isSynthesised })),
      onFrame: (frame) => {
        const timeNs = timeNsOf(frame)
        if (isAgain && timeNs <= after) return
        if (timeNs > this.lastNs) this.lastNs = timeNs
        const at = interfaces[frame.interface] ?? 0
        const kept = this.#filter.keeps(frame, this.#known[at]?.linkType ?? 1)
        if (kept === 0) return
        const { seconds, nanoseconds, bytes, originalLength, direction, comment } = frame
        this.#target.write({ interface: at, seconds, nanoseconds, bytes: bytes.subarray(0, kept), originalLength, direction, comment })
      },
    }) // prettier-ignore
    reader.push(pcapng)
    reader.end()
  }

  #place(one: WrittenInterface): number {
    const at = this.#known.findIndex((known) => known.name === one.name && known.linkType === one.linkType && known.isSynthesised === one.isSynthesised) // prettier-ignore
    if (at >= 0) return at
    this.#known = [...this.#known, one]
    this.#target.setInterfaces(this.#known)
    return this.#known.length - 1
  }
}
