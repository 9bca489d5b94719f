/**
 * The lines that firmware shows with its PXE codes, for those that `failures.ts` has no boot for. ROM: Intel's boot agent and PXE 2.1;
 * EDK2: NetworkPkg, UefiPxeBcDxe. The number of a PXE-T code is the error number of the TFTP server (RFC 1350, section 5).
 */
import { say, type Phrase } from '#messages/message.ts'
export interface PxeLine {
  readonly code: string
  readonly firmware: 'BIOS' | 'UEFI'
  readonly line: string
}

const bios = (code: string, line: string): PxeLine => ({ code, firmware: 'BIOS', line: `${code}: ${line}` })
const uefi = (code: string, line: string): PxeLine => ({ code, firmware: 'UEFI', line: `${code}: ${line}` })

export const pxeLines: readonly PxeLine[] = [
  bios('PXE-E00', 'Could not find enough free base memory.'),
  bios('PXE-E01', 'PCI Vendor and Device IDs do not match!'),
  bios('PXE-E04', 'Error reading PCI configuration space.'),
  bios('PXE-E05', "The LAN adapter's configuration is corrupted or has not been initialized."),
  uefi('PXE-E05', 'Buffer size is smaller than the requested file.'),
  bios('PXE-E06', 'Option ROM requires DDIM support.'),
  bios('PXE-E07', 'PCI BIOS calls not supported.'),
  uefi('PXE-E07', 'Network device error.'),
  bios('PXE-E08', 'Unexpected API error.'),
  bios('PXE-E09', 'Unexpected UNDI loader error.'),
  uefi('PXE-E09', 'Could not allocate I/O buffers.'),
  bios('PXE-E11', 'ARP timeout.'),
  uefi('PXE-E12', 'Could not detect network connection.'),
  uefi('PXE-E16', 'No valid offer received.'),
  uefi('PXE-E16', 'No offer received.'),
  uefi('PXE-E18', 'Server response timeout.'),
  bios('PXE-E20', 'BIOS extended memory copy error.'),
  bios('PXE-E21', 'BIS integrity check failed.'),
  uefi('PXE-E21', 'Remote boot cancelled.'),
  bios('PXE-E22', 'BIS image/credential validation failed.'),
  uefi('PXE-E22', 'Client received ICMP error from server.'),
  bios('PXE-E23', 'BIS initialization failed.'),
  uefi('PXE-E23', 'Client received TFTP error from server.'),
  bios('PXE-E24', 'BIS shutdown failed.'),
  bios('PXE-E25', 'BIS get boot object authorization check flag failed.'),
  bios('PXE-E26', 'BIS free memory failed.'),
  bios('PXE-E27', 'BIS get signature information failed.'),
  bios('PXE-E28', 'BIS bad entry structure checksum.'),
  bios('PXE-E32', 'TFTP open timeout.'),
  bios('PXE-E35', 'TFTP read timeout.'),
  bios('PXE-E36', 'Error received from TFTP server.'),
  bios('PXE-E38', 'TFTP cannot open connection.'),
  bios('PXE-E39', 'TFTP cannot read from connection.'),
  bios('PXE-E3A', 'TFTP Error - File size is larger than free base memory.'),
  bios('PXE-E3A', 'TFTP too many packages.'),
  bios('PXE-E3B', 'TFTP Error - File Not found'),
  bios('PXE-E3C', 'TFTP Error - Access Violation'),
  bios('PXE-E3F', 'TFTP packet size is invalid.'),
  bios('PXE-E51', 'No DHCP or proxyDHCP offers were received.'),
  bios('PXE-E52', 'proxyDHCP offers were received. No DHCP offers were received.'),
  bios('PXE-E53', 'No boot filename received.'),
  uefi('PXE-E53', 'No boot filename received.'),
  bios('PXE-E55', 'ProxyDHCP service did not reply to request on port 4011.'),
  bios('PXE-E60', 'Invalid UNDI API function number.'),
  bios('PXE-E61', 'Media test failure, check cable.'),
  bios('PXE-E61', 'Media test failed, check cable.'),
  bios('PXE-E63', 'Error while initializing the NIC.'),
  bios('PXE-E64', 'Error while initializing the PHY.'),
  bios('PXE-E65', 'Error while reading the configuration data.'),
  bios('PXE-E66', 'Error while reading the initialization data.'),
  bios('PXE-E67', 'Invalid MAC address.'),
  bios('PXE-E68', 'Invalid EEPROM checksum.'),
  bios('PXE-E69', 'Error while setting interrupt.'),
  bios('PXE-E74', 'Bad or missing PXE menu and/or prompt information.'),
  bios('PXE-E76', 'Bad or missing multicast discovery address.'),
  bios('PXE-E77', 'Bad or missing discovery server list.'),
  bios('PXE-E78', 'Could not locate boot server.'),
  bios('PXE-E79', 'NBP is too big to fit in free base memory.'),
  bios('PXE-E7A', 'Client could not locate a secure server.'),
  bios('PXE-E7B', 'Bad or missing multicast discovery address.'),
  bios('PXE-E7B', 'Missing MTFTP server IP address.'),
  bios('PXE-E81', '!PXE structure is invalid.'),
  bios('PXE-E82', 'PXENV+ structure is invalid.'),
  bios('PXE-E83', 'Invalid DHCP option format.'),
  bios('PXE-E84', 'Could not get pointer to original packet storage.'),
  bios('PXE-E85', 'Not enough extended memory.'),
  bios('PXE-E86', 'ENV RAMdisk image corrupted.'),
  bios('PXE-E87', 'Could not find selected boot item.'),
  bios('PXE-E88', 'Could not locate boot server.'),
  bios('PXE-E89', 'Could not download boot image.'),
  uefi('PXE-E99', 'Unexpected network error.'),
  bios('PXE-EA0', 'Network boot canceled by keystroke.'),
  bios('PXE-EC1', 'BaseCode ROM ID structure was not found.'),
  bios('PXE-EC3', 'BaseCode ROM ID structure is invalid.'),
  bios('PXE-EC4', 'UNDI ROM ID structure was not found.'),
  bios('PXE-EC5', 'UNDI ROM ID structure is invalid.'),
  bios('PXE-EC6', 'UNDI driver image is invalid.'),
  bios('PXE-EC8', '!PXE structure was not found in UNDI driver code segment.'),
  bios('PXE-EC9', 'PXENV+ structure was not found in UNDI driver code segment.'),
  bios('PXE-M0F', 'Exiting Intel Boot Agent.'),
  bios('PXE-M0F', 'Exiting PXE ROM.'),
  bios('PXE-T01', 'File not found'),
  bios('PXE-T02', 'Access violation'),
  bios('PXE-T04', 'Access Violation'),
] // prettier-ignore

