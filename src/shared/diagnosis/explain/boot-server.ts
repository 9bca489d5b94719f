/** The question to port 4011. */
import { say, together, type Phrase } from '#messages/message.ts'
import { formatIpv4 } from '../../wire/bytes.ts'
import { bootFileOf, findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { readBootItem, wdsActionOf } from '../../wire/dhcp/spaces.ts'
import { firmwareClocks } from '../../trace/firmware.ts'
import { causesOf, type FailureKind } from '../failures.ts'
import { icmpErrorOf, type Refusal } from '../../trace/icmp.ts'
import type { Message, Round } from '../rounds.ts'
import type { Account } from './account.ts'
import { isLoaded, refusedAs } from './file.ts'
import { framesOf, nanoseconds, refusalText, secondsOf } from './words.ts'

/** What the loaded program asked on port 4011, and what it was told; undefined where it asked nothing. */
export function tellProgramAtBootServer(
  account: Account,
  round: Round,
): { readonly action: Phrase | undefined } | undefined {
  const loadedNs = round.files.find(isLoaded)?.lastNs ?? Infinity
  const asked = round.bootRequests.filter((one) => one.event.timeNs > loadedNs)
  const [first] = asked
  if (!first) return undefined
  const answered = round.bootAnswers.filter((one) => one.event.timeNs > loadedNs)
  const server = formatIpv4(first.event.destination)
  const file = answered.map((one) => bootFileOf(one.message)).findLast((one) => one !== '')
  const action = answered
    .map((one) => wdsActionOf(findOptionData(one.message, 250)))
    .findLast((one) => one !== undefined)
  account.say(
    say('explain.program-at-boot-server', {
      server,
      count: asked.length,
      answers: answered.length,
      named: file === undefined ? 'no' : 'yes',
      file,
      acted: action === undefined ? 'no' : 'yes',
      action,
    }),
    [...framesOf(asked), ...framesOf(answered)],
    answered.length === 0 ? 'warning' : 'plain',
  )
  return { action }
}

/**
 * Requests to servers that did not answer where another one did, by server. One that answers from an address that nobody asked, as a
 * server with several does, may be any of them.
 */
function unansweredBeside(requests: readonly Message[], answers: readonly Message[]): Map<number, Message[]> {
  const asked = new Map<number, Message[]>()
  for (const one of requests) asked.set(one.event.destination, [...(asked.get(one.event.destination) ?? []), one])
  const answering = new Set(answers.map((one) => one.event.source))
  if ([...answering].some((one) => !asked.has(one))) return new Map()
  for (const one of answering) asked.delete(one)
  return asked
}

export function tellBootServer(account: Account, round: Round, isLast: boolean): void {
  const { firmware, files } = round
  // Boot programs of Windows ask port 4011 as well, once they were loaded: that is told with what they do.
  const loadedNs = files.find(isLoaded)?.lastNs ?? Infinity
  const isBefore = (one: Message): boolean => one.event.timeNs < loadedNs
  const bootRequests = round.bootRequests.filter(isBefore)
  const bootAnswers = round.bootAnswers.filter(isBefore)
  const last = bootRequests.at(-1)
  if (!last) return
  const first = bootRequests[0]!
  const server = formatIpv4(last.event.destination)
  const count = bootRequests.length
  if (bootAnswers.length > 0) {
    const answer = bootAnswers.at(-1)!
    const file = bootFileOf(answer.message)
    const mute = unansweredBeside(bootRequests, bootAnswers)
    for (const [address, requests] of mute)
      account.say(
        say('explain.boot-server-mute', { server: formatIpv4(address), count: requests.length }),
        framesOf(requests),
        'warning',
      )
    const asked = bootRequests.filter((one) => !mute.has(one.event.destination))
    const [begin] = asked
    account.stage('boot-server', say('explain.stage-boot-server'), 'done', first.event.timeNs, answer.event.timeNs, [
      ...framesOf(bootRequests),
      ...framesOf(bootAnswers),
    ])
    account.say(
      say('explain.boot-server-answered', {
        server: formatIpv4(asked.at(-1)!.event.destination),
        count: asked.length,
        span: secondsOf(answer.event.timeNs - begin!.event.timeNs),
        named: file === '' ? 'no' : 'yes',
        file,
      }),
      [...framesOf(asked), ...framesOf(bootAnswers)],
    )
    return
  }
  const clock = firmwareClocks[firmware.kind].bootServer
  const refusals = round.icmps.flatMap(({ frame, type, code, source, quoted }): Refusal[] => {
    const error = icmpErrorOf(type, code)
    return error && quoted.destinationPort === 4011 ? [{ frame, type, code, source, error, isOfClient: true }] : []
  })
  const [refusal] = refusals
  // A request that names an item of the menu looks for a boot server of that kind (PXE 2.1 section 2.2.3).
  const item = readBootItem(findOptionData(last.message, optionCodes.vendorSpecific))
  const kind: FailureKind = item
    ? 'discovery-mute'
    : refusal
      ? refusedAs(refusal, 'boot-server-closed')
      : 'boot-server-mute'
  const causes = causesOf(kind, account.circumstancesOf(round))
  for (const [index, request] of bootRequests.entries())
    account.miss(
      say('explain.ack-from-4011'),
      request.event.destination,
      'pxe',
      request.event,
      bootRequests[index + 1]?.event.timeNs ??
        request.event.timeNs + nanoseconds(clock[Math.min(index, clock.length - 1)] ?? 1000),
      causes,
    )
  const due = account.missing.at(-1)!.dueNs
  const frames = [...framesOf(bootRequests), ...refusals.map((one) => one.frame)]
  if (files.length > 0) {
    account.stage(
      'boot-server',
      say('explain.stage-boot-server'),
      'failed',
      first.event.timeNs,
      last.event.timeNs,
      frames,
    )
    account.say(say('explain.boot-server-not-needed', { server }), frames, 'warning')
    return
  }
  // Three questions in vain are a finding, and so is a port that is said to be closed, though the client may still go on.
  const isFinding = count >= 3 || (refusals.length > 0 && count >= 2)
  if (account.nowNs < due && isLast && !isFinding) {
    account.wait(say('explain.awaited-boot-server', { server }))
    return
  }
  account.stage('boot-server', say('explain.stage-boot-server'), 'failed', first.event.timeNs, due, frames)
  if (!account.fail(kind, round)) {
    account.say(say('explain.boot-server-unseen', { server, count, source: account.source }), frames, 'warning')
    return
  }
  if (item) {
    account.say(
      say('explain.discovery-mute', {
        type: item.type,
        server,
        count,
        answer: refusal ? refusalText(refusal) : say('explain.no-answer-came'),
      }),
      frames,
      'bad',
    )
    return
  }
  account.say(
    together([
      say('explain.boot-server-failed', {
        server,
        count,
        answer: refusal ? refusalText(refusal) : say('explain.no-answer-came'),
      }),
      ...(round.offers.length + round.answers.length === 0 ? [] : [say('explain.option-60-sends')]),
    ]),
    frames,
    'bad',
  )
}
