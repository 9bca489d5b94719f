/** The form of a site file, from its schema: what fields there are, what they are called, and where a fact belongs. */
import type { MessageId } from '#messages/message.ts'
import { english, t, textOf } from '#messages/text.ts'
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
  [t('planner-page.part-general'), ['name', 'wants']],
  [t('planner-page.part-servers'), ['servers']],
  [t('planner-page.part-sites'), ['sites', 'upgrade', 'orchestrationGroups', 'automaticAssignment', 'overlapsOtherHierarchy', 'boundaries', 'boundaryGroups']],
  [t('planner-page.part-clients'), ['collections', 'clientSettings']],
  [t('planner-page.task-sequences'), ['taskSequences', 'catalogue']],
  [t('planner-page.boot-images-media'), ['bootImages', 'media', 'usmtPackage', 'usmtPackages', 'extensions']],
  [t('planner-page.images-updates'), ['images', 'drivers', 'upgradePackages', 'featureUpdates', 'syncsUpgrades', 'syncsUpdates']],
  [t('planner-page.part-wds-mdt'), ['wdsDeployments', 'mdt']],
  [t('planner-page.disks-permissions'), ['deployments', 'securityRoles', 'securityScopes']],
] // prettier-ignore
const placed = new Set(parts.flatMap(([, keys]) => keys))
const others = Object.keys(fields).filter((key) => !placed.has(key))
export const formParts: readonly (readonly [title: string, keys: readonly string[]])[] =
  others.length === 0 ? parts : [...parts, [t('planner-page.part-other'), others]]

/** Names that do not follow from those of the file. */
const names: Readonly<Record<string, string>> = {
  hasProvider: 'SMS Provider',
  isSiteServer: t('planner-page.site-server'),
  adk: 'Windows ADK',
  peAddon: t('planner-page.field-pe-addon'),
  wsus: 'WSUS',
  iis: 'IIS',
  pxe: 'PXE',
  wds: t('planner-page.field-wds'),
  dhcp: t('planner-page.field-dhcp'),
  dns: t('planner-page.field-dns'),
  useDhcpPorts: 'UseDHCPPorts',
  doNotListenOnDhcpPort: 'DoNotListenOnDhcpPort',
  option60: t('planner-page.field-option60'),
  option82: t('planner-page.field-option82'),
  needsAuthorisation: t('planner-page.wants-authorisation'),
  byAdministrator: t('planner-page.installed-administrator'),
  ports: t('planner-page.udp-ports-let'),
  also: t('planner-page.other-consoles'),
  usmtPackage: t('planner-page.field-usmt-package'),
  usmtPackages: t('planner-page.field-usmt-packages'),
  wants: t('planner-page.required-features'),
  catalogue: t('planner-page.applications-console'),
  syncsUpgrades: t('planner-page.field-syncs-upgrades'),
  syncsUpdates: t('planner-page.synchronises-updates'),
  userState: t('planner-page.user-state'),
  changes: t('planner-page.changes-besides-2'),
  restartTo: t('planner-page.restarts'),
  usmt: 'USMT',
  wdsDeployments: t('planner-page.deployed-wds-alone'),
  mdt: t('planner-page.mdt-use'),
}

/** What a field of the site file is called. */
export function labelOf(key: string): string {
  const id = `planner-field.${key.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`
  return names[key] ?? (id in english ? textOf({ say: id as MessageId }) : key)
}

/** What one of a list is called. */
export const nounOf: Readonly<Record<string, string>> = {
  servers: t('planner-page.one-servers'),
  sites: t('planner-page.one-sites'),
  boundaries: t('planner-page.one-boundaries'),
  boundaryGroups: t('planner-page.one-boundary-groups'),
  collections: t('planner-page.one-collections'),
  taskSequences: t('planner-page.one-task-sequences'),
  bootImages: t('planner-page.one-boot-images'),
  media: t('planner-page.one-media'),
  usmtPackages: t('planner-page.one-usmt-packages'),
  extensions: t('planner-page.one-extensions'),
  images: t('planner-page.one-images'),
  drivers: t('planner-page.one-drivers'),
  upgradePackages: t('planner-page.one-upgrade-packages'),
  featureUpdates: t('planner-page.one-feature-updates'),
  deployments: t('planner-page.one-deployments'),
  securityRoles: t('planner-page.one-security-roles'),
  wdsDeployments: t('planner-page.one-wds-deployments'),
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
