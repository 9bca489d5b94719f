/** The sockets of IPv6 on the loopback: ports of an interface, files by TFTP and HTTP, addresses that come and go. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TransferEvent } from '#shared/contract/events.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { negotiate } from '#shared/machines/tftp-server/negotiation.ts'
import { sourceProblem6 } from '#shared/machines/senders.ts'
import { decodeTftp, encodeTftp, type TftpPacket } from '#shared/wire/tftp.ts'
import { parseProcNet } from '../../src/main/inspect/port-owner.ts'
import { openIpSocket } from '../../src/main/io/udp-socket.ts'
import { BootFolder } from '../../src/main/responder/boot-folder.ts'
import { HttpBoot } from '../../src/main/responder/http-boot.ts'
import { ipv6In, servedAs6, type NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { nativeSockets } from '../../src/main/responder/native-sockets.ts'
import { openInterface, type InterfaceServices, type OpenInterface } from '../../src/main/responder/open-interface.ts'
import { withoutRouterSockets } from '../../src/main/responder/router-port.ts'
import { TftpService, type TransferEnds } from '../../src/main/responder/tftp/service.ts'
import { freePorts } from '../helpers/free-ports.ts'

const loopback: NetworkInterface = {
  name: 'lo', address: parseIpv4('127.9.78.1')!, prefixLength: 8, mtu: 1500, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true,
  ipv6: [{ address: '::1', prefixLength: 128 }], index: 1,
} // prettier-ignore
const content = Buffer.from(Uint8Array.from({ length: 5000 }, (_, at) => (at * 7) & 255))
const hasIpv6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === '::1') // prettier-ignore

let root: string
let open: OpenInterface | undefined
let tftp: TftpService
let events: TransferEvent[]
let ends: TransferEnds[]
let ports: { tftp: number; http: number; dhcp6: number }
let heard: string[]

async function start(settings: { singlePort?: boolean; ports?: string } = {}, at = loopback): Promise<void> {
  writeFileSync(join(root, 'a file.efi'), content)
  const folder = await BootFolder.open(root)
  tftp = new TftpService(
    { maxBlockSize: 65464, maxWindowSize: 4, maxTransfers: 8, maxTransfersPerClient: 8, ports: null, singlePort: false, upload: undefined, maxUploadBytes: 1, ...settings },
    folder, (event) => void events.push(event), (_, seen) => void ends.push(seen),
  ) // prettier-ignore
  await tftp.prepare()
  const http = new HttpBoot(folder, (event) => void events.push(event))
  const services: InterfaceServices = {
    udp: [
      { service: 'tftp', port: ports.tftp, onDatagram: (...from) => void tftp.receive(...from), onDatagram6: (...from) => void tftp.receive(...from), hears: 'own-addresses', isAskedByAddress: true },
      { service: 'dhcp', port: ports.dhcp6, onDatagram6: (payload, source, from) => { heard.push(`${payload.toString()} ${source.address} ${from.asked}`); from.send(payload, source) }, hears: 'broadcasts', isAskedByAddress: false },
    ],
    web: [{ service: 'http', port: ports.http, listen: (address, port, zone) => http.listen(address, port, zone) }],
    onError: (...what) => void heard.push(what.join(' ')),
  } // prettier-ignore
  open = await openInterface(at, services)
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-v6-'))
  const [one, two, three] = (await freePorts(3)) as [number, number, number]
  ports = { tftp: one, http: two, dhcp6: three }
  events = []
  ends = []
  heard = []
})
afterEach(async () => {
  await open?.close()
  await tftp?.close()
  open = undefined
  rmSync(root, { recursive: true })
})

/** Loads as a client that takes answers from the address it asked alone; what it was granted, and the file. */
async function load(
  options: Readonly<Record<string, string>>,
): Promise<{ granted: string; file: Buffer; from: number }> {
  const socket = createSocket('udp6').bind(0, '::1')
  await once(socket, 'listening')
  const rrq = { kind: 'rrq', filename: 'a file.efi', mode: 'octet', options: Object.entries(options).map(([name, value]) => ({ name, value })) } as const // prettier-ignore
  socket.send(encodeTftp(rrq), ports.tftp, '::1')
  const blocks: Buffer[] = []
  let granted = ''
  let agreed = 512
  try {
    for (;;) {
      const [payload, from] = (await once(socket, 'message')) as [Buffer, { address: string; port: number }]
      expect(from.address).toBe('::1')
      const packet = decodeTftp(payload).packet as TftpPacket
      const say = (block: number): void => socket.send(encodeTftp({ kind: 'ack', block }), from.port, '::1')
      if (packet.kind === 'oack') {
        granted = packet.options.map((one) => `${one.name}=${one.value}`).join(' ')
        agreed = Number(packet.options.find((one) => one.name === 'blksize')?.value ?? agreed)
        say(0)
      } else if (packet.kind === 'data') {
        blocks.push(Buffer.from(packet.data))
        say(packet.block)
        if (packet.data.length < agreed) return { granted, file: Buffer.concat(blocks), from: from.port }
      } else throw new Error(JSON.stringify(packet))
    }
  } finally {
    socket.close()
  }
}

