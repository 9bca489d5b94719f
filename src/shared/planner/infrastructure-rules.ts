/**
 * What an operating-system deployment needs of its servers (Microsoft, "Infrastructure requirements for OS deployment in
 * Configuration Manager").
 */
import { adkSupport, firstSeparatePe } from './adk-support.ts'
import type { Rule, Severity, Teller } from './rule.ts'
import { dhcpOf, isSecondary, present, roleNeeds, versionNeeds, versionOf, type Server, type Site } from './site.ts'
import { buildOf } from './versions.ts'
import { isSupportedClient, windowsBuild } from './windows-versions.ts'

const document = 'Infrastructure requirements for OS deployment'

type Adk = Exclude<Server['adk'], 'none' | undefined>
type Wds = Exclude<Server['wds'], 'none' | undefined>
type Dhcp = Exclude<Server['dhcp'], 'none' | undefined>

const has = (server: Server, role: NonNullable<Server['roles']>[number]): boolean | undefined =>
  server.roles?.includes(role)

/** Whether one of several is true; unknown where none is and one of them is not stated. */
const either = (...values: readonly (boolean | undefined)[]): boolean | undefined =>
  values.includes(true) ? true : values.includes(undefined) ? undefined : false

const both = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true

/** Whether a server answers PXE in this way. */
export function provides(server: Server, provider: 'wds' | 'responder'): boolean | undefined {
  const pxe = present(server.pxe)
  return pxe === null ? false : pxe?.provider && pxe.provider === provider
}

function eachServer(tell: Teller, site: Site, judge: (server: Server, path: string) => void): void {
  if (!site.servers) return tell.unknown('the site', 'servers')
  for (const [index, server] of site.servers.entries()) judge(server, `servers[${index}]`)
}

/** Servers on which the ADK belongs: SMS Providers, and site servers of all but secondary sites. */
function eachAdkServer(tell: Teller, site: Site, judge: (server: Server, adk: Adk | null, path: string) => void): void {
  eachServer(tell, site, (server, path) => {
    const isBelow = isSecondary(site, server.site)
    const isAbove = both(server.isSiteServer, isBelow === undefined ? undefined : !isBelow)
    // Secondary sites have no SMS Provider.
    const wants = either(isAbove, server.hasProvider ?? (isBelow ? false : undefined))
    if (wants === undefined)
      return tell.unknown(
        server.name,
        ...(server.isSiteServer === undefined ? [`${path}.isSiteServer`] : []),
        ...(server.isSiteServer === true && isBelow === undefined ? [roleNeeds(site, server.site, path)] : []),
        ...(server.hasProvider === undefined ? [`${path}.hasProvider`] : []),
      )
    if (!wants) return
    const adk = present(server.adk)
    if (adk === undefined) tell.unknown(server.name, `${path}.adk`)
    else judge(server, adk, path)
  })
}

/**
 * Whether WDS runs or may run on a server. One whose start type is Disabled does not; nor does that of a distribution point
 * with the responder, which suspends it.
 */
export function usesWds(server: Server): boolean | undefined {
  if (provides(server, 'responder')) return false
  const wds = present(server.wds)
  return wds ? (wds.enabled ?? true) : wds === null ? false : undefined
}

function eachWds(tell: Teller, site: Site, judge: (server: Server, wds: Wds, path: string) => void): void {
  eachServer(tell, site, (server, path) => {
    const isUsed = usesWds(server)
    if (isUsed === undefined) tell.unknown(server.name, `${path}.wds`)
    else if (isUsed) judge(server, present(server.wds)!, path)
  })
}

/** Servers with WDS and DHCP together. */
function eachShared(
  tell: Teller,
  site: Site,
  judge: (server: Server, wds: Wds, dhcp: Dhcp, path: string) => void,
): void {
  eachWds(tell, site, (server, wds, path) => {
    const dhcp = dhcpOf(server)
    if (dhcp === undefined) tell.unknown(server.name, `${path}.dhcp`)
    else if (dhcp) judge(server, wds, dhcp, path)
  })
}

/** Whether some server has a role; unknown where none has and the roles of one are not stated. */
function someServer(
  tell: Teller,
  site: Site,
  what: string,
  test: (server: Server) => boolean | undefined,
  field: string | ((server: Server) => string),
): void {
  if (!site.servers) return tell.unknown('the site', 'servers')
  const found = site.servers.find((one) => test(one) === true)
  if (found) return tell.met('the site', `${found.name} is ${what}.`)
  const open = site.servers.flatMap((one, index) => (test(one) === undefined ? [`servers[${index}].${typeof field === 'string' ? field : field(one)}`] : [])) // prettier-ignore
  if (open.length > 0) tell.unknown('the site', ...open)
  else
    tell.violated('the site', `None of ${site.servers.map((one) => one.name).join(', ') || 'no servers'} is ${what}.`)
}

