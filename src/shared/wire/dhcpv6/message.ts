/**
 * The DHCPv6 message: header, options, options inside options, and messages that relay agents carry inside each other (RFC 8415
 * sections 8, 9 and 21.1). Decoding never throws: it yields what could be read, plus the problems with their offsets.
 */
import { inEnglish } from '#messages/text.ts'
import { decodeText, formatIpv6, u16At, type Problem } from '../bytes.ts'
import { intelEnterprise } from '../iana/enterprises.ts'
import { decodeLayout, readDomainNames } from './layouts.ts'
import { dhcp6OptionCodes, dhcp6OptionName, dhcp6Options } from './options.ts'

export const dhcp6Types = {
  solicit: 1, advertise: 2, request: 3, confirm: 4, renew: 5, rebind: 6, reply: 7, release: 8, decline: 9, reconfigure: 10,
  informationRequest: 11, relayForward: 12, relayReply: 13,
} as const // prettier-ignore

/** RFC 8415 section 7.3 and the later registrations of IANA. */
export const dhcp6TypeNames: Readonly<Record<number, string>> = {
  1: 'SOLICIT',
  2: 'ADVERTISE',
  3: 'REQUEST',
  4: 'CONFIRM',
  5: 'RENEW',
  6: 'REBIND',
  7: 'REPLY',
  8: 'RELEASE',
  9: 'DECLINE',
  10: 'RECONFIGURE',
  11: 'INFORMATION-REQUEST',
  12: 'RELAY-FORW',
  13: 'RELAY-REPL',
  14: 'LEASEQUERY',
  15: 'LEASEQUERY-REPLY',
  16: 'LEASEQUERY-DONE',
  17: 'LEASEQUERY-DATA',
  18: 'RECONFIGURE-REQUEST',
  19: 'RECONFIGURE-REPLY',
  20: 'DHCPV4-QUERY',
  21: 'DHCPV4-RESPONSE',
  22: 'ACTIVELEASEQUERY',
  23: 'STARTTLS',
  36: 'ADDR-REG-INFORM',
  37: 'ADDR-REG-REPLY',
}

export interface Dhcp6Option {
  readonly code: number
  readonly data: Uint8Array
  /** Offset of its code in the datagram. */
  readonly at: number
  /** Options inside it, where it holds any. */
  readonly options: readonly Dhcp6Option[]
  /** The message that a relay agent passes on in it. */
  readonly message?: Dhcp6Message
}

export interface Dhcp6Message {
  readonly type: number
  /** 24 bits; of relay agents, who have none, 0. */
  readonly xid: number
  /** What a relay agent adds: how many passed it on before, on whose link the client is, and who sent it to the agent. */
  readonly relay: { readonly hops: number; readonly linkAddress: string; readonly peerAddress: string } | undefined
  readonly options: readonly Dhcp6Option[]
  readonly at: number
}

export interface DecodedDhcp6 {
  readonly message: Dhcp6Message
  readonly problems: readonly Problem[]
}

export const dhcp6HeaderLength = 4
export const relayHeaderLength = 34
/** Options in options and messages in messages: more than RFC 8415 lets relay agents and clients build. */
const deepest = 16

export const isRelayMessage = (type: number): boolean =>
  type === dhcp6Types.relayForward || type === dhcp6Types.relayReply

class Reader {
  readonly datagram: Uint8Array
  readonly problems: Problem[] = []

  constructor(datagram: Uint8Array) {
    this.datagram = datagram
  }

  message(at: number, end: number, depth: number): Dhcp6Message {
    const { datagram } = this
    const type = datagram[at] ?? 0
    const isRelay = isRelayMessage(type)
    const header = isRelay ? relayHeaderLength : dhcp6HeaderLength
    if (end - at < header) {
      this.problems.push({ at, field: 'header', message: `ends after ${end - at} bytes, needs ${header}` })
      return { type, xid: 0, relay: undefined, options: [], at }
    }
    const relay = isRelay
      ? {
          hops: datagram[at + 1]!,
          linkAddress: formatIpv6(datagram, at + 2),
          peerAddress: formatIpv6(datagram, at + 18),
        }
      : undefined
    const xid = isRelay ? 0 : (datagram[at + 1]! << 16) | u16At(datagram, at + 2)
    return { type, xid, relay, options: this.options(at + header, end, depth), at }
  }

