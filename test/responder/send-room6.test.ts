/** Room for answers over IPv6: by what the kernel tells of neighbours and routes. */
import { expect, test } from 'vitest'
import { isIPv6, isIP } from 'node:net'
import { parseHex } from '#shared/wire/bytes.ts'
import { nativeSockets } from '../../src/main/responder/native-sockets.ts'
import { askForNeighbours6, neighboursIn6 } from '../../src/main/responder/netlink.ts'
import { SendRoom6 } from '../../src/main/responder/send-room.ts'

const zeros = '0'.repeat(32)
const line = (prefix: string, length: string, hop: string, metric: string, flags: string, device: string): string =>
  `${prefix.padEnd(32, '0')} ${length} ${zeros} 00 ${hop} ${metric} 00000001 00000000 ${flags} ${device.padStart(8)}`
const [near, far] = ['fe80000000000000000000000000000e', 'fd00007700000000000000000000000f']
const route = [
  line('fd000077', '40', zeros, '00000100', '00000001', 'eth0'),
  line('fe80', '40', zeros, '00000100', '00000001', 'eth0'),
  // The cheaper of two, a narrower one, one that is refused, one of another interface, and everything else.
  line('fd000078', '40', near, '00000400', '00000003', 'eth0'),
  line('fd000078', '40', far, '00000300', '00000003', 'eth0'),
  line('fd00007800000009', '60', near, '00000400', '00000003', 'eth0'),
  line('fd000079', '40', near, '00000001', '00200201', 'eth0'),
  line('fd00007a', '40', near, '00000400', '00000003', 'eth1'),
  line('', '00', far, '00000400', '00000003', 'eth0'),
].join('\n')
const neighbours = ['fe80::9', 'fd00:77::9', 'fe80::e']
const room = (used: number): SendRoom6 => new SendRoom6('eth0', () => used, () => ({ neighbours, route })) // prettier-ignore

test('as long as half of it is free everybody has it, and nothing is read', () => {
  const free = new SendRoom6('eth0', () => 0.49, () => expect.unreachable()) // prettier-ignore
  for (const address of ['fe80::1', 'fd00:77::8', 'ff02::1']) expect(free.problem(address)).toBeUndefined()
})

test.each([
  ['ff02::1', true, 'a group'],
  ['fe80::9', true, 'a neighbour that has answered'],
  ['fe80::8', false, 'one that has not'],
  ['fd00:77::9', true, 'a neighbour by its other address'],
  ['fd00:77::8', false, 'an address nobody has heard of'],
  ['fd00:78::1', false, 'a network behind a router that is not there, which the cheaper route goes by'],
  ['fd00:78:0:9::1', true, 'a part of it behind one that is'],
  ['fd00:7b::1', false, 'everything else, behind a router that is not there'],
])('the other half has %s: %s (%s)', (address, has) => {
  const problem = room(0.5).problem(address)
  if (has) expect(problem).toBeUndefined()
  else expect(problem).toMatch(/too many answers wait for addresses that do not answer neighbour solicitations/)
})

/** RTM_NEWNEIGH with NDA_DST (14 hexadecimal digits of the state come with it), as Linux sends it. */
const told = (address: string, index: string, state: string, more = ''): string => {
  const body = `0a000000${index}${state}0001${more}14000100${address}`
  const length = (16 + body.length / 2).toString(16).padStart(2, '0')
  return `${length}0000001c0002000000000000000000${body}`
}

test('netlink: whoever has answered on that interface, whatever else the kernel tells of it', () => {
  const address = (last: string): string => `fe80${'00'.repeat(13)}${last}`
  const text = [
    told(address('01'), '05000000', '0200'),
    told(address('02'), '05000000', '0400', '0a00020002112233445500' + '00'),
    told(address('03'), '05000000', '0100'),
    told(address('04'), '05000000', '2000'),
    told(address('05'), '06000000', '0200'),
  ].join('')
  const bytes = parseHex(text)!
  expect(neighboursIn6(bytes, 5)).toEqual({ addresses: ['fe80::1', 'fe80::2'], isEnd: false })
  const end = parseHex('14000000' + '0300' + '0200' + '00'.repeat(12))!
  expect(neighboursIn6(end, 5)).toEqual({ addresses: [], isEnd: true })
  // Cut anywhere it neither throws nor goes on for ever.
  for (let length = 0; length < bytes.length; length++) neighboursIn6(bytes.subarray(0, length), 5)
  for (let at = 0; at < bytes.length; at++) neighboursIn6(bytes.with(at, 255), 5)
  for (let at = 0; at < bytes.length; at++) neighboursIn6(bytes.with(at, 0), 5)
  expect(askForNeighbours6()).toHaveLength(28)
})

test.runIf(process.platform === 'linux')('the kernel answers, whatever it knows', () => {
  const found = nativeSockets!.neighbours6!(1)
  expect(found.every((one) => isIP(one) !== 0 && isIPv6(one))).toBe(true)
})
