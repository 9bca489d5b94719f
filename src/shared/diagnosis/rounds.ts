/**
 * The DHCP rounds of an attempt, one for each program that asks the network: every message by what it is, and the files that
 * followed.
 */
import { formatIpv4 } from '../wire/bytes.ts'
import { typeless } from '../wire/dhcp/glance.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { addressOption, bootFileOf, decodeDhcp, findOptionData, type DhcpMessage } from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { FrameHeaders } from '../wire/headers.ts'
import { programOf } from './boot-programs.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { addressesOf, decodeDhcp6, dhcp6Types, unwrapRelays, type Dhcp6Message } from '../wire/dhcpv6/message.ts'
import { isIpv6, type IpAddress } from '../wire/ip-address.ts'
import type { ArpEvent, Attempt, Dhcp6Event, DhcpEvent, DnsEvent, HttpEvent, IcmpEvent } from '../trace/events.ts'
import {
  raspberryPiBoot,
  recogniseFirmware,
  recogniseFirmware6,
  showsNothing,
  type Firmware,
} from '../trace/firmware.ts'
import type { FrameStore } from '../trace/frame-store.ts'
import type { Transfer } from '../trace/transfer.ts'

export interface Message {
  readonly event: DhcpEvent
  readonly message: DhcpMessage
}

export interface Message6 {
  readonly event: Dhcp6Event
  /** As client or server sent it, without the relay agents' messages around it. */
  readonly message: Dhcp6Message
}

/** The DHCPv6 exchange of a program. */
export interface Exchange6 {
  readonly duid: string
  readonly solicits: Message6[]
  readonly advertises: Message6[]
  readonly requests: Message6[]
  /** REPLY to SOLICIT with rapid commit, REQUEST, RENEW, REBIND and CONFIRM. */
  readonly replies: Message6[]
  /** RELEASE, DECLINE, INFORMATION-REQUEST and what else asks for no address, with the answers to it. */
  readonly others: Message6[]
}

/** In which state a client sends REQUEST (RFC 2131 section 4.3.2 and table 5). */
export type RequestState = 'selecting' | 'init-reboot' | 'renewing' | 'rebinding'

export interface Round {
  readonly firmware: Firmware
  readonly startNs: number
  readonly discovers: Message[]
  readonly offers: Message[]
  readonly requests: Message[]
  /** ACK and NAK of the DHCP server. */
  readonly answers: Message[]
  readonly bootpRequests: Message[]
  readonly bootpReplies: Message[]
  /** RELEASE, DECLINE, INFORM, LEASEQUERY and what else is no part of getting an address, with the answers to it. */
  readonly others: Message[]
  /** What the capture kept too little of to tell what it was. */
  readonly cut: Message[]
  /** To and from port 4011. */
  readonly bootRequests: Message[]
  readonly bootAnswers: Message[]
  readonly files: (Transfer | HttpEvent)[]
  readonly arps: ArpEvent[]
  readonly icmps: IcmpEvent[]
  /** Names that it asked DNS for. */
  readonly names: DnsEvent[]
  /** The exchange of a round over DHCPv6, whose other lists of DHCP are empty; undefined over IPv4. */
  readonly v6: Exchange6 | undefined
  /** Whether the capture kept any message of DHCP only in part. */
  isCut: boolean
  /** Relay agents whose legs were seen. */
  readonly relays: Set<number>
}

/** The state that a REQUEST was sent in, by the fields of RFC 2131 table 5. */
export function requestStateOf({ event, message }: Message): RequestState {
  if (addressOption(message, optionCodes.serverIdentifier) !== undefined) return 'selecting'
  if (addressOption(message, optionCodes.requestedAddress) !== undefined || message.ciaddr === 0) return 'init-reboot'
  return event.destination === 0xffffffff ? 'rebinding' : 'renewing'
}

const headers = new FrameHeaders()

/** The DHCPv6 message of a frame, whatever relay agents carry it. */
export function message6Of(store: FrameStore, frame: number): Dhcp6Message {
  const bytes = store.contentOf(frame)
  headers.read(bytes, store.interfaceOf(frame).linkType)
  return unwrapRelays(decodeDhcp6(bytes.subarray(headers.payloadAt, headers.payloadEnd)).message).inner
}

