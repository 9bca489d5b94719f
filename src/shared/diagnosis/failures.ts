/**
 * How a boot fails: what the person in front of the machine reads, by firmware, and what commonly causes it. Texts of EDK2
 * and iPXE were read from their consoles, those of ROMs are PXE 2.1's.
 */
import { isMessage, say, type Message, type Phrase } from '#messages/message.ts'
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
  | 'dns-mute'
  | 'dns-no-name'
  | 'dns-no-record'

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

export type Cause = Message | { readonly text: Phrase; readonly when: (known: Circumstances) => boolean }

export interface Failure {
  /** A short clause that one could search for. */
  readonly title: Phrase
  /** The lines on the screen, by firmware family; what differs between versions is joined by "or". */
  readonly screen: Partial<Readonly<Record<ScreenFamily, readonly string[]>>>
  /** The codes among them, the most telling first. */
  readonly codes?: Partial<Readonly<Record<ScreenFamily, readonly string[]>>>
  /** The most frequent first. */
  readonly causes: readonly Cause[]
  /** What would tell these causes apart, where the packets cannot. */
  readonly tells?: readonly Phrase[]
}

const nothingToBoot = ['Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)']
/** The second where IPv6 came up meanwhile. */
const noConfiguration = [
  'No configuration methods succeeded (http://ipxe.org/040ee119) or Nothing to boot: No such file or directory (http://ipxe.org/2d03e13b)',
]
export const httpFailed = ['Error: Could not retrieve NBP file size from HTTP server.']
const noValidOffer = ['PXE-E16: No valid offer received.']
const nameUnknown = [
  'No such device or address (http://ipxe.org/3e11613b) or Connection timed out (http://ipxe.org/4c126035)',
]
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
    title: say('failures.no-offer'),
    screen: {
      bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'],
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: noConfiguration,
    },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: [
      {
        text: say('failures.dhcp-server-does-not-run-not'),
        when: ({ wasAnswered }) => !wasAnswered,
      },
      {
        text: say('failures.dhcp-server-answered-machine-before-does'),
        when: ({ wasAnswered }) => wasAnswered,
      },
      say('failures.client-another-network-router-no-relay'),
      say('failures.switch-port-not-forwarding-yet-spanning'),
      say('failures.firewall-server-drops-udp-port-67'),
    ],
  },
  'proxy-only': {
    title: say('failures.proxy-only'),
    screen: { bios: ['PXE-E52: proxyDHCP offers were received. No DHCP offers were received.'], edk2: noValidOffer },
    codes: { bios: ['PXE-E52'], edk2: ['PXE-E16'] },
    causes: [
      say('failures.dhcp-server-does-not-run-pool'),
      {
        text: say('failures.relay-passes-requests-pxe-server-only'),
        when: ({ isRelayed }) => isRelayed,
      },
    ],
    tells: [say('failures.does-dhcp-server-receive-discover-own')],
  },
  'no-boot-information': {
    title: say('failures.no-boot-information'),
    screen: {
      bios: ['PXE-E53: No boot filename received.'],
      edk2: noValidOffer,
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: nothingToBoot,
    },
    codes: { bios: ['PXE-E53'], edk2: ['PXE-E16'] },
    causes: [
      {
        text: say('failures.two-dhcp-servers-answer-client-took'),
        when: ({ othersName }) => othersName,
      },
      {
        text: say('failures.http-boot-needs-option-60-httpclient'),
        when: ({ family, othersName }) => family === 'edk2-http' && !othersName,
      },
      {
        text: say('failures.no-pxe-server-heard-client-remote'),
        when: isPxe,
      },
      {
        text: say('failures.wds-shares-server-dhcp-told-not'),
        when: isPxe,
      },
      { text: say('failures.wds-left-dhcp-server-usedhcpports-still'), when: isPxe },
      {
        text: say('failures.pxe-server-no-program-architecture-answers'),
        when: ({ othersName }) => !othersName,
      },
    ],
  },
  'offers-not-taken': {
    title: say('failures.offers-not-taken'),
    screen: { edk2: noValidOffer, 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: nothingToBoot },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      say('failures.offers-do-not-reach-client-switch'),
      {
        text: say('failures.some-uefi-firmware-does-not-join'),
        when: ({ family, joinsOffers }) => joinsOffers && (family === 'edk2' || family === 'edk2-http'),
      },
      say('failures.option-43-malformed-demands-list-menu'),
    ],
    tells: [say('failures.capture-port-client-do-offers-arrive')],
  },
  'no-ack': {
    title: say('failures.no-ack'),
    screen: { bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: noConfiguration },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.request-names-another-server-one-did'),
      say('failures.server-busy-lost-address-meanwhile'),
      say('failures.dhcp-snooping-drops-answer'),
    ],
  },
  'other-server-taken': {
    title: say('failures.other-server-taken'),
    screen: {},
    causes: [say('failures.two-dhcp-servers-answer-network-other')],
  },
  'not-approved': {
    title: say('failures.not-approved'),
    screen: {},
    causes: [say('failures.machine-refused-list-approvals-approve-start')],
  },
  nak: {
    title: say('failures.nak'),
    screen: { edk2: ['PXE-E18: Server response timeout.'] },
    codes: { edk2: ['PXE-E18'] },
    causes: [say('failures.client-asked-address-another-network'), say('failures.two-dhcp-servers-serve-network-other')],
  },
  'boot-server-mute': {
    title: say('failures.boot-server-mute'),
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    codes: { bios: ['PXE-E55'], edk2: ['PXE-E16'] },
    causes: [
      say('failures.option-60-pxeclient-set-dhcp-server'),
      say('failures.firewall-drops-udp-port-4011'),
      say('failures.pxe-service-decided-not-answer-machine'),
    ],
  },
  'boot-server-closed': {
    title: say('failures.boot-server-closed'),
    screen: { bios: ['PXE-E55: ProxyDHCP service did not reply to request on port 4011.'], edk2: noValidOffer, ipxe: nothingToBoot },
    codes: { bios: ['PXE-E55'], edk2: ['PXE-E16'] },
    causes: [
      say('failures.option-60-pxeclient-left-over-dhcp'),
      say('failures.wds-service-stopped-option-goes-promising'),
    ],
  },
  'no-arp': {
    title: say('failures.no-arp'),
    screen: { bios: ['PXE-E11: ARP timeout.'], edk2: ['PXE-E18: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    codes: { bios: ['PXE-E11'], edk2: ['PXE-E18'] },
    causes: [say('failures.named-server-does-not-exist-another'), say('failures.server-down')],
  },
  'tftp-mute': {
    title: say('failures.tftp-mute'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.firewall-drops-udp-port-69-answers'),
      { text: say('failures.tftp-service-does-not-run-named'), when: isOver4 },
      { text: say('failures.tftp-service-does-not-run-server'), when: isOver6 },
      { text: say('failures.dns-taken-port-range-wds-kb977512'), when: isOver4 },
      say('failures.router-nat-between-lets-only-answers'),
    ],
  },
  'tftp-closed': {
    title: say('failures.tftp-closed'),
    screen: { bios: ['PXE-E32: TFTP open timeout.'], edk2: ['PXE-E99: Unexpected network error.'], ipxe: ['Connection timed out (http://ipxe.org/4c126035)'] },
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E99'] },
    causes: [
      say('failures.tftp-service-does-not-run'),
      { text: say('failures.next-server-siaddr-option-66-names'), when: isOver4 },
      { text: say('failures.tftp-service-listens-ipv4-only-boot'), when: isOver6 },
    ],
  },
  'tftp-unheard': {
    title: say('failures.tftp-unheard'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.firewall-router-nat-between-lets-no'),
      say('failures.server-answers-another-way-than-request'),
    ],
    tells: [say('failures.capture-port-client-do-answers-arrive')],
  },
  'firewall-refuses': {
    title: say('failures.firewall-refuses'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [say('failures.rule-server-router-before-refuses-port')],
  },
  'server-unreachable': {
    title: say('failures.server-unreachable'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [say('failures.no-machine-address-named-boot-server'), say('failures.router-no-route-network')],
  },
  'file-missing': {
    title: say('failures.file-missing'),
    screen: {
      bios: ['PXE-T01: File not found', 'PXE-E3B: TFTP Error - File Not found'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['No such file or directory (http://ipxe.org/2d12603b) or Not found (https://ipxe.org/2d12613b)'],
    },
    codes: { bios: ['PXE-T01', 'PXE-E3B'], edk2: ['PXE-E23'] },
    causes: [
      { text: say('failures.name-option-67-pxe-server-misspelt'), when: isOver4 },
      { text: say('failures.path-boot-file-url-option-59'), when: isOver6 },
      say('failures.value-scope-policy-reservation-level-overrides'),
      say('failures.boot-image-architecture-not-server'),
    ],
  },
  'file-refused': {
    title: say('failures.file-refused'),
    screen: {
      bios: ['PXE-T02: Access violation', 'PXE-E3C: TFTP Error - Access Violation'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
      ipxe: ['Permission denied (http://ipxe.org/0212603c)'],
    },
    codes: { bios: ['PXE-T02', 'PXE-E3C'], edk2: ['PXE-E23'] },
    causes: [say('failures.file-not-readable-service'), { text: say('failures.wds-read-filter-lacks-form-path'), when: isOver4 }, say('failures.server-full')],
  },
  'transfer-stalled': {
    title: say('failures.transfer-stalled'),
    screen: readTimeout,
    codes: { bios: ['PXE-E35'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.blocks-larger-than-path-carries-vpn'),
      say('failures.window-larger-than-link-tolerates-lower'),
      say('failures.server-stopped'),
    ],
  },
  'transfer-aborted': {
    title: say('failures.transfer-aborted'),
    screen: { edk2: ['PXE-E23: Client received TFTP error from server.'], bios: ['PXE-E36: Error received from TFTP server.'] },
    codes: { bios: ['PXE-E36'], edk2: ['PXE-E23'] },
    causes: [say('failures.side-sent-error-says-why')],
  },
  'wrong-program': {
    title: say('failures.wrong-program'),
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded] },
    causes: [
      { text: say('failures.option-67-set-once-all-machines'), when: isOver4 },
      { text: say('failures.url-set-once-all-machines'), when: isOver6 },
      say('failures.rule-expects-architecture-9-uefi-x64'),
    ],
  },
  'no-program': {
    title: say('failures.no-program'),
    // The boot manager looks at the head of a file before it starts it, and finds nothing to start.
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded], 'edk2-http': notLoaded },
    causes: [
      say('failures.file-not-name-says-web-page'),
      say('failures.script-image-configuration-named-boot-program'),
    ],
  },
  'program-returned': {
    title: say('failures.program-returned'),
    screen: { edk2: ['NBP file downloaded successfully.', ...notLoaded], 'edk2-http': notLoaded },
    causes: [
      say('failures.secure-boot-refused-program-needs-signature'),
      say('failures.program-another-architecture-damaged'),
      say('failures.program-ended-itself-no-configuration-told'),
    ],
  },
  'file-not-asked': {
    title: say('failures.file-not-asked'),
    screen: {},
    causes: [
      say('failures.request-does-not-pass-place-captured'),
      say('failures.firmware-refuses-told-name-cannot-read'),
    ],
  },
  'http-closed': {
    title: say('failures.http-closed'),
    screen: { 'edk2-http': [...httpFailed, 'Error: Unexpected network error.'], ipxe: ['Connection reset (http://ipxe.org/0f0a6039)'] },
    causes: [
      say('failures.web-server-does-not-run-another'),
      { text: say('failures.address-option-67-names-wrong-machine'), when: isOver4 },
      { text: say('failures.web-server-listens-ipv4-only-url'), when: isOver6 },
    ],
  },
  'http-mute': {
    title: say('failures.http-mute'),
    screen: { 'edk2-http': [...httpFailed, 'Error: Server response timeout.'], ipxe: ['Connection timed out (http://ipxe.org/4c0a6035)'] },
    causes: [say('failures.firewall-drops-port'), say('failures.address-given-url-names-machine-not')],
  },
  'http-error': {
    title: say('failures.http-error'),
    screen: { 'edk2-http': ['Client Error: 404 Not Found', ...httpFailed, 'Error: Unexpected network error.'], ipxe: ['No such file or directory (http://ipxe.org/2d0c613b)'] },
    causes: [say('failures.path-misspelt-file-not-folder-server')],
  },
  'no-bootp-reply': {
    title: say('failures.no-bootp-reply'),
    screen: {},
    causes: [
      say('failures.server-answers-dhcp-only-bootp-allowed'),
      say('failures.no-server-hears-client-another-network'),
    ],
    tells: [say('failures.does-server-receive-request-own-log')],
  },
  'offers-dropped': {
    title: say('failures.offers-dropped'),
    // The firmware counts no offer that it drops, so it says what it says when none comes.
    screen: {
      bios: ['PXE-E51: No DHCP or proxyDHCP offers were received.'],
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout.'],
      ipxe: noConfiguration,
    },
    codes: { bios: ['PXE-E51'], edk2: ['PXE-E18'] },
    causes: [say('failures.reason-stands-each-offer-correct-server')],
  },
  'address-conflict': {
    title: say('failures.address-conflict'),
    screen: {},
    causes: [
      say('failures.machine-address-hand-another-dhcp-server'),
      say('failures.two-dhcp-servers-give-addresses-one'),
    ],
  },
  'discovery-mute': {
    title: say('failures.discovery-mute'),
    screen: { bios: ['PXE-E78: Could not locate boot server.'], edk2: ['PXE-E18: Server response timeout.'] },
    codes: { bios: ['PXE-E78'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.menu-option-43-offers-kind-boot'),
      say('failures.firewall-drops-udp-port-4011'),
    ],
  },
  'no-router': {
    title: say('failures.no-router'),
    screen: { bios: ['PXE-E11: ARP timeout.'] },
    codes: { bios: ['PXE-E11'] },
    causes: [say('failures.dhcp-server-gives-no-router-option')],
  },
  'no-next-server': {
    title: say('failures.no-next-server'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.offer-names-boot-file-no-next'),
    ],
  },
  'url-for-pxe': {
    title: say('failures.url-for-pxe'),
    screen: {},
    causes: [
      say('failures.option-67-set-url-all-clients'),
    ],
  },
  'tftp-other-address': {
    title: say('failures.tftp-other-address'),
    screen: openTimeout,
    codes: { bios: ['PXE-E32'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.server-runs-container-behind-address-translation'),
      say('failures.server-several-addresses-answers-another-one'),
    ],
  },
  'tftp-options-refused': {
    title: say('failures.tftp-options-refused'),
    screen: { bios: ['PXE-E36: Error received from TFTP server.'] },
    codes: { bios: ['PXE-E36'] },
    causes: [say('failures.server-acknowledges-options-client-did-not')],
  },
  'file-name-damaged': {
    title: say('failures.file-name-damaged'),
    screen: {
      bios: ['PXE-T01: File not found', 'PXE-E3B: TFTP Error - File Not found'],
      edk2: ['NBP filesize is 0 Bytes', 'PXE-E23: Client received TFTP error from server.'],
    },
    codes: { bios: ['PXE-T01', 'PXE-E3B'], edk2: ['PXE-E23'] },
    causes: [
      say('failures.firmware-reads-option-67-text-ends'),
    ],
  },
  'program-file-missing': {
    title: say('failures.program-file-missing'),
    screen: {},
    causes: [
      say('failures.file-not-program-looks-folder-program'),
      say('failures.upper-lower-case-count-linux'),
    ],
  },
  'transfer-wrapped': {
    title: say('failures.transfer-wrapped'),
    screen: readTimeout,
    codes: { bios: ['PXE-E35'], edk2: ['PXE-E18'] },
    causes: [
      say('failures.file-more-than-65-535-blocks'),
    ],
  },
  'http-reset': {
    title: say('failures.http-reset'),
    screen: {},
    causes: [say('failures.server-proxy-between-broke-off-log'), say('failures.server-does-not-speak-http-port')],
  },
  'tls-failed': {
    title: say('failures.tls-failed'),
    screen: {
      'edk2-http': [...httpFailed, 'Error: Unexpected network error. or Error: Remote boot cancelled.'],
    },
    causes: [
      say('failures.client-does-not-trust-authority-issued'),
      say('failures.certificate-does-not-hold-address-name'),
      say('failures.clock-client-certificate-not-valid-now'),
      say('failures.client-server-no-version-tls-cipher'),
    ],
  },
  'boot-loop': {
    title: say('failures.boot-loop'),
    screen: {},
    causes: [
      { text: say('failures.server-does-not-tell-ipxe-rom'), when: isOver4 },
      { text: say('failures.server-does-not-tell-ipxe-firmware'), when: isOver6 },
    ],
  },
  'no-advertise': {
    title: say('failures.no-advertise'),
    screen: {
      edk2: ['PXE-E16: No valid offer received.'],
      'edk2-http': [...httpFailed, 'Error: Unexpected network error.'],
      ipxe: noConfiguration,
    },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      say('failures.network-no-dhcpv6-server-does-not'),
      say('failures.client-another-network-router-no-dhcpv6'),
      say('failures.firewall-server-drops-udp-port-547'),
    ],
    tells: [say('failures.does-server-receive-solicit-own-log')],
  },
  'no-address6': {
    title: say('failures.no-address6'),
    screen: { edk2: ['PXE-E16: No valid offer received.'] },
    codes: { edk2: ['PXE-E16'] },
    causes: [
      say('failures.server-no-pool-network-gives-options'),
      say('failures.pool-empty-server-keeps-addresses-known'),
    ],
  },
  'no-boot-url': {
    title: say('failures.no-boot-url'),
    screen: { edk2: ['PXE-E21: Remote boot cancelled.'], 'edk2-http': [...httpFailed, 'Error: Remote boot cancelled.'], ipxe: nothingToBoot },
    codes: { edk2: ['PXE-E21'] },
    causes: [
      say('failures.dhcpv6-server-gives-no-boot-file'),
      say('failures.server-gives-url-other-clients-only'),
    ],
  },
  'advertise-dropped': {
    title: say('failures.advertise-dropped'),
    screen: { edk2: ['PXE-E21: Remote boot cancelled.'], 'edk2-http': [...httpFailed, 'Error: Remote boot cancelled.'] },
    codes: { edk2: ['PXE-E21'] },
    causes: [say('failures.reason-stands-each-advertise-correct-server')],
  },
  'advertise-not-taken': {
    title: say('failures.advertise-not-taken'),
    screen: {},
    causes: [
      say('failures.advertise-does-not-reach-client-switch'),
      say('failures.firmware-refuses-server-sends'),
    ],
    tells: [say('failures.capture-port-client-does-advertise-arrive')],
  },
  'no-reply6': {
    title: say('failures.no-reply6'),
    screen: {},
    causes: [say('failures.request-names-another-server-one-did'), say('failures.server-lost-address-meanwhile-stopped')],
  },
  'no-neighbour': {
    title: say('failures.no-neighbour'),
    screen: {},
    causes: [
      say('failures.server-boot-file-url-does-not'),
      say('failures.another-network-no-router-advertises-itself'),
    ],
  },
  'url-not-tftp': {
    title: say('failures.url-not-tftp'),
    screen: { edk2: ['PXE-E53: No boot filename received.'] },
    codes: { edk2: ['PXE-E53'] },
    causes: [
      say('failures.option-59-set-one-url-all'),
    ],
  },
  'url-unreadable': {
    title: say('failures.url-unreadable'),
    screen: { edk2: ['PXE-E99: Unexpected network error.'] },
    codes: { edk2: ['PXE-E99'] },
    causes: [
      say('failures.uefi-firmware-takes-tftp-address-file'),
    ],
  },
  'parameter-no-size': {
    title: say('failures.parameter-no-size'),
    screen: { edk2: ['PXE-E53: No boot filename received.'] },
    codes: { edk2: ['PXE-E53'] },
    causes: [
      say('failures.edk2-reads-first-parameter-option-60'),
    ],
  },
  // What EDK2 shows of a name follows from how the question ended (PxeBcLoadBootFile, HttpBootLoadFile).
  'dns-mute': {
    title: say('failures.dns-mute'),
    screen: {
      edk2: ['PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Server response timeout. or Error: Unexpected network error.'],
      ipxe: ['Connection timed out (http://ipxe.org/4c116035 or http://ipxe.org/4c126035)'],
    },
    codes: { edk2: ['PXE-E18'] },
    causes: [say('failures.dns-server-does-not-run'), say('failures.dns-server-of-another-network')],
  },
  'dns-no-name': {
    title: say('failures.dns-no-name'),
    screen: {
      // A server that answers with the question alone is not heard by EDK2.
      edk2: ['PXE-E53: No boot filename received. or PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Unexpected network error. or Error: Server response timeout.'],
      ipxe: nameUnknown,
    },
    causes: [say('failures.dns-name-misspelt'), say('failures.dns-name-known-elsewhere')],
  },
  'dns-no-record': {
    title: say('failures.dns-no-record'),
    screen: {
      edk2: ['PXE-E07: Network device error. or PXE-E18: Server response timeout.'],
      'edk2-http': [...httpFailed, 'Error: Network device error. or Error: Unexpected network error. or Error: Server response timeout.'], // prettier-ignore
      ipxe: nameUnknown,
    },
    causes: [
      { text: say('failures.dns-no-aaaa'), when: isOver6 },
      { text: say('failures.dns-no-a'), when: isOver4 },
      say('failures.dns-server-cannot-resolve'),
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
export const causesOf = (failure: FailureKind, known: Circumstances): Phrase[] =>
  failures[failure].causes.flatMap((cause) => (isMessage(cause) ? [cause] : cause.when(known) ? [cause.text] : []))
