/**
 * The boot half of Windows Deployment Services, and of the PXE responder of Configuration Manager, as clients see it: a
 * proxyDHCP offer without a file, the first program on port 4011, and then the dialogue of option 250 with that program
 * (approval, prompt, next program, option 252). The actions of option 250 are those of the Windows SDK (wdsbp.h).
 */
import { bytesOfU16, bytesOfU32, concatBytes, encodeText } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import {
  blankMessage,
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  fieldText,
  findOptionData,
  messageTypeOf,
  ops,
  type DhcpMessage,
  type DhcpOption,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { pxeClass } from './boot-answer.ts'
import { identityOf, matchesMac, type ClientIdentity } from './client-identity.ts'
import {
  documentedDhcpPort,
  type IncomingDatagram,
  type Machine,
  type OutgoingDatagram,
  type ServedInterface,
  type Timeout,
} from './machine.ts'
import { wdsActions, wdsOption, wdsPrompts, wdsSub } from './wds-options.ts'
import { Queue } from './queue.ts'
import { destinationOf, echoed, replyTo } from './reply.ts'

export interface WdsPrograms {
  /** What the firmware loads, and what that program loads next. */
  readonly first: string
  readonly next: string
  /** Boot configuration data (option 252); undefined leaves the program its own. */
  readonly bcd: string | undefined
}

export interface WdsServerConfiguration {
  readonly interfaces: readonly ServedInterface[]
  /** Whether it listens on port 67 too (UseDHCPPorts, or DoNotListenOnDhcpPort not set). */
  readonly offers: boolean
  readonly answer: 'all' | 'known' | 'none'
  /** Hardware addresses of known machines. */
  readonly known: readonly string[]
  /** Seconds of a client's own count after which it is answered. */
  readonly responseDelaySeconds: number
  /** By architecture number. */
  readonly programs: ReadonlyMap<number, WdsPrograms>
  readonly approval:
    | {
        /** When an administrator approves, in milliseconds after the first request; infinite for never. */
        readonly afterMs: number
        readonly pollSeconds: number
        readonly message: string
      }
    | undefined
  readonly prompt: keyof typeof wdsPrompts
}

export type WdsServerEvent =
  | { readonly type: 'wds-offered'; readonly client: ClientIdentity }
  | {
      readonly type: 'wds-answered'
      readonly client: ClientIdentity
      readonly file: string
      readonly dialogue: boolean
    }
  | { readonly type: 'wds-pending'; readonly client: ClientIdentity; readonly request: number }
  | { readonly type: 'wds-ignored'; readonly client: ClientIdentity; readonly reason: string }

export class WdsServer implements Machine<IncomingDatagram | Timeout, OutgoingDatagram, WdsServerEvent> {
  readonly #configuration: WdsServerConfiguration
  readonly #transmits = new Queue<OutgoingDatagram>()
  readonly #events = new Queue<WdsServerEvent>()
  /** When each machine's request first came, and its number. */
  readonly #pending = new Map<string, { readonly since: number; readonly request: number }>()

  constructor(configuration: WdsServerConfiguration) {
    this.#configuration = configuration
  }

  handle(input: IncomingDatagram | Timeout, now: number): void {
    if (input.kind === 'datagram') this.#receive(input, now)
  }

  pollTransmit(): OutgoingDatagram | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): WdsServerEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #receive(datagram: IncomingDatagram, now: number): void {
    const { message: request, hasCookie } = decodeDhcp(datagram.payload)
    const served = this.#configuration.interfaces.find((one) => one.name === datagram.interface)
    if (!served || !hasCookie || request.op !== ops.request) return
    const type = messageTypeOf(request)
    const isDiscover = type === messageTypes.discover && datagram.destinationPort === documentedDhcpPort
    const isRequest = type === messageTypes.request && datagram.destinationPort !== documentedDhcpPort
    if (!isDiscover && !isRequest) return
    const client = identityOf(request)
    if (client.boot !== 'pxe') return
    const why = this.#refusal(client, request, isDiscover)
    const programs =
      client.architecture === undefined ? undefined : this.#configuration.programs.get(client.architecture)
    if (why !== undefined || !programs) {
      this.#events.push({
        type: 'wds-ignored',
        client,
        reason: why ?? `there is no boot program for architecture ${client.architecture ?? 'unknown'}`,
      })
      return
    }
    if (isDiscover) this.#offer(datagram, request, client, served)
    else if (findOptionData(request, wdsOption) !== undefined)
      this.#dialogue(datagram, request, client, served, programs, now)
    else this.#answer(datagram, request, client, served, programs.first, [], false)
  }

  #refusal(client: ClientIdentity, request: DhcpMessage, isDiscover: boolean): string | undefined {
    const { answer, known, responseDelaySeconds } = this.#configuration
    if (answer === 'none') return 'it is set to answer no client'
    if (answer === 'known' && !matchesMac(client.mac, known)) return 'it answers known clients only'
    // The delay counts what the client says it has waited, so it holds back the first messages only.
    if (isDiscover && request.secs < responseDelaySeconds)
      return `the response delay of ${responseDelaySeconds} s: the client has waited ${request.secs} s`
    return undefined
  }

  #offer(datagram: IncomingDatagram, request: DhcpMessage, client: ClientIdentity, served: ServedInterface): void {
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: documentedDhcpPort,
      destination: destinationOf({ request, source: datagram.source, dhcpPort: documentedDhcpPort, isNak: false }),
      payload: encodeDhcp({
        ...replyTo(request),
        flags: request.flags | broadcastFlag,
        siaddr: served.address,
        options: [
          { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.offer) },
          { code: optionCodes.serverIdentifier, data: bytesOfU32(served.address) },
          { code: optionCodes.vendorClass, data: pxeClass },
          ...echoed(request, [optionCodes.machineIdentifier, optionCodes.relayAgentInformation]),
        ],
      }),
    })
    this.#events.push({ type: 'wds-offered', client })
  }

  #dialogue(
    datagram: IncomingDatagram,
    request: DhcpMessage,
    client: ClientIdentity,
    served: ServedInterface,
    programs: WdsPrograms,
    now: number,
  ): void {
    const { approval, prompt, known } = this.#configuration
    const block = (...parts: readonly Uint8Array[]): DhcpOption => ({
      code: wdsOption,
      data: concatBytes([...parts, Uint8Array.of(255)]),
    })
    if (approval && !matchesMac(client.mac, known)) {
      let pending = this.#pending.get(client.mac)
      if (!pending) this.#pending.set(client.mac, (pending = { since: now, request: this.#pending.size + 1 }))
      if (now - pending.since < approval.afterMs) {
        const text = encodeText(approval.message)
        const options = [
          block(
            Uint8Array.of(wdsSub.nextAction, 1, wdsActions.approval, wdsSub.pollInterval, 2),
            bytesOfU16(approval.pollSeconds),
            Uint8Array.of(wdsSub.pollRetryCount, 2),
            bytesOfU16(2160),
            Uint8Array.of(wdsSub.requestId, 4),
            bytesOfU32(pending.request),
            Uint8Array.of(wdsSub.message, text.length),
            text,
          ),
        ]
        this.#send(datagram, request, served, programs.first, options)
        this.#events.push({ type: 'wds-pending', client, request: pending.request })
        return
      }
    }
    const options = [
      block(Uint8Array.of(wdsSub.prompt, 1, wdsPrompts[prompt])),
      ...(programs.bcd === undefined
        ? []
        : [{ code: optionCodes.bcd, data: concatBytes([encodeText(programs.bcd), Uint8Array.of(0)]) }]),
    ]
    this.#answer(datagram, request, client, served, programs.next, options, true)
  }

  #answer(
    datagram: IncomingDatagram,
    request: DhcpMessage,
    client: ClientIdentity,
    served: ServedInterface,
    file: string,
    options: readonly DhcpOption[],
    dialogue: boolean,
  ): void {
    this.#send(datagram, request, served, file, options)
    this.#events.push({ type: 'wds-answered', client, file, dialogue })
  }

  #send(
    datagram: IncomingDatagram,
    request: DhcpMessage,
    served: ServedInterface,
    file: string,
    options: readonly DhcpOption[],
  ): void {
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: datagram.destinationPort,
      destination: datagram.source,
      payload: encodeDhcp({
        ...replyTo(request),
        giaddr: 0,
        ciaddr: request.ciaddr,
        siaddr: served.address,
        file: fieldText(file, 128) ?? blankMessage.file,
        options: [
          { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.ack) },
          { code: optionCodes.serverIdentifier, data: bytesOfU32(served.address) },
          { code: optionCodes.vendorClass, data: pxeClass },
          ...echoed(request, [optionCodes.machineIdentifier]),
          ...options,
        ],
      }),
    })
  }
}