/** The DHCP message of a frame. */
export function messageOf(store: FrameStore, frame: number): DhcpMessage {
  const bytes = store.contentOf(frame)
  headers.read(bytes, store.interfaceOf(frame).linkType)
  return decodeDhcp(bytes.subarray(headers.payloadAt, headers.payloadEnd)).message
}

const unknownFirmware: Firmware = {
  kind: 'other',
  name: 'unknown client',
  architecture: undefined,
  evidence: 'none of its requests were seen',
  asksToBoot: false,
}

const gapMs = (messages: readonly Message[]): number =>
  messages.length > 1 ? (messages[1]!.event.timeNs - messages[0]!.event.timeNs) / 1e6 : 0

/** iPXE hides in ROMs that say nothing of it; its short clocks and its TFTP options give it away. */
function clockOfIpxe(round: Round): string | undefined {
  const discovers = gapMs(round.discovers)
  if (discovers > 800 && discovers < 1300) return 'its second DISCOVER after one second'
  const bootRequests = gapMs(round.bootRequests)
  if (bootRequests > 150 && bootRequests < 500) return 'its second request to port 4011 after a quarter of a second'
  const asksLikeIpxe = round.files.some(
    (file) => file.kind === 'transfer' && file.asked[0]?.name === 'blksize' && file.asked[0].value === '1432',
  )
  return asksLikeIpxe ? 'block size 1432' : undefined
}

const isRaspberryOffer = ({ message }: Message): boolean =>
  String.fromCharCode(...(findOptionData(message, optionCodes.vendorSpecific) ?? [])).includes(raspberryPiBoot)

/** What the whole round shows of a client that its first message alone does not. */
function refined(firmware: Firmware, round: Round): Firmware {
  if (firmware.kind !== 'bios-rom') return firmware
  const isRaspberry =
    round.offers.some(isRaspberryOffer) && round.files.some((file) => nameOfFile(file).endsWith('bootcode.bin'))
  if (isRaspberry)
    return { ...firmware, kind: 'raspberry-pi', name: firmware.name.replace('BIOS boot ROM', 'Raspberry Pi boot loader'), evidence: `${firmware.evidence}, "${raspberryPiBoot}" in the offer` } // prettier-ignore
  const clock = clockOfIpxe(round)
  return clock === undefined
    ? firmware
    : {
        ...firmware,
        kind: 'ipxe',
        name: firmware.name.replace('BIOS boot ROM', 'BIOS boot ROM with the clock of iPXE'),
        evidence: `${firmware.evidence}, and ${clock}`,
      }
}

/** GRUB and other small programs show nothing of themselves when they ask: what was loaded before says who they are. */
function loadedProgram(round: Round, before: Round | undefined): Firmware | undefined {
  const file = before?.files.findLast((one) => (one.kind === 'transfer' ? one.hasEverything : one.status === 200))
  const { firmware, v6 } = round
  const first = round.discovers[0] ?? round.bootpRequests[0]
  if (!file || firmware.kind !== 'other' || (!first && !v6)) return undefined
  if (first && !showsNothing(first.message)) return undefined
  if (v6 && (v6.solicits.length === 0 || v6.solicits[0]!.message.options.some((one) => one.code === dhcp6OptionCodes.vendorClass))) return undefined // prettier-ignore
  const program = programOf(nameOfFile(file))
  if (!program) return undefined
  return { ...firmware, kind: program.name === 'GRUB' ? 'grub' : 'other', name: program.name, evidence: `${nameOfFile(file)} was loaded before`, asksToBoot: true } // prettier-ignore
}

const nameOfFile = (file: Transfer | HttpEvent): string => (file.kind === 'transfer' ? file.file : file.target)

/** Copies of one message on the two sides of a relay, and to several servers behind it, follow each other within this time. */
const copyNs = 1e9
/** How many rounds back an answer may belong. */
const mostBack = 4
/** How many messages a copy may lie behind its original. */
const mostCopies = 16

/**
 * Whether a message was seen already on the other side of a relay, or on its way to another server: both legs of an exchange are
 * one exchange, and a relay with two helpers asks once.
 */
