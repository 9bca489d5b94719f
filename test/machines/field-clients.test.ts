/** Clients as the field sends them, against the DHCP server, the proxyDHCP and the boot server of one lab file. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { bytesOfU16, bytesOfU32, concatBytes, decodeText, encodeText, parseHex } from '#shared/wire/bytes.ts'
import { decodeDhcp, encodeDhcp, findOptionData, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { decodeSpace, encodePxeVendorOptions } from '#shared/wire/dhcp/spaces.ts'
import { describeEvent } from '#shared/contract/events.ts'
import { bootConfigurationOf, dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { BootServer } from '#shared/machines/boot-server.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import type { IncomingDatagram } from '#shared/machines/machine.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { SeenWhereabouts } from '#shared/machines/whereabouts.ts'
import { vector } from '../helpers/fixtures.ts'
import { arriving, ip, pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { strictly, type StrictReply } from '../helpers/strict-reply.ts'

const self = '192.168.77.1'
const interfaces = [{ name: 'eth0', address: ip(self), prefixLength: 24, mtu: 1500 }]

interface Heard extends StrictReply {
  readonly message: DhcpMessage
  readonly delayMs: number
  readonly event: { readonly type: string; readonly boot?: { readonly reason: string } | undefined }
}

/** One lab with its three machines, as the responder holds them. */
class Bench {
  readonly #dhcp: DhcpServer
  readonly #proxy: ProxyDhcp
  readonly #bootServer: BootServer
  reason = ''

  constructor(boot: LabInput['boot'], more: Partial<LabInput> = {}) {
    const lab = labSchema.parse({
      interface: 'eth0',
      mode: 'dhcp',
      dhcp: {
        subnets: [
          {
            subnet: '192.168.77.0/24',
            pools: [{ start: '192.168.77.100', end: '192.168.77.199' }],
            router: self,
            dns: [self],
          },
          { subnet: '10.1.0.0/16', pools: [{ start: '10.1.0.100', end: '10.1.0.199' }] },
        ],
      },
      boot,
      ...more,
    } satisfies LabInput)
    const seen = new SeenWhereabouts()
    const shared = { interfaces, ports: lab.ports, filter: lab.clients, boot: bootConfigurationOf(lab), seen }
    this.#dhcp = new DhcpServer({ ...dhcpConfigurationOf(lab, interfaces), seen })
    this.#proxy = new ProxyDhcp(shared)
    this.#bootServer = new BootServer(shared)
  }

  #hear(machine: DhcpServer | ProxyDhcp | BootServer): Heard | undefined {
    const sent = machine.pollTransmit()
    const told = machine.pollEvent()
    this.reason = told && 'reason' in told ? told.reason : ''
    if (!sent) return undefined
    const reply = strictly(sent.payload)
    expect(reply.problems).toEqual([])
    return { ...reply, message: decodeDhcp(sent.payload).message, delayMs: sent.delayMs ?? 0, event: sent.event }
  }

  datagram(datagram: IncomingDatagram): Heard | undefined {
    this.#dhcp.handle(datagram, 0)
    return this.#hear(this.#dhcp)
  }

  dhcp(one: Partial<ClientRequest>): Heard | undefined {
    return this.datagram(arriving(request({ type: 'discover', ...one })))
  }

  proxy(one: Partial<ClientRequest>): Heard | undefined {
    this.#proxy.handle(arriving(request({ type: 'discover', ...one })))
    return this.#hear(this.#proxy)
  }

  bootServer(one: Partial<ClientRequest>): Heard | undefined {
    this.#bootServer.handle(arriving(request({ type: 'request', ciaddr: '192.168.77.150', ...one })))
    return this.#hear(this.#bootServer)
  }
}

/** The ROM of a Raspberry Pi, and iPXE on BIOS. */
const rom = { ...pxe(0), vendorClass: 'PXEClient:Arch:00000:UNDI:002001' }
const option = (code: number, data: Uint8Array) => ({ code, data })
const userClass = (text: string) => ({ options: [option(77, encodeText(text))] })
const fileOf = (heard: Heard | undefined): string | undefined =>
  heard && (heard.file || decodeText(heard.options.get(67) ?? new Uint8Array()))
const menuOf = (heard: Heard | undefined): string[] | undefined => {
  const vendor = heard?.options.get(43)
  return vendor && decodeSpace('pxe', vendor).subOptions.flatMap((one) => (one.code === 9 ? [inEnglish(one.text)] : []))
}

