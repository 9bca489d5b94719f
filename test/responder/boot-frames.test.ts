/** What an agent sends of what it sees: all that a verdict needs, nothing that a file holds, and nothing of anybody else. */
import { spoken } from '../helpers/spoken.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { Session } from '#shared/trace/session.ts'
import { concatBytes, parseIpv4 } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { wrapTcp, wrapUdp } from '#shared/wire/frame.ts'
import { encodeLabNote, noteInterface } from '#shared/wire/lab-note.ts'
import { BootFrames } from '../../src/main/agent/boot-frames.ts'
import { captureNames, fixture, framesIn } from '../helpers/fixtures.ts'

const framesOf = (name: string): CapturedFrame[] =>
  framesIn(readFileSync(fixture(`captures/${name}`))).map((frame) => ({ ...frame, bytes: frame.bytes.slice() }))

function kept(frames: readonly CapturedFrame[]): CapturedFrame[] {
  const filter = new BootFrames()
  return frames.flatMap((frame) => {
    const length = filter.keeps(frame, linkTypes.ethernet)
    return length === 0 ? [] : [{ ...frame, bytes: frame.bytes.subarray(0, length) }]
  })
}

function told(frames: readonly CapturedFrame[]): string[] {
  const session = new Session()
  session.push(
    concatBytes([
      pcapngHeader('PXE Lab', [{ linkType: linkTypes.ethernet, name: 'eth0' }]),
      ...frames.map(({ seconds, nanoseconds, bytes, originalLength }) => pcapngFrame({ interface: 0, seconds, nanoseconds, bytes, originalLength })), // prettier-ignore
    ]),
  )
  session.end()
  const { store, trace } = session
  // The same moment for both: later than any time that an explanation waits for.
  return trace.attempts.map((attempt) => {
    const { outcome, headline, code } = explainAttempt(store, attempt, { nowNs: attempt.lastNs + 900e9 })
    return `${attempt.machine.name} ${outcome} ${headline} ${code?.code ?? ''}`
  })
}

test.each(captureNames)('%s is told the same from what is sent', (name) => {
  const frames = framesOf(name)
  const sent = kept(frames)
  expect(told(sent)).toEqual(told(frames))
  const bytes = (some: readonly CapturedFrame[]): number => some.reduce((sum, one) => sum + one.bytes.length, 0)
  expect(bytes(sent)).toBeLessThanOrEqual(bytes(frames))
  expect(bytes(sent)).toBeLessThan(400_000)
})

test('of a file that is loaded nothing but the heads of its blocks is sent', () => {
  const session = new Session()
  const frames = framesOf('full-uefi-x64.pcap')
  session.push(readFileSync(fixture('captures/full-uefi-x64.pcap')))
  session.end()
  const filter = new BootFrames()
  let blocks = 0
  for (const [at, frame] of frames.entries()) {
    const length = filter.keeps(frame, linkTypes.ethernet)
    const { protocol, summary } = spoken(session.summaryOf(at + 1))
    if (protocol !== 'TFTP' || !summary.startsWith('DATA ') || length === 0) continue
    blocks++
    // Ethernet, IPv4 and UDP are 42 octets (RFC 894, 791, 768).
    expect(length).toBeLessThanOrEqual(42 + (/^DATA 1\b/.test(summary) ? 600 : 32))
  }
  expect(blocks).toBeGreaterThan(10)
})

const mac = (last: number): Uint8Array => Uint8Array.of(0x52, 0x54, 0, 0x77, 0, last)
let clock = 0
const frameOf = (bytes: Uint8Array): CapturedFrame => ({ interface: 0, seconds: 1000 + Math.floor(clock / 10), nanoseconds: (clock++ % 10) * 1e8, bytes, originalLength: bytes.length, comment: undefined, direction: undefined }) // prettier-ignore
const udp = (from: string, sourcePort: number, to: string, destinationPort: number, size = 100): CapturedFrame =>
  frameOf(wrapUdp({ sourceMac: mac(1), destinationMac: mac(2), sourceAddress: parseIpv4(from)!, destinationAddress: parseIpv4(to)!, sourcePort, destinationPort, payload: new Uint8Array(size) })) // prettier-ignore
