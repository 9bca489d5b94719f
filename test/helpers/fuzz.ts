/**
 * Mutation fuzzing of everything that reads what others wrote. The corpora are the fixtures, the examples that are shipped
 * and whatever once failed (`test/fixtures/fuzz`). An input follows from seed, target and number alone, so that each can be
 * made again; a call that does not come back is ended by the engine and told like one that throws.
 */
import { inEnglish } from '#messages/text.ts'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { readSignedProgram } from '#shared/secure-boot/authenticode.ts'
import { signerOf } from '#shared/secure-boot/signers.ts'
import { parseSbat } from '#shared/wire/secure-boot/sbat.ts'
import { readBootConfiguration } from '#shared/wire/boot-configuration.ts'
import { inspectBootProgram } from '#shared/wire/boot-program.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { decodeDhcp, encodeDhcp, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import { addressesOf, bootUrlOf, decodeDhcp6, failedStatusOf, unwrapRelays } from '#shared/wire/dhcpv6/message.ts'
import { recogniseFirmware6 } from '#shared/trace/firmware.ts'
import { FrameHeaders, hasDhcp6Ports } from '#shared/wire/headers.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { printable, printableLines } from '#shared/wire/printable.ts'
import { summarize } from '#shared/wire/summary.ts'
import { decodeTftp, encodeTftp } from '#shared/wire/tftp.ts'
import { BootServer } from '#shared/machines/boot-server.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { negotiate } from '#shared/machines/tftp-server/negotiation.ts'
import { ReadTransfer } from '#shared/machines/tftp-server/read-transfer.ts'
import { WriteTransfer } from '#shared/machines/tftp-server/write-transfer.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { bootConfigurationOf, dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { randomFor, type Random } from '#shared/simulation/random.ts'
import { compileFilter, completeFilter } from '#shared/trace/filter/filter.ts'
import { FilterError } from '#shared/trace/filter/syntax.ts'
import { Flows } from '#shared/trace/flows.ts'
import { ladderSvg } from '#shared/trace/ladder-svg.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { Session } from '#shared/trace/session.ts'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { explainAttempt } from './told.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { readLog } from '#shared/logs/reading.ts'
import { bootTable } from '#shared/interchange/boot-table.ts'
import { readDhcpExport } from '#shared/interchange/dhcp-export-xml.ts'
import { readDhcpd } from '#shared/interchange/dhcpd.ts'
import { readDnsmasq } from '#shared/interchange/dnsmasq.ts'
import { readJuniper } from '#shared/interchange/juniper.ts'
import { readKea } from '#shared/interchange/kea.ts'
import { readLabFile } from '#shared/interchange/lab-reader.ts'
import { readMikrotik } from '#shared/interchange/mikrotik.ts'
import { readNetsh } from '#shared/interchange/netsh.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { readSwitch } from '#shared/interchange/switch-lines.ts'
import { readWdsRegistry } from '#shared/interchange/wds-registry.ts'
import { plan } from '#shared/planner/plan.ts'
import { readSite } from '#shared/planner/site-text.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'
import { readScenario } from '../../src/main/workspace/scenario-library.ts'
import { cryptography } from '../../src/main/inspect/cryptography.ts'
import { captureNames, dhcpPayloads, fieldNames, fixture, framesIn, vector } from './fixtures.ts'
import { windowsServer } from './windows-server.ts'

const ip = (text: string): number => parseIpv4(text)!
export const below = (random: Random, end: number): number => Math.floor(random() * end)
export const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!

/** Values at which lengths, offsets and signs turn. */
const edges = [0, 1, 2, 0x3f, 0x7f, 0x80, 0xc0, 0xfe, 0xff]
const pieceLengths = [2, 8, 64, 400]

/** Room for the longest input and what eight changes add to it. */
const longestInput = 70_000
const room = new Uint8Array(longestInput + 8 * 400)

