import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { formatMac, parseMac } from '#shared/wire/bytes.ts'
import {
  formatDateTime,
  formatDuration,
  formatPreciseDateTime,
  formatPreciseTime,
  formatTime,
  formatUtc,
  zoneAt,
} from '#shared/wire/time.ts'
import { summarize } from '#shared/wire/summary.ts'
import { explainAttempt } from '../helpers/told.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { Flows } from '#shared/trace/flows.ts'
import { FrameStore } from '#shared/trace/frame-store.ts'
import { ladderSvg } from '#shared/trace/ladder-svg.ts'
import { Session } from '#shared/trace/session.ts'
import { captureNames, fixture, framesIn, sessionOf } from '../helpers/fixtures.ts'
import { text, Wire } from '../helpers/wire.ts'

const frame = (fill: number, length: number): Uint8Array => new Uint8Array(length).fill(fill)

describe('frame store', () => {
  test('gives back what was put in, across segments', () => {
    const store = new FrameStore()
    const index = store.addInterface({ name: 'eth0', linkType: 1 })
    const lengths = [60, 1514, 9000, 0, 5_000_000]
    for (let count = 0; count < 20_000; count++)
      store.add({ interface: index, seconds: 1e9 + count, nanoseconds: count, bytes: frame(count & 255, count === 777 ? lengths[4]! : lengths[count % 4]!), direction: count % 2 ? 'in' : 'out' }) // prettier-ignore
    expect([store.first, store.last, store.count]).toEqual([1, 20_000, 20_000])
    for (const id of [1, 2, 3, 4, 778, 16_384, 16_385, 20_000]) {
      const bytes = store.bytesOf(id)
      expect(bytes.length).toBe(id === 778 ? 5_000_000 : lengths[(id - 1) % 4])
      if (bytes.length > 0) expect(bytes[bytes.length - 1]).toBe((id - 1) & 255)
      expect(store.timeOf(id)).toBe((id - 1) * 1e9 + (id - 1))
      expect(store.absoluteNs(id)).toBe(BigInt(1e9 + id - 1) * 1_000_000_000n + BigInt(id - 1))
      expect(store.directionOf(id)).toBe((id - 1) % 2 ? 'in' : 'out')
    }
    expect(() => store.bytesOf(0)).toThrow(RangeError)
    expect(() => store.bytesOf(20_001)).toThrow('frame 20001 is not kept: 1 to 20000 are')
  })

  test('with a limit forgets the oldest, and numbers go on', () => {
    const store = new FrameStore(10 * 1024 * 1024)
    store.addInterface({ name: 'eth0', linkType: 1 })
    for (let count = 0; count < 30_000; count++)
      store.add({ interface: 0, seconds: count, nanoseconds: 0, bytes: frame(count & 255, 1000), comment: count % 1000 === 0 ? `c${count}` : undefined }) // prettier-ignore
    expect(store.last).toBe(30_000)
    expect(store.bytesKept).toBeGreaterThanOrEqual(10 * 1024 * 1024)
    expect(store.bytesKept).toBeLessThan(16 * 1024 * 1024)
    expect(store.bytesOf(store.first)[0]).toBe((store.first - 1) & 255)
    expect(store.commentOf(1)).toBeUndefined()
    expect(store.commentOf(29_001)).toBe('c29000')
    store.clear()
    expect([store.first, store.last, store.count]).toEqual([30_001, 30_000, 0])
    expect(store.add({ interface: 0, seconds: 1, nanoseconds: 0, bytes: frame(1, 1) })).toBe(30_001)
  })
})

describe('the line about a frame', () => {
  test.each(captureNames)('is the same for lists, flows and trees: %s', (name) => {
    const session = sessionOf(name)
    const flows = new Flows()
    for (const [index, { bytes }] of framesIn(readFileSync(fixture(`captures/${name}`))).entries()) {
      const listed = session.summaryOf(index + 1)
      expect(flows.read(bytes, linkTypes.ethernet)).toEqual(listed)
      const { protocol, summary, source, destination } = session.dissectionOf(index + 1)
      expect({ protocol, summary, source, destination }).toEqual({ protocol: listed.protocol, summary: listed.summary, source: listed.source, destination: listed.destination }) // prettier-ignore
    }
  })

  test('a line that says malformed has a tree that says why', () => {
    const frames = captureNames.slice(0, 6).flatMap((name) => framesIn(readFileSync(fixture(`captures/${name}`))).slice(0, 40))
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.nat(600), fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 6 }), (one, length, changes) => {
        const bytes = new Uint8Array(one.bytes.subarray(0, length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        if (summarize(bytes, { linkType: 1 }).isMalformed) expect(dissect(bytes, { linkType: 1 }).problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 3000 },
    )
  }) // prettier-ignore
})

