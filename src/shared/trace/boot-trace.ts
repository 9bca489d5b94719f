/**
 * Frames to machines, machines to boot attempts. Takes frames in order, each once, and keeps a small event for each that
 * matters; DATA and ACK only move the counters of their transfer. What it means is told by src/shared/diagnosis.
 */
import {
  concatBytes,
  formatHex,
  formatIpv6,
  formatMac,
  macKeyAt,
  parseHex,
  parseIpv4,
  parseIpv6,
  u16At,
  u32At,
} from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { DhcpGlance, typeless } from '../wire/dhcp/glance.ts'
import { decodeDhcp, findOptionData, type DhcpMessage } from '../wire/dhcp/message.ts'
import {
  addressesOf,
  decodeDhcp6,
  dhcp6Types,
  duidText,
  findDhcp6Option,
  hardwareOfDuid,
  hardwareOfRelay,
  unwrapRelays,
  type Dhcp6Message,
} from '../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../wire/dhcpv6/options.ts'
import { addressesIn, dnsPort, dnsTypes, isSameName, readDns } from '../wire/dns.ts'
import { etherTypes, FrameHeaders, hasDhcp6Ports, hasDhcpPorts, hasDnsPort, ipProtocols } from '../wire/headers.ts'
import { icmp6Types, quotesPacket6, readQuotation6, readRouterAdvertisement } from '../wire/icmpv6.ts'
import { endpointOf, formatIp, isLinkLocal, isMulticast, type IpAddress } from '../wire/ip-address.ts'
import { censusMac, isRehearsalDuid, labCheckOf } from '../wire/lab-checks.ts'
import { noteInterface, readLabNote } from '../wire/lab-note.ts'
import { readServerFlight, readTlsRecords, tls13, tlsContent } from '../wire/tls.ts'
import { httpStart, quotesPacket } from '../wire/summary.ts'
import { decodeTftp, looksLikeTftp, tftpOpcodes } from '../wire/tftp.ts'
import type { ArpEvent, Attempt, Dhcp6Event, DnsEvent, DhcpEvent, Heard, HttpEvent, IcmpEvent, Machine, NoteEvent, RouterNotice, TlsHandshake, TraceEvent } from './events.ts' // prettier-ignore
import { firmwareClocks, isFirmware, recogniseFirmware, recogniseFirmware6, type Firmware } from './firmware.ts'
import { icmp6ErrorOf, icmpErrorOf, type IcmpError, type Refusal } from './icmp.ts'
import type { FrameStore } from './frame-store.ts'
import { Reassembler } from './reassembly.ts'
import { Transfer } from './transfer.ts'

const second = 1e9
/** A program that was loaded asks the network again within this time: Windows PE unpacks a large image first. */
const nextProgramNs = 300 * second
/** iPXE that loads iPXE goes on at once; a machine that is switched on anew takes longer. */
const sameProgramNs = 3 * second
/** A client whose address was refused waits ten seconds and begins anew (RFC 2131 section 3.1); with its clock, this long at most. */
const refusedNs = 40 * second
/** Requests of IEEE 802.1X that are remembered. */
const mostEapRequests = 16
/** A check of PXE Lab asks this often at least. */
const sameCheckNs = 10 * second
/** What comes after so long a silence is no part of the boot before. */
const forgottenNs = 600 * second
/** Copies of one packet follow each other within this time; the packets that are looked back at. */
const duplicateNs = 2e6
const recentPackets = 8
/** A firmware's own IPv6 asks for an address this long before its network boot does, at most. */
const beforeBootNs = 120 * second
/** Different things that routers say, and questions for them, that are kept; more are those of somebody who plays. */
const mostRouters = 64
/** Connections and transfers that are remembered, for packets that come late. */
const mostFlows = 65_536
/** Names that an attempt asks for: firmware and boot programs ask for a few, and a started system for any number. */
const mostNames = 16
/** Bytes of a server's first flight that are kept until its certificate is whole. */
const mostShown = 32_768
/** What the responder decided: of one attempt, and of machines not seen yet. */
const mostDecisions = 64
const mostAhead = 1024

const tcp = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

/** Whose messages were cut by the capture: what they do not hold was perhaps sent. */
const cutFirmware: Firmware = {
  kind: 'other',
  name: 'unknown client',
  architecture: undefined,
  evidence: 'the capture cut its messages',
  asksToBoot: false,
}

interface Connection {
  /** The request that is going on; a kept connection carries one after another. */
  event: HttpEvent
  readonly attempt: Attempt
  /** Sequence number of the first byte of the answer's body, once known. */
  bodyAt: number
  /** FIN of the server, -1 before. */
  closedFrame: number
  /** Where the client's next byte is due; undefined before it sent any. */
  clientNext: number | undefined
  /** What the server sent from its first byte on, until its certificate is whole; undefined before and afterwards. */
  shown: { bytes: Uint8Array; next: number } | undefined
}

/** What the next packet of an attempt is compared with: a search through all its events would cost more with each. */
interface Newest {
  request: DhcpEvent | undefined
  request6: Dhcp6Event | undefined
  /** Requests so far, and whether any message answered one. */
  asked: number
  isAnswered: boolean
  /** Whether the address was refused, by the server (NAK) or by the client (DECLINE): then it begins anew (RFC 2131 section 3.1). */
  isRefused: boolean
  readonly files: (Transfer | HttpEvent)[]
  /** By the address that is asked for. */
  readonly unanswered: Map<IpAddress, ArpEvent>
  readonly names: DnsEvent[]
}

const nothingYet = (): Newest => ({
  request: undefined,
  request6: undefined,
  asked: 0,
  isAnswered: false,
  isRefused: false,
  files: [],
  unanswered: new Map(),
  names: [],
})

export class BootTrace {
  readonly #newest = new WeakMap<Attempt, Newest>()
  readonly store: FrameStore
  readonly machines: Machine[] = []
  readonly attempts: Attempt[] = []
  readonly #headers = new FrameHeaders()
  readonly #glance = new DhcpGlance()
  readonly #fragments = new Reassembler()
  /** By hardware address as a number; where none was seen by IP address or identifier, in words. */
  readonly #byHardware = new Map<number | string, Machine>()
  readonly #byAddress = new Map<IpAddress, Machine>()
  readonly #byDuid = new Map<string, Machine>()
  readonly #routers: RouterNotice[] = []
  /** Questions for a router by the hardware address of who asked. */
  readonly #solicitations = new Map<number | string, Machine['solicitations']>()
  /** By the client's end: its address and port. */
  readonly #transfers = new Map<number | string, { transfer: Transfer; attempt: Attempt }>()
  readonly #connections = new Map<number | string, Connection>()
  readonly #allTransfers: (Transfer | undefined)[] = []
  /** The store's first frame when old attempts were last let go, and how many are. */
  #keptFrom = 1
  #letGo = 0
  readonly #refusals = new Set<number>()
  #seen = 0

  constructor(store: FrameStore) {
    this.store = store
    this.#seen = store.first - 1
  }

