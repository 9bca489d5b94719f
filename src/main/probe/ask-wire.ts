/**
 * Asks the wire as PXE clients do: DISCOVERs, and the offers that come for a while. Nothing is leased: no REQUEST follows,
 * and the hardware address is always the same, so that no pool is spoiled.
 */
import { randomInt } from 'node:crypto'
import { encodeText } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import {
  blankMessage,
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  messageTypeOf,
  ops,
  type DhcpMessage,
} from '#shared/wire/dhcp/message.ts'
import { optionCodes } from '#shared/wire/dhcp/options.ts'
import { guardMac } from '#shared/wire/lab-checks.ts'
import { documentedClientPort, documentedDhcpPort, limitedBroadcast } from '#shared/machines/machine.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { openUdpPort, type UdpPort } from '../responder/udp-port.ts'

/** Whether a request is the question of a responder that is about to start. */
export const isProbe = (payload: Uint8Array): boolean =>
  payload.length >= 34 && guardMac.every((byte, at) => payload[28 + at] === byte)

/** Questions at these times, in milliseconds; servers that ping an address first take three seconds (dnsmasq). */
const askAt = [0, 1000, 2000]
const collectMs = 3600

/** Asks at these times, in milliseconds, and resolves when whoever answers late has been heard; at once where it is aborted. */
export const askedAt = (times: readonly number[], ask: () => void, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timers = times.map((at) => setTimeout(ask, at))
    const end = (): void => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    timers.push(setTimeout(end, collectMs))
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })

export interface AskedOffer {
  /** Index of the client that was asked for. */
  readonly client: number
  readonly message: DhcpMessage
  /** Milliseconds from the first question. */
  readonly afterMs: number
}

export interface Asking {
  readonly send: UdpPort['send']
  readonly close: () => unknown
}

export interface WireQuestion {
  readonly interface: NetworkInterface
  /** Who asks. */
  readonly mac: Uint8Array
  /** Numbers of option 93, one for each client that asks; 15 and 16 ask for HTTP boot. */
  readonly architectures: readonly number[]
  readonly onOffer: (offer: AskedOffer) => void
  /** The way round a taken port 68, as a relay agent on port 67; undefined where there is none. */
  readonly relay: (hear: (payload: Uint8Array) => void) => Promise<Asking | undefined>
  readonly signal: AbortSignal
}

const isHttpArchitecture = (architecture: number): boolean => architecture === 15 || architecture === 16

function discover(mac: Uint8Array, xid: number, giaddr: number, architecture: number): Uint8Array {
  const chaddr = new Uint8Array(16)
  chaddr.set(mac)
  const uuid = new Uint8Array(17)
  uuid.set(mac, 11)
  const kind = isHttpArchitecture(architecture) ? 'HTTPClient' : 'PXEClient'
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
      { code: optionCodes.architecture, data: Uint8Array.of(0, architecture) },
      { code: optionCodes.networkInterface, data: Uint8Array.of(1, 3, 16) },
      {
        code: optionCodes.vendorClass,
        data: encodeText(`${kind}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`),
      },
    ],
  })
}

/** Resolves when the time is over; with why the question could not be asked, or undefined where it was. */
export async function askWire(question: WireQuestion): Promise<string | undefined> {
  const { interface: served, architectures, signal } = question
  if (served.isLoopback) return undefined
  const firstXid = randomInt(1, 0xffff_0000)
  const started = performance.now()
  const hear = (payload: Uint8Array): void => {
    const { message } = decodeDhcp(payload)
    const client = message.xid - firstXid
    if (message.op !== ops.reply || architectures[client] === undefined) return
    if (messageTypeOf(message) !== messageTypes.offer) return
    question.onOffer({ client, message, afterMs: performance.now() - started })
  }

  let from: Asking | undefined
  let giaddr = 0
  try {
    from = await openUdpPort({ interface: served, port: documentedClientPort, onDatagram: hear, onError: () => {} })
  } catch (error) {
    // The machine's own DHCP client has port 68. Answers to a relay agent come to port 67.
    from = await question.relay(hear)
    if (!from) return `port 68 is taken (${(error as NodeJS.ErrnoException).code})`
    giaddr = served.address
  }
  const { send, close } = from
  const ask = (): void => {
    for (const [index, architecture] of architectures.entries())
      send(discover(question.mac, firstXid + index, giaddr, architecture), {
        address: limitedBroadcast,
        port: documentedDhcpPort,
      })
  }
  try {
    await askedAt(askAt, ask, signal)
  } finally {
    await close()
  }
  return undefined
}
