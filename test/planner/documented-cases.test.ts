/**
 * Sites as they are met, and what the documents say of them: each correction of a rule with its four states, versions on both
 * sides of a boundary, and parts that are missing.
 */
import { describe, expect, test } from 'vitest'
import { adkSupport, adkVersions } from '#shared/planner/adk-support.ts'
import { fillFrom, serverFrom } from '#shared/planner/from-facts.ts'
import { plan } from '#shared/planner/plan.ts'
import type { State } from '#shared/planner/rule.ts'
import { readSite } from '#shared/planner/site-text.ts'
import { isOld, orderOf, versionPattern } from '#shared/planner/versions.ts'
import { isSupportedClient, windowsVersions } from '#shared/planner/windows-versions.ts'
import { windowsServer } from '../helpers/windows-server.ts'

const wants = 'wants: { pxe: true, multicast: true, userState: true, updates: true, reports: true }\n'
const read = (text: string) => {
  const { site, problems } = readSite(`${wants}${text}`)
  expect(problems).toEqual([])
  return site!
}
const judged = (text: string, id: string) => plan(read(text)).rules.find((one) => one.id === id)!
const hierarchy = `sites:
  - { code: CAS, role: central, version: '2403' }
  - { code: P01, role: primary, version: '2403', parent: CAS }
  - { code: P02, role: primary, version: '2309', parent: CAS }
  - { code: S01, role: secondary, version: '2403', parent: P01 }
`
const single = "sites: [{ code: P01, role: primary, version: '2403' }]\n"
const server = (fields: string): string => `${single}servers: [{ name: a, site: P01, ${fields} }]`
const sequence = (fields: string, version = '2403', more = ''): string =>
  `sites: [{ code: P01, role: primary, version: '${version}' }]\n${more}taskSequences: [{ name: t, kind: upgrade, site: P01, ${fields} }]`
const feature = 'featureUpdates: [{ name: f, operatingSystem: Windows 11 }]\n'

