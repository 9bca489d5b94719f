/** Rules about who answers on port 67, what the DHCP server tells clients, and whether its partner on 4011 is there. */
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
  listed,
  optionChange,
  repair,
  restart,
  serviceNames,
  type Rule,
  type ServiceState,
} from './context.ts'
import { whyNotStarted } from './server-rules.ts'

export const bothWant67: Rule = ({ known, dhcp, wds }) => {
  const value = known.registry(wdsKey, 'UseDHCPPorts')
  if (dhcp !== 'running' || (wds !== 'running' && wds !== 'stopped') || value === undefined || value === 0)
    return undefined
  const holders = known.owners(67)?.flatMap((one) => one.services) ?? []
  const who = holders.includes('WDSServer')
    ? 'WDS has it now, and DHCP hears nothing'
    : 'DHCP has it now, and WDS does not serve'
  return {
    id: 'both-want-67',
    severity: 'error',
    title: 'WDS and DHCP both want UDP port 67',
    says: `Both services run on this server, and UseDHCPPorts is ${value === null ? 'not set, which means 1' : String(value)}. Port 67 belongs to one service alone${holders.length > 0 ? `: ${who}` : ''}. After a restart it may be the other way round.`,
    reference: docs.startup,
    evidence: [
      known.serviceEvidence('DHCPServer'),
      known.serviceEvidence('WDSServer'),
      known.registryEvidence(wdsKey, 'UseDHCPPorts'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, `WDS leaves port 67 to DHCP, and option 60 sends the clients to port 4011. ${sharedByTool}`, [
      { kind: 'registry', key: wdsKey, name: 'UseDHCPPorts', data: 0 },
      ...announced(known),
      restart('WDSServer'),
    ]),
  }
}

/** A scope, or one machine of it, as people know it. */
export const placeName = ({ scope, name, reservation }: ScopePrediction): string =>
  reservation !== ''
    ? `the reservation ${reservation}`
    : scope === ''
      ? 'the network of the server'
      : `scope ${scope}${name === '' ? '' : ` (${name})`}`

/** So many names are read; the others are counted. */
const mostNames = 5
export const fewer = (names: readonly string[]): string =>
  listed(names.length > mostNames ? [...names.slice(0, mostNames - 1), `${names.length - mostNames + 1} more`] : names)

/** Kinds of clients in the fewest words, of all that are judged. */
export function kindsOf(clients: readonly TwinClient[], all: readonly TwinClient[]): string {
  if (clients.length === all.length) return 'every client'
  const families = new Map<string, TwinClient[]>([
    ['BIOS clients', ['bios']],
    ['iPXE', ['ipxe']],
    ['UEFI x64 clients', ['edk2', 'edk2-2016']],
    ['UEFI ARM64 clients', ['edk2-arm64']],
    ['UEFI x86 clients', ['edk2-x86']],
  ])
  return listed(
    [...families].flatMap(([name, members]) =>
      members.every((one) => clients.includes(one))
        ? [name]
        : members.filter((one) => clients.includes(one)).map(clientTitle),
    ),
  )
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
  const who = kindsOf(
    prediction.clients.filter((client) => places.some((one) => one.clients.includes(client))),
    prediction.clients,
  )
  const has60 = plainOptions(known.facts, 60)!
  const [key, name] = isSccm ? ([dpKey, 'DoNotListenOnDhcpPort'] as const) : ([wdsKey, 'UseDHCPPorts'] as const)
  return {
    id: 'option-60-missing',
    severity: 'error',
    title: isAll
      ? 'Nobody tells the clients that there is a PXE service'
      : `The DHCP server sends ${who === 'every client' ? '' : `${who} `}no option 60 in ${where}`,
    says: `${isSccm ? serviceNames.SccmPxe : serviceNames.WDSServer} leaves port 67 to the DHCP server of this host, and the DHCP server does not send option 60${isAll ? '' : ` in ${where}${who === 'every client' ? '' : ` to ${who}`}`}: ${isAll ? 'no client ever asks' : 'these clients never ask'} port 4011.`,
    reference: docs.coHosting,
    evidence: [
      known.registryEvidence(key, name),
      ...(has60.length === 0
        ? [known.evidence('option 60 is set at no level', [known.facts.dhcpOptions.source])]
        : known.optionEvidence(60)),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: repair(
      known,
      'Set option 60 to PXEClient at the server level, and wherever it says otherwise.',
      announced(known),
    ),
  }
}

export const dhcpStopped: Rule = ({ known, dhcp }) =>
  dhcp !== 'stopped'
    ? undefined
    : {
        id: 'dhcp-stopped',
        severity: 'error',
        title: 'The DHCP server is installed and does not run',
        says: 'It gives no addresses. Where another host gives them, this service should be disabled, and the PXE service told so.',
        reference: docs.coHosting,
        evidence: [known.serviceEvidence('DHCPServer')],
        remedy: repair(known, 'Start it, and look into the event log for why it stopped.', [
          { kind: 'service', name: 'DHCPServer', state: 'running' },
        ]),
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
  const names = listed(off.map((one) => (one.name === '' ? one.scope : `${one.scope} (${one.name})`)))
  return {
    id: 'scope-inactive',
    severity: isNone ? 'error' : 'note',
    title:
      scopes.length === 0
        ? 'The DHCP server has no scope'
        : isNone
          ? `The DHCP server has no active scope: ${names} ${off.length === 1 ? 'is' : 'are'} inactive`
          : `Scope ${names} ${off.length === 1 ? 'is' : 'are'} inactive`,
    says: isNone
      ? 'The service runs and gives no address to anybody: a scope has to be there, and has to be activated.'
      : 'Its clients get no address from this server. That is as it should be where the scope is not in use.',
    reference: docs.prerequisites,
    evidence:
      off.length === 0
        ? [known.evidence('the dump of the DHCP server has no scope', [known.facts.dhcpScopes!.source])]
        : off.map((one) =>
            known.evidence(`scope ${one.scope} is inactive`, [known.facts.dhcpScopes!.source], one.scope, 'set state'),
          ),
    remedy:
      scopes.length === 0
        ? undefined
        : repair(known, isNone ? 'Activate the scope.' : 'Activate it where clients are to get addresses there.', [
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
    title: 'Option 60 promises a PXE service that is not here',
    says: `The DHCP server of this host tells ${options.some((one) => one.level === 'server' && one.userClass === undefined) ? 'every client' : `the clients of ${listed([...new Set(options.map((one) => `${one.level} ${one.at}`.trim()))])}`} to ask port 4011 of this host, where nothing listens. A PXE service on another host is not even asked.`,
    reference: docs.coHosting,
    evidence: [
      ...known.optionEvidence(60),
      known.serviceEvidence('WDSServer'),
      known.evidence('nobody holds UDP port 4011', [known.facts.udp?.source]),
    ],
    remedy: repair(
      known,
      'Delete option 60 at every level where it is set.',
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
    title: 'Option 60 has a value that no firmware understands',
    says: `Clients look for PXEClient at the beginning, in these letters; ${wrong.map((one) => `"${one.value.join(' ')}" at ${one.level} level`).join(' and ')} is something else.`,
    reference: 'PXE 2.1 section 2.2',
    evidence: known.optionEvidence(60),
    remedy: repair(
      known,
      'Write PXEClient.',
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
  const [key, name, now, then] = isWds
    ? ([wdsKey, 'UseDHCPPorts', 0, 1] as const)
    : ([dpKey, 'DoNotListenOnDhcpPort', 1, 0] as const)
  return {
    id: 'use-dhcp-ports-left-at-0',
    severity: 'error',
    title: `${isWds ? 'WDS' : 'The ConfigMgr PXE responder'} leaves port 67 to a DHCP server that is not here`,
    says: `${name} is ${now}, as beside a DHCP server on the same host. There is none here: ${service} does not hear a single DISCOVER.`,
    reference: isWds ? docs.coHosting : docs.responder,
    evidence: [known.registryEvidence(key, name), known.serviceEvidence('DHCPServer')],
    remedy: repair(known, `Set ${name} to ${then}.`, [{ kind: 'registry', key, name, data: then }, restart(service)]),
  }
}

const stateWords = { paused: 'is paused', pending: 'is starting or stopping' } as const

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
    title: `${name} ${state === 'paused' || state === 'pending' ? stateWords[state] : 'is stopped'}`,
    says: `${name === 'SccmPxe' ? 'The ConfigMgr PXE responder' : 'WDS'} does not run${has60 ? ', and option 60 goes on sending clients to it' : ''}.${why ? ` ${why.says}` : ''}`,
    reference: docs.coHosting,
    evidence: [known.serviceEvidence(name), ...(has60 ? known.optionEvidence(60) : []), ...(why?.evidence ?? [])],
    remedy: repair(known, 'Start it, and look into the event log for why it stopped.', [
      { kind: 'service', name, state: 'running' },
    ]),
  }
}

export const notListening: Rule = ({ known, wds, sccm }) => {
  const name = sccm === 'running' ? 'SccmPxe' : wds === 'running' ? 'WDSServer' : undefined
  if (name === undefined || !isNotListening(known.facts, name)) return undefined
  const why = name === 'WDSServer' ? whyNotStarted(known.facts) : undefined
  return {
    id: 'pxe-service-not-listening',
    severity: 'error',
    title: `${name} runs and listens on neither UDP 69 nor 4011`,
    says: `Nobody holds these ports. ${name === 'WDSServer' ? 'WDS was not initialised, or its PXE provider did not load.' : 'The responder did not come up: SMSPXE.log says why.'}${why ? ` ${why.says}` : ''}`,
    reference: docs.coHosting,
    evidence: [
      known.serviceEvidence(name),
      known.evidence('nobody holds UDP port 69 or 4011', [known.facts.udp?.source]),
      ...(why?.evidence ?? []),
    ],
    remedy: repair(
      known,
      `Start it again, and look at its log.${name === 'WDSServer' ? ' A server that was never initialised needs wdsutil /Initialize-Server /REMINST:FOLDER first.' : ''}`,
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
    title: 'The ConfigMgr PXE responder and DHCP both want UDP port 67',
    says: `SccmPxe shares this server with DHCP, and DoNotListenOnDhcpPort is ${value === null ? 'not set' : String(value)}. Whichever starts second does not serve.`,
    reference: docs.responder,
    evidence: [
      known.serviceEvidence('SccmPxe'),
      known.serviceEvidence('DHCPServer'),
      known.registryEvidence(dpKey, 'DoNotListenOnDhcpPort'),
      ...known.portEvidence(67),
    ],
    remedy: repair(known, 'Set DoNotListenOnDhcpPort to 1 and option 60 to PXEClient, from version 1902 on.', [
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
    return clients.length === 0 ? [] : [`${kindsOf(clients, prediction!.clients)} in ${placeName(place)}`]
  })
  const byPolicy = set.filter((one) => one.level === 'policy')
  // Without policies for UEFI those machines are told the same.
  const isBios =
    byPolicy.length === 0 && plain.some((one) => one.option === 67 && biosPrograms.test(one.value.join(' ')))
  return {
    id: 'boot-file-options',
    severity: failing.length > 0 ? 'error' : plain.length > 0 && (isBesidePxe || isBios) ? 'warning' : 'note',
    title:
      failing.length > 0
        ? 'Options 66 and 67 send clients a boot file that does not start there'
        : plain.length > 0
          ? isBios
            ? 'Every client is given a program that UEFI does not start'
            : 'One boot file for every kind of machine'
          : 'DHCP policies name the boot files',
    says: `${
      plain.length > 0
        ? `Options 66 and 67 name ${files(plain)}: every client ${byPolicy.length > 0 ? 'without a policy of its own ' : ''}of ${plain.some((one) => one.level === 'server') ? 'this server' : listed([...new Set(plain.map((one) => `${one.level} ${one.at}`))])} is told that, whatever it is${isBesidePxe ? ', and the PXE service has no say' : ''}. A BIOS program does not start on UEFI, and the other way round.`
        : `The policies ${listed([...new Set(byPolicy.map((one) => one.at))])} name ${files(byPolicy)} for the machines for which they hold. Microsoft supports IP helpers and the PXE service instead, which chooses the program by itself.`
    }${failing.length > 0 ? ` It fails for ${fewer(failing)}.` : ''}`,
    reference: docs.helpers,
    evidence: [...known.optionEvidence(66), ...known.optionEvidence(67)],
    remedy:
      isBesidePxe && (plain.length > 0 || failing.length > 0)
        ? repair(known, 'Remove both options; across routers add the PXE server as an IP helper.', [
            ...[...new Set([...plain, ...culprits])].flatMap((one) => optionChange(one, null)),
            // Whoever was given a file asks port 4011 from now on.
            ...(leavesPort67(known, wds, sccm) ? announced(known) : []),
          ])
        : isBios
          ? byHand(
              'Add the PXE server as an IP helper on the routers and remove both options; or give UEFI machines a policy (vendor class PXEClient:Arch:00007*) with their own option 67, boot\\x64\\wdsmgfw.efi.',
              [],
              [],
            )
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
    title: 'The DHCP server is not authorised in Active Directory',
    says: 'The service runs and answers nobody.',
    reference: docs.authorise,
    evidence: [
      known.evidence('this server is not among the authorised DHCP servers', [known.facts.dhcpAuthorised?.source]),
      known.serviceEvidence('DHCPServer'),
    ],
    remedy: byHand(
      'Authorise it, as a member of Enterprise Admins.',
      [elevated('Add-DhcpServerInDC')],
      [elevated('Remove-DhcpServerInDC')],
    ),
  }
}
