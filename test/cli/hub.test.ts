/** `pxe-lab hub` and `pxe-lab agent` as commands: what they tell, list and refuse, and an agent beside a lab that is served. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Handlers } from '#shared/contract/calls.ts'
import type { SiteBoot } from '#shared/contract/sites.ts'
import { concatBytes } from '#shared/wire/bytes.ts'
import { pcapngFrame, pcapngHeader, type WrittenFrame } from '#shared/wire/capture-file.ts'
import { Hub, tokensFile } from '../../src/main/hub/hub.ts'
import { TokenBook } from '../../src/main/hub/tokens.ts'
import { ownCertificate, type ServerCertificate } from '../../src/main/web/certificate.ts'
import { commandAccessFile, commandHandlers, newCommandSecret } from '../../src/main/web/command-access.ts'
import { startWebServer, type WebServer } from '../../src/main/web/server.ts'
import { seenFrames, TestAgent } from '../helpers/hub.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'

const timeout = 60_000
let folder: string
let home: string
let tls: ServerCertificate
let hub: Hub | undefined
const processes: Running[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-hub-cli-'))
  home = join(folder, 'hub')
  tls = await ownCertificate(join(folder, 'tls.pem'), ['127.0.0.1'])
})
afterEach(async () => {
  for (const one of processes.splice(0)) await one.stop('SIGKILL')
  await hub?.close()
  hub = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** The hub and the web server of a lab live in this process, which must not stand still meanwhile. */
const run = (...values: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...values], { env: { ...process.env, XDG_STATE_HOME: folder } }, (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr })) // prettier-ignore
  })
const start = (...values: string[]): Running => {
  const running = new Running(spawn(process.execPath, [cli, ...values], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: folder } })) // prettier-ignore
  processes.push(running)
  return running
}
const openHub = async (): Promise<Hub> =>
  (hub = await Hub.open({ folder: home, host: '127.0.0.1', port: 0, tls, onError: (error) => expect.unreachable(error.message) })) // prettier-ignore
const bootsOf = async (one: Hub): Promise<readonly SiteBoot[]> =>
  (await one.handlers['sites.boots']({ filter: {}, offset: 0, limit: 100 })).boots

test('a hub says what it does and where it keeps things, and which sites may send', async () => {
  const first = start('hub', '--port', '0', '--host', '127.0.0.1', '--no-window')
  await first.sees(/No site can send yet\. Create a token for one: pxe-lab hub .*token add SITE/, 120)
  expect(first.stdout).toMatch(/listens for agents on https:\/\/127\.0\.0\.1:\d+\n/)
  expect(first.stdout).toContain(`In ${join(folder, 'pxe-lab', 'hub')}: tokens, certificate, index, and captures\n`)
  expect(first.stdout).toContain('Nothing is removed; use --keep-days to set a limit')
  expect(await first.stop()).toBe(0)
  expect((await run('hub', 'token', 'add', 'branch-1')).stdout).toMatch(/^site: branch-1\ntoken: pxl_/)
  const second = start('hub', '--port', '0', '--host', '127.0.0.1', '--no-window', '--keep-days', '30')
  await second.sees(/1 site can send/, 120)
  expect(second.stdout).toContain('older than 30 days are removed')
})

test('boots are listed and counted, as lines, CSV and JSON; what makes no sense is refused', async () => {
  const one = await openHub()
  const address = { folder: home, port: one.port, fingerprint: tls.fingerprint }
  const [branch, centre] = [await TestAgent.of(address, 'branch', folder), await TestAgent.of(address, 'centre', folder)] // prettier-ignore
  await branch.send(seenFrames('fail-nofile-uefi-x64.pcap', { machine: [1, 1] }))
  await centre.send(seenFrames('full-uefi-x64.pcap', { machine: [1, 2] }))
  await one.settled()
  const known = await bootsOf(one)
  const list = (...values: string[]) => run('hub', '--folder', home, 'boots', ...values)
  // The hub goes on running meanwhile.
  const csv = (await list('--csv')).stdout.split('\r\n')
  expect(csv[0]).toMatch(/^Began,Site,Machine,Outcome,Code,Verdict,Firmware,/)
  expect(csv).toHaveLength(known.length + 2)
  const json = (await list('--json', '--where', 'site=centre')).stdout.trim().split('\n')
  expect(json.map((line) => JSON.parse(line) as unknown)).toEqual(known.filter(({ site }) => site === 'centre'))
  const lines = (await list('--where', 'machine=52:54:00:77:01:02')).stdout.trim().split('\n')
  expect(lines).toEqual([expect.stringMatching(/centre  52:54:00:77:01:02  started/)])
  const bySite = (await list('--by', 'site', '--csv')).stdout
  expect(bySite).toMatch(/^Site,booted,failed,unclear,other,Last boot\r\nbranch,0,2,0,0,/)
  expect(bySite).toMatch(/\ncentre,1,0,0,0,/)
  expect((await list('--since', '2100-01-01')).stdout).toBe('')
  for (const [values, message] of [
    [['--by', 'colour'], /boots cannot be counted --by colour/],
    [['--where', 'colour=red'], /--where colour=red is not a filter for boots/],
    [['--where', 'class=best'], /Use one of booted, failed, unclear, other/],
    [['--since', 'never'], /--since never is not a time/],
  ] as const) {
    const { status, stderr, stdout } = await list(...values)
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(message)
  }
  const absent = await run('hub', '--folder', join(folder, 'absent'), 'boots')
  expect([absent.status, absent.stderr]).toEqual([2, expect.stringContaining('there is no index in')])
})

