/** Status values of UEFI firmware (UEFI 2.10, appendix D), as its console and logs show them. */
export interface UefiStatus {
  readonly number: number
  /** `EFI_NOT_FOUND`. */
  readonly name: string
  /** As EDK2 prints it (MdePkg, BasePrintLib): "Not Found". */
  readonly text: string
  /** What it means while a machine boots from the network. */
  readonly means: string
  readonly look: string
  /** The code that EDK2's PXE driver prints for it (NetworkPkg, UefiPxeBcDxe). */
  readonly pxe?: string
}

const row = (number: number, name: string, text: string, means: string, look: string, pxe?: string): UefiStatus => ({ number, name: `EFI_${name}`, text, means, look, ...(pxe !== undefined && { pxe }) }) // prettier-ignore

export const uefiStatuses: readonly UefiStatus[] = [
  row(1, 'LOAD_ERROR', 'Load Error', 'The file is no program that this firmware can load: damaged, cut short, or of another architecture.', 'The boot file: its architecture, its size, and whether the transfer was complete.'),
  row(2, 'INVALID_PARAMETER', 'Invalid Parameter', 'The firmware or a boot program made a call with a value that makes no sense.', 'Firmware version; the boot program.'),
  row(3, 'UNSUPPORTED', 'Unsupported', 'The firmware does not do this, or the program is for another kind of processor.', 'The architecture of the boot file; the network and HTTP boot settings of the firmware.'),
  row(4, 'BAD_BUFFER_SIZE', 'Bad Buffer Size', 'The length of a buffer does not fit the request.', 'Firmware version.'),
  row(5, 'BUFFER_TOO_SMALL', 'Buffer Too Small', 'The file is larger than the server said it would be.', 'The size that the TFTP server tells (tsize).', 'PXE-E05'),
  row(6, 'NOT_READY', 'Not Ready', 'There is nothing to read yet.', 'Wait, or look at the step before it.'),
  row(7, 'DEVICE_ERROR', 'Device Error', 'The network card reports an error.', 'Card, cable, firmware and driver of the card.', 'PXE-E07'),
  row(8, 'WRITE_PROTECTED', 'Write Protected', 'The device cannot be written.', 'The device that is written to.'),
  row(9, 'OUT_OF_RESOURCES', 'Out of Resources', 'Memory is short.', 'The size of the boot file or RAM disk, and the memory of the machine.', 'PXE-E09'),
  row(10, 'VOLUME_CORRUPTED', 'Volume Corrupt', 'The file system is damaged.', 'The disk.'),
  row(11, 'VOLUME_FULL', 'Volume Full', 'The file system is full.', 'The disk.'),
  row(12, 'NO_MEDIA', 'No Media', 'The network card has no link.', 'Cable and switch port.', 'PXE-E12'),
  row(13, 'MEDIA_CHANGED', 'Media changed', 'The medium was exchanged.', 'The device.'),
  row(14, 'NOT_FOUND', 'Not Found', 'The firmware found nothing to boot there: the download failed, or the file is no program for it.', 'The lines above it: which file came, and which PXE code was shown.', 'PXE-E53'),
  row(15, 'ACCESS_DENIED', 'Access Denied', 'The program may not run. With Secure Boot on, its signature was refused.', 'The signature of the boot file and the certificates in the firmware (db, dbx).'),
  row(16, 'NO_RESPONSE', 'No Response', 'No valid offer came, or the boot server on port 4011 did not answer.', 'Options 60 and 43, proxyDHCP, port 4011.', 'PXE-E16'),
  row(17, 'NO_MAPPING', 'No mapping', 'The card has no IP address yet.', 'DHCP.'),
  row(18, 'TIMEOUT', 'Time out', 'The server did not answer in time: DHCP, discovery or TFTP.', 'Whether the server hears the client; TFTP on port 69.', 'PXE-E18'),
  row(19, 'NOT_STARTED', 'Not started', 'The protocol was not started.', 'Firmware version.'),
  row(20, 'ALREADY_STARTED', 'Already started', 'The protocol runs already, often because another driver holds the card.', 'Firmware version; other network boot entries.'),
  row(21, 'ABORTED', 'Aborted', 'Somebody pressed Esc, or over IPv6 no ADVERTISE named a boot file.', 'The keyboard; over IPv6 the boot file URL (option 59).', 'PXE-E21'),
  row(22, 'ICMP_ERROR', 'ICMP Error', 'The server or a router answered with an ICMP error, mostly "port unreachable".', 'Whether the service runs on that port.', 'PXE-E22'),
  row(23, 'TFTP_ERROR', 'TFTP Error', 'The TFTP server answered with an error.', 'The name and rights of the boot file.', 'PXE-E23'),
  row(24, 'PROTOCOL_ERROR', 'Protocol Error', 'An answer breaks the rules of its protocol.', 'A capture of the answer.'),
  row(25, 'INCOMPATIBLE_VERSION', 'Incompatible Version', 'The version that was asked for does not exist.', 'Firmware version.'),
  row(26, 'SECURITY_VIOLATION', 'Security Violation', 'Secure Boot refused the program.', 'The signature of the boot file and the certificates in the firmware (db, dbx).'),
  row(27, 'CRC_ERROR', 'CRC Error', 'The checksum is wrong.', 'The file and its transfer.'),
  row(28, 'END_OF_MEDIA', 'End of Media', 'The end of the medium was reached.', 'The device.'),
  row(31, 'END_OF_FILE', 'End of File', 'The end of the file was reached.', 'The file and its transfer.'),
  row(32, 'INVALID_LANGUAGE', 'Invalid Language', 'The language is not known.', 'Firmware settings.'),
  row(33, 'COMPROMISED_DATA', 'Compromised Data', 'The state of the data is not known or was compromised.', 'Firmware settings; signatures.'),
  row(34, 'IP_ADDRESS_CONFLICT', 'IP Address Conflict', 'Another machine uses the address that was offered.', 'The DHCP scope: exclusions, and machines with fixed addresses.'),
  row(35, 'HTTP_ERROR', 'HTTP Error', 'The HTTP server answered with an error.', 'The address in option 67, and the log of the web server.'),
  row(100, 'NETWORK_UNREACHABLE', 'Network Unreachable', 'A router says that there is no way to that network.', 'Router (option 3) and routes.'),
  row(101, 'HOST_UNREACHABLE', 'Host Unreachable', 'A router says that the server is not there.', 'The address of the server; whether it is up.'),
  row(102, 'PROTOCOL_UNREACHABLE', 'Protocol Unreachable', 'The server does not speak that protocol.', 'The address of the server.'),
  row(103, 'PORT_UNREACHABLE', 'Port Unreachable', 'Nothing listens on that port of the server.', 'Whether the service runs; a firewall that rejects.'),
  row(104, 'CONNECTION_FIN', 'Connection Fin', 'The server closed the connection.', 'The log of the web server.'),
  row(105, 'CONNECTION_RESET', 'Connection Reset', 'The connection was reset.', 'The web server, a proxy or a firewall between.'),
  row(106, 'CONNECTION_REFUSED', 'Connection Refused', 'Nothing listens on that TCP port.', 'Whether the web server runs on that port.'),
] // prettier-ignore

/** The value as logs show it: an error has the highest of 64 bits set. */
export const uefiStatusCode = ({ number }: UefiStatus): string => `0x8${number.toString(16).padStart(15, '0')}`
