/** `pxe-lab check`: whether networks are as a file says, once or on a schedule, and the file itself. */
import { inEnglish, t, textOf } from '#messages/text.ts'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import {
  clientKeys,
  compareEngine,
  compareWire,
  engineExpectationOf,
  expectationOf,
  expectationsSchema,
  needsBoot,
  wiresOf,
  type Assertion,
  type ClientKey,
  type EngineExpectation,
  type Expectations,
  type ObservedWire,
  type WireExpectation,
} from '#shared/lab/expectations.ts'
import { readYaml, yamlText } from '#shared/lab/yaml-file.ts'
import { replaceFile, writeRemedy } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'
import { whyUnread } from '../files/unreadable.ts'
import { collectFacts } from '../inspect/facts.ts'
import { censusClients } from '../probe/census.ts'
import { observeWire } from '../probe/observe-wire.ts'
import { listInterfaces, selectInterfaces, type NetworkInterface } from '../responder/interfaces.ts'
import { onStop } from '../stop.ts'
import {
  checkForms,
  formOf,
  nagiosExit,
  nagiosLine,
  stateOf,
  type CheckedPlace,
  type CheckForm,
  type CheckReport,
} from './check-report.ts'
import { EngineWatch } from './check-engine.ts'
import { checkLab } from './check-lab.ts'
import { installSteps, scheduleFiles, schedulers, type Scheduler } from './check-schedule.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

