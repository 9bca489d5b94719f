/** A clock that is set while leases are out: nobody loses an address, and nothing waits for a time that never comes. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { Responder } from '../../src/main/responder/responder.ts'
import { request } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'pxe-lab-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const day = 86_400_000

test.each([['forward', 3 * day], ['back', -3 * day]])('a clock that jumps %s', async (way, jump) => {
  let set = 0
  const told: UntimedEvent[] = []
  const [dhcp, tftp, bootServer] = await freePorts(3)
  const lab = labSchema.parse({
    interface: '127.0.0.1',
    mode: 'dhcp',
    allowOtherServers: true,
    tftp: { enabled: false },
    ports: { dhcp, tftp, bootServer },
    dhcp: { subnets: [{ subnet: '127.0.0.0/8', pools: [{ start: '127.9.0.1', end: '127.9.0.9' }] }] },
  })
  const settings = { lab, labFile: 'lab.yaml', bootFolder: root, stateFolder: join(root, 'state'), uploadFolder: undefined }
  const responder = new Responder({
    ...settings,
    tell: (event) => told.push(event),
    clocks: { wall: () => Date.now() + set, steady: () => performance.now() },
  })
  await responder.start()
  const client = createSocket('udp4')
  try {
    client.bind(0, '127.0.0.1')
    await once(client, 'listening')
    client.send(encodeDhcp(request({ type: 'request', requested: '127.9.0.1', server: '127.0.0.1' })), lab.ports.dhcp, '127.0.0.1')
    await once(client, 'message')
    const leftMs = (now: number): number => responder.leases[0]!.until - now
    const before = leftMs(Date.now())
    set = jump
    await vi.waitFor(() => expect(told).toContainEqual({ type: 'clock-jumped', milliseconds: expect.any(Number) }), 60_000)
    expect(responder.leases).toMatchObject([{ state: 'bound' }])
    // It has as long left as before, by the clock that is right now.
    expect(Math.abs(leftMs(Date.now() + set) - before)).toBeLessThan(6000)
    expect(told.map((one) => one.type)).not.toContain('lease-expired')
  } finally {
    client.close()
    await responder.stop()
  }
  // The next start, by the same clock, finds it as it was left.
  const next = new Responder({ ...settings, tell: () => {}, clocks: { wall: () => Date.now() + set, steady: () => performance.now() } })
  await next.start()
  expect(next.leases, way).toMatchObject([{ state: 'bound' }])
  await next.stop()
}) // prettier-ignore
