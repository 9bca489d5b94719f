/**
 * A configuration that was read (model.ts) as a plan, so that it can be written for another engine. Its order of precedence
 * (evaluate.ts) becomes conditions that exclude each other; what a plan cannot say is told with its line.
 */
import { say } from '#messages/message.ts'
import { bytesOfU32, concatBytes, encodeText, formatHex, formatIpv4, isInNetwork, parseHex, parseIpv4, parseIpv4Network } from '../../wire/bytes.ts' // prettier-ignore
import { findOption, optionCodes } from '../../wire/dhcp/options.ts'
import { usualLeaseSeconds } from '../evaluate.ts'
import type { ClientClass, Configuration, Condition as ModelCondition, Reservation, Setting, Source, Statement, Subnet, Value } from '../model.ts' // prettier-ignore
import { all, always, any, canHold, isWithin, never, not, type Condition } from './condition.ts'
import { Notes, type PlanLevel, type PlanOption, type PlanProgram, type PlanReservation, type PlanSubnet, type ServicePlan } from './plan.ts' // prettier-ignore

export interface ModelPlanInput {
  readonly configuration: Configuration
  /** The machine that serves the boot files where no next server is named. */
  readonly self: number
  /** Whether nobody named that machine, so that the person has to be asked. */
  readonly isSelfGuessed?: boolean
}

const bytesOf = (octets: string): Uint8Array => Uint8Array.from(octets, (one) => one.charCodeAt(0))

/** An option's octets from the text that the model has of it. */
function dataOf(code: number, text: string): Uint8Array {
  const kind = findOption(code)?.kind
  const parts = text.split(/\s*,\s*|\s+/).filter((one) => one !== '')
  const numbers = parts.map(Number)
  const isNumbers = parts.length > 0 && numbers.every(Number.isInteger)
  const ofWidth = (width: number): Uint8Array => concatBytes(numbers.map((one) => bytesOfU32(one >>> 0).subarray(4 - width))) // prettier-ignore
  if (kind === 'text' || kind === 'terminatedText') return encodeText(text)
  if (parts.length > 0 && parts.every((one) => parseIpv4(one) !== undefined)) return concatBytes(parts.map((one) => bytesOfU32(parseIpv4(one)!))) // prettier-ignore
  if (kind === 'flag' && /^(true|false)$/i.test(text)) return Uint8Array.of(/true/i.test(text) ? 1 : 0)
  if (isNumbers && (kind === 'u8' || kind === 'u8s' || kind === 'flag')) return ofWidth(1)
  if (isNumbers && (kind === 'u16' || kind === 'u16s')) return ofWidth(2)
  if (isNumbers && (kind === 'i32' || kind === 'u32' || kind === 'seconds')) return ofWidth(4)
  // What is no octet stands for itself: readers give octets as characters.
  const hex = /^(0x)?[0-9a-f]{2}([:-]?[0-9a-f]{2})*$/i.test(text) ? parseHex(text) : undefined
  return hex ?? bytesOf(text)
}

/** Something that is set for the clients of a condition, in the order in which the first counts. */
interface Claim {
  readonly key: string
  readonly test: Condition
  /** Positions of the subnets that it is for alone; undefined where it is for clients of any. */
  readonly subnets: readonly number[] | undefined
  readonly set: Setting
  readonly source: Source
}

