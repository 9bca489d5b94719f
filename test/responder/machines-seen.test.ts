/** Who asks, and the next boot, through a whole DHCP server and the events that it tells. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import { bootFileOf, decodeDhcp } from '#shared/wire/dhcp/message.ts'
import { MachinesSeen } from '../../src/main/responder/machines-seen.ts'
import { arriving, ip, pxe, request } from '../helpers/dhcp.ts'

const mac = '52:54:00:77:00:01'
const lab = labSchema.parse({
  interface: 'eth0',
  mode: 'dhcp',
  boot: { programs: [{ file: 'usual.0' }] },
  dhcp: {
    subnets: [{ subnet: '192.168.77.0/24', pools: [{ start: '192.168.77.100', end: '192.168.77.199' }] }],
  },
})
let folder: string
let told: UntimedEvent[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-seen-'))
  told = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const newSeen = (): MachinesSeen =>
  new MachinesSeen({
    stateFolder: folder,
    tell: (event) => void told.push(event),
    neighbour: () => Promise.resolve(undefined),
    onUnwritten: (_, error) => expect.fail(error.message),
    now: () => 1000,
  })

test('the next boot: offered, acknowledged, used up by its transfer, and kept when the responder starts again', async () => {
  let seen = newSeen()
  expect(seen.setNextBoot(mac, { kind: 'file', file: 'tools/{mac:hex}.0' })).toBe(true)
  await seen.close()
  seen = newSeen()
  const server = new DhcpServer(dhcpConfigurationOf(lab, [{ name: 'eth0', address: ip('192.168.77.1'), prefixLength: 24, mtu: 1500 }], seen.known)) // prettier-ignore
  const ask = (type: 'discover' | 'request'): string | undefined => {
    server.handle(arriving(request({ type, mac, ...pxe(0), ...(type === 'request' ? { requested: '192.168.77.100', serverId: '192.168.77.1' } : {}) })), 1000) // prettier-ignore
    const answer = server.pollTransmit()
    if (answer?.event) seen.hear(answer.event)
    return answer && bootFileOf(decodeDhcp(answer.payload).message)
  }
  expect(ask('discover')).toBe('tools/525400770001.0')
  expect(ask('request')).toBe('tools/525400770001.0')
  const transfer = { id: '1', client: '192.168.77.100', file: 'tools/525400770001.0', kind: 'read', size: 1, blockSize: 512, windowSize: 1, bytes: 1, retransmissions: 0 } as const // prettier-ignore
  seen.hear({ type: 'transfer-started', transfer })
  await expect.poll(() => told.filter(({ type }) => type === 'next-boot')).toMatchObject([{ state: 'set' }, { state: 'used' }]) // prettier-ignore
  expect(ask('discover')).toBe('tools/525400770001.0')
  seen.hear({ type: 'transfer-ended', transfer, outcome: 'completed', message: '', durationMs: 1 })
  await expect.poll(() => seen.nextBoots).toEqual([])
  expect(ask('discover')).toBe('usual.0')
  await seen.close()
})
