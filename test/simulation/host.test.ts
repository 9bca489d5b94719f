/** The firewall of a simulated host: what it lets through, what it answers, what it says. */
import type { IpAddress } from '#shared/wire/ip-address.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { Clock } from '#shared/simulation/clock.ts'
import { Host, type FirewallRule, type Nic } from '#shared/simulation/host.ts'
import { plainLink, Segment, type Transmission } from '#shared/simulation/network.ts'
import type { Packet, TcpPacket } from '#shared/simulation/packet.ts'
import { randomFor } from '#shared/simulation/random.ts'

const [near, far] = [0x0a00_0001, 0x0a01_0002]
let clock: Clock
let sent: Packet[]
let said: string[]

/** Two segments with a router between; the router is what has the rules, or the server. */
function network(rules: Partial<Record<'client' | 'router' | 'server', readonly FirewallRule[]>>): {
  readonly client: Host
  readonly router: Host
  readonly server: Host
} {
  clock = new Clock()
  sent = []
  said = []
  const keep = ({ packet }: Transmission): void => void sent.push(packet)
  const [lan, servers] = ['lan', 'servers'].map((name, index) => new Segment(name, index, clock, undefined, undefined, keep)) as [Segment, Segment] // prettier-ignore
  let number = 0
  const host = (name: 'client' | 'router' | 'server', gateway: number, ...on: [Segment, number][]): Host => {
    const one = new Host(clock, { name, forwards: name === 'router', tellsClosedPorts: name !== 'client', firewall: rules[name] ?? [] }) // prettier-ignore
    for (const [segment, address] of on) {
      number++
      one.addNic(segment.name, segment, 0x0200_0000_0000 + number, address, 24, plainLink, randomFor(1, `${number}`))
    }
    one.gateway = gateway
    one.hear({ onDropped: (text) => void said.push(`${name}: ${text}`) })
    return one
  }
  return {
    client: host('client', 0x0a00_00fe, [lan, near]),
    router: host('router', 0, [lan, 0x0a00_00fe], [servers, 0x0a01_00fe]),
    server: host('server', 0x0a01_00fe, [servers, far]),
  }
}

const rule = (more: Partial<FirewallRule>): FirewallRule => ({ direction: 'in', protocol: 'tcp', firstPort: 80, lastPort: 443, action: 'drop', ...more }) // prettier-ignore
const syn = (nic: Nic, destinationPort: number, flags = 2): TcpPacket => ({
  kind: 'tcp', sourceMac: nic.mac, destinationMac: 0, source: near, destination: far, sourcePort: 5000, destinationPort,
  sequence: 70, acknowledgement: 9, flags, payload: new Uint8Array(0), length: 0,
}) // prettier-ignore

describe('firewall', () => {
  const attempt = (rules: Parameters<typeof network>[0], protocol: 'udp' | 'tcp', port: number): string => {
    const { client, server } = network(rules)
    let arrived = 0
    server.hear({ onTcp: () => ++arrived > 0 })
    server.bind({ service: 'x', address: 0, firstPort: port, lastPort: port, receive: () => void arrived++ })
    const [nic] = client.nics
    const refused: string[] = []
    client.hear({
      onUnreachable: (remote) => void refused.push(`unreachable ${remote.port}`),
      onTcp: ({ flags, acknowledgement, sequence, sourcePort }) => {
        refused.push(`reset ${sourcePort} ${flags} ${sequence} ${acknowledgement}`)
        return true
      },
    })
    if (protocol === 'udp') client.sendUdp(nic!, 5000, { address: far, port }, new Uint8Array(3), 3)
    else client.sendIp(syn(nic!, port))
    while (clock.step());
    return arrived > 0 ? 'arrives' : refused.join() || 'silence'
  }
  const port79 = rule({ firstPort: 79, lastPort: 79 })

  test.each<[string, 'tcp' | 'udp', number, Parameters<typeof network>[0], string]>([
    ['the first port of a range', 'tcp', 80, { server: [rule({})] }, 'silence'],
    ['the last port of a range', 'tcp', 443, { server: [rule({})] }, 'silence'],
    ['below a range', 'tcp', 79, { server: [rule({})] }, 'arrives'],
    ['above a range', 'tcp', 444, { server: [rule({})] }, 'arrives'],
    ['a rule for the other protocol', 'udp', 80, { server: [rule({})] }, 'arrives'],
    ['a rule for UDP and a TCP segment', 'tcp', 80, { server: [rule({ protocol: 'udp' })] }, 'arrives'],
    ['UDP that is dropped', 'udp', 80, { server: [rule({ protocol: 'udp' })] }, 'silence'],
    ['UDP that is rejected', 'udp', 80, { server: [rule({ protocol: 'udp', action: 'reject' })] }, 'unreachable 80'],
    // RFC 9293 section 3.5.2: a reset has the sequence number that the segment acknowledged, and acknowledges the SYN.
    ['TCP that is rejected', 'tcp', 80, { server: [rule({ action: 'reject' })] }, 'reset 80 20 9 71'],
    ['a rule of another direction', 'tcp', 80, { server: [rule({ direction: 'out' })] }, 'arrives'],
    ['what a host sends', 'udp', 80, { client: [rule({ direction: 'out', protocol: 'udp' })] }, 'silence'],
    ['what a router forwards', 'tcp', 80, { router: [rule({ direction: 'forward' })] }, 'silence'],
    ['what a router does not take for itself', 'tcp', 80, { router: [rule({})] }, 'arrives'],
    ['the second rule', 'tcp', 80, { server: [port79, rule({})] }, 'silence'],
  ])('%s', (_, protocol, port, rules, end) => {
    expect(attempt(rules, protocol, port)).toBe(end)
    const [who] = Object.keys(rules)
    const direction = who === 'client' ? 'out' : who === 'router' ? 'forward' : 'in'
    expect(said).toEqual(
      end === 'arrives' ? [] : [`${who}: the firewall drops ${protocol.toUpperCase()} port ${port} (${direction})`],
    )
  })
})

