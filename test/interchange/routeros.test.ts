import { expect, test } from 'vitest'
import { offerOf } from '#shared/interchange/evaluate.ts'
import { readConfiguration } from '#shared/interchange/read.ts'

const text = `/ip pool
add name=lan ranges=10.0.0.100-10.0.0.199
add name=uefi ranges=10.0.0.32/28
/ip dhcp-server
add address-pool=lan interface=bridge name=dhcp1 lease-time=10m
/ip dhcp-server option
add code=67 name=bios value="'undionly.kpxe'"
add code=67 name=efi value="s'ipxe.efi'"
add code=67 name=desk value="s'desk.efi'"
add code=67 name=script value="s'http://10.0.0.2/boot.ipxe'"
/ip dhcp-server option sets
add name=all options=bios
add name=efi options=efi
add name=ipxe options=script
/ip dhcp-server network
add address=10.0.0.0/24 gateway=10.0.0.1
/ip dhcp-server matcher
add address-pool=lan code=77 matching-type=substring name=ipxe option-set=ipxe server=dhcp1 value=iPXE
add address-pool=uefi code=93 name=efi option-set=efi server=all value=0x0007
add address-pool=lan code=93 name=elsewhere option-set=none server=dhcp2 value=0x0000
/ip dhcp-server lease
add address=10.0.0.9 dhcp-option=desk mac-address=02:00:5E:20:00:01 server=dhcp1 magic=yes
/ip dhcp-server
set [find name=dhcp1] dhcp-option-set=all
/ip dhcp-server network
set [ find address="10.0.0.0/24" ] next-server=10.0.0.2
set [find address=10.9.0.0/24] next-server=10.0.0.3
remove [find comment=old]`
const found = readConfiguration({ name: 'x.rsc', text })!
const ask = (options: readonly (readonly [number, string])[], mac = '02:00:5e:10:00:01') => {
  const offer = offerOf(found, found.subnets[0]!, { mac, options: new Map(options) })
  const file = offer.options.get(67)
  return [file?.text, file?.source.line, offer.pools[0]?.start]
}

test('a matcher gives options and addresses to who fits, the first one alone, and where its server is', () => {
  expect(ask([[93, '\0\0']])).toEqual(['undionly.kpxe', 7, '10.0.0.100'])
  expect(ask([[93, '\0\u0007']])).toEqual(['ipxe.efi', 8, '10.0.0.100'])
  expect(ask([[93, '\0\u0007'], [77, '\u0004iPXE']])).toEqual(['http://10.0.0.2/boot.ipxe', 10, '10.0.0.100']) // prettier-ignore
  expect(found.subnets[0]!.pools.map(({ start, end, test }) => [start, end, test])).toEqual([
    ['10.0.0.100', '10.0.0.199', undefined],
    ['10.0.0.32', '10.0.0.47', { is: 'member', name: 'matcher efi' }],
  ])
})

test('options of a lease stand over all; what set changes counts with its own line, and what nobody reads is listed', () => {
  expect(ask([[93, '\0\u0007']], '02:00:5e:20:00:01').slice(0, 2)).toEqual(['desk.efi', 9])
  const { nextServer } = offerOf(found, found.subnets[0]!, { mac: '02:00:5e:10:00:01', options: new Map() })
  expect(nextServer).toEqual({ text: '10.0.0.2', source: { file: 'x.rsc', line: 26 } })
  expect(found.notUnderstood.map(({ line }) => line)).toEqual([22, 27, 28])
})
