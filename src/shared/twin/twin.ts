/**
 * The digital twin of a network: every scope and every kind of machine, simulated by what the configurations say. What they
 * do not tell is not known here either: a boot file that nobody provided is neither there nor missing, and a server of which
 * nothing was given may answer.
 */
import { textOf, inEnglish } from '#messages/text.ts'
import { isMessage, type MessageId } from '#messages/message.ts'
import { formatIpv4 } from '../wire/bytes.ts'
import type { Offer } from '../interchange/evaluate.ts'
import type { NotUnderstood, Reservation, Source } from '../interchange/model.ts'
import { scenarioSchema, type ScenarioInput } from '../simulation/scenario.ts'
import { Simulation } from '../simulation/simulation.ts'
import { isIpxeByName } from './boot-file.ts'
import { plainMachines, saidTo, type Machine, type Said, type Target } from './boot-targets.ts'
import type { MachineKind } from './machine-kinds.ts'
import type { Scope, TwinNetwork, TwinServer } from './network.ts'
import { Ledger, networkNotices, type TwinNotice } from './notices.ts'
import { isOnWire, scenarioOfScope } from './scope-scenario.ts'

/** `boots-if`: where the files it names are there; `depends`: on which of several servers answers first. */
export type TwinState = 'boots' | 'boots-if' | 'local' | 'depends' | 'unknown' | 'fails'

export const isBooting = (state: TwinState): boolean => state === 'boots' || state === 'boots-if'

export interface UnseenFile {
  readonly path: string
  readonly server: string
  readonly source: Source
}

export interface TwinCell {
  readonly kind: MachineKind
  readonly state: TwinState
  /** The code on the screen, such as PXE-E53; empty where there is none. */
  readonly code: string
  /** What happens, in a clause. */
  readonly verdict: string
  /** Why, in a sentence without its end. */
  readonly because: string
  /** The line of the configuration that decides. */
  readonly decides?: Source
  /** Files on the way that nobody provided, in the order in which they are loaded. */
  readonly files: readonly UnseenFile[]
}

export interface TwinRow {
  readonly scope: Scope
  /** The machine that an address or boot file is kept for; any machine where it is absent. */
  readonly reservation?: Reservation
  readonly cells: readonly TwinCell[]
}

export interface Twin {
  readonly network: TwinNetwork
  readonly rows: readonly TwinRow[]
  readonly notices: readonly TwinNotice[]
}

/** Machines of one row to which the same happens for the same reason. */
export interface TwinGroup {
  readonly kinds: readonly MachineKind[]
  readonly cell: TwinCell
}

/** Lines that may hide what a machine would be told: a failure for want of something is not known beside them. */
const hiding: ReadonlySet<MessageId> = new Set<MessageId>([
  'interchange.included-file-given-read-before',
  'interchange.included-file-given-includes-itself',
  'interchange.file-folder-given-read-before',
  'interchange.missing-end',
  'interchange.file-json',
  'interchange.spawning-classes-template-test-read',
  'interchange.hook-library-does-replies-read',
])
const mayHide = ({ why }: NotUnderstood): boolean => isMessage(why) && hiding.has(why.say)

const where = ({ file, line }: Source): string => `${file}, line ${line}`
const hasAnyBoot = ({ configuration }: TwinServer): boolean => {
  const boots = (list: readonly { readonly set: { readonly is: string; readonly code?: number } }[]): boolean =>
    list.some(({ set }) => set.is === 'boot-file' || (set.is === 'option' && [43, 60, 66, 67].includes(set.code ?? 0)))
  return (
    configuration.pxeServices.length > 0 ||
    boots(configuration.statements) ||
    configuration.classes.some((one) => boots(one.statements)) ||
    configuration.reservations.some((one) => boots(one.statements)) ||
    configuration.subnets.some((one) => boots([...one.statements, ...one.networkStatements, ...one.pools.flatMap((pool) => pool.statements), ...one.reservations.flatMap((kept) => kept.statements)])) // prettier-ignore
  )
}

interface Run {
  readonly state: 'booted' | 'failed' | 'local' | 'waiting'
  readonly code: string
  readonly because: string
  readonly address: string
  /** Boot files that were asked for, in their order. */
  readonly asked: readonly string[]
}

