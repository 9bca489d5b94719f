/**
 * The DHCP rounds of an attempt, one for each program that asks the network: every message by what it is, and the files that
 * followed.
 */
import { formatIpv4 } from '../wire/bytes.ts'
import { typeless } from '../wire/dhcp/glance.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { addressOption, decodeDhcp, findOptionData, type DhcpMessage } from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { FrameHeaders } from '../wire/headers.ts'
import { programOf } from './boot-programs.ts'
import type { ArpEvent, Attempt, DhcpEvent, HttpEvent, IcmpEvent } from '../trace/events.ts'
import { raspberryPiBoot, recogniseFirmware, showsNothing, type Firmware } from '../trace/firmware.ts'
import type { FrameStore } from '../trace/frame-store.ts'
import type { Transfer } from '../trace/transfer.ts'

export interface Message {
  readonly event: DhcpEvent
  readonly message: DhcpMessage
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
  const { firmware } = round
  const first = round.discovers[0] ?? round.bootpRequests[0]
  if (!file || firmware.kind !== 'other' || !first) return undefined
  if (!showsNothing(first.message)) return undefined
  const program = programOf(nameOfFile(file))
  if (!program) return undefined
  return { ...firmware, kind: program.name === 'GRUB' ? 'grub' : 'other', name: program.name, evidence: `${nameOfFile(file)} was loaded before`, asksToBoot: true } // prettier-ignore
}

const nameOfFile = (file: Transfer | HttpEvent): string => (file.kind === 'transfer' ? file.file : file.target)

/** Copies of one message on the two sides of a relay, and to several servers behind it, follow each other within this time. */
const copyNs = 1e9
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

/** Splits the events of an attempt; frames that the store has forgotten are passed over. */
export function roundsOf(store: FrameStore, attempt: Attempt): Round[] {
  const rounds: Round[] = []
  let xid: number | undefined
  const begin = (firmware: Firmware, startNs: number): Round => {
    const round: Round = {
      firmware, startNs, discovers: [], offers: [], requests: [], answers: [], bootpRequests: [], bootpReplies: [], others: [], cut: [],
      bootRequests: [], bootAnswers: [], files: [], arps: [], icmps: [], relays: new Set(), isCut: false,
    } // prettier-ignore
    rounds.push(round)
    return round
  }
  const current = (timeNs: number): Round => rounds.at(-1) ?? begin(attempt.firmware ?? unknownFirmware, timeNs)
  for (const event of attempt.events) {
    if (event.kind === 'transfer' || event.kind === 'http') {
      current(event.kind === 'http' ? event.timeNs : event.startNs).files.push(event)
      continue
    }
    if (event.kind === 'arp') current(event.timeNs).arps.push(event)
    else if (event.kind === 'icmp') current(event.timeNs).icmps.push(event)
    else if (store.has(event.frame)) {
      const one: Message = { event, message: messageOf(store, event.frame) }
      if (event.isBootServer) {
        const round = current(event.timeNs)
        ;(event.isReply ? round.bootAnswers : round.bootRequests).push(one)
        continue
      }
      if (!event.isReply && event.xid !== xid) {
        const asksAnew = event.type === messageTypes.discover || event.type === typeless.bootp
        const firmware = event.isCut ? (attempt.firmware ?? unknownFirmware) : recogniseFirmware(one.message)
        const before = rounds.at(-1)
        // An operating system that knows its address asks for it again, without DISCOVER (INIT-REBOOT).
        const isOther =
          before !== undefined && event.type === messageTypes.request && firmware.kind !== before.firmware.kind
        if (!before || ((asksAnew || isOther) && !isRetry(before, firmware))) begin(firmware, event.timeNs)
        if (asksAnew || isOther || xid === undefined) xid = event.xid
      }
      const round = current(event.timeNs)
      round.isCut ||= event.isCut
      if (event.giaddr !== 0) round.relays.add(event.giaddr)
      const list = listOf(round, one)
      if (!isCopy(list, one)) list.push(one)
    }
  }
  return rounds.map((round, index) => ({
    ...round,
    firmware: loadedProgram(round, rounds[index - 1]) ?? refined(round.firmware, round),
  }))
}

/** Who sent a reply: option 54, else the address it came from. */
export const serverOf = ({ event, message }: Message): string =>
  formatIpv4(addressOption(message, optionCodes.serverIdentifier) ?? event.source)