class ModelPlanner {
  readonly #configuration: Configuration
  readonly #subnets: readonly Subnet[]
  readonly #lines = new Map<string, number>()
  readonly notes: Notes
  readonly #visiting = new Set<string>()
  readonly #members = new Map<string, Condition | undefined>()

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#subnets = configuration.subnets.filter((one) => !one.isProxy)
    this.notes = new Notes({ notes: [], lineOf: (key) => this.lineOf(key) })
  }

  lineOf(key: string): number {
    return this.#lines.get(key) ?? 0
  }

  /** A key that is told with its line. */
  key(name: string, { line }: Source): string {
    const key = this.#lines.has(name) && this.#lines.get(name) !== line ? `${name} (${line})` : name
    this.#lines.set(key, line)
    return key
  }

  /** Undefined where a plan cannot say it. */
  condition(of: ModelCondition | undefined): Condition | undefined {
    if (!of) return always
    switch (of.is) {
      case 'all':
      case 'any': {
        const parts = of.of.map((one) => this.condition(one))
        const known = parts.filter((one) => one !== undefined)
        return known.length < parts.length ? undefined : of.is === 'all' ? all(...known) : any(...known)
      }
      case 'not': {
        const inner = this.condition(of.of)
        return inner && not(inner)
      }
      case 'equal':
        return of.right.is === 'octets' ? isValue(of.left, of.right.octets) : of.left.is === 'octets' ? isValue(of.right, of.left.octets) : undefined // prettier-ignore
      case 'contains':
        return of.in.is === 'option' ? containsIn(of.in.code, of.octets, of.step) : undefined
      case 'pattern': {
        const end = of.octets.findIndex((one) => one === undefined)
        const given = of.octets.slice(0, end < 0 ? undefined : end)
        if (of.octets.slice(given.length).some((one) => one !== undefined)) return undefined
        return beginsWith(of.in, String.fromCharCode(...given.map((one) => one!)))
      }
      case 'present':
        return of.value.is === 'option' ? { is: 'option', code: of.value.code } : undefined
      case 'member':
        return this.#member(of.name)
      default:
        return undefined
    }
  }

  /** The clients of a class or tag, by all that puts clients there. */
  #member(name: string): Condition | undefined {
    if (name === 'ALL') return always
    if (/^(un)?known$/i.test(name) || this.#visiting.has(name)) return undefined
    const vendor = /^VENDOR_CLASS_(.+)$/.exec(name)?.[1]
    if (vendor !== undefined) return { is: 'vendor-class', begins: vendor }
    if (this.#members.has(name)) return this.#members.get(name)
    this.#visiting.add(name)
    try {
      const ways: (Condition | undefined)[] = [
        ...this.#configuration.classes.filter((one) => one.name === name).map((one) => this.classTest(one)),
        ...this.#subnets.flatMap((one, at): Condition[] => (one.classes.includes(name) ? [{ is: 'subnet', subnets: [at] }] : [])), // prettier-ignore
        ...this.#configuration.subnets.flatMap(({ reservations }) => reservations).concat(this.#configuration.reservations).filter((one) => one.classes.includes(name)).map((one) => this.condition(one.test)), // prettier-ignore
      ]
      const known = ways.filter((one) => one !== undefined)
      const of = known.length < ways.length ? undefined : any(...known)
      const isSimple = !of || (of.is !== 'all' && of.is !== 'any' && of.is !== 'not') || of.is === 'all' && of.of.length === 0 || !canHold(of) // prettier-ignore
      const found: Condition | undefined = isSimple ? of : { is: 'named', name: `in-${this.#members.size + 1}-${name.replaceAll(/[^\w-]/g, '_')}`, of } // prettier-ignore
      this.#members.set(name, found)
      return found
    } finally {
      this.#visiting.delete(name)
    }
  }

  /** A class on demand counts where a subnet names it. */
  classTest(one: ClientClass): Condition | undefined {
    const test = this.condition(one.test)
    if (!one.isOnDemand || !test) return test
    const subnets = this.#subnets.flatMap((subnet, at) => (subnet.additionalClasses.includes(one.name) ? [at] : []))
    return all(test, subnets.length === this.#subnets.length ? always : { is: 'subnet', subnets })
  }

  /** Everything that is set beside reservations; for options and for fields of the header the order differs. */
  claims(forFields: boolean): Claim[] {
    const { engine, classes, statements } = this.#configuration
    const claim = (name: string, test: Condition, subnets: readonly number[] | undefined, list: readonly Statement[]): Claim[] =>
      list.flatMap((one): Claim[] => {
        const own = this.condition(one.test)
        const key = this.key(name, one.source)
        if (own) return [{ key, test: all(test, own), subnets, set: one.set, source: one.source }]
        this.notes.add('left-out', key, say('interchange.clients-other-engine-told-condition'))
        return []
      }) // prettier-ignore
    const later = (list: readonly Statement[]): readonly Statement[] => (engine === 'kea' ? list : list.toReversed())
    const ofClasses = classes.flatMap((one) => {
      if (one.statements.length === 0) return []
      const test = this.#member(one.name)
      if (test) return claim(`class ${one.name}`, test, undefined, later(one.statements))
      this.notes.add('left-out', this.key(`class ${one.name}`, one.source), say('interchange.condition-cannot-said-another-engine')) // prettier-ignore
      return []
    })
    const tagged = claim('option of a tag', always, undefined, later(statements.filter((one) => one.test)))
    const ofSubnets = this.#subnets.flatMap((one, at) => {
      const here: Condition = { is: 'subnet', subnets: [at] }
      const name = `subnet ${one.network}`
      const ofPools = one.pools.length === 1 ? one.pools[0]!.statements : []
      if (one.pools.length > 1 && one.pools.some((pool) => pool.statements.some(({ set }) => set.is !== 'lease-seconds'))) this.notes.add('left-out', this.key(name, one.source), say('interchange.options-one-pool-among-several')) // prettier-ignore
      return [ofPools, one.statements, one.networkStatements].flatMap((list) => claim(name, here, [at], later(list)))
    })
    const globals = claim('for everybody', always, undefined, later(statements.filter((one) => !one.test)))
    // The order of evaluate.ts.
    return engine === 'kea' && !forFields
      ? [...ofSubnets, ...ofClasses, ...tagged, ...globals]
      : [...tagged, ...ofClasses, ...ofSubnets, ...globals]
  }

  /** Options of a level as the plan has them; what is no option is told. */
  optionsOf(name: string, statements: readonly Statement[]): PlanOption[] {
    return statements.flatMap((one): PlanOption[] => {
      const { set } = one
      const key = this.key(name, one.source)
      if (set.is === 'option') return [{ code: set.code, data: optionData(set), key }]
      if (set.is === 'boot-file') return [{ code: optionCodes.bootFileName, data: encodeText(set.text), key }]
      if (set.is === 'next-server') return [{ code: optionCodes.tftpServerName, data: encodeText(set.text), key }]
      return []
    })
  }

  reservation(one: Reservation, name: string): PlanReservation | undefined {
    const { test } = one
    const key = this.key(`${name} ${one.who}`, one.source)
    const octets = test.is === 'equal' && test.right.is === 'octets' ? test.right.octets : undefined
    const [first] = test.is === 'any' && test.of.length === 1 ? test.of : [test]
    const pattern = first?.is === 'pattern' && first.in.is === 'mac' && first.octets.length === 6 && first.octets.every((byte) => byte !== undefined) ? String.fromCharCode(...first.octets) : undefined // prettier-ignore
    const single = first?.is === 'equal' && first.right.is === 'octets' ? first : undefined
    const mac = pattern ?? (single?.left.is === 'mac' && single.right.is === 'octets' ? single.right.octets : test.is === 'equal' && test.left.is === 'mac' ? octets : undefined) // prettier-ignore
    const clientId = single?.left.is === 'option' && single.left.code === 61 && single.right.is === 'octets' ? single.right.octets : undefined // prettier-ignore
    if (one.address === undefined || (mac === undefined && clientId === undefined)) {
      if (one.statements.length > 0 || one.address !== undefined) this.notes.add('left-out', key, say('interchange.reservation-without-address-neither-hardware')) // prettier-ignore
      return undefined
    }
    return {
      key,
      address: parseIpv4(one.address)!,
      mac: mac === undefined ? undefined : formatHex(bytesOf(mac), ':'),
      uuid: undefined,
      clientId: mac === undefined ? bytesOf(clientId!) : undefined,
      hostname: one.hostname,
      options: this.optionsOf(key, this.#configuration.engine === 'kea' ? one.statements.toReversed() : one.statements),
    }
  }

  get subnets(): readonly Subnet[] {
    return this.#subnets
  }
}

