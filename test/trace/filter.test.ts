import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { completeFilter, compileFilter } from '#shared/trace/filter/filter.ts'
import { FilterError } from '#shared/trace/filter/syntax.ts'
import type { Session } from '#shared/trace/session.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { fixture, sessionOf } from '../helpers/fixtures.ts'
import { Wire } from '../helpers/wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const session = sessionOf('proxy-uefi-x64.pcap')
const matches = (text: string, of: Session = session): number[] => {
  const test = compileFilter(text, of)
  const all = Array.from({ length: of.store.count }, (_, at) => at + 1)
  return test ? all.filter(test) : all
}

test.each([
  ['client == 52:54:00:77:00:03 && dhcp.type == offer', [2, 3]],
  ['dhcp.type=offer', [2, 3]],
  ['dhcp.type == offer and source == 192.168.77.1', [2]],
  ['4011 REQUEST', [10]],
  ['port == 4011', [10, 11]],
  ['tftp.type == read', [12, 15, 730]],
  ['tftp.type == read && !(tftp.file contains x64)', [730]],
  ['protocol == proxydhcp || tftp.type == oack', [10, 11, 13, 16, 731]],
  ['"grub/x64.efi" dhcp', [11]],
  ['dhcp.xid == 0xb5987a9f', [1, 2, 3, 6, 7]],
  ['address == 192.168.77.2/32', [3, 7]],
  ['arch == 7 and not dhcp.type == discover', [6, 10]],
  ['time > 5 && tftp.type == data', [733]],
  ['dhcp.option.requested_ip_address', [6]],
  ['error', []],
  ['mac == ff:ff:ff && dhcp.type == request', [6]],
  ['frame <= 2', [1, 2]],
])('%s', (text, frames) => {
  expect(matches(text)).toEqual(frames)
})

test('an empty filter takes everything, and errors are found', () => {
  expect(matches('  ')).toHaveLength(734)
  expect(matches('error', sessionOf('fail-no4011-uefi-x64.pcap'))).toEqual([10, 12, 14, 18])
  expect(matches('error', sessionOf('fail-httpclosed-uefi-x64.pcap'))).toEqual([10])
  expect(matches('malformed', sessionOf('full-uefi-x64.pcap'))).toEqual([])
})

test.each([
  ['blub == 3', 0, 'there is no field blub'],
  ['dhcp.type ==', 10, 'has no value'],
  ['port == abc', 8, 'cannot be "abc"'],
  ['port > abc', 7, 'compares with no number'],
  ['(offer', 0, 'not closed'],
  ['offer)', 5, 'has no beginning'],
  ['&& offer', 0, 'stands alone'],
  ['address == 192.168', 11, 'cannot be'],
  ['offer ||', 8, 'ends here'],
])('%s says what is wrong, where', (text, at, message) => {
  try {
    compileFilter(text, session)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(FilterError)
    const { problem } = error as FilterError
    expect(problem.at).toBe(at)
    expect(problem.message).toContain(message)
    expect(problem.remedy).not.toBe('')
  }
})

test.each([
  [5000, 69, true],
  [69, 5000, true],
  [5000, 6000, false],
])('a datagram from port %i to %i that belongs to no transfer is TFTP: %s', (sourcePort, destinationPort, isTftp) => {
  const wire = new Wire('uefi')
  const ends = { from: '10.0.0.50', to: '10.0.0.1', sourcePort, destinationPort }
  wire.udp(1, ends, encodeTftp({ kind: 'error', code: 1, message: 'no' }), true)
  expect(matches('tftp.type == error', wire.session)).toHaveLength(isTftp ? 1 : 0)
})

test.each([
  [0, false],
  [3, true],
  [8, false],
  [11, true],
  [12, true],
  [13, false],
])('ICMP of type %i is an error: %s', (type, isError) => {
  const wire = new Wire('uefi')
  const header = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 50]
  wire.frame(1, Uint8Array.from([...new Uint8Array(12), 8, 0, ...header, type, 0, 0, 0, 0, 0, 0, 0]))
  expect(matches('error', wire.session)).toHaveLength(isError ? 1 : 0)
})

test('any text compiles or is refused with a place inside it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 40 }), fc.array(fc.constantFrom('dhcp.type', '==', 'offer', '(', ')', '!', '&&', '||', '"a b"', 'port', '>', '67', ' '), { maxLength: 12 }).map((parts) => parts.join(' '))), (text) => {
      try {
        expect(compileFilter(text, session)?.(1) ?? true).toBeTypeOf('boolean')
      } catch (error) {
        expect(error).toBeInstanceOf(FilterError)
        const { at, length } = (error as FilterError).problem
        expect(at).toBeGreaterThanOrEqual(0)
        expect(at + length).toBeLessThanOrEqual(text.length + 1)
      }
    }),
    { numRuns: 1500 },
  )
}) // prettier-ignore

test('what may come next is offered', () => {
  const texts = (text: string): string[] =>
    completeFilter(text, text.length, ['52:54:00:77:00:03']).map((one) => one.text)
  expect(texts('dhcp.t')[0]).toBe('dhcp.type')
  expect(texts('dhcp.type ')).toContain('==')
  expect(texts('dhcp.type == o')[0]).toBe('offer')
  expect(texts('dhcp.type == o')).not.toContain('ack')
  expect(texts('client == ')).toEqual(['52:54:00:77:00:03'])
  expect(texts('client == 52:54:00:77:00:03 && ')).toContain('protocol')
  const [first] = completeFilter('port == 69 && tft', 17)
  expect(first).toMatchObject({ text: 'tftp.type', from: 14, to: 17 })
})

describeWith(['tshark'], 'the same frames as a display filter of tshark', () => {
  test.each([
    ['dhcp.type == offer', 'dhcp.option.dhcp == 2'],
    ['tftp.type == data', 'tftp.opcode == 3'],
    ['port == 4011', 'udp.port == 4011'],
    ['mac == 52:54:00:77:00:03', 'eth.addr == 52:54:00:77:00:03'],
    ['ip.ttl == 64', 'ip.ttl == 64 && !icmp'],
    ['protocol == arp', 'arp'],
  ])('%s', (ours, theirs) => {
    for (const name of ['proxy-uefi-x64.pcap', 'full-pxelinux.pcap', 'relay-bios-ipxe.server.pcap']) {
      const file = fileURLToPath(fixture(`captures/${name}`))
      const out = execFileSync('tshark', ['-r', file, '-Y', theirs, '-T', 'fields', '-e', 'frame.number'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) // prettier-ignore
      expect(matches(ours, sessionOf(name)), name).toEqual(out.split('\n').filter(Boolean).map(Number))
    }
  })
})
