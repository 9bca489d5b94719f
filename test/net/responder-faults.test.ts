import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { formatHex } from '#shared/wire/bytes.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { ip, request } from '../helpers/dhcp.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here, there } = labWireForEachTest()

const lab = (more: Partial<LabInput> = {}): LabInput => ({
  interface: 'srv0',
  mode: 'dhcp',
  allowOtherServers: true,
  // Said, so that nothing is warned of.
  runAs: 'root',
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
  ...more,
})
const typesOf = (running: Running): string[] => eventsOf(running).map((one) => one.type)
const warningsOf = (running: Running): string[] =>
  eventsOf(running).flatMap((one) => (one.type === 'warning' ? [String(one['message'])] : []))

/** Sends REQUESTs as clients that boot again and want an address; `count` of them, each from a machine of its own. */
const requests = async (count: number, first = 0): Promise<void> => {
  const payloads = Array.from({ length: count }, (_, index) =>
    formatHex(
      encodeDhcp(
        request({
          type: 'request',
          mac: `52:54:00:${((first + index) >> 8).toString(16).padStart(2, '0')}:${((first + index) & 255).toString(16).padStart(2, '0')}:01`,
          requested: `10.77.${2 + ((first + index) >> 8)}.${(first + index) & 255}`,
          server: '10.77.0.1',
        }),
      ),
    ),
  )
  const script = `
    const s = require('node:dgram').createSocket('udp4')
    const all = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
    s.bind(68, () => { s.setBroadcast(true); let n = 0; const next = () => n < all.length ? s.send(Buffer.from(all[n++], 'hex'), 67, '10.77.255.255', () => n % 20 ? next() : setTimeout(next, 5)) : s.close(); next() })`
  execFileSync('ip', ['netns', 'exec', there, process.execPath, '-e', script], {
    input: JSON.stringify(payloads),
    timeout: 30_000,
  })
}

