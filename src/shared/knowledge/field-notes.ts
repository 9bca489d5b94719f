/** What experience adds to a code: short, and true of many sites. By canonical code. */
export const fieldNotes: Readonly<Record<string, readonly string[]>> = {
  'PXE-E51': [
    'If the machine boots on the second attempt, the switch port was not forwarding yet: enable PortFast on edge ports.',
    'Compare with a machine in the network of the DHCP server. If that one boots, look at the relay (IP helper).',
  ],
  'PXE-E52': ['The PXE server works. Nobody gave an address: look at the DHCP scope and at the relay.'],
  'PXE-E53': [
    'An offer came, so DHCP works. The PXE server was not heard, or no boot file is set.',
    'Behind a router the IP helper must name the PXE server too.',
  ],
  'PXE-E55': [
    'Option 60 sends the client to port 4011 of the DHCP server. Set it only where the PXE service is on that server.',
    'After WDS or the distribution point moves to another server, delete option 60 at every level: server, scope, policy, reservation.',
  ],
  'PXE-E16': [
    'On UEFI this covers what BIOS tells apart as PXE-E51, E52, E53 and E55. A capture says which it is.',
    'The console shows the address it received: if there is one, DHCP works and the PXE part is missing.',
  ],
  'PXE-E18': [
    'Shown before an address: DHCP did not answer. Shown after it: port 4011 or TFTP did not.',
    'If only some models fail, update their firmware first, then try a smaller TFTP window.',
  ],
  'PXE-E23': ['Capture UDP 69: the read request names the file, the answer the reason.'],
  'PXE-E32': [
    'TFTP sends data from a new UDP port. A firewall that opens port 69 alone blocks it.',
    'Check which address option 66 or next server names: it is asked, whoever made the offer.',
  ],
  'PXE-E35': ['The file began and stopped: lower the block size to 1456 and the window to 1, and try again.'],
  'PXE-E3B': ['The path begins at the TFTP root. WDS expects backslashes: boot\\x64\\wdsnbp.com.'],
  'PXE-T01': ['The path begins at the TFTP root. WDS expects backslashes: boot\\x64\\wdsnbp.com.'],
  'PXE-T04': ['On WDS the read filter refuses everything outside \\boot and \\tmp: check ReadFilter.'],
  'PXE-E61': ['Not every dock and adapter has a boot ROM. Try the built-in port.'],
  'PXE-E99': ['On UEFI mostly a closed UDP port 69: the TFTP server does not run.'],
  'PXE-M0F': ['This line alone is no cause. Film the screen: the line above it disappears fast.'],
  '0xc000000f': ['On WDS this is mostly the BCD: add the boot image again, or restart the service so that it is written anew.'],
  '0xc0000001': [
    'Often the TFTP window: turn off the variable window extension, or set RamDiskTFTPWindowSize to 1.',
    'Also check the size of the RAM: current Windows PE needs 1 GB.',
  ],
  '0xc0000098': ['The server has no boot image of this architecture, or none that is enabled.'],
  '0xc0000225': ['Boot image and firmware must agree: a UEFI x64 machine needs winload.efi in the image.'],
  '0xc0000428': ['Since the 2011 certificates are being revoked, use boot files that are signed with the certificate of 2023.'],
  '0x80070490': ['Element not found: in Configuration Manager often content that a media or task sequence refers to and does not carry.'],
  '0x80004005': ['An unspecified error: the line before it in the log says what failed.'],
  '0x80070002': ['File not found: in smsts.log mostly content that is not on the distribution point of this boundary.'],
  '0x80070035': ['Network path not found: name resolution, or the network driver of Windows PE.'],
  '0x80072ee7': ['The name of the management point is not resolved: DNS suffix and DNS servers of Windows PE.'],
  '0x80072efd': ['The connection failed: press F8 and run ipconfig. No address means a missing network driver.'],
  '0x80072f8f': ['Check the clock in the firmware first: a wrong date makes every certificate invalid.'],
  '0x80092002': ['Copy the list of issuing certificates to the distribution point (IssuingCertificateList).'],
  '0xc1900101': ['Mostly a driver: the second number says at which phase and operation Setup stopped.'],
  '0xc1900208': ['Read CompatData xml files in C:\\$WINDOWS.~BT\\Sources\\Panther: they name the program that blocks.'],
} // prettier-ignore
