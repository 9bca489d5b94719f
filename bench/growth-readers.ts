/** How the cost of reading a configuration grows, for every kind: as many machines, subnets or lines as a large site has, and four times as many. */
import { bootTable } from '#shared/interchange/boot-table.ts'
import { readConfiguration } from '#shared/interchange/read.ts'

type Make = (size: number) => () => unknown

const macOf = (index: number): string => `02:00:${[24, 16, 8, 0].map((shift) => ((index >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}` // prettier-ignore
const addressOf = (index: number): string => `10.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`
const lines = (size: number, line: (index: number) => string, joint = '\n'): string => Array.from({ length: size }, (_, index) => line(index)).join(joint) // prettier-ignore
const reading =
  (textOf: (size: number) => string): Make =>
  (size) => {
    const text = textOf(size)
    return () => {
      if (!readConfiguration({ name: 'x', text })) throw new Error(`not recognised: ${text.slice(0, 60)}`)
    }
  }

/** What is offered to each kind of machine, of a configuration that is read already; one such table is too short to time. */
const offering =
  (textOf: (size: number) => string): Make =>
  (size) => {
    const configuration = readConfiguration({ name: 'x', text: textOf(size) })
    if (!configuration) throw new Error('not recognised')
    return () => {
      // Another list each time, for what is known of one is kept.
      const fresh = { ...configuration, reservations: [...configuration.reservations] }
      if (bootTable(fresh, macOf(size - 1)).length === 0) throw new Error('no offer')
    }
  }

const wds = '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE]'

