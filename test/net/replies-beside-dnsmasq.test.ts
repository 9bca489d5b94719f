/**
 * Each form of reply beside dnsmasq's to the same client, option by option. What differs stands in the golden file with its
 * reason; a difference without a reason fails. `UPDATE_GOLDEN=1` writes the file anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { LabInput } from '#shared/lab/lab.ts'
import { formatHex, formatIpv4, parseHex } from '#shared/wire/bytes.ts'
import { encodeDhcp, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { optionName } from '#shared/wire/dhcp/options.ts'
import { encodePxeVendorOptions } from '#shared/wire/dhcp/spaces.ts'
import { pxe, request, type ClientRequest } from '../helpers/dhcp.ts'
import { LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Wire } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'
import { strictly } from '../helpers/strict-reply.ts'

const server = '192.168.77.1'
const golden = fileURLToPath(new URL('../fixtures/replies-beside-dnsmasq.txt', import.meta.url))
const helper = fileURLToPath(new URL('../helpers/ask-raw.mjs', import.meta.url))

interface Case {
  readonly name: string
  readonly asks: ClientRequest
  /** BOOTP has no message type. */
  readonly isBootp?: boolean
  readonly from?: number
  readonly to?: string
}

const edk2 = [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135] // prettier-ignore
const piList = [43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66]
const wants = (list: readonly number[], ...more: { code: number; data: Uint8Array }[]) => ({
  options: [{ code: 55, data: Uint8Array.from(list) }, { code: 57, data: Uint8Array.of(5, 192) }, ...more],
})
const mac = (last: number): string => `52:54:00:77:00:${last.toString(16).padStart(2, '0')}`
const bios = { ...pxe(0), vendorClass: 'PXEClient:Arch:00000:UNDI:002001', mac: mac(1), ...wants(edk2) }
const ipxe = { ...bios, mac: mac(2), userClass: 'iPXE' }
const uefi = { ...pxe(7), mac: mac(3), ...wants(edk2) }
const web = { ...pxe(16), vendorClass: 'HTTPClient:Arch:00016:UNDI:003000', mac: mac(4), ...wants(edk2) } // prettier-ignore
const uboot = { architecture: 22, vendorClass: 'U-Boot.armv8', mac: mac(5), ...wants([1, 3, 6, 12, 17]) }
const linux = { vendorClass: 'Linux', mac: mac(6), ...wants([1, 28, 2, 3, 15, 6, 12]) }
const pi = { ...bios, mac: 'b8:27:eb:00:00:01', uuid: '44444444-4444-4444-4444-444444444444', options: [{ code: 55, data: Uint8Array.from(piList) }] } // prettier-ignore
const agent = { code: 82, data: parseHex('010470372f31')! }

interface Bench {
  readonly title: string
  readonly lab: Partial<LabInput>
  readonly dnsmasq: readonly string[]
  readonly cases: readonly Case[]
  /** By what differs, as it stands in the golden file: why. */
  readonly reasons: Readonly<Record<string, string>>
}

const subnets = [
  { subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }], router: server, dns: [server], reservations: [{ mac: mac(0x50), address: '192.168.77.50', hostname: 'board' }] },
  { subnet: '192.168.78.0/24', pools: [{ start: '192.168.78.100', end: '192.168.78.199' }], router: '192.168.78.1', dns: [server] },
] // prettier-ignore
const addresses = [
  'dhcp-range=set:near,192.168.77.100,192.168.77.199,255.255.255.0,1h',
  'dhcp-range=set:far,192.168.78.100,192.168.78.199,255.255.255.0,1h',
  `dhcp-option=6,${server}`,
  `dhcp-option=tag:near,3,${server}`,
  'dhcp-option=tag:far,3,192.168.78.1',
  'dhcp-authoritative',
]
const kinds = [
  'dhcp-match=set:bios,option:client-arch,0',
  'dhcp-match=set:uefi,option:client-arch,7',
  'dhcp-match=set:web,option:client-arch,16',
  'dhcp-match=set:uboot,option:client-arch,22',
  'dhcp-userclass=set:ipxe,iPXE',
]
const items = [{ text: 'Install', file: 'install.0' }, { text: 'Local disk', type: 0 }] // prettier-ignore

