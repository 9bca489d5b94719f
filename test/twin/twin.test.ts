import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfiguration } from '#shared/interchange/read.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { compareTwins } from '#shared/twin/compare.ts'
import { assemble, networkOf, networkOfConfigurations, type RelayInterface } from '#shared/twin/network.ts'
import { groupsOf, scenarioOfRow, twinOf, type Twin } from '#shared/twin/twin.ts'
import { parseIpv4, parseIpv4Network } from '#shared/wire/bytes.ts'
import { spoken } from '../helpers/spoken.ts'

const fixture = (name: string) => ({ name, text: readFileSync(new URL(`../fixtures/interchange/${name}`, import.meta.url), 'utf8') }) // prettier-ignore
const twin = (...files: readonly { readonly name: string; readonly text: string }[]): Twin => twinOf(networkOf(files))
/** State, code and deciding line of each machine in a row. */
const shown = ({ rows }: Twin, network: string, who?: string) =>
  Object.fromEntries(
    rows
      .find(({ scope, reservation }) => scope.network === network && reservation?.who === who)!
      .cells.map(({ kind, state, code, decides }) => [kind.title, `${state} ${code}${code === '' ? '' : ' '}${decides?.line}`]), // prettier-ignore
  )
const kea = (dhcp4: object): { readonly name: string; readonly text: string } => ({ name: 'kea.conf', text: JSON.stringify({ Dhcp4: dhcp4 }, null, 1) }) // prettier-ignore
const subnet = (more: object = {}) => ({ id: 1, subnet: '10.7.0.0/24', pools: [{ pool: '10.7.0.100 - 10.7.0.199' }], 'option-data': [{ name: 'routers', data: '10.7.0.1' }], ...more }) // prettier-ignore

describe('each engine by its own precedence', () => {
  test('Kea: classes, a reserved machine, a name without a DNS server', () => {
    const found = twin(fixture('kea-classes.conf'))
    expect(shown(found, '10.20.1.0/24')).toEqual({
      BIOS: 'fails 8',
      'UEFI x86': 'fails PXE-E16 26',
      'UEFI x64': 'boots-if 12',
      'UEFI ARM64': 'fails PXE-E16 26',
      'UEFI x64 HTTP boot': 'fails 18',
      'UEFI ARM64 HTTP boot': 'fails 18',
      'iPXE on BIOS': 'fails 8',
      'iPXE on UEFI x64': 'fails 8',
    })
    expect(found.rows[0]!.cells[0]!.because).toContain('boot.branch.example is a name, and the offer brings no DNS server')
    expect(shown(found, '10.20.1.0/24', '02:00:5e:20:00:09')).toMatchObject({ 'UEFI x64': 'boots-if 31', BIOS: 'fails 31' })
  }) // prettier-ignore
  test('dnsmasq: the first program and the script behind it; a program of another architecture', () => {
    const found = twin(fixture('dnsmasq-chain.conf'))
    expect(shown(found, '172.18.4.0/24')).toMatchObject({ BIOS: 'boots-if 13', 'UEFI x64': 'boots-if 13', 'UEFI ARM64': 'fails 11', 'iPXE on BIOS': 'boots-if 13' }) // prettier-ignore
    expect(found.rows[0]!.cells[0]!.files).toEqual([
      { path: 'undionly.kpxe', server: '172.18.4.3', source: { file: 'dnsmasq-chain.conf', line: 11 } },
      { path: 'menu.ipxe', server: '172.18.4.3', source: { file: 'dnsmasq-chain.conf', line: 13 } },
    ])
  })
  test('a proxyDHCP server alone: somebody else is taken to give addresses, and that is told', () => {
    const found = twin(fixture('dnsmasq-proxy.conf'))
    expect(shown(found, '172.18.5.0/24')).toMatchObject({ BIOS: 'boots-if 5', 'UEFI x64': 'boots-if 6', 'UEFI x86': 'fails PXE-E16 3' }) // prettier-ignore
    expect(found.network.assumes.join()).toContain('A DHCP server that gives addresses in 172.18.5.0/24')
  })
})

