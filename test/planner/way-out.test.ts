/** What depends on WDS and MDT, and what takes its place: the table, each thing a site can have, and what the lab shows. */
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { exportPlan } from '#shared/planner/export.ts'
import { plan } from '#shared/planner/plan.ts'
import { readSite } from '#shared/planner/site-text.ts'
import { wayOut as wayOutPhrases } from '#shared/planner/way-out.ts'
import type { OperatingSystem } from '#shared/planner/upgrade-paths.ts'
import { wdsSupport, type WdsSupport } from '#shared/planner/wds-support.ts'
import { spoken } from '../helpers/spoken.ts'

const wayOut = (...given: Parameters<typeof wayOutPhrases>) => spoken(wayOutPhrases(...given))

const read = (text: string) => {
  const { site, problems } = readSite(text)
  expect(problems).toEqual([])
  return site!
}
const of = (fields: string) => wayOut(read(`wdsDeployments: [{ name: d, ${fields} }]`))[0]!

const bootSources = ['Windows 10', 'Windows Server 2016', 'Windows Server 2019', 'Windows Server 2022', 'Windows 11'] as const // prettier-ignore

test.each([
  // The table has a row for what is deployed and a column for where the boot.wim comes from.
  ...['supported', 'supported', 'supported', 'not supported', 'not supported'].map(
    (one, at) => [bootSources[at], 'Windows 10', one] as const,
  ),
  ...['supported', 'supported', 'not supported', 'not supported', 'not supported'].map(
    (one, at) => [bootSources[at], 'Windows Server 2016', one] as const,
  ),
  ...['supported', 'supported', 'supported', 'not supported', 'not supported'].map(
    (one, at) => [bootSources[at], 'Windows Server 2019', one] as const,
  ),
  ...['deprecated', 'deprecated', 'deprecated', 'deprecated', 'not supported'].map(
    (one, at) => [bootSources[at], 'Windows Server 2022', one] as const,
  ),
  ...bootSources.map((one) => [one, 'Windows Server 2025', 'not supported'] as const),
  ...bootSources.map((one) => [one, 'Windows 11', 'blocked'] as const),
  ['Windows Server 2025', 'Windows Server 2025', 'blocked'],
  ['Windows Server 2025', 'Windows 10', 'blocked'],
  ['Windows 8.1', 'Windows 11', 'blocked'],
  ['Windows 10', 'Windows 7', 'supported'],
  ['Windows 8.1', 'Windows 7', 'supported'],
  ['Windows 8.1', 'Windows 10', 'not supported'],
  ['Windows XP', 'Windows 10', undefined],
  [undefined, 'Windows 10', undefined],
  ['Windows 10', undefined, undefined],
] as readonly (readonly [OperatingSystem | undefined, OperatingSystem | undefined, WdsSupport | undefined])[])(
  'boot.wim of %s, deploying %s: %s',
  (boot, target, support) => {
    expect(wdsSupport(boot, target)).toBe(support)
  },
)

