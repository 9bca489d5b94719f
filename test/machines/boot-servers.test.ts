import { describe, expect, test } from 'vitest'
import { decodeText, formatIpv4, u32At } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, findOptionData, messageTypeOf, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { decodeSpace, encodePxeVendorOptions, readBootItem } from '#shared/wire/dhcp/spaces.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { bootConfigurationOf } from '#shared/lab/machine-configuration.ts'
import type { BootConfiguration, BootMenu } from '#shared/machines/boot-answer.ts'
import { BootServer, isBootServerDiscovery } from '#shared/machines/boot-server.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import type { Endpoint, IncomingDatagram } from '#shared/machines/machine.ts'
import { vector } from '../helpers/fixtures.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'

const boot: BootConfiguration = {
  programs: [
    { architecture: 'bios', file: 'undionly.kpxe' },
    { architecture: 'x64-uefi', file: 'grubx64.efi' },
    { architecture: 16, file: 'http://192.168.77.1/x.efi' },
  ],
  nextServer: undefined,
  menus: [],
  httpPort: undefined,
}
const menu: BootMenu = {
  prompt: 'Press F8',
  timeoutSeconds: 5,
  items: [
    { type: 0x8000, text: 'Install', file: 'install.0' },
    { type: 0x8001, text: 'By architecture' },
    { type: 0, text: 'Local disk' },
  ],
}
const base = {
  interfaces: [{ name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }],
  ports: { dhcp: 67, bootServer: 4011 },
  filter: { allow: [], deny: [] },
}

interface Answer {
  readonly reply: DhcpMessage | undefined
  readonly destination: Endpoint | undefined
  readonly sourcePort: number | undefined
  readonly event: { readonly type: string; readonly reason?: string; readonly form?: string } | undefined
}

function ask(machine: ProxyDhcp | BootServer, input: IncomingDatagram): Answer {
  machine.handle(input)
  const sent = machine.pollTransmit()
  return {
    reply: sent && decodeDhcp(sent.payload).message,
    destination: sent?.destination,
    sourcePort: sent?.sourcePort,
    event: sent?.event ?? machine.pollEvent(),
  }
}

const proxy = (one: ClientRequest, configuration = boot): Answer =>
  ask(new ProxyDhcp({ ...base, boot: configuration }), arriving(request(one)))
const text = (message: DhcpMessage, code: number): string => decodeText(findOptionData(message, code)!)

test('port 4011 and relayed proxy offers name the address that is in the network of who asks', () => {
  const own = (text: string) => ({ address: ip(text), prefixLength: 24 })
  const interfaces = [{ name: 'eth0', ...own('10.0.0.1'), others: [own('192.168.77.1')], mtu: 1500 }]
  const server = (answer: Answer): string => formatIpv4(u32At(findOptionData(answer.reply!, 54)!, 0))
  const ask4011 = (from: string): Answer =>
    ask(
      new BootServer({ ...base, interfaces, boot }),
      arriving(request({ type: 'request', ciaddr: from, ...pxe(0) }), {
        source: { address: ip(from), port: 68 },
        destinationPort: 4011,
      }),
    )
  expect(['192.168.77.50', '10.0.0.50', '172.16.0.9'].map((from) => server(ask4011(from)))).toEqual([
    '192.168.77.1',
    '10.0.0.1',
    '10.0.0.1',
  ])
  const relayed = arriving(request({ type: 'discover', giaddr: '192.168.77.3', ...pxe(0) }))
  expect(server(ask(new ProxyDhcp({ ...base, interfaces, boot }), relayed))).toBe('192.168.77.1')
})

