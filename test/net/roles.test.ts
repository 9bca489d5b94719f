/** The responder as WDS and as the PXE responder of Configuration Manager, with firmwares of the simulator on real sockets. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { Approval, Client } from '#shared/contract/calls.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { windowsBootFiles } from '#shared/simulation/files.ts'
import { DrivenBackend } from '../helpers/backend.ts'
import { eventsOf } from '../helpers/lab.ts'
import { labWireForEachTest } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const wireBoot = fileURLToPath(new URL('../helpers/wire-boot.ts', import.meta.url))
const pc1 = '52:54:00:77:00:01'
const pc2 = '52:54:00:77:00:02'

const { network, folder, here, there } = labWireForEachTest()
let backend: DrivenBackend | undefined

/** The RemoteInstall folder of a Windows server, as far as the simulator's programs read it. */
function putFiles(prefix: 'Boot' | 'SMSBoot'): void {
  const files = windowsBootFiles(['bios', 'x64-uefi'], prefix, { blockSize: 1456, windowSize: 4, largestFile: 20_000 })
  for (const [name, { size, head }] of files) {
    const content = new Uint8Array(Math.max(size, head.length))
    content.set(head)
    folder.put(name, content)
    if (name.endsWith('.bcd')) folder.put('boot/bcd', content)
  }
}

const lab = (more: Partial<LabInput>): LabInput => ({
  interface: 'srv0',
  mode: 'dhcp',
  allowOtherServers: true,
  dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.1', end: '10.77.1.99' }] }] },
  ...more,
})

async function serve(one: LabInput): Promise<DrivenBackend> {
  folder.write(one)
  backend = await DrivenBackend.start(network, here, folder)
  await backend.call('responder.start')
  return backend
}

const boot = (mac: string, firmware: FirmwareName): Running =>
  network.start(there, process.execPath, [wireBoot, 'cli0', mac, firmware])
const screenOf = (one: Running): string =>
  eventsOf(one)
    .flatMap(({ type, text }) => (type === 'screen' ? [text as string] : []))
    .join('')
const filesOf = (one: Running): string[] => [...new Set(eventsOf(one).flatMap(({ type, file }) => (type === 'file' ? [file as string] : [])))] // prettier-ignore
async function resultOf(one: Running): Promise<{ state: string }> {
  await one.sees(/"type":"result"/, 90)
  return eventsOf(one).find(({ type }) => type === 'result')!['result'] as { state: string }
}
const approvals = (): Promise<Approval[]> => backend!.call('approvals.list')
const asked = (mac: string): Promise<Approval> => vi.waitUntil(async () => (await approvals()).find((one) => one.mac === mac), { timeout: 60_000, interval: 200 }) // prettier-ignore
const logged = (pattern: RegExp): Promise<unknown> => vi.waitUntil(() => backend!.log.some(({ text }) => pattern.test(text)), 60_000) // prettier-ignore

