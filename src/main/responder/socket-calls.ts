/** The socket calls that the file transfers run on, whatever system they are made on. */
import type { IpAddress } from '#shared/wire/ip-address.ts'

export interface NativeSockets {
  /**
   * A bound, non-blocking UDP socket; throws a `SocketError`. `device` undefined binds by address alone. `beside` is one of
   * ours that has the same port at every address: what is sent to this address comes here alone. Sockets of IPv6 hear nothing of
   * IPv4; `scope` is the number of the interface that an address of one link is on, where no device says it.
   */
  open(options: {
    readonly address: IpAddress
    readonly port: number
    readonly device: string | undefined
    readonly scope?: number | undefined
    readonly beside?: number | undefined
  }): number
  connect(descriptor: number, address: IpAddress, port: number, scope?: number): void
  /** The port a socket was given, 0 where the system does not tell. */
  localPort(descriptor: number): number
  /** Bytes sent or received; -1 where the call would block or failed for this datagram alone. */
  send(descriptor: number, bytes: Uint8Array, length: number): number
  receive(descriptor: number, target: Uint8Array): number
  /** Waits for many descriptors at once: epoll on Linux, WSAPoll on Windows, poll elsewhere. */
  newWaiter(): ReadWaiter
  close(descriptor: number): void
  /** The two ends of a pipe, or of something like it: writing to the second wakes a wait for the first. */
  pipe(): readonly [number, number]
  read(descriptor: number, target: Uint8Array): number
  write(descriptor: number, bytes: Uint8Array): number
  setReceiveBuffer(descriptor: number, bytes: number): void
  /**
   * The share of a socket's room, 0 to 1, that is taken by what was sent and has not left the system; absent where the system
   * holds nothing back for an address that it has to look for first.
   */
  usedRoom?(descriptor: number): number
  /**
   * IPv6 addresses that have answered on the interface with that number, by the kernel; absent where it is not asked. Throws a
   * `SocketError`.
   */
  neighbours6?(index: number): readonly string[]
  /** Every IPv4 address with its interface, whether that has a link or not; undefined where the platform has other ways. */
  listAddresses(): readonly InterfaceAddress[] | undefined
  /** A socket for neighbour discovery on an interface; absent where this program knows no way to one. */
  openIcmp6?(options: Icmp6Options): Icmp6Socket
  /** The error number of the last send or receive that returned -1. */
  lastError(): number
  readonly wouldBlock: number
}

/** A set of descriptors of which some can be read. */
export interface ReadWaiter {
  add(descriptor: number): void
  /** Before the descriptor is closed. */
  remove(descriptor: number): void
  /** Waits at most that long; returns how many can be read, see `ready`. */
  wait(timeoutMs: number): number
  /** One of the descriptors found by the last `wait`, by position. */
  ready(index: number): number
  close(): void
}

export interface Icmp6Options {
  readonly device: string
  /** Number of the interface. */
  readonly scope: number
  /** The types of messages that it hears, and no other. */
  readonly hears: readonly number[]
  /** The group whose messages it hears. */
  readonly group: string
}

/** ICMPv6 messages from their type on (RFC 3542 section 3): the system makes and checks their checksums. */
export interface Icmp6Socket {
  /** Leaves with hop limit 255 from an address of ours; throws a `SocketError`. */
  send(message: Uint8Array, source: string, destination: string): void
  /** The next that has come; undefined where nothing has. */
  receive():
    { readonly source: string; readonly hopLimit: number | undefined; readonly payload: Uint8Array } | undefined
  close(): void
}

export interface InterfaceAddress {
  readonly name: string
  /** 32-bit numbers. */
  readonly address: number
  readonly mask: number
}

export class SocketError extends Error {
  readonly code: string
  constructor(code: string, call: string) {
    super(`${call}: ${code}`)
    this.code = code
  }
}
