/** A responder whose process is there and does nothing: real processes, real signals, a lease that has to be there afterwards. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeEvent, type LabEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { decodeDhcp, encodeDhcp, messageTypeOf } from '#shared/wire/dhcp/message.ts'
import { ResponderRoom } from '../../src/main/backend/responder-room.ts'
import { ForkedResponder } from '../../src/main/responder-process/forked.ts'
import { request, type ClientRequest } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'

const client = { mac: '52:54:00:77:00:01' }
let root: string
let port: number
let room: ResponderRoom
let events: LabEvent[]
const patient = { timeout: 60_000, interval: 20 }

async function begin(giveUpMs: number): Promise<number> {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-hung-'))
  const [dhcp, tftp, bootServer] = await freePorts(3)
  port = dhcp!
  const lab = labSchema.parse({
    interface: '127.0.0.1',
    mode: 'dhcp',
    allowOtherServers: true,
    ports: { dhcp, tftp, bootServer },
    dhcp: { subnets: [{ subnet: '127.0.0.0/8', pools: [{ start: '127.9.0.1', end: '127.9.0.9' }] }] },
  })
  room = new ResponderRoom({
    source: new ForkedResponder(),
    prepare: () => Promise.resolve({ lab, labText: '', labFile: join(root, 'lab.yaml'), bootFolder: root, stateFolder: join(root, 'state'), uploadFolder: undefined }), // prettier-ignore
    onEvent: (event) => events.push(event),
    onObserved: () => {},
    onUnseen: () => {},
    onChange: () => {},
    heartbeat: { everyMs: 100, silentMs: 500, giveUpMs },
  })
  room.open()
  await room.start()
  expect(room.status.state).toBe('responding')
  return room.pid!
}

beforeEach(() => {
  events = []
})
afterEach(async () => {
  await room.close('the test ends')
  rmSync(root, { recursive: true, force: true })
})

async function ask(what: ClientRequest): Promise<number | undefined> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  try {
    socket.send(encodeDhcp(request(what)), port, '127.0.0.1')
    const [payload] = (await once(socket, 'message')) as [Buffer]
    return messageTypeOf(decodeDhcp(payload).message)
  } finally {
    socket.close()
  }
}
const told = (): string[] => events.map((event) => describeEvent(event).text).filter((text) => /^the responder (?!runs as root)/.test(text)) // prettier-ignore
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('stopped by a signal it is told as one that does not answer, then ended and started again, with its leases', async () => {
  const pid = await begin(1500)
  expect(await ask({ type: 'request', ...client, requested: '127.9.0.4', server: '127.0.0.1' })).toBe(5)
  process.kill(pid, 'SIGSTOP')
  await expect.poll(() => room.status.state, patient).toBe('silent')
  expect(room.status.detail).toMatch(/^The responder has not answered since \d\d:\d\d:\d\d, nor do machines get an answer; after 1\.5 s without an answer it is ended and started again, with its leases\.$/) // prettier-ignore
  expect(room.status.complaint).toMatchObject({ message: expect.stringMatching(`^the responder \\(process ${pid}\\) has not answered since `), about: 'responder' }) // prettier-ignore
  await expect.poll(() => room.status.state, patient).toBe('responding')
  expect(room.status.complaint).toBeNull()
  expect(isAlive(pid)).toBe(false)
  expect(room.pid).not.toBe(pid)
  expect((await room.leases()).map(({ address, state }) => [address, state])).toEqual([[0x7f090004, 'bound']])
  // The one who has it keeps it, and nobody else is given it.
  expect(await ask({ type: 'request', mac: '52:54:00:77:00:02', requested: '127.9.0.4', server: '127.0.0.1' })).toBe(6)
  expect(await ask({ type: 'request', ...client, requested: '127.9.0.4', server: '127.0.0.1' })).toBe(5)
  await expect.poll(() => told().at(-1), patient).toMatch(/goes on where it was after .*, with all its leases$/)
  expect(told()).toEqual([
    expect.stringMatching(/^the responder has not answered for .*: machines get no answer; after 1\.5 s it is ended and started again$/), // prettier-ignore
    expect.stringMatching(/^the responder ended unexpectedly \(it had not answered for .*\) and is started again in 250 ms$/), // prettier-ignore
    expect.stringMatching(/^the responder had ended unexpectedly \(it had not answered for .*\); it goes on/),
  ])
})

test('one that goes on by itself is told so, and is the same process', async () => {
  const pid = await begin(600_000)
  process.kill(pid, 'SIGSTOP')
  await expect.poll(() => room.status.state, patient).toBe('silent')
  process.kill(pid, 'SIGCONT')
  await expect.poll(() => room.status.state, patient).toBe('responding')
  expect(room.pid).toBe(pid)
  expect(told().at(-1)).toMatch(/^the responder answers again after /)
})

test('one that does not answer can be stopped, and started again', async () => {
  const pid = await begin(600_000)
  process.kill(pid, 'SIGSTOP')
  await expect.poll(() => room.status.state, patient).toBe('silent')
  await room.stop()
  expect(room.status).toMatchObject({ state: 'stopped', complaint: null })
  expect(isAlive(pid)).toBe(false)
  await room.start()
  expect(room.status.state).toBe('responding')
  expect(told().some((text) => text.includes('unexpectedly'))).toBe(false)
})

test('one that falls silent while it is to stop holds nobody up', async () => {
  const pid = await begin(600_000)
  process.kill(pid, 'SIGSTOP')
  await room.stop()
  expect(room.status.state).toBe('stopped')
  expect(isAlive(pid)).toBe(false)
})
