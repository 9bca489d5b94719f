/** Boots over IPv6 and what is none: DHCPv6 with relay agents, neighbours, routers, TFTP and HTTP, put together from packets. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { bytesOfU16, bytesOfU32, encodeText, parseMac } from '#shared/wire/bytes.ts'
import { linkTypes } from '#shared/wire/capture-file.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { explainAttempt } from '../helpers/told.ts'
import type { Explanation } from '../helpers/told.ts'
import { explainedLadder, htmlReport } from '#shared/diagnosis/report.ts'
import { Flows } from '#shared/trace/flows.ts'
import { compileFilter } from '#shared/trace/filter/filter.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { Masker } from '#shared/trace/masking.ts'
import { Session } from '#shared/trace/session.ts'
import { address6, bytes, counted, domainName, duidLl, fragments6, iaAddress, iaNa, icmp6, join, linkLocal, message6, option6, relay6, tcp6, udp6, type Made6 } from '../helpers/ipv6.ts' // prettier-ignore
import { fieldSession, sessionOf } from '../helpers/fixtures.ts'

const clientMac = '52:54:00:ab:cd:01'
const serverMac = '02:00:00:00:00:fe'
const client = linkLocal(clientMac)
const server = linkLocal(serverMac)
const given = '2001:db8::100'
const globalServer = '2001:db8::1'
const toServers = {
  source: client,
  destination: 'ff02::1:2',
  sourceMac: clientMac,
  destinationMac: '33:33:00:01:00:02',
}
const toClient = { source: server, destination: client, sourceMac: serverMac, destinationMac: clientMac }
const upward = { source: given, destination: globalServer, sourceMac: clientMac, destinationMac: serverMac }
const downward = { source: globalServer, destination: given, sourceMac: serverMac, destinationMac: clientMac }

const duid = option6(1, duidLl(clientMac))
const serverId = option6(2, duidLl(serverMac))
const vendorClass = (text: string): Made6 => option6(16, bytesOfU32(343), counted(text))
const pxe = [option6(61, bytes(0, 7)), option6(62, bytes(1, 3, 0)), vendorClass('PXEClient:Arch:00007:UNDI:003000')]
const http = [option6(61, bytes(0, 16)), option6(62, bytes(1, 3, 0)), vendorClass('HTTPClient:Arch:00016:UNDI:003000')]
const url = (text: string): Made6 => option6(59, encodeText(text))
const tftpUrl = url(`tftp://[${globalServer}]/boot.efi`)
const httpUrl = url(`http://[${globalServer}]:8080/boot.efi`)

class Wire6 {
  readonly session = new Session()

  constructor() {
    this.session.store.addInterface({ name: 'made', linkType: linkTypes.ethernet })
  }

  frame(at: number, frame: Uint8Array): this {
    const seconds = Math.floor(at)
    this.session.store.add({ interface: 0, seconds, nanoseconds: Math.round((at - seconds) * 1e9), bytes: frame, originalLength: frame.length }) // prettier-ignore
    this.session.trace.advance()
    return this
  }

  asks(at: number, type: number, xid: number, options: readonly Made6[]): this {
    return this.frame(at, udp6(toServers, 546, 547, message6(type, xid, [duid, ...options])))
  }

  answers(at: number, type: number, xid: number, options: readonly Made6[]): this {
    return this.frame(at, udp6(toClient, 547, 546, message6(type, xid, [duid, serverId, ...options])))
  }

  /** SOLICIT to REPLY; `boot` is what the server says of the boot. */
  leased(at: number, asking: readonly Made6[], boot: readonly Made6[]): this {
    return this.asks(at, 1, 1, [iaNa(1), ...asking])
      .answers(at + 0.1, 2, 1, [iaNa(1, [iaAddress(given)]), ...boot])
      .asks(at + 4, 3, 2, [iaNa(1, [iaAddress(given)]), serverId, ...asking])
      .answers(at + 4.1, 7, 2, [iaNa(1, [iaAddress(given)]), ...boot])
  }

  tftp(at: number, ends: typeof upward, [from, to]: readonly [number, number], payload: Uint8Array): this {
    return this.frame(at, udp6(ends, from, to, payload))
  }

  /** A whole small file. */
  loads(at: number, file: string, port = 2000): this {
    const read = encodeTftp({ kind: 'rrq', filename: file, mode: 'octet', options: [] })
    return this.tftp(at, upward, [port, 69], read)
      .tftp(at + 0.01, downward, [40_000, port], encodeTftp({ kind: 'data', block: 1, data: new Uint8Array(100) }))
      .tftp(at + 0.02, upward, [port, 40_000], encodeTftp({ kind: 'ack', block: 1 }))
  }

  silence(seconds: number): this {
    return this.frame(this.session.endNs / 1e9 + seconds, icmp6({ source: 'fe80::99', destination: 'ff02::1', sourceMac: '02:00:00:00:00:99' }, 128, 0, bytes(0, 1, 0, 1))) // prettier-ignore
  }

  explained(): Explanation[] {
    return this.session.trace.attempts.map((one) => explainAttempt(this.session.store, one, { nowNs: this.session.endNs })) // prettier-ignore
  }
}

