/**
 * Which offer a firmware takes, and why not the others. EDK2 sorts offers by type (UEFI Specification, PXE Base Code
 * Protocol; PXE 2.1 section 2.4), and so do ROMs; iPXE takes the first address and lets a proxyDHCP name the program.
 */
import { say, type Phrase } from '#messages/message.ts'
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
function dropReason(ranking: Ranking, offer: OfferTraits, all: readonly OfferTraits[]): Phrase | undefined {
  const isEdk2 = ranking === 'edk2' || ranking === 'edk2-http'
  if (isEdk2 && !offer.isBootp && !offer.hasServerIdentifier) return say('pxe-client.no-option-54-server-identifier')
  if (ranking !== 'edk2-http' || !offer.isHttp || offer.file === '') return undefined
  const host = url.exec(offer.file)?.[1]
  if (host === undefined) return say('pxe-client.boot-file-no-url-http', { file: offer.file })
  if (!isAddress(host) && !all.some((one) => one.hasDnsServer))
    return say('pxe-client.url-names-host-no-offer', { host })
  return undefined
}

/** What an offer says about booting. */
export const bootTraits = (traits: OfferTraits): Phrase =>
  say('pxe-client.boot-traits', {
    kind: traits.isPxe ? 'pxe' : traits.isHttp ? 'http' : 'none',
    named: traits.file !== '' ? 'file' : traits.isPxe || traits.isHttp ? 'nofile' : 'nothing',
    file: traits.file,
    more: traits.downloadsNamedFile ? 'control' : traits.hasMenu ? 'menu' : 'none',
  })

/** What an offer brings, its address included. */
export const describeTraits = (traits: OfferTraits): Phrase =>
  say('pxe-client.traits', { isProxy: traits.isProxy ? 'yes' : 'no', boot: bootTraits(traits) })

/** What becomes of an offer: `no` was compared with the others, `dropped` was not, and `lost` never got to the client. */
export interface OfferReason {
  readonly use: 'whole' | 'address' | 'boot' | 'no' | 'dropped' | 'lost'
  /** A clause; of `no` a whole sentence. */
  readonly because: Phrase
}

/** The reason as a sentence. */
export const reasonText = ({ use, because }: OfferReason): Phrase =>
  use === 'no' ? because : say(`pxe-client.use-${use}`, { because })

export interface Choice {
  /** Index of the offer whose address is taken; undefined where none is acceptable. */
  readonly address: number | undefined
  /** Index of the offer that tells how to boot. */
  readonly boot: number | undefined
  /** Whether the client asks the boot server on port 4011 before it loads anything. */
  readonly asksBootServer: boolean
  /** For every offer, why it was taken or not. */
  readonly reasons: readonly OfferReason[]
  /** For every offer, whether the firmware drops it before it compares. */
  readonly dropped: readonly boolean[]
}

type RankedOffers = Omit<Choice, 'dropped'>

const explain = (
  offers: readonly OfferTraits[],
  address: number | undefined,
  boot: number | undefined,
  asksBootServer: boolean,
  why: Phrase,
  others: (offer: OfferTraits, index: number) => Phrase,
): RankedOffers => ({
  address,
  boot,
  asksBootServer,
  reasons: offers.map((offer, index) =>
    index === address && index === boot
      ? { use: 'whole', because: why }
      : index === boot
        ? { use: 'boot', because: why }
        : index === address
          ? { use: 'address', because: boot === undefined ? why : say('pxe-client.boot-elsewhere') }
          : { use: 'no', because: others(offer, index) },
  ),
})

function byType(offers: readonly OfferTraits[], who: Phrase): RankedOffers {
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
    (best: Phrase) =>
    (offer: OfferTraits): Phrase => {
      if (!offer.isPxe && offer.file === '') return say('pxe-client.not-taken-neither-option-60')
      if (offer.isProxy && plain === undefined) return say('pxe-client.not-taken-brings-no-address')
      return say('pxe-client.not-taken-ranks-higher', { best, who })
    }
  const asks = (index: number): boolean => !offers[index]!.downloadsNamedFile
  if (dhcpPxe10 !== undefined)
    return explain(offers, dhcpPxe10, dhcpPxe10, asks(dhcpPxe10),
      say('pxe-client.address-pxe-options-option'), lost(say('pxe-client.one-offer-address-pxe-options'))) // prettier-ignore
  if (plain !== undefined && proxyPxe10 !== undefined)
    return explain(offers, plain, proxyPxe10, asks(proxyPxe10),
      say('pxe-client.proxydhcp-offer-completes'), lost(say('pxe-client.dhcp-offer-together-proxydhcp-offer'))) // prettier-ignore
  if (dhcpBinl !== undefined)
    return explain(offers, dhcpBinl, dhcpBinl, true,
      say('pxe-client.option-60-pxeclient-without'), lost(say('pxe-client.dhcp-offer-option-60-pxeclient'))) // prettier-ignore
  if (plain !== undefined && proxyBinl !== undefined)
    return explain(offers, plain, proxyBinl, true,
      say('pxe-client.proxydhcp-offer-without-option-43'), lost(say('pxe-client.dhcp-offer-together-proxydhcp-offer-2'))) // prettier-ignore
  if (plainWithFile !== undefined)
    return explain(offers, plainWithFile, plainWithFile, false,
      say('pxe-client.names-boot-file-no'), lost(say('pxe-client.offer-boot-file'))) // prettier-ignore
  return explain(offers, undefined, undefined, false, '', (offer) =>
    offer.isProxy
      ? say('pxe-client.not-taken-brings-no-address-2')
      : say('pxe-client.not-taken-takes-no-offer', { who }),
  )
}

