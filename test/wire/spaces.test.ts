/** Options inside options: their numbers (PXE 2.1 section 2.4, RFC 3046 and its successors, iPXE, wdsbp.h), and each kind of value. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { parseHex } from '#shared/wire/bytes.ts'
import { decodeSpace, encodePxeVendorOptions, findSubOption, readBootItem, spaces, type SpaceName } from '#shared/wire/dhcp/spaces.ts' // prettier-ignore

const bytes = (hex: string): Uint8Array => parseHex(hex.replaceAll(' ', ''))!

test.each<[SpaceName, string]>([
  ['pxe', '1 mtftp-ip, 2 mtftp-client-port, 3 mtftp-server-port, 4 mtftp-timeout, 5 mtftp-delay, 6 discovery-control, 7 discovery-multicast-address, 8 boot-servers, 9 boot-menu, 10 menu-prompt, 11 multicast-address-allocation, 12 credential-types, 64 nic-path, 65 manufacturer-information, 66 os-information, 67 boot-os-information, 68 prompt-information, 69 os-information-2, 70 boot-os-information-2, 71 boot-item, 179 lcm-server, 180 lcm-domain, 181 lcm-nic-option, 190 lcm-workgroup, 191 lcm-discovery, 192 lcm-configured, 193 lcm-version, 194 lcm-serial-number, 208 pxelinux-magic, 209 configuration-file, 210 path-prefix, 211 reboot-time'],
  ['relay', '1 agent-circuit-id, 2 agent-remote-id, 4 docsis-device-class, 5 link-selection, 6 subscriber-id, 7 radius-attributes, 8 authentication, 9 vendor-specific-information, 10 relay-agent-flags, 11 server-identifier-override, 12 relay-agent-identifier, 13 access-technology-type, 14 access-network-name, 15 access-point-name, 16 access-point-bssid, 17 operator-identifier, 18 operator-realm, 19 relay-source-port, 150 cisco-link-selection, 151 virtual-subnet-selection, 152 cisco-server-identifier-override'],
  ['ipxe', '1 priority, 8 keep-san, 9 skip-san-boot, 16 feature-pxe-ext, 17 feature-iscsi, 18 feature-aoe, 19 feature-http, 20 feature-https, 21 feature-tftp, 22 feature-ftp, 23 feature-dns, 24 feature-bzimage, 25 feature-multiboot, 26 feature-slam, 27 feature-srp, 32 feature-nbi, 33 feature-pxe, 34 feature-elf, 35 feature-comboot, 36 feature-efi, 37 feature-fcoe, 38 feature-vlan, 39 feature-menu, 40 feature-sdi, 41 feature-nfs, 81 scriptlet, 85 syslogs-server, 90 trust, 91 certificate, 92 private-key, 93 cross-certificate, 176 no-pxedhcp, 177 bus-id, 187 san-retry, 188 san-filename, 189 san-drive, 190 username, 191 password, 192 reverse-username, 193 reverse-password, 194 uid, 195 gid, 235 version'],
  ['wds', '1 architecture, 2 next-action, 3 poll-interval, 4 poll-retry-count, 5 request-id, 6 message, 7 version-query, 8 server-version, 9 referral-server, 10 unknown-10, 11 pxe-client-prompt, 12 pxe-prompt-done, 13 boot-program-version, 14 action-done, 15 allow-server-selection, 16 server-features'],
])('the numbers of %s', (space, numbers) => {
  expect(Object.entries(spaces[space].options).map(([code, { name }]) => `${code} ${name}`).join(', ')).toBe(numbers)
}) // prettier-ignore

describe('values', () => {
  // [space, code, data, in words, what is wrong with it]
  test.each<[SpaceName, number, string, string, string?]>([
    ['pxe', 6, '03', 'no broadcast discovery, no multicast discovery (3)'],
    ['pxe', 8, '8000 02 0a000001 0a000002 0000 00', 'type 32768: 10.0.0.1 10.0.0.2; type 0: any server'],
    ['pxe', 8, '8000 02 0a000001', '8000020a000001', 'the server list at byte 0 is cut off'],
    ['pxe', 8, '0000 00 80', '00000080', 'the server list at byte 3 is cut off'],
    ['pxe', 8, '8000 01 0a0000', '8000010a0000', 'the server list at byte 0 is cut off'],
    ['pxe', 9, '8000 02 4142 0001 00', '32768 "AB", 1 ""'],
    ['pxe', 9, '8000 03 4142', '8000034142', 'the menu item at byte 0 is cut off'],
    ['pxe', 9, '8000 01 41 00', '8000014100', 'the menu item at byte 4 is cut off'],
    ['pxe', 10, '00 50', '"P", take the first item at once'],
    ['pxe', 10, 'fe 50', '"P", wait 254 s'],
    ['pxe', 10, 'ff', '"", show the menu and wait'],
    ['pxe', 10, '', '', 'is empty, needs at least 1 byte'],
    ['pxe', 12, '00000001 00000102', '1, 258'],
    ['pxe', 12, '000001', '000001', '3 bytes, needs a multiple of 4'],
    ['pxe', 12, '', '', '0 bytes, needs a multiple of 4'],
    ['pxe', 71, '8005 0001', 'type 32773, layer 1'],
    ['pxe', 71, '8005 8001', 'type 32773, layer 1, credentials asked'],
    ['pxe', 71, '8005 00', '800500', '3 bytes, needs 4'],
    ['relay', 1, '65746830', 'eth0'],
    ['relay', 1, '20 7e', ' ~'],
    ['relay', 1, '1f 41', '1f 41'],
    ['relay', 1, '41 7f', '41 7f'],
    ['relay', 2, '', ''],
    ['wds', 2, '01', 'approval pending (1)'],
    ['wds', 2, '03', 'referral (3)'],
    ['wds', 2, '05', 'abort (5)'],
    ['wds', 2, '04', 'unknown (4)'],
    ['wds', 2, '0101', '0101', '2 bytes, needs 1'],
    ['wds', 11, '01', 'opt in (1)'],
    ['wds', 11, '02', 'no prompt (2)'],
    ['wds', 11, '03', 'opt out (3)'],
    ['wds', 13, '0800', '0x0800'],
    ['ipxe', 235, '01 15 01', '1.21.1'],
  ])('%s %i, %s: %s', (space, code, data, text, problem) => {
    const body = bytes(data)
    const { subOptions, problems } = decodeSpace(space, Uint8Array.of(code, body.length, ...body), 100)
    expect(subOptions).toMatchObject([{ code, at: 0, end: 2 + body.length, text, data: body }])
    expect(problems).toEqual(problem === undefined ? [] : [{ at: 100, field: spaces[space].options[code]!.name, message: problem }]) // prettier-ignore
  }) // prettier-ignore
})

describe('the list', () => {
  test('padding and the end are those of PXE, iPXE and WDS; for a relay they are sub-options like others', () => {
    const list = bytes('00 06 01 08 00 ff 06 01 01')
    for (const space of ['pxe', 'ipxe', 'wds'] as const) {
      expect(decodeSpace(space, list)).toMatchObject({ subOptions: [{ code: 6, at: 1, end: 4 }], problems: [] })
      expect(findSubOption(space, list, 6)).toEqual(Uint8Array.of(8))
    }
    expect(decodeSpace('relay', bytes('00 01 41 ff 01 42')).subOptions.map(({ code, name }) => [code, name])).toEqual([[0, 'relay-0'], [255, 'relay-255']]) // prettier-ignore
    expect(findSubOption('relay', bytes('00 01 41 ff 01 42'), 255)).toEqual(Uint8Array.of(0x42))
  })

  test.each([
    ['06', 0, 'is cut off: 1 bytes are left'],
    ['06 02 01', 0, 'is cut off: 3 bytes are left'],
    ['06 01 08 0a 03 00', 3, 'is cut off: 3 bytes are left'],
  ])('%s ends before its end', (hex, at, message) => {
    const { problems } = decodeSpace('pxe', bytes(hex), 40)
    expect(problems).toMatchObject([{ at: 40 + at, message }])
    expect(findSubOption('pxe', bytes(hex), bytes(hex)[at]!)).toBeUndefined()
  })

  test('what is encoded is read again, and its end is there', () => {
    const data = encodePxeVendorOptions({
      discoveryControl: 3,
      discoveryMulticastAddress: 0xe000_0102,
      bootServers: [{ type: 1, addresses: [0x0a00_0001] }],
      bootMenu: [{ type: 1, text: 'A' }],
      menuPrompt: { timeoutSeconds: 9, text: 'P' },
      bootItem: { type: 0x8005, layer: 2 },
    })
    expect(data.at(-1)).toBe(255)
    expect(decodeSpace('pxe', data).subOptions.map(({ code, text }) => `${code} ${inEnglish(text)}`)).toEqual([
      '6 no broadcast discovery, no multicast discovery (3)',
      '7 224.0.1.2',
      '8 type 1: 10.0.0.1',
      '9 1 "A"',
      '10 "P", wait 9 s',
      '71 type 32773, layer 2',
    ])
    expect(readBootItem(data)).toEqual({ type: 0x8005, layer: 2 })
    expect(encodePxeVendorOptions({})).toEqual(Uint8Array.of(255))
    expect(readBootItem(undefined)).toBeUndefined()
    expect(readBootItem(bytes('47 03 800500 ff'))).toBeUndefined()
  })
})
