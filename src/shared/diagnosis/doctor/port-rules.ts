/** Rules about ports: who holds them, whom the firewall lets in, and how many there are for transfers. */
import { wdsDataPorts } from '../../lab/facts.ts'
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
  listed,
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
  const ports = first === last ? String(first) : `${first} to ${last}`
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: `The firewall drops what clients answer to TFTP transfers (UDP ${ports})`,
    says: `Every file is sent from a UDP port of its own, ${transferPorts ? `which this lab takes from ${ports}` : `any from ${ports}`}, and the client acknowledges it there. No rule lets these ports in, nor answers to what this machine sent (ct state established): every transfer ends after its first block.`,
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        `${firewall.rules.length} enabled rules let UDP in or block it, none of them answers`,
        [known.facts.firewall?.source],
        '"hook": "input"',
      ),
    ],
    remedy: byHand(
      'Accept answers in the input chain, or bound the ports with tftp.ports in the lab file and let these in, or set tftp.singlePort: true, which needs port 69 alone.',
      [],
      [],
    ),
  }
}

/** Switches rules off; those of group policy only where they are made. */
function switchedOff(rules: readonly FirewallRule[]): Remedy {
  const own = rules.filter((one) => !one.isPolicy)
  const set = (value: string): string[] => own.map((one) => `netsh advfirewall firewall set rule name="${one.name}" new enable=${value}`) // prettier-ignore
  return byHand(
    `A rule that blocks wins over every rule that allows: switch it off, if it is not there for a reason.${own.length < rules.length ? ` ${listed(rules.filter((one) => one.isPolicy).map((one) => `"${one.name}"`))} is set by group policy, and has to be changed there.` : ''}`,
    set('no'),
    set('yes'),
  )
}