export const readers: Readonly<Record<string, readonly [size: number, make: Make]>> = {
  'reading: reservations of Kea': [20_000, reading((size) => `{"Dhcp4": {"subnet4": [{"subnet": "10.0.0.0/8", "reservations": [\n${lines(size, (index) => `{"hw-address": "${macOf(index)}", "ip-address": "${addressOf(index)}"}`, ',\n')}\n]}]}}`)],
  'reading: classes of Kea': [10_000, reading((size) => `{"Dhcp4": {"client-classes": [\n${lines(size, (index) => `{"name": "c${index}", "test": "pkt4.mac == 0x${macOf(index).replaceAll(':', '')}", "boot-file-name": "${index}.0"}`, ',\n')}\n]}}`)],
  'reading: hosts of dnsmasq': [20_000, reading((size) => `dhcp-range=10.0.0.0,static,255.0.0.0\n${lines(size, (index) => `dhcp-host=${macOf(index)},${addressOf(index)},h${index}`)}`)],
  'offering: hosts of dnsmasq': [20_000, offering((size) => `dhcp-range=10.0.0.0,static,255.0.0.0\n${lines(size, (index) => `dhcp-host=${macOf(index)},${addressOf(index)},h${index}`)}`)],
  'reading: tags of dnsmasq': [10_000, reading((size) => `dhcp-range=10.0.0.0,static,255.0.0.0\n${lines(size, (index) => `dhcp-mac=set:t${index},${macOf(index)}\ndhcp-boot=tag:t${index},tag:!u${index},${index}.0`)}`)],
  'reading: hosts of ISC dhcpd': [20_000, reading((size) => `subnet 10.0.0.0 netmask 255.0.0.0 { }\n${lines(size, (index) => `host h${index} { hardware ethernet ${macOf(index)}; fixed-address ${addressOf(index)}; filename "${index}.0"; }`)}`)],
  'reading: subnets of ISC dhcpd with pools': [10_000, reading((size) => lines(size, (index) => `subnet ${addressOf(index * 16)} netmask 255.255.255.240 { pool { range ${addressOf(index * 16 + 2)} ${addressOf(index * 16 + 9)}; } }`))],
  'reading: subclasses of ISC dhcpd': [20_000, reading((size) => `class "c" { match hardware; }\n${lines(size, (index) => `subclass "c" 1:${macOf(index)};`)}`)],
  'reading: scopes of netsh': [5000, reading((size) => lines(size, (index) => `Dhcp Server 10.0.0.1 add scope ${addressOf(index * 256)} 255.255.255.0 "s"\nDhcp Server 10.0.0.1 Scope ${addressOf(index * 256)} Add iprange ${addressOf(index * 256 + 1)} ${addressOf(index * 256 + 9)}\nDhcp Server 10.0.0.1 Scope ${addressOf(index * 256)} set optionvalue 67 STRING "a.0"`))],
  'reading: reservations of netsh': [20_000, reading((size) => `Dhcp Server 10.0.0.1 add scope 10.0.0.0 255.0.0.0 "s"\n${lines(size, (index) => `Dhcp Server 10.0.0.1 Scope 10.0.0.0 Add reservedip ${addressOf(index)} ${macOf(index).replaceAll(':', '')} "h"`)}`)],
  'reading: scopes of an export': [5000, reading((size) => `<DHCPServer><IPv4><Scopes>\n${lines(size, (index) => `<Scope><ScopeId>${addressOf(index * 256)}</ScopeId><SubnetMask>255.255.255.0</SubnetMask><StartRange>${addressOf(index * 256 + 1)}</StartRange><EndRange>${addressOf(index * 256 + 9)}</EndRange></Scope>`)}</Scopes></IPv4></DHCPServer>`)],
  'reading: values of a registry': [20_000, reading((size) => `REGEDIT4\n${wds}\n${lines(size, (index) => `"v${index}"=dword:00000001`)}`)],
  'reading: interfaces of Cisco': [10_000, reading((size) => lines(size, (index) => `interface Vlan${index}\n ip address ${addressOf(index * 16 + 1)} 255.255.255.240\n ip helper-address 10.255.0.1`))],
  'reading: pools of Cisco with excluded addresses': [2000, reading((size) => `${lines(size, (index) => `ip dhcp excluded-address ${addressOf(index * 16 + 1)} ${addressOf(index * 16 + 3)}`)}\n${lines(size, (index) => `ip dhcp pool p${index}\n network ${addressOf(index * 16)} 255.255.255.240`)}`)],
  'reading: relays of Junos': [10_000, reading((size) => `set forwarding-options dhcp-relay server-group g 10.255.0.1\n${lines(size, (index) => `set interfaces irb unit ${index} family inet address ${addressOf(index * 16 + 1)}/28\nset forwarding-options dhcp-relay group a interface irb.${index}`)}`)],
  'reading: leases of RouterOS': [5000, reading((size) => `/ip dhcp-server network\nadd address=10.0.0.0/8\n/ip dhcp-server lease\n${lines(size, (index) => `add address=${addressOf(index)} mac-address=${macOf(index).toUpperCase()}`)}`)],
  'reading: networks of RouterOS with pools': [2000, reading((size) => `/ip pool\n${lines(size, (index) => `add name=p${index} ranges=${addressOf(index * 16 + 2)}-${addressOf(index * 16 + 9)}`)}\n/ip dhcp-server\n${lines(size, (index) => `add name=s${index} address-pool=p${index}`)}\n/ip dhcp-server network\n${lines(size, (index) => `add address=${addressOf(index * 16)}/28`)}`)],
  'reading: what RouterOS sets': [2000, reading((size) => `/ip dhcp-server network\n${lines(size, (index) => `add address=${addressOf(index * 16)}/28`)}\n${lines(size, (index) => `set [find address=${addressOf(index * 16)}/28] next-server=10.0.0.5`)}`)],
  'reading: reservations of a lab file': [2500, reading((size) => `interface: eth0\nmode: dhcp\ndhcp:\n  subnets:\n    - subnet: 10.0.0.0/8\n      reservations:\n${lines(size, (index) => `        - { mac: ${macOf(index)}, address: ${addressOf(index + 1)} }`)}`)],
} // prettier-ignore
