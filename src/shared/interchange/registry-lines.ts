/**
 * Values of the Windows registry, each with its line: a `.reg` file of either version (regedit, `reg export`), or what `reg query /s`
 * prints. Total; lines that are neither are listed.
 */
import { say, type Phrase } from '#messages/message.ts'
import type { NotUnderstood, Source, SourceFile } from './model.ts'

export interface RegistryValue {
  readonly source: Source
  /** Such as HKLM\SYSTEM\CurrentControlSet\Services\WDSServer; every set of controls is the current one. */
  readonly key: string
  readonly name: string
  /** Undefined where its type has no meaning here. */
  readonly value: number | string | readonly string[] | undefined
  readonly text: string
}

export interface RegistryReading {
  readonly keys: readonly (Source & { readonly key: string })[]
  readonly values: readonly RegistryValue[]
  readonly notUnderstood: readonly NotUnderstood[]
}

const keyText = (text: string): string =>
  text.replace(/^HKEY_LOCAL_MACHINE/i, 'HKLM').replace(/^(HKLM\\SYSTEM\\)ControlSet\d{3}/i, '$1CurrentControlSet')

/** Strings between zeros, of one octet a character or of two. */
function stringsOf(bytes: readonly number[], width: 1 | 2): string[] {
  let text = ''
  for (let at = 0; at + width <= bytes.length; at += width) text += String.fromCharCode(bytes[at]! + (width === 2 ? bytes[at + 1]! * 256 : 0)) // prettier-ignore
  return text.split('\0').filter((one) => one !== '')
}

/** What stands behind the equals sign of a .reg file; undefined where it is none of its forms. */
function regData(data: string, width: 1 | 2): { readonly value: RegistryValue['value'] } | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(data)?.[1]
  if (quoted !== undefined) return { value: quoted.replaceAll(/\\(.)/gs, '$1') }
  const dword = /^dword:([0-9a-f]{1,8})$/i.exec(data)?.[1]
  if (dword !== undefined) return { value: Number.parseInt(dword, 16) }
  const [, kind = '', digits] = /^hex(?:\(([0-9a-f]+)\))?:([0-9a-f,\s]*)$/i.exec(data) ?? []
  if (digits === undefined) return undefined
  const bytes = digits.split(',').flatMap((one) => (one.trim() === '' ? [] : Number.parseInt(one, 16)))
  if (kind === '7') return { value: stringsOf(bytes, width) }
  if (kind === '1' || kind === '2') return { value: stringsOf(bytes, width)[0] ?? '' }
  if (kind === '4' || kind === 'b') return { value: bytes.reduceRight((sum, one) => sum * 256 + one, 0) }
  return { value: undefined }
}

/** What `reg query` prints behind a type. */
function queryData(type: string, data: string): RegistryValue['value'] {
  if (type === 'REG_DWORD' || type === 'REG_QWORD') return Number.isSafeInteger(Number(data)) && data !== '' ? Number(data) : undefined // prettier-ignore
  if (type === 'REG_MULTI_SZ') return data.split('\\0').filter((one) => one !== '')
  return type === 'REG_SZ' || type === 'REG_EXPAND_SZ' ? data : undefined
}

export function readRegistry({ name: file, text }: SourceFile): RegistryReading {
  const keys: (Source & { key: string })[] = []
  const values: RegistryValue[] = []
  const notUnderstood: NotUnderstood[] = []
  const width = /^\s*REGEDIT4\b/.test(text) ? 1 : 2
  const lines = text.split('\n')
  let key = ''
  for (let index = 0; index < lines.length; index++) {
    const source = { file, line: index + 1 }
    let line = lines[index]!.replace(/\r$/, '')
    const tell = (why: Phrase): void => void notUnderstood.push({ ...source, text: line.trim().slice(0, 200), why })
    // Octets go on behind a backslash.
    if (/^\s*("|@)[^\n]*=\s*hex/.test(line)) while (/,\s*\\$/.test(line) && index + 1 < lines.length) line = line.replace(/\\$/, '') + lines[++index]!.trim() // prettier-ignore
    line = line.trim()
    const named = /^\[(-?)(HKEY_[^\]]+|HKLM[^\]]+)\]$/i.exec(line) ?? /^()(HKEY_[A-Z_]+(?:\\.*)?)$/.exec(line)
    const assigned = /^(?:"((?:[^"\\]|\\.)*)"|(@))\s*=\s*(.*)$/s.exec(line)
    const queried = /^(.+?)\s{2,}(REG_[A-Z_]+)(?:\s+(.*))?$/.exec(line)
    if (line === '' || line.startsWith(';') || /^(Windows Registry Editor Version|REGEDIT4\b)/.test(line)) continue
    if (named) {
      if (named[1] === '-') {
        key = ''
        tell(say('interchange.takes-key-away-says-nothing'))
      } else keys.push({ ...source, key: (key = keyText(named[2]!)) })
    } else if (assigned && key !== '') {
      const name = assigned[2] === '@' ? '' : assigned[1]!.replaceAll(/\\(.)/g, '$1')
      const data = regData(assigned[3]!.trim(), width)
      if (assigned[3] === '-') tell(say('interchange.takes-value-away-says-nothing'))
      else if (data) values.push({ source, key, name, text: line.slice(0, 200), ...data })
      else tell(say('interchange.value-reg-file-name-text'))
    } else if (queried && key !== '')
      values.push({ source, key, name: queried[1]!, text: line.slice(0, 200), value: queryData(queried[2]!, queried[3] ?? '') }) // prettier-ignore
    else tell(say('interchange.key-value-registry'))
  }
  return { keys, values, notUnderstood }
}