function play(input: ScenarioInput): Run {
  const simulation = new Simulation(scenarioSchema.parse(input), { record: true, frameLimit: 0 })
  simulation.run()
  const { state, code, because, address } = simulation.outcomes()[0]!
  const asked = simulation.moments.flatMap(({ event }) => (event.type === 'stage' && event.stage === 'file' ? [inEnglish(event.text)] : [])) // prettier-ignore
  return { state, code, because: inEnglish(because), address, asked }
}

/** The same network with the servers in the other order: who answers first then is another. */
function reversed(input: ScenarioInput): ScenarioInput {
  return { ...input, hosts: Object.fromEntries(Object.entries(input.hosts ?? {}).toReversed()) }
}

const isSamePath = (asked: string, { path, file }: Target): boolean => {
  const plain = (text: string): string => text.replaceAll('\\', '/').replace(/^[a-z]+:\/\/[^/]+/i, '').replace(/^\/+/, '').toLowerCase() // prettier-ignore
  return plain(asked) === plain(path) || plain(asked) === plain(file.text)
}

/** Targets in the order in which the machine asked for them. */
function loaded(run: Run, targets: readonly Target[]): Target[] {
  const found = run.asked.flatMap((asked) => targets.find((one) => isSamePath(asked, one)) ?? [])
  return [...new Set(found)]
}

/** `10.0.0.5 has a and b, and 10.0.0.6 has c`. */
function filesText(way: readonly Target[]): string {
  const byHost = new Map<string, string[]>()
  for (const { host, path } of way) byHost.set(host, [...(byHost.get(host) ?? []), path])
  return [...byHost].map(([host, paths]) => `${host} has ${paths.join(' and ')}`).join(', and ')
}

const unseen = ({ path, host, file }: Target): UnseenFile => ({ path, server: host, source: file.source })

/** Settings that decide a boot, without where they stand: equal machines get equal ones. */
const gist = ({ server, stage, isRelayed, offer }: Said): unknown => [
  server.key,
  stage,
  isRelayed,
  offer.silent?.text,
  offer.subnet.isProxy,
  offer.bootFile?.text,
  offer.nextServer?.text,
  offer.serverName?.text,
  [43, 60, 66, 67].map((code) => offer.options.get(code)?.text),
]

/** Whether what the server says to that machine is what it says to any. */
const isSaidAlike = (one: Machine, other: Machine, scope: Scope): boolean => JSON.stringify(saidTo(one, scope).map(gist)) === JSON.stringify(saidTo(other, scope).map(gist)) // prettier-ignore

/** A root path that is a disk: iPXE attaches it, as no other program does (ipxe.org/sanuri). */
const isDisk = ({ options, bootFile }: Offer): boolean => (bootFile?.text ?? '') === '' && /^(iscsi|aoe|fcp|ib_srp|nvme|https?):/i.test(options.get(17)?.text ?? '') // prettier-ignore

