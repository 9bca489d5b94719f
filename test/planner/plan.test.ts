/** What the rules say of each capability, each server and each site. */
import { expect, test } from 'vitest'
import { plan } from '#shared/planner/plan.ts'
import { worstFirst } from '#shared/planner/rule.ts'
import { readSite } from '#shared/planner/site-text.ts'

const { site, problems } = readSite(`
wants: { pxe: true, multicast: false }
sites: [{ code: CAS, version: 2409 }, { code: P01, version: 2403, parent: CAS }, { code: P02, version: 2403, parent: CAS }]
servers:
  - { name: dp1, site: P01, roles: [distribution-point], iis: false, isSiteServer: false, hasProvider: false, console: none, client: none, pxe: { provider: wds }, wds: { useDhcpPorts: 1 }, dhcp: { option60: true } }
  - { name: mp1, site: P01, roles: [management-point], iis: true, isSiteServer: false, hasProvider: false, console: none, client: none, pxe: none, wds: none, dhcp: none }
  - { name: empty, roles: [], isSiteServer: false, hasProvider: false, console: none, client: none, pxe: none, wds: none, dhcp: none }
collections: [{ name: old, site: P02, clientVersion: 2403, kind: computer }]
`)
const { readiness, servers, sites } = plan(site!)

test('the file is as it should be', () => expect(problems).toEqual([]))

test('each capability that is wanted, with what blocks it first', () => {
  expect(readiness.map((one) => one.capability)).toEqual(['deployment', 'pxe'])
  const { blocking, checks, percent } = readiness[1]!
  expect(blocking).toEqual(['OSD-COHOST-01', 'OSD-COHOST-02'])
  const order = checks.map((one) => (worstFirst as readonly string[]).indexOf(one.state))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(percent).toBe(Math.floor((100 * checks.filter((one) => one.state === 'met').length) / checks.length))
})

test('each server, what stands in its way first; one that no rule is about has no percentage', () => {
  const [dp1, mp1, empty] = servers
  const inTheWay = dp1!.checks.filter((one) => one.state === 'violated').map((one) => one.rule)
  expect(inTheWay).toEqual(['OSD-IIS-01', 'OSD-COHOST-01', 'OSD-COHOST-02'])
  expect(dp1!.checks[0]!.state).toBe('violated')
  expect(mp1).toMatchObject({ percent: 100, checks: [{ rule: 'OSD-IIS-01', state: 'met' }] })
  expect(empty).toEqual({ server: 'empty', percent: undefined, checks: [] })
})

test('each site by what it has', () => {
  expect(sites.map((one) => [one.code, one.violated > 0, one.met > 0])).toEqual([
    ['CAS', false, false],
    ['P01', true, true],
    ['P02', false, true],
  ])
})
