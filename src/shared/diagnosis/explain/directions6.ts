/** What a client was told to load over IPv6 (RFC 5970), and what follows where it never requested it. */
import { type Phrase, say } from '#messages/message.ts'
import { formatIpv6, parseIpv6 } from '../../wire/bytes.ts'
import { bootClassOf, bootUrlOf, findDhcp6Option, type Dhcp6Message } from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { readTftpUrl, sizeIn } from '../../machines/pxe-client/edk2-ipv6.ts'
import { causesOf } from '../failures.ts'
import type { Exchange6, Message6, Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { routersOf, solicitationsOf, withoutArchitecture } from './addresses6.ts'
import type { Directions } from './directions.ts'
import { tellServerName } from './server-names.ts'

/** The last message that names a boot file, which is the one that counts. */
const sourceOf = ({ replies, advertises, others }: Exchange6): Message6 | undefined => [...advertises, ...replies, ...others].findLast((one) => bootUrlOf(one.message) !== '') // prettier-ignore

/** The boot file URL that counts; undefined without. */
export const url6Of = (v6: Exchange6): string | undefined => {
  const source = sourceOf(v6)
  return source && bootUrlOf(source.message)
}

const tftpUrl = /^tftp:\/\/(?:\[[^\]]*\]|[^/]*)\/(.*)$/i

/** The name that TFTP is asked for under a URL of its own; any other URL as it is. */
export function directions6Of(v6: Exchange6): Directions {
  const source = sourceOf(v6)
  const url = source && bootUrlOf(source.message)
  const name = url === undefined ? undefined : (tftpUrl.exec(url)?.[1] ?? url)
  return {
    file: name,
    source: undefined,
    nextServer: undefined,
    serverName: undefined,
    dhcpServer: undefined,
    asksBootServer: false,
    bootServer: undefined,
  }
}

/** Why EDK2 can load nothing by a URL of TFTP (PxeBcExtractBootFileUrl); undefined where it can. */
function faultOf(url: string, hasDns: boolean): Phrase | undefined {
  const host = /^tftp:\/\/([^[/][^/]*)\//.exec(url)?.[1]
  if (host === undefined) {
    const read = readTftpUrl(url)
    return 'because' in read ? say('explain.url-fault', { reason: read.because }) : undefined
  }
  if (parseIpv6(host)) return say('explain.url-no-brackets', { url })
  return hasDns ? undefined : say('explain.url-no-dns', { url })
}

/** What keeps EDK2 from asking for its file without a word on the wire, where the packets leave it open (edk2 issues 9781 and 10114). */
function tellWhatStopsEdk2(account: Account, { firmware }: Round, v6: Exchange6, told: Dhcp6Message, server: Uint8Array | undefined): void {
  if (firmware.kind !== 'edk2') return
  if (bootClassOf(told).startsWith('PXEClient'))
    account.say(say('explain.class-pxeclient6'), [], 'warning')
  const asked = solicitationsOf(account)
  const isLocal = server !== undefined && server[0] === 0xfe && (server[1]! & 0xc0) === 0x80
  if (asked.length > 0 && routersOf(account, v6).length === 0 && !isLocal)
    account.say(say('explain.no-router6'), asked, 'warning')
} // prettier-ignore

/** An address, and no request for a file. */
export function tellNoFile6(account: Account, round: Round, v6: Exchange6): void {
  if (account.outcome === 'waiting') return
  const given = v6.replies.at(-1) ?? v6.others.findLast((one) => one.event.isReply)
  if (!given) return
  const silence = account.nowNs - account.attempt.lastNs
  const isOver = account.attempt.next !== undefined || silence > 10e9
  const source = sourceOf(v6)
  const url = source ? bootUrlOf(source.message) : ''
  const server = parseIpv6(/^\w+:\/\/\[([^\]]*)\]/.exec(url)?.[1] ?? '')
  const wanted = new Set([...(server ? [formatIpv6(server)] : []), ...routersOf(account, v6).map((one) => one.router)])
  const unanswered = round.arps.find((one) => one.answer < 0 && !one.isProbe && wanted.has(formatIp(one.target)))
  if (unanswered && isOver) {
    const target = formatIp(unanswered.target)
    account.miss(say('explain.neighbour-advertisement', { address: target }), unanswered.target, 'arp', { frame: unanswered.frames.at(-1)!, timeNs: unanswered.timeNs }, unanswered.timeNs + 1e9, causesOf('no-neighbour', account.circumstancesOf(round))) // prettier-ignore
    account.fail('no-neighbour', round)
    account.say(say('explain.neighbour-unanswered', { address: target, count: unanswered.frames.length }), unanswered.frames, 'bad') // prettier-ignore
    return
  }
  if (!isOver)
    return account.wait(url === '' ? say('explain.awaited-request') : say('explain.awaited-file', { file: url }))
  if (url === '') {
    account.fail('no-boot-url', round, withoutArchitecture(v6))
    account.say(say('explain.address-no-boot'), [given.event.frame], 'bad')
    return
  }
  account.say(say('explain.told-unasked', { file: url, source: account.source }), [source!.event.frame], 'warning')
  const told = source!.message
  const lost = tellServerName(account, round, url)
  if (lost) return void account.fail(lost, round)
  const fault = faultOf(url, findDhcp6Option(told, dhcp6OptionCodes.dnsServers) !== undefined)
  const size = sizeIn(told)
  if (round.firmware.kind === 'edk2' && !url.startsWith('tftp://')) account.fail('url-not-tftp', round)
  else if (round.firmware.kind === 'edk2' && fault !== undefined)
    account.fail('url-unreadable', round, { because: fault })
  else if (round.firmware.kind === 'edk2' && size && size.bytes === undefined) account.fail('parameter-no-size', round)
  else if (account.attempt.next !== undefined) account.fail('file-not-asked', round)
  // The request may have gone another way than by the place of the capture.
  else {
    tellWhatStopsEdk2(account, round, v6, told, server)
    account.summary = say('explain.request-unseen', { file: url, source: account.source })
  }
}
