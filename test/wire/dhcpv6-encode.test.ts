/** Values of DHCPv6 options as a lab file writes them, and messages, as octets of the RFCs. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatHex, formatIpv6, formatMac } from '#shared/wire/bytes.ts'
import { OptionValueError, type OptionValue } from '#shared/wire/dhcp/kinds.ts'
import { duidOfMac, encodeDhcp6, encodeOptionValue6, iaAddressOption, iaOption, statusOption, vendorClassOption, wantedOfOption6 } from '#shared/wire/dhcpv6/encode.ts' // prettier-ignore
import { decodeLayout } from '#shared/wire/dhcpv6/layouts.ts'
import { decodeDhcp6 } from '#shared/wire/dhcpv6/message.ts'
import { dhcp6Options, findDhcp6OptionDefinition } from '#shared/wire/dhcpv6/options.ts'
import { endsOf6, hardwareOfLinkLocal, ipv6Number, ipv6Text, isInIpNetwork, networkOf6, parseIp, parseIpv6Network } from '#shared/wire/ip-address.ts' // prettier-ignore

const encoded = (name: string, value: OptionValue): string =>
  formatHex(encodeOptionValue6(findDhcp6OptionDefinition(name)!, value))

describe('values', () => {
  test.each<[string, OptionValue, string]>([
    ['dns-servers', 'fd00::1', 'fd000000000000000000000000000001'],
    ['23', ['fd00::1', '::2'], 'fd00000000000000000000000000000100000000000000000000000000000002'],
    ['domain-search-list', 'ab.c', '026162016300'],
    ['24', ['ab', 'c.'], '02616200016300'],
    ['captive-portal', 'a:b', '613a62'],
    ['information-refresh-time', 600, '00000258'],
    ['boot-file-parameters', ['a', 'bc'], '00016100026263'],
    ['60', 12, '00023132'],
    // RFC 5908 section 4: suboption 1, 2 or 3.
    ['ntp-server', ['fd00::1', 'ff05::101', 'a.b'], '00010010fd00000000000000000000000000000100020010ff050000000000000000000000000101000300050161016200'],
    ['address-registration-enable', true, ''],
    ['posix-timezone', '0x414243', '414243'],
    ['4711', '0x0102', '0102'],
  ])('%s: %j', (name, value, octets) => expect(encoded(name, value)).toBe(octets)) // prettier-ignore

  test.each<[string, OptionValue]>([
    ['dns-servers', '10.0.0.1'],
    ['dns-servers', []],
    ['dns-servers', 5],
    ['domain-search-list', 'a..b'],
    ['domain-search-list', 'x'.repeat(64)],
    ['information-refresh-time', -1],
    ['information-refresh-time', 2 ** 32],
    ['information-refresh-time', 'soon'],
    ['captive-portal', ''],
    ['4711', 'text'],
    ['4711', '0x012'],
  ])('%s does not carry %j, and says what it wants', (name, value) => {
    const definition = findDhcp6OptionDefinition(name)!
    expect(() => encodeOptionValue6(definition, value)).toThrow(OptionValueError)
    expect(() => encodeOptionValue6(definition, value)).toThrow(wantedOfOption6(definition))
  })

  test('that are encoded are decoded without a problem', () => {
    const samples: readonly OptionValue[] = ['fd00::1', ['fd00::1'], 'a.example', 5, true, 'text', ['a', 'b'], '0x0001']
    let count = 0
    for (const definition of dhcp6Options.values())
      for (const value of samples) {
        if (value === '0x0001') continue
        let data: Uint8Array
        try {
          data = encodeOptionValue6(definition, value)
        } catch {
          continue
        }
        count++
        expect(decodeLayout(definition.layout, data).problem, `${definition.name} ${JSON.stringify(value)}`).toBeUndefined() // prettier-ignore
      }
    expect(count).toBeGreaterThan(80)
  })

  test('an option is found by its number and its name alone', () => {
    expect(findDhcp6OptionDefinition('DNS-servers')?.code).toBe(23)
    for (const wrong of ['', '0', '65536', 'x', '1.5', '-1']) expect(findDhcp6OptionDefinition(wrong)).toBeUndefined()
  })
})

test('messages and their parts', () => {
  expect(formatHex(encodeDhcp6({ type: 2, xid: 0xabcdef, options: [{ code: 14, data: new Uint8Array(0) }] }))).toBe('02abcdef000e0000') // prettier-ignore
  const relay = { hops: 2, linkAddress: 'fd00::1', peerAddress: 'fe80::2' }
  expect(formatHex(encodeDhcp6({ type: 13, xid: 0, relay, options: [] }))).toBe('0d02fd000000000000000000000000000001fe800000000000000000000000000002') // prettier-ignore
  expect(formatHex(statusOption(2, 'no').data)).toBe('00026e6f')
  expect(formatHex(vendorClassOption(343, ['ab', 'c']).data)).toBe('0000015700026162000163')
  expect(formatHex(duidOfMac('52:54:00:00:00:01'))).toBe('00030001525400000001')
  const association = iaOption({ iaid: 1, t1: 2, t2: 3, options: [iaAddressOption('fd00::5', 6, 7)] })
  expect(formatHex(association.data)).toBe('00000001000000020000000300050018fd0000000000000000000000000000050000000600000007') // prettier-ignore
})

test('what is encoded is decoded as it was', () => {
  const option = fc.record({ code: fc.integer({ min: 200, max: 65_535 }), data: fc.uint8Array({ maxLength: 60 }) })
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3, 7, 11), fc.nat(0xffffff), fc.array(option, { maxLength: 6 }), (type, xid, options) => {
      const { message, problems } = decodeDhcp6(encodeDhcp6({ type, xid, options }))
      expect(problems).toEqual([])
      expect({ type: message.type, xid: message.xid, options: message.options.map(({ code, data }) => ({ code, data: new Uint8Array(data) })) }).toEqual({ type, xid, options })
    }),
  )
}) // prettier-ignore

test('addresses as numbers, networks, hardware addresses in link-local ones', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(128), (octets, length) => {
      const text = formatIpv6(octets)
      expect(ipv6Text(ipv6Number(text))).toBe(text)
      const network = networkOf6(text, length)
      expect(parseIpv6Network(`${network.address}/${length}`)).toEqual(network)
      expect(isInIpNetwork(text, `${network.address}/${length}`)).toBe(true)
      const { first, last } = endsOf6(network)
      expect(first <= ipv6Number(text) && ipv6Number(text) <= last).toBe(true)
      if (last + 1n < 1n << 128n) expect(isInIpNetwork(ipv6Text(last + 1n), `${network.address}/${length}`)).toBe(false)
    }),
  )
  expect(parseIp('10.0.0.1')).toBe(0x0a000001)
  expect(parseIp('FD00:0::1')).toBe('fd00::1')
  expect(isInIpNetwork(0x0a000001, '10.0.0.0/8')).toBe(true)
  expect(isInIpNetwork(0x0a000001, 'fd00::/8')).toBe(false)
  expect(formatMac(hardwareOfLinkLocal('fe80::5054:ff:fe77:1')!)).toBe('52:54:00:77:00:01')
  for (const none of ['fe80::1', 'fd00::5054:ff:fe77:1', 'fe80::1:5054:ff:fe77:1']) expect(hardwareOfLinkLocal(none)).toBeUndefined() // prettier-ignore
})
