/**
 * What a client is offered by a configuration, as its engine decides it, each setting with the line it comes from.
 *
 * Precedence, the first that says something counts:
 * - Kea (ARM 8.2.10, 8.3.3): options of host, pool, subnet, shared network, classes, global; fields of the header of host,
 *   classes, subnet, shared network, global.
 * - dnsmasq (dnsmasq(8)): with a tag before without one, a later line before an earlier one.
 * - ISC dhcpd (dhcpd.conf(5)): host, the first class that matches before the next, pool, subnet, shared network, global; within
 *   each the last statement that is executed. A host with an address counts on the wire of that address alone.
 */
import { say, type Phrase } from '#messages/message.ts'
import { isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import type {
  ClientClass,
  Condition,
  Configuration,
  Engine,
  Pool,
  Reservation,
  Setting,
  Source,
  Statement,
  Subnet,
  Value,
} from './model.ts'
import { reservationsFor } from './reservation-index.ts'

/** How long a lease lasts where nothing is said, by the manual of each engine. */
export const usualLeaseSeconds: Readonly<Record<Engine, number>> = {
  kea: 7200,
  dnsmasq: 3600,
  dhcpd: 43_200,
  windows: 691_200,
  cisco: 86_400,
  aruba: 86_400,
  juniper: 86_400,
  mikrotik: 1800,
  wds: 0,
  lab: 3600,
}

/** A client as a request shows it. */
export interface Client {
  /** With colons. */
  readonly mac: string
  /** Data of its options as octets, by code. */
  readonly options: ReadonlyMap<number, string>
  /** giaddr; undefined without a relay. */
  readonly relay?: string
  /** Sub-options of option 82, by code. */
  readonly relayOptions?: ReadonlyMap<number, string>
}

export interface Decided {
  readonly text: string
  /** What is sent, where the configuration says more than a text does. */
  readonly octets?: string
  readonly source: Source
}

/** Why a client is not answered, and the statement that says so. */
export interface Silence {
  readonly text: Phrase
  readonly source: Source
}

export interface Offer {
  readonly subnet: Subnet
  readonly reservation?: Reservation
  /** Where its address comes from; empty for a reserved address and for a proxyDHCP server. */
  readonly pools: readonly Pool[]
  /** Why it is not answered; undefined where it is. */
  readonly silent?: Silence
  /** Classes, or tags, that it is in. */
  readonly classes: readonly string[]
  readonly bootFile?: Decided
  readonly nextServer?: Decided
  readonly serverName?: Decided
  readonly leaseSeconds?: Decided
  readonly options: ReadonlyMap<number, Decided>
  /** Options of spaces, such as `PXE.6`; which are sent inside which option the configuration says. */
  readonly subOptions: ReadonlyMap<string, Decided>
  /** The line of the boot menu that names the boot file. */
  readonly pxeService?: Source
  /** Boot files that hold for the client too and that another statement stands over. */
  readonly overruled: readonly Decided[]
  /** Statements on conditions that a simulated client does not decide. */
  readonly undecided: readonly Source[]
}

/** true, false, or undefined where it cannot be known. */
type Verdict = boolean | undefined

interface Known {
  readonly client: Client
  readonly classes: ReadonlySet<string>
  /** Classes whose membership cannot be known. */
  readonly doubtful: ReadonlySet<string>
  /** Verdicts on conditions that stand in others, once all classes are known. */
  readonly memo?: Map<Condition, Verdict>
}

const octetsOf = (text: string): string => {
  const address = parseIpv4(text) ?? 0
  return String.fromCharCode(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255)
}
const macOctets = (mac: string): string =>
  (parseMac(mac) ?? '').split(':').map((one) => String.fromCharCode(Number.parseInt(one, 16))).join('') // prettier-ignore

function valueOf(value: Value, client: Client): string | undefined {
  switch (value.is) {
    case 'octets':
      return value.octets
    case 'option':
      return client.options.get(value.code) ?? ''
    case 'relay-option':
      return client.relayOptions?.get(value.code) ?? ''
    case 'sub-option':
      return subOption(client.options.get(value.option) ?? '', value.code) ?? ''
    case 'mac':
      return macOctets(client.mac)
    case 'relay':
      return octetsOf(client.relay ?? '0.0.0.0')
    case 'substring': {
      const of = valueOf(value.of, client)
      if (of === undefined) return undefined
      const from = value.start < 0 ? of.length + value.start : value.start
      if (from < 0 || from >= of.length) return ''
      const { length } = value
      if (length === undefined) return of.slice(from)
      return length < 0 ? of.slice(Math.max(0, from + length), from) : of.slice(from, from + length)
    }
    case 'suffix': {
      const of = valueOf(value.of, client)
      return of?.slice(Math.max(0, of.length - value.length))
    }
    case 'first':
      for (const one of value.of) {
        const found = valueOf(one, client)
        if (found !== '') return found
      }
      return ''
    case 'joined': {
      const parts = value.of.map((one) => valueOf(one, client))
      return parts.some((one) => one === undefined) ? undefined : parts.join('')
    }
    case 'hexadecimal': {
      const of = valueOf(value.of, client)
      return of === undefined
        ? undefined
        : Array.from(of, (one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join(value.separator)
    }
    case 'digits': {
      const of = valueOf(value.of, client)
      if (of === undefined) return undefined
      const numbers = Array.from({ length: Math.floor(of.length / value.width) }, (_, at) =>
        Array.from({ length: value.width }, (_, index) => of.charCodeAt(at * value.width + index)).reduce(
          (sum, one) => sum * 256 + one,
          0,
        ),
      )
      return numbers.map((one) => one.toString(value.base)).join(value.separator)
    }
    case 'lower-case':
      return valueOf(value.of, client)?.toLowerCase()
    case 'upper-case':
      return valueOf(value.of, client)?.toUpperCase()
    case 'unknown':
      return undefined
  }
}

/** An option inside another one, as codes and lengths of one octet; undefined where it is not there. */
function subOption(octets: string, code: number): string | undefined {
  for (let at = 0; at + 1 < octets.length; at += 2 + octets.charCodeAt(at + 1))
    if (octets.charCodeAt(at) === code) return octets.slice(at + 2, at + 2 + octets.charCodeAt(at + 1))
  return undefined
}

function holdsTogether(condition: Extract<Condition, { readonly is: 'all' | 'any' }>, known: Known): Verdict {
  const decides = condition.is === 'any'
  let isOpen = false
  for (const one of condition.of) {
    const verdict = holds(one, known)
    if (verdict === decides) return decides
    isOpen ||= verdict === undefined
  }
  return isOpen ? undefined : !decides
}

function holds(condition: Condition, known: Known): Verdict {
  switch (condition.is) {
    case 'all':
    case 'any': {
      if (known.memo?.has(condition)) return known.memo.get(condition)
      const verdict = holdsTogether(condition, known)
      known.memo?.set(condition, verdict)
      return verdict
    }
    case 'not': {
      const verdict = holds(condition.of, known)
      return verdict === undefined ? undefined : !verdict
    }
    case 'equal': {
      const [left, right] = [valueOf(condition.left, known.client), valueOf(condition.right, known.client)]
      return left === undefined || right === undefined ? undefined : left === right
    }
    case 'contains': {
      const within = valueOf(condition.in, known.client)
      if (within === undefined) return undefined
      if (condition.octets === '') return within !== ''
      for (let at = within.indexOf(condition.octets); at >= 0; at = within.indexOf(condition.octets, at + 1))
        if (at % condition.step === 0) return true
      return false
    }
    case 'pattern': {
      const within = valueOf(condition.in, known.client)
      if (within === undefined) return undefined
      return (
        within.length >= condition.octets.length &&
        condition.octets.every((octet, index) => octet === undefined || within.charCodeAt(index) === octet)
      )
    }
    case 'present': {
      const { value } = condition
      if (value.is === 'option') return known.client.options.has(value.code)
      if (value.is === 'relay-option') return known.client.relayOptions?.has(value.code) === true
      if (value.is === 'sub-option') return subOption(known.client.options.get(value.option) ?? '', value.code) !== undefined // prettier-ignore
      const found = valueOf(value, known.client)
      return found === undefined ? undefined : found !== ''
    }
    case 'member': {
      if (known.classes.has(condition.name)) return true
      const vendor = /^VENDOR_CLASS_(.+)$/.exec(condition.name)
      if (vendor) return known.client.options.get(60) === vendor[1]
      return known.doubtful.has(condition.name) ? undefined : false
    }
    case 'unknown':
      return undefined
  }
}

/** Classes of a client, in the order in which the engine finds them. */
function classesOf(configuration: Configuration, client: Client, first: readonly string[], subnet: Subnet) {
  const classes = new Set(first)
  const doubtful = new Set<string>()
  const matched = new Set<ClientClass>()
  for (const one of configuration.classes) {
    if (one.isOnDemand && !subnet.additionalClasses.includes(one.name)) continue
    const verdict = holds(one.test, { client, classes, doubtful })
    if (verdict === true || first.includes(one.name)) {
      classes.add(one.name)
      matched.add(one)
    } else if (verdict === undefined) doubtful.add(one.name)
  }
  return { client, classes, doubtful, matched, memo: new Map<Condition, Verdict>() }
}

type Level = 'host' | 'pool' | 'subnet' | 'network' | 'class' | 'global'

/** Of every engine, options of Kea apart. */
const usualOrder: readonly Level[] = ['host', 'class', 'pool', 'subnet', 'network', 'global']
const keaOptionOrder: readonly Level[] = ['host', 'pool', 'subnet', 'network', 'class', 'global']

function keyOf(set: Setting): string {
  if (set.is === 'option') return `option ${set.code}`
  if (set.is === 'sub-option') return `${set.space}.${set.code}`
  return set.is === 'answers' ? `answers ${set.to}` : set.is
}
function textOf(set: Setting, client: Client): string {
  if ('seconds' in set) return String(set.seconds)
  if (set.is === 'answers') return set.isAllowed ? 'allowed' : 'denied'
  if (set.is === 'sub-option' || set.is === 'vendor-space' || set.value === undefined) return set.text
  return valueOf(set.value, client) ?? set.text
}

function decided(set: Setting, client: Client): Omit<Decided, 'source'> {
  const text = textOf(set, client)
  if (set.is !== 'option' && set.is !== 'sub-option') return { text }
  // What is made of the client is octets already.
  const octets = set.octets ?? ('value' in set && set.value !== undefined ? text : undefined)
  return octets === undefined ? { text } : { text, octets }
}

/** What a client on the wire of a subnet is offered. */
export function offerOf(configuration: Configuration, subnet: Subnet, client: Client): Offer {
  const bare: Known = { client, classes: new Set(), doubtful: new Set() }
  const isDhcpd = configuration.engine === 'dhcpd'
  const told = (subject: 'mac' | number): string => subject === 'mac' ? macOctets(client.mac) : (client.options.get(subject) ?? '') // prettier-ignore
  const whose = [subnet.reservations, configuration.reservations]
    .flatMap((list) => reservationsFor(list, told))
    .filter(({ test }) => holds(test, bare) === true)
  const here = whose.filter(({ address }) => address === undefined || isInSubnet(address, subnet))
  const reservation = (isDhcpd ? here.find(({ address }) => address !== undefined) : undefined) ?? here[0]
  const known = classesOf(
    configuration,
    client,
    [
      'ALL',
      // To dhcpd a host is known wherever its address lies.
      ...((isDhcpd ? whose[0] : reservation) ? ['KNOWN', 'known'] : ['UNKNOWN']),
      ...(reservation?.address === undefined ? [] : ['STATIC']),
      ...(reservation?.classes ?? []),
      ...subnet.classes,
    ],
    subnet,
  )
  const undecided: Source[] = []
  const isHeld = ({ test, source }: { readonly test?: Condition; readonly source: Source }): boolean => {
    const verdict = test === undefined ? true : holds(test, known)
    if (verdict === undefined) undecided.push(source)
    return verdict === true
  }
  const pools = subnet.pools.filter(isHeld)
  const isLater = configuration.engine !== 'kea'
  const own = (list: readonly Statement[]): Statement[] => {
    const held = list.filter(isHeld)
    return isLater ? held.toReversed() : held
  }
  const isTagged = configuration.engine === 'dnsmasq'
  const globals = own(configuration.statements)
  const levels: Readonly<Record<Level, readonly Statement[]>> = {
    host: own(reservation ? [...brought(configuration, reservation, subnet), ...reservation.statements] : []),
    pool: isDhcpd && reservation?.address !== undefined ? [] : own(pools[0]?.statements ?? []),
    subnet: own(subnet.statements),
    network: own(subnet.networkStatements),
    class: isTagged
      ? globals.filter((one) => one.test)
      : configuration.classes.filter((one) => known.matched.has(one)).flatMap((one) => own(one.statements)),
    global: isTagged ? globals.filter((one) => !one.test) : globals,
  }
  const first = (order: readonly Level[]): ReadonlyMap<string, Decided> => {
    const found = new Map<string, Decided>()
    for (const level of order)
      for (const { set, source } of levels[level]) {
        const key = keyOf(set)
        if (!found.has(key)) found.set(key, { ...decided(set, client), source })
      }
    return found
  }
  const fields = first(usualOrder)
  const options = new Map<number, Decided>()
  const subOptions = new Map<string, Decided>()
  for (const [key, decided] of first(configuration.engine === 'kea' ? keaOptionOrder : usualOrder)) {
    const code = /^option (\d+)$/.exec(key)?.[1]
    if (code !== undefined) options.set(Number(code), decided)
    else if (/^.+\.\d+$/.test(key)) subOptions.set(key, decided)
  }
  for (const [code, one] of encapsulated(subOptions, configuration, fields.get('vendor-space')))
    if (!options.has(code)) options.set(code, one)
  const unknown = fields.get('answers unknown-clients')
  const refused = [fields.get('answers everybody'), known.classes.has('KNOWN') ? undefined : unknown].find((one) => one?.text === 'denied') // prettier-ignore
  const ignored = configuration.ignored.find(isHeld)
  const silent: Silence | undefined = ignored
    ? { text: say('interchange.configuration-ignores-client'), source: ignored.source }
    : refused
      ? {
          text:
            refused === unknown
              ? say('interchange.clients-without-reservation-denied')
              : say('interchange.booting-denied'),
          source: refused.source,
        }
      : reservation?.isIgnored
        ? { text: say('interchange.reservation-ignores-client'), source: reservation.source }
        : subnet.isProxy && !isPxe(client, configuration)
          ? { text: say('interchange.client-proxydhcp-option-60', { pxeVendors: (configuration.pxeVendors ?? ['PXEClient']).join(' or ') }), source: subnet.source } // prettier-ignore
          : subnet.isInactive === true
            ? { text: say('interchange.scope-active'), source: subnet.source }
            : !isHeld(subnet)
              ? { text: say('interchange.subnet-clients-other-classes'), source: subnet.source }
              : !subnet.isProxy && reservation?.address === undefined && pools.length === 0
                ? { text: subnet.pools.length === 0 ? say('interchange.subnet-pool-address-reserved') : say('interchange.pool-client'), source: subnet.source } // prettier-ignore
                : undefined
  const field = (key: Setting['is']): Decided | undefined => {
    const found = fields.get(key)
    return found?.text === '' ? undefined : found
  }
  const overruled = usualOrder
    .flatMap((level) => levels[level])
    .filter(({ set }) => set.is === 'boot-file' || (set.is === 'option' && set.code === 67))
    .slice(1)
    .map(({ set, source }) => ({ text: textOf(set, client), source }))
  const pxe = isPxe(client, configuration) ? configuration.pxeServices.find(isHeld) : undefined
  return {
    subnet,
    ...(reservation ? { reservation } : {}),
    pools: subnet.isProxy || reservation?.address !== undefined ? [] : pools,
    ...(silent ? { silent } : {}),
    classes: [...known.classes].filter((one) => !/^(ALL|KNOWN|UNKNOWN)$/.test(one)),
    ...optional('bootFile', pxe?.file === undefined ? field('boot-file') : { text: pxe.file, source: pxe.source }),
    ...optional('nextServer', pxe?.server === undefined ? field('next-server') : { text: pxe.server, source: pxe.source }), // prettier-ignore
    ...optional('serverName', field('server-name')),
    ...optional('leaseSeconds', leaseOf(configuration, field('lease-seconds'), field('longest-lease-seconds'))),
    options,
    subOptions,
    ...(pxe ? { pxeService: pxe.source } : {}),
    overruled,
    undecided,
  }
}

/** ISC dhcpd gives no longer leases than max-lease-time, a day where nothing is said (dhcpd.conf(5)). */
function leaseOf(
  { engine }: Configuration,
  lease: Decided | undefined,
  longest: Decided | undefined,
): Decided | undefined {
  if (engine !== 'dhcpd') return lease
  const most = Number(longest?.text ?? 86_400)
  if (Number(lease?.text ?? usualLeaseSeconds.dhcpd) <= most) return lease
  const source = longest?.source ?? lease?.source
  return source && { text: String(most), source }
}

/** Options of spaces inside the option that they are sent in, by its code. */
function encapsulated(
  subOptions: ReadonlyMap<string, Decided>,
  { spaces, engine }: Configuration,
  vendorSpace: Decided | undefined,
): Map<number, Decided> {
  const found = new Map<number, { readonly text: string; readonly octets: string; readonly source: Source }>()
  // dnsmasq sends the last line first, and an end behind them.
  for (const [key, { text, octets, source }] of engine === 'dnsmasq' ? subOptions : [...subOptions].toReversed()) {
    const [, space = '', inner = ''] = /^(.+)\.(\d+)$/.exec(key) ?? []
    const code = spaces?.get(space) ?? (vendorSpace?.text === space ? 43 : undefined)
    const data = octets ?? text
    if (code === undefined || data.length > 255) continue
    const before = found.get(code)
    found.set(code, {
      text: `${before ? `${before.text}, ` : ''}${inner}: ${text}`,
      octets: `${before?.octets ?? ''}${String.fromCharCode(Number(inner), data.length)}${data}`,
      source: before?.source ?? source,
    })
  }
  if (engine === 'dnsmasq') for (const [code, one] of found) found.set(code, { ...one, octets: `${one.octets}\u00ff` })
  return found
}

/** Statements that a host takes along from the subnet that it is declared in to another one. */
function brought({ subnets }: Configuration, { declaredIn }: Reservation, subnet: Subnet): readonly Statement[] {
  if (!declaredIn) return []
  const isSameNetwork = declaredIn.sharedNetwork !== undefined && declaredIn.sharedNetwork === subnet.sharedNetwork
  const shared = isSameNetwork ? undefined : subnets.find((one) => one.sharedNetwork !== undefined && one.sharedNetwork === declaredIn.sharedNetwork) // prettier-ignore
  const home = declaredIn.network === subnet.network ? undefined : subnets.find(({ network }) => network === declaredIn.network) // prettier-ignore
  return [...(shared?.networkStatements ?? []), ...(home?.statements ?? [])]
}

const isPxe = ({ options }: Client, { pxeVendors = ['PXEClient'] }: Configuration): boolean => pxeVendors.some((one) => options.get(60)?.startsWith(one) === true) // prettier-ignore
const isInSubnet = (address: string, subnet: Subnet): boolean => {
  const [number, network] = [parseIpv4(address), parseIpv4Network(subnet.network)]
  return number !== undefined && network !== undefined && isInNetwork(number, network)
}
const optional = <K extends string>(key: K, value: Decided | undefined): { readonly [P in K]?: Decided } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: Decided }
