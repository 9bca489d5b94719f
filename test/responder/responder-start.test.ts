/** How a responder starts on what it finds in its state folder, and how it does not where it is stopped meanwhile. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UntimedEvent } from '#shared/contract/events.ts'
import { labSchema, type LabInput } from '#shared/lab/lab.ts'
import { bootFileOf, decodeDhcp, encodeDhcp } from '#shared/wire/dhcp/message.ts'
import { Backend } from '../../src/main/backend/backend.ts'
import { Responder } from '../../src/main/responder/responder.ts'
import { StartError } from '../../src/main/responder/start-error.ts'
import { pxe, request } from '../helpers/dhcp.ts'
import { freePorts } from '../helpers/free-ports.ts'
import { InProcessResponder } from '../helpers/in-process-responder.ts'

let root: string
let ports: { dhcp: number; tftp: number; bootServer: number }
let told: UntimedEvent[]
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pxe-lab-start-'))
  const [dhcp, tftp, bootServer] = await freePorts(3)
  ports = { dhcp: dhcp!, tftp: tftp!, bootServer: bootServer! }
  told = []
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const responderFor = (more: Partial<LabInput>): Responder => {
  const lab = labSchema.parse({ interface: '127.0.0.1', mode: 'boot-server', ports, ...more })
  return new Responder({ lab, labFile: 'lab.yaml', bootFolder: root, stateFolder: join(root, 'state'), uploadFolder: undefined, tell: (event) => told.push(event) }) // prettier-ignore
}
const isFree = async (port: number): Promise<boolean> => {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  try {
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

describe('approvals in the state folder', () => {
  const approved = {
    request: 7,
    mac: '52:54:00:00:00:01',
    vendorClass: 'PXEClient',
    file: 'boot.efi',
    since: 5,
    state: 'approved',
    name: 'pc',
    isRemembered: true,
  }
  const path = (): string => join(root, 'state/approvals.json')
  const wds = { role: 'wds', wds: { approve: true } } as Partial<LabInput>
  const started = async (content: string, more = wds): Promise<{ requests: unknown; warnings: string[] }> => {
    mkdirSync(join(root, 'state'), { recursive: true })
    writeFileSync(path(), content)
    const responder = responderFor(more)
    await responder.start()
    const { requests } = responder
    await responder.stop()
    return { requests, warnings: told.flatMap((one) => (one.type === 'warning' ? [one.message] : [])).filter((one) => one.includes('approvals')) } // prettier-ignore
  }

  test('are those that it goes on with, without a word', async () => {
    expect(await started(JSON.stringify([approved]))).toMatchObject({ requests: [approved], warnings: [] })
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual([approved])
  })

  test('that are damaged are told, and it begins with none', async () => {
    expect(await started('[{')).toEqual({ requests: [], warnings: [`the list of approvals ${path()} begins anew: it is damaged`] }) // prettier-ignore
  })

  test('hold what was decided over a restart, in a lab that answers as WDS does', async () => {
    const ask = async (): Promise<void> => {
      const client = createSocket('udp4').bind(0, '127.0.0.1')
      await once(client, 'listening')
      client.send(
        encodeDhcp(request({ type: 'request', ciaddr: '127.0.0.1', ...pxe(7) })),
        ports.bootServer,
        '127.0.0.1',
      )
      const [answer] = (await once(client, 'message')) as [Buffer]
      client.close()
      expect(bootFileOf(decodeDhcp(answer).message)).toMatch(/wdsmgfw\.efi$/)
    }
    const pending = { ...approved, request: 1, state: 'pending', name: '', isRemembered: false }
    mkdirSync(join(root, 'state'))
    writeFileSync(path(), JSON.stringify([pending]))
    const first = responderFor(wds)
    await first.start()
    await ask()
    expect(first.decide(1, { state: 'approved', name: 'pc', remember: true })).toMatchObject({ state: 'approved' })
    expect(first.decide(2, { state: 'approved' })).toBeUndefined()
    await first.stop()
    const second = responderFor(wds)
    await second.start()
    expect(second.requests).toMatchObject([{ ...pending, state: 'approved', name: 'pc', isRemembered: true }])
    expect([second.forgetRequest(1), second.forgetRequest(1)]).toEqual([true, false])
    await second.stop()
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual([])
  })

  test('are nothing to a lab that approves nobody', async () => {
    expect(await started('[{', { role: 'wds' })).toEqual({ requests: [], warnings: [] })
    expect(await started('[{', {})).toEqual({ requests: [], warnings: [] })
  })
})

test('a page is told the requests that wait first, then by their numbers', async () => {
  mkdirSync(join(root, 'state'))
  const one = (number: number, state: string) => ({ request: number, mac: `52:54:00:00:00:0${number}`, architecture: 7, since: 5, state, name: '', isRemembered: true }) // prettier-ignore
  const kept = [one(5, 'approved'), one(4, 'pending'), one(1, 'refused'), one(2, 'pending'), one(3, 'approved')]
  writeFileSync(join(root, 'state/approvals.json'), JSON.stringify(kept))
  const lab = {
    interface: '127.0.0.1',
    mode: 'boot-server',
    ports,
    state: './state',
    role: 'wds',
    wds: { approve: true },
  }
  writeFileSync(join(root, 'lab.yaml'), JSON.stringify(lab))
  mkdirSync(join(root, 'boot'))
  const backend = new Backend(join(root, 'lab.yaml'), new InProcessResponder())
  await backend.open()
  await backend.handlers['responder.start']({})
  const numbers = async (): Promise<number[]> => (await backend.handlers['approvals.list']({})).map(({ request: number }) => number) // prettier-ignore
  expect(await numbers()).toEqual([2, 4, 1, 3, 5])
  expect((await backend.handlers['approvals.list']({}))[0]).toMatchObject({ mac: '52:54:00:00:00:02', uuid: null, architecture: expect.stringMatching(/UEFI/) }) // prettier-ignore
  await backend.handlers['approvals.decide']({ request: 2, verdict: 'refuse' })
  expect(await numbers()).toEqual([4, 1, 2, 3, 5])
  await backend.close()
})

test('stopped at whatever turn of its start, it ends with no port open, and never says that it is ready after that', async () => {
  let cancelled = 0
  for (const turns of [0, 1, 2, 3, 5, 8, 13, 50, Infinity]) {
    told.splice(0)
    const responder = responderFor({ mode: 'dhcp', allowOtherServers: true, dhcp: { subnets: [{ subnet: '127.0.0.0/8', pools: [{ start: '127.9.0.1', end: '127.9.0.9' }] }] } }) // prettier-ignore
    const start = responder.start().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (turns === Infinity) await start
    else for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    const isReady = told.some(({ type }) => type === 'ready')
    await responder.stop()
    const error = await start
    const types = told.map(({ type }) => type)
    if (isReady || turns === Infinity) expect([error, types.at(-1)]).toEqual([undefined, 'stopped'])
    else {
      expect(error, `after ${turns} turns`).toBeInstanceOf(StartError)
      expect((error as StartError).problem).toEqual({ kind: 'cancelled' })
      expect(types).not.toContain('ready')
      expect(types).not.toContain('stopped')
      cancelled++
    }
    for (const port of Object.values(ports)) expect(await isFree(port), `port ${port} after ${turns} turns`).toBe(true)
  }
  expect(cancelled).toBeGreaterThan(2)
})
