/** Ethernet frames wrapped into other links and into tunnels, each as its specification draws it. */
import { bytesOfU16, concatBytes, u16At } from '#shared/wire/bytes.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { wrapUdp } from '#shared/wire/frame.ts'

export interface Wrapping {
  readonly name: string
  readonly linkType: number
  readonly wrap: (frame: Uint8Array) => Uint8Array
}

const of = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const join = (...parts: readonly Uint8Array[]): Uint8Array => concatBytes(parts)
const addresses = (frame: Uint8Array): Uint8Array => frame.subarray(0, 12)
const typeAndRest = (frame: Uint8Array): Uint8Array => frame.subarray(12)
const packetOf = (frame: Uint8Array): Uint8Array => frame.subarray(14)
const isIpv4 = (frame: Uint8Array): boolean => u16At(frame, 12) === 0x0800

const outerMacs = of(2, 0, 0, 0, 0, 0x0a, 2, 0, 0, 0, 0, 0x0b)
const outerSource = 0x0a63_0001
const outerDestination = 0x0a63_0002

/** An IPv4 packet of the tunnel's ends in Ethernet. */
export function outerIpv4(protocol: number, body: Uint8Array): Uint8Array {
  const header = of(
    0x45,
    0,
    ...bytesOfU16(20 + body.length),
    0,
    1,
    0,
    0,
    64,
    protocol,
    0,
    0,
    10,
    99,
    0,
    1,
    10,
    99,
    0,
    2,
  )
  let sum = 0
  for (let at = 0; at < 20; at += 2) sum += u16At(header, at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  header.set(bytesOfU16(~sum & 0xffff), 10)
  return join(outerMacs, of(8, 0), header, body)
}

export const outerUdp = (destinationPort: number, payload: Uint8Array): Uint8Array =>
  wrapUdp({
    destinationMac: outerMacs.subarray(0, 6),
    sourceMac: outerMacs.subarray(6),
    sourceAddress: outerSource,
    destinationAddress: outerDestination,
    sourcePort: 50_000,
    destinationPort,
    payload,
  })

/** The same over IPv6; without a checksum, as RFC 6935 allows tunnels. */
const outerUdp6 = (destinationPort: number, payload: Uint8Array): Uint8Array =>
  join(
    outerMacs,
    of(0x86, 0xdd, 0x60, 0, 0, 0, ...bytesOfU16(8 + payload.length), 17, 64),
    of(0xfd, ...new Uint8Array(14), 1, 0xfd, ...new Uint8Array(14), 2),
    of(...bytesOfU16(50_000), ...bytesOfU16(destinationPort), ...bytesOfU16(8 + payload.length), 0, 0),
    payload,
  )

const tagged =
  (...tags: readonly number[]) =>
  (frame: Uint8Array): Uint8Array =>
    join(addresses(frame), ...tags.map((tag, index) => of(...bytesOfU16(tag), 0, 10 + index)), typeAndRest(frame))

const snap = (frame: Uint8Array): Uint8Array => join(of(0xaa, 0xaa, 3, 0, 0, 0), typeAndRest(frame))
/** Padding of the link would be part of the packet where a length says nothing else. */
const exact = (frame: Uint8Array): Uint8Array => (isIpv4(frame) ? frame.subarray(0, 14 + u16At(frame, 16)) : frame)

/** An 802.11 data frame; `direction` 0 beside, 1 to, 2 from, 3 between distribution systems. */
function wlan(frame: Uint8Array, direction: 0 | 1 | 2 | 3, isQos = false): Uint8Array {
  const destination = frame.subarray(0, 6)
  const source = frame.subarray(6, 12)
  const station = of(2, 0, 0, 0, 0, 0xcc)
  const three = [
    [destination, source, station],
    [station, source, destination],
    [destination, station, source],
    [station, station, destination],
  ][direction]!
  return join(
    of(isQos ? 0x88 : 0x08, direction, 0, 0), ...three, of(0, 0), direction === 3 ? source : of(), isQos ? of(0, 0) : of(),
    snap(exact(frame)),
  ) // prettier-ignore
}

const radiotap = of(0, 0, 8, 0, 0, 0, 0, 0)
/** Time, flags with a gap behind the header of 802.11, rate. */
const radiotapPadded = of(0, 0, 18, 0, 7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20, 2)

const onEthernet: readonly (readonly [string, (frame: Uint8Array) => Uint8Array])[] = [
  ['VLAN 8100', tagged(0x8100)],
  ['QinQ 88a8', tagged(0x88a8, 0x8100)],
  ['QinQ 9100', tagged(0x9100, 0x8100)],
  ['QinQ 9200 9300', tagged(0x9200, 0x9300)],
  ['three tags', tagged(0x88a8, 0x88a8, 0x8100)],
  ['LLC/SNAP', (frame) => { const body = snap(exact(frame)); return body.length > 1500 ? frame : join(addresses(frame), bytesOfU16(body.length), body) }],
  ['802.1ah', (frame) => join(outerMacs, of(0x88, 0xe7, 0, 0, 0, 77), frame)],
  ['MPLS pseudowire', (frame) => join(outerMacs, of(0x88, 0x47, 0, 1, 0x01, 64, 0, 0, 0, 0), frame)],
  ['GRE bridging', (frame) => outerIpv4(47, join(of(0, 0, 0x65, 0x58), frame))],
  ['GRE bridging with key', (frame) => outerIpv4(47, join(of(0x20, 0, 0x65, 0x58, 0, 0, 0, 9), frame))],
  ['ERSPAN I', (frame) => outerIpv4(47, join(of(0, 0, 0x88, 0xbe), frame))],
  ['ERSPAN II', (frame) => outerIpv4(47, join(of(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 7, 0, 0, 0, 0), frame))],
  ['ERSPAN III', (frame) => outerIpv4(47, join(of(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0), frame))],
  ['EtherIP', (frame) => outerIpv4(97, join(of(0x30, 0), frame))],
  ['VXLAN', (frame) => outerUdp(4789, join(of(8, 0, 0, 0, 0, 0, 42, 0), frame))],
  ['VXLAN 8472', (frame) => outerUdp(8472, join(of(8, 0, 0, 0, 0, 0, 42, 0), frame))],
  ['VXLAN-GPE', (frame) => outerUdp(4790, join(of(0x0c, 0, 0, 3, 0, 0, 42, 0), frame))],
  ['VXLAN over IPv6', (frame) => outerUdp6(4789, join(of(8, 0, 0, 0, 0, 0, 42, 0), frame))],
  ['GENEVE', (frame) => outerUdp(6081, join(of(0, 0, 0x65, 0x58, 0, 0, 42, 0), frame))],
  ['GENEVE with options', (frame) => outerUdp(6081, join(of(2, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 3, 1, 0, 0, 0, 0), frame))],
  ['CAPWAP 802.3', (frame) => outerUdp(5247, join(of(0, 0x10, 2, 0, 0, 0, 0, 0), frame))],
  ['CAPWAP 802.11', (frame) => outerUdp(5247, join(of(0, 0x10, 3, 0, 0, 0, 0, 0), wlan(frame, 1)))],
  ['CAPWAP 802.11, octets swapped', (frame) => { const inner = wlan(frame, 1); inner.set([inner[1]!, inner[0]!]); return outerUdp(5247, join(of(0, 0x10, 3, 0, 0, 0, 0, 0), inner)) }],
  ['TZSP', (frame) => outerUdp(37_008, join(of(1, 0, 0, 1, 1), frame))],
  ['VXLAN in a VLAN, VLAN in it', (frame) => tagged(0x8100)(outerUdp(4789, join(of(8, 0, 0, 0, 0, 0, 42, 0), tagged(0x8100)(frame))))],
] // prettier-ignore

/** These carry packets of IP only; what else is on the link, ARP above all, stays bare beside them. */
const ofPackets: readonly (readonly [string, (packet: Uint8Array) => Uint8Array])[] = [
  ['GRE', (packet) => outerIpv4(47, join(of(0, 0, 8, 0), packet))],
  ['GRE with checksum and sequence', (packet) => outerIpv4(47, join(of(0x90, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1), packet))],
  ['IP in IP', (packet) => outerIpv4(4, packet)],
  ['MPLS', (packet) => join(outerMacs, of(0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64), packet)],
  ['GENEVE of IP', (packet) => outerUdp(6081, join(of(0, 0, 8, 0, 0, 0, 42, 0), packet))],
] // prettier-ignore

const ipOnly =
  (wrap: (packet: Uint8Array) => Uint8Array) =>
  (frame: Uint8Array): Uint8Array =>
    isIpv4(frame) ? wrap(packetOf(exact(frame))) : frame

/** PPPoE keeps the hardware addresses of the link. */
const pppoe = (frame: Uint8Array): Uint8Array => {
  const packet = packetOf(exact(frame))
  return isIpv4(frame)
    ? join(addresses(frame), of(0x88, 0x64, 0x11, 0, 0, 1, ...bytesOfU16(packet.length + 2), 0, 0x21), packet)
    : frame
}

export const tunnels: readonly Wrapping[] = [
  ...onEthernet.map(([name, wrap]): Wrapping => ({ name, linkType: linkTypes.ethernet, wrap })),
  { name: 'PPPoE', linkType: linkTypes.ethernet, wrap: pppoe },
  ...ofPackets.map(([name, wrap]): Wrapping => ({ name, linkType: linkTypes.ethernet, wrap: ipOnly(wrap) })),
]

/** Links that carry ARP as well as IP. */
export const links: readonly Wrapping[] = [
  { name: 'SLL', linkType: linkTypes.linuxCooked, wrap: (frame) => join(of(0, 0, 0, 1, 0, 6), frame.subarray(6, 12), of(0, 0), typeAndRest(frame)) },
  { name: 'SLL2', linkType: linkTypes.linuxCooked2, wrap: (frame) => join(frame.subarray(12, 14), of(0, 0, 0, 0, 0, 3, 0, 1, 0, 6), frame.subarray(6, 12), of(0, 0), packetOf(frame)) },
  ...([0, 1, 2, 3] as const).map((direction): Wrapping => ({ name: `802.11 direction ${direction}`, linkType: linkTypes.wlan, wrap: (frame) => wlan(frame, direction) })),
  { name: '802.11 QoS', linkType: linkTypes.wlan, wrap: (frame) => wlan(frame, 1, true) },
  { name: '802.11 A-MSDU', linkType: linkTypes.wlan, wrap: (frame) => { const whole = wlan(frame, 1, true); whole[24] = 0x80; const body = whole.subarray(26); return join(whole.subarray(0, 26), addresses(frame), bytesOfU16(body.length), body) } },
  { name: 'radiotap', linkType: linkTypes.radiotap, wrap: (frame) => join(radiotap, wlan(frame, 2)) },
  { name: 'radiotap with a gap', linkType: linkTypes.radiotap, wrap: (frame) => { const whole = wlan(frame, 2, true); return join(radiotapPadded, whole.subarray(0, 26), of(0, 0), whole.subarray(26)) } },
  { name: 'Prism', linkType: linkTypes.prism, wrap: (frame) => join(of(0x44, 0, 0, 0, 144, 0, 0, 0), new Uint8Array(136), wlan(frame, 2)) },
  { name: 'AVS', linkType: linkTypes.avs, wrap: (frame) => join(of(0x80, 0x21, 0x10, 1, 0, 0, 0, 64), new Uint8Array(56), wlan(frame, 2)) },
  { name: 'PPI', linkType: linkTypes.ppi, wrap: (frame) => join(of(0, 0, 8, 0, 105, 0, 0, 0), wlan(frame, 2)) },
] // prettier-ignore

/** Links of IP alone: other frames have no place on them. */
export const ipLinks: readonly Wrapping[] = (
  [
    ['raw', linkTypes.raw, []],
    ['raw of FreeBSD', linkTypes.rawOfFreeBsd, []],
    ['raw of OpenBSD', linkTypes.rawOfOpenBsd, []],
    ['raw IPv4', linkTypes.rawIpv4, []],
    ['null, little-endian', linkTypes.null, [2, 0, 0, 0]],
    ['null, big-endian', linkTypes.null, [0, 0, 0, 2]],
    ['loop', linkTypes.loop, [0, 0, 0, 2]],
    ['PPP', linkTypes.ppp, [0xff, 3, 0, 0x21]],
    ['PPP, short', linkTypes.ppp, [0x21]],
    ['PPP in HDLC', linkTypes.pppHdlc, [0xff, 3, 0, 0x21]],
    ['Cisco HDLC under PPP', linkTypes.pppHdlc, [0x0f, 0, 8, 0]],
    ['Cisco HDLC', linkTypes.cHdlc, [0x0f, 0, 8, 0]],
    ['PPP of pppd', linkTypes.pppPppd, [0, 0xff, 3, 0, 0x21]],
    ['PPP with direction', linkTypes.pppWithDirection, [1, 0xff, 3, 0, 0x21]],
    ['PPPoE alone', linkTypes.pppEther, [0x11, 0, 0, 1, 0, 0, 0, 0x21]],
  ] as const
).map(([name, linkType, head]): Wrapping => ({ name, linkType, wrap: (frame) => join(of(...head), packetOf(frame)) }))

export { isIpv4 as isIpv4Frame }
