/**
 * Frames to machines, machines to boot attempts. Takes frames in order, each once, and keeps a small event for each that
 * matters; DATA and ACK only move the counters of their transfer. What it means is told by src/shared/diagnosis.
 */
import { formatIpv4, formatMac, macKeyAt, u16At, u32At } from '../wire/bytes.ts'
import { messageTypes } from '../wire/dhcp/kinds.ts'
import { DhcpGlance, typeless } from '../wire/dhcp/glance.ts'
import { decodeDhcp } from '../wire/dhcp/message.ts'
import { etherTypes, FrameHeaders, hasDhcpPorts, ipProtocols } from '../wire/headers.ts'
import { labCheckOf } from '../wire/lab-checks.ts'
import { httpStart, quotesPacket } from '../wire/summary.ts'
import { decodeTftp, looksLikeTftp, tftpOpcodes } from '../wire/tftp.ts'
import type { ArpEvent, Attempt, DhcpEvent, Heard, HttpEvent, Machine, TraceEvent } from './events.ts'
import { firmwareClocks, isFirmware, recogniseFirmware, type Firmware } from './firmware.ts'
import { icmpErrorOf, type Refusal } from './icmp.ts'
import type { FrameStore } from './frame-store.ts'
import { Reassembler } from './reassembly.ts'
import { Transfer } from './transfer.ts'

const second = 1e9
/** A program that was loaded asks the network again within this time: Windows PE unpacks a large image first. */
const nextProgramNs = 300 * second
/** iPXE that loads iPXE goes on at once; a machine that is switched on anew takes longer. */
const sameProgramNs = 3 * second
/** A check of PXE Lab asks this often at least. */
const sameCheckNs = 10 * second
/** What comes after so long a silence is no part of the boot before. */
const forgottenNs = 600 * second
/** Copies of one packet follow each other within this time; the packets that are looked back at. */
const duplicateNs = 2e6
const recentPackets = 8
/** Connections and transfers that are remembered, for packets that come late. */
const mostFlows = 65_536

const endpoint = (address: number, port: number): number => address * 65_536 + port
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
}

/** What the next packet of an attempt is compared with: a search through all its events would cost more with each. */
interface Newest {
  request: DhcpEvent | undefined
  /** Requests so far, and whether any message answered one. */
  asked: number
  isAnswered: boolean
  readonly files: (Transfer | HttpEvent)[]
  /** By the address that is asked for. */
  readonly unanswered: Map<number, ArpEvent>
}

const nothingYet = (): Newest => ({ request: undefined, asked: 0, isAnswered: false, files: [], unanswered: new Map() })

