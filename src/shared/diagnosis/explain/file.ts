/** A file that was requested, over TFTP or HTTP: what both have in common, and how it failed. */
import { say, type Phrase } from '#messages/message.ts'
import type { HttpEvent } from '../../trace/events.ts'
import type { Refusal } from '../../trace/icmp.ts'
import type { Transfer } from '../../trace/transfer.ts'
import type { FailureKind } from '../failures.ts'
import type { Round } from '../rounds.ts'
import type { Account } from './account.ts'

export type File = Transfer | HttpEvent

export const isTransfer = (file: File): file is Transfer => file.kind === 'transfer'
export const nameOf = (file: File): string =>
  isTransfer(file) ? file.file : file.target === '' ? `port ${file.serverPort}` : file.target

/** The same for a sentence. */
export const shownAs = (file: File): Phrase =>
  nameOf(file) === ''
    ? say('explain.file-without-name')
    : !isTransfer(file) && file.target === ''
      ? say('explain.port', { port: file.serverPort })
      : nameOf(file)
export const startNsOf = (file: File): number => (isTransfer(file) ? file.startNs : file.timeNs)
export const firstFrameOf = (file: File): number => (isTransfer(file) ? file.requests[0]! : file.frame)

/** Whether the server sends the client to another address (RFC 9110 section 15.4); 304 says that it has the file already. */
export const isRedirected = ({ status }: HttpEvent): boolean => status >= 300 && status < 400 && status !== 304

/** Whether the client can go on with a redirect: iPXE does, and whoever connects to something else after it. */
const isFollowed = (round: Round, redirected: HttpEvent): boolean =>
  round.firmware.kind === 'ipxe' ||
  round.files.some(
    (file) =>
      !isTransfer(file) &&
      file.timeNs > redirected.timeNs &&
      (file.requestFrame < 0 ||
        file.target !== redirected.target ||
        file.server !== redirected.server ||
        file.serverPort !== redirected.serverPort),
  )

/** Whether the whole file came. */
export const isLoaded = (file: File): boolean =>
  isTransfer(file)
    ? !file.isWrite && file.hasEverything
    : (file.method === 'GET' || file.method === 'POST') &&
      (file.status === 200 || file.status === 206 || file.status === 304) &&
      (file.size === undefined ? file.bytes > 0 : file.bytes >= file.size)

/** Whether the client only asked whether the file is there, and how large it is. */
export const isProbe = (file: File): boolean =>
  isTransfer(file)
    ? file.state === 'probe'
    : file.method === 'HEAD' && (file.answerFrame < 0 ? file.closedFrame < 0 : file.status < 300 || file.status === 304)

/** Whether a TLS handshake came to nothing: by an alert, or because the client hung up in the middle of it. */
const isHandshakeFailed = ({ attempt }: Account, { tls, hungUpFrame, requestFrame }: HttpEvent): boolean => {
  if (requestFrame >= 0 || tls?.isSecured === true) return false
  if (tls?.alert || (tls && !tls.hasGap && tls.serverFrame >= 0 && hungUpFrame >= 0)) return true
  // The responder sees no packets of a handshake, and says itself how it ended.
  return hungUpFrame >= 0 && attempt.decisions.some(({ kind }) => kind === 'tls-failed')
}

/** Whether a connection was answered and carries no request that could be read, TLS that works for one. */
export const isOpaque = (account: Account, file: File): boolean =>
  !isTransfer(file) &&
  file.requestFrame < 0 &&
  file.isHeard &&
  file.refusedFrame < 0 &&
  !isHandshakeFailed(account, file)

/** How a file failed; undefined while it may still succeed, or where it did. */
export function failureOf(account: Account, round: Round, file: File): FailureKind | undefined {
  const silence = account.nowNs - file.lastNs
  const isOver = account.attempt.next !== undefined
  if (!isTransfer(file)) {
    // A connection that carries no HTTP request carries something else, HTTPS for one.
    if (isLoaded(file)) return undefined
    if (isHandshakeFailed(account, file)) return 'tls-failed'
    if (isOpaque(account, file)) return undefined
    if (file.refusedFrame >= 0) return 'http-closed'
    if (file.refusal && file.answerFrame < 0) return refusedAs(file.refusal, 'http-closed')
    if (file.status >= 400) return 'http-error'
    if (isRedirected(file)) return isFollowed(round, file) || !(silence > 5e9 || isOver) ? undefined : 'http-error'
    if (file.resetFrame >= 0) return 'http-reset'
    if (file.closedFrame >= 0 && file.answerFrame < 0) return silence > 5e9 || isOver ? 'http-reset' : undefined
    return file.answerFrame < 0 && (silence > 5e9 || isOver) ? 'http-mute' : undefined
  }
  const unseen = account.unseenIn(round)
  if (unseen.files.has(file) || (unseen.lacksFiles && file.state === 'asked')) return undefined
  // Of a cut transfer it is not known what was agreed, and so neither whether it is complete.
  if (file.isCut && !file.error && file.icmpFrame < 0) return undefined
  switch (file.state) {
    case 'refused':
      return file.error!.code === 1 ? 'file-missing' : 'file-refused'
    case 'failed':
      return file.error?.byClient && file.unasked.length > 0 && file.blocks === 0 ? 'tftp-options-refused' : 'transfer-aborted'
    case 'unreachable':
      return file.blocks > 0 || !file.refusal!.isOfClient ? stopped(file) : refusedAs(file.refusal!, 'tftp-closed')
    case 'asked':
      // Who hears nothing repeats the request: once and never again says nothing.
      return unseen.triesOf(file) > 1 && (silence > 4e9 || (file.requests.length > 2 && account.nowNs - file.startNs > 4e9) || isOver)
        ? 'tftp-mute'
        : undefined
    case 'running':
      if (file.hasEverything || (silence <= 6e9 && !isOver)) return undefined
      if (file.answeredFrom !== undefined && !file.hasClientSpoken) return 'tftp-other-address'
      // A client that asks again after the answer has not heard it.
      return !file.hasClientSpoken && unseen.requestsOf(file) > 1 ? 'tftp-unheard' : stopped(file)
    case 'complete':
    case 'probe':
      return undefined
  }
} // prettier-ignore

/** What an ICMP error in place of an answer means. */
export const refusedAs = ({ error }: Refusal, closed: FailureKind): FailureKind =>
  error === 'closed' ? closed : error === 'refused' ? 'firewall-refuses' : 'server-unreachable'

/** A transfer that ends just where the 16-bit block number is used up ends for that reason. */
const stopped = (file: Transfer): FailureKind =>
  file.blocks >= 0xffff && ((file.blocks + 1) & 0xffff) <= 2 ? 'transfer-wrapped' : 'transfer-stalled'
