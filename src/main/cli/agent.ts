/** `pxe-lab agent`: listens on interfaces and sends the boots that it sees to a hub. It sends nothing on the wires it listens to. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { BootFrames } from '../agent/boot-frames.ts'
import { Spool, spoolLimits } from '../agent/spool.ts'
import { Uploader } from '../agent/uploader.ts'
import { replaceFileSync } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { siteName } from '../hub/tokens.ts'
import { HttpsClient } from '../io/https-request.ts'
import { findCaptureTool, noToolRemedy } from '../observe/capture-tools.ts'
import { CaptureError, startCapture, type LiveCapture } from '../observe/live-capture.ts'
import { onStop } from '../stop.ts'
import { stateHome } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'

export interface AgentOptions {
  readonly hub?: string
  readonly interface?: readonly string[]
  readonly credentials?: string
  readonly ca?: string
  readonly fingerprint?: string
  readonly spool?: string
  readonly spoolLimit: string
  readonly status?: boolean
  readonly json?: boolean
  readonly stopOnStdinEnd?: boolean
}

const requestMs = 30_000
const tickMs = 1000
const retryCaptureMs = 5000
const lastSendMs = 3000

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

const credentialsSchema = z.object({ site: siteName, token: z.string().regex(/^pxl_[\w-]{43}$/, 'is no token of pxe-lab hub token add') }) // prettier-ignore

const statusSchema = z.object({
  pid: z.int(),
  at: z.number(),
  hub: z.string(),
  site: z.string(),
  interfaces: z.array(z.string()),
  capturing: z.boolean(),
  frames: z.int(),
  waitingPieces: z.int(),
  waitingBytes: z.int(),
  lostPieces: z.int(),
  lostFrames: z.int(),
  trouble: z.string().nullable(),
})
type AgentStatus = z.infer<typeof statusSchema>

const statusFile = (spool: string): string => join(spool, 'status.json')

/** Site and token; never from the command line, which every user of the machine can read. */
async function credentialsOf(file: string | undefined): Promise<z.infer<typeof credentialsSchema> | undefined> {
  let given: unknown = { site: process.env['PXE_LAB_SITE'], token: process.env['PXE_LAB_TOKEN'] }
  const from = file === undefined ? 'PXE_LAB_SITE and PXE_LAB_TOKEN' : `--credentials ${file}`
  if (file !== undefined)
    try {
      given = parse((await readTextFile(file)).text)
      if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
        complain(`warning: other users can read ${file}, which holds the token. Make it yours alone: chmod 600.`)
    } catch (error) {
      complain(`--credentials ${file} ${(error as NodeJS.ErrnoException).code === undefined ? 'is no YAML' : whyUnread(error)}. Name the file that pxe-lab hub token add wrote.`) // prettier-ignore
      return undefined
    }
  const checked = credentialsSchema.safeParse(given)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  complain(`${from}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}. Make both with pxe-lab hub token add SITE, and name the file with --credentials.`) // prettier-ignore
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** 0 it delivers, 1 the hub does not take what it has, 2 it does not run, 3 something was lost. */
function tellStatus(spool: string, asJson: boolean): number {
  let status: AgentStatus
  try {
    status = statusSchema.parse(JSON.parse(readFileSync(statusFile(spool), 'utf8')))
  } catch {
    complain(`no agent has used ${spool}. Start one: pxe-lab agent --hub URL --interface NAME.`)
    return exitCodes.unknown
  }
  const runs = isAlive(status.pid)
  if (asJson) process.stdout.write(`${JSON.stringify({ ...status, runs })}\n`)
  else
    process.stdout.write(
      [
        `${runs ? (status.capturing ? 'Capturing' : 'Not capturing') : 'Not running'} on ${status.interfaces.join(', ')} for site ${status.site}`,
        `Hub ${status.hub}: ${status.trouble ?? 'takes what is sent'}`,
        `${status.frames} frames kept; ${status.waitingPieces} pieces (${status.waitingBytes} bytes) wait to be sent`,
        `Lost: ${status.lostPieces} pieces, ${status.lostFrames} frames`,
        '',
      ].join('\n'),
    )
  if (!runs) return exitCodes.unknown
  if (status.trouble !== null || !status.capturing) return exitCodes.failed
  return status.lostPieces + status.lostFrames > 0 ? exitCodes.undetermined : exitCodes.ok
}

function hubUrl(text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && url.username === '' && url.pathname === '/') return url
  complain(`--hub ${text ?? ''} is no address of a hub. Write https://NAME:PORT as pxe-lab hub prints it.`)
  return undefined
}

