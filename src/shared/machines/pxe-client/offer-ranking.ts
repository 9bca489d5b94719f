/**
 * Which offer a firmware takes, and why not the others. EDK2 sorts offers by type (UEFI Specification, PXE Base Code
 * Protocol; PXE 2.1 section 2.4), and so do ROMs; iPXE takes the first address and lets a proxyDHCP name the program.
 */
import { formatIpv4 } from '../../wire/bytes.ts'
import {
  addressOption,
  bootFileOf,
  findOptionData,
  isHttpClass,
  isPxeClass,
  vendorClassOf,
  type DhcpMessage,
} from '../../wire/dhcp/message.ts'
import { optionCodes } from '../../wire/dhcp/options.ts'
import { discoveryControl, findSubOption } from '../../wire/dhcp/spaces.ts'

export type Ranking = 'edk2' | 'edk2-http' | 'ipxe' | 'rom' | 'first'

/** What decides about an offer. */
export interface OfferTraits {
  /** Option 54, else siaddr, as text. */
  readonly server: string
  readonly isProxy: boolean
  readonly isPxe: boolean
  readonly isHttp: boolean
  /** Option 43 with any of discovery control, multicast address, boot servers, menu, prompt (PXE 2.1 tags 6 to 10). */
  readonly hasPxeTags: boolean
  /** Discovery control tells to download the named file without asking a boot server. */
  readonly downloadsNamedFile: boolean
  readonly hasMenu: boolean
  readonly file: string
  /** Whether it is BOOTP: no option 53, and so no option 54 either. */
  readonly isBootp: boolean
  readonly hasServerIdentifier: boolean
  /** Option 6. */
  readonly hasDnsServer: boolean
}

export function traitsOf(message: DhcpMessage): OfferTraits {
  const vendorClass = vendorClassOf(message)
  const isPxe = isPxeClass(vendorClass)
  const option43 = findOptionData(message, optionCodes.vendorSpecific)
  const tag = (code: number): Uint8Array | undefined =>
    isPxe && option43 ? findSubOption('pxe', option43, code) : undefined
  const server = addressOption(message, optionCodes.serverIdentifier) ?? message.siaddr
  return {
    server: formatIpv4(server),
    isProxy: message.yiaddr === 0,
    isPxe,
    isHttp: isHttpClass(vendorClass),
    hasPxeTags: [6, 7, 8, 9, 10].some((code) => tag(code) !== undefined),
    downloadsNamedFile: ((tag(6)?.[0] ?? 0) & discoveryControl.downloadNamedFile) !== 0,
    hasMenu: tag(9) !== undefined,
    file: bootFileOf(message),
    isBootp: findOptionData(message, optionCodes.messageType) === undefined,
    hasServerIdentifier: addressOption(message, optionCodes.serverIdentifier) !== undefined,
    hasDnsServer: findOptionData(message, optionCodes.domainNameServer) !== undefined,
  }
}

const url = /^https?:\/\/([^/:]+|\[[^\]]+\])/i
const isAddress = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.startsWith('[')

/**
 * Why a firmware drops an offer unheard, whatever else comes; undefined where it does not. EDK2 takes no DHCPOFFER without a
 * server identifier (Dhcp4Dxe, which RFC 2131 table 3 demands), and HTTP boot none without the address of a file.
 */
function dropReason(ranking: Ranking, offer: OfferTraits, all: readonly OfferTraits[]): string | undefined {
  const isEdk2 = ranking === 'edk2' || ranking === 'edk2-http'
  if (isEdk2 && !offer.isBootp && !offer.hasServerIdentifier)
    return 'it has no option 54 (server identifier), and EDK2 drops every such offer (RFC 2131 table 3)'
  if (ranking !== 'edk2-http' || !offer.isHttp || offer.file === '') return undefined
  const host = url.exec(offer.file)?.[1]
  if (host === undefined) return `the boot file "${offer.file}" is no URL, and HTTP boot takes nothing else`
  if (!isAddress(host) && !all.some((one) => one.hasDnsServer))
    return `its URL names the host ${host}, and no offer brings a DNS server (option 6)`
  return undefined
}

/** What an offer brings, in words. */
export function describeTraits(traits: OfferTraits): string {
  const boot = traits.isPxe || traits.isHttp
  const parts = [
    traits.isProxy ? 'no address' : 'an address',
    traits.isPxe ? 'option 60 PXEClient' : traits.isHttp ? 'option 60 HTTPClient' : '',
    traits.file === '' ? (boot ? 'no file' : 'no boot information') : `file ${traits.file}`,
    traits.downloadsNamedFile ? 'discovery control 8' : traits.hasMenu ? 'a boot menu' : '',
  ]
  return parts.filter(Boolean).join(', ')
}

