/**
 * The facts of a Windows server, read from what its own tools print. Nothing here depends on the display language: values
 * of the registry, numbers of `sc`, the commands that `netsh dhcp server dump` writes, firewall rules as the registry
 * stores them. `resources/collect-facts.ps1` runs the same commands where nothing may be installed.
 */
import { policyFields, wdsPorts, type Facts } from '#shared/lab/facts.ts'
import {
  dhcpParametersKey,
  dpKey,
  wdsAnswerKey,
  smsSecurityKey,
  wdsKey,
  wdsParametersKey,
  wdsTftpKey,
  wdsUnattendKey,
} from '#shared/lab/registry-keys.ts'
import { longOutput, type ToolLimits } from '../system/programs.ts'
import { fileTime, parseNetstat, parseTasklist } from './port-owner.ts'
import { parseRegQuery } from './reg-query.ts'
import { parseConnectionProfiles, parseExcludedPorts, windowsFirewall } from './windows-firewall.ts'

const services = ['DHCPServer', 'WDSServer', 'SccmPxe', 'DNS', 'SharedAccess'] as const
const servicesKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services'
const firewallKey = `${servicesKey}\\SharedAccess\\Parameters\\FirewallPolicy`
/** What group policy says of the firewall; it adds its rules to those of the server. */
const firewallPolicyKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall'
const profiles = ['DomainProfile', 'StandardProfile', 'PublicProfile'] as const

/** Values that are looked for: where their key can be read, one that is not there is absent. */
const values = [
  {
    source: 'registry-wdspxe',
    key: wdsKey,
    service: 'WDSServer',
    names: ['UseDHCPPorts', 'BindPolicy', 'BindInterfaces', 'DisableRogueDetection', 'ProvidersOrder'],
  },
  {
    source: 'registry-wdstftp',
    key: wdsTftpKey,
    service: 'WDSServer',
    names: ['MaximumBlockSize', 'ReadFilter', 'EnableVariableWindowExtension'],
  },
  {
    source: 'registry-wds',
    key: wdsParametersKey,
    service: 'WDSServer',
    names: ['UdpPortPolicy', 'UdpStartPort', 'UdpEndPort'],
  },
  {
    source: 'registry-dp',
    key: dpKey,
    service: 'SccmPxe',
    names: ['DoNotListenOnDhcpPort', 'RamDiskTFTPBlockSize', 'RamDiskTFTPWindowSize', 'MACIgnoreListFile'],
  },
  {
    source: 'registry-unattend',
    key: wdsUnattendKey,
    service: 'WDSServer',
    beside: 'registry-wdspxe',
    names: ['AllowHandsFreeFunctionality'],
  },
  {
    source: 'registry-sms',
    key: smsSecurityKey,
    service: 'SccmPxe',
    beside: 'registry-dp',
    names: ['IssuingCertificateList'],
  },
  {
    source: 'registry-binlsvc',
    key: wdsAnswerKey,
    service: 'WDSServer',
    names: ['netbootAnswerRequests', 'netbootAnswerOnlyValidClients'],
  },
  {
    source: 'registry-dhcp',
    key: dhcpParametersKey,
    service: 'DHCPServer',
    names: ['DisableRogueDetection'],
  },
] as const

export const firewallRulesCommand = ['reg.exe', 'query', `${firewallKey}\\FirewallRules`] as const

/** Without quotation marks: what takes them apart on the way differs. The times are those of a file (100 ns since 1601). */
const endpointsScript =
  'Get-NetUDPEndpoint | Where-Object CreationTime | ForEach-Object { $_.LocalPort, $_.OwningProcess, $_.CreationTime.ToFileTimeUtc() -join [char]124 }'
/**
 * Classes, policies, their conditions and their options, a line each: `K|kind|data|name`, `P|scope|order|enabled|operator|name`,
 * `C|scope|field|comparator,value,...|name`, `O|scope|option|value,...|name` (Get-DhcpServerv4Class, Get-DhcpServerv4Policy).
 */
