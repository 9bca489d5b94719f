/**
 * Shapes of public configurations of routers, switches and firewalls, as small as they can be and with other names and addresses: for whom
 * each relays, what each gives, and the lines that are listed. Nothing about DHCP is passed over in silence.
 */
import { describe, expect, test } from 'vitest'
import { offerOf } from '#shared/interchange/evaluate.ts'
import { machineKinds } from '#shared/interchange/boot-table.ts'
import { readConfiguration } from '#shared/interchange/read.ts'

/** `told`: relays as "network > servers", subnets as "network first-last", and what a UEFI x64 machine gets; `listed`: lines. */
type Shape = readonly [title: string, text: string, told: readonly string[], listed?: readonly number[]]

const mac = '02:00:5e:10:00:01'

function toldOf(text: string): { readonly told: string[]; readonly listed: number[] } {
  const configuration = readConfiguration({ name: 'x', text })
  if (!configuration) return { told: ['unrecognised'], listed: [] }
  const { relays = [], subnets, notUnderstood } = configuration
  return {
    told: [
      ...relays.map(({ network, helpers }) => `${network ?? '?'} > ${helpers.map((one) => one.text).join(' ')}`),
      ...subnets.map((subnet) => {
        const { bootFile, nextServer, reservation, options, leaseSeconds } = offerOf(configuration, subnet, { mac, options: machineKinds[2].options }) // prettier-ignore
        return [
          subnet.network,
          ...subnet.pools.map(({ start, end }) => `${start}-${end}`),
          ...(bootFile ? [`file ${bootFile.text}`] : []),
          ...(nextServer ? [`server ${nextServer.text}`] : []),
          ...(leaseSeconds ? [`lease ${leaseSeconds.text}`] : []),
          ...(reservation ? [`reserved ${reservation.address}`] : []),
          ...[...options].toSorted(([a], [b]) => a - b).map(([code, one]) => `${code}=${one.text}`),
        ].join(' ')
      }),
    ],
    listed: [...new Set(notUnderstood.map(({ line }) => line))].toSorted((a, b) => a - b),
  }
}

