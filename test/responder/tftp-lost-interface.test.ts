/** Transfers of an interface that goes away: the client that hears nothing any more is not the one to blame. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { TransferEvent } from '#shared/contract/events.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { TftpService } from '../../src/main/responder/tftp/service.ts'
import { openUdpPort } from '../../src/main/responder/udp-port.ts'
import { freePorts } from '../helpers/free-ports.ts'

const loopback = { name: 'lo', address: 0x7f000001, prefixLength: 8, mtu: 65_536, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true } // prettier-ignore
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('a transfer whose interface went away says so, and one that began afterwards names its client', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-lost-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'x.efi'), Buffer.alloc(100_000))
  const events: TransferEvent[] = []
  const settings = { maxBlockSize: 1428, maxWindowSize: 4, maxTransfers: 10, maxTransfersPerClient: 4, upload: undefined, maxUploadBytes: 1, ports: null, singlePort: false } // prettier-ignore
  const service = new TftpService(settings, await BootFolder.open(folder), (event) => events.push(event))
  const [served] = await freePorts(1)
  const port = await openUdpPort({
    interface: loopback,
    port: served!,
    onDatagram: (payload, source) => service.receive(payload, source, port),
    onError: () => {},
  })
  closing.push(() => port.close(), () => service.close()) // prettier-ignore
  await service.prepare()
  /** It asks, and never says anything again. */
  const ask = async (): Promise<Socket> => {
    const client = createSocket('udp4')
    closing.push(() => client.close())
    client.send(encodeTftp({ kind: 'rrq', filename: 'x.efi', mode: 'octet', options: [] }), served, '127.0.0.1')
    await once(client, 'message')
    return client
  }
  await ask()
  service.interfaceLost('lo')
  await ask()
  const ended = () => events.filter((one) => one.type === 'transfer-ended').map(({ outcome, message }) => ({ outcome, message })) // prettier-ignore
  await vi.waitFor(() => expect(ended()).toHaveLength(2), 60_000)
  expect(ended()).toEqual([
    {
      outcome: 'failed',
      message: 'interface lo or its address went away during the transfer, and nothing came any more',
    },
    { outcome: 'client-silent', message: 'the client never answered' },
  ])
})
