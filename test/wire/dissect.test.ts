import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '#shared/wire/bytes.ts'
import { CaptureReader, linkTypes, pcapngFrame, pcapngHeader, type CapturedFrame } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { explainField } from '#shared/wire/dissect/explanations.ts'
import { fieldKeys } from '#shared/wire/dissect/keys.ts'
import { allFields } from '#shared/wire/dissect/field.ts'
import { captureNames, fixture, framesIn } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'

const bytesOf = (name: string): Buffer => readFileSync(fixture(`captures/${name}`))

/** The fields both know. The list only grows. */
const compared = [
  'eth.dst', 'eth.src', 'eth.type', 'arp.opcode', 'arp.src.hw_mac', 'arp.src.proto_ipv4', 'arp.dst.hw_mac', 'arp.dst.proto_ipv4',
  'ip.hdr_len', 'ip.len', 'ip.id', 'ip.ttl', 'ip.proto', 'ip.checksum', 'ip.src', 'ip.dst', 'icmp.type', 'icmp.code', 'icmp.checksum',
  'udp.srcport', 'udp.dstport', 'udp.length', 'udp.checksum', 'tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.hdr_len',
  'tcp.flags', 'tcp.window_size_value', 'http.request.method', 'http.request.uri', 'http.response.code',
  'tftp.opcode', 'tftp.source_file', 'tftp.type', 'tftp.block', 'tftp.error.code', 'tftp.error.message', 'tftp.option.name', 'tftp.option.value',
  'dhcp.type', 'dhcp.hw.len', 'dhcp.hops', 'dhcp.id', 'dhcp.flags', 'dhcp.ip.client', 'dhcp.ip.your', 'dhcp.ip.server', 'dhcp.ip.relay',
  'dhcp.server', 'dhcp.file', 'dhcp.option.subnet_mask', 'dhcp.option.router', 'dhcp.option.hostname', 'dhcp.option.domain_name',
  'dhcp.option.broadcast_address', 'dhcp.option.requested_ip_address', 'dhcp.option.ip_address_lease_time', 'dhcp.option.dhcp',
  'dhcp.option.dhcp_server_id', 'dhcp.option.request_list_item', 'dhcp.option.dhcp_max_message_size', 'dhcp.option.renewal_time_value',
  'dhcp.option.rebinding_time_value', 'dhcp.option.vendor_class_id', 'dhcp.option.tftp_server_name', 'dhcp.option.bootfile_name',
  'dhcp.option.client_system_architecture',
] // prettier-ignore

function tshark(capture: string): Map<number, Readonly<Record<string, string>>> {
  const rows = execFileSync(
    'tshark',
    ['-r', capture, '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=;', '-e', 'frame.number', ...compared.flatMap((field) => ['-e', field])],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  ) // prettier-ignore
  return new Map(
    rows.split('\n').filter(Boolean).map((line) => {
      const [frame, ...values] = line.split('\t')
      return [Number(frame), Object.fromEntries(compared.map((field, at) => [field, values[at] ?? '']))]
    }),
  ) // prettier-ignore
}

describeWith(['tshark'], 'dissected as tshark dissects it', () => {
  test.each(captureNames)('every field both know, of every frame of %s', (name) => {
    const theirs = tshark(fileURLToPath(fixture(`captures/${name}`)))
    const frames = framesIn(bytesOf(name))
    expect(frames).toHaveLength(theirs.size)
    for (const [index, frame] of frames.entries()) {
      const { layers } = dissect(frame.bytes, { linkType: linkTypes.ethernet })
      const ours = new Map<string, string[]>()
      for (const field of allFields(layers))
        if (field.key !== undefined && field.value !== undefined)
          ours.set(field.key, [...(ours.get(field.key) ?? []), String(field.value)])
      const row = theirs.get(index + 1)!
      // Inside what an ICMP error quotes tshark goes on to the application; the quotation is enough here.
      const isQuotation = row['icmp.type'] !== ''
      for (const key of compared) {
        // An HTTP answer in several segments is put together by tshark and told with the last.
        if (key === 'http.response.code' && (row[key] === '' || !ours.has(key))) continue
        if (isQuotation && /^(tftp|dhcp|http)\./.test(key)) continue
        const theirValues = row[key]!.split(';').filter(Boolean)
        const ourValues = (ours.get(key) ?? []).filter(Boolean)
        expect(ourValues, `${name} frame ${index + 1} ${key}`).toEqual(theirValues)
      }
    }
  })
})

test('every name of a field is one that filters know', () => {
  const seen = new Set<string>()
  for (const name of captureNames)
    for (const frame of framesIn(bytesOf(name)))
      for (const { key } of allFields(dissect(frame.bytes, { linkType: linkTypes.ethernet }).layers))
        if (key?.includes('.')) seen.add(key)
  expect([...seen].filter((key) => !fieldKeys.has(key))).toEqual([])
  expect(seen.size).toBeGreaterThan(60)
})

