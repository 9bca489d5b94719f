/** Rules about who answers on port 67, what the DHCP server tells clients, and whether its partner on 4011 is there. */
import { distinct, say, together, type Message, type Phrase } from '#messages/message.ts'
import type { Facts } from '../../lab/facts.ts'
import { passageOf, waysFrom } from '../../lab/firewall.ts'
import { dpKey, wdsKey } from '../../lab/registry-keys.ts'
import type { Change } from '../../lab/repair.ts'
import { parseIpv4 } from '../../wire/bytes.ts'
import { dhcpAuthority } from '../authority.ts'
import { docs, sharedByTool } from '../commands.ts'
import { givenTo, networkOf, plainOptions, type Asker, type OptionFact, type ScopeFact } from '../scope-options.ts'
import { askers, clientTitle, twinClients, type TwinClient } from '../twin-clients.ts'
import { isFailing, isNotListening, type ScopePrediction } from '../twin.ts'
import {
  Known,
  announced,
  byHand,
  elevated,
  optionChange,
  optionPlace,
  repair,
  restart,
  type Rule,
  type ServiceState,
} from './context.ts'
import { whyNotStarted } from './server-rules.ts'

export const bothWant67: Rule = ({ known, dhcp, wds }) => {
  const value = known.registry(wdsKey, 'UseDHCPPorts')
  if (dhcp !== 'running' || (wds !== 'running' && wds !== 'stopped') || value === undefined || value === 0)
    return undefined
  const holders = known.owners(67)?.flatMap((one) => one.services) ?? []
  const holder = holders.length === 0 ? 'none' : holders.includes('WDSServer') ? 'wds' : 'dhcp'
  return {
    id: 'both-want-67',
    severity: 'error',
    title: say('doctor.both-want-67-title'),
    says: say('doctor.both-want-67-says', { isSet: value === null ? 'no' : 'yes', value: String(value), holder }),
    reference: docs.startup,
    evidence: [
      known.serviceEvidence('DHCPServer'),
      known.serviceEvidence('WDSServer'),
      known.registryEvidence(wdsKey, 'UseDHCPPorts'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, together([say('doctor.both-want-67-fix'), sharedByTool]), [
      { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 },
      ...announced(known),
      restart('WDSServer'),
    ]),
  }
}

/** A scope, or one machine of it, as people know it. */
export const placeName = ({ scope, name, reservation }: ScopePrediction): Message =>
  reservation !== ''
    ? say('doctor.place-reservation', { address: reservation })
    : scope === ''
      ? say('doctor.place-server')
      : name === ''
        ? say('doctor.place-scope', { scope })
        : say('doctor.place-scope-named', { scope, name })

/** So many names are read; the others are counted. */
const mostNames = 5
export const fewer = (names: readonly Phrase[]): readonly Phrase[] =>
  names.length > mostNames
    ? [...names.slice(0, mostNames - 1), say('doctor.more-names', { count: names.length - mostNames + 1 })]
    : names

/** Kinds of clients in the fewest words, of all that are judged. */
export function kindsOf(clients: readonly TwinClient[], all: readonly TwinClient[]): Phrase {
  if (clients.length === all.length) return say('doctor.every-client')
  const families: readonly (readonly [Phrase, readonly TwinClient[]])[] = [
    [say('doctor.bios-clients'), ['bios']],
    ['iPXE', ['ipxe']],
    [say('doctor.uefi-x64-clients'), ['edk2', 'edk2-2016']],
    [say('doctor.uefi-arm64-clients'), ['edk2-arm64']],
    [say('doctor.uefi-x86-clients'), ['edk2-x86']],
  ]
  const names = families.flatMap(([name, members]) =>
    members.every((one) => clients.includes(one))
      ? [name]
      : members.filter((one) => clients.includes(one)).map(clientTitle),
  )
  return say('doctor.listed', { names })
}

/** Whether the PXE service waits on port 4011 for those whom the DHCP server of this host sends there. */
const leavesPort67 = (known: Known, wds: ServiceState, sccm: ServiceState): boolean =>
  (wds !== 'absent' && known.registry(wdsKey, 'UseDHCPPorts') === 0) ||
  (sccm !== 'absent' && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1)

export const option60Missing: Rule = ({ known, dhcp, prediction, wdsServes, sccmServes }) => {
  if (dhcp !== 'running' || !known.facts.dhcpOptions || !prediction) return undefined
  const isWds = wdsServes && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccmServes && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
  if (!isWds && !isSccm) return undefined
  const places = prediction.scopes.flatMap((place) => {
    const clients = prediction.clients.filter((client) => {
      const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
      const given = givenTo(known.facts, place.scope, asker, 60)
      // A value that is wrong is told by itself; a client that is given its program boots without.
      return (given === undefined || given.value.startsWith('HTTPClient')) && isFailing(place.cells[client]!)
    })
    return clients.length === 0 ? [] : [{ place, clients }]
  })
  if (places.length === 0) return undefined
  const isAll = places.length === prediction.scopes.length && places.every((one) => one.clients.length === prediction.clients.length) // prettier-ignore
  const where = fewer(places.map((one) => placeName(one.place)))
  const whom = prediction.clients.filter((client) => places.some((one) => one.clients.includes(client)))
  const isForAll = whom.length === prediction.clients.length
  const who = kindsOf(whom, prediction.clients)
  const service = isSccm ? 'SccmPxe' : 'WDSServer'
  const has60 = plainOptions(known.facts, 60)!
  const [key, name] = isSccm ? ([dpKey, 'DoNotListenOnDhcpPort'] as const) : ([wdsKey, 'UseDHCPPorts'] as const)
  return {
    id: 'option-60-missing',
    severity: 'error',
    title: isAll
      ? say('doctor.option-60-missing-title')
      : isForAll
        ? say('doctor.option-60-missing-title-in', { places: where })
        : say('doctor.option-60-missing-title-for', { who, places: where }),
    says: isAll
      ? say('doctor.option-60-missing-says', { service })
      : isForAll
        ? say('doctor.option-60-missing-says-in', { service, places: where })
        : say('doctor.option-60-missing-says-for', { service, who, places: where }),
    reference: docs.coHosting,
    evidence: [
      known.registryEvidence(key, name),
      ...(has60.length === 0
        ? [known.evidence(say('doctor.no-option-60'), [known.facts.dhcpOptions.source])]
        : known.optionEvidence(60)),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: repair(known, say('doctor.option-60-missing-fix'), announced(known)),
  }
}

export const dhcpStopped: Rule = ({ known, dhcp }) =>
  dhcp !== 'stopped'
    ? undefined
    : {
        id: 'dhcp-stopped',
        severity: 'error',
        title: say('doctor.dhcp-stopped-title'),
        says: say('doctor.dhcp-stopped-says'),
        reference: docs.coHosting,
        evidence: [known.serviceEvidence('DHCPServer')],
        remedy: repair(known, say('doctor.start-it'), [{ kind: 'service', name: 'DHCPServer', state: 'running' }]),
      }

/** Ports that clients of scopes need and do not reach. */
function closedFrom({ facts }: Known, scopes: readonly ScopeFact[], ports: readonly number[]): Change[] {
  const firewall = facts.firewall?.value
  if (!firewall) return []
  return ports
    .filter((port) => scopes.some((one) => passageOf(firewall, port, waysFrom(facts, networkOf(one))) === 'closed'))
    .map((port) => ({ kind: 'firewall', port }))
}

export const scopeInactive: Rule = ({ known, dhcp, wds, sccm, wdsServes, sccmServes }) => {
  const scopes = known.facts.dhcpScopes?.value
  if (dhcp !== 'running' || !scopes) return undefined
  const off = scopes.filter((one) => !one.isActive)
  const isNone = off.length === scopes.length
  if (off.length === 0 && scopes.length > 0) return undefined
  const names = off.map((one) => (one.name === '' ? one.scope : `${one.scope} (${one.name})`))
  const count = off.length
  return {
    id: 'scope-inactive',
    severity: isNone ? 'error' : 'note',
    title:
      scopes.length === 0
        ? say('doctor.scope-inactive-title-no-scope')
        : isNone
          ? say('doctor.scope-inactive-title-none', { names, count })
          : say('doctor.scope-inactive-title', { names, count }),
    says: isNone ? say('doctor.scope-inactive-says-none') : say('doctor.scope-inactive-says'),
    reference: docs.prerequisites,
    evidence:
      off.length === 0
        ? [known.evidence(say('doctor.no-scope'), [known.facts.dhcpScopes!.source])]
        : off.map((one) =>
            known.evidence(
              say('doctor.scope-is-inactive', { scope: one.scope }),
              [known.facts.dhcpScopes!.source],
              one.scope,
              'set state',
            ),
          ),
    remedy:
      scopes.length === 0
        ? undefined
        : repair(known, isNone ? say('doctor.scope-inactive-fix-none') : say('doctor.scope-inactive-fix'), [
            ...off.map((one): Change => ({ kind: 'dhcp-scope', scope: one.scope, isActive: true })),
            // Its clients need what those of the other scopes need.
            ...(leavesPort67(known, wds, sccm)
              ? announced(
                  known,
                  off.map((one) => one.scope),
                )
              : []),
            ...closedFrom(known, off, wdsServes || sccmServes ? [67, 69, 4011] : [67]),
          ]),
  }
}

/**
 * Whether only UEFI clients are given this option 60, and option 66 as the address of another host with it. Windows DHCP
 * puts that address into siaddr, and they ask port 4011 there, not here (EDK2 PxeBcRetryBinlOffer); BIOS firmware asks here.
 */
function isSentOn(facts: Facts, option: OptionFact): boolean {
  const reached = ['', ...(facts.dhcpScopes?.value.map((one) => one.scope) ?? [])].flatMap((scope) =>
    twinClients.flatMap((client) => {
      const asker = { ...askers[client], ...(option.level === 'reservation' ? { reservation: option.at } : {}) }
      if (givenTo(facts, scope, asker, 60)?.from !== option) return []
      return [{ client, server: givenTo(facts, scope, asker, 66)?.value }]
    }),
  )
  if (reached.some((one) => one.client === 'bios')) return false
  // Machines that are not simulated have a policy of their own.
  const beside = plainOptions(facts, 66)?.find(
    (one) => one.level === 'policy' && option.level === 'policy' && one.at === option.at && one.scope === option.scope,
  )
  const servers = reached.length > 0 ? reached.map((one) => one.server) : [beside?.value.join(' ')]
  const own = facts.interfaces?.value.map((one) => one.address) ?? []
  return servers.every((one) => one !== undefined && parseIpv4(one) !== undefined && !own.includes(one))
}

export const option60LeftOver: Rule = ({ known, dhcp, wds, sccm }) => {
  const options = plainOptions(known.facts, 60)?.filter((one) => one.value[0]?.startsWith('PXEClient') && !isSentOn(known.facts, one)) ?? [] // prettier-ignore
  if (dhcp !== 'running' || options.length === 0 || wds !== 'absent' || sccm !== 'absent') return undefined
  // Something of another make may answer on port 4011 here.
  const onBootPort = known.owners(4011)
  if (onBootPort === undefined || onBootPort.length > 0) return undefined
  return {
    id: 'option-60-left-over',
    severity: 'error',
    title: say('doctor.option-60-left-over-title'),
    says: options.some((one) => one.level === 'server' && one.userClass === undefined)
      ? say('doctor.option-60-left-over-says')
      : say('doctor.option-60-left-over-says-of', { places: distinct(options.map(optionPlace)) }),
    reference: docs.coHosting,
    evidence: [
      ...known.optionEvidence(60),
      known.serviceEvidence('WDSServer'),
      known.evidence(say('doctor.port-free', { port: 4011 }), [known.facts.udp?.source]),
    ],
    remedy: repair(
      known,
      say('doctor.option-60-left-over-fix'),
      options.flatMap((one) => optionChange(one, null)),
    ),
  }
}

export const option60Wrong: Rule = ({ known, dhcp, prediction }) => {
  // Nine octets are compared by EDK2 and iPXE, and ten by HTTP boot: what stands behind them does no harm.
  const reached = new Set(
    (prediction?.scopes ?? []).flatMap(({ scope, reservation }) =>
      prediction!.clients.map((client) => givenTo(known.facts, scope, { ...askers[client], ...(reservation === '' ? {} : { reservation }) }, 60)?.from),
    ),
  ) // prettier-ignore
  const wrong = (plainOptions(known.facts, 60) ?? []).filter(
    (one) => !/^(PXEClient|HTTPClient)/.test(one.value.join(' ')) && (one.userClass === undefined || reached.has(one)),
  )
  if (dhcp !== 'running' || wrong.length === 0) return undefined
  return {
    id: 'option-60-wrong',
    severity: 'error',
    title: say('doctor.option-60-wrong-title'),
    says: say('doctor.option-60-wrong-says', {
      values: wrong.map((one) => say('doctor.option-60-wrong-value', { value: one.value.join(' '), level: one.level })),
    }),
    reference: 'PXE 2.1 section 2.2',
    evidence: known.optionEvidence(60),
    remedy: repair(
      known,
      say('doctor.option-60-wrong-fix'),
      wrong.flatMap((one) => optionChange(one, 'PXEClient')),
    ),
  }
}

export const leftAt0: Rule = ({ known, dhcp, wdsServes, sccmServes }) => {
  if (dhcp !== 'absent') return undefined
  const isWds = wdsServes && known.registry(wdsKey, 'UseDHCPPorts') === 0
  const isSccm = sccmServes && known.registry(dpKey, 'DoNotListenOnDhcpPort') === 1
  if (!isWds && !isSccm) return undefined
  const service = isWds ? 'WDSServer' : 'SccmPxe'
  const [key, name, now, wanted] = isWds
    ? ([wdsKey, 'UseDHCPPorts', 0, 1] as const)
    : ([dpKey, 'DoNotListenOnDhcpPort', 1, 0] as const)
  return {
    id: 'use-dhcp-ports-left-at-0',
    severity: 'error',
    title: say('doctor.left-at-0-title', { service }),
    says: say('doctor.left-at-0-says', { name, now, service }),
    reference: isWds ? docs.coHosting : docs.responder,
    evidence: [known.registryEvidence(key, name), known.serviceEvidence('DHCPServer')],
    remedy: repair(known, say('doctor.left-at-0-fix', { name, wanted }), [
      { kind: 'registry', key, name, data: wanted },
      restart(service),
    ]),
  }
}

export const serviceStopped: Rule = ({ known, wds, sccm, dhcp }) => {
  if (wds === 'running' || sccm === 'running') return undefined
  const name = sccm === 'stopped' ? 'SccmPxe' : wds === 'stopped' ? 'WDSServer' : undefined
  if (name === undefined) return undefined
  // With the ports in conflict a service that is down is the consequence.
  if (name === 'WDSServer' && dhcp === 'running' && known.registry(wdsKey, 'UseDHCPPorts') !== 0) return undefined
  const has60 = dhcp === 'running' && (known.options(60)?.length ?? 0) > 0
  const why = name === 'WDSServer' ? whyNotStarted(known.facts) : undefined
  const state = known.facts.services?.value.find((one) => one.name === name)?.state
  return {
    id: 'pxe-service-stopped',
    severity: 'error',
    title: say('doctor.service-stopped-title', { name, state: state ?? 'stopped' }),
    says: together([
      has60
        ? say('doctor.service-stopped-says-60', { service: name })
        : say('doctor.service-stopped-says', { service: name }),
      ...(why ? [why.says] : []),
    ]),
    reference: docs.coHosting,
    evidence: [known.serviceEvidence(name), ...(has60 ? known.optionEvidence(60) : []), ...(why?.evidence ?? [])],
    remedy: repair(known, say('doctor.start-it'), [{ kind: 'service', name, state: 'running' }]),
  }
}

export const notListening: Rule = ({ known, wds, sccm }) => {
  const name = sccm === 'running' ? 'SccmPxe' : wds === 'running' ? 'WDSServer' : undefined
  if (name === undefined || !isNotListening(known.facts, name)) return undefined
  const why = name === 'WDSServer' ? whyNotStarted(known.facts) : undefined
  return {
    id: 'pxe-service-not-listening',
    severity: 'error',
    title: say('doctor.not-listening-title', { name }),
    says: together([say('doctor.not-listening-says', { name }), ...(why ? [why.says] : [])]),
    reference: docs.coHosting,
    evidence: [
      known.serviceEvidence(name),
      known.evidence(say('doctor.ports-free'), [known.facts.udp?.source]),
      ...(why?.evidence ?? []),
    ],
    remedy: repair(
      known,
      name === 'WDSServer' ? say('doctor.not-listening-fix-wds') : say('doctor.not-listening-fix'),
      [restart(name)],
    ),
  }
}

export const responderTakes67: Rule = ({ known, dhcp, sccm }) => {
  const value = known.registry(dpKey, 'DoNotListenOnDhcpPort')
  if (dhcp !== 'running' || (sccm !== 'running' && sccm !== 'stopped') || value === undefined || value === 1)
    return undefined
  return {
    id: 'responder-takes-67',
    severity: 'error',
    title: say('doctor.responder-takes-67-title'),
    says: say('doctor.responder-takes-67-says', { isSet: value === null ? 'no' : 'yes', value: String(value) }),
    reference: docs.responder,
    evidence: [
      known.serviceEvidence('SccmPxe'),
      known.serviceEvidence('DHCPServer'),
      known.registryEvidence(dpKey, 'DoNotListenOnDhcpPort'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, say('doctor.responder-takes-67-fix'), [
      { kind: 'registry', key: dpKey, name: 'DoNotListenOnDhcpPort', data: 1 },
      ...announced(known),
      restart('SccmPxe'),
      restart('DHCPServer'),
    ]),
  }
}

/** First programs of WDS, PXELINUX, iPXE and GRUB for BIOS. */
const biosPrograms = /(?:^|[\\/])(?:wdsnbp\.com|pxeboot\.(?:com|n12)|[\w.-]+\.(?:0|kpxe|kkpxe|pxe))$/i

/** Adds every option 66 and 67 that a client is told, and those that it would be told without these. */
function addAllTold(facts: Facts, scope: string, asker: Asker, found: Set<OptionFact>): void {
  for (;;) {
    const left = facts.dhcpOptions?.value.filter((one) => !found.has(one)) ?? []
    const rest: Facts = { ...facts, dhcpOptions: { value: left, source: facts.dhcpOptions?.source ?? '' } }
    const told = [66, 67].flatMap((code) => givenTo(rest, scope, asker, code)?.from ?? [])
    if (told.length === 0) return
    for (const one of told) found.add(one)
  }
}

export const bootFileOptions: Rule = ({ known, dhcp, prediction, wds, sccm, wdsServes, sccmServes }) => {
  const set = [...(known.options(66) ?? []), ...(known.options(67) ?? [])]
  if (dhcp !== 'running' || set.length === 0) return undefined
  const plain = set.filter((one) => one.level !== 'policy')
  const files = (list: readonly OptionFact[]): string =>
    list.filter((one) => one.option === 67).map((one) => one.value.join(' ')).join(', ') || list.map((one) => one.value.join(' ')).join(', ') // prettier-ignore
  const isBesidePxe = wdsServes || sccmServes
  const culprits = new Set(plain)
  const failing = (prediction?.scopes ?? []).flatMap((place) => {
    const clients = prediction!.clients.filter((client) => {
      const asker = { ...askers[client], ...(place.reservation === '' ? {} : { reservation: place.reservation }) }
      const file = givenTo(known.facts, place.scope, asker, 67)
      if (file === undefined || !isFailing(place.cells[client]!)) return false
      addAllTold(known.facts, place.scope, asker, culprits)
      return true
    })
    return clients.length === 0
      ? []
      : [say('doctor.who-in-place', { who: kindsOf(clients, prediction!.clients), place: placeName(place) })]
  })
  const byPolicy = set.filter((one) => one.level === 'policy')
  const everywhere = plain.filter((one) => one.level === 'server')
  // Without policies for UEFI those machines are told the same.
  const isBios =
    byPolicy.length === 0 && plain.some((one) => one.option === 67 && biosPrograms.test(one.value.join(' ')))
  return {
    id: 'boot-file-options',
    severity: failing.length > 0 ? 'error' : plain.length > 0 && (isBesidePxe || isBios) ? 'warning' : 'note',
    title:
      failing.length > 0
        ? say('doctor.boot-file-options-title-failing')
        : plain.length > 0
          ? isBios
            ? say('doctor.boot-file-options-title-bios')
            : say('doctor.boot-file-options-title-one')
          : say('doctor.boot-file-options-title-policies'),
    says: together([
      plain.length > 0
        ? say('doctor.boot-file-options-says', {
            files: files(plain),
            policies: byPolicy.length > 0 ? 'yes' : 'no',
            places: distinct(everywhere.length > 0 ? everywhere.slice(0, 1).map(optionPlace) : plain.map(optionPlace)),
            besidePxe: isBesidePxe ? 'yes' : 'no',
          })
        : say('doctor.boot-file-options-says-policies', {
            names: [...new Set(byPolicy.map((one) => one.at))],
            files: files(byPolicy),
          }),
      ...(failing.length > 0 ? [say('doctor.boot-file-options-fails', { failing: fewer(failing) })] : []),
    ]),
    reference: docs.helpers,
    evidence: [...known.optionEvidence(66), ...known.optionEvidence(67)],
    remedy:
      isBesidePxe && (plain.length > 0 || failing.length > 0)
        ? repair(known, say('doctor.boot-file-options-fix'), [
            ...[...new Set([...plain, ...culprits])].flatMap((one) => optionChange(one, null)),
            // Whoever was given a file asks port 4011 from now on.
            ...(leavesPort67(known, wds, sccm) ? announced(known) : []),
          ])
        : isBios
          ? byHand(say('doctor.boot-file-options-fix-bios'), [], [])
          : undefined,
  }
}

export const notAuthorised: Rule = ({ known, dhcp }) => {
  if (dhcp !== 'running') return undefined
  const { state, event, says } = dhcpAuthority(known.facts)
  if (state === 'unknown') return { doubt: says }
  // What an event says is told by itself.
  if (state === 'serves' || event) return undefined
  return {
    id: 'dhcp-not-authorised',
    severity: 'error',
    title: say('doctor.dhcp-not-authorised-title'),
    says: say('doctor.dhcp-not-authorised-says'),
    reference: docs.authorise,
    evidence: [
      known.evidence(say('doctor.server-not-listed'), [known.facts.dhcpAuthorised?.source]),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: byHand(say('doctor.authorise-it'), [elevated('Add-DhcpServerInDC')], [elevated('Remove-DhcpServerInDC')]),
  }
}
