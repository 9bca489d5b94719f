/** SOLICIT to REPLY: who asked for what by DHCPv6, what routers say of the link, and what the servers said (RFC 8415). */
import {
  addressesOf,
  bootClassOf,
  prefixesOf,
  bootUrlOf,
  dhcp6Types,
  dhcp6TypeNames,
  failedStatusOf,
  findDhcp6Option,
  type Dhcp6Message,
} from '../../wire/dhcpv6/message.ts'
import { statusNames } from '../../wire/dhcpv6/layouts.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { isHttpClass } from '../../wire/dhcp/message.ts'
import { formatHex } from '../../wire/bytes.ts'
import { formatIp, isInPrefix6 } from '../../wire/ip-address.ts'
import type { RouterNotice } from '../../trace/events.ts'
import type { FirmwareKind } from '../../trace/firmware.ts'
import { causesOf, type FailureKind } from '../failures.ts'
import type { Exchange6, Message6, Round } from '../rounds.ts'
import type { Account } from './account.ts'
import type { Leased } from './addresses.ts'
import { nameOf } from './file.ts'
import { listed, nanoseconds, secondsOf, times } from './words.ts'

const framesOf6 = (messages: readonly Message6[]): number[] => messages.map((one) => one.event.frame)

/**
 * Milliseconds that a client waits after each SOLICIT. EDK2 as it was measured, which begins with the fourfold of RFC 8415 section 7.6
 * and gives up behind the fourth; of the others what the RFC has.
 */
const solicitWaits = (kind: FirmwareKind): readonly number[] => kind === 'edk2' || kind === 'edk2-http' ? [5500, 10_000, 23_000, 41_000] : [1100, 2200, 4400, 8800] // prettier-ignore

const serverIdOf = (message: Dhcp6Message): string => {
  const data = findDhcp6Option(message, dhcp6OptionCodes.serverIdentifier)?.data
  return data ? formatHex(data) : ''
}

const statusText = (message: Dhcp6Message): string => {
  const status = failedStatusOf(message)
  if (!status) return ''
  return `${statusNames[status.code] ?? `status ${status.code}`}${status.text === '' ? '' : ` ("${status.text}")`}`
}

/** What a message gives or asks for: addresses, and the prefixes that a router is delegated. */
const addressText = (message: Dhcp6Message): string =>
  listed([...addressesOf(message).map((one) => one.address), ...prefixesOf(message).map((one) => `prefix ${one}`)])

/** How long before its first message a client may have asked for a router. */
const beforeNs = 60e9

/** Routers of the client's own link: one that answered it by DHCPv6 as well, or whose prefix it was given an address of. */
export function routersOf({ attempt }: Account, { advertises, replies }: Exchange6): readonly RouterNotice[] {
  const answers = [...advertises.slice(-16), ...replies.slice(-16)]
  const servers = new Set(answers.map((one) => one.event.source))
  const addresses = answers.flatMap((one) => addressesOf(one.message).map(({ address }) => address))
  const from = attempt.startNs - beforeNs
  const until = attempt.next?.startNs ?? Infinity
  return attempt.routers.filter(
    (one) =>
      one.firstNs <= until &&
      one.lastNs >= from &&
      (servers.has(one.router) || one.prefixes.some(({ text }) => addresses.some((address) => isInPrefix6(address, text)))),
  )
} // prettier-ignore

/** When the client asked for a router around this attempt. */
export function solicitationsOf({ attempt }: Account): number[] {
  const from = attempt.startNs - beforeNs
  const until = attempt.next?.startNs ?? Infinity
  return attempt.machine.solicitations.filter((one) => one.timeNs >= from && one.timeNs <= until).map((one) => one.frame) // prettier-ignore
}

