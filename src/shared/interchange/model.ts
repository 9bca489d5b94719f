/**
 * The DHCP and boot configuration of a network as plain data, whichever engine it was written for. Everything carries the file
 * and line that it was read from; what no reader understands is listed and never left out.
 */

import type { Phrase } from '#messages/message.ts'
import type { ConditionTree } from './condition-tree.ts'

/** A file and a line in it, counted from 1. */
export interface Source {
  readonly file: string
  readonly line: number
}

/** A statement that is no part of the model, and why. */
export interface NotUnderstood extends Source {
  readonly text: string
  readonly why: Phrase
}

/** What a condition compares. Octets are strings of characters 0 to 255. */
export type Value =
  | { readonly is: 'octets'; readonly octets: string }
  /** The data of an option of the client; no octets where it sends none. */
  | { readonly is: 'option'; readonly code: number }
  /** A sub-option of option 82. */
  | { readonly is: 'relay-option'; readonly code: number }
  /** An option inside an option of the client, such as 175. */
  | { readonly is: 'sub-option'; readonly option: number; readonly code: number }
  | { readonly is: 'mac' }
  /** giaddr; four zero octets without a relay. */
  | { readonly is: 'relay' }
  | { readonly is: 'substring'; readonly of: Value; readonly start: number; readonly length: number | undefined }
  /** The last octets; all of them where there are fewer. */
  | { readonly is: 'suffix'; readonly of: Value; readonly length: number }
  | { readonly is: 'joined'; readonly of: readonly Value[] }
  | { readonly is: 'hexadecimal'; readonly of: Value; readonly separator: string }
  /** Numbers of so many octets each, to a base and without leading zeros. */
  | {
      readonly is: 'digits'
      readonly of: Value
      readonly base: number
      readonly width: number
      readonly separator: string
    }
  | { readonly is: 'lower-case' | 'upper-case'; readonly of: Value }
  /** The first that is there. */
  | { readonly is: 'first'; readonly of: readonly Value[] }
  /** What no simulation of a client tells, such as an interface; a condition on it is neither true nor false. */
  | { readonly is: 'unknown'; readonly text: string }

export type Comparison =
  | { readonly is: 'equal'; readonly left: Value; readonly right: Value }
  /** `octets` stand in the value at a multiple of `step`. */
  | { readonly is: 'contains'; readonly in: Value; readonly octets: string; readonly step: number }
  /** Octets of the value under a mask, such as a MAC address with wildcards: undefined matches any. */
  | { readonly is: 'pattern'; readonly in: Value; readonly octets: readonly (number | undefined)[] }
  | { readonly is: 'present'; readonly value: Value }
  /** The client is in the class, or has the tag, of this name. */
  | { readonly is: 'member'; readonly name: string }
  | { readonly is: 'unknown'; readonly text: string }

export type Condition = ConditionTree<Comparison>

/**
 * What a statement sets. Text is as it was written; addresses of a list are separated by a comma and a space. A value is
 * made of what the client sends, and stands before the text; octets are there where the file says how it is sent.
 */
export type Setting =
  | {
      readonly is: 'option'
      readonly code: number
      readonly text: string
      readonly octets?: string
      readonly value?: Value
    }
  | { readonly is: 'boot-file' | 'next-server' | 'server-name'; readonly text: string; readonly value?: Value }
  /** An option of a space that is sent inside another one, such as option 43. */
  | {
      readonly is: 'sub-option'
      readonly space: string
      readonly code: number
      readonly text: string
      readonly octets?: string
    }
  /** The space that is sent inside option 43. */
  | { readonly is: 'vendor-space'; readonly text: string }
  /** A longest lease shortens one that another statement sets. */
  | { readonly is: 'lease-seconds' | 'longest-lease-seconds'; readonly seconds: number }
  /** Whether clients without a reservation, or any at all, are answered. */
  | { readonly is: 'answers'; readonly to: 'unknown-clients' | 'everybody'; readonly isAllowed: boolean }

/** A setting and the condition it holds under; none for everybody. */
export interface Statement {
  readonly source: Source
  readonly test?: Condition
  readonly set: Setting
}

/** Clients of a name; several of one name are alternatives. */
export interface ClientClass {
  readonly name: string
  readonly source: Source
  readonly test: Condition
  readonly statements: readonly Statement[]
  /** Counts only where a network names it. */
  readonly isOnDemand: boolean
}

