/** The first two questions answered: which mode suits this network, and the lab file for it. */
import { readdirSync } from 'node:fs'
import { sep } from 'node:path'
import type { Lab, LabInput } from '#shared/lab/lab.ts'
import { rulesForFiles } from '#shared/lab/known-programs.ts'
import type { Proposal } from '#shared/contract/calls.ts'
import { broadcastOf, formatIpv4, maskOf } from '#shared/wire/bytes.ts'
import type { NetworkInterface } from '../responder/interfaces.ts'
import { newLabText } from '../workspace/lab-file.ts'

export type Giver = 'nobody' | 'another' | 'this'

/** Rules for the boot programs that are in the folder under the names they are distributed by. */
function programsIn(folder: string): { architecture: string; file: string }[] {
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true }).map((name) => String(name).replaceAll(sep, '/'))
  } catch {
    return []
  }
  return rulesForFiles(names)
}

interface Range {
  readonly start: number
  readonly end: number
}

/** The longer of the two ranges that are left around an address. */
function around(address: number, { start, end }: Range): Range {
  if (address < start || address > end) return { start, end }
  return address - start >= end - address ? { start, end: address - 1 } : { start: address + 1, end }
}

/** At most a hundred addresses from the middle of the network, our own left out; undefined where there is no room. */
export function poolFor(served: NetworkInterface): { start: string; end: string } | undefined {
  const network = { address: (served.address & maskOf(served.prefixLength)) >>> 0, prefixLength: served.prefixLength }
  const usable: Range = { start: network.address + 1, end: broadcastOf(network) - 1 }
  const start = network.address + Math.min(Math.floor((usable.end - network.address) / 2), 100)
  const wanted = [{ start, end: Math.min(start + 99, usable.end) }, usable].map((range) =>
    around(served.address, range),
  )
  const pool = wanted.find((range) => range.start > network.address && range.start <= range.end)
  return pool && { start: formatIpv4(pool.start), end: formatIpv4(pool.end) }
}

/** The interface's own network with a pool, as a lab file writes it; without a pool where there is no room for one. */
export function subnetFor(served: NetworkInterface): { subnet: string; pools: { start: string; end: string }[] } {
  const pool = poolFor(served)
  const network = formatIpv4((served.address & maskOf(served.prefixLength)) >>> 0)
  return { subnet: `${network}/${served.prefixLength}`, pools: pool ? [pool] : [] }
}

const modeFor: Readonly<Record<Giver, Lab['mode']>> = { nobody: 'dhcp', another: 'proxy-dhcp', this: 'boot-server' }

const explanations: Readonly<Record<Giver, { title: string; explanation: string }>> = {
  nobody: {
    title: 'Full DHCP server',
    explanation:
      'Nobody gives addresses here, so this machine does: it answers on port 67 with an address and the boot program, serves the files on port 69 and answers boot-server questions on port 4011.',
  },
  another: {
    title: 'ProxyDHCP beside the DHCP server',
    explanation:
      'Another machine gives the addresses and keeps doing so. This machine adds only the boot information: it answers network-boot clients on ports 67 and 4011 and serves the files on port 69.',
  },
  this: {
    title: 'Boot server on port 4011',
    explanation:
      'A DHCP server runs on this very machine and holds port 67. It has to send option 60 = PXEClient; clients then ask this machine on port 4011, and PXE Lab answers there and serves the files on port 69. It never touches port 67.',
  },
}

/** Over IPv6 alone: firmware goes by the URL of option 59 (RFC 5970), and is sent to no port 4011. */
const explanations6: Readonly<Record<Giver, { title: string; explanation: string }>> = {
  nobody: {
    title: 'DHCPv6 server',
    explanation:
      'This interface has IPv6 addresses alone, and nobody gives addresses here, so this machine does: it answers on UDP port 547 with an address and the boot file URL, advertises itself so that machines ask for an address (as no default router), and serves the files.',
  },
  another: {
    title: 'Boot information beside the DHCPv6 server',
    explanation:
      'This interface has IPv6 addresses alone. Another machine gives the addresses and keeps doing so; this machine adds only the boot file URL on UDP port 547, and serves the files.',
  },
  this: {
    title: 'File server beside the DHCPv6 server of this machine',
    explanation:
      'This interface has IPv6 addresses alone. A DHCPv6 server runs on this very machine and holds UDP port 547: it has to name the boot file URL (option 59), such as tftp://[ADDRESS]/FILE, and PXE Lab serves the files.',
  },
}

const isOfLink = ({ address }: { readonly address: string }): boolean => /^fe[89ab]/i.test(address)

function proposeOver6(served: NetworkInterface, mode: Lab['mode'], warnings: string[]): Pick<LabInput, 'ipv6'> {
  if (mode === 'dhcp' && !served.ipv6?.some((one) => !isOfLink(one)))
    warnings.push(
      `${served.name} has no IPv6 address but that of its link, and therefore no network to give addresses in: give it one, such as fd00:77::1/64.`,
    )
  return { ipv6: { enabled: true, ...(mode === 'dhcp' ? { routerAdvertisements: {} } : {}) } }
}

export function propose(served: NetworkInterface, giver: Giver, files: string, resolvedFiles: string): Proposal {
  const mode = modeFor[giver]
  const warnings: string[] = []
  const lab: LabInput = { interface: served.name, mode }
  const isOver6 = served.address === 0
  if (isOver6) Object.assign(lab, proposeOver6(served, mode, warnings))
  else if (mode === 'dhcp') {
    const subnet = subnetFor(served)
    if (subnet.pools.length === 0)
      warnings.push(
        `${formatIpv4(served.address)}/${served.prefixLength} leaves no address to give: set a wider network on the interface.`,
      )
    lab.dhcp = { leaseSeconds: 3600, subnets: [subnet] }
  }
  if (served.isLoopback)
    warnings.push('The loopback interface reaches this machine only: no other machine can boot from it.')
  const programs = programsIn(resolvedFiles)
  if (programs.length === 0)
    warnings.push(
      'No known boot program is in the folder yet: put one there, then say on the page Boot files who gets it.',
    )
  lab.boot = { files, programs }
  return { mode, ...(isOver6 ? explanations6 : explanations)[giver], warnings, text: newLabText(lab) }
}