describe('clients without PXEClient and without option 93', () => {
  const bench = () =>
    new Bench({ programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }, { vendorClass: 'U-Boot', file: 'uboot.scr' }, { architecture: 'bios', file: 'undionly.kpxe' }, { file: 'fallback.bin' }] }) // prettier-ignore

  test.each(['U-Boot', 'U-Boot.armv8', 'U-Boot.armv7', 'U-Boot.arm', 'U-Boot.riscv'])(
    '%s gets its file in every mode',
    (vendorClass) => {
      const client = { vendorClass }
      const offer = bench().dhcp(client)!
      expect([offer.file, offer.message.siaddr]).toEqual(['uboot.scr', ip(self)])
      expect(offer.options.has(60)).toBe(false)
      // New U-Boot takes a proxyDHCP offer with siaddr and the class PXEClient (CONFIG_SERVERIP_FROM_PROXYDHCP).
      const proxied = bench().proxy(client)!
      expect([proxied.file, proxied.message.siaddr, proxied.message.yiaddr]).toEqual(['uboot.scr', ip(self), 0])
      expect(decodeText(proxied.options.get(60)!)).toBe('PXEClient')
      expect(proxied.options.has(43)).toBe(false)
      expect(bench().bootServer(client)?.file).toBe('uboot.scr')
    },
  )

  test.each([21, 22, 23, 24])('U-Boot that names architecture %d and no class', (architecture) => {
    const rules = { programs: [{ architecture, file: 'boot.scr.uimg' }] }
    for (const mode of ['dhcp', 'proxy', 'bootServer'] as const)
      expect(new Bench(rules)[mode]({ architecture })?.file, mode).toBe('boot.scr.uimg')
  })

  test("U-Boot's second stage, a PXEClient of ARM64 without option 97, gets the EFI program", () => {
    const client = { architecture: 11, vendorClass: 'PXEClient:Arch:00011:UNDI:003000' }
    const rules = { programs: [{ vendorClass: 'U-Boot', file: 'boot.scr' }, { architecture: 'arm64-uefi', file: 'grubaa64.efi' }] } // prettier-ignore
    expect(new Bench(rules).dhcp(client)?.file).toBe('grubaa64.efi')
    expect(new Bench(rules).bootServer(client)?.file).toBe('grubaa64.efi')
  })

  test('a rule without conditions is for them too, though not beside another DHCP server', () => {
    expect(bench().dhcp({})?.file).toBe('fallback.bin')
    expect(bench().bootServer({})?.file).toBe('fallback.bin')
    // dhclient and Windows would take an offer of 0.0.0.0.
    expect(bench().proxy({})).toBeUndefined()
    expect(bench().proxy({ vendorClass: 'MSFT 5.0' })).toBeUndefined()
    const byMac = new Bench({ programs: [{ mac: '52:54:00:77', file: 'a.bin' }] })
    expect(byMac.proxy({})?.file).toBe('a.bin')
    // Nobody says of an operating system that it boots nothing.
    const rules = new Bench({ programs: [{ architecture: 'bios', file: 'a.0' }] })
    expect(rules.dhcp({ vendorClass: 'MSFT 5.0' })?.event.boot).toBeUndefined()
  })
})

