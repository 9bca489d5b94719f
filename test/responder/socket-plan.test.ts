/** Which sockets an interface with several addresses has on each system, and what of a broadcast that all of them hear is taken. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Copies, socketPlan, type Binding } from '../../src/main/responder/socket-plan.ts'
import { ip } from '../helpers/dhcp.ts'

const own = [{ address: ip('10.0.0.1'), prefixLength: 24 }, { address: ip('10.0.0.2'), prefixLength: 24 }] // prettier-ignore
const plan = (binding: Binding, hears: 'broadcasts' | 'own-addresses') =>
  socketPlan(binding, hears, own).map(({ at, hearsBroadcasts }) => [at?.address, hearsBroadcasts])
const [one, two] = own.map(({ address }) => address)

test('each address has its socket, and broadcasts are heard', () => {
  expect(plan('interface', 'broadcasts')).toEqual([[undefined, true], [one, false], [two, false]]) // prettier-ignore
  expect(plan('address', 'broadcasts')).toEqual([[one, true], [two, true]]) // prettier-ignore
  expect(plan('machine', 'broadcasts')).toEqual([[undefined, true]])
  for (const binding of ['interface', 'address', 'machine'] as const)
    expect(plan(binding, 'own-addresses')).toEqual([[one, false], [two, false]]) // prettier-ignore
})

const source = { address: 0, port: 68 }

test('whatever a client says, and however often, is taken once each time, in whichever order its copies are read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (sockets, said, chance) => {
        const copies = new Copies()
        const queues = Array.from({ length: sockets }, () => [...said])
        const taken: number[] = []
        while (queues.some((queue) => queue.length > 0)) {
          const full = [...queues.entries()].filter(([, queue]) => queue.length > 0)
          const [at, queue] = full[chance.next().value! % full.length]!
          const message = queue.shift()!
          if (!copies.isCopy(Uint8Array.of(message), source, at, 0)) taken.push(message)
        }
        const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b)
        expect(sorted(taken)).toEqual(sorted(said))
      },
    ),
  )
})

test('what others say, or one says later, is no copy', () => {
  const copies = new Copies()
  const payload = Uint8Array.of(1)
  expect(copies.isCopy(payload, source, 1, 0)).toBe(false)
  expect(copies.isCopy(payload, { address: 0, port: 69 }, 2, 0)).toBe(false)
  expect(copies.isCopy(payload, source, 2, 5000)).toBe(false)
})

test('a storm of messages is forgotten in its order', () => {
  const copies = new Copies()
  for (let message = 0; message < 10_000; message++)
    expect(copies.isCopy(Uint8Array.of(message >> 8, message & 255), source, 1, 0)).toBe(false)
  expect(copies.isCopy(Uint8Array.of(9999 >> 8, 9999 & 255), source, 2, 0)).toBe(true)
})
