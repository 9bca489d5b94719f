/** What EDK2's PXE and HTTP drivers share: the clock, collecting offers, the lease, the texts of its boot manager. */
import { say, type Phrase } from '#messages/message.ts'
import { formatHex } from '../../wire/bytes.ts'
import { findOptionData } from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { inspectBootProgram, mismatchOf } from '../../wire/boot-program.ts'
import { architectureOf } from '../../wire/iana/architecture.ts'
import { judgeByFirmware } from '../../wire/secure-boot/trust.ts'
import type { ClientContext, Step } from './client.ts'
import { Offers, describeOffer, everyServer, offerOf, replyIn, type Offer } from './dhcp-dialogue.ts'
import type { rankOffers } from './offer-ranking.ts'
import { programIn } from './program-image.ts'

/** Waits of mPxeDhcpTimeout; the first is short by where the timer's tick stands when the DISCOVER leaves. */
export const edk2DiscoverMs: readonly number[] = [3800, 8000, 16_000, 32_000]
export const discoverSecs = [0, 4, 12, 28]

const device = (client: ClientContext): string =>
  `PciRoot(0x0)/Pci(0x2,0x0)/MAC(${formatHex(client.mac).toUpperCase()},0x1)/`

const anyIpv6 = '0000:0000:0000:0000:0000:0000:0000:0000'
export const ipv6Path = `IPv6(${anyIpv6},0x0,Static,${anyIpv6},0x40,${anyIpv6})`

export const ipv4Path = 'IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)'

/** The name of a boot option, as the boot manager of EDK2 makes it: `Boot0001 "UEFI PXEv4 (MAC:525400770003)"`. */
export const bootOption = (client: ClientContext, number: number, kind: string): string =>
  `Boot000${number} "UEFI ${kind} (MAC:${formatHex(client.mac).toUpperCase()})"`

export const startLines = (client: ClientContext, name: string, path: string): string[] =>
  ['loading', 'starting'].map((what) => `BdsDxe: ${what} ${name} from ${device(client)}${path}`)

export const failLine = (client: ClientContext, name: string, path: string, status = 'Not Found'): string =>
  `BdsDxe: failed to load ${name} from ${device(client)}${path}: ${status}`

/** Collects offers for the whole of each wait, as the driver does even when the best one came at once. */
export function* discover(
  client: ClientContext,
  xid: number,
  message: (secs: number) => Uint8Array,
  keeps: (offer: Offer) => boolean,
  choose: (offers: Offers) => ReturnType<typeof rankOffers>,
  waitsMs: readonly number[],
): Step<{ readonly offers: Offers; readonly choice: ReturnType<typeof rankOffers> }> {
  const offers = new Offers()
  for (const [index, wait] of waitsMs.entries()) {
    client.stage(
      'discover',
      say('pxe-client.sent-of', { message: 'DISCOVER', turn: index + 1, of: waitsMs.length }),
      index + 1,
    )
    client.send(68, everyServer, message(discoverSecs[index]!))
    const until = client.now + wait
    while (client.now < until) {
      const offer = offerOf(replyIn(client, yield until, xid, 68))
      // Without option 54 an offer is thrown away, and so is one that is longer than the driver's buffer.
      if (!offer || !findOptionData(offer.message, optionCodes.serverIdentifier) || !keeps(offer)) continue
      offers.add(offer)
      client.stage('offer', describeOffer(offer))
    }
    const choice = choose(offers)
    if (choice.address !== undefined) return { offers, choice }
  }
  return { offers, choice: choose(offers) }
}

export const startFailLine = (client: ClientContext, name: string, path: string, status: string): string =>
  `BdsDxe: failed to start ${name} from ${device(client)}${path}: ${status}`

interface Refusal {
  readonly because: Phrase
  /** As the boot manager shows it. */
  readonly status: string
  /** Whether it says before that it loads the program: Secure Boot refuses within LoadImage. */
  readonly isLoading: boolean
}

/** Why the firmware does not start what it loaded; undefined where it does. */
export function refusalOf(
  client: ClientContext,
  architecture: number,
  head: Uint8Array,
  file: string,
): Refusal | undefined {
  const known = architectureOf(architecture)
  const mismatch = known && mismatchOf(inspectBootProgram(head, file), known)
  if (mismatch !== undefined) return { because: mismatch, status: 'Not Found', isLoading: false }
  const { trust } = client.habits
  const judged = trust && judgeByFirmware(programIn(head, file), trust)
  return judged && !judged.starts
    ? {
        because: say('pxe-client.secure-boot-refuses', { file, because: judged.because }),
        status: 'Access Denied',
        isLoading: true,
      }
    : undefined
}

const httpArchitectures: Readonly<Record<number, number>> = { 6: 15, 7: 16, 11: 19 }
/** Of a machine's HTTP boot, by that of its PXE. */
export const httpArchitecture = (architecture: number): number => httpArchitectures[architecture] ?? 16
