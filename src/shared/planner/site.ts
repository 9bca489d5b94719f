/**
 * A site file: as much of a Configuration Manager hierarchy as somebody knows. Everything is optional; what is not stated
 * is unknown, and a rule that needs it says so.
 */
import { say, type Phrase } from '#messages/message.ts'
import { z } from 'zod'
import { versionPattern } from './versions.ts'

/** YAML takes 2403 without quotes for a number, and 5.7730 for one that ends before its zero. */
const writtenVersion = (value: unknown): unknown =>
  typeof value !== 'number' ? value : Number.isInteger(value) ? String(value) : value.toFixed(4)
/** `2403`, `2012 R2` or a build such as 5.00.9128.1000. */
const version = z
  .preprocess(writtenVersion, z.string().regex(versionPattern, 'is no version such as 2403, 2012 R2 or 5.00.9128.1000'))
  .meta({ type: ['string', 'number'], pattern: versionPattern.source })
const hostName = z.string().regex(/^[\w.-]{1,255}$/, 'is no host name of letters, digits, dots and dashes')
const siteCode = z.string().regex(/^[A-Z0-9]{3}$/, 'is no site code of three letters or digits')
const architecture = z.enum(['x86', 'x64', 'arm64'])

export const siteRoles = [
  'management-point',
  'distribution-point',
  'state-migration-point',
  'software-update-point',
  'reporting-services-point',
] as const

const adkSchema = z.strictObject({
  version: z.string().optional(),
  features: z.array(z.enum(['usmt', 'deployment-tools', 'windows-pe'])).optional(),
  beforeSite: z.boolean().optional().describe('installed before the site was'),
  supported: z.boolean().optional().describe('in the support table, where the built-in one does not tell'),
})

const serverSchema = z.strictObject({
  name: hostName,
  site: siteCode.optional(),
  isSiteServer: z.boolean().optional(),
  hasProvider: z.boolean().optional().describe('an SMS Provider runs here'),
  roles: z.array(z.enum(siteRoles)).optional(),
  console: z
    .union([z.literal('none'), z.strictObject({ version: version.optional(), also: z.array(version).optional() })])
    .optional(),
  client: z
    .union([z.literal('none'), z.strictObject({ version: version.optional(), site: siteCode.optional() })])
    .optional(),
  adk: z.union([z.literal('none'), adkSchema]).optional(),
  peAddon: z.boolean().optional().describe('the Windows PE add-on for the ADK is installed'),
  wsus: z.boolean().optional(),
  iis: z.boolean().optional(),
  domain: z.enum(['member', 'controller', 'none']).optional(),
  pendingRestart: z.boolean().optional(),
  ports: z.array(z.int().min(1).max(65535)).optional().describe('UDP ports that the firewall lets in'),
  pxe: z
    .union([
      z.literal('none'),
      z.strictObject({
        provider: z.enum(['wds', 'responder']).optional(),
        multicast: z.boolean().optional(),
        option82: z.boolean().optional().describe('relay agents add option 82 to what reaches it'),
      }),
    ])
    .optional(),
  wds: z
    .union([
      z.literal('none'),
      z.strictObject({
        byAdministrator: z.boolean().optional().describe('whoever installed it was a local administrator'),
        useDhcpPorts: z.union([z.literal(0), z.literal(1), z.null()]).optional(),
        dns: z.boolean().optional().describe('a DNS server answers'),
        enabled: z.boolean().optional().describe('false where the start type of the service is Disabled'),
      }),
    ])
    .optional(),
  doNotListenOnDhcpPort: z.union([z.literal(0), z.literal(1), z.null()]).optional(),
  dhcp: z
    .union([
      z.literal('none'),
      z.strictObject({
        activeScope: z.boolean().optional(),
        option60: z.boolean().optional(),
        needsAuthorisation: z.boolean().optional(),
        enabled: z.boolean().optional().describe('false where the start type of the service is Disabled'),
      }),
    ])
    .optional(),
})

export const operatingSystems = [
  'Windows XP',
  'Windows Vista',
  'Windows 7',
  'Windows 8',
  'Windows 8.1',
  'Windows 10',
  'Windows 11',
  'Windows Server 2008 R2',
  'Windows Server 2012',
  'Windows Server 2012 R2',
  'Windows Server 2016',
  'Windows Server 2019',
  'Windows Server 2022',
  'Windows Server 2025',
] as const
const windowsFields = {
  operatingSystem: z.enum(operatingSystems).optional(),
  build: z.int().optional().describe('such as 19045'),
  release: z.string().optional().describe('such as 24H2, in place of the build'),
  edition: z.string().optional(),
  architecture: architecture.optional(),
  language: z.string().optional().describe('such as en-US'),
}

