/** No printer of the command line hands anything of a packet to the terminal but text, nor lets it begin a line. */
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, encodeText } from '#shared/wire/bytes.ts'
import {
  blankMessage,
  broadcastFlag,
  encodeDhcp,
  type DhcpMessage,
  type DhcpOption,
} from '#shared/wire/dhcp/message.ts'
import { wrapTcp, wrapUdp } from '#shared/wire/frame.ts'
import { printable, printableLines } from '#shared/wire/printable.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { chaddr, ip } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { cli } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'

/** Title of the window, colours, the screen cleared, C1 controls, right-to-left, and a line that was never told. */
const evil = '\u001b]0;owned\u0007\u001b[31m\u001b[2J\u009b31m\u202e\b\u007f\r\nFORGED 10.0.0.9 has logged in\n'
const commands = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u

const mac = Uint8Array.of(2, 1, 2, 3, 4, 5)
const client = ip('192.168.77.100')
const server = ip('192.168.77.1')
const evilBytes = encodeText(evil)
const option = (code: number, ...data: readonly Uint8Array[]): DhcpOption => ({
  code,
  data: concatBytes(data).slice(0, 255),
})
const field = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(evilBytes.subarray(0, length - 1))
  return bytes
}

function frames(): Uint8Array[] {
  const envelope = { sourceMac: mac, destinationMac: new Uint8Array(6).fill(255) }
  const udp = (
    from: number,
    to: number,
    sourcePort: number,
    destinationPort: number,
    payload: Uint8Array,
  ): Uint8Array =>
    wrapUdp({ ...envelope, sourceAddress: from, destinationAddress: to, sourcePort, destinationPort, payload })
  const message = (type: number, options: readonly DhcpOption[], more: Partial<DhcpMessage> = {}): Uint8Array =>
    encodeDhcp({
      ...blankMessage,
      xid: 77,
      flags: broadcastFlag,
      chaddr: chaddr('020102030405'),
      options: [option(53, Uint8Array.of(type)), ...options],
      ...more,
    })
  const asked = [option(60, encodeText('PXEClient:Arch:00000:UNDI:002001'), evilBytes), option(93, Uint8Array.of(0, 0)), ...[12, 77, 17, 56, 81, 14, 15, 82].map((code) => option(code, evilBytes))] // prettier-ignore
  const given = [option(54, Uint8Array.of(192, 168, 77, 1)), option(51, Uint8Array.of(0, 0, 255, 0)), option(60, encodeText('PXEClient')), ...[15, 17, 56, 66, 67, 43].map((code) => option(code, evilBytes))] // prettier-ignore
  const answer = { op: 2 as const, yiaddr: client, siaddr: server, file: field(128), sname: field(64) }
  const tcp = (from: number, to: number, sourcePort: number, destinationPort: number, text: string): Uint8Array => {
    const payload = encodeText(text)
    return wrapTcp({ ...envelope, source: from, destination: to, sourcePort, destinationPort, sequence: 1, acknowledgement: 1, flags: 0x18, payload, payloadLength: payload.length }) // prettier-ignore
  }
  return [
    udp(0, 0xffffffff, 68, 67, message(1, asked)),
    udp(server, 0xffffffff, 67, 68, message(2, given, answer)),
    udp(0, 0xffffffff, 68, 67, message(3, [...asked, option(50, Uint8Array.of(192, 168, 77, 100))])),
    udp(server, 0xffffffff, 67, 68, message(5, given, answer)),
    udp(client, server, 2070, 69, encodeTftp({ kind: 'rrq', filename: evil, mode: evil, options: [{ name: evil, value: evil }] })), // prettier-ignore
    udp(client, server, 2071, 69, encodeTftp({ kind: 'rrq', filename: evil, mode: 'octet', options: [{ name: 'tsize', value: evil }] })), // prettier-ignore
    udp(server, client, 3000, 2071, encodeTftp({ kind: 'error', code: 1, message: evil })),
    tcp(client, server, 40000, 80, `GET /${evil} HTTP/1.1\r\nHost: ${evil}\r\n\r\n`),
    tcp(server, client, 80, 40000, `HTTP/1.1 404 ${evil}\r\nServer: ${evil}\r\n\r\n`),
  ]
}

function pcap(): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(262144, 16)
  head.writeUInt32LE(1, 20)
  return Buffer.concat([
    head,
    ...frames().flatMap((frame, at) => {
      const record = Buffer.alloc(16)
      record.writeUInt32LE(1000 + at, 0)
      record.writeUInt32LE(frame.length, 8)
      record.writeUInt32LE(frame.length, 12)
      return [record, frame]
    }),
  ])
}

