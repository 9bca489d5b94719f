/** Replies to generated clients under generated lab files, read by the package `dhcp` and by a strict check of its own. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfU16, concatBytes, encodeText } from '#shared/wire/bytes.ts'
import { architectureOf, architectures } from '#shared/wire/iana/architecture.ts'
import { encodeDhcp, type DhcpMessage, type DhcpOption } from '#shared/wire/dhcp/message.ts'
import { decodeSpace } from '#shared/wire/dhcp/spaces.ts'
import { bootConfigurationOf, dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { BootServer } from '#shared/machines/boot-server.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import type { OutgoingDatagram } from '#shared/machines/machine.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { SeenWhereabouts } from '#shared/machines/whereabouts.ts'
import { arriving, ip, request } from '../helpers/dhcp.ts'
import { strictly } from '../helpers/strict-reply.ts'

const self = '192.168.77.1'
const interfaces = [{ name: 'eth0', address: ip(self), prefixLength: 24, mtu: 1500 }]

/** The common ones more often. */
const codes = fc.oneof(fc.constantFrom(0, 7, 16, 22, 41), fc.constantFrom(...architectures.map((one) => one.code), 999))
const macs = fc.constantFrom('52:54:00:77:00:01', 'b8:27:eb:00:00:01', 'dc:a6:32:00:00:02', '02:00:00:00:00:03')
const classes = fc.constantFrom(
  undefined, 'PXEClient', 'PXEClient:Arch:00000:UNDI:002001', 'PXEClient:Arch:00007:UNDI:003016', 'HTTPClient:Arch:00016:UNDI:003016',
  'U-Boot.armv8', 'MSFT 5.0', 'udhcp 1.36.1',
) // prettier-ignore
const option = (code: number, data: Uint8Array): DhcpOption => ({ code, data })

const client = fc.record({
  kind: fc.constantFrom('discover', 'request', 'inform', 'bootp'),
  mac: macs,
  architectures: fc.array(codes, { maxLength: 3 }),
  vendorClass: classes,
  userClass: fc.constantFrom(undefined, 'iPXE', 'ipxe', '\u0004iPXE', 'iPXE\0', 'gPXE', '\u0003lab'),
  uuid: fc.constantFrom(undefined, '44444444-4444-4444-4444-444444444444', '6c616221-0000-4000-8000-525400770003'),
  wants: fc.option(fc.uniqueArray(fc.constantFrom(1, 2, 3, 6, 12, 15, 17, 26, 42, 43, 51, 54, 58, 60, 66, 67, 97, 128, 209, 210, 252))), // prettier-ignore
  most: fc.option(fc.integer({ min: 0, max: 1500 })),
  relay: fc.constantFrom(undefined, '192.168.77.9', '10.1.0.1'),
  circuit: fc.option(fc.constantFrom('ge-0/0/7', 'x'.repeat(200))),
  named: fc.constantFrom('', 'vmunix'),
})
type Client = typeof client extends fc.Arbitrary<infer T> ? T : never

function asked(one: Client): DhcpMessage {
  const list = (code: number, data: Uint8Array | undefined): DhcpOption[] => (data ? [option(code, data)] : [])
  const isBootp = one.kind === 'bootp'
  const message = request({
    type: isBootp ? 'discover' : (one.kind as 'discover'),
    mac: one.mac,
    ...(one.relay === undefined ? {} : { giaddr: one.relay }),
    ...(one.vendorClass === undefined ? {} : { vendorClass: one.vendorClass }),
    ...(one.userClass === undefined ? {} : { userClass: one.userClass }),
    ...(one.uuid === undefined ? {} : { uuid: one.uuid }),
    ...(one.kind === 'request' ? { requested: one.relay === '10.1.0.1' ? '10.1.0.100' : '192.168.77.100', server: self } : {}), // prettier-ignore
    ...(one.kind === 'inform' ? { ciaddr: '192.168.77.66' } : {}),
    options: [
      ...list(93, one.architectures.length > 0 ? concatBytes(one.architectures.map(bytesOfU16)) : undefined),
      ...list(55, one.wants && one.wants.length > 0 ? Uint8Array.from(one.wants) : undefined),
      ...list(57, one.most === null ? undefined : bytesOfU16(one.most)),
      ...list(82, one.relay === undefined || one.circuit === null ? undefined : concatBytes([Uint8Array.of(1, one.circuit.length), encodeText(one.circuit)])), // prettier-ignore
    ],
  })
  const file = new Uint8Array(128)
  file.set(encodeText(one.named))
  return isBootp
    ? { ...message, file, options: message.options.filter(({ code }) => ![53, 55, 57].includes(code)) }
    : message
}

