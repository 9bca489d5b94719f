/**
 * Reading, checking and changing lab files. A problem names its line, field, value and remedy; a change keeps comments,
 * order and everything it does not concern.
 */
import { textOf } from '#messages/text.ts'
import { say, type Phrase } from '#messages/message.ts'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Document, isCollection, isMap, isSeq, parseDocument } from 'yaml'
import { CallFailure } from '#shared/contract/channel.ts'
import { givenNames } from '#shared/lab/given-names.ts'
import { namesDevice, plainUuid } from '#shared/lab/roles.ts'
import { keaServerName } from '#shared/lab/engine.ts'
import { labSchema, parsePortRange, type Lab, type LabInput, type LabProblem } from '#shared/lab/lab.ts'
import { broadcastOf, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '#shared/wire/bytes.ts'
import { OptionValueError, type OptionValue } from '#shared/wire/dhcp/kinds.ts'
import { findOption, kindOf } from '#shared/wire/dhcp/options.ts'
import { encodeOptionValue6, wantedOfOption6 } from '#shared/wire/dhcpv6/encode.ts'
import { dhcp6OptionCodes, findDhcp6OptionDefinition } from '#shared/wire/dhcpv6/options.ts'
import {
  endsOf6,
  ipv6Number,
  ipv6Text,
  isInPrefix6,
  isLinkLocal,
  isMulticast,
  parseIpv6Network,
  plainIpv6,
} from '#shared/wire/ip-address.ts'
import type { Path } from '#shared/lab/schema-problems.ts'
import { plainForm, writeText } from '#shared/lab/text-form.ts'
import { readYaml, type ProblemList } from '#shared/lab/yaml-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { readTextFile } from '../files/text-file.ts'

export type ParsedLab =
  { readonly ok: true; readonly lab: Lab } | { readonly ok: false; readonly problems: readonly LabProblem[] }

/** Options whose value cannot be encoded as their kind demands. */
function checkOptions(options: Readonly<Record<string, unknown>> | undefined, path: Path, list: ProblemList): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    const definition = findOption(name)
    if (!definition) continue
    // A number as key is a number in the document.
    const key = /^\d+$/.test(name) ? Number(name) : name
    if ([0, 50, 52, 53, 54, 55, 57, 61, 82, 255].includes(definition.code)) {
      list.add(
        [...path, key],
        `option ${definition.code} (${definition.name}) is made by the server`,
        'Remove it.',
        value,
      )
      continue
    }
    try {
      kindOf(definition).encode(value as OptionValue)
    } catch (error) {
      if (!(error instanceof OptionValueError)) throw error
      list.add(
        [...path, key],
        `option ${definition.code} (${definition.name}): ${error.message}`,
        `Write ${kindOf(definition).wants}.`,
        value,
      )
    }
  }
}

/** Two sockets of one lab cannot have one port: a transfer that drew it would not begin. */
function checkTransferPorts({ tftp, ports }: Lab, list: ProblemList): void {
  const range = tftp.ports === null ? undefined : parsePortRange(tftp.ports)
  if (!range || tftp.singlePort) return
  const own = Object.values(ports).find((port) => port >= range[0] && port <= range[1])
  if (own !== undefined)
    list.add(['tftp', 'ports'], `contains ${own}, on which the lab listens itself`, 'Write a range beside it, such as 50000-50100.') // prettier-ignore
}

