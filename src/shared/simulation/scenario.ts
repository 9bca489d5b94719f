/**
 * A scenario as a schema: the network, what runs on it, who boots, what is to be learned. Each description says what may be
 * written; error messages use it as the remedy.
 */
import type { Places } from '#messages/local-texts.ts'
import { z } from 'zod'
import { parseIpv4, parseIpv4Network, parseMac } from '../wire/bytes.ts'
import { OptionValueError } from '../wire/dhcp/kinds.ts'
import { findOption } from '../wire/dhcp/options.ts'
import { encodeName } from '../wire/dns.ts'
import { encodeOptionValue6 } from '../wire/dhcpv6/encode.ts'
import { findDhcp6OptionDefinition } from '../wire/dhcpv6/options.ts'
import { parseIpv6Network, plainIpv6 } from '../wire/ip-address.ts'
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { firmwareNames } from '../machines/pxe-client/firmwares.ts'
import { programKinds } from '../machines/pxe-client/program-image.ts'
import { authorityIds } from '../wire/secure-boot/authorities.ts'
import { newestSbatLevel } from '../wire/secure-boot/sbat.ts'
import type { MachineTrust } from '../wire/secure-boot/trust.ts'
import { utcSeconds } from '../wire/time.ts'
import { tlsReleases, type TlsTrust } from '../machines/pxe-client/tls-trust.ts'
import { labSchema } from '../lab/lab.ts'

const described = <T extends z.ZodType>(schema: T, description: string): T => schema.describe(description)
const ipv4 = (what: string) =>
  described(
    z.string().refine((text) => parseIpv4(text) !== undefined, 'is not an IPv4 address'),
    what,
  )
const ipv6 = (what: string) =>
  described(
    z.string().refine((text) => plainIpv6(text) !== undefined, 'is not an IPv6 address'),
    what,
  )
const network6 = (what: string) =>
  described(
    z.string().refine((text) => parseIpv6Network(text) !== undefined, 'is not an IPv6 network'),
    what,
  )
const mac = (what: string) =>
  described(
    z.string().refine((text) => parseMac(text) !== undefined, 'is not a MAC address'),
    what,
  )
const share = (what: string) => described(z.number().min(0).max(1), `the share of frames that ${what}, 0 to 1`)
const udpPort = (what: string) => described(z.int().min(1).max(65535), what)

const link = z.strictObject({
  latencyMs: described(z.number().min(0).max(10_000), 'the time a frame takes, in milliseconds').optional(),
  bandwidthMbit: described(z.number().positive(), 'megabits a second').optional(),
  loss: share('are lost').optional(),
  duplication: share('come twice').optional(),
  reordering: share('are overtaken').optional(),
  mtu: described(z.int().min(576).max(9216), 'bytes of an IP packet that pass, 576 to 9216').optional(),
  spanningTreeSeconds: described(
    z.number().min(0).max(120),
    'seconds for which the switch port blocks after the link came up, 30 without PortFast',
  ).optional(),
})
export type LinkInput = z.infer<typeof link>

const options = described(
  z.record(
    z.string().refine((name) => findOption(name) !== undefined, 'is no DHCP option'),
    z.union([z.null(), z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]),
  ),
  'DHCP options by number or name, such as { 60: PXEClient }; null leaves one out',
)

const program = z.strictObject({
  architecture: described(
    z.union([z.string(), z.int()]).refine((value) => ruleArchitectures(value).length > 0, 'is no architecture'),
    'bios, x64-uefi, arm64-uefi or a number of option 93',
  ).optional(),
  userClass: described(z.string().min(1), 'option 77 of the client, such as iPXE').optional(),
  vendorClass: described(z.string().min(1), 'how option 60 of the client begins').optional(),
  file: described(z.string().min(1), 'a path on the file server, or an address such as http://server/file'),
})

const service = {
  state: described(z.enum(['running', 'stopped']), 'running or stopped').default('running'),
  order: described(
    z.int().min(0).max(99),
    'when it starts among the services of its host, the lowest first',
  ).optional(),
}