describe('what was not given is not known', () => {
  test('files that nobody provided are never missing', () => {
    const states = twin(fixture('kea-classes.conf'), fixture('dnsmasq-chain.conf')).rows.flatMap(({ cells }) => cells)
    for (const { state, because } of states) {
      expect(because).not.toMatch(/not found/i)
      if (state === 'boots-if') expect(because).not.toBe('')
    }
  })
  test('a server that names no boot file for anyone may have a PXE server beside it', () => {
    const found = twin(kea({ subnet4: [subnet()] }))
    expect(found.rows[0]!.cells.map(({ state }) => state)).toEqual(found.rows[0]!.cells.map(() => 'unknown'))
    expect(found.rows[0]!.cells[0]!.because).toContain('a PXE server beside it was not given')
  })
  test('a helper of which nothing was given may answer; it is told with its line', () => {
    const found = relayed([helper('10.9.0.5', 11), helper('10.9.0.6', 12)])
    expect(shown(found, '10.7.0.0/24')).toMatchObject({ BIOS: 'boots-if 3', 'UEFI x64': 'unknown PXE-E16 4' })
    expect(found.notices).toEqual([expect.objectContaining({ source: { file: 'router.cfg', line: 12 } })])
  })
})

const helper = (text: string, line: number) => ({ text, source: { file: 'router.cfg', line } })
/** A server with a boot file for BIOS at 10.9.0.5, behind a router with these helpers. */
function relayed(helpers: RelayInterface['helpers'], network = '10.7.0.0/24'): Twin {
  const file = kea({ 'client-classes': [{ name: 'bios', test: 'option[93].hex == 0x0000', 'boot-file-name': 'pxelinux.0' }], subnet4: [subnet()], 'next-server': '10.9.0.5' }) // prettier-ignore
  const text = file.text.replace(/\n {3,}/g, ' ').replace(/\n {2}(?=[}\]])/g, ' ')
  const range = parseIpv4Network(network)!
  const relay: RelayInterface = { device: 'core1 Vlan7', source: { file: 'router.cfg', line: 10 }, network: range, address: range.address + 1, helpers } // prettier-ignore
  return twinOf(assemble([{ file: { ...file, text }, configuration: readConfiguration({ ...file, text })!, told: parseIpv4('10.9.0.5') }], [relay])) // prettier-ignore
}

