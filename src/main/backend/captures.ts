/** Captures of the lab: the one that runs, and those that lie in its state folder. */
import { say } from '#messages/message.ts'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import type { CaptureState, SavedCapture } from '#shared/contract/calls.ts'
import { findCaptureTool, noToolRemedy } from '../observe/capture-tools.ts'
import { emptyDeleted, putAside, takeBack } from '../observe/deleted-captures.ts'
import { CaptureWriter, listCaptures } from '../observe/capture-writer.ts'
import { CaptureError, type LiveCapture } from '../observe/capture.ts'
import { startCapture } from '../observe/live-capture.ts'
import type { LiveFrames } from '../observe/live-frames.ts'

const readBytes = 1024 * 1024
const ethernet = 1

export interface CapturesOptions {
  readonly frames: LiveFrames
  readonly folder: () => string
  readonly httpPorts: () => readonly number[]
  readonly onChange: (state: CaptureState) => void
}

export class Captures {
  readonly #options: CapturesOptions
  #running: { readonly capture: LiveCapture; readonly interface: string } | undefined
  #writer: CaptureWriter | undefined
  #startedAt: number | null = null
  #frames = 0
  #complaint: CaptureState['complaint'] = null
  #told = 0
  /** The start or stop under way: of two windows that start at once the second must find what the first began. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: CapturesOptions) {
    this.#options = options
  }

  /** Why the last one ended by itself. */
  get complaint(): CaptureState['complaint'] {
    return this.#complaint
  }

  get state(): CaptureState {
    const tool = findCaptureTool()
    return {
      tool: tool?.reason ?? null,
      remedy: tool ? '' : (noToolRemedy[process.platform] ?? noToolRemedy.linux!),
      interface: this.#running?.interface ?? null,
      file: this.#writer?.name ?? '',
      startedAt: this.#startedAt,
      frames: this.#frames,
      complaint: this.#complaint,
    }
  }

  /** Tells how far the capture is, if it moved. */
  tick(): void {
    if (this.#frames === this.#told) return
    this.#told = this.#frames
    this.#options.onChange(this.state)
  }

  start(interfaceName: string): Promise<CaptureState> {
    return this.#inTurn(() => this.#start(interfaceName))
  }

  /** Also of one that is just being started. */
  stop(): Promise<CaptureState> {
    return this.#inTurn(() => this.#stop())
  }

  #inTurn(work: () => Promise<CaptureState>): Promise<CaptureState> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #start(interfaceName: string): Promise<CaptureState> {
    if (this.#running)
      throw new CallFailure(say('room.capture-runs', { interface: this.#running.interface }), say('room.stop-capture'))
    const tool = findCaptureTool()
    if (!tool) throw new CallFailure(say('room.no-capture-program'), this.state.remedy)
    const { frames } = this.#options
    let linkType = ethernet
    this.#frames = 0
    this.#complaint = null
    try {
      const capture = await startCapture({
        tool,
        interface: interfaceName,
        httpPorts: [...new Set(this.#options.httpPorts())],
        onInterface: (one) => {
          ;({ linkType } = one)
          this.#writer = new CaptureWriter(this.#options.folder(), [{ linkType, name: interfaceName }])
        },
        onFrame: (frame) => {
          this.#frames++
          frames.addCaptured(frame, interfaceName, linkType)
          const { seconds, nanoseconds, bytes, originalLength, direction } = frame
          this.#writer?.write({ interface: 0, seconds, nanoseconds, bytes, originalLength, direction })
        },
        onEnd: ({ message, remedy }) =>
          this.#ended({ message, remedy: `${remedy} What was captured until then is kept.`, about: 'capture' }),
      })
      this.#running = { capture, interface: interfaceName }
    } catch (error) {
      if (error instanceof CaptureError) throw new CallFailure(error.message, error.remedy)
      throw error
    }
    frames.setCaptured(interfaceName, true)
    this.#startedAt = Date.now()
    this.#options.onChange(this.state)
    return this.state
  }

  async #stop(): Promise<CaptureState> {
    const running = this.#running
    if (running) {
      await running.capture.stop()
      this.#ended(null)
    }
    return this.state
  }

  #ended(complaint: CaptureState['complaint']): void {
    const running = this.#running
    if (!running) return
    this.#running = undefined
    this.#options.frames.setCaptured(running.interface, false)
    this.#writer?.close()
    this.#startedAt = null
    this.#complaint = complaint
    this.#options.onChange(this.state)
  }

  list(): SavedCapture[] {
    emptyDeleted(this.#options.folder())
    return listCaptures(this.#options.folder())
  }

  read(name: string, at: number): { base64: string; bytes: number } {
    const path = join(this.#options.folder(), name)
    let descriptor: number
    try {
      descriptor = openSync(path, 'r')
    } catch {
      throw new CallFailure(say('room.no-capture', { name }), say('room.choose-of-list'))
    }
    try {
      const buffer = Buffer.alloc(Math.min(readBytes, Math.max(0, statSync(path).size - at)))
      const length = readSync(descriptor, buffer, 0, buffer.length, at)
      return { base64: buffer.subarray(0, length).toString('base64'), bytes: length }
    } finally {
      closeSync(descriptor)
    }
  }

  delete(name: string): SavedCapture[] {
    if (this.#running && this.#writer?.name === name)
      throw new CallFailure(say('room.capture-being-written', { name }), say('room.stop-capture-first'))
    const folder = this.#options.folder()
    putAside(folder, name)
    return listCaptures(folder)
  }

  /** Takes back a `delete`. */
  restore(name: string): SavedCapture[] {
    const folder = this.#options.folder()
    if (!takeBack(folder, name))
      throw new CallFailure(say('room.capture-not-restored', { name }), say('room.deleted-kept-day')) // prettier-ignore
    return listCaptures(folder)
  }
}
