/** What commands that send boots to a hub have in common: where it is, who they are, what waits on the disk, and how they tell it. */
import { t } from '#messages/text.ts'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { WrittenFrame, WrittenInterface } from '#shared/wire/capture-file.ts'
import type { FeedTarget } from '../agent/frame-feed.ts'
import { Spool, spoolLimits } from '../agent/spool.ts'
import { Uploader } from '../agent/uploader.ts'
import { replaceFileSync } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { siteName } from '../hub/tokens.ts'
import { HttpsClient } from '../io/https-request.ts'
import { stateHome } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'

export interface HubLinkOptions {
  readonly hub?: string
  readonly credentials?: string
  readonly ca?: string
  readonly fingerprint?: string
  readonly spool?: string
  readonly spoolLimit: string
}

const requestMs = 30_000
const tickMs = 1000
const lastSendMs = 3000

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

const credentialsSchema = z.object({ site: siteName, token: z.string().regex(/^pxl_[\w-]{43}$/, t('cli.no-token-pxe-lab-hub')) }) // prettier-ignore

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
  const from = file === undefined ? t('cli.site-and-token') : `--credentials ${file}`
  if (file !== undefined)
    try {
      given = parse((await readTextFile(file)).text)
      if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
        complain(t('cli.warning-other-users-can-read', { file }))
    } catch (error) {
      complain(t('cli.credentials-unread', { file, why: (error as NodeJS.ErrnoException).code === undefined ? t('cli.is-not-yaml') : whyUnread(error) })) // prettier-ignore
      return undefined
    }
  const checked = credentialsSchema.safeParse(given)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  complain(t('cli.credentials-wrong', { from, what: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() })) // prettier-ignore
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
export function tellStatus(spool: string, asJson: boolean): number {
  let status: AgentStatus
  try {
    status = statusSchema.parse(JSON.parse(readFileSync(statusFile(spool), 'utf8')))
  } catch {
    complain(t('cli.no-agent-used-start-one', { spool }))
    return exitCodes.unknown
  }
  const runs = isAlive(status.pid)
  if (asJson) process.stdout.write(`${JSON.stringify({ ...status, runs })}\n`)
  else
    process.stdout.write(
      [
        t(runs ? (status.capturing ? 'cli.agent-captures' : 'cli.agent-does-not-capture') : 'cli.agent-does-not-run', {
          interfaces: status.interfaces.join(', '),
          site: status.site,
        }),
        t('cli.hub-state', { hub: status.hub, state: status.trouble ?? t('cli.takes-sent') }),
        t('cli.frames-kept-pieces-bytes-wait', {
          frames: status.frames,
          waitingPieces: status.waitingPieces,
          waitingBytes: status.waitingBytes,
        }),
        t('cli.lost', { pieces: status.lostPieces, frames: status.lostFrames }),
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
  complain(t('cli.hub-no-address-hub-write', { text: text ?? '' }))
  return undefined
}

export const spoolFolder = ({ spool }: Pick<HubLinkOptions, 'spool'>): string => spool ?? join(stateHome(), 'agent')

/** Spools what it is handed and sends it to the hub. */
export class HubLink implements FeedTarget {
  readonly spool: Spool
  readonly site: string
  readonly hub: string
  /** What it listens to, as its state names it. */
  readonly #sources: readonly string[]
  /** Of the spool. */
  readonly folder: string
  readonly #uploader: Uploader
  #ticker: NodeJS.Timeout | undefined
  #trouble: string | undefined
  #frames = 0
  isCapturing = false

  private constructor(
    folder: string,
    spool: Spool,
    client: HttpsClient,
    { hub, site, token, sources }: { hub: string; site: string; token: string; sources: readonly string[] },
  ) {
    this.folder = folder
    this.spool = spool
    this.hub = hub
    this.site = site
    this.#sources = sources
    this.#uploader = new Uploader({
      spool,
      client,
      site,
      token,
      onTrouble: (text) => {
        this.#trouble = text
        process.stderr.write(text === undefined ? `${t('cli.hub-takes-sent')}\n` : `${text}\n`)
        this.tell()
      },
    })
  }

  /** The exit code where an option is wrong, which has been told. */
  static async open(options: HubLinkOptions, sources: readonly string[]): Promise<HubLink | number> {
    const folder = spoolFolder(options)
    const url = hubUrl(options.hub)
    if (!url) return exitCodes.usage
    const limitMiB = Number(options.spoolLimit)
    if (!(limitMiB >= 1 && limitMiB <= 1e6)) {
      complain(t('cli.spool-limit-no-size-write', { spoolLimit: options.spoolLimit })) // prettier-ignore
      return exitCodes.usage
    }
    const fingerprint = options.fingerprint?.replaceAll(':', '').toUpperCase()
    if (fingerprint !== undefined && !/^[0-9A-F]{64}$/.test(fingerprint)) {
      complain(t('cli.fingerprint-no-sha-256-fingerprint', { fingerprint: options.fingerprint }))
      return exitCodes.usage
    }
    const credentials = await credentialsOf(options.credentials)
    if (!credentials) return exitCodes.usage
    let ca: string | undefined
    try {
      if (options.ca !== undefined) ({ text: ca } = await readTextFile(options.ca))
    } catch (error) {
      complain(t('cli.ca-unread', { file: options.ca, why: whyUnread(error) }))
      return exitCodes.usage
    }
    try {
      const spool = new Spool(folder, { ...spoolLimits, bytes: limitMiB * (1 << 20) })
      const client = new HttpsClient(url, { ca, fingerprint }, requestMs)
      return new HubLink(folder, spool, client, { hub: url.origin, ...credentials, sources })
    } catch (error) {
      complain(t('cli.spool-cannot-used-name-folder', { folder, code: (error as NodeJS.ErrnoException).code })) // prettier-ignore
      return exitCodes.failed
    }
  }

  setInterfaces(interfaces: readonly WrittenInterface[]): void {
    this.spool.setInterfaces(interfaces)
  }

  write(frame: WrittenFrame): void {
    this.#frames++
    this.spool.write(frame)
  }

  start(): void {
    this.#ticker = setInterval(() => {
      this.spool.tick()
      this.tell()
    }, tickMs)
    this.#uploader.start()
    this.tell()
  }

  /** Writes down how it is, for --status. */
  tell(): void {
    const { spool } = this
    const status: AgentStatus = {
      pid: process.pid,
      at: Date.now(),
      hub: this.hub,
      site: this.site,
      interfaces: [...this.#sources],
      capturing: this.isCapturing,
      frames: this.#frames,
      waitingPieces: spool.numbers.length,
      waitingBytes: spool.bytes,
      lostPieces: spool.lostPieces,
      lostFrames: spool.lostFrames,
      trouble: this.#trouble ?? null,
    }
    try {
      replaceFileSync(statusFile(this.folder), JSON.stringify(status))
    } catch {
      // A full disk: the next one tells it.
    }
  }

  /** Finishes what is being written, and sends for a moment what there is. */
  async stop(): Promise<void> {
    clearInterval(this.#ticker)
    this.spool.close()
    await this.#uploader.stop(lastSendMs)
    this.tell()
  }
}