test('an agent beside a lab takes each frame once, across restarts of the lab and of itself', async () => {
  const one = await openHub()
  const { token } = await new TokenBook(tokensFile(home)).make('branch', 0)
  writeFileSync(join(folder, 'branch.yaml'), `site: branch\ntoken: ${token}\n`, { mode: 0o600 })
  const lab = new LabFolder()
  lab.write({ interface: 'lo', mode: 'listen' })
  const frames: WrittenFrame[] = []
  let generation = 1
  const pcapngFrom = (after: number): Uint8Array => concatBytes([pcapngHeader('PXE Lab', [{ linkType: 1, name: 'lo' }]), ...frames.slice(after).map(pcapngFrame)]) // prettier-ignore
  const handlers = {
    'frames.range': () => ({ first: 1, last: frames.length, generation }),
    'frames.read': ({ after }: { after: number }) => ({ base64: Buffer.from(pcapngFrom(after)).toString('base64'), last: frames.length }),
  } as unknown as Handlers // prettier-ignore
  const serve = async (): Promise<WebServer> => {
    const secret = newCommandSecret()
    const web = await startWebServer({ backend: { handlers, connect: () => () => {} }, pages: folder, host: '127.0.0.1', port: 0, commands: { secret, handlers: commandHandlers(handlers) } }) // prettier-ignore
    const file = commandAccessFile(join(lab.root, 'state'))
    rmSync(file, { force: true })
    writeFileSync(file, JSON.stringify({ url: web.origin, secret }), { mode: 0o600 })
    return web
  }
  const beside = (): Running => start('agent', '--beside', lab.file, '--hub', `https://127.0.0.1:${one.port}`, '--credentials', join(folder, 'branch.yaml'), '--fingerprint', tls.fingerprint, '--spool', join(folder, 'spool')) // prettier-ignore
  mkdirSync(join(lab.root, 'state'), { recursive: true, mode: 0o700 })
  let web = await serve()
  try {
    frames.push(...seenFrames('full-uefi-x64.pcap', { machine: [9, 9] }))
    const first = beside()
    await first.sees(/Listening to the responder of .* for site branch/, 120)
    // What passed before there was an agent is not its own; this comes now.
    frames.push(...seenFrames('fail-nofile-uefi-x64.pcap', { startMs: Date.now() + 1000, machine: [1, 1] }))
    const status = async () => JSON.parse((await run('agent', '--status', '--json', '--spool', join(folder, 'spool'))).stdout) as { frames: number; capturing: boolean; waitingPieces: number } // prettier-ignore
    await expect.poll(async () => (await status()).frames, { timeout }).toBeGreaterThan(0)
    const before = (await status()).frames
    // The lab is served anew, with what it had kept: numbers begin anew, frames do not.
    const since = first.mark()
    await web.close()
    await since.sees(/The agent tries again\./)
    generation = 2
    web = await serve()
    await since.sees(/The responder answers again\./)
    frames.push(...seenFrames('fail-nooffer-uefi-x64.pcap', { startMs: Date.now() + 60_000, machine: [1, 2] }))
    await expect.poll(async () => (await status()).frames, { timeout }).toBeGreaterThan(before)
    await first.stop('SIGKILL')
    const second = beside()
    await second.sees(/Listening to the responder of .* for site branch/, 120)
    await expect.poll(async () => (await status()).capturing, { timeout }).toBe(true)
    await second.stop()
    const third = beside()
    await third.sees(/Listening to/, 120)
    await expect.poll(async () => (await status()).waitingPieces, { timeout }).toBe(0)
    await third.stop()
    await one.settled()
    const boots = await bootsOf(one)
    expect([...new Set(boots.map(({ mac }) => mac))].sort()).toEqual(['52:54:00:77:01:01', '52:54:00:77:01:02'])
    const direct = await TestAgent.of({ folder: home, port: one.port, fingerprint: tls.fingerprint }, 'direct', folder)
    for (const frame of frames.filter(({ bytes }) => !Buffer.from(bytes).includes(Buffer.from([0x77, 9, 9])))) direct.spool.write(frame) // prettier-ignore
    direct.spool.rotate()
    await direct.sendRest()
    await one.settled()
    const told = (some: readonly SiteBoot[], site: string): string[] => some.filter((boot) => boot.site === site).map(({ mac, startedAt, headline }) => `${mac} ${startedAt} ${headline}`) // prettier-ignore
    const all = await bootsOf(one)
    expect(told(all, 'branch')).toEqual(told(all, 'direct'))
  } finally {
    await web.close()
    lab.remove()
  }
}, 300_000)

test('an agent that is told neither where to listen nor both is refused', async () => {
  expect((await run('agent', '--hub', 'https://127.0.0.1:1')).stderr).toMatch(/--interface NAME, which can be repeated, or --beside/) // prettier-ignore
  expect(await run('agent', '--hub', 'https://127.0.0.1:1', '--interface', 'lo', '--beside', 'lab.yaml')).toMatchObject({ status: 64, stderr: expect.stringContaining('--interface and --beside cannot be combined') as string }) // prettier-ignore
})
