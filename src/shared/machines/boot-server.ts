/**
 * The PXE boot server on port 4011 (PXE 2.1 section 2.2.4): a client that has an address asks it which program to load.
 * It also answers boot-server discovery, by broadcast on port 67, by multicast and by unicast, for the items of a menu.
 * Alone it is the part that WDS plays beside a DHCP server on the same host (UseDHCPPorts = 0).
 */
import { bytesOfU32, formatIpv4 } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import {
  decodeDhcp,
  encodeDhcp,
  fieldText,
  findOptionData,
  messageTypeOf,
  ops,
  type DhcpOption,
} from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { discoveryControl, encodePxeVendorOptions, readBootItem } from '../wire/dhcp/spaces.ts'
import { bootAnswerFor, bootFields, pxeClass, storeOption, type BootAnswer, type BootConfiguration } from './boot-answer.ts' // prettier-ignore
import type { BootChoice } from './boot-policy.ts'
import { identityOf, refusalOf, type ClientFilter, type ClientIdentity } from './client-identity.ts'
import {
  seenFrom,
  documentedClientPort,
  limitedBroadcast,
  type Answer,
  type IncomingDatagram,
  type Machine,
  type ServedInterface,
  type ServicePorts,
  type Timeout,
} from './machine.ts'
import { Queue } from './queue.ts'
import { echoed, replyTo } from './reply.ts'
import { answerProblem } from './senders.ts'
import { whereaboutsOf, type SeenWhereabouts } from './whereabouts.ts'

export interface BootServerConfiguration {
  readonly interfaces: readonly ServedInterface[]
  readonly ports: ServicePorts
  readonly filter: ClientFilter
  readonly boot: BootConfiguration
  /** Through which relays clients came that ask here past them. */
  readonly seen?: SeenWhereabouts
}

export type BootServerEvent =
  | {
      readonly type: 'boot-server-answered'
      readonly client: ClientIdentity
      readonly address: string
      readonly boot: BootChoice
      readonly item: { readonly type: number; readonly layer: number } | undefined
    }
  | { readonly type: 'boot-server-ignored'; readonly client: ClientIdentity; readonly reason: string }

/** Layer bit that asks for credentials (PXE 2.1 section 2.4, tag 71), which no boot server of today has. */
const credentialsBit = 0x8000

/** Whether a datagram on the DHCP port is a search for boot servers rather than for an address. */
export const isBootServerDiscovery = (payload: Uint8Array): boolean => {
  const { message } = decodeDhcp(payload)
  const type = messageTypeOf(message)
  return (
    message.op === ops.request &&
    (type === messageTypes.request || type === messageTypes.inform) &&
    message.ciaddr !== 0 &&
    readBootItem(findOptionData(message, optionCodes.vendorSpecific)) !== undefined
  )
}

export class BootServer implements Machine<IncomingDatagram | Timeout, Answer<BootServerEvent>, BootServerEvent> {
  readonly #configuration: BootServerConfiguration
  readonly #transmits = new Queue<Answer<BootServerEvent>>()
  readonly #events = new Queue<BootServerEvent>()

  constructor(configuration: BootServerConfiguration) {
    this.#configuration = configuration
  }

  handle(input: IncomingDatagram | Timeout): void {
    if (input.kind === 'datagram') this.#receive(input)
  }

  pollTransmit(): Answer<BootServerEvent> | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): BootServerEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): undefined {
    return undefined
  }

  #receive(datagram: IncomingDatagram): void {
    const { message: request, hasCookie } = decodeDhcp(datagram.payload)
    const { interfaces, filter, boot, ports, seen } = this.#configuration
    const found = interfaces.find((one) => one.name === datagram.interface)
    const served = found && seenFrom(found, datagram.source.address, datagram.destinationAddress)
    const type = messageTypeOf(request)
    const isAsking = type === messageTypes.request || type === messageTypes.inform
    if (!served || !hasCookie || request.op !== ops.request || !isAsking) return
    const client = identityOf(request)
    const ignore = (reason: string): void => this.#events.push({ type: 'boot-server-ignored', client, reason })
    if (client.boot === 'http')
      return ignore('it boots over HTTP, which has no boot server: option 60 begins with HTTPClient')
    const refusal = refusalOf(filter, client.mac) ?? answerProblem(request, served)
    if (refusal !== undefined) return ignore(refusal)

    const where = whereaboutsOf(request, served.address)
    const chosen = bootAnswerFor(
      client,
      boot,
      served.address,
      where.relay === 0 ? (seen?.of(client.mac) ?? where) : where,
      { address: datagram.source.address || request.ciaddr, phase: 'goes-on' },
    )
    const item = readBootItem(findOptionData(request, optionCodes.vendorSpecific))
    // iPXE asks with item 0x8000, layer 0 even where the menu is not ours; type 0 is local boot and never asks.
    const menuItem = item && chosen.menu?.items.find((one) => one.type === item.type)
    if (item && item.layer & credentialsBit)
      return ignore(`it asks for item ${item.type} with credentials, of which there are none`)
    if (item && chosen.menu && !menuItem)
      return ignore(`it asks for boot server type ${item.type}, which is not on the menu`)
    const answer: BootAnswer =
      menuItem?.file === undefined
        ? chosen
        : {
            ...chosen,
            file: menuItem.file,
            choice: { file: menuItem.file, rule: undefined, reason: `menu item "${menuItem.text}"` },
          }
    const isPxe = client.boot === 'pxe'
    if (answer.file === '')
      return ignore(isPxe ? answer.choice.reason : `it is no PXE client, and ${answer.choice.reason}`)

    const fields = bootFields(answer, new Set(findOptionData(request, optionCodes.parameterRequestList)))
    const options: DhcpOption[] = [
      { code: optionCodes.messageType, data: Uint8Array.of(messageTypes.ack) },
      // EDK1 compares this with the address it asked, iPXE with the offer it follows: it is our address, always.
      { code: optionCodes.serverIdentifier, data: bytesOfU32(served.address) },
      ...(isPxe
        ? [
            { code: optionCodes.vendorClass, data: pxeClass },
            {
              code: optionCodes.vendorSpecific,
              data: encodePxeVendorOptions(
                item ? { bootItem: item } : { discoveryControl: discoveryControl.downloadNamedFile },
              ),
            },
          ]
        : []),
      ...fields.options,
      ...storeOption(client, boot),
      ...echoed(request, [optionCodes.machineIdentifier]),
    ]
    const name = fieldText(answer.siaddr === served.address ? '' : formatIpv4(answer.siaddr), 64)!
    this.#transmits.push({
      interface: datagram.interface,
      // iPXE takes answers from port 4011 only, also to what it asked by broadcast on 67.
      sourcePort: ports.bootServer,
      sourceAddress: served.address,
      destination:
        datagram.source.address === 0 ? { address: limitedBroadcast, port: documentedClientPort } : datagram.source,
      payload: encodeDhcp({
        ...replyTo(request),
        // It goes straight to the client, also where its lease came through a relay.
        giaddr: 0,
        ciaddr: request.ciaddr,
        siaddr: fields.siaddr,
        sname: name,
        file: fields.file,
        options,
      }),
      event: {
        type: 'boot-server-answered',
        client,
        address: formatIpv4(datagram.source.address || request.ciaddr),
        boot: answer.choice,
        item,
      },
    })
  }
}
