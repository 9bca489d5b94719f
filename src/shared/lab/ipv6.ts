/** The part of the lab file that is about IPv6: addresses by DHCPv6, router advertisements. */
import { say } from '#messages/message.ts'
import { z } from 'zod'
import { parseHex } from '../wire/bytes.ts'
import { findDhcp6OptionDefinition } from '../wire/dhcpv6/options.ts'
import { parseIpv6Network, plainIpv6 } from '../wire/ip-address.ts'
import { described, macField, uuidField } from './fields.ts'
import { refusal } from './phrase.ts'

const ipv6 = (what: string) =>
  described(
    z.string().refine((text) => plainIpv6(text) !== undefined, refusal(say('schema.not-ipv6-address'))),
    what,
  )

const optionValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])
const options = described(
  z.record(
    z.string().refine((name) => findDhcp6OptionDefinition(name) !== undefined, refusal(say('schema.no-dhcpv6-option'))),
    optionValue,
  ),
  'DHCPv6 options by number or name, such as { 31: fd00:77::1 } or { sntp-servers: fd00:77::1 }',
)
const leaseSeconds = described(
  z.int().min(60).max(0xffffffff),
  'seconds a client may keep its IPv6 address, 60 or more (its valid lifetime)',
)

/** A host or domain name of RFC 1035 section 2.3.1 that is not longer than the wire takes. */
const domain = described(
  z
    .string()
    .regex(
      /^(?=.{1,253}$)([a-z\d_]([a-z\d_-]{0,61}[a-z\d])?)(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d])?)*$/i,
      'is not a domain name',
    ),
  'a domain name such as lab.example.com',
)

/** A DHCP unique identifier: two octets of type and at least one of identifier, 130 at most (RFC 8415 section 11.1). */
const duid = (what: string) =>
  described(
    z.string().refine(
      (text) => {
        const bytes = parseHex(text)
        return bytes !== undefined && bytes.length >= 3 && bytes.length <= 130
      },
      refusal(say('schema.not-duid-3-130-bytes')),
    ),
    what,
  )

const reservation = z
  .strictObject({
    mac: macField('a whole MAC address such as 52:54:00:00:00:01; a DHCPv6 message does not always tell it').optional(),
    uuid: uuidField('the machine identifier the firmware shows, of which UEFI makes its DUID').optional(),
    duid: duid('the DUID of the client in hexadecimal digits, such as 00:03:00:01:52:54:00:00:00:01').optional(),
    address: ipv6('the IPv6 address kept for this client'),
    options: options.optional(),
  })
  .refine((one) => one.mac ?? one.uuid ?? one.duid, refusal(say('schema.names-no-client-write-mac')))

const subnet = z.strictObject({
  subnet: described(
    z.string().refine((text) => parseIpv6Network(text) !== undefined, refusal(say('schema.not-ipv6-network'))),
    'an IPv6 network with its prefix length such as fd00:77::/64, without host bits',
  ),
  pools: described(
    z.array(
      z.strictObject({ start: ipv6('the first address of the pool'), end: ipv6('the last address of the pool') }),
    ),
    'address ranges to assign: [{ start: fd00:77::1000, end: fd00:77::1fff }]; none assigns reserved addresses only',
  ).optional(),
  dns: described(
    z.array(ipv6('the IPv6 address of a DNS server')),
    'DNS servers (option 23), such as [fd00:77::1]',
  ).optional(),
  domains: described(z.array(domain), 'domains to search names in (option 24), such as [lab.example.com]').optional(),
  leaseSeconds: leaseSeconds.optional(),
  options: options.optional(),
  reservations: described(
    z.array(reservation),
    'addresses kept for clients: [{ mac: 52:54:00:00:00:01, address: fd00:77::50 }]',
  ).default([]),
})

const seconds = (what: string, least: number, most: number) => described(z.int().min(least).max(most), what)

const routerAdvertisements = z.strictObject({
  intervalSeconds: seconds('seconds between two advertisements at most, 4 to 1800', 4, 1800).default(600),
  routerLifetimeSeconds: seconds(
    'seconds this machine counts as a default router, 0 to 9000; 0 for one that forwards nothing',
    0,
    9000,
  ).default(0),
  autonomous: described(
    z.union([z.null(), z.boolean()]),
    'true lets machines make addresses of the prefix by themselves (flag A), false does not, null goes by ipv6.mode',
  ).default(null),
  prefixSeconds: seconds('seconds that machines keep the prefix (valid lifetime), 60 or more', 60, 0xffffffff).default(
    7200,
  ),
  dns: described(
    z.array(ipv6('the IPv6 address of a DNS server')),
    'DNS servers in the advertisement (RFC 8106), such as [fd00:77::1]; where it is not written, those of the subnet',
  ).optional(),
})

export const ipv6Modes = ['stateful', 'stateless'] as const

export const ipv6Schema = z.strictObject({
  enabled: described(z.boolean(), 'true answers over IPv6 as well: DHCPv6, TFTP and HTTP').default(false),
  mode: described(
    z.enum(ipv6Modes),
    'stateful assigns addresses; stateless assigns none and tells the rest (DNS, boot file) to machines that ask for it alone, which UEFI firmware never does',
  ).default('stateful'),
  leaseSeconds: leaseSeconds.default(3600),
  preference: described(
    z.int().min(0).max(255),
    'how strongly clients prefer this DHCPv6 server to others, 0 to 255 (option 7)',
  ).default(0),
  duid: described(
    z.union([z.null(), duid('the DUID of this server in hexadecimal digits')]),
    'the DUID by which clients know this server, in hexadecimal digits, or null for one made of its MAC address',
  ).default(null),
  subnets: described(
    z.array(subnet),
    'the IPv6 networks this lab assigns addresses in; empty takes the network of each interface with a pool of 65,536 addresses',
  ).default([]),
  options: options.optional(),
  routerAdvertisements: described(
    z.union([z.null(), routerAdvertisements]),
    'a map that lets this machine advertise itself as a router does, for a wire without a router, such as {}, or null',
  ).default(null),
})
