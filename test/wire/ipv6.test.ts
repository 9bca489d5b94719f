/** IPv6, ICMPv6 and DHCPv6 read as tshark reads them, whole and cut, from packets made here and from captures. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { bytesOfU16, bytesOfU32, encodeText, formatIpv6, parseIpv6 } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { addressesOf, bootUrlOf, decodeDhcp6, unwrapRelays } from '#shared/wire/dhcpv6/message.ts'
import { dhcp6Options } from '#shared/wire/dhcpv6/options.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { allFields, type Field } from '#shared/wire/dissect/field.ts'
import { fieldKeys } from '#shared/wire/dissect/keys.ts'
import { FrameHeaders } from '#shared/wire/headers.ts'
import { RouterAdvertiser } from '#shared/machines/router-advertiser.ts'
import { Bench6, http6, message, pxe6, relayed as throughRelay } from '../helpers/dhcpv6.ts'
import { address6, bytes, counted, domainName, fragments6, icmp6, join, message6, option6, options6, packet6, relay6, tcp6, udp6, type Extension, type Made6 } from '../helpers/ipv6.ts' // prettier-ignore
import { describeWith } from '../helpers/requirements.ts'

/** The fields both know. The list only grows. */
const compared = [
  'ipv6.version', 'ipv6.tclass', 'ipv6.flow', 'ipv6.plen', 'ipv6.nxt', 'ipv6.hlim', 'ipv6.src', 'ipv6.dst', 'ipv6.hopopts.nxt', 'ipv6.hopopts.len',
  'ipv6.dstopts.nxt', 'ipv6.dstopts.len', 'ipv6.routing.nxt', 'ipv6.routing.len', 'ipv6.routing.type', 'ipv6.routing.segleft', 'ipv6.opt.type', 'ipv6.opt.length',
  'ipv6.opt.router_alert', 'ipv6.fraghdr.nxt', 'ipv6.fraghdr.offset', 'ipv6.fraghdr.more', 'ipv6.fraghdr.ident',
  'icmpv6.type', 'icmpv6.code', 'icmpv6.checksum', 'icmpv6.mtu', 'icmpv6.nd.ra.cur_hop_limit', 'icmpv6.nd.ra.flag', 'icmpv6.nd.ra.flag.m', 'icmpv6.nd.ra.flag.o',
  'icmpv6.nd.ra.router_lifetime', 'icmpv6.nd.ra.reachable_time', 'icmpv6.nd.ra.retrans_timer', 'icmpv6.nd.ns.target_address', 'icmpv6.nd.na.flag.r',
  'icmpv6.nd.na.flag.s', 'icmpv6.nd.na.flag.o', 'icmpv6.nd.na.target_address', 'icmpv6.opt.type', 'icmpv6.opt.length', 'icmpv6.opt.linkaddr',
  'icmpv6.opt.prefix.length', 'icmpv6.opt.prefix.flag', 'icmpv6.opt.prefix.flag.l', 'icmpv6.opt.prefix.flag.a', 'icmpv6.opt.prefix.valid_lifetime',
  'icmpv6.opt.prefix.preferred_lifetime', 'icmpv6.opt.prefix', 'icmpv6.opt.mtu', 'icmpv6.opt.rdnss.lifetime', 'icmpv6.opt.rdnss', 'icmpv6.opt.dnssl.lifetime',
  'icmpv6.opt.dnssl', 'icmpv6.opt.route_lifetime', 'icmpv6.echo.identifier', 'icmpv6.echo.sequence_number', 'udp.srcport', 'udp.dstport', 'udp.length', 'udp.checksum',
  'tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.flags', 'http.request.method', 'http.request.uri', 'http.response.code',
  'tftp.opcode', 'tftp.source_file', 'tftp.type', 'tftp.block', 'tftp.option.name', 'tftp.option.value', 'tftp.error.code', 'tftp.error.message',
  'dhcpv6.msgtype', 'dhcpv6.xid', 'dhcpv6.hopcount', 'dhcpv6.linkaddr', 'dhcpv6.peeraddr', 'dhcpv6.option.type', 'dhcpv6.option.length',
  'dhcpv6.duid.bytes', 'dhcpv6.duid.type', 'dhcpv6.duidllt.hwtype', 'dhcpv6.duidllt.link_layer_addr', 'dhcpv6.duidll.hwtype', 'dhcpv6.duidll.link_layer_addr',
  'dhcpv6.duiden.enterprise', 'dhcpv6.duiden.identifier', 'dhcpv6.duiduuid.bytes', 'dhcpv6.iaid', 'dhcpv6.iaid.t1', 'dhcpv6.iaid.t2', 'dhcpv6.iata',
  'dhcpv6.iaaddr.ip', 'dhcpv6.iaaddr.pref_lifetime', 'dhcpv6.iaaddr.valid_lifetime', 'dhcpv6.iaprefix.pref_lifetime', 'dhcpv6.iaprefix.valid_lifetime',
  'dhcpv6.iaprefix.pref_len', 'dhcpv6.iaprefix.pref_addr', 'dhcpv6.requested_option_code', 'dhcpv6.option_preference', 'dhcpv6.elapsed_time',
  'dhcpv6.auth.protocol', 'dhcpv6.auth.algorithm', 'dhcpv6.auth.rdm', 'dhcpv6.auth.replay_detection', 'dhcpv6.unicast', 'dhcpv6.status_code', 'dhcpv6.status_msg',
  'dhcpv6.userclass.length', 'dhcpv6.userclass.opaque_data', 'dhcpv6.vendorclass.enterprise', 'dhcpv6.vendorclass.data', 'dhcpv6.vendoropts.enterprise',
  'dhcpv6.vendoropts.enterprise.option_code', 'dhcpv6.vendoropts.enterprise.option_length', 'dhcpv6.vendoropts.enterprise.option_data', 'dhcpv6.interface_id',
  'dhcpv6.reconf_msg', 'dhcpv6.sip_server_domain_search_fqdn', 'dhcpv6.sip_server_a', 'dhcpv6.dns_server', 'dhcpv6.search_list_entry', 'dhcpv6.nis_server',
  'dhcpv6.nisp_server', 'dhcpv6.nis_fqdn', 'dhcpv6.nisp_fqdn', 'dhcpv6.sntp_server', 'dhcpv6.lifetime', 'dhcpv6.bcmcs_server_fqdn', 'dhcpv6.bcmcs_server_a',
  'dhcpv6.remoteid.enterprise', 'dhcpv6.remoteid_enterprise_id', 'dhcpv6.subscriber_id', 'dhcpv6.client_fqdn_flags', 'dhcpv6.client_domain', 'dhcpv6.pana_agent',
  'dhcpv6.timezone', 'dhcpv6.tzdb', 'dhcpv6.lq_query', 'dhcpv6.lq_query_link_address', 'dhcpv6.clt_time', 'dhcpv6.lq_client_link',
  'dhcpv6.capwap_ac_v6', 'dhcpv6.aftr_name', 'dhcpv6.ntpserver.option.type', 'dhcpv6.ntpserver.option.length', 'dhcpv6.ntpserver.addr', 'dhcpv6.ntpserver.mc_addr',
  'dhcpv6.ntpserver.fqdn', 'dhcpv6.captive_portal', 'dhcpv6.mudurl', 'dhcpv6.relay_port',
] as const // prettier-ignore

