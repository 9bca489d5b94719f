/** `pxe-lab ask`: from a symptom to its cause, one question after the other, against what the simulator shows. */
import { forPrograms } from '#messages/json.ts'
import { localText, t, textOf } from '#messages/text.ts'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { evidenceOfCapture } from '#shared/diagnosis/inverse/capture.ts'
import {
  answersIn,
  evidenceOfAnswer,
  stateOf,
  type Evidence,
  type Remaining,
  type State,
} from '#shared/diagnosis/inverse/dialogue.ts'
import { evidenceOfFacts } from '#shared/diagnosis/inverse/facts.ts'
import {
  isObservation,
  observation,
  observationIds,
  type ObservationId,
} from '#shared/diagnosis/inverse/observations.ts'
import { askJson } from '#shared/diagnosis/inverse/report.ts'
import { readSpace, type Space } from '#shared/diagnosis/inverse/space.ts'
import { verifyFix, type Verification } from '#shared/diagnosis/inverse/verify.ts'
import { evidenceOfText } from '#shared/knowledge/code-in-text.ts'
import type { Facts } from '#shared/lab/facts.ts'
import type { ScenarioInput } from '#shared/simulation/scenario.ts'
import { Session } from '#shared/trace/session.ts'
import { readSpaceFile } from '../workspace/ask-space.ts'
import { ScenarioLibrary } from '../workspace/scenario-library.ts'
import { AskDialogue, type AskStart } from './ask-dialogue.ts'
import { lineTerminal } from './ask-terminal.ts'
import { askText } from './ask-text.ts'
import { readCapture } from './capture-input.ts'
import { exitCodes } from './exit-codes.ts'
import { factsOf } from './facts-input.ts'
import { UsageError } from './usage-error.ts'

