/** `pxe-lab simulate` and `pxe-lab matrix`: boots on a virtual network. */
import { englishOf, forPrograms } from '#messages/json.ts'
import { withTexts } from '#messages/local-texts.ts'
import { together } from '#messages/message.ts'
import { inEnglish, localText, t, textOf } from '#messages/text.ts'
import {
  CoHostingMatrix,
  dimensionNames,
  dimensions,
  matrixClients,
  matrixEntries,
  noRemedy,
  valueNames,
  type Dimension,
  type MatrixEntry,
} from '#shared/diagnosis/co-hosting.ts'
import { explainAttempt } from '#shared/diagnosis/explain/explain.ts'
import { explainedLadder } from '#shared/diagnosis/report.ts'
import { clientStages, type ClientStage } from '#shared/machines/pxe-client/client.ts'
import { firmwareText, firmwareNames, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import { changeScenario, describeScenarioProblem } from '#shared/simulation/changes.ts'
import { labOfScenario, playableHosts } from '#shared/simulation/lab-scenario.ts'
import { scenarioNames } from '#shared/simulation/scenario-names.ts'
import { scenarioTexts, type Change, type Scenario } from '#shared/simulation/scenario.ts'
import { epochSeconds, Simulation } from '#shared/simulation/simulation.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { ladderText } from '#shared/trace/ladder-text.ts'
import { laneName } from '#shared/trace/name-addresses.ts'
import { Session } from '#shared/trace/session.ts'
import { noticeText } from '#shared/lab/boot-check.ts'
import { frameOf } from '#shared/simulation/packet.ts'
import { summarize } from '#shared/wire/summary.ts'
import { describeProblem } from '../workspace/lab-file.ts'
import { revokedKeys, type Revocations } from '#shared/secure-boot/chain.ts'
import { cryptography } from '../inspect/cryptography.ts'
import { ScenarioLibrary, findScenario, labFileText } from '../workspace/scenario-library.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { compareBoots } from './compare-boot.ts'
import { exitCodes } from './exit-codes.ts'
import { revocationsOf } from './secure-boot.ts'
import { UsageError } from './usage-error.ts'

export interface SimulateOptions {
  readonly client?: string
  readonly set?: readonly string[]
  readonly seed?: string
  readonly json?: boolean
  readonly pcapng?: string
  readonly until?: string
  readonly list?: boolean
  readonly ladder?: boolean
  readonly compare?: string
  readonly lab?: string
  readonly dbx?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)

function wrong(text: string): never {
  complain(text)
  throw new UsageError(text)
}

/** `PATH=VALUE`, the value as JSON where it is that, otherwise as text. */
function changeOf(text: string): Change {
  const at = text.indexOf('=')
  if (at <= 0) wrong(t('cli.set-no-path-value-such', { text }))
  const value = text.slice(at + 1)
  try {
    return { path: text.slice(0, at), value: JSON.parse(value) as unknown }
  } catch {
    return { path: text.slice(0, at), value }
  }
}

async function printList(): Promise<number> {
  const entries = await new ScenarioLibrary().list()
  let group = ''
  for (const { id, scenario } of [...entries].sort((a, b) => (a.scenario.group < b.scenario.group ? -1 : 1))) {
    if (scenario.group !== group) process.stdout.write(`\n${localText((group = scenario.group))}\n`)
    process.stdout.write(`  ${id.padEnd(30)} ${localText(scenario.title)}\n`)
  }
  process.stdout.write(
    `\nFirmwares for --client: ${firmwareNames.map((name) => `${name} (${firmwareText(name)})`).join(', ')}\n`,
  )
  return exitCodes.ok
}

function withClient(input: unknown, scenario: Scenario, firmware: string): unknown {
  if (!(firmwareNames as readonly string[]).includes(firmware))
    wrong(t('cli.client-no-firmware-write-one', { firmware, firmwareNames: firmwareNames.join(', ') }))
  const first = Object.values(scenario.clients)[0]
  const segment = first?.on ?? Object.keys(scenario.segments)[0]!
  return {
    ...(input as object),
    clients: { [`${firmware}-pc`]: { firmware: firmware as FirmwareName, on: segment } },
    expect: {},
  }
}

function json(simulation: Simulation, id: string): object {
  return {
    version: 1,
    scenario: id,
    seconds: simulation.clock.now / 1000,
    clients: simulation.outcomes().map((one) => ({
      ...one,
      stages: simulation.moments.flatMap(({ at, client, event }) =>
        client === one.name && event.type === 'stage'
          ? [{ seconds: at / 1000, stage: event.stage, text: event.text }]
          : [],
      ),
    })),
    log: simulation.log.map(({ at, ...line }) => ({ seconds: at / 1000, ...line })),
    frames: simulation.transmissions.map((one) => {
      const { bytes, length } = frameOf(one.packet)
      const summary = summarize(bytes, { linkType: 1, isTftp: undefined })
      return {
        seconds: one.sentAt / 1000,
        segment: one.segment.name,
        from: one.from.name,
        to: one.to.map(({ link }) => link.name),
        fate: one.fate,
        length,
        protocol: summary.protocol,
        summary: inEnglish(summary.summary),
      }
    }),
  }
}

/**
 * The changes that give every machine with Secure Boot this dbx. Authorities of Microsoft are known by their certificates, any other
 * by its name, as scenarios write them. Programs of a scenario are described and have no hash: hashes are compared with nothing.
 */
function withDbx(scenario: Scenario, revocations: Revocations): Change[] {
  const names = revokedKeys(revocations, cryptography).map((key) => key.replace(/#.*$/, ''))
  const clients = Object.entries(scenario.clients).filter(([, client]) => client.secureBoot)
  if (clients.length === 0) {
    const first = Object.keys(scenario.clients)[0] ?? 'NAME'
    complain(t('cli.dbx-changes-nothing-no-machine', { first })) // prettier-ignore
  } else
    complain(
      names.length === 0
        ? t('cli.revokes-no-authority-programs-scenario', { name: revocations.name })
        : t('cli.revokes-programs-scenario-no-hash', { name: revocations.name, names: names.join(', ') }),
    )
  return clients.map(([name]) => ({ path: `clients.${name}.trust.dbx`, value: names }))
}

/** 0 where every client boots, 1 where one does not, 2 where a file cannot be read. */
export async function simulate(name: string | undefined, options: SimulateOptions): Promise<number> {
  if (options.list) return printList()
  if (name === undefined) wrong(t('cli.name-scenario-scenario-file-lab'))
  if (options.until !== undefined && !(clientStages as readonly string[]).includes(options.until))
    wrong(t('cli.until-no-stage-write-one', { until: options.until, clientStages: clientStages.join(', ') }))
  const seed = options.seed === undefined ? undefined : Number(options.seed)
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0))
    wrong(t('cli.seed-no-whole-number', { seed: options.seed }))
  const revocations = options.dbx === undefined ? undefined : await revocationsOf(options.dbx)
  if (options.dbx !== undefined && !revocations) return exitCodes.badFile
  const found = await findScenario(name)
  if (!found.ok) {
    if (found.problems === undefined) complain(found.message)
    else for (const problem of found.problems) complain(describeProblem(name, problem))
    return exitCodes.badFile
  }
  const spoken = options.json ? found.input : withTexts(found.input, scenarioTexts, localText)
  const input = options.client === undefined ? spoken : withClient(spoken, found.scenario, options.client)
  const set = (options.set ?? []).map(changeOf)
  let checked = changeScenario(input, set)
  if (checked.ok && revocations) checked = changeScenario(input, [...set, ...withDbx(checked.scenario, revocations)])
  if (!checked.ok) {
    for (const problem of checked.problems) complain(textOf(describeScenarioProblem(problem)))
    return exitCodes.badFile
  }
  const { scenario } = checked
  for (const notice of found.notices) complain(`${name}: ${notice.field}: ${textOf(noticeText(notice))}`)
  const simulation = new Simulation(scenario, {
    record: true,
    ...(seed === undefined ? {} : { seed }),
    ...(options.until === undefined ? {} : { until: options.until as ClientStage }),
  })
  simulation.run()
  if (options.pcapng !== undefined && !(await written(options.pcapng, simulation.capture(), '--pcapng')))
    return exitCodes.badFile
  if (options.lab !== undefined) {
    const host = playableHosts(scenario)[0]
    if (host === undefined) wrong(t('cli.lab-no-host-scenario-could'))
    const { lab, left } = labOfScenario(scenario, host)
    if (!(await written(options.lab, labFileText(lab), '--lab'))) return exitCodes.badFile
    for (const one of left) complain(`${scenarioNames(scenario).get(host)}: ${textOf(one)}`)
  }
  if (options.json) process.stdout.write(`${JSON.stringify(englishOf(json(simulation, found.id)))}\n`)
  else printOutcome(simulation, options.ladder === true)
  if (options.compare !== undefined) return compareBoots(simulation, options.compare)
  return simulation.outcomes().every((one) => one.state === 'booted') ? exitCodes.ok : exitCodes.failed
}

async function written(file: string, content: Uint8Array | string, flag: string): Promise<boolean> {
  try {
    await replaceFile(file, content)
    return true
  } catch (error) {
    complain(
      t('cli.cannot-written-2', {
        flag,
        file,
        code: (error as NodeJS.ErrnoException).code,
        writeRemedy: writeRemedy(error),
      }),
    )
    return false
  }
}

function sessionOf(simulation: Simulation): Session {
  const session = new Session()
  session.push(simulation.capture())
  session.end()
  return session
}

/** The ladder with the names of the scenario; what had not come when the boot was over did not come. */
function printLadder(simulation: Simulation, session: Session, attempt: Attempt): void {
  const endedNs = (epochSeconds * 1000 + simulation.clock.now) * 1e6 - Number(session.store.baseNs)
  const explanation = explainAttempt(session.store, attempt, { nowNs: Math.max(session.endNs, endedNs) })
  const names = simulation.addressNames()
  process.stdout.write(
    `\n${ladderText(explainedLadder(session, attempt, explanation), (lane) => laneName(lane, names))}\n`,
  )
}

function printOutcome(simulation: Simulation, withLadder: boolean): void {
  const session = withLadder ? sessionOf(simulation) : undefined
  const names = scenarioNames(simulation.scenario)
  for (const one of simulation.outcomes()) {
    const code = one.code === '' ? '' : ` (${one.code})`
    process.stdout.write(
      `${names.get(one.name)}, ${firmwareText(one.firmware as FirmwareName)}: ${one.state}${code} after ${one.seconds.toFixed(1)} s\n  ${textOf(one.because)}\n`,
    )
    for (const line of one.screen) process.stdout.write(`    | ${line}\n`)
    for (const attempt of session?.trace.attempts.filter(({ machine }) => machine.name === one.mac) ?? [])
      printLadder(simulation, session!, attempt)
  }
  const told = simulation.log.filter(({ tone }) => tone !== 'plain')
  if (told.length > 0) process.stdout.write('Logs\n')
  for (const { at, host, service, text } of told.slice(0, 40))
    process.stdout.write(`  ${(at / 1000).toFixed(3).padStart(8)} s  ${names.get(host)}, ${service}: ${text}\n`)
}

export interface MatrixOptions {
  readonly json?: boolean
  readonly markdown?: boolean
  readonly where?: readonly string[]
}

const short = ({ state, code, line }: MatrixEntry['cells'][(typeof matrixClients)[number]]): string =>
  state === 'booted'
    ? 'boots'
    : code !== ''
      ? code
      : line.startsWith('BdsDxe')
        ? t('cli.program-not-started')
        : line.split(':')[0] || state

export function matrix(options: MatrixOptions): number {
  const wanted = (options.where ?? []).map((text) => {
    const [name = '', value = ''] = text.split('=')
    const values = dimensions[name as Dimension] as readonly string[] | undefined
    if (!values) wrong(t('cli.names-no-column-write-one', { text, keys: Object.keys(dimensions).join(', ') }))
    if (!values.includes(value)) wrong(t('cli.one', { text, name, values: values.join(', ') }))
    return { name: name as Dimension, value }
  })
  const all = new CoHostingMatrix([...matrixEntries()])
  const entries = all.entries.filter(({ row }) => wanted.every(({ name, value }) => row[name] === value))
  const remedyText = (entry: MatrixEntry): string => {
    const remedy = all.remedyOf(entry.row)
    return remedy ? textOf(together(remedy.says)) : entry.boots ? t('cli.nothing-do') : textOf(noRemedy(entry.row))
  }
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(forPrograms(entries.map((entry) => ({ ...entry, remedy: all.remedyOf(entry.row) ?? null }))))}\n`,
    )
    return exitCodes.ok
  }
  const columns = Object.keys(dimensions) as Dimension[]
  const head = [...columns.map((name) => textOf(dimensionNames[name])), ...matrixClients, 'remedy']
  const rows = entries.map((entry) => [
    ...columns.map((name) => textOf(valueNames[entry.row[name]]!)),
    ...matrixClients.map((client) => short(entry.cells[client])),
    remedyText(entry),
  ])
  if (options.markdown) {
    process.stdout.write(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n`)
    for (const row of rows) process.stdout.write(`| ${row.join(' | ')} |\n`)
    return exitCodes.ok
  }
  const widths = head
    .slice(0, -1)
    .map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)))
  for (const row of [head, ...rows])
    process.stdout.write(`${row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ')}\n`)
  return exitCodes.ok
}