const blockEvidence = (known: Known, rules: readonly FirewallRule[]): Finding['evidence'] =>
  rules.map((one) =>
    known.evidence(
      `rule "${one.name}" blocks`,
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
    return groups.some((one) => one.passage === 'unknown')
      ? { doubt: 'whether the firewall blocks the ports of TFTP transfers' }
      : undefined
  const range = wdsTransferPorts(facts)
  const blocking = facts.firewall!.value.rules.filter((one) => one.action === 'block' && one.ports.length > 0)
  return {
    id: 'firewall-closed',
    severity: 'error',
    title: `The firewall blocks the ports of TFTP transfers${range ? ` (UDP ${range[0]} to ${range[1]})` : ''}`,
    says: 'Every file is sent from a UDP port of its own, and the client acknowledges it there: with these ports blocked a transfer ends after its first block.',
    reference: docs.dns,
    evidence: blockEvidence(known, blocking),
    remedy: switchedOff(blocking),
  }
}

/** Why a port is closed although there is a rule for it, in sentences. */
function whyClosed(firewall: Firewall, port: number, ways: readonly Way[]): string[] {
  const names = [...new Set(ways.flatMap((way) => profilesOf(way)))]
  const settings = (firewall.profiles ?? []).filter((one) => names.includes(one.name) && one.isOn)
  if (settings.some((one) => one.blocksAll))
    return [`In the ${listed(names)} profile everything that comes in is blocked, whatever rules allow.`]
  if (settings.some((one) => one.ignoresLocalRules))
    return [`In the ${listed(names)} profile rules of group policy alone hold.`]
  const allowing = firewallRulesFor(firewall, port).filter((one) => one.action === 'allow')
  const quoted = (list: readonly FirewallRule[]): string => fewer(list.map((one) => `"${one.name}"`))
  const elsewhere = allowing.filter((one) => one.profiles && !names.some((name) => one.profiles!.includes(name)))
  const others = allowing.filter((one) => !elsewhere.includes(one) && one.remote)
  return [
    ...(elsewhere.length > 0
      ? [`${quoted(elsewhere)} holds for the ${listed([...new Set(elsewhere.flatMap((one) => one.profiles!))])} profile, and the network of ${fewer(ways.flatMap((way) => way.interface?.name ?? []))} is ${listed(names)}.`]
      : []),
    ...(others.length > 0
      ? [`${quoted(others)} lets ${fewer([...new Set(others.flatMap((one) => one.remote!))])} in alone${ways.every((way) => way.isRelayed) ? ', and these clients come from behind a router' : ''}.`]
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
    return byHand('Let rules that allow hold again, unless group policy says otherwise.', set('blockinbound'), set('blockinboundalways')) // prettier-ignore
  }
  if (settings.some((one) => one.ignoresLocalRules))
    return byHand('Allow these ports in the group policy that keeps rules of this server out.', [], [])
  return repair(
    known,
    isWindows
      ? 'Allow these ports.'
      : 'Allow these ports, until the firewall is loaded anew; add them to its configuration as well.',
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
    title: `The firewall lets UDP ${listed(closed)} in from the subnet of this server alone`,
    says: 'Clients behind a router are offered nothing that they could load. That is as it should be where there are none.',
    reference: docs.helpers,
    evidence: rules.map((one) => known.evidence(`rule "${one.name}" is about ${listed(one.remote!)}`, [known.facts.firewall?.source], `|Name=${one.name}|`)), // prettier-ignore
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
    return { doubt: `whether the firewall lets UDP ${listed(doubtful)} in from every client, by the profile of its network and the addresses that its rules name` } // prettier-ignore
  if (closed.length === 0)
    return known.facts.system === 'windows'
      ? (transfersBlocked(context) ?? ownSubnetAlone(context, needed))
      : transfersClosed(context)
  const shutFor = groups.filter((group) => shut.some((one) => one.group === group))
  const where = shutFor.length > 0 && shutFor.length < groups.length ? ` from ${fewer(shutFor.map((one) => one.name))}` : '' // prettier-ignore
  const blocking = firewall.rules.filter(
    (one) => one.action === 'block' && shut.some(({ port, group }) => isMet(firewall, one, port, group.ways)),
  )
  const isWindows = known.facts.system === 'windows'
  const names = fewer([...new Set(blocking.map((one) => `"${one.name}"`))])
  // Elsewhere what no rule is about may get in all the same.
  const because = blocking.length > 0 && !isWindows ? `${names} ${blocking.length === 1 ? 'drops' : 'drop'} ${listed(closed)}${where}` : `no rule that is in effect lets ${listed(closed)} in${where}` // prettier-ignore
  const is68Alone = closed.every((port) => port === 68)
  const why = blocking.length > 0 ? [] : [...new Set(shut.flatMap(({ port, group }) => whyClosed(firewall, port, group.ways)))] // prettier-ignore
  return {
    id: 'firewall-closed',
    severity: is68Alone ? 'warning' : 'error',
    title: `The firewall does not let UDP ${listed(closed)} in${where}`,
    says: `The services of this server need UDP ${listed(needed)}; ${because}.${why.map((one) => ` ${one}`).join('')}${closed.includes(68) ? ' In a domain DHCP has to be authorised, and UDP 68 has to be open for that.' : ''}`,
    reference: docs.coHosting,
    evidence: [
      known.evidence(
        `${firewall.rules.length} enabled rules let UDP in or block it`,
        [known.facts.firewall?.source],
        ...(isWindows ? [] : ['"hook":']),
      ),
      ...blockEvidence(known, blocking),
    ],
    remedy: blocking.length > 0 && isWindows ? switchedOff(blocking) : openingRemedy(known, closed, shutFor),
  }
}

export const portsNeedRights: Rule = ({ known }) =>
  known.facts.lowPorts?.value !== false
    ? undefined
    : {
        id: 'ports-need-rights',
        severity: 'note',
        title: 'PXE Lab may not open ports 67 and 69 here',
        says: 'Ports below 1024 need rights that this program does not have: it can simulate, read captures and diagnose, and cannot answer machines.',
        reference: 'capabilities(7), CAP_NET_BIND_SERVICE',
        evidence: [known.evidence('CAP_NET_BIND_SERVICE is not in effect', [known.facts.lowPorts.source], 'CapEff')],
        remedy: repair(known, 'Give the program these two rights, and start it again.', [{ kind: 'low-ports' }]),
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
    title: count <= 0 ? 'WDS has no ports to send its files from' : `WDS sends its files from ${count} ports only`,
    says:
      count <= 0
        ? `The range begins at ${start} and ends at ${end}: TFTP requests arrive, and no data leaves.`
        : `Each transfer takes a port of its own: no more than ${count} at a time; others wait and time out.`,
    reference: docs.registry,
    evidence: [
      known.registryEvidence(wdsParametersKey, 'UdpStartPort'),
      known.registryEvidence(wdsParametersKey, 'UdpEndPort'),
    ],
    remedy: repair(known, 'Take the range that WDS is installed with.', [
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
    title: 'DNS sits on the ports that WDS sends its files from',
    says: `${held} of the ${last - first + 1} ports from ${first} to ${last} are held by the DNS server: TFTP requests arrive, and no data leaves.`,
    reference: docs.dns,
    evidence: [
      known.evidence(`DNS holds ${held} UDP ports of the range`, [known.facts.udp?.source], 'DNS'),
      known.registryEvidence(wdsParametersKey, 'UdpPortPolicy'),
    ],
    remedy: repair(known, 'Let Windows choose the ports.', [
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
    .map(({ first, last }) => known.evidence(`Windows keeps UDP ${first} to ${last}`, [known.facts.excludedPorts?.source], String(first), String(last))) // prettier-ignore
  const kept = 'Hyper-V, containers and WSL have Windows reserve such ranges: whoever asks for a port of them is refused (10013).'
  if (needed.length > 0) {
    const reservation = (verb: string): string[] => needed.map((port) => `netsh interface ipv4 ${verb} excludedportrange protocol=udp startport=${port} numberofports=1 store=persistent`) // prettier-ignore
    return {
      id: 'ports-excluded',
      severity: 'error',
      title: `Windows keeps UDP ${listed(needed)} from the boot services`,
      says: `${kept} No service has ${listed(needed)} now.`,
      reference: docs.excluded,
      evidence,
      remedy: byHand(
        'Stop what reserves the ports, keep them for whoever asks for them by number, and start everything again.',
        ['net stop winnat', ...reservation('add'), 'net start winnat', ...(wdsServes ? ['net stop WDSServer', 'net start WDSServer'] : [])],
        reservation('delete'),
      ),
    }
  }
  return {
    id: 'ports-excluded',
    severity: left === 0 ? 'error' : 'warning',
    title: left === 0 ? 'Windows keeps every port that WDS sends its files from' : `Windows leaves WDS ${left} ports to send its files from`,
    says: `${kept} Of UDP ${range![0]} to ${range![1]} ${left === 0 ? 'none is' : `${left} are`} left: ${left === 0 ? 'TFTP requests arrive, and no data leaves.' : 'other machines wait and time out.'}`,
    reference: docs.excluded,
    evidence,
    remedy: repair(known, 'Let Windows choose the ports.', [
      { kind: 'registry', key: wdsParametersKey, name: 'UdpPortPolicy', data: 0 },
      restart('WDSServer'),
    ]),
  }
} // prettier-ignore

/** Why somebody commonly is on a port, by service or process; and the Windows service that would have to stop. */
const strangers: readonly (readonly [RegExp, string, string])[] = [
  [/SharedAccess/i, 'Internet Connection Sharing gives addresses by itself', 'SharedAccess'],
  [/vmms|vmnat|hns/i, 'Hyper-V serves its default switch', ''],
  [/VMnetDHCP/i, 'VMware serves its virtual networks', 'VMnetDHCP'],
  [/dnsmasq/i, 'dnsmasq gives addresses, often for libvirt or LXD', ''],
  [/systemd-network/i, 'systemd-networkd has DHCPServer=yes on an interface', ''],
  [/kea|dhcpd|dhcp6s|dibbler-server/i, 'a DHCP server of another make', ''],
  [/pxe-lab|tftpd|serva/i, 'another boot server', ''],
]

const residents: readonly (readonly [RegExp, string])[] = [
  [/^DHCPServer$/i, 'gives addresses on 67; on 4011 only where it was told to'],
  [/^WDSServer$/i, 'boots Windows clients: 69 and 4011, and 67 unless UseDHCPPorts is 0'],
  [/^SccmPxe$/i, 'boots ConfigMgr clients without WDS: 69 and 4011, and 67 unless DoNotListenOnDhcpPort is 1'],
  [/^Dhcp$|dhclient|NetworkManager|dhcpcd/i, 'asks for the address of this machine itself'],
  [/^DNS$|^dns\.exe$/i, 'takes 2,500 ports for its questions (KB977512)'],
]

/** What a port tells of its holder beside the name: the client ports are for addresses of this machine, whoever asks. */
const byPort: readonly (readonly [ports: readonly number[], name: RegExp, says: string])[] = [
  [[68, 546], /systemd-network|dhcp6c|dibbler-client|connman/i, 'asks for the address of this machine itself'],
  [[547], /^DHCPServer$/i, 'gives IPv6 addresses on the interfaces that it is bound to (Get-DhcpServerv6Binding)'],
  // wdspxe.h has DHCPv6 since Windows Server 2012; which providers answer it Microsoft does not say.
  [[547], /^WDSServer$/i, 'hears DHCPv6 for its PXE providers; whether it answers machines there is not documented'],
  [[547], /dnsmasq/i, 'gives IPv6 addresses, or what goes with them'],
  [[547], /kea|dhcpd|dhcp6s|dibbler-server/i, 'gives IPv6 addresses'],
]

/** Why somebody commonly holds a boot port; empty for whom nothing is known. */
export function whyHeld({ services, process, isOwn, port }: PortFact): string {
  if (isOwn) return 'this lab itself'
  const names = [...services, ...(process === undefined ? [] : [process])]
  const there = byPort.find(([ports, pattern]) => ports.includes(port) && names.some((name) => pattern.test(name)))
  if (there) return there[2]
  const known = [...residents, ...strangers].find(([pattern]) => names.some((name) => pattern.test(name)))
  return known?.[1] ?? ''
}

export function stopRemedy(known: Known, { services, pid }: PortFact, service: string): Remedy | undefined {
  const says = 'Stop it, if this machine is to boot others.'
  if (known.facts.system === 'windows')
    return service === '' ? undefined : repair(known, says, [{ kind: 'service', name: service, state: 'stopped' }])
  const [unit] = services
  if (unit !== undefined && known.facts.system === 'linux')
    return repair(known, `${says} It does not come back with the next start of the machine.`, [
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
  const name = first.services.join(', ') || first.process || 'A process of another user'
  const why = strangers.find(([pattern]) => pattern.test(name))
  const ports = [...new Set(found.map(({ port }) => port))]
  return {
    id: 'foreign-owner',
    severity: isServer ? (isInTheWay ? 'error' : 'warning') : 'note',
    title: `${name} holds UDP port ${listed(ports)}`,
    says: `${why ? `${why[1]}. ` : ''}${isServer ? (isInTheWay ? 'The boot services of this server cannot have the port.' : 'A boot service of this server has it too, at another address.') : 'A responder on this machine cannot have the port.'}`,
    reference: isWindows ? docs.coHosting : 'RFC 2131 section 4.1; PXE 2.1 section 2.2',
    evidence: found
      .flatMap((one) => known.portEvidence(one.port))
      .filter((one, index, list) => list.findIndex((other) => other.says === one.says) === index),
    remedy: stopRemedy(known, first, why?.[2] ?? ''),
  }
}
