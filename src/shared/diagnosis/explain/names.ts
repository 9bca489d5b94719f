/** By what a machine calls itself: identifiers that two machines share, or that one machine changes, and what follows for its leases. */
import { formatHex, formatIpv4 } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import type { Message } from '../rounds.ts'
import type { Account } from './account.ts'
import { listed } from './words.ts'

/** Tells of identifiers, which accuse nobody by themselves. */
export function tellNames(account: Account): void {
  for (const { option, value, machine, frames } of account.attempt.alike)
    account.say(
      option === optionCodes.clientIdentifier
        ? `${machine.name} has the same client identifier (option 61: ${value}): a DHCP server may take the two for one client, and give them one address (RFC 2131 section 4.2).`
        : `${machine.name} has the same UUID (option 97: ${value}): one machine with two network adapters, or two with a UUID that tells nothing. A server that knows machines by UUID may take them for one.`,
      frames,
      'warning',
    )
  tellChange(account, optionCodes.machineIdentifier, 'UUIDs (option 97)', 'a server that knows machines by UUID takes it for several')
  tellLeases(account)
} // prettier-ignore

/** What a machine says of itself in its requests, each value with the first message that has it. */
function valuesOf({ rounds }: Account, option: number): Map<string, Message> {
  const values = new Map<string, Message>()
  for (const round of rounds)
    for (const one of [...round.discovers, ...round.requests, ...round.bootRequests]) {
      const data = findOptionData(one.message, option)
      const value = data && formatHex(data)
      if (value !== undefined && !values.has(value)) values.set(value, one)
    }
  return values
}

function tellChange(account: Account, option: number, what: string, follows: string): void {
  const values = valuesOf(account, option)
  if (values.size < 2) return
  account.say(
    `${account.attempt.machine.name} calls itself by ${values.size} ${what}, ${listed([...values.keys()].slice(0, 3))}: ${follows}.`,
    [...values.values()].map((one) => one.event.frame),
    'warning',
  )
}

/** Several addresses in one boot: firmware, boot program and system are several clients to a server that goes by option 61. */
function tellLeases(account: Account): void {
  const acks = account.rounds
    .flatMap((round) => round.answers)
    .filter((one) => one.event.type === messageTypes.ack && one.message.yiaddr !== 0)
  const leases = new Map(acks.map((one) => [one.message.yiaddr, one]))
  if (leases.size < 2) return
  const names = valuesOf(account, optionCodes.clientIdentifier)
  account.say(
    `It was given ${leases.size} addresses: ${listed([...leases.keys()].map(formatIpv4))}.${names.size > 1 ? ' Its programs call themselves by different client identifiers (option 61), so that the server takes them for several clients.' : ''}`,
    [...leases.values()].map((one) => one.event.frame),
    'plain',
  )
}
