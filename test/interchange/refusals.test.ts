import { inEnglish } from '#messages/text.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfiguration } from '#shared/interchange/read.ts'
import { refusalsOf } from '#shared/interchange/refusals.ts'
import { networkOf } from '#shared/twin/network.ts'
import { twinOf } from '#shared/twin/twin.ts'

const folder = mkdtempSync(join(tmpdir(), 'refusals-'))
afterAll(() => rmSync(folder, { recursive: true }))

const subnet = { id: 1, subnet: '10.0.0.0/24', pools: [{ pool: '10.0.0.10-10.0.0.50' }] }
const kea = (subnets: readonly object[], more: object = {}): string => JSON.stringify({ Dhcp4: { 'interfaces-config': { interfaces: [] }, 'lease-database': { type: 'memfile', persist: false }, ...more, subnet4: subnets } }) // prettier-ignore
const kept = (address: string, mac = '02:00:00:00:00:01') => ({ 'hw-address': mac, 'ip-address': address })
const other = '02:00:00:00:00:02'
const isc = (pool: string, more = ''): string => `subnet 10.0.0.0 netmask 255.255.255.0 { ${pool} }\n${more}`

/** Whether the engine's own check refuses the text; undefined where the engine is not installed. */
function check(engine: string, text: string): boolean | undefined {
  const file = join(folder, 'x.conf')
  writeFileSync(file, text)
  const [program, args] = engine === 'kea' ? ['/usr/sbin/kea-dhcp4', ['-t', file]] as const : engine === 'dhcpd' ? ['/usr/sbin/dhcpd', ['-t', '-cf', file]] as const : ['/usr/sbin/dnsmasq', ['--test', '-C', file]] as const
  try {
    execFileSync(program, args, { stdio: 'pipe', timeout: 60_000 })
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : true
  }
} // prettier-ignore

test.each([
  ['kea', kea([subnet]), undefined],
  ['kea', kea([subnet, { ...subnet, id: 2, pools: [] }]), '10.0.0.0/24 is already declared in line 1'],
  ['kea', kea([subnet, { ...subnet, id: 2, subnet: '10.0.0.0/25' }]), undefined],
  ['kea', kea([{ ...subnet, pools: [{ pool: '10.0.0.10-10.0.0.50' }, { pool: '10.0.0.40-10.0.0.60' }] }]), 'the pool 10.0.0.40 to 10.0.0.60 overlaps the one in line 1'], // prettier-ignore
  ['kea', kea([{ ...subnet, pools: [{ pool: '10.0.1.10-10.0.1.50' }] }]), 'is not in 10.0.0.0/24'],
  ['kea', kea([{ ...subnet, pools: [{ pool: '10.0.0.50-10.0.0.10' }] }]), 'ends at 10.0.0.10, before it begins'],
  ['kea', kea([{ ...subnet, reservations: [kept('10.0.1.5')] }]), 'the reserved address 10.0.1.5 is not in 10.0.0.0/24'], // prettier-ignore
  [
    'kea',
    kea([{ ...subnet, reservations: [kept('10.0.0.5'), kept('10.0.0.5', other)] }]),
    '10.0.0.5 is already reserved',
  ],
  ['kea', kea([{ ...subnet, reservations: [kept('10.0.0.5'), kept('10.0.0.5', other)] }], { 'ip-reservations-unique': false }), undefined], // prettier-ignore
  ['kea', kea([{ ...subnet, reservations: [kept('10.0.0.5'), kept('10.0.0.6')] }]), '02:00:00:00:00:01 already has a reservation'], // prettier-ignore
  ['dhcpd', isc('range 10.0.0.10 10.0.0.50; range 10.0.0.40 10.0.0.60;'), 'overlaps the one in line 1'],
  ['dhcpd', isc('range 10.0.0.50 10.0.0.10;'), undefined],
  ['dhcpd', isc('range 10.0.1.10 10.0.1.50;'), 'is not in 10.0.0.0/24'],
  ['dhcpd', isc('', `host a { hardware ethernet ${other}; fixed-address 10.0.1.5; } host b { hardware ethernet ${other}; fixed-address 10.0.1.5; }`), undefined], // prettier-ignore
  ['dnsmasq', 'dhcp-range=10.0.0.50,10.0.1.10,255.255.255.0', 'is not in 10.0.0.0/24'],
  ['dnsmasq', 'dhcp-range=10.0.0.50,10.0.1.10', undefined],
  ['dnsmasq', 'dhcp-range=10.0.0.10,10.0.0.50\ndhcp-range=10.0.0.40,10.0.0.60', undefined],
  ['dnsmasq', 'dhcp-range=10.0.0.50,10.0.0.10,255.255.255.0', undefined],
  ['dnsmasq', `dhcp-range=10.0.0.10,10.0.0.50\ndhcp-host=02:00:00:00:00:01,10.0.0.5\ndhcp-host=${other},10.0.0.5`, '10.0.0.5 is already reserved in line 2'], // prettier-ignore
  ['dnsmasq', 'dhcp-range=10.0.0.10,10.0.0.50\ndhcp-host=02:00:00:00:00:01,10.0.0.5\ndhcp-host=02:00:00:00:00:01,10.0.0.6', undefined], // prettier-ignore
])('%s, case %#: what its own check says', (engine, text, why) => {
  const configuration = readConfiguration({ name: 'x.conf', text })!
  expect(configuration.engine).toBe(engine)
  const refusals = refusalsOf(configuration)
  if (why === undefined) expect(refusals).toEqual([])
  else expect(refusals.map((one) => inEnglish(one.text)).join('\n')).toContain(why)
  const checked = check(engine, text)
  if (checked !== undefined) expect(checked).toBe(why !== undefined)
  expect(twinOf(networkOf([{ name: 'x.conf', text }])).notices).toEqual(expect.arrayContaining(refusals))
})

test('a hundred thousand reservations and pools are looked through in one walk', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
  const source = { file: 'x', line: 1 }
  const pools = many.map((start) => ({ source, start, end: start, statements: [] }))
  const reservations = many.map((address) => ({ source, address, who: address, test: { is: 'all', of: [] } as const, isIgnored: false, classes: [], statements: [] })) // prettier-ignore
  const { subnets, ...rest } = readConfiguration({ name: 'x', text: kea([{ ...subnet, subnet: '10.0.0.0/8' }]) })!
  const startedMs = performance.now()
  expect(refusalsOf({ ...rest, subnets: [{ ...subnets[0]!, pools, reservations }] })).toEqual([])
  expect(performance.now() - startedMs).toBeLessThan(120_000)
})
