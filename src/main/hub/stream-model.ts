/**
 * The boots of one agent, from its pieces in the order of their numbers. An attempt that goes on in the next piece is one attempt:
 * the model keeps the pieces of boots that are not over. It is made anew from those pieces where it has grown too large, and where
 * the hub was started anew; what began before them is told no more, for its beginning would be missing.
 */
import type { SiteBoot } from '#shared/contract/sites.ts'
import { messageOf } from '#shared/diagnosis/rounds.ts'
import type { Attempt, DhcpEvent } from '#shared/trace/events.ts'
import { Session } from '#shared/trace/session.ts'
import { decodeText, formatIpv4 } from '#shared/wire/bytes.ts'
import { bootFileOf, findOptionData, uuidOf } from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { architectureName } from '#shared/wire/iana/architecture.ts'
import { formatIp } from '#shared/wire/ip-address.ts'
import { percentDecoded } from '#shared/wire/percent-encoding.ts'
import { verdictOn } from '../observe/verdict.ts'

/** What a piece tells of a boot; the hub adds who saw it. */
export type SeenBoot = Omit<SiteBoot, 'id' | 'site' | 'agent' | 'attempt' | 'vendor' | 'startedAt'> & {
  /** Microseconds since 1970: with the machine it names the attempt. */
  readonly startedUs: number
  /** Transactions of all its DHCP messages, by which another agent's sight of it is found. */
  readonly xids: readonly number[]
}

export interface Piece {
  readonly number: number
  /** A capture of its own. */
  readonly pcapng: Uint8Array
}

export interface StreamLimits {
  /** Bytes of frames after which the model is made anew. */
  readonly bytes: number
  /** Attempts after which it is. */
  readonly attempts: number
  /** Attempts that time alone may still change. */
  readonly open: number
}

const usual: StreamLimits = { bytes: 64 << 20, attempts: 20_000, open: 5000 }

/** The next packet of a machine that was silent for longer is another boot (`BootTrace`). */
const overNs = 600e9
/** Texts that come from the wire are cut, so that nobody fills the index with a few boots. */
const mostText = 200
const mostXids = 16

const cut = (text: string): string => text.slice(0, mostText)

export class StreamModel {
  readonly #limits: StreamLimits
  #session = new Session()
  #bytes = 0
  /** Pieces in it, with the number of the first frame of each. */
  #pieces: { readonly number: number; readonly first: number }[] = []
  /** By attempt that may still change: what was told of it. */
  readonly #open = new Map<Attempt, string>()
  readonly #touched = new Set<Attempt>()
  /** Their beginning is in no piece that is kept. */
  readonly #headless = new WeakSet<Attempt>()
  #nowMs = -Infinity

  constructor(limits: Partial<StreamLimits> = {}) {
    this.#limits = { ...usual, ...limits }
  }

