/**
 * A Windows server as its tools see it: registry, services, DHCP options, firewall and ports, with reg.exe, sc.exe, net,
 * netsh, netstat, tasklist and whoami that read and change it, in four display languages.
 */
import { wdsKey, wdsParametersKey, wdsTftpKey, dpKey, smsSecurityKey } from '#shared/lab/registry-keys.ts'

export type Language = 'en' | 'de' | 'fr' | 'ja'
const serviceNames = ['DHCPServer', 'WDSServer', 'SccmPxe', 'DNS', 'SharedAccess'] as const
type ServiceName = (typeof serviceNames)[number]

export interface WindowsServer {
  readonly language?: Language
  readonly addresses?: readonly string[]
  /** Those that are not named are not installed. */
  readonly services?: Partial<Record<ServiceName, 'running' | 'stopped' | 'disabled'>>
  /** Values by key; a key that is not named has none. */
  readonly registry?: Readonly<Record<string, Readonly<Record<string, number | string | readonly string[]>>>>
  /** Options of the DHCP server, as lines of a dump behind `Dhcp Server \\srv`. */
  readonly options?: readonly string[]
  readonly policies?: readonly string[]
  /** Networks that are active scopes, each of 254 addresses; one, that of the server, where it is not told. */
  readonly scopes?: readonly string[]
  /** Addresses that Active Directory lists; none where it cannot be asked. */
  readonly authorised?: readonly string[]
  /** Domain of the server; empty for a workgroup. */
  readonly domain?: string
  /** Who holds which UDP ports; where it is not told, the services that run and their settings do. */
  readonly udp?: readonly (readonly [address: string, port: number, owner: string])[]
  readonly firewall?: readonly string[]
  readonly isFirewallOn?: boolean
  /** Events, the newest first. */
  readonly events?: readonly (readonly [
    log: 'Application' | 'System',
    provider: string,
    id: number,
    at: string,
    ...data: string[],
  ])[]
  /** What the network of each address is; domain where it is not told, an empty text where Windows does not say. */
  readonly profiles?: readonly ('DomainAuthenticated' | 'Private' | 'Public' | '')[]
  /** Ranges that Windows keeps from programs; `*` for those of an administrator. */
  readonly excluded?: readonly (readonly [first: number, last: number, mark?: '*'])[]
  /** Lines of the script about boot files, certificates, failover, features and restarts. */
  readonly more?: readonly string[]
}

const words = {
  en: {
    netstat: 'Active Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID',
    state: 'STATE',
    missing: 'The specified service does not exist as an installed service.',
    noKey: 'ERROR: The system was unable to find the specified registry key or value.',
    none: 'N/A',
    servers: 'Servers were found in the directory service:',
    done: 'The operation completed successfully.',
    failed: 'The operation failed.',
  },
  de: {
    netstat: 'Aktive Verbindungen\r\n\r\n  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    state: 'STATUS',
    missing: 'Der angegebene Dienst ist kein installierter Dienst.',
    noKey: 'FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.',
    none: 'Nicht zutreffend',
    servers: 'Server wurden im Verzeichnisdienst gefunden:',
    done: 'Der Vorgang wurde erfolgreich beendet.',
    failed: 'Der Vorgang ist fehlgeschlagen.',
  },
  fr: {
    netstat: 'Connexions actives\r\n\r\n  Proto  Adresse locale         Adresse distante       État            PID',
    state: 'ÉTAT',
    missing: "Le service spécifié n'existe pas en tant que service installé.",
    noKey: "ERREUR : le système n'a pas trouvé la clé ou la valeur de Registre spécifiée.",
    none: 'Non disponible',
    servers: 'serveurs ont été trouvés dans le service d’annuaire :',
    done: "L'opération a réussi.",
    failed: "L'opération a échoué.",
  },
  ja: {
    netstat: 'アクティブな接続\r\n\r\n  プロトコル  ローカル アドレス          外部アドレス        状態           PID',
    state: '状態',
    missing: '指定されたサービスはインストールされたサービスとして存在しません。',
    noKey: 'エラー: 指定されたレジストリ キーまたは値が見つかりませんでした。',
    none: 'N/A',
    servers: 'サーバーがディレクトリ サービスで見つかりました:',
    done: 'この操作を正しく終了しました。',
    failed: '操作に失敗しました。',
  },
} as const

