/** Applies the fix of a cause to the set-ups that are left, and boots their machines in the simulator. */
import type { Phrase } from '#messages/message.ts'
import { changeScenario } from '../../simulation/changes.ts'
import { scenarioSchema, type Change, type Scenario, type ScenarioInput } from '../../simulation/scenario.ts'
import { Simulation, type ClientOutcome } from '../../simulation/simulation.ts'
import { keyOfRow, matrixClients, rowOfKey, scenarioOfRow, type MatrixClient } from '../co-hosting.ts'
import type { Remaining } from './dialogue.ts'
import type { Setup } from './space.ts'

export interface Tried {
  readonly setup: string
  readonly title: Phrase
  readonly machines: readonly {
    readonly client: string
    readonly firmware: string
    readonly before: string
    readonly after: string
  }[]
  readonly boots: boolean
  /** The repaired set-up in the simulator: the name of its scenario, and settings that are changed. */
  readonly plays: { readonly scenario: string; readonly changes: readonly Change[] }
}

export interface Verification {
  readonly tried: readonly Tried[]
  /** Set-ups that were not tried. */
  readonly left: number
  /** Whether every machine boots in every set-up that was tried. */
  readonly boots: boolean
}

/** The most likely set-ups stand for the others, which the same change repairs. */
const mostTried = 6

/** Files are small: whether it boots is asked, not how long it takes. */
const quickFile = 100_000

const rowKey = (setup: Setup): string | undefined => (setup.id.startsWith('row:') ? setup.id.slice(4) : undefined)

function outcomesOf(scenario: Scenario): readonly ClientOutcome[] {
  const simulation = new Simulation(scenario, { record: false })
  simulation.run()
  return simulation.outcomes()
}

const word = ({ state, code }: ClientOutcome): string =>
  state === 'booted' ? 'boots' : code === '' ? (state === 'failed' ? 'does not boot' : state) : code

/** Whatever starts first: a fix that holds until the next restart is none. */
function tryRow(setup: Setup, key: string, clients: readonly MatrixClient[]): Tried {
  const row = rowOfKey(key)!
  const to = rowOfKey(setup.to!)!
  const run = (one: typeof row): readonly ClientOutcome[] =>
    outcomesOf(scenarioSchema.parse(scenarioOfRow(one, clients, quickFile)))
  const before = run(row)
  const [first, second] = (['first', 'second'] as const).map((starts) => run({ ...to, starts }))
  const machines = before.map((one, at) => {
    const worse = first![at]!.state === 'booted' ? second![at]! : first![at]!
    return { client: one.name, firmware: one.firmware, before: word(one), after: word(worse) }
  })
  return {
    setup: setup.id,
    title: setup.title,
    machines,
    boots: machines.every((one) => one.after === 'boots'),
    plays: { scenario: `row:${keyOfRow(to)}`, changes: [] },
  }
}

/** The scenario with its own machine of this name, or with one of the kind that was added to it. */
function withClient(input: ScenarioInput, client: string, firmware: string): ScenarioInput {
  if (client in input.clients) return input
  const first = Object.values(input.clients)[0]!
  return { ...input, clients: { [client]: { firmware: firmware as typeof first.firmware, on: first.on } }, expect: {} }
}

function tryScenario(setup: Setup, input: ScenarioInput, candidates: Remaining['candidates']): Tried {
  const { repairs } = scenarioSchema.parse(input)
  const set = repairs.find((one) => one.isAccepted)!.set
  const machines = candidates.map(({ client, firmware }) => {
    const played = withClient(input, client, firmware)
    const [before, after] = [[], set].map((changes) => {
      const checked = changeScenario(played, changes)
      return checked.ok ? outcomesOf(checked.scenario).find((one) => one.name === client || one.name === `${client}-1`) : undefined
    })
    return { client, firmware, before: before ? word(before) : '', after: after ? word(after) : 'does not fit' }
  })
  return {
    setup: setup.id,
    title: setup.title,
    machines,
    boots: machines.every((one) => one.after === 'boots'),
    plays: { scenario: setup.id, changes: set },
  }
} // prettier-ignore

/** `inputOf`: the scenario of a name. */
export function verifyFix(
  { setups, candidates }: Remaining,
  inputOf: (scenario: string) => ScenarioInput | undefined,
): Verification {
  const tried = setups.slice(0, mostTried).flatMap((setup) => {
    const own = candidates.filter((one) => one.setup === setup)
    const key = rowKey(setup)
    if (key !== undefined) {
      const clients = matrixClients.filter((client) => own.some((one) => one.firmware === client))
      return [tryRow(setup, key, clients)]
    }
    const input = inputOf(setup.id)
    return input ? [tryScenario(setup, input, own)] : []
  })
  return { tried, left: setups.length - tried.length, boots: tried.length > 0 && tried.every((one) => one.boots) }
}
