/**
 * What is known of a machine, as variables: what it says of itself on the wire, and what the lab file says of it. Nothing from
 * the wire becomes a value before it has the form that such a value has: a host name that is a path names nobody.
 */
import { encodeText } from '../../wire/bytes.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { formatIp, isInIpNetwork, type IpAddress } from '../../wire/ip-address.ts'
import { ruleArchitectures } from '../boot-policy.ts'
import { fillTemplate, hasPlaceholders, type Escaping, type Lookup, type Value } from './template.ts'

/** An entry of `machines` in the lab file, or what a reservation says of a machine; every condition that it names must hold. */
export interface MachineEntry {
  /** In lower case with colons. */
  readonly mac?: string | undefined
  /** In lower case without braces. */
  readonly uuid?: string | undefined
  readonly serial?: string | undefined
  readonly asset?: string | undefined
  readonly subnet?: string | undefined
  readonly architecture?: string | number | readonly (string | number)[] | undefined
  readonly hostname?: string | undefined
  readonly variables: ReadonlyMap<string, Value>
  /** What the machine loads instead of what the rules say. */
  readonly boot?: string | undefined
  /** Where it stands in the lab file: `machines[2]`. */
  readonly field: string
}

/** Who a machine is, as far as anybody has said. */
export interface MachineFacts {
  /** In lower case with colons; empty where it is not known. */
  readonly mac: string
  readonly uuid?: string | undefined
  readonly serial?: string | undefined
  readonly asset?: string | undefined
  /** What it calls itself (option 12). */
  readonly hostName?: string | undefined
  /** 0 where it has none yet. */
  readonly address?: IpAddress | undefined
  /** An address of its network. */
  readonly link?: IpAddress | undefined
  readonly architecture?: number | undefined
}

/** Variables that every machine has, with what they are and where they are known from. */
export const builtInVariables: Readonly<Record<string, string>> = {
  mac: 'the MAC address of the network card that boots',
  uuid: 'the UUID of the machine: option 97, and ?uuid= in an address that iPXE loads',
  serial:
    'the serial number: ?serial=${serial} in an address that iPXE loads, or the folder that a Raspberry Pi asks for',
  asset: 'the asset tag: ?asset=${asset} in an address that iPXE loads',
  ip: 'the IP address of the machine',
  hostname: 'the host name: of machines, else of the reservation, else what the machine calls itself (option 12)',
  architecture: 'the word of the architecture table, such as bios or x64-uefi',
  server: 'the IP address of this server on the network of the machine',
}

/** One label, or several with dots between (RFC 1123 section 2.1). */
const hostNames =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/
/** Serial numbers and asset tags as makers print them; nothing that means something to a path, a shell or XML. */
const printedNumbers = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$/
/** What boards say where nobody wrote anything in: thousands of machines have it. */
const nobodysNumber =
  /^(0+|1234567\d*|none|n ?a|null|invalid|unknown|default string|empty|(system|chassis|base ?board) serial number|serial number|(no )?asset tag|(no )?asset information|not (specified|applicable|available|set|defined|provided)|to be filled by o\.? ?e\.? ?m\.?|oem|o\.e\.m\.?|xxx+)$/i // prettier-ignore

export const isHostName = (text: string): boolean => hostNames.test(text)

/** A serial number or asset tag that a machine told; undefined where it is none, or one that tells no machine from another. */
export function toldNumber(text: string | undefined | null): string | undefined {
  const plain = text?.trim() ?? ''
  return printedNumbers.test(plain) && !nobodysNumber.test(plain) && !plain.includes('..') ? plain : undefined
}

const namesMachine = ({ mac, uuid, serial, asset }: MachineEntry): boolean =>
  [mac, uuid, serial, asset].some((one) => one !== undefined)

const same = (wanted: string | undefined, own: string | undefined): boolean =>
  wanted === undefined || (own !== undefined && wanted.toLowerCase() === own.toLowerCase())

function isFor(entry: MachineEntry, facts: MachineFacts): boolean {
  const { subnet, architecture } = entry
  return (
    same(entry.mac, facts.mac) &&
    same(entry.uuid, facts.uuid) &&
    same(entry.serial, facts.serial) &&
    same(entry.asset, facts.asset) &&
    (subnet === undefined || isInIpNetwork(facts.address || facts.link || 0, subnet)) &&
    (architecture === undefined ||
      (facts.architecture !== undefined && ruleArchitectures(architecture).includes(facts.architecture)))
  )
}

/** The entries of a machine: those that name it before those that name its network or kind; among equals the first says it. */
export function entriesFor(entries: readonly MachineEntry[], facts: MachineFacts): readonly MachineEntry[] {
  const found = entries.filter((entry) => isFor(entry, facts))
  return [...found.filter(namesMachine), ...found.filter((entry) => !namesMachine(entry))]
}

