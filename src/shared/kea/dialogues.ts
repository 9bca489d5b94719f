/** What is said to a Kea: looking at it, bringing our classes in and taking them out, its leases and how it is. */
import { textOf } from '#messages/text.ts'
import type { KeaBootClasses } from '../interchange/writers/kea.ts'
import { bootClassesFor, whatHidesClasses, type EngineLab } from './boot-classes.ts'
import { changesBetween, generationOf, hasOurs, haveSameOurs, strangersWithOurName, subnetsOf, withOurs, withoutOurs } from './configuration.ts' // prettier-ignore
import { ask, demand, isJsonObject, keaResults, KeaProblem, objectsIn, textsIn, type Json, type JsonObject, type KeaDialogue } from './control.ts' // prettier-ignore

export interface KeaView {
  /** As `version-get` says it, such as 2.2.0. */
  readonly version: string
  readonly commands: ReadonlySet<string>
  readonly dhcp4: JsonObject
  /** Undefined before Kea 2.4. */
  readonly hash: string | undefined
}

const dhcp4In = (value: Json): JsonObject => {
  const found = isJsonObject(value) ? value['Dhcp4'] : undefined
  if (isJsonObject(found)) return found
  throw new KeaProblem(
    'the configuration that Kea gives is none of DHCPv4',
    'Name the control channel of kea-dhcp4, and not that of another of its servers.',
  )
}

const hashIn = (value: Json): string | undefined =>
  isJsonObject(value) && typeof value['hash'] === 'string' ? value['hash'] : undefined

function* readConfiguration(): KeaDialogue<Pick<KeaView, 'dhcp4' | 'hash'>> {
  const { arguments: given } = yield* demand('config-get')
  return { dhcp4: dhcp4In(given), hash: hashIn(given) }
}

export function* lookAtKea(): KeaDialogue<KeaView> {
  const version = (yield* demand('version-get')).text.trim()
  const { arguments: listed } = yield* demand('list-commands')
  const commands = new Set(textsIn(listed))
  if (!commands.has('config-test') || !commands.has('config-set'))
    throw new KeaProblem(
      'Kea takes no configuration here: it has no config-test or config-set',
      'Name the control channel of kea-dhcp4, and let this user use both commands.',
    )
  return { version, commands, ...(yield* readConfiguration()) }
}

export interface KeaPlan {
  readonly wanted: JsonObject
  /** Names of the classes that Kea is to have. */
  readonly classes: readonly string[]
  readonly isInPlace: boolean
  /** What will not be as the lab says, a sentence each. */
  readonly warnings: readonly string[]
}

/** Throws a `KeaProblem` where somebody else's class has one of our names. */
export function planFor(lab: EngineLab, { dhcp4, version }: KeaView): KeaPlan {
  const made: KeaBootClasses = bootClassesFor(lab, dhcp4, version)
  const strangers = strangersWithOurName(dhcp4, made)
  if (strangers.length > 0)
    throw new KeaProblem(
      `Kea has a class ${strangers.join(', ')} that PXE Lab did not make`,
      'Give that class another name: those that begin with pxe-lab- are written by PXE Lab.',
    )
  const wanted = withOurs(dhcp4, made, generationOf(version))
  return {
    wanted,
    classes: made.classes.map(({ value }) => value.name),
    isInPlace: haveSameOurs(dhcp4, wanted),
    warnings: [
      ...made.notes.filter(({ kind }) => kind === 'left-out').map(({ key, text }) => `${key}: ${textOf(text)}`),
      ...(made.classes.length === 0 ? [] : whatHidesClasses(dhcp4)),
    ],
  }
}

export interface KeaChange {
  /** As `version-get` says it. */
  readonly version: string
  /** What it had before; the same where nothing was to do. */
  readonly before: JsonObject
  readonly after: JsonObject
  readonly isChanged: boolean
  readonly classes: readonly string[]
  readonly warnings: readonly string[]
  /** What somebody else changed while PXE Lab was at it. */
  readonly overtakenBy: readonly string[]
  /** Why the change is not in Kea's file, and lost when it starts again; undefined where it is, or was not to be. */
  readonly unsaved: KeaProblem | undefined
}

const attempts = 3

export interface ChangeOptions {
  /** Whether Kea writes its file too. */
  readonly save: boolean
}

const sameOf = (a: KeaView | Pick<KeaView, 'dhcp4' | 'hash'>, b: Pick<KeaView, 'dhcp4' | 'hash'>): boolean =>
  a.hash !== undefined && b.hash !== undefined ? a.hash === b.hash : JSON.stringify(a.dhcp4) === JSON.stringify(b.dhcp4)

