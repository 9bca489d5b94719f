/**
 * `pxe-lab agent`: listens on interfaces, or to a responder beside it, and sends the boots that it sees to a hub. It sends nothing on
 * the wires that it listens to.
 */
import { BootFrames } from '../agent/boot-frames.ts'
import { findCaptureTool, noToolRemedy } from '../observe/capture-tools.ts'
import { CaptureError, type LiveCapture } from '../observe/capture.ts'
import { startCapture } from '../observe/live-capture.ts'
import { onStop } from '../stop.ts'
import { listenBeside } from './agent-beside.ts'
import { exitCodes } from './exit-codes.ts'
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
    complain(`there is no program that captures. ${noToolRemedy[process.platform] ?? noToolRemedy.linux!}`)
    return exitCodes.failed
  }
  if (tool.name === 'pktmon') {
    if (interfaces.length > 1) {
      complain(`pktmon of Windows captures on one interface at a time, and ${interfaces.length} are named. Name one, or install Wireshark with Npcap.`) // prettier-ignore
      return exitCodes.usage
    }
    complain(`pktmon of Windows hands over what it sees every ${pktmonMs / 1000} s, and misses what passes between two of its logs. With Wireshark and Npcap in their usual folder nothing is missed.`) // prettier-ignore
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
        complain(`${message}. ${remedy} The agent tries again.`)
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
    complain('no interface is named. Write --interface NAME, which can be repeated, or --beside LAB.YAML.')
    return exitCodes.usage
  }
  if (interfaces.length > 0 && options.beside !== undefined) {
    complain(
      '--interface and --beside exclude each other. A responder tells what passes through its ports; choose one.',
    )
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
  const what = options.beside === undefined ? `Capturing on ${interfaces.join(', ')}` : `Listening to the responder of ${options.beside}` // prettier-ignore
  process.stdout.write(`${what} for site ${link.site}; sending to ${link.hub}\n`)
  return new Promise((resolve) => {
    const end = async (reason: string): Promise<void> => {
      await stop()
      await link.stop()
      process.stdout.write(`Stopped ${reason}; ${link.spool.numbers.length} pieces wait on the disk.\n`)
      resolve(exitCodes.ok)
    }
    onStop((reason) => void end(reason), { onStdinEnd: options.stopOnStdinEnd })
  })
}