export class BootTrace {
  readonly #newest = new WeakMap<Attempt, Newest>()
  readonly store: FrameStore
  readonly machines: Machine[] = []
  readonly attempts: Attempt[] = []
  readonly #headers = new FrameHeaders()
  readonly #glance = new DhcpGlance()
  readonly #fragments = new Reassembler()
  readonly #byHardware = new Map<number, Machine>()
  readonly #byAddress = new Map<number, Machine>()
  /** By the client's end: its address and port. */
  readonly #transfers = new Map<number, { transfer: Transfer; attempt: Attempt }>()
  readonly #connections = new Map<number, Connection>()
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
    headers.read(bytes, linkType)
    if (headers.etherType === etherTypes.arp) return this.#arp(frame, bytes)
    if (headers.ipAt < 0) return
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
      else this.#udp(frame, bytes)
    } else if (ipProtocol === ipProtocols.tcp && headers.sourcePort >= 0) this.#tcp(frame, bytes)
    else if (ipProtocol === ipProtocols.icmp) this.#icmp(frame, bytes)
  }

  readonly #recent: { frame: number; timeNs: number; key: number }[] = Array.from({ length: recentPackets }, () => ({
    frame: 0,
    timeNs: -Infinity,
    key: 0,
  }))
  #recentAt = 0

  /**
   * Whether the capture holds this IPv4 packet already: a mirror port, or a capture of several interfaces, shows one packet more
   * than once. Equal in everything but what routers and links change (time to live, header checksum, hardware addresses, tags).
   */
  #isDuplicate(frame: number, bytes: Uint8Array): boolean {
    const { identification, ipAt, ipEnd, source, destination } = this.#headers
    const timeNs = this.store.timeOf(frame)
    const key = (identification * 65_537 + (ipEnd - ipAt) * 31 + source + destination) | 0
    // Systems that number no packets send two equal ones by themselves, though never so close together.
    const within = identification === 0 ? 200e3 : duplicateNs
    for (const known of this.#recent) {
      if (known.key !== key || timeNs - known.timeNs > within || !this.store.has(known.frame)) continue
      if (!this.#isSamePacket(known.frame, bytes, ipAt, ipEnd)) continue
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

  #isSamePacket(known: number, bytes: Uint8Array, ipAt: number, ipEnd: number): boolean {
    const before = this.store.bytesOf(known)
    this.#other.read(before, this.store.interfaceOf(known).linkType)
    const from = this.#other.ipAt
    if (from < 0 || this.#other.ipEnd - from !== ipEnd - ipAt) return false
    for (let at = 0; at < ipEnd - ipAt; at++)
      if (at !== 8 && at !== 10 && at !== 11 && before[from + at] !== bytes[ipAt + at]) return false
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

  #machineByHardware(key: number, name: string): Machine {
    let machine = this.#byHardware.get(key)
    if (!machine) {
      machine = { number: this.machines.length + 1, name, address: 0, check: labCheckOf(name), attempts: [] }
      this.machines.push(machine)
      this.#byHardware.set(key, machine)
    }
    return machine
  }

  readonly #heard: Heard = { replies: 0, choices: 0 }

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
      shares: undefined,
      heard: this.#heard,
      duplicates: 0,
      next: undefined,
      version: 0,
    }
    if (before) {
      before.next = attempt
      before.version++
    }
    machine.attempts.push(attempt)
    this.attempts.push(attempt)
    this.#newest.set(attempt, nothingYet())
    return attempt
  }

  #add(attempt: Attempt, event: TraceEvent, timeNs: number): void {
    attempt.events.push(event)
    const newest = this.#newest.get(attempt)!
    if (event.kind === 'transfer' || event.kind === 'http') newest.files.push(event)
    else if (event.kind === 'dhcp' && event.isReply) newest.isAnswered = true
    else if (event.kind === 'dhcp') {
      newest.request = event
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
    if (!isLeaseQuery) this.#keepAddress(machine, attempt, event)
    this.#add(attempt, event, timeNs)
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
    const firmware = event.isCut
      ? cutFirmware
      : this.#shared(recogniseFirmware(decodeDhcp(bytes.subarray(payloadAt, payloadEnd)).message))
    if (current && !isFresh) {
      if (!current.firmware) {
        current.firmware = firmware
        return current
      }
      if (this.#goesOn(current, event, firmware)) return current
    }
    return this.#begin(machine, event.timeNs, firmware)
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
  #goesOn(attempt: Attempt, event: DhcpEvent, firmware: Firmware): boolean {
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
    const { request, asked, isAnswered } = this.#newest.get(attempt)!
    const waits = firmwareClocks[firmware.kind].discover
    if (isAnswered || !request || asked >= waits.length) return false
    return event.timeNs - request.timeNs < waits[asked - 1]! * 1.5e6
  }

  /** The machine an IPv4 end belongs to: by its hardware address, unless a router stands between. */
  #machineAt(address: number, bytes: Uint8Array, macAt: number): Machine | undefined {
    const byAddress = this.#byAddress.get(address)
    if (byAddress || macAt < 0) return byAddress
    return this.#byHardware.get(macKeyAt(bytes, macAt))
  }

  #currentOf(machine: Machine, timeNs: number): Attempt {
    const current = machine.attempts.at(-1)
    return current && timeNs - current.lastNs <= forgottenNs ? current : this.#begin(machine, timeNs, undefined)
  }

  #udp(frame: number, bytes: Uint8Array): void {
    const { source, destination, sourcePort, destinationPort, payloadAt, payloadEnd } = this.#headers
    const timeNs = this.store.timeOf(frame)
    const opcode = payloadEnd - payloadAt >= 4 ? u16At(bytes, payloadAt) : 0
    const isRequest = opcode === tftpOpcodes.rrq || opcode === tftpOpcodes.wrq
    if (isRequest && (destinationPort === 69 || looksLikeTftp(bytes.subarray(payloadAt, payloadEnd))))
      return this.#tftpRequest(frame, timeNs, bytes)
    const up = this.#transfers.get(endpoint(source, sourcePort))
    const flow = up ?? this.#transfers.get(endpoint(destination, destinationPort))
    if (!flow) return
    const { transfer, attempt } = flow
    if (!up && transfer.serverPort >= 0 && transfer.serverPort !== sourcePort && transfer.serverPort !== 69) return
    transfer.handle(frame, timeNs, bytes, this.#headers, up !== undefined)
    this.store.mark(frame, { machine: attempt.machine.number, transfer: transfer.number })
    this.#touch(attempt, timeNs)
  }

  #tftpRequest(frame: number, timeNs: number, bytes: Uint8Array): void {
    const { source, destination, sourcePort, payloadAt, payloadEnd, sourceMacAt } = this.#headers
    const { packet } = decodeTftp(bytes.subarray(payloadAt, payloadEnd))
    if (packet?.kind !== 'rrq' && packet?.kind !== 'wrq') return
    const key = endpoint(source, sourcePort)
    const known = this.#transfers.get(key)
    // A client that never said a word in this transfer has heard no answer, or none that it takes.
    if (known && known.transfer.file === packet.filename && !known.transfer.hasClientSpoken) {
      known.transfer.repeat(frame, timeNs)
      this.store.mark(frame, { machine: known.attempt.machine.number, transfer: known.transfer.number })
      return this.#touch(known.attempt, timeNs)
    }
    const machine = this.#machineAt(source, bytes, sourceMacAt) ?? this.#machineSeenOnly(source, bytes, sourceMacAt)
    machine.address ||= source
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
  #machineSeenOnly(address: number, bytes: Uint8Array, macAt: number): Machine {
    if (macAt >= 0) {
      return this.#machineByHardware(macKeyAt(bytes, macAt), formatMac(bytes.subarray(macAt, macAt + 6)))
    }
    // Negative keys cannot be hardware addresses.
    return this.#machineByHardware(-1 - address, formatIpv4(address))
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
    const { unanswered } = this.#newest.get(attempt)!
    if (isReply) {
      const question = unanswered.get(sender)
      // Its own answer says nothing about the address.
      if (!question || macKeyAt(bytes, at + 8) === macKeyAt(bytes, macAt)) return
      question.answer = frame
      question.answeredBy = formatMac(bytes.subarray(at + 8, at + 14))
      unanswered.delete(sender)
      return
    }
    const isProbe = sender === 0 && target === machine.address
    // Announcements ask nobody (RFC 5227 section 2.3).
    if (sender === target || (!isProbe && (sender === 0 || target === machine.address))) return
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
    const machine = this.#byAddress.get(quoted.source) ?? this.#byAddress.get(quoted.destination)
    const attempt = machine?.attempts.at(-1)
    const timeNs = this.store.timeOf(frame)
    if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) return
    const flow =
      this.#transfers.get(endpoint(quoted.source, quoted.sourcePort)) ??
      this.#transfers.get(endpoint(quoted.destination, quoted.destinationPort))
    this.store.mark(frame, { machine: machine.number, transfer: flow?.transfer.number ?? 0 })
    const error = icmpErrorOf(type, bytes[payloadAt + 1]!)
    if (error) {
      const refusal: Refusal = {
        frame,
        type,
        code: bytes[payloadAt + 1]!,
        source,
        error,
        isOfClient: quoted.source === machine.address,
      }
      if (quoted.protocol === ipProtocols.udp) flow?.transfer.refused(refusal, timeNs)
      const connection =
        quoted.protocol === ipProtocols.tcp && this.#connections.get(endpoint(quoted.source, quoted.sourcePort))
      if (connection) connection.event.refusal ??= refusal
    }
    this.#add(
      attempt,
      { kind: 'icmp', frame, timeNs, source, destination, type, code: bytes[payloadAt + 1]!, quoted },
      timeNs,
    )
  }

  #tcp(frame: number, bytes: Uint8Array): void {
    const { source, destination, sourcePort, destinationPort, tcpFlags, payloadAt, declaredEnd } = this.#headers
    const timeNs = this.store.timeOf(frame)
    const up = this.#connections.get(endpoint(source, sourcePort))
    const isOpening = (tcpFlags & tcp.syn) !== 0 && (tcpFlags & tcp.ack) === 0
    if (isOpening && (!up || up.event.requestFrame >= 0)) {
      const machine = this.#byAddress.get(source)
      const attempt = machine?.attempts.at(-1)
      if (!machine || !attempt || timeNs - attempt.lastNs > forgottenNs) return
      const event = newHttp(frame, timeNs, {
        client: source,
        clientPort: sourcePort,
        server: destination,
        serverPort: destinationPort,
      })
      this.#connections.delete(endpoint(source, sourcePort))
      this.#connections.set(endpoint(source, sourcePort), { event, attempt, bodyAt: -1 })
      if (this.#connections.size > mostFlows) this.#connections.delete(this.#connections.keys().next().value!)
      this.store.mark(frame, { machine: machine.number })
      return this.#add(attempt, event, timeNs)
    }
    const connection = up ?? this.#connections.get(endpoint(destination, destinationPort))
    if (!connection) return
    const { event, attempt } = connection
    this.store.mark(frame, { machine: attempt.machine.number })
    event.frames++
    event.lastFrame = frame
    // What closes the connection comes when the file is there already.
    if (declaredEnd > payloadAt || !isAnswered(event)) event.lastNs = timeNs
    if (isOpening) event.syns.push(frame)
    else if (up) this.#httpRequest(connection, frame, bytes)
    else this.#httpAnswer(connection, frame, bytes)
    this.#touch(attempt, timeNs)
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
      connection.bodyAt = (tcpSequence + (end ? end.index + end[0].length : payloadEnd - payloadAt)) >>> 0
      event.bodyNs = this.store.timeOf(frame)
    }
    if (connection.bodyAt < 0 || declaredEnd <= payloadAt) return
    const reached = (tcpSequence + (declaredEnd - payloadAt) - connection.bodyAt) | 0
    if (reached > event.bytes) event.bytes = event.size === undefined ? reached : Math.min(reached, event.size)
  }
}

type HttpEnds = Pick<HttpEvent, 'client' | 'clientPort' | 'server' | 'serverPort'>

const newHttp = (frame: number, timeNs: number, { client, clientPort, server, serverPort }: HttpEnds): HttpEvent => ({
  kind: 'http', frame, timeNs, client, clientPort, server, serverPort, syns: [frame], isHeard: false, requestFrame: -1, method: '', target: '',
  answerFrame: -1, status: 0, reason: '', size: undefined, bytes: 0, bodyNs: -1, refusedFrame: -1, resetFrame: -1, refusal: undefined, lastNs: timeNs,
  lastFrame: frame, frames: 1,
}) // prettier-ignore

/** Whether the whole answer came, as far as its head tells. */
const isAnswered = ({ method, status, size, bytes }: HttpEvent): boolean =>
  status > 0 && (method === 'HEAD' || size === undefined || bytes >= size)
