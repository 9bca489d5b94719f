/** Files from Windows Node: its transfer threads wait by WSAPoll, or by Node's event loop where koffi may not be loaded. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../helpers/lab.ts'
import { Network } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { Windows, windowsNeeds } from '../helpers/wine.ts'

const source = (path: string): string => fileURLToPath(new URL(`../../src/main/${path}`, import.meta.url))
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

describeWith([...windowsNeeds, 'root', 'ip', 'atftp'], 'file transfers of Windows', () => {
  let network: Network
  let windows: Windows
  let there: string
  let folder: string
  beforeAll(() => {
    network = new Network()
    const wire = network.wire({ server: ['10.77.0.1/24'], client: ['10.77.0.2/24'] })
    there = wire.there
    windows = new Windows({ namespace: wire.here })
    folder = join(windows.drive, 'lab')
    mkdirSync(join(folder, 'boot'), { recursive: true })
    writeFileSync(join(folder, 'boot/file'), Buffer.alloc(3_000_001, 'PXE Lab '))
    writeFileSync(
      join(folder, 'lab.yaml'),
      'interface: 10.77.0.1\nmode: boot-server\nports: { tftp: 6069, bootServer: 6011 }\nstate: ./state\n' +
        'boot: { files: ./boot }\ntftp: { upload: ./up, maxTransfersPerClient: 64 }\n',
    )
  })
  afterAll(async () => {
    await windows.close()
    await network.close()
  })

  test('sockets of WinSock: what is sent arrives, a wait ends by itself, by a datagram and by a byte from outside', async () => {
    const script = `
      import { createSocket } from 'node:dgram'
      import { once } from 'node:events'
      import { nativeSockets as native } from 'file:///${windows.path(source('responder/native-sockets.ts')).replaceAll('\\', '/')}'
      const loopback = 0x7f000001
      const peer = createSocket('udp4').bind(0, '127.0.0.1')
      await once(peer, 'listening')
      const sockets = Array.from({ length: 100 }, () => native.open({ address: loopback, port: 0, device: 'ignored' }))
      const [last] = sockets.slice(-1)
      native.connect(last, loopback, peer.address().port)
      const [read, write] = native.pipe()
      const waiter = native.newWaiter()
      for (const one of [read, ...sockets]) waiter.add(one)
      const told = { isPortKnown: native.localPort(last) > 0, nothing: waiter.wait(20) }
      const target = new Uint8Array(100)
      told.empty = native.receive(last, target) === -1 && native.lastError() === native.wouldBlock
      told.sent = native.send(last, Buffer.from('ask'), 3)
      const [message, from] = await once(peer, 'message')
      told.asked = message.toString()
      await new Promise((sent) => peer.send('answer', from.port, from.address, sent))
      told.answered = [waiter.wait(2000), waiter.ready(0) === last, native.receive(last, target), Buffer.from(target.subarray(0, 6)).toString()]
      // Half of them go; the places of the others move.
      for (const one of sockets.splice(0, 50)) { waiter.remove(one); native.close(one) }
      native.write(write, Uint8Array.of(1))
      told.woken = [waiter.wait(2000), waiter.ready(0) === read, native.read(read, target)]
      await new Promise((sent) => peer.send('again', from.port, from.address, sent))
      told.again = [waiter.wait(2000), waiter.ready(0) === last, native.receive(last, target)]
      try { native.open({ address: loopback, port: native.localPort(last), device: undefined }) } catch (error) { told.taken = error.code }
      console.log(JSON.stringify(told))
      process.exit()`
    writeFileSync(join(folder, 'sockets.mjs'), script)
    const { stdout, stderr } = await windows.run([windows.path(join(folder, 'sockets.mjs'))])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      isPortKnown: true,
      nothing: 0,
      empty: true,
      sent: 3,
      asked: 'ask',
      answered: [1, true, 6, 'answer'],
      woken: [1, true, 1],
      again: [1, true, 5],
      taken: 'EADDRINUSE',
    })
  })

  test.each(['WSAPoll', 'off'])(
    'thirty-two at once arrive whole, and an upload; native sockets: %s',
    async (native) => {
      const running = windows.start([windows.path(cli), 'respond', '--config', windows.path(join(folder, 'lab.yaml')), '--json'], {
      environment: { PXE_LAB_NATIVE_SOCKETS: native },
      seconds: 100,
    }) // prettier-ignore
      await running.sees(/"type":"ready"/)
      const options = ['--option', 'blksize 1428', '--option', 'windowsize 4']
      const results = await Promise.all(
        Array.from(
          { length: 32 },
          (_, at) =>
        network.exec(there, 'atftp', [...options, '-g', '-r', 'file', '-l', join(folder, `got-${native}-${at}`), '10.77.0.1', '6069']), // prettier-ignore
        ),
      )
      expect(results.filter((one) => one.code !== 0)).toEqual([])
      const wanted = sha256(join(folder, 'boot/file'))
      for (let at = 0; at < 32; at++) expect(sha256(join(folder, `got-${native}-${at}`))).toBe(wanted)
      const upload = ['-p', '-l', join(folder, 'boot/file'), '-r', `up-${native}`, '10.77.0.1', '6069']
      expect(await network.exec(there, 'atftp', upload)).toMatchObject({ code: 0 })
      await running.sees(new RegExp(`"file":"up-${native}".*"outcome":"completed"`))
      expect(sha256(join(folder, 'up', `up-${native}`))).toBe(wanted)
      await running.stop()
    },
  )
})
