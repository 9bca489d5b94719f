/** Everything a running lab tells: one union, the same for the log, the window and `--json`. */
import { inEnglish } from '#messages/text.ts'
import type { BootServerEvent } from '#shared/machines/boot-server.ts'
import { identityText } from '#shared/machines/dhcp-server/identity-watch.ts'
import type { DhcpServerEvent } from '#shared/machines/dhcp-server/server.ts'
import type { PendingRequest } from '#shared/machines/pending-requests.ts'
import type { ProxyDhcpEvent } from '#shared/machines/proxy-dhcp.ts'
import type { RouterAdvertiserEvent } from '#shared/machines/router-advertiser.ts'
import type { WdsServerEvent } from '#shared/machines/wds-server.ts'
import { windowsLogLine } from '#shared/machines/windows-log.ts'
import type { TransferEnd } from '#shared/machines/tftp-server/read-transfer.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { formatBytes, formatDuration } from './format.ts'
import { noticeText, type LabNotice } from '#shared/lab/boot-check.ts'
import type { LabMode } from '#shared/lab/lab.ts'

export interface TransferStatus {
  readonly id: string
  /** IPv4 address of the client. */
  readonly client: string
  readonly file: string
  readonly kind: 'read' | 'write' | 'http' | 'https'
  /** In bytes; undefined for an upload whose size the client did not say. */
  readonly size: number | undefined
  readonly blockSize: number
  readonly windowSize: number
  bytes: number
  retransmissions: number
}

export type TransferEvent =
  | { readonly type: 'transfer-started'; readonly transfer: TransferStatus }
  | { readonly type: 'transfer-progress'; readonly transfer: TransferStatus }
  | {
      readonly type: 'transfer-ended'
      readonly transfer: TransferStatus
      readonly outcome: TransferEnd['outcome']
      readonly message: string
      readonly durationMs: number
    }
  /** `protocol` is left out of TFTP. */
  | { readonly type: 'transfer-refused'; readonly client: string; readonly file: string; readonly reason: string; readonly protocol?: 'http' | 'https' } // prettier-ignore
  | { readonly type: 'transfer-deferred'; readonly client: string; readonly reason: string }
  /** HTTPS: no connection came about; `reason` is a clause. */
  | { readonly type: 'tls-failed'; readonly client: string; readonly reason: string }

/** Another server that answered our question on the wire. */
export interface FoundServer {
  readonly interface: string
  /** Its server identifier (option 54), or the address it answered from. */
  readonly server: string
  readonly role: 'dhcp' | 'proxy-dhcp'
  /** The address it offered; undefined for a proxyDHCP. */
  readonly offered: string | undefined
  readonly vendorClass: string
  readonly bootFile: string
  readonly nextServer: string
}

export interface ListeningPort {
  readonly service: 'dhcp' | 'dhcp6' | 'tftp' | 'boot-server' | 'http' | 'https'
  readonly interface: string
  readonly address: string
  readonly port: number
}

/** A server of the lab's DHCP engine (`engine` in the lab file), as it is now. */
export interface EngineStatus {
  /** Socket or address of its control channel. */
  readonly server: string
  readonly state: 'connecting' | 'well' | 'without-classes' | 'refused' | 'lost'
  readonly version: string
  /** One sentence. */
  readonly detail: string
  readonly remedy: string
  /** Of a pair; empty for a server that stands alone. */
  readonly highAvailability: string
}