const rulesScript =
  'foreach ($k in Get-DhcpServerv4Class) { [char]75, $k.Type, $k.AsciiData, $k.Name -join [char]124 }; $all = @(Get-DhcpServerv4Policy) + @(foreach ($s in Get-DhcpServerv4Scope) { Get-DhcpServerv4Policy -ScopeId $s.ScopeId -ErrorAction SilentlyContinue }); foreach ($p in $all) { [char]80, $p.ScopeId, $p.ProcessingOrder, $p.Enabled, $p.Condition, $p.Name -join [char]124; foreach ($f in $p.CimInstanceProperties) { if ($f.Value -is [array]) { [char]67, $p.ScopeId, $f.Name, ($f.Value -join [char]44), $p.Name -join [char]124 } }; $a = @{ PolicyName = $p.Name }; if ($p.ScopeId -and [string]$p.ScopeId -ne [ipaddress]::Any) { $a.ScopeId = $p.ScopeId }; foreach ($v in Get-DhcpServerv4OptionValue @a -ErrorAction SilentlyContinue) { [char]79, $p.ScopeId, $v.OptionId, ($v.Value -join [char]44), $p.Name -join [char]124 } }'
/**
 * `F|partner|mode|state|scope,...|name` of failover, `R|name` of what is installed, `Q|True` where a restart is pending,
 * `X|time|subject` of certificates, `B|size|version|issuer;issuer|path` of boot files, with an issuer for each
 * signature of a program (its table of certificates: Microsoft PE format, section 5.7).
 */
const serverScript =
  'foreach ($f in Get-DhcpServerv4Failover -ErrorAction SilentlyContinue) { [char]70, $f.PartnerServer, $f.Mode, $f.State, ($f.ScopeId -join [char]44), $f.Name -join [char]124 }; foreach ($r in Get-WindowsFeature -ErrorAction SilentlyContinue) { if ($r.Installed) { [char]82, $r.Name -join [char]124 } }; $kits = Get-ItemProperty -Path HKLM:\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows?Kits\\Installed?Roots -ErrorAction SilentlyContinue; if ($kits.KitsRoot10) { [char]82, ([string][char]65 + [char]68 + [char]75) -join [char]124 }; $pending = Test-Path -Path HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component?Based?Servicing\\RebootPending; [char]81, $pending -join [char]124; foreach ($x in Get-ChildItem -Path Cert:\\LocalMachine\\SMS -ErrorAction SilentlyContinue) { [char]88, $x.NotAfter.ToFileTimeUtc(), $x.Subject -join [char]124 }; $root = (Get-ItemProperty -Path HKLM:\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSTFTP -ErrorAction SilentlyContinue).RootFolder; if ($root) { foreach ($b in Get-ChildItem -Path $root -Recurse -File -ErrorAction SilentlyContinue) { $s = @(); if ($b.Extension.Length -eq 4 -and [int]$b.Extension[1] -eq 101) { try { Add-Type -AssemblyName System.Security; $y = [IO.File]::ReadAllBytes($b.FullName); $h = [BitConverter]::ToInt32($y, 60) + 24; $d = if ([BitConverter]::ToUInt16($y, $h) -eq 523) { $h + 144 } else { $h + 128 }; $o = [BitConverter]::ToInt32($y, $d); $e = $o + [BitConverter]::ToInt32($y, $d + 4); while ($o -gt 0 -and $o + 8 -lt $e) { $l = [BitConverter]::ToInt32($y, $o); if ($l -lt 9) { break }; $c = New-Object -TypeName Security.Cryptography.Pkcs.SignedCms; $c.Decode([byte[]]$y[($o + 8)..($o + $l - 1)]); $s += $c.SignerInfos[0].Certificate.Issuer; $o += $l + (8 - $l % 8) % 8 } } catch { $s = @() }; if ($s.Length -eq 0) { $s += (Get-AuthenticodeSignature -LiteralPath $b.FullName).SignerCertificate.Issuer } }; [char]66, $b.Length, $b.VersionInfo.ProductVersion, ($s -join [char]59), $b.FullName.Substring($root.TrimEnd([char]92).Length + 1) -join [char]124 } }'
