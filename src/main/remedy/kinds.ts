/** What is there now of what a change concerns, read with the tools of the system and never from their sentences. */
import { chainsOf, firewallRule, savedChains, type System } from '#shared/diagnosis/commands.ts'
import type { Change, ChangeOf, Saved } from '#shared/lab/repair.ts'
import { firewallRulesCommand, parseScQuery } from '../inspect/windows-facts.ts'
import { parseNft } from '../inspect/nft.ts'
import { longOutput, type RunTool, type ToolOutput } from '../system/programs.ts'

/** Something that cannot be done, with what to do instead. */
export class RemedyError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export interface Machine {
  readonly system: System
  readonly run: RunTool
  /** The program that is to open low ports. */
  readonly program: string
  /** Its name, with which commands name its DHCP server. */
  readonly host?: string
}

const asAdministrator = 'Run it with administrator rights, or make the change by hand with the commands that are shown.'

const notTold = (what: string, { command, problem, output }: ToolOutput): RemedyError =>
  new RemedyError(
    `${what} cannot be read: ${command} says ${JSON.stringify(output.trim().slice(0, 200))}${problem === undefined ? '' : ` (${problem})`}`,
    asAdministrator,
  )

const fullKey = (key: string): string => key.replace(/^HKLM(?=\\)/, 'HKEY_LOCAL_MACHINE')

/**
 * What `reg query` tells. It ends with 0, or with 1 and a sentence; anything else has told nothing of the key, least of all
 * that it is not there.
 */
export async function queryRegistry(values: readonly string[], run: RunTool): Promise<ToolOutput> {
  const answer = await run('reg', ['query', ...values])
  if (answer.code !== 0 && (answer.code !== 1 || answer.output.trim() === '')) throw notTold(values[0]!, answer)
  return answer
}

/** The highest key above and including this one that is not there; null where all are. */
async function missingKey(key: string, run: RunTool): Promise<string | null> {
  let missing: string | null = null
  for (let at = key; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('\\')))) {
    const answer = await queryRegistry([at], run)
    if (answer.code === 0) {
      const isListed = answer.output
        .split(/\r?\n/)
        .some((line) => missing !== null && line.trim().toLowerCase() === fullKey(missing).toLowerCase())
      // It is there, and may not be read.
      if (isListed) throw notTold(missing ?? key, answer)
      return missing
    }
    missing = at
  }
  throw new RemedyError(`${key} cannot be read, nor any key above it`, asAdministrator)
}

async function readRegistry({ key, name }: ChangeOf<'registry'>, { run }: Machine): Promise<Saved> {
  const answer = await queryRegistry([key, '/v', name], run)
  const lines = answer.output.split(/\r?\n/)
  const pattern = new RegExp(`^ {4}${name} {4}(REG_[A-Z_]+)(?: {4}(.*))?$`, 'i')
  const at = lines.findIndex((line) => pattern.test(line))
  if (answer.code === 0 && at >= 0) {
    const [, type = '', data = ''] = pattern.exec(lines[at]!)!
    // Text of several lines, or in letters that the console does not carry, could not be written back as it was.
    if (!/^[\x20-\x7e]*$/.test(data) || (lines[at + 1] ?? '') !== '')
      throw new RemedyError(
        `${key}\\${name} holds ${type} data that cannot be saved exactly`,
        'Export the key with regedit, then make the change by hand.',
      )
    return { type, data, missingKey: null }
  }
  if (answer.code === 0) throw notTold(`${key}\\${name}`, answer)
  return { type: null, data: null, missingKey: await missingKey(key, run) }
}

async function readOption({ option, level, at }: ChangeOf<'dhcp-option'>, { run }: Machine): Promise<Saved> {
  const answer = await run('netsh', ['dhcp', 'server', 'dump'], longOutput)
  if (!/dhcp server/i.test(answer.output)) throw notTold('The options of the DHCP server', answer)
  const lines = answer.output.split(/\r?\n/).map((line) => line.trim())
  const scope = level === 'scope' ? `Scope ${at.replaceAll('.', '\\.')} ` : ''
  const pattern = new RegExp(`^Dhcp Server \\S+ ${scope}set optionvalue ${option} `, 'i')
  return {
    // Values of a class of clients stand beside the plain one.
    line: lines.find((line) => pattern.test(line) && !/\b(user|vendor)=/i.test(line)) ?? null,
    definition: lines.find((line) => new RegExp(`add optiondef ${option} `, 'i').test(line)) ?? null,
  }
}

