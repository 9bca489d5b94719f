/** The account of an attempt while it is being written: what was said so far, and what is known of the time. */
import { keyOf, say, type Message, type Phrase } from '#messages/message.ts'
import type { Attempt } from '../../trace/events.ts'
import { isDecided } from './decisions.ts'
import { isFirmware } from '../../trace/firmware.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import type { Missing, Note, Tone } from '../../trace/ladder.ts'
import { familyOf, type Circumstances, type FailureKind } from '../failures.ts'
import type { IpAddress } from '../../wire/ip-address.ts'
import { allRoundsOf, othersNaming, type Round } from '../rounds.ts'
import type { OfferVerdict, Outcome, Sentence, Stage } from './explanation.ts'
import { Unseen } from './unseen.ts'

/** Failures that show even where the capture keeps but the beginning of each packet. */
const tellsWhenCut: ReadonlySet<FailureKind> = new Set([
  'no-offer', 'no-bootp-reply', 'no-ack', 'nak', 'boot-server-mute', 'boot-server-closed', 'address-conflict', 'no-arp', 'http-closed', 'firewall-refuses', 'server-unreachable',
  'http-error', 'http-reset', 'tls-failed', 'boot-loop', 'no-advertise', 'no-reply6', 'no-neighbour',
]) // prettier-ignore

export interface Failed {
  readonly kind: FailureKind
  readonly round: Round
  /** Takes the place of the failure's own title where the packets tell more. */
  readonly title?: Phrase
  /** The first of the causes, where the packets tell it; a sentence. */
  readonly because?: Phrase
  /** Those that remain, where the packets rule others out; else all causes of the failure. */
  readonly causes?: readonly Phrase[]
  /** What to do, where the packets tell more than the failure alone. */
  readonly fixes?: readonly Message[]
  /** What stands on the screen of the firmware, where it depends on what came. */
  readonly screen?: readonly string[]
  /** Whether a loaded program failed, and not the firmware: what the firmware would show says nothing then. */
  readonly isOfProgram?: boolean
}

/** Whether a DHCP server answered the machine in its attempt before this one. */
const wasAnswered = ({ machine, ordinal }: Attempt): boolean =>
  machine.attempts[ordinal - 2]?.events.some((one) => one.kind === 'dhcp' && one.isReply) ?? false

export class Account {
  readonly store: FrameStore
  readonly attempt: Attempt
  /** Until when nothing more came. */
  readonly nowNs: number
  /** Whether these are packets of a capture, or those that PXE Lab sees while it runs. */
  readonly source: 'capture' | 'network'
  readonly rounds: Round[]
  /** What went on beside the boot and decides nothing. */
  readonly beside: Round[]
  readonly stages: Stage[] = []
  readonly offers: OfferVerdict[] = []
  readonly missing: Missing[] = []
  readonly notes: Note[] = []
  /** How the round that is told failed, and which one that was. */
  failure: Failed | undefined
  outcome: Outcome = 'unknown'
  /** What has not come yet, in words. */
  waitsFor: Phrase | undefined
  waitsForApproval = false
  /** What happened to a client that does not boot, or to one whose end is not seen, as a headline. */
  summary: Phrase | undefined
  /** By their text: a storm says one sentence a hundred thousand times. */
  readonly #sentences = new Map<
    string,
    { readonly text: Phrase; readonly tone: Tone; readonly frames: number[]; count: number }
  >()

  constructor(store: FrameStore, attempt: Attempt, nowNs: number, isLive = false) {
    this.source = isLive ? 'network' : 'capture'
    this.store = store
    this.attempt = attempt
    // What came after the next attempt began says nothing about this one.
    this.nowNs = attempt.next ? attempt.next.startNs : nowNs
    const { main, beside } = allRoundsOf(store, attempt)
    this.rounds = main
    this.beside = beside
  }

