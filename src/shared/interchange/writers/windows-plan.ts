/**
 * A plan as what the DHCP server of Windows can be told: scopes, options by scope and reservation, and policies for the
 * clients of a scope. Windows knows a client by its vendor class (option 60), user class (option 77), hardware address and
 * relay information (option 82) alone, so that an architecture is how firmware names it in option 60 (PXE 2.1 section 2.2).
 * Everything is said for the scopes of the lab, nothing for the whole server: other scopes stay as they are.
 */
import { say } from '#messages/message.ts'
import { broadcastOf, encodeText, formatHex, formatIpv4, formatMac, isInNetwork, maskOf } from '../../wire/bytes.ts'
import { findOption, optionCodes, optionName } from '../../wire/dhcp/options.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import type { AddressRange } from '../../machines/dhcp-server/configuration.ts'
import { boxesOf, dimensionOf, type Box, type Dimension } from './client-boxes.ts'
import { atomsOf, type Atom, type Condition } from './condition.ts'
import { Notes, type ExportNote, type PlanOption, type PlanReservation, type PlanSubnet, type ServicePlan } from './plan.ts' // prettier-ignore
import { madeByServer, readable } from './values.ts'

/** Types of options (Add-DhcpServerv4OptionDefinition). */
export type WindowsType = 'Byte' | 'Word' | 'DWord' | 'IPv4Address' | 'String' | 'BinaryData'

export interface WindowsDefinition {
  readonly code: number
  readonly name: string
  readonly type: WindowsType
  readonly isMultiValued: boolean
}

export interface WindowsOption {
  readonly code: number
  /** Addresses, numbers in decimal digits, one text, or octets such as 0x06. */
  readonly values: readonly string[]
  readonly key: string
}

export const windowsFields = ['VendorClass', 'UserClass', 'MacAddress', 'CircuitId', 'RemoteId'] as const
export type WindowsField = (typeof windowsFields)[number]

/** What a policy asks of one field of the client: one of `equal`, where there are any, and none of `unequal`. */
export interface WindowsCriterion {
  readonly field: WindowsField
  /** Data of classes, or hexadecimal digits. */
  readonly equal: readonly string[]
  readonly unequal: readonly string[]
}

export interface WindowsPolicy {
  readonly name: string
  /** Keys of the lab that it comes from. */
  readonly comment: string
  /** All of them hold. */
  readonly criteria: readonly WindowsCriterion[]
  readonly options: readonly WindowsOption[]
  /** Its clients alone get addresses, where there are any. */
  readonly ranges: readonly AddressRange[]
}

export interface WindowsReservation {
  readonly key: string
  readonly address: number
  /** Octets with hyphens. */
  readonly clientId: string
  readonly name: string
  readonly options: readonly WindowsOption[]
}

export interface WindowsScope {
  readonly key: string
  readonly network: PlanSubnet['network']
  readonly range: AddressRange
  readonly exclusions: readonly AddressRange[]
  readonly leaseSeconds: number
  readonly options: readonly WindowsOption[]
  readonly reservations: readonly WindowsReservation[]
  readonly policies: readonly WindowsPolicy[]
  /** Options of clients of one user class whatever else they are, for servers without policies. */
  readonly byUserClass: readonly { readonly data: string; readonly options: readonly WindowsOption[] }[]
}

export interface WindowsClass {
  readonly kind: 'Vendor' | 'User'
  readonly name: string
  readonly data: string
}

export interface WindowsPlan {
  readonly definitions: readonly WindowsDefinition[]
  readonly classes: readonly WindowsClass[]
  readonly scopes: readonly WindowsScope[]
  readonly notes: readonly ExportNote[]
}

/** Fields whose values stand for all that begins with them. */
export const isPrefixField = (field: WindowsField): boolean => field === 'VendorClass' || field === 'MacAddress'

const digits = (bytes: Uint8Array): string => formatHex(bytes).toUpperCase()
const isPlainText = (text: string): boolean => /^[ -~]+$/.test(text)

/** How firmware of an architecture names itself in option 60. */
const vendorClassOf = (code: number): string =>
  `${architectureOf(code)?.isHttp ? 'HTTPClient' : 'PXEClient'}:Arch:${String(code).padStart(5, '0')}`

interface Asked {
  readonly field: WindowsField
  readonly values: readonly string[]
}

