/**
 * Two captures of one boot, at two places: which packet of one is which of the other, and which of them died between. DHCP
 * is matched by transaction, kind and turn, for a relay rewrites everything around it; the rest by what it carries, and by
 * the identification of the IPv4 header where that has been left alone.
 */
import { formatHex, u16At } from '../wire/bytes.ts'
import { DhcpGlance } from '../wire/dhcp/glance.ts'
import { decodeDhcp6, findDhcp6Option, unwrapRelays } from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { FrameHeaders, hasDhcp6Ports, hasDhcpPorts, ipProtocols } from '../wire/headers.ts'
import { isIpv6, isLinkLocal, isMulticast } from '../wire/ip-address.ts'
import type { Session } from './session.ts'

export interface ComparedRow {
  /** Frame numbers; undefined where the packet was not seen on that side. */
  readonly left: number | undefined
  readonly right: number | undefined
  /** Nanoseconds on the clock of the left capture. */
  readonly timeNs: number
  /** Nanoseconds that it took from left to right, the difference of the clocks taken off; undefined for one side only. */
  readonly delayNs: number | undefined
}

export interface Comparison {
  readonly rows: readonly ComparedRow[]
  /** What the right clock shows more than the left one, in nanoseconds of absolute time. */
  readonly clockDifferenceNs: number
  readonly onlyLeft: number
  readonly onlyRight: number
}

const headers = new FrameHeaders()
const glance = new DhcpGlance()

/** What a packet is known by at both places; undefined for what concerns one segment only, such as ARP. */
function keyOf(session: Session, frame: number): string | undefined {
  const bytes = session.store.contentOf(frame)
  headers.read(bytes, session.store.interfaceOf(frame).linkType)
  const { ipAt, ip6At, ipProtocol, payloadAt, payloadEnd, sourcePort, destinationPort } = headers
  if ((ipAt < 0 && ip6At < 0) || (headers.isFragment && !session.store.reassembledOf(frame))) return undefined
  if (hasDhcpPorts(headers)) {
    glance.read(bytes, payloadAt, payloadEnd)
    const isBootServer = sourcePort === 4011 || destinationPort === 4011
    return `dhcp ${glance.hardwareKey} ${glance.xid} ${glance.op} ${glance.type} ${glance.op === 2 ? glance.server : ''} ${isBootServer}`
  }
  const source = headers.sourceIn(bytes)
  const destination = headers.destinationIn(bytes)
  if (hasDhcp6Ports(headers)) {
    const { inner } = unwrapRelays(decodeDhcp6(bytes.subarray(payloadAt, payloadEnd)).message)
    const duid = findDhcp6Option(inner, dhcp6OptionCodes.clientIdentifier)?.data
    return `dhcp6 ${duid ? formatHex(duid) : ''} ${inner.xid} ${inner.type}`
  }
  if ([source, destination].some((one) => isIpv6(one) && (one === '::' || isLinkLocal(one) || isMulticast(one)))) return undefined // prettier-ignore
  if (session.store.transferOf(frame) > 0 || destinationPort === 69)
    return `tftp ${source} ${sourcePort} ${destination} ${destinationPort} ${u16At(bytes, payloadAt)} ${u16At(bytes, payloadAt + 2)}`
  if (ipProtocol === ipProtocols.tcp) return `tcp ${source} ${sourcePort} ${destinationPort} ${headers.tcpSequence} ${headers.tcpFlags} ${headers.declaredEnd - payloadAt}` // prettier-ignore
  // IPv6 numbers no packets: what they carry tells them apart.
  const mark = ipAt >= 0 ? headers.identification : formatHex(bytes.subarray(payloadAt, payloadEnd))
  return `ip ${source} ${destination} ${ipProtocol} ${mark}`
}

function byKey(session: Session, frames: readonly number[]): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const frame of frames) {
    const key = keyOf(session, frame)
    if (key === undefined) continue
    const list = found.get(key)
    if (list) list.push(frame)
    else found.set(key, [frame])
  }
  return found
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** A message that a relay passes is seen twice on the side where both wires meet: each turn is taken once. */
function turns(session: Session, frames: readonly number[]): number[] {
  const kept: number[] = []
  for (const frame of frames) {
    const before = kept.at(-1)
    if (before !== undefined && session.store.timeOf(frame) - session.store.timeOf(before) < 50e6) continue
    kept.push(frame)
  }
  return kept
}

