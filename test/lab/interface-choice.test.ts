/** Which interface a first lab serves, on lists as Linux, Windows and macOS give them. */
import { describe, expect, test } from 'vitest'
import {
  chooseInterface as choiceOf,
  whyNotReal as whyNotRealOf,
  type InterfaceFacts,
  type Medium,
} from '#shared/lab/interface-choice.ts'
import { spoken } from '../helpers/spoken.ts'

const whyNotReal = (...given: Parameters<typeof whyNotRealOf>) => spoken(whyNotRealOf(...given))

const chooseInterface = (...given: Parameters<typeof choiceOf>) => spoken(choiceOf(...given))

const one = (name: string, address: string, more: Partial<InterfaceFacts> = {}): InterfaceFacts => ({
  name,
  address,
  isLoopback: address.startsWith('127.'),
  hasLink: true,
  ...more,
})
const lo = one('lo', '127.0.0.1')
const windowsLoopback = one('Loopback Pseudo-Interface 1', '127.0.0.1', {
  description: 'Software Loopback Interface 1',
})
/** As GetAdaptersAddresses names them. */
const adapter = (
  name: string,
  description: string,
  address: string,
  more: Partial<InterfaceFacts> = {},
): InterfaceFacts => one(name, address, { description, ...more })
const card = (name: string, address: string, medium: Medium = 'wired', hasLink = true): InterfaceFacts => one(name, address, { medium, hasLink }) // prettier-ignore

interface Case {
  readonly system: string
  readonly list: readonly InterfaceFacts[]
  readonly chosen?: string
  readonly recommended?: string
  readonly reason?: RegExp
}