test('what decides a boot is explained, by names that the dissector gives', () => {
  const names = new Map<string, string>()
  for (const name of captureNames)
    for (const frame of framesIn(bytesOf(name)))
      for (const field of allFields(dissect(frame.bytes, { linkType: linkTypes.ethernet }).layers))
        names.set(field.name, explainField(field) ?? '')
  for (const name of [
    '53 dhcp-message-type',
    '54 server-identifier',
    '60 vendor-class-identifier',
    '67 bootfile-name',
    '77 user-class',
    '93 client-system-architecture',
    '97 client-machine-identifier',
    '43 vendor-specific-information',
    '6 discovery-control',
    '9 boot-menu',
    'yiaddr',
    'siaddr',
    'file',
    'Block',
    'Option',
    'Source port',
  ])
    expect(names.get(name), name).toMatch(/^[A-Z0-9a-z].*\.$/)
})

describe('any bytes', () => {
  const frames = captureNames.slice(0, 8).flatMap((name) => framesIn(bytesOf(name)).slice(0, 30))

  test('become a tree without an exception, ranges inside the frame, children inside parents', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...frames), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 10 }), fc.nat(700))
      .map(([frame, changes, length]) => {
        const copy = new Uint8Array(frame.bytes.subarray(0, length))
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        return copy
      })
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged),
        fc.constantFrom(...Object.values(linkTypes), 9999),
        (bytes, linkType) => {
          const { layers, summary } = dissect(bytes, { linkType })
          expect(typeof inEnglish(summary)).toBe('string')
          const check = (list: typeof layers, from: number, to: number): void => {
            for (const field of list) {
              expect(field.at, field.name).toBeGreaterThanOrEqual(from)
              expect(field.length, field.name).toBeGreaterThanOrEqual(0)
              expect(field.at + field.length, field.name).toBeLessThanOrEqual(to)
              if (field.children) check(field.children, field.at, field.at + field.length)
            }
          }
          check(layers, 0, bytes.length)
        },
      ),
      { numRuns: 4000 },
    )
  })

  test('other link layers lead to the same packet', () => {
    const [frame] = frames
    const packet = frame!.bytes.subarray(14)
    const cooked = concatBytes([new Uint8Array(14), Uint8Array.of(8, 0), packet])
    const cooked2 = concatBytes([Uint8Array.of(8, 0), new Uint8Array(18), packet])
    const tagged = concatBytes([
      frame!.bytes.subarray(0, 12),
      Uint8Array.of(0x81, 0, 0x60, 77),
      frame!.bytes.subarray(12),
    ])
    const expected = dissect(frame!.bytes, { linkType: linkTypes.ethernet }).summary
    for (const [bytes, linkType] of [
      [packet, linkTypes.raw],
      [cooked, linkTypes.linuxCooked],
      [cooked2, linkTypes.linuxCooked2],
      [tagged, linkTypes.ethernet],
    ] as const)
      expect(dissect(bytes, { linkType })).toMatchObject({ summary: expected, protocol: 'DHCP', problems: [] })
  })

  test('an ICMP error says which packet it is about', () => {
    const all = framesIn(bytesOf('fail-tftpclosed-uefi-x64.pcap')).map((frame) =>
      dissect(frame.bytes, { linkType: linkTypes.ethernet }),
    )
    expect(inEnglish(all.find((one) => one.protocol === 'ICMP')!.summary)).toMatch(
      /^destination unreachable: port, about UDP port \d+ to 69$/,
    )
  })
})

/** Everything a reader told, with the frames' bytes kept. */
function read(
  file: Uint8Array,
  chunkBytes = file.length || 1,
): { frames: CapturedFrame[]; names: (string | undefined)[]; damage: CaptureReader['damage'] } {
  const frames: CapturedFrame[] = []
  const names: (string | undefined)[] = []
  const reader = new CaptureReader({
    onInterface: (one) => names.push(one.name),
    onFrame: (frame) => frames.push({ ...frame, bytes: new Uint8Array(frame.bytes) }),
  })
  for (let at = 0; at < file.length; at += chunkBytes) reader.push(file.subarray(at, at + chunkBytes))
  reader.end()
  return { frames, names, damage: reader.damage }
}