const cases: readonly (readonly [rule: string, state: State, what: string, text: string])[] = [
  // The ADK is no matter of secondary sites.
  ['OSD-ADK-01', 'violated', 'a primary site server without it', server('isSiteServer: true, hasProvider: false, adk: none')],
  ['OSD-ADK-01', 'violated', 'the central site', `${hierarchy}servers: [{ name: a, site: CAS, isSiteServer: true, adk: none }]`],
  ['OSD-ADK-01', 'not-applicable', 'a secondary site server', `${hierarchy}servers: [{ name: a, site: S01, isSiteServer: true, adk: none }]`],
  ['OSD-ADK-01', 'not-applicable', 'a site below a primary one', 'sites: [{ code: P01, role: primary }, { code: S01, parent: P01 }]\nservers: [{ name: a, site: S01, isSiteServer: true, adk: none }]'],
  ['OSD-ADK-01', 'violated', 'a site below the central one', 'sites: [{ code: CAS, role: central }, { code: P01, parent: CAS }]\nservers: [{ name: a, site: P01, isSiteServer: true, adk: none }]'],
  ['OSD-ADK-01', 'unknown', 'a site of which nothing tells', 'sites: [{ code: AAA }, { code: BBB }]\nservers: [{ name: a, site: BBB, isSiteServer: true, hasProvider: false, adk: none }]'],
  ['OSD-ADK-01', 'violated', 'an SMS Provider', server('isSiteServer: false, hasProvider: true, adk: none')],
  ['OSD-ADK-05', 'violated', 'an ADK with a separate Windows PE', server('isSiteServer: true, adk: { version: 10.1.17763.1 }, peAddon: false')],
  ['OSD-ADK-05', 'not-applicable', 'an ADK that contains Windows PE', server('isSiteServer: true, adk: { version: 10.1.17134.1 }, peAddon: false')],
  ['OSD-ADK-06', 'met', '26100 with 2403', server('isSiteServer: true, adk: { version: 10.1.26100.2454 }')],
  ['OSD-ADK-06', 'violated', '25398 with 2403, whatever is said of it', server('isSiteServer: true, adk: { version: 10.1.25398.1, supported: true }')],
  ['OSD-ADK-06', 'unknown', 'an ADK that no table has', server('isSiteServer: true, adk: { version: 10.1.10586.0 }')],
  ['OSD-ADK-06', 'met', 'an ADK that no table has, said to be supported', server('isSiteServer: true, adk: { version: 10.1.10586.0, supported: true }')],
  ['OSD-ADK-06', 'unknown', 'no version', server('isSiteServer: true, adk: {}')],
  ['OSD-WSUS-01', 'violated', 'one of two software update points without WSUS', `${single}servers: [{ name: a, roles: [software-update-point], wsus: true }, { name: b, roles: [software-update-point], wsus: false }]`],
  // The provider is the one in WDS.
  ['OSD-WDS-03', 'not-applicable', 'a remote SMS Provider, and the responder', `${single}servers:
  - { name: cm1, site: P01, isSiteServer: true, hasProvider: false, roles: [management-point], wds: none, pxe: none }
  - { name: prov1, site: P01, isSiteServer: false, hasProvider: true, roles: [], wds: none, pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: none, pxe: { provider: responder } }`],
  ['OSD-WDS-03', 'violated', 'a remote distribution point with WDS, none on the site server', `${single}servers:
  - { name: cm1, site: P01, isSiteServer: true, roles: [management-point], wds: none, pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: {}, pxe: { provider: wds } }`],
  ['OSD-WDS-03', 'violated', 'WDS of the site server disabled', `${single}servers:
  - { name: cm1, site: P01, isSiteServer: true, roles: [], wds: { enabled: false }, pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: {}, pxe: { provider: wds } }`],
  ['OSD-WDS-03', 'met', 'WDS on both', `${single}servers:
  - { name: cm1, site: P01, isSiteServer: true, roles: [], wds: {}, pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: {}, pxe: { provider: wds } }`],
  ['OSD-WDS-03', 'not-applicable', 'the site server is the distribution point', server('isSiteServer: true, roles: [distribution-point], wds: {}, pxe: { provider: wds }')],
  ['OSD-WDS-03', 'unknown', 'WDS of the site server not stated', `${single}servers:
  - { name: cm1, site: P01, isSiteServer: true, roles: [], pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: {}, pxe: { provider: wds } }`],
  ['OSD-WDS-03', 'met', 'the site server of another site has none', `${hierarchy}servers:
  - { name: cm1, site: P01, isSiteServer: true, roles: [], wds: {}, pxe: none }
  - { name: cm2, site: P02, isSiteServer: true, roles: [], wds: none, pxe: none }
  - { name: dp1, site: P01, isSiteServer: false, roles: [distribution-point], wds: {}, pxe: { provider: wds } }`],
  // What is disabled, or suspended for the responder, does not run.
  ...(['OSD-COHOST-01', 'OSD-COHOST-02', 'OSD-COHOST-03'] as const).flatMap((id) => [
    [id, 'violated', 'WDS enabled', server('wds: { useDhcpPorts: 1, enabled: true }, dhcp: { option60: false }')],
    [id, 'not-applicable', 'WDS disabled', server('wds: { useDhcpPorts: 1, enabled: false }, dhcp: { option60: false }')],
    [id, 'not-applicable', 'WDS suspended for the responder', server('pxe: { provider: responder }, wds: { useDhcpPorts: 1 }, dhcp: { option60: false }')],
    [id, 'unknown', 'WDS not stated', server('dhcp: { option60: false }')],
  ] as const),
  ['OSD-PORT-01', 'not-applicable', 'WDS disabled', server('wds: { enabled: false }, ports: []')],
  ['OSD-COHOST-04', 'met', 'both settings', server('pxe: { provider: responder }, dhcp: { option60: true }, doNotListenOnDhcpPort: 1')],
  ['OSD-COHOST-04', 'violated', 'no option 60', server('pxe: { provider: responder }, dhcp: { option60: false }, doNotListenOnDhcpPort: 1')],
  ['OSD-COHOST-04', 'violated', 'it listens on port 67', server('pxe: { provider: responder }, dhcp: { option60: true }, doNotListenOnDhcpPort: 0')],
  ['OSD-COHOST-04', 'unknown', 'option 60 not stated', server('pxe: { provider: responder }, dhcp: {}, doNotListenOnDhcpPort: 1')],
  ['OSD-COHOST-04', 'not-applicable', 'DHCP elsewhere', server('pxe: { provider: responder }, dhcp: none, doNotListenOnDhcpPort: 0')],
  // DHCP that is disabled gives no addresses, and wants no port.
  ['OSD-COHOST-01', 'not-applicable', 'DHCP disabled', server('wds: { useDhcpPorts: 1 }, dhcp: { enabled: false }')],
  ['OSD-COHOST-04', 'not-applicable', 'DHCP disabled', server('pxe: { provider: responder }, dhcp: { enabled: false }, doNotListenOnDhcpPort: 0')],
  ['OSD-DHCP-01', 'violated', 'DHCP disabled', server('dhcp: { enabled: false, activeScope: true }')],
  ['GATE-1902', 'not-applicable', 'DHCP disabled', "sites: [{ code: P01, version: '1810' }]\nservers: [{ name: a, site: P01, pxe: { provider: responder }, dhcp: { enabled: false } }]"],
  ['SEC-01', 'violated', 'the built-in role without a permission', 'securityRoles: [{ name: Operating System Deployment Manager, permissions: { Driver Package: [Read] } }]'],
  ['INT-PKG-01', 'not-applicable', 'an upgrade in place, which keeps the client', `${hierarchy}taskSequences: [{ name: t, kind: upgrade, site: P02 }]`],
  ['INT-PKG-04', 'not-applicable', 'an upgrade in place, which keeps the client', `${hierarchy}taskSequences: [{ name: t, kind: upgrade, site: P02 }]`],
  ['OSD-PXE-01', 'violated', 'WDS is to answer and is not there', server('roles: [distribution-point], pxe: { provider: wds }, wds: none')],
  ['OSD-PXE-01', 'violated', 'WDS is to answer and is disabled', server('roles: [distribution-point], pxe: { provider: wds }, wds: { enabled: false }')],
  ['OSD-PXE-01', 'met', 'WDS answers', server('roles: [distribution-point], pxe: { provider: wds }, wds: { enabled: true }')],
  ['OSD-PXE-01', 'not-applicable', 'no distribution point', server('roles: [management-point]')],
  ['OSD-PXE-01', 'unknown', 'no provider', server('roles: [distribution-point], pxe: {}')],
  ['OSD-PXE-03', 'violated', 'option 82 with WDS', server('roles: [distribution-point], pxe: { provider: wds, option82: true }')],
  ['OSD-PXE-03', 'met', 'option 82 with the responder', server('roles: [distribution-point], pxe: { provider: responder, option82: true }')],
  ['OSD-PXE-03', 'unknown', 'option 82 with a provider that is not stated', server('roles: [distribution-point], pxe: { option82: true }')],
  ['OSD-PXE-03', 'not-applicable', 'no option 82', server('roles: [distribution-point], pxe: { provider: wds, option82: false }')],
  ['OSD-MC-01', 'violated', 'multicast with the responder', server('roles: [distribution-point], pxe: { provider: responder, multicast: true }')],
  ['OSD-MC-01', 'violated', 'multicast with WDS disabled', server('roles: [distribution-point], wds: { enabled: false }, pxe: { provider: wds, multicast: true }')],
  ['OSD-MC-01', 'met', 'multicast with WDS', server('roles: [distribution-point], wds: {}, pxe: { provider: wds, multicast: true }')],
  ['OSD-MC-01', 'unknown', 'multicast with a provider that is not stated', server('roles: [distribution-point], pxe: { multicast: true }')],
  ['OSD-OS-01', 'met', 'Windows 11 25H2 with 2509', "sites: [{ code: P01, version: '2509' }]\nimages: [{ name: i, operatingSystem: Windows 11, release: 25H2 }]"],
  ['OSD-OS-01', 'violated', 'Windows 11 25H2 with 2503', "sites: [{ code: P01, version: '2503' }]\nimages: [{ name: i, operatingSystem: Windows 11, build: 26200 }]"],
  ['OSD-OS-01', 'violated', 'Server 2025 with 2403', "sites: [{ code: P01, version: '2403' }]\nimages: [{ name: i, operatingSystem: Windows Server 2025 }]"],
  ['OSD-OS-01', 'met', 'Server 2025 with 2409', "sites: [{ code: P01, version: '2409' }]\nimages: [{ name: i, operatingSystem: Windows Server 2025 }]"],
  ['OSD-OS-01', 'unknown', 'which Windows 11', "sites: [{ code: P01, version: '2409' }]\nimages: [{ name: i, operatingSystem: Windows 11 }]"],
  // Disks without a volume.
  ['DISK-01', 'met', 'a basic disk', 'deployments: [{ name: d, reference: { type: basic } }]'],
  ['DISK-01', 'unknown', 'a dynamic disk without a volume', 'deployments: [{ name: d, reference: { type: dynamic } }]'],
  ['DISK-01', 'unknown', 'no reference', 'deployments: [{ name: d }]'],
  ['DISK-01', 'violated', 'a mirror', 'deployments: [{ name: d, reference: { type: dynamic, volume: mirrored } }]'],
  ['DISK-02', 'met', 'basic to basic', 'deployments: [{ name: d, reference: { type: basic }, destination: { type: basic } }]'],
  ['DISK-02', 'unknown', 'dynamic to dynamic without volumes', 'deployments: [{ name: d, reference: { type: dynamic }, destination: { type: dynamic } }]'],
  ['DISK-02', 'violated', 'dynamic to basic', 'deployments: [{ name: d, reference: { type: dynamic }, destination: { type: basic } }]'],
  ['DISK-03', 'met', 'basic to basic', 'deployments: [{ name: d, reference: { type: basic }, destination: { type: basic } }]'],
  ['DISK-03', 'unknown', 'basic to dynamic without a volume', 'deployments: [{ name: d, reference: { type: basic }, destination: { type: dynamic } }]'],
  // Older clients for older sites.
  ['INT-PKG-02', 'met', 'an older client for an older site', `${hierarchy}collections: [{ name: c, site: P02 }]\ntaskSequences: [{ name: t, site: P02, collection: c, clientPackage: custom, clientPackageCurrent: false }]`],
  ['INT-PKG-02', 'violated', 'an older client for the latest site', `${hierarchy}collections: [{ name: c, site: P01 }]\ntaskSequences: [{ name: t, site: P01, collection: c, clientPackage: custom, clientPackageCurrent: false }]`],
  ['INT-PKG-02', 'met', 'made at the central site, for clients of an older one', `${hierarchy}collections: [{ name: c, site: P02 }]\ntaskSequences: [{ name: t, site: CAS, collection: c, clientPackage: custom, clientPackageCurrent: false }]`],
  ['INT-PKG-02', 'unknown', 'for which site', `${hierarchy}taskSequences: [{ name: t, clientPackage: custom, clientPackageCurrent: false }]`],
  ['INT-PKG-02', 'not-applicable', 'the default package', `${hierarchy}taskSequences: [{ name: t, clientPackage: default }]`],
  ['INT-PKG-03', 'violated', 'the default package for an older site', `${hierarchy}collections: [{ name: c, site: P02 }]\ntaskSequences: [{ name: t, site: CAS, collection: c, clientPackage: default }]`],
  ['INT-PKG-04', 'met', 'an own package with the older client', `${hierarchy}taskSequences: [{ name: t, site: P02, clientPackage: custom, clientPackageCurrent: false }]`],
  ['INT-PKG-04', 'violated', 'an own package with the newest client', `${hierarchy}taskSequences: [{ name: t, site: P02, clientPackage: custom, clientPackageCurrent: true }]`],
  ['INT-PKG-04', 'violated', 'made at the central site, the default package', `${hierarchy}collections: [{ name: c, site: P02 }]\ntaskSequences: [{ name: t, site: CAS, collection: c, clientPackage: default }]`],
  ['INT-PKG-04', 'unknown', 'what its package holds', `${hierarchy}taskSequences: [{ name: t, site: P02, clientPackage: custom }]`],
  ['INT-PKG-04', 'not-applicable', 'a site of the latest version', `${hierarchy}taskSequences: [{ name: t, site: P01, clientPackage: default }]`],
  ['INT-BOOT-03', 'not-applicable', 'stand-alone and capture media', `${hierarchy}media: [{ name: m, kind: stand-alone }, { name: n, kind: capture }]`],
  ['INT-EXT-01', 'violated', 'clients of two versions', `${single}collections: [{ name: c, clientVersion: '2309' }]\nextensions: [{ name: x, testedMixed: false }]`],
  // Upgrades from 2012.
  ['VER-01', 'violated', 'an update in the console beside a site of 2012', "upgrade: in-console\nsites: [{ code: CAS, version: '2403' }, { code: P01, version: 2012 R2 }]"],
  ['VER-01', 'met', 'an upgrade from 2012', "upgrade: from-2012\nsites: [{ code: CAS, version: '1511' }, { code: P01, version: 2012 R2 }]"],
  ['VER-01', 'violated', 'an upgrade from 2012 without a site of 2012', "upgrade: from-2012\nsites: [{ code: CAS, version: '2403' }, { code: P01, version: '2309' }]"],
  ...([
    ['met', 'a boot image of its own', 'bootImages: [{ name: b, kind: custom }]', 'bootImage: true'],
    ['met', 'the one of two that is its own', 'bootImages: [{ name: b, kind: custom }, { name: d, kind: default }]', 'usesBootImage: b'],
    ['violated', 'the one of two that is a default one', 'bootImages: [{ name: b, kind: custom }, { name: d, kind: default }]', 'usesBootImage: d'],
    ['unknown', 'which of two', 'bootImages: [{ name: b, kind: custom }, { name: d, kind: default }]', 'bootImage: true'],
    ['unknown', 'whether it has one', 'bootImages: [{ name: b, kind: custom }]', 'kind: install'],
    ['met', 'no boot image', 'bootImages: []', 'bootImage: false'],
  ] as const).map(([state, what, images, own]) => ['VER-08', state, what, `upgrade: from-2012\nsites: [{ code: CAS, version: '1511' }, { code: OLD, version: 2012 R2 }]\n${images}\ntaskSequences: [{ name: t, site: OLD, ${own} }]`] as const),
  ['VER-08', 'not-applicable', 'another upgrade', `upgrade: in-console\n${hierarchy}taskSequences: [{ name: t, site: P01, bootImage: true }]`],
  // Clients by their builds.
  ...([
    ['2007', 'violated'], ['2012', 'violated'], ["'5.00.7711.0000'", 'violated'], ['5.7730', 'violated'], ["'5.00.7730.1000'", 'violated'],
    ["'5.00.7731'", 'met'], ['2012 SP1', 'met'], ['2012 R2', 'met'], ["'5.00.9128.1007'", 'met'], ['1511', 'met'],
  ] as const).map(([version, state]) => ['VER-11', state, `clients of ${version}`, `collections: [{ name: c, clientVersion: ${version} }]`] as const),
  ['VER-04', 'violated', 'clients of 2007', 'collections: [{ name: c, kind: computer, clientVersion: 2007 }]'],
  ['VER-04', 'violated', 'clients of a build of 2012', "collections: [{ name: c, kind: computer, clientVersion: '5.00.8239.1000' }]"],
  ['INT-CLI-02', 'met', 'the build of the version of the site', `${single}collections: [{ name: c, site: P01, clientVersion: '5.00.9128.1007' }]`],
  ['INT-CLI-02', 'violated', 'the build of the next version', `${single}collections: [{ name: c, site: P01, clientVersion: '5.00.9132.1000' }]`],
  ['INT-CLI-02', 'violated', '2012 R2 at a site of 2012 SP1', "sites: [{ code: P01, version: 2012 SP1 }]\ncollections: [{ name: c, site: P01, clientVersion: 2012 R2 }]"],
  // Clients beside roles.
  ['VER-13', 'violated', 'another version', `${single}servers: [{ name: a, site: P01, roles: [management-point], client: { version: '2309', site: P01 } }]`],
  ['VER-13', 'violated', 'a site server without other roles', `${hierarchy}servers: [{ name: a, site: P02, isSiteServer: true, roles: [], client: { version: '2309', site: P01 } }]`],
  ['VER-13', 'met', 'a site server', `${hierarchy}servers: [{ name: a, site: P02, isSiteServer: true, roles: [], client: { version: '2309', site: P02 } }]`],
  ['VER-13', 'met', 'at a secondary site: the primary above', `${hierarchy}servers: [{ name: a, site: S01, roles: [distribution-point], client: { version: '2403', site: P01 } }]`],
  ['VER-13', 'violated', 'at a secondary site: another primary', `${hierarchy}servers: [{ name: a, site: S01, roles: [distribution-point], client: { version: '2403', site: P02 } }]`],
  ['VER-13', 'unknown', 'no version', `${single}servers: [{ name: a, site: P01, roles: [management-point], client: { site: P01 } }]`],
  ['VER-13', 'unknown', 'whether it is a site system', `${single}servers: [{ name: a, site: P01, client: { version: '2403', site: P01 } }]`],
  ['VER-13', 'not-applicable', 'no site system', `${single}servers: [{ name: a, site: P01, isSiteServer: false, roles: [], client: { version: '2309', site: P01 } }]`],
  ['VER-03', 'violated', 'a client of 2012 on a site server', server('isSiteServer: true, roles: [], client: { version: 2012 R2, site: P01 }')],
  // A console and what it shows.
  ['VER-16', 'violated', 'the console of the central site and an older primary one', `${hierarchy}servers: [{ name: a, site: CAS, console: { version: '2403' } }]`],
  ['VER-16', 'met', 'nothing is older', `${hierarchy}servers: [{ name: a, site: CAS, console: { version: '2309' } }]`],
  ['VER-16', 'unknown', 'a site without a version', "sites: [{ code: CAS, version: '2403' }, { code: P01 }]\nservers: [{ name: a, site: CAS, console: { version: '2403' } }]"],
  ['VER-16', 'not-applicable', 'no console', `${hierarchy}servers: [{ name: a, site: CAS, console: none }]`],
  ['VER-14', 'met', 'the build that the console shows', server("console: { version: '5.2403.1171.1000' }")],
  ['VER-14', 'violated', 'that of the version before', server("console: { version: '5.2309.1112.1000' }")],
  ['VER-17', 'violated', 'clients at a secondary site', `${hierarchy}collections: [{ name: c, site: S01 }]`],
  ['VER-17', 'met', 'clients at the only site', 'sites: [{ code: P01 }]\ncollections: [{ name: c, site: P01 }]'],
  ['VER-17', 'unknown', 'a site of which nothing tells', 'sites: [{ code: P01 }, { code: P02 }]\ncollections: [{ name: c, site: P01 }]'],
  ['VER-05', 'unknown', 'groups without a site', 'automaticAssignment: true\nboundaries: [{ name: b, groups: [g, h] }]\nboundaryGroups: [{ name: g, site: P01 }, { name: h }]'],
  ['VER-05', 'met', 'the same group twice', 'automaticAssignment: true\nboundaries: [{ name: b, groups: [g, g] }]\nboundaryGroups: [{ name: g }]'],
  // Ways in place.
  ...([
    ['Windows Server 2012', 'Windows Server 2016', 'met'], ['Windows Server 2012', 'Windows Server 2019', 'violated'],
    ['Windows Server 2012', 'Windows Server 2022', 'violated'], ['Windows Server 2012', 'Windows Server 2025', 'violated'],
    ['Windows Server 2012 R2', 'Windows Server 2019', 'met'], ['Windows Server 2012 R2', 'Windows Server 2022', 'violated'],
    ['Windows Server 2012 R2', 'Windows Server 2025', 'met'], ['Windows Server 2016', 'Windows Server 2022', 'met'],
    ['Windows Server 2019', 'Windows Server 2016', 'violated'], ['Windows Server 2022', 'Windows Server 2025', 'met'],
    ['Windows 7', 'Windows 10', 'met'], ['Windows 7', 'Windows 11', 'violated'], ['Windows 8', 'Windows 10', 'violated'],
    ['Windows 8.1', 'Windows 11', 'violated'], ['Windows 10', 'Windows 11', 'met'], ['Windows 10', 'Windows Server 2022', 'violated'],
  ] as const).map(([from, to, state]) => ['IPU-02', state, `${from} to ${to}`, sequence('collection: c, upgradePackage: p', '2509', `collections: [{ name: c, operatingSystem: ${from} }]\nupgradePackages: [{ name: p, operatingSystem: ${to} }]\n`)] as const),
  ['IPU-02', 'met', 'a later release', sequence('collection: c, featureUpdate: f', '2509', 'collections: [{ name: c, operatingSystem: Windows 11, release: 23H2 }]\nfeatureUpdates: [{ name: f, operatingSystem: Windows 11, release: 24H2 }]\n')],
  ['IPU-02', 'violated', 'an earlier release', sequence('collection: c, featureUpdate: f', '2509', 'collections: [{ name: c, operatingSystem: Windows 11, release: 24H2 }]\nfeatureUpdates: [{ name: f, operatingSystem: Windows 11, build: 22631 }]\n')],
  ['IPU-01', 'met', 'Server 2025', sequence('upgradePackage: p', '2509', 'upgradePackages: [{ name: p, operatingSystem: Windows Server 2025 }]\n')],
  ['IPU-03', 'met', 'the edition of the chosen index', sequence('collection: c, upgradePackage: p, editionIndex: 2', '2509', 'collections: [{ name: c, edition: Pro, architecture: x64, language: en-US }]\nupgradePackages: [{ name: p, editions: [Enterprise, Pro], architecture: x64, language: en-us }]\n')],
  ['IPU-03', 'violated', 'another index', sequence('collection: c, upgradePackage: p, editionIndex: 1', '2509', 'collections: [{ name: c, edition: Pro, architecture: x64, language: en-US }]\nupgradePackages: [{ name: p, editions: [Enterprise, Pro], architecture: x64, language: en-us }]\n')],
  ['IPU-03', 'violated', 'an edition that the package does not have', sequence('collection: c, upgradePackage: p', '2509', 'collections: [{ name: c, edition: Home }]\nupgradePackages: [{ name: p, editions: [Enterprise, Pro] }]\n')],
  ['IPU-04', 'violated', 'an installation on ARM64 before 2403', "sites: [{ code: P01, version: '2309' }]\ncollections: [{ name: c, architecture: arm64 }]\ntaskSequences: [{ name: t, kind: install, collection: c, site: P01 }]"],
  ['IPU-04', 'met', 'an installation on ARM64', `${single}collections: [{ name: c, architecture: arm64 }]\ntaskSequences: [{ name: t, kind: install, collection: c, site: P01 }]`],
  // The steps by their names.
  ...([
    ['met', '[Upgrade Operating System, Restart Computer]'], ['met', '[Upgrade OS, Restart Computer]'],
    ['met', '[Check Readiness, Upgrade Operating System, Set Task Sequence Variable, Restart Computer, Install Updates]'],
    ['violated', '[Restart Computer, Upgrade Operating System]'], ['violated', '[Install Application]'],
    ['violated', '[Upgrade OS, Restart Computer, Upgrade OS]'],
  ] as const).map(([state, steps]) => ['IPU-11', state, steps, sequence(`steps: ${steps}, restartTo: installed`)] as const),
  ['IPU-12', 'violated', 'deployed by media, without a boot image', sequence('deployment: stand-alone media, bootImage: false')],
  ['IPU-12', 'met', 'deployed by media, with a named one', sequence('deployment: stand-alone media, usesBootImage: b')],
  ['FU-09', 'violated', 'deployed by media', sequence('featureUpdate: f, deployment: stand-alone media', '2403', feature)],
  ...(['software-center', 'stand-alone media', 'internet', 'phased'] as const).map((way) => ['IPU-13', 'met', way, sequence(`deployment: ${way}`)] as const),
  ['IPU-14', 'met', 'allowed, with its content', sequence('deployment: internet, allowInternet: true, gatewayContent: true')],
  ['IPU-14', 'violated', 'content missing', sequence('deployment: internet, gatewayContent: false')],
  ['IPU-14', 'unknown', 'nothing stated', sequence('deployment: internet')],
  ['IPU-14', 'not-applicable', 'by Software Center', sequence('deployment: software-center')],
  ['FU-03', 'violated', 'pre-download of a feature update', sequence('featureUpdate: f, preCache: true', '2403', feature)],
  ['FU-04', 'met', 'all three', sequence('featureUpdate: f', '2403', `${feature}clientSettings: { threadPriority: normal, dynamicUpdate: true, deltaContent: true }\n`)],
  ['FU-04', 'met', 'without Dynamic Update', sequence('featureUpdate: f', '2403', `${feature}clientSettings: { threadPriority: normal, dynamicUpdate: false, deltaContent: true }\n`)],
  ['FU-04', 'unknown', 'Dynamic Update not stated', sequence('featureUpdate: f', '2403', `${feature}clientSettings: { threadPriority: normal, deltaContent: true }\n`)],
  ['FU-04', 'violated', 'another priority', sequence('featureUpdate: f', '2403', `${feature}clientSettings: { threadPriority: other, dynamicUpdate: true, deltaContent: true }\n`)],
  ['FU-04', 'not-applicable', 'an upgrade package', sequence('upgradePackage: p')],
  ['FU-07', 'met', 'imported, and the step added again', sequence('featureUpdate: f, imported: true, stepAddedAgain: true', '2403', feature)],
  ['FU-07', 'violated', 'imported, and the step not added again', sequence('featureUpdate: f, imported: true, stepAddedAgain: false', '2403', feature)],
  ['FU-07', 'unknown', 'imported', sequence('featureUpdate: f, imported: true', '2403', feature)],
  ['FU-07', 'met', 'not imported', sequence('featureUpdate: f, imported: false', '2403', feature)],
  ['TS-06', 'met', 'the first index by default, a key in small letters', sequence('upgradePackage: p, productKey: aaaaa-bbbbb-ccccc-ddddd-eeeee')],
  ['TS-06', 'met', 'an encoded volume licence key', sequence(`upgradePackage: p, productKey: '${'Ab+/'.repeat(12)}=='`)],
  ['TS-06', 'violated', 'a key without its dashes', sequence('upgradePackage: p, productKey: AAAAABBBBBCCCCCDDDDDEEEEE')],
  ['GATE-1806', 'violated', 'the responder before 1806', "sites: [{ code: P01, version: '1802' }]\nservers: [{ name: a, site: P01, pxe: { provider: responder } }]"],
  ['GATE-1806', 'met', 'the responder from 1806 on', "sites: [{ code: P01, version: '1806' }]\nservers: [{ name: a, site: P01, pxe: { provider: responder } }]"],
] // prettier-ignore

