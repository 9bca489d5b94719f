/** Offers: what each brings, which the client took, and which it cannot take at all. */
import { say, type Phrase, together } from '#messages/message.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import { addressOption, broadcastFlag, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import {
  bootTraits,
  describeTraits,
  rankOffers,
  reasonText,
  traitsOf,
  type Choice,
  type OfferReason,
  type OfferTraits,
  type Ranking,
} from '../../machines/pxe-client/offer-ranking.ts'
import type { FirmwareKind } from '../../trace/firmware.ts'
import { requestStateOf, type Message, type Round } from '../rounds.ts'
import type { Account } from './account.ts'
import type { OfferVerdict } from './explanation.ts'
import { framesOf } from './words.ts'

const rankings: Readonly<Record<FirmwareKind, Ranking>> = {
  'bios-rom': 'rom',
  edk2: 'edk2',
  'edk2-http': 'edk2-http',
  ipxe: 'ipxe',
  wds: 'rom',
  'windows-pe': 'first',
  'u-boot': 'first',
  'raspberry-pi': 'first',
  'soc-rom': 'first',
  grub: 'first',
  linux: 'first',
  other: 'first',
}

const everyone = 0xffffffff
const relayPort = 67

/** Why an offer cannot have reached the client as an answer, from how it travelled; undefined where it can. */
function lostReason(offer: Message, round: Round, xids: ReadonlySet<number>): Phrase | undefined {
  const { event, message } = offer
  if (xids.size > 0 && !xids.has(event.xid))
    return say('explain.other-transaction', { xid: xidText(event.xid), xids: [...xids].slice(0, 3).map(xidText) })
  const asked = round.discovers
  const tags = new Set(asked.map((one) => one.event.vlan))
  const isTagged = event.vlan >= 0 && asked.length > 0 && !tags.has(-1) && !tags.has(event.vlan)
  if (isTagged && message.giaddr === 0 && asked.every((one) => one.message.giaddr === 0))
    return say('explain.other-vlan', { vlan: event.vlan, tags: [...tags].map(String) })
  // Only where all that was seen are the legs between relay and server does their form decide.
  if (asked.length === 0 || asked.some((one) => one.message.giaddr === 0)) return undefined
  if (message.giaddr === 0) return say('explain.no-giaddr')
  if (event.destination === everyone) return say('explain.broadcast-not-relay')
  if (event.destination !== message.giaddr) return undefined
  if (event.destinationPort !== relayPort) return say('explain.other-relay-port', { port: event.destinationPort })
  const has82 = ({ message: one }: Message): boolean =>
    findOptionData(one, optionCodes.relayAgentInformation) !== undefined
  if (asked.some(has82) && !has82(offer)) return say('explain.no-option-82-back')
  return undefined
}

const xidText = (xid: number): string => `0x${xid.toString(16)}`

/** What the ranking says of an offer, put right by what the REQUEST shows. */
function verdictOf(
  reason: OfferReason,
  trait: OfferTraits,
  chosen: string | undefined,
): Pick<OfferVerdict, 'taken' | 'why'> {
  const isAddress = reason.use === 'whole' || reason.use === 'address'
  if (trait.isProxy || chosen === undefined || (trait.server === chosen) === isAddress) return rankedAs(reason)
  return isAddress
    ? { taken: 'no', why: say('explain.not-taken-against-ranking') }
    : { taken: 'whole', why: say('explain.taken-against-ranking') }
}

/** Without a REQUEST nothing was taken: the ranking says only what the client could have taken. */
function unrequested(reason: OfferReason): Pick<OfferVerdict, 'taken' | 'why'> {
  const { use, because } = reason
  return use === 'whole' || use === 'address' || use === 'boot'
    ? { taken: 'acceptable', why: say(`pxe-client.could-${use}`, { because }) }
    : rankedAs(reason)
}

const rankedAs = (reason: OfferReason): Pick<OfferVerdict, 'taken' | 'why'> => ({
  taken: reason.use === 'lost' ? 'dropped' : reason.use,
  why: reasonText(reason),
})