describe('proxyDHCP on 67', () => {
  test('BIOS: option 43 {6:8} and the file, so that the ROM loads at once', () => {
    const { reply, event, destination } = proxy({ type: 'discover', ...pxe(0) })
    expect(reply).toMatchObject({ yiaddr: 0, siaddr: ip('192.168.77.1'), flags: 0x8000 })
    expect(text(reply!, 60)).toBe('PXEClient')
    expect([...findOptionData(reply!, 43)!]).toEqual([6, 1, 8, 255])
    expect(bootFileOf(reply!)).toBe('undionly.kpxe')
    expect(formatIpv4(u32At(findOptionData(reply!, 54)!, 0))).toBe('192.168.77.1')
    expect(reply!.options.map((one) => one.code)).not.toContain(51)
    expect(event).toMatchObject({ type: 'proxy-offered', form: 'file' })
    expect(destination).toEqual({ address: 0xffffffff, port: 68 })
  })

  test('UEFI: no option 43 and siaddr = self, so that it comes to 4011', () => {
    const { reply, event } = proxy({ type: 'discover', ...pxe(7) })
    expect(reply).toMatchObject({ yiaddr: 0, siaddr: ip('192.168.77.1') })
    expect(findOptionData(reply!, 43)).toBeUndefined()
    expect(bootFileOf(reply!)).toBe('')
    expect(findOptionData(reply!, 97)).toHaveLength(17)
    expect(event).toMatchObject({ form: 'ask-boot-server' })
  })

  test('HTTP boot: its own class and the address', () => {
    const { reply } = proxy({ type: 'discover', architecture: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' })
    expect(text(reply!, 60)).toBe('HTTPClient')
    expect(bootFileOf(reply!)).toBe('http://192.168.77.1/x.efi')
  })

  test('everyone else is left to the DHCP server: other clients, REQUESTs, clients without a program', () => {
    expect(proxy({ type: 'discover' })).toMatchObject({ reply: undefined, event: undefined })
    expect(proxy({ type: 'request', ...pxe(7), requested: '192.168.77.100', server: '192.168.77.2' })).toMatchObject({
      reply: undefined,
      event: undefined,
    })
    expect(proxy({ type: 'discover', ...pxe(27) })).toMatchObject({
      reply: undefined,
      event: { type: 'proxy-ignored' },
    })
  })

  test('through a relay the answer goes to the relay, to be broadcast', () => {
    const { reply, destination } = proxy({ type: 'discover', ...pxe(7), giaddr: '192.168.78.1', flags: 0 })
    expect(destination).toEqual({ address: ip('192.168.78.1'), port: 67 })
    expect(reply!.flags).toBe(0x8000)
  })

  test('a menu is offered with its servers, prompt and items (sub-options 6, 8, 9, 10, 7)', () => {
    const { reply, event } = proxy(
      { type: 'discover', ...pxe(7) },
      { ...boot, menus: [{ menu: { ...menu, multicastAddress: ip('224.0.1.2') } }] },
    )
    const subs = decodeSpace('pxe', findOptionData(reply!, 43)!).subOptions.map((one) => [one.name, one.text])
    expect(subs).toEqual([
      ['discovery-control', 'no broadcast discovery (1)'],
      ['discovery-multicast-address', '224.0.1.2'],
      ['boot-servers', 'type 32768: 192.168.77.1; type 32769: 192.168.77.1'],
      ['boot-menu', '32768 "Install", 32769 "By architecture", 0 "Local disk"'],
      ['menu-prompt', '"Press F8", wait 5 s'],
    ])
    expect(event).toMatchObject({ form: 'menu' })
  })
})

describe('the boot server on 4011', () => {
  const from = { source: { address: ip('192.168.77.50'), port: 4011 }, destinationPort: 4011 }
  const server = (configuration = boot): BootServer => new BootServer({ ...base, boot: configuration })
  const item = (type: number, layer = 0) => ({ code: 43, data: encodePxeVendorOptions({ bootItem: { type, layer } }) })

  test('answers a REQUEST at the port it came from, in the form every firmware takes', () => {
    const { reply, destination, sourcePort } = ask(
      server(),
      arriving(request({ type: 'request', ...pxe(7), ciaddr: '192.168.77.50' }), from),
    )
    expect(messageTypeOf(reply!)).toBe(5)
    expect(reply).toMatchObject({ yiaddr: 0, siaddr: ip('192.168.77.1'), ciaddr: ip('192.168.77.50') })
    expect(bootFileOf(reply!)).toBe('grubx64.efi')
    expect(text(reply!, 60)).toBe('PXEClient')
    expect(formatIpv4(u32At(findOptionData(reply!, 54)!, 0))).toBe('192.168.77.1')
    expect(findOptionData(reply!, 51)).toBeUndefined()
    expect(destination).toEqual(from.source)
    expect(sourcePort).toBe(4011)
  })

  test('answers the real bytes of EDK2 and of WDSNBP', () => {
    for (const name of ['req4011', 'wdsreq']) {
      const { reply } = ask(server(), { kind: 'datagram', interface: 'eth0', ...from, payload: vector(name) })
      expect(bootFileOf(reply!), name).toBe(name === 'req4011' ? 'grubx64.efi' : 'undionly.kpxe')
    }
  })

  test('answers an INFORM like a REQUEST', () => {
    expect(
      messageTypeOf(
        ask(server(), arriving(request({ type: 'inform', ...pxe(0), ciaddr: '192.168.77.50' }), from)).reply!,
      ),
    ).toBe(5)
  })

  test('repeats the boot item and gives what the menu says for it', () => {
    const asked = (type: number, layer?: number): Answer =>
      ask(
        server({ ...boot, menus: [{ menu }] }),
        arriving(request({ type: 'request', ...pxe(7), ciaddr: '192.168.77.50', options: [item(type, layer)] }), from),
      )
    const first = asked(0x8000)
    expect(bootFileOf(first.reply!)).toBe('install.0')
    expect(readBootItem(findOptionData(first.reply!, 43))).toEqual({ type: 0x8000, layer: 0 })
    expect(bootFileOf(asked(0x8001).reply!)).toBe('grubx64.efi')
    expect(asked(0x9000)).toMatchObject({
      reply: undefined,
      event: { reason: expect.stringContaining('not on the menu') },
    })
    expect(asked(0x8000, 0x8000)).toMatchObject({
      reply: undefined,
      event: { reason: expect.stringContaining('credentials') },
    })
  })

  test('discovery by broadcast on 67 is told from a request for an address', () => {
    const search = arriving(request({ type: 'request', ...pxe(0), ciaddr: '192.168.77.50', options: [item(0x8000)] }), {
      source: { address: ip('192.168.77.50'), port: 68 },
    })
    expect(isBootServerDiscovery(search.payload)).toBe(true)
    expect(
      isBootServerDiscovery(arriving(request({ type: 'request', ...pxe(0), ciaddr: '192.168.77.50' })).payload),
    ).toBe(false)
    expect(isBootServerDiscovery(arriving(request({ type: 'discover', ...pxe(0) })).payload)).toBe(false)
    const { destination, sourcePort } = ask(server(), search)
    expect(destination).toEqual({ address: ip('192.168.77.50'), port: 68 })
    expect(sourcePort).toBe(4011)
  })

  test('others are told why they get nothing', () => {
    expect(ask(server(), arriving(request({ type: 'request', ciaddr: '192.168.77.50' }), from))).toMatchObject({
      reply: undefined,
      event: { reason: expect.stringContaining('no PXE client') },
    })
    expect(ask(server(), arriving(request({ type: 'discover', ...pxe(7) }), from))).toMatchObject({
      reply: undefined,
      event: undefined,
    })
  })
})

describe('the boot configuration that Windows asks for (option 252), beside another DHCP server', () => {
  const lab = labSchema.parse({
    interface: 'eth0',
    mode: 'proxy-dhcp',
    dhcp: {
      options: { 252: '\\Boot\\BCD-all' },
      architectures: { bios: { options: { 252: '\\Boot\\BIOS\\BCD' } }, 'x86-uefi': { options: { 252: 'http://wpad/x.dat' } } },
    },
    boot: { programs: [{ file: 'bootmgr.exe' }] },
    http: { enabled: true },
  }) // prettier-ignore
  const configuration = bootConfigurationOf(lab)
  const onPort4011 = (one: Partial<ClientRequest>): Answer =>
    ask(
      new BootServer({ ...base, boot: configuration }),
      arriving(request({ type: 'request', ciaddr: '192.168.77.100', ...one }), {
        source: { address: ip('192.168.77.100'), port: 68 },
        destinationPort: 4011,
      }),
    )
  const storeOf = ({ reply }: Answer): string | undefined => {
    const data = reply && findOptionData(reply, 252)
    // Boot managers look for the NUL behind it.
    if (data) expect(data.at(-1)).toBe(0)
    return data && decodeText(data)
  }

  test('is named in the offer that names the file, and on port 4011, by architecture', () => {
    expect(storeOf(proxy({ type: 'discover', ...pxe(0) }, configuration))).toBe('\\Boot\\BIOS\\BCD')
    expect(storeOf(onPort4011(pxe(0)))).toBe('\\Boot\\BIOS\\BCD')
    expect(storeOf(onPort4011(pxe(7)))).toBe('\\Boot\\BCD-all')
  })

  test('is not in an offer that sends to port 4011, and an address of a web proxy is no such thing', () => {
    const offer = proxy({ type: 'discover', ...pxe(7) }, configuration)
    expect([offer.event?.form, storeOf(offer)]).toEqual(['ask-boot-server', undefined])
    const wpad = bootConfigurationOf({ ...lab, dhcp: { ...lab.dhcp, architectures: {}, options: { 252: 'http://wpad/x.dat' } } }) // prettier-ignore
    const told = proxy({ type: 'discover', ...pxe(0) }, wpad)
    expect([told.event?.form, storeOf(told)]).toEqual(['file', undefined])
  })
})
