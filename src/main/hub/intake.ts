/**
 * From pieces to boots. A piece is kept in the store, then in the index, and acknowledged; then it is analysed when its turn comes,
 * the pieces of an agent in the order of their numbers. A number that is missing is waited for, unless the agent says that it is
 * lost, or too much waits behind it. What a hub that was killed had not analysed is analysed when it starts.
 */
import type { SiteAgent, SiteBoot } from '#shared/contract/sites.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { pcapngHeader } from '#shared/wire/capture-file.ts'
import type { AgentRow, BootIndex, PieceState } from './boot-index.ts'
import { BootColumns } from './boot-columns.ts'
import { pieceKey, type PieceStore } from './piece-store.ts'
import { StreamModel, type Piece, type SeenBoot, type StreamLimits } from './stream-model.ts'
import { unpackPiece, type UnpackedPiece } from './unpack-piece.ts'

export interface IntakeLimits {
  /** Pieces that may wait behind a missing one, and for how long, before it is given up. */
  readonly waiting: number
  readonly waitMs: number
  /** Bytes of all models in memory; those that were used longest ago are made anew when they are needed. */
  readonly modelBytes: number
  readonly stream: Partial<StreamLimits>
}

const usual: IntakeLimits = { waiting: 32, waitMs: 600_000, modelBytes: 256 << 20, stream: {} }

/** How an agent says that it is. */
export interface AgentSays {
  readonly name: string
  readonly version: string
  /** Its clock, and until when by that clock it has sent everything; milliseconds since 1970. */
  readonly now: number
  readonly until: number | null
  /** The smallest number that it still has, or will make. */
  readonly oldest: number
  readonly lostPieces: number
  readonly lostFrames: number
  readonly waitingPieces: number
  readonly waitingBytes: number
}

interface Agent {
  row: AgentRow
  model: StreamModel | undefined
  /** Since when a piece is missing; undefined while none is. */
  gapSince: number | undefined
  oldest: number
  pieces: number
  /** Work on it, one after the other. */
  turn: Promise<void>
}

export interface IntakeOptions {
  readonly index: BootIndex
  readonly store: PieceStore
  readonly onError: (error: Error) => void
  /** Boots or agents are others than before. */
  readonly onChange?: () => void
  readonly limits?: Partial<IntakeLimits>
}

/** Attempts begin in the order of their packets, but for what a capture of several interfaces mixes up. */
const skewUs = 60e6

/** Where a piece is already: nothing has to be sent, or something else has its number. */
export type Standing = 'absent' | 'here' | 'different'

export class Intake {
  readonly columns = new BootColumns()
  readonly #index: BootIndex
  readonly #store: PieceStore
  readonly #onError: (error: Error) => void
  readonly #onChange: () => void
  readonly #limits: IntakeLimits
  readonly #agents = new Map<string, Agent>()
  #isClosed = false

  constructor({ index, store, onError, onChange, limits }: IntakeOptions) {
    this.#index = index
    this.#store = store
    this.#onError = onError
    this.#onChange = onChange ?? (() => {})
    this.#limits = { ...usual, ...limits }
  }

  /** Reads what the index holds, and goes on where a hub before this one stopped. */
  async open(): Promise<void> {
    for await (const boots of this.#index.everything()) for (const boot of boots) this.columns.put(boot)
    const counts = await this.#index.pieceCounts()
    for (const row of await this.#index.agents())
      this.#agents.set(row.key, { row, model: undefined, gapSince: undefined, oldest: 0, pieces: counts.get(row.key) ?? 0, turn: Promise.resolve() }) // prettier-ignore
    for (const key of await this.#index.waiting()) {
      const agent = this.#agents.get(key)
      if (agent) this.#plan(agent)
    }
  }

  /** Resolves when what waits for its turn now has had it. */
  async settled(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(({ turn }) => turn))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.settled()
    await this.#index.close()
  }

  agentsOf(site: string): number {
    let count = 0
    for (const { row } of this.#agents.values()) if (row.site === site) count++
    return count
  }

  isKnown(key: string): boolean {
    return this.#agents.has(key)
  }

  get agents(): SiteAgent[] {
    return Array.from(this.#agents.values(), ({ row, pieces }) => ({
      id: row.key,
      site: row.site,
      name: row.name,
      version: row.version,
      seenAt: row.seenAt,
      until: row.until,
      clockAheadMs: row.clockAheadMs,
      lostPieces: row.lostPieces,
      lostFrames: row.lostFrames,
      waitingPieces: row.waitingPieces,
      waitingBytes: row.waitingBytes,
      pieces,
    }))
  }

