/** Past checks of a machine, and what changed from one to the next. */
import { bootPorts, type Facts, type PastCheck } from '../lab/facts.ts'
import type { Diagnosis } from './doctor/finding.ts'

/** What decides, a line for each fact, in an order that stays. */
export function factLines(facts: Facts): string[] {
  return [
    ...(facts.services?.value ?? []).map((one) => `service ${one.name} is ${one.state}, start ${one.start}`),
    ...(facts.udp?.value ?? [])
      .filter((one) => bootPorts.includes(one.port))
      .map((one) => `UDP ${one.address}:${one.port} is held by ${one.services.join(', ') || one.process || 'a hidden process'}`), // prettier-ignore
    ...(facts.registry?.value ?? [])
      .filter((one) => one.data !== null)
      .map((one) => `${one.name} is ${[one.data].flat().join(', ')}`),
    ...(facts.dhcpOptions?.value ?? []).map(
      (one) =>
        `option ${one.option} at ${one.level} level${one.at === '' ? '' : ` ${one.at}`} is ${one.value.join(' ')}`,
    ),
    ...(facts.dhcpScopes?.value ?? []).map((one) => `scope ${one.scope} is ${one.isActive ? 'active' : 'inactive'}`),
    ...(facts.dhcpAuthorised === undefined
      ? []
      : [`the DHCP server is ${facts.dhcpAuthorised.value ? '' : 'not '}authorised`]),
    ...(facts.firewall === undefined
      ? []
      : [`the firewall is ${facts.firewall.value.isOn ? 'on' : 'off'}, ${facts.firewall.value.rules.length} rules for UDP`]), // prettier-ignore
    ...(facts.interfaces?.value ?? []).map((one) => `${one.name} has ${one.address}/${one.prefixLength}`),
  ].toSorted()
}

/** Kept of what was. */
const mostChecks = 200

/** The checks with this one, the oldest first; one that tells nothing new makes the last one longer. */
export function withCheck(past: readonly PastCheck[], facts: Facts, diagnosis: Diagnosis): PastCheck[] {
  const lines = [...new Set(factLines(facts))]
  const last = past.at(-1)
  const isSame = last?.verdict === diagnosis.verdict && last.lines.join('\n') === lines.join('\n')
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
): { readonly came: readonly string[]; readonly went: readonly string[] } => ({
  came: before ? after.lines.filter((one) => !before.lines.includes(one)) : [],
  went: before ? before.lines.filter((one) => !after.lines.includes(one)) : [],
})
