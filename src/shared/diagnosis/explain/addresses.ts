/** DISCOVER to ACK, BOOTP, and the messages beside them: who asked for what, and what the servers said. */
import { distinct, type Phrase, say } from '#messages/message.ts'
import { decodeText, formatIpv4 } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { messageTypes, messageTypeNames } from '../../wire/dhcp/kinds.ts'
import { addressOption, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { traitsOf, type Choice } from '../../machines/pxe-client/offer-ranking.ts'
import { firmwareClocks, isFirmware } from '../../trace/firmware.ts'
import { causesOf, type FailureKind } from '../failures.ts'
import { requestStateOf, serverOf, type Message, type Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { isLoaded } from './file.ts'
import { judgeOffers, offerFlaws } from './offers.ts'
import { framesOf, nanoseconds, secondsOf } from './words.ts'

/** Whether the client got an address and may go on to boot. */
export type Leased = 'leased' | 'ended'

export function tellNextProgram(account: Account, round: Round): void {
  const first = round.discovers[0] ?? round.requests[0] ?? round.bootpRequests[0] ?? round.v6?.solicits[0]
  const frames = first ? [first.event.frame] : []
  account.stage(
    'next-program',
    say('explain.next-program', { program: round.firmware.name }),
    'done',
    round.startNs,
    round.startNs,
    frames,
  )
  const { name: program, evidence } = round.firmware
  account.say(
    round.firmware.asksToBoot && isNewProgram(account, round)
      ? say('explain.program-asks', { program, evidence })
      : !round.firmware.asksToBoot && hasBooted(account, round)
        ? say('explain.system-asks', { program, evidence })
        : say('explain.began-anew', { program, evidence }),
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

/** The VLAN tag of the first request that has one. */
const vlanOf = (round: Round): number | undefined =>
  [...round.discovers, ...round.bootpRequests].find((one) => one.event.vlan >= 0)?.event.vlan

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
      say('explain.discovers', {
        machine: name,
        program: firmware.name,
        count,
        span,
        tagged: vlanOf(round) === undefined ? 'no' : 'yes',
        vlan: vlanOf(round),
        relayed: round.relays.size > 0 ? 'yes' : 'no',
        relays: [...round.relays].map(formatIpv4),
      }),
      framesOf(discovers),
    )
  account.stage(
    'discover',
    say('explain.packets', { packet: 'DISCOVER', count }),
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
        say('explain.try', {
          number: tries + 1,
          span: secondsOf(one.event.timeNs - discovers[tries - 1]!.event.timeNs),
        }),
      )
}

/** What a DHCP message asks that is no part of getting an address. */
function tellOther(account: Account, { event, message }: Message): void {
  const { name: machine } = account.attempt.machine
  const address = formatIpv4(message.ciaddr)
  const server = serverOf({ event, message })
  const { type, frame } = event
  if (event.isReply) {
    if (type === messageTypes.ack) account.say(say('explain.inform-answered', { server }), [frame])
    else if (type === messageTypes.forceRenew) account.say(say('explain.force-renew', { server }), [frame])
    else if (type >= messageTypes.leaseUnassigned && type <= messageTypes.leaseActive)
      account.say(
        type === messageTypes.leaseActive
          ? say('explain.lease-active', { server: formatIpv4(event.source), address, type: messageTypeNames[type] })
          : type === messageTypes.leaseUnassigned
            ? say('explain.lease-unassigned', {
                server: formatIpv4(event.source),
                address,
                type: messageTypeNames[type],
              })
            : say('explain.lease-unknown', { server: formatIpv4(event.source), type: messageTypeNames[type] }),
        [frame],
      )
    return
  }
  if (type === messageTypes.release) account.say(say('explain.released', { machine, address, server }), [frame])
  else if (type === messageTypes.inform) account.say(say('explain.informed', { machine, address }), [frame])
  else if (type === messageTypes.leaseQuery) account.say(say('explain.lease-query', { machine }), [frame])
  else if (type === messageTypes.decline) {
    const refused = addressOption(message, optionCodes.requestedAddress)
    account.say(
      refused === undefined
        ? say('explain.declined-some', { machine })
        : say('explain.declined', { machine, address: formatIpv4(refused) }),
      [frame],
      'warning',
    )
  } else account.say(say('explain.other-message', { machine, type: messageTypeNames[type] ?? type }), [frame])
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
  const server = addressOption(one.message, optionCodes.serverIdentifier)
  const machine = account.attempt.machine.name
  const begun = first ? 'yes' : 'no'
  account.say(
    state === 'selecting'
      ? say('explain.requested', {
          begun,
          machine,
          address,
          server: formatIpv4(server!),
          span: first ? secondsOf(one.event.timeNs - first.event.timeNs) : 0,
        })
      : say(`explain.requested-${state}`, { begun, machine, address }),
    framesOf(same),
  )
}

function tellRequestStage(account: Account, { requests }: Round): void {
  const first = requests[0]
  const last = requests.at(-1)
  if (first && last)
    account.stage('request', say('explain.packet-of', { packet: 'REQUEST', address: formatIpv4(addressOf(last)) }), 'done', first.event.timeNs, last.event.timeNs, framesOf(requests)) // prettier-ignore
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
    parts.push([one.frame, () => account.say(say('explain.arp-in-use', { machine: one.answeredBy, address: formatIp(one.target) }), [...one.frames, one.answer], 'bad')]) // prettier-ignore
  for (const [, tell] of parts.sort(([left], [right]) => left - right)) tell()
  if (parts.length === 0 && index === 0 && round.bootpRequests.length + round.cut.length === 0)
    account.say(say('explain.begins-later', { machine: account.attempt.machine.name, source: account.source }), [])
  tellRequestStage(account, round)
  if (round.requests.length === 0) for (const flaw of offerFlaws(round)) account.say(flaw.text, flaw.frames, 'warning')
  if (tellConflict(account, round)) return 'ended'
  choice ??= judgeOffers(account, round)
  const answer = round.answers.at(-1)
  if (answer?.event.type === messageTypes.ack) {
    account.stage(
      'ack',
      say('explain.packet-of', { packet: 'ACK', address: formatIpv4(answer.message.yiaddr || answer.message.ciaddr) }),
      'done',
      round.answers[0]!.event.timeNs,
      answer.event.timeNs,
      framesOf(round.answers),
    )
    if (!round.firmware.asksToBoot && !hasBooted(account, round)) {
      account.outcome = 'address'
      account.summary = say('explain.has-address', {
        program: round.firmware.name,
        address: formatIpv4(answer.message.yiaddr || answer.message.ciaddr),
      })
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
    account.say(say('explain.used-unrequested'), framesOf(round.offers), 'benign')
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
    account.say(
      say('explain.acknowledged', { server, address: formatIpv4(message.yiaddr || message.ciaddr) }),
      framesOf(same),
    )
    return
  }
  const reason = findOptionData(message, optionCodes.message)
  account.say(
    reason
      ? say('explain.refused-because', { server, reason: decodeText(reason) })
      : say('explain.refused', { server }),
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
    account.summary = say('explain.refused-idle')
  } else if (begunAnew || isOver) {
    const asked = round.requests.at(-1)
    const chosen = asked && addressOption(asked.message, optionCodes.serverIdentifier)
    const isOther = chosen !== undefined && formatIpv4(chosen) !== serverOf(answer)
    account.fail('nak', round, isOther ? { title: say('explain.refused-by-other', { server: serverOf(answer), other: formatIpv4(chosen) }) } : {}) // prettier-ignore
  } else account.wait(say('explain.discover-behind-nak'))
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
    account.say(say('explain.ack-unseen', { source: account.source }), framesOf(requests), 'benign')
    return
  }
  const own = bootRequests.find((one) => one.message.ciaddr !== 0)!
  account.say(
    say('explain.request-and-ack-unseen', { address: formatIpv4(own.message.ciaddr), source: account.source }),
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
    account.summary = say('explain.request-idle', { program: firmware.name, source: account.source })
    return
  }
  account.miss('ACK', server, 'dhcp', request.event, dueNs, causesOf('no-ack', account.circumstancesOf(round)))
  if (account.nowNs < dueNs) return account.wait(say('explain.the-packet', { packet: 'ACK' }))
  if (account.fail('no-ack', round)) account.say(say('explain.no-packet', { packet: 'ACK' }), framesOf(requests), 'bad')
}

/** DECLINE, or an ARP answer for the very address that was given: somebody else has it (RFC 5227 section 2.1.1). */
function tellConflict(account: Account, round: Round): boolean {
  const declines = round.others.filter((one) => one.event.type === messageTypes.decline)
  const owners = round.arps.filter((one) => one.isProbe && one.answer >= 0)
  if (declines.length === 0 && owners.length === 0) return false
  if (round.files.length > 0) return false
  const address = owners[0]?.target ?? addressOf(declines[0]!)
  const owner = owners[0]?.answeredBy
  const title =
    address === 0
      ? say('explain.conflict-some', { known: owner ? 'yes' : 'no', machine: owner })
      : say('explain.conflict', { known: owner ? 'yes' : 'no', machine: owner, address: formatIp(address) })
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
      say('explain.bootrequests', {
        machine: account.attempt.machine.name,
        program: firmware.name,
        count: bootpRequests.length,
        span,
        tagged: vlanOf(round) === undefined ? 'no' : 'yes',
        vlan: vlanOf(round),
      }),
      framesOf(bootpRequests),
    )
    account.stage('discover', 'BOOTREQUEST', 'done', first.event.timeNs, last.event.timeNs, framesOf(bootpRequests))
  }
  const reply = bootpReplies.at(-1)
  if (reply) {
    const { file } = traitsOf(reply.message)
    account.stage('ack', say('explain.packet-of', { packet: 'BOOTREPLY', address: formatIpv4(reply.message.yiaddr) }), 'done', bootpReplies[0]!.event.timeNs, reply.event.timeNs, framesOf(bootpReplies)) // prettier-ignore
    account.say(
      say('explain.bootreply', {
        server: formatIpv4(reply.event.source),
        address: formatIpv4(reply.message.yiaddr),
        named: file === '' ? 'no' : 'yes',
        file,
      }),
      framesOf(bootpReplies),
    )
    if (!firmware.asksToBoot && file === '') {
      account.outcome = 'address'
      account.summary = say('explain.has-address', {
        program: firmware.name,
        address: formatIpv4(reply.message.yiaddr),
      })
    }
    return 'leased'
  }
  if (!firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary = say('explain.bootp-idle', { source: account.source })
  } else if (account.nowNs - last!.event.timeNs < 4e9 && bootpRequests.length < 3)
    account.wait(say('explain.a-packet', { packet: 'BOOTREPLY' }))
  else if (bootpRequests.length === 1 && !account.hasComeBack) {
    // The reply goes to the client alone, past whoever captures elsewhere.
    account.summary = say('explain.one-bootrequest', { source: account.source })
    account.say(say('explain.bootp-not-again'), framesOf(bootpRequests), 'warning')
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
    say('explain.cut-messages', { count: cut.length, kept, whole, source: account.source }),
    framesOf(cut),
    'warning',
  )
  account.summary = say('explain.cut-dhcp', { source: account.source })
}