function isCopy(known: readonly Message[], { event, message }: Message): boolean {
  // They come in the order of time: what is older lies before everything that is not.
  const oldest = Math.max(0, known.length - mostCopies)
  for (let at = known.length - 1; at >= oldest && event.timeNs - known[at]!.event.timeNs < copyNs; at--) {
    const own = known[at]!
    if (own.event.xid !== event.xid || own.event.type !== event.type) continue
    const isOtherSide = own.message.giaddr !== message.giaddr || own.event.destination !== event.destination
    if (!isOtherSide || (message.giaddr === 0 && own.message.giaddr === 0)) continue
    if (!event.isReply) return true
    if (own.message.yiaddr === message.yiaddr && serverOf(own) === serverOf({ event, message })) return true
  }
  return false
}

/** Which list of a round a message of the DHCP ports belongs to. */
function listOf(round: Round, { event }: Message): Message[] {
  const { type, isReply } = event
  if (type === typeless.cut) return round.cut
  if (type === typeless.bootp) return isReply ? round.bootpReplies : round.bootpRequests
  if (isReply) {
    if (type === messageTypes.offer) return round.offers
    if (type !== messageTypes.ack && type !== messageTypes.nak) return round.others
    // The answer to INFORM gives no address (RFC 2131 section 4.3.5).
    const asksOnly = round.others.some((one) => one.event.type === messageTypes.inform && one.event.xid === event.xid)
    return asksOnly ? round.others : round.answers
  }
  if (type === messageTypes.discover) return round.discovers
  return type === messageTypes.request ? round.requests : round.others
}

/** Whether a client that asks anew has got nowhere yet, and this is its next try. */
const isRetry = (before: Round, firmware: Firmware): boolean =>
  before.firmware.kind === firmware.kind &&
  before.files.length === 0 &&
  before.bootpReplies.length === 0 &&
  before.answers.every((one) => one.event.type === messageTypes.nak)

/** Which list of an exchange a message belongs to. */
function list6Of(v6: Exchange6, { event }: Message6): Message6[] {
  const { type, isReply, xid } = event
  if (isReply) {
    if (type === dhcp6Types.advertise) return v6.advertises
    return v6.others.some((one) => one.event.xid === xid) || type === dhcp6Types.reconfigure ? v6.others : v6.replies
  }
  if (type === dhcp6Types.solicit) return v6.solicits
  const asksAddress = type === dhcp6Types.request || type === dhcp6Types.renew || type === dhcp6Types.rebind || type === dhcp6Types.confirm // prettier-ignore
  return asksAddress ? v6.requests : v6.others
}

/** Whether a message was seen on another leg of its way through relay agents: both legs are one exchange. */
function isCopy6(known: readonly Message6[], { event }: Message6): boolean {
  for (let at = known.length - 1; at >= Math.max(0, known.length - mostCopies); at--) {
    const own = known[at]!.event
    if (event.timeNs - own.timeNs >= copyNs) return false
    const isOtherLeg = (own.relay === undefined) !== (event.relay === undefined) || own.source !== event.source
    if (own.xid === event.xid && own.type === event.type && isOtherLeg && (own.relay ?? event.relay) !== undefined) return true
  }
  return false
} // prettier-ignore

/** Rounds in which the firmware's own IPv6 asked beside its network boot: same identifier, and nothing of a boot in what it asks. */
function ownIpv6(rounds: readonly Round[]): Set<Round> {
  const boots = rounds.filter((one) => one.firmware.asksToBoot)
  const duids = new Set(boots.flatMap((one) => (one.v6 ? [one.v6.duid] : [])))
  // Before anything was loaded nothing else can be running that asks.
  const isAll = boots.length > 0 && !rounds.some((one) => one.files.some(isThere))
  return new Set(
    rounds.filter(({ v6, firmware, files }) => v6 !== undefined && !firmware.asksToBoot && files.length === 0 && (isAll || duids.has(v6.duid))), // prettier-ignore
  )
}

const isThere = (file: Transfer | HttpEvent): boolean => (file.kind === 'transfer' ? file.hasEverything : file.status === 200) // prettier-ignore

/** Whether anything was said that a boot can go on with. */
const bringsMore = (round: Round): number =>
  (round.files.length > 0 ? 4 : 0) +
  (round.answers.length > 0 || (round.v6?.replies.some((one) => addressesOf(one.message).length > 0) ?? false)
    ? 2
    : 0) +
  (round.v6 === undefined ? 1 : 0)

