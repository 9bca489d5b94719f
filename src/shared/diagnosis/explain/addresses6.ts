/** SOLICIT to REPLY: who asked for what by DHCPv6, what routers say of the link, and what the servers said (RFC 8415). */
import { distinct, say, together, type Phrase } from '#messages/message.ts'
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
import { hostNameIn } from './server-names.ts'
import { nanoseconds, secondsOf } from './words.ts'

/** The same to compare and to list. */
const givenText = (message: Dhcp6Message): string =>
  [...addressesOf(message).map((one) => one.address), ...prefixesOf(message)].join(', ')

const packetOf = (packet: string, message: Dhcp6Message): Phrase => {
  const address = addressText(message)
  return address === undefined ? packet : say('explain.packet-of', { packet, address })
}

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

/** Why a server did not do what was asked, by its name in the standard and in the server's own words. */
const statusText = (message: Dhcp6Message): string => {
  const status = failedStatusOf(message)
  if (!status) return ''
  return `${statusNames[status.code] ?? `status ${status.code}`}${status.text === '' ? '' : ` ("${status.text}")`}`
}

/** What a message gives or asks for: addresses, and the prefixes that a router is delegated. */
const givenBy = (message: Dhcp6Message): readonly Phrase[] => [
  ...addressesOf(message).map((one) => one.address),
  ...prefixesOf(message).map((prefix) => say('explain.prefix', { prefix })),
]

/** The same as one value of a sentence; undefined where it is nothing. */
const addressText = (message: Dhcp6Message): Phrase | undefined => {
  const given = givenBy(message)
  return given.length > 1 ? say('explain.listed', { names: given }) : given[0]
}

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

const routerText = ({ router, isManaged, hasOther, lifetimeSeconds, prefixes }: RouterNotice): Phrase =>
  say('explain.router', {
    router,
    itself: lifetimeSeconds > 0 ? 'yes' : 'no',
    managed: isManaged ? 'yes' : hasOther ? 'other' : 'no',
    count: prefixes.length,
    prefixes: prefixes.map((one) =>
      one.isAutonomous ? say('explain.prefix-autonomous', { prefix: one.text }) : one.text,
    ),
  })

function tellRouters(account: Account, v6: Exchange6): void {
  const routers = routersOf(account, v6)
  const asked = solicitationsOf(account)
  for (const one of routers.slice(0, 4)) account.say(routerText(one), [one.frame])
  if (routers.length === 0 && asked.length > 0)
    account.say(say('explain.no-router-answered', { count: asked.length }), asked)
}

function tellSolicits(account: Account, round: Round, v6: Exchange6, isFirst: boolean): void {
  const { solicits } = v6
  const first = solicits[0]
  const last = solicits.at(-1)
  if (!first || !last) return
  const count = solicits.length
  const relays = new Set(solicits.flatMap((one) => (one.event.relay === undefined ? [] : [one.event.relay])))
  if (isFirst)
    account.say(
      say('explain.solicits', {
        machine: account.attempt.machine.name,
        program: round.firmware.name,
        count,
        span: secondsOf(last.event.timeNs - first.event.timeNs),
        tagged: first.event.vlan >= 0 ? 'yes' : 'no',
        vlan: first.event.vlan,
        relayed: relays.size > 0 ? 'yes' : 'no',
        relays: [...relays],
      }),
      framesOf6(solicits),
    )
  account.stage('discover', say('explain.packets', { packet: 'SOLICIT', count }), 'done', first.event.timeNs, last.event.timeNs, framesOf6(solicits)) // prettier-ignore
  for (const [tries, one] of solicits.entries())
    if (tries > 0)
      account.note(
        one.event.frame,
        'plain',
        say('explain.try', {
          number: tries + 1,
          span: secondsOf(one.event.timeNs - solicits[tries - 1]!.event.timeNs),
        }),
      )
}

