/** Whoever is on the wire may send anything over IPv6: those who ask are answered, and those who cannot have asked are not. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { formatHex, parseHex } from '#shared/wire/bytes.ts'
import { bootUrlOf, decodeDhcp6 } from '#shared/wire/dhcpv6/message.ts'
import { message, pxe6 } from '../helpers/dhcpv6.ts'
import { duidLl, linkLocal, udp6 } from '../helpers/ipv6.ts'
import { startResponder } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import type { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
const octet = (value: number): string => value.toString(16).padStart(2, '0')

describeWith(['root', 'ip', 'sysctl'], 'a hostile wire of IPv6', () => {
  const { network, folder, here, there } = labWireForAllTests()
  let responder: Running

  beforeAll(async () => {
    for (const [space, address, device] of [[here, 'fd00:77::1/64', 'srv0'], [there, 'fd00:77::2/64', 'cli0']] as const)
      network.ip('-n', space, 'addr', 'add', address, 'dev', device, 'nodad') // prettier-ignore
    await Promise.all([network.settled(here), network.settled(there)])
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      dhcp: { subnets: [{ subnet: '10.77.0.0/16', pools: [{ start: '10.77.1.0', end: '10.77.1.255' }] }] },
      boot: { programs: [{ file: 'a.bin' }] },
      ipv6: { enabled: true },
    })
    folder.put('a.bin', new Uint8Array(1000).fill(7))
    // Whoever does not answer a neighbour solicitation is given up after three of them, which is the time that this test has.
    await network.exec(here, 'sysctl', ['-w', 'net.ipv6.neigh.srv0.retrans_time_ms=60000'])
    responder = await startResponder(network, here, folder)
  }, 60_000)

  const send = async (frames: readonly Uint8Array[]): Promise<void> => {
    const file = join(folder.root, 'frames.txt')
    writeFileSync(file, frames.map((one) => formatHex(one)).join('\n'))
    const { stdout } = await network.exec(there, process.execPath, [helper('raw-frames.mjs'), 'cli0', file])
    expect(stdout.trim()).toBe(`${frames.length} sent`)
  }
  const ask = async (): Promise<string> => {
    const { stdout } = await network.exec(there, process.execPath, [helper('ask6.mjs'), 'cli0', '20000', formatHex(message('solicit', pxe6))]) // prettier-ignore
    return bootUrlOf(decodeDhcp6(parseHex(stdout.split('\n')[0]!.split(' ')[1] ?? '')!).message)
  }

  test('answers to addresses where nobody is hold back nobody else', async () => {
    expect(await ask()).toBe('tftp://[fd00:77::1]/a.bin')
    const frames = Array.from({ length: 600 }, (_, at) => {
      const mac = `52:54:00:09:${octet(at >> 8)}:${octet(at & 255)}`
      const ends = { source: linkLocal(mac), destination: 'ff02::1:2', sourceMac: mac, destinationMac: '33:33:00:01:00:02' } // prettier-ignore
      return udp6(ends, 546, 547, message('solicit', { ...pxe6, duid: duidLl(mac) }))
    })
    await send(frames)
    await responder.sees(/too many answers wait for addresses that do not answer neighbour solicitations/)
    expect(await ask()).toBe('tftp://[fd00:77::1]/a.bin')
    expect(responder.child.exitCode).toBeNull()
  }, 120_000)
})
