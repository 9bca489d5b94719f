/** The two halves hold each other: what the simulator plays, the analysis tells from its packets alone. */
import { inEnglish } from '#messages/text.ts'
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import { scenarioFrom, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

const folder = new URL('../../resources/scenarios/', import.meta.url)
const scenarios = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort() // prettier-ignore

/** What no packet shows, and why. */
const unseen: Readonly<Record<string, string>> = {
  'https-nobody-trusted.yaml enrolled-pc': 'what passes over TLS cannot be read',
  'https-nobody-trusted.yaml new-pc': 'the firmware opens no connection, which may also have passed elsewhere',
  'secure-boot.yaml secure-pc': 'the firmware refuses the program after it was loaded, without a packet',
  'secure-boot-of-2023.yaml old-pc': 'the firmware refuses the program after it was loaded, without a packet',
  'shim-revoked.yaml secure-pc': 'shim switches the machine off before it asks for anything',
  'spanning-tree.yaml bios-pc': 'the port forwards none of its packets',
  'spanning-tree.yaml uefi-pc': 'the port forwards none of its packets',
  'spanning-tree.yaml ipxe-pc': 'the port forwards none of its packets',
  'wrong-vlan.yaml good-pc': 'it is on another wire than the capture',
}

/** How long the wire stays silent before the story is told. */
const silenceNs = 90e9

describe('every scenario is explained as it was played', () => {
  const met = new Set<string>()
  test.each(scenarios)('%s', (name) => {
    const simulation = simulated(scenarioFrom(new URL(name, folder)))
    const session = sessionOfSimulation(simulation)
    for (const { name: client, mac, state, code, because } of simulation.outcomes().slice(0, 12)) {
      const told = session.trace.attempts
        .filter((attempt) => attempt.machine.name === mac)
        .map((attempt) => explainAttempt(session.store, attempt, { nowNs: session.endNs + silenceNs }))
        .filter(({ outcome }) => outcome !== 'idle' && outcome !== 'address')
      const last = told.at(-1)
      const what = `${client}: ${state} ${code} (${inEnglish(because)}) is told as ${last?.outcome}: ${last?.headline}`
      if (`${name} ${client}` in unseen) {
        met.add(`${name} ${client}`)
        expect(last?.outcome, what).not.toBe('failed')
        continue
      }
      if (state === 'booted') expect(['started', 'loaded'], what).toContain(last?.outcome)
      if (state !== 'failed') continue
      expect(last?.outcome, what).toBe('failed')
      if (code !== '' && last!.code)
        expect(
          told.map((one) => one.code?.code),
          what,
        ).toContain(code)
    }
  })
  test('what is said to be unseen is played', () => expect([...met].sort()).toEqual(Object.keys(unseen).sort()))
})
