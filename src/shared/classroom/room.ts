/**
 * A class, sans IO: students who come, go and come back, where everybody is taken, a vote without names. Connections are numbers that
 * whoever holds the sockets gives; what came in is handed in with the time, and what is to be said is taken out.
 *
 * Whatever comes from a student may be hostile. What is no message, too many messages, wrong codes and names without end cost the
 * sender its connection or a minute, and nobody else anything; all that is kept has a bound.
 */
import {
  classBounds,
  fromStudentSchema,
  type ClassLead,
  type ClassPlace,
  type ClassReport,
  type ClassState,
  type FromStudent,
  type Refusal,
  type StudentState,
  type ToStudent,
} from '../contract/classroom.ts'
import { Bucket } from './bucket.ts'
import { readCode, readName, sameName } from './names.ts'

export interface ClassLimits {
  /** Connections that have not said who they are; beyond it the oldest gives way. */
  readonly strangers: number
  /** So long a connection may be a stranger's, in milliseconds. */
  readonly strangerMs: number
  /** Messages that one connection may send at once, and a second. */
  readonly burst: number
  readonly perSecond: number
  /** Times that one address may fail to come in at once, and the milliseconds after which it has one more. */
  readonly tries: number
  readonly tryMs: number
  /** Addresses whose failures are remembered. */
  readonly addresses: number
  /** How often each student is told that the line is good, in milliseconds. */
  readonly beatMs: number
}

export const classLimits: ClassLimits = {
  strangers: 64,
  strangerMs: 20_000,
  burst: 40,
  perSecond: 5,
  tries: 20,
  tryMs: 3000,
  addresses: 1000,
  beatMs: 10_000,
}

export type ClassInput =
  /** `address` is whom failures are counted against. */
  | { readonly kind: 'came'; readonly connection: number; readonly address: string }
  | { readonly kind: 'said'; readonly connection: number; readonly message: unknown }
  | { readonly kind: 'went'; readonly connection: number }
  | { readonly kind: 'lead'; readonly lead: ClassLead }
  | { readonly kind: 'time' }
  /** The class is over. */
  | { readonly kind: 'end' }

export type ClassOutput =
  | { readonly to: number; readonly message: ToStudent }
  /** After what was said to it before. */
  | { readonly hangUp: number }

interface Seat {
  readonly number: number
  readonly name: string
  readonly token: string
  /** Undefined while the student is away. */
  connection: number | undefined
  awaySince: number
  report: ClassReport | null
}

interface Line {
  readonly address: string
  readonly since: number
  readonly messages: Bucket
  seat: Seat | undefined
}

interface Vote {
  readonly id: number
  readonly question: string
  readonly choices: readonly string[]
  readonly counts: number[]
  /** Numbers of seats, apart from what they voted for. A seat votes once, whoever sits on it. */
  readonly voted: Set<number>
  stage: 'open' | 'closed' | 'shown'
}

export interface ClassRoomOptions {
  readonly code: string
  /** A secret that nobody guesses, another each time. */
  readonly newToken: () => string
  readonly limits?: Partial<ClassLimits>
}

export class ClassRoom {
  readonly #options: ClassRoomOptions
  readonly #limits: ClassLimits
  readonly #lines = new Map<number, Line>()
  readonly #seats = new Map<number, Seat>()
  /** By address, the one that failed last at the end. */
  readonly #failures = new Map<string, Bucket>()
  readonly #out: ClassOutput[] = []
  #isLocked = false
  #serial = 0
  #place: ClassPlace | undefined
  #isRevealed = false
  #vote: Vote | undefined
  #votes = 0
  #beatAt: number | undefined
  #revision = 0

  constructor(options: ClassRoomOptions) {
    this.#options = options
    this.#limits = { ...classLimits, ...options.limits }
  }

  /** Another number when `state` is another. */
  get revision(): number {
    return this.#revision
  }

