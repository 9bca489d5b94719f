/** What the dissectors of the layers gather on their way, and the small fields they make. */
import type { Phrase } from '#messages/message.ts'
import type { Problem } from '../bytes.ts'
import type { SummaryOptions } from '../summary.ts'
import { hex, type Field } from './field.ts'

export class Gathering {
  readonly layers: Field[] = []
  readonly problems: Problem[] = []
  readonly bytes: Uint8Array
  readonly options: SummaryOptions

  constructor(bytes: Uint8Array, options: SummaryOptions) {
    this.bytes = bytes
    this.options = options
  }

  cutOff(layer: string, at: number, needed: number): void {
    this.problems.push({
      at,
      field: layer,
      message: `is cut off: ${Math.max(0, this.bytes.length - at)} bytes are left, needs ${needed}`,
    })
  }
}

export const number = (
  name: string,
  key: string,
  value: number,
  at: number,
  length: number,
  text: Phrase = String(value),
): Field => ({ name, key, value, text, at, length })

export const shown = (name: string, key: string, value: string, at: number, length: number): Field => ({
  name,
  key,
  value,
  text: value,
  at,
  length,
})

/** A number that Wireshark writes in hexadecimal. */
export const hexNumber = (
  name: string,
  key: string,
  value: number,
  digits: number,
  at: number,
  length: number,
  text: Phrase = hex(value, digits),
): Field => ({ name, key, value: hex(value, digits), text, at, length })
