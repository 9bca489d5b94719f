/**
 * Asks the wire who gives addresses, before this machine does: DISCOVER as a PXE client, answers collected for a while.
 * Nothing is leased: no REQUEST follows, and the hardware address is always the same.
 */
import { randomInt } from 'node:crypto'
import { encodeText, formatIpv4 } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import {
  addressOption,
  blankMessage,
  bootFileOf,
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  messageTypeOf,
  ops,
  vendorClassOf,
} from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { documentedClientPort, documentedDhcpPort, limitedBroadcast } from '#shared/machines/machine.ts'
import type { FoundServer } from '#shared/contract/events.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort, type UdpPort } from '../responder/udp-port.ts'

/** Locally administered, and the letters PXELB. */
const probeMac = Uint8Array.of(0x02, 0x50, 0x58, 0x45, 0x4c, 0x42)

/** Whether a request is our question to the wire, ours or that of another lab. */
export const isProbe = (payload: Uint8Array): boolean =>
  payload.length >= 34 && probeMac.every((byte, at) => payload[28 + at] === byte)

/** Questions at these times, in milliseconds; servers that ping an address first take three seconds (dnsmasq). */
const askAt = [0, 1000, 2000]
const collectMs = 3600

export interface GuardOptions {
  readonly interface: NetworkInterface
  /** Our own socket on port 67, for the way round a taken port 68; undefined where we have none. */
  readonly ownPort: UdpPort | undefined
  /** Gets to hear what arrives on our own port 67 while the question is open. */
  readonly listen: (onReply: (payload: Uint8Array) => void) => () => void
  readonly signal: AbortSignal
}

export interface GuardResult {
  readonly servers: readonly FoundServer[]
  /** Why the question could not be asked; undefined where it was. */
  readonly complaint: string | undefined
}

function discover(xid: number, giaddr: number): Uint8Array {
  const chaddr = new Uint8Array(16)
  chaddr.set(probeMac)
  const uuid = new Uint8Array(17)
  uuid.set(probeMac, 11)
  return encodeDhcp({
    ...blankMessage,
    xid,
    flags: broadcastFlag,
    giaddr,
    chaddr,
    options: [
      { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.discover) },
      { code: optionCodes.maximumMessageSize, data: Uint8Array.of(5, 0xc0) },
      { code: optionCodes.parameterRequestList, data: Uint8Array.of(1, 3, 6, 43, 54, 60, 66, 67, 97) },
      { code: optionCodes.machineIdentifier, data: uuid },
      { code: optionCodes.architecture, data: Uint8Array.of(0, 7) },
      { code: optionCodes.networkInterface, data: Uint8Array.of(1, 3, 16) },
      { code: optionCodes.vendorClass, data: encodeText('PXEClient:Arch:00007:UNDI:003016') },
    ],
  })
}

export async function askWhoAnswers(options: GuardOptions): Promise<GuardResult> {
  const { interface: served, signal } = options
  if (served.isLoopback) return { servers: [], complaint: undefined }
  const xid = randomInt(1, 0xffffffff)
  const found = new Map<string, FoundServer>()
  const hear = (payload: Uint8Array): void => {
    const { message } = decodeDhcp(payload)
    if (message.op !== ops.reply || message.xid !== xid || messageTypeOf(message) !== messageTypes.offer) return
    const server = formatIpv4(addressOption(message, optionCodes.serverIdentifier) ?? message.siaddr)
    found.set(`${server}/${message.yiaddr === 0 ? 'proxy' : 'dhcp'}`, {
      interface: served.name,
      server,
      role: message.yiaddr === 0 ? 'proxy-dhcp' : 'dhcp',
      offered: message.yiaddr === 0 ? undefined : formatIpv4(message.yiaddr),
      vendorClass: vendorClassOf(message),
      bootFile: bootFileOf(message),
      nextServer: formatIpv4(message.siaddr),
    })
  }

  let own: UdpPort | undefined
  let stopListening = (): void => {}
  let giaddr = 0
  try {
    own = await openUdpPort({ interface: served, port: documentedClientPort, onDatagram: hear, onError: () => {} })
  } catch (error) {
    // The machine's own DHCP client has port 68. Answers to a relay come to port 67, which is ours: ask as one.
    if (!options.ownPort)
      return { servers: [], complaint: `port 68 is taken (${(error as NodeJS.ErrnoException).code})` }
    giaddr = served.address
    stopListening = options.listen(hear)
  }
  const from = own ?? options.ownPort!
  try {
    await new Promise<void>((resolve) => {
      const timers = askAt.map((at) =>
        setTimeout(() => from.send(discover(xid, giaddr), { address: limitedBroadcast, port: documentedDhcpPort }), at),
      )
      const end = (): void => {
        for (const timer of timers) clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      timers.push(setTimeout(end, collectMs))
      signal.addEventListener('abort', end)
      if (signal.aborted) end()
    })
  } finally {
    stopListening()
    await own?.close()
  }
  return { servers: [...found.values()], complaint: undefined }
}
