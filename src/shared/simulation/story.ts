/**
 * A finished simulation as a story that can be played, stepped and scrubbed: what happened, in steps that a person can
 * follow. File data is one step for each file, a packet that passes a router is one step with several hops, and the end of
 * each machine is a step of its own.
 */
import { say, together, type Phrase, withStrings } from '#messages/message.ts'
import { formatHex, formatIpv6, u32At } from '../wire/bytes.ts'
import { addressesOf, decodeDhcp6, dhcp6Types, unwrapRelays } from '../wire/dhcpv6/message.ts'
import { icmp6Types } from '../wire/icmpv6.ts'
import { formatIp, type IpAddress } from '../wire/ip-address.ts'
import { firmwareEntry, type FirmwareName } from '../machines/pxe-client/firmwares.ts'
import { linkLocalOf } from './host.ts'
import type { Transmission, Fate } from './network.ts'
import { macBytes, type TcpPacket, type UdpPacket } from './packet.ts'
import { scenarioNames } from './scenario-names.ts'
import { isDns, narrateFate, narrateUdp, tftpOpcode, type StepTone } from './narration.ts'
import { isDhcp6, narrateDhcp6, narrateIcmp6 } from './narration6.ts'
import type { ClientOutcome, LogLine, Simulation } from './simulation.ts'

export interface Hop {
  readonly from: string
  readonly to: readonly string[]
  readonly segment: string
}

export interface Step {
  /** Milliseconds since the simulation began. */
  readonly at: number
  readonly until: number
  readonly kind: 'packet' | 'file' | 'end'
  readonly tone: StepTone
  readonly hops: readonly Hop[]
  readonly fate: Fate
  readonly label: Phrase
  readonly sentence: Phrase
  /** The client whose boot it belongs to. */
  readonly client: string | undefined
  /** Number of the frame in the capture of the clients' segment, from 1. */
  readonly frame: number | undefined
}

export interface ScreenMoment {
  readonly at: number
  readonly text: string
}

export interface PortHolder {
  readonly firstPort: number
  readonly lastPort: number
  readonly service: string
}

export interface Story {
  /** What people call the hosts and clients that are named by their keys everywhere else. */
  readonly names: Readonly<Record<string, string>>
  /** The same by hardware address and by IP address: every network card, and the addresses of the hosts. */
  readonly addresses: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  readonly endMs: number
  readonly outcomes: readonly ClientOutcome[]
  /** The first file that each client asked for; absent where it asked for none. */
  readonly bootFiles: Readonly<Record<string, string>>
  /** What is printed on each client's screen, and when. */
  readonly screens: Readonly<Record<string, readonly ScreenMoment[]>>
  readonly families: Readonly<Record<string, string>>
  readonly log: readonly LogLine[]
  /** Who holds which UDP port of each host, when all services have started. */
  readonly ports: Readonly<Record<string, readonly PortHolder[]>>
}

interface Draft {
  at: number
  until: number
  kind: Step['kind']
  tone: StepTone
  hops: Hop[]
  fate: Fate
  label: Phrase
  sentence: Phrase
  client: string | undefined
  frame: number | undefined
}

interface FileDraft {
  readonly step: Draft
  blocks: number
  bytes: number
  resent: number
  highest: number
  name: Phrase
}

/** An address as a word of its own: neither part of a longer one nor of a URL. */
const addressWord = (address: string): RegExp =>
  new RegExp(`(?<![\\w.:/[])${address.replaceAll('.', '\\.')}(?![\\w/\\]]|[.:][\\w:])`, 'g')

/** A sentence, and what became of its packet where it did not arrive. */
const withFate = (sentence: Phrase, fate: Fate): Phrase => {
  const told = narrateFate(fate)
  return told === undefined ? sentence : together([sentence, told])
}

class StoryTeller {
  readonly #simulation: Simulation
  readonly #drafts: Draft[] = []
  readonly #names = new Map<IpAddress, string>()
  /** The same by what they look like in a text. */
  readonly #called: ReadonlyMap<string, string>
  readonly #titles: ReadonlyMap<string, string>
  /** The first file that each client asked for. */
  readonly bootFiles = new Map<string, string>()
  readonly #clientByMac = new Map<number, string>()
  /** Who was told last that an address is its own. */
  readonly #clientByAddress = new Map<IpAddress, string>()
  readonly #frames = new Map<Transmission, number>()
  /** How often each message was sent. */
  readonly #turns = new Map<string, number>()
  /** Running file transfers by their two ends. */
  readonly #files = new Map<string, FileDraft>()
  readonly #requested = new Map<string, string>()
  readonly #answeredArp = new Set<IpAddress>()
  readonly #isClient: ReadonlySet<string>
  readonly #last = new Map<Uint8Array, { readonly draft: Draft; readonly at: number }>()

