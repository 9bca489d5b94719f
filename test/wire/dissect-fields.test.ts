/** A field names its bytes: what stands at `at` for `length` bytes is its value, read anew here, and no byte is told twice. */
import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { concatBytes, encodeText, formatHex, formatIpv4, formatMac, u32At } from '#shared/wire/bytes.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields, type Dissection, type Field } from '#shared/wire/dissect/field.ts'
import { tftpFields } from '#shared/wire/dissect/tftp-fields.ts'
import { wrapUdp } from '#shared/wire/frame.ts'
import { encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'
import { captureNames, fixture, framesIn } from '../helpers/fixtures.ts'

const numberOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0)
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '')

/** Values that are less than the bytes they lie in, or not a number of them (RFC 791, RFC 9293, IEEE 802.1Q, RFC 9112). */
const partial: Readonly<Record<string, (bytes: Uint8Array) => number>> = {
  'ip.hdr_len': (bytes) => (numberOf(bytes) & 15) * 4,
  'ip.frag_offset': (bytes) => (numberOf(bytes) & 0x1fff) * 8,
  'ipv6.version': (bytes) => numberOf(bytes) >>> 4,
  'icmpv6.nd.na.flag.r': (bytes) => numberOf(bytes) >>> 7,
  'icmpv6.nd.na.flag.s': (bytes) => (numberOf(bytes) >>> 6) & 1,
  'icmpv6.nd.na.flag.o': (bytes) => (numberOf(bytes) >>> 5) & 1,
  'vlan.priority': (bytes) => numberOf(bytes) >>> 5,
  'vlan.id': (bytes) => numberOf(bytes) & 0xfff,
  'tcp.hdr_len': (bytes) => (numberOf(bytes) >>> 4) * 4,
  'http.response.code': (bytes) => Number(latin(bytes)),
}

/** The value of a field as its bytes say it, in the form that the field has. */
function reread({ key, value }: Field, bytes: Uint8Array): string | number | undefined {
  const part = key === undefined ? undefined : partial[key]
  if (part) return part(bytes)
  if (key === 'dhcpv6.elapsed_time') return numberOf(bytes) * 10
  if (typeof value === 'number') return numberOf(bytes)
  if (key?.startsWith('dhcpv6.') && formatHex(bytes) === value) return value
  // Wireshark writes it as wide as the word that it is a part of.
  if (key === 'ipv6.tclass') return `0x${((numberOf(bytes) >>> 4) & 0xff).toString(16).padStart(8, '0')}`
  if (key === 'ipv6.flow') return `0x${(numberOf(bytes) & 0xfffff).toString(16).padStart(6, '0')}`
  if (key === 'tcp.flags') return `0x${(numberOf(bytes) & 0xfff).toString(16).padStart(4, '0')}`
  if (key === 'dhcp.hw.mac_addr') return formatMac(bytes.subarray(0, 6))
  if (value!.startsWith('0x'))
    return `0x${numberOf(bytes)
      .toString(16)
      .padStart(bytes.length * 2, '0')}`
  if (/^(\d+\.){3}\d+$/.test(value!) && bytes.length === 4) return formatIpv4(u32At(bytes, 0))
  if (/^([\da-f]{2}:){5}[\da-f]{2}$/.test(value!)) return formatMac(bytes)
  // A URL has an address of IPv6 in the form of RFC 5952.
  if (/^(ipv6\.(src|dst)|icmpv6\.nd\.n[sa]\.target_address)$/.test(key ?? '')) {
    const groups = Array.from({ length: 8 }, (_, index) =>
      numberOf(bytes.subarray(index * 2, index * 2 + 2)).toString(16),
    )
    return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
  }
  // The field of a header line is its value, its place the whole line, as tshark has it.
  const header = key?.startsWith('http.') ? /^[\w-]+: *(.*)\r\n$/.exec(latin(bytes)) : null
  return header && header[1] === value ? value : latin(bytes)
}

