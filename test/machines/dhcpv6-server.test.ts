/** The DHCPv6 server, message by message, against RFC 8415, RFC 5970 and what EDK2 and iPXE accept. */
import { describe, expect, test } from 'vitest'
import {
  bytesOfU16,
  bytesOfU32,
  encodeText,
  formatHex,
  formatIpv6,
  u16At,
  u32At,
  parseHex,
} from '#shared/wire/bytes.ts'
import { decodeDhcp6, findDhcp6Option } from '#shared/wire/dhcpv6/message.ts'
import { Bench6, clientMac, duidUuid, http6, message, pxe6, relayed, served6, serverDuid, serverMac, type Kind6 } from '../helpers/dhcpv6.ts' // prettier-ignore
import {
  address6,
  bytes,
  counted,
  duidLl,
  iaAddress,
  iaNa,
  join,
  linkLocal,
  message6,
  option6,
} from '../helpers/ipv6.ts'

const programs = [
  { userClass: 'iPXE', file: 'boot.ipxe' },
  { architecture: 'x64-uefi', file: 'ipxe.efi' },
]
const boot = { files: '.', programs }
const subnets = [{ subnet: 'fd00:77::/64', pools: [{ start: 'fd00:77::100', end: 'fd00:77::103' }] }]
const small = { ipv6: { subnets }, boot }
const uuid = '6c616221-0000-4000-8000-525400770003'

