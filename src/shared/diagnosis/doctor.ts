/**
 * Judges facts: which set-up this is, what is wrong with it, what each kind of machine will show because of it, and the
 * commands that repair it. Touches nothing; what is not known is told as unknown and never assumed.
 */
import type { Facts } from '../lab/facts.ts'
import { dpKey, smsSecurityKey, wdsKey, wdsParametersKey, wdsTftpKey, wdsUnattendKey } from '../lab/registry-keys.ts'
import { keyOfRow, type MatrixRow } from './co-hosting.ts'
import { docs } from './commands.ts'
import { Known, listed, otherServers, type Context, type Rule, type ServiceState } from './doctor/context.ts'
import {
  bootFileOptions,
  bothWant67,
  dhcpStopped,
  fewer,
  kindsOf,
  leftAt0,
  notAuthorised,
  notListening,
  option60LeftOver,
  option60Missing,
  option60Wrong,
  placeName,
  responderTakes67,
  scopeInactive,
  serviceStopped,
} from './doctor/dhcp-rules.ts'
import type { Check, Diagnosis, Finding, Severity } from './doctor/finding.ts'
import { dhcp6FirewallClosed, dhcp6PortHeld, firewallConcerns6, labAnswersDhcp6 } from './doctor/ipv6-rules.ts'
import {
  dnsHoldsPorts,
  firewallClosed,
  foreignOwner,
  narrowRange,
  portsExcluded,
  neededPorts,
  portsNeedRights,
} from './doctor/port-rules.ts'
import {
  answerPolicy,
  bootFilesMissing,
  certificateExpired,
  dhcpSilent,
  failoverPartner,
  handsFree,
  issuingListMissing,
  macIgnoreList,
  restartPending,
  signedBy2011,
  wdsNotAuthorised,
} from './doctor/server-rules.ts'
import { bindPolicy, blocksTooLarge, readFilter, twoServices } from './doctor/wds-rules.ts'
import { clientTitle, twinClients } from './twin-clients.ts'
import { isFailing, predict, type Prediction } from './twin.ts'

/** The set-up in the terms of the matrix; undefined where a fact that decides is missing. */
function rowOf(known: Known): MatrixRow | undefined {
  const dhcp = known.service('DHCPServer')
  const wds = known.service('WDSServer')
  const sccm = known.service('SccmPxe')
  if (dhcp === 'unknown' || wds === 'unknown' || sccm === 'unknown') return undefined
  const pxe =
    sccm === 'running' || (sccm === 'stopped' && wds !== 'running') ? 'SccmPxe' : wds === 'absent' ? 'none' : 'WDS'
  const value =
    pxe === 'SccmPxe' ? known.registry(dpKey, 'DoNotListenOnDhcpPort') : known.registry(wdsKey, 'UseDHCPPorts')
  if (pxe !== 'none' && value === undefined) return undefined
  const option60 = known.options(60)
  const hasDhcp = dhcp === 'running'
  // What another server's options are, facts of this machine do not tell.
  if (hasDhcp && option60 === undefined) return undefined
  const files = hasDhcp ? [...(known.options(66) ?? []), ...(known.options(67) ?? [])] : []
  const order = startsFirst(known, pxe)
  return {
    dhcp: hasDhcp ? 'this' : 'other',
    pxe,
    listen: value === 0 ? '0' : value === 1 ? '1' : 'default',
    option60:
      !hasDhcp || !option60 || option60.length === 0
        ? 'unset'
        : option60.some((one) => one.level === 'server')
          ? 'server'
          : 'left-over',
    files: files.length > 0 ? 'set' : 'unset',
    service: (pxe === 'SccmPxe' ? sccm : wds) === 'running' ? 'running' : 'stopped',
    starts: order,
  }
}

/** Whoever holds port 67 now has started first; without that, what Windows usually does. */
function startsFirst(known: Known, pxe: MatrixRow['pxe']): MatrixRow['starts'] {
  const holder = known.owners(67)?.flatMap((one) => one.services) ?? []
  const name = pxe === 'SccmPxe' ? 'SccmPxe' : 'WDSServer'
  return holder.includes(name) ? 'first' : 'second'
}

/** Where a check concerns a machine: options of a DHCP server that is not here need not be known, and are not said to be right. */
type Concern = (context: Context) => boolean
const hasDhcp: Concern = ({ dhcp }) => dhcp !== 'absent'
const hasPxe: Concern = ({ wds, sccm }) => wds !== 'absent' || sccm !== 'absent'
const hasWds: Concern = ({ wds }) => wds !== 'absent'
const hasSccm: Concern = ({ sccm }) => sccm !== 'absent'
const both =
  (...all: readonly Concern[]): Concern =>
  (context) =>
    all.every((one) => one(context))
