/**
 * Every DHCP option as one table: number, name as the registry has it, kind of value, how many values, where it is
 * defined. Decoder, encoder, lab file and dissector all read this table. Site-specific numbers (224 to 254, RFC 3942)
 * appear where network boot gives them a meaning.
 */
import { kinds, type KindName } from './kinds.ts'

export type Cardinality = 'one' | 'many'

export interface OptionDefinition {
  readonly code: number
  readonly name: string
  readonly kind: KindName
  readonly cardinality: Cardinality
  /** Where it is defined: an RFC with its section, or the specification. */
  readonly reference: string
  /** The space of the options inside this one, see spaces.ts. */
  readonly space?: 'pxe' | 'relay' | 'ipxe' | 'wds'
}

const many: ReadonlySet<KindName> = new Set<KindName>([
  'addresses',
  'addressPairs',
  'u8s',
  'u16s',
  'optionCodes',
  'architectures',
  'userClass',
  'domainNames',
  'sipServers',
  'classlessRoutes',
  'enterpriseBlocks',
])

const rows: readonly (readonly [number, string, KindName, string, OptionDefinition['space']?])[] = [
  [1, 'subnet-mask', 'address', 'RFC 2132 3.3'],
  [2, 'time-offset', 'i32', 'RFC 2132 3.4'],
  [3, 'router', 'addresses', 'RFC 2132 3.5'],
  [4, 'time-server', 'addresses', 'RFC 2132 3.6'],
  [5, 'name-server', 'addresses', 'RFC 2132 3.7'],
  [6, 'domain-name-server', 'addresses', 'RFC 2132 3.8'],
  [7, 'log-server', 'addresses', 'RFC 2132 3.9'],
  [8, 'quotes-server', 'addresses', 'RFC 2132 3.10'],
  [9, 'lpr-server', 'addresses', 'RFC 2132 3.11'],
  [10, 'impress-server', 'addresses', 'RFC 2132 3.12'],
  [11, 'resource-location-server', 'addresses', 'RFC 2132 3.13'],
  [12, 'host-name', 'text', 'RFC 2132 3.14'],
  [13, 'boot-file-size', 'u16', 'RFC 2132 3.15'],
  [14, 'merit-dump-file', 'text', 'RFC 2132 3.16'],
  [15, 'domain-name', 'text', 'RFC 2132 3.17'],
  [16, 'swap-server', 'address', 'RFC 2132 3.18'],
  [17, 'root-path', 'text', 'RFC 2132 3.19'],
  [18, 'extensions-path', 'text', 'RFC 2132 3.20'],
  [19, 'ip-forwarding', 'flag', 'RFC 2132 4.1'],
  [20, 'non-local-source-routing', 'flag', 'RFC 2132 4.2'],
  [21, 'policy-filter', 'addressPairs', 'RFC 2132 4.3'],
  [22, 'maximum-datagram-reassembly-size', 'u16', 'RFC 2132 4.4'],
  [23, 'default-ip-ttl', 'u8', 'RFC 2132 4.5'],
  [24, 'path-mtu-aging-timeout', 'seconds', 'RFC 2132 4.6'],
  [25, 'path-mtu-plateau-table', 'u16s', 'RFC 2132 4.7'],
  [26, 'interface-mtu', 'u16', 'RFC 2132 5.1'],
  [27, 'all-subnets-local', 'flag', 'RFC 2132 5.2'],
  [28, 'broadcast-address', 'address', 'RFC 2132 5.3'],
  [29, 'perform-mask-discovery', 'flag', 'RFC 2132 5.4'],
  [30, 'mask-supplier', 'flag', 'RFC 2132 5.5'],
  [31, 'perform-router-discovery', 'flag', 'RFC 2132 5.6'],
  [32, 'router-solicitation-address', 'address', 'RFC 2132 5.7'],
  [33, 'static-route', 'addressPairs', 'RFC 2132 5.8'],
  [34, 'trailer-encapsulation', 'flag', 'RFC 2132 6.1'],
  [35, 'arp-cache-timeout', 'seconds', 'RFC 2132 6.2'],
  [36, 'ethernet-encapsulation', 'flag', 'RFC 2132 6.3'],
  [37, 'tcp-default-ttl', 'u8', 'RFC 2132 7.1'],
  [38, 'tcp-keepalive-interval', 'seconds', 'RFC 2132 7.2'],
  [39, 'tcp-keepalive-garbage', 'flag', 'RFC 2132 7.3'],
  [40, 'nis-domain', 'text', 'RFC 2132 8.1'],
  [41, 'nis-server', 'addresses', 'RFC 2132 8.2'],
  [42, 'ntp-server', 'addresses', 'RFC 2132 8.3'],
  [43, 'vendor-specific-information', 'opaque', 'RFC 2132 8.4; PXE 2.1 2.4', 'pxe'],
  [44, 'netbios-name-server', 'addresses', 'RFC 2132 8.5'],
  [45, 'netbios-datagram-distribution-server', 'addresses', 'RFC 2132 8.6'],
  [46, 'netbios-node-type', 'netbiosNodeType', 'RFC 2132 8.7'],
  [47, 'netbios-scope', 'text', 'RFC 2132 8.8'],
  [48, 'x-window-font-server', 'addresses', 'RFC 2132 8.9'],
  [49, 'x-window-display-manager', 'addresses', 'RFC 2132 8.10'],
  [50, 'requested-ip-address', 'address', 'RFC 2132 9.1'],
  [51, 'ip-address-lease-time', 'seconds', 'RFC 2132 9.2'],
  [52, 'option-overload', 'overload', 'RFC 2132 9.3'],
  [53, 'dhcp-message-type', 'messageType', 'RFC 2132 9.6'],
  [54, 'server-identifier', 'address', 'RFC 2132 9.7'],
  [55, 'parameter-request-list', 'optionCodes', 'RFC 2132 9.8'],
  [56, 'message', 'text', 'RFC 2132 9.9'],
  [57, 'maximum-dhcp-message-size', 'u16', 'RFC 2132 9.10'],
  [58, 'renewal-time', 'seconds', 'RFC 2132 9.11'],
  [59, 'rebinding-time', 'seconds', 'RFC 2132 9.12'],
  [60, 'vendor-class-identifier', 'text', 'RFC 2132 9.13; PXE 2.1 2.2'],
  [61, 'client-identifier', 'clientIdentifier', 'RFC 2132 9.14'],
  [62, 'netware-ip-domain', 'text', 'RFC 2242 2'],
  [63, 'netware-ip-information', 'opaque', 'RFC 2242 3'],
  [64, 'nis-plus-domain', 'text', 'RFC 2132 8.11'],
  [65, 'nis-plus-server', 'addresses', 'RFC 2132 8.12'],
  [66, 'tftp-server-name', 'terminatedText', 'RFC 2132 9.4'],
  [67, 'bootfile-name', 'terminatedText', 'RFC 2132 9.5'],
  [68, 'mobile-ip-home-agent', 'addresses', 'RFC 2132 8.13'],
  [69, 'smtp-server', 'addresses', 'RFC 2132 8.14'],
  [70, 'pop3-server', 'addresses', 'RFC 2132 8.15'],
  [71, 'nntp-server', 'addresses', 'RFC 2132 8.16'],
  [72, 'www-server', 'addresses', 'RFC 2132 8.17'],
  [73, 'finger-server', 'addresses', 'RFC 2132 8.18'],
  [74, 'irc-server', 'addresses', 'RFC 2132 8.19'],
  [75, 'streettalk-server', 'addresses', 'RFC 2132 8.20'],
  [76, 'stda-server', 'addresses', 'RFC 2132 8.21'],
  [77, 'user-class', 'userClass', 'RFC 3004 4'],
  [78, 'slp-directory-agent', 'opaque', 'RFC 2610 3'],
  [79, 'slp-service-scope', 'opaque', 'RFC 2610 4'],
  [80, 'rapid-commit', 'empty', 'RFC 4039 4'],
  [81, 'client-fqdn', 'clientFqdn', 'RFC 4702 2'],
  [82, 'relay-agent-information', 'opaque', 'RFC 3046 2', 'relay'],
  [83, 'isns', 'opaque', 'RFC 4174 2'],
  [85, 'nds-servers', 'addresses', 'RFC 2241 2'],
  [86, 'nds-tree-name', 'text', 'RFC 2241 3'],
  [87, 'nds-context', 'text', 'RFC 2241 4'],
  [88, 'bcmcs-controller-domain', 'domainNames', 'RFC 4280 4.1'],
  [89, 'bcmcs-controller-address', 'addresses', 'RFC 4280 4.3'],
  [90, 'authentication', 'opaque', 'RFC 3118 2'],
  [91, 'client-last-transaction-time', 'seconds', 'RFC 4388 6.1'],
  [92, 'associated-ip', 'addresses', 'RFC 4388 6.1'],
  [93, 'client-system-architecture', 'architectures', 'RFC 4578 2.1'],
  [94, 'client-network-interface', 'networkInterface', 'RFC 4578 2.2'],
  [95, 'ldap', 'text', 'RFC 3679 3.1'],
  [97, 'client-machine-identifier', 'machineIdentifier', 'RFC 4578 2.3'],
  [98, 'user-authentication-protocol', 'text', 'RFC 2485 2'],
  [99, 'geoconf-civic', 'opaque', 'RFC 4776 3.1'],
  [100, 'posix-timezone', 'text', 'RFC 4833 2'],
  [101, 'tzdb-timezone', 'text', 'RFC 4833 2'],
  [108, 'ipv6-only-preferred', 'seconds', 'RFC 8925 3.1'],
  [109, 'dhcp4o6-source-address', 'opaque', 'RFC 8539 8.1'],
  [112, 'netinfo-address', 'addresses', 'RFC 3679 3.1'],
  [113, 'netinfo-tag', 'text', 'RFC 3679 3.1'],
  [114, 'captive-portal', 'text', 'RFC 8910 2.1'],
  [116, 'auto-configuration', 'u8', 'RFC 2563 2'],
  [117, 'name-service-search', 'u16s', 'RFC 2937 3'],
  [118, 'subnet-selection', 'address', 'RFC 3011 2'],
  [119, 'domain-search', 'domainNames', 'RFC 3397 2'],
  [120, 'sip-servers', 'sipServers', 'RFC 3361 3'],
  [121, 'classless-static-route', 'classlessRoutes', 'RFC 3442'],
  [122, 'cablelabs-client-configuration', 'opaque', 'RFC 3495 4'],
  [123, 'geoconf', 'opaque', 'RFC 6225 2.2'],
  [124, 'vendor-identifying-class', 'enterpriseBlocks', 'RFC 3925 3'],
  [125, 'vendor-identifying-information', 'enterpriseBlocks', 'RFC 3925 4'],
  [128, 'pxe-128', 'opaque', 'RFC 4578 2.4'],
  [129, 'pxe-129', 'opaque', 'RFC 4578 2.4'],
  [130, 'pxe-130', 'opaque', 'RFC 4578 2.4'],
  [131, 'pxe-131', 'opaque', 'RFC 4578 2.4'],
  [132, 'pxe-132', 'opaque', 'RFC 4578 2.4'],
  [133, 'pxe-133', 'opaque', 'RFC 4578 2.4'],
  [134, 'pxe-134', 'opaque', 'RFC 4578 2.4'],
  [135, 'pxe-135', 'opaque', 'RFC 4578 2.4'],
  [136, 'pana-agent', 'addresses', 'RFC 5192 3'],
  [137, 'lost-server', 'domainNames', 'RFC 5223 3'],
  [138, 'capwap-access-controller', 'addresses', 'RFC 5417 2'],
  [139, 'ieee-80221-mos-address', 'opaque', 'RFC 5678 2'],
  [140, 'ieee-80221-mos-name', 'opaque', 'RFC 5678 3'],
  [141, 'sip-user-agent-domains', 'domainNames', 'RFC 6011 4.1'],
  [142, 'andsf-address', 'addresses', 'RFC 6153 2'],
  [143, 'sztp-redirect', 'opaque', 'RFC 8572 8.1'],
  [144, 'geoloc', 'opaque', 'RFC 6225 2.2'],
  [145, 'forcerenew-nonce-capable', 'u8s', 'RFC 6704 3.1.1'],
  [146, 'rdnss-selection', 'opaque', 'RFC 6731 4.3'],
  [147, 'dots-agent-name', 'domainNames', 'RFC 8973 5.2.1'],
  [148, 'dots-agent-address', 'addresses', 'RFC 8973 5.2.2'],
  [150, 'tftp-server-address', 'addresses', 'RFC 5859 2'],
  [151, 'status-code', 'opaque', 'RFC 6926 6.2.2'],
  [152, 'base-time', 'u32', 'RFC 6926 6.2.3'],
  [153, 'start-time-of-state', 'u32', 'RFC 6926 6.2.4'],
  [154, 'query-start-time', 'u32', 'RFC 6926 6.2.5'],
  [155, 'query-end-time', 'u32', 'RFC 6926 6.2.6'],
  [156, 'dhcp-state', 'u8', 'RFC 6926 6.2.7'],
  [157, 'data-source', 'u8', 'RFC 6926 6.2.8'],
  [158, 'pcp-server', 'opaque', 'RFC 7291 4'],
  [159, 'port-params', 'opaque', 'RFC 7618 9'],
  [161, 'mud-url', 'text', 'RFC 8520 10'],
  [162, 'encrypted-dns', 'opaque', 'RFC 9463 5.1'],
  [175, 'ipxe', 'opaque', 'iPXE encapsulated options', 'ipxe'],
  [208, 'pxelinux-magic', 'opaque', 'RFC 5071 3'],
  [209, 'configuration-file', 'text', 'RFC 5071 4'],
  [210, 'path-prefix', 'text', 'RFC 5071 5'],
  [211, 'reboot-time', 'seconds', 'RFC 5071 6'],
  [212, '6rd', 'opaque', 'RFC 5969 7.1.1'],
  [213, 'access-network-domain', 'text', 'RFC 5986 3.1'],
  [220, 'subnet-allocation', 'opaque', 'RFC 6656 3'],
  [221, 'virtual-subnet-selection', 'opaque', 'RFC 6607 3.1'],
  [249, 'microsoft-classless-static-route', 'classlessRoutes', 'MS-DHCPE 2.2.8'],
  [250, 'wds', 'opaque', 'Windows SDK wdsbp.h', 'wds'],
  [252, 'boot-configuration-data', 'terminatedText', 'Microsoft PXE: path of the BCD; elsewhere the WPAD address'],
]

