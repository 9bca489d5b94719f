/** Times of messages, frames of messages, and what ICMP says. */
import { say, type Message as Said, type Phrase } from '#messages/message.ts'
import { icmp6Name } from '../../wire/icmpv6.ts'
import { formatIp, isIpv6 } from '../../wire/ip-address.ts'
import { icmpTypeName } from '../../wire/summary.ts'
import type { Refusal } from '../../trace/icmp.ts'
import type { Message } from '../rounds.ts'

/** Seconds, as messages take times. */
export const secondsOf = (ns: number): number => ns / 1e9
export const nanoseconds = (ms: number): number => ms * 1e6

export const framesOf = (messages: readonly Message[]): number[] => messages.map((one) => one.event.frame)
const unreachable: Readonly<Record<number, Said>> = {
  0: say('wire.network-unreachable'),
  1: say('wire.host-unreachable'),
  2: say('wire.protocol-unreachable'),
  3: say('wire.port-unreachable'),
}

const icmpReason = (type: number, code: number): Said =>
  type !== 3
    ? (icmpTypeName(type) ?? say('wire.type', { type }))
    : code === 4
      ? say('wire.unreachable-fragmentation')
      : [9, 10, 13].includes(code)
        ? say('wire.administratively-prohibited')
        : (unreachable[code] ?? say('wire.icmp-unreachable'))

/** Who says by ICMP that a packet did not arrive, and why; a clause. */
export const refusalText = ({ source, type, code, error }: Refusal): Phrase =>
  say(`explain.icmp-${error}`, {
    router: formatIp(source),
    icmp: isIpv6(source)
      ? say('wire.named', { name: 'ICMPv6', what: icmp6Name(type, code) })
      : say('wire.named', { name: 'ICMP', what: icmpReason(type, code) }),
  })