describe('a client that wants an address', () => {
  test('gets it in four messages, the same each time', () => {
    const bench = new Bench6(small)
    const offer = bench.ask('solicit', { wants: [23] })!
    expect([offer.type, offer.addresses]).toEqual(['ADVERTISE', ['fd00:77::100']])
    expect(offer.answer).toMatchObject({
      sourcePort: 547,
      sourceAddress: served6.linkLocal,
      destination: { address: linkLocal(clientMac), port: 546 },
      needsLease: false,
    })
    expect(formatHex(offer.option(1)!)).toBe(formatHex(duidLl(clientMac)))
    expect(formatHex(offer.option(2)!)).toBe(formatHex(serverDuid))
    expect(offer.message.xid).toBe(0x123456)
    const reply = bench.ask('request', { addresses: offer.addresses })!
    expect([reply.type, reply.addresses, reply.answer.needsLease]).toEqual(['REPLY', ['fd00:77::100'], true])
    expect(bench.changes.map(({ lease }) => [lease.address, lease.state, lease.iaid, lease.mac])).toEqual([['fd00:77::100', 'bound', 1, clientMac]]) // prettier-ignore
    expect(bench.lease()).toBe('fd00:77::100')
    expect(bench.lease({ mac: '52:54:00:77:00:02' })).toBe('fd00:77::101')
    expect(bench.lease({ iaid: 2 })).toBe('fd00:77::102')
  })

  test('is told lifetimes and times of renewal in the proportions of RFC 8415 section 21.4', () => {
    const bench = new Bench6({ ipv6: { leaseSeconds: 8000 } })
    const data = bench.ask('solicit')!.option(3)!
    const [t1, t2] = [u32At(data, 4), u32At(data, 8)]
    const [preferred, valid] = [u32At(data, 32), u32At(data, 36)]
    expect([t1, t2, preferred, valid]).toEqual([2500, 4000, 5000, 8000])
  })

  test('that names thousands of addresses is answered about a few of them', () => {
    const bench = new Bench6(small)
    const own = bench.lease()!
    const strays = Array.from({ length: 2000 }, (_, at) => iaAddress(`fd00:77::${(at + 0x1000).toString(16)}`))
    const [reply] = bench.hear(message6(5, 1, [option6(1, duidLl(clientMac)), option6(2, serverDuid), iaNa(1, [iaAddress(own), ...strays])])) // prettier-ignore
    expect(reply!.addresses).toEqual([own])
    // Those that it looked at and does not extend are told to be over.
    expect(reply!.option(3)!.length).toBeLessThanOrEqual(12 + 8 * 28)
    expect(reply!.option(3)!.length).toBeGreaterThan(12 + 28)
  })

  test('and commits at once gets it in two, with option 14', () => {
    const bench = new Bench6(small)
    const reply = bench.ask('solicit', { options: [option6(14)] })!
    expect([reply.type, reply.addresses, reply.answer.needsLease]).toEqual(['REPLY', ['fd00:77::100'], true])
    expect(reply.option(14)).toHaveLength(0)
  })

  test('several associations get an address each; temporary ones and prefixes are told that there is none', () => {
    const bench = new Bench6(small)
    const payload = message6(1, 1, [option6(1, duidLl(clientMac)), iaNa(7), iaNa(8), option6(4, bytesOfU32(9)), option6(25, bytesOfU32(10), bytesOfU32(0), bytesOfU32(0))]) // prettier-ignore
    const [offer] = bench.hear(payload)
    expect(offer!.addresses).toEqual(['fd00:77::100', 'fd00:77::101'])
    const { options } = offer!.message
    const statusOf = (code: number): number[] => options.filter((one) => one.code === code).map((one) => u16At(findDhcp6Option(one, 13)!.data, 0)) // prettier-ignore
    expect([statusOf(4), statusOf(25)]).toEqual([[2], [6]])
    expect([4, 25].map((code) => u32At(offer!.option(code)!, 0))).toEqual([9, 10])
  })

  test('is told NoAddrsAvail within its association where the pool is empty, and why is told', () => {
    const bench = new Bench6(small)
    for (let index = 1; index <= 4; index++) {
      expect(bench.lease({ iaid: index })).toBe(`fd00:77::10${index - 1}`)
      bench.now += 1000
    }
    const offer = bench.ask('solicit', { iaid: 9 })!
    expect([offer.type, offer.addresses, offer.status]).toEqual(['ADVERTISE', [], 2])
    expect(offer.option(13)).toBeUndefined()
    expect(bench.takeEvents().at(-1)).toMatchObject({ type: 'pool-exhausted', subnet: 'fd00:77::/64', usage: { leased: 4, size: 4 }, isTableFull: false }) // prettier-ignore
    // The one that has been free for longest is given again once it has run out.
    bench.now += 3_601_000
    bench.timeout()
    expect(bench.takeEvents().filter((event) => event.type === 'lease-expired')).toHaveLength(4)
    expect(bench.lease({ iaid: 9 })).toBe('fd00:77::100')
    expect(bench.lease({ iaid: 2 })).toBe('fd00:77::101')
  })

  test('gets what it asks for where it is free', () => {
    const bench = new Bench6(small)
    expect(bench.ask('solicit', { addresses: ['fd00:77::102'] })!.addresses).toEqual(['fd00:77::102'])
    expect(bench.ask('solicit', { iaid: 2, addresses: ['fd00:77::102'] })!.addresses).toEqual(['fd00:77::100'])
    expect(bench.ask('solicit', { iaid: 3, addresses: ['fd00:77::999'] })!.addresses).toEqual(['fd00:77::101'])
  })

  test('offers lapse, and another server that is chosen frees them at once', () => {
    const bench = new Bench6(small)
    bench.ask('solicit')
    expect(bench.server.size.offers).toBe(1)
    expect(bench.ask('request', { server: duidLl('02:00:00:00:00:99') })).toBeUndefined()
    expect(bench.server.size.offers).toBe(0)
    bench.ask('solicit')
    bench.now += 31_000
    bench.timeout()
    expect(bench.server.size).toMatchObject({ offers: 0, records: 0 })
  })

  test('our own addresses and reserved ones are given to nobody else', () => {
    const pools = [{ start: 'fd00:77::1', end: 'fd00:77::3' }]
    const reservations = [{ mac: '52:54:00:77:00:09', address: 'fd00:77::2' }]
    const bench = new Bench6({ ipv6: { subnets: [{ subnet: 'fd00:77::/64', pools, reservations }] } })
    expect(bench.lease()).toBe('fd00:77::3')
    expect(bench.lease({ mac: '52:54:00:77:00:02' })).toBeUndefined()
    expect(bench.lease({ mac: '52:54:00:77:00:09' })).toBe('fd00:77::2')
  })

  test('a preference is told where the lab has one', () => {
    expect(new Bench6(small).ask('solicit')!.option(7)).toBeUndefined()
    const bench = new Bench6({ ipv6: { ...small.ipv6, preference: 255 } })
    expect(bench.ask('solicit')!.option(7)).toEqual(bytes(255))
  })

  test('without networks in the lab, those of the interface are served', () => {
    const bench = new Bench6()
    expect(bench.lease()).toBe('fd00:77::1:0')
    expect(bench.server.usage()).toEqual([{ subnet: 'fd00:77::/64', used: 1, size: 65_536 }])
  })

  test('a store that remembers leases gives them back; one that fails takes them back', () => {
    const bench = new Bench6(small)
    bench.lease()
    const leases = bench.server.records()
    expect(new Bench6(small, [served6], leases).lease()).toBe('fd00:77::100')
    expect(new Bench6(small, [served6], leases).lease({ iaid: 2 })).toBe('fd00:77::101')
    bench.server.takeBack(bench.changes)
    expect(bench.server.records()).toEqual([])
  })

  test('a person frees an address and gives it back', () => {
    const bench = new Bench6(small)
    const address = bench.lease()!
    expect(bench.server.forget(address, bench.now)).toBe(true)
    expect(bench.server.leases()[0]!.state).toBe('released')
    expect(bench.server.restore(address, bench.now)).toBe('restored')
    expect(bench.server.leases()[0]!.state).toBe('bound')
    expect(bench.server.forget('fd00:77::9999', bench.now)).toBe(false)
  })
})