describe('what an ICMP error quotes', () => {
  /** Port unreachable about a datagram to port 69, whose header has `words` of four bytes and `rest` bytes behind it. */
  const unreachable = (words: number, rest: number): Uint8Array => {
    const ip = (length: number, total: number, protocol: number, from: number, to: number): number[] => [
      0x40 | length, 0, 0, total, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to, ...new Uint8Array((length - 5) * 4),
    ]
    const quoted = [...ip(words, words * 4 + rest, 17, 50, 1), ...[0x07, 0xd0, 0, 69, 0, 8, 0, 0].slice(0, rest)]
    const packet = [...ip(5, 28 + quoted.length, 1, 1, 50), 3, 3, 0, 0, 0, 0, 0, 0, ...quoted]
    return Uint8Array.from([0x52, 0x54, 0, 0xaa, 0, 1, 2, 0, 0, 0, 0, 1, 8, 0, ...packet])
  } // prettier-ignore
  test.each([
    [5, 8, true],
    [6, 4, true],
    [6, 8, true],
    [6, 3, false],
    [7, 0, false],
    [7, 3, false],
  ])('header of %i words and %i bytes: %s', (words, rest, isTold) => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [text(60, 'PXEClient')], 'x.efi')
    wire.tftp(1, { kind: 'rrq', filename: 'x.efi', mode: 'octet', options: [] }, true)
    wire.frame(1.1, unreachable(words, rest))
    const told = wire.session.trace.attempts[0]!.events.filter((one) => one.kind === 'icmp')
    expect(told).toHaveLength(isTold ? 1 : 0)
    if (isTold)
      expect(told[0]).toMatchObject({
        type: 3,
        code: 3,
        quoted: { protocol: 17, source: 0x0a00_0032, sourcePort: 2000, destination: 0x0a00_0001, destinationPort: 69 },
      })
  })
})

