/**
 * Kea's HTTP control channel without a control agent (from 2.7.2 on, the only one from 3.2 on) is in no package here. What stands in for
 * it is a double of what the Kea Administrator Reference Manual documents ("Management API", "HTTP Control Socket"): a list of one reply,
 * errors 401 and 403 apart, `control-sockets`, configuration hashes, and the class keywords of 2.7.4. The channel itself is real HTTP and TLS.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineStatus, UntimedEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { KeaServer } from '#shared/lab/engine.ts'
import { objectsIn, type KeaCommand } from '#shared/kea/control.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { openKeaChannel } from '../../src/main/engine/kea-channel.ts'
import { KeaControl } from '../../src/main/engine/kea-control.ts'
import { KeaEngine } from '../../src/main/engine/kea-engine.ts'
import { ownCertificate } from '../../src/main/web/certificate.ts'
import { KeaModel } from '../helpers/kea-model.ts'

const room = { timeout: 60_000, interval: 10 }
let folder: string
const servers: Server[] = []
const closing: (() => Promise<void>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-kea-http-'))
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

const model = (): KeaModel => new KeaModel({ 'control-sockets': [{ 'socket-type': 'http' }], subnet4: [{ id: 1, subnet: '10.0.0.0/24' }] }, { version: '3.0.1', hasHash: true }) // prettier-ignore

/** Basic authentication of `lab` with `pass:word`, or none. */
const answering =
  (kea: KeaModel, heard: string[], isGuarded = false): RequestListener =>
  (request, response) => {
    if (isGuarded && request.headers.authorization !== `Basic ${Buffer.from('lab:pass:word').toString('base64')}`) {
      response.writeHead(401).end('[ { "result": 401, "text": "Unauthorized" } ]')
      return
    }
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      heard.push(text)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify([kea.answer(JSON.parse(text) as KeaCommand)]))
    })
  }

async function listening(server: Server, port = 0): Promise<number> {
  servers.push(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const lab = labSchema.parse({ interface: 'lo', mode: 'boot-server', engine: { kea: { servers: [{ socket: '/x' }] } }, boot: { programs: [{ architecture: 'bios', file: 'a.kpxe' }, { subnet: '10.0.0.0/24', file: 'b.efi' }] } }) // prettier-ignore
const engineLab = { lab, addresses: [parseIpv4('10.0.0.1')!] }
const controlOf = (server: KeaServer): KeaControl =>
  new KeaControl(openKeaChannel({ server, resolve: (path) => join(folder, path), timeoutMs: 5000 }), { engine: lab.engine!, resolve: (path) => path, stateFolder: folder }) // prettier-ignore

describe('the HTTP control channel of Kea 3 (a double built from its manual)', () => {
  test('over HTTP: no service is named, classes have the new keywords, and undo leaves nothing', async () => {
    const kea = model()
    const before = structuredClone(kea.dhcp4)
    const heard: string[] = []
    const port = await listening(createHttp(answering(kea, heard)))
    const control = controlOf({ url: `http://127.0.0.1:${port}/` })
    const done = await control.apply(engineLab)
    expect(done).toMatchObject({ isChanged: true, version: '3.0.1', overtakenBy: [] })
    expect(heard.some((text) => text.includes('"service"'))).toBe(false)
    expect(heard.some((text) => text.includes('config-hash-get'))).toBe(true)
    expect(objectsIn(kea.dhcp4['subnet4'])[0]).toHaveProperty('evaluate-additional-classes')
    expect((await control.undo()).isChanged).toBe(true)
    expect(kea.dhcp4).toEqual(before)
  })

  test('over HTTPS: trusted by fingerprint, else by nobody; the password is right or it is told', async () => {
    const { key, certificate: cert, fingerprint } = await ownCertificate(join(folder, 'tls'), ['127.0.0.1'])
    const port = await listening(createHttps({ key, cert }, answering(model(), [], true)))
    const url = `https://127.0.0.1:${port}/`
    writeFileSync(join(folder, 'password'), 'pass:word\n')
    const known = { url, user: 'lab', passwordFile: 'password' }
    await expect(controlOf(known).plan(engineLab)).rejects.toThrow(/is not trusted/)
    await expect(controlOf({ url, fingerprint }).plan(engineLab)).rejects.toThrow(/lets us not in \(HTTP 401\)/)
    const control = controlOf({ ...known, fingerprint })
    expect(await control.plan(engineLab)).toMatchObject({ version: '3.0.1', isInPlace: false })
    control.close()
    await expect(controlOf({ ...known, passwordFile: 'absent', fingerprint }).plan(engineLab)).rejects.toThrow(/passwordFile absent .* cannot be read \(ENOENT\)/) // prettier-ignore
  })

  test('lost and found: told once, asked again, and never well meanwhile', async () => {
    const kea = model()
    const first = createHttp(answering(kea, []))
    const port = await listening(first)
    const told: UntimedEvent[] = []
    const states: EngineStatus['state'][] = []
    const engine = new KeaEngine({
      controls: [controlOf({ url: `http://127.0.0.1:${port}/` })],
      lab: () => engineLab,
      tell: (event) => void told.push(event),
      onStatus: () => void states.push(engine.status[0]!.state),
      limits: { pollMs: 10, configurationMs: 10, firstPauseMs: 10, longestPauseMs: 40 },
    })
    closing.push(() => engine.stop())
    engine.start()
    const state = (): string => engine.status[0]!.state
    await vi.waitUntil(() => state() === 'well', room)
    const closed = new Promise((resolve) => first.close(resolve))
    // A question that was on its way may still have been answered.
    const cutting = setInterval(() => first.closeAllConnections(), 5)
    await closed
    clearInterval(cutting)
    await vi.waitUntil(() => state() === 'lost', room)
    const before = states.length
    const lost = (): number => told.filter(({ type }) => type === 'engine-lost').length
    const toldBefore = lost()
    expect(toldBefore).toBeGreaterThan(0)
    // Several more questions go unanswered, and are not told again.
    await vi.waitUntil(() => states.length > before + 3, room)
    expect(lost()).toBe(toldBefore)
    expect(states.slice(before)).not.toContain('well')
    await listening(createHttp(answering(kea, [])), port)
    await vi.waitUntil(() => state() === 'well', room)
    expect(told.map(({ type }) => type)).toContain('engine-back')
    kea.dhcp4 = { subnet4: [] }
    await vi.waitUntil(() => state() === 'without-classes', room)
    expect(told.findLast(({ type }) => type === 'engine-changed')).toMatchObject({ hasClasses: false })
  })
})
