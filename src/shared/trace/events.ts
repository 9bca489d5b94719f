/** What the analysis keeps of a boot: events in the order of their frames, small enough for a hundred thousand boots. */
import type { IpAddress } from '../wire/ip-address.ts'
import type { LabNote } from '../wire/lab-note.ts'
import type { ServerFlight } from '../wire/tls.ts'
import type { Refusal } from './icmp.ts'
import type { Firmware } from './firmware.ts'
import type { Transfer } from './transfer.ts'

/** A DHCP message; the rest is read from its frame when somebody looks. */
export interface DhcpEvent {
  readonly kind: 'dhcp'
  readonly frame: number
  /** Nanoseconds since the store's base. */
  readonly timeNs: number
  /** Message type of option 53; see `typeless` for messages without one. */
  readonly type: number
  readonly isReply: boolean
  /** Whether it travels on port 4011. */
  readonly isBootServer: boolean
  readonly xid: number
  /** IPv4 addresses as numbers. */
  readonly source: number
  readonly destination: number
  readonly destinationPort: number
  /** The relay agent that passes it on, 0 for none. */
  readonly giaddr: number
  /** VLAN of its tag, -1 where it carries none. */
  readonly vlan: number
  /** Whether the capture kept only a part of it: what is not there may have been sent. */
  readonly isCut: boolean
}

/** A DHCPv6 message, as client or server sent it, whatever relay agents carry it. */
export interface Dhcp6Event {
  readonly kind: 'dhcp6'
  readonly frame: number
  readonly timeNs: number
  readonly type: number
  readonly isReply: boolean
  /** Whether it travels on port 4011. */
  readonly isBootServer: boolean
  readonly xid: number
  /** The client by its identifier, as hexadecimal digits; empty where the message has none. */
  readonly duid: string
  readonly source: string
  readonly destination: string
  /** The relay agent next to the client, by its address on the link of the client; undefined where none passes it on. */
  readonly relay: string | undefined
  readonly vlan: number
  readonly isCut: boolean
}

/** What a router says of its link, over and over: alike advertisements are one. */
export interface RouterNotice {
  readonly router: string
  readonly isManaged: boolean
  readonly hasOther: boolean
  readonly lifetimeSeconds: number
  readonly prefixes: readonly { readonly text: string; readonly isAutonomous: boolean }[]
  readonly frame: number
  readonly firstNs: number
  lastNs: number
}

/** Address resolution: ARP, and neighbour discovery, which is the same for IPv6 (RFC 4861 section 7.2). */
export interface ArpEvent {
  readonly kind: 'arp'
  readonly frame: number
  readonly timeNs: number
  readonly target: IpAddress
  /** Every time it was asked. */
  readonly frames: number[]
  /** Whether the client asks who has the address it was given itself (RFC 5227 section 2.1.1). */
  readonly isProbe: boolean
  answer: number
  /** Hardware address of whoever answered. */
  answeredBy: string
}

/** A question for the address of a name (RFC 1035), with its repetitions, and the answer. */
export interface DnsEvent {
  readonly kind: 'dns'
  readonly frame: number
  readonly timeNs: number
  readonly server: IpAddress
  readonly name: string
  readonly type: number
  /** Every time it was asked. */
  readonly frames: number[]
  /** Frame of the answer, -1 before, its response code and the addresses in it. */
  answer: number
  code: number
  addresses: readonly string[]
}

export interface IcmpEvent {
  readonly kind: 'icmp'
  readonly frame: number
  readonly timeNs: number
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly type: number
  readonly code: number
  /** UDP or TCP ports of the packet that it quotes, from the point of view of its sender. */
  readonly quoted: { readonly protocol: number; readonly source: IpAddress; readonly sourcePort: number; readonly destination: IpAddress; readonly destinationPort: number } // prettier-ignore
}