/** Rounds that one program went through by both protocols at once: what got less far says nothing about the boot. */
function twins(rounds: readonly Round[]): Set<Round> {
  const beside = new Set<Round>()
  for (const [index, round] of rounds.entries()) {
    const next = rounds[index + 1]
    if (!next || (round.v6 === undefined) === (next.v6 === undefined) || round.firmware.kind !== next.firmware.kind) continue
    beside.add(bringsMore(round) >= bringsMore(next) ? next : round)
  }
  return beside
} // prettier-ignore

const familyOf = (address: IpAddress): 4 | 6 => (isIpv6(address) ? 6 : 4)

/** The rounds of an attempt that tell its story, and those beside it. */
export interface Rounds {
  readonly main: Round[]
  /** What the firmware's own IPv6 did, and the other protocol of a program that asks by both. */
  readonly beside: Round[]
}

/** Splits the events of an attempt; frames that the store has forgotten are passed over. */
export function allRoundsOf(store: FrameStore, attempt: Attempt): Rounds {
  const rounds: Round[] = []
  let xid: number | undefined
  let xid6: number | undefined
  let last4: Round | undefined
  let last6: Round | undefined
  let lastBoot6: Round | undefined
  const begin = (firmware: Firmware, startNs: number, duid?: string): Round => {
    const round: Round = {
      firmware, startNs, discovers: [], offers: [], requests: [], answers: [], bootpRequests: [], bootpReplies: [], others: [], cut: [],
      bootRequests: [], bootAnswers: [], files: [], arps: [], icmps: [], names: [], relays: new Set(), isCut: false,
      v6: duid === undefined ? undefined : { duid, solicits: [], advertises: [], requests: [], replies: [], others: [] },
    } // prettier-ignore
    rounds.push(round)
    if (round.v6) last6 = round
    else last4 = round
    if (round.v6 && firmware.asksToBoot) lastBoot6 = round
    return round
  }
  const current = (timeNs: number): Round => rounds.at(-1) ?? begin(attempt.firmware ?? unknownFirmware, timeNs)
  /** The last round of a family; that of the other one where there is none. */
  const currentOf = (family: 4 | 6, timeNs: number): Round => (family === 4 ? last4 : last6) ?? current(timeNs)
  const current4 = (timeNs: number): Round => last4 ?? begin(attempt.firmware ?? unknownFirmware, timeNs)
  for (const event of attempt.events) {
    if (event.kind === 'transfer' || event.kind === 'http') {
      const [address, timeNs] = event.kind === 'http' ? [event.server, event.timeNs] : [event.serverAddress, event.startNs] // prettier-ignore
      // The boot's own round, and not that of the firmware's IPv6 beside it.
      const family = familyOf(address)
      const round = family === 6 ? lastBoot6 : undefined
      ;(round ?? currentOf(family, timeNs)).files.push(event)
      continue
    }
    // Neighbours are looked for over IPv6 whether anything boots by it or not.
    if (event.kind === 'arp') (isIpv6(event.target) ? last6 : currentOf(4, event.timeNs))?.arps.push(event)
    else if (event.kind === 'dns')
      (familyOf(event.server) === 6 ? (lastBoot6 ?? currentOf(6, event.timeNs)) : currentOf(4, event.timeNs)).names.push(event) // prettier-ignore
    else if (event.kind === 'icmp') currentOf(familyOf(event.source), event.timeNs).icmps.push(event)
    else if (!store.has(event.frame)) continue
    else if (event.kind === 'dhcp6') {
      const one: Message6 = { event, message: message6Of(store, event.frame) }
      const before = last6
      const isSolicit = event.type === dhcp6Types.solicit
      if (!event.isReply && (isSolicit || !before) && event.xid !== xid6) {
        const firmware = event.isCut ? (attempt.firmware ?? unknownFirmware) : recogniseFirmware6(one.message)
        const goesOn =
          before !== undefined &&
          before.firmware.kind === firmware.kind &&
          before.firmware.asksToBoot === firmware.asksToBoot &&
          before.files.length === 0 &&
          before.v6!.replies.length === 0
        if (!goesOn) begin(firmware, event.timeNs, event.duid)
        xid6 = event.xid
      }
      const round =
        round6Of(rounds.slice(-mostBack), one) ??
        last6 ??
        begin(attempt.firmware ?? unknownFirmware, event.timeNs, event.duid)
      round.isCut ||= event.isCut
      const list = list6Of(round.v6!, one)
      if (!isCopy6(list, one)) list.push(one)
    } else {
      const one: Message = { event, message: messageOf(store, event.frame) }
      if (event.isBootServer) {
        const round = current4(event.timeNs)
        ;(event.isReply ? round.bootAnswers : round.bootRequests).push(one)
        continue
      }
      if (!event.isReply && event.xid !== xid) {
        const asksAnew = event.type === messageTypes.discover || event.type === typeless.bootp
        const firmware = event.isCut ? (attempt.firmware ?? unknownFirmware) : recogniseFirmware(one.message)
        const before = last4
        // An operating system that knows its address asks for it again, without DISCOVER (INIT-REBOOT).
        const isOther =
          before !== undefined && event.type === messageTypes.request && firmware.kind !== before.firmware.kind
        if (!before || ((asksAnew || isOther) && !isRetry(before, firmware))) begin(firmware, event.timeNs)
        if (asksAnew || isOther || xid === undefined) xid = event.xid
      }
      const round = current4(event.timeNs)
      round.isCut ||= event.isCut
      if (event.giaddr !== 0) round.relays.add(event.giaddr)
      const list = listOf(round, one)
      if (!isCopy(list, one)) list.push(one)
    }
  }
  const told = rounds.map((round, index) => ({
    ...round,
    firmware: loadedProgram(round, rounds[index - 1]) ?? refined(round.firmware, round),
  }))
  const own = ownIpv6(told)
  const others = told.filter((round) => !own.has(round))
  const beside = twins(others)
  return { main: others.filter((round) => !beside.has(round)), beside: told.filter((round) => own.has(round) || beside.has(round)) } // prettier-ignore
}

