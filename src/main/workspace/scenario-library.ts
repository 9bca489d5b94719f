/** Scenarios: those that come with the program, those somebody saved, and what a file on the command line holds. */
import { textOf } from '#messages/text.ts'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { labSchema, type Lab, type LabProblem } from '#shared/lab/lab.ts'
import { checkBoot, type LabNotice } from '#shared/lab/boot-check.ts'
import { changeScenario } from '#shared/simulation/changes.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { scenarioSchema, type Scenario } from '#shared/simulation/scenario.ts'
import { readScenarioText } from '#shared/simulation/scenario-text.ts'
import { makeOwnFolder } from '../files/own-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { viewOfLab } from '../inspect/lab-notices.ts'
import { parseLab } from './lab-file.ts'
import { shippedPath } from './resources.ts'
import { yamlText } from '#shared/lab/yaml-file.ts'

export interface LibraryEntry {
  readonly id: string
  readonly origin: 'shipped' | 'saved'
  /** As it was written, for changes by path. */
  readonly input: unknown
  readonly scenario: Scenario
}

export type ReadScenario =
  /** `lab` is the lab that the scenario was made from, where it was made from one. */
  | { readonly ok: true; readonly input: unknown; readonly scenario: Scenario; readonly lab?: Lab }
  | { readonly ok: false; readonly problems: readonly LabProblem[] }

/** Reads a scenario, or a lab file as a network in which that lab answers, with all boot files that it names. */
export function readScenario(text: string, name: string): ReadScenario {
  const raw = safeParse(text)
  if (raw && typeof raw === 'object' && 'interface' in raw && !('segments' in raw)) {
    const parsed = parseLab(text)
    if (!parsed.ok) return { ok: false, problems: parsed.problems }
    const input = scenarioOfLab(parsed.lab, name)
    return { ok: true, input, scenario: scenarioSchema.parse(input), lab: parsed.lab }
  }
  return readScenarioText(text)
}

const safeParse = (text: string): unknown => {
  try {
    // Its warnings quote the file, and go to the terminal as they are.
    return parse(text, { logLevel: 'error' }) as unknown
  } catch {
    return undefined
  }
}

async function readFolder(folder: string, origin: LibraryEntry['origin']): Promise<LibraryEntry[]> {
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort() : []
  const entries = await Promise.all(
    names.map(async (name) => {
      // What somebody broke by hand, a folder among them, is left out of the list; opening it by name tells why.
      const file = await readTextFile(join(folder, name)).catch(() => undefined)
      const read = file && readScenario(file.text, name)
      return read?.ok ? { id: name.slice(0, -5), origin, input: read.input, scenario: read.scenario } : undefined
    }),
  )
  return entries.filter((one) => one !== undefined)
}

let shipped: Promise<LibraryEntry[]> | undefined

export class ScenarioLibrary {
  readonly #savedFolder: string | undefined

  /** `savedFolder`: where a person's own scenarios are kept. */
  constructor(savedFolder?: string) {
    this.#savedFolder = savedFolder
  }

  async list(): Promise<LibraryEntry[]> {
    shipped ??= readFolder(shippedPath('scenarios'), 'shipped')
    const saved = this.#savedFolder === undefined ? [] : await readFolder(this.#savedFolder, 'saved')
    return [...(await shipped), ...saved]
  }

  /** Saves a scenario under a name of letters, digits and dashes; returns what is wrong with it. */
  async save(id: string, input: unknown): Promise<readonly string[]> {
    if (this.#savedFolder === undefined) return ['There is no folder to save in.']
    const checked = changeScenario(input, [])
    if (!checked.ok)
      return checked.problems.map(({ field, message, remedy }) => `${field} ${textOf(message)}. ${textOf(remedy)}`)
    makeOwnFolder(this.#savedFolder)
    await replaceFile(join(this.#savedFolder, `${id}.yaml`), yamlText(input), { mode: 0o600, refusesLinks: true })
    return []
  }

  /** Deletes a saved scenario; those that come with the program stay. */
  async delete(id: string): Promise<void> {
    if (this.#savedFolder !== undefined) await rm(join(this.#savedFolder, `${id}.yaml`), { force: true })
  }
}

export type FoundScenario =
  | {
      readonly ok: true
      readonly id: string
      readonly input: unknown
      readonly scenario: Scenario
      /** Of a lab file: what it would leave its clients without. */
      readonly notices: readonly LabNotice[]
    }
  | Extract<ReadScenario, { ok: false }>
  | { readonly ok: false; readonly problems: undefined; readonly message: string }

/** What a command line names: a scenario of the library, a scenario file, or a lab file. */
export async function findScenario(name: string): Promise<FoundScenario> {
  if (existsSync(name)) {
    const read = readScenario((await readTextFile(name)).text, basename(name))
    if (!read.ok) return read
    const id = basename(name).replace(/\.ya?ml$/, '')
    if (!read.lab) return { id, ...read, notices: [] }
    // Its boot files are those that lie beside it.
    const { lab } = read
    const { view, own } = await viewOfLab(lab, resolve(dirname(name), lab.boot.files))
    const input = scenarioOfLab(lab, basename(name), view)
    return { id, ok: true, input, scenario: scenarioSchema.parse(input), notices: checkBoot(lab, view, own) }
  }
  const entries = await new ScenarioLibrary().list()
  const entry = entries.find((one) => one.id === name)
  if (entry) return { ok: true, id: entry.id, input: entry.input, scenario: entry.scenario, notices: [] }
  return {
    ok: false,
    problems: undefined,
    message: `${name} is neither a file nor a scenario. Run "pxe-lab simulate --list" to see them.`,
  }
}

export const labFileText = (lab: unknown): string => yamlText(labSchema.safeParse(lab).success ? lab : {})
