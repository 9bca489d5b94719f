/**
 * A network-boot client as a machine: firmware written as a script that waits for datagrams and for time, and says what
 * it sends, how its network card is to be configured and what stands on its screen. It has no socket, no clock and no
 * randomness of its own; where it runs (a virtual network, real sockets) is somebody else's business.
 */
import type { Phrase } from '#messages/message.ts'
import type { MachineTrust } from '../../wire/secure-boot/trust.ts'
import { formatMac, formatUuid } from '../../wire/bytes.ts'
import { formatIp, type IpAddress } from '../../wire/ip-address.ts'
import type { IpEndpoint, Machine, OwnAddress6 } from '../machine.ts'
import { Queue } from '../queue.ts'
import type { ProgramRunner } from './boot-context.ts'
import type { TlsTrust } from './tls-trust.ts'

export type ClientInput =
  | {
      readonly kind: 'datagram'
      readonly source: IpEndpoint
      readonly destinationPort: number
      /** What of the payload is carried. */
      readonly payload: Uint8Array
      /** Bytes the payload has; more than are carried where file data is counted but not copied. */
      readonly length: number
    }
  /** A message of ICMPv6, from its type on: what routers advertise, and neighbours of an address that is to be ours. */
  | { readonly kind: 'icmp6'; readonly source: string; readonly payload: Uint8Array }
  /** An ICMP "port unreachable" for a datagram of ours. */
  | { readonly kind: 'unreachable'; readonly remote: IpEndpoint }
  /** Nobody answered ARP or neighbour discovery for the next hop to that address. */
  | { readonly kind: 'arp-failed'; readonly address: IpAddress }
  | {
      readonly kind: 'tcp'
      readonly connection: number
      readonly event: 'connected' | 'refused' | 'closed' | 'failed'
    }
  | {
      readonly kind: 'tcp-data'
      readonly connection: number
      readonly payload: Uint8Array
      readonly length: number
    }
  | { readonly kind: 'timeout' }

export type ClientTransmit =
  | {
      readonly kind: 'udp'
      readonly sourcePort: number
      readonly destination: IpEndpoint
      readonly payload: Uint8Array
      /** As on `ClientInput`. */
      readonly length: number
    }
  /** The network card takes this address; without one it loses the address it has. */
  | { readonly kind: 'configure'; readonly lease: Lease | undefined }
  /** The IPv6 addresses that the network card has from now on; undefined for none at all. */
  | { readonly kind: 'configure6'; readonly addresses: Addresses6 | undefined }
  | { readonly kind: 'icmp6'; readonly source: string; readonly destination: string; readonly payload: Uint8Array }
  | { readonly kind: 'tcp-open'; readonly connection: number; readonly port: number; readonly destination: IpEndpoint }
  | { readonly kind: 'tcp-send'; readonly connection: number; readonly payload: Uint8Array }
  | { readonly kind: 'tcp-abort'; readonly connection: number }

/** What a client keeps of the address it was given. */
export interface Lease {
  readonly address: number
  readonly mask: number
  readonly router: number
  readonly server: number
}

/** A network card as IPv6 has configured it. */
export interface Addresses6 {
  /** The address of its wire alone. */
  readonly linkLocal: string
  /** Others, with the length of the prefix that is on its wire. */
  readonly others: readonly OwnAddress6[]
  /** The router that it sends through; undefined while it knows none. */
  readonly router: string | undefined
}

export const clientStages = [
  'discover',
  'offer',
  'request',
  'address',
  'boot-server',
  'file',
  'program',
  'running',
] as const
export type ClientStage = (typeof clientStages)[number]

export interface ClientResult {
  readonly state: 'booted' | 'failed' | 'local'
  /** The code on the screen: `PXE-E16`, `0xc000000f`; empty where the firmware shows none. */
  readonly code: string
  /** The line on the screen that says it; empty where it says nothing. */
  readonly line: string
  /** Why, as a sentence: the condition under which this firmware ends so. */
  readonly because: Phrase
}

export type ClientEvent =
  /** Characters on the screen. `\n` begins a line, `\r` the line anew, `\f` an empty screen. */
  | { readonly type: 'screen'; readonly text: string }
  | { readonly type: 'stage'; readonly stage: ClientStage; readonly text: Phrase; readonly turn?: number }
  | { readonly type: 'finished'; readonly result: ClientResult }

export interface ClientMachineIdentity {
  readonly mac: Uint8Array
  /** Sixteen octets in SMBIOS order. */
  readonly uuid: Uint8Array
}

/** What a person in front of the machine does, and what the machine is like. */
export interface ClientHabits {
  /** Presses the key that a boot program asks for. */
  readonly pressesKey: boolean
  /** Position of the menu line that is chosen, from 0; undefined waits for the default. */
  readonly menuLine: number | undefined
  /** What Secure Boot goes by; undefined where it is off. */
  readonly trust: MachineTrust | undefined
  /** Whom it trusts over TLS; undefined as it left the factory: EDK2 with nobody enrolled, iPXE built without HTTPS. */
  readonly tls?: TlsTrust | undefined
  /** Whether its wire speaks IPv6: iPXE then asks there as well. */
  readonly ipv6?: boolean
  /** Where it does not: false where no router announces IPv6, so that programs that look for one wait in vain. */
  readonly ipv6Router?: boolean
}

