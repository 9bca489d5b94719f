/** Option values as every writer needs them: which a server makes by itself, and which can be written as something readable. */
import { decodeText, encodeText, formatHex } from '../../wire/bytes.ts'
import { findOption, kindOf } from '../../wire/dhcp/options.ts'
import type { PlanOption } from './plan.ts'

/** Types, times, identities and sizes: a server makes them for each message, and configuration files cannot set them. */
export const madeByServer: ReadonlySet<number> = new Set([50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 81, 82, 90, 118])

export type ReadableValue =
  | { readonly is: 'addresses'; readonly values: readonly string[] }
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'numbers'; readonly values: readonly number[] }
  | { readonly is: 'flag'; readonly value: boolean }
  | { readonly is: 'bytes'; readonly hex: string }

/** The value by the kind that the standard gives the option; bytes where the kind has a form of its own. */
export function readable({ code, data }: PlanOption): ReadableValue {
  const bytes = { is: 'bytes', hex: formatHex(data) } as const
  const definition = findOption(code)
  if (!definition) return bytes
  const { value, problem } = kindOf(definition).decode(data)
  if (problem !== undefined) return bytes
  switch (definition.kind) {
    case 'address':
    case 'addresses':
      return { is: 'addresses', values: [value].flat().map(String) }
    case 'text':
    case 'terminatedText': {
      const text = typeof value === 'string' ? value : ''
      // Not every byte string is text that comes back as it was.
      return formatHex(encodeText(text)) === bytes.hex || formatHex(encodeText(`${text}\0`)) === bytes.hex
        ? { is: 'text', value: text }
        : bytes
    }
    case 'flag':
      return { is: 'flag', value: value === true }
    case 'u8':
    case 'u8s':
    case 'u16':
    case 'u16s':
    case 'i32':
    case 'seconds': {
      const numbers = [value].flat().map(Number)
      return numbers.every(Number.isInteger) ? { is: 'numbers', values: numbers } : bytes
    }
    default:
      return bytes
  }
}

/** Text of an option as a string, such as that of options 66 and 67. */
export const optionText = ({ data }: PlanOption): string => decodeText(data).replace(/\0.*$/s, '')

/** Letters, digits and hyphens (RFC 952, RFC 1123 section 2.1): what every engine takes for a host name. */
export const isHostName = (text: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(text)
