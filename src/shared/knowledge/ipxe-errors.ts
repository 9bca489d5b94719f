/**
 * What the numbers of iPXE's errors say. Every number is read (`machines/pxe-client/ipxe-errors.ts` has its fields); those that reports of
 * network boot show are named. Parts: iPXE's `errfile.h`. Names: the `__einfo_uniqify` of each source file, and the pages of ipxe.org/err.
 */
import { numberOnUefi, posixErrors } from '../machines/pxe-client/ipxe-errors.ts'
import { uefiStatuses } from './uefi-status.ts'

const kinds = { core: 0x2000, driver: 0x4000, net: 0x6000, image: 0x8000, other: 0xe000 } as const

/** Parts of iPXE, as people name what they do, and where to look when they fail. */
const partRows: readonly (readonly [kind: keyof typeof kinds, index: number, words: string, look: string])[] = [
  ['core', 0x02, 'a command of the script', 'The command and its words.'],
  ['core', 0x07, 'waiting for a transfer', 'The server and the network between.'],
  ['core', 0x09, 'opening an address', 'The address: its scheme (http:, tftp:), and next server where it has none.'],
  ['core', 0x0b, 'name resolution', 'DNS server (option 6) and the name.'],
  ['core', 0x0c, 'settings', 'The setting: its name, type and value.'],
  ['core', 0x16, 'the options of a command', 'The options of the command, and names of images, menus and cards in it.'],
  ['core', 0x23, 'SAN boot', 'The iSCSI target, and root-path (option 17).'],
  ['net', 0x01, 'ARP', 'Whether the server is in the same network, or the router answers.'],
  ['net', 0x05, 'IPv4', 'Router (option 3), subnet mask and address.'],
  ['net', 0x06, 'IPv6', 'Router advertisements and address.'],
  ['net', 0x08, 'the network card', 'Link, cable, switch port, and the driver of the card.'],
  ['net', 0x0a, 'TCP', 'Whether the web server listens on that port; firewalls.'],
  ['net', 0x0c, 'HTTP', 'The log of the web server, and the path.'],
  ['net', 0x0d, 'iSCSI', 'The iSCSI target, its name and access list.'],
  ['net', 0x0f, 'UDP', 'Firewalls.'],
  ['net', 0x10, 'DHCP', 'DHCP server, relay, and PortFast on the switch port.'],
  ['net', 0x11, 'DNS', 'DNS server (option 6) and the name.'],
  ['net', 0x12, 'TFTP', 'TFTP server, UDP port 69, firewall, name and rights of the file.'],
  ['net', 0x19, 'ICMP', 'The address of the server.'],
  ['net', 0x30, 'VLAN', 'The VLAN.'],
  ['net', 0x33, 'NFS', 'The export and its rights.'],
  ['net', 0x34, 'NFS', 'The export and its rights.'],
  ['net', 0x35, 'NFS', 'The export and its rights.'],
  ['net', 0x37, 'ARP', 'Whether the server is in the same network, or the router answers.'],
  ['net', 0x3b, 'DHCPv6', 'DHCPv6 server and relay.'],
  ['net', 0x41, 'HTTP', 'The log of the web server.'],
  ['net', 0x42, 'HTTP sign-in', 'User name and password in the address.'],
  ['image', 0x00, 'an image', 'The file: its kind and architecture, and whether all of it came.'],
  ['image', 0x01, 'an ELF image', 'The file: its kind and architecture.'],
  ['image', 0x02, 'a script', 'The script: its first line is #!ipxe, and its labels exist.'],
  ['image', 0x03, 'memory for an image', 'The size of kernel and initrd, and the memory of the machine.'],
  ['image', 0x04, 'a UEFI program', 'The architecture of the program, and Secure Boot.'],
  ['other', 0x03, 'choosing what to boot', 'The boot file that DHCP names to iPXE: options 67 and 66, next server, proxyDHCP.'],
  ['other', 0x04, 'DHCP', 'DHCP server and relay.'],
  ['other', 0x05, 'an image', 'The address of the file.'],
  ['other', 0x0a, 'a command on images', 'The name of the image, and whether it was loaded.'],
  ['other', 0x0d, 'HTTPS (TLS)', 'Certificate and cipher suites of the web server.'],
  ['other', 0x0e, 'setting up a network card', 'DHCP server, relay, and PortFast on the switch port.'],
  ['other', 0x11, 'the network card\'s UEFI driver', 'Firmware of the machine and the card; try snponly.efi instead of ipxe.efi, or the other way round.'],
  ['other', 0x15, 'the PXE menu', 'Option 43: its menu and boot servers.'],
  ['other', 0x16, 'certificates', 'The certificate of the web server: its name, dates and issuer, and the clock of the machine.'],
  ['other', 0x25, 'random numbers', 'The source of random numbers: the firmware of the machine, or the build of iPXE. TLS needs them.'],
  ['other', 0x26, 'the source of random numbers', 'The firmware of the machine, or the build of iPXE. TLS needs random numbers.'],
  ['other', 0x27, 'RSA signatures', 'The certificates that the web server sends.'],
  ['other', 0x2f, 'asking whether a certificate is revoked (OCSP)', 'The way to the OCSP server that the certificate names, and the clock of the machine.'],
  ['other', 0x22, 'waiting for a key', 'Nobody pressed the key in time.'],
  ['other', 0x2b, 'the signature of an image', 'The signature file, and the certificates that iPXE trusts.'],
  ['other', 0x2c, 'a menu', 'Somebody left the menu with Esc or Ctrl-C.'],
  ['other', 0x2e, 'checking certificates', 'The certificate of the web server and its issuers; the clock of the machine.'],
  ['other', 0x4a, 'the PXE interface for other programs', 'Firmware version.'],
] // prettier-ignore

