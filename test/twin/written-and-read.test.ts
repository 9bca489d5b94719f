/** Labs at random, written for an engine and read back: each machine ends as it does with the lab itself. */
import { inEnglish } from '#messages/text.ts'
import { expect, test } from 'vitest'
import { readConfiguration } from '#shared/interchange/read.ts'
import { writeDnsmasq } from '#shared/interchange/writers/dnsmasq.ts'
import { writeKea } from '#shared/interchange/writers/kea.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import type { Exported, ServicePlan } from '#shared/interchange/writers/plan.ts'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import { scenarioSchema, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { plainMachines } from '#shared/twin/boot-targets.ts'
import { assemble } from '#shared/twin/network.ts'
import { scenarioOfScope } from '#shared/twin/scope-scenario.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { labOf, local, server } from '../helpers/export-labs.ts'

/** What both engines and the responder say alike, without what the export tells to be otherwise. */
function plain(seed: number): Lab {
  const { dhcp, boot, ...lab } = labOf(seed)
  const { menu: _, ...programs } = boot
  return labSchema.parse({
    ...lab,
    clients: { allow: [], deny: [] },
    http: { enabled: false },
    dhcp: { ...dhcp, vendorClass: 'none', options: {}, architectures: {}, subnets: dhcp.subnets.map((one) => ({ ...one, options: {}, reservations: [] })) },
    boot: { ...programs, programs: boot.programs.filter((one) => one.raspberryPi === undefined && one.protocol === undefined && one.rootPath === undefined && !/[, \\]|long/.test(one.file)) },
  })
} // prettier-ignore

function ends(input: ScenarioInput): string {
  const simulation = new Simulation(scenarioSchema.parse(input), { record: true, frameLimit: 0 })
  simulation.run()
  const asked = simulation.moments.flatMap(({ event }) => (event.type === 'stage' && event.stage === 'file' ? [event.text] : [])) // prettier-ignore
  const [end] = simulation.outcomes()
  return `${end!.state} ${end!.code} ${asked.map(inEnglish).join(', ')}`
}

const writers: readonly (readonly [string, (plan: ServicePlan) => Exported])[] = [
  ['kea', (plan) => writeKea(plan, { version: '2.6' })],
  ['dnsmasq', (plan) => writeDnsmasq(plan)],
]

for (const [engine, write] of writers)
  test(`${engine}: a lab that is written and read back boots what the lab boots`, () => {
    let booted = 0
    for (let seed = 1; seed <= 30; seed++) {
      const lab = plain(seed)
      const [written] = write(planOfLab({ lab, addresses: [parseIpv4(server)!], lineOf: () => 0 })).files
      const file = { name: written!.name, text: written!.text }
      const network = assemble([{ file, configuration: readConfiguration(file)!, told: parseIpv4(server) }], [])
      const scope = network.scopes.find((one) => one.network === local)!
      for (const machine of plainMachines().filter(({ kind }) => !kind.isHttp)) {
        const { scenario } = scenarioOfScope(scope, [machine])
        const hosts = Object.entries(scenario.hosts ?? {}).map(([key, host]) => {
          if (!('engine' in (host.services as object))) return [key, host] as const
          return [key, { ...host, services: { responder: { type: 'responder', lab: { ...lab, interface: 'clients' } } } }] as const
        })
        const mine = ends({ ...scenario, hosts: Object.fromEntries(hosts) })
        // The responder serves TFTP itself; beside an engine another program does.
        const served = Object.entries(scenario.hosts ?? {}).map(([key, host]) => ('engine' in (host.services as object) ? ([key, { ...host, services: { tftp: { type: 'tftp' }, ...(host.services as object) } }] as const) : ([key, host] as const)))
        const theirs = ends({ ...scenario, hosts: Object.fromEntries(served) })
        if (theirs.startsWith('booted')) booted++
        expect(theirs, `seed ${seed}, ${machine.title}\n${JSON.stringify(lab.boot.programs)}`).toBe(mine)
      }
    }
    expect(booted).toBeGreaterThan(10)
  }, 120_000) // prettier-ignore
