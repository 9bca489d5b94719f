/** What DNS told of the server that a boot file URL names, where the packets hold the question. */
import { say } from '#messages/message.ts'
import { dnsCodeName, dnsCodes, dnsTypeName, isSameName } from '../../wire/dns.ts'
import { parseIpv4, parseIpv6 } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import type { DnsEvent } from '../../trace/events.ts'
import type { FailureKind } from '../failures.ts'
import type { Round } from '../rounds.ts'
import type { Account } from './account.ts'

/** The host of a URL, where that is a name. */
export function hostNameIn(url: string): string | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:?#[\]]+)(?::\d+)?(?:[/?#]|$)/i.exec(url)?.[1]
  return host === undefined || parseIpv4(host) !== undefined || parseIpv6(host) ? undefined : host
}

interface Told {
  readonly questions: readonly DnsEvent[]
  readonly addresses: readonly string[]
  /** How it failed; undefined where an address came. */
  readonly failure: Extract<FailureKind, 'dns-mute' | 'dns-no-name' | 'dns-no-record'> | undefined
}

/** What was asked for a name and what came of it; undefined where no question is among the packets. */
function toldOf({ names }: Round, name: string): Told | undefined {
  const questions = names.filter((one) => isSameName(one.name, name))
  const [last] = questions.slice(-1)
  if (!last) return undefined
  const addresses = [...new Set(questions.flatMap((one) => one.addresses))]
  const answered = questions.filter((one) => one.answer >= 0)
  const failure =
    addresses.length > 0
      ? undefined
      : last.answer < 0
        ? 'dns-mute'
        : answered.every((one) => one.code === dnsCodes.noSuchName)
          ? 'dns-no-name'
          : 'dns-no-record'
  return { questions, addresses, failure }
}

/** Says what DNS told of the server in a URL, and how the boot fails by it. */
export function tellServerName(account: Account, round: Round, url: string | undefined): Told['failure'] {
  const name = url === undefined ? undefined : hostNameIn(url)
  const told = name === undefined ? undefined : toldOf(round, name)
  if (name === undefined || !told) return undefined
  const { questions, addresses, failure } = told
  const server = [...new Set(questions.map((one) => formatIp(one.server)))].join(', ')
  const types = [...new Set(questions.map((one) => dnsTypeName(one.type)))]
  const frames = questions.flatMap((one) => [...one.frames, ...(one.answer < 0 ? [] : [one.answer])])
  if (failure === undefined) account.say(say('explain.dns-resolved', { server, name, addresses }), frames)
  else if (failure === 'dns-mute')
    account.say(say('explain.dns-unanswered', { server, name, types, count: questions.flatMap((one) => one.frames).length }), frames, 'bad') // prettier-ignore
  else {
    const { code } = questions.findLast((one) => one.answer >= 0)!
    account.say(say('explain.dns-no-address', { server, name, types, answer: code === dnsCodes.noError ? say('explain.dns-no-record') : dnsCodeName(code) }), frames, 'bad') // prettier-ignore
  }
  return failure
}
