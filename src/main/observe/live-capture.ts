/** A capture of an interface by a tool of the system, frame by frame as it comes. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { CaptureReader, type CapturedFrame, type CaptureInterface } from '#shared/wire/capture-file.ts'
import { runTool, startProgram } from '../system/programs.ts'
import { captureArguments, captureFilter, pktmonCommands, type CaptureTool } from './capture-tools.ts'

/** So long a tool may take to begin; loading its plugins takes tshark a second on a busy machine. */
const startMs = 15_000
const endMs = 3000
/**
 * What libpcap still gathers when it is told to stop is lost: dumpcap and tshark read every 250 ms. Nothing is left when nothing has
 * come for so long; a busy wire is given the longer time.
 */
const quietMs = 400
const mostQuietMs = 2000
/** Turning the log of a long capture into pcapng takes its time. */
const pktmonMs = 120_000

export interface LiveCaptureOptions {
  readonly tool: CaptureTool
  readonly interface: string
  readonly httpPorts?: readonly number[]
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

const rights: Readonly<Record<string, string>> = {
  linux:
    'Run as root, or let your group capture: setcap cap_net_raw,cap_net_admin=eip on dumpcap and join its group (wireshark).',
  darwin: 'Run as root, or install ChmodBPF, which comes with Wireshark.',
  win32: 'Run as administrator.',
}

function complaintOf(tool: CaptureTool, interfaceName: string, output: string): CaptureError {
  const line = output.split('\n').map((one) => one.trim()).find((one) => one !== '' && !/^(capturing on|file:|packets|listening on|tcpdump: (listening|verbose))/i.test(one)) // prettier-ignore
  const said = line === undefined ? 'it said nothing' : `it said "${line}"`
  if (/permission|not permitted|privilege|EPERM|access is denied/i.test(output))
    return new CaptureError(`${tool.name} may not capture on ${interfaceName}: ${said}`, rights[process.platform] ?? rights['linux']!) // prettier-ignore
  if (/no such device|doesn't exist|no interface|not found/i.test(output))
    return new CaptureError(`${tool.name} knows no interface ${interfaceName}: ${said}`, 'Choose another interface.')
  return new CaptureError(`${tool.name} ended: ${said}`, 'See whether it captures when it is run by hand.')
}

function unwritable(error: unknown): CaptureError {
  const { code, path, message } = error as NodeJS.ErrnoException
  return new CaptureError(
    `the capture cannot be written${path === undefined ? '' : ` to ${path}`} (${code ?? message})`,
    code === 'ENOSPC' ? 'Free some space on that disk.' : 'See whether this program may write there.',
  )
}

export interface LiveCapture {
  stop(): Promise<void>
}

/** Starts a capture; rejects with a CaptureError where the tool refuses. */
export async function startCapture(options: LiveCaptureOptions): Promise<LiveCapture> {
  return options.tool.name === 'pktmon' ? startPktmon(options) : startStream(options)
}

async function startStream(options: LiveCaptureOptions): Promise<LiveCapture> {
  const { tool } = options
  const filter = captureFilter(options.httpPorts)
  const child: ChildProcess = startProgram(tool.path, captureArguments(tool.name, options.interface, filter), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl+C is for us: a tool that gets it too ends before it has handed over what it has.
    detached: process.platform !== 'win32',
  })
  let said = ''
  let isStopping = false
  child.stderr!.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)))
  let begin: () => void = () => {}
  // The file's header is written once the interface is open.
  const began = new Promise<void>((resolve) => (begin = resolve))
  const reader = new CaptureReader({
    onInterface(one) {
      options.onInterface(one)
      begin()
    },
    onFrame: (frame) => options.onFrame(frame),
  })
  /** Why whoever takes the frames can take no more: a full disk, a folder that may not be written. */
  let refused: CaptureError | undefined
  child.stdout!.on('data', (chunk: Buffer) => {
    if (refused) return
    try {
      reader.push(chunk)
    } catch (error) {
      refused = unwritable(error)
      child.kill('SIGINT')
    }
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) =>
      reject(new CaptureError(`${tool.name} cannot be started: ${error.message}`, 'Install it anew.')),
    )
    child.once('exit', () => reject(refused ?? complaintOf(tool, options.interface, said)))
  })
  failed.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new CaptureError(`${tool.name} did not begin within ${startMs / 1000} s`, 'See whether it captures when it is run by hand.')) // prettier-ignore
    }, startMs)
  })
  await Promise.race([failed, began, late]).finally(() => clearTimeout(timer))
  child.once('close', () => {
    if (!isStopping) options.onEnd(refused ?? complaintOf(tool, options.interface, said))
  })
  return {
    async stop() {
      isStopping = true
      await quietened(child.stdout!)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      const last = setTimeout(() => child.kill('SIGKILL'), endMs)
      await ended
      clearTimeout(last)
    },
  }
}

/** Resolves when a stream has been silent for a moment, or has had its time. */
async function quietened(stream: Readable): Promise<void> {
  const enough = AbortSignal.timeout(mostQuietMs)
  for (let isQuiet = false; !isQuiet && !stream.readableEnded && !enough.aborted;)
    isQuiet = await Promise.race([
      delay(quietMs, true, { signal: enough }).catch(() => true),
      once(stream, 'data', { signal: enough }).then(() => false, () => true),
      once(stream, 'end', { signal: enough }).then(() => true, () => true),
    ]) // prettier-ignore
}

/** pktmon writes an event log and turns it into pcapng afterwards: its frames come when the capture is stopped. */
async function startPktmon(options: LiveCaptureOptions): Promise<LiveCapture> {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-capture-'))
  const commands = pktmonCommands(join(folder, 'capture.etl'), join(folder, 'capture.pcapng'))
  const each = async (list: readonly (readonly string[])[]): Promise<void> => {
    for (const args of list) {
      const { output, problem } = await runTool(options.tool.path, args, { timeoutMs: pktmonMs })
      if (problem !== undefined) throw complaintOf(options.tool, options.interface, `${output}\n${problem}`)
    }
  }
  await each(commands.start)
  return {
    async stop() {
      try {
        await each(commands.stop)
        const reader = new CaptureReader(options)
        reader.push(readFileSync(join(folder, 'capture.pcapng')))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}
