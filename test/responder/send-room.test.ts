import { describe, expect, test } from 'vitest'
import { ip } from '../helpers/dhcp.ts'
import { SendRoom } from '../../src/main/responder/send-room.ts'

const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.168.77.9     0x1         0x2         52:54:00:00:00:09     *        eth0
192.168.77.10    0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.77.11    0x1         0x2         52:54:00:00:00:0b     *        eth1
192.168.77.254   0x1         0x2         52:54:00:00:00:fe     *        eth0
192.168.77.253   0x1         0x0         00:00:00:00:00:00     *        eth0
10.66.0.7        0x1         0x6         52:54:00:00:00:07     *        eth0
`
// 10.1.0.0/16 by .254, 10.2.0.0/16 by .253, 10.2.3.0/24 by .254, and everything else by .254 of another interface.
const route = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth1	00000000	FE4DA8C0	0003	0	0	0	00000000	0	0	0
eth0	004DA8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth0	0000010A	FE4DA8C0	0003	0	0	0	0000FFFF	0	0	0
eth0	0000020A	FD4DA8C0	0003	0	0	0	0000FFFF	0	0	0
eth0	0003020A	FE4DA8C0	0003	0	0	0	00FFFFFF	0	0	0
`
const served = {
  name: 'eth0',
  address: ip('192.168.77.1'),
  prefixLength: 24,
  mtu: 1500,
  others: [{ address: ip('10.66.0.1'), prefixLength: 16 }],
}

describe('room for answers', () => {
  test('as long as half of it is free everybody has it, and nothing is read', () => {
    const room = new SendRoom(
      served,
      () => 0.49,
      () => {
        throw new Error('read')
      },
    )
    for (const address of ['192.168.77.10', '10.9.9.9', '255.255.255.255'])
      expect(room.problem(ip(address))).toBeUndefined()
  })

  test.each([
    ['255.255.255.255', true, 'everybody'],
    ['192.168.77.255', true, 'everybody on its network'],
    ['10.66.255.255', true, 'everybody on the other network of the interface'],
    ['192.168.77.9', true, 'a neighbour that has answered'],
    ['10.66.0.7', true, 'a neighbour on the other network'],
    ['192.168.77.10', false, 'an address that has not answered'],
    ['192.168.77.11', false, 'a neighbour on another interface'],
    ['192.168.77.12', false, 'an address nobody has heard of'],
    ['10.1.0.5', true, 'a network behind a router that is there'],
    ['10.2.0.5', false, 'a network behind a router that is not'],
    ['10.2.3.5', true, 'a part of it behind one that is'],
    ['10.3.0.5', false, 'a network without a route by this interface'],
  ])('the other half has %s: %s (%s)', (address, has) => {
    const problem = new SendRoom(
      served,
      () => 0.5,
      () => ({ arp, route }),
    ).problem(ip(address))
    if (has) expect(problem).toBeUndefined()
    else expect(problem).toMatch(/too many answers wait for addresses that do not answer ARP/)
  })

  test('a storm does not read the tables for each packet, and what cannot be read changes nothing', () => {
    let reads = 0
    const room = new SendRoom(
      served,
      () => 1,
      () => {
        if (++reads > 1) throw Object.assign(new Error('no more'), { code: 'EMFILE' })
        return { arp, route }
      },
    )
    for (let at = 0; at < 10_000; at++) expect(room.problem(ip('192.168.77.9'))).toBeUndefined()
    expect(reads).toBeLessThan(20)
  })
})