const parts = new Map(partRows.map(([kind, index, words, look]) => [(index << 16) | kinds[kind], { words, look }]))

export interface IpxeError {
  /** Eight digits, as a BIOS build shows them. */
  readonly number: string
  /** As iPXE prints it. */
  readonly text: string
  readonly means: string
  readonly look: string
}

const row = (number: string, text: string, means: string, look: string): IpxeError => ({ number, text, means, look })

/** Those that reports of network boot show; numbers of a BIOS build. */
export const ipxeErrors: readonly IpxeError[] = [
  row('040ee119', 'No configuration methods succeeded', 'No DHCP answer came to iPXE, so the network card has no address.', 'PortFast on the switch port (loading iPXE may have taken the link down), then DHCP server and relay. Type dhcp in the iPXE shell (Ctrl-B): if it works a minute later, it is the switch port.'),
  row('4c106035', 'Connection timed out', 'No DHCP answer came in time.', 'DHCP server, relay, and PortFast on the switch port.'),
  row('1a086101', 'Unknown', 'The link of the network card was not tested yet.', 'Wait for the link; cable and switch port.'),
  row('38086101', 'Down', 'The network card has no link.', 'Cable and switch port; the driver of the card (try snponly.efi or undionly.kpxe).'),
  row('28086011', 'Network unreachable', 'The network card is not open: nothing was configured on it.', 'Run ifopen or dhcp before the command.'),
  row('2d03e13b', 'Nothing to boot: No such file or directory', 'DHCP gave iPXE an address and no boot file.', 'Options 67 and 66 or next server for iPXE, and whether the proxyDHCP server was heard.'),
  row('3c092003', 'Operation not supported', 'The address has a scheme that this build of iPXE cannot open, or no scheme and no next server.', 'Next server (option 66), and the features of the build: https: is in builds of iPXE 2.0 for UEFI, in those for BIOS and in older ones only with DOWNLOAD_PROTO_HTTPS; nfs: is in few.'),
  row('4c126035', 'Connection timed out', 'The TFTP server did not answer, or stopped in the middle of the file.', 'TFTP server, UDP port 69, firewall, next server.'),
  row('2d12603b', 'No such file or directory', 'The TFTP server does not have this file.', 'Name and folder of the file; case counts on Linux.'),
  row('2d12613b', 'Not found', 'The TFTP server does not have this file. For autoexec.ipxe, which iPXE tries of its own accord, this is no error.', 'Name and folder of the file; case counts on Linux.'),
  row('0212603c', 'Permission denied', 'The TFTP server denied access to the file.', 'Rights of the file, and the read filter of TFTP (ReadFilter).'),
  row('3d126001', 'Inappropriate I/O control operation', 'The TFTP server calls the request illegal; WDS answers so when its read filter refuses a file. For autoexec.ipxe, which iPXE tries of its own accord, this is no error.', 'ReadFilter, and the folder of the file.'),
  row('3c126003', 'Operation not supported', 'The TFTP server answered with an error of another kind.', 'The log of the TFTP server.'),
  row('4c0a6035', 'Connection timed out', 'The web or iSCSI server did not answer on its TCP port.', 'The address and port, firewalls, and whether the server runs.'),
  row('0f0a6039', 'Connection reset', 'The server or a firewall refused the TCP connection.', 'Whether the web server listens on that port; firewalls and proxies.'),
  row('280a6011', 'Network unreachable', 'There is no way to the address of the server.', 'Router (option 3), subnet mask, and the address.'),
  row('2d0c613b', 'Not found', 'The web server does not have this file (404).', 'The path in the address; case counts on Linux.'),
  row('410c613c', 'Operation not permitted', 'The web server refused the file (403).', 'Rights of the file and folder, and the rules of the web server.'),
  row('020c613c', 'Permission denied', 'The web server wants a user name and password (401).', 'User name and password in the address, or the rules of the web server.'),
  row('1d0c6439', 'HTTP 4xx Client Error', 'The web server refused the request.', 'The log of the web server.'),
  row('1d0c6539', 'HTTP 5xx Server Error', 'The web server failed.', 'The log of the web server.'),
  row('3e11613b', 'No such device or address', 'DNS does not know the name (DNS name does not exist).', 'The name, and the DNS server and domain that DHCP gives (options 6 and 15).'),
  row('3e11623b', 'No such device or address', 'There is no DNS server to ask (No DNS servers available).', 'Option 6, or an address instead of the name.'),
  row('4c116035', 'Connection timed out', 'No DNS server answered.', 'Option 6, and whether that server can be reached.'),
  row('2e008001', 'Exec format error', 'The file is no program of a kind that this iPXE can start: for the other firmware (BIOS or UEFI), another architecture, or an error page instead of the file.', 'The kind of the file: a .kpxe or a BIOS kernel does not start on UEFI; open the address in a browser.'),
  row('2e022001', 'Exec format error', 'The command does not exist in this build of iPXE.', 'The spelling of the command, and the features of the build.'),
  row('2d02803b', 'No such file or directory', 'The script has no such label.', 'The names behind goto and choose.'),
  row('46038101', 'Requested memory not available', 'The image does not fit into free memory at its place.', 'The memory of the machine, and the size of kernel and initrd.'),
  row('0b0720a0', 'Operation canceled', 'Somebody pressed Ctrl-C.', 'The keyboard.'),
  row('0216e13c', 'Permission denied', 'A certificate is not from the issuer that it names, or the web server sends its certificates in the wrong order.', 'The certificates that the web server sends: its own first, each before the one that issued it.'),
  row('0216e23c', 'Permission denied', 'An issuer among the certificates is no authority (not a CA certificate).', 'The certificates that the web server sends.'),
  row('0216e33c', 'Permission denied', 'A certificate may not be used for this (key usage).', 'Key usage of the certificates that the web server sends.'),
  row('0216e43c', 'Permission denied', 'A certificate has expired or is not valid yet.', 'The clock of the machine (ntp in iPXE sets it), and the dates of the certificate.'),
  row('0216e53c', 'Permission denied', 'More certificates stand between authority and server than the authority allows (pathLenConstraint).', 'The certificates that the web server sends.'),
  row('0216e63c', 'Permission denied', 'iPXE does not trust the root certificate.', 'Build iPXE with TRUST set to your CA, or use a public certificate. iPXE loads cross certificates from ca.ipxe.org: it needs a way there.'),
  row('0216e83c', 'Permission denied', 'The web server sent no certificate.', 'The TLS settings of the web server.'),
  row('0216e93c', 'Permission denied', 'iPXE has to ask whether a certificate is revoked (OCSP), and could not.', 'The way to the OCSP server that the certificate names; a build without OCSP_CHECK does not ask.'),
  row('0216ea3c', 'Permission denied', 'The certificate is for another name than the address has.', 'The name in the address: with an IP address the certificate must carry that.'),
  row('0216eb3c', 'Permission denied', 'None of the certificates that the web server sent leads to one that iPXE trusts (no usable certificates).', 'Build iPXE with TRUST set to your CA. It keeps the fingerprint alone: the web server must send the CA certificate too, or CERT= builds it in. With a public certificate iPXE needs a way to ca.ipxe.org, and intermediate certificates from the web server.'),
  row('1c0de802', 'Invalid argument', 'iPXE could not read a message of the TLS handshake. Builds before April 2023 cannot read one that comes in several records, as long chains of certificates do.', 'A newer build of iPXE; fewer certificates sent by the web server.'),
  row('1c25e002', 'Invalid argument', 'iPXE has no random numbers, which TLS needs: their source failed when it started.', 'A newer build of iPXE, and firmware; plain http: needs none.'),
  row('3c0de303', 'Operation not supported', 'The web server signed the handshake in a way that this build of iPXE does not know.', 'A certificate with an RSA key, or a newer build of iPXE.'),
  row('3c0de403', 'Operation not supported', 'The web server chose a version of TLS that this build of iPXE does not allow.', 'TLS 1.2 on the web server: iPXE 2.0 speaks TLS 1.1 and 1.2.'),
  row('410de13c', 'Operation not permitted', 'The web server ended the TLS handshake with an alert.', 'TLS versions and cipher suites of the web server: iPXE 2.0 speaks TLS 1.1 and 1.2, not 1.3; release 1.21.1 and builds before 2024 know key exchange by RSA alone.'),
  row('410de23c', 'Operation not permitted', 'The end of the TLS handshake does not fit what was said before it.', 'Whatever stands between: a proxy that opens TLS.'),
  row('7f048183', 'Error 0x7f048183', 'The firmware does not load the program: it is for another kind of processor.', 'The architecture of the program.'),
  row('7f04819a', 'Error 0x7f04819a', 'Secure Boot refused the program (image prohibited by security policy).', 'A signed program, or shim before it (the shim command).'),
  row('7f048283', 'Error 0x7f048283', 'The program ran and ended with EFI_UNSUPPORTED. A Linux kernel does so where initrd= or its EFI stub is missing.', 'initrd=NAME on the command line of the kernel, and a kernel with an EFI stub.'),
  row('7f048181', 'Error 0x7f048181', 'The firmware cannot load the program: it is damaged or cut short.', 'The file and its transfer.'),
] // prettier-ignore

