/** DISCOVER to ACK, BOOTP, and the messages beside them: who asked for what, and what the servers said. */
import { decodeText, formatIpv4 } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { messageTypes, messageTypeNames } from '../../wire/dhcp/kinds.ts'
import { addressOption, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { traitsOf, type Choice } from '../../machines/pxe-client/offer-ranking.ts'
import { firmwareClocks, isFirmware } from '../../trace/firmware.ts'
import { causesOf, type FailureKind } from '../failures.ts'
import { requestStateOf, serverOf, type Message, type RequestState, type Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { isLoaded } from './file.ts'
import { judgeOffers, offerFlaws } from './offers.ts'
import { framesOf, nanoseconds, secondsOf, times } from './words.ts'

/** Whether the client got an address and may go on to boot. */
export type Leased = 'leased' | 'ended'

export function tellNextProgram(account: Account, round: Round): void {
  const first = round.discovers[0] ?? round.requests[0] ?? round.bootpRequests[0] ?? round.v6?.solicits[0]
  const frames = first ? [first.event.frame] : []
  account.stage('next-program', `Next program: ${round.firmware.name}`, 'done', round.startNs, round.startNs, frames)
  const who = `${round.firmware.name} (${round.firmware.evidence})`
  account.say(
    round.firmware.asksToBoot && isNewProgram(account, round)
      ? `The loaded program asks the network itself: ${who}.`
      : !round.firmware.asksToBoot && hasBooted(account, round)
        ? `The started system asks for an address: ${who}.`
        : `It began anew: ${who}.`,
    frames,
  )
}

/** Whether somebody else speaks than before, or the same program that was loaded once more. */
const isNewProgram = ({ rounds }: Account, round: Round): boolean => {
  const before = rounds[rounds.indexOf(round) - 1]
  return before === undefined || before.firmware.kind !== round.firmware.kind || before.files.some(isLoaded)
}

/** Whether anything was to boot before this round. */
const hasBooted = ({ rounds }: Account, round: Round): boolean =>
  rounds.slice(0, rounds.indexOf(round)).some((one) => one.firmware.asksToBoot)

const tagText = (round: Round): string => {
  const tagged = [...round.discovers, ...round.bootpRequests].find((one) => one.event.vlan >= 0)
  return tagged ? ` with VLAN tag ${tagged.event.vlan}` : ''
}

function tellDiscovers(account: Account, round: Round, index: number): void {
  const { discovers, firmware } = round
  const first = discovers[0]
  const last = discovers.at(-1)
  const { name } = account.attempt.machine
  if (!first || !last) return
  const count = discovers.length
  const span = secondsOf(last.event.timeNs - first.event.timeNs)
  if (index === 0)
    account.say(
      `${name}, ${firmware.name}, sent DHCPDISCOVER${count > 1 ? ` ${times(count)} in ${span}` : ''}${tagText(round)}${round.relays.size > 0 ? ` by relay agent ${[...round.relays].map(formatIpv4).join(', ')}` : ''}.`,
      framesOf(discovers),
    )
  account.stage(
    'discover',
    count > 1 ? `DISCOVER, ${times(count)}` : 'DISCOVER',
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
}

/** What a DHCP message asks that is no part of getting an address. */
function tellOther(account: Account, { event, message }: Message): void {
  const { name } = account.attempt.machine
  const address = formatIpv4(message.ciaddr)
  const { type, frame } = event
  if (event.isReply) {
    if (type === messageTypes.ack) account.say(`${serverOf({ event, message })} answered the INFORM.`, [frame])
    else if (type === messageTypes.forceRenew)
      account.say(`${serverOf({ event, message })} told the client to renew its lease (FORCERENEW, RFC 3203).`, [frame])
    else if (type >= messageTypes.leaseUnassigned && type <= messageTypes.leaseActive)
      account.say(
        `${formatIpv4(event.source)} answered: ${type === messageTypes.leaseActive ? `${address} is leased` : type === messageTypes.leaseUnassigned ? `${address} is not leased` : 'no such lease is known'} (${messageTypeNames[type]}).`,
        [frame],
      )
    return
  }
  if (type === messageTypes.release)
    account.say(`${name} gave ${address} back to ${serverOf({ event, message })} (RELEASE, which has no answer).`, [
      frame,
    ])
  else if (type === messageTypes.inform)
    account.say(`${name}, which has ${address}, asked for options without an address (INFORM).`, [frame])
  else if (type === messageTypes.leaseQuery)
    account.say(`${name} asked a DHCP server about a lease (LEASEQUERY, RFC 4388); no client takes part.`, [frame])
  else if (type === messageTypes.decline) {
    const refused = addressOption(message, optionCodes.requestedAddress)
    account.say(
      `${name} declined ${refused === undefined ? 'the address' : formatIpv4(refused)}: it found another machine using it (DECLINE).`,
      [frame],
      'warning',
    )
  } else account.say(`${name} sent a DHCP message of type ${messageTypeNames[type] ?? type}.`, [frame])
}

const stateTexts: Readonly<Record<RequestState, string>> = {
  selecting: 'requested',
  'init-reboot': 'asked to go on using',
  renewing: 'asked its server to renew',
  rebinding: 'asked any server to renew',
}

const addressOf = ({ message }: Message): number =>
  addressOption(message, optionCodes.requestedAddress) ?? message.ciaddr

/** Messages that say the same, each kind once, in the order in which they began. */
function groupsOf(messages: readonly Message[], keyOf: (one: Message) => string): Message[][] {
  const groups = new Map<string, Message[]>()
  for (const one of messages) {
    const key = `${keyOf(one)} ${serverOf(one)}`
    const known = groups.get(key)
    if (known) known.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}

function tellRequest(account: Account, { discovers }: Round, same: readonly Message[]): void {
  const one = same[0]!
  const state = requestStateOf(one)
  const address = formatIpv4(addressOf(one))
  const first = discovers.find((discover) => discover.event.timeNs < one.event.timeNs)
  const since = first ? ` (+${secondsOf(one.event.timeNs - first.event.timeNs)})` : ''
  const server = addressOption(one.message, optionCodes.serverIdentifier)
  const who = first ? 'It' : account.attempt.machine.name
  account.say(
    state === 'selecting'
      ? `${who} requested ${address} from ${formatIpv4(server!)}${since}.`
      : `${who} ${stateTexts[state]} ${address} (${state.toUpperCase()}).`,
    framesOf(same),
  )
}

function tellRequestStage(account: Account, { requests }: Round): void {
  const first = requests[0]
  const last = requests.at(-1)
  if (first && last)
    account.stage('request', `REQUEST ${formatIpv4(addressOf(last))}`, 'done', first.event.timeNs, last.event.timeNs, framesOf(requests)) // prettier-ignore
}

/** DISCOVER to ACK, told in the order of the dialogue. */
export function tellAddresses(account: Account, round: Round, index: number): Leased {
  let choice: Choice | undefined
  const parts: (readonly [frame: number, tell: () => void])[] = []
  const part = (first: Message | undefined, tell: () => void): void => {
    if (first) parts.push([first.event.frame, tell])
  }
  part(round.discovers[0], () => tellDiscovers(account, round, index))
  part(round.offers[0], () => (choice = judgeOffers(account, round)))
  for (const same of groupsOf(round.requests, (one) => `${requestStateOf(one)} ${addressOf(one)}`))
    part(same[0], () => tellRequest(account, round, same))
  for (const same of groupsOf(round.answers, ({ event, message }) => `${event.type} ${message.yiaddr}`))
    part(same[0], () => tellAnswers(account, round, same))
  for (const one of round.others) part(one, () => tellOther(account, one))
  for (const one of round.arps.filter((arp) => arp.isProbe && arp.answer >= 0))
    parts.push([one.frame, () => account.say(`${one.answeredBy} answered ARP for ${formatIp(one.target)}: it uses the address.`, [...one.frames, one.answer], 'bad')]) // prettier-ignore
  for (const [, tell] of parts.sort(([left], [right]) => left - right)) tell()
  if (parts.length === 0 && index === 0 && round.bootpRequests.length + round.cut.length === 0)
    account.say(`${account.attempt.machine.name} was seen in the middle of what it did: the capture begins later.`, [])
  tellRequestStage(account, round)
  if (round.requests.length === 0) for (const flaw of offerFlaws(round)) account.say(flaw.text, flaw.frames, 'warning')
  if (tellConflict(account, round)) return 'ended'
  choice ??= judgeOffers(account, round)
  const answer = round.answers.at(-1)
  if (answer?.event.type === messageTypes.ack) {
    account.stage(
      'ack',
      `ACK ${formatIpv4(answer.message.yiaddr || answer.message.ciaddr)}`,
      'done',
      round.answers[0]!.event.timeNs,
      answer.event.timeNs,
      framesOf(round.answers),
    )
    if (!round.firmware.asksToBoot && !hasBooted(account, round)) {
      account.outcome = 'address'
      account.summary = `${round.firmware.name} has ${formatIpv4(answer.message.yiaddr || answer.message.ciaddr)}`
    }
    return 'leased'
  }
  if (answer) tellNak(account, round, answer)
  else if (hasUsedAddress(round)) {
    tellUnseenAck(account, round)
    return 'leased'
  } else if (round.requests.length > 0) tellNoAck(account, round)
  else if (round.bootpRequests.length + round.bootpReplies.length > 0) return tellBootp(account, round)
  else if (round.offers.length > 0 && round.files.length > 0) {
    account.say('It used the offered address without a REQUEST.', framesOf(round.offers), 'benign')
    return 'leased'
  } else if (round.discovers.length > 0) tellNoRequest(account, round, choice)
  else if (round.cut.length > 0) tellCut(account, round)
  else if (round.others.length > 0) tellBeside(account, round)
  else if (round.offers.length > 0) tellOffersAlone(account, round)
  else return 'leased'
  return 'ended'
}

function tellAnswers(account: Account, { answers }: Round, same: readonly Message[]): void {
  const { event, message } = same[0]!
  const server = serverOf(same[0]!)
  if (event.type !== messageTypes.nak) {
    account.say(`${server} acknowledged ${formatIpv4(message.yiaddr || message.ciaddr)}.`, framesOf(same))
    return
  }
  const reason = findOptionData(message, optionCodes.message)
  account.say(
    `${server} refused the address (DHCPNAK${reason ? `: "${decodeText(reason)}"` : ''}).`,
    framesOf(same),
    answers.at(-1)!.event.type === messageTypes.nak ? 'bad' : 'plain',
  )
}

/** The answer was NAK: normal where the client begins anew (RFC 2131 sections 3.1 and 3.2). */
function tellNak(account: Account, round: Round, answer: Message): void {
  account.stage('ack', 'NAK', 'failed', answer.event.timeNs, answer.event.timeNs, [answer.event.frame])
  const isOver = account.attempt.next !== undefined || account.nowNs - answer.event.timeNs > 10e9
  const begunAnew = round.discovers.some((one) => one.event.timeNs > answer.event.timeNs)
  if (!round.firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary = 'The DHCP server refused the address of a client that did not ask to boot'
  } else if (begunAnew || isOver) {
    const asked = round.requests.at(-1)
    const chosen = asked && addressOption(asked.message, optionCodes.serverIdentifier)
    const isOther = chosen !== undefined && formatIpv4(chosen) !== serverOf(answer)
    account.fail('nak', round, isOther ? { title: `Another DHCP server (${serverOf(answer)}) refused the address that ${formatIpv4(chosen)} had offered` } : {}) // prettier-ignore
  } else account.wait('the DISCOVER that follows a NAK')
}

/**
 * Whether it asked a boot server or for a file behind its last REQUEST. An ACK that the capture lacks came all the same: a server
 * hears no answer of another one that goes to the client alone.
 */
function hasUsedAddress({ requests, bootRequests, files }: Round): boolean {
  const requestedNs = requests.at(-1)?.event.timeNs
  // Only who has an address asks port 4011 from it, whether the REQUEST went past the capture or not.
  if (requestedNs === undefined) return bootRequests.some((one) => one.message.ciaddr !== 0)
  return bootRequests.some((one) => one.event.timeNs > requestedNs) || files.some((one) => (one.kind === 'transfer' ? one.startNs : one.timeNs) > requestedNs) // prettier-ignore
}

function tellUnseenAck(account: Account, { requests, bootRequests }: Round): void {
  if (requests.length > 0) {
    account.say('The ACK is not in the capture; the client went on with the address.', framesOf(requests), 'benign')
    return
  }
  const own = bootRequests.find((one) => one.message.ciaddr !== 0)!
  account.say(
    `Neither its REQUEST nor the ACK is in the capture; the client went on with the address ${formatIpv4(own.message.ciaddr)}.`,
    [own.event.frame],
    'benign',
  )
}

function tellNoAck(account: Account, round: Round): void {
  const { requests, firmware } = round
  const request = requests.at(-1)!
  const clock = firmwareClocks[firmware.kind].discover
  const wait = nanoseconds(clock[Math.min(requests.length, clock.length) - 1] ?? 4000)
  const server = addressOption(request.message, optionCodes.serverIdentifier)
  const dueNs = request.event.timeNs + wait
  if (!firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary = `${firmware.name} sent DHCPREQUEST, and no answer is in the capture; it did not ask to boot`
    return
  }
  account.miss('ACK', server, 'dhcp', request.event, dueNs, causesOf('no-ack', account.circumstancesOf(round)))
  if (account.nowNs < dueNs) return account.wait('the ACK')
  if (account.fail('no-ack', round)) account.say('No ACK came.', framesOf(requests), 'bad')
}

/** DECLINE, or an ARP answer for the very address that was given: somebody else has it (RFC 5227 section 2.1.1). */
function tellConflict(account: Account, round: Round): boolean {
  const declines = round.others.filter((one) => one.event.type === messageTypes.decline)
  const owners = round.arps.filter((one) => one.isProbe && one.answer >= 0)
  if (declines.length === 0 && owners.length === 0) return false
  if (round.files.length > 0) return false
  const address = owners[0]?.target ?? addressOf(declines[0]!)
  const owner = owners[0]?.answeredBy
  const which = address === 0 ? 'the address that was offered' : `${formatIp(address)}, the address that was offered`
  const title = `Another machine${owner ? ` (${owner})` : ''} uses ${which}`
  if (round.firmware.asksToBoot) account.fail('address-conflict', round, { title })
  else {
    account.outcome = 'idle'
    account.summary = title
  }
  return true
}

/** BOOTP: a request and a reply, no more (RFC 951 section 3; RFC 1534). */
function tellBootp(account: Account, round: Round): Leased {
  const { bootpRequests, bootpReplies, firmware } = round
  const first = bootpRequests[0]
  const last = bootpRequests.at(-1)
  if (first && last) {
    const span = secondsOf(last.event.timeNs - first.event.timeNs)
    account.say(
      `${account.attempt.machine.name}, ${firmware.name}, sent BOOTREQUEST${bootpRequests.length > 1 ? ` ${times(bootpRequests.length)} in ${span}` : ''}${tagText(round)} (BOOTP, RFC 951).`,
      framesOf(bootpRequests),
    )
    account.stage('discover', 'BOOTREQUEST', 'done', first.event.timeNs, last.event.timeNs, framesOf(bootpRequests))
  }
  const reply = bootpReplies.at(-1)
  if (reply) {
    const { file } = traitsOf(reply.message)
    account.stage('ack', `BOOTREPLY ${formatIpv4(reply.message.yiaddr)}`, 'done', bootpReplies[0]!.event.timeNs, reply.event.timeNs, framesOf(bootpReplies)) // prettier-ignore
    account.say(
      `${formatIpv4(reply.event.source)} gave it ${formatIpv4(reply.message.yiaddr)}${file === '' ? '' : ` and the file ${file}`} (BOOTREPLY).`,
      framesOf(bootpReplies),
    )
    if (!firmware.asksToBoot && file === '') {
      account.outcome = 'address'
      account.summary = `${firmware.name} has ${formatIpv4(reply.message.yiaddr)}`
    }
    return 'leased'
  }
  if (!firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary = 'No answer to a BOOTP client is in the capture; it did not name a file to boot'
  } else if (account.nowNs - last!.event.timeNs < 4e9 && bootpRequests.length < 3) account.wait('a BOOTREPLY')
  else if (bootpRequests.length === 1 && !account.hasComeBack) {
    // The reply goes to the client alone, past whoever captures elsewhere.
    account.summary = 'The capture holds one BOOTREQUEST and no BOOTREPLY'
    account.say(
      'It did not ask again, as a client does that gets no answer: the answer may have passed where it was not captured.',
      framesOf(bootpRequests),
      'warning',
    )
  } else {
    account.miss('BOOTREPLY', undefined, 'dhcp', last!.event, last!.event.timeNs + 4e9, causesOf('no-bootp-reply', account.circumstancesOf(round))) // prettier-ignore
    account.fail('no-bootp-reply', round)
  }
  return 'ended'
}

/** Messages of which the capture kept too little. */
function tellCut(account: Account, { cut }: Round): void {
  const [first] = cut
  const kept = account.store.bytesOf(first!.event.frame).length
  const whole = account.store.originalLengthOf(first!.event.frame)
  account.say(
    `${cut.length} DHCP ${cut.length === 1 ? 'message was' : 'messages were'} cut by the capture (${kept} of ${whole} bytes kept): what they say is not kept. Capture again with the full length (snap length 65535).`,
    framesOf(cut),
    'warning',
  )
  account.summary = 'The capture is cut: it does not tell what the DHCP messages say'
}

/** Offers to a client of which no request was seen: the capture stands where only the servers are heard. */
function tellOffersAlone(account: Account, { offers }: Round): void {
  const bringsBoot = offers.some((one) => {
    const { isPxe, isHttp, file } = traitsOf(one.message)
    return isPxe || isHttp || file !== ''
  })
  account.outcome = bringsBoot ? 'unknown' : 'idle'
  account.summary = `Only offers to this client are in the capture, none of its requests`
}

/** Neither DISCOVER nor REQUEST: the client gave an address back, or only asked for options. */
function tellBeside(account: Account, { others }: Round): void {
  account.outcome = 'idle'
  const [first] = others
  account.summary =
    first!.event.type >= messageTypes.leaseQuery
      ? 'A question about leases, no client'
      : first!.event.isReply
        ? 'A DHCP server spoke to the client'
        : `The client sent ${messageTypeNames[first!.event.type] ?? `type ${first!.event.type}`}; no address was asked for`
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
  const areDropped = offers.length > 0 && choice.dropped.every(Boolean)
  const failure: FailureKind =
    offers.length === 0
      ? 'no-offer'
      : areDropped
        ? 'offers-dropped'
        : isProxyOnly
          ? 'proxy-only'
          : choice.boot === undefined && isFirmware(firmware)
            ? 'no-boot-information'
            : 'offers-not-taken'
  if (!firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary =
      offers.length === 0
        ? 'No answer to a client that did not ask to boot is in the capture'
        : 'A client that did not ask to boot was offered an address, and no REQUEST of it is in the capture'
    return
  }
  const causes = causesOf(failure, account.circumstancesOf(round))
  const label =
    failure === 'no-offer'
      ? 'OFFER'
      : failure === 'proxy-only'
        ? 'OFFER with an address'
        : failure === 'no-boot-information'
          ? 'OFFER with boot information'
          : failure === 'offers-dropped'
            ? 'OFFER that the client takes'
            : 'REQUEST'
  if (label !== 'REQUEST') {
    const useful = offers.filter((one, index) => traitsOf(one.message).isPxe && !choice.dropped[index])
    let next = 0
    for (const [index, discover] of discovers.entries()) {
      // Both lists are in the order of time.
      while (next < useful.length && useful[next]!.event.timeNs < discover.event.timeNs) next++
      const inTime = next < useful.length && useful[next]!.event.timeNs < dueOf(index)
      if (failure === 'no-offer' || !inTime)
        account.miss(label, undefined, 'dhcp', discover.event, dueOf(index), causes)
    }
  }
  // Three tries in vain are a finding, though the firmware may still go on.
  if (!isOver && (discovers.length < 3 || failure === 'offers-not-taken')) {
    account.wait(label === 'REQUEST' ? 'the REQUEST' : `an ${label}`)
    return
  }
  // A client that got nowhere asks again: one that does not has gone on where this capture does not see it.
  if (discovers.length === 1 && failure === 'offers-not-taken' && account.attempt.next === undefined) {
    account.summary = `The capture does not show what the client did with the ${offers.length === 1 ? 'offer' : `${offers.length} offers`}`
    account.say('No REQUEST is in the capture, and no other DISCOVER either.', framesOf(offers), 'warning')
    return
  }
  if (discovers.length === 1 && failure === 'no-offer' && account.attempt.next === undefined) {
    account.summary = 'The capture holds one DISCOVER and no answer'
    account.say(
      'It did not ask again, as a client does that gets no offer: it was switched off, or it went on where this was not captured.',
      framesOf(discovers),
      'warning',
    )
    return
  }
  if (!account.fail(failure, round, failure === 'offers-dropped' ? { title: droppedTitle(choice) } : {})) return
  const { eapRequests, isEapAnswered } = account.attempt.heard
  if (failure === 'no-offer' && eapRequests.length > 0 && !isEapAnswered)
    account.say(
      'A switch asks for IEEE 802.1X (EAP request), and nobody answers it: such a port forwards nothing until somebody does.',
      eapRequests,
      'warning',
    )
  const span = secondsOf(Math.min(lastDue, account.nowNs) - discovers[0]!.event.timeNs)
  const frames = framesOf(discovers)
  if (failure === 'no-offer')
    account.say(
      `No OFFER came to ${discovers.length === 1 ? 'the DISCOVER' : `${discovers.length} DISCOVERs`} in ${span}.`,
      frames,
      'bad',
    )
  else if (failure === 'proxy-only')
    account.say(`Only proxyDHCP offers came in ${span}: no DHCP server offered an address.`, [...frames, ...framesOf(offers)], 'bad') // prettier-ignore
  else if (failure === 'no-boot-information')
    account.say(
      `The client requested no address: no offer says how to boot, and this firmware waits for one that does (${span}).`,
      [...frames, ...framesOf(offers)],
      'bad',
    )
  else if (failure === 'offers-dropped') account.say('No offer came that the client takes.', framesOf(offers), 'bad')
  else
    account.say(
      `No REQUEST followed the ${offers.length === 1 ? 'offer' : `${offers.length} offers`} in ${span}. The packets do not tell why.`,
      framesOf(offers),
      'bad',
    )
}

/** The reasons that every offer was dropped for, as a headline. */
function droppedTitle({ reasons }: Choice): string {
  const different = [...new Set(reasons)].map((one) => one.replace(/^(Dropped|Lost): /, '').replace(/\.$/, ''))
  const what = reasons.some((one) => one.startsWith('Lost: '))
    ? 'No offer reaches the client'
    : 'The client drops every offer'
  return different.length === 1 ? `${what}: ${different[0]}` : what
}