const tcp = (from: string, to: string, sequence: number, flags: number, payload: Uint8Array): CapturedFrame =>
  frameOf(wrapTcp({ sourceMac: mac(1), destinationMac: mac(2), source: parseIpv4(from)!, destination: parseIpv4(to)!, sourcePort: 80, destinationPort: 40_000, sequence, acknowledgement: 1, flags, payload, payloadLength: payload.length })) // prettier-ignore

describe('traffic of others', () => {
  test('is not sent: names, time, files over other ports, web pages of machines that do not boot', () => {
    const filter = new BootFrames()
    for (const frame of [
      udp('10.0.0.5', 40_000, '10.0.0.1', 53),
      udp('10.0.0.5', 123, '10.0.0.1', 123),
      udp('10.0.0.5', 40_000, '10.0.0.9', 41_000, 516),
      tcp('10.0.0.1', '10.0.0.5', 1, 0x18, new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\nsecret')),
      tcp('10.0.0.1', '10.0.0.5', 1, 2, new Uint8Array(0)),
    ])
      expect(filter.keeps(frame, linkTypes.ethernet)).toBe(0)
  })

  test('ARP is sent where it is about an address of a machine that boots', () => {
    const frames = framesOf('full-uefi-x64.pcap')
    const isArp = ({ bytes }: CapturedFrame): boolean => bytes[12] === 8 && bytes[13] === 6
    const arp = frames.findIndex(isArp)
    expect(arp).toBeGreaterThan(0)
    expect(new BootFrames().keeps(frames[arp]!, linkTypes.ethernet)).toBe(0)
    expect(kept(frames).some(isArp)).toBe(true)
  })
})

test('an answer over HTTP keeps its head; of a fast run of segments little is kept, of a repeated one everything', () => {
  const filter = new BootFrames()
  const keeps = (frame: CapturedFrame): number => filter.keeps(frame, linkTypes.ethernet)
  // A machine is known by the address that it loads a file from.
  expect(keeps(udp('10.0.0.5', 2000, '10.0.0.1', 69))).toBeGreaterThan(0)
  const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(1200)}`)
  expect(keeps(tcp('10.0.0.1', '10.0.0.5', 1, 0x18, head))).toBeGreaterThan(100)
  let sequence = 1 + head.length
  let routine = 0
  for (let at = 0; at < 2000; at++) {
    const frame = tcp('10.0.0.1', '10.0.0.5', sequence, 0x10, new Uint8Array(1400))
    // Two thousand segments within two seconds.
    const length = keeps({ ...frame, seconds: 2000 + Math.floor(at / 1000), nanoseconds: (at % 1000) * 1e6 })
    sequence += 1400
    expect(length === 0 || length <= 60).toBe(true)
    if (length > 0) routine++
  }
  expect(routine).toBeLessThan(64 + 2 * 51)
  const again = tcp('10.0.0.1', '10.0.0.5', 1 + head.length, 0x10, new Uint8Array(1400))
  expect(keeps({ ...again, seconds: 2002, nanoseconds: 0 })).toBeGreaterThan(0)
})

test('a machine that was quiet for an hour is known no more; notes of a responder are always sent', () => {
  const filter = new BootFrames()
  filter.keeps(udp('10.0.0.5', 2000, '10.0.0.1', 69), linkTypes.ethernet)
  const syn = { ...tcp('10.0.0.1', '10.0.0.5', 1, 2, new Uint8Array(0)) }
  expect(filter.keeps(syn, linkTypes.ethernet)).toBeGreaterThan(0)
  expect(filter.keeps({ ...syn, seconds: syn.seconds + 4000 }, linkTypes.ethernet)).toBe(0)
  const note = frameOf(encodeLabNote({ kind: 'not-booted', mac: '52:54:00:77:00:01', address: '', reason: 'no rule' }))
  expect(filter.keeps(note, noteInterface.linkType)).toBe(note.bytes.length)
})