const folder = mkdtempSync(joinPath(tmpdir(), 'pxe-lab-ipv6-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function tshark(frames: readonly Uint8Array[]): Map<number, Readonly<Record<string, string>>> {
  const file = joinPath(folder, 'frames.pcapng')
  const parts = [
    pcapngHeader('test', [{ name: 'made', linkType: linkTypes.ethernet, isSynthesised: false }]),
    ...frames.map((frame, index) => pcapngFrame({ interface: 0, seconds: index, nanoseconds: 0, bytes: frame })),
  ]
  writeFileSync(file, Buffer.concat(parts))
  // Fragments are compared as they are, HTTP as each segment begins.
  const settings = ['ipv6.defragment:FALSE', 'http.desegment_body:FALSE', 'http.desegment_headers:FALSE', 'tcp.desegment_tcp_streams:FALSE'].flatMap((one) => ['-o', one]) // prettier-ignore
  const rows = execFileSync(
    'tshark',
    ['-r', file, ...settings, '-d', 'udp.port==69,tftp', '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=\u0001', '-e', 'frame.number', ...compared.flatMap((field) => ['-e', field])],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  ) // prettier-ignore
  return new Map(
    rows.split('\n').filter(Boolean).map((line) => {
      const [frame, ...values] = line.split('\t')
      return [Number(frame), Object.fromEntries(compared.map((field, at) => [field, values[at] ?? '']))]
    }),
  ) // prettier-ignore
}

const ourValues = (frame: Uint8Array): Map<string, string[]> => {
  const ours = new Map<string, string[]>()
  for (const { key, value } of allFields(dissect(frame, { linkType: linkTypes.ethernet }).layers))
    if (key !== undefined && value !== undefined) ours.set(key, [...(ours.get(key) ?? []), String(value)])
  return ours
}

/** What both say in different words: booleans, and an enterprise with its name. */
const plain = (key: string, value: string): string =>
  /\.flag\.[a-z]$|\.more$/.test(key) ? value.replace(/^True$/, '1').replace(/^False$/, '0') : value

/** Holds each frame against tshark; of each field the first that differs is told. */
function expectSame(frames: readonly Uint8Array[], about: string): void {
  const rows = tshark(frames)
  expect(rows.size).toBe(frames.length)
  const differing = new Map<string, { frame: string; ours: string[]; theirs: string[] }>()
  for (const [index, frame] of frames.entries()) {
    const values = ourValues(frame)
    const row = rows.get(index + 1)!
    for (const key of compared) {
      const theirs = row[key]!.split('\u0001').filter((value) => value !== '' && value !== '<MISSING>').map((value) => plain(key, value))
      // tshark tells the flags in messages that may carry the option only (RFC 4704 section 5).
      if ((key === 'dhcpv6.client_fqdn_flags' || key === 'dhcpv6.client_domain') && theirs.length === 0) continue
      const ours = (values.get(key) ?? []).filter(Boolean)
      if (ours.join('\n') !== theirs.join('\n') && !differing.has(key)) differing.set(key, { frame: Buffer.from(frame).toString('hex'), ours, theirs })
    }
  }
  expect(Object.fromEntries(differing), about).toEqual({})
} // prettier-ignore

const seeded = <T>(arbitrary: fc.Arbitrary<T>, count: number): { values: T[]; seed: number } => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  return { values: fc.sample(arbitrary, { numRuns: count, seed }), seed }
}