const svi = (address: string): string => `interface Vlan10\n ip address ${address}\n`
const relays: readonly Shape[] = [
  ['IOS: two helpers', `${svi('10.1.0.1 255.255.255.0')} ip helper-address 10.9.0.5\n ip helper-address 10.9.0.6\n`, ['10.1.0.0/24 > 10.9.0.5 10.9.0.6']],
  ['IOS: a helper in another VRF', `interface Vlan10\n vrf forwarding RED\n ip address 10.1.0.1 255.255.255.0\n ip helper-address vrf MGMT 10.9.0.5\n`, ['10.1.0.0/24 > 10.9.0.5']],
  ['IOS: as it is typed, without indents', 'int vlan 10\nip address 10.1.0.1 255.255.255.0\nip helper-address 10.9.0.5\nno shutdown\nexit\nint vlan 20\nip address 10.1.1.1 255.255.255.0\nip helper-address 10.9.0.6\n', ['10.1.0.0/24 > 10.9.0.5', '10.1.1.0/24 > 10.9.0.6']],
  ['IOS: secondary addresses and HSRP', `interface Vlan10\n ip address 10.1.0.2 255.255.255.0\n ip address 10.1.1.2 255.255.255.0 secondary\n standby 1 ip 10.1.0.1\n ip helper-address 10.9.0.5\n`, ['10.1.0.0/24 > 10.9.0.5']],
  ['IOS: a helper without an address of its own', 'interface Vlan10\n ip helper-address 10.9.0.5\n', ['? > 10.9.0.5'], [1]],
  ['IOS: a helper by its name', `${svi('10.1.0.1 255.255.255.0')} ip helper-address dhcp.example.net\n`, [], [3]],
  ['NX-OS: feature and relay address', `feature dhcp\nservice dhcp\nip dhcp relay\ninterface Vlan10\n  ip address 10.1.0.1/24\n  ip dhcp relay address 10.9.0.5 use-vrf management\n`, ['10.1.0.0/24 > 10.9.0.5']],
  ['NX-OS: the source interface of all relays', `feature dhcp\nip dhcp relay source-interface loopback1\n${svi('10.1.0.1/24')}  ip dhcp relay address 10.9.0.5\n`, ['10.1.0.0/24 > 10.9.0.5']],
  ['NX-OS: several on one line apart, IPv6 beside them', `${svi('10.1.0.1/23')}  hsrp version 2\n  ip dhcp relay address 10.9.0.5 \n  ip dhcp relay address 10.9.0.6 \n  ipv6 dhcp relay address 2001:db8::5\n`, ['10.1.0.0/23 > 10.9.0.5 10.9.0.6']],
  ['ASA: a server behind another interface', 'interface Vlan10\n nameif CLIENTS\n security-level 50\n ip address 10.1.0.1 255.255.255.0\n!\ndhcprelay server 10.9.0.5 SERVERS\ndhcprelay enable CLIENTS\ndhcprelay timeout 60\n', ['10.1.0.0/24 > 10.9.0.5']],
  ['ASA: two interfaces, one with a server of its own', 'interface Vlan10\n nameif a\n ip address 10.1.0.1 255.255.255.0\n dhcprelay server 10.9.0.7\ninterface Vlan20\n nameif b\n ip address 10.1.1.1 255.255.255.0\ndhcprelay server 10.9.0.5 c\ndhcprelay enable a\ndhcprelay enable b\n', ['10.1.0.0/24 > 10.9.0.7', '10.1.1.0/24 > 10.9.0.5']],
  ['ASA: an interface that is not here', 'dhcprelay server 10.9.0.5 inside\ndhcprelay enable guests\ndhcprelay setroute guests\n', ['? > 10.9.0.5'], [2, 3]],
  ['IOS XR: profiles', 'dhcp ipv4\n profile P relay\n  helper-address vrf default 10.9.0.5\n !\n interface Bundle-Ether1.10 relay profile P\n', [], [1, 3, 5]],
  ['AOS-S: VLANs with helpers', 'vlan 10\n   name "clients"\n   untagged 1-8\n   ip address 10.1.0.1 255.255.255.0\n   ip helper-address 10.9.0.5\n   exit\n', ['10.1.0.0/24 > 10.9.0.5']],
  ['AOS-S: relaying switched off', 'no dhcp-relay\nvlan 10\n   ip address 10.1.0.1 255.255.255.0\n   ip helper-address 10.9.0.5\n   exit\n', ['10.1.0.0/24 > 10.9.0.5'], [1]],
  ['AOS-CX: helpers and a VRF', 'interface vlan 10\n    vrf attach RED\n    ip address 10.1.0.1/24\n    ip helper-address 10.9.0.5 vrf default\n', ['10.1.0.0/24 > 10.9.0.5']],
  ['Junos: a group of servers', 'set interfaces irb unit 10 family inet address 10.1.0.1/24\nset forwarding-options dhcp-relay server-group DHCP 10.9.0.5\nset forwarding-options dhcp-relay server-group DHCP 10.9.0.6\nset forwarding-options dhcp-relay active-server-group DHCP\nset forwarding-options dhcp-relay group ALL interface irb.10\n', ['10.1.0.0/24 > 10.9.0.5 10.9.0.6']],
  ['Junos: interfaces in brackets', 'set interfaces irb unit 10 family inet address 10.1.0.1/24\nset interfaces irb unit 20 family inet address 10.1.1.1/24\nset forwarding-options dhcp-relay server-group D 10.9.0.5\nset forwarding-options dhcp-relay group G active-server-group D\nset forwarding-options dhcp-relay group G interface [ irb.10 irb.20 ]\n', ['10.1.0.0/24 > 10.9.0.5', '10.1.1.0/24 > 10.9.0.5']],
  ['Junos: helpers, for all and for one', 'set interfaces ge-0/0/1 unit 0 family inet address 10.1.0.1/24\nset interfaces ge-0/0/2 unit 0 family inet address 10.1.1.1/24\nset forwarding-options helpers bootp description "all of them"\nset forwarding-options helpers bootp server 10.9.0.5\nset forwarding-options helpers bootp maximum-hop-count 5\nset forwarding-options helpers bootp interface ge-0/0/1.0\nset forwarding-options helpers bootp interface ge-0/0/2.0 server 10.9.0.6 routing-instance c3\n', ['10.1.0.0/24 > 10.9.0.5', '10.1.1.0/24 > 10.9.0.6']],
  ['Junos: braces, and a VRRP address', 'interfaces {\n    irb {\n        unit 10 {\n            family inet {\n                address 10.1.0.2/24 {\n                    vrrp-group 10 {\n                        virtual-address 10.1.0.1;\n                    }\n                }\n            }\n        }\n    }\n}\nforwarding-options {\n    helpers {\n        bootp {\n            interface {\n                irb.10 {\n                    server 10.9.0.5;\n                }\n            }\n        }\n    }\n}\n', ['10.1.0.0/24 > 10.9.0.5']],
  ['Junos: brackets in braces', 'interfaces { irb { unit 10 { family inet { address 10.1.0.1/24; } } unit 20 { family inet { address 10.1.1.1/24; } } } }\nforwarding-options { dhcp-relay {\n server-group { D { 10.9.0.5; 10.9.0.6; } }\n active-server-group D;\n group G { interface [ irb.10 irb.20 ]; } } }\n', ['10.1.0.0/24 > 10.9.0.5 10.9.0.6', '10.1.1.0/24 > 10.9.0.5 10.9.0.6']],
  ['RouterOS: a relay', '/ip address\nadd address=10.1.0.1/24 interface=vlan10\n/ip dhcp-relay\nadd dhcp-server=10.9.0.5,10.9.0.6 interface=vlan10 local-address=10.1.0.1 name=relay1 disabled=no\n', ['10.1.0.0/24 > 10.9.0.5 10.9.0.6']],
  ['RouterOS: in one line, with slashes', '/ip/address add address=10.1.0.1/24 interface=vlan10\n/ip/dhcp-relay add dhcp-server=10.9.0.5 interface=vlan10 local-address=10.1.0.1 name=r\n', ['10.1.0.0/24 > 10.9.0.5']],
] // prettier-ignore

