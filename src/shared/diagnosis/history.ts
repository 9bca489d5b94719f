/** Past checks of a machine, and what changed from one to the next. */
import { distinct, say, type Message, type Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { bootPorts, type Facts, type PastCheck } from '../lab/facts.ts'
import type { Diagnosis } from './doctor/finding.ts'

/** Older checks are kept as English sentences: the same line is the same in both. */
const isSameLine = (a: Phrase, b: Phrase): boolean => inEnglish(a) === inEnglish(b)

/** What decides, a line for each fact, in an order that stays. */
export function factLines(facts: Facts): Phrase[] {
  const option = ({ option: code, level, at, value }: NonNullable<Facts['dhcpOptions']>['value'][number]): Message =>
    say('doctor.line-option', { code, level, at, value: value.join(' ') })
  const lines = [
    ...(facts.services?.value ?? []).map((one) => say('doctor.line-service', { name: one.name, state: one.state, start: one.start })), // prettier-ignore
    ...(facts.udp?.value ?? [])
      .filter((one) => bootPorts.includes(one.port))
      .map(({ address, port, services, process }) =>
        say('doctor.port-held', { address, port, who: services.join(', ') || process || say('doctor.hidden-process') }),
      ),
    ...(facts.registry?.value ?? [])
      .filter((one) => one.data !== null)
      .map((one) => say('doctor.value-is', { value: one.name, data: [one.data].flat().join(', ') })),
    ...(facts.dhcpOptions?.value ?? []).map(option),
    ...(facts.dhcpScopes?.value ?? []).map(({ scope, isActive }) =>
      isActive ? say('doctor.line-scope-active', { scope }) : say('doctor.scope-is-inactive', { scope }),
    ),
    ...(facts.dhcpAuthorised === undefined
      ? []
      : [say(facts.dhcpAuthorised.value ? 'doctor.line-authorised' : 'doctor.line-not-authorised')]),
    ...(facts.firewall === undefined
      ? []
      : [say('doctor.line-firewall', { isOn: facts.firewall.value.isOn ? 'yes' : 'no', count: facts.firewall.value.rules.length })]), // prettier-ignore
    ...(facts.interfaces?.value ?? []).map(({ name, address, prefixLength }) =>
      say('doctor.line-interface', { name, network: `${address}/${prefixLength}` }),
    ),
  ]
  return distinct(lines).toSorted((a, b) => (inEnglish(a) < inEnglish(b) ? -1 : 1))
}

/** Kept of what was. */
const mostChecks = 200

/** The checks with this one, the oldest first; one that tells nothing new makes the last one longer. */
export function withCheck(past: readonly PastCheck[], facts: Facts, diagnosis: Diagnosis): PastCheck[] {
  const lines = factLines(facts)
  const last = past.at(-1)
  const isSame =
    last !== undefined &&
    isSameLine(last.verdict, diagnosis.verdict) &&
    last.lines.length === lines.length &&
    last.lines.every((line, at) => isSameLine(line, lines[at]!))
  return [
    ...(isSame ? past.slice(0, -1) : past),
    {
      at: isSame ? last.at : facts.collectedAt,
      until: facts.collectedAt,
      verdict: diagnosis.verdict,
      health: diagnosis.health,
      lines,
    },
  ].slice(-mostChecks)
}

/** What is there now and was not, and the other way round. */
export const changedLines = (
  before: PastCheck | undefined,
  after: PastCheck,
): { readonly came: readonly Phrase[]; readonly went: readonly Phrase[] } => {
  const without = (lines: readonly Phrase[], others: readonly Phrase[]): Phrase[] => {
    const known = new Set(others.map((one) => inEnglish(one)))
    return lines.filter((one) => !known.has(inEnglish(one)))
  }
  return before
    ? { came: without(after.lines, before.lines), went: without(before.lines, after.lines) }
    : { came: [], went: [] }
}

const judgedServices = ['DHCPServer', 'WDSServer', 'SccmPxe']

/** Whether a boot service of Windows ran: where none was there to be judged, nothing was found, and nothing is healthy either. */
export const hadServices = ({ lines }: PastCheck): boolean =>
  lines.some((line) =>
    typeof line === 'string'
      ? /^service (DHCPServer|WDSServer|SccmPxe) is running,/.test(line)
      : line.say === 'doctor.line-service' &&
        line.values?.['state'] === 'running' &&
        judgedServices.some((name) => name === line.values?.['name']),
  )