const octets = (least: number, most = least): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: least, maxLength: most }) // prettier-ignore
const word = fc.stringMatching(/^[a-z][a-z\d]{0,12}$/)
const words = fc.stringMatching(/^[ -~]{1,30}$/)
/** Addresses as they are met, and any. */
const anyAddress = fc.oneof(
  octets(16),
  fc.constantFrom('fe80::1', '2001:db8::100', 'fd00::', 'ff02::1:2').map(address6),
)
const unicast = fc.tuple(fc.constantFrom(0x20, 0xfd, 0xfe), octets(15)).map(([first, rest]) => join(bytes(first, first === 0xfe ? 0x80 : rest[0]!), rest.subarray(1))) // prettier-ignore
const u32 = fc.nat(0xffffffff)
const name = fc.array(word, { minLength: 2, maxLength: 4 }).map((labels) => domainName(labels.join('.')))
const list = <T>(one: fc.Arbitrary<T>, least = 1, most = 3): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: least, maxLength: most })

const duid = fc.oneof(
  fc.tuple(u32, octets(6)).map(([time, link]) => join(bytes(0, 1, 0, 1), bytesOfU32(time), link)),
  fc.tuple(u32, octets(1, 20)).map(([enterprise, id]) => join(bytes(0, 2), bytesOfU32(enterprise), id)),
  octets(6).map((link) => join(bytes(0, 3, 0, 1), link)),
  octets(16).map((uuid) => join(bytes(0, 4), uuid)),
)

