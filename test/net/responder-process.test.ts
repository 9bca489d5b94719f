import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, test } from 'vitest'
import type { LeaseInfo } from '#shared/contract/calls.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here, there } = labWireForEachTest()

beforeEach(() => {
  folder.write(lab())
})

const lab = (more: Partial<LabInput> = {}): LabInput => ({
  interface: 'srv0',
  mode: 'dhcp',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
  ...more,
})

/** The process below the back end that holds port 67. */
const responderPid = (): string => {
  const text = execFileSync('ip', ['netns', 'exec', here, 'ss', '-lunpH', 'sport = :67'], { encoding: 'utf8' })
  return /pid=(\d+)/.exec(text)![1]!
}

describeWith(['root', 'ip', 'ss', 'dhclient', 'curl'], 'the responder beside the back end', () => {
  test('it is a process of its own, and gives what it gave before', async () => {
    folder.put('x.efi', 'program')
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    expect(responderPid()).not.toBe(String(backend.running.child.pid))
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
    const leases = await backend.call<LeaseInfo[]>('leases.list')
    expect(leases).toMatchObject([{ address: '10.77.1.0', state: 'bound' }])
    const got = await network.exec(there, 'curl', ['-sS', '--max-time', '5', '-o', '-', 'tftp://10.77.0.1/x.efi'])
    expect(got.stdout).toBe('program')
    const { last } = await backend.call<{ last: number }>('frames.read', { after: 0, mostBytes: 100_000 })
    expect(last).toBeGreaterThan(4)
    const ports = await backend.call<{ port: number; state: string }[]>('ports.read')
    expect(ports.map(({ port, state }) => [port, state])).toEqual([[67, 'ours'], [69, 'ours'], [4011, 'ours']]) // prettier-ignore
    await backend.call('responder.stop')
    expect((await backend.isIn('stopped', 5)).listening).toEqual([])
  })

  test('killed, it is back by itself, with its leases, and one sentence tells what happened', async () => {
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
    for (let round = 1; round <= 3; round++) {
      process.kill(Number(responderPid()), 'SIGKILL')
      await backend.isIn('starting', 5)
      await backend.isIn('responding', 15)
      expect((await backend.call<LeaseInfo[]>('leases.list'))[0]).toMatchObject({
        address: '10.77.1.0',
        state: 'bound',
      })
    }
    const told = (pattern: RegExp): number => backend.log.filter((line) => pattern.test(line.text)).length
    await expect.poll(() => told(/had ended unexpectedly.*goes on where it was/), { timeout: 60_000 }).toBe(3)
    expect(told(/ended unexpectedly \(signal SIGKILL\) and is started again in/)).toBe(3)
  })

  test('the back end ends, however it ends: no responder is left behind', async () => {
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    const pid = Number(responderPid())
    await backend.running.stop('SIGKILL')
    await expect.poll(() => isThere(pid), { timeout: 60_000 }).toBe(false)
    const second = await DrivenBackend.start(network, here, folder)
    await second.call('responder.start')
    const next = Number(responderPid())
    second.running.child.stdin!.end()
    expect(await second.running.ended()).toBe(0)
    expect(isThere(next)).toBe(false)
  })

  test('a storm while nobody looks costs no answer', async () => {
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    // The back end does not run at all for a while.
    process.kill(backend.running.child.pid!, 'SIGSTOP')
    const script = `
      const s = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
      let answers = 0
      s.on('message', () => answers++)
      const p = Buffer.alloc(300); p[0] = 1; p[1] = 1; p[2] = 6; p.writeUInt32BE(0x63825363, 236); p.set([53, 1, 1, 255], 240)
      let n = 0
      s.bind(68, () => { s.setBroadcast(true); const next = () => { if (n === 4000) return setTimeout(() => { console.log(answers); s.close() }, 1000)
        p.writeUInt32BE(n, 4); p.writeUInt32BE(n++, 30); s.send(p, 67, '10.77.255.255', () => n % 5 ? next() : setTimeout(next, 4)) }; next() })`
    const { stdout } = await network.exec(there, process.execPath, ['-e', script], 60)
    process.kill(backend.running.child.pid!, 'SIGCONT')
    expect(Number(stdout)).toBeGreaterThan(3950)
    await expect.poll(() => backend.log.filter((line) => line.type === 'dhcp-offered').length, { timeout: 60_000 }).toBeGreaterThan(1000) // prettier-ignore
  })

  test('what it holds of leases is what is on the disk', async () => {
    const backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    await dhclient(network, there, 'cli0', folder.root)
    const { address } = (await backend.call<LeaseInfo[]>('leases.list'))[0]!
    expect(await backend.call<LeaseInfo[]>('leases.forget', { address })).toMatchObject([
      { address, state: 'released' },
    ])
    await backend.call('responder.stop')
    const database = new DatabaseSync(join(folder.root, 'state/leases.sqlite'))
    expect(database.prepare('SELECT state FROM lease').all()).toMatchObject([{ state: 'released' }])
    database.close()
  })
})

const isThere = (pid: number): boolean => {
  try {
    // A zombie is gone; it only waits for somebody to notice.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
