/** Names of what IP carries (IANA registry "Assigned Internet Protocol Numbers"). */
const names: Readonly<Record<number, string>> = {
  0: 'hop-by-hop options', 1: 'ICMP', 2: 'IGMP', 4: 'IPv4', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 43: 'routing', 44: 'fragment', 47: 'GRE', 50: 'ESP',
  51: 'authentication', 58: 'ICMPv6', 59: 'nothing', 60: 'destination options',
} // prettier-ignore

/** In words with its number: `UDP (17)`. */
export const protocolText = (protocol: number): string => `${names[protocol] ?? 'unknown'} (${protocol})`
