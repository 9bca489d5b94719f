/** The form of a site file, from its schema: what fields there are, what they are called, and where a fact belongs. */
import { siteJsonSchema, type Path } from '#shared/planner/site.ts'

/** What of JSON Schema a site file uses. */
export interface FieldSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly anyOf?: readonly FieldSchema[]
  readonly properties?: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
  readonly items?: FieldSchema
  readonly additionalProperties?: FieldSchema | boolean
  readonly description?: string
}

export const fields = (siteJsonSchema() as FieldSchema).properties!

/** How the form is divided; what a new field is called that no part names is found in the last. */
const parts: readonly (readonly [title: string, keys: readonly string[]])[] = [
  ['General', ['name', 'wants']],
  ['Servers', ['servers']],
  ['Sites', ['sites', 'upgrade', 'orchestrationGroups', 'automaticAssignment', 'overlapsOtherHierarchy', 'boundaries', 'boundaryGroups']],
  ['Clients', ['collections', 'clientSettings']],
  ['Task sequences', ['taskSequences', 'catalogue']],
  ['Boot images and media', ['bootImages', 'media', 'usmtPackage', 'usmtPackages', 'extensions']],
  ['Images and updates', ['images', 'drivers', 'upgradePackages', 'featureUpdates', 'syncsUpgrades', 'syncsUpdates']],
  ['WDS and MDT', ['wdsDeployments', 'mdt']],
  ['Disks and permissions', ['deployments', 'securityRoles', 'securityScopes']],
] // prettier-ignore
const placed = new Set(parts.flatMap(([, keys]) => keys))
const others = Object.keys(fields).filter((key) => !placed.has(key))
export const formParts: readonly (readonly [title: string, keys: readonly string[]])[] =
  others.length === 0 ? parts : [...parts, ['Other', others]]

/** Names that do not follow from those of the file. */
const names: Readonly<Record<string, string>> = {
  hasProvider: 'SMS Provider',
  isSiteServer: 'Site server',
  adk: 'Windows ADK',
  peAddon: 'Windows PE add-on',
  wsus: 'WSUS',
  iis: 'IIS',
  pxe: 'PXE',
  wds: 'WDS',
  dhcp: 'DHCP server',
  dns: 'DNS answers',
  useDhcpPorts: 'UseDHCPPorts',
  doNotListenOnDhcpPort: 'DoNotListenOnDhcpPort',
  option60: 'Option 60',
  option82: 'Option 82',
  needsAuthorisation: 'Wants authorisation',
  byAdministrator: 'Installed by an administrator',
  ports: 'UDP ports let in',
  also: 'Other consoles',
  usmtPackage: 'Default USMT package',
  usmtPackages: 'USMT packages',
  wants: 'Required features',
  catalogue: 'Applications in the console',
  syncsUpgrades: 'Synchronises "Upgrades"',
  syncsUpdates: 'Synchronises updates',
  userState: 'User state',
  changes: 'Changes besides',
  restartTo: 'Restarts to',
  usmt: 'USMT',
  wdsDeployments: 'Deployed by WDS alone',
  mdt: 'MDT is in use',
}

/** `pendingRestart` is "Pending restart". */
export const labelOf = (key: string): string =>
  names[key] ?? key.replace(/[A-Z]/g, (one) => ` ${one.toLowerCase()}`).replace(/^./, (one) => one.toUpperCase())

/** What one of a list is called. */
export const nounOf: Readonly<Record<string, string>> = {
  servers: 'server',
  sites: 'site',
  boundaries: 'boundary',
  boundaryGroups: 'boundary group',
  collections: 'collection',
  taskSequences: 'task sequence',
  bootImages: 'boot image',
  media: 'media',
  usmtPackages: 'USMT package',
  extensions: 'extension',
  images: 'image',
  drivers: 'driver',
  upgradePackages: 'upgrade package',
  featureUpdates: 'feature update',
  deployments: 'deployment',
  securityRoles: 'security role',
  wdsDeployments: 'deployment by WDS',
}

/** Where the names that a field may hold are listed. */
export const referenceOf: Readonly<Record<string, readonly [list: string, key: string]>> = {
  site: ['sites', 'code'],
  parent: ['sites', 'code'],
  collection: ['collections', 'name'],
  server: ['servers', 'name'],
  usesBootImage: ['bootImages', 'name'],
  upgradePackage: ['upgradePackages', 'name'],
  featureUpdate: ['featureUpdates', 'name'],
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const at = (value: unknown, key: string | number): unknown =>
  Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[String(key)] : undefined

/** The path of a name; of a list without a position the first of it that does not state the field. */
export function pathOf(name: string, site: unknown): Path {
  const path: (string | number)[] = []
  const keys = name.split(/[.[\]]+/).filter((one) => one !== '')
  for (const [index, key] of keys.entries()) {
    path.push(/^\d+$/.test(key) ? Number(key) : key)
    const next = keys[index + 1]
    const here = path.reduce(at, site)
    if (next === undefined || /^\d+$/.test(next) || !Array.isArray(here)) continue
    const open = here.findIndex((one) => at(one, next) === undefined)
    path.push(Math.max(0, open))
  }
  return path
}
