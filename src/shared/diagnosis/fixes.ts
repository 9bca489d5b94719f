/**
 * What to do about each way in which a boot fails, the likeliest remedy first: the steps that somebody in front of the machine can take.
 * The causes, of which several can be behind one failure, are in `failures.ts`; names of Windows tools are those of Microsoft's
 * documentation (WDSUTIL, Set-DhcpServerv4OptionValue).
 */
import type { FailureKind } from './failures.ts'

const ports4 =
  'Allow UDP 67, 69 and 4011 to the PXE server, and the ports that its TFTP answers come from (WDS: 64001 to 65000).'
const relay4 =
  'In another network than the servers: give the router an IP helper for the DHCP server and one for the PXE server.'
const relay6 = 'In another network than the server: configure a DHCPv6 relay agent on the router.'
const bindings = 'Check that the server listens on the interface of this network, and that nothing else holds its port.'

export const fixes: Readonly<Record<FailureKind, readonly string[]>> = {
  'no-offer': ['Start the DHCP server, authorise it and give its scope free addresses.', relay4, 'Turn on PortFast (edge port) at the switch port of the client.'],
  'no-bootp-reply': ['Allow BOOTP on the DHCP server and reserve an address for this machine.', relay4],
  'proxy-only': ['Start the DHCP server and give its scope free addresses.', relay4],
  'no-boot-information': [
    'On WDS beside DHCP on one server: WDSUTIL /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes.',
    'On a WDS server without DHCP: WDSUTIL /Set-Server /UseDHCPPorts:Yes /DHCPOption60:No, then restart the service.',
    relay4,
    'Give this architecture a boot program on the PXE server, and let it answer unknown machines.',
  ],
  'offers-dropped': ['Correct what the server sends: the reason stands at each offer below.'],
  'offers-not-taken': ['Trust the switch port of the server in DHCP snooping.', 'Put next server and boot file into the offer of the DHCP server for the models that do not join two offers.', 'Correct or remove option 43.'],
  'no-ack': ['Let one DHCP server serve this network, or split its range between them.', 'Trust the switch port of the server in DHCP snooping.'],
  nak: ['Let one DHCP server serve this network, or split its range between them.', 'Correct the address range of the scope for the network of the client.'],
  'address-conflict': ['Exclude the address from the pool, or give the machine that uses it another one.', 'Let no two DHCP servers give addresses of one range.'],
  'boot-server-mute': ['Start the PXE service, or remove option 60 from the DHCP server if there is none there any more.', 'Allow UDP 4011 in the firewall of the server.', 'Approve the machine, or let the PXE service answer unknown machines.'],
  'other-server-taken': ['Turn one of the two DHCP servers off, or have this lab answer beside the other one: mode proxy-dhcp.'],
  'not-approved': ['Approve the machine on the PXE server (on WDS: Pending Devices; in the lab: Approvals), and boot it again.', 'Or let the server answer every machine without approval.'],
  'boot-server-closed': ['Delete option 60 (PXEClient) on the DHCP server, at server, scope, policy and reservation level, if the PXE service has left it.', 'Otherwise start the PXE service: it holds UDP 4011 where option 60 is set.'],
  'discovery-mute': ['Remove the entry from the menu in option 43, or start a boot server of that type.', 'Allow UDP 4011 in the firewall of the server.'],
  'no-arp': ['Correct the next server (siaddr, option 66), and switch that machine on.', 'Set the router (option 3) where the server is in another network.'],
  'no-router': ['Set the router (option 3) of the scope.', 'Or name a boot server in the network of the client.'],
  'no-next-server': ['Set the next server: siaddr, in Windows DHCP option 66 with the IP address of the TFTP server.'],
  'url-for-pxe': ['Give the URL to clients with option 60 HTTPClient (or to iPXE) only, by a policy or class; give PXE clients a file name.'],
  'tftp-mute': [ports4, 'Start the TFTP service on the next server that the offer names.', 'Move the port range of WDS out of that of DNS (KB977512).'],
  'tftp-closed': ['Start the TFTP service on that machine.', 'Or correct the next server (siaddr, option 66), which names the wrong machine.'],
  'tftp-unheard': ['Let the answers of TFTP through every firewall, router and NAT between: they come from another port than 69.', 'Give the server one way to the network of the client.'],
  'firewall-refuses': [ports4],
  'server-unreachable': ['Correct the next server (siaddr, option 66), and switch that machine on.', 'Add the route to its network on the router.'],
  'tftp-other-address': ['Run the TFTP server in the network of the host, without address translation.', 'Let it answer from the address that was asked.'],
  'tftp-options-refused': ['Turn off the TFTP options that the client did not request, or use another TFTP server.'],
  'file-missing': ['Correct the boot file name (option 67) to one that is there, or copy the file into the TFTP folder.', 'Look for the name at scope, policy and reservation level too: the most specific one wins.', 'On WDS: add a boot image of this architecture.'],
  'file-name-damaged': ['End option 67 with a zero byte, or name the file in the header field of the reply instead.'],
  'file-refused': ['Give the TFTP service the right to read the file.', 'On WDS: add the form of the path to ReadFilter (boot\\*, /boot/*), and restart the service.'],
  'program-file-missing': ['Copy the missing file to the folder that the program asks for.', 'Mind upper and lower case on Linux.'],
  'transfer-stalled': ['Lower the TFTP block size to 1,456 or less.', 'Lower the TFTP window size.', 'Look whether the server went on, in its log.'],
  'transfer-wrapped': ['Raise the TFTP block size (blksize), so that the file has fewer than 65,535 blocks.', 'Or use a TFTP server that lets the block number wrap.'],
  'transfer-aborted': ['Correct what the ERROR names: it stands in the packet.'],
  'wrong-program': ['Remove option 67 for all machines, and choose the program by architecture: a policy on option 93, or the PXE server.', 'Give UEFI x64 machines (architecture 7) an x64 EFI program, BIOS machines (0) a BIOS one.'],
  'no-program': ['Put the boot program itself under this name: iPXE, shim, or the program of the PXE server, compared in size with the original.', 'Give scripts to iPXE alone, once it runs (userClass: iPXE), and a boot program to the firmware.'],
  'program-returned': ['Use a program that is signed for Secure Boot, or turn Secure Boot off to try.', 'Use a program for this architecture, and compare its size with the original.'],
  'file-not-asked': ['Capture at the port of the client, to see where its request goes.', 'Correct the file name, or take the menu out of option 43.'],
  'http-closed': ['Start the web server, on the port that the URL names.', 'Or correct the address and port in the URL (option 67).'],
  'http-mute': ['Allow the TCP port of the web server in every firewall between.', 'Correct the address in the URL (option 67).'],
  'http-error': ['Correct the path in the URL, or copy the file into the folder of the web server.', 'Let the web server give out files with this ending (MIME type).'],
  'http-reset': ['Look into the log of the web server.', 'Use the scheme that it speaks on this port (http or https).'],
  'tls-failed': ['Enrol the authority of the server in the setup of the machine (TLS Auth Configuration > Server CA Configuration).', 'Give the server a certificate with an RSA key of 3072 bits for exactly the address or name in the URL.', 'Set the clock of the machine.'],
  'boot-loop': ['Give user class iPXE (option 77) a script or another program instead of iPXE.'],
  'no-advertise': ['Boot over IPv4, where this network has no DHCPv6 server.', 'Otherwise start it and allow UDP 547.', relay6],
  'no-address6': ['Give the DHCPv6 server a pool for this network, with free addresses.'],
  'no-boot-url': ['Set the boot file URL (option 59), for PXE tftp://[address]/file, for HTTP boot http://[address]/file.'],
  'advertise-dropped': ['Correct what the server sends: the reason stands at each ADVERTISE below.'],
  'advertise-not-taken': ['Trust the switch port of the server in DHCPv6 guard.'],
  'no-reply6': ['Let one DHCPv6 server serve this network.', bindings],
  'no-neighbour': ['Correct the address in the boot file URL (option 59), and switch that machine on.', 'Let a router advertise itself on the link of the client.'],
  'url-not-tftp': ['Give http:// to clients of class HTTPClient (option 16) only; give PXE clients tftp://[address]/file.'],
  'url-unreadable': ['Write the IPv6 address of the TFTP server in brackets in option 59: tftp://[address]/file.'],
  'parameter-no-size': ['Send option 60 only to programs that want it, and not to UEFI firmware (class PXEClient, option 16).'],
} // prettier-ignore