describe('who has an address', () => {
  const bound = (): Bench6 => {
    const bench = new Bench6(small)
    bench.lease()
    bench.takeEvents()
    return bench
  }

  test('renews it, and by REBIND too', () => {
    const bench = bound()
    for (const kind of ['renew', 'rebind'] as const) {
      bench.now += 1_800_000
      const reply = bench.ask(kind, { addresses: ['fd00:77::100'] })!
      expect([reply.type, reply.addresses, reply.status]).toEqual(['REPLY', ['fd00:77::100'], undefined])
      expect(bench.server.leases()[0]!.until).toBe(bench.now + 3_600_000)
    }
  })

  test('that this server has no record of, but may have, gets it by RENEW and by REBIND', () => {
    for (const kind of ['renew', 'rebind'] as const)
      expect(new Bench6(small).ask(kind, { addresses: ['fd00:77::102'] })!.addresses).toEqual(['fd00:77::102'])
  })

  test('that is another’s or of another network is told so', () => {
    const bench = bound()
    const other = { mac: '52:54:00:77:00:02' }
    expect(bench.ask('renew', { ...other, addresses: ['fd00:77::100'] })).toMatchObject({ addresses: [], status: 3 })
    expect(bench.ask('renew', { ...other, addresses: ['fd00:99::100'] })).toMatchObject({ addresses: [], status: 3 })
    // By REBIND it is given another, and the old one has lifetimes of 0.
    const reply = bench.ask('rebind', { ...other, addresses: ['fd00:99::100'] })!
    expect(reply.addresses).toEqual(['fd00:77::101'])
    const inside = findDhcp6Option(reply.message, 3)!.options.map(({ data }) => [formatIpv6(data), u32At(data, 20)])
    expect(inside).toEqual([['fd00:77::101', 3600], ['fd00:99::100', 0]]) // prettier-ignore
    expect(bench.ask('request', { ...other, iaid: 5, addresses: ['fd00:99::1'] })).toMatchObject({ addresses: [], status: 4 }) // prettier-ignore
    expect(bench.ask('rebind', { mac: '52:54:00:77:00:03', addresses: [] })).toBeUndefined()
  })

  test('asks by CONFIRM whether it is on its link', () => {
    const bench = bound()
    const statusOf = (addresses: string[]): number => u16At(bench.ask('confirm', { addresses })!.option(13)!, 0)
    expect(statusOf(['fd00:77::100'])).toBe(0)
    expect(bench.takeEvents()).toMatchObject([{ type: 'dhcp-confirmed', address: 'fd00:77::100' }])
    expect(statusOf(['fd00:77::100', 'fd00:88::1'])).toBe(4)
    expect(bench.ask('confirm')).toBeUndefined()
  })

  test('gives it back, and it is free', () => {
    const bench = bound()
    const reply = bench.ask('release', { addresses: ['fd00:77::100'] })!
    expect([reply.type, u16At(reply.option(13)!, 0), reply.option(3)]).toEqual(['REPLY', 0, undefined])
    expect(bench.takeEvents()).toMatchObject([{ type: 'address-released', address: 'fd00:77::100' }])
    expect(bench.server.leases()[0]!.state).toBe('released')
    // What it does not have is NoBinding within its association, and success of the message.
    const again = bench.ask('release', { addresses: ['fd00:77::100'] })!
    expect([u16At(again.option(13)!, 0), u16At(findDhcp6Option(findDhcp6Option(again.message, 3)!, 13)!.data, 0)]).toEqual([0, 3]) // prettier-ignore
  })

  test('declines it, and it is left alone for a minute', () => {
    const bench = bound()
    expect(u16At(bench.ask('decline', { addresses: ['fd00:77::100'] })!.option(13)!, 0)).toBe(0)
    expect(bench.takeEvents()).toMatchObject([{ type: 'address-declined', quarantineSeconds: 60, declines: 1 }])
    expect(bench.lease()).toBe('fd00:77::101')
    expect(bench.lease({ iaid: 2 })).toBe('fd00:77::102')
    expect(bench.lease({ iaid: 3 })).toBe('fd00:77::103')
    // Nobody else is left who did not decline it: another machine is offered it after all.
    expect(bench.lease({ mac: '52:54:00:77:00:02' })).toBe('fd00:77::100')
    expect(bench.takeEvents().map(({ type }) => type)).toContain('declined-address-offered')
  })

  test('of another machine is neither released nor declined by a liar', () => {
    const bench = bound()
    for (const kind of ['release', 'decline'] as const)
      bench.ask(kind, { mac: '52:54:00:77:00:66', addresses: ['fd00:77::100'] })
    expect(bench.server.leases()).toMatchObject([{ address: 'fd00:77::100', state: 'bound', mac: clientMac }])
  })

  test('and asks by unicast is told to use multicast, and gets nothing', () => {
    const bench = bound()
    for (const kind of ['request', 'renew', 'release', 'decline'] as const) {
      const reply = bench.ask(kind, { addresses: ['fd00:77::100'], wants: [23] }, { isMulticast: false, destinationAddress: 'fd00:77::1' })! // prettier-ignore
      expect([reply.type, reply.status]).toEqual(['REPLY', 5])
      expect(reply.message.options.map(({ code }) => code)).toEqual([1, 2, 13])
    }
    expect(bench.server.leases()).toMatchObject([{ state: 'bound' }])
  })
})

