/**
 * DHCP of a Cisco ASA: `dhcpd` and `dhcprelay`, which name interfaces by their `nameif` and stand beside them (ASA command reference, dhcpd,
 * dhcprelay).
 */
import { say, type Phrase } from '#messages/message.ts'
import { parseHex, parseIpv4 } from '../wire/bytes.ts'
import { newPool, type Device } from './device.ts'
import type { Setting, Source } from './model.ts'

interface Asa {
  /** By the interface, or for all of them. */
  readonly settings: { readonly source: Source; readonly set: Setting; readonly of: string | undefined }[]
  readonly ranges: { readonly source: Source; readonly start: string; readonly end: string; readonly of: string }[]
  readonly reserved: {
    readonly source: Source
    readonly address: string
    readonly mac: Uint8Array
    readonly of: string
  }[]
  readonly serves: Map<string, Source>
  readonly relays: Map<string, Source>
  readonly servers: { readonly source: Source; readonly text: string }[]
  /** Servers of one interface. */
  readonly relayed: { readonly source: Source; readonly text: string; readonly for: () => string }[]
}

export const newAsa = (): Asa => ({ settings: [], ranges: [], reserved: [], serves: new Map(), relays: new Map(), servers: [], relayed: [] }) // prettier-ignore

/** Why a line is not understood. */
export function readAsaServer(asa: Asa, words: readonly string[], source: Source): Phrase | undefined {
  const at = words.findIndex((one) => one.toLowerCase() === 'interface')
  const of = at < 0 ? undefined : words[at + 1]?.toLowerCase()
  const [, key = '', ...values] = at < 0 ? words : words.slice(0, at)
  const add = (set: Setting): undefined => void asa.settings.push({ source, set, of })
  const addresses = values.filter((one) => parseIpv4(one) !== undefined).join(', ')
  switch (key.toLowerCase()) {
    case 'address': {
      const [start = '', end = start] = values[0]?.split('-') ?? []
      if (parseIpv4(start) === undefined || parseIpv4(end) === undefined || values[1] === undefined) return say('interchange.range-first-last-address-interface') // prettier-ignore
      asa.ranges.push({ source, start, end, of: values[1].toLowerCase() })
      return undefined
    }
    case 'reserve-address': {
      const mac = parseHex((values[1] ?? '').replaceAll(/[.:-]/g, ''))
      if (parseIpv4(values[0] ?? '') === undefined || mac?.length !== 6 || values[2] === undefined) return say('interchange.reservation-address-mac-address-interface') // prettier-ignore
      asa.reserved.push({ source, address: values[0]!, mac, of: values[2].toLowerCase() })
      return undefined
    }
    case 'enable':
      return values[0] === undefined
        ? say('interchange.interface-missing')
        : void asa.serves.set(values[0].toLowerCase(), source)
    case 'dns':
      return add({ is: 'option', code: 6, text: addresses })
    case 'wins':
      return add({ is: 'option', code: 44, text: addresses })
    case 'domain':
      return add({ is: 'option', code: 15, text: values[0] ?? '' })
    case 'lease':
      return /^\d{1,9}$/.test(values[0] ?? '') ? add({ is: 'lease-seconds', seconds: Number(values[0]) }) : say('interchange.lease-number-seconds') // prettier-ignore
    case 'option': {
      const [code, kind = '', ...data] = values
      if (!/^\d{1,3}$/.test(code ?? '') || !/^(ip|ascii|hex)$/i.test(kind) || data.length === 0) return say('interchange.option-code-ip-ascii-hex') // prettier-ignore
      return add({ is: 'option', code: Number(code), text: kind.toLowerCase() === 'ip' ? data.join(', ') : data.join(' ') }) // prettier-ignore
    }
    case 'ping_timeout':
    case 'update':
      return undefined
    case 'auto_config':
      return say('interchange.asa-learns-client-another-network')
    default:
      return say('interchange.dhcpd-read', { key })
  }
}

/** Why a line is not understood. */
export function readAsaRelay(asa: Asa, words: readonly string[], source: Source): Phrase | undefined {
  const [, key = '', value = ''] = words
  switch (key.toLowerCase()) {
    case 'server':
      return parseIpv4(value) === undefined
        ? say('interchange.server-address')
        : void asa.servers.push({ source, text: value })
    case 'enable':
      return void asa.relays.set(value.toLowerCase(), source)
    case 'timeout':
      return undefined
    case 'setroute':
      return say('interchange.router-relay-puts-into-reply')
    case 'information':
      return undefined
    default:
      return say('interchange.dhcprelay-read', { key })
  }
}

/** The lease that is given where none is said. */
const usualLease = 3600

export function applyAsa(
  asa: Asa,
  device: Device,
  places: readonly {
    readonly name: string
    readonly nameif: string | undefined
    readonly network: string
    readonly address: string
  }[],
): void {
  const placeOf = (nameif: string) => places.find((one) => one.nameif?.toLowerCase() === nameif)
  for (const of of new Set([...asa.ranges, ...asa.reserved].map((one) => one.of))) {
    const ranges = asa.ranges.filter((one) => one.of === of)
    const place = placeOf(of)
    const source = ranges[0]?.source ?? asa.reserved.find((one) => one.of === of)!.source
    const list = (why: Phrase): void => void device.notUnderstood.push({ ...source, text: `dhcpd address ${of}`, why })
    if (!asa.serves.has(of)) {
      list(say('interchange.nobody-answered-dhcpd-enable-missing', { of }))
      continue
    }
    if (!place) {
      list(say('interchange.network-range-part-known-interface', { of }))
      continue
    }
    const pool = newPool(source, of)
    pool.network = place.network
    pool.ranges.push(...ranges)
    pool.statements.push({ source, set: { is: 'lease-seconds', seconds: usualLease } })
    // Its own address is the router, unless option 3 is set.
    pool.statements.push({ source, set: { is: 'option', code: 3, text: place.address } })
    for (const one of [undefined, of]) pool.statements.push(...asa.settings.filter((each) => each.of === one))
    for (const { source: at, address, mac } of asa.reserved.filter((one) => one.of === of))
      pool.reservations.push({ source: at, who: Array.from(mac, (one) => one.toString(16).padStart(2, '0')).join(':'), test: { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets: String.fromCharCode(...mac) } }, address, isIgnored: false, classes: [], statements: [] }) // prettier-ignore
    device.pools.push(pool)
  }
  const own = new Set(asa.relayed.map((one) => one.for().toLowerCase()))
  for (const nameif of new Set([...asa.relays.keys(), ...own])) {
    const named = asa.relayed.filter((one) => one.for().toLowerCase() === nameif)
    const helpers = (named.length > 0 ? named : asa.servers).map(({ source, text }) => ({ source, text }))
    const place = placeOf(nameif)
    const source = asa.relays.get(nameif) ?? named[0]!.source
    const list = (why: Phrase): void => void device.notUnderstood.push({ ...source, text: `dhcprelay enable ${nameif}`, why }) // prettier-ignore
    if (!asa.relays.has(nameif)) list(say('interchange.nothing-relayed-dhcprelay-enable-missing', { nameif }))
    else if (helpers.length === 0) list(say('interchange.interface-relays-server-said'))
    else {
      device.relays.push({ source, interface: nameif, helpers, ...(place ? { network: place.network, address: place.address } : {}) }) // prettier-ignore
      if (!place) list(say('interchange.network-known-interface-here-called', { nameif }))
    }
  }
}