function checkDhcp(lab: Lab, list: ProblemList): void {
  checkOptions(lab.dhcp.options, ['dhcp', 'options'], list)
  for (const [name, level] of Object.entries(lab.dhcp.architectures ?? {}))
    checkOptions(level.options, ['dhcp', 'architectures', /^\d+$/.test(name) ? Number(name) : name, 'options'], list)
  // A lab may boot machines over IPv6 alone.
  if (lab.mode === 'dhcp' && lab.engine === null && lab.dhcp.subnets.length === 0 && !lab.ipv6.enabled)
    list.add(
      ['dhcp', 'subnets'],
      'names no network, so mode dhcp has no address to give',
      'Add a subnet with a pool, or choose another mode.',
    )
  for (const [index, subnet] of lab.dhcp.subnets.entries()) {
    const path = ['dhcp', 'subnets', index]
    const network = parseIpv4Network(subnet.subnet)!
    const last = broadcastOf(network)
    const range = `${formatIpv4(network.address + 1)} to ${formatIpv4(last - 1)}`
    checkOptions(subnet.options, [...path, 'options'], list)
    for (let other = 0; other < index; other++) {
      const theirs = parseIpv4Network(lab.dhcp.subnets[other]!.subnet)!
      if (isInNetwork(theirs.address, network) || isInNetwork(network.address, theirs))
        list.add([...path, 'subnet'], `overlaps ${lab.dhcp.subnets[other]!.subnet}`, 'Keep one of the two.')
    }
    if (subnet.router !== undefined && !isInNetwork(parseIpv4(subnet.router)!, network))
      list.add([...path, 'router'], `lies outside ${subnet.subnet}`, `Write a router from ${range}.`)
    for (const [at, pool] of subnet.pools.entries()) {
      const place = [...path, 'pools', at]
      const start = parseIpv4(pool.start)!
      const end = parseIpv4(pool.end)!
      for (const [key, address] of [
        ['start', start],
        ['end', end],
      ] as const) {
        if (!isInNetwork(address, network))
          list.add([...place, key], `lies outside ${subnet.subnet}`, `Write an address from ${range}.`)
        else if (network.prefixLength < 31 && (address === network.address || address === last))
          list.add(
            [...place, key],
            `is the ${address === last ? 'broadcast' : 'network'} address of ${subnet.subnet}`,
            `Write an address from ${range}.`,
          )
      }
      if (start > end)
        list.add([...place, 'end'], `comes before the pool's start ${pool.start}`, 'Write the higher address as end.')
      if (subnet.router !== undefined && parseIpv4(subnet.router)! >= start && parseIpv4(subnet.router)! <= end)
        list.add(
          place,
          `contains the router ${subnet.router}`,
          'Let the pool begin after the router, or end before it.',
        )
      for (const [before, other] of subnet.pools.slice(0, at).entries())
        if (parseIpv4(other.start)! <= end && start <= parseIpv4(other.end)!)
          list.add(
            place,
            `overlaps pool ${before + 1}, ${other.start} to ${other.end}`,
            'Keep the pools apart, or join them.',
          )
    }
    const owners = new Map<string, number>()
    for (const [at, reservation] of subnet.reservations.entries()) {
      const place = [...path, 'reservations', at]
      checkOptions(reservation.options, [...place, 'options'], list)
      if (!isInNetwork(parseIpv4(reservation.address)!, network))
        list.add([...place, 'address'], `lies outside ${subnet.subnet}`, `Write an address from ${range}.`)
      const before = owners.get(reservation.address)
      if (before !== undefined)
        list.add(
          [...place, 'address'],
          `is reserved by reservation ${before + 1} already`,
          'Give each reservation its own address.',
        )
      owners.set(reservation.address, at)
    }
    checkNamedOnce(subnet.reservations, [...path, 'reservations'], 'reservation', list)
  }
}

/** Options of DHCPv6 that are made by the server, and those that only clients or relay agents send. */
const ownOptions6: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 18, 19, 20, 25, 26, 37, 38, 43, 61, 62, 79, 135,
]) // prettier-ignore

function checkOptions6(options: Readonly<Record<string, unknown>> | undefined, path: Path, list: ProblemList): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    const definition = findDhcp6OptionDefinition(name)
    if (!definition) continue
    const key = /^\d+$/.test(name) ? Number(name) : name
    const what = `option ${definition.code} (${definition.name})`
    if (definition.code === dhcp6OptionCodes.bootFileUrl)
      list.add([...path, key], `${what} is made of boot.programs`, 'Write a rule there.', value)
    else if (ownOptions6.has(definition.code))
      list.add([...path, key], `${what} is none that a lab file sets`, 'Remove it.', value)
    else
      try {
        encodeOptionValue6(definition, value as OptionValue)
      } catch (error) {
        if (!(error instanceof OptionValueError)) throw error
        list.add([...path, key], `${what}: ${error.message}`, `Write ${wantedOfOption6(definition)}.`, value)
      }
  }
}

