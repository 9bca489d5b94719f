/**
 * The planner on a large site: 200 site systems, 2,000 collections of clients, 200 task sequences. Judging is told beside
 * reading the same file (YAML and its schema), which has to be done once; no peer judges the same.
 */
import { stringify } from 'yaml'
import { collectionUpgrades } from '#shared/planner/in-place.ts'
import { plan } from '#shared/planner/plan.ts'
import { readSite } from '#shared/planner/site-text.ts'
import { upgradeTimeline } from '#shared/planner/timeline.ts'
import { benchPlannerWindow } from './planner-window.ts'

const aimMs = 200
const rounds = 5
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** Half of everything is as it should be, so that neither side is judged without its words. */
export const largeSite = {
  name: 'Large',
  wants: { pxe: true, multicast: true, userState: true, updates: true, reports: true },
  upgrade: 'in-console',
  sites: [
    { code: 'CAS', role: 'central', version: '2409' },
    ...many(20, (index) => ({ code: `P${String(index).padStart(2, '0')}`, role: 'primary', version: index % 2 ? '2409' : '2403', parent: 'CAS' })),
  ],
  servers: many(200, (index) => ({
    name: `srv${index}`,
    site: `P${String(index % 20).padStart(2, '0')}`,
    isSiteServer: index < 21,
    hasProvider: index < 21,
    roles: ['distribution-point', 'management-point'],
    iis: index % 2 === 0,
    domain: 'member',
    ports: [67, 69, 4011],
    pxe: { provider: index % 2 ? 'wds' : 'responder', multicast: false },
    wds: { byAdministrator: true, useDhcpPorts: index % 2, dns: true },
    dhcp: index % 3 ? 'none' : { activeScope: true, option60: true, needsAuthorisation: false },
    console: { version: '2409', also: [] },
  })),
  collections: many(2000, (index) => ({ name: `c${index}`, site: `P${String(index % 20).padStart(2, '0')}`, clientVersion: '2403', kind: 'computer', operatingSystem: 'Windows 10', edition: 'Enterprise', architecture: 'x64', language: index % 2 ? 'en-US' : 'de-DE' })),
  upgradePackages: [{ name: 'eleven', operatingSystem: 'Windows 11', edition: 'Enterprise', architecture: 'x64', language: 'en-US' }],
  taskSequences: many(200, (index) => ({ name: `t${index}`, kind: 'upgrade', site: 'CAS', collection: `c${index}`, upgradePackage: 'eleven', newestStep: '2409', steps: ['Upgrade OS', 'Restart Computer'], restartTo: 'installed', changes: [] })),
} // prettier-ignore

const best = (work: () => unknown): number =>
  Math.min(
    ...many(rounds, () => {
      const start = performance.now()
      work()
      return performance.now() - start
    }),
  )

export async function benchPlanner(): Promise<void> {
  const text = stringify(largeSite)
  const read = readSite(text)
  if (!read.site) throw new Error(JSON.stringify(read.problems.slice(0, 3)))
  const large = read.site
  const say = (name: string, ms: number, rest: string): void => void process.stdout.write(`${name}: ${ms.toFixed(0)} ms${rest}\n`) // prettier-ignore
  const reading = best(() => readSite(text))
  const judging = best(() => plan(large))
  say('planner, reading', reading, ` (${(text.length / 1e6).toFixed(1)} MB)`)
  say('planner, judging', judging, `, aim ${aimMs} ms, ${(judging / reading).toFixed(2)} of reading${judging > aimMs ? '  NOT MET' : ''}`) // prettier-ignore
  say(
    'planner, upgrade of 21 sites',
    best(() => upgradeTimeline(large, '2503')),
    '',
  )
  say(
    'planner, 2,000 collections in place',
    best(() => collectionUpgrades(large)),
    '',
  )
  await benchPlannerWindow(text)
}
