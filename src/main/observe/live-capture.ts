/** A capture of an interface by a tool of the system, frame by frame as it comes. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { CaptureReader } from '#shared/wire/capture-file.ts'
import { startProgram } from '../system/programs.ts'
import { captureArguments, captureFilter, type CaptureTool } from './capture-tools.ts'
import { CaptureError, type LiveCapture, type LiveCaptureOptions } from './capture.ts'
import { startPktmon } from './pktmon.ts'

/** So long a tool may take to begin; loading its plugins takes tshark a second on a busy machine. */
const startMs = 15_000
const endMs = 3000
/**
 * What libpcap still gathers when it is told to stop is lost: dumpcap and tshark read every 250 ms. Nothing is left when nothing has
 * come for so long; a busy wire is given the longer time.
 */
const quietMs = 400
const mostQuietMs = 2000

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
