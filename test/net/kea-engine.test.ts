/** Kea 2.2 of Debian as the DHCP engine of a lab: memfile, PostgreSQL, its control agent, and a pair of which one is killed. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EngineReport, LeaseInfo, Status } from '#shared/contract/calls.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import type { JsonObject } from '#shared/kea/control.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { keaHook, KeaServer } from '../helpers/kea-server.ts'
import { cli, eventsOf, LabFolder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { Postgres, postgresFolder } from '../helpers/postgres.ts'
import { describeWith } from '../helpers/requirements.ts'

const wireBoot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const room = { timeout: 60_000, interval: 100 }

let network: Network
let folder: LabFolder
let files: string
beforeEach(() => {
  network = new Network()
  folder = new LabFolder()
  files = mkdtempSync(join(tmpdir(), 'pxe-lab-kea-'))
})
afterEach(async () => {
  await network.close()
  folder.remove()
  rmSync(files, { recursive: true, force: true })
})

const dhcp4 = (more: JsonObject = {}): JsonObject => ({
  'interfaces-config': { interfaces: ['srv0'] },
  'lease-database': { type: 'memfile', persist: false },
  'valid-lifetime': 3600,
  'hooks-libraries': [keaHook('lease_cmds')],
  'client-classes': [{ name: 'phones', test: "substring(option[60].hex,0,5) == 'Cisco'", 'boot-file-name': 'phone.cfg' }], // prettier-ignore
  subnet4: [{ id: 1, subnet: '10.77.0.0/16', pools: [{ pool: '10.77.1.0 - 10.77.200.255' }] }],
  ...more,
})

const labWith = (servers: NonNullable<LabInput['engine']>['kea']['servers']): LabInput => ({
  interface: 'srv0',
  mode: 'boot-server',
  engine: { kea: { servers } },
  boot: {
    programs: [
      { architecture: 'x64-uefi', file: 'x64.efi' },
      { architecture: 'bios', file: 'bios.kpxe' },
    ],
  },
})

async function boots(namespace: string, mac: string): Promise<string[]> {
  const machine = network.start(namespace, process.execPath, [wireBoot, 'cli0', mac, 'edk2'])
  await machine.sees(/"type":"result"/, 110)
  return eventsOf(machine).flatMap(({ type, file }) => (type === 'file' ? [file as string] : []))
}

const keepLeases = fileURLToPath(new URL('../helpers/keep-leases.mjs', import.meta.url))
const heldBy = (machines: Running): Map<string, string> =>
  new Map([...machines.stdout.matchAll(/^(\S+) (\S+)$/gm)].map(([, mac, address]) => [mac!, address!]))

/** Machines that take an address and keep it: at least so many, by their MAC address. */
async function clients(namespace: string, count: number): Promise<Map<string, string>> {
  const machines = network.start(namespace, process.execPath, [keepLeases, '10.77.0.2', '10.77.0.1'])
  await vi.waitUntil(() => heldBy(machines).size >= count, room)
  await machines.stop()
  return heldBy(machines)
}

const engineCommand = async (namespace: string, action: string): Promise<{ code: number; text: string }> => {
  const { code, stdout, stderr } = await network.exec(namespace, process.execPath, [cli, 'engine', action, '--config', folder.file], 100) // prettier-ignore
  return { code, text: stdout + stderr }
}

const namesOf = (kea: KeaServer): string => JSON.stringify(JSON.parse(readFileSync(kea.file, 'utf8')))

