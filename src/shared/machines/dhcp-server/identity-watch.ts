/**
 * What is odd about who clients say they are, each told once: one machine with several leases, one identifier on several
 * machines (cloned disks, firmware without a UUID), one hardware address with several UUIDs (docks and adapters that go
 * round). None of it is refused; who looks for a boot that went wrong should know.
 */
import { formatIpv4 } from '../../wire/bytes.ts'
import type { ClientIdentity } from '../client-identity.ts'
import type { Lease } from './leases.ts'

/** A machine by its hardware address and, where it told one, its host name. */
export interface NamedMachine {
  readonly mac: string
  readonly hostName: string | undefined
}

export type IdentityFinding =
  | { readonly type: 'several-leases'; readonly machine: NamedMachine; readonly addresses: readonly string[] }
  | {
      readonly type: 'identifier-shared'
      /** Option 61 in hexadecimal digits. */
      readonly identifier: string
      readonly machine: NamedMachine
      readonly others: readonly NamedMachine[]
    }
  | {
      readonly type: 'hardware-address-shared'
      readonly machine: NamedMachine
      readonly uuid: string
      /** The machine that had the address before. */
      readonly before: { readonly uuid: string; readonly hostName: string | undefined }
    }

/** Machines that are remembered, and findings; those that were quiet for longest are forgotten. */
const mostRemembered = 4096
/** Others that a finding names. */
const mostNamed = 8

function putLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > mostRemembered) map.delete(map.keys().next().value!)
}

/** Zeros or ones throughout: the board was never given a UUID. */
export const isNoUuid = (uuid: string): boolean => /^-*(0[0-]*|f[f-]*)$/i.test(uuid)

/**
 * The same for both spellings of a UUID: SMBIOS before 2.6 left the byte order of its first three fields open, and programs
 * of one boot differ in it.
 */
function unordered(uuid: string): string {
  const parts = uuid.split('-')
  const turned = parts.slice(0, 3).map((part) => (part.match(/../g) ?? []).toReversed().join(''))
  return [uuid, [...turned, ...parts.slice(3)].join('-')].sort()[0]!
}

export class IdentityWatch {
  readonly #uuids = new Map<string, { readonly uuid: string; readonly hostName: string | undefined }>()
  readonly #told = new Map<string, true>()

  /** A lease of earlier. */
  remember({ mac, uuid, hostname }: Lease): void {
    if (uuid !== undefined && !isNoUuid(uuid)) putLast(this.#uuids, mac, { uuid, hostName: hostname })
  }

  /** For every message. */
  seen({ mac, uuid, hostName }: ClientIdentity): IdentityFinding[] {
    const before = this.#uuids.get(mac)
    if (uuid === undefined || isNoUuid(uuid)) {
      if (before && hostName !== undefined) putLast(this.#uuids, mac, { ...before, hostName })
      return []
    }
    const isSame = before === undefined || before.uuid === uuid || unordered(before.uuid) === unordered(uuid)
    putLast(this.#uuids, mac, { uuid, hostName: hostName ?? (isSame ? before?.hostName : undefined) })
    if (isSame || !this.#isNews(`uuid ${mac} ${[before.uuid, uuid].map(unordered).sort().join(' ')}`)) return []
    return [{ type: 'hardware-address-shared', machine: { mac, hostName }, uuid, before }]
  }

  /** For a lease that was just given; `ofMachine` and `ofIdentifier` are those bound in its subnet, itself included. */
  granted(lease: Lease, ofMachine: readonly Lease[], ofIdentifier: readonly Lease[]): IdentityFinding[] {
    const findings: IdentityFinding[] = []
    const { mac } = lease
    const machine = { mac, hostName: lease.hostname ?? ofMachine.find((one) => one.hostname)?.hostname }
    if (ofMachine.length > 1 && this.#isNews(`leases ${mac}`))
      findings.push({
        type: 'several-leases',
        machine,
        addresses: ofMachine.slice(0, mostNamed).map(({ address }) => formatIpv4(address)),
      })
    const others = ofIdentifier.filter((one) => one.mac !== mac)
    const identifier = others[0]?.key ?? ''
    const news = others.length > 0 ? ofIdentifier.filter((one) => this.#isNews(`${identifier} ${one.mac}`)) : []
    if (news.length > 0)
      findings.push({
        type: 'identifier-shared',
        identifier: identifier.slice(3),
        machine,
        others: others.slice(0, mostNamed).map((one) => ({ mac: one.mac, hostName: one.hostname })),
      })
    return findings
  }

  #isNews(name: string): boolean {
    const isNews = !this.#told.has(name)
    putLast(this.#told, name, true)
    return isNews
  }
}

const called = ({ mac, hostName }: NamedMachine): string => (hostName === undefined ? mac : `${mac} (${hostName})`)

/** The finding as a sentence without its full stop. */
export function identityText(finding: IdentityFinding): string {
  switch (finding.type) {
    case 'several-leases':
      return `${called(finding.machine)} holds several leases, ${finding.addresses.join(', ')}: its programs send different client identifiers (option 61). dhcp.identity: mac gives one machine one address`
    case 'identifier-shared': {
      const why = /^00(0+|f+)$/i.test(finding.identifier)
        ? 'their firmware has no UUID'
        : 'usually a cloned disk or virtual machine'
      return `${called(finding.machine)} sends the client identifier ${finding.identifier} of ${finding.others.map(called).join(', ')}: ${why}. Each has an address of its own here; other DHCP servers give both the same one`
    }
    case 'hardware-address-shared':
      return `${called(finding.machine)} now belongs to machine ${finding.uuid}, before to ${finding.before.uuid}${finding.before.hostName === undefined ? '' : ` (${finding.before.hostName})`}: a shared dock or adapter, or two machines with one hardware address. Rules and reservations by MAC apply to both`
  }
}
