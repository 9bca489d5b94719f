/** Whoever is on the wire may send anything: the lab goes on serving, and answers nobody who cannot have asked. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { encodeTftp, type TftpOption } from '#shared/wire/tftp.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { macIn, sendForged, type Forged } from '../helpers/hostile.ts'
import { LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '10.77.0.1'
const rrq = (filename: string, options: readonly TftpOption[] = []): Uint8Array =>
  encodeTftp({ kind: 'rrq', filename, mode: 'octet', options: [...options] })

describeWith(['root', 'ip', 'curl', 'tcpdump'], 'a hostile wire', () => {
  let network: Network
  let folder: LabFolder
  let here: string
  let there: string
  let mac: string
  let responder: Running

  beforeAll(async () => {
    network = new Network()
    folder = new LabFolder()
    here = network.namespace('s')
    there = network.namespace('c')
    network.cable(
      { in: here, name: 'srv0', addresses: [`${server}/16`] },
      { in: there, name: 'cli0', addresses: ['10.77.0.2/16'] },
    )
    mac = await macIn(network, here, 'srv0')
    folder
      .write({
        interface: 'srv0',
        mode: 'dhcp',
        allowOtherServers: true,
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.255.254' }] }] },
        boot: { programs: [{ file: 'a.bin' }] },
        http: { enabled: true },
      })
      .put('a.bin', new Uint8Array(100_000).fill(7))
    responder = await startResponder(network, here, folder)
    // Its own question is on the wire until then.
    await responder.sees(/"type":"other-servers"/, 10)
  })

  afterAll(async () => {
    await network.close()
    folder.remove()
  })

  const send = (packets: readonly Forged[], everyMs = 0): Promise<number> =>
    sendForged(network, there, 'cli0', mac, folder.root, packets, everyMs)
  const serves = async (): Promise<void> => {
    for (const scheme of ['tftp', 'http'])
      expect(
        (await network.exec(there, 'curl', ['-sS', '-m', '10', '-o', join(folder.root, 'got'), '-w', '%{size_download}', `${scheme}://${server}/a.bin`])).stdout, // prettier-ignore
        responder.output.slice(-2000),
      ).toBe('100000')
    expect(responder.child.exitCode).toBeNull()
  }
  /** What leaves towards these addresses while something is done, as tcpdump's lines. */
  const towards = async (filter: string, work: () => Promise<unknown>, seconds: number): Promise<string[]> => {
    const dump = network.start(there, 'tcpdump', ['-n', '-l', '-i', 'cli0', `ether src ${mac} and (${filter})`])
    await dump.sees(/listening on/, 10)
    await work()
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    await dump.stop('SIGINT')
    return dump.output.split('\n').filter((line) => / IP /.test(line))
  }

  test('a source port of 0 ends nothing, on whichever port it arrives', async () => {
    const relayed = encodeDhcp(
      request({
        type: 'discover',
        giaddr: '10.77.0.2',
        ...pxe(7),
        // RFC 8357: the relay asks to be answered where it asked from.
        options: [{ code: 82, data: Uint8Array.of(19, 2, 0, 0) }],
      }),
    )
    const asked = encodeDhcp(request({ type: 'request', ciaddr: '10.77.0.2', ...pxe(7) }))
    const forged = (port: number, payload: Uint8Array, from = '10.77.0.2', to = server): Forged => ({ from, fromPort: 0, to, port, payload }) // prettier-ignore
    const packets = [
      forged(69, rrq('none')),
      forged(69, rrq('a.bin')),
      forged(69, Uint8Array.of(0, 4, 0, 0)),
      forged(4011, asked),
      forged(67, relayed),
      forged(67, relayed, '0.0.0.0', '255.255.255.255'),
    ]
    expect(await send(packets)).toBe(packets.length)
    await serves()
  })

  test('nothing is sent to a group, to everyone or to ourselves because a packet says so', async () => {
    const sources = ['224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', '10.77.255.255', '127.0.0.1']
    const packets = sources.flatMap((from) => [
      { from, fromPort: 1234, to: server, port: 69, payload: rrq('a.bin') },
      { from, fromPort: 1234, to: server, port: 4011, payload: encodeDhcp(request({ type: 'request', ciaddr: '10.77.0.2', ...pxe(7) })) }, // prettier-ignore
    ])
    const relays = [...sources, server].map((giaddr) => ({
      from: '10.77.0.2',
      fromPort: 67,
      to: server,
      port: 67,
      payload: encodeDhcp(request({ type: 'discover', giaddr, ...pxe(7) })),
    }))
    const own = [67, 69, 4011].map((port) => ({
      from: server,
      fromPort: port,
      to: server,
      port,
      payload: rrq('a.bin'),
    }))
    const seen = await towards('not arp and not tcp', () => send([...packets, ...relays, ...own]), 2)
    expect(seen).toEqual([])
    await serves()
  })
})