function checkIpv6({ ipv6 }: Lab, list: ProblemList): void {
  checkOptions6(ipv6.options, ['ipv6', 'options'], list)
  const inside = 'Write an address inside it.'
  for (const [index, subnet] of ipv6.subnets.entries()) {
    const path = ['ipv6', 'subnets', index]
    const network = parseIpv6Network(subnet.subnet)!
    const { first, last } = endsOf6(network)
    checkOptions6(subnet.options, [...path, 'options'], list)
    if (isMulticast(network.address) || isLinkLocal(network.address))
      list.add([...path, 'subnet'], 'is no network that addresses are given in', 'Write a global or unique local one, such as fd00:77::/64.') // prettier-ignore
    for (let other = 0; other < index; other++) {
      const theirs = endsOf6(parseIpv6Network(ipv6.subnets[other]!.subnet)!)
      if (theirs.first <= last && first <= theirs.last)
        list.add([...path, 'subnet'], `overlaps ${ipv6.subnets[other]!.subnet}`, 'Keep one of the two.')
    }
    const pools = (subnet.pools ?? []).map(({ start, end }) => ({ start: ipv6Number(start), end: ipv6Number(end) }))
    for (const [at, pool] of pools.entries()) {
      const place = [...path, 'pools', at]
      for (const key of ['start', 'end'] as const)
        if (pool[key] < first || pool[key] > last)
          list.add([...place, key], `lies outside ${subnet.subnet}`, inside)
        else if (pool[key] === first && network.prefixLength < 127)
          list.add([...place, key], 'is the anycast address of routers', `Write ${ipv6Text(first + 1n)} or a higher one.`) // prettier-ignore
      if (pool.start > pool.end)
        list.add([...place, 'end'], `comes before the pool's start ${subnet.pools![at]!.start}`, 'Write the higher address as end.') // prettier-ignore
      for (const [before, other] of pools.slice(0, at).entries())
        if (other.start <= pool.end && pool.start <= other.end)
          list.add(place, `overlaps pool ${before + 1}`, 'Keep the pools apart, or join them.')
    }
    const owners = new Map<string, number>()
    for (const [at, reservation] of subnet.reservations.entries()) {
      const place = [...path, 'reservations', at]
      const address = plainIpv6(reservation.address)!
      checkOptions6(reservation.options, [...place, 'options'], list)
      if (!isInPrefix6(address, subnet.subnet)) list.add([...place, 'address'], `lies outside ${subnet.subnet}`, inside)
      const before = owners.get(address)
      if (before !== undefined)
        list.add([...place, 'address'], `is reserved by reservation ${before + 1} already`, 'Give each reservation its own address.') // prettier-ignore
      owners.set(address, at)
    }
    checkNamedOnce(subnet.reservations, [...path, 'reservations'], 'reservation', list)
  }
}

const identifiers = ['mac', 'uuid', 'clientId', 'duid'] as const

/** An entry counts for whoever it names first, so one that names nobody new is never used. */
function checkNamedOnce(
  entries: readonly { readonly [K in (typeof identifiers)[number]]?: string | undefined }[],
  path: readonly (string | number)[],
  what: string,
  list: ProblemList,
): void {
  const seen = new Map<string, number>()
  for (const [at, entry] of entries.entries()) {
    const named = identifiers.filter((one) => entry[one] !== undefined)
    const keys = named.map((one) => `${one} ${entry[one]!.toLowerCase().replace(/[^0-9a-f]/g, '')}`)
    const before = keys.map((key) => seen.get(key))
    if (before.every((one) => one !== undefined))
      list.add([...path, at, named[0]!], `is that of ${what} ${before[0]! + 1} already`, 'Keep one of the two.')
    for (const key of keys) if (!seen.has(key)) seen.set(key, at)
  }
}

/** A deployment to a machine that is not in the database would be to nobody. */
function checkDeployments({ configmgr: { devices, deployments } }: Lab, list: ProblemList): void {
  for (const [index, { to }] of deployments.entries()) {
    if (to === 'all' || to === 'unknown' || devices.some((device) => namesDevice(device, to))) continue
    list.add(
      ['configmgr', 'deployments', index, 'to'],
      'names none of configmgr.devices',
      'Write all, unknown, or the name, MAC address or UUID of one of them.',
    )
  }
}