export interface CheckOptions {
  readonly expect?: string
  readonly record?: string
  readonly config?: string
  readonly interface?: readonly string[]
  readonly clients?: readonly string[]
  readonly form?: string
  readonly json?: boolean
  readonly textfile?: string
  readonly schedule?: string
  readonly every?: string
  readonly out?: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(text)

function wrongUsage(text: string): never {
  complain(text)
  throw new UsageError(text)
}

/** 0 everything holds, 1 something does not, 2 it cannot be told; with `--form nagios` what a monitoring plugin ends with. */
export async function check(options: CheckOptions): Promise<number> {
  const form = options.json ? 'json' : (options.form ?? 'text')
  if (!(checkForms as readonly string[]).includes(form))
    wrongUsage(t('cli.form-not-form-choose-one', { form, checkForms: checkForms.join(', ') }))
  const { config, expect, record: into, interface: only, clients, textfile, schedule, every, out } = options
  if (config !== undefined && expect === undefined && into === undefined) {
    if (form !== 'text' && form !== 'json') wrongUsage(t('cli.form-networks-lab-file-checked', { form }))
    if (only ?? clients ?? textfile ?? schedule ?? every ?? out) wrongUsage(t('cli.config-alone-checks-lab-file')) // prettier-ignore
    return checkLab(config, form)
  }
  if ((expect === undefined) === (into === undefined))
    wrongUsage(t('cli.give-config-file-check-lab')) // prettier-ignore
  if ((options.interface ?? options.clients ?? options.config) && options.record === undefined)
    wrongUsage(t('cli.interface-clients-config-belong-record'))
  const wrong = options.clients?.find((one) => !(clientKeys as readonly string[]).includes(one))
  if (wrong !== undefined) wrongUsage(`--clients ${wrong} is not a client. Choose of: ${clientKeys.join(', ')}.`)
  if (options.record !== undefined) return record(options.record, options.interface ?? [], (options.clients ?? clientKeys) as readonly ClientKey[], options.config) // prettier-ignore
  const expectations = await read(options.expect!)
  if (!expectations) return withoutResult(form as CheckForm, t('cli.cannot-used-file-expectations', { expect: options.expect })) // prettier-ignore
  if (options.schedule !== undefined) return writeSchedule(options, options.expect!)
  if (options.every !== undefined || options.out !== undefined) wrongUsage(t('cli.every-out-belong-schedule'))
  return run(expectations, form as CheckForm, options)
}

/** Where nothing could be checked: a monitoring system would take 2 for something that differs, and reads standard output alone. */
function withoutResult(form: CheckForm, text: string): number {
  if (form !== 'nagios') return exitCodes.unknown
  tell(`${nagiosLine('unknown', text)}\n`)
  return nagiosExit.unknown
}

async function run(expectations: Expectations, form: CheckForm, { textfile, expect }: CheckOptions): Promise<number> {
  const started = performance.now()
  const { engine: expectedEngine } = expectations
  const watch = expectedEngine && (await EngineWatch.open(resolve(dirname(expect!), expectedEngine.lab), 'engine.lab'))
  if (expectedEngine && !watch) return withoutResult(form, t('cli.lab-file-cannot-used', { lab: expectedEngine.lab }))
  try {
    return await runWith(expectations, watch, form, textfile, started)
  } finally {
    watch?.close()
  }
}

async function runWith(
  expectations: Expectations,
  watch: EngineWatch | undefined,
  form: CheckForm,
  textfile: string | undefined,
  started: number,
): Promise<number> {
  await watch?.begin()
  const stop = new AbortController()
  onStop(() => stop.abort())
  const places: CheckedPlace[] = []
  for (const wire of wiresOf(expectations)) {
    const place = await checkWire(wire, stop.signal)
    if (!place) {
      complain('cancelled.')
      return withoutResult(form, t('cli.check-cancelled'))
    }
    places.push(place)
  }
  const wasAsked = places.some((one) => one.complaint === '')
  const { engine, doctor } = expectations
  for (const expected of engine?.servers ?? []) {
    const found = await watch!.look(expected.server, wasAsked)
    const server = t('cli.kea', { server: expected.server })
    places.push(typeof found === 'string' ? { interface: '', server, complaint: found, assertions: [] } : { interface: '', server, complaint: '', assertions: compareEngine(expected, found) }) // prettier-ignore
  }
  if (doctor !== undefined) places.push({ interface: '', complaint: '', assertions: [await checkDoctor(doctor, form)] })
  const report: CheckReport = {
    places,
    endedAt: Math.floor(Date.now() / 1000),
    seconds: (performance.now() - started) / 1000,
  }
  tell(formOf[form](report))
  const state = stateOf(report)
  const code =
    form === 'nagios'
      ? nagiosExit[state]
      : { holds: exitCodes.ok, differs: exitCodes.failed, unknown: exitCodes.unknown }[state]
  if (textfile === undefined) return code
  try {
    await replaceFile(textfile, formOf.prometheus(report))
    return code
  } catch (error) {
    complain(t('cli.textfile-cannot-written', { textfile, writeRemedy: writeRemedy(error) }))
    return form === 'nagios' ? nagiosExit.unknown : exitCodes.badFile
  }
}

const served = (name: string): NetworkInterface | string => {
  const here = listInterfaces()
  const found = selectInterfaces([name], here).found[0]
  return (
    found ??
    t('cli.not-interface-ipv4-address-choose', { name, value: here.map((one) => one.name).join(', ') || 'none' })
  )
}

const nameOf = (client: ClientKey): string => censusClients[client].name
const howToAsk = (complaint: string): string => t('cli.run-root-end-holds-port', { complaint })

/** Undefined where it was cancelled. */
async function checkWire(wire: WireExpectation, signal: AbortSignal): Promise<CheckedPlace | undefined> {
  const to = served(wire.interface)
  if (typeof to === 'string') return { interface: wire.interface, complaint: to, assertions: [] }
  const observed = await observeWire({
    interface: to,
    clients: clientKeys.filter((one) => wire.clients?.[one] !== undefined),
    boots: (client) => needsBoot(wire.clients?.[client] ?? {}),
    signal,
    onProgress: () => {},
  })
  if (!observed) return undefined
  if ('complaint' in observed) return { interface: wire.interface, complaint: howToAsk(observed.complaint), assertions: [] } // prettier-ignore
  return { interface: wire.interface, complaint: '', assertions: compareWire(wire, observed, nameOf) }
}

async function checkDoctor(expected: NonNullable<Expectations['doctor']>, form: CheckForm): Promise<Assertion> {
  const { health, verdict, findings } = diagnose(await collectFacts())
  if (expected === 'healthy') {
    const state = health === 'healthy' ? 'holds' : health === 'unknown' ? 'unknown' : 'differs'
    return { what: 'doctor', expected, found: form === 'json' ? inEnglish(verdict) : textOf(verdict), state }
  }
  const listed = (ids: readonly string[]): string => ids.toSorted().join(', ') || 'no finding'
  const found = listed(findings.map((one) => one.id))
  const state = found === listed(expected) ? 'holds' : 'differs'
  return { what: 'doctor', expected: listed(expected), found, state }
}

async function read(file: string): Promise<Expectations | undefined> {
  let text: string
  try {
    ;({ text } = await readTextFile(file))
  } catch (error) {
    complain(t('cli.expect-name-file-expectations', { file, whyUnread: whyUnread(error) }))
    return undefined
  }
  const { list, value } = readYaml(text, expectationsSchema, t('cli.file-expectations'))
  for (const { line, field, value: shown, message, remedy } of list.problems)
    complain(t('cli.it-is', { file, line, field, message, shown, remedy }))
  return value
}

/** Everything of every network, or nothing at all; a file that is there keeps a copy of what it said. */
async function record(
  file: string,
  names: readonly string[],
  clients: readonly ClientKey[],
  config: string | undefined,
): Promise<number> {
  const watch = config === undefined ? undefined : await EngineWatch.open(config, '--config')
  if (config !== undefined && !watch) return exitCodes.badFile
  try {
    return await recordWith(file, names, clients, watch, config)
  } finally {
    watch?.close()
  }
}

async function recordWith(
  file: string,
  names: readonly string[],
  clients: readonly ClientKey[],
  watch: EngineWatch | undefined,
  config: string | undefined,
): Promise<number> {
  const stop = new AbortController()
  onStop(() => stop.abort())
  const wanted =
    names.length > 0
      ? names
      : listInterfaces()
          .filter((one) => one.address >>> 24 !== 127)
          .map((one) => one.name)
  if (wanted.length === 0) {
    complain(t('cli.no-interface-machine-ipv4-address'))
    return exitCodes.unknown
  }
  await watch?.begin()
  const wires: ObservedWire[] = []
  for (const name of wanted) {
    const to = served(name)
    const observed =
      typeof to === 'string'
        ? to
        : await observeWire({
            interface: to,
            clients,
            // A firmware that is told nothing waits for minutes before it says so.
            boots: (_client, bootServer) => bootServer !== '',
            signal: stop.signal,
            onProgress: (text) => void process.stderr.write(`${text}\n`),
          })
    if (observed === undefined || typeof observed === 'string' || 'complaint' in observed) {
      complain(
        observed === undefined
          ? t('cli.cancelled-nothing-written')
          : `${typeof observed === 'string' ? observed : `${name} cannot be asked: ${howToAsk(observed.complaint)}`}. Nothing was written.`,
      )
      return exitCodes.unknown
    }
    wires.push(observed)
  }
  const engines: EngineExpectation[] = []
  for (const server of watch?.names ?? []) {
    const found = await watch!.look(server, wires.length > 0)
    if (typeof found === 'string') {
      complain(t('cli.kea-not-asked-nothing-written', { server, found }))
      return exitCodes.unknown
    }
    engines.push(engineExpectationOf(found))
  }
  const { health, findings } = diagnose(await collectFacts())
  const expectations = {
    wires: wires.map(expectationOf),
    ...(config === undefined ? {} : { engine: { lab: relative(dirname(resolve(file)), resolve(config)).replaceAll(sep, '/'), servers: engines } }), // prettier-ignore
    ...(health === 'unknown' ? {} : { doctor: health === 'healthy' ? health : findings.map((one) => one.id).toSorted() }), // prettier-ignore
  } satisfies Expectations
  const head = `# What pxe-lab check --record found on ${new Date().toISOString()}. Take away what may change.\n`
  try {
    const kept = `${file}.before`
    const before = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    if (before) await replaceFile(kept, before)
    await replaceFile(file, head + yamlText(expectations))
    tell(`Wrote ${file}.${before ? ` ${t('cli.said-before', { kept })}` : ''}\n`)
    return exitCodes.ok
  } catch (error) {
    complain(t('cli.record-cannot-written', { file, writeRemedy: writeRemedy(error) }))
    return exitCodes.badFile
  }
}

async function writeSchedule(options: CheckOptions, expect: string): Promise<number> {
  const { schedule, every = '15', out = '.', textfile } = options
  if (!(schedulers as readonly string[]).includes(schedule!))
    wrongUsage(t('cli.schedule-none-choose-one', { schedule, schedulers: schedulers.join(', ') }))
  const everyMinutes = Number(every)
  if (!Number.isInteger(everyMinutes) || everyMinutes < 1 || everyMinutes > 44_640)
    wrongUsage(t('cli.every-no-number-minutes-give', { every }))
  const command = [process.execPath, resolve(process.argv[1]!), 'check', '--expect', resolve(expect), ...(textfile === undefined ? [] : ['--textfile', resolve(textfile)])] // prettier-ignore
  const files = scheduleFiles[schedule as Scheduler]({ command, everyMinutes })
  const folder = resolve(out)
  try {
    await mkdir(folder, { recursive: true })
    for (const { name, content } of files) await replaceFile(join(folder, name), content)
  } catch (error) {
    complain(t('cli.out-cannot-written', { folder, writeRemedy: writeRemedy(error) }))
    return exitCodes.badFile
  }
  tell(`Wrote ${files.map((one) => one.name).join(' and ')} into ${folder}.\n${installSteps[schedule as Scheduler](folder)}\n`) // prettier-ignore
  return exitCodes.ok
}