describeWith(['root', 'ip', 'kea-dhcp4', 'kea-ctrl-agent', 'postgresql'], 'Kea as the engine', () => {
  test('a machine boots by a class of the lab; Kea that is killed is told, asked again and given its classes back; undone', async () => {
    const { here, there } = network.wire()
    const kea = new KeaServer({ network, namespace: here, folder: join(files, 'a'), dhcp4: dhcp4() })
    await kea.start()
    const before = await kea.command('config-get')
    const lab = labWith([{ socket: kea.socket }])
    folder.write(lab)
    folder.put('x64.efi', peProgram(0x8664))
    const backend = await DrivenBackend.start(network, here, folder)
    const status = (): Promise<Status> => backend.call('status.read')
    await backend.call('responder.start')
    await vi.waitUntil(async () => (await status()).state === 'responding', room)
    // What Kea's file says outlives Kea.
    expect(namesOf(kea)).toContain('pxe-lab-program-1')
    expect(readdirSync(join(folder.root, 'state')).filter((one) => one.startsWith('kea-before'))).toHaveLength(1)
    expect(execFileSync('ip', ['netns', 'exec', here, 'ss', '-lunpH', 'sport = :67'], { encoding: 'utf8' })).not.toContain('node') // prettier-ignore
    expect(await boots(there, '52:54:00:77:00:01')).toContain('x64.efi')
    const held = await clients(there, 5)
    const leases = await backend.call<LeaseInfo[]>('leases.list')
    const listed = new Map(leases.map(({ mac, address, state }) => [mac, `${address} ${state}`]))
    for (const [mac, address] of held) expect(listed.get(mac)).toBe(`${address} bound`)
    expect(await backend.call<EngineReport>('engine.read')).toMatchObject({
      servers: [
        {
          problem: '',
          version: '2.2.0',
          isInPlace: true,
          listsLeases: true,
          subnets: [{ subnet: '10.77.0.0/16', assigned: leases.length }],
        },
      ],
    })

    // A lease of Kea's is freed and given back as it was.
    const [first] = leases
    const had = await kea.command('lease4-get', { 'ip-address': first!.address })
    const rest = await backend.call<LeaseInfo[]>('leases.forget', { address: first!.address })
    expect(rest.map(({ address }) => address)).not.toContain(first!.address)
    await expect(backend.call('leases.forget', { address: first!.address })).rejects.toThrow(/has no lease on/)
    await backend.call('leases.restore', { address: first!.address })
    expect(await kea.command('lease4-get', { 'ip-address': first!.address })).toEqual(had)

    // A check asks the networks, and Kea by its channel: a baseline holds until something changes.
    writeFileSync(join(folder.root, 'check.yaml'), JSON.stringify({ ...lab, boot: { ...lab.boot, nextServer: '10.77.0.1' } })) // prettier-ignore
    const check = (...values: string[]) => network.exec(there, process.execPath, [cli, 'check', ...values], 110)
    const baseline = join(folder.root, 'expect.yaml')
    const recorded = await check('--record', baseline, '--interface', 'cli0', '--clients', 'x64-uefi', '--config', join(folder.root, 'check.yaml')) // prettier-ignore
    expect(recorded.code, recorded.stderr).toBe(0)
    // What is wrong with this machine is no part of it, and whole boots take their time.
    const text = readFileSync(baseline, 'utf8')
    expect(text).toContain('x64.efi')
    writeFileSync(baseline, text.replace(/^doctor:.*(\n .*)*\n/m, '').replaceAll(/^ +(file|fileServer|sha256|shows):.*\n/gm, '')) // prettier-ignore
    const holds = await check('--expect', baseline)
    expect(holds.stdout + holds.stderr).toContain(`Kea at ${kea.socket}\nok  Kea answers on the network: yes\nok  boot logic of the lab in Kea: in place\nok  subnets of Kea: 10.77.0.0/16\nok  pair of Kea: none\n`) // prettier-ignore
    expect(holds.stdout).toContain('ok  DHCP servers: 10.77.0.1\n')
    expect(holds.code).toBe(0)

    // Somebody takes them out: told, with what was changed, and not put back against their will.
    await kea.command('config-set', before as JsonObject)
    await vi.waitUntil(async () => (await status()).state === 'problem', room)
    expect((await status()).detail).toContain('does not have the boot logic of this lab any more')
    await vi.waitUntil(() => backend.log.some(({ text }) => text.includes('client-classes[pxe-lab-program-1] was removed')), room) // prettier-ignore
    const without = await check('--expect', baseline, '--form', 'nagios')
    expect(without.stdout).toContain(`Kea at ${kea.socket} boot logic of the lab in Kea: expected in place, found not in place`) // prettier-ignore
    expect(without.code).toBe(2)
    await backend.call('engine.apply')
    await vi.waitUntil(async () => (await status()).state === 'responding', room)

    await kea.kill()
    await vi.waitUntil(async () => (await status()).state === 'problem', room)
    const lost = await check('--expect', baseline)
    expect(lost.stdout).toMatch(/^NO {2}DHCP servers: expected 10\.77\.0\.1, found nobody$/m)
    expect(lost.stdout).toMatch(/^\?\? {2}Kea at \S+ could not be queried: Kea does not answer/m)
    expect(lost.code).toBe(1)
    expect((await status()).complaint?.message).toContain('Kea does not answer')
    await expect(backend.call('leases.list')).rejects.toThrow(/does not answer/)
    await kea.start()
    await vi.waitUntil(async () => (await status()).state === 'responding', room)
    await vi.waitUntil(() => backend.log.some(({ text }) => text.includes('answers again')), room)
    await backend.call('engine.undo')
    expect(await kea.command('config-get')).toEqual(before)
    await backend.running.stop()
  }, 300_000)

  test('through the control agent, with leases in PostgreSQL: applied and undone by the command line, a machine boots', async () => {
    const postgres = await Postgres.start()
    try {
      postgres.query('CREATE DATABASE kea')
      execFileSync(join(postgresFolder()!, 'psql'), ['-X', '-q', '-h', postgres.folder, '-U', postgres.user, '-d', 'kea', '-v', 'ON_ERROR_STOP=1', '-f', '/usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql'], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 }) // prettier-ignore
      const { here, there } = network.wire()
      const database = { type: 'postgresql', host: postgres.folder, name: 'kea', user: postgres.user, password: 'a-secret' } // prettier-ignore
      const kea = new KeaServer({ network, namespace: here, folder: join(files, 'a'), dhcp4: dhcp4({ 'lease-database': database }) }) // prettier-ignore
      await kea.start()
      const agentFile = join(files, 'agent.conf')
      writeFileSync(agentFile, JSON.stringify({ 'Control-agent': { 'http-host': '127.0.0.1', 'http-port': 8000, authentication: { type: 'basic', clients: [{ user: 'lab', password: 'pass:word' }] }, 'control-sockets': { dhcp4: { 'socket-type': 'unix', 'socket-name': kea.socket } } } })) // prettier-ignore
      const agent = network.start(here, 'kea-ctrl-agent', ['-c', agentFile], { KEA_PIDFILE_DIR: files, KEA_LOCKFILE_DIR: 'none', KEA_LOGGER_DESTINATION: 'stdout' }) // prettier-ignore
      await agent.sees(/CTRL_AGENT_STARTED|CTRL_AGENT_HTTP_SERVICE_STARTED/)
      writeFileSync(join(folder.root, 'password'), 'wrong\n')
      folder.write(labWith([{ url: 'http://127.0.0.1:8000/', user: 'lab', passwordFile: 'password' }]))
      folder.put('x64.efi', peProgram(0x8664))
      expect(await engineCommand(here, 'apply')).toMatchObject({ code: 1, text: expect.stringContaining('lets us not in (HTTP 401)') as string }) // prettier-ignore
      writeFileSync(join(folder.root, 'password'), 'pass:word\n')
      expect((await engineCommand(here, 'show')).code).toBe(1)
      const before = await kea.command('config-get')
      const responder = network.start(here, process.execPath, [cli, 'respond', '--config', folder.file, '--json'])
      await responder.sees(/"type":"engine-applied"/)
      expect(responder.output).not.toContain('a-secret')
      expect(await boots(there, '52:54:00:77:00:02')).toContain('x64.efi')
      const held = await clients(there, 5)
      const stored = Number(postgres.query('SELECT count(*) FROM lease4', 'kea'))
      expect(stored).toBeGreaterThanOrEqual(held.size)
      const shown = await engineCommand(here, 'show')
      expect(shown.text).toContain(`subnet 10.77.0.0/16: ${stored} of`)
      expect(shown.code).toBe(0)
      await responder.stop()
      expect((await engineCommand(here, 'undo')).code).toBe(0)
      expect(await kea.command('config-get')).toEqual(before)
    } finally {
      await network.close()
      await postgres.remove()
    }
  }, 240_000)
})

