import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allFilterFields, filterFields } from '#shared/trace/filter/fields.ts'
import { completeFilter, compileFilter } from '#shared/trace/filter/filter.ts'
import { FilterError, parseFilter } from '#shared/trace/filter/syntax.ts'
import { Session } from '#shared/trace/session.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { fixture, framesIn, sessionOf } from '../helpers/fixtures.ts'
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

test.each([
  ['udp.port == 4011', [10, 11]],
  ['udp.port eq 4011', [10, 11]],
  ['udp.port in {4011, 67..68} && frame.number <= 3', [1, 2, 3]],
  ['bootp.option.dhcp == 2', [2, 3]],
  ['dhcp.option.dhcp == offer', [2, 3]],
  ['dhcp.type == 2 && frame.number < 6', [2, 3]],
  ['dhcp.option.vendor_class_id matches "^pxeclient:arch:0000[67]"', [1, 6, 10]],
  ['dhcp.file ~ "x64.efi$"', [11]],
  ['eth.addr == 52-54-00-77-00-03 and tftp.opcode == 1', [12, 15, 730]],
  ['tftp.type == octet && !(tftp.file contains x64)', [730]],
  ['ip.addr == 192.168.77.2/32 && dhcp', [3, 7]],
  ['frame contains "grub/x64" && dhcp', [11]],
  ['dhcp.type != offer && frame.number < 8', [1, 6, 7]],
  ['frame contains 63:82:53:63 && frame.number < 4', [1, 2, 3]],
  ['dhcp.flags.bc == True && frame.number < 7', [1, 2, 3, 6]],
])('by the names of Wireshark: %s', (text, frames) => {
  expect(matches(text)).toEqual(frames)
})

test.each([
  ['eth.src[0:3] == 52:54:00', 0, 'takes a part of a field'],
  ['dhcp.option.vendor_class == 1', 0, 'there is no field dhcp.option.vendor_class'],
  ['udp.port in {}', 12, 'takes no packet'],
  ['udp.port in {a}', 12, 'cannot be "a"'],
  ['dhcp.file matches "("', 18, 'Invalid regular expression'],
])('%s is refused with its place', (text, at, message) => {
  expect(() => compileFilter(text, session)).toThrow(FilterError)
  try {
    compileFilter(text, session)
  } catch (error) {
    const { problem } = error as FilterError
    expect(problem).toMatchObject({ at, message: expect.stringContaining(message) as string })
    expect(problem.remedy).not.toBe('')
  }
})

test('words that are operators elsewhere are words where they stand alone', () => {
  expect(matches('direction == in')).toEqual([])
  expect(matches('ge')).toEqual(matches('"ge"'))
  // In quotation marks the name of a protocol is a word like any other.
  expect(matches('"proxydhcp"')).toEqual([10, 11])
  expect(matches('dhcp').length).toBeGreaterThan(matches('"proxydhcp"').length)
})

test('marks and remarks can be asked for', () => {
  const own = sessionOf('proxy-uefi-x64.pcap')
  own.marks.add(7).add(9)
  own.remarks.set(9, 'this one is late')
  expect(matches('frame.marked == 1', own)).toEqual([7, 9])
  expect(matches('frame.marked == false && frame.number in {6..9}', own)).toEqual([6, 8])
  expect(matches('frame.comment', own)).toEqual([9])
  expect(matches('frame.comment contains LATE', own)).toEqual([9])
})

test('every field has a description, and what is typed first is offered first', () => {
  for (const { name, description } of allFilterFields) expect(description, name).toMatch(/\w{2}/)
  const texts = (text: string): string[] => completeFilter(text, text.length).map((one) => one.text)
  expect(texts('udp.p')[0]).toBe('udp.port')
  expect(texts('dhcp.option.vend')[0]).toBe('dhcp.option.vendor_class_id')
  expect(texts('udp.port == 40')).toEqual(['4011'])
  expect(texts('udp.port ')).toContain('in')
})

/** Frames that a display filter of tshark takes. */
function tsharkFrames(file: string, filter: string): number[] {
  const out = execFileSync('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-e', 'frame.number'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) // prettier-ignore
  return out.split('\n').filter(Boolean).map(Number)
} // prettier-ignore