const optionData = (set: Extract<Setting, { readonly is: 'option' }>): Uint8Array =>
  'octets' in set && typeof set.octets === 'string' ? bytesOf(set.octets) : dataOf(set.code, set.text)

/** The value is exactly these octets. */
function isValue(value: Value, octets: string): Condition | undefined {
  if (value.is === 'lower-case') return isValue(value.of, octets)
  if (value.is === 'substring' && value.start === 0 && value.length !== undefined) return value.length < octets.length ? never : beginsWith(value.of, octets) // prettier-ignore
  if (value.is === 'substring') return architectureIn(value, octets)
  if (value.is === 'option' && value.code === 77) return userClass(octets)
  if (value.is === 'relay-option' && (value.code === 1 || value.code === 2)) return { is: value.code === 1 ? 'circuit-id' : 'remote-id', data: bytesOf(octets) } // prettier-ignore
  if (value.is === 'relay' && octets.length === 4) return { is: 'relay', address: new DataView(bytesOf(octets).buffer).getUint32(0), prefixLength: 32 } // prettier-ignore
  return beginsWith(value, octets)
}

/** The number in `PXEClient:Arch:00007:UNDI:003016` (PXE 2.1 table 2-3), as people cut it out of option 60. */
function architectureIn(
  { of, start, length }: Extract<Value, { readonly is: 'substring' }>,
  octets: string,
): Condition | undefined {
  const before = start === 15 ? 'PXEClient:Arch:' : start === 16 ? 'HTTPClient:Arch:' : undefined
  const isNumber = length === 5 && /^\d{5}$/.test(octets)
  return before !== undefined && isNumber && of.is === 'option' && of.code === 60 ? { is: 'vendor-class', begins: `${before}${octets}` } : undefined // prettier-ignore
}

