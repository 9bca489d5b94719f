/** What a lab tells other systems while it runs, as its file says: metrics, traces, webhooks and a log. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Verdict } from '#shared/contract/calls.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { writeRemedy } from '../files/replace-file.ts'
import { openHttpServer, type HttpServer } from '../io/http-server.ts'
import type { SettledBoot } from '../observe/verdict.ts'
import { version } from '../version.ts'
import { isProgress, logLine } from './event-log.ts'
import { Metrics, type LeaseCounts } from './metrics.ts'
import { OtlpExporter } from './otlp-exporter.ts'
import { Webhooks } from './webhooks.ts'

export interface TelemetryOptions {
  readonly settings: Lab['telemetry']
  /** Absolute path of a file that the lab names. */
  readonly resolve: (file: string) => string
  readonly leases: () => Promise<LeaseCounts>
  readonly warn: (message: string) => void
}

/** A cause that comes and goes is told of that often at most. */
const quietMs = 600_000
/** Lines that wait for a disk that is slow or full; more are dropped, and counted. */
const mostLines = 20_000
/** A network of readers is small, and each asks every few seconds. */
const limits = { connections: 32, waitingRequests: 4, headersMs: 10_000, idleMs: 30_000 }

/** A lab may run as root in a folder of somebody else: a link there is not followed. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

/** All of it or nothing: half a line would spoil the next one too. */
async function append(path: string, text: string): Promise<void> {
  const file = await open(path, appending, 0o640)
  try {
    const before = await file.stat()
    await file.appendFile(text).catch(async (error: unknown) => {
      // A pipe or a terminal has no length.
      if (before.isFile()) await file.truncate(before.size).catch(() => {})
      throw error
    })
  } finally {
    await file.close()
  }
}

/** Whether the lab file asks for any of it. */
export const tellsOthers = ({ prometheus, otlp, log, webhooks }: Lab['telemetry']): boolean =>
  prometheus !== null || otlp !== null || log !== null || webhooks.length > 0

/** As many as there are in each state. */
export function leaseCountsOf(leases: readonly { readonly state: string }[]): LeaseCounts {
  const counts: Record<string, number> = {}
  for (const { state } of leases) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

export class Telemetry {
  readonly #options: TelemetryOptions
  readonly #metrics: Metrics
  readonly #exporter: OtlpExporter | undefined
  readonly #webhooks: Webhooks
  readonly #logFile: string | undefined
  #server: HttpServer | undefined
  #lines: string[] = []
  #dropped = 0
  #writing: Promise<void> | undefined
  /** What keeps it from being written, and when that was told last: a disk that is full now and then is told of now and then. */
  #trouble: string | undefined
  readonly #troubleToldAt = new Map<string, number>()
  #lossToldAt = -Infinity
  #isTroubleTold = false

  constructor(options: TelemetryOptions) {
    const { settings, leases, warn, resolve } = options
    this.#options = options
    this.#metrics = new Metrics(leases)
    this.#logFile = settings.log === null ? undefined : resolve(settings.log)
    this.#webhooks = new Webhooks({ settings: settings.webhooks, lab: hostname(), warn })
    this.#exporter =
      settings.otlp === null
        ? undefined
        : new OtlpExporter({
            target: settings.otlp,
            version,
            hostName: hostname(),
            onTrouble: (trouble) =>
              warn(trouble === undefined ? 'boots are sent as traces again.' : `boots are not sent as traces: ${trouble}. Check telemetry.otlp.url.`), // prettier-ignore
          })
  }

  /** A port that is taken is told and nothing more: a lab answers its clients all the same. */
  async open(): Promise<void> {
    const { settings, warn } = this.#options
    if (settings.prometheus === null) return
    const { port, address } = settings.prometheus
    try {
      this.#server = await openHttpServer({
        host: address,
        port,
        limits,
        onError: () => {},
        onRequest: async (request, response) => {
          const path = request.url?.split('?')[0]
          if (path !== '/metrics') return void response.writeHead(404, { 'Content-Length': 0 }).end()
          if (request.method !== 'GET' && request.method !== 'HEAD')
            return void response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
          const text = await this.#metrics.text()
          response.writeHead(200, { 'Content-Type': this.#metrics.contentType, 'Content-Length': Buffer.byteLength(text) }) // prettier-ignore
          response.end(request.method === 'HEAD' ? undefined : text)
        },
      })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      warn(`metrics cannot be read from ${address} port ${port} (${code ?? message}). Choose another telemetry.prometheus.port, or end what holds it.`) // prettier-ignore
    }
  }

  /** The port that metrics are read from; undefined where there is none. */
  get port(): number | undefined {
    return this.#server?.port
  }

  hear(event: LabEvent): void {
    if (isProgress(event)) return
    this.#metrics.hear(event)
    if (this.#logFile === undefined) return
    if (this.#lines.length >= mostLines) this.#dropped++
    else this.#lines.push(logLine(event))
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** As a boot goes, each time that more is known of it. */
  judged(verdict: Verdict): void {
    this.#webhooks.judged(verdict)
  }

  settled(boot: SettledBoot): void {
    const { outcome } = boot.verdict
    // The lab's own questions, and machines that ask for no boot.
    if (outcome === 'check' || outcome === 'idle' || outcome === 'address') return
    this.#metrics.settled(boot)
    this.#exporter?.add(boot)
  }

  /** Resolves when nothing of the log is on its way to the disk. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async close(): Promise<void> {
    await Promise.all([this.#server?.close(), this.#exporter?.close(), this.#webhooks.close(), this.#writing])
  }

  /** Opened for each piece, so that whatever rotates logs may rename it. */
  async #write(): Promise<void> {
    const { warn } = this.#options
    while (this.#lines.length > 0) {
      const lines = this.#lines
      this.#lines = []
      try {
        await append(this.#logFile!, lines.join(''))
        this.#trouble = undefined
        const now = performance.now()
        if (this.#dropped === 0 || !(this.#isTroubleTold || now - this.#lossToldAt >= quietMs)) continue
        this.#isTroubleTold = false
        this.#lossToldAt = now
        warn(`${this.#logFile} is written again; ${this.#dropped} events are not in it.`)
        this.#dropped = 0
      } catch (error) {
        this.#dropped += lines.length
        const { code, message } = error as NodeJS.ErrnoException
        const trouble = code ?? message
        const now = performance.now()
        const isKnown = this.#trouble === trouble || now - (this.#troubleToldAt.get(trouble) ?? -Infinity) < quietMs
        this.#trouble = trouble
        if (isKnown) continue
        this.#troubleToldAt.set(trouble, now)
        this.#isTroubleTold = true
        warn(`${this.#logFile} cannot be written (${trouble}): ${writeRemedy(error)}`)
      }
    }
  }
}