  constructor(simulation: Simulation, titles: ReadonlyMap<string, string>) {
    this.#simulation = simulation
    this.#titles = titles
    this.#called = simulation.addressNames()
    this.#isClient = new Set(simulation.clients.map((one) => one.name))
    for (const node of simulation.clients) {
      const { mac } = node.host.nics[0]!
      this.#clientByMac.set(mac, node.name)
      this.#clientByAddress.set(linkLocalOf(macBytes(mac)), node.name)
    }
    for (const host of simulation.hosts.values())
      for (const nic of host.nics)
        for (const address of [nic.address, nic.linkLocal, ...nic.addresses6.map((own) => own.address)])
          if (address !== undefined) this.#names.set(address, this.#title(host.name))
    const segment = simulation.clients[0]?.host.nics[0]!.link.segment.name
    if (segment !== undefined)
      for (const [index, one] of simulation.captured(segment).entries()) this.#frames.set(one, index + 1)
  }

  tell(): Draft[] {
    for (const { packet } of this.#simulation.transmissions)
      if (packet.kind === 'arp' && packet.operation === 'reply') this.#answeredArp.add(packet.sender)
      else if (packet.kind === 'icmp6' && packet.payload[0] === icmp6Types.neighbourAdvertisement)
        this.#answeredArp.add(formatIpv6(packet.payload, 8))
    for (const one of this.#simulation.transmissions) this.#take(one)
    for (const file of this.#files.values()) this.#close(file)
    this.#tellEnds()
    return this.#drafts.sort((a, b) => a.at - b.at)
  }

  #title(key: string): string {
    return this.#titles.get(key) ?? key
  }

  #nameOf = (address: IpAddress): string => this.#names.get(address) ?? formatIp(address)

  /** Why a boot ended, with the hosts by their names as everywhere else in the story. */
  #name(text: Phrase): Phrase {
    return withStrings(text, (evidence) => {
      let named = evidence
      for (const [address, name] of this.#called) named = named.replace(addressWord(address), () => name)
      return named
    })
  }

  #hop({ from, to, segment }: Transmission): Hop {
    return { from: from.name, to: to.map(({ link }) => link.name), segment: segment.name }
  }

  #clientOf(transmission: Transmission): string | undefined {
    const { packet, from, to } = transmission
    const bySource = this.#clientByMac.get(packet.sourceMac)
    if (bySource !== undefined) return bySource
    if (packet.kind === 'udp' && packet.payload.length >= 240 && [67, 68, 4011].includes(packet.destinationPort)) {
      const { payload } = packet
      return this.#clientByMac.get(((payload[28]! << 8) | payload[29]!) * 0x1_0000_0000 + u32At(payload, 30))
    }
    if (packet.kind === 'udp' && isDhcp6(packet)) {
      // Between a relay agent and a server the message says who it is about.
      const { relays } = unwrapRelays(decodeDhcp6(packet.payload).message)
      const peer = relays.at(-1)?.relay?.peerAddress
      const about = peer === undefined ? undefined : this.#clientByAddress.get(peer)
      if (about !== undefined) return about
    }
    const names = [from.name, ...to.map(({ link }) => link.name)]
    return names.find((name) => this.#isClient.has(name)) ?? this.#byAddress(packet)
  }

  /** The client that has one of the addresses, where the packet is between a router and a server. */
  #byAddress(packet: Transmission['packet']): string | undefined {
    if (packet.kind === 'arp') return undefined
    return this.#clientByAddress.get(packet.source) ?? this.#clientByAddress.get(packet.destination)
  }

