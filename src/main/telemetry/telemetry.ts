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

/** Lines that wait for a disk that is slow or full; more are dropped, and counted. */
const mostLines = 20_000
/** A network of readers is small, and each asks every few seconds. */
const limits = { connections: 32, waitingRequests: 4, headersMs: 10_000, idleMs: 30_000 }

/** A lab may run as root in a folder of somebody else: a link there is not followed. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, appending, 0o640)
  try {
    await file.appendFile(text)
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
  #isUnwritten = false

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
        if (this.#isUnwritten) warn(`${this.#logFile} is written again; ${this.#dropped} events are not in it.`)
        this.#isUnwritten = false
        this.#dropped = 0
      } catch (error) {
        this.#dropped += lines.length
        if (this.#isUnwritten) continue
        this.#isUnwritten = true
        warn(`${this.#logFile} cannot be written: ${writeRemedy(error)}`)
      }
    }
  }
}
