/**
 * Which process and service hold a port of this machine. Reads only; what the system does not tell is undefined, and
 * a tool that is missing yields an empty list rather than an error.
 */
import { readFile, readdir, readlink } from 'node:fs/promises'
import { formatIpv4, formatIpv6, parseHex } from '#shared/wire/bytes.ts'
import { doubles } from '../system/program-paths.ts'
import { runTool } from '../system/programs.ts'
import { ownedSockets, processNames } from '../system/windows-tables.ts'

export interface PortOwner {
  readonly port: number
  /** Local address it is bound to; 0.0.0.0 or :: for all. */
  readonly address: string
  readonly pid: number | undefined
  readonly process: string | undefined
  /** systemd unit, Windows services of that process, launchd label. */
  readonly service: string | undefined
  /** When its process began, ISO 8601: the port was taken then or later. Undefined where the system does not tell. */
  readonly since?: string
  /** Network namespace, where it is not that of this program. */
  readonly namespace?: string
}

/** Sockets on these ports in other network namespaces, containers above all, as far as rights allow to look. */
export async function ownersElsewhere(ports: readonly number[]): Promise<PortOwner[]> {
  if (process.platform !== 'linux') return []
  const own = await readlink('/proc/self/ns/net').catch(() => '')
  const seen = new Map<string, string>()
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const namespace = await readlink(`/proc/${pid}/ns/net`).catch(() => own)
    if (namespace !== own && !seen.has(namespace)) seen.set(namespace, pid)
  }
  const found = await Promise.all(
    [...seen].map(async ([namespace, pid]) =>
      (await ownersIn(`/proc/${pid}/net`, ports)).map((one) => ({ ...one, namespace })),
    ),
  )
  return found.flat()
}

export type Protocol = 'udp' | 'tcp'

/** Of TCP those that listen. */
export async function portOwners(ports: readonly number[], protocol: Protocol = 'udp'): Promise<PortOwner[]> {
  switch (process.platform) {
    case 'linux':
      return ownersIn('/proc/net', ports, protocol)
    case 'win32':
      return windowsOwners(ports, protocol)
    case 'darwin':
      return macOwners(ports, protocol)
    default:
      return []
  }
}

/** The sockets of /proc/net/udp, or those of /proc/net/tcp that listen, on these ports: address, port, inode (proc(5)). */
export function parseProcNet(
  text: string,
  ports: readonly number[],
  protocol: Protocol = 'udp',
): { address: string; port: number; inode: string }[] {
  const listening = '0A'
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const [hexAddress, hexPort] = (fields[1] ?? '').split(':')
      const inode = fields[9]
      if (protocol === 'tcp' && fields[3] !== listening) return []
      if (!hexAddress || !hexPort || !inode || !ports.includes(parseInt(hexPort, 16))) return []
      // Words as this processor keeps them; all that Node runs on under Linux but s390x are little-endian.
      const words = (hexAddress.match(/.{8}/g) ?? []).map((word) => word.match(/../g)!.reverse().join(''))
      const octets = parseHex(words.join(''))
      const address = octets?.length === 16 ? formatIpv6(octets) : formatIpv4(parseInt(words[0] ?? '', 16))
      return [{ address, port: parseInt(hexPort, 16), inode }]
    })
}

async function ownersIn(folder: string, ports: readonly number[], protocol: Protocol = 'udp'): Promise<PortOwner[]> {
  const files = [protocol, `${protocol}6`]
  const tables = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8').catch(() => '')))
  const sockets = tables.flatMap((text) => parseProcNet(text, ports, protocol))
  if (sockets.length === 0) return []
  const bootedAt = Number(/^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8').catch(() => ''))?.[1])
  const pids = await pidsOfInodes(new Set(sockets.map((socket) => socket.inode)))
  return Promise.all(
    sockets.map(async ({ address, port, inode }): Promise<PortOwner> => {
      const pid = pids.get(inode)
      if (pid === undefined) return { port, address, pid: undefined, process: undefined, service: undefined }
      const [name, line, stat, cgroup] = await Promise.all([
        readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''),
      ])
      const since = startOf(stat, bootedAt)
      return {
        port,
        address,
        pid,
        process: processName(name.trim(), line) || undefined,
        service: /([^/\n]+\.service)/.exec(cgroup)?.[1],
        ...(since === undefined ? {} : { since }),
      }
    }),
  )
}

/** Node names its threads; which program it runs stands in its command line. A copy of this lab is named as such. */
function processName(name: string, commandLine: string): string {
  if (!/^(MainThread|node)$/.test(name)) return name
  const [program = '', ...values] = commandLine.split('\0')
  return values.some((one) => /pxe-lab\.js$|out\/main\/cli\.js$|main\/cli\/index\.ts$/.test(one))
    ? 'pxe-lab'
    : (program.split('/').at(-1) ?? name)
}