const made = (code: number, data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Made6> => data.map((one) => option6(code, one)) // prettier-ignore
const addressesOption = (code: number): fc.Arbitrary<Made6> =>
  made(
    code,
    list(anyAddress).map((all) => join(...all)),
  )
const namesOption = (code: number): fc.Arbitrary<Made6> =>
  made(
    code,
    list(name).map((all) => join(...all)),
  )
const status = made(13, fc.tuple(fc.nat(15), words).map(([code, text]) => join(bytesOfU16(code), encodeText(text)))) // prettier-ignore
const iaAddressOption = made(5, fc.tuple(anyAddress, u32, u32, fc.option(status)).map(([one, preferred, valid, inner]) => join(one, bytesOfU32(preferred), bytesOfU32(valid), inner ? options6([inner]) : bytes()))) // prettier-ignore
const iaPrefixOption = made(26, fc.tuple(u32, u32, fc.nat(128), anyAddress).map(([preferred, valid, length, one]) => join(bytesOfU32(preferred), bytesOfU32(valid), bytes(length), one))) // prettier-ignore
const associated = (code: number, inner: fc.Arbitrary<Made6>, head: number): fc.Arbitrary<Made6> => made(code, fc.tuple(octets(head), list(inner, 0, 2)).map(([first, all]) => join(first, options6(all)))) // prettier-ignore
const vendorOption = fc.tuple(fc.nat(60_000), octets(0, 12)).map(([code, data]) => join(bytesOfU16(code), bytesOfU16(data.length), data)) // prettier-ignore

/** Options whose values tshark takes apart, each as its RFC has it. */
const plainOption: fc.Arbitrary<Made6> = fc.oneof(
  made(1, duid), made(2, duid), associated(3, fc.oneof(iaAddressOption, status), 12), associated(4, iaAddressOption, 4), associated(25, iaPrefixOption, 12),
  made(6, list(fc.nat(0xffff), 1, 6).map((codes) => join(...codes.map(bytesOfU16)))), made(7, octets(1)), made(8, octets(2)), made(11, fc.constant(join(bytes(1, 1, 0), new Uint8Array(8)))),
  made(12, anyAddress), status, made(14, fc.constant(bytes())), made(15, list(words).map((texts) => counted(...texts))),
  made(16, fc.tuple(u32, words).map(([enterprise, text]) => join(bytesOfU32(enterprise), counted(text)))),
  made(17, fc.tuple(fc.constantFrom(9, 311, 343, 40_000), list(vendorOption, 0, 3)).map(([enterprise, all]) => join(bytesOfU32(enterprise), ...all))),
  made(18, octets(1, 20)), made(19, fc.constantFrom(5, 6, 11).map((type) => bytes(type))), made(20, fc.constant(bytes())),
  namesOption(21), addressesOption(22), addressesOption(23), namesOption(24), addressesOption(27), addressesOption(28), made(29, name), made(30, name), addressesOption(31),
  made(32, u32.map(bytesOfU32)), namesOption(33), addressesOption(34), made(37, fc.tuple(u32, octets(1, 20)).map(([enterprise, id]) => join(bytesOfU32(enterprise), id))),
  made(38, words.map(encodeText)), made(39, fc.tuple(fc.constantFrom(0, 1), name).map(([flags, one]) => join(bytes(flags), one))), addressesOption(40),
  made(41, words.map(encodeText)), made(42, words.map(encodeText)), made(46, u32.map(bytesOfU32)), addressesOption(48), addressesOption(52),
  made(56, list(fc.oneof(anyAddress.map((one) => join(bytesOfU16(1), bytesOfU16(16), one)), anyAddress.map((one) => join(bytesOfU16(2), bytesOfU16(16), one)))).map((all) => join(...all))),
  made(59, words.map(encodeText)), made(60, list(words).map((texts) => counted(...texts))), made(61, list(fc.nat(50)).map((codes) => join(...codes.map(bytesOfU16)))), made(62, octets(3)),
  made(64, name), made(79, octets(6).map((link) => join(bytes(0, 1), link))), made(82, u32.map(bytesOfU32)), made(83, u32.map(bytesOfU32)),
  made(112, words.map(encodeText)), made(103, words.map(encodeText)), made(135, octets(2)),
) // prettier-ignore

const clientMessage = fc.tuple(fc.integer({ min: 1, max: 11 }), fc.nat(0xffffff), list(plainOption, 0, 8)).map(([type, xid, all]) => message6(type, xid, all)) // prettier-ignore
const relayed: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(12 as const, 13 as const), fc.nat(7), unicast, unicast, clientMessage, octets(1, 8), fc.nat(2))
  .map(([type, hops, link, peer, inner, id, depth]) => {
    let message = inner
    for (let level = 0; level <= depth; level++)
      message = relay6(type, hops, formatIpv6(link), formatIpv6(peer), [
        option6(18, id),
        option6(9, message),
        option6(79, bytes(0, 1, 2, 0, 0, 0, 0, 1)),
      ])
    return message
  })

