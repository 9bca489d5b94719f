/**
 * The boot half of Windows Deployment Services, and of the PXE responder of Configuration Manager, as clients see it: a
 * proxyDHCP offer without a file, the first program on port 4011, and then the dialogue of option 250 with that program
 * (approval, prompt, next program, option 252). The actions of option 250 are those of the Windows SDK (wdsbp.h).
 *
 * Unconfirmed, for no public capture shows it: that a refused machine is told to abort (action 5) each time it asks; that
 * UEFI machines without a deployment are told so too (BIOS gets abortpxe.com, which is documented); that the boot program
 * of a prestaged device is the one after wdsnbp.com; which processor numbers sub-option 1 has beside 0 (x86) and 9 (x64).
 */
import { bytesOfU16, bytesOfU32, concatBytes, encodeText, formatIpv4, u16At } from '../wire/bytes.ts'
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
import { findSubOption } from '../wire/dhcp/spaces.ts'
import { architectureOf } from '../wire/iana/architecture.ts'
import { pxeClass } from './boot-answer.ts'
import { identityOf, matchesMac, refusalOf, type ClientFilter, type ClientIdentity } from './client-identity.ts'
import {
  seenFrom,
  type Answer,
  type IncomingDatagram,
  type Machine,
  type ServedInterface,
  type ServicePorts,
  type Timeout,
} from './machine.ts'
import { PendingRequests } from './pending-requests.ts'
import { Queue } from './queue.ts'
import { destinationOf, echoed, replyTo } from './reply.ts'
import { wdsActions, wdsOption, wdsPrompts, wdsSub } from './wds-options.ts'

/** A program that waits for a key, and one that does not. */
export interface NextPrograms {
  readonly optIn: string
  readonly noPrompt: string
}

export interface WdsPrograms {
  /** What the firmware loads, and what that program loads next. */
  readonly first: string
  readonly next: NextPrograms
  /** The same for a 32-bit processor; undefined where the architecture says which it is. */
  readonly next32?: NextPrograms
  /** What ends a boot at once; undefined where action 5 has to. */
  readonly abort?: string
  /** Boot configuration data (option 252); undefined leaves the program its own. */
  readonly bcd: string | undefined
}

/** A machine that the server knows: prestaged in WDS, in the database of Configuration Manager. */
export interface KnownDevice {
  readonly mac?: string | undefined
  readonly uuid?: string | undefined
  readonly name?: string | undefined
  /** What it loads after the first program. */
  readonly bootFile?: string | undefined
  /** The server that is to serve it. */
  readonly referral?: number | undefined
}

/** What Configuration Manager has for a machine, for all that it knows, or for those that it does not know. */
export interface Deployment {
  readonly to: 'all' | 'unknown' | KnownDevice
  readonly kind: 'required' | 'available'
  readonly bootImage?: string | undefined
  /** Where its boot image brings programs of its own. */
  readonly programs?: ReadonlyMap<number, WdsPrograms> | undefined
}

export interface WdsServerConfiguration {
  readonly product: 'WDS' | 'ConfigMgr'
  readonly interfaces: readonly ServedInterface[]
  readonly ports: ServicePorts
  readonly filter: ClientFilter
  /** Whether it listens on port 67 too (UseDHCPPorts, or DoNotListenOnDhcpPort not set). */
  readonly offers: boolean
  readonly answer: 'all' | 'known' | 'none'
  readonly devices: readonly KnownDevice[]
  /** Seconds of a client's own count after which it is answered; WDS does not let prestaged machines wait (wdsutil /ResponseDelay). */
  readonly responseDelaySeconds: number
  /** Whether the first program says which processor a BIOS machine has; without it the machine gets 32-bit programs. */
  readonly architectureDiscovery: boolean
  /** By architecture number. */
  readonly programs: ReadonlyMap<number, WdsPrograms>
  readonly approval:
    | {
        /** When an administrator approves, in milliseconds after the first request; infinite where one does it by hand. */
        readonly afterMs: number
        readonly pollSeconds: number
        readonly message: string
      }
    | undefined
  readonly prompt: keyof typeof wdsPrompts
  /** The first that is for a machine counts; undefined where machines need none. */
  readonly deployments: readonly Deployment[] | undefined
}

interface Told {
  readonly product: WdsServerConfiguration['product']
  readonly client: ClientIdentity
  /** Its address; 0.0.0.0 before it has one. */
  readonly address: string
}

export type WdsServerEvent =
  | (Told & { readonly type: 'wds-offered'; readonly isKnown: boolean })
  | (Told & {
      readonly type: 'wds-answered'
      readonly file: string
      readonly dialogue: boolean
      readonly isKnown: boolean
      readonly deployment: Pick<Deployment, 'kind' | 'bootImage'> | undefined
    })
  /** `isNew` at the first of its requests. */
  | (Told & { readonly type: 'wds-pending'; readonly request: number; readonly isNew: boolean })
  | (Told & { readonly type: 'wds-refused'; readonly request: number })
  /** It has no deployment: `file` ends the boot, where empty action 5 of option 250 does. */
  | (Told & { readonly type: 'wds-aborted'; readonly file: string; readonly isKnown: boolean })
  | (Told & { readonly type: 'wds-referred'; readonly to: string })
  | (Told & { readonly type: 'wds-ignored'; readonly isKnown: boolean; readonly reason: string })

