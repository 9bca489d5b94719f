/** Wake-up packets on real networks: by command to each subnet of a lab, from the window with its line in the log. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parseHex } from '#shared/wire/bytes.ts'
import { encodeMagicPacket } from '#shared/wire/wake-on-lan.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { InProcessResponder } from '../helpers/in-process-responder.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const mac = '52:54:00:77:00:01'
const hexOf = (password = ''): string => Buffer.from(encodeMagicPacket(parseHex(mac.replaceAll(':', ''))!, parseHex(password))).toString('hex') // prettier-ignore
/** Prints each datagram that comes to port 9. */
const listener = `const socket = require('node:dgram').createSocket('udp4')
socket.on('message', (message) => console.log('got ' + message.toString('hex')))
socket.bind(9, () => console.log('listening'))`

describeWith(['root', 'ip'], 'wake-up packets', () => {
  const network = new Network()
  const folder = new LabFolder()
  let here: string
  const sleepers: Running[] = []

  beforeAll(async () => {
    here = network.namespace('h')
    for (const [index, name] of ['a', 'b'].entries()) {
      const one = network.namespace(name)
      network.cable(
        { in: here, name: `eth${index}`, addresses: [`10.77.${index}.1/24`] },
        { in: one, name: 'eth0', addresses: [`10.77.${index}.2/24`] },
      )
      const running = network.start(one, process.execPath, ['-e', listener])
      sleepers.push(running)
      await running.sees(/listening/, 60)
    }
    folder.write({ interface: ['eth0', 'eth1'], wds: { devices: [{ name: 'office-7', mac }] } })
  })
  afterAll(async () => {
    await network.close()
    folder.remove()
  })
  const wake = (...values: string[]) => network.exec(here, process.execPath, [cli, 'wake', ...values])

  test('reach every subnet of the lab, for a machine by its name', async () => {
    expect(await wake('Office-7', '-c', folder.file)).toMatchObject({
      code: 0,
      stdout: `A wake-up packet was sent to ${mac}, by 10.77.0.255 on eth0, 10.77.1.255 on eth1.\n`,
    })
    for (const one of sleepers) await one.sees(new RegExp(`got ${hexOf()}\\n`), 60)
  })

  test('reach one network without a lab file, with a SecureOn password', async () => {
    expect(await wake(mac, '-i', 'eth1', '--password', '01:02:03:0a:0b:0c')).toMatchObject({ code: 0, stderr: '' })
    await sleepers[1]!.sees(new RegExp(`got ${hexOf('0102030a0b0c')}\\n`), 60)
  })

  test('that cannot be sent are told, and nothing is claimed', async () => {
    expect(await wake('pc9', '-c', folder.file)).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('pc9 is neither a MAC address') }) // prettier-ignore
    expect(await wake('01:00:5e:00:00:01', '-i', 'eth0')).toMatchObject({ code: 64, stderr: expect.stringContaining('the address of a group') }) // prettier-ignore
    expect(await wake(mac, '-i', 'eth7')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('there is no interface eth7') }) // prettier-ignore
    expect(await wake(mac, '-c', join(folder.root, 'no.yaml'))).toMatchObject({ code: 2, stdout: '' })
    expect(await wake(mac, '-i', 'eth0', '--password', 'secret')).toMatchObject({ code: 64, stdout: '' })
    network.ip('-n', network.nameOf('a'), 'link', 'set', 'eth0', 'down')
    expect(await wake(mac, '-c', folder.file)).toMatchObject({
      code: 1,
      stdout: `A wake-up packet was sent to ${mac}, by 10.77.1.255 on eth1.\n`,
      stderr: 'pxe-lab: not on eth0: it has no link.\n',
    })
  })

  test('leave from the window too, and the log says that one was sent', async () => {
    const local = new LabFolder()
    const socket = createSocket('udp4')
    local.write({ interface: '127.0.0.1' })
    const backend = new Backend(local.file, new InProcessResponder())
    try {
      socket.bind(9)
      await once(socket, 'listening')
      await backend.open()
      const came = once(socket, 'message') as Promise<[Buffer]>
      expect(await backend.handlers['clients.wake']({ macs: [mac, '5254.0077.0001'] })).toEqual({ sent: ['127.255.255.255 on lo'], failed: [] }) // prettier-ignore
      expect((await came)[0].toString('hex')).toBe(hexOf())
      const lines = await backend.handlers['log.list']({})
      expect(lines.filter(({ type }) => type === 'wake-sent')).toMatchObject([{ mac, level: 'info', text: `a wake-up packet was sent to ${mac}, by 127.255.255.255 on lo` }]) // prettier-ignore
      // Nobody knows whether it woke: that it was seen is for its own packets to tell.
      expect(await backend.handlers['clients.list']({})).toEqual([])
      await expect(async () => backend.handlers['clients.wake']({ macs: ['pc9'] })).rejects.toThrow('pc9 is no MAC address') // prettier-ignore
      writeFileSync(local.file, 'interface: nosuch0\n')
      await expect.poll(async () => (await backend.handlers['lab.read']({})).lab?.interface, { timeout: 60_000 }).toBe('nosuch0') // prettier-ignore
      await expect(async () => backend.handlers['clients.wake']({ macs: [mac] })).rejects.toThrow('not on nosuch0')
    } finally {
      await backend.close()
      socket.close()
      local.remove()
    }
  })
})
