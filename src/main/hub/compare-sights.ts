/**
 * One boot that two agents saw, packet by packet: what one has and the other has not was lost between them, unless the dialogue went
 * on as it only does where the packet arrived. Then the other agent did not see it pass.
 */
import { inEnglish } from '#messages/text.ts'
import { outcomeClassOf, type SiteBoot, type SiteComparison } from '#shared/contract/sites.ts'
import { compareCaptures } from '#shared/trace/compare.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { Session } from '#shared/trace/session.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'

export interface Sight {
  readonly boot: SiteBoot
  /** As people call the agent. */
  readonly name: string
  readonly pcapng: Uint8Array
}

const mostPackets = 500

interface Read {
  readonly session: Session
  readonly frames: number[]
  /** IP address of the machine; empty where it has none. */
  readonly address: string
}

function readSight({ boot, pcapng }: Sight): Read {
  const session = new Session()
  session.push(pcapng)
  session.end()
  const { store, trace } = session
  const startNs = (boot.startedAt - Number(store.baseNs) / 1e6) * 1e6
  const own = trace.attempts.filter((one) => one.machine.name === boot.mac)
  const distance = (one: Attempt): number => Math.abs(one.startNs - startNs)
  const attempt = own.sort((a, b) => distance(a) - distance(b))[0]
  const frames: number[] = []
  if (attempt)
    for (let frame = store.first; frame <= store.last; frame++)
      if (store.machineOf(frame) === attempt.machine.number && trace.attemptOf(frame) === attempt) frames.push(frame)
  const { address = 0, address6 = '' } = attempt?.machine ?? {}
  return { session, frames, address: address === 0 ? address6 : formatIpv4(address) }
}

type Packet = SiteComparison['packets'][number]
type Sentence = SiteComparison['sentences'][number]

/** A packet of the dialogue as it bears on whether others arrived. */
interface Step extends Packet {
  readonly kind: string
  /** Whether the machine that boots sent it. */
  readonly isUp: boolean
  readonly isDhcp: boolean
  readonly isJudged: boolean
  /** Whether it goes to port 4011, which only a client with an address asks. */
  readonly isToBootServer: boolean
}

/** Messages that a client sends (RFC 2131 section 3.1, RFC 8415 section 7.3). */
const clientMessages: ReadonlySet<string> = new Set(['DISCOVER', 'REQUEST', 'DECLINE', 'RELEASE', 'INFORM', 'SOLICIT', 'CONFIRM', 'RENEW', 'REBIND', 'INFORMATION-REQUEST']) // prettier-ignore

/** What the receiver of a message sends only where it arrived. */
const answers: Readonly<Record<string, readonly string[]>> = {
  DISCOVER: ['OFFER'],
  OFFER: ['REQUEST'],
  REQUEST: ['ACK', 'NAK', 'REPLY'],
  SOLICIT: ['ADVERTISE', 'REPLY'],
  ADVERTISE: ['REQUEST'],
  'INFORMATION-REQUEST': ['REPLY'],
}

/** Whether a later packet is sent only where an earlier one arrived. */
function proves(later: Step, earlier: Step): boolean {
  if (!earlier.isDhcp) return !later.isDhcp && later.isUp !== earlier.isUp
  const awaited = answers[earlier.kind]
  if (awaited) return later.isDhcp && awaited.includes(later.kind)
  // A client that has its address uses it, or asks port 4011 with it.
  return later.isUp && (!later.isDhcp || later.isToBootServer)
}

/** `lost` for good, `repeated` until another copy got through, `unseen` but arrived, for the dialogue went on. */
function fateOf(steps: readonly Step[], at: number, isOver: boolean): 'lost' | 'repeated' | 'unseen' {
  const step = steps[at]!
  let isRepeated = false
  for (const later of steps.slice(at + 1)) {
    if (proves(later, step)) return isRepeated ? 'repeated' : 'unseen'
    if (later.isUp === step.isUp && (step.isDhcp ? later.isDhcp && later.kind === step.kind : later.label === step.label)) isRepeated = true // prettier-ignore
  }
  // The last packets of a boot that came to its end need no answer.
  return isOver && !isRepeated ? 'unseen' : 'lost'
}

const nextStep = ({ isUp, isDhcp, kind }: Step): string =>
  !isDhcp
    ? 'Check what lies between them on the way of the file: firewall, NAT, MTU.'
    : isUp
      ? 'Check what lies between them on the way to the server: relay agent (IP helper), VLAN, firewall.'
      : `Check the way back to the client: the route from the server to the relay agent, DHCP snooping (the port that the ${kind} comes in by must be trusted), firewall.`