/** Machines that are named twice, and groups that nobody can wake. */
function checkMachines(lab: Lab, list: ProblemList): void {
  const seen = new Map<string, number>()
  for (const [at, entry] of lab.machines.entries())
    for (const key of ['mac', 'uuid', 'serial', 'asset'] as const) {
      const value = entry[key]
      if (value === undefined) continue
      const known = `${key} ${key === 'mac' ? parseMac(value) : key === 'uuid' ? plainUuid(value) : value.toLowerCase()}`
      const before = seen.get(known)
      if (before === undefined) seen.set(known, at)
      else list.add(['machines', at, key], `is that of machines[${before}] already`, 'Keep one of the two, with the variables of both.') // prettier-ignore
    }
  if (lab.role !== null)
    for (const [at, { boot }] of lab.machines.entries())
      if (boot !== undefined)
        list.add(['machines', at, 'boot'], `is given while the role ${lab.role} says what machines load`, 'Take it out, or take role out.') // prettier-ignore
  const names = new Map<string, number>()
  const { byMac } = givenNames(lab)
  for (const [at, { name, machines, after }] of lab.groups.entries()) {
    const path = ['groups', at]
    if (names.has(name))
      list.add([...path, 'name'], `is that of groups[${names.get(name)}] already`, 'Give each group its own name.') // prettier-ignore
    else names.set(name, at)
    for (const [index, one] of machines.entries())
      if (parseMac(one) === undefined && ![...byMac.values()].some((known) => known.toLowerCase() === one.toLowerCase()))
        list.add([...path, 'machines', index], 'is neither a MAC address nor the name of a machine whose MAC address the file has', 'Write a MAC address, or give the machine mac and hostname in machines.') // prettier-ignore
    if (after !== undefined && !lab.groups.some((other) => other.name === after))
      list.add([...path, 'after'], 'names no group', `Write one of: ${lab.groups.map((one) => one.name).join(', ')}.`)
    else if (isInCircle(lab.groups, name))
      list.add([...path, 'after'], 'waits for itself, through other groups', 'Let one of these groups wait for none.')
  }
}

function isInCircle(groups: Lab['groups'], name: string): boolean {
  let at = groups.find((one) => one.name === name)
  for (let steps = 0; at?.after !== undefined && steps <= groups.length; steps++) {
    const { after } = at
    if (after === name) return true
    at = groups.find((one) => one.name === after)
  }
  return false
}

/** A certificate without its key, or a key alone, serves nothing; and two servers cannot have one port. */
function checkWeb({ http, https }: Lab, list: ProblemList): void {
  if ((https.certificate === null) !== (https.key === null)) {
    const [given, missing] = https.certificate === null ? ['key', 'certificate'] : ['certificate', 'key']
    list.add(['https', given], `needs https.${missing} beside it`, 'Name both files, or neither: the lab then issues a certificate itself.') // prettier-ignore
  }
  if (http.enabled && https.enabled && http.port === https.port)
    list.add(['https', 'port'], 'is the port of http as well', 'Give each its own port, such as 80 and 443.')
}

/** What Kea decides cannot be said in the lab file as well. */
function checkEngine({ engine, mode, dhcp }: Lab, list: ProblemList): void {
  if (engine === null) return
  if (mode === 'dhcp')
    list.add(['mode'], 'is dhcp, while engine says that Kea gives the addresses', 'Write mode: boot-server where Kea is to say what machines boot, mode: proxy-dhcp where PXE Lab is to say it on the same wire, or take engine out.') // prettier-ignore
  if (mode === 'listen')
    list.add(['mode'], 'is listen, which answers nobody and changes no DHCP server', 'Write mode: boot-server, or take engine out.') // prettier-ignore
  if (dhcp.subnets.length > 0)
    list.add(['dhcp', 'subnets'], 'are given while engine says that Kea gives the addresses', 'Keep subnets, pools and reservations in Kea (pxe-lab export writes them), or take engine out.') // prettier-ignore
  if (Object.keys(dhcp.options ?? {}).length > 0)
    list.add(['dhcp', 'options'], 'are given while engine says that Kea answers every client', 'Set options of every client in Kea, or those of an architecture in dhcp.architectures.') // prettier-ignore
  const seen = new Set<string>()
  for (const [index, server] of engine.kea.servers.entries()) {
    const path = ['engine', 'kea', 'servers', index]
    const name = keaServerName(server)
    if (seen.has(name)) list.add(path, 'is there twice', 'Keep one of the two.')
    seen.add(name)
    if ((server.user === undefined) !== (server.passwordFile === undefined))
      list.add([...path, server.user === undefined ? 'passwordFile' : 'user'], 'needs the other of user and passwordFile', 'Give both, or neither.') // prettier-ignore
    const isTls = server.url?.startsWith('https:') ?? false
    for (const key of ['ca', 'fingerprint'] as const)
      if (server[key] !== undefined && !isTls) list.add([...path, key], 'is given for a channel without TLS', 'Write an https address as url, or take it out.') // prettier-ignore
    if (server.user !== undefined && server.url === undefined)
      list.add([...path, 'user'], 'is given for a socket, which asks for none', 'Take user and passwordFile out.')
    if (server.user !== undefined && server.url?.startsWith('http:') && !isLoopback(server.url))
      list.add([...path, 'url'], 'would send the password in the clear', 'Write an https address, or an address of this machine.') // prettier-ignore
  }
}

const isLoopback = (url: string): boolean => /^(127\.[\d.]+|localhost|\[::1\])$/.test(new URL(url).hostname)

