/**
 * Shapes of public configurations, each in a file of its own and as small as it can be: what of it is understood, and what is
 * listed with its line. Nothing is passed over: a key that nobody knows is listed wherever it stands.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { offerOf, type Offer } from '#shared/interchange/evaluate.ts'
import type { Configuration } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'
import { fixtureFiles, readFixture } from '../helpers/import-engines.ts'

const pxe = (code: number, more: readonly (readonly [number, string])[] = []) => new Map<number, string>([[60, `PXEClient:Arch:${String(code).padStart(5, '0')}:UNDI:003000`], [93, String.fromCharCode(0, code)], ...more]) // prettier-ignore
const kinds = { bios: pxe(0), uefi: pxe(7), arm: pxe(11), ipxe: pxe(7, [[77, 'iPXE'], [175, '\u00b0\u0001\u0001']]), old: pxe(9) } as const // prettier-ignore
type Kind = keyof typeof kinds

const said = ({ bootFile, options, silent }: Offer): string => (silent ? 'silent' : ((options.get(67) ?? bootFile)?.text ?? 'nothing')) // prettier-ignore
const asked = (configuration: Configuration, kind: Kind, mac = '02:00:5e:10:00:01'): string => said(offerOf(configuration, configuration.subnets[0]!, { mac, options: kinds[kind] })) // prettier-ignore

/** The lines, what each kind is told, and the lines that are listed. */
type Shape = readonly [title: string, lines: string, told: Partial<Record<Kind, string>>, listed?: readonly number[]]

const dnsmasqRange = 'dhcp-range=10.0.0.10,10.0.0.20,255.255.255.0\n'
const dnsmasq: readonly Shape[] = [
  ['one file for all', `${dnsmasqRange}dhcp-boot=pxelinux.0`, { bios: 'pxelinux.0', uefi: 'pxelinux.0' }],
  ['file, name and address of another server', `${dnsmasqRange}dhcp-boot=pxelinux.0,boot,10.0.0.5`, { bios: 'pxelinux.0' }],
  ['architectures by option name', `${dnsmasqRange}dhcp-match=set:efi,option:client-arch,7\ndhcp-boot=tag:efi,a.efi\ndhcp-boot=tag:!efi,b.0`, { bios: 'b.0', uefi: 'a.efi' }],
  ['architectures by number', `${dnsmasqRange}dhcp-match=set:efi,93,7\ndhcp-boot=tag:efi,a.efi`, { bios: 'nothing', uefi: 'a.efi' }],
  ['the vendor class by its architecture', `${dnsmasqRange}dhcp-vendorclass=set:efi,PXEClient:Arch:00007\ndhcp-boot=tag:efi,a.efi`, { bios: 'nothing', uefi: 'a.efi' }],
  ['iPXE by option 175', `${dnsmasqRange}dhcp-match=set:ipxe,175\ndhcp-boot=tag:!ipxe,undionly.kpxe\ndhcp-boot=tag:ipxe,http://10.0.0.5/boot.ipxe`, { bios: 'undionly.kpxe', ipxe: 'http://10.0.0.5/boot.ipxe' }],
  ['iPXE by its user class', `${dnsmasqRange}dhcp-userclass=set:ipxe,iPXE\ndhcp-boot=tag:ipxe,boot.ipxe\ndhcp-boot=undionly.kpxe`, { bios: 'undionly.kpxe', ipxe: 'boot.ipxe' }],
  ['the old words for tags', `${dnsmasqRange}dhcp-vendorclass=net:x,PXEClient\ndhcp-boot=net:x,x.0`, { bios: 'x.0' }],
  ['tags that are combined', `${dnsmasqRange}dhcp-match=set:a,93,7\ndhcp-match=set:b,93,9\ntag-if=set:efi,tag:a\ntag-if=set:efi,tag:b\ndhcp-boot=tag:efi,e.efi`, { uefi: 'e.efi', old: 'e.efi', bios: 'nothing' }],
  ['a tag with a star', `${dnsmasqRange}dhcp-match=set:efi7,93,7\ndhcp-match=set:efi9,93,9\ndhcp-boot=tag:efi*,e.efi`, { uefi: 'e.efi', old: 'e.efi', bios: 'nothing' }],
  ['the tag of an interface', `interface=br0\n${dnsmasqRange}dhcp-boot=tag:br0,x.0`, { bios: 'nothing' }, [1, 3]],
  ['a tag nobody sets', `${dnsmasqRange}dhcp-boot=tag:nobody,x.0\ndhcp-boot=tag:!nobody,y.0`, { bios: 'y.0' }],
  ['known hosts alone', `${dnsmasqRange}dhcp-ignore=tag:!known\ndhcp-host=02:00:5e:10:00:01,10.0.0.9\ndhcp-boot=a.0`, { bios: 'a.0' }],
  ['nobody is known', `${dnsmasqRange}dhcp-ignore=tag:!known\ndhcp-boot=a.0`, { bios: 'silent' }],
  ['PXE options of the vendor', `${dnsmasqRange}dhcp-option=vendor:PXEClient,6,2b\ndhcp-option=vendor:PXEClient,1,0.0.0.0\ndhcp-boot=a.0`, { bios: 'a.0' }],
  ['options inside option 175', `${dnsmasqRange}dhcp-option=encap:175,8,1b\ndhcp-option=encap:175,190,user\ndhcp-boot=a.0`, { bios: 'a.0' }],
  ['DHCPv6 beside it', `${dnsmasqRange}dhcp-range=::100,::200,constructor:eth0\ndhcp-option=option6:59,tftp://x/y\ndhcp-boot=a.0`, { bios: 'a.0' }, [2, 3]],
  ['a proxyDHCP with services', 'port=0\ndhcp-range=10.0.0.0,proxy,255.255.255.0\npxe-service=x86PC,"Boot",pxelinux\npxe-service=X86-64_EFI,"Boot",a.efi,10.0.0.5', { bios: 'pxelinux.0', uefi: 'a.efi', arm: 'nothing' }],
  ['a proxyDHCP with a menu and its prompt', 'dhcp-range=10.0.0.0,proxy,255.255.255.0\npxe-prompt="Press F8",5\npxe-service=x86PC,"Boot",a.0\npxe-service=x86PC,"Other",15', { bios: 'a.0' }, [2, 4]],
  ['a relay', `${dnsmasqRange}dhcp-relay=10.0.0.1,10.1.0.1\ndhcp-boot=a.0`, { bios: 'a.0' }, [2]],
  ['quotation marks and comments', `# hello\n${dnsmasqRange}dhcp-boot="a b.0" # why\n\n`, { bios: 'a b.0' }],
  ['lines as on the command line', `--${dnsmasqRange}--dhcp-boot=a.0`, { bios: 'a.0' }],
] // prettier-ignore