/** One condition or none: with more hardly any rule would match. */
const conditions = fc.oneof(
  fc.constant({}),
  fc.record({ architecture: fc.oneof(codes, fc.constantFrom('bios', 'x64-uefi', 'arm-rpiboot'), fc.array(codes, { minLength: 1, maxLength: 2 })) }), // prettier-ignore
  fc.record({ vendorClass: fc.constantFrom('PXEClient', 'HTTPClient', 'U-Boot') }),
  fc.record({ userClass: fc.constantFrom('iPXE', 'lab') }),
  fc.record({ mac: fc.constantFrom('52:54:00', 'b8:27:eb') }),
  fc.record({ subnet: fc.constantFrom('192.168.77.0/24', '10.1.0.0/16') }),
  fc.record({ relay: fc.constantFrom('10.1.0.1', '192.168.77.0/24') }),
  fc.record({ circuitId: fc.constantFrom('ge-0/0/7', '0x6765') }),
)
const files = fc.constantFrom('a.0', 'undionly.kpxe', 'EFI\\BOOT\\x.efi', 'http://10.0.0.9/x.efi', `${'d/'.repeat(60)}long.efi`, 'e'.repeat(200), 'f'.repeat(254)) // prettier-ignore
const outcome = fc.record(
  {
    nextServer: fc.constantFrom('192.168.77.8', '10.0.0.9'),
    protocol: fc.constantFrom('http' as const, 'tftp' as const),
    rootPath: fc.constantFrom('/srv/nfs', 'r'.repeat(255)),
    raspberryPi: fc.boolean(),
    replyDelaySeconds: fc.constantFrom(0, 0.5, 10),
  },
  { requiredKeys: [] },
)
const items = fc.array(
  fc.record({ text: fc.constantFrom('Install', 'Raspberry Pi Boot', 'm'.repeat(60)), file: files }, { requiredKeys: ['text'] }),
  { minLength: 1, maxLength: 2 },
) // prettier-ignore
const menu = fc.record({ items, timeoutSeconds: fc.constantFrom(0, 255) }, { requiredKeys: ['items'] })
const labs = fc
  .record({
    programs: fc.array(fc.tuple(conditions, outcome, files).map(([a, b, file]) => ({ ...a, ...b, file })), { maxLength: 4 }), // prettier-ignore
    menus: fc.array(fc.tuple(conditions, menu).map(([a, b]) => ({ ...a, ...b })), { maxLength: 2 }),
    menu: fc.option(menu, { nil: undefined }),
    http: fc.boolean(),
    bootp: fc.constantFrom('off' as const, 'reservations' as const, 'pools' as const),
    vendorClass: fc.constantFrom('none', 'PXEClient'),
    options: fc.constantFrom({}, { 66: '10.0.0.9', 67: 'configured.efi' }, { 15: 'n'.repeat(200), 252: '\\Boot\\BCD', 209: 'cfg', 42: self }), // prettier-ignore
    dns: fc.array(fc.constantFrom(self, '9.9.9.9'), { maxLength: 12 }),
  })
  .map(({ programs, menus, menu: plain, http, bootp, vendorClass, options, dns }) =>
    labSchema.parse({
      interface: 'eth0',
      mode: 'dhcp',
      dhcp: {
        bootp,
        vendorClass,
        options,
        subnets: [
          { subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }], router: self, dns, reservations: [{ mac: '52:54:00:77:00:01', address: '192.168.77.50', hostname: 'bench' }] },
          { subnet: '10.1.0.0/16', pools: [{ start: '10.1.0.100', end: '10.1.0.199' }], router: '10.1.0.1', dns },
        ],
      },
      boot: { programs, menus, ...(plain ? { menu: plain } : {}) },
      http: { enabled: http },
    } satisfies LabInput),
  ) // prettier-ignore