/** What an atom asks of a field that Windows sees; undefined where it sees nothing of it. */
function askedBy(atom: Atom): Asked | undefined {
  switch (atom.is) {
    case 'architecture':
      return { field: 'VendorClass', values: atom.codes.map(vendorClassOf) }
    case 'vendor-class':
      return isPlainText(atom.begins) ? { field: 'VendorClass', values: [atom.begins] } : undefined
    case 'user-class':
      return isPlainText(atom.text) ? { field: 'UserClass', values: [atom.text] } : undefined
    case 'mac':
      return { field: 'MacAddress', values: [digits(atom.prefix)] }
    case 'circuit-id':
      return { field: 'CircuitId', values: [digits(atom.data)] }
    case 'remote-id':
      return { field: 'RemoteId', values: [digits(atom.data)] }
    default:
      return undefined
  }
}

/** A client as far as conditions tell it from others: in each field a value that stands for its kind, or nothing of any. */
type Kind = ReadonlyMap<WindowsField, string>

class Chooser {
  readonly #plan: ServicePlan
  readonly #subnet: number
  /** Named conditions of the kind of client that was asked about last: names are built of names. */
  readonly #known = new Map<Condition, boolean>()
  #knownFor: Kind | undefined
  constructor(plan: ServicePlan, subnet: number) {
    this.#plan = plan
    this.#subnet = subnet
  }

