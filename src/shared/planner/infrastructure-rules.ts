/**
 * What an operating-system deployment needs of its servers (Microsoft, "Infrastructure requirements for OS deployment in
 * Configuration Manager").
 */
import { say, together, type Phrase } from '#messages/message.ts'
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
  what: Phrase,
  test: (server: Server) => boolean | undefined,
  field: string | ((server: Server) => string),
): void {
  if (!site.servers) return tell.unknown('the site', 'servers')
  const found = site.servers.find((one) => test(one) === true)
  if (found) return tell.met('the site', say('planner.one-is', { name: found.name, what }))
  const open = site.servers.flatMap((one, index) => (test(one) === undefined ? [`servers[${index}].${typeof field === 'string' ? field : field(one)}`] : [])) // prettier-ignore
  if (open.length > 0) tell.unknown('the site', ...open)
  else
    tell.violated(
      'the site',
      site.servers.length === 0
        ? say('planner.no-server-is', { what })
        : say('planner.none-of-is', { names: site.servers.map((one) => one.name), what }),
    )
}

const rule = (
  id: string,
  severity: Severity,
  section: string,
  title: Phrase,
  remedy: Phrase,
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

/** What is said of a driver in which a state is missing. */
const driverLacks = {
  imported: say('planner.driver-not-imported'),
  enabled: say('planner.driver-not-enabled'),
  distributed: say('planner.driver-not-distributed'),
} as const

const features = { usmt: 'USMT', 'deployment-tools': 'Windows Deployment Tools', 'windows-pe': 'Windows PE' } as const

export const infrastructureRules: readonly Rule[] = [
  rule(
    'OSD-ADK-01',
    'error',
    'Site systems',
    say('planner.osd-adk-01-title'),
    say('planner.osd-adk-01-remedy'),
    (tell, site) =>
      eachAdkServer(tell, site, ({ name }, adk) =>
        adk ? tell.met(name, say('planner.adk-installed')) : tell.violated(name, say('planner.adk-not-installed')),
      ),
  ),
  rule(
    'OSD-ADK-02',
    'error',
    'Site systems, note',
    say('planner.osd-adk-02-title'),
    say('planner.osd-adk-02-remedy'),
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, isSiteServer }, adk, path) => {
        if (!adk || !tell.applies(name, isSiteServer, `${path}.isSiteServer`)) return
        tell.decide(name, adk.beforeSite, {
          yes: say('planner.before-site'),
          no: say('planner.came-after-site'),
          needs: `${path}.adk.beforeSite`,
        })
      }),
  ),
  rule(
    'OSD-ADK-03',
    'error',
    'Windows ADK features',
    say('planner.osd-adk-03-title'),
    say('planner.osd-adk-03-remedy'),
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
        else tell.met(name, say('planner.all-them'))
      }),
  ),
  rule(
    'OSD-ADK-04',
    'note',
    'Windows ADK features, note',
    say('planner.osd-adk-04-title'),
    say('planner.int-cli-01-remedy'),
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, isSiteServer, hasProvider }) => {
        if (hasProvider === true && isSiteServer === false) tell.met(name, say('planner.sms-provider-only'))
      }),
  ),
  rule(
    'OSD-ADK-05',
    'error',
    'Windows ADK',
    say('planner.osd-adk-05-title'),
    say('planner.osd-adk-05-remedy'),
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, peAddon }, adk, path) => {
        // Up to Windows 10, version 1803, Windows PE was a feature of the ADK itself.
        if (!adk || (buildOf(adk.version) ?? firstSeparatePe) < firstSeparatePe) return
        tell.decide(name, peAddon, {
          yes: say('planner.add-on-installed'),
          no: say('planner.add-on-not-installed'),
          needs: `${path}.peAddon`,
        })
      }),
  ),
  rule(
    'OSD-ADK-06',
    'warning',
    'Windows ADK features; Support for the Windows ADK, Windows ADK versions',
    say('planner.osd-adk-06-title'),
    say('planner.osd-adk-06-remedy'),
    (tell, site) =>
      eachAdkServer(tell, site, ({ name, site: code }, adk, path) => {
        if (!adk) return
        const version = versionOf(site, code)
        const support = adkSupport(adk.version, version)
        const both = say('planner.adk-with-configuration-manager', {
          adk: adk.version ?? say('planner.version-stated'),
          version: version ?? say('planner.version-stated'),
        })
        if (support !== undefined)
          tell.decide(name, support !== 'not supported', {
            yes:
              support === 'supported'
                ? say('planner.supported-2', { both })
                : say('planner.tested-but-should-work', { both }),
            no: say('planner.supported-3', { both }),
            needs: '',
          })
        else if (adk.supported !== undefined)
          tell.decide(name, adk.supported, { yes: say('planner.stated-supported', { both }), no: say('planner.stated-supported-2', { both }), needs: '' }) // prettier-ignore
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
    say('planner.osd-usmt-01-title'),
    say('planner.osd-usmt-01-remedy'),
    (tell, site) =>
      tell.decide('the site', site.usmtPackage, {
        yes: say('planner.usmt-package-exists'),
        no: say('planner.usmt-package-missing'),
        needs: 'usmtPackage',
      }),
    'userState',
  ),
  rule(
    'OSD-WSUS-01',
    'error',
    'Windows Server Update Services (WSUS)',
    say('planner.osd-wsus-01-title'),
    say('planner.osd-wsus-01-remedy'),
    (tell, site) => {
      someServer(
        tell,
        site,
        say('planner.software-update-point-wsus'),
        (one) => both(has(one, 'software-update-point'), one.wsus),
        (one) => (one.roles === undefined ? 'roles' : 'wsus'),
      )
      // Another one that lacks it is none, however many have it.
      for (const one of site.servers ?? [])
        if (has(one, 'software-update-point') && one.wsus === false) tell.violated(one.name, say('planner.wsus'))
    },
    'updates',
  ),
  rule(
    'OSD-IIS-01',
    'error',
    'Internet Information Services (IIS) on the site system servers',
    say('planner.osd-iis-01-title'),
    say('planner.osd-iis-01-remedy'),
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const wants = either(
          has(server, 'distribution-point'),
          has(server, 'state-migration-point'),
          has(server, 'management-point'),
        )
        if (!tell.applies(server.name, wants, `${path}.roles`)) return
        tell.decide(server.name, server.iis, {
          yes: say('planner.iis'),
          no: say('planner.iis-2'),
          needs: `${path}.iis`,
        })
      }),
  ),
  rule(
    'OSD-DHCP-01',
    'error',
    'Dynamic Host Configuration Protocol (DHCP); Considerations when you have WDS and DHCP on the same server',
    say('planner.osd-dhcp-01-title'),
    say('planner.osd-dhcp-01-remedy'),
    (tell, site) =>
      someServer(
        tell,
        site,
        say('planner.dhcp-server-active-scope'),
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
    say('planner.osd-dns-01-title'),
    say('planner.osd-dns-01-remedy'),
    (tell, site) =>
      eachWds(tell, site, ({ name }, { dns }, path) =>
        tell.decide(name, dns, {
          yes: say('planner.dns-answers'),
          no: say('planner.no-dns-answers'),
          needs: `${path}.wds.dns`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-01',
    'error',
    'WDS requirements',
    say('planner.osd-wds-01-title'),
    say('planner.osd-wds-01-remedy'),
    (tell, site) =>
      eachWds(tell, site, ({ name }, { byAdministrator }, path) =>
        tell.decide(name, byAdministrator, {
          yes: say('planner.installed-by-administrator'),
          no: say('planner.it-was-not'),
          needs: `${path}.wds.byAdministrator`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-02',
    'error',
    'WDS requirements',
    say('planner.osd-wds-02-title'),
    say('planner.osd-wds-02-remedy'),
    (tell, site) =>
      eachWds(tell, site, ({ name, domain }, _, path) =>
        tell.decide(name, domain && domain !== 'none', {
          yes: say('planner.domain', { domain }),
          no: say('planner.domain-2'),
          needs: `${path}.domain`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-WDS-03',
    'error',
    'WDS requirements',
    say('planner.osd-wds-03-title'),
    say('planner.osd-wds-03-remedy'),
    (tell, site) => {
      const isSame = (a: Server, b: Server): boolean | undefined =>
        a.site !== undefined && b.site !== undefined ? a.site === b.site : (site.sites?.length ?? 1) === 1 || undefined
      const decide = (one: Server, at: number): void =>
        tell.decide(one.name, usesWds(one), {
          yes: say('planner.wds'),
          no: say('planner.wds-disabled'),
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
    say('planner.osd-wds-04-title'),
    say('planner.osd-wds-04-remedy'),
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const wds = present(server.wds)
        // Where it is installed already nothing can fail.
        const isMissing = wds === undefined ? undefined : wds === null
        const wants = both(isMissing, provides(server, 'wds'))
        if (!tell.applies(server.name, wants, `${path}.${isMissing === undefined ? 'wds' : 'pxe.provider'}`)) return
        tell.decide(server.name, server.pendingRestart === undefined ? undefined : !server.pendingRestart, {
          yes: say('planner.none-pending'),
          no: say('planner.restart-pending-installation-may-fail'),
          needs: `${path}.pendingRestart`,
        })
      }),
    'pxe',
  ),
  rule(
    'OSD-PXE-01',
    'note',
    'PXE provider options',
    say('planner.osd-pxe-01-title'),
    say('planner.osd-pxe-01-remedy'),
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const pxe = present(server.pxe)
        if (pxe === null || has(server, 'distribution-point') === false) return
        if (pxe === undefined) return tell.unknown(server.name, `${path}.pxe`)
        if (pxe.provider === undefined) tell.unknown(server.name, `${path}.pxe.provider`)
        else if (pxe.provider === 'responder') tell.met(server.name, say('planner.responder-answers'))
        else if (usesWds(server) === false) tell.violated(server.name, say('planner.wds-answer-disabled'))
        else tell.met(server.name, 'WDS answers.')
      }),
    'pxe',
  ),
  rule(
    'OSD-PXE-02',
    'error',
    'PXE-enabled distribution point',
    say('planner.osd-pxe-02-title'),
    say('planner.osd-pxe-02-remedy'),
    (tell, site) =>
      someServer(
        tell,
        site,
        say('planner.distribution-point-accepts-pxe'),
        (one) => both(has(one, 'distribution-point'), one.pxe === undefined ? undefined : one.pxe !== 'none'),
        'pxe',
      ),
    'pxe',
  ),
  rule(
    'OSD-PXE-03',
    'error',
    'PXE provider options; Use PXE to deploy Windows over the network, Option 82 during PXE DHCP handshake',
    say('planner.osd-pxe-03-title'),
    say('planner.osd-pxe-03-remedy'),
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const pxe = present(server.pxe)
        if (pxe === null || has(server, 'distribution-point') === false) return
        // The responder works with it and without.
        if (pxe?.option82 === undefined && provides(server, 'responder')) return
        if (!tell.applies(server.name, pxe?.option82, `${path}.${pxe === undefined ? 'pxe' : 'pxe.option82'}`)) return
        tell.decide(server.name, pxe?.provider && pxe.provider === 'responder', {
          yes: say('planner.responder-answers'),
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
    say('planner.osd-mc-01-title'),
    say('planner.osd-mc-01-remedy'),
    (tell, site) => {
      const sends = (one: Server): boolean | undefined =>
        both(has(one, 'distribution-point'), one.pxe === 'none' ? false : one.pxe?.multicast)
      const without = (site.servers ?? []).filter(
        (one) => sends(one) && (provides(one, 'responder') === true || usesWds(one) === false),
      )
      for (const one of without) tell.violated(one.name, say('planner.send-multicast-without-wds'))
      if (without.length > 0) return
      someServer(
        tell,
        site,
        say('planner.distribution-point-multicast-wds'),
        (one) => both(sends(one), provides(one, 'wds')),
        (one) => (one.roles === undefined ? 'roles' : sends(one) === undefined ? 'pxe.multicast' : 'pxe.provider'),
      )
    },
    'multicast',
  ),
  ...(
    [
      [
        'OSD-SMP-01',
        'state-migration-point',
        'State migration point',
        'userState',
        say('planner.state-migration-point-2'),
      ],
      [
        'OSD-RSP-01',
        'reporting-services-point',
        'Reporting services point',
        'reports',
        say('planner.reporting-services-point-2'),
      ],
      ['OSD-MP-01', 'management-point', 'Management point', undefined, say('planner.a-management-point')],
      ['OSD-DP-01', 'distribution-point', 'Distribution point', undefined, say('planner.a-distribution-point')],
    ] as const
  ).map(([id, role, section, capability, what]) =>
    rule(
      id,
      'error',
      section,
      say('planner.there-is', { what }),
      say('planner.add-role-site-system'),
      (tell, site) => someServer(tell, site, what, (one) => has(one, role), 'roles'),
      capability,
    ),
  ),
  rule(
    'OSD-PORT-01',
    'error',
    'Considerations when you have WDS and DHCP on the same server',
    say('planner.osd-port-01-title'),
    say('planner.osd-port-01-remedy'),
    (tell, site) =>
      eachWds(tell, site, ({ name, ports }, _, path) => {
        if (!ports) return tell.unknown(name, `${path}.ports`)
        const closed = [67, 69, 4011].filter((one) => !ports.includes(one))
        if (closed.length > 0) tell.violated(name, say('planner.open', { closed: closed.join(', ') }))
        else tell.met(name, say('planner.they-open'))
      }),
    'pxe',
  ),
  rule(
    'OSD-PORT-02',
    'error',
    'Considerations when you have WDS and DHCP on the same server, note',
    say('planner.osd-port-02-title'),
    say('planner.open-68'),
    (tell, site) =>
      eachShared(tell, site, ({ name, ports }, _, { needsAuthorisation }, path) => {
        if (!tell.applies(name, needsAuthorisation, `${path}.dhcp.needsAuthorisation`)) return
        tell.decide(name, ports?.includes(68), {
          yes: say('planner.open-2'),
          no: say('planner.open-3'),
          needs: `${path}.ports`,
        })
      }),
    'pxe',
  ),
  rule(
    'OSD-COHOST-01',
    'error',
    'Considerations when you have WDS and DHCP on the same server',
    say('planner.osd-cohost-01-title'),
    say('planner.separate-wds-and-dhcp'),
    (tell, site) =>
      eachShared(tell, site, ({ name }, { useDhcpPorts }, _, path) =>
        tell.decide(name, useDhcpPorts === undefined ? undefined : useDhcpPorts === 0, {
          yes: say('planner.usedhcpports-0'),
          no:
            useDhcpPorts === null
              ? say('planner.usedhcpports-absent-means-1-both')
              : say('planner.usedhcpports-1-both-want-port'),
          needs: `${path}.wds.useDhcpPorts`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-02',
    'error',
    'How to configure the WDS server to listen on a different port, steps 1 and 2',
    say('planner.osd-cohost-02-title'),
    say('planner.set-use-dhcp-ports'),
    (tell, site) =>
      eachShared(tell, site, ({ name }, { useDhcpPorts }, _, path) =>
        tell.decide(name, useDhcpPorts === undefined ? undefined : useDhcpPorts === 0, {
          yes: say('planner.0'),
          no: useDhcpPorts === null ? say('planner.absent') : say('planner.1'),
          needs: `${path}.wds.useDhcpPorts`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-03',
    'error',
    'How to configure the WDS server to listen on a different port, step 3',
    say('planner.osd-cohost-03-title'),
    say('planner.run-wdsutil'),
    (tell, site) =>
      eachShared(tell, site, ({ name }, _, { option60 }, path) =>
        tell.decide(name, option60, {
          yes: say('planner.dhcp-sends-option-60'),
          no: say('planner.dhcp-does-send-option-60'),
          needs: `${path}.dhcp.option60`,
        }),
      ),
    'pxe',
  ),
  rule(
    'OSD-COHOST-04',
    'error',
    'Considerations when you have WDS and DHCP on the same server, note; Use PXE to deploy Windows over the network, Configure distribution points for PXE',
    say('planner.osd-cohost-04-title'),
    say('planner.set-do-not-listen'),
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const dhcp = dhcpOf(server)
        const wants = both(provides(server, 'responder'), dhcp === undefined ? undefined : dhcp !== null)
        const needs = provides(server, 'responder') === undefined ? 'pxe.provider' : 'dhcp'
        if (!tell.applies(server.name, wants, `${path}.${needs}`)) return
        const { doNotListenOnDhcpPort: value } = server
        const wrong = [
          ...(value === undefined || value === 1 ? [] : [value === null ? say('planner.donotlistenondhcpport-absent-both-want-port') : say('planner.donotlistenondhcpport-0-both-want-port')]),
          ...(dhcp?.option60 === false ? [say('planner.dhcp-does-send-option-60')] : []),
        ] // prettier-ignore
        const open = [
          ...(value === undefined ? [`${path}.doNotListenOnDhcpPort`] : []),
          ...(dhcp?.option60 === undefined ? [`${path}.dhcp.option60`] : []),
        ]
        if (wrong.length > 0) tell.violated(server.name, together(wrong))
        else if (open.length > 0) tell.unknown(server.name, ...open)
        else tell.met(server.name, say('planner.donotlistenondhcpport-1-dhcp-sends-option'))
      }),
    'pxe',
  ),
  rule(
    'OSD-IMG-01',
    'error',
    'OS image',
    say('planner.osd-img-01-title'),
    say('planner.osd-img-01-remedy'),
    (tell, site) => {
      for (const [index, { name, file }] of (site.images ?? []).entries())
        tell.decide(name, file === undefined ? undefined : /\.wim$/i.test(file), {
          yes: say('planner.one-2', { file }),
          no: say('planner.none', { file }),
          needs: `images[${index}].file`,
        })
    },
  ),
  rule(
    'OSD-OS-01',
    'note',
    'Supported operating systems',
    say('planner.osd-os-01-title'),
    say('planner.osd-os-01-remedy'),
    (tell, site) => {
      const versions = site.sites?.map((one) => one.version) ?? [undefined]
      for (const [index, image] of (site.images ?? []).entries()) {
        const { name, operatingSystem, supported } = image
        const build = windowsBuild(image)
        const what = say('planner.system-and-build', {
          system: operatingSystem ?? say('planner.operating-system-stated'),
          hasBuild: build === undefined ? 'no' : 'yes',
          build,
        })
        const told = versions.map((version) => [version, isSupportedClient(image, version)] as const)
        const not = told.find(([, isSupported]) => isSupported === false)
        if (not) tell.violated(name, say('planner.supported-configuration-manager', { what, not: not[0] }))
        else if (told.every(([, isSupported]) => isSupported)) tell.met(name, say('planner.supported-4', { what }))
        else
          tell.decide(name, supported, {
            yes: say('planner.stated-supported-3'),
            no: say('planner.stated-supported-4'),
            needs: `images[${index}].${operatingSystem === undefined ? 'operatingSystem' : 'supported'}`,
          })
      }
    },
  ),
  rule(
    'OSD-DRV-01',
    'error',
    'Driver catalog',
    say('planner.osd-drv-01-title'),
    say('planner.osd-drv-01-remedy'),
    (tell, site) => {
      for (const [index, driver] of (site.drivers ?? []).entries()) {
        const states = (['imported', 'enabled', 'distributed'] as const).map((one) => [one, driver[one]] as const)
        const not = states.filter(([, value]) => value === false).map(([one]) => one)
        const open = states.filter(([, value]) => value === undefined).map(([one]) => `drivers[${index}].${one}`)
        if (not.length > 0) tell.violated(driver.name, together(not.map((one) => driverLacks[one])))
        else if (open.length > 0) tell.unknown(driver.name, ...open)
        else tell.met(driver.name, say('planner.driver-available'))
      }
    },
  ),
]
