/** What a lab tells other systems: metrics, traces to a receiver that is away or refuses, and a log that something else rotates. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Verdict } from '#shared/contract/calls.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import { labSchema } from '#shared/lab/lab.ts'
import type { SettledBoot } from '../../src/main/observe/verdict.ts'
import { OtlpExporter } from '../../src/main/telemetry/otlp-exporter.ts'
import { traceRequestOf, type TraceRequest } from '../../src/main/telemetry/otlp-trace.ts'
import { Webhooks, type WebhookPost } from '../../src/main/telemetry/webhooks.ts'
import { leaseCountsOf, Telemetry } from '../../src/main/telemetry/telemetry.ts'

const startedAt = 1_795_680_000_123
const boot = (mac: string, outcome: SettledBoot['verdict']['outcome'] = 'failed'): SettledBoot => ({
  verdict: { mac, startedAt, lastAt: startedAt + 8500, outcome, stage: 'failed', headline: 'Boot file not found (PXE-E23)', code: 'PXE-E23', causes: ['The file is not there.'], firmware: 'UEFI (EDK2)', hostName: 'bench-7' },
  parts: [
    { name: 'discover', title: 'DISCOVER', state: 'done', startedAt, endedAt: startedAt + 1000 },
    { name: 'file', title: 'File 1: boot.efi', state: 'failed', startedAt: startedAt + 2000.25, endedAt: startedAt + 8500 },
  ],
}) // prettier-ignore

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pxe-lab-telemetry-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a boot is a trace: its rounds and files are spans below it, in the JSON form of OTLP', () => {
  const request = traceRequestOf([boot('52:54:00:00:00:01')], { version: '1.2.3', hostName: 'bench' })
  const [root, ...parts] = request.resourceSpans[0].scopeSpans[0].spans
  expect(root).toMatchObject({
    name: 'boot',
    startTimeUnixNano: '1795680000123000000',
    endTimeUnixNano: '1795680008623000000',
    status: { code: 2, message: 'Boot file not found (PXE-E23)' },
  })
  expect(root!.traceId).toMatch(/^[0-9a-f]{32}$/)
  for (const one of [root!, ...parts]) expect(one.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(new Set([root!, ...parts].map((one) => one.spanId)).size).toBe(3)
  expect(parts.map((one) => [one.name, one.parentSpanId, one.traceId, one.startTimeUnixNano, one.status.code])).toEqual(
    [
      ['DISCOVER', root!.spanId, root!.traceId, '1795680000123000000', 1],
      ['File 1: boot.efi', root!.spanId, root!.traceId, '1795680002123250000', 2],
    ],
  )
  expect(root!.attributes).toContainEqual({ key: 'pxe.client.mac', value: { stringValue: '52:54:00:00:00:01' } })
  expect(traceRequestOf([boot('52:54:00:00:00:01')], { version: '1.2.3', hostName: 'bench' })).toEqual(request)
})

const settings = (telemetry: object) => labSchema.parse({ interface: 'eth0', telemetry }).telemetry

/** A receiver of OTLP: answers with the statuses it is given in turn, then with 200. */
class Receiver {
  readonly taken: TraceRequest[] = []
  readonly asked: IncomingMessage[] = []
  statuses: number[] = []
  readonly #onBody: (body: string) => void
  constructor(onBody: (body: string) => void = () => {}) {
    this.#onBody = onBody
  }
  readonly #server: Server = createServer((request, response) => {
    this.asked.push(request)
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const status = this.statuses.shift() ?? 200
      this.#onBody(Buffer.concat(pieces).toString())
      if (status === 200) this.taken.push(JSON.parse(Buffer.concat(pieces).toString()) as TraceRequest)
      const location = status >= 300 && status < 400 ? { location: '/elsewhere' } : {}
      response.writeHead(status, { 'content-type': 'application/json', ...location }).end('{"partialSuccess":{}}')
    })
  })
  async open(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }
  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
  get macs(): string[] {
    return this.taken.flatMap((one) => one.resourceSpans[0].scopeSpans[0].spans).flatMap((span) => span.attributes.filter(({ key }) => key === 'pxe.client.mac').map(({ value }) => value.stringValue)) // prettier-ignore
  }
}