export interface Choice {
  /** Index of the offer whose address is taken; undefined where none is acceptable. */
  readonly address: number | undefined
  /** Index of the offer that tells how to boot. */
  readonly boot: number | undefined
  /** Whether the client asks the boot server on port 4011 before it loads anything. */
  readonly asksBootServer: boolean
  /** For every offer, why it was taken or not. */
  readonly reasons: readonly string[]
  /** For every offer, whether the firmware drops it before it compares. */
  readonly dropped: readonly boolean[]
}

type RankedOffers = Omit<Choice, 'dropped'>

const explain = (
  offers: readonly OfferTraits[],
  address: number | undefined,
  boot: number | undefined,
  asksBootServer: boolean,
  why: string,
  others: (offer: OfferTraits, index: number) => string,
): RankedOffers => ({
  address,
  boot,
  asksBootServer,
  reasons: offers.map((offer, index) =>
    index === address && index === boot
      ? why
      : index === boot
        ? `Taken for how to boot: ${why}`
        : index === address
          ? `Taken for its address: ${boot === undefined ? why : 'the boot information comes from the other offer.'}`
          : others(offer, index),
  ),
})

function byType(offers: readonly OfferTraits[], who: string): RankedOffers {
  const find = (accepts: (offer: OfferTraits) => boolean): number | undefined => {
    const index = offers.findIndex(accepts)
    return index < 0 ? undefined : index
  }
  const plain = find((one) => !one.isProxy && !one.isPxe)
  const dhcpPxe10 = find((one) => !one.isProxy && one.hasPxeTags)
  const proxyPxe10 = find((one) => one.isProxy && one.hasPxeTags)
  const dhcpBinl = find((one) => !one.isProxy && one.isPxe && !one.hasPxeTags)
  const proxyBinl = find((one) => one.isProxy && one.isPxe && !one.hasPxeTags)
  const plainWithFile = find((one) => !one.isProxy && !one.isPxe && one.file !== '')
  const lost =
    (best: string) =>
    (offer: OfferTraits): string => {
      if (!offer.isPxe && offer.file === '') return 'Not taken: it has neither option 60 PXEClient nor a boot file.'
      if (offer.isProxy && plain === undefined)
        return 'Not taken: it brings no address, and no plain DHCP offer came that it could complete.'
      return `Not taken: ${best} ranks higher for ${who}.`
    }
  const asks = (index: number): boolean => !offers[index]!.downloadsNamedFile
  if (dhcpPxe10 !== undefined)
    return explain(offers, dhcpPxe10, dhcpPxe10, asks(dhcpPxe10),
      'Taken: address and PXE options (option 43) in one offer, which ranks first.', lost('one offer with address and PXE options')) // prettier-ignore
  if (plain !== undefined && proxyPxe10 !== undefined)
    return explain(offers, plain, proxyPxe10, asks(proxyPxe10),
      'a proxyDHCP offer with PXE options (option 43) completes a plain DHCP offer.', lost('a DHCP offer together with a proxyDHCP offer that has PXE options')) // prettier-ignore
  if (dhcpBinl !== undefined)
    return explain(offers, dhcpBinl, dhcpBinl, true,
      'Taken: option 60 PXEClient without option 43, so the firmware asks this server on port 4011; a file in the offer is ignored.', lost('a DHCP offer with option 60 PXEClient')) // prettier-ignore
  if (plain !== undefined && proxyBinl !== undefined)
    return explain(offers, plain, proxyBinl, true,
      'a proxyDHCP offer without option 43 sends the firmware to port 4011.', lost('a DHCP offer together with a proxyDHCP offer')) // prettier-ignore
  if (plainWithFile !== undefined)
    return explain(offers, plainWithFile, plainWithFile, false,
      'Taken: it names a boot file, and no offer with PXE options came.', lost('an offer with a boot file')) // prettier-ignore
  return explain(offers, undefined, undefined, false, '', (offer) =>
    offer.isProxy
      ? 'Not taken: it brings no address, and no DHCP offer came.'
      : `Not taken: ${who} takes no offer without boot information, and no proxyDHCP completed it.`,
  )
}

