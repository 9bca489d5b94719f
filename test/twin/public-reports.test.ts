/** What people asked for help with in public, in words of our own: the twin says what the thread found, or that it is not known. */
import { describe, expect, test } from 'vitest'
import { networkOf } from '#shared/twin/network.ts'
import { twinOf } from '#shared/twin/twin.ts'

interface Report {
  readonly title: string
  /** Where it was found. */
  readonly source: string
  readonly files: Readonly<Record<string, string>>
  /** By machine, behind the network or the reservation where there are several rows: state, and what verdict and reason contain. */
  readonly expected: Readonly<Record<string, readonly [state: string, text: string]>>
}

const router = `interface Vlan30
 ip address 10.30.0.1 255.255.255.0
 ip helper-address 10.1.1.2
`
const windows = (
  more: string,
): string => String.raw`Dhcp Server \\DHCP01 Add Optiondef 60 PXEClient STRING 0 comment="" PXEClient
Dhcp Server \\DHCP01 add scope 10.30.0.0 255.255.255.0 "Clients" ""
Dhcp Server \\DHCP01 Scope 10.30.0.0 set state 1
Dhcp Server \\DHCP01 Scope 10.30.0.0 Add iprange 10.30.0.100 10.30.0.200
Dhcp Server \\DHCP01 Scope 10.30.0.0 set optionvalue 3 IPADDRESS "10.30.0.1"
${more}`
const policy = (vendorClass: string): string => String.raw`<?xml version="1.0"?>
<DHCPServer><IPv4>
 <Classes><Class><Name>UEFI x64</Name><Type>Vendor</Type><Data>PXEClient:Arch:00007</Data></Class></Classes>
 <Scopes><Scope><ScopeId>10.50.1.0</ScopeId><Name>Offices</Name><SubnetMask>255.255.255.0</SubnetMask>
  <StartRange>10.50.1.20</StartRange><EndRange>10.50.1.200</EndRange><State>Active</State>
  <Policies><Policy><Name>UEFI</Name><ProcessingOrder>1</ProcessingOrder><Enabled>true</Enabled><Condition>OR</Condition>
   <VendorClass>EQ,${vendorClass}</VendorClass>
   <OptionValues><OptionValue><OptionId>66</OptionId><Value>10.50.1.5</Value></OptionValue><OptionValue><OptionId>67</OptionId><Value>boot\x64\wdsmgfw.efi</Value></OptionValue></OptionValues>
  </Policy></Policies>
  <OptionValues><OptionValue><OptionId>66</OptionId><Value>10.50.1.5</Value></OptionValue><OptionValue><OptionId>67</OptionId><Value>boot\x64\wdsnbp.com</Value></OptionValue></OptionValues>
 </Scope></Scopes>
</IPv4></DHCPServer>`

