/** Collects the facts of this machine, and reads those that were collected elsewhere. Changes nothing anywhere. */
import { textOf } from '#messages/text.ts'
import { say } from '#messages/message.ts'
import { readFile, readdir } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { bootPorts, factsSchema, wdsPorts, type Facts } from '#shared/lab/facts.ts'
import { isNestedTooDeeply } from '#shared/lab/nesting.ts'
import { explainIssues, shownValue, valueAt } from '#shared/lab/schema-problems.ts'
import { ingressDevices, parseNft } from './nft.ts'
import { ownersElsewhere, parseNetstat, parseTasklist, portOwners } from './port-owner.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { listInterfaces } from '../responder/interfaces.ts'
import { doubles, hostSystem } from '../system/program-paths.ts'
import { ownedSockets, processNames } from '../system/windows-tables.ts'
import { runTool, type ToolLimits } from '../system/programs.ts'
import { limitsOf, shortenDhcpDump, windowsCommands, windowsFacts, type WindowsCommand } from './windows-facts.ts'

type Source = Facts['sources'][string]

async function sourceOf(program: string, values: readonly string[], limits: ToolLimits = {}): Promise<Source> {
  const { command, output, problem } = await runTool(program, values, limits)
  return { command, output, ...(problem === undefined ? {} : { problem }) }
}

/** Programs that give addresses or files on systems other than Windows: unit, and process where there is no systemd. */
const unixServers = [
  ['dnsmasq', 'dnsmasq'],
  ['kea-dhcp4-server', 'kea-dhcp4'],
  ['kea-dhcp6-server', 'kea-dhcp6'],
  ['isc-dhcp-server', 'dhcpd'],
  ['tftpd-hpa', 'in.tftpd'],
  ['atftpd', 'atftpd'],
] as const

/** `systemctl show`: blocks of name=value, one for each unit (systemctl(1)). */
export function parseSystemctl(text: string): NonNullable<Facts['services']>['value'] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fields = new Map(block.split('\n').map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]))
    const name = (fields.get('Id') ?? '').replace(/\.service$/, '')
    if (name === '' || fields.get('LoadState') !== 'loaded') return []
    const active = fields.get('ActiveState') ?? ''
    const file = fields.get('UnitFileState') ?? ''
    return [
      {
        name,
        state:
          active === 'active'
            ? 'running'
            : active === 'activating' || active === 'deactivating'
              ? 'pending'
              : 'stopped',
        start: file.startsWith('enabled')
          ? 'auto'
          : file === 'disabled'
            ? 'manual'
            : file === 'masked'
              ? 'disabled'
              : 'unknown',
      } as const,
    ]
  })
}

type Services = NonNullable<Facts['services']>['value']

async function unixServices(system: 'linux' | 'macos'): Promise<{ value: Services; source: Source }> {
  if (system === 'linux') {
    const units = unixServers.map(([unit]) => `${unit}.service`)
    const source = await sourceOf('systemctl', ['show', '--property=Id,LoadState,ActiveState,UnitFileState', ...units])
    if (source.problem === undefined) return { value: parseSystemctl(source.output), source }
  }
  // No systemd: what runs is what has a process.
  const names = new Set(
    system === 'linux' ? await linuxProcesses() : (await sourceOf('ps', ['-axco', 'comm'])).output.split('\n'),
  )
  const value = unixServers
    .filter(([, process]) => names.has(process))
    .map(([name]) => ({ name, state: 'running' as const, start: 'unknown' as const }))
  return { value, source: { command: 'names of the processes', output: value.map((one) => one.name).join('\n') } }
}

async function linuxProcesses(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
  return names.map((name) => name.trim())
}

async function ownInterfaces(): Promise<
  { name: string; address: string; prefixLength: number; mac: string; mtu?: number }[]
> {
  const found = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? [])
      .filter((one) => one.family === 'IPv4' && !one.internal)
      .map((one) => ({
        name,
        address: one.address,
        prefixLength: Number(one.cidr?.split('/')[1] ?? 32),
        mac: one.mac,
      })),
  )
  const told = hostSystem() === 'linux' ? undefined : mtusIn((await runTool('ifconfig', ['-a'])).output)
  return Promise.all(
    found.map(async (one) => {
      const mtu = told
        ? (told.get(one.name) ?? 0)
        : Number(await readFile(`/sys/class/net/${one.name}/mtu`, 'utf8').catch(() => ''))
      return mtu > 0 ? { ...one, mtu } : one
    }),
  )
}

/** MTUs by interface as `ifconfig -a` of macOS and BSD prints them: `en0: flags=8863<UP,...> mtu 1500`. */
export const mtusIn = (output: string): ReadonlyMap<string, number> =>
  new Map(Array.from(output.matchAll(/^(\S+): flags=[^\n]*\bmtu (\d+)/gm), ([, name, mtu]) => [name!, Number(mtu)]))

