/** What the packets of a boot answer: the same of a simulated capture and of a real one. */
import { bootFileOf } from '../../wire/dhcp/message.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { traitsOf } from '../../machines/pxe-client/offer-ranking.ts'
import type { Attempt } from '../../trace/events.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import type { Transfer } from '../../trace/transfer.ts'
import type { Explanation } from '../explain/explanation.ts'
import { roundsOf, serverOf, type Round } from '../rounds.ts'
import type { SomeAnswers } from './observations.ts'

export const packetObservations = [
  'discover',
  'offers',
  'offer-60',
  'offer-file',
  'lease',
  'boot-server',
  'tftp',
  'next-file',
  'verdict',
] as const
export type PacketAnswers = Readonly<Record<(typeof packetObservations)[number], string>>

/** Of a machine that a capture does not show. */
export const unseen: PacketAnswers = {
  discover: 'no',
  offers: 'none',
  'offer-60': 'no-offer',
  'offer-file': 'no-offer',
  lease: 'not-asked',
  'boot-server': 'not-asked',
  tftp: 'not-asked',
  'next-file': 'not-loaded',
  verdict: 'none',
}

/** One word where all say the same, `some` where they differ. */
function oneOf(words: readonly string[]): string {
  const [first = 'no-offer', ...others] = new Set(words)
  return others.length === 0 ? first : 'some'
}

function offersOf(round: Round): Pick<PacketAnswers, 'offers' | 'offer-60' | 'offer-file'> {
  const dhcp = new Set<string>()
  const proxy = new Set<string>()
  for (const one of round.offers) (one.message.yiaddr === 0 ? proxy : dhcp).add(serverOf(one))
  const kinds = [...Array<string>(dhcp.size).fill('dhcp'), ...Array<string>(proxy.size).fill('proxy')]
  const withAddress = round.offers.filter(({ message }) => message.yiaddr !== 0)
  return {
    offers: kinds.length === 0 ? 'none' : kinds.length > 2 || proxy.size > 1 ? 'several' : kinds.join('+'),
    'offer-60': oneOf(
      withAddress.map(({ message }) => {
        const traits = traitsOf(message)
        return traits.isPxe ? 'pxe' : traits.isHttp ? 'http' : 'no'
      }),
    ),
    'offer-file': oneOf(
      withAddress.map(({ message }) => {
        const file = bootFileOf(message)
        return file === '' ? 'no' : /^\w+:\/\//.test(file) ? 'url' : 'yes'
      }),
    ),
  }
}

function leaseOf(round: Round): string {
  if (round.answers.some((one) => one.event.type === messageTypes.ack)) return 'yes'
  if (round.answers.length > 0) return 'refused'
  return round.requests.length > 0 ? 'unanswered' : 'not-asked'
}

/** Destination or port unreachable (RFC 792). */
const unreachable = 3

function bootServerOf(round: Round): string {
  if (round.bootRequests.length === 0) return 'not-asked'
  if (round.bootAnswers.length > 0) return 'answered'
  const isClosed = round.icmps.some((one) => one.type === unreachable && one.quoted.destinationPort === 4011)
  return isClosed ? 'closed' : 'silence'
}

/** Blocks that the 16-bit number of TFTP counts before it wraps. */
const lastBlock = 65_535

function transferWord(transfer: Transfer): string {
  if (transfer.state === 'complete' || transfer.hasEverything) return 'loaded'
  if (transfer.error && !transfer.error.byClient)
    return transfer.error.code === 1 ? 'not-found' : transfer.error.code === 2 ? 'denied' : 'error'
  if (transfer.state === 'unreachable' && transfer.blocks === 0) return 'closed'
  if (transfer.blocks === 0) return transfer.granted === undefined ? 'silence' : 'stopped'
  return transfer.blocks >= lastBlock ? 'wrapped' : 'stopped'
}

/** From the best to the worst that a request for one file can end in: a probe of its size is followed by the file itself. */
const fromBest = ['loaded', 'wrapped', 'stopped', 'denied', 'not-found', 'error', 'closed', 'silence']

function filesOf(rounds: readonly Round[]): Pick<PacketAnswers, 'tftp' | 'next-file'> {
  const transfers = rounds.flatMap((round) => round.files.filter((one) => one.kind === 'transfer'))
  const [first] = transfers
  if (!first) return { tftp: 'not-asked', 'next-file': 'not-loaded' }
  const ofProgram = transfers.filter((one) => one.file === first.file)
  const words = ofProgram.map(transferWord)
  const tftp = fromBest.find((word) => words.includes(word)) ?? 'error'
  const loads = words.filter((word) => word === 'loaded').length
  const further = transfers.some((one) => one.file !== first.file) || rounds.some((round) => round.files.some((one) => one.kind === 'http')) // prettier-ignore
  // Once more is what firmware with a second boot option does; a loop goes on.
  const nextFile = tftp !== 'loaded' ? 'not-loaded' : loads > 3 ? 'same' : further ? 'files' : 'nothing'
  return { tftp, 'next-file': nextFile }
}

/** The answers of a boot attempt, and what is told of it. */
export function packetAnswers(store: FrameStore, attempt: Attempt, { outcome, failure }: Explanation): PacketAnswers {
  const rounds = roundsOf(store, attempt)
  const round = rounds[0]
  if (!round || (round.discovers.length === 0 && round.requests.length === 0 && round.bootpRequests.length === 0))
    return unseen
  return { discover: 'yes', ...offersOf(round), lease: leaseOf(round), 'boot-server': bootServerOf(round), ...filesOf(rounds), verdict: (outcome === 'failed' && failure) || 'none' }
} // prettier-ignore

/**
 * What of these may be taken as evidence: that something did not come only where the capture tells that the boot failed, for it may
 * have been made at a place where the packet does not pass, or have ended before.
 */
export function sureAnswers(answers: PacketAnswers, hasFailed: boolean): SomeAnswers {
  if (hasFailed) return answers
  const nothing = new Set(['no', 'none', 'no-offer', 'not-asked', 'unanswered', 'silence', 'stopped', 'not-loaded', 'nothing']) // prettier-ignore
  return Object.fromEntries(Object.entries(answers).filter(([, word]) => !nothing.has(word)))
}