describe('several files are one network', () => {
  test('a relay with the helper to the server, and one without', () => {
    expect(shown(relayed([helper('10.9.0.5', 11)]), '10.7.0.0/24')['BIOS']).toMatch(/^boots-if/)
    const found = relayed([])
    expect(shown(found, '10.7.0.0/24')['BIOS']).toBe('fails 10')
    expect(found.rows[0]!.cells[0]!.because).toContain('has no helper address')
  })
  test('a relay in a network that the server has no subnet for', () => {
    const found = relayed([helper('10.9.0.5', 11)], '10.8.0.0/24')
    const row = found.rows.find(({ scope }) => scope.network === '10.8.0.0/24')!
    expect(row.cells[0]).toMatchObject({ state: 'fails', decides: { file: 'router.cfg', line: 10 } })
    expect(row.cells[0]!.because).toContain('has no subnet that contains 10.8.0.1')
  })
  test('a subnet for a relay whose address lies elsewhere (Kea ARM, "relay"), alone and in a shared network', () => {
    const boot = { 'boot-file-name': 'grubx64.efi', 'next-server': '10.9.0.5' }
    const named = subnet({ relay: { 'ip-addresses': ['10.8.0.1'] }, ...boot })
    const router = { name: 'router.cfg', text: 'interface Vlan8\n ip address 10.8.0.1 255.255.255.0\n ip helper-address 10.9.0.5\n' }
    for (const dhcp4 of [{ subnet4: [named] }, { 'shared-networks': [{ name: 'floor', relay: { 'ip-address': '10.8.0.1' }, subnet4: [subnet(boot)] }] }]) {
      const found = twin(kea({ 'interfaces-config': { interfaces: ['eth0/10.9.0.5'] }, ...dhcp4 }), router)
      expect(found.network.notUnderstood).toEqual([])
      expect(found.rows.map(({ scope, cells }) => [scope.network, scope.relayInterface?.source.line, cells.find(({ kind }) => kind.key === 'edk2')!.state])).toEqual([['10.7.0.0/24', 1, 'boots-if']])
      const other = twin(kea({ 'interfaces-config': { interfaces: ['eth0/10.9.0.5'] }, ...dhcp4 }), { ...router, text: router.text.replace('10.8.0.1', '10.8.0.2') })
      expect(other.rows.find(({ scope }) => scope.network === '10.8.0.0/24')!.cells[0]!.because).toContain('has no subnet')
    }
  }) // prettier-ignore
  test('a shared network whose subnets lie far apart, and a file server between them by its number', () => {
    const text = `local-address 172.16.0.5;
option domain-name-servers 172.16.0.1;
shared-network floor {
  next-server 172.16.0.5;
  filename "grubx64.efi";
  subnet 192.168.10.0 netmask 255.255.255.0 { range 192.168.10.100 192.168.10.200; option routers 192.168.10.1; }
  subnet 10.1.0.0 netmask 255.255.0.0 { range 10.1.0.100 10.1.0.200; option routers 10.1.0.1; }
}`
    const found = twin({ name: 'dhcpd.conf', text })
    expect(found.network.servers.map(({ address, isAddressTold }) => [address, isAddressTold])).toEqual([[parseIpv4('172.16.0.5'), true]])
    for (const network of ['10.1.0.0/16', '192.168.10.0/24']) expect(shown(found, network)).toMatchObject({ BIOS: 'fails 5', 'UEFI x64': 'boots-if 5', 'iPXE on UEFI x64': 'boots-if 5' })
    // Machines of which one fails by its program and another for want of an offer are told apart.
    for (const group of found.rows.flatMap(groupsOf)) for (const kind of group.kinds) expect(found.rows.flatMap(({ cells }) => cells).find((cell) => cell.kind === kind)).toMatchObject({ because: group.cell.because })
  }) // prettier-ignore
  test('two servers with other boot files: it depends on who is first, and both pools are told', () => {
    const one = { ...kea({ subnet4: [subnet({ 'boot-file-name': 'a.efi', 'next-server': '10.7.0.5' })] }), name: 'one.conf' }
    const other = { ...kea({ subnet4: [subnet({ 'boot-file-name': 'b.efi', 'next-server': '10.7.0.6' })] }), name: 'other.conf' }
    const found = twin(one, other)
    expect(found.rows[0]!.cells.find(({ kind }) => kind.key === 'edk2')).toMatchObject({ state: 'depends' })
    expect(spoken(found.notices).map(({ text }) => text)).toEqual([
      expect.stringContaining('both assign addresses in 10.7.0.0/24'),
      expect.stringContaining('both assign addresses from 10.7.0.100 to 10.7.0.199'),
    ])
  }) // prettier-ignore
  test('option 60: whether a PXE service is on the same machine, no configuration of its DHCP server tells', () => {
    const found = twin(kea({ 'option-data': [{ name: 'vendor-class-identifier', data: 'PXEClient' }], subnet4: [subnet()] }))
    const [bios] = found.rows[0]!.cells
    expect(bios).toMatchObject({ state: 'unknown', verdict: expect.stringContaining('Option 60 sends it to port 4011'), because: expect.stringContaining('boots only if a PXE service answers on port 4011') })
    expect(found.network.servers[0]!.file.text.split('\n')[bios!.decides!.line - 1]).toContain('{')
  }) // prettier-ignore
  test('a class that another one stands over for every machine', () => {
    const found = twin(kea({ 'client-classes': [
      { name: 'uefi', test: 'option[93].hex == 0x0007', 'boot-file-name': 'first.efi' },
      { name: 'again', test: "substring(option[60].hex,0,20) == 'PXEClient:Arch:00007'", 'boot-file-name': 'second.efi' },
    ], subnet4: [subnet()] })) // prettier-ignore
    expect(spoken(found.notices)).toEqual([expect.objectContaining({ text: expect.stringContaining('second.efi is never loaded: line') })]) // prettier-ignore
  })
})