const rule = (
  id: string,
  severity: Severity,
  section: string,
  title: string,
  remedy: string,
  judge: Rule['judge'],
  capability?: Rule['capability'],
): Rule => ({
  id,
  severity,
  title,
  remedy,
  source: `${document}, ${section}`,
  judge,
  ...(capability === undefined ? {} : { capability }),
})

const features = { usmt: 'USMT', 'deployment-tools': 'Windows Deployment Tools', 'windows-pe': 'Windows PE' } as const

export const infrastructureRules: readonly Rule[] = [
  rule(
    'OSD-ADK-01',
    'error',
    'Site systems',
    'The Windows ADK is on every SMS Provider and every site server but those of secondary sites',
    'Install the Windows ADK there.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name }, adk) =>
        adk ? tell.met(name, 'The ADK is installed.') : tell.violated(name, 'The ADK is not installed.'),
      ),
  ),
  rule(
    'OSD-ADK-02',
    'error',
    'Site systems, note',
    'The ADK was installed before the site',
    'On the next site server install the ADK first; here check that the boot images were made.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, isSiteServer }, adk, path) => {
        if (!adk || !tell.applies(name, isSiteServer, `${path}.isSiteServer`)) return
        tell.decide(name, adk.beforeSite, {
          yes: 'It was there before the site.',
          no: 'It came after the site.',
          needs: `${path}.adk.beforeSite`,
        })
      }),
  ),
  rule(
    'OSD-ADK-03',
    'error',
    'Windows ADK features',
    'USMT, Windows Deployment Tools and Windows PE are installed',
    'Add the features that are missing; Windows PE comes from its own installer.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, isSiteServer, peAddon }, adk, path) => {
        if (!adk) return
        const { features: installed } = adk
        if (!installed) return tell.unknown(name, `${path}.adk.features`)
        const has = (one: keyof typeof features): boolean => installed.includes(one)
        const wanted: readonly (readonly [keyof typeof features, boolean | undefined, needs: string])[] = [
          // On a machine that is an SMS Provider only, USMT is not required (OSD-ADK-04).
          ['usmt', has('usmt') || (isSiteServer === undefined ? undefined : !isSiteServer), 'isSiteServer'],
          ['deployment-tools', has('deployment-tools'), 'adk.features'],
          ['windows-pe', has('windows-pe') || peAddon, 'peAddon'],
        ]
        const missing = wanted.filter(([, value]) => value === false).map(([one]) => features[one])
        const open = wanted.filter(([, value]) => value === undefined).map(([, , needs]) => `${path}.${needs}`)
        if (missing.length > 0) tell.violated(name, `Missing: ${missing.join(', ')}.`)
        else if (open.length > 0) tell.unknown(name, ...open)
        else tell.met(name, 'All of them are there.')
      }),
  ),
  rule(
    'OSD-ADK-04',
    'note',
    'Windows ADK features, note',
    'A machine that is an SMS Provider only needs no USMT',
    'No action needed.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, isSiteServer, hasProvider }) => {
        if (hasProvider === true && isSiteServer === false) tell.met(name, 'It is an SMS Provider only.')
      }),
  ),
  rule(
    'OSD-ADK-05',
    'error',
    'Windows ADK',
    'The Windows PE add-on is installed beside the ADK',
    'Download and install the Windows PE add-on of the same version.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, peAddon }, adk, path) => {
        // Up to Windows 10, version 1803, Windows PE was a feature of the ADK itself.
        if (!adk || (buildOf(adk.version) ?? firstSeparatePe) < firstSeparatePe) return
        tell.decide(name, peAddon, { yes: 'It is.', no: 'It is not.', needs: `${path}.peAddon` })
      }),
  ),
  rule(
    'OSD-ADK-06',
    'warning',
    'Windows ADK features; Support for the Windows ADK, Windows ADK versions',
    'The version of the ADK is supported by the version of Configuration Manager',
    'Install an ADK that the support table has for this version.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, site: code }, adk, path) => {
        if (!adk) return
        const version = versionOf(site, code)
        const support = adkSupport(adk.version, version)
        const both = `ADK ${adk.version ?? 'of a version that is not stated'} with Configuration Manager ${version ?? 'of a version that is not stated'}`
        if (support !== undefined)
          tell.decide(name, support !== 'not supported', {
            yes: support === 'supported' ? `${both} is supported.` : `${both} is not tested, but should work.`,
            no: `${both} is not supported.`,
            needs: '',
          })
        else if (adk.supported !== undefined)
          tell.decide(name, adk.supported, { yes: `${both}: stated as supported.`, no: `${both}: stated as not supported.`, needs: '' }) // prettier-ignore
        else
          tell.unknown(
            name,
            ...(adk.version === undefined
              ? [`${path}.adk.version`]
              : version === undefined
                ? [versionNeeds(site, code, path)]
                : [`${path}.adk.supported`]),
          )
      }),
  ),
  rule(
    'OSD-USMT-01',
    'note',
    'User State Migration Tool (USMT)',
    'The default USMT package is there',
    'Setup makes it at the top-level site; where it is gone make a package of the USMT folder of the ADK.',
    (tell, site) =>
      tell.decide('the site', site.usmtPackage, { yes: 'It is.', no: 'It is not.', needs: 'usmtPackage' }),
    'userState',
  ),
  rule(
    'OSD-WSUS-01',
    'error',
    'Windows Server Update Services (WSUS)',
    'A software update point with WSUS is there',
    'Install WSUS and the role software update point.',
    (tell, site) => {
      someServer(
        tell,
        site,
        'a software update point with WSUS',
        (one) => both(has(one, 'software-update-point'), one.wsus),
        (one) => (one.roles === undefined ? 'roles' : 'wsus'),
      )
      // Another one that lacks it is none, however many have it.
      for (const one of site.servers ?? [])
        if (has(one, 'software-update-point') && one.wsus === false) tell.violated(one.name, 'WSUS is not there.')
    },
    'updates',
  ),
  rule(
    'OSD-IIS-01',
    'error',
    'Internet Information Services (IIS) on the site system servers',
    'IIS is on every distribution point, state migration point and management point',
    'Install IIS with the features that the role asks for.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const wants = either(
          has(server, 'distribution-point'),
          has(server, 'state-migration-point'),
          has(server, 'management-point'),
        )
        if (!tell.applies(server.name, wants, `${path}.roles`)) return
        tell.decide(server.name, server.iis, { yes: 'IIS is there.', no: 'IIS is not there.', needs: `${path}.iis` })
      }),
  ),
  rule(
    'OSD-DHCP-01',
    'error',
    'Dynamic Host Configuration Protocol (DHCP); Considerations when you have WDS and DHCP on the same server',
    'A DHCP server with an active scope gives addresses',
    'Activate a scope for the network of the clients.',
    (tell, site) =>
      someServer(
        tell,
        site,
        'a DHCP server with an active scope',
        (one) => {
          const dhcp = dhcpOf(one)
          return dhcp === null ? false : dhcp?.activeScope
        },
        'dhcp.activeScope',
      ),
    'pxe',
  ),
  rule(
    'OSD-DNS-01',
    'error',
    'Considerations when you have WDS and DHCP on the same server',
    'WDS finds a DNS server',
    'Set a DNS server that answers for the domain.',
    (tell, site) =>
      eachWds(tell, site, ({ name }, { dns }, path) =>
        tell.decide(name, dns, {
          yes: 'A DNS server answers.',
          no: 'No DNS server answers.',
          needs: `${path}.wds.dns`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-01',
    'error',
    'WDS requirements',
    'WDS was installed by a local administrator',
    'Install it as a member of the local group Administrators.',
    (tell, site) =>
      eachWds(tell, site, ({ name }, { byAdministrator }, path) =>
        tell.decide(name, byAdministrator, { yes: 'It was.', no: 'It was not.', needs: `${path}.wds.byAdministrator` }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-02',
    'error',
    'WDS requirements',
    'The WDS server is in an Active Directory domain',
    'Join it to a domain, or use a PXE responder without WDS.',
    (tell, site) =>
      eachWds(tell, site, ({ name, domain }, _, path) =>
        tell.decide(name, domain && domain !== 'none', {
          yes: `It is a domain ${domain}.`,
          no: 'It is in no domain.',
          needs: `${path}.domain`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-03',
    'error',
    'WDS requirements',
    'With the WDS PXE provider on a server that is not the site server, WDS is on both',
    'Install WDS on both, or use the PXE responder without WDS.',
    (tell, site) => {
      const isSame = (a: Server, b: Server): boolean | undefined =>
        a.site !== undefined && b.site !== undefined ? a.site === b.site : (site.sites?.length ?? 1) === 1 || undefined
      const decide = (one: Server, at: number): void =>
        tell.decide(one.name, usesWds(one), {
          yes: 'WDS is there.',
          no: 'WDS is not there, or disabled.',
          needs: `servers[${at}].wds`,
        })
      eachServer(tell, site, (server, path) => {
        // The provider that Configuration Manager installs into WDS comes with a distribution point that uses WDS for PXE.
        if (has(server, 'distribution-point') === false) return
        const needs = server.pxe === undefined ? 'pxe' : 'pxe.provider'
        if (!tell.applies(server.name, provides(server, 'wds'), `${path}.${needs}`)) return
        const isRemote = server.isSiteServer === undefined ? undefined : !server.isSiteServer
        if (!tell.applies(server.name, isRemote, `${path}.isSiteServer`)) return
        decide(server, site.servers!.indexOf(server))
        let isFound = false
        for (const [at, one] of site.servers!.entries()) {
          const isOwner = both(one.isSiteServer, isSame(server, one))
          if (one === server || isOwner === false) continue
          if (isOwner) {
            isFound = true
            decide(one, at)
          } else if (usesWds(one) !== true)
            // Whichever of those that may be it has WDS, it is there.
            tell.unknown(
              one.name,
              one.isSiteServer === undefined
                ? `servers[${at}].isSiteServer`
                : one.site === undefined
                  ? `servers[${at}].site`
                  : `${path}.site`,
            )
        }
        if (!isFound) tell.unknown('the site', 'servers')
      })
    },
    'pxe',
  ),
  rule(
    'OSD-WDS-04',
    'warning',
    'WDS requirements, note',
    'No restart is pending where WDS is to be installed',
    'Restart the server first.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const wds = present(server.wds)
        // Where it is installed already nothing can fail.
        const isMissing = wds === undefined ? undefined : wds === null
        const wants = both(isMissing, provides(server, 'wds'))
        if (!tell.applies(server.name, wants, `${path}.${isMissing === undefined ? 'wds' : 'pxe.provider'}`)) return
        tell.decide(server.name, server.pendingRestart === undefined ? undefined : !server.pendingRestart, {
          yes: 'None is pending.',
          no: 'A restart is pending: the installation may fail.',
          needs: `${path}.pendingRestart`,
        })
      }),
    'pxe',
  ),
  rule(
    'OSD-PXE-01',
    'note',
    'PXE provider options',
    'PXE is answered by WDS on the distribution point, or by the responder without it',
    'Choose one in the properties of the distribution point; with WDS, install and enable it there.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const pxe = present(server.pxe)
        if (pxe === null || has(server, 'distribution-point') === false) return
        if (pxe === undefined) return tell.unknown(server.name, `${path}.pxe`)
        if (pxe.provider === undefined) tell.unknown(server.name, `${path}.pxe.provider`)
        else if (pxe.provider === 'responder') tell.met(server.name, 'The responder answers.')
        else if (usesWds(server) === false)
          tell.violated(server.name, 'WDS is to answer, and is not there or disabled.')
        else tell.met(server.name, 'WDS answers.')
      }),
    'pxe',
  ),
  rule(
    'OSD-PXE-02',
    'error',
    'PXE-enabled distribution point',
    'A distribution point accepts PXE requests',
    'Enable PXE in the properties of a distribution point.',
    (tell, site) =>
      someServer(
        tell,
        site,
        'a distribution point that accepts PXE',
        (one) => both(has(one, 'distribution-point'), one.pxe === undefined ? undefined : one.pxe !== 'none'),
        'pxe',
      ),
    'pxe',
  ),
  rule(
    'OSD-PXE-03',
    'error',
    'PXE provider options; Use PXE to deploy Windows over the network, Option 82 during PXE DHCP handshake',
    'Where relay agents add option 82, PXE is answered by the responder without WDS',
    'Enable the PXE responder without WDS: with WDS option 82 is not supported.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const pxe = present(server.pxe)
        if (pxe === null || has(server, 'distribution-point') === false) return
        // The responder works with it and without.
        if (pxe?.option82 === undefined && provides(server, 'responder')) return
        if (!tell.applies(server.name, pxe?.option82, `${path}.${pxe === undefined ? 'pxe' : 'pxe.option82'}`)) return
        tell.decide(server.name, pxe?.provider && pxe.provider === 'responder', {
          yes: 'The responder answers.',
          no: 'WDS answers.',
          needs: `${path}.pxe.provider`,
        })
      }),
    'pxe',
  ),
  rule(
    'OSD-MC-01',
    'error',
    'Multicast-enabled distribution point; Install and configure distribution points, Multicast',
    'A distribution point sends multicast, and uses WDS',
    'Enable multicast in the properties of a distribution point that uses WDS: the responder without it sends none.',
    (tell, site) => {
      const sends = (one: Server): boolean | undefined =>
        both(has(one, 'distribution-point'), one.pxe === 'none' ? false : one.pxe?.multicast)
      const without = (site.servers ?? []).filter(
        (one) => sends(one) && (provides(one, 'responder') === true || usesWds(one) === false),
      )
      for (const one of without) tell.violated(one.name, 'It is to send multicast without WDS.')
      if (without.length > 0) return
      someServer(
        tell,
        site,
        'a distribution point with multicast and WDS',
        (one) => both(sends(one), provides(one, 'wds')),
        (one) => (one.roles === undefined ? 'roles' : sends(one) === undefined ? 'pxe.multicast' : 'pxe.provider'),
      )
    },
    'multicast',
  ),
  ...(
    [
      ['OSD-SMP-01', 'state-migration-point', 'State migration point', 'userState', 'a state migration point'],
      ['OSD-RSP-01', 'reporting-services-point', 'Reporting services point', 'reports', 'a reporting services point'],
      ['OSD-MP-01', 'management-point', 'Management point', undefined, 'a management point'],
      ['OSD-DP-01', 'distribution-point', 'Distribution point', undefined, 'a distribution point'],
    ] as const
  ).map(([id, role, section, capability, what]) =>
    rule(
      id,
      'error',
      section,
      `There is ${what}`,
      `Add the role to a site system.`,
      (tell, site) => someServer(tell, site, what, (one) => has(one, role), 'roles'),
      capability,
    ),
  ),
  rule(
    'OSD-PORT-01',
    'error',
    'Considerations when you have WDS and DHCP on the same server',
    'UDP ports 67, 69 and 4011 of the WDS server are open',
    'Let these ports in.',
    (tell, site) =>
      eachWds(tell, site, ({ name, ports }, _, path) => {
        if (!ports) return tell.unknown(name, `${path}.ports`)
        const closed = [67, 69, 4011].filter((one) => !ports.includes(one))
        if (closed.length > 0) tell.violated(name, `Not open: ${closed.join(', ')}.`)
        else tell.met(name, 'They are open.')
      }),
    'pxe',
  ),
  rule(
    'OSD-PORT-02',
    'error',
    'Considerations when you have WDS and DHCP on the same server, note',
    'UDP port 68 is open where DHCP has to be authorised',
    'Open UDP 68 inbound.',
    (tell, site) =>
      eachShared(tell, site, ({ name, ports }, _, { needsAuthorisation }, path) => {
        if (!tell.applies(name, needsAuthorisation, `${path}.dhcp.needsAuthorisation`)) return
        tell.decide(name, ports?.includes(68), { yes: 'It is open.', no: 'It is not open.', needs: `${path}.ports` })
      }),
    'pxe',
  ),
  rule(
    'OSD-COHOST-01',
    'error',
    'Considerations when you have WDS and DHCP on the same server',
    'WDS and DHCP on one server do not both want port 67',
    'Move DHCP, move the PXE distribution point, or set UseDHCPPorts to 0 and option 60.',
    (tell, site) =>
      eachShared(tell, site, ({ name }, { useDhcpPorts }, _, path) =>
        tell.decide(name, useDhcpPorts === undefined ? undefined : useDhcpPorts === 0, {
          yes: 'UseDHCPPorts is 0.',
          no: `UseDHCPPorts is ${useDhcpPorts === null ? 'absent, which means 1' : '1'}: both want port 67.`,
          needs: `${path}.wds.useDhcpPorts`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-02',
    'error',
    'How to configure the WDS server to listen on a different port, steps 1 and 2',
    'UseDHCPPorts is 0 where WDS shares a server with DHCP',
    'Set UseDHCPPorts to 0 under WDSServer\\Providers\\WDSPXE.',
    (tell, site) =>
      eachShared(tell, site, ({ name }, { useDhcpPorts }, _, path) =>
        tell.decide(name, useDhcpPorts === undefined ? undefined : useDhcpPorts === 0, {
          yes: 'It is 0.',
          no: `It is ${useDhcpPorts === null ? 'absent' : '1'}.`,
          needs: `${path}.wds.useDhcpPorts`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-03',
    'error',
    'How to configure the WDS server to listen on a different port, step 3',
    'DHCP beside WDS sends option 60',
    'Run WDSUTIL /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes.',
    (tell, site) =>
      eachShared(tell, site, ({ name }, _, { option60 }, path) =>
        tell.decide(name, option60, { yes: 'It does.', no: 'It does not.', needs: `${path}.dhcp.option60` }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-04',
    'error',
    'Considerations when you have WDS and DHCP on the same server, note; Use PXE to deploy Windows over the network, Configure distribution points for PXE',
    'The responder without WDS beside DHCP: DoNotListenOnDhcpPort is 1, and DHCP sends option 60',
    'Set DoNotListenOnDhcpPort to 1 and option 60 to PXEClient, then restart SccmPxe and DHCP.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const dhcp = dhcpOf(server)
        const wants = both(provides(server, 'responder'), dhcp === undefined ? undefined : dhcp !== null)
        const needs = provides(server, 'responder') === undefined ? 'pxe.provider' : 'dhcp'
        if (!tell.applies(server.name, wants, `${path}.${needs}`)) return
        const { doNotListenOnDhcpPort: value } = server
        const wrong = [
          ...(value === undefined || value === 1 ? [] : [`DoNotListenOnDhcpPort is ${value === null ? 'absent' : '0'}: both want port 67.`]),
          ...(dhcp?.option60 === false ? ['DHCP does not send option 60.'] : []),
        ] // prettier-ignore
        const open = [
          ...(value === undefined ? [`${path}.doNotListenOnDhcpPort`] : []),
          ...(dhcp?.option60 === undefined ? [`${path}.dhcp.option60`] : []),
        ]
        if (wrong.length > 0) tell.violated(server.name, wrong.join(' '))
        else if (open.length > 0) tell.unknown(server.name, ...open)
        else tell.met(server.name, 'DoNotListenOnDhcpPort is 1, and DHCP sends option 60.')
      }),
    'pxe',
  ),
  rule(
    'OSD-IMG-01',
    'error',
    'OS image',
    'An operating-system image is a WIM file',
    'Capture or export the image as a .wim file.',
    (tell, site) => {
      for (const [index, { name, file }] of (site.images ?? []).entries())
        tell.decide(name, file === undefined ? undefined : /\.wim$/i.test(file), {
          yes: `${file} is one.`,
          no: `${file} is none.`,
          needs: `images[${index}].file`,
        })
    },
  ),
  rule(
    'OSD-OS-01',
    'note',
    'Supported operating systems',
    'What is deployed is a Windows that clients are supported on',
    'Choose a version from the list of supported client operating systems.',
    (tell, site) => {
      const versions = site.sites?.map((one) => one.version) ?? [undefined]
      for (const [index, image] of (site.images ?? []).entries()) {
        const { name, operatingSystem, supported } = image
        const build = windowsBuild(image)
        const what = `${operatingSystem ?? 'An operating system that is not stated'}${build === undefined ? '' : ` (build ${build})`}`
        const told = versions.map((version) => [version, isSupportedClient(image, version)] as const)
        const not = told.find(([, isSupported]) => isSupported === false)
        if (not) tell.violated(name, `${what} is not supported by Configuration Manager ${not[0]}.`)
        else if (told.every(([, isSupported]) => isSupported)) tell.met(name, `${what} is supported.`)
        else
          tell.decide(name, supported, {
            yes: 'It is stated as supported.',
            no: 'It is stated as not supported.',
            needs: `images[${index}].${operatingSystem === undefined ? 'operatingSystem' : 'supported'}`,
          })
      }
    },
  ),
  rule(
    'OSD-DRV-01',
    'error',
    'Driver catalog',
    'A driver is imported, enabled and on a distribution point that clients reach',
    'Import and enable it, and distribute its package.',
    (tell, site) => {
      for (const [index, driver] of (site.drivers ?? []).entries()) {
        const states = (['imported', 'enabled', 'distributed'] as const).map((one) => [one, driver[one]] as const)
        const not = states.filter(([, value]) => value === false).map(([one]) => one)
        const open = states.filter(([, value]) => value === undefined).map(([one]) => `drivers[${index}].${one}`)
        if (not.length > 0) tell.violated(driver.name, `It is not ${not.join(' and not ')}.`)
        else if (open.length > 0) tell.unknown(driver.name, ...open)
        else tell.met(driver.name, 'It is.')
      }
    },
  ),
]
