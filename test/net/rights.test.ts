import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { LeaseInfo } from '#shared/contract/calls.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { cli, eventsOf, startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here, there } = labWireForEachTest()
const [uid, gid] = [4242, 4243]

beforeEach(() => {
  // Folders of their own kind are closed to others: here the user has to come through.
  chmodSync(folder.root, 0o755)
})

const lab = (more: Partial<LabInput> = {}): LabInput => ({
  interface: 'srv0',
  mode: 'dhcp',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
  http: { enabled: true },
  runAs: `${uid}:${gid}`,
  ...more,
})

/** proc_pid_status(5): one line of it as words. */
const statusOf = (pid: number | string, name: string): string[] =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm')
    .exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!
    .trim()
    .split(/\s+/)

const bindOnly = '0000000000000400'
const nothing = '0000000000000000'

function expectFewRights(pid: number | string, capabilities = bindOnly): void {
  const four = (id: number): string[] => Array<string>(4).fill(String(id))
  expect(statusOf(pid, 'Uid')).toEqual(four(uid))
  expect(statusOf(pid, 'Gid')).toEqual(four(gid))
  expect(statusOf(pid, 'Groups')).toEqual([String(gid)])
  expect(statusOf(pid, 'CapEff')).toEqual([capabilities])
  expect(statusOf(pid, 'CapPrm')).toEqual([capabilities])
  expect(statusOf(pid, 'CapInh')).toEqual([nothing])
  expect(statusOf(pid, 'CapAmb')).toEqual([nothing])
  if (capabilities !== nothing) expect(statusOf(pid, 'NoNewPrivs')).toEqual(['1'])
  // Threads have rights of their own: none has more.
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    expect(statusOf(`${pid}/task/${thread}`, 'Uid')).toEqual(four(uid))
    expect([bindOnly, nothing]).toContain(statusOf(`${pid}/task/${thread}`, 'CapEff')[0])
  }
}

const fetch = (address: string) => network.exec(there, 'curl', ['-sS', '--max-time', '5', '-o', '-', address])
const warningsOf = (running: Running): string =>
  eventsOf(running).flatMap((event) => (event.type === 'warning' ? [String(event['message'])] : [])).join('\n') // prettier-ignore

async function expectServed(): Promise<void> {
  expect((await fetch('tftp://10.77.0.1/x.efi')).stdout).toBe('program')
  expect((await fetch('http://10.77.0.1/x.efi')).stdout).toBe('program')
  expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.\d/)
}

const responderPid = (): string =>
  /pid=(\d+)/.exec(
    execFileSync('ip', ['netns', 'exec', here, 'ss', '-lunpH', 'sport = :67'], { encoding: 'utf8' }),
  )![1]!

