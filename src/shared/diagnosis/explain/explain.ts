/**
 * What happened in a boot attempt, and why: stages, offers with the reason of the client's choice, packets that should have come,
 * and sentences, each with the frames it speaks of. Every sentence follows from packets that are there; a cause is named as likely,
 * never as the fact, and where the packets do not tell how it ended the outcome is `unknown`.
 */
import { distinct, say, together, type Phrase } from '#messages/message.ts'
import { labCheckName } from '../../wire/lab-checks.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import type { Attempt } from '../../trace/events.ts'
import { isUefi } from '../../trace/firmware.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import { causesOf, codesOf, failures, familyOf, screenOf } from '../failures.ts'
import { fixesOf } from '../fixes.ts'
import { findPxeError, uefiMeaningOver, type PxeError } from '../pxe-errors.ts'
import { Account } from './account.ts'
import { tellAddresses, tellNextProgram } from './addresses.ts'
import { tellAddresses6, tellBeside6 } from './addresses6.ts'
import { tellBootServer } from './boot-server.ts'
import { tellDecisions } from './decisions.ts'
import { tellDirections } from './directions.ts'
import type { Explanation } from './explanation.ts'
import { labCheckHeadline, tellLabCheck } from './lab-check.ts'
import { isLoaded, shownAs } from './file.ts'
import { tellFiles } from './files.ts'
import { tellNames } from './names.ts'

export interface ExplainOptions {
  /** Until when nothing more came: the end of the capture, or now. Nanoseconds since the store's base. */
  readonly nowNs: number
  /** Whether these are the frames of a lab that runs, and of no capture. */
  readonly isLive?: boolean
}

function tell(account: Account): void {
  const { check } = account.attempt.machine
  if (check !== undefined && account.rounds.every((round) => round.requests.length === 0))
    return tellLabCheck(account, check)
  for (const [index, round] of account.rounds.entries()) {
    const isLast = index === account.rounds.length - 1
    // A client that asks anew went on, whatever ended before.
    account.failure = undefined
    account.outcome = 'unknown'
    account.summary = account.waitsFor = undefined
    if (index > 0) tellNextProgram(account, round)
    const leased = round.v6
      ? tellAddresses6(account, round, round.v6, index === 0)
      : tellAddresses(account, round, index)
    if (leased === 'leased' && !round.v6) {
      tellDirections(account, round)
      tellBootServer(account, round, isLast)
    }
    if (account.failure) continue
    if (leased === 'leased' || round.files.length > 0) tellFiles(account, round, isLast)
  }
  for (const round of account.beside) tellBeside6(account, round)
  tellStartedSystem(account)
  if (account.rounds.length === 0) account.say(say('explain.nothing-kept'), [])
}

/** A system that asks for an address after the boot runs, however its own DHCP goes on. */
function tellStartedSystem(account: Account): void {
  const last = account.rounds.at(-1)
  if (!last || last.firmware.asksToBoot || account.rounds.length < 2) return
  if (!account.rounds.some((round) => round.firmware.asksToBoot && round.files.some(isLoaded))) return
  account.failure = account.summary = account.waitsFor = undefined
  account.outcome = 'started'
  const first = last.discovers[0] ?? last.requests[0] ?? last.v6?.solicits[0]
  account.say(say('explain.system-runs', { program: last.firmware.name }), first ? [first.event.frame] : [], 'good')
}

/** What does not belong to one round. */
function tellAround(account: Account): void {
  const { attempt } = account
  if (attempt.shares)
    account.say(
      say('explain.address-shared', {
        address: formatIpv4(attempt.shares.address),
        machine: attempt.shares.machine.name,
      }),
      attempt.shares.frames,
      'bad',
    )
  tellNames(account)
  if (attempt.duplicates > 0)
    account.say(say('explain.duplicates', { count: attempt.duplicates, source: account.source }), [], 'benign')
}

