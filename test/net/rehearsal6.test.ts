/** Boots over IPv6 rehearsed against servers that people run, each on a wire of its own, and all at once. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { probeSchema, type RehearsedBoot } from '#shared/contract/documents.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { cli, eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Output, type Running, type Wire } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const network = new Network()
const root = mkdtempSync(join(tmpdir(), 'rehearsal6-'))
const boot = join(root, 'boot')
const program = peProgram(0x8664, 60_000)

/** Once an interface has an address of its link that nobody else has (RFC 4862 section 5.4). */
const usable = (space: string, device: string): Promise<unknown> =>
  vi.waitUntil(async () => {
    const { stdout } = await network.exec(space, 'ip', ['-6', 'addr', 'show', 'dev', device])
    return stdout.includes('fe80::') && !stdout.includes('tentative')
  }, 60_000)

/** A wire of three machines: the client, and two servers of which the first is at `fd00:77::1`. */
async function threeOn(name: string): Promise<{ ends: Wire; other: Wire }> {
  const hub = network.namespace(`${name}h`)
  const [here, there, second] = ['s', 'c', 'o'].map((one) => network.namespace(`${name}${one}`)) as [string, string, string] // prettier-ignore
  for (const [index, [space, device]] of ([[here, 'srv0'], [there, 'cli0'], [second, 'srv0']] as const).entries()) {
    network.cable({ in: hub, name: `p${index}` }, { in: space, name: device, addresses: [`10.77.0.${index + 1}/16`] })
    network.ip('-n', space, 'addr', 'add', `fd00:77::${index + 1}/64`, 'dev', device, 'nodad')
  } // prettier-ignore
  network.bridge(hub, 'br0', [], ['p0', 'p1', 'p2'])
  await Promise.all([usable(here, 'srv0'), usable(there, 'cli0'), usable(second, 'srv0')])
  return { ends: { here, there }, other: { here: second, there } }
}

/** A wire with a server at `fd00:77::1`; `client` is the address of the machine that rehearses, empty where it has that of its link alone. */
async function wire(name: string, client = 'fd00:77::2'): Promise<Wire> {
  const ends = network.wire({ server: ['10.77.0.1/16'], client: ['10.77.0.2/16'], name })
  network.ip('-n', ends.here, 'addr', 'add', 'fd00:77::1/64', 'dev', 'srv0', 'nodad')
  if (client !== '') network.ip('-n', ends.there, 'addr', 'add', `${client}/64`, 'dev', 'cli0', 'nodad')
  await Promise.all([usable(ends.here, 'srv0'), usable(ends.there, 'cli0')])
  return ends
}

const probe = ({ there }: Wire, client: string, ...more: string[]): Promise<Output> =>
  network.exec(there, process.execPath, [cli, 'probe', '-i', 'cli0', '--arch', client, ...more], 180)

async function rehearse(ends: Wire, client: string): Promise<RehearsedBoot & { exit: number }> {
  const { code, stdout, stderr } = await probe(ends, client, '--rehearse', '--json')
  expect(stderr).toBe('')
  const { rehearsals, secondOpinion } = probeSchema.parse(JSON.parse(stdout))
  expect([rehearsals?.map((one) => one.client), secondOpinion]).toEqual([[client], undefined])
  return { ...rehearsals![0]!, exit: code }
}

const steps = ({ steps: told }: RehearsedBoot): string[] =>
  told.map(({ name, state, detail }) => `${name} ${state}: ${detail}`)

/** A boot file URL makes it a TFTP server as well. */
async function dnsmasq({ here }: Wire, file?: string): Promise<Running> {
  const one = network.start(here, 'dnsmasq', [
    '--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--bind-interfaces', '--user=root', '--log-dhcp', '--pid-file=',
    '--dhcp-leasefile=/dev/null', '--dhcp-range=fd00:77::1000,fd00:77::1fff,64,1h',
    ...(file === undefined ? [] : ['--enable-tftp', `--tftp-root=${boot}`, `--dhcp-option=option6:bootfile-url,tftp://[fd00:77::1]/${file}`]),
  ]) // prettier-ignore
  await one.sees(file === undefined ? /DHCPv6, IP range/ : /DHCPv6, IP range[^]*TFTP root/)
  return one
}

