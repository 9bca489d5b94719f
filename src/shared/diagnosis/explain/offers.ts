/** Offers: what each brings, which the client took, and which it cannot take at all. */
import { type Phrase, together } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import { addressOption, broadcastFlag, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import {
  describeTraits,
  rankOffers,
  traitsOf,
  type Choice,
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
function lostReason(offer: Message, round: Round, xids: ReadonlySet<number>): string | undefined {
  const { event, message } = offer
  if (xids.size > 0 && !xids.has(event.xid))
    return `its transaction ${xidText(event.xid)} is none of this client's (${[...xids].slice(0, 3).map(xidText).join(', ')})`
  const asked = round.discovers
  const tags = new Set(asked.map((one) => one.event.vlan))
  const isTagged = event.vlan >= 0 && asked.length > 0 && !tags.has(-1) && !tags.has(event.vlan)
  if (isTagged && message.giaddr === 0 && asked.every((one) => one.message.giaddr === 0))
    return `it has VLAN tag ${event.vlan}, and the DISCOVER has ${[...tags].join(', ')}`
  // Only where all that was seen are the legs between relay and server does their form decide.
  if (asked.length === 0 || asked.some((one) => one.message.giaddr === 0)) return undefined
  if (message.giaddr === 0) return 'it does not carry the address of the relay agent (giaddr), so none passes it on'
  if (event.destination === everyone)
    return 'the server sent it by broadcast into its own network, and not to the relay agent (RFC 2131 section 4.1)'
  if (event.destination !== message.giaddr) return undefined
  if (event.destinationPort !== relayPort)
    return `it is sent to port ${event.destinationPort} of the relay agent, which listens on 67 (RFC 2131 section 4.1)`
  const has82 = ({ message: one }: Message): boolean =>
    findOptionData(one, optionCodes.relayAgentInformation) !== undefined
  if (asked.some(has82) && !has82(offer))
    return 'it does not return option 82, by which the relay agent finds the way back (RFC 3046 section 2.2)'
  return undefined
}

const xidText = (xid: number): string => `0x${xid.toString(16)}`

const repeatedOffer = 'The same server again, to a repeated DISCOVER, while the client collects offers: normal.'

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

/** Without a REQUEST nothing was taken: the ranking says only what the client could have taken. */
function unrequested(ranked: OfferVerdict['taken'], reason: string): Pick<OfferVerdict, 'taken' | 'why'> {
  if (ranked !== 'whole' && ranked !== 'address' && ranked !== 'boot') return { taken: ranked, why: reason }
  const why = reason.replace(
    /^Taken( for its address| for how to boot)?: /,
    (_, what?: string) => `Acceptable${what ?? ''}: `,
  )
  return { taken: 'acceptable', why }
}

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
    offers.length === 1 ? 'OFFER' : `${offers.length} OFFERs`,
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
    const reason = inEnglish(choice.reasons[index]!)
    const ranked = isDropped
      ? 'dropped'
      : index === choice.address
        ? index === choice.boot
          ? 'whole'
          : 'address'
        : index === choice.boot
          ? 'boot'
          : 'no'
    const { taken, why } = seen.has(key)
      ? ({ taken: 'repeated', why: repeatedOffer } as const)
      : isDropped
        ? ({ taken: 'dropped', why: reason } as const)
        : ranked === 'no' && trait.isProxy && isOfUnseen
          ? ({
              taken: 'acceptable',
              why:
                chosenText === undefined
                  ? 'It brings no address; the offer that does is not in the capture.'
                  : `It brings no address; the offer of ${chosenText}, which does, is not in the capture.`,
            } as const)
          : isRequested
            ? verdictOf(ranked, reason, trait, chosenText)
            : unrequested(ranked, reason)
    seen.add(key)
    account.offers.push({
      frame: offer.event.frame,
      server: trait.server,
      role,
      address: trait.isProxy ? '' : formatIpv4(offer.message.yiaddr),
      brings: inEnglish(describeTraits(trait)),
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
export function offerFlaws(round: Round): { readonly text: string; readonly frames: readonly number[] }[] {
  const flaws: { readonly text: string; readonly frames: readonly number[] }[] = []
  const ignored = round.offers.filter(
    ({ event, message }) =>
      message.giaddr === 0 &&
      event.destination !== everyone &&
      round.discovers.some((one) => one.event.xid === event.xid && (one.message.flags & broadcastFlag) !== 0),
  )
  if (ignored.length > 0)
    flaws.push({
      text: 'The client asks for answers by broadcast (broadcast flag), and these are sent by unicast, which it may not be able to receive (RFC 2131 section 4.1).',
      frames: framesOf(ignored),
    })
  return flaws
}

function offerText(offer: Message, trait: OfferTraits): string {
  const what = inEnglish(describeTraits(trait)).replace(/^(an|no) address, /, '')
  return trait.isProxy
    ? `${trait.server} (proxyDHCP) offered ${what}.`
    : `${trait.server} offered ${formatIpv4(offer.message.yiaddr)} with ${what}.`
}