test('every reply is what the strictest and the least careful client can read', () => {
  const counted = new Map<string, number>()
  fc.assert(
    fc.property(client, labs, (one, lab) => {
      const message = asked(one)
      const identity = identityOf(message)
      const seen = new SeenWhereabouts()
      const shared = { interfaces, ports: lab.ports, filter: lab.clients, boot: bootConfigurationOf(lab), seen }
      const dhcp = new DhcpServer({ ...dhcpConfigurationOf(lab, interfaces), seen })
      const proxy = new ProxyDhcp(shared)
      const bootServer = new BootServer(shared)
      const datagram = { ...arriving(message), payload: encodeDhcp(message) }
      dhcp.handle(datagram, 0)
      proxy.handle(datagram)
      const type = option(53, Uint8Array.of(3))
      const options = [type, ...message.options.filter(({ code }) => ![53, 82].includes(code))]
      bootServer.handle(arriving({ ...message, giaddr: 0, ciaddr: ip('192.168.77.100'), options }))
      const replies: [string, OutgoingDatagram | undefined][] = [
        [`dhcp ${one.kind}`, dhcp.pollTransmit()],
        ['proxy', proxy.pollTransmit()],
        ['4011', bootServer.pollTransmit()],
      ]
      // Nobody who asks for an address is left without a word.
      if (!replies[0]![1]) expect(dhcp.pollEvent()).toMatchObject({ reason: expect.any(String) })
      const agent = one.relay === undefined || one.circuit === null ? 0 : one.circuit.length + 4
      const longest = Math.min((one.most === null ? 576 : Math.max(576, one.most)) + agent, 1500) - 28
      for (const [form, reply] of replies) {
        if (!reply) continue
        counted.set(form, (counted.get(form) ?? 0) + 1)
        const isBootp = form === 'dhcp bootp'
        const read = strictly(reply.payload, form.startsWith('dhcp') && !isBootp ? longest : 1472)
        expect(read.problems, form).toEqual([])
        const { options: got } = read
        expect(got.has(53), form).toBe(!isBootp)
        if (isBootp && one.circuit === null) expect(reply.payload).toHaveLength(300)
        const menuShown = got.has(43) ? decodeSpace('pxe', got.get(43)!).subOptions.filter(({ code }) => code === 9) : [] // prettier-ignore
        const isUefi = identity.architectures.some((code) => architectureOf(code)?.boot === 'uefi')
        if (identity.boot !== 'pxe' || (identity.isIpxe && isUefi)) expect(menuShown, form).toEqual([])
        // A file is nothing without a server.
        const siaddr = new DataView(reply.payload.buffer, reply.payload.byteOffset).getUint32(20)
        if (read.file !== '' || got.has(67)) expect(siaddr, form).not.toBe(0)
        expect(reply.delayMs === undefined || form === 'dhcp discover' || form === 'proxy', form).toBe(true)
        // HTTP boot takes an address, which the lab file may give as it likes.
        if (identity.boot === 'http' && (read.file || got.has(67)))
          expect(read.file || Buffer.from(got.get(67)!).toString()).toMatch(/^http:|configured|^\w[^:]*$/)
      }
    }),
    { numRuns: 1500 },
  )
  for (const form of ['dhcp discover', 'dhcp request', 'dhcp inform', 'dhcp bootp', 'proxy', '4011'])
    expect(counted.get(form) ?? 0, form).toBeGreaterThan(30)
}, 60_000)
