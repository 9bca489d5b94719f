/**
 * What of a Kea configuration is PXE Lab's: client classes whose name has our prefix and whose user-context says so, and the
 * names of such classes in lists of subnets. Everything else passes through as it came.
 */
import { keaClassNames, type KeaBootClasses, type KeaVersion } from '../interchange/writers/kea.ts'
import { isJsonObject, objectsIn, textsIn, type Json, type JsonObject } from './control.ts'

export const classPrefix = 'pxe-lab-'
const contextKey = 'pxe-lab'

/** The writer's generation for a `version-get` such as 2.2.0: classes were renamed in 2.7.4. */
export function generationOf(version: string): KeaVersion {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  const at = major * 10_000 + minor * 100 + patch
  if (at >= 20_704) return '3.0'
  return at >= 20_600 ? '2.6' : '2.2'
}

const nameOf = (one: JsonObject): string => (typeof one['name'] === 'string' ? one['name'] : '')

export const isOurs = (one: JsonObject): boolean => {
  const context = one['user-context']
  return nameOf(one).startsWith(classPrefix) && isJsonObject(context) && contextKey in context
}

/** FNV-1a over the text of a value: enough to tell one version of a class from another. */
function fingerprint(value: Json): string {
  let hash = 0x811c9dc5
  for (const unit of JSON.stringify(value)) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

/** Subnets wherever they stand, in their order: at the top, then in shared networks. */
export function subnetsOf(dhcp4: JsonObject): readonly JsonObject[] {
  return [...objectsIn(dhcp4['subnet4']), ...objectsIn(dhcp4['shared-networks']).flatMap((one) => objectsIn(one['subnet4']))] // prettier-ignore
}

/** The same configuration with each subnet as `change` makes it; `index` counts as in `subnetsOf`. */
function mapSubnets(dhcp4: JsonObject, change: (subnet: JsonObject, index: number) => JsonObject): JsonObject {
  let index = 0
  const changed = (list: Json | undefined): Json[] => objectsIn(list).map((one) => change(one, index++))
  const own = 'subnet4' in dhcp4 ? { subnet4: changed(dhcp4['subnet4']) } : {}
  const shared = objectsIn(dhcp4['shared-networks']).map((one) =>
    'subnet4' in one ? { ...one, subnet4: changed(one['subnet4']) } : one,
  )
  return { ...dhcp4, ...own, ...('shared-networks' in dhcp4 ? { 'shared-networks': shared } : {}) }
}

const listNames = [keaClassNames('2.2').required, keaClassNames('3.0').required]

/** Takes everything of ours out; what is not ours stays untouched. */
export function withoutOurs(dhcp4: JsonObject): JsonObject {
  const classes = objectsIn(dhcp4['client-classes'])
  const ours = new Set(classes.filter(isOurs).map(nameOf))
  if (ours.size === 0) return dhcp4
  const kept = classes.filter((one) => !isOurs(one))
  const { 'client-classes': _, ...rest } = dhcp4
  return mapSubnets({ ...rest, ...(kept.length === 0 ? {} : { 'client-classes': kept }) }, (subnet) => {
    const result = { ...subnet }
    for (const list of listNames) {
      const names = result[list]
      if (!Array.isArray(names)) continue
      const others = (names as readonly Json[]).filter((one) => !(typeof one === 'string' && ours.has(one)))
      if (others.length === names.length) continue
      if (others.length === 0) delete result[list]
      else result[list] = others
    }
    return result
  })
}

/**
 * Puts our classes in the place of those that are there. They come first, for the first class that sets an option decides it;
 * they name none of the others, so that the order of those stays.
 */
export function withOurs(dhcp4: JsonObject, { classes, ofSubnets }: KeaBootClasses, version: KeaVersion): JsonObject {
  const others = withoutOurs(dhcp4)
  if (classes.length === 0) return others
  const marked = classes.map(({ key, value }) => ({
    ...value,
    'user-context': { [contextKey]: { key, fingerprint: fingerprint(value as Json) } },
  }))
  const { required } = keaClassNames(version)
  const all: JsonObject = { ...others, 'client-classes': [...marked, ...objectsIn(others['client-classes'])] }
  return mapSubnets(all, (subnet, index) => {
    const own = ofSubnets[index] ?? []
    if (own.length === 0) return subnet
    return { ...subnet, [required]: [...own, ...textsIn(subnet[required])] }
  })
}

/** What of ours a configuration has: each class by name and fingerprint, and the lists that name it. */
export function oursIn(dhcp4: JsonObject): readonly string[] {
  const classes = objectsIn(dhcp4['client-classes']).filter(isOurs)
  const names = new Set(classes.map(nameOf))
  const markOf = (one: JsonObject): string => {
    const context = one['user-context']
    const mark = isJsonObject(context) ? context[contextKey] : undefined
    return isJsonObject(mark) && typeof mark['fingerprint'] === 'string' ? mark['fingerprint'] : ''
  }
  const named = subnetsOf(dhcp4).map((subnet) =>
    listNames
      .flatMap((list) => textsIn(subnet[list]))
      .filter((one) => names.has(one))
      .join(' '),
  )
  return [...classes.map((one) => `${nameOf(one)} ${markOf(one)}`), ...named.map((list, index) => `${index} ${list}`)]
}

export const haveSameOurs = (a: JsonObject, b: JsonObject): boolean => oursIn(a).join('\n') === oursIn(b).join('\n')

export const hasOurs = (dhcp4: JsonObject): boolean => objectsIn(dhcp4['client-classes']).some(isOurs)

/** Names of classes with our prefix that somebody else made: they may be neither replaced nor removed. */
export const strangersWithOurName = (dhcp4: JsonObject, { classes }: KeaBootClasses): readonly string[] => {
  const ours = new Set(classes.map(({ value }) => value.name))
  return objectsIn(dhcp4['client-classes']).filter((one) => !isOurs(one) && ours.has(nameOf(one))).map(nameOf) // prettier-ignore
}

/** An object of a list is known by one of these. */
const identifiers = ['name', 'subnet', 'pool', 'code', 'ip-address', 'hw-address', 'id'] as const

function identityOf(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined
  const key = identifiers.find((one) => one in value)
  return key === undefined ? undefined : `${key} ${JSON.stringify(value[key])}`
}

/** Keys whose values are nobody's business. */
const isSecret = (key: string): boolean => /password|secret|user$/.test(key)

/**
 * Where two configurations differ, such as `subnet4[10.0.0.0/24].valid-lifetime: 3600, was 7200`: at most `most`, and no
 * password. Lists of named things are compared by name, others by position.
 */
export function changesBetween(before: Json, after: Json, most = 20): string[] {
  const found: string[] = []
  const shown = (value: Json): string => {
    const text = JSON.stringify(value)
    return text.length > 60 ? `${text.slice(0, 60)}…` : text
  }
  const compare = (a: Json | undefined, b: Json | undefined, path: string): void => {
    if (found.length >= most || JSON.stringify(a) === JSON.stringify(b)) return
    if (a === undefined) return void found.push(`${path} was added`)
    if (b === undefined) return void found.push(`${path} was removed`)
    if (isJsonObject(a) && isJsonObject(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        if (isSecret(key)) {
          if (JSON.stringify(a[key]) !== JSON.stringify(b[key])) found.push(`${path === '' ? key : `${path}.${key}`} was changed`) // prettier-ignore
        } else compare(a[key], b[key], path === '' ? key : `${path}.${key}`)
      return
    }
    if (Array.isArray(a) && Array.isArray(b)) {
      const [left, right] = [a as readonly Json[], b as readonly Json[]]
      const keyed = (list: readonly Json[]): Map<string, Json> => new Map(list.map((one, at) => [identityOf(one) ?? `${at}`, one])) // prettier-ignore
      const [mine, other] = [keyed(left), keyed(right)]
      const before = found.length
      for (const key of new Set([...mine.keys(), ...other.keys()]))
        compare(mine.get(key), other.get(key), `${path}[${key.replace(/^\S+ "?|"$/g, '')}]`)
      if (found.length === before && found.length < most) found.push(`${path} has another order`)
      return
    }
    found.push(`${path}: ${shown(b)}, was ${shown(a)}`)
  }
  compare(before, after, '')
  return found
}