export type ResponderEvent =
  | {
      readonly type: 'engine-applied'
      readonly server: string
      readonly version: string
      readonly classes: number
      readonly isChanged: boolean
      /** File with what it had before. */
      readonly kept: string | undefined
      /** What will not be as the lab says. */
      readonly warnings: readonly string[]
      /** Why it is lost when the engine starts again. */
      readonly unsaved: string | undefined
    }
  | {
      readonly type: 'engine-lost' | 'engine-refused'
      readonly server: string
      readonly message: string
      readonly remedy: string
    }
  | { readonly type: 'engine-back'; readonly server: string; readonly downMs: number }
  | {
      readonly type: 'engine-changed'
      readonly server: string
      readonly changes: readonly string[]
      readonly hasClasses: boolean
    }
  | { readonly type: 'engine-pair'; readonly server: string; readonly state: string; readonly isAlone: boolean }
  | { readonly type: 'ready'; readonly mode: LabMode; readonly ports: readonly ListeningPort[] }
  | { readonly type: 'stopped'; readonly reason: string }
  | {
      readonly type: 'other-servers'
      readonly mode?: LabMode
      readonly servers: readonly FoundServer[]
      readonly complaint: string | undefined
    }
  | { readonly type: 'interface-lost' | 'interface-back'; readonly interface: string; readonly address: string }
  | { readonly type: 'lease-database-set-aside'; readonly file: string; readonly reason: string }
  /** Nothing is acknowledged until they can be; `unanswered` counts the requests since it began. */
  | {
      readonly type: 'leases-not-stored'
      readonly cause: string
      readonly remedy: string
      readonly unanswered: number
    }
  | { readonly type: 'leases-stored-again'; readonly unanswered: number }
  | { readonly type: 'clock-jumped'; readonly milliseconds: number }
  | {
      readonly type: 'answer-not-sent'
      readonly client: ClientIdentity
      /** The event that would have been told. */
      readonly answer: string
      /** Address and port. */
      readonly to: string
      /** Code of the system, such as ENETUNREACH, or what it says. */
      readonly reason: string
    }
  /** The process that responds ended unasked; another one is started after that pause, or none where that is undefined. */
  | { readonly type: 'responder-lost'; readonly how: string; readonly restartsInMs: number | undefined }
  | { readonly type: 'responder-restarted'; readonly how: string; readonly downMs: number }
  /** The process that responds is there and does not answer; another one takes its place where that lasts so long. */
  | { readonly type: 'responder-silent'; readonly silentMs: number; readonly giveUpMs: number }
  | { readonly type: 'responder-answers'; readonly silentMs: number }
  /** What happened and could not be shown, because nobody took it in time. */
  | { readonly type: 'not-shown'; readonly events: number; readonly datagrams: number }
  | { readonly type: 'warning'; readonly message: string }
  /** It could not be started. */
  | { readonly type: 'not-started'; readonly message: string; readonly remedy: string }
  /** What became of a boot; `client` has its hardware address. */
  | {
      readonly type: 'boot-failed'
      readonly client: { readonly mac: string }
      readonly headline: string
      readonly cause: string
    }
  /** What the lab leaves its clients without, when it starts and whenever the boot folder changes. */
  | { readonly type: 'lab-notice'; readonly notice: LabNotice }
  | { readonly type: 'lab-notice-over'; readonly notice: LabNotice }
  /** Folders. */
  | { readonly type: 'state-moved'; readonly from: string; readonly to: string }
  | { readonly type: 'client-seen'; readonly client: ClientIdentity; readonly message: string }
  /** Wake on LAN; see `clients.wake`. */
  | {
      readonly type: 'wake-sent'
      readonly client: { readonly mac: string }
      readonly sent: readonly string[]
      readonly failed: readonly string[]
    }
  /** What a machine told of itself when it loaded a file; see `MachinesSeen`. */
  | {
      readonly type: 'machine-told'
      readonly client: { readonly mac: string }
      readonly serial: string | null
      readonly asset: string | null
    }
  /** What a machine loads at its next boot, once: a file, or null for its local disk. */
  | {
      readonly type: 'next-boot'
      readonly client: { readonly mac: string }
      readonly state: 'set' | 'undone' | 'used'
      readonly file: string | null
    }
  /** An administrator approved or refused a machine that waits. */
  | { readonly type: 'request-decided'; readonly request: PendingRequest }

export type LabEvent = (
  | DhcpServerEvent
  | ProxyDhcpEvent
  | BootServerEvent
  | WdsServerEvent
  | RouterAdvertiserEvent
  | TransferEvent
  | ResponderEvent
) & {
  /** Milliseconds since 1970. */
  readonly time: number
}

