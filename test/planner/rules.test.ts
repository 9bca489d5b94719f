/** The planner's rules: each met, violated, unknown and not applicable; what is added makes nothing less known. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { versionGates } from '#shared/planner/gate-rules.ts'
import { plan, rules } from '#shared/planner/plan.ts'
import { ruleList } from '#shared/planner/rule-list.ts'
import type { State } from '#shared/planner/rule.ts'
import { siteFileSchema, siteRoles, type Server, type Site } from '#shared/planner/site.ts'

const wants = { pxe: true, multicast: true, userState: true, updates: true, reports: true }
const server = (more: Partial<Server>): Site => ({ wants, servers: [{ name: 'srv1', ...more }] })
const adk = (more: Partial<Server>): Site => server({ isSiteServer: true, hasProvider: false, ...more })
const both = { wds: { useDhcpPorts: 0 }, dhcp: { option60: true, needsAuthorisation: true } } as const
const byWds = { roles: ['distribution-point'], pxe: { provider: 'wds' } } as const satisfies Partial<Server>
const point = { roles: ['distribution-point'] } as const satisfies Partial<Server>
const disk = (reference: object, destination: object): Site => siteFileSchema.parse({ deployments: [{ name: 'lab', reference, destination }] }) // prettier-ignore
const osd = 'Operating System Deployment Manager'
const folder = ['Create', 'Delete', 'Modify', 'Modify Folder', 'Move Object', 'Read']
const everything = {
  'Boot Image Package': [...folder, 'Set Security Scope'],
  'Device Drivers': [...folder, 'Modify Report', 'Run Report'],
  'Driver Package': [...folder, 'Set Security Scope'],
  'Operating System Image': [...folder, 'Set Security Scope'],
  'Operating System Upgrade Package': [...folder, 'Set Security Scope'],
  'Task Sequence Package': [
    ...folder,
    'Create Task Sequence Media',
    'Modify Report',
    'Run Report',
    'Set Security Scope',
  ],
}
const nothing: Site = { wants, servers: [{ name: 'srv1', isSiteServer: false, hasProvider: false, roles: [], pxe: 'none', wds: 'none', dhcp: 'none' }] } // prettier-ignore
const unwanted: Site = { wants: { pxe: false, multicast: false, userState: false, updates: false, reports: false } }
const role = (name: (typeof siteRoles)[number]): Site => server({ roles: [name] })

const sites = (cas: string | undefined, primary: string | undefined): NonNullable<Site['sites']> => [
  { code: 'CAS', role: 'central', version: cas },
  { code: 'P01', role: 'primary', version: primary, parent: 'CAS' },
]
const mixed = (more: Site): Site => ({ ...more, sites: sites('2409', '2403') })
const same = (more: Site): Site => ({ ...more, sites: sites('2403', '2403') })
const unknownVersions = (more: Site): Site => ({ ...more, sites: sites(undefined, '2403') })
type TaskSequence = NonNullable<Site['taskSequences']>[number]
const clients = (clientVersion: string, more: Partial<TaskSequence>): Site => ({
  collections: [{ name: 'c', kind: 'computer', clientVersion }],
  taskSequences: [{ name: 't', collection: 'c', ...more }],
})
const at = (site: string, more: Partial<TaskSequence>): Site => ({
  collections: [{ name: 'c', site }],
  taskSequences: [{ name: 't', collection: 'c', ...more }],
})
const system = (client: Exclude<Server['client'], 'none' | undefined>): Site => same(server({ site: 'P01', roles: ['management-point'], client })) // prettier-ignore
const grouped = (first: string, second: string | undefined): Site => ({
  automaticAssignment: true,
  boundaries: [{ name: 'b', groups: ['g', 'h'] }],
  boundaryGroups: [
    { name: 'g', site: first },
    { name: 'h', site: second },
  ],
})
const from2012 = (site: string | undefined): Site => ({
  upgrade: 'from-2012',
  sites: [
    { code: 'CAS', version: '2403' },
    { code: 'OLD', version: '2012 R2' },
  ],
  taskSequences: [{ name: 't', site }],
})

const up = (more: Partial<TaskSequence>, site: Site = {}): Site => ({
  ...site,
  taskSequences: [{ name: 't', kind: 'upgrade', ...more }],
})
const pkg = { upgradePackage: 'p' } as const
const fu = { featureUpdate: 'f' } as const
const install: Site = { taskSequences: [{ name: 't', kind: 'install' }] }
type Windows = NonNullable<NonNullable<Site['upgradePackages']>[number]['operatingSystem']>
const fromTo = (from: Windows, to: Windows): Site =>
  up({ ...pkg, collection: 'c' }, { collections: [{ name: 'c', operatingSystem: from }], upgradePackages: [{ name: 'p', operatingSystem: to }] }) // prettier-ignore
const same3 = (to: Omit<NonNullable<Site['upgradePackages']>[number], 'name'>): Site =>
  up({ ...pkg, collection: 'c' }, { collections: [{ name: 'c', edition: 'Enterprise', architecture: 'x64', language: 'en-US' }], upgradePackages: [{ name: 'p', ...to }] }) // prettier-ignore
const one = (version: string): Site => ({ sites: [{ code: 'P01', version }] })
const arm = (more: Partial<TaskSequence>, version: string): Site =>
  up({ ...more, collection: 'c' }, { ...one(version), collections: [{ name: 'c', architecture: 'arm64' }] })
const server2022: Site = { upgradePackages: [{ name: 'p', operatingSystem: 'Windows Server 2022' }] }
const eleven = (licenceAccepted: boolean | undefined): Site => ({ featureUpdates: [{ name: 'f', operatingSystem: 'Windows 11', licenceAccepted }] }) // prettier-ignore

const byMedia = (bootOperatingSystem: Windows, operatingSystem: Windows): Site => ({ wdsDeployments: [{ name: 'd', bootImage: 'installation-media', bootOperatingSystem, operatingSystem }] }) // prettier-ignore
const beside = (version: string): Site => ({ ...one(version), ...server({ pxe: { provider: 'responder' }, dhcp: {} }) })
const relayed = (version: string): Site => ({
  ...one(version),
  ...server({ pxe: { provider: 'responder', option82: true } }),
})
const cloud = (version: string): Site => ({ ...one(version), taskSequences: [{ name: 't', cloudContent: true }] })

/** Sites for the states in their order: met, violated, unknown, not applicable; null where a rule has no such state. */
const cases: Readonly<Record<string, readonly [met: Site, violated: Site | null, unknown: Site | null, not: Site | null]>> = {
  'OSD-ADK-01': [adk({ adk: {} }), adk({ adk: 'none' }), adk({}), nothing],
  'OSD-ADK-02': [adk({ adk: { beforeSite: true } }), adk({ adk: { beforeSite: false } }), adk({ adk: {} }), nothing],
  'OSD-ADK-03': [adk({ adk: { features: ['usmt', 'deployment-tools'] }, peAddon: true }), adk({ adk: { features: ['usmt'] } }), adk({ adk: {} }), nothing],
  'OSD-ADK-04': [server({ hasProvider: true, isSiteServer: false, adk: {} }), null, adk({}), nothing],
  'OSD-ADK-05': [adk({ adk: {}, peAddon: true }), adk({ adk: {}, peAddon: false }), adk({ adk: {} }), nothing],
  'OSD-ADK-06': [{ ...one('2403'), ...adk({ adk: { version: '10.1.22621.1' } }) }, { ...one('2403'), ...adk({ adk: { version: '10.1.25398.1' } }) }, adk({ adk: {} }), nothing],
  'OSD-USMT-01': [{ wants, usmtPackage: true }, { wants, usmtPackage: false }, { wants }, unwanted],
  'OSD-WSUS-01': [server({ roles: ['software-update-point'], wsus: true }), server({ roles: ['software-update-point'], wsus: false }), server({ roles: ['software-update-point'] }), unwanted],
  'OSD-IIS-01': [server({ ...point, roles: ['distribution-point'], iis: true }), server({ roles: ['management-point'], iis: false }), server({ roles: ['state-migration-point'] }), nothing],
  'OSD-DHCP-01': [server({ dhcp: { activeScope: true } }), server({ dhcp: { activeScope: false } }), server({}), unwanted],
  'OSD-DNS-01': [server({ wds: { dns: true } }), server({ wds: { dns: false } }), server({ wds: {} }), nothing],
  'OSD-WDS-01': [server({ wds: { byAdministrator: true } }), server({ wds: { byAdministrator: false } }), server({ wds: {} }), nothing],
  'OSD-WDS-02': [server({ wds: {}, domain: 'controller' }), server({ wds: {}, domain: 'none' }), server({ wds: {} }), nothing],
  'OSD-WDS-03': [
    { wants, servers: [{ name: 'a', isSiteServer: true, wds: {}, pxe: 'none' }, { name: 'b', isSiteServer: false, wds: {}, ...byWds }] },
    { wants, servers: [{ name: 'a', isSiteServer: true, wds: 'none', pxe: 'none' }, { name: 'b', isSiteServer: false, wds: {}, ...byWds }] },
    server({ isSiteServer: false, ...byWds }),
    nothing,
  ],
  'OSD-WDS-04': [server({ wds: 'none', pxe: { provider: 'wds' }, pendingRestart: false }), server({ wds: 'none', pxe: { provider: 'wds' }, pendingRestart: true }), server({ wds: 'none' }), server({ wds: {} })],
  'OSD-PXE-01': [server({ pxe: { provider: 'responder' } }), server({ wds: 'none', ...byWds }), server({ pxe: {} }), nothing],
  'OSD-PXE-03': [server({ pxe: { provider: 'responder', option82: true } }), server({ pxe: { provider: 'wds', option82: true } }), server({ pxe: { option82: true } }), server({ pxe: { provider: 'wds', option82: false } })],
  'OSD-PXE-02': [server({ roles: ['distribution-point'], pxe: {} }), server({ roles: ['distribution-point'], pxe: 'none' }), server({ roles: ['distribution-point'] }), unwanted],
  'OSD-MC-01': [server({ roles: ['distribution-point'], pxe: { provider: 'wds', multicast: true } }), server({ pxe: { multicast: false } }), server({}), unwanted],
  'OSD-SMP-01': [role('state-migration-point'), nothing, server({}), unwanted],
  'OSD-RSP-01': [role('reporting-services-point'), nothing, server({}), unwanted],
  'OSD-MP-01': [role('management-point'), nothing, server({}), null],
  'OSD-DP-01': [role('distribution-point'), nothing, server({}), null],
  'OSD-PORT-01': [server({ wds: {}, ports: [67, 69, 4011] }), server({ wds: {}, ports: [67, 69] }), server({ wds: {} }), nothing],
  'OSD-PORT-02': [server({ ...both, ports: [68] }), server({ ...both, ports: [67] }), server(both), server({ ...both, dhcp: { needsAuthorisation: false } })],
  'OSD-COHOST-01': [server(both), server({ ...both, wds: { useDhcpPorts: null } }), server({ ...both, wds: {} }), nothing],
  'OSD-COHOST-02': [server(both), server({ ...both, wds: { useDhcpPorts: 1 } }), server({ ...both, wds: {} }), nothing],
  'OSD-COHOST-03': [server(both), server({ ...both, dhcp: { option60: false } }), server({ ...both, dhcp: {} }), nothing],
  'OSD-COHOST-04': [server({ pxe: { provider: 'responder' }, dhcp: { option60: true }, doNotListenOnDhcpPort: 1 }), server({ pxe: { provider: 'responder' }, dhcp: {}, doNotListenOnDhcpPort: null }), server({ pxe: { provider: 'responder' }, dhcp: {} }), nothing],
  'OSD-IMG-01': [{ images: [{ name: 'w', file: 'install.WIM' }] }, { images: [{ name: 'w', file: 'install.esd' }] }, { images: [{ name: 'w' }] }, {}],
  'OSD-OS-01': [{ images: [{ name: 'w', supported: true }] }, { images: [{ name: 'w', supported: false }] }, { images: [{ name: 'w' }] }, {}],
  'OSD-DRV-01': [{ drivers: [{ name: 'd', imported: true, enabled: true, distributed: true }] }, { drivers: [{ name: 'd', enabled: false }] }, { drivers: [{ name: 'd', imported: true }] }, {}],
  'DISK-01': [disk({ volume: 'simple' }, {}), disk({ volume: 'striped' }, {}), disk({}, {}), {}],
  'DISK-02': [disk({ type: 'dynamic', volume: 'simple' }, { type: 'dynamic', volume: 'simple' }), disk({ type: 'dynamic' }, { type: 'basic' }), disk({ type: 'basic' }, {}), {}],
  'DISK-03': [disk({ volume: 'simple' }, { volume: 'simple' }), disk({}, { volume: 'parity' }), disk({ volume: 'simple' }, {}), {}],
  'DISK-04': [disk({ type: 'basic' }, { type: 'basic' }), disk({ type: 'basic' }, { type: 'dynamic' }), disk({ type: 'basic' }, {}), disk({ type: 'dynamic' }, {})],
  'SEC-01': [{ securityRoles: [{ name: 'ours', copiedFrom: osd }] }, { securityRoles: [{ name: 'ours', copiedFrom: 'Full Administrator' }] }, { securityRoles: [{ name: 'ours' }] }, { securityRoles: [{ name: osd }] }],
  'SEC-02': [{ securityRoles: [{ name: osd, permissions: everything }] }, { securityRoles: [{ name: osd, permissions: { ...everything, 'Driver Package': folder } }] }, { securityRoles: [{ name: osd }] }, { securityRoles: [{ name: 'x', copiedFrom: 'y' }] }],
  'INT-CLI-01': [mixed({}), null, unknownVersions({}), same({})],
  'INT-CLI-02': [same({ collections: [{ name: 'c', site: 'P01', clientVersion: '2309' }] }), same({ collections: [{ name: 'c', site: 'P01', clientVersion: '2409' }] }), same({ collections: [{ name: 'c' }] }), {}],
  'INT-BOOT-01': [{ bootImages: [{ name: 'b', kind: 'default' }] }, null, { bootImages: [{ name: 'b' }] }, { bootImages: [{ name: 'b', kind: 'custom' }] }],
  'INT-BOOT-02': [{ bootImages: [{ name: 'b', kind: 'custom', updated: true }] }, { bootImages: [{ name: 'b', kind: 'custom', updated: false }] }, { bootImages: [{ name: 'b', kind: 'custom' }] }, { bootImages: [{ name: 'b', kind: 'default' }] }],
  'INT-BOOT-03': [mixed({ media: [{ name: 'm', dynamic: false }] }), mixed({ media: [{ name: 'm', dynamic: true }] }), mixed({ media: [{ name: 'm' }] }), same({ media: [{ name: 'm', dynamic: true }] })],
  'INT-BOOT-04': [{ bootImages: [{ name: 'b', isCurrent: true }] }, { bootImages: [{ name: 'b', isCurrent: false }] }, { bootImages: [{ name: 'b' }] }, {}],
  'INT-USMT-01': [{ usmtPackages: [{ name: 'u', kind: 'custom', updated: true }] }, { usmtPackages: [{ name: 'u', kind: 'custom', updated: false }] }, { usmtPackages: [{ name: 'u' }] }, { usmtPackages: [{ name: 'u', kind: 'default' }] }],
  'INT-TS-01': [clients('2403', { newestStep: '2403' }), clients('2303', { newestStep: '2403' }), clients('2303', {}), {}],
  'INT-MEDIA-01': [{ media: [{ name: 'm', rebuilt: true }] }, { media: [{ name: 'm', rebuilt: false }] }, { media: [{ name: 'm' }] }, {}],
  'INT-EXT-01': [mixed({ extensions: [{ name: 'x', testedMixed: true }] }), mixed({ extensions: [{ name: 'x', testedMixed: false }] }), mixed({ extensions: [{ name: 'x' }] }), same({ extensions: [{ name: 'x' }] })],
  'INT-PKG-01': [{ taskSequences: [{ name: 't', clientPackage: 'default' }] }, null, { taskSequences: [{ name: 't' }] }, { taskSequences: [{ name: 't', clientPackage: 'custom' }] }],
  'INT-PKG-02': [{ taskSequences: [{ name: 't', clientPackage: 'custom', clientPackageCurrent: true }] }, { taskSequences: [{ name: 't', clientPackage: 'custom', clientPackageCurrent: false }] }, { taskSequences: [{ name: 't', clientPackage: 'custom' }] }, { taskSequences: [{ name: 't', clientPackage: 'default' }] }],
  'INT-PKG-03': [mixed(at('CAS', { clientPackage: 'default' })), mixed(at('P01', { clientPackage: 'default' })), unknownVersions(at('CAS', { clientPackage: 'default' })), mixed(at('P01', { clientPackage: 'custom', clientPackageCurrent: false }))],
  'INT-PKG-04': [mixed({ taskSequences: [{ name: 't', site: 'P01', clientPackage: 'custom', clientPackageCurrent: false }] }), mixed({ taskSequences: [{ name: 't', site: 'P01', clientPackage: 'default' }] }), mixed({ taskSequences: [{ name: 't' }] }), mixed({ taskSequences: [{ name: 't', site: 'CAS' }] })],
  'VER-01': [mixed({ upgrade: 'in-console' }), mixed({ upgrade: 'none' }), mixed({}), same({})],
  'VER-02': [{ overlapsOtherHierarchy: true, automaticAssignment: false }, { overlapsOtherHierarchy: true, automaticAssignment: true }, { overlapsOtherHierarchy: true }, { overlapsOtherHierarchy: false }],
  'VER-03': [system({ version: '2403' }), system({ version: '2012 R2' }), system({}), same(server({ roles: ['management-point'], client: 'none' }))],
  'VER-04': [clients('2403', {}), { collections: [{ name: 'c', kind: 'windows-ce' }] }, { collections: [{ name: 'c', kind: 'device' }] }, {}],
  'VER-05': [grouped('P01', 'P01'), grouped('P01', 'P02'), grouped('P01', undefined), { automaticAssignment: false }],
  'VER-06': [same({ collections: [{ name: 'c', site: 'P01', clientVersion: '2403' }] }), same({ collections: [{ name: 'c', site: 'P01', clientVersion: '2503' }] }), same({ collections: [{ name: 'c', clientVersion: '2403' }] }), { collections: [{ name: 'c', clientVersion: '2012' }] }],
  'VER-07': [mixed({}), null, unknownVersions({}), same({})],
  'VER-08': [from2012('CAS'), { ...from2012('OLD'), bootImages: [{ name: 'b', kind: 'default' }], taskSequences: [{ name: 't', site: 'OLD', bootImage: true }] }, from2012('OLD'), { upgrade: 'in-console', taskSequences: [{ name: 't' }] }],
  'VER-09': [same({ taskSequences: [{ name: 't', site: 'P01', newestStep: '2403' }] }), same({ taskSequences: [{ name: 't', site: 'P01', newestStep: '2503' }] }), same({ taskSequences: [{ name: 't', site: 'P01' }] }), {}],
  'VER-10': [mixed({}), null, unknownVersions({}), same({})],
  'VER-11': [clients('2403', {}), clients('2012', {}), { collections: [{ name: 'c' }] }, {}],
  'VER-12': [mixed({ orchestrationGroups: false }), mixed({ orchestrationGroups: true }), mixed({}), same({ orchestrationGroups: true })],
  'VER-13': [system({ site: 'P01', version: '2403' }), system({ site: 'CAS' }), system({}), {}],
  'VER-14': [same(server({ site: 'P01', console: { version: '2403' } })), same(server({ site: 'P01', console: { version: '2309' } })), same(server({ console: { version: '2403' } })), {}],
  'VER-15': [server({ console: { also: [] } }), server({ console: { also: ['2012'] } }), server({ console: {} }), {}],
  'VER-17': [same({ collections: [{ name: 'c', site: 'P01' }] }), same({ collections: [{ name: 'c', site: 'CAS' }] }), same({ collections: [{ name: 'c' }] }), {}],
  'VER-16': [same(server({ site: 'P01', console: { version: '2309' } })), same(server({ site: 'P01', console: { version: '2503' } })), same(server({ site: 'P01', console: {} })), {}],
  'IPU-01': [up(pkg, { upgradePackages: [{ name: 'p', operatingSystem: 'Windows 11' }] }), up(pkg, { upgradePackages: [{ name: 'p', operatingSystem: 'Windows 8.1' }] }), up({}), install],
  'IPU-02': [fromTo('Windows 7', 'Windows 10'), fromTo('Windows Server 2012', 'Windows 11'), up({}), install],
  'IPU-03': [same3({ edition: 'Enterprise', architecture: 'x64', language: 'en-us' }), same3({ edition: 'Enterprise', architecture: 'x64', language: 'de-DE' }), up({}), up(fu)],
  'IPU-04': [arm(fu, '2103'), arm(pkg, '2309'), up({}), install],
  'IPU-05': [up({}), null, { taskSequences: [{ name: 't' }] }, install],
  'IPU-06': [up(pkg, { servers: [{ name: 's', roles: ['distribution-point'] }], upgradePackages: [{ name: 'p', distributed: true }] }), up({}, { servers: [{ name: 's', roles: [] }] }), up({}), install],
  'IPU-07': [up(fu, { syncsUpgrades: true }), up(fu, { syncsUpgrades: false }), up(fu), up(pkg)],
  'IPU-08': [up({ changes: [] }), up({ changes: ['UEFI'] }), up({}), install],
  'IPU-09': [up({ coreStepsOnly: true }), up({ coreStepsOnly: false }), up({}), install],
  'IPU-10': [up({ reviewed: true }), up({ reviewed: false }), up({}), install],
  'IPU-11': [up({ steps: ['Upgrade OS', 'Restart Computer'], restartTo: 'installed' }), up({ steps: ['Upgrade OS', 'Install Application'] }), up({ steps: ['Upgrade OS', 'Restart Computer'] }), install],
  'IPU-12': [up({ standAloneMedia: true, bootImage: true }), up({ standAloneMedia: true, bootImage: false }), up({ standAloneMedia: true }), up({ standAloneMedia: false })],
  'IPU-13': [up({ deployment: 'software-center' }), null, up({}), install],
  'IPU-14': [up({ deployment: 'internet', allowInternet: true, gatewayContent: true }), up({ deployment: 'internet', allowInternet: false }), up({ deployment: 'internet' }), up({ deployment: 'phased' })],
  'TS-01': [up(pkg), up(fu, one('2010')), up(fu), install],
  'TS-02': [up({ ...pkg, ignoreMessages: true }, server2022), up({ ...pkg, ignoreMessages: false }, server2022), up(pkg, server2022), up(pkg, { upgradePackages: [{ name: 'p', operatingSystem: 'Windows 11' }] })],
  'TS-03': [up({ updates: 'none', applications: ['a'] }, { catalogue: ['a'] }), up({ updates: 'all' }, { syncsUpdates: false }), up({ updates: 'all', applications: [] }), install],
  'TS-04': [up({}), null, { taskSequences: [{ name: 't' }] }, install],
  'TS-05': [up({}), null, { taskSequences: [{ name: 't' }] }, install],
  'TS-06': [up({ productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', editionIndex: 1 }), up({ productKey: 'AAAAA-BBBBB' }), up({ editionIndex: 1 }), install],
  'TS-07': [up({}), null, { taskSequences: [{ name: 't' }] }, install],
  'FU-01': [up(fu, { syncsUpgrades: true }), up(fu, { syncsUpgrades: false }), up(fu), up(pkg)],
  'FU-02': [up(fu, { featureUpdates: [{ name: 'f', content: 'no-package' }] }), up(fu, { featureUpdates: [{ name: 'f', content: 'missing' }] }), up(fu), up(pkg)],
  'FU-03': [up(fu), up({ ...fu, preCache: true }), up({}), up(pkg)],
  'FU-04': [up(fu, { clientSettings: { threadPriority: 'normal', dynamicUpdate: true, deltaContent: true } }), up(fu, { clientSettings: { deltaContent: false } }), up(fu), up(pkg)],
  'FU-05': [up(fu, eleven(true)), up(fu, eleven(false)), up(fu, eleven(undefined)), up(fu, { featureUpdates: [{ name: 'f', operatingSystem: 'Windows 10' }] })],
  'FU-06': [up({ ...fu, isNew: true }, one('2107')), up({ ...fu, isNew: true }, one('2103')), up({ ...fu, isNew: true }), up({ ...fu, isNew: false })],
  'FU-07': [up({ ...fu, imported: false }), up({ ...fu, imported: true, stepAddedAgain: false }), up(fu), up(pkg)],
  'FU-08': [up({ ...fu, prestaged: false }), up({ ...fu, prestaged: true }), up(fu), up(pkg)],
  'FU-09': [up({ ...fu, standAloneMedia: false }), up({ ...fu, standAloneMedia: true }), up(fu), up(pkg)],
  'FU-10': [up(fu, one('2103')), up(fu, one('2010')), up(fu), up(pkg)],
  'GATE-1806': [{ ...one('1806'), ...server({ pxe: { provider: 'responder' } }) }, { ...one('1802'), ...server({ pxe: { provider: 'responder' } }) }, server({ pxe: {} }), server({ pxe: { provider: 'wds' } })],
  'GATE-1902': [beside('1902'), beside('1810'), server({ pxe: { provider: 'responder' }, dhcp: {} }), server({ pxe: { provider: 'responder' }, dhcp: 'none' })],
  'GATE-1906': [relayed('1906'), relayed('1902'), server({ pxe: { provider: 'responder' } }), server({ pxe: { provider: 'wds' } })],
  'GATE-2006': [cloud('2006'), cloud('2002'), { taskSequences: [{ name: 't' }] }, { taskSequences: [{ name: 't', cloudContent: false }] }],
  'WAY-01': [byMedia('Windows 10', 'Windows Server 2019'), byMedia('Windows 11', 'Windows 11'), { wdsDeployments: [{ name: 'd' }] }, { wdsDeployments: [{ name: 'd', bootImage: 'custom' }] }],
  'WAY-02': [byMedia('Windows 10', 'Windows 10'), byMedia('Windows Server 2022', 'Windows Server 2022'), { wdsDeployments: [{ name: 'd', bootImage: 'installation-media' }] }, { wdsDeployments: [{ name: 'd', bootImage: 'mdt' }] }],
  'WAY-03': [{ wdsDeployments: [{ name: 'd', handsFree: false }] }, { wdsDeployments: [{ name: 'd', handsFree: true }] }, { wdsDeployments: [{ name: 'd' }] }, {}],
  'WAY-04': [{ mdt: false }, { mdt: true }, null, {}],
  'SEC-03': [{ securityScopes: true }, { securityScopes: false }, {}, null],
} // prettier-ignore

const states = ['met', 'violated', 'unknown', 'not-applicable'] as const satisfies readonly State[]

/** The states that a rule cannot be in: what it judges is always known, or always there. */
const impossible: Readonly<Record<string, readonly State[]>> = {
  'OSD-ADK-04': ['violated'],
  'OSD-MP-01': ['not-applicable'],
  'OSD-DP-01': ['not-applicable'],
  'INT-CLI-01': ['violated'],
  'INT-BOOT-01': ['violated'],
  'INT-PKG-01': ['violated'],
  'VER-07': ['violated'],
  'VER-10': ['violated'],
  'IPU-05': ['violated'],
  'IPU-13': ['violated'],
  'TS-04': ['violated'],
  'TS-05': ['violated'],
  'TS-07': ['violated'],
  'WAY-04': ['unknown'],
  'SEC-03': ['not-applicable'],
}
const stateOf = (site: Site, id: string) =>
  plan(siteFileSchema.parse(withoutUndefined(site))).rules.find((one) => one.id === id)!

describe.each(rules.map((one) => [one.id, one] as const))('%s', (id, { title, remedy, source }) => {
  test('has a source, a remedy and its cases', () => {
    for (const text of [title, remedy, source]) expect(text).not.toBe('')
    expect(cases[id]).toBeDefined()
  })

  test('has a case for each state it can be in', () => {
    expect(states.filter((_, index) => !cases[id]![index])).toEqual(impossible[id] ?? [])
  })

  test.each(states.filter((_, index) => cases[id]![index]))('%s', (state) => {
    const site = cases[id]![states.indexOf(state)]!
    const judged = stateOf(site, id)
    expect({ state: judged.state, items: judged.items }).toMatchObject({ state })
    // What is not known names the places that would tell it.
    for (const item of judged.items) expect(item.needs.length > 0).toBe(item.state === 'unknown')
  })
})

/** How many rules the documents have, by their groups. */
const groups: Readonly<Record<string, number>> = { 'OSD-ADK': 6, 'OSD-USMT': 1, 'OSD-WSUS': 1, 'OSD-IIS': 1, 'OSD-DHCP': 1, 'OSD-DNS': 1, 'OSD-WDS': 4, 'OSD-PXE': 3, 'OSD-MC': 1, 'OSD-SMP': 1, 'OSD-RSP': 1, 'OSD-MP': 1, 'OSD-DP': 1, 'OSD-IMG': 1, 'OSD-DRV': 1, 'OSD-OS': 1, 'OSD-PORT': 2, 'OSD-COHOST': 4, SEC: 3, DISK: 4, 'INT-CLI': 2, 'INT-BOOT': 4, 'INT-USMT': 1, 'INT-TS': 1, 'INT-MEDIA': 1, 'INT-EXT': 1, 'INT-PKG': 4, VER: 17, IPU: 14, TS: 7, FU: 10, WAY: 4 } // prettier-ignore

test('every rule of the documents has its entry', () => {
  const expected = Object.entries(groups).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}-${String(index + 1).padStart(2, '0')}`),
  )
  // Each gate has a rule of its own or one of those.
  const gates = versionGates.map((one) => one.rule)
  expect(gates).toEqual(['GATE-1806', 'GATE-1902', 'GATE-1906', 'GATE-2006', 'FU-10', 'FU-06', 'IPU-04'])
  expect(rules.map((one) => one.id).sort()).toEqual([...new Set([...expected, ...gates])].sort())
})

test('the list in the documentation is that of the entries', () => {
  expect(readFileSync(new URL('../../docs/planner-rules.md', import.meta.url), 'utf8'), 'run: node scripts/documents.ts').toBe(ruleList(rules)) // prettier-ignore
})

test('no rule has two entries', () => {
  expect(new Set(rules.map((one) => one.id)).size).toBe(rules.length)
  expect(Object.keys(cases).sort()).toEqual(rules.map((one) => one.id).sort())
})

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const flag = maybe(fc.boolean())
const listen = maybe(fc.constantFrom(0 as const, 1 as const, null))
const anyVersion = maybe(fc.constantFrom('2012', '2012 R2', '5.00.8239.1000', '2309', '2403'))
const anySystem = maybe(
  fc.constantFrom('Windows 8', 'Windows 10', 'Windows 11', 'Windows Server 2016', 'Windows Server 2025'),
)
const anyRelease = maybe(fc.constantFrom('22H2', '24H2'))
/** What is named is listed; the command line refuses other files. */
const anyCode = maybe(fc.constant('P01'))
const anyBuild = maybe(fc.constantFrom(19045, 22631))
/** Each with a name of its own, by which verdicts are told apart. */
const numbered = <T extends { readonly name: string }>(list: readonly T[]): T[] => list.map((one, index) => ({ ...one, name: `${one.name}${index}` })) // prettier-ignore
const anyDisk = fc.record({ type: maybe(fc.constantFrom('basic', 'dynamic')), volume: maybe(fc.constantFrom('simple', 'striped')) }) // prettier-ignore
const anyServer = fc.record({
  name: fc.constant('srv'),
  site: anyCode,
  client: maybe(fc.oneof(fc.constant('none'), fc.record({ version: anyVersion, site: anyCode }))),
  console: maybe(fc.oneof(fc.constant('none'), fc.record({ version: anyVersion, also: maybe(fc.constantFrom([], ['2012'])) }))),
  isSiteServer: flag,
  hasProvider: flag,
  roles: maybe(fc.subarray([...siteRoles])),
  adk: maybe(
    fc.oneof(
      fc.constant('none'),
      fc.record({ version: maybe(fc.constantFrom('10.1.17134.1', '10.1.22621.1', '10.1.25398.1')), beforeSite: flag, supported: flag, features: maybe(fc.subarray(['usmt', 'deployment-tools', 'windows-pe'])) }),
    ),
  ),
  peAddon: flag,
  wsus: flag,
  iis: flag,
  domain: maybe(fc.constantFrom('member', 'controller', 'none')),
  pendingRestart: flag,
  ports: maybe(fc.subarray([67, 68, 69, 4011])),
  pxe: maybe(fc.oneof(fc.constant('none'), fc.record({ provider: maybe(fc.constantFrom('wds', 'responder')), multicast: flag, option82: flag }))),
  wds: maybe(fc.oneof(fc.constant('none'), fc.record({ byAdministrator: flag, dns: flag, enabled: flag, useDhcpPorts: listen }))),
  doNotListenOnDhcpPort: listen,
  dhcp: maybe(fc.oneof(fc.constant('none'), fc.record({ activeScope: flag, option60: flag, needsAuthorisation: flag }))),
}) // prettier-ignore
/** A site that stands alone is no secondary one. */
const rolesOf = (code: string, count: number) =>
  maybe(
    code === 'CAS'
      ? fc.constant('central')
      : count === 1
        ? fc.constant('primary')
        : fc.constantFrom('primary', 'secondary'),
  )
const anySite = fc.record({
  wants: maybe(fc.record({ pxe: flag, multicast: flag, userState: flag, updates: flag, reports: flag })),
  servers: maybe(fc.array(anyServer, { minLength: 1, maxLength: 3 }).map(numbered)),
  images: maybe(fc.array(fc.record({ name: fc.constant('i'), file: maybe(fc.constantFrom('a.wim', 'b.esd')), operatingSystem: anySystem, build: anyBuild, release: anyRelease, supported: flag }), { minLength: 1, maxLength: 2 }).map(numbered)),
  drivers: maybe(fc.array(fc.record({ name: fc.constant('d'), imported: flag, enabled: flag, distributed: flag }), { minLength: 1, maxLength: 2 }).map(numbered)),
  deployments: maybe(fc.array(fc.record({ name: fc.constant('c'), reference: maybe(anyDisk), destination: maybe(anyDisk) }), { minLength: 1, maxLength: 2 }).map(numbered)),
  securityRoles: maybe(fc.array(fc.record({ name: fc.constantFrom('r', osd), copiedFrom: maybe(fc.constantFrom(osd, 'x')), permissions: maybe(fc.constantFrom({}, everything)) }), { minLength: 1, maxLength: 2 }).map((list) => list.map((one, index) => (one.name === osd ? one : { ...one, name: `r${index}` })))),
  securityScopes: flag,
  usmtPackage: flag,
  sites: maybe(fc.constantFrom(1, 2).chain((count) => fc.tuple(...['P01', 'CAS'].slice(0, count).map((code) => fc.record({ code: fc.constant(code), version: anyVersion, role: rolesOf(code, count) }))))),
  upgrade: maybe(fc.constantFrom('in-console', 'from-2012', 'none')),
  orchestrationGroups: flag,
  automaticAssignment: flag,
  overlapsOtherHierarchy: flag,
  boundaries: maybe(fc.array(fc.record({ name: fc.constant('b'), groups: maybe(fc.subarray(['g', 'h'])) }), { minLength: 1, maxLength: 2 }).map(numbered)),
  boundaryGroups: fc.tuple(fc.record({ name: fc.constant('g'), site: anyCode }), fc.record({ name: fc.constant('h'), site: anyCode })),
  collections: maybe(fc.tuple(fc.record({ name: fc.constant('c'), site: anyCode, clientVersion: anyVersion, kind: maybe(fc.constantFrom('computer', 'windows-ce')), operatingSystem: anySystem, architecture: maybe(fc.constantFrom('x64', 'arm64')), edition: maybe(fc.constantFrom('a', 'b')), language: maybe(fc.constantFrom('a', 'b')), build: anyBuild, release: anyRelease, disk: maybe(anyDisk) }))),
  upgradePackages: fc.tuple(fc.record({ name: fc.constant('p'), operatingSystem: anySystem, build: anyBuild, release: anyRelease, editions: maybe(fc.constantFrom([], ['a'])), distributed: flag, architecture: maybe(fc.constantFrom('x64', 'arm64')), edition: maybe(fc.constantFrom('a', 'b')), language: maybe(fc.constantFrom('a', 'b')) })),
  featureUpdates: fc.tuple(fc.record({ name: fc.constant('f'), operatingSystem: anySystem, build: anyBuild, content: maybe(fc.constantFrom('no-package', 'missing')), licenceAccepted: flag })),
  wdsDeployments: maybe(fc.array(fc.record({ name: fc.constant('w'), bootImage: maybe(fc.constantFrom('installation-media', 'custom', 'mdt')), bootOperatingSystem: anySystem, operatingSystem: anySystem, handsFree: flag }), { minLength: 1, maxLength: 2 }).map(numbered)),
  mdt: flag,
  syncsUpgrades: flag,
  syncsUpdates: flag,
  catalogue: maybe(fc.subarray(['a'])),
  clientSettings: maybe(fc.record({ threadPriority: maybe(fc.constantFrom('normal', 'other')), dynamicUpdate: flag, deltaContent: flag })),
  bootImages: maybe(fc.tuple(fc.record({ name: fc.constant('b'), kind: maybe(fc.constantFrom('default', 'custom')), peVersion: maybe(fc.constantFrom('10.0.19041', '10.0.26100.1')), updated: flag, isCurrent: flag }))),
  media: maybe(fc.tuple(fc.record({ name: fc.constant('m'), kind: maybe(fc.constantFrom('bootable', 'capture')), dynamic: flag, rebuilt: flag }))),
  usmtPackages: maybe(fc.tuple(fc.record({ name: fc.constant('u'), kind: maybe(fc.constantFrom('default', 'custom')), updated: flag }))),
  extensions: maybe(fc.tuple(fc.record({ name: fc.constant('x'), testedMixed: flag }))),
  taskSequences: maybe(fc.tuple(fc.record({ name: fc.constant('t'), site: anyCode, collection: maybe(fc.constant('c')), newestStep: anyVersion, clientPackage: maybe(fc.constantFrom('default', 'custom')), clientPackageCurrent: flag, kind: maybe(fc.constantFrom('upgrade', 'install', 'capture')), cloudContent: flag, source: fc.constantFrom({}, { upgradePackage: 'p' }, { featureUpdate: 'f' }), changes: maybe(fc.subarray(['UEFI'])), coreStepsOnly: flag, reviewed: flag, steps: maybe(fc.constantFrom([], ['Upgrade OS', 'Restart Computer'], ['Upgrade Operating System'])), restartTo: maybe(fc.constantFrom('installed', 'windows-pe')), standAloneMedia: flag, bootImage: flag, usesBootImage: maybe(fc.constant('b')), deployment: maybe(fc.constantFrom('internet', 'stand-alone media')), allowInternet: flag, gatewayContent: flag, preCache: flag, stepAddedAgain: flag, ignoreMessages: flag, updates: maybe(fc.constantFrom('all', 'none')), applications: maybe(fc.subarray(['a', 'b'])), editionIndex: maybe(fc.constant(1)), productKey: maybe(fc.constantFrom('', 'x')), isNew: flag, imported: flag, prestaged: flag }).map(({ source, ...rest }) => ({ ...rest, ...source })))),
}) // prettier-ignore

/** Lists of things are wholes: naming one server more is another site. */
const lists = [
  'servers',
  'images',
  'drivers',
  'deployments',
  'securityRoles',
  'sites',
  'code',
  'boundaries',
  'boundaryGroups',
  'collections',
  'bootImages',
  'media',
  'usmtPackages',
  'extensions',
  'taskSequences',
  'upgradePackages',
  'featureUpdates',
  'wdsDeployments',
]

/**
 * The site without some of what it states: at each place that is optional, one decision. A service that is not said to be
 * disabled is taken for enabled, and so that stays.
 */
function lessOf(value: unknown, keep: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => lessOf(one, keep))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ||
      (key !== 'name' && !lists.includes(key) && !(key === 'enabled' && !('imported' in value)) && !keep())
        ? []
        : [[key, key === 'permissions' ? inner : lessOf(inner, keep)]],
    ),
  )
}
const withoutUndefined = (value: unknown): unknown => lessOf(value, () => true)

const builds = (from: number, to: number): Site => up({ ...pkg, collection: 'c' }, { collections: [{ name: 'c', operatingSystem: 'Windows 11', build: from }], upgradePackages: [{ name: 'p', operatingSystem: 'Windows 11', build: to }] }) // prettier-ignore
const striped = (kind: 'install' | 'capture' | 'upgrade'): Site => ({
  collections: [{ name: 'c', disk: { type: 'basic', volume: 'striped' } }],
  taskSequences: [{ name: 't', kind, collection: 'c' }],
})
test.each([
  ['IPU-02', builds(22000, 22631), 'met'],
  ['IPU-02', builds(22631, 22631), 'violated'],
  ['IPU-02', fromTo('Windows 11', 'Windows 11'), 'unknown'],
  ['IPU-02', up({ collection: 'c' }, { collections: [{ name: 'c', operatingSystem: 'Windows 8' }] }), 'violated'],
  ['TS-06', up({ ...pkg, editionIndex: 3, productKey: '' }, { upgradePackages: [{ name: 'p', editions: ['Pro', 'Enterprise'] }] }), 'violated'],
  ['TS-06', up({ ...pkg, editionIndex: 2, productKey: '' }, { upgradePackages: [{ name: 'p', editions: ['Pro', 'Enterprise'] }] }), 'met'],
  ['DISK-01', striped('capture'), 'violated'],
  ['DISK-01', striped('install'), 'not-applicable'],
  ['DISK-03', striped('install'), 'violated'],
  ['DISK-03', striped('upgrade'), 'not-applicable'],
  ['INT-BOOT-02', { ...server({ adk: { version: '10.1.25398.1' } }), bootImages: [{ name: 'b', kind: 'custom', updated: true, peVersion: '10.0.19041' }] }, 'violated'],
  ['INT-BOOT-02', { ...server({ adk: { version: '10.1.25398.1' } }), bootImages: [{ name: 'b', kind: 'custom', updated: true, peVersion: '10.0.25398.1' }] }, 'met'],
  ['IPU-06', up(pkg, { servers: [{ name: 's', roles: ['distribution-point'] }], upgradePackages: [{ name: 'p', distributed: false }] }), 'violated'],
  ['IPU-06', up(pkg, { servers: [{ name: 's', roles: ['distribution-point'] }], upgradePackages: [{ name: 'p' }] }), 'unknown'],
  ['OSD-ADK-01', { sites: [{ code: 'P01', version: 2403 }], servers: [] } as unknown as Site, 'not-applicable'],
] as const satisfies readonly (readonly [string, Site, State])[])('%s of %j: %s', (id, site, state) => {
  expect(stateOf(site, id).state).toBe(state)
}) // prettier-ignore

test('stating more never makes less known', () => {
  fc.assert(
    fc.property(anySite, fc.infiniteStream(fc.boolean()), (site, decisions) => {
      const more = siteFileSchema.parse(withoutUndefined(site))
      const less = siteFileSchema.parse(lessOf(site, () => decisions.next().value as boolean))
      const after = plan(more).rules
      for (const [index, { id, items }] of plan(less).rules.entries())
        for (const { subject, state } of items) {
          // What is known of one thing stays known of it; a rule may have others of which it is not.
          if (state === 'unknown' || items.some((other) => other.subject === subject && other.state === 'unknown'))
            continue
          const now = after[index]!.items.filter((other) => other.subject === subject).map((other) => other.state)
          expect({ id, subject, now }).toMatchObject({
            now: now.map(() => expect.not.stringMatching('unknown') as State),
          })
        }
    }),
    { numRuns: 1500 },
  )
}, 60_000)