/** A capture whose interface and comments are hostile as well. */
function pcapng(): Buffer {
  const u32 = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4)
    values.forEach((value, at) => bytes.writeUInt32LE(value >>> 0, at * 4))
    return bytes
  }
  const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
  const text = (code: number): Buffer =>
    Buffer.concat([u32(code | (evilBytes.length << 16)), padded(evilBytes), u32(0)])
  const block = (type: number, body: Buffer): Buffer => Buffer.concat([u32(type, body.length + 12), body, u32(body.length + 12)]) // prettier-ignore
  return Buffer.concat([
    block(0x0a0d0d0a, u32(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)),
    block(1, Buffer.concat([u32(1, 0), text(2)])),
    ...frames().map((frame, at) =>
      block(6, Buffer.concat([u32(0, 0, at * 1_000_000, frame.length, frame.length), padded(frame), text(1)])),
    ),
  ])
}

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-terminal-'))
  writeFileSync(join(root, 'evil.pcap'), pcap())
  writeFileSync(join(root, 'evil.pcapng'), pcapng())
  writeFileSync(
    join(root, 'evil.log'),
    `<![LOG[Failed to get DP locations ${evil}]LOG]!><time="1" date="2" component="${evil}" type="3">\n`,
  )
  writeFileSync(join(root, 'evil.yaml'), `interface: "${evil.replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).replaceAll('"', '')}"\nmode: wrong\n`) // prettier-ignore
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const isQuiet = (text: string, what: string): void => {
  expect(commands.exec(text)?.[0], `${what}: ${JSON.stringify(text.slice(0, 2000))}`).toBeUndefined()
  expect(
    text.split('\n').filter((line) => /^\s*FORGED/.test(line)),
    what,
  ).toEqual([])
}

describe('what a capture, a log or a lab file holds', () => {
  test.each([
    ['decode', 'evil.pcap'],
    ['decode', 'evil.pcapng'],
    ['decode', 'evil.pcapng', '--json'],
    ['decode', 'evil.pcap', '--tree'],
    ['decode', 'evil.pcapng', '--tree', '--json'],
    ['decode', 'evil.pcap', '--filter', 'dhcp'],
    ['explain', 'evil.pcap'],
    ['explain', 'evil.pcapng', '--ladder'],
    ['explain', 'evil.pcapng', '--json'],
    ['read-log', 'evil.log'],
    ['read-log', 'evil.log', '--json'],
    ['simulate', '--compare', 'evil.pcap'],
    ['simulate', 'evil.yaml'],
    ['respond', '--config', 'evil.yaml'],
    ['doctor', '--facts', 'evil.yaml'],
    ['plan', 'evil.yaml'],
    ['explain', 'no-such-EVIL'],
  ])('%s %s %s %s', (...values) => {
    const { stdout, stderr } = spawnSync(process.execPath, [cli, ...values.map((one) => one.replace('EVIL', evil))], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(stdout + stderr).not.toBe('')
    isQuiet(stdout, 'stdout')
    isQuiet(stderr, 'stderr')
    if (values.includes('--json') && values[0] !== 'read-log')
      for (const line of stdout.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
  })
})

test.each([[], ['--json']])('what clients say while it responds %j', async (...more) => {
  const [dhcp, tftp = 0, bootServer] = await freePorts(3)
  mkdirSync(join(root, 'boot'), { recursive: true })
  writeFileSync(join(root, 'boot/a'), 'x'.repeat(5000))
  writeFileSync(join(root, 'lab.yaml'), JSON.stringify({ interface: 'lo', mode: 'proxy-dhcp', ports: { dhcp, tftp, bootServer }, boot: { programs: [{ file: 'a' }] } })) // prettier-ignore
  const running = new Running(
    spawn(process.execPath, [cli, 'respond', '--config', join(root, 'lab.yaml'), ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  let printed = ''
  running.child.stdout!.on('data', (data: Buffer) => (printed += data.toString('utf8')))
  await running.sees(/ready/)
  const socket = createSocket('udp4')
  const heard = new Promise<number>((resolve) => socket.once('message', (_payload, from) => resolve(from.port)))
  socket.send(encodeTftp({ kind: 'rrq', filename: evil, mode: 'octet', options: [] }), tftp, '127.0.0.1')
  await heard
  socket.send(encodeTftp({ kind: 'rrq', filename: 'a', mode: evil, options: [] }), tftp, '127.0.0.1')
  const reader = createSocket('udp4')
  const from = new Promise<number>((resolve) => reader.once('message', (_payload, { port }) => resolve(port)))
  reader.send(encodeTftp({ kind: 'rrq', filename: 'a', mode: 'octet', options: [] }), tftp, '127.0.0.1')
  reader.send(encodeTftp({ kind: 'error', code: 0, message: evil }), await from, '127.0.0.1')
  await running.sees(/FORGED.*\n[^]*FORGED.*\n[^]*FORGED/)
  socket.close()
  reader.close()
  await running.stop()
  isQuiet(printed, 'the log')
})

test('whatever the text, one line is one line and holds no command; plain text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(printable(text)).not.toMatch(commands)
      expect(printable(text)).not.toMatch(/[\n\r\t\u2028\u2029\ufeff]/)
      expect(printableLines(text)).not.toMatch(commands)
      expect(printableLines(text).split('\n')).toHaveLength(text.split('\n').length)
    }),
  )
  expect(printable('Grüße, 東京 \\x')).toBe('Grüße, 東京 \\x')
  expect(printable(evil)).toContain('\\u001b[31m')
})

test('only the guarded way leads to the terminal', () => {
  const source = readFileSync(join(cli, '../run.ts'), 'utf8')
  expect(source.indexOf('guardTerminal()')).toBeGreaterThan(0)
  expect(source.indexOf('guardTerminal()')).toBeLessThan(source.indexOf('parseAsync()'))
})
