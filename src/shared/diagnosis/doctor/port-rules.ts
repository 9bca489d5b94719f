/** Rules about ports: who holds them, whom the firewall lets in, and how many there are for transfers. */
import { distinct, keyOf, say, together, type Message, type Phrase } from '#messages/message.ts'
import { wdsDataPorts, type firewallProfiles } from '../../lab/facts.ts'
import {
  firewallRulesFor,
  isMet,
  ownWays,
  passageOf,
  profilesOf,
  type Firewall,
  type FirewallRule,
  type Way,
} from '../../lab/firewall.ts'
import { dhcpParametersKey, dpKey, wdsKey, wdsParametersKey } from '../../lab/registry-keys.ts'
import { docs } from '../commands.ts'
import {
  clientGroups,
  fewestPorts,
  isKept,
  leftOfTransferPorts,
  transferPassage,
  wdsTransferPorts,
  type ClientGroup,
} from '../passages.ts'
import { dnsOnTransferPorts, othersOn, strangersOn } from '../twin.ts'
import {
  Known,
  byHand,
  numbers,
  repair,
  restart,
  type Context,
  type Doubt,
  type PortFact,
  type Rule,
} from './context.ts'
import { fewer } from './dhcp-rules.ts'
import type { Finding, Remedy } from './finding.ts'

/** Ports that the services of this host need open. */
export function neededPorts({ known, dhcp, wdsServes, sccmServes }: Context): number[] {
  // Without a DHCP server here a PXE service has to hear clients at port 67, whatever it is set to.
  const listens =
    (wdsServes && (dhcp === 'absent' || known.registry(wdsKey, 'UseDHCPPorts') !== 0)) ||
    (sccmServes && (dhcp === 'absent' || known.registry(dpKey, 'DoNotListenOnDhcpPort') !== 1))
  // What asks Active Directory whether it may serve is answered at port 68; WDS asks with rogue detection alone.
  const asks =
    (dhcp === 'running' && known.registry(dhcpParametersKey, 'DisableRogueDetection') !== 1) ||
    (wdsServes && known.registry(wdsKey, 'DisableRogueDetection') === 0)
  const needs68 = asks && known.facts.domain !== undefined && known.facts.domain.value !== ''
  // Elsewhere whoever holds a port wants to hear something there.
  if (known.facts.system !== 'windows')
    return [67, 69, 4011].filter((port) => known.owners(port)?.some((one) => !/^(127\.|::1$)/.test(one.address)))
  return [
    ...(dhcp === 'running' || listens ? [67] : []),
    ...(needs68 ? [68] : []),
    ...(wdsServes || sccmServes ? [69, 4011] : []),
  ]
}

/** Ports of transfers that are taken where nobody bounds them (Linux: net.ipv4.ip_local_port_range). */
const anyTransferPort: readonly [number, number] = [32_768, 60_999]

/**
 * Every transfer has a port of its own, at which the client answers: a firewall that tracks no connections drops these answers
 * even where port 69 is open.
 */
function transfersClosed({ known }: Context): Finding | undefined {
  const firewall = known.facts.firewall?.value
  const serves = known.owners(69)?.some((one) => !/^(127\.|::1$)/.test(one.address))
  if (!serves || firewall?.letsAnswersIn !== false) return undefined
  const { transferPorts } = known.facts
  const [first, last] = transferPorts ?? anyTransferPort
  if ([first, last].every((port) => passageOf(firewall, port, ownWays(known.facts)) === 'open')) return undefined
  const ports = first === last ? String(first) : say('doctor.port-range', { first, last })
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: say('doctor.transfers-closed-title', { ports }),
    says: transferPorts
      ? say('doctor.transfers-closed-says-lab', { ports })
      : say('doctor.transfers-closed-says', { ports }),
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        say('doctor.rules-none-answers', { count: firewall.rules.length }),
        [known.facts.firewall?.source],
        '"hook": "input"',
      ),
    ],
    remedy: byHand(say('doctor.transfers-closed-fix'), [], []),
  }
}

const quoted = (rules: readonly FirewallRule[]): Message[] =>
  rules.map(({ name }) => say('doctor.quoted-name', { name }))

