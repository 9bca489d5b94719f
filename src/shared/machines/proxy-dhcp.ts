/**
 * A proxyDHCP on port 67 (PXE 2.1 section 2.2): beside another machine's DHCP server it tells network-boot clients where
 * their boot server is. It gives no address and answers nobody else.
 */
import { bytesOfU32 } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import {
  blankMessage,
  broadcastFlag,
  decodeDhcp,
  encodeDhcp,
  findOptionData,
  messageTypeOf,
  ops,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { architectureOf } from '../wire/iana/architecture.ts'
import {
  bootAnswerFor,
  bootFields,
  httpClass,
  offerVendorOptions,
  pxeClass,
  type BootConfiguration,
} from './boot-answer.ts'
import type { BootChoice } from './boot-policy.ts'
import { identityOf, refusalOf, type ClientFilter, type ClientIdentity } from './client-identity.ts'
import type { Answer, IncomingDatagram, Machine, ServedInterface, ServicePorts, Timeout } from './machine.ts'
import { Queue } from './queue.ts'
import { destinationOf, echoed, replyTo } from './reply.ts'
import { answerProblem } from './senders.ts'

export interface ProxyDhcpConfiguration {
  readonly interfaces: readonly ServedInterface[]
  readonly ports: ServicePorts
  readonly filter: ClientFilter
  readonly boot: BootConfiguration
  /** Whether offers carry the file and PXE options; by firmware where not said, which serves the most machines. */
  readonly form?: 'by-firmware' | 'with-options' | 'without-options'
}

export type ProxyDhcpEvent =
  | {
      readonly type: 'proxy-offered'
      readonly client: ClientIdentity
      readonly boot: BootChoice
      /** Whether the offer names the file, or sends the client to port 4011 for it. */
      readonly form: 'file' | 'ask-boot-server' | 'menu'
    }
  | { readonly type: 'proxy-ignored'; readonly client: ClientIdentity; readonly reason: string }

export class ProxyDhcp implements Machine<IncomingDatagram | Timeout, Answer<ProxyDhcpEvent>, ProxyDhcpEvent> {
  readonly #configuration: ProxyDhcpConfiguration
  readonly #transmits = new Queue<Answer<ProxyDhcpEvent>>()
  readonly #events = new Queue<ProxyDhcpEvent>()

  constructor(configuration: ProxyDhcpConfiguration) {
    this.#configuration = configuration
  }

  handle(input: IncomingDatagram | Timeout): void {
    if (input.kind === 'datagram') this.#receive(input)
  }

  pollTransmit(): Answer<ProxyDhcpEvent> | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): ProxyDhcpEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #receive(datagram: IncomingDatagram): void {
    const { message: request, hasCookie } = decodeDhcp(datagram.payload)
    const { boot, filter, interfaces, ports } = this.#configuration
    const served = interfaces.find((one) => one.name === datagram.interface)
    // REQUESTs on port 67 are for the server that gave the address: only DISCOVER is ours.
    if (!served || !hasCookie || request.op !== ops.request || messageTypeOf(request) !== messageTypes.discover) return
    const client = identityOf(request)
    if (client.boot === 'none') return
    const refusal = refusalOf(filter, client.mac) ?? answerProblem(request, served)
    if (refusal !== undefined) {
      this.#events.push({ type: 'proxy-ignored', client, reason: refusal })
      return
    }
    const answer = bootAnswerFor(client, boot, served.address)
    if (answer.file === '' && !(boot.menu && client.boot === 'pxe')) {
      this.#events.push({ type: 'proxy-ignored', client, reason: answer.choice.reason })
      return
    }
    // BIOS ROMs take the file from an offer with discovery control 8. Much UEFI firmware does not: it wants an offer
    // without option 43 and asks siaddr on port 4011, where the boot server answers.
    const isUefi = client.architecture !== undefined && architectureOf(client.architecture)?.boot === 'uefi'
    const { form: wanted = 'by-firmware' } = this.#configuration
    const asks = wanted === 'without-options' || (wanted === 'by-firmware' && isUefi)
    const form = client.boot === 'http' ? 'file' : boot.menu ? 'menu' : asks ? 'ask-boot-server' : 'file'
    const fields = bootFields(answer, new Set(findOptionData(request, optionCodes.parameterRequestList)))
    const reply = {
      ...replyTo(request),
      // yiaddr is 0, so a relay can deliver this only by broadcast.
      flags: request.flags | broadcastFlag,
      siaddr: form === 'file' ? fields.siaddr : served.address,
      file: form === 'file' ? fields.file : blankMessage.file,
      options: [
        { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.offer) },
        { code: optionCodes.serverIdentifier, data: bytesOfU32(served.address) },
        { code: optionCodes.vendorClass, data: client.boot === 'http' ? httpClass : pxeClass },
        ...(client.boot === 'pxe' && form !== 'ask-boot-server'
          ? [{ code: optionCodes.vendorSpecific, data: offerVendorOptions(boot.menu, served.address) }]
          : []),
        ...(form === 'file' ? fields.options : []),
        ...echoed(request, [optionCodes.machineIdentifier, optionCodes.relayAgentInformation]),
      ],
    }
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: ports.dhcp,
      destination: destinationOf({ request, source: datagram.source, dhcpPort: ports.dhcp, isNak: false }),
      payload: encodeDhcp(reply),
      event: { type: 'proxy-offered', client, boot: answer.choice, form },
    })
  }
}
