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
  isBooting,
  offerVendorOptions,
  pxeClass,
  storeOption,
  type BootConfiguration,
} from './boot-answer.ts'
import { namesClient, type BootChoice } from './boot-policy.ts'
import { identityOf, refusalOf, type ClientFilter, type ClientIdentity } from './client-identity.ts'
import {
  seenFrom,
  type Answer,
  type IncomingDatagram,
  type Machine,
  type ServedInterface,
  type ServicePorts,
  type Timeout,
} from './machine.ts'
import { Queue } from './queue.ts'
import { destinationOf, echoed, isBootp, replyTo } from './reply.ts'
import { answerProblem } from './senders.ts'
import { whereaboutsOf, type SeenWhereabouts } from './whereabouts.ts'

export interface ProxyDhcpConfiguration {
  readonly interfaces: readonly ServedInterface[]
  readonly ports: ServicePorts
  readonly filter: ClientFilter
  readonly boot: BootConfiguration
  /** Where what is seen is noted for the boot server. */
  readonly seen?: SeenWhereabouts
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
    const { boot, filter, interfaces, ports, seen } = this.#configuration
    const found = interfaces.find((one) => one.name === datagram.interface)
    // A relay's address tells where the client is; a client itself has none yet.
    const served = found && seenFrom(found, request.giaddr)
    const type = messageTypeOf(request)
    if (!served || request.op !== ops.request) return
    if (type === undefined && isBootp(datagram.payload, request)) {
      const reason = 'it speaks BOOTP, which asks for an address, and a proxyDHCP gives none'
      this.#events.push({ type: 'proxy-ignored', client: identityOf(request), reason })
      return
    }
    // REQUESTs on port 67 are for the server that gave the address: only DISCOVER is ours.
    if (!hasCookie || type !== messageTypes.discover) return
    const client = identityOf(request)
    const where = whereaboutsOf(request, served.address)
    const answer = bootAnswerFor(client, boot, served.address, where)
    const rule = answer.choice.rule === undefined ? undefined : boot.programs[answer.choice.rule]
    // An operating system that takes an offer without an address asks for 0.0.0.0 and waits in vain; whoever is no PXE client
    // is answered because a rule names it, as U-Boot with CONFIG_SERVERIP_FROM_PROXYDHCP wants it.
    if (client.boot === 'none' && client.architectures.length === 0 && !(rule && namesClient(rule))) return
    const refusal = refusalOf(filter, client.mac) ?? answerProblem(request, served)
    if (refusal !== undefined || !isBooting(answer)) {
      this.#events.push({ type: 'proxy-ignored', client, reason: refusal ?? answer.choice.reason })
      return
    }
    seen?.note(client.mac, where)
    // BIOS ROMs take the file from an offer with discovery control 8. Much UEFI firmware does not: it wants an offer
    // without option 43 and asks siaddr on port 4011, where the boot server answers.
    const isUefi = client.architectures.some((code) => architectureOf(code)?.boot === 'uefi')
    const { form: wanted = 'by-firmware' } = this.#configuration
    const asks = wanted === 'without-options' || (wanted === 'by-firmware' && isUefi)
    const form = client.boot !== 'pxe' ? 'file' : answer.menu ? 'menu' : asks ? 'ask-boot-server' : 'file'
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
          ? [{ code: optionCodes.vendorSpecific, data: offerVendorOptions(answer, served.address) }]
          : []),
        ...(form === 'file' ? [...fields.options, ...storeOption(client, boot)] : []),
        ...echoed(request, [optionCodes.machineIdentifier, optionCodes.relayAgentInformation]),
      ],
    }
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: ports.dhcp,
      sourceAddress: datagram.destinationAddress ?? served.address,
      destination: destinationOf({ request, source: datagram.source, dhcpPort: ports.dhcp, isNak: false }),
      payload: encodeDhcp(reply),
      ...(answer.delayMs > 0 ? { delayMs: answer.delayMs } : {}),
      event: { type: 'proxy-offered', client, boot: answer.choice, form },
    })
  }
}