export interface AskOptions {
  readonly code?: string
  readonly capture?: string
  readonly client?: string
  readonly facts?: string
  readonly answer?: readonly string[]
  readonly json?: boolean
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

function wrong(text: string): never {
  complain(text)
  throw new UsageError(text)
}

/** The word for "I do not know". */
const unknownWord = '?'

/** `OBSERVATION=ANSWER`; the answer `?` for what nobody knows. */
function readAnswer(space: Space, text: string): { readonly id: ObservationId; readonly answer: string | undefined } {
  const at = text.indexOf('=')
  const [key, given] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (at <= 0) wrong(t('cli.answer-no-observation-answer-such', { text }))
  const id = observationIds.find((one) => one.toLowerCase() === key.toLowerCase()) ?? key
  if (!isObservation(id)) wrong(t('cli.answer-no-observation-write-one', { text, key, observationIds: observationIds.join(', ') }))
  if (given === unknownWord) return { id, answer: undefined }
  const known = [...new Set([...Object.keys(observation(id).answers), ...answersIn(space, id)])]
  const answer = known.find((one) => one.toLowerCase() === given.toLowerCase())
  if (answer === undefined) {
    const words = known.map((one) => (/[^\w+-]/.test(one) ? `"${one}"` : one)).join(', ')
    wrong(t('cli.answer-no-answer-write-one', { text, given, words }))
  }
  return { id, answer }
} // prettier-ignore

/** A value as a shell takes it. */
const quoted = (text: string): string => (/^[\w.,:/\\=+-]+$/.test(text) ? text : `"${text}"`)

/** What the Doctor finds in the same report: it knows set-ups of which the space has none, and the two must not seem to disagree. */
function doctorRemarks(facts: Facts, path: string): string[] {
  const findings = diagnose(facts).findings.filter(({ severity }) => severity !== 'note')
  if (findings.length === 0) return []
  return [
    t('cli.doctor-finds-report', { host: facts.host }),
    ...findings.map(({ title }) => `  - ${textOf(title)}`),
    t('cli.mend-first-pxe-lab-doctor', { quoted: quoted(path) }),
  ]
}

/** What was told on the command line; an exit code where a file cannot be read. */
async function startOf(space: Space, options: AskOptions): Promise<AskStart | number> {
  const evidence: Evidence[] = []
  const remarks: string[] = []
  let common: readonly string[] = []
  if (options.code !== undefined) {
    const found = evidenceOfText(space, options.code)
    if (!('problem' in found)) evidence.push(found)
    else if (found.known === undefined || options.json) wrong(`--code: ${textOf(found.problem)}`)
    else if ([options.capture, options.facts, options.answer].some((one) => one !== undefined))
      remarks.push(found.known)
    else {
      process.stdout.write(`${t('cli.no-machine-simulator-shows-so', { known: found.known })}\n`)
      return exitCodes.undetermined
    }
  }
  if (options.capture !== undefined) {
    const session = new Session()
    const code = await readCapture(options.capture, session, async () => {}, () => session.store.last, true) // prettier-ignore
    if (code !== exitCodes.ok && session.store.count === 0) return code
    const found = evidenceOfCapture(session, options.client)
    if (!found)
      wrong(
        options.client === undefined
          ? t('cli.capture-holds-no-boot-capture', { capture: options.capture })
          : t('cli.capture-holds-no-boot-run', { capture: options.capture, client: options.client }),
      )
    remarks.push(t('cli.capture', { machine: found.machine, headline: found.headline }))
    if (found.machines.length > 1 && options.client === undefined)
      remarks.push(
        t('cli.holds-machines-client-chooses-another', {
          length: found.machines.length,
          machines: found.machines.slice(0, 8).join(', '),
        }),
      )
    evidence.push(...found.evidence)
    common = found.causes
  }
  if (options.facts !== undefined) {
    const facts = await factsOf(options.facts)
    if (!facts) return exitCodes.badFile
    const found = evidenceOfFacts(facts)
    if (found.length === 0) remarks.push(t('cli.report-tells-nothing-dhcp-pxe', { host: facts.host }))
    remarks.push(...doctorRemarks(facts, options.facts))
    evidence.push(...found)
  }
  const unknown: ObservationId[] = []
  for (const text of options.answer ?? []) {
    const { id, answer } = readAnswer(space, text)
    // What a person says takes the place of what a file said.
    const before = evidence.findIndex((one) => one.id === id)
    if (before >= 0) evidence.splice(before, 1)
    if (answer === undefined) unknown.push(id)
    else evidence.push(evidenceOfAnswer(id, answer))
  }
  return { evidence, unknown, remarks, common }
}

/** Scenarios are read when a fix is tried. */
async function verify(left: Remaining): Promise<Verification> {
  const library = await new ScenarioLibrary().list()
  const inputs = new Map(library.map(({ id, input }) => [id, input as ScenarioInput]))
  return verifyFix(left, (id) => inputs.get(id))
}

const exitCodeOf = ({ kind }: State): number => (kind === 'one' ? exitCodes.ok : exitCodes.undetermined)

/** The options that lead here, for the next command. */
function optionsText({ code, capture, client, facts, answer }: AskOptions): string {
  const one = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, quoted(value)])
  const answers = (answer ?? []).flatMap((text) => ['--answer', quoted(text)])
  return [...one('--code', code), ...one('--capture', capture), ...one('--client', client), ...one('--facts', facts), ...answers].join(' ') // prettier-ignore
}

/** 0 where one cause is left, 3 where more or none are, 2 where a file cannot be read. */
export async function ask(options: AskOptions): Promise<number> {
  const space = readSpace(await readSpaceFile(), options.json ? undefined : localText)
  const start = await startOf(space, options)
  if (typeof start === 'number') return start
  const setups = space.setups.length
  if (!options.json && process.stdin.isTTY && process.stdout.isTTY) {
    const state = await new AskDialogue(space, start, verify, lineTerminal(process.stdin, process.stdout)).run()
    return exitCodeOf(state)
  }
  const state = stateOf(space, start.evidence, start.unknown)
  const [left] = state.causes
  const verification = state.kind === 'one' && left ? await verify(left) : undefined
  if (options.json) process.stdout.write(`${JSON.stringify(forPrograms(askJson(state, setups, verification)))}\n`)
  else process.stdout.write(`${askText(state, setups, verification, { ...start, command: `pxe-lab ask ${optionsText(options)}`.trim() })}\n`) // prettier-ignore
  return exitCodeOf(state)
}
