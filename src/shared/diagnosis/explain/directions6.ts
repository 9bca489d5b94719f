/** What a client was told to load over IPv6 (RFC 5970), and what follows where it never requested it. */
import { formatIpv6, parseIpv6 } from '../../wire/bytes.ts'
import { bootClassOf, bootUrlOf, findDhcp6Option, type Dhcp6Message } from '../../wire/dhcpv6/message.ts'
import { dhcp6OptionCodes } from '../../wire/dhcpv6/options.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { readTftpUrl, sizeIn } from '../../machines/pxe-client/edk2-ipv6.ts'
import { causesOf } from '../failures.ts'
import type { Exchange6, Message6, Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { routersOf, solicitationsOf } from './addresses6.ts'
import type { Directions } from './directions.ts'
import { times } from './words.ts'

/** The last message that names a boot file, which is the one that counts. */
const sourceOf = ({ replies, advertises, others }: Exchange6): Message6 | undefined => [...advertises, ...replies, ...others].findLast((one) => bootUrlOf(one.message) !== '') // prettier-ignore

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
function faultOf(url: string, hasDns: boolean): string | undefined {
  const host = /^tftp:\/\/([^[/][^/]*)\//.exec(url)?.[1]
  if (host === undefined) {
    const read = readTftpUrl(url)
    return 'because' in read ? `${read.because}.` : undefined
  }
  if (parseIpv6(host)) return `${url} names an IPv6 address without brackets, which the firmware takes for a host name.`
  return hasDns ? undefined : `${url} names its server by a name, and the answer gives no DNS server (option 23).`
}

/** What keeps EDK2 from asking for its file without a word on the wire, where the packets leave it open (edk2 issues 9781 and 10114). */
function tellWhatStopsEdk2(account: Account, { firmware }: Round, v6: Exchange6, told: Dhcp6Message, server: Uint8Array | undefined): void {
  if (firmware.kind !== 'edk2') return
  if (bootClassOf(told).startsWith('PXEClient'))
    account.say('The answer names the class PXEClient (option 16): this firmware then asks port 4011 of that server first, and loads nothing where nobody answers there.', [], 'warning')
  const asked = solicitationsOf(account)
  const isLocal = server !== undefined && server[0] === 0xfe && (server[1]! & 0xc0) === 0x80
  if (asked.length > 0 && routersOf(account, v6).length === 0 && !isLocal)
    account.say('No router advertisement is known here: without one this firmware has a route to no address but those of the link (fe80::).', asked, 'warning')
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
    account.miss(`neighbour advertisement of ${target}`, unanswered.target, 'arp', { frame: unanswered.frames.at(-1)!, timeNs: unanswered.timeNs }, unanswered.timeNs + 1e9, causesOf('no-neighbour', account.circumstancesOf(round))) // prettier-ignore
    account.fail('no-neighbour', round)
    account.say(`It looked for ${target} by neighbour solicitation ${times(unanswered.frames.length)}, and no answer came.`, unanswered.frames, 'bad') // prettier-ignore
    return
  }
  if (!isOver) return account.wait(url === '' ? 'the next request of the client' : `the request for ${url}`)
  if (url === '') {
    account.fail('no-boot-url', round)
    account.say('It has an address, and no answer says what to boot.', [given.event.frame], 'bad')
    return
  }
  account.say(`It was told to load ${url}, and no request for it is in the capture.`, [source!.event.frame], 'warning')
  const told = source!.message
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
    account.summary = `The capture does not show the request for ${url}`
  }
}