/** Field 22 of /proc/PID/stat, in hundredths of a second since the machine started (proc(5)). */
function startOf(stat: string, bootedAt: number): string | undefined {
  // The name in brackets may contain anything.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isFinite(ticks) && Number.isFinite(bootedAt)
    ? new Date((bootedAt + ticks / 100) * 1000).toISOString()
    : undefined
}

async function pidsOfInodes(inodes: ReadonlySet<string>): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (pid) => {
      // Other users' descriptors cannot be read without rights; those sockets stay without an owner.
      const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
      await Promise.all(
        descriptors.map(async (descriptor) => {
          const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
          const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
          if (inode !== undefined && inodes.has(inode)) found.set(inode, Number(pid))
        }),
      )
    }),
  )
  return found
}

/**
 * Lines of `netstat -ano`; its columns are the same in every display language. Of TCP those whose peer has no port yet:
 * the word for "listening" is translated.
 */
export function parseNetstat(
  text: string,
  ports: readonly number[],
  protocol: Protocol = 'udp',
): { address: string; port: number; pid: number }[] {
  const pattern =
    protocol === 'udp'
      ? /^\s*UDP\s+(\S+):(\d+)\s+\S+\s+(\d+)\s*$/i
      : /^\s*TCP\s+(\S+):(\d+)\s+\S+:0\s+\S.*?\s+(\d+)\s*$/i
  return text.split(/\r?\n/).flatMap((line) => {
    const match = pattern.exec(line)
    return match && ports.includes(Number(match[2]))
      ? [{ address: match[1]!, port: Number(match[2]), pid: Number(match[3]) }]
      : []
  })
}

/** `tasklist /svc /fo csv /nh`: image, process, services; read by position, for the headings are translated. */
export function parseTasklist(text: string): Map<number, { process: string; service: string | undefined }> {
  const found = new Map<number, { process: string; service: string | undefined }>()
  for (const line of text.split(/\r?\n/)) {
    const cells = [...line.matchAll(/"([^"]*)"/g)].map((match) => match[1]!)
    if (cells.length < 2 || !/^\d+$/.test(cells[1]!)) continue
    // A process without services shows a translated "not available", which is no list of service names.
    const services =
      cells[2] && /^[\w$.-]+(,\s*[\w$.-]+)*$/.test(cells[2]) && !/^(N\/A|n\/a)$/.test(cells[2]) ? cells[2] : undefined
    found.set(Number(cells[1]), { process: cells[0]!, service: services })
  }
  return found
}

const tasklist = async (): Promise<ReturnType<typeof parseTasklist>> =>
  parseTasklist((await runTool('tasklist.exe', ['/svc', '/fo', 'csv', '/nh'])).output)

/** Windows itself where it can be asked, and its tools where not. */
async function windowsOwners(ports: readonly number[], protocol: Protocol): Promise<PortOwner[]> {
  const sockets = doubles === undefined ? ownedSockets() : undefined
  if (!sockets) {
    const [netstat, tasks] = await Promise.all([runTool('netstat.exe', ['-ano']), tasklist()])
    return parseNetstat(netstat.output, ports, protocol).map(({ address, port, pid }) => {
      const task = tasks.get(pid)
      return { port, address, pid, process: task?.process, service: task?.service }
    })
  }
  const held = sockets.filter((one) => one.protocol === protocol && ports.includes(one.port))
  if (held.length === 0) return []
  const names = processNames(held.map((one) => one.pid))
  // Which services a process carries only the tool tells; a program with a name of its own is known without.
  const isClear = held.every(({ pid }) => names.has(pid) && !/^svchost\.exe$/i.test(names.get(pid)!))
  const tasks = isClear ? undefined : await tasklist()
  return held.map(({ address, port, pid, takenAt }) => {
    const task = tasks?.get(pid)
    return {
      port,
      address,
      pid: pid === 0 ? undefined : pid,
      process: names.get(pid) ?? task?.process,
      service: task?.service,
      ...(takenAt === undefined ? {} : { since: fileTime(takenAt) }),
    }
  })
}

/** 100 ns since 1601, as Windows counts, to ISO 8601. */
export const fileTime = (time: bigint): string => new Date(Number(time / 10_000n) - 11_644_473_600_000).toISOString()

/** `lsof -nP -iUDP -F pcn`: one letter a field. */
export function parseLsof(text: string, ports: readonly number[]): PortOwner[] {
  const owners: PortOwner[] = []
  let pid: number | undefined
  let name: string | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1))
    else if (line.startsWith('c')) name = line.slice(1)
    else if (line.startsWith('n')) {
      const match = /^n(.*):(\d+)$/.exec(line)
      if (match && ports.includes(Number(match[2])))
        owners.push({
          port: Number(match[2]),
          address: match[1] === '*' ? '0.0.0.0' : match[1]!,
          pid,
          process: name,
          service: undefined,
        })
    }
  }
  return owners
}