/** What an in-place upgrade cannot do. */
export const upgradeChanges = [
  'domain membership',
  'local Administrators',
  'partitions',
  'x86 to x64',
  'UEFI',
  'base language',
  'custom base image',
  'third-party disk encryption',
  'Windows PE offline operations',
] as const

/** Where the boot image of WDS comes from. */
export const bootImageSources = ['installation-media', 'custom', 'mdt'] as const

/** How a task sequence reaches its clients. */
export const deploymentMethods = ['software-center', 'stand-alone media', 'internet', 'phased'] as const

const diskSchema = z.strictObject({
  type: z.enum(['basic', 'dynamic']).optional(),
  volume: z.enum(['simple', 'spanned', 'striped', 'mirrored', 'parity']).optional(),
})

export const siteFileSchema = z.strictObject({
  name: z.string().optional(),
  sites: z
    .array(
      z.strictObject({
        code: siteCode,
        role: z.enum(['central', 'primary', 'secondary']).optional(),
        version: version.optional(),
        parent: siteCode.optional(),
      }),
    )
    .optional(),
  servers: z.array(serverSchema).optional(),
  /** Images of operating systems, and the drivers that go with them. */
  images: z
    .array(
      z.strictObject({
        name: z.string(),
        file: z.string().optional(),
        operatingSystem: windowsFields.operatingSystem,
        build: windowsFields.build,
        release: windowsFields.release,
        supported: z.boolean().optional().describe('where the built-in table does not tell'),
      }),
    )
    .optional(),
  drivers: z
    .array(
      z.strictObject({
        name: z.string(),
        imported: z.boolean().optional(),
        enabled: z.boolean().optional(),
        distributed: z.boolean().optional().describe('on a distribution point that the clients reach'),
      }),
    )
    .optional(),
  /** From which disk an image was captured, and onto which it goes. */
  deployments: z
    .array(z.strictObject({ name: z.string(), reference: diskSchema.optional(), destination: diskSchema.optional() }))
    .optional(),
  securityRoles: z
    .array(
      z.strictObject({
        name: z.string(),
        copiedFrom: z.string().optional(),
        permissions: z.record(z.string(), z.array(z.string())).optional(),
      }),
    )
    .optional(),
  usmtPackage: z.boolean().optional().describe('the default USMT package is there'),
  securityScopes: z.boolean().optional().describe('images, packages and task sequences are restricted by scopes'),
  /** What the site is to do. */
  wants: z
    .strictObject({
      pxe: z.boolean().optional(),
      multicast: z.boolean().optional(),
      userState: z.boolean().optional(),
      updates: z.boolean().optional(),
      reports: z.boolean().optional(),
    })
    .optional(),
  bootImages: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.enum(['default', 'custom']).optional(),
        architecture: architecture.optional(),
        peVersion: z
          .string()
          .regex(/^\d+(\.\d+){2,3}$/, 'is no version such as 10.0.22621')
          .optional()
          .describe('version of Windows PE, such as 10.0.22621.1'),
        updated: z.boolean().optional().describe('since the site was upgraded last'),
        isCurrent: z.boolean().optional().describe('holds what was added to it, and is on all distribution points'),
      }),
    )
    .optional(),
  /** How sites of different versions came to be. */
  upgrade: z.enum(['in-console', 'from-2012', 'none']).optional(),
  orchestrationGroups: z.boolean().optional(),
  automaticAssignment: z.boolean().optional(),
  overlapsOtherHierarchy: z.boolean().optional().describe('a boundary of this hierarchy is one of another as well'),
  boundaries: z.array(z.strictObject({ name: z.string(), groups: z.array(z.string()).optional() })).optional(),
  boundaryGroups: z.array(z.strictObject({ name: z.string(), site: siteCode.optional() })).optional(),
  collections: z
    .array(
      z.strictObject({
        name: z.string(),
        site: siteCode.optional(),
        clientVersion: version.optional(),
        kind: z.enum(['computer', 'device', 'windows-ce', 'device-manager-vpn']).optional(),
        ...windowsFields,
        disk: diskSchema.optional(),
      }),
    )
    .optional(),
  media: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.enum(['bootable', 'capture', 'prestaged', 'stand-alone']).optional(),
        dynamic: z.boolean().optional(),
        rebuilt: z.boolean().optional().describe('since the site was upgraded last'),
      }),
    )
    .optional(),
  usmtPackages: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.enum(['default', 'custom']).optional(),
        updated: z.boolean().optional(),
      }),
    )
    .optional(),
  extensions: z.array(z.strictObject({ name: z.string(), testedMixed: z.boolean().optional() })).optional(),
  upgradePackages: z
    .array(
      z.strictObject({
        name: z.string(),
        ...windowsFields,
        editions: z.array(z.string()).optional().describe('in the order of their indexes'),
        distributed: z.boolean().optional().describe('on a distribution point that the clients reach'),
      }),
    )
    .optional(),
  featureUpdates: z
    .array(
      z.strictObject({
        name: z.string(),
        operatingSystem: windowsFields.operatingSystem,
        build: windowsFields.build,
        release: windowsFields.release,
        content: z.enum(['distribution-point', 'no-package', 'missing']).optional(),
        licenceAccepted: z.boolean().optional(),
      }),
    )
    .optional(),
  /** What WDS deploys itself, with images of its own: without Configuration Manager. */
  wdsDeployments: z
    .array(
      z.strictObject({
        name: z.string(),
        server: hostName.optional(),
        bootImage: z
          .enum(bootImageSources)
          .optional()
          .describe(
            'boot.wim of installation media, a Windows PE of your own, or that of the Microsoft Deployment Toolkit',
          ),
        bootOperatingSystem: z.enum(operatingSystems).optional().describe('the Windows that the boot.wim comes from'),
        operatingSystem: windowsFields.operatingSystem,
        handsFree: z.boolean().optional().describe('an Unattend.xml is assigned to it'),
      }),
    )
    .optional(),
  mdt: z.boolean().optional().describe('the Microsoft Deployment Toolkit is in use'),
  syncsUpgrades: z.boolean().optional().describe('the software update point synchronises the classification Upgrades'),
  syncsUpdates: z.boolean().optional().describe('software updates are synchronised'),
  catalogue: z.array(z.string()).optional().describe('applications in the console'),
  clientSettings: z
    .strictObject({
      threadPriority: z.enum(['normal', 'other']).optional(),
      dynamicUpdate: z.boolean().optional().describe('Enable Dynamic Update for feature updates'),
      deltaContent: z.boolean().optional(),
    })
    .optional(),
  taskSequences: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string().optional(),
        site: siteCode.optional(),
        collection: z.string().optional(),
        newestStep: version.optional().describe('the version that its newest step came with'),
        clientPackage: z.enum(['default', 'custom']).optional(),
        clientPackageCurrent: z.boolean().optional().describe('the custom client package holds the latest client'),
        kind: z.enum(['upgrade', 'install', 'capture']).optional(),
        upgradePackage: z.string().optional(),
        featureUpdate: z.string().optional(),
        changes: z.array(z.enum(upgradeChanges)).optional().describe('what it changes beside the operating system'),
        coreStepsOnly: z.boolean().optional(),
        reviewed: z.boolean().optional().describe('drivers and applications, for the target version'),
        steps: z.array(z.string()).optional().describe('types of its steps in their order'),
        restartTo: z.enum(['installed', 'windows-pe']).optional(),
        standAloneMedia: z.boolean().optional(),
        bootImage: z.boolean().optional().describe('it has a boot image'),
        usesBootImage: z.string().optional().describe('the name of its boot image'),
        ignoreMessages: z.boolean().optional().describe('Ignore any dismissable compatibility messages'),
        updates: z.enum(['required', 'all', 'none']).optional(),
        applications: z.array(z.string()).optional(),
        continueOnFailure: z.boolean().optional().describe('the next application is installed where one fails'),
        cloudContent: z.boolean().optional().describe('it is started by PXE and takes content from the cloud'),
        editionIndex: z.int().min(1).optional(),
        productKey: z.string().optional(),
        deployment: z.enum(deploymentMethods).optional(),
        allowInternet: z.boolean().optional().describe('Allow task sequence to run for client on the Internet'),
        gatewayContent: z
          .boolean()
          .optional()
          .describe('all of its content is on a content-enabled management gateway'),
        preCache: z.boolean().optional().describe('Pre-download content for this task sequence'),
        isNew: z.boolean().optional(),
        imported: z.boolean().optional().describe('exported and imported, or migrated'),
        stepAddedAgain: z.boolean().optional().describe('the step Upgrade OS was added again after the import'),
        prestaged: z.boolean().optional(),
      }),
    )
    .optional(),
})
/** The same as JSON Schema. */
export const siteJsonSchema = (): unknown => z.toJSONSchema(siteFileSchema, { io: 'input', unrepresentable: 'any' })
export type Site = z.infer<typeof siteFileSchema>
export type Server = NonNullable<Site['servers']>[number]

