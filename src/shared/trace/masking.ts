/**
 * Names of machines and people taken out of a text: each hardware address, IP address, machine identifier and host name
 * becomes another one, the same everywhere in one report, so that it still tells who spoke to whom.
 */
import { formatIpv6, parseIpv6 } from '../wire/bytes.ts'
import { isLinkLocal } from '../wire/ip-address.ts'

const macPattern = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi
const uuidPattern = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
const addressPattern = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g
/** What may be an address of IPv6, whole words of its characters with two colons; times of day are some of them. */
const address6Pattern = /(?<![\w:.])[\da-f]*:[\da-f]*:[\da-f:]*(?:\d+\.\d+\.\d+\.\d+)?(?!\w)/gi
/** A hardware address as PXELINUX asks for it, and an IPv4 address as it does. */
const bareMacPattern = /\b01-[0-9a-f]{2}(?:-[0-9a-f]{2}){5}\b/gi

const isTelling = (address: string): boolean => !/^(0\.0\.0\.0|255\.|127\.)/.test(address)

interface TrieNode {
  readonly next: Map<string, TrieNode>
  isEnd: boolean
}

/** Many texts looked for at once: what a search costs grows with the text and the longest name, not with their number. */
class Trie {
  readonly #root: TrieNode = { next: new Map(), isEnd: false }

  add(text: string): void {
    let node = this.#root
    for (const unit of text.split('')) {
      let next = node.next.get(unit)
      if (!next) node.next.set(unit, (next = { next: new Map(), isEnd: false }))
      node = next
    }
    node.isEnd = true
  }

  /** Where the longest text that begins at `from` ends; -1 for none, so that a name inside another leaves no rest. */
  #endOfLongest(text: string, from: number): number {
    let end = -1
    let node: TrieNode | undefined = this.#root
    for (let at = from; (node = node.next.get(text[at]!)); at++) if (node.isEnd) end = at + 1
    return end
  }

  replace(text: string, instead: (found: string) => string): string {
    if (this.#root.next.size === 0) return text
    const parts: string[] = []
    let kept = 0
    for (let at = 0; at < text.length;) {
      const end = this.#endOfLongest(text, at)
      if (end < 0) {
        at++
        continue
      }
      parts.push(text.slice(kept, at), instead(text.slice(at, end)))
      at = kept = end
    }
    return parts.join('') + text.slice(kept)
  }
}

export class Masker {
  readonly #names = new Trie()
  readonly #hidden = new Set<string>()
  readonly #known = new Map<string, string>()
  #counts = { mac: 0, address: 0, network6: 0, host6: 0, uuid: 0, name: 0 }

  /** `names`: host and user names that are to go as well. */
  constructor(names: readonly string[] = []) {
    for (const name of names) {
      if (name.length > 1) this.#names.add(name)
      this.#hidden.add(name)
    }
  }

  #instead(key: string, make: () => string): string {
    const known = this.#known.get(key.toLowerCase())
    if (known !== undefined) return known
    const made = make()
    this.#known.set(key.toLowerCase(), made)
    return made
  }

  /** What stands for a name is nobody's own one. */
  #alias(): string {
    for (;;) {
      const alias = `host-${++this.#counts.name}`
      if (!this.#hidden.has(alias)) return alias
    }
  }

  #mac(mac: string): string {
    const key = mac.toLowerCase().replaceAll('-', ':')
    if (/^(ff:){5}ff$|^(00:){5}00$/.test(key)) return mac
    // The vendor stays, which helps and names nobody; the rest counts.
    return this.#instead(`mac ${key}`, () => {
      const count = ++this.#counts.mac
      return `${key.slice(0, 8)}:${[count >>> 16, count >>> 8, count].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}`
    })
  }

  #address(address: string): string {
    if (!isTelling(address) || address.split('.').some((part) => Number(part) > 255)) return address
    const [a, b, c, d] = address.split('.')
    // Addresses of one network stay in one network.
    const network = this.#instead(`net ${a}.${b}.${c}`, () => `10.0.${++this.#counts.address & 255}`)
    return `${network}.${d}`
  }

  #address6(text: string): string {
    // A colon behind it ends what is said of it.
    if (/[^:]:$/.test(text)) return `${this.#address6(text.slice(0, -1))}:`
    const bytes = parseIpv6(text)
    // `::`, `::1` and groups name nobody; a hardware address is none of these.
    if (!bytes || bytes[0] === 0xff || bytes.every((byte, at) => byte === 0 || (at === 15 && byte === 1))) return text
    const address = formatIpv6(bytes)
    const host = this.#instead(`host6 ${address}`, () => (++this.#counts.host6).toString(16))
    if (isLinkLocal(address)) return `fe80::${host}`
    // Addresses of one network stay in one network; the hardware address that some were made of goes.
    const network = this.#instead(`net6 ${formatIpv6(bytes.map((byte, at) => (at < 8 ? byte : 0)))}`, () => `2001:db8:${(++this.#counts.network6 & 0xffff).toString(16)}`) // prettier-ignore
    return `${network}::${host}`
  }

  mask(text: string): string {
    return this.#names
      .replace(text, (name) => this.#instead(`name ${name}`, () => this.#alias()))
      .replace(uuidPattern, (uuid) =>
        this.#instead(`uuid ${uuid}`, () => `00000000-0000-0000-0000-${String(++this.#counts.uuid).padStart(12, '0')}`),
      )
      .replace(bareMacPattern, (name) => `01-${this.#mac(name.slice(3)).replaceAll(':', '-')}`)
      .replace(macPattern, (mac) => (mac.includes('-') ? this.#mac(mac).replaceAll(':', '-') : this.#mac(mac)))
      .replace(address6Pattern, (address) => this.#address6(address))
      .replace(addressPattern, (address) => this.#address(address))
  }
}