describe('a port that nobody has', () => {
  let hosts: ReturnType<typeof network>
  beforeEach(() => void (hosts = network({})))

  test('is told by a reset, and a reset by nothing', () => {
    hosts.client.sendIp(syn(hosts.client.nics[0]!, 81))
    while (clock.step());
    expect(sent.filter((one) => one.kind === 'tcp' && one.source === far)).toMatchObject([
      { flags: 0x14, sourcePort: 81, destinationPort: 5000 },
      { flags: 0x14 },
    ])
    sent.length = 0
    hosts.client.sendIp(syn(hosts.client.nics[0]!, 81, 4))
    while (clock.step());
    expect(sent.filter((one) => one.kind === 'tcp' && one.source === far)).toEqual([])
  })

  test('is told by ICMP (RFC 792), and a broadcast by nothing', () => {
    const { client, server } = hosts
    const unreachable: number[] = []
    client.hear({ onUnreachable: (remote) => void unreachable.push(remote.port) })
    client.sendUdp(client.nics[0]!, 5000, { address: far, port: 69 }, new Uint8Array(1), 1)
    server.sendUdp(server.nics[0]!, 5000, { address: 0xffff_ffff, port: 67 }, new Uint8Array(1), 1)
    while (clock.step());
    expect(unreachable).toEqual([69])
    expect(sent.filter((one) => one.kind === 'icmp')).toMatchObject([
      { type: 3, code: 3, source: far, destination: near },
      { type: 3, code: 3, source: far, destination: near },
    ])
  })
})

describe('ports', () => {
  const bind = (host: Host, service: string, firstPort: number, lastPort = firstPort, address = 0) =>
    host.bind({ service, address, firstPort, lastPort, receive: () => {} })?.service

  test.each([
    [69, 69, 0, 'range'],
    [60, 65, 0, undefined],
    [60, 66, 0, 'range'],
    [71, 80, 0, undefined],
    [70, 80, 0, 'range'],
    [60, 80, 0, 'range'],
    [100, 100, 0, 'own'],
    [100, 100, 1, 'own'],
    [100, 100, 2, undefined],
  ])('%i to %i at address %i: held by %s', (first, last, address, holder) => {
    const { server } = network({})
    expect(bind(server, 'range', 66, 70)).toBeUndefined()
    expect(bind(server, 'own', 100, 100, 1)).toBeUndefined()
    expect(bind(server, 'new', first, last, address)).toBe(holder)
  })

  test('are free again when a service gives up one, or all', () => {
    const { client, server } = network({})
    const heard: string[] = []
    const listen = (service: string, port: number, address: number) =>
      server.bind({ service, address, firstPort: port, lastPort: port, receive: () => heard.push(`${service} ${port}`) }) // prettier-ignore
    listen('a', 67, far)
    listen('b', 67, 1)
    listen('a', 69, 0)
    const ask = (): string[] => {
      heard.length = 0
      for (const port of [67, 69]) client.sendUdp(client.nics[0]!, 5000, { address: far, port }, new Uint8Array(0), 0)
      while (clock.step());
      return [...heard]
    }
    expect(ask()).toEqual(['a 67', 'a 69'])
    server.unbind('a', 67)
    expect(ask()).toEqual(['a 69'])
    expect(server.bindings.map(({ service, firstPort }) => `${service} ${firstPort}`)).toEqual(['b 67', 'a 69'])
    server.unbind('a')
    expect(ask()).toEqual([])
    expect(server.bindings.map(({ service }) => service)).toEqual(['b'])
    expect(listen('c', 67, far)).toBeUndefined()
    expect(ask()).toEqual(['c 67'])
  })
})

describe('ARP', () => {
  test('asks three times a second apart, then says which address has nobody, and a packet that waits goes when it is known', () => {
    const { server } = network({})
    const failed: [number, IpAddress][] = []
    server.hear({ onArpFailed: (address) => void failed.push([clock.now, address]) })
    const send = (address: number): void =>
      server.sendUdp(server.nics[0]!, 5000, { address, port: 9 }, new Uint8Array(0), 0)
    const lost = 0x0a01_0063
    send(lost)
    send(lost)
    send(0x0900_0001)
    send(0x0a01_00fe)
    while (clock.step());
    expect(failed).toEqual([
      [3000, lost],
      [3000, lost],
    ])
    expect(sent.filter((one) => one.kind === 'arp' && one.target === lost)).toHaveLength(3)
    expect(sent.filter((one) => one.kind === 'udp').map(({ destination }) => destination)).toEqual([0x0900_0001, 0x0a01_00fe]) // prettier-ignore
  })
})