describeWith(['root', 'ip', 'kea-dhcp4'], 'a pair of Kea as the engine', () => {
  const peers = [
    { name: 'one', url: 'http://10.77.0.1:8001/', role: 'primary', 'auto-failover': true },
    { name: 'two', url: 'http://10.77.0.3:8002/', role: 'standby', 'auto-failover': true },
  ]
  const ha = (name: string): JsonObject =>
    keaHook('ha', {
      'high-availability': [
        {
          'this-server-name': name,
          mode: 'hot-standby',
          'heartbeat-delay': 500,
          'max-response-delay': 2000,
          'max-ack-delay': 1000,
          'max-unacked-clients': 0,
          'multi-threading': { 'enable-multi-threading': true, 'http-dedicated-listener': true, 'http-listener-threads': 2, 'http-client-threads': 2 }, // prettier-ignore
          peers,
        },
      ],
    })
  const server = (namespace: string, name: string): KeaServer =>
    new KeaServer({
      network,
      namespace,
      folder: join(files, name),
      dhcp4: dhcp4({ 'multi-threading': { 'enable-multi-threading': true, 'thread-pool-size': 2, 'packet-queue-size': 256 }, 'hooks-libraries': [keaHook('lease_cmds'), ha(name)] }), // prettier-ignore
    })

  test('one is killed in a storm: no acknowledged lease is lost, and a machine boots through the other', async () => {
    // Two servers and the clients on one wire.
    const [here, other, there] = [network.namespace('a'), network.namespace('b'), network.namespace('c')]
    network.bridge(there, 'cli0', ['10.77.0.2/16'])
    for (const [namespace, address, name] of [
      [here, '10.77.0.1/16', 'p1'],
      [other, '10.77.0.3/16', 'p2'],
    ] as const)
      // prettier-ignore
      network.cable({ in: namespace, name: 'srv0', addresses: [address] }, { in: there, name, addresses: [] })
    for (const name of ['p1', 'p2']) network.ip('-n', there, 'link', 'set', name, 'master', 'cli0')
    const [primary, standby] = [server(here, 'one'), server(other, 'two')]
    await Promise.all([primary.start(), standby.start()])
    const inState = (kea: KeaServer, state: string): Promise<boolean> => vi.waitUntil(async () => (await kea.pair()) === state, room) // prettier-ignore
    await Promise.all([inState(primary, 'hot-standby'), inState(standby, 'hot-standby')])

    folder.write(labWith([{ socket: primary.socket }, { socket: standby.socket }]))
    folder.put('x64.efi', peProgram(0x8664))
    const backend = await DrivenBackend.start(network, here, folder)
    const status = (): Promise<Status> => backend.call('status.read')
    await backend.call('responder.start')
    // One after the other, so that one of them always answers.
    await vi.waitUntil(async () => (await status()).state === 'responding', { timeout: 120_000, interval: 200 })
    await Promise.all([inState(primary, 'hot-standby'), inState(standby, 'hot-standby')])

    const storm = network.start(there, process.execPath, [fileURLToPath(new URL('../helpers/keep-leases.mjs', import.meta.url)), '10.77.0.2', '10.77.0.1', '10.77.0.3']) // prettier-ignore
    const held = (): Map<string, string> => heldBy(storm)
    await vi.waitUntil(() => held().size >= 100, room)
    await primary.kill()
    const before = held().size
    await inState(standby, 'partner-down')
    await vi.waitUntil(() => held().size >= before + 100, room)
    await vi.waitUntil(async () => (await status()).state === 'problem', room)
    expect((await status()).complaint?.message).toContain(primary.socket)
    const report = await backend.call<EngineReport>('engine.read')
    expect(report.servers.map(({ problem }) => problem === '')).toEqual([false, true])
    expect(report.servers[1]!.pair).toMatch(/standby is partner-down, partner (unavailable|not in touch)/)
    expect(await boots(there, '52:54:00:77:00:03')).toContain('x64.efi')
    await storm.stop()
    const kept = new Map((await backend.call<LeaseInfo[]>('leases.list')).map(({ mac, address }) => [mac, address]))
    const acknowledged = held()
    expect(acknowledged.size).toBeGreaterThan(200)
    expect([...acknowledged].filter(([mac, address]) => kept.get(mac) !== address)).toEqual([])
    expect(new Set(acknowledged.values()).size).toBe(acknowledged.size)

    // It comes back, takes the leases of the other, and is well again.
    await primary.start()
    await vi.waitUntil(async () => (await status()).state === 'responding', { timeout: 120_000, interval: 200 })
    await inState(primary, 'hot-standby')
    await backend.running.stop()
  }, 300_000)
})
