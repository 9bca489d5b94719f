/** By what a machine calls itself: identifiers that two machines share, or that one machine changes, and what follows for its leases. */
import { say, together } from '#messages/message.ts'
import { formatHex, formatIpv4 } from '../../wire/bytes.ts'
import { messageTypes } from '../../wire/dhcp/kinds.ts'
import { findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import type { Message } from '../rounds.ts'
import type { Account } from './account.ts'

/** Tells of identifiers, which accuse nobody by themselves. */
export function tellNames(account: Account): void {
  for (const { option, value, machine, frames } of account.attempt.alike)
    account.say(
      option === optionCodes.clientIdentifier
        ? say('explain.same-client-id', { machine: machine.name, id: value })
        : say('explain.same-uuid', { machine: machine.name, id: value }),
      frames,
      'warning',
    )
  tellUuids(account)
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

function tellUuids(account: Account): void {
  const values = valuesOf(account, optionCodes.machineIdentifier)
  if (values.size < 2) return
  account.say(
    say('explain.several-uuids', {
      machine: account.attempt.machine.name,
      count: values.size,
      ids: [...values.keys()].slice(0, 3),
    }),
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
    together([
      say('explain.several-addresses', { count: leases.size, addresses: [...leases.keys()].map(formatIpv4) }),
      ...(names.size > 1 ? [say('explain.several-client-ids')] : []),
    ]),
    [...leases.values()].map((one) => one.event.frame),
    'plain',
  )
}
