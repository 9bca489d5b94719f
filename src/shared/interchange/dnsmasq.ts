/** A dnsmasq configuration (dnsmasq(8) of 2.90) as the model, as far as it is DHCPv4 and PXE. Total: what is not read is listed. */
import { say, type Phrase } from '#messages/message.ts'
import {
  bytesOfU32,
  formatIpv4,
  isInNetwork,
  maskOf,
  parseHex,
  parseIpv4,
  parseIpv4Network,
  parseMacPrefix,
} from '../wire/bytes.ts'
import { networkText } from './device.ts'
import { filesInFolder, findIncluded } from './included.ts'
import type { AbsentFile, Pool, ClientClass, Condition, Configuration, NotUnderstood, PxeService, Reservation, Source, SourceFile, Statement, Subnet } from './model.ts' // prettier-ignore
import { optionCode } from './option-codes.ts'

/** Keys of the DNS server, of processes and of logs, which decide no boot. */
const immaterial =
  /^(port|domain(-needed)?|bogus-priv|expand-hosts|no-(hosts|resolv|poll|negcache|daemon)|resolv-file|strict-order|server|local|address|cache-size|log-.*|user|group|pid-file|dhcp-(leasefile|lease-max|script|fqdn|rapid-commit|sequential-ip|ttl)|listen-address|bind-.*|local-.*|cname|.*-record|host-record|srv-host|auth-.*|stop-dns-rebind|rebind-.*|dnssec.*|tftp-(secure|max|mtu|no-blocksize|lowercase|no-fail|single-port|port-range|unique-root)|addn-hosts|hostsdir|keep-in-foreground|conntrack|quiet-.*|leasefile-ro|all-servers|clear-on-reload|filterwin2k|selfmx|localmx|mx-.*|edns-packet-max|no-ping|script-.*)$/

/** Client system architectures by the names of pxe-service (dnsmasq(8)). */
const systems = ['x86PC', 'PC98', 'IA64_EFI', 'Alpha', 'Arc_x86', 'Intel_Lean_Client', 'IA32_EFI', 'x86-64_EFI', 'Xscale_EFI', 'BC_EFI', 'ARM32_EFI', 'ARM64_EFI'] // prettier-ignore
/** Options of DHCP that hold whole numbers, with their octets, where a number is matched. */
const numberOctets: Readonly<Record<number, number>> = { 93: 2, 57: 2, 26: 2, 13: 2, 53: 1, 51: 4 }
const octets = (bytes: Uint8Array): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')

/** Text without its comment, which begins with # at the start or behind a space, outside quotation marks. */
function withoutComment(line: string): string {
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"' && line[at - 1] !== '\\') isQuoted = !isQuoted
    if (line[at] === '#' && !isQuoted && (at === 0 || /\s/.test(line[at - 1]!))) return line.slice(0, at).trim()
  }
  return line.trim()
}

const escaped: Readonly<Record<string, string>> = { t: '\t', n: '\n', b: '\b', r: '\r', e: '\u001B' }

/** Parts between commas, those in quotation marks whole, without the backslashes that escape a character there. */
function partsOf(text: string): string[] {
  const found = ['']
  let isQuoted = false
  let isEscaped = false
  for (const one of text) {
    if (isEscaped) {
      found[found.length - 1] += escaped[one] ?? one
      isEscaped = false
    } else if (isQuoted && one === '\\') isEscaped = true
    else if (one === '"') isQuoted = !isQuoted
    else if (one === ',' && !isQuoted) found.push('')
    else found[found.length - 1] += one
  }
  return found.map((one) => one.trim())
}

