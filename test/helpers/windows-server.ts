/** What the tools of a Windows server print, written from a description of it, in four display languages. */
import { dpKey, factsSchema, wdsKey, wdsParametersKey, wdsTftpKey, type Facts } from '#shared/lab/facts.ts'
import { windowsCommands, windowsFacts } from '../../src/main/inspect/windows-facts.ts'

export type Language = 'en' | 'de' | 'fr' | 'ja'
type ServiceName = 'DHCPServer' | 'WDSServer' | 'SccmPxe' | 'DNS' | 'SharedAccess'

export interface WindowsServer {
  readonly language?: Language
  readonly addresses?: readonly string[]
  /** Those that are not named are not installed. */
  readonly services?: Partial<Record<ServiceName, 'running' | 'stopped' | 'disabled'>>
  /** Values by key; a key that is not named has none. */
  readonly registry?: Readonly<Record<string, Readonly<Record<string, number | readonly string[]>>>>
  /** Options of the DHCP server, as lines of a dump behind `Dhcp Server \\srv`. */
  readonly options?: readonly string[]
  readonly policies?: readonly string[]
  readonly authorised?: readonly string[]
  /** Who holds which UDP ports. */
  readonly udp?: readonly (readonly [address: string, port: number, owner: string])[]
  readonly firewall?: readonly string[]
  readonly isFirewallOn?: boolean
}

const words = {
  en: {
    netstat: 'Active Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID',
    state: 'STATE',
    missing: 'The specified service does not exist as an installed service.',
    noKey: 'ERROR: The system was unable to find the specified registry key or value.',
    none: 'N/A',
    servers: 'Servers were found in the directory service:',
  },
  de: {
    netstat: 'Aktive Verbindungen\r\n\r\n  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    state: 'STATUS',
    missing: 'Der angegebene Dienst ist kein installierter Dienst.',
    noKey: 'FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.',
    none: 'Nicht zutreffend',
    servers: 'Server wurden im Verzeichnisdienst gefunden:',
  },
  fr: {
    netstat: 'Connexions actives\r\n\r\n  Proto  Adresse locale         Adresse distante       État            PID',
    state: 'ÉTAT',
    missing: "Le service spécifié n'existe pas en tant que service installé.",
    noKey: "ERREUR : le système n'a pas trouvé la clé ou la valeur de Registre spécifiée.",
    none: 'Non disponible',
    servers: 'serveurs ont été trouvés dans le service d’annuaire :',
  },
  ja: {
    netstat: 'アクティブな接続\r\n\r\n  プロトコル  ローカル アドレス          外部アドレス        状態           PID',
    state: '状態',
    missing: '指定されたサービスはインストールされたサービスとして存在しません。',
    noKey: 'エラー: 指定されたレジストリ キーまたは値が見つかりませんでした。',
    none: 'N/A',
    servers: 'サーバーがディレクトリ サービスで見つかりました:',
  },
} as const

const registryLine = (name: string, data: number | string | readonly string[]): string =>
  typeof data === 'number'
    ? `    ${name}    REG_DWORD    0x${data.toString(16)}`
    : `    ${name}    ${typeof data === 'string' ? `REG_SZ    ${data}` : `REG_MULTI_SZ    ${data.join('\\0')}`}`