export const dhcpOptions: ReadonlyMap<number, OptionDefinition> = new Map(
  rows.map(([code, name, kind, reference, space]) => [
    code,
    { code, name, kind, cardinality: many.has(kind) ? 'many' : 'one', reference, ...(space ? { space } : {}) },
  ]),
)

const byName = new Map([...dhcpOptions.values()].map((definition) => [definition.name, definition]))

/** Names administrators know from ISC dhcpd, Kea and Windows, beside the registry's. */
const aliases: Readonly<Record<string, number>> = {
  dns: 6,
  'domain-name-servers': 6,
  routers: 3,
  'ntp-servers': 42,
  ntp: 42,
  'vendor-class': 60,
  'vendor-encapsulated-options': 43,
  bootfile: 67,
  'boot-file-name': 67,
  filename: 67,
  'next-server': 66,
  hostname: 12,
  wpad: 252,
}

/** A definition by number or name (`42`, `"42"`, `ntp-server`, `ntp-servers`); undefined where none is meant. */
export function findOption(codeOrName: number | string): OptionDefinition | undefined {
  const text = String(codeOrName).trim().toLowerCase()
  if (/^\d+$/.test(text)) {
    const code = Number(text)
    if (code < 1 || code > 254) return undefined
    return (
      dhcpOptions.get(code) ?? {
        code,
        name: `option-${code}`,
        kind: 'opaque',
        cardinality: 'one',
        reference: 'no registered meaning',
      }
    )
  }
  const alias = aliases[text]
  return alias === undefined ? byName.get(text) : dhcpOptions.get(alias)
}

export const optionName = (code: number): string => dhcpOptions.get(code)?.name ?? `option-${code}`

export const kindOf = (definition: OptionDefinition): (typeof kinds)[KindName] => kinds[definition.kind]

export const optionCodes = {
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  rootPath: 17,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  userClass: 77,
  relayAgentInformation: 82,
  architecture: 93,
  networkInterface: 94,
  machineIdentifier: 97,
  subnetSelection: 118,
  ipxe: 175,
  bcd: 252,
  end: 255,
} as const
