/** The layers around the innermost packet as fields: other links than Ethernet, labels, tunnels. */
import { say, type Phrase } from '#messages/message.ts'
import { formatMac, u16At, u32At } from '../bytes.ts'
import { wlanDirection } from '../headers.ts'
import { layerKinds, type LayerKind, type LayerWalk } from '../layers.ts'
import { byteCount, fromTo, named } from '../words.ts'
import type { Field } from './field.ts'
import { hexNumber, number, shown } from './gathering.ts'

interface Description {
  readonly name: string
  readonly key: string
  readonly reference: string
  /** In words, and the fields of a whole header of `size` bytes at `at`. */
  readonly tell: (bytes: Uint8Array, at: number, size: number) => readonly [text: Phrase, children: readonly Field[]]
}

const u24At = (bytes: Uint8Array, at: number): number => u32At(bytes, at) >>> 8
const macAt = (bytes: Uint8Array, at: number): string => formatMac(bytes.subarray(at, at + 6))

const cookedFields = (bytes: Uint8Array, at: number, length: number): readonly Field[] =>
  length === 6 ? [shown('Source', 'sll.src.eth', macAt(bytes, at), at, 6)] : []

/** To, from, between or beside a distribution system (IEEE 802.11-2020 table 9-30). */
function wlanFields(bytes: Uint8Array, at: number, size: number): readonly [Phrase, readonly Field[]] {
  if (size < 24) return [say('field.no-data'), []]
  const direction = wlanDirection(bytes, at)
  const destinationAt = at + (direction & 1 ? 16 : 4)
  const sourceAt = at + (direction === 3 ? 24 : direction === 2 ? 16 : 10)
  const destination = macAt(bytes, destinationAt)
  const source = macAt(bytes, sourceAt)
  return [
    fromTo(source, destination),
    [shown('Destination', 'wlan.da', destination, destinationAt, 6), shown('Source', 'wlan.sa', source, sourceAt, 6)],
  ]
}

function pppFields(bytes: Uint8Array, at: number, size: number): readonly [Phrase, readonly Field[]] {
  // Address and control may stand in front; the protocol may be shortened to one octet.
  const isShort = (size & 1) === 1
  const from = at + size - (isShort ? 1 : 2)
  const protocol = isShort ? bytes[from]! : u16At(bytes, from)
  const field = hexNumber('Protocol', 'ppp.protocol', protocol, 4, from, isShort ? 1 : 2)
  return [say('field.protocol', { protocol: field.text }), [field]]
}

function llcFields(bytes: Uint8Array, at: number, size: number): readonly [Phrase, readonly Field[]] {
  const snap =
    size < 8
      ? []
      : [
          number('Organisation', 'llc.oui', u24At(bytes, at + 3), at + 3, 3),
          hexNumber('Type', 'llc.type', u16At(bytes, at + 6), 4, at + 6, 2),
        ]
  const dsap = hexNumber('DSAP', 'llc.dsap', bytes[at]!, 2, at, 1)
  const ssap = hexNumber('SSAP', 'llc.ssap', bytes[at + 1]!, 2, at + 1, 1)
  return [size < 8 ? named('DSAP', dsap.text) : 'SNAP', [dsap, ssap, ...snap]]
}

const lengthOnly =
  (key: string, littleEndianAt: number) =>
  (bytes: Uint8Array, at: number, size: number): readonly [Phrase, readonly Field[]] => [
    byteCount(size),
    [number('Header length', key, size, at + littleEndianAt, 2)],
  ]

const plain = (text: Phrase) => (): readonly [Phrase, readonly Field[]] => [text, []]