  /** Takes in what the store has got since. */
  advance(): void {
    for (let frame = Math.max(this.#seen + 1, this.store.first); frame <= this.store.last; frame++)
      this.take(frame, this.store.bytesOf(frame))
  }

  /** The attempt that a frame belongs to: the one of its machine that was going on at its time. */
  attemptOf(frame: number): Attempt | undefined {
    const machine = this.machines[this.store.machineOf(frame) - 1]
    const time = this.store.timeOf(frame)
    return machine?.attempts.findLast((one) => one.startNs <= time) ?? machine?.attempts[0]
  }

  machineOf(frame: number): Machine | undefined {
    return this.machines[this.store.machineOf(frame) - 1]
  }

  /** A transfer by its number; undefined for 0. */
  transferOf(number: number): Transfer | undefined {
    return this.#allTransfers[number - 1]
  }

  /** Whether a frame refuses a connection that was being opened. */
  isRefusal(frame: number): boolean {
    return this.#refusals.has(frame)
  }

  /** Takes in the frame behind the last one; `frameBytes` are its bytes, in the store or before they were copied. */
  take(frame: number, frameBytes: Uint8Array): void {
    this.#seen = frame
    if (this.store.first !== this.#keptFrom) this.#forget()
    const { store } = this
    const headers = this.#headers
    let bytes = frameBytes
    const { linkType } = store.interfaceOf(frame)
    if (linkType === noteInterface.linkType) return this.#note(frame, bytes)
    headers.read(bytes, linkType)
    if (headers.etherType === etherTypes.arp) return this.#arp(frame, bytes)
    if (headers.etherType === etherTypes.eapol) return this.#eapol(frame, bytes)
    if (headers.ipAt < 0 && headers.ip6At < 0) return
    if (headers.isFragment) {
      const whole = this.#fragments.add(frame, bytes, headers)
      if (!whole) return
      store.keepReassembled(frame, whole.bytes, whole.parts)
      bytes = whole.bytes
      headers.read(bytes, linkType)
    } else if (this.#isDuplicate(frame, bytes)) return
    const { ipProtocol } = headers
    if (ipProtocol === ipProtocols.udp && headers.sourcePort >= 0) {
      if (hasDhcpPorts(headers)) this.#dhcp(frame, bytes)
      else if (hasDhcp6Ports(headers)) this.#dhcp6(frame, bytes)
      else if (hasDnsPort(headers)) this.#dns(frame, bytes)
      else this.#udp(frame, bytes)
    } else if (ipProtocol === ipProtocols.tcp && headers.sourcePort >= 0) this.#tcp(frame, bytes)
    else if (ipProtocol === ipProtocols.icmp && headers.ipAt >= 0) this.#icmp(frame, bytes)
    else if (ipProtocol === ipProtocols.icmpv6 && headers.ip6At >= 0) this.#icmp6(frame, bytes)
  }

  readonly #recent: { frame: number; timeNs: number; key: number }[] = Array.from({ length: recentPackets }, () => ({
    frame: 0,
    timeNs: -Infinity,
    key: 0,
  }))
  #recentAt = 0

  /**
   * Whether the capture holds this packet already: a mirror port, or a capture of several interfaces, shows one packet more
   * than once. Equal in everything but what routers and links change (time to live or hop limit, header checksum, hardware addresses, tags).
   */
  #isDuplicate(frame: number, bytes: Uint8Array): boolean {
    const { identification, ip6At, ipEnd, source, destination } = this.#headers
    const isOver6 = ip6At >= 0
    const ipAt = isOver6 ? ip6At : this.#headers.ipAt
    const timeNs = this.store.timeOf(frame)
    const mark = isOver6 ? u32At(bytes, ipEnd - 4) : identification * 65_537 + source + destination
    const key = (mark + (ipEnd - ipAt) * 31) | 0
    // Systems that number no packets send two equal ones by themselves, though never so close together.
    const within = identification === 0 ? 200e3 : duplicateNs
    for (const known of this.#recent) {
      if (known.key !== key || timeNs - known.timeNs > within || !this.store.has(known.frame)) continue
      if (!this.#isSamePacket(known.frame, bytes, ipAt, ipEnd, isOver6)) continue
      const machine = this.store.machineOf(known.frame)
      this.store.mark(frame, { machine, transfer: this.store.transferOf(known.frame) })
      const attempt = this.machines[machine - 1]?.attempts.at(-1)
      if (attempt) attempt.duplicates++
      return true
    }
    const place = this.#recent[this.#recentAt]!
    place.frame = frame
    place.timeNs = timeNs
    place.key = key
    this.#recentAt = (this.#recentAt + 1) % recentPackets
    return false
  }

  readonly #other = new FrameHeaders()

  #isSamePacket(known: number, bytes: Uint8Array, ipAt: number, ipEnd: number, isOver6: boolean): boolean {
    const before = this.store.bytesOf(known)
    this.#other.read(before, this.store.interfaceOf(known).linkType)
    const from = isOver6 ? this.#other.ip6At : this.#other.ipAt
    if (from < 0 || this.#other.ipEnd - from !== ipEnd - ipAt) return false
    for (let at = 0; at < ipEnd - ipAt; at++)
      if (before[from + at] !== bytes[ipAt + at] && (isOver6 ? at !== 7 : at !== 8 && at !== 10 && at !== 11))
        return false
    return true
  }

  /** Drops the events of attempts whose frames were evicted: a lab that runs for weeks fills no memory. */
  #forget(): void {
    this.#keptFrom = this.store.first
    if (!this.store.has(this.#keptFrom)) return
    const oldest = this.store.timeOf(this.#keptFrom)
    for (; this.#letGo < this.attempts.length && this.attempts[this.#letGo]!.lastNs < oldest; this.#letGo++) {
      const attempt = this.attempts[this.#letGo]!
      const { events } = attempt
      this.#newest.set(attempt, nothingYet())
      for (const event of events) if (event.kind === 'transfer') this.#allTransfers[event.number - 1] = undefined
      events.length = 0
    }
  }

  #machineByHardware(key: number | string, name: string): Machine {
    let machine = this.#byHardware.get(key)
    if (!machine) {
      machine = {
        number: this.machines.length + 1,
        name,
        hostName: '',
        isNamedByServer: false,
        address: 0,
        address6: '',
        solicitations: this.#solicitations.get(key) ?? [],
        check: labCheckOf(name),
        attempts: [],
      }
      this.machines.push(machine)
      this.#byHardware.set(key, machine)
    }
    return machine
  }

  /** Decisions about machines of which no packet has come yet, by hardware address. */
  readonly #ahead = new Map<string, NoteEvent[]>()

  /** What the responder decided belongs to the attempt that is going on. */
  #note(frame: number, bytes: Uint8Array): void {
    const note = readLabNote(bytes)
    if (!note) return
    const address = parseIpv4(note.address)
    const machine =
      this.#byHardware.get(hardwareKeyOf(note.mac)) ?? (address ? this.#byAddress.get(address) : undefined)
    const timeNs = this.store.timeOf(frame)
    const attempt = machine?.attempts.at(-1)
    const event: NoteEvent = { ...note, frame, timeNs, lastNs: timeNs, count: 1 }
    if (machine) this.store.mark(frame, { machine: machine.number })
    if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) {
      const name = machine?.name ?? note.mac
      if (name === '') return
      this.#ahead.delete(name)
      this.#ahead.set(name, [event])
      if (this.#ahead.size > mostAhead) this.#ahead.delete(this.#ahead.keys().next().value!)
      return
    }
    const { decisions } = attempt
    const last = decisions.at(-1)
    if (last?.kind === note.kind && last.reason === note.reason) {
      last.count++
      last.lastNs = timeNs
    } else if (decisions.push(event) > mostDecisions) decisions.splice(1, 1)
    attempt.version++
  }

  readonly #heard: Heard = { replies: 0, choices: 0, replies6: 0, choices6: 0, eapRequests: [], isEapAnswered: false }

  #begin(machine: Machine, timeNs: number, firmware: Firmware | undefined): Attempt {
    const before = machine.attempts.at(-1)
    const attempt: Attempt = {
      number: this.attempts.length + 1,
      machine,
      ordinal: machine.attempts.length + 1,
      startNs: timeNs,
      lastNs: timeNs,
      firmware,
      events: [],
      decisions: [],
      shares: undefined,
      routers: this.#routers,
      heard: this.#heard,
      alike: [],
      duplicates: 0,
      next: undefined,
      version: 0,
    }
    if (before) {
      before.next = attempt
      before.version++
      // A capture tells its packets later than the responder tells what it made of them.
      while (before.decisions.length > 0 && before.decisions.at(-1)!.timeNs >= timeNs)
        attempt.decisions.unshift(before.decisions.pop()!)
    }
    const ahead = this.#ahead.get(machine.name)
    if (ahead) attempt.decisions.push(...ahead)
    this.#ahead.delete(machine.name)
    machine.attempts.push(attempt)
    this.attempts.push(attempt)
    this.#newest.set(attempt, nothingYet())
    return attempt
  }

  #add(attempt: Attempt, event: TraceEvent, timeNs: number): void {
    attempt.events.push(event)
    const newest = this.#newest.get(attempt)!
    if (event.kind === 'transfer' || event.kind === 'http') newest.files.push(event)
    else if (event.kind === 'dhcp6') {
      if (event.isReply) newest.isAnswered = true
      else newest.request6 = event
    } else if (event.kind === 'dhcp' && event.isReply) {
      newest.isAnswered = true
      newest.isRefused = event.type === messageTypes.nak
    } else if (event.kind === 'dhcp') {
      newest.request = event
      if (event.type === messageTypes.decline) newest.isRefused = true
      newest.asked++
    }
    this.#touch(attempt, timeNs)
  }