function judge(machine: Machine, scope: Scope): TwinCell {
  const { kind } = machine
  const { scenario, targets } = scenarioOfScope(scope, [machine])
  const named = targets.get(machine.key) ?? []
  const cell = (state: TwinState, verdict: string, because: string, more: Partial<TwinCell> = {}): TwinCell => ({ kind, state, code: '', verdict, because, files: [], ...more }) // prettier-ignore
  const said = saidTo(machine, scope)
  const stageOne = said.filter(({ stage }) => stage === (kind.isIpxe ? 'ipxe' : 'firmware'))
  const servers = [...scope.direct, ...scope.relayed]
  const strangers = scope.strangers.map(({ text }) => text).join(' and ')
  const hidden = servers.flatMap(({ configuration }) => configuration.notUnderstood.filter(mayHide))
  const undecided = said.flatMap(({ offer }) => offer.undecided)
  /** A failure for want of an answer or a file is not known where somebody unknown may give it. */
  const orUnknown = (failure: TwinCell): TwinCell => {
    const doubt = strangers !== '' ? `its requests also go to ${strangers}, of which nothing was given (${where(scope.strangers[0]!.source)})`
      : undecided.length > 0 ? `a condition cannot be decided here (${where(undecided[0]!)})`
        : hidden.length > 0 ? `something that was not read may decide it (${where(hidden[0]!)}: ${textOf(hidden[0]!.why)})`
          : servers.length > 0 && !servers.some(hasAnyBoot) ? 'no configuration that was given names a boot file or a boot server for anyone: a PXE server beside it was not given'
            : undefined // prettier-ignore
    if (doubt === undefined) return failure
    return { ...failure, state: 'unknown', verdict: `Not known: ${failure.verdict.charAt(0).toLowerCase()}${failure.verdict.slice(1)} by what was given`, because: doubt } // prettier-ignore
  }
  if (servers.length === 0) {
    const relay = scope.relayInterface
    const nobody = relay?.helpers.length === 0 ? `the relay ${relay.device} has no helper address in ${scope.network}, so no server hears it` : `no server of which a configuration was given hears ${scope.network}` // prettier-ignore
    return orUnknown(cell('fails', 'No server hears it', nobody, { decides: relay?.source ?? scope.source }))
  }
  const answered = stageOne.filter(({ offer }) => !offer.silent)
  if (answered.length === 0) {
    const [first] = stageOne
    if (!first) {
      const server = servers[0]!
      return orUnknown(cell('fails', 'No offer: the server has no subnet for it', `${server.title} has no subnet that contains ${scope.relay === undefined ? scope.network : formatIpv4(scope.relay)}`, { decides: scope.relayInterface?.source ?? scope.source })) // prettier-ignore
    }
    const { source } = first.offer.silent!
    const text = textOf(first.offer.silent!.text)
    return orUnknown(cell('fails', `No offer: ${text}`, `${first.server.title} does not answer it: ${text}`, { decides: source })) // prettier-ignore
  }
  const run = play(scenario)
  const way = loaded(run, named)
  const files = way.map(unseen)
  const last = way.at(-1)
  if (run.state === 'booted' || run.state === 'local') {
    const leasing = answered.filter(({ offer }) => !offer.subnet.isProxy)
    if (leasing.length > 1) {
      const other = play(reversed(scenario))
      const otherWay = loaded(other, named).map(({ file }) => file.text)
      if (other.state !== run.state || otherWay.join() !== way.map(({ file }) => file.text).join()) {
        const who = leasing.map(({ server }) => server.title).join(' and ')
        return cell('depends', 'Depends on which DHCP server answers first', `${who} both offer an address, and ${other.state === 'booted' ? 'it loads another file from the other' : `with the other it ends with ${other.code || other.because}`}`, { decides: leasing[1]!.offer.subnet.source, files }) // prettier-ignore
      }
    }
    if (run.state === 'local') return cell('local', 'Boots from its own disk', run.because, { ...(last ? { decides: last.file.source } : {}), files }) // prettier-ignore
    if (!last) return cell('boots', 'Boots', run.because, { decides: stageOne[0]!.offer.subnet.source })
    return cell('boots-if', `Boots if ${filesText(way)}`, `${last.said.server.title} gives it ${last.file.text} (${where(last.file.source)})`, { decides: last.file.source, files }) // prettier-ignore
  }
  const failure = (verdict: string, because: string, decides: Source): TwinCell => cell('fails', run.code === '' ? verdict : `${verdict} (${run.code})`, because, { code: run.code, decides, files }) // prettier-ignore
  const stopped = last ?? named.find(({ said: { stage } }) => stage === (kind.isIpxe ? 'ipxe' : 'firmware'))
  const { offer: given } = stopped?.said ?? answered[0]!
  if (stopped && stopped.address === undefined && given.options.get(6) === undefined && stopped.said.server.configuration.engine !== 'dnsmasq') return failure(`Cannot find the address of ${stopped.host}`, `${stopped.host} is a name, and the offer brings no DNS server (option 6)`, stopped.file.source) // prettier-ignore
  if (stopped?.address !== undefined && !isOnWire(stopped.address, scope) && given.options.get(3) === undefined && stopped.said.server.configuration.engine !== 'dnsmasq') return failure(`Does not reach ${stopped.host}`, `${stopped.host} is outside ${scope.network}, and the offer names no router (option 3)`, given.subnet.source) // prettier-ignore
  const diskOf = said.find(({ stage, offer }) => stage === 'ipxe' && !offer.silent && isDisk(offer) && !named.some((one) => one.said.offer === offer)) // prettier-ignore
  if (diskOf && (last !== undefined || kind.isIpxe) && /names nothing to boot/.test(run.because)) {
    const { text, source } = diskOf.offer.options.get(17)!
    return cell('boots-if', `Boots if ${last ? `${filesText(way)}, and ` : ''}the disk ${text} is there`, `iPXE is given the disk by its root path, option 17 (${where(source)})`, { decides: source, files }) // prettier-ignore
  }
  if (last && /loads iPXE again and again/.test(run.because)) {
    const loops = failure(`Loops with ${last.path}`, run.because, last.file.source)
    return { ...loops, state: 'unknown', because: `${run.because}. It boots only if ${last.path} was built with a script of its own` } // prettier-ignore
  }
  // iPXE was loaded and is given nothing more: its script may be built in, or lie beside it as autoexec.ipxe, and no configuration tells.
  if (stopped && isIpxeByName(stopped.path) && /names nothing to boot/.test(run.because)) {
    const given = failure(`Loads ${stopped.path}, which is given nothing more`, run.because, stopped.file.source)
    return { ...given, state: 'unknown', because: `${run.because}. It boots only if ${stopped.path} was built with a script of its own, or autoexec.ipxe is beside it` } // prettier-ignore
  }
  if (last) return failure(`Fails with ${last.path}`, run.because, last.file.source)
  const target = named.find(({ said: { stage } }) => stage === (kind.isIpxe ? 'ipxe' : 'firmware'))
  const option60 = answered.map(({ offer }) => offer.options.get(60)).find((one) => one?.text.startsWith('PXEClient') === true) // prettier-ignore
  // What else runs on that machine, such as WDS, no configuration of its DHCP server tells.
  if (option60 && (/port 4011/.test(run.because) || (!target && !kind.isHttp))) {
    const fails = failure('Option 60 sends it to port 4011', run.because, option60.source)
    return { ...fails, state: 'unknown', because: `it boots only if a PXE service answers on port 4011 of the DHCP server, which its configuration does not tell; without one, ${run.because}` } // prettier-ignore
  }
  if (target) return failure(`Does not load ${target.path}`, run.because, target.file.source)
  const [first] = answered
  return orUnknown(failure('No boot file for it', `${first!.server.title} names no boot file for it: no statement that holds for it does`, first!.offer.subnet.source)) // prettier-ignore
}

