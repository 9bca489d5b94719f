/**
 * A configuration as a lab file with which the responder gives the same machines the same boot: what each kind of machine is
 * offered becomes a rule. What a lab file cannot say is listed with its line.
 */
import { textOf } from '#messages/text.ts'
import { encodeText, formatHex, parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import { findOption, kindOf } from '../wire/dhcp/options.ts'
import { OptionValueError } from '../wire/dhcp/kinds.ts'
import { optionData } from '../interchange/engine-server.ts'
import { offerOf, type Offer } from '../interchange/evaluate.ts'
import type { Configuration, Reservation, ServiceSetting, Source, Statement, Subnet } from '../interchange/model.ts'
import { labSchema, type LabInput } from '../lab/lab.ts'
import { machineKinds, optionsOf, type MachineKind } from './machine-kinds.ts'

export interface LeftOut {
  readonly source: Source
  readonly text: string
}

export interface LabOfConfiguration {
  readonly lab: LabInput
  readonly left: readonly LeftOut[]
}

type LabSubnet = NonNullable<NonNullable<LabInput['dhcp']>['subnets']>[number]
type Program = NonNullable<NonNullable<LabInput['boot']>['programs']>[number]

/** What boots is said by rules, and what a server makes of its own accord by nobody. */
const notOptions: ReadonlySet<number> = new Set([1, 43, 50, 51, 53, 54, 55, 57, 58, 59, 60, 61, 66, 67, 82, 97])
const keyOf: Readonly<Record<string, string>> = { bios: 'bios', 'edk2-x86': 'x86-uefi', edk2: 'x64-uefi', 'edk2-arm64': 'arm64-uefi', 'edk2-http': 'x64-uefi-http', 'edk2-arm64-http': 'arm64-uefi-http' } // prettier-ignore
const anyMac = '02:00:5e:10:7f:01'
const addresses = (text: string): string[] => text.split(/[\s,]+/).filter((one) => parseIpv4(one) !== undefined)

/** The boot file that a kind of machine takes from an offer; undefined where it gets none. */
function programOf(configuration: Configuration, offer: Offer, kind: MachineKind): Pick<Program, 'file' | 'nextServer'> | undefined {
  if (offer.silent) return undefined
  const file = (configuration.engine === 'dnsmasq' ? (offer.bootFile ?? offer.options.get(67)) : (offer.options.get(67) ?? offer.bootFile))?.text
  if (file === undefined || file === '') return undefined
  if (kind.isHttp && !(/^https?:/i.test(file) && offer.options.get(60)?.text.startsWith('HTTPClient') === true)) return undefined
  const server = offer.nextServer?.text ?? (/^(kea|dnsmasq)$/.test(configuration.engine) ? undefined : offer.options.get(66)?.text)
  return { file, ...(server !== undefined && parseIpv4(server) !== undefined && server !== '0.0.0.0' ? { nextServer: server } : {}) }
} // prettier-ignore

interface Asked {
  readonly conditions: Omit<Program, 'file'>
  readonly kind: MachineKind
  readonly asIpxe: boolean
}

/** iPXE first, for it says the architecture of its firmware too. */
const asked: readonly Asked[] = [true, false].flatMap(
  (asIpxe) =>
  machineKinds
    .filter(({ key, isHttp }) => keyOf[key] !== undefined && !(asIpxe && isHttp))
    .map((kind) => ({ kind, asIpxe, conditions: { ...(asIpxe ? { userClass: 'iPXE' } : {}), architecture: keyOf[kind.key]! } })), // prettier-ignore
)

/** Options of statements that hold for everybody, as a lab file writes them, without those that have `keys` of their own there. */
function optionsFrom(statements: readonly Statement[], tell: (source: Source, text: string) => unknown, keys: readonly number[] = []): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { set, source, test } of statements) {
    if (set.is !== 'option') continue
    if (test) {
      if (!notOptions.has(set.code)) tell(source, `option ${set.code} for some clients`)
      continue
    }
    if (set.code === 43) tell(source, 'option 43 of its own: the responder writes its own for PXE clients')
    if (notOptions.has(set.code) || keys.includes(set.code) || set.text === '') continue
    const definition = findOption(set.code)
    const bytes = optionData(set.code, set.text)
    try {
      const isPlain = definition !== undefined && formatHex(kindOf(definition).encode(set.text)) === formatHex(bytes)
      if (isPlain) found[set.code] = set.text
      else tell(source, `option ${set.code} with the value ${set.text}`)
    } catch (error) {
      if (!(error instanceof OptionValueError)) throw error
      const list = set.text.split(/\s*,\s*/)
      try {
        if (definition && formatHex(kindOf(definition).encode(list)) === formatHex(bytes)) (found as Record<string, unknown>)[set.code] = list
        else tell(source, `option ${set.code} with the value ${set.text}`)
      } catch (again) {
        if (!(again instanceof OptionValueError)) throw again
        tell(source, `option ${set.code} with the value ${set.text}`)
      }
    }
  }
  return found
} // prettier-ignore