export async function agent(options: AgentOptions): Promise<number> {
  const folder = options.spool ?? join(stateHome(), 'agent')
  if (options.status) return tellStatus(folder, options.json === true)
  const url = hubUrl(options.hub)
  const interfaces = options.interface ?? []
  if (!url) return exitCodes.usage
  if (interfaces.length === 0) {
    complain('no interface is named. Write --interface NAME; it can be repeated.')
    return exitCodes.usage
  }
  const limitMiB = Number(options.spoolLimit)
  if (!(limitMiB >= 1 && limitMiB <= 1e6)) {
    complain(`--spool-limit ${options.spoolLimit} is no size. Write the MiB that may wait on the disk, from 1 to 1000000.`) // prettier-ignore
    return exitCodes.usage
  }
  const fingerprint = options.fingerprint?.replaceAll(':', '').toUpperCase()
  if (fingerprint !== undefined && !/^[0-9A-F]{64}$/.test(fingerprint)) {
    complain(`--fingerprint ${options.fingerprint} is no SHA-256 fingerprint. Copy the one that pxe-lab hub printed.`)
    return exitCodes.usage
  }
  const credentials = await credentialsOf(options.credentials)
  if (!credentials) return exitCodes.usage
  let ca: string | undefined
  let spool: Spool
  try {
    if (options.ca !== undefined) ({ text: ca } = await readTextFile(options.ca))
  } catch (error) {
    complain(`--ca ${options.ca} ${whyUnread(error)}. Name a PEM file.`)
    return exitCodes.usage
  }
  try {
    spool = new Spool(folder, { ...spoolLimits, bytes: limitMiB * (1 << 20) })
  } catch (error) {
    complain(`--spool ${folder} cannot be used (${(error as NodeJS.ErrnoException).code}). Name a folder that this user may write to.`) // prettier-ignore
    return exitCodes.failed
  }
  const tool = findCaptureTool()
  if (!tool) {
    complain(`there is no program that captures. ${noToolRemedy[process.platform] ?? noToolRemedy.linux!}`)
    return exitCodes.failed
  }
  let trouble: string | undefined
  let frames = 0
  const uploader = new Uploader({
    spool,
    client: new HttpsClient(url, { ca, fingerprint }, requestMs),
    ...credentials,
    onTrouble(text) {
      trouble = text
      process.stderr.write(text === undefined ? 'The hub takes what is sent.\n' : `${text}\n`)
      tell()
    },
  })
  const running = new Map<string, LiveCapture>()
  const tell = (): void => {
    const status: AgentStatus = {
      pid: process.pid,
      at: Date.now(),
      hub: url.origin,
      site: credentials.site,
      interfaces: [...interfaces],
      capturing: running.size === interfaces.length,
      frames,
      waitingPieces: spool.numbers.length,
      waitingBytes: spool.bytes,
      lostPieces: spool.lostPieces,
      lostFrames: spool.lostFrames,
      trouble: trouble ?? null,
    }
    try {
      replaceFileSync(statusFile(folder), JSON.stringify(status))
    } catch {
      // A full disk: the next one tells it.
    }
  }
  const linkTypes = new Map<string, number>()
  const filter = new BootFrames()
  let isOver = false
  const capture = async (name: string, index: number): Promise<void> => {
    running.set(
      name,
      await startCapture({
        tool,
        interface: name,
        onInterface({ linkType }) {
          linkTypes.set(name, linkType)
          spool.setInterfaces(interfaces.map((one) => ({ name: one, linkType: linkTypes.get(one) ?? 1 })))
        },
        onFrame(frame) {
          const kept = filter.keeps(frame, linkTypes.get(name) ?? 1)
          if (kept === 0) return
          frames++
          const { seconds, nanoseconds, bytes, originalLength, direction } = frame
          spool.write({ interface: index, seconds, nanoseconds, bytes: bytes.subarray(0, kept), originalLength, direction }) // prettier-ignore
        },
        onEnd({ message, remedy }) {
          running.delete(name)
          complain(`${message}. ${remedy} The agent tries again.`)
          again(name, index)
        },
      }),
    )
  }
  const again = (name: string, index: number): void => {
    if (!isOver) setTimeout(() => void capture(name, index).catch(() => again(name, index)), retryCaptureMs)
  }
  try {
    for (const [index, name] of interfaces.entries()) await capture(name, index)
  } catch (error) {
    await Promise.all([...running.values()].map((one) => one.stop()))
    spool.close()
    if (!(error instanceof CaptureError)) throw error
    complain(`${error.message}. ${error.remedy}`)
    return exitCodes.failed
  }
  const ticker = setInterval(() => {
    spool.tick()
    tell()
  }, tickMs)
  uploader.start()
  tell()
  process.stdout.write(`Capturing on ${interfaces.join(', ')} for site ${credentials.site}; sending to ${url.origin}\n`)
  return new Promise((resolve) => {
    onStop(
      (reason) => {
        isOver = true
        clearInterval(ticker)
        void Promise.all([...running.values()].map((one) => one.stop()))
          .then(() => spool.close())
          .then(() => uploader.stop(lastSendMs))
          .then(() => {
            tell()
            process.stdout.write(`Stopped ${reason}; ${spool.numbers.length} pieces wait on the disk.\n`)
            resolve(exitCodes.ok)
          })
      },
      { onStdinEnd: options.stopOnStdinEnd },
    )
  })
}