/** One to eight changes of a byte string, now and then a piece of another one. */
export function mutatedBytes(seed: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let size = Math.min(seed.length, longestInput)
  room.set(size === seed.length ? seed : seed.subarray(0, size))
  /** Makes room for so many bytes there. */
  const open = (at: number, length: number): void => {
    room.copyWithin(at + length, at, size)
    size += length
  }
  for (let left = 1 + below(random, 8); left > 0; left--) {
    const at = below(random, size + 1)
    const length = 1 + below(random, oneOf(random, pieceLengths))
    switch (below(random, 9)) {
      case 0:
        if (at < size) room[at]! ^= 1 << below(random, 8)
        break
      case 1:
        room[at] = oneOf(random, edges)
        size = Math.max(size, at + 1)
        break
      case 2:
        room[at] = below(random, 256)
        size = Math.max(size, at + 1)
        break
      case 3:
        room.copyWithin(at, at + length, size)
        size = Math.max(at, size - length)
        break
      case 4: {
        const copied = Math.min(length, size - at)
        open(at, copied)
        break
      }
      case 5:
        open(at, length)
        for (let index = at; index < at + length; index++) room[index] = below(random, 256)
        break
      case 6:
        size = at
        break
      case 7: {
        // A length or an offset of two octets, in either order.
        const value = oneOf(random, [0, 1, size, 0x7fff, 0x8000, 0xffff])
        const isBig = random() < 0.5
        if (at < size) room[at] = isBig ? value >> 8 : value
        if (at + 1 < size) room[at + 1] = isBig ? value : value >> 8
        break
      }
      default: {
        const from = below(random, other.length + 1)
        const piece = other.subarray(from, from + length)
        const replaced = Math.min(length, size - at)
        if (piece.length > replaced) open(at + replaced, piece.length - replaced)
        else if (piece.length < replaced) {
          room.copyWithin(at + piece.length, at + replaced, size)
          size -= replaced - piece.length
        }
        room.set(piece, at)
      }
    }
  }
  return room.slice(0, size)
}

const snippets = ['\u001b[2J', '\u0007', '\r', '\n', '\t', '\0', '\u202e', '\ud800', '"', "'", '(', ')', '!', '&&', '||', '==', '~', '*', '&a', '*a', '<<: ', '- ', ': ', '[', ']', '{', '}', '#', '-1', '1e309', '99999999999999999999', '0x', 'null', '..', '/', '\\', '<![LOG[', ']LOG]!>', '10.0.0.1/33', '::', '|'] // prettier-ignore

/** The same for text, by words, lines and what has a meaning in one of the languages. */
export function mutatedText(seed: string, other: string, random: Random): string {
  let text = seed
  for (let left = 1 + below(random, 6); left > 0; left--) {
    const at = below(random, text.length + 1)
    const length = 1 + below(random, oneOf(random, [2, 10, 80]))
    const insert = (piece: string, removed = 0): void => {
      text = text.slice(0, at) + piece + text.slice(at + removed)
    }
    switch (below(random, 7)) {
      case 0:
        insert('', length)
        break
      case 1:
        insert(text.slice(at, at + length))
        break
      case 2:
        insert(oneOf(random, snippets))
        break
      case 3:
        insert(oneOf(random, snippets), length)
        break
      case 4:
        insert(String.fromCharCode(below(random, random() < 0.8 ? 128 : 65_536)), 1)
        break
      case 5: {
        const from = below(random, other.length + 1)
        insert(other.slice(from, from + length), length)
        break
      }
      default:
        insert(oneOf(random, snippets).repeat(1 + below(random, 40)))
    }
  }
  return text
}

/** What does something in a terminal, line feeds and tabs apart. */
// eslint-disable-next-line no-control-regex
const commandsTerminal = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
/** What XML 1.0 section 2.2 has no place for. */
// eslint-disable-next-line no-control-regex
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

