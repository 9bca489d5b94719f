/**
 * A configuration of one engine written for another: what each kind of machine is offered, by the order of each engine, is
 * the same before and after.
 */
import { inEnglish } from '#messages/text.ts'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bootTable, machineKinds } from '#shared/interchange/boot-table.ts'
import type { Configuration } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import { planOfConfiguration } from '#shared/interchange/writers/model-plan.ts'
import { writePlan, type ExportTarget } from '#shared/interchange/writers/targets.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { labOf, server } from '../helpers/export-labs.ts'
import { Powershell } from '../helpers/powershell.ts'
import { cmdletsOf, newServer, windowsOffer } from '../helpers/windows-dhcp.ts'

const self = parseIpv4(server)!
const read = (text: string, name = 'x'): Configuration => {
  const found = readConfiguration({ name, text })
  if (!found) throw new Error('it is of no engine')
  return found
}
const fixture = (name: string): Configuration => read(readFileSync(fileURLToPath(new URL(`../fixtures/interchange/${name}`, import.meta.url)), 'utf8'), name) // prettier-ignore
const exportOf = (configuration: Configuration, to: ExportTarget) =>
  writePlan(planOfConfiguration({ configuration, self }), { to, engineVersion: to === 'kea' ? '2.2' : undefined })

/** An address says by itself where it is loaded from. */
const bootText = (file: string | undefined, from: string): string => (file === undefined ? 'no file' : file.includes('://') ? file : `${file} from ${from}`) // prettier-ignore

/** What each kind of machine boots in each subnet: a file is read in option 67 before the header, a server that is not named is itself. */
const boots = (configuration: Configuration): Record<string, string> =>
  Object.fromEntries(
    bootTable(configuration).filter(({ isRelayed }) => !isRelayed).map(({ subnet, machine, offer }) => {
      const file = offer.options.get(67)?.text ?? offer.bootFile?.text
      const from = offer.nextServer?.text ?? server
      return [`${subnet.network} ${machine}`, offer.silent ? 'no offer' : bootText(file, from)]
    }),
  ) // prettier-ignore

describe('labs by way of Kea', () => {
  test.each(['kea', 'dnsmasq'] as const)('to %s', (to) => {
    for (let seed = 1; seed <= 10; seed++) {
      const text = writePlan(planOfLab({ lab: labOf(seed), addresses: [self], lineOf: () => 0 }), { to: 'kea', engineVersion: '2.2' }).files[0]!.text // prettier-ignore
      const original = read(text)
      expect(boots(read(exportOf(original, to).files[0]!.text)), `seed ${seed}`).toEqual(boots(original))
    }
  })
})

test('the address of the DHCP server itself, where files come from and no line says it, is asked for unless it was given', () => {
  const silent = read('subnet 192.168.77.0 netmask 255.255.255.0 { range 192.168.77.10 192.168.77.20; filename "a.0"; }', 'dhcpd.conf')
  const asked = (configuration: Configuration, isSelfGuessed: boolean) =>
    planOfConfiguration({ configuration, self, isSelfGuessed }).notes.filter(({ text }) => inEnglish(text).includes('--address')).map(({ text }) => inEnglish(text))
  expect(asked(silent, true)).toEqual([expect.stringContaining(`${server} of this machine is used instead`)])
  expect(asked(silent, false)).toEqual([])
  const named = read('subnet 192.168.77.0 netmask 255.255.255.0 { range 192.168.77.10 192.168.77.20; filename "a.0"; next-server 10.9.9.9; }', 'dhcpd.conf')
  expect(asked(named, true)).toEqual([])
}) // prettier-ignore