describe('what RFC 8415 section 16 has discarded', () => {
  test.each<[string, Kind6, object]>([
    ['SOLICIT without client identifier', 'solicit', { duid: null }],
    ['SOLICIT with server identifier', 'solicit', { server: serverDuid }],
    ['REQUEST without server identifier', 'request', { server: null }],
    ['REQUEST to another server', 'request', { server: duidLl('02:00:00:00:00:99') }],
    ['REQUEST without client identifier', 'request', { duid: null }],
    ['CONFIRM with server identifier', 'confirm', { server: serverDuid, addresses: ['fd00:77::100'] }],
    ['RENEW without server identifier', 'renew', { server: null, addresses: ['fd00:77::100'] }],
    ['RENEW to another server', 'renew', { server: duidLl('02:00:00:00:00:99') }],
    ['REBIND with server identifier', 'rebind', { server: serverDuid, addresses: ['fd00:77::100'] }],
    ['RELEASE without client identifier', 'release', { duid: null }],
    ['RELEASE to another server', 'release', { server: duidLl('02:00:00:00:00:99') }],
    ['DECLINE without server identifier', 'decline', { server: null }],
    ['INFORMATION-REQUEST to another server', 'information-request', { server: duidLl('02:00:00:00:00:99') }],
    ['INFORMATION-REQUEST with an association', 'information-request', { options: [iaNa(1)] }],
    ['a DUID that is too short', 'solicit', { duid: bytes(0, 3) }],
    ['a DUID that is too long', 'solicit', { duid: new Uint8Array(131) }],
  ])('%s', (_, kind, asked) => {
    const bench = new Bench6(small)
    expect(bench.ask(kind, asked)).toBeUndefined()
    expect(bench.server.size).toMatchObject({ records: 0, offers: 0 })
  })

  test.each(['solicit', 'confirm', 'rebind', 'information-request'] as const)('%s by unicast', (kind) => {
    const bench = new Bench6(small)
    const asked = { addresses: ['fd00:77::100'] }
    expect(bench.ask(kind, asked, { isMulticast: false, destinationAddress: 'fd00:77::1' })).toBeUndefined()
    expect(bench.ask(kind, asked)).toBeDefined()
  })

  test('types that no client sends, replies of relay agents, senders that nobody can answer', () => {
    const bench = new Bench6(small)
    for (const type of [0, 2, 7, 10, 13, 14, 36, 255]) expect(bench.hear(message6(type, 1, [option6(1, duidLl(clientMac)), iaNa(1)]))).toEqual([]) // prettier-ignore
    for (const address of ['ff02::1', '::']) expect(bench.ask('solicit', {}, { source: { address, port: 546 } })).toBeUndefined() // prettier-ignore
    expect(bench.ask('solicit', {}, { source: { address: 'fe80::2', port: 0 } })).toBeUndefined()
    expect(bench.ask('solicit', {}, { interface: 'eth9' })).toBeUndefined()
    expect(bench.ask('solicit', {}, { source: { address: served6.linkLocal!, port: 547 } })).toBeUndefined()
  })

  test('a message that is cut off, wherever', () => {
    const whole = message('solicit', pxe6)
    const ends = new Set<number>()
    for (let at = 4; at < whole.length; at += 4 + u16At(whole, at + 2)) ends.add(at)
    for (let length = 0; length < whole.length; length++)
      expect(new Bench6(small).hear(whole.subarray(0, length)).length, String(length)).toBeLessThanOrEqual(ends.has(length) ? 1 : 0) // prettier-ignore
  })

  test('clients that the lab denies', () => {
    const bench = new Bench6({ ...small, clients: { deny: ['52:54:00'] } })
    expect(bench.ask('solicit')).toBeUndefined()
    expect(bench.takeEvents()).toMatchObject([{ type: 'dhcp-ignored', reason: 'its address is on the deny list' }])
  })
})

describe('what a client is told besides', () => {
  const lab = {
    ipv6: {
      subnets: [
        {
          ...subnets[0]!,
          dns: ['fd00:77::53', 'fd00:77::54'],
          domains: ['lab.example.com', 'example.com'],
          options: { 31: 'fd00:77::123', 'information-refresh-time': 900, 60: ['a', 'bc'], 999: '0x0102' },
          reservations: [{ uuid, address: 'fd00:77::50', options: { 31: 'fd00:77::124' } }],
        },
      ],
      options: { 31: 'fd00:77::1', 'sol-max-rt': 120 },
    },
  }

  test('only what it asks for, the nearest level winning', () => {
    const bench = new Bench6(lab)
    const offer = bench.ask('solicit', { wants: [24, 23, 31, 82, 999] })!
    expect(offer.message.options.map(({ code }) => code)).toEqual([1, 2, 3, 24, 23, 31, 82, 999])
    expect(formatHex(offer.option(23)!)).toBe('fd000077000000000000000000000053fd000077000000000000000000000054')
    expect(formatHex(offer.option(24)!)).toBe('036c6162076578616d706c6503636f6d00076578616d706c6503636f6d00')
    expect(formatIpv6(offer.option(31)!)).toBe('fd00:77::123')
    expect(formatHex(offer.option(82)!)).toBe('00000078')
    expect(bench.ask('solicit')!.message.options.map(({ code }) => code)).toEqual([1, 2, 3])
    expect(formatIpv6(bench.ask('solicit', { duid: duidUuid(uuid), wants: [31] })!.option(31)!)).toBe('fd00:77::124')
  })

  test('also by INFORMATION-REQUEST, with or without a client identifier', () => {
    for (const mode of ['stateful', 'stateless'] as const) {
      const bench = new Bench6({ ipv6: { ...lab.ipv6, mode } })
      const reply = bench.ask('information-request', { wants: [32, 60] })!
      expect(reply.message.options.map(({ code }) => code)).toEqual([1, 2, 32, 60])
      expect([u32At(reply.option(32)!, 0), formatHex(reply.option(60)!)]).toEqual([900, '00016100026263'])
      expect(bench.ask('information-request', { duid: null })!.message.options.map(({ code }) => code)).toEqual([2])
      expect(bench.ask('information-request', { server: serverDuid })).toBeDefined()
    }
  })

  test('a stateless lab gives no address and says why', () => {
    const bench = new Bench6({ ipv6: { mode: 'stateless' } })
    expect(bench.ask('solicit')).toBeUndefined()
    expect(bench.takeEvents()).toMatchObject([{ type: 'dhcp-ignored', reason: expect.stringMatching('stateless') as string }]) // prettier-ignore
  })

  test('an interface with a link-local address alone is on the wire of the network that no other is in', () => {
    const alone = { ...served6, addresses: [] }
    expect(new Bench6(small, [alone]).ask('solicit', pxe6)).toMatchObject({ addresses: ['fd00:77::100'], url: `tftp://[${served6.linkLocal!}]/ipxe.efi` }) // prettier-ignore
    expect(new Bench6(small, [alone, { ...served6, name: 'eth1' }]).ask('solicit')).toBeUndefined()
  })

  test('an interface without an address in the network is told, with what to do', () => {
    const bench = new Bench6({}, [{ ...served6, addresses: [] }])
    expect(bench.ask('solicit')).toBeUndefined()
    expect(bench.takeEvents()[0]).toMatchObject({ reason: expect.stringMatching('give it one in the network') as string }) // prettier-ignore
    const elsewhere = new Bench6(small, [{ ...served6, addresses: [{ address: '2001:db8::1', prefixLength: 64 }] }])
    expect(elsewhere.ask('solicit')).toBeUndefined()
    expect(elsewhere.takeEvents()[0]).toMatchObject({ reason: expect.stringMatching('2001:db8::1/64') as string })
  })

  test('options beyond a packet of 1280 bytes are left out, and told', () => {
    const options = Object.fromEntries([200, 201, 202].map((code) => [code, `0x${'ab'.repeat(500)}`]))
    const bench = new Bench6({ ipv6: { options } })
    const offer = bench.ask('solicit', { wants: [200, 201, 202] })!
    expect(offer.answer.payload.length).toBeLessThanOrEqual(1232)
    expect([200, 201, 202].map((code) => offer.option(code)?.length)).toEqual([500, 500, undefined])
    expect(offer.answer.event).toMatchObject({ type: 'dhcp-offered', droppedOptions: [202] })
  })
})