const byClass = {
  policies: described(
    z.record(
      z.string().refine((text) => ruleArchitectures(text).length > 0, 'is no architecture'),
      options,
    ),
    'options by architecture, as DHCP policies set them: { x64-uefi: { 67: boot.efi } }',
  ).default({}),
  userClasses: described(
    z.record(z.string(), options),
    'options by user class (option 77): { iPXE: { 67: boot.ipxe } }',
  ).default({}),
}

const subnet = z.strictObject({
  subnet: described(
    z.string().refine((text) => parseIpv4Network(text) !== undefined, 'is not a network'),
    'a network such as 192.168.77.0/24',
  ),
  start: ipv4('the first address of the pool'),
  end: ipv4('the last address of the pool'),
  router: ipv4('the router (option 3)').optional(),
  options: options.optional(),
  ...byClass,
  reservations: z
    .array(
      z.strictObject({
        mac: mac('the machine it is kept for'),
        address: ipv4('the address kept for it'),
        options: options.optional(),
      }),
    )
    .default([]),
})

const dhcp = z.strictObject({
  type: z.literal('DHCPServer'),
  ...service,
  authorised: described(z.boolean(), 'whether Active Directory lists it; where not, it stays silent').default(true),
  leaseSeconds: described(z.int().min(60), 'seconds a client may keep its address').default(3600),
  nextServer: ipv4('siaddr of its replies').optional(),
  options: options.default({}),
  ...byClass,
  subnets: described(z.array(subnet), 'the networks it assigns addresses in').default([]),
  answersRelaysByBroadcast: described(
    z.boolean(),
    'a defect: replies to relayed clients go to 255.255.255.255 instead of to the relay',
  ).default(false),
})

const optionValue6 = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])

const canCarry6 = (options: Readonly<Record<string, z.infer<typeof optionValue6> | null>>): boolean =>
  Object.entries(options).every(([name, value]) => {
    const definition = findDhcp6OptionDefinition(name)
    if (!definition || value === null) return true
    try {
      return encodeOptionValue6(definition, value).length <= 0xffff
    } catch (error) {
      if (error instanceof OptionValueError) return false
      throw error
    }
  })

const options6 = described(
  z
    .record(
      z.string().refine((name) => findDhcp6OptionDefinition(name) !== undefined, 'is no DHCPv6 option'),
      z.union([z.null(), optionValue6]),
    )
    .refine(canCarry6, 'has a value that its option cannot carry'),
  'DHCPv6 options by number or name, such as { 59: "tftp://[2001:db8::10]/boot.efi" }',
)
export type Options6 = z.infer<typeof options6>

const dhcp6 = z.strictObject({
  type: z.literal('DHCPv6Server'),
  ...service,
  leaseSeconds: described(z.int().min(60), 'seconds a client may keep its address').default(3600),
  preference: described(z.int().min(0).max(255), 'option 7: clients take the highest, and 255 at once').default(0),
  options: options6.default({}),
  policies: described(
    z.record(
      z.string().refine((text) => ruleArchitectures(text).length > 0, 'is no architecture'),
      options6,
    ),
    'options by architecture (option 61): { x64-uefi: { 59: "tftp://[2001:db8::10]/boot.efi" } }',
  ).default({}),
  userClasses: described(
    z.record(z.string(), options6),
    'options by user class (option 15): { iPXE: { 59: "http://[2001:db8::10]/boot.ipxe" } }',
  ).default({}),
  httpClass: described(
    z.boolean(),
    'whether it sends machines that boot over HTTP the vendor class HTTPClient (option 16), without which they take no URL',
  ).default(true),
  subnets: described(
    z.array(
      z.strictObject({
        subnet: network6('an IPv6 network such as 2001:db8:77::/64'),
        start: ipv6('the first address of the pool').optional(),
        end: ipv6('the last address of the pool').optional(),
        options: options6.optional(),
      }),
    ),
    'the networks it answers in; one without start and end gives no addresses there (stateless DHCPv6)',
  ).default([]),
})