  #agent(key: string, site: string): Agent {
    let agent = this.#agents.get(key)
    if (!agent) {
      const row: AgentRow = { key, site, name: '', version: '', seenAt: 0, until: null, clockAheadMs: 0, lostPieces: 0, lostFrames: 0, waitingPieces: null, waitingBytes: null, next: 1, openFrom: 1 } // prettier-ignore
      agent = { row, model: undefined, gapSince: undefined, oldest: 0, pieces: 0, turn: Promise.resolve() }
      this.#agents.set(key, agent)
    }
    return agent
  }

  /** Takes note of how an agent is; boots that time alone has decided are told anew. `now` is the hub's clock. */
  async says(key: string, site: string, says: AgentSays, now: number): Promise<void> {
    const agent = this.#agent(key, site)
    agent.oldest = Math.max(agent.oldest, says.oldest)
    agent.row = {
      ...agent.row,
      name: says.name,
      version: says.version,
      seenAt: now,
      until: says.until === null ? agent.row.until : Math.max(says.until, agent.row.until ?? says.until),
      clockAheadMs: Math.round(says.now - now),
      lostPieces: says.lostPieces,
      lostFrames: says.lostFrames,
      waitingPieces: says.waitingPieces,
      waitingBytes: says.waitingBytes,
    }
    await this.#index.putAgent(agent.row)
    this.#plan(agent)
    this.#onChange()
  }

  async standing(key: string, number: number, sha256: string): Promise<Standing> {
    const known = await this.#index.piece(key, number)
    if (!known) return 'absent'
    return known.sha256 === sha256 ? 'here' : 'different'
  }

  /** Keeps a piece; it is durable when this resolves. The same one again changes nothing. */
  async keep(
    key: string,
    site: string,
    piece: { readonly number: number; readonly sha256: string; readonly packed: Uint8Array; readonly unpacked: UnpackedPiece }, // prettier-ignore
    now: number,
  ): Promise<Standing> {
    const agent = this.#agent(key, site)
    if (agent.row.seenAt === 0) {
      // The first that is heard of it: what it begins with is the first of its pieces.
      agent.row = { ...agent.row, seenAt: now }
      await this.#index.putAgent(agent.row)
    }
    const { number, sha256, packed, unpacked } = piece
    const before = await this.standing(key, number, sha256)
    if (before !== 'absent') return before
    await this.#store.put(pieceKey(key, number), packed)
    const added = await this.#index.addPiece({ agent: key, number, sha256, bytes: packed.length, frames: unpacked.frames, state: 'stored' }, now) // prettier-ignore
    if (!added) return this.standing(key, number, sha256)
    agent.pieces++
    this.#plan(agent, { number, pcapng: unpacked.pcapng })
    return 'here'
  }

  /** `fresh` is a piece that need not be read again. */
  #plan(agent: Agent, fresh?: Piece): void {
    agent.turn = agent.turn.then(() => this.#goOn(agent, fresh)).catch((error: unknown) => this.#onError(error as Error)) // prettier-ignore
  }

  async #read(key: string, number: number): Promise<Piece | undefined> {
    const packed = await this.#store.get(pieceKey(key, number))
    if (!packed) {
      this.#onError(new Error(`the capture ${pieceKey(key, number)} is gone from the store; its boots are not indexed`))
      return undefined
    }
    return { number, pcapng: (await unpackPiece(packed)).pcapng }
  }

  async #goOn(agent: Agent, fresh: Piece | undefined): Promise<void> {
    const { key } = agent.row
    const waiting = await this.#index.waitingOf(key)
    const pieceOf = async (number: number): Promise<Piece | undefined> =>
      fresh?.number === number ? fresh : this.#read(key, number)
    for (const [at, { number }] of waiting.entries()) {
      if (this.#isClosed) return
      const { next } = agent.row
      if (number < next) {
        await this.#alone(agent, await pieceOf(number), number)
        continue
      }
      // An agent that nobody knew may begin with any number, where it says so.
      if (number > next && number > agent.oldest && !this.#givesUp(agent, waiting.length - at)) return
      agent.gapSince = undefined
      await this.#inTurn(agent, await pieceOf(number), number)
    }
    await this.#quiet(agent)
  }

  /** Whether what is missing is waited for no longer. */
  #givesUp(agent: Agent, waiting: number): boolean {
    agent.gapSince ??= performance.now()
    return waiting > this.#limits.waiting || performance.now() - agent.gapSince > this.#limits.waitMs
  }

  async #inTurn(agent: Agent, piece: Piece | undefined, number: number): Promise<void> {
    const model = await this.#modelOf(agent)
    if (piece) model.take(piece)
    if (agent.row.until !== null && number + 1 >= agent.oldest) model.quietUntil(agent.row.until)
    await this.#tell(agent, model, { number, state: 'indexed' }, number + 1)
    if (model.isFull) agent.model = undefined
    this.#dropModels(agent)
  }

  /** A piece that came when its turn was over: what it tells by itself is better than nothing. */
  async #alone(agent: Agent, piece: Piece | undefined, number: number): Promise<void> {
    const model = new StreamModel(this.#limits.stream)
    if (piece) model.take(piece)
    const boots = model.changes()
    const known = await this.#index.known(agent.row.key, Math.min(...boots.map(({ startedUs }) => startedUs), Number.MAX_SAFE_INTEGER)) // prettier-ignore
    await this.#write(agent, { number, state: 'late' }, boots.filter(({ mac, startedUs }) => !known.has(`${mac} ${startedUs}`))) // prettier-ignore
  }

  /** Nothing has come, and the agent says that nothing was there: time may have decided a boot. */
  async #quiet(agent: Agent): Promise<void> {
    const { until, next } = agent.row
    if (until === null || next < agent.oldest || agent.row.openFrom >= next) return
    const model = await this.#modelOf(agent)
    model.quietUntil(until)
    await this.#tell(agent, model, undefined, next)
  }

  async #tell(
    agent: Agent,
    model: StreamModel,
    piece: { readonly number: number; readonly state: PieceState } | undefined,
    next: number,
  ): Promise<void> {
    const changes = model.changes()
    const openFrom = Math.min(model.openFrom, next)
    if (!piece && changes.length === 0 && openFrom === agent.row.openFrom) return
    agent.row = { ...agent.row, next, openFrom }
    try {
      await this.#write(agent, piece, changes)
    } catch (error) {
      // What was not written is told anew, by a model that is made anew.
      agent.model = undefined
      throw error
    }
  }

  async #write(
    agent: Agent,
    piece: { readonly number: number; readonly state: PieceState } | undefined,
    boots: readonly SeenBoot[],
  ): Promise<void> {
    for (const boot of await this.#index.tell(agent.row, piece, boots)) this.columns.put(boot)
    if (boots.length > 0) this.#onChange()
  }

  /** The model of an agent; made of the pieces of boots that are not over where it is not in memory. */
  async #modelOf(agent: Agent): Promise<StreamModel> {
    if (agent.model) return agent.model
    const model = new StreamModel(this.#limits.stream)
    const { key, next, openFrom } = agent.row
    // Backwards, as much as leaves room for what comes: a storm's beginning is told no more.
    const pieces: Piece[] = []
    let bytes = 0
    if (openFrom < next)
      for (const { number, state } of (await this.#index.pieces(key, openFrom, next - 1)).toReversed()) {
        if (state !== 'indexed') continue
        const piece = await this.#read(key, number)
        bytes += piece?.pcapng.length ?? 0
        if (bytes > model.roomBytes / 2) break
        if (piece) pieces.unshift(piece)
      }
    for (const piece of pieces) model.take(piece)
    const { earliestUs } = model
    if (Number.isFinite(earliestUs)) {
      const known = await this.#index.known(key, earliestUs - skewUs)
      model.goOnFrom((mac, startedUs) => known.has(`${mac} ${startedUs}`))
    }
    agent.model = model
    return model
  }

  #dropModels(last: Agent): void {
    let bytes = 0
    for (const { model } of this.#agents.values()) bytes += model?.bytes ?? 0
    if (bytes <= this.#limits.modelBytes) return
    for (const agent of this.#agents.values()) {
      if (agent === last || !agent.model) continue
      bytes -= agent.model.bytes
      agent.model = undefined
      if (bytes <= this.#limits.modelBytes / 2) return
    }
  }

  /** The pieces that hold a boot, as one capture. */
  async capture({ agent, piece, lastPiece }: SiteBoot, mostBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let bytes = 0
    for (const { number } of await this.#index.pieces(agent, piece, lastPiece)) {
      const read = await this.#read(agent, number)
      if (!read || bytes + read.pcapng.length > mostBytes) break
      bytes += read.pcapng.length
      parts.push(read.pcapng)
    }
    return parts.length === 0 ? pcapngHeader('PXE Lab', []) : concatBytes(parts)
  }

  /** Removes what is older than a time. */
  async removeBefore(time: number): Promise<void> {
    const { boots, pieces } = await this.#index.removeBefore(time)
    this.columns.remove(boots)
    for (const { agent: key, number } of pieces) {
      await this.#store.remove(pieceKey(key, number))
      const agent = this.#agents.get(key)
      if (agent) agent.pieces--
    }
    if (boots.length > 0) this.#onChange()
  }
}
