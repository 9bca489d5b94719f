/**
 * What the numbers of iPXE's errors say. Every number is read (`machines/pxe-client/ipxe-errors.ts` has its fields); those that reports of
 * network boot show are named. Parts: iPXE's `errfile.h`. Names: the `__einfo_uniqify` of each source file, and the pages of ipxe.org/err.
 */
import { say, type Phrase } from '#messages/message.ts'
import { numberOnUefi, posixErrors } from '../machines/pxe-client/ipxe-errors.ts'
import { uefiStatuses } from './uefi-status.ts'

const kinds = { core: 0x2000, driver: 0x4000, net: 0x6000, image: 0x8000, other: 0xe000 } as const

/** Parts of iPXE, as people name what they do, and where to look when they fail. */
const partRows: readonly (readonly [kind: keyof typeof kinds, index: number, words: Phrase, look: Phrase])[] = [
  ['core', 0x02, say('knowledge.command-script'), say('knowledge.command-words')],
  ['core', 0x07, 'waiting for a transfer', say('knowledge.server-network-between')],
  ['core', 0x09, say('knowledge.opening-address'), say('knowledge.address-scheme-http-tftp-next')],
  ['core', 0x0b, 'name resolution', say('knowledge.dns-server-option-6-name')],
  ['core', 0x0c, 'settings', say('knowledge.setting-name-type-value')],
  ['core', 0x16, say('knowledge.options-command'), say('knowledge.options-command-names-images-menus')],
  ['core', 0x23, 'SAN boot', say('knowledge.iscsi-target-root-path-option')],
  ['net', 0x01, 'ARP', say('knowledge.whether-server-same-network-router')],
  ['net', 0x05, 'IPv4', say('knowledge.router-option-3-subnet-mask')],
  ['net', 0x06, 'IPv6', say('knowledge.router-advertisements-address')],
  ['net', 0x08, say('knowledge.network-card'), say('knowledge.link-cable-switch-port-driver')],
  ['net', 0x0a, 'TCP', say('knowledge.whether-web-server-listens-port')],
  ['net', 0x0c, 'HTTP', say('knowledge.log-web-server-path')],
  ['net', 0x0d, 'iSCSI', say('knowledge.iscsi-target-name-access-list')],
  ['net', 0x0f, 'UDP', 'Firewalls.'],
  ['net', 0x10, 'DHCP', say('knowledge.dhcp-server-relay-portfast-switch')],
  ['net', 0x11, 'DNS', say('knowledge.dns-server-option-6-name')],
  ['net', 0x12, 'TFTP', say('knowledge.tftp-server-udp-port-69')],
  ['net', 0x19, 'ICMP', say('knowledge.address-server')],
  ['net', 0x30, 'VLAN', 'The VLAN.'],
  ['net', 0x33, 'NFS', say('knowledge.export-rights')],
  ['net', 0x34, 'NFS', say('knowledge.export-rights')],
  ['net', 0x35, 'NFS', say('knowledge.export-rights')],
  ['net', 0x37, 'ARP', say('knowledge.whether-server-same-network-router')],
  ['net', 0x3b, 'DHCPv6', say('knowledge.dhcpv6-server-relay')],
  ['net', 0x41, 'HTTP', say('knowledge.log-web-server')],
  ['net', 0x42, 'HTTP sign-in', say('knowledge.user-name-password-address')],
  ['image', 0x00, 'an image', say('knowledge.file-kind-architecture-whether-all')],
  ['image', 0x01, 'an ELF image', say('knowledge.file-kind-architecture')],
  ['image', 0x02, 'a script', say('knowledge.script-first-line-ipxe-labels')],
  ['image', 0x03, say('knowledge.memory-image'), say('knowledge.size-kernel-initrd-memory-machine')],
  ['image', 0x04, 'a UEFI program', say('knowledge.architecture-program-secure-boot')],
  ['other', 0x03, say('knowledge.choosing-boot'), say('knowledge.boot-file-dhcp-names-ipxe')],
  ['other', 0x04, 'DHCP', say('knowledge.dhcp-server-relay')],
  ['other', 0x05, 'an image', say('knowledge.address-file')],
  ['other', 0x0a, say('knowledge.command-images'), say('knowledge.name-image-whether-loaded')],
  ['other', 0x0d, 'HTTPS (TLS)', say('knowledge.certificate-cipher-suites-web-server')],
  ['other', 0x0e, 'setting up a network card', say('knowledge.dhcp-server-relay-portfast-switch')],
  ['other', 0x11, say('knowledge.network-card-s-uefi-driver'), say('knowledge.firmware-machine-card-try-snponly')],
  ['other', 0x15, 'the PXE menu', say('knowledge.option-43-menu-boot-servers')],
  ['other', 0x16, 'certificates', say('knowledge.certificate-web-server-name-dates')],
  ['other', 0x25, 'random numbers', say('knowledge.source-random-numbers-firmware-machine')],
  ['other', 0x26, say('knowledge.source-random-numbers'), say('knowledge.firmware-machine-build-ipxe-tls')],
  ['other', 0x27, 'RSA signatures', say('knowledge.certificates-web-server-sends')],
  ['other', 0x2f, say('knowledge.asking-whether-certificate-revoked-ocsp'), say('knowledge.way-ocsp-server-certificate-names')],
  ['other', 0x22, 'waiting for a key', say('knowledge.nobody-pressed-key-time')],
  ['other', 0x2b, say('knowledge.signature-image'), say('knowledge.signature-file-certificates-ipxe-trusts')],
  ['other', 0x2c, 'a menu', say('knowledge.somebody-left-menu-esc-ctrl')],
  ['other', 0x2e, 'checking certificates', say('knowledge.certificate-web-server-issuers-clock')],
  ['other', 0x5c, say('knowledge.source-random-numbers'), say('knowledge.firmware-machine-build-ipxe-tls')],
  ['other', 0x4a, say('knowledge.pxe-interface-other-programs'), say('knowledge.firmware-version')],
] // prettier-ignore

