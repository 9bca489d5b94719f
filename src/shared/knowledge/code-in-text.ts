/** Codes in what somebody typed or copied off a screen: by their form, wherever they stand, else by the words that the screen shows with them. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { evidenceOfCode, type Evidence } from '../diagnosis/inverse/dialogue.ts'
import { readCode } from '../diagnosis/inverse/codes.ts'
import type { Space } from '../diagnosis/inverse/space.ts'
import { captured } from '../logs/signature.ts'
import { signatures } from '../logs/signatures.ts'
import { codes, findCode, type Code } from './code-book.ts'
import { codePage } from './code-page.ts'

/** Whether nothing but a code was typed: a sentence that begins like one ("E16 ...") is none. */
const isCodeAlone = (text: string): boolean =>
  /^(?:(?:error|exit|return|status|code|win32|windows|hresult|efi|ipxe)[\s:=#]*)*(?:PXE[\s_-]*[ETM][\s_-]?[\dA-FO]{2}:?|[ETM][\s_-]?[\dA-F]{2}:?|0x[\da-f]{1,16}|[\da-f]{8}|[\da-f]{6}|-?\d{1,10}|efi_\w+)$/i.test(text) // prettier-ignore

/** The parts of a text that may be codes: the whole of it, or those that stand in a sentence. */
export function codesNamed(text: string): string[] {
  const whole = text.trim()
  if (/^[\w\s:#=-]{1,30}$/.test(whole) && findCode(whole) !== undefined && isCodeAlone(whole)) return [whole]
  return (
    whole.match(
      /\bPXE[\s_-]?[ETM][\s_-]?[\dA-FO]{2}\b|(?:0x[\da-f]{16}|0x[\da-f]{4,9})\b|\b[8c][\da-f]{7}\b|ipxe\.org\/(?:err\/)?[\da-f]{6,8}|\bipxe\s+[0-7][\da-f]{7}\b|(?<![\w.])-2\d{9}\b|\bEFI_[A-Z_]+\b/gi,
    ) ?? []
  )
}

const pxeForm = /\bPXE[\s_-]*[ETM][\s_-]?[\dA-FO]{2}\b/i
/** What only a code is written like: numbers and words alone may be anything. */
const codeForm =
  /^(?:PXE[\s_-]*[ETM][\s_-]?[\dA-FO]{2}:?|PXE-(?![ETM]{2})[A-Z][\dA-F]{2,4}:?|[ETM][\s_-]?\d[\dA-F]:?|0x[\da-f]{3,16}|EFI_[A-Z_]+)$/i

/** A code in a text that has the form of one and stands in no table: alone, or a PXE code in a line. As it is written, in capital letters. */
export function unknownCodeIn(text: string): string | undefined {
  const whole = text.trim()
  const written = codeForm.test(whole) ? whole : pxeForm.exec(whole)?.[0]
  if (written === undefined || codesNamed(text).some((one) => findCode(one) !== undefined) || findCode(written))
    return undefined
  const read = readCode(written)
  return read?.startsWith('PXE-')
    ? read
    : /^0x/i.test(written)
      ? written.toLowerCase()
      : written.toUpperCase().replace(/:$/, '')
}

/** What is said of one. */
export const unknownCodeText = (code: string): Message => say('knowledge.code-in-no-table', { code })

const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `

/** What the screen shows beside a code, without the code and what only some builds say. */
const wordsOf = (line: string): string => plain(line.replace(/^PXE-\w+:/, '').replace(/\(http.*/, ''))

const sentences = codes
  .filter(({ family }) => family !== 'uefi')
  .flatMap((code) => code.lines.map(({ line }) => ({ code, words: wordsOf(line) })))
  .filter(({ words }) => words.trim().includes(' '))

/** HTTP boot of EDK2 shows the words of PXE codes behind "Error:", and means other causes by them; so do programs that load over HTTP. */
const ofHttpBoot =
  /\bHTTP\/1\.\d [45]\d\d\b|\bwget: |\bcurl: \(\d|\bError: (?:Unexpected network error|Server response timeout|Remote boot cancelled|Network device error|Could not (?:detect network connection|allocate I\/O buffers)|Buffer size is smaller)/i

/** The code with these words on its screen: all of a line, or a good part of one; undefined where several fit as well. */
function codeOfSentence(text: string): Code | undefined {
  const asked = plain(text)
  if (asked.trim().split(' ').length < 2 || asked.length < 10 || ofHttpBoot.test(text)) return undefined
  const whole = sentences.filter(({ words }) => asked.includes(words))
  const longest = Math.max(0, ...whole.map(({ words }) => words.length))
  const best = longest > 0 ? whole.filter(({ words }) => words.length === longest) : sentences.filter(({ words }) => words.includes(asked)) // prettier-ignore
  const found = [...new Set(best.map(({ code }) => code))]
  // A BIOS shows two codes for one refusal of TFTP; the first of them tells it.
  return found.length === 1 || found.every(({ family }) => family === 'pxe') ? found[0] : undefined
}

/** The code that a text names. */
export const codeInText = (text: string): Code | undefined =>
  codesNamed(text)
    .map(findCode)
    .find((one) => one !== undefined) ??
  findCode(text) ??
  codeOfSentence(text)

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)

/** What a line without a code says, of a boot loader, the boot manager or Linux; undefined where none is known. */
function toldOfLine(text: string): string | undefined {
  const [best] = signatures
    .filter(({ families, kind, pattern }) => families.includes('screen') && kind !== 'good' && pattern.test(text))
    .sort((a, b) => b.weight - a.weight)
  if (!best) return undefined
  const values = captured(best.pattern.exec(text)?.groups ?? {})
  return [sentence(textOf(best.title(values))), textOf(best.means?.()), textOf(best.fix?.())].filter(Boolean).join('\n')
}

/** What is known of a code that no simulated machine shows, in sentences. */
function toldOf(code: Code): string {
  const { signatures: own, notes } = codePage(code, undefined)
  return [
    `${code.code}: ${sentence(code.title)}`,
    ...(code.look === undefined ? [] : [t('knowledge.look-at', { what: code.look })]),
    ...own.filter(({ id }) => !id.startsWith('screen-')).slice(0, 3).map(({ title, means, fix }) => [sentence(textOf(title())), textOf(means?.()), textOf(fix?.())].filter(Boolean).join(' ')),
    ...notes.map(textOf),
  ].join('\n') // prettier-ignore
}

/**
 * What a text off a screen tells the diagnosis. `known`: the code that it names where no machine of the simulator shows it, and what is
 * known of it; `problem`: in words where it names none.
 */
export function evidenceOfText(space: Space, text: string): Evidence | { readonly problem: Phrase; readonly known?: string } {
  const code = codeInText(text)
  if (!code) {
    const known = toldOfLine(text)
    const unknown = unknownCodeIn(text)
    if (known === undefined && unknown !== undefined) return { problem: unknownCodeText(unknown) }
    return known === undefined ? evidenceOfCode(space, text) : { problem: known.replaceAll('\n', ' '), known }
  }
  const found = evidenceOfCode(space, code.code)
  return 'problem' in found ? { ...found, known: toldOf(code) } : found
} // prettier-ignore