function holdsNone(pattern: RegExp, what: string, text: string): void {
  const found = pattern.exec(text)
  if (found)
    throw new Error(`${what} holds U+${found[0].charCodeAt(0).toString(16).padStart(4, '0')} at ${found.index}`)
}

/** Takes everything a machine has to say; one that never stops has a fault. */
function drain(machine: { pollTransmit(): unknown; pollEvent(): unknown }): void {
  for (let count = 0; machine.pollTransmit() !== undefined; count++)
    if (count > 100) throw new Error('the machine does not stop sending')
  for (let count = 0; machine.pollEvent() !== undefined; count++)
    if (count > 100) throw new Error('the machine does not stop telling')
}

/** What is tried: a corpus, and what is done with one changed input. */
interface Target<I> {
  readonly corpus: () => readonly I[]
  readonly run: (input: I, random: Random) => void
}

const files = (folder: URL, pattern: RegExp): URL[] =>
  existsSync(folder) ? readdirSync(folder).filter((one) => pattern.test(one)).sort().map((one) => new URL(one, folder)) : [] // prettier-ignore
const kept = (target: string): URL[] => files(fixture('fuzz/'), new RegExp(`^${target}-`))
const texts = (urls: readonly URL[]): string[] => urls.map((one) => readFileSync(one, 'utf8'))
const resources = (folder: string): URL => new URL(`../../resources/${folder}/`, import.meta.url)

const bytesTarget = (name: string, corpus: () => readonly Uint8Array[], run: Target<Uint8Array>['run']): Target<Uint8Array> => ({ corpus: () => [...corpus(), ...kept(name).map((one) => new Uint8Array(readFileSync(one)))], run }) // prettier-ignore
const textTarget = (name: string, corpus: () => readonly string[], run: Target<string>['run']): Target<string> => ({ corpus: () => [...corpus(), ...texts(kept(name))], run }) // prettier-ignore

const smallCaptures = (): string[] =>
  captureNames.filter((one) => one.startsWith('fail-') && !one.includes('wrongarch'))
const captureBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(`captures/${name}`)))
/** Frames of every capture, of the long ones the first. */
/** Captures of boots over IPv6. */
const overIpv6 = (): Uint8Array[] => fieldNames.filter((one) => one.startsWith('ipv6-') && !one.includes('after')).map((one) => new Uint8Array(readFileSync(fixture(`field/${one}`)))) // prettier-ignore
const ipv6Headers = new FrameHeaders()
/** Every DHCPv6 payload of them. */
const dhcp6Payloads = (): Uint8Array[] =>
  overIpv6().flatMap((one) => framesIn(one)).flatMap(({ bytes }) => {
    ipv6Headers.read(bytes, linkTypes.ethernet)
    return hasDhcp6Ports(ipv6Headers) ? [bytes.slice(ipv6Headers.payloadAt, ipv6Headers.payloadEnd)] : []
  }) // prettier-ignore
const someFrames = (): Uint8Array[] => [...overIpv6().flatMap((one) => framesIn(one).slice(0, 60)).map((one) => one.bytes), ...captureNames.flatMap((one) => framesIn(captureBytes(one)).slice(0, 60)).map((one) => one.bytes)] // prettier-ignore

const lab = labSchema.parse({
  interface: 'eth0',
  mode: 'dhcp',
  dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
  boot: { files: '.', programs: [{ architecture: 'bios', file: 'a.0' }, { architecture: 'x64-uefi', file: 'b.efi' }] },
}) // prettier-ignore
const interfaces = [{ name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }]
const answering = { interfaces, ports: { dhcp: 67, bootServer: 4011 }, filter: { allow: [], deny: [] }, boot: bootConfigurationOf(lab) } // prettier-ignore
const dhcpServer = new DhcpServer(dhcpConfigurationOf(lab, interfaces))
let dhcpTimeMs = 1000

const limits = { maxBlockSize: 1468, maxWindowSize: 64, mtu: 1500 }