const cases: readonly Case[] = [
  // Linux.
  { system: 'a server with one card', list: [lo, card('eno1', '10.1.0.5')], chosen: 'eno1', reason: /eno1 is the only interface that reaches other machines\. Left out: lo \(this computer only\)/ },
  { system: 'Docker and libvirt beside one card', list: [lo, card('enp3s0', '192.168.1.20'), one('docker0', '172.17.0.1', { hasLink: false }), one('br-5f2c9e01ab34', '172.18.0.1'), one('virbr0', '192.168.122.1', { hasLink: false }), one('veth1a2b3c4', '169.254.1.1')], chosen: 'enp3s0', reason: /docker0 \(containers\), br-5f2c9e01ab34 \(containers\), virbr0 \(virtual machines\)|Left out: .*docker0 \(containers\)/ },
  { system: 'VPNs beside one card', list: [lo, card('enp0s31f6', '10.0.0.7'), one('tun0', '10.8.0.2'), one('wg0', '10.9.0.2'), one('tailscale0', '100.64.0.3'), one('ztly5q4n37', '10.147.17.2'), one('ppp0', '10.5.0.2')], chosen: 'enp0s31f6' },
  { system: 'a laptop with cable and Wi-Fi', list: [lo, card('wlp2s0', '192.168.1.30', 'wireless'), card('enp0s25', '192.168.77.1')], recommended: 'enp0s25', reason: /2 interfaces reach other machines: enp0s25, wlp2s0\. enp0s25 is recommended because it is wired, and network boot needs a cable/ },
  { system: 'a laptop without cable', list: [lo, card('wlan0', '192.168.1.30', 'wireless'), card('eth0', '192.168.77.1', 'wired', false)], chosen: 'wlan0', reason: /eth0 \(no link\)/ },
  { system: 'two cards', list: [lo, card('eth0', '10.0.0.1'), card('eth1', '192.168.77.1')], recommended: 'eth0', reason: /nothing sets eth0 apart/ },
  { system: 'two cards, one without a cable', list: [lo, card('eth0', '10.0.0.1', 'wired', false), card('eth1', '192.168.77.1')], chosen: 'eth1' },
  { system: 'a bench machine that is off', list: [lo, card('eth0', '192.168.77.1', 'wired', false)], recommended: 'eth0', reason: /No interface has a link\. eth0 is a network card/ },
  { system: 'a container', list: [lo, one('eth0', '172.17.0.2')], chosen: 'eth0' },
  { system: 'a bridge with a card in it', list: [lo, card('br0', '10.0.0.2'), one('vnet3', '169.254.7.7')], chosen: 'br0' },
  { system: 'Proxmox', list: [lo, card('vmbr0', '10.0.0.2'), one('fwbr100i0', '169.254.1.2'), one('tap100i0', '169.254.1.3')], chosen: 'vmbr0' },
  { system: 'a bond and a VLAN', list: [lo, card('bond0', '10.0.0.2'), card('bond0.20', '10.0.20.2')], recommended: 'bond0' },
  { system: 'a modem', list: [lo, card('eth0', '10.0.0.2'), one('wwan0', '100.70.1.2'), one('wwp0s20f0u6', '100.70.1.3')], chosen: 'eth0' },
  { system: 'Kubernetes', list: [lo, card('ens192', '10.0.0.2'), one('cni0', '10.244.0.1'), one('flannel.1', '10.244.0.0'), one('cali12345', '169.254.1.1'), one('kube-ipvs0', '10.96.0.1', { hasLink: false })], chosen: 'ens192' },
  { system: 'nothing but loopback', list: [lo], reason: /No network interface with an IPv4 address/ },
  { system: 'only a container bridge', list: [lo, one('docker0', '172.17.0.1')], recommended: 'docker0', reason: /No network card with an address was found/ },
  // Windows.
  { system: 'Windows 11 with WSL and Hyper-V', list: [adapter('vEthernet (WSL (Hyper-V firewall))', 'Hyper-V Virtual Ethernet Adapter #2', '172.29.0.1'), adapter('vEthernet (Default Switch)', 'Hyper-V Virtual Ethernet Adapter', '172.22.80.1'), adapter('Ethernet', 'Intel(R) Ethernet Connection (7) I219-LM', '192.168.1.40'), windowsLoopback], chosen: 'Ethernet' },
  { system: 'Windows in German', list: [adapter('vEthernet (Standardswitch)', 'Hyper-V Virtual Ethernet Adapter', '172.22.80.1'), adapter('WLAN', 'Intel(R) Wi-Fi 6 AX201 160MHz', '192.168.1.41', { medium: 'wireless' }), adapter('LAN-Verbindung', 'Realtek PCIe GbE Family Controller', '192.168.77.1')], recommended: 'LAN-Verbindung', reason: /wired/ },
  { system: 'Windows with Wi-Fi alone', list: [adapter('Wi-Fi', 'Intel(R) Wi-Fi 6E AX211 160MHz', '192.168.1.41', { medium: 'wireless' }), adapter('Ethernet', 'Realtek USB GbE Family Controller', '192.168.77.1', { hasLink: false })], chosen: 'Wi-Fi' },
  { system: 'VirtualBox and VMware', list: [adapter('VirtualBox Host-Only Network', 'VirtualBox Host-Only Ethernet Adapter', '192.168.56.1'), adapter('VMware Network Adapter VMnet8', 'VMware Virtual Ethernet Adapter for VMnet8', '192.168.100.1'), adapter('Ethernet 2', 'Realtek PCIe 2.5GbE Family Controller', '10.0.0.3')], chosen: 'Ethernet 2' },
  { system: 'VPN adapters under plain names', list: [adapter('Ethernet 3', 'Cisco AnyConnect Virtual Miniport Adapter for Windows x64', '10.20.0.3'), adapter('Ethernet 4', 'Fortinet SSL VPN Virtual Ethernet Adapter', '10.21.0.3'), adapter('Ethernet 5', 'PANGP Virtual Ethernet Adapter Secure', '10.22.0.3'), adapter('OpenVPN Wintun', 'Wintun Userspace Tunnel', '10.8.0.6', { medium: 'virtual' }), adapter('LAN 2', 'TAP-Windows Adapter V9', '10.8.0.7'), adapter('Office', 'WireGuard Tunnel', '10.9.0.7', { medium: 'virtual' }), adapter('Tailscale', 'Tailscale Tunnel', '100.64.0.9', { medium: 'virtual' }), adapter('Ethernet', 'Intel(R) Ethernet Controller I225-V', '10.0.0.3')], chosen: 'Ethernet' },
  { system: 'a tunnel nobody has heard of', list: [adapter('Corp Access', 'Corp Access Driver', '10.99.0.2', { medium: 'virtual' }), adapter('Ethernet', 'Broadcom NetXtreme Gigabit Ethernet', '10.0.0.3')], chosen: 'Ethernet' },
  { system: 'a Hyper-V host whose switch has the card', list: [adapter('vEthernet (Default Switch)', 'Hyper-V Virtual Ethernet Adapter', '172.22.80.1'), adapter('vEthernet (External)', 'Hyper-V Virtual Ethernet Adapter #2', '10.0.0.3')], recommended: 'vEthernet (External)', reason: /may reach other machines if it is bridged/ },
  { system: 'a guest of Hyper-V', list: [adapter('Ethernet', 'Microsoft Hyper-V Network Adapter', '10.0.0.3'), windowsLoopback], chosen: 'Ethernet' },
  { system: 'a guest of VMware and KVM', list: [adapter('Ethernet0', 'vmxnet3 Ethernet Adapter', '10.0.0.3')], chosen: 'Ethernet0' },
  { system: 'a guest of KVM', list: [adapter('Ethernet', 'Red Hat VirtIO Ethernet Adapter', '10.0.0.3')], chosen: 'Ethernet' },
  { system: 'a team', list: [adapter('Team1', 'Microsoft Network Adapter Multiplexor Driver', '10.0.0.3')], chosen: 'Team1' },
  { system: 'Bluetooth, modem and Wi-Fi Direct', list: [adapter('Bluetooth Network Connection', 'Bluetooth Device (Personal Area Network)', '169.254.3.3'), adapter('Cellular', 'Generic Mobile Broadband Adapter', '100.70.1.2'), adapter('Local Area Connection* 2', 'Microsoft Wi-Fi Direct Virtual Adapter', '192.168.137.1'), adapter('Ethernet', 'Realtek PCIe GbE Family Controller', '10.0.0.3')], chosen: 'Ethernet' },
  { system: 'a cable without DHCP at its end', list: [adapter('Ethernet', 'Realtek PCIe GbE Family Controller', '169.254.17.4')], chosen: 'Ethernet' },
  { system: 'two cards, one self-assigned', list: [adapter('Ethernet', 'Realtek PCIe GbE Family Controller', '169.254.17.4'), adapter('Ethernet 2', 'Intel(R) I210 Gigabit Network Connection', '10.0.0.3')], recommended: 'Ethernet 2', reason: /its address was not self-assigned/ },
  // macOS: Node tells neither link nor medium.
  { system: 'a Mac', list: [one('lo0', '127.0.0.1', { hasLink: undefined }), one('en0', '192.168.1.9', { hasLink: undefined }), one('utun4', '10.8.0.2', { hasLink: undefined }), one('bridge100', '192.168.64.1', { hasLink: undefined }), one('awdl0', '169.254.9.9', { hasLink: undefined }), one('vmenet0', '192.168.65.1', { hasLink: undefined })], chosen: 'en0' },
  { system: 'a Mac with a cable as well', list: [one('lo0', '127.0.0.1', { hasLink: null }), one('en0', '192.168.1.9', { hasLink: null }), one('en7', '169.254.9.9', { hasLink: null })], recommended: 'en0' },
] // prettier-ignore

describe('the interface of a first lab', () => {
  test.each(cases)('$system', ({ list, chosen, recommended, reason }) => {
    const choice = chooseInterface(list)
    expect(choice.chosen).toBe(chosen)
    expect(choice.recommended).toBe(chosen ?? recommended)
    if (reason) expect(choice.reason).toMatch(reason)
    expect(choice.all.map(({ name }) => name).toSorted()).toEqual([...new Set(list.map(({ name }) => name))].toSorted())
  })

  test('the order of a list changes nothing but ties', () => {
    for (const { list, chosen } of cases) expect(chooseInterface(list.toReversed()).chosen).toBe(chosen)
  })

  test('an interface with several addresses counts once', () => {
    expect(chooseInterface([card('eth0', '10.0.0.1'), card('eth0', '10.0.1.1')])).toMatchObject({ chosen: 'eth0', all: [{ name: 'eth0' }] }) // prettier-ignore
  })

  test('says why not', () => {
    expect(whyNotReal(lo)).toBe('this computer only')
    expect(whyNotReal(one('tun0', '10.8.0.1'))).toBe('a VPN or tunnel')
    expect(whyNotReal(one('eth0', '10.0.0.1'))).toBeUndefined()
  })
})