const descriptions: ReadonlyMap<LayerKind, Description> = new Map([
  [layerKinds.cooked, { name: 'Linux cooked', key: 'sll', reference: 'LINKTYPE_LINUX_SLL', tell: (bytes, at) => [
    u16At(bytes, at + 4) === 6 ? macAt(bytes, at + 6) : say('field.no-hardware-address'),
    [number('Address length', 'sll.halen', u16At(bytes, at + 4), at + 4, 2), ...cookedFields(bytes, at + 6, u16At(bytes, at + 4)), hexNumber('Protocol', 'sll.etype', u16At(bytes, at + 14), 4, at + 14, 2)],
  ] }],
  [layerKinds.cooked2, { name: 'Linux cooked', key: 'sll', reference: 'LINKTYPE_LINUX_SLL2', tell: (bytes, at) => [
    bytes[at + 11] === 6 ? macAt(bytes, at + 12) : say('field.no-hardware-address'),
    [hexNumber('Protocol', 'sll.etype', u16At(bytes, at), 4, at, 2), number('Address length', 'sll.halen', bytes[at + 11]!, at + 11, 1), ...cookedFields(bytes, at + 12, bytes[at + 11]!)],
  ] }],
  [layerKinds.loopback, { name: 'Loopback', key: 'null', reference: 'LINKTYPE_NULL', tell: (bytes, at) => {
    const big = u32At(bytes, at)
    // Of the machine's own byte order only the smaller reading makes sense.
    const family = big > 0xffff ? (u16At(bytes, at) === 0 ? big : bytes[at]! | (bytes[at + 1]! << 8)) : big
    return [say('field.family', { family }), [number('Family', 'null.family', family, at, 4)]]
  } }],
  [layerKinds.ppp, { name: 'PPP', key: 'ppp', reference: 'RFC 1661', tell: pppFields }],
  [layerKinds.cHdlc, { name: 'Cisco HDLC', key: 'chdlc', reference: 'LINKTYPE_C_HDLC', tell: (bytes, at) => [
    'Cisco HDLC', [hexNumber('Protocol', 'chdlc.protocol', u16At(bytes, at + 2), 4, at + 2, 2)],
  ] }],
  [layerKinds.direction, { name: 'Direction', key: 'ppp', reference: 'LINKTYPE_PPP_WITH_DIR', tell: (bytes, at) => [bytes[at] === 0 ? say('field.received') : say('field.sent'), []] }],
  [layerKinds.pppoe, { name: 'PPPoE', key: 'pppoes', reference: 'RFC 2516', tell: (bytes, at) => {
    const session = hexNumber('Session', 'pppoe.session_id', u16At(bytes, at + 2), 4, at + 2, 2)
    return [say('field.session', { session: session.text }), [session, number('Payload length', 'pppoe.payload_length', u16At(bytes, at + 4), at + 4, 2)]]
  } }],
  [layerKinds.wlan, { name: 'IEEE 802.11', key: 'wlan', reference: 'IEEE 802.11', tell: wlanFields }],
  [layerKinds.aMsdu, { name: 'A-MSDU', key: 'wlan', reference: 'IEEE 802.11', tell: (bytes, at) => [
    fromTo(macAt(bytes, at + 6), macAt(bytes, at)),
    [{ ...shown('Destination', '', macAt(bytes, at), at, 6), key: undefined }, shown('Source', 'wlan.sa', macAt(bytes, at + 6), at + 6, 6)],
  ] }],
  [layerKinds.radiotap, { name: 'Radiotap', key: 'radiotap', reference: 'LINKTYPE_IEEE802_11_RADIOTAP', tell: lengthOnly('radiotap.length', 2) }],
  [layerKinds.prism, { name: 'Prism', key: 'prism', reference: 'LINKTYPE_IEEE802_11_PRISM', tell: plain(say('field.capture-header')) }],
  [layerKinds.avs, { name: 'AVS', key: 'wlancap', reference: 'LINKTYPE_IEEE802_11_AVS', tell: plain(say('field.capture-header')) }],
  [layerKinds.ppi, { name: 'PPI', key: 'ppi', reference: 'LINKTYPE_PPI', tell: plain(say('field.capture-header')) }],
  [layerKinds.llc, { name: 'LLC', key: 'llc', reference: 'IEEE 802.2', tell: llcFields }],
  [layerKinds.mpls, { name: 'MPLS', key: 'mpls', reference: 'RFC 3032', tell: (bytes, at) => {
    const label = u32At(bytes, at) >>> 12
    return [say('field.label', { label }), [
      number('Label', 'mpls.label', label, at, 3),
      number('Traffic class', 'mpls.exp', (bytes[at + 2]! >>> 1) & 7, at + 2, 1),
      number('Bottom of stack', 'mpls.bottom', bytes[at + 2]! & 1, at + 2, 1),
      number('Time to live', 'mpls.ttl', bytes[at + 3]!, at + 3, 1),
    ]]
  } }],
  [layerKinds.pseudowire, { name: 'Pseudowire control word', key: 'pwethcw', reference: 'RFC 4448', tell: plain('Ethernet') }],
  [layerKinds.backbone, { name: 'IEEE 802.1ah', key: 'ieee8021ah', reference: 'IEEE 802.1ah', tell: (bytes, at) => {
    const service = u24At(bytes, at + 1)
    return [say('field.service', { service }), [number('I-SID', 'ieee8021ah.isid', service, at + 1, 3)]]
  } }],
  [layerKinds.nsh, { name: 'NSH', key: 'nsh', reference: 'RFC 8300', tell: (bytes, at) => {
    const path = u24At(bytes, at + 4)
    return [say('field.path', { path }), [number('Service path', 'nsh.spi', path, at + 4, 3), number('Service index', 'nsh.si', bytes[at + 7]!, at + 7, 1)]]
  } }],
  [layerKinds.gre, { name: 'GRE', key: 'gre', reference: 'RFC 2784', tell: (bytes, at, size) => {
    const type = hexNumber('Protocol type', 'gre.proto', u16At(bytes, at + 2), 4, at + 2, 2)
    const flags = u16At(bytes, at)
    const keyAt = at + (flags & 0x8000 ? 8 : 4)
    const hasKey = (flags & 0x2000) !== 0 && (flags & 7) === 0 && keyAt + 4 <= at + size
    return [say('field.protocol', { protocol: type.text }), [type, ...(hasKey ? [hexNumber('Key', 'gre.key', u32At(bytes, keyAt), 8, keyAt, 4)] : [])]]
  } }],
  [layerKinds.erspan, { name: 'ERSPAN', key: 'erspan', reference: 'draft-foschiano-erspan', tell: (bytes, at) => {
    const session = u16At(bytes, at + 2) & 0x3ff
    return [say('field.session', { session }), [
      number('Version', 'erspan.version', bytes[at]! >>> 4, at, 1),
      number('VLAN', 'erspan.vlan', u16At(bytes, at) & 0xfff, at, 2),
      number('Session', 'erspan.spanid', session, at + 2, 2),
    ]]
  } }],
  [layerKinds.vxlan, { name: 'VXLAN', key: 'vxlan', reference: 'RFC 7348', tell: (bytes, at) => {
    const network = u24At(bytes, at + 4)
    return [say('field.network', { network }), [number('Network identifier', 'vxlan.vni', network, at + 4, 3)]]
  } }],
  [layerKinds.geneve, { name: 'Geneve', key: 'geneve', reference: 'RFC 8926', tell: (bytes, at) => {
    const network = u24At(bytes, at + 4)
    return [say('field.network', { network }), [
      hexNumber('Protocol type', 'geneve.proto_type', u16At(bytes, at + 2), 4, at + 2, 2),
      hexNumber('Network identifier', 'geneve.vni', network, 6, at + 4, 3, String(network)),
    ]]
  } }],
  [layerKinds.capwap, { name: 'CAPWAP data', key: 'capwap.data', reference: 'RFC 5415 4.3', tell: (_bytes, at, size) => [
    say('field.header-of', { bytes: size }), [number('Header length', 'capwap.header.length', size / 4, at + 1, 1, byteCount(size))],
  ] }],
  [layerKinds.etherIp, { name: 'EtherIP', key: 'etherip', reference: 'RFC 3378', tell: plain('Ethernet') }],
  [layerKinds.tzsp, { name: 'TZSP', key: 'tzsp', reference: 'TaZmen Sniffer Protocol', tell: plain('Ethernet') }],
] satisfies [LayerKind, Description][]) // prettier-ignore

export const layerName = (kind: LayerKind): string => descriptions.get(kind)?.name ?? 'link layer'

/** The header that the walk stands on, which is whole; undefined where its kind has none of its own. */
export function encapsulationLayer(bytes: Uint8Array, { kind, at, size }: LayerWalk): Field | undefined {
  const found = descriptions.get(kind)
  if (!found) return undefined
  const [text, children] = found.tell(bytes, at, size)
  return { name: found.name, key: found.key, text, at, length: size, reference: found.reference, children }
}
