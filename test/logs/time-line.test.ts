/** A log and a capture of one boot on one time line: the difference of their clocks is found from what both hold. */
import { expect, test } from 'vitest'
import { textOf } from '#messages/text.ts'
import type { LogEntry } from '#shared/logs/entry.ts'
import { LogReading } from '#shared/logs/reading.ts'
import { LogMoments, timeLine } from '#shared/logs/time-line.ts'
import { address, machine, Wire } from '../helpers/wire.ts'

/** The wire begins 1000 s after 1970; the server's clock is at Central European time, and wrong by this much. */
const clockMs = 2310
const two = (value: number): string => String(value).padStart(2, '0')
const line = (wireMs: number, text: string, thread = '1'): string => {
  const local = 1_000_000 + wireMs + clockMs + 3_600_000
  const [hours, minutes, seconds] = [Math.floor(local / 3_600_000), Math.floor(local / 60_000) % 60, Math.floor(local / 1000) % 60] // prettier-ignore
  return `<![LOG[${text}]LOG]!><time="${two(hours)}:${two(minutes)}:${two(seconds)}.${String(local % 1000).padStart(3, '0')}-060" date="01-01-1970" component="SMSPXE" context="" type="1" thread="${thread}" file="a">\n`
}
const packet = (xid: string, kind: string, type: string): string => ` Operation: Boot${kind} (1)  Addr type: 1 Addr Len: 6 Hop Count: 0 ID: ${xid}\n Addr: ${machine}:\n Options:\n  Type=53 Msg Type: ${type}` // prettier-ignore

function momentsOf(text: string): LogMoments {
  const moments = new LogMoments()
  const reading = new LogReading({}, (entry: LogEntry) => moments.take(entry))
  reading.begin('SMSPXE.log')
  reading.push(text)
  reading.end()
  return moments
}

const wire = new Wire('uefi')
wire.asks(0, 1)
wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50')
wire.asks(4, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1')])
wire.answers(4.1, 5, '10.0.0.1', '10.0.0.50')
wire.loads(5, 'boot.efi', [new Uint8Array(512), new Uint8Array(1)])

const named = line(4010, `${machine.toUpperCase()}, X: no advertisements found`)

test.each([
  ['as the packet has it', '00001234'],
  ['with its octets turned', '34120000'],
])('by transaction identifiers, written %s', (_how, xid) => {
  const found = timeLine(momentsOf(line(3, packet(xid, 'Request', '1=Discover')) + line(4002, packet(xid, 'Request', '3=Request')) + named).all, wire.session) // prettier-ignore
  expect(found).toMatchObject({ isByPacket: true, matches: 2 })
  expect(Math.abs(found.offsetMs! - clockMs)).toBeLessThan(10)
  const [{ items, mac }] = found.machines as [(typeof found.machines)[number]]
  expect(mac).toBe(machine.toUpperCase())
  // What the log says of a packet stands beside that packet.
  expect(items.map((one) => [one.from, textOf(one.text).slice(0, 22)])).toEqual([
    ['wire', 'DHCPDISCOVER'],
    ['log', 'Operation: BootRequest'],
    ['wire', 'DHCPOFFER'],
    ['wire', 'DHCPREQUEST'],
    ['log', 'Operation: BootRequest'],
    ['log', `${machine.toUpperCase()}, X: no advertisements found`.slice(0, 22)],
    ['wire', 'DHCPACK'],
    ['wire', 'TFTP read request: boo'],
    ['wire', 'TFTP boot.efi: complet'],
  ])
})

test('by their times where the log has no packets; not at all where no machine is in both', () => {
  const found = timeLine(momentsOf(line(5, `${machine.toUpperCase()}, X: device is in the database.`) + line(4005, `${machine.toUpperCase()}, X: device is in the database.`)).all, wire.session) // prettier-ignore
  expect(found).toMatchObject({ isByPacket: false, matches: 2 })
  expect(Math.abs(found.offsetMs! - clockMs)).toBeLessThan(20)
  expect(timeLine(momentsOf(named.replaceAll(machine.toUpperCase(), '52:54:00:FF:FF:FF')).all, wire.session)).toEqual({ offsetMs: undefined, matches: 0, isByPacket: false, machines: [] }) // prettier-ignore
})
