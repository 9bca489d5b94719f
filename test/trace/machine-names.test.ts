/** What machines are called: by people, servers and themselves; what strangers send as a name; masked reports. */
import { spoken } from '../helpers/spoken.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { named } from '#shared/diagnosis/explain/named.ts'
import { explainAttempt } from '../helpers/told.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { laneName, machineNames, nameAddresses } from '#shared/trace/name-addresses.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { address, machine, text, Wire } from '../helpers/wire.ts'

const second = '52:54:00:aa:00:02'
const chaddrOf = (mac: string): Uint8Array => Uint8Array.from([...mac.split(':').map((byte) => Number.parseInt(byte, 16)), ...new Uint8Array(10)]) // prettier-ignore
const as = (mac: string) => ({ chaddr: chaddrOf(mac) })

/** A machine that says its name, and a server that may call it something else. */
function boots(own: string, ofServer?: string): Wire {
  const wire = new Wire('uefi')
  wire.asks(0, 1, [text(12, own)])
  const called = ofServer === undefined ? [] : [text(12, ofServer)]
  wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', called)
  wire.asks(0.2, 3, [text(12, own), address(50, '10.0.0.50'), address(54, '10.0.0.1')])
  wire.answers(0.3, 5, '10.0.0.1', '10.0.0.50', called)
  wire.asks(0.4, 3, [text(12, own)], { ciaddr: 0x0a000032 })
  return wire
}
const namesOf = ({ session }: Wire, gave?: ReadonlyMap<string, string>) => [
  ...machineNames(session.trace.machines, gave),
]