describe('network boot', () => {
  test('UEFI gets the TFTP URL of our address, and no class, which would send it to port 4011', () => {
    const bench = new Bench6(small)
    for (const told of [bench.ask('solicit', pxe6)!, bench.ask('request', pxe6)!]) {
      expect([told.url, told.classes]).toEqual(['tftp://[fd00:77::1]/ipxe.efi', []])
      expect(told.answer.event).toMatchObject({ boot: { rule: 1, file: 'tftp://[fd00:77::1]/ipxe.efi' } })
    }
  })

  test('an operating system gets no boot file', () => {
    expect(new Bench6(small).ask('solicit', { wants: [23, 24] })!.url).toBe('')
  })

  test('iPXE, which tells no architecture and asks for the URL, gets its script and never iPXE again', () => {
    const bench = new Bench6(small)
    expect(bench.ask('solicit', { userClass: 'iPXE', wants: [23, 24, 59] })!.url).toBe('tftp://[fd00:77::1]/boot.ipxe')
    const loop = new Bench6({ boot: { files: '.', programs: [{ file: 'ipxe.efi' }] } })
    expect(loop.ask('solicit', { userClass: 'iPXE', wants: [59] })!.url).toBe('')
    expect(loop.takeEvents().at(-1)).toMatchObject({ boot: { reason: expect.stringMatching('iPXE is asking already') as string } }) // prettier-ignore
  })

  test('HTTP boot gets the address of the file over HTTP and its class, without which EDK2 takes no offer', () => {
    const http = { enabled: true, port: 8080 }
    const offer = new Bench6({ boot: { files: '.', programs: [{ file: 'x/a b.efi' }] }, http }).ask('solicit', http6)!
    expect([offer.url, offer.classes]).toEqual(['http://[fd00:77::1]:8080/x/a%20b.efi', ['HTTPClient']])
    expect(formatHex(offer.option(16)!)).toBe(`00000157000a${formatHex(encodeText('HTTPClient'))}`)
    const none = new Bench6({ boot: { files: '.', programs: [{ file: 'a.efi' }] } })
    expect(none.ask('solicit', http6)!.url).toBe('')
    expect(none.takeEvents().at(-1)).toMatchObject({ boot: { reason: expect.stringMatching('enable http') as string } })
  })

  test.each<[string, object, string]>([
    ['hardware address of the link-local address', { mac: '52:54:00' }, 'a'],
    ['UUID of the DUID', { uuid }, 'a'],
    ['network', { subnet: 'fd00:77::/64' }, 'a'],
    ['network that is another', { subnet: 'fd00:78::/64' }, ''],
    ['network of IPv4', { subnet: '0.0.0.0/0' }, ''],
    ['vendor class', { vendorClass: 'PXEClient' }, 'a'],
    ['relay', { relay: 'fd00:77::/64' }, ''],
    ['architecture that is another', { architecture: 'bios' }, ''],
  ])('rules by %s', (_, conditions, file) => {
    const bench = new Bench6({ boot: { files: '.', programs: [{ ...conditions, file: 'a' }] } })
    const { url } = bench.ask('solicit', { ...pxe6, duid: duidUuid(uuid) })!
    expect(url).toBe(file && `tftp://[fd00:77::1]/${file}`)
  })

  test('another file server is named by its IPv6 address; one of IPv4 alone is told', () => {
    const of = (rule: object, more: object = {}): Bench6 => new Bench6({ boot: { files: '.', programs: [{ file: 'a', ...rule }], ...more } }) // prettier-ignore
    expect(of({ nextServer6: 'fd00:0::9' }).ask('solicit', pxe6)!.url).toBe('tftp://[fd00::9]/a')
    expect(of({}, { nextServer6: 'fd00::8' }).ask('solicit', pxe6)!.url).toBe('tftp://[fd00::8]/a')
    expect(of({ nextServer: '10.0.0.1', nextServer6: 'fd00::9' }).ask('solicit', pxe6)!.url).toBe('tftp://[fd00::9]/a')
    const bench = of({ nextServer: '10.0.0.1' })
    expect(bench.ask('solicit', pxe6)!.url).toBe('')
    expect(bench.takeEvents().at(-1)).toMatchObject({ boot: { reason: expect.stringMatching('nextServer6') as string } }) // prettier-ignore
    expect(of({ file: 'http://example.com/x' }).ask('solicit', http6)!.url).toBe('http://example.com/x')
  })

  test('who the client is: relay (RFC 6939), link-local address, DUID, in this order', () => {
    const macOf = (payload: Uint8Array, source = 'fe80::1234'): string => {
      const bench = new Bench6(small)
      bench.hear(payload, { source: { address: source, port: 546 } })
      const event = bench.takeEvents().find((one) => 'client' in one) as { client: { mac: string } }
      return event.client.mac
    }
    const duid = duidLl('52:54:00:00:00:0d')
    const solicit = message('solicit', { duid })
    expect(macOf(solicit)).toBe('52:54:00:00:00:0d')
    expect(macOf(solicit, linkLocal('52:54:00:00:00:11'))).toBe('52:54:00:00:00:11')
    const seen = option6(79, bytes(0, 1, 0x52, 0x54, 0, 0, 0, 0x39))
    expect(macOf(relayed(solicit, 'fd00:77::9', linkLocal('52:54:00:00:00:11'), [seen]), 'fd00:77::9')).toBe('52:54:00:00:00:39') // prettier-ignore
    expect(macOf(message('solicit', { duid: duidUuid(uuid) }))).toMatch(/^duid 00:04:/)
  })

  test('a UUID is the same in the DUID of firmware and of iPXE, which writes it the other way round', () => {
    // Both captured from a machine with this UUID, EDK2 and the iPXE that it loaded.
    const machine = '5c9b33f1-2d5e-4f7e-9d3a-001122334455'
    const reservations = [{ uuid: machine, address: 'fd00:77::50' }]
    const bench = new Bench6({ ipv6: { subnets: [{ ...subnets[0]!, reservations }] } })
    const duid = (octets: string): Uint8Array => join(bytes(0, 4), parseHex(octets)!)
    const firmware = duid('f1339b5c5e2d7e4f9d3a001122334455')
    const ipxe = duid('5c9b33f12d5e4f7e9d3a001122334455')
    const addressOf = (asked: object): string => bench.ask('solicit', asked)!.addresses[0]!
    expect(addressOf({ ...pxe6, duid: firmware })).toBe('fd00:77::50')
    expect(addressOf({ ...pxe6, duid: ipxe, userClass: 'iPXE' })).toBe('fd00:77::50')
    expect(addressOf({ ...pxe6, duid: ipxe })).not.toBe('fd00:77::50')
  })

  test('a reserved address is its machine’s, whether firmware, iPXE or the system asks', () => {
    const reservations = [{ mac: clientMac, address: 'fd00:77::50' }]
    const bench = new Bench6({ ipv6: { subnets: [{ ...subnets[0]!, reservations }] } })
    const time = bytesOfU32(700_000_000)
    expect(bench.lease({ duid: duidUuid(uuid), iaid: 1 })).toBe('fd00:77::50')
    expect(bench.lease({ duid: duidUuid(uuid), iaid: 0x77 })).toBe('fd00:77::50')
    expect(bench.lease({ duid: join(bytes(0, 1, 0, 1), time, bytes(0x52, 0x54, 0, 0x77, 0, 1)), iaid: 3 })).toBe('fd00:77::50') // prettier-ignore
    expect(bench.server.leases()).toHaveLength(1)
  })
})

