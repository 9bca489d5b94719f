/** `pxe-lab simulate --compare`: the boots of a capture beside the simulated ones, machine by machine. */
import { t } from '#messages/text.ts'
import { varying } from '#shared/diagnosis/comparability.ts'
import { compareSequences, sequenceOf, type SequenceMessage } from '#shared/diagnosis/sequence.ts'
import type { ClientOutcome, Simulation } from '#shared/simulation/simulation.ts'
import type { Machine } from '#shared/trace/events.ts'
import { Session } from '#shared/trace/session.ts'
import { labCheckName } from '#shared/wire/lab-checks.ts'
import { readCapture } from './capture-input.ts'
import { exitCodes } from './exit-codes.ts'

interface Pair {
  readonly machine: Machine
  readonly client: ClientOutcome
}

/** Machines that the topology names by hardware address; where it names none, the only one there is. Why not, as a text. */
function pairsOf(machines: readonly Machine[], clients: readonly ClientOutcome[], file: string): Pair[] | string {
  const booting = machines.filter((one) => one.check === undefined)
  const named = clients.flatMap((client) => {
    const machine = booting.find((one) => one.name === client.mac)
    return machine ? [{ machine, client }] : []
  })
  if (named.length > 0) return named
  const [machine, ...others] = booting
  if (!machine)
    return machines.length > 0
      ? t('cli.compare-holds-no-boot-only', { file, labCheckName })
      : t('cli.compare-holds-no-boot', { file })
  if (others.length > 0)
    return t('cli.compare-holds-boots-topology-names', { file, booting: booting.map((one) => one.name).join(', ') })
  return [{ machine, client: clients[0]! }]
}

const sessionOf = (capture: Uint8Array): Session => {
  const session = new Session()
  session.push(capture)
  session.end()
  return session
}

/** What the simulated machine said, seen where the real one was: before the relay agent, or behind it. */
function simulatedSequence(
  simulation: Simulation,
  { client }: Pair,
  real: readonly SequenceMessage[],
): SequenceMessage[] {
  const own = simulation.clients.find((one) => one.name === client.name)!.host.nics[0]!.link.segment.name
  const isRelayed = real.length > 0 && real.every((one) => one.from === 'server' || !/^67>67|^68>/.test(one.says) || one.says.includes('giaddr')) // prettier-ignore
  const isBehind = isRelayed && real.some((one) => one.says.includes('giaddr, hops'))
  const seen = (segment: string): SequenceMessage[] => sequenceOf(sessionOf(simulation.capture(segment)), client.mac)
  if (!isBehind) return seen(own)
  for (const { name } of simulation.segments) {
    const sequence = name === own ? [] : seen(name)
    if (sequence.length > 0) return sequence
  }
  return seen(own)
}

/** Whether the recording ended before the real machine could have said what the simulated one says next. */
function isCutOff(real: readonly SequenceMessage[], simulated: readonly SequenceMessage[], restMs: number): boolean {
  const [last, next] = [simulated[real.length - 1], simulated[real.length]]
  return last !== undefined && next !== undefined && restMs <= next.atMs - last.atMs
}

export interface Compared {
  readonly text: string
  readonly code: number
}

/** The comparison in words, and how the command ends. */
export function comparedWith(simulation: Simulation, session: Session, file: string): Compared {
  const pairs = pairsOf(session.trace.machines, simulation.outcomes(), file)
  if (typeof pairs === 'string') return { text: pairs, code: exitCodes.badFile }
  const lines: string[] = []
  let hasDifferences = false
  for (const pair of pairs) {
    const { machine, client } = pair
    const real = sequenceOf(session, machine.name)
    const simulated = simulatedSequence(simulation, pair, real)
    const lastNs = Math.max(...machine.attempts.flatMap((one) => one.events.map(timeOf)))
    const isCut = isCutOff(real, simulated, (session.endNs - lastNs) / 1e6)
    const differences = compareSequences(real, simulated, isCut)
    const where = pairs.length > 1 ? `${file}, ${client.name} (${machine.name})` : file
    if (differences.length === 0) {
      const rest = isCut
        ? ` ${t('cli.recording-ends-messages-before-boot', { value: simulated.length - real.length })}`
        : ''
      lines.push(t('cli.same-messages-options-waits', { where, rest }))
      continue
    }
    hasDifferences = true
    if (pairs.length > 1) lines.push(where)
    for (const { at, real: one, simulated: other } of differences)
      lines.push(`Message ${at} differs:`, `  real:      ${one}`, `  simulated: ${other}`)
  }
  if (hasDifferences)
    lines.push(
      t('cli.not-held-equal-they-vary'),
      ...Object.values(varying).map(({ field, because }) => `  ${field}: ${because}.`),
    )
  return { text: lines.join('\n'), code: hasDifferences ? exitCodes.failed : exitCodes.ok }
}

/** 0 where all is the same, 1 where something differs, 2 where the file cannot be read or holds no such boot. */
export async function compareBoots(simulation: Simulation, file: string): Promise<number> {
  const session = new Session()
  const code = await readCapture(
    file,
    session,
    async () => {},
    () => session.store.last,
  )
  if (code !== exitCodes.ok && session.store.count === 0) return code
  const compared = comparedWith(simulation, session, file)
  if (compared.code === exitCodes.badFile) {
    process.stderr.write(`pxe-lab: ${compared.text}\n`)
    return compared.code
  }
  process.stdout.write(`${compared.text}\n`)
  return compared.code === exitCodes.ok ? code : compared.code
}

type TimedEvent = Machine['attempts'][number]['events'][number]
const timeOf = (event: TimedEvent): number =>
  event.kind === 'http' || event.kind === 'transfer' ? event.lastNs : event.timeNs
