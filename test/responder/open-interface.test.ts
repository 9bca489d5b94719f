/** The ports of one interface on real sockets of loopback: all of them or none, at each address, as addresses come and go. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { openInterface, type InterfaceServices, type OpenInterface } from '../../src/main/responder/open-interface.ts'
import { StartError } from '../../src/main/responder/start-error.ts'
import type { UdpPort } from '../../src/main/responder/udp-port.ts'
import { openHttpServer } from '../../src/main/io/http-server.ts'
import { formatIpv4, parseIpv4 } from '#shared/wire/bytes.ts'
import { formatIp } from '#shared/wire/ip-address.ts'
import { freePorts } from '../helpers/free-ports.ts'

const ip = (text: string): number => parseIpv4(text)!
const [one, two, three] = ['127.9.77.1', '127.9.77.2', '127.9.77.3'].map(ip) as [number, number, number]
const withAddresses = (first: number, ...others: number[]): NetworkInterface => ({
  name: 'lo', address: first, prefixLength: 8, mtu: 65_536, mac: '00:00:00:00:00:00', isLoopback: true, hasLink: true,
  others: others.map((address) => ({ address, prefixLength: 8 })),
}) // prettier-ignore

let dhcp: number
let tftp: number
let http: number
let heard: { service: string; text: string; at: string; asked: string | undefined }[]
let errors: string[]
let open: OpenInterface | undefined
let client: Socket
let wake: () => void

const services = (more: Partial<InterfaceServices> = {}): InterfaceServices => {
  const listen = (service: string) => (payload: Buffer, _source: unknown, from: UdpPort) => {
    heard.push({ service, text: payload.toString(), at: formatIpv4(from.interface.address), asked: from.asked === undefined ? undefined : formatIpv4(from.asked) }) // prettier-ignore
    wake()
  }
  return {
    udp: [
      { service: 'dhcp', port: dhcp, onDatagram: listen('dhcp'), hears: 'broadcasts', isAskedByAddress: false },
      { service: 'tftp', port: tftp, onDatagram: listen('tftp'), hears: 'own-addresses', isAskedByAddress: true },
    ],
    web: [
      {
        service: 'http',
        port: http,
        listen: (address, port) =>
          openHttpServer({ host: formatIp(address), port, onRequest: (_request, response) => void response.end('page'), onError: () => {} }), // prettier-ignore
      },
    ],
    onError: (service, port) => errors.push(`${service} ${port}`),
    ...more,
  }
}

beforeEach(async () => {
  const found = await freePorts(3)
  ;[dhcp, tftp, http] = found as [number, number, number]
  heard = []
  errors = []
  wake = () => {}
  client = createSocket('udp4').bind(0, '127.0.0.1')
  await once(client, 'listening')
})
afterEach(async () => {
  client.close()
  await open?.close()
  open = undefined
})

const say = (text: string, port: number, to: number): void => client.send(text, port, formatIpv4(to))
const hears = async (count: number): Promise<void> => {
  while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve))
}
/** Whether somebody else could have the port. */
const isFree = async (port: number, address: number): Promise<boolean> => {
  const socket = createSocket('udp4').bind(port, formatIpv4(address))
  try {
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
const hold = async (port: number, address: number): Promise<Socket> => {
  const socket = createSocket('udp4').bind(port, formatIpv4(address))
  await once(socket, 'listening')
  return socket
}
const page = (address: number): Promise<string> =>
  fetch(`http://${formatIpv4(address)}:${http}/`).then((answer) => answer.text(), () => 'nobody') // prettier-ignore

test('every service listens at every address, and answers leave from the one that was asked', async () => {
  open = await openInterface(withAddresses(one, two), services())
  const listening = open.listening.map(({ service, address, port }) => `${service} ${address}:${port}`)
  const expected = ['127.9.77.1', '127.9.77.2'].flatMap((at) => [`dhcp ${at}:${dhcp}`, `tftp ${at}:${tftp}`, `http ${at}:${http}`]) // prettier-ignore
  expect(listening.toSorted()).toEqual(expected.toSorted())
  say('file', tftp, two)
  await hears(1)
  expect(heard).toEqual([{ service: 'tftp', text: 'file', at: '127.9.77.2', asked: '127.9.77.2' }])
  for (const [from, port] of [[one, tftp], [two, tftp], [two, dhcp]] as const) {
    const answer = once(client, 'message') as Promise<[Buffer, { address: string; port: number }]>
    open.udp(port, from)!.send(Buffer.from('answer'), { address: ip('127.0.0.1'), port: client.address().port })
    expect((await answer)[1]).toMatchObject({ address: formatIpv4(from), port })
  } // prettier-ignore
  expect([await page(one), await page(two)]).toEqual(['page', 'page'])
  expect(open.udp(tftp, three)?.interface.address).toBe(one)
  expect(open.udp(1, one)).toBeUndefined()
})

test('what several sockets hear of one broadcast counts once, and who hears broadcasts was asked at no address', async () => {
  open = await openInterface(withAddresses(one, two), services())
  for (const to of [one, two]) say('discover', dhcp, to)
  say('request', dhcp, two)
  await hears(2)
  say('end', dhcp, one)
  await hears(3)
  expect(heard.map(({ text, asked }) => [text, asked])).toEqual([['discover', undefined], ['request', undefined], ['end', undefined]]) // prettier-ignore
})

test('at one address alone whatever comes counts, however often it is said', async () => {
  open = await openInterface(withAddresses(one), services())
  for (let times = 0; times < 3; times++) say('discover', dhcp, one)
  await hears(3)
  expect(heard.map(({ text }) => text)).toEqual(['discover', 'discover', 'discover'])
})

test.each([
  ['the first', () => dhcp, one],
  ['the last of the second address', () => tftp, two],
])('where %s UDP port is held, nothing stays open, and its holder is named', async (_, port, at) => {
  const holder = await hold(port(), at)
  const failed: unknown = await openInterface(withAddresses(one, two), services()).catch((error: unknown) => error)
  holder.close()
  expect(failed).toBeInstanceOf(StartError)
  expect(failed).toMatchObject({ message: expect.stringMatching(new RegExp(`^UDP port ${port()} on lo \\(127\\.9\\.77\\.\\d/8\\) is in use by \\S+ \\(process ${process.pid}\\)$`)), problem: { kind: 'port', port: port(), code: 'EADDRINUSE', owners: [{ address: formatIpv4(at) }] } }) // prettier-ignore
  for (const [free, address] of [[dhcp, one], [tftp, one], [dhcp, two], [tftp, two]] as const) expect(await isFree(free, address)).toBe(true) // prettier-ignore
  expect(await page(one)).toBe('nobody')
})

test('where the TCP port is held it is told as that', async () => {
  const server = createServer().listen(http, '127.9.77.2')
  await once(server, 'listening')
  const failed: unknown = await openInterface(withAddresses(one, two), services()).catch((error: unknown) => error)
  server.close()
  expect(failed).toMatchObject({ message: expect.stringMatching(`^TCP port ${http} on lo `) })
  expect([await isFree(dhcp, one), await page(one)]).toEqual([true, 'nobody'])
})

test('a multicast group that cannot be joined closes everything again', async () => {
  const { udp, ...rest } = services()
  const wanted = { ...rest, udp: udp.map((service) => ({ ...service, multicastGroups: [ip('10.0.0.1')] })) }
  await expect(openInterface(withAddresses(one), wanted)).rejects.toThrow(/cannot join the multicast group 10\.0\.0\.1 of the menu \(E/) // prettier-ignore
  expect([await isFree(dhcp, one), await isFree(tftp, one)]).toEqual([true, true])
})

test('follows its addresses: closes what is lost, opens what came, and tries again what was held', async () => {
  open = await openInterface(withAddresses(one, two), services())
  const holder = await hold(tftp, three)
  expect(await open.follow(withAddresses(one, three))).toMatchObject({ lost: [two], came: [], failed: { message: expect.stringMatching(`^UDP port ${tftp} on lo \\(127\\.9\\.77\\.3/8\\)`) } }) // prettier-ignore
  // Of the address where one port was held nothing is open, and the interface does not claim it.
  expect([await isFree(dhcp, two), await isFree(dhcp, three), await page(two)]).toEqual([true, true, 'nobody'])
  expect(open.interface.others).toEqual([])
  holder.close()
  await once(holder, 'close')
  expect(await open.follow(withAddresses(one, three))).toEqual({ lost: [], came: [three], failed: undefined })
  expect(open.interface.others).toEqual([{ address: three, prefixLength: 8 }])
  say('file', tftp, three)
  await hears(1)
  expect(heard[0]).toMatchObject({ at: '127.9.77.3', asked: '127.9.77.3' })
  expect(await open.follow(withAddresses(one, three))).toEqual({ lost: [], came: [], failed: undefined })
  await open.close()
  for (const address of [one, three]) expect(await isFree(tftp, address)).toBe(true)
})