describe('option 93 as a list', () => {
  const list = (...codes: number[]) => ({
    vendorClass: 'PXEClient',
    options: [option(93, concatBytes(codes.map(bytesOfU16)))],
  })
  const rules = {
    programs: [
      { architecture: 'bios', file: 'a.kpxe' },
      { architecture: 'x64-uefi', file: 'a.efi' },
    ],
  }

  test('the first with a rule decides, and the reason tells so', () => {
    const told = (...codes: number[]) => {
      const heard = new Bench(rules).dhcp(list(...codes))
      return [heard?.file, heard?.event.boot?.reason]
    }
    expect(told(7, 0)).toEqual(['a.efi', 'rule 2: architecture UEFI x64, the first with a rule of UEFI x64, BIOS'])
    expect(told(0, 7)).toEqual(['a.kpxe', 'rule 1: architecture BIOS, the first with a rule of BIOS, UEFI x64'])
    expect(told(27, 7)).toEqual([
      'a.efi',
      'rule 2: architecture UEFI x64, the first with a rule of UEFI RISC-V 64, UEFI x64',
    ])
    expect(told(27, 11)).toEqual(['', 'no rule of boot.programs matches UEFI RISC-V 64 or UEFI ARM64'])
    // One that is said twice is one.
    expect(told(7, 7)).toEqual(['a.efi', 'rule 2: architecture UEFI x64'])
  })

  test('in proxy mode and on 4011 as well; UEFI in the list is UEFI', () => {
    expect(new Bench(rules).proxy(list(7, 0))?.event).toMatchObject({ form: 'ask-boot-server' })
    expect(new Bench(rules).bootServer(list(7, 0))?.file).toBe('a.efi')
  })

  test('a rule may name several', () => {
    const several = { programs: [{ architecture: ['x64-uefi', 11], file: 'both.efi' }] }
    for (const code of [7, 9, 11]) expect(new Bench(several).dhcp(pxe(code))?.file).toBe('both.efi')
    expect(new Bench(several).dhcp(pxe(0))?.file).toBe('')
    expect(() => new Bench({ programs: [{ architecture: ['x64-uefi', 'toaster'], file: 'a' }] })).toThrow('is no architecture') // prettier-ignore
  })
})

describe('user class', () => {
  test.each([
    ['iPXE', 'bare, as iPXE sends it'],
    ['ipxe', 'in small letters'],
    ['iPXE\0', 'bare with a NUL'],
    ['\u0004iPXE', 'with the length of RFC 3004'],
    ['\u0005iPXE\0', 'with a length that counts a NUL'],
    ['\u0004iPXE\0', 'with a length, then a NUL'],
    ['\u0003lab\u0004iPXE', 'second of two'],
    ['gPXE', 'of its forerunner'],
  ])('%j is iPXE: %s', (text) => {
    const rules = {
      programs: [
        { userClass: 'iPXE', file: 'menu.ipxe' },
        { architecture: 'bios', file: 'undionly.kpxe' },
      ],
    }
    expect(new Bench(rules).dhcp({ ...pxe(0), ...userClass(text) })?.file).toBe('menu.ipxe')
    expect(new Bench(rules).bootServer({ ...pxe(0), ...userClass(text) })?.file).toBe('menu.ipxe')
    expect(new Bench({ programs: [{ userClass: 'ipxe', file: 'menu.ipxe' }] }).dhcp({ ...pxe(0), ...userClass(text) })?.file).toBe('menu.ipxe') // prettier-ignore
  })

  test('other classes are told apart to the letter', () => {
    const rules = { programs: [{ userClass: 'Lab', file: 'a' }] }
    expect(new Bench(rules).dhcp({ ...pxe(0), ...userClass('Lab\0') })?.file).toBe('a')
    expect(new Bench(rules).dhcp({ ...pxe(0), ...userClass('lab') })?.file).toBe('')
  })
})

