import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  holdersAt,
  parseLsof,
  parseNetstat,
  parseProcNet,
  parseTasklist,
  portOwners,
  portProblem,
  portRemedy,
  sharedPortWarnings,
  type PortOwner,
} from '../../src/main/inspect/port-owner.ts'
import { poolFor, propose } from '../../src/main/backend/proposal.ts'
import { ClientBook, keptAddresses, keptClients, keptRates } from '../../src/main/backend/client-book.ts'
import { parseLab } from '../../src/main/workspace/lab-file.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import type { NetworkInterface } from '../../src/main/responder/interfaces.ts'
import { ip, pxe, request } from '../helpers/dhcp.ts'

describe('who holds a port', () => {
  test('Linux: /proc/net/udp', () => {
    const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 0
  124: 014DA8C0:0FAB 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 0
  125: 00000000:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4713 2 0000000000000000 0`
    expect(parseProcNet(text, [67, 4011])).toEqual([
      { address: '0.0.0.0', port: 67, inode: '4711' },
      { address: '192.168.77.1', port: 4011, inode: '4712' },
    ])
  })

  test('Windows: netstat and tasklist, in English, German and Japanese', () => {
    const english =
      'Active Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n  UDP    0.0.0.0:67             *:*                                    2712\r\n  UDP    [::]:547               *:*                                    2712\r\n'
    const german =
      'Aktive Verbindungen\r\n\r\n  Proto  Lokale Adresse         Remoteadresse          Status           PID\r\n  UDP    10.0.0.5:4011          *:*                                    3001\r\n'
    const japanese =
      'アクティブな接続\r\n\r\n  プロトコル  ローカル アドレス          外部アドレス        状態           PID\r\n  UDP         0.0.0.0:69             *:*                                    3001\r\n'
    expect(parseNetstat(english, [67])).toEqual([{ address: '0.0.0.0', port: 67, pid: 2712 }])
    expect(parseNetstat(german, [4011])).toEqual([{ address: '10.0.0.5', port: 4011, pid: 3001 }])
    expect(parseNetstat(japanese, [69])).toEqual([{ address: '0.0.0.0', port: 69, pid: 3001 }])
    const tcp =
      '  TCP    0.0.0.0:80             0.0.0.0:0              ABHÖREN         4\r\n  TCP    10.0.0.5:80            10.0.0.9:50000         HERGESTELLT     4\r\n  TCP    [::]:80                [::]:0                 À L’ÉCOUTE      4\r\n'
    expect(parseNetstat(tcp, [80], 'tcp')).toEqual([
      { address: '0.0.0.0', port: 80, pid: 4 },
      { address: '[::]', port: 80, pid: 4 },
    ])
    expect(parseNetstat(tcp, [80])).toEqual([])
    const tasks =
      '"svchost.exe","2712","DHCPServer"\r\n"svchost.exe","3001","WDSServer,BITS"\r\n"notepad.exe","99","Nicht zutreffend"\r\n"x.exe","98","N/A"\r\n'
    expect([...parseTasklist(tasks)]).toEqual([
      [2712, { process: 'svchost.exe', service: 'DHCPServer' }],
      [3001, { process: 'svchost.exe', service: 'WDSServer,BITS' }],
      [99, { process: 'notepad.exe', service: undefined }],
      [98, { process: 'x.exe', service: undefined }],
    ])
  })

  test('macOS: lsof', () => {
    expect(parseLsof('p412\ncbootpd\nf4\nn*:67\np500\nctftpd\nf5\nn127.0.0.1:6969\n', [67])).toEqual([
      { port: 67, address: '0.0.0.0', pid: 412, process: 'bootpd', service: undefined },
    ])
  })

  test.runIf(process.platform === 'linux')('this very process is found by its socket', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    expect(await portOwners([port])).toMatchObject([{ port, address: '127.0.0.1', pid: process.pid }])
    socket.close()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const listening = (server.address() as AddressInfo).port
    const client = connect(listening, '127.0.0.1')
    await once(client, 'connect')
    expect(await portOwners([listening], 'tcp')).toMatchObject([
      { port: listening, address: '127.0.0.1', pid: process.pid },
    ])
    // A connection holds nothing up, whichever port it has.
    expect(await portOwners([client.localPort!], 'tcp')).toEqual([])
    client.destroy()
    server.close()
  })

  test('the remedy is the exact command', () => {
    const owner = { port: 67, address: '0.0.0.0', pid: 5, process: 'dnsmasq', service: 'dnsmasq.service' }
    expect(portRemedy('EADDRINUSE', 67, [owner])).toBe('Stop it with: sudo systemctl stop dnsmasq.service')
    expect(portRemedy('EADDRINUSE', 67, [{ ...owner, service: undefined }])).toContain('End process 5 (dnsmasq)')
    if (process.platform === 'linux') expect(portRemedy('EACCES', 67, [])).toContain('setcap')
  })

  test('Windows refuses a port because it is held or reserved, never for want of rights', () => {
    const owner = { port: 67, address: '0.0.0.0', pid: 5, process: 'svchost.exe', service: 'DHCPServer' }
    expect(portProblem('EACCES', [owner], 'win32')).toBe('is in use by svchost.exe (process 5), service DHCPServer')
    expect(portRemedy('EACCES', 67, [owner], 'udp', 'win32')).toContain(
      'net stop DHCPServer, or choose mode boot-server',
    )
    expect(portProblem('EACCES', [], 'win32')).toBe('is reserved by Windows or held by another program')
    expect(portRemedy('EACCES', 8080, [], 'tcp', 'win32')).toContain(
      'netsh interface ipv4 show excludedportrange protocol=tcp',
    )
    expect(portProblem('EACCES', [], 'linux')).toBe('may not be opened without more rights')
    expect(portProblem('EADDRINUSE', [], 'linux')).toBe('is in use by another program')
    expect(portRemedy('EACCES', 67, [], 'udp', 'darwin')).toContain('sudo')
  })
})

const served = (address: string, prefixLength: number): NetworkInterface => ({
  name: 'eth1',
  address: ip(address),
  prefixLength,
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  isLoopback: false,
  hasLink: true,
})

describe('the proposal', () => {
  test.each([
    ['192.168.77.1', 24, '192.168.77.100', '192.168.77.199'],
    ['192.168.77.150', 24, '192.168.77.100', '192.168.77.149'],
    ['10.0.0.1', 8, '10.0.0.100', '10.0.0.199'],
    ['192.168.77.1', 29, '192.168.77.3', '192.168.77.6'],
  ])('a pool for %s/%i leaves out our own address', (address, prefix, start, end) =>
    expect(poolFor(served(address, prefix))).toEqual({ start, end }),
  )

  test('a network without room is told of', () =>
    expect(propose(served('10.0.0.1', 32), 'nobody', './boot', '/none').warnings[0]).toContain('leaves no address'))

  test.each(['nobody', 'another', 'this'] as const)('what it writes for %s is a valid lab', (giver) => {
    const { text, mode } = propose(served('192.168.77.1', 24), giver, './boot', '/none')
    expect(parseLab(text)).toMatchObject({ ok: true, lab: { mode, interface: 'eth1' } })
  })

  test('no proposed pool holds our own address, whatever the network', () => {
    for (let prefix = 20; prefix <= 30; prefix++)
      for (let host = 1; host < 2 ** (32 - prefix) - 1; host += Math.max(1, 2 ** (26 - prefix))) {
        const address = formatIpv4(ip('10.16.0.0') + host)
        const pool = poolFor(served(address, prefix))
        expect(pool, `${address}/${prefix}`).toBeDefined()
        if (!pool) continue
        const inside = ip(address) >= ip(pool.start) && ip(address) <= ip(pool.end)
        expect(inside || ip(pool.start) > ip(pool.end), `${address}/${prefix} ${pool.start} ${pool.end}`).toBe(false)
      }
  })
})

describe('the book of clients', () => {
  const client = identityOf(request({ type: 'discover', ...pxe(7) }))
  const offered = (time: number): LabEvent => ({
    type: 'dhcp-offered',
    client,
    address: '192.168.77.100',
    leaseSeconds: 60,
    subnet: 's',
    via: undefined,
    boot: { file: 'grubx64.efi', reason: 'rule 1', rule: 0 },
    hasMenu: false,
    droppedOptions: [],
    time,
  })
  const has = (time: number): LabEvent => ({ ...offered(time), type: 'dhcp-acknowledged' }) as LabEvent
  test('a system that asks for an address afterwards changes nothing of what the firmware is', () => {
    const book = new ClientBook()
    for (const event of [offered(1), has(2)]) book.hear(event)
    const system = identityOf(request({ type: 'discover', vendorClass: 'MSFT 5.0' }))
    book.hear({ ...offered(5000), client: system } as LabEvent)
    expect(book.all()[0]).toMatchObject({
      firmware: 'UEFI x64 (EDK2)',
      architecture: 'UEFI x64',
      address: '192.168.77.100',
      reason: 'rule 1',
    })
  })

  test('only changed clients are told, once', () => {
    const book = new ClientBook()
    book.hear(offered(1))
    expect(book.takeChanged()).toHaveLength(1)
    expect(book.takeChanged()).toEqual([])
  })
})

test('clients that come and go leave no more behind than the bounds', () => {
  const book = new ClientBook()
  const boot = { file: 'x', rule: undefined, reason: '' }
  for (let count = 0; count < 30_000; count++) {
    const mac = `52:54:00:${[count >> 16, (count >> 8) & 255, count & 255].map((one) => one.toString(16).padStart(2, '0')).join(':')}`
    const client = { mac, uuid: undefined, architecture: 7, architectures: [7], vendorClass: 'PXEClient', userClasses: [], isIpxe: false, boot: 'pxe', isRaspberryPi: false, hostName: undefined } as const // prettier-ignore
    book.hear({ type: 'dhcp-acknowledged', client, address: `10.0.${(count >> 8) & 255}.${count & 255}`, leaseSeconds: 60, subnet: '', via: undefined, boot, hasMenu: false, droppedOptions: [], time: count }) // prettier-ignore
    const transfer = { id: String(count), client: `10.9.${(count >> 8) & 255}.${count & 255}`, file: 'x', kind: 'read', size: 1, blockSize: 1, windowSize: 1, bytes: 0, retransmissions: 0 } as const // prettier-ignore
    book.hear({ type: 'transfer-started', transfer, time: count })
  }
  expect(book.size).toEqual({ clients: keptClients, addresses: keptAddresses, changed: keptClients, rates: keptRates })
  // The one that was heard of last is the one that stays.
  expect(book.macOf('10.0.117.47')).toBe('52:54:00:00:75:2f')
})

test('of several programs on a port those are named that are in the way, each once, and not ourselves', () => {
  const owner = (address: string, pid: number): PortOwner => ({ port: 67, address, pid, process: `p${pid}`, service: undefined }) // prettier-ignore
  const own = owner('0.0.0.0', 1)
  const addresses = (...owners: PortOwner[]): string[] => holdersAt(owners, '10.0.0.2', 1).map((one) => `${one.address} ${one.pid}`) // prettier-ignore
  // Our socket of every address is there already when that of another address is opened.
  expect(addresses(own, owner('10.0.0.2', 2))).toEqual(['10.0.0.2 2'])
  expect(addresses(owner('10.0.0.1', 2), owner('::', 3))).toEqual([':: 3'])
  // What is left where nothing fits is told all the same.
  expect(addresses(owner('10.0.0.1', 2))).toEqual(['10.0.0.1 2'])
  expect(addresses(own)).toEqual(['0.0.0.0 1'])
  expect(addresses()).toEqual([])
  expect(portProblem('EADDRINUSE', [owner('0.0.0.0', 2), owner('::', 2), owner('::', 3)], 'linux')).toBe(
    'is in use by p2 (process 2) and p3 (process 3)',
  )
})

test('programs that share a port which Windows let us open are named, each once, and we are not', () => {
  const owner = (pid: number | undefined, address: string, port = 69) => ({ port, address, pid, process: pid === undefined ? undefined : `p${pid}.exe`, service: undefined }) // prettier-ignore
  const warnings = sharedPortWarnings(
    [
      owner(7, '10.0.0.1'),
      owner(8, '0.0.0.0'),
      owner(8, '::'),
      owner(9, '10.0.0.1', 67),
      owner(10, '10.0.0.2'),
      owner(undefined, '0.0.0.0', 4011),
    ],
    7,
    ['10.0.0.1'],
  )
  expect(warnings).toEqual([
    expect.stringMatching(/^UDP port 69 is also open in p8\.exe \(process 8\): /),
    expect.stringMatching(/^UDP port 67 is also open in p9\.exe \(process 9\): /),
    expect.stringMatching(/^UDP port 4011 is also open in a process of another user: /),
  ])
})