/** Without the time, as the parts of the responder tell it. */
export type UntimedEvent = LabEvent extends infer E ? (E extends LabEvent ? Omit<E, 'time'> : never) : never

export type EventLevel = 'info' | 'good' | 'warning' | 'problem'

export interface DescribedEvent {
  readonly level: EventLevel
  readonly text: string
}

const info = (text: string): DescribedEvent => ({ level: 'info', text })
const good = (text: string): DescribedEvent => ({ level: 'good', text })
const warning = (text: string): DescribedEvent => ({ level: 'warning', text })
const problem = (text: string): DescribedEvent => ({ level: 'problem', text })

const describeServer = (found: FoundServer): string =>
  found.role === 'dhcp'
    ? `DHCP server ${found.server} offers ${found.offered} on ${found.interface}`
    : `proxyDHCP ${found.server} answers on ${found.interface}`

const answerNames: Readonly<Record<string, string>> = {
  'dhcp-offered': 'DHCPOFFER',
  'dhcp-acknowledged': 'DHCPACK',
  'bootp-answered': 'BOOTP reply',
  'dhcp-informed': 'DHCPACK',
  'dhcp-refused': 'DHCPNAK',
  'proxy-offered': 'proxyDHCP offer',
  'boot-server-answered': 'boot server answer',
  'wds-offered': 'proxyDHCP offer',
}

/** The same over IPv6 (RFC 8415 section 7.3). */
const answerNames6: Readonly<Record<string, string>> = {
  'dhcp-offered': 'ADVERTISE',
  'dhcp-acknowledged': 'REPLY',
  'dhcp-informed': 'REPLY',
  'dhcp-confirmed': 'REPLY',
  'dhcp-refused': 'REPLY',
  'proxy-offered': 'ADVERTISE',
  'boot-server-answered': 'REPLY',
}

/** An address in front of a port (RFC 5952 section 6). */
const hostText = (address: string): string => (address.includes(':') ? `[${address}]` : address)

const ordinal = (count: number): string => {
  const last = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10
  return `${count}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`
}

/** No name that boots a machine is longer; a request may be 64 KiB of one. */
const longestName = 255

/** A request for a file that is refused; the name is cut where it is too long for a log. */
export const transferRefused = (
  client: string,
  file: string,
  reason: string,
  protocol?: 'http' | 'https',
): TransferEvent => ({
  type: 'transfer-refused',
  client,
  file: file.length > longestName ? `${file.slice(0, longestName)}…` : file,
  reason,
  ...(protocol ? { protocol } : {}),
})

const nameOf = (client: { readonly mac: string }): string => client.mac || 'a client without a hardware address'

function describeApplied({
  server,
  version,
  classes,
  isChanged,
  kept,
  warnings,
  unsaved,
}: Extract<ResponderEvent, { type: 'engine-applied' }>): DescribedEvent {
  const what =
    classes === 0
      ? `Kea ${version} at ${server} gives the addresses`
      : `Kea ${version} at ${server} ${isChanged ? 'was given' : 'has'} the boot logic of this lab in ${classes} classes`
  const more = [
    kept === undefined ? '' : `; what it had before is in ${kept}`,
    ...warnings.map((one) => `. Differs: ${one}`),
    unsaved === undefined ? '' : `. It is lost when Kea starts again: ${unsaved}`,
  ].join('')
  return (warnings.length > 0 || unsaved !== undefined ? warning : good)(`${what}${more}`)
}

