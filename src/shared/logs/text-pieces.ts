/** Text of a log in pieces, whatever its encoding; and which files are one log. */
import { say, type Message } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { encodingOf } from '../lab/text-form.ts'
import { oldEncodingOf, text850 } from './old-encodings.ts'

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'shift_jis' | 'gbk'

/** The WHATWG decoder by its name, which is neither part of the language nor of this layer. */
export type DecoderFor = (
  encoding: Encoding,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string }

/** A file that no log can be read from. */
export class NoTextError extends Error {
  /** What it is, and what to do, about the file by its name. */
  readonly about: (file: string) => Message

  constructor(about: NoTextError['about']) {
    super(inEnglish(about('A file')))
    this.about = about
  }
}

const longestPiece = 1 << 22

/** As much as encoding and kind of a file are told by. */
const sampleBytes = 4096

/**
 * Decodes a file piece by piece. What is UTF-8 is read as such, and a piece that is not in the code page that its letters show, as
 * components of Windows write into one and the same log. Zeros between are left out: a machine that stopped leaves blocks of them, and
 * PowerShell 5 appends UTF-16 to what was none.
 */
export class TextPieces {
  readonly #decoderFor: DecoderFor
  readonly #take: (text: string) => void
  #utf16: ReturnType<DecoderFor> | undefined
  #utf8: ReturnType<DecoderFor> | undefined
  #rest: Uint8Array = new Uint8Array(0)

  constructor(decoderFor: DecoderFor, take: (text: string) => void) {
    this.#decoderFor = decoderFor
    this.#take = take
  }

  /** Throws `NoTextError` at the first piece of what is no text. The chunk may be used again by its owner. */
  push(chunk: Uint8Array): void {
    if (this.#utf8) return this.#decode(chunk)
    // A pipe may hand over a single octet, which tells nothing.
    this.#rest = joined(this.#rest, chunk)
    if (this.#rest.length >= sampleBytes) this.#begin()
  }

  #decode(chunk: Uint8Array): void {
    if (this.#utf16) return this.#take(this.#utf16.decode(chunk, { stream: true }))
    const end = chunk.lastIndexOf(10) + 1
    if (end === 0) {
      this.#rest = joined(this.#rest, chunk)
      // A file without line feeds: what is there is a piece.
      if (this.#rest.length > longestPiece) this.#flush()
      return
    }
    this.#take(this.#text(joined(this.#rest, chunk.subarray(0, end))))
    this.#rest = chunk.slice(end)
  }

  end(): void {
    if (!this.#utf8) this.#begin()
    if (this.#utf16) this.#take(this.#utf16.decode())
    else this.#flush()
  }

  #flush(): void {
    if (this.#rest.length > 0) this.#take(this.#text(this.#rest))
    this.#rest = new Uint8Array(0)
  }

  #begin(): void {
    const sample = this.#rest
    this.#rest = new Uint8Array(0)
    const { encoding } = encodingOf(sample)
    if (encoding !== 'utf-8') this.#utf16 = this.#decoderFor(encoding, { fatal: false, ignoreBOM: false })
    this.#utf8 = this.#decoderFor('utf-8', { fatal: true, ignoreBOM: false })
    refuseBinary(sample.subarray(0, sampleBytes), encoding !== 'utf-8')
    if (sample.length > 0) this.#decode(sample)
  }

  #text(bytes: Uint8Array): string {
    let text: string
    try {
      text = this.#utf8!.decode(bytes)
    } catch {
      text = this.#oldText(bytes)
    }
    return text.includes('\0') ? text.replaceAll('\0', '') : text
  }

  #oldText(bytes: Uint8Array): string {
    const encoding = oldEncodingOf(bytes, (one) => {
      try {
        return this.#decoderFor(one, { fatal: true, ignoreBOM: false }).decode(bytes)
      } catch {
        return undefined
      }
    })
    return encoding === 'ibm850' ? text850(bytes) : this.#decoderFor(encoding, { fatal: false, ignoreBOM: false }).decode(bytes) // prettier-ignore
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.slice()
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const capture = (file: string): Message => say('logs.file-capture', { file })
const archive =
  (kind: string): NoTextError['about'] =>
  (file) =>
    say('logs.file-archive', { file, kind })
/** What is no text, by its first octets as Latin-1; and what to do. */
const binaries: readonly (readonly [start: string, about: NoTextError['about']])[] = [
  ['ElfFile', (file) => say('logs.file-events', { file })],
  ['PK\u0003\u0004', archive('ZIP')],
  ['MSCF', archive('CAB')],
  ['7z\u00bc\u00af', archive('7z')],
  ['Rar!', archive('RAR')],
  ['\u00d4\u00c3\u00b2\u00a1', capture],
  ['\u00a1\u00b2\u00c3\u00d4', capture],
  ['\u004d\u003c\u00b2\u00a1', capture],
  ['\n\r\r\n', capture],
  ['%PDF-', (file) => say('logs.file-pdf', { file })],
]

function refuseBinary(sample: Uint8Array, isUtf16: boolean): void {
  const head = String.fromCharCode(...sample.subarray(0, 8))
  const known = binaries.find(([start]) => head.startsWith(start))
  if (known) throw new NoTextError(known[1])
  let odd = 0
  let looked = 0
  for (const [at, byte] of sample.entries()) {
    // Zeros are of a file that was not written to its end, or of UTF-16 that was appended.
    if (byte === 0) continue
    looked++
    if ((byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) && !(isUtf16 && sample[at ^ 1] !== 0)) odd++
  }
  if (looked === 0 && sample.length > 0) throw new NoTextError((file) => say('logs.file-zeros', { file }))
  // Of random bytes one in ten is such a character; of text, however damaged, hardly any.
  if (odd * 32 > looked) throw new NoTextError((file) => say('logs.file-no-text', { file }))
}

/** Whether a file is called as logs are, packed or not; `.lo_` is what was rolled last. */
export const isLogName = (name: string): boolean => /\.(log|lo_|txt)(\.(gz|zst|lz4))?$/i.test(name)

/** `smsts-20261124-090000.log`: an earlier piece of a log that was rolled, with its time. */
const dated = /^(.*?)[-_.](\d{8}[-_]\d{6}|\d{8,14})(\.lo[g_])$/i

/** Files that are one log (`SMSPXE.lo_` and `SMSPXE.log`), each set in the order of time; sets in the order of their first. */
export function rolledSets<File>(files: readonly File[], pathOf: (file: File) => string): File[][] {
  const sets = new Map<string, { readonly file: File; readonly age: string }[]>()
  for (const file of files) {
    const path = pathOf(file)
    const name = /[^\\/]*$/.exec(path)![0]
    const folder = path.slice(0, path.length - name.length)
    const date = dated.exec(name)
    const stem = (date ? date[1]! : name.replace(/\.lo[g_]$/i, '')).toLowerCase()
    const key = /\.lo[g_]$/i.test(name) ? `${folder}${stem}` : path
    // Dated pieces are the oldest, then what was rolled last, then what is written now.
    const age = date ? `0${date[2]}` : /\.lo_$/i.test(name) ? '1' : '2'
    sets.set(key, [...(sets.get(key) ?? []), { file, age }])
  }
  return [...sets.values()].map((set) =>
    [...set].sort((a, b) => (a.age < b.age ? -1 : a.age > b.age ? 1 : 0)).map((one) => one.file),
  )
}
