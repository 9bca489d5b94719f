/** `pxe-lab capture`: the packets of an interface as lines, until SIGINT, and into a file where one is named. */
import { t } from '#messages/text.ts'
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { pcapngFrame, pcapngHeader, timeNsOf } from '#shared/wire/capture-file.ts'
import { Flows } from '#shared/trace/flows.ts'
import { findCaptureTool, noToolRemedy } from '../observe/capture-tools.ts'
import { CaptureError } from '../observe/capture.ts'
import { startCapture } from '../observe/live-capture.ts'
import { onStop } from '../stop.ts'
import { lineText } from './decode.ts'
import { exitCodes } from './exit-codes.ts'

export interface CaptureCommandOptions {
  readonly interface: string
  readonly write?: string
  readonly stopOnStdinEnd?: boolean
}

const complain = (message: string, remedy: string): void =>
  void process.stderr.write(`pxe-lab: ${message}. ${remedy}\n`)

export async function capture(options: CaptureCommandOptions): Promise<number> {
  const tool = findCaptureTool()
  if (!tool) {
    complain(t('cli.no-program-captures-2'), noToolRemedy[process.platform] ?? noToolRemedy.linux!)
    return exitCodes.failed
  }
  let descriptor: number | undefined
  try {
    if (options.write !== undefined) descriptor = openSync(options.write, constants.O_WRONLY | constants.O_CREAT)
  } catch (error) {
    complain(
      t('cli.write-cannot-written', { write: options.write, code: (error as NodeJS.ErrnoException).code }),
      t('cli.name-file-folder-exists'),
    )
    return exitCodes.badFile
  }
  const flows = new Flows()
  let linkType = 1
  let count = 0
  let startNs = 0n
  let end: (code: number) => void = () => {}
  const ended = new Promise<number>((resolve) => (end = resolve))
  onStop(() => end(exitCodes.ok), { onStdinEnd: options.stopOnStdinEnd })
  try {
    const running = await startCapture({
      tool,
      interface: options.interface,
      onInterface(one) {
        linkType = one.linkType
        if (descriptor === undefined) return
        // What was in the file goes once there is something to replace it.
        if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor)
        writeSync(descriptor, pcapngHeader('PXE Lab', [{ linkType, name: options.interface }]))
      },
      onFrame(frame) {
        const { seconds, nanoseconds, bytes, originalLength, direction } = frame
        if (count++ === 0) startNs = timeNsOf(frame)
        if (descriptor !== undefined)
          writeSync(descriptor, pcapngFrame({ interface: 0, seconds, nanoseconds, bytes, originalLength, direction }))
        const line = flows.read(bytes, linkType)
        process.stdout.write(`${lineText(count, Number(timeNsOf(frame) - startNs), line, undefined)}\n`)
      },
      onEnd({ message, remedy }) {
        complain(message, t('cli.came-before-kept', { remedy }))
        end(exitCodes.failed)
      },
    })
    process.stderr.write(
      `${t('cli.capturing-press-ctrl-c-stop', { interface: options.interface, reason: tool.reason })}\n`,
    )
    const code = await ended
    await running.stop()
    process.stderr.write(
      `${options.write === undefined ? t('cli.frames-captured', { count }) : t('cli.frames-captured-in', { count, file: options.write })}\n`,
    )
    return code
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    complain(error.message, error.remedy)
    return exitCodes.failed
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