function expectHonest(frame: Uint8Array, { layers }: Dissection): number {
  let compared = 0
  for (const field of allFields(layers)) {
    const isOption = /^dhcp\.option\.(?!request_list)/.test(field.key ?? '') && /^\d/.test(field.name)
    // Code and length stand before the data of an option.
    const bytes = frame.subarray(field.at + (isOption ? 2 : 0), field.at + field.length)
    if (field.value === undefined || field.value === '' || (!field.key && /^\d/.test(field.name))) continue
    expect(reread(field, bytes), `${field.key ?? field.name} at ${field.at}`).toBe(field.value)
    compared++
  }
  let end = 0
  for (const layer of layers) {
    expect(layer.at, layer.name).toBeGreaterThanOrEqual(end)
    end = layer.at + layer.length
  }
  return compared
}

test.each(captureNames)('%s', (name) => {
  let compared = 0
  for (const { bytes } of framesIn(readFileSync(fixture(`captures/${name}`))))
    compared += expectHonest(bytes, dissect(bytes, { linkType: linkTypes.ethernet }))
  expect(compared).toBeGreaterThan(50)
})

describe('TFTP', () => {
  const options = [
    { name: 'blksize', value: '1456' },
    { name: 'tsize', value: '0' },
  ]
  const packets: [TftpPacket, [key: string | undefined, at: number, length: number][]][] = [
    [
      { kind: 'wrq', filename: 'log.txt', mode: 'octet', options: [] },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.destination_file', 2, 8],
        ['tftp.type', 10, 6],
      ],
    ],
    [
      { kind: 'rrq', filename: 'a', mode: 'octet', options },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.source_file', 2, 2],
        ['tftp.type', 4, 6],
        [undefined, 10, 13],
        [undefined, 23, 8],
      ],
    ],
    [
      { kind: 'oack', options },
      [
        ['tftp.opcode', 0, 2],
        [undefined, 2, 13],
        [undefined, 15, 8],
      ],
    ],
    [
      { kind: 'data', block: 258, data: new Uint8Array(37) },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.block', 2, 2],
        [undefined, 4, 37],
      ],
    ],
    [
      { kind: 'ack', block: 258 },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.block', 2, 2],
      ],
    ],
    // MS-TFTP: the window that the client wants next stands behind the block.
    [
      { kind: 'ack', block: 258, nextWindowSize: 9 },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.block', 2, 2],
        ['tftp.nextwindowsize', 4, 1],
      ],
    ],
    [
      { kind: 'error', code: 2, message: 'no' },
      [
        ['tftp.opcode', 0, 2],
        ['tftp.error.code', 2, 2],
        ['tftp.error.message', 4, 3],
      ],
    ],
  ]
  test.each(packets)('%o', (packet, places) => {
    const payload = encodeTftp(packet)
    const base = 42
    const { layer, problems } = tftpFields(payload, base)
    expect(problems).toEqual([])
    expect(layer).toMatchObject({ at: base, length: payload.length })
    expect(layer.children!.map(({ key, at, length }) => [key, at - base, length])).toEqual(places)
    const [, last, length] = places.at(-1)!
    expect(last + length).toBe(payload.length)
    expectHonest(concatBytes([new Uint8Array(base), payload]), { layers: [layer] } as unknown as Dissection)
    for (const option of layer.children!.filter(({ name }) => name === 'Option'))
      expect(option.children!.reduce((sum, one) => sum + one.length, 0)).toBe(option.length)
  })

  test.each([
    [[0, 5, 0], 'tftp.error.code', 1],
    [[0, 5], 'tftp.error.code', 0],
    [[0, 5, 0, 1], 'tftp.error.code', 2],
    [[0, 5, 0, 1, 0], 'tftp.error.message', 1],
    [[0, 1, 0x61], 'tftp.source_file', 1],
  ])('cut off: %j', (bytes, key, length) => {
    const field = tftpFields(Uint8Array.from(bytes), 0).layer.children!.find((one) => one.key === key)
    expect(field?.length ?? 0).toBe(length)
  })
})