describeWith(['root', 'ip', 'dhclient'], 'one responder at a time', () => {
  test('starts and stops at random moments leave nothing behind', { timeout: 240_000 }, async () => {
    folder.write(lab({ http: { enabled: true, port: 8080 } }))
    const { code, stdout, stderr } = await network.exec(
      here,
      process.execPath,
      [fileURLToPath(new URL('../helpers/responder-lives.mjs', import.meta.url)), folder.file, '1', '40'],
      220,
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const rounds = stdout.trim().split('\n').map((line) => JSON.parse(line) as { settled: boolean; isRunning: boolean; held: number; after: string[]; told: string[]; error?: string }) // prettier-ignore
    expect(rounds).toHaveLength(40)
    for (const round of rounds) {
      expect(round).toMatchObject({ settled: true, after: [] })
      expect(round.error).toBeUndefined()
      expect(round.held).toBe(round.isRunning ? 3 : 0)
    }
    expect(rounds.some((one) => one.isRunning)).toBe(true)
    expect(rounds.some((one) => one.told.filter((state) => state === 'starting').length > 1)).toBe(true)
  })
})

describeWith(['root', 'ip', 'dhclient', 'curl'], 'interfaces', () => {
  test('one that comes back while another program has a port is opened when all its ports are free', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    // DHCP and the boot server have a socket for the address and one for what is sent to all.
    const before = await portsHeld()
    expect(before).toEqual(['4011', '4011', '67', '67', '69'])
    network.ip('-n', here, 'addr', 'del', '10.77.0.1/16', 'dev', 'srv0')
    await responder.sees(/"type":"interface-lost"/)
    const holder = network.start(here, process.execPath, [
      '-e',
      "require('node:dgram').createSocket('udp4').bind(4011, () => console.log('held'))",
    ])
    await holder.sees(/held/)
    network.ip('-n', here, 'addr', 'add', '10.77.0.1/16', 'brd', '+', 'dev', 'srv0')
    await responder.sees(/UDP port 4011 on srv0 [^"]* is in use by node \(process \d+\)/)
    // Two more looks at the interface: the same trouble is told once, and nothing of ours is in its own way.
    await new Promise((resolve) => setTimeout(resolve, 4500))
    expect(warningsOf(responder)).toHaveLength(1)
    expect(await portsHeld()).toEqual(['4011'])
    await holder.stop('SIGKILL')
    await responder.sees(/"type":"interface-back"/)
    expect(await portsHeld()).toEqual(before)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.\d/)
  })

  test('HTTP boot follows a new address, and is told where it is', async () => {
    folder.write(lab({ http: { enabled: true, port: 8080 } })).put('x.efi', 'program')
    const responder = await startResponder(network, here, folder)
    const get = (address: string) =>
      network.exec(there, 'curl', ['-sS', '--max-time', '3', `http://${address}:8080/x.efi`])
    expect((await get('10.77.0.1')).stdout).toBe('program')
    network.ip('-n', here, 'addr', 'add', '10.77.0.9/16', 'brd', '+', 'dev', 'srv0')
    network.ip('-n', here, 'addr', 'del', '10.77.0.1/16', 'dev', 'srv0')
    network.ip('-n', here, 'addr', 'replace', '10.77.0.9/16', 'brd', '+', 'dev', 'srv0')
    await responder.sees(/"type":"interface-back","interface":"srv0","address":"10\.77\.0\.9"/)
    expect((await get('10.77.0.9')).stdout).toBe('program')
    const listening = await network.exec(here, 'ss', ['-ltnH'])
    expect(listening.stdout).toMatch(/10\.77\.0\.9:8080/)
    expect(listening.stdout).not.toMatch(/10\.77\.0\.1:8080/)
  })
})

/** UDP ports 67, 69 and 4011 that anybody holds in the lab's namespace. */
const portsHeld = async (): Promise<string[]> => {
  const { stdout } = await network.exec(here, 'ss', ['-lunH'])
  return [...stdout.matchAll(/:(67|69|4011) /g)].map((match) => match[1]!).sort()
}

describeWith(['root', 'ip', 'mount', 'dhclient'], 'a disk that fills up', () => {
  let disk: string
  beforeEach(() => {
    disk = join(folder.root, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk])
  })
  afterEach(() => void execFileSync('umount', ['-l', disk]))

  test('the true cause is told, nothing is told that was not sent, and all is well when there is space', async () => {
    folder.write(lab({ state: join(disk, 'state') }))
    const responder = await startResponder(network, here, folder)
    for (let first = 0; first < 8000 && !typesOf(responder).includes('leases-not-stored'); first += 500)
      await requests(500, first)
    await responder.sees(/"type":"leases-not-stored","cause":"the disk is full \(database or disk is full\)"/)
    const acknowledged = (): number => typesOf(responder).filter((type) => type === 'dhcp-acknowledged').length
    // To the last byte: a disk that is nearly full still takes a lease now and then.
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=1', 'count=100000'])
    const before = acknowledged()
    expect(before).toBeGreaterThan(100)
    await requests(500, 9000)
    expect(acknowledged()).toBe(before)
    expect(typesOf(responder).filter((type) => type === 'leases-not-stored')).toHaveLength(1)
    execFileSync('mount', ['-o', 'remount,size=8m', disk])
    // It is told once the disk has taken leases for a while.
    for (let first = 9600; !typesOf(responder).includes('leases-stored-again') && first < 9700; first++) {
      await requests(1, first)
      await delay(100)
    }
    await responder.sees(/"type":"leases-stored-again","unanswered":\d{3}/)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK/)
    expect(await responder.stop('SIGTERM')).toBe(0)
  })
})