describe('the exporter', () => {
  let receiver: Receiver
  let exporter: OtlpExporter
  const troubles: (string | undefined)[] = []
  const start = (port: number): OtlpExporter =>
    (exporter = new OtlpExporter({ target: { url: `http://127.0.0.1:${port}/otlp`, headers: { authorization: 'Basic x' } }, version: '1', hostName: 'bench', waitMs: 20, onTrouble: (one) => troubles.push(one) })) // prettier-ignore
  beforeEach(() => {
    receiver = new Receiver()
    troubles.length = 0
  })
  afterEach(async () => {
    await exporter.close()
    await receiver.close()
  })

  test('posts to v1/traces below the address, with the headers of the lab file', async () => {
    start(await receiver.open()).add(boot('52:54:00:00:00:01'))
    await vi.waitFor(() => expect(receiver.macs).toEqual(['52:54:00:00:00:01']), 60_000)
    expect(receiver.asked[0]).toMatchObject({ url: '/otlp/v1/traces', method: 'POST', headers: { authorization: 'Basic x', 'content-type': 'application/json' } }) // prettier-ignore
    expect(troubles).toEqual([])
  })

  test.each([429, 502, 503, 504])('after %i it sends the same again, in order, and tells of the trouble once', async (status) => {
    receiver.statuses = [status, status]
    start(await receiver.open())
    for (const at of [1, 2, 3]) exporter.add(boot(`52:54:00:00:00:0${at}`))
    await vi.waitFor(() => expect(receiver.macs).toHaveLength(3), 60_000)
    expect(receiver.macs).toEqual(['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'])
    await vi.waitFor(() => expect(troubles).toEqual([expect.stringContaining(`answers ${status}`), undefined]), 60_000)
  }) // prettier-ignore

  test('what is refused for good is dropped and counted, and holds up nothing', async () => {
    receiver.statuses = [400]
    start(await receiver.open()).add(boot('52:54:00:00:00:01'))
    await vi.waitFor(() => expect(exporter.lost).toBe(1), 60_000)
    exporter.add(boot('52:54:00:00:00:02'))
    await vi.waitFor(() => expect(receiver.macs).toEqual(['52:54:00:00:00:02']), 60_000)
  })

  test('a redirection is not followed, and told with the address to write after what was told before it', async () => {
    receiver.statuses = [503, 503, 302]
    const port = await receiver.open()
    start(port).add(boot('52:54:00:00:00:01'))
    await vi.waitFor(() => expect(exporter.lost).toBe(1), 60_000)
    expect(troubles).toEqual([expect.stringContaining('answers 503'), `http://127.0.0.1:${port}/otlp/v1/traces answers 302 and sends it on to http://127.0.0.1:${port}/elsewhere, which is not followed: write that address instead`]) // prettier-ignore
    exporter.add(boot('52:54:00:00:00:02'))
    await vi.waitFor(() => expect(receiver.macs).toEqual(['52:54:00:00:00:02']), 60_000)
    expect(receiver.asked.every(({ url }) => url === '/otlp/v1/traces')).toBe(true)
  })

  test('a receiver that is away is waited for; what waits is bounded, and the oldest goes', async () => {
    const port = await receiver.open()
    await receiver.close()
    start(port)
    for (let at = 0; at < 5010; at++) exporter.add(boot(`machine ${at}`))
    expect(exporter.lost).toBe(10)
    await vi.waitFor(() => expect(troubles).toEqual([expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/)]), 60_000) // prettier-ignore
    receiver = new Receiver()
    await receiver.open(port)
    await vi.waitFor(() => expect(receiver.macs).toHaveLength(5000), 60_000)
    expect(receiver.macs[0]).toBe('machine 10')
  })
})

