/** Formats of options that a dhcpd.conf defines itself (dhcp-options(5), "defining new options"), and values as octets. */
import { bytesOfU32, parseIpv4 } from '../wire/bytes.ts'
import type { Token } from './dhcpd-tokens.ts'

interface Format {
  readonly fields: readonly ('u8' | 'u16' | 'u32' | 'flag' | 'address' | 'text' | 'string')[]
  /** As many of them as somebody writes. */
  readonly isArray: boolean
}

const octetsOf = (bytes: Iterable<number>): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')

/** The format behind `=`; undefined where it is one of which the octets are not made here. */
export function optionFormat(tokens: readonly Token[]): Format | undefined {
  const words = tokens.map(({ text }) => text.toLowerCase())
  const isArray = words[0] === 'array' && words[1] === 'of'
  const fields: Format['fields'][number][] = []
  for (const [at, word] of words.entries()) {
    if (at < (isArray ? 2 : 0) || /^([{},]|unsigned|signed|8|16|32)$/.test(word)) continue
    if (word === 'integer') fields.push(({ 8: 'u8', 16: 'u16', 32: 'u32' } as const)[words[at + 1] ?? ''] ?? 'u32')
    else if (word === 'ip-address') fields.push('address')
    else if (word === 'boolean' || word === 'flag') fields.push('flag')
    else if (word === 'text' || word === 'string') fields.push(word)
    else return undefined
  }
  return fields.length === 0 ? undefined : { fields, isArray }
}

/** A value in a format; undefined where it does not fit. */
export function optionOctets({ fields, isArray }: Format, tokens: readonly Token[]): string | undefined {
  const left = tokens.filter(({ is, text }) => is !== 'sign' || text !== ',')
  let at = 0
  /** The next words with the sign between them, such as an address. */
  const joined = (sign: string): string => {
    let text = left[at++]?.text ?? ''
    while (left[at]?.is === 'sign' && left[at]!.text === sign) {
      text += sign + (left[at + 1]?.text ?? '')
      at += 2
    }
    return text
  }
  const parts: string[] = []
  const most = isArray ? left.length : 1
  for (let round = 0; round < most && (round === 0 || at < left.length); round++)
    for (const field of fields) {
      if (at >= left.length) return undefined
      if (field === 'text' || field === 'string') {
        const token = left[at]!
        if (token.is === 'string') at++
        const hex = token.is === 'string' ? '' : joined(':')
        if (token.is !== 'string' && !/^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(hex)) return undefined
        parts.push(token.is === 'string' ? token.text : octetsOf(hex.split(':').map((one) => Number.parseInt(one, 16))))
      } else if (field === 'address') {
        const address = parseIpv4(joined('.'))
        if (address === undefined) return undefined
        parts.push(octetsOf(bytesOfU32(address)))
      } else if (field === 'flag') {
        const text = left[at++]!.text.toLowerCase()
        if (!/^(on|off|true|false)$/.test(text)) return undefined
        parts.push(text === 'on' || text === 'true' ? '\u0001' : '\0')
      } else {
        const { text } = left[at++]!
        if (!/^-?\d{1,10}$|^0x[0-9a-f]{1,8}$/i.test(text)) return undefined
        parts.push(octetsOf(bytesOfU32(Number(text) >>> 0).subarray(4 - { u8: 1, u16: 2, u32: 4 }[field])))
      }
    }
  return at < left.length ? undefined : parts.join('')
}
