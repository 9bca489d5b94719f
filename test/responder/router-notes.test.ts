/** What routers on a wire mean for a boot over IPv6. */
import { expect, test } from 'vitest'
import { routerNotes, type CensusRouter } from '../../src/main/probe/router-census.ts'

const router = (more: Partial<CensusRouter> = {}): CensusRouter => ({
  address: 'fe80::1',
  isManaged: true,
  hasOther: true,
  lifetimeSeconds: 1800,
  prefixes: [{ text: 'fd00:77::/64', isAutonomous: false }],
  ...more,
})
const notes = (routers: readonly CensusRouter[], offered: readonly string[] = [], complaint?: string) =>
  routerNotes({ routers, complaint }, offered)

test('a router with flag M and a server of its network leave nothing to say', () => {
  expect(notes([router()], ['fd00:77::100', 'fd00:77::101'])).toEqual([])
})

test('nobody advertises, and where that was not heard nothing is said', () => {
  expect(notes([])).toEqual([
    expect.stringMatching(/^No other machine sends router advertisements: .* Nobody boots over IPv6 here\. On a bench/),
  ])
  expect(notes([], ['fd00:77::100'])[0]).not.toMatch(/Nobody boots/)
  expect(notes([], [], 'a raw socket needs root')).toEqual([])
})

test('flags that do not fit who answers', () => {
  expect(notes([router({ isManaged: false })], ['fd00:77::100'])).toEqual([
    expect.stringMatching(/no router has flag M: UEFI firmware asks .* iPXE does not \(flag O/),
  ])
  expect(notes([router()])).toEqual([expect.stringMatching(/none offered one/)])
  expect(notes([router({ isManaged: false })])).toEqual([])
  expect(notes([router(), router({ address: 'fe80::2', isManaged: false })], ['fd00:77::9'])).toEqual([
    'Routers disagree: fe80::1 has flag M (addresses by DHCPv6), fe80::2 has not.',
  ])
})

test('an address of a network that nobody advertises', () => {
  expect(notes([router()], ['fd00:78::1', 'fd00:77::2'])).toEqual([
    expect.stringMatching(/^fd00:78::1 is offered .* but through a router\.$/),
  ])
  expect(notes([router({ lifetimeSeconds: 0 })], ['fd00:78::1'])[0]).toMatch(/none of them is a default router\.$/)
})