describe('what there is', () => {
  test.each([
    ['bootImage: installation-media, bootOperatingSystem: Windows 11, operatingSystem: Windows 11', 'ends', /is blocked/],
    ['bootImage: installation-media, bootOperatingSystem: Windows 10, operatingSystem: Windows Server 2022', 'deprecated', /notice/],
    ['bootImage: installation-media, bootOperatingSystem: Windows 10, operatingSystem: Windows 10', 'goes on', /is supported/],
    ['bootImage: installation-media, bootOperatingSystem: Windows 10, operatingSystem: Windows 10, handsFree: true', 'ends', /CVE-2026-0386/],
    ['bootImage: custom, operatingSystem: Windows 11', 'goes on', /not affected/],
    ['bootImage: custom, operatingSystem: Windows 11, handsFree: true', 'ends', /answer file/],
    ['bootImage: mdt, operatingSystem: Windows 11', 'ends', /retired/],
    ['bootImage: installation-media, operatingSystem: Windows 11', 'unknown', /depends/],
  ] as const)('%s: %s', (fields, state, says) => {
    const told = of(fields)
    expect(told).toMatchObject({ state, says: expect.stringMatching(says) })
    expect(told.needs.length > 0).toBe(state === 'unknown')
    expect(told.replacements.length).toBeGreaterThan(2)
  }) // prettier-ignore

  test('WDS for Configuration Manager goes on, and the responder takes its place; DHCP and multicast are minded', () => {
    const [told, ...more] = wayOut(
      read(
        'servers: [{ name: dp1, roles: [distribution-point], pxe: { provider: wds, multicast: true }, wds: {}, dhcp: {} }]',
      ),
    )
    expect(more).toEqual([])
    expect(told).toMatchObject({ subject: 'dp1', state: 'goes on' })
    const text = told!.replacements.flatMap((one) => [...one.steps, ...one.lab.map(({ command }) => command)]).join(' ')
    for (const word of ['multicast', 'DoNotListenOnDhcpPort', 'simulate responder-and-dhcp'])
      expect(text).toContain(word)
  })

  test('WDS of a site server, which is there for a distribution point, is none of its own', () => {
    const point = '{ name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], pxe: { provider: wds }, wds: {} }'
    const server = (name: string, site: string) => `{ name: ${name}, site: ${site}, isSiteServer: true, roles: [], pxe: none, wds: {} }`
    const text = `sites: [{ code: P01, role: primary }, { code: P02, role: primary }]\nservers: [${point}, ${server('cm1', 'P01')}, ${server('cm2', 'P02')}]`
    expect(wayOut(read(text)).map((one) => [one.subject, one.state])).toEqual([['dp1', 'goes on'], ['cm2', 'unknown']])
  }) // prettier-ignore

  test('WDS alone is asked what it deploys; one that is disabled is not', () => {
    const text = 'servers: [{ name: wds1, roles: [], pxe: none, wds: {} }, { name: off, roles: [], pxe: none, wds: { enabled: false } }]'
    expect(wayOut(read(text))).toMatchObject([{ subject: 'wds1', state: 'unknown', needs: ['wdsDeployments'] }])
    const more = `${text}\nwdsDeployments: [{ name: lab, server: wds1, bootImage: custom }]`
    expect(wayOut(read(more)).map((one) => one.subject)).toEqual(['lab'])
    expect(readSite('servers: [{ name: a }]\nwdsDeployments: [{ name: d, server: b }]').problems).toMatchObject([{ field: 'wdsDeployments[0].server' }])
  }) // prettier-ignore

  test('a site with Configuration Manager is led there first, and MDT is told of the site', () => {
    const [told] = wayOut(read('sites: [{ code: P01 }]\nmdt: true'))
    expect(told).toMatchObject({ subject: 'the site', state: 'ends' })
    expect(told!.replacements[0]!.title).toContain('Configuration Manager')
    expect(wayOut(read('mdt: true'))[0]!.replacements[0]!.title).not.toContain('Configuration Manager')
    expect(wayOut({})).toEqual([])
  })
})

test('each command shows something: its scenario is in the library', () => {
  const all = [
    ...of('bootImage: mdt').replacements,
    ...wayOut(read('servers: [{ name: dp1, pxe: { provider: wds }, dhcp: {} }]'))[0]!.replacements,
  ]
  const scenarios = all.flatMap(({ lab }) => lab.flatMap(({ command }) => /^pxe-lab simulate (\S+)$/.exec(command)?.[1] ?? []))
  expect(scenarios.length).toBeGreaterThan(5)
  for (const one of scenarios) expect(existsSync(new URL(`../../resources/scenarios/${one}.yaml`, import.meta.url))).toBe(true)
}) // prettier-ignore

test('it is part of the plan and of its documents', () => {
  const judged = plan(read('name: s\nmdt: true\nwdsDeployments: [{ name: <d>, bootImage: mdt }]'))
  expect(judged.wayOut).toHaveLength(2)
  expect(exportPlan(judged, 's', 'md')).toMatch(/## Leaving WDS and MDT\n\n- <d>: .* Ends\. MDT was retired/)
  expect(exportPlan(judged, 's', 'html')).toMatch(/<h2>Leaving WDS and MDT<\/h2><p [^>]*>&lt;d&gt;: /)
  expect(exportPlan(plan({}), 's', 'md')).not.toContain('Leaving')
})
