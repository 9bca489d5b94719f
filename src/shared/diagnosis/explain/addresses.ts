/** DISCOVER to ACK: who was asked, what was offered, taken and confirmed. */
import { decodeText, formatIpv4 } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { addressOption, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import {
  describeTraits,
  rankOffers,
  traitsOf,
  type Choice,
  type OfferTraits,
  type Ranking,
} from '../../machines/pxe-client/offer-ranking.ts'
import { firmwareClocks, isFirmware, type FirmwareKind } from '../../trace/firmware.ts'
import { failures, type FailureKind } from '../failures.ts'
import { serverOf, type Round } from '../rounds.ts'
import type { Account } from './account.ts'
import type { OfferVerdict } from './explanation.ts'
import { framesOf, nanoseconds, secondsOf, times } from './words.ts'

const rankings: Readonly<Record<FirmwareKind, Ranking>> = {
  'bios-rom': 'rom',
  edk2: 'edk2',
  'edk2-http': 'edk2-http',
  ipxe: 'ipxe',
  wds: 'rom',
  'windows-pe': 'first',
  'u-boot': 'first',
  grub: 'first',
  linux: 'first',
  other: 'first',
}

export function tellNextProgram(account: Account, round: Round): void {
  const first = round.discovers[0] ?? round.requests[0]
  const frames = first ? [first.event.frame] : []
  account.stage('next-program', `Next program: ${round.firmware.name}`, 'done', round.startNs, round.startNs, frames)
  account.say(
    `The program that was loaded asks the network itself: ${round.firmware.name} (${round.firmware.evidence}).`,
    frames,
  )
}

/** DISCOVER to ACK; false where the round ended there. */
export function tellAddresses(account: Account, round: Round, index: number): boolean {
  const { firmware, discovers, offers, requests, answers } = round
  const clock = firmwareClocks[firmware.kind]
  const first = discovers[0]
  const last = discovers.at(-1)
  if (first && last) {
    if (index === 0)
      account.say(
        `${account.attempt.machine.name} started as ${firmware.name} and asked for an address${discovers.length > 1 ? ` ${times(discovers.length)} in ${secondsOf(last.event.timeNs - first.event.timeNs)}` : ''}.`,
        framesOf(discovers),
      )
    account.stage(
      'discover',
      discovers.length > 1 ? `DISCOVER, ${times(discovers.length)}` : 'DISCOVER',
      'done',
      first.event.timeNs,
      last.event.timeNs,
      framesOf(discovers),
    )
    for (const [tries, one] of discovers.entries())
      if (tries > 0)
        account.note(
          one.event.frame,
          'plain',
          `Try ${tries + 1}, ${secondsOf(one.event.timeNs - discovers[tries - 1]!.event.timeNs)} after the one before.`,
        )
  } else if (index === 0)
    account.say(
      `${account.attempt.machine.name} was seen in the middle of what it did: the capture begins later than its boot.`,
      [],
    )
  const choice = judgeOffers(account, round)
  if (last && requests.length === 0 && answers.length === 0) {
    tellNoRequest(account, round, choice)
    return false
  }
  const request = requests.at(-1)
  const answer = answers.at(-1)
  if (request) {
    const server = addressOption(request.message, optionCodes.serverIdentifier)
    const wanted = addressOption(request.message, optionCodes.requestedAddress) ?? request.message.ciaddr
    account.stage(
      'request',
      `REQUEST ${formatIpv4(wanted)}`,
      'done',
      requests[0]!.event.timeNs,
      request.event.timeNs,
      framesOf(requests),
    )
    if (server !== undefined && offers.length > 0)
      account.say(
        `It asked ${formatIpv4(server)} for ${formatIpv4(wanted)}${last ? ` ${secondsOf(requests[0]!.event.timeNs - first!.event.timeNs)} after its first DISCOVER` : ''}.`,
        framesOf(requests),
      )
  }
  if (!answer && request) {
    const wait = nanoseconds(clock.discover[Math.min(requests.length, clock.discover.length) - 1] ?? 4000)
    account.miss(
      'ACK',
      addressOption(request.message, optionCodes.serverIdentifier),
      'dhcp',
      request.event,
      request.event.timeNs + wait,
      failures['no-ack'].causes,
    )
    if (account.nowNs < request.event.timeNs + wait) return account.wait('the ACK')
    account.fail('no-ack')
    account.say('No ACK came: the address was offered, but never confirmed.', framesOf(requests), 'bad')
    return false
  }
  if (answer?.event.type === messageTypes.nak) {
    const reason = findOptionData(answer.message, optionCodes.message)
    account.fail('nak')
    account.stage('ack', 'NAK', 'failed', answer.event.timeNs, answer.event.timeNs, framesOf(answers))
    account.say(
      `${serverOf(answer)} refused the address (NAK${reason ? `: "${decodeText(reason)}"` : ''}).`,
      framesOf(answers),
      'bad',
    )
    return false
  }
  if (answer) {
    account.stage(
      'ack',
      `ACK ${formatIpv4(answer.message.yiaddr)}`,
      'done',
      answers[0]!.event.timeNs,
      answer.event.timeNs,
      framesOf(answers),
    )
    account.say(
      `${serverOf(answer)} gave it ${formatIpv4(answer.message.yiaddr || answer.message.ciaddr)}.`,
      framesOf(answers),
    )
    if (!isFirmware(firmware) && account.rounds.length === 1) account.outcome = 'address'
  }
  return true
}

const repeatedOffer = 'The same server again, to a repeated DISCOVER, while the firmware collects offers: normal.'

/** What the ranking says of an offer, put right by what the REQUEST shows. */
function verdictOf(
  ranked: OfferVerdict['taken'],
  reason: string,
  trait: OfferTraits,
  chosen: string | undefined,
): Pick<OfferVerdict, 'taken' | 'why'> {
  const isAddress = ranked === 'whole' || ranked === 'address'
  if (trait.isProxy || chosen === undefined || (trait.server === chosen) === isAddress)
    return { taken: ranked, why: reason }
  return isAddress
    ? {
        taken: 'no',
        why: 'Not taken, as its REQUEST to another server shows, against the ranking known of this firmware.',
      }
    : { taken: 'whole', why: 'Taken, as its REQUEST shows, against the ranking known of this firmware.' }
}

function judgeOffers(account: Account, { firmware, offers, requests }: Round): Choice {
  const traits = offers.map((one) => traitsOf(one.message))
  const choice = rankOffers(rankings[firmware.kind], traits)
  const request = requests.at(-1)
  const chosen = request && addressOption(request.message, optionCodes.serverIdentifier)
  const chosenText = chosen === undefined ? undefined : formatIpv4(chosen)
  if (offers.length === 0) return choice
  const first = offers[0]!
  account.stage(
    'offer',
    offers.length === 1 ? 'OFFER' : `${offers.length} OFFERs`,
    'done',
    first.event.timeNs,
    offers.at(-1)!.event.timeNs,
    framesOf(offers),
  )
  const seen = new Set<string>()
  const told = new Map<string, { readonly text: string; readonly frames: number[] }>()
  for (const [index, offer] of offers.entries()) {
    const trait = traits[index]!
    const role = trait.isProxy ? 'proxyDHCP' : 'DHCP'
    const key = `${trait.server} ${role}`
    const ranked =
      index === choice.address ? (index === choice.boot ? 'whole' : 'address') : index === choice.boot ? 'boot' : 'no'
    const { taken, why } = seen.has(key)
      ? ({ taken: 'repeated', why: repeatedOffer } as const)
      : verdictOf(ranked, choice.reasons[index]!, trait, chosenText)
    seen.add(key)
    account.offers.push({
      frame: offer.event.frame,
      server: trait.server,
      role,
      address: trait.isProxy ? '' : formatIpv4(offer.message.yiaddr),
      brings: describeTraits(trait),
      taken,
      why,
    })
    account.note(offer.event.frame, taken === 'repeated' ? 'benign' : taken === 'no' ? 'plain' : 'good', why)
    const known = told.get(key)
    if (known) known.frames.push(offer.event.frame)
    else
      told.set(key, {
        text: `${trait.server} offered ${trait.isProxy ? '' : `${formatIpv4(offer.message.yiaddr)} with `}${describeTraits(trait).replace(/^(an|no) address, /, '')}${trait.isProxy ? ' as proxyDHCP' : ''}. ${why}`,
        frames: [offer.event.frame],
      })
  }
  for (const one of told.values()) account.say(one.text, one.frames)
  return choice
}

/** DISCOVERs without a REQUEST: nobody answered, or nothing of use. */
function tellNoRequest(account: Account, round: Round, choice: Choice): void {
  const { firmware, discovers, offers } = round
  const clock = firmwareClocks[firmware.kind]
  const dueOf = (index: number): number =>
    discovers[index + 1]?.event.timeNs ??
    discovers[index]!.event.timeNs + nanoseconds(clock.discover[Math.min(index, clock.discover.length - 1)] ?? 4000)
  const lastDue = dueOf(discovers.length - 1)
  const isOver =
    account.nowNs >= lastDue &&
    (discovers.length >= clock.discover.length || account.nowNs - lastDue > 2e9 || account.attempt.next !== undefined)
  const isProxyOnly = offers.length > 0 && offers.every((one) => one.message.yiaddr === 0)
  const failure: FailureKind =
    offers.length === 0
      ? 'no-offer'
      : isProxyOnly
        ? 'proxy-only'
        : choice.boot === undefined && isFirmware(firmware)
          ? 'no-boot-information'
          : 'offers-not-taken'
  const label =
    failure === 'no-offer'
      ? 'OFFER'
      : failure === 'proxy-only'
        ? 'OFFER with an address'
        : failure === 'no-boot-information'
          ? 'OFFER with boot information'
          : 'REQUEST'
  if (label !== 'REQUEST') {
    const withBoot = offers.filter((one) => traitsOf(one.message).isPxe)
    let next = 0
    for (const [index, discover] of discovers.entries()) {
      // Both lists are in the order of time.
      while (next < withBoot.length && withBoot[next]!.event.timeNs < discover.event.timeNs) next++
      const inTime = next < withBoot.length && withBoot[next]!.event.timeNs < dueOf(index)
      if (failure === 'no-offer' || !inTime)
        account.miss(label, undefined, 'dhcp', discover.event, dueOf(index), failures[failure].causes)
    }
  }
  // Three tries in vain are a finding, though the firmware may still go on.
  if (!isOver && (discovers.length < 3 || failure === 'offers-not-taken')) {
    account.wait(
      failure === 'no-offer'
        ? 'an OFFER'
        : label === 'REQUEST'
          ? 'the time in which it collects offers to end'
          : `an ${label}`,
    )
    return
  }
  account.fail(failure)
  const span = secondsOf(Math.min(lastDue, account.nowNs) - discovers[0]!.event.timeNs)
  const frames = framesOf(discovers)
  if (failure === 'no-offer')
    account.say(
      `Nobody answered: no OFFER came to ${discovers.length === 1 ? 'its DISCOVER' : `its ${discovers.length} DISCOVERs`} in ${span}.`,
      frames,
      'bad',
    )
  else if (failure === 'proxy-only')
    account.say(
      `Only proxyDHCP offers came in ${span}: nobody offered an address.`,
      [...frames, ...framesOf(offers)],
      'bad',
    )
  else if (failure === 'no-boot-information')
    account.say(
      `It took no address: none of the offers says how to boot, so this firmware goes on waiting for one that does (${span}).`,
      [...frames, ...framesOf(offers)],
      'bad',
    )
  else
    account.say(
      `It took none of the ${offers.length === 1 ? 'offers, though one came' : `${offers.length} offers`}.`,
      framesOf(offers),
      'bad',
    )
}
