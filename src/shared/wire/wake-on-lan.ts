/**
 * Wake on LAN: the magic packet for which a network card that sleeps looks (AMD publication 20213, "Magic Packet
 * Technology"): six octets of ones, the hardware address sixteen times, and the SecureOn password where the card wants one.
 * Any frame may carry it: a UDP datagram, or a frame of EtherType 0x0842 by itself.
 */
import { say, type Message } from '#messages/message.ts'
import { formatIpv4, formatMac, u32At } from './bytes.ts'

const syncLength = 6
const macLength = 6
const repetitions = 16
/** Where the password begins, or the packet ends. */
export const magicLength = syncLength + repetitions * macLength

/** `mac` has six octets; `password` six, four, or none. */
export function encodeMagicPacket(mac: Uint8Array, password: Uint8Array = new Uint8Array(0)): Uint8Array {
  const packet = new Uint8Array(magicLength + password.length).fill(0xff, 0, syncLength)
  for (let at = syncLength; at < magicLength; at += macLength) packet.set(mac, at)
  packet.set(password, magicLength)
  return packet
}

export interface MagicPacket {
  /** The machine that is to wake. */
  readonly mac: string
  /** Six octets as a hardware address, four as an IPv4 address, which is how they are set; empty for none. */
  readonly password: string
  /** In bytes, with the password. */
  readonly length: number
}

/** The magic packet that begins at `at`; undefined where there is none. What lies behind one is its padding. */
export function magicPacketAt(bytes: Uint8Array, at: number, end: number): MagicPacket | undefined {
  if (end - at < magicLength) return undefined
  for (let index = 0; index < magicLength; index++) {
    const due = index < syncLength ? 0xff : bytes[at + syncLength + ((index - syncLength) % macLength)]
    if (bytes[at + index] !== due) return undefined
  }
  const mac = formatMac(bytes.subarray(at + syncLength, at + syncLength + macLength))
  const passwordAt = at + magicLength
  const rest = end - passwordAt
  if (rest === 6) return { mac, password: formatMac(bytes.subarray(passwordAt, end)), length: magicLength + 6 }
  if (rest === 4) return { mac, password: formatIpv4(u32At(bytes, passwordAt)), length: magicLength + 4 }
  return { mac, password: '', length: magicLength }
}

/** `magic packet for 52:54:00:00:00:01`; the password is left to whoever opens the frame. */
export const magicText = ({ mac, password }: MagicPacket): Message =>
  password === '' ? say('wire.magic', { mac }) : say('wire.magic-password', { mac })