  #touch(attempt: Attempt, timeNs: number): void {
    attempt.lastNs = Math.max(attempt.lastNs, timeNs)
    attempt.version++
  }

  #dhcp(frame: number, bytes: Uint8Array): void {
    const glance = this.#glance
    const { payloadAt, payloadEnd, declaredEnd, source, destination, sourcePort, destinationPort } = this.#headers
    if (!glance.read(bytes, payloadAt, payloadEnd, declaredEnd)) return
    const { type } = glance
    const isReply = glance.op === 2
    const timeNs = this.store.timeOf(frame)
    if (isReply) this.#heard.replies++
    else if (type === messageTypes.request && glance.server !== 0) this.#heard.choices++
    // Questions about leases are asked by relays and access servers; the client they name has no part in it (RFC 4388).
    const isLeaseQuery = type >= messageTypes.leaseQuery && type <= messageTypes.leaseActive
    const machine = isLeaseQuery
      ? this.#machineSeenOnly(isReply ? destination : source, bytes, -1)
      : this.#machineByHardware(glance.hardwareKey, glance.hardwareAddress)
    this.store.mark(frame, { machine: machine.number })
    const event: DhcpEvent = {
      kind: 'dhcp',
      frame,
      timeNs,
      type,
      isReply,
      isBootServer: sourcePort === 4011 || destinationPort === 4011,
      xid: glance.xid,
      source,
      destination,
      destinationPort,
      giaddr: glance.giaddr,
      vlan: this.#headers.vlan,
      isCut: declaredEnd > payloadEnd,
    }
    const attempt = this.#attemptFor(machine, event, bytes)
    if (!isLeaseQuery) {
      if (!isReply && event.giaddr !== 0 && event.source === event.giaddr)
        this.#forwards(bytes, knownMacAt(bytes, this.#headers.sourceMacAt))
      if (type === messageTypes.offer && glance.yiaddr !== 0) this.#offers(glance.yiaddr, machine)
      this.#keepAddress(machine, attempt, event)
      this.#keepName(machine, isReply)
    }
    this.#add(attempt, event, timeNs)
  }

  #keepName(machine: Machine, isOfServer: boolean): void {
    const name = this.#glance.hostName
    if (name === '' || (machine.isNamedByServer && !isOfServer)) return
    machine.hostName = name
    machine.isNamedByServer = isOfServer
  }

  /** Acknowledged leases by address, as long as nothing ended them. */
  readonly #leases = new Map<number, { readonly machine: Machine; readonly frame: number; readonly untilNs: number }>()

  #keepAddress(machine: Machine, attempt: Attempt, event: DhcpEvent): void {
    const { yiaddr, ciaddr, leaseSeconds } = this.#glance
    const { frame, isReply, type, timeNs } = event
    const isGiven = isReply && (type === messageTypes.ack || type === typeless.bootp)
    const address = isGiven ? yiaddr : isReply ? 0 : ciaddr
    if (!isReply && (type === messageTypes.release || type === messageTypes.decline)) {
      const released = type === messageTypes.release ? ciaddr : this.#glance.requested
      if (this.#leases.get(released)?.machine === machine) this.#leases.delete(released)
    }
    if (address === 0) return
    machine.address = address
    this.#byAddress.set(address, machine)
    if (!isGiven || event.isBootServer) return
    const held = this.#leases.get(address)
    if (held && held.machine !== machine && timeNs < held.untilNs)
      attempt.shares ??= { address, machine: held.machine, frames: [held.frame, frame] }
    this.#leases.set(address, { machine, frame, untilNs: timeNs + leaseSeconds * second })
  }

  #attemptFor(machine: Machine, event: DhcpEvent, bytes: Uint8Array): Attempt {
    const current = machine.attempts.at(-1)
    const { payloadAt, payloadEnd } = this.#headers
    const isFresh = !current || event.timeNs - current.lastNs > forgottenNs
    if (event.isReply) return isFresh ? this.#begin(machine, event.timeNs, undefined) : current
    // A census asks as several clients at once: one question, not as many boots.
    if (machine.check !== undefined && !isFresh && event.timeNs - current.lastNs < sameCheckNs) return current
    const isDiscover = event.type === messageTypes.discover || event.type === typeless.bootp
    const last = current && this.#newest.get(current)!.request
    // The same transaction goes on, and what is not DISCOVER continues what runs.
    const continues = current && !isFresh && (isDiscover ? last?.xid === event.xid : last !== undefined)
    if (continues) return current
    const message = event.isCut ? undefined : decodeDhcp(bytes.subarray(payloadAt, payloadEnd)).message
    const firmware = message ? this.#shared(recogniseFirmware(message)) : cutFirmware
    if (current && !isFresh) {
      if (!current.firmware) {
        current.firmware = firmware
        return current
      }
      if (this.#goesOn(current, event, firmware)) return current
    }
    const attempt = this.#begin(machine, event.timeNs, firmware)
    if (message) this.#compareNames(attempt, event.frame, message)
    return attempt
  }

  /** By option and value: who called itself so first. */
  readonly #names = new Map<string, { readonly machine: Machine; readonly frame: number }>()

  #compareNames(attempt: Attempt, frame: number, message: DhcpMessage): void {
    if (attempt.machine.check !== undefined) return
    for (const option of [61, 97] as const) {
      const data = findOptionData(message, option)
      if (!data) continue
      const value = formatHex(data)
      const key = `${option} ${value}`
      const known = this.#names.get(key)
      if (!known) this.#names.set(key, { machine: attempt.machine, frame })
      else if (known.machine !== attempt.machine)
        attempt.alike.push({ option, value, machine: known.machine, frames: [known.frame, frame] })
    }
  }

  #dhcp6(frame: number, bytes: Uint8Array): void {
    const headers = this.#headers
    const { payloadAt, payloadEnd, declaredEnd, sourcePort } = headers
    const { message } = decodeDhcp6(bytes.subarray(payloadAt, payloadEnd))
    const { relays, inner } = unwrapRelays(message)
    const { type } = inner
    // What is no message of a client or to one: questions of relay agents about leases, and what the capture cut inside them.
    if (type < dhcp6Types.solicit || type > dhcp6Types.informationRequest) return
    const isReply = type === dhcp6Types.advertise || type === dhcp6Types.reply || type === dhcp6Types.reconfigure
    const timeNs = this.store.timeOf(frame)
    const duid = findDhcp6Option(inner, dhcp6OptionCodes.clientIdentifier)?.data
    const event: Dhcp6Event = {
      kind: 'dhcp6',
      frame,
      timeNs,
      type,
      isReply,
      isBootServer: sourcePort === 4011,
      xid: inner.xid,
      duid: duid === undefined ? '' : formatHex(duid),
      source: formatIpv6(bytes, headers.ip6At + 8),
      destination: formatIpv6(bytes, headers.ip6At + 24),
      relay: relays.at(-1)?.relay?.linkAddress,
      vlan: headers.vlan,
      isCut: declaredEnd > payloadEnd,
    }
    const machine = this.#machineOf6(event, duid, relays, bytes)
    if (isReply) this.#heard.replies6++
    else if (type === dhcp6Types.request) this.#heard.choices6++
    if (event.duid !== '') this.#byDuid.set(event.duid, machine)
    this.store.mark(frame, { machine: machine.number })
    const attempt = this.#attemptFor6(machine, event, inner)
    // What a check is sent from is the address of the computer that checks.
    if (!isReply && relays.length === 0 && machine.check === undefined) this.#keepAddress6(machine, event.source)
    if (type === dhcp6Types.reply) for (const { address } of addressesOf(inner)) this.#keepAddress6(machine, address)
    this.#add(attempt, event, timeNs)
  }

  #keepAddress6(machine: Machine, address: string): void {
    if (address === '::') return
    this.#byAddress.set(address, machine)
    if (!isLinkLocal(address) || machine.address6 === '') machine.address6 = address
  }

  /** Whom a message is about: by hardware address where one shows, else by what identifies the client. */
  #machineOf6(
    event: Dhcp6Event,
    duid: Uint8Array | undefined,
    relays: readonly Dhcp6Message[],
    bytes: Uint8Array,
  ): Machine {
    const { sourceMacAt, destinationMacAt } = this.#headers
    const byMac = (mac: Uint8Array): Machine => this.#machineByHardware(macKeyAt(mac, 0), formatMac(mac))
    if (isRehearsalDuid(duid)) return byMac(censusMac)
    const peer = event.isReply ? event.destination : event.source
    const macAt = event.isReply ? destinationMacAt : sourceMacAt
    // On its own link, from or to the address that it has there alone, the frame shows the client itself.
    if (relays.length === 0 && isLinkLocal(peer) && macAt >= 0 && (bytes[macAt]! & 1) === 0)
      return byMac(bytes.slice(macAt, macAt + 6))
    const known = this.#byDuid.get(event.duid) ?? (relays.length === 0 ? this.#byAddress.get(peer) : undefined)
    if (known) return known
    const agent = relays.at(-1)
    const told =
      (agent && (hardwareOfRelay(agent) ?? hardwareOfLinkLocal(agent.relay!.peerAddress))) ?? hardwareOfDuid(duid)
    if (told) return byMac(told)
    if (duid !== undefined) return this.#machineByHardware(`duid ${event.duid}`, duidText(duid))
    return isMulticast(peer)
      ? this.#machineSeenOnly('::', bytes, -1)
      : this.#machineSeenOnly(peer, bytes, relays.length > 0 ? -1 : macAt)
  }

  #attemptFor6(machine: Machine, event: Dhcp6Event, message: Dhcp6Message): Attempt {
    const current = machine.attempts.at(-1)
    const isFresh = !current || event.timeNs - current.lastNs > forgottenNs
    if (event.isReply) return isFresh ? this.#begin(machine, event.timeNs, undefined) : current
    const last = current && this.#newest.get(current)!.request6
    const isSolicit = event.type === dhcp6Types.solicit
    if (current && !isFresh && (isSolicit ? last?.xid === event.xid : last !== undefined)) return current
    const firmware = event.isCut ? cutFirmware : this.#shared(recogniseFirmware6(message))
    if (!current || isFresh) return this.#begin(machine, event.timeNs, firmware)
    const began = current.firmware
    if (!began) {
      current.firmware = firmware
      return current
    }
    // What asks for an address and nothing to boot belongs to whatever runs: the firmware's own IPv6, or a started system.
    if (!firmware.asksToBoot) return current
    const { files } = this.#newest.get(current)!
    if (!began.asksToBoot) {
      // The firmware's own IPv6 was first; its network boot follows.
      if (files.length === 0 && last !== undefined && event.timeNs - current.startNs < beforeBootNs) {
        current.firmware = firmware
        return current
      }
      return this.#begin(machine, event.timeNs, firmware)
    }
    // iPXE asks by both protocols at once; a firmware's boot options come one after another.
    if (firmware.kind === 'ipxe' && began.kind === 'ipxe' && files.length === 0) return current
    return this.#goesOn(current, event, firmware) ? current : this.#begin(machine, event.timeNs, firmware)
  }

  readonly #firmwares = new Map<string, Firmware>()

  /** A thousand machines of one model share one description. */
  #shared(firmware: Firmware): Firmware {
    const key = `${firmware.name} ${firmware.evidence} ${firmware.asksToBoot}`
    const known = this.#firmwares.get(key)
    if (!known) this.#firmwares.set(key, firmware)
    return known ?? firmware
  }

  /** Whether a DISCOVER with a new transaction is a further stage of the attempt, rather than a new one. */
  #goesOn(attempt: Attempt, event: DhcpEvent | Dhcp6Event, firmware: Firmware): boolean {
    const loaded = this.#newest
      .get(attempt)!
      .files.findLast((one) =>
        one.kind === 'transfer' ? one.hasEverything : one.status === 200 && one.method === 'GET',
      )
    if (loaded) {
      const endNs = loaded.lastNs
      const began = attempt.firmware!
      if (firmware.kind !== began.kind) {
        // The firmware's own next boot option means that what was loaded came back.
        const isNextOption =
          isFirmware(began) && (firmware.kind === 'edk2' || firmware.kind === 'edk2-http') && began.kind !== 'ipxe'
        return !isNextOption && event.timeNs - endNs < nextProgramNs
      }
      return firmware.kind === 'ipxe' && event.timeNs - endNs < sameProgramNs
    }
    if (firmware.kind !== attempt.firmware!.kind) return false
    // Clients outside firmware take a new transaction for each try, and so does some firmware that nobody answered.
    if (!isFirmware(firmware)) return event.timeNs - attempt.lastNs < 70 * second
    // A firmware keeps its transaction while it solicits (RFC 8415 section 16.1); iPXE asks by both protocols at once.
    if (event.kind === 'dhcp6') return false
    if (firmware.kind === 'ipxe' && this.#newest.get(attempt)!.request === undefined) return true
    const { request, asked, isAnswered, isRefused } = this.#newest.get(attempt)!
    if (isRefused) return event.timeNs - attempt.lastNs < refusedNs
    const waits = firmwareClocks[firmware.kind].discover
    if (isAnswered || !request || asked >= waits.length) return false
    return event.timeNs - request.timeNs < waits[asked - 1]! * 1.5e6
  }

  /** Hardware addresses that carry packets of others: relay agents, and where a machine of another one was heard. */
  readonly #forwarders = new Set<number>()
  /** Who was offered an address; undefined where several were. */
  readonly #offered = new Map<number, Machine | undefined>()

  #offers(address: number, machine: Machine): void {
    const before = this.#offered.get(address)
    const isOthers = this.#offered.has(address) && before !== machine
    this.#offered.delete(address)
    this.#offered.set(address, isOthers ? undefined : machine)
    if (this.#offered.size > mostFlows) this.#offered.delete(this.#offered.keys().next().value!)
  }

  #forwards(bytes: Uint8Array, macAt: number): void {
    if (macAt < 0 || this.#forwarders.size >= mostFlows) return
    this.#forwarders.add(macKeyAt(bytes, macAt))
  }

  /**
   * The machine an IP end belongs to: whose address it is, else by the hardware address of the frame unless a router stands between, else
   * whoever was offered the address.
   */
  #machineAt(address: IpAddress, bytes: Uint8Array, macAt: number): Machine | undefined {
    const sender = macAt < 0 ? undefined : this.#byHardware.get(macKeyAt(bytes, macAt))
    const byAddress = this.#byAddress.get(address)
    // Whoever asks for no address itself and sends what is another machine's forwards it.
    if (byAddress && !sender && hardwareKeyOf(byAddress.name) >= 0) this.#forwards(bytes, macAt)
    if (byAddress) return byAddress
    if (sender && !this.#forwarders.has(macKeyAt(bytes, macAt))) return sender
    return typeof address === 'number' ? this.#offered.get(address) : undefined
  }

  #currentOf(machine: Machine, timeNs: number): Attempt {
    const current = machine.attempts.at(-1)
    return current && timeNs - current.lastNs <= forgottenNs ? current : this.#begin(machine, timeNs, undefined)
  }

  /** Questions for addresses and their answers, each of the attempt that is going on; it lasts no longer by them. */
  #dns(frame: number, bytes: Uint8Array): void {
    const { sourceMacAt, destinationMacAt, destinationPort, payloadAt, payloadEnd } = this.#headers
    const message = readDns(bytes.subarray(payloadAt, payloadEnd))
    const [question] = message?.questions ?? []
    if (!message || !question || message.isResponse === (destinationPort === dnsPort)) return
    const source = this.#headers.sourceIn(bytes)
    const destination = this.#headers.destinationIn(bytes)
    const [client, server, macAt] = message.isResponse ? [destination, source, destinationMacAt] : [source, destination, sourceMacAt] // prettier-ignore
    const machine = this.#machineAt(client, bytes, knownMacAt(bytes, macAt))
    const attempt = machine?.attempts.at(-1)
    const timeNs = this.store.timeOf(frame)
    if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) return
    const { names } = this.#newest.get(attempt)!
    const isSame = (one: DnsEvent): boolean => one.server === server && one.type === question.type && isSameName(one.name, question.name) // prettier-ignore
    const known = names.find((one) => isSame(one) && one.answer < 0)
    if (message.isResponse) {
      if (!known) return
      known.answer = frame
      known.code = message.code
      known.addresses = addressesIn(message, [dnsTypes.a, dnsTypes.aaaa])
    } else if (known) known.frames.push(frame)
    else {
      if (names.length >= mostNames) return
      const { name, type } = question
      const event: DnsEvent = { kind: 'dns', frame, timeNs, server, name, type, frames: [frame], answer: -1, code: 0, addresses: [] } // prettier-ignore
      names.push(event)
      attempt.events.push(event)
    }
    this.store.mark(frame, { machine: machine.number })
    attempt.version++
  }

  #udp(frame: number, bytes: Uint8Array): void {
    const { sourcePort, destinationPort, payloadAt, payloadEnd } = this.#headers
    const timeNs = this.store.timeOf(frame)
    const opcode = payloadEnd - payloadAt >= 4 ? u16At(bytes, payloadAt) : 0
    const isRequest = opcode === tftpOpcodes.rrq || opcode === tftpOpcodes.wrq
    if (isRequest && (destinationPort === 69 || looksLikeTftp(bytes.subarray(payloadAt, payloadEnd))))
      return this.#tftpRequest(frame, timeNs, bytes)
    const up = this.#transfers.get(endpointOf(this.#headers.sourceIn(bytes), sourcePort))
    const flow = up ?? this.#transfers.get(endpointOf(this.#headers.destinationIn(bytes), destinationPort))
    if (!flow) return
    const { transfer, attempt } = flow
    if (!up && transfer.serverPort >= 0 && transfer.serverPort !== sourcePort && transfer.serverPort !== 69) return
    transfer.handle(frame, timeNs, bytes, this.#headers, up !== undefined)
    this.store.mark(frame, { machine: attempt.machine.number, transfer: transfer.number })
    this.#touch(attempt, timeNs)
  }

  #tftpRequest(frame: number, timeNs: number, bytes: Uint8Array): void {
    const { sourcePort, payloadAt, payloadEnd } = this.#headers
    const sourceMacAt = knownMacAt(bytes, this.#headers.sourceMacAt)
    const source = this.#headers.sourceIn(bytes)
    const destination = this.#headers.destinationIn(bytes)
    const { packet } = decodeTftp(bytes.subarray(payloadAt, payloadEnd))
    if (packet?.kind !== 'rrq' && packet?.kind !== 'wrq') return
    const key = endpointOf(source, sourcePort)
    const known = this.#transfers.get(key)
    // A client that never said a word in this transfer has heard no answer, or none that it takes.
    if (known && known.transfer.file === packet.filename && !known.transfer.hasClientSpoken) {
      known.transfer.repeat(frame, timeNs)
      this.store.mark(frame, { machine: known.attempt.machine.number, transfer: known.transfer.number })
      return this.#touch(known.attempt, timeNs)
    }
    const found = this.#machineAt(source, bytes, sourceMacAt)
    const isForwarded = sourceMacAt >= 0 && this.#forwarders.has(macKeyAt(bytes, sourceMacAt))
    const machine = found ?? this.#machineSeenOnly(source, bytes, isForwarded ? -1 : sourceMacAt)
    if (typeof source === 'string') machine.address6 = source
    else machine.address ||= source
    this.#byAddress.set(source, machine)
    const attempt = this.#currentOf(machine, timeNs)
    const transfer = new Transfer(this.#allTransfers.length + 1, {
      frame,
      timeNs,
      clientAddress: source,
      clientPort: sourcePort,
      serverAddress: destination,
      file: packet.filename,
      isWrite: packet.kind === 'wrq',
      isCut: this.#headers.declaredEnd > payloadEnd,
      options: packet.options,
    })
    this.#allTransfers.push(transfer)
    this.#transfers.delete(key)
    this.#transfers.set(key, { transfer, attempt })
    if (this.#transfers.size > mostFlows) this.#transfers.delete(this.#transfers.keys().next().value!)
    this.store.mark(frame, { machine: machine.number, transfer: transfer.number })
    this.#add(attempt, transfer, timeNs)
  }

  /** A machine of which only files are seen: the capture began late, or stands behind a router. */
  #machineSeenOnly(address: IpAddress, bytes: Uint8Array, macAt: number): Machine {
    if (macAt >= 0) {
      return this.#machineByHardware(macKeyAt(bytes, macAt), formatMac(bytes.subarray(macAt, macAt + 6)))
    }
    // Negative keys cannot be hardware addresses.
    return this.#machineByHardware(typeof address === 'number' ? -1 - address : address, formatIp(address))
  }

  #arp(frame: number, bytes: Uint8Array): void {
    const at = this.#headers.payloadAt
    if (bytes.length - at < 28) return
    const opcode = u16At(bytes, at + 6)
    const sender = u32At(bytes, at + 14)
    const target = u32At(bytes, at + 24)
    const isReply = opcode === 2
    const macAt = isReply ? at + 18 : at + 8
    const machine = this.#byHardware.get(macKeyAt(bytes, macAt))
    if (!machine) return
    this.store.mark(frame, { machine: machine.number })
    const attempt = machine.attempts.at(-1)
    const timeNs = this.store.timeOf(frame)
    if (!attempt || timeNs - attempt.lastNs > forgottenNs) return
    if (isReply) {
      // Its own answer says nothing about the address.
      if (macKeyAt(bytes, at + 8) !== macKeyAt(bytes, macAt)) this.#answered(attempt, frame, sender, bytes, at + 8)
      return
    }
    const isProbe = sender === 0 && target === machine.address
    // Announcements ask nobody (RFC 5227 section 2.3).
    if (sender === target || (!isProbe && (sender === 0 || target === machine.address))) return
    this.#asked(attempt, frame, target, isProbe)
  }

  #icmp(frame: number, bytes: Uint8Array): void {
    const { source, destination, payloadAt, payloadEnd } = this.#headers
    const quotedAt = payloadAt + 8
    const type = bytes[payloadAt] ?? 0
    if (payloadEnd - quotedAt < 28 || !quotesPacket(type) || bytes[quotedAt]! >>> 4 !== 4) return
    const portsAt = quotedAt + (bytes[quotedAt]! & 15) * 4
    if (portsAt + 4 > payloadEnd) return
    const quoted = {
      protocol: bytes[quotedAt + 9]!,
      source: u32At(bytes, quotedAt + 12),
      sourcePort: u16At(bytes, portsAt),
      destination: u32At(bytes, quotedAt + 16),
      destinationPort: u16At(bytes, portsAt + 2),
    }
    const code = bytes[payloadAt + 1]!
    this.#unreachable(frame, icmpErrorOf(type, code), { source, destination, type, code, quoted })
  }

  /** An error about a packet of a machine; `kind` is undefined where the message reports none. */
  #unreachable(frame: number, kind: IcmpError | undefined, error: Omit<IcmpEvent, 'kind' | 'frame' | 'timeNs'>): void {
    const { quoted } = error
    const machine = this.#byAddress.get(quoted.source) ?? this.#byAddress.get(quoted.destination)
    const attempt = machine?.attempts.at(-1)
    const timeNs = this.store.timeOf(frame)
    if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) return
    const flow =
      this.#transfers.get(endpointOf(quoted.source, quoted.sourcePort)) ??
      this.#transfers.get(endpointOf(quoted.destination, quoted.destinationPort))
    this.store.mark(frame, { machine: machine.number, transfer: flow?.transfer.number ?? 0 })
    if (kind) {
      const isOfClient = quoted.source === machine.address || this.#byAddress.get(quoted.source) === machine
      const { source, type, code } = error
      const refusal: Refusal = { frame, type, code, source, error: kind, isOfClient }
      if (quoted.protocol === ipProtocols.udp) flow?.transfer.refused(refusal, timeNs)
      const connection =
        quoted.protocol === ipProtocols.tcp && this.#connections.get(endpointOf(quoted.source, quoted.sourcePort))
      if (connection) connection.event.refusal ??= refusal
    }
    this.#add(attempt, { kind: 'icmp', frame, timeNs, ...error }, timeNs)
  }

  #icmp6(frame: number, bytes: Uint8Array): void {
    const { payloadAt, payloadEnd } = this.#headers
    if (payloadEnd - payloadAt < 8) return
    const type = bytes[payloadAt]!
    if (quotesPacket6(type)) {
      const quoted = readQuotation6(bytes, payloadAt + 8, payloadEnd)
      if (!quoted) return
      const source = this.#headers.sourceIn(bytes)
      const destination = this.#headers.destinationIn(bytes)
      const code = bytes[payloadAt + 1]!
      this.#unreachable(frame, icmp6ErrorOf(type, code), { source, destination, type, code, quoted })
    } else if (type === icmp6Types.routerAdvertisement) this.#router(frame, bytes)
    else if (type === icmp6Types.routerSolicitation) this.#routerSolicitation(frame, bytes)
    else if (type === icmp6Types.neighbourSolicitation) this.#neighbourSolicitation(frame, bytes)
    else if (type === icmp6Types.neighbourAdvertisement) this.#neighbourAdvertisement(frame, bytes)
  }

  /** Nobody's boot: what the link is like. Whose link that is, what else the machine was told shows. */
  #router(frame: number, bytes: Uint8Array): void {
    const { payloadAt, payloadEnd, ip6At } = this.#headers
    const told = readRouterAdvertisement(bytes, payloadAt, payloadEnd)
    if (!told) return
    const timeNs = this.store.timeOf(frame)
    const router = formatIpv6(bytes, ip6At + 8)
    const prefixes = told.prefixes.map((one) => one.text).join(' ')
    const known = this.#routers.find(
      (one) =>
        one.router === router &&
        one.isManaged === told.isManaged &&
        one.hasOther === told.hasOther &&
        one.prefixes.map((prefix) => prefix.text).join(' ') === prefixes,
    )
    if (known) known.lastNs = timeNs
    else if (this.#routers.length < mostRouters)
      this.#routers.push({ ...told, router, frame, firstNs: timeNs, lastNs: timeNs })
  }

  /** The attempt that is going on at a hardware address; undefined where none is. */
  #goingOnAt(bytes: Uint8Array, macAt: number, timeNs: number): { machine: Machine; attempt: Attempt } | undefined {
    const machine = macAt < 0 ? undefined : this.#byHardware.get(macKeyAt(bytes, macAt))
    const attempt = machine?.attempts.at(-1)
    return machine && attempt && timeNs - attempt.lastNs <= forgottenNs ? { machine, attempt } : undefined
  }

  #routerSolicitation(frame: number, bytes: Uint8Array): void {
    const { sourceMacAt } = this.#headers
    if (sourceMacAt < 0) return
    const timeNs = this.store.timeOf(frame)
    const key = macKeyAt(bytes, sourceMacAt)
    const machine = this.#byHardware.get(key)
    const asked = machine?.solicitations ?? this.#solicitations.get(key) ?? []
    if (asked.push({ frame, timeNs }) > mostRouters) asked.shift()
    if (!machine) {
      this.#solicitations.delete(key)
      this.#solicitations.set(key, asked)
      if (this.#solicitations.size > mostFlows) this.#solicitations.delete(this.#solicitations.keys().next().value!)
      return
    }
    this.store.mark(frame, { machine: machine.number })
    const attempt = machine.attempts.at(-1)
    if (attempt) attempt.version++
  }

  #neighbourSolicitation(frame: number, bytes: Uint8Array): void {
    const { payloadAt, payloadEnd, ip6At, sourceMacAt } = this.#headers
    if (payloadEnd - payloadAt < 24) return
    const timeNs = this.store.timeOf(frame)
    const found = this.#goingOnAt(bytes, sourceMacAt, timeNs)
    if (!found) return
    const { machine, attempt } = found
    this.store.mark(frame, { machine: machine.number })
    const target = formatIpv6(bytes, payloadAt + 8)
    // From no address: it asks whether somebody else has its own (RFC 4862 section 5.4).
    this.#asked(attempt, frame, target, formatIpv6(bytes, ip6At + 8) === '::')
  }

  #neighbourAdvertisement(frame: number, bytes: Uint8Array): void {
    const { payloadAt, payloadEnd, sourceMacAt, destinationMacAt } = this.#headers
    if (payloadEnd - payloadAt < 24 || sourceMacAt < 0) return
    const target = formatIpv6(bytes, payloadAt + 8)
    const timeNs = this.store.timeOf(frame)
    const to = this.#goingOnAt(bytes, destinationMacAt, timeNs)
    const own = this.#byHardware.get(macKeyAt(bytes, sourceMacAt))
    if (to && to.machine !== own) {
      this.store.mark(frame, { machine: to.machine.number })
      return this.#answered(to.attempt, frame, target, bytes, sourceMacAt)
    }
    // To all nodes: somebody defends the address that another one wants.
    const wanting = this.#byAddress.get(target)
    const attempt = wanting?.attempts.at(-1)
    if (!wanting || !attempt || wanting === own || timeNs - attempt.lastNs > forgottenNs) return
    this.store.mark(frame, { machine: wanting.number })
    this.#answered(attempt, frame, target, bytes, sourceMacAt)
  }

  #answered(attempt: Attempt, frame: number, target: IpAddress, bytes: Uint8Array, macAt: number): void {
    const { unanswered } = this.#newest.get(attempt)!
    const question = unanswered.get(target)
    if (!question) return
    question.answer = frame
    question.answeredBy = formatMac(bytes.subarray(macAt, macAt + 6))
    unanswered.delete(target)
    attempt.version++
  }

  #asked(attempt: Attempt, frame: number, target: IpAddress, isProbe: boolean): void {
    const timeNs = this.store.timeOf(frame)
    const { unanswered } = this.#newest.get(attempt)!
    const before = unanswered.get(target)
    if (before) before.frames.push(frame)
    else {
      const event: ArpEvent = {
        kind: 'arp',
        frame,
        timeNs,
        target,
        frames: [frame],
        isProbe,
        answer: -1,
        answeredBy: '',
      }
      unanswered.set(target, event)
      attempt.events.push(event)
    }
    attempt.version++
  }

  /** An EAP packet in EAPOL (IEEE 802.1X, RFC 3748 section 4): code 1 is a request, 2 a response. */
  #eapol(frame: number, bytes: Uint8Array): void {
    const at = this.#headers.payloadAt
    if (at < 0 || bytes.length < at + 5 || bytes[at + 1] !== 0) return
    const code = bytes[at + 4]
    if (code === 2) this.#heard.isEapAnswered = true
    else if (code === 1 && this.#heard.eapRequests.length < mostEapRequests) this.#heard.eapRequests.push(frame)
  }

  #tcp(frame: number, bytes: Uint8Array): void {
    const { sourcePort, destinationPort, tcpFlags, payloadAt, declaredEnd } = this.#headers
    const source = this.#headers.sourceIn(bytes)
    const destination = this.#headers.destinationIn(bytes)
    const timeNs = this.store.timeOf(frame)
    const up = this.#connections.get(endpointOf(source, sourcePort))
    const isOpening = (tcpFlags & tcp.syn) !== 0 && (tcpFlags & tcp.ack) === 0
    if (isOpening && (!up || up.event.requestFrame >= 0)) {
      const machine = this.#machineAt(source, bytes, knownMacAt(bytes, this.#headers.sourceMacAt))
      const attempt = machine?.attempts.at(-1)
      if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) return
      const event = newHttp(frame, timeNs, {
        client: source,
        clientPort: sourcePort,
        server: destination,
        serverPort: destinationPort,
      })
      this.#connections.delete(endpointOf(source, sourcePort))
      this.#connections.set(endpointOf(source, sourcePort), {
        event,
        attempt,
        bodyAt: -1,
        closedFrame: -1,
        clientNext: undefined,
        shown: undefined,
      })
      if (this.#connections.size > mostFlows) this.#connections.delete(this.#connections.keys().next().value!)
      this.store.mark(frame, { machine: machine.number })
      return this.#add(attempt, event, timeNs)
    }
    const connection = up ?? this.#connections.get(endpointOf(destination, destinationPort))
    if (!connection) return
    const { event, attempt } = connection
    this.store.mark(frame, { machine: attempt.machine.number })
    event.frames++
    event.lastFrame = frame
    // What closes the connection comes when the file is there already.
    if (declaredEnd > payloadAt || !isAnswered(event)) event.lastNs = timeNs
    if (!isOpening) this.#tls(connection, frame, bytes, up !== undefined)
    if (isOpening) event.syns.push(frame)
    else if (up) this.#httpRequest(connection, frame, bytes)
    else this.#httpAnswer(connection, frame, bytes)
    this.#touch(attempt, timeNs)
  }

  #tls(connection: Connection, frame: number, bytes: Uint8Array, isByClient: boolean): void {
    const { event } = connection
    const { payloadAt, payloadEnd, declaredEnd, tcpFlags, tcpSequence } = this.#headers
    if (event.requestFrame >= 0) return
    if (isByClient) {
      const due = connection.clientNext
      if (event.tls && due !== undefined && ((tcpSequence - due) | 0) > 0) event.tls.hasGap = true
      const end = (tcpSequence + declaredEnd - payloadAt) >>> 0
      if (declaredEnd > payloadAt && (due === undefined || ((end - due) | 0) > 0)) connection.clientNext = end
      if ((tcpFlags & (tcp.rst | tcp.fin)) !== 0 && event.hungUpFrame < 0) event.hungUpFrame = frame
    }
    // A connection is known for TLS by its first record.
    if (!event.tls && payloadEnd - payloadAt < 5) return
    for (const { type, at, handshake, serverName, alert } of readTlsRecords(bytes, payloadAt, payloadEnd)) {
      const tls = (event.tls ??= {
        serverName: '',
        helloFrame: -1,
        serverFrame: -1,
        server: undefined,
        alert: undefined,
        isSecured: false,
        hasGap: false,
      })
      if (handshake === 1 && isByClient && tls.helloFrame < 0) {
        tls.helloFrame = frame
        tls.serverName = serverName
      } else if (!isByClient && type === tlsContent.handshake && tls.serverFrame < 0) {
        tls.serverFrame = frame
        connection.shown = { bytes: new Uint8Array(), next: tcpSequence }
      }
      if (type === tlsContent.applicationData && !tls.isSecured && !tls.alert) {
        // In TLS 1.3 all but the two hellos looks like data. The first that the client sends is its Finished, or an alert: two
        // octets, one for what they are, and sixteen of the cipher (RFC 8446 section 5.2), shorter than any Finished.
        if (isByClient && u16At(bytes, at + 3) === 19) tls.alert = { frame, code: undefined, isByClient }
        else if (isByClient || (tls.server && tls.server.version < tls13)) tls.isSecured = true
      }
      // Nothing but "close notify" (0) is an error; what follows a handshake is encrypted.
      if (alert !== undefined && alert !== 0) tls.alert ??= { frame, code: alert, isByClient }
    }
    if (!isByClient && event.tls) this.#shown(connection, bytes, event.tls)
  }

  /** Gathers what the server shows of itself in the clear, which may take several segments. */
  #shown(connection: Connection, bytes: Uint8Array, tls: TlsHandshake): void {
    const { payloadAt, payloadEnd, declaredEnd, tcpSequence } = this.#headers
    const { shown } = connection
    if (!shown || tcpSequence !== shown.next || payloadEnd <= payloadAt) return
    shown.bytes = concatBytes([shown.bytes, bytes.subarray(payloadAt, payloadEnd)])
    shown.next = (tcpSequence + payloadEnd - payloadAt) >>> 0
    tls.server = readServerFlight(shown.bytes) ?? tls.server
    const isOver = tls.server?.isWhole === true || tls.server?.version === tls13 || payloadEnd < declaredEnd
    if (isOver || shown.bytes.length > mostShown) connection.shown = undefined
  }

  #httpRequest(connection: Connection, frame: number, bytes: Uint8Array): void {
    const { payloadAt, payloadEnd } = this.#headers
    const start = httpStart(bytes, payloadAt, payloadEnd)
    if (start?.kind !== 'request') return
    const { event: before } = connection
    if (before.requestFrame >= 0) {
      // The connection is kept for the next request (RFC 9112 section 9.3); one that is sent again changes nothing.
      if (before.answerFrame < 0) return
      connection.event = newHttp(frame, this.store.timeOf(frame), before)
      connection.event.isHeard = true
      connection.event.isKept = true
      connection.event.closedFrame = connection.closedFrame
      connection.bodyAt = -1
      this.#add(connection.attempt, connection.event, connection.event.timeNs)
    }
    const { event } = connection
    event.requestFrame = frame
    event.method = start.method
    event.target = start.target
  }

  #httpAnswer(connection: Connection, frame: number, bytes: Uint8Array): void {
    const { event } = connection
    const { payloadAt, payloadEnd, declaredEnd, tcpFlags, tcpSequence } = this.#headers
    event.isHeard = true
    if (tcpFlags & tcp.rst) {
      if (event.requestFrame >= 0) {
        if (!isAnswered(event) && event.resetFrame < 0) event.resetFrame = frame
      } else if (event.frames === event.syns.length + 1) {
        event.refusedFrame = frame
        this.#refusals.add(frame)
      }
    }
    if (tcpFlags & tcp.fin && connection.closedFrame < 0) {
      connection.closedFrame = frame
      if (event.requestFrame >= 0 && event.answerFrame < 0 && declaredEnd <= payloadAt) event.closedFrame = frame
    }
    const start = event.answerFrame < 0 ? httpStart(bytes, payloadAt, payloadEnd) : undefined
    // 100 Continue and its like come before the answer.
    if (start?.kind === 'answer' && start.status >= 200) {
      event.answerFrame = frame
      event.status = start.status
      event.reason = start.reason
      const head = String.fromCharCode(...bytes.subarray(payloadAt, Math.min(payloadEnd, payloadAt + 4096)))
      const length = /\r?\ncontent-length:\s*(\d+)/i.exec(head)
      if (length) event.size = Number(length[1])
      const end = /\r?\n\r?\n/.exec(head)
      event.location = /\r?\nlocation:[ \t]*([^\r\n]{0,300})/i.exec(end ? head.slice(0, end.index) : head)?.[1] ?? ''
      connection.bodyAt = (tcpSequence + (end ? end.index + end[0].length : payloadEnd - payloadAt)) >>> 0
      event.bodyNs = this.store.timeOf(frame)
    }
    if (connection.bodyAt < 0 || declaredEnd <= payloadAt) return
    const skip = (connection.bodyAt - tcpSequence) | 0
    if (event.bodyFrame < 0 && skip >= 0 && skip < declaredEnd - payloadAt) {
      event.bodyFrame = frame
      event.bodySkip = skip
    }
    // Sequence numbers begin anew after 4 GiB: how far it is follows from how far it was.
    const reached = event.bytes + ((tcpSequence + (declaredEnd - payloadAt) - connection.bodyAt - event.bytes) | 0)
    if (reached > event.bytes) event.bytes = event.size === undefined ? reached : Math.min(reached, event.size)
  }
}

