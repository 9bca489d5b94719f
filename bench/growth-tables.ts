/**
 * How the cost of every table grows that is filled from the wire: leases, clients, warnings, log, frames, half-open
 * transfers, declines, sessions. Twice as many entries, at most 2.3 times the time, below the bounds of each and beyond them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabEvent } from '#shared/contract/events.ts'
import { identityOf, type ClientIdentity } from '#shared/machines/client-identity.ts'
import { Declines } from '#shared/machines/dhcp-server/declines.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { TftpAdmission } from '#shared/machines/tftp-server/admission.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { Dhcp6Server } from '#shared/machines/dhcpv6-server/server.ts'
import { dhcp6ConfigurationOf } from '#shared/lab/machine-configuration6.ts'
import { formatIpv4, formatMac } from '#shared/wire/bytes.ts'
import { decodeDhcp, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { ClientBook } from '../src/main/backend/client-book.ts'
import { LogBook } from '../src/main/backend/log-book.ts'
import { LiveFrames } from '../src/main/observe/live-frames.ts'
import { LeaseStore } from '../src/main/responder/lease-store.ts'
import { Repeats } from '../src/main/responder/repeats.ts'
import { Outbox } from '../src/main/responder-process/outbox.ts'
import { Sessions } from '../src/main/web/sessions.ts'
import { ip, pxe, request } from '../test/helpers/dhcp.ts'
import { message, pxe6, served6 } from '../test/helpers/dhcpv6.ts'

type Make = (size: number) => () => unknown

const own = { name: 'eth0', address: ip('10.0.0.1'), prefixLength: 8, mtu: 1500 }
const served = { ...own, mac: '02:00:00:00:00:01', isLoopback: false, hasLink: true }
const macOf = (index: number): string =>
  formatMac(Uint8Array.of(0x52, 0x54, index >>> 24, index >>> 16, index >>> 8, index))
const payload = encodeDhcp(request({ type: 'discover' }))

function lab(size: number, leaseSeconds: number): DhcpServer {
  const pools = [{ start: '10.1.0.0', end: formatIpv4(ip('10.1.0.0') + size - 1) }]
  const one = labSchema.parse({ interface: 'eth0', mode: 'dhcp', dhcp: { leaseSeconds, subnets: [{ subnet: '10.0.0.0/8', pools }] }, boot: { files: '.' } }) // prettier-ignore
  return new DhcpServer(dhcpConfigurationOf(one, [own]))
}

/** Machines `from` to `to` get an address each; what the server has to say is taken. */
function boot(server: DhcpServer, from: number, to: number, now: number): void {
  const hear = (index: number, message: Parameters<typeof request>[0]): number => {
    const asked = encodeDhcp(request({ mac: macOf(index), xid: index, ...message }))
    server.handle({ kind: 'datagram', interface: 'eth0', source: { address: 0, port: 68 }, destinationPort: 67, payload: asked }, now) // prettier-ignore
    let address = 0
    for (let answer = server.pollTransmit(); answer; answer = server.pollTransmit())
      address = new DataView(answer.payload.buffer, answer.payload.byteOffset).getUint32(16)
    while (server.pollChange());
    while (server.pollEvent());
    return address
  }
  for (let index = from; index < to; index++) {
    const address = hear(index, { type: 'discover' })
    if (address === 0) throw new Error(`machine ${index} is offered nothing`)
    const requested = new Uint8Array(4)
    new DataView(requested.buffer).setUint32(0, address)
    const options = [{ code: 50, data: requested }, { code: 54, data: Uint8Array.of(10, 0, 0, 1) }] // prettier-ignore
    if (hear(index, { type: 'request', options }) !== address) throw new Error(`machine ${index} is not acknowledged`)
  }
}

/** A server of IPv6 with a network of 2^64 addresses. */
function lab6(leaseSeconds: number): Dhcp6Server {
  const pools = [{ start: 'fd00:77::1:0', end: 'fd00:77::ffff:ffff' }]
  const one = labSchema.parse({ interface: 'eth0', mode: 'dhcp', ipv6: { enabled: true, leaseSeconds, subnets: [{ subnet: 'fd00:77::/64', pools }] }, boot: { files: '.', programs: [{ file: 'a' }] } }) // prettier-ignore
  return new Dhcp6Server(dhcp6ConfigurationOf(one, [served6])!)
}

/** Machines `from` to `to` get an address each, in two messages. */
function boot6(server: Dhcp6Server, from: number, to: number, now: number): void {
  for (let index = from; index < to; index++) {
    const asked = { ...pxe6, mac: macOf(index) }
    let answers = 0
    for (const kind of ['solicit', 'request'] as const) {
      server.handle({ kind: 'datagram', interface: 'eth0', source: { address: 'fe80::5', port: 546 }, destinationPort: 547, isMulticast: true, payload: message(kind, asked) }, now) // prettier-ignore
      for (let answer = server.pollTransmit(); answer; answer = server.pollTransmit())
        if (answer.event?.type === 'dhcp-offered' || answer.event?.type === 'dhcp-acknowledged') answers++
      while (server.pollChange());
      while (server.pollEvent());
    }
    if (answers !== 2) throw new Error(`machine ${index} got no address over IPv6`)
  }
}

const client = (index: number): ClientIdentity =>
  identityOf(decodeDhcp(encodeDhcp(request({ type: 'discover', mac: macOf(index), ...pxe(7) }))).message)
