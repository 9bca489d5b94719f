/** A capture under the eyes of somebody: frames as they come in, and what they are part of. */
import { CaptureReader, type CaptureDamage, type CaptureInterface } from '../wire/capture-file.ts'
import { dissect } from '../wire/dissect/dissect.ts'
import type { Dissection } from '../wire/dissect/field.ts'
import { summarize, type FrameSummary, type SummaryOptions } from '../wire/summary.ts'
import { BootTrace } from './boot-trace.ts'
import { FrameStore } from './frame-store.ts'

export class Session {
  readonly store: FrameStore
  readonly trace: BootTrace
  /** Frames that a person marked, and what they wrote beside frames. */
  readonly marks = new Set<number>()
  readonly remarks = new Map<number, string>()
  #reader: CaptureReader | undefined
  #isAdopting = false
  /** Numbers in the store of the interfaces of the file that is being read. */
  #interfaces: number[] = []
  readonly #known = new Map<string, number>()

  /** `limitBytes`: what is kept of a session that never ends. */
  constructor(limitBytes = Infinity) {
    this.store = new FrameStore(limitBytes)
    this.trace = new BootTrace(this.store)
  }

  /** Begins a capture file: its frames are added to what is there. */
  begin(): void {
    this.#interfaces = []
    this.#reader = new CaptureReader({
      onInterface: (one) => void this.#interfaces.push(this.#interfaceFor(one)),
      onFrame: (frame) => {
        const id = this.store.add(frame, this.#interfaces[frame.interface], this.#isAdopting)
        this.trace.take(id, frame.bytes)
      },
    })
  }

  /** An interface that comes again, in the next piece of a running capture, is the same. */
  #interfaceFor({ name, linkType, isSynthesised }: CaptureInterface): number {
    const key = name === undefined ? undefined : `${linkType} ${isSynthesised} ${name}`
    const known = key === undefined ? undefined : this.#known.get(key)
    if (known !== undefined) return known
    const index = this.store.addInterface({
      name: name ?? `interface ${this.store.interfaces.length}`,
      linkType,
      isSynthesised,
    })
    if (key !== undefined) this.#known.set(key, index)
    return index
  }

  /**
   * Takes the next bytes of the file and analyses the frames in them. `isHandedOver` says that nobody else will use the
   * memory of the chunk again: its frames stay where they are, which spares a copy of the whole file.
   */
  push(chunk: Uint8Array, isHandedOver = false): void {
    this.#isAdopting = isHandedOver
    if (!this.#reader) this.begin()
    this.#reader!.push(chunk)
  }

  end(): void {
    this.#reader?.end()
  }

  /** Where the file stopped making sense; undefined while it does. */
  get damage(): CaptureDamage | undefined {
    return this.#reader?.damage
  }

  /** Time of the last frame, in nanoseconds since the store's base. */
  get endNs(): number {
    return this.store.count > 0 ? this.store.timeOf(this.store.last) : 0
  }

  /** What stands beside a frame: the comment of the file, and that of a person. */
  commentsOf(frame: number): string[] {
    return [this.store.commentOf(frame), this.remarks.get(frame)].filter((one) => one !== undefined)
  }

  #isTftp(frame: number): true | undefined {
    return this.store.transferOf(frame) > 0 || undefined
  }

  #optionsOf(frame: number): SummaryOptions {
    const { linkType } = this.store.interfaceOf(frame)
    // What was put together of fragments is whole.
    const originalLength = this.store.reassembledOf(frame) ? undefined : this.store.originalLengthOf(frame)
    return { linkType, isTftp: this.#isTftp(frame), originalLength }
  }

  summaryOf(frame: number): FrameSummary {
    return summarize(this.store.contentOf(frame), this.#optionsOf(frame))
  }

  dissectionOf(frame: number): Dissection {
    return dissect(this.store.contentOf(frame), this.#optionsOf(frame))
  }
}
