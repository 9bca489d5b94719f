/**
 * Texts with placeholders: `{mac}`, `{mac:-}`, `{role}`. What other languages of such files mean stays as it is: `${…}` of
 * shells and iPXE, `%{…}` of rpm and curl, `{{…}}` of Jinja and Go, and every brace that is followed by anything but a name
 * and a closing brace. `{!name}` is the text `{name}`. A placeholder without a value is a problem and never an empty text.
 */
import { encodeText, parseIpv4 } from '../../wire/bytes.ts'

export interface Value {
  readonly text: string
  /** A password: it goes into templates for the machine that it belongs to, and into no name, page or log. */
  readonly isSecret: boolean
}

/** A variable of a machine: its value, or a clause that says why it has none here. */
export type Lookup = (name: string) => Value | { readonly why: string } | undefined

/** How a value is written where no form of the placeholder says it. */
export type Escaping = 'none' | 'xml' | 'url'

export interface TemplateProblem {
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** The placeholder as it stands in the text. */
  readonly placeholder: string
  /** A clause without its full stop. */
  readonly text: string
  /** A sentence. */
  readonly remedy: string
}

/** A stretch of the filled text. */
export interface FilledPart {
  readonly text: string
  /** The variable that it is the value of; undefined for what stood there. */
  readonly variable?: string
  readonly isSecret?: boolean
}

export type Filled =
  | { readonly ok: true; readonly text: string; readonly parts: readonly FilledPart[]; readonly hasSecret: boolean }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] }

const notPlaceholders = String.raw`[$%]\{|\{{2,}`
/** A name, and forms behind colons. */
const placeholder = String.raw`\{(!?)([A-Za-z][A-Za-z0-9_]{0,62})((?::[a-z-]{1,16})*)\}`
const tokens = (): RegExp => new RegExp(`${notPlaceholders}|${placeholder}`, 'g')

/** What a variable of the lab may be called. */
export const variableName = /^[A-Za-z][A-Za-z0-9_]{0,62}$/

/** More than any machine's answer file has wrong; the first ones are what is mended. */
const mostProblems = 50
/** A file of one placeholder after another would otherwise grow by as much as the longest value is longer. */
export const mostFilledBytes = 4 * 1024 * 1024

const ipHex = (text: string): string | undefined => parseIpv4(text)?.toString(16).toUpperCase().padStart(8, '0')
const macOrUuid = /^([\da-f]{2}(:[\da-f]{2}){5,19}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i
const xmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Each gives undefined where the value has no such form. */
const forms: Readonly<Record<string, (text: string) => string | undefined>> = {
  '-': (text) => (macOrUuid.test(text) ? text.replaceAll(':', '-') : undefined),
  hex: (text) => ipHex(text) ?? (macOrUuid.test(text) ? text.replaceAll(/[:-]/g, '') : undefined),
  // Hardware type 1 before it, as SYSLINUX and GRUB name their configurations.
  pxelinux: (text) => (/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(text) ? `01-${text.replaceAll(':', '-')}` : ipHex(text)),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  raw: (text) => text,
  xml: (text) => text.replaceAll(/[&<>"']/g, (one) => xmlEntities[one]!),
  // One word of a POSIX shell (IEEE 1003.1, 2.2.2).
  shell: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  // A string of JSON is one of YAML 1.2 as well.
  json: (text) => JSON.stringify(text),
  url: (text) => encodeURIComponent(text).replaceAll('%3A', ':'),
}
/** Forms that say how the value is escaped. */
const escapes: ReadonlySet<string> = new Set(['raw', 'xml', 'shell', 'json', 'url'])

/** Whether there is anything to fill in, an escaped placeholder included. */
export function hasPlaceholders(text: string): boolean {
  for (const match of text.matchAll(tokens())) if (match[2] !== undefined && isMeant(match)) return true
  return false
}

/** `{a:b}` is a map of YAML where b is no form. */
const isMeant = ([, , , suffix = '']: RegExpMatchArray): boolean =>
  suffix
    .split(':')
    .slice(1)
    .every((form) => Object.hasOwn(forms, form))

/** Names of the variables that a text asks for, each once. */
export function variablesIn(text: string): readonly string[] {
  const names = [...text.matchAll(tokens())].filter((match) => match[2] !== undefined && match[1] === '' && isMeant(match)) // prettier-ignore
  return [...new Set(names.map((match) => match[2]!))]
}

/** `known`: the names that a person could have meant, for the remedy. */
export function fillTemplate(
  text: string,
  lookup: Lookup,
  {
    escaping = 'none',
    known = [],
    write = (written) => written,
  }: {
    readonly escaping?: Escaping
    readonly known?: readonly string[]
    /** How a value stands in the text, when its forms have been made: as bytes of UTF-8, in a text of bytes. */
    readonly write?: (written: string) => string
  } = {},
): Filled {
  const parts: FilledPart[] = []
  const problems: TemplateProblem[] = []
  let at = 0
  let length = 0
  let hasSecret = false
  const push = (part: FilledPart): void => {
    if (part.text === '') return
    length += part.text.length
    parts.push(part)
  }
  for (const match of text.matchAll(tokens())) {
    const [whole, bang, name, suffix = ''] = match
    if (name === undefined || !isMeant(match)) continue
    push({ text: text.slice(at, match.index) })
    at = match.index + whole.length
    if (bang === '!') {
      push({ text: `{${name}${suffix}}` })
      continue
    }
    const complain = (why: string, remedy: string): void => {
      const before = text.slice(0, match.index)
      const line = before.split('\n').length
      problems.push({ line, column: match.index - before.lastIndexOf('\n'), placeholder: whole, text: why, remedy })
    }
    const value = lookup(name)
    if (value === undefined)
      complain(
        `${whole} is no variable of this lab`,
        `Add ${name} to variables, or write {!${name}${suffix}} where the text ${whole} is meant.${known.length > 0 ? ` Known: ${known.join(', ')}.` : ''}`, // prettier-ignore
      )
    else if ('why' in value)
      complain(`${whole} has no value: ${value.why}`, `Give the machine a value, or write {!${name}${suffix}} where the text ${whole} is meant.`) // prettier-ignore
    else {
      const wanted = suffix.split(':').slice(1)
      const all = wanted.some((form) => escapes.has(form)) || escaping === 'none' ? wanted : [...wanted, escaping]
      let written: string | undefined = value.text
      for (const form of all) written = written === undefined ? undefined : forms[form]!(written)
      if (written === undefined)
        complain(`${whole}: ${value.isSecret ? 'its value' : `the value ${value.text}`} has no such form`, 'Forms -, hex and pxelinux are for MAC addresses; hex is for UUIDs and IPv4 addresses as well.') // prettier-ignore
      else {
        hasSecret ||= value.isSecret
        push({ text: write(written), variable: name, ...(value.isSecret ? { isSecret: true } : {}) })
      }
    }
    if (length > mostFilledBytes) {
      complain(`the text is longer than ${mostFilledBytes / 1024 / 1024} MiB when it is filled in`, 'Make it shorter.')
      break
    }
    if (problems.length >= mostProblems) break
  }
  if (problems.length > 0) return { ok: false, problems }
  push({ text: text.slice(at) })
  return { ok: true, text: parts.map((part) => part.text).join(''), parts, hasSecret }
}

/** Bytes of a file as a text in which each character is one byte, so that whatever it holds survives. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = ''
  // A call takes no more arguments than this at a time.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

/** The inverse: characters above 255 came from values that were not encoded. */
export function bytesOfText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** A value as it stands in a text of bytes: UTF-8. */
export const asBytes = (written: string): string => textOfBytes(encodeText(written))
