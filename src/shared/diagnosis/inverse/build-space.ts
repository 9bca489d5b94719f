/**
 * Computes the space of set-ups by running the simulator: every row of the co-hosting matrix with each of its clients, every scenario
 * with its own machines and with those of the matrix, and what each shows. Nothing in it is written by hand but the order of causes
 * in words.
 */
import { inEnglish } from '#messages/text.ts'
import type { FirmwareName } from '../../machines/pxe-client/firmwares.ts'
import { changeScenario } from '../../simulation/changes.ts'
import type { Scenario, ScenarioInput } from '../../simulation/scenario.ts'
import { Simulation, type ClientOutcome } from '../../simulation/simulation.ts'
import { Session } from '../../trace/session.ts'
import {
  allRows,
  CoHostingMatrix,
  keyOfRow,
  matrixClients,
  matrixEntries,
  rowOfKey,
  scenarioOfRow,
  type MatrixRow,
  type Remedy,
} from '../co-hosting.ts'
import { explainAttempt } from '../explain/explain.ts'
import { codesIn } from './codes.ts'
import { describeSetup, faultsOf, wantedServer } from './row-words.ts'
import type { Answers } from './observations.ts'
import { packetAnswers, unseen } from './packets.ts'
import { rowWeight, scenarioWeight } from './prior.ts'
import { settingAnswers } from './settings.ts'
import type { Candidate, Cause, Setup, Space } from './space.ts'

/** Files are small in rows: what is asked is who answers. */
const quickFile = 4000

const outcomeWords: Readonly<Record<ClientOutcome['state'], string>> = {
  booted: 'boots',
  failed: 'fails',
  local: 'local',
  waiting: 'waits',
}

/** A line without the path of a device, which is another on each machine. */
const plainLine = (line: string): string => line.trim().replace(/ "[^"]*" from \S+(?=:)/, '')

/** What stands on a screen, as one answer: its codes, else its last line. */
const screenWord = ({ screen, line }: ClientOutcome): string => {
  const codes = codesIn(screen)
  return codes.length > 0 ? codes.join(' ') : plainLine(line) || 'nothing'
}

/** How long the wire stays silent before its story is told: no firmware waits longer. */
const silenceNs = 90e9

/** The lines with its codes, in their order; "Exiting" only where there is no other. */
function lineOf({ screen, line }: ClientOutcome): string {
  const codes = codesIn(screen)
  const telling = codes.length > 1 ? codes.filter((one) => one !== 'PXE-M0F') : codes
  const lines = telling.map((code) =>
    screen
      .findLast((one) => one.toUpperCase().includes(code.toUpperCase()))!
      .trim()
      .replace(/^.*\.{3,} /, ''),
  )
  const each = [...new Set(lines)]
  return each.length > 0
    ? each.map((one, at) => (at < each.length - 1 ? one.replace(/\.$/, '') : one)).join(', then ')
    : plainLine(line)
}

type OtherAnswers = Pick<Answers, 'uefi-boots' | 'bios-boots'>
type OwnAnswers = Omit<Answers, keyof OtherAnswers>

interface PlayedMachine {
  readonly client: string
  readonly firmware: FirmwareName
  readonly answers: OwnAnswers
  /** The line on its screen that says how it ended. */
  readonly line: string
}

const otherWord = ({ answers }: PlayedMachine): string => (answers.outcome === 'boots' ? 'boots' : answers.screen)

function checked(input: unknown): Scenario {
  const result = changeScenario(input, [])
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.scenario
}