  /** Sentences in the order in which they were said; one that was said again is told once, with how often. */
  get sentences(): Sentence[] {
    return Array.from(this.#sentences.values(), ({ text, tone, frames, count }) => ({
      text: count === 1 ? text : say('explain.repeated', { sentence: text, count }),
      tone,
      frames,
    }))
  }

  say(text: Phrase, frames: readonly number[], tone: Tone = 'plain'): void {
    const key = keyOf(text)
    const before = this.#sentences.get(key)
    if (!before) {
      this.#sentences.set(key, { text, tone, frames: [...frames], count: 1 })
      return
    }
    before.count++
    for (const frame of frames) before.frames.push(frame)
  }

  stage(
    name: Stage['name'],
    title: Phrase,
    state: Stage['state'],
    startNs: number,
    endNs: number,
    frames: readonly number[],
  ): void {
    this.stages.push({ name, title, state, startNs, endNs, frames })
  }

  note(frame: number, tone: Tone, text: Phrase): void {
    this.notes.push({ frame, tone, text })
  }

  readonly #unseen = new Map<Round, Unseen>()

  /** What was answered in a round where the capture does not show it. */
  unseenIn(round: Round): Unseen {
    let unseen = this.#unseen.get(round)
    if (!unseen) this.#unseen.set(round, (unseen = new Unseen(round, this.attempt.heard)))
    return unseen
  }

  /** Whether the machine's firmware asks anew, and not a program or a system that may have been started from the network. */
  get hasComeBack(): boolean {
    const next = this.attempt.next?.firmware
    const began = this.attempt.firmware
    return (
      next !== undefined && began !== undefined && isFirmware(next) && (next.kind !== 'ipxe' || began.kind === 'ipxe')
    )
  }

  /** False where the capture does not hold enough to say so: then what was to be said of it is not true either. */
  fail(kind: FailureKind, round: Round, more: Partial<Omit<Failed, 'kind' | 'round'>> = {}): boolean {
    if (round.isCut && !tellsWhenCut.has(kind)) {
      this.outcome = 'unknown'
      this.summary = say('explain.cut-unknown', { source: this.source })
      return false
    }
    // The responder's own word tells a silence from an answer that went past.
    if (this.unseenIn(round).covers(kind) && !isDecided(this.attempt, kind)) {
      this.outcome = 'unknown'
      this.summary = say('explain.answers-not-held', { source: this.source })
      this.say(say('explain.no-answer-held', { source: this.source }), [], 'warning')
      return false
    }
    this.failure = { kind, round, ...more }
    this.outcome = 'failed'
    return true
  }

  circumstancesOf(round: Round): Circumstances {
    const isProxy = round.offers.map((one) => one.message.yiaddr === 0)
    return {
      family: familyOf(round.firmware.kind),
      joinsOffers: isProxy.includes(true) && isProxy.includes(false),
      isRelayed: round.relays.size > 0 || (round.v6?.solicits.some((one) => one.event.relay !== undefined) ?? false),
      isIpv6: round.v6 !== undefined,
      othersName: othersNaming(round).length > 0,
      wasAnswered: wasAnswered(this.attempt),
    }
  }

  /** A packet that should have come: due when the client would wait no longer, ended when it did something else. */
  miss(
    label: Phrase,
    from: IpAddress | undefined,
    protocol: Missing['protocol'],
    after: { frame: number; timeNs: number },
    dueNs: number,
    causes: readonly Phrase[],
  ): void {
    this.missing.push({
      number: this.missing.length + 1,
      label,
      from: from ?? 0,
      protocol,
      afterFrame: after.frame,
      afterNs: after.timeNs,
      dueNs,
      isOverdue: this.nowNs >= dueNs,
      causes,
    })
  }

  wait(packet: Phrase): void {
    this.outcome = 'waiting'
    this.waitsFor = packet
    this.say(
      this.attempt.next === undefined
        ? say('explain.waiting', { packet })
        : say('explain.began-anew-before', { packet }),
      [],
      'warning',
    )
  }
}