/** Reads a capture in pieces of any size, and tells everything there is to tell. */
function readCapture(bytes: Uint8Array, random: Random): void {
  const session = new Session(random() < 0.2 ? 4096 : Infinity)
  for (let at = 0; at < bytes.length;) {
    const length = 1 + below(random, oneOf(random, [3, 64, 4096, 70_000]))
    session.push(bytes.slice(at, at + length))
    at += length
  }
  session.end()
  const { attempts } = session.trace
  for (const attempt of attempts.slice(0, 20)) {
    const told = explainAttempt(session.store, attempt, { nowNs: session.endNs })
    const ladder = explainedLadder(session, attempt, told)
    holdsNone(commandsTerminal, 'the ladder in a terminal', printableLines(ladderText(ladder)))
    const { svg } = ladderSvg(ladder, { width: 800 })
    if (/NaN|undefined/.test(svg.replaceAll(/>[^<]*</g, '><'))) throw new Error('the picture holds NaN or undefined')
    holdsNone(notXml, 'the picture', svg)
    for (const one of told.sentences) holdsNone(commandsTerminal, 'a sentence', printable(one.text))
  }
  if (random() < 0.1) {
    const options = { title: 'fuzz', attempts: attempts.slice(0, 5), madeAt: 0, version: '1', isMasked: random() < 0.5 }
    holdsNone(notXml, 'the report', htmlReport(session, options))
  }
}

let filtered: Session | undefined
const filterSession = (): Session => {
  if (!filtered) {
    filtered = new Session()
    filtered.push(captureBytes('fail-no4011-uefi-x64.pcap'))
    filtered.end()
  }
  return filtered
}

const filters = ['dhcp.type == offer && client == 52:54:00:77:00:03', 'tftp.blksize > 512 || !(error)', 'ip == 192.168.77.0/24', '"boot file" ~ /x.*/', 'dhcp.option.60 == "PXEClient"', 'frame >= 3 && frame < 10', 'words "two words" !dhcp'] // prettier-ignore
const logs = [
  '<![LOG[Getting boot action for unknown machine: item key: 2046820353]LOG]!><time="10:11:12.345+000" date="11-21-2026" component="SMSPXE" context="" type="1" thread="4321" file="database.cpp:533">',
  'TFTP: 192.168.77.100: Failed to send block: 0x80072746\n2026-11-21 10:11:12, Error 0x80070002 no boot file',
  '<![LOG[PXE::CBootImageManager::FindMatchingArchitectureBootImage]LOG]!><time="1" date="" component="" type="3">\n',
]

const sendBuffer = new Uint8Array(70_000)

function endTransfer(transfer: ReadTransfer | WriteTransfer): void {
  for (let count = 0; transfer.pollTransmit(sendBuffer) > 0; count++)
    if (count > 1000) throw new Error('the transfer does not stop sending')
  let now = 10
  for (let count = 0; transfer.pollEvent() === undefined; count++) {
    if (count > 1000) throw new Error('the transfer never ends')
    now = Math.max(now + 1, transfer.pollTimeout() ?? now)
    transfer.handle({ kind: 'timeout' }, now)
    for (let sent = 0; transfer.pollTransmit(sendBuffer) > 0; sent++)
      if (sent > 1000) throw new Error('the transfer does not stop sending')
  }
}

const tftpSeeds = (): Uint8Array[] => [
  ...['rrq', 'oack', 'err8', 'msft'].map(vector),
  encodeTftp({ kind: 'ack', block: 1 }),
  encodeTftp({ kind: 'data', block: 1, data: new Uint8Array(512) }),
  encodeTftp({ kind: 'error', code: 8, message: 'no' }),
  encodeTftp({ kind: 'rrq', filename: 'a\\b.efi', mode: 'octet', options: [{ name: 'blksize', value: '1468' }, { name: 'windowsize', value: '8' }, { name: 'tsize', value: '0' }] }), // prettier-ignore
]