const routerText = ({ router, isManaged, hasOther, lifetimeSeconds, prefixes }: RouterNotice): string => {
  const how = isManaged
    ? 'addresses are to be had by DHCPv6 (M is set)'
    : `addresses are not said to be had by DHCPv6 (M is not set)${hasOther ? ', other settings are (O is set)' : ''}`
  const links = prefixes.map((one) => `${one.text}${one.isAutonomous ? ', from which clients make addresses themselves' : ''}`) // prettier-ignore
  return `${router} advertises ${lifetimeSeconds > 0 ? 'itself as router' : 'the link, not itself as router'}: ${how}${links.length > 0 ? `; prefix ${links.join('; ')}` : ''}.`
}

function tellRouters(account: Account, v6: Exchange6): void {
  const routers = routersOf(account, v6)
  const asked = solicitationsOf(account)
  for (const one of routers.slice(0, 4)) account.say(`Router ${routerText(one)}`, [one.frame])
  if (routers.length === 0 && asked.length > 0)
    account.say(`It asked for a router ${times(asked.length)}; none is known to have answered it.`, asked)
}

function tellSolicits(account: Account, round: Round, v6: Exchange6, isFirst: boolean): void {
  const { solicits } = v6
  const first = solicits[0]
  const last = solicits.at(-1)
  if (!first || !last) return
  const count = solicits.length
  const relays = new Set(solicits.flatMap((one) => (one.event.relay === undefined ? [] : [one.event.relay])))
  const tagged = first.event.vlan >= 0 ? ` with VLAN tag ${first.event.vlan}` : ''
  const span = count > 1 ? ` ${times(count)} in ${secondsOf(last.event.timeNs - first.event.timeNs)}` : ''
  if (isFirst)
    account.say(
      `${account.attempt.machine.name}, ${round.firmware.name}, sent DHCPv6 SOLICIT${span}${tagged}${relays.size > 0 ? ` by relay agent ${[...relays].join(', ')}` : ''}.`,
      framesOf6(solicits),
    )
  account.stage('discover', count > 1 ? `SOLICIT, ${times(count)}` : 'SOLICIT', 'done', first.event.timeNs, last.event.timeNs, framesOf6(solicits)) // prettier-ignore
  for (const [tries, one] of solicits.entries())
    if (tries > 0)
      account.note(
        one.event.frame,
        'plain',
        `Try ${tries + 1}, ${secondsOf(one.event.timeNs - solicits[tries - 1]!.event.timeNs)} after the one before.`,
      )
}

/** Why a client cannot take an ADVERTISE; undefined where it can. */
function flawOf(kind: FirmwareKind, message: Dhcp6Message): string | undefined {
  const status = statusText(message)
  if (addressText(message) === '') return `it offers no address${status === '' ? '' : `: ${status}`}`
  const url = bootUrlOf(message)
  if (kind === 'edk2-http') {
    if (!isHttpClass(bootClassOf(message)))
      return 'it lacks the vendor class HTTPClient (option 16 with enterprise 343), without which HTTP boot takes no URL'
    return url === '' ? 'it has the vendor class HTTPClient and no boot file URL (option 59)' : undefined
  }
  if (kind === 'edk2' && url === '' && !bootClassOf(message).startsWith('PXEClient'))
    return 'it has no boot file URL (option 59)'
  return undefined
}