  #take(transmission: Transmission): void {
    const { packet, sentAt } = transmission
    if (packet.kind === 'arp') {
      if (packet.operation === 'request' && !this.#answeredArp.has(packet.target))
        this.#unansweredArp(transmission, packet.target)
      return
    }
    if (packet.kind === 'icmp6') {
      const target = packet.payload[0] === icmp6Types.neighbourSolicitation ? formatIpv6(packet.payload, 8) : undefined
      // Whoever asks without an address makes sure that nobody has the one it is about to take.
      if (target !== undefined && packet.source !== '::' && !this.#answeredArp.has(target))
        this.#unansweredArp(transmission, target)
      const told = narrateIcmp6(packet, this.#title(transmission.from.name))
      if (told) this.#push(transmission, told)
      return
    }
    if (packet.kind === 'icmp') {
      this.#push(transmission, {
        tone: 'other',
        label: say('narration.icmp-port-unreachable'),
        sentence: say('narration.port-unreachable', {
          host: this.#title(transmission.from.name),
          port: packet.about.destinationPort,
        }),
      })
      return
    }
    // The same datagram on its next hop.
    const before = this.#last.get(packet.payload)
    if (packet.payload.length > 0 && before && sentAt - before.at < 50 && before.draft.kind === 'packet') {
      before.draft.hops.push(this.#hop(transmission))
      before.draft.until = Math.max(before.draft.until, transmission.to[0]?.at ?? sentAt)
      before.draft.frame ??= this.#frames.get(transmission)
      if (transmission.fate !== 'delivered' && before.draft.fate === 'delivered') {
        before.draft.fate = transmission.fate
        before.draft.sentence = withFate(before.draft.sentence, transmission.fate)
      }
      return
    }
    if (packet.kind === 'tcp') this.#takeTcp(transmission, packet)
    else this.#takeUdp(transmission, packet)
  }

  #push(transmission: Transmission, told: Pick<Draft, 'tone' | 'label' | 'sentence'>): Draft {
    const { sentAt, to, fate, packet } = transmission
    const draft: Draft = {
      at: sentAt,
      until: to[0]?.at ?? sentAt,
      kind: 'packet',
      tone: told.tone,
      hops: [this.#hop(transmission)],
      fate,
      label: told.label,
      sentence: withFate(told.sentence, fate),
      client: this.#clientOf(transmission),
      frame: this.#frames.get(transmission),
    }
    this.#drafts.push(draft)
    if ('payload' in packet) this.#last.set(packet.payload, { draft, at: sentAt })
    return draft
  }

  #unansweredArp(transmission: Transmission, target: IpAddress): void {
    this.#push(transmission, {
      tone: 'other',
      label:
        typeof target === 'number'
          ? say('narration.arp-who-has', { address: formatIp(target) })
          : say('narration.who-has', { address: formatIp(target) }),
      sentence: say('narration.nobody-has', { host: this.#title(transmission.from.name), address: formatIp(target) }),
    })
  }