describe('the name of a machine', () => {
  test('is that of people, else that of the server, else its own; for its addresses alike', () => {
    expect(namesOf(boots('PC-07'))).toEqual([[machine, 'PC-07'], ['10.0.0.50', 'PC-07']]) // prettier-ignore
    expect(namesOf(boots('PC-07', 'bench-3.lab'))).toEqual([[machine, 'bench-3.lab'], ['10.0.0.50', 'bench-3.lab']]) // prettier-ignore
    const gave = new Map([[machine, 'Bench 3']])
    expect(namesOf(boots('PC-07', 'bench-3.lab'), gave)).toEqual([[machine, 'Bench 3'], ['10.0.0.50', 'Bench 3']]) // prettier-ignore
    expect(namesOf(boots(''), gave)).toEqual([[machine, 'Bench 3'], ['10.0.0.50', 'Bench 3']]) // prettier-ignore
    const byAddress = new Map([['10.0.0.50', 'Address of bench 3']])
    expect(namesOf(boots('PC-07'), byAddress)).toEqual([[machine, 'PC-07'], ['10.0.0.50', 'Address of bench 3']]) // prettier-ignore
  })

  test.each([
    ['two machines', 'minint', 'MININT', new Map<string, string>()],
    ['a client, of another machine that people named', 'unnamed', 'Bench 3', new Map([[machine, 'bench 3']])],
    ['a client, of a server that people named', 'unnamed', 'wds01', new Map([['10.0.0.1', 'WDS01']])],
  ])('of %s is nobody’s', (_, first, other, gave) => {
    const wire = boots(first)
    wire.asks(2, 1, [text(12, other)], as(second))
    const names = machineNames(wire.session.trace.machines, gave)
    expect(names.get(second)).toBeUndefined()
    if (gave.size === 0) expect(names.size).toBe(0)
  })

  test('does not go with an address that another machine has too', () => {
    const wire = boots('PC-07')
    wire.asks(700, 1, [text(12, 'PC-08')], as(second))
    wire.answers(700.1, 5, '10.0.0.1', '10.0.0.50', [], '', as(second))
    const names = machineNames(wire.session.trace.machines)
    expect(names.get('10.0.0.50')).toBeUndefined()
    expect([names.get(machine), names.get(second)]).toEqual(['PC-07', 'PC-08'])
  })

  test.each([
    '<img src=x>', '10.0.0.1', '52-54-00-AA-00-02', '52:54:00:aa:00:02', 'a b', '-pc', '.', '\u202Egnp', 'pc\nAn event of another machine', 'ü', '$(id)',
    'x'.repeat(64), '', ' ', '=cmd|x', '../../etc',
  ])('that strangers send is no name: %j', (own) => expect(namesOf(boots(own))).toEqual([])) // prettier-ignore

  test.each(['PC-07', 'pc_7', '7', 'DESKTOP-8RA2KQ1', 'bench.lab.example', 'x'.repeat(63)])('that a machine can have is one: %s', (own) => {
    expect(new Map(namesOf(boots(own))).get(machine)).toBe(own)
  }) // prettier-ignore

  test('whatever a machine sends, it is called by letters, digits, hyphens, points and underscores, or by its address', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.stringMatching(/^[\w.:-]{1,70}$/)),
        (own) => {
          // Option 12 of a zero length is none (RFC 2132 section 3.14); more than 255 bytes are several.
          for (const [, name] of namesOf(boots(own))) expect(name).toMatch(/^\w[\w.-]{0,62}$/)
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('a server behind a router is called by its own address, never by the router whose hardware address brings it', () => {
  const names = new Map([['52:54:00:00:00:99', 'Router'], ['10.0.0.20', 'WDS server'], ['52:54:00:00:00:01', 'PC-07']]) // prettier-ignore
  const lane = (roles: string[], address: string, mac = '52:54:00:00:00:99') => laneName({ roles, address, mac }, names)
  expect(lane(['boot server', 'TFTP'], '10.0.0.20')).toBe('WDS server')
  expect(lane(['boot server', 'TFTP'], '10.0.0.21')).toBe('')
  expect(lane(['relay'], '')).toBe('Router')
  expect(lane(['client'], '10.0.0.20', '52:54:00:00:00:01')).toBe('PC-07')
})

describe('what is said of a boot', () => {
  const wire = boots('PC-07')
  wire.silence(120)
  const { session } = wire
  const attempt = session.trace.attempts[0]!
  const names = machineNames(session.trace.machines, new Map([['10.0.0.1', 'WDS01']]))

  test('has the names in every part of it, and in the ladder', () => {
    const found = explainAttempt(session.store, attempt, { nowNs: session.endNs })
    const told = named(found, names, machine)
    const all = (of: typeof found): string => JSON.stringify([of.headline, of.causes, of.fixes, of.tells, of.sentences, of.offers.map((one) => one.why), of.missing, of.notes]) // prettier-ignore
    expect(all(found)).toContain('10.0.0.1')
    expect(all(told)).toContain('WDS01 (10.0.0.1)')
    // Within one text the address stands by the name once, and never alone.
    for (const one of [told.headline, ...told.causes, ...told.fixes, ...told.tells, ...told.sentences.map((each) => each.text)])
      expect(one.replaceAll(/[\w-]+ \([\d.:a-f]+\)/g, '')).not.toMatch(/\b10\.0\.0\.1\b(?![:/])/)
    // What it was given is an address, not itself.
    expect(all(told)).toMatch(/(?:given|offered|has|acknowledged) 10\.0\.0\.50/)
    expect(named(found, new Map(), machine)).toEqual(spoken(found))
    const ladder = ladderText(explainedLadder(session, attempt, told), (lane) => laneName(lane, names))
    expect(ladder).toContain('PC-07')
    expect(ladder).toContain('WDS01')
    expect(ladder.replaceAll('WDS01 (10.0.0.1)', '')).toContain('10.0.0.1')
  }) // prettier-ignore

  test.each([
    ['http://10.0.0.1/boot.ipxe', 'http://10.0.0.1/boot.ipxe'],
    ['tftp://10.0.0.1/x from 10.0.0.1', 'tftp://10.0.0.1/x from WDS01 (10.0.0.1)'],
    ['PC-07 at 10.0.0.50', 'PC-07 at PC-07 (10.0.0.50)'],
    ['52:54:00:AA:00:01 asks', 'PC-07 (52:54:00:AA:00:01) asks'],
  ])('keeps what is no address of a sentence: %s', (said, expected) =>
    expect(nameAddresses(said, names)).toBe(expected),
  )

  test.each([
    ['PC-07', 'Bench 3'],
    ['A', 'B'],
    ['DHCP', 'option'],
    ['host-1', 'host-2'],
    ['10', 'Z'],
  ])('in a masked report has neither the name of the machine, %s, nor that of the server, %s', (own, ofServer) => {
    const told = boots(own)
    told.silence(120)
    const options = { title: 'boot', attempts: told.session.trace.attempts, madeAt: 0, version: '1' }
    const gave = new Map([['10.0.0.1', ofServer]])
    const plain = htmlReport(told.session, { ...options, names: gave, isMasked: false })
    for (const one of [`${own} (${machine})`, `${ofServer} (10.0.0.1)`]) expect(plain).toContain(one)
    const masked = htmlReport(told.session, { ...options, names: gave, isMasked: true })
    for (const secret of [`${own} (`, `${ofServer} (`, machine, '10.0.0.50']) expect(masked).not.toContain(secret)
  })

  test('in a masked report is one name, the same everywhere', () => {
    const options = { title: 'boot', attempts: [attempt], madeAt: 0, version: '1', isMasked: true }
    const masked = htmlReport(session, { ...options, names: new Map([['10.0.0.1', 'WDS01']]) })
    expect(masked).not.toMatch(/PC-07|WDS01/)
    const [, alias] = /(host-\d+) \(52:54:00/.exec(masked)!
    expect(masked).toMatch(new RegExp(`<h2>${alias} \\(52:54:00:00:00:01\\), attempt 1</h2>`))
    expect(masked.split(`${alias}`).length).toBeGreaterThan(2)
  })
})