function tellAdvertises(account: Account, round: Round, v6: Exchange6): void {
  const { advertises, requests } = v6
  const wanted = new Set(requests.map((one) => serverIdOf(one.message)))
  const told = new Set<string>()
  for (const one of advertises) {
    const { message, event } = one
    const key = `${serverIdOf(message)} ${event.source}`
    const isRepeated = told.has(key)
    told.add(key)
    const url = bootUrlOf(message)
    const address = addressText(message)
    const isLoaded = url !== '' && round.files.some((file) => url.endsWith(nameOf(file)))
    const flaw = isLoaded ? undefined : flawOf(round.firmware.kind, message)
    const isTaken = wanted.has(serverIdOf(message))
    const brings = [address === '' ? '' : 'an address', url === '' ? '' : `file ${url}`].filter(Boolean)
    const [taken, why] = isTaken
      ? (['whole', 'Taken: the REQUEST names this server.'] as const)
      : flaw !== undefined
        ? (['dropped', `Dropped: ${flaw}.`] as const)
        : isRepeated
          ? (['repeated', 'The same server again, to a repeated SOLICIT.'] as const)
          : requests.length > 0
            ? (['no', 'Not taken: the REQUEST names another server.'] as const)
            : isLoaded
              ? (['boot', 'Taken: the client requested the file that it names.'] as const)
              : (['acceptable', 'The client could take it; no REQUEST is in the capture.'] as const)
    account.offers.push({ frame: event.frame, server: event.source, role: 'DHCP', address, brings: brings.join(', ') || 'nothing', taken, why }) // prettier-ignore
    account.note(
      event.frame,
      taken === 'whole' || taken === 'boot' ? 'good' : taken === 'dropped' ? 'warning' : 'plain',
      why,
    )
    account.say(
      `${event.source} advertised ${address === '' ? 'no address' : address}${url === '' ? '' : ` with file ${url}`}. ${why}`,
      [event.frame],
      taken === 'dropped' && round.firmware.asksToBoot ? 'warning' : 'plain',
    )
  }
  const first = advertises[0]
  if (first)
    account.stage('offer', advertises.length > 1 ? `ADVERTISE, ${times(advertises.length)}` : 'ADVERTISE', 'done', first.event.timeNs, advertises.at(-1)!.event.timeNs, framesOf6(advertises)) // prettier-ignore
}

function tellRequests(account: Account, { requests, solicits }: Exchange6): void {
  const byKind = new Map<string, Message6[]>()
  for (const one of requests) {
    const key = `${one.event.type} ${addressText(one.message)}`
    const known = byKind.get(key)
    if (known) known.push(one)
    else byKind.set(key, [one])
  }
  for (const same of byKind.values()) {
    const { message, event } = same[0]!
    const address = addressText(message) || 'an address'
    const first = solicits.find((one) => one.event.timeNs < event.timeNs)
    const since = first ? ` (+${secondsOf(event.timeNs - first.event.timeNs)})` : ''
    const who = first ? 'It' : account.attempt.machine.name
    const what =
      event.type === dhcp6Types.request
        ? `requested ${address}${since}`
        : `${event.type === dhcp6Types.confirm ? 'asked whether it may go on using' : 'asked to renew'} ${address} (${dhcp6TypeNames[event.type]})`
    account.say(`${who} ${what}.`, framesOf6(same))
  }
  const first = requests[0]
  if (first)
    account.stage('request', `REQUEST ${addressText(requests.at(-1)!.message)}`.trimEnd(), 'done', first.event.timeNs, requests.at(-1)!.event.timeNs, framesOf6(requests)) // prettier-ignore
}

function tellReplies(account: Account, { replies }: Exchange6): void {
  for (const { event, message } of replies) {
    const address = addressText(message)
    const url = bootUrlOf(message)
    const status = statusText(message)
    account.say(
      address === ''
        ? `${event.source} answered without an address${status === '' ? '' : `: ${status}`}.`
        : `${event.source} gave ${address}${url === '' ? '' : ` and file ${url}`}.`,
      [event.frame],
    )
  }
}

function tellOthers(account: Account, { others }: Exchange6): void {
  const { name } = account.attempt.machine
  for (const { event, message } of others) {
    const address = addressText(message) || 'its address'
    if (event.type === dhcp6Types.release) account.say(`${name} gave ${address} back (RELEASE).`, [event.frame])
    else if (event.type === dhcp6Types.decline)
      account.say(`${name} declined ${address}: it found another machine using it (DECLINE).`, [event.frame], 'warning')
    else if (event.type === dhcp6Types.informationRequest)
      account.say(`${name} asked for options without an address (INFORMATION-REQUEST).`, [event.frame])
    else if (event.type === dhcp6Types.reply && bootUrlOf(message) !== '')
      account.say(`${event.source} answered with file ${bootUrlOf(message)}.`, [event.frame])
    else if (event.type === dhcp6Types.reconfigure)
      account.say(`${event.source} told the client to ask again (RECONFIGURE).`, [event.frame])
  }
}

