/**
 * Judges facts: which set-up this is, what is wrong with it, what each kind of machine will show because of it, and the
 * commands that repair it. Touches nothing; what is not known is told as unknown and never assumed.
 */
import { distinct, keyOf, say, sameText, together, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../lab/facts.ts'
import { dpKey, smsSecurityKey, wdsKey, wdsParametersKey, wdsTftpKey, wdsUnattendKey } from '../lab/registry-keys.ts'
import { keyOfRow, type MatrixRow } from './co-hosting.ts'
import { docs } from './commands.ts'
import { Known, numbers, otherServers, type Context, type Rule, type ServiceState } from './doctor/context.ts'
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
  portsRedirected,
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

const rules: readonly (readonly [title: Message, needs: readonly (keyof Facts)[], concerns: Concern, rule: Rule])[] = [
  [say('doctor.check-one-on-67'), ['services', 'registry'], both(hasDhcp, hasWds), bothWant67],
  [say('doctor.check-responder-67'), ['services', 'registry'], both(hasDhcp, hasSccm), responderTakes67],
  [say('doctor.check-dhcp-runs'), ['services'], hasDhcp, dhcpStopped],
  [say('doctor.check-scope-active'), ['services', 'dhcpScopes'], hasDhcp, scopeInactive],
  [say('doctor.check-option-60-set'), ['services', 'registry', 'dhcpOptions'], both(hasDhcp, hasPxe), option60Missing],
  [say('doctor.check-option-60-left-over'), ['services', 'dhcpOptions', 'udp'], hasDhcp, option60LeftOver],
  [say('doctor.check-option-60-value'), ['services', 'dhcpOptions'], hasDhcp, option60Wrong],
  [say('doctor.check-listens-on-67'), ['services', 'registry'], hasPxe, leftAt0],
  [say('doctor.check-pxe-runs'), ['services'], hasPxe, serviceStopped],
  [say('doctor.check-listens-on-69'), ['services', 'registry', 'udp'], hasPxe, notListening],
  [say('doctor.check-one-pxe-service'), ['services'], hasPxe, twoServices],
  [say('doctor.check-boot-file-options'), ['services', 'dhcpOptions'], hasDhcp, bootFileOptions],
  [say('doctor.check-policies-known'), ['services', 'dhcpPolicies'], both(hasDhcp, setsBootFiles), () => undefined],
  [say('doctor.check-dhcp-authorised'), ['services'], hasDhcp, notAuthorised],
  [say('doctor.check-wds-authorised'), ['services', 'registry'], hasWds, wdsNotAuthorised],
  [say('doctor.check-wds-answers'), ['services', 'registry'], hasWds, answerPolicy],
  [say('doctor.check-firewall'), ['services', 'firewall'], (context) => neededPorts(context).length > 0, firewallClosed],
  [say('doctor.check-ports-redirected'), ['firewall', 'udp'], (context) => context.known.facts.system === 'linux' && neededPorts(context).length > 0, portsRedirected],
  [say('doctor.check-ports-excluded'), ['services', 'excludedPorts', 'udp'], hasPxe, portsExcluded],
  [say('doctor.check-tftp-ports-free'), ['services', 'registry', 'udp'], hasWds, dnsHoldsPorts],
  [say('doctor.check-tftp-port-range'), ['services', 'registry'], hasWds, narrowRange],
  [say('doctor.check-read-filter'), ['services', 'registry', 'distributionPoint'], hasWds, readFilter],
  [say('doctor.check-bind-policy'), ['services', 'registry', 'interfaces'], hasWds, bindPolicy],
  [say('doctor.check-tftp-blocks'), ['services', 'registry'], hasPxe, blocksTooLarge],
  [say('doctor.check-dhcp-log'), ['services', 'events'], hasDhcp, dhcpSilent],
  [say('doctor.check-boot-programs'), ['services', 'bootFiles'], hasPxe, bootFilesMissing],
  [say('doctor.check-signed-2023'), ['services', 'bootFiles'], hasPxe, signedBy2011],
  [say('doctor.check-certificate'), ['services', 'certificates'], isDistributionPoint, certificateExpired],
  [say('doctor.check-failover'), ['services', 'dhcpFailover', 'dhcpOptions'], both(hasDhcp, hasPxe), failoverPartner],
  [say('doctor.check-hands-free'), ['services', 'registry'], (context) => hasWds(context) && !isDistributionPoint(context), handsFree],
  [say('doctor.check-issuing-list'), ['services', 'registry'], isDistributionPoint, issuingListMissing],
  [say('doctor.check-mac-ignored'), ['services', 'registry'], isDistributionPoint, macIgnoreList],
  [say('doctor.check-restart'), ['restartPending'], (context) => hasDhcp(context) || hasPxe(context), restartPending],
  [say('doctor.check-foreign-owner'), ['services', 'udp'], () => true, foreignOwner],
  [say('doctor.check-dhcpv6-port'), ['udp'], labAnswersDhcp6, dhcp6PortHeld],
  [say('doctor.check-dhcpv6-firewall'), ['firewall'], firewallConcerns6, dhcp6FirewallClosed],
  [say('doctor.check-low-ports'), ['lowPorts'], ({ known }) => known.facts.system === 'linux', portsNeedRights],
] // prettier-ignore

/** Rules about what the simulation of a server goes by. */
const decides: readonly Rule[] = [bothWant67, responderTakes67, scopeInactive, option60Missing, leftAt0, notListening, bootFileOptions, firewallClosed, dnsHoldsPorts, narrowRange, readFilter, bindPolicy, foreignOwner] // prettier-ignore

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
const everywhere: readonly Rule[] = [
  firewallClosed,
  portsRedirected,
  foreignOwner,
  dhcp6PortHeld,
  dhcp6FirewallClosed,
  portsNeedRights,
]

const factNames: Partial<Record<keyof Facts, Message>> = {
  services: say('doctor.facts-services'),
  registry: say('doctor.facts-registry'),
  dhcpOptions: say('doctor.facts-dhcp-options'),
  dhcpScopes: say('doctor.facts-dhcp-scopes'),
  dhcpPolicies: say('doctor.facts-dhcp-policies'),
  firewall: say('doctor.facts-firewall'),
  udp: say('doctor.facts-udp'),
  excludedPorts: say('doctor.facts-excluded-ports'),
  interfaces: say('doctor.facts-interfaces'),
  events: say('doctor.facts-events'),
  bootFiles: say('doctor.facts-boot-files'),
  certificates: say('doctor.facts-certificates'),
  dhcpFailover: say('doctor.facts-dhcp-failover'),
  restartPending: say('doctor.facts-restart'),
  lowPorts: say('doctor.facts-low-ports'),
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
function failures({ scopes, clients: all }: Prediction): Message[] {
  return scopes.flatMap((place) => {
    const failing = all.filter((client) => isFailing(place.cells[client]!))
    const reasons = distinct(failing.map((client) => place.cells[client]!.because))
    return reasons.map((because) => {
      const own = failing.filter((client) => sameText(place.cells[client]!.because, because))
      return say('doctor.client-fails', { who: kindsOf(own, all), place: placeName(place), because })
    })
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
      title: say('doctor.clients-do-not-boot-title'),
      says: say('doctor.clients-do-not-boot-says', { failures: fewer(failing) }),
      reference: docs.coHosting,
      evidence: [known.evidence(first!, [known.facts.services?.source])],
      remedy: undefined,
    },
    ...findings,
  ]
}

/** Kinds of clients that nothing here is for, in a sentence; none where every kind is judged. */
const notJudged = ({ clients }: Prediction): Message[] => {
  const left = twinClients.filter((one) => !clients.includes(one)).map(clientTitle)
  return left.length === 0 ? [] : [say('doctor.not-judged', { names: left, count: left.length })]
}

const windowsServers = /^(DHCPServer|WDSServer|SccmPxe)$/i

/** Where no service of Windows runs, there is no health to speak of: what is here, and what answers clients. */
function withoutServices({ host, udp }: Facts, unread: readonly string[], isInstalled: boolean): Message {
  const held = udp?.value.filter((one) => [67, 69, 4011].includes(one.port) && one.namespace === undefined)
  const own = held?.some((one) => one.isOwn) ? [say('doctor.pxe-lab-answers')] : []
  const theirs = unread.length === 0 ? [] : [say('doctor.others-run', { names: unread, count: unread.length })]
  if (own.length + theirs.length > 0) return say('doctor.verdict-others', { host, items: [...own, ...theirs] })
  const ports = [...new Set(held?.map(({ port }) => port))].toSorted((a, b) => a - b)
  const installed = isInstalled ? 'yes' : 'no'
  return held === undefined
    ? say('doctor.none-unknown', { installed, host })
    : ports.length === 0
      ? say('doctor.none-free', { installed, host })
      : say('doctor.none-held', { installed, host, ports: numbers(ports) })
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
  const checks: (Check & { readonly id: string | undefined; readonly rule?: Rule })[] = []
  const unknown = new Map<string, Phrase>()
  const leaveOpen = (what: Phrase): void => void unknown.set(keyOf(what), what)
  for (const [title, needs, concerns, rule] of rules) {
    if (!(everywhere.includes(rule) || isWindows(context)) || !concerns(context)) {
      const detail =
        everywhere.includes(rule) || isWindows(context) ? say('doctor.service-not-here') : say('doctor.windows-only')
      checks.push({ id: undefined, title, state: 'not-applicable', detail })
      continue
    }
    const missing = needs.filter((name) => facts[name] === undefined || isPartial(name, rule, context))
    if (missing.length > 0 && facts.version === 1 && sinceVersion2.includes(rule)) {
      checks.push({ id: undefined, rule, title, state: 'unknown', detail: say('doctor.collected-by-older') })
      continue
    }
    if (missing.length > 0) {
      const names = missing.map((name) => factNames[name] ?? name)
      for (const name of names) leaveOpen(name)
      checks.push({
        id: undefined,
        rule,
        title,
        state: 'unknown',
        detail: say('doctor.unknown-facts', { facts: names }),
      })
      continue
    }
    const told = rule(context)
    if (told && 'doubt' in told) {
      leaveOpen(told.doubt)
      checks.push({ id: undefined, rule, title, state: 'unknown', detail: say('doctor.unknown-facts', { facts: [told.doubt] }) }) // prettier-ignore
      continue
    }
    const finding = told
    if (finding) found.push(finding)
    checks.push({
      id: finding?.id,
      rule,
      title,
      state: 'passed',
      detail: finding?.title ?? say('doctor.as-it-should-be'),
    })
  }
  const findings = reconciled(found, prediction, known).toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  )
  const isFault = ({ severity }: Finding): boolean => severity !== 'note'
  if (prediction) {
    const doubts = distinct(
      prediction.scopes
        .flatMap((one) => prediction.clients.map((client) => one.cells[client]!))
        .filter((one) => one.state === 'unknown')
        .map((one) => one.because),
    ).map((text) => say('doctor.bare', { text }))
    for (const doubt of doubts) leaveOpen(doubt)
    // A run with what is assumed in the place of what is not known shows what may be.
    const missing = checks.filter((one) => one.state === 'unknown' && one.rule && decides.includes(one.rule))
    const items = [
      ...failures(prediction),
      ...doubts,
      ...notJudged(prediction).map((text) => say('doctor.bare', { text })),
      ...missing.map(({ title }) => say('doctor.check-open', { title })),
    ]
    checks.push({
      id: undefined,
      title: say('doctor.check-clients-boot'),
      state: findings.some((one) => one.severity === 'error')
        ? 'failed'
        : doubts.length > 0 || missing.length > 0
          ? 'unknown'
          : 'passed',
      detail: items.length > 0 ? say('doctor.items', { items }) : say('doctor.simulated-so'),
    })
  }
  const worst = findings.find(isFault)
  const isHere = (pattern: RegExp): boolean => facts.services?.value.some((one) => pattern.test(one.name)) === true
  // Nothing is known of how these are set: that they run is all that is told.
  const unread = others.map((one) => one.name)
  const judged = [
    ...(context.dhcp === 'running' ? ['DHCP'] : []),
    ...(context.wds === 'running' ? ['WDS'] : []),
    ...(context.sccm === 'running' ? [say('doctor.responder')] : []),
  ]
  const asked = checks.filter((one) => one.state !== 'not-applicable')
  const isBlind = asked.every((one) => one.state === 'unknown') || (facts.system === 'windows' && row === undefined)
  const health = worst ? 'findings' : isBlind || unknown.size > 0 ? 'unknown' : 'healthy'
  const { host } = facts
  const missing = [...unknown.values()]
  const verdict = worst
    ? say('doctor.verdict', { title: worst.title })
    : isBlind
      ? unknown.size > 0
        ? say('doctor.verdict-blind', { host, missing })
        : say('doctor.verdict-blind-bare', { host })
      : health === 'unknown'
        ? say('doctor.verdict-partial', { host, missing })
        : judged.length === 0
          ? withoutServices(facts, unread, isHere(otherServers) || isHere(windowsServers))
          : together([
              say('doctor.verdict-healthy', { host, services: judged, count: judged.length }),
              ...(unread.length > 0 ? [say('doctor.verdict-unread', { names: unread })] : []),
              ...(prediction ? notJudged(prediction) : []),
            ])
  return {
    verdict,
    health,
    findings,
    checks: checks.map(({ id, rule, ...check }) => {
      const isAboutNotes = rule !== undefined && sinceVersion2.includes(rule)
      const isFailed = findings.some((one) => one.id === id && (isAboutNotes || isFault(one)))
      return { ...check, state: isFailed ? 'failed' : check.state }
    }),
    row,
    prediction,
    unknown: missing,
  }
}

/** The scenario of the Simulator that plays a diagnosed set-up. */
export const scenarioKeyOf = (row: MatrixRow): string => `row:${keyOfRow(row)}`