/** What differs everywhere. */
const common = {
  'option 28': 'dnsmasq adds the broadcast address that follows from mask and address; clients compute it, and `options: { 28: ... }` sends it',
} // prettier-ignore
const pxeForm = {
  'option 60': 'PXE firmware takes the file of an offer of class PXEClient without waiting for a proxyDHCP; dnsmasq leaves the class out without pxe-service',
  'option 43': 'discovery control 8, "just download the named file", keeps EDK2 and old ROMs from asking port 4011 first',
  'field file': 'U-Boot and old ROMs look here alone; dnsmasq leaves it empty where option 67 is asked for',
  'option 66': 'dnsmasq names a server in option 66 only where one is configured by name; ours says where siaddr is',
} // prettier-ignore
const identifier = {
  'option 97': 'RFC 4578 section 2.3: the server returns the identifier; dnsmasq does so in PXE replies',
}

const benches: readonly Bench[] = [
  {
    title: 'DHCP server',
    lab: {
      mode: 'dhcp',
      dhcp: { subnets },
      boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }, { architecture: 'bios', file: 'undionly.kpxe' }, { architecture: 'x64-uefi', file: 'grubx64.efi' }, { architecture: 'x64-uefi-http', file: 'grubx64.efi' }, { architecture: 22, file: 'boot.scr.uimg' }, { mac: mac(0x50), file: 'ap.bin' }] },
      http: { enabled: true },
    },
    dnsmasq: [
      ...addresses,
      ...kinds,
      `dhcp-host=${mac(0x50)},192.168.77.50,board,set:board`,
      'dhcp-boot=tag:ipxe,menu.ipxe',
      'dhcp-boot=tag:bios,tag:!ipxe,undionly.kpxe',
      'dhcp-boot=tag:uefi,grubx64.efi',
      `dhcp-boot=tag:web,http://${server}/grubx64.efi`,
      'dhcp-option-force=tag:web,60,HTTPClient',
      'dhcp-boot=tag:uboot,boot.scr.uimg',
      'dhcp-boot=tag:board,ap.bin',
    ],
    cases: [
      { name: 'BIOS ROM, OFFER', asks: { type: 'discover', ...bios } },
      { name: 'iPXE on BIOS, OFFER', asks: { type: 'discover', ...ipxe } },
      { name: 'EDK2 x64, OFFER', asks: { type: 'discover', ...uefi } },
      { name: 'EDK2 x64, ACK', asks: { type: 'request', ...uefi, server, requested: '254.254.254.254' } },
      { name: 'EDK2 x64 behind a relay, OFFER', asks: { type: 'discover', ...uefi, mac: mac(7), giaddr: '192.168.78.1', ...wants(edk2, agent) }, from: 67, to: `${server}:67` },
      { name: 'EDK2 HTTP boot, OFFER', asks: { type: 'discover', ...web } },
      { name: 'U-Boot ARM64, OFFER', asks: { type: 'discover', ...uboot } },
      { name: 'Linux, OFFER', asks: { type: 'discover', ...linux } },
      { name: 'Linux, NAK', asks: { type: 'request', ...linux, requested: '10.9.9.9' } },
      { name: 'Linux, ACK to INFORM', asks: { type: 'inform', ...linux, ciaddr: '192.168.77.2' } },
      { name: 'BOOTP with a reservation', asks: { type: 'discover', mac: mac(0x50) }, isBootp: true },
    ],
    reasons: {
      ...common,
      ...pxeForm,
      ...identifier,
      'Linux, OFFER: field siaddr': 'who boots nothing needs no next server; dnsmasq names itself in every reply',
      'Linux, ACK to INFORM: field siaddr': 'who boots nothing needs no next server; dnsmasq names itself in every reply',
      'Linux, NAK: option 56': 'a text for people',
    },
  },
  {
    title: 'proxyDHCP and boot server',
    lab: { mode: 'proxy-dhcp', boot: { programs: [{ architecture: 'bios', file: 'undionly.kpxe' }, { architecture: 'x64-uefi', file: 'grubx64.efi' }] } },
    dnsmasq: ['dhcp-range=192.168.77.0,proxy', 'pxe-service=x86PC,Boot,undionly.kpxe', 'pxe-service=x86-64_EFI,Boot,grubx64.efi'],
    cases: [
      { name: 'BIOS ROM, OFFER', asks: { type: 'discover', ...bios } },
      { name: 'EDK2 x64, OFFER', asks: { type: 'discover', ...uefi } },
      { name: 'BIOS ROM, ACK from port 4011', asks: { type: 'request', ...bios, ciaddr: '192.168.77.2' }, from: 4011, to: `${server}:4011` },
      { name: 'EDK2 x64, ACK from port 4011', asks: { type: 'request', ...uefi, ciaddr: '192.168.77.2' }, from: 4011, to: `${server}:4011` },
    ],
    reasons: {
      'field siaddr': 'the server of the file; dnsmasq sends the firmware to port 4011, at the address of option 54',
      'field file': 'BIOS ROMs load at once what the offer names; dnsmasq has them ask port 4011 for the one item of a menu',
      'field sname': 'dnsmasq writes its address here; siaddr and option 66 say it to every client',
      'option 43': 'discovery control 8, "just download the named file"; dnsmasq makes a menu of one item for BIOS and nothing for UEFI',
      'option 66': 'sent where it is asked for, since clients read the file from option 67 then',
      'option 67': 'sent where it is asked for; with a NUL that its length counts, as dnsmasq does as DHCP server',
      octets: 'options 43, 66 and 67',
    },
  },
  {
    title: 'boot menu',
    lab: { mode: 'proxy-dhcp', boot: { menus: [{ architecture: 'bios', prompt: 'Press F8', timeoutSeconds: 5, items }] } },
    dnsmasq: ['dhcp-range=192.168.77.0,proxy', 'pxe-prompt=Press F8,5', 'pxe-service=x86PC,Install,install.0', 'pxe-service=x86PC,Local disk,0'],
    cases: [
      { name: 'BIOS ROM, OFFER', asks: { type: 'discover', ...bios } },
      { name: 'BIOS ROM, ACK for the first item', asks: { type: 'request', ...bios, ciaddr: '192.168.77.2', ...wants(edk2, { code: 43, data: encodePxeVendorOptions({ bootItem: { type: 0x8000, layer: 0 } }) }) }, from: 4011, to: `${server}:4011` },
    ],
    reasons: {
      'field siaddr': 'the address that discovery goes to; dnsmasq leaves the client to option 43.8 and option 54',
      'field ciaddr': 'the address the client has, as it was asked; dnsmasq writes it to yiaddr instead. EDK2 and iPXE take both',
      'field yiaddr': 'no address is given on port 4011; dnsmasq repeats the one the client has',
      'option 43': 'the item that was asked for (43.71) is all that a client compares; dnsmasq repeats the prompt',
      'option 66': 'sent where it is asked for, since clients read the file from option 67 then',
      'option 67': 'sent where it is asked for',
      octets: 'options 66 and 67',
    },
  },
  {
    title: 'Raspberry Pi',
    lab: { mode: 'dhcp', dhcp: { subnets }, boot: { programs: [{ architecture: 'arm-rpiboot', file: 'bootcode.bin' }] } },
    dnsmasq: [...addresses, 'pxe-service=0,"Raspberry Pi Boot   "', 'dhcp-boot=bootcode.bin', 'dhcp-reply-delay=1'],
    cases: [{ name: 'ROM of a Pi 3, OFFER', asks: { type: 'discover', ...pi } }],
    reasons: {
      'option 28': common['option 28'],
      'field file': 'U-Boot and old ROMs look here alone; the Pi reads neither this nor option 67',
      'option 66': 'the Pi asks for it and takes the TFTP server it names',
    },
  },
] // prettier-ignore