test.each(cases)('%s is %s: %s', (id, state, _, text) => {
  const { state: found, items } = judged(text, id)
  expect({ found, items }).toMatchObject({ found: state })
  // What is not known names places that the file can have.
  for (const one of items)
    for (const place of one.needs) expect(place).toMatch(/^[a-zA-Z]+(\[\d+\])?(\.[a-zA-Z0-9]+)*$/)
})

describe('facts of a server', () => {
  test('a WDS that is disabled is in nobody’s way', () => {
    const facts = windowsServer({ services: { DHCPServer: 'running', WDSServer: 'stopped', SccmPxe: 'running' } })
    const disabled = serverFrom({
      ...facts,
      services: { ...facts.services!, value: facts.services!.value.map((one) => (one.name === 'WDSServer' ? { ...one, start: 'disabled' } : one)) },
    }) // prettier-ignore
    expect(disabled).toMatchObject({ wds: { enabled: false }, pxe: { provider: 'responder' } })
    const { fill } = fillFrom({}, disabled)
    const { rules } = plan({ wants: { pxe: true }, servers: fill.map((one) => one.value) as never })
    const states = rules.filter((one) => /^OSD-COHOST-0[123]$/.test(one.id)).map((one) => one.state)
    expect(states).toEqual(['not-applicable', 'not-applicable', 'not-applicable'])
  })

  test.each([
    ['of the server', [['server', '']], true],
    ['of each active scope', [['scope', '10.0.0.0'], ['scope', '10.1.0.0']], true],
    ['of one of two active scopes', [['scope', '10.0.0.0']], undefined],
    ['of a reservation', [['reservation', '10.0.0.7']], undefined],
    ['of nothing', [], false],
  ] as const)('option 60 %s', (_, levels, sent) => {
    const facts = windowsServer({ services: { DHCPServer: 'running' } })
    const told = serverFrom({
      ...facts,
      dhcpOptions: { value: levels.map(([level, at]) => ({ level, at, option: 60, value: ['PXEClient'] })), from: [] },
      dhcpScopes: { value: ['10.0.0.0', '10.1.0.0', '10.2.0.0'].map((scope) => ({ scope, prefixLength: 16, name: scope, isActive: scope !== '10.2.0.0', ranges: [] })), from: [] },
    } as never)
    expect(told.dhcp).toMatchObject({ activeScope: true })
    expect((told.dhcp as { option60?: boolean }).option60).toBe(sent)
  }) // prettier-ignore
})

