/** IPv6 in the lab file: what is refused and with which words, what a lab leaves machines without, what machines are told. */
import { describe, expect, test } from 'vitest'
import { checkBoot as noticesOfLab } from '#shared/lab/boot-check.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { dhcp6ConfigurationOf, standardPoolOf } from '#shared/lab/machine-configuration6.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { parseIpv6Network } from '#shared/wire/ip-address.ts'
import { describeProblem, parseLab } from '../../src/main/workspace/lab-file.ts'
import { served6 } from '../helpers/dhcpv6.ts'
import { spoken } from '../helpers/spoken.ts'

const checkBoot = (...given: Parameters<typeof noticesOfLab>) => spoken(noticesOfLab(...given))

const told = (ipv6: string): string[] => {
  const parsed = parseLab(`interface: eth1\nipv6: ${ipv6}\n`)
  return parsed.ok ? [] : parsed.problems.map((one) => describeProblem('lab.yaml', one).replace(/^lab\.yaml:\d+:\d+: /, '')) // prettier-ignore
}

describe('what the file may hold', () => {
  test.each([
    '{ enabled: true }',
    '{ enabled: true, subnets: [{ subnet: fd00:77::/64 }] }',
    '{ subnets: [{ subnet: fd00:77::/64, pools: [] }, { subnet: fd00:78::/64, pools: [{ start: fd00:78::1, end: fd00:78::1 }] }] }',
    '{ options: { 31: fd00::1, ntp-server: time.example.com, captive-portal: "https://example.com", 60: [a, b], 4711: "0x01" } }',
    '{ routerAdvertisements: {} }',
    '{ routerAdvertisements: { routerLifetimeSeconds: 1800, autonomous: true, dns: [] } }',
    '{ subnets: [{ subnet: fd00:77::/64, reservations: [{ duid: 00:03:00:01:52:54:00:00:00:01, mac: 52:54:00:00:00:01, address: fd00:77::1 }] }] }',
  ])('%s', (text) => expect(told(text)).toEqual([])) // prettier-ignore

  const inSubnet = (text: string): string => `{ subnets: [{ subnet: fd00:77::/64, ${text} }] }`
  test.each<[string, string]>([
    ['{ subnets: [{ subnet: fd00:77::1/64 }] }', 'ipv6.subnets[0].subnet is not an IPv6 network (it is "fd00:77::1/64"). Write an IPv6 network with its prefix length such as fd00:77::/64, without host bits.'],
    ['{ subnets: [{ subnet: fe80::/64 }] }', 'ipv6.subnets[0].subnet is no network that addresses are given in (it is "fe80::/64"). Write a global or unique local one, such as fd00:77::/64.'],
    ['{ subnets: [{ subnet: fd00::/32 }, { subnet: fd00:0:1::/64 }] }', 'ipv6.subnets[1].subnet overlaps fd00::/32 (it is "fd00:0:1::/64"). Keep one of the two.'],
    [inSubnet('pools: [{ start: fd00:76::1, end: fd00:77::2 }]'), 'ipv6.subnets[0].pools[0].start lies outside fd00:77::/64 (it is "fd00:76::1"). Write an address inside it.'],
    [inSubnet('pools: [{ start: "fd00:77::", end: fd00:77::2 }]'), 'ipv6.subnets[0].pools[0].start is the anycast address of routers (it is "fd00:77::"). Write fd00:77::1 or a higher one.'],
    [inSubnet('pools: [{ start: fd00:77::9, end: fd00:77::2 }]'), "ipv6.subnets[0].pools[0].end comes before the pool's start fd00:77::9 (it is \"fd00:77::2\"). Write the higher address as end."],
    [inSubnet('reservations: [{ mac: 52:54:00:00:00:01, address: fd00:78::1 }]'), 'ipv6.subnets[0].reservations[0].address lies outside fd00:77::/64 (it is "fd00:78::1"). Write an address inside it.'],
    [inSubnet('reservations: [{ mac: 52:54:00:00:00:01, address: fd00:77::1 }, { mac: 52:54:00:00:00:02, address: "fd00:77:0::1" }]'), 'ipv6.subnets[0].reservations[1].address is reserved by reservation 1 already (it is "fd00:77:0::1"). Give each reservation its own address.'],
    [inSubnet('reservations: [{ address: fd00:77::1 }]'), 'ipv6.subnets[0].reservations[0] names no client: write mac, uuid or duid (it is {"address":"fd00:77::1"}). Correct or remove it.'],
    [inSubnet('router: fd00:77::1'), 'ipv6.subnets[0].router is no key of a lab file (it is "fd00:77::1"). Known here: subnet, pools, dns, domains, leaseSeconds, options, reservations.'],
    ['{ options: { 59: "tftp://[fd00::1]/a" } }', 'ipv6.options.59 option 59 (boot-file-url) is made of boot.programs (it is "tftp://[fd00::1]/a"). Write a rule there.'],
    ['{ options: { server-identifier: "0x0001" } }', 'ipv6.options.server-identifier option 2 (server-identifier) is none that a lab file sets (it is "0x0001"). Remove it.'],
    ['{ options: { 23: 10.0.0.1 } }', 'ipv6.options.23 option 23 (dns-servers): "10.0.0.1" is not an IPv6 address, or a list of them, or bytes in hexadecimal digits, in quotes, such as "0x0102" (it is "10.0.0.1"). Write an IPv6 address, or a list of them, or bytes in hexadecimal digits, in quotes, such as "0x0102".'],
    ['{ mode: managed }', 'ipv6.mode is none of stateful, stateless (it is "managed"). Write stateful assigns addresses; stateless assigns none and tells the rest (DNS, boot file) to machines that ask for it alone, which UEFI firmware never does.'],
  ])('%s is refused', (text, said) => expect(told(text)).toEqual([said])) // prettier-ignore

  test('a lab that boots over IPv6 alone needs no IPv4 network; ports differ', () => {
    expect(parseLab('interface: eth1\nmode: dhcp\nipv6: { enabled: true }\n').ok).toBe(true)
    expect(parseLab('interface: eth1\nmode: dhcp\n').ok).toBe(false)
    expect(parseLab('interface: eth1\nports: { dhcp6: 67 }\n').ok).toBe(false)
  })
})

