/** The programs that capture for us: which one is there, and how it is told what to do. */
import { findProgram } from '../system/program-paths.ts'

export type CaptureToolName = 'dumpcap' | 'tcpdump' | 'tshark' | 'pktmon'

export interface CaptureTool {
  readonly name: CaptureToolName
  readonly path: string
  /** Why this one, for people. */
  readonly reason: string
}

const reasons: Readonly<Record<CaptureToolName, string>> = {
  dumpcap: 'dumpcap of Wireshark: made for capturing, and nothing else',
  tcpdump: 'tcpdump: dumpcap is not installed',
  tshark: 'tshark: neither dumpcap nor tcpdump is installed',
  pktmon: 'pktmon of Windows: no driver to install; frames come when the capture ends, or log by log',
}

/** The best tool of this machine; undefined where there is none. */
export function findCaptureTool(
  platform: NodeJS.Platform = process.platform,
  find: (program: string) => string | undefined = findProgram,
): CaptureTool | undefined {
  const names: readonly CaptureToolName[] =
    platform === 'win32' ? ['dumpcap', 'tshark', 'pktmon'] : ['dumpcap', 'tcpdump', 'tshark']
  for (const name of names) {
    const path = find(name)
    if (path !== undefined) return { name, path, reason: reasons[name] }
  }
  return undefined
}

export const noToolRemedy: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  win32:
    'Install Wireshark with Npcap in its usual folder, or use Windows Server 2019, Windows 10 2004 or later, which have pktmon.',
  darwin: 'tcpdump belongs to macOS: see why it is not in /usr/sbin.',
  linux: 'Install tcpdump, or wireshark-common for dumpcap.',
}

/** Chatter of networks on high ports that is no file transfer. */
const noisePorts = [1900, 3702, 5353, 5355, 51820]

/**
 * What a boot consists of, for libpcap: DHCP, port 4011, TFTP with its data on any high ports, HTTP boot, ARP, ICMP errors,
 * and the later fragments of large blocks, which carry no ports.
 */
export function captureFilter(httpPorts: readonly number[] = [80, 443, 8080]): string {
  const noise = noisePorts.map((port) => `port ${port}`).join(' or ')
  const boot = [
    'arp',
    '(icmp and icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply)',
    'udp port 67 or udp port 68 or udp port 69 or udp port 4011',
    `(udp portrange 1024-65535 and not udp portrange 0-66 and not udp portrange 70-1023 and not (${noise}))`,
    '(udp and ip[6:2] & 0x1fff != 0)',
    ...httpPorts.map((port) => `tcp port ${port}`),
  ].join(' or ')
  return `(${boot}) or (vlan and (${boot}))`
}

/** Arguments that make a tool write what it captures to standard output. */
export function captureArguments(tool: CaptureToolName, interfaceName: string, filter: string): readonly string[] {
  switch (tool) {
    case 'dumpcap':
      return ['-q', '-i', interfaceName, '-f', filter, '-w', '-']
    case 'tshark':
      return ['-q', '-i', interfaceName, '-f', filter, '-F', 'pcapng', '-w', '-']
    case 'tcpdump':
      return ['-i', interfaceName, '-U', '-s', '0', '--immediate-mode', '-w', '-', filter]
    case 'pktmon':
      return []
  }
}