/** SOLICIT to REPLY, told in the order of the dialogue. */
export function tellAddresses6(account: Account, round: Round, v6: Exchange6, isFirst: boolean): Leased {
  const { solicits, advertises, requests, replies, others } = v6
  const parts: [frame: number, tell: () => void][] = []
  const part = (first: Message6 | undefined, tell: () => void): void => {
    if (first) parts.push([first.event.frame, tell])
  }
  part(solicits[0], () => tellSolicits(account, round, v6, isFirst))
  part(advertises[0], () => tellAdvertises(account, round, v6))
  part(requests[0], () => tellRequests(account, v6))
  part(replies[0], () => tellReplies(account, v6))
  part(others[0], () => tellOthers(account, v6))
  for (const [, tell] of parts.sort(([left], [right]) => left - right)) tell()
  if (round.firmware.asksToBoot) tellRouters(account, v6)
  const conflict = round.arps.find((one) => one.isProbe && one.answer >= 0)
  if (conflict) {
    account.say(`${conflict.answeredBy} answered for ${formatIp(conflict.target)}: it uses the address.`, [...conflict.frames, conflict.answer], 'bad') // prettier-ignore
    if (round.files.length === 0) {
      const title = `Another machine (${conflict.answeredBy}) uses ${formatIp(conflict.target)}, the address of the client`
      if (round.firmware.asksToBoot) account.fail('address-conflict', round, { title })
      else {
        account.outcome = 'idle'
        account.summary = title
      }
      return 'ended'
    }
  }
  const given = replies.findLast((one) => addressText(one.message) !== '')
  if (given) {
    account.stage('ack', `REPLY ${addressText(given.message)}`, 'done', replies[0]!.event.timeNs, given.event.timeNs, framesOf6(replies)) // prettier-ignore
    if (!round.firmware.asksToBoot) {
      account.outcome = 'address'
      account.summary = `${round.firmware.name} has ${addressText(given.message)}`
    }
    return 'leased'
  }
  if (round.files.length > 0) return 'leased'
  // Addresses that clients make themselves need no server: stateless DHCPv6 (RFC 8415 section 6.1).
  if (round.firmware.asksToBoot && requests.length + solicits.length === 0 && others.some((one) => one.event.isReply))
    return 'leased'
  if (!round.firmware.asksToBoot) {
    account.outcome = 'idle'
    account.summary =
      solicits.length + requests.length > 0
        ? `${round.firmware.name} asked by DHCPv6, and no answer that gives it an address is in the capture; it did not ask to boot`
        : `${round.firmware.name} spoke DHCPv6; no address was asked for`
    return 'ended'
  }
  if (requests.length > 0) tellNoReply(account, round, v6)
  else if (solicits.length > 0) tellNoRequest(account, round, v6)
  else {
    account.outcome = 'unknown'
    account.summary = 'The capture does not show how this boot began'
  }
  return 'ended'
}

function tellNoReply(account: Account, round: Round, { requests, replies }: Exchange6): void {
  const last = requests.at(-1)!
  const refused = replies.at(-1)
  if (refused) {
    account.fail('no-address6', round)
    return
  }
  const dueNs = last.event.timeNs + 10e9
  account.miss('REPLY', undefined, 'dhcp', last.event, dueNs, causesOf('no-reply6', account.circumstancesOf(round)))
  if (account.nowNs < dueNs && requests.length < 3) return account.wait('the REPLY')
  account.fail('no-reply6', round)
  account.say('No REPLY came.', framesOf6(requests), 'bad')
}