const keyOf = (number: string): string =>
  number.startsWith('7f') ? number : (Number.parseInt(number, 16) >>> 8).toString(16)
const named = new Map(ipxeErrors.map((one) => [keyOf(one.number), one]))

/**
 * The error with this number, of any build of iPXE; undefined for what is none. `isSure`: the text says that it is one (`ipxe.org/...`);
 * else only numbers of parts that are known count.
 */
export function ipxeErrorOf(digits: string, isSure: boolean): IpxeError | undefined {
  const number = digits.toLowerCase()
  if (!/^[0-7][0-9a-f]{7}$/.test(number)) return undefined
  const known = named.get(keyOf(number))
  if (known) return known
  const value = Number.parseInt(number, 16)
  const posix = posixErrors.get(value >>> 24)
  const part = parts.get(value & 0x7fe000)
  if (!posix || (!part && (!isSure || !Object.values(kinds).some((one) => one === (value & 0xe000))))) return undefined
  const status = uefiStatuses.find((one) => posix.number === 0x7f && (value & 0xff) === (one.number | 0x80))
  const text = status ? `Error 0x${number}` : posix.text
  const where = part ? `, from ${part.words}` : ''
  return {
    number,
    text,
    means: status ? `The firmware answered "${status.text}"${where}. ${status.means}` : `${posix.text}${where}.`,
    look: part?.look ?? 'The line above it, which says what iPXE was doing.',
  }
}

/** Other ways to write its number: as a UEFI build shows it, and as ipxe.org lists it. */
export const spellingsOf = ({ number }: IpxeError): string[] => [
  ...new Set([numberOnUefi(number), number.slice(0, 6), `ipxe.org/${number}`]),
]
