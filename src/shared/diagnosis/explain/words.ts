/** How numbers and lists are said. */
import { icmp6Name } from '../../wire/icmpv6.ts'
import { formatIp, isIpv6 } from '../../wire/ip-address.ts'
import { icmpTypeName } from '../../wire/summary.ts'
import type { IcmpError, Refusal } from '../../trace/icmp.ts'
import type { Message } from '../rounds.ts'

/** What is said of a capture, and how of what PXE Lab sees on a network while it runs: the more particular first. */
const ofNetwork: readonly (readonly [capture: RegExp, network: string])[] = [
  [/\bthe capture does not show whether\b/gi, 'PXE Lab cannot see whether'],
  [/\bthe capture does not (show|hold)\b/gi, 'PXE Lab has not seen'],
  [/\bthe capture holds\b/gi, 'PXE Lab has seen'],
  [/\bthe capture begins later\b/gi, 'PXE Lab began to listen later'],
  [/\bit goes on, or the capture ends\b/gi, 'it goes on'],
  [/\b(?:is|are) not in the capture\b/gi, 'was not seen by PXE Lab'],
  [/\bis in the capture\b/gi, 'was seen by PXE Lab'],
  [/\bare in the capture\b/gi, 'were seen by PXE Lab'],
  [/\bthe capture\b/gi, 'what PXE Lab has seen'],
]

/** A sentence about a capture as one about what PXE Lab has seen on its network, where there is no capture. */
export function saidOfNetwork(text: string): string {
  const said = ofNetwork.reduce((all, [capture, network]) => all.replace(capture, network), text)
  return said === text ? text : said.charAt(0).toUpperCase() + said.slice(1)
}

const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })

/** At most three significant digits: 0.012, 3.84, 59.8, 1,240. */
const digits = (value: number): string => threeDigits.format(value)

export const secondsOf = (ns: number): string =>
  ns < 1e6 ? `${digits(ns / 1e3)} µs` : ns < 1e9 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`
export const nanoseconds = (ms: number): number => ms * 1e6

export const formatBytes = (bytes: number): string =>
  bytes < 1024
    ? `${digits(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
    : bytes < 1_048_576
      ? `${digits(bytes / 1024)} KiB`
      : `${digits(bytes / 1_048_576)} MiB`

export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
export const framesOf = (messages: readonly Message[]): number[] => messages.map((one) => one.event.frame)
export const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`

const refusalTexts: Readonly<Record<IcmpError, string>> = {
  closed: 'answered that the port is closed',
  refused: 'answered that a firewall does not allow it',
  'too-large': 'answered that the path carries no packet of this size, and that it must not be split',
  unreachable: 'answered that it cannot be delivered',
}

const unreachable: Readonly<Record<number, string>> = { 0: 'network', 1: 'host', 2: 'protocol', 3: 'port' }

const icmpReason = (type: number, code: number): string =>
  type !== 3
    ? (icmpTypeName(type) ?? `type ${type}`)
    : code === 4
      ? 'fragmentation needed'
      : [9, 10, 13].includes(code)
        ? 'administratively prohibited'
        : `${unreachable[code] ?? 'destination'} unreachable`

/** Who says by ICMP that a packet did not arrive, and why. */
export const refusalText = ({ source, type, code, error }: Refusal): string =>
  `${formatIp(source)} ${refusalTexts[error]} (${isIpv6(source) ? `ICMPv6 ${icmp6Name(type, code)}` : `ICMP ${icmpReason(type, code)}`})`