const userClass = (octets: string): Condition => ({ is: 'user-class', text: octets.charCodeAt(0) === octets.length - 1 ? octets.slice(1) : octets }) // prettier-ignore

/** The value begins with these octets. */
function beginsWith(value: Value, octets: string): Condition | undefined {
  if (octets === '') return undefined
  if (value.is === 'mac') return { is: 'mac', prefix: bytesOf(octets) }
  if (value.is === 'relay') return { is: 'relay', address: new DataView(bytesOf(octets.padEnd(4, '\0')).buffer).getUint32(0), prefixLength: octets.length * 8 } // prettier-ignore
  if (value.is !== 'option') return undefined
  if (value.code === 60) return { is: 'vendor-class', begins: octets }
  if (value.code === 93 && octets.length === 2) return { is: 'architecture', codes: [(octets.charCodeAt(0) << 8) | octets.charCodeAt(1)] } // prettier-ignore
  if (value.code === 97) return { is: 'machine-identifier', begins: bytesOf(octets) }
  return value.code === 77 ? userClass(octets) : undefined
}

/** dnsmasq looks for the octets anywhere; firmware puts these at the beginning. */
function containsIn(code: number, octets: string, step: number): Condition | undefined {
  if (code === 93 && octets.length === 2 && step === 2) return beginsWith({ is: 'option', code }, octets)
  if (code === 77) return userClass(octets)
  if (code === 60 && /^(PXE|HTTP)Client/.test(octets)) return beginsWith({ is: 'option', code }, octets)
  return code === 97 && octets.startsWith('\0') ? beginsWith({ is: 'option', code }, octets) : undefined
}

