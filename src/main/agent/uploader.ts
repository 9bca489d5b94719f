/** Sends what lies in the spool, the oldest piece first, part by part; waits longer each time that the hub does not take it. */
import { hostname } from 'node:os'
import { agentPaths, pieceAnswerSchema, refusalSchema, siteHeader, type AgentState } from '#shared/contract/agent-messages.ts' // prettier-ignore
import { UntrustedServer, type HttpsAnswer, type HttpsClient } from '../io/https-request.ts'
import { version } from '../version.ts'
import type { Spool, SpooledPiece } from './spool.ts'

const partBytes = 256 * 1024
const [firstPauseMs, longestPauseMs] = [1000, 300_000]
/** How often the hub hears of an agent that has nothing to send. */
const stateEveryMs = 30_000
const idleMs = 500

export interface UploaderOptions {
  readonly spool: Spool
  readonly client: Pick<HttpsClient, 'ask' | 'close'>
  readonly site: string
  readonly token: string
  /** What went wrong, in a sentence with its remedy; undefined when the hub takes pieces again. Each is told once. */
  readonly onTrouble: (text: string | undefined) => void
  readonly firstPauseMs?: number
}

/** The hub did not do what was asked; `waitMs` is how long it wants to be left alone. */
class NotTaken extends Error {
  readonly waitMs: number | undefined
  readonly status: number
  constructor(message: string, status: number, waitMs?: number) {
    super(message)
    this.status = status
    this.waitMs = waitMs
  }
}

export class Uploader {
  readonly #options: UploaderOptions
  #pauseMs: number
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  #told: string | undefined
  #stateAt = -Infinity
  #running: Promise<void> = Promise.resolve()

  constructor(options: UploaderOptions) {
    this.#options = options
    this.#pauseMs = options.firstPauseMs ?? firstPauseMs
  }

  start(): void {
    this.#plan(0)
  }

  /** Sends what there is for so long at most, then ends. */
  async stop(withinMs: number): Promise<void> {
    clearTimeout(this.#timer)
    const timer = setTimeout(() => this.#end(), withinMs)
    await this.#running
    if (this.#told === undefined && !this.#isOver) await this.#work().catch(() => {})
    clearTimeout(timer)
    this.#end()
  }

  /** What is under way fails, and nothing is begun any more. */
  #end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#options.client.close()
  }

  #plan(afterMs: number): void {
    if (this.#isOver) return
    this.#timer = setTimeout(() => {
      this.#running = this.#turn()
    }, afterMs)
  }

  async #turn(): Promise<void> {
    const { onTrouble, spool } = this.#options
    try {
      await this.#work()
      if (this.#told !== undefined) onTrouble((this.#told = undefined))
      this.#pauseMs = this.#options.firstPauseMs ?? firstPauseMs
      this.#plan(spool.numbers.length > 0 ? 0 : idleMs)
    } catch (error) {
      const text = troubleOf(error as Error)
      if (text !== this.#told) onTrouble((this.#told = text))
      const waitMs = error instanceof NotTaken ? (error.waitMs ?? 0) : 0
      // Not all agents at once, when a hub comes back.
      this.#plan(Math.max(waitMs, this.#pauseMs * (0.75 + Math.random() / 2)))
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2)
      this.#stateAt = -Infinity
    }
  }

  async #work(): Promise<void> {
    const { spool } = this.#options
    if (performance.now() - this.#stateAt >= stateEveryMs) await this.#tellState()
    const hadPieces = spool.numbers.length > 0
    for (let number = spool.numbers[0]; number !== undefined && !this.#isOver; number = spool.numbers[0]) {
      const piece = spool.read(number)
      if (!piece) continue
      try {
        await this.#send(piece)
        spool.done(number)
      } catch (error) {
        if (!(error instanceof NotTaken) || error.status !== 422) throw error
        spool.setAside(piece)
        this.#options.onTrouble(error.message)
      }
    }
    if (hadPieces && !this.#isOver) await this.#tellState()
  }

  async #tellState(): Promise<void> {
    const { spool } = this.#options
    const state: AgentState = {
      name: hostname(),
      version,
      now: Date.now(),
      until: spool.isEmpty ? Date.now() : null,
      oldest: spool.oldest,
      lostPieces: spool.lostPieces,
      lostFrames: spool.lostFrames,
      waitingPieces: spool.numbers.length,
      waitingBytes: spool.bytes,
    }
    await this.#ask('POST', agentPaths.state(spool.stream), Buffer.from(JSON.stringify(state)))
    this.#stateAt = performance.now()
  }

  async #send({ number, packed, sha256 }: SpooledPiece): Promise<void> {
    const path = agentPaths.piece(this.#options.spool.stream, number)
    const standing = pieceAnswerSchema.parse(await this.#ask('GET', `${path}?sha256=${sha256}`))
    let { received, isComplete } = standing
    while (!isComplete) {
      const part = packed.subarray(received, received + partBytes)
      const answer = await this.#ask('PUT', `${path}?sha256=${sha256}&size=${packed.length}&at=${received}`, part)
      ;({ received, isComplete } = pieceAnswerSchema.parse(answer))
    }
  }

  async #ask(method: string, path: string, body?: Uint8Array): Promise<unknown> {
    const { client, token, site } = this.#options
    const answer = await client.ask({ method, path, body, headers: { authorization: `Bearer ${token}`, [siteHeader]: site } }) // prettier-ignore
    if (answer.status === 200) return JSON.parse(answer.body.toString('utf8'))
    throw refusalOf(answer)
  }
}

function refusalOf({ status, headers, body }: HttpsAnswer): NotTaken {
  const after = Number(headers['retry-after'])
  const waitMs = after > 0 && after <= 3600 ? after * 1000 : undefined
  try {
    const { message, remedy } = refusalSchema.parse(JSON.parse(body.toString('utf8')))
    return new NotTaken(`The hub refuses: ${message}. ${remedy}`, status, waitMs)
  } catch {
    return new NotTaken(`The hub answers ${status}, which no hub of PXE Lab does. Check the address of --hub.`, status)
  }
}

function troubleOf(error: Error): string {
  if (error instanceof NotTaken) return error.message
  if (error instanceof UntrustedServer) return `The hub is not trusted: ${error.message}. Compare the fingerprint with the one that pxe-lab hub printed, and give it with --fingerprint, or its authority with --ca.` // prettier-ignore
  const { code, message } = error as NodeJS.ErrnoException
  return `The hub cannot be reached (${code ?? message}). The agent keeps what it captures and tries again.`
}
