/** Whether what is sent to another network can leave: by the routes of the system and its ARP table, as a test lays them out. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { formatIpv4, parseIpv4 } from '#shared/wire/bytes.ts'
import type { ServedInterface } from '#shared/machines/machine.ts'
import { Ways } from '../../src/main/responder/ways.ts'

const system = vi.hoisted(() => ({
  /** Which own address the routes send by, by destination. */
  routes: {} as Record<string, string>,
  asked: 0,
  closed: 0,
  arp: '',
}))
vi.mock(import('../../src/main/io/udp-socket.ts'), () => ({
  openUdpSocket: ({ peer }) => {
    system.asked++
    const by = system.routes[formatIpv4(peer!.address)]
    return {
      ready: by === undefined ? Promise.reject(new Error('ENETUNREACH')) : Promise.resolve(),
      localPort: 1,
      localAddress: by === undefined ? undefined : parseIpv4(by),
      send: () => {},
      joinMulticast: () => {},
      close: () => Promise.resolve(void system.closed++),
    }
  },
}))
vi.mock(import('node:os'), async (original) => ({
  ...(await original()),
  networkInterfaces: () => ({ eth0: [{ address: '10.0.0.1' }, { address: '10.0.5.1' }], eth1: [{ address: '192.168.0.1' }] }) as never, // prettier-ignore
}))
vi.mock(import('node:timers/promises'), async (original) => ({
  ...(await original()),
  setTimeout: ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms))) as never,
}))
vi.mock(import('node:fs/promises'), async (original) => ({
  ...(await original()),
  readFile: (() => Promise.resolve(system.arp)) as never,
}))

const ip = (text: string): number => parseIpv4(text)!
const eth0: ServedInterface = { name: 'eth0', address: ip('10.0.0.1'), prefixLength: 24, mtu: 1500 }
const head = 'IP address       HW type     Flags       HW address            Mask     Device\n'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  Object.assign(system, { routes: {}, asked: 0, closed: 0, arp: '' })
})
afterEach(() => void vi.useRealTimers())

test('on the network of the interface, and to everyone, nobody has to be asked', () => {
  const ways = new Ways()
  for (const address of ['10.0.0.9', '10.0.0.255', '255.255.255.255']) expect(ways.problem(ip(address), eth0)).toBeUndefined() // prettier-ignore
  expect(system.asked).toBe(0)
})

test.each([
  ['by the interface, at whichever of its addresses', { '10.9.0.1': '10.0.5.1' }, undefined],
  ['by another interface', { '10.9.0.1': '192.168.0.1' }, 'the route to it leaves by the interface with 192.168.0.1, not by eth0'],
  ['not at all', {}, 'this machine has no route to it'],
])('a route that leads %s', async (_, routes, problem) => {
  system.routes = routes
  expect(await new Ways().problem(ip('10.9.0.1'), eth0)).toBe(problem)
  // No socket stays open, whatever came of it.
  expect([system.asked, system.closed]).toEqual([1, 1])
}) // prettier-ignore

test('a way is good for half a minute, none is looked for again after two seconds', async () => {
  const ways = new Ways()
  const ask = (): Promise<string | undefined> | undefined => ways.problem(ip('10.9.0.1'), eth0)
  expect(await ask()).toMatch(/no route/)
  vi.advanceTimersByTime(1999)
  await ask()
  expect(system.asked).toBe(1)
  system.routes = { '10.9.0.1': '10.0.0.1' }
  vi.advanceTimersByTime(1)
  expect(await ask()).toBeUndefined()
  expect(system.asked).toBe(2)
  system.routes = {}
  vi.advanceTimersByTime(29_999)
  expect(await ask()).toBeUndefined()
  vi.advanceTimersByTime(1)
  expect(await ask()).toMatch(/no route/)
  expect(system.asked).toBe(3)
})

test('of two thousand addresses the last thousand are remembered', async () => {
  const ways = new Ways()
  const ask = (at: number): Promise<string | undefined> | undefined => ways.problem(ip('10.9.0.0') + at, eth0)
  for (let at = 0; at < 2000; at++) await ask(at)
  expect(system.asked).toBe(2000)
  for (let at = 1999; at >= 2000 - 1024; at--) await ask(at)
  expect(system.asked).toBe(2000)
  await ask(0)
  expect(system.asked).toBe(2001)
})

test.each([
  ['who answers on that wire', '10.9.0.1      0x1  0x2  52:54:00:00:00:01  *  eth0', true],
  ['who was asked for and did not answer', '10.9.0.1      0x1  0x0  00:00:00:00:00:00  *  eth0', false],
  ['who answers on another wire', '10.9.0.1      0x1  0x2  52:54:00:00:00:01  *  eth1', false],
  ['somebody else', '10.9.0.11     0x1  0x2  52:54:00:00:00:01  *  eth0', false],
  ['nobody', '', false],
])('without a route ARP tells of %s', async (_, line, arrives) => {
  system.arp = `${head}${line}\n`
  const arrived = new Ways().arrived(ip('10.9.0.1'), eth0)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await arrived).toBe(arrives)
})

test('whoever answers ARP a little later is waited for', async () => {
  const arrived = new Ways().arrived(ip('10.9.0.1'), eth0)
  await vi.advanceTimersByTimeAsync(999)
  system.arp = `${head}10.9.0.1      0x1  0x2  52:54:00:00:00:01  *  eth0\n`
  await vi.advanceTimersByTimeAsync(1)
  expect(await arrived).toBe(true)
})
