/**
 * What an operating-system deployment needs of its servers (Microsoft, "Infrastructure requirements for OS deployment in
 * Configuration Manager").
 */
import type { Rule, Severity, Teller } from './rule.ts'
import { present, type Server, type Site } from './site.ts'

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
function provides(server: Server, provider: 'wds' | 'responder'): boolean | undefined {
  const pxe = present(server.pxe)
  return pxe === null ? false : pxe?.provider && pxe.provider === provider
}

function eachServer(tell: Teller, site: Site, judge: (server: Server, path: string) => void): void {
  if (!site.servers) return tell.unknown('the site', 'servers')
  for (const [index, server] of site.servers.entries()) judge(server, `servers[${index}]`)
}

/** Servers on which the ADK belongs: site servers and SMS Providers. */
function eachAdkServer(tell: Teller, site: Site, judge: (server: Server, adk: Adk | null, path: string) => void): void {
  eachServer(tell, site, (server, path) => {
    const wants = either(server.isSiteServer, server.hasProvider)
    if (wants === undefined) return tell.unknown(server.name, `${path}.isSiteServer`, `${path}.hasProvider`)
    if (!wants) return
    const adk = present(server.adk)
    if (adk === undefined) tell.unknown(server.name, `${path}.adk`)
    else judge(server, adk, path)
  })
}

function eachWds(tell: Teller, site: Site, judge: (server: Server, wds: Wds, path: string) => void): void {
  eachServer(tell, site, (server, path) => {
    const wds = present(server.wds)
    if (wds === undefined) tell.unknown(server.name, `${path}.wds`)
    else if (wds) judge(server, wds, path)
  })
}

/** Servers with WDS and DHCP together. */
function eachShared(
  tell: Teller,
  site: Site,
  judge: (server: Server, wds: Wds, dhcp: Dhcp, path: string) => void,
): void {
  eachWds(tell, site, (server, wds, path) => {
    const dhcp = present(server.dhcp)
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
  field: string,
): void {
  if (!site.servers) return tell.unknown('the site', 'servers')
  const found = site.servers.find((one) => test(one) === true)
  if (found) return tell.met('the site', `${found.name} is ${what}.`)
  const open = site.servers.flatMap((one, index) => (test(one) === undefined ? [`servers[${index}].${field}`] : []))
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
    'The Windows ADK is on every site server and every SMS Provider',
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
    'Nothing has to be done.',
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
        if (adk) tell.decide(name, peAddon, { yes: 'It is.', no: 'It is not.', needs: `${path}.peAddon` })
      }),
  ),
  rule(
    'OSD-ADK-06',
    'warning',
    'Windows ADK features',
    'The version of the ADK is supported by the version of Configuration Manager',
    'Look both up in the support table, and install an ADK that is in it.',
    (tell, site) =>
      eachAdkServer(tell, site, ({ name }, adk, path) => {
        if (!adk) return
        tell.decide(name, adk.supported, {
          yes: `${adk.version ?? 'Its version'} is supported.`,
          no: `${adk.version ?? 'Its version'} is not supported.`,
          needs: `${path}.adk.supported`,
        })
      }),
  ),
  rule(
    'OSD-USMT-01',
    'note',
    'USMT',
    'The default USMT package is there',
    'Setup makes it at the top-level site; where it is gone make a package of the USMT folder of the ADK.',
    (tell, site) =>
      tell.decide('the site', site.usmtPackage, { yes: 'It is.', no: 'It is not.', needs: 'usmtPackage' }),
    'userState',
  ),
  rule(
    'OSD-WSUS-01',
    'error',
    'WSUS',
    'A software update point with WSUS is there',
    'Install WSUS and the role software update point.',
    (tell, site) =>
      someServer(
        tell,
        site,
        'a software update point with WSUS',
        (one) => both(has(one, 'software-update-point'), one.wsus),
        'wsus',
      ),
    'updates',
  ),
  rule(
    'OSD-IIS-01',
    'error',
    'IIS',
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
    'DHCP; Considerations when the DHCP server and WDS share a server',
    'A DHCP server with an active scope gives addresses',
    'Activate a scope for the network of the clients.',
    (tell, site) =>
      someServer(
        tell,
        site,
        'a DHCP server with an active scope',
        (one) => {
          const dhcp = present(one.dhcp)
          return dhcp === null ? false : dhcp?.activeScope
        },
        'dhcp.activeScope',
      ),
    'pxe',
  ),
  rule(
    'OSD-DNS-01',
    'error',
    'Considerations',
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
    'With the SMS Provider on another server, WDS is on the site server and on that server',
    'Install WDS on both.',
    (tell, site) => {
      if (!site.servers) return tell.unknown('the site', 'servers')
      const isRemote = site.servers.some((one) => one.hasProvider === true && one.isSiteServer === false)
      if (!isRemote) return
      eachServer(tell, site, (server, path) => {
        const wants = either(server.isSiteServer, server.hasProvider)
        if (!tell.applies(server.name, wants, `${path}.hasProvider`)) return
        const wds = present(server.wds)
        tell.decide(server.name, wds === undefined ? undefined : wds !== null, {
          yes: 'WDS is there.',
          no: 'WDS is not there.',
          needs: `${path}.wds`,
        })
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
    'PXE is answered by WDS or by the responder without it',
    'Choose one in the properties of the distribution point.',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const pxe = present(server.pxe)
        if (pxe === undefined) return tell.unknown(server.name, `${path}.pxe`)
        if (pxe === null) return
        if (pxe.provider === undefined) tell.unknown(server.name, `${path}.pxe.provider`)
        else tell.met(server.name, pxe.provider === 'wds' ? 'WDS answers.' : 'The responder answers.')
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
    'OSD-MC-01',
    'error',
    'Multicast-enabled distribution point',
    'A distribution point sends multicast',
    'Enable multicast in the properties of a distribution point; it needs WDS.',
    (tell, site) =>
      someServer(
        tell,
        site,
        'a distribution point with multicast',
        (one) => both(has(one, 'distribution-point'), one.pxe === 'none' ? false : one.pxe?.multicast),
        'pxe.multicast',
      ),
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
    'Considerations',
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
    'Considerations, note',
    'UDP port 68 is open where DHCP has to be authorised',
    'Let port 68 in as well.',
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
    'Considerations',
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
    'note',
    'Considerations, note; Use PXE to deploy Windows over the network',
    'The responder without WDS shares a server with DHCP by DoNotListenOnDhcpPort',
    'Set DoNotListenOnDhcpPort to 1 and option 60, then restart both services (from version 1902 on).',
    (tell, site) =>
      eachServer(tell, site, (server, path) => {
        const dhcp = present(server.dhcp)
        const wants = both(provides(server, 'responder'), dhcp === undefined ? undefined : dhcp !== null)
        const needs = provides(server, 'responder') === undefined ? 'pxe.provider' : 'dhcp'
        if (!tell.applies(server.name, wants, `${path}.${needs}`)) return
        const value = server.doNotListenOnDhcpPort
        tell.decide(server.name, value === undefined ? undefined : value === 1, {
          yes: 'DoNotListenOnDhcpPort is 1.',
          no: `DoNotListenOnDhcpPort is ${value === null ? 'absent' : '0'}: both want port 67.`,
          needs: `${path}.doNotListenOnDhcpPort`,
        })
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
      for (const [index, { name, supported }] of (site.images ?? []).entries())
        tell.decide(name, supported, {
          yes: 'It is supported.',
          no: 'It is not supported.',
          needs: `images[${index}].supported`,
        })
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
