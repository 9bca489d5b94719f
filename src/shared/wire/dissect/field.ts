/** A frame as a tree of named values: what the dissectors make, and what windows, command line and reports show. */
import type { Phrase } from '#messages/message.ts'
import type { Problem } from '../bytes.ts'
import type { FrameSummary } from '../summary.ts'

export interface Field {
  /** As the standard says it, in English; `fieldName` has it for people. */
  readonly name: string
  /** In words. */
  readonly text: Phrase
  /** Offset and length in the frame, in bytes. */
  readonly at: number
  readonly length: number
  /** Name for filters and comparison, as Wireshark has it where it has one. */
  readonly key?: string | undefined
  /** The value as it is on the wire: a number, or the text of an address or name. */
  readonly value?: string | number | undefined
  /** Where it is defined. */
  readonly reference?: string | undefined
  /** What is wrong with it. */
  readonly problem?: string | undefined
  readonly children?: readonly Field[] | undefined
}

export interface Dissection extends FrameSummary {
  /** The layers, outermost first. */
  readonly layers: readonly Field[]
  readonly problems: readonly Problem[]
  /** What is kept of a frame that was cut short, in words; undefined where all of it is. */
  readonly cut: Phrase | undefined
}

export const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`

/** Every field of a tree, parents before children. */
export function* allFields(fields: readonly Field[]): Generator<Field> {
  for (const field of fields) {
    yield field
    if (field.children) yield* allFields(field.children)
  }
}