  handle(input: ClassInput, now: number): void {
    switch (input.kind) {
      case 'came':
        this.#come(input.connection, input.address, now)
        break
      case 'said':
        this.#hear(input.connection, input.message, now)
        break
      case 'went':
        this.#leave(input.connection, now)
        break
      case 'lead':
        this.#lead(input.lead)
        break
      case 'time':
        break
      case 'end':
        for (const connection of this.#lines.keys()) this.#end(connection, 'ended')
        this.#lines.clear()
        this.#seats.clear()
        this.#beatAt = undefined
        return
    }
    this.#keepTime(now)
  }

  pollTransmit(): ClassOutput | undefined {
    return this.#out.shift()
  }

  /** When it wants to be told the time at the latest; undefined where nothing is waited for. */
  pollTimeout(): number | undefined {
    let first = this.#beatAt
    for (const { since, seat } of this.#lines.values())
      if (!seat) {
        // In the order in which they came.
        first = Math.min(first ?? Infinity, since + this.#limits.strangerMs)
        break
      }
    return first
  }

  state(addresses: readonly string[]): ClassState {
    const vote = this.#vote
    return {
      code: this.#options.code,
      addresses: [...addresses],
      isLocked: this.#isLocked,
      students: [...this.#seats.values()]
        .sort((a, b) => a.number - b.number)
        .map(({ number, name, connection, report }) => ({ number, name, isHere: connection !== undefined, report })),
      place: this.#placeNow(),
      isRevealed: this.#isRevealed,
      vote: vote
        ? {
            id: vote.id,
            question: vote.question,
            choices: [...vote.choices],
            stage: vote.stage,
            voted: vote.voted.size,
            counts: vote.stage === 'open' ? null : [...vote.counts],
          }
        : null,
    }
  }

  #placeNow(): StudentState['place'] {
    return this.#place ? { serial: this.#serial, place: this.#place } : null
  }

  #say(to: number, message: ToStudent): void {
    this.#out.push({ to, message })
  }

  #end(connection: number, why: 'ended' | 'removed' | 'elsewhere'): void {
    this.#say(connection, { tell: 'ended', why })
    this.#out.push({ hangUp: connection })
  }

  #hangUp(connection: number): void {
    this.#out.push({ hangUp: connection })
  }

  #come(connection: number, address: string, now: number): void {
    const strangers = [...this.#lines].filter(([, { seat }]) => !seat)
    if (strangers.length >= this.#limits.strangers) this.#drop(strangers[0]![0], now)
    this.#lines.set(connection, {
      address,
      since: now,
      messages: new Bucket(this.#limits.burst, 1000 / this.#limits.perSecond, now),
      seat: undefined,
    })
  }

