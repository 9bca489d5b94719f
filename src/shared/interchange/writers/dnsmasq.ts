/**
 * A plan as a configuration of dnsmasq. Conditions are tags: each atom sets one, `tag-if` lines combine them in the order of
 * the file, and a tag that must not be set is written with `!` (dnsmasq(8), --tag-if, --dhcp-match).
 */
import { inEnglish } from '#messages/text.ts'
import { say } from '#messages/message.ts'
import { encodeText, formatHex, formatIpv4, isInNetwork, maskOf, parseIpv4 } from '../../wire/bytes.ts'
import { optionCodes, optionName } from '../../wire/dhcp/options.ts'
import { all, alternatives, not, type Atom, type Condition } from './condition.ts'
import { commentText, Notes, type Exported, type PlanOption, type ServicePlan } from './plan.ts'
import { isHostName, madeByServer, optionText, readable } from './values.ts'

export interface DnsmasqExportOptions {
  /** A folder that dnsmasq itself serves over TFTP. */
  readonly tftpRoot?: string
}

/** In quotes a comma, a hash and a backslash stand for themselves as the file's reader wants them. */
function quoted(text: string): string {
  if (/^[\w./:@%+=~-]+$/.test(text)) return text
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

const colons = (bytes: Uint8Array): string => formatHex(bytes, ':')

/** The value of dhcp-option: dnsmasq guesses what text means, so that only what cannot be a number or an address is text. */
function optionValue(option: PlanOption): string {
  const value = readable(option)
  if (value.is === 'addresses') return value.values.join(',')
  if (value.is === 'text' && /[g-z/]/i.test(value.value) && /^[\w./@%+=~-]+$/.test(value.value)) return value.value
  return option.data.length === 1 ? String(option.data[0]) : colons(option.data)
}

/** What is in the comment of a line: the name of an option. */
const named = (code: number): string => `option ${code} (${optionName(code)})`

interface BootLevel {
  readonly tag: string
  readonly key: string
  readonly options: readonly PlanOption[]
}

export function writeDnsmasq(plan: ServicePlan, { tftpRoot }: DnsmasqExportOptions = {}): Exported {
  const notes = new Notes(plan)
  notes.add('differs', '', say('interchange.dnsmasq-adds-broadcast-address-option')) // prettier-ignore
  notes.add('differs', '', say('interchange.dnsmasq-sends-neither-machine-identifier')) // prettier-ignore
  const lines: string[] = []
  const atoms: string[] = []
  const combined: string[] = []
  const tags = new Map<string, string>()
  const section = (title: string, body: readonly string[]): void => {
    if (body.length > 0) lines.push('', `# ${commentText(title)}`, ...body)
  }

  const settable = (options: readonly PlanOption[]): PlanOption[] =>
    options.filter(({ code, key }) => {
      if (madeByServer.has(code))
        notes.add('left-out', key, say('interchange.dnsmasq-makes-option-itself-takes', { code }))
      return !madeByServer.has(code)
    })
  const isBoot = ({ code }: PlanOption): boolean =>
    code === optionCodes.bootFileName || code === optionCodes.tftpServerName

  /** The tag of an atom, made by one line or several; undefined where dnsmasq cannot tell. */
  function tagOf(atom: Atom): string {
    const key = atom.is === 'named' ? `named ${atom.name}` : JSON.stringify(atom, (_, value: unknown) => (value instanceof Uint8Array ? formatHex(value) : value)) // prettier-ignore
    const known = tags.get(key)
    if (known !== undefined) return known
    const name = nameOf(atom, tags.size)
    tags.set(key, name)
    switch (atom.is) {
      case 'architecture':
        for (const code of atom.codes) atoms.push(`dhcp-match=set:${name},option:client-arch,${code}`)
        break
      case 'vendor-class': {
        // Bytes match the beginning, text would match anywhere.
        const bytes = encodeText(atom.begins)
        atoms.push(bytes.length > 1 ? `dhcp-match=set:${name},60,${colons(bytes)}` : `dhcp-vendorclass=set:${name},${quoted(atom.begins)}`) // prettier-ignore
        break
      }
      case 'user-class':
        atoms.push(`dhcp-userclass=set:${name},${quoted(atom.text)}`)
        break
      case 'option':
        atoms.push(`dhcp-match=set:${name},${atom.code}`)
        break
      case 'mac':
        atoms.push(`dhcp-mac=set:${name},${macPattern(atom.prefix)}`)
        break
      case 'machine-identifier':
        atoms.push(`dhcp-match=set:${name},97,${colons(atom.begins)}`)
        break
      case 'circuit-id':
      case 'remote-id':
        atoms.push(`dhcp-${atom.is === 'circuit-id' ? 'circuitid' : 'remoteid'}=set:${name},${colons(atom.data)}`)
        break
      case 'relay':
      case 'subnet':
      case 'program': {
        for (const one of atom.is === 'program'
          ? atom.programs.map((index) => plan.programs[index]!.name)
          : subnetsOf(atom).map((index) => `net-${index + 1}`))
          // prettier-ignore
          combined.push(`tag-if=set:${name},tag:${one}`)
        break
      }
      case 'named':
        combine(name, atom.of)
        break
    }
    return name
  }

  /** dnsmasq knows a relay by the subnet it is in. */
  function subnetsOf(atom: Extract<Atom, { readonly is: 'relay' | 'subnet' }>): readonly number[] {
    if (atom.is === 'subnet') return atom.subnets
    notes.add('differs', 'boot.programs', say('interchange.dnsmasq-cannot-tell-relays-apart', { formatIpv4: formatIpv4(atom.address), prefixLength: atom.prefixLength })) // prettier-ignore
    return plan.subnets.flatMap(({ network }, index) =>
      isInNetwork(atom.address, network) ||
      (network.prefixLength >= atom.prefixLength && isInNetwork(network.address, atom))
        ? [index]
        : [],
    )
  }

  /** Sets the tag where the condition holds; the lines come after those of the tags in it. */
  function combine(tag: string, condition: Condition, comment?: string): void {
    const found = alternatives(condition).map((literals) => literals.map(({ atom, isNegated }) => `tag:${isNegated ? '!' : ''}${tagOf(atom)}`)) // prettier-ignore
    if (comment !== undefined) combined.push(`# ${commentText(comment)}`)
    for (const one of found) combined.push(`tag-if=set:${tag}${one.map((text) => `,${text}`).join('')}`)
  }

  const boots = plan.programs.filter(({ file }) => file !== undefined)
  const levels = plan.levels.map((level) => ({ ...level, options: settable(level.options) }))
  for (const { name, test, key } of levels) combine(name, test, key)
  for (const [index, { name, test, key, why }] of plan.programs.entries()) {
    const earlier = plan.programs.slice(0, index).map(({ name: one }) => one)
    const found = alternatives(test).map((literals) => literals.map(({ atom, isNegated }) => `tag:${isNegated ? '!' : ''}${tagOf(atom)}`)) // prettier-ignore
    combined.push(`# ${commentText(`${key}${why === '' ? '' : `: ${inEnglish(why)}`}`)}`)
    for (const one of found) combined.push(`tag-if=set:${name}${[...one, ...earlier.map((tag) => `tag:!${tag}`)].map((text) => `,${text}`).join('')}`) // prettier-ignore
  }
  const before: Condition[] = []
  for (const { name, test } of plan.forms) {
    combine(name, all(test, ...before.map(not)))
    before.push(test)
  }

  // Addresses.
  const ranges: string[] = []
  const hosts: string[] = []
  const reservedLevels: (BootLevel & { readonly subnet: number })[] = []
  for (const [index, { key, network, pools, leaseSeconds, reservations }] of plan.subnets.entries()) {
    const mask = formatIpv4(maskOf(network.prefixLength))
    if (leaseSeconds < 120) notes.add('differs', key, say('interchange.dnsmasq-gives-leases-two-minutes'))
    ranges.push(`# ${commentText(key)}`)
    const lease = leaseSeconds >= 0xffffffff ? 'infinite' : String(leaseSeconds)
    for (const { start, end } of pools) ranges.push(`dhcp-range=set:net-${index + 1},${formatIpv4(start)},${formatIpv4(end)},${mask},${lease}`) // prettier-ignore
    if (pools.length === 0)
      ranges.push(`dhcp-range=set:net-${index + 1},${formatIpv4(network.address)},static,${mask},${lease}`)
    for (const [at, one] of reservations.entries()) {
      const id = one.mac ?? (one.clientId && `id:${colons(one.clientId)}`)
      if (id === undefined) {
        notes.add('left-out', one.key, say('interchange.dnsmasq-reserves-addresses-hardware-address', { formatIpv4: formatIpv4(one.address), uuid: one.uuid })) // prettier-ignore
        continue
      }
      if (one.mac === undefined && plan.identity === 'mac') notes.add('differs', one.key, say('interchange.dnsmasq-dhcp-ignore-clid-gives')) // prettier-ignore
      const options = settable(one.options)
      const tag = `host-${index + 1}-${at + 1}`
      const isLdh = one.hostname !== undefined && isHostName(one.hostname)
      if (one.hostname !== undefined && !isLdh) options.push({ code: optionCodes.hostName, data: encodeText(one.hostname), key: `${one.key}.hostname` }) // prettier-ignore
      if (options.length > 0) {
        reservedLevels.push({ tag, key: one.key, options, subnet: index })
        combined.push(`# ${commentText(one.key)}`, `tag-if=set:here-${tag},tag:${tag},tag:net-${index + 1}`)
      }
      hosts.push(`# ${commentText(one.key)}`, `dhcp-host=${id}${options.length > 0 ? `,set:${tag}` : ''},${formatIpv4(one.address)}${isLdh ? `,${one.hostname}` : ''}`) // prettier-ignore
    }
  }

  // Options by level, the nearest first; each leaves out who has one nearer.
  const ladder: BootLevel[] = [
    ...reservedLevels.map((one) => ({ ...one, tag: `here-${one.tag}` })),
    ...levels.map(({ name, key, options }) => ({ tag: name, key, options })),
    ...plan.subnets.map(({ key, options }, index) => ({ tag: `net-${index + 1}`, key, options: settable(options) })),
    { tag: '', key: 'dhcp.options', options: settable(plan.options) },
  ]
  const optionLines: string[] = []
  const forms = plan.forms.flatMap(({ name, options }) => options.map((option) => ({ name, option })))
  for (const [rank, { tag, options }] of ladder.entries())
    for (const option of options.filter((one) => !isBoot(one))) {
      const nearer = ladder.slice(0, rank).filter((one) => one.options.some(({ code }) => code === option.code))
      const where = [...(tag === '' ? [] : [tag]), ...nearer.map((one) => `!${one.tag}`)]
      const forced = forms.filter((one) => one.option.code === option.code)
      optionLines.push(`# ${commentText(option.key)}: ${named(option.code)}`)
      // A reply that boots says it whether it is asked for or not.
      for (const { name } of forced) optionLines.push(`dhcp-option-force=${[name, ...where].map((one) => `tag:${one},`).join('')}${option.code},${optionValue(option)}`) // prettier-ignore
      optionLines.push(`dhcp-option=${[...where, ...forced.map(({ name }) => `!${name}`)].map((one) => `tag:${one},`).join('')}${option.code},${optionValue(option)}`) // prettier-ignore
    }
  // Without a value dnsmasq would name itself as the router.
  for (const [index, { options }] of plan.subnets.entries())
    if (!options.some(({ code }) => code === optionCodes.router)) {
      const nearer = ladder.filter((one) => one.options.some(({ code }) => code === optionCodes.router))
      if (!nearer.some(({ tag }) => tag === '')) optionLines.push(`dhcp-option=${[`net-${index + 1}`, ...nearer.map((one) => `!${one.tag}`)].map((one) => `tag:${one},`).join('')}3`) // prettier-ignore
    }

  // The form that firmware wants, where nobody configured another.
  const formLines = forms.map(({ name, option }) => {
    const configured = ladder.filter((one) => one.options.some(({ code }) => code === option.code))
    if (configured.some(({ tag }) => tag === '')) return ''
    return `dhcp-option-force=${[name, ...configured.map(({ tag }) => `!${tag}`)].map((one) => `tag:${one},`).join('')}${option.code},${optionValue(option)}` // prettier-ignore
  })
  if (plan.vendorClass !== undefined) {
    const excluded = [...ladder.filter((one) => one.options.some(({ code }) => code === optionCodes.vendorClass)), ...forms.filter(({ option }) => option.code === optionCodes.vendorClass).map(({ name }) => ({ tag: name }))] // prettier-ignore
    if (!excluded.some(({ tag }) => tag === '')) formLines.push(`dhcp-option-force=${excluded.map(({ tag }) => `tag:!${tag},`).join('')}${optionCodes.vendorClass},${quoted(plan.vendorClass)}`) // prettier-ignore
  }

  // Options 66 and 67 are dhcp-boot, which fills the header or the option as the client asks.
  const bootLines: string[] = []
  const bootLevels = ladder.filter(({ options }) => options.some(isBoot))
  const bootLine = (where: readonly string[], file: string, name: string, address: number): string =>
    `dhcp-boot=${where.map((one) => `tag:${one},`).join('')}${quoted(file)},${quoted(name)}${address === 0 ? '' : `,${formatIpv4(address)}`}` // prettier-ignore
  /** Every combination of levels that name a server or a file, the nearest winning for each of both. */
  function bootFor(
    where: readonly string[],
    file: string | undefined,
    server: number,
    key: string,
    isBooting = true,
  ): void {
    const found = (
      code: number,
    ): readonly { readonly where: readonly string[]; readonly value: string | undefined }[] => {
      const naming = bootLevels.filter(({ options }) => options.some((one) => one.code === code))
      const cases = naming.map(({ tag, options }, rank) => ({
        where: [...(tag === '' ? [] : [tag]), ...naming.slice(0, rank).map((one) => `!${one.tag}`)],
        value: optionText(options.find((one) => one.code === code)!) as string | undefined,
      }))
      return naming.some(({ tag }) => tag === '') ? cases : [...cases, { where: naming.map(({ tag }) => `!${tag}`), value: undefined }] // prettier-ignore
    }
    bootLines.push(`# ${commentText(key)}`)
    for (const named of found(optionCodes.bootFileName))
      for (const by of found(optionCodes.tftpServerName)) {
        const own = named.value ?? file
        const name = by.value ?? (file === undefined ? undefined : formatIpv4(server))
        const address = isBooting ? server : ((by.value === undefined ? undefined : parseIpv4(by.value)) ?? server)
        if (own === undefined && name === undefined && address === 0) continue
        bootLines.push(bootLine([...where, ...named.where, ...by.where], own ?? '', name ?? '', address))
      }
  }
  for (const { name, file, server, key } of boots) bootFor([name], file, server, key)
  const without = boots.map(({ name }) => `!${name}`)
  const menus = plan.forms.filter(({ server }) => server !== undefined)
  for (const { name, server } of menus) bootFor([name, ...without], undefined, server!, `${name}, without a program`)
  bootFor(
    [...without, ...menus.map(({ name }) => `!${name}`)],
    undefined,
    plan.nextServer,
    'Clients that boot nothing',
    false,
  )

  const services = plan.isProxy ? servicesOf(plan, notes, alternatives) : []
  const rootPaths = boots.flatMap(({ name, rootPath, key }) => (rootPath === undefined ? [] : [`# ${commentText(key)}`, `dhcp-option-force=tag:${name},${optionCodes.rootPath},${quoted(rootPath)}`])) // prettier-ignore
  for (const { key } of plan.delays) notes.add('left-out', key, say('interchange.dnsmasq-would-hold-back-answers')) // prettier-ignore

  const filter = [
    ...plan.denied.map((prefix) => `dhcp-mac=set:denied,${macPattern(prefix)}`),
    ...(plan.denied.length > 0 ? ['dhcp-ignore=tag:denied'] : []),
    ...plan.allowed.map((prefix) => `dhcp-mac=set:allowed,${macPattern(prefix)}`),
    ...(plan.allowed.length > 0 ? ['dhcp-ignore=tag:!allowed'] : []),
  ]
  const interfaces = plan.interfaces.filter((name) => /^[a-z][\w.@-]{0,14}$/i.test(name))
  if (interfaces.length < plan.interfaces.length) notes.add('to-set', 'interface', say('interchange.set-interface-network-interface-machine')) // prettier-ignore
  const hasClientIds = plan.subnets.some(({ reservations }) => reservations.some(({ mac, clientId }) => mac === undefined && clientId !== undefined)) // prettier-ignore

  lines.push('# dnsmasq, written by PXE Lab. Check it with: dnsmasq --test --conf-file=dnsmasq.conf', 'port=0', 'bind-dynamic', ...interfaces.map((name) => `interface=${name}`)) // prettier-ignore
  if (plan.authoritative) lines.push('dhcp-authoritative')
  if (plan.identity === 'mac' && !hasClientIds) lines.push('dhcp-ignore-clid')
  const addresses = plan.subnets.flatMap(({ pools }) => pools).reduce((sum, { start, end }) => sum + end - start + 1, 0)
  if (addresses > 1000) lines.push(`dhcp-lease-max=${addresses}`)
  section('Files: dnsmasq can serve the boot folder itself', tftpRoot === undefined ? ['#enable-tftp', '#tftp-root=/srv/tftp'] : ['enable-tftp', `tftp-root=${quoted(tftpRoot)}`]) // prettier-ignore
  section('clients.allow, clients.deny', filter)
  section('Subnets', plan.isProxy ? proxyRanges(plan) : ranges)
  section('Reservations', hosts)
  section('What clients say of themselves', atoms)
  section('Who gets what: later lines use the tags of earlier ones', combined)
  section('Options', optionLines)
  section(
    'The form that firmware takes',
    formLines.filter((one) => one !== ''),
  )
  section('Boot files', bootLines)
  section('What the proxyDHCP says on port 4011, by architecture', services)
  section('Root paths', rootPaths)
  return { files: [{ name: 'dnsmasq.conf', text: `${lines.join('\n')}\n` }], notes: notes.list }
}

/** Architectures of PXE clients (RFC 4578 section 2.1 and its registry) that dnsmasq has a number for. */
const pxeArchitectures = [0, 6, 7, 9, 10, 11]

/** The wires of a proxyDHCP: those of the lab, or that of the machine which serves, whose mask dnsmasq takes from its interface. */
const proxyRanges = ({ subnets, self }: ServicePlan): string[] =>
  subnets.length > 0 ? subnets.flatMap(({ key, network }, index) => [`# ${commentText(key)}`, `dhcp-range=set:net-${index + 1},${formatIpv4(network.address)},proxy,${formatIpv4(maskOf(network.prefixLength))}`]) : [`dhcp-range=${formatIpv4(self)},proxy`] // prettier-ignore

/** A line for each program and architecture: what `dhcp-boot` says reaches no UEFI client through a proxyDHCP (dnsmasq(8), pxe-service). */
function servicesOf(plan: ServicePlan, notes: Notes, literalsOf: typeof alternatives): string[] {
  notes.add('differs', 'mode', say('interchange.proxydhcp-dnsmasq-shows-own-form')) // prettier-ignore
  notes.add('to-set', 'mode', say('interchange.dnsmasq-answers-proxydhcp-wires-dhcp'))
  return plan.programs.flatMap(({ name, file, server, test, key }) => {
    if (file === undefined) return []
    if (!/[.][^/]*$/.test(file)) notes.add('differs', key, say('interchange.dnsmasq-adds-0-file-without', { file })) // prettier-ignore
    const codes = new Set(
      literalsOf(test).flatMap((literals) => {
        const named = literals.flatMap(({ atom, isNegated }) => (atom.is === 'architecture' && !isNegated ? [atom.codes] : [])) // prettier-ignore
        return named.length === 0 ? pxeArchitectures : named.reduce((left, part) => left.filter((code) => part.includes(code))) // prettier-ignore
      }),
    )
    return pxeArchitectures.filter((code) => codes.has(code)).map((code) => `pxe-service=tag:${name},${code},"PXE Lab",${quoted(file)},${formatIpv4(server)}`) // prettier-ignore
  })
}

const macPattern = (prefix: Uint8Array): string =>
  [...formatHex(prefix, ':').split(':'), ...Array<string>(Math.max(0, 6 - prefix.length)).fill('*')].join(':')

/** A word that can be read where it can, with the number that makes it the only one. */
function nameOf(atom: Atom, count: number): string {
  switch (atom.is) {
    case 'architecture':
      return `arch-${atom.codes.join('-')}`
    case 'vendor-class':
      return /^[\w-]+$/.test(atom.begins) ? `class-${atom.begins}` : `class-${count}`
    case 'named':
      return atom.name
    default:
      return `${atom.is}-${count}`
  }
}
