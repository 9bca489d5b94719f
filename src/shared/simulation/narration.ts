/** One sentence for each packet of a demonstration: who says what to whom, and what it means. */
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
import { decodeTftp, tftpErrors } from '../wire/tftp.ts'
import { wdsActions, wdsOption, wdsSub } from '../machines/wds-options.ts'
import type { Fate } from './network.ts'
import type { UdpPacket } from './packet.ts'

export type StepTone = 'dhcp' | 'pxe' | 'tftp' | 'http' | 'other'

export interface Narration {
  readonly tone: StepTone
  /** A few words for an arrow. */
  readonly label: string
  readonly sentence: string
}

/** Names for addresses and for the two ends. */
export interface Cast {
  readonly from: string
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
    const what =
      file !== '' && hasPxeTags(message)
        ? `and names the boot file ${file}`
        : hasPxeTags(message)
          ? 'and brings a boot menu'
          : 'and wants to be asked on port 4011'
    return {
      tone: 'pxe',
      label: 'OFFER without an address',
      sentence: `${from} offers no address: as proxyDHCP it says that it knows about booting (option 60 PXEClient), ${what}.`,
    }
  }
  const address = formatIpv4(message.yiaddr)
  const label = `OFFER ${address}`
  if (isHttpClass(vendorClass))
    return { tone: 'http', label, sentence: `${from} offers ${address}, and the web address ${file} to boot from.` }
  if (isPxe && hasPxeTags(message))
    return {
      tone: 'dhcp',
      label,
      sentence: `${from} offers ${address}, and option 43 says: just load ${file || 'what the menu names'}.`,
    }
  if (isPxe)
    return {
      tone: 'dhcp',
      label: `${label}, option 60`,
      sentence: `${from} offers ${address}, and its option 60 says: the PXE service is on this host, ask port 4011.`,
    }
  if (file !== '')
    return {
      tone: 'dhcp',
      label: `${label}, file`,
      sentence: `${from} offers ${address} and names the boot file ${file}.`,
    }
  return { tone: 'dhcp', label, sentence: `${from} offers ${address}, and says nothing of booting.` }
}

function narrateAck(message: DhcpMessage, packet: UdpPacket, { from, to }: Cast): Narration {
  if (packet.sourcePort !== 4011)
    return {
      tone: 'dhcp',
      label: `ACK ${formatIpv4(message.yiaddr)}`,
      sentence: `${from} confirms: the address ${formatIpv4(message.yiaddr)} belongs to ${to}.`,
    }
  const wds = findOptionData(message, wdsOption)
  if (wds && findSubOption('wds', wds, wdsSub.nextAction)?.[0] === wdsActions.approval)
    return {
      tone: 'pxe',
      label: 'ACK, wait for approval',
      sentence: `${from} lets ${to} wait: an administrator has to approve this machine first.`,
    }
  const file = bootFileOf(message)
  return {
    tone: 'pxe',
    label: `ACK, file ${file}`,
    sentence: `${from} answers on port 4011: load ${file}.`,
  }
}

function narrateRequest(message: DhcpMessage, packet: UdpPacket, { from, to, nameOf, turn }: Cast): Narration {
  if (message.ciaddr !== 0 && findOptionData(message, wdsOption))
    return {
      tone: 'pxe',
      label: 'REQUEST, option 250',
      sentence: `The boot program on ${from} asks ${to} once more, with option 250: may I go on, and with what?`,
    }
  if (message.ciaddr !== 0 && turn > 1)
    return {
      tone: 'pxe',
      label: `REQUEST to port ${packet.destinationPort}, ${turn}. time`,
      sentence: `No answer came from ${to} on port ${packet.destinationPort}: ${from} asks again.`,
    }
  if (message.ciaddr !== 0)
    return {
      tone: 'pxe',
      label: `REQUEST to port ${packet.destinationPort}`,
      sentence: `${from} has an address now and asks ${to} on port ${packet.destinationPort}: what shall I boot?`,
    }
  const server = addressOption(message, optionCodes.serverIdentifier)
  const wanted = addressOption(message, optionCodes.requestedAddress)
  return {
    tone: 'dhcp',
    label: 'REQUEST',
    sentence: `${from} tells everybody: I take ${wanted === undefined ? 'the address' : formatIpv4(wanted)} from ${server === undefined ? 'the server' : nameOf(server)}.`,
  }
}