const subnet = (more: string): string =>
  `"subnet4": [{ "id": 1, "subnet": "10.0.0.0/24", "pools": [{ "pool": "10.0.0.10-10.0.0.20" }]${more} }]`
const kea: readonly Shape[] = [
  ['fields of a subnet', `{"Dhcp4": { ${subnet(', "next-server": "10.0.0.5", "boot-file-name": "a.0"')} } }`, { bios: 'a.0' }],
  ['options 66 and 67 in a subnet', `{"Dhcp4": { ${subnet(', "option-data": [{ "name": "boot-file-name", "data": "a.0" }, { "code": 66, "data": "10.0.0.5" }]')} } }`, { bios: 'a.0' }],
  ['classes by architecture', `{"Dhcp4": { "client-classes": [{ "name": "efi", "test": "option[93].hex == 0x0007", "boot-file-name": "a.efi" }], ${subnet('')} } }`, { bios: 'nothing', uefi: 'a.efi' }],
  ['classes by the beginning of option 60', `{"Dhcp4": { "client-classes": [{ "name": "x", "test": "substring(option[60].hex,0,20) == 'PXEClient:Arch:00007'", "boot-file-name": "a.efi" }], ${subnet('')} } }`, { bios: 'nothing', uefi: 'a.efi' }],
  ['iPXE by option 77, and a class that is not', `{"Dhcp4": { "client-classes": [{ "name": "ipxe", "test": "option[77].hex == 'iPXE'", "boot-file-name": "b" }, { "name": "rest", "test": "not member('ipxe')", "boot-file-name": "a" }], ${subnet('')} } }`, { bios: 'a', ipxe: 'b' }],
  ['an option that exists', `{"Dhcp4": { "client-classes": [{ "name": "x", "test": "option[175].exists", "boot-file-name": "b" }], ${subnet('')} } }`, { bios: 'nothing', ipxe: 'b' }],
  ['comments and commas', `// one\n{"Dhcp4": { # two\n /* three */ ${subnet(', "boot-file-name": "a",')}, } }`, { bios: 'a' }],
  ['a class that a subnet asks for', `{"Dhcp4": { "client-classes": [{ "name": "x", "only-if-required": true, "test": "option[93].exists", "option-data": [{ "name": "boot-file-name", "data": "b" }] }], ${subnet(', "require-client-classes": ["x"]')} } }`, { bios: 'b' }],
  ['the same in Kea 3', `{"Dhcp4": { "client-classes": [{ "name": "x", "only-in-additional-list": true, "option-data": [{ "name": "boot-file-name", "data": "b" }] }], ${subnet(', "evaluate-additional-classes": ["x"]')} } }`, { bios: 'b' }],
  ['a class nobody asks for', `{"Dhcp4": { "client-classes": [{ "name": "x", "only-if-required": true, "boot-file-name": "b" }], ${subnet('')} } }`, { bios: 'nothing' }],
  ['a reservation with a class', `{"Dhcp4": { "client-classes": [{ "name": "x", "boot-file-name": "b" }], ${subnet(', "reservations": [{ "hw-address": "02:00:5e:10:00:01", "client-classes": ["x"] }]')} } }`, { bios: 'b' }],
  ['a reservation for everywhere', `{"Dhcp4": { "reservations": [{ "hw-address": "02:00:5e:10:00:01", "boot-file-name": "b" }], ${subnet('')} } }`, { bios: 'b' }],
  ['clients that are dropped', `{"Dhcp4": { "client-classes": [{ "name": "DROP", "test": "option[93].hex == 0x0000" }], ${subnet(', "boot-file-name": "a"')} } }`, { bios: 'silent', uefi: 'a' }],
  ['a template', `{"Dhcp4": { "client-classes": [\n{ "name": "x",\n"template-test": "substring(option[60].hex,0,9)", "boot-file-name": "b" }], ${subnet('')} } }`, { bios: 'nothing' }, [3]],
  ['options inside option 43', `{"Dhcp4": { "option-def": [{ "name": "disc", "code": 6, "space": "vendor-encapsulated-options-space", "type": "uint8" }], "option-data": [{ "name": "vendor-encapsulated-options" }, { "name": "disc", "space": "vendor-encapsulated-options-space", "data": "8" }], ${subnet(', "boot-file-name": "a"')} } }`, { bios: 'a' }],
  ['an option that is never sent', `{"Dhcp4": { "option-data": [{ "name": "boot-file-name", "data": "a", "never-send": true }], ${subnet('')} } }`, { bios: '' }],
  ['a database of hosts', `{"Dhcp4": { "hosts-database": { "type": "mysql" }, ${subnet(', "boot-file-name": "a"')} } }`, { bios: 'a' }],
  ['a hook that decides', `{"Dhcp4": { "hooks-libraries": [\n{ "library": "/x/libdhcp_flex_option.so" }], ${subnet(', "boot-file-name": "a"')} } }`, { bios: 'a' }, [2]],
  ['two of one key', `{"Dhcp4": { ${subnet('')},\n${subnet(', "boot-file-name": "a"')} } }`, { bios: 'a' }, [2]],
  ['a class of a pool', `{"Dhcp4": { "client-classes": [{ "name": "efi", "test": "option[93].hex == 0x0007" }], "subnet4": [{ "subnet": "10.0.0.0/24", "boot-file-name": "a", "pools": [{ "pool": "10.0.0.0/28", "client-class": "efi" }] }] } }`, { uefi: 'a', bios: 'silent' }],
] // prettier-ignore

