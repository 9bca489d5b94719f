/** What the engine of captures answers: rows, lines, boots, packets. */
import type { Explanation, Outcome } from '#shared/diagnosis/explain/explanation.ts'
import type { Evidence } from '#shared/diagnosis/inverse/dialogue.ts'
import type { FilterProblem } from '#shared/trace/filter/syntax.ts'
import type { LadderDrawing } from '#shared/trace/ladder-svg.ts'
import type { LadderRow } from '#shared/trace/ladder.ts'
import type { Dissection } from '#shared/wire/dissect/field.ts'
import type { FrameSummary } from '#shared/wire/summary.ts'

export interface SourceState {
  readonly source: string
  readonly first: number
  readonly last: number
  /** Frames that the filter leaves. */
  readonly matched: number
  /** Lines of the list of machines and attempts. */
  readonly lines: number
  readonly attempts: number
  /** Bytes read of bytes there are, while a file is being read. */
  readonly progress: { readonly read: number; readonly total: number } | undefined
  /** Whether a file was read to its end. */
  readonly isRead: boolean
  /** Milliseconds that reading and analysing took of this thread. */
  readonly busyMs: number
  /** The filter that the list of packets is by now; empty without one. */
  readonly filter: string
  /** How far the filter is: the last frame it looked at. */
  readonly filtered: number
  /** Why the filter could not go on; every packet is shown then. */
  readonly filterProblem: FilterProblem | undefined
  readonly damage: string | undefined
  /** Whether what was read is no capture at all. */
  readonly isForeign: boolean
  /** Grows with each mark, comment and change of the colour rules. */
  readonly edits: number
  /** Grows whenever what was asked for may be different now. */
  readonly version: number
  /** The first rows, told once, with the first packets: nobody has to ask for them then. */
  readonly opening?: readonly PacketRow[]
}

export interface PacketRow extends FrameSummary<string> {
  readonly frame: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** Seconds since the first frame. */
  readonly seconds: number
  readonly direction: 'in' | 'out' | undefined
  readonly length: number
  readonly machine: string
  /** Attempt it belongs to, and TFTP transfer; 0 for none. */
  readonly attempt: number
  readonly transfer: number
  /** Seconds since the row before. */
  readonly delta: number
  readonly isMarked: boolean
  /** Every comment: that of the file, and that of the person. */
  readonly comment: string
  readonly remark: string
  /** Index of the first colour rule that takes it, -1 for none. */
  readonly rule: number
}

export type AttemptLine =
  | { readonly kind: 'machine'; readonly name: string; readonly title: string; readonly attempts: number }
  | {
      readonly kind: 'attempt'
      readonly number: number
      readonly machine: string
      readonly ordinal: number
      readonly outcome: Outcome
      readonly headline: string
      /** How long it took. */
      readonly milliseconds: number
      /** Milliseconds since 1970. */
      readonly began: number
    }

export interface ExplainedAttempt extends LadderDrawing {
  readonly source: string
  readonly number: number
  readonly machine: string
  readonly ordinal: number
  readonly explanation: Explanation<string>
  /** What it tells the diagnosis backwards. */
  readonly evidence: readonly Evidence[]
  /** Name that people gave the machine; empty without one. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly began: number
  /** How long it took. */
  readonly milliseconds: number
  readonly rows: readonly LadderRow[]
  /** Hardware addresses of the lanes. */
  readonly macs: readonly string[]
}

export interface FrameDetail {
  readonly frame: number
  readonly time: number
  readonly interface: string
  readonly isSynthesised: boolean
  readonly direction: 'in' | 'out' | undefined
  readonly length: number
  readonly dissection: Dissection
  readonly bytes: Uint8Array
  /** Frames whose fragments this one completes. */
  readonly parts: readonly number[]
  /** The comment of the file, and that of the person. */
  readonly comment: string | undefined
  readonly remark: string
  readonly isMarked: boolean
  readonly machine: string
  readonly transfer: number
  /** Attempt it belongs to, 0 for none. */
  readonly attempt: number
}

export interface DrawOptions {
  readonly width: number
  readonly spacing: 'even' | 'scale'
  readonly unfolded: readonly number[]
  /** Of the letters and rows, 1 as they are. */
  readonly zoom?: number
  /** Whether the heads of the lanes begin with the names that people gave. */
  readonly areNamesFirst?: boolean
}

export interface ReportOptions {
  readonly title: string
  readonly isMasked: boolean
  readonly labText: string | undefined
  readonly version: string
}

/** Packets by a filter get a colour; the first rule that takes one decides. */
export interface ColourRule {
  readonly name: string
  readonly filter: string
}

/** What a question for packets is about: all of them, those the filter leaves, of an attempt, those that are marked. */
export type FrameChoice = 'all' | 'shown' | 'attempt' | 'marked'

/** First and last frame of a range, both part of it. */
export type FrameRange = readonly [from: number, to: number]
/** What is copied or marked: also certain packets, or those of some ranges that the filter leaves. */
export type PacketChoice = FrameChoice | readonly number[] | { readonly ranges: readonly FrameRange[] }

export interface PacketTally {
  readonly packets: number
  /** Of them. */
  readonly marked: number
}
