/**
 * Which network interface a first lab serves. Names and descriptions are those that systems and programs give: Windows
 * friendly names and adapter descriptions, Linux kernel names, macOS names.
 */

import { say, type Phrase, type Message } from '#messages/message.ts'
export type Medium = 'wired' | 'wireless' | 'virtual'

export interface InterfaceFacts {
  readonly name: string
  /** Dotted IPv4. */
  readonly address: string
  readonly isLoopback: boolean
  /** Undefined or null where the system does not tell. */
  readonly hasLink?: boolean | null | undefined
  /** What the driver calls it, on Windows: `Hyper-V Virtual Ethernet Adapter`. */
  readonly description?: string | undefined
  /** What the system knows of the hardware; undefined where it does not tell. */
  readonly medium?: Medium | undefined
}

/** Why nothing boots over these, by the words of their names and descriptions; the first match counts. */
const noLink = say('lab-help.no-link')
const virtualKinds: readonly (readonly [why: Message, pattern: RegExp])[] = [
  [say('lab-help.why-loopback'), /loopback/i],
  [say('lab-help.why-bluetooth'), /bluetooth|^(bnep|pan)\d/i],
  [say('lab-help.why-mobile-broadband'), /cellular|mobile broadband|mobilfunk|^(wwan|rmnet)|^ww[ps]\d/i],
  [say('lab-help.why-containers'), /^(docker|podman|cni|flannel|cilium|cali|kube|weave|lxc|lxd|incus|nerdctl)|^br-[\da-f]{12}$|docker|^vethernet \((nat|hns)/i], // prettier-ignore
  [say('lab-help.why-wsl'), /\bwsl\b/i],
  [say('lab-help.why-virtual-machines'), /^(veth|vnet|virbr|vboxnet|vmnet|vmbr\d+v|macvtap|tap|fwbr|fwpr|fwln|bridge1\d\d$|vmenet)|vethernet|hyper-v virtual|virtualbox|vmware (virtual|network)|host-only|parallels (shared|host)/i], // prettier-ignore
  [say('lab-help.why-vpn-or-tunnel'), /^(tun|utun|wg|ppp|ipsec|tailscale|nordlynx|proton|gpd|cscotun|vti|xfrm|sit|gre|gretap|erspan|ip6tnl|ipip|tunl|vxlan|geneve|gif|stf)\d*(\.|$|-)|^zt[\da-z]{8,}$|\bvpn|anyconnect|wireguard|wintun|tap-(windows|win32|nordvpn|protonvpn)|\btap adapter|openvpn|tailscale|zerotier|nordlynx|fortinet|forti|pangp|globalprotect|juniper|pulse secure|sonicwall|check ?point|zscaler|cloudflare|hamachi|wan miniport|teredo|isatap|6to4|softether|cisco systems/i], // prettier-ignore
  [say('lab-help.why-direct-wireless-link'), /wi-?fi direct|^(awdl|llw|ap|p2p)\d|hosted network/i],
  [say('lab-help.why-no-hardware'), /^(dummy|ifb|nlmon|teql|bond_master|anpi)\d*$|kernel debug/i],
]

const wirelessWords = /wi-?fi|wlan|wireless|802\.11|drahtlos|sans fil|inal[aá]mbric|^wl[px]?\d|^wl[pxs]|airport/i
const wiredWords = /^(eth|en[opsxP]|em\d|lan|usb\d)|ethernet|gbe|gigabit|lan-verbindung|local area connection/i

/** Hyper-V switches that translate addresses: nobody outside this computer is behind them, in any language. */
const natSwitch = /\((default switch|standardswitch|commutateur par défaut|conmutador predeterminado|nat|wsl.*|docker.*|hns.*)\)/i // prettier-ignore

const isSelfAssigned = ({ address }: InterfaceFacts): boolean => address.startsWith('169.254.')

/** Why an interface does not reach other machines; undefined where it may. */
export function whyNotReal(one: InterfaceFacts): Message | undefined {
  if (one.isLoopback) return say('lab-help.computer-only')
  const words = [one.name, one.description ?? '']
  const kind = virtualKinds.find(([, pattern]) => words.some((text) => pattern.test(text)))
  // A bridge or a tap of somebody's own with a network card in it is a way to other machines whatever it is called.
  if (kind && !(one.medium === 'wired' && one.description === undefined && /^(br|tap|vmbr)/.test(one.name)))
    return kind[0]
  if (one.medium === 'virtual') return say('lab-help.virtual-adapter')
  return one.hasLink === false ? noLink : undefined
}

const mediumOf = (one: InterfaceFacts): Medium | undefined => {
  const words = `${one.name} ${one.description ?? ''}`
  if (one.medium !== undefined) return one.medium
  if (wirelessWords.test(one.name) || wirelessWords.test(words)) return 'wireless'
  return wiredWords.test(one.name) || wiredWords.test(words) ? 'wired' : undefined
}

/** Less is better. */
function rank(one: InterfaceFacts): number {
  const why = whyNotReal(one)
  const medium = mediumOf(one)
  if (one.isLoopback) return 1000
  // An external Hyper-V switch has the address of the network card in it.
  if (why?.say === 'lab-help.why-virtual-machines' && /^vethernet/i.test(one.name) && !natSwitch.test(one.name))
    return 150
  return (
    (why === undefined ? 0 : why === noLink ? 200 : 500) +
    (medium === 'wired' ? 0 : medium === undefined ? 10 : 20) +
    (one.hasLink === true ? 0 : 1) +
    (isSelfAssigned(one) ? 2 : 0)
  )
}

const listed = (all: readonly Phrase[]): Phrase => all.reduce((first, next) => say('lab-help.list-of', { first, next }))

export interface InterfaceChoice {
  /** The only one that reaches other machines; undefined where there is none, or somebody has to choose. */
  readonly chosen: string | undefined
  /** The one to suggest first; undefined only where there is no interface but loopback. */
  readonly recommended: string | undefined
  /** Why that one, a sentence or two. */
  readonly reason: Phrase
  /** The best first, each name once; `why` where nothing can boot over it. */
  readonly all: readonly { readonly name: string; readonly why: Phrase | undefined }[]
}

/** `all` may have an interface several times, once for each address. */
export function chooseInterface(interfaces: readonly InterfaceFacts[]): InterfaceChoice {
  const once = interfaces.filter((one, at) => interfaces.findIndex(({ name }) => name === one.name) === at)
  const sorted = once.toSorted((a, b) => rank(a) - rank(b))
  const all = sorted.map((one) => ({ name: one.name, why: whyNotReal(one) }))
  const real = sorted.filter((one) => whyNotReal(one) === undefined)
  const [best] = sorted
  const usable = best && !best.isLoopback ? best : undefined
  return {
    chosen: real.length === 1 ? real[0]!.name : undefined,
    recommended: usable?.name,
    reason: reasonFor(real, usable, all),
    all,
  }
}

function reasonFor(
  real: readonly InterfaceFacts[],
  best: InterfaceFacts | undefined,
  all: InterfaceChoice['all'],
): Phrase {
  const leftOut = all
    .filter((one) => one.why !== undefined)
    .map(({ name, why }) => say('lab-help.name-and-why', { name, why }))
  if (!best) return say('lab-help.no-network-interface-ipv4-address')
  if (real.length === 1)
    return leftOut.length === 0
      ? say('lab-help.only-interface-reaches-other-machines', { name: best.name })
      : say('lab-help.only-interface-reaches-other-machines-2', { name: best.name, leftOut: listed(leftOut) })
  if (real.length === 0)
    return whyNotReal(best) === noLink
      ? say('lab-help.no-interface-link-network-card', { name: best.name })
      : say('lab-help.no-network-card-address-found', { name: best.name })
  const medium = mediumOf(best)
  const others = real.slice(1)
  const because = [
    ...(medium === 'wired' && others.some((one) => mediumOf(one) !== 'wired') ? [say('lab-help.wired-network-boot-needs-cable')] : []),
    ...(best.hasLink === true && others.some((one) => one.hasLink !== true) ? [say('lab-help.has-link')] : []),
    ...(!isSelfAssigned(best) && others.some(isSelfAssigned) ? [say('lab-help.address-not-self-assigned')] : []),
  ] // prettier-ignore
  return because.length > 0
    ? say('lab-help.interfaces-reach-other-machines-recommended', {
        length: real.length,
        real: real.map(({ name }) => name).join(', '),
        name: best.name,
        because,
      })
    : say('lab-help.interfaces-reach-other-machines-choose', {
        length: real.length,
        real: real.map(({ name }) => name).join(', '),
        name: best.name,
      })
}
