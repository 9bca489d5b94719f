/**
 * Switches, routers and firewalls whose configuration is lines with indented blocks, or without the indents as it is typed: Cisco IOS, IOS
 * XE, NX-OS and ASA, Aruba AOS-S and AOS-CX. Read is what decides a boot: helper addresses, snooping, DHCP pools. Lines about DHCP that are not read are listed; what is
 * about something else is passed over. Total.
 */
import { say, type Phrase, isMessage } from '#messages/message.ts'
import { formatHex, isInNetwork, parseHex, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import { applyAsa, newAsa, readAsaRelay, readAsaServer } from './asa.ts'
import { deviceConfiguration, networkText, newDevice, newPool, type DevicePool } from './device.ts'
import type { Condition, Configuration, Relay, Setting, Source, SourceFile } from './model.ts'

const isAboutDhcp = /\b(dhcp\S*|helper-address|bootp\w*|tftp\w*|forward-protocol|next-server|bootfile)\b/i
/** About DHCP, and no matter to a boot. */
const immaterial = /^(no )?(service dhcp|feature dhcp|ip dhcp (relay( information (option.*|policy.*|check|trust-all|source-interface.*))?|conflict.*|database.*|ping.*|bootp ignore|use.*|smart-relay.*|binding.*|snooping (verify.*|database.*|information option.*|limit.*|glean)|relay (information|source-interface|sub-option).*)|ip dhcp-client.*|dhcp-relay( .*)?|dhcp(v4)?-snooping (database|verify|option|max-bindings|external-storage|event-log).*|ip address dhcp.*|ip dhcp client.*|ipv6 .*|dhcp-server|ip tftp .*|ip bootp-gateway.*|ip bootp server|dhcpv6.*|tftp (client|server).*|ip bootp$|description .*|name .*|class-map.*|access-list.*|remark .*|permit .*|deny .*|logging.*|aaa.*|snmp.*|copy .*|boot system.*|archive.*|username.*|banner.*|event .*|action .*|ip ssh.*|dhcp-config-file-update|ip dhcp snooping)$/i // prettier-ignore

const isIn = (address: string, text: string): boolean => {
  const [number, network] = [parseIpv4(address), parseIpv4Network(text)]
  return number !== undefined && network !== undefined && isInNetwork(number, network)
}
const octetsOf = (bytes: Iterable<number>): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('')

/** Lines of a block that is typed without indents. */
const inside: Readonly<Record<'interface' | 'pool', RegExp>> = {
  interface: /^(ip(v4)? (address|helper-address|dhcp (relay (address|information trusted)|snooping trust))|no (shutdown|switchport|ip|routing)\b|nameif|security-level|description|shutdown|encapsulation|vrf|switchport|mtu|name|dhcp(v4)?-snooping|dhcprelay|tagged|untagged)( |$)/i,
  pool: /^(network|host|range|static-bind|default-router|dns-server|domain-name|netbios-\S+|bootfile|next-server|lease|option|hardware-address|client-\S+|import|utilization|update|vrf|authoritative)( |$)/i,
} // prettier-ignore

interface Block {
  readonly kind: 'interface' | 'pool' | 'other'
  /** Whether its lines stand below it without an indent. */
  isFlat?: boolean
  /** What an ASA calls the interface. */
  nameif?: string
  readonly indent: number
  readonly name: string
  readonly source: Source
  readonly addresses: { readonly source: Source; readonly network: string; readonly address: string }[]
  readonly helpers: { readonly text: string; readonly source: Source }[]
  readonly pool?: DevicePool
  address?: string
  identifier?: { readonly test: Condition; readonly who: string }
}

export function readSwitch(file: SourceFile): Configuration {
  let isAruba = /^(; .*Configuration Editor|!Version ArubaOS|dhcp(v4)?-snooping\b|dhcp-server (vrf|pool) )/m.test(
    file.text,
  )
  const device = newDevice('')
  /** Of every interface with an address. */
  const places: { readonly source: Source; readonly name: string; readonly nameif: string | undefined; readonly network: string; readonly address: string }[] = [] // prettier-ignore
  /** The DHCP server of AOS-CX whose pools are read, and whether it is on. */
  const servers: { readonly source: Source; readonly indent: number; isOn: boolean }[] = []
  let server: (typeof servers)[number] | undefined
  const asa = newAsa()
  let block: Block = {
    kind: 'other',
    indent: 0,
    name: '',
    source: { file: file.name, line: 1 },
    addresses: [],
    helpers: [],
  }

  const finish = (): void => {
    const { kind, name, source, nameif, addresses, helpers, pool, address, identifier } = block
    if (kind === 'interface') for (const one of addresses) places.push({ ...one, name, nameif })
    if (kind === 'interface' && helpers.length > 0) {
      // AOS-S has addresses in its VLANs.
      isAruba ||= /^vlan \d/.test(name)
      const first = addresses[0]
      const relay: Relay = { source, interface: name, helpers, ...(first ? { network: first.network, address: first.address } : {}) } // prettier-ignore
      device.relays.push(relay)
      if (!first) device.notUnderstood.push({ ...source, text: name, why: say('interchange.interface-helper-addresses-address-own') }) // prettier-ignore
    }
    if (kind !== 'pool' || !pool || address === undefined) return
    if (identifier)
      pool.reservations.push({ source, ...identifier, address, isIgnored: false, classes: [], statements: pool.statements }) // prettier-ignore
    else
      device.notUnderstood.push({
        ...source,
        text: `host ${address}`,
        why: say('interchange.nothing-says-machine-host'),
      })
  }

  /** Why it is not understood; null where it is not about DHCP. */
  function read(line: string, source: Source): Phrase | undefined | null {
    const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare!)
    if (block.kind === 'interface') {
      if (words[0]?.toLowerCase() === 'nameif') return void (block.nameif = words[1] ?? '')
      const own = /^dhcprelay server ([\d.]+)/i.exec(line)?.[1]
      const here = block
      if (own !== undefined) return void asa.relayed.push({ source, text: own, for: () => here.nameif ?? here.name })
      const address = /^ip address ([\d.]+)(?: ?(\/\d+)| ([\d.]+))?(?: secondary)?/i.exec(line)
      if (address) {
        const network = networkText(address[1]!, address[2] ?? address[3] ?? '')
        if (network !== undefined) block.addresses.push({ source, network, address: address[1]! })
        return network === undefined ? say('interchange.address-mask') : undefined
      }
      const helper = /^ip (?:helper-address|dhcp relay address)(?: (?:vrf \S+|global))? ([\d.]+)/i.exec(line)
      if (helper) {
        if (parseIpv4(helper[1]!) === undefined) return say('interchange.helper-address')
        for (const text of line.slice(line.indexOf(helper[1]!)).split(/\s+/)) {
          if (parseIpv4(text) === undefined) break
          block.helpers.push({ text, source })
        }
        return undefined
      }
      if (/^dhcp(v4)?-snooping$/i.test(line) && /^vlan \d/i.test(block.name)) return void device.snooping.push({ source, is: 'vlans', text: block.name.slice(5) }) // prettier-ignore
      if (/^(ip dhcp snooping trust|dhcp(v4)?-snooping trust|ip dhcp relay information trusted)$/i.test(line)) return void device.snooping.push({ source, is: 'trusted', text: block.name }) // prettier-ignore
    }
    if (block.kind === 'pool' && block.pool) return readPool(block.pool, line, words, source)
    if (server && /^enable$/i.test(line)) return void (server.isOn = true)
    if (/^dhcp-server (enable|disable)$/i.test(line)) return /disable/i.test(line) ? say('interchange.dhcp-server-switch-off-while') : undefined // prettier-ignore
    if (/^dhcpd /i.test(line)) return readAsaServer(asa, words, source)
    if (/^dhcprelay /i.test(line)) return readAsaRelay(asa, words, source)
    if (/ (relay|proxy|server|base) profile /i.test(line)) return say('interchange.dhcp-profile-interface-read')
    if (/^ip dhcp excluded-address/i.test(line)) {
      const [start, end] = words
        .slice(3)
        .filter((one) => one !== 'vrf')
        .map(parseIpv4)
      if (start === undefined) return say('interchange.range-first-address')
      device.excluded.push({ start, end: end ?? start })
      return undefined
    }
    if (/^(hostname|switchname) /i.test(line)) {
      device.name = words[1] ?? ''
      return undefined
    }
    const vlans = /^(?:ip dhcp snooping vlan|dhcp(?:v4)?-snooping vlan) (.+)$/i.exec(line)?.[1]
    if (vlans !== undefined) return void device.snooping.push({ source, is: 'vlans', text: vlans })
    const trusted = /^dhcp(?:v4)?-snooping trust (.+)$/i.exec(line)?.[1]
    if (trusted !== undefined) return void device.snooping.push({ source, is: 'trusted', text: trusted })
    const trustedServer = /^(?:ip dhcp snooping server|dhcp(?:v4)?-snooping authorized-server) (.+)$/i.exec(line)?.[1]
    if (trustedServer !== undefined) return void device.snooping.push({ source, is: 'server', text: trustedServer })
    if (/^(ip dhcp snooping|dhcp(v4)?-snooping)$/i.test(line)) return void device.snooping.push({ source, is: 'on', text: '' }) // prettier-ignore
    if (/^no (service dhcp|feature dhcp|dhcp-relay|ip dhcp relay)$/i.test(line)) return say('interchange.nothing-relayed-while-line-stands') // prettier-ignore
    if (/^(no )?ip forward-protocol/i.test(line)) {
      if (!/ udp\b/i.test(line)) return undefined
      if (/\b(udp )?(bootpc|bootps|67|68)\b/i.test(line) && /^no /i.test(line)) return say('interchange.requests-dhcp-forwarded-while-line') // prettier-ignore
      device.asides.push({ ...source, text: line, why: say('interchange.other-broadcasts-go-helper-addresses') }) // prettier-ignore
      return undefined
    }
    return isAboutDhcp.test(line) ? (immaterial.test(line) ? undefined : say('interchange.line-about-dhcp-read')) : null
  }

  function readPool(pool: DevicePool, line: string, words: readonly string[], source: Source): Phrase | undefined {
    const [key = '', ...values] = words
    const add = (set: Setting): undefined => void pool.statements.push({ source, set })
    const addresses = values.filter((one) => parseIpv4(one) !== undefined)
    switch (key.toLowerCase()) {
      case 'network':
      case 'host': {
        const network = networkText(values[0] ?? '', values[1] ?? '255.255.255.255')
        if (network === undefined) return say('interchange.network-address-mask')
        if (key.toLowerCase() === 'host') block.address = values[0]!
        else pool.network = network
        return undefined
      }
      case 'range': {
        const [start, end] = addresses
        if (start === undefined || end === undefined) return say('interchange.range-first-last-address')
        const length = /\bprefix-len (\d{1,2})\b/i.exec(line)?.[1]
        if (length !== undefined) pool.network ??= networkText(start, `/${length}`)
        pool.ranges.push({ source, start, end })
        return undefined
      }
      case 'static-bind': {
        // static-bind ip ADDRESS [mask MASK] mac MAC
        const mac = parseHex((/\bmac ([\da-f.:-]+)/i.exec(line)?.[1] ?? '').replaceAll(/[.:-]/g, ''))
        if (addresses[0] === undefined || mac?.length !== 6) return say('interchange.binding-address-mac-address')
        const test: Condition = { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets: octetsOf(mac) } }
        pool.reservations.push({ source, who: formatHex(mac, ':'), test, address: addresses[0], isIgnored: false, classes: [], statements: [] }) // prettier-ignore
        return undefined
      }
      case 'hardware-address':
      case 'client-identifier': {
        const bytes = parseHex((values[0] ?? '').replaceAll(/[.:-]/g, ''))
        if (!bytes) return say('interchange.identifier-hexadecimal-digits')
        // The hardware type 01 before a MAC address makes the identifier that Windows and Linux send.
        const isMac = bytes.length === 6 || (bytes.length === 7 && bytes[0] === 1)
        block.identifier = {
          who: values[0]!,
          test: isMac ? { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets: octetsOf(bytes.slice(-6)) } } : { is: 'equal', left: { is: 'option', code: 61 }, right: { is: 'octets', octets: octetsOf(bytes) } },
        } // prettier-ignore
        return undefined
      }
      case 'default-router':
        return add({ is: 'option', code: 3, text: addresses.join(', ') })
      case 'dns-server':
        return add({ is: 'option', code: 6, text: addresses.join(', ') })
      case 'domain-name':
        return add({ is: 'option', code: 15, text: values[0] ?? '' })
      case 'netbios-name-server':
        return add({ is: 'option', code: 44, text: addresses.join(', ') })
      case 'bootfile':
        return add({ is: 'boot-file', text: values[0] ?? '' })
      case 'next-server':
        return addresses[0] === undefined ? say('interchange.next-server-address') : add({ is: 'next-server', text: addresses[0] }) // prettier-ignore
      case 'lease': {
        // Aruba: days, hours and minutes in one.
        const parts = /^(\d+):(\d+):(\d+)$/.exec(values[0] ?? '')?.slice(1) ?? values
        if (isAruba && parts === values && values[0] !== 'infinite') return say('interchange.lease-days-hours-minutes')
        const [days = 0, hours = 0, minutes = 0] = parts.map(Number)
        return add({ is: 'lease-seconds', seconds: values[0] === 'infinite' ? 0xffffffff : days * 86_400 + hours * 3600 + minutes * 60 }) // prettier-ignore
      }
      case 'option': {
        const code = Number(values[0])
        const kind = values[1]?.toLowerCase()
        if (!Number.isInteger(code) || code < 1 || code > 254 || !/^(ip|ascii|hex)$/.test(kind ?? '')) return say('interchange.option-code-ip-ascii-hex') // prettier-ignore
        const rest = values.slice(2)
        return add({ is: 'option', code, text: kind === 'ip' ? rest.join(', ') : kind === 'hex' ? rest.join('').replaceAll('.', '') : rest.join(' ') }) // prettier-ignore
      }
      default:
        return /^(import|utilization|update|accounting|client-name|remark|netbios-node-type|vrf|origin|relay|subnet|authoritative|exit|!)/i.test(key) ? undefined : say('interchange.read-4', { key }) // prettier-ignore
    }
  }

  for (const [index, whole] of file.text.split('\n').entries()) {
    const source = { file: file.name, line: index + 1 }
    const line = whole.trim()
    if (block.isFlat === true && /^(!|exit)/i.test(line)) {
      finish()
      block = { kind: 'other', indent: 0, name: '', source, addresses: [], helpers: [] }
    }
    if (line === '' || line.startsWith('!') || line.startsWith(';') || line.startsWith('#')) continue
    const indent = whole.length - whole.trimStart().length
    const begins = (kind: Block['kind'], name: string, pool?: DevicePool): void => {
      finish()
      block = { kind, indent, name, source, addresses: [], helpers: [], ...(pool ? { pool } : {}) }
    }
    const [, port] = /^(?:int(?:erface)? )(?!.* (?:relay|proxy|server|base) profile )(.+)$/i.exec(line) ?? []
    const vlan = indent === 0 ? /^(vlan \d+)$/i.exec(line)?.[1] : undefined
    if (/^dhcp-server vrf /i.test(line)) {
      servers.push((server = { source, indent, isOn: false }))
      begins('other', '')
      continue
    }
    const pool = /^(?:ip dhcp pool|dhcp-server pool) "?([^"]+)"?$/i.exec(line)?.[1] ?? (server ? /^pool (.+)$/i.exec(line)?.[1] : undefined) // prettier-ignore
    if (port !== undefined || vlan !== undefined) {
      server = undefined
      begins('interface', port ?? vlan!)
      continue
    }
    if (pool !== undefined) {
      const made = newPool(source, pool)
      device.pools.push(made)
      begins('pool', pool, made)
      continue
    }
    if (indent <= block.indent && block.kind !== 'other') {
      if (inside[block.kind].test(line) && block.isFlat !== false) block.isFlat = true
      else begins('other', '')
    } else block.isFlat ??= false
    const why = read(line, source)
    if (typeof why === 'string' || isMessage(why))
      device.notUnderstood.push({ ...source, text: line.slice(0, 200), why })
  }
  finish()
  for (const { source, isOn } of servers)
    if (!isOn) device.notUnderstood.push({ ...source, text: 'dhcp-server', why: say('interchange.server-enabled-answers-nobody-until') }) // prettier-ignore
  for (const pool of device.pools) {
    const [first] = pool.ranges
    if (pool.network !== undefined || !first) continue
    pool.network = places.find(({ network }) => isIn(first.start, network))?.network
    if (pool.network === undefined) device.notUnderstood.push({ ...pool.source, text: pool.name, why: say('interchange.network-range-part-known-pool') }) // prettier-ignore
  }
  applyAsa(asa, device, places)
  return deviceConfiguration(isAruba ? 'aruba' : 'cisco', file.name, device)
}