const isWindows: Concern = ({ known }) => known.facts.system === 'windows'
const isDistributionPoint: Concern = ({ known, sccm }) =>
  sccm !== 'absent' || known.facts.distributionPoint?.value === true
const setsBootFiles: Concern = ({ known }) =>
  known.facts.dhcpOptions?.value.some((one) => one.level === 'policy') ?? known.facts.dhcpPolicies?.value.length !== 0

const rules: readonly (readonly [title: string, needs: readonly (keyof Facts)[], concerns: Concern, rule: Rule])[] = [
  ['Only one service uses UDP 67', ['services', 'registry'], both(hasDhcp, hasWds), bothWant67],
  ['The ConfigMgr PXE responder leaves UDP 67 to DHCP', ['services', 'registry'], both(hasDhcp, hasSccm), responderTakes67],
  ['The DHCP server runs', ['services'], hasDhcp, dhcpStopped],
  ['The DHCP server has an active scope', ['services', 'dhcpScopes'], hasDhcp, scopeInactive],
  ['Option 60 is set where it is needed', ['services', 'registry', 'dhcpOptions'], both(hasDhcp, hasPxe), option60Missing],
  ['Option 60 is not left over from a PXE service that moved', ['services', 'dhcpOptions', 'udp'], hasDhcp, option60LeftOver],
  ['Option 60 has the value PXEClient', ['services', 'dhcpOptions'], hasDhcp, option60Wrong],
  ['The PXE service listens on UDP 67 if no DHCP server runs here', ['services', 'registry'], hasPxe, leftAt0],
  ['The PXE service runs', ['services'], hasPxe, serviceStopped],
  ['The PXE service listens on UDP 69 and 4011', ['services', 'registry', 'udp'], hasPxe, notListening],
  ['Only one PXE service runs', ['services'], hasPxe, twoServices],
  ['Options 66 and 67 do not send one boot file to every machine', ['services', 'dhcpOptions'], hasDhcp, bootFileOptions],
  ['The conditions of DHCP policies are known', ['services', 'dhcpPolicies'], both(hasDhcp, setsBootFiles), () => undefined],
  ['The DHCP server is authorised', ['services'], hasDhcp, notAuthorised],
  ['WDS is authorised if it requires authorisation', ['services', 'registry'], hasWds, wdsNotAuthorised],
  ['WDS answers clients', ['services', 'registry'], hasWds, answerPolicy],
  ['The firewall allows the boot ports inbound', ['services', 'firewall'], (context) => neededPorts(context).length > 0, firewallClosed],
  ['No boot port is in an excluded port range', ['services', 'excludedPorts', 'udp'], hasPxe, portsExcluded],
  ['The ports of TFTP data are free', ['services', 'registry', 'udp'], hasWds, dnsHoldsPorts],
  ['WDS has enough ports for TFTP data', ['services', 'registry'], hasWds, narrowRange],
  ['The TFTP read filter allows the boot files', ['services', 'registry', 'distributionPoint'], hasWds, readFilter],
  ['WDS is bound to existing interfaces', ['services', 'registry', 'interfaces'], hasWds, bindPolicy],
  ['TFTP blocks fit into a frame', ['services', 'registry'], hasPxe, blocksTooLarge],
  ['The DHCP event log shows no refusal to serve clients', ['services', 'events'], hasDhcp, dhcpSilent],
  ['The server has boot programs for BIOS and UEFI x64', ['services', 'bootFiles'], hasPxe, bootFilesMissing],
  ['The boot programs are signed by Windows UEFI CA 2023', ['services', 'bootFiles'], hasPxe, signedBy2011],
  ['The certificate of the distribution point is valid', ['services', 'certificates'], isDistributionPoint, certificateExpired],
  ['The failover partner has a PXE service if option 60 points clients to it', ['services', 'dhcpFailover', 'dhcpOptions'], both(hasDhcp, hasPxe), failoverPartner],
  ['Hands-free deployment is off', ['services', 'registry'], (context) => hasWds(context) && !isDistributionPoint(context), handsFree],
  ['The list of issuing certificates exists', ['services', 'registry'], isDistributionPoint, issuingListMissing],
  ['No MAC address is on the ignore list', ['services', 'registry'], isDistributionPoint, macIgnoreList],
  ['No restart is pending', ['restartPending'], (context) => hasDhcp(context) || hasPxe(context), restartPending],
  ['No other program uses the boot ports', ['services', 'udp'], () => true, foreignOwner],
  ['UDP 547 is free for DHCPv6 of the lab', ['udp'], labAnswersDhcp6, dhcp6PortHeld],
  ['The firewall allows DHCPv6 and TFTP inbound over IPv6', ['firewall'], firewallConcerns6, dhcp6FirewallClosed],
  ['PXE Lab may open the boot ports', ['lowPorts'], ({ known }) => known.facts.system === 'linux', portsNeedRights],
] // prettier-ignore