/** Boots the machines of a scenario and looks at everything that can be looked at. */
export function playMachines(scenario: Scenario): PlayedMachine[] {
  const simulation = new Simulation(scenario, { record: true })
  simulation.run()
  const outcomes = simulation.outcomes()
  const sessions = new Map<string, Session>()
  return Object.entries(scenario.clients).map(([client, { firmware, on, count }]) => {
    let session = sessions.get(on)
    if (!session) {
      session = new Session()
      session.push(simulation.capture(on), true)
      session.end()
      sessions.set(on, session)
    }
    const name = count === 1 ? client : `${client}-1`
    const outcome = outcomes.find((one) => one.name === name)!
    const attempt = session.trace.attempts.find((one) => one.machine.name === outcome.mac)
    const packets = attempt ? packetAnswers(session.store, attempt, explainAttempt(session.store, attempt, { nowNs: session.endNs + silenceNs })) : unseen // prettier-ignore
    return {
      client,
      firmware,
      line: lineOf(outcome),
      answers: {
        outcome: outcomeWords[outcome.state],
        screen: screenWord(outcome),
        ...settingAnswers({ scenario, simulation, client, name }, packets),
        ...packets,
      },
    }
  })
}

/** Set-ups that are one network, whatever their names in the matrix: what is not there has no settings and no order. */
export function networkOfRow(row: MatrixRow): MatrixRow {
  const isApart = row.dhcp === 'this' && row.pxe === 'elsewhere'
  const dhcp = isApart || (row.dhcp === 'this' && row.pxe === 'none') ? 'other' : row.dhcp
  const pxe = row.pxe === 'elsewhere' ? 'WDS' : row.pxe
  const isAlone = dhcp !== 'this' || row.service === 'stopped'
  return {
    dhcp,
    pxe,
    ...(pxe === 'none' ? { listen: 'default', service: 'running' } : { listen: row.listen, service: row.service }),
    ...(dhcp === 'none' ? { option60: 'unset', files: 'unset' } : { option60: row.option60, files: row.files }),
    starts: isAlone ? 'first' : row.starts,
  }
}

/** What brings a row to boot: settings, and first of all a server where there is none. */
function remedyOfRow(matrix: CoHostingMatrix, row: MatrixRow): Remedy | undefined {
  const missing = wantedServer(row)
  if (!missing) return matrix.remedyOf(row)
  const more = matrix.remedyOf(missing.row)
  return {
    to: more?.to ?? keyOfRow(missing.row),
    says: [...missing.says, ...(more?.says ?? [])],
    commands: [...missing.commands, ...(more?.commands ?? [])],
  }
}

const withOthers = (machines: readonly PlayedMachine[], others: readonly PlayedMachine[]) => {
  const shown = (firmware: FirmwareName): string => otherWord(others.find((one) => one.firmware === firmware)!)
  const other: OtherAnswers = { 'uefi-boots': shown('edk2'), 'bios-boots': shown('bios') }
  return machines.map((one) => ({ ...one, answers: { ...one.answers, ...other } }))
}

/** Every answer of the machines of the matrix, as text: two set-ups that show the same are one. */
const signatureOf = (machines: readonly { readonly firmware: string; readonly answers: Answers }[]): string =>
  JSON.stringify(
    machines.filter(({ firmware }) => alone.includes(firmware as FirmwareName)).map(({ answers }) => answers),
  )

/** Machines that every scenario is tried with. */
const alone: readonly FirmwareName[] = ['bios', 'edk2', 'ipxe']

/** The scenario with one machine of a kind, where its first machine is. */
const withOnly = (input: ScenarioInput, scenario: Scenario, firmware: FirmwareName): ScenarioInput => ({
  ...input,
  clients: { [`${firmware}-pc`]: { firmware, on: Object.values(scenario.clients)[0]!.on } },
  expect: {},
  repairs: [],
})

/** Scenarios whose fault is that of another one: what they show beside it is no cause of its own. */
const faultOf: Readonly<Record<string, string>> = { 'ipv6-waits-for-nobody': 'missing-file' }

/** Machines that are tried alone speak IPv4: of a fault of IPv6 they tell nothing, and seem to have no server at all. */
const isOverIpv6 = (scenario: Scenario): boolean =>
  Object.values(scenario.segments).some(({ network6 }) => network6 !== undefined)

