import { describe, expect, test } from 'vitest'
import { architectures } from '#shared/wire/iana/architecture.ts'
import { kinds } from '#shared/wire/dhcp/kinds.ts'
import { BootServer } from '#shared/machines/boot-server.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { strictly, type StrictReply } from '../helpers/strict-reply.ts'

const self = '192.168.77.1'
const interfaces = [{ name: 'eth0', address: ip(self), prefixLength: 24, mtu: 1500 }]
const lab = (changes: Partial<LabInput> = {}) =>
  labSchema.parse({
    interface: 'eth0',
    mode: 'dhcp',
    dhcp: {
      subnets: ['192.168.77', '192.168.78'].map((network) => ({
        subnet: `${network}.0/24`,
        pools: [{ start: `${network}.100`, end: `${network}.199` }],
        router: `${network}.1`,
        dns: [self],
      })),
    },
    boot: {
      programs: [
        { userClass: 'iPXE', file: 'menu.ipxe' },
        ...architectures
          .filter((one) => !one.isHttp)
          .map(({ code, key }) => ({ architecture: code, file: `${key}/boot.bin` })),
        ...architectures
          .filter((one) => one.isHttp)
          .map(({ code, key }) => ({ architecture: code, file: `${key}/boot.efi` })),
      ],
    },
    http: { enabled: true },
    ...changes,
  })

/** What PXE firmware asks for: EDK2's and old ROMs' list, router and DNS behind 66 and 67 too. */
const requestLists = {
  edk2: [
    1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 135,
  ],
  'boot first': [66, 67, 3, 6, 1, 15, 17],
  none: undefined,
} as const

const clients = architectures.flatMap((architecture) =>
  Object.entries(requestLists).map(([name, list]): [string, Omit<ClientRequest, 'type'>] => [
    `${architecture.key}, list ${name}`,
    {
      ...pxe(architecture.code),
      ...(architecture.isHttp
        ? { vendorClass: `HTTPClient:Arch:${String(architecture.code).padStart(5, '0')}:UNDI:003016` }
        : {}),
      options: [
        { code: 57, data: Uint8Array.of(5, 192) },
        ...(list ? [{ code: 55, data: Uint8Array.from(list) }] : []),
      ],
    },
  ]),
)

function fromDhcp(one: ClientRequest, configuration = lab()): StrictReply {
  const server = new DhcpServer(dhcpConfigurationOf(configuration, interfaces))
  server.handle(arriving(request(one)), 0)
  const answer = server.pollTransmit()
  if (!answer) throw new Error(`no answer: ${JSON.stringify(server.pollEvent())}`)
  return strictly(answer.payload)
}

function fromMachine(machine: ProxyDhcp | BootServer, one: ClientRequest): StrictReply | undefined {
  machine.handle(arriving(request(one)))
  const answer = machine.pollTransmit()
  return answer && strictly(answer.payload)
}

const { boot, ports, filter } = dhcpConfigurationOf(lab(), interfaces)
const shared = { interfaces, ports, filter, boot: boot! }