const parts = new Map(partRows.map(([kind, index, words, look]) => [(index << 16) | kinds[kind], { words, look }]))

export interface IpxeError {
  /** Eight digits, as a BIOS build shows them. */
  readonly number: string
  /** As iPXE prints it. */
  readonly text: string
  readonly means: Phrase
  readonly look: Phrase
}

const row = (number: string, text: string, means: Phrase, look: Phrase): IpxeError => ({ number, text, means, look })

/** Those that reports of network boot show; numbers of a BIOS build. */
export const ipxeErrors: readonly IpxeError[] = [
  row('040ee119', 'No configuration methods succeeded', say('knowledge.dhcp-answer-came-ipxe-so'), say('knowledge.portfast-switch-port-loading-ipxe')),
  row('4c106035', 'Connection timed out', say('knowledge.dhcp-answer-came-time'), say('knowledge.dhcp-server-relay-portfast-switch')),
  row('1a086101', 'Unknown', say('knowledge.link-network-card-tested-yet'), say('knowledge.wait-link-cable-switch-port')),
  row('38086101', 'Down', say('knowledge.network-card-link'), say('knowledge.cable-switch-port-driver-card')),
  row('28086011', 'Network unreachable', say('knowledge.network-card-open-nothing-configured'), say('knowledge.run-ifopen-dhcp-before-command')),
  row('2d03e13b', 'Nothing to boot: No such file or directory', say('knowledge.dhcp-gave-ipxe-address-boot'), say('knowledge.options-67-66-next-server')),
  row('3c092003', 'Operation not supported', say('knowledge.address-scheme-build-ipxe-cannot'), say('knowledge.next-server-option-66-features')),
  row('4c126035', 'Connection timed out', say('knowledge.tftp-server-did-answer-stopped'), say('knowledge.look-tftp-69')),
  row('2d12603b', 'No such file or directory', say('knowledge.tftp-server-does-file'), say('knowledge.name-folder-file-case-counts')),
  row('2d12613b', 'Not found', say('knowledge.tftp-server-does-file-autoexec'), say('knowledge.name-folder-file-case-counts')),
  row('0212603c', 'Permission denied', say('knowledge.tftp-server-denied-access-file'), say('knowledge.rights-file-read-filter-tftp')),
  row('3d126001', 'Inappropriate I/O control operation', say('knowledge.tftp-server-calls-request-illegal'), say('knowledge.readfilter-folder-file')),
  row('3c126003', 'Operation not supported', say('knowledge.tftp-server-answered-error-another'), say('knowledge.log-tftp-server')),
  row('4c0a6035', 'Connection timed out', say('knowledge.web-iscsi-server-did-answer'), say('knowledge.address-port-firewalls-whether-server')),
  row('0f0a6039', 'Connection reset', say('knowledge.server-firewall-refused-tcp-connection'), say('knowledge.whether-web-server-listens-port-2')),
  row('280a6011', 'Network unreachable', say('knowledge.way-address-server'), say('knowledge.router-option-3-subnet-mask-2')),
  row('2d0c613b', 'Not found', say('knowledge.web-server-does-file-404'), say('knowledge.path-address-case-counts-linux')),
  row('410c613c', 'Operation not permitted', say('knowledge.web-server-refused-file-403'), say('knowledge.rights-file-folder-rules-web')),
  row('020c613c', 'Permission denied', say('knowledge.web-server-wants-user-name'), say('knowledge.user-name-password-address-rules')),
  row('1d0c6439', 'HTTP 4xx Client Error', say('knowledge.web-server-refused-request'), say('knowledge.log-web-server')),
  row('1d0c6539', 'HTTP 5xx Server Error', say('knowledge.web-server-failed'), say('knowledge.log-web-server')),
  row('3e11613b', 'No such device or address', say('knowledge.dns-does-know-name-dns'), say('knowledge.name-dns-server-domain-dhcp')),
  row('3e11623b', 'No such device or address', say('knowledge.dns-server-ask-dns-servers'), say('knowledge.option-6-address-instead-name')),
  row('4c116035', 'Connection timed out', say('knowledge.no-dns-server-answered'), say('knowledge.option-6-whether-server-can')),
  row('2e008001', 'Exec format error', say('knowledge.file-program-kind-ipxe-can'), say('knowledge.kind-file-kpxe-bios-kernel')),
  row('2e022001', 'Exec format error', say('knowledge.command-does-exist-build-ipxe'), say('knowledge.spelling-command-features-build')),
  row('2d02803b', 'No such file or directory', say('knowledge.script-such-label'), say('knowledge.names-behind-goto-choose')),
  row('46038101', 'Requested memory not available', say('knowledge.image-does-fit-into-free'), say('knowledge.memory-machine-size-kernel-initrd')),
  row('0b0720a0', 'Operation canceled', say('knowledge.somebody-pressed-ctrl-c'), say('knowledge.keyboard')),
  row('0216e13c', 'Permission denied', say('knowledge.certificate-issuer-names-web-server'), say('knowledge.certificates-web-server-sends-own')),
  row('0216e23c', 'Permission denied', say('knowledge.issuer-among-certificates-authority-ca'), say('knowledge.certificates-web-server-sends')),
  row('0216e33c', 'Permission denied', say('knowledge.certificate-may-used-key-usage'), say('knowledge.key-usage-certificates-web-server')),
  row('0216e43c', 'Permission denied', say('knowledge.certificate-expired-valid-yet'), say('knowledge.clock-machine-ntp-ipxe-sets')),
  row('0216e53c', 'Permission denied', say('knowledge.more-certificates-stand-between-authority'), say('knowledge.certificates-web-server-sends')),
  row('0216e63c', 'Permission denied', say('knowledge.ipxe-does-trust-root-certificate'), say('knowledge.build-ipxe-trust-set-your')),
  row('0216e83c', 'Permission denied', say('knowledge.web-server-sent-certificate'), say('knowledge.tls-settings-web-server')),
  row('0216e93c', 'Permission denied', say('knowledge.ipxe-ask-whether-certificate-revoked'), say('knowledge.way-ocsp-server-certificate-names-2')),
  row('0216ea3c', 'Permission denied', say('knowledge.certificate-another-name-than-address'), say('knowledge.name-address-ip-address-certificate')),
  row('0216eb3c', 'Permission denied', say('knowledge.none-certificates-web-server-sent'), say('knowledge.build-ipxe-trust-set-your-2')),
  row('1c0de802', 'Invalid argument', say('knowledge.ipxe-could-read-message-tls'), say('knowledge.newer-build-ipxe-fewer-certificates')),
  row('1c25e002', 'Invalid argument', say('knowledge.ipxe-random-numbers-tls-needs'), say('knowledge.newer-build-ipxe-firmware-plain')),
  row('4226e101', 'Broken pipe', say('knowledge.ipxe-source-repeats-itself'), say('knowledge.newer-build-ipxe-firmware-plain')),
  row('4226e201', 'Broken pipe', say('knowledge.ipxe-source-one-sided'), say('knowledge.newer-build-ipxe-firmware-plain')),
  row('7f5ce086', 'Error 0x7f5ce086', say('knowledge.ipxe-rng-not-ready'), say('knowledge.ipxe-rng-newer-build')),
  row('3c0de303', 'Operation not supported', say('knowledge.web-server-signed-handshake-way'), say('knowledge.certificate-rsa-key-newer-build')),
  row('3c0de403', 'Operation not supported', say('knowledge.web-server-chose-version-tls'), say('knowledge.tls-1-2-web-server')),
  row('410de13c', 'Operation not permitted', say('knowledge.web-server-ended-tls-handshake'), say('knowledge.tls-versions-cipher-suites-web')),
  row('410de23c', 'Operation not permitted', say('knowledge.end-tls-handshake-does-fit'), say('knowledge.whatever-stands-between-proxy-opens')),
  row('7f048183', 'Error 0x7f048183', say('knowledge.firmware-does-load-program-another'), say('knowledge.architecture-program')),
  row('7f04819a', 'Error 0x7f04819a', say('knowledge.secure-boot-refused-program-image'), say('knowledge.signed-program-shim-before-shim')),
  row('7f048283', 'Error 0x7f048283', say('knowledge.program-ran-ended-efi-unsupported'), say('knowledge.initrd-name-command-line-kernel')),
  row('7f048181', 'Error 0x7f048181', say('knowledge.firmware-cannot-load-program-damaged'), say('knowledge.file-transfer')),
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
  return {
    number,
    text,
    means: status
      ? part
        ? say('knowledge.firmware-answered-from-part', { text: status.text, part: part.words, means: status.means })
        : say('knowledge.firmware-answered', { text: status.text, means: status.means })
      : part
        ? say('knowledge.error-from-part', { text: posix.text, part: part.words })
        : `${posix.text}.`,
    look: part?.look ?? say('knowledge.line-above-says-ipxe-doing'),
  }
}

/** Other ways to write its number: as a UEFI build shows it, and as ipxe.org lists it. */
export const spellingsOf = ({ number }: IpxeError): string[] => [
  ...new Set([numberOnUefi(number), number.slice(0, 6), `ipxe.org/${number}`]),
]
