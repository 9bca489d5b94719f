/** One machine under several names, and relays that nobody can reach, on real sockets. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { request, pxe } from '../helpers/dhcp.ts'
import { dhclient } from '../helpers/dhclient.ts'
import { macIn, sendForged } from '../helpers/hostile.ts'
import { eventsOf, LabFolder, startResponder } from '../helpers/lab.ts'
import { Network, type Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const server = '10.66.0.1'
const firmware = '00:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff'
const duid = 'ff:00:00:00:01:00:04:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f'

let network: Network
let here: string
let there: string
let other: string

beforeAll(() => {
  network = new Network()
  here = network.namespace('s')
  there = network.namespace('c')
  other = network.namespace('o')
  network.cable({ in: here, name: 'fS', addresses: [`${server}/24`] }, { in: there, name: 'cli0', addresses: ['10.66.0.2/24'] }) // prettier-ignore
  network.cable({ in: there, name: 'cli1' }, { in: other, name: 'pc0' })
  network.cable({ in: here, name: 'mgmt', addresses: ['172.16.0.1/24'] }, { in: other, name: 'gw0', addresses: ['172.16.0.2/24'] }) // prettier-ignore
})
afterAll(() => network.close())

const subnets = [
  { subnet: '10.66.0.0/24', pools: [{ start: '10.66.0.100', end: '10.66.0.119' }], router: server },
  { subnet: '10.77.0.0/24', pools: [{ start: '10.77.0.100', end: '10.77.0.119' }], router: '10.77.0.1' },
  { subnet: '10.88.0.0/24', pools: [{ start: '10.88.0.100', end: '10.88.0.119' }], router: '10.88.0.1' },
]

async function lab(dhcp: object): Promise<{ folder: LabFolder; responder: Running; end: () => Promise<void> }> {
  const folder = new LabFolder()
    .write({
      interface: 'fS',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets, ...dhcp },
      boot: { programs: [{ file: 'x' }] },
    }) // prettier-ignore
    .put('x', 'x')
  const responder = await startResponder(network, here, folder)
  return {
    folder,
    responder,
    end: async () => {
      await responder.stop()
      folder.remove()
    },
  }
}

const sending = (identifier: string | undefined): string | undefined =>
  identifier === undefined ? undefined : `send dhcp-client-identifier ${identifier};\n`

const addressIn = (text: string): string | undefined => /fixed-address ([\d.]+);/.exec(text)?.[1]

describeWith(['root', 'ip', 'dhclient'], 'a machine under several names', () => {
  test.each([
    ['mac', ['10.66.0.100']],
    ['client-id', ['10.66.0.100', '10.66.0.101', '10.66.0.102']],
  ] as const)(
    'identity %s: dhclient as firmware, without a name, as an installed system',
    { timeout: 90_000 },
    async (identity, expected) => {
      const { folder, responder, end } = await lab({ identity })
      const mac = await macIn(network, there, 'cli0')
      const given: (string | undefined)[] = []
      for (const name of [firmware, undefined, duid, firmware])
        given.push(addressIn(await dhclient(network, there, 'cli0', folder.root, 60, sending(name))))
      expect(new Set(given)).toEqual(new Set(expected))
      expect(given[3]).toBe(given[0])
      const told = eventsOf(responder).filter(({ type }) => type === 'several-leases')
      expect(told).toHaveLength(identity === 'mac' ? 0 : 1)
      if (identity === 'client-id') expect(told[0]).toMatchObject({ machine: { mac } })
      await end()
    },
  )

  test('a reservation by MAC holds for each of them, after a restart too', { timeout: 90_000 }, async () => {
    const mac = await macIn(network, there, 'cli0')
    const reserving = { identity: 'client-id', subnets: [{ ...subnets[0], reservations: [{ mac, address: '10.66.0.50' }] }] } // prettier-ignore
    const { folder, responder, end } = await lab(reserving)
    for (const name of [firmware, undefined])
      expect(addressIn(await dhclient(network, there, 'cli0', folder.root, 60, sending(name)))).toBe('10.66.0.50')
    await responder.stop()
    const again = await startResponder(network, here, folder)
    expect(addressIn(await dhclient(network, there, 'cli0', folder.root, 60, sending(duid)))).toBe('10.66.0.50')
    await again.stop()
    await end()
  })
})

describeWith(['root', 'ip'], 'a relay that cannot be reached', () => {
  test(
    'is offered nothing in the log: no route, a route elsewhere; a route, or ARP, and the packet leaves',
    { timeout: 60_000 },
    async () => {
      const { folder, responder, end } = await lab({})
      const to = await macIn(network, here, 'fS')
      let count = 0
      /** What is told of a relayed DISCOVER of a new machine. */
      const asked = async (relay: string): Promise<{ type: string; reason?: unknown }> => {
        const mac = `02:ce:00:00:00:0${++count}`
        const payload = encodeDhcp({ ...request({ type: 'discover', mac, giaddr: relay, ...pxe(7) }), hops: 1 })
        await sendForged(network, there, 'cli0', to, folder.root, [{ from: relay, fromPort: 67, to: server, port: 67, payload }]) // prettier-ignore
        await responder.sees(new RegExp(`"(dhcp-offered|answer-not-sent)".*${mac}`))
        return eventsOf(responder).find((one) => ['dhcp-offered', 'answer-not-sent'].includes(one.type) && JSON.stringify(one).includes(mac))! // prettier-ignore
      }
      expect(await asked('10.77.0.2')).toMatchObject({
        type: 'answer-not-sent',
        reason: 'this machine has no route to it',
      })
      // Somebody on the wire who answers ARP for it needs no route.
      network.ip('-n', there, 'addr', 'add', '10.88.0.2/32', 'dev', 'lo')
      expect(await asked('10.88.0.2')).toMatchObject({ type: 'dhcp-offered' })

      network.ip('-n', here, 'route', 'add', 'default', 'via', '172.16.0.2')
      await expect
        .poll(async () => (await asked('10.77.0.2')).reason, { timeout: 15_000, interval: 1000 })
        .toBe('the route to it leaves by the interface with 172.16.0.1, not by fS')

      network.ip('-n', here, 'route', 'add', '10.77.0.0/24', 'via', '10.66.0.2')
      await expect
        .poll(async () => (await asked('10.77.0.2')).type, { timeout: 15_000, interval: 1000 })
        .toBe('dhcp-offered')
      await end()
    },
  )
})