function narrateDhcp(packet: UdpPacket, cast: Cast): Narration {
  const { message } = decodeDhcp(packet.payload)
  const { from, to, turn } = cast
  const relayed = message.giaddr !== 0 && packet.destinationPort === 67
  if (relayed && message.op === 1)
    return {
      tone: 'dhcp',
      label: 'relayed to a helper',
      sentence: `The relay ${from} passes the broadcast on to ${to}, with its own address in it so that the answer comes back.`,
    }
  if (relayed)
    return { tone: 'dhcp', label: 'back to the relay', sentence: `${from} answers to the relay, for the client.` }
  const server = addressOption(message, optionCodes.serverIdentifier)
  const isPassedOn = message.giaddr !== 0 && message.op === 2 && server !== undefined
  const answering = isPassedOn ? { ...cast, from: `${cast.nameOf(server)}, through ${from},` } : cast
  switch (messageTypeOf(message)) {
    case messageTypes.discover:
      return {
        tone: 'dhcp',
        label: turn > 1 ? `DISCOVER, ${turn}. time` : 'DISCOVER',
        sentence:
          turn > 1
            ? `${from} heard nothing it could use, and asks everybody again.`
            : `${from} asks everybody on its wire: who gives me an address, and who tells me what to boot?`,
      }
    case messageTypes.offer:
      return narrateOffer(message, answering)
    case messageTypes.request:
      return narrateRequest(message, packet, cast)
    case messageTypes.ack:
      return narrateAck(message, packet, answering)
    case messageTypes.nak:
      return { tone: 'dhcp', label: 'NAK', sentence: `${from} refuses the address.` }
    default:
      return { tone: 'dhcp', label: 'DHCP', sentence: `${from} sends a DHCP message to ${to}.` }
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
        label: `read ${tftp.filename}`,
        sentence: isProbe
          ? `${from} asks ${to} how large ${tftp.filename} is.`
          : `${from} asks ${to} for the file ${tftp.filename}.`,
      }
    }
    case 'oack':
      return {
        tone,
        label: 'OACK',
        sentence: `${to} gets from ${from}: the file is here, and this is how it will be sent (${tftp.options.map(({ name, value }) => `${name} ${value}`).join(', ')}).`,
      }
    case 'error':
      if (tftp.code === tftpErrors.optionRefused)
        return {
          tone,
          label: 'ERROR 8, normal',
          sentence: `${from} only wanted to know the size and breaks off: this ERROR is normal.`,
        }
      return {
        tone,
        label: `ERROR ${tftp.code}`,
        sentence:
          tftp.code === tftpErrors.fileNotFound
            ? `${from} answers: there is no such file.`
            : `${from} refuses: ${tftp.message}.`,
      }
    default:
      return { tone, label: 'TFTP', sentence: `${from} sends TFTP to ${to}.` }
  }
}

/** What is said of a UDP datagram. */
export function narrateUdp(packet: UdpPacket, cast: Cast): Narration {
  const isDhcp = [67, 68, 4011].includes(packet.destinationPort) && packet.payload.length >= 240
  return isDhcp ? narrateDhcp(packet, cast) : narrateTftp(packet, cast)
}

/** What is said of a packet that did not arrive. */
export const narrateFate = (fate: Fate): string => {
  switch (fate) {
    case 'lost':
      return ' It is lost on the way.'
    case 'too-big':
      return ' It is larger than the path carries, and is dropped without a word.'
    case 'blocked':
      return ' The switch port is not forwarding yet: it goes nowhere.'
    case 'queue-full':
      return ' The link is full, and drops it.'
    case 'snooped':
      return ' The switch does not trust this port for DHCP, and drops it.'
    case 'nobody':
      return ' Nobody is there to hear it.'
    case 'delivered':
      return ''
  }
}

/** Opcode of a TFTP datagram, 0 for something else. */
export const tftpOpcode = (payload: Uint8Array): number => (payload.length >= 4 ? u16At(payload, 0) : 0)
