/** The terms of network boot in one sentence each: shown where a word is pointed at, and listed in the documentation. */
import { say, type Phrase } from '#messages/message.ts'
export interface Term {
  readonly term: string
  /** Other words for it. */
  readonly also: readonly string[]
  readonly means: Phrase
}

const term = (name: string, means: Phrase, ...also: readonly string[]): Term => ({ term: name, also, means })

export const terms: readonly Term[] = [
  term('ADK', say('knowledge.windows-assessment-deployment-kit-configurat')),
  term('architecture', say('knowledge.client-says-option-93-0'), 'option 93', 'client architecture'),
  term('BCD', say('knowledge.boot-configuration-data-file-windows'), 'boot configuration data'),
  term('BINL', say('knowledge.service-wds-answers-pxe-clients')),
  term('blksize', say('knowledge.tftp-option-size-block-rfc'), 'block size'),
  term('boot file', say('knowledge.first-program-client-loads-network'), 'NBP', 'network boot program', 'boot program'),
  term('boot image', say('knowledge.windows-pe-image-boot-wim'), 'boot.wim'),
  term('boot server', say('knowledge.who-answers-port-4011-names')),
  term('co-hosting', say('knowledge.dhcp-pxe-services-one-server')),
  term('DHCPACK', say('knowledge.fourth-message-dhcp-server-confirms'), 'ACK'),
  term('DHCPDISCOVER', say('knowledge.first-message-dhcp-client-asks'), 'DISCOVER'),
  term('DHCPOFFER', say('knowledge.second-message-dhcp-server-offers'), 'OFFER', 'offer'),
  term('DHCPREQUEST', say('knowledge.third-message-dhcp-client-asks')),
  term('distribution point', say('knowledge.configuration-manager-server-clients-get')),
  term('giaddr', say('knowledge.field-relay-agent-writes-address')),
  term('HTTP boot', say('knowledge.uefi-firmware-loads-boot-file')),
  term('HTTPClient', say('knowledge.option-60-client-boots-http')),
  term('iPXE', say('knowledge.open-source-boot-program-loads')),
  term('ladder', say('knowledge.diagram-boot-lane-each-machine'), 'ladder diagram', 'sequence diagram'),
  term('lab file', say('knowledge.yaml-file-says-pxe-lab')),
  term('lease', say('knowledge.address-dhcp-server-gave-client')),
  term('next server', say('knowledge.address-tftp-server-siaddr-field'), 'siaddr', 'option 66'),
  term('OACK', say('knowledge.answer-tftp-server-grants-options')),
  term('option 43', say('knowledge.vendor-options-pxe-holds-discovery'), 'vendor options'),
  term('option 60', say('knowledge.vendor-class-client-sends-pxeclient'), 'vendor class', 'PXEClient'),
  term('option 67', say('knowledge.name-boot-file-one-value'), 'bootfile name'),
  term('option 82', say('knowledge.relay-agent-adds-port-switch'), 'relay agent information'),
  term('PortFast', say('knowledge.switch-setting-lets-port-forward'), 'edge port'),
  term('prestaged', say('knowledge.machine-deployment-server-knows-mac')),
  term('proxyDHCP', say('knowledge.server-adds-boot-information-address'), 'proxy DHCP'),
  term('PXE', say('knowledge.preboot-execution-environment-how-firmware'), 'Preboot Execution Environment'),
  term('ReadFilter', say('knowledge.registry-value-paths-tftp-server')),
  term('relay agent', say('knowledge.router-forwards-dhcp-broadcasts-servers'), 'IP helper', 'DHCP relay'),
  term('Secure Boot', say('knowledge.uefi-firmware-starts-only-programs')),
  term('spanning tree', say('knowledge.protocol-switches-avoid-loops-port'), 'STP'),
  term('TFTP', say('knowledge.trivial-file-transfer-protocol-firmware')),
  term('UNDI', say('knowledge.network-driver-pxe-rom-undionly')),
  term('UseDHCPPorts', say('knowledge.registry-value-wds-says-whether')),
  term('UUID', say('knowledge.identifier-machine-smbios-clients-send'), 'GUID', 'SMBIOS GUID'),
  term('WDS', say('knowledge.term-wds'), 'Windows Deployment Services'),
  term('wimboot', say('knowledge.boot-program-ipxe-starts-windows')),
  term('Windows PE', say('knowledge.small-windows-runs-memory-starts'), 'WinPE'),
  term('windowsize', say('knowledge.tftp-option-number-blocks-sent'), 'window size'),
  term('xid', say('knowledge.transaction-number-dhcp-messages-one'), 'transaction ID'),
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
