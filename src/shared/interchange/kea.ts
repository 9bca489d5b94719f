/** The configuration of Kea's DHCPv4 server (Kea ARM 8) as the model, for 2.2 to 3.x. Total: what is not understood is listed. */
import { say, type Phrase } from '#messages/message.ts'
import { bytesOfU32, formatIpv4, parseIpv4, parseIpv4Network, broadcastOf, parseHex, parseMac } from '../wire/bytes.ts'
import { findIncluded } from './included.ts'
import { readJson, type JsonNode } from './json-lines.ts'
import { readKeaExpression } from './kea-expression.ts'
import type { ClientClass, Condition, Configuration, NotUnderstood, Pool, Reservation, Source, SourceFile, Statement, Subnet } from './model.ts' // prettier-ignore
import { optionCode } from './option-codes.ts'

/** Keys that decide no boot: storage, timers, logging, DNS updates, text for people. */
const immaterial =
  /^(comment|user-context|interfaces-config|lease-database|loggers|control-sockets?|dhcp-ddns|ddns-.*|hostname-char-.*|renew-timer|rebind-timer|calculate-tee-times|t[12]-percent|(min|max)-valid-lifetime|expired-leases-processing|sanity-checks|multi-threading|statistic-.*|cache-.*|store-extended-info|decline-probation-period|echo-client-id|dhcp-queue-control|server-tag|reservations?-.*|reservation-mode|id|rapid-commit|early-global-reservations-lookup|ip-reservations-unique|parked-packet-limit|allocator|offer-lifetime|offer-lft|interface|interface-id|4o6-.*|dhcp4o6-port|boot-file-name-hint|compatibility)$/