function base(system: Facts['system'], sources: Facts['sources']): Facts {
  return { version: 2, collectedAt: new Date().toISOString(), host: hostname(), system, sources }
}

/** Whether this process may open ports below 1024: root, CAP_NET_BIND_SERVICE (bit 10 of CapEff), or a system that lets all. */
async function lowPorts(): Promise<{ value: boolean; source: Source } | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const start = await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => '1024')
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  if (effective === undefined) return undefined
  return {
    value: ((BigInt(`0x${effective}`) >> 10n) & 1n) === 1n || Number(start) <= 67,
    source: {
      command: '/proc/self/status, /proc/sys/net/ipv4/ip_unprivileged_port_start',
      output: `CapEff: ${effective}\nip_unprivileged_port_start: ${start.trim()}`,
    },
  }
}

/** Rules of nftables; undefined where they may not be read or there is no nft. */
async function linuxFirewall(): Promise<{
  value: NonNullable<Facts['firewall']>['value'] | undefined
  source: Source
}> {
  const source = await sourceOf('nft', ['-j', '-a', 'list', 'ruleset'])
  const lacksDevices = source.output.includes('"ingress"') && !source.output.includes('"dev":')
  const devices = ingressDevices(lacksDevices ? (await sourceOf('nft', ['list', 'chains'])).output : '')
  const [told, over6] = (['ip', 'ip6'] as const).map((family) =>
    source.problem === undefined ? parseNft(source.output, family, devices) : undefined,
  )
  const closes6 =
    over6?.inputChains
      .filter((one) => one.drops || bootPorts.some((port) => one.blocks(port)))
      .map((one) => one.path)
      .join() ?? ''
  return {
    value: told && {
      isOn: told.isOn,
      rules: [...told.rules],
      letsAnswersIn: told.letsAnswersIn,
      ...(told.redirects.length > 0 ? { redirects: [...told.redirects] } : {}),
      ...(over6
        ? {
            ipv6: {
              isOn: over6.isOn,
              rules: [...over6.rules],
              ...(closes6 ? { chain: closes6 } : {}),
            },
          }
        : {}),
    },
    source,
  }
}

async function collectUnix(system: 'linux' | 'macos'): Promise<Facts> {
  const [owners, elsewhere, interfaces, services, firewall, low] = await Promise.all([
    portOwners(system === 'linux' ? wdsPorts : bootPorts),
    ownersElsewhere(bootPorts),
    ownInterfaces(),
    unixServices(system),
    system === 'linux' ? linuxFirewall() : undefined,
    system === 'linux' ? lowPorts() : undefined,
  ])
  const hidden = owners.some((one) => one.pid === undefined)
  const lines = owners.map(
    (one) => `UDP ${one.address}:${one.port} ${one.pid ?? '-'} ${one.process ?? '-'} ${one.service ?? '-'}`,
  )
  return {
    ...base(system, {
      udp: {
        command: system === 'linux' ? '/proc/net/udp, /proc/net/udp6, /proc/*/fd' : 'lsof -nP -iUDP -F pcn',
        output: lines.join('\n'),
        ...(hidden ? { problem: 'the processes of other users show only with administrator rights' } : {}),
      },
      interfaces: {
        command: 'interfaces of the system',
        output: interfaces
          .map((one) => `${one.name}|${one.address}|${one.prefixLength}|${one.mtu ?? ''}|${one.mac}`)
          .join('\n'),
      },
      services: services.source,
      ...(firewall ? { firewall: firewall.source } : {}),
      ...(low ? { 'low-ports': low.source } : {}),
    }),
    isElevated: process.getuid?.() === 0,
    interfaces: { value: interfaces, source: 'interfaces' },
    udp: {
      value: [...owners, ...elsewhere].map(({ address, port, pid, process: name, service, since, namespace }) => ({
        address,
        port,
        ...(pid === undefined ? {} : { pid }),
        ...(name === undefined ? {} : { process: name }),
        services: service === undefined ? [] : [service.replace(/\.service$/, '')],
        ...(since === undefined ? {} : { since }),
        ...(pid === process.pid ? { isOwn: true } : {}),
        ...(namespace === undefined ? {} : { namespace }),
      })),
      source: 'udp',
    },
    services: { value: services.value, source: 'services' },
    ...(firewall?.value ? { firewall: { value: firewall.value, source: 'firewall' } } : {}),
    ...(low ? { lowPorts: { value: low.value, source: 'low-ports' } } : {}),
  }
}

const progressEveryMs = 2000
/** Of some 25 tools that run at once; those that have told most come first. */
const mostNamed = 3

export interface CollectOptions {
  readonly signal?: AbortSignal
  /** What is being waited for, with how much of it has come; told every two seconds. */
  readonly onProgress?: (text: string) => void
}

