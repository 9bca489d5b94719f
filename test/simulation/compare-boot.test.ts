import { expect, test } from 'vitest'
import { concatBytes } from '#shared/wire/bytes.ts'
import { linkTypes, pcapngFrame, pcapngHeader } from '#shared/wire/capture-file.ts'
import { blankMessage, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { guardMac } from '#shared/wire/lab-checks.ts'
import { Session } from '#shared/trace/session.ts'
import { comparedWith } from '../../src/main/cli/compare-boot.ts'
import { framesIn } from '../helpers/fixtures.ts'
import { scenarioOf, simulated } from '../helpers/simulate.ts'
import { Wire } from '../helpers/wire.ts'

const macs = { pc1: '52:54:00:77:00:01', pc2: '52:54:00:77:00:02' }
const network = (named: Partial<typeof macs>, firmware: 'edk2' | 'ipxe' = 'edk2') =>
  simulated(
    scenarioOf({
      clients: Object.fromEntries(
        Object.entries(named).map(([name, mac]) => [name, { firmware, on: 'lan', ...(mac === '' ? {} : { mac }) }]),
      ),
    }),
  )

const sessionOf = (capture: Uint8Array): Session => {
  const session = new Session()
  session.push(capture)
  session.end()
  return session
}

test('the machine is the one that the topology names, wherever it stands in the capture', () => {
  const both = sessionOf(network(macs).capture())
  expect(both.trace.machines.map((one) => one.name)).toEqual([macs.pc1, macs.pc2])
  expect(comparedWith(network({ pc2: macs.pc2 }), both, 'a.pcap')).toEqual({
    code: 0,
    text: 'a.pcap: the same messages, options and waits.',
  })
  expect(comparedWith(network({ pc2: macs.pc2 }, 'ipxe'), both, 'a.pcap').code).toBe(1)
})

test('machines that are both named are both compared', () => {
  const both = sessionOf(network(macs).capture())
  expect(comparedWith(network(macs), both, 'a.pcap').text.split('\n')).toEqual([
    `a.pcap, pc1 (${macs.pc1}): the same messages, options and waits.`,
    `a.pcap, pc2 (${macs.pc2}): the same messages, options and waits.`,
  ])
})

test('a topology that names nobody of several says what is missing; of one it means that one', () => {
  const both = sessionOf(network(macs).capture())
  expect(comparedWith(network({ pc1: '' }), both, 'a.pcap')).toEqual({
    code: 2,
    text: expect.stringMatching(
      /52:54:00:77:00:01, 52:54:00:77:00:02.*none of these is in the topology\. Set clients\.NAME\.mac/,
    ),
  })
  expect(comparedWith(network({ pc1: '' }), sessionOf(network({ pc1: macs.pc1 }).capture()), 'a.pcap').code).toBe(0)
})

test('a check of PXE Lab is no boot to compare with', () => {
  const wire = new Wire('uefi')
  const chaddr = new Uint8Array(16)
  chaddr.set(guardMac)
  const ends = { from: '192.168.77.1', to: '255.255.255.255', sourcePort: 68, destinationPort: 67 }
  const discover = { code: 53, data: Uint8Array.of(1) }
  wire.udp(0, ends, encodeDhcp({ ...blankMessage, chaddr, options: [discover] }), true)
  expect(comparedWith(network({ pc1: macs.pc1 }), wire.session, 'a.pcap')).toEqual({
    code: 2,
    text: "--compare a.pcap contains no boot, only PXE Lab's check.",
  })
})

test('a recording that ends before the next message was due is cut off; one that goes on is held against it', () => {
  const simulation = network({ pc1: macs.pc1 })
  const frames = framesIn(simulation.capture())
  const first = frames.slice(0, 2)
  const later = { ...frames[1]!, seconds: frames[1]!.seconds + 50 }
  const fileOf = (list: readonly (typeof frames)[number][]): Session =>
    sessionOf(
      concatBytes([
        pcapngHeader('test', [{ linkType: linkTypes.ethernet, name: 'lan' }]),
        ...list.map((one) =>
          pcapngFrame({ interface: 0, seconds: one.seconds, nanoseconds: one.nanoseconds, bytes: one.bytes }),
        ),
      ]),
    )
  expect(comparedWith(simulation, fileOf(first), 'a.pcap')).toEqual({
    code: 0,
    text: expect.stringMatching(/same messages.* The recording ends \d+ messages before the end of the boot/),
  })
  const strange = Uint8Array.from(later.bytes).fill(0, 12, 14)
  expect(comparedWith(simulation, fileOf([...first, { ...later, bytes: strange }]), 'a.pcap').code).toBe(1)
})
