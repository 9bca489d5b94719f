/** Junos, as `set` lines or in braces: DHCP relays, helpers, snooping, pools. Total; lines about DHCP that are not read are listed. */
import { say, type Phrase } from '#messages/message.ts'
import { parseHex, parseIpv4, parseMac } from '../wire/bytes.ts'
import { deviceConfiguration, networkText, newDevice, newPool, type DevicePool } from './device.ts'
import type { Configuration, Setting, Source, SourceFile } from './model.ts'

interface Statement {
  readonly words: readonly string[]
  readonly source: Source
}

/** A statement with a list in brackets says the same as one for each of it; an option that is an array is one value. */
const each = (words: readonly string[], list: readonly string[] | undefined): readonly (readonly string[])[] =>
  list === undefined ? [words] : words.includes('array') ? [[...words, ...list]] : list.map((one) => [...words, one])

/** Deeper than any configuration. */
const deepest = 40

/** Statements with the whole path to each, whichever form the file has. */
function statementsOf(file: SourceFile): Statement[] {
  const found: Statement[] = []
  const off: string[][] = []
  const token = /"([^"]*)"|#[^\n]*|\/\*[\s\S]*?\*\/|[{};[\]]|[^\s{};[\]"]+|\n|"/g
  if (/^\s*(set|delete|deactivate) \S+/m.test(file.text)) {
    for (const [index, line] of file.text.split('\n').entries()) {
      const [, before = line, inner] = /^((?:"[^"]*"|[^"[])*)\[([^\]]*)\]\s*$/.exec(line) ?? []
      const words = Array.from(before.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare!)
      const list = inner?.match(/[^\s"]+/g) ?? (inner === undefined ? undefined : [])
      if (words[0] === 'set') for (const one of each(words.slice(1), list)) found.push({ words: one, source: { file: file.name, line: index + 1 } }) // prettier-ignore
      if (words[0] === 'deactivate' || words[0] === 'delete') off.push(words.slice(1))
    }
    if (off.length === 0) return found
    // A set behind a delete of the same path would come back; nobody exports one.
    return found.filter(({ words }) => !off.some((path) => path.every((word, at) => words[at] === word)))
  }
  const path: (readonly string[])[] = []
  let words: string[] = []
  let list: string[] | undefined
  let whole: string[] | undefined
  let line = 1
  let begins = 1
  let skipped = 0
  for (const [all, quoted] of file.text.matchAll(token)) {
    if (all === '\n') line++
    else if (all.startsWith('#') || all.startsWith('/*')) line += all.split('\n').length - 1
    else if (all === '{') {
      if (path.length < deepest) path.push(words)
      else skipped++
      words = []
    } else if (all === '}') {
      if (skipped > 0) skipped--
      else path.pop()
      words = []
    } else if (all === '[') list = []
    else if (all === ']') {
      whole = list
      list = undefined
    } else if (all === ';') {
      if (words[0] !== 'inactive:' && !path.some((one) => one[0] === 'inactive:')) for (const one of each([...path.flat(), ...words], whole)) found.push({ words: one, source: { file: file.name, line: begins } }) // prettier-ignore
      words = []
      whole = undefined
    } else {
      if (words.length === 0) begins = line
      ;(list ?? words).push(quoted ?? all)
    }
  }
  return found
}