const openPorts = [67, 68, 69, 4011].map(
  (port) => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=${port}|Name=PXE ${port}|`,
)

export function windowsSources(server: WindowsServer): Facts['sources'] {
  const told = words[server.language ?? 'en']
  const addresses = server.addresses ?? ['192.168.77.10']
  const services = server.services ?? {}
  const pids = new Map<string, number>()
  const pidOf = (owner: string): number => {
    if (!pids.has(owner)) pids.set(owner, 1000 + pids.size * 4)
    return pids.get(owner)!
  }
  const sources: Record<string, { command: string; output: string; problem?: string }> = {}
  const put = (name: string, output: string, problem?: string): void => {
    sources[name] = {
      command: windowsCommands[name]?.join(' ') ?? name,
      output,
      ...(problem === undefined ? {} : { problem }),
    }
  }
  const putKey = (name: string, key: string, lines: readonly string[], isThere: boolean): void =>
    isThere
      ? put(name, `\r\n${key}\r\n${lines.join('\r\n')}\r\n\r\n`)
      : put(name, `${told.noKey}\r\n`, 'reg.exe ended with 1')

  put(
    'udp',
    `${told.netstat}\r\n  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       900\r\n  UDP    0.0.0.0:123            *:*                                    901\r\n${(
      server.udp ?? []
    )
      .map(
        ([address, port, owner]) =>
          `  UDP    ${`${address}:${port}`.padEnd(22)} *:*                                    ${pidOf(owner)}\r\n`,
      )
      .join('')}`,
  )
  put(
    'processes',
    [...pids]
      .map(([owner, pid]) =>
        owner.endsWith('.exe') ? `"${owner}","${pid}","${told.none}"` : `"svchost.exe","${pid}","${owner}"`,
      )
      .join('\r\n'),
  )
  put('groups', 'Mandatory Label\\High Mandatory Level  Label  S-1-16-12288')
  for (const name of ['DHCPServer', 'WDSServer', 'SccmPxe', 'DNS', 'SharedAccess'] as const) {
    const state = services[name]
    if (state === undefined) {
      put(
        `service-${name}`,
        `[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\n${told.missing}\r\n`,
        'sc.exe ended with 1060',
      )
      putKey(`start-${name}`, '', [], false)
      continue
    }
    put(
      `service-${name}`,
      `\r\nSERVICE_NAME: ${name} \r\n        TYPE               : 20  WIN32_SHARE_PROCESS  \r\n        ${told.state.padEnd(18)} : ${state === 'running' ? '4  RUNNING' : '1  STOPPED'} \r\n        WIN32_EXIT_CODE    : 0  (0x0)\r\n        SERVICE_EXIT_CODE  : 0  (0x0)\r\n        CHECKPOINT         : 0x0\r\n        WAIT_HINT          : 0x0\r\n`,
    )
    putKey(
      `start-${name}`,
      `HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${name}`,
      [registryLine('Start', state === 'disabled' ? 4 : 2)],
      true,
    )
  }
  const keys = [
    ['registry-wdspxe', wdsKey, 'WDSServer'],
    ['registry-wdstftp', wdsTftpKey, 'WDSServer'],
    ['registry-wds', wdsParametersKey, 'WDSServer'],
    ['registry-dp', dpKey, 'SccmPxe'],
  ] as const
  for (const [name, key, service] of keys)
    putKey(
      name,
      key.replace('HKLM', 'HKEY_LOCAL_MACHINE'),
      Object.entries(server.registry?.[key] ?? {}).map(([value, data]) => registryLine(value, data)),
      services[service] !== undefined,
    )
  if (services.DHCPServer === 'running') {
    put(
      'dhcp-options',
      `# ==================================================================\r\n#  Configuration Information for the Server\r\n\r\nDhcp Server \\\\srv set dnsconfig 1 1 0 0\r\nDhcp Server \\\\srv set optionvalue 6 IPADDRESS "192.168.77.10" \r\n${(
        server.options ?? []
      )
        .map((line) => `Dhcp Server \\\\srv ${line}\r\n`)
        .join('')}`,
    )
    put('dhcp-policies', (server.policies ?? []).join('\n'))
    put(
      'dhcp-authorised',
      `\r\n1 ${told.servers}\r\n\r\n${(server.authorised ?? addresses).map((address) => `\tServer [srv.corp.example] Address [${address}] Ds location: cn=srv.corp.example\r\n`).join('')}`,
    )
  } else {
    put('dhcp-options', '', 'netsh.exe ended with 1')
    put('dhcp-authorised', '', 'netsh.exe ended with 1')
  }
  putKey(
    'firewall-rules',
    'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules',
    (server.firewall ?? openPorts).map((rule, index) => registryLine(`{rule-${index}}`, rule)),
    true,
  )
  for (const name of ['DomainProfile', 'StandardProfile', 'PublicProfile'])
    putKey(`firewall-${name}`, name, [registryLine('EnableFirewall', server.isFirewallOn === false ? 0 : 1)], true)
  put('interfaces', addresses.map((address, index) => `Ethernet ${index}|${address}|24|1500`).join('\n'))
  return sources
}

export const windowsServer = (server: WindowsServer): Facts => {
  const sources = windowsSources(server)
  return factsSchema.parse({
    version: 1,
    collectedAt: '2026-01-02T03:04:05Z',
    host: 'SRV1',
    system: 'windows',
    sources,
    ...windowsFacts(sources),
  })
}
