/**
 * What happened in a boot attempt, and why: stages, offers with the reason of the firmware's choice, packets that should
 * have come, and sentences, each with the frames it speaks of.
 */
import { labCheckName } from '../../wire/lab-checks.ts'
import type { Attempt } from '../../trace/events.ts'
import { isUefi } from '../../trace/firmware.ts'
import type { FrameStore } from '../../trace/frame-store.ts'
import { failures, screenOf } from '../failures.ts'
import { findPxeError } from '../pxe-errors.ts'
import { Account } from './account.ts'
import { tellAddresses, tellNextProgram } from './addresses.ts'
import { tellBootServer } from './boot-server.ts'
import type { Explanation } from './explanation.ts'
import { isLoaded, nameOf, tellFiles } from './files.ts'
import { labCheckHeadline, tellLabCheck } from './lab-check.ts'
import { listed } from './words.ts'

export interface ExplainOptions {
  /** Until when nothing more came: the end of the capture, or now. Nanoseconds since the store's base. */
  readonly nowNs: number
}

function tell(account: Account): void {
  const { check } = account.attempt.machine
  if (check !== undefined && account.rounds.every((round) => round.requests.length === 0))
    return tellLabCheck(account, check)
  for (const [index, round] of account.rounds.entries()) {
    const isLast = index === account.rounds.length - 1
    if (index > 0) tellNextProgram(account, round)
    if (!tellAddresses(account, round, index)) return
    tellBootServer(account, round, isLast)
    if (account.failure) return
    tellFiles(account, round, isLast)
    if (account.failure) return
  }
  if (account.rounds.length === 0) account.say('Nothing of this machine is left in the store.', [])
}

function headlineOf(account: Account, screen: readonly string[]): string {
  const { failure, outcome, rounds, attempt } = account
  const first = rounds[0]?.firmware
  const loaded = rounds.flatMap((round) => round.files.filter(isLoaded))
  if (failure) {
    const code = screen.map((line) => /PXE-\w+/.exec(line)?.[0]).find(Boolean)
    return `${failures[failure].title}${code ? ` (${code})` : ''}.`
  }
  if (attempt.machine.check !== undefined) return labCheckHeadline(account, labCheckName)
  const names = loaded.map(nameOf)
  if (outcome === 'started')
    return `Booted: ${names.length > 0 ? `${names[0]} runs${names.length > 1 ? `, ${names.length} files loaded` : ''}` : 'the program runs'}.`
  if (outcome === 'loaded') return `Loaded ${listed(names.slice(0, 3))}.`
  if (outcome === 'address') return `${first?.name ?? 'A client'} got an address.`
  if (account.waitsFor !== undefined) return `Waiting for ${account.waitsFor}.`
  if (attempt.next === undefined) return 'In progress.'
  return 'Ended without an outcome that the wire shows.'
}

/** Explains an attempt as far as it has come. */
export function explainAttempt(store: FrameStore, attempt: Attempt, { nowNs }: ExplainOptions): Explanation {
  const account = new Account(store, attempt, nowNs)
  tell(account)
  const { check } = attempt.machine
  if (check !== undefined) {
    // Nothing of it stands on a screen, and what did not come fails no machine.
    account.outcome = 'check'
    account.failure = undefined
  }
  const { failure, sentences, rounds } = account
  const failedRound = rounds.at(-1)
  const screen = failure ? screenOf(failure, failedRound?.firmware.kind) : []
  const named = screen.map((line) => /PXE-E\w\w/.exec(line)?.[0]).find((one) => one !== undefined)
  const error = named === undefined ? undefined : findPxeError(named)
  const uefi = failedRound !== undefined && isUefi(failedRound.firmware)
  const meaning = error && (uefi ? error.uefi : error.bios)
  const elsewhere = error && (uefi ? error.bios : error.uefi)
  if (screen.length > 0)
    sentences.push({
      text: `The screen shows: ${screen.map((line) => `"${line}"`).join(', then ')}${meaning ? `. On ${uefi ? 'UEFI' : 'BIOS'} ${named} means: ${meaning}${elsewhere ? `; on ${uefi ? 'BIOS' : 'UEFI'} the same number means: ${elsewhere}` : ''}` : ''}.`,
      tone: 'bad',
      frames: [],
    })
  if (failure)
    sentences.push({ text: `What commonly causes it: ${failures[failure].causes[0]}`, tone: 'warning', frames: [] })
  return {
    outcome: account.outcome,
    headline: headlineOf(account, screen),
    firmware: rounds[0]?.firmware ?? attempt.firmware,
    failure,
    screen,
    code: named !== undefined && meaning ? { code: named, meaning, elsewhere } : undefined,
    causes: failure ? failures[failure].causes : [],
    sentences,
    stages: account.stages,
    offers: account.offers,
    missing: account.missing,
    notes: account.notes,
    startNs: attempt.startNs,
    endNs: attempt.lastNs,
  }
}