/** The object where there is one, null where it is stated that there is none, undefined where nothing is stated. */
export const present = <T extends object>(value: T | 'none' | undefined): T | null | undefined =>
  value === 'none' ? null : value

/** The DHCP server that runs: null where there is none, and where it is disabled. */
export const dhcpOf = ({ dhcp }: Server) => {
  const own = present(dhcp)
  return own?.enabled === false ? null : own
}

type Named = { readonly name: string }
const positions = new WeakMap<readonly Named[], ReadonlyMap<string, number>>()

/** The first of a list with a name: thousands of task sequences may ask for thousands of collections. */
function positionOf(list: readonly Named[], name: string): number | undefined {
  let known = positions.get(list)
  if (!known) {
    known = new Map(list.map((one, index) => [one.name, index] as const).toReversed())
    positions.set(list, known)
  }
  return known.get(name)
}

export function named<T extends Named>(list: readonly T[] | undefined, name: string | undefined): T | undefined {
  const at = list && name !== undefined ? positionOf(list, name) : undefined
  return at === undefined ? undefined : list![at]
}

/** Where a field of something with a name is written: `collections[3].edition`; the list where it is not in it. */
export function placeOf(
  site: Site,
  list: 'collections' | 'upgradePackages' | 'featureUpdates' | 'boundaryGroups' | 'bootImages',
  name: string,
  field: string,
): string {
  const at = site[list] && positionOf(site[list], name)
  return at === undefined ? list : `${list}[${at}].${field}`
}