/** The rounds that tell the story of an attempt. */
export const roundsOf = (store: FrameStore, attempt: Attempt): Round[] => allRoundsOf(store, attempt).main

/**
 * Which round a message belongs to where several go on at once, the firmware's own IPv6 beside its boot: that of its transaction; a
 * REQUEST, which begins a new one, by what it shows of its sender, and what shows nothing by the address that it speaks of.
 */
function round6Of(rounds: readonly Round[], { event, message }: Message6): Round | undefined {
  const own = rounds.findLast((one) => one.v6 !== undefined && hasTransaction(one.v6, event))
  if (own || event.isReply) return own
  const firmware = recogniseFirmware6(message)
  if (firmware.asksToBoot) return rounds.findLast((one) => one.v6 !== undefined && one.firmware.kind === firmware.kind)
  const addresses = new Set(addressesOf(message).map((one) => one.address))
  return rounds.findLast(({ v6, firmware: who }) =>
    v6 !== undefined &&
    !(who.asksToBoot && event.type === dhcp6Types.request) &&
    [...v6.advertises.slice(-mostCopies), ...v6.replies.slice(-mostCopies)].some((one) => addressesOf(one.message).some(({ address }) => addresses.has(address))),
  )
} // prettier-ignore

/** Whether a message answers, or repeats, one that is in an exchange already. */
const hasTransaction = (v6: Exchange6, { xid, isReply }: Dhcp6Event): boolean =>
  [v6.requests, v6.solicits, v6.others].some((list) => list.slice(-mostCopies).some((one) => one.event.xid === xid && (isReply || !one.event.isReply))) // prettier-ignore

/** Offers that say what to boot, of servers that the client did not take its address from, where the one it took says nothing. */
export function othersNaming({ offers, answers }: Round): Message[] {
  const taken = answers.findLast((one) => one.event.type === messageTypes.ack)
  if (!taken || namesBoot(taken) || offers.some((one) => serverOf(one) === serverOf(taken) && namesBoot(one))) return []
  return offers.filter((one) => one.message.yiaddr !== 0 && serverOf(one) !== serverOf(taken) && namesBoot(one))
}

const namesBoot = ({ message }: Message): boolean => bootFileOf(message) !== ''

/** Who sent a reply: option 54, else the address it came from. */
export const serverOf = ({ event, message }: Message): string =>
  formatIpv4(addressOption(message, optionCodes.serverIdentifier) ?? event.source)
