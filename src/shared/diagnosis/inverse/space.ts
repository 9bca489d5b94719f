/**
 * The space of set-ups that can be asked about, as it is kept in `resources/ask.json`: every row of the co-hosting matrix and every
 * scenario with its machines, each with what the simulation answers, and what repairs it. `build-space.ts` computes it.
 */
import { say, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { rowOfKey } from '../co-hosting.ts'
import { observationIds, type Answers, type ObservationId } from './observations.ts'
import { describeSetup, faultsOf, remedyWords } from './row-words.ts'

export interface Fix {
  readonly says: readonly Phrase[]
  readonly commands: readonly string[]
}

export interface Cause {
  readonly title: Phrase
  /** How it comes to that, where the scenario tells. */
  readonly why: string
  readonly fix: Fix
  /** A scenario that plays it. */
  readonly scenario: string | undefined
}

export interface Setup {
  /** `row:KEY` of the co-hosting matrix, or the name of a scenario. */
  readonly id: string
  readonly title: Phrase
  readonly weight: number
  /** Index of its cause; -1 where every machine boots. */
  readonly cause: number
  /** Of a row: the key of the row that its fix leads to. */
  readonly to: string | undefined
}

/** One machine in one set-up. */
export interface Candidate {
  readonly setup: Setup
  readonly client: string
  readonly firmware: string
  /** Share of its set-up's weight. */
  readonly weight: number
  readonly answers: Answers
}

export interface Space {
  readonly causes: readonly Cause[]
  readonly setups: readonly Setup[]
  readonly candidates: readonly Candidate[]
  /** The line that says it, by the answer `screen`. */
  readonly lines: Readonly<Record<string, string>>
}

/** The same as JSON. Answers are letters of `alphabet`, one for each observation: the place of the answer in its list. */
export interface SpaceFile {
  readonly version: 1
  readonly answers: Readonly<Record<string, readonly string[]>>
  readonly lines: Readonly<Record<string, string>>
  readonly causes: readonly { readonly title: string; readonly why: string; readonly says: readonly string[]; readonly commands: readonly string[]; readonly scenario: string | null }[] // prettier-ignore
  readonly setups: readonly { readonly id: string; readonly title: string; readonly weight: number; readonly cause: number; readonly to: string | null }[] // prettier-ignore
  /** Set-up, client, firmware, answers. */
  readonly machines: readonly (readonly [number, string, string, string])[]
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&()*+,-./:;<=>?@[]^_`{|}~'

/** How common kinds of machine are among those that are asked about: judgement, as in `prior.ts`. */
const firmwareWeights: Readonly<Record<string, number>> = {
  edk2: 50,
  bios: 20,
  ipxe: 15,
  'edk2-2016': 5,
}
const otherFirmware = 10

export function writeSpace({ causes, setups, candidates, lines }: Space): SpaceFile {
  const lists = Object.fromEntries(
    observationIds.map((id) => [id, [...new Set(candidates.map((one) => one.answers[id]))].sort()]),
  ) as Record<ObservationId, string[]>
  return {
    version: 1,
    answers: lists,
    lines,
    causes: causes.map(({ title, why, fix, scenario }) => ({ title: inEnglish(title), why, says: fix.says.map(inEnglish), commands: fix.commands, scenario: scenario ?? null })), // prettier-ignore
    setups: setups.map((one) => ({ ...one, title: inEnglish(one.title), to: one.to ?? null })),
    machines: candidates.map((one) => [
      setups.indexOf(one.setup),
      one.client,
      one.firmware,
      observationIds.map((id) => alphabet[lists[id].indexOf(one.answers[id])]!).join(''),
    ]),
  }
}

/** The file as text, a cause, a set-up or a machine in each line, so that versions can be compared. */
export function spaceText({ version, ...parts }: SpaceFile): string {
  const texts = Object.entries(parts).map(([name, part]) => {
    const isList = Array.isArray(part)
    const lines = isList
      ? (part as readonly unknown[]).map((one) => JSON.stringify(one))
      : Object.entries(part).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    return `${JSON.stringify(name)}:${isList ? '[' : '{'}\n${lines.join(',\n')}\n${isList ? ']' : '}'}`
  })
  return `{"version":${version},\n${texts.join(',\n')}}\n`
}

const setupRow = (id: string) => (id.startsWith('row:') ? rowOfKey(id.slice('row:'.length)) : undefined)

/** The words of a cause that rows of the matrix have: those of the first, which it is named after. */
function wordsOfRows(file: SpaceFile, cause: number): (Pick<Cause, 'title'> & Pick<Fix, 'says'>) | undefined {
  const named = file.setups.find((one) => one.cause === cause && setupRow(one.id) !== undefined)
  const [row, to] = [named && setupRow(named.id), named?.to && rowOfKey(named.to)]
  return row && to ? { title: faultsOf(row, to), says: remedyWords(row, to) } : undefined
}

/**
 * The space of a file: what rows of the matrix say are messages, what scenarios say is told by `tell`, which translates a text of theirs.
 * Throws where the file is none of this version.
 */
export function readSpace(file: SpaceFile, tell: (text: string) => string = (text) => text): Space {
  const names = Object.keys(file.answers)
  if (file.version !== 1 || names.join() !== observationIds.join())
    throw new Error('resources/ask.json does not belong to this version: run node scripts/documents.ts')
  const setups: Setup[] = file.setups.map((one) => {
    const row = setupRow(one.id)
    return { ...one, title: row ? describeSetup(row) : tell(one.title), to: one.to ?? undefined }
  })
  // The first says what the repair of the scenario is called, as a sentence.
  const told = (text: string, at: number): Phrase =>
    at === 0 ? say('co-hosting.sentence', { text: tell(text.slice(0, -1)) }) : tell(text)
  return {
    causes: file.causes.map(({ title, why, says, commands, scenario }, index) => {
      const words = wordsOfRows(file, index) ?? { title: tell(title), says: says.map(told) }
      return {
        title: words.title,
        why: tell(why),
        fix: { says: words.says, commands },
        scenario: scenario ?? undefined,
      }
    }),
    setups,
    lines: file.lines,
    candidates: file.machines.map(([setup, client, firmware, letters]) => ({
      setup: setups[setup]!,
      client,
      firmware,
      weight: firmwareWeights[firmware] ?? otherFirmware,
      answers: Object.fromEntries(
        observationIds.map((id, at) => [id, file.answers[id]![alphabet.indexOf(letters[at]!)]!]),
      ) as Answers,
    })),
  }
}
