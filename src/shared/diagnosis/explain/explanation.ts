/** What is told of a boot attempt. */
import type { Phrase } from '#messages/message.ts'
import type { Firmware } from '../../trace/firmware.ts'
import type { Missing, Note, Tone } from '../../trace/ladder.ts'
import type { FailureKind } from '../failures.ts'

export interface Sentence<Text = Phrase> {
  readonly text: Text
  readonly tone: Tone
  /** Numbers of the frames it speaks of. */
  readonly frames: readonly number[]
}

export interface OfferVerdict<Text = Phrase> {
  readonly frame: number
  readonly server: string
  readonly role: 'DHCP' | 'proxyDHCP'
  /** The address it offers; empty for a proxyDHCP. */
  readonly address: string
  readonly brings: Text
  /**
   * `repeated`: the same server answered a repeated DISCOVER. `dropped`: the client cannot take it. `acceptable`: it could, and no
   * REQUEST shows that it did.
   */
  readonly taken: 'whole' | 'address' | 'boot' | 'no' | 'repeated' | 'dropped' | 'acceptable'
  readonly why: Text
}

export const stageNames = ['discover', 'offer', 'request', 'ack', 'boot-server', 'file', 'next-program'] as const

export interface Stage<Text = Phrase> {
  readonly name: (typeof stageNames)[number]
  /** In words: `File 2 of 3: boot.wim`. */
  readonly title: Text
  readonly state: 'done' | 'failed' | 'waiting'
  /** Nanoseconds since the store's base. */
  readonly startNs: number
  readonly endNs: number
  readonly frames: readonly number[]
}

/**
 * `started`: a boot program or an operating system runs. `loaded`: the boot file is on the machine. `address`: a client that did
 * not ask to boot has an address. `idle`: nothing was asked for that could fail to boot. `waiting`: it goes on, or the capture ends
 * before it does. `unknown`: the packets do not tell how it ended.
 * `check`: nobody's boot, a question of PXE Lab itself.
 */
export const outcomes = ['started', 'loaded', 'address', 'idle', 'waiting', 'unknown', 'failed', 'check'] as const
export type Outcome = (typeof outcomes)[number]

/** `Text`: string where it was said already, in the language of whoever asked. */
export interface Explanation<Text = Phrase> {
  readonly outcome: Outcome
  readonly headline: Text
  /** Whether it goes on as soon as somebody approves of the machine. */
  readonly waitsForApproval: boolean
  readonly firmware: Firmware | undefined
  readonly failure: FailureKind | undefined
  /** What the person in front of the machine reads, as far as it is known for this firmware. */
  readonly screen: readonly string[]
  /** The error code on the screen with its meaning for this firmware. */
  readonly code: { readonly code: string; readonly meaning: Text; readonly elsewhere: Text | undefined } | undefined
  readonly causes: readonly Text[]
  /** What to do, the likeliest remedy first. */
  readonly fixes: readonly Text[]
  /** What would tell the causes apart, where the packets do not. */
  readonly tells: readonly Text[]
  readonly sentences: readonly Sentence<Text>[]
  readonly stages: readonly Stage<Text>[]
  readonly offers: readonly OfferVerdict<Text>[]
  readonly missing: readonly Missing<Text>[]
  /** What is to be said of single frames. */
  readonly notes: readonly Note<Text>[]
  readonly startNs: number
  readonly endNs: number
}
