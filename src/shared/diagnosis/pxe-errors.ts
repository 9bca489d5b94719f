/**
 * The PXE error codes: one number, two dictionaries. BIOS ROMs use those of PXE 2.1 and Intel's boot agent, UEFI firmware
 * those of EDK2's PXE Base Code driver; several numbers mean different things. The whole list of the BIOS: Broadcom KB 152549.
 */
export interface PxeError {
  readonly code: string
  /** What a BIOS boot ROM means by it; undefined where none uses it. */
  readonly bios: string | undefined
  readonly uefi: string | undefined
  /** Where to look first. */
  readonly look: string
}

const row = (code: string, bios: string | undefined, uefi: string | undefined, look: string): PxeError => ({ code, bios, uefi, look }) // prettier-ignore

export const pxeErrors: readonly PxeError[] = [
  row('PXE-E00', 'there is not enough free base memory for the boot ROM', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E01', 'the PCI vendor and device ID are not those of the card', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E04', 'the PCI configuration of the card cannot be read', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E05', 'the checksum of the network card\'s EEPROM is wrong', 'the buffer is smaller than the file', 'On BIOS the card, on UEFI the size the server tells (tsize).'),
  row('PXE-E06', 'the option ROM must be installed in writable memory (DDIM)', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E07', 'the PCI BIOS calls are not supported', 'the network device reports an error', 'The card and its firmware.'),
  row('PXE-E08', 'an interface of PXE answered with an unexpected status', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E09', 'the UNDI loader failed', 'buffers cannot be allocated', 'The firmware.'),
  row('PXE-E11', 'ARP was not answered', undefined, 'Whether the server is in the same network, or the router answers ARP.'),
  row('PXE-E12', undefined, 'no link', 'Cable and switch port.'),
  row('PXE-E16', undefined, 'no valid offer: none came with boot information, or the boot server on port 4011 did not answer; over IPv6 also: no DHCPv6 server gave an address', 'Options 60 and 43, proxyDHCP, port 4011; over IPv6 the DHCPv6 server.'),
  row('PXE-E18', undefined, 'the server did not answer in time: DHCP, discovery or TFTP', 'Whether the server hears the client; TFTP on port 69.'),
  row('PXE-E20', 'the BIOS could not copy extended memory', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E21', 'the boot integrity check failed', 'network boot was cancelled; over IPv6 also: no ADVERTISE says what to boot', 'On BIOS boot integrity services, on UEFI the Esc key, over IPv6 the boot file URL (option 59).'),
  row('PXE-E22', 'the boot integrity image or credential is invalid', 'the server answered with an ICMP error', 'On UEFI a closed port.'),
  row('PXE-E23', 'boot integrity services could not start', 'the TFTP server answered with an error', 'On UEFI the name and rights of the boot file.'),
  row('PXE-E24', 'boot integrity services could not be ended', undefined, 'Boot integrity services.'),
  row('PXE-E25', 'whether boot integrity services are on could not be read', undefined, 'Boot integrity services.'),
  row('PXE-E26', 'boot integrity services did not free their memory', undefined, 'Boot integrity services.'),
  row('PXE-E27', 'the signature information of boot integrity services could not be read', undefined, 'Boot integrity services.'),
  row('PXE-E28', 'the entry of boot integrity services in SMBIOS is invalid', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E32', 'TFTP did not answer the request', undefined, 'TFTP server, port 69, firewall, next server.'),
  row('PXE-E35', 'TFTP stopped in the middle of the file', undefined, 'Block size and path MTU, packet loss.'),
  row('PXE-E36', 'TFTP answered with an error', undefined, 'The log of the TFTP server.'),
  row('PXE-E38', 'the TFTP request could not be sent', undefined, 'The network card, cable and switch port.'),
  row('PXE-E39', 'the acknowledgement to TFTP could not be sent', undefined, 'The network card, cable and switch port.'),
  row('PXE-E3A', 'the file is larger than the memory for it', undefined, 'The boot file: perhaps a UEFI program on a BIOS machine.'),
  row('PXE-E3B', 'TFTP did not find the file', undefined, 'Name and folder of the boot file.'),
  row('PXE-E3C', 'TFTP denied access to the file', undefined, 'Rights and read filter of the TFTP server.'),
  row('PXE-E3F', 'TFTP sent packets larger than asked for', undefined, 'The block size of the TFTP server.'),
  row('PXE-E51', 'no DHCP or proxyDHCP offer came', undefined, 'DHCP server, relay, spanning tree.'),
  row('PXE-E52', 'proxyDHCP offers came, but none from a DHCP server', undefined, 'The DHCP server: running, authorised, pool not empty.'),
  row('PXE-E53', 'an offer came, but it names no boot file', 'an offer was chosen that names no boot file', 'Option 67, proxyDHCP, UseDHCPPorts.'),
  row('PXE-E55', 'the proxyDHCP service did not answer on port 4011', undefined, 'Option 60 without a boot server; WDS stopped; firewall.'),
  row('PXE-E60', 'the network driver in the ROM lacks a function', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E61', 'no link', undefined, 'Cable and switch port.'),
  row('PXE-E63', 'the network card could not be initialized', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E64', 'the physical layer of the network card could not be initialized', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E65', 'the configuration data of the network card cannot be read', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E66', 'the initialization data of the network card cannot be read', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E67', 'the MAC address of the network card is invalid', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E68', 'the checksum of the network card\'s EEPROM is wrong', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E69', 'the interrupt of the network card could not be set', undefined, 'The network card: its ROM and firmware, or another card.'),
  row('PXE-E74', 'PXE options without a menu or prompt', undefined, 'Option 43, tags 9 and 10.'),
  row('PXE-E76', 'multicast discovery without an address', undefined, 'Option 43, tag 7.'),
  row('PXE-E77', 'no list of boot servers where only those of the list are allowed', undefined, 'Option 43, tags 6 and 8.'),
  row('PXE-E78', 'no boot server answered', undefined, 'The boot servers of option 43, tag 8.'),
  row('PXE-E79', 'the program is larger than the memory for it', undefined, 'The boot file: perhaps a UEFI program on a BIOS machine.'),
  row('PXE-E7A', 'no boot server offers the security that boot integrity services want', undefined, 'Boot integrity services in the BIOS, and the boot server.'),
  row('PXE-E7B', 'no address to discover boot servers at', undefined, 'siaddr and option 43.'),
  row('PXE-E81', 'the !PXE structure is missing or damaged', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E82', 'the PXENV+ structure is missing or damaged', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E83', 'the PXE options of a stored packet are invalid', undefined, 'Option 43.'),
  row('PXE-E84', 'the ROM does not hand out its stored packets', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-E85', 'the RAM disk is larger than the extended memory', undefined, 'The size of the RAM disk, and the memory of the machine.'),
  row('PXE-E86', 'the RAM disk is no boot disk image', undefined, 'The image.'),
  row('PXE-E87', 'the reply of the boot server names no boot item', undefined, 'Option 43, tag 71.'),
  row('PXE-E88', 'no boot server answered the request for the RAM disk', undefined, 'The boot server.'),
  row('PXE-E89', 'the RAM disk could not be downloaded', undefined, 'Name of the image; the TFTP server.'),
  row('PXE-E99', undefined, 'an unexpected network error, often a closed port', 'Whether the TFTP server runs.'),
  row('PXE-EA0', 'somebody pressed Esc', undefined, 'The keyboard.'),
  row('PXE-EC1', 'the PXE part of the ROM was not found', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC3', 'the PXE part of the ROM is damaged', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC4', 'the network driver of the ROM was not found', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC5', 'the network driver of the ROM is damaged', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC6', 'the network driver of the ROM is damaged', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC8', 'the network driver has no !PXE structure: the ROM is damaged, or the BIOS did not initialize it', undefined, 'The firmware: update BIOS and boot ROM.'),
  row('PXE-EC9', 'the network driver has no PXENV+ structure: the ROM is damaged, or the BIOS did not initialize it', undefined, 'The firmware: update BIOS and boot ROM.'),
] // prettier-ignore

const byCode = new Map(pxeErrors.map((error) => [error.code, error]))

/** A code in any common spelling: `PXE-E55`, `e55`. */
export const findPxeError = (code: string): PxeError | undefined =>
  byCode.get(
    `PXE-${code
      .trim()
      .toUpperCase()
      .replace(/^PXE-?/, '')}`,
  )

/** What a meaning says of a boot whose protocol is known: `x; over IPv6 also: y` is x over IPv4 and y over IPv6. */
export function meaningOver(meaning: string, isIpv6: boolean): string {
  const [always, over6] = meaning.split('; over IPv6 also: ')
  return isIpv6 ? (over6 ?? always!) : always!
}