const bytesOf = ({ asks, isBootp }: Case): string => {
  const message: DhcpMessage = request(asks)
  return formatHex(encodeDhcp(isBootp ? { ...message, options: [] } : message))
}

interface Heard {
  readonly port: number
  readonly from: string
  readonly hex: string
  readonly afterMs: number
}

async function ask(network: Network, namespace: string, cases: readonly Case[]): Promise<(Heard | undefined)[]> {
  const questions = cases.map((one) => ({
    hex: bytesOf(one),
    from: one.from ?? 68,
    to: one.to ?? '255.255.255.255:67',
    ms: 5000,
  }))
  const { stdout, stderr, code } = await network.exec(namespace, process.execPath, [helper, JSON.stringify(questions)], 90) // prettier-ignore
  if (code !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as Heard[])[0])
}

/** One wire with a server on it, and the namespace of its clients. */
function wire(network: Network, name: string): Wire {
  const { here, there } = network.wire({
    name,
    server: [`${server}/24`],
    client: ['192.168.77.2/24', '192.168.78.1/24'],
  })
  network.ip('-n', here, 'route', 'add', '192.168.78.0/24', 'via', '192.168.77.2')
  network.ip('-n', there, 'route', 'add', '255.255.255.255/32', 'dev', 'cli0')
  return { here, there }
}

