/** The questions of PXE Lab itself, told as what they are: nobody's boot, and no failure whatever came of them. */
import { keyOf, type Phrase, say } from '#messages/message.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import { describeTraits, traitsOf } from '../../machines/pxe-client/offer-ranking.ts'
import type { Account } from './account.ts'
import { framesOf } from './words.ts'

/** Tells who was asked and who answered; a rehearsal, which goes on to a REQUEST, is told step by step elsewhere. */
export function tellLabCheck(account: Account, purpose: Phrase): void {
  const { rounds, offers } = account
  account.say(
    say('explain.no-machine-boots', { purpose }),
    rounds.flatMap((round) => framesOf(round.discovers)),
    'benign',
  )
  const servers = new Map<string, { readonly text: Phrase; readonly frames: number[] }>()
  for (const { event, message } of rounds.flatMap((round) => round.offers)) {
    const traits = traitsOf(message)
    const role = traits.isProxy ? 'proxyDHCP' : 'DHCP'
    const address = traits.isProxy ? '' : formatIpv4(message.yiaddr)
    const brings = describeTraits(traits)
    const text = say('explain.check-answered', {
      server: traits.server,
      role,
      offered: address === '' ? 'no' : 'yes',
      address,
      brings,
    })
    const known = servers.get(keyOf(text))
    servers.set(keyOf(text), { text, frames: [...(known?.frames ?? []), event.frame] })
    const why = say('explain.check-takes-nothing')
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
  for (const { text, frames } of servers.values()) account.say(text, frames)
  if (servers.size === 0) account.say(say('explain.check-nobody'), [])
}

/** The line above it. */
export function labCheckHeadline(account: Account, name: Phrase): Phrase {
  const servers = [...new Set(account.offers.map((one) => one.server))]
  return servers.length === 0
    ? say('explain.check-headline-nobody', { name })
    : say('explain.check-headline', { name, servers })
}