describe('menus', () => {
  const items = [{ text: 'Install' }, { text: 'Local disk', type: 0 }]
  const chained = { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }, { architecture: 'x64-uefi', file: 'snponly.efi' }, { architecture: 'bios', file: 'undionly.kpxe' }], menu: { items } } // prettier-ignore
  const ipxe = (architecture: number) => ({ ...pxe(architecture), ...userClass('iPXE') })

  test('iPXE on UEFI, which shows none, gets its file; so does iPXE that was chosen from the menu', () => {
    for (const architecture of [7, 11, 0]) {
      const offer = new Bench(chained).dhcp(ipxe(architecture))!
      expect([offer.file, menuOf(offer)]).toEqual(['menu.ipxe', []])
      expect(new Bench(chained).bootServer(ipxe(architecture))?.file).toBe('menu.ipxe')
    }
    expect(new Bench(chained).proxy(ipxe(0))).toMatchObject({ file: 'menu.ipxe', event: { form: 'file' } })
    expect(new Bench(chained).proxy(ipxe(7))).toMatchObject({ event: { form: 'ask-boot-server' } })
    // The firmware below it sees the menu.
    expect(menuOf(new Bench(chained).dhcp(pxe(7)))).toEqual(['32768 "Install", 0 "Local disk"'])
    expect(menuOf(new Bench(chained).dhcp(pxe(0)))).toEqual(['32768 "Install", 0 "Local disk"'])
  })

  test('iPXE in the ROM of a BIOS machine shows it where no rule is its own', () => {
    const rules = { ...chained, programs: [{ architecture: 'bios', file: 'pxelinux.0' }] }
    expect(menuOf(new Bench(rules).dhcp(ipxe(0)))).toEqual(['32768 "Install", 0 "Local disk"'])
    expect(menuOf(new Bench({ programs: [{ architecture: 'x64-uefi', file: 'a.efi' }], menu: { items } }).dhcp(ipxe(7)))).toEqual([]) // prettier-ignore
  })

  test('the log tells of the menu, not of a file that the client does not load by itself', () => {
    const { event } = new Bench(chained).dhcp(pxe(0))!
    expect(describeEvent(event as never).text).toMatch(/ is offered [0-9.]+, the boot menu$/)
    expect(describeEvent(new Bench(chained).dhcp(ipxe(0))!.event as never).text).toMatch(/, menu\.ipxe \(rule 1/)
  })

  test('neither HTTP boot nor U-Boot nor BOOTP has a menu', () => {
    const rules = { programs: [{ file: 'a.bin' }], menu: { items } }
    const web = { architecture: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' }
    expect(new Bench(rules, { http: { enabled: true } }).dhcp(web)?.options.has(43)).toBe(false)
    expect(new Bench(rules).dhcp({ vendorClass: 'U-Boot.armv8' })?.options.has(43)).toBe(false)
  })

  test('who shows no menu and has no rule is told so', () => {
    const bench = new Bench({ menu: { items } })
    expect(bench.dhcp(ipxe(7))?.event.boot?.reason).toContain('it shows no menu')
    expect(new Bench({ menu: { items } }).proxy(ipxe(7))).toBeUndefined()
    // The menu alone boots firmware that shows it.
    const offer = new Bench({ menu: { items: [{ text: 'One', file: 'one.0' }] } }).dhcp(pxe(0))!
    expect([menuOf(offer), offer.file]).toEqual([['32768 "One"'], ''])
  })

  test('by rule: BIOS, UEFI, Raspberry Pi and a subnet have each their own, and the plain one is for the rest', () => {
    const rules = {
      programs: [{ file: 'any.bin' }],
      menus: [
        { architecture: 'bios', items: [{ text: 'BIOS', file: 'bios.0' }] },
        { architecture: 'x64-uefi', subnet: '10.1.0.0/16', items: [{ text: 'Far', file: 'far.efi' }] },
        { architecture: 'x64-uefi', items: [{ text: 'UEFI', file: 'uefi.efi' }] },
        { mac: 'b8:27:eb', items: [{ text: 'Raspberry Pi Boot', type: 0 }], timeoutSeconds: 0 },
      ],
      menu: { items: [{ text: 'Rest', file: 'rest.bin' }] },
    }
    expect(menuOf(new Bench(rules).dhcp(pxe(0)))).toEqual(['32768 "BIOS"'])
    expect(menuOf(new Bench(rules).dhcp(pxe(7)))).toEqual(['32770 "UEFI"'])
    expect(menuOf(new Bench(rules).dhcp({ ...pxe(7), giaddr: '10.1.0.1' }))).toEqual(['32769 "Far"'])
    expect(menuOf(new Bench(rules).dhcp(pxe(11)))).toEqual(['32771 "Rest"'])
    expect(menuOf(new Bench(rules).dhcp({ ...rom, mac: 'b8:27:eb:00:00:01' }))).toEqual(['0 "Raspberry Pi Boot"'])
    const asks = (type: number) => ({ options: [option(43, encodePxeVendorOptions({ bootItem: { type, layer: 0 } }))] })
    expect(new Bench(rules).bootServer({ ...pxe(0), ...asks(32768) })?.file).toBe('bios.0')
    const other = new Bench(rules)
    expect(other.bootServer({ ...pxe(0), ...asks(32770) })).toBeUndefined()
    expect(other.reason).toContain('not on the menu')
  })
})