export interface Reservation {
  readonly source: Source
  readonly test: Condition
  /** How people write whom it is for, such as a MAC address. */
  readonly who: string
  readonly address?: string
  readonly hostname?: string
  readonly isIgnored: boolean
  readonly classes: readonly string[]
  readonly statements: readonly Statement[]
  /** Where it is declared, whose statements it takes along to other subnets. */
  readonly declaredIn?: { readonly network?: string; readonly sharedNetwork?: string }
}

export interface Pool {
  readonly source: Source
  readonly start: string
  readonly end: string
  /** Who may have an address from it; everybody without it. */
  readonly test?: Condition
  readonly statements: readonly Statement[]
}

export interface Subnet {
  readonly source: Source
  /** Such as 192.168.77.0/24. */
  readonly network: string
  readonly name: string
  /** Where several subnets share a wire. */
  readonly sharedNetwork?: string
  readonly test?: Condition
  /** Relays (giaddr) whose clients it is for, wherever their addresses lie. */
  readonly relays?: readonly string[]
  /** Switched off: nobody is answered. */
  readonly isInactive?: boolean
  /** Classes or tags that its clients get. */
  readonly classes: readonly string[]
  /** Classes on demand that count here. */
  readonly additionalClasses: readonly string[]
  readonly pools: readonly Pool[]
  readonly reservations: readonly Reservation[]
  /** Its own, then those of its shared network in `networkStatements`. */
  readonly statements: readonly Statement[]
  readonly networkStatements: readonly Statement[]
  /** Gives boot information beside another DHCP server, and no addresses. */
  readonly isProxy: boolean
}

/** A line of the boot menu of a proxyDHCP server. */
export interface PxeService {
  readonly source: Source
  readonly test: Condition
  readonly text: string
  readonly file?: string
  readonly server?: string
}

/** A setting of a service that gives no addresses, and what it means for a boot. */
export interface ServiceSetting {
  readonly source: Source
  readonly name: string
  readonly value: number | string | readonly string[]
  readonly says: Phrase
}

/** An interface of a router or switch that hands broadcasts of DHCP on. */
export interface Relay {
  readonly source: Source
  readonly interface: string
  /** That it hears, such as 10.20.1.0/24, and its own address there (giaddr); absent where the file does not say. */
  readonly network?: string
  readonly address?: string
  readonly helpers: readonly { readonly text: string; readonly source: Source }[]
}

/** DHCP snooping: that it is on, for which VLANs, and behind which ports or addresses servers may answer. */
export interface Snooping {
  readonly source: Source
  readonly is: 'on' | 'vlans' | 'trusted' | 'server'
  readonly text: string
}

export type Engine =
  'kea' | 'dnsmasq' | 'dhcpd' | 'windows' | 'cisco' | 'aruba' | 'juniper' | 'mikrotik' | 'wds' | 'lab'

export interface Configuration {
  readonly engine: Engine
  readonly files: readonly string[]
  readonly authoritative: boolean
  /** Several reservations may name one address. */
  readonly sharesAddresses?: boolean
  readonly statements: readonly Statement[]
  readonly classes: readonly ClientClass[]
  readonly subnets: readonly Subnet[]
  /** Reservations that belong to no subnet. */
  readonly reservations: readonly Reservation[]
  /** Clients that are never answered. */
  readonly ignored: readonly { readonly source: Source; readonly test: Condition }[]
  readonly pxeServices: readonly PxeService[]
  /** How option 60 begins where a proxyDHCP server answers; PXEClient without it. */
  readonly pxeVendors?: readonly string[]
  readonly tftpRoot?: string
  readonly relays?: readonly Relay[]
  readonly snooping?: readonly Snooping[]
  /** Settings of WDS and of a distribution point. */
  readonly settings?: readonly ServiceSetting[]
  /** Spaces whose options are sent inside an option of this code. */
  readonly spaces?: ReadonlyMap<string, number>
  readonly notUnderstood: readonly NotUnderstood[]
  /** Files and folders that it includes and that were not given with it. */
  readonly absent?: readonly AbsentFile[]
  /** What was read and decides no boot, worth telling all the same. */
  readonly asides?: readonly NotUnderstood[]
}

/** A file, or every file of a folder, as the configuration names it. */
export interface AbsentFile {
  readonly name: string
  readonly isFolder: boolean
}

export interface SourceFile {
  readonly name: string
  readonly text: string
}
