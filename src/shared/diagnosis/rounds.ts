/** The DHCP rounds of an attempt: who asked, what was offered, taken, confirmed, and what files followed. */
import { formatIpv4 } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { addressOption, decodeDhcp, type DhcpMessage } from '../wire/dhcp/message.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { FrameHeaders } from '../wire/headers.ts'
import type { ArpEvent, Attempt, DhcpEvent, HttpEvent, IcmpEvent } from '../trace/events.ts'
import { recogniseFirmware, type Firmware } from '../trace/firmware.ts'
import type { FrameStore } from '../trace/frame-store.ts'
import type { Transfer } from '../trace/transfer.ts'

export interface Message {
  readonly event: DhcpEvent
  readonly message: DhcpMessage
}

export interface Round {
  readonly firmware: Firmware
  readonly startNs: number
  readonly discovers: Message[]
  readonly offers: Message[]
  readonly requests: Message[]
  /** ACK and NAK of the DHCP server. */
  readonly answers: Message[]
  /** To and from port 4011. */
  readonly bootRequests: Message[]
  readonly bootAnswers: Message[]
  readonly files: (Transfer | HttpEvent)[]
  readonly arps: ArpEvent[]
  readonly icmps: IcmpEvent[]
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
}

/** iPXE hides in ROMs that say nothing of it; its short clock and its TFTP options give it away. */
function refined(firmware: Firmware, round: Round): Firmware {
  if (firmware.kind !== 'bios-rom') return firmware
  const [first, second] = round.discovers
  const gap = first && second ? (second.event.timeNs - first.event.timeNs) / 1e6 : 0
  const isQuick = gap > 800 && gap < 1300
  const asksLikeIpxe = round.files.some(
    (file) => file.kind === 'transfer' && file.asked[0]?.name === 'blksize' && file.asked[0].value === '1432',
  )
  return isQuick || asksLikeIpxe
    ? {
        ...firmware,
        kind: 'ipxe',
        name: firmware.name.replace('BIOS boot ROM', 'BIOS boot ROM with the clock of iPXE'),
        evidence: `${firmware.evidence}, and ${isQuick ? 'its second DISCOVER after one second' : 'block size 1432'}`,
      }
    : firmware
}

/** A relay's copy of a client's message, where the client's own was seen too. */
function isCopy(known: readonly Message[], { event, message }: Message): boolean {
  if (message.giaddr === 0) return false
  // They come in the order of time: what is older than a second lies before everything that is not.
  for (let at = known.length - 1; at >= 0 && event.timeNs - known[at]!.event.timeNs < 1e9; at--) {
    const own = known[at]!
    if (own.message.giaddr === 0 && own.event.xid === event.xid) return true
  }
  return false
}

/** Splits the events of an attempt; frames that the store has forgotten are passed over. */
export function roundsOf(store: FrameStore, attempt: Attempt): Round[] {
  const rounds: Round[] = []
  let xid: number | undefined
  const begin = (firmware: Firmware, startNs: number): Round => {
    const round: Round = {
      firmware, startNs, discovers: [], offers: [], requests: [], answers: [], bootRequests: [], bootAnswers: [], files: [], arps: [], icmps: [],
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
      const isDiscover = !event.isReply && (event.type === messageTypes.discover || event.type < 0)
      const isFirst = rounds.length === 0 || (isDiscover && event.xid !== xid)
      if (!event.isReply && isFirst) {
        const firmware = recogniseFirmware(one.message)
        const before = rounds.at(-1)
        // Clients outside firmware take a new transaction for each try: that is no new round.
        const isRetry =
          before !== undefined &&
          before.firmware.kind === firmware.kind &&
          before.answers.length === 0 &&
          before.files.length === 0
        if (!isRetry) begin(firmware, event.timeNs)
        xid = event.xid
      }
      const round = current(event.timeNs)
      if (isDiscover) {
        if (!isCopy(round.discovers, one)) round.discovers.push(one)
      } else if (!event.isReply) {
        if (!isCopy(round.requests, one)) round.requests.push(one)
      } else if (event.type === messageTypes.offer || event.type < 0) round.offers.push(one)
      else round.answers.push(one)
    }
  }
  return rounds.map((round) => ({ ...round, firmware: refined(round.firmware, round) }))
}

/** Who sent a reply: option 54, else the address it came from. */
export const serverOf = ({ event, message }: Message): string =>
  formatIpv4(addressOption(message, optionCodes.serverIdentifier) ?? event.source)
