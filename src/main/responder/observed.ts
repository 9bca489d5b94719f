/** What passed through our sockets and what was decided, for whoever watches, in the order in which it was. */
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { IpEndpoint } from '#shared/machines/machine.ts'
import { windowsLogLine } from '#shared/machines/windows-log.ts'
import type { IpAddress } from '#shared/wire/ip-address.ts'
import type { LabNote, NoteKind } from '#shared/wire/lab-note.ts'
import type { NetworkInterface } from './interfaces.ts'

/** A datagram, or a segment of a TCP connection that stands for what its socket took. */
export interface ObservedDatagram {
  readonly direction: 'in' | 'out'
  readonly interface: NetworkInterface
  /** Our address that it came to or left from; the interface's first one of IPv4, or its link-local one, where no socket tells. */
  readonly local?: IpAddress | undefined
  readonly localPort: number
  readonly remote: IpEndpoint
  readonly payload: Uint8Array
  /** Bytes it had, where `payload` is only its beginning. */
  readonly length?: number
  /** When it passed, milliseconds since 1970. */
  readonly time: number
  /** Whether `payload` is a message of ICMPv6, which has no ports. */
  readonly isIcmp6?: boolean
  readonly tcp?: { readonly sequence: number; readonly acknowledgement: number; readonly flags: number }
}

/** What the responder decided and no packet shows. */
export interface ObservedNote {
  readonly note: LabNote
  /** Milliseconds since 1970. */
  readonly time: number
}

export type Observed = ObservedDatagram | ObservedNote

const about = (kind: NoteKind, client: { readonly mac: string } | string, reason: string): LabNote =>
  typeof client === 'string'
    ? { kind, mac: '', address: client, reason }
    : { kind, mac: client.mac, address: '', reason }

/** Bytes that it holds in memory, about. */
export const sizeOf = (one: Observed): number => ('note' in one ? 200 + one.note.reason.length : one.payload.length)

/** What an event says that the packets do not; undefined where they say it all. */
export function noteOf(event: UntimedEvent): LabNote | undefined {
  switch (event.type) {
    case 'dhcp-ignored':
      return event.awaitsNoAnswer ? undefined : about('not-answered', event.client, event.reason)
    case 'proxy-ignored':
    case 'boot-server-ignored':
    case 'wds-ignored':
      return about('not-booted', event.client, event.reason)
    case 'dhcp-offered': {
      const { client, boot, hasMenu } = event
      const hasProgram = hasMenu || (boot?.file !== undefined && boot.file !== '')
      return client.boot === 'none' || boot === undefined || hasProgram
        ? undefined
        : about('not-booted', client, boot.reason)
    }
    case 'dhcp-refused':
      return about('address-refused', event.client, event.reason)
    case 'pool-exhausted':
      return about('no-address', event.client, `the pool ${event.pools.join(', ')} of ${event.subnet} is exhausted`)
    case 'answer-not-sent':
      return about('not-sent', event.client, `${event.to}: ${event.reason}`)
    case 'wds-pending':
      return about('waits-for-approval', event.client, `pending request ID ${event.request}`)
    case 'wds-refused':
      return about('not-approved', event.client, `request ID ${event.request}`)
    case 'wds-aborted':
      return about('not-booted', event.client, windowsLogLine(event).text)
    case 'transfer-refused':
      return event.file === '' ? undefined : about('file-refused', event.client, `${event.reason}: ${event.file}`)
    case 'tls-failed':
      return about('tls-failed', event.client, event.reason)
    case 'transfer-deferred':
      return about('file-deferred', event.client, event.reason)
    case 'transfer-ended':
      return event.outcome === 'completed' || event.outcome === 'size-probe'
        ? undefined
        : about('transfer-failed', event.transfer.client, `${event.message}: ${event.transfer.file}`)
    default:
      return undefined
  }
}
