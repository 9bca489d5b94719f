/**
 * How a text file is written: its encoding, its byte order mark, its line ends. Inside the program text has none of these;
 * what is written back gets those of the file it came from.
 */
import { encodeText } from '../wire/bytes.ts'

type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface TextForm {
  readonly encoding: Exclude<TextEncodingName, 'windows-1252'>
  readonly hasMark: boolean
  readonly lineEnd: '\n' | '\r\n'
}

export const plainForm: TextForm = { encoding: 'utf-8', hasMark: false, lineEnd: '\n' }

/** The WHATWG decoder by its name, which is neither part of the language nor of this layer. */
type DecoderFor = (
  encoding: TextEncodingName,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

/** So many octets in a row are plain letters in ASCII; of UTF-16 half of them would be zeros, or it would be chance. */
const plainHead = 16
const isPlain = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13

/**
 * By the byte order mark; without one by the octets that are zero, of which a text in UTF-8 has none and one in UTF-16 has
 * half of each blank, digit and line end (YAML 1.2.2 section 5.2 looks at the first character; it may be none of ASCII).
 */
export function encodingOf(bytes: Uint8Array): { readonly encoding: TextForm['encoding']; readonly hasMark: boolean } {
  const [a, b, c] = bytes
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', hasMark: true }
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', hasMark: true }
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', hasMark: true }
  // What begins with a line of plain letters is no UTF-16, whatever was appended to it.
  if (bytes.length >= plainHead && bytes.subarray(0, plainHead).every(isPlain))
    return { encoding: 'utf-8', hasMark: false }
  const zeros = [0, 0]
  for (let at = 0; at < Math.min(bytes.length, 4096); at++) if (bytes[at] === 0) zeros[at & 1]!++
  const [even, odd] = zeros as [number, number]
  if (odd > 0 && odd > even * 3) return { encoding: 'utf-16le', hasMark: false }
  if (even > 0 && even > odd * 3) return { encoding: 'utf-16be', hasMark: false }
  return { encoding: 'utf-8', hasMark: false }
}

/**
 * The text of a file, with line feeds only and without a mark, and its form. What is no UTF-8 is read as windows-1252, as
 * editors and logs of western Windows write it, and goes back as UTF-8.
 */
export function readText(
  bytes: Uint8Array,
  decoderFor: DecoderFor,
): { readonly text: string; readonly form: TextForm } {
  const { encoding, hasMark } = encodingOf(bytes)
  const decoded = (as: TextEncodingName, fatal: boolean): string =>
    decoderFor(as, { fatal, ignoreBOM: false }).decode(bytes)
  let text: string
  try {
    text = decoded(encoding, encoding === 'utf-8' && !hasMark)
  } catch {
    text = decoded('windows-1252', false)
  }
  const returns = text.match(/\r\n/g)?.length ?? 0
  const lineEnd = returns * 2 > (text.match(/\n/g)?.length ?? 0) ? '\r\n' : '\n'
  return { text: text.replaceAll('\r\n', '\n'), form: { encoding, hasMark, lineEnd } }
}

/** The bytes of a text in a form. */
export function writeText(text: string, { encoding, hasMark, lineEnd }: TextForm): Uint8Array {
  const whole = (hasMark ? '\ufeff' : '') + text.replaceAll(/\r?\n/g, lineEnd)
  if (encoding === 'utf-8') return encodeText(whole)
  const bytes = new Uint8Array(whole.length * 2)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < whole.length; at++) view.setUint16(at * 2, whole.charCodeAt(at), encoding === 'utf-16le')
  return bytes
}
