/** What a lab is exported as says the same when it is read again: each client is offered what the lab offers it. */
import { expect, test } from 'vitest'
import { readConfiguration } from '#shared/interchange/read.ts'
import { writeDhcpd } from '#shared/interchange/writers/dhcpd.ts'
import { writeDnsmasq } from '#shared/interchange/writers/dnsmasq.ts'
import { writeKea } from '#shared/interchange/writers/kea.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import type { Exported, ServicePlan } from '#shared/interchange/writers/plan.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { differences, isTold, type RunningEngine } from '../helpers/export-engines.ts'
import { clientsOf, labOf, offersOf, server } from '../helpers/export-labs.ts'
import { repliesOf } from '../helpers/import-engines.ts'

const count = Number(process.env['PXE_LAB_EXPORT_LABS'] ?? 30)
const first = Number(process.env['PXE_LAB_EXPORT_SEED'] ?? 1)

/** Whom a lease is for and on which wire it answers, which a reading tells and does not follow. */
const told = /^("match-client-id"|"host-reservation-identifiers"|interface=|dhcp-ignore-clid)/

test.each<[RunningEngine, (plan: ServicePlan) => Exported]>([
  ['kea', (plan) => writeKea(plan, { version: '2.2' })],
  ['dnsmasq', (plan) => writeDnsmasq(plan)],
  ['dhcpd', writeDhcpd],
])('%s', (engine, write) => {
  let compared = 0
  for (let seed = first; seed < first + count; seed++) {
    const lab = labOf(seed)
    const clients = clientsOf(seed, lab)
    const ours = offersOf(lab, clients)
    const exported = write(planOfLab({ lab, addresses: [parseIpv4(server)!], lineOf: () => 0 }))
    const configuration = readConfiguration(exported.files[0]!)!
    expect(
      configuration.notUnderstood.filter(({ text }) => !told.test(text)),
      `seed ${seed}`,
    ).toEqual([])
    const read = repliesOf(configuration, clients)
    for (const [at, { name }] of clients.entries()) {
      compared++
      const untold = differences(lab, ours[at], read[at]).filter((one) => !isTold(engine, one, exported))
      expect(untold, `seed ${seed}, ${name}`).toEqual([])
    }
  }
  expect(compared).toBeGreaterThan(count * 10)
})