export interface TftpError {
  readonly code: string
  readonly means: Phrase
  readonly look: Phrase
}

const tftp = (number: number, means: Phrase, look: Phrase): TftpError => ({ code: `PXE-T0${number}`, means, look })

/** What a BIOS ROM prints when the TFTP server answers with an error: its number, then the text that the server sent. */
export const tftpErrors: readonly TftpError[] = [
  tftp(0, say('knowledge.tftp-server-refused-only-text'), say('knowledge.text-behind-code-log-tftp')),
  tftp(1, say('knowledge.tftp-server-does-file-2'), say('knowledge.name-folder-boot-file-configuration')),
  tftp(2, say('knowledge.tftp-server-denied-access-file-2'), say('knowledge.read-filter-tftp-readfilter-permissions')),
  tftp(3, say('knowledge.disk-tftp-server-full'), say('knowledge.only-uploads-fail-so-why')),
  tftp(4, say('knowledge.tftp-server-calls-request-illegal-2'), say('knowledge.readfilter-folder-boot-file-rights')),
  tftp(5, say('knowledge.tftp-server-does-know-transfer'), say('knowledge.two-servers-behind-one-address')),
  tftp(6, say('knowledge.file-exists-already-tftp-server'), say('knowledge.only-uploads-fail-so-why')),
  tftp(7, say('knowledge.tftp-server-does-know-user'), say('knowledge.settings-tftp-server')),
  tftp(8, say('knowledge.options-tftp-request-were-refused'), say('knowledge.block-size-window-size-tftp')),
] // prettier-ignore

/** Codes that a ROM shows beside the one that says why. */
export const romMessages: readonly TftpError[] = [
  {
    code: 'PXE-M0F',
    means: say('knowledge.pxe-m0f-means'),
    look: say('knowledge.pxe-m0f-look'),
  },
]
