/** Labs at random, and clients for each: what an exported configuration is held against the responder with. */
import { formatHex, formatIpv4, isInNetwork, parseHex, parseIpv4, parseIpv4Network } from '#shared/wire/bytes.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { labSchema, type Lab, type LabInput } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { randomFor } from '#shared/simulation/random.ts'
import { request, type ClientRequest } from './dhcp.ts'

export const server = '192.168.77.1'
export const local = '192.168.77.0/24'
/** Subnets behind relays, and the address of the relay in each. */
export const far = [
  { subnet: '10.1.0.0/24', relay: '10.1.0.1' },
  { subnet: '10.2.4.0/22', relay: '10.2.4.1' },
  { subnet: '10.3.0.0/25', relay: '10.3.0.1' },
] as const
/** A relay on a network that no lab serves. */
export const strangeRelay = '10.9.0.1'
export const relays: readonly string[] = [...far.map(({ relay }) => relay), strangeRelay]

export interface TestClient {
  readonly name: string
  readonly asks: ClientRequest
  readonly relay?: string
}

const wanted = [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 26, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 150, 175, 209, 210] // prettier-ignore

export function labOf(seed: number): Lab {
  const random = randomFor(seed, 'lab')
  const chance = (share: number): boolean => random() < share
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const some = <T>(list: readonly T[], share: number): T[] => list.filter(() => chance(share))

  const file = (): string => pick(['undionly.kpxe', 'ipxe.efi', 'snponly.efi', 'grubx64.efi', 'boot/x64/wdsmgfw.efi', 'pxelinux.0', 'menu.ipxe', 'http://10.0.0.5/boot/menu.ipxe', 'images/u-boot.img', 'file, with comma.efi', 'boot\\x64\\wdsnbp.com', `${'long/'.repeat(27)}boot.efi`]) // prettier-ignore
  const options = (share: number): Record<string, string | number | boolean | (string | number)[]> => ({
    ...(chance(share) ? { 15: pick(['lab.example', 'site.example']) } : {}),
    ...(chance(share) ? { 42: pick([[server], ['10.0.0.7', '10.0.0.8']]) } : {}),
    ...(chance(share / 2) ? { 26: pick([1400, 1500, 9000]) } : {}),
    ...(chance(share / 2) ? { 175: pick(['b00101', '0102ab']) } : {}),
    ...(chance(share / 3) ? { 67: pick(['own/file.efi', 'other.0']) } : {}),
    ...(chance(share / 3) ? { 66: pick(['10.0.0.9', 'files.lab.example']) } : {}),
    ...(chance(share / 4) ? { 43: '010203' } : {}),
    ...(chance(share / 4) ? { 150: ['10.0.0.9'] } : {}),
    ...(chance(share / 4) ? { 209: 'pxelinux.cfg/site' } : {}),
    ...(chance(share / 4) ? { 2: -3600 } : {}),
  })
  const reserved = (prefix: string, count: number, seedByte: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...(at === 2
        ? { clientId: `01aabbccddee${seedByte.toString(16).padStart(2, '0')}` }
        : { mac: `52:54:00:aa:${seedByte.toString(16).padStart(2, '0')}:0${at}` }),
      // One within the pool, the others beside it.
      address: `${prefix}${at === 0 ? 120 : 40 + at}`,
      ...(chance(0.5) ? { hostname: `board-${seedByte}-${at}` } : {}),
      ...(chance(0.4) ? { options: options(0.6) } : {}),
    }))
  const subnetOf = (network: string, index: number) => {
    const prefix = formatIpv4(parseIpv4Network(network)!.address).replace(/0$/, '')
    return {
      subnet: network,
      pools: chance(0.9)
        ? chance(0.3)
          ? [
              { start: `${prefix}100`, end: `${prefix}110` },
              { start: `${prefix}116`, end: `${prefix}124` },
            ]
          : [{ start: `${prefix}100`, end: `${prefix}124` }]
        : [],
      ...(chance(0.8) ? { router: `${prefix}1` } : {}),
      ...(chance(0.6) ? { dns: pick([[server], ['10.0.0.2', '10.0.0.3']]) } : {}),
      ...(chance(0.4) ? { leaseSeconds: pick([600, 7200, 86_400]) } : {}),
      ...(chance(0.4) ? { options: options(0.4) } : {}),
      reservations: chance(0.8) ? reserved(prefix, pick([1, 2, 3]), index) : [],
    }
  }
  const networks: string[] = [local, ...some(far, 0.6).map(({ subnet }) => subnet)]
  const architecture = () => pick(['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi', 'x64-uefi-http', 'arm64-uefi-http', 'arm-rpiboot', 'arm64-uboot', 7, ['bios', 'x64-uefi'], ['x64-uefi', 'x64-uefi-http']] as const) // prettier-ignore
  const program = () => ({
    ...(chance(0.75) ? { architecture: architecture() as string } : {}),
    ...(chance(0.25) ? { userClass: pick(['iPXE', 'iPXE', 'lab']) } : {}),
    ...(chance(0.12) ? { vendorClass: pick(['PXEClient', 'HTTPClient', 'U-Boot', 'PXEClient:Arch:00007']) } : {}),
    ...(chance(0.12) ? { mac: pick(['52:54:00:aa', '52:54:00:aa:00:00', 'b8:27:eb']) } : {}),
    ...(chance(0.06) ? { uuid: '6c616221-0000-4000-8000-525400770003' } : {}),
    ...(chance(0.12) ? { subnet: pick([...networks, '10.0.0.0/8']) } : {}),
    ...(chance(0.06) ? { relay: pick(['10.1.0.1', '10.2.0.0/16']) } : {}),
    ...(chance(0.06) ? { circuitId: pick(['p7/1', '0x0004001c']) } : {}),
    file: file(),
    ...(chance(0.2) ? { nextServer: '10.0.0.5' } : {}),
    ...(chance(0.15) ? { protocol: pick(['tftp', 'http'] as const) } : {}),
    ...(chance(0.1) ? { rootPath: 'iscsi:10.0.0.5::::iqn.2026-01.lab:disk' } : {}),
    ...(chance(0.05) ? { raspberryPi: chance(0.5) } : {}),
  })
  const input: LabInput = {
    interface: 'srv0',
    mode: 'dhcp',
    clients: {
      ...(chance(0.15) ? { deny: [pick(['52:54:00:dd', '52:54:00:77:00:05'])] } : {}),
      ...(chance(0.1) ? { allow: ['52:54:00', 'b8:27:eb'] } : {}),
    },
    dhcp: {
      leaseSeconds: pick([3600, 900]),
      ...(chance(0.2) ? { identity: 'client-id' as const } : {}),
      ...(chance(0.1) ? { vendorClass: 'PXEClient' } : {}),
      ...(chance(0.6) ? { options: options(0.4) } : {}),
      ...(chance(0.4) ? { architectures: Object.fromEntries(some(['x64-uefi', 'bios', 'arm64-uefi', 'arm-rpiboot'], 0.5).map((one) => [one, { options: options(0.5) }])) } : {}),
      subnets: networks.map(subnetOf),
    },
    boot: {
      ...(chance(0.3) ? { nextServer: pick([server, '10.0.0.6']) } : {}),
      programs: Array.from({ length: pick([0, 1, 2, 3, 4, 5, 7]) }, program),
      ...(chance(0.1) ? { menu: { items: [{ text: 'Install', file: 'undionly.kpxe' }, { text: 'Local disk', type: 0 }] } } : {}),
    },
    http: { enabled: chance(0.5), ...(chance(0.2) ? { port: 8080 } : {}) },
  } // prettier-ignore
  return labSchema.parse(input)
}