/** Only where its configuration still is what the plan was made from. */
function* isAsSeen(view: KeaView): KeaDialogue<readonly string[]> {
  if (view.hash !== undefined && view.commands.has('config-hash-get')) {
    const { arguments: given } = yield* demand('config-hash-get')
    if (hashIn(given) === view.hash) return []
  }
  const now = yield* readConfiguration()
  return sameOf(view, now) ? [] : changesBetween(view.dhcp4, now.dhcp4)
}

function* change(
  decide: (view: KeaView) => Pick<KeaPlan, 'wanted' | 'classes' | 'isInPlace' | 'warnings'>,
  { save }: ChangeOptions,
): KeaDialogue<KeaChange> {
  const overtakenBy: string[] = []
  for (let attempt = 0; attempt < attempts; attempt++) {
    const view = yield* lookAtKea()
    const { wanted, classes, isInPlace, warnings } = decide(view)
    if (isInPlace)
      return { version: view.version, before: view.dhcp4, after: view.dhcp4, isChanged: false, classes, warnings, overtakenBy, unsaved: undefined } // prettier-ignore
    yield* demand('config-test', { Dhcp4: wanted })
    const others = yield* isAsSeen(view)
    if (others.length > 0) {
      overtakenBy.push(...others)
      continue
    }
    yield* set(view.dhcp4, wanted)
    const after = (yield* readConfiguration()).dhcp4
    if (!haveSameOurs(after, wanted))
      throw new KeaProblem(
        `Kea took the configuration and has another: ${changesBetween(wanted, after, 5).join('; ')}`,
        'Somebody else changed it at the same moment. Apply it again.',
      )
    return { version: view.version, before: view.dhcp4, after, isChanged: true, classes, warnings, overtakenBy, unsaved: save ? yield* saved() : undefined } // prettier-ignore
  }
  throw new KeaProblem(
    `somebody else changes Kea's configuration all the time (${overtakenBy.slice(0, 3).join('; ')})`,
    'Let them finish, and apply it again.',
  )
}

/** What is refused after its test leaves the configuration that was there. */
function* set(before: JsonObject, wanted: JsonObject): KeaDialogue<void> {
  try {
    yield* demand('config-set', { Dhcp4: wanted }, before)
  } catch (error) {
    if (!(error instanceof KeaProblem)) throw error
    try {
      yield* demand('config-set', { Dhcp4: before })
    } catch (second) {
      if (!(second instanceof KeaProblem)) throw second
      throw new KeaProblem(`${error.message}, and not even what it had before (${second.message})`, 'Start Kea again: its own file still has the configuration of before.') // prettier-ignore
    }
    throw new KeaProblem(`${error.message}. It has what it had before`, error.remedy)
  }
}

function* saved(): KeaDialogue<KeaProblem | undefined> {
  try {
    yield* demand('config-write')
    return undefined
  } catch (error) {
    if (error instanceof KeaProblem) return error
    throw error
  }
}

/** Brings the boot logic of a lab into a Kea: tested first, and only over the configuration that it was made from. */
export const applyClasses = (lab: EngineLab, options: ChangeOptions): KeaDialogue<KeaChange> =>
  change((view) => planFor(lab, view), options)

/** Takes everything of PXE Lab's out again; whatever others changed meanwhile stays. */
export const removeClasses = (options: ChangeOptions): KeaDialogue<KeaChange> =>
  change(({ dhcp4 }) => ({ wanted: withoutOurs(dhcp4), classes: [], isInPlace: !hasOurs(dhcp4), warnings: [] }), options) // prettier-ignore

/** One side of a pair (libdhcp_ha). */
export interface KeaHighAvailability {
  readonly mode: string
  readonly role: string
  /** Of this server, such as hot-standby or partner-down. */
  readonly state: string
  readonly scopes: readonly string[]
  readonly partner: {
    readonly role: string
    /** What it was when it was last heard; only to be trusted while it is in touch. */
    readonly state: string
    readonly isInTouch: boolean
    readonly ageSeconds: number
    readonly unackedClients: number
  }
}

/** How a server is at the moment, cheap enough to be asked all the time. */
export interface KeaStatus {
  readonly pid: number
  readonly uptimeSeconds: number
  readonly highAvailability: readonly KeaHighAvailability[]
  /** Of its configuration; undefined before Kea 2.4. */
  readonly hash: string | undefined
}

export function* readStatus(): KeaDialogue<KeaStatus> {
  const { arguments: status } = yield* demand('status-get')
  const { arguments: given } = yield* ask('config-hash-get')
  return { ...statusIn(status), hash: hashIn(given) }
}

const statusIn = (status: Json): Omit<KeaStatus, 'hash'> => ({
  pid: isJsonObject(status) ? numberIn(status['pid']) : 0,
  uptimeSeconds: isJsonObject(status) ? numberIn(status['uptime']) : 0,
  highAvailability: highAvailabilityIn(status),
})