describe('relay agents', () => {
  const remote = [{ subnet: 'fd00:99::/64', pools: [{ start: 'fd00:99::10', end: 'fd00:99::1f' }] }]
  const lab = { ipv6: { subnets: [...subnets, ...remote] }, boot }
  const peer = linkLocal(clientMac)
  const interfaceId = option6(18, encodeText('ge-0/0/7'))
  const remoteId = option6(37, bytesOfU32(9), encodeText('room 4'))
  const agent = { source: { address: 'fd00:99::1', port: 547 }, destinationAddress: 'fd00:77::1', isMulticast: false }

  test('get it back with what they wrote, and the client an address of its link', () => {
    const bench = new Bench6(lab)
    const [told] = bench.hear(relayed(message('solicit', pxe6), 'fd00:99::1', peer, [interfaceId, remoteId]), agent)
    expect(told!.addresses).toEqual(['fd00:99::10'])
    expect(told!.url).toBe('tftp://[fd00:77::1]/ipxe.efi')
    expect(told!.answer).toMatchObject({ destination: { address: 'fd00:99::1', port: 547 }, sourceAddress: 'fd00:77::1' }) // prettier-ignore
    const { message: outer } = decodeDhcp6(told!.answer.payload)
    expect([outer.type, outer.relay]).toEqual([13, { hops: 0, linkAddress: 'fd00:99::1', peerAddress: peer }])
    expect(outer.options.map(({ code }) => code)).toEqual([18, 37, 9])
    expect(told!.answer.event).toMatchObject({ via: 'fd00:99::1' })
  })

  test('in a chain: each its own, and the one next to the client tells the link', () => {
    const bench = new Bench6(lab)
    const inner = relayed(message('solicit'), 'fd00:99::1', peer, [interfaceId])
    const outer = relayed(inner, 'fd00:77::2', 'fd00:99::1', [option6(18, encodeText('up'))], 1)
    const [told] = bench.hear(outer, agent)
    expect(told!.addresses).toEqual(['fd00:99::10'])
    const { message: first } = decodeDhcp6(told!.answer.payload)
    const second = findDhcp6Option(first, 9)!.message!
    const idOf = (one: typeof first): string => String.fromCharCode(...findDhcp6Option(one, 18)!.data)
    expect([idOf(first), first.relay!.hops, idOf(second), second.relay!.hops]).toEqual(['up', 1, 'ge-0/0/7', 0])
    expect(findDhcp6Option(second, 9)!.message!.type).toBe(2)
  })

  test('nine of them pass, ten do not (HOP_COUNT_LIMIT)', () => {
    const chain = (length: number): Uint8Array => {
      let payload = message('solicit')
      for (let hop = 0; hop < length; hop++) payload = relayed(payload, hop === 0 ? 'fd00:99::1' : '::', peer, [], hop)
      return payload
    }
    expect(new Bench6(lab).hear(chain(9), agent)).toHaveLength(1)
    expect(new Bench6(lab).hear(chain(10), agent)).toEqual([])
  })

  test('that name another port are answered there (RFC 8357), and told which options they asked back (RFC 4994)', () => {
    const bench = new Bench6(lab)
    const options = [option6(135, bytesOfU16(0)), option6(43, bytesOfU16(38)), option6(38, encodeText('them'))]
    const [told] = bench.hear(relayed(message('solicit'), 'fd00:99::1', peer, options), { ...agent, source: { address: 'fd00:99::1', port: 40_000 } }) // prettier-ignore
    expect(told!.answer.destination.port).toBe(40_000)
    expect(decodeDhcp6(told!.answer.payload).message.options.map(({ code }) => code)).toEqual([135, 38, 9])
  })

  test('that bridge (RFC 6221) name no link: it is ours', () => {
    const [told] = new Bench6(lab).hear(relayed(message('solicit'), '::', peer, [interfaceId]), { source: { address: 'fe80::9', port: 547 } }) // prettier-ignore
    expect(told!.addresses).toEqual(['fd00:77::100'])
  })

  test('of a link that the lab does not know are not answered, and told', () => {
    const bench = new Bench6(lab)
    expect(bench.hear(relayed(message('solicit'), 'fd00:55::1', peer), agent)).toEqual([])
    expect(bench.takeEvents()).toMatchObject([{ type: 'dhcp-ignored', reason: expect.stringMatching('fd00:55::1') as string }]) // prettier-ignore
  })

  test('with nothing in them, or a reply, are dropped', () => {
    const bench = new Bench6(lab)
    expect(bench.hear(join(bytes(12, 0), address6('fd00:99::1'), address6(peer)), agent)).toEqual([])
    expect(bench.hear(relayed(message6(7, 1, [option6(1, duidLl(clientMac))]), 'fd00:99::1', peer), agent)).toEqual([])
  })

  test.each<[object, string]>([
    [{ relay: 'fd00:99::1' }, 'a'],
    [{ relay: 'fd00:99::/64' }, 'a'],
    [{ relay: 'fd00:77::/64' }, ''],
    [{ circuitId: 'ge-0/0/7' }, 'a'],
    [{ remoteId: 'room 4' }, 'a'],
    [{ remoteId: '0x726f6f6d2034' }, 'a'],
    [{ remoteId: 'room 5' }, ''],
    [{ subnet: 'fd00:99::/64' }, 'a'],
  ])('rules by %j', (conditions, file) => {
    const bench = new Bench6({ ...lab, boot: { files: '.', programs: [{ ...conditions, file: 'a' }] } })
    const [told] = bench.hear(relayed(message('solicit', pxe6), 'fd00:99::1', peer, [interfaceId, remoteId]), agent)
    expect(told!.url).toBe(file && 'tftp://[fd00:77::1]/a')
  })
})

