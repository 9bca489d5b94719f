/** One function names a machine: what people, servers and machines themselves call it, in every sentence and on every page. */
import { describe, expect, test } from 'vitest'
import type { Verdict } from '#shared/contract/calls.ts'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { givenNames, noNames } from '#shared/lab/given-names.ts'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { nameAddresses } from '#shared/trace/name-addresses.ts'
import { ClientBook } from '../../src/main/backend/client-book.ts'
import { LogBook } from '../../src/main/backend/log-book.ts'
import { sayingNames } from '../../src/main/cli/log.ts'

const macOf = (number: number): string => `52:54:00:00:00:0${number}`
const uuid = '12345678-0000-4000-8000-000000000001'

const lab: Lab = labSchema.parse({
  interface: 'eth0',
  mode: 'dhcp',
  dhcp: {
    subnets: [
      {
        subnet: '10.0.0.0/24',
        pools: [{ start: '10.0.0.100', end: '10.0.0.200' }],
        reservations: [
          { mac: '52-54-00-00-00-01', address: '10.0.0.11', hostname: 'reserved-1' },
          { mac: macOf(5), address: '10.0.0.15' },
        ],
      },
    ],
  },
  wds: {
    devices: [
      { mac: macOf(1), name: 'prestaged-1' },
      { mac: macOf(2), name: 'prestaged-2' },
    ],
  },
  configmgr: { devices: [{ mac: macOf(2), name: 'database-2' }, { uuid: `{${uuid.toUpperCase()}}`, name: 'database-3' }] },
}) // prettier-ignore

const identity = (number: number, more: Partial<ClientIdentity> = {}): ClientIdentity => ({ mac: macOf(number), id: macOf(number), uuid: undefined, architecture: 7, architectures: [7], vendorClass: 'PXEClient', userClasses: [], isIpxe: false, boot: 'pxe', isRaspberryPi: false, hostName: undefined, ...more }) as ClientIdentity // prettier-ignore
const acknowledged = (client: ClientIdentity, address: string): UntimedEvent => ({ type: 'dhcp-acknowledged', client, address, leaseSeconds: 60, via: undefined }) as unknown as UntimedEvent // prettier-ignore
const loads = (client: string): UntimedEvent => ({ type: 'transfer-started', transfer: { id: 'tftp#1', client, file: 'a.efi', kind: 'read', size: 3, blockSize: 512, windowSize: 1, bytes: 0, retransmissions: 0 } }) // prettier-ignore
const failed = (number: number, more: Partial<Verdict> = {}): Verdict => ({ mac: macOf(number), startedAt: 1, lastAt: 2, outcome: 'failed', stage: 'failed', headline: 'Nobody answered', code: null, causes: [], firmware: '', hostName: '', ...more }) // prettier-ignore

function book(from = lab): { readonly clients: ClientBook; readonly log: LogBook; hear(event: UntimedEvent): void } {
  const clients = new ClientBook()
  clients.setLab(() => false, givenNames(from))
  const log = new LogBook((text, own) => clients.say(text, own))
  const hear = (event: UntimedEvent): void => {
    clients.hear({ ...event, time: 1 })
    log.hear({ ...event, time: 1 })
  }
  return { clients, log, hear }
}

test('the lab file names machines: reservations before prestaged machines before those of the database', () => {
  const { byMac, byUuid, byAddress } = givenNames(lab)
  expect([...byMac]).toEqual(expect.arrayContaining([[macOf(1), 'reserved-1'], [macOf(2), 'prestaged-2']])) // prettier-ignore
  expect([...byUuid]).toEqual([[uuid, 'database-3']])
  expect([...byAddress]).toEqual([['10.0.0.11', 'reserved-1']])
  expect(givenNames(null)).toEqual(noNames)
})