export interface HttpEvent {
  readonly kind: 'http'
  /** The SYN, or the request where the capture began later. */
  readonly frame: number
  readonly timeNs: number
  readonly client: IpAddress
  readonly clientPort: number
  readonly server: IpAddress
  readonly serverPort: number
  /** Frames of SYN and its repetitions. */
  readonly syns: number[]
  /** Whether any packet of the server is in the capture. */
  isHeard: boolean
  requestFrame: number
  method: string
  target: string
  answerFrame: number
  status: number
  reason: string
  /** Where a redirect leads (Location), empty where the head names nothing. */
  location: string
  /** Content-Length, undefined where the head has none. */
  size: number | undefined
  bytes: number
  /** When the answer began, -1 before. */
  bodyNs: number
  /** The first packet with bytes of the body, -1 before, and how many bytes of its payload are before them. */
  bodyFrame: number
  bodySkip: number
  /** RST to the SYN: nothing listens there. */
  refusedFrame: number
  /** RST of the server in place of an answer, or in the middle of it. */
  resetFrame: number
  /** FIN of the server where no answer came: before the request, which then went into a closing connection, or in its place. */
  closedFrame: number
  /** Whether the connection had carried a request before this one. */
  isKept: boolean
  /** The first ICMP error about it. */
  refusal: Refusal | undefined
  /** Where it speaks TLS, as far as that can be read. */
  tls: TlsHandshake | undefined
  /** The client closed the connection before it had asked for anything. */
  hungUpFrame: number
  lastNs: number
  lastFrame: number
  frames: number
}

export interface TlsHandshake {
  /** What the client calls the server; empty for an address. */
  serverName: string
  helloFrame: number
  /** The first record of the server: its hello and, up to TLS 1.2 in the clear, its certificate. */
  serverFrame: number
  /** What the server showed in the clear; undefined before, and where packets of it are missing. */
  server: ServerFlight | undefined
  /** The alert that ended it; `code` is undefined where it is encrypted, as in TLS 1.3. */
  alert: { readonly frame: number; readonly code: number | undefined; readonly isByClient: boolean } | undefined
  /** Whether data passed: the handshake succeeded. */
  isSecured: boolean
  /** Whether packets of the client are missing: what it said at the end is not known. */
  hasGap: boolean
}

export type TraceEvent = DhcpEvent | Dhcp6Event | ArpEvent | DnsEvent | IcmpEvent | HttpEvent | Transfer

/** Something by which a machine calls itself, and which another one uses as well. */
export interface Alike {
  readonly option: 61 | 97
  /** In hexadecimal digits. */
  readonly value: string
  readonly machine: Machine
  /** Where both used it. */
  readonly frames: readonly number[]
}

export interface Heard {
  /** Answers of DHCP servers. */
  replies: number
  /** REQUESTs that name a server, which only one that was offered an address sends. */
  choices: number
  /** The same of DHCPv6. */
  replies6: number
  choices6: number
  /** The first requests of IEEE 802.1X (EAP), and whether anybody answered one. */
  readonly eapRequests: number[]
  isEapAnswered: boolean
}

/** What the responder decided about a machine and no packet shows; the same again is counted. */
export interface NoteEvent extends LabNote {
  readonly frame: number
  readonly timeNs: number
  lastNs: number
  count: number
}

export interface Attempt {
  /** Unique in the trace. */
  readonly number: number
  readonly machine: Machine
  /** Which attempt of its machine it is, from 1. */
  readonly ordinal: number
  readonly startNs: number
  lastNs: number
  /** What began it; undefined where only replies or files were seen. */
  firmware: Firmware | undefined
  readonly events: TraceEvent[]
  /** In the order in which they came. */
  readonly decisions: NoteEvent[]
  /** Another machine whose acknowledged lease of the same address had not ended. */
  shares: { readonly address: number; readonly machine: Machine; readonly frames: readonly number[] } | undefined
  /** Everything that routers said in the capture; a client may have heard it or not. Shared by all attempts. */
  readonly routers: readonly RouterNotice[]
  /** What the capture as a whole holds of DHCP: it may stand where only one side is heard. Shared by all attempts. */
  readonly heard: Heard
  /** Machines that call themselves the same. */
  readonly alike: Alike[]
  /** Packets that the capture holds more than once, as a mirror port or several interfaces yield them. */
  duplicates: number
  /** The machine asked anew as the same or another boot option of its firmware: what it had loaded did not run. */
  next: Attempt | undefined
  /** Grows with every change. */
  version: number
}

export interface Machine {
  readonly number: number
  /** Hardware address, or the IP address where none was seen. */
  readonly name: string
  /** What a server calls it, else what it calls itself (option 12); empty for neither. */
  hostName: string
  isNamedByServer: boolean
  /** IPv4, 0 for none. */
  address: number
  /** The last address of IPv6 that it used or was given, empty for none. */
  address6: string
  /** Frames and times at which it asked for a router, the last ones. */
  readonly solicitations: { readonly frame: number; readonly timeNs: number }[]
  /** What PXE Lab itself did under this address, in words; undefined for a machine. */
  readonly check: string | undefined
  readonly attempts: Attempt[]
}
