/**
 * Where agents come in: HTTP requests with a token, answered with what became of them. The token says which site it is; nothing
 * that an agent sends names a path. A piece comes in parts, so that a connection that breaks off costs one part; it is looked at
 * as a whole when the last one is there.
 *
 *     POST /agent/v1/STREAM/state                            how the agent is
 *     GET  /agent/v1/STREAM/pieces/NUMBER?sha256=            how much of a piece is here
 *     PUT  /agent/v1/STREAM/pieces/NUMBER?sha256=&size=&at=  the next part of it
 *
 * 401 no good token, 403 another site's, 409 another part is due, 413 too large, 422 no capture, 429 too much at once, 507 no room.
 */
import { hash } from 'node:crypto'
import { appendFileSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { agentStateSchema, siteHeader, streamForm, type PieceAnswer } from '#shared/contract/agent-messages.ts'
import { isNestedTooDeeply } from '#shared/lab/nesting.ts'
import { makeOwnFolder } from '../files/own-file.ts'
import { clientOf } from '../io/http-server.ts'
import type { Intake } from './intake.ts'
import { Rates } from './rates.ts'
import type { TokenBook } from './tokens.ts'
import { NoPiece, pieceLimits, unpackPiece, type PieceLimits } from './unpack-piece.ts'

export interface DoorLimits {
  readonly partBytes: number
  readonly stateBytes: number
  /** Agents of one site. */
  readonly agents: number
  /** Bytes that a site may send at once, and a second after that. */
  readonly siteBytes: number
  readonly siteBytesPerSecond: number
  /** Requests of a site, in the same way. */
  readonly siteRequests: number
  readonly siteRequestsPerSecond: number
  /** Refusals for want of a token that one address may earn, and how many a minute after that. */
  readonly refusals: number
  readonly refusalsPerMinute: number
  /** Pieces of a site of which only a part is here. */
  readonly parts: number
  readonly piece: PieceLimits
}

export const doorLimits: DoorLimits = {
  partBytes: 1 << 20,
  stateBytes: 4096,
  agents: 200,
  siteBytes: 256 << 20,
  siteBytesPerSecond: 4 << 20,
  siteRequests: 2000,
  siteRequestsPerSecond: 100,
  refusals: 30,
  refusalsPerMinute: 10,
  parts: 400,
  piece: pieceLimits,
}

/** An answer that is a refusal. */
class Refused extends Error {
  readonly status: number
  readonly remedy: string
  readonly retryAfterSeconds: number | undefined
  constructor(status: number, message: string, remedy: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.remedy = remedy
    this.retryAfterSeconds = retryAfterSeconds
  }
}

const largestNumber = 1e12
const pathForm = /^\/agent\/v1\/([0-9a-f]{16})\/(?:(state)|pieces\/([1-9]\d{0,12}))$/
const digestForm = /^[0-9a-f]{64}$/

export interface AgentDoorOptions {
  readonly intake: Intake
  readonly tokens: TokenBook
  /** Folder for pieces of which only a part is here. */
  readonly incoming: string
  readonly onError: (error: Error) => void
  readonly limits?: Partial<DoorLimits>
}

interface Asked {
  readonly site: string
  readonly stream: string
  /** Name of the agent in the hub. */
  readonly key: string
  readonly query: URLSearchParams
}

export class AgentDoor {
  readonly #options: AgentDoorOptions
  readonly #limits: DoorLimits
  readonly #refusals: Rates
  readonly #bytes: Rates
  readonly #requests: Rates
  /** Pieces that somebody is sending a part of. */
  readonly #busy = new Set<string>()

  constructor(options: AgentDoorOptions) {
    this.#options = options
    this.#limits = { ...doorLimits, ...options.limits }
    const { refusals, refusalsPerMinute, siteBytes, siteBytesPerSecond, siteRequests, siteRequestsPerSecond } = this.#limits // prettier-ignore
    this.#refusals = new Rates(refusals, refusalsPerMinute / 60)
    this.#bytes = new Rates(siteBytes, siteBytesPerSecond)
    this.#requests = new Rates(siteRequests, siteRequestsPerSecond)
    makeOwnFolder(options.incoming)
  }

  readonly onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (status: number, value: object, headers: Readonly<Record<string, string>> = {}): void => {
      const text = JSON.stringify(value)
      // Nothing more is read of a request that was refused: what is under way of it would keep the connection.
      const isRead = request.complete
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store', ...(isRead ? {} : { connection: 'close' }), ...headers }) // prettier-ignore
      response.end(text, () => {
        if (!isRead) request.destroy()
      })
    }
    try {
      send(200, await this.#answer(request))
    } catch (error) {
      if (error instanceof Refused) {
        const { status, message, remedy, retryAfterSeconds } = error
        return send(status, { message, remedy }, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) // prettier-ignore
      }
      const { code, message } = error as NodeJS.ErrnoException & { remedy?: string }
      // Whoever hung up hears nothing. A request that was read to its end counts as destroyed, too.
      if (response.destroyed || request.socket.destroyed) return
      this.#options.onError(error as Error)
      const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /disk is full/.test(message)
      send(
        isFull ? 507 : 503,
        { message: isFull ? 'the hub has no room left on its disk' : 'the hub cannot keep it now', remedy: 'See the log of the hub; the agent keeps it and tries again.' }, // prettier-ignore
        { 'retry-after': '60' },
      )
    }
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const [path = '', search = ''] = (request.url ?? '').split('?', 2)
    const [, stream = '', isState, numberText] = pathForm.exec(path) ?? []
    if (!streamForm.test(stream)) throw new Refused(404, 'there is nothing here', 'This address is for agents: pxe-lab agent --hub URL.') // prettier-ignore
    const site = await this.#siteOf(request)
    const key = `${site}/${stream}`
    const wait = this.#requests.take(site, 1)
    if (wait > 0) throw new Refused(429, `site ${site} asks too often`, 'The agent waits and tries again.', wait)
    if (!this.#options.intake.isKnown(key) && this.#options.intake.agentsOf(site) >= this.#limits.agents)
      throw new Refused(403, `site ${site} has ${this.#limits.agents} agents already`, 'Keep the spool of an agent when it is installed anew.') // prettier-ignore
    const asked: Asked = { site, stream, key, query: new URLSearchParams(search) }
    if (isState !== undefined && request.method === 'POST') return this.#state(request, asked)
    const number = Number(numberText)
    if (numberText === undefined || number > largestNumber || !['GET', 'PUT'].includes(request.method ?? ''))
      throw new Refused(405, 'that cannot be asked for', 'Use an agent of the same version as the hub.')
    return request.method === 'GET' ? this.#standing(asked, number) : this.#part(request, asked, number)
  }

  async #siteOf(request: IncomingMessage): Promise<string> {
    const from = clientOf(request.socket)
    if (this.#refusals.isSpent(from))
      throw new Refused(429, 'too many requests without a good token came from this address', 'Wait a minute.', 60)
    const [, token] = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '') ?? []
    const site = token === undefined ? undefined : await this.#options.tokens.siteOf(token)
    if (site === undefined) {
      this.#refusals.take(from, 1)
      throw new Refused(401, 'the token is not known here, or was revoked', 'Make one on the hub: pxe-lab hub token add SITE.') // prettier-ignore
    }
    const claimed = request.headers[siteHeader]
    if (claimed !== site)
      throw new Refused(403, `the token is that of another site than ${String(claimed).slice(0, 70)}`, 'Write the name that the token was made for.') // prettier-ignore
    return site
  }

  async #body(request: IncomingMessage, most: number): Promise<Buffer> {
    const tooLarge = (): Refused => new Refused(413, `a request has ${most} bytes at most`, 'Use an agent of the same version as the hub.') // prettier-ignore
    if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge()
    const parts: Buffer[] = []
    let size = 0
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length
      if (size > most) throw tooLarge()
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  async #state(request: IncomingMessage, { key, site }: Asked): Promise<object> {
    const body = await this.#body(request, this.#limits.stateBytes)
    let value: unknown
    try {
      value = JSON.parse(body.toString('utf8'))
    } catch {
      throw new Refused(400, 'the state of the agent is no JSON', 'Use an agent of the same version as the hub.')
    }
    const state = isNestedTooDeeply(value) ? undefined : agentStateSchema.safeParse(value)
    if (!state?.success)
      throw new Refused(400, `the state of the agent is wrong: ${state?.error.issues[0]?.path.join('.') ?? 'too many levels'}`, 'Use an agent of the same version as the hub.') // prettier-ignore
    await this.#options.intake.says(key, site, state.data, Date.now())
    return {}
  }

  #digest({ query }: Asked): string {
    const sha256 = query.get('sha256') ?? ''
    if (!digestForm.test(sha256)) throw new Refused(400, 'sha256 is no digest', 'Use an agent of the same version as the hub.') // prettier-ignore
    return sha256
  }

  #partFile({ site, stream }: Asked, number: number, sha256: string): string {
    return join(this.#options.incoming, `${site}~${stream}~${number}~${sha256.slice(0, 16)}.part`)
  }

  async #standing(asked: Asked, number: number): Promise<PieceAnswer> {
    const sha256 = this.#digest(asked)
    if (await this.#isHere(asked, number, sha256)) return { received: 0, isComplete: true }
    return { received: sizeOf(this.#partFile(asked, number, sha256)), isComplete: false }
  }

  async #isHere({ key }: Asked, number: number, sha256: string): Promise<boolean> {
    const standing = await this.#options.intake.standing(key, number, sha256)
    if (standing === 'different') throw differs(number)
    return standing === 'here'
  }

  async #part(request: IncomingMessage, asked: Asked, number: number): Promise<PieceAnswer> {
    const { site, key, query } = asked
    const sha256 = this.#digest(asked)
    const size = Number(query.get('size'))
    const at = Number(query.get('at'))
    const { packedBytes } = this.#limits.piece
    if (!Number.isInteger(size) || size < 1 || !Number.isInteger(at) || at < 0 || at > size)
      throw new Refused(400, 'size and at are no sizes', 'Use an agent of the same version as the hub.')
    if (size > packedBytes) throw new Refused(413, `a piece has ${packedBytes} bytes at most`, 'Use an agent of the same version as the hub.') // prettier-ignore
    if (await this.#isHere(asked, number, sha256)) return { received: size, isComplete: true }
    const wait = this.#bytes.take(site, Number(request.headers['content-length'] ?? this.#limits.partBytes) || 0)
    if (wait > 0) throw new Refused(429, `site ${site} sends too much at once`, 'The agent waits and tries again.', wait) // prettier-ignore
    const file = this.#partFile(asked, number, sha256)
    if (this.#busy.has(file)) throw new Refused(409, 'this piece is being sent already', 'Run one agent with a spool.')
    this.#busy.add(file)
    try {
      const received = sizeOf(file)
      if (at !== received) throw new Refused(409, `the part from byte ${received} is due, not that from ${at}`, 'The agent asks and goes on there.') // prettier-ignore
      if (received === 0) this.#makeRoom(site)
      const part = await this.#body(request, Math.min(this.#limits.partBytes, size - at))
      // What belongs to a piece that is not whole may be lost: its size tells where to go on.
      if (part.length > 0) appendFileSync(file, part, { mode: 0o600 })
      if (received + part.length < size) return { received: received + part.length, isComplete: false }
      return await this.#whole(key, site, number, sha256, file)
    } finally {
      this.#busy.delete(file)
    }
  }

  async #whole(key: string, site: string, number: number, sha256: string, file: string): Promise<PieceAnswer> {
    const packed = readFileSync(file)
    const drop = (): void => rmSync(file, { force: true })
    if (hash('sha256', packed, 'hex') !== sha256) {
      drop()
      throw new Refused(409, `piece ${number} is not what its digest says`, 'The agent sends it anew.')
    }
    try {
      const unpacked = await unpackPiece(packed, this.#limits.piece)
      const standing = await this.#options.intake.keep(key, site, { number, sha256, packed, unpacked }, Date.now())
      if (standing === 'different') throw differs(number)
    } catch (error) {
      if (!(error instanceof NoPiece)) throw error
      drop()
      throw new Refused(422, `piece ${number} is refused: ${error.message}`, 'The agent sets it aside.')
    }
    drop()
    return { received: packed.length, isComplete: true }
  }

  /** What was begun and left for longest goes where a site has begun too much. */
  #makeRoom(site: string): void {
    const { incoming } = this.#options
    const own = readdirSync(incoming).filter((name) => name.startsWith(`${site}~`))
    if (own.length < this.#limits.parts) return
    const age = (name: string): number => lstatSync(join(incoming, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
    const oldest = own.sort((a, b) => age(a) - age(b))[0]!
    rmSync(join(incoming, oldest), { force: true })
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

const differs = (number: number): Refused =>
  new Refused(422, `another piece ${number} of this agent is here already`, 'Run one agent with a spool; delete a spool that was copied.') // prettier-ignore