/** `name|Public`, `Private` or `DomainAuthenticated`: what the network of each interface is (Get-NetConnectionProfile). */
const profilesScript =
  'foreach ($one in Get-NetConnectionProfile) { $one.InterfaceAlias, $one.NetworkCategory -join [char]124 }'
/** Errors of WDS and DHCP by number: their sources are told apart when they are read. No quotation marks here either. */
const eventsOf = (log: string, ids: readonly number[]) =>
  ['wevtutil.exe', 'qe', log, `/q:*[System[${ids.map((id) => `EventID=${id}`).join(' or ')}]]`, '/c:60', '/rd:true', '/f:XML'] as const // prettier-ignore
const inPowerShell = (script: string) =>
  ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', script] as const

export type WindowsCommand = readonly [program: string, ...values: string[]]

/** What is run, by the name under which its output is kept. */
export const windowsCommands: Readonly<Record<string, WindowsCommand>> = {
  udp: ['netstat.exe', '-ano'],
  'udp-since': inPowerShell(endpointsScript),
  processes: ['tasklist.exe', '/svc', '/fo', 'csv', '/nh'],
  groups: ['whoami.exe', '/groups'],
  ...Object.fromEntries(services.map((name) => [`service-${name}`, ['sc.exe', 'query', name]])),
  ...Object.fromEntries(services.map((name) => [`start-${name}`, ['reg.exe', 'query', `${servicesKey}\\${name}`]])),
  ...Object.fromEntries(values.map(({ source, key }) => [source, ['reg.exe', 'query', key]])),
  'wdspxe-providers': ['reg.exe', 'query', `${wdsKey}\\Providers`],
  'dhcp-options': ['netsh.exe', 'dhcp', 'server', 'dump'],
  'dhcp-rules': inPowerShell(rulesScript),
  'events-wds': eventsOf('Application', [257, 258, 259, 264, 265, 266, 268, 512, 513, 770, 771, 772, 774, 777, 1803]),
  'events-dhcp': eventsOf(
    'System',
    [1007, 1008, 1041, 1043, 1044, 1045, 1046, 1047, 1048, 1049, 1050, 1051, 1052, 1059],
  ),
  server: inPowerShell(serverScript),
  'dhcp-authorised': ['netsh.exe', 'dhcp', 'show', 'server'],
  wdsutil: ['wdsutil.exe', '/Get-Server', '/Show:Config'],
  tcpip: ['reg.exe', 'query', `${servicesKey}\\Tcpip\\Parameters`],
  'firewall-rules': firewallRulesCommand,
  'firewall-policy': ['reg.exe', 'query', firewallPolicyKey, '/s'],
  'network-profiles': inPowerShell(profilesScript),
  ...Object.fromEntries(profiles.map((name) => [`firewall-${name}`, ['reg.exe', 'query', `${firewallKey}\\${name}`]])),
  'excluded-ports': ['netsh.exe', 'interface', 'ipv4', 'show', 'excludedportrange', 'protocol=udp'],
}

/** A PowerShell takes seconds to begin on a busy server, and policies are asked for scope by scope. */
const limits: Readonly<Record<string, ToolLimits>> = {
  'dhcp-options': longOutput,
  'dhcp-rules': { timeoutMs: 10 * 60_000 },
  'udp-since': { timeoutMs: 60_000 },
  'network-profiles': { timeoutMs: 60_000 },
  server: { timeoutMs: 120_000 },
  'events-wds': { timeoutMs: 60_000 },
  'events-dhcp': { timeoutMs: 60_000 },
}
export const limitsOf = (name: string): ToolLimits => limits[name] ?? {}

/** So much of a dump is kept as it is; a server of ten thousand reservations writes some megabytes. */
const wholeDump = 1 << 20

/** What a long dump says of the options that are judged; how much it said beside them stands in its first line. */
export function shortenDhcpDump(text: string): string {
  if (text.length <= wholeDump) return text
  const lines = text.split(/\r?\n/)
  const kept = lines.filter((line) =>
    /(optionvalue (\S+ )?|optiondef )(60|66|67) | add scope | set state | add iprange /i.test(line),
  )
  // Commands of a server, even where none of these is among them.
  const sign = lines.find((line) => /dhcp server/i.test(line)) ?? ''
  return [`# ${lines.length - kept.length} lines about other things are left out`, sign, ...kept].join('\n')
}

