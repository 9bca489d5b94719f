/**
 * How a boot fails: what the person in front of the machine reads, by firmware, and what commonly causes it. Texts of EDK2
 * and iPXE were read from their consoles, those of ROMs are PXE 2.1's.
 */
import type { FirmwareKind } from '../trace/firmware.ts'

export type FailureKind =
  | 'no-offer'
  | 'proxy-only'
  | 'no-boot-information'
  | 'offers-not-taken'
  | 'no-ack'
  | 'nak'
  | 'boot-server-mute'
  | 'boot-server-closed'
  | 'no-arp'
  | 'tftp-mute'
  | 'tftp-closed'
  | 'file-missing'
  | 'file-refused'
  | 'transfer-stalled'
  | 'transfer-aborted'
  | 'wrong-program'
  | 'program-returned'
  | 'file-not-asked'
  | 'http-closed'
  | 'http-mute'
  | 'http-error'
  | 'boot-loop'

export type ScreenFamily = 'bios' | 'edk2' | 'edk2-http' | 'ipxe'

export interface Failure {
  readonly title: string
  /** The lines on the screen, by firmware family; what differs between versions is joined by "or". */
  readonly screen: Partial<Readonly<Record<ScreenFamily, readonly string[]>>>
  /** The most frequent first. */
  readonly causes: readonly string[]
}

const nothingToBoot = ['Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)']
/** The second where IPv6 came up meanwhile. */
const noConfiguration = [
  'No configuration methods succeeded (http://ipxe.org/040ee119) or Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)',
]
const httpFailed = ['Error: Could not retrieve NBP file size from HTTP server.']
const noValidOffer = ['PXE-E16: No valid offer received.']
const notLoaded = ['BdsDxe: failed to load Boot0001: Not Found']