describe('beside another DHCPv6 server', () => {
  const lab = {
    mode: 'proxy-dhcp' as const,
    boot: { files: '.', programs: [...programs, { architecture: 16, file: 'ipxe.efi' }] },
    http: { enabled: true },
  }

  test('PXE firmware is offered the class of PXE and a URL without an address, and told the file on port 4011', () => {
    const bench = new Bench6(lab)
    const offer = bench.ask('solicit', pxe6)!
    expect([offer.type, offer.addresses, offer.option(3), offer.option(7)]).toEqual(['ADVERTISE', [], undefined, undefined]) // prettier-ignore
    expect([offer.classes, offer.url]).toEqual([['PXEClient'], 'tftp://[fd00:77::1]/ipxe.efi'])
    expect(offer.answer.event).toMatchObject({ type: 'proxy-offered', form: 'ask-boot-server' })
    const reply = bench.ask('request', { ...pxe6, noAssociation: true }, { source: { address: 'fd00:77::1:5', port: 4011 }, destinationPort: 4011, destinationAddress: 'fd00:77::1', isMulticast: false })! // prettier-ignore
    expect([reply.type, reply.url]).toEqual(['REPLY', 'tftp://[fd00:77::1]/ipxe.efi'])
    expect(reply.answer).toMatchObject({ sourcePort: 4011, sourceAddress: 'fd00:77::1', destination: { address: 'fd00:77::1:5', port: 4011 } }) // prettier-ignore
    expect(reply.answer.event).toMatchObject({ type: 'boot-server-answered', address: 'fd00:77::1:5' })
  })

  test('HTTP boot takes its offer as it is', () => {
    const offer = new Bench6(lab).ask('solicit', http6)!
    expect([offer.classes, offer.url, offer.option(3)]).toEqual([['HTTPClient'], 'http://[fd00:77::1]/ipxe.efi', undefined]) // prettier-ignore
  })

  test('iPXE and operating systems are offered nothing; messages to the other server are left to it', () => {
    const bench = new Bench6(lab)
    expect(bench.ask('solicit', { wants: [23] })).toBeUndefined()
    expect(bench.takeEvents()).toEqual([])
    expect(bench.ask('solicit', { userClass: 'iPXE', wants: [59] })).toBeUndefined()
    expect(bench.takeEvents()).toMatchObject([{ type: 'proxy-ignored', reason: expect.stringMatching('iPXE') as string }]) // prettier-ignore
    for (const kind of ['request', 'renew', 'rebind', 'release', 'confirm'] as const)
      expect(bench.ask(kind, { ...pxe6, addresses: ['fd00:77::5'] })).toBeUndefined()
    expect(bench.server.size).toMatchObject({ records: 0, offers: 0 })
  })

  test('who asks for information alone is told what to boot', () => {
    const reply = new Bench6(lab).ask('information-request', { userClass: 'iPXE', wants: [59] })!
    expect(reply.url).toBe('tftp://[fd00:77::1]/boot.ipxe')
    expect(new Bench6(lab).ask('information-request', { wants: [23] })).toBeUndefined()
  })

  test('a boot server alone answers on its port, whichever server sent the client', () => {
    const bench = new Bench6({ ...lab, mode: 'boot-server' })
    expect(bench.ask('solicit', pxe6)).toBeUndefined()
    const from = { source: { address: 'fd00:77::5', port: 4011 }, destinationPort: 4011, isMulticast: false }
    expect(bench.ask('request', { ...pxe6, server: duidLl('02:00:00:00:00:99'), noAssociation: true }, from)!.url).toBe('tftp://[fd00:77::1]/ipxe.efi') // prettier-ignore
    expect(bench.ask('request', { wants: [23], noAssociation: true }, from)).toBeUndefined()
  })

  test('a listening lab and one that plays a Windows server have no DHCPv6 server', () => {
    expect(() => new Bench6({ mode: 'listen' })).toThrow()
    expect(() => new Bench6({ role: 'wds' })).toThrow()
  })
})

