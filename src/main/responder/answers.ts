/**
 * The way of answers from the machines to the wire: first the leases are made durable, then the answers are sent, then it
 * is told that they were. What could not be stored is not acknowledged, and what was not sent is not told.
 */
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { DhcpServer, LeaseChange } from '#shared/machines/dhcp-server/server.ts'
import type { Dhcp6Server } from '#shared/machines/dhcpv6-server/server.ts'
import type { LeaseChange6 } from '#shared/machines/dhcpv6-server/leases.ts'
import type { Answer, Answer6 } from '#shared/machines/machine.ts'
import type { WdsServerEvent } from '#shared/machines/wds-server.ts'
import { formatHost } from '#shared/wire/ip-address.ts'
import type { StoredLease } from './lease-store.ts'
import { storageProblem } from './sqlite-problem.ts'

type AnswerEvent = Extract<UntimedEvent, { readonly type: AnswerType }>
type AnswerType =
  | 'dhcp-offered'
  | 'dhcp-acknowledged'
  | 'bootp-answered'
  | 'dhcp-informed'
  | 'dhcp-confirmed'
  | 'dhcp-refused'
  | 'proxy-offered'
  | 'boot-server-answered'
  | Exclude<WdsServerEvent['type'], 'wds-ignored'>

/** A machine that answers and needs no store. */
interface Answering {
  pollTransmit(): Answer<UntimedEvent> | undefined
  pollEvent(): UntimedEvent | undefined
}

/** An answer of either family; one to a client that gives something back tells nothing. */
export type AnyAnswer = Answer<UntimedEvent> | Answer6<UntimedEvent | undefined>

export interface AnswersOptions {
  /** Undefined where no leases are given. */
  readonly store: { commit(leases: readonly StoredLease[]): void } | undefined
  /** Sends, and says whether it was sent. */
  readonly send: (answer: AnyAnswer, done: (error: Error | undefined) => void) => void
  readonly tell: (event: UntimedEvent) => void
  /** Milliseconds by a clock that nobody sets. */
  readonly now?: () => number
}

/** How often it is told that leases still cannot be stored. */
const repeatMs = 60_000
/** A disk that is nearly full takes one lease and not the next: it is well again when it has not failed for so long. */
const steadyMs = 500
/** Answers that are held back at once; further ones leave at once, so that nobody fills the memory with them. */
const mostHeld = 4096

export class Answers {
  readonly #options: AnswersOptions
  readonly #now: () => number
  readonly #held = new Set<NodeJS.Timeout>()
  /** The trouble there is: when it was told, when it was last met, what it has cost, and whether leases were taken since. */
  #failure:
    { readonly cause: string; readonly toldAt: number; lastAt: number; unanswered: number; isPast: boolean } | undefined
  /** Looks once more after the first lease that was taken: on a quiet network no other may come. */
  #look: NodeJS.Timeout | undefined

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Whether leases were written to the disk for it. */
  flush(dhcp: DhcpServer | undefined, others: readonly (Answering | undefined)[], dhcp6?: Dhcp6Server): boolean {
    const hasWritten = this.#flushLeases(dhcp, dhcp6)
    for (const machine of others) {
      if (!machine) continue
      for (let event = machine.pollEvent(); event; event = machine.pollEvent()) this.#options.tell(event)
      for (let answer = machine.pollTransmit(); answer; answer = machine.pollTransmit()) this.#send(answer)
    }
    return hasWritten
  }

  #flushLeases(dhcp: DhcpServer | undefined, dhcp6: Dhcp6Server | undefined): boolean {
    const { tell } = this.#options
    const changes: LeaseChange[] = []
    const changes6: LeaseChange6[] = []
    for (let change = dhcp?.pollChange(); change; change = dhcp?.pollChange()) changes.push(change)
    for (let change = dhcp6?.pollChange(); change; change = dhcp6?.pollChange()) changes6.push(change)
    const leases = [...changes, ...changes6].map(({ lease }) => lease)
    const isStored = this.#commit(leases)
    if (!isStored) {
      dhcp?.takeBack(changes)
      dhcp6?.takeBack(changes6)
    }
    let unanswered = 0
    for (const server of [dhcp, dhcp6]) {
      for (let event = server?.pollEvent(); event; event = server?.pollEvent()) tell(event)
      for (let answer = server?.pollTransmit(); answer; answer = server?.pollTransmit()) {
        if (isStored || !answer.needsLease) this.#send(answer)
        else unanswered++
      }
    }
    if (this.#failure) this.#failure.unanswered += unanswered
    return leases.length > 0
  }

  /** Tells of a store that is gone before a client has to wait for it; whether it takes leases only a lease shows. */
  checkStore(): void {
    try {
      this.#options.store?.commit([])
    } catch (error) {
      this.#failed(error)
    }
  }

  #commit(leases: readonly StoredLease[]): boolean {
    if (leases.length === 0) return true
    const { store } = this.#options
    try {
      store?.commit(leases)
    } catch (error) {
      this.#failed(error)
      return false
    }
    if (this.#failure) {
      this.#failure.isPast = true
      this.#tellEnd()
    }
    return true
  }

  #tellEnd(): void {
    if (!this.#failure?.isPast) return
    const { lastAt, unanswered } = this.#failure
    if (this.#now() - lastAt > steadyMs) {
      this.#failure = undefined
      this.#options.tell({ type: 'leases-stored-again', unanswered })
    } else
      this.#look ??= setTimeout(() => {
        this.#look = undefined
        this.#tellEnd()
      }, steadyMs + 1)
  }

  #failed(error: unknown): void {
    const { cause, remedy } = storageProblem(error)
    const now = this.#now()
    const before = this.#failure
    if (before) Object.assign(before, { lastAt: now, isPast: false })
    if (before?.cause === cause && now - before.toldAt < repeatMs) return
    const unanswered = before?.unanswered ?? 0
    this.#failure = { cause, toldAt: now, lastAt: now, unanswered, isPast: false }
    this.#options.tell({ type: 'leases-not-stored', cause, remedy, unanswered })
  }

  /** Nothing that is held back is sent any more. */
  stop(): void {
    clearTimeout(this.#look)
    for (const timer of this.#held) clearTimeout(timer)
    this.#held.clear()
  }

  #send(answer: AnyAnswer): void {
    if (answer.delayMs === undefined || this.#held.size >= mostHeld) return this.#sendNow(answer)
    const timer = setTimeout(() => {
      this.#held.delete(timer)
      this.#sendNow(answer)
    }, answer.delayMs)
    this.#held.add(timer)
  }

  #sendNow(answer: AnyAnswer): void {
    const { send, tell } = this.#options
    send(answer, (error) => {
      if (!answer.event) return
      if (!error) return tell(answer.event)
      const { client, type } = answer.event as AnswerEvent
      const { code } = error as NodeJS.ErrnoException
      tell({
        type: 'answer-not-sent',
        client,
        answer: type,
        to: `${formatHost(answer.destination.address)}:${answer.destination.port}`,
        reason: code ?? error.message,
      })
    })
  }
}
