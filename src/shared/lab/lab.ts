/**
 * The lab file as a schema: the source of its types, of `resources/lab.schema.json` and of the check on reading. Each
 * description says what may be written; error messages use it as the remedy.
 */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { encodeText, parseHex, parseIpv4, parseIpv4Network, parseMacPrefix } from '../wire/bytes.ts'
import { longestTerminated } from '../wire/dhcp/kinds.ts'
import { findOption } from '../wire/dhcp/options.ts'
import { parseIpv6Network, plainIpv6 } from '../wire/ip-address.ts'
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { engineSchema } from './engine.ts'
import { described, macField, uuidField } from './fields.ts'
import { ipv6Schema } from './ipv6.ts'
import { machineKeys, templatePattern } from './machines.ts'
import { configmgrSchema, roles, wdsSchema } from './roles.ts'
import { phraseSchema, refusal } from './phrase.ts'

const ipv4 = (what: string) =>
  described(
    z.string().refine((text) => parseIpv4(text) !== undefined, refusal(say('schema.not-ipv4-address'))),
    what,
  )
const ipv6 = (what: string) =>
  described(
    z.string().refine((text) => plainIpv6(text) !== undefined, refusal(say('schema.not-ipv6-address'))),
    what,
  )
const macPrefix = described(
  z.string().refine((text) => parseMacPrefix(text) !== undefined, refusal(say('schema.not-mac-address-or-prefix'))),
  'a MAC address or its beginning, such as 52:54:00 or 52:54:00:00:00:01',
)
const port = (what: string, documented: number) =>
  described(
    z.int().min(1).max(65535),
    `the UDP port of ${what}, ${documented} unless the lab runs without rights`,
  ).default(documented)

const optionValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])
const options = described(
  z.record(
    z.string().refine((name) => findOption(name) !== undefined, refusal(say('schema.no-dhcp-option'))),
    optionValue,
  ),
  'DHCP options by number or name, such as { 42: 192.168.77.1 } or { ntp-server: 192.168.77.1 }',
)
const leaseSeconds = described(z.int().min(60).max(0xffffffff), 'seconds a client may keep its address, 60 or more')

const bootp = described(
  z.enum(['off', 'reservations', 'pools']),
  'off, reservations or pools: where BOOTP clients get an address from; one from a pool is theirs for ever',
)

export const modes = ['listen', 'dhcp', 'proxy-dhcp', 'boot-server'] as const
export type LabMode = (typeof modes)[number]

const reservation = z
  .strictObject({
    mac: macField().optional(),
    uuid: uuidField().optional(),
    clientId: described(z.string().regex(/^([0-9a-f]{2}[:-]?){2,}$/i), 'option 61 in hexadecimal digits').optional(),
    address: ipv4('the IPv4 address kept for this client'),
    hostname: described(z.string().min(1).max(63), 'the name given to the client (option 12)').optional(),
    options: options.optional(),
  })
  .refine((one) => one.mac ?? one.uuid ?? one.clientId, refusal(say('schema.names-no-client-id')))

const subnet = z.strictObject({
  subnet: described(
    z.string().refine((text) => parseIpv4Network(text) !== undefined, refusal(say('schema.not-network'))),
    'a network with its prefix length such as 192.168.77.0/24, without host bits',
  ),
  pools: described(
    z.array(
      z.strictObject({ start: ipv4('the first address of the pool'), end: ipv4('the last address of the pool') }),
    ),
    'address ranges to assign: [{ start: 192.168.77.100, end: 192.168.77.199 }]',
  ).default([]),
  router: ipv4('the IPv4 address of the router (option 3)').optional(),
  dns: described(
    z.array(ipv4('the IPv4 address of a DNS server')),
    'DNS servers (option 6), such as [192.168.77.1]',
  ).optional(),
  leaseSeconds: leaseSeconds.optional(),
  bootp: bootp.optional(),
  options: options.optional(),
  reservations: described(
    z.array(reservation),
    'addresses kept for clients: [{ mac: 52:54:00:00:00:01, address: 192.168.77.50 }]',
  ).default([]),
})