async function readScope(scope: string, { run }: Machine): Promise<Saved> {
  const answer = await run('netsh', ['dhcp', 'server', 'dump'], longOutput)
  const pattern = new RegExp(`^\\s*Dhcp Server \\S+ Scope ${scope.replaceAll('.', '\\.')} set state (\\d)`, 'im')
  const state = pattern.exec(answer.output)?.[1]
  if (state === undefined) throw notTold(`The state of scope ${scope}`, answer)
  return { state }
}

const settleMs = 30_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until a service has ended what it is doing. */
async function readService(name: string, { run, system }: Machine): Promise<Saved> {
  const until = performance.now() + settleMs
  for (;;) {
    const saved = system === 'windows' ? await windowsService(name, run) : await unit(name, run)
    if (saved['state'] !== 'pending') return saved
    if (performance.now() > until)
      throw new RemedyError(
        `${name} has been starting or stopping for ${settleMs / 1000} s`,
        'Look into its event log.',
      )
    await pause(250)
  }
}

async function windowsService(name: string, run: RunTool): Promise<Saved> {
  const [query, start] = await Promise.all([
    run('sc.exe', ['query', name]),
    queryRegistry([`HKLM\\SYSTEM\\CurrentControlSet\\Services\\${name}`], run),
  ])
  const state = parseScQuery(query.output)
  if (state === undefined) throw notTold(`The state of ${name}`, query)
  if (state === 'absent') throw new RemedyError(`${name} is not installed here`, 'Check the facts again.')
  const number = (value: string): number =>
    Number(new RegExp(`^ {4}${value} {4}REG_DWORD {4}(\\S+)`, 'im').exec(start.output)?.[1])
  const types: readonly (string | undefined)[] = [undefined, undefined, 'auto', 'manual', 'disabled']
  const type = types[number('Start')] ?? null
  return {
    state: state === 'paused' ? 'running' : state,
    start: type === 'auto' && number('DelayedAutostart') === 1 ? 'delayed-auto' : type,
  }
}

async function unit(name: string, run: RunTool): Promise<Saved> {
  const answer = await run('systemctl', ['show', '--property=LoadState,ActiveState,UnitFileState', name])
  const fields = new Map(answer.output.split('\n').map((line) => line.split('=') as [string, string]))
  const active = fields.get('ActiveState')
  if (answer.code !== 0 || active === undefined) throw notTold(`The state of ${name}`, answer)
  if (fields.get('LoadState') === 'not-found')
    throw new RemedyError(`${name} is no service of this machine`, 'End its process, or the program it belongs to.')
  const file = fields.get('UnitFileState') ?? ''
  return {
    state: active === 'active' ? 'running' : /^(de)?activating$|^reloading$/.test(active) ? 'pending' : 'stopped',
    // Others (static, generated) are switched on and off by something else.
    start: file === 'enabled' ? 'auto' : file === 'disabled' ? 'manual' : null,
  }
}

async function readFirewall({ port, family }: ChangeOf<'firewall'>, { run, system }: Machine): Promise<Saved> {
  const name = firewallRule(port)
  if (system === 'windows') {
    const [program, ...values] = firewallRulesCommand
    const answer = await run(program, values)
    if (answer.code !== 0) throw notTold('The rules of the firewall', answer)
    return { rule: answer.output.includes(`|Name=${name}|`) ? name : null }
  }
  const answer = await run('nft', ['-j', '-a', 'list', 'ruleset'])
  const told = answer.code === 0 ? parseNft(answer.output, family === 'ipv6' ? 'ip6' : 'ip') : undefined
  if (!told) throw notTold('The rules of the firewall', answer)
  // Each chain of the hook decides by itself: a packet gets in where none of them drops it.
  const closing = told.inputChains.filter((one) => one.drops || one.blocks(port) || told.ours(name, one.path))
  const chains = closing.length > 0 ? closing : told.inputChains.slice(0, 1)
  if (chains.length === 0) throw new RemedyError('The firewall has no chain for what comes in', 'Nothing has to be let in.') // prettier-ignore
  return savedChains(chains.map(({ path }) => ({ path, handle: told.ours(name, path) })))
}