const wordsOf = ({ headline, sentences, causes }: Explanation): string => [headline, ...sentences.map((one) => one.text), ...causes].join('\n') // prettier-ignore

describe('what boots', () => {
  test('PXE: lease, file, ladder, filters', () => {
    const wire = new Wire6().leased(0, pxe, [tftpUrl]).loads(6, 'boot.efi').silence(60)
    const [told] = wire.explained()
    expect(told).toMatchObject({ outcome: 'loaded', failure: undefined, offers: [{ server, address: given, taken: 'whole' }] }) // prettier-ignore
    const { session } = wire
    const ladder = ladderText(explainedLadder(session, session.trace.attempts[0]!, told!))
    expect(ladder).toMatch(/SOLICIT, UEFI x64 \(7\)/)
    expect(ladder).toContain(`ADVERTISE ${given}, file tftp://[${globalServer}]/boot.efi [accepted]`)
    const frames = (text: string): number[] => {
      const test = compileFilter(text, session)!
      return Array.from({ length: session.store.count }, (_, at) => at + 1).filter(test)
    }
    expect(frames('dhcpv6.type == reply')).toEqual([4])
    expect(frames('dhcpv6.file contains boot && dhcpv6.type == advertise')).toEqual([2])
    expect(frames('dhcpv6.arch == 7')).toEqual([1, 3])
    expect(frames(`source == ${given}`)).toEqual([5, 7])
    expect(frames('address == 2001:db8::/64 && protocol == tftp')).toEqual([5, 6, 7])
    expect(frames('dhcpv6.iaaddr.ip == 2001:db8::100')).toEqual([2, 3, 4])
    expect(frames('tftp.file == boot.efi')).toEqual([5, 6, 7])
  })

  test('HTTP: the class, the URL, the connection', () => {
    const boot = [httpUrl, vendorClass('HTTPClient')]
    const get = encodeText('GET /boot.efi HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n')
    const answer = encodeText(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nboot`)
    const wire = new Wire6().leased(0, http, boot)
    wire.frame(6, tcp6(upward, 1300, 8080, 1, 2, bytes())).frame(6.01, tcp6(downward, 8080, 1300, 1, 0x12, bytes()))
    wire.frame(6.02, tcp6(upward, 1300, 8080, 2, 0x18, get)).frame(6.03, tcp6(downward, 8080, 1300, 2, 0x18, answer)).silence(60) // prettier-ignore
    const [told] = wire.explained()
    expect(told).toMatchObject({ outcome: 'loaded', failure: undefined })
    expect(wordsOf(told!)).toMatch(/loaded \/boot\.efi from 2001:db8::1: 4 bytes/)
  })

  test('a boot file in fragments of datagrams, and DHCPv6 in fragments', () => {
    const wire = new Wire6()
    const long = [tftpUrl, option6(60, counted('x'.repeat(1400)))]
    wire.asks(0, 1, 1, [iaNa(1), ...pxe])
    const advertise = udp6(toClient, 547, 546, message6(2, 1, [duid, serverId, iaNa(1, [iaAddress(given)]), ...long]))
    for (const [index, part] of fragments6(advertise, 1232, 7).entries()) wire.frame(0.1 + index / 1000, part)
    wire.asks(4, 3, 2, [iaNa(1, [iaAddress(given)]), serverId, ...pxe]).answers(4.1, 7, 2, [iaNa(1, [iaAddress(given)]), tftpUrl]) // prettier-ignore
    wire.tftp(6, upward, [2000, 69], encodeTftp({ kind: 'rrq', filename: 'boot.efi', mode: 'octet', options: [{ name: 'blksize', value: '4096' }] })) // prettier-ignore
    wire.tftp(6.01, downward, [40_000, 2000], encodeTftp({ kind: 'oack', options: [{ name: 'blksize', value: '4096' }] })) // prettier-ignore
    const data = udp6(downward, 40_000, 2000, encodeTftp({ kind: 'data', block: 1, data: new Uint8Array(3000) }))
    // Out of order, as links with several paths deliver them.
    for (const [index, part] of fragments6(data, 1232, 8).reverse().entries()) wire.frame(6.02 + index / 1000, part)
    wire.tftp(6.03, upward, [2000, 40_000], encodeTftp({ kind: 'ack', block: 1 })).silence(60)
    const [told] = wire.explained()
    expect(told).toMatchObject({ outcome: 'loaded', offers: [{ taken: 'whole' }] })
    expect(wordsOf(told!)).toMatch(/loaded boot\.efi from 2001:db8::1: 2\.93 KiB/)
    const flows = new Flows()
    const lines = Array.from({ length: wire.session.store.count }, (_, at) => flows.read(wire.session.store.bytesOf(at + 1), linkTypes.ethernet)) // prettier-ignore
    expect(lines.filter((one) => one.protocol === 'TFTP').map((one) => inEnglish(one.summary))).toContain(
      'DATA 1, 3000 bytes',
    )
  })

  test('what failed over IPv4 and booted over IPv6 booted', () => {
    const { trace, store, endNs } = fieldSession('ipv6-after-ipv4-failed.pcap')
    const told = trace.attempts.map((one) => explainAttempt(store, one, { nowNs: endNs }))
    expect(told.map((one) => [one.outcome, one.failure])).toEqual([['failed', 'file-missing'], ['loaded', undefined]]) // prettier-ignore
  })

  test('real firmware: a URL that is no TFTP fails PXE and boots HTTP', () => {
    const { trace, store, endNs } = fieldSession('ipv6-http.pcap')
    const told = trace.attempts.map((one) => explainAttempt(store, one, { nowNs: endNs }))
    expect(told.map((one) => [one.outcome, one.failure])).toEqual([
      ['failed', 'url-not-tftp'],
      ['loaded', undefined],
    ])
    expect(wordsOf(told[1]!)).toMatch(/loaded \/boot\.efi from 2001:db8:77::1: 464 KiB .*HTTP 200/)
  })

  test('a relay agent: both legs are one exchange, and the client is known by what the agent says of it', () => {
    const wire = new Wire6()
    const agent = '2001:db8:1::1'
    const far = '2001:db8:2::547'
    const between = { source: agent, destination: far, sourceMac: '02:00:00:00:00:0a', destinationMac: serverMac }
    const back = { source: far, destination: agent, sourceMac: serverMac, destinationMac: '02:00:00:00:00:0a' }
    const legs = (at: number, type: number, reply: number, xid: number, ask: readonly Made6[], say: readonly Made6[]): void => {
      const asked = message6(type, xid, [duid, ...ask])
      const told = message6(reply, xid, [duid, serverId, ...say])
      wire.asks(at, type, xid, ask)
      wire.frame(at + 0.01, udp6(between, 547, 547, relay6(12, 0, agent, client, [option6(79, bytes(0, 1, 0x52, 0x54, 0, 0xab, 0xcd, 1)), option6(9, asked)])))
      wire.frame(at + 0.02, udp6(back, 547, 547, relay6(13, 0, agent, client, [option6(9, told)])))
      wire.frame(at + 0.03, udp6({ ...toClient, source: linkLocal('02:00:00:00:00:0a') }, 547, 546, told))
    } // prettier-ignore
    legs(0, 1, 2, 1, [iaNa(1), ...pxe], [iaNa(1, [iaAddress(given)]), tftpUrl])
    legs(4, 3, 7, 2, [iaNa(1, [iaAddress(given)]), serverId, ...pxe], [iaNa(1, [iaAddress(given)]), tftpUrl])
    wire.loads(6, 'boot.efi').silence(60)
    expect(wire.session.trace.machines.map((one) => one.name)).toEqual([clientMac])
    const [told] = wire.explained()
    expect(told).toMatchObject({ outcome: 'loaded', offers: [{ taken: 'whole' }] })
    expect(told!.offers).toHaveLength(1)
    expect(wordsOf(told!)).toMatch(/sent DHCPv6 SOLICIT\./)
  })

  test('seen only behind the relay agent, the client is known by its address, or by its identifier', () => {
    for (const [peer, identifier, name] of [
      [client, option6(1, bytes(0, 2, 0, 0, 0, 9, 1, 2, 3)), clientMac],
      ['fe80::1', option6(1, duidLl(clientMac)), clientMac],
      ['fe80::1', option6(1, bytes(0, 2, 0, 0, 0, 9, 1, 2, 3)), 'enterprise Cisco (9), 010203'],
    ] as const) {
      const wire = new Wire6()
      const message = message6(1, 1, [identifier, iaNa(1), ...pxe])
      wire.frame(0, udp6({ source: '2001:db8:1::1', destination: '2001:db8:2::547' }, 547, 547, relay6(12, 0, '2001:db8:1::1', peer, [option6(9, message)]))) // prettier-ignore
      expect(wire.session.trace.machines.map((one) => one.name)).toEqual([name])
      expect(wordsOf(wire.explained()[0]!)).toMatch(/by relay agent 2001:db8:1::1/)
    }
  })
})

describe('other ways to an address', () => {
  const ipxe = [option6(15, counted('iPXE')), option6(61, bytes(0, 7))]

  test('rapid commit: the REPLY comes to the SOLICIT', () => {
    const wire = new Wire6().asks(0, 1, 1, [iaNa(1), option6(14), ...pxe]).answers(0.1, 7, 1, [iaNa(1, [iaAddress(given)]), option6(14), tftpUrl]) // prettier-ignore
    expect(wire.loads(2, 'boot.efi').silence(60).explained()[0]).toMatchObject({
      outcome: 'loaded',
      failure: undefined,
    })
  })

  test("stateless: the address is the client's own, the URL comes to an INFORMATION-REQUEST", () => {
    const wire = new Wire6().asks(0, 11, 1, ipxe).answers(0.1, 7, 1, [tftpUrl])
    const [told] = wire.loads(1, 'boot.efi').silence(60).explained()
    expect(told).toMatchObject({ outcome: 'loaded', failure: undefined })
    expect(wordsOf(told!)).toMatch(/answered with file tftp:/)
    const without = new Wire6().asks(0, 11, 1, ipxe).answers(0.1, 7, 1, [option6(23, address6(globalServer))])
    expect(without.silence(60).explained()[0]).toMatchObject({ outcome: 'failed', failure: 'no-boot-url' })
  })

  test('iPXE asks by both protocols at once: what the other one did not get is no fault', () => {
    const alone = sessionOf('full-bios-ipxe.pcap')
    const firstOf = (session: Session): number =>
      session.trace.attempts.findIndex((one) => one.firmware?.kind === 'ipxe')
    const { store, trace } = alone
    const attempt = trace.attempts[firstOf(alone)]!
    const session = new Session()
    session.store.addInterface({ name: 'made', linkType: linkTypes.ethernet })
    const name = parseMac(attempt.machine.name)!
    const solicit = udp6({ source: linkLocal(name), destination: 'ff02::1:2', sourceMac: name }, 546, 547, message6(1, 9, [option6(1, duidLl(name)), iaNa(1), ...ipxe])) // prettier-ignore
    for (let frame = store.first; frame <= store.last; frame++) {
      const ns = store.absoluteNs(frame)
      const add = (one: Uint8Array, afterNs: bigint): void => void session.store.add({ interface: 0, seconds: Number((ns + afterNs) / 1_000_000_000n), nanoseconds: Number((ns + afterNs) % 1_000_000_000n), bytes: one, originalLength: one.length }) // prettier-ignore
      add(store.bytesOf(frame), 0n)
      // Behind each message of DHCP that the client sends.
      if (attempt.events.some((one) => one.kind === 'dhcp' && one.frame === frame && !one.isReply)) add(solicit, 1000n)
      session.trace.advance()
    }
    const told = session.trace.attempts.map((one) => explainAttempt(session.store, one, { nowNs: session.endNs }))
    const before = trace.attempts.map((one) => explainAttempt(store, one, { nowNs: alone.endNs }))
    expect(told.map((one) => [one.outcome, one.failure])).toEqual(before.map((one) => [one.outcome, one.failure]))
    expect(wordsOf(told[firstOf(alone)]!)).toMatch(/also requested an address by DHCPv6, but received none/)
  })

  test('files alone: the capture began late', () => {
    const [told] = new Wire6().loads(0, 'boot.efi').silence(60).explained()
    expect(told).toMatchObject({ outcome: 'loaded', failure: undefined })
    expect(wordsOf(told!)).toMatch(/loaded boot\.efi from 2001:db8::1/)
  })
})

describe('what fails', () => {
  const noBoot = [iaNa(1, [iaAddress(given)])]

  test('nobody answers: SOLICIT after SOLICIT, with the code of the screen', () => {
    const wire = new Wire6()
    for (const at of [0, 5.3, 14.8, 37.1]) wire.asks(at, 1, 1, [iaNa(1), ...pxe])
    expect(wire.explained()[0]!.outcome).toBe('failed')
    const [told] = wire.silence(60).explained()
    expect(told).toMatchObject({ failure: 'no-advertise', code: { code: 'PXE-E16' } })
    expect(told!.missing.map((one) => [one.label, one.isOverdue])).toEqual(Array.from({ length: 4 }, () => ['ADVERTISE', true])) // prettier-ignore
  })

  test('a first SOLICIT is no failure', () => expect(new Wire6().asks(0, 1, 1, [iaNa(1), ...pxe]).explained()[0]!.outcome).toBe('waiting')) // prettier-ignore

  test.each([
    ['no boot file URL', pxe, noBoot, 'no-boot-url', /no boot file URL/],
    ['no class for HTTP', http, [...noBoot, httpUrl], 'advertise-dropped', /vendor class HTTPClient/],
    ['no address', pxe, [iaNa(1, [option6(13, bytesOfU16(2), encodeText('none left'))]), tftpUrl], 'no-address6', /NoAddrsAvail \("none left"\)/],
  ] as const)('%s', (_, asking, answer, failure, says) => {
    const wire = new Wire6()
    for (const [index, at] of [0, 5, 14, 36].entries()) wire.asks(at, 1, 1, [iaNa(1), ...asking]).answers(at + 0.1 + index / 1000, 2, 1, answer)
    const [told] = wire.silence(60).explained()
    expect(told).toMatchObject({ outcome: 'failed', failure })
    expect(wordsOf(told!)).toMatch(says)
    expect(told!.offers.every((one) => one.taken === 'dropped')).toBe(true)
  }) // prettier-ignore

  test('the address belongs to somebody else: neighbour discovery says to whom', () => {
    const wire = new Wire6().leased(0, pxe, [tftpUrl])
    wire.frame(5, icmp6({ source: '::', destination: 'ff02::1:ff00:100', sourceMac: clientMac }, 135, 0, join(bytes(0, 0, 0, 0), address6(given)))) // prettier-ignore
    wire.frame(5.01, icmp6({ source: given, destination: 'ff02::1', sourceMac: '02:00:00:00:00:77' }, 136, 0, join(bytes(0x20, 0, 0, 0), address6(given)))) // prettier-ignore
    const [told] = wire
      .asks(5.1, 9, 3, [iaNa(1, [iaAddress(given)]), serverId])
      .silence(30)
      .explained()
    expect(told).toMatchObject({ outcome: 'failed', failure: 'address-conflict' })
    expect(wordsOf(told!)).toMatch(/02:00:00:00:00:77 answered for 2001:db8::100/)
  })

  test('the server is not there: neighbour discovery is not answered', () => {
    const wire = new Wire6().leased(0, pxe, [tftpUrl])
    for (const at of [6, 7, 8]) wire.frame(at, icmp6({ source: given, destination: 'ff02::1:ff00:1', sourceMac: clientMac }, 135, 0, join(bytes(0, 0, 0, 0), address6(globalServer)))) // prettier-ignore
    const [told] = wire.silence(30).explained()
    expect(told).toMatchObject({ outcome: 'failed', failure: 'no-neighbour' })
    expect(wordsOf(told!)).toMatch(/looked for 2001:db8::1 by neighbour solicitation 3 times/)
  })

  test.each([
    ['tftp://[2001:db8::1]boot.efi', /brackets/],
    ['tftp://[2001:db8::1/boot.efi', /brackets/],
    ['tftp://2001:db8::1/boot.efi', /without brackets/],
    ['tftp://boot.example.org/boot.efi', /no DNS server \(option 23\)/],
    ['tftp://192.0.2.1/boot.efi', /no DNS server \(option 23\)/],
    ['tftp://[2001:db8::1]/boot.efi;mode=netascii', /another mode than octet/],
  ])('a URL that UEFI firmware cannot use: %s', (text, why) => {
    const [told] = new Wire6()
      .leased(0, pxe, [url(text)])
      .silence(60)
      .explained()
    expect(told).toMatchObject({ outcome: 'failed', failure: 'url-unreadable', code: { code: 'PXE-E99' } })
    expect(wordsOf(told!)).toMatch(why)
  })

  test('a name in the URL, and a DNS server to ask: the capture does not tell', () => {
    const dns = option6(23, address6('2001:db8::53'))
    const [told] = new Wire6()
      .leased(0, pxe, [url('tftp://boot.example.org/boot.efi'), dns])
      .silence(60)
      .explained()
    expect(told).toMatchObject({ outcome: 'unknown', failure: undefined })
  })

  // edk2 issue 10114: what WDS sends as a parameter.
  test('a parameter that is no size, and the address is given back', () => {
    const wire = (boot: readonly Made6[]): Explanation => new Wire6().leased(0, pxe, [tftpUrl, ...boot]).asks(5, 8, 3, [iaNa(1, [iaAddress(given)]), serverId]).silence(60).explained()[0]! // prettier-ignore
    expect(wire([option6(60, counted('\\winpe\\BCD.PXE'))])).toMatchObject({ outcome: 'failed', failure: 'parameter-no-size', code: { code: 'PXE-E53' } }) // prettier-ignore
    expect(wire([option6(60, counted('120'))])).toMatchObject({ outcome: 'unknown', failure: undefined })
    expect(wire([])).toMatchObject({ outcome: 'unknown', failure: undefined })
  })

  test('nothing is requested: what may keep the firmware from it is said, and nobody is accused', () => {
    const solicits = (wire: Wire6): Wire6 => wire.frame(0, icmp6({ source: client, destination: 'ff02::2', sourceMac: clientMac, destinationMac: '33:33:00:00:00:02' }, 133, 0, bytes(0, 0, 0, 0))) // prettier-ignore
    const [alone] = solicits(new Wire6()).leased(0.5, pxe, [tftpUrl]).silence(60).explained()
    expect(alone).toMatchObject({ outcome: 'unknown', failure: undefined })
    expect(wordsOf(alone!)).toMatch(/No router advertisement is known/)
    const [local] = solicits(new Wire6()).leased(0.5, pxe, [url(`tftp://[${server}]/boot.efi`)]).silence(60).explained() // prettier-ignore
    expect(wordsOf(local!)).not.toMatch(/No router advertisement is known/)
    const [asks] = new Wire6()
      .leased(0, pxe, [tftpUrl, vendorClass('PXEClient')])
      .silence(60)
      .explained()
    expect(asks!.outcome).toBe('unknown')
    expect(wordsOf(asks!)).toMatch(/asks port 4011/)
  })

  test('a packet that is too big, and who says so', () => {
    const wire = new Wire6().leased(0, pxe, [tftpUrl])
    wire.tftp(6, upward, [2000, 69], encodeTftp({ kind: 'rrq', filename: 'boot.efi', mode: 'octet', options: [] }))
    const data = udp6(downward, 40_000, 2000, encodeTftp({ kind: 'data', block: 1, data: new Uint8Array(512) }))
    for (const at of [6.1, 7.1, 8.1]) wire.frame(at, data).frame(at + 0.01, icmp6({ source: '2001:db8::7', destination: globalServer }, 2, 0, join(bytesOfU32(1280), data.subarray(14, 200)))) // prettier-ignore
    const [told] = wire.silence(60).explained()
    expect(told!.outcome).toBe('failed')
    expect(wordsOf(told!)).toMatch(/2001:db8::7 .*ICMPv6 packet too big/)
  })
})

describe('who did not ask to boot is accused of nothing', () => {
  test('a phone that makes its address itself and asks for the rest', () => {
    const wire = new Wire6()
    wire.frame(0, icmp6({ source: '::', destination: 'ff02::2', sourceMac: clientMac }, 133, 0, bytes(0, 0, 0, 0)))
    wire.frame(0.1, icmp6({ source: server, destination: 'ff02::1', sourceMac: serverMac }, 134, 0, join(bytes(64, 0x40, 7, 8), new Uint8Array(8)))) // prettier-ignore
    wire.asks(1, 11, 1, [option6(6, bytes(0, 23, 0, 24))]).answers(1.1, 7, 1, [option6(23, address6(globalServer))])
    const [told] = wire.silence(60).explained()
    expect(told).toMatchObject({ outcome: 'idle', failure: undefined, causes: [] })
  })

  test.each([['answered', true], ['not answered', false]])('Windows, %s', (_, isAnswered) => {
    const windows = [option6(16, bytesOfU32(311), counted('MSFT 5.0')), option6(39, bytes(0), domainName('pc1.example.org'))] // prettier-ignore
    const wire = new Wire6()
    if (isAnswered) wire.leased(0, windows, [])
    else for (const at of [0, 1, 3, 7, 15, 31]) wire.asks(at, 1, 1, [iaNa(1), ...windows])
    const [told] = wire.silence(60).explained()
    expect(told).toMatchObject({ outcome: isAnswered ? 'address' : 'idle', failure: undefined, causes: [] })
    expect(told!.firmware?.name).toBe('Windows or Windows PE')
    const { session } = wire
    const report = htmlReport(session, { title: 'x', attempts: session.trace.attempts, isMasked: true, madeAt: 0, version: '1' }) // prettier-ignore
    // Nothing that names the machine or its network is left in a masked report.
    for (const secret of ['pc1', 'example.org', 'fe80::5054', 'fe80:0:0:0:5054', '2001:db8::100', '52:54:00:ab:cd:01', '525400abcd01'])
      expect(report, secret).not.toContain(secret)
  }) // prettier-ignore

  test('a router that is delegated a prefix', () => {
    const prefix = option6(25, bytesOfU32(1), bytesOfU32(0), bytesOfU32(0), bytesOfU16(26), bytesOfU16(25), bytesOfU32(60), bytesOfU32(60), bytes(56), address6('2001:db8:f00::')) // prettier-ignore
    const wire = new Wire6().asks(0, 1, 1, [option6(25, new Uint8Array(12))]).answers(0.1, 2, 1, [prefix])
    const [told] = wire.asks(1, 3, 2, [prefix, serverId]).answers(1.1, 7, 2, [prefix]).silence(60).explained()
    expect(told).toMatchObject({ outcome: 'address', headline: 'DHCPv6 client has prefix 2001:db8:f00::/56.' })
  })

  test('router advertisements alone are nothing to explain', () => {
    const wire = new Wire6()
    for (const at of [0, 3, 6]) wire.frame(at, icmp6({ source: server, destination: 'ff02::1', sourceMac: serverMac }, 134, 0, join(bytes(64, 0x80, 7, 8), new Uint8Array(8)))) // prettier-ignore
    expect(wire.session.trace.attempts).toEqual([])
  })

  test('the system that was booted asks by DHCPv6: it runs', () => {
    const wire = new Wire6().leased(0, pxe, [tftpUrl]).loads(6, 'boot.efi')
    const own = option6(1, bytes(0, 2, 0, 0, 0xab, 0x11, 1, 2, 3, 4))
    wire.frame(30, udp6(toServers, 546, 547, message6(1, 77, [own, iaNa(1), option6(6, bytes(0, 23))])))
    const [told] = wire.silence(60).explained()
    expect(told).toMatchObject({ outcome: 'started', failure: undefined })
  })

  test('an IPv4 boot is not touched by what its firmware does over IPv6', () => {
    const { trace, store, endNs } = fieldSession('ipv6-after-ipv4-failed.pcap')
    const [first] = trace.attempts
    const words = wordsOf(explainAttempt(store, first!, { nowNs: endNs }))
    expect(words).not.toMatch(/DHCPv6|IPv6|fe80/)
  })
})

test('a storm of SOLICITs is read once, and told in sentences that do not grow with it', () => {
  const storm = (count: number): { reads: number; sentences: number } => {
    const wire = new Wire6()
    for (let index = 0; index < count; index++) {
      const at = index / 1000
      wire.asks(at, 1, index, [iaNa(1), ...(index % 2 === 0 ? pxe : [])])
      wire.answers(at + 0.0001, 2, index, [iaNa(1, [iaAddress(given)])])
      wire.answers(at + 0.0002, 7, index, [iaNa(1, [iaAddress(given)])])
    }
    const { store } = wire.session
    const contentOf = store.contentOf.bind(store)
    let reads = 0
    store.contentOf = (frame) => {
      reads++
      return contentOf(frame)
    }
    const sentences = wire.explained()[0]!.sentences.length
    return { reads, sentences }
  }
  const [small, large] = [storm(200), storm(800)]
  expect(large.reads).toBeLessThan(small.reads * 5 + 100)
  expect(large.sentences).toBeLessThan(40)
})

test('addresses of IPv6 are masked as one, times and hardware addresses stay what they are', () => {
  const masker = new Masker()
  const text = 'at 12:34:56 fe80::5054:ff:fe77:6 asked [2001:db8:77::1]:547 and 2001:db8:77::2: not :: or ff02::1:2'
  const masked = masker.mask(text)
  expect(masked).toMatch(/^at 12:34:56 fe80::1 asked \[2001:db8:1::2\]:547 and 2001:db8:1::3: not :: or ff02::1:2$/)
  expect(masker.mask('2001:db8:77:0::2')).toBe('2001:db8:1::3')
})

test('only what a program reads was loaded: nobody is told that a boot program was loaded', () => {
  for (const name of ['10000004/config.txt', 'pxelinux.cfg/default', 'grub/grub.cfg', 'bcm2711-rpi-4-b.dtb']) {
    const wire = new Wire6()
      .leased(0, pxe, [url(`tftp://[${globalServer}]/`)])
      .loads(6, name)
      .silence(60)
    const [told] = wire.explained()
    const { outcome, headline } = told!
    expect(outcome, name).toBe('unknown')
    expect(headline).toBe(`Loaded ${name}, but no boot program that the capture shows.`)
    expect(wordsOf(told!)).not.toContain('boot program was loaded')
  }
  const program = new Wire6().leased(0, pxe, [tftpUrl]).loads(6, 'config.txt').loads(7, 'boot.efi').silence(60)
  expect(program.explained()[0]!.outcome).toMatch(/^(loaded|started)$/)
})