const switchPool = 'ip dhcp excluded-address 10.0.0.1 10.0.0.9\nip dhcp pool LAN\n network 10.0.0.0 255.255.255.0\n'
const cisco: readonly Shape[] = [
  ['a pool with a boot file', `${switchPool} bootfile a.0\n next-server 10.0.0.5`, { bios: 'a.0' }],
  ['options 66, 67 and 150', `${switchPool} option 66 ip 10.0.0.5\n option 67 ascii a.0\n option 150 ip 10.0.0.5`, { bios: 'a.0' }],
  ['a class of a pool', `${switchPool} bootfile a.0\n class PXE\n  address range 10.0.0.20 10.0.0.30`, { bios: 'a.0' }, [5, 6]],
  ['an option without a kind', `${switchPool} option 67 a.0`, { bios: 'nothing' }, [4]],
] // prettier-ignore

for (const [engine, shapes] of [
  ['dnsmasq', dnsmasq],
  ['kea', kea],
  ['cisco', cisco],
] as const)
  describe(engine, () => {
    test.each(shapes.map(([title, text, told, listed = []]) => ({ title, text, told, listed })))(
      '$title',
      ({ text, told, listed }) => {
        const configuration = readConfiguration({ name: 'x', text })!
        expect(configuration.engine).toBe(engine)
        expect(Object.fromEntries(Object.keys(told).map((kind) => [kind, asked(configuration, kind as Kind)]))).toEqual(
          told,
        )
        expect([...new Set(configuration.notUnderstood.map(({ line }) => line))].toSorted((a, b) => a - b)).toEqual(listed) // prettier-ignore
      },
    )
  })