type Sources = Facts['sources']

/**
 * `sc query NAME`: the second value that is a number is the state (SERVICE_STATUS of winsvc.h: 1 stopped, 2 and 3
 * pending, 4 running, 5 and 6 pending, 7 paused); error 1060 is a service that does not exist.
 */
export function parseScQuery(text: string): 'running' | 'stopped' | 'paused' | 'pending' | 'absent' | undefined {
  if (/\b1060\b/.test(text)) return 'absent'
  const numbers = [...text.matchAll(/:\s+([0-9a-f]+)\s+(?:[A-Z][A-Z0-9_]+|\()/g)].map((match) => match[1])
  const state = Number(numbers[1])
  return state === 4 ? 'running' : state === 1 ? 'stopped' : state === 7 ? 'paused' : state >= 2 ? 'pending' : undefined
}

type Told<K extends keyof Facts> = NonNullable<Facts[K]> extends { readonly value: infer V } ? V : never
type DhcpOption = Told<'dhcpOptions'>[number]
type DhcpScope = Told<'dhcpScopes'>[number]

/** An option that was defined as bytes says text all the same: decimal numbers, or pairs of hexadecimal digits. */
function textOf(type: string, value: readonly string[]): string[] {
  const bytes =
    type.toUpperCase() === 'BYTE' && value.every((one) => /^\d{1,3}$/.test(one))
      ? value.map(Number)
      : /^(BINARY|ENCAPSULATED)$/i.test(type) && /^([0-9a-f]{2})+$/i.test(value.join(''))
        ? (value.join('').match(/../g) ?? []).map((one) => Number.parseInt(one, 16))
        : undefined
  return bytes ? [String.fromCharCode(...bytes.filter((one) => one !== 0))] : [...value]
}

/** `netsh dhcp server dump` writes the commands that would build the server again; those that set options 60, 66, 67. */
export function parseDhcpDump(text: string): DhcpOption[] {
  return text.split(/\r?\n/).flatMap((line): DhcpOption[] => {
    const match =
      /^\s*Dhcp Server \S+ (?:Scope (\S+) )?set (optionvalue|reservedoptionvalue (\S+)) (60|66|67) ([A-Z]+) (.*)$/i.exec(
        line,
      )
    if (!match) return []
    const [, scope = '', , reserved, option, type = '', rest = ''] = match
    // Values of a user or vendor class go to its members alone.
    const classOf = (kind: 'user' | 'vendor'): string | undefined => {
      const found = new RegExp(`\\b${kind}=(?:"([^"]*)"|(\\S+))`, 'i').exec(rest)
      const name = found?.[1] ?? found?.[2] ?? ''
      return name === '' ? undefined : name
    }
    const [userClass, vendorClass] = [classOf('user'), classOf('vendor')]
    const values = rest.replaceAll(/\b(user|vendor)=("[^"]*"|\S+)/gi, '')
    const value = textOf(type, [...values.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')) // prettier-ignore
    const level = reserved !== undefined ? 'reservation' : scope === '' ? 'server' : 'scope'
    return [
      {
        level,
        at: reserved ?? scope,
        option: Number(option),
        value,
        ...(level === 'reservation' && scope !== '' ? { scope } : {}),
        ...(userClass === undefined ? {} : { userClass }),
        ...(vendorClass === undefined ? {} : { vendorClass }),
      },
    ]
  })
}

const prefixOf = (mask: string): number | undefined => {
  const octets = mask.split('.').map(Number)
  if (octets.length !== 4 || octets.some((one) => !(one >= 0 && one <= 255))) return undefined
  const bits = octets.map((one) => one.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/**
 * The scopes of a dump; undefined where it was shortened by an earlier version, which left them out. A state of 0 and 2 is
 * inactive, 1 and 3 active (netsh dhcp server scope set state); a scope whose state is not written is active, as one is made.
 */
export function parseScopes(text: string): DhcpScope[] | undefined {
  const found: DhcpScope[] = []
  for (const line of text.split(/\r?\n/)) {
    const added = /^\s*Dhcp Server \S+ add scope (\d+\.\d+\.\d+\.\d+) (\d+\.\d+\.\d+\.\d+)(?: "([^"]*)")?/i.exec(line)
    const prefixLength = added ? prefixOf(added[2]!) : undefined
    if (added && prefixLength !== undefined)
      found.push({ scope: added[1]!, prefixLength, name: added[3] ?? '', isActive: true, ranges: [] })
    const about = /^\s*Dhcp Server \S+ Scope (\S+) (set state|add iprange) (\S+)(?: (\d+\.\d+\.\d+\.\d+))?/i.exec(line)
    const scope = about && found.find((one) => one.scope === about[1])
    if (!scope) continue
    if (/state/i.test(about[2]!)) scope.isActive = !/^[02]$/.test(about[3]!)
    else if (about[4] !== undefined) scope.ranges.push([about[3]!, about[4]])
  }
  return found.length === 0 && /^# \d+ lines .* left out/.test(text) ? undefined : found
}

/** `netsh dhcp show server`: authorised servers, name and address in brackets, with words of the display language before each. */
export const parseAuthorised = (text: string): { readonly name: string; readonly address: string }[] =>
  [...text.matchAll(/\[([^\]\s]*)\][^[\]\r\n]*\[(\d+\.\d+\.\d+\.\d+)\]/g)].map((match) => ({
    name: match[1]!,
    address: match[2]!,
  }))

/** Undefined where only the name of this server is on the list, with another address: which of the two counts is not told. */
function isAuthorised(
  list: ReturnType<typeof parseAuthorised>,
  addresses: readonly string[],
  host: string,
): boolean | undefined {
  if (list.some((one) => addresses.includes(one.address))) return true
  const own = host.toLowerCase()
  return own !== '' && list.some((one) => one.name.split('.')[0]!.toLowerCase() === own) ? undefined : false
}

/** `whoami /groups`: high or system integrity (MS-DTYP 2.4.2.4). */
export const isElevatedGroups = (text: string): boolean => /S-1-16-(12288|16384)/.test(text)

/** The facts that the outputs tell; what an output does not tell stays unknown. */
export function windowsFacts(sources: Sources): Omit<Facts, 'version' | 'collectedAt' | 'host' | 'system' | 'sources'> {
  const output = (name: string): string => sources[name]?.output ?? ''
  const isGood = (name: string): boolean => sources[name] !== undefined && sources[name].problem === undefined
  // reg.exe names the key that it read: without one it read nothing, whatever it ended with, and nothing is absent.
  const isRead = (name: string): boolean => isGood(name) && /^HKEY_/m.test(output(name))
  const states = services.map((name) => ({ name, state: parseScQuery(output(`service-${name}`)) }))
  const isAbsent = (name: string): boolean => states.some((one) => one.name === name && one.state === 'absent')

  const processes = parseTasklist(output('processes'))
  const since = parseEndpoints(output('udp-since'))
  const udp = parseNetstat(output('udp'), wdsPorts).map(({ address, port, pid }) => {
    const owner = processes.get(pid)
    const taken = since.get(`${port}/${pid}`)
    return {
      address,
      port,
      pid,
      ...(owner ? { process: owner.process } : {}),
      services: owner?.service?.split(',').map((one) => one.trim()) ?? [],
      ...(taken === undefined ? {} : { since: taken }),
    }
  })

  const registry = values.flatMap((one) => {
    const { source, key, service, names } = one
    // reg.exe says "not found" and "denied" in the display language; a key of a service that is not there is absent, and so
    // is one that was asked for where its neighbour may be read.
    const isAbsentKey = 'beside' in one ? sources[source] !== undefined && isRead(one.beside) : isAbsent(service)
    if (!isRead(source) && !isAbsentKey) return []
    const found = parseRegQuery(output(source))
    return names.map((name) => ({ key, name, data: found.get(name) ?? null }))
  })

  const tcpip = parseRegQuery(output('tcpip'))
  const text = (name: string): string => {
    const data = tcpip.get(name)
    return typeof data === 'string' ? data : ''
  }
  const firewall = isRead('firewall-rules')
    ? windowsFirewall({
        rules: output('firewall-rules'),
        policy: output('firewall-policy'),
        profiles: profiles.map((name) => (isRead(`firewall-${name}`) ? output(`firewall-${name}`) : undefined)),
      })
    : undefined
  const rules = parseRules(output('dhcp-rules'))
  const scopes = isAbsent('DHCPServer') ? [] : parseScopes(output('dhcp-options'))
  // The provider inside WDS is known by its key; without that, the key of the distribution point stands for it.
  const isDistributionPoint = isRead('wdspxe-providers')
    ? /\\SMSPXE\s*$/im.test(output('wdspxe-providers')) || !isAbsent('SccmPxe')
    : isGood('registry-dp') && !isRead('registry-dp')
      ? undefined
      : sources['registry-dp'] && isGood('registry-dp') && /\\SMS\\DP\s*$/im.test(output('registry-dp'))
  const categories = parseConnectionProfiles(output('network-profiles'))
  const interfaces = parseInterfaces(output('interfaces')).map((one) => {
    const profile = categories.get(one.name.toLowerCase())
    return profile ? { ...one, profile } : one
  })
  const allowed = parseAuthorised(output('dhcp-authorised'))
  const authorised =
    allowed.length > 0 && interfaces.length > 0
      ? isAuthorised(allowed, interfaces.map((one) => one.address), text('Hostname')) // prettier-ignore
      : undefined
  const startTypes = ['unknown', 'unknown', 'auto', 'manual', 'disabled'] as const
  return {
    ...(isGood('groups') ? { isElevated: isElevatedGroups(output('groups')) } : {}),
    ...(interfaces.length > 0 ? { interfaces: { value: interfaces, source: 'interfaces' } } : {}),
    // A list of sockets without a single one was not a list.
    ...(isGood('udp') && /\bUDP\b/.test(output('udp')) ? { udp: { value: udp, source: 'udp' } } : {}),
    ...(states.every((one) => one.state !== undefined)
      ? {
          services: {
            value: states.flatMap(({ name, state }) => {
              if (state === undefined || state === 'absent') return []
              const values = parseRegQuery(output(`start-${name}`))
              const start = values.get('Start')
              const needs = values.get('DependOnService')
              return [
                {
                  name,
                  state,
                  start: (typeof start === 'number' ? startTypes[start] : undefined) ?? 'unknown',
                  ...(Array.isArray(needs) ? { dependsOn: needs } : {}),
                },
              ]
            }),
            source: 'service-WDSServer',
          },
        }
      : {}),
    ...(registry.length > 0 ? { registry: { value: registry, source: 'registry-wdspxe' } } : {}),
    ...(isAbsent('DHCPServer') || (isGood('dhcp-options') && /dhcp server/i.test(output('dhcp-options')))
      ? {
          dhcpOptions: {
            value: [
              ...parseDhcpDump(output('dhcp-options')),
              ...parsePolicies(output('dhcp-policies')),
              ...rules.options,
            ],
            source: 'dhcp-options',
          },
          ...(scopes ? { dhcpScopes: { value: scopes, source: 'dhcp-options' } } : {}),
        }
      : {}),
    ...(isGood('dhcp-rules')
      ? {
          dhcpPolicies: { value: rules.policies, source: 'dhcp-rules' },
          dhcpClasses: { value: rules.classes, source: 'dhcp-rules' },
        }
      : isAbsent('DHCPServer') || (isGood('dhcp-policies') && parsePolicies(output('dhcp-policies')).length === 0)
        ? { dhcpPolicies: { value: [], source: 'dhcp-policies' } }
        : {}),
    ...serverFacts(output('server'), isGood('server')),
    ...(isGood('events-wds') || isGood('events-dhcp')
      ? {
          events: {
            value: [
              ...parseEvents(output('events-wds'), 'Application', /^(WDS|BINL)/i),
              ...parseEvents(output('events-dhcp'), 'System', /DHCP-?Server/i),
            ],
            source: isGood('events-wds') ? 'events-wds' : 'events-dhcp',
          },
        }
      : {}),
    ...(isDistributionPoint === undefined
      ? {}
      : { distributionPoint: { value: isDistributionPoint, source: 'registry-dp' } }),
    ...(authorised === undefined ? {} : { dhcpAuthorised: { value: authorised, source: 'dhcp-authorised' } }),
    ...(isRead('tcpip')
      ? {
          domain: { value: text('Domain'), source: 'tcpip' },
          nameServers: {
            value: `${text('NameServer')} ${text('DhcpNameServer')}`.split(/[\s,]+/).filter((one) => one !== ''),
            source: 'tcpip',
          },
        }
      : {}),
    ...(firewall ? { firewall: { value: firewall, source: 'firewall-rules' } } : {}),
    ...(isGood('excluded-ports')
      ? { excludedPorts: { value: parseExcludedPorts(output('excluded-ports')), source: 'excluded-ports' } }
      : {}),
  }
}

/** Lines `port|process|time` of our own making: when a port was taken, by `port/process`. */
function parseEndpoints(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^(\d+)\|(\d+)\|(\d{17,18})$/.exec(line.trim())
    if (match) found.set(`${match[1]}/${match[2]}`, fileTime(BigInt(match[3]!)))
  }
  return found
}

/** Lines `name|address|prefix length|MTU|hardware address` of our own making. */
function parseInterfaces(text: string): NonNullable<Facts['interfaces']>['value'] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^(.+)\|(\d+\.\d+\.\d+\.\d+)\|(\d{1,2})\|(\d*)(?:\|([\da-f:-]*))?$/i.exec(line.trim())
    if (!match || match[2]!.startsWith('127.')) return []
    const mtu = Number(match[4])
    return [
      {
        name: match[1]!,
        address: match[2]!,
        prefixLength: Number(match[3]),
        ...(mtu > 0 ? { mtu } : {}),
        ...(match[5] ? { mac: match[5] } : {}),
      },
    ]
  })
}