/** Everything a reply says, by name; addresses from a pool are one and the same. */
function saidBy(heard: Heard | undefined): Map<string, string> {
  if (!heard) return new Map([['reply', 'none']])
  const bytes = parseHex(heard.hex)!
  const { options, file, sname } = strictly(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const address = (at: number): string =>
    formatIpv4(view.getUint32(at)).replace(/^(192\.168\.7[78])\.1\d\d$/, '$1.(pool)')
  const shown = (data: Uint8Array): string =>
    data.length > 1 &&
    data.every((octet, at) => (octet >= 0x20 && octet < 0x7f) || (octet === 0 && at === data.length - 1))
      ? JSON.stringify(Buffer.from(data).toString())
      : formatHex(data, ' ')
  return new Map([
    ['answered at port', String(heard.port)],
    ['answered from', heard.from],
    ['octets', bytes.length === 300 ? '300' : 'more than 300'],
    ['field flags', view.getUint16(10).toString(16).padStart(4, '0')],
    ['field ciaddr', address(12)],
    ['field yiaddr', address(16)],
    ['field siaddr', address(20)],
    ['field giaddr', address(24)],
    ['field sname', JSON.stringify(sname)],
    ['field file', JSON.stringify(file)],
    ...[...options].map(([code, data]): [string, string] => [`option ${code}`, shown(data)]),
  ]) // prettier-ignore
}

const named = (key: string): string => {
  const code = /^option (\d+)$/.exec(key)?.[1]
  return code === undefined ? key : `${key} (${optionName(Number(code))})`
}

describeWith(['root', 'ip', 'dnsmasq'], 'replies beside those of dnsmasq', () => {
  const written: string[] = []

  test.each(benches)('$title', async ({ title, lab, dnsmasq, cases, reasons }) => {
    const network = new Network()
    const folder = new LabFolder().write({ interface: 'srv0', allowOtherServers: true, ...lab }).put('boot.txt', 'x')
    try {
      const ours = wire(network, 'o')
      const theirs = wire(network, 'd')
      await startResponder(network, ours.here, folder)
      const configuration = join(folder.root, 'dnsmasq.conf')
      writeFileSync(configuration, ['port=0', 'interface=srv0', 'bind-interfaces', 'no-ping', 'no-resolv', 'no-hosts', `dhcp-leasefile=${join(folder.root, 'leases')}`, 'user=root', ...dnsmasq].join('\n')) // prettier-ignore
      const peer = network.start(theirs.here, 'dnsmasq', ['--keep-in-foreground', '--log-facility=-', `--conf-file=${configuration}`]) // prettier-ignore
      await peer.sees(/DHCP, (IP range|proxy)/)
      const [answers, peers] = await Promise.all([ask(network, ours.there, cases), ask(network, theirs.there, cases)])
      const lines = [`# ${title}`]
      const unexplained: string[] = []
      const unused = new Set(Object.keys(reasons))
      for (const [index, one] of cases.entries()) {
        const [mine, other] = [answers[index], peers[index]]
        expect(mine, one.name).toBeDefined()
        expect(strictly(parseHex(mine!.hex)!).problems, one.name).toEqual([])
        const [said, saidByPeer] = [saidBy(mine), saidBy(other)]
        lines.push('', `## ${one.name}`)
        const keys = [...new Set([...said.keys(), ...saidByPeer.keys()])]
        const same = keys.filter((key) => said.get(key) === saidByPeer.get(key))
        lines.push(`same: ${same.join(', ')}`)
        for (const key of keys) {
          if (same.includes(key)) continue
          const reason = reasons[`${one.name}: ${key}`] ?? reasons[key]
          unused.delete(reasons[`${one.name}: ${key}`] === undefined ? key : `${one.name}: ${key}`)
          if (reason === undefined) unexplained.push(`${one.name}: ${key}: ${said.get(key)} / ${saidByPeer.get(key)}`)
          lines.push(named(key), `  ours     ${said.get(key) ?? '-'}`, `  dnsmasq  ${saidByPeer.get(key) ?? '-'}`, `  because  ${reason}`) // prettier-ignore
        }
      }
      if (title === 'Raspberry Pi') for (const one of [answers[0]!, peers[0]!]) expect(one.afterMs).toBeGreaterThan(950)
      written.push(lines.join('\n'))
      expect(unexplained).toEqual([])
      expect([...unused], 'reasons for nothing').toEqual([])
    } finally {
      await network.close()
      folder.remove()
    }
  })

  test('the golden file is what was heard', () => {
    const text = `${written.join('\n\n')}\n`
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text)
    expect(text).toBe(readFileSync(golden, 'utf8'))
  })
})