test('what is sent inside option 43 and 175 is made of its parts', () => {
  const octets = (shapes: readonly Shape[], title: string, code: number): string | undefined => {
    const configuration = readConfiguration({ name: 'x', text: shapes.find(([one]) => one === title)![1] })!
    return offerOf(configuration, configuration.subnets[0]!, { mac: '02:00:5e:10:00:01', options: kinds.bios }).options.get(code)?.octets // prettier-ignore
  }
  expect(octets(dnsmasq, 'PXE options of the vendor', 43)).toBe('\u0001\u0004\0\0\0\0\u0006\u0001\u0002\u00ff')
  expect(octets(dnsmasq, 'options inside option 175', 175)).toBe('\u00be\u0004user\u0008\u0001\u0001\u00ff')
  expect(octets(kea, 'options inside option 43', 43)).toBe('\u0006\u0001\u0008')
})

describe('a key that nobody knows is listed with its line', () => {
  const unknown = 'zz-unknown'
  const folder = new URL('../fixtures/interchange/', import.meta.url)
  const wds =
    'REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE]\n"UseDhcpPorts"=dword:00000000\n"BindPolicy"=dword:00000000\n'
  /** Where keys stand in each kind of file, and how one is made unknown. */
  const forms: readonly (readonly [kind: string, texts: readonly string[], key: RegExp, made: string])[] = [
    ['dnsmasq', fixtureFiles('dnsmasq', '.conf').map(({ text }) => text), /^[a-z][\w-]*(?==)/gm, unknown],
    ['kea', fixtureFiles('kea', '.conf').map(({ text }) => text), /"(?!Dhcp4|interfaces|type|persist|name|code|space)[\w-]+"(?=\s*:)/g, `"${unknown}"`],
    ['netsh', [readFileSync(new URL('windows/site-dump.txt', folder), 'utf8')], /(?<=^Dhcp Server .*(Scope [\d.]+ )?)(?<!Scope .*)\b(Add|set) \w+/gim, `set ${unknown}`],
    ['routeros', ['/ip dhcp-server network\nadd address=10.0.0.0/24 gateway=10.0.0.1 dns-server=10.0.0.2 boot-file-name=a.0 next-server=10.0.0.2\n/ip dhcp-server lease\nadd address=10.0.0.9 mac-address=02:00:5E:20:00:01 lease-time=5m\n/ip dhcp-server\nadd name=a interface=b lease-time=10m\n'], /\b(gateway|dns-server|boot-file-name|next-server|lease-time|interface)(?==)/g, unknown],
    ['wds', [wds], /(?<=^")\w+(?=")/gm, unknown],
  ] // prettier-ignore
  test.each(forms)('%s', (_, texts, key, made) => {
    const places = texts.flatMap((text) => [...text.matchAll(key)].map((match) => ({ text, at: match.index, length: match[0].length }))) // prettier-ignore
    expect(places.length).toBeGreaterThan(1)
    for (const { text, at, length } of places) {
      const changed = text.slice(0, at) + made + text.slice(at + length)
      const line = text.slice(0, at).split('\n').length
      const configuration = readConfiguration({ name: 'x', text: changed })
      // Whatever it was that told the engine by, another key does too.
      if (!configuration) continue
      expect(configuration.notUnderstood.map((one) => one.line), changed.split('\n')[line - 1]).toContain(line) // prettier-ignore
    }
  })
  test('the fixtures themselves are read', () => {
    for (const one of fixtureFiles('dnsmasq', '.conf')) expect(readFixture(one).engine).toBe('dnsmasq')
  })
})
