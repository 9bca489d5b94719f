/**
 * What happened in a boot attempt, and why: stages, offers with the reason of the client's choice, packets that should have come,
 * and sentences, each with the frames it speaks of. Every sentence follows from packets that are there; a cause is named as likely,
 * never as the fact, and where the packets do not tell how it ended the outcome is `unknown`.
 */
import { labCheckName } from '../../wire/lab-checks.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import type { Attempt } from '../../trace/events.ts'
import { isUefi } from '../../trace/firmware.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import { causesOf, codesOf, failures, familyOf, screenOf } from '../failures.ts'
import { fixes } from '../fixes.ts'
import { findPxeError, meaningOver } from '../pxe-errors.ts'
import { Account } from './account.ts'
import { tellAddresses, tellNextProgram } from './addresses.ts'
import { tellAddresses6, tellBeside6 } from './addresses6.ts'
import { tellBootServer } from './boot-server.ts'
import { tellDecisions } from './decisions.ts'
import { tellDirections } from './directions.ts'
import type { Explanation } from './explanation.ts'
import { labCheckHeadline, tellLabCheck } from './lab-check.ts'
import { isLoaded, nameOf } from './file.ts'
import { tellFiles } from './files.ts'
import { tellNames } from './names.ts'
import { listed, saidOfNetwork } from './words.ts'

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
  if (account.rounds.length === 0) account.say('No packet of this machine is kept any more.', [])
}

/** A system that asks for an address after the boot runs, however its own DHCP goes on. */
function tellStartedSystem(account: Account): void {
  const last = account.rounds.at(-1)
  if (!last || last.firmware.asksToBoot || account.rounds.length < 2) return
  if (!account.rounds.some((round) => round.firmware.asksToBoot && round.files.some(isLoaded))) return
  account.failure = account.summary = account.waitsFor = undefined
  account.outcome = 'started'
  const first = last.discovers[0] ?? last.requests[0] ?? last.v6?.solicits[0]
  account.say(
    `The started system runs: ${last.firmware.name} uses the network.`,
    first ? [first.event.frame] : [],
    'good',
  )
}

/** What does not belong to one round. */
function tellAround(account: Account): void {
  const { attempt } = account
  if (attempt.shares)
    account.say(
      `${formatIpv4(attempt.shares.address)} was acknowledged to ${attempt.shares.machine.name} as well, whose lease had not ended: two machines have one address.`,
      attempt.shares.frames,
      'bad',
    )
  tellNames(account)
  if (attempt.duplicates > 0)
    account.say(
      `${attempt.duplicates === 1 ? '1 packet is' : `${attempt.duplicates} packets are`} in the capture more than once (mirror port, or several interfaces), and counted once.`,
      [],
      'benign',
    )
}

function headlineOf(account: Account, codes: readonly string[]): string {
  const { failure, outcome, rounds, attempt, summary } = account
  const first = rounds[0]?.firmware
  const loaded = rounds.flatMap((round) => round.files.filter(isLoaded))
  if (failure) return `${failure.title ?? failures[failure.kind].title}${codes[0] ? ` (${codes[0]})` : ''}.`
  if (attempt.machine.check !== undefined) return labCheckHeadline(account, labCheckName)
  if (summary !== undefined) return `${summary}.`
  const names = loaded.map(nameOf)
  if (outcome === 'started')
    return `Booted: ${names.length > 0 ? `${names[0]} runs${names.length > 1 ? `, ${names.length} files loaded` : ''}` : 'the program runs'}.`
  if (outcome === 'loaded') return `Loaded ${listed([...new Set(names)].slice(0, 3))}.`
  if (outcome === 'address') return `${first?.name ?? 'A client'} has an address.`
  if (account.waitsFor !== undefined)
    return attempt.next === undefined ? `Waiting for ${account.waitsFor}.` : 'Ended before it booted; the packets do not tell why.'
  return 'The packets do not tell how it ended.'
} // prettier-ignore

/** Explains an attempt as far as it has come. */
export function explainAttempt(store: FrameStore, attempt: Attempt, { nowNs, isLive }: ExplainOptions): Explanation {
  const account = new Account(store, attempt, nowNs)
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
  const screen = shows ? screenOf(failure.kind, family) : []
  const codes = shows ? codesOf(failure.kind, family) : []
  const error = codes.map(findPxeError).find((one) => one !== undefined)
  const uefi = failedFirmware !== undefined && isUefi(failedFirmware)
  const known = error && (uefi ? error.uefi : error.bios)
  const meaning = known && meaningOver(known, failure?.round.v6 !== undefined)
  const elsewhere = uefi ? error?.bios : error?.uefi && meaningOver(error.uefi, false)
  const likely = failure && !decided.isWholeStory ? (failure.causes ?? causesOf(failure.kind, account.circumstancesOf(failure.round))) : [] // prettier-ignore
  const causes = failure ? [...(failure.because === undefined ? [] : [failure.because]), ...decided.causes, ...likely] : [] // prettier-ignore
  if (screen.length > 0)
    account.say(
      `The screen shows ${screen.map((line) => `"${line}"`).join(', then ')}.${meaning ? ` On ${uefi ? 'UEFI' : 'BIOS'}, ${error.code} means: ${meaning}${elsewhere ? `; on ${uefi ? 'BIOS' : 'UEFI'} the same number means: ${elsewhere}` : ''}.` : ''}`,
      [],
      'bad',
    )
  const said = isLive ? saidOfNetwork : (text: string): string => text
  return {
    outcome: account.outcome,
    headline: said(headlineOf(account, codes)),
    firmware: rounds[0]?.firmware ?? attempt.firmware,
    failure: failure?.kind,
    screen,
    code: error !== undefined && meaning ? { code: error.code, meaning, elsewhere } : undefined,
    causes,
    fixes: failure ? (decided.fixes ?? fixes[failure.kind]) : [],
    tells: (failure && !decided.isWholeStory && failures[failure.kind].tells) || [],
    sentences: isLive ? account.sentences.map((one) => ({ ...one, text: said(one.text) })) : account.sentences,
    stages: account.stages,
    offers: account.offers,
    missing: account.missing,
    notes: account.notes,
    startNs: attempt.startNs,
    endNs: attempt.lastNs,
  }
}
