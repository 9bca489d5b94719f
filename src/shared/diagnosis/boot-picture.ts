/**
 * A simulated boot as it stands on paper and in the documentation: its ladder, its steps and its screen. The window draws the same
 * ladder from the same capture.
 */
import { inEnglish } from '#messages/text.ts'
import { epochSeconds, Simulation, type ClientOutcome } from '../simulation/simulation.ts'
import type { Change, Scenario } from '../simulation/scenario.ts'
import { changeScenario } from '../simulation/changes.ts'
import { storyOf, type Step } from '../simulation/story.ts'
import type { Ladder, Lane } from '../trace/ladder.ts'
import { laneName } from '../trace/name-addresses.ts'
import { Session } from '../trace/session.ts'
import { explainAttempt } from './explain/explain.ts'
import { explainedLadder } from './report.ts'

export interface BootPicture {
  readonly outcome: ClientOutcome
  /** What people call the machine. */
  readonly name: string
  readonly steps: readonly Step[]
  /** Of its last attempt; undefined where it sent nothing. */
  readonly ladder: Ladder | undefined
}

export interface PicturedRun {
  readonly scenario: Scenario
  readonly boots: readonly BootPicture[]
  /** The frames of the clients' segment as a pcapng file. */
  readonly capture: Uint8Array
  /** The name that stands at the head of a lane. */
  readonly captionOf: (lane: Lane) => string
}

/** Plays a scenario with changes to its end. @throws {Error} where they do not fit together */
export function picturesOf(input: unknown, changes: readonly Change[]): PicturedRun {
  const checked = changeScenario(input, changes)
  if (!checked.ok) throw new Error(`${checked.problems[0]!.field}: ${inEnglish(checked.problems[0]!.message)}`)
  const simulation = new Simulation(checked.scenario, { record: true })
  simulation.run()
  const story = storyOf(simulation)
  const capture = simulation.capture()
  const session = new Session()
  session.push(capture)
  session.end()
  // What had not come when the boot was over did not come.
  const endedNs = (epochSeconds * 1000 + story.endMs) * 1e6 - Number(session.store.baseNs)
  const nowNs = Math.max(session.endNs, endedNs)
  const names = new Map(Object.entries(story.addresses))
  return {
    scenario: checked.scenario,
    capture,
    captionOf: (lane) => laneName(lane, names),
    boots: story.outcomes.map((outcome) => {
      const attempt = session.trace.machines.find((one) => one.name === outcome.mac)?.attempts.at(-1)
      return {
        outcome,
        name: story.names[outcome.name] ?? outcome.name,
        steps: story.steps.filter((one) => one.client === outcome.name),
        ladder: attempt && explainedLadder(session, attempt, explainAttempt(session.store, attempt, { nowNs })),
      }
    }),
  }
}

/** The machine that is worth a look: the first that fails, else the first. */
export const telling = ({ boots }: PicturedRun): BootPicture | undefined =>
  boots.find((one) => one.outcome.state === 'failed') ?? boots[0]