/** Loopback frames, and those of clients whose hardware address no socket tells, have none. */
const knownMacAt = (bytes: Uint8Array, at: number): number => (at >= 0 && macKeyAt(bytes, at) === 0 ? -1 : at)

/** As machines are found by it; -1 for what is none. */
function hardwareKeyOf(mac: string): number {
  const bytes = parseHex(mac)
  return bytes?.length === 6 ? macKeyAt(bytes, 0) : -1
}

/** The hardware address that a link-local address was made of (RFC 4291 appendix A); undefined where it shows none. */
function hardwareOfLinkLocal(address: string): Uint8Array | undefined {
  const bytes = isLinkLocal(address) ? parseIpv6(address) : undefined
  if (bytes?.[11] !== 0xff || bytes[12] !== 0xfe) return undefined
  return Uint8Array.of(bytes[8]! ^ 2, bytes[9]!, bytes[10]!, bytes[13]!, bytes[14]!, bytes[15]!)
}

type HttpEnds = Pick<HttpEvent, 'client' | 'clientPort' | 'server' | 'serverPort'>

const newHttp = (frame: number, timeNs: number, { client, clientPort, server, serverPort }: HttpEnds): HttpEvent => ({
  kind: 'http', frame, timeNs, client, clientPort, server, serverPort, syns: [frame], isHeard: false, requestFrame: -1, method: '', target: '',
  answerFrame: -1, status: 0, reason: '', location: '', size: undefined, bytes: 0, bodyNs: -1, bodyFrame: -1, bodySkip: 0, refusedFrame: -1, resetFrame: -1, closedFrame: -1, isKept: false, refusal: undefined, tls: undefined, hungUpFrame: -1,
  lastNs: timeNs, lastFrame: frame, frames: 1,
}) // prettier-ignore

/** Whether the whole answer came, as far as its head tells. */
const isAnswered = ({ method, status, size, bytes }: HttpEvent): boolean =>
  status > 0 && (method === 'HEAD' || size === undefined || bytes >= size)