const siteAt = ({ sites }: Site, code: string | undefined): number =>
  code === undefined ? (sites?.length === 1 ? 0 : -1) : (sites?.findIndex((one) => one.code === code) ?? -1)

/** The version of a site; of a single site that one, though nothing names it. */
export const versionOf = (site: Site, code: string | undefined): string | undefined =>
  site.sites?.[siteAt(site, code)]?.version

/** The fact that would tell that version, of something that is at `path`. */
export function versionNeeds(site: Site, code: string | undefined, path: string): string {
  const at = siteAt(site, code)
  return at >= 0 ? `sites[${at}].version` : code === undefined && site.sites?.length !== 0 ? `${path}.site` : 'sites'
}

/**
 * Whether a site is a secondary one; undefined where neither its role nor its place in the hierarchy tells. A site that
 * stands alone is not, and no site is below a secondary one.
 */
export function isSecondary(site: Site, code: string | undefined): boolean | undefined {
  const at = siteAt(site, code)
  const own = site.sites?.[at]
  if (own?.role !== undefined) return own.role === 'secondary'
  if (!site.sites || site.sites.length === 1) return false
  if (!own) return site.sites.every((one) => isSecondary(site, one.code) === false) ? false : undefined
  if (site.sites.some((one) => one.parent === own.code)) return false
  const above = site.sites.find((one) => one.code === own.parent)?.role
  return above === undefined ? undefined : above === 'primary'
}

/** The fact that would tell whether it is, of something that is at `path`. */
export function roleNeeds(site: Site, code: string | undefined, path: string): string {
  const at = siteAt(site, code)
  return at >= 0 ? `sites[${at}].role` : `${path}.site`
}

export type Path = readonly (string | number)[]

/** `servers[0].wds.dns`, as problems and unknown facts name it. */
export const nameOf = (path: Path): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  )

type OneSite = NonNullable<Site['sites']>[number]
/** The role of the site above, by the role of a site; a central administration site has none. */
const roleAbove = { primary: 'central', secondary: 'primary' } as const

export interface Contradiction {
  readonly path: Path
  readonly message: Phrase
  readonly remedy: Phrase
}

/** Sites that cannot stand so in one hierarchy. */
function hierarchyContradictions(sites: readonly OneSite[]): Contradiction[] {
  const byCode = new Map(sites.map((one) => [one.code, one]).toReversed() as [string, OneSite][])
  const isCircle = (one: OneSite): boolean => {
    const seen = new Set<string>()
    let at: OneSite | undefined = one
    while (at?.parent !== undefined && !seen.has(at.code)) {
      seen.add(at.code)
      at = byCode.get(at.parent)
    }
    return at !== undefined && at.code === one.code && seen.has(one.code)
  }
  const central = sites.findIndex((one) => one.role === 'central')
  return sites.flatMap((one, index) => {
    const at = (key: string, message: Phrase, remedy: Phrase) => [{ path: ['sites', index, key], message, remedy }]
    if (byCode.get(one.code) !== one) return at('code', say('planner.stands-twice'), say('planner.write-site-once'))
    if (one.role === 'central' && index !== central) return at('role', say('planner.second-central'), say('planner.one-central'))
    if (one.parent === undefined) return []
    if (one.role === 'central') return at('parent', say('planner.above-central'), say('planner.central-is-top'))
    if (isCircle(one)) return at('parent', say('planner.below-itself'), say('planner.name-site-above'))
    const above = byCode.get(one.parent)?.role
    if (above === 'secondary' || (above !== undefined && one.role !== undefined && above !== roleAbove[one.role]))
      return at('parent', say('planner.no-site-below', { above, role: one.role ?? 'none' }), say('planner.which-above'))
    return []
  }) // prettier-ignore
}

