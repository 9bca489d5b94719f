/** Which clients there are, by the ways that they come, and where their packets get in. */
import { say, type Phrase } from '#messages/message.ts'
import { wdsDataPorts, type Facts } from '../lab/facts.ts'
import { ownWays, passageOf, passageOfAnswers, waysFrom, type Passage, type Way } from '../lab/firewall.ts'
import { wdsParametersKey } from '../lab/registry-keys.ts'
import { networkOf } from './scope-options.ts'

export interface ClientGroup {
  /** As people know it; empty where clients are of the networks of the server. */
  readonly name: Phrase
  readonly ways: readonly Way[]
}

/** The clients of each active scope; without them those of the networks of the server. */
export function clientGroups(facts: Facts): ClientGroup[] {
  const hasDhcp = facts.services?.value.some((one) => one.name === 'DHCPServer' && one.state === 'running')
  const scopes = hasDhcp ? (facts.dhcpScopes?.value.filter((one) => one.isActive) ?? []) : []
  if (scopes.length === 0) return [{ name: '', ways: ownWays(facts) }]
  return scopes.map((one) => ({
    name: one.name === '' ? say('doctor.place-scope', { scope: one.scope }) : say('doctor.place-scope-named', one),
    ways: waysFrom(facts, networkOf(one)),
  }))
}

const registryOf = (facts: Facts, name: string): unknown =>
  facts.registry?.value.find((one) => one.key.toLowerCase() === wdsParametersKey.toLowerCase() && one.name.toLowerCase() === name.toLowerCase())?.data // prettier-ignore

/** The ports that WDS sends its files from; undefined where Windows chooses them. */
export function wdsTransferPorts(facts: Facts): readonly [number, number] | undefined {
  if (registryOf(facts, 'UdpPortPolicy') === 0) return undefined
  const start = registryOf(facts, 'UdpStartPort')
  const end = registryOf(facts, 'UdpEndPort')
  return [typeof start === 'number' ? start : wdsDataPorts[0], typeof end === 'number' ? end : wdsDataPorts[1]]
}

/** Ports that Windows chooses from where nobody bounds them (RFC 6335 section 6). */
export const dynamicPorts: readonly [number, number] = [49_152, 65_535]

/** Whether rules block what clients answer at the ports of transfers; Windows lets answers in by itself. */
export function transferPassage(facts: Facts, ways: readonly Way[]): Passage {
  const firewall = facts.firewall?.value
  return firewall ? passageOfAnswers(firewall, wdsTransferPorts(facts) ?? dynamicPorts, ways) : 'open'
}

/** Fewer machines than this at once are no deployment. */
export const fewestPorts = 50

/** Ranges that Windows keeps from programs; those of an administrator are kept for whoever asks for a port by its number. */
const keptRanges = (facts: Facts) => facts.excludedPorts?.value.filter((one) => !one.isAdministered) ?? []

/** Whether no boot service can have a port, for Windows keeps it, and none has it. */
export const isKept = (facts: Facts, port: number): boolean =>
  keptRanges(facts).some((one) => port >= one.first && port <= one.last) &&
  facts.udp?.value.some((one) => one.port === port && one.namespace === undefined) === false

/** How many ports of the transfers are left beside those that Windows keeps; undefined where it keeps none of them. */
export function leftOfTransferPorts(facts: Facts): number | undefined {
  const range = wdsTransferPorts(facts)
  if (!range || range[0] > range[1]) return undefined
  const kept = new Set<number>()
  for (const { first, last } of keptRanges(facts)) {
    // The same range may be the reservation of WDS itself.
    if (first === range[0] && last === range[1]) continue
    for (let port = Math.max(first, range[0]); port <= Math.min(last, range[1]); port++) kept.add(port)
  }
  return kept.size === 0 ? undefined : range[1] - range[0] + 1 - kept.size
}

export interface Passages {
  readonly closed: readonly (number | readonly [number, number])[]
  readonly unknown: readonly (number | readonly [number, number])[]
}

/** Ports of the boot services that clients of these ways do not reach, and those of which that is not known. */
export function passagesOf(facts: Facts, ways: readonly Way[]): Passages {
  const firewall = facts.firewall?.value
  if (!firewall) return { closed: [], unknown: [] }
  const range = wdsTransferPorts(facts) ?? dynamicPorts
  const all = [
    ...[67, 69, 4011].map((port) => ({ port, passage: passageOf(firewall, port, ways) })),
    ...(range[0] <= range[1] ? [{ port: range, passage: transferPassage(facts, ways) }] : []),
  ]
  const by = (passage: Passage) => all.flatMap((one) => (one.passage === passage ? [one.port] : []))
  return { closed: by('closed'), unknown: by('unknown') }
}