function http(offers: readonly OfferTraits[]): RankedOffers {
  const isUseful = (one: OfferTraits): boolean => one.isHttp && one.file !== ''
  const whole = offers.findIndex((one) => !one.isProxy && isUseful(one))
  const plain = offers.findIndex((one) => !one.isProxy)
  const proxy = offers.findIndex((one) => one.isProxy && isUseful(one))
  const lost = (offer: OfferTraits): string =>
    !offer.isHttp
      ? 'Not taken for booting: HTTP boot needs option 60 HTTPClient in the offer.'
      : offer.file === ''
        ? 'Not taken: it names no address to load from.'
        : 'Not taken: another offer came first.'
  if (whole >= 0)
    return explain(offers, whole, whole, false, 'Taken: option 60 HTTPClient and an address to load from.', lost)
  if (plain >= 0 && proxy >= 0)
    return explain(offers, plain, proxy, false, 'it has option 60 HTTPClient and an address to load from.', lost)
  return explain(offers, undefined, undefined, false, '', lost)
}

/** iPXE: the first address, and the boot information of a PXE offer before that of the lease. */
function ipxe(offers: readonly OfferTraits[]): RankedOffers {
  const address = offers.findIndex((one) => !one.isProxy)
  const proxy = offers.findIndex((one) => one.isProxy && (one.isPxe || one.file !== ''))
  const own = address >= 0 ? offers[address]! : undefined
  const lost = (offer: OfferTraits): string =>
    address < 0
      ? 'Not taken: it brings no address, and no DHCP offer came.'
      : offer.isProxy
        ? 'Not taken: another proxyDHCP offer came first.'
        : 'Not taken: another offer with an address came first.'
  if (!own) return explain(offers, undefined, undefined, false, '', lost)
  const ownBoots = own.file !== '' || own.isPxe
  const boot =
    own.isPxe && (own.file !== '' || own.hasPxeTags) ? address : proxy >= 0 ? proxy : ownBoots ? address : undefined
  const chosen = boot === undefined ? undefined : offers[boot]!
  const asks =
    chosen !== undefined && chosen.isPxe && !chosen.downloadsNamedFile && (chosen.file === '' || chosen.hasMenu)
  const why =
    boot === undefined
      ? 'the first offer with an address; it names nothing to boot, and no proxyDHCP does.'
      : boot === address
        ? asks
          ? 'Taken: option 60 PXEClient without a file, so it asks this server on port 4011.'
          : 'Taken: the first offer with an address, and it names the boot file.'
        : asks
          ? 'a proxyDHCP offer that names no file is asked on port 4011.'
          : 'a proxyDHCP offer names the boot file.'
  return explain(offers, address, boot, asks, why, lost)
}

/** ROMs after PXE 2.1 sort by type as well, and take a plain address where there is nothing better. */
function rom(offers: readonly OfferTraits[]): RankedOffers {
  const sorted = byType(offers, 'a boot ROM')
  const plain = offers.findIndex((one) => !one.isProxy)
  if (sorted.address !== undefined || plain < 0) return sorted
  return explain(
    offers,
    plain,
    undefined,
    false,
    'the first offer with an address; it names nothing to boot, and no proxyDHCP does.',
    () => 'Not taken: another offer with an address came first.',
  )
}

const first = (offers: readonly OfferTraits[]): RankedOffers => {
  const index = offers.findIndex((one) => !one.isProxy)
  return explain(
    offers,
    index < 0 ? undefined : index,
    index < 0 ? undefined : index,
    false,
    'Taken: the first offer with an address.',
    (offer) =>
      offer.isProxy ? 'Not taken: this client does not know proxyDHCP.' : 'Not taken: another offer came first.',
  )
}

/**
 * Which of the offers, in the order in which they came, a firmware takes. `lost` says of offers that never counted why, from
 * how they travelled.
 */
export function rankOffers(
  ranking: Ranking,
  offers: readonly OfferTraits[],
  lost: readonly (string | undefined)[] = [],
): Choice {
  const dropped = offers.map((one, index) => {
    if (lost[index] !== undefined) return `Lost: ${lost[index]}.`
    const reason = dropReason(ranking, one, offers)
    return reason && `Dropped: ${reason}.`
  })
  const kept = offers.map((_, index) => index).filter((index) => dropped[index] === undefined)
  const choice = rankKept(
    ranking,
    kept.map((index) => offers[index]!),
  )
  const place = (index: number | undefined): number | undefined => (index === undefined ? undefined : kept[index])
  return {
    address: place(choice.address),
    boot: place(choice.boot),
    asksBootServer: choice.asksBootServer,
    dropped: dropped.map((reason) => reason !== undefined),
    reasons: dropped.map((reason, index) => (reason === undefined ? choice.reasons[kept.indexOf(index)]! : reason)),
  }
}

function rankKept(ranking: Ranking, offers: readonly OfferTraits[]): RankedOffers {
  switch (ranking) {
    case 'edk2':
      return byType(offers, 'UEFI firmware')
    case 'edk2-http':
      return http(offers)
    case 'ipxe':
      return ipxe(offers)
    case 'rom':
      return rom(offers)
    case 'first':
      return first(offers)
  }
}