describe('webhooks', () => {
  let receiver: Receiver
  let hooks: Webhooks
  const bodies: string[] = []
  const warnings: string[] = []
  const start = async (...more: object[]): Promise<void> => {
    const url = `http://127.0.0.1:${await receiver.open()}/hook`
    hooks = new Webhooks({ settings: settings({ webhooks: more.map((one) => ({ url, ...one })) }).webhooks, lab: 'bench', warn: (text) => warnings.push(text), waitMs: 20 }) // prettier-ignore
  }
  beforeEach(() => {
    receiver = new Receiver((body) => bodies.push(body))
    for (const list of [bodies, warnings]) list.length = 0
  })
  afterEach(async () => {
    await hooks.close()
    await receiver.close()
  })
  const told = () => bodies.map((body) => JSON.parse(body) as WebhookPost)
  const verdict = (outcome: Verdict['outcome'], more: Partial<Verdict> = {}): Verdict => ({ ...boot('52:54:00:00:00:01', outcome).verdict, stage: 'offered', ...more }) // prettier-ignore

  test('each state of a boot is told once, in order; a boot that fails and goes on, both', async () => {
    await start({})
    const states = [verdict('waiting'), verdict('waiting'), verdict('waiting', { stage: 'approval' }), verdict('waiting', { stage: 'approval' }), verdict('waiting'), verdict('failed'), verdict('failed', { headline: 'more is known' }), verdict('loaded'), verdict('started'), verdict('started', { startedAt: startedAt + 60_000 })] // prettier-ignore
    for (const one of states) hooks.judged(one)
    await vi.waitFor(() => expect(told().map((one) => one.event)).toEqual(['started', 'waiting', 'failed', 'booted', 'started', 'booted']), 60_000) // prettier-ignore
    expect(told()[2]).toEqual({
      version: 1,
      event: 'failed',
      lab: 'bench',
      time: '2026-11-26T08:00:08.623Z',
      boot: { mac: '52:54:00:00:00:01', hostName: 'bench-7', firmware: 'UEFI (EDK2)', startedAt: '2026-11-26T08:00:00.123Z', headline: 'Boot file not found (PXE-E23)', code: 'PXE-E23', causes: ['The file is not there.'] },
    }) // prettier-ignore
  })

  test('a boot that is judged again when the next one has begun is not told again', async () => {
    await start({})
    const next = { startedAt: startedAt + 60_000 }
    const more = { headline: 'more is known' }
    for (const one of [verdict('waiting'), verdict('failed'), verdict('waiting', next), verdict('failed', more), verdict('waiting', next), verdict('loaded'), verdict('failed', next)]) hooks.judged(one) // prettier-ignore
    await vi.waitFor(() => expect(told().map((one) => one.event)).toEqual(['started', 'failed', 'started', 'booted', 'failed']), 60_000) // prettier-ignore
    expect(new Set(told().map(({ event, boot: { startedAt: at } }) => `${event} ${at}`)).size).toBe(5)
  })

  test('each address is told what it asked for, signed with its secret', async () => {
    await start(
      { events: ['failed'], secret: 'geheim', headers: { authorization: 'Bearer x' } },
      { events: ['booted'] },
    )
    for (const one of [verdict('failed'), verdict('started')]) hooks.judged(one)
    await vi.waitFor(() => expect(bodies).toHaveLength(2), 60_000)
    const signed = receiver.asked.filter(({ headers }) => headers['x-pxe-lab-signature'] !== undefined)
    expect(signed).toHaveLength(1)
    const body = bodies.find((one) => one.includes('"event":"failed"'))!
    expect(signed[0]!.headers).toMatchObject({ authorization: 'Bearer x', 'x-pxe-lab-signature': `sha256=${createHmac('sha256', 'geheim').update(body).digest('hex')}` }) // prettier-ignore
  })

  test('what is no boot is not told: questions of the lab itself, and machines that ask for an address alone', async () => {
    await start({})
    for (const outcome of ['check', 'idle', 'address'] as const) hooks.judged(verdict(outcome))
    hooks.judged(verdict('failed', { mac: '52:54:00:00:00:02' }))
    await vi.waitFor(() => expect(told().map((one) => one.boot.mac)).toEqual(['52:54:00:00:00:02', '52:54:00:00:00:02']), 60_000) // prettier-ignore
  })

  test('a receiver that is busy is told later, and the trouble once', async () => {
    receiver.statuses = [503]
    await start({ events: ['failed'] })
    hooks.judged(verdict('failed'))
    await vi.waitFor(() => expect(bodies).toHaveLength(2), 60_000)
    await vi.waitFor(() => expect(warnings).toEqual([expect.stringMatching(/^a webhook is not told of boots: .* answers 503 .*Check telemetry\.webhooks\.$/), expect.stringMatching(/is told of boots again\.$/)]), 60_000) // prettier-ignore
  })
})

const event = (message: string): LabEvent => ({ type: 'warning', message, time: startedAt })