describe('link layers', () => {
  const packet = wrapUdp({
    sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 2),
    sourceAddress: 0x0a00_0001,
    destinationAddress: 0x0a00_0002,
    sourcePort: 5000,
    destinationPort: 69,
    payload: encodeTftp({ kind: 'ack', block: 1 }),
  }).subarray(14)
  const mac = [2, 0xa, 0xb, 0xc, 0xd, 0xe]
  const type = [8, 0]
  // tcpdump.org, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2: the address has eight bytes, of which six are Ethernet's.
  test.each([
    ['SLL', linkTypes.linuxCooked, [0, 0, 0, 1, 0, 6, ...mac, 0, 0, ...type], 'sll'],
    ['SLL2', linkTypes.linuxCooked2, [...type, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, ...mac, 0, 0], 'sll'],
    ['VLAN', linkTypes.ethernet, [...mac, ...mac, 0x81, 0, 0x60, 77, ...type], 'vlan'],
    ['two VLANs', linkTypes.ethernet, [...mac, ...mac, 0x88, 0xa8, 0, 5, 0x81, 0, 0xe0, 77, ...type], 'vlan'],
  ])('%s: address, place of the packet, and how much it needs', (_, linkType, header, key) => {
    const frame = concatBytes([Uint8Array.from(header), packet])
    const found = dissect(frame, { linkType })
    expect(expectHonest(frame, found)).toBeGreaterThan(12)
    expect(found.problems).toEqual([])
    expect(found.layers.find((one) => one.key === 'ip')!.at).toBe(header.length)
    const own = found.layers.filter((one) => one.key === key)
    if (key === 'sll') expect(own).toMatchObject([{ at: 0, length: header.length, text: formatMac(Uint8Array.from(mac)) }])
    else expect(own.at(-1)).toMatchObject({ at: header.length - 4, length: 4, text: expect.stringMatching(/^ID 77, priority [37]$/) as unknown }) // prettier-ignore
    for (const length of [0, header.length - 1])
      expect(dissect(frame.subarray(0, length), { linkType }).problems[0]!.message).toMatch(
        new RegExp(`^is cut off: \\d+ bytes are left, needs ${key === 'sll' ? header.length : '(14|4)'}$`),
      )
    expect(dissect(frame.subarray(0, header.length), { linkType }).problems[0]).toMatchObject({
      field: 'IPv4',
      message: 'is cut off: 0 bytes are left, needs 20',
    })
  })
})

describe('TCP', () => {
  const segment = (offsetAndFlags: number, more: string): Uint8Array => {
    const tcp = new Uint8Array(20)
    tcp.set([0x13, 0x88, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, offsetAndFlags >>> 8, offsetAndFlags & 255, 0x40, 0])
    const data = encodeText(more)
    const ip = Uint8Array.of(0x45, 0, 0, 40 + data.length, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2)
    return concatBytes([ip, tcp, data])
  }
  test.each([
    // Twelve bits of flags lie behind four of the header's length (RFC 9293 section 3.1): the ninth is AccECN's (RFC 9768).
    [0x5002, '0x0002', 'SYN'],
    [0x5102, '0x0102', 'SYN'],
    [0x5e12, '0x0e12', 'SYN ACK'],
    [0x5014, '0x0014', 'RST ACK'],
  ])('flags %i', (flags, value, text) => {
    const frame = segment(flags, '')
    const found = dissect(frame, { linkType: linkTypes.raw })
    expectHonest(frame, found)
    const field = [...allFields(found.layers)].find((one) => one.key === 'tcp.flags')!
    expect(field.value).toBe(value)
    expect(inEnglish(field.text).split(/[, ]+/).sort()).toEqual(text.split(' ').sort())
  })

  test.each([
    [0x4002, 'has a header of 16 bytes, 20 are there'],
    [0x6002, 'has a header of 24 bytes, 20 are there'],
  ])('a header whose length cannot be: %i', (flags, message) =>
    expect(dissect(segment(flags, ''), { linkType: linkTypes.raw }).problems).toMatchObject([
      { field: 'TCP', message },
    ]),
  )

  test('the head of an HTTP message a line a field, its body none', () => {
    const frame = segment(0x5018, 'HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nServer:x\r\n\r\nabc')
    const { layers } = dissect(frame, { linkType: linkTypes.raw })
    const http = layers.find((one) => one.key === 'http')!
    expect({ ...http, children: http.children!.map(({ name, text, at, length }) => [name, text, at - http.at, length]) }).toMatchObject({
      text: 'HTTP/1.1 206 Partial Content',
      at: 40,
      length: 59,
      children: [['Status', '206', 9, 3], ['Content-Length', '3', 30, 19], ['Server', 'x', 49, 10]],
    }) // prettier-ignore
  })
})
