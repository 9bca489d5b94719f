import { expect, test } from 'vitest'
import { compareCaptures } from '#shared/trace/compare.ts'
import type { Session } from '#shared/trace/session.ts'
import { sessionOf } from '../helpers/fixtures.ts'
import { text, Wire } from '../helpers/wire.ts'

const all = ({ store }: Session): number[] => Array.from({ length: store.count }, (_, at) => store.first + at)

test('both sides of a relay: every packet of the boot is found again, what concerns one segment is not compared', () => {
  const client = sessionOf('relay-uefi-x64.pcap')
  const server = sessionOf('relay-uefi-x64.server.pcap')
  const { rows, onlyLeft, onlyRight, clockDifferenceNs } = compareCaptures(client, all(client), server, all(server))
  expect({ onlyLeft, onlyRight }).toEqual({ onlyLeft: 0, onlyRight: 0 })
  expect(rows.length).toBeGreaterThan(720)
  // Taken at the same time on one machine.
  expect(Math.abs(clockDifferenceNs)).toBeLessThan(5e6)
  for (const row of rows) expect(Math.abs(row.delayNs!)).toBeLessThan(20e6)
  const discover = rows[0]!
  expect(client.summaryOf(discover.left!).summary).toBe('DISCOVER, UEFI x64 (7)')
  expect(server.summaryOf(discover.right!).summary).toEqual('DISCOVER, UEFI x64 (7), by relay 192.168.78.1')
})

test('clocks that differ are told apart from packets that died', () => {
  const here = new Wire('uefi')
  const there = new Wire('uefi')
  here.getsAddress(0, [text(60, 'PXEClient')], 'x.efi')
  there.getsAddress(3600, [text(60, 'PXEClient')], 'x.efi')
  // The boot server's side never sees the file asked for.
  here.tftp(1, { kind: 'rrq', filename: 'x.efi', mode: 'octet', options: [] }, true)
  const { rows, onlyLeft, onlyRight, clockDifferenceNs } = compareCaptures(here.session, all(here.session), there.session, all(there.session)) // prettier-ignore
  expect(clockDifferenceNs).toBe(3600e9)
  expect({ onlyLeft, onlyRight }).toEqual({ onlyLeft: 1, onlyRight: 0 })
  expect(rows.at(-1)).toMatchObject({ left: 5, right: undefined, delayNs: undefined })
})