export const failures: Readonly<Record<FailureKind, Failure>> = {
  'no-offer': {
    title: 'No server offered an address',
    screen: {
      bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'],
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: noConfiguration,
    },
    causes: [
      'The DHCP server does not run, is not authorised in Active Directory, or its pool is empty.',
      'The client is in another network and the router has no relay (IP helper) to the DHCP server.',
      'The switch port is not forwarding yet (spanning tree without PortFast), or it is in another VLAN.',
      'A firewall on the server drops UDP port 67.',
    ],
  },
  'proxy-only': {
    title: 'Only a proxyDHCP answered; nobody gave an address',
    screen: { bios: ['PXE-E52: proxyDHCP offers were received. No DHCP offers were received.'], edk2: noValidOffer },
    causes: [
      'The DHCP server does not run or its pool is empty.',
      'The relay passes requests to the PXE server only: it needs the DHCP server as a second helper.',
    ],
  },
  'no-boot-information': {
    title: 'An address was offered, but nothing to boot',
    screen: {
      bios: ['PXE-E53: No boot filename received.'],
      edk2: noValidOffer,
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: nothingToBoot,
    },
    causes: [
      'No PXE server heard the client: on a remote network the router needs the PXE server as a second IP helper.',
      'WDS shares the server with DHCP and is told not to listen on port 67, but option 60 is not set: WDSUTIL /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes.',
      'WDS has left the DHCP server, and UseDHCPPorts is still 0: it does not listen on port 67.',
      'The PXE server has no program for this architecture, or answers known machines only.',
    ],
  },
  'offers-not-taken': {
    title: 'The firmware took none of the offers',
    screen: { edk2: noValidOffer, bios: ['PXE-E53: No boot filename received.'], 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: nothingToBoot },
    causes: [
      'Some UEFI firmware does not join a DHCP and a proxyDHCP offer: put the boot information into the DHCP offer for these models.',
      'The offer does not reach the client: it is sent by broadcast through another interface, or the switch drops it (DHCP snooping).',
      'Option 43 is malformed, or demands a list, menu or multicast address that is not there.',
    ],
  },
  'no-ack': {
    title: 'The DHCP server did not confirm the address',
    screen: { bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: noConfiguration },
    causes: [
      'The request names another server, and that one did not hear it.',
      'The server was busy, or lost the address meanwhile.',
      'DHCP snooping drops the answer.',
    ],
  },
  nak: {
    title: 'The DHCP server refused the address',
    screen: { edk2: ['PXE-E18: Server response timeout.'] },
    causes: ['The client asked for an address of another network.', 'Two DHCP servers serve this network, and the other one refused.'],
  },
  'boot-server-mute': {
    title: 'The boot server did not answer on port 4011',
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    causes: [
      'Option 60 PXEClient is set on the DHCP server, but the PXE service has moved, is stopped or was removed.',
      'A firewall drops UDP port 4011.',
      'The PXE service decided not to answer this machine (unknown, not approved, no deployment).',
    ],
  },
  'boot-server-closed': {
    title: 'Nothing listens on port 4011 of the server that option 60 names',
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    causes: [
      'Option 60 PXEClient is left over on the DHCP server: WDS has moved to another server or was removed. Delete the option at server, scope, policy and reservation level.',
      'The WDS service is stopped; the option goes on promising it.',
    ],
  },
  'no-arp': {
    title: 'The server does not answer ARP',
    screen: { bios: ['PXE-E11: ARP timeout.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    causes: ['The named server does not exist, or is in another network while the client has no router (option 3).', 'The server is down.'],
  },
  'tftp-mute': {
    title: 'TFTP did not answer',
    screen: { bios: ['PXE-E32: TFTP open timeout.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    causes: [
      'A firewall drops UDP port 69, or the answers, which come from another port (WDS: 64001 to 65000).',
      'The TFTP service does not run on the named next server (siaddr, option 66).',
      'DNS has taken the port range of WDS (KB977512).',
      'A router or NAT between lets only answers from port 69 back.',
    ],
  },
  'tftp-closed': {
    title: 'Nothing listens on the TFTP port of the named server',
    screen: { bios: ['PXE-E32: TFTP open timeout.'], edk2: ['PXE-E99: Unexpected network error.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    causes: ['The TFTP service does not run.', 'The next server (siaddr, option 66) names the wrong machine.'],
  },
  'file-missing': {
    title: 'The boot file does not exist on the TFTP server',
    screen: {
      bios: ['PXE-T01: File not found', 'PXE-E3B: TFTP Error - File Not found'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['No such file or directory (http://ipxe.org/2d12603b) or Not found (https://ipxe.org/2d12613b)'],
    },
    causes: [
      'The name in option 67 or in the PXE server is misspelt, or its folder is missing; upper and lower case count on Linux.',
      'A value at scope, policy or reservation level overrides the right one.',
      'The boot image of this architecture is not on the server.',
    ],
  },
  'file-refused': {
    title: 'The TFTP server refused the file',
    screen: {
      bios: ['PXE-T02: Access violation', 'PXE-E3C: TFTP Error - Access Violation'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['Permission denied (http://ipxe.org/021de13b)'],
    },
    causes: ['The file is not readable for the service.', 'The WDS read filter lacks this form of the path (boot\\*, /boot/*).', 'The server is full.'],
  },
  'transfer-stalled': {
    title: 'The transfer stopped in the middle',
    screen: { bios: ['PXE-E35: TFTP read timeout.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    causes: [
      'The blocks are larger than the path carries (VPN, tunnel): lower the block size.',
      'The window is larger than the link tolerates: lower it.',
      'The server stopped, or the block number wrapped and the client does not know how.',
    ],
  },
  'transfer-aborted': {
    title: 'The transfer was broken off',
    screen: { edk2: ['PXE-E23: Client received TFTP error from server.'], bios: ['PXE-E36: Error received from TFTP server.'] },
    causes: ['The side that sent the ERROR says why in it.'],
  },
  'wrong-program': {
    title: 'The program is for another kind of machine',
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded] },
    causes: [
      'Option 67 is set once for all machines: remove it and let the PXE server choose, or use a policy on option 93.',
      'A rule expects architecture 9 for x64 UEFI; firmware sends 7.',
    ],
  },
  'program-returned': {
    title: 'The program was loaded, and the firmware went on without it',
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded], 'edk2-http': notLoaded },
    causes: [
      'Secure Boot refused the program: it needs a signature this machine trusts.',
      'The program is for another architecture, or damaged.',
      'The program ended by itself: no configuration, or told to boot from disk.',
    ],
  },
  'file-not-asked': {
    title: 'It was told what to load, and never asked for it',
    screen: {},
    causes: [
      'The request does not pass the place where this was captured: it goes to another server or by another interface.',
      'The named server is in another network, and the client has no router (option 3).',
      'The firmware refuses what it was told: a name it cannot read, or a menu that waits for somebody.',
    ],
  },
  'http-closed': {
    title: 'Nothing listens on the HTTP port of the named server',
    screen: { 'edk2-http': [...httpFailed, 'Error: Unexpected network error.'], ipxe: ['Connection reset (http://ipxe.org/0f0a6039)'] },
    causes: ['The web server does not run, or on another port.', 'The address in option 67 names the wrong machine or port.'],
  },
  'http-mute': {
    title: 'The HTTP server did not answer',
    screen: { 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c0a6035)'] },
    causes: ['A firewall drops the port.', 'The address in option 67 names a machine that is not there.'],
  },
  'http-error': {
    title: 'The HTTP server refused the file',
    screen: { 'edk2-http': ['Client Error: 404 Not Found', ...httpFailed, 'Error: Unexpected network error.'], ipxe: ['No such file or directory (http://ipxe.org/2d0c613b)'] },
    causes: ['The path is misspelt, or the file is not in the folder the server gives.'],
  },
  'boot-loop': {
    title: 'iPXE loads iPXE again and again',
    screen: {},
    causes: ['The server does not tell iPXE from the ROM: give user class iPXE (option 77) a script or another program.'],
  },
} // prettier-ignore

const families: Partial<Readonly<Record<FirmwareKind, ScreenFamily>>> = {
  'bios-rom': 'bios',
  edk2: 'edk2',
  'edk2-http': 'edk2-http',
  ipxe: 'ipxe',
}

/** What stands on the screen; empty where it is not known for this firmware. */
export function screenOf(failure: FailureKind, firmware: FirmwareKind | undefined): readonly string[] {
  const family = firmware && families[firmware]
  return (family && failures[failure].screen[family]) ?? []
}