  #takeUdp(transmission: Transmission, packet: UdpPacket): void {
    if (isDhcp6(packet)) return this.#takeDhcp6(transmission, packet)
    const isDhcp = [67, 68, 4011].includes(packet.destinationPort)
    const opcode = isDhcp || isDns(packet) ? 0 : tftpOpcode(packet.payload)
    if (opcode === 3 || opcode === 4) return this.#takeBlock(transmission, packet, opcode)
    const client = this.#clientOf(transmission)
    const isFromClient = this.#isClient.has(transmission.from.name)
    let turn = 1
    if (isDhcp && isFromClient && client !== undefined) {
      // Turns count within a transaction: what a loaded program asks is a first time again.
      const key = `${client} ${packet.destinationPort} ${packet.payload[242]} ${u32At(packet.payload, 4)}`
      turn = (this.#turns.get(key) ?? 0) + 1
      this.#turns.set(key, turn)
    }
    if (isDns(packet) && isFromClient && client !== undefined) {
      const key = `${client} dns ${packet.sourcePort} ${formatHex(packet.payload)}`
      turn = (this.#turns.get(key) ?? 0) + 1
      this.#turns.set(key, turn)
    }
    if (opcode === 1) {
      const end = packet.payload.indexOf(0, 2)
      const file = String.fromCharCode(...packet.payload.subarray(2, end))
      this.#requested.set(`${packet.source}:${packet.sourcePort}`, file)
      this.#asksFor(client, file)
    }
    const isAck = isDhcp && packet.payload[0] === 2 && packet.payload[242] === 5 && packet.sourcePort === 67
    if (isAck && client !== undefined) this.#clientByAddress.set(u32At(packet.payload, 16), client)
    const to = isFromClient
      ? this.#nameOf(packet.destination)
      : (this.#relayOr(transmission) ?? (client === undefined ? formatIp(packet.destination) : this.#title(client)))
    this.#push(
      transmission,
      narrateUdp(packet, { from: this.#title(transmission.from.name), to, nameOf: this.#nameOf, turn }),
    )
  }

  #takeDhcp6(transmission: Transmission, packet: UdpPacket): void {
    const client = this.#clientOf(transmission)
    const { message } = decodeDhcp6(packet.payload)
    const { inner } = unwrapRelays(message)
    let turn = 1
    if (this.#isClient.has(transmission.from.name) && client !== undefined) {
      const key = `${client} 6 ${inner.type} ${inner.xid}`
      turn = (this.#turns.get(key) ?? 0) + 1
      this.#turns.set(key, turn)
    }
    if (client !== undefined && inner.type === dhcp6Types.reply)
      for (const { address } of addressesOf(inner)) this.#clientByAddress.set(address, client)
    const to = this.#names.get(packet.destination) ?? (client === undefined ? formatIp(packet.destination) : this.#title(client)) // prettier-ignore
    const from = this.#title(transmission.from.name)
    const told = narrateDhcp6(message, { from, to, client: client === undefined ? from : this.#title(client), turn })
    this.#push(transmission, told)
  }

  #asksFor(client: string | undefined, file: string): void {
    if (client !== undefined && !this.bootFiles.has(client)) this.bootFiles.set(client, file)
  }

  /** Between a relay and a server it is they who speak. */
  #relayOr({ packet }: Transmission): string | undefined {
    return packet.kind === 'udp' && packet.destinationPort === 67 ? this.#nameOf(packet.destination) : undefined
  }

  #takeBlock(transmission: Transmission, packet: UdpPacket, opcode: number): void {
    const isData = opcode === 3
    const [clientAddress, clientPort, serverAddress, serverPort] = isData
      ? [packet.destination, packet.destinationPort, packet.source, packet.sourcePort]
      : [packet.source, packet.sourcePort, packet.destination, packet.destinationPort]
    const key = `${clientAddress}:${clientPort} ${serverAddress}:${serverPort}`
    let file = this.#files.get(key)
    if (!file) {
      if (!isData) return
      const name = this.#requested.get(`${clientAddress}:${clientPort}`) ?? say('narration.a-file')
      const step = this.#push(transmission, { tone: 'tftp', label: name, sentence: '' })
      step.kind = 'file'
      file = { step, blocks: 0, bytes: 0, resent: 0, highest: 0, name }
      this.#files.set(key, file)
    }
    const { step } = file
    // On the next hop the same blocks are counted once.
    if (transmission.segment.name !== step.hops[0]!.segment) {
      if (isData && step.hops.length === 1) step.hops.push(this.#hop(transmission))
      step.frame ??= this.#frames.get(transmission)
      return
    }
    step.until = transmission.to[0]?.at ?? transmission.sentAt
    if (!isData) return
    const block = ((packet.payload[2]! << 8) | packet.payload[3]!) + Math.floor(file.highest / 65_536) * 65_536
    if (block <= file.highest && file.highest - block < 30_000) file.resent++
    else {
      file.highest = block < file.highest ? block + 65_536 : block
      file.blocks++
      file.bytes += packet.length - 4
    }
    if (transmission.fate !== 'delivered') step.fate = transmission.fate
  }

  #close({ step, blocks, bytes, resent, name }: FileDraft): void {
    const from = this.#title(step.hops[0]!.from)
    const seconds = Math.max(0.001, (step.until - step.at) / 1000)
    step.label = say('narration.file-of-size', { name, size: bytes })
    const isStuck = blocks <= 2 && resent > 1
    step.sentence = isStuck
      ? withFate(say('narration.first-block-again', { from, name }), step.fate)
      : say('narration.sends-file', { from, name, size: bytes, blocks, seconds, resent })
    if (!isStuck) step.fate = 'delivered'
  }

  #takeTcp(transmission: Transmission, packet: TcpPacket): void {
    const from = this.#title(transmission.from.name)
    const isFromClient = this.#isClient.has(transmission.from.name)
    if ((packet.flags & 2) !== 0 && (packet.flags & 16) === 0) {
      this.#push(transmission, {
        tone: 'http',
        label: say('narration.tcp-to-port', { port: packet.destinationPort }),
        sentence: say('narration.connects', {
          from,
          to: this.#nameOf(packet.destination),
          port: packet.destinationPort,
        }),
      })
      return
    }
    if ((packet.flags & 4) !== 0 && !isFromClient) {
      this.#push(transmission, {
        tone: 'http',
        label: say('narration.tcp-refused'),
        sentence: say('narration.refuses-connection', { from, port: packet.sourcePort }),
      })
      return
    }
    if (packet.length === 0) return
    if (isFromClient) {
      const line = String.fromCharCode(...packet.payload.subarray(0, 80)).split('\r\n')[0]!
      this.#asksFor(transmission.from.name, line.split(' ')[1] ?? '')
      this.#push(transmission, {
        tone: 'http',
        label: line,
        sentence: say('narration.asks-web-server', { from, line }),
      })
      return
    }
    const key = `tcp ${packet.source}:${packet.sourcePort} ${packet.destination}:${packet.destinationPort}`
    let file = this.#files.get(key)
    if (!file) {
      const status = String.fromCharCode(...packet.payload.subarray(0, 60))
        .split('\r\n')[0]!
        .slice(9)
      const step = this.#push(transmission, { tone: 'http', label: `HTTP ${status}`, sentence: '' })
      step.kind = 'file'
      file = { step, blocks: 0, bytes: 0, resent: 0, highest: 0, name: `HTTP ${status}` }
      this.#files.set(key, file)
    }
    if (transmission.segment.name !== file.step.hops[0]!.segment) return
    file.blocks++
    file.bytes += packet.length
    file.step.until = transmission.to[0]?.at ?? transmission.sentAt
  }

  #tellEnds(): void {
    for (const node of this.#simulation.clients) {
      const { result, endedAt } = node
      const name = this.#title(node.name)
      const at = endedAt ?? this.#simulation.clock.now
      const told =
        result === undefined
          ? { label: say('narration.still-waiting'), sentence: say('narration.is-waiting', { name }) }
          : result.state === 'booted'
            ? {
                label: say('narration.boots-label'),
                sentence: say('narration.boots', { name, because: this.#name(result.because) }),
              }
            : result.state === 'local'
              ? {
                  label: say('narration.next-boot-device'),
                  sentence: say('narration.goes-on', { name, because: this.#name(result.because) }),
                }
              : {
                  label: result.code || 'gives up',
                  sentence:
                    result.line === ''
                      ? say('narration.gives-up', { name, because: this.#name(result.because) })
                      : say('narration.gives-up-with', {
                          name,
                          line: result.line.trim(),
                          because: this.#name(result.because),
                        }),
                }
      this.#drafts.push({
        at,
        until: at,
        kind: 'end',
        tone: 'other',
        hops: [],
        fate: 'delivered',
        ...told,
        client: node.name,
        frame: undefined,
      })
    }
  }
}

/** Ports that matter to a boot, and the ranges that somebody sits on. */
const isOfBooting = ({ firstPort, lastPort }: PortHolder): boolean =>
  [67, 68, 69, 546, 547, 4011].includes(firstPort) || lastPort > firstPort

export function storyOf(simulation: Simulation): Story {
  const screens: Record<string, ScreenMoment[]> = {}
  const families: Record<string, string> = {}
  const outcomes = simulation.outcomes()
  for (const { name, firmware } of outcomes) {
    screens[name] = []
    families[name] = firmwareEntry(firmware as FirmwareName).family
  }
  for (const { at, client, event } of simulation.moments)
    if (event.type === 'screen') screens[client]!.push({ at, text: event.text })
  const ports: Record<string, PortHolder[]> = {}
  for (const host of simulation.hosts.values())
    ports[host.name] = host.bindings
      .map(({ firstPort, lastPort, service }) => ({ firstPort, lastPort, service }))
      .filter(isOfBooting)
      .sort((a, b) => a.firstPort - b.firstPort)
  const names = scenarioNames(simulation.scenario)
  const teller = new StoryTeller(simulation, names)
  return {
    names: Object.fromEntries(names),
    addresses: Object.fromEntries(simulation.addressNames()),
    steps: teller.tell(),
    bootFiles: Object.fromEntries(teller.bootFiles),
    endMs: simulation.clock.now,
    outcomes,
    screens,
    families,
    log: simulation.log,
    ports,
  }
}