  options(from: number, end: number, depth: number): Dhcp6Option[] {
    const { datagram } = this
    const options: Dhcp6Option[] = []
    for (let at = from; at < end;) {
      const code = u16At(datagram, at)
      const length = u16At(datagram, at + 2)
      if (at + 4 > end || at + 4 + length > end) {
        const field = at + 2 > end ? 'option' : dhcp6OptionName(code)
        this.problems.push({ at, field, message: `is cut off: ${end - at} bytes are left` })
        break
      }
      options.push(this.#option(code, at, length, depth))
      at += 4 + length
    }
    return options
  }

  #option(code: number, at: number, length: number, depth: number): Dhcp6Option {
    const data = this.datagram.subarray(at + 4, at + 4 + length)
    const plain = { code, data, at, options: [] }
    const definition = dhcp6Options.get(code)
    if (!definition) return plain
    const { tail, tailAt = 0, problem } = decodeLayout(definition.layout, data)
    if (problem !== undefined) this.problems.push({ at, field: definition.name, message: problem })
    if (tail === undefined) return plain
    if (depth >= deepest) {
      this.problems.push({ at, field: definition.name, message: `is nested more than ${deepest} deep` })
      return plain
    }
    const from = at + 4 + tailAt
    return tail === 'options'
      ? { ...plain, options: this.options(from, at + 4 + length, depth + 1) }
      : { ...plain, message: this.message(from, at + 4 + length, depth + 1) }
  }
}

/** Reads a datagram; offsets are counted from its beginning. */
export function decodeDhcp6(datagram: Uint8Array): DecodedDhcp6 {
  const reader = new Reader(datagram)
  const message = reader.message(0, datagram.length, 0)
  return { message, problems: reader.problems }
}

export const findDhcp6Option = ({ options }: Pick<Dhcp6Message, 'options'>, code: number): Dhcp6Option | undefined =>
  options.find((one) => one.code === code)

/** The relay agents' messages around that of client or server, outermost first, and the message itself. */
export function unwrapRelays(message: Dhcp6Message): { relays: readonly Dhcp6Message[]; inner: Dhcp6Message } {
  const relays: Dhcp6Message[] = []
  let inner = message
  while (inner.relay) {
    const next = findDhcp6Option(inner, dhcp6OptionCodes.relayMessage)?.message
    if (!next) break
    relays.push(inner)
    inner = next
  }
  return { relays, inner }
}

export interface Dhcp6Status {
  readonly code: number
  readonly text: string
}

function statusIn(of: Pick<Dhcp6Message, 'options'>): Dhcp6Status | undefined {
  const data = findDhcp6Option(of, dhcp6OptionCodes.statusCode)?.data
  return data && data.length >= 2 ? { code: u16At(data, 0), text: decodeText(data.subarray(2)) } : undefined
}

/** The first status that is not success: of the message, of an identity association, or of an address in one. */
export function failedStatusOf(message: Dhcp6Message): Dhcp6Status | undefined {
  const associations = message.options.filter((one) => one.code === dhcp6OptionCodes.iaNa)
  for (const one of [message, ...associations, ...associations.flatMap((association) => association.options)]) {
    const status = statusIn(one)
    if (status && status.code !== 0) return status
  }
  return undefined
}

export interface Dhcp6Address {
  readonly address: string
  readonly preferredSeconds: number
  readonly validSeconds: number
}

/** Addresses of the identity associations for them; an association that failed has none that counts. */
export const addressesOf = (message: Dhcp6Message): Dhcp6Address[] =>
  message.options
    .filter((one) => one.code === dhcp6OptionCodes.iaNa || one.code === dhcp6OptionCodes.iaTa)
    .filter((one) => (statusIn(one)?.code ?? 0) === 0)
    .flatMap((one) => one.options)
    .filter(({ code, data }) => code === dhcp6OptionCodes.iaAddress && data.length >= 24)
    .map(({ data }) => ({
      address: formatIpv6(data),
      preferredSeconds: u16At(data, 16) * 65_536 + u16At(data, 18),
      validSeconds: u16At(data, 20) * 65_536 + u16At(data, 22),
    }))

