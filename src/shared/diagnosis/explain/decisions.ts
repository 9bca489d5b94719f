/**
 * What the responder decided and no packet shows: its own word on why it was silent comes before every guess. A firewall is
 * no cause where the server says that it did not answer.
 */
import { say, together, type Phrase } from '#messages/message.ts'
import type { Attempt, NoteEvent } from '../../trace/events.ts'
import { noteText, tookOfferOf, type NoteKind } from '../../wire/lab-note.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import { addressOption } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import type { FailureKind } from '../failures.ts'
import { fixesOf, isForOtherServers } from '../fixes.ts'
import type { Account } from './account.ts'

interface Decided {
  /** Failures that it is the reason of. */
  readonly failures: ReadonlySet<FailureKind>
  /** What to do about it; said behind the reason. */
  readonly remedy: Phrase | undefined
  /** Whether it is the title and the only cause; otherwise the failure keeps its title and the causes that are likely besides. */
  readonly isWholeStory: boolean
}

const silences: readonly FailureKind[] = ['no-offer', 'no-bootp-reply', 'no-ack', 'boot-server-mute', 'discovery-mute']

const decided: Readonly<Partial<Record<NoteKind, Decided>>> = {
  'not-answered': {
    failures: new Set([...silences, 'proxy-only', 'no-boot-information']),
    remedy: say('explain.remedy-not-answered'),
    isWholeStory: true,
  },
  'not-booted': {
    failures: new Set(['no-boot-information', 'boot-server-mute', 'discovery-mute', 'offers-not-taken']),
    remedy: say('explain.remedy-not-booted'),
    isWholeStory: true,
  },
  'no-address': {
    failures: new Set(['no-offer', 'no-bootp-reply', 'proxy-only']),
    remedy: say('explain.remedy-no-address'),
    isWholeStory: true,
  },
  'not-sent': {
    failures: new Set([...silences, 'proxy-only', 'no-boot-information', 'nak']),
    remedy: say('explain.remedy-not-sent'),
    isWholeStory: true,
  },
  'not-stored': {
    failures: new Set(['no-ack', 'no-offer', 'no-bootp-reply']),
    remedy: say('explain.remedy-not-stored'),
    isWholeStory: true,
  },
  'file-deferred': {
    failures: new Set(['tftp-mute', 'transfer-stalled', 'http-error']),
    remedy: say('explain.remedy-file-deferred'),
    isWholeStory: true,
  },
  'address-refused': { failures: new Set(['nak']), remedy: undefined, isWholeStory: false },
  'file-refused': {
    failures: new Set(['file-missing', 'file-refused', 'file-name-damaged', 'program-file-missing', 'http-error']),
    remedy: undefined,
    isWholeStory: false,
  },
  'tls-failed': {
    failures: new Set(['tls-failed']),
    remedy: undefined,
    isWholeStory: false,
  },
  'transfer-failed': {
    failures: new Set(['transfer-stalled', 'transfer-aborted', 'transfer-wrapped', 'http-reset']),
    remedy: undefined,
    isWholeStory: false,
  },
}

/** Whether the responder itself said why that came to be. */
export const isDecided = ({ decisions }: Attempt, failure: FailureKind): boolean =>
  decisions.some((one) => decided[one.kind]?.failures.has(failure))

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`

/** Whether a file was requested, or a message answered, after a decision: then it does not hold any more. */
const isOvertaken = ({ attempt }: Account, { lastNs }: NoteEvent): boolean =>
  attempt.events.some((one) => (one.kind === 'transfer' ? one.startNs : one.timeNs) > lastNs + 1e9 && (one.kind === 'transfer' || one.kind === 'http')) // prettier-ignore

/** One question that was left unanswered may be a capture's fault; not where the server says so itself. */
function failUnanswered(account: Account, { kind }: NoteEvent): void {
  const round = account.rounds.at(-1)
  const isSilent = round && round.offers.length + round.answers.length + round.bootpReplies.length === 0
  if (!isSilent || !round.firmware.asksToBoot || !decided[kind]?.failures.has('no-offer')) return
  account.failure = { kind: 'no-offer', round }
  account.outcome = 'failed'
  account.summary = undefined
}

export interface ToldDecisions {
  /** Those that follow from what the responder said. */
  readonly causes: readonly Phrase[]
  /** Whether there are no others. */
  readonly isWholeStory: boolean
  /** What to do in this lab; undefined where the responder said nothing about the failure. */
  readonly fixes: readonly Phrase[] | undefined
}

const undecided: ToldDecisions = { causes: [], isWholeStory: false, fixes: undefined }

/** Tells what was decided, and what follows from it. */
export function tellDecisions(account: Account): ToldDecisions {
  const { decisions, events } = account.attempt
  for (const one of decisions) {
    const about = events.findLast((event) => event.kind !== 'transfer' && event.timeNs <= one.timeNs)
    const told = say('wire.note', { note: noteText(one) })
    if (about?.kind === 'dhcp' && !about.isReply) account.note(about.frame, 'warning', told)
    account.say(told, [one.frame], one.kind === 'waits-for-approval' ? 'warning' : 'bad')
  }
  const last = decisions.at(-1)
  if (last && !isOvertaken(account, last)) {
    if (last.kind === 'waits-for-approval') {
      account.failure = undefined
      account.outcome = 'waiting'
      account.waitsForApproval = true
      account.waitsFor = say('explain.awaited-approval', { reason: last.reason })
      account.summary = undefined
      return { ...undecided, isWholeStory: true }
    }
    const round = account.rounds.at(-1)
    if (last.kind === 'not-approved' && round) {
      account.failure = { kind: 'not-approved', round }
      account.outcome = 'failed'
      return { ...undecided, fixes: [say('explain.approve')] }
    }
    // The server has given up; the client's own clock may go on.
    if (last.kind === 'transfer-failed' && round && account.outcome === 'waiting') {
      account.failure = { kind: 'transfer-stalled', round }
      account.outcome = 'failed'
    }
  }
  if (!account.failure && last && account.outcome === 'unknown') failUnanswered(account, last)
  if (!account.failure) return undecided
  const { failure } = account
  const reason = decisions.findLast((one) => decided[one.kind]?.failures.has(failure.kind))
  if (!reason) return undecided
  const chosen = failure.round.requests.map(({ message }) => addressOption(message, optionCodes.serverIdentifier))
  const other = chosen.findLast((server) => server !== undefined && reason.reason === tookOfferOf(formatIpv4(server)))
  if (other !== undefined) {
    // The answer of that server goes past the sockets of this one: nobody saw that none came.
    if (failure.kind === 'no-ack')
      account.failure = {
        kind: 'other-server-taken',
        round: failure.round,
        title: say('explain.other-server-taken', { server: formatIpv4(other) }),
      }
    return undecided
  }
  const { isWholeStory, remedy } = decided[reason.kind]!
  if (isWholeStory) account.failure = { ...failure, title: noteText(reason) }
  const cause = isWholeStory && remedy ? together([sentence(reason.reason), remedy]) : sentence(reason.reason)
  const others = (failure.fixes ?? fixesOf(failure.kind, account.circumstancesOf(failure.round))).filter(
    (fix) => !isForOtherServers(fix),
  )
  return { causes: [cause], isWholeStory, fixes: isWholeStory && remedy ? [remedy] : others }
}
