/** Hardware addresses of hosts on the same segment, as the system has learnt them (ARP, RFC 826). */
import { readFile } from 'node:fs/promises'
import { isInNetwork, maskOf, parseIpv4, parseMac } from '#shared/wire/bytes.ts'
import { openUdpSocket } from '../io/udp-socket.ts'
import { hostSystem } from '../system/program-paths.ts'
import { runTool } from '../system/programs.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'

const discardPort = 9
const learnMs = 150

/** Addresses and their hardware addresses, wherever they stand in a line (`/proc/net/arp`, `arp -a`). */
export function parseArpTable(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const address = /\b\d+\.\d+\.\d+\.\d+\b/.exec(line)?.[0]
    const mac = /\b(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}\b/i.exec(line)?.[0]
    const padded = mac?.split(/[:-]/).map((one) => one.padStart(2, '0')).join(':') // prettier-ignore
    const known = padded === undefined ? undefined : parseMac(padded)
    if (address !== undefined && known !== undefined && known !== '00:00:00:00:00:00') found.set(address, known)
  }
  return found
}

/** Of hosts behind a router nothing is known. */
export async function neighbours(
  addresses: readonly string[],
  { address, prefixLength }: NetworkInterface,
): Promise<ReadonlyMap<string, string>> {
  const network = { address: (address & maskOf(prefixLength)) >>> 0, prefixLength }
  const near = addresses.filter((one) => isInNetwork(parseIpv4(one) ?? 0, network))
  if (near.length === 0) return new Map()
  // Whoever is sent something is looked for first.
  const socket = openUdpSocket({ bind: {}, onDatagram: () => {}, onError: () => {} })
  for (const one of near) socket.send(new Uint8Array(1), { address: parseIpv4(one)!, port: discardPort })
  await new Promise((resolve) => setTimeout(resolve, learnMs))
  await socket.close()
  const text =
    hostSystem() === 'linux' ? await readFile('/proc/net/arp', 'utf8').catch(() => '') : (await runTool('arp', ['-a'])).output // prettier-ignore
  return parseArpTable(text)
}
