/** `pxe-lab serve` on Windows, and the calls of a window that write files there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'
import { connectToLab, type LabConnection } from '../helpers/lab-connection.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

describeWith([...windowsNeeds, 'built'], 'serve on Windows', () => {
  let windows: Windows
  let folder: string
  let server: Running
  let lab: LabConnection
  const text = (): string => readFileSync(join(folder, 'lab.yaml'), 'utf8')
  beforeAll(async () => {
    windows = new Windows()
    folder = join(windows.drive, 'Übung 1')
    mkdirSync(folder)
    server = windows.start(
      [windows.path(cli), 'serve', '--config', 'C:\\Übung 1\\lab.yaml', '--port', '0'],
      { cwd: windows.drive, seconds: 110 },
    ) // prettier-ignore
    lab = await connectToLab((await server.sees(/http:\/\/\S+/))[0])
  })
  afterAll(async () => {
    lab.close()
    await windows.close()
  })

  test('says where it is', async () => {
    expect(await lab.call('app.info', {})).toMatchObject({ platform: 'win32' })
    expect(await lab.call('lab.read', {})).toMatchObject({ path: 'C:\\Übung 1\\lab.yaml', exists: false })
    expect((await lab.call('interfaces.list', {})).some((one) => one.isLoopback)).toBe(true)
  })

  test('writes the lab file, changes one value of it, and adds a reservation', async () => {
    const written = '# Labor für Büro 2\ninterface: 127.0.0.1\nmode: dhcp\nallowOtherServers: true\nports: { dhcp: 6167, tftp: 6169, bootServer: 6111 }\nstate: ./state\n' // prettier-ignore
    expect(await lab.call('lab.write', { text: written })).toMatchObject({ exists: true })
    expect(text()).toBe(written)
    const subnets = [{ subnet: '127.0.0.0/8', pools: [{ start: '127.0.0.10', end: '127.0.0.20' }] }]
    const changed = await lab.call('lab.change', { changes: [{ path: ['dhcp', 'subnets'], value: subnets }] })
    expect(changed).toMatchObject({ problems: [], lab: { mode: 'dhcp' } })
    expect(text()).toMatch(/^# Labor für Büro 2\n[\s\S]*127\.0\.0\.20/)
    await lab.call('reservations.add', { mac: '52:54:00:00:00:01', address: '127.0.0.15', hostname: 'pc1' })
    expect(text()).toMatch(/52:54:00:00:00:01[\s\S]*127\.0\.0\.15/i)
  })

  test('makes the boot folder and lists what is in it', async () => {
    expect(await lab.call('files.create', {})).toMatchObject({ exists: true, root: 'C:\\Übung 1\\boot' })
    mkdirSync(join(folder, 'boot/grub'))
    writeFileSync(join(folder, 'boot/grub/menü.cfg'), 'echo hello\n')
    expect((await lab.call('files.list', {})).files.map((one) => one.name)).toEqual(['grub/menü.cfg'])
  })

  test('starts and stops the responder, and keeps its leases where the lab file says', async () => {
    expect(await lab.call('responder.start', {})).toMatchObject({ state: 'responding', complaint: null })
    expect(existsSync(join(folder, 'state/leases.sqlite'))).toBe(true)
    expect(await lab.call('leases.list', {})).toEqual([])
    expect(await lab.call('responder.stop', {})).toMatchObject({ state: 'stopped' })
    expect((await lab.call('log.list', {})).length).toBeGreaterThan(1)
  })

  test('a responder that is ended from outside is back by itself', async () => {
    const tables = fileURLToPath(new URL('../../src/main/system/windows-tables.ts', import.meta.url))
    const asking = join(windows.drive, 'holders.mjs')
    writeFileSync(
      asking,
      `const { ownedSockets } = await import('file:///Z:${tables}')
      console.log(JSON.stringify(ownedSockets().flatMap((one) => one.protocol === 'udp' && one.port === 6167 ? one.pid : [])))`,
    )
    const holders = async (): Promise<number[]> => {
      const { stdout, stderr } = await windows.run([windows.path(asking)])
      expect(stderr).toBe('')
      return JSON.parse(stdout) as number[]
    }
    await lab.call('responder.start', {})
    const [pid] = await holders()
    expect(await windows.program('taskkill.exe', ['/f', '/pid', String(pid)])).toMatchObject({ code: 0 })
    const log = async () => (await lab.call('log.list', {})).map((one) => one.text).join('\n')
    await expect.poll(log, { timeout: 60_000 }).toMatch(/had ended unexpectedly.*it goes on where it was/)
    expect(await lab.call('status.read', {})).toMatchObject({ state: 'responding' })
    const next = await holders()
    expect([next.length, next[0] === pid]).toEqual([1, false])
    await lab.call('responder.stop', {})
  })

  test('saves a scenario, lists it, deletes it; and checks this Windows, which is kept', async () => {
    const input = await lab.call('scenarios.ofLab', {})
    await lab.call('scenarios.save', { id: 'own', input })
    const saved = async () => (await lab.call('scenarios.list', {})).filter((one) => one.origin === 'saved')
    expect((await saved()).map((one) => one.id)).toEqual(['own'])
    await lab.call('scenarios.save', { id: 'own', input })
    await lab.call('scenarios.delete', { id: 'own' })
    expect(await saved()).toEqual([])
    expect((await lab.call('doctor.collect', {})).system).toBe('windows')
    expect(await lab.call('doctor.history', {})).toHaveLength(1)
  })

  test('another lab file on the same drive, by a path with slashes', async () => {
    expect(await lab.call('lab.open', { path: 'C:/Übung 1/zweites.yaml' })).toMatchObject({ exists: false })
    await lab.call('lab.write', { text: 'interface: 127.0.0.1\n' })
    expect(readFileSync(join(folder, 'zweites.yaml'), 'utf8')).toBe('interface: 127.0.0.1\n')
  })
})