/** One sentence about an event, for logs and lists. */
export function describeEvent(event: LabEvent | UntimedEvent): DescribedEvent {
  switch (event.type) {
    case 'ready':
      return good(
        `ready in mode ${event.mode}: ${event.ports.map((one) => `${one.service} ${hostText(one.address)}:${one.port}`).join(', ') || 'no port'}`,
      )
    case 'stopped':
      return info(`stopped: ${event.reason}`)
    case 'other-servers':
      if (event.complaint !== undefined) return warning(`could not ask who else answers: ${event.complaint}`)
      return event.servers.length === 0
        ? info('no other DHCP server answers here')
        : // A proxyDHCP server needs one that gives addresses.
          (event.mode === 'proxy-dhcp' && event.servers.every(({ role }) => role === 'dhcp') ? info : warning)(
            event.servers.map(describeServer).join('; '),
          )
    case 'engine-applied':
      return describeApplied(event)
    case 'engine-lost':
      return problem(`${event.message}; it is asked again and again, and files and port 4011 are served meanwhile. ${event.remedy}`) // prettier-ignore
    case 'engine-refused':
      return problem(`${event.server}: ${event.message}. ${event.remedy}`)
    case 'engine-back':
      return good(`Kea at ${event.server} answers again after ${formatDuration(event.downMs)}`)
    case 'engine-changed': {
      const what = `somebody else changed the configuration of Kea at ${event.server}: ${event.changes.join('; ')}`
      return event.hasClasses ? info(what) : problem(`${what}. It does not have the boot logic of this lab any more`)
    }
    case 'engine-pair':
      return (event.isAlone ? warning : info)(`Kea at ${event.server}: ${event.state}`)
    case 'router-advertised':
      return info(`router advertisement on ${event.interface} to ${event.to === 'ff02::1' ? 'everyone' : event.to}`)
    case 'other-router': {
      const { isManaged, hasOther, prefixes, lifetimeSeconds } = event.advertisement
      const flags = [isManaged ? 'addresses by DHCPv6 (M)' : '', hasOther ? 'the rest by DHCPv6 (O)' : ''].filter(Boolean) // prettier-ignore
      const says = [flags.join(' and ') || 'no DHCPv6', prefixes.map(({ text }) => text).join(', ') || 'no prefix'].join('; ') // prettier-ignore
      return info(
        `router ${event.address} advertises on ${event.interface}: ${says}${lifetimeSeconds === 0 ? '; it is no default router' : ''}`,
      )
    }
    case 'interface-lost':
      return problem(`interface ${event.interface} (${event.address}) is gone; waiting for it`)
    case 'interface-back':
      return good(`interface ${event.interface} is back with ${event.address}`)
    case 'lease-database-set-aside':
      return problem(
        `the lease database was damaged (${event.reason}); it was put aside as ${event.file} and a new one begun`,
      )
    case 'leases-not-stored':
      return problem(
        `leases cannot be stored: ${event.cause}. Nothing is acknowledged until they can be${event.unanswered > 0 ? `; ${event.unanswered} requests so far` : ''}. ${event.remedy}`,
      )
    case 'leases-stored-again':
      return good(
        `leases can be stored again${event.unanswered > 0 ? `; ${event.unanswered} requests were not acknowledged meanwhile` : ''}`,
      )
    case 'clock-jumped':
      return warning(
        `the clock of this machine jumped ${formatDuration(Math.abs(event.milliseconds))} ${event.milliseconds > 0 ? 'forward' : 'back'}; leases keep the time they have left`,
      )
    case 'answer-not-sent':
      return problem(`the ${(event.to.startsWith('[') ? answerNames6 : answerNames)[event.answer] ?? 'answer'} for ${nameOf(event.client)} could not be sent to ${event.to}: ${event.reason}`) // prettier-ignore
    case 'state-moved':
      return info(`the state of this lab (leases, captures, journal) has moved from ${event.from} to ${event.to}`)
    case 'responder-lost':
      return problem(
        `the responder ended unexpectedly (${event.how}) and ${event.restartsInMs === undefined ? 'is not started any more' : `is started again in ${formatDuration(event.restartsInMs)}`}`,
      )
    case 'responder-restarted':
      return good(
        `the responder had ended unexpectedly (${event.how}); it goes on where it was after ${formatDuration(event.downMs)}, with all its leases`,
      )
    case 'responder-silent':
      return problem(
        `the responder has not answered for ${formatDuration(event.silentMs)}: machines get no answer; after ${formatDuration(event.giveUpMs)} it is ended and started again`,
      )
    case 'responder-answers':
      return good(`the responder answers again after ${formatDuration(event.silentMs)}`)
    case 'not-shown':
      return warning(
        `${event.datagrams} packets and ${event.events} events came faster than they could be shown; they were answered, and are missing here`,
      )
    case 'warning':
      return warning(event.message)
    case 'not-started':
      return problem(`the responder cannot start: ${event.message}. ${event.remedy}`)
    case 'boot-failed':
      return problem(`${nameOf(event.client)}: ${event.headline}${event.cause === '' ? '' : `. ${event.cause}`}`)
    case 'lab-notice':
      return event.notice.level === 'warning'
        ? warning(inEnglish(noticeText(event.notice)))
        : info(inEnglish(noticeText(event.notice)))
    case 'lab-notice-over':
      return good(`no longer so: ${inEnglish(event.notice.text)}`)
    case 'client-seen':
      return info(`${nameOf(event.client)} sends ${event.message}`)
    case 'wake-sent':
      return (event.failed.length > 0 ? warning : info)([`a wake-up packet was sent to ${nameOf(event.client)}, by ${event.sent.join(', ')}`, ...event.failed].join('; ')) // prettier-ignore
    case 'machine-told':
      return info(`${nameOf(event.client)} told its ${[event.serial === null ? [] : `serial number ${event.serial}`, event.asset === null ? [] : `asset tag ${event.asset}`].flat().join(' and ')}`) // prettier-ignore
    case 'next-boot': {
      const what = event.file ?? 'the local disk'
      return info(
        {
          set: `the next boot of ${nameOf(event.client)} loads ${what}, once`,
          undone: `the next boot of ${nameOf(event.client)} loads what the rules say again, not ${what}`,
          used: `${nameOf(event.client)} began its boot from ${what}, which was for this boot alone`,
        }[event.state],
      )
    }
    case 'request-decided': {
      const { request, mac, name, state, isRemembered } = event.request
      const who = name === '' ? mac : `${name} (${mac})`
      const until = isRemembered ? '' : ' for this boot'
      if (state === 'pending') return info(`${who} still waits for approval, request ${request}`)
      return state === 'approved'
        ? good(`${who} is approved${until}, request ${request}`)
        : warning(`${who} is refused${until}, request ${request}`)
    }
    case 'wds-offered':
    case 'wds-answered':
    case 'wds-pending':
    case 'wds-refused':
    case 'wds-aborted':
    case 'wds-referred':
    case 'wds-ignored': {
      const { tone, text } = windowsLogLine(event)
      return { level: tone === 'plain' ? 'info' : tone, text }
    }
    case 'dhcp-offered':
      return info(
        `${nameOf(event.client)} is offered ${event.address}${event.hasMenu ? ', the boot menu' : event.boot?.file ? `, ${event.boot.file} (${event.boot.reason})` : ''}`,
      )
    case 'dhcp-acknowledged':
      return good(
        `${nameOf(event.client)} has ${event.address} for ${event.leaseSeconds} s${event.via ? ` by relay ${event.via}` : ''}`,
      )
    case 'bootp-answered': {
      const { source, boot, droppedOptions } = event
      const whence = { reservation: 'by its reservation', pool: 'from the pool, for ever', client: 'as it says' }[
        source
      ]
      const dropped = droppedOptions.length > 0 ? `; no room for options ${droppedOptions.join(', ')}` : ''
      return good(
        `${nameOf(event.client)} (BOOTP) has ${event.address} ${whence}${event.via ? `, by relay ${event.via}` : ''}${boot?.file ? `, ${boot.file} (${boot.reason})` : ''}${dropped}`,
      )
    }
    case 'dhcp-informed':
      return info(`${nameOf(event.client)} (${event.address}) asked for options`)
    case 'dhcp-confirmed':
      return info(`${nameOf(event.client)} asked whether ${event.address} belongs to this network (CONFIRM): it does`)
    case 'dhcp-refused':
      return warning(`${nameOf(event.client)} may not have ${event.address}: ${event.reason}`)
    case 'dhcp-ignored':
      return info(`${nameOf(event.client)} is ${event.awaitsNoAnswer ? 'ignored' : 'not answered'}: ${event.reason}`)
    case 'proxy-ignored':
    case 'boot-server-ignored':
      return info(`${nameOf(event.client)} is not answered: ${event.reason}`)
    case 'address-declined': {
      const count = event.declines > 1 ? ` (its ${ordinal(event.declines)} within an hour)` : ''
      return warning(
        event.quarantineSeconds > 0
          ? `${nameOf(event.client)} declined ${event.address}${count}: another host uses it; the address is left alone for ${event.quarantineSeconds} s`
          : `${nameOf(event.client)} declined ${event.address}${count}: too many to be believed, so the address stays in the pool`,
      )
    }
    case 'declined-address-offered':
      return warning(
        `${nameOf(event.client)} is offered ${event.address}, which was declined before: the pool has no other free address`,
      )
    case 'address-released':
      return info(`${nameOf(event.client)} released ${event.address}`)
    case 'boot-fields-contradict':
      return warning(
        `the reply to ${nameOf(event.client)} says two things: ${event.contradiction}. Leave options 66 and 67 to boot.programs`,
      )
    case 'several-leases':
    case 'identifier-shared':
    case 'hardware-address-shared':
      return warning(identityText(event))
    case 'lease-expired':
      return info(`the lease of ${event.mac} on ${event.address} ran out`)
    case 'pool-exhausted': {
      const { leased, offered, declined } = event.usage
      const why = event.isTableFull
        ? 'the lab keeps as many leases as it can'
        : `${leased} leased, ${offered} offered, ${declined} declined`
      return problem(
        `no address left for ${nameOf(event.client)}: pool ${event.pools.join(', ') || 'of'} of ${event.subnet} is exhausted (${why})`,
      )
    }
    case 'proxy-offered':
      return info(
        `${nameOf(event.client)} is offered ${event.form === 'file' ? (event.boot.file ?? 'nothing') : event.form === 'menu' ? 'the boot menu' : 'this boot server on port 4011'} (${event.boot.reason})`,
      )
    case 'boot-server-answered':
      return good(`${nameOf(event.client)} (${event.address}) gets ${event.boot.file} (${event.boot.reason})`)
    case 'transfer-started':
      return info(
        `${event.transfer.client} ${event.transfer.kind === 'write' ? 'sends' : 'loads'} ${event.transfer.file}${event.transfer.size === undefined ? '' : `, ${formatBytes(event.transfer.size)}`}`,
      )
    case 'transfer-progress':
      return info(`${event.transfer.client} ${event.transfer.file}: ${formatBytes(event.transfer.bytes)}`)
    case 'transfer-ended': {
      const { transfer } = event
      if (event.outcome === 'size-probe') return info(`${transfer.client} asked for the size of ${transfer.file}`)
      if (event.outcome === 'refused-by-client')
        return problem(`${transfer.client} broke off ${transfer.file}: ${event.message}`)
      if (event.outcome !== 'completed') return problem(`${transfer.client} ${transfer.file}: ${event.message}`)
      const rate = event.durationMs > 0 ? `, ${formatBytes((transfer.bytes * 1000) / event.durationMs)}/s` : ''
      return good(
        `${transfer.client} ${transfer.kind === 'write' ? 'sent' : 'loaded'} ${transfer.file}, ${formatBytes(transfer.bytes)} in ${formatDuration(event.durationMs)}${rate}`,
      )
    }
    case 'transfer-refused':
      return warning(
        event.file === ''
          ? `${event.client} sent no valid request for a file: ${event.reason}`
          : `${event.client} requested "${event.file}": ${event.reason}`,
      )
    case 'tls-failed':
      return warning(`${event.client} did not complete the TLS handshake: ${event.reason}`)
    case 'transfer-deferred':
      return warning(`${event.client} has to wait: ${event.reason}`)
  }
}