/** The lab file of a configuration. */
export function labOfConfiguration(configuration: Configuration): LabOfConfiguration {
  const left: LeftOut[] = configuration.notUnderstood.map(({ file, line, text, why }) => ({ source: { file, line }, text: `${text} (${textOf(why)})` })) // prettier-ignore
  const seen = new Set<string>()
  const tell = (source: Source, text: string): void => {
    const key = `${source.file}:${source.line}:${text}`
    if (!seen.has(key)) left.push({ source, text })
    seen.add(key)
  }
  const told = (source: Source, text: string): never[] => {
    tell(source, text)
    return []
  }
  if (configuration.settings) return { lab: labOfWds(configuration, tell), left }
  const { subnets } = configuration
  const leasing = subnets.filter((one) => !one.isProxy)
  const served = leasing.length > 0 ? leasing : subnets
  const said = (subnet: Subnet, { kind, asIpxe }: Asked, mac: string): Offer => offerOf(configuration, subnet, { mac, options: optionsOf(kind, asIpxe) }) // prettier-ignore
  const deciding = new Set<string>()
  const programs: Program[] = []
  /** Rules of one machine, and whether a rule of all is enough. */
  for (const subnet of served)
    for (const reservation of reservationsAt(configuration, subnet)) {
      const mac = parseMac(reservation.who)
      if (mac === undefined || reservation.isIgnored) continue
      const rows = asked.map((one) => ({ one, own: programOf(configuration, said(subnet, one, mac), one.kind), others: programOf(configuration, said(subnet, one, anyMac), one.kind) })) // prettier-ignore
      // One rule of its own passes over those of all, so it needs every one.
      if (rows.some(({ own, others }) => JSON.stringify(own) !== JSON.stringify(others)))
        for (const { one, own } of rows) if (own) programs.push({ ...one.conditions, mac, ...own })
    }
  for (const one of asked) {
    const rows = served.map((subnet) => {
      const offer = said(subnet, one, anyMac)
      for (const { source } of [offer.bootFile, offer.options.get(67)].flatMap((decided) => decided ?? [])) deciding.add(`${source.file}:${source.line}`) // prettier-ignore
      for (const source of offer.undecided)
        tell(source, 'a condition that depends on more than the type of the machine')
      return { subnet, program: programOf(configuration, offer, one.kind) }
    })
    if (one.asIpxe)
      for (const { subnet, program } of rows) {
        const firmware = { ...one, asIpxe: false }
        if (!program && programOf(configuration, said(subnet, firmware, anyMac), one.kind)) tell(subnet.source, `iPXE on ${one.kind.title} is given no boot file in ${subnet.network}: by the lab file it gets that of the firmware`) // prettier-ignore
      }
    const [first] = rows
    if (rows.every(({ program }) => JSON.stringify(program) === JSON.stringify(first?.program))) {
      if (first?.program) programs.push({ ...one.conditions, ...first.program })
    } else
      for (const { subnet, program } of rows)
        if (program) programs.push({ ...one.conditions, subnet: subnet.network, ...program })
  }
  for (const { statements, name, source } of configuration.classes) {
    optionsFrom(
      statements.map((one) => ({ ...one, test: { is: 'member', name } as const })),
      tell,
    )
    const boots = statements.filter(({ set }) => set.is === 'boot-file')
    if (boots.length > 0 && !boots.some((one) => deciding.has(`${one.source.file}:${one.source.line}`))) tell(source, `class ${name}, which decides for none of the machines that were asked`) // prettier-ignore
  }
  for (const { source, who, address } of configuration.reservations)
    if (address !== undefined && !served.some(({ network }) => inNetwork(address, network))) tell(source, `${address}, reserved for ${who}, lies in no subnet`) // prettier-ignore
  for (const { source } of configuration.ignored)
    tell(source, 'clients that are never answered: write their MAC addresses under clients.deny')
  const plainOffers = new Map(leasing.map((subnet) => [subnet, offerOf(configuration, subnet, { mac: anyMac, options: new Map() })])) // prettier-ignore
  /** Statements under a condition that every machine of a subnet meets, such as the tag of its range, stand in that subnet. */
  const here = new Set([...plainOffers.values()].flatMap(({ options }) => [...options.values()].map(({ source }) => `${source.file}:${source.line}`))) // prettier-ignore
  const global = optionsFrom(configuration.statements, (source, text) => here.has(`${source.file}:${source.line}`) || tell(source, text), [3, 6]) // prettier-ignore
  const seconds = configuration.statements.find(({ set }) => set.is === 'lease-seconds')?.set
  const labSubnets = leasing.map((subnet) => {
    const plain = plainOffers.get(subnet)!
    const own = [...plain.options].flatMap(([code, { text, source }]): Statement[] => (String(global[code]) === text ? [] : [{ source, set: { is: 'option', code, text } }])) // prettier-ignore
    if (configuration.engine === 'dnsmasq')
      for (const [code, what] of [[3, 'router'], [6, 'DNS server']] as const) if (!plain.options.has(code)) tell(subnet.source, `dnsmasq names itself as the ${what} where nothing else is said`) // prettier-ignore
    const [router] = addresses(plain.options.get(3)?.text ?? '')
    const dns = addresses(plain.options.get(6)?.text ?? '')
    const options = optionsFrom(own, tell, [3, 6])
    const lease = Number(plain.leaseSeconds?.text ?? 0)
    if (subnet.test) tell(subnet.source, `${subnet.network} is for clients of some classes only`)
    for (const relay of subnet.relays ?? []) if (!inNetwork(relay, subnet.network)) tell(subnet.source, `${subnet.network} for the clients of the relay ${relay}, which lies elsewhere`) // prettier-ignore
    if (subnet.sharedNetwork !== undefined) tell(subnet.source, `the shared network ${subnet.sharedNetwork}`)
    for (const { test, statements, source } of subnet.pools) {
      if (test) tell(source, 'a pool for clients of some classes only')
      optionsFrom(statements, (from) => tell(from, 'options of a pool'))
    }
    return {
      subnet: networkText(subnet.network),
      pools: subnet.pools.map(({ start, end }) => ({ start, end })),
      ...(router === undefined ? {} : { router }),
      ...(dns.length === 0 ? {} : { dns }),
      ...(lease >= 60 && lease !== (seconds?.is === 'lease-seconds' ? seconds.seconds : 0) ? { leaseSeconds: lease } : {}),
      ...(Object.keys(options).length === 0 ? {} : { options }),
      reservations: reservationsAt(configuration, subnet).flatMap((one): NonNullable<LabSubnet['reservations']> => {
        const { who, address, hostname, source } = one
        const mac = parseMac(who)
        if (one.isIgnored) return told(source, `${who} is never answered: write it under clients.deny`)
        if (mac === undefined) return told(source, `a reservation for ${who} without a MAC address`)
        const own = optionsFrom(one.statements, tell)
        if (address === undefined) return hostname === undefined && Object.keys(own).length === 0 ? [] : told(source, `name and options of ${who}, for which no address is reserved`)
        const isName = hostname !== undefined && hostname !== '' && hostname.length <= 63
        return [{ mac, address, ...(isName ? { hostname } : {}), ...(Object.keys(own).length > 0 ? { options: own } : {}) }]
      }),
    }
  }) // prettier-ignore
  const lab: LabInput = {
    interface: 'eth0',
    mode: leasing.length > 0 ? 'dhcp' : 'proxy-dhcp',
    dhcp: {
      authoritative: configuration.authoritative,
      ...(seconds?.is === 'lease-seconds' && seconds.seconds >= 60 ? { leaseSeconds: seconds.seconds } : {}),
      subnets: labSubnets,
      ...(Object.keys(global).length === 0 ? {} : { options: global }),
    },
    boot: { programs: merged(programs) },
  }
  if (!labSchema.safeParse(lab).success) for (const issue of labSchema.safeParse(lab).error!.issues) tell(served[0]?.source ?? { file: configuration.files[0] ?? '', line: 1 }, `${issue.path.join('.')}: ${issue.message}`) // prettier-ignore
  return { lab, left }
}