/** A firmware: waits until a time (yielded, in milliseconds; infinite where only an input ends it) or for an input. */
export type Firmware = (client: ClientContext) => Generator<number, ClientResult, ClientInput | undefined>
export type Step<T> = Generator<number, T, ClientInput | undefined>

/** What a firmware script sees of its machine and of the world. */
export class ClientContext {
  /** Milliseconds; moves on while the script waits. */
  now = 0
  /** When the machine was switched on. */
  readonly startedAt: number
  readonly mac: Uint8Array
  readonly macText: string
  readonly uuid: Uint8Array
  readonly uuidText: string
  readonly habits: ClientHabits
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly run: ProgramRunner
  lease: Lease | undefined
  addresses6: Addresses6 | undefined
  readonly #transmits: Queue<ClientTransmit>
  readonly #events: Queue<ClientEvent>
  #connections = 0

  constructor(
    identity: ClientMachineIdentity,
    habits: ClientHabits,
    random: () => number,
    run: ProgramRunner,
    startedAt: number,
    transmits: Queue<ClientTransmit>,
    events: Queue<ClientEvent>,
  ) {
    this.mac = identity.mac
    this.macText = formatMac(identity.mac)
    this.uuid = identity.uuid
    this.uuidText = formatUuid(identity.uuid)
    this.habits = habits
    this.random = random
    this.run = run
    this.startedAt = startedAt
    this.#transmits = transmits
    this.#events = events
  }

  send(sourcePort: number, destination: IpEndpoint, payload: Uint8Array): void {
    this.#transmits.push({ kind: 'udp', sourcePort, destination, payload, length: payload.length })
  }

  configure(lease: Lease | undefined): void {
    this.lease = lease
    this.#transmits.push({ kind: 'configure', lease })
  }

  configure6(addresses: Addresses6 | undefined): void {
    this.addresses6 = addresses
    this.#transmits.push({ kind: 'configure6', addresses })
  }

  sendIcmp6(source: string, destination: string, payload: Uint8Array): void {
    this.#transmits.push({ kind: 'icmp6', source, destination, payload })
  }

  /** Opens a TCP connection; its number comes with what is heard of it. */
  connect(port: number, destination: IpEndpoint): number {
    const connection = ++this.#connections
    this.#transmits.push({ kind: 'tcp-open', connection, port, destination })
    return connection
  }

  sendTcp(connection: number, payload: Uint8Array): void {
    this.#transmits.push({ kind: 'tcp-send', connection, payload })
  }

  abortTcp(connection: number): void {
    this.#transmits.push({ kind: 'tcp-abort', connection })
  }

  print(text: string): void {
    this.#events.push({ type: 'screen', text })
  }

  /** A line of its own. */
  line(text = ''): void {
    this.print(`${text}\n`)
  }

  /** `turn`: how often the message of that stage has been sent with it, from 1. */
  stage(stage: ClientStage, text: Phrase, turn?: number): void {
    this.#events.push({ type: 'stage', stage, text, ...(turn !== undefined && { turn }) })
  }

  randomU32(): number {
    return Math.floor(this.random() * 0x1_0000_0000)
  }

  /** A port of the range that a network stack takes for itself. */
  randomPort(): number {
    return 1024 + Math.floor(this.random() * 60_000)
  }

  /** Lets time pass; whatever comes meanwhile is not heard. */
  *sleep(ms: number): Step<void> {
    const until = this.now + ms
    while (this.now < until) yield until
  }
}

export const failed = (code: string, line: string, because: Phrase): ClientResult => ({
  state: 'failed',
  code,
  line,
  because,
})

export interface ClientOptions {
  readonly identity: ClientMachineIdentity
  readonly habits: ClientHabits
  readonly firmware: Firmware
  /** Starts the programs it loads. */
  readonly run: ProgramRunner
  readonly random: () => number
  /** When it is switched on, in milliseconds. */
  readonly startAt: number
}

export class PxeClient implements Machine<ClientInput, ClientTransmit, ClientEvent> {
  readonly #transmits = new Queue<ClientTransmit>()
  readonly #events = new Queue<ClientEvent>()
  readonly #context: ClientContext
  readonly #script: ReturnType<Firmware>
  #deadline: number
  #isOn = false
  result: ClientResult | undefined

  constructor({ identity, habits, firmware, run, random, startAt }: ClientOptions) {
    this.#context = new ClientContext(identity, habits, random, run, startAt, this.#transmits, this.#events)
    this.#script = firmware(this.#context)
    this.#deadline = startAt
  }

  get lease(): Lease | undefined {
    return this.#context.lease
  }

  handle(input: ClientInput, now: number): void {
    if (this.result) return
    if (input.kind === 'timeout') {
      if (now < this.#deadline) return
    } else if (!this.#isOn) return
    this.#isOn = true
    this.#context.now = now
    this.#resume(input.kind === 'timeout' ? undefined : input)
  }

  pollTransmit(): ClientTransmit | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): ClientEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): number | undefined {
    return this.result || this.#deadline === Infinity ? undefined : this.#deadline
  }

  #resume(input: ClientInput | undefined): void {
    const step = this.#script.next(input)
    if (!step.done) {
      this.#deadline = step.value
      return
    }
    this.result = step.value
    this.#events.push({ type: 'finished', result: step.value })
  }
}

/** An address on a screen. */
export const shown = (address: IpAddress): string => formatIp(address)