/** Rules about what the simulation of a server goes by. */
const decides: readonly Rule[] = [bothWant67, responderTakes67, scopeInactive, option60Missing, leftAt0, notListening, bootFileOptions, firewallClosed, dnsHoldsPorts, narrowRange, readFilter, bindPolicy, foreignOwner] // prettier-ignore
const decidesBoot = new Set(rules.flatMap(([title, , , rule]) => (decides.includes(rule) ? [title] : [])))

/** Checks of one value of the registry. */
const singleValues: ReadonlyMap<Rule, readonly [key: string, name: string]> = new Map([
  [handsFree, [wdsUnattendKey, 'AllowHandsFreeFunctionality']],
  [issuingListMissing, [smsSecurityKey, 'IssuingCertificateList']],
  [macIgnoreList, [dpKey, 'MACIgnoreListFile']],
])

/** Values of WDS in keys of their own, which checks are about; those of a key are known together. */
const valuesOfWds: ReadonlyMap<Rule, readonly [key: string, name: string]> = new Map([
  [readFilter, [wdsTftpKey, 'ReadFilter']],
  [narrowRange, [wdsParametersKey, 'UdpPortPolicy']],
  [dnsHoldsPorts, [wdsParametersKey, 'UdpPortPolicy']],
])

/** What facts of version 1 were not asked for. */
const sinceVersion2: readonly Rule[] = [portsExcluded, dhcpSilent, bootFilesMissing, signedBy2011, certificateExpired, failoverPartner, handsFree, issuingListMissing, macIgnoreList, restartPending] // prettier-ignore

/** Checks that are about more than the services of Windows. */
const everywhere: readonly Rule[] = [firewallClosed, foreignOwner, dhcp6PortHeld, dhcp6FirewallClosed, portsNeedRights]

const factNames: Partial<Record<keyof Facts, string>> = {
  services: 'the services of this machine',
  registry: 'the registry values of WDS and ConfigMgr',
  dhcpOptions: 'the options of the DHCP server',
  dhcpScopes: 'the scopes of the DHCP server',
  dhcpPolicies: 'the policies of the DHCP server and their conditions',
  firewall: 'the rules of the firewall',
  udp: 'who holds the UDP ports',
  excludedPorts: 'the ranges of ports that Windows keeps',
  interfaces: 'the network interfaces',
  events: 'the event logs of WDS and DHCP',
  bootFiles: 'the boot files of the server',
  certificates: 'the certificates of the distribution point',
  dhcpFailover: 'the failover partners of the DHCP server',
  restartPending: 'whether a restart is pending',
  lowPorts: 'whether this program may open ports below 1024',
}

const severities: readonly Severity[] = ['error', 'warning', 'note']

/** Whether of a fact that is there the part that decides is not: a key that may not be read, a process that is not told. */
function isPartial(name: keyof Facts, rule: Rule, { known, dhcp, wds, sccm }: Context): boolean {
  const own = singleValues.get(rule)
  if (name === 'registry' && own) return known.registry(...own) === undefined
  // Port 68 is needed in a domain alone.
  if (name === 'firewall' && known.facts.system === 'windows' && dhcp === 'running' && !known.facts.domain) return true
  const ofWds = valuesOfWds.get(rule)
  if (name === 'registry' && ofWds && wds !== 'absent' && known.registry(...ofWds) === undefined) return true
  if (name === 'registry')
    return (
      (wds !== 'absent' && known.registry(wdsKey, 'UseDHCPPorts') === undefined) ||
      (sccm !== 'absent' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === undefined)
    )
  if (name === 'udp' && rule === dnsHoldsPorts)
    return known.facts.udp?.value.some((one) => one.port > 4011 && one.process === undefined && one.services.length === 0) === true // prettier-ignore
  return (
    name === 'udp' &&
    rule === foreignOwner &&
    known.facts.system === 'windows' &&
    [67, 69, 4011].some((port) => known.owners(port)?.some((one) => one.process === undefined))
  )
}