/** A request that is for this server, and what is known of who sent it. */
interface Asked {
  readonly datagram: IncomingDatagram
  readonly request: DhcpMessage
  readonly client: ClientIdentity
  readonly served: ServedInterface
  readonly device: KnownDevice | undefined
  readonly deployment: Deployment | undefined
  readonly programs: WdsPrograms
}

export class WdsServer implements Machine<IncomingDatagram | Timeout, Answer<WdsServerEvent>, WdsServerEvent> {
  readonly #configuration: WdsServerConfiguration
  readonly #requests: PendingRequests
  readonly #transmits = new Queue<Answer<WdsServerEvent>>()
  readonly #events = new Queue<WdsServerEvent>()

  /** `requests` is where an administrator decides; it outlives this object where interfaces come and go. */
  constructor(configuration: WdsServerConfiguration, requests: PendingRequests = new PendingRequests()) {
    this.#configuration = configuration
    this.#requests = requests
  }

  handle(input: IncomingDatagram | Timeout, now: number): void {
    if (input.kind === 'datagram') this.#receive(input, now)
  }

  pollTransmit(): Answer<WdsServerEvent> | undefined {
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
    const { interfaces, ports, devices, deployments, programs: usual } = this.#configuration
    const found = interfaces.find((one) => one.name === datagram.interface)
    const isAsked = datagram.destinationPort === ports.bootServer
    const asked = isAsked ? datagram.destinationAddress : undefined
    const served = found && seenFrom(found, request.giaddr || datagram.source.address, asked)
    if (!served || !hasCookie || request.op !== ops.request) return
    const type = messageTypeOf(request)
    const isDiscover = type === messageTypes.discover && datagram.destinationPort === ports.dhcp
    const isRequest = type === messageTypes.request && isAsked
    if (!isDiscover && !isRequest) return
    const client = identityOf(request)
    if (client.boot !== 'pxe') return
    const device = devices.find((one) => isDevice(client, one))
    const deployment = deployments?.find(({ to }) =>
      to === 'all' ? device !== undefined : to === 'unknown' ? device === undefined : isDevice(client, to),
    )
    const why = this.#refusal(client, request, device, isDiscover)
    const programs =
      client.architecture === undefined ? undefined : (deployment?.programs ?? usual).get(client.architecture)
    if (why !== undefined || !programs) {
      const architecture = client.architecture === undefined ? 'unknown' : `${client.architecture}`
      const reason = why ?? `there is no boot program for architecture ${architecture}`
      this.#events.push({ type: 'wds-ignored', ...this.#told(client, request), isKnown: device !== undefined, reason })
      return
    }
    const question = { datagram, request, client, served, device, deployment, programs }
    if (isDiscover) this.#offer(question)
    else if (findOptionData(request, wdsOption) !== undefined) this.#dialogue(question, now)
    else {
      this.#requests.beginsBoot(client)
      this.#answer(question, programs.first, [], false)
    }
  }

  #told(client: ClientIdentity, request: DhcpMessage): Told {
    return { product: this.#configuration.product, client, address: formatIpv4(request.ciaddr) }
  }

