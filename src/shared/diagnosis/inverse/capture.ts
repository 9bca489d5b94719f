/** What a capture file answers about the boot in it that failed. */
import { textOf } from '#messages/text.ts'
import type { Attempt } from '../../trace/events.ts'
import type { Session } from '../../trace/session.ts'
import { explainAttempt } from '../explain/explain.ts'
import type { Explanation } from '../explain/explanation.ts'
import { roundsOf } from '../rounds.ts'
import { evidenceOfFile, type Evidence } from './dialogue.ts'
import type { ObservationId, SomeAnswers } from './observations.ts'
import { packetAnswers, sureAnswers } from './packets.ts'

export interface CaptureEvidence {
  /** The machine that it is about, as its hardware address. */
  readonly machine: string
  /** What is told of its boot, and what commonly causes it. */
  readonly headline: string
  readonly causes: readonly string[]
  readonly boots: boolean
  readonly evidence: readonly Evidence[]
  /** Machines whose boots it holds. */
  readonly machines: readonly string[]
}

/** From what a capture says most about to what it says least about. */
const order: readonly Explanation['outcome'][] = ['failed', 'unknown', 'waiting', 'loaded', 'started']

const wordsOf = (explanation: Explanation): readonly string[] | undefined => {
  const { firmware } = explanation
  switch (firmware?.kind) {
    case 'bios-rom':
      return ['bios']
    case 'ipxe':
      // A ROM that hides iPXE shows what a ROM shows.
      return firmware.name.startsWith('BIOS') ? ['bios', 'ipxe'] : ['ipxe']
    case 'edk2':
      // Of other UEFI machines the space knows what they have in common with these.
      return ['uefi']
    case 'edk2-http':
      return ['uefi-http']
    default:
      return undefined
  }
}

const told = (id: ObservationId, allowed: readonly string[]): Evidence => evidenceOfFile(id, allowed, 'capture')

/** A relay agent leaves its address in the answers that it passes on (RFC 2131 section 4.1). */
function relayEvidence(session: Session, attempt: Attempt): Evidence[] {
  const offers = roundsOf(session.store, attempt)[0]?.offers ?? []
  if (offers.length === 0) return []
  const isRelayed = offers.some(({ message }) => message.giaddr !== 0)
  return [told('helpers', isRelayed ? ['both', 'dhcp-only', 'pxe-only'] : ['local'])]
}

/**
 * ICMP "port unreachable" says that nobody holds the port; a host behind the firewall of Windows says nothing of it. A closed port is
 * what the space knows in either form.
 */
const withoutIcmp: Readonly<Record<string, string>> = {
  closed: 'silence',
  'boot-server-closed': 'boot-server-mute',
  'tftp-closed': 'tftp-mute',
}

function packetEvidence(answers: SomeAnswers): Evidence[] {
  const evidence = Object.entries(answers).map(([key, answer]) => {
    const silent = withoutIcmp[answer]
    return told(key as ObservationId, silent === undefined ? [answer] : [answer, silent])
  })
  return answers['boot-server'] === 'closed' ? [...evidence, told('port-4011', ['closed'])] : evidence
}

/** What one boot attempt tells; `explanation` is what is told of it. */
export function evidenceOfAttempt(session: Session, attempt: Attempt, explanation: Explanation): Evidence[] {
  const machine = wordsOf(explanation)
  const answers = packetAnswers(session.store, attempt, explanation)
  return [
    ...(explanation.outcome === 'started' ? [told('outcome', ['boots'])] : []),
    ...(machine ? [told('machine', machine)] : []),
    ...relayEvidence(session, attempt),
    ...packetEvidence(sureAnswers(answers, explanation.outcome === 'failed')),
  ]
}

/** `client`: the hardware address of the machine that is meant. Undefined where the file holds no boot of it. */
export function evidenceOfCapture(session: Session, client?: string): CaptureEvidence | undefined {
  const boots = session.trace.attempts
    .map((attempt) => ({ attempt, explanation: explainAttempt(session.store, attempt, { nowNs: session.endNs }) }))
    .filter(({ explanation }) => order.includes(explanation.outcome) && explanation.firmware?.asksToBoot === true)
  const machines = [...new Set(boots.map(({ attempt }) => attempt.machine.name))]
  const meant = boots.filter(({ attempt }) => client === undefined || attempt.machine.name === client.toLowerCase())
  const [found] = meant.sort((a, b) => order.indexOf(a.explanation.outcome) - order.indexOf(b.explanation.outcome))
  if (!found) return undefined
  const { attempt, explanation } = found
  return {
    machine: attempt.machine.name,
    headline: textOf(explanation.headline),
    causes: explanation.causes.map((one) => textOf(one)),
    boots: explanation.outcome === 'started',
    machines,
    evidence: evidenceOfAttempt(session, attempt, explanation),
  }
}