/** Clients of every kind, on the wire and behind relays. */
export function clientsOf(seed: number, lab: Lab): TestClient[] {
  const random = randomFor(seed, 'clients')
  const chance = (share: number): boolean => random() < share
  const list = { code: 55, data: Uint8Array.from(wanted) }
  const size = { code: 57, data: Uint8Array.of(5, 192) }
  const firmware = (architecture: number, kind = 'PXEClient') => ({ architecture, vendorClass: `${kind}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`, uuid: `6c616221-0000-4000-8000-5254007700${architecture.toString(16).padStart(2, '0')}` }) // prettier-ignore
  const encapsulated = { code: 175, data: parseHex('b0010105')! }
  const kinds: readonly (readonly [string, Partial<ClientRequest>])[] = [
    ['BIOS', { ...firmware(0), vendorClass: 'PXEClient:Arch:00000:UNDI:002001' }],
    ['UEFI x86', firmware(6)],
    ['UEFI x64', { ...firmware(7), uuid: '6c616221-0000-4000-8000-525400770003' }],
    ['old UEFI x64', firmware(9)],
    ['UEFI ARM64', firmware(11)],
    ['HTTP x64', firmware(16, 'HTTPClient')],
    ['HTTP ARM64', firmware(19, 'HTTPClient')],
    ['iPXE on BIOS', { ...firmware(0), userClass: 'iPXE', options: [encapsulated] }],
    ['iPXE on UEFI x64', { ...firmware(7), userClass: 'iPXE', options: [encapsulated] }],
    ['gPXE', { ...firmware(0), userClass: 'gPXE' }],
    ['iPXE with a length', { ...firmware(7), userClass: '\u0004iPXE' }],
    ['iPXE without a user class', { ...firmware(11), options: [encapsulated] }],
    ['user class lab', { ...firmware(7), userClass: 'lab' }],
    ['Raspberry Pi 3', { ...firmware(0), vendorClass: 'PXEClient:Arch:00000:UNDI:002001', uuid: '44444444-4444-4444-4444-444444444444' }],
    ['Raspberry Pi 4', { ...firmware(0), vendorClass: 'PXEClient:Arch:00000:UNDI:002001', uuid: '34695052-0000-4000-8000-525400770003', mac: 'b8:27:eb:00:00:0' }],
    ['rpiboot', firmware(41)],
    ['U-Boot ARM64', { architecture: 22, vendorClass: 'U-Boot.armv8' }],
    ['U-Boot ARM32', { architecture: 21 }],
    ['Linux', { vendorClass: 'Linux' }],
    ['Windows', { vendorClass: 'MSFT 5.0', clientId: '01525400770099' }],
  ] // prettier-ignore
  const served = far.filter(({ subnet }) => lab.dhcp.subnets.some((one) => one.subnet === subnet))
  let count = 0
  const clients: TestClient[] = []
  const add = (name: string, asks: Partial<ClientRequest>, relay?: string): void => {
    const xid = ++count
    const short = asks.mac?.split(':').length === 6 && asks.mac.endsWith(':0') ? asks.mac.slice(0, -1) : undefined
    const mac = asks.mac === undefined ? `52:54:00:77:00:${xid.toString(16).padStart(2, '0')}` : short === undefined ? asks.mac : `${short}${xid.toString(16).padStart(2, '0')}` // prettier-ignore
    const agent = relay !== undefined && chance(0.5) ? [{ code: 82, data: parseHex(chance(0.5) ? '010470372f31' : '01040004001c')! }] : [] // prettier-ignore
    clients.push({
      name: relay === undefined ? name : `${name} through ${relay}`,
      asks: {
        type: 'discover',
        ...asks,
        xid,
        mac,
        ...(relay === undefined ? {} : { giaddr: relay }),
        options: [list, size, ...(asks.options ?? []), ...agent],
      },
      ...(relay === undefined ? {} : { relay }),
    })
  }
  const through = (): string | undefined => (served.length > 0 && chance(0.35) ? served[Math.floor(random() * served.length)]!.relay : undefined) // prettier-ignore
  for (const [name, asks] of kinds) if (chance(0.6)) add(name, asks, through())
  // Each kind as a machine that has a reservation, in its subnet or in another.
  for (const subnet of lab.dhcp.subnets)
    for (const one of subnet.reservations.slice(0, 2)) {
      const [name, asks] = kinds[Math.floor(random() * kinds.length)]!
      const home = served.find(({ subnet: network }) => network === subnet.subnet)?.relay
      const named = one.mac === undefined ? { clientId: one.clientId! } : { mac: one.mac, ...(asks.clientId === undefined ? {} : { clientId: undefined as never }) } // prettier-ignore
      add(`${name}, reserved ${one.address}`, { ...asks, ...named }, chance(0.85) ? home : through())
    }
  if (chance(0.5)) add('denied UEFI x64', { ...firmware(7), mac: '52:54:00:dd:00:0' })
  if (chance(0.3)) add('another maker', { ...firmware(7), mac: '00:11:22:33:00:0' })
  if (chance(0.3)) add('UEFI x64 on a network of no subnet', firmware(7), strangeRelay)
  // Somebody who is answered comes last.
  add('UEFI x64', firmware(7))
  return clients
}