/** Reservations that count on the wire of a subnet: its own, and those of all subnets whose address, if any, lies there. */
const reservationsAt = (configuration: Configuration, { network, reservations }: Subnet): readonly Reservation[] => [
  ...reservations,
  ...configuration.reservations.filter(({ address }) => address === undefined || inNetwork(address, network)),
]

/** WDS as a lab in its role. */
function labOfWds({ settings = [], files }: Configuration, tell: (source: Source, text: string) => void): LabInput {
  const of = (name: string): ServiceSetting | undefined => settings.find((one) => one.name.toLowerCase() === name.toLowerCase()) // prettier-ignore
  const used = new Set<ServiceSetting>()
  const take = (name: string): ServiceSetting['value'] | undefined => {
    const found = of(name)
    if (found) used.add(found)
    return found?.value
  }
  const number = (name: string): number | undefined => {
    const value = take(name)
    return typeof value === 'number' ? value : undefined
  }
  const says = (name: string): string => String(take(name) ?? '').toLowerCase()
  const [refuses, onlyKnown] = [says('netbootAnswerRequests') === 'false', says('netbootAnswerOnlyValidClients') === 'true']
  const [delay, poll, archDisc, message] = [number('ResponseDelay'), number('PollInterval'), number('DisableArchDisc'), take('PendingMessage')]
  const lab: LabInput = {
    interface: 'eth0',
    mode: number('UseDHCPPorts') === 0 ? 'boot-server' : 'proxy-dhcp',
    role: 'wds',
    wds: {
      answer: refuses ? 'none' : onlyKnown ? 'known' : 'all',
      approve: number('Policy') === 1,
      ...(delay === undefined || delay > 32 ? {} : { delaySeconds: delay }),
      ...(poll === undefined || poll < 1 || poll > 3600 ? {} : { pollSeconds: poll }),
      ...(archDisc === undefined ? {} : { architectureDiscovery: archDisc === 0 }),
      ...(typeof message === 'string' && message !== '' && encodeText(message).length <= 200 ? { message } : {}),
    },
  }
  for (const one of settings) if (!used.has(one)) tell(one.source, `${one.name}: ${textOf(one.says)}`)
  if (!labSchema.safeParse(lab).success) for (const issue of labSchema.safeParse(lab).error!.issues) tell({ file: files[0] ?? '', line: 1 }, `${issue.path.join('.')}: ${issue.message}`)
  return lab
} // prettier-ignore

/** A network without host bits, as a lab file wants it. */
function networkText(text: string): string {
  const { address, prefixLength } = parseIpv4Network(text)!
  return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')}/${prefixLength}`
}

const inNetwork = (text: string, network: string): boolean => {
  const [address, range] = [parseIpv4(text), parseIpv4Network(network)!]
  return address !== undefined && ((address ^ range.address) >>> 0) >>> (32 - range.prefixLength) === 0
}

/** A rule without its architecture. */
const gistOf = (one: Program): string => JSON.stringify({ ...one, architecture: undefined })

/** iPXE of every architecture that is told the same is one rule. */
function merged(programs: readonly Program[]): Program[] {
  const found: Program[] = []
  for (const one of programs) {
    const { architecture } = one
    const before = found.findIndex((other) => gistOf(other) === gistOf(one))
    const at = found[before]
    // Rules between the two would be passed over: none of them is of the same conditions.
    if (at && architecture !== undefined)
      found[before] = { ...at, architecture: [at.architecture ?? [], architecture].flat() } // prettier-ignore
    else found.push(one)
  }
  return found
}