const known = Array.from({ length: 1024 }, (_, index) => client(index))
const acknowledged = (index: number, time: number): LabEvent => ({
  type: 'dhcp-acknowledged',
  time,
  client: { ...known[index % known.length]!, mac: macOf(index) },
  address: formatIpv4(ip('10.1.0.0') + index),
  leaseSeconds: 3600,
  subnet: '10.0.0.0/8',
  via: undefined,
  boot: undefined,
  hasMenu: false,
  droppedOptions: [],
})
const each = (size: number, work: (index: number) => unknown): void => {
  for (let index = 0; index < size; index++) work(index)
}
const ask = (port: number): Uint8Array =>
  encodeTftp({ kind: 'rrq', filename: `file${port}`, mode: 'octet', options: [] })
const endpoint = (index: number): { address: number; port: number } => ({
  address: ip('10.1.0.0') + (index >> 4),
  port: 2000 + (index & 15),
})

export const tables: Readonly<Record<string, readonly [size: number, make: Make]>> = {
  'leases: machines that are new': [8000, (size) => () => boot(lab(size, 3600), 0, size, 1000)],
  'leases: all run out at once': [8000, (size) => {
    const server = lab(size, 60)
    boot(server, 0, size, 1000)
    let now = 1000
    return () => {
      now += 1_000_000
      server.handle({ kind: 'timeout' }, now)
      while (server.pollChange());
      while (server.pollEvent());
      boot(server, 0, size, now)
    }
  }],
  'leases: a pool that is used again by others': [4000, (size) => () => {
    const server = lab(size, 60)
    for (let round = 0; round < 3; round++) boot(server, round * size, (round + 1) * size, 1000 + round * 1_000_000)
  }],
  'leases of IPv6: machines that are new': [8000, (size) => () => boot6(lab6(3600), 0, size, 1000)],
  'leases of IPv6: all run out at once, and others come': [4000, (size) => () => {
    const server = lab6(60)
    for (let round = 0; round < 3; round++) boot6(server, round * size, (round + 1) * size, 1000 + round * 1_000_000)
  }],
  'leases: written and read': [4000, (size) => () => {
    const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-bench-'))
    try {
      const file = join(folder, 'leases.sqlite')
      const { store } = LeaseStore.open(file, new Date(0), 'lab.yaml')
      const lease = (index: number): Lease => ({ address: ip('10.1.0.0') + index, key: `1-${index}`, mac: macOf(index), uuid: undefined, hostname: undefined, architecture: 7, state: 'bound', since: index, until: 1e12 })
      for (let from = 0; from < size; from += 50) store.commit(Array.from({ length: 50 }, (_, at) => lease(from + at)))
      store.close()
      const again = LeaseStore.open(file, new Date(0), 'lab.yaml')
      again.store.close()
      if (again.leases.length !== size) throw new Error(`${again.leases.length} leases are left`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }],
  'declines: of a client each': [40_000, (size) => () => {
    const declines = new Declines(3600)
    each(size, (index) => declines.add(macOf(index), index, index))
  }],
  'declines: of one client': [40_000, (size) => () => {
    const declines = new Declines(3600)
    each(size, (index) => declines.add('52:54:00:00:00:01', index, index))
  }],
  'clients: all are new': [20_000, (size) => () => {
    const book = new ClientBook()
    each(size, (index) => {
      book.hear(acknowledged(index, index))
      if (index % 100 === 0) book.takeChanged(100)
    })
  }],
  'clients: one boots again and again': [20_000, (size) => () => {
    const book = new ClientBook()
    each(size, (index) => book.hear(acknowledged(1, index * 100_000)))
  }],
  'log: lines': [40_000, (size) => () => {
    const log = new LogBook((text) => text)
    each(size, (index) => {
      log.hear(acknowledged(index, index))
      if (index % 1000 === 0) log.takeFresh()
    })
  }],
  'log: warnings that are all different': [20_000, (size) => () => {
    const log = new LogBook((text) => text)
    each(size, (index) => log.hear({ type: 'warning', message: `warning ${index}`, time: index }))
  }],
  'warnings: of a subject each': [40_000, (size) => () => {
    const repeats = new Repeats(() => {}, () => 0)
    each(size, (index) => repeats.say(`subject ${index}`, 'is wrong'))
  }],
  'frames: of our own sockets': [20_000, (size) => () => {
    const frames = new LiveFrames(() => undefined)
    each(size, (index) => frames.addObserved({ direction: 'in', interface: served, localPort: 67, remote: endpoint(index), payload, time: index }))
    for (let last = 0; last < frames.last;) last = frames.read(last, 1 << 20).last
  }],
  'frames and events on their way to the back end': [20_000, (size) => () => {
    const outbox = new Outbox()
    each(size, (index) => {
      outbox.addEvent(acknowledged(index, index))
      outbox.addDatagram({ direction: 'in', interface: served, localPort: 67, remote: endpoint(index), payload, time: index })
    })
    while (outbox.take()) outbox.taken()
  }],
  'half-open transfers: of strangers': [20_000, (size) => () => {
    const door = new TftpAdmission({ transfers: 300, transfersPerClient: 10, unanswered: 512, allowsUpload: false })
    each(size, (index) => {
      const asked = ask(index)
      const admitted = door.decide(asked, endpoint(index))
      if (admitted.verdict !== 'accept') return
      if (admitted.givesWay !== undefined) door.closed(admitted.givesWay)
      door.opened(endpoint(index), asked)
    })
  }],
  'transfers: asked for, answered, closed': [20_000, (size) => () => {
    const door = new TftpAdmission({ transfers: 300, transfersPerClient: 10, unanswered: 512, allowsUpload: false })
    each(size, (index) => {
      const asked = ask(index)
      door.decide(asked, endpoint(index))
      const id = door.opened(endpoint(index), asked)
      door.answered(id)
      door.closed(id)
    })
  }],
  'sessions: one window after the other': [10_000, (size) => () => {
    const sessions = new Sessions(() => {})
    each(size, (index) => sessions.exchange(sessions.code, `session-${String(index).padStart(40, '0')}`))
  }],
} // prettier-ignore
