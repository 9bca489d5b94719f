import { say, type Phrase } from '#messages/message.ts'
import { numbered } from '../words.ts'

/** Names of what IP carries (IANA registry "Assigned Internet Protocol Numbers"). */
const names: Readonly<Record<number, Phrase>> = {
  0: say('field.hop-by-hop'), 1: 'ICMP', 2: 'IGMP', 4: 'IPv4', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 43: say('field.routing-header'), 44: say('field.fragment-header'), 47: 'GRE', 50: 'ESP',
  51: say('field.authentication-header'), 58: 'ICMPv6', 59: say('field.nothing'), 60: say('field.destination-options'),
} // prettier-ignore

/** In words with its number: `UDP (17)`. */
export const protocolText = (protocol: number): Phrase => numbered(names[protocol] ?? say('wire.unknown'), protocol)