/** Reads Kea JSON; throws nothing. */
export function readKea(file: SourceFile, others: readonly SourceFile[] = []): Configuration {
  const notUnderstood: NotUnderstood[] = []
  const { root, missing, repeated, included, problem } = readJson(file, (name) => findIncluded(name, others))
  const at = ({ file, line }: Source): Source => ({ file, line })
  const tell = (of: Source, text: string, why: Phrase): void =>
    void notUnderstood.push({ ...at(of), text: text.slice(0, 200), why })
  if (problem) {
    const { text } = [file, ...others].find(({ name }) => name === problem.file)!
    tell(problem, text.split('\n')[problem.line - 1]?.trim() ?? '', say('interchange.file-json', { why: problem.why }))
  }
  for (const one of missing) tell(one, `<?include "${one.name}"?>`, say('interchange.included-file-given-includes-itself')) // prettier-ignore
  for (const one of repeated) tell(one, `"${one.name}"`, say('interchange.stands-twice-one-pair-brackets', { name: one.name })) // prettier-ignore

  const mapOf = (node: JsonNode | undefined): ReadonlyMap<string, JsonNode> =>
    node?.value instanceof Map ? node.value : new Map()
  const listOf = (node: JsonNode | undefined): readonly JsonNode[] => (Array.isArray(node?.value) ? node.value : [])
  const textOf = (node: JsonNode | undefined): string | undefined =>
    typeof node?.value === 'string' ? node.value : typeof node?.value === 'number' ? String(node.value) : undefined
  /** Tells each key that nobody read. */
  const leftOf = (node: JsonNode, read: RegExp): void => {
    for (const [key, one] of mapOf(node))
      if (!read.test(key) && !immaterial.test(key))
        tell(one, `"${key}": ${one.text}`, say('interchange.read-9', { key }))
  }

  const dhcp = mapOf(root).get('Dhcp4')
  for (const [key, one] of mapOf(root))
    if (key !== 'Dhcp4')
      tell(one, `"${key}"`, key === 'Dhcp6' ? say('interchange.dhcpv6-read-pxe-over-ipv4') : say('interchange.part-dhcpv4-server', { key })) // prettier-ignore
  const top = mapOf(dhcp)
  if (!dhcp && !problem) tell({ file: file.name, line: 1 }, '', say('interchange.dhcp4-file'))

  const custom = new Map<string, number>()
  /** Options of the space of option 43, by name and by code. */
  const inner = new Map<string, { readonly code: number; readonly type: string; readonly isArray: boolean }>()
  const innerCode = (name: string): number | undefined => inner.get(name)?.code ?? (/^\d{1,3}$/.test(name) ? Number(name) : undefined) // prettier-ignore
  const innerOctets = (name: string, data: string): string | undefined => {
    const definition = inner.get(name)
    if (!definition) return bytesText(data)
    return definition.isArray ? joined(data.split(',').map((one) => valueOctets(definition.type, one.trim()))) : definition.type === 'record' ? undefined : valueOctets(definition.type, data.trim()) // prettier-ignore
  }
  const defineOptions = (node: JsonNode | undefined): void => {
    for (const one of listOf(node)) {
      const map = mapOf(one)
      leftOf(one, /^(name|code|space|type|array|record-types|encapsulate)$/)
      const [name, code] = [textOf(map.get('name')), Number(textOf(map.get('code')))]
      const space = textOf(map.get('space')) ?? 'dhcp4'
      leftOf(one, /^(name|code|space|type|array|record-types|encapsulate)$/)
      if (name !== undefined && space === 'dhcp4' && code > 0 && code < 255) custom.set(name, code)
      else if (name !== undefined && space === vendorSpace && code > 0 && code < 255) {
        const definition = { code, type: textOf(map.get('type')) ?? '', isArray: map.get('array')?.value === true }
        inner.set(name, definition)
        inner.set(String(code), definition)
      } else tell(one, one.text, say('interchange.options-space-followed-into-option', { space }))
    }
  }
  defineOptions(top.get('option-def'))
  const asides: NotUnderstood[] = []
  for (const [key, why] of [['hosts-database', say('interchange.reservations-database-file')], ['hosts-databases', say('interchange.reservations-database-file')], ['config-control', say('interchange.configuration-backend-adds-file')]] as const) {
    const one = top.get(key)
    if (one) asides.push({ ...at(one), text: `"${key}"`, why })
  } // prettier-ignore

  const conditionOf = (node: JsonNode | undefined): Condition | undefined => {
    const text = textOf(node)
    if (node === undefined || text === undefined) return undefined
    const { condition, why } = readKeaExpression(text, custom)
    if (why !== undefined) tell(node, text, say('interchange.expression-understood-2', { why }))
    return condition
  }
  /** Classes of which the client must be in one. */
  const guardOf = (map: ReadonlyMap<string, JsonNode>): Condition | undefined => {
    const names = [map.get('client-class'), ...listOf(map.get('client-classes'))].flatMap((one) => textOf(one) ?? [])
    const of = names.map((name): Condition => ({ is: 'member', name }))
    return of.length === 0 ? undefined : of.length === 1 ? of[0] : { is: 'any', of }
  }
  const guarded = (test: Condition | undefined): { readonly test?: Condition } => (test ? { test } : {})

  function statementsOf(node: JsonNode | undefined): Statement[] {
    const map = mapOf(node)
    const found: Statement[] = []
    for (const [key, kind] of [['boot-file-name', 'boot-file'], ['next-server', 'next-server'], ['server-hostname', 'server-name']] as const) {
      const one = map.get(key)
      const text = textOf(one)
      if (one && text !== undefined && text !== '' && text !== '0.0.0.0') found.push({ source: at(one), set: { is: kind, text } })
    } // prettier-ignore
    const lifetime = map.get('valid-lifetime')
    if (typeof lifetime?.value === 'number') found.push({ source: at(lifetime), set: { is: 'lease-seconds', seconds: lifetime.value } }) // prettier-ignore
    for (const one of listOf(map.get('option-data'))) {
      const option = mapOf(one)
      const named = textOf(option.get('code')) ?? textOf(option.get('name')) ?? ''
      const code = optionCode(named) ?? custom.get(named)
      const space = textOf(option.get('space')) ?? 'dhcp4'
      leftOf(one, /^(name|code|data|csv-format|always-send|never-send|space|client-classes)$/)
      const isInner = space === vendorSpace
      if (isInner && innerCode(named) !== undefined) {
        const data = textOf(option.get('data')) ?? ''
        const octets = option.get('csv-format')?.value === false ? bytesText(data) : innerOctets(named, data)
        if (octets === undefined) tell(one, one.text, say('interchange.value-does-fit-definition-option'))
        else found.push({ source: at(one), ...guarded(guardOf(option)), set: { is: 'sub-option', space, code: innerCode(named)!, text: data, octets } }) // prettier-ignore
        continue
      }
      if (code === undefined || space !== 'dhcp4') {
        tell(one, one.text, space === 'dhcp4' ? say('interchange.option-known-defined-here-2', { stringify: JSON.stringify(named) }) : say('interchange.options-space-followed-into-option', { space })) // prettier-ignore
        continue
      }
      const data = textOf(option.get('data')) ?? ''
      const text = option.get('csv-format')?.value === false ? bytesText(data) : data.replaceAll('\\,', ',')
      // Option 43 without a value holds the options of its space (ARM 8.2.12).
      if (code === 43 && data === '') found.push({ source: at(one), ...guarded(guardOf(option)), set: { is: 'vendor-space', text: vendorSpace } }) // prettier-ignore
      else found.push({ source: at(one), ...guarded(guardOf(option)), set: { is: 'option', code, text: option.get('never-send')?.value === true ? '' : text } }) // prettier-ignore
    }
    return found
  }
  const settings = 'boot-file-name|next-server|server-hostname|valid-lifetime|option-data'

  const classes = listOf(top.get('client-classes')).map((node): ClientClass => {
    const map = mapOf(node)
    leftOf(node, new RegExp(`^(name|test|template-test|option-def|only-if-required|only-in-additional-list|${settings})$`)) // prettier-ignore
    defineOptions(map.get('option-def'))
    const template = map.get('template-test')
    if (template) tell(template, template.text, say('interchange.spawning-classes-template-test-read'))
    const name = textOf(map.get('name')) ?? ''
    const isOnDemand = ['only-if-required', 'only-in-additional-list'].some((key) => map.get(key)?.value === true)
    return {
      name,
      source: at(node),
      // A class without a test has whom a reservation or another class puts into it.
      test: conditionOf(map.get('test')) ?? (isOnDemand ? { is: 'all', of: [] } : { is: 'any', of: [] }),
      isOnDemand,
      statements: statementsOf(node),
    }
  })

  function reservationOf(node: JsonNode): Reservation | undefined {
    const map = mapOf(node)
    leftOf(node, new RegExp(`^(hw-address|client-id|circuit-id|duid|flex-id|ip-address|hostname|client-class(es)?|${settings})$`)) // prettier-ignore
    const mac = textOf(map.get('hw-address'))
    const identifier = (['client-id', 'circuit-id', 'duid', 'flex-id'] as const).find((key) => map.has(key))
    const text = identifier && (textOf(map.get(identifier)) ?? '')
    let test: Condition | undefined
    if (mac !== undefined && parseMac(mac) !== undefined)
      test = { is: 'equal', left: { is: 'mac' }, right: { is: 'octets', octets: bytesText(mac) } }
    else if (text !== undefined && identifier === 'client-id')
      test = { is: 'equal', left: { is: 'option', code: 61 }, right: { is: 'octets', octets: bytesText(text) } }
    else if (text !== undefined && identifier === 'circuit-id')
      test = { is: 'equal', left: { is: 'relay-option', code: 1 }, right: { is: 'octets', octets: bytesText(text) } }
    if (!test) tell(node, node.text, identifier === undefined
          ? say('interchange.reservation-for-no-client')
          : say('interchange.reservation-identifier-unknown', { identifier })) // prettier-ignore
    const address = textOf(map.get('ip-address'))
    const hostname = textOf(map.get('hostname'))
    return {
      source: at(node),
      test: test ?? { is: 'unknown', text: node.text },
      who: mac ?? text ?? '',
      ...(address === undefined ? {} : { address }),
      ...(hostname === undefined ? {} : { hostname }),
      isIgnored: false,
      classes: listOf(map.get('client-classes')).flatMap((one) => textOf(one) ?? []),
      statements: statementsOf(node),
    }
  }

  function poolOf(node: JsonNode): Pool | undefined {
    const map = mapOf(node)
    const text = textOf(map.get('pool')) ?? ''
    leftOf(node, new RegExp(`^(pool|pool-id|client-class(es)?|${settings})$`)) // prettier-ignore
    const [, start, end] = /^\s*([\d.]+)\s*-\s*([\d.]+)\s*$/.exec(text) ?? []
    const network = parseIpv4Network(text.trim())
    const range =
      start !== undefined && end !== undefined && parseIpv4(start) !== undefined && parseIpv4(end) !== undefined
        ? { start, end }
        : network && { start: formatIpv4(network.address), end: formatIpv4(broadcastOf(network)) }
    if (!range) {
      tell(node, node.text, say('interchange.pool-neither-range-addresses-nor'))
      return undefined
    }
    return { source: at(node), ...range, ...guarded(guardOf(map)), statements: statementsOf(node) }
  }

  /** Addresses under "relay": a list, or one in the form of old versions. */
  const relaysOf = (map: ReadonlyMap<string, JsonNode>): string[] => {
    const relay = mapOf(map.get('relay'))
    return [...listOf(relay.get('ip-addresses')), relay.get('ip-address')].flatMap((one) => textOf(one) ?? [])
  }
  const subnetKeys = new RegExp(`^(subnet|pools|reservations|client-class(es)?|require-client-classes|evaluate-additional-classes|authoritative|relay|${settings})$`) // prettier-ignore
  function subnetOf(node: JsonNode, network?: { readonly name: string; readonly node: JsonNode }): Subnet | undefined {
    const map = mapOf(node)
    leftOf(node, subnetKeys)
    const text = textOf(map.get('subnet')) ?? ''
    if (!parseIpv4Network(text)) {
      tell(node, node.text, say('interchange.subnet', { stringify: JSON.stringify(text) }))
      return undefined
    }
    const additionalClasses = [node, network?.node].flatMap((one) =>
      ['require-client-classes', 'evaluate-additional-classes'].flatMap((key) =>
        listOf(mapOf(one).get(key)).flatMap((name) => textOf(name) ?? []),
      ),
    )
    const relays = [map, mapOf(network?.node)].map(relaysOf).find((one) => one.length > 0)
    const guards = [guardOf(map), network && guardOf(mapOf(network.node))].filter((one) => one !== undefined)
    const named = textOf(map.get('comment')) ?? textOf(mapOf(map.get('user-context')).get('comment')) ?? ''
    return {
      source: at(node),
      network: text,
      name: named,
      ...(network ? { sharedNetwork: network.name } : {}),
      ...(guards.length === 0 ? {} : { test: { is: 'all', of: guards } }),
      ...(relays ? { relays } : {}),
      classes: [],
      additionalClasses,
      pools: listOf(map.get('pools')).flatMap((one) => poolOf(one) ?? []),
      reservations: listOf(map.get('reservations')).flatMap((one) => reservationOf(one) ?? []),
      statements: statementsOf(node),
      networkStatements: network ? statementsOf(network.node) : [],
      isProxy: false,
    }
  }
  const networks = listOf(top.get('shared-networks'))
  for (const one of networks) leftOf(one, new RegExp(`^(name|subnet4|client-class(es)?|require-client-classes|evaluate-additional-classes|authoritative|relay|${settings})$`)) // prettier-ignore
  const subnets = [
    ...listOf(top.get('subnet4')).flatMap((one) => subnetOf(one) ?? []),
    ...networks.flatMap((node) => {
      const name = textOf(mapOf(node).get('name')) ?? ''
      return listOf(mapOf(node).get('subnet4')).flatMap((one) => subnetOf(one, { name, node }) ?? [])
    }),
  ]
  for (const one of listOf(top.get('hooks-libraries'))) {
    const library = textOf(mapOf(one).get('library')) ?? ''
    // These change who stores leases and who is told, and no reply.
    if (
      !/libdhcp_(ha|lease_cmds|stat_cmds|mysql(_cb)?|pgsql(_cb)?|run_script|host_cmds|subnet_cmds|class_cmds|legal_log|cb_cmds)\.so$/.test(
        library,
      )
    )
      tell(one, library, say('interchange.hook-library-does-replies-read'))
  }
  if (dhcp) leftOf(dhcp, new RegExp(`^(option-def|client-classes|subnet4|shared-networks|hooks-libraries|reservations|authoritative|hosts-databases?|config-control|${settings})$`)) // prettier-ignore
  const drops = classes.filter((one) => one.name === 'DROP')
  return {
    engine: 'kea',
    files: [...new Set([file.name, ...included])],
    authoritative: top.get('authoritative')?.value === true,
    ...(top.get('ip-reservations-unique')?.value === false ? { sharesAddresses: true } : {}),
    statements: statementsOf(dhcp),
    classes,
    subnets,
    reservations: listOf(top.get('reservations')).flatMap((one) => reservationOf(one) ?? []),
    ignored: drops.map(({ source, test }) => ({ source, test })),
    pxeServices: [],
    notUnderstood,
    asides,
    absent: missing.map(({ name }) => ({ name, isFolder: false })),
  }
}