/** Why a client cannot take an ADVERTISE; undefined where it can. */
function flawOf(kind: FirmwareKind, message: Dhcp6Message, advertises: readonly Message6[]): Phrase | undefined {
  const status = statusText(message)
  if (givenBy(message).length === 0)
    return status === '' ? say('explain.flaw-no-address') : say('explain.flaw-no-address-status', { status })
  const url = bootUrlOf(message)
  if (kind === 'edk2-http') {
    if (!isHttpClass(bootClassOf(message))) return say('explain.flaw-no-http-class')
    if (url === '') return say('explain.flaw-http-class-no-url')
    // A name in the URL of one is of use where any brings a DNS server with its address.
    const hasDns = advertises.some((one) => findDhcp6Option(one.message, dhcp6OptionCodes.dnsServers) !== undefined)
    return hostNameIn(url) === undefined || hasDns ? undefined : say('explain.flaw-name-no-dns', { file: url })
  }
  if (kind === 'edk2' && url === '' && !bootClassOf(message).startsWith('PXEClient')) return say('explain.flaw-no-url')
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
    const isLoaded = url !== '' && round.files.some((file) => nameOf(file) !== '' && url.endsWith(nameOf(file)))
    const flaw = isLoaded ? undefined : flawOf(round.firmware.kind, message, advertises)
    const isTaken = wanted.has(serverIdOf(message))
    const brings: Phrase[] = [
      ...(address === undefined ? [] : [say('explain.an-address')]),
      ...(url === '' ? [] : [say('explain.with-file', { file: url })]),
    ]
    const [taken, why] = isTaken
      ? (['whole', say('explain.advertise-taken')] as const)
      : flaw !== undefined
        ? (['dropped', say('explain.dropped', { reason: flaw })] as const)
        : isRepeated
          ? (['repeated', say('explain.advertise-repeated')] as const)
          : requests.length > 0
            ? (['no', say('explain.advertise-not-taken')] as const)
            : isLoaded
              ? (['boot', say('explain.advertise-file-taken')] as const)
              : (['acceptable', say('explain.advertise-acceptable', { source: account.source })] as const)
    account.offers.push({
      frame: event.frame,
      server: event.source,
      role: 'DHCP',
      address: address === undefined ? '' : givenText(message),
      brings: brings.length === 0 ? say('explain.nothing') : say('explain.brings', { parts: brings }),
      taken,
      why,
    })
    account.note(
      event.frame,
      taken === 'whole' || taken === 'boot' ? 'good' : taken === 'dropped' ? 'warning' : 'plain',
      why,
    )
    account.say(
      together([
        say('explain.advertised', {
          server: event.source,
          given: address === undefined ? 'no' : 'yes',
          address,
          named: url === '' ? 'no' : 'yes',
          file: url,
        }),
        why,
      ]),
      [event.frame],
      taken === 'dropped' && round.firmware.asksToBoot ? 'warning' : 'plain',
    )
  }
  const first = advertises[0]
  if (first)
    account.stage('offer', say('explain.packets', { packet: 'ADVERTISE', count: advertises.length }), 'done', first.event.timeNs, advertises.at(-1)!.event.timeNs, framesOf6(advertises)) // prettier-ignore
}

function tellRequests(account: Account, { requests, solicits }: Exchange6): void {
  const byKind = new Map<string, Message6[]>()
  for (const one of requests) {
    const key = `${one.event.type} ${givenText(one.message)}`
    const known = byKind.get(key)
    if (known) known.push(one)
    else byKind.set(key, [one])
  }
  for (const same of byKind.values()) {
    const { message, event } = same[0]!
    const address = addressText(message) ?? say('explain.an-address')
    const first = solicits.find((one) => one.event.timeNs < event.timeNs)
    const told = { begun: first ? 'yes' : 'no', machine: account.attempt.machine.name, address }
    account.say(
      event.type === dhcp6Types.request
        ? say('explain.requested6', { ...told, span: first ? secondsOf(event.timeNs - first.event.timeNs) : 0 })
        : event.type === dhcp6Types.confirm
          ? say('explain.confirm6', { ...told, type: dhcp6TypeNames[event.type] })
          : say('explain.renew6', { ...told, type: dhcp6TypeNames[event.type] }),
      framesOf6(same),
    )
  }
  const first = requests[0]
  if (first)
    account.stage('request', packetOf('REQUEST', requests.at(-1)!.message), 'done', first.event.timeNs, requests.at(-1)!.event.timeNs, framesOf6(requests)) // prettier-ignore
}

