/** What becomes what in place: the matrix, the collections, and a task sequence as its wizard checks it. */
import { describe, expect, test } from 'vitest'
import { collectionUpgrades as upgradesOf } from '#shared/planner/in-place.ts'
import type { Site } from '#shared/planner/site.ts'
import {
  checkSequence as checksOf,
  newSequence,
  sourcesFor,
  summaryOf as summaryPhrases,
  type TaskSequence,
} from '#shared/planner/task-sequence.ts'
import { upgradeMatrix } from '#shared/planner/upgrade-paths.ts'
import { spoken } from '../helpers/spoken.ts'

const collectionUpgrades = (...given: Parameters<typeof upgradesOf>) => spoken(upgradesOf(...given))
const checkSequence = (...given: Parameters<typeof checksOf>) => spoken(checksOf(...given))
const summaryOf = (...given: Parameters<typeof summaryPhrases>) => spoken(summaryPhrases(...given))

test('the matrix, clients and servers', () => {
  const drawn = (kind: 'client' | 'server'): Record<string, string> => Object.fromEntries(
    upgradeMatrix(kind).rows.map(({ source, cells }) => [source.replace('Windows ', ''), cells.map((one) => ({ can: 'y', 'later-build': 'b', cannot: '-' })[one.verdict]).join('')]),
  ) // prettier-ignore
  expect(upgradeMatrix('client').targets).toEqual(['Windows 10', 'Windows 11'])
  expect(drawn('client')).toEqual({ XP: '--', Vista: '--', 7: 'y-', 8: '--', '8.1': 'y-', 10: 'by', 11: '-b' })
  expect(drawn('server')).toEqual({
    'Server 2008 R2': '----', 'Server 2012': 'y---', 'Server 2012 R2': 'yy-y', 'Server 2016': 'byyy', 'Server 2019': '-byy', 'Server 2022': '--by', 'Server 2025': '---b',
  }) // prettier-ignore
})

const windows = {
  operatingSystem: 'Windows 10',
  edition: 'Enterprise',
  architecture: 'x64',
  language: 'en-US',
} as const
const site: Site = {
  sites: [{ code: 'P01', version: '2403' }],
  collections: [
    { name: 'office', site: 'P01', ...windows },
    { name: 'paris', site: 'P01', ...windows, language: 'fr-FR' },
    { name: 'old', site: 'P01', operatingSystem: 'Windows 8' },
    { name: 'new', site: 'P01', ...windows, operatingSystem: 'Windows 11', build: 22000 },
    { name: 'open', site: 'P01' },
  ],
  upgradePackages: [
    { name: 'eleven', ...windows, operatingSystem: 'Windows 11', build: 22631, editions: ['Education', 'Enterprise'] },
    { name: 'server', operatingSystem: 'Windows Server 2022' },
  ],
  featureUpdates: [{ name: '23H2', operatingSystem: 'Windows 11', build: 22631 }],
  taskSequences: [{ name: 'to UEFI', kind: 'upgrade', collection: 'office', changes: ['UEFI'] }],
}

test('each collection by each package and feature update', () => {
  const told = Object.fromEntries(collectionUpgrades(site).map((one) => [one.collection, one]))
  const states = (name: string): string[] => told[name]!.targets.map((one) => `${one.name} ${one.state}`)
  expect(states('office')).toEqual(['eleven met', 'server violated', '23H2 met'])
  expect(states('paris')).toEqual(['eleven violated', 'server violated', '23H2 met'])
  expect(told['paris']!.targets[0]!.reasons).toEqual(['language: clients fr-FR, package en-US'])
  expect(states('old')).toEqual(['eleven violated', 'server violated', '23H2 violated'])
  expect(told['old']!.targets[0]!.reasons).toEqual(['Windows 8 cannot be upgraded in place.'])
  expect(states('new')).toEqual(['eleven met', 'server violated', '23H2 met'])
  expect(told['open']!.targets[2]).toMatchObject({
    state: 'unknown',
    needs: ['collections[4].operatingSystem', 'collections[4].architecture'],
  })
  expect(told['office']!.traditional).toMatchObject([
    { name: 'to UEFI', reasons: ['The task sequence changes: UEFI.'] },
  ])
})

