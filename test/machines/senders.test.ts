import { describe, expect, test } from 'vitest'
import { answerProblem, sourceProblem } from '#shared/machines/senders.ts'
import { ip, request } from '../helpers/dhcp.ts'

const served = { address: ip('10.0.0.1'), prefixLength: 24 }

describe('who may be answered', () => {
  test.each([
    ['10.0.0.7', 68, undefined],
    ['0.0.0.0', 68, undefined],
    ['192.168.1.7', 2070, undefined],
    // This machine itself, as its own client.
    ['10.0.0.1', 2070, undefined],
    ['10.0.0.7', 0, 'its source port is 0'],
    ['10.0.0.1', 69, 'its source is this very port'],
    ['255.255.255.255', 68, 'its source 255.255.255.255 is the broadcast address'],
    ['10.0.0.255', 68, 'its source 10.0.0.255 is the broadcast address of 10.0.0.0/24'],
    ['224.0.0.1', 68, 'its source 224.0.0.1 is a multicast or reserved address'],
    ['127.0.0.1', 68, 'its source 127.0.0.1 is a loopback address'],
  ])('%s port %i', (address, port, problem) => {
    expect(sourceProblem({ address: ip(address), port }, served, 69)).toBe(problem)
  })

  test('on loopback itself its addresses are those of clients; a network of two hosts has no broadcast address', () => {
    expect(sourceProblem({ address: ip('127.0.0.1'), port: 5 }, { address: ip('127.0.0.1'), prefixLength: 8 }, 69)).toBe(undefined) // prettier-ignore
    expect(sourceProblem({ address: ip('10.0.0.1'), port: 5 }, { address: ip('10.0.0.0'), prefixLength: 31 }, 69)).toBe(undefined) // prettier-ignore
  })

  test.each([
    [{ giaddr: '10.9.0.1' }, undefined],
    [{ ciaddr: '10.0.0.9' }, undefined],
    [{ giaddr: '10.0.0.1' }, "its relay address 10.0.0.1 is this server's own"],
    [{ giaddr: '239.0.0.1' }, 'its relay address 239.0.0.1 is a multicast or reserved address'],
    [{ giaddr: '255.255.255.255' }, 'its relay address 255.255.255.255 is the broadcast address'],
    [{ giaddr: '0.0.0.9' }, 'its relay address 0.0.0.9 is no address'],
    [{ ciaddr: '10.0.0.255' }, 'its client address 10.0.0.255 is the broadcast address of 10.0.0.0/24'],
    [{ ciaddr: '127.0.0.1' }, 'its client address 127.0.0.1 is a loopback address'],
  ])('a request with %j', (fields, problem) => {
    expect(answerProblem(request({ type: 'discover', ...fields }), served)).toBe(problem)
  })
})
