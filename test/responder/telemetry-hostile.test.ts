/** Receivers of webhooks that do whatever they like, and metrics of clients that call themselves what they like. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Verdict } from '#shared/contract/calls.ts'
import type { LabEvent } from '#shared/contract/events.ts'
import { firmwareName } from '#shared/trace/firmware.ts'
import { Delivery } from '../../src/main/telemetry/delivery.ts'
import { Metrics } from '../../src/main/telemetry/metrics.ts'
import { readExposition } from '../helpers/exposition.ts'

type Answer = (socket: Socket) => void

/** Does with each request what is next in its list, and otherwise answers 200; what it took is the items, by their numbers. */
class Hostile {
  readonly taken: number[] = []
  readonly sockets = new Set<Socket>()
  asked = 0
  answers: Answer[] = []
  readonly #server: Server = createServer((socket) => {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.sockets.delete(socket))
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const body = /\r\n\r\n\{"item":(\d+)\}$/.exec(text)
      if (!body) return
      text = ''
      this.asked++
      const answer = this.answers.shift()
      if (answer) return answer(socket)
      this.taken.push(Number(body[1]))
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  })
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }
  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

describe('a receiver that', () => {
  const receiver = { now: new Hostile() }
  let delivery: Delivery<number>
  let troubles: (string | undefined)[]
  const start = async (answers: Answer[], more: object = {}): Promise<void> => {
    receiver.now = new Hostile()
    receiver.now.answers = answers
    troubles = []
    delivery = new Delivery<number>({
      url: await receiver.now.open(),
      mostInRequest: 1,
      request: ([item]) => ({ body: JSON.stringify({ item }), headers: {} }),
      onTrouble: (one) => troubles.push(one),
      waitMs: 1,
      ...more,
    })
  }
  afterEach(async () => {
    await delivery.close()
    await receiver.now.close()
  })
  const reply =
    (head: string, body = ''): Answer =>
    (socket) =>
      void socket.write(`HTTP/1.1 ${head}\r\n\r\n${body}`)
  const all = (count: number) => vi.waitFor(() => expect(receiver.now.taken).toHaveLength(count), 60_000)

  test.each<[string, Answer, RegExp]>([
    ['never answers', () => {}, /cannot be reached \(it does not answer\)/],
    ['hangs up at once', (socket) => socket.destroy(), /cannot be reached \((UND_ERR_SOCKET|ECONNRESET)\)/],
    ['answers with a megabyte of headers', reply(`200 OK\r\nX: ${'x'.repeat(1 << 20)}`), /cannot be reached \((UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)\)/],
    ['sends early hints without end', (socket) => {
      const more = (): void => void (socket.destroyed || (socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), setTimeout(more, 1)))
      more()
    }, /cannot be reached \(/],
    ['speaks no HTTP', (socket) => socket.end('\u001b[2JSSH-2.0-x\r\n'), /cannot be reached \(/],
  ])('%s is asked again, and what waits gets through in order', async (_, answer, told) => {
    await start([answer, answer], { answerMs: 300 })
    for (const item of [1, 2, 3]) delivery.add(item)
    await all(3)
    expect(receiver.now.taken).toEqual([1, 2, 3])
    await vi.waitFor(() => expect(troubles).toEqual([expect.stringMatching(told), undefined]), 60_000)
    expect(delivery.lost).toBe(0)
  }) // prettier-ignore

  test('answers with a body that has no end is hung up on, and holds up nothing', async () => {
    const closed = Promise.withResolvers<void>()
    const endless: Answer = (socket) => {
      socket.once('close', () => closed.resolve())
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const more = (): void => void (socket.destroyed || socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`, more))
      more()
    }
    await start([endless])
    for (const item of [1, 2]) delivery.add(item)
    await closed.promise
    await all(1)
    expect(receiver.now.taken).toEqual([2])
    expect(troubles).toEqual([])
  })

  test('sends on in a circle is followed nowhere, and what it names is shown cut and in one line', async () => {
    await start(Array.from({ length: 30 }, (_, at) => reply(`302 Found\r\nLocation: /${at}/${'x'.repeat(3000)}%0a\r\nContent-Length: 0`))) // prettier-ignore
    for (let item = 0; item < 30; item++) delivery.add(item)
    await vi.waitFor(() => expect(delivery.lost).toBe(30), 60_000)
    expect(receiver.now.asked).toBe(30)
    expect(troubles).toHaveLength(1)
    expect(troubles[0]!.length).toBeLessThan(500)
  })

  test('calls its trouble something else each time is told of in one line for each kind; its words can do nothing', async () => {
    const texts = Array.from({ length: 200 }, (_, at) => reply(`400 bad ${at} ${'\u0085é'.repeat(at * 10)}\r\nContent-Length: 0`)) // prettier-ignore
    const statuses = Array.from({ length: 99 }, (_, at) => reply(`${401 + at} x${at}\r\nContent-Length: 0`))
    await start([...texts, ...statuses])
    for (let item = 0; item < 300; item++) delivery.add(item)
    await vi.waitFor(() => expect(receiver.now.answers.length).toBe(0), 60_000)
    await vi.waitFor(() => expect(receiver.now.taken.length + delivery.lost).toBe(300), 60_000)
    await vi.waitFor(() => expect(troubles.at(-1)).toBeUndefined(), 60_000)
    expect(troubles.length).toBeLessThan(20)
    for (const one of troubles) expect(one?.length ?? 0).toBeLessThan(400)
    for (const one of troubles) expect(one ?? '').not.toMatch(/[\p{Cc}\p{Zl}]/u)
  })

  test('fails and recovers all the time is told of once, and again when it is quiet no more', async () => {
    const busy = reply('503 x\r\nContent-Length: 0')
    const fine: Answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const flapping = Array.from({ length: 50 }, () => [busy, fine]).flat()
    await start([...flapping])
    for (let item = 0; item < 51; item++) delivery.add(item)
    await all(1)
    expect(troubles).toEqual([expect.stringContaining('503'), undefined])
    await delivery.close()
    await receiver.now.close()
    // A trouble that lasts is told when that time is over, however it began.
    await start([...flapping], { quietMs: 0 })
    for (let item = 0; item < 51; item++) delivery.add(item)
    await all(1)
    await vi.waitFor(() => expect(troubles).toHaveLength(100), 60_000)
  })

  test('says when to ask again is believed within bounds', async () => {
    await start([reply('503 x\r\nRetry-After: 0.0000001\r\nContent-Length: 0')], { waitMs: 40 })
    const startedAt = performance.now()
    delivery.add(1)
    await all(1)
    expect(performance.now() - startedAt).toBeGreaterThan(35)
  })

  test('does not answer holds up nobody who stops, and nothing is told of that', async () => {
    await start([() => {}])
    delivery.add(1)
    await vi.waitFor(() => expect(receiver.now.asked).toBe(1), 60_000)
    const [socket] = receiver.now.sockets
    const isHungUp = once(socket!, 'close')
    await delivery.close()
    await isHungUp
    expect(troubles).toEqual([])
  })
})

describe('metrics of a hostile network', () => {
  test('neither new series nor a broken line come of what clients call themselves', async () => {
    const metrics = new Metrics(async () => ({ bound: 1 }))
    const evil = (at: number): string => `a"} 1\n# TYPE x gauge\nx{y="\\${at}\u2028`
    const verdict = (more: Partial<Verdict>): Verdict => ({ mac: '52:54:00:00:00:01', startedAt: 1, lastAt: 2, outcome: 'failed', stage: 'failed', headline: '', code: null, causes: [], firmware: '', hostName: '', ...more }) // prettier-ignore
    for (let at = 0; at < 3000; at++) {
      const transfer = { id: evil(at), client: evil(at), file: evil(at), kind: 'https', size: 1, blockSize: 0, windowSize: 0, bytes: 1, retransmissions: 0 } as const // prettier-ignore
      const time = at
      const events: LabEvent[] = [
        { type: 'transfer-ended', transfer, outcome: 'failed', message: evil(at), durationMs: 1, time },
        { type: 'transfer-refused', client: evil(at), file: evil(at), reason: evil(at), protocol: 'http', time },
        { type: 'warning', message: evil(at), time },
      ]
      for (const event of events) metrics.hear(event)
      // The number of option 93 is whatever a client sends; the rest would be our own mistake.
      metrics.settled({ verdict: verdict({ mac: evil(at), hostName: evil(at), headline: evil(at), firmware: firmwareName('edk2', at), causes: [evil(at)] }), parts: [] }) // prettier-ignore
      metrics.settled({ verdict: verdict({ firmware: evil(at), code: evil(at) }), parts: [] })
    }
    const families = readExposition(await metrics.text())
    const boots = families.get('pxe_lab_boots_total')!.samples
    const firmware = new Set(boots.map((one) => one.labels.get('firmware')))
    expect(firmware).toContain('UEFI x64 (EDK2)')
    expect(firmware).toContain('another architecture (EDK2)')
    expect(firmware).toContain('other')
    expect(boots.length).toBeLessThan(300)
    expect(boots.reduce((sum, one) => sum + one.value, 0)).toBe(6000)
    expect([...families.values()].reduce((sum, one) => sum + one.samples.length, 0)).toBeLessThan(400)
    expect(families.get('pxe_lab_transfers_total')!.samples.map((one) => [...one.labels.values(), one.value])).toEqual([['https', 'failed', 3000], ['http', 'refused', 3000]]) // prettier-ignore
  })

  test.each([
    ['x 1', 'has no end'],
    ['# TYPE x gauge\nx{a="b\\q"} 1\n', 'no sample'],
    ['# TYPE x gauge\nx 1\nx 2\n', 'the same series twice'],
    ['# TYPE x gauge\nx 1\n# TYPE y gauge\ny 1\nx{a="b"} 2\n', 'a family stands in two places'],
    ['# TYPE x counter\nx -1\n', 'a counter below zero'],
    ['x 1\n', 'no family'],
    ['# TYPE x histogram\nx_bucket{le="1"} 2\nx_bucket{le="+Inf"} 1\nx_sum 1\nx_count 1\n', 'out of order'],
  ])('the reader of the test refuses %j', (text, why) => {
    expect(() => readExposition(text)).toThrow(why)
  })
})