const routerAdvertisement = z.strictObject({
  type: z.literal('router-advertisement'),
  ...service,
  managed: described(z.boolean(), 'flag M: addresses are to be had by DHCPv6').default(true),
  other: described(z.boolean(), 'flag O: other settings are to be had by DHCPv6').default(false),
  autonomous: described(z.boolean(), 'flag A: machines make addresses of the prefix themselves').default(false),
  lifetimeSeconds: described(
    z.int().min(0).max(9000),
    'seconds it is a default router; 0 for one that forwards nothing',
  ).default(1800),
  intervalSeconds: described(z.int().min(4).max(1800), 'seconds between two advertisements').default(600),
  dns: described(z.array(ipv6('a DNS server')), 'DNS servers it names (RDNSS), which iPXE asks and UEFI firmware does not').default([]), // prettier-ignore
})

const tftpLimits = {
  maxBlockSize: described(z.int().min(512).max(65464), 'the largest block granted, in bytes').default(1468),
  maxWindowSize: described(z.int().min(1).max(65535), 'the largest window granted, in blocks').default(64),
}

const approval = z.strictObject({
  afterSeconds: described(
    z.union([z.null(), z.number().min(0)]),
    'seconds after which an administrator approves, or null for never',
  ).default(60),
  pollSeconds: described(z.int().min(1).max(3600), 'how often the client asks').default(10),
  message: described(z.string().max(200), 'the message from the administrator').default(
    'Please wait. Your administrator has been told.',
  ),
})

const windowsBoot = {
  answer: described(z.enum(['all', 'known', 'none']), 'all, known or none').default('all'),
  known: described(z.array(mac('a known machine')), 'hardware addresses of known machines').default([]),
  responseDelaySeconds: described(z.int().min(0).max(32), 'seconds a client must have waited').default(0),
  architectures: described(
    z.array(z.enum(['bios', 'x64-uefi', 'x86-uefi', 'arm64-uefi'])),
    'machines it has boot images for',
  ).default(['bios', 'x64-uefi']),
  tftpPorts: described(
    z.tuple([z.int().min(1024).max(65535), z.int().min(1024).max(65535)]),
    'the first and last port that TFTP data comes from, [64001, 65000] by default',
  ).default([64001, 65000]),
  blockSize: described(z.int().min(512).max(65464), 'ramdisktftpblocksize of the boot configuration').default(1456),
  windowSize: described(z.int().min(1).max(64), 'ramdisktftpwindowsize of the boot configuration').default(4),
  largestFile: described(z.int().min(2000), 'the size that no file is above, for quick runs').default(4_000_000),
  readFilter: described(
    z.array(z.string()),
    'ReadFilter: patterns of the names that clients may ask for; the folders of the service where it is left out',
  ).optional(),
  ...tftpLimits,
}

const wds = z.strictObject({
  type: z.literal('WDSServer'),
  ...service,
  useDhcpPorts: described(
    z.union([z.literal('default'), z.literal(0), z.literal(1)]),
    'UseDHCPPorts: 0, 1 or default, which is 1',
  ).default('default'),
  ...windowsBoot,
  prompt: described(z.enum(['optIn', 'noPrompt', 'optOut']), 'optIn asks for a key, noPrompt does not').default(
    'noPrompt',
  ),
  approval: approval.optional(),
})

const sccm = z.strictObject({
  type: z.literal('SccmPxe'),
  ...service,
  doNotListenOnDhcpPort: described(
    z.union([z.literal('default'), z.literal(0), z.literal(1)]),
    'DoNotListenOnDhcpPort: 0, 1 or default, which is 0',
  ).default('default'),
  deployment: described(
    z.enum(['required', 'available', 'none']),
    'the task sequence for this machine: required, available (asks for a key) or none',
  ).default('required'),
  ...windowsBoot,
})

const dns = z.strictObject({
  type: z.literal('DNS'),
  ...service,
  takes: described(
    z.union([z.null(), z.tuple([z.int().min(1024), z.int().max(65535)])]),
    'the range of UDP ports its socket pool sits on, or null for none that matters',
  ).default(null),
  names: described(
    z.record(
      z.string().refine((name) => encodeName(name) !== undefined, 'is no host name'),
      z
        .array(
          z
            .string()
            .refine((text) => plainIpv6(text) !== undefined || parseIpv4(text) !== undefined, 'is no IP address'),
        ) // prettier-ignore
        .min(1),
    ),
    'the names it knows, each with its addresses: { boot.example: ["2001:db8:77::10", 192.168.77.10] }; it answers nobody where it is left out',
  ).optional(),
})

