/** What a check found, in the forms that people, programs and monitoring systems read. */
import type { Assertion } from '#shared/lab/expectations.ts'
import { printable } from '#shared/wire/printable.ts'

export interface CheckedPlace {
  /** The interface; empty for what is of the machine itself, and of a server that is asked by itself. */
  readonly interface: string
  /** Such a server, as people call it. */
  readonly server?: string
  /** Why it could not be asked; empty where it was. */
  readonly complaint: string
  readonly assertions: readonly Assertion[]
}

export interface CheckReport {
  readonly places: readonly CheckedPlace[]
  /** Seconds since 1970, and how long it took. */
  readonly endedAt: number
  readonly seconds: number
}

export const checkForms = ['text', 'json', 'nagios', 'prometheus'] as const
export type CheckForm = (typeof checkForms)[number]

type State = Assertion['state']

export const stateOfPlace = ({ complaint, assertions }: CheckedPlace): State =>
  assertions.some((one) => one.state === 'differs')
    ? 'differs'
    : complaint !== '' || assertions.some((one) => one.state === 'unknown')
      ? 'unknown'
      : 'holds'

/** A difference outweighs what is not known. */
export function stateOf({ places }: CheckReport): State {
  const states = places.map(stateOfPlace)
  return states.includes('differs') ? 'differs' : states.includes('unknown') ? 'unknown' : 'holds'
}

const marks: Readonly<Record<State, string>> = { holds: 'ok', differs: 'NO', unknown: '??' }

function told({ what, expected, found, state }: Assertion): string {
  switch (state) {
    case 'holds':
      return `${what}: ${found}`
    case 'differs':
      return `${what}: expected ${expected}, found ${found}`
    case 'unknown':
      return `${what}: expected ${expected}, which could not be found out (${found})`
  }
}

function textOf({ places }: CheckReport): string {
  const isTitled = places.filter((one) => one.interface !== '').length > 1 || places.some((one) => one.server !== undefined) // prettier-ignore
  return places
    .flatMap(({ interface: name, server, complaint, assertions }) => [
      ...(isTitled ? [server ?? (name === '' ? 'this machine' : name)] : []),
      ...(complaint === '' ? [] : [`??  ${server ?? name} could not be queried: ${complaint}`]),
      ...assertions.map((one) => `${marks[one.state]}  ${told(one)}`),
    ])
    .map((line) => `${printable(line)}\n`)
    .join('')
}

const jsonOf = (report: CheckReport): string =>
  `${JSON.stringify({
    version: 2,
    state: stateOf(report),
    wires: report.places.filter((one) => one.interface !== '').map((one) => ({ ...one, state: stateOfPlace(one) })),
    servers: report.places.filter((one) => one.server !== undefined).map((one) => ({ server: one.server, complaint: one.complaint, assertions: one.assertions, state: stateOfPlace(one) })), // prettier-ignore
    machine: report.places.filter((one) => one.interface === '' && one.server === undefined).flatMap((one) => one.assertions), // prettier-ignore
  })}\n`

/** What a place is called within a sentence; empty for the machine itself. */
const shortName = ({ interface: name, server }: CheckedPlace): string => server ?? name

const counts = ({ places }: CheckReport): Readonly<Record<State, number>> => {
  const all = places.flatMap(({ assertions, complaint }) => [...assertions.map((one) => one.state), ...(complaint === '' ? [] : ['unknown' as const])]) // prettier-ignore
  const of = (state: State): number => all.filter((one) => one === state).length
  return { holds: of('holds'), differs: of('differs'), unknown: of('unknown') }
}

/** Monitoring plugins: the word of the state, one line, then performance data behind a bar; the rest is long output. */
const nagiosWords: Readonly<Record<State, string>> = { holds: 'OK', differs: 'CRITICAL', unknown: 'UNKNOWN' }
/** What a monitoring plugin ends with. */
export const nagiosExit: Readonly<Record<State, number>> = { holds: 0, differs: 2, unknown: 3 }

/** A bar begins the performance data. */
const plainLine = (text: string): string => printable(text).replaceAll('|', '/')

/** The first line of a plugin that has nothing to count. */
export const nagiosLine = (state: State, text: string): string => `PXE ${nagiosWords[state]} - ${plainLine(text)}`

function nagiosOf(report: CheckReport): string {
  const { holds, differs, unknown } = counts(report)
  const total = holds + differs + unknown
  const state = stateOf(report)
  const first = report.places.flatMap((one) => one.assertions.filter(({ state: of }) => of === 'differs').map((of) => `${shortName(one) === '' ? '' : `${shortName(one)} `}${told(of)}`)) // prettier-ignore
  const notAsked = report.places.flatMap((one) => (one.complaint === '' ? [] : [`${shortName(one)} could not be queried: ${one.complaint}`])) // prettier-ignore
  const summary = state === 'holds' ? `${total} of ${total} as expected` : [...first, ...notAsked][0] ?? `${unknown} of ${total} could not be found out` // prettier-ignore
  const rest = [...first, ...notAsked].slice(1).map(plainLine)
  return [
    `${nagiosLine(state, summary)} | expected=${holds} differing=${differs};;0 unknown=${unknown} time=${report.seconds.toFixed(3)}s`,
    ...rest,
    '',
  ].join('\n')
}

/** Prometheus text format 0.0.4: a label value escapes backslash, quote and line feed. */
const label = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)}"`

const placeLabel = ({ interface: name, server }: CheckedPlace): string =>
  server === undefined ? `interface=${label(name)}` : `server=${label(server)}`

function prometheusOf(report: CheckReport): string {
  const samples: string[] = []
  const family = (name: string, help: string, rows: readonly string[]): void => {
    if (rows.length > 0) samples.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...rows)
  }
  const asked = report.places.filter((one) => shortName(one) !== '')
  family('pxe_lab_check_holds', 'Whether an expectation holds: 1 yes, 0 no; absent where it could not be found out.', report.places.flatMap((place) => place.assertions.filter((one) => one.state !== 'unknown').map((one) => `pxe_lab_check_holds{${placeLabel(place)},what=${label(one.what)}} ${one.state === 'holds' ? 1 : 0}`))) // prettier-ignore
  family('pxe_lab_check_asked', 'Whether a network or server could be asked.', asked.map((one) => `pxe_lab_check_asked{${placeLabel(one)}} ${one.complaint === '' ? 1 : 0}`)) // prettier-ignore
  const { holds, differs, unknown } = counts(report)
  family('pxe_lab_check_expectations', 'Expectations by what became of them.', Object.entries({ holds, differs, unknown }).map(([state, count]) => `pxe_lab_check_expectations{state=${label(state)}} ${count}`)) // prettier-ignore
  family('pxe_lab_check_duration_seconds', 'How long the check took.', [`pxe_lab_check_duration_seconds ${report.seconds.toFixed(3)}`]) // prettier-ignore
  family('pxe_lab_check_ended_timestamp_seconds', 'When the check ended.', [`pxe_lab_check_ended_timestamp_seconds ${report.endedAt}`]) // prettier-ignore
  return `${samples.join('\n')}\n`
}

export const formOf: Readonly<Record<CheckForm, (report: CheckReport) => string>> = {
  text: textOf,
  json: jsonOf,
  nagios: nagiosOf,
  prometheus: prometheusOf,
}