const exported = (inner: string, around = ''): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<DHCPServer>\n<IPv4>${around}<Scopes>\n<Scope><ScopeId>10.1.0.0</ScopeId><SubnetMask>255.255.255.0</SubnetMask><StartRange>10.1.0.10</StartRange><EndRange>10.1.0.99</EndRange><State>Active</State>\n${inner}\n</Scope></Scopes></IPv4></DHCPServer>\n`
const option = (code: number, value: string): string =>
  `<OptionValue><OptionId>${code}</OptionId><Value>${value}</Value><VendorClass /><UserClass /></OptionValue>`
const windowsServers: readonly Shape[] = [
  ['an export of one scope, with leases', exported(`<LeaseDuration>8.00:00:00</LeaseDuration><OptionValues>${option(3, '10.1.0.1')}${option(66, '10.9.0.5')}${option(67, 'a.efi')}</OptionValues><Leases><Lease><IPAddress>10.1.0.11</IPAddress></Lease></Leases>`), ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 691200 3=10.1.0.1 66=10.9.0.5 67=a.efi']],
  ['leases without an end', exported('<LeaseDuration>10675199.02:48:05.4775807</LeaseDuration>'), ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 4294967295']],
  ['options of the server below those of the scope and the reservation', exported(`<OptionValues>${option(67, 'b.efi')}</OptionValues><Reservations><Reservation><Name>pc</Name><IPAddress>10.1.0.12</IPAddress><ClientId>02-00-5e-10-00-01</ClientId><OptionValues>${option(67, 'c.efi')}</OptionValues></Reservation></Reservations>`, `<OptionValues>${option(66, '10.9.0.5')}${option(67, 'a.efi')}</OptionValues>`), ['10.1.0.0/24 10.1.0.10-10.1.0.99 reserved 10.1.0.12 66=10.9.0.5 67=c.efi']],
  ['an exclusion, and an element that nobody knows', exported('<ExclusionRanges><IPRange><StartRange>10.1.0.10</StartRange><EndRange>10.1.0.49</EndRange></IPRange></ExclusionRanges>\n<Strange>1</Strange>'), ['10.1.0.0/24 10.1.0.50-10.1.0.99'], [6]],
] // prettier-ignore

const servers: readonly Shape[] = [
  ['IOS: a pool with options', 'ip dhcp excluded-address 10.1.0.1 10.1.0.9\nip dhcp pool P\n network 10.1.0.0 255.255.255.0\n default-router 10.1.0.1\n bootfile a.efi\n next-server 10.9.0.5\n option 150 ip 10.9.0.5\n lease 7 8\n', ['10.1.0.0/24 10.1.0.10-10.1.0.254 file a.efi server 10.9.0.5 lease 633600 3=10.1.0.1 150=10.9.0.5']],
  ['IOS: as it is typed, without indents', 'ip dhcp pool P\nnetwork 10.1.0.0 255.255.255.0\nip dhcp excluded-address 10.1.0.1 10.1.0.9\nbootfile a.efi\n', ['10.1.0.0/24 10.1.0.10-10.1.0.254'], [4]],
  ['IOS: typed, with an end to the pool', '!\nip dhcp pool P\nnetwork 10.1.0.0 /24\nbootfile a.efi\nnext-server 10.9.0.5\nexit\nip dhcp excluded-address 10.1.0.1\n', ['10.1.0.0/24 10.1.0.2-10.1.0.254 file a.efi server 10.9.0.5']],
  ['IOS: a machine of its own', 'ip dhcp pool LAN\n network 10.1.0.0 255.255.255.0\nip dhcp pool PC\n host 10.1.0.50 255.255.255.0\n hardware-address 0200.5e10.0001\n bootfile b.efi\n', ['10.1.0.0/24 10.1.0.1-10.1.0.254 file b.efi reserved 10.1.0.50']],
  ['IOS: classes', 'ip dhcp class C\n option 60 hex 505845*\nip dhcp pool P\n network 10.1.0.0 255.255.255.0\n class C\n  address range 10.1.0.10 10.1.0.20\n', ['10.1.0.0/24 10.1.0.1-10.1.0.254'], [1, 5, 6]],
  ['ASA: range, DNS, lease and options', 'interface Vlan10\n nameif inside\n ip address 10.1.0.1 255.255.255.0\n!\ndhcpd dns 10.9.0.53\ndhcpd lease 7200\ndhcpd option 66 ascii 10.9.0.5 interface inside\ndhcpd option 67 ascii a.efi interface inside\ndhcpd address 10.1.0.10-10.1.0.99 inside\ndhcpd enable inside\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 7200 3=10.1.0.1 6=10.9.0.53 66=10.9.0.5 67=a.efi']],
  ['ASA: usual lease, own router, a reservation', 'interface GigabitEthernet1/1\n nameif INSIDE\n ip address 10.1.0.1 255.255.255.0 standby 10.1.0.2\ndhcpd option 3 ip 10.1.0.254\ndhcpd address 10.1.0.10-10.1.0.99 inside\ndhcpd reserve-address 10.1.0.12 0200.5e10.0001 inside\ndhcpd enable inside\ndhcpd auto_config outside\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 3600 reserved 10.1.0.12 3=10.1.0.254'], [8]],
  ['ASA: not enabled, and without its interface', 'dhcpd address 10.1.0.10-10.1.0.99 inside\ndhcpd address 10.2.0.10-10.2.0.99 dmz\ndhcpd enable dmz\n', [], [1, 2]],
  ['AOS-CX: pools with prefix lengths', 'dhcp-server vrf default\n    pool p1\n        range 10.1.0.10 10.1.0.99 prefix-len 24\n        default-router 10.1.0.1\n        dns-server 10.9.0.53 10.9.0.54\n        option 66 ascii 10.9.0.5\n        option 67 ascii "a.efi"\n        lease 00:12:00\n    pool p2\n        range 10.2.0.10 10.2.0.99 prefix-len 24\n    authoritative\n    enable\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 43200 3=10.1.0.1 6=10.9.0.53, 10.9.0.54 66=10.9.0.5 67=a.efi', '10.2.0.0/24 10.2.0.10-10.2.0.99']],
  ['AOS-CX: the network of the interface, a binding, not enabled', 'interface vlan 10\n    ip address 10.1.0.1/25\ndhcp-server vrf default\n    pool p1\n        range 10.1.0.10 10.1.0.99\n        static-bind ip 10.1.0.5 mac 02:00:5e:10:00:01\n        bootp remote tftp://10.9.0.5/a.efi\n', ['10.1.0.0/25 10.1.0.10-10.1.0.99 reserved 10.1.0.5'], [3, 7]],
  ['AOS-CX: of no network', 'dhcp-server vrf default\n    pool p1\n        range 10.1.0.10 10.1.0.99\n    enable\n', [], [2]],
  ['AOS-S: a pool in quotation marks', 'dhcp-server pool "clients"\n   authoritative\n   default-router "10.1.0.1"\n   network 10.1.0.0 255.255.255.0\n   range 10.1.0.10 10.1.0.99\n   static-bind ip 10.1.0.5 mask 255.255.255.0 mac 02005e-100001\n   option 66 ascii "10.9.0.5"\n   exit\ndhcp-server enable\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 reserved 10.1.0.5 3=10.1.0.1 66=10.9.0.5']],
  ['Junos: an address pool', 'set system services dhcp-local-server group LAN interface irb.1\nset interfaces irb unit 1 family inet address 10.1.0.1/24\nset access address-assignment pool P family inet network 10.1.0.0/24\nset access address-assignment pool P family inet range R low 10.1.0.10\nset access address-assignment pool P family inet range R high 10.1.0.99\nset access address-assignment pool P family inet dhcp-attributes router 10.1.0.1\nset access address-assignment pool P family inet dhcp-attributes name-server [ 10.9.0.53 10.9.0.54 ]\nset access address-assignment pool P family inet dhcp-attributes maximum-lease-time 7200\nset access address-assignment pool P family inet dhcp-attributes boot-file a.efi\nset access address-assignment pool P family inet dhcp-attributes boot-server 10.9.0.5\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 file a.efi server 10.9.0.5 lease 7200 3=10.1.0.1 6=10.9.0.53, 10.9.0.54']],
  ['Junos: brackets without blanks', 'set access address-assignment pool P family inet network 10.1.0.0/24\nset access address-assignment pool P family inet dhcp-attributes name-server [10.9.0.53 10.9.0.54]\n', ['10.1.0.0/24 10.1.0.1-10.1.0.254 6=10.9.0.53, 10.9.0.54']],
  ['Junos: the older server', 'set system services dhcp pool 10.1.0.0/24 address-range low 10.1.0.10\nset system services dhcp pool 10.1.0.0/24 address-range high 10.1.0.99\nset system services dhcp pool 10.1.0.0/24 router 10.1.0.1\nset system services dhcp pool 10.1.0.0/24 boot-file a.efi\nset system services dhcp pool 10.1.0.0/24 next-server 10.9.0.5\nset system services dhcp static-binding 02:00:5e:10:00:01 fixed-address 10.1.0.5\n', ['10.1.0.0/24 10.1.0.10-10.1.0.99 file a.efi server 10.9.0.5 3=10.1.0.1'], [6]],
  ['RouterOS: options of a set that the server has', "/ip dhcp-server option\nadd code=66 name=server value=\"s'10.9.0.5'\"\nadd code=67 name=file value=\"'a.efi'\"\n/ip dhcp-server option sets\nadd name=pxe options=server,file\n/ip pool\nadd name=p ranges=10.1.0.10-10.1.0.99\n/ip dhcp-server\nadd address-pool=p interface=bridge name=d\nset [find name=d] dhcp-option-set=pxe\n/ip dhcp-server network\nadd address=10.1.0.0/24 gateway=10.1.0.1\n", ['10.1.0.0/24 10.1.0.10-10.1.0.99 3=10.1.0.1 66=10.9.0.5 67=a.efi']],
  ['RouterOS: fields of the network, and a lease', '/ip dhcp-server network\nadd address=10.1.0.0/24 boot-file-name=a.efi gateway=10.1.0.1 next-server=10.9.0.5\n/ip dhcp-server lease\nadd address=10.1.0.5 mac-address=02:00:5E:10:00:01 comment="a b"\n', ['10.1.0.0/24 10.1.0.1-10.1.0.254 file a.efi server 10.9.0.5 reserved 10.1.0.5 3=10.1.0.1']],
  ['RouterOS: one line each', "/ip pool add name=p ranges=10.1.0.10-10.1.0.99\n/ip dhcp-server add address-pool=p interface=b name=d lease-time=1h30m\n/ip dhcp-server option add name=f code=67 value=\"'a.efi'\"\n/ip dhcp-server network add address=10.1.0.0/24 dhcp-option=f\n", ['10.1.0.0/24 10.1.0.10-10.1.0.99 lease 5400 67=a.efi']],
] // prettier-ignore

describe.each([['relays', relays], ['servers', servers], ['Windows', windowsServers]] as const)('%s', (_, shapes) => {
  test.each(shapes.map(([title, text, told, listed = []]) => ({ title, text, wanted: { told, listed } })))('$title', ({ text, wanted }) => {
    expect(toldOf(text)).toEqual(wanted)
    // As Windows writes lines.
    expect(toldOf(text.replaceAll('\n', '\r\n'))).toEqual(wanted)
  })
}) // prettier-ignore
