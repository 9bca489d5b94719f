/** The questions of PXE Lab itself, told as what they are: nobody's boot, and no failure whatever came of them. */
import { formatIpv4 } from '../../wire/bytes.ts'
import { describeTraits, traitsOf } from '../../machines/pxe-client/offer-ranking.ts'
import type { Account } from './account.ts'
import { framesOf, listed } from './words.ts'

/** Tells who was asked and who answered; a rehearsal, which goes on to a REQUEST, is told step by step elsewhere. */
export function tellLabCheck(account: Account, purpose: string): void {
  const { rounds, offers } = account
  account.say(
    `${purpose}: no machine boots here.`,
    rounds.flatMap((round) => framesOf(round.discovers)),
    'benign',
  )
  const servers = new Map<string, number[]>()
  for (const { event, message } of rounds.flatMap((round) => round.offers)) {
    const traits = traitsOf(message)
    const role = traits.isProxy ? 'proxyDHCP' : 'DHCP'
    const address = traits.isProxy ? '' : formatIpv4(message.yiaddr)
    const brings = describeTraits(traits)
    const text = `${traits.server} answered as ${role}${address === '' ? '' : ` and offered ${address}`} (${brings}).`
    const known = servers.get(text)
    servers.set(text, [...(known ?? []), event.frame])
    const why = 'PXE Lab asks and takes nothing.'
    offers.push({
      frame: event.frame,
      server: traits.server,
      role,
      address,
      brings,
      taken: known ? 'repeated' : 'no',
      why,
    })
    account.note(event.frame, 'benign', why)
  }
  for (const [text, frames] of servers) account.say(text, frames)
  if (servers.size === 0) account.say('Nobody answered.', [])
}

/** The line above it. */
export function labCheckHeadline(account: Account, name: string): string {
  const servers = [...new Set(account.offers.map((one) => one.server))]
  return `${name}: ${servers.length === 0 ? 'nobody answered' : `${listed(servers)} answered`}.`
}
