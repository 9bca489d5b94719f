/** Agents and a hub on real wires: real boots, processes that are killed in the middle, and what the hub knows in the end. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SiteBoot } from '#shared/contract/sites.ts'
import { explainAttempt } from '../helpers/told.ts'
import { Session } from '#shared/trace/session.ts'
import { Hub } from '../../src/main/hub/hub.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Network, type Running, type Wire } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const boot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const mac = '52:54:00:77:00:01'

// Nine processes start one after the other.
vi.setConfig({ testTimeout: 300_000 })

describeWith(['root', 'ip', 'tcpdump'], 'agents and a hub', () => {
  let network: Network
  let folder: LabFolder
  let wire: Wire
  const place = (...parts: string[]): string => join(folder.root, ...parts)

  beforeEach(() => {
    network = new Network()
    folder = new LabFolder()
    wire = network.wire({ server: ['192.168.77.1/24'], client: ['192.168.77.3/24'] })
    network.ip('-n', wire.there, 'link', 'set', 'cli0', 'address', mac)
    network.ip('-n', wire.there, 'route', 'add', 'default', 'dev', 'cli0')
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: {
        subnets: [
          {
            subnet: '192.168.77.0/24',
            pools: [{ start: '192.168.77.100', end: '192.168.77.110' }],
            reservations: [{ mac, address: '192.168.77.3' }],
          },
        ],
      },
      boot: { programs: [{ architecture: 'x64-uefi', file: 'there.efi' }] },
    })
    folder.put('there.efi', peProgram(0x8664, 20_000))
  })
  afterEach(async () => {
    await network.close()
    folder.remove()
  })

  let fingerprint = ''
  /** The hub listens in the namespace of the server, for the agents of both. */
  async function startHub(port = '0'): Promise<{ hub: Running; port: string }> {
    const hub = network.start(wire.here, process.execPath, [cli, 'hub', '--folder', place('hub'), '--host', '0.0.0.0', '--port', port, '--no-window']) // prettier-ignore
    const [, found] = await hub.sees(/listens for agents on https:\/\/0\.0\.0\.0:(\d+)/, 120)
    ;[, fingerprint = ''] = await hub.sees(/fingerprint of its certificate: (\S+)/)
    return { hub, port: found! }
  }
  async function credentials(site: string): Promise<string> {
    const { stdout, stderr, code } = await network.exec(wire.here, process.execPath, [cli, 'hub', '--folder', place('hub'), 'token', 'add', site]) // prettier-ignore
    expect(code, stderr).toBe(0)
    writeFileSync(place(`${site}.yaml`), stdout, { mode: 0o600 })
    return place(`${site}.yaml`)
  }
  const linkOf = (port: string, site: string, file: string): string[] => ['--hub', `https://192.168.77.1:${port}`, '--credentials', file, '--fingerprint', fingerprint, '--spool', place(`spool-${site}`)] // prettier-ignore
  async function startAgent(port: string, file: string, { site, namespace, name } = { site: 'branch', namespace: wire.there, name: 'cli0' }): Promise<Running> {
    const agent = network.start(namespace, process.execPath, [cli, 'agent', '--interface', name, ...linkOf(port, site, file)])
    await agent.sees(/Capturing on \S+ for site/, 120)
    return agent
  } // prettier-ignore
  async function bootOnce(): Promise<void> {
    const { stdout, stderr } = await network.exec(wire.there, process.execPath, [boot, 'cli0', mac, 'edk2'], 120)
    expect(stdout, stderr).toContain('"state":"booted"')
  }
  const statusOf = async (site: string): Promise<{ code: number; waitingPieces: number; frames: number; lostFrames: number; lostPieces: number; runs: boolean }> => {
    const { stdout, code } = await network.exec(wire.here, process.execPath, [cli, 'agent', '--status', '--json', '--spool', place(`spool-${site}`)]) // prettier-ignore
    return { code, ...(JSON.parse(stdout) as { waitingPieces: number; frames: number; lostFrames: number; lostPieces: number; runs: boolean }) }
  } // prettier-ignore

  /** A capture tool hands frames on when it likes: resolves when the spool has the whole of the last boot, or has been emptied since. */
  async function isSpooled(): Promise<boolean> {
    const names = readdirSync(place('spool-branch')).filter((name) => /\.pcapng(\.gz)?$/.test(name)).sort() // prettier-ignore
    const session = new Session()
    for (const name of names) {
      session.begin()
      const bytes = readFileSync(place('spool-branch', name))
      session.push(name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    }
    const attempt = session.trace.machines.find((one) => one.name === mac)?.attempts.at(-1)
    return names.length === 0 || (attempt !== undefined && explainAttempt(session.store, attempt, { nowNs: attempt.lastNs }).outcome === 'loaded') // prettier-ignore
  }

  /** What the hub knows, read from its folder when it has ended. */
  async function known(): Promise<{ hub: Hub; boots: readonly SiteBoot[] }> {
    const hub = await Hub.open({
      folder: place('hub'),
      host: '127.0.0.1',
      port: 0,
      tls: await ownCertificate(place('tls.pem'), ['127.0.0.1']),
      onError: (error) => expect.unreachable(error.message),
    })
    await hub.settled()
    return { hub, boots: (await hub.handlers['sites.boots']({ filter: {}, offset: 0, limit: 100 })).boots }
  }

  test('two sights of each boot arrive once, though hub and agent are killed in the middle', async () => {
    const first = await startHub()
    const [branch, centre] = [await credentials('branch'), await credentials('centre')]
    // One agent is the responder itself, the other captures at the far end of the wire.
    const responder = network.start(wire.here, process.execPath, [cli, 'respond', '--config', folder.file, '--json', ...linkOf(first.port, 'centre', centre)]) // prettier-ignore
    await responder.sees(/"type":"ready"/)
    const agent = await startAgent(first.port, branch)
    await bootOnce()

    // The hub dies; what is seen meanwhile waits on disks, and an agent that dies loses none of it.
    await first.hub.stop('SIGKILL')
    await bootOnce()
    await expect.poll(isSpooled, { timeout: 60_000 }).toBe(true)
    await agent.stop('SIGKILL')
    expect((await statusOf('branch')).code).toBe(2)
    const again = await startAgent(first.port, branch)
    const second = await startHub(first.port)
    await bootOnce()
    // A capture tool still holds the last packets: one that is stopped hands them over before it ends.
    await again.stop()
    await responder.stop()
    // What was not sent when they stopped waits for the next agent with that spool.
    for (const [site, file, namespace, name] of [['branch', branch, wire.there, 'cli0'], ['centre', centre, wire.here, 'srv0']] as const) {
      const rest = await startAgent(first.port, file, { site, namespace, name })
      await expect.poll(async () => (await statusOf(site)).waitingPieces, { timeout: 120_000 }).toBe(0)
      await rest.stop()
      expect(await statusOf(site)).toMatchObject({ waitingPieces: 0, lostPieces: 0, lostFrames: 0, runs: false })
    } // prettier-ignore
    await second.hub.stop('SIGKILL')

    const { hub, boots: all } = await known()
    try {
      // The responder itself asks who else answers: both saw it, and take it for no boot.
      const boots = all.filter((one) => one.mac === mac)
      for (const { mac: own, outcome } of all) if (own !== mac) expect(outcome).toBe('check')
      expect(boots.map(({ site, mac: own }) => `${site} ${own}`).sort()).toEqual([...Array<string>(3).fill(`branch ${mac}`), ...Array<string>(3).fill(`centre ${mac}`)]) // prettier-ignore
      // Both tell every boot in the same words.
      const words = (site: string): string[] => boots.filter((one) => one.site === site).map(({ xid, outcome, headline }) => `${xid} ${outcome}: ${headline}`) // prettier-ignore
      expect(words('branch')).toEqual(words('centre'))
      expect(boots[0]).toMatchObject({ bootFile: 'there.efi', server: '192.168.77.1', architecture: 'UEFI x64' })
      for (const { id } of boots) {
        const [comparison, ...more] = await hub.handlers['sites.compare']({ boot: id })
        expect(more).toEqual([])
        expect(comparison!.sentences[0], JSON.stringify(comparison!.sentences)).toMatchObject({ tone: 'good' })
      }
    } finally {
      await hub.close()
    }
  })
})