/** Reserved machines to which a server says something else than to any machine. */
function special(scope: Scope, machines: readonly Machine[]): { readonly reservation: Reservation; readonly machines: readonly Machine[] }[] {
  const seen = new Set<string>()
  return [...scope.direct, ...scope.relayed].flatMap((server) => {
    const { configuration } = server
    const near = (scope.subnetsOf.get(server) ?? []).filter(({ network }) => network === scope.network)
    return [...near.flatMap((one) => one.reservations), ...configuration.reservations].flatMap((reservation) => {
      const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.exec(reservation.who)?.[0].toLowerCase()
      if (mac === undefined || seen.has(mac)) return []
      seen.add(mac)
      if (reservation.statements.length === 0 && reservation.classes.length === 0 && !reservation.isIgnored && !knowsKnown(configuration)) return []
      const own = machines.map((one) => ({ ...one, mac, title: `${one.title}, ${mac}` }))
      return own.some((one, index) => !isSaidAlike(one, machines[index]!, scope)) ? [{ reservation, machines: own }] : []
    })
  })
} // prettier-ignore

/** Whether being known makes a difference: a class or a guard that asks for it. */
const knowsKnown = ({ classes, subnets, ignored, statements }: TwinServer['configuration']): boolean =>
  /"name":"!?(known|KNOWN|UNKNOWN)"/.test(JSON.stringify([classes.map(({ test }) => test), subnets.map((one) => [one.test, one.pools.map(({ test }) => test)]), ignored, statements.map(({ test }) => test)])) // prettier-ignore

