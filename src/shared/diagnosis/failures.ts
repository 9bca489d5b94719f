/**
 * How a boot fails: what the person in front of the machine reads, by firmware, and what commonly causes it. Texts of EDK2
 * and iPXE were read from their consoles, those of ROMs are PXE 2.1's.
 */
import type { FirmwareKind } from '../trace/firmware.ts'

export type FailureKind =
  | 'no-offer'
  | 'not-approved'
  | 'no-bootp-reply'
  | 'proxy-only'
  | 'no-boot-information'
  | 'offers-dropped'
  | 'offers-not-taken'
  | 'no-ack'
  | 'other-server-taken'
  | 'nak'
  | 'address-conflict'
  | 'boot-server-mute'
  | 'boot-server-closed'
  | 'discovery-mute'
  | 'no-arp'
  | 'no-router'
  | 'no-next-server'
  | 'url-for-pxe'
  | 'tftp-mute'
  | 'tftp-closed'
  | 'tftp-unheard'
  | 'firewall-refuses'
  | 'server-unreachable'
  | 'tftp-other-address'
  | 'tftp-options-refused'
  | 'file-missing'
  | 'file-name-damaged'
  | 'file-refused'
  | 'program-file-missing'
  | 'transfer-stalled'
  | 'transfer-wrapped'
  | 'transfer-aborted'
  | 'wrong-program'
  | 'no-program'
  | 'program-returned'
  | 'file-not-asked'
  | 'http-closed'
  | 'http-mute'
  | 'http-error'
  | 'http-reset'
  | 'tls-failed'
  | 'boot-loop'
  | 'no-advertise'
  | 'no-address6'
  | 'no-boot-url'
  | 'advertise-dropped'
  | 'advertise-not-taken'
  | 'no-reply6'
  | 'no-neighbour'
  | 'url-not-tftp'
  | 'url-unreadable'
  | 'parameter-no-size'

export type ScreenFamily = 'bios' | 'edk2' | 'edk2-http' | 'ipxe'

/** What is known of a boot, for causes that hold in some cases only. */
export interface Circumstances {
  readonly family: ScreenFamily | undefined
  /** Whether offers of a DHCP server and of a proxyDHCP came, which the firmware had to join. */
  readonly joinsOffers: boolean
  readonly isRelayed: boolean
  /** Whether the boot went over IPv6. */
  readonly isIpv6: boolean
  /** Whether an offer that the client did not take says what to boot. */
  readonly othersName: boolean
  /** Whether a DHCP server answered the machine in its attempt before. */
  readonly wasAnswered: boolean
}

export type Cause = string | { readonly text: string; readonly when: (known: Circumstances) => boolean }

export interface Failure {
  /** A short clause that one could search for. */
  readonly title: string
  /** The lines on the screen, by firmware family; what differs between versions is joined by "or". */
  readonly screen: Partial<Readonly<Record<ScreenFamily, readonly string[]>>>
  /** The codes among them, the most telling first. */
  readonly codes?: Partial<Readonly<Record<ScreenFamily, readonly string[]>>>
  /** The most frequent first. */
  readonly causes: readonly Cause[]
  /** What would tell these causes apart, where the packets cannot. */
  readonly tells?: readonly string[]
}

const nothingToBoot = ['Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)']
/** The second where IPv6 came up meanwhile. */
const noConfiguration = [
  'No configuration methods succeeded (http://ipxe.org/040ee119) or Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)',
]
const httpFailed = ['Error: Could not retrieve NBP file size from HTTP server.']
const noValidOffer = ['PXE-E16: No valid offer received.']
const notLoaded = ['BdsDxe: failed to load Boot0001: Not Found']

const timedOut = {
  edk2: ['PXE-E18: Server response timeout.'],
  ipxe: ['Connection timed out (http://ipxe.org/4c126035)'],
} as const
const openTimeout = { bios: ['PXE-E32: TFTP open timeout.'], ...timedOut } as const
const readTimeout = { bios: ['PXE-E35: TFTP read timeout.'], ...timedOut } as const

const isOver4 = ({ isIpv6 }: Circumstances): boolean => !isIpv6
const isOver6 = ({ isIpv6 }: Circumstances): boolean => isIpv6
const isPxe = ({ family, othersName }: Circumstances): boolean => family !== 'edk2-http' && !othersName