/** What is set, as conditions that exclude each other, by code of the option. */
function levelsOf(planner: ModelPlanner): { readonly levels: PlanLevel[]; readonly bySubnet: PlanOption[][]; readonly globals: PlanOption[] } {
  const count = planner.subnets.length
  const bySubnet: PlanOption[][] = planner.subnets.map(() => [])
  const globals: PlanOption[] = []
  const levels: PlanLevel[] = []
  const claims = planner.claims(false).filter((one) => one.set.is === 'option')
  for (const code of new Set(claims.map(({ set }) => (set as { readonly code: number }).code))) {
    const told = new Set<number>()
    const before: Condition[] = []
    let isDone = false
    for (const { key, test, subnets, set } of claims) {
      if (set.is !== 'option' || set.code !== code || isDone) continue
      const option = { code, data: optionData(set), key }
      const isPlain = subnets !== undefined && test.is === 'subnet'
      if (isPlain) {
        for (const at of subnets) if (!told.has(at)) bySubnet[at]!.push(option)
        for (const at of subnets) told.add(at)
      } else if (test.is === 'all' && test.of.length === 0) {
        globals.push(option)
        isDone = true
      } else {
        const left = Array.from({ length: count }, (_, at) => at).filter((at) => !told.has(at))
        const here = all(test, left.length === count ? always : { is: 'subnet', subnets: left }, ...before.map(not))
        before.push(test)
        if (canHold(here)) levels.push({ key, name: `level-${levels.length + 1}`, test: here, options: [option] })
      }
    }
  }
  return { levels, bySubnet, globals }
} // prettier-ignore

/** Files and their servers: for a client the first file that is for it, and the first server. */
function programsOf(planner: ModelPlanner, self: number): PlanProgram[] {
  const claims = planner.claims(true)
  const servers = claims.filter(({ set }) => set.is === 'next-server')
  const programs: PlanProgram[] = []
  const isEverybody = (test: Condition): boolean => test.is === 'all' && test.of.length === 0
  for (const { key, test, set } of claims) {
    if (set.is !== 'boot-file') continue
    let isAnswered = false
    const add = (more: Condition, server: number): void => {
      const whole = all(test, more)
      if (canHold(whole) && !programs.some((before) => isWithin(whole, before.test))) programs.push({ key, name: `program-${programs.length + 1}`, test: whole, file: set.text === '' ? undefined : set.text, why: '', server, rootPath: undefined }) // prettier-ignore
    }
    for (const one of servers) {
      if (isAnswered) break
      const text = (one.set as { readonly text: string }).text
      const address = text === '' ? self : parseIpv4(text)
      if (address === undefined) planner.notes.add('left-out', one.key, say('interchange.file-server-name-one-named', { text, key })) // prettier-ignore
      const isSame = one.test === test
      add(isSame ? always : one.test, address ?? self)
      isAnswered = isSame || isEverybody(one.test)
    }
    if (!isAnswered) add(always, self)
    if (isEverybody(test)) break
  }
  return programs
}

/** Clients that are never answered, by their hardware addresses. */
function filterOf(planner: ModelPlanner, configuration: Configuration): Pick<ServicePlan, 'allowed' | 'denied'> {
  const denied: Uint8Array[] = []
  const allowed: Uint8Array[] = []
  const ignored = [...configuration.ignored, ...[...configuration.reservations, ...configuration.subnets.flatMap(({ reservations }) => reservations)].filter((one) => one.isIgnored)] // prettier-ignore
  for (const { source, test } of ignored) {
    const found = planner.condition(test)
    const isNegated = found?.is === 'not'
    const inner = found?.is === 'not' ? found.of : found
    const plain = inner?.is === 'named' ? inner.of : inner
    const parts = plain?.is === 'any' ? plain.of : plain ? [plain] : []
    const prefixes = parts.flatMap((one) => (one.is === 'mac' ? [one.prefix] : []))
    if (prefixes.length > 0 && prefixes.length === parts.length) (isNegated ? allowed : denied).push(...prefixes)
    else planner.notes.add('left-out', planner.key('clients that are ignored', source), say('interchange.only-hardware-addresses-can-kept')) // prettier-ignore
  }
  return { allowed, denied }
}