/** Names that something else in the file would have to have, and that nothing has; names that exclude each other. */
export function contradictionsIn(site: Site): Contradiction[] {
  const found: Contradiction[] = [...hierarchyContradictions(site.sites ?? [])]
  for (const list of ['servers', 'collections', 'boundaryGroups', 'bootImages', 'upgradePackages', 'featureUpdates'] as const) {
    const names = new Set<string>()
    for (const [index, { name }] of (site[list] ?? []).entries())
      if (names.has(name))
        found.push({ path: [list, index, 'name'], message: say('planner.stands-twice'), remedy: say('planner.write-once') })
      else names.add(name)
  } // prettier-ignore
  const known = new Map<readonly { readonly name: string }[], ReadonlySet<string>>()
  const namesOf = (list: readonly { readonly name: string }[]): ReadonlySet<string> => {
    const names = known.get(list) ?? new Set(list.map((one) => one.name))
    known.set(list, names)
    return names
  }
  const refer = (
    list: readonly { readonly name: string }[] | undefined,
    noun: 'site' | 'server' | 'group' | 'collection' | 'image' | 'package' | 'update',
    path: Path,
    name: string | undefined,
  ): void => {
    // Where nothing of the kind is stated, a name is all that is known of it.
    if (name === undefined || !list || namesOf(list).has(name)) return
    found.push({
      path,
      message: say('planner.names-none', { noun }),
      remedy: say('planner.write-one-of', {
        names: list.length === 0 ? say('planner.none-is-there') : list.map((one) => one.name).join(', '),
      }),
    })
  }
  const sites = site.sites?.map((one) => ({ name: one.code }))
  for (const [index, one] of (site.sites ?? []).entries()) refer(sites, 'site', ['sites', index, 'parent'], one.parent)
  for (const [index, one] of (site.servers ?? []).entries()) {
    refer(sites, 'site', ['servers', index, 'site'], one.site)
    refer(sites, 'site', ['servers', index, 'client', 'site'], present(one.client)?.site)
  }
  for (const [index, one] of (site.collections ?? []).entries())
    refer(sites, 'site', ['collections', index, 'site'], one.site)
  for (const [index, one] of (site.wdsDeployments ?? []).entries())
    refer(site.servers, 'server', ['wdsDeployments', index, 'server'], one.server)
  for (const [index, one] of (site.boundaryGroups ?? []).entries())
    refer(sites, 'site', ['boundaryGroups', index, 'site'], one.site)
  for (const [index, one] of (site.boundaries ?? []).entries())
    for (const [at, group] of (one.groups ?? []).entries())
      refer(site.boundaryGroups, 'group', ['boundaries', index, 'groups', at], group)
  for (const [index, one] of (site.taskSequences ?? []).entries()) {
    refer(sites, 'site', ['taskSequences', index, 'site'], one.site)
    refer(site.collections, 'collection', ['taskSequences', index, 'collection'], one.collection)
    refer(site.bootImages, 'image', ['taskSequences', index, 'usesBootImage'], one.usesBootImage)
    refer(site.upgradePackages, 'package', ['taskSequences', index, 'upgradePackage'], one.upgradePackage)
    refer(site.featureUpdates, 'update', ['taskSequences', index, 'featureUpdate'], one.featureUpdate)
    if (one.bootImage === false && one.usesBootImage !== undefined)
      found.push({
        path: ['taskSequences', index, 'usesBootImage'],
        message: say('planner.beside-boot-image-false'),
        remedy: say('planner.take-one-away'),
      })
    if (one.upgradePackage !== undefined && one.featureUpdate !== undefined)
      found.push({
        path: ['taskSequences', index, 'featureUpdate'],
        message: say('planner.beside-upgrade-package'),
        remedy: say('planner.upgrade-takes-one'),
      })
  }
  return found
}