export const fuzzTargets = {
  dhcp: bytesTarget('dhcp', () => dhcpPayloads().map((one) => one.payload), (input) => {
    const { message, hasCookie } = decodeDhcp(input)
    messageTypeOf(message)
    identityOf(message)
    // What was read can be written, and read again as the same.
    if (hasCookie && message.options.length < 200) decodeDhcp(encodeDhcp(message))
  }),
  dhcp6: bytesTarget('dhcp6', dhcp6Payloads, (input) => {
    const { message, problems } = decodeDhcp6(input)
    const { inner } = unwrapRelays(message)
    recogniseFirmware6(inner)
    addressesOf(inner)
    failedStatusOf(inner)
    bootUrlOf(inner)
    for (const { at } of problems) if (at < 0 || at > input.length) throw new Error(`a problem at ${at} of ${input.length} bytes`)
  }),
  tftp: bytesTarget('tftp', tftpSeeds, (input, random) => {
    const { packet } = decodeTftp(input)
    const options = packet?.kind === 'rrq' || packet?.kind === 'wrq' || packet?.kind === 'oack' ? packet.options : []
    const agreement = negotiate(options, 5000, limits)
    const read = new ReadTransfer({ source: { size: 5000, read: (_, target) => target.length }, agreement }, 0)
    const write = new WriteTransfer({ agreement: negotiate(options, undefined, limits), maximumBytes: 5000, sink: { write: () => random() < 0.9 } }, 0) // prettier-ignore
    for (const transfer of [read, write]) {
      transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'ack', block: 0 }) }, 1)
      transfer.handle({ kind: 'packet', payload: input }, 2)
      endTransfer(transfer)
    }
  }),
  servers: bytesTarget('servers', () => dhcpPayloads().map((one) => one.payload), (input, random) => {
    dhcpTimeMs += below(random, 10_000)
    const source = { address: random() < 0.5 ? 0 : below(random, 0x1_0000_0000), port: 68 }
    const datagram = { kind: 'datagram', interface: 'eth0', source, destinationPort: 67, payload: input } as const
    dhcpServer.handle(datagram, dhcpTimeMs)
    for (let count = 0; dhcpServer.pollChange() !== undefined; count++) if (count > 100) throw new Error('changes without end') // prettier-ignore
    drain(dhcpServer)
    const proxy = new ProxyDhcp(answering)
    proxy.handle(datagram)
    drain(proxy)
    const server = new BootServer(answering)
    server.handle({ ...datagram, destinationPort: 4011 })
    drain(server)
  }),
  frames: bytesTarget('frames', someFrames, (input, random) => {
    const linkType = random() < 0.7 ? linkTypes.ethernet : oneOf(random, Object.values(linkTypes))
    const { layers } = dissect(input, { linkType })
    for (const field of allFields(layers))
      if (field.at < 0 || field.at + field.length > input.length + 65_536) throw new Error(`field ${field.name} lies outside the frame`) // prettier-ignore
    const { summary } = summarize(input, { linkType, isTftp: random() < 0.5 || undefined })
    holdsNone(commandsTerminal, 'a summary in a terminal', printable(inEnglish(summary)))
    const flows = new Flows()
    flows.read(input, linkType)
  }),
  captures: bytesTarget('captures', () => [
    ...smallCaptures().map(captureBytes),
    ...overIpv6(),
    ...smallCaptures().map((one) => Buffer.concat([
      pcapngHeader('fuzz', [{ name: 'eth0', linkType: 1 }]),
      ...framesIn(captureBytes(one)).map(({ seconds, nanoseconds, bytes }) => pcapngFrame({ interface: 0, seconds, nanoseconds, bytes })),
    ])),
  ], readCapture),
  filters: textTarget('filters', () => filters, (input, random) => {
    const session = filterSession()
    try {
      const test = compileFilter(input, session)
      if (test) for (let frame = session.store.first; frame <= session.store.last; frame++) test(frame)
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      const { at, remedy } = error.problem
      if (at < 0 || at > input.length || remedy === '') throw new Error('the problem of a filter has no place or no remedy', { cause: error }) // prettier-ignore
    }
    try {
      completeFilter(input, below(random, input.length + 1), ['52:54:00:77:00:03'])
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
    }
  }),
  files: textTarget('files', () => [
    ...texts(files(resources('scenarios'), /\.yaml$/)).filter((one) => one.length < 2500),
    ...texts(files(resources('sites'), /\.yaml$/)).filter((one) => one.length < 6000),
    'interface: eth0\nmode: dhcp\ndhcp:\n  leaseSeconds: 3600\n  subnets:\n    - subnet: 192.168.77.0/24\n      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]\nboot:\n  files: ./files\n  programs: [{ architecture: bios, file: a.0 }]\n',
  ], (input) => {
    const parsed = parseLab(input)
    if (!parsed.ok) for (const { message, remedy } of parsed.problems) if (message === '' || remedy === '') throw new Error('a problem without words') // prettier-ignore
    const { site } = readSite(input)
    if (site) plan(site)
    readScenario(input, 'fuzz')
  }),
  facts: textTarget('facts', () => [
    JSON.stringify({ ...windowsServer({ services: { DHCPServer: 'running', WDSServer: 'running' } }), sources: {} }),
  ], (input) => {
    let value: unknown
    try {
      value = JSON.parse(input)
    } catch {
      return
    }
    const facts = factsSchema.safeParse(value)
    if (facts.success) diagnose(facts.data)
  }),
  configurations: textTarget('configurations', configurationTexts, (input) => {
    const file = { name: 'fuzz', text: input }
    for (const read of configurationReaders) {
      const { notUnderstood } = read(file)
      for (const { line, why } of notUnderstood) if (line < 1 || why === '') throw new Error('something is not understood without a line or a reason') // prettier-ignore
    }
    const found = readConfiguration(file, [{ name: 'other', text: 'filename "other.0";' }])
    if (found) bootTable(found)
  }),
  logs: textTarget('logs', () => logs, (input) => void readLog(input)),
  programs: bytesTarget('programs', () => [hiveHead(), programHead(), new Uint8Array(readFileSync(fixture('wire/signed.efi')))], (input) => {
    inspectBootProgram(input, 'a.efi')
    const program = readSignedProgram(input, cryptography)
    for (const one of program?.signatures ?? []) signerOf(one, cryptography)
    if (program?.sbat) parseSbat(program.sbat)
    readBootConfiguration(input)
  }),
} as const satisfies Readonly<Record<string, Target<Uint8Array> | Target<string>>> // prettier-ignore
export type FuzzTarget = keyof typeof fuzzTargets
export const fuzzTargetNames = Object.keys(fuzzTargets) as readonly FuzzTarget[]