/** Offers to a client of which no request was seen: the capture stands where only the servers are heard. */
function tellOffersAlone(account: Account, { offers }: Round): void {
  const bringsBoot = offers.some((one) => {
    const { isPxe, isHttp, file } = traitsOf(one.message)
    return isPxe || isHttp || file !== ''
  })
  account.outcome = bringsBoot ? 'unknown' : 'idle'
  account.summary = say('explain.offers-alone', { source: account.source })
}

/** Neither DISCOVER nor REQUEST: the client gave an address back, or only asked for options. */
function tellBeside(account: Account, { others }: Round): void {
  account.outcome = 'idle'
  const [first] = others
  account.summary =
    first!.event.type >= messageTypes.leaseQuery
      ? say('explain.lease-question')
      : first!.event.isReply
        ? say('explain.server-spoke')
        : say('explain.sent-beside', { type: messageTypeNames[first!.event.type] ?? `type ${first!.event.type}` })
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
        ? say('explain.idle-unanswered', { source: account.source })
        : say('explain.idle-offered', { source: account.source })
    return
  }
  const causes = causesOf(failure, account.circumstancesOf(round))
  const label =
    failure === 'no-offer'
      ? 'OFFER'
      : failure === 'proxy-only'
        ? say('explain.offer-with-address')
        : failure === 'no-boot-information'
          ? say('explain.offer-with-boot')
          : failure === 'offers-dropped'
            ? say('explain.offer-taken')
            : undefined
  if (label !== undefined) {
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
    account.wait(
      label === undefined
        ? say('explain.the-packet', { packet: 'REQUEST' })
        : say('explain.an-answer', { packet: label }),
    )
    return
  }
  // A client that got nowhere asks again: one that does not has gone on where this capture does not see it.
  if (discovers.length === 1 && failure === 'offers-not-taken' && account.attempt.next === undefined) {
    account.summary = say('explain.offers-unseen', { count: offers.length, source: account.source })
    account.say(say('explain.no-request-no-discover', { source: account.source }), framesOf(offers), 'warning')
    return
  }
  if (discovers.length === 1 && failure === 'no-offer' && account.attempt.next === undefined) {
    account.summary = say('explain.one-discover', { source: account.source })
    account.say(say('explain.not-again'), framesOf(discovers), 'warning')
    return
  }
  if (!account.fail(failure, round, failure === 'offers-dropped' ? { title: droppedTitle(choice) } : {})) return
  const { eapRequests, isEapAnswered } = account.attempt.heard
  if (failure === 'no-offer' && eapRequests.length > 0 && !isEapAnswered)
    account.say(say('explain.eap-unanswered'), eapRequests, 'warning')
  const span = secondsOf(Math.min(lastDue, account.nowNs) - discovers[0]!.event.timeNs)
  const frames = framesOf(discovers)
  if (failure === 'no-offer') account.say(say('explain.no-offer', { count: discovers.length, span }), frames, 'bad')
  else if (failure === 'proxy-only')
    account.say(say('explain.only-proxy', { span }), [...frames, ...framesOf(offers)], 'bad') // prettier-ignore
  else if (failure === 'no-boot-information')
    account.say(say('explain.waits-for-boot', { span }), [...frames, ...framesOf(offers)], 'bad')
  else if (failure === 'offers-dropped') account.say(say('explain.no-offer-taken'), framesOf(offers), 'bad')
  else account.say(say('explain.no-request', { count: offers.length, span }), framesOf(offers), 'bad')
}

/** The reasons that every offer was dropped for, as a headline. */
function droppedTitle({ reasons }: Choice): Phrase {
  const [why, ...others] = distinct(reasons.map((one) => one.because))
  const isLost = reasons.some((one) => one.use === 'lost')
  if (why === undefined || others.length > 0) return isLost ? say('explain.all-lost') : say('explain.all-dropped')
  return isLost ? say('explain.all-lost-because', { reason: why }) : say('explain.all-dropped-because', { reason: why })
}