const reports: readonly Report[] = [
  {
    title: 'a menu of two programs, and iPXE told apart by its own option',
    source: 'https://github.com/ipxe/ipxe/issues/908',
    files: {
      'dnsmasq.conf': `dhcp-match=set:ipxe,175
pxe-service=tag:!ipxe,x86PC,iPXE on BIOS,boot/undionly.kpxe
pxe-service=tag:!ipxe,X86-64_EFI,iPXE on UEFI,boot/snponly.efi
pxe-service=tag:!ipxe,x86PC,GRUB on BIOS,boot/grub/core
pxe-service=tag:!ipxe,X86-64_EFI,GRUB on UEFI,boot/grub/core.efi
dhcp-boot=tag:ipxe,boot/winpe.ipxe
dhcp-no-override
dhcp-range=192.168.2.0,proxy,255.255.255.0`,
    },
    expected: { BIOS: ['boots-if', 'boot/undionly.kpxe and boot/winpe.ipxe'], 'UEFI x64': ['boots-if', 'boot/snponly.efi and boot/winpe.ipxe'], 'UEFI ARM64': ['fails', 'PXE-E16'] }, // prettier-ignore
  },
  {
    title: 'architectures by the text of option 60, that of UEFI x64 left out',
    source: 'https://github.com/linuxserver/docker-netbootxyz/issues/8',
    files: {
      'dnsmasq.conf': `dhcp-range=192.168.1.100,192.168.1.200,255.255.255.0
dhcp-match=set:bios,60,PXEClient:Arch:00000
dhcp-match=set:efi32,60,PXEClient:Arch:00006
dhcp-boot=tag:bios,netboot.xyz.kpxe,,192.168.1.5
dhcp-boot=tag:efi32,netboot.xyz.efi,,192.168.1.5`,
    },
    expected: { BIOS: ['boots-if', '192.168.1.5 has netboot.xyz.kpxe'], 'UEFI x86': ['boots-if', 'netboot.xyz.efi'], 'UEFI x64': ['fails', 'names no boot file'] }, // prettier-ignore
  },
  {
    title: 'option 66 of dnsmasq does not move the next server from dnsmasq',
    source: 'https://github.com/openwrt/packages/issues/14660',
    files: {
      'dnsmasq.conf': `listen-address=192.168.0.1
dhcp-range=192.168.0.100,192.168.0.200,255.255.255.0
dhcp-option=66,192.168.0.2
dhcp-option=67,pxelinux.0`,
    },
    expected: { BIOS: ['boots-if', '192.168.0.1 has pxelinux.0'], 'UEFI x64': ['fails', 'BIOS boot program'] },
  },
  {
    title: 'the same with server-ip-address, which moves it',
    source: 'dnsmasq(8), tried with 2.90',
    files: {
      'dnsmasq.conf': `listen-address=192.168.0.1
dhcp-range=192.168.0.100,192.168.0.200,255.255.255.0
dhcp-option=option:server-ip-address,192.168.0.2
dhcp-option=67,pxelinux.0`,
    },
    expected: { BIOS: ['boots-if', '192.168.0.2 has pxelinux.0'] },
  },
  {
    title: 'HTTP boot in the class of UEFI, and a reserved machine whose boot file stands over the class',
    source: 'https://github.com/xcat2/xcat-core/issues/7743',
    files: {
      'kea.conf': `{ "Dhcp4": { "client-classes": [
{ "name": "bios", "test": "option[93].hex == 0x0000", "boot-file-name": "xnba.kpxe" },
{ "name": "uefi", "test": "option[93].hex == 0x0007 or option[93].hex == 0x0010", "boot-file-name": "xnba.efi" } ],
"subnet4": [ { "id": 1, "subnet": "10.1.1.0/24", "next-server": "10.1.1.2", "pools": [ { "pool": "10.1.1.100-10.1.1.200" } ],
"reservations": [ { "hw-address": "02:00:5e:00:00:88", "ip-address": "10.1.1.59", "boot-file-name": "xnba.kpxe" } ] } ] } }`,
    },
    expected: {
      BIOS: ['boots-if', 'xnba.kpxe'],
      'UEFI x64': ['boots-if', 'xnba.efi'],
      'UEFI x64 HTTP boot': ['fails', 'no offer has option 60 HTTPClient'],
      '02:00:5e:00:00:88 UEFI x64': ['fails', 'BIOS boot program'],
      '02:00:5e:00:00:88 UEFI x64 HTTP boot': ['fails', 'no offer has option 60 HTTPClient'],
    },
  },
  {
    title: 'a proxyDHCP for iPXE alone, with a service that no client has',
    source: 'http://etherboot.org/dokuwiki-2017-02-19b/_export/raw/proxydhcp',
    files: {
      'dnsmasq.conf': `dhcp-range=192.168.0.255,proxy,255.255.255.0
dhcp-boot=http://192.168.0.10/smith
pxe-service=123456789, "Install Linux", pxelinux,0`,
    },
    expected: {
      'iPXE on BIOS': ['boots-if', '192.168.0.10 has smith'],
      BIOS: ['fails', 'was not answered'],
      // dnsmasq 2.90 answers PXEClient alone there.
      'UEFI x64 HTTP boot': ['fails', 'it is not a proxyDHCP client'],
    },
  },
  {
    title: 'the same where HTTP boot was let in',
    source: 'dnsmasq(8), dhcp-pxe-vendor',
    files: {
      'dnsmasq.conf': 'dhcp-pxe-vendor=PXEClient,HTTPClient\ndhcp-range=192.168.0.0,proxy,255.255.255.0\ndhcp-boot=http://192.168.0.10/smith.efi', // prettier-ignore
    },
    expected: { 'UEFI x64 HTTP boot': ['boots-if', '192.168.0.10 has smith.efi'] },
  },
  {
    title: 'iPXE is given iPXE: a loop, unless the file has a script of its own',
    source: 'https://ipxe.org/howto/chainloading',
    files: {
      'dhcpd.conf': 'subnet 192.168.5.0 netmask 255.255.255.0 { range 192.168.5.100 192.168.5.200; next-server 192.168.5.2; filename "undionly.kpxe"; }', // prettier-ignore
    },
    expected: { BIOS: ['unknown', 'iPXE loads iPXE again and again'], 'UEFI x64': ['fails', 'BIOS boot program'] },
  },
  {
    title: 'FOG, whose iPXE has such a script: nothing is said to fail that may boot',
    source: 'https://wiki.fogproject.org/wiki/index.php/BIOS_and_UEFI_Co-Existence',
    files: {
      'dhcpd.conf': `authoritative;
subnet 10.0.5.0 netmask 255.255.255.0 {
  range dynamic-bootp 10.0.5.50 10.0.5.250;
  option routers 10.0.5.1;
  next-server 10.0.5.2;
  class "UEFI-64" { match if substring(option vendor-class-identifier, 0, 20) = "PXEClient:Arch:00007"; filename "ipxe.efi"; }
  class "Legacy" { match if substring(option vendor-class-identifier, 0, 20) = "PXEClient:Arch:00000"; filename "undionly.kkpxe"; }
}`,
    },
    expected: { BIOS: ['unknown', 'built with a script of its own'], 'UEFI x64': ['unknown', 'built with a script of its own'], 'UEFI ARM64': ['fails', 'PXE-E16'] }, // prettier-ignore
  },
  {
    title: 'dnsmasq as proxyDHCP gives iPXE, as most guides have it',
    source: 'https://github.com/FOGProject/fogproject/issues/596; https://github.com/tianocore/edk2/issues/6944',
    files: {
      'dnsmasq.conf': 'port=0\ndhcp-range=192.168.0.0,proxy,255.255.255.0\npxe-service=X86PC,"Boot BIOS",undionly.kpxe\npxe-service=X86-64_EFI,"Netboot",ipxe.efi\nenable-tftp\ntftp-root=/srv/tftp', // prettier-ignore
    },
    expected: { BIOS: ['unknown', 'script of its own'], 'UEFI x64': ['unknown', 'script of its own'], 'iPXE on BIOS': ['unknown', 'script of its own'], 'UEFI ARM64': ['fails', 'PXE-E16'] }, // prettier-ignore
  },
  {
    title: 'iPXE is told from the firmware and given nothing: its script is in it, or autoexec.ipxe beside it',
    source: 'https://ipxe.org/scripting (autoexec.ipxe)',
    files: {
      'dhcpd.conf': 'subnet 192.168.5.0 netmask 255.255.255.0 { range 192.168.5.100 192.168.5.200; next-server 192.168.5.2; if not exists user-class { filename "undionly.kpxe"; } }', // prettier-ignore
    },
    expected: { BIOS: ['unknown', 'autoexec.ipxe'], 'UEFI x64': ['fails', 'BIOS boot program'] },
  },
  {
    title: 'the loop broken by the user class',
    source: 'https://ipxe.org/howto/dhcpd',
    files: {
      'dhcpd.conf': `option client-architecture code 93 = unsigned integer 16;
subnet 192.168.5.0 netmask 255.255.255.0 {
  range 192.168.5.100 192.168.5.200; next-server 192.168.5.2;
  if exists user-class and option user-class = "iPXE" { filename "http://192.168.5.2/boot.php"; }
  elsif option client-architecture = 00:00 { filename "undionly.kpxe"; }
  else { filename "ipxe.efi"; }
}`,
    },
    expected: { BIOS: ['boots-if', 'undionly.kpxe and boot.php'], 'UEFI x64': ['boots-if', 'ipxe.efi and boot.php'] },
  },
  {
    title: 'iPXE that boots a disk over iSCSI is given no boot file',
    source: 'https://ipxe.org/howto/dhcpd',
    files: {
      'dhcpd.conf': `subnet 192.168.5.0 netmask 255.255.255.0 {
  range 192.168.5.100 192.168.5.200; next-server 192.168.5.2;
  if exists user-class and option user-class = "iPXE" { filename ""; option root-path "iscsi:192.168.5.3::::iqn.2020-01.org.example:disk"; }
  else { filename "undionly.kpxe"; }
}`,
    },
    expected: { BIOS: ['boots-if', 'undionly.kpxe, and the disk iscsi:192.168.5.3'], 'iPXE on UEFI x64': ['boots-if', 'the disk iscsi:192.168.5.3'] }, // prettier-ignore
  },
  {
    title: 'RouterOS: a matcher for BIOS beside an option for everybody',
    source: 'https://forum.mikrotik.com/t/dhcp-server-injects-additional-characters-when-using-dhcp-options/180556',
    files: {
      'router.rsc': `/ip pool add name=lan ranges=192.168.7.100-192.168.7.200
/ip dhcp-server add address-pool=lan interface=bridge name=lan
/ip dhcp-server option
add code=67 name=bios value=s'pxelinux.0'
add code=67 name=uefi value=s'grubnetx64.efi'
/ip dhcp-server option sets add name=boot-bios options=bios
/ip dhcp-server matcher
add address-pool=lan code=60 matching-type=substring name=is-bios option-set=boot-bios server=lan value=PXEClient:Arch:00000
/ip dhcp-server network
add address=192.168.7.0/24 dhcp-option=uefi gateway=192.168.7.1 next-server=192.168.7.69`,
    },
    expected: { BIOS: ['boots-if', '192.168.7.69 has pxelinux.0'], 'UEFI x64': ['boots-if', 'grubnetx64.efi'] },
  },
  {
    title: 'option 60 on a DHCP server that has no PXE service: port 4011, or not known',
    source: 'http://techthoughts.info/pxe-booting-wds-dhcp-scope-vs-ip-helpers/',
    files: {
      'dump.txt': windows(String.raw`Dhcp Server \\DHCP01 set optionvalue 60 STRING "PXEClient"
Dhcp Server \\DHCP01 Scope 10.30.0.0 set optionvalue 66 STRING "10.30.9.5"
Dhcp Server \\DHCP01 Scope 10.30.0.0 set optionvalue 67 STRING "boot\x64\wdsmgfw.efi"`),
    },
    expected: { BIOS: ['unknown', 'port 4011'], 'UEFI x64': ['unknown', 'port 4011'] },
  },
  {
    title: 'one option 67 for all: wdsnbp.com reaches BIOS alone',
    source: 'https://www.nibonnet.fr/wds-et-dhcp/',
    files: {
      'dump.txt': windows(String.raw`Dhcp Server \\DHCP01 Scope 10.30.0.0 set optionvalue 66 STRING "10.30.9.5"
Dhcp Server \\DHCP01 Scope 10.30.0.0 set optionvalue 67 STRING "boot\x64\wdsnbp.com"`),
    },
    expected: { BIOS: ['boots-if', 'wdsnbp.com'], 'UEFI x64': ['fails', 'BIOS boot program'] },
  },
  {
    title: 'a policy for a vendor class with the wildcard',
    source: 'https://s.tar.fish/wds-uefi-boot-and-legacy-boot-pxe-dhcp-option.html',
    files: { 'export.xml': policy('UEFI x64*') },
    expected: { BIOS: ['boots-if', 'wdsnbp.com'], 'UEFI x64': ['boots-if', 'wdsmgfw.efi'] },
  },
  {
    title: 'and without it: no client sends the class and nothing behind it',
    source: 'https://s.tar.fish/wds-uefi-boot-and-legacy-boot-pxe-dhcp-option.html',
    files: { 'export.xml': policy('UEFI x64') },
    expected: { BIOS: ['boots-if', 'wdsnbp.com'], 'UEFI x64': ['fails', 'BIOS boot program'] },
  },
  {
    title: 'a helper for the DHCP server alone, where nothing names a boot file: a PXE server may be anywhere',
    source: 'http://www.techthoughts.info/pxe-booting-wds-dhcp-scope-vs-ip-helpers/',
    files: { 'dump.txt': windows(''), 'router.cfg': router },
    expected: { BIOS: ['unknown', 'a PXE server beside it was not given'] },
  },
  {
    title: 'the file server has an address of the pool, which nobody else is given',
    source: 'https://people.mandriva.com/~aginies/doc/pxe/ch04.html',
    files: {
      'dhcpd.conf': `option space PXE;
option PXE.mtftp-ip code 1 = ip-address;
class "PXE" {
  match if substring(option vendor-class-identifier, 0, 9) = "PXEClient";
  vendor-option-space PXE;
  option vendor-class-identifier "PXEClient";
  option PXE.mtftp-ip 0.0.0.0;
  filename "/PXEClient/pxegrub";
}
subnet 192.168.200.0 netmask 255.255.255.0 { pool { range 192.168.200.30 192.168.200.40; allow members of "PXE"; } next-server 192.168.200.30; }`,
    },
    expected: { 'iPXE on BIOS': ['boots-if', '192.168.200.30 has /PXEClient/pxegrub'], BIOS: ['unknown', 'port 4011'], 'UEFI x64 HTTP boot': ['fails', 'no pool is for this client'] }, // prettier-ignore
  },
]

describe.each(reports)('$title', ({ files, expected }) => {
  test('each machine', () => {
    const { rows } = twinOf(networkOf(Object.entries(files).map(([name, text]) => ({ name, text }))))
    for (const [who, [state, text]] of Object.entries(expected)) {
      const [, mac, kind] = /^([\da-f:]{17}) (.*)$/.exec(who) ?? [undefined, undefined, who]
      const cell = rows
        .find(({ reservation }) => reservation?.who === mac)!
        .cells.find((one) => one.kind.title === kind)
      expect({ state: cell?.state, told: `${cell?.verdict}; ${cell?.because}` }, who).toEqual({ state, told: expect.stringContaining(text) }) // prettier-ignore
    }
  })
})
