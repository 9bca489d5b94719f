/** Configurations as a network, in a worker: read and played in slices, so that a big one can be cancelled. */
import { t } from '#messages/text.ts'
import type { NotUnderstood, Source, SourceFile } from '#shared/interchange/model.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'
import type { ScenarioInput } from '#shared/simulation/scenario.ts'
import { compareTwins } from '#shared/twin/compare.ts'
import { networkOf } from '#shared/twin/network.ts'
import { labOfConfiguration } from '#shared/twin/lab-of-configuration.ts'
import type { TwinNotice } from '#shared/twin/notices.ts'
import { scenarioOfRow, twinSteps, type Twin, type TwinCell, type TwinRow } from '#shared/twin/twin.ts'

export interface ShownRow {
  readonly index: number
  readonly network: string
  readonly name: string
  /** The reserved machine; empty for any. */
  readonly who: string
  readonly source: Source
  readonly servers: readonly string[]
  readonly isRelayed: boolean
  readonly cells: readonly TwinCell[]
}

export interface ShownDifference {
  readonly scope: string
  readonly machine: string
  readonly change: 'stops' | 'starts' | 'otherwise'
  readonly before: TwinCell | undefined
  readonly after: TwinCell | undefined
}

export interface ShownTwin {
  readonly servers: readonly string[]
  readonly rows: readonly ShownRow[]
  readonly notices: readonly TwinNotice[]
  readonly assumes: readonly string[]
  readonly notUnderstood: readonly NotUnderstood[]
  /** Files of no engine that is known. */
  readonly unread: readonly string[]
  /** What has changed since the network that was kept for comparison; undefined where none was. */
  readonly differences: readonly ShownDifference[] | undefined
}

export interface TwinProgress {
  readonly done: number
  readonly of: number
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
/** How long the worker works between two looks at its messages. */
const sliceMs = 40

export class TwinEngine {
  #turn = 0
  #rows: readonly TwinRow[] = []
  #twin: Twin | undefined
  #before: Twin | undefined
  readonly #tell: (progress: TwinProgress) => void

  constructor(tell: (progress: TwinProgress) => void) {
    this.#tell = tell
  }

  /** Plays the network that the files make; a newer call, or `cancel`, puts an end to it, and it yields undefined. */
  async play(files: readonly SourceFile[]): Promise<ShownTwin | undefined> {
    const mine = ++this.#turn
    await turn()
    const network = networkOf(files)
    const steps = twinSteps(network)
    let done = 0
    for (let begun = performance.now(); ;) {
      const step = steps.next()
      if (step.done === true) {
        this.#twin = step.value
        break
      }
      done++
      if (performance.now() - begun < sliceMs) continue
      this.#tell({ done, of: Math.max(done, network.scopes.length) })
      await turn()
      if (mine !== this.#turn) return undefined
      begun = performance.now()
    }
    this.#rows = this.#twin.rows
    return {
      servers: network.servers.map(({ title }) => title),
      rows: this.#rows.map(({ scope, reservation, cells }, index) => ({
        index,
        network: scope.network,
        name: scope.name,
        who: reservation?.who ?? '',
        source: reservation?.source ?? scope.source,
        servers: [...scope.direct, ...scope.relayed].map(({ title }) => title),
        isRelayed: scope.relayed.length > 0,
        cells,
      })),
      notices: this.#twin.notices,
      assumes: network.assumes,
      notUnderstood: network.notUnderstood,
      unread: network.unread,
      differences: this.#before && compareTwins(this.#before, this.#twin).map(({ scope, machine, kind, change, before, after }) => ({ scope, machine: machine === '' ? kind.title : `${kind.title}, ${machine}`, change, before, after })), // prettier-ignore
    }
  }

  cancel(): void {
    this.#turn++
  }

  /** Keeps the network as it is, for comparison with what is played next; nothing where there is none. */
  keep(isKept: boolean): void {
    this.#before = isKept ? this.#twin : undefined
  }

  /** The scenario of one machine in a row, or of all of them; an error where there is no such row. */
  scenario(row: number, kind?: string): ScenarioInput {
    const found = this.#rows[row]
    if (!found) throw new Error(t('simulator.configurations-network-not-open'))
    return scenarioOfRow(found, found.cells.find((one) => one.kind.key === kind)?.kind)
  }

  /** The configuration of a server as a lab file, with what that cannot say as comments before it. */
  labText(server: number): string {
    const found = this.#twin?.network.servers[server]
    if (!found) throw new Error(t('simulator.configurations-network-not-open'))
    const { lab, left } = labOfConfiguration(found.configuration)
    const notes = left.map(({ source, text }) => `${t('simulator.not-file-line', { file: source.file, line: source.line, command: text.replaceAll(/\s+/g, ' ') })}\n`) // prettier-ignore
    return `# ${t('simulator.set-interface-put-boot-files', { scope: found.file.name })}
${notes.join('')}${yamlText(lab)}`
  }

  scenarioText(row: number): string {
    return yamlText(this.scenario(row))
  }
}