const relay = z.strictObject({
  type: z.literal('relay'),
  ...service,
  helpers: described(
    z.record(z.string(), z.array(ipv4('a server that gets what clients of that segment broadcast'))),
    'helper addresses by segment: { clients: [10.0.0.10, 10.0.0.20] }',
  ).default({}),
  circuitId: described(z.string().max(32), 'adds option 82 with this circuit identifier').optional(),
  servers6: described(
    z.record(z.string(), z.array(ipv6('a DHCPv6 server that gets what clients of that segment send to the group'))),
    'DHCPv6 servers by segment: { clients: ["2001:db8:1::10"] }',
  ).default({}),
})

const proxyForm = {
  form: described(
    z.enum(['by-firmware', 'with-options', 'without-options']),
    'whether offers carry PXE options (option 43): by-firmware does what each firmware wants',
  ),
  menu: described(
    z.strictObject({
      prompt: z.string().min(1).default('PXE'),
      timeoutSeconds: z.int().min(0).max(255).default(0),
      items: z
        .array(
          z.strictObject({
            text: z.string().min(1),
            type: z.int().min(0).max(65535).optional(),
            file: z.string().optional(),
          }),
        )
        .min(1),
    }),
    'a boot menu: { prompt: Press F8, timeoutSeconds: 5, items: [{ text: Install }] }',
  ),
}

const proxy = z.strictObject({
  type: z.literal('proxy-dhcp'),
  ...service,
  programs: described(z.array(program), 'what each client loads, the first match wins').default([]),
  form: proxyForm.form.default('by-firmware'),
  nextServer: ipv4('another file server').optional(),
  menu: proxyForm.menu.optional(),
  byClient: described(
    z.array(
      z.strictObject({
        architecture: program.shape.architecture,
        userClass: program.shape.userClass,
        vendorClass: program.shape.vendorClass,
        form: proxyForm.form.optional(),
        menu: z.union([z.null(), proxyForm.menu]).optional(),
      }),
    ),
    'clients that are offered another form or menu, the first match wins: [{ architecture: bios, menu: { items: [{ text: Install }] } }]; menu: null leaves it out',
  ).default([]),
  bootServer: described(z.boolean(), 'whether it answers on port 4011 too').default(true),
})

const bootServer = z.strictObject({
  type: z.literal('boot-server'),
  ...service,
  programs: described(z.array(program), 'what each client loads, the first match wins').default([]),
  nextServer: ipv4('another file server').optional(),
})

const over6 = described(z.boolean(), 'whether it listens to IPv6 as well, where its host has IPv6')

const tftp = z.strictObject({
  type: z.literal('tftp'),
  ...service,
  ...tftpLimits,
  dataPorts: described(
    z.tuple([z.int().min(1024), z.int().max(65535)]),
    'the range of ports that data comes from',
  ).optional(),
  rollsOver: described(z.boolean(), 'whether it goes on after block 65535').default(true),
  grantsWindow: described(z.boolean(), 'whether it knows the option windowsize').default(true),
  grantsTimeout: described(z.boolean(), 'whether it knows the option timeout').default(true),
  over6: over6.default(true),
})

const date = (what: string) =>
  described(
    z.string().refine((text) => dateMsOf(text) !== undefined, 'is no date'),
    what,
  )

/** A date such as 2026-11-26 in milliseconds since 1970. */
export function dateMsOf(text: string): number | undefined {
  const match = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.exec(text)
  return match ? utcSeconds(Number(match[1]), Number(match[2]), Number(match[3]), 0, 0, 0) * 1000 : undefined
}