  /** Hung up on, and gone as far as the room goes. */
  #drop(connection: number, now: number): void {
    this.#hangUp(connection)
    this.#leave(connection, now)
  }

  #leave(connection: number, now: number): void {
    const seat = this.#lines.get(connection)?.seat
    this.#lines.delete(connection)
    if (!seat) return
    seat.connection = undefined
    seat.awaySince = now
    this.#revision++
  }

  #hear(connection: number, message: unknown, now: number): void {
    const line = this.#lines.get(connection)
    // It was hung up on, and what it had sent before arrives.
    if (!line) return
    if (!line.messages.take(now)) return this.#drop(connection, now)
    const read = fromStudentSchema.safeParse(message)
    // Our own page says nothing else.
    if (!read.success) return this.#drop(connection, now)
    const said = read.data
    if (said.do === 'join' || said.do === 'back') {
      if (!line.seat) this.#enter(connection, line, said, now)
      return
    }
    if (!line.seat) return this.#drop(connection, now)
    if (said.do === 'at') {
      line.seat.report = said.report
      this.#revision++
    } else this.#count(connection, line.seat, said)
  }

  #enter(connection: number, line: Line, said: Extract<FromStudent, { do: 'join' | 'back' }>, now: number): void {
    const failures = this.#failures.get(line.address)
    const refuse = (why: Refusal, isGuess = false): void => {
      if (isGuess) this.#failed(line.address, now)
      this.#say(connection, { tell: 'refused', why })
    }
    if (said.do === 'back') {
      // A token is too long to be guessed: whoever brings one of another class, or of one that was taken off, has done no wrong.
      const seat = [...this.#seats.values()].find(({ token }) => token === said.token)
      if (!seat) return refuse('gone')
      const before = seat.connection
      if (before !== undefined) {
        this.#lines.delete(before)
        this.#end(before, 'elsewhere')
      }
      return this.#sit(connection, line, seat)
    }
    // Whoever guesses is told nothing of what is right until then.
    if (failures && !failures.has(now)) return refuse('slow')
    if (readCode(said.code) !== this.#options.code) return refuse('code', true)
    if (this.#isLocked) return refuse('locked')
    const name = readName(said.name)
    if (name === undefined) return refuse('name')
    const same = [...this.#seats.values()].find((one) => sameName(one.name, name))
    if (same?.connection !== undefined) return refuse('taken')
    const free = same ?? this.#makeRoom()
    if (free === 'full') return refuse('full')
    const number = free?.number ?? this.#freeNumber()
    const seat: Seat = { number, name, token: this.#options.newToken(), connection: undefined, awaySince: now, report: null } // prettier-ignore
    this.#seats.set(number, seat)
    this.#sit(connection, line, seat)
  }

  /** Where all seats are taken the one that is left empty longest; undefined where there are free ones. */
  #makeRoom(): Seat | 'full' | undefined {
    if (this.#seats.size < classBounds.students) return undefined
    let longest: Seat | undefined
    for (const seat of this.#seats.values())
      if (seat.connection === undefined && (!longest || seat.awaySince < longest.awaySince)) longest = seat
    return longest ?? 'full'
  }

  /** The smallest that is free; one that has not voted, where there is one. */
  #freeNumber(): number {
    let used: number | undefined
    for (let number = 1; number <= classBounds.students; number++) {
      if (this.#seats.has(number)) continue
      if (!this.#vote?.voted.has(number)) return number
      used ??= number
    }
    return used!
  }

  #sit(connection: number, line: Line, seat: Seat): void {
    line.seat = seat
    seat.connection = connection
    this.#revision++
    const { number, name, token } = seat
    this.#say(connection, { tell: 'in', number, name, token })
    this.#show(connection, seat)
  }

  #failed(address: string, now: number): void {
    const bucket = this.#failures.get(address) ?? new Bucket(this.#limits.tries, this.#limits.tryMs, now)
    bucket.take(now)
    this.#failures.delete(address)
    this.#failures.set(address, bucket)
    if (this.#failures.size > this.#limits.addresses)
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest)
        break
      }
  }

  #show(connection: number, seat: Seat): void {
    const vote = this.#vote
    this.#say(connection, {
      tell: 'class',
      state: {
        place: this.#placeNow(),
        isRevealed: this.#isRevealed,
        vote: vote
          ? {
              id: vote.id,
              question: vote.question,
              choices: [...vote.choices],
              stage: vote.stage,
              hasVoted: vote.voted.has(seat.number),
              counts: vote.stage === 'shown' ? [...vote.counts] : null,
            }
          : null,
      },
    })
  }

  #showAll(): void {
    for (const seat of this.#seats.values()) if (seat.connection !== undefined) this.#show(seat.connection, seat)
  }

  #count(connection: number, seat: Seat, { vote: id, choice }: Extract<FromStudent, { do: 'vote' }>): void {
    const vote = this.#vote
    // It was closed, or another was opened, while the choice was under way: what is shown next says so.
    if (vote?.id === id && vote.stage === 'open' && choice < vote.choices.length && !vote.voted.has(seat.number)) {
      vote.voted.add(seat.number)
      vote.counts[choice]!++
      this.#revision++
    }
    this.#show(connection, seat)
  }

  #lead(lead: ClassLead): void {
    this.#revision++
    const vote = this.#vote
    switch (lead.do) {
      case 'take':
        this.#place = lead.place
        this.#serial++
        this.#isRevealed = false
        break
      case 'release':
        this.#place = undefined
        this.#isRevealed = false
        break
      case 'reveal':
        if (this.#place?.kind === 'lesson') this.#isRevealed = true
        break
      case 'ask': {
        const { question, choices } = lead
        this.#vote = { id: ++this.#votes, question, choices, counts: choices.map(() => 0), voted: new Set(), stage: 'open' } // prettier-ignore
        break
      }
      case 'close-vote':
        if (vote?.stage === 'open') vote.stage = 'closed'
        break
      case 'show-vote':
        if (vote) vote.stage = 'shown'
        break
      case 'end-vote':
        this.#vote = undefined
        break
      case 'lock':
        this.#isLocked = lead.isLocked
        return
      case 'remove': {
        const seat = this.#seats.get(lead.number)
        this.#seats.delete(lead.number)
        if (seat?.connection === undefined) return
        this.#lines.delete(seat.connection)
        this.#end(seat.connection, 'removed')
        return
      }
    }
    this.#showAll()
  }

  #keepTime(now: number): void {
    for (const [connection, { seat, since }] of this.#lines)
      if (!seat && now - since >= this.#limits.strangerMs) this.#drop(connection, now)
    const here = [...this.#seats.values()].flatMap(({ connection }) => (connection === undefined ? [] : [connection]))
    if (here.length === 0) this.#beatAt = undefined
    else if (this.#beatAt === undefined) this.#beatAt = now + this.#limits.beatMs
    else if (now >= this.#beatAt) {
      this.#beatAt = now + this.#limits.beatMs
      for (const connection of here) this.#say(connection, { tell: 'beat' })
    }
  }
}