const configurationReaders = [readKea, readDnsmasq, readDhcpd, readNetsh, readDhcpExport, readSwitch, readJuniper, readMikrotik, readWdsRegistry, readLabFile] as const // prettier-ignore
function configurationTexts(): string[] {
  const folder = fixture('interchange/')
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return found.map((one) => readFileSync(`${one.parentPath}/${one.name}`, 'utf8')).filter((one) => one.length < 8000)
}

function hiveHead(): Uint8Array {
  const hive = new Uint8Array(8192)
  hive.set(Buffer.from('regf', 'latin1'))
  hive.set(Buffer.from('hbin', 'latin1'), 4096)
  hive.set(Buffer.from('nk', 'latin1'), 4096 + 36)
  hive[0x24] = 0x20
  return hive
}

function programHead(): Uint8Array {
  const program = new Uint8Array(4096)
  program.set([0x4d, 0x5a])
  program[0x3c] = 0x80
  program.set([0x50, 0x45, 0, 0, 0x64, 0x86], 0x80)
  program.set([0x0b, 0x02], 0x98)
  return program
}

export interface FuzzFailure<T extends string = FuzzTarget> {
  readonly target: T
  readonly seed: number
  readonly index: number
  readonly input: Uint8Array | string
  readonly message: string
}

export interface FuzzRun<T extends string = FuzzTarget> {
  readonly inputs: number
  readonly ms: number
  readonly failure: FuzzFailure<T> | undefined
}