  #refusal(
    client: ClientIdentity,
    request: DhcpMessage,
    device: KnownDevice | undefined,
    isDiscover: boolean,
  ): string | undefined {
    const { product, filter, answer, responseDelaySeconds } = this.#configuration
    if (answer === 'none') return 'it is set to answer no client'
    if (answer === 'known' && !device) return 'it answers known clients only'
    const refused = refusalOf(filter, client.mac)
    if (refused !== undefined) return refused
    // The delay counts what the client says it has waited, so it holds back the first messages only.
    const waits = product === 'ConfigMgr' || !device
    if (isDiscover && waits && request.secs < responseDelaySeconds)
      return `the response delay of ${responseDelaySeconds} s: the client has waited ${request.secs} s`
    return undefined
  }

  #offer({ datagram, request, client, served, device }: Asked): void {
    const { dhcp: dhcpPort } = this.#configuration.ports
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: dhcpPort,
      sourceAddress: datagram.destinationAddress ?? served.address,
      destination: destinationOf({ request, source: datagram.source, dhcpPort, isNak: false }),
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
      event: { type: 'wds-offered', ...this.#told(client, request), isKnown: device !== undefined },
    })
  }

  #dialogue(asked: Asked, now: number): void {
    const { client, request, device, deployment, programs } = asked
    const { approval, deployments, prompt: usualPrompt } = this.#configuration
    const told = this.#told(client, request)
    const isKnown = device !== undefined
    if (device?.referral !== undefined && device.referral !== asked.served.address) {
      const option = block(Uint8Array.of(wdsSub.nextAction, 1, wdsActions.referral, wdsSub.referralServer, 4), bytesOfU32(device.referral)) // prettier-ignore
      const event = { type: 'wds-referred', ...told, to: formatIpv4(device.referral) } as const
      return this.#send(asked, programs.first, [option], event)
    }
    if (deployments && !deployment) {
      const file = programs.abort ?? ''
      const options = file === '' ? [abortBlock] : []
      return this.#send(asked, file, options, { type: 'wds-aborted', ...told, file, isKnown })
    }
    const prompt = deployment === undefined ? usualPrompt : deployment.kind === 'available' ? 'optIn' : 'noPrompt'
    const next = this.#is32Bit(request, client) ? (programs.next32 ?? programs.next) : programs.next
    const file = device?.bootFile ?? next[prompt === 'optIn' ? 'optIn' : 'noPrompt']
    if (approval && !device && !this.#isApproved(asked, file, approval, now)) return
    const options = [
      block(Uint8Array.of(wdsSub.prompt, 1, wdsPrompts[prompt])),
      ...(programs.bcd === undefined
        ? []
        : [{ code: optionCodes.bcd, data: concatBytes([encodeText(programs.bcd), Uint8Array.of(0)]) }]),
    ]
    this.#answer(asked, file, options, true)
  }

  /** Whether an administrator has let the machine in; where not, it has been answered. */
  #isApproved(
    asked: Asked,
    file: string,
    approval: NonNullable<WdsServerConfiguration['approval']>,
    now: number,
  ): boolean {
    const { client, request, programs } = asked
    const told = this.#told(client, request)
    const found = client.mac === '' ? undefined : this.#requests.ask(client, file, now)
    if (!found) {
      const reason =
        client.mac === ''
          ? 'it has no hardware address to be approved by'
          : 'there is no room for another request on the list: forget some that are remembered'
      this.#events.push({ type: 'wds-ignored', ...told, isKnown: false, reason })
      return false
    }
    const { request: pending, isNew } = found
    if (pending.state === 'approved' || now - pending.since >= approval.afterMs) {
      this.#requests.told(client)
      return true
    }
    if (pending.state === 'refused') {
      this.#requests.told(client)
      this.#send(asked, programs.first, [abortBlock], { type: 'wds-refused', ...told, request: pending.request })
      return false
    }
    const text = encodeText(approval.message)
    const option = block(
      Uint8Array.of(wdsSub.nextAction, 1, wdsActions.approval, wdsSub.pollInterval, 2),
      bytesOfU16(approval.pollSeconds),
      Uint8Array.of(wdsSub.pollRetryCount, 2),
      bytesOfU16(2160),
      Uint8Array.of(wdsSub.requestId, 4),
      bytesOfU32(pending.request),
      Uint8Array.of(wdsSub.message, text.length),
      text,
    )
    this.#send(asked, programs.first, [option], { type: 'wds-pending', ...told, request: pending.request, isNew })
    return false
  }

  /** A BIOS machine says architecture 0 whatever its processor is; its first program knows better. */
  #is32Bit(request: DhcpMessage, client: ClientIdentity): boolean {
    if (client.architecture === undefined || architectureOf(client.architecture)?.boot === 'uefi') return false
    if (!this.#configuration.architectureDiscovery) return true
    const data = findOptionData(request, wdsOption)
    const processor = data && findSubOption('wds', data, wdsSub.architecture)
    return processor?.length === 2 && u16At(processor, 0) === 0
  }

  #answer(asked: Asked, file: string, options: readonly DhcpOption[], dialogue: boolean): void {
    const { client, request, device, deployment } = asked
    this.#send(asked, file, options, {
      type: 'wds-answered',
      ...this.#told(client, request),
      file,
      dialogue,
      isKnown: device !== undefined,
      deployment: deployment && { kind: deployment.kind, bootImage: deployment.bootImage },
    })
  }

  #send(
    { datagram, request, served }: Asked,
    file: string,
    options: readonly DhcpOption[],
    event: WdsServerEvent,
  ): void {
    this.#transmits.push({
      interface: datagram.interface,
      sourcePort: datagram.destinationPort,
      sourceAddress: served.address,
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
      event,
    })
  }
}

const block = (...parts: readonly Uint8Array[]): DhcpOption => ({
  code: wdsOption,
  data: concatBytes([...parts, Uint8Array.of(255)]),
})

const abortBlock: DhcpOption = block(Uint8Array.of(wdsSub.nextAction, 1, wdsActions.abort))

const isDevice = (client: ClientIdentity, { mac, uuid }: KnownDevice): boolean =>
  (mac !== undefined && matchesMac(client.mac, [mac])) || (uuid !== undefined && client.uuid === uuid)
