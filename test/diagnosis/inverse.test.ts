/**
 * The diagnosis backwards: the space is what the simulator gives; the symptom alone keeps the true cause of every row of the matrix and
 * of every fault scenario; answering truly leads to it in at most five questions; and its fix boots.
 */
import type { Phrase } from '#messages/message.ts'
import { textOf } from '#messages/text.ts'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { allRows, computeEntry, keyOfRow, matrixClients, scenarioOfRow } from '#shared/diagnosis/co-hosting.ts'
import { buildSpace, networkOfRow, playMachines } from '#shared/diagnosis/inverse/build-space.ts'
import { evidenceOfCapture } from '#shared/diagnosis/inverse/capture.ts'
import {
  evidenceOfAnswer,
  evidenceOfCode,
  knownCodes,
  remaining,
  stateOf,
  type Evidence,
  type State,
} from '#shared/diagnosis/inverse/dialogue.ts'
import { evidenceOfFacts } from '#shared/diagnosis/inverse/facts.ts'
import {
  answerText,
  observation,
  observationIds,
  observations,
  type ObservationId,
} from '#shared/diagnosis/inverse/observations.ts'
import {
  readSpace,
  spaceText,
  writeSpace,
  type Candidate,
  type Space,
  type SpaceFile,
} from '#shared/diagnosis/inverse/space.ts'
import { verifyFix } from '#shared/diagnosis/inverse/verify.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { scenarioSchema, type Scenario, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { Session } from '#shared/trace/session.ts'
import { sessionOfSimulation, simulated } from '../helpers/simulate.ts' // prettier-ignore

const folder = new URL('../../resources/scenarios/', import.meta.url)
const scenarios = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => [name.slice(0, -5), parse(readFileSync(new URL(name, folder), 'utf8')) as ScenarioInput]),
)
const kept = readFileSync(new URL('../../resources/ask.json', import.meta.url), 'utf8')
const space: Space = readSpace(JSON.parse(kept) as SpaceFile)
const failing = space.candidates.filter(({ answers }) => answers.outcome === 'fails')
const nameOf = ({ setup, client }: Candidate): string => `${setup.id} ${client}`

/** The symptom that a person has: what stands on the screen. */
function symptomOf({ answers }: Candidate): Evidence {
  const code = answers.screen.split(' ').find((word) => knownCodes(space).includes(word) && word !== 'PXE-M0F')
  const evidence = code === undefined ? evidenceOfAnswer('screen', answers.screen) : evidenceOfCode(space, code)
  if ('problem' in evidence) throw new Error(textOf(evidence.problem))
  return evidence
}

/** Asks until one cause is left, and answers what is true of a machine; returns the last state and how many were asked. */
function answeredTruly(candidate: Candidate, symptom: readonly Evidence[]): { state: State; asked: ObservationId[] } {
  const evidence = [...symptom]
  const asked: ObservationId[] = []
  for (;;) {
    const state = stateOf(space, evidence)
    const [question] = state.questions
    if (state.kind !== 'several' || !question) return { state, asked }
    asked.push(question.id)
    evidence.push(evidenceOfAnswer(question.id, candidate.answers[question.id]))
  }
}

