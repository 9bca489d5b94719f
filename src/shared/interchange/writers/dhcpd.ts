/**
 * A plan as a configuration of ISC dhcpd 4.4: conditions as expressions (dhcp-eval(5)), programs as one chain of `if` and
 * `elsif` outside of every subnet, whose options then stand over it, as in the lab.
 */
import { inEnglish } from '#messages/text.ts'
import { say } from '#messages/message.ts'
import { bytesOfU32, encodeText, formatHex, formatIpv4, isInNetwork, maskOf, parseIpv4 } from '../../wire/bytes.ts'
import { optionCodes, optionName } from '../../wire/dhcp/options.ts'
import { all, any, canHold, not, replaceAtoms, type Atom, type Condition } from './condition.ts'
import { commentText, Notes, without, type Exported, type PlanOption, type ServicePlan } from './plan.ts'
import { madeByServer, optionText, readable } from './values.ts'

/** Options that dhcpd defines with a format that its configuration takes as text (dhcp-options(5)). */
const known: ReadonlyMap<number, string> = new Map([
  [2, 'time-offset'], [3, 'routers'], [4, 'time-servers'], [6, 'domain-name-servers'], [7, 'log-servers'], [12, 'host-name'],
  [15, 'domain-name'], [17, 'root-path'], [26, 'interface-mtu'], [28, 'broadcast-address'], [42, 'ntp-servers'],
  [43, 'vendor-encapsulated-options'], [60, 'vendor-class-identifier'], [66, 'tftp-server-name'], [67, 'bootfile-name'],
]) // prettier-ignore
/** Options of dhcpd whose bytes cannot be written as such under its own name. */
const typed: ReadonlySet<number> = new Set([2, 3, 4, 6, 7, 26, 28, 42])

const colons = (bytes: Uint8Array): string => formatHex(bytes, ':')
/** Text in quotes, other octets in octal after a backslash; without a text its bytes. */
const data = (bytes: Uint8Array, text?: string): string => (text === undefined ? colons(bytes) : `"${quoted(bytes)}"`)
const quoted = (bytes: Uint8Array): string =>
  [...bytes].map((one) => (one < 32 || one > 126 || one === 34 || one === 92 ? `\\${one.toString(8).padStart(3, '0')}` : String.fromCharCode(one))).join('') // prettier-ignore

/** Octets of the message: giaddr begins at 24 (RFC 2131 section 2). */
function inNetwork(address: number, prefixLength: number): string {
  const bytes = bytesOfU32((address & maskOf(prefixLength)) >>> 0)
  const whole = Math.floor(prefixLength / 8)
  const rest = prefixLength % 8
  const head = whole === 0 ? [] : [`(packet(24,${whole}) = ${colons(bytes.subarray(0, whole))})`]
  const values = rest === 0 ? [] : Array.from({ length: 1 << (8 - rest) }, (_, more) => `(packet(${24 + whole},1) = ${formatHex(Uint8Array.of(bytes[whole]! + more))})`) // prettier-ignore
  const tail = values.length === 0 ? [] : [`(${values.join(' or ')})`]
  return [...head, ...tail].join(' and ') || 'packet(24,4) = packet(24,4)'
}

/** So many comparisons are in the largest condition that is written. */
const mostComparisons = 20_000

