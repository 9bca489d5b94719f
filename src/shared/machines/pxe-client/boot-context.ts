/** What a boot program finds when a firmware starts it, and how it ends. */
import type { Phrase } from '#messages/message.ts'
import type { DhcpMessage } from '../../wire/dhcp/message.ts'
import type { IpAddress } from '../../wire/ip-address.ts'
import type { ClientContext, ClientResult, Step } from './client.ts'

/** What a program finds when it starts. */
export interface BootContext {
  readonly platform: 'bios' | 'uefi'
  /** Number of option 93. */
  readonly architecture: number
  /** Where the program came from. */
  readonly server: IpAddress
  readonly file: string
  /** The reply that gave the address, and the one that named the file; blank over IPv6, whose replies are of another kind. */
  readonly ack: DhcpMessage
  readonly reply: DhcpMessage
  readonly transport: 'tftp' | 'http'
  readonly port: number
  /** Where shim started it, the keys built into that shim, which it is asked for what comes next. */
  readonly shim?: readonly string[]
  /** What the firmware does where a program takes its network card over: it gives the address back. */
  readonly letGo?: () => void
  /** What the firmware shows where a program that it started comes back with this status. */
  readonly failedToStart?: (status: string) => string
}

/** `returned`: the program gave up its place, and the firmware goes on. */
export type ProgramEnd = ClientResult | 'returned'

export const booted = (client: ClientContext, because: Phrase): ClientResult => {
  client.stage('running', because)
  return { state: 'booted', code: '', line: '', because }
}

/** Starts a boot program from the beginning of its file; `depth` counts how many loaded each other. */
export type ProgramRunner = (
  client: ClientContext,
  context: BootContext,
  head: Uint8Array,
  depth?: number,
) => Step<ProgramEnd>