describe('what people wrote', () => {
  test.each([['kea-classes.conf', 'kea'], ['kea-classes.conf', 'dnsmasq'], ['dnsmasq-chain.conf', 'kea'], ['dnsmasq-chain.conf', 'dnsmasq'], ...(['01-plain', '02-architecture-else', '03-ipxe-chain', '09-groups', '11-last-wins', '13-extract', '16-http-boot', '17-wds', '19-host-in-subnet'] as const).flatMap((one) => [[`dhcpd/${one}.conf`, 'kea'], [`dhcpd/${one}.conf`, 'dnsmasq']] as const)] as const)('%s to %s', (name, to) => {
    const original = fixture(name)
    const exported = exportOf(original, to)
    const [before, after] = [boots(original), boots(read(exported.files[0]!.text))]
    expect(Object.keys(before).length).toBeGreaterThan(5)
    // Pools for some classes alone are for everybody now, and that is told.
    const guarded = exported.notes.some(({ text }) => /pools were only for clients of some classes/.test(inEnglish(text)))
    for (const key of Object.keys(before)) if (!(guarded && before[key] === 'no offer')) expect(after[key], key).toBe(before[key])
  }) // prettier-ignore

  test.each(['kea-classes.conf', 'dnsmasq-chain.conf'])('%s to PowerShell: Windows offers each machine the same', (name) => {
    const original = fixture(name)
    const exported = exportOf(original, 'powershell')
    const state = newServer()
    new Powershell(cmdletsOf(state, new Map()), { PSScriptRoot: 'C:\\lab' }).run(exported.files[0]!.text)
    const before = boots(original)
    for (const { subnet, machine, offer } of bootTable(original)) {
      if (offer.silent) continue
      const kind = machineKinds.find(({ title }) => title === machine)!
      const options: ReadonlyMap<number, string> = kind.options
      const told = windowsOffer(state, { at: parseIpv4(subnet.network.split('/')[0]!)! + 1, vendorClass: options.get(60) ?? '', userClass: options.get(77) ?? '', mac: '02005E100001', clientId: undefined, circuitId: undefined, remoteId: undefined })
      expect(bootText(told?.options.get(67)?.[0], told?.options.get(66)?.[0] ?? server), `${subnet.network} ${machine}`).toBe(before[`${subnet.network} ${machine}`])
    }
  }) // prettier-ignore

  test('what cannot be said for another engine is told with its line', () => {
    const original = read(`{ "Dhcp4": { "client-classes": [
      { "name": "odd", "test": "substring(option[60].hex,3,2) == 'XX'", "boot-file-name": "odd.0" },
      { "name": "plain", "test": "option[93].hex == 0x0007", "boot-file-name": "x.efi" } ],
    "subnet4": [ { "id": 1, "subnet": "10.0.0.0/24", "pools": [ { "pool": "10.0.0.10 - 10.0.0.20" } ],
      "reservations": [ { "flex-id": "'x'", "ip-address": "10.0.0.9" } ] } ] } }`)
    const { notes, files } = exportOf(original, 'dnsmasq')
    expect(notes.filter(({ kind }) => kind === 'left-out').map(({ line, key }) => [line, key])).toEqual([
      [5, expect.stringContaining('flex-id')],
      [2, 'class odd'],
      [5, expect.stringContaining('subnet 10.0.0.0/24')],
    ])
    expect(files[0]!.text).toContain('x.efi')
    expect(files[0]!.text).not.toContain('odd.0')
  })
})

test('nobody is told a condition that nobody meets, or one that a former one has met', () => {
  const text = `dhcp-range=192.168.1.100,192.168.1.200,255.255.255.0
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:efi64,option:client-arch,7
dhcp-match=set:efi64,option:client-arch,9
dhcp-userclass=set:ipxe,iPXE
dhcp-boot=tag:bios,tag:!ipxe,undionly.kpxe
dhcp-boot=tag:efi64,tag:!ipxe,ipxe.efi
dhcp-boot=tag:ipxe,http://192.168.1.10/menu.ipxe`
  const { programs } = planOfConfiguration({ configuration: readConfiguration({ name: 'x', text })!, self: 1 })
  expect(programs.map(({ file }) => file)).toEqual(['http://192.168.1.10/menu.ipxe', 'ipxe.efi', 'undionly.kpxe'])
})