function tellReplies(account: Account, { replies }: Exchange6): void {
  for (const { event, message } of replies) {
    const address = addressText(message)
    const url = bootUrlOf(message)
    const status = statusText(message)
    account.say(
      address !== undefined
        ? say('explain.gave6', { server: event.source, address, named: url === '' ? 'no' : 'yes', file: url })
        : status === ''
          ? say('explain.gave-nothing6', { server: event.source })
          : say('explain.gave-status6', { server: event.source, status }),
      [event.frame],
    )
  }
}

function tellOthers(account: Account, { others }: Exchange6): void {
  const { name: machine } = account.attempt.machine
  for (const { event, message } of others) {
    const address = addressText(message) ?? say('explain.its-address')
    if (event.type === dhcp6Types.release) account.say(say('explain.released6', { machine, address }), [event.frame])
    else if (event.type === dhcp6Types.decline)
      account.say(say('explain.declined', { machine, address }), [event.frame], 'warning')
    else if (event.type === dhcp6Types.informationRequest)
      account.say(say('explain.informed6', { machine }), [event.frame])
    else if (event.type === dhcp6Types.reply && bootUrlOf(message) !== '')
      account.say(say('explain.answered-file6', { server: event.source, file: bootUrlOf(message) }), [event.frame])
    else if (event.type === dhcp6Types.reconfigure)
      account.say(say('explain.reconfigured', { server: event.source }), [event.frame])
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
    account.say(say('explain.in-use6', { machine: conflict.answeredBy, address: formatIp(conflict.target) }), [...conflict.frames, conflict.answer], 'bad') // prettier-ignore
    if (round.files.length === 0) {
      const title = say('explain.conflict6', { machine: conflict.answeredBy, address: formatIp(conflict.target) })
      if (round.firmware.asksToBoot) account.fail('address-conflict', round, { title })
      else {
        account.outcome = 'idle'
        account.summary = title
      }
      return 'ended'
    }
  }
  const given = replies.findLast((one) => givenBy(one.message).length > 0)
  if (given) {
    account.stage('ack', packetOf('REPLY', given.message), 'done', replies[0]!.event.timeNs, given.event.timeNs, framesOf6(replies)) // prettier-ignore
    if (!round.firmware.asksToBoot) {
      account.outcome = 'address'
      account.summary = say('explain.has-address', {
        program: round.firmware.name,
        address: addressText(given.message),
      })
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
        ? say('explain.idle6', { program: round.firmware.name, source: account.source })
        : say('explain.spoke6', { program: round.firmware.name })
    return 'ended'
  }
  if (requests.length > 0) tellNoReply(account, round, v6)
  else if (solicits.length > 0) tellNoRequest(account, round, v6)
  else {
    account.outcome = 'unknown'
    account.summary = say('explain.beginning-unseen', { source: account.source })
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
  if (account.nowNs < dueNs && requests.length < 3) return account.wait(say('explain.the-packet', { packet: 'REPLY' }))
  account.fail('no-reply6', round)
  account.say(say('explain.no-packet', { packet: 'REPLY' }), framesOf6(requests), 'bad')
}

/** A client that names no architecture gets nothing from a rule that asks for one, as public reports of templates for dnsmasq have it. */
export const withoutArchitecture = ({ solicits }: Exchange6): { because?: Phrase } =>
  solicits.length > 0 &&
  solicits.every(({ event, message }) => !event.isCut && !findDhcp6Option(message, dhcp6OptionCodes.architecture))
    ? { because: say('explain.no-architecture6') }
    : {}

/** SOLICITs without a REQUEST: nobody answered, or nothing of use. */
function tellNoRequest(account: Account, round: Round, v6: Exchange6): void {
  const { solicits, advertises } = v6
  const { kind } = round.firmware
  const waits = solicitWaits(kind)
  const dueOf = (index: number): number =>
    solicits[index + 1]?.event.timeNs ??
    solicits[index]!.event.timeNs + nanoseconds(waits[Math.min(index, waits.length - 1)]!)
  const lastDue = dueOf(solicits.length - 1)
  const isOver = account.nowNs >= lastDue || account.attempt.next !== undefined
  const flaws = advertises.map((one) => flawOf(kind, one.message, advertises))
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
  const label = failure === 'no-advertise' ? 'ADVERTISE' : failure === 'advertise-not-taken' ? undefined : say('explain.advertise-that-is-taken') // prettier-ignore
  if (label !== undefined)
    for (const [index, solicit] of solicits.entries())
      account.miss(label, undefined, 'dhcp', solicit.event, dueOf(index), causes)
  // Three tries in vain are a finding, though the firmware may still go on.
  if (!isOver && (solicits.length < 3 || failure === 'advertise-not-taken')) {
    account.wait(
      label === undefined
        ? say('explain.the-packet', { packet: 'REQUEST' })
        : say('explain.an-answer', { packet: label }),
    )
    return
  }
  // A client that got nowhere asks again: one that does not has gone on where this capture does not see it.
  if (failure === 'advertise-not-taken' && solicits.length === 1 && account.attempt.next === undefined) {
    account.summary = say('explain.advertise-unseen', { source: account.source })
    account.say(say('explain.no-request-no-solicit', { source: account.source }), framesOf6(advertises), 'warning')
    return
  }
  const reasons = distinct(flaws.filter((one) => one !== undefined))
  const [reason] = reasons
  account.fail(failure, round, failure === 'advertise-dropped' && reasons.length === 1 ? { title: say('explain.all-advertises-dropped', { reason }) } : failure === 'no-boot-url' ? withoutArchitecture(v6) : {}) // prettier-ignore
  const span = secondsOf(Math.min(lastDue, account.nowNs) - solicits[0]!.event.timeNs)
  if (failure === 'no-advertise')
    account.say(say('explain.no-advertise', { count: solicits.length, span }), framesOf6(solicits), 'bad')
  else if (failure === 'advertise-not-taken') account.say(say('explain.no-request6'), framesOf6(advertises), 'bad')
  else account.say(say('explain.no-advertise-taken'), framesOf6(advertises), 'bad')
}

/** What was asked for beside the boot: by the firmware's own IPv6, or by the other protocol of a program that asks by both. */
export function tellBeside6(account: Account, round: Round): void {
  const { v6, firmware } = round
  if (!v6) {
    const given = round.answers.at(-1)
    const frames = [...round.discovers, ...round.answers].map((one) => one.event.frame)
    if (frames.length > 0) account.say(say('explain.beside4', { program: firmware.name, given: given ? 'yes' : 'no' }), frames, 'benign') // prettier-ignore
    return
  }
  const given = v6.replies.findLast((one) => addressesOf(one.message).length > 0)
  const frames = [...framesOf6(v6.solicits), ...framesOf6(v6.replies)]
  if (frames.length === 0) return
  account.say(
    firmware.asksToBoot
      ? say('explain.beside6', {
          program: firmware.name,
          given: given ? 'yes' : 'no',
          address: given && addressText(given.message),
        })
      : say('explain.beside6-system', { given: given ? 'yes' : 'no', address: given && addressText(given.message) }),
    frames,
    'benign',
  )
}