/** Who fails where and why, in words, the same failure once. */
function failures({ scopes, clients: all }: Prediction): string[] {
  return scopes.flatMap((place) => {
    const failing = all.filter((client) => isFailing(place.cells[client]!))
    const reasons = [...new Set(failing.map((client) => place.cells[client]!.because))]
    return reasons.map((because) => `${kindsOf(failing.filter((client) => place.cells[client]!.because === because), all)} in ${placeName(place)}: ${because}`) // prettier-ignore
  })
}

/** Findings and prediction say the same: a fault is one that clients fail of, and what fails is a fault. */
function reconciled(findings: readonly Finding[], prediction: Prediction | undefined, known: Known): Finding[] {
  if (!prediction) return [...findings]
  const failing = failures(prediction)
  if (failing.length === 0)
    return findings.map((one) => (one.severity === 'error' ? { ...one, severity: 'warning' as const } : one))
  if (findings.some((one) => one.severity === 'error')) return [...findings]
  const [first] = failing
  return [
    {
      id: 'clients-do-not-boot',
      severity: 'error',
      title: 'These settings boot not every client',
      says: `Simulated with the settings of this server: ${fewer(failing)}.`,
      reference: docs.coHosting,
      evidence: [known.evidence(first!, [known.facts.services?.source])],
      remedy: undefined,
    },
    ...findings,
  ]
}

/** Kinds of clients that nothing here is for, in a sentence; none where every kind is judged. */
const notJudged = ({ clients }: Prediction): string[] => {
  const left = twinClients.filter((one) => !clients.includes(one)).map(clientTitle)
  return left.length === 0
    ? []
    : [
        `This server has nothing for ${listed(left)}, so ${left.length === 1 ? 'this client was' : 'these clients were'} not checked`,
      ]
}

const windowsServers = /^(DHCPServer|WDSServer|SccmPxe)$/i

/** Where no service of Windows runs, there is no health to speak of: what is here, and what answers clients. */
function withoutServices({ host, udp }: Facts, unread: readonly string[], isInstalled: boolean): string {
  const held = udp?.value.filter((one) => [67, 69, 4011].includes(one.port) && one.namespace === undefined)
  const own = held?.some((one) => one.isOwn) ? ['PXE Lab answers on its ports'] : []
  const theirs = unread.length === 0 ? [] : [`${listed(unread)} ${unread.length === 1 ? 'runs, and its configuration was' : 'run, and their configurations were'} not checked`] // prettier-ignore
  if (own.length + theirs.length > 0) return `No fault was found on ${host}: ${[...own, ...theirs].join('; ')}.`
  const ports = [...new Set(held?.map(({ port }) => port))].toSorted((a, b) => a - b)
  return `No DHCP or PXE service ${isInstalled ? 'runs' : 'is installed'} here: ${
    held === undefined
      ? `nothing on ${host} is known to answer PXE clients`
      : ports.length === 0
        ? `${host} answers no PXE clients, and UDP 67, 69 and 4011 are free`
        : `other programs hold UDP ${listed(ports)} on ${host}`
  }.`
}