const serverTls = z.strictObject({
  authority: described(z.string().min(1).max(60), 'who issued its certificate').default('PXE Lab CA'),
  names: described(
    z.array(z.string().min(1)),
    'addresses and names in its certificate; the addresses of the host where it is left out',
  ).optional(),
  from: date('the first day on which the certificate is valid, such as 2026-01-01').default('2000-01-01'),
  until: date('the last day on which it is valid').default('2046-01-01'),
  keyType: described(z.enum(['RSA', 'EC']), 'RSA or EC').default('RSA'),
  keyBits: described(z.union([z.literal(2048), z.literal(3072), z.literal(4096)]), 'bits of an RSA key: 2048, 3072 or 4096').default(3072),
  versions: described(z.enum(['1.2', '1.3']), 'the oldest version of TLS it takes: 1.2 or 1.3').default('1.2'),
}) // prettier-ignore
export type ServerTls = z.infer<typeof serverTls>

const http = z.strictObject({
  type: z.literal('http'),
  ...service,
  port: described(z.int().min(1).max(65535), 'the TCP port; 443 with tls and 80 without where it is left out').optional(),
  tls: described(serverTls, 'HTTPS: its certificate and its versions of TLS; plain HTTP where it is left out').optional(),
  over6: over6.default(true),
}) // prettier-ignore

const responder = z.strictObject({
  type: z.literal('responder'),
  ...service,
  lab: described(labSchema, 'a lab file: what this product would do with it'),
})

const engine = z.strictObject({
  type: z.literal('engine'),
  ...service,
  files: described(
    z.record(z.string(), z.string()),
    'the configuration of a DHCP server as it stands in its files, such as { kea-dhcp4.conf: "..." }; it answers as that server does',
  ),
  names: described(
    z.record(z.string(), ipv4('the address of that name')),
    'addresses of host names in boot files, for there is no DNS here: { boot.example: 10.0.0.5 }',
  ).default({}),
})

const services = [
  dhcp,
  dhcp6,
  routerAdvertisement,
  wds,
  sccm,
  dns,
  relay,
  proxy,
  bootServer,
  tftp,
  http,
  responder,
  engine,
] as const
const serviceTypes = services.map((one) => one.shape.type.value)
const serviceSchema = z.discriminatedUnion('type', services)
export type ServiceConfiguration = z.infer<typeof serviceSchema>
export type ServiceOf<T extends ServiceConfiguration['type']> = Extract<ServiceConfiguration, { readonly type: T }>

/** The key of a service is its type, unless it says another. */
const withTypes = (value: unknown): unknown =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([key, one]): [string, unknown] => [
          key,
          one === null || typeof one === 'object'
            ? { type: (serviceTypes as readonly string[]).includes(key) ? key : undefined, ...one }
            : one,
        ]),
      )
    : value

const file = z.strictObject({
  size: described(z.int().min(0).max(0xffffffff), 'the size in bytes').optional(),
  text: described(z.string(), 'the content of a text file').optional(),
  program: described(z.enum(programKinds), `what runs: ${programKinds.join(', ')}`).optional(),
  architecture: described(
    z.string().refine((text) => ruleArchitectures(text).length > 0, 'is no architecture'),
    'the machine a program is for: bios, x64-uefi and so on',
  ).optional(),
  prints: described(z.array(z.string()), 'lines the program prints').optional(),
  loads: described(z.array(z.string()), 'files the program loads').optional(),
  afterwards: described(z.array(z.string()), 'lines it prints when they are there').optional(),
  server: ipv4('a file server built into the program').optional(),
  asksDhcp: described(z.boolean(), 'whether it asks DHCP where the firmware names no server').optional(),
  signed: described(
    z.boolean(),
    'whether it is signed at all; without signedBy by every authority of Microsoft',
  ).optional(),
  signedBy: described(
    z.array(z.string().min(1)),
    `who signed it: ${authorityIds.join(', ')}, or any other name`,
  ).optional(),
  sbat: described(z.record(z.string(), z.int().min(0)), 'its SBAT generations: { grub: 4 }').optional(),
  builtIn: described(z.array(z.string().min(1)), 'of shim: the authorities built into it').optional(),
  secondStage: described(z.string().min(1), 'of shim: the file that it loads from beside itself').optional(),
})
export type FileInput = z.infer<typeof file>