test('blocks over IPv6 are smaller by the longer header, so that none is split', () => {
  const asked = [{ name: 'blksize', value: '1468' }]
  const limits = { maxBlockSize: 65464, maxWindowSize: 1, mtu: 1500 }
  expect(negotiate(asked, 1, { ...limits, family: 6 }).blockSize).toBe(1448)
  expect(negotiate(asked, 1, { ...limits, mtu: 1280, family: 6 }).blockSize).toBe(1228)
  expect(negotiate(asked, 1, limits).blockSize).toBe(1468)
})

test('Linux: addresses that can be used, those that stay before those that change', () => {
  const text = `fd000077000000000000000000000002 04 40 00 01     eth0
fd000077000000000000000000000001 04 40 00 80     eth0
fe80000000000000505400fffe000001 04 40 20 80     eth0
fd000077000000000000000000000003 04 40 00 40     eth0
fd000077000000000000000000000004 04 40 00 88     eth0
00000000000000000000000000000001 01 80 10 80       lo
`
  const found = ipv6In(text)
  expect(found.get('eth0')).toEqual({
    index: 4,
    ipv6: [
      { address: 'fd00:77::1', prefixLength: 64 },
      { address: 'fe80::5054:ff:fe00:1', prefixLength: 64 },
      { address: 'fd00:77::2', prefixLength: 64 },
    ],
  })
  expect(found.get('lo')?.ipv6).toEqual([{ address: '::1', prefixLength: 128 }])
  const served = servedAs6({ ...loopback, ...found.get('eth0'), mac: '52:54:00:00:00:01', isLoopback: false })
  expect([served.linkLocal, served.addresses.map(({ address }) => address)]).toEqual(['fe80::5054:ff:fe00:1', ['fd00:77::1', 'fd00:77::2']]) // prettier-ignore
})

test('who cannot be answered over IPv6 is not heard', () => {
  const from = (address: string, port = 546): string | undefined => sourceProblem6({ address, port }, ['fe80::1', 'fd00::1'], 547) // prettier-ignore
  expect([from('fe80::2'), from('fd00::2'), from('fd00::1', 50_000)]).toEqual([undefined, undefined, undefined])
  expect(from('fe80::2', 0)).toBe('its source port is 0')
  expect(from('ff02::1')).toMatch('is a multicast address')
  expect(from('::')).toMatch('is no address')
  expect(from('::1')).toMatch('is the loopback address')
  expect(from('fe80::1', 547)).toMatch('is this very port')
})