describe('versions', () => {
  test('in their order, by names and by builds', () => {
    const order = ['2007', '2012', '5.7730', '2012 SP1', '2012 R2', '2012 R2 SP1', '1511', '5.00.8355', '1606', '2002', '2103', '5.00.9058.1012', '2403', '5.2409.1.1', '2603', '5.00.9999', '2609'] // prettier-ignore
    expect(order.toSorted((a, b) => orderOf(a) - orderOf(b))).toEqual(order)
    for (const one of order) expect(one).toMatch(versionPattern)
    expect(order.filter(isOld)).toEqual(['2007', '2012', '5.7730', '2012 SP1', '2012 R2', '2012 R2 SP1'])
    expect([orderOf('2012 SP2'), orderOf('5.00.9128.1000'), orderOf('5.2403.1171.1000')]).toEqual([orderOf('5.00.8239'), 2403, 2403]) // prettier-ignore
    for (const one of ['24', '2403.1', '4.00.6487', 'x', '5.1']) expect(one).not.toMatch(versionPattern)
  })

  test('a file may write them without quotes', () => {
    expect(read('sites: [{ code: P01, version: 2403 }]\ncollections: [{ name: c, clientVersion: 5.7730 }]')).toMatchObject({ sites: [{ version: '2403' }], collections: [{ clientVersion: '5.7730' }] }) // prettier-ignore
  })

  test.each([
    ['10.1.16299.1', '1806', 'compatible'],
    ['10.1.18362.1', '1810', 'not supported'],
    ['10.1.18362.1', '1902', 'supported'],
    ['10.1.19041.1', '2503', 'not supported'],
    ['10.1.19041.1', '2409', 'supported'],
    ['10.1.20348.1', '2103', 'not supported'],
    ['10.1.20348.1', '2107', 'supported'],
    ['10.1.22621.1', '2107', 'not supported'],
    ['10.1.22621.1', '2111', 'supported'],
    ['10.1.25398.1', '2309', 'not supported'],
    ['10.1.26100.1', '2211', 'not supported'],
    ['10.1.26100.2454', '2303', 'supported'],
    ['10.1.26100.2454', '5.00.9146.1000', 'supported'],
    ['10.1.28000.1', '2609', 'not supported'],
    ['10.1.28000.1', '2309', undefined],
    ['10.1.22621.1', '2703', undefined],
    ['10.1.22621.1', undefined, undefined],
    [undefined, '2403', undefined],
  ] as const)('ADK %s with Configuration Manager %s: %s', (adk, version, support) => {
    expect(adkSupport(adk, version)).toBe(support)
  })

  test('the tables are whole', () => {
    for (const one of adkVersions) expect(one.support).toMatch(/^[ycn-]{22}$/)
    for (const one of windowsVersions) expect(one.build).toBeGreaterThan(10_000)
    expect(new Set(windowsVersions.map((one) => `${one.operatingSystem} ${one.release}`)).size).toBe(
      windowsVersions.length,
    )
  })

  test.each([
    [{ operatingSystem: 'Windows 10', release: '22h2' }, '2203', false],
    [{ operatingSystem: 'Windows 10', release: '22H2' }, '2207', true],
    [{ operatingSystem: 'Windows 11', build: 22_000 }, '2103', false],
    [{ operatingSystem: 'Windows 11', build: 22_000 }, '2107', true],
    [{ operatingSystem: 'Windows 11', build: 22_000 }, '2509', false],
    [{ operatingSystem: 'Windows 11', build: 26_100 }, '2303', undefined],
    [{ operatingSystem: 'Windows 11' }, '2509', undefined],
    [{ operatingSystem: 'Windows 10', release: '21H2' }, '2603', undefined],
    [{ operatingSystem: 'Windows Server 2012 R2' }, '2509', false],
    [{ operatingSystem: 'Windows Server 2012 R2' }, '2203', undefined],
    [{ operatingSystem: 'Windows Server 2022' }, '2103', false],
    [{ operatingSystem: 'Windows Server 2022' }, undefined, undefined],
    [{}, '2403', undefined],
  ] as const)('%j with Configuration Manager %s: %s', (windows, version, supported) => {
    expect(isSupportedClient(windows, version)).toBe(supported)
  })
})