export interface MachineVariables {
  /** Values for whoever has no other. */
  readonly defaults: ReadonlyMap<string, Value>
  readonly entries: readonly MachineEntry[]
}

/** Whether the network or the kind of a machine can give it a variable: known when it boots. */
export const mayHave = ({ entries }: MachineVariables, name: string): boolean =>
  entries.some((one) => !namesMachine(one) && one.variables.has(name))

/** Every name that means something in this lab. */
export const knownVariables = ({ defaults, entries }: MachineVariables): readonly string[] => [
  ...new Set([...Object.keys(builtInVariables), ...defaults.keys(), ...entries.flatMap((one) => [...one.variables.keys()])]), // prettier-ignore
]

const whyNot: Readonly<Record<string, string>> = {
  mac: 'it is not known which machine asks',
  uuid: 'the machine has not told its UUID',
  serial: 'the machine has not told its serial number, which iPXE does in an address: ?serial=${serial}',
  asset: 'the machine has not told its asset tag, which iPXE does in an address: ?asset=${asset}',
  ip: 'the machine has no address yet',
  hostname: 'neither machines nor a reservation names it, and what it calls itself is no host name',
  architecture: 'the machine has not told its architecture',
  server: 'the address of this server is not known here',
}

/** `server`: our address on its network, 0 where it is not known. Without `withSecrets` a secret is a problem, with `why`. */
export function variablesOf(
  variables: MachineVariables,
  facts: MachineFacts,
  server: IpAddress,
  {
    withSecrets,
    why = 'it is secret, and only templates may have it',
  }: { readonly withSecrets: boolean; readonly why?: string },
): Lookup {
  const entries = entriesFor(variables.entries, facts)
  const known = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
  const own: Readonly<Record<string, () => string | undefined>> = {
    mac: () => known(facts.mac),
    uuid: () => facts.uuid,
    serial: () => entries.find((one) => one.serial !== undefined)?.serial ?? toldNumber(facts.serial),
    asset: () => entries.find((one) => one.asset !== undefined)?.asset ?? toldNumber(facts.asset),
    ip: () => (facts.address ? formatIp(facts.address) : undefined),
    hostname: () => entries.find((one) => one.hostname !== undefined)?.hostname ?? (facts.hostName !== undefined && isHostName(facts.hostName) ? facts.hostName : undefined), // prettier-ignore
    architecture: () => (facts.architecture === undefined ? undefined : architectureOf(facts.architecture)?.key),
    server: () => (server === 0 ? undefined : formatIp(server)),
  }
  return (name) => {
    if (Object.hasOwn(own, name)) {
      const text = own[name]!()
      return text === undefined ? { why: whyNot[name]! } : { text, isSecret: false }
    }
    const value = entries.find((one) => one.variables.has(name))?.variables.get(name) ?? variables.defaults.get(name)
    if (value) return value.isSecret && !withSecrets ? { why } : value
    const others = variables.entries.filter((one) => one.variables.has(name))
    if (others.length === 0) return undefined
    const network =
      facts.address || facts.link
        ? undefined
        : others.find((one) => isFor({ ...one, subnet: undefined }, facts))?.subnet
    return network === undefined
      ? { why: 'only other machines have one, and variables has none for the rest' }
      : { why: `machines of ${network} have one, and where this one is is not known` }
  }
}

const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i
// oxlint-disable-next-line no-control-regex
const control = /[\x00-\x1f\x7f]/

export type FilledName = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

/** A text of one line; `why` is a clause. `mostBytes` bounds what it may become, where it held a placeholder. */
export function fillLine(line: string, lookup: Lookup, mostBytes: number, escaping: Escaping = 'none'): FilledName {
  if (!hasPlaceholders(line)) return { ok: true, text: line }
  const filled = fillTemplate(line, lookup, { escaping })
  if (!filled.ok) return { ok: false, why: filled.problems[0]!.text }
  if (control.test(filled.text)) return { ok: false, why: `${line} becomes a text with control characters in it` }
  if (encodeText(filled.text).length > mostBytes) return { ok: false, why: `${line} becomes longer than ${mostBytes} bytes` } // prettier-ignore
  return { ok: true, text: filled.text }
}

/** A path in the boot folder, or an address. Whatever the values are, a path leads nowhere but into the folder. */
export function fillName(name: string, lookup: Lookup, mostBytes = 1024): FilledName {
  const isAddress = hasScheme.test(name)
  const filled = fillLine(name, lookup, mostBytes, isAddress ? 'url' : 'none')
  if (!filled.ok || filled.text === name) return filled
  const leadsOut = filled.text.split(/[\\/]/).includes('..')
  // A value that begins with a scheme or a drive would make another kind of name of it.
  const isOther = hasScheme.test(filled.text) !== isAddress || (/^[a-z]:/i.test(filled.text) && !isAddress)
  if (leadsOut || isOther)
    return { ok: false, why: `${name} becomes ${filled.text}, which leads out of the boot folder` }
  return filled
}
