/** Times of messages, frames of messages, and what ICMP says. */
import { say, type Phrase } from '#messages/message.ts'
import { icmp6Name } from '../../wire/icmpv6.ts'
import { formatIp, isIpv6 } from '../../wire/ip-address.ts'
import { icmpTypeName } from '../../wire/summary.ts'
import type { Refusal } from '../../trace/icmp.ts'
import type { Message } from '../rounds.ts'

/** Seconds, as messages take times. */
export const secondsOf = (ns: number): number => ns / 1e9
export const nanoseconds = (ms: number): number => ms * 1e6

export const framesOf = (messages: readonly Message[]): number[] => messages.map((one) => one.event.frame)
const unreachable: Readonly<Record<number, string>> = { 0: 'network', 1: 'host', 2: 'protocol', 3: 'port' }

const icmpReason = (type: number, code: number): string =>
  type !== 3
    ? (icmpTypeName(type) ?? `type ${type}`)
    : code === 4
      ? 'fragmentation needed'
      : [9, 10, 13].includes(code)
        ? 'administratively prohibited'
        : `${unreachable[code] ?? 'destination'} unreachable`

/** Who says by ICMP that a packet did not arrive, and why; a clause. */
export const refusalText = ({ source, type, code, error }: Refusal): Phrase =>
  say(`explain.icmp-${error}`, {
    router: formatIp(source),
    icmp: isIpv6(source) ? `ICMPv6 ${icmp6Name(type, code)}` : `ICMP ${icmpReason(type, code)}`,
  })
