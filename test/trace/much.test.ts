/** Much of everything: what a stranger can make long, deep or numerous neither ends a reader nor makes it tell wrong. */
import { describe, expect, test } from 'vitest'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { compileFilter } from '#shared/trace/filter/filter.ts'
import { FilterError } from '#shared/trace/filter/syntax.ts'
import { Masker } from '#shared/trace/masking.ts'
import { Session } from '#shared/trace/session.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { sessionOf } from '../helpers/fixtures.ts'
import { Wire } from '../helpers/wire.ts'

describe('a filter', () => {
  const session = sessionOf('fail-no4011-uefi-x64.pcap')

  test.each([
    ['parentheses', '('.repeat(20_000)],
    ['closed parentheses', `${'('.repeat(20_000)}error${')'.repeat(20_000)}`],
    ['negations', `${'!'.repeat(20_000)}error`],
  ])('of 20,000 %s is refused at the place where it gets too deep', (_, text) => {
    expect(() => compileFilter(text, session)).toThrow(FilterError)
    try {
      compileFilter(text, session)
    } catch (error) {
      expect((error as FilterError).problem).toMatchObject({ at: 100, message: expect.stringContaining('nested') })
    }
  })

  test.each([
    ['&&', 'error && ', 'error'],
    ['words side by side', 'error ', 'error'],
    ['||', 'dhcp.type == inform || ', 'error'],
  ])('of 20,000 parts joined by %s finds what it says', (_, part, last) => {
    const test = compileFilter(`${part.repeat(20_000)}${last}`, session)!
    expect([9, 10, 12].map(test)).toEqual([false, true, true])
  })

  test('of levels that people write is taken', () => {
    const test = compileFilter(`${'('.repeat(50)}error${')'.repeat(50)}`, session)!
    expect([9, 10].map(test)).toEqual([false, true])
  })
})

test('a frame of the 70,000th interface of a file has the link type of that interface', () => {
  const interfaces = Array.from({ length: 70_000 }, (_, index) => ({
    name: `if${index % 2 ? index : 0}`,
    linkType: index === 69_999 ? linkTypes.rawIpv4 : linkTypes.ethernet,
  }))
  const session = new Session()
  session.push(pcapngHeader('test', interfaces))
  session.push(pcapngFrame({ interface: 69_999, seconds: 1, nanoseconds: 0, bytes: new Uint8Array(20) }))
  session.push(pcapngFrame({ interface: 2, seconds: 2, nanoseconds: 0, bytes: new Uint8Array(20) }))
  session.end()
  expect(session.damage).toBeUndefined()
  expect(session.store.interfaceOf(1)).toMatchObject({ name: 'if69999', linkType: linkTypes.rawIpv4 })
  expect(session.store.interfaceOf(2)).toMatchObject({ name: 'if0', linkType: linkTypes.ethernet })
  // Those of one name are one.
  expect(session.store.interfaces.length).toBe(35_001)
})

test('the ladder of a storm is drawn', () => {
  const wire = new Wire('uefi')
  for (let at = 0; at < 130_000; at++) wire.asks(at / 1000, 1)
  const [attempt] = wire.session.trace.attempts
  const { store } = wire.session
  const ladder = explainedLadder(wire.session, attempt!, explainAttempt(store, attempt!, { nowNs: wire.session.endNs }))
  expect(ladder.endNs).toBeGreaterThanOrEqual(attempt!.lastNs)
  const html = htmlReport(wire.session, {
    title: 'storm',
    attempts: [attempt!],
    isMasked: false,
    madeAt: 0,
    version: '1',
  })
  expect(html.length).toBeLessThan(1_000_000)
}, 60_000)

test('a storm of messages that say the same is a sentence', () => {
  const wire = new Wire('linux')
  wire.getsAddress(0)
  for (let at = 0; at < 30_000; at++) {
    wire.asks(1 + at / 1000, 8, [], { ciaddr: 0x0a000032 })
    wire.answers(1 + at / 1000, 5, '10.0.0.1', '10.0.0.50')
  }
  const [attempt] = wire.session.trace.attempts
  const { sentences } = explainAttempt(wire.session.store, attempt!, { nowNs: wire.session.endNs })
  expect(sentences.length).toBeLessThan(20)
  expect(sentences.some(({ frames }) => frames.length === 30_000)).toBe(true)
}, 60_000)

test('a report of many attempts tells the failed ones in full and each other one in a line', () => {
  const wire = new Wire('uefi')
  for (let at = 0; at < 250; at++) {
    wire.xid++
    // Nine of ten get no answer; a pause between them makes each an attempt of its own.
    if (at % 10 === 9) wire.getsAddress(at * 600)
    else for (const wait of [0, 4, 12, 28]) wire.asks(at * 600 + wait, 1)
  }
  const { attempts } = wire.session.trace
  expect(attempts.length).toBe(250)
  const outcomes = attempts.map((one) => explainAttempt(wire.session.store, one, { nowNs: wire.session.endNs }).outcome)
  const html = htmlReport(wire.session, { title: 'many', attempts, isMasked: false, madeAt: 0, version: '1' })
  const full = [...html.matchAll(/<h2>[^<]*, attempt (\d+)</g)].map((one) => Number(one[1]))
  expect(full.length).toBe(200)
  expect(full.every((ordinal) => outcomes[ordinal - 1] === 'failed')).toBe(true)
  const brief = [...html.matchAll(/<tr><td class="mono">[^<]*<\/td><td>(\d+)<\/td>/g)].map((one) => Number(one[1]))
  expect([...full, ...brief].sort((a, b) => a - b)).toEqual(attempts.map((one) => one.ordinal))
})

test('names that are masked: the longest, all of them, at each place', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `pc${index}`)
  const masker = new Masker([...names, 'pc1-bios', '$&'])
  expect(masker.mask('pc1-bios.cfg pc1 pc4999x $& PC1')).toBe('host-1.cfg host-2 host-3x host-4 PC1')
  expect(masker.mask('xpc1y')).toBe('xhost-2y')
})