describe('the book of clients', () => {
  const nameOf = (clients: ClientBook, number: number) => clients.all().find((one) => one.mac === macOf(number))?.name

  test('calls a machine as people do, by its address or its identifier, else as it or its server does', () => {
    const { clients, hear } = book()
    hear(acknowledged(identity(1, { hostName: 'minint-1' }), '10.0.0.11'))
    hear(acknowledged(identity(3, { uuid }), '10.0.0.100'))
    hear(acknowledged(identity(4, { hostName: 'pc-4' }), '10.0.0.101'))
    hear(acknowledged(identity(6), '10.0.0.102'))
    clients.judge(failed(6, { hostName: 'by-server-6' }))
    expect([1, 3, 4, 6].map((one) => nameOf(clients, one))).toEqual(['reserved-1', 'database-3', 'pc-4', 'by-server-6'])
  })

  test('a name that two machines call themselves by names neither, and both change', () => {
    const { clients, hear } = book()
    hear(acknowledged(identity(4, { hostName: 'localhost' }), '10.0.0.101'))
    expect(nameOf(clients, 4)).toBe('localhost')
    clients.takeChanged()
    hear(acknowledged(identity(6, { hostName: 'LOCALHOST' }), '10.0.0.102'))
    expect(clients.takeChanged().map((one) => [one.mac, one.name, one.hostName])).toEqual(expect.arrayContaining([[macOf(4), null, 'localhost'], [macOf(6), null, 'LOCALHOST']])) // prettier-ignore
    // Whoever calls itself as somebody else was named by people is not that one.
    hear(acknowledged(identity(4, { hostName: 'reserved-1' }), '10.0.0.101'))
    expect(nameOf(clients, 4)).toBeNull()
  })

  test('a lab file that changes renames at once; a boot that failed is told with the name everywhere', () => {
    const { clients, log, hear } = book()
    hear(acknowledged(identity(5), '10.0.0.15'))
    clients.judge(failed(5, { headline: `${macOf(1)} has its address 10.0.0.15`, causes: ['10.0.0.11 has it too'] }))
    expect(clients.failed()).toMatchObject([{ mac: macOf(5), name: null }])
    clients.takeChanged()
    const renamed = labSchema.parse({ interface: 'eth0', wds: { devices: [{ mac: macOf(5), name: 'five' }] }, dhcp: lab.dhcp }) // prettier-ignore
    clients.setLab(() => false, givenNames(renamed))
    const [client] = clients.takeChanged()
    expect(client).toMatchObject({ name: 'five', boots: [{ detail: `reserved-1 (${macOf(1)}) has its address 10.0.0.15`, causes: ['reserved-1 (10.0.0.11) has it too'] }] }) // prettier-ignore
    hear(loads('10.0.0.15'))
    expect(log.lines.at(-1)!.text).toBe('five (10.0.0.15) loads a.efi, 3 B')
  })

  test('a line that was told keeps its words', () => {
    const { clients, log, hear } = book()
    hear(acknowledged(identity(1), '10.0.0.11'))
    const told = log.takeFresh().map((one) => one.text)
    expect(told).toEqual([`reserved-1 (${macOf(1)}) has 10.0.0.11 for 60 s`])
    clients.setLab(() => false, noNames)
    expect(log.lines.map((one) => one.text)).toEqual(told)
  })
})

test('on a terminal the names of the lab file stand beside addresses, those that machines were given too', () => {
  const say = sayingNames(givenNames(lab))
  const text = (event: UntimedEvent): string => say(event).text
  expect(text(acknowledged(identity(2), '10.0.0.100'))).toBe(`prestaged-2 (${macOf(2)}) has 10.0.0.100 for 60 s`)
  expect(text(loads('10.0.0.100'))).toBe('prestaged-2 (10.0.0.100) loads a.efi, 3 B')
  // It has another one now, and nobody is called by the one before.
  text(acknowledged(identity(2), '10.0.0.101'))
  expect([text(loads('10.0.0.100')), text(loads('10.0.0.101'))]).toEqual(['10.0.0.100 loads a.efi, 3 B', 'prestaged-2 (10.0.0.101) loads a.efi, 3 B']) // prettier-ignore
  text(acknowledged(identity(7), '10.0.0.101'))
  expect(text(loads('10.0.0.101'))).toBe('10.0.0.101 loads a.efi, 3 B')
  expect(text(acknowledged(identity(3, { uuid }), '10.0.0.102'))).toMatch(/^database-3 \(/)
})

test('a name that stands beside the address already is not told twice', () => {
  const names = new Map([[macOf(1), 'pc']])
  for (const text of [`pc (${macOf(1)}) is approved`, `${macOf(1)} (pc) holds several leases`])
    expect(nameAddresses(text, names)).toBe(text)
})
