/** Simulations in a worker: a scenario is run to its end at once, and then played from what was recorded. */
import { together, type Phrase } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import {
  CoHostingMatrix,
  matrixEntries,
  noRemedy,
  rowOfKey,
  scenarioOfRow,
  matrixClients,
  type MatrixEntry,
  type Remedy,
} from '#shared/diagnosis/co-hosting.ts'
import type { Remaining } from '#shared/diagnosis/inverse/dialogue.ts'
import { verifyFix, type Verification } from '#shared/diagnosis/inverse/verify.ts'
import { changeScenario, type ScenarioProblem } from '#shared/simulation/changes.ts'
import { labOfScenario, playableHosts } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema, type Change, type Scenario, type ScenarioInput } from '#shared/simulation/scenario.ts'
import { readScenarioText, type ReadScenarioText } from '#shared/simulation/scenario-text.ts'
import { Simulation, type ClientOutcome } from '#shared/simulation/simulation.ts'
import { storyOf, type Story } from '#shared/simulation/story.ts'
import type { LabInput } from '#shared/lab/lab.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'

export interface RunResult {
  readonly ok: true
  readonly scenario: Scenario
  readonly story: Story
  /** The frames of the clients' segment, as a capture file. */
  readonly capture: Uint8Array
  /** Frames that were too many to keep. */
  readonly forgotten: number
  readonly busyMs: number
}

export type Ran = RunResult | { readonly ok: false; readonly problems: readonly ScenarioProblem[] }

/** What a change does to each client. */
export interface Verified {
  readonly before: readonly ClientOutcome[]
  readonly after: readonly ClientOutcome[]
}

export interface MatrixProgress {
  readonly done: number
  readonly of: number
}

export interface RemedyText {
  readonly remedy: Remedy | undefined
  readonly says: string
}

/** Steps between two looks at messages. */
const slice = 20_000

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

export class SimulatorEngine {
  #turn = 0
  #matrix: CoHostingMatrix | undefined
  #computing: Promise<CoHostingMatrix> | undefined
  readonly #tell: (progress: MatrixProgress) => void

  constructor(tell: (progress: MatrixProgress) => void) {
    this.#tell = tell
  }

  /** Runs a scenario with changes; a newer run puts an end to an older one, which then tells nothing. */
  async run(input: unknown, changes: readonly Change[]): Promise<Ran | undefined> {
    const mine = ++this.#turn
    const checked = changeScenario(input, changes)
    if (!checked.ok) return checked
    const begun = performance.now()
    const simulation = new Simulation(checked.scenario, { record: true })
    while (!simulation.run(slice)) {
      await turn()
      if (mine !== this.#turn) return undefined
    }
    return {
      ok: true,
      scenario: checked.scenario,
      story: storyOf(simulation),
      capture: simulation.capture(),
      forgotten: simulation.forgotten,
      busyMs: performance.now() - begun,
    }
  }

  cancel(): void {
    this.#turn++
  }

  /** Outcomes without and with changes, nothing recorded. */
  verify(input: unknown, before: readonly Change[], after: readonly Change[]): Verified | readonly ScenarioProblem[] {
    const outcomes = (changes: readonly Change[]): readonly ClientOutcome[] | readonly ScenarioProblem[] => {
      const checked = changeScenario(input, changes)
      if (!checked.ok) return checked.problems
      const simulation = new Simulation(checked.scenario, { record: false })
      simulation.run()
      return simulation.outcomes()
    }
    const [first, second] = [outcomes(before), outcomes(after)]
    const isProblem = (list: typeof first): list is readonly ScenarioProblem[] =>
      list.length > 0 && 'remedy' in list[0]!
    if (isProblem(first)) return first
    if (isProblem(second)) return second
    return { before: first, after: second }
  }

  /** The fix of a cause in the set-ups that are left; `inputs` are the scenarios among them. */
  tryFix(left: Remaining, inputs: Readonly<Record<string, ScenarioInput>>): Verification {
    return verifyFix(left, (id) => inputs[id])
  }

  #compute(): Promise<CoHostingMatrix> {
    this.#computing ??= (async () => {
      const entries: MatrixEntry[] = []
      for (const entry of matrixEntries()) {
        entries.push(entry)
        if (entries.length % 24 !== 0) continue
        this.#tell({ done: entries.length, of: 864 })
        await turn()
      }
      return (this.#matrix = new CoHostingMatrix(entries))
    })()
    return this.#computing
  }

  /** The matrix, computed once. */
  async matrix(): Promise<readonly MatrixEntry[]> {
    return (this.#matrix ?? (await this.#compute())).entries
  }

  async remedy(key: string): Promise<RemedyText> {
    const matrix = this.#matrix ?? (await this.#compute())
    const entry = matrix.entry(key)!
    const remedy = matrix.remedyOf(entry.row)
    return {
      remedy,
      says: remedy
        ? textOf(together(remedy.says))
        : entry.boots
          ? t('simulator.every-client-boots')
          : textOf(noRemedy(entry.row)),
    }
  }

  /** The scenario of a row, to be played. */
  rowScenario(key: string): unknown {
    const row = rowOfKey(key)
    return row && scenarioOfRow(row, matrixClients, 100_000)
  }

  /** The scenario with its changes as a text that `pxe-lab simulate` plays too. */
  textOf(input: unknown, changes: readonly Change[]): string {
    const checked = changeScenario(input, changes)
    return yamlText(checked.ok ? checked.input : input)
  }

  readText(text: string): ReadScenarioText {
    return readScenarioText(text)
  }

  /** Exercise and answers of a boot as a page to print; loaded when somebody wants one. */
  async handout(input: unknown, changes: readonly Change[], client: string | undefined): Promise<string> {
    const { handoutHtml } = await import('#shared/diagnosis/handout.ts')
    return handoutHtml([{ input, changes, client }])
  }

  labOf(
    input: unknown,
    changes: readonly Change[],
  ): { readonly lab: LabInput; readonly left: readonly Phrase[] } | undefined {
    const checked = changeScenario(input, changes)
    const scenario = checked.ok ? checked.scenario : scenarioSchema.parse(input)
    const [host] = playableHosts(scenario)
    return host === undefined ? undefined : labOfScenario(scenario, host)
  }
}