export interface KeaState extends Omit<KeaStatus, 'hash'> {
  readonly version: string
  readonly subnets: readonly { readonly subnet: string; readonly total: number; readonly assigned: number; readonly declined: number }[] // prettier-ignore
  readonly packets: { readonly received: number; readonly sent: number; readonly dropped: number }
  /** Whether the leases can be listed: the hook lease_cmds is loaded. */
  readonly listsLeases: boolean
}

const numberIn = (value: Json | undefined, fallback = 0): number => (typeof value === 'number' ? value : fallback)
const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const part = (value: Json | undefined, key: string): JsonObject => {
  const found = isJsonObject(value) ? value[key] : undefined
  return isJsonObject(found) ? found : {}
}

function highAvailabilityIn(status: Json): KeaHighAvailability[] {
  return objectsIn(isJsonObject(status) ? status['high-availability'] : undefined).map((one) => {
    const servers = part(one, 'ha-servers')
    const [local, remote] = [part(servers, 'local'), part(servers, 'remote')]
    return {
      mode: textIn(one['ha-mode']),
      role: textIn(local['role']),
      state: textIn(local['state']),
      scopes: textsIn(local['scopes']),
      partner: {
        role: textIn(remote['role']),
        state: textIn(remote['last-state']),
        isInTouch: remote['in-touch'] === true,
        ageSeconds: numberIn(remote['age']),
        unackedClients: numberIn(remote['unacked-clients']),
      },
    }
  })
}

/** The newest sample of a statistic: a list of [value, time], newest first. */
function sample(all: Json, name: string): number {
  const samples = isJsonObject(all) ? all[name] : undefined
  const newest = Array.isArray(samples) ? (samples as readonly Json[])[0] : undefined
  return Array.isArray(newest) ? numberIn((newest as readonly Json[])[0]) : 0
}

export function* readState(): KeaDialogue<KeaState> {
  const { version, commands, dhcp4 } = yield* lookAtKea()
  const { arguments: status } = yield* demand('status-get')
  const { arguments: statistics } = yield* ask('statistic-get-all')
  return {
    version,
    ...statusIn(status),
    subnets: subnetsOf(dhcp4).map((one) => {
      const of = (name: string): number => sample(statistics, `subnet[${numberIn(one['id'])}].${name}`)
      return { subnet: textIn(one['subnet']), total: of('total-addresses'), assigned: of('assigned-addresses'), declined: of('declined-addresses') } // prettier-ignore
    }),
    packets: {
      received: sample(statistics, 'pkt4-received'),
      sent: sample(statistics, 'pkt4-sent'),
      dropped: sample(statistics, 'pkt4-receive-drop'),
    },
    listsLeases: commands.has('lease4-get-page'),
  }
}

export interface KeaLease {
  readonly address: string
  /** With colons; empty where Kea has none. */
  readonly mac: string
  readonly hostName: string
  readonly state: 'bound' | 'declined' | 'expired'
  /** Milliseconds since 1970: when the client was last heard, and until when it has the address. */
  readonly since: number
  readonly until: number
}

const pageLeases = 1000
/** Lease states of Kea: 0 assigned, 1 declined, 2 expired and reclaimed. */
const leaseStates = ['bound', 'declined', 'expired'] as const
/** Kea's way to say that a lease has no end. */
const infinite = 0xffffffff

/** At most `most` leases by address; undefined where Kea has no hook lease_cmds. `now` in milliseconds since 1970. */
export function* readLeases(
  most: number,
  now: number,
): KeaDialogue<{ leases: KeaLease[]; isCut: boolean } | undefined> {
  const leases: KeaLease[] = []
  for (let from = 'start'; ;) {
    const reply = yield* ask('lease4-get-page', { from, limit: pageLeases })
    if (reply.result === keaResults.unsupported) return undefined
    const page = objectsIn(isJsonObject(reply.arguments) ? reply.arguments['leases'] : undefined)
    for (const one of page) {
      const since = numberIn(one['cltt']) * 1000
      const lifetime = numberIn(one['valid-lft'])
      const until = lifetime === infinite ? Infinity : since + lifetime * 1000
      const state = leaseStates[numberIn(one['state'])] ?? 'expired'
      leases.push({
        address: textIn(one['ip-address']),
        mac: textIn(one['hw-address']),
        hostName: textIn(one['hostname']).replace(/\.$/, ''),
        state: state === 'bound' && until < now ? 'expired' : state,
        since,
        until,
      })
    }
    const last = leases.at(-1)?.address
    if (page.length < pageLeases || last === undefined) return { leases: leases.slice(0, most), isCut: leases.length > most } // prettier-ignore
    if (leases.length > most) return { leases: leases.slice(0, most), isCut: true }
    from = last
  }
}