const host = z.strictObject({
  title: described(z.string().max(60), 'what people call it').optional(),
  kind: described(z.enum(['windows', 'linux', 'router', 'appliance']), 'windows, linux, router or appliance').default(
    'windows',
  ),
  on: described(
    z.record(z.string(), ipv4('its address there')),
    'the segments it is on, each with its address: { lan: 192.168.77.10 }',
  ),
  on6: described(
    z.record(z.string(), ipv6('its IPv6 address there')),
    'its IPv6 addresses by segment, beside those of `on`: { lan: "2001:db8:77::10" }',
  ).default({}),
  gateway: ipv4('its router').optional(),
  gateway6: ipv6('its router of IPv6').optional(),
  link: link.optional(),
  firewall: described(
    z.array(
      z.strictObject({
        direction: z.enum(['in', 'out', 'forward']).default('in'),
        protocol: z.enum(['udp', 'tcp']).default('udp'),
        port: z.union([udpPort('a port'), z.tuple([udpPort('the first port'), udpPort('the last port')])]),
        action: z.enum(['drop', 'reject']).default('drop'),
      }),
    ),
    'what its firewall does not let through: [{ direction: in, port: 4011 }]',
  ).default([]),
  tellsClosedPorts: described(
    z.boolean(),
    'whether it answers a closed port with ICMP; the firewall of Windows does not',
  ).optional(),
  services: z
    .preprocess(
      withTypes,
      described(z.record(z.string(), serviceSchema), 'its services by name: { WDSServer: { useDhcpPorts: 0 } }'),
    )
    .default({}),
  files: described(z.record(z.string(), file), 'the files it serves, by path').default({}),
})
export type HostInput = z.infer<typeof host>

const client = z.strictObject({
  title: described(z.string().max(60), 'what people call it').optional(),
  firmware: described(z.enum(firmwareNames), `one of ${firmwareNames.join(', ')}`),
  on: described(z.string(), 'the segment it is on'),
  count: described(z.int().min(1).max(100_000), 'how many of them there are').default(1),
  mac: mac('its hardware address').optional(),
  startSeconds: described(z.number().min(0).max(3600), 'when it is switched on').default(0),
  spreadSeconds: described(
    z.number().min(0).max(3600),
    'over how long they are switched on, one after another',
  ).default(0),
  pressesKey: described(z.boolean(), 'whether somebody presses the key that a boot program asks for').default(true),
  menuLine: described(z.int().min(0).max(50), 'the line of the boot menu that somebody chooses, from 0').optional(),
  secureBoot: described(z.boolean(), 'whether Secure Boot is on').default(false),
  trust: described(
    z.strictObject({
      db: described(
        z.array(z.string().min(1)),
        `who may sign (db): ${authorityIds.join(', ')}, or any other name`,
      ).optional(),
      dbx: described(z.array(z.string().min(1)), 'whose signatures are revoked (dbx)').optional(),
      mok: described(z.array(z.string().min(1)), 'keys of the owner, which shim takes (MOK)').optional(),
      sbat: described(
        z.record(z.string(), z.int().min(0)),
        'the least SBAT generation of each component (SbatLevel)',
      ).optional(),
    }),
    'with Secure Boot on, what the machine trusts; without it every authority of Microsoft, and the SBAT level of May 2025',
  ).optional(),
  https: described(
    z.strictObject({
      authorities: described(
        z.array(z.string().min(1)),
        'the authorities it trusts: of EDK2 those enrolled in its setup, of iPXE those of its build (TRUST)',
      ).default([]),
      release: described(z.enum(tlsReleases), `of EDK2: ${tlsReleases.join(', ')}; those since 2025.08 look at dates, and 2025.11 wants RSA keys of 3072 bits`).default('2022.11'),
      date: date('what its clock says, such as 2026-11-26').default('2026-11-26'),
    }),
    'whom it trusts over HTTPS; where it is left out nobody is enrolled in EDK2, and iPXE is built without HTTPS',
  ).optional(),
  link: link.optional(),
}) // prettier-ignore

/** Whom a machine trusts over TLS; undefined as it left the factory. */
export const tlsTrustOf = (https: z.infer<typeof client>['https']): TlsTrust | undefined =>
  https && { authorities: https.authorities, release: https.release, dateMs: dateMsOf(https.date)! }

