/** The settings of iPXE (ipxe.org/cfg): values with a type, `${net0/mac:hexhyp}` and its kin, DHCP options by number. */
import {
  bytesOfU32,
  decodeText,
  encodeText,
  formatHex,
  formatIpv4,
  formatIpv6,
  formatUuid,
  parseHex,
  parseIpv4,
  parseIpv6,
} from '../../wire/bytes.ts'
import { findOptionData, type DhcpMessage } from '../../wire/dhcp/message.ts'

/** Names of settings that are DHCP options, with the number and the type iPXE gives them. */
const dhcpSettings: Readonly<Record<string, readonly [code: number, type: string]>> = {
  netmask: [1, 'ipv4'],
  gateway: [3, 'ipv4'],
  dns: [6, 'ipv4'],
  syslog: [7, 'ipv4'],
  hostname: [12, 'string'],
  domain: [15, 'string'],
  'root-path': [17, 'string'],
  mtu: [26, 'uint16'],
  'dhcp-server': [54, 'ipv4'],
  'vendor-class': [60, 'string'],
  filename: [67, 'string'],
  'user-class': [77, 'string'],
  uuid: [97, 'uuid'],
}
const typeOfCode = new Map(Object.values(dhcpSettings))

interface Value {
  readonly data: Uint8Array
  readonly type: string
}

const numberOf = (data: Uint8Array): number => data.reduce((sum, octet) => sum * 256 + octet, 0)
const integer = /^(u?)int(8|16|32)$/
const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64(data: Uint8Array): string {
  let text = ''
  for (let at = 0; at < data.length; at += 3) {
    const group = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)
    for (let digit = 0; digit < 4; digit++)
      text += at + digit > data.length ? '=' : base64Digits[(group >> (18 - digit * 6)) & 63]
  }
  return text
}

/** Characters that need no percent sign in an address (RFC 3986 section 2.3). */
const unreserved = /[A-Za-z0-9\-._~]/

function formatted({ data }: Value, type: string): string {
  const signed = integer.exec(type)
  if (signed) {
    const bits = Number(signed[2])
    const value = numberOf(data.subarray(-bits / 8))
    if (signed[1] === 'u') return `0x${value.toString(16)}`
    return String(value >= 2 ** (bits - 1) ? value - 2 ** bits : value)
  }
  switch (type) {
    case 'string':
      return decodeText(data)
    case 'uristring':
      return Array.from(data, (octet) => {
        const character = String.fromCharCode(octet)
        return unreserved.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
      }).join('')
    case 'ipv4':
      return data.length === 4 ? formatIpv4(numberOf(data)) : ''
    case 'ipv6':
      return data.length === 16 ? formatIpv6(data) : ''
    case 'hexhyp':
      return formatHex(data, '-')
    case 'hexraw':
      return formatHex(data)
    case 'base64':
      return base64(data)
    case 'uuid':
    case 'guid': {
      if (data.length !== 16) return ''
      const plain = formatHex(data).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
      return type === 'uuid' ? plain : formatUuid(data)
    }
    default:
      return formatHex(data, ':')
  }
}

function parsed(text: string, type: string): Uint8Array | undefined {
  const signed = integer.exec(type)
  if (signed) {
    const value = Number(text)
    if (!Number.isInteger(value)) return undefined
    return bytesOfU32(value >>> 0).subarray(4 - Number(signed[2]) / 8)
  }
  switch (type) {
    case 'ipv4': {
      const address = parseIpv4(text)
      return address === undefined ? undefined : bytesOfU32(address)
    }
    case 'ipv6':
      return parseIpv6(text)
    case 'hex':
    case 'hexhyp':
    case 'hexraw':
      return parseHex(text.replace(/[:-]/g, ''))
    case 'uristring':
      return encodeText(
        text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
      )
    default:
      return encodeText(text)
  }
}

const knownTypes = /^(string|uristring|ipv4|ipv6|u?int(8|16|32)|hex|hexhyp|hexraw|base64|uuid|guid|busdevfn|dnssl)$/

/** `net0/mac:hexhyp` in its parts. The card's block and its DHCP block count as one: a machine here has one card. */
function partsOf(text: string): {
  readonly name: string
  readonly type: string | undefined
  readonly isOurs: boolean
  /** Of the reply that says how to boot, rather than of the lease. */
  readonly isOfBoot: boolean
} {
  const slash = text.indexOf('/')
  const block = slash < 0 ? '' : text.slice(0, slash).toLowerCase()
  const [name = '', type] = text.slice(slash + 1).split(':')
  const isOfBoot = block === 'proxydhcp' || block === 'pxebs'
  return {
    name: name.toLowerCase(),
    type,
    isOurs: isOfBoot || /^(net(0|x)(\.(dhcp|dhcpv6|link|ndp(\.0)?))?|smbios|)$/.test(block),
    isOfBoot,
  }
}

