import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { encodeSignatureLists } from '#shared/wire/efi-signature-list.ts'
import { issuedCertificate, ownAuthority } from '../../src/main/responder/https-certificate.ts'
import { makeGrub, marker, powerOn, secondConfiguration } from '../helpers/firmware.ts'
import { cli, eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { scenarioOf, simulated } from '../helpers/simulate.ts'
import { Segment, sentBy } from '../helpers/segment.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '192.168.77.1'
type Firmware = 'bios' | 'uefi-x64'
const macs: Readonly<Record<Firmware, string>> = { bios: '52:54:00:77:00:01', 'uefi-x64': '52:54:00:77:00:03' }

let network: Network
let folder: LabFolder
let space: string
let other: string

/** One segment: the lab's machine with a bridge, the booting machine's tap on it, and a second server beside them. */
beforeEach(() => {
  network = new Network()
  space = network.namespace('a')
  other = network.namespace('b')
  network.cable({ in: space, name: 'port1' }, { in: other, name: 'eth0', addresses: ['192.168.77.2/24'] })
  network.bridge(space, 'br0', [`${server}/24`], ['port1'])
  network.tap(space, 'tap0', 'br0')
  folder = new LabFolder()
})

afterEach(async () => {
  await network.close()
  folder.remove()
})

function prepare(firmware: Firmware, lab: Omit<LabInput, 'interface'>): void {
  folder.write({
    interface: 'br0',
    boot: {
      programs: [
        { architecture: 'bios', file: 'grub-bios.0' },
        { architecture: 'x64-uefi', file: 'grub-x64.efi' },
      ],
    },
    ...lab,
  })
  makeGrub(join(folder.root, 'boot'), firmware, server)
  folder.put(`grub/second-${firmware}.cfg`, secondConfiguration(firmware))
}

async function boot(firmware: Firmware): Promise<Running> {
  const machine = powerOn(network, space, firmware, 'tap0', macs[firmware], folder.root)
  await machine.sees(marker(firmware), 240)
  return machine
}

interface Ended {
  readonly type: string
  readonly outcome: string
  readonly transfer: { file: string; kind: string; bytes: number; size: number }
}

/** Transfers that came to an end; the machine may print before the responder tells of the last one. */
async function endedOf(responder: Running, firmware: Firmware): Promise<Ended[]> {
  await responder.sees(new RegExp(`"type":"transfer-ended".*grub/second-${firmware}\\.cfg`))
  return (eventsOf(responder) as unknown as Ended[]).filter((event) => event.type === 'transfer-ended')
}

/** Every file was loaded to its end, the size probe of UEFI counted as what it is. */
async function expectFiles(responder: Running, firmware: Firmware): Promise<void> {
  const ended = await endedOf(responder, firmware)
  const done = ended.filter((event) => event.outcome === 'completed')
  expect(done.map((event) => event.transfer.file)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^grub-/), `grub/second-${firmware}.cfg`]),
  )
  for (const event of done) expect(event.transfer.bytes).toBe(event.transfer.size)
  expect(ended.filter((event) => event.outcome !== 'completed').map((event) => event.outcome)).toEqual(
    firmware === 'bios' ? [] : ['size-probe'],
  )
}

const needs = ['root', 'tun', 'ip', 'qemu-system-x86_64', 'grub-mkimage', 'grub-pxe', 'ovmf', 'ipxe-rom']

describeWith(needs, 'real firmware boots in mode dhcp', () => {
  test.each(['bios', 'uefi-x64'] as const)('%s, the lab alone on the wire', async (firmware) => {
    prepare(firmware, {
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
    })
    const responder = await startResponder(network, space, folder)
    await boot(firmware)
    await expectFiles(responder, firmware)
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(expect.objectContaining({ type: 'dhcp-acknowledged', address: '192.168.77.100' }))
    expect(await responder.stop('SIGINT')).toBe(0)
  })
})

describeWith(needs, 'GRUB 2.06 loads over HTTP', () => {
  // It finds the length of a file under one spelling alone, and else waits for a connection to end that is kept.
  test.each(['bios', 'uefi-x64'] as const)('%s', async (firmware) => {
    prepare(firmware, {
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }] },
      http: { enabled: true },
    })
    makeGrub(join(folder.root, 'boot'), firmware, server, 'http')
    const responder = await startResponder(network, space, folder)
    await boot(firmware)
    const loaded = await endedOf(responder, firmware)
    const second = loaded.find((event) => event.transfer.file === `grub/second-${firmware}.cfg`)!
    expect(second).toMatchObject({ outcome: 'completed', transfer: { kind: 'http' } })
    expect(second.transfer.bytes).toBe(second.transfer.size)
  })
})