function http(offers: readonly OfferTraits[]): RankedOffers {
  const isUseful = (one: OfferTraits): boolean => one.isHttp && one.file !== ''
  const whole = offers.findIndex((one) => !one.isProxy && isUseful(one))
  const plain = offers.findIndex((one) => !one.isProxy)
  const proxy = offers.findIndex((one) => one.isProxy && isUseful(one))
  const lost = (offer: OfferTraits): Phrase =>
    !offer.isHttp
      ? say('pxe-client.not-taken-booting-http-boot')
      : offer.file === ''
        ? say('pxe-client.not-taken-names-no-address')
        : say('pxe-client.not-taken-another-offer-came')
  if (whole >= 0) return explain(offers, whole, whole, false, say('pxe-client.option-60-httpclient-address'), lost)
  if (plain >= 0 && proxy >= 0)
    return explain(offers, plain, proxy, false, say('pxe-client.option-60-httpclient-address-load'), lost)
  return explain(offers, undefined, undefined, false, '', lost)
}

/** iPXE: the first address, and the boot information of a PXE offer before that of the lease. */
function ipxe(offers: readonly OfferTraits[]): RankedOffers {
  const address = offers.findIndex((one) => !one.isProxy)
  const proxy = offers.findIndex((one) => one.isProxy && (one.isPxe || one.file !== ''))
  const own = address >= 0 ? offers[address]! : undefined
  const lost = (offer: OfferTraits): Phrase =>
    address < 0
      ? say('pxe-client.not-taken-brings-no-address-2')
      : offer.isProxy
        ? say('pxe-client.not-taken-another-proxydhcp-offer')
        : say('pxe-client.not-taken-another-offer-address')
  if (!own) return explain(offers, undefined, undefined, false, '', lost)
  const ownBoots = own.file !== '' || own.isPxe
  const boot =
    own.isPxe && (own.file !== '' || own.hasPxeTags) ? address : proxy >= 0 ? proxy : ownBoots ? address : undefined
  const chosen = boot === undefined ? undefined : offers[boot]!
  const asks =
    chosen !== undefined && chosen.isPxe && !chosen.downloadsNamedFile && (chosen.file === '' || chosen.hasMenu)
  const why =
    boot === undefined
      ? say('pxe-client.first-offer-address-names-nothing')
      : boot === address
        ? asks
          ? say('pxe-client.option-60-pxeclient-without-2')
          : say('pxe-client.first-offer-address-names')
        : asks
          ? say('pxe-client.proxydhcp-offer-names-no-file')
          : say('pxe-client.proxydhcp-offer-names-boot-file')
  return explain(offers, address, boot, asks, why, lost)
}

/** ROMs after PXE 2.1 sort by type as well, and take a plain address where there is nothing better. */
function rom(offers: readonly OfferTraits[]): RankedOffers {
  const sorted = byType(offers, say('pxe-client.boot-rom'))
  const plain = offers.findIndex((one) => !one.isProxy)
  if (sorted.address !== undefined || plain < 0) return sorted
  return explain(offers, plain, undefined, false, say('pxe-client.first-offer-address-names-nothing'), () =>
    say('pxe-client.not-taken-another-offer-address'),
  )
}

const first = (offers: readonly OfferTraits[]): RankedOffers => {
  const index = offers.findIndex((one) => !one.isProxy)
  return explain(
    offers,
    index < 0 ? undefined : index,
    index < 0 ? undefined : index,
    false,
    say('pxe-client.first-offer-address'),
    (offer) =>
      offer.isProxy ? say('pxe-client.not-taken-client-does-not') : say('pxe-client.not-taken-another-offer-came'),
  )
}

/**
 * Which of the offers, in the order in which they came, a firmware takes. `lost` says of offers that never counted why, from
 * how they travelled.
 */
export function rankOffers(
  ranking: Ranking,
  offers: readonly OfferTraits[],
  lost: readonly (Phrase | undefined)[] = [],
): Choice {
  const dropped = offers.map((one, index): OfferReason | undefined => {
    if (lost[index] !== undefined) return { use: 'lost', because: lost[index] }
    const because = dropReason(ranking, one, offers)
    return because === undefined ? undefined : { use: 'dropped', because }
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
      return byType(offers, say('pxe-client.uefi-firmware'))
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