describeWith(['tshark'], 'the same frames as a display filter of tshark', () => {
  test.each([
    ['dhcp.type == offer', 'dhcp.option.dhcp == 2'],
    ['tftp.type == data', 'tftp.opcode == 3'],
    ['port == 4011', 'udp.port == 4011'],
    ['mac == 52:54:00:77:00:03', 'eth.addr == 52:54:00:77:00:03'],
    ['ip.ttl == 64', 'ip.ttl == 64 && !icmp'],
    ['protocol == arp', 'arp'],
  ])('%s', (ours, theirs) => {
    for (const name of ['proxy-uefi-x64.pcap', 'full-pxelinux.pcap', 'relay-bios-ipxe.server.pcap'])
      expect(matches(ours, sessionOf(name)), name).toEqual(
        tsharkFrames(fileURLToPath(fixture(`captures/${name}`)), theirs),
      )
  })

  /** The beginnings of several boots, without most of the blocks of their files, as one file. */
  const merged = (): Uint8Array => {
    const names = ['proxy-uefi-x64.pcap', 'fail-no4011-uefi-x64.pcap', 'relay-bios-ipxe.server.pcap', 'http-uefi-x64-http.pcap']
    const frames = names.flatMap((name) => framesIn(readFileSync(fixture(`captures/${name}`))).slice(0, 60))
    return concatBytes([
      pcapngHeader('test', [{ name: 'eth0', linkType: linkTypes.ethernet }]),
      ...frames.map((frame) => pcapngFrame({ ...frame, interface: 0 })),
    ])
  }
  let folder: string
  let file: string
  let whole: Session
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-filter-'))
    file = join(folder, 'merged.pcapng')
    writeFileSync(file, merged())
    whole = new Session()
    whole.push(merged())
    whole.end()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // Text for text, as somebody who knows Wireshark types it. What an ICMP error quotes tshark reads to its application.
  test.each([
    'udp.port == 69',
    'udp.port in {67, 68}',
    'udp.port in {67..69}',
    'udp.srcport == 67 or udp.dstport eq 4011',
    'tcp.port in {1..65535}',
    'tcp.flags.syn == 1 && tcp.flags.ack == 0',
    'tcp.flags.reset == 1',
    'tcp.len > 0',
    'eth.addr == 52:54:00:77:00:03',
    'eth.dst == ff:ff:ff:ff:ff:ff',
    'ip.addr == 192.168.77.0/24',
    'ip.src == 192.168.77.1',
    '!(ip.addr == 192.168.77.1)',
    'ip.dst != 255.255.255.255',
    'ip.ttl ge 64',
    'frame.number in {2..5}',
    'frame.len > 400',
    'frame.cap_len <= 60',
    'frame.time_relative < 1.5',
    'frame.time_delta > 0.5',
    'frame contains "PXEClient"',
    'dhcp contains 63:82:53:63 && !icmp',
    'udp',
    'tcp',
    'ip',
    'arp',
    'icmp',
    'dhcp && !icmp',
    'eth',
    'not udp and not tcp',
    'dhcp.type == 2 && !icmp',
    'dhcp.id && !icmp',
    'dhcp.hw.mac_addr == 52:54:00:77:00:03 && !icmp',
    'dhcp.ip.your != 0.0.0.0 && !icmp',
    'dhcp.ip.relay == 192.168.0.0/16 && !icmp',
    'dhcp.flags.bc == 1 && !icmp',
    'dhcp.option.dhcp == 5',
    'dhcp.option.type == 93 && !icmp',
    'dhcp.option.type in {66, 67}',
    'dhcp.option.request_list_item == 67 && !icmp',
    'dhcp.option.dhcp_server_id == 192.168.77.1',
    'dhcp.option.ip_address_lease_time > 600',
    'dhcp.option.vendor_class_id contains "PXEClient" && !icmp',
    'dhcp.option.vendor_class_id matches "arch:0000[07]" && !icmp',
    'dhcp.option.client_system_architecture == 7 && !icmp',
    'dhcp.option.bootfile_name',
    'dhcp.option.router',
    'arp.opcode == 1',
    'icmp.type == 3',
    'tftp.opcode == 1 && !icmp',
    'tftp.block > 2 && !icmp',
    'tftp.source_file contains "efi" && !icmp',
    'tftp.option.name == "blksize" && !icmp',
    'http.request',
    'http.request.method == "GET"',
    'http.host contains "192.168"',
    'http.user_agent contains "Uefi"',
    'http.request.uri matches "efi$"',
  ])('%s', (text) => {
    const theirs = tsharkFrames(file, text)
    // A filter that takes nothing would prove nothing.
    expect(theirs).not.toEqual([])
    expect(matches(text, whole)).toEqual(theirs)
  })

  test('BOOTP names its fields as DHCP does', () => {
    const name = 'proxy-uefi-x64.pcap'
    const theirs = tsharkFrames(fileURLToPath(fixture(`captures/${name}`)), 'bootp.option.dhcp == 1')
    expect(matches('bootp.option.dhcp == 1')).toEqual(theirs)
  })

  test('every name beside our own is one that tshark has', () => {
    const known = new Set(
      execFileSync('tshark', ['-G', 'fields'], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
        .split('\n')
        .map((line) => line.split('\t')[2]),
    )
    const own = new Set(filterFields.map((field) => field.name))
    const names = allFilterFields.map((field) => field.name).filter((name) => !own.has(name))
    expect(names.length).toBeGreaterThan(200)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })
}) // prettier-ignore

test.each(['constructor', '__proto__'])('%s is a word like others', (word) =>
  expect(parseFilter(word)).toMatchObject({ kind: 'word', text: word }),
)