/** The space whose options option 43 holds (ARM 8.2.12). */
const vendorSpace = 'vendor-encapsulated-options-space'

const joined = (parts: readonly (string | undefined)[]): string | undefined => (parts.includes(undefined) ? undefined : parts.join('')) // prettier-ignore

/** A value by its type in an option definition (ARM 8.2.10); undefined where it does not fit. */
function valueOctets(type: string, text: string): string | undefined {
  const width = ({ uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4 } as const)[type]
  if (width !== undefined) return /^-?\d{1,10}$|^0x[0-9a-f]{1,8}$/i.test(text) ? String.fromCharCode(...bytesOfU32(Number(text) >>> 0).subarray(4 - width)) : undefined // prettier-ignore
  if (type === 'ipv4-address') {
    const address = parseIpv4(text)
    return address === undefined ? undefined : String.fromCharCode(...bytesOfU32(address))
  }
  if (type === 'boolean') return /^(true|false)$/.test(text) ? (text === 'true' ? '\u0001' : '\0') : undefined
  if (type === 'binary') return bytesText(text)
  return type === 'empty' ? '' : type === 'string' ? text : undefined
}

/** Octets of text in hexadecimal digits, with 0x, colons or spaces; of other text its characters. */
function bytesText(text: string): string {
  const quoted = /^'(.*)'$/s.exec(text)
  if (quoted) return quoted[1]!
  const bytes = parseHex(text.replace(/^0x/i, '').replaceAll(/[\s:-]/g, ''))
  return bytes ? Array.from(bytes, (one) => String.fromCharCode(one)).join('') : text
}
