/** Among many reservations a client gets the one that it gets where each is asked in turn. */
import { describe, expect, test } from 'vitest'
import { machineKinds } from '#shared/interchange/boot-table.ts'
import { offerOf, type Client } from '#shared/interchange/evaluate.ts'
import type { Configuration, Reservation } from '#shared/interchange/model.ts'
import { readConfiguration } from '#shared/interchange/read.ts'

const count = 150
const mac = (index: number): string => `02:00:5e:20:00:${(index % 100).toString(16).padStart(2, '0')}`
const each = (line: (index: number) => string, joint = '\n'): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(joint)

/** Hosts that repeat, that are named by another thing than their MAC address, and that no client decides. */
const configurations: Readonly<Record<string, string>> = {
  dnsmasq: `dhcp-range=10.0.0.0,static,255.0.0.0\ndhcp-match=set:efi,93,7\n${each((index) =>
    index % 29 === 7
      ? `dhcp-host=02:00:5e:20:*:${(index % 50).toString(16).padStart(2, '0')},10.9.0.${index}`
      : index % 17 === 3
        ? `dhcp-host=id:client-${index},10.8.0.${index}`
        : index % 13 === 5
          ? `dhcp-host=name-${index},10.7.0.${index}`
          : index % 11 === 2
            ? `dhcp-host=${mac(index)},${mac(index + 40)},tag:known,10.6.0.${index}`
            : `dhcp-host=${mac(index)},10.5.0.${index}${index % 5 === 0 ? ',ignore' : ''}`,
  )}`,
  kea: `{"Dhcp4": {"subnet4": [{"id": 1, "subnet": "10.0.0.0/8", "reservations": [${each((index) => `{${index % 7 === 1 ? `"client-id": "'client-${index}'"` : `"hw-address": "${mac(index)}"`}, "ip-address": "10.5.0.${index}"}`, ',')}]}]}}`,
  dhcpd: `subnet 10.0.0.0 netmask 255.0.0.0 { }\n${each((index) => (index % 7 === 1 ? `host h${index} { option dhcp-client-identifier "client-${index}"; fixed-address 10.5.0.${index}; }` : `host h${index} { hardware ethernet ${mac(index)};${index % 3 === 0 ? '' : ` fixed-address 10.5.0.${index};`} filename "${index}"; }`))}`,
  windows: `Dhcp Server 10.0.0.1 add scope 10.0.0.0 255.0.0.0 "s"\n${each((index) => `Dhcp Server 10.0.0.1 Scope 10.0.0.0 Add reservedip 10.5.0.${index} ${mac(index).replaceAll(':', '')} "h"`)}`,
} // prettier-ignore

const clients: readonly Client[] = [...Array.from({ length: 110 }, (_, index) => index), 300].flatMap((index) => [
  { mac: mac(index), options: machineKinds[2].options },
  { mac: '02:ff:ff:ff:ff:ff', options: new Map([...machineKinds[2].options, [61, `client-${index}`]]) },
  { mac: '02:ff:ff:ff:ff:ff', options: new Map([...machineKinds[2].options, [61, `\u0000client-${index}`]]) },
])

const withList = (one: Configuration, reservations: readonly Reservation[]): Configuration => ({
  ...one,
  reservations,
  subnets: one.subnets.map((subnet) => ({ ...subnet, reservations: [] })),
})

describe.each(Object.entries(configurations))('%s', (_, text) => {
  const configuration = readConfiguration({ name: 'x', text })!
  const list = [...configuration.subnets.flatMap(({ reservations }) => reservations), ...configuration.reservations]

  test('every client gets its own, the first that fits', () => {
    expect(list).toHaveLength(count)
    const subnet = configuration.subnets[0]!
    let reserved = 0
    for (const client of clients) {
      const alone = list.filter((one) => {
        const only = withList(configuration, [one])
        return offerOf(only, only.subnets[0]!, client).reservation === one
      })
      const wanted = (configuration.engine === 'dhcpd' ? alone.find(({ address }) => address !== undefined) : undefined) ?? alone[0] // prettier-ignore
      expect(offerOf(configuration, subnet, client).reservation, client.mac).toBe(wanted)
      if (wanted) reserved++
    }
    expect(reserved).toBeGreaterThan(90)
  })
})