export function readJuniper(file: SourceFile): Configuration {
  const device = newDevice('')
  const addresses = new Map<string, { readonly network: string; readonly address: string }>()
  const groups = new Map<string, { readonly text: string; readonly source: Source }[]>()
  /** Interfaces with the group of servers of their own, of their group or of everybody. */
  const interfaces: { readonly name: string; readonly source: Source; readonly group: string | undefined }[] = []
  const active = new Map<string, string>()
  const helpers: { readonly name: string; readonly source: Source }[] = []
  const servers: { readonly of: string; readonly text: string; readonly source: Source }[] = []
  const pools = new Map<string, DevicePool>()
  const hosts = new Map<string, { pool: DevicePool; source: Source; mac?: string; address?: string }>()
  const ranges = new Map<string, { low?: string; high?: string; readonly source: Source; readonly pool: DevicePool }>()
  const poolOf = (name: string, source: Source): DevicePool => {
    let pool = pools.get(name)
    if (!pool) {
      pools.set(name, (pool = newPool(source, name)))
      device.pools.push(pool)
    }
    return pool
  }

  function setting(pool: DevicePool, words: readonly string[], source: Source): Phrase | undefined {
    const [key = '', value = '', ...rest] = words
    const add = (set: Setting): undefined => void pool.statements.push({ source, set })
    const list = (code: number): undefined => {
      const before = pool.statements.findIndex(({ set }) => set.is === 'option' && set.code === code)
      const one = pool.statements[before]
      if (one?.set.is !== 'option') return add({ is: 'option', code, text: value })
      pool.statements[before] = { ...one, set: { ...one.set, text: `${one.set.text}, ${value}` } }
      return undefined
    }
    switch (key) {
      case 'router':
        return list(3)
      case 'name-server':
        return list(6)
      case 'wins-server':
        return list(44)
      case 'domain-name':
        return add({ is: 'option', code: 15, text: value })
      case 'boot-file':
        return add({ is: 'boot-file', text: value })
      case 'boot-server':
      case 'next-server':
        return parseIpv4(value) === undefined ? add({ is: 'server-name', text: value }) : add({ is: 'next-server', text: value }) // prettier-ignore
      case 'tftp-server':
        return add({ is: 'option', code: 150, text: value })
      case 'maximum-lease-time':
      case 'default-lease-time':
        return /^\d+$/.test(value) ? add({ is: 'lease-seconds', seconds: Number(value) }) : undefined
      case 'option': {
        const code = Number(value)
        const [kind = '', ...data] = rest[0] === 'array' ? rest.slice(1) : rest
        if (!Number.isInteger(code) || code < 1 || code > 254 || data.length === 0) return say('interchange.option-code-kind-value') // prettier-ignore
        return add({ is: 'option', code, text: kind.startsWith('ip') ? data.join(', ') : data.join(' ') })
      }
      default:
        return /^(server-identifier|propagate-settings|grace-period|netbios-node-type|domain-search|option-match|hybrid|sip-server|apply-groups|offer-delay)/.test(key) ? undefined : say('interchange.read-4', { key }) // prettier-ignore
    }
  }

  function read(whole: readonly string[], source: Source): Phrase | undefined {
    let words = whole
    // A routing instance and a logical system have their own; a group is applied where it is.
    while (/^(routing-instances|logical-systems|groups)$/.test(words[0] ?? '')) words = words.slice(2)
    const [a = '', b = '', c = ''] = words
    if (a === 'system' && b === 'host-name') device.name = c
    if (a === 'interfaces') {
      const at = words.indexOf('address')
      const unit = words.indexOf('unit')
      const network = at < 0 ? undefined : networkText(words[at + 1] ?? '')
      const name = `${b}.${unit < 0 ? 0 : words[unit + 1]}`
      if (network !== undefined && words.includes('inet') && !addresses.has(name)) addresses.set(name, { network, address: words[at + 1]!.split('/')[0]! }) // prettier-ignore
      return undefined
    }
    if (a === 'forwarding-options' && b === 'dhcp-relay') return readRelay(words.slice(2), source)
    if (a === 'forwarding-options' && b === 'helpers' && c === 'bootp') return readHelper(words.slice(3), source)
    if (a === 'system' && b === 'services' && /^dhcp(-local-server)?$/.test(c)) {
      if (c === 'dhcp-local-server') return undefined
      if (words[3] !== 'pool') return /^(traceoptions|static-binding)?$/.test(words[3] ?? '') && words[3] !== 'static-binding' ? undefined : say('interchange.read-5', { words: words[3] ?? '' }) // prettier-ignore
      const pool = poolOf(words[4] ?? '', source)
      pool.network = networkText(words[4] ?? '')
      if (words[5] !== 'address-range') return setting(pool, words.slice(5), source)
      return addRange(pool, words[4] ?? '', words.slice(6), source)
    }
    if (a === 'access' && b === 'address-assignment' && c === 'pool') {
      const pool = poolOf(words[3] ?? '', source)
      const inner = words.slice(words[4] === 'family' ? 6 : 4)
      if (inner[0] === 'network') pool.network = networkText(inner[1] ?? '')
      else if (inner[0] === 'range') return addRange(pool, `${words[3]} ${inner[1]}`, inner.slice(2), source)
      else if (inner[0] === 'dhcp-attributes') return setting(pool, inner.slice(1), source)
      else if (inner[0] === 'host') {
        const key = `${words[3]} ${inner[1]}`
        const host = hosts.get(key) ?? { pool, source }
        hosts.set(key, host)
        if (inner[2] === 'hardware-address') host.mac = parseMac(inner[3] ?? '')!
        if (inner[2] === 'ip-address') host.address = inner[3]!
        if (!/^(hardware-address|ip-address|user-name|)$/.test(inner[2] ?? ''))
          return say('interchange.read-6', { inner: inner[2]! })
      } else if (!/^(active-drain|hold-down|link|)$/.test(inner[0] ?? ''))
        return say('interchange.read-6', { inner: inner[0]! })
      return undefined
    }
    const last = words.at(-1)
    if (words.includes('dhcp-security')) {
      const vlan = words[1] ?? ''
      const group = words[words.indexOf('dhcp-security') + 2] ?? ''
      if (words.includes('trusted')) device.snooping.push({ source, is: 'trusted', text: `group ${group}` })
      else if (!device.snooping.some(({ is, text }) => is === 'vlans' && text === vlan)) device.snooping.push({ source, is: 'vlans', text: vlan }) // prettier-ignore
      return undefined
    }
    if (last === 'examine-dhcp') return void device.snooping.push({ source, is: 'vlans', text: words.at(-2) ?? '' })
    if (last === 'dhcp-trusted') return void device.snooping.push({ source, is: 'trusted', text: words.at(-2) ?? '' })
    return words.some((one) => /^(dhcp|bootp)/.test(one)) && !/^(security|firewall|policy-options|system|snmp|class-of-service)$/.test(a) ? say('interchange.line-about-dhcp-read') : undefined // prettier-ignore
  }

  function addRange(pool: DevicePool, key: string, words: readonly string[], source: Source): undefined {
    const range = ranges.get(key) ?? { source, pool }
    ranges.set(key, range)
    for (const [at, word] of words.entries()) if (word === 'low' || word === 'high') range[word] = words[at + 1]!
    return undefined
  }

  function readRelay(words: readonly string[], source: Source): Phrase | undefined {
    const group = words[0] === 'group' ? words[1] : undefined
    const [key = '', name = '', address = ''] = group === undefined ? words : words.slice(2)
    if (key === 'server-group') {
      const list = groups.get(name) ?? []
      groups.set(name, list)
      for (const one of address.split(' ')) if (parseIpv4(one) !== undefined) list.push({ text: one, source })
      return undefined
    }
    if (key === 'active-server-group') {
      active.set(group ?? '', name)
      return undefined
    }
    if (key === 'interface') {
      interfaces.push({ name: name.includes('.') ? name : `${name}.0`, source, group })
      return undefined
    }
    if (key === 'forward-only' || key === 'forward-snooped-clients' || key === 'overrides' || key === 'relay-option-82' || key === 'traceoptions' || key === 'maximum-hop-count' || key === 'source-ip-change' || key === 'no-snoop' || key === '') return undefined // prettier-ignore
    return key === 'dhcpv6' ? undefined : say('interchange.read-4', { key })
  }

  function readHelper(words: readonly string[], source: Source): Phrase | undefined {
    const [key = '', value = '', inner = '', address = ''] = words
    if (key === 'server') servers.push({ of: '', text: value, source })
    else if (key === 'interface') {
      const name = value.includes('.') ? value : `${value}.0`
      if (!helpers.some((one) => one.name === name)) helpers.push({ name, source })
      if (inner === 'server') servers.push({ of: name, text: address, source })
      else if (inner !== '') return /^(broadcast|description|maximum-hop-count|minimum-wait-time|no-listen)/.test(inner) ? undefined : say('interchange.read-6', { inner }) // prettier-ignore
    } else if (!/^(maximum-hop-count|minimum-wait-time|relay-agent-option|source-address-giaddr|client-response-ttl|vpn|description|dhcp-option82)$/.test(key)) return say('interchange.read-4', { key }) // prettier-ignore
    return undefined
  }

  for (const { words, source } of statementsOf(file)) {
    const why = read(words, source)
    if (why !== undefined) device.notUnderstood.push({ ...source, text: words.join(' ').slice(0, 200), why })
  }
  const relay = (
    name: string,
    source: Source,
    to: readonly { readonly text: string; readonly source: Source }[],
  ): void => {
    const at = addresses.get(name)
    if (to.length === 0)
      device.notUnderstood.push({ ...source, text: name, why: say('interchange.interface-relays-server-said') }) // prettier-ignore
    else device.relays.push({ source, interface: name, helpers: to, ...at })
    if (to.length > 0 && !at) device.notUnderstood.push({ ...source, text: name, why: say('interchange.interface-relays-address-here-network') }) // prettier-ignore
  }
  for (const { name, source, group } of interfaces) relay(name, source, groups.get(active.get(group ?? '') ?? active.get('') ?? '') ?? []) // prettier-ignore
  for (const { name, source } of helpers) {
    const own = servers.filter(({ of }) => of === name)
    relay(name, source, own.length > 0 ? own : servers.filter(({ of }) => of === ''))
  }
  for (const { low, high, source, pool } of ranges.values())
    if (low !== undefined && high !== undefined && (parseIpv4(low) ?? 1) <= (parseIpv4(high) ?? 0))
      pool.ranges.push({ source, start: low, end: high }) // prettier-ignore
    else device.notUnderstood.push({ ...source, text: pool.name, why: say('interchange.range-first-last-address') })
  for (const { pool, source, mac, address } of hosts.values()) {
    if (mac === undefined || address === undefined) device.notUnderstood.push({ ...source, text: pool.name, why: say('interchange.host-hardware-address-ip-address') }) // prettier-ignore
    else pool.reservations.push({ source, who: mac, address, test: { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets: Array.from(parseHex(mac.replaceAll(':', ''))!, (one) => String.fromCharCode(one)).join('') } }, isIgnored: false, classes: [], statements: [] }) // prettier-ignore
  }
  return deviceConfiguration('juniper', file.name, device)
}