describe('what machines of it are told', () => {
  const of = (lab: Partial<LabInput>) => dhcp6ConfigurationOf(labSchema.parse({ interface: 'eth0', mode: 'dhcp', ...lab, ipv6: { enabled: true, ...lab.ipv6 } }), [served6]) // prettier-ignore

  test('the role by the modes', () => {
    expect(of({})!.role).toBe('stateful')
    expect(of({ ipv6: { mode: 'stateless' } })!.role).toBe('stateless')
    expect(of({ mode: 'proxy-dhcp', ipv6: { mode: 'stateless' } })!.role).toBe('proxy')
    expect(of({ mode: 'boot-server' })!.role).toBe('boot-server')
    expect(of({ mode: 'listen' })).toBeUndefined()
    expect(of({ ipv6: { enabled: false } })).toBeUndefined()
    expect(of({ role: 'wds' })).toBeUndefined()
  })

  test('networks of the lab, else those of the interface', () => {
    expect(of({})!.subnets).toMatchObject([{ network: { address: 'fd00:77::', prefixLength: 64 }, pools: [{ start: 'fd00:77::1:0', end: 'fd00:77::1:ffff' }] }]) // prettier-ignore
    const subnets = [{ subnet: '2001:DB8:0::/48', dns: ['2001:db8:0::53'], reservations: [{ duid: '00-03-00-01-52-54-00-00-00-01', address: '2001:db8:0::1' }] }] // prettier-ignore
    const [subnet] = of({ ipv6: { subnets } })!.subnets
    expect(subnet!.pools).toEqual([{ start: '2001:db8::1:0', end: '2001:db8::1:ffff' }])
    expect(subnet!.reservations).toMatchObject([{ address: '2001:db8::1', duid: '00030001525400000001' }])
    expect(subnet!.options.map(({ code, data }) => [code, formatHex(data)])).toEqual([[23, '20010db8000000000000000000000053']]) // prettier-ignore
  })

  test.each<[string, string, string]>([
    ['fd00::/64', 'fd00::1:0', 'fd00::1:ffff'],
    ['fd00::/111', 'fd00::1:0', 'fd00::1:ffff'],
    ['fd00::/112', 'fd00::8000', 'fd00::ffff'],
    ['fd00::/120', 'fd00::80', 'fd00::ff'],
    ['fd00::/126', 'fd00::2', 'fd00::3'],
  ])('the pool of %s', (network, start, end) => expect(standardPoolOf(parseIpv6Network(network)!)).toEqual({ start, end })) // prettier-ignore
})

