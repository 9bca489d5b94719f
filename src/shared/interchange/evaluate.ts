/**
 * What a client is offered by a configuration, as its engine decides it, each setting with the line it comes from.
 *
 * Precedence, the first that says something counts:
 * - Kea (ARM 8.2.10, 8.3.3): options of host, pool, subnet, shared network, classes, global; fields of the header of host,
 *   classes, subnet, shared network, global.
 * - dnsmasq (dnsmasq(8)): with a tag before without one, a later line before an earlier one.
 */
import { isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import type { Condition, Configuration, Pool, Reservation, Setting, Source, Statement, Subnet, Value } from './model.ts'

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
  readonly source: Source
}

export interface Offer {
  readonly subnet: Subnet
  readonly reservation?: Reservation
  /** Where its address comes from; empty for a reserved address and for a proxyDHCP server. */
  readonly pools: readonly Pool[]
  /** Why it is not answered; undefined where it is. */
  readonly silent?: Decided
  /** Classes, or tags, that it is in. */
  readonly classes: readonly string[]
  readonly bootFile?: Decided
  readonly nextServer?: Decided
  readonly serverName?: Decided
  readonly leaseSeconds?: Decided
  readonly options: ReadonlyMap<number, Decided>
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
    case 'lower-case':
      return valueOf(value.of, client)?.toLowerCase()
    case 'unknown':
      return undefined
  }
}

function holds(condition: Condition, known: Known): Verdict {
  switch (condition.is) {
    case 'all':
    case 'any': {
      const decides = condition.is === 'any'
      let isOpen = false
      for (const one of condition.of) {
        const verdict = holds(one, known)
        if (verdict === decides) return decides
        isOpen ||= verdict === undefined
      }
      return isOpen ? undefined : !decides
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
  for (const one of configuration.classes) {
    if (one.isOnDemand && !subnet.additionalClasses.includes(one.name)) continue
    const verdict = holds(one.test, { client, classes, doubtful })
    if (verdict === true) classes.add(one.name)
    else if (verdict === undefined) doubtful.add(one.name)
  }
  return { client, classes, doubtful }
}

type Level = 'host' | 'pool' | 'subnet' | 'network' | 'class' | 'global'

const optionOrder: Readonly<Record<Configuration['engine'], readonly Level[]>> = {
  kea: ['host', 'pool', 'subnet', 'network', 'class', 'global'],
  dnsmasq: ['host', 'class', 'pool', 'subnet', 'network', 'global'],
}
const fieldOrder: typeof optionOrder = {
  ...optionOrder,
  kea: ['host', 'class', 'pool', 'subnet', 'network', 'global'],
}

const keyOf = (set: Setting): string => (set.is === 'option' ? `option ${set.code}` : set.is)
const textOf = (set: Setting): string => (set.is === 'lease-seconds' ? String(set.seconds) : set.text)

/** What a client on the wire of a subnet is offered. */
export function offerOf(configuration: Configuration, subnet: Subnet, client: Client): Offer {
  const bare: Known = { client, classes: new Set(), doubtful: new Set() }
  const reservation = [...subnet.reservations, ...configuration.reservations].find(
    ({ test, address }) => holds(test, bare) === true && (address === undefined || isInSubnet(address, subnet)),
  )
  const known = classesOf(
    configuration,
    client,
    ['ALL', ...(reservation ? ['KNOWN', 'known'] : ['UNKNOWN']), ...(reservation?.classes ?? []), ...subnet.classes],
    subnet,
  )
  const undecided: Source[] = []
  const isHeld = ({ test, source }: { readonly test?: Condition; readonly source: Source }): boolean => {
    const verdict = test === undefined ? true : holds(test, known)
    if (verdict === undefined) undecided.push(source)
    return verdict === true
  }
  const ignored = configuration.ignored.find(isHeld)
  const pools = subnet.pools.filter(isHeld)
  const silent: Decided | undefined = ignored
    ? { text: 'the configuration ignores this client', source: ignored.source }
    : reservation?.isIgnored
      ? { text: 'the reservation ignores this client', source: reservation.source }
      : !isHeld(subnet)
        ? { text: 'the subnet is for clients of other classes', source: subnet.source }
        : !subnet.isProxy && reservation?.address === undefined && pools.length === 0
          ? { text: subnet.pools.length === 0 ? 'the subnet has no pool, and no address is reserved' : 'no pool is for this client', source: subnet.source } // prettier-ignore
          : undefined
  const isLater = configuration.engine !== 'kea'
  const own = (list: readonly Statement[]): Statement[] => {
    const held = list.filter(isHeld)
    return isLater ? held.toReversed() : held
  }
  const isTagged = configuration.engine === 'dnsmasq'
  const globals = own(configuration.statements)
  const levels: Readonly<Record<Level, readonly Statement[]>> = {
    host: own(reservation?.statements ?? []),
    pool: own(pools[0]?.statements ?? []),
    subnet: own(subnet.statements),
    network: own(subnet.networkStatements),
    class: isTagged
      ? globals.filter((one) => one.test)
      : configuration.classes.filter((one) => known.classes.has(one.name)).flatMap((one) => own(one.statements)),
    global: isTagged ? globals.filter((one) => !one.test) : globals,
  }
  const first = (order: readonly Level[]): ReadonlyMap<string, Decided> => {
    const found = new Map<string, Decided>()
    for (const level of order)
      for (const { set, source } of levels[level]) {
        const key = keyOf(set)
        if (!found.has(key)) found.set(key, { text: textOf(set), source })
      }
    return found
  }
  const fields = first(fieldOrder[configuration.engine])
  const options = new Map<number, Decided>()
  for (const [key, decided] of first(optionOrder[configuration.engine])) {
    const code = /^option (\d+)$/.exec(key)?.[1]
    if (code !== undefined) options.set(Number(code), decided)
  }
  const field = (key: Setting['is']): Decided | undefined => {
    const found = fields.get(key)
    return found?.text === '' ? undefined : found
  }
  const overruled = fieldOrder[configuration.engine]
    .flatMap((level) => levels[level])
    .filter(({ set }) => set.is === 'boot-file' || (set.is === 'option' && set.code === 67))
    .slice(1)
    .map(({ set, source }) => ({ text: textOf(set), source }))
  const pxe = isPxe(client) ? configuration.pxeServices.find(isHeld) : undefined
  return {
    subnet,
    ...(reservation ? { reservation } : {}),
    pools: subnet.isProxy || reservation?.address !== undefined ? [] : pools,
    ...(silent ? { silent } : {}),
    classes: [...known.classes].filter((one) => !/^(ALL|KNOWN|UNKNOWN)$/.test(one)),
    ...optional('bootFile', pxe?.file === undefined ? field('boot-file') : { text: pxe.file, source: pxe.source }),
    ...optional('nextServer', pxe?.server === undefined ? field('next-server') : { text: pxe.server, source: pxe.source }), // prettier-ignore
    ...optional('serverName', field('server-name')),
    ...optional('leaseSeconds', field('lease-seconds')),
    options,
    ...(pxe ? { pxeService: pxe.source } : {}),
    overruled,
    undecided,
  }
}

const isPxe = ({ options }: Client): boolean => options.get(60)?.startsWith('PXEClient') === true
const isInSubnet = (address: string, subnet: Subnet): boolean => {
  const [number, network] = [parseIpv4(address), parseIpv4Network(subnet.network)]
  return number !== undefined && network !== undefined && isInNetwork(number, network)
}
const optional = <K extends string>(key: K, value: Decided | undefined): { readonly [P in K]?: Decided } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: Decided }
