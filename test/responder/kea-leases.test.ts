/** Leases of Kea freed and given back through control sockets, where one server of a pair is away. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labSchema } from '#shared/lab/lab.ts'
import type { JsonObject } from '#shared/kea/control.ts'
import { EngineRoom } from '../../src/main/backend/engine-room.ts'

let folder: string
let server: Server
let leases: JsonObject[]
const address = '10.77.1.5'
const lease: JsonObject = { 'ip-address': address, 'hw-address': '52:54:00:77:00:01', 'subnet-id': 1, cltt: Math.floor(Date.now() / 1000), 'valid-lft': 3600, state: 0 } // prettier-ignore

const answer = (command: string, given: JsonObject): { result: number; arguments?: JsonObject } => {
  const found = leases.find((one) => one['ip-address'] === given['ip-address'])
  switch (command) {
    case 'lease4-get':
      return found ? { result: 0, arguments: found } : { result: 3 }
    case 'lease4-del':
      leases = leases.filter((one) => one !== found)
      return { result: found ? 0 : 3 }
    case 'lease4-get-by-hw-address':
      return { result: 3, arguments: { leases: [] } }
    default:
      leases = [...leases, given]
      return { result: 0 }
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-kea-leases-'))
  leases = [lease]
  server = createServer((socket) => {
    socket.on('data', (text) => {
      const { command, arguments: given = {} } = JSON.parse(text.toString()) as { command: string; arguments?: JsonObject } // prettier-ignore
      socket.end(JSON.stringify({ text: '', ...answer(command, given) }))
    })
  }).listen(join(folder, 'here'))
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const roomWith = (...names: string[]): EngineRoom => {
  const lab = labSchema.parse({
    interface: 'lo',
    mode: 'boot-server',
    boot: { nextServer: '10.77.0.1' },
    engine: { kea: { servers: names.map((name) => ({ socket: join(folder, name) })) } },
  })
  return new EngineRoom({ lab: () => ({ lab, resolve: (path) => path, stateFolder: folder }), nameOf: () => undefined })
}

test.each([['here', 'away'], ['away', 'here']])('a lease is freed where it is, and given back, with servers %s and %s', async (...names) => {
  const room = roomWith(...names)
  await room.free(address)
  expect(leases).toEqual([])
  await expect(room.free(address)).rejects.toThrow(`Kea has no lease on ${address} any more`)
  await room.restore(address)
  expect(leases).toMatchObject([{ 'ip-address': address, 'hw-address': lease['hw-address'] }])
  await expect(room.restore(address)).rejects.toThrow('cannot be given back')
}) // prettier-ignore

test('where no server answers that is told, and nothing is called freed', async () => {
  const room = roomWith('away')
  await expect(room.free(address)).rejects.toThrow('Kea does not answer at')
  await expect(room.restore(address)).rejects.toThrow('cannot be given back')
})
