/** The upgrade of a hierarchy: its order, and what is not safe at each step. */
import { describe, expect, test } from 'vitest'
import { readSite } from '#shared/planner/site-text.ts'
import { upgradeTimeline as timelineOf, type Timeline as TimelinePhrases } from '#shared/planner/timeline.ts'
import { spoken, type Spoken } from '../helpers/spoken.ts'

type Timeline = Spoken<TimelinePhrases>
const upgradeTimeline = (...given: Parameters<typeof timelineOf>): Timeline => spoken(timelineOf(...given))

const site = (text: string) => {
  const { site: read, problems } = readSite(text)
  expect(problems).toEqual([])
  return read!
}
const hierarchy = site(`
sites:
  - { code: SEC, role: secondary, version: 2403, parent: P01 }
  - { code: P01, role: primary, version: 2403, parent: CAS }
  - { code: CAS, role: central, version: 2403 }
  - { code: P02, role: primary, version: 2403, parent: CAS }
orchestrationGroups: true
servers:
  - { name: admin, site: P01, roles: [], client: none, console: { version: 2403, also: [] } }
  - { name: cas, site: CAS, roles: [], client: none, console: { version: 2403, also: [] } }
bootImages: [{ name: ours, kind: custom, updated: true, isCurrent: true }]
media: [{ name: stick, dynamic: true, rebuilt: true }]
collections:
  - { name: branch, site: P01, clientVersion: 2403, kind: computer }
taskSequences:
  - { name: install, site: CAS, collection: branch, newestStep: 2403, clientPackage: custom, clientPackageCurrent: true }
`)
const stepOf = (timeline: Timeline, title: string) => timeline.steps.find((one) => one.title === title)!
const unsafeAt = (timeline: Timeline, title: string): string[] =>
  stepOf(timeline, title).areas.flatMap((area) =>
    area.unsafe.map((one) => `${area.area}: ${one.rule} until ${one.until}`),
  )

describe('from one version to a newer one', () => {
  const timeline = upgradeTimeline(hierarchy, '2409')

  test('the top-level site goes first, each site after that above it, and the work by hand last', () => {
    expect(timeline.steps.map((one) => one.title)).toEqual([
      'Now', 'CAS to 2409', 'Consoles of CAS', 'P01 to 2409', 'Consoles of P01', 'Clients of P01', 'P02 to 2409', 'SEC to 2409', 'By hand',
    ]) // prettier-ignore
    expect(stepOf(timeline, 'SEC to 2409').tasks).toEqual([
      'Upgrade the secondary site SEC in the console of its parent site.',
    ])
    expect(timeline.steps.map((one) => one.isMixed)).toEqual([false, true, true, true, true, true, true, false, false])
  })

  test('nothing is unsafe before, and nothing after', () => {
    expect([unsafeAt(timeline, 'Now'), unsafeAt(timeline, 'By hand')]).toEqual([[], []])
  })

  test('what the first step breaks, and the step that makes it good again', () => {
    expect(unsafeAt(timeline, 'CAS to 2409').sort()).toEqual([
      'Boot images: INT-BOOT-02 until By hand',
      'Boot images: INT-BOOT-04 until By hand',
      'Consoles: VER-14 until Consoles of CAS',
      'Media: INT-BOOT-03 until SEC to 2409',
      'Media: INT-MEDIA-01 until By hand',
      'Orchestration groups: VER-12 until SEC to 2409',
    ])
    // While its clients are at a site of the old version, the old client in a package is the right one.
    expect(unsafeAt(timeline, 'P01 to 2409')).toContain('Client packages: INT-PKG-02 until By hand')
  })

  test('a console of the old version is unsafe from the upgrade of its site on, and no longer', () => {
    expect(unsafeAt(timeline, 'P01 to 2409')).toContain('Consoles: VER-14 until Consoles of P01')
    expect(unsafeAt(timeline, 'Consoles of P01').filter((one) => one.startsWith('Consoles: VER-14'))).toEqual([])
    // Each console shows the secondary site as well, which is older until the end.
    expect(unsafeAt(timeline, 'Consoles of P01')).toContain('Consoles: VER-16 until SEC to 2409')
  })

  test('the work by hand names what it is about', () => {
    expect(stepOf(timeline, 'By hand').tasks).toEqual([
      'Update these boot images with the new client and Windows PE, check their customisations, and distribute them: ours.',
      'Create this media again: stick.',
      'Put the new client into the custom client packages of: install.',
    ])
  })
})

test('in the middle of an upgrade it goes on where it stands', () => {
  const timeline = upgradeTimeline(
    site('sites: [{ code: CAS, version: 2409 }, { code: P01, version: 2403, parent: CAS }]'),
  )
  expect(timeline).toMatchObject({ target: '2409', warnings: [] })
  expect(timeline.steps.map((one) => one.title)).toEqual(['Now', 'P01 to 2409'])
})

test('a site newer than that above it, and one that would have to go back', () => {
  const sites = site('sites: [{ code: CAS, version: 2403 }, { code: P01, version: 2409, parent: CAS }]')
  expect(upgradeTimeline(sites).warnings).toEqual([
    'P01 (2409) is newer than its parent CAS (2403): the top-level site must be updated first.',
  ])
  expect(upgradeTimeline(sites, '2403').warnings).toContain('P01 already runs 2409; a site cannot go back to 2403.')
  expect(upgradeTimeline(sites, '2403').steps.map((one) => one.title)).toEqual(['Now'])
})

test('from 2012 default boot images serve sites of current branch only', () => {
  const timeline = upgradeTimeline(
    site(`
upgrade: from-2012
sites: [{ code: CAS, version: 2012 R2 }, { code: P01, version: 2012 R2, parent: CAS }]
bootImages: [{ name: Boot image (x64), kind: default }]
taskSequences: [{ name: t, site: P01, bootImage: true }]
`),
    '2403',
  )
  expect(unsafeAt(timeline, 'CAS to 2403')).toContain('Boot images: VER-08 until P01 to 2403')
})

test('without sites, without versions, in a circle', () => {
  expect(upgradeTimeline({}).steps).toHaveLength(1)
  expect(upgradeTimeline({ sites: [{ code: 'P01' }] })).toMatchObject({ target: undefined, steps: [{ title: 'Now' }] })
  // A file that says so is refused; this ends all the same.
  const circle = { sites: [{ code: 'A01', version: '2403', parent: 'B01' }, { code: 'B01', version: '2403', parent: 'A01' }] } // prettier-ignore
  expect(upgradeTimeline(circle, '2409').steps.map((one) => one.title)).toEqual(['Now', 'A01 to 2409', 'B01 to 2409'])
  // What is not stated is asked for, not assumed.
  const open = stepOf(upgradeTimeline(site('sites: [{ code: P01, version: 2403 }]\nmedia: [{ name: m }]')), 'Now')
  expect(open.areas.find((one) => one.area === 'Media')).toMatchObject({
    state: 'unknown',
    needs: ['media[0].rebuilt'],
  })
})
