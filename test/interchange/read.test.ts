import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootTable, machineKinds } from '#shared/interchange/boot-table.ts'
import { offerOf } from '#shared/interchange/evaluate.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { describeWith, findTool } from '../helpers/requirements.ts'

const path = (name: string): string => fileURLToPath(new URL(`../fixtures/interchange/${name}`, import.meta.url))
const read = (name: string) => {
  const found = readConfiguration({ name, text: readFileSync(path(name), 'utf8') })
  if (!found) throw new Error(`${name} is not recognised`)
  return found
}
/** Boot file and server of each machine in a subnet, with lines; why not where there is no offer. */
const shown = (name: string, network: string, mac?: string) =>
  Object.fromEntries(
    bootTable(read(name), mac)
      .filter((one) => one.subnet.network === network && !one.isRelayed)
      .map(({ machine, offer }) => {
        const file = offer.bootFile ?? offer.options.get(67)
        return [machine, offer.silent?.text ?? `${file?.text} ${file?.source.line} ${offer.nextServer?.text}`]
      }),
  )

describe('Kea', () => {
  test('classes, in their order, with the lines of what they set', () => {
    expect(read('kea-classes.conf').notUnderstood).toEqual([])
    expect(shown('kea-classes.conf', '10.20.1.0/24')).toEqual({
      BIOS: 'undionly.kpxe 15 10.20.0.5',
      'UEFI x86': 'undefined undefined 10.20.0.5',
      'UEFI x64': 'x64/shim.efi 12 10.20.0.6',
      'UEFI ARM64': 'undefined undefined 10.20.0.5',
      'iPXE on BIOS': 'http://boot.branch.example/start.ipxe 8 10.20.0.5',
      'iPXE on UEFI x64': 'http://boot.branch.example/start.ipxe 8 10.20.0.5',
      'UEFI x64 HTTP boot': 'http://boot.branch.example/x64/shim.efi 18 10.20.0.5',
    })
  })
  test('a pool of a class is for its clients alone', () => {
    expect(shown('kea-classes.conf', '10.20.2.0/25')).toMatchObject({
      BIOS: 'undionly.kpxe 15 10.20.0.5',
      'UEFI x64': 'no pool is for this client',
    })
  })
  test('the boot file of a reservation stands over that of the classes', () => {
    expect(shown('kea-classes.conf', '10.20.1.0/24', '02:00:5e:20:00:09')).toMatchObject({
      'UEFI x64': 'special.efi 31 10.20.0.6',
    })
  })
  test('what is not understood is listed with its line', () => {
    const text =
      '{ "Dhcp4": {\n "client-classes": [ { "name": "x",\n "test": "split(option[60].hex, \':\', 2) == \'A\'" } ],\n "surprise": 7,\n "subnet4": [] } }'
    expect(readConfiguration({ name: 'x', text })?.notUnderstood.map(({ line, why }) => [line, why])).toEqual([
      [3, 'The expression cannot be read: split is not supported.'],
      [4, '"surprise" is not evaluated.'],
    ])
  })
  test('a file that is cut off is told with its line', () => {
    const text = '{ "Dhcp4": {\n "subnet4": [\n'
    expect(readConfiguration({ name: 'x', text })?.notUnderstood[0]).toMatchObject({ line: 3 })
  })
})