export function planOfConfiguration({ configuration, self, isSelfGuessed = false }: ModelPlanInput): ServicePlan {
  const planner = new ModelPlanner(configuration)
  const { notes } = planner
  for (const { line, file, text, why } of configuration.notUnderstood) notes.add('left-out', planner.key(text.slice(0, 80), { file, line }), why) // prettier-ignore
  for (const { source, text } of configuration.pxeServices) notes.add('left-out', planner.key(`pxe-service ${text}`, source), say('interchange.menu-proxydhcp-written-engine-put')) // prettier-ignore
  const isProxy = configuration.subnets.length > 0 && planner.subnets.length === 0
  const { levels, bySubnet, globals } = levelsOf(planner)
  const programs = programsOf(planner, self)
  const secondsOf = (is: 'lease-seconds' | 'longest-lease-seconds', statements: readonly Statement[]): number | undefined => statements.flatMap(({ set }) => (set.is === is ? [set.seconds] : []))[0] // prettier-ignore
  const leaseOf = (statements: readonly Statement[]): number => {
    const most = configuration.engine === 'dhcpd' ? (secondsOf('longest-lease-seconds', statements) ?? 86_400) : Infinity // prettier-ignore
    return Math.min(secondsOf('lease-seconds', statements) ?? usualLeaseSeconds[configuration.engine], most)
  }
  const leaseSeconds = leaseOf(configuration.statements)
  const subnets = planner.subnets.map((one, at): PlanSubnet => {
    const key = planner.key(`subnet ${one.network}`, one.source)
    const network = parseIpv4Network(one.network)!
    if (one.test) notes.add('differs', key, say('interchange.clients-some-classes-alone-everybody'))
    if (one.relays?.some((relay) => !isInNetwork(parseIpv4(relay) ?? 0, network)) === true) notes.add('left-out', key, say('interchange.clients-relay-written-file-chooses', { relays: one.relays.join(', ') })) // prettier-ignore
    if (one.pools.some((pool) => pool.test)) notes.add('differs', key, say('interchange.pools-were-clients-some-classes')) // prettier-ignore
    const kept = [...one.reservations, ...configuration.reservations.filter(({ address }) => address !== undefined && isInNetwork(parseIpv4(address) ?? 0, network))] // prettier-ignore
    return {
      key,
      network,
      pools: one.pools.map(({ start, end }) => ({ start: parseIpv4(start)!, end: parseIpv4(end)! })),
      leaseSeconds: leaseOf([...one.pools.flatMap(({ statements }) => statements), ...one.statements, ...one.networkStatements, ...configuration.statements]), // prettier-ignore
      options: bySubnet[at]!,
      reservations: kept.filter((each) => !each.isIgnored).flatMap((each) => planner.reservation(each, key) ?? []),
    }
  })
  for (const one of configuration.reservations) if (one.address === undefined && one.statements.length > 0) notes.add('left-out', planner.key(`reservation of ${one.who}`, one.source), say('interchange.options-reservation-without-address-left')) // prettier-ignore
  if (isSelfGuessed && programs.some(({ server }) => server === self))
    notes.add('to-set', '', say('interchange.file-server-named-clients-load', { formatIpv4: formatIpv4(self) })) // prettier-ignore
  const filter = filterOf(planner, configuration)
  notes.add('to-set', '', say('interchange.network-interfaces-machine-file-read')) // prettier-ignore
  const nextServer = planner.claims(true).find(({ set, test }) => set.is === 'next-server' && test.is === 'all' && test.of.length === 0) // prettier-ignore
  return {
    interfaces: [],
    self,
    subnets,
    options: globals,
    levels,
    programs,
    forms: [],
    delays: [],
    nextServer: nextServer?.set.is === 'next-server' ? (parseIpv4(nextServer.set.text) ?? 0) : 0,
    vendorClass: undefined,
    ...filter,
    identity: 'client-id',
    authoritative: configuration.authoritative,
    leaseSeconds,
    lineOf: (key) => planner.lineOf(key),
    notes: notes.list,
    isProxy,
    wds: undefined,
  }
}