describe('Raspberry Pi', () => {
  const rules = {
    programs: [
      { architecture: 'bios', file: 'undionly.kpxe' },
      { architecture: 'arm-rpiboot', file: 'bootcode.bin' },
    ],
  }

  test('the real DISCOVER of a Pi 3 is answered with the text of option 43, after a second', () => {
    const discover = vector('rpi3')
    const heard = new Bench(rules).datagram({ ...arriving(request({ type: 'discover' })), payload: discover })!
    expect(heard.delayMs).toBe(1000)
    expect(decodeText(heard.options.get(60)!)).toBe('PXEClient')
    expect(decodeSpace('pxe', heard.options.get(43)!).subOptions.map((one) => [one.code, one.text])).toEqual([
      [6, 'no broadcast discovery, no multicast discovery (3)'],
      [10, '"PXE", take the first item at once'],
      [9, '0 "Raspberry Pi Boot   "'],
    ])
    expect([...heard.options.keys()].indexOf(66)).toBeGreaterThan([...heard.options.keys()].indexOf(43))
    expect(heard.event.boot?.reason).toBe(
      'rule 2: architecture Raspberry Pi, the first with a rule of Raspberry Pi, BIOS',
    )
  })

  test.each([
    ['its address', { ...rom, mac: 'b8:27:eb:12:34:56' }],
    ['the address of a Pi 4', { ...rom, mac: 'dc:a6:32:12:34:56' }],
    ['the UUID of the ROM', { ...rom, uuid: '44444444-4444-4444-4444-444444444444' }],
    ['the UUID of a Pi 4', { ...rom, options: [option(97, concatBytes([Uint8Array.of(0), parseHex('5250693400c03111aabbccdd01020304')!]))], uuid: '' }], // prettier-ignore
    ['its architecture', { ...rom, architecture: 41 }],
  ])('is known by %s', (_, client) => {
    expect(menuOf(new Bench(rules).dhcp(client))).toEqual(['0 "Raspberry Pi Boot   "'])
  })

  test('iPXE on BIOS says the same class and is none; what runs on a Pi afterwards is none either', () => {
    expect(new Bench(rules).dhcp(rom)?.file).toBe('undionly.kpxe')
    expect(new Bench(rules).dhcp({ ...rom, mac: 'b8:27:eb:12:34:56', ...userClass('iPXE') })?.delayMs).toBe(0)
    expect(new Bench(rules).dhcp({ mac: 'b8:27:eb:12:34:56', vendorClass: 'Linux' })?.delayMs).toBe(0)
  })

  test('in proxy mode too; the delay is for offers and can be set; a rule can say that it is one, or is none', () => {
    const pi = { ...rom, mac: 'b8:27:eb:12:34:56' }
    const proxied = new Bench(rules).proxy(pi)!
    expect([menuOf(proxied), proxied.delayMs]).toEqual([['0 "Raspberry Pi Boot   "'], 1000])
    const bench = new Bench(rules)
    bench.dhcp(pi)
    expect(bench.dhcp({ ...pi, type: 'request', server: self, requested: '192.168.77.100' })?.delayMs).toBe(0)
    const set = (rule: object, client: Partial<ClientRequest>) => {
      const heard = new Bench({ programs: [{ file: 'bootcode.bin', ...rule }] }).dhcp(client)!
      return [menuOf(heard)?.length, heard.delayMs]
    }
    expect(set({ replyDelaySeconds: 2.5 }, pi)).toEqual([1, 2500])
    expect(set({ replyDelaySeconds: 0 }, pi)).toEqual([1, 0])
    expect(set({ raspberryPi: false }, pi)).toEqual([0, 0])
    expect(set({ raspberryPi: true }, pxe(0))).toEqual([1, 1000])
    expect(set({ replyDelaySeconds: 1 }, pxe(7))).toEqual([0, 1000])
  })

  test('its address is kept for it without a REQUEST, while it loads', () => {
    const lab = labSchema.parse({ interface: 'eth0', mode: 'dhcp', dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.100' }] }] }, boot: rules }) // prettier-ignore
    const taken = (client: Partial<ClientRequest>, laterMs: number): boolean => {
      const server = new DhcpServer(dhcpConfigurationOf(lab, interfaces))
      server.handle(arriving(request({ type: 'discover', ...client })), 0)
      expect(server.pollTransmit()).toBeDefined()
      server.handle(arriving(request({ type: 'discover', mac: '02:00:00:00:00:09' })), laterMs)
      return server.pollTransmit() === undefined
    }
    expect(taken({ ...rom, mac: 'b8:27:eb:12:34:56' }, 599_000)).toBe(true)
    expect(taken({ ...rom, mac: 'b8:27:eb:12:34:56' }, 601_000)).toBe(false)
    expect(taken({ ...rom, mac: '52:54:00:00:00:01' }, 31_000)).toBe(false)
  })

  test('a menu that it cannot read does not keep it from its text', () => {
    const menu = { items: [{ text: 'Install' }] }
    expect(menuOf(new Bench({ ...rules, menu }).dhcp({ ...rom, mac: 'b8:27:eb:12:34:56' }))).toEqual(['0 "Raspberry Pi Boot   "']) // prettier-ignore
  })
})

describe('rules that say where from and where to', () => {
  const agent = (...parts: [number, string][]) => option(82, concatBytes(parts.flatMap(([code, text]) => [Uint8Array.of(code, text.length), encodeText(text)]))) // prettier-ignore

  test.each([
    [{ subnet: '10.1.0.0/16' }, { giaddr: '10.1.0.1' }, { giaddr: '192.168.77.2' }],
    [{ subnet: '192.168.77.0/24' }, {}, { giaddr: '10.1.0.1' }],
    [
      { subnet: '10.1.0.0/16' },
      { giaddr: '192.168.77.2', options: [option(82, Uint8Array.of(5, 4, 10, 1, 0, 0))] },
      {},
    ],
    [{ subnet: '10.1.0.0/16' }, { options: [option(118, bytesOfU32(ip('10.1.0.0')))] }, {}],
    [{ relay: '10.1.0.1' }, { giaddr: '10.1.0.1' }, { giaddr: '10.1.0.2' }],
    [{ relay: '10.1.0.0/24' }, { giaddr: '10.1.0.9' }, {}],
    [
      { circuitId: 'ge-0/0/7' },
      { giaddr: '10.1.0.1', options: [agent([1, 'ge-0/0/7'])] },
      { giaddr: '10.1.0.1', options: [agent([1, 'ge-0/0/70'])] },
    ],
    [{ circuitId: '0x67652D37' }, { giaddr: '10.1.0.1', options: [agent([1, 'ge-7'])] }, { giaddr: '10.1.0.1' }],
    [
      { remoteId: 'switch9' },
      { giaddr: '10.1.0.1', options: [agent([1, 'x'], [2, 'switch9'])] },
      { giaddr: '10.1.0.1', options: [agent([1, 'switch9'])] },
    ],
  ] as const)('%j', (conditions, holds, fails) => {
    const bench = () => new Bench({ programs: [{ ...conditions, file: 'here.efi' }, { file: 'elsewhere.efi' }] })
    expect(bench().dhcp({ ...pxe(7), ...holds })?.file).toBe('here.efi')
    expect(bench().dhcp({ ...pxe(7), ...fails })?.file).toBe('elsewhere.efi')
  })

  test('port 4011 says the same to a client that came through the relay and asks past it', () => {
    const rules = { programs: [{ relay: '10.1.0.1', circuitId: 'p7', file: 'far.efi' }, { file: 'near.efi' }] }
    for (const mode of ['dhcp', 'proxy'] as const) {
      const bench = new Bench(rules)
      bench[mode]({ ...pxe(7), giaddr: '10.1.0.1', options: [agent([1, 'p7'])] })
      expect(bench.bootServer({ ...pxe(7), ciaddr: '10.1.0.100' })?.file, mode).toBe('far.efi')
      expect(bench.bootServer({ ...pxe(7), mac: '52:54:00:00:00:99', ciaddr: '10.1.0.101' })?.file).toBe('near.efi')
      // It was moved to our own network.
      bench[mode](pxe(7))
      expect(bench.bootServer(pxe(7))?.file).toBe('near.efi')
    }
  })

  test('next server, protocol and root path of the rule', () => {
    const bench = (rule: object, more: Partial<LabInput> = {}) =>
      new Bench({ nextServer: '192.168.77.8', programs: [{ file: 'a/b.efi', ...rule }] }, more)
    const other = bench({ nextServer: '192.168.77.9', rootPath: 'iscsi:192.168.77.9::::iqn.x' }).dhcp({ ...pxe(7), options: [option(55, Uint8Array.of(66, 67))] })! // prettier-ignore
    expect(other.message.siaddr).toBe(ip('192.168.77.9'))
    expect(decodeText(other.options.get(66)!)).toBe('192.168.77.9')
    expect(decodeText(other.options.get(17)!)).toBe('iscsi:192.168.77.9::::iqn.x')
    expect(bench({}).dhcp(pxe(7))?.message.siaddr).toBe(ip('192.168.77.8'))
    expect(decodeText(findOptionData(bench({ rootPath: '/srv' }).bootServer(pxe(7))!.message, 17)!)).toBe('/srv')

    const ipxe = { ...pxe(7), ...userClass('iPXE') }
    const web = { architecture: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' }
    const http = { http: { enabled: true, port: 8080 } }
    expect(fileOf(bench({ protocol: 'http' }, http).dhcp(ipxe))).toBe('http://192.168.77.8:8080/a/b.efi')
    expect(fileOf(bench({ protocol: 'http', nextServer: '10.0.0.9' }).dhcp(ipxe))).toBe('http://10.0.0.9/a/b.efi')
    expect(fileOf(bench({ protocol: 'http' }, http).dhcp({ vendorClass: 'U-Boot' }))).toBe('http://192.168.77.8:8080/a/b.efi') // prettier-ignore
    expect(bench({ protocol: 'http' }).dhcp(ipxe)?.event.boot?.reason).toContain('enable http')
    // A PXE ROM would ask its TFTP server for the address.
    const firmware = bench({ protocol: 'http' }, http).dhcp(pxe(7))!
    expect([firmware.file, firmware.event.boot?.reason]).toEqual(['a/b.efi', expect.stringContaining('TFTP only')])
    expect(fileOf(bench({ protocol: 'tftp' }, http).dhcp(web))).toBe('')
    expect(fileOf(bench({ protocol: 'tftp' }, http).dhcp(ipxe))).toBe('a/b.efi')
  })

  test.each([
    [{ subnet: '10.1.0.1/16' }, 'is not a network'],
    [{ relay: 'router' }, 'is neither an IP address nor a network'],
    [{ circuitId: '0xzz' }, 'is 0x without hexadecimal digits'],
    [{ nextServer: 'server' }, 'is not an IPv4 address'],
    [{ replyDelaySeconds: 60 }, '10'],
  ])('%j is refused', (conditions, message) => {
    expect(() => new Bench({ programs: [{ ...conditions, file: 'a' }] })).toThrow(message)
  })
})

describe('BOOTP', () => {
  const mac = '52:54:00:77:00:01'
  const bootp = (more: Partial<DhcpMessage> = {}, hasCookie = true): IncomingDatagram => {
    const message = { ...request({ type: 'discover', flags: 0 }), options: [], ...more }
    const payload = encodeDhcp(message)
    if (!hasCookie) payload.fill(0, 236)
    return { ...arriving(message), payload }
  }
  const bench = (dhcp: object = {}, boot: LabInput['boot'] = { programs: [{ mac: '52:54:00', file: 'ap.bin' }] }) =>
    new Bench(boot, { dhcp: { subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.101' }], router: self, dns: [self], options: { 17: '/srv/nfs', 42: self }, reservations: [{ mac, address: '192.168.77.50', hostname: 'board' }] }, { subnet: '10.1.0.0/16' }], ...dhcp } }) // prettier-ignore

  test.each([true, false])('answers from the reservation in 300 octets, cookie in the request: %s', (hasCookie) => {
    const heard = bench().datagram(bootp({}, hasCookie))!
    expect(heard.message).toMatchObject({ yiaddr: ip('192.168.77.50'), siaddr: ip(self), xid: 0x1234 })
    expect(heard.file).toBe('ap.bin')
    expect([...heard.options.keys()]).toEqual([1, 3, 6, 12, 17, 42])
    expect(heard.event).toEqual({
      type: 'bootp-answered',
      client: expect.objectContaining({ mac }),
      address: '192.168.77.50',
      subnet: '192.168.77.0/24',
      via: undefined,
      source: 'reservation',
      boot: expect.objectContaining({ file: 'ap.bin' }),
      droppedOptions: [],
    })
  })

  test('the vendor area holds 64 octets: the options that matter come first, the rest is told', () => {
    const options = { 15: 'a-long-domain.lab.example.test', 17: '/srv/nfs/root', 26: 1500 }
    const subnet = { subnet: '192.168.77.0/24', router: self, dns: [self], options, reservations: [{ mac, address: '192.168.77.50' }] } // prettier-ignore
    const heard = bench({ subnets: [subnet] }).datagram(bootp())!
    expect([...heard.options.keys()]).toEqual([1, 3, 6, 17, 26])
    expect(heard.event).toMatchObject({ droppedOptions: [15] })
  })

  test('without a reservation it gets nothing unless the lab says so, and is told why', () => {
    const other = { chaddr: Uint8Array.from([...parseHex('525400770002')!, ...new Uint8Array(10)]) }
    const plain = bench()
    expect(plain.datagram(bootp(other))).toBeUndefined()
    expect(plain.reason).toContain('has no reservation')
    const off = bench({ bootp: 'off' })
    expect(off.datagram(bootp())).toBeUndefined()
    expect(off.reason).toContain('dhcp.bootp')
  })

  test('from a pool for ever: the lease is stored first, and comes back', () => {
    const lab = labSchema.parse({ interface: 'eth0', mode: 'dhcp', dhcp: { bootp: 'pools', subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.100' }] }] } }) // prettier-ignore
    const server = new DhcpServer(dhcpConfigurationOf(lab, interfaces))
    server.handle(bootp(), 0)
    expect(server.pollChange()?.lease).toMatchObject({ address: ip('192.168.77.100'), state: 'bound', until: Infinity })
    expect(server.pollTransmit()).toMatchObject({ needsLease: true, event: { source: 'pool' } })
    server.handle(bootp(), 1e12)
    expect(server.pollTransmit()?.event).toMatchObject({ address: '192.168.77.100' })
    server.handle(bootp({ chaddr: Uint8Array.from([2, ...new Uint8Array(15)]) }), 1e12)
    expect(server.pollTransmit()).toBeUndefined()
    expect(server.pollEvent()).toMatchObject({ type: 'pool-exhausted' })
  })

  test('a subnet may say otherwise than the lab', () => {
    const subnet = (more: object) => ({ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.101' }], ...more }) // prettier-ignore
    expect(bench({ subnets: [subnet({ bootp: 'pools' })] }).datagram(bootp())?.message.yiaddr).toBe(
      ip('192.168.77.100'),
    )
    expect(bench({ bootp: 'pools', subnets: [subnet({ bootp: 'off' })] }).datagram(bootp())).toBeUndefined()
  })

  test('one that has an address asks for its file alone; one that names a file gets it where no rule does', () => {
    const known = bench().datagram(bootp({ ciaddr: ip('192.168.77.66'), chaddr: Uint8Array.from([2, ...new Uint8Array(15)]) }))! // prettier-ignore
    expect(known.message).toMatchObject({ yiaddr: ip('192.168.77.66'), ciaddr: ip('192.168.77.66') })
    const file = new Uint8Array(128)
    file.set(encodeText('vmunix'))
    expect(bench({}, {}).datagram(bootp({ file }))?.file).toBe('vmunix')
    expect(bench().datagram(bootp({ file }))?.file).toBe('ap.bin')
    // A field that is full has no NUL, and no end.
    expect(bench({}, {}).datagram(bootp({ file: new Uint8Array(128).fill(97) }))?.file).toBe('')
  })

  test('through a relay the reply goes back to it with its option 82', () => {
    const relayed = bootp({ giaddr: ip('192.168.77.2'), options: [option(82, Uint8Array.of(1, 2, 7, 7))] })
    const heard = bench().datagram(relayed)!
    expect(heard.event).toMatchObject({ via: '192.168.77.2' })
    expect([...heard.options.keys()].at(-1)).toBe(82)
  })

  test('a proxyDHCP says why it is silent; what is no BOOTP at all is nobody', () => {
    const lab = labSchema.parse({ interface: 'eth0', mode: 'proxy-dhcp' })
    const proxy = new ProxyDhcp({ interfaces, ports: lab.ports, filter: lab.clients, boot: bootConfigurationOf(lab) })
    proxy.handle(bootp())
    expect(proxy.pollEvent()).toMatchObject({ type: 'proxy-ignored', reason: expect.stringContaining('BOOTP') })
    proxy.handle({ ...bootp(), payload: Uint8Array.of(1, 1, 6, 0) })
    proxy.handle(bootp({ chaddr: new Uint8Array(16) }))
    expect(proxy.pollEvent()).toBeUndefined()
    const server = bench()
    expect(server.datagram({ ...bootp(), payload: Uint8Array.of(1, 1, 6, 0) })).toBeUndefined()
    expect(server.reason).toBe('')
  })

  test('message types that no client sends are told', () => {
    const server = bench()
    expect(server.dhcp({ type: 'discover', options: [] })).toBeDefined()
    const odd = request({ type: 'discover' })
    const leaseQuery = { ...odd, options: [option(53, Uint8Array.of(10))] }
    expect(server.datagram(arriving(leaseQuery))).toBeUndefined()
    expect(server.reason).toContain('message type 10')
  })
})
