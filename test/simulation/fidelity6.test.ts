/**
 * Captures of OVMF over IPv6 beside a simulation of what it met: messages, options and their order, ports, and no wait that is
 * shorter in the simulation than it really was. Those machines shared their processor, so that their waits may be longer.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sequenceOf, type SequenceMessage } from '#shared/diagnosis/sequence.ts'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { Session } from '#shared/trace/session.ts'
import { fieldSession, fixture } from '../helpers/fixtures.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

interface Topology {
  readonly firmware: FirmwareName
  readonly mac: string
  readonly dhcp6?: object
  readonly router?: object
  readonly others?: object
  readonly files?: object
  /** What stands on the screen at the end of PXE. */
  readonly screen: string
}

const pool = { subnet: '2001:db8:77::/64', start: '2001:db8:77::100', end: '2001:db8:77::1ff' }
const managed = { managed: true, other: false, autonomous: false }
const firmware = 'edk2-ipv6-then-http'
const mac = '52:54:00:77:00:06'
const dnsmasq = (url?: string): object => ({ subnets: [pool], httpClass: false, options: url === undefined ? {} : { 59: url } }) // prettier-ignore
const script = { 'boot.ipxe': { text: `#!ipxe\n${'echo it runs\n'.repeat(35)}`.padEnd(467, '#') } }
const tftp = { tftp: { grantsWindow: false, grantsTimeout: false } }

const topologies: Readonly<Record<string, Topology>> = {
  'ipv6-tftp-closed': {
    firmware, mac, router: managed, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/boot.efi'),
    screen: 'PXE-E99: Unexpected network error.',
  },
  'ipv6-file-missing': {
    firmware, mac, router: managed, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/missing.efi'), others: tftp,
    screen: 'PXE-E23: Client received TFTP error from server.',
  },
  'ipv6-no-url': { firmware, mac, router: managed, dhcp6: dnsmasq(), screen: 'PXE-E21: Remote boot cancelled.' },
  'ipv6-no-address': {
    firmware, mac, router: { managed: false, other: true, autonomous: true },
    dhcp6: { subnets: [{ subnet: pool.subnet }], httpClass: false },
    screen: 'PXE-E16: No valid offer received.',
  },
  'ipv6-http': {
    firmware, mac, router: { managed: false, other: false, autonomous: true },
    // It names itself HTTPClient to everybody.
    dhcp6: { subnets: [pool], httpClass: false, options: { 59: 'http://[2001:db8:77::1]:8080/boot.efi', 16: '0x00000157000a48545450436c69656e74' } },
    others: { http: { port: 8080 } },
    files: { 'boot.efi': { architecture: 'x64-uefi', size: 475_136 } },
    screen: 'PXE-E53: No boot filename received.',
  },
  'ovmf-pxe': {
    firmware, mac, router: managed, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/boot.efi'), others: tftp,
    files: { 'boot.efi': { architecture: 'x64-uefi', size: 503_808 } },
    screen: 'Station IP address is 2001:DB8:77:0:0:0:0:101',
  },
  'ovmf-no-router': {
    firmware, mac, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/boot.efi'), others: tftp,
    files: { 'boot.efi': { architecture: 'x64-uefi', size: 503_808 } },
    screen: 'NBP file downloaded successfully.',
  },
  'ipv6-no-server': { firmware, mac: '52:54:00:77:00:03', screen: 'PXE-E16: No valid offer received.' },
  // Debian's iPXE of 2019 as an option ROM, and as the program that EDK2 loads over IPv6.
  'ipxe-tftp': {
    firmware: 'ipxe', mac, router: managed, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/boot.ipxe'), others: tftp, files: script,
    screen: 'Filename: tftp://[2001:db8:77::1]/boot.ipxe',
  },
  'ipxe-http': {
    firmware: 'ipxe', mac, router: managed, dhcp6: dnsmasq('http://[2001:db8:77::1]:8080/boot.ipxe'), others: { http: { port: 8080 } }, files: script,
    screen: 'http://[2001:db8:77::1]:8080/boot.ipxe... ok',
  },
  'ipxe-stateless': {
    firmware: 'ipxe', mac, router: { managed: false, other: true, autonomous: true }, others: tftp, files: script,
    dhcp6: { ...dnsmasq('tftp://[2001:db8:77::1]/boot.ipxe'), subnets: [{ subnet: pool.subnet }] },
    screen: 'tftp://[2001:db8:77::1]/boot.ipxe... ok',
  },
  'ipxe-no-router': {
    firmware: 'ipxe', mac, dhcp6: dnsmasq('tftp://[2001:db8:77::1]/boot.ipxe'), others: tftp, files: script,
    screen: 'Configuring (net0 52:54:00:77:00:06).... No configuration methods succeeded (http://ipxe.org/040ee119)',
  },
  'ipxe-no-server': {
    firmware: 'ipxe', mac, router: managed,
    screen: 'Configuring (net0 52:54:00:77:00:06).... No configuration methods succeeded (http://ipxe.org/040ee119)',
  },
  'ipxe-no-address': {
    firmware: 'ipxe', mac, router: managed, dhcp6: { subnets: [{ subnet: pool.subnet }], httpClass: false },
    screen: 'Configuring (net0 52:54:00:77:00:06).... No configuration methods succeeded (http://ipxe.org/040ee119)',
  },
  'ipxe-slaac': {
    firmware: 'ipxe', mac, router: { managed: false, other: false, autonomous: true },
    screen: 'Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)',
  },
  'ipxe-chain': {
    firmware, mac, router: managed, others: tftp,
    dhcp6: { ...dnsmasq('tftp://[2001:db8:77::1]/ipxe.efi'), userClasses: { iPXE: { 59: 'tftp://[2001:db8:77::1]/boot.ipxe' } } },
    files: { ...script, 'ipxe.efi': { program: 'ipxe', architecture: 'x64-uefi', size: 850_528 } },
    screen: 'tftp://[2001:db8:77::1]/boot.ipxe... ok',
  },
} // prettier-ignore

