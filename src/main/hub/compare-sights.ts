/**
 * One boot that two agents saw, packet by packet: what one has and the other has not was lost between them, unless the dialogue went
 * on as it only does where the packet arrived. Then the other agent did not see it pass.
 */
import type { SiteBoot, SiteComparison } from '#shared/contract/sites.ts'
import { compareCaptures } from '#shared/trace/compare.ts'
import type { Attempt } from '#shared/trace/events.ts'
import { Session } from '#shared/trace/session.ts'

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
  return { session, frames }
}

/** What proves that a packet arrived: anything that its receiver does only then, later in the dialogue. */
const followedBy: Readonly<Record<string, RegExp>> = {
  DISCOVER: /^OFFER/,
  OFFER: /^REQUEST/,
  REQUEST: /^(ACK|NAK) /,
  ACK: /^(RRQ|read|GET|HEAD)/i,
}

const kindOf = (label: string): string => /^[A-Z][A-Za-z]+/.exec(label)?.[0] ?? label

export function compareSights(here: Sight, there: Sight): SiteComparison {
  const left = readSight(here)
  const right = readSight(there)
  const { rows, clockDifferenceNs } = compareCaptures(left.session, left.frames, right.session, right.frames)
  const startNs = rows[0]?.timeNs ?? 0
  const packets = rows.slice(0, mostPackets).map((row) => {
    const summary = row.left === undefined ? right.session.summaryOf(row.right!) : left.session.summaryOf(row.left)
    return {
      label: summary.summary,
      atMs: (row.timeNs - startNs) / 1e6,
      here: row.left !== undefined,
      there: row.right !== undefined,
      delayMs: row.delayNs === undefined ? null : row.delayNs / 1e6,
    }
  })
  const lost = packets.filter((one, at) => {
    if (one.here === one.there) return false
    const proof = followedBy[kindOf(one.label)]
    return !packets.slice(at + 1).some((later) => proof?.test(later.label))
  })
  const unseen = packets.filter((one) => one.here !== one.there && !lost.includes(one))
  const sentences: SiteComparison['sentences'] = []
  const last = lost.at(-1)
  if (last)
    sentences.push({
      text: `${kindOf(last.label)} was seen at ${last.here ? here.name : there.name} and not at ${last.here ? there.name : here.name}: it was lost between them.`,
      tone: 'bad',
    })
  else sentences.push({ text: `No packet was lost between ${here.name} and ${there.name}.`, tone: 'good' })
  const earlier = lost.length - 1
  if (earlier > 0) sentences.push({ text: `${earlier} earlier packets were seen at one of the two only.`, tone: 'plain' }) // prettier-ignore
  if (unseen.length > 0)
    sentences.push({
      text: `${unseen.length} packets passed unseen at one of the two, for the dialogue went on: an agent behind a switch sees only what is sent to everybody, unless the port is mirrored.`,
      tone: 'warning',
    })
  return {
    other: there.boot,
    hereName: here.name,
    thereName: there.name,
    clockDifferenceMs: clockDifferenceNs / 1e6,
    sentences,
    packets,
  }
}