export const failures: Readonly<Record<FailureKind, Failure>> = {
  'no-offer': {
    title: 'No DHCP server answered',
    screen: {
      bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'],
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: noConfiguration,
    },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: [
      {
        text: 'The DHCP server does not run, is not authorised in Active Directory, or its pool is empty.',
        when: ({ wasAnswered }) => !wasAnswered,
      },
      {
        text: 'The DHCP server that answered this machine before does not answer this request: a policy, a filter or a class excludes it, or the server has stopped meanwhile.',
        when: ({ wasAnswered }) => wasAnswered,
      },
      'The client is in another network and the router has no relay (IP helper) to the DHCP server.',
      'The switch port is not forwarding yet (spanning tree without PortFast), or it is in another VLAN.',
      'A firewall on the server drops UDP port 67.',
    ],
  },
  'proxy-only': {
    title: 'Only proxyDHCP answered, no DHCP server',
    screen: { bios: ['PXE-E52: proxyDHCP offers were received. No DHCP offers were received.'], edk2: noValidOffer },
    codes: { bios: ['PXE-E52'], edk2: ['PXE-E16'] },
    causes: [
      'The DHCP server does not run or its pool is empty.',
      {
        text: 'The relay passes requests to the PXE server only: it needs the DHCP server as a second IP helper.',
        when: ({ isRelayed }) => isRelayed,
      },
    ],
    tells: ['Does the DHCP server receive the DISCOVER? Its own log or a capture on it shows that.'],
  },
  'no-boot-information': {
    title: 'No offer says what to boot',
    screen: {
      bios: ['PXE-E53: No boot filename received.'],
      edk2: noValidOffer,
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: nothingToBoot,
    },
    codes: { bios: ['PXE-E53'], edk2: ['PXE-E16'] },
    causes: [
      {
        text: 'Two DHCP servers answer, and the client took the one that knows nothing of booting, often a router that gives addresses unasked: turn that one off, or let it name the boot file too.',
        when: ({ othersName }) => othersName,
      },
      {
        text: 'HTTP boot needs option 60 HTTPClient and a URL in the offer: no server gives them to this client.',
        when: ({ family, othersName }) => family === 'edk2-http' && !othersName,
      },
      {
        text: 'No PXE server heard the client: on a remote network the router needs the PXE server as a second IP helper.',
        when: isPxe,
      },
      {
        text: 'WDS shares the server with DHCP and is told not to listen on port 67, but option 60 is not set: WDSUTIL /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes.',
        when: isPxe,
      },
      { text: 'WDS has left the DHCP server, and UseDHCPPorts is still 0: it does not listen on port 67.', when: isPxe },
      {
        text: 'The PXE server has no program for this architecture, or answers known machines only.',
        when: ({ othersName }) => !othersName,
      },
    ],
  },
  'offers-not-taken': {
    title: 'The client requested none of the offers',
    screen: { edk2: noValidOffer, 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: nothingToBoot },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      'The offers do not reach the client: the switch drops them (DHCP snooping), or they leave by another interface.',
      {
        text: 'Some UEFI firmware does not join a DHCP and a proxyDHCP offer: put the boot information into the DHCP offer for these models.',
        when: ({ family, joinsOffers }) => joinsOffers && (family === 'edk2' || family === 'edk2-http'),
      },
      'Option 43 is malformed, or demands a list, menu or multicast address that is not there.',
    ],
    tells: ['Capture at the port of the client: do the offers arrive there?'],
  },
  'no-ack': {
    title: 'The DHCP server did not acknowledge the address',
    screen: { bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: noConfiguration },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: [
      'The request names another server, and that one did not hear it.',
      'The server was busy, or lost the address meanwhile.',
      'DHCP snooping drops the answer.',
    ],
  },
  'other-server-taken': {
    title: 'The client took the offer of another DHCP server',
    screen: {},
    causes: ['Two DHCP servers answer on this network, and what the other one tells the client to boot is not among these packets.'],
  },
  'not-approved': {
    title: 'An administrator refused this machine',
    screen: {},
    causes: ['The machine was refused in the list of approvals: approve it there, and start it again.'],
  },
  nak: {
    title: 'The DHCP server refused the address',
    screen: { edk2: ['PXE-E18: Server response timeout.'] },
    codes: { edk2: ['PXE-E18'] },
    causes: ['The client asked for an address of another network.', 'Two DHCP servers serve this network, and the other one refused.'],
  },
  'boot-server-mute': {
    title: 'The boot server did not answer on port 4011',
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    codes: { bios: ['PXE-E55'], edk2: ['PXE-E16'] },
    causes: [
      'Option 60 PXEClient is set on the DHCP server, but the PXE service has moved, is stopped or was removed.',
      'A firewall drops UDP port 4011.',
      'The PXE service decided not to answer this machine (unknown, not approved, no deployment).',
    ],
  },
  'boot-server-closed': {
    title: 'UDP port 4011 of the boot server is closed',
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    codes: { bios: ['PXE-E55'], edk2: ['PXE-E16'] },
    causes: [
      'Option 60 PXEClient is left over on the DHCP server: WDS has moved to another server or was removed. Delete the option at server, scope, policy and reservation level.',
      'The WDS service is stopped; the option goes on promising it.',
    ],
  },
  'no-arp': {
    title: 'ARP was not answered',
    screen: { bios: ['PXE-E11: ARP timeout.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    codes: { bios: ['PXE-E11'], edk2: ['PXE-E18'] },
    causes: ['The named server does not exist, or is in another network while the client has no router (option 3).', 'The server is down.'],
  },
  'tftp-mute': {
    title: 'The TFTP server did not answer',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      'A firewall drops UDP port 69, or the answers, which come from another port (WDS: 64001 to 65000).',
      { text: 'The TFTP service does not run on the named next server (siaddr, option 66).', when: isOver4 },
      { text: 'The TFTP service does not run on the server of the boot file URL (option 59), or listens on IPv4 only.', when: isOver6 },
      { text: 'DNS has taken the port range of WDS (KB977512).', when: isOver4 },
      'A router or NAT between lets only answers from port 69 back.',
    ],
  },
  'tftp-closed': {
    title: 'The TFTP port is closed',
    screen: { bios: ['PXE-E32: TFTP open timeout.'], edk2: ['PXE-E99: Unexpected network error.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E99'] },
    causes: [
      'The TFTP service does not run.',
      { text: 'The next server (siaddr, option 66) names the wrong machine.', when: isOver4 },
      { text: 'The TFTP service listens on IPv4 only, or the boot file URL (option 59) names the wrong machine.', when: isOver6 },
    ],
  },
  'tftp-unheard': {
    title: 'The answers of the TFTP server do not reach the client',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      'A firewall, a router or NAT between lets no answers through: they come from another port than 69 (WDS: 64001 to 65000).',
      'The server answers by another way than the request came, and a firewall between sees only one direction.',
    ],
    tells: ['Capture at the port of the client: do the answers arrive there?'],
  },
  'firewall-refuses': {
    title: 'A firewall refuses the packets to the boot server',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: ['A rule on the server, or on a router before it, refuses the port: allow UDP 69 and 4011, TCP of the web server, and the ports that answers come from.'],
  },
  'server-unreachable': {
    title: 'The boot server cannot be reached',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: ['No machine has the address that was named as boot server, or it is switched off.', 'A router has no route to its network.'],
  },
  'file-missing': {
    title: 'Boot file not found',
    screen: {
      bios: ['PXE-T01: File not found', 'PXE-E3B: TFTP Error - File Not found'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['No such file or directory (http://ipxe.org/2d12603b) or Not found (https://ipxe.org/2d12613b)'],
    },
    codes: { bios: ['PXE-T01', 'PXE-E3B'], edk2: ['PXE-E23'] },
    causes: [
      { text: 'The name in option 67 or in the PXE server is misspelt, or its folder is missing; upper and lower case count on Linux.', when: isOver4 },
      { text: 'The path in the boot file URL (option 59) is misspelt, or its folder is missing; upper and lower case count on Linux.', when: isOver6 },
      'A value at scope, policy or reservation level overrides the right one.',
      'The boot image of this architecture is not on the server.',
    ],
  },
  'file-refused': {
    title: 'The TFTP server refused the boot file',
    screen: {
      bios: ['PXE-T02: Access violation', 'PXE-E3C: TFTP Error - Access Violation'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['Permission denied (http://ipxe.org/0212603c)'],
    },
    codes: { bios: ['PXE-T02', 'PXE-E3C'], edk2: ['PXE-E23'] },
    causes: ['The file is not readable for the service.', 'The WDS read filter lacks this form of the path (boot\\*, /boot/*).', 'The server is full.'],
  },
  'transfer-stalled': {
    title: 'The TFTP transfer stopped',
    screen: readTimeout,
    codes: { bios: ['PXE-E35'], edk2: ['PXE-E18'] },
    causes: [
      'The blocks are larger than the path carries (VPN, tunnel): lower the block size.',
      'The window is larger than the link tolerates: lower it.',
      'The server stopped.',
    ],
  },
  'transfer-aborted': {
    title: 'The TFTP transfer was aborted',
    screen: { edk2: ['PXE-E23: Client received TFTP error from server.'], bios: ['PXE-E36: Error received from TFTP server.'] },
    codes: { bios: ['PXE-E36'], edk2: ['PXE-E23'] },
    causes: ['The side that sent the ERROR says why in it.'],
  },
  'wrong-program': {
    title: 'The boot program is for another kind of machine',
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded] },
    causes: [
      'Option 67 is set once for all machines: remove it and let the PXE server choose, or use a policy on option 93.',
      'A rule expects architecture 9 for UEFI x64; firmware sends 7.',
    ],
  },
  'no-program': {
    title: 'The file that was sent is not a boot program',
    // The boot manager looks at the head of a file before it starts it, and finds nothing to start.
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded], 'edk2-http': notLoaded },
    causes: [
      'The file is not what its name says: a web page or an archive was saved under this name, or its copy is damaged.',
      'A script, an image or a configuration is named where the boot program belongs.',
    ],
  },
  'program-returned': {
    title: 'The boot program was loaded and did not run',
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded], 'edk2-http': notLoaded },
    causes: [
      'Secure Boot refused the program: it needs a signature this machine trusts.',
      'The program is for another architecture, or damaged.',
      'The program ended by itself: no configuration, or told to boot from disk.',
    ],
  },
  'file-not-asked': {
    title: 'The client did not request the boot file',
    screen: {},
    causes: [
      'The request does not pass the place where this was captured: it goes to another server or by another interface.',
      'The firmware refuses what it was told: a name it cannot read, or a menu that waits for somebody.',
    ],
  },
  'http-closed': {
    title: 'The HTTP port is closed',
    screen: { 'edk2-http': [...httpFailed, 'Error: Unexpected network error.'], ipxe: ['Connection reset (http://ipxe.org/0f0a6039)'] },
    causes: [
      'The web server does not run, or on another port.',
      { text: 'The address in option 67 names the wrong machine or port.', when: isOver4 },
      { text: 'The web server listens on IPv4 only, or the URL in option 59 names the wrong machine or port.', when: isOver6 },
    ],
  },
  'http-mute': {
    title: 'The HTTP server did not answer',
    screen: { 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c0a6035)'] },
    causes: ['A firewall drops the port.', 'The address that was given as URL names a machine that is not there.'],
  },
  'http-error': {
    title: 'The HTTP server refused the file',
    screen: { 'edk2-http': ['Client Error: 404 Not Found', ...httpFailed, 'Error: Unexpected network error.'], ipxe: ['No such file or directory (http://ipxe.org/2d0c613b)'] },
    causes: ['The path is misspelt, or the file is not in the folder the server gives.'],
  },
  'no-bootp-reply': {
    title: 'No BOOTP server answered',
    screen: {},
    causes: [
      'The server answers DHCP only: BOOTP has to be allowed, with an address for this machine (a reservation).',
      'No server hears the client: it is in another network without a relay agent (IP helper).',
    ],
    tells: ['Does the server receive the request? Its own log or a capture on it shows that.'],
  },
  'offers-dropped': {
    title: 'The client drops every offer',
    // The firmware counts no offer that it drops, so it says what it says when none comes.
    screen: {
      bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'],
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: noConfiguration,
    },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: ['The reason stands at each offer: correct what the server sends.'],
  },
  'address-conflict': {
    title: 'Another machine uses the offered address',
    screen: {},
    causes: [
      'A machine has this address by hand, or from another DHCP server: exclude the address from the pool, or give that machine another.',
      'Two DHCP servers give addresses of one range.',
    ],
  },
  'discovery-mute': {
    title: 'No boot server of the chosen kind answered',
    screen: { bios: ['PXE-E78: Could not locate boot server.'], edk2: ['PXE-E18: Server response timeout.'] },
    codes: { bios: ['PXE-E78'], edk2: ['PXE-E18'] },
    causes: [
      'The menu in option 43 offers a kind of boot server that no server answers for: its service does not run, or it is another one.',
      'A firewall drops UDP port 4011.',
    ],
  },
  'no-router': {
    title: 'The boot server is in another network and the client has no router',
    screen: { bios: ['PXE-E11: ARP timeout.'] },
    codes: { bios: ['PXE-E11'] },
    causes: ['The DHCP server gives no router (option 3): set it, or name a boot server in the network of the client.'],
  },
  'no-next-server': {
    title: 'No TFTP server was named',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      'The offer names a boot file and no next server: set siaddr (in Windows DHCP option 66 as an address) to the TFTP server.',
    ],
  },
  'url-for-pxe': {
    title: 'A PXE client was given a URL',
    screen: {},
    causes: [
      'Option 67 is set to a URL for all clients: give it to clients with option 60 HTTPClient or to iPXE only, and PXE clients a file name.',
    ],
  },
  'tftp-other-address': {
    title: 'TFTP was answered from another address',
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      'The server runs in a container or behind address translation, which does not follow TFTP: use the network of the host.',
      'The server has several addresses and answers from another one than was asked (RFC 1123 section 4.2.3.4, RFC 1122 section 4.1.3.5).',
    ],
  },
  'tftp-options-refused': {
    title: 'The client refused the TFTP options',
    screen: { bios: ['PXE-E36: Error received from TFTP server.'] },
    codes: { bios: ['PXE-E36'] },
    causes: ['The server acknowledges options that the client did not request, which RFC 2347 forbids: turn them off, or use another TFTP server.'],
  },
  'file-name-damaged': {
    title: 'The client requests the boot file with bytes behind its name',
    screen: {
      bios: ['PXE-T01: File not found', 'PXE-E3B: TFTP Error - File Not found'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
    },
    codes: { bios: ['PXE-T01', 'PXE-E3B'], edk2: ['PXE-E23'] },
    causes: [
      'The firmware reads option 67 as a text that ends with a zero, and the server sends none: it reads on into the next option. End option 67 with a zero byte, or name the file in the header field.',
    ],
  },
  'program-file-missing': {
    title: 'A file that the boot program needs was not found',
    screen: {},
    causes: [
      'The file is not where the program looks for it: its folder is that of the program, or the one that its configuration names.',
      'Upper and lower case count on Linux.',
    ],
  },
  'transfer-wrapped': {
    title: 'The TFTP transfer stopped where the block number wraps',
    screen: readTimeout,
    codes: { bios: ['PXE-E35'], edk2: ['PXE-E18'] },
    causes: [
      'The file has more than 65,535 blocks, and the server (or the client) does not go on behind that number: take a larger block size (blksize), a smaller file, or another TFTP server.',
    ],
  },
  'http-reset': {
    title: 'The HTTP server closed the connection without an answer',
    screen: {},
    causes: ['The server or a proxy between broke off: its log says why.', 'The server does not speak HTTP on this port (HTTPS, for one).'],
  },
  'tls-failed': {
    title: 'The TLS handshake failed',
    screen: {
      'edk2-http': [...httpFailed, 'Error: Unexpected network error. or Error: Remote boot cancelled.'],
    },
    causes: [
      'The client does not trust the authority that issued the certificate of the server: EDK2 knows those that are enrolled in its setup alone, iPXE those of its build (TRUST=).',
      'The certificate does not hold the address or name in the URL: an address has to be in it as an address.',
      'By the clock of the client the certificate is not valid now (EDK2 before August 2025 does not look at it).',
      'Client and server have no version of TLS or cipher suite in common: EDK2 offers suites for RSA keys.',
    ],
  },
  'boot-loop': {
    title: 'iPXE loads iPXE again and again',
    screen: {},
    causes: ['The server does not tell iPXE from the ROM: give user class iPXE (option 77) a script or another program.'],
  },
  'no-advertise': {
    title: 'No DHCPv6 server answered',
    screen: {
      edk2: ['PXE-E16: No valid offer received.'],
      'edk2-http': [...httpFailed, 'Error: Unexpected network error.'],
      ipxe: noConfiguration,
    },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      'This network has no DHCPv6 server, or it does not run: a boot option for IPv6 then always ends so, and says nothing about the boot over IPv4.',
      'The client is in another network and the router has no DHCPv6 relay agent.',
      'A firewall on the server drops UDP port 547, or the switch filters DHCPv6 (DHCPv6 guard).',
    ],
    tells: ['Does the server receive the SOLICIT? Its own log or a capture on it shows that.'],
  },
  'no-address6': {
    title: 'The DHCPv6 server has no address for the client',
    screen: { edk2: ['PXE-E16: No valid offer received.'] },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      'The server has no pool for this network: it gives options only (stateless DHCPv6), while network boot needs an address from it.',
      'The pool is empty, or the server keeps its addresses for known clients.',
    ],
  },
  'no-boot-url': {
    title: 'No DHCPv6 server says what to boot',
    screen: { edk2: ['PXE-E21: Remote boot cancelled.'], 'edk2-http': [...httpFailed, 'Error: Remote boot cancelled.'], ipxe: nothingToBoot },
    codes: { edk2: ['PXE-E21'] },
    causes: [
      'The DHCPv6 server gives no boot file URL (option 59, RFC 5970): set it, as tftp://[address]/file for PXE.',
      'The server gives the URL to other clients only (class, architecture).',
    ],
  },
  'advertise-dropped': {
    title: 'The client drops every ADVERTISE',
    screen: { edk2: ['PXE-E21: Remote boot cancelled.'], 'edk2-http': [...httpFailed, 'Error: Remote boot cancelled.'] },
    codes: { edk2: ['PXE-E21'] },
    causes: ['The reason stands at each ADVERTISE: correct what the server sends.'],
  },
  'advertise-not-taken': {
    title: 'The client requested none of the advertised addresses',
    screen: {},
    causes: [
      'The ADVERTISE does not reach the client: the switch filters it (DHCPv6 guard), or it leaves by another interface.',
      'The firmware refuses what the server sends.',
    ],
    tells: ['Capture at the port of the client: does the ADVERTISE arrive there?'],
  },
  'no-reply6': {
    title: 'The DHCPv6 server did not answer the REQUEST',
    screen: {},
    causes: ['The request names another server, and that one did not hear it.', 'The server lost the address meanwhile, or was stopped.'],
  },
  'no-neighbour': {
    title: 'Neighbour discovery was not answered',
    screen: {},
    causes: [
      'The server of the boot file URL does not exist, or is down.',
      'It is in another network, and no router advertises itself on the link of the client.',
    ],
  },
  'url-not-tftp': {
    title: 'A PXE client over IPv6 was given a URL that is not of TFTP',
    screen: { edk2: ['PXE-E53: No boot filename received.'] },
    codes: { edk2: ['PXE-E53'] },
    causes: [
      'Option 59 is set to one URL for all clients: give http:// to clients with the class HTTPClient (option 16) only, and PXE clients tftp://[address]/file.',
    ],
  },
  'url-unreadable': {
    title: 'The firmware cannot use the boot file URL (option 59)',
    screen: { edk2: ['PXE-E99: Unexpected network error.'] },
    codes: { edk2: ['PXE-E99'] },
    causes: [
      'UEFI firmware takes tftp://[address]/file with an IPv6 address in brackets, and tftp://name/file only where DHCPv6 gives a DNS server (option 23) as well.',
    ],
  },
  'parameter-no-size': {
    title: 'The firmware takes the boot file parameter (option 60) for a size, and it is none',
    screen: { edk2: ['PXE-E53: No boot filename received.'] },
    codes: { edk2: ['PXE-E53'] },
    causes: [
      'EDK2 reads the first parameter of option 60 as the size of the boot file in blocks of 512 bytes, and gives up at any other text: send UEFI firmware no option 60.',
    ],
  },
} // prettier-ignore

const families: Partial<Readonly<Record<FirmwareKind, ScreenFamily>>> = {
  'bios-rom': 'bios',
  edk2: 'edk2',
  'edk2-http': 'edk2-http',
  ipxe: 'ipxe',
}

export const familyOf = (firmware: FirmwareKind | undefined): ScreenFamily | undefined => firmware && families[firmware]

/** What stands on the screen; empty where it is not known for this firmware. */
export const screenOf = (failure: FailureKind, family: ScreenFamily | undefined): readonly string[] =>
  (family && failures[failure].screen[family]) ?? []

/** The codes on the screen, the most telling first. */
export const codesOf = (failure: FailureKind, family: ScreenFamily | undefined): readonly string[] =>
  (family && failures[failure].codes?.[family]) ?? []

/** The causes that can be, under these circumstances. */
export const causesOf = (failure: FailureKind, known: Circumstances): string[] =>
  failures[failure].causes.flatMap((cause) =>
    typeof cause === 'string' ? [cause] : cause.when(known) ? [cause.text] : [],
  )