describe('capture files', () => {
  const frame = fc.record({
    interface: fc.nat(1),
    seconds: fc.integer({ min: 0, max: 2 ** 33 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
    bytes: fc.uint8Array({ maxLength: 200 }),
    comment: fc.option(
      fc
        .string({ minLength: 1, maxLength: 30 })
        .map((text) => text.replaceAll('\0', '') || 'x')
        .filter((text) => text.isWellFormed()),
      { nil: undefined },
    ),
    direction: fc.constantFrom('in' as const, 'out' as const, undefined),
  })
  const header = pcapngHeader('PXE Lab', [
    { linkType: 1, name: 'eth0' },
    { linkType: 1, name: 'wire "2"' },
  ])

  test('pcapng reads back as it was written, however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), fc.integer({ min: 1, max: 400 }), (frames, chunkBytes) => {
        const file = concatBytes([header, ...frames.map((one) => pcapngFrame(one))])
        const back = read(file, chunkBytes)
        expect(back.damage).toBeUndefined()
        expect(back.names).toEqual(['eth0', 'wire "2"'])
        expect(back.frames).toEqual(frames.map((one) => ({ ...one, originalLength: one.bytes.length })))
      }),
    )
  })

  test('pcap in both byte orders, micro- and nanoseconds', () => {
    for (const [magic, little, nano] of [
      [0xa1b2c3d4, false, false],
      [0xa1b2c3d4, true, false],
      [0xa1b23c4d, false, true],
      [0xa1b23c4d, true, true],
    ] as const) {
      const file = new Uint8Array(24 + 16 + 4)
      const view = new DataView(file.buffer)
      for (const [at, value] of [
        [0, magic],
        [16, 65535],
        [20, 1],
        [24, 1_700_000_000],
        [28, nano ? 123_456_789 : 123_456],
        [32, 4],
        [36, 1514],
      ] as const)
        view.setUint32(at, value, little)
      file.set([1, 2, 3, 4], 40)
      expect(read(file)).toMatchObject({
        damage: undefined,
        frames: [
          {
            seconds: 1_700_000_000,
            nanoseconds: nano ? 123_456_789 : 123_456_000,
            originalLength: 1514,
            bytes: Uint8Array.of(1, 2, 3, 4),
          },
        ],
      })
    }
  })

  test('a damaged file is read as far as it goes, and the place is told', () => {
    const one = pcapngFrame({ interface: 0, seconds: 0, nanoseconds: 1, bytes: Uint8Array.of(1, 2, 3) })
    const file = concatBytes([header, one, one])
    // Where a block ends a file may end; everywhere else its last record is cut off.
    const ends = new Set<number>()
    const view = new DataView(file.buffer)
    for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) ends.add(at)
    for (let length = 1; length < file.length; length++) {
      const { frames, damage } = read(file.subarray(0, length))
      expect(frames.length).toBe(length >= header.length + one.length ? 1 : 0)
      expect(damage === undefined, `cut at ${length}`).toBe(ends.has(length))
      if (damage) expect(ends).toContain(damage.at)
    }
    const torn = file.slice()
    torn.set([0xff, 0xff, 0xff, 0x0f], header.length + one.length + 4)
    expect(read(torn)).toMatchObject({ frames: { length: 1 }, damage: { at: header.length + one.length } })
    expect(read(new Uint8Array(30)).damage).toEqual({ at: 0, message: 'it is no capture file' })
    expect(read(new Uint8Array()).damage?.message).toBe('the file is empty')
  })

  test('any bytes read the same in any chunks, and damage has a place inside them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }),
        fc.boolean(),
        (bytes, changes, isSpoilt) => {
          const file = isSpoilt
            ? concatBytes([header, pcapngFrame({ interface: 0, seconds: 0, nanoseconds: 5, bytes })])
            : bytes
          for (const [at, value] of changes) if (at < file.length) file[at] = value
          const whole = read(file)
          expect(read(file, 50)).toEqual(whole)
          if (whole.damage) expect(whole.damage.at).toBeLessThanOrEqual(file.length)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describeWith(['tshark', 'capinfos'], 'what we write', () => {
  test('opens in Wireshark with names, times and comments', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-'))
    const file = join(folder, 'x.pcapng')
    const first = framesIn(bytesOf('full-uefi-x64.pcap')).find((one) =>
      inEnglish(dissect(one.bytes, { linkType: linkTypes.ethernet }).summary).startsWith('DISCOVER'),
    )
    writeFileSync(
      file,
      concatBytes([
        pcapngHeader('PXE Lab', [{ linkType: 1, name: 'eth7' }]),
        pcapngFrame({
          interface: 0,
          seconds: 1_700_000_000,
          nanoseconds: 123_456_789,
          bytes: first!.bytes,
          comment: 'it came',
          direction: 'out',
        }),
      ]),
    )
    const said = execFileSync(
      'tshark',
      [
        '-r',
        file,
        '-T',
        'fields',
        '-e',
        'frame.interface_name',
        '-e',
        'frame.time_epoch',
        '-e',
        'frame.comment',
        '-e',
        'dhcp.option.dhcp',
      ],
      { encoding: 'utf8' },
    )
    expect(said.trim()).toBe('eth7\t1700000000.123456789\tit came\t1')
    expect(execFileSync('capinfos', [file], { encoding: 'utf8' })).toMatch(/Number of packets:\s+1\b/)
    rmSync(folder, { recursive: true })
  })
})
