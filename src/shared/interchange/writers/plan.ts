/**
 * What a DHCP engine has to be told so that it answers as the responder does: subnets, options by level, the boot file of
 * each client as an ordered list, and the form that firmware wants. Writers print this; it knows no engine.
 */
import { type Phrase, sameText } from '#messages/message.ts'
import type { Ipv4Network } from '../../wire/bytes.ts'
import type { AddressRange } from '../../machines/dhcp-server/configuration.ts'
import type { Lab } from '../../lab/lab.ts'
import type { Condition } from './condition.ts'

export interface PlanOption {
  readonly code: number
  readonly data: Uint8Array
  /** Where it comes from, such as dhcp.options.42. */
  readonly key: string
}

export interface PlanReservation {
  readonly key: string
  readonly address: number
  /** With colons. */
  readonly mac: string | undefined
  readonly uuid: string | undefined
  /** Option 61, type octet first. */
  readonly clientId: Uint8Array | undefined
  readonly hostname: string | undefined
  readonly options: readonly PlanOption[]
}

export interface PlanSubnet {
  readonly key: string
  readonly network: Ipv4Network
  /** Without the server's own addresses. */
  readonly pools: readonly AddressRange[]
  readonly leaseSeconds: number
  readonly options: readonly PlanOption[]
  readonly reservations: readonly PlanReservation[]
}

/** Options for the clients of a condition; they stand over those of subnets. */
export interface PlanLevel {
  readonly key: string
  readonly name: string
  readonly test: Condition
  readonly options: readonly PlanOption[]
}

export interface PlanProgram {
  readonly key: string
  readonly name: string
  /** The first that holds is the client's program; later ones are not asked. */
  readonly test: Condition
  /** Undefined where the client gets none, whatever later programs say. */
  readonly file: string | undefined
  readonly why: Phrase
  readonly server: number
  readonly rootPath: string | undefined
}

/** How long an offer is held back. */
export interface PlanDelay {
  readonly key: string
  readonly name: string
  readonly test: Condition
  readonly seconds: number
}

/** Options that are sent whether the client asks for them or not; the first that holds is the client's. */
export interface PlanForm {
  readonly name: string
  readonly test: Condition
  readonly options: readonly PlanOption[]
  /** The file server of who shows a menu and has no program. */
  readonly server?: number
}

export interface ServicePlan {
  readonly interfaces: readonly string[]
  /** Addresses of the machine that serves boot files and answers on port 4011. */
  readonly self: number
  readonly subnets: readonly PlanSubnet[]
  readonly options: readonly PlanOption[]
  readonly levels: readonly PlanLevel[]
  readonly programs: readonly PlanProgram[]
  readonly forms: readonly PlanForm[]
  readonly delays: readonly PlanDelay[]
  /** siaddr of replies that boot nobody; 0 for none. */
  readonly nextServer: number
  /** Option 60 of every reply that no form says another for. */
  readonly vendorClass: string | undefined
  /** Beginnings of hardware addresses; nobody but these is answered, where there are any. */
  readonly allowed: readonly Uint8Array[]
  readonly denied: readonly Uint8Array[]
  readonly identity: 'mac' | 'client-id'
  readonly authoritative: boolean
  readonly leaseSeconds: number
  /** Line of a key in the lab file, from 1; 0 where it has none. */
  readonly lineOf: (key: string) => number
  /** What no engine is told, whichever it is. */
  readonly notes: readonly ExportNote[]
  /** A proxyDHCP gives no addresses. */
  readonly isProxy: boolean
  /** What a lab in the role of WDS answers; undefined for any other. */
  readonly wds: Lab['wds'] | undefined
}

/** Something that the exported configuration does not do as the responder does, and what to do about it. */
export interface ExportNote {
  /** Of the list in docs, such as `boot-server`: one word for one kind of difference. */
  readonly kind: NoteKind
  /** Key of the lab file; empty where it concerns the whole. */
  readonly key: string
  /** Line in the lab file, from 1; 0 where it has none. */
  readonly line: number
  readonly text: Phrase
}

/** Collects notes, each said once. */
export class Notes {
  readonly list: ExportNote[]
  readonly #lineOf: (key: string) => number

  constructor(plan: Pick<ServicePlan, 'notes' | 'lineOf'>) {
    this.list = [...plan.notes]
    this.#lineOf = plan.lineOf
  }

  add(kind: NoteKind, key: string, text: Phrase): void {
    if (!this.list.some((one) => one.kind === kind && one.key === key && sameText(one.text, text)))
      this.list.push({ kind, key, line: this.#lineOf(key), text })
  }
}

export type NoteKind =
  /** Something else has to run beside the engine. */
  | 'keep-beside'
  /** A value or condition that the engine cannot say, and is left out. */
  | 'left-out'
  /** It is said in another way, which some clients can tell. */
  | 'differs'
  /** It has to be set by hand where the file is used. */
  | 'to-set'

export interface ExportedFile {
  readonly name: string
  readonly text: string
}

export interface Exported {
  readonly files: readonly ExportedFile[]
  readonly notes: readonly ExportNote[]
}

/** Text for one line of a comment: control characters and line ends are shown, none is kept. */
export const commentText = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Ranges without some addresses. */
export function without(ranges: readonly AddressRange[], addresses: readonly number[]): AddressRange[] {
  return [...new Set(addresses)].reduce<AddressRange[]>(
    (left, address) =>
      left.flatMap((range) =>
        address < range.start || address > range.end
          ? [range]
          : [
              { start: range.start, end: address - 1 },
              { start: address + 1, end: range.end },
            ].filter(({ start, end }) => start <= end),
      ),
    [...ranges],
  )
}
