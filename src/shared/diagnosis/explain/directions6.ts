/** What a client was told to load over IPv6 (RFC 5970), and what follows where it never requested it. */
import { formatIpv6, parseIpv6 } from '../../wire/bytes.ts'
import { bootUrlOf } from '../../wire/dhcpv6/message.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { causesOf } from '../failures.ts'
import type { Exchange6, Message6, Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { routersOf } from './addresses6.ts'
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
  if (round.firmware.kind === 'edk2' && !tftpUrl.test(url)) account.fail('url-not-tftp', round)
  else if (account.attempt.next !== undefined) account.fail('file-not-asked', round)
  // The request may have gone another way than by the place of the capture.
  else account.summary = `The capture does not show the request for ${url}`
}
