/** What lab files and scenarios may hold: every default, and every limit at the last value that may stand and the first that may not. */
import { describe, expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import { valueAt } from '#shared/lab/schema-problems.ts'
import { scenarioSchema } from '#shared/simulation/scenario.ts'

const least = { interface: 'eth0' }

test('what a file does not say', () => {
  expect(labSchema.parse(least)).toEqual({
    interface: 'eth0',
    mode: 'listen',
    engine: null,
    ports: { dhcp: 67, tftp: 69, bootServer: 4011, dhcp6: 547 },
    allowOtherServers: false,
    autoStopMinutes: null,
    clients: { allow: [], deny: [] },
    dhcp: {
      leaseSeconds: 3600,
      authoritative: true,
      identity: 'mac',
      bootp: 'reservations',
      subnets: [],
      vendorClass: 'none',
    },
    ipv6: {
      enabled: false,
      mode: 'stateful',
      leaseSeconds: 3600,
      preference: 0,
      duid: null,
      subnets: [],
      routerAdvertisements: null,
    },
    boot: {
      files: './boot',
      nextServer: null,
      nextServer6: null,
      programs: [],
      menus: [],
      raspberryPi: null,
      templates: [],
    },
    variables: {},
    machines: [],
    groups: [],
    tftp: {
      enabled: true,
      maxBlockSize: 1468,
      maxWindowSize: 64,
      maxTransfers: 512,
      maxTransfersPerClient: 32,
      upload: null,
      ports: null,
      singlePort: false,
      maxUploadBytes: 1_073_741_824,
    },
    http: { enabled: false, port: 80 },
    https: { enabled: false, port: 443, host: null, certificate: null, key: null },
    role: null,
    wds: {
      answer: 'all',
      approve: false,
      pollSeconds: 10,
      message: 'Please wait. Your administrator has been told.',
      delaySeconds: 0,
      architectureDiscovery: true,
      prompt: 'noPrompt',
      architectures: ['bios', 'x64-uefi'],
      bcd: {},
      devices: [],
    },
    configmgr: {
      unknown: false,
      delaySeconds: 0,
      architectures: ['bios', 'x64-uefi'],
      bcd: {},
      devices: [],
      deployments: [],
    },
    state: null,
    telemetry: { prometheus: null, otlp: null, webhooks: [], log: null },
    runAs: null,
  })
  expect(labSchema.parse({ ...least, boot: { menu: { items: [{ text: 'a' }] } } }).boot.menu).toEqual({
    prompt: 'Press F8 for the boot menu',
    timeoutSeconds: 5,
    items: [{ text: 'a' }],
  })
})

/** Puts a value at a path into the smallest lab file. */
function withValue(path: string, value: unknown): unknown {
  const whole = path
    .split('.')
    .reverse()
    .reduce<unknown>((inner, key) => (key === '0' ? [inner] : { ...beside[key], [key]: inner }), value)
  return { ...least, ...(whole as object) }
}
/** What has to stand beside a key. */
const beside: Readonly<Record<string, object>> = {
  pools: { subnet: '10.0.0.0/24' },
  reservations: { subnet: '10.0.0.0/24' },
  type: { text: 'a' },
  timeoutSeconds: { items: [{ text: 'a' }] },
  multicast: { items: [{ text: 'a' }] },
  prompt: { items: [{ text: 'a' }] },
  hostname: { address: '10.0.0.1', uuid: '6c616221-0000-4000-8000-525400770003' },
  mac: { address: '10.0.0.1' },
  clientId: { address: '10.0.0.1' },
}

describe('limits', () => {
  const subnet6 = (subnet: string, more: object = {}): unknown => [{ subnet, reservations: [], ...more }]
  const letters = (length: number): string => 'x'.repeat(length)
  test.each<[path: string, accepted: unknown[], refused: unknown[]]>([
    ...['dhcp', 'tftp', 'bootServer', 'dhcp6'].map((name): [string, unknown[], unknown[]] => [`ports.${name}`, [1, 65_535], [0, 65_536, 1.5]]),
    ['http.port', [1, 65_535], [0, 65_536]],
    ['autoStopMinutes', [null, 1, 10_080], [0, 10_081]],
    ['dhcp.leaseSeconds', [60, 0xffff_ffff], [59, 0x1_0000_0000]],
    ['dhcp.vendorClass', ['x'], ['']],
    ['tftp.maxBlockSize', [512, 65_464], [511, 65_465]],
    ['tftp.maxWindowSize', [1, 65_535], [0, 65_536]],
    ['tftp.maxTransfers', [1, 4096], [0, 4097]],
    ['tftp.maxTransfersPerClient', [1, 4096], [0, 4097]],
    ['tftp.maxUploadBytes', [1], [0]],
    ['tftp.upload', [null, 'x'], ['']],
    ['boot.menu.timeoutSeconds', [0, 255], [-1, 256]],
    ['boot.menu.prompt', ['x', letters(200)], ['', letters(201)]],
    ['boot.menu.items', [[{ text: letters(60) }]], [[], [{ text: '' }], [{ text: letters(61) }]]],
    ['boot.menu.items.0.type', [0, 65_535], [-1, 65_536]],
    ['boot.menu.multicast', ['224.0.1.2'], ['224.0.1']],
    ['boot.files', ['x'], ['']],
    ['boot.nextServer', [null, '10.0.0.1'], ['here']],
    // RFC 2132 counts an option's length in one octet; a name ends with a zero.
    ['boot.programs.0.file', ['x', letters(254)], ['', letters(255)]],
    ['dhcp.subnets.0.subnet', ['10.0.0.0/24'], ['10.0.0.1/24', '10.0.0.0']],
    ['dhcp.subnets.0.pools', [[{ start: '10.0.0.1', end: '10.0.0.2' }]], [[{ start: '10.0.0.1' }], [{ start: 'x', end: '10.0.0.2' }]]],
    ['dhcp.subnets.0.reservations.0.hostname', ['x', letters(63)], ['', letters(64)]],
    ['dhcp.subnets.0.reservations.0.mac', ['52:54:00:00:00:01'], ['52:54:00']],
    ['dhcp.subnets.0.reservations.0.clientId', ['0152', '01:52', '01-52'], ['01', 'xx', '015']],
    ['dhcp.subnets.0.reservations', [[]], [[{ address: '10.0.0.1' }]]],
    ['ipv6.leaseSeconds', [60, 0xffff_ffff], [59, 0x1_0000_0000]],
    ['ipv6.preference', [0, 255], [-1, 256]],
    ['ipv6.duid', [null, '00:03:00:01:52:54:00:00:00:01', '000400', '00'.repeat(130)], ['0003', '00'.repeat(131), 'x']],
    ['ipv6.subnets', [subnet6('fd00:77::/64'), subnet6('2001:db8::/32'), subnet6('::/0')], [subnet6('fd00:77::1/64'), subnet6('fd00:77::'), subnet6('fd00:77::/129'), subnet6('10.0.0.0/24')]],
    ['ipv6.subnets', [subnet6('fd00::/64', { pools: [] }), subnet6('fd00::/64', { pools: [{ start: 'fd00::1', end: 'fd00::2' }] })], [subnet6('fd00::/64', { pools: [{ start: 'fd00::1' }] }), subnet6('fd00::/64', { pools: [{ start: '10.0.0.1', end: 'fd00::2' }] })]],
    ['ipv6.subnets', [subnet6('fd00::/64', { domains: ['lab.example.com', 'a'] })], [subnet6('fd00::/64', { domains: ['a..b'] }), subnet6('fd00::/64', { domains: ['-a'] }), subnet6('fd00::/64', { reservations: [{ address: 'fd00::1' }] })]],
    ['ipv6.options', [{ 31: 'fd00::1' }, { 'sntp-servers': ['fd00::1'] }, { 65000: '0x01' }], [{ nothing: 1 }, { 0: '0x' }, { 65536: '0x' }]],
    ['ipv6.routerAdvertisements', [null], [true]],
    ['boot.nextServer6', [null, 'fd00::1'], ['10.0.0.1']],
    ['boot.programs', ['10.0.0.0/24', 'fd00::/64'].map((subnet) => [{ file: 'a', subnet }]), ['fd00::1/64', 'fd00::1'].map((subnet) => [{ file: 'a', subnet }])],
    ['boot.programs', ['10.0.0.1', '10.0.0.0/24', 'fd00::1', 'fd00::/64'].map((relay) => [{ file: 'a', relay }]), ['fd00::1/64', 'x'].map((relay) => [{ file: 'a', relay }])],
    ['dhcp.options', [{ 42: '10.0.0.1' }, { 'ntp-server': '10.0.0.1' }], [{ nothing: 1 }]],
    ['dhcp.architectures', [{ bios: { options: {} } }], [{ vax: { options: {} } }]],
    ['clients.allow', [[], ['52:54:00'], ['52:54:00:00:00:01']], [['5']]],
    ['interface', ['x', ['x']], ['', [], ['']]],
    ['mode', ['listen', 'dhcp', 'proxy-dhcp', 'boot-server'], ['dhcpd']],
    ['state', [null, 'x'], ['']],
    ['runAs', [null, 'nobody', '998:998', 'a.b-c_d$'], ['', 'a b', 'a:b:c']],
  ])('%s', (path, accepted, refused) => {
    for (const value of accepted) {
      const told = labSchema.safeParse(withValue(path, value))
      expect(told.error?.issues, JSON.stringify(value)).toBeUndefined()
      expect(valueAt(told.data, path.split('.'))).toEqual(value)
    }
    for (const value of refused) expect(labSchema.safeParse(withValue(path, value)).success, JSON.stringify(value)).toBe(false)
  }) // prettier-ignore
})

describe('scenarios', () => {
  const parse = (services: object, more: object = {}) =>
    scenarioSchema.safeParse({
      title: 't',
      group: 'Network',
      summary: 's',
      segments: { lan: { network: '10.0.0.0/24' } },
      hosts: { h: { on: { lan: '10.0.0.1' }, services } },
      clients: { pc: { firmware: 'bios', on: 'lan' } },
      ...more,
    })
  const windows = {
    state: 'running', answer: 'all', known: [], responseDelaySeconds: 0, architectures: ['bios', 'x64-uefi'], tftpPorts: [64_001, 65_000],
    blockSize: 1456, windowSize: 4, largestFile: 4_000_000, maxBlockSize: 1468, maxWindowSize: 64,
  } // prettier-ignore

  test('what they do not say', () => {
    const services = { DHCPServer: {}, DHCPv6Server: {}, 'router-advertisement': {}, WDSServer: { approval: {} }, SccmPxe: {}, DNS: {}, relay: { helpers: {}, servers6: {} }, 'proxy-dhcp': { menu: { items: [{ text: 'a' }] } }, 'boot-server': {}, tftp: {}, http: {} } // prettier-ignore
    expect(parse(services).data).toEqual({
      title: 't',
      group: 'Network',
      summary: 's',
      look: [],
      hints: [],
      seed: 1,
      endSeconds: 200,
      segments: { lan: { network: '10.0.0.0/24', ipv6Router: true } },
      hosts: {
        h: {
          kind: 'windows',
          on: { lan: '10.0.0.1' },
          on6: {},
          firewall: [],
          files: {},
          services: {
            DHCPServer: { type: 'DHCPServer', state: 'running', authorised: true, leaseSeconds: 3600, options: {}, policies: {}, userClasses: {}, subnets: [], answersRelaysByBroadcast: false },
            WDSServer: { type: 'WDSServer', ...windows, useDhcpPorts: 'default', prompt: 'noPrompt', approval: { afterSeconds: 60, pollSeconds: 10, message: 'Please wait. Your administrator has been told.' } },
            SccmPxe: { type: 'SccmPxe', ...windows, doNotListenOnDhcpPort: 'default', deployment: 'required' },
            DNS: { type: 'DNS', state: 'running', takes: null },
            DHCPv6Server: { type: 'DHCPv6Server', state: 'running', leaseSeconds: 3600, preference: 0, options: {}, policies: {}, userClasses: {}, httpClass: true, subnets: [] },
            'router-advertisement': { type: 'router-advertisement', state: 'running', managed: true, other: false, autonomous: false, lifetimeSeconds: 1800, intervalSeconds: 600, dns: [] },
            relay: { type: 'relay', state: 'running', helpers: {}, servers6: {} },
            'proxy-dhcp': { type: 'proxy-dhcp', state: 'running', programs: [], form: 'by-firmware', byClient: [], bootServer: true, menu: { prompt: 'PXE', timeoutSeconds: 0, items: [{ text: 'a' }] } },
            'boot-server': { type: 'boot-server', state: 'running', programs: [] },
            tftp: { type: 'tftp', state: 'running', maxBlockSize: 1468, maxWindowSize: 64, rollsOver: true, grantsWindow: true, grantsTimeout: true, over6: true },
            http: { type: 'http', state: 'running', over6: true },
          },
        },
      },
      clients: { pc: { firmware: 'bios', on: 'lan', count: 1, startSeconds: 0, spreadSeconds: 0, pressesKey: true, secureBoot: false } },
      expect: {},
      repairs: [],
    }) // prettier-ignore
    const [rule] = parse({}, { hosts: { h: { on: {}, firewall: [{ port: 69 }] } } }).data!.hosts['h']!.firewall
    expect(rule).toEqual({ direction: 'in', protocol: 'udp', port: 69, action: 'drop' })
  })

  test.each<[service: string, key: string, accepted: unknown[], refused: unknown[]]>([
    ['WDSServer', 'responseDelaySeconds', [0, 32], [-1, 33]],
    ['WDSServer', 'tftpPorts', [[1024, 65_535]], [[1023, 2000], [2000, 65_536]]],
    ['WDSServer', 'blockSize', [512, 65_464], [511, 65_465]],
    ['WDSServer', 'windowSize', [1, 64], [0, 65]],
    ['WDSServer', 'largestFile', [2000], [1999]],
    ['WDSServer', 'order', [0, 99], [-1, 100]],
    ['WDSServer', 'approval', [{ pollSeconds: 1, afterSeconds: null }, { pollSeconds: 3600 }, { message: 'x'.repeat(200) }], [{ pollSeconds: 0 }, { pollSeconds: 3601 }, { message: 'x'.repeat(201) }, { afterSeconds: -1 }]],
    ['DHCPServer', 'leaseSeconds', [60], [59]],
    ['DHCPServer', 'policies', [{ bios: {} }], [{ vax: {} }]],
    ['DHCPv6Server', 'subnets', [[{ subnet: 'fd00::/64' }], [{ subnet: 'fd00::/64', start: 'fd00::1', end: 'fd00::2' }]], [[{ subnet: 'fd00::1/64' }], [{ subnet: '10.0.0.0/24' }], [{ subnet: 'fd00::/64', start: '10.0.0.1' }]]],
    ['DHCPv6Server', 'options', [{ 59: 'tftp://[fd00::1]/a' }, { 'dns-servers': 'fd00::1' }, { 60: ['a', 1] }], [{ nothing: 1 }, { 'dns-servers': '10.0.0.1' }, { 59: '' }]],
    ['DHCPv6Server', 'preference', [0, 255], [-1, 256]],
    ['router-advertisement', 'lifetimeSeconds', [0, 9000], [-1, 9001]],
    ['relay', 'servers6', [{ lan: ['fd00::1'] }], [{ lan: ['10.0.0.1'] }]],
    ['tftp', 'dataPorts', [[1024, 65_535]], [[1023, 65_535], [1024, 65_536]]],
    ['tftp', 'maxWindowSize', [1, 65_535], [0, 65_536]],
    ['http', 'port', [1, 65_535], [0, 65_536]],
    ['DNS', 'takes', [null, [1024, 65_535]], [[1023, 2000], [1024, 65_536]]],
  ])('%s: %s', (service, key, accepted, refused) => {
    for (const value of accepted) expect(parse({ [service]: { [key]: value } }).success, JSON.stringify(value)).toBe(true)
    for (const value of refused) expect(parse({ [service]: { [key]: value } }).success, JSON.stringify(value)).toBe(false)
  }) // prettier-ignore

  test.each<[what: string, key: string, accepted: unknown[], refused: unknown[]]>([
    ['client', 'startSeconds', [0, 3600], [-1, 3601]],
    ['client', 'spreadSeconds', [0, 3600], [-1, 3601]],
    ['client', 'count', [1, 100_000], [0, 100_001]],
    ['client', 'menuLine', [0, 50], [-1, 51]],
    ['client', 'link', [{ latencyMs: 0, loss: 0, mtu: 576, spanningTreeSeconds: 0 }, { latencyMs: 10_000, loss: 1, mtu: 9216, spanningTreeSeconds: 120 }], [{ latencyMs: -1 }, { latencyMs: 10_001 }, { loss: 1.1 }, { loss: -0.1 }, { mtu: 575 }, { mtu: 9217 }, { bandwidthMbit: 0 }, { spanningTreeSeconds: 121 }]],
    ['scenario', 'seed', [0, 0xffff_ffff], [-1, 0x1_0000_0000]],
    ['scenario', 'endSeconds', [1, 86_400], [0, 86_401]],
    ['scenario', 'title', ['x'.repeat(80)], ['', 'x'.repeat(81)]],
    ['scenario', 'segments', [{ lan: { network: '10.0.0.0/24', vlan: 1 } }, { lan: { network: '10.0.0.0/24', vlan: 4094 } }], [{ lan: { network: '10.0.0.0/24', vlan: 0 } }, { lan: { network: '10.0.0.0/24', vlan: 4095 } }]],
  ])('a %s: %s', (what, key, accepted, refused) => {
    const of = (value: unknown): boolean =>
      parse({}, what === 'client' ? { clients: { pc: { firmware: 'bios', on: 'lan', [key]: value } } } : { [key]: value }).success
    expect(accepted.map(of)).toEqual(accepted.map(() => true))
    expect(refused.map(of)).toEqual(refused.map(() => false))
  }) // prettier-ignore
})