/** What Windows tells without a tool, in the words of the tool; nothing where it cannot be asked, and of a double. */
function askedOfWindows(): Facts['sources'] {
  const sockets = doubles === undefined ? ownedSockets()?.filter((one) => one.protocol === 'udp') : undefined
  if (!sockets) return {}
  const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('')
  return {
    udp: {
      command: 'GetExtendedUdpTable',
      output: lines(
        sockets.map(({ address, port, pid }) => `  UDP    ${`${address}:${port}`.padEnd(22)} *:*    ${pid}`),
      ),
    },
    'udp-since': {
      command: 'GetExtendedUdpTable, as port|process|time',
      output: lines(sockets.flatMap(({ port, pid, takenAt }) => (takenAt === undefined ? [] : `${port}|${pid}|${takenAt}`))), // prettier-ignore
    },
  }
}

/** The services of a process only tasklist tells; of one that it does not list, at least the name is known. */
function processesOf(told: Source, udp: string): Source {
  if (doubles !== undefined) return told
  const listed = parseTasklist(told.output)
  const names = processNames(parseNetstat(udp, wdsPorts).flatMap(({ pid }) => (listed.has(pid) ? [] : pid)))
  return { ...told, output: `${told.output}${[...names].map(([pid, name]) => `\n"${name}","${pid}","N/A"`).join('')}` }
}

async function collectWindows({ signal, onProgress }: CollectOptions): Promise<Facts> {
  const asked = askedOfWindows()
  const waitsFor = new Map<string, number>()
  const ticker = setInterval(() => {
    const list = [...waitsFor].sort(([, a], [, b]) => b - a).map(([name, bytes]) => `${windowsCommands[name]!.slice(0, 4).join(' ')} (${Math.round(bytes / 1024)} KiB)`) // prettier-ignore
    const left = list.length - mostNamed
    if (left > 0) list.splice(mostNamed, left, `${left} more`)
    onProgress?.(list.join(', '))
  }, progressEveryMs)
  const sourceNamed = async (name: string, [program, ...values]: WindowsCommand): Promise<Source> => {
    waitsFor.set(name, 0)
    const source = await sourceOf(program, values, {
      ...limitsOf(name),
      ...(signal ? { signal } : {}),
      onProgress: (bytes) => waitsFor.set(name, bytes),
    })
    waitsFor.delete(name)
    return name === 'dhcp-options' ? { ...source, output: shortenDhcpDump(source.output) } : source
  }
  const commands = Object.entries(windowsCommands).filter(([name]) => !(name in asked))
  const outputs = await Promise.all(
    commands.map(async ([name, command]) => [name, await sourceNamed(name, command)] as const),
  ).finally(() => clearInterval(ticker))
  const interfaces = listInterfaces().filter((one) => !one.isLoopback)
  const found: Facts['sources'] = { ...Object.fromEntries(outputs), ...asked }
  const sources: Facts['sources'] = {
    ...found,
    processes: processesOf(found['processes']!, found['udp']!.output),
    interfaces: {
      command: 'interfaces of the system',
      output: interfaces
        .map(
          (one) =>
            `${one.name}|${formatIpv4(one.address)}|${one.prefixLength}|${one.isMtuAssumed ? '' : one.mtu}|${one.mac}`,
        )
        .join('\n'),
    },
  }
  return { ...base('windows', sources), ...windowsFacts(sources) }
}

/** `signal` ends what takes too long: what it would have told stays unknown. */
export async function collectFacts(options: CollectOptions = {}): Promise<Facts> {
  const system = hostSystem()
  return system === 'windows' ? collectWindows(options) : collectUnix(system)
}

export type ReadFacts =
  { readonly ok: true; readonly facts: Facts } | { readonly ok: false; readonly problems: readonly string[] }

const remedy = 'Write the file with pxe-lab doctor --collect, or with collect-facts.ps1.'

/** A facts file; one of the script carries only what the tools printed, which is read here. */
export function readFacts(text: string): ReadFacts {
  let input: unknown
  try {
    // Windows PowerShell writes a byte order mark.
    input = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return { ok: false, problems: [`it is no JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')}). ${remedy}`] }
  }
  if (isNestedTooDeeply(input))
    return { ok: false, problems: [`it has too many levels of lists and objects. ${remedy}`] }
  const parsed = factsSchema.safeParse(input, { reportInput: true })
  if (!parsed.success) {
    const problems: string[] = []
    explainIssues(factsSchema, say('schema.a-facts-file'), parsed.error, (path, message, cure) =>
      problems.push(
        `${path.map(String).join('.') || 'the whole'} ${textOf(message)} (it is ${shownValue(valueAt(input, path))}). ${textOf(cure)}`,
      ),
    )
    return { ok: false, problems }
  }
  const facts = parsed.data
  return { ok: true, facts: facts.system === 'windows' ? { ...windowsFacts(facts.sources), ...facts } : facts }
}
