/** Sends magic packets: by broadcast on every subnet of the given interfaces, for a machine that sleeps has no address. */
import { broadcastOf, bytesOfU32, formatIpv4, parseHex, parseIpv4, parseMac } from '#shared/wire/bytes.ts'
import { encodeMagicPacket } from '#shared/wire/wake-on-lan.ts'
import { ownAddresses, type OwnAddress } from '#shared/machines/machine.ts'
import { openUdpSocket } from '../io/udp-socket.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'

/** Discard (RFC 863): no host answers what comes there. */
const wakePort = 9

export interface WakeResult {
  /** Broadcast addresses that the packets left for, with their interfaces: `192.168.77.255 on eth0`. */
  readonly sent: readonly string[]
  /** Where they could not be sent, as clauses: `not on eth1: it has no link`. */
  readonly failed: readonly string[]
}

/** SecureOn: six octets written as a MAC address, or four written as an IPv4 address; undefined where the text is neither. */
export function secureOnOf(text: string): Uint8Array | undefined {
  const mac = parseMac(text)
  const address = parseIpv4(text.trim())
  return mac === undefined
    ? address === undefined
      ? undefined
      : bytesOfU32(address)
    : parseHex(mac.replaceAll(':', ''))!
}

/** Why no network card of a machine has this address; undefined where one may. `mac` is as `parseMac` gives it. */
export function whyNoCard(mac: string): string | undefined {
  if (parseInt(mac.slice(0, 2), 16) & 1) return `${mac} is the address of a group, not of a machine`
  return mac === '00:00:00:00:00:00' ? `${mac} is the address of no machine` : undefined
}

async function sendFrom(own: OwnAddress, destination: number, packets: readonly Uint8Array[]): Promise<void> {
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => (fail = reject))
  // It is waited for below; until then nobody has to.
  failed.catch(() => {})
  const socket = openUdpSocket({ bind: { address: own.address }, onDatagram: () => {}, onError: fail })
  try {
    await socket.ready
    for (const packet of packets) {
      const sent = new Promise<void>((resolve, reject) =>
        socket.send(packet, { address: destination, port: wakePort }, reject, resolve),
      )
      await Promise.race([sent, failed])
    }
  } finally {
    await socket.close()
  }
}

/** Wakes machines by their hardware addresses, as `parseMac` gives them; the password is that of SecureOn. */
export async function wakeMachines(
  macs: readonly string[],
  interfaces: readonly NetworkInterface[],
  password?: Uint8Array,
): Promise<WakeResult> {
  const packets = macs.map((mac) => encodeMagicPacket(parseHex(mac.replaceAll(':', ''))!, password))
  const sent: string[] = []
  const failed: string[] = []
  for (const served of interfaces) {
    if (served.hasLink === false && !served.isLoopback) {
      failed.push(`not on ${served.name}: it has no link`)
      continue
    }
    for (const own of ownAddresses(served)) {
      // A network of two or of one has no broadcast address (RFC 3021).
      if (own.prefixLength > 30) {
        failed.push(`not on ${served.name}: ${formatIpv4(own.address)}/${own.prefixLength} has no broadcast address`)
        continue
      }
      const destination = broadcastOf(own)
      try {
        await sendFrom(own, destination, packets)
        sent.push(`${formatIpv4(destination)} on ${served.name}`)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        failed.push(`not on ${served.name}: ${code ?? message}`)
      }
    }
  }
  return { sent, failed }
}