let newest: { readonly text: string; readonly parsed: ParsedLab } | undefined

/** To save a lab is to read the same text several times, and a large one takes half a second: the newest is kept. */
export function parseLab(text: string): ParsedLab {
  if (newest?.text !== text) newest = { text, parsed: readLab(text) }
  return newest.parsed
}

function readLab(text: string): ParsedLab {
  const { list, value } = readYaml(text, labSchema, say('schema.a-lab-file'))
  if (!value) return { ok: false, problems: list.problems }
  checkTransferPorts(value, list)
  checkDhcp(value, list)
  checkIpv6(value, list)
  checkDeployments(value, list)
  checkEngine(value, list)
  checkWeb(value, list)
  checkMachines(value, list)
  for (const role of ['wds', 'configmgr'] as const)
    checkNamedOnce(value[role].devices, [role, 'devices'], 'device', list)
  if (lab67Conflict(value))
    list.add(['ports', 'bootServer'], 'is the same port as another service', 'Give each service its own port.')
  return list.problems.length > 0 ? { ok: false, problems: list.problems } : { ok: true, lab: value }
}

const lab67Conflict = ({ ports }: Lab): boolean => new Set(Object.values(ports)).size < Object.keys(ports).length

/** One line a problem, as compilers print them. */
export const describeProblem = (file: string, problem: LabProblem): string =>
  `${file}${problem.line > 0 ? `:${problem.line}:${problem.column}` : ''}: ${problem.field} ${textOf(problem.message)} (it is ${problem.value}). ${textOf(problem.remedy)}`

export interface LabChange {
  /** Keys and positions from the top, such as ['dhcp', 'subnets', 0, 'router']. */
  readonly path: readonly (string | number)[]
  /** Undefined removes the key. */
  readonly value: unknown
}

/** The text with these changes made; comments and everything else stay as they are. */
export function changeLabText(text: string, changes: readonly LabChange[]): string {
  const document = parseDocument(text)
  if (!isCollection(document.contents)) document.contents = document.createNode({}) as never
  for (const change of changes) {
    refuseGap(document, change.path)
    if (change.value === undefined) document.deleteIn(change.path)
    else document.setIn(change.path, document.createNode(change.value))
  }
  return document.toString({ lineWidth: 120, flowCollectionPadding: true })
}

/** A list grows by one: an index far beyond its end would fill the memory with the empty places before it. */
function refuseGap(document: Pick<Document, 'getIn'>, path: LabChange['path']): void {
  for (const [at, key] of path.entries()) {
    const parent = document.getIn(path.slice(0, at), true)
    if (typeof key !== 'number' || isMap(parent) || key <= (isSeq(parent) ? parent.items.length : 0)) continue
    throw new CallFailure(
      `${path.slice(0, at).join('.')} has no place ${key}: the list ends before it`,
      'Reload the window: the lab file has changed.',
    )
  }
}

/** A new lab file with a comment to each part. */
export function newLabText(lab: LabInput): string {
  const document = new Document(lab)
  document.commentBefore = ' A PXE Lab file. Every key is described in the README and in resources/lab.schema.json.'
  return document.toString({ lineWidth: 120 })
}

/** A lab file that is there and cannot be read, told as a problem of the lab. */
export function unreadableLab(path: string, error: unknown): LabProblem {
  const { code, message } = error as NodeJS.ErrnoException
  const told = (says: Phrase, remedy: Phrase): LabProblem => ({
    line: 0,
    column: 0,
    field: 'The lab file',
    value: path,
    message: says,
    remedy,
  })
  if (code === 'EISDIR') return told(say('workspace.is-a-folder'), say('workspace.rename-folder'))
  if (code === 'EACCES' || code === 'EPERM')
    return told(say('workspace.not-permitted'), say('workspace.change-permissions'))
  return told(say('workspace.cannot-be-read', { message }), say('workspace.make-readable'))
}

export class LabFile {
  readonly path: string

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Paths in a lab file count from the folder it is in. */
  resolve(path: string): string {
    return resolve(dirname(this.path), path)
  }

  /** With line feeds only, whatever the file has. */
  async readText(): Promise<string> {
    return (await readTextFile(this.path)).text
  }

  /**
   * All or nothing: the new text replaces the old in one step, in the encoding and with the line ends of the old, or of
   * the file it is a copy of.
   */
  async write(text: string, original = this.path): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    const before = await readTextFile(original).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    await replaceFile(this.path, writeText(text, before?.form ?? plainForm))
  }
}