/** `scenarios`: their inputs by name. */
export function buildSpace(scenarios: ReadonlyMap<string, unknown>): Space {
  const causes: Cause[] = []
  const setups: Setup[] = []
  const candidates: Candidate[] = []
  const lines = new Map<string, string>()
  const causeByFix = new Map<string, number>()
  const causeBySignature = new Map<string, number>()
  const add = (
    setup: Setup,
    machines: readonly { client: string; firmware: string; line: string; answers: Answers }[],
  ): void => {
    setups.push(setup)
    for (const { client, firmware, answers, line } of machines) {
      candidates.push({ setup, weight: 1, client, firmware, answers })
      if (line !== '' && !lines.has(answers.screen)) lines.set(answers.screen, line)
    }
  }

  const matrix = new CoHostingMatrix([...matrixEntries()])
  const keys = new Set(allRows().map((row) => keyOfRow(networkOfRow(row))))
  for (const key of keys) {
    const row = rowOfKey(key)!
    const machines = matrixClients.map((client) => playMachines(checked(scenarioOfRow(row, [client], quickFile)))[0]!)
    const told = withOthers(machines, machines)
    const remedy = remedyOfRow(matrix, row)
    let cause = -1
    if (remedy) {
      const fix = { says: remedy.says.map(inEnglish), commands: remedy.commands }
      const fixKey = JSON.stringify(fix)
      cause = causeByFix.get(fixKey) ?? causes.length
      causeByFix.set(fixKey, cause)
      if (cause === causes.length) causes.push({ title: inEnglish(faultsOf(row, rowOfKey(remedy.to)!)), why: '', fix, scenario: undefined }) // prettier-ignore
      causeBySignature.set(signatureOf(told), cause)
    }
    add({ id: `row:${key}`, title: inEnglish(describeSetup(row)), weight: rowWeight(row), cause, to: remedy?.to }, told)
  }

  const causeByScenario = new Map<string, number>()
  const ordered = [...scenarios].sort(([a], [b]) => Number(a in faultOf) - Number(b in faultOf))
  for (const [id, input] of ordered) {
    const scenario = checked(input)
    const others = alone.map((firmware) => playMachines(checked(withOnly(input as ScenarioInput, scenario, firmware)))[0]!) // prettier-ignore
    const own = playMachines(scenario)
    const isBroken = own.some(({ answers }) => answers.outcome === 'fails')
    const repair = isBroken ? scenario.repairs.find((one) => one.isAccepted) : undefined
    const isSound = (one: PlayedMachine): boolean => {
      if (one.answers.outcome === 'boots') return true
      if (!repair) return false
      const repaired = changeScenario(withOnly(input as ScenarioInput, scenario, one.firmware), repair.set)
      return repaired.ok && playMachines(repaired.scenario)[0]!.answers.outcome === 'boots'
    }
    // The fault of the scenario, and no other, is why such a machine does not boot.
    const further = others.filter((one) => !own.some(({ firmware }) => firmware === one.firmware) && isSound(one))
    const told = withOthers([...own, ...further], others)
    let cause = -1
    if (repair) {
      const known = id in faultOf ? causeByScenario.get(faultOf[id]!) : isOverIpv6(scenario) ? undefined : causeBySignature.get(signatureOf(withOthers(others, others))) // prettier-ignore
      cause = known ?? causes.length
      causeByScenario.set(id, cause)
      const { goesWrong = '', title } = scenario
      if (known !== undefined)
        causes[known] = { ...causes[known]!, why: causes[known]!.why || goesWrong, scenario: causes[known]!.scenario ?? id } // prettier-ignore
      else
        causes.push({
          title,
          why: goesWrong,
          fix: { says: [`${repair.title}.`, ...(repair.says === '' ? [] : [repair.says])], commands: repair.commands },
          scenario: id,
        })
    }
    add({ id, title: scenario.title, weight: scenarioWeight(id), cause, to: undefined }, told)
  }
  return { causes, setups, candidates, lines: Object.fromEntries(lines) }
}
