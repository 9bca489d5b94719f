/**
 * What a machine says of itself: typed, dated, each fact with the command it came from and what that printed. The same
 * file is written by `pxe-lab doctor --collect` and by `resources/collect-facts.ps1`. A fact that is absent is unknown.
 */
import type { Phrase } from '#messages/message.ts'
import { z } from 'zod'

/** A value, and the name of the source that told it. */
const told = <T extends z.ZodType>(value: T) => z.strictObject({ value, source: z.string() }).optional()

const registryData = z.union([z.null(), z.number(), z.string(), z.array(z.string())])
/** Profiles of the firewall of Windows (MS-FASP 2.2.2); DomainAuthenticated networks have the first. */
export const firewallProfiles = ['domain', 'private', 'public'] as const
const portRange = z.tuple([z.int().min(0).max(65535), z.int().min(0).max(65535)])

/** What a policy of the DHCP server can ask of a client (Add-DhcpServerv4Policy). */
export const policyFields = [
  'VendorClass',
  'UserClass',
  'MacAddress',
  'ClientId',
  'Fqdn',
  'RelayAgent',
  'CircuitId',
  'RemoteId',
  'SubscriberId',
] as const

const firewallRuleSchema = z.strictObject({
  name: z.string(),
  action: z.enum(['allow', 'block']),
  protocol: z.enum(['udp', 'any']),
  ports: z.array(portRange).describe('local ports; empty for any'),
  program: z.string().default(''),
  profiles: z.array(z.enum(firewallProfiles)).optional().describe('profiles it holds in; all without it'),
  remote: z
    .array(z.string())
    .optional()
    .describe('senders it is about: addresses, ranges, networks, or a word such as LocalSubnet; all without it'),
  local: z.array(z.string()).optional().describe('addresses of this machine it is about; all without it'),
  interfaces: z
    .array(z.string())
    .optional()
    .describe('network interfaces it is about, by their names; all without it (Linux)'),
  isBound: z
    .boolean()
    .optional()
    .describe(
      'whether it is about some of that alone, by something that is not told here, such as a type of network interface',
    ),
  isPolicy: z.boolean().optional().describe('whether group policy has set it'),
})

const redirectSchema = z.strictObject({
  name: z.string(),
  ports: z.array(portRange).describe('UDP ports that packets are sent to'),
  to: z.string().describe('address and port that they go to instead, such as 10.0.0.9:69; empty where it is not told'),
  interfaces: z.array(z.string()).optional().describe('network interfaces that it is about; all without it'),
  except: z.array(z.string()).optional().describe('network interfaces that it is not about'),
  isUnicast: z.boolean().optional().describe('whether it is only about what is sent to an address of this machine'),
  isBound: z
    .boolean()
    .optional()
    .describe('whether it is about some of that alone, by something that is not told here'),
})