/** Addresses of a scope by their part in it, for telling of one scope what was simulated of another. */
const addressesOf = (scope: Scope): string[] => [
  formatIpv4(scope.relay ?? 0),
  ...[...scope.direct, ...scope.relayed].map(({ address }) => formatIpv4(address)),
]

/** The rows of a network one after another, each computed when it is asked for. */
function* twinRows(network: TwinNetwork, ledger: Ledger): Generator<TwinRow, void> {
  const machines = plainMachines()
  /** By what the servers say to whom and how they are reached. */
  const known = new Map<string, { readonly scope: Scope; readonly cell: TwinCell }>()
  const cellOf = (machine: Machine, scope: Scope): TwinCell => {
    const said = saidTo(machine, scope)
    const key = JSON.stringify([machine.kind.key, said.map(gist), said.map(({ offer }) => [offer.options.get(3)?.text !== undefined, offer.options.get(6)?.text !== undefined, offer.reservation !== undefined]), scope.direct.map((one) => one.key), scope.relayed.map((one) => one.key), scope.strangers.map(({ text }) => text), said.length === 0 ? scope.network : '']) // prettier-ignore
    const before = known.get(key)
    if (before) return movedTo(scope, before)
    const cell = judge(machine, scope)
    ledger.add(machine.title, said)
    known.set(key, { scope, cell })
    return cell
  }
  for (const scope of network.scopes) {
    yield { scope, cells: machines.map((one) => cellOf(one, scope)) }
    for (const { reservation, machines: own } of special(scope, machines))
      yield { scope, reservation, cells: own.map((one) => cellOf(one, scope)) }
  }
}

/** What holds for one scope told of another that is served alike. */
function movedTo(scope: Scope, { scope: from, cell }: { readonly scope: Scope; readonly cell: TwinCell }): TwinCell {
  if (scope === from) return cell
  const [old, own] = [addressesOf(from), addressesOf(scope)]
  const moved = (text: string): string => old.reduce((all, one, index) => (one === '0.0.0.0' ? all : all.replaceAll(one, own[index] ?? one)), text.replaceAll(from.network, scope.network)) // prettier-ignore
  const isOfScope = cell.decides?.file === from.source.file && cell.decides.line === from.source.line
  return { ...cell, verdict: moved(cell.verdict), because: moved(cell.because), ...(isOfScope ? { decides: scope.source } : {}) } // prettier-ignore
}

/** The twin row by row, for whoever has something else to do in between; the twin at the end. */
export function* twinSteps(network: TwinNetwork): Generator<TwinRow, Twin> {
  const ledger = new Ledger()
  const rows: TwinRow[] = []
  for (const row of twinRows(network, ledger)) {
    rows.push(row)
    yield row
  }
  return { network, rows, notices: [...networkNotices(network), ...ledger.notices()] }
}

export function twinOf(network: TwinNetwork): Twin {
  const steps = twinSteps(network)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** What happens in a row, each thing once with the machines it happens to. */
export function groupsOf({ cells }: Pick<TwinRow, 'cells'>): TwinGroup[] {
  const groups = new Map<string, { kinds: MachineKind[]; cell: TwinCell }>()
  for (const cell of cells) {
    const { state, code, verdict, because, decides, files } = cell
    const key = JSON.stringify([state, code, verdict, because, decides, files])
    const before = groups.get(key)
    if (before) before.kinds.push(cell.kind)
    else groups.set(key, { kinds: [cell.kind], cell })
  }
  return [...groups.values()]
}

/** The scenario of one cell, or of a whole row where no kind is named. */
export function scenarioOfRow({ scope, reservation }: Pick<TwinRow, 'scope' | 'reservation'>, kind?: MachineKind): ScenarioInput {
  const mac = reservation && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(reservation.who) ? reservation.who.toLowerCase() : undefined
  const machines = plainMachines().filter((one) => kind === undefined || one.kind === kind)
  return scenarioOfScope(scope, mac === undefined ? machines : machines.slice(0, 1).map((one) => ({ ...one, mac, title: `${one.title}, ${mac}` })), `${scope.network}${kind ? `: ${kind.title}` : ''}`).scenario
} // prettier-ignore
