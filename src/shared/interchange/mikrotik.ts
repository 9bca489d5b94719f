/** RouterOS, as `/export` writes it, with its lines that go on behind a backslash. Total; lines about DHCP that are not read are listed. */
import { say, type Phrase } from '#messages/message.ts'
import { broadcastOf, formatIpv4, parseHex, parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import { deviceConfiguration, networkText, newDevice, newPool, poolFinder } from './device.ts'
import type {
  ClientClass,
  Condition,
  Configuration,
  Reservation,
  Setting,
  Source,
  SourceFile,
  Statement,
} from './model.ts'

interface Command {
  readonly path: string
  readonly verb: string
  readonly words: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly source: Source
  /** Where a value stands that a later `set` gives. */
  readonly sources: ReadonlyMap<string, Source>
  /** What stands between `[find` and its bracket, or the name behind `set`. */
  readonly target: string
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', _: ' ' }
/** Quoted text without its marks; a backslash hides what stands behind it. */
const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1).replace(/"$/, '').replaceAll(/\\([0-9A-F]{2}|.)/gs, (_, one: string) => (one.length === 2 ? String.fromCharCode(Number.parseInt(one, 16)) : (escapes[one] ?? one))) : text // prettier-ignore

function commandsOf(file: SourceFile): Command[] {
  const list: Command[] = []
  const lines = file.text.split('\n')
  let path = ''
  for (let index = 0; index < lines.length; index++) {
    const source = { file: file.name, line: index + 1 }
    const parts = [lines[index]!.replace(/\r$/, '').trimStart()]
    while (parts.at(-1)!.endsWith('\\') && index + 1 < lines.length) {
      parts.push(parts.pop()!.slice(0, -1))
      parts.push(lines[++index]!.replace(/\r$/, '').trimStart())
    }
    const line = parts.join('')
    if (line === '' || line.startsWith('#')) continue
    const [, found = ''] = /\[\s*find\b([^\]]*)\]/.exec(line) ?? []
    const plain = line.replace(/\[\s*find\b[^\]]*\]/, ' [find] ')
    const tokens = plain.match(/[\w.-]+="(?:[^"\\]|\\.)*"?|"(?:[^"\\]|\\.)*"?|[^\s"]+/gs) ?? []
    const verbAt = tokens.findIndex((one) => /^(add|set|remove|print|disable|enable|move|export|import)$/.test(one))
    if (tokens[0]?.startsWith('/')) {
      path = tokens
        .slice(0, verbAt < 0 ? tokens.length : verbAt)
        .join(' ')
        .replaceAll('/', ' ')
        .trim()
      if (verbAt < 0) continue
    }
    const rest = tokens.slice(verbAt + 1)
    const values = new Map(rest.flatMap((one) => (one.indexOf('=') > 0 ? [[one.slice(0, one.indexOf('=')), unquoted(one.slice(one.indexOf('=') + 1))] as const] : []))) // prettier-ignore
    const words = rest.filter((one) => !/^[^"]*=/.test(one))
    list.push({
      path,
      verb: tokens[verbAt] ?? '',
      words,
      values,
      source,
      sources: new Map(),
      target: words[0] === '[find]' ? found.trim() : unquoted(words[0] ?? ''),
    })
  }
  return list
}

/** What was added, with what later lines set; those that change nothing that was added here are left as they are. */
function appliedTo(list: readonly Command[]): Command[] {
  const found: Command[] = []
  /** Positions of what was added, by menu, and by each of its values. */
  const places = new Map<string, Set<number>>()
  const keep = (key: string, at: number): void => void (places.get(key)?.add(at) ?? places.set(key, new Set([at])))
  const valueKey = (path: string, key: string, value: string): string => `${path}\n${key}=${value}`
  for (const one of list) {
    const { path, verb, values, source, target } = one
    const isDhcp = /^ip (dhcp-(server|relay)( |$)|pool$)/.test(path)
    const wanted = [...target.matchAll(/([\w-]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)/g)].map(([, key = '', value = '']) => [key, unquoted(value)] as const) // prettier-ignore
    const terms = wanted.length > 0 ? wanted : target === '' || target === '[find]' ? [] : [['name', target] as const]
    const [first] = terms
    const meant = !isDhcp || verb !== 'set' ? [] : [...(places.get(first ? valueKey(path, ...first) : path) ?? [])].filter((at) => terms.every(([key, value]) => found[at]!.values.get(key) === value)) // prettier-ignore
    if (meant.length === 0) {
      if (isDhcp && verb === 'add') {
        keep(path, found.length)
        for (const [key, value] of values) keep(valueKey(path, key, value), found.length)
      }
      found.push(one)
    }
    for (const at of meant) {
      const each = found[at]!
      const sources = new Map([...each.sources, ...[...values.keys()].map((key) => [key, source] as const)])
      found[at] = { ...each, values: new Map([...each.values, ...values]), sources }
      for (const [key, value] of values) keep(valueKey(path, key, value), at)
    }
  }
  return found
}

const seconds = (text: string): number | undefined => {
  const clock = /^(?:(\d+)d)?(\d+):(\d+):(\d+)$/.exec(text)
  if (clock) return Number(clock[1] ?? 0) * 86_400 + Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4])
  const parts = [...text.matchAll(/(\d{1,9})([wdhms])/g)]
  return parts.length === 0 || parts.map(([all]) => all).join('') !== text ? undefined : parts.reduce((sum, [, count, unit]) => sum + Number(count) * { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 }[unit as 'w'], 0) // prettier-ignore
}

/** The value of an option: text in single quotation marks, octets behind 0x, an address. */
function optionText(value: string): { readonly text: string; readonly octets?: string } {
  let octets = ''
  for (const [, text, hex, address] of value.matchAll(/s?'([^']*)'|0x([0-9a-f]+)|([\d.]{7,15})/gi)) {
    const number = parseIpv4(text ?? address ?? '')
    const bytes = hex === undefined ? (number === undefined ? undefined : [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]) : parseHex(hex.length % 2 === 1 ? `0${hex}` : hex) // prettier-ignore
    // An address in quotation marks is one; s before them makes it text.
    octets += bytes && !value.startsWith('s') ? String.fromCharCode(...bytes) : (text ?? '')
  }
  return octets === '' ? { text: value } : { text: value.replaceAll(/^s?'|'$/g, ''), octets }
}

/** What the menus of DHCP take that decides no boot, or is read, by menu; any other key is listed. */
const keysOf: Readonly<Record<string, RegExp>> = {
  'ip dhcp-server': /^(name|interface|address-pool|lease-time|lease-script|authoritative|add-arp|always-broadcast|bootp-lease-time|bootp-support|client-mac-limit|conflict-detection|insert-queue-before|allow-dual-stack-queue|parent-queue|delay-threshold|dhcp-option-set|dynamic-lease-identifiers|server-address|comment|disabled|support-broadband-tr101|use-framed-as-classless)$/,
  'ip dhcp-server network': /^(address|gateway|netmask|dns-server|dns-none|domain|ntp-server|ntp-none|wins-server|boot-file-name|next-server|dhcp-option|dhcp-option-set|caps-manager|comment)$/,
  'ip dhcp-server lease': /^(address|mac-address|client-id|server|lease-time|block-access|dhcp-option|dhcp-option-set|comment|disabled|rate-limit|address-lists|always-broadcast|allow-dual-stack-queue|insert-queue-before|parent-queue|queue-type|use-src-mac)$/,
  'ip dhcp-server option': /^(name|code|value|force|comment)$/,
  'ip dhcp-server option sets': /^(name|options|comment)$/,
  'ip dhcp-server matcher': /^(name|code|value|matching-type|server|address-pool|option-set|disabled|comment)$/,
  'ip dhcp-relay': /^(name|interface|dhcp-server|dhcp-server-vrf|local-address|add-relay-info|relay-info-remote-id|delay-threshold|disabled|comment)$/,
} // prettier-ignore

export function readMikrotik(file: SourceFile): Configuration {
  const device = newDevice('')
  const commands = appliedTo(commandsOf(file))
  const yes = (values: ReadonlyMap<string, string>, key: string): boolean => values.get(key) === 'yes'
  const at = (path: string, verb = 'add'): Command[] => commands.filter((one) => one.path === path && one.verb === verb && !yes(one.values, 'disabled')) // prettier-ignore
  const tell = ({ source, path, values }: Command, why: Phrase): void => void device.notUnderstood.push({ ...source, text: `/${path} ${[...values].map(([key, value]) => `${key}=${value}`).join(' ')}`.slice(0, 200), why }) // prettier-ignore

  const addresses = at('ip address').flatMap(({ values }) => {
    const text = values.get('address') ?? ''
    const network = networkText(text)
    return network === undefined ? [] : [{ interface: values.get('interface') ?? '', network, address: text.split('/')[0]! }] // prettier-ignore
  })
  const addressOf = (name: string | undefined) => addresses.find((one) => one.interface === name)
  device.name = commands.find(({ path }) => path === 'system identity')?.values.get('name') ?? ''

  for (const one of at('ip dhcp-relay')) {
    const name = one.values.get('interface') ?? ''
    const local = one.values.get('local-address')
    const own = addresses.find(({ interface: of, address }) => of === name && (local === undefined || local === '0.0.0.0' || address === local)) ?? addresses.find(({ address }) => address === local) ?? addressOf(name) // prettier-ignore
    const helpers = (one.values.get('dhcp-server') ?? '').split(',').filter((text) => parseIpv4(text) !== undefined).map((text) => ({ text, source: one.source })) // prettier-ignore
    if (helpers.length === 0) tell(one, say('interchange.relay-dhcp-server'))
    else device.relays.push({ source: one.source, interface: name, helpers, ...(own ? { network: own.network, address: local !== undefined && local !== '0.0.0.0' ? local : own.address } : {}) }) // prettier-ignore
    if (!own) tell(one, say('interchange.interface-relay-address-here-network'))
  }
  for (const { values, source, words } of commands.filter(({ path }) => /^interface bridge( port)?$/.test(path))) {
    if (yes(values, 'dhcp-snooping')) device.snooping.push({ source, is: 'on', text: values.get('name') ?? words[0] ?? '' }) // prettier-ignore
    if (yes(values, 'trusted')) device.snooping.push({ source, is: 'trusted', text: values.get('interface') ?? '' })
  }

  const options = new Map(
    at('ip dhcp-server option').map((one) => [one.values.get('name') ?? '', { ...one, code: Number(one.values.get('code')) }]), // prettier-ignore
  )
  // Both names of the menu are written by versions of RouterOS 7.
  const sets = new Map([...at('ip dhcp-server option sets'), ...at('ip dhcp-server option set')].map(({ values }) => [values.get('name') ?? '', (values.get('options') ?? '').split(',')])) // prettier-ignore
  /** Statements for options by their names. */
  const named = (names: readonly string[], one: Command): Statement[] =>
    names.flatMap((name): Statement[] => {
      if (name === '') return []
      const option = options.get(name)
      if (!option || !Number.isInteger(option.code) || option.code < 1 || option.code > 254) {
        tell(one, say('interchange.option-defined', { stringify: JSON.stringify(name) }))
        return []
      }
      return [{ source: option.source, set: { is: 'option', code: option.code, ...optionText(option.values.get('value') ?? '') } }] // prettier-ignore
    })
  const ofSet = (name: string | undefined, one: Command): Statement[] => {
    if (name === undefined || name === '' || name === 'none') return []
    const options = sets.get(name)
    if (!options) tell(one, say('interchange.option-set-defined', { stringify: JSON.stringify(name) }))
    return named(options ?? [], one)
  }
  const settings = (one: Command): Statement[] => {
    const { values } = one
    const statement = (key: string, set: Setting): Statement => ({ source: one.sources.get(key) ?? one.source, set })
    const text = (key: string): string | undefined => (values.get(key) === '' ? undefined : values.get(key))
    const list = (key: string, code: number): Statement[] => (text(key) === undefined ? [] : [statement(key, { is: 'option', code, text: text(key)!.split(',').join(', ') })]) // prettier-ignore
    const fields = [
      ['boot-file-name', 'boot-file'],
      ['next-server', 'next-server'],
    ] as const
    return [
      ...list('gateway', 3),
      ...list('dns-server', 6),
      ...list('domain', 15),
      ...list('ntp-server', 42),
      ...list('wins-server', 44),
      ...fields.flatMap(([key, is]) => (text(key) === undefined ? [] : [statement(key, { is, text: text(key)! })])),
      ...named((values.get('dhcp-option') ?? '').split(','), one),
      ...ofSet(values.get('dhcp-option-set'), one),
    ]
  }
  const ranges = new Map(at('ip pool').map((one) => [one.values.get('name') ?? '', one]))
  const servers = at('ip dhcp-server')
  for (const one of at('ip dhcp-server network')) {
    const network = networkText(one.values.get('address') ?? '')
    if (network === undefined) {
      tell(one, say('interchange.network-address-prefix-length'))
      continue
    }
    const pool = newPool(one.source, one.values.get('comment') ?? '')
    pool.network = network
    pool.statements.push(...settings(one))
    device.pools.push(pool)
  }
  const holderOf = poolFinder(device.pools)
  const ofServer = (name: string): string => `server ${name}`
  /** Adds the ranges of a pool to the networks that hold them, and yields these. */
  function addRanges(of: Command, name: string, test?: Condition): Set<(typeof device.pools)[number]> {
    const holders = new Set<(typeof device.pools)[number]>()
    // A pool that runs out goes on with the next one.
    const seen = new Set<string>()
    for (
      let next: string | undefined = name;
      next !== undefined && next !== '' && next !== 'none' && !seen.has(next);
    ) {
      seen.add(next)
      const from: Command | undefined = ranges.get(next)
      if (!from) {
        tell(of, say('interchange.pool-file', { stringify: JSON.stringify(next) }))
        break
      }
      for (const text of (from.values.get('ranges') ?? '').split(',')) {
        const whole = networkText(text)
        const [start = '', end = start] = text.split('-')
        const pool = holderOf(start.split('/')[0]!)
        if (!pool || (whole === undefined && (parseIpv4(start) === undefined || parseIpv4(end) === undefined)))
          tell(from, say('interchange.network-dhcp-server-holds-range')) // prettier-ignore
        else {
          holders.add(pool)
          if (whole === undefined || whole === pool.network) {
            if (!text.includes('/')) pool.ranges.push({ source: from.source, start, end, ...(test ? { test } : {}) })
          } else {
            const { address, prefixLength } = parseIpv4Network(whole)!
            pool.ranges.push({ source: from.source, start: formatIpv4(address), end: formatIpv4(broadcastOf({ address, prefixLength })), ...(test ? { test } : {}) }) // prettier-ignore
          }
        }
      }
      next = from.values.get('next-pool')
    }
    return holders
  }
  for (const server of servers) {
    const name = server.values.get('address-pool') ?? ''
    const lease = seconds(server.values.get('lease-time') ?? '')
    const own = ofSet(server.values.get('dhcp-option-set'), server)
    if (name === 'static-only' || name === '') {
      if (own.length > 0) tell(server, say('interchange.network-option-set-known-without'))
      continue
    }
    for (const pool of addRanges(server, name)) {
      pool.classes.push(ofServer(server.values.get('name') ?? ''))
      if (lease !== undefined) pool.statements.push({ source: server.source, set: { is: 'lease-seconds', seconds: lease } }) // prettier-ignore
      pool.statements.unshift(...own)
    }
  }
  // The first matcher that fits is the client's: its options stand over those of the network.
  const classes: ClientClass[] = []
  for (const one of at('ip dhcp-server matcher')) {
    const { values, source } = one
    const [code, kind] = [Number(values.get('code')), values.get('matching-type') ?? 'exact']
    const { text, octets = text } = optionText(values.get('value') ?? '')
    if (!Number.isInteger(code) || code < 1 || code > 254 || (kind !== 'exact' && kind !== 'substring')) {
      tell(one, say('interchange.matcher-code-1-254-neither'))
      continue
    }
    const of = { is: 'option', code } as const
    const server = values.get('server')
    const test: Condition = kind === 'exact' ? { is: 'equal', left: of, right: { is: 'octets', octets } } : { is: 'contains', in: of, octets, step: 1 } // prettier-ignore
    const name = `matcher ${values.get('name') ?? classes.length + 1}`
    const here: Condition[] = server === undefined || server === '' || server === 'all' ? [] : [{ is: 'member', name: ofServer(server) }] // prettier-ignore
    const earlier = classes.map((before): Condition => ({ is: 'not', of: { is: 'member', name: before.name } }))
    classes.push({ name, source, test: { is: 'all', of: [test, ...here, ...earlier] }, isOnDemand: false, statements: ofSet(values.get('option-set'), one) }) // prettier-ignore
    const pool = values.get('address-pool')
    if (
      pool !== undefined &&
      pool !== '' &&
      pool !== 'none' &&
      !servers.some((each) => each.values.get('address-pool') === pool)
    )
      addRanges(one, pool, { is: 'member', name })
  }
  for (const one of at('ip dhcp-server lease')) {
    const [address, mac] = [one.values.get('address'), parseMac(one.values.get('mac-address') ?? '')]
    if (address === undefined || mac === undefined || parseIpv4(address) === undefined) {
      tell(one, say('interchange.lease-address-mac-address'))
      continue
    }
    const octets = String.fromCharCode(...parseHex(mac.replaceAll(':', ''))!)
    const reservation: Reservation = { source: one.source, who: mac, address, test: { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets } }, isIgnored: yes(one.values, 'block-access'), classes: [], statements: settings(one) } // prettier-ignore
    const pool = holderOf(address)
    if (pool) pool.reservations.push(reservation)
    else tell(one, say('interchange.network-dhcp-server-holds-address'))
  }
  for (const one of commands) {
    if (!/^ip (dhcp-(server|relay)|pool)( |$)/.test(one.path) || /^ip dhcp-server (config|alert)$/.test(one.path)) continue // prettier-ignore
    const known = keysOf[one.path.replace(/ set$/, ' sets')]
    if (one.verb !== 'add') tell(one, say('interchange.only-added-read-changes-followed'))
    else if (!known && one.path !== 'ip pool') tell(one, say('interchange.read-10'))
    else
      for (const key of one.values.keys()) if (known && !known.test(key)) tell(one, say('interchange.read-4', { key }))
  }
  return { ...deviceConfiguration('mikrotik', file.name, device), classes }
}