test('Linux: /proc/net/udp6 tells addresses as people write them', () => {
  const text = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  1: 00000000000000000000000000000000:0223 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 21 2 0 0
  2: 000080FE00000000FF00FC00010000FE:0223 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22 2 0 0`
  expect(parseProcNet(text, [547])).toEqual([
    { address: '::', port: 547, inode: '21' },
    { address: 'fe80::fc:ff:fe00:1', port: 547, inode: '22' },
  ])
})

test.runIf(hasIpv6)('files come by TFTP and HTTP over IPv6, each from the address that was asked', async () => {
  await start()
  expect(open!.listening.map((one) => `${one.service} ${one.address}`)).toEqual([
    'tftp 127.9.78.1', 'http 127.9.78.1', 'tftp ::1', 'dhcp ::1', 'http ::1',
  ]) // prettier-ignore
  const { granted, file, from } = await load({ blksize: '1468', tsize: '0' })
  expect([granted, file.equals(content), from === ports.tftp]).toEqual(['blksize=1448 tsize=5000', true, false])
  const body = await new Promise<Buffer>((resolve, reject) => {
    get({ host: '::1', port: ports.http, path: '/a%20file.efi', headers: { range: 'bytes=10-19' } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts)))
    }).on('error', reject)
  })
  expect(body.equals(content.subarray(10, 20))).toBe(true)
  const clients = events.flatMap((event) => (event.type === 'transfer-started' ? [`${event.transfer.kind} ${event.transfer.client}`] : [])) // prettier-ignore
  expect(clients).toEqual(['read ::1', 'http ::1'])
  await tftp.close()
  expect(ends[0]).toMatchObject({ local: '::1', remote: { address: '::1' } })
})

test.runIf(hasIpv6)('one port and a range of ports hold over IPv6 as well', async () => {
  await start({ singlePort: true })
  const single = await load({ blksize: '512' })
  expect([single.from, single.file.equals(content)]).toEqual([ports.tftp, true])
  await open!.close()
  await tftp.close()
  const [only] = (await freePorts(1)) as [number]
  await start({ ports: `${only}-${only}` })
  expect((await load({})).from).toBe(only)
})

test.runIf(hasIpv6)('a service that hears groups answers who asks it alone; addresses come and go', async () => {
  const { ipv6: _, ...without } = loopback
  await start({}, without)
  expect(open!.listening.some(({ address }) => address === '::1')).toBe(false)
  expect(await open!.follow(loopback)).toEqual({ lost: [], came: ['::1'], failed: undefined })
  const answered = await new Promise<string>((resolve, reject) => {
    const socket = openIpSocket({
      family: 6,
      bind: { address: '::1' },
      onDatagram: (payload, { address, port }) => void socket.close().then(() => resolve(`${payload.toString()} ${address} ${port}`)), // prettier-ignore
      onError: reject,
    })
    socket.send(Buffer.from('hello'), { address: '::1', port: ports.dhcp6 })
  })
  expect(answered).toBe(`hello ::1 ${ports.dhcp6}`)
  expect(heard).toEqual(['hello ::1 ::1'])
  expect(open!.udp6(ports.dhcp6, '::1')?.asked).toBe('::1')
  expect(await open!.follow(without)).toEqual({ lost: ['::1'], came: [], failed: undefined })
  // The port is free again.
  const socket = createSocket('udp6').bind(ports.dhcp6, '::1')
  await once(socket, 'listening')
  socket.close()
})

test.runIf(hasIpv6)('a port that somebody has is told with its holder, and nothing stays open', async () => {
  const socket = createSocket({ type: 'udp6', ipv6Only: true }).bind(ports.dhcp6, '::1')
  await once(socket, 'listening')
  await expect(start()).rejects.toThrow(new RegExp(`UDP port ${ports.dhcp6} on lo \\(IPv6, ::1\\) is in use`))
  socket.close()
})

test('where router advertisements cannot be sent, the reason and what to do are one sentence each', () => {
  const text = withoutRouterSockets('EPERM')
  expect(text).toMatch(
    process.platform === 'linux' && nativeSockets ? /a raw socket needs root or CAP_NET_RAW/ : /cannot be sent/,
  )
  expect(text).toMatch(/ipv6\.routerAdvertisements: null$/)
  expect(withoutRouterSockets(undefined) === undefined).toBe(
    process.platform === 'linux' && nativeSockets !== undefined,
  )
})