describe('the wizard', () => {
  const filled: TaskSequence = { ...newSequence('Upgrade'), site: 'P01', collection: 'office', upgradePackage: 'eleven', editionIndex: 2, productKey: '', ignoreMessages: false, updates: 'none', applications: [], reviewed: true, deployment: 'software-center' } // prettier-ignore
  const check = (more: Partial<TaskSequence>, of: Site = site) =>
    checkSequence(of, { ...filled, ...more }, of.taskSequences?.length ?? 0)

  test('one that is complete wants no more than the distribution point', () => {
    const { fields, open } = check({})
    expect(fields).toEqual({})
    expect(open.map((one) => one.id)).toEqual(['IPU-06'])
  })

  test.each([
    ['name', { name: ' ' }, /requires a name/],
    ['name', { name: 'to UEFI' }, /Another task sequence/],
    ['productKey', { productKey: 'AAAAA-BBBBB' }, /five groups/],
    ['editionIndex', { editionIndex: 3 }, /Edition index 3 is not in the package, which has 2 editions/],
    ['ignoreMessages', { upgradePackage: 'server', collection: undefined }, /The option is not selected\. Select it/],
    ['changes', { changes: ['partitions'] }, /The task sequence changes: partitions/],
    ['steps', { steps: ['Upgrade OS'] }, /Upgrade OS is the last step/],
    ['restartTo', { restartTo: 'windows-pe' }, /restarts to Windows PE/],
    ['bootImage', { standAloneMedia: true, bootImage: false }, /has no boot image/],
    ['standAloneMedia', { upgradePackage: undefined, featureUpdate: '23H2', standAloneMedia: true }, /0x80070490/],
    ['applications', { applications: ['Editor'] }, /Not in the console: Editor/],
  ] as const)('%s: %j', (field, more, told) => {
    expect(check(more as Partial<TaskSequence>, { ...site, catalogue: [] }).fields[field]).toMatch(told)
  })

  test('what is not stated is named by the place that the sequence will have', () => {
    const rule = check({ reviewed: undefined }).open.find((one) => one.id === 'IPU-10')!
    expect(rule.items[0]!.needs).toEqual(['taskSequences[1].reviewed'])
  })

  test('feature updates by the version of the site', () => {
    const at = (version: string) => sourcesFor({ sites: [{ code: 'P01', version }] }, filled)
    expect(at('2010')).toEqual({ featureUpdates: false, packageNeeded: true })
    expect(at('2103')).toEqual({ featureUpdates: true, packageNeeded: true })
    expect(at('2107')).toEqual({ featureUpdates: true, packageNeeded: false })
    expect(sourcesFor({}, newSequence('x'))).toEqual({ featureUpdates: undefined, packageNeeded: undefined })
  })

  test('the summary names the edition and keeps the product key', () => {
    const told = Object.fromEntries(summaryOf(site, { ...filled, productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', applications: ['a', 'b'], continueOnFailure: true })) // prettier-ignore
    expect(told).toMatchObject({
      'Edition index': '2 (Enterprise)',
      'Product key': 'AAAAA-…',
      Applications: 'a → b (continue if one fails)',
      'Restarts to': 'the currently installed default operating system',
    })
  })

  const whole = { name: 'x', kind: 'upgrade' } as unknown as TaskSequence
  test.each<[label: string, Partial<TaskSequence>, string | undefined]>([
    ['Name', { name: '' }, 'not stated'],
    ['Name', {}, 'x'],
    ['Description', {}, undefined],
    ['Description', { description: 'why' }, 'why'],
    ['For', {}, 'not stated'],
    ['For', { collection: 'all' }, 'all'],
    ['Upgrades with', {}, 'not stated'],
    ['Upgrades with', { upgradePackage: 'p' }, 'package p'],
    ['Upgrades with', { featureUpdate: '23H2' }, 'feature update 23H2'],
    ['Edition index', {}, 'not stated'],
    ['Edition index', { editionIndex: 9 }, '9'],
    ['Edition index', { featureUpdate: '23H2' }, undefined],
    ['Product key', {}, 'not stated'],
    ['Product key', { productKey: '' }, 'none (volume licence)'],
    ['Product key', { featureUpdate: '23H2' }, undefined],
    ['Ignore dismissable compatibility messages', {}, 'not stated'],
    ['Ignore dismissable compatibility messages', { ignoreMessages: true }, 'yes'],
    ['Ignore dismissable compatibility messages', { ignoreMessages: false }, 'no'],
    ['Updates', {}, 'not stated'],
    ['Updates', { updates: 'none' }, 'No updates'],
    ['Updates', { updates: 'all' }, 'All updates, of those targeted to the collections of the device'],
    ['Updates', { updates: 'required' }, 'Required updates, of those targeted to the collections of the device'],
    ['Applications', {}, 'not stated'],
    ['Applications', { applications: [] }, 'none'],
    ['Applications', { applications: ['a'] }, 'a'],
    ['Applications', { applications: ['a', 'b'] }, 'a → b (what happens when one fails is not stated)'],
    ['Applications', { applications: ['a', 'b'], continueOnFailure: false }, 'a → b (stop if one fails)'],
    ['Steps', {}, 'not stated'],
    ['Steps', { steps: [] }, 'none'],
    ['Steps', { steps: ['a', 'b'] }, 'a, b'],
    ['Restarts to', {}, 'not stated'],
    ['Restarts to', { restartTo: 'windows-pe' }, 'Windows PE'],
    ['Deployed with', {}, 'not stated'],
    ['Deployed with', { deployment: 'software-center' }, 'Software Center'],
    ['Deployed with', { deployment: 'phased' }, 'a phased deployment'],
    ['Deployed with', { deployment: 'stand-alone media' }, 'stand-alone media'],
  ])('%s of %j: %s', (label, more, value) => {
    expect(summaryOf({}, { ...whole, ...more }).find(([one]) => one === label)?.[1]).toBe(value)
  })
})