const dhcp = z.strictObject({
  leaseSeconds: leaseSeconds.default(3600),
  authoritative: described(z.boolean(), 'true lets the server refuse addresses that do not belong here (NAK)').default(
    true,
  ),
  identity: described(
    z.enum(['mac', 'client-id']),
    'mac: one machine has one address from boot ROM to operating system; client-id: option 61 tells clients apart (RFC 2131), as hosts that share a hardware address need',
  ).default('mac'),
  bootp: bootp.default('reservations'),
  subnets: described(z.array(subnet), 'the networks this lab assigns addresses in').default([]),
  vendorClass: described(
    z.string().min(1),
    "'none', or a text such as 'PXEClient' that goes into every reply as option 60",
  ).default('none'),
  options: options.optional(),
  architectures: described(
    z.record(
      z.string().refine((text) => ruleArchitectures(text).length > 0, refusal(say('schema.no-architecture'))),
      z.strictObject({ options }),
    ),
    'options by architecture: { x64-uefi: { options: { 26: 1500 } } }',
  ).optional(),
})

const bootFile = (what: string) =>
  described(
    z
      .string()
      .min(1)
      .refine(
        (text) => encodeText(text).length <= longestTerminated,
        refusal(say('schema.longer-than', { bytes: longestTerminated })),
      ),
    what,
  )

const isArchitecture = (value: string | number): boolean => ruleArchitectures(value).length > 0
const oneArchitecture = z.union([z.string(), z.int()]).refine(isArchitecture, refusal(say('schema.no-architecture')))
const networkOf = (what: string) =>
  described(
    z
      .string()
      .refine(
        (text) => parseIpv4Network(text) !== undefined || parseIpv6Network(text) !== undefined,
        refusal(say('schema.not-network')),
      ),
    what,
  )
const identifier = (what: string) =>
  described(
    z
      .string()
      .min(1)
      .max(514)
      .refine(
        (text) => !/^0x/i.test(text) || parseHex(text.slice(2)) !== undefined,
        refusal(say('schema.no-digits-after-0x')),
      ),
    what,
  )

/** What programs and menus ask of a client; each that is named must hold. */
const conditions = {
  userClass: described(z.string().min(1), 'option 77 of the client, such as iPXE').optional(),
  vendorClass: described(
    z.string().min(1),
    'how option 60 of the client begins, such as PXEClient, HTTPClient or U-Boot',
  ).optional(),
  architecture: described(
    z.union([oneArchitecture, z.array(oneArchitecture).min(1)]),
    'bios, x86-uefi, x64-uefi, arm64-uefi, arm-rpiboot for every Raspberry Pi, any word of the architecture table or its number; or a list of them',
  ).optional(),
  mac: macPrefix.optional(),
  uuid: uuidField().optional(),
  subnet: networkOf('the network the client is in, such as 192.168.77.0/24 or fd00:77::/64').optional(),
  relay: described(
    z
      .string()
      .refine(
        (text) => [parseIpv4, parseIpv4Network, plainIpv6, parseIpv6Network].some((parse) => parse(text) !== undefined),
        refusal(say('schema.neither-ip-address-nor-network')),
      ),
    'the relay the client came through (giaddr, or the link-address of DHCPv6): its address, or a network of relays such as 10.1.0.0/16',
  ).optional(),
  circuitId: identifier(
    'the circuit identifier that the relay adds (option 82.1, or option 18 of DHCPv6): its text, or 0x and hexadecimal digits',
  ).optional(),
  remoteId: identifier(
    'the remote identifier that the relay adds (option 82.2, or option 37 of DHCPv6): its text, or 0x and hexadecimal digits',
  ).optional(),
}