describe('what machines would go without', () => {
  const noticesOf = (lab: Partial<LabInput>): string[] =>
    checkBoot(labSchema.parse({ interface: 'eth0', mode: 'dhcp', ...lab }), { exists: true, files: new Map() })
      .filter(({ code }) => code === 'no-ipv6')
      .map(({ level, field, text }) => `${level} ${field}: ${text}`)
  const ipv6 = { enabled: true }
  const programs = [{ userClass: 'iPXE', file: 'http://x/a' }, { file: 'a.efi' }]

  test.each<[Partial<LabInput>, RegExp | undefined]>([
    [{ ipv6, boot: { programs } }, undefined],
    [{ boot: { programs: [{ file: 'a', nextServer: '10.0.0.1' }] } }, undefined],
    [{ ipv6, boot: { programs: [{ file: 'a', nextServer: '10.0.0.1' }] } }, /^warning boot\.programs\[0\]: .* IPv4 address only/],
    [{ ipv6, boot: { nextServer: '10.0.0.1', programs: [{ file: 'a' }] } }, /^warning boot\.programs\[0\]/],
    [{ ipv6, boot: { nextServer: '10.0.0.1', nextServer6: 'fd00::1', programs: [{ file: 'a' }] } }, undefined],
    [{ ipv6, boot: { nextServer: '10.0.0.1', programs: [{ file: 'http://x/a' }] } }, undefined],
    [{ ipv6, boot: { menu: { items: [{ text: 'a' }] } } }, /^info boot\.programs: .* carries no menu/],
    [{ ipv6: { ...ipv6, mode: 'stateless' }, boot: { programs } }, /^info ipv6\.mode: UEFI firmware does not boot/],
    [{ ipv6, mode: 'proxy-dhcp', boot: { programs } }, /^info mode: iPXE gets nothing over IPv6/],
    [{ ipv6, mode: 'proxy-dhcp', boot: { programs: [{ file: 'a' }] } }, undefined],
    [{ ipv6, ports: { tftp: 6969 }, boot: { programs } }, /^warning ports\.tftp: UEFI firmware .* asks port 69, this lab has TFTP at port 6969/],
    [{ ipv6, ports: { tftp: 6969, dhcp6: 5547 }, boot: { programs } }, undefined],
    [{ ipv6, ports: { tftp: 6969 }, tftp: { enabled: false }, boot: { programs } }, undefined],
    [{ ipv6, ports: { tftp: 6969 }, boot: { nextServer6: 'fd00::1', programs } }, undefined],
    [{ ipv6, ports: { tftp: 6969 }, boot: { programs: programs.slice(0, 1) } }, undefined],
    [{ ipv6, ports: { tftp: 6969 }, boot: { programs: [{ file: 'a.efi', protocol: 'http' }] } }, undefined],
    [{ ipv6, role: 'wds' }, /^warning ipv6\.enabled: Nobody is answered over IPv6/],
  ])('%j', (lab, said) => expect(noticesOf(lab)).toEqual(said ? [expect.stringMatching(said)] : [])) // prettier-ignore
})