/** What a machine trusts; what is not said is as on a machine of today. */
export const trustOf = ({ db, dbx, mok, sbat }: NonNullable<z.infer<typeof client>['trust']>): MachineTrust => ({
  db: db ?? authorityIds,
  dbx: dbx ?? [],
  mok: mok ?? [],
  sbatLevel: sbat ? { least: sbat } : newestSbatLevel,
})

export const expectationSchema = z.strictObject({
  outcome: described(z.enum(['booted', 'failed', 'local', 'waiting']), 'booted, failed, local or waiting'),
  code: described(z.string(), 'the code on the screen, such as PXE-E53').optional(),
})

export const changeSchema = z.strictObject({
  path: described(z.string().min(1), 'the setting, such as hosts.wds1.services.WDSServer.useDhcpPorts'),
  value: described(z.unknown(), 'its new value; null removes it'),
})
export type Change = z.infer<typeof changeSchema>

const repair = z.strictObject({
  title: described(z.string().min(1).max(120), 'what is done, in a few words'),
  says: described(z.string().max(400), 'why it repairs, or why it does not'),
  commands: described(z.array(z.string()), 'the commands that do it').default([]),
  set: described(z.array(changeSchema).min(1), 'the settings it changes'),
  isAccepted: described(z.boolean(), 'whether all clients boot afterwards'),
})
export type Repair = z.infer<typeof repair>

export const scenarioGroups = [
  'Normal boots',
  'Who answers',
  'Relays and firewalls',
  'File transfer',
  'Wrong program',
  'Network',
] as const

export const scenarioSchema = z.strictObject({
  title: described(z.string().min(1).max(80), 'the title'),
  group: described(z.enum(scenarioGroups), scenarioGroups.join(', ')),
  summary: described(z.string().min(1).max(500), 'what it shows, in a sentence or two'),
  goesWrong: described(z.string().max(800), 'what goes wrong, and why').optional(),
  look: described(z.array(z.string()), 'what to look for').default([]),
  hints: described(z.array(z.string()), 'hints, the vaguest first').default([]),
  seed: described(z.int().min(0).max(0xffffffff), 'what all randomness comes from').default(1),
  endSeconds: described(z.number().min(1).max(86_400), 'when the simulation ends at the latest').default(200),
  segments: described(
    z.record(
      z.string(),
      z.strictObject({
        network: described(
          z.string().refine((text) => parseIpv4Network(text) !== undefined, 'is not a network'),
          'its network such as 192.168.77.0/24',
        ),
        network6: network6(
          'its IPv6 network such as 2001:db8:77::/64; without it nothing there speaks IPv6',
        ).optional(),
        ipv6Router: described(
          z.boolean(),
          'where there is no network6: whether a router announces IPv6 there all the same; where none does, iPXE waits 16 seconds for it',
        ).default(true),
        vlan: described(z.int().min(1).max(4094), 'its VLAN number').optional(),
        dhcpSnooping: described(
          z.array(z.string()),
          'DHCP snooping: the hosts whose DHCP answers pass; all others are dropped',
        ).optional(),
      }),
    ),
    'the segments by name: { lan: { network: 192.168.77.0/24 } }',
  ),
  hosts: described(z.record(z.string(), host), 'the hosts by name').default({}),
  clients: described(z.record(z.string(), client), 'the machines that boot, by name'),
  expect: described(
    z.record(z.string(), expectationSchema),
    'how each client ends before anything is repaired',
  ).default({}),
  repairs: described(z.array(repair), 'what a person may try, right and wrong').default([]),
})
/** What of a scenario a person reads. */
export const scenarioTexts: Places = {
  title: true,
  summary: true,
  goesWrong: true,
  look: true,
  hints: true,
  hosts: { '*': { title: true } },
  clients: { '*': { title: true } },
  repairs: { '*': { title: true, says: true } },
}

/** The same as JSON Schema, for completion in an editor. */
export const scenarioJsonSchema = (): unknown => z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' })

export type Scenario = z.infer<typeof scenarioSchema>
export type ScenarioInput = z.input<typeof scenarioSchema>