const ends = fc.tuple(unicast, unicast).map(([source, destination]) => ({ source: formatIpv6(source), destination: formatIpv6(destination) })) // prettier-ignore
const dhcpFrame = fc.tuple(ends, fc.oneof(clientMessage, relayed)).map(([between, message]) => udp6(between, 546, 547, message)) // prettier-ignore

const pad = (length: number): Uint8Array => (length === 1 ? bytes(0) : bytes(1, length - 2, ...new Uint8Array(length - 2))) // prettier-ignore
const optionsHeader = fc.nat(2).map((more) => join(bytes(more), bytes(5, 2, 0, 0), pad(2 + more * 8)))
const extension: fc.Arbitrary<Extension> = fc.oneof(
  optionsHeader.map((rest) => ({ type: 0, rest })),
  optionsHeader.map((rest) => ({ type: 60, rest })),
  anyAddress.map((one) => ({ type: 43, rest: join(bytes(2, 4, 0), bytes(0, 0, 0, 0), one) })),
  fc.tuple(fc.nat(1000), octets(4)).map(([, id]) => ({ type: 44, rest: join(bytes(0, 0, 0), id) })),
)
/** One of each at most, hop-by-hop options first (RFC 8200 section 4.1). */
const extensions = fc.uniqueArray(extension, { maxLength: 3, selector: (one) => one.type }).map((all) => [...all].sort((a, b) => Number(b.type === 0) - Number(a.type === 0))) // prettier-ignore

const ndOption = fc.oneof(
  fc.tuple(fc.constantFrom(1, 2), octets(6)).map(([type, link]) => join(bytes(type, 1), link)),
  fc.tuple(fc.nat(128), fc.nat(255), u32, u32, anyAddress).map(([length, flags, valid, preferred, one]) => join(bytes(3, 4, length, flags), bytesOfU32(valid), bytesOfU32(preferred), bytes(0, 0, 0, 0), one)),
  u32.map((mtu) => join(bytes(5, 1, 0, 0), bytesOfU32(mtu))),
  fc.tuple(u32, list(anyAddress, 1, 3)).map(([lifetime, all]) => join(bytes(25, 1 + all.length * 2, 0, 0), bytesOfU32(lifetime), ...all)),
  fc.tuple(u32, name).map(([lifetime, one]) => { const size = Math.ceil((8 + one.length) / 8); return join(bytes(31, size, 0, 0), bytesOfU32(lifetime), one, new Uint8Array(size * 8 - 8 - one.length)) }),
) // prettier-ignore
const nd = list(ndOption, 0, 4).map((all) => join(...all))
const icmpFrame = fc.tuple(ends, extensions, fc.oneof(
  nd.map((rest) => [133, join(bytes(0, 0, 0, 0), rest)] as const),
  fc.tuple(octets(12), nd).map(([head, rest]) => [134, join(head, rest)] as const),
  fc.tuple(unicast, nd).map(([target, rest]) => [135, join(bytes(0, 0, 0, 0), target, rest)] as const),
  fc.tuple(fc.nat(7), unicast, nd).map(([flags, target, rest]) => [136, join(bytes(flags << 5, 0, 0, 0), target, rest)] as const),
  fc.tuple(fc.constantFrom(128, 129), octets(4, 40)).map(([type, rest]) => [type, rest] as const),
)).map(([between, all, [type, rest]]) => icmp6(between, type, 0, rest, all)) // prettier-ignore

