/** From a lab file and the interfaces it names to what each machine of IPv6 is told. */
import { concatBytes, formatHex, parseHex, parseIpv6, parseMac } from '../wire/bytes.ts'
import type { OptionValue } from '../wire/dhcp/kinds.ts'
import { duidOfMac, encodeDomainName, encodeOptionValue6, type EncodableOption6 } from '../wire/dhcpv6/encode.ts'
import { dhcp6OptionCodes, findDhcp6OptionDefinition } from '../wire/dhcpv6/options.ts'
import {
  endsOf6,
  isInPrefix6,
  networkOf6,
  networkText6,
  parseIpv6Network,
  plainIpv6,
  ipv6Text,
  type Ipv6Network,
} from '../wire/ip-address.ts'
import type {
  Dhcp6Role,
  Dhcp6ServerConfiguration,
  Subnet6Configuration,
} from '../machines/dhcpv6-server/configuration.ts'
import type { ServedInterface6 } from '../machines/machine.ts'
import type { RouterAdvertiserConfiguration } from '../machines/router-advertiser.ts'
import type { Lab } from './lab.ts'
import { bootConfigurationOf, type KnownMachines } from './machine-configuration.ts'
import { plainUuid } from './roles.ts'

/** EDK2 collects ADVERTISEs for a second and asks again after two, four, eight. */
const offerSeconds = 30
const declineSeconds = 3600
/** Addresses of a pool that nobody wrote. */
const standardPool = 65_536n

/** The values were checked when the file was read; an option that cannot be encoded is a defect of that check. */
const encodeOptions = (options: Readonly<Record<string, unknown>> | undefined): EncodableOption6[] =>
  Object.entries(options ?? {}).map(([name, value]) => {
    const definition = findDhcp6OptionDefinition(name)!
    return { code: definition.code, data: encodeOptionValue6(definition, value as OptionValue) }
  })

/**
 * The pool of a network that names none: 65,536 addresses from `::1:0` on, where people and their tools put nothing; the upper half
 * of a network that is smaller than twice that.
 */
export function standardPoolOf(network: Ipv6Network): { readonly start: string; readonly end: string } {
  const { first, last } = endsOf6(network)
  const size = last - first + 1n
  const isRoomy = size >= 2n * standardPool
  const start = isRoomy ? first + standardPool : first + size / 2n
  return { start: ipv6Text(start), end: ipv6Text(isRoomy ? start + standardPool - 1n : last) }
}

/** Networks of the addresses that an interface has beside its link-local one, each once; none of a single host. */
export function networksOf6({ addresses }: ServedInterface6): readonly Ipv6Network[] {
  const networks = new Map<string, Ipv6Network>()
  for (const { address, prefixLength } of addresses) {
    if (prefixLength > 126) continue
    const network = networkOf6(address, prefixLength)
    networks.set(networkText6(network), network)
  }
  return [...networks.values()]
}

const addressesOption = (code: number, addresses: readonly string[]): EncodableOption6[] =>
  addresses.length === 0 ? [] : [{ code, data: concatBytes(addresses.map((one) => parseIpv6(one)!)) }]

function subnetOf(subnet: Lab['ipv6']['subnets'][number]): Subnet6Configuration {
  const network = parseIpv6Network(subnet.subnet)!
  const { domains = [] } = subnet
  return {
    network,
    pools: (subnet.pools ?? [standardPoolOf(network)]).map(({ start, end }) => ({
      start: plainIpv6(start)!,
      end: plainIpv6(end)!,
    })),
    leaseSeconds: subnet.leaseSeconds,
    options: [
      ...addressesOption(dhcp6OptionCodes.dnsServers, subnet.dns ?? []),
      ...(domains.length === 0
        ? []
        : [{ code: dhcp6OptionCodes.searchList, data: concatBytes(domains.map((name) => encodeDomainName(name)!)) }]),
      ...encodeOptions(subnet.options),
    ],
    reservations: subnet.reservations.map((one) => ({
      address: plainIpv6(one.address)!,
      mac: one.mac === undefined ? undefined : parseMac(one.mac),
      uuid: one.uuid && plainUuid(one.uuid),
      duid: one.duid === undefined ? undefined : formatHex(parseHex(one.duid)!),
      options: encodeOptions(one.options),
    })),
  }
}

