/** What fields mean for network boot, in a sentence each; by the name that the dissector gives them, without a number. */
import { inEnglish } from '#messages/text.ts'
import type { Field } from './field.ts'

const explanations: Readonly<Record<string, string>> = {
  // DHCP header, RFC 2131 section 2
  op: '1 is what clients send, 2 what servers answer.',
  hops: 'How many relay agents the message has passed.',
  xid: 'Chosen by the client; an answer carries the same number. Requests to port 4011 usually have a number of their own.',
  secs: 'Seconds since the client began, in principle. Firmware counts it as it likes; servers with a response delay compare it.',
  flags: 'The highest bit asks the server to answer by broadcast, for a client that cannot receive unicast yet.',
  ciaddr: 'The address the client already has and can be reached at.',
  yiaddr: 'The address the server gives. Zero in an offer of a proxyDHCP, which gives none.',
  siaddr: 'The next server: where the client loads its boot file from.',
  giaddr: 'The relay agent that passed the message on; servers answer to it. Zero where there is none.',
  chaddr: 'The hardware address of the client; behind a relay the only trace of it.',
  sname: 'Name of the boot server, or more options where option 52 says so.',
  file: 'The boot file. Some clients read only this field, others only option 67.',
  // DHCP options
  'subnet-mask': 'With it the client tells which addresses it reaches without a router.',
  router: 'The way to other networks; without it a boot server elsewhere cannot be reached.',
  'vendor-specific-information': 'Under the class PXEClient it holds the PXE options: how to find boot servers, a menu, or to just load the file.',
  'requested-ip-address': 'The address the client asks for: in a REQUEST the one that was offered.',
  'ip-address-lease-time': 'How long the address may be used.',
  'option-overload': 'The fields file and sname hold options instead of names.',
  'dhcp-message-type': 'What the message is: DISCOVER, OFFER, REQUEST, ACK and so on.',
  'server-identifier': 'Which server speaks; in a REQUEST, whose offer is taken. The others see it and withdraw theirs.',
  'parameter-request-list': 'What the client wants to be told. Many servers send nothing else, so a boot file may be missing because nobody asked for 67.',
  message: 'Why the server refused, in its own words.',
  'maximum-dhcp-message-size': 'The largest answer the client takes.',
  'vendor-class-identifier': 'PXEClient marks clients and servers of PXE. In an offer without option 43 it sends UEFI firmware to port 4011, whoever set it.',
  'client-identifier': 'Whom the lease belongs to, where the client does not go by its hardware address.',
  'tftp-server-name': 'The boot server as text; clients that ask for it prefer it to siaddr.',
  'bootfile-name': 'The boot file as an option; it goes before the field file.',
  'user-class': 'iPXE says "iPXE" here: that is how a server tells it from the ROM that loaded it.',
  'relay-agent-information': 'Added by the relay: which port of the switch the client is at. Servers send it back unchanged.',
  'client-system-architecture': 'What programs the machine runs: 0 is BIOS, 7 is UEFI x64 (9 on old firmware), 11 is UEFI ARM64, 16 is UEFI x64 with HTTP boot.',
  'client-network-device-interface': 'Version of the network driver interface (UNDI) of the firmware.',
  'client-machine-identifier': 'The SMBIOS identifier; WDS and Configuration Manager know machines by it. Servers send it back.',
  // PXE options inside option 43, PXE 2.1 section 2.4
  'discovery-control': 'How to find boot servers; with bit 3 (8) the client loads the named file at once, without asking anybody.',
  'discovery-multicast-address': 'The group at which boot servers are looked for.',
  'boot-servers': 'Boot servers by type, with their addresses.',
  'boot-menu': 'What a person at the machine can choose; type 0 boots from the local disk.',
  'menu-prompt': 'The line above the menu, and how long it waits: 0 takes the first item, 255 waits for ever.',
  'boot-item': 'Which item of the menu, and which layer of it, is asked for or answered.',
  // WDS, option 250
  'next-action': 'What the Windows boot program is to do: go on, wait for approval, or stop.',
  'request-id': 'The number a person sees while the machine waits for approval.',
  'poll-interval': 'Seconds between two questions of a machine that waits for approval.',
  // TFTP
  'Source file': 'The name as the client spells it; on most servers upper and lower case differ.',
  Mode: 'octet is the file as it is; netascii changes line ends and spoils programs.',
  Block: 'Counts from 1 and wraps around behind 65535.',
  'Error code': '0 not defined, 1 file not found, 2 access violation, 8 options refused; 8 after an OACK only ends a question for the size.',
  'Next window': 'How many blocks the client wants next (Microsoft variable window).',
  // Below
  Identification: 'The same in all fragments of a packet, and on both sides of a router: two captures are matched by it.',
  'Fragment offset': 'Where the fragment belongs; only the first one carries ports.',
  'Time to live': 'Every router takes one off.',
  'Source port': 'Answers go back to it. TFTP servers answer from a port of their own choice, not from 69.',
  'Destination port': '67 DHCP server, 68 DHCP client, 69 TFTP requests, 4011 boot server.',
} // prettier-ignore

const tftpOptions: Readonly<Record<string, string>> = {
  blksize: 'Bytes in a block (RFC 2348); larger than the path MTU means fragments.',
  tsize: 'Size of the file (RFC 2349); 0 in a request asks for it.',
  windowsize: 'Blocks that are sent before an acknowledgement is waited for (RFC 7440).',
  timeout: 'Seconds until something is sent again (RFC 2349).',
  msftwindow: 'Microsoft variable window: the client changes the window while it loads.',
}

/** Names come from the wire: `constructor` is no option that is known. */
const own = (texts: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(texts, key) ? texts[key] : undefined

/** What a field means; undefined where there is nothing to say beyond its name. */
export function explainField({ name, text }: Field): string | undefined {
  if (name === 'Option') return own(tftpOptions, inEnglish(text).split(' = ')[0]!.toLowerCase())
  return own(explanations, name.replace(/^\d+ /, ''))
}