describeWith(['root', 'ip', 'mount', 'nsenter', 'prlimit'], 'a state folder that goes while the lab runs', () => {
  const state = (): string => join(folder.root, 'state')
  /** What somebody reads who opens the database at its path now. */
  const stored = (): number[] => {
    const database = new DatabaseSync(join(state(), 'leases.sqlite'), { readOnly: true })
    try {
      return database.prepare("SELECT address FROM lease WHERE state = 'bound'").all().map((row) => Number(row['address'])) // prettier-ignore
    } finally {
      database.close()
    }
  }
  const acknowledged = (running: Running): number[] =>
    eventsOf(running).flatMap((one) => (one.type === 'dhcp-acknowledged' ? [ip(String(one['address']))] : []))
  const has = (running: Running, count: number): Promise<void> =>
    vi.waitFor(() => expect(acknowledged(running)).toHaveLength(count), 60_000)
  /** Among the mounts that this process sees, which are not ours: `ip netns exec` gives it some of its own. */
  const mountFor = (running: Running, command: 'mount' | 'umount', ...values: string[]): void =>
    void execFileSync('nsenter', ['-t', String(running.child.pid), '-m', command, ...values])
  const everythingIsStored = (running: Running): void =>
    expect(stored()).toEqual(expect.arrayContaining(acknowledged(running)))

  test.each([
    ['deleted', () => rmSync(state(), { recursive: true })],
    ['moved away', () => renameSync(state(), `${state()}-before`)],
    ['emptied of its database alone', () => ['', '-wal', '-shm'].forEach((end) => rmSync(join(state(), `leases.sqlite${end}`)))], // prettier-ignore
    ['left without the log of its database', () => rmSync(join(state(), 'leases.sqlite-wal'))],
    ['left without its lock', () => rmSync(join(state(), 'lock.sqlite'))],
  ])('%s: what is acknowledged afterwards and before is in a new one, and that is told once', async (_what, goes) => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    await requests(50)
    await has(responder, 50)
    goes()
    await requests(50, 50)
    await responder.sees(/was deleted or replaced while the lab runs; all \d+ leases that it knows are in a new one/)
    await has(responder, 100)
    everythingIsStored(responder)
    expect(warningsOf(responder)).toHaveLength(1)
    expect(typesOf(responder)).not.toContain('leases-not-stored')
    // Killed, not stopped: nothing is written late.
    await responder.stop('SIGKILL')
    everythingIsStored(responder)
    const again = await startResponder(network, here, folder)
    await again.stop('SIGTERM')
  })

  test('with no client in sight it is noticed too, and another lab is kept out', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    rmSync(state(), { recursive: true })
    await responder.sees(/was deleted or replaced while the lab runs/)
    await expect(startResponder(network, here, folder)).rejects.toThrow(/is in use by PXE Lab/)
  })

  test('its disk is taken away: nothing is acknowledged, the cause is told once, and all is well when it is back', async () => {
    const image = join(folder.root, 'disk')
    mkdirSync(image)
    mkdirSync(state())
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', image])
    execFileSync('mount', ['--bind', image, state()])
    try {
      folder.write(lab())
      const responder = await startResponder(network, here, folder)
      await requests(20)
      await has(responder, 20)
      mountFor(responder, 'umount', '-l', state())
      await responder.sees(/"type":"leases-not-stored","cause":"the disk with [^"]*state is not mounted any more","remedy":"Put it back/) // prettier-ignore
      await requests(20, 20)
      expect(acknowledged(responder)).toHaveLength(20)
      expect(readdirSync(`/proc/${responder.child.pid}/root${state()}`)).toEqual([])
      expect(typesOf(responder).filter((type) => type === 'leases-not-stored')).toHaveLength(1)
      mountFor(responder, 'mount', '--bind', image, state())
      await requests(20, 40)
      await has(responder, 40)
      // It is told once the disk has taken leases for a while.
      for (let first = 60; !typesOf(responder).includes('leases-stored-again') && first < 120; first++) {
        await requests(1, first)
        await delay(100)
      }
      await responder.sees(/"type":"leases-stored-again","unanswered":20/)
      everythingIsStored(responder)
    } finally {
      spawnSync('umount', ['-l', state()])
      spawnSync('umount', ['-l', image])
    }
  })

  test('it may only be read: nothing is acknowledged, and the true cause is told', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    const pid = String(responder.child.pid)
    // As on a disk that the system has made read-only after errors: writing fails, which SQLite calls an I/O error.
    mountFor(responder, 'mount', '--bind', '-o', 'ro', state(), state())
    try {
      execFileSync('prlimit', ['--pid', pid, '--fsize=1:unlimited'])
      await requests(5)
      await responder.sees(/"type":"leases-not-stored","cause":"it may only be read \(EROFS\)"/)
      expect(acknowledged(responder)).toEqual([])
    } finally {
      mountFor(responder, 'umount', '-l', state())
    }
    execFileSync('prlimit', ['--pid', pid, '--fsize=unlimited:unlimited'])
    await requests(5, 100)
    await has(responder, 5)
  })

  test('it may not be made anew: nothing is acknowledged, and the cause is told', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    rmSync(state(), { recursive: true })
    writeFileSync(state(), 'a file is in the way')
    await requests(5)
    await responder.sees(/"type":"leases-not-stored","cause":"[^"]*a file of that name is in the way \(EEXIST\)"/)
    expect(acknowledged(responder)).toEqual([])
    rmSync(state())
    for (let first = 100; acknowledged(responder).length === 0 && first < 150; first++) {
      await requests(1, first)
      await delay(100)
    }
    everythingIsStored(responder)
  })
})