/** Errors about a datagram that belongs to nothing tshark would read on in. */
const errorFrame = fc.tuple(ends, fc.constantFrom([1, 4], [1, 0], [2, 0], [3, 0]), u32, octets(0, 40)).map(([between, [type, code], value, payload]) => {
  const quoted = udp6({ source: between.destination, destination: between.source }, 50_001, 40_069, payload).subarray(14)
  return icmp6(between, type, code, join(type === 2 ? bytesOfU32(value) : bytes(0, 0, 0, 0), quoted))
}) // prettier-ignore

const tftpFrame = fc.tuple(ends, extensions, fc.constantFrom(
  join(bytes(0, 1), encodeText('boot/ipxe.efi\0octet\0blksize\x001456\0')), join(bytes(0, 6), encodeText('blksize\x001456\0')), join(bytes(0, 3, 0, 1), new Uint8Array(20)),
  bytes(0, 4, 0, 1), join(bytes(0, 5, 0, 1), encodeText('not found\0')),
)).map(([between, all, payload]) => udp6(between, payload[1] === 1 || payload[1] === 4 ? 2070 : 69, payload[1] === 1 || payload[1] === 4 ? 69 : 2070, payload, all)) // prettier-ignore
const httpFrame = fc.tuple(ends, fc.constantFrom('GET /ipxe.efi HTTP/1.1\r\nHost: [::1]\r\n\r\n', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', '')).map(([between, text]) => tcp6(between, text.startsWith('H') ? 80 : 1300, text.startsWith('H') ? 1300 : 80, 7, text === '' ? 2 : 0x18, encodeText(text))) // prettier-ignore
const anyFrame = fc.oneof(dhcpFrame, icmpFrame, errorFrame, tftpFrame, httpFrame)

describeWith(['tshark'], 'as tshark dissects it', () => {
  test.each([
    ['DHCPv6', dhcpFrame],
    ['ICMPv6', icmpFrame],
    ['ICMPv6 errors', errorFrame],
    ['TFTP', tftpFrame],
    ['HTTP', httpFrame],
  ] as const)('%s', (what, arbitrary) => {
    const { values, seed } = seeded(arbitrary, 250)
    expectSame(values, `${what}, seed ${seed},`)
  })

  test('replies of the DHCPv6 server, and advertisements of the router', () => {
    const asked = fc.record({
      kind: fc.constantFrom('solicit' as const, 'request' as const, 'renew' as const, 'release' as const, 'confirm' as const, 'information-request' as const),
      who: fc.constantFrom({}, pxe6, http6, { userClass: 'iPXE' }),
      wants: fc.uniqueArray(fc.constantFrom(16, 21, 22, 23, 24, 27, 31, 32, 40, 41, 56, 59, 60, 64, 82, 103)),
      duid,
      addresses: fc.subarray(['fd00:77::1:0', 'fd00:77::1:1', 'fd00:99::1']),
      isRapid: fc.boolean(),
      depth: fc.nat(3),
    })
    const options = {
      21: ['sip.example.com', 'b.example'], 22: 'fd00::22', 27: ['fd00::27', 'fd00::28'], 31: 'fd00::31', 32: 900, 40: 'fd00::40', 41: 'CET-1', 56: ['fd00::56', 'time.example.com', 'ff05::101'],
      60: ['12', 'console=ttyS0'], 64: 'aftr.example.com', 82: 120, 103: 'https://example.com/portal',
    }
    const { values, seed } = seeded(asked, 200)
    const bench = new Bench6({ http: { enabled: true }, boot: { files: '.', programs: [{ file: 'a b/x.efi' }] }, ipv6: { preference: 7, options, subnets: [{ subnet: 'fd00:77::/64', dns: ['fd00:77::1'], domains: ['lab.example.com', 'example.com'] }] } })
    const frames = values.flatMap(({ depth, isRapid, who, ...one }) => {
      const more = isRapid ? { options: [option6(14)] } : {}
      let payload = message(one.kind, { ...who, ...one, wants: [...one.wants, ...('wants' in who ? who.wants : [])], ...more })
      for (let hop = 0; hop < depth; hop++) payload = throughRelay(payload, 'fd00:77::2', 'fe80::7', [option6(18, bytes(hop, 1)), option6(37, bytesOfU32(9), bytes(2)), option6(135, bytesOfU16(0))], hop)
      return bench.hear(payload).map(({ answer }) => udp6({ source: answer.sourceAddress!, destination: answer.destination.address }, answer.sourcePort, answer.destination.port, answer.payload))
    })
    expect(frames.length).toBeGreaterThan(150)
    expectSame(frames, `replies, seed ${seed},`)
    const advertised = [{ dns: [], lifetime: 0 }, { dns: ['fd00::1', 'fd00::2'], lifetime: 1800 }].map(({ dns, lifetime }) => {
      const prefixes = [{ network: { address: 'fd00:77::', prefixLength: 64 }, isAutonomous: lifetime > 0, validSeconds: 7200, preferredSeconds: 3600 }]
      const router = new RouterAdvertiser({ isManaged: lifetime === 0, hasOther: true, routerLifetimeSeconds: lifetime, intervalSeconds: 600, interfaces: [{ name: 'eth0', linkLocal: 'fe80::1', mac: '02:00:00:00:00:01', mtu: 1500, prefixes, dns }] })
      router.handle({ kind: 'timeout' }, 0)
      const { payload, sourceAddress, destination } = router.pollTransmit()!
      const frame = packet6({ source: sourceAddress, destination }, 58, payload)
      // The checksum is right: the one that the frames of this file are made with is the same.
      expect(frame).toEqual(icmp6({ source: sourceAddress, destination }, 134, 0, payload.subarray(4)))
      return frame
    })
    expectSame(advertised, 'advertisements')
  }) // prettier-ignore

  test('fragments', () => {
    const { values, seed } = seeded(fc.tuple(dhcpFrame, fc.constantFrom(64, 256, 1232)), 60)
    expectSame(values.flatMap(([frame, size], index) => fragments6(frame, size, index + 1)), `fragments, seed ${seed},`)
  }) // prettier-ignore
})

describe('any bytes', () => {
  test('become a tree without an exception, ranges inside the frame, children inside parents', () => {
    const damaged = fc
      .tuple(anyFrame, fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 8 }), fc.nat(600))
      .map(([frame, changes, length]) => {
        const copy = new Uint8Array(frame.subarray(0, length))
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        return copy
      })
    fc.assert(
      fc.property(damaged, (frame) => {
        const { layers } = dissect(frame, { linkType: linkTypes.ethernet })
        const inside = (field: Field, from: number, to: number): void => {
          expect(field.at, field.name).toBeGreaterThanOrEqual(from)
          expect(field.at + field.length, field.name).toBeLessThanOrEqual(to)
          for (const child of field.children ?? []) inside(child, field.at, field.at + field.length)
        }
        for (const layer of layers) inside(layer, 0, frame.length)
      }),
    )
  })

  test('cost in proportion to their number, however deep options are nested', () => {
    // Relay messages in each other as deep as a datagram holds, each with what looks like options.
    let message: Uint8Array = message6(1, 1, [])
    while (message.length < 64_000) message = relay6(12, 1, '::', '::', [option6(9, message)])
    const { problems } = decodeDhcp6(message)
    expect(problems.map((one) => one.message)).toEqual(['is nested more than 16 deep'])
    let nested: Uint8Array = new Uint8Array()
    while (nested.length < 64_000) nested = options6([option6(45, nested)])
    expect(decodeDhcp6(message6(1, 1, [{ code: 45, data: nested }])).problems).toHaveLength(1)
    const many = message6(
      1,
      1,
      Array.from({ length: 16_000 }, () => option6(14)),
    )
    expect(decodeDhcp6(many).message.options).toHaveLength(16_000)
  })
})

