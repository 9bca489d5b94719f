/** What is told of a boot attempt. */
import type { Firmware } from '../../trace/firmware.ts'
import type { Missing, Note, Tone } from '../../trace/ladder.ts'
import type { FailureKind } from '../failures.ts'

export interface Sentence {
  readonly text: string
  readonly tone: Tone
  /** Numbers of the frames it speaks of. */
  readonly frames: readonly number[]
}

export interface OfferVerdict {
  readonly frame: number
  readonly server: string
  readonly role: 'DHCP' | 'proxyDHCP'
  /** The address it offers; empty for a proxyDHCP. */
  readonly address: string
  readonly brings: string
  /**
   * `repeated`: the same server answered a repeated DISCOVER. `dropped`: the client cannot take it. `acceptable`: it could, and no
   * REQUEST shows that it did.
   */
  readonly taken: 'whole' | 'address' | 'boot' | 'no' | 'repeated' | 'dropped' | 'acceptable'
  readonly why: string
}

export const stageNames = ['discover', 'offer', 'request', 'ack', 'boot-server', 'file', 'next-program'] as const

export interface Stage {
  readonly name: (typeof stageNames)[number]
  /** In words: `File 2 of 3: boot.wim`. */
  readonly title: string
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

export interface Explanation {
  readonly outcome: Outcome
  readonly headline: string
  readonly firmware: Firmware | undefined
  readonly failure: FailureKind | undefined
  /** What the person in front of the machine reads, as far as it is known for this firmware. */
  readonly screen: readonly string[]
  /** The error code on the screen with its meaning for this firmware. */
  readonly code: { readonly code: string; readonly meaning: string; readonly elsewhere: string | undefined } | undefined
  readonly causes: readonly string[]
  /** What to do, the likeliest remedy first. */
  readonly fixes: readonly string[]
  /** What would tell the causes apart, where the packets do not. */
  readonly tells: readonly string[]
  readonly sentences: readonly Sentence[]
  readonly stages: readonly Stage[]
  readonly offers: readonly OfferVerdict[]
  readonly missing: readonly Missing[]
  /** What is to be said of single frames. */
  readonly notes: readonly Note[]
  readonly startNs: number
  readonly endNs: number
}
