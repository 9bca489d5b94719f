/** What the Doctor found on a server, as far as a site file asks for it. */
import type { Facts } from '../lab/facts.ts'
import { letsIn } from '../lab/firewall.ts'
import { dpKey, wdsKey } from '../lab/registry-keys.ts'
import type { Path, Server, Site } from './site.ts'

/** DHCP of Windows, Microsoft's WDS, and the responder of Configuration Manager. */
const services = { dhcp: 'DHCPServer', wds: 'WDSServer', responder: 'SccmPxe' } as const

const flagOf = (data: unknown): 0 | 1 | null | undefined =>
  data === 0 || data === 1 || data === null ? data : undefined

/**
 * Whether every client of the DHCP server gets option 60 with PXEClient: of the server, or of each active scope. Undefined
 * where only some do, or where nothing tells. What is for one class alone is not for every client.
 */
function sendsOption60({ dhcpOptions, dhcpScopes }: Facts): boolean | undefined {
  if (!dhcpOptions) return undefined
  const own = dhcpOptions.value.filter(
    (one) =>
      one.option === 60 &&
      one.userClass === undefined &&
      one.vendorClass === undefined &&
      one.value[0]?.startsWith('PXEClient') === true,
  )
  if (own.length === 0) return false
  if (own.some((one) => one.level === 'server')) return true
  const active = dhcpScopes?.value.filter((one) => one.isActive) ?? []
  const isEverywhere = active.every(({ scope }) => own.some((one) => one.level === 'scope' && one.at === scope))
  return active.length > 0 && isEverywhere ? true : undefined
}

/**
 * A server of a site file; what the facts do not tell is not stated. Only Windows runs site systems; a DHCP server may run
 * anywhere, under many names.
 */
export function serverFrom(facts: Facts): Server {
  const registry = (key: string, name: string): unknown =>
    facts.registry?.value.find((one) => one.key.toLowerCase() === key.toLowerCase() && one.name === name)?.data
  const isWindows = facts.system === 'windows'
  const isThere = (name: string): boolean | undefined =>
    isWindows
      ? facts.services && facts.services.value.some((one) => one.name.toLowerCase() === name.toLowerCase())
      : undefined
  const [dhcp, wds, responder] = [isThere(services.dhcp), isThere(services.wds), isThere(services.responder)]
  /** What runs although it is disabled runs until the next restart. */
  const isEnabled = (name: string): boolean | undefined => {
    const own = facts.services?.value.find((one) => one.name.toLowerCase() === name.toLowerCase())
    return own && own.start !== 'unknown' ? own.start !== 'disabled' || own.state === 'running' : undefined
  }
  const [wdsEnabled, dhcpEnabled] = [isEnabled(services.wds), isEnabled(services.dhcp)]
  const answers = responder && isEnabled(services.responder) !== false
  const option60 = sendsOption60(facts)
  const activeScope = facts.dhcpScopes && facts.dhcpScopes.value.some((one) => one.isActive)
  const passages = [67, 68, 69, 4011].map((port) => ({ port, isOpen: letsIn(facts, port) }))
  const ports = passages.some((one) => one.isOpen === undefined) ? undefined : passages.flatMap((one) => (one.isOpen ? one.port : [])) // prettier-ignore
  const doNotListen = flagOf(registry(dpKey, 'DoNotListenOnDhcpPort'))
  const useDhcpPorts = flagOf(registry(wdsKey, 'UseDHCPPorts'))
  const hasDns = facts.nameServers && facts.nameServers.value.length > 0
  return {
    name: facts.host,
    ...(ports && { ports }),
    ...(facts.domain && { domain: facts.domain.value === '' ? ('none' as const) : ('member' as const) }),
    ...(wds !== undefined && {
      wds: wds
        ? {
            ...(useDhcpPorts !== undefined && { useDhcpPorts }),
            ...(hasDns !== undefined && { dns: hasDns }),
            ...(wdsEnabled !== undefined && { enabled: wdsEnabled }),
          }
        : ('none' as const),
    }),
    ...(answers && { pxe: { provider: 'responder' as const } }),
    ...(answers && doNotListen !== undefined && { doNotListenOnDhcpPort: doNotListen }),
    ...(dhcp !== undefined && {
      dhcp: dhcp
        ? {
            ...(activeScope !== undefined && { activeScope }),
            ...(option60 !== undefined && { option60 }),
            ...(dhcpEnabled !== undefined && { enabled: dhcpEnabled }),
          }
        : ('none' as const),
    }),
  }
}

export interface Filling {
  /** What the file does not say yet. */
  readonly fill: readonly { readonly path: Path; readonly value: unknown }[]
  /** Where the file says something else: it stays as it is. */
  readonly differing: readonly { readonly path: Path; readonly stated: unknown; readonly found: unknown }[]
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const sameSet = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one) => b.includes(one)) : a === b

/** What the facts of a server add to a site, and where they say something else. */
export function fillFrom(site: Site, server: Server): Filling {
  const at = (site.servers ?? []).findIndex((one) => one.name.toLowerCase().split('.')[0] === server.name.toLowerCase().split('.')[0]) // prettier-ignore
  if (at < 0) return { fill: [{ path: ['servers', site.servers?.length ?? 0], value: server }], differing: [] }
  const fill: { path: Path; value: unknown }[] = []
  const differing: { path: Path; stated: unknown; found: unknown }[] = []
  const compare = (path: Path, stated: unknown, found: unknown): void => {
    if (stated === undefined) fill.push({ path, value: found })
    else if (isPlain(stated) && isPlain(found))
      for (const [key, value] of Object.entries(found)) compare([...path, key], stated[key], value)
    else if (!sameSet(stated, found)) differing.push({ path, stated, found })
  }
  for (const [key, value] of Object.entries(server))
    if (key !== 'name') compare(['servers', at, key], (site.servers![at] as Record<string, unknown>)[key], value)
  return { fill, differing }
}
