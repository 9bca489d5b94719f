import { expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { blankMessage, broadcastFlag, encodeDhcp, ops } from '#shared/wire/dhcp/message.ts'
import { concatBytes, encodeText, formatMac, parseIpv4 } from '#shared/wire/bytes.ts'
import { duidOfMac, encodeDhcp6, iaOption } from '#shared/wire/dhcpv6/encode.ts'
import { decodeDhcp6, dhcp6Types, findDhcp6Option } from '#shared/wire/dhcpv6/message.ts'
import { identity6Of } from '#shared/machines/client-identity6.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import {
  censusMac,
  guardMac,
  isRehearsalDuid,
  labCheckName,
  labCheckOf,
  rehearsalUuid,
} from '#shared/wire/lab-checks.ts'
import { Session } from '#shared/trace/session.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'
import { Wire } from '../helpers/wire.ts'

const message = (mac: Uint8Array, type: number, xid: number, isReply = false): Uint8Array => {
  const chaddr = new Uint8Array(16)
  chaddr.set(mac)
  return encodeDhcp({
    ...blankMessage,
    op: isReply ? ops.reply : ops.request,
    xid,
    flags: broadcastFlag,
    chaddr,
    yiaddr: isReply ? parseIpv4('192.168.77.100')! : 0,
    options: [
      { code: 53, data: Uint8Array.of(type) },
      ...(isReply ? [{ code: 54, data: Uint8Array.of(192, 168, 77, 2) }] : []),
      { code: 93, data: Uint8Array.of(0, 7) },
      { code: 60, data: encodeText('PXEClient:Arch:00007:UNDI:003016') },
    ],
  })
}

/** The questions of a check at three times, as the census asks them: two clients at once. */
function check(mac: Uint8Array, isAnswered: boolean): Session {
  const wire = new Wire('uefi')
  const up = { from: '192.168.77.1', to: '255.255.255.255', sourcePort: 68, destinationPort: 67 }
  const down = { from: '192.168.77.2', to: '255.255.255.255', sourcePort: 67, destinationPort: 68 }
  for (const seconds of [0, 1, 2])
    for (const xid of [7, 8]) {
      wire.udp(seconds, up, message(mac, 1, xid), true)
      if (isAnswered) wire.udp(seconds + 0.001, down, message(mac, 2, xid, true), false)
    }
  return wire.session
}

test.each([
  ['asked before it starts', guardMac],
  ['the census', censusMac],
])('%s, and nobody answers: one check, no failed machine', (_, mac) => {
  const session = check(mac, false)
  expect(session.trace.machines.map((one) => one.name)).toEqual([formatMac(mac)])
  expect(session.trace.attempts).toHaveLength(1)
  const told = explainAttempt(session.store, session.trace.attempts[0]!, { nowNs: 600e9 })
  expect(told).toMatchObject({ outcome: 'check', failure: undefined, screen: [], causes: [], missing: [] })
  expect(told.headline).toBe(`${labCheckName}: no server answered.`)
  expect(told.sentences[0]).toMatchObject({
    text: expect.stringContaining('no machine boots here'),
    frames: [1, 2, 3, 4, 5, 6],
  })
})

test('who answered a check is told once each, and none of it was taken', () => {
  const session = check(censusMac, true)
  const told = explainAttempt(session.store, session.trace.attempts[0]!, { nowNs: 600e9 })
  expect(told.headline).toBe(`${labCheckName}: 192.168.77.2 answered.`)
  expect(told.offers.map((one) => one.taken)).toEqual([
    'no',
    'repeated',
    'repeated',
    'repeated',
    'repeated',
    'repeated',
  ])
  expect(told.sentences.map((one) => one.text)).toEqual([
    expect.stringContaining('no machine boots here'),
    expect.stringContaining('192.168.77.2 answered as DHCP and offered 192.168.77.100'),
  ])
})

test('any other address is a machine', () => {
  expect(labCheckOf('02:50:58:45:4c:44')).toBeUndefined()
  const session = check(Uint8Array.of(2, 0x50, 0x58, 0x45, 0x4c, 0x44), false)
  const outcomes = session.trace.attempts.map((one) => explainAttempt(session.store, one, { nowNs: 600e9 }).outcome)
  // Each new transaction is an attempt of its own, as with any firmware.
  expect(outcomes.length).toBeGreaterThan(1)
  expect(outcomes).not.toContain('check')
})

test('a rehearsal over IPv6 is a check, on whichever computer, and that computer stays itself', () => {
  const duid = concatBytes([Uint8Array.of(0, 4), rehearsalUuid])
  expect(isRehearsalDuid(duid)).toBe(true)
  expect([isRehearsalDuid(duid.subarray(0, 17)), isRehearsalDuid(concatBytes([Uint8Array.of(0, 4), new Uint8Array(16)])), isRehearsalDuid(undefined)]).toEqual([false, false, false]) // prettier-ignore
  const solicit = { type: dhcp6Types.solicit, xid: 7, options: [{ code: 1, data: duid }, iaOption({ iaid: 1, t1: 0, t2: 0, options: [] })] } // prettier-ignore
  const asked = decodeDhcp6(encodeDhcp6(solicit)).message
  // Its address of the link shows the card of the computer that rehearses.
  expect(identity6Of(asked, [], 'fe80::5054:ff:fe77:9').mac).toBe(formatMac(censusMac))
  const own = decodeDhcp6(
    encodeDhcp6({ ...solicit, options: [{ code: 1, data: duidOfMac('52:54:00:77:00:09') }] }),
  ).message
  expect(identity6Of(own, [], 'fe80::5054:ff:fe77:9').mac).toBe('52:54:00:77:00:09')

  const simulation = simulated(
    scenarioOf({
      segments: { lan: { network: '192.168.77.0/24', network6: '2001:db8:77::/64' } },
      hosts: { boot1: { kind: 'linux', on: { lan: '192.168.77.1' }, on6: { lan: '2001:db8:77::1' }, services: { DHCPv6Server: { subnets: [{ subnet: '2001:db8:77::/64', start: '2001:db8:77::100', end: '2001:db8:77::1ff' }], options: { 59: 'tftp://[2001:db8:77::1]/boot.efi' } }, 'router-advertisement': {} } } },
      clients: { pc1: { firmware: 'edk2-ipv6', on: 'lan' } },
    } as never),
  ) // prettier-ignore
  const plain = sessionOfSimulation(simulation)
  // The same frames with the identifier of a rehearsal.
  const known = duidTextOf(plain)
  const session = new Session()
  session.store.addInterface({ name: 'lan', linkType: linkTypes.ethernet })
  for (let frame = 1; frame <= plain.store.count; frame++) {
    const bytes = plain.store.bytesOf(frame).slice()
    for (let at = 0; at + known.length <= bytes.length; at++)
      if (known.every((octet, index) => bytes[at + index] === octet)) bytes.set(duid, at)
    session.store.add({ interface: 0, seconds: 0, nanoseconds: frame * 1000, bytes, originalLength: bytes.length })
    session.trace.advance()
  }
  expect(session.trace.machines.map((one) => one.check !== undefined)).toEqual([true])
  expect(plain.trace.machines.map((one) => one.check)).toEqual([undefined])
})

/** The client identifier of the first message that has one. */
function duidTextOf({ store }: Session): Uint8Array {
  for (let frame = 1; frame <= store.count; frame++) {
    const bytes = store.bytesOf(frame)
    const { message } = decodeDhcp6(bytes.subarray(62))
    const found = bytes[20] === 17 ? findDhcp6Option(message, 1) : undefined
    if (found) return found.data
  }
  throw new Error('no client identifier')
}
