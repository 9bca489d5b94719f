/**
 * Answers that came and that the capture does not hold: it was filtered (a TFTP server answers from another port than 69), or shows one
 * direction only. A client that does what only an answer explains had it, and nobody is then accused of silence.
 */
import { findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { dhcp6Types } from '../../wire/dhcpv6/message.ts'
import type { Heard } from '../../trace/events.ts'
import type { FailureKind } from '../failures.ts'
import type { Round } from '../rounds.ts'
import type { Transfer } from '../../trace/transfer.ts'
import { isTransfer, nameOf, startNsOf, type File } from './file.ts'

/** No program waits so little for an answer before it turns to something else. */
const shortestWaitNs = 1e9

/** Failures that are a silence of DHCP servers and boot servers, and those that are one of file servers. */
const silences = {
  dhcp: new Set<FailureKind>(['no-offer', 'no-ack', 'no-bootp-reply', 'no-boot-information', 'boot-server-mute', 'discovery-mute', 'no-next-server', 'file-not-asked', 'proxy-only', 'no-advertise', 'no-reply6', 'no-boot-url', 'dns-mute']),
  files: new Set<FailureKind>(['tftp-mute', 'http-mute', 'transfer-stalled', 'transfer-aborted', 'transfer-wrapped', 'file-not-asked']),
} as const // prettier-ignore

const keyOf = ({ serverAddress, file }: Transfer): string => `${serverAddress} ${file}`

const isHeard = (file: File): boolean =>
  isTransfer(file) ? file.serverPort >= 0 || file.refusal !== undefined : file.isHeard || file.refusal !== undefined

/** What the client did with a file shows an answer that the capture does not hold. */
const usesAnswer = (file: File): boolean => (isTransfer(file) ? file.hasClientSpoken : file.requestFrame >= 0)

/** What was answered unseen in a round. */
export class Unseen {
  /** Files whose answers are not in the capture, though the client went on with them. */
  readonly files: ReadonlySet<File>
  /** Whether the capture holds no answer to any request for a file, and some were answered. */
  readonly lacksFiles: boolean
  /** Whether the capture holds no answer of DHCP, and some came. */
  readonly lacksDhcp: boolean

  /** How often each file was requested that nobody answered, and at all, by server and name. */
  readonly #tries = new Map<string, number>()
  readonly #requests = new Map<string, number>()

  constructor(round: Round, heard: Heard) {
    const answered = new Set<File>()
    const { files } = round
    const isOneFile = round.firmware.kind === 'bios-rom' || round.firmware.kind === 'edk2'
    const last = files.findLast(isTransfer)
    for (const [index, file] of files.entries()) {
      if (isTransfer(file)) this.#requests.set(keyOf(file), this.requestsOf(file) + file.requests.length)
      if (isHeard(file)) continue
      if (isTransfer(file)) this.#tries.set(keyOf(file), this.triesOf(file) + file.requests.length)
      const next = files[index + 1]
      const lastNs = isTransfer(file) ? file.requestTimes.at(-1)! : file.lastNs
      const wentOn = next !== undefined && isTransfer(file) && startNsOf(next) - lastNs < shortestWaitNs
      // Firmware itself asks for no other file than it was told: what comes later is asked for by the program that this is.
      const isLaterStage = isOneFile && isTransfer(file) && last !== undefined && nameOf(last) !== nameOf(file)
      if (usesAnswer(file) || wentOn || isLaterStage) answered.add(file)
    }
    this.files = answered
    const isFileHeard = files.some(isHeard)
    const { v6 } = round
    const replies = v6 ? v6.advertises.length + v6.replies.length : round.offers.length + round.answers.length + round.bootpReplies.length + round.bootAnswers.length
    const hasChosen = v6 ? v6.requests.some((one) => one.event.type === dhcp6Types.request) : round.requests.some((one) => findOptionData(one.message, optionCodes.serverIdentifier) !== undefined)
    const hasAddress = files.length + round.bootRequests.length > 0 && round.discovers.length + round.bootpRequests.length + (v6?.solicits.length ?? 0) > 0
    const isOneWay = v6 ? heard.replies6 === 0 && heard.choices6 > 0 : heard.replies === 0 && heard.choices > 0
    this.lacksDhcp = replies === 0 && (hasChosen || hasAddress || isOneWay)
    this.lacksFiles = !isFileHeard && (answered.size > 0 || this.lacksDhcp)
  } // prettier-ignore

  /** How often a file was requested, whether it was answered or not. */
  requestsOf(file: Transfer): number {
    return this.#requests.get(keyOf(file)) ?? 0
  }

  /** How often a file was requested that nobody answered, from the same port or from others. */
  triesOf(file: Transfer): number {
    return this.#tries.get(keyOf(file)) ?? 0
  }

  /** Whether a failure is a silence that the capture cannot tell from answers it does not hold. */
  covers(kind: FailureKind): boolean {
    return (this.lacksDhcp && silences.dhcp.has(kind)) || (this.lacksFiles && silences.files.has(kind))
  }
}