const mostAligned = 1_000_000

/**
 * Which copies of one message are the same where one side saw fewer: those whose times lie together, in their order. `cost` of a pair
 * of positions is how far apart they are; every copy of the shorter list gets a partner.
 */
function aligned(
  ours: number,
  theirs: number,
  cost: (our: number, their: number) => number,
): (readonly [number, number])[] {
  const [short, long] = [Math.min(ours, theirs), Math.max(ours, theirs)]
  const at = (few: number, many: number): readonly [number, number] => (ours <= theirs ? [few, many] : [many, few])
  if (short === long || short * long > mostAligned) return Array.from({ length: short }, (_, one) => at(one, one))
  // Least cost of the first `few` copies within the first `many`.
  const width = long + 1
  const least = new Float64Array((short + 1) * width).fill(Infinity).fill(0, 0, width)
  for (let few = 1; few <= short; few++)
    for (let many = few; many <= long; many++)
      least[few * width + many] = Math.min(
        least[few * width + many - 1]!,
        least[(few - 1) * width + many - 1]! + cost(...at(few - 1, many - 1)),
      )
  const pairs: (readonly [number, number])[] = []
  for (let few = short, many = long; few > 0; many--)
    if (least[few * width + many]! < least[few * width + many - 1]!) pairs.unshift(at(--few, many - 1))
  return pairs
}

/** Compares the frames of two sessions; of both only those that are handed in. */
export function compareCaptures(
  left: Session,
  leftFrames: readonly number[],
  right: Session,
  rightFrames: readonly number[],
): Comparison {
  const lefts = byKey(left, leftFrames)
  const rights = byKey(right, rightFrames)
  const baseNs = Number(right.store.baseNs - left.store.baseNs)
  const lag = ([a, b]: readonly [number, number]): number => right.store.timeOf(b) + baseNs - left.store.timeOf(a)
  const turnsOf = (session: Session, key: string, list: readonly number[] = []): readonly number[] => key.startsWith('dhcp') ? turns(session, list) : list // prettier-ignore
  const sights = Array.from(new Set([...lefts.keys(), ...rights.keys()]), (key) => ({
    ours: turnsOf(left, key, lefts.get(key)),
    theirs: turnsOf(right, key, rights.get(key)),
  }))
  const inOrder = ({ ours, theirs }: (typeof sights)[number]): (readonly [number, number])[] => ours.slice(0, theirs.length).map((frame, at) => [frame, theirs[at]!]) // prettier-ignore
  // Of what is there as often on both sides the turn tells which is which, and so how the clocks differ.
  const sure = sights.filter(({ ours, theirs }) => ours.length === theirs.length)
  const clockDifferenceNs = middle((sure.length > 0 ? sure : sights).flatMap(inOrder).map(lag))
  const pairs: (readonly [number, number])[] = []
  const onlyLeft: number[] = []
  const onlyRight: number[] = []
  for (const { ours, theirs } of sights) {
    const found = aligned(ours.length, theirs.length, (our, their) =>
      Math.abs(lag([ours[our]!, theirs[their]!]) - clockDifferenceNs),
    )
    const [paired, pairedThere] = [new Set(found.map(([one]) => one)), new Set(found.map(([, one]) => one))]
    for (const [our, their] of found) pairs.push([ours[our]!, theirs[their]!])
    onlyLeft.push(...ours.filter((_, at) => !paired.has(at)))
    onlyRight.push(...theirs.filter((_, at) => !pairedThere.has(at)))
  }
  const rows: ComparedRow[] = [
    ...pairs.map((pair) => ({
      left: pair[0],
      right: pair[1],
      timeNs: left.store.timeOf(pair[0]),
      delayNs: lag(pair) - clockDifferenceNs,
    })),
    ...onlyLeft.map((frame) => ({
      left: frame,
      right: undefined,
      timeNs: left.store.timeOf(frame),
      delayNs: undefined,
    })),
    ...onlyRight.map((frame) => ({
      left: undefined,
      right: frame,
      timeNs: right.store.timeOf(frame) + baseNs - clockDifferenceNs,
      delayNs: undefined,
    })),
  ]
  rows.sort((a, b) => a.timeNs - b.timeNs)
  return { rows, clockDifferenceNs, onlyLeft: onlyLeft.length, onlyRight: onlyRight.length }
}
