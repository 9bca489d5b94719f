/** What happens to a hub in the field: it and its agents are killed while pieces travel, and its disk is full. */
import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SiteBoot } from '#shared/contract/sites.ts'
import { Hub, tokensFile } from '../../src/main/hub/hub.ts'
import { TokenBook } from '../../src/main/hub/tokens.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { fixture } from '../helpers/fixtures.ts'
import { seenFrames, TestAgent } from '../helpers/hub.ts'
import { cli } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const driver = fileURLToPath(new URL('../helpers/agent-driver.mjs', import.meta.url))
const capture = fileURLToPath(fixture('captures/full-uefi-x64.pcap'))

// A dozen processes start one after the other.
vi.setConfig({ testTimeout: 300_000 })

describeWith(['root', 'mount'], 'a hub', () => {
  let folder: string
  let home: string
  const processes: Running[] = []
  const mounts: string[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-faults-'))
    home = join(folder, 'hub')
  })
  afterEach(async () => {
    for (const one of processes.splice(0)) await one.stop('SIGKILL')
    for (const one of mounts.splice(0)) execFileSync('umount', [one])
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (...values: string[]): Running => {
    const running = new Running(spawn(process.execPath, values, { stdio: ['ignore', 'pipe', 'pipe'] }))
    processes.push(running)
    return running
  }
  async function startHub(port = '0'): Promise<{ hub: Running; port: number; fingerprint: string }> {
    const hub = start(cli, 'hub', '--folder', home, '--host', '127.0.0.1', '--port', port, '--no-window')
    const [, found] = await hub.sees(/listens for agents on https:\/\/127\.0\.0\.1:(\d+)/, 120)
    const [, fingerprint] = await hub.sees(/fingerprint of its certificate: (\S+)/)
    return { hub, port: Number(found), fingerprint: fingerprint! }
  }
  async function bootsIn(place: string): Promise<{ boots: readonly SiteBoot[]; pieces: number }> {
    const hub = await Hub.open({ folder: place, host: '127.0.0.1', port: 0, tls: await ownCertificate(join(folder, 'own.pem'), ['127.0.0.1']), onError: (error) => expect.unreachable(error.message) }) // prettier-ignore
    await hub.settled()
    const { boots } = await hub.handlers['sites.boots']({ filter: {}, offset: 0, limit: 100 })
    const { agents } = await hub.handlers['sites.state']({})
    await hub.close()
    return { boots, pieces: agents[0]?.pieces ?? 0 }
  }
  const toldOf = (boots: readonly SiteBoot[]): string[] => boots.map((one) => `${one.mac} ${one.startedAt} ${one.outcome} ${one.headline} ${one.attempt} ${one.piece}:${one.frame}-${one.lastPiece}`) // prettier-ignore

  test('that is killed, with its agent, while pieces travel has each of them once in the end', async () => {
    const pieces = 80
    let { hub, port, fingerprint } = await startHub()
    const { token } = await new TokenBook(tokensFile(home)).make('branch', 0)
    const values = [driver, String(port), fingerprint.replaceAll(':', ''), token, 'branch', join(folder, 'spool'), capture, String(pieces)] // prettier-ignore
    let agent = start(...values)
    // Where each is killed: by how many pieces are left, for a busy machine has no other clock.
    for (const [left, who] of [[70, 'hub'], [60, 'agent'], [45, 'hub'], [30, 'both'], [12, 'agent'], [5, 'hub']] as const) {
      await agent.sees(new RegExp(`left (${Array.from({ length: left + 1 }, (_, at) => at).join('|')})\\n`), 120)
      if (who !== 'agent') await hub.stop('SIGKILL')
      if (who !== 'hub') await agent.stop('SIGKILL')
      if (who !== 'agent') ({ hub } = await startHub(String(port)))
      if (who !== 'hub') agent = start(...values)
    } // prettier-ignore
    await agent.sees(/left 0\n/, 120)
    await agent.stop('SIGKILL')
    await hub.stop('SIGKILL')
    const after = await bootsIn(home)

    // The same without any of it.
    home = join(folder, 'calm')
    ;({ hub, port, fingerprint } = await startHub())
    const calm = await new TokenBook(tokensFile(home)).make('branch', 0)
    const quiet = start(driver, String(port), fingerprint.replaceAll(':', ''), calm.token, 'branch', join(folder, 'calm-spool'), capture, String(pieces)) // prettier-ignore
    await quiet.sees(/left 0\n/, 120)
    await quiet.stop('SIGKILL')
    await hub.stop()
    const whole = await bootsIn(home)
    expect(after.pieces).toBe(whole.pieces)
    expect(whole.pieces).toBeGreaterThan(pieces / 2)
    expect(toldOf(after.boots)).toEqual(toldOf(whole.boots))
    expect(after.boots).toHaveLength(1)
  })

  test('whose disk is full says so, loses nothing, and goes on when there is room', async () => {
    mkdirSync(home)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', home])
    mounts.push(home)
    const { hub, port, fingerprint } = await startHub()
    const agent = await TestAgent.of({ folder: home, port, fingerprint }, 'branch', folder)
    await agent.send(seenFrames('fail-nofile-uefi-x64.pcap'))
    const ballast = join(home, 'ballast')
    expect(() => {
      for (;;) appendFileSync(ballast, Buffer.alloc(4096))
    }).toThrow(/ENOSPC/)
    for (const frame of seenFrames('full-uefi-x64.pcap')) agent.spool.write(frame)
    agent.spool.rotate()
    agent.start()
    await expect.poll(() => agent.troubles.at(-1), { timeout: 60_000 }).toMatch(/^The hub refuses: the hub has no room left on its disk\./) // prettier-ignore
    await hub.sees(/ENOSPC|disk is full|database or disk/)
    expect(agent.spool.numbers).toHaveLength(1)
    await agent.uploader.stop(1000)
    rmSync(ballast)
    // The same agent a minute later, or after a restart.
    await agent.sendRest()
    await hub.stop()
    const { boots, pieces } = await bootsIn(home)
    expect(pieces).toBe(2)
    const outcomes = boots.map(({ outcome }) => outcome)
    expect(outcomes.filter((one) => one === 'started' || one === 'failed').sort()).toEqual(['failed', 'started'])
  })
})