/** `wevtutil qe /f:XML`: an element for each event, whatever the display language (Windows event schema). */
export function parseEvents(text: string, log: string, source: RegExp): Told<'events'> {
  return [...text.matchAll(/<Event\b[\s\S]*?<\/Event>/g)].flatMap(([event]) => {
    const provider = /<Provider\b[^>]*?\bName=['"]([^'"]*)['"]/.exec(event)?.[1] ?? ''
    const id = Number(/<EventID\b[^>]*>(\d+)</.exec(event)?.[1])
    const at = /<TimeCreated\b[^>]*?SystemTime=['"]([^'"]*)['"]/.exec(event)?.[1] ?? ''
    if (!source.test(provider) || !Number.isInteger(id) || Number.isNaN(Date.parse(at))) return []
    const data = [...event.matchAll(/<Data\b[^>]*>([^<]*)<\/Data>/g)].map((match) => match[1]!.trim())
    return [{ log, provider, id, at: new Date(at).toISOString(), data }]
  })
}

/** What `serverScript` wrote. */
function serverFacts(
  text: string,
  isWhole: boolean,
): Pick<Facts, 'dhcpFailover' | 'bootFiles' | 'certificates' | 'features' | 'restartPending'> {
  // prettier-ignore
  if (!isWhole) return {}
  const lines = (kind: string): string[] =>
    text.split(/\r?\n/).flatMap((line) => (line.startsWith(`${kind}|`) ? line.trim().slice(2) : []))
  const source = 'server'
  return {
    dhcpFailover: {
      value: lines('F').flatMap((line) => {
        const [, partner = '', mode = '', state = '', scopes = '', name = ''] = /^([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line) ?? [] // prettier-ignore
        return partner === ''
          ? []
          : [{ name, partner, mode, state, scopes: scopes.split(',').filter((one) => one !== '') }]
      }),
      source,
    },
    features: { value: lines('R').filter((one) => /^(WDS|DHCP$|Web-Server$|ADK$)/i.test(one)), source },
    restartPending: { value: lines('Q').some((line) => /true/i.test(line)), source },
    certificates: {
      value: lines('X').flatMap((line) => {
        const match = /^(\d{17,18})\|(.*)$/.exec(line)
        return match ? [{ notAfter: fileTime(BigInt(match[1]!)), subject: match[2]! }] : []
      }),
      source,
    },
    bootFiles: {
      value: lines('B').flatMap((line) => {
        const match = /^(\d{1,15})\|([^|]*)\|([^|]*)\|((?:Boot|SMSBoot|SMSImages)\\.+\.(?:efi|com|n12|sdi|wim))$/i.exec(
          line,
        )
        return match ? [{ size: Number(match[1]), version: match[2]!, issuer: match[3]!, path: match[4]! }] : []
      }),
      source,
    },
  }
}

type Condition = Told<'dhcpPolicies'>[number]['conditions'][number]

interface Rules {
  readonly options: DhcpOption[]
  readonly policies: Told<'dhcpPolicies'>
  readonly classes: Told<'dhcpClasses'>
}

const scopeIdOf = (text: string): string => (text === '0.0.0.0' ? '' : text)
const isField = (text: string): text is (typeof policyFields)[number] =>
  (policyFields as readonly string[]).includes(text)

/** Values behind their comparator, which another may follow: `EQ,PXEClient*,NE,PXEClient:Arch:00007*` (Add-DhcpServerv4Policy). */
function conditionsOf(field: (typeof policyFields)[number], told: readonly string[]): Condition[] {
  const found: (Condition & { readonly values: string[] })[] = []
  for (const one of told)
    if (/^(EQ|NE)$/i.test(one)) found.push({ field, isEqual: !/^ne$/i.test(one), values: [] })
    else if (found.length === 0) found.push({ field, isEqual: true, values: [] })
    else found.at(-1)!.values.push(one)
  return found.filter(({ values }) => values.length > 0)
}

/** What `rulesScript` wrote. */
export function parseRules(text: string): Rules {
  const rules: Rules = { options: [], policies: [], classes: [] }
  for (const line of text.split(/\r?\n/)) {
    const [, kind = '', rest = ''] = /^([KPCO])\|(.*)$/.exec(line.trim()) ?? []
    if (kind === 'K') {
      const [, type = '', data = '', name = ''] = /^(\w+)\|([^|]*)\|(.+)$/.exec(rest) ?? []
      if (/^(user|vendor)$/i.test(type) && name !== '')
        rules.classes.push({ name, kind: type.toLowerCase() as 'user' | 'vendor', data })
    } else if (kind === 'P') {
      const match = /^([\d.]*)\|(\d+)\|(True|False)\|(\w*)\|(.+)$/i.exec(rest)
      if (match)
        rules.policies.push({
          name: match[5]!,
          scope: scopeIdOf(match[1]!),
          isEnabled: /true/i.test(match[3]!),
          order: Number(match[2]),
          operator: /and/i.test(match[4]!) ? 'and' : 'or',
          conditions: [],
        })
    } else if (kind === 'C') {
      const [, scope = '', field = '', told = '', name = ''] = /^([\d.]*)\|(\w+)\|([^|]*)\|(.+)$/.exec(rest) ?? []
      if (isField(field))
        rules.policies
          .find((one) => one.name === name && one.scope === scopeIdOf(scope))
          ?.conditions.push(...conditionsOf(field, told.split(',')))
    } else if (kind === 'O') {
      const match = /^([\d.]*)\|(60|66|67)\|([^|]*)\|(.+)$/.exec(rest)
      if (!match) continue
      const scope = scopeIdOf(match[1]!)
      // Each is one text, in which a comma is a comma.
      rules.options.push({ level: 'policy', at: match[4]!, option: Number(match[2]), value: [match[3]!], ...(scope === '' ? {} : { scope }) }) // prettier-ignore
    }
  }
  return rules
}

/** Lines `policy|option|value`, as facts of version 1 have them: netsh does not know policies. */
function parsePolicies(text: string): DhcpOption[] {
  return text.split(/\r?\n/).flatMap((line): DhcpOption[] => {
    const match = /^(.+)\|(60|66|67)\|(.*)$/.exec(line.trim())
    return match ? [{ level: 'policy', at: match[1]!, option: Number(match[2]), value: [match[3]!] }] : []
  })
}
