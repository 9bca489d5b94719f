/** RouterOS, as `/export` writes it, with its lines that go on behind a backslash. Total; lines about DHCP that are not read are listed. */
import { parseHex, parseIpv4, parseMac } from '../wire/bytes.ts'
import { deviceConfiguration, networkText, newDevice, newPool } from './device.ts'
import type { Configuration, Reservation, Setting, Source, SourceFile, Statement } from './model.ts'

interface Command {
  readonly path: string
  readonly verb: string
  readonly words: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly source: Source
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', _: ' ' }
/** Quoted text without its marks; a backslash hides what stands behind it. */
const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1).replace(/"$/, '').replaceAll(/\\([0-9A-F]{2}|.)/gs, (_, one: string) => (one.length === 2 ? String.fromCharCode(Number.parseInt(one, 16)) : (escapes[one] ?? one))) : text // prettier-ignore

function commandsOf(file: SourceFile): Command[] {
  const found: Command[] = []
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
    const tokens = line.match(/[\w.-]+="(?:[^"\\]|\\.)*"?|"(?:[^"\\]|\\.)*"?|[^\s"]+/gs) ?? []
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
    found.push({ path, verb: tokens[verbAt] ?? '', words: rest.filter((one) => !one.includes('=')), values, source })
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

export function readMikrotik(file: SourceFile): Configuration {
  const device = newDevice('')
  const commands = commandsOf(file)
  const yes = (values: ReadonlyMap<string, string>, key: string): boolean => values.get(key) === 'yes'
  const at = (path: string, verb = 'add'): Command[] => commands.filter((one) => one.path === path && one.verb === verb && !yes(one.values, 'disabled')) // prettier-ignore
  const tell = ({ source, path, values }: Command, why: string): void => void device.notUnderstood.push({ ...source, text: `/${path} ${[...values].map(([key, value]) => `${key}=${value}`).join(' ')}`.slice(0, 200), why }) // prettier-ignore

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
    if (helpers.length === 0) tell(one, 'The relay has no DHCP server.')
    else device.relays.push({ source: one.source, interface: name, helpers, ...(own ? { network: own.network, address: local !== undefined && local !== '0.0.0.0' ? local : own.address } : {}) }) // prettier-ignore
    if (!own) tell(one, 'The interface of the relay has no address here: which network it is for is not known.')
  }
  for (const { values, source, words } of commands.filter(({ path }) => /^interface bridge( port)?$/.test(path))) {
    if (yes(values, 'dhcp-snooping')) device.snooping.push({ source, is: 'on', text: values.get('name') ?? words[0] ?? '' }) // prettier-ignore
    if (yes(values, 'trusted')) device.snooping.push({ source, is: 'trusted', text: values.get('interface') ?? '' })
  }

  const options = new Map(
    at('ip dhcp-server option').map((one) => [one.values.get('name') ?? '', { ...one, code: Number(one.values.get('code')) }]), // prettier-ignore
  )
  const sets = new Map(at('ip dhcp-server option sets').map(({ values }) => [values.get('name') ?? '', (values.get('options') ?? '').split(',')])) // prettier-ignore
  /** Statements for options by their names. */
  const named = (names: readonly string[], one: Command): Statement[] =>
    names.flatMap((name): Statement[] => {
      if (name === '') return []
      const option = options.get(name)
      if (!option || !Number.isInteger(option.code) || option.code < 1 || option.code > 254) {
        tell(one, `The option ${JSON.stringify(name)} is not defined.`)
        return []
      }
      return [{ source: option.source, set: { is: 'option', code: option.code, ...optionText(option.values.get('value') ?? '') } }] // prettier-ignore
    })
  const settings = (one: Command): Statement[] => {
    const { values, source } = one
    const statement = (set: Setting): Statement => ({ source, set })
    const text = (key: string): string | undefined => (values.get(key) === '' ? undefined : values.get(key))
    const list = (key: string, code: number): Statement[] => (text(key) === undefined ? [] : [statement({ is: 'option', code, text: text(key)!.split(',').join(', ') })]) // prettier-ignore
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
      ...fields.flatMap(([key, is]) => (text(key) === undefined ? [] : [statement({ is, text: text(key)! })])),
      ...named([...(values.get('dhcp-option') ?? '').split(','), ...(sets.get(values.get('dhcp-option-set') ?? '') ?? [])], one), // prettier-ignore
    ]
  }
  const ranges = new Map(at('ip pool').map((one) => [one.values.get('name') ?? '', one]))
  const servers = at('ip dhcp-server')
  for (const one of at('ip dhcp-server network')) {
    const network = networkText(one.values.get('address') ?? '')
    if (network === undefined) {
      tell(one, 'The network has no address with a prefix length.')
      continue
    }
    const pool = newPool(one.source, one.values.get('comment') ?? '')
    pool.network = network
    pool.statements.push(...settings(one))
    device.pools.push(pool)
  }
  for (const server of servers) {
    const name = server.values.get('address-pool') ?? ''
    const from = ranges.get(name)
    const lease = seconds(server.values.get('lease-time') ?? '')
    if (name === 'static-only' || name === '') continue
    if (!from) {
      tell(server, `The pool ${JSON.stringify(name)} is not in this file.`)
      continue
    }
    for (const text of (from.values.get('ranges') ?? '').split(',')) {
      const whole = networkText(text)
      const [start = '', end = start] = text.split('-')
      const pool = device.pools.find(({ network }) => network !== undefined && networkText(start, `/${network.split('/')[1]}`) === network) // prettier-ignore
      if (!pool || (whole === undefined && (parseIpv4(start) === undefined || parseIpv4(end) === undefined)))
        tell(from, 'No network of the DHCP server holds this range.') // prettier-ignore
      else {
        if (text.includes('-') || !text.includes('/')) pool.ranges.push({ source: from.source, start, end })
        if (lease !== undefined) pool.statements.push({ source: server.source, set: { is: 'lease-seconds', seconds: lease } }) // prettier-ignore
      }
    }
  }
  for (const one of at('ip dhcp-server lease')) {
    const [address, mac] = [one.values.get('address'), parseMac(one.values.get('mac-address') ?? '')]
    if (address === undefined || mac === undefined || parseIpv4(address) === undefined) {
      tell(one, 'The lease has no address and MAC address.')
      continue
    }
    const octets = String.fromCharCode(...parseHex(mac.replaceAll(':', ''))!)
    const reservation: Reservation = { source: one.source, who: mac, address, test: { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets } }, isIgnored: yes(one.values, 'block-access'), classes: [], statements: settings(one) } // prettier-ignore
    const pool = device.pools.find(({ network }) => network !== undefined && networkText(address, `/${network.split('/')[1]}`) === network) // prettier-ignore
    if (pool) pool.reservations.push(reservation)
    else tell(one, 'No network of the DHCP server holds this address.')
  }
  for (const one of at('ip dhcp-server matcher'))
    tell(one, 'Matchers, by which clients get options of their own, are not read.')
  for (const one of commands)
    if (/^ip dhcp-(server|relay)/.test(one.path) && !/^ip dhcp-(server( (network|lease|option( sets)?|config|matcher|alert|vendor-class-id))?|relay)$/.test(one.path)) tell(one, 'This is not read.') // prettier-ignore
  return deviceConfiguration('mikrotik', file.name, device)
}