/** Prefixes that are delegated, as `2001:db8:1::/56`: what a router asks for, and no client that boots (RFC 8415 section 6.3). */
export const prefixesOf = (message: Dhcp6Message): string[] =>
  message.options
    .filter((one) => one.code === dhcp6OptionCodes.iaPd && (statusIn(one)?.code ?? 0) === 0)
    .flatMap((one) => one.options)
    .filter(({ code, data }) => code === dhcp6OptionCodes.iaPrefix && data.length >= 25)
    .map(({ data }) => `${formatIpv6(data, 9)}/${data[8]!}`)

const textOption = (message: Dhcp6Message, code: number): string => {
  const data = findDhcp6Option(message, code)?.data
  return data ? decodeText(data) : ''
}

/** The URL of the boot file (RFC 5970 section 3.1); empty where none is named. */
export const bootUrlOf = (message: Dhcp6Message): string => textOption(message, dhcp6OptionCodes.bootFileUrl)

/** Texts with a length of two octets in front of each. */
function textsFrom(data: Uint8Array, from: number): string[] {
  const texts: string[] = []
  for (let at = from; at + 2 <= data.length;) {
    const length = u16At(data, at)
    texts.push(decodeText(data.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  return texts
}

export interface VendorClass {
  readonly enterprise: number
  readonly classes: readonly string[]
}

export const vendorClassesOf = (message: Dhcp6Message): VendorClass[] =>
  message.options
    .filter(({ code, data }) => code === dhcp6OptionCodes.vendorClass && data.length >= 4)
    .map(({ data }) => ({
      enterprise: u16At(data, 0) * 65_536 + u16At(data, 2),
      classes: textsFrom(data, 4),
    }))

/** The class by which network boot names itself: `PXEClient:Arch:00007:UNDI:003000`; empty where there is none. */
export const bootClassOf = (message: Dhcp6Message): string =>
  vendorClassesOf(message)
    .filter((one) => one.enterprise === intelEnterprise)
    .flatMap((one) => one.classes)
    .find((one) => /^(PXE|HTTP)Client/.test(one)) ?? ''

/** The first architecture of option 61, else the one that the class names. */
export function architecture6Of(message: Dhcp6Message): number | undefined {
  const data = findDhcp6Option(message, dhcp6OptionCodes.architecture)?.data
  if (data && data.length >= 2) return u16At(data, 0)
  const named = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(bootClassOf(message))
  return named ? Number(named[1]) : undefined
}

export const userClasses6Of = (message: Dhcp6Message): string[] => {
  const data = findDhcp6Option(message, dhcp6OptionCodes.userClass)?.data
  return data ? textsFrom(data, 0) : []
}

/** Names of hosts and domains in a message: client FQDN (RFC 4704) and search list (RFC 3646). */
export function namesIn6(message: Dhcp6Message): string[] {
  const fqdn = findDhcp6Option(message, 39)?.data
  const search = findDhcp6Option(message, 24)?.data
  return [...(fqdn ? readDomainNames(fqdn, 1).names : []), ...(search ? readDomainNames(search, 0).names : [])]
    .map((one) => one.name)
    .filter((name) => name !== '')
}

/** The link-layer address in a DUID of type 1 or 3 over Ethernet; undefined in any other. */
export function hardwareOfDuid(duid: Uint8Array | undefined): Uint8Array | undefined {
  const type = duid && duid.length >= 4 && u16At(duid, 2) === 1 ? u16At(duid, 0) : 0
  if (type === 1 && duid!.length === 14) return duid!.subarray(8)
  return type === 3 && duid!.length === 10 ? duid!.subarray(4) : undefined
}

/** The hardware address that a relay agent saw (RFC 6939); undefined where it tells none of Ethernet. */
export function hardwareOfRelay(relay: Dhcp6Message): Uint8Array | undefined {
  const data = findDhcp6Option(relay, dhcp6OptionCodes.linkLayerAddress)?.data
  return data?.length === 8 && u16At(data, 0) === 1 ? data.subarray(2) : undefined
}

/** A DUID in words. */
export const duidText = (duid: Uint8Array): string => inEnglish(decodeLayout('duid', duid).text)
