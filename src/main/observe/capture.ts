/** What a capture of an interface is, whichever tool makes it. */
import type { CapturedFrame, CaptureInterface } from '#shared/wire/capture-file.ts'
import type { CaptureTool } from './capture-tools.ts'

export interface LiveCaptureOptions {
  readonly tool: CaptureTool
  readonly interface: string
  readonly httpPorts?: readonly number[]
  /** How often a tool that hands its frames over only when it is stopped does so; left out, at the end alone. */
  readonly handOverMs?: number | undefined
  onInterface(one: CaptureInterface): void
  onFrame(frame: CapturedFrame): void
  /** The capture ended by itself, and why. */
  onEnd(reason: CaptureError): void
}

export class CaptureError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export interface LiveCapture {
  stop(): Promise<void>
}