/** SOLICITs without a REQUEST: nobody answered, or nothing of use. */
function tellNoRequest(account: Account, round: Round, { solicits, advertises }: Exchange6): void {
  const { kind } = round.firmware
  const waits = solicitWaits(kind)
  const dueOf = (index: number): number =>
    solicits[index + 1]?.event.timeNs ??
    solicits[index]!.event.timeNs + nanoseconds(waits[Math.min(index, waits.length - 1)]!)
  const lastDue = dueOf(solicits.length - 1)
  const isOver = account.nowNs >= lastDue || account.attempt.next !== undefined
  const flaws = advertises.map((one) => flawOf(kind, one.message))
  const areDropped = advertises.length > 0 && flaws.every((one) => one !== undefined)
  const hasAddress = advertises.some((one) => addressesOf(one.message).length > 0)
  const hasClass = advertises.some((one) => bootClassOf(one.message) !== '' || bootUrlOf(one.message) !== '')
  const failure: FailureKind =
    advertises.length === 0
      ? 'no-advertise'
      : !areDropped
        ? 'advertise-not-taken'
        : !hasAddress
          ? 'no-address6'
          : hasClass
            ? 'advertise-dropped'
            : 'no-boot-url'
  const causes = causesOf(failure, account.circumstancesOf(round))
  const label = failure === 'no-advertise' ? 'ADVERTISE' : failure === 'advertise-not-taken' ? 'REQUEST' : 'ADVERTISE that the client takes' // prettier-ignore
  if (label !== 'REQUEST')
    for (const [index, solicit] of solicits.entries())
      account.miss(label, undefined, 'dhcp', solicit.event, dueOf(index), causes)
  // Three tries in vain are a finding, though the firmware may still go on.
  if (!isOver && (solicits.length < 3 || failure === 'advertise-not-taken')) {
    account.wait(label === 'REQUEST' ? 'the REQUEST' : `an ${label}`)
    return
  }
  // A client that got nowhere asks again: one that does not has gone on where this capture does not see it.
  if (failure === 'advertise-not-taken' && solicits.length === 1 && account.attempt.next === undefined) {
    account.summary = 'The capture does not show what the client did with the ADVERTISE'
    account.say('No REQUEST is in the capture, and no other SOLICIT either.', framesOf6(advertises), 'warning')
    return
  }
  const reasons = new Set(flaws)
  const [reason] = reasons
  account.fail(failure, round, failure === 'advertise-dropped' && reasons.size === 1 ? { title: `The client drops every ADVERTISE: ${reason}` } : {}) // prettier-ignore
  const span = secondsOf(Math.min(lastDue, account.nowNs) - solicits[0]!.event.timeNs)
  if (failure === 'no-advertise')
    account.say(
      `No ADVERTISE came to ${solicits.length === 1 ? 'the SOLICIT' : `${solicits.length} SOLICITs`} in ${span}.`,
      framesOf6(solicits),
      'bad',
    )
  else if (failure === 'advertise-not-taken')
    account.say('No REQUEST followed. The packets do not tell why.', framesOf6(advertises), 'bad')
  else account.say('No ADVERTISE came that the client takes.', framesOf6(advertises), 'bad')
}

/** What was asked for beside the boot: by the firmware's own IPv6, or by the other protocol of a program that asks by both. */
export function tellBeside6(account: Account, round: Round): void {
  const { v6, firmware } = round
  if (!v6) {
    const given = round.answers.at(-1)
    const frames = [...round.discovers, ...round.answers].map((one) => one.event.frame)
    if (frames.length > 0) account.say(`${firmware.name} asked for an IPv4 address as well${given ? ' and got one' : ', and got none'}.`, frames, 'benign') // prettier-ignore
    return
  }
  const given = v6.replies.findLast((one) => addressesOf(one.message).length > 0)
  const frames = [...framesOf6(v6.solicits), ...framesOf6(v6.replies)]
  if (frames.length === 0) return
  account.say(
    firmware.asksToBoot
      ? `${firmware.name} asked by DHCPv6 as well${given ? ` and got ${addressText(given.message)}` : ', and got no address'}.`
      : `IPv6 of the machine asked for an address of its own by DHCPv6${given ? ` and got ${addressText(given.message)}` : ', and got none'}: this is no part of the boot.`,
    frames,
    'benign',
  )
}