const http = `
  const { readFileSync } = require('fs')
  require('http').createServer((asked, answer) => {
    const content = readFileSync(${JSON.stringify(boot)} + asked.url)
    answer.writeHead(200, { 'content-length': content.length })
    answer.end(asked.method === 'HEAD' ? undefined : content)
  }).listen(8080, '::', () => console.log('serving'))`

async function kea({ here }: Wire): Promise<Running> {
  const file = join(root, 'kea6.conf')
  writeFileSync(file, JSON.stringify({ Dhcp6: {
    'interfaces-config': { interfaces: ['srv0'] },
    'lease-database': { type: 'memfile', persist: false },
    'server-id': { type: 'LL', persist: false },
    'option-data': [
      { name: 'bootfile-url', data: 'http://[fd00:77::1]:8080/boot.efi' },
      // Without its class HTTP boot takes no URL: enterprise 343, HTTPClient.
      { name: 'vendor-class', code: 16, space: 'dhcp6', 'csv-format': false, data: '00000157000A48545450436C69656E74' },
    ],
    'subnet6': [{ subnet: 'fd00:77::/64', interface: 'srv0', pools: [{ pool: 'fd00:77::1000 - fd00:77::1fff' }] }],
    'loggers': [{ name: 'kea-dhcp6', 'output_options': [{ output: 'stdout' }], severity: 'INFO' }],
  } })) // prettier-ignore
  const one = network.start(here, 'kea-dhcp6', ['-c', file], { KEA_PIDFILE_DIR: root, KEA_LOCKFILE_DIR: 'none', KEA_DHCP_DATA_DIR: root, KEA_LOGGER_DESTINATION: 'stdout' }) // prettier-ignore
  await one.sees(/DHCP6_STARTED/)
  return one
}

const firstSteps = ['SOLICIT', 'ADVERTISE', 'REQUEST', 'REPLY']