export const bytesOf = (client: TestClient): Uint8Array => encodeDhcp(request(client.asks))

/** What the responder's machine offers each client; undefined where it offers nothing. */
export function offersOf(lab: Lab, clients: readonly TestClient[]): (Uint8Array | undefined)[] {
  const served = { name: 'srv0', address: parseIpv4(server)!, prefixLength: 24, mtu: 1500 }
  const machine = new DhcpServer(dhcpConfigurationOf(lab, [served]))
  return clients.map((client, at) => {
    machine.handle(
      {
        kind: 'datagram',
        interface: 'srv0',
        source: client.relay === undefined ? { address: 0, port: 68 } : { address: parseIpv4(client.relay)!, port: 67 },
        destinationPort: 67,
        payload: bytesOf(client),
      },
      1_000_000 + at,
    )
    let offer: Uint8Array | undefined
    for (let answer = machine.pollTransmit(); answer; answer = machine.pollTransmit()) offer = answer.payload
    while (machine.pollEvent() ?? machine.pollChange());
    return offer
  })
}

/** The subnet of an offer and how its address was found, for addresses of pools may differ. */
export function placeOf(lab: Lab, address: number): string {
  for (const subnet of lab.dhcp.subnets) {
    if (!isInNetwork(address, parseIpv4Network(subnet.subnet)!)) continue
    const isReserved = subnet.reservations.some((one) => parseIpv4(one.address) === address)
    if (isReserved) return `reserved ${formatIpv4(address)}`
    const isPool = subnet.pools.some(({ start, end }) => address >= parseIpv4(start)! && address <= parseIpv4(end)!)
    return isPool ? `pool of ${subnet.subnet}` : `${formatIpv4(address)}, in no pool`
  }
  return formatIpv4(address)
}

export const shown = (data: Uint8Array): string => {
  const text = [...data].every((one) => one >= 32 && one < 127) ? ` "${String.fromCharCode(...data)}"` : ''
  return `${formatHex(data)}${text}`
}