/** A call may take this long; what takes longer hangs, where it was this process that took the time and not the machine. */
const longestCallMs = 5000
const leastOwnShare = 0.6
/** Calls are made in bundles, for each costs the engine a watch of its own; a bundle ends behind this. */
const bundleMs = 500
const corpora = new Map<FuzzTarget, readonly (Uint8Array | string)[]>()

/** A target's own seed under a seed. */
const seeds = new Map<string, number>()
function seedOf(target: string, seed: number): number {
  const key = `${target} ${seed}`
  let own = seeds.get(key)
  if (own === undefined) seeds.set(key, (own = Math.floor(randomFor(seed, target)() * 0x1_0000_0000)))
  return own
}

/** Spreads 32 bits over 32 bits. */
function mixed(bits: number): number {
  let value = bits ^ (bits >>> 16)
  value = Math.imul(value, 0x21f0aaad)
  value ^= value >>> 15
  value = Math.imul(value, 0x735a2d97)
  return value ^ (value >>> 15)
}

/** Numbers in [0, 1) that depend on seed and index alone (splitmix32), and cost little to begin: every input does. */
function randomAt(seed: number, index: number): Random {
  let state = mixed(seed ^ mixed(index ^ mixed(Math.floor(index / 0x1_0000_0000))))
  return () => (mixed((state = (state + 0x9e3779b9) | 0)) >>> 0) / 0x1_0000_0000
}

/** What chance there is in input `index` of a target. */
export const randomOfInput = (target: string, seed: number, index: number): Random =>
  randomAt(seedOf(target, seed), index)

/** Input `index` of a target under a seed: always the same, whatever ran before. */
function inputOf(target: FuzzTarget, seed: number, index: number): { input: Uint8Array | string; random: Random } {
  let corpus = corpora.get(target)
  if (!corpus) corpora.set(target, (corpus = fuzzTargets[target].corpus()))
  const random = randomOfInput(target, seed, index)
  const one = oneOf(random, corpus)
  const other = oneOf(random, corpus)
  const input =
    typeof one === 'string' ? mutatedText(one, other as string, random) : mutatedBytes(one, other as Uint8Array, random)
  return { input, random }
}

const theGlobal = globalThis as { fuzzBatch?: () => number }

/** Tries inputs `from` to `from + count - 1` of a target, at most so long; ends with the first that fails. */
export function fuzz(target: FuzzTarget, seed: number, from: number, count: number, mostMs = Infinity): FuzzRun {
  const started = performance.now()
  const run = fuzzTargets[target].run as (input: Uint8Array | string, random: Random) => void
  const end = from + count
  const at = { index: from, input: '' as Uint8Array | string }
  const told = (failure: FuzzFailure | undefined): FuzzRun => ({
    inputs: at.index - from,
    ms: performance.now() - started,
    failure,
  })
  theGlobal.fuzzBatch = () => {
    for (const stop = performance.now() + bundleMs; at.index < end && performance.now() < stop; at.index++) {
      const { input, random } = inputOf(target, seed, at.index)
      at.input = input
      run(input, random)
    }
    return at.index
  }
  /** The engine can end a loop that nothing else could. */
  const bundle = (): number => {
    const before = process.cpuUsage()
    try {
      return runInThisContext('fuzzBatch()', { timeout: longestCallMs }) as number
    } catch (error) {
      const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
      if (isLate && process.cpuUsage(before).user / 1000 < longestCallMs * leastOwnShare) return at.index
      throw error
    }
  }
  try {
    for (let done = from; done < end && performance.now() - started < mostMs;) done = bundle()
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return told({ target, seed, index: at.index, input: at.input, message })
  } finally {
    delete theGlobal.fuzzBatch
  }
  return told(undefined)
}
