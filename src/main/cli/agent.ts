/**
 * `pxe-lab agent`: listens on interfaces, or to a responder beside it, and sends the boots that it sees to a hub. It sends nothing on
 * the wires that it listens to.
 */
import { t } from '#messages/text.ts'
import { BootFrames } from '../agent/boot-frames.ts'
import { findCaptureTool, noToolRemedy } from '../observe/capture-tools.ts'
import { CaptureError, type LiveCapture } from '../observe/capture.ts'
import { startCapture } from '../observe/live-capture.ts'
import { onStop } from '../stop.ts'
import { listenBeside } from './agent-beside.ts'
import { exitCodes } from './exit-codes.ts'
import { stopReason } from './stop-reason.ts'
import { HubLink, spoolFolder, tellStatus, type HubLinkOptions } from './hub-link.ts'

export interface AgentOptions extends HubLinkOptions {
  readonly interface?: readonly string[]
  readonly beside?: string
  readonly status?: boolean
  readonly json?: boolean
  readonly stopOnStdinEnd?: boolean
}

const retryCaptureMs = 5000
/** A boot takes a minute or less, so that most are in one log. */
const pktmonMs = 60_000

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

/** Resolves with what ends the listening; with an exit code where it cannot begin, which has been told. */
async function listenOn(link: HubLink, interfaces: readonly string[]): Promise<(() => Promise<unknown>) | number> {
  const tool = findCaptureTool()
  if (!tool) {
    complain(t('cli.no-program-captures', { noToolRemedy: noToolRemedy[process.platform] ?? noToolRemedy.linux! }))
    return exitCodes.failed
  }
  if (tool.name === 'pktmon') {
    if (interfaces.length > 1) {
      complain(t('cli.pktmon-windows-captures-one-interface', { length: interfaces.length })) // prettier-ignore
      return exitCodes.usage
    }
    complain(t('cli.pktmon-windows-hands-over-sees', { value: pktmonMs / 1000 })) // prettier-ignore
  }
  const running = new Map<string, LiveCapture>()
  const linkTypes = new Map<string, number>()
  const filter = new BootFrames()
  let isOver = false
  const capture = async (name: string, index: number): Promise<void> => {
    const one = await startCapture({
      tool,
      interface: name,
      handOverMs: pktmonMs,
      onInterface({ linkType }) {
        linkTypes.set(name, linkType)
        link.setInterfaces(interfaces.map((other) => ({ name: other, linkType: linkTypes.get(other) ?? 1 })))
      },
      onFrame(frame) {
        const kept = filter.keeps(frame, linkTypes.get(name) ?? 1)
        if (kept === 0) return
        const { seconds, nanoseconds, bytes, originalLength, direction } = frame
        link.write({
          interface: index,
          seconds,
          nanoseconds,
          bytes: bytes.subarray(0, kept),
          originalLength,
          direction,
        })
      },
      onEnd({ message, remedy }) {
        running.delete(name)
        link.isCapturing = false
        complain(t('cli.agent-tries-again', { message, remedy }))
        again(name, index)
      },
    })
    running.set(name, one)
    link.isCapturing = running.size === interfaces.length
    // It was told to stop while this one was starting.
    if (isOver) await one.stop()
  }
  const again = (name: string, index: number): void => {
    if (!isOver) setTimeout(() => void capture(name, index).catch(() => again(name, index)), retryCaptureMs)
  }
  const stop = (): Promise<unknown> => {
    isOver = true
    return Promise.all([...running.values()].map((one) => one.stop()))
  }
  try {
    for (const [index, name] of interfaces.entries()) await capture(name, index)
    return stop
  } catch (error) {
    await stop()
    if (!(error instanceof CaptureError)) throw error
    complain(`${error.message}. ${error.remedy}`)
    return exitCodes.failed
  }
}

export async function agent(options: AgentOptions): Promise<number> {
  if (options.status) return tellStatus(spoolFolder(options), options.json === true)
  const interfaces = options.interface ?? []
  if (interfaces.length === 0 && options.beside === undefined) {
    complain(t('cli.no-interface-named-write-interface'))
    return exitCodes.usage
  }
  if (interfaces.length > 0 && options.beside !== undefined) {
    complain(t('cli.interface-beside-exclude-each-other'))
    return exitCodes.usage
  }
  const link = await HubLink.open(options, options.beside === undefined ? interfaces : [`beside ${options.beside}`])
  if (typeof link === 'number') return link
  const stop =
    options.beside === undefined ? await listenOn(link, interfaces) : await listenBeside(link, options.beside)
  if (typeof stop === 'number') {
    link.spool.close()
    return stop
  }
  link.start()
  const what = options.beside === undefined ? t('cli.capturing', { interfaces: interfaces.join(', ') }) : t('cli.listening-responder', { beside: options.beside }) // prettier-ignore
  // Before anything is told: whoever reads it may stop this at once.
  const stopped = new Promise<number>((resolve) => {
    const end = async (reason: string): Promise<void> => {
      await stop()
      await link.stop()
      process.stdout.write(
        `${t('cli.stopped-pieces-wait-disk', { reason: stopReason(reason), length: link.spool.numbers.length })}\n`,
      )
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
  process.stdout.write(`${t('cli.site-sending', { what, site: link.site, hub: link.hub })}\n`)
  return stopped
}
