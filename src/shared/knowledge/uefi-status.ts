/** Status values of UEFI firmware (UEFI 2.10, appendix D), as its console and logs show them. */
import { say, type Phrase } from '#messages/message.ts'
export interface UefiStatus {
  readonly number: number
  /** `EFI_NOT_FOUND`. */
  readonly name: string
  /** As EDK2 prints it (MdePkg, BasePrintLib): "Not Found". */
  readonly text: string
  /** What it means while a machine boots from the network. */
  readonly means: Phrase
  readonly look: Phrase
  /** The code that EDK2's PXE driver prints for it (NetworkPkg, UefiPxeBcDxe). */
  readonly pxe?: string
}

const row = (number: number, name: string, text: string, means: Phrase, look: Phrase, pxe?: string): UefiStatus => ({ number, name: `EFI_${name}`, text, means, look, ...(pxe !== undefined && { pxe }) }) // prettier-ignore

export const uefiStatuses: readonly UefiStatus[] = [
  row(1, 'LOAD_ERROR', 'Load Error', say('knowledge.file-program-firmware-can-load'), say('knowledge.boot-file-architecture-size-whether')),
  row(2, 'INVALID_PARAMETER', 'Invalid Parameter', say('knowledge.firmware-boot-program-made-call'), say('knowledge.firmware-version-boot-program')),
  row(3, 'UNSUPPORTED', 'Unsupported', say('knowledge.firmware-does-do-program-another'), say('knowledge.architecture-boot-file-network-http')),
  row(4, 'BAD_BUFFER_SIZE', 'Bad Buffer Size', say('knowledge.length-buffer-does-fit-request'), say('knowledge.firmware-version')),
  row(5, 'BUFFER_TOO_SMALL', 'Buffer Too Small', say('knowledge.file-larger-than-server-said'), say('knowledge.size-tftp-server-tells-tsize'), 'PXE-E05'),
  row(6, 'NOT_READY', 'Not Ready', say('knowledge.nothing-read-yet'), say('knowledge.wait-look-step-before')),
  row(7, 'DEVICE_ERROR', 'Device Error', say('knowledge.network-card-reports-error'), say('knowledge.card-cable-firmware-driver-card'), 'PXE-E07'),
  row(8, 'WRITE_PROTECTED', 'Write Protected', say('knowledge.device-cannot-written'), say('knowledge.device-written')),
  row(9, 'OUT_OF_RESOURCES', 'Out of Resources', say('knowledge.memory-short'), say('knowledge.size-boot-file-ram-disk'), 'PXE-E09'),
  row(10, 'VOLUME_CORRUPTED', 'Volume Corrupt', say('knowledge.file-system-damaged'), say('knowledge.disk')),
  row(11, 'VOLUME_FULL', 'Volume Full', say('knowledge.file-system-full'), say('knowledge.disk')),
  row(12, 'NO_MEDIA', 'No Media', say('knowledge.network-card-link'), say('knowledge.cable-switch-port'), 'PXE-E12'),
  row(13, 'MEDIA_CHANGED', 'Media changed', say('knowledge.medium-exchanged'), say('knowledge.device')),
  row(14, 'NOT_FOUND', 'Not Found', say('knowledge.firmware-found-nothing-boot-download'), say('knowledge.lines-above-file-came-pxe'), 'PXE-E53'),
  row(15, 'ACCESS_DENIED', 'Access Denied', say('knowledge.program-may-run-secure-boot'), say('knowledge.signature-boot-file-certificates-firmware')),
  row(16, 'NO_RESPONSE', 'No Response', say('knowledge.valid-offer-came-boot-server'), say('knowledge.look-options-4011'), 'PXE-E16'),
  row(17, 'NO_MAPPING', 'No mapping', say('knowledge.card-ip-address-yet'), 'DHCP.'),
  row(18, 'TIMEOUT', 'Time out', say('knowledge.server-did-answer-time-dhcp'), say('knowledge.whether-server-hears-client-tftp'), 'PXE-E18'),
  row(19, 'NOT_STARTED', 'Not started', say('knowledge.protocol-started'), say('knowledge.firmware-version')),
  row(20, 'ALREADY_STARTED', 'Already started', say('knowledge.protocol-runs-already-often-because'), say('knowledge.firmware-version-other-network-boot')),
  row(21, 'ABORTED', 'Aborted', say('knowledge.somebody-pressed-esc-over-ipv6'), say('knowledge.keyboard-over-ipv6-boot-file'), 'PXE-E21'),
  row(22, 'ICMP_ERROR', 'ICMP Error', say('knowledge.server-router-answered-icmp-error'), say('knowledge.whether-service-runs-port'), 'PXE-E22'),
  row(23, 'TFTP_ERROR', 'TFTP Error', say('knowledge.tftp-server-answered-error'), say('knowledge.name-rights-boot-file'), 'PXE-E23'),
  row(24, 'PROTOCOL_ERROR', 'Protocol Error', say('knowledge.answer-breaks-rules-protocol'), say('knowledge.capture-answer')),
  row(25, 'INCOMPATIBLE_VERSION', 'Incompatible Version', say('knowledge.version-asked-does-exist'), say('knowledge.firmware-version')),
  row(26, 'SECURITY_VIOLATION', 'Security Violation', say('knowledge.secure-boot-refused-program'), say('knowledge.signature-boot-file-certificates-firmware')),
  row(27, 'CRC_ERROR', 'CRC Error', say('knowledge.checksum-wrong'), say('knowledge.file-transfer')),
  row(28, 'END_OF_MEDIA', 'End of Media', say('knowledge.end-medium-reached'), say('knowledge.device')),
  row(31, 'END_OF_FILE', 'End of File', say('knowledge.end-file-reached'), say('knowledge.file-transfer')),
  row(32, 'INVALID_LANGUAGE', 'Invalid Language', say('knowledge.language-known'), say('knowledge.firmware-settings')),
  row(33, 'COMPROMISED_DATA', 'Compromised Data', say('knowledge.state-data-known-compromised'), say('knowledge.firmware-settings-signatures')),
  row(34, 'IP_ADDRESS_CONFLICT', 'IP Address Conflict', say('knowledge.another-machine-uses-address-offered'), say('knowledge.dhcp-scope-exclusions-machines-fixed')),
  row(35, 'HTTP_ERROR', 'HTTP Error', say('knowledge.http-server-answered-error'), say('knowledge.address-option-67-log-web')),
  row(100, 'NETWORK_UNREACHABLE', 'Network Unreachable', say('knowledge.router-says-way-network'), say('knowledge.router-option-3-routes')),
  row(101, 'HOST_UNREACHABLE', 'Host Unreachable', say('knowledge.router-says-server'), say('knowledge.address-server-whether-up')),
  row(102, 'PROTOCOL_UNREACHABLE', 'Protocol Unreachable', say('knowledge.server-does-speak-protocol'), say('knowledge.address-server')),
  row(103, 'PORT_UNREACHABLE', 'Port Unreachable', say('knowledge.nothing-listens-port-server'), say('knowledge.whether-service-runs-firewall-rejects')),
  row(104, 'CONNECTION_FIN', 'Connection Fin', say('knowledge.server-closed-connection'), say('knowledge.log-web-server')),
  row(105, 'CONNECTION_RESET', 'Connection Reset', say('knowledge.connection-reset'), say('knowledge.web-server-proxy-firewall-between')),
  row(106, 'CONNECTION_REFUSED', 'Connection Refused', say('knowledge.nothing-listens-tcp-port'), say('knowledge.whether-web-server-runs-port')),
] // prettier-ignore

/** The value as logs show it: an error has the highest of 64 bits set. */
export const uefiStatusCode = ({ number }: UefiStatus): string => `0x8${number.toString(16).padStart(15, '0')}`