test('a switch is no server: its helper lines are the relays, and its snooping is told', () => {
  const file = kea({ 'boot-file-name': 'snponly.efi', 'interfaces-config': { interfaces: ['eth0/10.9.0.5'] }, subnet4: [subnet()] })
  const configuration = readConfiguration(file)!
  const source = (line: number) => ({ file: 'switch.cfg', line })
  const device = { ...configuration, subnets: [], relays: [{ source: source(3), interface: 'Vlan7', network: '10.7.0.0/24', address: '10.7.0.1', helpers: [helper('10.9.0.5', 4)] }], snooping: [{ source: source(1), is: 'on' as const, text: '' }] }
  const network = networkOfConfigurations([{ file, configuration }, { file: { name: 'switch.cfg', text: '' }, configuration: device }])
  expect(network.servers).toHaveLength(1)
  expect(network.scopes).toEqual([expect.objectContaining({ network: '10.7.0.0/24', relayed: network.servers, direct: [], strangers: [] })])
  expect(network.snooping).toEqual([{ source: source(1), text: expect.stringContaining('no port is trusted') }])
  expect(twinOf(network).notices.map((one) => one.source.line)).toContain(1)
}) // prettier-ignore

test('two states of a network: which machines stop booting, and by which line', () => {
  const before = fixture('dnsmasq-chain.conf')
  const after = { ...before, text: before.text.replace('dhcp-boot=tag:first,ipxe.efi', 'dhcp-boot=tag:first,undionly.0') }
  const found = compareTwins(twin(before), twin(after))
  expect(found).toEqual([
    expect.objectContaining({ scope: '172.18.4.0/24', change: 'stops', kind: expect.objectContaining({ title: 'UEFI x64' }), after: expect.objectContaining({ decides: { file: 'dnsmasq-chain.conf', line: 12 } }) }),
  ])
  expect(compareTwins(twin(before), twin(before))).toEqual([])
}) // prettier-ignore

test('a row is a scenario that anybody can play', () => {
  for (const row of twin(fixture('kea-classes.conf'), fixture('dnsmasq-proxy.conf')).rows) {
    expect(scenarioSchema.safeParse(scenarioOfRow(row)).error).toBeUndefined()
    expect(Object.keys(scenarioOfRow(row, row.cells[2]!.kind).clients)).toEqual(['edk2'])
  }
})

test('a thousand networks of one server are judged in seconds', () => {
  const subnets = Array.from({ length: 1000 }, (_, at) => subnet({ id: at + 1, subnet: `10.${at >> 8}.${at & 255}.0/24`, pools: [{ pool: `10.${at >> 8}.${at & 255}.100 - 10.${at >> 8}.${at & 255}.199` }], 'option-data': [{ name: 'routers', data: `10.${at >> 8}.${at & 255}.1` }] })) // prettier-ignore
  const found = twin(kea({ 'next-server': '192.0.2.5', 'boot-file-name': 'snponly.efi', subnet4: subnets }))
  expect(found.rows).toHaveLength(1000)
  expect(new Set(found.rows.map(({ cells }) => cells[2]!.state))).toEqual(new Set(['unknown']))
  expect(found.rows[999]!.cells[2]!.because).toContain('again and again')
}, 60_000)