export function writeDhcpd(plan: ServicePlan): Exported {
  const notes = new Notes(plan)
  notes.add('differs', '', say('interchange.isc-dhcpd-sends-neither-machine')) // prettier-ignore
  if (plan.isProxy) notes.add('keep-beside', 'mode', say('interchange.isc-dhcpd-proxydhcp-keep-pxe')) // prettier-ignore
  for (const { key } of plan.delays) notes.add('left-out', key, say('interchange.isc-dhcpd-cannot-hold-offer')) // prettier-ignore

  const definitions = new Map<number, string>()
  const settable = (options: readonly PlanOption[]): PlanOption[] =>
    options.filter(({ code, key }) => {
      if (madeByServer.has(code)) notes.add('left-out', key, say('interchange.isc-dhcpd-makes-option-itself', { code })) // prettier-ignore
      return !madeByServer.has(code)
    })
  /** A statement that sets the option. */
  function setting(option: PlanOption): string {
    const value = readable(option)
    const own = known.get(option.code)
    const asText = value.is === 'addresses' || value.is === 'numbers' ? value.values.join(', ') : undefined
    if (own !== undefined && typed.has(option.code) && asText !== undefined) return `option ${own} ${asText};`
    const bytes = value.is === 'text' ? encodeText(value.value) : option.data
    if (own !== undefined && !typed.has(option.code)) return `option ${own} ${data(bytes, value.is === 'text' ? value.value : undefined)};` // prettier-ignore
    definitions.set(option.code, `option lab-${option.code} code ${option.code} = string; # ${optionName(option.code)}`)
    return `option lab-${option.code} ${data(option.data)};`
  }

  const always = '(exists dhcp-message-type or not exists dhcp-message-type)'
  const never = '(exists dhcp-message-type and not exists dhcp-message-type)'
  /** The network of a client: its relay's, or where it has none one of ours. */
  function isIn(index: number): string {
    const { address, prefixLength } = plan.subnets[index]!.network
    const isOwn = isInNetwork(plan.self, plan.subnets[index]!.network)
    return `(${inNetwork(address, prefixLength)})${isOwn ? ' or (packet(24,4) = 00:00:00:00)' : ''}`
  }
  function atomText(atom: Atom): string {
    switch (atom.is) {
      case 'architecture':
        return atom.codes.map((code) => `(substring(option lab-architecture, 0, 2) = ${colons(Uint8Array.of(code >> 8, code & 255))})`).join(' or ') // prettier-ignore
      case 'vendor-class':
        return `substring(option vendor-class-identifier, 0, ${encodeText(atom.begins).length}) = ${data(encodeText(atom.begins), atom.begins)}` // prettier-ignore
      case 'user-class': {
        const bytes = encodeText(atom.text)
        const counted = Uint8Array.of(bytes.length, ...bytes)
        return `(option lab-user-class = ${data(bytes, atom.text)}) or (substring(option lab-user-class, 0, ${counted.length}) = ${colons(counted)})` // prettier-ignore
      }
      case 'option':
        definitions.set(atom.code, `option lab-${atom.code} code ${atom.code} = string; # ${optionName(atom.code)}`)
        return `exists lab-${atom.code}`
      case 'mac':
        return `substring(hardware, 1, ${atom.prefix.length}) = ${colons(atom.prefix)}`
      case 'machine-identifier':
        return `substring(option lab-machine-identifier, 0, ${atom.begins.length}) = ${colons(atom.begins)}`
      case 'relay':
        return inNetwork(atom.address, atom.prefixLength)
      case 'circuit-id':
        return `option agent.circuit-id = ${colons(atom.data)}`
      case 'remote-id':
        return `option agent.remote-id = ${colons(atom.data)}`
      case 'subnet':
        return atom.subnets.length === 0 ? never : atom.subnets.map((index) => `(${isIn(index)})`).join(' or ')
      case 'program':
        throw new Error('the chain of programs knows which one it is at')
      case 'named':
        return expression(atom.of)
    }
  }
  /** dhcpd takes a negated `and` of something it cannot evaluate for false: only what has no parts is negated. */
  function expression(condition: Condition, isNegated = false): string {
    if (condition.is === 'not') return expression(condition.of, !isNegated)
    if (condition.is === 'named') return expression(condition.of, isNegated)
    if (condition.is !== 'all' && condition.is !== 'any')
      return isNegated ? `not (${atomText(condition)})` : atomText(condition)
    const isAnd = (condition.is === 'all') !== isNegated
    if (condition.of.length === 0) return isAnd ? always : never
    return condition.of.map((one) => `(${expression(one, isNegated)})`).join(isAnd ? ' and ' : ' or ')
  }

  /** dhcpd has no names for conditions: those that are built of others again and again grow beyond what it reads. */
  const isTooLarge = (condition: Condition, key: string): boolean => {
    const sizes = new Map<Condition, number>()
    const size = (one: Condition): number => {
      const known = sizes.get(one)
      if (known !== undefined) return known
      const found = one.is === 'not' || one.is === 'named' ? size(one.of) : one.is === 'all' || one.is === 'any' ? one.of.reduce((sum, part) => sum + size(part), 0) : 1 // prettier-ignore
      sizes.set(one, found)
      return found
    }
    if (size(condition) <= mostComparisons) return false
    notes.add('left-out', key, say('interchange.isc-dhcpd-names-conditions-one')) // prettier-ignore
    return true
  }

  const block = (head: string, body: readonly string[], comment?: string): string[] =>
    body.length === 0 ? [] : [...(comment === undefined ? [] : [`# ${commentText(comment)}`]), `${head} {`, ...body.map((one) => `  ${one}`), '}'] // prettier-ignore
  const booting = (program: number | undefined): string[] => {
    const isNamed = program !== undefined && plan.programs[program]!.file !== undefined
    const lines: string[] = []
    let word = 'if'
    for (const { test, options, server } of plan.forms) {
      const here = replaceAtoms(test, (atom) => (atom.is === 'program' ? (program !== undefined && atom.programs.includes(program) ? all() : any()) : atom)) // prettier-ignore
      if (!canHold(here)) continue
      const codes = options.map(({ code }) => formatHex(Uint8Array.of(code))).join(':')
      lines.push(...block(`${word} (${expression(here)})`, [
        ...(server === undefined || isNamed ? [] : [`next-server ${formatIpv4(server)};`]),
        ...options.map(setting),
        // Sent whether the client asks for it or not.
        `option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, ${codes});`,
      ])) // prettier-ignore
      word = 'elsif'
    }
    return lines
  }
  const globals = settable(plan.options)
  const header = (options: readonly PlanOption[]): string[] => {
    const server = options.find(({ code }) => code === optionCodes.tftpServerName)
    const file = options.find(({ code }) => code === optionCodes.bootFileName)
    const address = server && parseIpv4(optionText(server))
    return [
      ...(server ? [`next-server ${formatIpv4(address ?? plan.nextServer)};`] : []),
      ...(file && file.data.length < 128 ? [`filename "${quoted(encodeText(optionText(file)))}";`] : []),
    ]
  }
  const chain: string[] = []
  let word = 'if'
  for (const [index, { test, key, file, server, rootPath, why }] of plan.programs.entries()) {
    if (isTooLarge(test, key)) continue
    const bytes = encodeText(file ?? '')
    const forced = [
      ...(rootPath === undefined ? [] : [optionCodes.rootPath]),
      ...(bytes.length > 127 ? [optionCodes.bootFileName] : []),
    ]
    const body =
      file === undefined
        ? // A menu needs no file.
          [...header(globals), ...booting(index)]
        : [
            `next-server ${formatIpv4(server)};`,
            ...(bytes.length > 127 ? [] : [`filename "${quoted(bytes)}";`]),
            `option tftp-server-name "${formatIpv4(server)}";`,
            `option bootfile-name ${data(bytes, file)};`,
            ...(rootPath === undefined ? [] : [`option root-path ${data(encodeText(rootPath), rootPath)};`]),
            ...(forced.length === 0 ? [] : [`option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, ${colons(Uint8Array.from(forced))});`]),
            ...booting(index),
          ] // prettier-ignore
    chain.push(
      ...block(
        `${word} (${expression(test)})`,
        body.length === 0 ? ['# nothing'] : body,
        `${key}${why === '' ? '' : `: ${inEnglish(why)}`}`,
      ),
    )
    word = 'elsif'
  }
  const others = [...header(globals), ...booting(undefined)]
  chain.push(...(word === 'if' ? others : block('else', others)))

  const hasBoot = chain.length > 0
  const inner = (options: readonly PlanOption[], key: string): string[] => {
    const fields = header(options)
    if (fields.length === 0 || !hasBoot) return [...fields, ...options.map(setting)]
    notes.add('differs', key, say('interchange.options-66-67-level-sent')) // prettier-ignore
    return options.map(setting)
  }
  const classes = plan.levels.flatMap(({ name, key, test, options }) => {
    const own = settable(options)
    return own.length === 0 || isTooLarge(test, key)
      ? []
      : block(`class "${name}"`, [`match if (${expression(test)});`, ...inner(own, key)], key)
  })
  const filter = any(any(...plan.denied.map((prefix): Condition => ({ is: 'mac', prefix }))), plan.allowed.length === 0 ? any() : not(any(...plan.allowed.map((prefix): Condition => ({ is: 'mac', prefix }))))) // prettier-ignore
  const refuses = canHold(filter)
  if (refuses) notes.add('differs', 'clients', say('interchange.isc-dhcpd-refuses-pools-clients')) // prettier-ignore

  const hosts: string[] = []
  const subnets = plan.subnets.flatMap((subnet, index) => {
    const { network, leaseSeconds } = subnet
    const ranges = without(subnet.pools, [network.address, ...subnet.reservations.map(({ address }) => address)])
    for (const [at, one] of subnet.reservations.entries()) {
      if (one.mac === undefined && one.clientId === undefined) {
        notes.add('left-out', one.key, say('interchange.isc-dhcpd-reserves-addresses-hardware', { formatIpv4: formatIpv4(one.address), uuid: one.uuid })) // prettier-ignore
        continue
      }
      if (one.mac === undefined && plan.identity === 'mac') notes.add('differs', one.key, say('interchange.exported-file-leaves-out-ignore')) // prettier-ignore
      const options = settable(one.options)
      if (one.hostname !== undefined && !options.some(({ code }) => code === optionCodes.hostName)) options.unshift({ code: optionCodes.hostName, data: encodeText(one.hostname), key: one.key }) // prettier-ignore
      hosts.push(...block(`host reserved-${index + 1}-${at + 1}`, [
        one.mac === undefined ? `option dhcp-client-identifier ${colons(one.clientId!)};` : `hardware ethernet ${one.mac};`,
        `fixed-address ${formatIpv4(one.address)};`,
        ...inner(options, one.key),
      ], one.key)) // prettier-ignore
    }
    const pool = [
      ...(refuses ? ['deny members of "refused";'] : []),
      ...ranges.map(({ start, end }) => `range ${formatIpv4(start)}${end === start ? '' : ` ${formatIpv4(end)}`};`),
    ]
    return block(
      `subnet ${formatIpv4(network.address)} netmask ${formatIpv4(maskOf(network.prefixLength))}`,
      [
        `default-lease-time ${leaseSeconds};`,
        `max-lease-time ${leaseSeconds};`,
        ...inner(settable(subnet.options), subnet.key),
        ...(ranges.length === 0 ? [] : block('pool', pool)),
      ],
      subnet.key,
    )
  })
  const hasClientIds = plan.subnets.some(({ reservations }) => reservations.some(({ mac, clientId }) => mac === undefined && clientId !== undefined)) // prettier-ignore
  if (plan.subnets.every(({ network }) => !isInNetwork(plan.self, network))) notes.add('to-set', 'dhcp.subnets', say('interchange.isc-dhcpd-starts-subnet-own')) // prettier-ignore
  const everyReply = plan.vendorClass === undefined ? [] : [
    `option vendor-class-identifier ${data(encodeText(plan.vendorClass), plan.vendorClass)};`,
    'option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, 3c);',
  ] // prettier-ignore
  const body = [
    ...everyReply,
    '',
    '# boot.programs: the first that holds',
    ...chain,
    '',
    // After the chain: what the lab says stands over what a boot would.
    ...globals.map(setting),
    '',
    ...classes,
    ...(refuses ? block('class "refused"', [`match if (${expression(filter)});`], 'clients.allow, clients.deny') : []),
    '',
    ...subnets,
    '',
    ...hosts,
  ]
  const lines = [
    '# ISC dhcpd 4.4, written by PXE Lab. Check it with: dhcpd -t -cf dhcpd.conf',
    plan.authoritative ? 'authoritative;' : 'not authoritative;',
    ...(plan.identity === 'mac' && !hasClientIds ? ['ignore-client-uids true;'] : []),
    `default-lease-time ${plan.leaseSeconds};`,
    `max-lease-time ${plan.leaseSeconds};`,
    'min-lease-time 60;',
    'option lab-architecture code 93 = string;',
    'option lab-machine-identifier code 97 = string;',
    'option lab-user-class code 77 = string;',
    ...definitions.values(),
    ...(plan.nextServer === 0 ? [] : [`next-server ${formatIpv4(plan.nextServer)};`]),
    ...body,
  ]
  return { files: [{ name: 'dhcpd.conf', text: `${lines.join('\n')}\n` }], notes: notes.list }
}