/** Switches rules off; those of group policy only where they are made. */
function switchedOff(rules: readonly FirewallRule[]): Remedy {
  const own = rules.filter((one) => !one.isPolicy)
  const set = (value: string): string[] => own.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=${value}`) // prettier-ignore
  const names = quoted(rules.filter((one) => one.isPolicy))
  const ofPolicy = names.length > 0 ? [say('doctor.block-rule-policy', { names, count: names.length })] : []
  return byHand(together([say('doctor.block-rule-fix'), ...ofPolicy]), set('no'), set('yes'))
}

const blockEvidence = (known: Known, rules: readonly FirewallRule[]): Finding['evidence'] =>
  rules.map((one) =>
    known.evidence(
      say('doctor.rule-blocks', { name: one.name }),
      [known.facts.firewall?.source, 'firewall-policy'],
      `|Name=${one.name}|`,
    ),
  )

/** Windows lets in what answers, at whatever port; a rule that blocks the ports of transfers is another matter. */
function transfersBlocked({ known, wdsServes, sccmServes }: Context): Finding | Doubt | undefined {
  const { facts } = known
  if (!wdsServes && !sccmServes) return undefined
  const groups = clientGroups(facts).map((group) => ({ group, passage: transferPassage(facts, group.ways) }))
  const closed = groups.filter((one) => one.passage === 'closed')
  if (closed.length === 0)
    return groups.some((one) => one.passage === 'unknown') ? { doubt: say('doctor.transfers-unknown') } : undefined
  const range = wdsTransferPorts(facts)
  const blocking = facts.firewall!.value.rules.filter((one) => one.action === 'block' && one.ports.length > 0)
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: range
      ? say('doctor.transfers-blocked-title-range', { first: range[0], last: range[1] })
      : say('doctor.transfers-blocked-title'),
    says: say('doctor.transfers-blocked-says'),
    reference: docs.dns,
    evidence: blockEvidence(known, blocking),
    remedy: switchedOff(blocking),
  }
}

const profileNames = (profiles: readonly (typeof firewallProfiles)[number][]): Message[] =>
  profiles.map((one) => say(`doctor.profile-${one}`))

/** Why a port is closed although there is a rule for it, in sentences. */
function whyClosed(firewall: Firewall, port: number, ways: readonly Way[]): Message[] {
  const names = [...new Set(ways.flatMap((way) => profilesOf(way)))]
  const settings = (firewall.profiles ?? []).filter((one) => names.includes(one.name) && one.isOn)
  if (settings.some((one) => one.blocksAll))
    return [say('doctor.profile-blocks-all', { profiles: profileNames(names) })]
  if (settings.some((one) => one.ignoresLocalRules))
    return [say('doctor.profile-policy-only', { profiles: profileNames(names) })]
  const allowing = firewallRulesFor(firewall, port).filter((one) => one.action === 'allow')
  const elsewhere = allowing.filter((one) => one.profiles && !names.some((name) => one.profiles!.includes(name)))
  const others = allowing.filter((one) => !elsewhere.includes(one) && one.remote)
  return [
    ...(elsewhere.length > 0
      ? [say('doctor.rule-of-other-profile', {
          rules: fewer(quoted(elsewhere)),
          count: elsewhere.length,
          own: profileNames([...new Set(elsewhere.flatMap((one) => one.profiles!))]),
          interfaces: fewer(ways.flatMap((way) => way.interface?.name ?? [])),
          profiles: profileNames(names),
        })]
      : []),
    ...(others.length > 0
      ? [say(ways.every((way) => way.isRelayed) ? 'doctor.rule-of-other-sender-relayed' : 'doctor.rule-of-other-sender', {
          rules: fewer(quoted(others)),
          count: others.length,
          remotes: fewer([...new Set(others.flatMap((one) => one.remote!))]),
        })]
      : []),
  ] // prettier-ignore
}

function openingRemedy(known: Known, closed: readonly number[], groups: readonly ClientGroup[]): Remedy {
  const firewall = known.facts.firewall!.value
  const isWindows = known.facts.system === 'windows'
  const names = [...new Set(groups.flatMap((one) => one.ways.flatMap((way) => profilesOf(way))))]
  const settings = (firewall.profiles ?? []).filter((one) => names.includes(one.name) && one.isOn)
  const blockers = settings.filter((one) => one.blocksAll)
  if (blockers.length > 0) {
    const set = (policy: string): string[] => blockers.map((one) => `netsh advfirewall set ${one.name}profile firewallpolicy ${policy},allowoutbound`) // prettier-ignore
    return byHand(say('doctor.opening-fix-all'), set('blockinbound'), set('blockinboundalways')) // prettier-ignore
  }
  if (settings.some((one) => one.ignoresLocalRules)) return byHand(say('doctor.opening-fix-policy'), [], [])
  return repair(
    known,
    isWindows ? say('doctor.opening-fix') : say('doctor.opening-fix-until'),
    closed.map((port) => ({ kind: 'firewall', port })),
  )
}

/** Where another host gives addresses nobody here knows whether clients are behind a router: what they would find is noted. */
function ownSubnetAlone({ known }: Context, needed: readonly number[]): Finding | undefined {
  const firewall = known.facts.firewall!.value
  const groups = clientGroups(known.facts)
  const away = groups.flatMap((one) => one.ways.map((way) => ({ ...way, network: undefined, isRelayed: true })))
  const closed = needed.filter((port) => port !== 68 && passageOf(firewall, port, away) === 'closed')
  if (groups.some((one) => one.name !== '') || closed.length === 0) return undefined
  const rules = firewall.rules.filter((one) => one.remote && closed.some((port) => firewallRulesFor(firewall, port).includes(one))) // prettier-ignore
  return {
    id: 'firewall-closed',
    severity: 'note',
    title: say('doctor.own-subnet-title', { ports: numbers(closed) }),
    says: say('doctor.own-subnet-says'),
    reference: docs.helpers,
    evidence: rules.map((one) => known.evidence(say('doctor.rule-is-about', { name: one.name, remotes: one.remote! }), [known.facts.firewall?.source], `|Name=${one.name}|`)), // prettier-ignore
    remedy: undefined,
  }
}

export const firewallClosed: Rule = (context) => {
  const { known } = context
  const firewall = known.facts.firewall?.value
  if (!firewall?.isOn) return undefined
  const needed = neededPorts(context)
  const groups = clientGroups(known.facts)
  // What answers a server on port 68 comes from its own networks.
  const passages = needed.flatMap((port) =>
    (port === 68 ? [{ name: '', ways: ownWays(known.facts) }] : groups).map((group) => ({
      port,
      group,
      passage: passageOf(firewall, port, group.ways),
    })),
  )
  const shut = passages.filter((one) => one.passage === 'closed')
  const closed = needed.filter((port) => shut.some((one) => one.port === port))
  const doubtful = needed.filter((port) => passages.some((one) => one.port === port && one.passage === 'unknown'))
  if (closed.length === 0 && doubtful.length > 0)
    return { doubt: say('doctor.firewall-unknown', { ports: numbers(doubtful) }) }
  if (closed.length === 0)
    return known.facts.system === 'windows'
      ? (transfersBlocked(context) ?? ownSubnetAlone(context, needed))
      : transfersClosed(context)
  const shutFor = groups.filter((group) => shut.some((one) => one.group === group))
  const places = shutFor.length < groups.length ? fewer(shutFor.map((one) => one.name)) : []
  const blocking = firewall.rules.filter(
    (one) => one.action === 'block' && shut.some(({ port, group }) => isMet(firewall, one, port, group.ways)),
  )
  const isWindows = known.facts.system === 'windows'
  const told = { needed: numbers(needed), ports: numbers(closed), places }
  // Elsewhere what no rule is about may get in all the same.
  const droppers = isWindows ? [] : distinct(quoted(blocking))
  const dropped = { ...told, rules: fewer(droppers), count: droppers.length }
  const is68Alone = closed.every((port) => port === 68)
  const why =
    blocking.length > 0 ? [] : distinct(shut.flatMap(({ port, group }) => whyClosed(firewall, port, group.ways)))
  return {
    id: 'firewall-closed',
    severity: is68Alone ? 'warning' : 'error',
    title:
      places.length > 0
        ? say('doctor.firewall-closed-title-from', { ports: numbers(closed), places })
        : say('doctor.firewall-closed-title', { ports: numbers(closed) }),
    says: together([
      droppers.length > 0
        ? say(places.length > 0 ? 'doctor.firewall-drops-says-from' : 'doctor.firewall-drops-says', dropped)
        : say(places.length > 0 ? 'doctor.firewall-closed-says-from' : 'doctor.firewall-closed-says', told),
      ...why,
      ...(closed.includes(68) ? [say('doctor.firewall-closed-68')] : []),
    ]),
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        say('doctor.rules-udp', { count: firewall.rules.length }),
        [known.facts.firewall?.source],
        ...(isWindows ? [] : ['"hook":']),
      ),
      ...blockEvidence(known, blocking),
    ],
    remedy: blocking.length > 0 && isWindows ? switchedOff(blocking) : openingRemedy(known, closed, shutFor),
  }
}

/** Kea and ISC dhcpd read port 67 from the network card, before any rule of the firewall (packet(7)). */
const readsCard = /^(kea-dhcp4|dhcpd)/

/** What rules of a firewall on Linux send elsewhere: programs that listen here wait in vain, and see nothing wrong. */
export const portsRedirected: Rule = (context) => {
  const { known } = context
  const names = (known.facts.interfaces?.value ?? []).map((one) => one.name)
  const own = (known.facts.interfaces?.value ?? []).map((one) => one.address)
  const listening = neededPorts(context).filter((port) => port !== 67 || !known.owners(67)?.some((one) => readsCard.test(one.process ?? ''))) // prettier-ignore
  const met = (known.facts.firewall?.value.redirects ?? []).flatMap((one) => {
    const places = names.filter((name) => (one.interfaces?.includes(name) ?? true) && !one.except?.includes(name))
    if (places.length === 0 && names.length > 0) return []
    const ports = listening.filter(
      (port) =>
        one.ports.some(([first, last]) => port >= first && port <= last) &&
        // To the same port of this machine it changes nothing.
        ![...own, '', '127.0.0.1'].some((address) => one.to !== '' && one.to === `${address}:${port}`) &&
        !own.includes(one.to),
    )
    // Machines without an address ask everybody.
    const isSure = (port: number): boolean => one.isBound !== true && places.length > 0 && !(one.isUnicast === true && port === 67) // prettier-ignore
    return [{ one, places, sure: ports.filter(isSure), doubtful: ports.filter((port) => !isSure(port)) }]
  })
  const sure = met.filter((one) => one.sure.length > 0)
  const ports = listening.filter((port) => sure.some((one) => one.sure.includes(port)))
  const doubtful = listening.filter((port) => !ports.includes(port) && met.some((one) => one.doubtful.includes(port)))
  if (ports.length === 0)
    return doubtful.length > 0
      ? { doubt: say('doctor.ports-redirected-unknown', { ports: numbers(doubtful) }) }
      : undefined
  return {
    id: 'ports-redirected',
    severity: 'warning',
    title: say('doctor.ports-redirected-title', { ports: numbers(ports) }),
    says: say('doctor.ports-redirected-says', { ports: numbers(ports), places: fewer([...new Set(sure.flatMap((one) => one.places))]) }), // prettier-ignore
    reference: 'nft(8), NAT STATEMENTS',
    evidence: sure.map(({ one, sure: own }) =>
      known.evidence(
        one.to === '' ? say('doctor.rule-redirects', { name: one.name, ports: numbers(own) }) : say('doctor.rule-redirects-to', { name: one.name, ports: numbers(own), to: one.to }), // prettier-ignore
        [known.facts.firewall?.source],
        '"prerouting"',
      ),
    ),
    remedy: byHand(say('doctor.ports-redirected-fix'), ['nft -a list ruleset'], []),
  }
}

export const portsNeedRights: Rule = ({ known }) =>
  known.facts.lowPorts?.value !== false
    ? undefined
    : {
        id: 'ports-need-rights',
        severity: 'note',
        title: say('doctor.ports-need-rights-title'),
        says: say('doctor.ports-need-rights-says'),
        reference: 'capabilities(7), CAP_NET_BIND_SERVICE',
        evidence: [known.evidence(say('doctor.no-capability'), [known.facts.lowPorts.source], 'CapEff')],
        remedy: repair(known, say('doctor.ports-need-rights-fix'), [{ kind: 'low-ports' }]),
      }

export const narrowRange: Rule = ({ known, wdsServes }) => {
  const range = wdsTransferPorts(known.facts)
  if (!wdsServes || !range) return undefined
  const [start, end] = range
  const count = end - start + 1
  if (count >= fewestPorts) return undefined
  const [first, last] = wdsDataPorts
  return {
    id: 'tftp-port-range',
    severity: count <= 0 ? 'error' : 'warning',
    title: count <= 0 ? say('doctor.tftp-range-title-none') : say('doctor.tftp-range-title', { count }),
    says: count <= 0 ? say('doctor.tftp-range-says-none', { start, end }) : say('doctor.tftp-range-says', { count }),
    reference: docs.registry,
    evidence: [
      known.registryEvidence(wdsParametersKey, 'UdpStartPort'),
      known.registryEvidence(wdsParametersKey, 'UdpEndPort'),
    ],
    remedy: repair(known, say('doctor.tftp-range-fix'), [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpStartPort', data: first },
      { kind: 'registry', key: wdsParametersKey, name: 'UdpEndPort', data: last },
      restart('WDSServer'),
    ]),
  }
}

export const dnsHoldsPorts: Rule = ({ known, wdsServes }) => {
  const range = wdsTransferPorts(known.facts)
  const held = dnsOnTransferPorts(known.facts)
  if (!wdsServes || !range || held === undefined) return undefined
  const [first, last] = range
  return {
    id: 'dns-holds-tftp-ports',
    severity: 'error',
    title: say('doctor.dns-holds-title'),
    says: say('doctor.dns-holds-says', { held, count: last - first + 1, first, last }),
    reference: docs.dns,
    evidence: [
      known.evidence(say('doctor.dns-holds', { held }), [known.facts.udp?.source], 'DNS'),
      known.registryEvidence(wdsParametersKey, 'UdpPortPolicy'),
    ],
    remedy: repair(known, say('doctor.windows-chooses-fix'), [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
      restart('WDSServer'),
    ]),
  }
}

export const portsExcluded: Rule = (context) => {
  const { known, wdsServes } = context
  const needed = neededPorts(context).filter((port) => port !== 68 && isKept(known.facts, port))
  const left = wdsServes ? leftOfTransferPorts(known.facts) : undefined
  const isShort = left !== undefined && left < fewestPorts
  const range = wdsTransferPorts(known.facts)
  if (needed.length === 0 && !isShort) return undefined
  const evidence = (known.facts.excludedPorts?.value ?? [])
    .filter(({ first, last, isAdministered }) => !isAdministered && (needed.some((port) => port >= first && port <= last) || (isShort && range && first <= range[1] && last >= range[0])))
    .map(({ first, last }) => known.evidence(say('doctor.windows-keeps', { first, last }), [known.facts.excludedPorts?.source], String(first), String(last))) // prettier-ignore
  if (needed.length > 0) {
    const reservation = (verb: string): string[] => needed.map((port) => `netsh interface ipv4 ${verb} excludedportrange protocol=udp startport=${port} numberofports=1 store=persistent`) // prettier-ignore
    return {
      id: 'ports-excluded',
      severity: 'error',
      title: say('doctor.excluded-title', { ports: numbers(needed) }),
      says: say('doctor.excluded-says', { ports: numbers(needed) }),
      reference: docs.excluded,
      evidence,
      remedy: byHand(
        say('doctor.excluded-fix'),
        ['net stop winnat', ...reservation('add'), 'net start winnat', ...(wdsServes ? ['net stop WDSServer', 'net start WDSServer'] : [])],
        reservation('delete'),
      ),
    }
  }
  return {
    id: 'ports-excluded',
    severity: left === 0 ? 'error' : 'warning',
    title: left === 0 ? say('doctor.excluded-title-none') : say('doctor.excluded-title-few', { left: left! }),
    says: left === 0 ? say('doctor.excluded-says-none', { first: range![0], last: range![1] }) : say('doctor.excluded-says-few', { first: range![0], last: range![1], left: left! }),
    reference: docs.excluded,
    evidence,
    remedy: repair(known, say('doctor.windows-chooses-fix'), [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
      restart('WDSServer'),
    ]),
  }
} // prettier-ignore

/** Why somebody commonly is on a port, by service or process; and the Windows service that would have to stop. */
const strangers: readonly (readonly [RegExp, Message, string])[] = [
  [/SharedAccess/i, say('doctor.held-by-ics'), 'SharedAccess'],
  [/vmms|vmnat|hns/i, say('doctor.held-by-hyper-v'), ''],
  [/VMnetDHCP/i, say('doctor.held-by-vmware'), 'VMnetDHCP'],
  [/dnsmasq/i, say('doctor.held-by-dnsmasq'), ''],
  [/systemd-network/i, say('doctor.held-by-networkd'), ''],
  [/kea|dhcpd|dhcp6s|dibbler-server/i, say('doctor.held-by-dhcp-server'), ''],
  [/pxe-lab|tftpd|serva/i, say('doctor.held-by-boot-server'), ''],
]

const residents: readonly (readonly [RegExp, Message])[] = [
  [/^DHCPServer$/i, say('doctor.held-by-windows-dhcp')],
  [/^WDSServer$/i, say('doctor.held-by-wds')],
  [/^SccmPxe$/i, say('doctor.held-by-responder')],
  [/^Dhcp$|dhclient|NetworkManager|dhcpcd/i, say('doctor.held-by-client')],
  [/^DNS$|^dns\.exe$/i, say('doctor.held-by-dns')],
]

/** What a port tells of its holder beside the name: the client ports are for addresses of this machine, whoever asks. */
const byPort: readonly (readonly [ports: readonly number[], name: RegExp, says: Message])[] = [
  [[68, 546], /systemd-network|dhcp6c|dibbler-client|connman/i, say('doctor.held-by-client')],
  [[547], /^DHCPServer$/i, say('doctor.held-by-dhcpv6-windows')],
  // wdspxe.h has DHCPv6 since Windows Server 2012; which providers answer it Microsoft does not say.
  [[547], /^WDSServer$/i, say('doctor.held-by-wds-dhcpv6')],
  [[547], /dnsmasq/i, say('doctor.held-by-dnsmasq-dhcpv6')],
  [[547], /kea|dhcpd|dhcp6s|dibbler-server/i, say('doctor.held-by-dhcpv6-server')],
]

/** Why somebody commonly holds a boot port; empty for whom nothing is known. */
export function whyHeld({ services, process, isOwn, port }: PortFact): Phrase {
  if (isOwn) return say('doctor.held-by-lab')
  const names = [...services, ...(process === undefined ? [] : [process])]
  const there = byPort.find(([ports, pattern]) => ports.includes(port) && names.some((name) => pattern.test(name)))
  if (there) return there[2]
  const known = [...residents, ...strangers].find(([pattern]) => names.some((name) => pattern.test(name)))
  return known?.[1] ?? ''
}

export function stopRemedy(known: Known, { services, pid }: PortFact, service: string): Remedy | undefined {
  const says = say('doctor.stop-it')
  if (known.facts.system === 'windows')
    return service === '' ? undefined : repair(known, says, [{ kind: 'service', name: service, state: 'stopped' }])
  const [unit] = services
  if (unit !== undefined && known.facts.system === 'linux')
    return repair(known, say('doctor.stop-it-for-good'), [
      { kind: 'service', name: unit, state: 'stopped', start: 'manual' },
    ])
  return pid === undefined ? undefined : byHand(says, [`sudo kill ${pid}`], [])
}

export const foreignOwner: Rule = ({ known, dhcp, wds, sccm }) => {
  const isWindows = known.facts.system === 'windows'
  // On a machine without any of the services a stranger is who serves there, and no fault.
  const isServer = [dhcp, wds, sccm].some((one) => one === 'running' || one === 'stopped')
  const found = isWindows && !isServer ? [] : [67, 69, 4011].flatMap((port) => othersOn(known.facts, port))
  const isInTheWay = [67, 69, 4011].some((port) => strangersOn(known.facts, port).length > 0)
  const [first] = found
  if (!first) return undefined
  const held = first.services.join(', ') || first.process || ''
  const name = held === '' ? say('doctor.other-users-process') : held
  const why = strangers.find(([pattern]) => pattern.test(held))
  const ports = [...new Set(found.map(({ port }) => port))]
  return {
    id: 'foreign-owner',
    severity: isServer ? (isInTheWay ? 'error' : 'warning') : 'note',
    title: say('doctor.foreign-owner-title', { name, ports: numbers(ports) }),
    says: together([
      ...(why ? [say('doctor.sentence', { text: why[1] })] : []),
      isServer
        ? isInTheWay
          ? say('doctor.foreign-owner-blocks')
          : say('doctor.foreign-owner-beside')
        : say('doctor.foreign-owner-responder'),
    ]),
    reference: isWindows ? docs.coHosting : 'RFC 2131 section 4.1; PXE 2.1 section 2.2',
    evidence: found
      .flatMap((one) => known.portEvidence(one.port))
      .filter((one, index, list) => list.findIndex((other) => keyOf(other.says) === keyOf(one.says)) === index),
    remedy: stopRemedy(known, first, why?.[2] ?? ''),
  }
}
