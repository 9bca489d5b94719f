/** The question to port 4011. */
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
import { framesOf, nanoseconds, refusalText, secondsOf, times } from './words.ts'

/** What the loaded program asked on port 4011, and what it was told; undefined where it asked nothing. */
export function tellProgramAtBootServer(
  account: Account,
  round: Round,
): { readonly action: string | undefined } | undefined {
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
    `The loaded program asked ${server} on port 4011 ${times(asked.length)}, and ${answered.length === 0 ? 'no answer came' : `got ${answered.length === 1 ? 'an answer' : `${answered.length} answers`}${file === undefined ? '' : ` that ${answered.length === 1 ? 'names' : 'name'} ${file}`}${action === undefined ? '' : `, the last action "${action}"`}`}.`,
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
      account.say(`It asked ${formatIpv4(address)} on port 4011 ${times(requests.length)}, and no answer came.`, framesOf(requests), 'warning') // prettier-ignore
    const asked = bootRequests.filter((one) => !mute.has(one.event.destination))
    const [begin] = asked
    account.stage('boot-server', 'Boot server, port 4011', 'done', first.event.timeNs, answer.event.timeNs, [
      ...framesOf(bootRequests),
      ...framesOf(bootAnswers),
    ])
    account.say(
      `It asked the boot server ${formatIpv4(asked.at(-1)!.event.destination)} on port 4011${asked.length > 1 ? ` ${times(asked.length)}` : ''}. The answer came after ${secondsOf(answer.event.timeNs - begin!.event.timeNs)}${file === '' ? ' and names no file' : ` and names ${file}`}.`,
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
      'ACK from port 4011',
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
    account.stage('boot-server', 'Boot server, port 4011', 'failed', first.event.timeNs, last.event.timeNs, frames)
    account.say(
      `The boot server ${server} did not answer on port 4011; this client goes on without it.`,
      frames,
      'warning',
    )
    return
  }
  // Three questions in vain are a finding, and so is a port that is said to be closed, though the client may still go on.
  const isFinding = count >= 3 || (refusals.length > 0 && count >= 2)
  if (account.nowNs < due && isLast && !isFinding) {
    account.wait(`the boot server ${server} on port 4011`)
    return
  }
  account.stage('boot-server', 'Boot server, port 4011', 'failed', first.event.timeNs, due, frames)
  if (!account.fail(kind, round)) {
    account.say(`It asked ${server} on port 4011 ${times(count)}; no answer is in the capture.`, frames, 'warning')
    return
  }
  if (item) {
    account.say(
      `It looked for a boot server of type ${item.type}, as the menu in option 43 offers it, on port 4011 of ${server} ${times(count)}, and ${refusal ? refusalText(refusal) : 'no answer came'}.`,
      frames,
      'bad',
    )
    return
  }
  const why = round.offers.length + round.answers.length === 0 ? '' : ' Option 60 PXEClient in the offer sends the client there.' // prettier-ignore
  account.say(
    `It asked ${server} on port 4011 ${times(count)}, and ${refusal ? refusalText(refusal) : 'no answer came'}.${why}`,
    frames,
    'bad',
  )
}