const program = z.strictObject({
  ...conditions,
  file: bootFile('a path in the boot folder, or an address such as http://server/file'),
  nextServer: ipv4('the IPv4 address of the file server for these clients').optional(),
  nextServer6: ipv6('the IPv6 address of the file server for those of these clients that boot over IPv6').optional(),
  protocol: described(
    z.enum(['tftp', 'http', 'https']),
    'http and https hand out the address of the file, also to iPXE and U-Boot; tftp its path, and nothing to HTTP boot',
  ).optional(),
  rootPath: described(
    z.string().min(1).max(255),
    'the root path for these clients (option 17), such as iscsi:192.168.77.1::::iqn.2026-01.lab:disk or an NFS path',
  ).optional(),
  raspberryPi: described(
    z.boolean(),
    'true answers with the text "Raspberry Pi Boot" in option 43; a Raspberry Pi that is recognised gets it by itself, false leaves it out',
  ).optional(),
  replyDelaySeconds: described(
    z.number().min(0).max(10),
    'seconds to hold the offer back, 0 to 10; 1 for a Raspberry Pi, whose ROM misses offers that come at once',
  ).optional(),
})

const menuFields = {
  prompt: described(z.string().min(1).max(200), 'the text the client shows').default('Press F8 for the boot menu'),
  timeoutSeconds: described(
    z.int().min(0).max(255),
    'seconds to wait for F8; 0 takes the first item, 255 waits for ever',
  ).default(5),
  multicast: ipv4('the multicast address boot servers are searched with').optional(),
  items: described(
    z
      .array(
        z.strictObject({
          text: described(z.string().min(1).max(60), 'the line of the menu'),
          type: described(z.int().min(0).max(65535), 'the boot-server type; 0 boots from the local disk').optional(),
          file: bootFile('what the item loads; without it, what boot.programs chooses').optional(),
        }),
      )
      .min(1),
    'the lines of the menu: [{ text: Install, file: undionly.kpxe }, { text: Local disk, type: 0 }]',
  ),
}

const boot = z.strictObject({
  files: described(z.string().min(1), 'the folder of boot files, relative to the lab file').default('./boot'),
  templates: described(
    z.array(templatePattern).max(100),
    'files of the boot folder that placeholders such as {hostname} are filled in for each machine: names or paths with * and **, such as [ks.cfg, answers/**]',
  ).default([]),
  raspberryPi: described(
    z.union([
      z.null(),
      z
        .string()
        .min(1)
        .max(200)
        .refine(
          (text) => !/^[\\/]|^[a-z]:|(^|[\\/])\.\.([\\/]|$)/i.test(text),
          refusal(say('schema.leads-out-boot-folder')),
        ),
    ]),
    'a folder in the boot folder, such as pi, with the files of every Raspberry Pi that has no folder named after its serial number or MAC address, or null',
  ).default(null),
  nextServer: described(
    z.union([z.null(), ipv4('the IPv4 address of another file server')]),
    'the IPv4 address of another file server, or null for this machine',
  ).default(null),
  nextServer6: described(
    z.union([z.null(), ipv6('the IPv6 address of another file server')]),
    'the IPv6 address of another file server for machines that boot over IPv6, or null for this machine',
  ).default(null),
  programs: described(
    z.array(program),
    'what each client loads, the first match wins: [{ architecture: bios, file: undionly.kpxe }]',
  ).default([]),
  menus: described(
    z.array(z.strictObject({ ...conditions, ...menuFields })),
    'boot menus, the first whose conditions match: [{ architecture: bios, items: [{ text: Install, file: undionly.kpxe }] }]; only clients that can show one get it',
  ).default([]),
  menu: z.strictObject(menuFields).optional(),
})

/** Ports as the lab file writes them, such as 50000-50100; undefined where it is no such range. */
export function parsePortRange(text: string): readonly [number, number] | undefined {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text)
  const [first, last] = [Number(match?.[1]), Number(match?.[2])]
  return first >= 1024 && first <= last && last <= 65535 ? [first, last] : undefined
}