describeWith(needs, 'real firmware boots from a menu', () => {
  test('the item that the prompt takes at once, by asking port 4011 for it', async () => {
    prepare('bios', {
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: {
        subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }],
      },
      boot: {
        // Nothing but the menu leads to the program.
        programs: [{ architecture: 'bios', file: 'not-this-one.0' }],
        menu: { timeoutSeconds: 0, items: [{ text: 'GRUB', file: 'grub-bios.0' }] },
      },
    })
    const responder = await startResponder(network, space, folder)
    await boot('bios')
    await expectFiles(responder, 'bios')
    await expect
      .poll(() => eventsOf(responder))
      .toContainEqual(expect.objectContaining({ type: 'boot-server-answered', item: { type: 0x8000, layer: 0 } }))
  })
})

describeWith([...needs, 'dnsmasq'], 'real firmware boots in mode proxy-dhcp', () => {
  test.each(['bios', 'uefi-x64'] as const)('%s, beside dnsmasq giving the addresses', async (firmware) => {
    prepare(firmware, { mode: 'proxy-dhcp' })
    const dhcp = network.start(other, 'dnsmasq', [
      '--no-daemon', '--port=0', '--conf-file=/dev/null', '--no-ping', '--interface=eth0', '--bind-interfaces', '--user=root', '--log-dhcp',
      '--dhcp-range=192.168.77.130,192.168.77.140,1h', '--dhcp-authoritative', `--dhcp-leasefile=${join(folder.root, 'dnsmasq.leases')}`, '--pid-file=',
    ]) // prettier-ignore
    await dhcp.sees(/DHCP, IP range/)
    const responder = await startResponder(network, space, folder)
    await boot(firmware)
    await expectFiles(responder, firmware)
    const events = eventsOf(responder)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'proxy-offered', form: firmware === 'bios' ? 'file' : 'ask-boot-server' }),
    )
    // The address came from the other machine, and the lab found that server on the wire.
    expect(dhcp.output).toMatch(/DHCPACK\(eth0\) 192\.168\.77\.1[34]\d/)
    expect(events.filter((event) => event.type === 'dhcp-acknowledged')).toEqual([])
  })
})

describeWith([...needs, 'kea-dhcp4'], 'real firmware boots in mode boot-server', () => {
  let state: string
  beforeEach(() => (state = mkdtempSync(join(tmpdir(), 'kea-'))))
  afterEach(() => rmSync(state, { recursive: true, force: true }))

  test.each(['bios', 'uefi-x64'] as const)(
    '%s, on the host of a DHCP server that only sets option 60',
    async (firmware) => {
      prepare(firmware, { mode: 'boot-server' })
      const configuration = join(state, 'kea.json')
      writeFileSync(
        configuration,
        JSON.stringify({
        Dhcp4: {
          'interfaces-config': { interfaces: ['br0'] },
          'lease-database': { type: 'memfile', persist: false },
          'subnet4': [{
            'subnet': '192.168.77.0/24', 'pools': [{ pool: '192.168.77.130 - 192.168.77.140' }],
            'option-data': [{ 'name': 'vendor-class-identifier', 'data': 'PXEClient', 'always-send': true }],
          }],
        },
      }), // prettier-ignore
      )
      const dhcp = network.start(space, 'kea-dhcp4', ['-c', configuration], {
        KEA_LOCKFILE_DIR: state,
        KEA_PIDFILE_DIR: state,
      })
      await dhcp.sees(/DHCP4_STARTED/)
      const responder = await startResponder(network, space, folder)
      expect(eventsOf(responder)[0]).toMatchObject({ type: 'ready', ports: [{ port: 4011 }, { port: 69 }] })
      await boot(firmware)
      await expectFiles(responder, firmware)
      await expect
        .poll(() => eventsOf(responder))
        .toContainEqual(expect.objectContaining({ type: 'boot-server-answered' }))
    },
  )
})

/** The errors that the simulator shows for a server with that certificate, without TLS for null. */
function errorsOf(tls: object | null, authorities: readonly string[]): string[] {
  const simulation = simulated(
    scenarioOf({
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            DHCPServer: {
              type: 'DHCPServer',
              options: { 60: 'HTTPClient', 67: 'https://192.168.77.1/x.efi' },
              subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }],
            },
            http: { type: 'http', ...(tls === null ? { port: 443 } : { tls }) },
          },
        },
      } as never,
      clients: { pc: { firmware: 'edk2-http', on: 'lan', https: { authorities: [...authorities] } } },
    }),
  )
  return simulation.outcomes()[0]!.screen.map((line) => line.trim()).filter((line) => line.startsWith('Error: ')) // prettier-ignore
}