describe('the telemetry of a lab', () => {
  const warnings: string[] = []
  let telemetry: Telemetry
  const open = async (of: object): Promise<Telemetry> => {
    warnings.length = 0
    telemetry = new Telemetry({ settings: settings(of), resolve: (file) => join(folder, file), leases: async () => leaseCountsOf([{ state: 'bound' }, { state: 'bound' }, { state: 'offered' }]), warn: (text) => warnings.push(text) }) // prettier-ignore
    await telemetry.open()
    return telemetry
  }
  afterEach(() => telemetry.close())
  const read = () => readFileSync(join(folder, 'lab.jsonl'), 'utf8')

  test('metrics: counters of boots, transfers and events, and leases as they are now', async () => {
    const free = new Receiver()
    const port = await free.open()
    await free.close()
    await open({ prometheus: { port } })
    telemetry.hear({ type: 'ready', mode: 'dhcp', ports: [], time: startedAt })
    const transfer = { id: '1', client: '10.0.0.2', file: 'a', kind: 'read', size: 10, blockSize: 512, windowSize: 1, bytes: 1234, retransmissions: 2 } as const // prettier-ignore
    telemetry.hear({ type: 'transfer-progress', transfer, time: startedAt })
    telemetry.hear({ type: 'transfer-ended', transfer, outcome: 'completed', message: '', durationMs: 700, time: startedAt }) // prettier-ignore
    telemetry.settled(boot('52:54:00:00:00:01'))
    for (const outcome of ['check', 'idle', 'address'] as const) telemetry.settled(boot('52:54:00:00:00:02', outcome))
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    for (const line of [
      'pxe_lab_responder_up 1',
      'pxe_lab_boots_total{outcome="failed",firmware="UEFI (EDK2)",code="PXE-E23"} 1',
      'pxe_lab_boot_duration_seconds_bucket{le="10",outcome="failed"} 1',
      'pxe_lab_boot_duration_seconds_bucket{le="5",outcome="failed"} 0',
      'pxe_lab_transfers_total{protocol="tftp",outcome="completed"} 1',
      'pxe_lab_transfer_bytes_total{protocol="tftp"} 1234',
      'pxe_lab_transfer_retransmissions_total{protocol="tftp"} 2',
      'pxe_lab_leases{state="bound"} 2',
      'pxe_lab_leases{state="offered"} 1',
    ])
      expect(text.split('\n')).toContain(line)
    expect(text).not.toContain('transfer-progress')
    expect(text.match(/^pxe_lab_boots_total/gm)).toHaveLength(1)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(405)
  })

  test('a port that is taken is told, and everything else goes on', async () => {
    const taken = new Receiver()
    const port = await taken.open()
    await open({ prometheus: { port }, log: 'lab.jsonl' })
    expect(warnings).toEqual([expect.stringMatching(/cannot be read from 127\.0\.0\.1 port \d+ \(EADDRINUSE\)\. Choose another/)]) // prettier-ignore
    telemetry.hear(event('a'))
    await telemetry.close()
    expect(read()).toContain('"text":"a"')
    await taken.close()
  })

  test('the log is a line of JSON for each event, goes on in a new file after a rotation, and follows no link', async () => {
    await open({ log: 'lab.jsonl' })
    telemetry.hear(event('one\nline\u{1b}[31m'))
    await vi.waitFor(() => expect(read()).not.toBe(''), 60_000)
    const [line, rest] = read().split('\n')
    expect(rest).toBe('')
    expect(line).not.toContain('\u{1b}')
    expect(JSON.parse(line!)).toMatchObject({ time: '2026-11-26T08:00:00.123Z', level: 'warn', type: 'warning', message: 'one\nline\u{1b}[31m' }) // prettier-ignore
    renameSync(join(folder, 'lab.jsonl'), join(folder, 'lab.jsonl.1'))
    telemetry.hear(event('two'))
    await vi.waitFor(() => expect(read()).toContain('two'), 60_000)
    rmSync(join(folder, 'lab.jsonl'))
    writeFileSync(join(folder, 'elsewhere'), '')
    if (process.platform === 'win32') return
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'lab.jsonl'))
    telemetry.hear(event('three'))
    await vi.waitFor(() => expect(warnings).toHaveLength(1), 60_000)
    expect(warnings[0]).toMatch(/lab\.jsonl cannot be written/)
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('')
    rmSync(join(folder, 'lab.jsonl'))
    telemetry.hear(event('four'))
    await vi.waitFor(() => expect(warnings).toHaveLength(2), 60_000)
    expect(warnings[1]).toMatch(/is written again; 1 events are not in it/)
    expect(read()).toMatch(/four/)
  })
})

test.each([
  [{ prometheus: { port: 0 } }, 'prometheus.port'],
  [{ prometheus: { address: 'here' } }, 'prometheus.address'],
  [{ otlp: { url: 'ftp://x' } }, 'otlp.url'],
  [{ otlp: {} }, 'otlp.url'],
  [{ log: '' }, 'log'],
])('telemetry of %j is refused at %s', (telemetry, place) => {
  const { error } = labSchema.safeParse({ interface: 'eth0', telemetry })
  const paths = JSON.stringify(error?.issues)
  expect(paths).toContain(place.split('.').at(-1))
})