/** Recorded for this test (OVMF 2022.11, dnsmasq 2.90), or for others before. */
function capture(name: string): Session {
  if (!/^(ovmf|ipxe)-/.test(name)) return fieldSession(`${name}.pcap`)
  const session = new Session()
  session.push(gunzipSync(readFileSync(fixture(`fidelity6/${name}.pcap.gz`))))
  session.end()
  return session
}

/** Messages of the machine's own IPv6 come when the router says so, which is beside what the boot waits for. */
const isOwn = ({ says }: SequenceMessage): boolean => /^(SOLICIT|REQUEST|INFORMATION)/.test(says) && !/ 16=/.test(says)

/** How much shorter a wait may really have been: a tick of its timer, in milliseconds, and a share of it. */
const earlyShare = 0.04
const earlyMs = 600

describe('over IPv6', () => {
  test.each(Object.entries(topologies))(
    '%s',
    (name, { firmware: what, mac: hardware, dhcp6, router, others, files, screen }) => {
      const simulation = simulated(
        scenarioOf({
          segments: { lan: { network: '192.168.77.0/24', network6: pool.subnet } },
          hosts: {
            boot1: {
              kind: 'linux',
              on: { lan: '192.168.77.1' },
              on6: { lan: '2001:db8:77::1' },
              services: {
                ...(dhcp6 ? { DHCPv6Server: dhcp6 } : {}),
                ...(router ? { 'router-advertisement': router } : {}),
                ...others,
              },
              files: files ?? {},
            },
          } as never,
          clients: { pc1: { firmware: what, mac: hardware, on: 'lan' } },
        }),
      )
      const real = sequenceOf(capture(name), hardware, true)
      const virtual = sequenceOf(sessionOfSimulation(simulation), hardware, true)
      expect(real.length).toBeGreaterThan(3)
      // What `ipxe.efi` lists beside snponly.efi, which the simulator plays, is its drivers' (option 175).
      const line = ({ from, says }: SequenceMessage): string =>
        `${from}: ${name === 'ipxe-chain' ? says.replace(/ \d+ bytes, secs/, ' secs').replace(/ 175=\S+/, ' 175') : says}`
      // iPXE asks over both families at once, and which of them comes first is chance.
      const familiesOf = (all: readonly SequenceMessage[]): SequenceMessage[][] => {
        const isOld = ({ says }: SequenceMessage): boolean => / DISCOVER/.test(says)
        return name.startsWith('ipxe-') ? [all.filter(isOld), all.filter((one) => !isOld(one))] : [[...all]]
      }
      const simulatedFamilies = familiesOf(virtual)
      for (const [index, family] of familiesOf(real).entries())
        // The recordings end while the machine goes on.
        expect(simulatedFamilies[index]!.slice(0, family.length).map(line)).toEqual(family.map(line))
      if (name.startsWith('ipxe-')) {
        expect(simulation.outcomes()[0]!.screen.map((one) => one.trim())).toContain(screen)
        return
      }
      const early = real.flatMap((one, index) => {
        if (index === 0 || one.from === 'server' || isOwn(one) || isOwn(real[index - 1]!)) return []
        const waited = one.atMs - real[index - 1]!.atMs
        const simulatedWait = virtual[index]!.atMs - virtual[index - 1]!.atMs
        return waited < simulatedWait * (1 - earlyShare) - earlyMs ? [`${one.says}: ${waited} ms, simulated ${simulatedWait}`] : [] // prettier-ignore
      })
      expect(early).toEqual([])
      expect(simulation.outcomes()[0]!.screen.map((one) => one.trim())).toContain(screen)
    },
  )
})