const tftp = z.strictObject({
  enabled: described(z.boolean(), 'true serves the boot folder over TFTP').default(true),
  maxBlockSize: described(z.int().min(512).max(65464), 'the largest block granted in bytes, 512 to 65464').default(
    1468,
  ),
  maxWindowSize: described(z.int().min(1).max(65535), 'the largest window granted in blocks').default(64),
  maxTransfers: described(z.int().min(1).max(4096), 'how many transfers may run at once').default(512),
  maxTransfersPerClient: described(z.int().min(1).max(4096), 'how many of them one client may have').default(32),
  ports: described(
    z.union([
      z.null(),
      z.string().refine((text) => parsePortRange(text) !== undefined, refusal(say('schema.not-range-ports'))),
    ]),
    'the UDP ports that files are sent from, one for each transfer, such as 50000-50100 (1024 to 65535), or null for any',
  ).default(null),
  singlePort: described(
    z.boolean(),
    'true sends every file from the port of TFTP itself, for firewalls, containers and NAT that let no other through; tftp.ports is not used then',
  ).default(false),
  upload: described(
    z.union([z.null(), z.string().min(1)]),
    'a folder that takes uploads, or null to refuse them',
  ).default(null),
  maxUploadBytes: described(z.int().min(1), 'the largest upload in bytes').default(1024 * 1024 * 1024),
})

const http = z.strictObject({
  enabled: described(z.boolean(), 'true serves the boot folder over HTTP as well, for UEFI HTTP boot').default(false),
  port: described(z.int().min(1).max(65535), 'the TCP port of HTTP boot').default(80),
})

const pemFile = (what: string) => described(z.union([z.null(), z.string().min(1)]), what).default(null)

