/** What the client was told to load, and from where; and what follows where it never requested it. */
import { say } from '#messages/message.ts'
import { decodeText, formatIpv4, parseIpv4 } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { addressOption, bootFileOf, findOptionData, type DhcpMessage } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { traitsOf } from '../../machines/pxe-client/offer-ranking.ts'
import type { FirmwareKind } from '../../trace/firmware.ts'
import { causesOf } from '../failures.ts'
import { othersNaming, serverOf, type Message, type Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { directions6Of, tellNoFile6 } from './directions6.ts'
import { tellServerName } from './server-names.ts'
import { framesOf } from './words.ts'

export interface Directions {
  /** The boot file that was named; undefined where none was. */
  readonly file: string | undefined
  /** The message that names it. */
  readonly source: Message | undefined
  /** siaddr, else option 66 where that is an address; undefined where no usable one was named. */
  readonly nextServer: number | undefined
  /** Option 66 as text, where it is there. */
  readonly serverName: string | undefined
  readonly dhcpServer: number | undefined
  readonly asksBootServer: boolean
  /** Whom it would ask on port 4011: the server of the offer that sends it there. */
  readonly bootServer: number | undefined
}

function nextServerOf(message: DhcpMessage): { address: number | undefined; name: string | undefined } {
  const data = findOptionData(message, optionCodes.tftpServerName)
  const name = data === undefined ? undefined : decodeText(data).replace(/\0.*$/s, '')
  const address = message.siaddr !== 0 ? message.siaddr : name === undefined ? undefined : parseIpv4(name)
  return { address: address === 0 ? undefined : address, name }
}

export function directionsOf(account: Account, round: Round): Directions {
  if (round.v6) return directions6Of(round.v6)
  const acks = round.answers.filter((one) => one.event.type === messageTypes.ack)
  const taken = new Set(
    account.offers.filter((one) => ['whole', 'boot', 'acceptable'].includes(one.taken)).map((one) => one.frame),
  )
  const offers = round.offers.filter((one) => taken.has(one.event.frame))
  const sources = [...round.bootAnswers, ...offers, ...acks, ...round.bootpReplies]
  const traits = sources.map((one) => traitsOf(one.message))
  const at = traits.findIndex((one) => one.file !== '')
  const source = sources[at]
  const asking = traits.some((one) => one.downloadsNamedFile) ? -1 : traits.findIndex((one) => one.isPxe)
  const next = source && nextServerOf(source.message)
  const ack = acks.at(-1)
  return {
    file: traits[at]?.file,
    source,
    nextServer: next?.address,
    serverName: next?.name,
    dhcpServer: ack && (addressOption(ack.message, optionCodes.serverIdentifier) ?? ack.event.source),
    asksBootServer: asking >= 0,
    bootServer: asking < 0 ? undefined : parseIpv4(traits[asking]!.server),
  }
}

/** OVMF 2022.11 without a variable TlsCaCertificate, as captured: not even ARP for the server. */
const nobodyEnrolled = say('explain.nobody-enrolled')

/** Firmware that loads nothing unless it was told what. */
const pxeKinds: ReadonlySet<FirmwareKind> = new Set(['bios-rom', 'edk2', 'edk2-http', 'ipxe'])

const isUrl = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

/** What is wrong with the directions themselves. */
export function tellDirections(account: Account, round: Round): void {
  const { file, source, nextServer, serverName } = directionsOf(account, round)
  tellContradictions(account, source)
  if (file === undefined || source === undefined || isUrl(file) || nextServer !== undefined) return
  const server = serverOf(source)
  account.say(
    serverName === undefined || serverName === ''
      ? say('explain.no-tftp-server', { server, file })
      : parseIpv4(serverName) === undefined
        ? say('explain.no-tftp-server-name', { server, file, name: serverName })
        : say('explain.no-tftp-server-zero', { server, file, option: serverName }),
    [source.event.frame],
    'warning',
  )
}

/** Options 66 and 67 beside the header fields that say the same: some clients read the one, some the other. */
function tellContradictions(account: Account, source: Message | undefined): void {
  if (!source) return
  const { message, event } = source
  const { siaddr } = message
  const { name } = nextServerOf(message)
  const byName = name === undefined ? undefined : parseIpv4(name)
  if (siaddr !== 0 && byName === 0)
    account.say(
      say('explain.option-66-zero', { server: serverOf(source), siaddr: formatIpv4(siaddr) }),
      [event.frame],
      'warning',
    )
  else if (siaddr !== 0 && byName !== undefined && byName !== siaddr)
    account.say(
      say('explain.two-tftp-servers', { server: serverOf(source), siaddr: formatIpv4(siaddr), option: name }),
      [event.frame],
      'warning',
    )
  const option67 = findOptionData(message, optionCodes.bootFileName)
  const inOption = option67 && decodeText(option67).replace(/\0.*$/s, '')
  const isFileField = (findOptionData(message, optionCodes.overload)?.[0] ?? 0) % 2 === 0
  const inField = isFileField ? decodeText(message.file).replace(/\0.*$/s, '') : ''
  if (inOption && inField !== '' && inField !== inOption)
    account.say(
      say('explain.two-boot-files', { server: serverOf(source), field: inField, option: inOption }),
      [event.frame],
      'warning',
    )
}

/** Whether the boot server lies outside the client's network while the client was given no router. */
function lacksRouter({ answers }: Round, server: number): boolean {
  const ack = answers.findLast((one) => one.event.type === messageTypes.ack)
  const mask = ack && addressOption(ack.message, optionCodes.subnetMask)
  if (!ack || mask === undefined) return false
  if (findOptionData(ack.message, optionCodes.router) !== undefined) return false
  return ((ack.message.yiaddr ^ server) & mask) !== 0
}

function failForRouter(account: Account, round: Round, got: Message, server: number): void {
  account.say(
    say('explain.other-network', {
      server: formatIpv4(server),
      address: formatIpv4(got.message.yiaddr),
      other: serverOf(got),
    }),
    [got.event.frame],
    'bad',
  )
  account.fail('no-router', round)
}

/** An address, and no request for a file. */
export function tellNoFile(account: Account, round: Round, directions: Directions): void {
  if (round.v6) return tellNoFile6(account, round, round.v6)
  if (account.outcome === 'waiting') return
  const { arps, offers, answers, bootpReplies, bootAnswers } = round
  // Where its ACK went past the capture, what port 4011 answered is the last that it was told.
  const got = answers.at(-1) ?? bootpReplies.at(-1) ?? bootAnswers.at(-1)
  if (!got) return
  const { file, source, nextServer } = directions
  const silence = account.nowNs - account.attempt.lastNs
  const unanswered = arps.find((one) => one.answer < 0 && !one.isProbe)
  if (unanswered && silence > 1e9) {
    const server = formatIp(unanswered.target)
    account.miss(
      say('explain.arp-answer', { address: server }),
      unanswered.target,
      'arp',
      { frame: unanswered.frames.at(-1)!, timeNs: unanswered.timeNs },
      unanswered.timeNs + 1e9,
      causesOf('no-arp', account.circumstancesOf(round)),
    )
    account.fail('no-arp', round)
    account.say(say('explain.arp-unanswered', { address: server, count: unanswered.frames.length }), unanswered.frames, 'bad') // prettier-ignore
    return
  }
  const isOver = account.attempt.next !== undefined || silence > 5e9
  const { bootServer } = directions
  if (isOver && bootServer !== undefined && round.bootRequests.length === 0) {
    account.say(
      say('explain.boot-server-not-asked', { server: formatIpv4(bootServer), source: account.source }),
      framesOf(offers),
      'warning',
    )
    if (lacksRouter(round, bootServer)) failForRouter(account, round, got, bootServer)
    else if (account.hasComeBack) account.fail('file-not-asked', round)
    else account.summary = say('explain.boot-server-request-unseen', { server: formatIpv4(bootServer), source: account.source })
    return
  }
  if (file === undefined) {
    // A PXE client that has its address has collected its offers: only a boot server can still name a file. Others have names of their own.
    const mayGoOn = directions.asksBootServer || !pxeKinds.has(round.firmware.kind)
    if (!isOver && mayGoOn) {
      account.wait(directions.asksBootServer ? say('explain.awaited-boot-server-request') : say('explain.awaited-request')) // prettier-ignore
      return
    }
    const asked = round.discovers.at(-1)?.event
    if (asked)
      account.miss(
        say('explain.offer-with-boot'),
        undefined,
        'dhcp',
        asked,
        round.requests[0]?.event.timeNs ?? asked.timeNs + 4e9,
        causesOf('no-boot-information', account.circumstancesOf(round)),
      )
    const [other] = othersNaming(round)
    const title = other && say('explain.took-other-offer', { server: serverOf(got), other: serverOf(other), file: bootFileOf(other.message) }) // prettier-ignore
    if (account.fail('no-boot-information', round, title === undefined ? {} : { title }))
      account.say(
        other ? say('explain.address-without-boot', { server: serverOf(got) }) : say('explain.address-no-boot'),
        [...framesOf(offers), got.event.frame],
        'bad',
      )
    return
  }
  if (!isOver) {
    account.wait(say('explain.awaited-file', { file }))
    return
  }
  account.say(say('explain.told-unasked', { file, source: account.source }), [source!.event.frame], 'warning')
  const lost = tellServerName(account, round, file)
  if (lost) return void account.fail(lost, round)
  const isSilent = /^https:/i.test(file) && round.firmware.kind === 'edk2-http'
  if (isSilent) account.say(nobodyEnrolled, [], 'warning')
  if (isUrl(file) && round.firmware.kind !== 'ipxe' && round.firmware.kind !== 'edk2-http') account.fail('url-for-pxe', round)
  else if (nextServer !== undefined && nextServer === got.message.yiaddr)
    account.fail('address-conflict', round, {
      title: say('explain.given-server-address', { address: formatIpv4(nextServer) }),
    })
  else if (nextServer !== undefined && lacksRouter(round, nextServer)) failForRouter(account, round, got, nextServer)
  else if (nextServer === undefined && !isUrl(file)) account.fail('no-next-server', round)
  else if (account.hasComeBack) account.fail('file-not-asked', round, isSilent ? { because: nobodyEnrolled } : {})
  else if (isSilent) account.summary = say('explain.no-connection', { file, source: account.source })
  // The request may have gone another way than by the place of the capture.
  else account.summary = say('explain.request-unseen', { file, source: account.source })
} // prettier-ignore