  holds(condition: Condition, kind: Kind, program?: number): boolean {
    switch (condition.is) {
      case 'not':
        return !this.holds(condition.of, kind, program)
      case 'all':
        return condition.of.every((one) => this.holds(one, kind, program))
      case 'any':
        return condition.of.some((one) => this.holds(one, kind, program))
      case 'named': {
        if (this.#knownFor !== kind) {
          this.#known.clear()
          this.#knownFor = kind
        }
        const known = this.#known.get(condition) ?? this.holds(condition.of, kind, program)
        this.#known.set(condition, known)
        return known
      }
      case 'program':
        return program !== undefined && condition.programs.includes(program)
      case 'subnet':
        return condition.subnets.includes(this.#subnet)
      case 'relay': {
        // The scope is what Windows makes of giaddr.
        const { network } = this.#plan.subnets[this.#subnet]!
        return isInNetwork(condition.address, network) || (network.prefixLength >= condition.prefixLength && isInNetwork(network.address, condition)) // prettier-ignore
      }
      default: {
        const asked = askedBy(condition)
        const own = asked && kind.get(asked.field)
        if (!asked || own === undefined) return false
        return asked.values.some((value) => (isPrefixField(asked.field) ? own.startsWith(value) : own === value))
      }
    }
  }

  /** Options that a kind of client is sent beyond those of its scope, by code; and the keys that they come from. */
  sent(kind: Kind, base: ReadonlySet<number>): ReadonlyMap<number, PlanOption> {
    const plan = this.#plan
    const found = new Map<number, PlanOption>()
    for (const level of plan.levels)
      if (this.holds(level.test, kind)) for (const option of level.options) found.set(option.code, option)
    const at = plan.programs.findIndex((one) => this.holds(one.test, kind))
    const program = plan.programs[at]
    const boot: PlanOption[] = []
    if (program?.file !== undefined) {
      const { key } = program
      boot.push({ code: optionCodes.tftpServerName, data: encodeText(formatIpv4(program.server)), key })
      boot.push({ code: optionCodes.bootFileName, data: encodeText(program.file), key })
      if (program.rootPath !== undefined)
        boot.push({ code: optionCodes.rootPath, data: encodeText(program.rootPath), key })
    }
    const form = plan.forms.find((one) => this.holds(one.test, kind, program === undefined ? undefined : at))
    // Firmware that is offered a file by a DHCP server takes it without being told to (PXE 2.1 section 2.2.4).
    if (form && form.name !== plainForm) boot.push(...form.options)
    for (const option of boot) if (!found.has(option.code) && !base.has(option.code)) found.set(option.code, option)
    return found
  }
}

/** The form of planOfLab that says no more than that the file is to be loaded. */
const plainForm = 'pxe'

/** An option as Windows takes it; undefined where it cannot. */
function optionFor(option: PlanOption, type: WindowsType): readonly string[] | undefined {
  const value = readable(option)
  switch (type) {
    case 'IPv4Address':
      return value.is === 'addresses' ? value.values : undefined
    case 'String': {
      const text = value.is === 'text' ? value.value : undefined
      return text !== undefined && isPlainText(text) ? [text] : undefined
    }
    case 'BinaryData':
      return [...option.data].map((one) => `0x${one.toString(16).padStart(2, '0')}`)
    default: {
      const numbers = value.is === 'numbers' ? value.values : value.is === 'flag' ? [Number(value.value)] : undefined
      return numbers?.map((one) => String(one >>> 0))
    }
  }
}

/** The type that Windows gives an option by itself, or that is chosen for one that it does not know. */
function definitionOf(code: number): WindowsDefinition {
  const definition = findOption(code)
  const type = ((): WindowsType => {
    switch (definition?.kind) {
      case 'address':
      case 'addresses':
        return 'IPv4Address'
      case 'text':
      case 'terminatedText':
        return 'String'
      case 'flag':
      case 'u8':
      case 'u8s':
        return 'Byte'
      case 'u16':
      case 'u16s':
        return 'Word'
      case 'i32':
      case 'u32':
      case 'seconds':
        return 'DWord'
      default:
        return 'BinaryData'
    }
  })()
  return { code, name: optionName(code), type, isMultiValued: definition?.cardinality === 'many' }
}

/** The addresses of a range that belong to none of others. */
function gaps(range: AddressRange, taken: readonly AddressRange[]): AddressRange[] {
  const left: AddressRange[] = []
  let from = range.start
  for (const { start, end } of taken.toSorted((a, b) => a.start - b.start)) {
    if (start > from) left.push({ start: from, end: start - 1 })
    from = Math.max(from, end + 1)
  }
  return from <= range.end ? [...left, { start: from, end: range.end }] : left
}

/** What the whole is of: DHCP of Windows Server 2012 and later, or what netsh knows of it. */
export interface WindowsPlanOptions {
  /** netsh has no policies. */
  readonly hasPolicies: boolean
}

export function planOfWindows(plan: ServicePlan, { hasPolicies }: WindowsPlanOptions): WindowsPlan {
  // WDS itself answers where the lab stood in for it.
  const notes = new Notes(plan.wds ? { notes: plan.notes.filter(({ key }) => key !== 'role' && key !== 'wds.approve'), lineOf: plan.lineOf } : plan) // prettier-ignore
  if (plan.isProxy) notes.add('keep-beside', 'mode', say('interchange.dhcp-server-windows-proxydhcp-keep')) // prettier-ignore
  if (plan.identity === 'mac') notes.add('differs', 'dhcp.identity', say('interchange.windows-knows-client-client-identifier')) // prettier-ignore
  for (const { key } of plan.delays) notes.add('left-out', key, say('interchange.windows-holds-back-offers-whole')) // prettier-ignore

  const definitions = new Map<number, WindowsDefinition>()
  function settable(options: readonly PlanOption[]): WindowsOption[] {
    return options.flatMap((option): WindowsOption[] => {
      const { code, key } = option
      if (madeByServer.has(code)) {
        notes.add('left-out', key, say('interchange.windows-makes-option-itself-takes', { code }))
        return []
      }
      const definition = definitionOf(code)
      const values = optionFor(option, definition.type)
      if (values === undefined) {
        notes.add('left-out', key, say('interchange.option-characters-option-type-windows', { code, type: definition.type })) // prettier-ignore
        return []
      }
      definitions.set(code, definition)
      return [{ code, values, key }]
    })
  }

  const dimensions = dimensionsOf(plan, notes)
  const used = new Map<string, WindowsClass>()
  const useClass = (kind: WindowsClass['kind'], data: string): void => {
    used.set(`${kind} ${data}`, { kind, name: className(kind, data), data })
  }

  const scopes = plan.subnets.map((subnet, index): WindowsScope => {
    const chooser = new Chooser(plan, index)
    const own = new Map([...plan.options, ...subnet.options].map((one) => [one.code, one]))
    const base = new Set(own.keys())
    if (plan.vendorClass !== undefined && !base.has(optionCodes.vendorClass)) own.set(optionCodes.vendorClass, { code: optionCodes.vendorClass, data: encodeText(plan.vendorClass), key: 'dhcp.vendorClass' }) // prettier-ignore
    const boxesFor = (isWanted: (code: number) => boolean): Box<WindowsField, Outcome>[] =>
      boxesOf(dimensions, (kind) => {
        const sent = new Map([...chooser.sent(kind, base)].filter(([code]) => isWanted(code)))
        return { sent, signature: [...sent.values()].map(({ code, data }) => `${code}=${formatHex(data)}`).toSorted().join() } // prettier-ignore
      })
    // Options of all policies that hold are sent together: what has nothing to do with another has policies of its own.
    const boxes = hasPolicies ? groupsOfOptions.flatMap((isWanted) => boxesFor(isWanted)).filter(({ of }) => of.sent.size > 0) : [] // prettier-ignore
    const policies = boxes.filter(({ criteria }) => criteria.length > 0).map((box, at) => policyOf(box, at + 1, settable)) // prettier-ignore
    // A policy needs a condition; what everybody is told is the scope's.
    const everybody = boxes.filter(({ criteria }) => criteria.length === 0)
    const filter = hasPolicies ? filterOf(plan, subnet) : undefined
    const all = [...(filter ? [filter] : []), ...policies]
    for (const { criteria } of all)
      for (const { field, equal, unequal } of criteria)
        if (field === 'VendorClass' || field === 'UserClass')
          for (const data of [...equal, ...unequal]) useClass(field === 'VendorClass' ? 'Vendor' : 'User', data)
    const byUserClass = hasPolicies ? [] : userClassOptions(dimensions, boxesFor(() => true), settable, (key, codes) => notes.add('left-out', key, say('interchange.netsh-knows-policies-option-would', { codes }))) // prettier-ignore
    for (const { data } of byUserClass) if (data !== '') useClass('User', data)
    const common = byUserClass.find(({ data }) => data === '')?.options ?? everybody.flatMap(({ of }) => settable([...of.sent.values()])) // prettier-ignore
    return {
      key: subnet.key,
      network: subnet.network,
      ...rangesOf(subnet),
      leaseSeconds: subnet.leaseSeconds,
      // A level of everybody stands over what the scope says.
      options: [...new Map([...settable([...own.values()]), ...common].map((one) => [one.code, one])).values()],
      reservations: reservationsOf(subnet, notes, settable),
      policies: all,
      byUserClass: byUserClass.filter(({ data }) => data !== ''),
    }
  })
  if (plan.allowed.length + plan.denied.length > 0) {
    if (hasPolicies) notes.add('differs', 'clients', say('interchange.policy-gives-addresses-each-scope')) // prettier-ignore
    else notes.add('left-out', 'clients', say('interchange.netsh-filters-clients-whole-server')) // prettier-ignore
  }
  if (plan.programs.some(({ file }) => file !== undefined))
    notes.add('differs', 'boot.programs', say('interchange.firmware-told-file-server-options')) // prettier-ignore
  return { definitions: [...definitions.values()], classes: [...used.values()], scopes, notes: notes.list }
}

/** Fields that conditions ask about, with their values; what Windows cannot see is told. */
function dimensionsOf(plan: ServicePlan, notes: Notes): Dimension<WindowsField>[] {
  const asked = new Map<WindowsField, Asked[]>(windowsFields.map((field) => [field, []]))
  const tests: readonly (readonly [key: string, test: Condition, isOfLab: boolean])[] = [
    ...plan.levels.map(({ key, test }) => [key, test, false] as const),
    ...plan.programs.map(({ key, test }) => [key, test, true] as const),
    ...plan.forms.map(({ test }) => ['boot', test, false] as const),
  ]
  for (const [key, test, isOfLab] of tests)
    for (const atom of atomsOf(test)) {
      const one = askedBy(atom)
      if (one) asked.get(one.field)!.push(one)
      if (!isOfLab) continue
      if (atom.is === 'architecture') {
        const others = atom.codes.filter((code) => architectureOf(code)?.boot === 'other')
        if (others.length > 0) notes.add('differs', key, say('interchange.windows-knows-firmware-option-60', { others: others.map((code) => architectureOf(code)!.name).join(', '), others2: others.map(vendorClassOf).join(' or ') })) // prettier-ignore
      }
      if (atom.is === 'machine-identifier' && !isInNamed(test, atom)) notes.add('left-out', key, say('interchange.windows-does-look-machine-identifier')) // prettier-ignore
      if (atom.is === 'relay') notes.add('differs', key, say('interchange.windows-cannot-tell-relays-apart', { formatIpv4: formatIpv4(atom.address), prefixLength: atom.prefixLength })) // prettier-ignore
      if ((atom.is === 'vendor-class' || atom.is === 'user-class') && !one) notes.add('left-out', key, say('interchange.class-windows-holds-printable-ascii')) // prettier-ignore
    }
  if ([...plan.programs, ...plan.forms].some(({ test }) => atomsOf(test).some(({ is }) => is === 'user-class' || is === 'option'))) notes.add('differs', 'boot.programs', say('interchange.windows-knows-ipxe-user-class')) // prettier-ignore
  if ([...plan.programs, ...plan.forms, ...plan.levels].some(({ test }) => atomsOf(test).some((atom) => atom.is === 'machine-identifier' && isInNamed(test, atom)))) notes.add('differs', 'boot.programs', say('interchange.windows-knows-raspberry-pi-hardware')) // prettier-ignore
  return [...asked].flatMap(([field, list]) => (list.length === 0 ? [] : [dimensionOf(field, isPrefixField(field), list.map(({ values }) => values))])) // prettier-ignore
}

/** Whether an atom belongs to what iPXE and a Raspberry Pi are told by, which nobody wrote. */
const isInNamed = (test: Condition, atom: Atom): boolean =>
  atomsOf(test).some((one) => one.is === 'named' && atomsOf(one.of).includes(atom))

const bootCodes: ReadonlySet<number> = new Set([optionCodes.tftpServerName, optionCodes.bootFileName, optionCodes.rootPath]) // prettier-ignore
const formCodes: ReadonlySet<number> = new Set([optionCodes.vendorClass, optionCodes.vendorSpecific])
const groupsOfOptions: readonly ((code: number) => boolean)[] = [
  (code) => bootCodes.has(code),
  (code) => formCodes.has(code),
  (code) => !bootCodes.has(code) && !formCodes.has(code),
]

type Outcome = { readonly sent: ReadonlyMap<number, PlanOption>; readonly signature: string }

function policyOf(
  { criteria, of }: Box<WindowsField, Outcome>,
  number: number,
  settable: (options: readonly PlanOption[]) => WindowsOption[],
): WindowsPolicy {
  const keys = [...new Set([...of.sent.values()].map(({ key }) => key.replace(/\.options\..*$/, '')))]
  return {
    name: `PXE Lab ${number}`,
    comment: keys.join(', '),
    criteria,
    options: settable([...of.sent.values()].toSorted((a, b) => a.code - b.code)),
    ranges: [],
  }
}

/** Addresses for those who are answered alone. */
function filterOf({ allowed, denied }: ServicePlan, { pools }: PlanSubnet): WindowsPolicy | undefined {
  if (allowed.length + denied.length === 0 || pools.length === 0) return undefined
  const criterion: WindowsCriterion = { field: 'MacAddress', equal: allowed.map(digits), unequal: denied.map(digits) }
  return { name: 'PXE Lab clients', comment: 'clients.allow, clients.deny', criteria: [criterion], options: [], ranges: pools } // prettier-ignore
}

/** One range and what of it nobody gets; it has the reserved addresses in it, which hold although they are excluded. */
function rangesOf({ network, pools, reservations }: PlanSubnet): Pick<WindowsScope, 'range' | 'exclusions'> {
  const [first, last] = network.prefixLength >= 31 ? [network.address, broadcastOf(network)] : [network.address + 1, broadcastOf(network) - 1] // prettier-ignore
  const given = pools.map(({ start, end }) => ({ start: Math.max(start, first), end: Math.min(end, last) })).filter(({ start, end }) => start <= end) // prettier-ignore
  const ends = [...given.flatMap(({ start, end }) => [start, end]), ...reservations.map(({ address }) => address).filter((one) => one >= first && one <= last)] // prettier-ignore
  const range = ends.length === 0 ? { start: first, end: last } : { start: Math.min(...ends), end: Math.max(...ends) }
  return { range, exclusions: gaps(range, given) }
}

function reservationsOf(
  { network, reservations }: PlanSubnet,
  notes: Notes,
  settable: (options: readonly PlanOption[]) => WindowsOption[],
): WindowsReservation[] {
  const taken = new Set<string>()
  return reservations.flatMap((one: PlanReservation): WindowsReservation[] => {
    const id = one.mac === undefined ? one.clientId && formatMac(one.clientId) : one.mac
    if (id === undefined) {
      notes.add('left-out', one.key, say('interchange.windows-reserves-addresses-hardware-address', { formatIpv4: formatIpv4(one.address), uuid: one.uuid })) // prettier-ignore
      return []
    }
    const clientId = id.replaceAll(':', '-').toUpperCase()
    if (taken.has(clientId) || taken.has(String(one.address)) || !isInNetwork(one.address, network)) {
      notes.add('left-out', one.key, say('interchange.windows-takes-one-reservation-client')) // prettier-ignore
      return []
    }
    taken.add(clientId).add(String(one.address))
    const hostname = one.hostname !== undefined && !one.options.some(({ code }) => code === optionCodes.hostName)
      ? [{ code: optionCodes.hostName, data: encodeText(one.hostname), key: `${one.key}.hostname` }]
      : [] // prettier-ignore
    return [{ key: one.key, address: one.address, clientId, name: one.hostname ?? formatIpv4(one.address), options: settable([...hostname, ...one.options]) }] // prettier-ignore
  })
}

/** What all machines of a user class are told alike, HTTP boot aside; the rest cannot be said without policies. */
function userClassOptions(
  dimensions: readonly Dimension<WindowsField>[],
  boxes: readonly Box<WindowsField, Outcome>[],
  settable: (options: readonly PlanOption[]) => WindowsOption[],
  leaveOut: (key: string, codes: string) => void,
): { readonly data: string; readonly options: readonly WindowsOption[] }[] {
  const classes = dimensions.find(({ field }) => field === 'UserClass')?.elements ?? ['']
  const isBoot = (code: number): boolean => code === optionCodes.tftpServerName || code === optionCodes.bootFileName
  const alike = new Map(
    classes.map((data) => {
      const here = boxes.filter(({ kinds }) => kinds.some((kind) => (kind.get('UserClass') ?? '') === data && kind.get('VendorClass')?.startsWith('HTTPClient') !== true)) // prettier-ignore
      const codes = new Set(here.flatMap(({ of }) => [...of.sent.keys()]))
      const valueIn = ({ of }: Box<WindowsField, Outcome>, code: number): string | undefined => {
        const option = of.sent.get(code)
        return option && formatHex(option.data)
      }
      const isAlike = (code: number): boolean => new Set(here.map((box) => valueIn(box, code))).size === 1
      const fits = (code: number): boolean => isAlike(code) && (!isBoot(code) || [...codes].filter(isBoot).every(isAlike)) // prettier-ignore
      const options = [...(here[0]?.of.sent.values() ?? [])].filter(({ code }) => fits(code)).toSorted((a, b) => a.code - b.code) // prettier-ignore
      for (const code of codes)
        if (!fits(code)) leaveOut(here.find(({ of }) => of.sent.has(code))!.of.sent.get(code)!.key, String(code))
      return [data, options] as const
    }),
  )
  // Who has no value of its own is told what everybody is told, and it may be meant to be told nothing.
  const reaches = (code: number): boolean => classes.every((data) => data === '' || alike.get(data)!.some((one) => one.code === code)) // prettier-ignore
  const common = alike.get('') ?? []
  const kept = common.filter(({ code }) => reaches(code) && (!isBoot(code) || common.every((one) => !isBoot(one.code) || reaches(one.code)))) // prettier-ignore
  for (const { key, code } of common) if (!kept.some((one) => one.code === code)) leaveOut(key, String(code))
  alike.set('', kept)
  return [...alike].map(([data, options]) => ({ data, options: settable(options) }))
}

/** A name that tells people what the class is; the data is what counts. */
function className(kind: WindowsClass['kind'], data: string): string {
  const code = /^(?:PXE|HTTP)Client:Arch:(\d{5})$/.exec(data)?.[1]
  const architecture = code === undefined ? undefined : architectureOf(Number(code))
  const name = kind === 'User' ? data : architecture ? `${data.slice(0, data.indexOf(':'))} ${architecture.name}` : data
  return name.replaceAll(/[^\w .:+-]/g, '_').slice(0, 80)
}

export const dottedMask = (prefixLength: number): string => formatIpv4(maskOf(prefixLength))