/** A host name as RFC 1123 section 2.1 has it. */
const hostName = /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?)(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i

const https = z.strictObject({
  enabled: described(z.boolean(), 'true serves the boot folder over HTTPS as well, for UEFI HTTPS boot').default(false),
  port: described(z.int().min(1).max(65535), 'the TCP port of HTTPS boot').default(443),
  host: described(
    z.union([z.null(), z.string().regex(hostName, 'is not a host name')]),
    'the host name in the addresses that machines are given, which DNS must resolve for them, or null for the IP address of the server',
  ).default(null),
  certificate: pemFile(
    "a PEM file with the certificate of the server and those that signed it, or null for one that the lab's own authority issues",
  ),
  key: pemFile('the PEM file with the key of https.certificate, without a passphrase, or null'),
})

const webhookEvents = ['started', 'waiting', 'booted', 'failed'] as const

const telemetry = z.strictObject({
  prometheus: described(
    z.union([
      z.null(),
      z.strictObject({
        port: described(z.int().min(1).max(65535), 'the TCP port that metrics are read from').default(9067),
        address: described(
          z.union([z.ipv4(), z.ipv6()], 'is not an IP address'),
          'the address of this machine that metrics are read from, 0.0.0.0 for all',
        ).default('127.0.0.1'),
      }),
    ]),
    'a map of port and address at which Prometheus reads /metrics, or null',
  ).default(null),
  otlp: described(
    z.union([
      z.null(),
      z.strictObject({
        url: described(
          z.url({ protocol: /^https?$/, error: 'is not an http or https address' }),
          'the address of an OTLP receiver, such as http://192.168.77.1:4318; boots are sent to v1/traces below it',
        ),
        headers: described(
          z.record(z.string(), z.string()),
          'HTTP headers sent along, such as an authorization',
        ).default({}),
      }),
    ]),
    'a map of url and headers of a receiver that boots are sent to as traces, or null',
  ).default(null),
  webhooks: described(
    z.array(
      z.strictObject({
        url: described(
          z.url({ protocol: /^https?$/, error: 'is not an http or https address' }),
          'the address that is told, by POST of a JSON object',
        ),
        events: described(
          z.array(z.enum(webhookEvents)).min(1),
          'what is told: started, waiting (for approval), booted, failed',
        ).default([...webhookEvents]),
        headers: described(
          z.record(z.string(), z.string()),
          'HTTP headers sent along, such as an authorization',
        ).default({}),
        secret: described(
          z.union([z.null(), z.string().min(1)]),
          'signs each body: the header X-PXE-Lab-Signature has its HMAC-SHA-256, or null',
        ).default(null),
      }),
    ),
    "addresses that are told of boots as they go: [{ url: 'https://chat.example.com/hook', events: [failed] }]",
  ).default([]),
  log: described(
    z.union([z.null(), z.string().min(1)]),
    'a file that each event is appended to as a line of JSON, relative to the lab file, or null; Loki and others read it',
  ).default(null),
})

export const labSchema = z.strictObject({
  interface: described(
    z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    'the name or IPv4 address of a network interface, or a list of them',
  ),
  mode: described(z.enum(modes), 'listen, dhcp, proxy-dhcp or boot-server').default('listen'),
  role: described(
    z.union([z.null(), z.enum(roles)]),
    'wds or configmgr: the responder answers PXE clients as that server does, or null for boot.programs',
  ).default(null),
  wds: wdsSchema.prefault({}),
  configmgr: configmgrSchema.prefault({}),
  ports: z
    .strictObject({
      dhcp: port('DHCP', 67),
      tftp: port('TFTP', 69),
      bootServer: port('the boot server', 4011),
      dhcp6: port('DHCPv6', 547),
    })
    .prefault({}),
  engine: described(
    z.union([z.null(), engineSchema]),
    'a DHCP server that assigns the addresses in place of PXE Lab and is told what machines boot, or null: { kea: { servers: [{ socket: /run/kea/kea4-ctrl-socket }] } }',
  ).default(null),
  allowOtherServers: described(z.boolean(), 'true assigns addresses even where another DHCP server answers').default(
    false,
  ),
  autoStopMinutes: described(
    z.union([z.null(), z.int().min(1).max(10_080)]),
    'minutes after which the responder stops by itself, or null',
  ).default(null),
  clients: z
    .strictObject({
      allow: described(z.array(macPrefix), 'MAC addresses or prefixes to answer; empty answers every client').default(
        [],
      ),
      deny: described(z.array(macPrefix), 'MAC addresses or prefixes never to answer').default([]),
    })
    .prefault({}),
  dhcp: dhcp.prefault({}),
  ipv6: ipv6Schema.prefault({}),
  ...machineKeys,
  boot: boot.prefault({}),
  tftp: tftp.prefault({}),
  http: http.prefault({}),
  https: https.prefault({}),
  telemetry: telemetry.prefault({}),
  state: described(
    z.union([z.null(), z.string().min(1)]),
    'the folder for leases, captures and the journal, relative to the lab file, or null for the one of this system',
  ).default(null),
  runAs: described(
    z.union([z.null(), z.string().regex(/^[\w.-]+\$?(:[\w.-]+\$?)?$/, 'is not a user or user:group')]),
    'the user, or user:group, that the responder becomes when root has opened its ports, such as nobody or "998:998"; root stays root; null means the owner of the lab file where sudo started it',
  ).default(null),
})

/** The same as JSON Schema, for completion in an editor. */
export const labJsonSchema = (): unknown => z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any' })

export type Lab = z.infer<typeof labSchema>
export type LabInput = z.input<typeof labSchema>

/** UDP ports that files are sent from, first and last; undefined for any. */
export const transferPortsOf = ({
  tftp: { ports, singlePort },
  ports: { tftp: port },
}: Lab): readonly [number, number] | undefined =>
  singlePort ? [port, port] : ports === null ? undefined : parsePortRange(ports)

/** What facts of a machine say of the lab on it. */
export function labFactsOf(lab: Lab): { transferPorts?: [number, number]; ipv6Ports?: number[] } {
  const { mode, ipv6, ports, tftp } = lab
  const transfers = transferPortsOf(lab)
  return {
    ...(transfers ? { transferPorts: [...transfers] } : {}),
    ...(ipv6.enabled && mode !== 'listen'
      ? {
          ipv6Ports: [
            ...(mode === 'boot-server' ? [] : [ports.dhcp6]),
            ...(mode === 'dhcp' ? [] : [ports.bootServer]),
            ...(tftp.enabled ? [ports.tftp] : []),
          ],
        }
      : {}),
  }
}

/** Something wrong in a lab file: where, what is there, why it cannot stand, and what would. */
export const labProblemSchema = z.object({
  /** Counted from 1; 0 where the problem has no line. */
  line: z.int(),
  column: z.int(),
  /** Path of keys such as dhcp.subnets[0].pools[0].start. */
  field: z.string(),
  value: z.string(),
  message: phraseSchema,
  remedy: phraseSchema,
})
export type LabProblem = z.infer<typeof labProblemSchema>