export function diagnose(facts: Facts): Diagnosis {
  const known = new Known(facts)
  const others = facts.services?.value.filter((one) => otherServers.test(one.name) && one.state === 'running') ?? []
  const row = rowOf(known)
  const prediction = row && row.pxe !== 'none' ? predict(facts, row) : undefined
  const [dhcp, wds, sccm] = ['DHCPServer', 'WDSServer', 'SccmPxe'].map((name) => known.service(name)) as [ServiceState, ServiceState, ServiceState] // prettier-ignore
  const context: Context = {
    known,
    dhcp,
    wds,
    sccm,
    wdsServes: wds === 'running' || (wds === 'stopped' && sccm !== 'running'),
    sccmServes: sccm === 'running' || (sccm === 'stopped' && wds !== 'running'),
    prediction,
  }
  const found: Finding[] = []
  const checks: (Check & { readonly id: string | undefined; readonly isAboutNotes?: boolean })[] = []
  const unknown = new Set<string>()
  for (const [title, needs, concerns, rule] of rules) {
    if (!(everywhere.includes(rule) || isWindows(context)) || !concerns(context)) {
      const detail =
        everywhere.includes(rule) || isWindows(context)
          ? 'The service it is about is not installed here.'
          : 'It is about the services of Windows.'
      checks.push({ id: undefined, title, state: 'not-applicable', detail })
      continue
    }
    const missing = needs.filter((name) => facts[name] === undefined || isPartial(name, rule, context))
    if (missing.length > 0 && facts.version === 1 && sinceVersion2.includes(rule)) {
      checks.push({ id: undefined, title, state: 'unknown', detail: 'Not asked: these facts are of version 1. Collect them again.' }) // prettier-ignore
      continue
    }
    if (missing.length > 0) {
      const names = missing.map((name) => factNames[name] ?? name)
      for (const name of names) unknown.add(name)
      checks.push({ id: undefined, title, state: 'unknown', detail: `Not known: ${names.join(', ')}.` })
      continue
    }
    const told = rule(context)
    if (told && 'doubt' in told) {
      unknown.add(told.doubt)
      checks.push({ id: undefined, title, state: 'unknown', detail: `Not known: ${told.doubt}.` })
      continue
    }
    const finding = told
    if (finding) found.push(finding)
    checks.push({
      id: finding?.id,
      isAboutNotes: sinceVersion2.includes(rule),
      title,
      state: 'passed',
      detail: finding?.title ?? 'As it should be.',
    })
  }
  const findings = reconciled(found, prediction, known).toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  )
  const isFault = ({ severity }: Finding): boolean => severity !== 'note'
  if (prediction) {
    const doubts = new Set(prediction.scopes.flatMap((one) => prediction.clients.map((client) => one.cells[client]!)).filter((one) => one.state === 'unknown').map((one) => one.because)) // prettier-ignore
    for (const doubt of doubts) unknown.add(doubt.replace(/\.$/, ''))
    // A run with what is assumed in the place of what is not known shows what may be.
    const missing = checks.filter((one) => one.state === 'unknown' && decidesBoot.has(one.title)).map((one) => one.title) // prettier-ignore
    checks.push({
      id: undefined,
      title: 'Every kind of client boots in every scope',
      state: findings.some((one) => one.severity === 'error')
        ? 'failed'
        : doubts.size > 0 || missing.length > 0
          ? 'unknown'
          : 'passed',
      detail:
        [...failures(prediction), ...doubts, ...notJudged(prediction), ...missing.map((title) => `not known whether so: ${title}`)].join('; ') || 'Simulated with these settings.', // prettier-ignore
    })
  }
  const worst = findings.find(isFault)
  const isHere = (pattern: RegExp): boolean => facts.services?.value.some((one) => pattern.test(one.name)) === true
  // Nothing is known of how these are set: that they run is all that is told.
  const unread = others.map((one) => one.name)
  const judged = [
    ...(context.dhcp === 'running' ? ['DHCP'] : []),
    ...(context.wds === 'running' ? ['WDS'] : []),
    ...(context.sccm === 'running' ? ['the ConfigMgr PXE responder'] : []),
  ]
  const asked = checks.filter((one) => one.state !== 'not-applicable')
  const isBlind = asked.every((one) => one.state === 'unknown') || (facts.system === 'windows' && row === undefined)
  const health = worst ? 'findings' : isBlind || unknown.size > 0 ? 'unknown' : 'healthy'
  const verdict = worst
    ? `${worst.title}.`
    : isBlind
      ? `Too little is known about ${facts.host} for a verdict${unknown.size > 0 ? `. Missing: ${[...unknown].join('; ')}` : ''}.`
      : health === 'unknown'
        ? `No fault was found on ${facts.host}, but not everything is known: ${[...unknown].join('; ')}.`
        : judged.length === 0
          ? withoutServices(facts, unread, isHere(otherServers) || isHere(windowsServers))
          : [
              `Nothing is wrong on ${facts.host}: ${judged.join(' and ')} ${judged.length === 1 ? 'runs' : 'run'} as ${judged.length === 1 ? 'it' : 'they'} should.`,
              ...(unread.length > 0 ? [`The configuration of ${listed(unread)} was not checked.`] : []),
              ...(prediction ? notJudged(prediction).map((one) => `${one}.`) : []),
            ].join(' ')
  return {
    verdict,
    health,
    findings,
    checks: checks.map(({ id, isAboutNotes, ...check }) => ({
      ...check,
      state: findings.some((one) => one.id === id && (isAboutNotes || isFault(one))) ? 'failed' : check.state,
    })),
    row,
    prediction,
    unknown: [...unknown],
  }
}

/** The scenario of the Simulator that plays a diagnosed set-up. */
export const scenarioKeyOf = (row: MatrixRow): string => `row:${keyOfRow(row)}`