describe('machines and attempts', () => {
  test('any frames are taken in, explained and drawn without an exception', () => {
    const frames = captureNames.flatMap((name) => framesIn(readFileSync(fixture(`captures/${name}`))).slice(0, 60))
    const damaged = fc
      .tuple(fc.constantFrom(...frames), fc.nat(1500), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }))
      .map(([one, length, changes]) => {
        const bytes = new Uint8Array(one.bytes.subarray(0, length > 700 ? undefined : length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.array(damaged, { maxLength: 40 }), fc.array(fc.nat(5000), { minLength: 40, maxLength: 40 }), (list, gaps) => {
        const session = new Session()
        session.store.addInterface({ name: 'eth0', linkType: 1 })
        let ms = 0
        for (const [index, bytes] of list.entries()) {
          ms += gaps[index]!
          session.store.add({ interface: 0, seconds: Math.floor(ms / 1000), nanoseconds: (ms % 1000) * 1e6, bytes })
          session.trace.advance()
        }
        for (const attempt of session.trace.attempts) {
          const told = explainAttempt(session.store, attempt, { nowNs: session.endNs })
          expect(told.headline).not.toBe('')
          for (const one of told.sentences) for (const id of one.frames) expect(id === -1 || session.store.has(id), one.text).toBe(true)
          for (const one of told.missing) expect(one.dueNs).toBeGreaterThanOrEqual(one.afterNs)
          const { svg } = ladderSvg(explainedLadder(session, attempt, told), { width: 800 })
          expect(svg).not.toMatch(/NaN|undefined/)
        }
      }),
      { numRuns: 400 },
    )
  }) // prettier-ignore

  test('a session with a limit forgets old attempts with their frames, and goes on', () => {
    const wire = new Wire('bios', 64 * 1024)
    for (let turn = 0; turn < 12_000; turn++) {
      wire.xid++
      wire.getsAddress(turn * 700, [], 'boot.0')
    }
    const { store, trace } = wire.session
    expect(store.first).toBeGreaterThan(10_000)
    const kept = trace.attempts.filter((attempt) => attempt.events.length > 0)
    expect(kept.length).toBeLessThan(trace.attempts.length)
    expect(kept.every((attempt) => attempt.lastNs >= store.timeOf(store.first))).toBe(true)
    const told = explainAttempt(store, trace.attempts.at(-1)!, { nowNs: wire.session.endNs })
    expect(told.offers).toHaveLength(1)
    // One that is half forgotten is told as far as it is there.
    expect(explainAttempt(store, kept[0]!, { nowNs: wire.session.endNs }).headline).not.toBe('')
    expect(explainAttempt(store, trace.attempts[0]!, { nowNs: wire.session.endNs }).sentences).toHaveLength(1)
  })

  test('both sides of a relay lead to the same client', () => {
    const here = sessionOf('relay-uefi-x64.pcap')
    const there = sessionOf('relay-uefi-x64.server.pcap')
    expect(there.trace.machines[0]!.name).toBe(here.trace.machines[0]!.name)
    // The file goes over a router, with the router's hardware address: it belongs to the client all the same.
    const files = there.trace.attempts[0]!.events.filter((one) => one.kind === 'transfer')
    expect(files.map((one) => one.file)).toContain('grub/x64.efi')
  })

  test('blocks belong to their transfer whatever ports it uses, and the number wraps', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'big.bin')
    wire.tftp(1, { kind: 'rrq', filename: 'big.bin', mode: 'octet', options: [] }, true)
    const data = new Uint8Array(512)
    for (let block = 1; block <= 70_000; block++)
      wire.tftp(1 + block / 1e4, { kind: 'data', block: block & 0xffff, data: block === 70_000 ? data.subarray(0, 1) : data }, false)
    wire.tftp(9, { kind: 'ack', block: 70_000 & 0xffff }, true)
    const [transfer] = wire.session.trace.attempts[0]!.events.filter((one) => one.kind === 'transfer')
    expect(transfer).toMatchObject({ blocks: 70_000, bytes: 69_999 * 512 + 1, retransmissions: 0 })
    expect(transfer!.samples.length).toBeLessThan(110)
    expect(wire.session.store.transferOf(wire.session.store.last)).toBe(transfer!.number)
  }) // prettier-ignore

  test('fragments of one block are put together', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'x')
    wire.tftp(1, { kind: 'rrq', filename: 'x', mode: 'octet', options: [{ name: 'blksize', value: '4000' }] }, true)
    wire.tftp(1.1, { kind: 'oack', options: [{ name: 'blksize', value: '4000' }] }, false)
    const whole = new Wire('bios')
    const content = Uint8Array.from({ length: 3000 }, (_, at) => at & 255)
    whole.tftp(0, { kind: 'data', block: 1, data: content }, false)
    const packet = whole.session.store.bytesOf(1)
    const pieces = [[1480, 2960], [2960, packet.length - 34], [0, 1480]] // the last first: order does not matter
    for (const [index, [from, to]] of pieces.entries()) {
      const piece = new Uint8Array(34 + to! - from!)
      piece.set(packet.subarray(0, 34))
      piece.set(packet.subarray(34 + from!, 34 + to!), 34)
      const view = new DataView(piece.buffer)
      view.setUint16(16, piece.length - 14)
      view.setUint16(18, 77)
      view.setUint16(20, (to! < packet.length - 34 ? 0x2000 : 0) | (from! / 8))
      wire.frame(1.2 + index / 100, piece)
    }
    const { store, trace } = wire.session
    expect(store.reassembledOf(store.last)?.parts).toEqual([store.last - 2, store.last - 1, store.last])
    expect(store.contentOf(store.last).subarray(46)).toEqual(content)
    expect(wire.session.summaryOf(store.last).summary).toEqual('DATA 1, 3000 bytes')
    expect(trace.attempts[0]!.events.find((one) => one.kind === 'transfer')).toMatchObject({ bytes: 3000, blocks: 1, hasEverything: true })
  }) // prettier-ignore
})

