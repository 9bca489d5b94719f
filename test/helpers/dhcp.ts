import { bytesOfU16, bytesOfU32, encodeText, parseHex, parseIpv4, parseUuid, concatBytes } from '#shared/wire/bytes.ts'
import {
  blankMessage,
  broadcastFlag,
  encodeDhcp,
  type DhcpMessage,
  type DhcpOption,
} from '#shared/wire/dhcp/message.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import type { IncomingDatagram } from '#shared/machines/machine.ts'

export const ip = (text: string): number => parseIpv4(text)!

export function chaddr(mac: string): Uint8Array {
  const field = new Uint8Array(16)
  field.set(parseHex(mac)!)
  return field
}

export interface ClientRequest {
  readonly type: keyof typeof messageTypes
  readonly mac?: string
  readonly xid?: number
  readonly ciaddr?: string
  readonly giaddr?: string
  readonly requested?: string
  readonly server?: string
  readonly clientId?: string
  readonly architecture?: number
  readonly vendorClass?: string
  readonly userClass?: string
  readonly uuid?: string
  readonly flags?: number
  readonly options?: readonly DhcpOption[]
}

export function request(one: ClientRequest): DhcpMessage {
  const option = (code: number, data: Uint8Array | undefined): DhcpOption[] => (data ? [{ code, data }] : [])
  return {
    ...blankMessage,
    xid: one.xid ?? 0x1234,
    flags: one.flags ?? broadcastFlag,
    ciaddr: one.ciaddr ? ip(one.ciaddr) : 0,
    giaddr: one.giaddr ? ip(one.giaddr) : 0,
    chaddr: chaddr(one.mac ?? '52:54:00:77:00:01'),
    options: [
      { code: 53, data: Uint8Array.of(messageTypes[one.type]) },
      ...option(50, one.requested ? bytesOfU32(ip(one.requested)) : undefined),
      ...option(54, one.server ? bytesOfU32(ip(one.server)) : undefined),
      ...option(61, one.clientId ? parseHex(one.clientId) : undefined),
      ...option(93, one.architecture === undefined ? undefined : bytesOfU16(one.architecture)),
      ...option(97, one.uuid ? concatBytes([Uint8Array.of(0), parseUuid(one.uuid)!]) : undefined),
      ...option(60, one.vendorClass ? encodeText(one.vendorClass) : undefined),
      ...option(77, one.userClass ? encodeText(one.userClass) : undefined),
      ...(one.options ?? []),
    ],
  }
}

export const pxe = (architecture: number): Pick<ClientRequest, 'architecture' | 'vendorClass' | 'uuid'> => ({
  architecture,
  vendorClass: `PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`,
  uuid: '6c616221-0000-4000-8000-525400770003',
})

export const arriving = (message: DhcpMessage, from: Partial<IncomingDatagram> = {}): IncomingDatagram => ({
  kind: 'datagram',
  interface: 'eth0',
  // A client that has an address sends from it, a relay from its own.
  source: message.giaddr === 0 ? { address: message.ciaddr, port: 68 } : { address: message.giaddr, port: 67 },
  destinationPort: 67,
  payload: encodeDhcp(message),
  ...from,
})
