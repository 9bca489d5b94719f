/** One sentence for each packet of a demonstration: who says what to whom, and what it means. */
import { say, type Phrase } from '#messages/message.ts'
import { formatIpv4, u16At } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import {
  addressOption,
  bootFileOf,
  decodeDhcp,
  findOptionData,
  isHttpClass,
  isPxeClass,
  messageTypeOf,
  vendorClassOf,
  type DhcpMessage,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { findSubOption } from '../wire/dhcp/spaces.ts'
import { addressesIn, dnsCodes, dnsPort, dnsText, dnsTypes, readDns } from '../wire/dns.ts'
import { decodeTftp, tftpErrors } from '../wire/tftp.ts'
import { wdsActions, wdsOption, wdsSub } from '../machines/wds-options.ts'
import type { Fate } from './network.ts'
import type { UdpPacket } from './packet.ts'

export type StepTone = 'dhcp' | 'pxe' | 'tftp' | 'http' | 'other'

export interface Narration {
  readonly tone: StepTone
  /** A few words for an arrow. */
  readonly label: Phrase
  readonly sentence: Phrase
}

export const isDns = ({ sourcePort, destinationPort }: UdpPacket): boolean =>
  sourcePort === dnsPort || destinationPort === dnsPort

/** Names for addresses and for the two ends. */
export interface Cast {
  readonly from: Phrase
  readonly to: string
  readonly nameOf: (address: number) => string
  /** How often the client has sent this message, from 1. */
  readonly turn: number
}

const hasPxeTags = (message: DhcpMessage): boolean => {
  const data = findOptionData(message, optionCodes.vendorSpecific)
  return data !== undefined && [6, 7, 8, 9, 10].some((code) => findSubOption('pxe', data, code) !== undefined)
}

function narrateOffer(message: DhcpMessage, { from }: Cast): Narration {
  const vendorClass = vendorClassOf(message)
  const file = bootFileOf(message)
  const isPxe = isPxeClass(vendorClass)
  if (message.yiaddr === 0) {
    const brings = !hasPxeTags(message) ? 'port' : file === '' ? 'menu' : 'file'
    return {
      tone: 'pxe',
      label: say('narration.offer-no-address'),
      sentence: say('narration.offers-no-address', { from, brings, file }),
    }
  }
  const address = formatIpv4(message.yiaddr)
  const label = `OFFER ${address}`
  if (isHttpClass(vendorClass))
    return { tone: 'http', label, sentence: say('narration.offers-web-address', { from, address, file }) }
  if (isPxe && hasPxeTags(message))
    return {
      tone: 'dhcp',
      label,
      sentence:
        file === ''
          ? say('narration.offers-menu', { from, address })
          : say('narration.offers-load', { from, address, file }),
    }
  if (isPxe)
    return {
      tone: 'dhcp',
      label: say('narration.offer-option-60', { address }),
      sentence: say('narration.offers-option-60', { from, address }),
    }
  if (file !== '')
    return {
      tone: 'dhcp',
      label: say('narration.offer-file', { address }),
      sentence: say('narration.offers-file', { from, address, file }),
    }
  return { tone: 'dhcp', label, sentence: say('narration.offers-no-boot', { from, address }) }
}

function narrateAck(message: DhcpMessage, packet: UdpPacket, { from, to }: Cast): Narration {
  if (packet.sourcePort !== 4011)
    return {
      tone: 'dhcp',
      label: `ACK ${formatIpv4(message.yiaddr)}`,
      sentence: say('narration.confirms-address', { from, address: formatIpv4(message.yiaddr), to }),
    }
  const wds = findOptionData(message, wdsOption)
  if (wds && findSubOption('wds', wds, wdsSub.nextAction)?.[0] === wdsActions.approval)
    return {
      tone: 'pxe',
      label: say('narration.ack-approval'),
      sentence: say('narration.waits-for-approval', { from, to }),
    }
  const file = bootFileOf(message)
  return {
    tone: 'pxe',
    label: say('narration.ack-file', { file }),
    sentence: say('narration.answers-4011', { from, file }),
  }
}

function narrateRequest(message: DhcpMessage, packet: UdpPacket, { from, to, nameOf, turn }: Cast): Narration {
  if (message.ciaddr !== 0 && findOptionData(message, wdsOption))
    return {
      tone: 'pxe',
      label: say('narration.wds-request'),
      sentence: say('narration.wds-asks', { from, to }),
    }
  if (message.ciaddr !== 0 && turn > 1)
    return {
      tone: 'pxe',
      label: say('narration.request-again', { port: packet.destinationPort, turn }),
      sentence: say('narration.asks-port-again', { to, port: packet.destinationPort, from }),
    }
  if (message.ciaddr !== 0)
    return {
      tone: 'pxe',
      label: say('narration.request-port', { port: packet.destinationPort }),
      sentence: say('narration.asks-port', { from, to, port: packet.destinationPort }),
    }
  const server = addressOption(message, optionCodes.serverIdentifier)
  const wanted = addressOption(message, optionCodes.requestedAddress)
  return {
    tone: 'dhcp',
    label: 'REQUEST',
    sentence: say('narration.requests', {
      from,
      address: wanted === undefined ? '' : formatIpv4(wanted),
      isAddressKnown: wanted === undefined ? 'no' : 'yes',
      server: server === undefined ? '' : nameOf(server),
      isServerKnown: server === undefined ? 'no' : 'yes',
    }),
  }
}

function narrateDhcp(packet: UdpPacket, cast: Cast): Narration {
  const { message } = decodeDhcp(packet.payload)
  const { from, to, turn } = cast
  const relayed = message.giaddr !== 0 && packet.destinationPort === 67
  if (relayed && message.op === 1)
    return {
      tone: 'dhcp',
      label: say('narration.relayed'),
      sentence: say('narration.relays', { from, to }),
    }
  if (relayed)
    return { tone: 'dhcp', label: say('narration.returned'), sentence: say('narration.answers-relay', { from }) }
  const server = addressOption(message, optionCodes.serverIdentifier)
  const isPassedOn = message.giaddr !== 0 && message.op === 2 && server !== undefined
  const answering = isPassedOn
    ? { ...cast, from: say('narration.through-relay', { server: cast.nameOf(server), relay: from }) }
    : cast
  switch (messageTypeOf(message)) {
    case messageTypes.discover:
      return {
        tone: 'dhcp',
        label: turn > 1 ? say('narration.message-again', { message: 'DISCOVER', turn }) : 'DISCOVER',
        sentence: turn > 1 ? say('narration.discovers-again', { from }) : say('narration.discovers', { from }),
      }
    case messageTypes.offer:
      return narrateOffer(message, answering)
    case messageTypes.request:
      return narrateRequest(message, packet, cast)
    case messageTypes.ack:
      return narrateAck(message, packet, answering)
    case messageTypes.nak:
      return { tone: 'dhcp', label: 'NAK', sentence: say('narration.refuses-address', { from }) }
    default:
      return { tone: 'dhcp', label: 'DHCP', sentence: say('narration.sends-dhcp', { from, to }) }
  }
}

function narrateTftp(packet: UdpPacket, { from, to }: Cast): Narration {
  const { packet: tftp } = decodeTftp(packet.payload)
  const tone = 'tftp'
  switch (tftp?.kind) {
    case 'rrq': {
      const isProbe =
        tftp.options.some((one) => one.name === 'tsize') && tftp.options.some((one) => one.name === 'windowsize')
      return {
        tone,
        label: say('narration.reads', { filename: tftp.filename }),
        sentence: isProbe
          ? say('narration.asks-size', { from, to, file: tftp.filename })
          : say('narration.asks-file', { from, to, file: tftp.filename }),
      }
    }
    case 'oack':
      return {
        tone,
        label: 'OACK',
        sentence: say('narration.file-is-here', {
          to,
          from,
          options: tftp.options.map(({ name, value }) => `${name} ${value}`).join(', '),
        }),
      }
    case 'error':
      if (tftp.code === tftpErrors.optionRefused)
        return {
          tone,
          label: say('narration.error-8'),
          sentence: say('narration.size-known', { from }),
        }
      return {
        tone,
        label: `ERROR ${tftp.code}`,
        sentence:
          tftp.code === tftpErrors.fileNotFound
            ? say('narration.no-such-file', { from })
            : say('narration.refuses', { from, reason: tftp.message }),
      }
    default:
      return { tone, label: 'TFTP', sentence: say('narration.sends-tftp', { from, to }) }
  }
}

function narrateDns(packet: UdpPacket, { from, to, turn }: Cast): Narration | undefined {
  const message = readDns(packet.payload)
  const [question] = message?.questions ?? []
  if (!message || !question) return undefined
  const { name, type } = question
  const family = type === dnsTypes.aaaa ? 'v6' : type === dnsTypes.a ? 'v4' : 'other'
  const tone = 'other'
  const label = say('wire.named', { name: 'DNS', what: dnsText(message) })
  if (!message.isResponse)
    return { tone, label, sentence: turn > 1 ? say('narration.dns-asks-again', { from, to }) : say('narration.dns-asks', { from, to, name, family }) } // prettier-ignore
  const addresses = addressesIn(message, [dnsTypes.a, dnsTypes.aaaa])
  const sentence =
    addresses.length > 0
      ? say('narration.dns-answers', { from, to, name, addresses })
      : message.code === dnsCodes.noSuchName
        ? say('narration.dns-no-name', { from, to, name })
        : say('narration.dns-no-record', { from, to, name, family })
  return { tone, label, sentence }
}

/** What is said of a UDP datagram. */
export function narrateUdp(packet: UdpPacket, cast: Cast): Narration {
  const dns = isDns(packet) ? narrateDns(packet, cast) : undefined
  if (dns) return dns
  const isDhcp = [67, 68, 4011].includes(packet.destinationPort) && packet.payload.length >= 240
  return isDhcp ? narrateDhcp(packet, cast) : narrateTftp(packet, cast)
}

/** What is said of a packet that did not arrive; undefined of one that did. */
export const narrateFate = (fate: Fate): Phrase | undefined => {
  switch (fate) {
    case 'lost':
      return say('narration.fate-lost')
    case 'too-big':
      return say('narration.fate-too-big')
    case 'blocked':
      return say('narration.fate-blocked')
    case 'queue-full':
      return say('narration.fate-queue-full')
    case 'snooped':
      return say('narration.fate-snooped')
    case 'nobody':
      return say('narration.fate-nobody')
    case 'delivered':
      return undefined
  }
}

/** Opcode of a TFTP datagram, 0 for something else. */
export const tftpOpcode = (payload: Uint8Array): number => (payload.length >= 4 ? u16At(payload, 0) : 0)