  get isFull(): boolean {
    return this.#bytes > this.#limits.bytes || this.#session.trace.attempts.length > this.#limits.attempts
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes after which it is full. */
  get roomBytes(): number {
    return this.#limits.bytes
  }

  /** The oldest piece that is needed to go on; Infinity where no boot is open. */
  get openFrom(): number {
    let first = Infinity
    for (const attempt of this.#session.trace.attempts)
      if (this.#isOpen(attempt)) first = Math.min(first, this.#firstFrame(attempt) ?? Infinity)
    return Number.isFinite(first) ? this.#placeOf(first).piece : Infinity
  }

  #isOpen(attempt: Attempt): boolean {
    const nowNs = (this.#nowMs - this.#baseMs) * 1e6
    return attempt.next === undefined && nowNs - attempt.lastNs <= overNs
  }

  get #baseMs(): number {
    return Number(this.#session.store.baseNs / 1000n) / 1000
  }

  /** Takes the next piece. */
  take({ number, pcapng }: Piece): void {
    const { store, trace } = this.#session
    const before = store.last
    this.#pieces.push({ number, first: before + 1 })
    this.#session.begin()
    this.#session.push(pcapng, true)
    this.#bytes += pcapng.length
    const machines = new Set<number>()
    for (let frame = before + 1; frame <= store.last; frame++) machines.add(store.machineOf(frame))
    for (const machine of machines)
      for (const attempt of trace.machines[machine - 1]?.attempts.slice(-3) ?? []) this.#touched.add(attempt)
    if (store.last > before) this.#nowMs = Math.max(this.#nowMs, this.#baseMs + this.#session.endNs / 1e6)
  }

  /** When the first of its boots began, microseconds since 1970; Infinity where there is none. */
  get earliestUs(): number {
    return Math.min(...this.#session.trace.attempts.slice(0, 100).map((one) => this.#startedUs(one)))
  }

  /** After the pieces that were told before: which attempts were. The others have their beginning elsewhere. */
  goOnFrom(isKnown: (mac: string, startedUs: number) => boolean): void {
    for (const attempt of this.#session.trace.attempts)
      if (!isKnown(attempt.machine.name, this.#startedUs(attempt))) this.#headless.add(attempt)
  }

  /** Nothing more came until then, milliseconds since 1970 by the agent's clock. */
  quietUntil(timeMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, timeMs)
  }

  /** Boots that are new or of which something else is to be told than before. */
  changes(): SeenBoot[] {
    const told: SeenBoot[] = []
    for (const attempt of new Set([...this.#open.keys(), ...this.#touched])) {
      if (this.#headless.has(attempt)) continue
      const boot = this.#tell(attempt)
      if (boot === undefined) continue
      const text = JSON.stringify(boot)
      const before = this.#open.get(attempt)
      this.#open.delete(attempt)
      if (this.#isOpen(attempt)) this.#open.set(attempt, text)
      if (this.#open.size > this.#limits.open) this.#open.delete(this.#open.keys().next().value!)
      if (before !== text) told.push(boot)
    }
    this.#touched.clear()
    return told
  }

  #startedUs(attempt: Attempt): number {
    return Number((this.#session.store.baseNs + BigInt(Math.round(attempt.startNs))) / 1000n)
  }

  #firstFrame({ events: [event], decisions: [decision] }: Attempt): number | undefined {
    return event === undefined ? decision?.frame : event.kind === 'transfer' ? event.requests[0] : event.frame
  }

  #placeOf(frame: number): { readonly piece: number; readonly frame: number } {
    const piece = this.#pieces.findLast(({ first }) => first <= frame) ?? this.#pieces[0]!
    return { piece: piece.number, frame: frame - piece.first + 1 }
  }

  #tell(attempt: Attempt): SeenBoot | undefined {
    const { store } = this.#session
    const first = this.#firstFrame(attempt)
    if (first === undefined) return undefined
    const { mac, outcome, headline, code, firmware, lastAt } = verdictOn(store, attempt, this.#nowMs, false)
    const dhcp = attempt.events.filter((event): event is DhcpEvent => event.kind === 'dhcp')
    const dhcp6 = attempt.events.flatMap((event) => (event.kind === 'dhcp6' ? [event.xid] : []))
    const place = this.#placeOf(first)
    const told = whatItLoads(this.#session, attempt, dhcp)
    const own = dhcp.find((event) => !event.isReply)
    const uuid = own && uuidOf(messageOf(store, own.frame))
    const architecture = attempt.firmware?.architecture
    const { address, address6 } = attempt.machine
    return {
      mac: cut(mac),
      uuid: uuid ?? '',
      xid: dhcp[0] ? dhcp[0].xid.toString(16).padStart(8, '0') : '',
      startedUs: this.#startedUs(attempt),
      lastAt,
      outcome,
      code: code ?? '',
      headline: headline.slice(0, 500),
      firmware: cut(firmware),
      architecture: architecture === undefined ? '' : cut(architectureName(architecture)),
      model: cut(modelOf(this.#session, attempt, own)),
      bootFile: cut(told.file),
      server: cut(told.server),
      address: address === 0 ? address6 : formatIpv4(address),
      piece: place.piece,
      frame: place.frame,
      lastPiece: this.#placeOf(lastFrameOf(attempt, first)).piece,
      xids: [...new Set([...dhcp.map(({ xid }) => xid), ...dhcp6])].slice(0, mostXids),
    }
  }
}

function lastFrameOf({ events }: Attempt, first: number): number {
  let last = first
  for (const event of events)
    last = Math.max(last, event.kind === 'transfer' || event.kind === 'http' ? event.lastFrame : event.frame)
  return last
}

/** The first file that the machine asked for, and whom; what its answers named where it asked for none. */
function whatItLoads(
  { store }: Session,
  { events }: Attempt,
  dhcp: readonly DhcpEvent[],
): { readonly file: string; readonly server: string } {
  for (const event of events) {
    if (event.kind === 'transfer') return { file: event.file, server: formatIp(event.serverAddress) }
    if (event.kind === 'http' && event.target !== '') return { file: event.target, server: formatIp(event.server) }
  }
  const answers = dhcp.filter((event) => event.isReply).toReversed()
  for (const { frame, source } of answers) {
    const file = bootFileOf(messageOf(store, frame))
    if (file !== '') return { file, server: formatIpv4(source) }
  }
  return { file: '', server: answers[0] ? formatIpv4(answers[0].source) : '' }
}

/** Names that scripts of iPXE give to the product of SMBIOS in what they request. */
const productParameter = /[?&](?:product|model)=([^&#\s]+)/i

/** Firmware does not tell its model, except some that tell it by their identifier, and scripts that ask for a file by it. */
function modelOf({ store }: Session, { events }: Attempt, own: DhcpEvent | undefined): string {
  for (const event of events) {
    const found = event.kind === 'http' ? productParameter.exec(event.target)?.[1]?.replaceAll('+', ' ') : undefined
    if (found !== undefined) return percentDecoded(found) ?? found
  }
  if (!own) return ''
  // Behind the type octet "RPi4" or its successors: bootloader configuration of the Raspberry Pi, DHCP_OPTION97.
  const identifier = findOptionData(messageOf(store, own.frame), optionCodes.machineIdentifier)
  const generation = identifier && /^RPi(\d)$/.exec(decodeText(identifier.subarray(1, 5)))?.[1]
  return generation === undefined ? '' : `Raspberry Pi ${generation}`
}