const leaseSeconds = (text: string): number | undefined => {
  if (text === 'infinite') return 0xffffffff
  const [, digits, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * ({ m: 60, h: 3600, d: 86_400, w: 604_800 }[unit] ?? 1)
}

const member = (name: string): Condition =>
  name.startsWith('!') ? { is: 'not', of: { is: 'member', name: name.slice(1) } } : { is: 'member', name }
const every = (tags: readonly string[]): Condition | undefined =>
  tags.length === 0 ? undefined : tags.length === 1 ? member(tags[0]!) : { is: 'all', of: tags.map(member) }
const guarded = (tags: readonly string[]): { readonly test?: Condition } => {
  const test = every(tags)
  return test ? { test } : {}
}

/** Data of a match or an identifier: hexadecimal with colons, or text. */
const dataOf = (text: string): string => {
  const bytes = /^(0x)?[0-9a-f]{1,2}([:-][0-9a-f]{1,2})+$/i.test(text) ? parseHex(text.replace(/^0x/i, '').split(/[:-]/).map((one) => one.padStart(2, '0')).join('')) : undefined // prettier-ignore
  return bytes ? octets(bytes) : text
}

/** Tags that dnsmasq sets without a line: names that interfaces usually have, and kinds of requests (dnsmasq(8)). */
const isOwnTag =
  /^((eth|en[opsx]|wlan|wlp|br|bond|veth|virbr|vmbr|vlan|lan|lo|tun|tap|docker)[\w.:-]*\d|br-[\w.-]+|bootp|dhcpv6|known-othernet|cpewan-id)$/

/** Octets of values as dnsmasq guesses their kind (dnsmasq(8), dhcp-option): addresses, numbers, hexadecimal, else text. */
function guessed(values: readonly string[]): string {
  const addresses = values.map(parseIpv4)
  if (values.length > 0 && !addresses.includes(undefined)) return addresses.map((one) => octets(bytesOfU32(one!))).join('') // prettier-ignore
  if (values.length > 0 && values.every((one) => /^\d{1,10}[bsi]?$/.test(one)))
    return values.map((one) => {
      const number = Number.parseInt(one, 10)
      const width = { b: 1, s: 2, i: 4 }[one.at(-1)!] ?? (number > 0xffff ? 4 : number > 0xff ? 2 : 1)
      return octets(bytesOfU32(number >>> 0).subarray(4 - width))
    }).join('') // prettier-ignore
  return dataOf(values.join(','))
}

/** Files that hold only what stands behind `=`, by the keys that name them, and those that name a folder of them. */
const banks: Readonly<Record<string, 'dhcp-host' | 'dhcp-option'>> = {
  'dhcp-hostsfile': 'dhcp-host',
  'dhcp-hostsdir': 'dhcp-host',
  'dhcp-optsfile': 'dhcp-option',
  'dhcp-optsdir': 'dhcp-option',
}
const ethersName = '/etc/ethers'

/** Whether conf-dir takes a file: suffixes with a star are taken alone, others are left out, and so is what editors leave. */
function isTaken(path: string, suffixes: readonly string[]): boolean {
  const name = path.replace(/^.*[\\/]/s, '')
  if (/^\.|~$|^#.*#$/.test(name)) return false
  const [wanted, unwanted] = [suffixes.filter((one) => one.startsWith('*')), suffixes.filter((one) => one !== '' && !one.startsWith('*'))] // prettier-ignore
  if (unwanted.some((one) => name.endsWith(one))) return false
  return wanted.length === 0 || wanted.some((one) => name.length > one.length - 1 && name.endsWith(one.slice(1)))
}

/** Whether the first statement is written as dnsmasq wants it: another engine's file beside it is no part of a folder that was not given. */
const isOfDnsmasq = ({ text }: SourceFile): boolean => /^(--)?[a-z][\w-]*\s*(=|$)/.test(text.split('\n').map(withoutComment).find((one) => one !== '') ?? '') // prettier-ignore

/** Interfaces that a text names with `interface=`. */
const interfacesIn = (text: string): string[] =>
  Array.from(text.matchAll(/^[ \t]*(?:--)?interface[ \t]*=([^#\n]*)/gm), ([, names = '']) => names.split(',')).flatMap(
    (names) => names.map((one) => one.trim()).filter(Boolean),
  )

/** Networks that other files, or the machine itself, tell of; of an interface where its name is given. */
export type KnownNetworks = (interfaces: readonly string[]) => readonly string[]

/** The smallest of some networks that holds both addresses, as its prefix length. */
function lengthAround(first: number, last: number, networks: readonly string[]): number | undefined {
  const around = networks.flatMap((text) => {
    const network = parseIpv4Network(networkText(text) ?? '')
    return network && isInNetwork(first, network) && isInNetwork(last, network) ? [network.prefixLength] : []
  })
  return around.length === 0 ? undefined : Math.max(...around)
}

/** Reads a dnsmasq configuration file with what it includes; throws nothing. */
export function readDnsmasq(
  file: SourceFile,
  others: readonly SourceFile[] = [],
  networks: KnownNetworks = () => [],
): Configuration {
  const notUnderstood: NotUnderstood[] = []
  const statements: Statement[] = []
  const classes: ClientClass[] = []
  const subnets: (Subnet & { readonly classes: string[]; readonly pools: Pool[]; readonly statements: Statement[] })[] = [] // prettier-ignore
  /** Of each network, for leases and for proxyDHCP. */
  const places = new Map<string, number>()
  const reservations: Reservation[] = []
  const ignored: { source: Source; test: Condition }[] = []
  const pxeServices: PxeService[] = []
  const files = [file.name]
  const absent: AbsentFile[] = []
  /** Read when all else is: hosts and options in files of their own. */
  const later: (() => void)[] = []
  let authoritative = false
  let tftpRoot: string | undefined
  let pxeVendors: readonly string[] | undefined

  const absentText = say('interchange.file-folder-given-read-before')
  /** Reads a file that another names, once; whether it is there. */
  function include(found: SourceFile | undefined, key?: string): boolean {
    if (!found || files.includes(found.name)) return false
    files.push(found.name)
    readFile(found, key)
    return true
  }
  /** What a key names, now or when all else is read. */
  function includeNamed(key: string, name: string, suffixes: readonly string[], source: Source): Phrase | undefined {
    const isFolder = key.endsWith('dir')
    const bank = key === 'read-ethers' ? 'ethers' : banks[key]
    const readNow = (): boolean => {
      if (!isFolder) return include(findIncluded(name, others), bank)
      const found = filesInFolder(name, others, bank === undefined).filter(
        (one) => isTaken(one.name, suffixes) && (bank !== undefined || isOfDnsmasq(one)),
      )
      return found.map((one) => include(one, bank)).includes(true)
    }
    if (bank === undefined) {
      if (readNow()) return undefined
      absent.push({ name, isFolder })
      return absentText
    }
    later.push(() => {
      if (readNow()) return
      absent.push({ name, isFolder })
      notUnderstood.push({ ...source, text: `${key}${key === 'read-ethers' ? '' : `=${name}`}`, why: absentText })
    })
    return undefined
  }

  const used = new Map<string, Source>()
  const interfaces = new Set<string>()
  let near: readonly string[] | undefined
  const asides: NotUnderstood[] = []
  const spaces = new Map<string, number>()
  function read(key: string, value: string, source: Source): Phrase | undefined {
    const parts = partsOf(value)
    const tags = parts.flatMap((one) => (one.startsWith('tag:') || one.startsWith('net:') ? [one.slice(4)] : []))
    for (const one of tags) if (!used.has(one.replace(/^!/, ''))) used.set(one.replace(/^!/, ''), source)
    const sets = parts.flatMap((one) => (one.startsWith('set:') ? [one.slice(4)] : []))
    const rest = parts.filter((one) => !/^(tag|net|set):/.test(one))
    const addClass = (name: string, test: Condition): void =>
      void classes.push({ name, source, test, statements: [], isOnDemand: false })
    // Without a DNS server of its own it names none.
    if (key === 'port' && value === '0') statements.unshift({ source, set: { is: 'option', code: 6, text: '' } })
    if (immaterial.test(key)) return undefined
    switch (key) {
      case 'conf-file':
      case 'conf-dir':
      case 'dhcp-hostsfile':
      case 'dhcp-hostsdir':
      case 'dhcp-optsfile':
      case 'dhcp-optsdir':
        return parts[0] === undefined || parts[0] === '' ? say('interchange.name-file-folder-missing') : includeNamed(key, parts[0], parts.slice(1), source) // prettier-ignore
      case 'read-ethers':
        return includeNamed(key, ethersName, [], source)
      case 'ethers': {
        const [mac = '', who = ''] = value.split(/\s+/)
        return parseMacPrefix(mac)?.length === 6 && who !== '' ? read('dhcp-host', `${mac},${who}`, source) : say('interchange.mac-address-address-name') // prettier-ignore
      }
      case 'dhcp-authoritative':
        authoritative = true
        return undefined
      case 'tftp-root':
        tftpRoot = rest[0]
        return undefined
      case 'enable-tftp':
      case 'dhcp-no-override':
        return undefined
      case 'dhcp-pxe-vendor':
        pxeVendors = rest
        return undefined
      case 'pxe-prompt':
        return say('interchange.prompt-wait-played')
      case 'interface':
        for (const one of parts) interfaces.add(one)
        return say('interchange.wires-dnsmasq-answers-followed')
      case 'except-interface':
        return say('interchange.wires-dnsmasq-answers-followed')
      case 'dhcp-range': {
        const [start = '', second = ''] = rest
        const first = parseIpv4(start)
        if (first === undefined)
          return start.includes(':') ? say('interchange.dhcpv6-read') : say('interchange.range-first-address')
        const mode = rest.find((one) => one === 'static' || one === 'proxy')
        const end = parseIpv4(second)
        if (end === undefined && !/^(static|proxy|(\d+[smhdw]?)|infinite|)$/.test(second))
          return say('interchange.range-last-address-none', { stringify: JSON.stringify(second) })
        const after = rest.slice(2).flatMap((one) => parseIpv4(one) ?? [])
        const mask = after.find((one) => one >= 0xff000000 && ((~one + 1) & ~one) === 0)
        // "For directly connected networks the netmask is optional": it is that of the interface (dnsmasq(8), dhcp-range).
        const told = mask === undefined ? lengthAround(first, end ?? first, (near ??= networks(interfacesIn(file.text)))) : 32 - Math.log2((~mask >>> 0) + 1) // prettier-ignore
        const prefixLength = told ?? Math.min(24, Math.clz32(first ^ (end ?? first)))
        const network = `${formatIpv4((first & maskOf(prefixLength)) >>> 0)}/${prefixLength}`
        const seconds = rest.slice(1).map(leaseSeconds).findLast((one) => one !== undefined) // prettier-ignore
        const key = `${network} ${mode === 'proxy'}`
        const at = places.get(key) ?? subnets.length
        const pool = end === undefined ? [] : [{ source, start: formatIpv4(first), end: formatIpv4(end), ...guarded(tags), statements: seconds === undefined ? [] : [{ source, set: { is: 'lease-seconds' as const, seconds } }] }] // prettier-ignore
        // A range for hosts alone has its time for them.
        const lease: Statement[] = end === undefined && seconds !== undefined ? [{ source, ...guarded(tags), set: { is: 'lease-seconds', seconds } }] : [] // prettier-ignore
        const before = subnets[at]
        before?.statements.push(...lease)
        if (before) {
          before.classes.push(...sets)
          before.pools.push(...pool)
        } else {
          places.set(key, at)
          subnets.push({ source, network, name: '', classes: sets, additionalClasses: [], pools: pool, reservations: [], statements: lease, networkStatements: [], isProxy: mode === 'proxy' }) // prettier-ignore
        }
        return told === undefined && !before ? say('interchange.range-netmask-dnsmasq-takes-interface', { prefixLength }) : undefined // prettier-ignore
      }
      case 'dhcp-host': {
        const macs = rest.flatMap((one) => (/^([0-9a-f]{1,2}|\*)(:([0-9a-f]{1,2}|\*)){5}$/i.test(one) ? [one] : []))
        const id = rest.find((one) => one.startsWith('id:'))?.slice(3)
        const address = rest.find((one) => parseIpv4(one) !== undefined)
        const others = rest.filter((one) => !macs.includes(one) && one !== address && !one.startsWith('id:') && one !== 'ignore') // prettier-ignore
        const seconds = others.map(leaseSeconds).find((one) => one !== undefined)
        const hostname = others.find((one) => leaseSeconds(one) === undefined)
        const of: Condition[] = macs.map((one): Condition => ({ is: 'pattern', in: { is: 'mac' }, octets: patternOf(one) })) // prettier-ignore
        if (id !== undefined && id !== '*') of.push({ is: 'equal', left: { is: 'option', code: 61 }, right: { is: 'octets', octets: dataOf(id) } }) // prettier-ignore
        const who = macs[0] ?? id ?? hostname ?? ''
        const any: Condition = of.length === 0 ? { is: 'unknown', text: value } : { is: 'any', of }
        reservations.push({
          source,
          who,
          test: tags.length === 0 ? any : { is: 'all', of: [any, every(tags)!] },
          ...(address === undefined ? {} : { address }),
          ...(hostname === undefined ? {} : { hostname }),
          isIgnored: rest.includes('ignore'),
          classes: sets,
          statements: seconds === undefined ? [] : [{ source, set: { is: 'lease-seconds', seconds } }],
        })
        return of.length === 0 ? say('interchange.host-known-name-alone-boot') : undefined
      }
      case 'dhcp-match': {
        const [what = '', ...data] = rest
        const code = optionCode(what.replace(/^option:/, ''))
        if (sets.length === 0 || code === undefined) return say('interchange.match-option-dhcpv4')
        const wanted = data.join(',')
        const width = numberOctets[code]
        if (wanted === '') addClass(sets[0]!, { is: 'present', value: { is: 'option', code } })
        else if (/^\d{1,9}$/.test(wanted)) {
          const number = Number(wanted)
          const needed = width ?? (number > 0xffff ? 4 : number > 0xff ? 2 : 1)
          const bytes = Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number).subarray(4 - needed)
          addClass(sets[0]!, { is: 'contains', in: { is: 'option', code }, octets: octets(bytes), step: needed })
        } else addClass(sets[0]!, { is: 'contains', in: { is: 'option', code }, octets: dataOf(wanted), step: 1 })
        return undefined
      }
      case 'dhcp-vendorclass':
      case 'dhcp-userclass': {
        const name = sets[0] ?? (tags[0] === undefined ? rest.shift() : tags[0])
        const wanted = rest.join(',')
        if (name === undefined || wanted === '' || wanted.startsWith('enterprise:'))
          return say('interchange.class-read')
        addClass(name, { is: 'contains', in: { is: 'option', code: key === 'dhcp-userclass' ? 77 : 60 }, octets: wanted, step: 1 }) // prettier-ignore
        return undefined
      }
      case 'dhcp-mac': {
        const pattern = patternOf(rest.at(-1) ?? '')
        if (sets.length === 0 || pattern.length === 0) return say('interchange.mac-address')
        addClass(sets[0]!, { is: 'pattern', in: { is: 'mac' }, octets: pattern })
        return undefined
      }
      case 'dhcp-circuitid':
      case 'dhcp-remoteid':
      case 'dhcp-subscrid': {
        if (sets.length === 0 || rest.length === 0) return say('interchange.set-tag-identifier-missing')
        const code = { 'dhcp-circuitid': 1, 'dhcp-remoteid': 2, 'dhcp-subscrid': 6 }[key]
        addClass(sets[0]!, { is: 'equal', left: { is: 'relay-option', code }, right: { is: 'octets', octets: dataOf(rest.join(',')) } }) // prettier-ignore
        return undefined
      }
      case 'tag-if':
        if (sets.length === 0) return 'set:<tag> is missing.'
        for (const name of sets) addClass(name, every(tags) ?? { is: 'all', of: [] })
        return undefined
      case 'dhcp-ignore':
        ignored.push({ source, test: every(tags) ?? { is: 'all', of: [] } })
        return undefined
      case 'dhcp-boot': {
        const [bootFile = '', serverName = '', server = ''] = rest
        const add = (is: 'boot-file' | 'server-name' | 'next-server', text: string): void =>
          void statements.push({ source, ...guarded(tags), set: { is, text } })
        // One line is taken whole: what it leaves out is not filled from another.
        add('boot-file', bootFile)
        add('server-name', serverName)
        add('next-server', server)
        return undefined
      }
      case 'dhcp-option':
      case 'dhcp-option-force': {
        const [what = '', ...data] = rest
        // No option but siaddr (dnsmasq(8), "server-ip-address").
        if (what === 'option:server-ip-address') {
          statements.push({ source, ...guarded(tags), set: { is: 'next-server', text: data[0] ?? '' } })
          return undefined
        }
        const code = optionCode(what.replace(/^option:/, ''))
        const [, holder, number] = /^(encap|vendor):(.+)$/.exec(what) ?? []
        if (holder !== undefined && number !== undefined && /^\d{1,3}$/.test(data[0] ?? '')) {
          // Inside option 43 for who says so in option 60; the space is named by what it is sent in.
          const into = holder === 'vendor' ? 43 : Number(number)
          if (!(into > 0 && into < 255)) return say('interchange.such-option-read')
          const test = [every(tags), holder === 'vendor' ? ({ is: 'contains', in: { is: 'option', code: 60 }, octets: number, step: 1 } as const) : undefined].filter((one) => one !== undefined) // prettier-ignore
          const space = `option-${into}`
          spaces.set(space, into)
          const held =
            test.length === 0 ? {} : { test: test.length === 1 ? test[0]! : ({ is: 'all', of: test } as const) }
          statements.push({ source, ...held, set: { is: 'sub-option', space, code: Number(data[0]), text: data.slice(1).join(', '), octets: guessed(data.slice(1)) } }) // prettier-ignore
          // Who is matched so is told the class that it was matched by.
          if (holder === 'vendor') statements.push({ source, ...held, set: { is: 'option', code: 60, text: number } })
          return undefined
        }
        if (code === undefined) return say('interchange.only-options-dhcpv4-number-name')
        statements.push({ source, ...guarded(tags), set: { is: 'option', code, text: data.join(', ') } })
        return undefined
      }
      case 'pxe-service': {
        const [system = '', text = '', base, server] = rest
        // A number that no client sends: some write one so that the proxyDHCP is on.
        if (/^\d{6,9}$/.test(system)) return undefined
        const code = /^\d{1,5}$/.test(system) ? Number(system) : systems.findIndex((one) => one.toLowerCase() === system.toLowerCase()) // prettier-ignore
        if (code < 0) return say('interchange.client-system', { system })
        const isOf: Condition = { is: 'equal', left: { is: 'option', code: 93 }, right: { is: 'octets', octets: String.fromCharCode(code >>> 8, code & 255) } } // prettier-ignore
        const isFile = base !== undefined && !/^\d+$/.test(base) && base !== ''
        pxeServices.push({
          source,
          test: { is: 'all', of: [isOf, ...tags.map(member)] },
          text,
          // A name without an extension gets the layer, which is 0 for the first program.
          ...(isFile ? { file: base.includes('.') ? base : `${base}.0` } : {}),
          ...(server === undefined ? {} : { server }),
        })
        return isFile || base === undefined || base === '0' ? undefined : say('interchange.boot-server-found-type-followed') // prettier-ignore
      }
      default:
        return say('interchange.read-4', { key })
    }
  }

  /** A file of lines; with a key, of what stands behind its equals sign. */
  function readFile({ name, text }: SourceFile, only?: string): void {
    for (const [index, whole] of text.split('\n').entries()) {
      const line = withoutComment(whole)
      if (line === '') continue
      const [, key = line, value = ''] = only === undefined ? (/^(?:--)?([\w-]+)\s*(?:=\s*(.*))?$/s.exec(line) ?? []) : [line, only, line] // prettier-ignore
      const source = { file: name, line: index + 1 }
      const why = read(key, value, source)
      if (why !== undefined) notUnderstood.push({ ...source, text: line.slice(0, 200), why })
    }
  }
  readFile(file)
  for (const one of later) one()
  // dnsmasq sets tags of its own: the name of the interface, bootp and others. Whether those hold nothing here tells.
  const set = new Set([...classes, ...subnets, ...reservations].flatMap((one) => ('test' in one && 'isOnDemand' in one ? one.name : one.classes))) // prettier-ignore
  for (const [name, source] of used) {
    if (set.has(name) || name === 'known') continue
    const matching = name.endsWith('*') ? [...set].filter((one) => one.startsWith(name.slice(0, -1))) : []
    if (matching.length > 0)
      classes.push({ name, source, test: { is: 'any', of: matching.map(member) }, statements: [], isOnDemand: false }) // prettier-ignore
    else if (interfaces.has(name) || isOwnTag.test(name)) {
      classes.push({ name, source, test: { is: 'unknown', text: name }, statements: [], isOnDemand: false })
      notUnderstood.push({ ...source, text: `tag:${name}`, why: say('interchange.dnsmasq-sets-tag-itself-interface') }) // prettier-ignore
    } else asides.push({ ...source, text: `tag:${name}`, why: say('interchange.line-sets-tag-never-holds') })
  }
  return {
    engine: 'dnsmasq',
    files,
    authoritative,
    statements,
    classes,
    subnets,
    reservations,
    ignored,
    pxeServices,
    ...(tftpRoot === undefined ? {} : { tftpRoot }),
    spaces,
    ...(pxeVendors ? { pxeVendors } : {}),
    notUnderstood,
    asides,
    absent,
  }
}

/** Octets of a MAC address, undefined for a star. */
function patternOf(text: string): (number | undefined)[] {
  if (!text.includes('*')) return [...(parseMacPrefix(text) ?? [])]
  const parts = text.split(':')
  return parts.every((one) => /^([0-9a-f]{1,2}|\*)$/i.test(one))
    ? parts.map((one) => (one === '*' ? undefined : Number.parseInt(one, 16)))
    : []
}
