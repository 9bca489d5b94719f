/** What the rules say of each capability, each server and each site. */
import { expect, test } from 'vitest'
import { plan } from '#shared/planner/plan.ts'
import { readSite } from '#shared/planner/site-text.ts'

const { site, problems } = readSite(`
wants: { pxe: true, multicast: false }
sites: [{ code: CAS, version: 2409 }, { code: P01, version: 2403, parent: CAS }, { code: P02, version: 2403, parent: CAS }]
servers:
  - { name: dp1, site: P01, roles: [distribution-point], iis: false, isSiteServer: false, hasProvider: false, console: none, client: none, pxe: { provider: wds, option82: false }, wds: { useDhcpPorts: 1 }, dhcp: { option60: true } }
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
  // The worst first, each in the order of the documents: two of eleven are met.
  expect(percent).toBe(18)
  expect(checks.map((one) => `${one.id} ${one.state}`)).toEqual([
    'OSD-COHOST-01 violated',
    'OSD-COHOST-02 violated',
    'OSD-DHCP-01 unknown',
    'OSD-DNS-01 unknown',
    'OSD-WDS-01 unknown',
    'OSD-WDS-02 unknown',
    'OSD-WDS-03 unknown',
    'OSD-PORT-01 unknown',
    'OSD-PORT-02 unknown',
    'OSD-PXE-02 met',
    'OSD-COHOST-03 met',
  ])
})

test('each server, what stands in its way first; one that no rule is about has no percentage', () => {
  const [dp1, mp1, empty] = servers
  const inTheWay = dp1!.checks.filter((one) => one.state === 'violated').map((one) => one.rule)
  expect(inTheWay).toEqual(['OSD-IIS-01', 'OSD-COHOST-01', 'OSD-COHOST-02'])
  expect(dp1).toMatchObject({ percent: 20 })
  expect(dp1!.checks.map((one) => one.state)).toEqual(['violated', 'violated', 'violated', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown', 'met', 'met']) // prettier-ignore
  expect(mp1).toMatchObject({ percent: 100, checks: [{ rule: 'OSD-IIS-01', state: 'met' }] })
  expect(empty).toEqual({ server: 'empty', percent: undefined, checks: [] })
})

test('each site by what it has', () => {
  expect(sites).toEqual([
    { code: 'CAS', violated: 0, unknown: 0, met: 0 },
    { code: 'P01', violated: 3, unknown: 5, met: 3 },
    { code: 'P02', violated: 0, unknown: 1, met: 4 },
  ])
})

test('a site that says of nothing what it is to do is judged by what every deployment needs', () => {
  const { readiness: told } = plan({ ...site!, wants: undefined })
  expect(told.map((one) => one.capability)).toEqual(['deployment'])
  const all = plan({ ...site!, wants: { pxe: true, multicast: true, userState: true, updates: true, reports: true } })
  expect(all.readiness.map((one) => one.capability)).toEqual(['deployment', 'pxe', 'multicast', 'userState', 'updates', 'reports']) // prettier-ignore
})
