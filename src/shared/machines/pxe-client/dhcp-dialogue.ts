/** What the DHCP dialogues of all firmwares have in common: reading replies, keeping offers, the lease that comes of an ACK. */
import { say, type Message, type Phrase } from '#messages/message.ts'
import { concatBytes, encodeText, u32At } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import {
  addressOption,
  blankMessage,
  decodeDhcp,
  encodeDhcp,
  findOptionData,
  messageTypeOf,
  ops,
  type DhcpMessage,
  type DhcpOption,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { formatIp, type IpAddress } from '../../wire/ip-address.ts'
import { limitedBroadcast, type Endpoint } from '../machine.ts'
import type { ClientContext, ClientInput, Lease, Step } from './client.ts'
import { describeTraits, traitsOf, type OfferTraits } from './offer-ranking.ts'

export const everyServer: Endpoint = { address: limitedBroadcast, port: 67 }

export interface Offer {
  readonly message: DhcpMessage
  readonly source: Endpoint
  readonly traits: OfferTraits
}

const sameHardware = (message: DhcpMessage, mac: Uint8Array): boolean =>
  mac.every((octet, index) => message.chaddr[index] === octet)

export interface Reply {
  readonly message: DhcpMessage
  readonly type: number
  readonly source: Endpoint
}

/** A DHCP reply to this client and transaction; undefined for everything else. */
export function replyIn(
  client: ClientContext,
  input: ClientInput | undefined,
  xid: number,
  port: number,
): Reply | undefined {
  if (input?.kind !== 'datagram' || input.destinationPort !== port || input.payload.length < 240) return undefined
  const { address } = input.source
  if (typeof address !== 'number') return undefined
  if (input.payload[0] !== ops.reply || u32At(input.payload, 4) !== xid) return undefined
  const { message, hasCookie } = decodeDhcp(input.payload)
  if (!hasCookie || !sameHardware(message, client.mac)) return undefined
  return { message, type: messageTypeOf(message) ?? 0, source: { address, port: input.source.port } }
}

/** An offer of a reply, as the firmware keeps it; offers without a server identifier are worth nothing. */
export function offerOf(reply: Reply | undefined): Offer | undefined {
  if (reply?.type !== messageTypes.offer) return undefined
  return { message: reply.message, source: reply.source, traits: traitsOf(reply.message) }
}

export const describeOffer = ({ traits }: Offer): Message =>
  say('pxe-client.offer', { server: traits.server, traits: describeTraits(traits) })

/** Who gave it: option 54, else siaddr, else where it came from. */
export const serverOfReply = ({ message, source }: { message: DhcpMessage; source: Endpoint }): number =>
  addressOption(message, optionCodes.serverIdentifier) ?? (message.siaddr || source.address)

/** The lease of an ACK. */
export const leaseOf = (message: DhcpMessage, source: Endpoint): Lease => ({
  address: message.yiaddr,
  mask: addressOption(message, optionCodes.subnetMask) ?? 0xffffff00,
  router: addressOption(message, optionCodes.router) ?? 0,
  server: serverOfReply({ message, source }),
})

export const option = (code: number, ...data: readonly number[]): DhcpOption => ({ code, data: Uint8Array.from(data) })
export const addressOf = (code: number, address: number): DhcpOption =>
  option(code, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255)
export const textOption = (code: number, text: string): DhcpOption => ({ code, data: encodeText(text) })

/** Option 97: type 0 and the identifier (RFC 4578 section 2.3). */
export const machineIdentifier = (client: ClientContext): DhcpOption => ({
  code: optionCodes.machineIdentifier,
  data: concatBytes([Uint8Array.of(0), client.uuid]),
})

export const messageTypeOption = (type: number): DhcpOption => option(optionCodes.messageType, type)

export interface RequestHeader {
  readonly xid: number
  readonly secs: number
  readonly flags: number
  readonly ciaddr?: number
  /** The field of that name: some clients ask for a file by it. */
  readonly file?: Uint8Array
}

/** A message of a client; `size` keeps the length that this firmware always sends, in bytes. */
export function clientMessage(
  client: ClientContext,
  { xid, secs, flags, ciaddr = 0, file = blankMessage.file }: RequestHeader,
  options: readonly DhcpOption[],
): Uint8Array {
  const chaddr = new Uint8Array(16)
  chaddr.set(client.mac)
  return encodeDhcp({ ...blankMessage, xid, secs: secs & 0xffff, flags, ciaddr, chaddr, file, options })
}

/** Offers of a round, told apart by who made them: a repeated DISCOVER is answered again. */
export class Offers {
  readonly #most: number
  readonly list: Offer[] = []

  constructor(most = 16) {
    this.#most = most
  }

  add(offer: Offer): void {
    const known = this.list.findIndex(
      (one) => one.traits.server === offer.traits.server && one.traits.isProxy === offer.traits.isProxy,
    )
    if (known >= 0) this.list[known] = offer
    else if (this.list.length < this.#most) this.list.push(offer)
  }

  get traits(): OfferTraits[] {
    return this.list.map((one) => one.traits)
  }

  /** What came, for the sentence that says why nothing was taken. */
  describe(): Phrase {
    return this.list.length === 0
      ? say('pxe-client.nobody-answered')
      : say('pxe-client.all-of', { names: this.list.map(describeOffer) })
  }
}

/** Option 66 as an address; undefined where it is a name or absent. */
export const textOf = (message: DhcpMessage, code: number): string | undefined => {
  const data = findOptionData(message, code)
  return data && String.fromCharCode(...data).replace(/\0.*$/s, '')
}

export const at = (address: IpAddress): string => formatIp(address)

export interface Acknowledged {
  readonly message: DhcpMessage
  readonly source: Endpoint
}

/** REQUEST until the ACK comes; a NAK ends it. */
export function* requestAddress(
  client: ClientContext,
  xid: number,
  message: (turn: number) => Uint8Array,
  waitsMs: readonly number[],
): Step<Acknowledged | 'silent' | 'nak'> {
  for (const [turn, wait] of waitsMs.entries()) {
    client.stage('request', 'REQUEST')
    client.send(68, everyServer, message(turn))
    const until = client.now + wait
    while (client.now < until) {
      const reply = replyIn(client, yield until, xid, 68)
      if (reply?.type === messageTypes.ack) return reply
      if (reply?.type === messageTypes.nak) return 'nak'
    }
  }
  return 'silent'
}

export const architectureOption = (architecture: number): DhcpOption =>
  option(optionCodes.architecture, architecture >> 8, architecture & 255)

/** `PXEClient:Arch:00007:UNDI:003016` (PXE 2.1 section 2.2). */
export const vendorClassOption = (kind: 'PXEClient' | 'HTTPClient', architecture: number, undi: string): DhcpOption =>
  textOption(optionCodes.vendorClass, `${kind}:Arch:${String(architecture).padStart(5, '0')}:UNDI:${undi}`)
