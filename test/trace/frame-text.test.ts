/** Packets as text: what is copied can be read by the programs it is for. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { frameForms } from '#shared/trace/frame-text.ts'
import { nameAddresses } from '#shared/trace/name-addresses.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { sessionOf } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'

const session = sessionOf('proxy-uefi-x64.pcap')
const bytes = (frame: number): Uint8Array => session.store.bytesOf(frame)

test('one line a packet, and every field below it', () => {
  expect(frameForms.summary(session, [2])).toBe('2  0.000530  192.168.77.1:67 → 255.255.255.255:68  DHCP  OFFER')
  const [head, ...fields] = frameForms.text(session, [2]).split('\n')
  expect(head).toBe(frameForms.summary(session, [2]))
  expect(fields.map((one) => one.trim())).toContain('60 vendor-class-identifier: PXEClient')
})

test('a dump has offset, bytes and text; a stream the bytes alone', () => {
  const [first] = frameForms.hex(session, [1]).split('\n')
  expect(first).toMatch(/^0000 {2}ff ff ff ff ff ff 52 54 00 77 00 03 08 00 45 00 {2}\.{6}RT\.w\.{4}E\.$/)
  expect(frameForms['hex-stream'](session, [1])).toBe(formatHex(bytes(1)))
})

test('CSV quotes what needs it, and is no formula to a spreadsheet', () => {
  const own = sessionOf('proxy-uefi-x64.pcap')
  own.remarks.set(3, '=HYPERLINK("http://a","b"), and a comma')
  const lines = frameForms.csv(own, [2, 3]).split('\r\n')
  expect(lines[0]).toBe('number,time,source,destination,protocol,length,summary,machine,comment')
  expect(lines[1]).toMatch(/^2,0\.000530,192\.168\.77\.1:67,255\.255\.255\.255:68,DHCP,\d+,/)
  expect(lines[2]).toMatch(/,52:54:00:77:00:03,"'=HYPERLINK\(""http:\/\/a"",""b""\), and a comma"$/)
  expect(lines[3]).toBe('')
})

test('an array of C holds the bytes, and what came off the wire does not end its comment', () => {
  const text = frameForms['c-array'](session, [1])
  const found = [...text.matchAll(/0x([\da-f]{2})/g)].map((one) => one[1]).join('')
  expect(found).toBe(formatHex(bytes(1)))
  expect(text).toContain(`static const unsigned char packet_1[${bytes(1).length}]`)
  expect(text.match(/\*\//g)).toHaveLength(1)
})

describeWith(['text2pcap', 'tshark'], 'Wireshark', () => {
  test('makes the packets of a dump again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-dump-'))
    try {
      const [dump, capture] = [join(folder, 'dump.txt'), join(folder, 'dump.pcap')]
      writeFileSync(dump, frameForms.hex(session, [1, 2, 10]))
      execFileSync('text2pcap', [dump, capture], { stdio: 'ignore' })
      const told = execFileSync('tshark', ['-r', capture, '-T', 'fields', '-e', 'frame.len', '-e', 'dhcp.option.dhcp'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      expect(told.trim().split('\n')).toEqual([1, 2, 10].map((frame, at) => `${bytes(frame).length}\t${[1, 2, 3][at]}`))
      expect(readFileSync(capture).length).toBeGreaterThan(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}) // prettier-ignore

test.each([
  ['192.168.77.1 did not answer', 'WDS01 (192.168.77.1) did not answer'],
  ['asked 192.168.77.1, and 192.168.77.1 refused', 'asked WDS01 (192.168.77.1), and WDS01 refused'],
  ['52:54:00:77:00:03, UEFI firmware', 'Bench 3 (52:54:00:77:00:03), UEFI firmware'],
  ['from 192.168.77.1.', 'from WDS01 (192.168.77.1).'],
  ['192.168.77.10 and 1192.168.77.1 and 192.168.77.1.5', '192.168.77.10 and 1192.168.77.1 and 192.168.77.1.5'],
  ['address 192.168.77.1:69', 'address 192.168.77.1:69'],
  ['a network 10.0.0.0', 'a network 10.0.0.0'],
])('"%s" with the names that people gave', (text, said) => {
  const names = new Map([
    ['192.168.77.1', 'WDS01'],
    ['52:54:00:77:00:03', 'Bench 3'],
  ])
  expect(nameAddresses(text, names)).toBe(said)
})