export const factsSchema = z.strictObject({
  version: z.literal([1, 2]).describe('1, or 2 with scopes, conditions of policies, events, files and certificates'),
  collectedAt: z.string().describe('when, as ISO 8601'),
  host: z.string(),
  system: z.enum(['windows', 'linux', 'macos']),
  isElevated: z.boolean().optional().describe('whether it was collected with administrator rights'),
  sources: z
    .record(
      z.string(),
      z.strictObject({
        command: z.string(),
        output: z.string().describe('what it printed, cut off where it is long'),
        problem: z.string().optional().describe('why it told nothing, or not all'),
      }),
    )
    .describe('where the facts came from, by name'),
  interfaces: told(
    z.array(
      z.strictObject({
        name: z.string(),
        address: z.string(),
        prefixLength: z.int(),
        mtu: z.int().optional(),
        mac: z.string().optional(),
        profile: z.enum(firewallProfiles).optional().describe('profile of the firewall that its network has (Windows)'),
      }),
    ),
  ),
  excludedPorts: told(
    z.array(
      z.strictObject({
        first: z.int().min(0).max(65535),
        last: z.int().min(0).max(65535),
        isAdministered: z
          .boolean()
          .describe('kept by an administrator: whoever asks for the port by its number has it'),
      }),
    ),
  ).describe('ranges of UDP ports that Windows keeps from programs, such as those of Hyper-V'),
  udp: told(
    z.array(
      z.strictObject({
        address: z.string(),
        port: z.int(),
        pid: z.int().optional(),
        process: z.string().optional(),
        services: z.array(z.string()).default([]).describe('services that live in that process'),
        since: z.string().optional().describe('when the port was taken, or its process began'),
        isOwn: z.boolean().optional().describe('held by the program that collected this'),
        namespace: z.string().optional().describe('network namespace, where it is not that of this program (Linux)'),
      }),
    ),
  ).describe('UDP ports 67, 68, 69, 4011, 546, 547 and 64001 to 65000, and who holds them'),
  services: told(
    z.array(
      z.strictObject({
        name: z.string(),
        state: z.enum(['running', 'stopped', 'paused', 'pending']),
        start: z.enum(['auto', 'manual', 'disabled', 'unknown']).default('unknown'),
        dependsOn: z.array(z.string()).optional().describe('services that have to run first (Windows)'),
      }),
    ),
  ).describe('those that have to do with booting; one that is not listed is not installed'),
  registry: told(
    z.array(
      z.strictObject({ key: z.string(), name: z.string(), data: registryData.describe('null: looked for, absent') }),
    ),
  ),
  dhcpOptions: told(
    z.array(
      z.strictObject({
        level: z.enum(['server', 'scope', 'policy', 'reservation']),
        at: z.string().describe('the scope, policy or reservation; empty for the server'),
        option: z.int(),
        value: z.array(z.string()),
        scope: z.string().optional().describe('the scope of a policy or reservation; a policy of the server has none'),
        userClass: z.string().optional().describe('clients of this user class alone get it'),
        vendorClass: z.string().optional().describe('an option of this vendor class, sent inside option 43'),
      }),
    ),
  ).describe('options 60, 66 and 67 of the DHCP server of this machine, at every level'),
  dhcpScopes: told(
    z.array(
      z.strictObject({
        scope: z.string().describe('its network address, which is its ScopeId'),
        prefixLength: z.int().min(0).max(32),
        name: z.string(),
        isActive: z.boolean(),
        ranges: z
          .array(z.tuple([z.string(), z.string()]))
          .default([])
          .describe('the first and last address of each'),
      }),
    ),
  ).describe('the scopes of the DHCP server of this machine'),
  dhcpPolicies: told(
    z.array(
      z.strictObject({
        name: z.string(),
        scope: z.string().describe('its ScopeId; empty for a policy of the server'),
        isEnabled: z.boolean(),
        order: z.int().describe('processing order, the lowest first'),
        operator: z.enum(['and', 'or']),
        conditions: z.array(
          z.strictObject({
            field: z.enum(policyFields),
            isEqual: z.boolean().describe('EQ; NE otherwise'),
            values: z.array(z.string()).describe('names of classes, or values, a * at the end for any end'),
          }),
        ),
      }),
    ),
  ).describe('policies of the DHCP server, with the conditions under which they hold'),
  dhcpClasses: told(
    z.array(
      z.strictObject({ name: z.string(), kind: z.enum(['user', 'vendor']), data: z.string().describe('as ASCII') }),
    ),
  ).describe('classes that policies and options name'),
  distributionPoint: told(z.boolean()).describe(
    'whether a ConfigMgr distribution point answers PXE here, through WDS or its own responder (Windows)',
  ),
  dhcpFailover: told(
    z.array(z.strictObject({ name: z.string(), partner: z.string(), mode: z.string(), state: z.string(), scopes: z.array(z.string()) })), // prettier-ignore
  ).describe('failover relationships of the DHCP server'),
  events: told(
    z.array(
      z.strictObject({
        log: z.string(),
        provider: z.string(),
        id: z.int(),
        at: z.string().describe('ISO 8601'),
        data: z.array(z.string()).describe('what the event carries, such as an error code'),
      }),
    ),
  ).describe('the last errors of WDS and DHCP in the event logs, the newest first'),
  bootFiles: told(
    z.array(
      z.strictObject({
        path: z
          .string()
          .describe('below the folder of WDS or of the distribution point, such as Boot\\x64\\wdsmgfw.efi'),
        size: z.int(),
        version: z.string(),
        issuer: z
          .string()
          .describe(
            'who issued the certificate that signs it, of several signatures one after another with a semicolon between; empty for none',
          ),
      }),
    ),
  ).describe('the boot programs and images of the server'),
  certificates: told(
    z.array(z.strictObject({ subject: z.string(), notAfter: z.string().describe('ISO 8601') })),
  ).describe('certificates of ConfigMgr on this server'),
  features: told(z.array(z.string())).describe('roles and features that are installed, and ADK'),
  restartPending: told(z.boolean()),
  dhcpAuthorised: told(z.boolean()),
  domain: told(z.string()).describe('DNS domain that this server is a member of; empty for none (Windows)'),
  nameServers: told(z.array(z.string())).describe('DNS servers of this server (Windows)'),
  lowPorts: told(z.boolean()).describe('whether this program may open ports below 1024 (Linux)'),
  firewall: told(
    z.strictObject({
      isOn: z.boolean(),
      rules: z.array(firewallRuleSchema),
      profiles: z
        .array(
          z.strictObject({
            name: z.enum(firewallProfiles),
            isOn: z.boolean(),
            allowsInbound: z.boolean().describe('whether what no rule is about gets in'),
            blocksAll: z.boolean().describe('whether it lets nothing in, whatever rules allow'),
            ignoresLocalRules: z.boolean().describe('whether rules of group policy alone hold'),
          }),
        )
        .optional()
        .describe('how each profile is set; where it is left out all are as isOn says (Windows)'),
      ipv6: z
        .strictObject({
          isOn: z.boolean(),
          rules: z.array(firewallRuleSchema),
          chain: z
            .string()
            .optional()
            .describe('the chains that close it, each as family, table and name, with commas between'),
        })
        .optional()
        .describe('what holds for IPv6, where the system tells it apart (nftables); the rest is about IPv4'),
      redirects: z
        .array(redirectSchema)
        .optional()
        .describe('rules that send UDP elsewhere before a program on this machine sees it, by iptables or nftables'),
      letsAnswersIn: z
        .boolean()
        .optional()
        .describe(
          'whether answers to what this machine sent get in at any port (connection tracking); not told of Windows',
        ),
    }),
  ).describe('enabled inbound rules for UDP'),
  transferPorts: portRange
    .optional()
    .describe(
      'UDP ports that the lab of this machine sends files from: tftp.ports, or the port of TFTP; any without it',
    ),
  ipv6Ports: z
    .array(z.int())
    .optional()
    .describe('UDP ports at which the lab of this machine answers over IPv6, where its file says ipv6.enabled'),
})
export type Facts = z.infer<typeof factsSchema>

/** Ports that have to do with booting: DHCP, TFTP, the boot server, DHCPv6. */
export const bootPorts: readonly number[] = [67, 68, 69, 4011, 546, 547]
/** The range that WDS sends its files from. */
export const wdsDataPorts: readonly [number, number] = [64001, 65000]
/** All of them. */
export const wdsPorts: readonly number[] = [
  ...bootPorts,
  ...Array.from({ length: wdsDataPorts[1] - wdsDataPorts[0] + 1 }, (_, index) => wdsDataPorts[0] + index),
]

/** A sentence, or a message as it is kept; older files hold English sentences. */
const phraseSchema = z.union([
  z.string(),
  z.object({ say: z.string(), values: z.record(z.string(), z.unknown()).optional() }),
]) as unknown as z.ZodType<Phrase>

/** A past check of a machine, as it is kept. */
export const pastCheckSchema = z.object({
  /** When it was first like this, and when it was last seen like this. ISO 8601. */
  at: z.string(),
  until: z.string(),
  verdict: phraseSchema,
  health: z.enum(['healthy', 'findings', 'unknown']),
  lines: z.array(phraseSchema),
})
export type PastCheck = z.infer<typeof pastCheckSchema>
