import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EngineServer } from '#shared/interchange/engine-server.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import type { IncomingDatagram } from '#shared/machines/machine.ts'
import { labOfConfiguration } from '#shared/twin/lab-of-configuration.ts'
import { machineKinds, optionsOf } from '#shared/twin/machine-kinds.ts'
import { formatIpv4, isInNetwork, parseIpv4, parseIpv4Network } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, encodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import { request } from '../helpers/dhcp.ts'

const read = (name: string) => readConfiguration({ name, text: readFileSync(new URL(`../fixtures/interchange/${name}`, import.meta.url), 'utf8') })! // prettier-ignore

const asked = machineKinds.flatMap((kind) => (kind.isIpxe || kind.isHttp ? [[kind, kind.isIpxe] as const] : [[kind, false] as const, [kind, true] as const])) // prettier-ignore

function discover(kind: (typeof machineKinds)[number], asIpxe: boolean, mac: string, relay: string | undefined): Uint8Array {
  const options = [...optionsOf(kind, asIpxe)].map(([code, text]) => ({ code, data: Uint8Array.from(text, (one) => one.charCodeAt(0)) }))
  const list = { code: 55, data: Uint8Array.of(1, 3, 6, 12, 15, 42, 43, 60, 66, 67) }
  return encodeDhcp(request({ type: 'discover', xid: 7, mac, ...(relay === undefined ? {} : { giaddr: relay }), options: [list, ...options] }))
} // prettier-ignore

/** What a machine takes from the reply of a server; the address by where it comes from. */
function taken(payload: Uint8Array | undefined, network: string) {
  if (!payload) return 'no answer'
  const { message } = decodeDhcp(payload)
  const file = bootFileOf(message)
  const isHere = isInNetwork(message.yiaddr, parseIpv4Network(network)!)
  const option = (code: number): string => [...(findOptionData(message, code) ?? [])].join('.')
  return { file, isHere, router: option(3), ntp: option(42), ...(file === '' || message.siaddr === 0 ? {} : { server: formatIpv4(message.siaddr) }) } // prettier-ignore
}

describe('a configuration as a lab file', () => {
  test.each([
    ['kea-classes.conf', '10.20.1.0/24', '10.20.1.2', undefined],
    ['dnsmasq-chain.conf', '172.18.4.0/24', '172.18.4.4', undefined],
  ] as const)('%s: each machine is offered the same', (name, network, own, relay) => {
    const configuration = read(name)
    const made = labOfConfiguration(configuration)
    const lab = labSchema.parse(made.lab)
    const served = { name: 'eth0', address: parseIpv4(own)!, prefixLength: 24, mtu: 1500 }
    const ask = (machine: DhcpServer | EngineServer, payload: Uint8Array): Uint8Array | undefined => {
      const datagram: IncomingDatagram = { kind: 'datagram', interface: 'eth0', source: { address: 0, port: 68 }, destinationPort: 67, payload } // prettier-ignore
      machine.handle(datagram, 1000)
      return machine.pollTransmit()?.payload
    }
    const macs = ['02:00:5e:10:7f:01', ...configuration.subnets.flatMap(({ reservations }) => reservations.map(({ who }) => who))]
    for (const mac of macs)
      for (const [kind, asIpxe] of asked) {
        const payload = discover(kind, asIpxe, mac, relay)
        const theirs = taken(ask(new EngineServer({ configuration, interfaces: [served], names: {} }), payload), network)
        const ours = taken(ask(new DhcpServer(dhcpConfigurationOf(lab, [served])), payload), network)
        // What HTTP boot cannot load is not handed out by the responder, nor taken from another server.
        const isNothing = typeof theirs === 'object' && kind.isHttp && !asIpxe && !theirs.file.startsWith('http')
        const expected = typeof theirs === 'object' && isNothing ? { ...theirs, file: '', server: undefined } : theirs
        expect(ours, `${kind.title}${asIpxe ? ' as iPXE' : ''}, ${mac}`).toMatchObject(typeof expected === 'object' ? JSON.parse(JSON.stringify(expected)) : { file: '' })
      }
  }) // prettier-ignore
  test('what a lab file cannot say is listed with its line', () => {
    const { left } = labOfConfiguration(read('kea-classes.conf'))
    expect(left.map(({ source, text }) => [source.line, text])).toEqual([
      [34, 'iPXE on BIOS is given no boot file in 10.20.2.0/25: by the lab file it gets that of the firmware'],
      [26, 'the shared network floor'],
      [34, 'the shared network floor'],
      [34, 'a pool for clients of some classes only'],
    ])
    expect(labOfConfiguration(read('dnsmasq-chain.conf')).left.map(({ source }) => source.line)).toContain(16)
  })
  test('reservations of every subnet keep their boot files and options, or are told', () => {
    const text = `subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.100 10.1.0.120; option routers 10.1.0.1; filename "pxelinux.0"; next-server 10.1.0.9; }
host pc1 { hardware ethernet 02:00:5e:00:00:01; fixed-address 10.1.0.20; filename "special.efi"; option ntp-servers 10.1.0.7; option routers 10.1.0.254; }
host pc2 { hardware ethernet 02:00:5e:00:00:02; filename "other.efi"; option ntp-servers 10.1.0.8; }
host pc3 { hardware ethernet 02:00:5e:00:00:03; fixed-address 10.9.0.20; }`
    const { lab, left } = labOfConfiguration(readConfiguration({ name: 'dhcpd.conf', text })!)
    const { boot, dhcp } = labSchema.parse(lab)
    expect(boot.programs.filter(({ mac }) => mac).map(({ mac, file, nextServer }) => [mac, file, nextServer])).toEqual(expect.arrayContaining([['02:00:5e:00:00:01', 'special.efi', '10.1.0.9'], ['02:00:5e:00:00:02', 'other.efi', '10.1.0.9']]))
    expect(dhcp.subnets[0]!.reservations).toEqual([{ mac: '02:00:5e:00:00:01', address: '10.1.0.20', options: { 3: '10.1.0.254', 42: '10.1.0.7' } }])
    expect(left.map(({ source, text: what }) => [source.line, what])).toEqual([
      [4, '10.9.0.20, reserved for 02:00:5e:00:00:03, lies in no subnet'],
      [3, 'name and options of 02:00:5e:00:00:02, for which no address is reserved'],
    ])
  }) // prettier-ignore
  test('a proxyDHCP server', () => {
    const { lab } = labOfConfiguration(read('dnsmasq-proxy.conf'))
    expect(labSchema.parse(lab)).toMatchObject({ mode: 'proxy-dhcp', boot: { programs: expect.arrayContaining([expect.objectContaining({ file: 'grubx64.efi' })]) } }) // prettier-ignore
  })
})
