/**
 * A DHCP server of Windows as far as its tools set it up: the cmdlets of the module DhcpServer and `netsh dhcp`, with the
 * parameters that Microsoft documents and the refusals that follow from them, and the offer that a client then gets:
 * reservation, policies of the scope in their order, user class, scope, server.
 */
import { formatIpv4, isInNetwork, parseHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { PowershellError, textOf, type Call, type Cmdlet, type Item, type Value } from './powershell.ts'

interface Definition {
  readonly name: string
  readonly type: string
  readonly isMulti: boolean
}
interface Policy {
  readonly name: string
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly ranges: (readonly [number, number])[]
}
interface Scope {
  readonly mask: string
  readonly name: string
  readonly range: [number, number]
  lease: number
  state: string
  readonly exclusions: (readonly [number, number])[]
  readonly policies: Policy[]
  readonly reservations: { readonly address: string; readonly clientId: string; readonly name: string }[]
}
export interface DhcpState {
  readonly classes: { readonly name: string; readonly kind: string; readonly data: string }[]
  readonly definitions: Map<number, Definition>
  readonly scopes: Map<string, Scope>
  /** By level, such as `scope 10.0.0.0`, and code. */
  readonly values: Map<string, readonly string[]>
}

const builtIn: readonly (readonly [number, string, string, boolean?])[] = [
  [2, 'Time Offset', 'DWord'], [3, 'Router', 'IPv4Address', true], [4, 'Time Server', 'IPv4Address', true],
  [6, 'DNS Servers', 'IPv4Address', true], [7, 'Log Servers', 'IPv4Address', true], [12, 'Host Name', 'String'],
  [15, 'DNS Domain Name', 'String'], [17, 'Root Path', 'String'], [26, 'MTU Option', 'Word'], [28, 'Broadcast Address', 'IPv4Address'],
  [42, 'NTP Servers', 'IPv4Address', true], [43, 'Vendor Specific Info', 'BinaryData'], [51, 'Lease', 'DWord'],
  [66, 'Boot Server Host Name', 'String'], [67, 'Bootfile Name', 'String'],
] // prettier-ignore

export const newServer = (): DhcpState => ({
  classes: [{ name: 'Microsoft Windows 2000 Options', kind: 'Vendor', data: 'MSFT 5.0' }],
  definitions: new Map(builtIn.map(([code, name, type, isMulti = false]) => [code, { name, type, isMulti }])),
  scopes: new Map(),
  values: new Map(),
})

const refuse = (why: string): never => {
  throw new PowershellError(why)
}
const addressOf = (text: string): number => parseIpv4(text) ?? refuse(`${text} is not an address`)
const maskBits = (mask: string): number => addressOf(mask).toString(2).replaceAll('0', '').length
const networkOf = (id: string, { mask }: Pick<Scope, 'mask'>) => ({ address: addressOf(id), prefixLength: maskBits(mask) }) // prettier-ignore
const names: Readonly<Record<string, readonly string[]>> = {
  'get-dhcpserverv4class': ['name', 'type'],
  'add-dhcpserverv4class': ['name', 'type', 'data', 'description'],
  'remove-dhcpserverv4class': ['name', 'type'],
  'get-dhcpserverv4optiondefinition': ['optionid', 'vendorclass', 'all'],
  'add-dhcpserverv4optiondefinition': ['name', 'description', 'optionid', 'type', 'multivalued', 'vendorclass', 'defaultvalue'],
  'remove-dhcpserverv4optiondefinition': ['optionid', 'vendorclass'],
  'get-dhcpserverv4optionvalue': ['scopeid', 'reservedip', 'optionid', 'userclass', 'all', 'brief', 'policyname', 'vendorclass'],
  'set-dhcpserverv4optionvalue': ['scopeid', 'reservedip', 'optionid', 'value', 'userclass', 'policyname', 'vendorclass', 'force'],
  'remove-dhcpserverv4optionvalue': ['scopeid', 'reservedip', 'optionid', 'userclass', 'policyname', 'vendorclass'],
  'get-dhcpserverv4scope': ['scopeid'],
  'add-dhcpserverv4scope': ['startrange', 'endrange', 'name', 'description', 'state', 'superscopename', 'maxbootpclients', 'activatepolicies', 'delay', 'leaseduration', 'subnetmask', 'type'],
  'set-dhcpserverv4scope': ['scopeid', 'activatepolicies', 'type', 'description', 'leaseduration', 'name', 'delay', 'state'],
  'remove-dhcpserverv4scope': ['scopeid', 'force'],
  'add-dhcpserverv4exclusionrange': ['scopeid', 'startrange', 'endrange'],
  'get-dhcpserverv4reservation': ['scopeid', 'ipaddress', 'clientid'],
  'add-dhcpserverv4reservation': ['scopeid', 'ipaddress', 'clientid', 'name', 'description', 'type'],
  'remove-dhcpserverv4reservation': ['scopeid', 'ipaddress', 'clientid'],
  'get-dhcpserverv4policy': ['name', 'scopeid'],
  'add-dhcpserverv4policy': ['name', 'condition', 'description', 'scopeid', 'processingorder', 'relayagent', 'remoteid', 'subscriberid', 'leaseduration', 'fqdn', 'enabled', 'vendorclass', 'userclass', 'macaddress', 'circuitid', 'clientid'],
  'remove-dhcpserverv4policy': ['name', 'scopeid'],
  'add-dhcpserverv4policyiprange': ['name', 'scopeid', 'startrange', 'endrange'],
} // prettier-ignore
const conditionFields = ['vendorclass', 'userclass', 'macaddress', 'circuitid', 'remoteid']

/** The cmdlets, and the few others that scripts use on files. */
export function cmdletsOf(state: DhcpState, files: Map<string, Value>): Record<string, Cmdlet> {
  const cmdlets = serverCmdlets(state)
  const checked = Object.fromEntries(
    Object.entries(cmdlets).map(([name, run]) => [
      name,
      (call: Call): readonly Value[] => {
        for (const parameter of call.named.keys())
          if (!names[name]!.includes(parameter)) throw new Error(`${name} has no parameter ${parameter}`)
        if (call.positional.length > 0) throw new Error(`${name} is called without names of parameters`)
        return run(call)
      },
    ]),
  )
  const path = ({ named, positional }: Call): string => textOf(named.get('literalpath') ?? positional[0] ?? null)
  return {
    ...checked,
    'join-path': ({ positional }) => [`${textOf(positional[0]!)}\\${textOf(positional[1]!)}`],
    'test-path': (call) => [files.has(path(call))],
    'export-clixml': (call) => {
      // What is written is what it is now.
      files.set(path(call), structuredClone(call.named.get('inputobject')!))
      return []
    },
    'import-clixml': (call) => files.get(path(call)) as readonly Value[],
    'remove-item': (call) => {
      files.delete(path(call))
      return []
    },
  }
}

function serverCmdlets(state: DhcpState): Record<string, Cmdlet> {
  const text = ({ named }: Call, name: string): string => textOf(named.get(name) ?? refuse(`-${name} is missing`))
  const list = ({ named }: Call, name: string): string[] => [named.get(name) ?? []].flat().map((one) => textOf(one)) // prettier-ignore
  const scopeOf = (call: Call): Scope => state.scopes.get(text(call, 'scopeid')) ?? refuse(`there is no scope ${text(call, 'scopeid')}`) // prettier-ignore
  const policyOf = (call: Call, name = 'name'): Policy => scopeOf(call).policies.find((one) => one.name === text(call, name)) ?? refuse(`there is no policy ${text(call, name)}`) // prettier-ignore
  const levelOf = (call: Call): string => {
    if (call.named.has('reservedip')) {
      if (call.named.has('scopeid')) refuse('ScopeId and ReservedIP exclude each other')
      const address = text(call, 'reservedip')
      if (![...state.scopes.values()].some(({ reservations }) => reservations.some((one) => one.address === address))) refuse(`${address} is not reserved`) // prettier-ignore
      return `reserved ${address}`
    }
    if (!call.named.has('scopeid')) return 'server'
    scopeOf(call)
    return call.named.has('policyname') ? `policy ${text(call, 'scopeid')} ${policyOf(call, 'policyname').name}` : `scope ${text(call, 'scopeid')}` // prettier-ignore
  }
  const valueOf = (key: string, code: number): Item => ({ OptionId: code, Value: state.values.get(key)!, Type: state.definitions.get(code)!.type }) // prettier-ignore
  return {
    'get-dhcpserverv4class': (call) =>
      state.classes.filter(({ kind }) => kind === text(call, 'type')).map((one) => ({ Name: one.name, Type: one.kind, AsciiData: one.data })), // prettier-ignore
    'add-dhcpserverv4class': (call) => {
      const [name, kind, data] = [text(call, 'name'), text(call, 'type'), text(call, 'data')]
      if (!/^(Vendor|User)$/.test(kind)) refuse(`${kind} is no type of classes`)
      if (state.classes.some((one) => one.name === name || (one.kind === kind && one.data === data))) refuse(`class ${name} is there`) // prettier-ignore
      state.classes.push({ name, kind, data })
      return []
    },
    'remove-dhcpserverv4class': (call) => {
      const at = state.classes.findIndex((one) => one.name === text(call, 'name') && one.kind === text(call, 'type'))
      if (at < 0) refuse('there is no such class')
      state.classes.splice(at, 1)
      return []
    },
    'get-dhcpserverv4optiondefinition': (call) => {
      const code = Number(text(call, 'optionid'))
      const found = state.definitions.get(code) ?? refuse(`option ${code} is not defined`)
      return [{ OptionId: code, Name: found.name, Type: found.type, MultiValued: found.isMulti }]
    },
    'add-dhcpserverv4optiondefinition': (call) => {
      const code = Number(text(call, 'optionid'))
      const type = text(call, 'type')
      if (!/^(Byte|Word|DWord|DWordDWord|IPv4Address|String|BinaryData|EncapsulatedData)$/.test(type)) refuse(`${type} is no type of options`) // prettier-ignore
      if (code < 1 || code > 255 || state.definitions.has(code)) refuse(`option ${code} is defined`)
      state.definitions.set(code, { name: text(call, 'name'), type, isMulti: call.named.get('multivalued') === true })
      return []
    },
    'remove-dhcpserverv4optiondefinition': (call) => {
      if (!state.definitions.delete(Number(text(call, 'optionid')))) refuse('it is not defined')
      return []
    },
    'get-dhcpserverv4optionvalue': (call) => {
      const level = levelOf(call)
      if (!call.named.has('optionid')) return [...state.values.keys()].filter((key) => key.startsWith(`${level}|`)).map((key) => valueOf(key, Number(key.split('|')[1]))) // prettier-ignore
      const code = Number(text(call, 'optionid'))
      const key = `${level}|${code}`
      return state.values.has(key) ? [valueOf(key, code)] : refuse(`option ${code} has no value`)
    },
    'set-dhcpserverv4optionvalue': (call) => {
      setValue(state, levelOf(call), Number(text(call, 'optionid')), list(call, 'value'))
      return []
    },
    'remove-dhcpserverv4optionvalue': (call) => {
      if (!state.values.delete(`${levelOf(call)}|${text(call, 'optionid')}`)) refuse('it has no value')
      return []
    },
    'get-dhcpserverv4scope': (call) => {
      const { mask, name, state: isActive } = scopeOf(call)
      return [{ ScopeId: text(call, 'scopeid'), SubnetMask: mask, Name: name, State: isActive }]
    },
    'add-dhcpserverv4scope': (call) => {
      addScope(state, text(call, 'startrange'), text(call, 'endrange'), text(call, 'subnetmask'), text(call, 'name'), Number(call.named.get('leaseduration')), text(call, 'state')) // prettier-ignore
      return []
    },
    'set-dhcpserverv4scope': (call) => {
      const scope = scopeOf(call)
      if (!/^(Active|InActive)$/.test(text(call, 'state'))) refuse('that is no state')
      scope.state = text(call, 'state')
      return []
    },
    'remove-dhcpserverv4scope': (call) => {
      removeScope(state, text(call, 'scopeid'))
      return []
    },
    'add-dhcpserverv4exclusionrange': (call) => {
      exclude(scopeOf(call), text(call, 'startrange'), text(call, 'endrange'))
      return []
    },
    'get-dhcpserverv4reservation': (call) => {
      for (const { reservations } of state.scopes.values()) {
        const found = reservations.find(({ address }) => address === text(call, 'ipaddress'))
        if (found) return [{ IPAddress: found.address, ClientId: found.clientId, Name: found.name }]
      }
      return refuse('it is not reserved')
    },
    'add-dhcpserverv4reservation': (call) => {
      scopeOf(call)
      reserve(state, text(call, 'scopeid'), text(call, 'ipaddress'), text(call, 'clientid'), text(call, 'name'))
      return []
    },
    'remove-dhcpserverv4reservation': (call) => {
      const address = text(call, 'ipaddress')
      for (const { reservations } of state.scopes.values()) {
        const at = reservations.findIndex((one) => one.address === address)
        if (at >= 0) reservations.splice(at, 1)
      }
      for (const key of state.values.keys()) if (key.startsWith(`reserved ${address}|`)) state.values.delete(key)
      return []
    },
    'get-dhcpserverv4policy': (call) => (call.named.has('scopeid') ? scopeOf(call).policies.map(({ name }) => ({ Name: name })) : []), // prettier-ignore
    'add-dhcpserverv4policy': (call) => {
      const name = text(call, 'name')
      const { policies } = scopeOf(call)
      // MS-DHCPM 2.2.1.2.110: at most 64 characters.
      if (name.length > 64 || policies.some((one) => one.name === name)) refuse(`policy ${name} is there`)
      if (!/^(And|Or)$/i.test(text(call, 'condition'))) refuse('that is no operator')
      const fields = new Map(conditionFields.flatMap((field) => (call.named.has(field) ? [[field, list(call, field)] as const] : []))) // prettier-ignore
      if (fields.size === 0) refuse('a policy needs a condition')
      for (const [field, values] of fields) {
        if (!/^(EQ|NE)$/.test(values[0] ?? '') || values.length < 2) refuse(`${field} begins with no comparator`)
        for (const value of values.filter((one) => !/^(EQ|NE)$/.test(one))) {
          const kind = field === 'vendorclass' ? 'Vendor' : field === 'userclass' ? 'User' : undefined
          if (kind !== undefined && !state.classes.some((one) => one.kind === kind && one.name === value.replace(/\*$/, ''))) refuse(`there is no class ${value}`) // prettier-ignore
          if (kind === undefined && !/^([0-9A-F]{2})+\*?$/.test(value)) refuse(`${value} is not hexadecimal`)
        }
      }
      policies.push({ name, fields, ranges: [] })
      return []
    },
    'remove-dhcpserverv4policy': (call) => {
      const { policies } = scopeOf(call)
      const at = policies.indexOf(policyOf(call))
      policies.splice(at, 1)
      return []
    },
    'add-dhcpserverv4policyiprange': (call) => {
      const [start, end] = [addressOf(text(call, 'startrange')), addressOf(text(call, 'endrange'))]
      const { range } = scopeOf(call)
      if (start > end || start < range[0] || end > range[1]) refuse('that is not within the range of the scope')
      policyOf(call).ranges.push([start, end])
      return []
    },
  }
}

function addScope(state: DhcpState, start: string, end: string, mask: string, name: string, lease: number, on: string) {
  const range: [number, number] = [addressOf(start), addressOf(end)]
  const id = formatIpv4((range[0] & addressOf(mask)) >>> 0)
  if (state.scopes.has(id)) refuse(`scope ${id} is there`)
  if (range[0] > range[1] || !isInNetwork(range[1], networkOf(id, { mask }))) refuse(`${start} to ${end} is no range of a scope`) // prettier-ignore
  if (!Number.isInteger(lease) || lease < 60) refuse('that is no lease')
  state.scopes.set(id, { mask, name, range, lease, state: on, exclusions: [], policies: [], reservations: [] })
}

function removeScope(state: DhcpState, id: string): void {
  const scope = state.scopes.get(id) ?? refuse(`there is no scope ${id}`)
  state.scopes.delete(id)
  const levels = [`scope ${id}|`, `policy ${id} `, `user ${id} `, ...scope.reservations.map(({ address }) => `reserved ${address}|`)] // prettier-ignore
  for (const key of state.values.keys()) if (levels.some((one) => key.startsWith(one))) state.values.delete(key)
}

function exclude(scope: Scope, from: string, to: string): void {
  const [start, end] = [addressOf(from), addressOf(to)]
  if (start > end || start < scope.range[0] || end > scope.range[1]) refuse(`${from} to ${to} is not within the scope`)
  if (scope.exclusions.some(([a, b]) => start <= b && end >= a)) refuse('it is excluded')
  scope.exclusions.push([start, end])
}

function reserve(state: DhcpState, id: string, address: string, clientId: string, name: string): void {
  const scope = state.scopes.get(id) ?? refuse(`there is no scope ${id}`)
  if (!/^[0-9A-F]{2}(-?[0-9A-F]{2})+$/i.test(clientId)) refuse(`${clientId} is no client`)
  const number = addressOf(address)
  if (number < scope.range[0] || number > scope.range[1]) refuse(`${address} is not in the scope`)
  if (scope.reservations.some((one) => one.address === address || one.clientId === clientId)) refuse(`${address} is reserved`) // prettier-ignore
  scope.reservations.push({ address, clientId, name })
}

/** As the type of the option has it. */
function setValue(state: DhcpState, level: string, code: number, values: readonly string[]): void {
  const { type, isMulti } = state.definitions.get(code) ?? refuse(`option ${code} is not defined`)
  if (values.length === 0 || (values.length > 1 && !isMulti && type !== 'BinaryData')) refuse(`option ${code} takes one value`) // prettier-ignore
  for (const value of values) {
    const number = Number(value)
    const most = { Byte: 0xff, Word: 0xffff, DWord: 0xffffffff, BinaryData: 0xff }[type]
    if (most !== undefined && (value === '' || !Number.isInteger(number) || number < 0 || number > most)) refuse(`${value} is no ${type}`) // prettier-ignore
    if (type === 'IPv4Address') addressOf(value)
    if (type === 'BinaryData' && !/^0x[0-9a-f]{2}$/i.test(value)) refuse(`${value} is no hexadecimal octet`)
  }
  state.values.set(`${level}|${code}`, [...values])
}

/** Commands of `netsh exec`, each whole: what is not one of these is an error. */
export function runNetsh(state: DhcpState, script: string): void {
  const types: Readonly<Record<string, string>> = { BYTE: 'Byte', WORD: 'Word', DWORD: 'DWord', STRING: 'String', IPADDRESS: 'IPv4Address' } // prettier-ignore
  for (const line of script.split(/\r?\n/).filter((one) => one !== '')) {
    const words = [...line.matchAll(/(?:user|comment)="([^"]*)"|"([^"]*)"|([^\s"]+)/g)].map(([whole, tagged, quoted, bare]) => (tagged === undefined ? (quoted ?? bare!) : whole)) // prettier-ignore
    if (words.join('').length !== line.replaceAll(/(?<!=)"([^"]*)"/g, '$1').replaceAll(/\s/g, '').length && !line.includes('"')) throw new Error(`netsh: ${line}`) // prettier-ignore
    if (/[^ -~]/.test(line)) throw new Error(`netsh is not given ASCII: ${line}`)
    const [dhcp, server, ...rest] = words
    if (dhcp !== 'dhcp' || server !== 'server') throw new Error(`netsh: ${line}`)
    const set = (level: string, [code = '', type = '', ...values]: string[]): void => {
      const known = state.definitions.get(Number(code))
      const isSame = known && (types[type] === known.type || (type === 'BYTE' && known.isMulti))
      if (!isSame) refuse(`option ${code} is not ${type}`)
      setValue(state, level, Number(code), values)
    }
    const command = rest.join(' ')
    if (/^add optiondef \d+ /.test(command)) {
      const [, , code, name, type = '', isMulti] = rest
      if (state.definitions.has(Number(code))) refuse(`option ${code} is defined`)
      state.definitions.set(Number(code), { name: name!, type: types[type] ?? refuse(`${type} is no type`), isMulti: isMulti === '1' }) // prettier-ignore
    } else if (command.startsWith('add class ')) {
      const [, , name, , data, isVendor, form] = rest
      if (form !== 'b') throw new Error(line)
      state.classes.push({ name: name!, kind: isVendor === '1' ? 'Vendor' : 'User', data: Buffer.from(parseHex(data!)!).toString('latin1') }) // prettier-ignore
    } else if (command.startsWith('add scope ')) {
      const [, , id, mask, name] = rest
      // Its range comes next.
      state.scopes.set(id!, { mask: mask!, name: name!, range: [0, 0], lease: 691_200, state: 'Active', exclusions: [], policies: [], reservations: [] }) // prettier-ignore
    } else if (rest[0] === 'scope') {
      const id = rest[1]!
      const scope = state.scopes.get(id) ?? refuse(`there is no scope ${id}`)
      const [verb, what, ...more] = rest.slice(2)
      if (verb === 'set' && what === 'state') scope.state = more[0] === '1' ? 'Active' : 'InActive'
      else if (verb === 'add' && what === 'iprange') scope.range.splice(0, 2, addressOf(more[0]!), addressOf(more[1]!))
      else if (verb === 'add' && what === 'excluderange') exclude(scope, more[0]!, more[1]!)
      else if (verb === 'add' && what === 'reservedip') reserve(state, id, more[0]!, more[1]!, more[2]!)
      else if (verb === 'set' && what === 'reservedoptionvalue') set(`reserved ${more[0]!}`, more.slice(1))
      else if (verb === 'set' && what === 'optionvalue') {
        const user = /^user="(.*)"$/.exec(more[2] ?? '')?.[1]
        if (more[0] === '51') scope.lease = Number(more[2])
        else if (user === undefined) set(`scope ${id}`, more)
        else set(`user ${id} ${state.classes.find(({ name, kind }) => kind === 'User' && name === user)?.data ?? refuse(`there is no class ${user}`)}`, more.filter((_, at) => at !== 2)) // prettier-ignore
      } else throw new Error(`netsh: ${line}`)
    } else throw new Error(`netsh: ${line}`)
  }
}

/** The lines of `netsh dhcp server dump`, and those by which classes and policies are collected. */
export function toldBy(state: DhcpState): { readonly dump: string[]; readonly rules: string[] } {
  const typeNames: Readonly<Record<string, string>> = { Byte: 'BYTE', Word: 'WORD', DWord: 'DWORD', String: 'STRING', IPv4Address: 'IPADDRESS', BinaryData: 'BINARY' } // prettier-ignore
  const dump: string[] = []
  const rules = state.classes.map(({ kind, data, name }) => `K|${kind}|${data}|${name}`)
  for (const [id, { mask, name, range, state: on, policies }] of state.scopes) {
    dump.push(`add scope ${id} ${mask} "${name}" ""`, `Scope ${id} set state ${on === 'Active' ? 1 : 0}`, `Scope ${id} Add iprange ${formatIpv4(range[0])} ${formatIpv4(range[1])}`) // prettier-ignore
    for (const [at, policy] of policies.entries()) {
      rules.push(`P|${id}|${at + 1}|True|And|${policy.name}`)
      for (const [field, values] of policy.fields) rules.push(`C|${id}|${({ vendorclass: 'VendorClass', userclass: 'UserClass', macaddress: 'MacAddress', circuitid: 'CircuitId', remoteid: 'RemoteId' } as Record<string, string>)[field]}|${values.join(',')}|${policy.name}`) // prettier-ignore
    }
  }
  for (const [key, values] of state.values) {
    const [level = '', code = ''] = key.split('|')
    const { type } = state.definitions.get(Number(code))!
    const value = `${typeNames[type]} ${values.map((one) => `"${one}"`).join(' ')}`
    const [kind, at = '', ...rest] = level.split(' ')
    if (kind === 'server') dump.push(`set optionvalue ${code} ${value}`)
    else if (kind === 'scope') dump.push(`Scope ${at} set optionvalue ${code} ${value}`)
    else if (kind === 'user')
      dump.push(`Scope ${at} set optionvalue ${code} ${value.replace(' ', ` user="${state.classes.find(({ data }) => data === rest.join(' '))!.name}" `)}`) // prettier-ignore
    else if (kind === 'policy') rules.push(`O|${at}|${code}|${values.join(',')}|${rest.join(' ')}`)
    else {
      const [scope] = [...state.scopes].find(([, one]) => one.reservations.some(({ address }) => address === at))!
      dump.push(`Scope ${scope} Set reservedoptionvalue ${at} ${code} ${value}`)
    }
  }
  return { dump, rules }
}

/** A client as the server sees it. */
export interface SeenClient {
  /** giaddr, or the server's own network. */
  readonly at: number
  readonly vendorClass: string
  readonly userClass: string
  /** Hexadecimal digits. */
  readonly mac: string
  /** Option 61 in hexadecimal digits. */
  readonly clientId: string | undefined
  readonly circuitId: string | undefined
  readonly remoteId: string | undefined
}

export interface WindowsOffer {
  readonly scope: string
  /** The reserved address; undefined for one from the pool. */
  readonly reserved: string | undefined
  readonly lease: number
  /** Option values as they are set, by code. */
  readonly options: ReadonlyMap<number, readonly string[]>
}

/** undefined where the server offers nothing. */
export function windowsOffer(state: DhcpState, client: SeenClient): WindowsOffer | undefined {
  const found = [...state.scopes].find(([id, one]) => one.state === 'Active' && isInNetwork(client.at, networkOf(id, one))) // prettier-ignore
  if (!found) return undefined
  const [id, scope] = found
  const holds = ({ fields }: Policy): boolean =>
    [...fields].every(([field, values]) => {
      const own = { vendorclass: client.vendorClass, userclass: client.userClass, macaddress: client.mac, circuitid: client.circuitId ?? '', remoteid: client.remoteId ?? '' }[field]! // prettier-ignore
      const lists: Record<string, string[]> = { EQ: [], NE: [] }
      let now = lists['EQ']!
      for (const value of values)
        if (value === 'EQ' || value === 'NE') now = lists[value]!
        else now.push(value)
      const is = (value: string): boolean => {
        const bare = value.replace(/\*$/, '')
        const kind = field === 'vendorclass' ? 'Vendor' : 'User'
        const data = field === 'vendorclass' || field === 'userclass' ? state.classes.find((one) => one.kind === kind && one.name === bare)!.data : bare // prettier-ignore
        return value.endsWith('*') ? own.startsWith(data) : own === data
      }
      return (lists['EQ']!.length === 0 || lists['EQ']!.some(is)) && !lists['NE']!.some(is)
    })
  const identity = (client.clientId ?? client.mac).toUpperCase()
  const reservation = scope.reservations.find(({ clientId }) => {
    const bare = clientId.replaceAll('-', '').toUpperCase()
    // A client identifier that is a hardware address with its type is that address.
    return bare === identity || `01${bare}` === identity
  })
  const held = scope.policies.filter(holds)
  const taken = scope.policies.flatMap(({ ranges }) => ranges)
  const ranges = held.some((one) => one.ranges.length > 0) ? held.flatMap((one) => one.ranges) : [scope.range]
  const hasAddress = ranges.some(([start, end]) => {
    for (let address = start; address <= end; address++) {
      const isIn = ([a, b]: readonly [number, number]): boolean => address >= a && address <= b
      if (scope.exclusions.some(isIn)) continue
      if (scope.reservations.some((one) => addressOf(one.address) === address)) continue
      if (held.every((one) => one.ranges.length === 0) && taken.some(isIn)) continue
      return true
    }
    return false
  })
  if (!reservation && !hasAddress) return undefined
  const levels = [
    ...(reservation ? [`reserved ${reservation.address}`] : []),
    ...held.map(({ name }) => `policy ${id} ${name}`),
    `user ${id} ${client.userClass}`,
    `scope ${id}`,
    'server',
  ]
  const options = new Map<number, readonly string[]>()
  for (const level of levels)
    for (const [key, values] of state.values) {
      const code = Number(key.slice(level.length + 1))
      if (key.startsWith(`${level}|`) && !options.has(code)) options.set(code, values)
    }
  return { scope: id, reserved: reservation?.address, lease: scope.lease, options }
}