describeWith(needs, 'EDK2 boots over HTTPS', () => {
  test('from the responder where its variable holds the authority, and nowhere else', () =>
    Segment.with(async (segment) => {
      segment.plug()
      segment.prepare({
        boot: {
          programs: [
            { mac: '52:54:00:77:00:0c', architecture: 'x64-uefi-http', file: `https://${server}:8080/x.efi` },
            { mac: '52:54:00:77:00:0d', architecture: 'x64-uefi-http', file: `https://${server}:4431/x.efi` },
            { architecture: 'x64-uefi-http', protocol: 'https', file: 'grub-x64.efi' },
          ],
        },
        tftp: { enabled: false },
        http: { enabled: true, port: 8080 },
        https: { enabled: true },
      })
      // The program says that it runs before it looks for more.
      makeGrub(segment.boot, 'uefi-x64', server, 'http')
      const exported = (name: string, lab: string): readonly string[] => {
        const file = join(segment.folder.root, name)
        execFileSync(process.execPath, [cli, 'certificate', '--config', lab, '--form', 'edk2-cacerts', '--out', file])
        return ['-fw_cfg', `name=etc/edk2/https/cacerts,file=${file}`]
      }
      const responder = await segment.respond()
      const trusting = await segment.powerOn('uefi-http-x64', {
        sees: /PXELAB-NBP-START uefi-x64/,
        more: exported('ca.bin', segment.folder.file),
      })
      expect(trusting.output).toContain(`URI: https://${server}/grub-x64.efi`)
      expect(sentBy(responder)).toEqual(['https grub-x64.efi'])
      await trusting.stop()

      // Without an authority it opens no connection at all.
      const without = await segment.powerOn('uefi-http-x64', { sees: /Error: Remote boot cancelled\./ })
      expect(without.output).toMatch(/Could not retrieve NBP file size from HTTP server/)
      expect(eventsOf(responder).filter((event) => event.type === 'tls-failed')).toEqual([])
      await without.stop()

      // With the authority of another lab alone: at the responder, at a port without TLS, and with a certificate for another name.
      const other = join(segment.folder.root, 'other')
      const { certificate } = await ownAuthority(other)
      await issuedCertificate(other, ['192.168.77.9'])
      const lists = join(segment.folder.root, 'other.bin')
      writeFileSync(lists, encodeSignatureLists([Uint8Array.from(new X509Certificate(certificate).raw)]))
      const helper = fileURLToPath(new URL('../helpers/https-peer.mjs', import.meta.url))
      const peer = segment.network.start(segment.here, process.execPath, [helper, join(segment.boot, 'grub-x64.efi'), `4431=${join(other, 'https.pem')}`]) // prettier-ignore
      await peer.sees(/listening on 4431/)
      const trusts = ['Other CA']
      const cases = [
        { mac: '0b', predicted: errorsOf({ authority: 'PXE Lab CA' }, trusts) },
        { mac: '0c', predicted: errorsOf(null, trusts) },
        { mac: '0d', predicted: errorsOf({ authority: 'Other CA', names: ['192.168.77.9'] }, trusts) },
      ]
      await Promise.all(
        cases.map(async ({ mac, predicted }, at) => {
          const folder = join(segment.folder.root, mac)
          mkdirSync(folder)
          segment.network.tap(segment.here, `tap${at + 1}`, 'br0')
          const machine = powerOn(segment.network, segment.here, 'uefi-http-x64', `tap${at + 1}`, `52:54:00:77:00:${mac}`, folder, ['-fw_cfg', `name=etc/edk2/https/cacerts,file=${lists}`]) // prettier-ignore
          expect(predicted).toHaveLength(2)
          for (const line of predicted) await machine.sees(new RegExp(line.replaceAll('.', '\\.')), 240)
          await machine.stop()
        }),
      )
      await responder.sees(/it began TLS on the port of plain HTTP/)
      const failures = eventsOf(responder).filter((event) => event.type === 'tls-failed')
      expect(failures).toContainEqual(
        expect.objectContaining({
          client: expect.stringMatching(/^192\.168\.77\./),
          reason: expect.stringMatching(/^it hung up during the handshake without an alert, as EDK2 and iPXE do/),
        }),
      )
    }))
})