const openPorts = [67, 68, 69, 4011].map(
  (port) => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=${port}|Name=PXE ${port}|`,
)

interface Value {
  type: string
  data: string
}
/** All there is to the server; plain data, so that it can be kept in a file between two tools. */
export interface DoubleState {
  language: Language
  addresses: string[]
  /** Keys, and their values. */
  registry: Record<string, Record<string, Value>>
  running: Record<string, boolean>
  /** Lines of a dump behind `Dhcp Server \\srv`. */
  dhcp: string[]
  policies: string[]
  authorised: string[]
  udp: (readonly [address: string, port: number, owner: string])[] | null
  events: NonNullable<WindowsServer['events']>
  more: readonly string[]
  profiles: readonly string[]
  excluded: readonly (readonly [first: number, last: number, mark?: '*'])[]
}

const full = (key: string): string => key.replace(/^HKLM(?=\\|$)/i, 'HKEY_LOCAL_MACHINE')
const servicesKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services'
const firewallKey = `${servicesKey}\\SharedAccess\\Parameters\\FirewallPolicy`

const valueOf = (data: number | string | readonly string[]): Value =>
  typeof data === 'number'
    ? { type: 'REG_DWORD', data: `0x${data.toString(16)}` }
    : typeof data === 'string'
      ? { type: 'REG_SZ', data }
      : { type: 'REG_MULTI_SZ', data: data.join('\\0') }

/** A key, with those above it. */
function addKey(registry: DoubleState['registry'], key: string): Record<string, Value> {
  for (let at = key; at.includes('\\'); at = at.slice(0, at.lastIndexOf('\\'))) registry[at] ??= {}
  return registry[key]!
}

/** A policy in short, `name|option|value`, holds for UEFI x64; anything else is a line as the script writes it. */
function ruleLines(line: string): string[] {
  const [, name, rest] = /^([^|]{2,})\|(\d+\|.*)$/.exec(line) ?? []
  return name === undefined
    ? [line]
    : [`P||1|True|Or|${name}`, `C||VendorClass|EQ,PXEClient:Arch:00007*|${name}`, `O||${rest}|${name}`]
}

export function stateOf(server: WindowsServer): DoubleState {
  const registry: DoubleState['registry'] = {}
  const put = (key: string, values: Readonly<Record<string, number | string | readonly string[]>>): void => {
    for (const [name, data] of Object.entries(values)) addKey(registry, full(key))[name] = valueOf(data)
    addKey(registry, full(key))
  }
  put('HKLM\\SOFTWARE\\Microsoft', {})
  const services = server.services ?? {}
  for (const name of serviceNames) {
    const state = services[name]
    if (state !== undefined) put(`${servicesKey}\\${name}`, { Start: state === 'disabled' ? 4 : 2 })
  }
  // A service that is installed has its keys.
  if (services.WDSServer)
    for (const key of [wdsKey, `${wdsKey}\\Providers\\BINLSVC`, wdsTftpKey, wdsParametersKey]) put(key, {})
  if (services.SccmPxe) {
    put(dpKey, {})
    if (!server.registry || !(smsSecurityKey in server.registry))
      put(smsSecurityKey, { IssuingCertificateList: '{ca}' })
  }
  for (const [key, values] of Object.entries(server.registry ?? {})) put(key, values)
  put(`${firewallKey}\\FirewallRules`, {})
  for (const [index, rule] of (server.firewall ?? openPorts).entries())
    put(`${firewallKey}\\FirewallRules`, { [`{rule-${index}}`]: rule })
  put(`${servicesKey}\\Tcpip\\Parameters`, {
    Hostname: 'SRV1',
    Domain: server.domain ?? 'corp.example',
    NameServer: '192.168.77.10',
  })
  for (const name of ['DomainProfile', 'StandardProfile', 'PublicProfile'])
    put(`${firewallKey}\\${name}`, { EnableFirewall: server.isFirewallOn === false ? 0 : 1 })
  const addresses = [...(server.addresses ?? ['192.168.77.10'])]
  return {
    language: server.language ?? 'en',
    addresses,
    registry,
    running: Object.fromEntries(Object.entries(services).map(([name, state]) => [name, state === 'running'])),
    dhcp: [
      'set dnsconfig 1 1 0 0',
      ...(server.scopes ?? ['192.168.77.0']).flatMap((scope) => [
        `add scope ${scope} 255.255.255.0 "clients" ""`,
        `Scope ${scope} set state 1`,
      ]),
      'set optionvalue 6 IPADDRESS "192.168.77.10" ',
      ...(server.options ?? []),
    ],
    policies: [...(server.policies ?? [])],
    authorised: [...(server.authorised ?? addresses)],
    udp: server.udp ? [...server.udp] : null,
    events: server.events ?? [],
    more: server.more ?? ['Q|False', ...(services.SccmPxe ? ['X|143801632000000000|CN=SRV1'] : [])],
    profiles: addresses.map((_, index) => server.profiles?.[index] ?? 'DomainAuthenticated'),
    excluded: server.excluded ?? [],
  }
}

interface Answer {
  readonly output: string
  readonly code: number
}

export class WindowsDouble {
  state: DoubleState
  constructor(state: DoubleState) {
    this.state = state
  }

  run(program: string, values: readonly string[]): Answer {
    const name = program.replace(/\.exe$/, '')
    const [first = '', second = ''] = values
    if (name === 'reg') return this.#reg(first, second, values.slice(2))
    if (name === 'sc') return first === 'query' ? this.#scQuery(second) : this.#scConfig(second, values.slice(2))
    if (name === 'net') return this.#net(first, second)
    if (name === 'netsh') return this.#netsh(values)
    if (name === 'powershell') return this.#powershell(values.join(' '))
    if (name === 'wdsutil') return { output: '', code: this.#isInstalled('WDSServer') ? 0 : 1 }
    if (name === 'wevtutil') return { output: this.#events(second, values), code: 0 }
    if (name === 'netstat') return { output: this.#netstat(), code: 0 }
    if (name === 'tasklist') return { output: this.#tasklist(), code: 0 }
    if (name === 'whoami') return { output: 'Mandatory Label\\High Mandatory Level  Label  S-1-16-12288', code: 0 }
    return { output: `'${program}' is not recognized`, code: 1 }
  }

  #events(log: string, values: readonly string[]): string {
    return this.state.events
      .filter((one) => one[0] === log && values.some((text) => text.includes(`EventID=${one[2]}`)))
      .map(([, provider, id, at, ...data]) => `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='49153'>${id}</EventID><Level>2</Level><TimeCreated SystemTime='${at}'/></System><EventData>${data.map((one) => `<Data>${one}</Data>`).join('')}</EventData></Event>`)
      .join('\r\n')
  } // prettier-ignore

  get #words(): (typeof words)[Language] {
    return words[this.state.language]
  }
  get #done(): Answer {
    return { output: `${this.#words.done}\r\n`, code: 0 }
  }
  get #noKey(): Answer {
    return { output: `${this.#words.noKey}\r\n`, code: 1 }
  }

  /** The key as it is written, whatever the case it is asked in. */
  #key(key: string): string | undefined {
    return Object.keys(this.state.registry).find((one) => one.toLowerCase() === full(key).toLowerCase())
  }

  #reg(verb: string, key: string, rest: readonly string[]): Answer {
    const option = (name: string): string | undefined => {
      const at = rest.indexOf(name)
      return at < 0 ? undefined : rest[at + 1]
    }
    const found = this.#key(key)
    const values = (found === undefined ? undefined : this.state.registry[found]) ?? {}
    const name = option('/v')
    const real = Object.keys(values).find((one) => one.toLowerCase() === name?.toLowerCase())
    switch (verb) {
      case 'query': {
        if (found === undefined || (name !== undefined && real === undefined)) return this.#noKey
        const line = (one: string, value: Value): string => `    ${one}    ${value.type}    ${value.data}\r\n`
        if (real !== undefined) return { output: `\r\n${found}\r\n${line(real, values[real]!)}\r\n`, code: 0 }
        const below = Object.keys(this.state.registry).filter((one) => one.startsWith(`${found}\\`))
        const listed = rest.includes('/s')
          ? below.map((one) => `${this.#block(one, line)}\r\n`)
          : [...new Set(below.map((one) => `${found}\\${one.slice(found.length + 1).split('\\')[0]}\r\n`))]
        return { output: `\r\n${this.#block(found, line)}\r\n${listed.join('')}`, code: 0 }
      }
      case 'add': {
        const type = option('/t') ?? 'REG_SZ'
        const data = option('/d') ?? ''
        if (!rest.includes('/f') && real !== undefined) return { output: '?', code: 1 }
        if (type === 'REG_DWORD' && !/^(0x[0-9a-f]+|\d+)$/i.test(data)) return { output: this.#words.failed, code: 1 }
        addKey(this.state.registry, found ?? full(key))[real ?? name ?? ''] = {
          type,
          data: type === 'REG_DWORD' ? `0x${Number(data).toString(16)}` : data,
        }
        return this.#done
      }
      case 'delete': {
        if (found === undefined || (name !== undefined && real === undefined)) return this.#noKey
        if (real !== undefined) delete this.state.registry[found]![real]
        else
          for (const one of Object.keys(this.state.registry))
            if (one === found || one.startsWith(`${found}\\`)) delete this.state.registry[one]
        return this.#done
      }
      default:
        return { output: this.#words.failed, code: 1 }
    }
  }

  #block(key: string, line: (name: string, value: Value) => string): string {
    const values = Object.entries(this.state.registry[key] ?? {})
    return `${key}\r\n${values.map(([name, value]) => line(name, value)).join('')}`
  }

  #isInstalled(name: string): boolean {
    return name in this.state.running
  }

  #scQuery(name: string): Answer {
    if (!this.#isInstalled(name))
      return {
        output: `[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\n${this.#words.missing}\r\n`,
        code: 1060,
      }
    const state = this.state.running[name] ? '4  RUNNING' : '1  STOPPED'
    return {
      output: `\r\nSERVICE_NAME: ${name} \r\n        TYPE               : 20  WIN32_SHARE_PROCESS  \r\n        ${this.#words.state.padEnd(18)} : ${state} \r\n        WIN32_EXIT_CODE    : 0  (0x0)\r\n        SERVICE_EXIT_CODE  : 0  (0x0)\r\n        CHECKPOINT         : 0x0\r\n        WAIT_HINT          : 0x0\r\n`,
      code: 0,
    }
  }

  #scConfig(name: string, rest: readonly string[]): Answer {
    const start = { auto: 2, 'delayed-auto': 2, demand: 3, disabled: 4 }[rest[rest.indexOf('start=') + 1] ?? '']
    if (!this.#isInstalled(name) || start === undefined) return { output: this.#words.missing, code: 1060 }
    const values = this.state.registry[full(`${servicesKey}\\${name}`)]!
    values['Start'] = valueOf(start)
    if (rest.includes('delayed-auto')) values['DelayedAutostart'] = valueOf(1)
    else if (start === 2) delete values['DelayedAutostart']
    return this.#done
  }

  #net(verb: string, name: string): Answer {
    if (!this.#isInstalled(name)) return { output: this.#words.missing, code: 2 }
    const isRunning = this.state.running[name]!
    const isDisabled = this.state.registry[full(`${servicesKey}\\${name}`)]?.['Start']?.data === '0x4'
    if (verb === 'start' ? isRunning || isDisabled : !isRunning) return { output: this.#words.failed, code: 2 }
    this.state.running[name] = verb === 'start'
    return this.#done
  }

  #netsh(values: readonly string[]): Answer {
    const text = values.join(' ')
    if (values[0] === 'advfirewall') return this.#firewall(values)
    if (values[0] === 'interface')
      return {
        output: `\r\nProtocol udp Port Exclusion Ranges\r\n\r\nStart Port    End Port      \r\n----------    --------      \r\n${this.state.excluded.map(([first, last, mark]) => `${String(first).padStart(10)}${String(last).padStart(12)}${mark ? '     *' : ''}\r\n`).join('')}\r\n* - Administered port exclusions.\r\n`,
        code: 0,
      }
    // The server may be named, as a dump does.
    const rest = values.slice(2).filter((one) => !one.startsWith('\\\\'))
    if (!this.state.running['DHCPServer']) return { output: '', code: 1 }
    if (/^dhcp show server$/i.test(text))
      return {
        output: `\r\n1 ${this.#words.servers}\r\n\r\n${this.state.authorised.map((address) => `\tServer [dhcp9.corp.example] Address [${address}] Ds location: cn=srv.corp.example\r\n`).join('')}`,
        code: 0,
      }
    if (rest[0] === 'dump')
      return {
        output: `# ==================================================================\r\n#  Configuration Information for the Server\r\n\r\n${this.state.dhcp.map((line) => `Dhcp Server \\\\srv ${line}\r\n`).join('')}`,
        code: 0,
      }
    const scope = rest[0]?.toLowerCase() === 'scope' ? `Scope ${rest[1]} ` : ''
    const [verb = '', what = '', code = '', ...all] = scope === '' ? rest : rest.slice(2)
    const user = all.find((one) => one.startsWith('user='))?.slice(5)
    const more = all.filter((one) => !one.startsWith('user='))
    if (what === 'state') {
      const at = this.state.dhcp.findIndex((line) => line.startsWith(`${scope}set state `))
      if (at < 0) return { output: this.#words.failed, code: 1 }
      this.state.dhcp[at] = `${scope}set state ${code}`
      return this.#done
    }
    const place = `${scope}set optionvalue ${code} `
    const isPlace = (line: string): boolean =>
      line.startsWith(place) && (user === undefined ? !/\b(user|vendor)=/.test(line) : line.includes(`user="${user}"`))
    const isDefined = (line: string): boolean => line.startsWith(`add optiondef ${code} `)
    if (what === 'optiondef') {
      const isThere = this.state.dhcp.some(isDefined)
      if (verb === 'add' && !isThere)
        this.state.dhcp.push(`add optiondef ${code} "${more[0]}" ${more[1]} 0 ${more[3] ?? ''} ""`)
      else if (verb === 'delete' && isThere) this.state.dhcp = this.state.dhcp.filter((line) => !isDefined(line))
      else return { output: this.#words.failed, code: 1 }
      return this.#done
    }
    if (what !== 'optionvalue') return { output: this.#words.failed, code: 1 }
    const at = this.state.dhcp.findIndex(isPlace)
    if (verb === 'set') {
      // An option that nobody has defined cannot be set; 66 and 67 are known.
      if (code === '60' && !this.state.dhcp.some((line) => isDefined(line) || / 60 STRING /.test(line)))
        return { output: this.#words.failed, code: 1 }
      const line = `${place}${more[0]} ${user === undefined ? '' : `user="${user}" `}"${more.slice(1).join(' ')}" `
      if (at < 0) this.state.dhcp.push(line)
      else this.state.dhcp[at] = line
    } else if (verb === 'delete' && at >= 0) this.state.dhcp.splice(at, 1)
    else return { output: this.#words.failed, code: 1 }
    return this.#done
  }

  #firewall(values: readonly string[]): Answer {
    const rules = this.state.registry[full(`${firewallKey}\\FirewallRules`)]!
    const field = (name: string): string =>
      values.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    const isNamed = ([, { data }]: [string, Value]): boolean => data.includes(`|Name=${field('name')}|`)
    if (values[2] === 'delete') {
      const found = Object.entries(rules).filter(isNamed)
      for (const [name] of found) delete rules[name]
      return found.length > 0 ? this.#done : { output: this.#words.failed, code: 1 }
    }
    if (values[2] === 'set') {
      const isOn = !values.includes('enable=no')
      for (const [, one] of Object.entries(rules).filter(isNamed)) one.data = one.data.replace(/\|Active=\w+\|/, `|Active=${isOn ? 'TRUE' : 'FALSE'}|`) // prettier-ignore
      return this.#done
    }
    rules[`{added-${field('name')}}`] = valueOf(
      `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=${field('localport')}|Name=${field('name')}|`,
    )
    return this.#done
  }

  /** Whoever runs holds its ports; of two that want the same the DHCP server is faster. */
  #holders(): readonly (readonly [address: string, port: number, owner: string])[] {
    if (this.state.udp) return this.state.udp
    const { running } = this.state
    const value = (key: string, name: string): string | undefined => this.state.registry[full(key)]?.[name]?.data
    const listens = running['WDSServer'] && value(wdsKey, 'UseDHCPPorts') !== '0x0'
    const responds = running['SccmPxe'] && value(dpKey, 'DoNotListenOnDhcpPort') !== '0x1'
    const dhcp = running['DHCPServer'] ? 'DHCPServer' : listens ? 'WDSServer' : responds ? 'SccmPxe' : undefined
    const boot = running['WDSServer'] ? 'WDSServer' : running['SccmPxe'] ? 'SccmPxe' : undefined
    return [
      ...(dhcp === undefined ? [] : [['0.0.0.0', 67, dhcp] as const]),
      ...(boot === undefined ? [] : [['0.0.0.0', 69, boot] as const, ['0.0.0.0', 4011, boot] as const]),
    ]
  }

  #pids(): Map<string, number> {
    return new Map(
      [...new Set(this.#holders().map(([, , owner]) => owner))].map((one, index) => [one, 1000 + index * 4]),
    )
  }

  #netstat(): string {
    const pids = this.#pids()
    return `${this.#words.netstat}\r\n  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       900\r\n  UDP    0.0.0.0:123            *:*                                    901\r\n${this.#holders()
      .map(
        ([address, port, owner]) =>
          `  UDP    ${`${address}:${port}`.padEnd(22)} *:*                                    ${pids.get(owner)}\r\n`,
      )
      .join('')}`
  }

  #powershell(script: string): Answer {
    if (script.includes('Get-WindowsFeature'))
      return { output: this.state.more.map((line) => `${line}\r\n`).join(''), code: 0 }
    if (script.includes('Get-NetConnectionProfile'))
      return { output: this.state.profiles.map((one, index) => (one === '' ? '' : `Ethernet ${index}|${one}\r\n`)).join(''), code: 0 } // prettier-ignore
    if (script.includes('Get-NetUDPEndpoint')) {
      const pids = this.#pids()
      const lines = this.#holders().map(([, port, owner]) => `${port}|${pids.get(owner)}|133801632000000000\r\n`)
      return { output: lines.join(''), code: 0 }
    }
    if (script.includes('Get-DhcpServerv4Policy') && this.state.running['DHCPServer'])
      return { output: this.state.policies.flatMap(ruleLines).map((line) => `${line}\r\n`).join(''), code: 0 } // prettier-ignore
    const [, act, kept, code, text] =
      /(Set|Remove)-DhcpServerv4OptionValue -ReservedIP (\S+) -OptionId (\d+)(?: -Value '([^']*)')?/.exec(script) ?? []
    if (act !== undefined) {
      const line = this.state.dhcp.findIndex((one) => one.includes(` set reservedoptionvalue ${kept} ${code} `))
      if (line < 0) return { output: this.#words.failed, code: 1 }
      const whole = this.state.dhcp[line]!.replace(/"[^"]*" *$/, `"${text}" `)
      this.state.dhcp.splice(line, 1, ...(act === 'Set' ? [whole] : []))
      return this.#done
    }
    const [, verb, policy, scope = '', option, value] =
      /(Set|Remove)-DhcpServerv4OptionValue -PolicyName '([^']*)'(?: -ScopeId (\S+))? -OptionId (\d+)(?: -Value '([^']*)')?/.exec(script) ?? [] // prettier-ignore
    const at = this.state.policies.findIndex((line) => line.startsWith(`O|${scope}|${option}|`) && line.endsWith(`|${policy}`)) // prettier-ignore
    if (verb === undefined || (verb === 'Remove' && at < 0)) return { output: this.#words.failed, code: 1 }
    this.state.policies.splice(at < 0 ? this.state.policies.length : at, at < 0 ? 0 : 1, ...(verb === 'Set' ? [`O|${scope}|${option}|${value}|${policy}`] : [])) // prettier-ignore
    return this.#done
  }

  #tasklist(): string {
    return [...this.#pids()]
      .map(([owner, pid]) =>
        owner.endsWith('.exe') ? `"${owner}","${pid}","${this.#words.none}"` : `"svchost.exe","${pid}","${owner}"`,
      )
      .join('\r\n')
  }
}