test('every name of a field is one that filters know', () => {
  const seen = new Set<string>()
  for (const frame of fc.sample(anyFrame, { numRuns: 600, seed: 1 })) for (const key of ourValues(frame).keys()) seen.add(key) // prettier-ignore
  expect([...seen].filter((key) => key.includes('.') && !fieldKeys.has(key))).toEqual([])
  expect(seen.size).toBeGreaterThan(100)
})

describe('addresses', () => {
  test('in the form of RFC 5952, and back', () => {
    const texts = {
      '0:0:0:0:0:0:0:0': '::', '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1', '2001:DB8::0:1': '2001:db8::1', '1:0:0:2:0:0:0:3': '1:0:0:2::3', '::1': '::1',
      '::ffff:192.0.2.1': '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8': '1:2:3:4:5:6:7:8', '1:0:3:4:5:6:7:8': '1:0:3:4:5:6:7:8', 'fe80::': 'fe80::',
    } // prettier-ignore
    for (const [text, right] of Object.entries(texts)) expect(formatIpv6(parseIpv6(text)!), text).toBe(right)
    for (const text of ['', ':', '1:2:3', '1::2::3', 'g::1', '1:2:3:4:5:6:7:8:9', '::1.2.3', '12345::', '1:2:3:4:5:6:7::8:9'])
      expect(parseIpv6(text), text).toBeUndefined() // prettier-ignore
    fc.assert(fc.property(octets(16), (one) => {
      expect(isIP(formatIpv6(one))).toBe(6)
      expect(parseIpv6(formatIpv6(one))).toEqual(one)
    })) // prettier-ignore
  })
})