/** What a packet is called: DISCOVER, TFTP read request, HTTP GET. */
function kindOf(protocol: string, label: string): string {
  const word = /^[\w-]+/.exec(label)?.[0] ?? label
  if (protocol.startsWith('DHCP')) return word.toUpperCase()
  return `${protocol} ${/^(read|write)$/.test(word) ? `${word} request` : word}`
}

/** Of these something else of the dialogue tells whether they arrived. */
const judged: ReadonlySet<string> = new Set(['DHCP', 'DHCPv6', 'TFTP', 'TCP', 'HTTP'])

/** Nobody answers these, and no boot waits for them (RFC 2131 sections 4.3.3 and 4.3.4): what only one saw tells nothing of the way. */
const unanswered: ReadonlySet<string> = new Set(['RELEASE', 'DECLINE'])

const hostOf = (endpoint: string): string => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function sentencesOf(here: Sight, there: Sight, steps: readonly Step[]): Sentence[] {
  const isOver = [here.boot, there.boot].some(({ outcome }) => outcomeClassOf(outcome) === 'booted')
  const missed = steps.flatMap((step, at) => (step.here === step.there || !step.isJudged ? [] : [{ step, fate: fateOf(steps, at, isOver) }])) // prettier-ignore
  const ofFate = (fate: string): Step[] => missed.filter((one) => one.fate === fate).map(({ step }) => step)
  const [lost, repeated, unseen] = [ofFate('lost'), ofFate('repeated'), ofFate('unseen')]
  const sentences: Sentence[] = []
  const last = lost.at(-1)
  if (last) {
    const same = lost.filter(({ kind, here: isHere, isUp }) => kind === last.kind && isHere === last.here && isUp === last.isUp) // prettier-ignore
    const [seenAt, missedAt] = last.here ? [here.name, there.name] : [there.name, here.name]
    sentences.push(
      { text: `${last.kind} was seen at ${seenAt} and not at ${missedAt}${same.length > 1 ? `, ${same.length} times` : ''}: it was lost between them.`, tone: 'bad' }, // prettier-ignore
      { text: nextStep(last), tone: 'plain' },
    )
    const earlier = lost.length - same.length
    if (earlier > 0) sentences.push({ text: `${countOf(earlier, 'other packet')} did not get through either.`, tone: 'plain' }) // prettier-ignore
  } else sentences.push({ text: `No packet of this boot was lost for good between ${here.name} and ${there.name}.`, tone: 'good' }) // prettier-ignore
  if (repeated.length > 0)
    sentences.push({ text: `${countOf(repeated.length, 'packet')} got through only when sent again: the way between them loses packets.`, tone: 'warning' }) // prettier-ignore
  if (unseen.length > 0)
    sentences.push({
      text: `${countOf(unseen.length, 'packet')} passed unseen at one of the two, for the dialogue went on. Behind a switch an agent sees only what is sent to everybody, unless the port is mirrored.`,
      tone: 'warning',
    })
  return sentences
}

/** `here` is the boot that is looked at; times of the packets are counted by its clock. */
export function compareSights(here: Sight, there: Sight): SiteComparison {
  const left = readSight(here)
  const right = readSight(there)
  const { rows, clockDifferenceNs } = compareCaptures(left.session, left.frames, right.session, right.frames)
  const startNs = rows[0]?.timeNs ?? 0
  const addresses = new Set([left.address, right.address].filter((one) => one !== ''))
  const steps = rows.map((row): Step => {
    const { summary, protocol, source, destination } = row.left === undefined ? right.session.summaryOf(row.right!) : left.session.summaryOf(row.left) // prettier-ignore
    const label = inEnglish(summary)
    const isDhcp = protocol.startsWith('DHCP')
    const kind = kindOf(protocol, label)
    return {
      label,
      atMs: (row.timeNs - startNs) / 1e6,
      here: row.left !== undefined,
      there: row.right !== undefined,
      delayMs: row.delayNs === undefined ? null : row.delayNs / 1e6,
      kind,
      isDhcp,
      isJudged: judged.has(protocol) && !unanswered.has(kind),
      isToBootServer: destination.endsWith(':4011'),
      isUp: isDhcp ? clientMessages.has(kind) : addresses.has(hostOf(source)),
    }
  })
  return {
    other: there.boot,
    hereName: here.name,
    thereName: there.name,
    clockDifferenceMs: clockDifferenceNs / 1e6,
    sentences: sentencesOf(here, there, steps),
    packets: steps.slice(0, mostPackets).map(({ label, atMs, here: isHere, there: isThere, delayMs }) => ({ label, atMs, here: isHere, there: isThere, delayMs })), // prettier-ignore
  }
}