/** The networks of a lab, or those of its interfaces where it names none. */
function subnetsOf(lab: Lab, interfaces: readonly ServedInterface6[]): readonly Subnet6Configuration[] {
  if (lab.ipv6.subnets.length > 0) return lab.ipv6.subnets.map(subnetOf)
  const networks = new Map(interfaces.flatMap(networksOf6).map((one) => [networkText6(one), one]))
  return [...networks.values()].map((network) => ({
    network,
    pools: [standardPoolOf(network)],
    leaseSeconds: undefined,
    options: [],
    reservations: [],
  }))
}

const roles: Readonly<Record<Exclude<Lab['mode'], 'dhcp' | 'listen'>, Dhcp6Role>> = {
  'proxy-dhcp': 'proxy',
  'boot-server': 'boot-server',
}

/** What the DHCPv6 server is told; undefined where a lab answers nobody over IPv6. */
export function dhcp6ConfigurationOf(
  lab: Lab,
  interfaces: readonly ServedInterface6[],
  known?: KnownMachines,
): Dhcp6ServerConfiguration | undefined {
  const { ipv6, mode } = lab
  // Who plays a Windows server does so over IPv4.
  if (!ipv6.enabled || mode === 'listen' || lab.role !== null) return undefined
  const duid = ipv6.duid ?? undefined
  const mac = interfaces.find((one) => one.mac !== undefined)?.mac
  return {
    role: mode === 'dhcp' ? ipv6.mode : roles[mode],
    interfaces,
    ports: { dhcp6: lab.ports.dhcp6, bootServer: lab.ports.bootServer },
    filter: lab.clients,
    // A wire without hardware addresses has one server: any name will do that stays.
    duid: duid === undefined ? duidOfMac(mac ?? '02:00:00:00:00:01') : parseHex(duid)!,
    subnets: subnetsOf(lab, interfaces),
    options: encodeOptions(ipv6.options),
    leaseSeconds: ipv6.leaseSeconds,
    preference: ipv6.preference,
    offerSeconds,
    declineSeconds,
    boot: bootConfigurationOf(lab, known),
  }
}

/** What the router advertiser is told; undefined where a lab has none. Interfaces without a link-local address are left out. */
export function routerAdvertiserConfigurationOf(
  lab: Lab,
  interfaces: readonly ServedInterface6[],
): RouterAdvertiserConfiguration | undefined {
  const { ipv6, mode } = lab
  const { routerAdvertisements: told } = ipv6
  if (!ipv6.enabled || mode === 'listen' || told === null) return undefined
  // Beside another DHCPv6 server, machines are to ask it.
  const asks = lab.role === null
  const gives = asks && (mode !== 'dhcp' || ipv6.mode === 'stateful')
  return {
    isManaged: gives,
    hasOther: asks,
    routerLifetimeSeconds: told.routerLifetimeSeconds,
    intervalSeconds: told.intervalSeconds,
    interfaces: interfaces.flatMap(({ name, linkLocal, mac, mtu, addresses }) => {
      if (linkLocal === undefined) return []
      const own = networksOf6({ name, linkLocal, mac, mtu, addresses })
      const subnets = ipv6.subnets.filter(({ subnet }) => addresses.some(({ address }) => isInPrefix6(address, subnet)))
      const dns = told.dns ?? subnets.flatMap((subnet) => subnet.dns ?? [])
      return {
        name,
        linkLocal,
        mac,
        mtu,
        dns: dns.map((one) => plainIpv6(one)!),
        prefixes: own.map((network) => ({
          network,
          // Machines make addresses of prefixes of 64 bits only (RFC 4862 section 5.5.3, RFC 4291 section 2.5.1).
          isAutonomous: (told.autonomous ?? !gives) && network.prefixLength === 64,
          validSeconds: told.prefixSeconds,
          preferredSeconds: Math.floor(told.prefixSeconds / 2),
        })),
      }
    }),
  }
}
