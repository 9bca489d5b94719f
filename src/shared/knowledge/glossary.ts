/** The terms of network boot in one sentence each: shown where a word is pointed at, and listed in the documentation. */
export interface Term {
  readonly term: string
  /** Other words for it. */
  readonly also: readonly string[]
  readonly means: string
}

const term = (name: string, means: string, ...also: readonly string[]): Term => ({ term: name, also, means })

export const terms: readonly Term[] = [
  term('ADK', 'The Windows Assessment and Deployment Kit, which Configuration Manager makes boot images with.'),
  term('architecture', 'What a client says it is in option 93: 0 is BIOS, 6 UEFI x86, 7 UEFI x64, 11 UEFI ARM64, 16 UEFI x64 with HTTP boot.', 'option 93', 'client architecture'),
  term('BCD', 'Boot configuration data: the file in which the Windows boot manager finds what to load. Over PXE it comes by TFTP.', 'boot configuration data'),
  term('BINL', 'The service of WDS that answers PXE clients and reads their accounts from Active Directory.'),
  term('blksize', 'The TFTP option for the size of a block (RFC 2348). Above 1468 a block no longer fits into an Ethernet frame.', 'block size'),
  term('boot file', 'The first program that a client loads from the network, named by option 67 or by the file field of an offer.', 'NBP', 'network boot program', 'boot program'),
  term('boot image', 'A Windows PE image (boot.wim) that the boot manager loads into memory.', 'boot.wim'),
  term('boot server', 'Who answers on port 4011 and names the boot file, after DHCP gave the address.'),
  term('co-hosting', 'DHCP and PXE services on one server, where both want UDP port 67.'),
  term('DHCPACK', 'The fourth message of DHCP: the server confirms the address.', 'ACK'),
  term('DHCPDISCOVER', 'The first message of DHCP: a client asks everybody on its network for an address.', 'DISCOVER'),
  term('DHCPOFFER', 'The second message of DHCP: a server offers an address, or a proxyDHCP server only boot information.', 'OFFER', 'offer'),
  term('DHCPREQUEST', 'The third message of DHCP: the client asks for the address of the offer it chose.'),
  term('distribution point', 'The Configuration Manager server that clients get content from, and that answers PXE if PXE is enabled on it.'),
  term('giaddr', 'The field in which a relay agent writes its address, so that the server knows the network of the client.'),
  term('HTTP boot', 'UEFI firmware that loads its boot file from a URL. Its option 60 begins with HTTPClient.'),
  term('HTTPClient', 'What option 60 of a client that boots by HTTP begins with; the answer must carry it too.'),
  term('iPXE', 'An open-source boot program that loads over HTTP, runs scripts and has its own menus.'),
  term('ladder', 'The diagram of a boot: a lane for each machine, time downwards, an arrow for each message.', 'ladder diagram', 'sequence diagram'),
  term('lab file', 'The YAML file that says what PXE Lab answers: interface, mode, addresses, boot files.'),
  term('lease', 'An address that a DHCP server gave to a client, for a time.'),
  term('next server', 'The address of the TFTP server: the siaddr field, or option 66.', 'siaddr', 'option 66'),
  term('OACK', 'The answer of a TFTP server that grants options such as blksize and windowsize (RFC 2347).'),
  term('option 43', 'Vendor options. For PXE it holds discovery control, boot servers and the boot menu.', 'vendor options'),
  term('option 60', 'The vendor class. A client sends PXEClient. From a server it says that a PXE service is on that host, port 4011.', 'vendor class', 'PXEClient'),
  term('option 67', 'The name of the boot file. One value for all clients cannot serve BIOS and UEFI machines alike.', 'bootfile name'),
  term('option 82', 'What a relay agent adds: which port and switch a request came from.', 'relay agent information'),
  term('PortFast', 'The switch setting that lets a port forward at once, without waiting for spanning tree.', 'edge port'),
  term('prestaged', 'A machine that the deployment server knows by MAC address or UUID before it boots.'),
  term('proxyDHCP', 'A server that adds boot information to the address of another DHCP server.', 'proxy DHCP'),
  term('PXE', 'Preboot Execution Environment: how firmware finds a boot file by DHCP and loads it by TFTP.', 'Preboot Execution Environment'),
  term('ReadFilter', 'The registry value with the paths that the TFTP server of WDS may send.'),
  term('relay agent', 'The router that forwards DHCP broadcasts to servers in other networks.', 'IP helper', 'DHCP relay'),
  term('Secure Boot', 'UEFI firmware that starts only programs signed by a certificate it trusts.'),
  term('spanning tree', 'The protocol by which switches avoid loops. A port that has just come up forwards nothing for up to 30 seconds.', 'STP'),
  term('TFTP', 'Trivial File Transfer Protocol, by which firmware loads boot files: request on UDP 69, data from another port.'),
  term('UNDI', 'The network driver in a PXE ROM. undionly.kpxe uses it and fits every card with a ROM.'),
  term('UseDHCPPorts', 'The registry value of WDS that says whether it listens on UDP 67.'),
  term('UUID', 'The identifier of a machine from SMBIOS, which clients send in option 97.', 'GUID', 'SMBIOS GUID'),
  term('WDS', 'Windows Deployment Services: Microsoft\'s PXE and TFTP server.', 'Windows Deployment Services'),
  term('wimboot', 'A boot program with which iPXE starts Windows PE over HTTP.'),
  term('Windows PE', 'The small Windows that runs from memory and starts Setup or a task sequence.', 'WinPE'),
  term('windowsize', 'The TFTP option for the number of blocks sent before an acknowledgement (RFC 7440).', 'window size'),
  term('xid', 'The transaction number by which DHCP messages of one exchange belong together.', 'transaction ID'),
] // prettier-ignore

export type Piece = string | { readonly term: Term; readonly text: string }

const byName = new Map(terms.flatMap((one) => [one.term, ...one.also].map((name) => [name, one] as const)))
const names = new RegExp(
  `(?<![\\p{L}\\p{N}-])(?:${[...byName.keys()]
    .sort((a, b) => b.length - a.length)
    .map((one) => one.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('|')})(?![\\p{L}\\p{N}-])`,
  'gu',
)

/** A text with its terms apart, each once; `seen` are those that were told before, and gets what is found. */
export function withTerms(text: string, seen: Set<string> = new Set()): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { 0: found, index } of text.matchAll(names)) {
    const term = byName.get(found)!
    if (seen.has(term.term)) continue
    seen.add(term.term)
    if (index > at) pieces.push(text.slice(at, index))
    pieces.push({ term, text: found })
    at = index + found.length
  }
  if (at < text.length) pieces.push(text.slice(at))
  return pieces
}