function headlineOf(account: Account, codes: readonly string[]): Phrase {
  const { failure, outcome, rounds, attempt, summary } = account
  const first = rounds[0]?.firmware
  const loaded = rounds.flatMap((round) => round.files.filter(isLoaded))
  if (failure) {
    const verdict = failure.title ?? failures[failure.kind].title
    return codes[0] ? say('explain.headline-code', { verdict, code: codes[0] }) : say('explain.headline', { verdict })
  }
  if (attempt.machine.check !== undefined) return labCheckHeadline(account, labCheckName)
  if (summary !== undefined) return say('explain.headline', { verdict: summary })
  const names = loaded.map(shownAs)
  if (outcome === 'started')
    return say('explain.headline-booted', { count: names.length, file: names[0] })
  if (outcome === 'loaded') return say('explain.headline-loaded', { files: distinct(names).slice(0, 3) })
  if (outcome === 'address')
    return first ? say('explain.headline-address', { program: first.name }) : say('explain.headline-some-address')
  if (account.waitsFor !== undefined)
    return attempt.next === undefined ? say('explain.waiting', { packet: account.waitsFor }) : say('explain.headline-ended')
  return say('explain.headline-unknown')
} // prettier-ignore

/** The lines on a screen in their order. */
const screenText = ([first, ...others]: readonly string[]): Phrase =>
  say('explain.screen', {
    lines: others.reduce(
      (before, line) => say('explain.screen-then', { before, line }),
      say('explain.screen-line', { line: first }),
    ),
  })

const meaningText = (
  isUefi: boolean,
  error: PxeError | undefined,
  meaning: Phrase | undefined,
  elsewhere: Phrase | undefined,
): Phrase[] => {
  if (!error || meaning === undefined) return []
  const told = { code: error.code, firmware: isUefi ? 'UEFI' : 'BIOS', meaning }
  return [
    elsewhere === undefined
      ? say('explain.code-means', told)
      : say('explain.code-means-both', { ...told, other: isUefi ? 'BIOS' : 'UEFI', elsewhere }),
  ]
}

/** Explains an attempt as far as it has come. */
export function explainAttempt(store: FrameStore, attempt: Attempt, { nowNs, isLive }: ExplainOptions): Explanation {
  const account = new Account(store, attempt, nowNs, isLive)
  tell(account)
  const decided = tellDecisions(account)
  tellAround(account)
  if (attempt.machine.check !== undefined) {
    // Nothing of it stands on a screen, and what did not come fails no machine.
    account.outcome = 'check'
    account.failure = undefined
  }
  const { failure, rounds } = account
  const failedFirmware = failure?.round.firmware
  const family = familyOf(failedFirmware?.kind)
  // What a loaded program shows is not what the firmware would.
  const shows = failure !== undefined && failure.isOfProgram !== true
  const screen = shows ? (failure.screen ?? screenOf(failure.kind, family)) : []
  const codes = shows ? codesOf(failure.kind, family) : []
  const error = codes.map(findPxeError).find((one) => one !== undefined)
  const uefi = failedFirmware !== undefined && isUefi(failedFirmware)
  const meaning = error && (uefi ? uefiMeaningOver(error, failure?.round.v6 !== undefined) : error.bios)
  const elsewhere = error && (uefi ? error.bios : uefiMeaningOver(error, false))
  const likely = failure && !decided.isWholeStory ? (failure.causes ?? causesOf(failure.kind, account.circumstancesOf(failure.round))) : [] // prettier-ignore
  const causes = failure ? [...(failure.because === undefined ? [] : [failure.because]), ...decided.causes, ...likely] : [] // prettier-ignore
  if (screen.length > 0)
    account.say(together([screenText(screen), ...meaningText(uefi, error, meaning, elsewhere)]), [], 'bad')
  return {
    outcome: account.outcome,
    headline: headlineOf(account, codes),
    waitsForApproval: account.waitsForApproval,
    firmware: rounds[0]?.firmware ?? attempt.firmware,
    failure: failure?.kind,
    screen,
    code: error !== undefined && meaning ? { code: error.code, meaning, elsewhere } : undefined,
    causes,
    fixes: failure
      ? (decided.fixes ?? failure.fixes ?? fixesOf(failure.kind, account.circumstancesOf(failure.round)))
      : [],
    tells: (failure && !decided.isWholeStory && failures[failure.kind].tells) || [],
    sentences: account.sentences,
    stages: account.stages,
    offers: account.offers,
    missing: account.missing,
    notes: account.notes,
    startNs: attempt.startNs,
    endNs: attempt.lastNs,
  }
}