export class IpxeSettings {
  readonly #values = new Map<string, Value>()
  /** The lease first: a setting without its block is looked for there before it is in the other. */
  #replies: readonly DhcpMessage[] = []
  #boot: DhcpMessage | undefined

  /** Keeps a value under a name that scripts use; what it is worth in another form follows from its type. */
  keep(name: string, data: Uint8Array, type: string): this {
    this.#values.set(name, { data, type })
    return this
  }

  /** The replies to `dhcp`: the lease, and the one that says how to boot where it is another. */
  setReplies(ack: DhcpMessage, boot: DhcpMessage | undefined): void {
    this.#replies = boot && boot !== ack ? [ack, boot] : [ack]
    this.#boot = boot
  }

  #find(name: string, isOfBoot = false): Value | undefined {
    const own = isOfBoot ? undefined : this.#values.get(name)
    if (own) return own
    if (isOfBoot && name === 'next-server') return this.#boot && { data: bytesOfU32(this.#boot.siaddr), type: 'ipv4' }
    const known = dhcpSettings[name]
    const code = known?.[0] ?? (/^\d+(\.\d+)?$/.test(name) ? Math.floor(Number(name)) : undefined)
    if (code === undefined) return undefined
    const all: readonly DhcpMessage[] = this.#replies
    const replies = isOfBoot ? all.filter((one) => one === this.#boot) : all
    for (const reply of replies) {
      if (code === 67) {
        const end = reply.file.indexOf(0)
        const field = reply.file.subarray(0, end < 0 ? undefined : end)
        if (field.length > 0) return { data: field, type: 'string' }
      }
      const data = findOptionData(reply, code)
      if (data) return { data, type: known?.[1] ?? typeOfCode.get(code) ?? 'hex' }
    }
    return undefined
  }

  /** Its value as text; undefined where it has none, or no form of that type. */
  get(text: string): string | undefined {
    const { name, type, isOurs, isOfBoot } = partsOf(text)
    if (!isOurs || (type !== undefined && !knownTypes.test(type))) return undefined
    const value = this.#find(name, isOfBoot)
    return value && formatted(value, type ?? value.type)
  }

  /** The type under which it is shown, and its text. */
  describe(text: string): { readonly name: string; readonly value: string } | undefined {
    const { name, type, isOfBoot } = partsOf(text)
    const value = this.get(text)
    if (value === undefined) return undefined
    const block = Object.hasOwn(dhcpSettings, name) || name === 'ip' || name === 'next-server' ? 'net0.dhcp/' : ''
    return { name: `${block}${name}:${type ?? this.#find(name, isOfBoot)!.type}`, value }
  }

  /** Whether a name may be set: its block is there, and its type is one. */
  isName(text: string): boolean {
    const { type, isOurs } = partsOf(text)
    return isOurs && (type === undefined || knownTypes.test(type))
  }

  /** False where the text is no value of that type. */
  set(text: string, value: string): boolean {
    const { name, type: named } = partsOf(text)
    const type = named ?? this.#values.get(name)?.type ?? dhcpSettings[name]?.[1] ?? 'string'
    const data = parsed(value, type)
    if (!data) return false
    this.#values.set(name, { data, type })
    return true
  }

  /** Keeps an address as it is, under the type that the name has or else `type`; false where `isName` says no. */
  store(text: string, data: Uint8Array, type: string): boolean {
    if (!this.isName(text)) return false
    const { name, type: named } = partsOf(text)
    this.#values.set(name, { data, type: named ?? type })
    return true
  }

  clear(text: string): void {
    this.#values.delete(partsOf(text).name)
  }

  /** Adds to a number; what is none counts as nothing. */
  increase(text: string, by: number): void {
    const { name } = partsOf(text)
    const before = this.#values.get(name)
    const isNumber = before !== undefined && (integer.test(before.type) || before.type === 'string')
    const old = !isNumber ? 0 : before.type === 'string' ? Number(decodeText(before.data)) : numberOf(before.data)
    const sum = (Number.isFinite(old) ? old : 0) + by
    if (before?.type === 'string') this.keep(name, encodeText(String(sum)), 'string')
    else this.keep(name, bytesOfU32(sum >>> 0), before && integer.test(before.type) ? before.type : 'int32')
  }

  /** Every `${...}` with its value, the innermost first; what has none is empty. */
  expand(text: string): string {
    let before = text
    for (let round = 0; round < 64; round++) {
      const after = before.replace(/\$\{([^${}]*)\}/g, (_, name: string) => this.get(name) ?? '')
      if (after === before) return after
      before = after
    }
    return before
  }
}