describe('dnsmasq', () => {
  test('tags, tag-if and the last dhcp-boot that fits', () => {
    const { notUnderstood } = read('dnsmasq-chain.conf')
    expect(notUnderstood.map(({ line }) => line)).toEqual([3, 19])
    expect(shown('dnsmasq-chain.conf', '172.18.4.0/24')).toMatchObject({
      BIOS: 'undionly.kpxe 11 172.18.4.3',
      'UEFI x64': 'ipxe.efi 12 172.18.4.3',
      'iPXE on UEFI x64': 'http://172.18.4.3/menu.ipxe 13 undefined',
    })
  })
  test('a host has its address, time and tag; an ignored one has no answer', () => {
    const configuration = read('dnsmasq-chain.conf')
    const ask = (mac: string) => offerOf(configuration, configuration.subnets[0]!, { mac, options: machineKinds[0].options }) // prettier-ignore
    const desk = ask('02:00:5e:20:00:07')
    expect(desk.reservation).toMatchObject({ address: '172.18.4.7', hostname: 'desk7' })
    expect(desk.leaseSeconds).toMatchObject({ text: '2700', source: { line: 14 } })
    expect(desk.classes).toContain('desk')
    expect(desk.options.get(42)).toMatchObject({ text: '172.18.4.2', source: { line: 6 } })
    expect(ask('02:66:00:00:00:01').silent).toMatchObject({ source: { line: 16 } })
  })
  test('pxe-service of a proxyDHCP server, by the number that dnsmasq sends for each name', () => {
    expect(shown('dnsmasq-proxy.conf', '172.18.5.0/24')).toMatchObject({
      BIOS: 'pxelinux.0 5 undefined',
      'UEFI x86': 'undefined undefined undefined',
      'UEFI x64': 'grubx64.efi 6 undefined',
    })
  })
})

describeWith(['kea-dhcp4', 'dnsmasq'], 'the engines', () => {
  test('accept the fixtures', () => {
    const run = (name: string, ...rest: string[]) =>
      execFileSync(findTool(name)!, rest, { stdio: 'pipe', timeout: 20_000 })
    run('kea-dhcp4', '-t', path('kea-classes.conf'))
    run('dnsmasq', '--test', '-C', path('dnsmasq-proxy.conf'))
  })
})

test('what decides which machines are heard, and is not followed, is listed', () => {
  const told = (text: string) =>
    readConfiguration({ name: 'x', text })?.notUnderstood.map(({ line, text }) => [line, text])
  expect(told('interface=eth0\npxe-prompt="Press F8",3\ndhcp-range=10.0.0.1,proxy,255.0.0.0')).toEqual([
    [1, 'interface=eth0'],
    [2, 'pxe-prompt="Press F8",3'],
  ])
  expect(
    told('{ "Dhcp4": { "match-client-id": false,\n"subnet4": [{ "subnet": "10.0.0.0/8",\n"pd-pools": [] }] } }')
      ?.map(([line]) => line)
      .toSorted(),
  ).toEqual([1, 3])
})

test('several ranges of one network are its pools, and proxyDHCP beside them is apart', () => {
  const ranges = ['dhcp-range=set:a,10.0.0.1,10.0.0.9,255.255.255.0', 'dhcp-range=set:b,10.0.0.20,10.0.0.29,255.255.255.0', 'dhcp-range=10.0.0.0,proxy,255.255.255.0']
  const { subnets } = readConfiguration({ name: 'x', text: ranges.join('\n') })!
  expect(subnets.map(({ network, isProxy, classes, pools }) => [network, isProxy, classes, pools.length])).toEqual([
    ['10.0.0.0/24', false, ['a', 'b'], 2],
    ['10.0.0.0/24', true, [], 0],
  ])
}) // prettier-ignore

test('any text is read without an exception', () => {
  const words = readFileSync(path('kea-classes.conf'), 'utf8').split(/(?<=\W)/)
  const lines = readFileSync(path('dnsmasq-chain.conf'), 'utf8').split(/(?<=[=,\n])/)
  const piece = fc.oneof(fc.constantFrom(...words, ...lines), fc.string({ maxLength: 6 }))
  fc.assert(
    fc.property(
      fc.constantFrom('{ "Dhcp4": {', 'dhcp-range=', ''),
      fc.array(piece, { maxLength: 60 }),
      (head, rest) => {
        const found = readConfiguration({ name: 'x', text: head + rest.join('') })
        if (found) bootTable(found)
      },
    ),
    { numRuns: 500 },
  )
})