describeWith(['root', 'ip', 'prlimit', 'curl', 'dhclient', 'nft'], 'a process that runs into its limits', () => {
  test('no descriptor left: files are refused with the cause, addresses are given, and files come again afterwards', async () => {
    folder.write(lab({ http: { enabled: true, port: 8080 } })).put('x.efi', 'program')
    const responder = await startResponder(network, here, folder)
    const fetchFile = () =>
      network.exec(there, 'curl', ['-sS', '--max-time', '5', '-o', '-', 'tftp://10.77.0.1/x.efi'], 10)
    expect((await fetchFile()).stdout).toBe('program')
    const pid = String(responder.child.pid)
    const limit = execFileSync('prlimit', ['--pid', pid, '--nofile', '--noheadings', '--raw', '--output', 'HARD'], {
      encoding: 'utf8',
    }).trim()
    execFileSync('prlimit', ['--pid', pid, `--nofile=3:${limit}`])
    expect((await fetchFile()).stdout).not.toContain('program')
    await responder.sees(/EMFILE|too many open files/)
    // That it cannot look at its interfaces does not mean that they are gone.
    await responder.sees(/the interfaces cannot be listed/)
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK of 10\.77\.1\.0/)
    execFileSync('prlimit', ['--pid', pid, `--nofile=${limit}:${limit}`])
    expect((await fetchFile()).stdout).toBe('program')
  })

  test('a boot folder that is taken away and put back', async () => {
    folder.write(lab()).put('x.efi', 'program')
    const responder = await startResponder(network, here, folder)
    rmSync(join(folder.root, 'boot'), { recursive: true })
    const fetchFile = () =>
      network.exec(there, 'curl', ['-sS', '--max-time', '5', '-o', '-', 'tftp://10.77.0.1/x.efi'], 10)
    expect((await fetchFile()).stdout).toBe('')
    await responder.sees(/"type":"transfer-refused"/)
    mkdirSync(join(folder.root, 'boot'))
    writeFileSync(join(folder.root, 'boot', 'x.efi'), 'program')
    expect((await fetchFile()).stdout).toBe('program')
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK/)
  })

  test('an answer that this machine does not let out is told as such, and not that the client has an address', async () => {
    folder.write(lab())
    const responder = await startResponder(network, here, folder)
    // What the firewall of this machine drops on its way out is an error of the sender (nft(8), drop in the output hook).
    execFileSync('ip', ['netns', 'exec', here, 'nft', 'add table ip t; add chain ip t out { type filter hook output priority 0; }; add rule ip t out ip daddr 10.77.7.7 drop']) // prettier-ignore
    const renewal = formatHex(
      encodeDhcp(request({ type: 'request', mac: '52:54:00:07:07:07', ciaddr: '10.77.7.7', flags: 0 })),
    )
    await network.exec(there, process.execPath, [
      '-e',
      `const s = require('node:dgram').createSocket('udp4'); s.bind(68, () => { s.setBroadcast(true); s.send(Buffer.from('${renewal}', 'hex'), 67, '10.77.255.255', () => s.close()) })`,
    ])
    await responder.sees(/"type":"answer-not-sent".*"to":"10\.77\.7\.7:68","reason":"EPERM"/)
    expect(typesOf(responder)).not.toContain('dhcp-acknowledged')
    expect(await dhclient(network, there, 'cli0', folder.root)).toMatch(/DHCPACK/)
  })
})

describeWith(['root', 'ip'], 'two labs', () => {
  test('one state folder: the second does not start, and names the first', async () => {
    network.cable({ in: here, name: 'srv1', addresses: ['10.78.0.1/24'] }, { in: there, name: 'cli1' })
    folder.write(lab())
    const first = await startResponder(network, here, folder)
    const other = lab({
      interface: 'srv1',
      state: join(folder.root, 'state'),
      dhcp: { subnets: [{ subnet: '10.78.0.0/24', pools: [{ start: '10.78.0.10', end: '10.78.0.20' }] }] },
    })
    const beside = { file: join(folder.root, 'second.yaml') }
    writeFileSync(beside.file, JSON.stringify(other))
    const elsewhere = new LabFolder()
    try {
      await expect(startResponder(network, here, beside)).rejects.toThrow(
        new RegExp(`is in use by PXE Lab with ${folder.file} \\(process ${first.child.pid} on `),
      )
      await first.stop('SIGKILL')
      await expect(startResponder(network, here, elsewhere.write(other))).rejects.toThrow(
        `belongs to the lab ${folder.file}. Name another folder in state`,
      )
      await startResponder(network, here, beside)
    } finally {
      elsewhere.remove()
    }
  })
})
