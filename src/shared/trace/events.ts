/** What the analysis keeps of a boot: events in the order of their frames, small enough for a hundred thousand boots. */
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

export interface ArpEvent {
  readonly kind: 'arp'
  readonly frame: number
  readonly timeNs: number
  readonly target: number
  /** Every time it was asked. */
  readonly frames: number[]
  /** Whether the client asks who has the address it was given itself (RFC 5227 section 2.1.1). */
  readonly isProbe: boolean
  answer: number
  /** Hardware address of whoever answered. */
  answeredBy: string
}

export interface IcmpEvent {
  readonly kind: 'icmp'
  readonly frame: number
  readonly timeNs: number
  readonly source: number
  readonly destination: number
  readonly type: number
  readonly code: number
  /** UDP or TCP ports of the packet that it quotes, from the point of view of its sender. */
  readonly quoted: { readonly protocol: number; readonly source: number; readonly sourcePort: number; readonly destination: number; readonly destinationPort: number } // prettier-ignore
}

export interface HttpEvent {
  readonly kind: 'http'
  /** The SYN, or the request where the capture began later. */
  readonly frame: number
  readonly timeNs: number
  readonly client: number
  readonly clientPort: number
  readonly server: number
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
  /** Content-Length, undefined where the head has none. */
  size: number | undefined
  bytes: number
  /** When the answer began, -1 before. */
  bodyNs: number
  /** RST to the SYN: nothing listens there. */
  refusedFrame: number
  /** RST of the server in place of an answer, or in the middle of it. */
  resetFrame: number
  /** The first ICMP error about it. */
  refusal: Refusal | undefined
  lastNs: number
  lastFrame: number
  frames: number
}

export type TraceEvent = DhcpEvent | ArpEvent | IcmpEvent | HttpEvent | Transfer

export interface Heard {
  /** Answers of DHCP servers. */
  replies: number
  /** REQUESTs that name a server, which only one that was offered an address sends. */
  choices: number
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
  /** Another machine whose acknowledged lease of the same address had not ended. */
  shares: { readonly address: number; readonly machine: Machine; readonly frames: readonly number[] } | undefined
  /** What the capture as a whole holds of DHCP: it may stand where only one side is heard. Shared by all attempts. */
  readonly heard: Heard
  /** Packets that the capture holds more than once, as a mirror port or several interfaces yield them. */
  duplicates: number
  /** The machine asked anew as the same or another boot option of its firmware: what it had loaded did not run. */
  next: Attempt | undefined
  /** Grows with every change. */
  version: number
}

export interface Machine {
  readonly number: number
  /** Hardware address, or the IPv4 address where none was seen. */
  readonly name: string
  address: number
  /** What PXE Lab itself did under this address, in words; undefined for a machine. */
  readonly check: string | undefined
  readonly attempts: Attempt[]
}
