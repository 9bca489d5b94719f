/**
 * Machines that a DHCP server offered addresses again and again, and that requested none: no line of the log says so, only the lines that
 * are missing do (ISC dhcpd, dnsmasq, Kea).
 */
import type { LogEntry } from './entry.ts'
import { linuxSignatures } from './signatures/linux.ts'
import type { Match } from './signatures.ts'

const mac = String.raw`(?<mac>[\da-f]{2}(?::[\da-f]{2}){5})\b`
const offer = new RegExp(
  String.raw`\bDHCPOFFER(?: on [\d.]+ to|\([^)]*\) [\d.]+) ${mac}|\bDHCP4_LEASE_(?:OFFER|ADVERT)\b[^\n]{0,20}\[(?:hwtype=\d+ )?${mac.replace('<mac>', '<hw>')}`,
  'i',
)
/** What shows that a machine took an offer, or that it boots with the address that it has. */
const taken = new RegExp(String.raw`\bDHCP(?:REQUEST|ACK|INFORM|DECLINE|RELEASE)\b|\bDHCP4_LEASE_ALLOC\b|\bPXE\(`, 'i')
const anyMac = new RegExp(mac, 'i')
/** Firmware sends four DISCOVERs; one or two that are repeated are nothing. */
const many = 3
const mostMachines = 4096
const signature = linuxSignatures.find(({ id }) => id === 'offer-unanswered')!

export class DhcpOffers {
  readonly #tell: (entry: LogEntry, match: Match) => void
  readonly #open = new Map<string, { readonly first: LogEntry; count: number }>()

  constructor(tell: (entry: LogEntry, match: Match) => void) {
    this.#tell = tell
  }

  take(entry: LogEntry): void {
    const { text } = entry
    if (text.length > 400) return
    const { mac: client, hw } = offer.exec(text)?.groups ?? {}
    const machine = (client ?? hw)?.toLowerCase()
    if (machine !== undefined) {
      const known = this.#open.get(machine)
      if (known) known.count++
      else if (this.#open.size < mostMachines) this.#open.set(machine, { first: entry, count: 1 })
    } else if (taken.test(text)) {
      const who = anyMac.exec(text)?.[0].toLowerCase()
      if (who !== undefined) this.#open.delete(who)
    }
  }

  /** The log has ended: who never requested an address is told. */
  end(): void {
    for (const [client, { first, count }] of this.#open)
      if (count >= many) this.#tell(first, { signature, family: 'linux', values: { client } })
    this.#open.clear()
  }
}
