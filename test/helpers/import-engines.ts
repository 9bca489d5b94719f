/** Configurations of other servers, and clients for them: what a reader understands is held against the server itself. */
import { readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineServer } from '#shared/interchange/engine-server.ts'
import type { Configuration, SourceFile } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { formatIpv4, parseHex, parseIpv4, parseIpv4Network, isInNetwork } from '#shared/wire/bytes.ts'
import { decodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import type { ClientRequest } from './dhcp.ts'
import { bytesOf, server, shown, type TestClient } from './export-labs.ts'

const folder = fileURLToPath(new URL('../fixtures/interchange/', import.meta.url))

/** Files of a folder of the fixtures, by the end of their names. */
export const fixtureFiles = (under: string, ending: string): SourceFile[] =>
  readdirSync(`${folder}${under}`)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(`${folder}${under}/${name}`, 'utf8') }))

export function readFixture(file: SourceFile, others: readonly SourceFile[] = []): Configuration {
  const found = readConfiguration(file, others)
  if (!found) throw new Error(`${basename(file.name)} is not recognised`)
  return found
}

const wanted = [1, 2, 3, 6, 12, 15, 17, 26, 28, 42, 43, 60, 66, 67, 97, 128, 129, 150, 175, 209, 210]
/** MAC addresses that the fixtures know. */
export const knownMac = (last: number): string => `02:00:5e:20:00:0${last}`

/** Every kind of machine on the wire, then some that are reserved, and some of them behind relays. */
export function importClients(): TestClient[] {
  const clients: TestClient[] = []
  const add = (name: string, asks: Partial<ClientRequest>, relay?: string): void => {
    const xid = clients.length + 1
    const mac = asks.mac ?? `52:54:00:77:00:${xid.toString(16).padStart(2, '0')}`
    const fixed = [
      { code: 55, data: Uint8Array.from(wanted) },
      { code: 57, data: Uint8Array.of(5, 192) },
    ]
    clients.push({
      name: relay === undefined ? name : `${name} through ${relay}`,
      asks: { type: 'discover', ...asks, xid, mac, ...(relay === undefined ? {} : { giaddr: relay }), options: [...fixed, ...(asks.options ?? [])] },
      ...(relay === undefined ? {} : { relay }),
    })
  } // prettier-ignore
  const firmware = (architecture: number, kind = 'PXEClient') => ({ architecture, vendorClass: `${kind}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000` }) // prettier-ignore
  const port = { code: 82, data: parseHex('010470372f31')! }
  const inner = { code: 175, data: parseHex('130101180101b00101')! }
  const few = { code: 175, data: parseHex('b00101')! }
  const kinds: readonly (readonly [string, Partial<ClientRequest>])[] = [
    ['BIOS', { ...firmware(0), uuid: '6c616221-0000-4000-8000-525400770003' }],
    ['UEFI x86', firmware(6)],
    ['UEFI x64', firmware(7)],
    ['old UEFI x64', firmware(9)],
    ['UEFI ARM64', firmware(11)],
    ['HTTP x64', firmware(16, 'HTTPClient')],
    ['iPXE on BIOS', { ...firmware(0), userClass: 'iPXE', options: [inner] }],
    ['iPXE on UEFI x64', { ...firmware(7), userClass: 'iPXE', options: [few] }],
    ['Linux', { vendorClass: 'Linux 6.1' }],
    ['Thin', { vendorClass: 'Thin' }],
    ['no class', {}],
  ]
  for (const [name, asks] of kinds) add(name, asks)
  for (const last of [1, 2, 3]) add(`reserved ${last}`, { ...firmware(last === 2 ? 0 : 7), mac: knownMac(last) })
  add('reserved by identifier', { ...firmware(7), clientId: '01aabbccddee01' })
  for (const [name, asks] of kinds.slice(0, 3)) add(name, asks, '10.1.0.1')
  for (const last of [1, 2, 3]) add(`reserved ${last}`, { ...firmware(7), mac: knownMac(last) }, '10.1.0.1')
  add('port 7', { ...firmware(7), options: [port] }, '10.1.0.1')
  add('port 7', { ...firmware(0), options: [port] }, '10.2.4.1')
  add('no port', firmware(7), '10.2.4.1')
  // Somebody who is answered comes last.
  add('UEFI x64', firmware(7))
  return clients
}

/** What the configuration's reading sends each client; undefined where it sends nothing. */
export function repliesOf(configuration: Configuration, clients: readonly TestClient[]): (Uint8Array | undefined)[] {
  const interfaces = [{ name: 'srv0', address: parseIpv4(server)!, prefixLength: 24, mtu: 1500 }]
  const machine = new EngineServer({ configuration, interfaces, names: {} })
  return clients.map((client) => {
    const source = client.relay === undefined ? { address: 0, port: 68 } : { address: parseIpv4(client.relay)!, port: 67 } // prettier-ignore
    machine.handle({ kind: 'datagram', interface: 'srv0', source, destinationPort: 67, payload: bytesOf(client) })
    let reply: Uint8Array | undefined
    for (let out = machine.pollTransmit(); out; out = machine.pollTransmit()) reply ??= out.payload
    while (machine.pollEvent());
    return reply
  })
}

/** Who answered and when the lease is renewed, which follow from the server. */
const ownToServer: ReadonlySet<number> = new Set([53, 54, 58, 59])

/** The range of an address, or the address where it is reserved. */
function placeOf({ subnets, reservations }: Configuration, address: number): string {
  const text = formatIpv4(address)
  for (const subnet of subnets) {
    if (!isInNetwork(address, parseIpv4Network(subnet.network)!)) continue
    if ([...subnet.reservations, ...reservations].some((one) => one.address === text)) return `reserved ${text}`
    const pool = subnet.pools.find(({ start, end }) => address >= parseIpv4(start)! && address <= parseIpv4(end)!)
    if (pool) return `${pool.start} to ${pool.end}`
  }
  return text
}

/** A reply as words, field by field. */
export function replyWords(configuration: Configuration, bytes: Uint8Array | undefined): Record<string, string> {
  if (!bytes) return { answer: 'none' }
  const { message } = decodeDhcp(bytes)
  const text = (field: Uint8Array): string => String.fromCharCode(...field).replace(/\0.*$/s, '')
  return {
    address: placeOf(configuration, message.yiaddr),
    'next server': formatIpv4(message.siaddr),
    file: text(message.file),
    'server name': text(message.sname),
    ...Object.fromEntries(
      message.options
        .filter(({ code }) => !ownToServer.has(code))
        .map(({ code }) => [`option ${code}`, shown(findOptionData(message, code)!)]),
    ),
  }
}