/** The choice among the offers of a round, and a verdict on each. */
export function judgeOffers(account: Account, round: Round): Choice {
  const { firmware, offers, requests, answers } = round
  const traits = offers.map((one) => traitsOf(one.message))
  const request = requests.findLast((one) => requestStateOf(one) === 'selecting')
  const chosen = request && addressOption(request.message, optionCodes.serverIdentifier)
  const chosenText = chosen === undefined ? undefined : formatIpv4(chosen)
  // A server hears no offer of another one that goes to the client alone.
  const isOfUnseen =
    chosenText === undefined
      ? traits.every((one) => one.isProxy) && round.bootRequests.some((one) => one.message.ciaddr !== 0)
      : !traits.some((one) => one.server === chosenText)
  const xids = new Set(account.rounds.flatMap((one) => [...one.discovers, ...one.requests]).map((one) => one.event.xid))
  // What the client requested has reached it.
  const lost = offers.map((one, index) =>
    traits[index]!.server === chosenText ? undefined : lostReason(one, round, xids),
  )
  const choice = rankOffers(rankings[firmware.kind], traits, lost)
  if (offers.length === 0) return choice
  const first = offers[0]!
  account.stage(
    'offer',
    say('explain.offers', { count: offers.length }),
    'done',
    first.event.timeNs,
    offers.at(-1)!.event.timeNs,
    framesOf(offers),
  )
  const isRequested =
    requests.length > 0 || answers.length > 0 || round.bootRequests.length > 0 || round.files.length > 0
  const seen = new Set<string>()
  const told = new Map<string, { readonly text: Phrase; readonly frames: number[]; readonly isDropped: boolean }>()
  for (const [index, offer] of offers.entries()) {
    const trait = traits[index]!
    const role = trait.isProxy ? 'proxyDHCP' : 'DHCP'
    const isDropped = choice.dropped[index]! && trait.server !== chosenText
    const key = `${trait.server} ${role} ${isDropped}`
    const reason = choice.reasons[index]!
    const { taken, why } = seen.has(key)
      ? ({ taken: 'repeated', why: say('explain.offer-repeated') } as const)
      : isDropped
        ? rankedAs(reason)
        : reason.use === 'no' && trait.isProxy && isOfUnseen
          ? ({
              taken: 'acceptable',
              why: say('explain.offer-with-address-unseen', {
                known: chosenText === undefined ? 'no' : 'yes',
                server: chosenText ?? '',
                source: account.source,
              }),
            } as const)
          : isRequested
            ? verdictOf(reason, trait, chosenText)
            : unrequested(reason)
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
    account.note(
      offer.event.frame,
      taken === 'repeated' ? 'benign' : taken === 'dropped' ? 'bad' : taken === 'no' || taken === 'acceptable' ? 'plain' : 'good',
      why,
    ) // prettier-ignore
    const known = told.get(key)
    if (known) known.frames.push(offer.event.frame)
    else told.set(key, { text: together([offerText(offer, trait), why]), frames: [offer.event.frame], isDropped })
  }
  for (const one of told.values()) account.say(one.text, one.frames, one.isDropped ? 'bad' : 'plain')
  return choice
}

/** What is wrong in an offer that a client may take all the same. */
export function offerFlaws(round: Round): { readonly text: Phrase; readonly frames: readonly number[] }[] {
  const flaws: { readonly text: Phrase; readonly frames: readonly number[] }[] = []
  const ignored = round.offers.filter(
    ({ event, message }) =>
      message.giaddr === 0 &&
      event.destination !== everyone &&
      round.discovers.some((one) => one.event.xid === event.xid && (one.message.flags & broadcastFlag) !== 0),
  )
  if (ignored.length > 0) flaws.push({ text: say('explain.unicast-despite-flag'), frames: framesOf(ignored) })
  return flaws
}

const offerText = (offer: Message, trait: OfferTraits): Phrase =>
  trait.isProxy
    ? say('explain.proxy-offered', { server: trait.server, what: bootTraits(trait) })
    : say('explain.offered', {
        server: trait.server,
        address: formatIpv4(offer.message.yiaddr),
        what: bootTraits(trait),
      })