describe('the space', () => {
  test('is what the simulator gives', () => {
    expect(spaceText(writeSpace(buildSpace(scenarios))), 'run: node scripts/documents.ts').toBe(kept)
  })

  test('its words are messages, or told by whoever reads the file, and say in English what the file says', () => {
    const file = JSON.parse(kept) as SpaceFile
    expect(writeSpace(space)).toEqual(file)
    const told = readSpace(file, (text) => `¤${text}`)
    const textsOf = ({ causes }: Pick<SpaceFile, 'causes'>): string[] => causes.flatMap(({ title, says }) => [title, ...says]) // prettier-ignore
    const words = told.causes.flatMap(({ title, fix }) => [title, ...fix.says])
    const ofRows = words.map((one) => textOf(one)).filter((one) => !one.startsWith('¤'))
    expect(ofRows.length).toBeGreaterThan(20)
    expect(textsOf(file)).toEqual(expect.arrayContaining(ofRows))
    expect(words.filter((one) => typeof one === 'string' && !one.startsWith('¤'))).toEqual([])
  })

  test('has every row of the matrix, each as the network that it is', () => {
    const cellsOf = new Map(allRows().map((row) => [keyOfRow(row), computeEntry(row).cells]))
    for (const row of allRows()) {
      const network = keyOfRow(networkOfRow(row))
      const shown = (key: string) => matrixClients.map((client) => [cellsOf.get(key)![client].state, cellsOf.get(key)![client].code]) // prettier-ignore
      expect(shown(keyOfRow(row)), keyOfRow(row)).toEqual(shown(network))
      const machines = space.candidates.filter((one) => one.setup.id === `row:${network}`)
      for (const client of matrixClients) {
        const state = cellsOf.get(network)![client].state
        const { answers } = machines.find((one) => one.client === client)!
        expect([client, answers.outcome]).toEqual([client, state === 'booted' ? 'boots' : 'fails'])
      }
    }
  }, 120_000)

  test('rows that are one network are seen as one: every seventh is played', () => {
    const rows = allRows().filter((_, index) => index % 7 === 0)
    for (const row of rows) {
      const [client] = matrixClients
      const play = (one: typeof row) =>
        playMachines(scenarioSchema.parse(scenarioOfRow(one, [client], 4000)))[0]!.answers
      expect(play(row), keyOfRow(row)).toEqual(play(networkOfRow(row)))
    }
  }, 120_000)

  test('has every fault scenario with each machine of its own that does not boot', () => {
    for (const [id, input] of scenarios)
      for (const [client, { outcome, code }] of Object.entries((input as Scenario).expect ?? {})) {
        const found = space.candidates.find((one) => one.setup.id === id && one.client === client)
        expect(found, `${id} ${client}`).toBeDefined()
        if (outcome === 'failed') expect(failing).toContain(found)
        if (code) expect(found!.answers.screen.split(' ')).toContain(code)
      }
  })

  test('knows a cause and a fix for each that does not boot', () => {
    for (const one of failing) {
      expect(one.setup.cause, nameOf(one)).toBeGreaterThanOrEqual(0)
      expect(space.causes[one.setup.cause]!.fix.says.length).toBeGreaterThan(0)
    }
  })

  test('every answer has its words, and every question is asked in words', () => {
    for (const id of observationIds) {
      expect(textOf(observations[id].asks)).toMatch(/\?$/)
      const open = id === 'screen' || id === 'uefi-boots' || id === 'bios-boots'
      for (const { answers } of space.candidates)
        if (!open) expect(Object.keys(observations[id].answers), `${id} ${nameOf(space.candidates[0]!)}`).toContain(answers[id])
    }
  }) // prettier-ignore
})

describe('every failing machine of every row and scenario', () => {
  test('its screen alone keeps its cause, and answering truly finds it in at most five questions', () => {
    for (const one of failing) {
      const symptom = symptomOf(one)
      expect(remaining(space, [symptom]), nameOf(one)).toContain(one)
      const { state, asked } = answeredTruly(one, [symptom])
      const what = `${nameOf(one)}: ${asked.join(', ')}`
      expect(state.kind, what).toBe('one')
      expect(state.causes[0]!.candidates, what).toContain(one)
      expect(state.causes[0]!.cause, what).toBe(space.causes[one.setup.cause])
      expect(asked.length, what).toBeLessThanOrEqual(5)
    }
  }, 120_000)

  test.each([...scenarios.keys()])('the capture of %s keeps its cause, and leads to it', (id) => {
    for (const one of failing.filter(({ setup, client }) => setup.id === id && client in scenarios.get(id)!.clients)) {
      const simulation = simulated(scenarioSchema.parse(scenarios.get(id)))
      const { mac } = simulation.outcomes().find(({ name }) => name === one.client)!
      const found = evidenceOfCapture(sessionOfSimulation(simulation, scenarios.get(id)!.clients[one.client]!.on), mac)
      // A port that does not forward yet shows nothing of the machine.
      const evidence = found?.evidence ?? [evidenceOfAnswer('discover', 'no')]
      expect(remaining(space, evidence), nameOf(one)).toContain(one)
      const { state, asked } = answeredTruly(one, [symptomOf(one), ...evidence])
      expect(state.causes.map(({ cause }) => cause), nameOf(one)).toEqual([space.causes[one.setup.cause]])
      expect(asked.length, nameOf(one)).toBeLessThanOrEqual(5)
    }
  }) // prettier-ignore

  test('the capture of a row keeps its cause: every third is played', () => {
    const rows = failing.filter(({ setup }) => setup.id.startsWith('row:')).filter((_, index) => index % 3 === 0)
    for (const one of rows) {
      const row = allRows().find((other) => `row:${keyOfRow(other)}` === one.setup.id)!
      const simulation = simulated(scenarioSchema.parse(scenarioOfRow(row, [one.client as 'bios'], 4000)))
      const evidence = evidenceOfCapture(sessionOfSimulation(simulation))!.evidence
      expect(remaining(space, evidence), nameOf(one)).toContain(one)
    }
  }, 60_000)
})