describeWith(['root', 'ip', 'dnsmasq', 'kea-dhcp6'], 'a boot over IPv6 is rehearsed', () => {
  const folder = new LabFolder()
  let lab: Promise<{ boot: RehearsedBoot & { exit: number }; responder: Running; other: Running }>
  let plain: Promise<{ boot: RehearsedBoot & { exit: number }; server: Running }>
  let overHttp: Promise<{ boot: RehearsedBoot & { exit: number }; server: Running }>
  let farAway: Promise<RehearsedBoot & { exit: number }>
  let missing: Promise<RehearsedBoot & { exit: number }>
  let refused: Promise<{ taken: Output; without: Output; silent: Output }>

  beforeAll(() => {
    mkdirSync(boot)
    writeFileSync(join(boot, 'boot.efi'), program)
    plain = wire('p').then(async (ends) => {
      const server = await dnsmasq(ends, 'boot.efi')
      return { boot: await rehearse(ends, 'x64-uefi-ipv6'), server }
    })
    overHttp = wire('h').then(async (ends) => {
      const [server] = await Promise.all([kea(ends), network.start(ends.here, process.execPath, ['-e', http]).sees(/serving/)]) // prettier-ignore
      return { boot: await rehearse(ends, 'http-ipv6'), server }
    })
    lab = threeOn('l').then(async ({ ends, other: second }) => {
      const other = await dnsmasq(second)
      folder
        .write({
          interface: 'srv0',
          mode: 'proxy-dhcp',
          allowOtherServers: true,
          boot: { programs: [{ architecture: 'x64-uefi', file: 'boot.efi' }] },
          ipv6: { enabled: true },
        })
        .put('boot.efi', Buffer.from(program))
      const responder = await startResponder(network, ends.here, folder)
      return { boot: await rehearse(ends, 'x64-uefi-ipv6'), responder, other }
    })
    farAway = wire('f', '').then(async (ends) => {
      await dnsmasq(ends, 'boot.efi')
      return rehearse(ends, 'x64-uefi-ipv6')
    })
    missing = wire('m').then(async (ends) => {
      await dnsmasq(ends, 'gone.efi')
      return rehearse(ends, 'x64-uefi-ipv6')
    })
    refused = wire('r').then(async (ends) => {
      const silent = await probe(ends, 'http-ipv6', '--rehearse')
      const holder = network.start(ends.there, process.execPath, ['-e', "require('dgram').createSocket('udp6').bind(546, () => console.log('held'))"]) // prettier-ignore
      await holder.sees(/held/)
      const taken = await probe(ends, 'x64-uefi-ipv6')
      await holder.stop()
      await network.exec(ends.there, 'sysctl', ['-w', 'net.ipv6.conf.cli0.disable_ipv6=1'])
      return { taken, without: await probe(ends, 'http-ipv6', '--rehearse'), silent }
    })
    for (const one of [plain, overHttp, lab, farAway, missing, refused]) one.catch(() => {})
  })
  afterAll(async () => {
    await network.close()
    folder.remove()
    rmSync(root, { recursive: true })
  })

  test('by TFTP from dnsmasq: each step, the program, the sizes of blocks, and the address given back', async () => {
    const { boot: told, server } = await plain
    expect(told).toMatchObject({ client: 'x64-uefi-ipv6', code: '', line: '' })
    expect(told.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...[...firstSteps, 'File', 'Program'].map((name) => `${name} passed`),
      'Signature warning',
      'Block sizes passed',
    ])
    expect(told.program).toMatchObject({ server: 'fd00:77::1', file: 'boot.efi', transport: 'tftp', bytes: 60_000 })
    // dnsmasq grants what fits the link, and no windows.
    expect(told.sweep.map((one) => [one.blockSize, one.agreedBlockSize, one.problem])).toContainEqual([1448, 1448, ''])
    expect(server.output).toMatch(/DHCPREQUEST[^]*DHCPREPLY[^]*DHCPRELEASE/)
  }, 120_000) // prettier-ignore

  test('by HTTP from Kea, with the class that HTTP boot asks for', async () => {
    const { boot: told, server } = await overHttp
    expect(told.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...[...firstSteps, 'File', 'Program'].map((name) => `${name} passed`),
      'Signature warning',
    ])
    expect(told.program).toMatchObject({ file: 'http://[fd00:77::1]:8080/boot.efi', transport: 'http', bytes: 60_000 })
    await server.sees(/DHCP6_RELEASE_NA\b/)
  }, 120_000)

  test('from this product beside another server: asked on port 4011', async () => {
    const { boot: told, responder, other } = await lab
    expect(steps(told)).toContainEqual(expect.stringMatching(/^Boot server passed: asks fd00:77::1 on port 4011/))
    expect(told.program).toMatchObject({ server: 'fd00:77::1', file: 'boot.efi', bytes: 60_000 })
    expect(eventsOf(responder).map((one) => one.type)).toContain('boot-server-answered')
    expect(other.output).toMatch(/DHCPRELEASE/)
  }, 120_000)

  test('with a link-local address alone: what cannot be tried is told, and nobody is accused', async () => {
    const told = await farAway
    expect(told.steps.at(-1)).toEqual({
      name: 'File',
      state: 'warning',
      detail: 'Not tried: cli0 of this machine has no IPv6 address that leads to [fd00:77::1]. Give it one of that network and rehearse again.', // prettier-ignore
    })
    expect([told.line, told.program, told.exit]).toEqual(['', undefined, 1])
  }, 120_000)

  test('a file that is not there ends it with what the firmware shows', async () => {
    const told = await missing
    expect(told).toMatchObject({ code: 'PXE-E23', exit: 1 })
    expect(steps(told)).toContainEqual(expect.stringMatching(/^File failed: PXE-E23: .*gone\.efi/))
  }, 120_000)

  test('port 546 that is taken, no IPv6, nobody who answers: each is told', async () => {
    const { taken, without, silent } = await refused
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringMatching(/Cannot send requests on cli0 over IPv6: UDP port 546 cannot be opened \(EADDRINUSE\)\. Run it as root, or stop/) }) // prettier-ignore
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/cli0 has no IPv6 address of its link \(fe80::\), so --arch http-ipv6 cannot send requests there\. Enable IPv6/) }) // prettier-ignore
    expect(silent.code).toBe(1)
    expect(silent.stdout).toMatch(/IPv6: no DHCPv6 server answers\.[^]*HTTP boot over IPv6, whole boot: Error: Unexpected network error\.[^]*NO {2}SOLICIT: .*no ADVERTISE came/) // prettier-ignore
  }, 120_000)
})