describe('no reply loses an option to a client that writes into it or reads past one', () => {
  test.each(clients)('%s', (_, client) => {
    const forms = {
      offer: fromDhcp({ ...client, type: 'discover' }),
      'offer through a relay': fromDhcp({ ...client, type: 'discover', giaddr: '192.168.78.1', options: [...client.options!, { code: 82, data: Uint8Array.of(1, 2, 7, 7) }] }), // prettier-ignore
      ack: fromDhcp({ ...client, type: 'request', server: self, requested: '192.168.77.100' }),
      inform: fromDhcp({ ...client, type: 'inform', ciaddr: '192.168.77.7' }),
      nak: fromDhcp({ ...client, type: 'request', requested: '10.9.9.9' }),
      proxy: fromMachine(new ProxyDhcp({ ...shared, form: 'with-options' }), { ...client, type: 'discover' })!,
      'proxy by firmware': fromMachine(new ProxyDhcp(shared), { ...client, type: 'discover' })!,
      4011: fromMachine(new BootServer(shared), { ...client, type: 'request', ciaddr: '192.168.77.100' }),
    }
    for (const [form, reply] of Object.entries(forms)) expect(reply?.problems ?? [], form).toEqual([])
    expect(forms.offer.file).not.toBe('')
    for (const reply of [forms.offer, forms.ack, forms.proxy])
      if (reply.options.has(67)) expect([...reply.options.get(67)!].at(-1)).toBe(0)
  })

  test('GRUB on UEFI still finds router and DNS server behind option 67', () => {
    const { options } = fromDhcp({
      type: 'discover',
      ...pxe(7),
      options: [{ code: 55, data: Uint8Array.of(67, 3, 6) }],
    })
    expect([...options.keys()]).toEqual(expect.arrayContaining([67, 3, 6]))
    expect(Buffer.from(options.get(67)!).toString()).toBe('x64-uefi/boot.bin\0')
  })

  test('options of the lab file that are boot names end the same way', () => {
    const names = lab({ dhcp: { ...lab().dhcp, options: { 66: '10.0.0.9', 67: 'other.efi', 252: '\\Boot\\BCD', 209: 'pxelinux.cfg/x', 17: '/srv' } } }) // prettier-ignore
    const { options, problems, file } = fromDhcp({ type: 'discover' }, names)
    expect(problems).toEqual([])
    expect(file).toBe('other.efi')
    for (const [code, text] of [
      [66, '10.0.0.9\0'],
      [67, 'other.efi\0'],
      [252, '\\Boot\\BCD\0'],
      [209, 'pxelinux.cfg/x'],
      [17, '/srv'],
    ] as const)
      // prettier-ignore
      expect(Buffer.from(options.get(code)!).toString()).toBe(text)
  })

  test('the path of a boot configuration reaches a boot ROM that does not ask for it; the address of a web proxy does not', () => {
    const told = (value: string): Uint8Array | undefined => {
      const own = lab({ dhcp: { ...lab().dhcp, architectures: { bios: { options: { 252: value } } } } })
      const asked = { options: [{ code: 55, data: Uint8Array.of(1, 3, 67) }] }
      expect(fromDhcp({ type: 'discover', ...pxe(7), ...asked }, own).options.has(252)).toBe(false)
      return fromDhcp({ type: 'discover', ...pxe(0), ...asked }, own).options.get(252)
    }
    expect(Buffer.from(told('\\Boot\\BIOS\\BCD')!).toString()).toBe('\\Boot\\BIOS\\BCD\0')
    expect(told('http://10.0.0.9/wpad.dat')).toBeUndefined()
  })

  test('the checks see what they are for', () => {
    const server = new DhcpServer(dhcpConfigurationOf(lab(), interfaces))
    server.handle(
      arriving(request({ type: 'discover', ...pxe(7), options: [{ code: 55, data: Uint8Array.of(67, 3) }] })),
      0,
    )
    const { payload } = server.pollTransmit()!
    // The same without the NUL, as it was: EDK2 writes one over the code of option 3.
    const at = payload.findIndex((octet, index) => octet === 67 && payload[index + 1] === 18)
    const bare = Uint8Array.from([...payload.subarray(0, at + 1), 17, ...payload.subarray(at + 2, at + 19), ...payload.subarray(at + 20), 0]) // prettier-ignore
    expect(strictly(bare).problems).toContain('EDK2 destroys the option behind option 67')
  })

  test('a name that one run cannot hold is refused, since EDK2 reads the first run only', () => {
    expect(kinds.terminatedText.encode('x'.repeat(254))).toHaveLength(255)
    expect(() => kinds.terminatedText.encode('x'.repeat(255))).toThrow('254')
    const named = (file: string): Partial<LabInput> => ({ boot: { programs: [{ file }] } })
    expect(() => lab(named('x'.repeat(255)))).toThrow('is longer than 254 bytes')
    const longest = fromDhcp({ type: 'discover', ...pxe(7), options: [{ code: 57, data: Uint8Array.of(5, 192) }] }, lab(named('x'.repeat(254)))) // prettier-ignore
    expect(longest).toMatchObject({ problems: [], file: '' })
    expect(longest.options.get(67)).toHaveLength(255)
    // As an address it is longer than the name.
    const web = { ...pxe(16), vendorClass: 'HTTPClient:Arch:00016:UNDI:003016' }
    const { options, file } = fromDhcp({ type: 'discover', ...web }, lab({ ...named('x'.repeat(254)), http: { enabled: true } })) // prettier-ignore
    expect([options.has(67), file]).toEqual([false, ''])
  })
})