describe('the dialogue', () => {
  test('is deterministic, and more evidence never brings a set-up back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...failing),
        fc.subarray([...observationIds]),
        fc.constantFrom(...observationIds),
        (one, known, next) => {
          const evidence = known.map((id) => evidenceOfAnswer(id, one.answers[id]))
          const before = stateOf(space, evidence)
          expect(stateOf(space, evidence)).toEqual(before)
          const after = stateOf(space, [...evidence, evidenceOfAnswer(next, one.answers[next])])
          const setups = new Set(before.causes.flatMap(({ candidates }) => candidates))
          for (const { candidates } of after.causes) for (const left of candidates) expect(setups).toContain(left)
          expect(after.causes.flatMap(({ candidates }) => candidates)).toContain(one)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the work of an answer is bounded: each question looks once at each machine that is left', () => {
    expect(space.candidates.length * observationIds.length).toBeLessThan(100_000)
  })

  test('what nobody knows narrows nothing and is not asked again', () => {
    const symptom = evidenceOfCode(space, 'PXE-E55') as Evidence
    const before = stateOf(space, [symptom])
    const unknown = before.questions[0]!.id
    const after = stateOf(space, [symptom], [unknown])
    expect(after.causes).toEqual(before.causes)
    expect(after.questions.map(({ id }) => id)).not.toContain(unknown)
  })

  test('where nothing can be looked at, what is left is told as alike', () => {
    const symptom = evidenceOfCode(space, 'PXE-E55') as Evidence
    const state = stateOf(space, [symptom], observationIds)
    expect(state.kind).toBe('alike')
    expect(state.causes.length).toBeGreaterThan(1)
  })

  test('answers that contradict each other are told, each that can be taken back', () => {
    const local = evidenceOfAnswer('switch-port', 'at-once')
    const none = evidenceOfAnswer('services', 'none')
    const option = evidenceOfAnswer('option60', 'server')
    const state = stateOf(space, [local, none, option])
    expect([state.kind, state.causes]).toEqual(['none', []])
    expect(state.conflicts).toEqual([none, option])
    expect(stateOf(space, [local, option]).kind).toBe('several')
  })

  test('shares are those of what is left, the most common first', () => {
    const { causes } = stateOf(space, [evidenceOfCode(space, 'PXE-E53') as Evidence])
    expect(causes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(causes.map(({ share }) => share)).toEqual(causes.map(({ share }) => share).sort((a, b) => b - a))
  })
})

describe('codes', () => {
  test('each that a simulated screen shows is taken in every form', () => {
    const codes = knownCodes(space)
    expect(codes).toEqual(expect.arrayContaining(['PXE-E16', 'PXE-E51', 'PXE-E55', 'PXE-T01', '2d03e13b']))
    const pxeForms = (code: string): string[] => [code, code.toLowerCase(), code.slice(4), code.slice(4).toLowerCase(), `${code}:`, ` ${code}: text after it`, code.replace('-', ' '), `pxe${code.slice(4)}`]
    const otherForms = (code: string): string[] => [code, code.toUpperCase(), `http://ipxe.org/${code}`, `Error (https://ipxe.org/${code})`, `0x${code}`, code.slice(0, 6)]
    for (const code of codes) {
      const expected = evidenceOfCode(space, code) as Evidence
      expect(expected.allowed.length, code).toBeGreaterThan(0)
      for (const form of code.startsWith('PXE-') ? pxeForms(code) : otherForms(code).filter((one) => !one.startsWith('0x') || code.startsWith('0x')))
        expect((evidenceOfCode(space, form) as Evidence).allowed, `${code} as ${form}`).toEqual(expect.arrayContaining([...expected.allowed]))
    }
  }) // prettier-ignore

  test.each([
    ['PXE-E61', /^No simulated machine shows PXE-E61 \(no link\)\. Check: Cable and switch port\. Known: .*PXE-E55/],
    ['e99z', /^"e99z" is not a code.*Known: /],
    ['', /^"" is not a code/],
    ['0xdeadbeef', /^No simulated machine shows 0xdeadbeef/],
    ['Status: 0xc000000f', /0xc000000f\. It is a code of the Windows boot manager.*pxe-lab read-log.*Known: /],
    ['80070490', /80070490\. It is a code of the Windows boot manager.*pxe-lab read-log/],
    ['3e11618e', /^No simulated machine shows 3e11618e\. Known: /],
  ])('%s is told with what is known', (text, problem) => {
    expect(textOf((evidenceOfCode(space, text) as { problem: Phrase }).problem)).toMatch(problem)
  })
})

test('each command of a question means the same in a command prompt and in PowerShell', () => {
  // There sc writes a file, and & is no separator.
  const commands = observationIds.flatMap((id) => observation(id).how.flatMap(({ command }) => command ?? []))
  expect(commands.length).toBeGreaterThan(10)
  expect(commands.filter((one) => /^sc\s|&/.test(one) && !/^cmd \/c ".*"$/.test(one))).toEqual([])
})

describe('fixes', () => {
  test.each(space.causes.map(({ title }, index) => [title, index] as const))(
    '%s',
    (_, index) => {
      const candidates = space.candidates.filter((one) => one.setup.cause === index)
      const [setup] = [...new Set(candidates.map((one) => one.setup))].sort((a, b) => b.weight - a.weight)
      const own = candidates.filter((one) => one.setup === setup && one.answers.outcome === 'fails')
      const left = { cause: space.causes[index]!, share: 1, setups: [setup!], candidates: own }
      const { boots, tried } = verifyFix(left, (id) => scenarios.get(id))
      expect(boots, JSON.stringify(tried)).toBe(true)
      expect(tried.flatMap(({ machines }) => machines.map(({ before }) => before))).not.toContain('boots')
    },
    30_000,
  )
})

describe('captures of real machines', () => {
  const capture = (name: string) => {
    const session = new Session()
    session.push(readFileSync(new URL(`../fixtures/${name}.pcap`, import.meta.url)))
    session.end()
    return evidenceOfCapture(session)!
  }
  test.each([
    ['captures/fail-nofile-bios-legacy', 'missing-file'],
    ['captures/fail-nofile-uefi-x64', 'missing-file'],
    ['captures/fail-no4011-uefi-x64', 'wds-stopped'],
    ['captures/fail-no4011-bios-ipxe', 'wds-stopped'],
    ['captures/fail-nopxe-bios-legacy', 'option-60-missing'],
    ['captures/fail-nopxe-uefi-x64', 'use-dhcp-ports-left-at-0'],
    ['captures/fail-nooffer-uefi-x64', 'wrong-vlan'],
    ['captures/fail-wrongarch-uefi-x64', 'one-file-for-all'],
    ['field/fail-mute4011-bios-legacy-cut', 'wds-stopped'],
  ])('%s leaves %s', (name, scenario) => {
    const { setups } = { setups: stateOf(space, capture(name).evidence).causes.flatMap((one) => one.setups) }
    expect(setups.map(({ id }) => id)).toContain(scenario)
  })

  // What the space does not hold is told by the capture, and no set-up is accused of it.
  test.each(['siaddr-zero', 'opt66-name', 'no-router', 'rrq-ff', 'offer-without-54', 'wrong-xid', 'oack-unasked', 'tftp-other-source', 'http-second-get-reset', 'url-given-to-pxe-client'])(
    'field/%s accuses nobody',
    (name) => {
      const found = capture(`field/${name}`)
      expect(stateOf(space, found.evidence).causes).toEqual([])
      expect(found.causes.length, found.headline).toBeGreaterThan(0)
    },
  ) // prettier-ignore

  test('a boot that succeeds is told as one', () => expect(capture('captures/full-uefi-x64').boots).toBe(true))
})

describe('reports of servers', () => {
  const facts = (more: Partial<Facts>): Facts => ({ version: 1, collectedAt: '2026-11-25T00:00:00Z', host: 'SRV1', system: 'windows', sources: {}, ...more }) // prettier-ignore
  const service = (name: string, state: 'running' | 'stopped') => ({ name, state, start: 'auto' as const })
  const told = <T>(value: T) => ({ value, source: 'test' })
  const wdsKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE'

  test('DHCP and WDS on one server, UseDHCPPorts 1 and no option 60', () => {
    const evidence = evidenceOfFacts(
      facts({
        services: told([service('DHCPServer', 'running'), service('WDSServer', 'stopped')]),
        registry: told([{ key: wdsKey, name: 'UseDHCPPorts', data: 1 }]),
        dhcpOptions: told([]),
      }),
    )
    const said = Object.fromEntries(evidence.map(({ id, allowed }) => [id, allowed]))
    expect(said).toEqual({ services: ['wds-stopped-same'], UseDHCPPorts: ['1'], option60: ['unset'], option67: ['unset'] })
    const state = stateOf(space, [...evidence, evidenceOfCode(space, 'E53') as Evidence])
    expect(state.causes[0]!.cause.scenario).toBe('both-want-67')
  }) // prettier-ignore

  test('what another server has stays open', () => {
    const evidence = evidenceOfFacts(facts({ services: told([service('WDSServer', 'running')]), dhcpOptions: told([]) }))
    expect(evidence.map(({ id, allowed }) => [id, allowed])).toEqual([
      ['services', ['wds-running-apart', 'wds-running-alone']],
    ])
    expect(textOf(evidence[0]!.says)).toContain(textOf(answerText('services', 'wds-running-apart')))
    expect(evidenceOfFacts(facts({}))).toEqual([])
  }) // prettier-ignore
})