describe('ISC dhcpd', () => {
  const read = (text: string, others: { name: string; text: string }[] = []) => readConfiguration({ name: 'dhcpd.conf', text }, others)! // prettier-ignore
  const told = (text: string) => read(text).notUnderstood.map(({ line, why }) => [line, why])

  test('what is not understood is listed with its line, and what stands behind it is read', () => {
    const text = [
      'subnet 10.0.0.0 netmask 255.255.255.0 {',
      '  range 10.0.0.10 10.0.0.20;',
      '  wonderful-new-statement { a b; c; } filename "x.0";',
      '  if option vendor-class-identifier ~= "^(a|b)+$" { filename "y.0"; }',
      '  append domain-name-servers 10.0.0.1;',
      '  option unheard-of 7;',
      '  if (exists user-class) or exists host-name { filename "z.0"; }',
      '  include "/etc/dhcp/more.conf";',
      '}',
    ].join('\n')
    expect(told(text)).toEqual([
      [3, 'wonderful-new-statement is not evaluated.'],
      [4, 'The expression cannot be read: this regular expression is not supported.'],
      [5, 'The effect of append on an option set by another statement is not evaluated.'],
      [6, 'unheard-of is not a known option, and is not defined before this line.'],
      [7, 'Unexpected text before the opening bracket: dhcpd does not start with this line.'],
      [8, 'The included file is missing, or was already read: give both files together.'],
    ])
    const { options: _, bootFile, undecided } = offerOf(read(text), read(text).subnets[0]!, { mac: '02:00:5e:00:00:01', options: new Map() }) // prettier-ignore
    expect(bootFile).toMatchObject({ text: 'x.0', source: { line: 3 } })
    expect(undecided).toEqual([{ file: 'dhcpd.conf', line: 4 }])
  })

  test('an included file stands where it is named, and its lines are its own', () => {
    const other = {
      name: 'conf/hosts.inc',
      text: '\nhost a { hardware ethernet 02:00:5e:20:00:01; filename "a.0"; }\n',
    }
    const found = read('include "/etc/dhcp/hosts.inc";\nsubnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.0.9; }', [other])
    expect(found.files).toEqual(['dhcpd.conf', 'conf/hosts.inc'])
    expect(found.reservations[0]).toMatchObject({
      who: '02:00:5e:20:00:01',
      source: { file: 'conf/hosts.inc', line: 2 },
    })
    expect(found.subnets[0]!.pools).toMatchObject([{ start: '10.0.0.9', end: '10.0.0.9', source: { line: 2 } }])
    expect(read('include "dhcpd.conf";\nauthoritative;', [{ name: 'dhcpd.conf', text: 'include "dhcpd.conf";' }]).notUnderstood).toHaveLength(1) // prettier-ignore
  })

  test('failover is told and counts for no fault; a range outside of every subnet is listed', () => {
    const found = read('failover peer "a" { primary; address 10.0.0.1; }\nsubnet 10.0.0.0 netmask 255.255.255.0 { pool { failover peer "a"; range 10.0.1.1 10.0.1.9; } }') // prettier-ignore
    expect(found.asides?.map(({ line, text }) => [line, text.slice(0, 13)])).toEqual([[1, 'failover peer'], [2, 'failover peer']]) // prettier-ignore
    expect(found.notUnderstood.map(({ line, why }) => [line, why])).toEqual([[2, 'No subnet contains this range.']])
  })

  test('a thousand machines in one condition, and a thousand branches, are read', () => {
    const macs = Array.from({ length: 900 }, (_, at) => `hardware = 1:02:00:5e:00:${(at >> 8).toString(16)}:${(at & 255).toString(16)}`) // prettier-ignore
    const branches = macs.map((one, at) => `if ${one} { filename "${at}.0"; }`).join(' else ')
    const found = read(`if ${macs.join(' or ')} { next-server 10.0.0.5; }\n${branches}\nsubnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.0.9; }`) // prettier-ignore
    expect(found.notUnderstood).toEqual([])
    const offer = offerOf(found, found.subnets[0]!, { mac: '02:00:5e:00:03:83', options: new Map() })
    expect([offer.nextServer?.text, offer.bootFile?.text]).toEqual(['10.0.0.5', '899.0'])
  })
})