async function macOwners(ports: readonly number[], protocol: Protocol): Promise<PortOwner[]> {
  const list = [...ports.map((port) => `-i${protocol}:${port}`), ...(protocol === 'tcp' ? ['-sTCP:LISTEN'] : [])]
  return parseLsof((await runTool('lsof', ['-nP', ...list, '-F', 'pcn'])).output, ports)
}

export function describeOwner(owner: PortOwner): string {
  const who = owner.process === undefined ? 'a process of another user' : `${owner.process} (process ${owner.pid})`
  return owner.service === undefined ? who : `${who}, service ${owner.service}`
}

const isEverywhere = (address: string): boolean => address === '0.0.0.0' || address === '::'

/**
 * Of the sockets on a port those that keep `address` from being opened there, as far as that can be told: others than our own,
 * which has the port at other addresses, and those at this address or at every one.
 */
export function holdersAt(owners: readonly PortOwner[], address: string, ownPid: number): readonly PortOwner[] {
  const narrowed = (list: readonly PortOwner[], isMeant: (one: PortOwner) => boolean): readonly PortOwner[] => {
    const found = list.filter(isMeant)
    return found.length > 0 ? found : list
  }
  const there = narrowed(owners, (one) => one.address === address || isEverywhere(one.address))
  return narrowed(there, ({ pid }) => pid !== ownPid)
}

/**
 * What to tell of programs that hold a port which has just been opened beside them. Windows lets a program have one address of
 * a port though another of the same user has them all ("Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Winsock); elsewhere the
 * second is refused.
 */
export function sharedPortWarnings(
  owners: readonly PortOwner[],
  ownPid: number,
  addresses: readonly string[],
): string[] {
  const others = owners.filter(
    ({ pid, address }) => pid !== ownPid && (isEverywhere(address) || addresses.includes(address)),
  )
  const named = new Map(others.map((one) => [`${one.port} ${one.pid}`, one]))
  return [...named.values()].map(
    (one) =>
      `UDP port ${one.port} is also open in ${describeOwner(one)}: Windows gives each packet to one of the two, and clients may get no answer or two. Stop it, or choose another port.`,
  )
}

/**
 * Windows keeps no port for administrators. It answers WSAEACCES for one that another user's program or an exclusive socket
 * holds ("Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Winsock), and for one in a range that is set aside.
 */
export const mayBeHeld = (code: string, platform: NodeJS.Platform = process.platform): boolean =>
  code === 'EADDRINUSE' || (code === 'EACCES' && platform === 'win32')

/** What is wrong with a port that could not be opened, as the rest of a sentence about it. */
export function portProblem(
  code: string,
  owners: readonly PortOwner[],
  platform: NodeJS.Platform = process.platform,
): string {
  if (mayBeHeld(code, platform) && owners.length > 0)
    return `is in use by ${[...new Set(owners.map(describeOwner))].join(' and ')}`
  if (code === 'EADDRINUSE') return 'is in use by another program'
  if (mayBeHeld(code, platform)) return 'is reserved by Windows or held by another program'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be opened without more rights'
  return `cannot be opened (${code})`
}

/** The exact way to free a port or to be permitted it, on this system. */
export function portRemedy(
  code: string,
  port: number,
  owners: readonly PortOwner[],
  protocol: Protocol = 'udp',
  platform: NodeJS.Platform = process.platform,
): string {
  const owner = owners[0]
  if (mayBeHeld(code, platform) && code !== 'EADDRINUSE' && !owner)
    return (
      `See whether Windows reserves it: netsh interface ipv4 show excludedportrange protocol=${protocol}. Hyper-V, WSL and ` +
      'Docker reserve such ranges; choose a port outside them, or end the program that holds it.'
    )
  if (!mayBeHeld(code, platform) && (code === 'EACCES' || code === 'EPERM')) {
    if (platform === 'win32') return 'Start PXE Lab as administrator, or allow it through the firewall.'
    if (platform === 'darwin') return 'Start PXE Lab with sudo.'
    return `Run it as root, or once: sudo setcap 'cap_net_bind_service,cap_net_raw+ep' "${process.execPath}"`
  }
  if (!mayBeHeld(code, platform)) return `Check the interface and its address, then start again.`
  if (owner?.service?.endsWith('.service')) return `Stop it with: sudo systemctl stop ${owner.service}`
  if (platform === 'win32' && owner?.service !== undefined) {
    const service = owner.service.split(',')[0]!
    const coHosted =
      service === 'DHCPServer' && port === 67
        ? ', or choose mode boot-server, which leaves port 67 to the DHCP server'
        : ''
    return `Stop it with: net stop ${service}${coHosted}.`
  }
  if (owner?.pid !== undefined)
    return `End process ${owner.pid} (${owner.process ?? 'unknown'}), or choose another mode or port.`
  return platform === 'linux'
    ? `Find it with: sudo ss -l${protocol === 'udp' ? 'u' : 't'}np 'sport = :${port}'`
    : 'End the program that holds it, or choose another mode or port.'
}