async function readLowPorts({ run, program }: Machine): Promise<Saved> {
  const answer = await run('getcap', [program])
  if (answer.code !== 0) throw notTold('The capabilities of the program', answer)
  return { capabilities: answer.output.replace(program, '').replace(/^\s*=?\s+|\s+$/g, '') || null, program }
}

/** What is there now. */
export function readNow(change: Change, machine: Machine): Promise<Saved> {
  switch (change.kind) {
    case 'registry':
      return readRegistry(change, machine)
    case 'dhcp-option':
      return readOption(change, machine)
    case 'dhcp-scope':
      return readScope(change.scope, machine)
    case 'service':
    case 'restart':
      return readService(change.name, machine)
    case 'firewall':
      return readFirewall(change, machine)
    case 'low-ports':
      return readLowPorts(machine)
  }
}

const optionValue = (line: string | null | undefined): string | null =>
  line ? (/ STRING "?([^"]*)"?\s*$/i.exec(line)?.[1] ?? line) : null

/** Whether what is wanted is there. */
export function isReached(change: Change, now: Saved): boolean {
  switch (change.kind) {
    case 'registry':
      return now['type'] === 'REG_DWORD' && Number(now['data']) === change.data
    case 'dhcp-option':
      return optionValue(now['line']) === change.value
    case 'dhcp-scope':
      return /^[13]$/.test(now['state'] ?? '') === change.isActive
    case 'service':
      return (
        now['state'] === change.state &&
        (change.start === undefined || now['start'] === null || now['start'] === change.start)
      )
    case 'restart':
      return now['state'] === 'running'
    case 'firewall':
      return now['rule'] !== null && chainsOf(now).every((one) => one.handle !== undefined)
    case 'low-ports':
      return now['capabilities']?.includes('cap_net_bind_service') === true
  }
}

const openedBy = (saved: Saved): string =>
  saved['chain'] ? chainsOf(saved).flatMap(({ path, handle }) => (handle === undefined ? [] : path)).toSorted().join() : String(saved['rule'] === null) // prettier-ignore

/** Whether what was saved is there again. */
export function isAsBefore(change: Change, saved: Saved, now: Saved): boolean {
  const same = (...names: readonly string[]): boolean => names.every((name) => saved[name] === now[name])
  switch (change.kind) {
    case 'registry':
      return same('type', 'data')
    case 'dhcp-option':
      return same('line') && (saved['definition'] === null) === (now['definition'] === null)
    case 'service':
      return same('state') && (change.start === undefined || same('start'))
    case 'dhcp-scope':
    case 'restart':
      return same('state')
    case 'firewall':
      return openedBy(saved) === openedBy(now)
    case 'low-ports':
      return same('capabilities')
  }
}

/** For people: what a change is about, what is there, what will be. */
export function describeChange(change: Change, now: Saved): { what: string; now: string; wanted: string } {
  switch (change.kind) {
    case 'registry':
      return {
        what: `${change.key}\\${change.name}`,
        now: now['type'] === null ? 'absent' : `${now['type']} ${now['data']}`,
        wanted: `REG_DWORD 0x${change.data.toString(16)}`,
      }
    case 'dhcp-option':
      return {
        what: `DHCP option ${change.option} at ${change.level} level${change.at === '' ? '' : ` ${change.at}`}`,
        now: optionValue(now['line']) ?? 'not set',
        wanted: change.value ?? 'not set',
      }
    case 'dhcp-scope':
      return {
        what: `DHCP scope ${change.scope}`,
        now: /^[13]$/.test(now['state'] ?? '') ? 'active' : 'inactive',
        wanted: change.isActive ? 'active' : 'inactive',
      }
    case 'service':
      return {
        what: `service ${change.name}`,
        now: `${now['state']}${change.start && now['start'] ? `, start ${now['start']}` : ''}`,
        wanted: `${change.state}${change.start ? `, start ${change.start}` : ''}`,
      }
    case 'restart':
      return { what: `service ${change.name}`, now: now['state'] ?? '', wanted: 'started again' }
    case 'firewall':
      return {
        what: `firewall, UDP ${change.port}${change.family === 'ipv6' ? ' over IPv6' : ''}`,
        now: now['rule'] === null ? 'no rule' : 'let in',
        wanted: 'let in',
      }
    case 'low-ports':
      return {
        what: `ports below 1024 for ${now['program']}`,
        now: now['capabilities'] ?? 'no capabilities',
        wanted: 'cap_net_bind_service, cap_net_raw',
      }
  }
}