describeWith(['root', 'ip', 'ss', 'dhclient', 'curl'], 'fewest rights', () => {
  test('what stays is one capability; everything is served, also on an interface that comes back', async () => {
    folder.write(lab()).put('x.efi', 'program').put('secret', 'of root')
    chmodSync(join(folder.root, 'boot/secret'), 0o600)
    const responder = await startResponder(network, here, folder)
    expectFewRights(responder.child.pid!)
    await expectServed()
    expectFewRights(responder.child.pid!)
    expect((await fetch('tftp://10.77.0.1/secret')).stdout).not.toContain('of root')
    expect((await fetch('http://10.77.0.1/secret')).stdout).not.toContain('of root')
    await responder.sees(/may not read it \(EACCES\)/)
    network.ip('-n', here, 'link', 'del', 'srv0')
    await responder.sees(/"type":"interface-lost"/)
    network.cable(
      { in: here, name: 'srv0', addresses: ['10.77.0.1/16'] },
      { in: there, name: 'cli0', addresses: ['10.77.0.2/16'] },
    )
    await responder.sees(/"type":"interface-back"/)
    await expectServed()
    for (const name of ['.', 'leases.sqlite', 'leases.sqlite-wal', 'lock.sqlite'])
      expect(statSync(join(folder.root, 'state', name))).toMatchObject({ uid, gid })
    expect(await responder.stop('SIGTERM')).toBe(0)
  })

  test('leases survive from root to the user and back, and links in the state folder lead nowhere', async () => {
    folder.write(lab({ runAs: 'root' })).put('x.efi', 'program')
    const asRoot = await startResponder(network, here, folder)
    expect(warningsOf(asRoot)).toBe('')
    await expectServed()
    await asRoot.stop('SIGKILL')
    expect(statSync(join(folder.root, 'state/leases.sqlite')).uid).toBe(0)
    folder.put('../mine', 'of root')
    symlinkSync('../mine', join(folder.root, 'state/leases.sqlite.link'))
    for (const runAs of [`${uid}:${gid}`, 'root', `${uid}:${gid}`]) {
      folder.write(lab({ runAs }))
      const next = await startResponder(network, here, folder)
      expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
      await next.stop('SIGTERM')
    }
    expect(lstatSync(join(folder.root, 'mine')).uid).toBe(0)
    expect(lstatSync(join(folder.root, 'state/leases.sqlite.link')).uid).toBe(0)
  })

  test('sudo: as the owner of the lab file, whose own state folder is used; without sudo root stays and is told', async () => {
    folder.write(lab({ runAs: null })).put('x.efi', 'program')
    const asRoot = await startResponder(network, here, folder, { SUDO_UID: '' })
    expect(statusOf(asRoot.child.pid!, 'Uid')[0]).toBe('0')
    expect(warningsOf(asRoot)).toMatch(/runs as root\. Name a user in runAs/)
    await asRoot.stop()
    const asCaller = await startResponder(network, here, folder, { SUDO_UID: '4999' })
    expect(statusOf(asCaller.child.pid!, 'Uid')[0]).toBe('4999')
    await asCaller.stop()
    chownSync(folder.file, uid, gid)
    const asOwner = await startResponder(network, here, folder, { SUDO_UID: '4999' })
    expect(statusOf(asOwner.child.pid!, 'Uid')[0]).toBe(String(uid))
    expect(warningsOf(asOwner)).toBe('')
    await expectServed()
  })

  test('without koffi everything is given up, and what that costs is told', async () => {
    folder.write(lab()).put('x.efi', 'program')
    const responder = await startResponder(network, here, folder, { PXE_LAB_NATIVE_SOCKETS: 'off' })
    expectFewRights(responder.child.pid!, nothing)
    await responder.sees(/could not be kept .* not served again before a restart/)
    expect(warningsOf(responder)).toMatch(/could not be kept .* not served again before a restart/)
    expect((await fetch('tftp://10.77.0.1/x.efi')).stdout).toBe('program')
  })

  test('a boot folder that the user cannot read, and a user that nobody knows, are told before anything is open', async () => {
    const refused = () => network.exec(here, process.execPath, [cli, 'respond', '--config', folder.file, '--json'], 30)
    folder.write(lab())
    mkdirSync(join(folder.root, 'closed'), { mode: 0o700 })
    folder.write(lab({ boot: { files: './closed' } }))
    expect((await refused()).stderr).toMatch(/boot folder \S+closed cannot be read by user 4242 \(EACCES\)\. .*chmod/)
    folder.write(lab({ runAs: 'nobody-knows-this' }))
    expect((await refused()).stderr).toMatch(/nobody this system knows: .*nobody-knows-this/)
  })

  test('under serve only the responder gives up rights; started anew for another user it begins as root again', async () => {
    folder.write(lab()).put('x.efi', 'program')
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    const first = responderPid()
    expectFewRights(first)
    expect(statusOf(backend.running.child.pid!, 'Uid')[0]).toBe('0')
    await expectServed()
    process.kill(Number(first), 'SIGKILL')
    await backend.isIn('starting', 5)
    await backend.isIn('responding', 15)
    expectFewRights(responderPid())
    await expectServed()
    await backend.call('responder.stop')
    folder.write(lab({ runAs: '5151:5152' }))
    await backend.call('responder.start')
    expect(statusOf(responderPid(), 'Uid')[0]).toBe('5151')
    await expectServed()
    expect(await backend.call<LeaseInfo[]>('leases.list')).toMatchObject([{ address: '10.77.1.0', state: 'bound' }])
    expect(backend.log.filter(({ type }) => type === 'responder-lost')).toHaveLength(1)
  })
})