test('a lab away from port 547 answers where it was asked from', () => {
  const bench = new Bench6({ ports: { dhcp6: 1547 } })
  const told = bench.ask('solicit', {}, { destinationPort: 1547, source: { address: 'fe80::5', port: 1546 } })!
  expect([told.answer.sourcePort, told.answer.destination.port]).toEqual([1547, 1546])
})

test('our DUID is that of our hardware address, or the one of the lab', () => {
  expect(formatHex(new Bench6().server.configuration.duid)).toBe(`00030001${serverMac.replaceAll(':', '')}`)
  expect(formatHex(new Bench6({ ipv6: { duid: '00:04:01' } }).server.configuration.duid)).toBe('000401')
  expect(iaAddress('fd00::1').data).toHaveLength(24)
})

test('names with the machine’s values, and its entry of machines, stand for IPv6 too', () => {
  const machines = [{ mac: clientMac, variables: { role: 'node' }, hostname: 'pc7' }]
  const of = (file: string, more: object = {}): Bench6 =>
    new Bench6({ machines: [{ ...machines[0]!, ...more }], boot: { files: '.', programs: [{ file }] } })
  expect(of('{role}/{mac}.efi').ask('request', pxe6)!.url).toBe('tftp://[fd00:77::1]/node/52%3A54%3A00%3A77%3A00%3A01.efi') // prettier-ignore
  expect(of('{ip}.efi').ask('request', pxe6)!.url).toBe('tftp://[fd00:77::1]/fd00%3A77%3A%3A1%3A0.efi')
  expect(of('a.efi', { boot: 'own.efi' }).ask('solicit', pxe6)!.url).toBe('tftp://[fd00:77::1]/own.efi')
  const bench = of('{uuid}.efi')
  expect(bench.ask('solicit', pxe6)!.url).toBe('')
  expect(bench.takeEvents().at(-1)).toMatchObject({ boot: { reason: expect.stringMatching('UUID') as string } })
})

test('of what a client says of itself as much is kept as anything honest needs, however long its options are', () => {
  const bench = new Bench6()
  // An address that tells no hardware address: the client is known by its DUID.
  const from = { source: { address: 'fe80::1234', port: 546 } }
  const long = 'x'.repeat(30_000)
  expect(bench.ask('solicit', { duid: new Uint8Array(60_000) }, from)).toBeUndefined()
  bench.ask('solicit', { ...pxe6, vendorClass: `PXEClient:Arch:00007:${long}`, userClass: long }, from)
  bench.ask('solicit', { options: [option6(15, ...Array.from({ length: 10_000 }, () => counted('a')))] }, from)
  const events = bench.takeEvents()
  expect(events.map(({ type }) => type)).toEqual(['dhcp-ignored', 'dhcp-offered', 'dhcp-offered'])
  expect(events[0]).toMatchObject({ reason: expect.stringMatching('its DUID has 60000 bytes, and 3 to 130') as string })
  for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(2000)
})