test('what a relay agent carries is found, and what a server gives', () => {
  const inner = message6(7, 5, [
    option6(3, bytesOfU32(1), bytesOfU32(0), bytesOfU32(0), options6([option6(5, address6('2001:db8::7'), bytesOfU32(10), bytesOfU32(20))])),
    option6(3, bytesOfU32(2), bytesOfU32(0), bytesOfU32(0), options6([option6(5, address6('2001:db8::8'), bytesOfU32(10), bytesOfU32(20)), option6(13, bytesOfU16(2))])),
    option6(59, encodeText('tftp://[2001:db8::1]/ipxe.efi')),
  ]) // prettier-ignore
  const outer = relay6(13, 1, '2001:db8:2::1', '2001:db8:1::1', [
    option6(9, relay6(13, 0, '2001:db8:1::1', 'fe80::7', [option6(9, inner)])),
  ])
  const { message, problems } = decodeDhcp6(outer)
  const { relays, inner: found } = unwrapRelays(message)
  expect(problems).toEqual([])
  expect(relays.map((one) => one.relay?.peerAddress)).toEqual(['2001:db8:1::1', 'fe80::7'])
  expect(addressesOf(found)).toEqual([{ address: '2001:db8::7', preferredSeconds: 10, validSeconds: 20 }])
  expect(bootUrlOf(found)).toBe('tftp://[2001:db8::1]/ipxe.efi')
})

test('the table names each option once, with where it is defined', () => {
  expect(dhcp6Options.size).toBeGreaterThan(140)
  expect(new Set([...dhcp6Options.values()].map((one) => one.name)).size).toBe(dhcp6Options.size)
  for (const { reference } of dhcp6Options.values()) expect(reference).toMatch(/^RFC \d{4} [\d.]+$/)
})

test('headers of every frame are read as the tree reads them', () => {
  const headers = new FrameHeaders()
  for (const frame of fc.sample(anyFrame, { numRuns: 300, seed: 2 })) {
    headers.read(frame, linkTypes.ethernet)
    const values = ourValues(frame)
    expect(headers.ip6At).toBe(14)
    expect(headers.ipAt).toBe(-1)
    if (!values.has('icmpv6.type'))
      expect([String(headers.sourcePort), String(headers.destinationPort)]).toEqual([values.get('udp.srcport')?.[0] ?? values.get('tcp.srcport')?.[0], values.get('udp.dstport')?.[0] ?? values.get('tcp.dstport')?.[0]]) // prettier-ignore
  }
  headers.read(packet6({ source: 'fe80::1', destination: 'fe80::2' }, 6, bytes(1, 2)), linkTypes.ethernet)
  expect(headers.sourcePort).toBe(-1)
})