describe('report', () => {
  test('one file without script or address, in which nothing of the machine is left when it is masked', () => {
    const session = sessionOf('fail-no4011-uefi-x64.pcap')
    const options = { title: 'boot', attempts: session.trace.attempts, madeAt: 0, version: '1' }
    const plain = htmlReport(session, { ...options, isMasked: false })
    expect(plain).toContain('PXE-E16')
    expect(plain).toContain('52:54:00:77:00:03')
    const masked = htmlReport(session, { ...options, isMasked: true })
    expect(masked).toContain('PXE-E16')
    for (const secret of [
      '52:54:00:77:00:03',
      '192.168.77.132',
      '192.168.77.1',
      '525400770003',
      '01-52-54-00-77-00-03',
    ])
      expect(masked, secret).not.toContain(secret)
    for (const html of [plain, masked]) expect(html).not.toMatch(/<script|src=|href=|url\(http/)
  })

  test('says when and by what it was made, and holds every part of a boot, once', () => {
    const session = sessionOf('fail-no4011-uefi-x64.pcap')
    const [attempt] = session.trace.attempts
    const told = explainAttempt(session.store, attempt!, { nowNs: session.endNs })
    const options = { title: 'boot', attempts: [attempt!], madeAt: Date.UTC(2026, 10, 25, 19, 30), version: '1.2' }
    const html = htmlReport(session, { ...options, isMasked: false, labText: 'mode: dhcp' })
    expect(html).toContain(
      `<p class="quiet">Made by PXE Lab 1.2, ${formatDateTime(options.madeAt)}; times are ${zoneAt(options.madeAt)}.</p>`,
    )
    expect(htmlReport(session, { ...options, isMasked: true })).toContain(
      `times are ${zoneAt(options.madeAt)}. Hardware addresses, IP addresses, `,
    )
    const headings = [...html.matchAll(/<h([23])>(.*?)</g)].map(([, level, text]) => `${level} ${text}`)
    expect(headings).toEqual([
      `2 ${attempt!.machine.name}, attempt 1`,
      '3 What happened',
      '3 On the screen',
      '3 Likely causes',
      '3 Ladder',
      '3 Offers',
      '3 Key packets',
      '2 Lab settings',
    ])
    expect(html).toContain(`, took ${formatDuration((attempt!.lastNs - attempt!.startNs) / 1e6)}.</p>`)
    expect(html.match(/<li class="/g)).toHaveLength(told.sentences.length)
    expect(html.match(/<details>/g)!.length).toBeGreaterThan(10)
    expect(html).toContain('<pre>mode: dhcp</pre>')
    expect(htmlReport(session, { ...options, isMasked: false })).not.toContain('Lab settings')
  })

  test('what strangers send is text', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], '<script>alert(1)</script>')
    const html = htmlReport(wire.session, { title: '<b>', attempts: wire.session.trace.attempts, isMasked: false, madeAt: 0, version: '1' })
    expect(html).not.toContain('<script>')
    expect(html).toContain('&#60;script&#62;')
  }) // prettier-ignore
})

test('hardware addresses are written as they are read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      expect(parseMac(formatMac(bytes))).toBe(formatMac(bytes))
    }),
  )
})

test('times are written as the calendar has them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(formatUtc(BigInt(ms) * 1_000_000n + 5n)).toBe(new Date(ms).toISOString())
    }),
  )
})

test('a moment has one form: date and time of the place, and the same to the millisecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      const written = formatPreciseDateTime(ms)
      expect(written).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
      expect(written.slice(0, -4)).toBe(formatDateTime(ms))
      expect(written.slice(11)).toBe(formatPreciseTime(ms))
      expect(written.slice(11, -4)).toBe(formatTime(ms))
      const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(zoneAt(ms))!
      const offsetMs = sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
      expect(Math.abs(Date.parse(`${written.replace(' ', 'T')}Z`) - offsetMs - ms)).toBeLessThan(60_000)
    }),
  )
  expect(formatDateTime(NaN)).toBe('at no known time')
})

test.each([
  [0, '0 ms'],
  [999.6, '1.0 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [119_600, '2 min 0 s'],
  [3_599_600, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d milliseconds are %s', (ms, told) => expect(formatDuration(ms)).toBe(told))

test('machines without a hardware address are told apart by option 61, as InfiniBand names them (RFC 4390)', () => {
  const wire = new Wire('linux')
  const identifier = (last: number) => ({
    code: 61,
    data: Uint8Array.of(255, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0xc9, 0, last),
  })
  const bare = { htype: 32, hlen: 0, chaddr: new Uint8Array(16) }
  wire.asks(0, 1, [identifier(1)], bare)
  wire.asks(0.1, 1, [identifier(2)], bare)
  wire.asks(0.2, 3, [identifier(1)], bare)
  expect(wire.session.trace.machines.map(({ name, attempts }) => [name, attempts[0]!.events.length])).toEqual([
    ['id ff:00:00:00:00:00:02:00:00:02:c9:00:01', 2],
    ['id ff:00:00:00:00:00:02:00:00:02:c9:00:02', 1],
  ])
})
