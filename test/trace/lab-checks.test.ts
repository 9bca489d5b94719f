import { expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { blankMessage, broadcastFlag, encodeDhcp, ops } from '#shared/wire/dhcp/message.ts'
import { encodeText, formatMac, parseIpv4 } from '#shared/wire/bytes.ts'
import { censusMac, guardMac, labCheckName, labCheckOf } from '#shared/wire/lab-checks.ts'
import type { Session } from '#shared/trace/session.ts'
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
  expect(told.headline).toBe(`${labCheckName}: nobody answered.`)
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