describeWith(['root', 'ip'], 'roles of Windows servers', () => {
  afterEach(async () => {
    await backend?.running.stop()
    backend = undefined
  })

  test('an unknown machine waits until it is approved by name; remembered, it waits no more', async () => {
    putFiles('Boot')
    await serve(lab({ role: 'wds', wds: { approve: true, pollSeconds: 1, message: 'Call 42' } }))
    const machine = boot(pc1, 'edk2')
    const waiting = await asked(pc1)
    // wdsmgfw.efi asks, whose option 60 says no more.
    expect(waiting).toMatchObject({ request: 1, state: 'pending', name: '', isRemembered: false, vendorClass: 'PXEClient', file: expect.stringMatching(/\S/), vendor: 'locally administered' }) // prettier-ignore
    await machine.sees(/Pending Request ID: 1/)
    const listed = async (): Promise<Client['boots'][number] | undefined> => (await backend!.call<Client[]>('clients.list'))[0]?.boots[0] // prettier-ignore
    await vi.waitUntil(async () => (await listed())?.stage === 'approval', 60_000)
    expect(await listed()).toMatchObject({ outcome: 'waiting', detail: 'Waiting for approval (pending request ID 1)' })
    await backend!.call('approvals.decide', { request: 1, verdict: 'approve', name: 'pc1', remember: true })
    expect(await resultOf(machine)).toMatchObject({ state: 'booted' })
    expect(screenOf(machine)).toContain('Call 42')
    expect(filesOf(machine)).toEqual(expect.arrayContaining(['boot\\x64\\wdsmgfw.efi', 'boot\\x64\\bootmgfw.efi']))
    await logged(/pc1 \(52:54:00:77:00:01\) is approved, request 1/)
    // It is kept where the lab keeps what it knows, and a new process knows it.
    await vi.waitUntil(() => readFileSync(join(folder.root, 'state', 'approvals.json'), 'utf8').includes('"approved"'), 60_000) // prettier-ignore
    await backend!.running.stop()
    backend = await DrivenBackend.start(network, here, folder)
    await backend.call('responder.start')
    expect(await approvals()).toMatchObject([
      { request: 1, mac: pc1, state: 'approved', name: 'pc1', isRemembered: true },
    ])
    expect(await backend.call('approvals.decide', { request: 1, verdict: 'change', name: 'pc1b' })).toMatchObject([
      { request: 1, state: 'approved', name: 'pc1b', isRemembered: true },
    ])
    const again = boot(pc1, 'edk2')
    expect(await resultOf(again)).toMatchObject({ state: 'booted' })
    expect(screenOf(again)).not.toContain('Pending Request ID')
  }, 180_000)

  test('its TFTP takes the variable window of Windows: each acknowledgement names the next one', async () => {
    putFiles('Boot')
    await serve(lab({ role: 'wds' }))
    const client = `const s = require('node:dgram').createSocket('udp4'), seen = []
      const ack = (to, block, window) => s.send(Buffer.from([0, 4, block >> 8, block & 255, window]), to.port, to.address)
      let due = 0
      s.on('message', (m, from) => {
        if (m[1] === 6) { console.log(m.subarray(2).toString('latin1').replaceAll('\\0', ' ')); due = 3; return ack(from, 0, 3) }
        seen.push(m.readUInt16BE(2))
        if (seen.length === due && due === 3) { due = 3 + 5; ack(from, 3, 5) }
        else if (seen.length === due) { console.log(seen.join()); s.send(Buffer.from('\\0\\x05\\0\\0done\\0'), from.port, from.address, () => process.exit()) }
      })
      s.send(Buffer.from('\\0\\x01boot\\\\x64\\\\wdsmgfw.efi\\0octet\\0blksize\\x00512\\0windowsize\\x002\\0msftwindow\\x0031416\\0', 'latin1'), 69, '10.77.0.1')`
    const { stdout } = await network.exec(there, process.execPath, ['-e', client], 30)
    expect(stdout).toMatch(/msftwindow 27182/)
    expect(stdout.trim().split('\n').at(-1)).toBe('1,2,3,4,5,6,7,8')
  })

  test('a refused machine ends its boot, and another one goes on waiting', async () => {
    putFiles('Boot')
    await serve(lab({ role: 'wds', wds: { approve: true, pollSeconds: 1 } }))
    const first = boot(pc1, 'bios')
    const { request } = await asked(pc1)
    await first.sees(/Pending Request ID/)
    await backend!.call('approvals.decide', { request, verdict: 'refuse' })
    await resultOf(first)
    expect(screenOf(first)).toContain('PXE Boot aborted. Booting to next device...')
    expect(filesOf(first)).toEqual(['boot\\x86\\wdsnbp.com'])
    const second = boot(pc2, 'bios')
    expect((await asked(pc2)).state).toBe('pending')
    expect((await approvals()).map(({ state }) => state)).toEqual(['pending', 'refused'])
    await expect(backend!.call('approvals.decide', { request: 99, verdict: 'approve' })).rejects.toThrow('there is no pending request 99') // prettier-ignore
    await second.stop()
  }, 180_000)

  test('Configuration Manager: an available deployment asks for a key, no deployment sends abortpxe.com, an unknown machine is not answered', async () => {
    putFiles('SMSBoot')
    const devices = [
      { mac: pc1, name: 'pc1' },
      { mac: pc2, name: 'pc2' },
    ]
    await serve(
      lab({
        role: 'configmgr',
        configmgr: { devices, deployments: [{ to: 'pc1', kind: 'available' }] },
      }),
    )
    const available = boot(pc1, 'bios')
    expect(await resultOf(available)).toMatchObject({ state: 'booted' })
    expect(screenOf(available)).toContain('Press F12 for network service boot')
    expect(filesOf(available)).toContain('smsboot\\x64\\pxeboot.com')
    const none = boot(pc2, 'bios')
    await resultOf(none)
    expect(filesOf(none)).toEqual(['smsboot\\x86\\wdsnbp.com', 'smsboot\\x64\\abortpxe.com'])
    expect(screenOf(none)).toContain('PXE Boot aborted. Booting to next device...')
    await logged(/pc2 \(52:54:00:77:00:02\), [0-9A-F-]+: device is in the database\. no advertisements found\. No boot action\. Aborted\./) // prettier-ignore
    const unknown = boot('52:54:00:77:00:03', 'bios')
    expect(await resultOf(unknown)).toMatchObject({ state: 'failed' })
    expect(filesOf(unknown)).toEqual([])
    await logged(/Not serviced\. \(it answers known clients only\)/)
  }, 240_000)
})
