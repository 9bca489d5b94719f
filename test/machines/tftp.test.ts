import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTftp, encodeTftp, type TftpOption } from '#shared/wire/tftp.ts'
import { TftpAdmission } from '#shared/machines/tftp-server/admission.ts'
import { NetasciiReader, NetasciiSource, netasciiStarts, toNetascii } from '#shared/machines/tftp-server/netascii.ts'
import { negotiate, type TftpAgreement } from '#shared/machines/tftp-server/negotiation.ts'
import { ReadTransfer, type BlockSource, type TransferEnd } from '#shared/machines/tftp-server/read-transfer.ts'
import { defaultUnanswered } from '#shared/machines/tftp-server/retransmission.ts'
import { parsePortRange } from '#shared/lab/lab.ts'
import { PortPool } from '../../src/main/responder/tftp/port-pool.ts'
import { WriteTransfer } from '#shared/machines/tftp-server/write-transfer.ts'

const limits = { maxBlockSize: 1468, maxWindowSize: 64, mtu: 1500 }
const options = (text: string): TftpOption[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((one) => ({ name: one.split('=')[0]!, value: one.split('=')[1]! }))
const agree = (text: string, size = 1000): TftpAgreement => negotiate(options(text), size, limits)

const content = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255)
const sourceOf = (bytes: Uint8Array): BlockSource => ({
  size: bytes.length,
  read(offset, target) {
    target.set(bytes.subarray(offset, offset + target.length))
    return target.length
  },
})

describe('negotiation', () => {
  test.each([
    ['blksize=1468 tsize=0 windowsize=4', 'blksize=1468 tsize=1000 windowsize=4'],
    ['blksize=65464', 'blksize=1468'],
    ['BLKSIZE=1024', 'BLKSIZE=1024'],
    ['windowsize=65535', 'windowsize=64'],
    ['timeout=5', 'timeout=5'],
    ['timeout=0 blksize=7 windowsize=0 tsize=x multicast= rollover=0', 'tsize=1000'],
    ['blksize=512 blksize=1024', 'blksize=512'],
    ['msftwindow=31416', 'msftwindow=27182'],
    ['', ''],
  ])('%s is answered with %s', (asked, answered) => {
    expect(
      agree(asked)
        .accepted.map((one) => `${one.name}=${one.value}`)
        .join(' '),
    ).toBe(answered)
  })

  test('a block never exceeds what the interface carries in one piece', () => {
    expect(negotiate(options('blksize=9000'), 1, { maxBlockSize: 65464, maxWindowSize: 1, mtu: 1400 }).blockSize).toBe(
      1368,
    )
  })
})

/**
 * A lossy wire between a transfer and a well-behaved client, under a clock of its own. It loses at most three packets, of
 * either side, between one step of the server and the next; fewer before its first, where a request that anybody can forge
 * is answered only so often and a client would ask again.
 */
function run(
  bytes: Uint8Array,
  asked: string,
  lose: () => boolean,
): { readonly got: Uint8Array; readonly end: TransferEnd | undefined; readonly sent: number } {
  const agreement = agree(asked, bytes.length)
  const transfer = new ReadTransfer({ source: sourceOf(bytes), agreement }, 0)
  const buffer = new Uint8Array(transfer.datagramSize)
  const got: number[] = []
  let now = 0
  let expected = 1
  let inWindow = 0
  let hasBegun = agreement.accepted.length === 0
  let bound = agreement.accepted.length === 0 ? defaultUnanswered.blockRepeats : defaultUnanswered.repeats
  let lost = 0
  let acknowledged = -1
  let sent = 0
  let end: TransferEnd | undefined
  const toServer: number[] = []
  const loses = (): boolean => {
    const isLost = lost < bound && lose()
    if (isLost) lost++
    return isLost
  }
  const acknowledge = (block: number): void => {
    if (!loses()) toServer.push(block)
  }
  for (let step = 0; step < 200_000 && !end; step++) {
    const length = transfer.pollTransmit(buffer)
    if (length > 0) {
      sent++
      if (loses()) continue
      const { packet } = decodeTftp(buffer.slice(0, length))
      if (packet?.kind === 'oack') {
        hasBegun = true
        acknowledge(0)
      } else if (packet?.kind === 'data' && hasBegun) {
        if (packet.block === (expected & 0xffff)) {
          got.push(...packet.data)
          expected++
          inWindow++
          if (packet.data.length < agreement.blockSize || inWindow >= agreement.windowSize) {
            inWindow = 0
            acknowledge(expected - 1)
          }
        } else {
          // RFC 7440: the first block out of order is answered with the last one in order.
          inWindow = 0
          acknowledge(expected - 1)
        }
      }
      continue
    }
    const next = toServer.shift()
    now += 1
    if (next !== undefined) {
      if (next > acknowledged) [acknowledged, lost, bound] = [next, 0, 3]
      transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'ack', block: next & 0xffff }) }, now)
    } else {
      now = Math.max(now, transfer.pollTimeout() ?? now)
      transfer.handle({ kind: 'timeout' }, now)
    }
    end = transfer.pollEvent()
  }
  return { got: Uint8Array.from(got), end, sent }
}

describe('a read transfer', () => {
  test.each([0, 1, 511, 512, 513, 1024, 5000])('carries %i bytes, the last block short or empty', (size) => {
    const { got, end, sent } = run(content(size), '', () => false)
    expect(got).toEqual(content(size))
    expect(end).toMatchObject({ outcome: 'completed', bytes: size, retransmissions: 0 })
    expect(sent).toBe(Math.floor(size / 512) + 1)
  })

  test('block numbers wrap to 0 behind 65535', () => {
    const bytes = content(70_000 * 8)
    const { got, end } = run(bytes, 'blksize=8 windowsize=16', () => false)
    expect(end).toMatchObject({ outcome: 'completed', bytes: bytes.length, retransmissions: 0 })
    expect(Buffer.compare(got, bytes)).toBe(0)
  })

  test('every file arrives whole over a wire that loses packets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9000 }),
        fc.constantFrom(
          '',
          'blksize=512',
          'blksize=100 windowsize=4',
          'blksize=300 windowsize=16',
          'windowsize=64 blksize=8',
        ),
        fc.constantFrom(2, 12, 50, 100),
        fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
        (size, asked, percent, dice) => {
          const bytes = content(size)
          const { got, end } = run(bytes, asked, () => Number(dice.next().value) < percent)
          expect(end).toMatchObject({ outcome: 'completed', bytes: size })
          expect(got).toEqual(bytes)
        },
      ),
      { numRuns: 200 },
    )
  })

  const open = (asked: string, size = 5000): { transfer: ReadTransfer; poll: () => string } => {
    const transfer = new ReadTransfer({ source: sourceOf(content(size)), agreement: agree(asked, size) }, 0)
    const buffer = new Uint8Array(transfer.datagramSize)
    return {
      transfer,
      poll: () => {
        const length = transfer.pollTransmit(buffer)
        const packet = length === 0 ? undefined : decodeTftp(buffer.slice(0, length)).packet
        return packet === undefined
          ? ''
          : packet.kind === 'data'
            ? `DATA ${packet.block}`
            : packet.kind === 'error'
              ? `ERROR ${packet.code}`
              : packet.kind
      },
    }
  }
  const ack = (transfer: ReadTransfer, block: number, now = 1): void =>
    transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'ack', block }) }, now)
  test('that has ended sends nothing more, whatever of its window was left', () => {
    const { transfer, poll } = open('windowsize=4')
    expect(poll()).toBe('oack')
    ack(transfer, 0)
    expect(poll()).toBe('DATA 1')
    error(transfer, 0)
    expect([poll(), poll()]).toEqual(['', ''])
    expect(transfer.pollTimeout()).toBeUndefined()
  })

  const error = (transfer: ReadTransfer, code: number): void =>
    transfer.handle(
      { kind: 'packet', payload: encodeTftp({ kind: 'error', code, message: 'User aborted the transfer' }) },
      1,
    )

  test('a repeated acknowledgement is not answered twice (RFC 1123 4.2.3.1)', () => {
    const { transfer, poll } = open('')
    expect(poll()).toBe('DATA 1')
    ack(transfer, 1)
    expect(poll()).toBe('DATA 2')
    ack(transfer, 1)
    ack(transfer, 1)
    ack(transfer, 0)
    expect(poll()).toBe('')
  })

  test('in a window less than all of it restarts it once behind the last block in order (RFC 7440)', () => {
    const { transfer, poll } = open('blksize=512 windowsize=4')
    expect(poll()).toBe('oack')
    ack(transfer, 0)
    expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 1', 'DATA 2', 'DATA 3', 'DATA 4', ''])
    ack(transfer, 2)
    expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 3', 'DATA 4', 'DATA 5', 'DATA 6', ''])
    // Echoes of the four that were on their way: EDK2 acknowledges each block that is not the next one.
    ack(transfer, 2, 2)
    ack(transfer, 2, 3)
    expect(poll()).toBe('')
    // None came for a while, and no progress either: it is asked, with one block, and believed.
    expect(transfer.pollTimeout()).toBe(13)
    transfer.handle({ kind: 'timeout' }, 13)
    expect([poll(), poll()]).toEqual(['DATA 6', ''])
    ack(transfer, 2, 14)
    expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 3', 'DATA 4', 'DATA 5', 'DATA 6', ''])
  })

  test('more repetitions than there can be echoes are believed at once', () => {
    const { transfer, poll } = open('blksize=512 windowsize=4')
    while (poll() !== '');
    ack(transfer, 0)
    while (poll() !== '');
    ack(transfer, 2)
    while (poll() !== '');
    ack(transfer, 2)
    ack(transfer, 2)
    expect(poll()).toBe('')
    ack(transfer, 2)
    expect(poll()).toBe('DATA 3')
  })

  test('silence in a window is answered with its last block alone, and only then with all of it', () => {
    const { transfer, poll } = open('blksize=512 windowsize=4')
    while (poll() !== '');
    ack(transfer, 0)
    while (poll() !== '');
    transfer.handle({ kind: 'timeout' }, transfer.pollTimeout()!)
    expect([poll(), poll()]).toEqual(['DATA 4', ''])
    transfer.handle({ kind: 'timeout' }, transfer.pollTimeout()!)
    expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 1', 'DATA 2', 'DATA 3', 'DATA 4', ''])
  })

  test('silence is answered with the same again, ever more slowly, and then given up', () => {
    const { transfer, poll } = open('')
    const waits: number[] = []
    let now = 0
    expect(poll()).toBe('DATA 1')
    for (let end: TransferEnd | undefined; !end; end = transfer.pollEvent()) {
      const due = transfer.pollTimeout()!
      waits.push(due - now)
      now = due
      transfer.handle({ kind: 'timeout' }, now)
      const again = poll()
      if (again !== '') expect(again).toBe('DATA 1')
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000])
  })

  test.each([
    ['', ['DATA 1', 'DATA 1'], [1000, 8000]],
    ['blksize=1468', ['oack', 'oack', 'oack'], [1000, 3000, 8000]],
    // A client may not make us wait for it for minutes either.
    ['timeout=255', ['oack', 'oack', 'oack'], [1000, 3000, 8000]],
    ['timeout=1', ['oack', 'oack', 'oack'], [1000, 2000, 8000]],
  ])('a client that never answers "%s" gets little, and not for long', (asked, sent, times) => {
    const agreement = agree(asked, 2000)
    const transfer = new ReadTransfer({ source: sourceOf(content(2000)), agreement, unanswered: defaultUnanswered }, 0)
    const buffer = new Uint8Array(600)
    const seen: string[] = []
    const dues: number[] = []
    for (let end: TransferEnd | undefined; !end; end = transfer.pollEvent()) {
      const length = transfer.pollTransmit(buffer)
      if (length > 0) seen.push(buffer[1] === 6 ? 'oack' : `DATA ${buffer[3]}`)
      const due = transfer.pollTimeout()!
      if (dues.at(-1) !== due) dues.push(due)
      transfer.handle({ kind: 'timeout' }, due)
    }
    expect([seen, dues]).toEqual([sent, times])
  })

  test('once it has answered, a client is waited for as ever', () => {
    const transfer = new ReadTransfer(
      { source: sourceOf(content(2000)), agreement: agree('', 2000), unanswered: defaultUnanswered },
      0,
    )
    const buffer = new Uint8Array(600)
    transfer.pollTransmit(buffer)
    ack(transfer, 1)
    let sent = 0
    for (let end: TransferEnd | undefined; !end; end = transfer.pollEvent()) {
      while (transfer.pollTransmit(buffer) > 0) sent++
      transfer.handle({ kind: 'timeout' }, transfer.pollTimeout()!)
    }
    expect(sent).toBe(12)
  })

  test('the interval a client asks for is the longest wait (RFC 2349), not the first', () => {
    // U-Boot asks for 5 s, waits as long itself, and counts: see RetransmissionTimer.
    const { transfer, poll } = open('timeout=3')
    poll()
    const waits: number[] = []
    for (let now = 0; !transfer.pollEvent();) {
      const due = transfer.pollTimeout()!
      waits.push(due - now)
      now = due
      transfer.handle({ kind: 'timeout' }, now)
      poll()
    }
    expect(waits.slice(0, 5)).toEqual([1000, 2000, 3000, 3000, 3000])
    expect(waits.reduce((sum, one) => sum + one)).toBeGreaterThanOrEqual(55_000)
  })

  test('the size probe of UEFI and Intel ROMs is no failure', () => {
    for (const code of [0, 8]) {
      const { transfer, poll } = open('tsize=0 blksize=1468 windowsize=4')
      poll()
      error(transfer, code)
      expect(transfer.pollEvent()).toMatchObject({ outcome: 'size-probe' })
    }
    const { transfer, poll } = open('blksize=1468')
    poll()
    error(transfer, 8)
    expect(transfer.pollEvent()).toMatchObject({ outcome: 'refused-by-client' })
  })

  test("Microsoft's variable window follows the byte behind the ACK", () => {
    const { transfer, poll } = open('windowsize=2 msftwindow=31416 blksize=512')
    poll()
    ack(transfer, 0)
    expect([poll(), poll(), poll()]).toEqual(['DATA 1', 'DATA 2', ''])
    transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'ack', block: 2, nextWindowSize: 4 }) }, 2)
    expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 3', 'DATA 4', 'DATA 5', 'DATA 6', ''])
  })

  test("Microsoft's variable window is named by the ACK of the OACK already, and by no late ACK", () => {
    const { transfer, poll } = open('windowsize=2 msftwindow=31416 blksize=512')
    const named = (block: number, nextWindowSize: number) =>
      transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'ack', block, nextWindowSize }) }, 2)
    poll()
    named(0, 3)
    expect([poll(), poll(), poll(), poll()]).toEqual(['DATA 1', 'DATA 2', 'DATA 3', ''])
    named(3, 2)
    expect([poll(), poll(), poll()]).toEqual(['DATA 4', 'DATA 5', ''])
    named(1, 9)
    ack(transfer, 5)
    expect([poll(), poll(), poll()]).toEqual(['DATA 6', 'DATA 7', ''])
  })

  test('a file that changes under the transfer ends it with an ERROR instead of a mixture', () => {
    let isChanged = false
    const transfer = new ReadTransfer(
      {
        source: { size: 2000, read: (_offset, target) => (isChanged ? undefined : target.length) },
        agreement: agree('', 2000),
      },
      0,
    )
    const buffer = new Uint8Array(600)
    transfer.pollTransmit(buffer)
    isChanged = true
    ack(transfer, 1)
    const length = transfer.pollTransmit(buffer)
    expect(decodeTftp(buffer.slice(0, length)).packet).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('changed'),
    })
    expect(transfer.pollEvent()).toMatchObject({ outcome: 'failed' })
  })

  test('packets that are no TFTP change nothing: the window goes on where it was', () => {
    const noTftp = fc.uint8Array({ maxLength: 20 }).filter((payload) => decodeTftp(payload).packet === undefined)
    fc.assert(
      fc.property(fc.array(noTftp, { maxLength: 30 }), (packets) => {
        const { transfer, poll } = open('windowsize=4 blksize=64')
        expect(poll()).toBe('oack')
        for (const payload of packets) {
          transfer.handle({ kind: 'packet', payload }, 1)
          expect(poll()).toBe('')
        }
        expect(transfer.pollEvent()).toBeUndefined()
        ack(transfer, 0)
        expect([poll(), poll(), poll(), poll(), poll()]).toEqual(['DATA 1', 'DATA 2', 'DATA 3', 'DATA 4', ''])
      }),
    )
  })
})

describe('a write transfer', () => {
  test('acknowledges by the window and keeps what came in order', () => {
    const kept: number[] = []
    const transfer = new WriteTransfer(
      {
        agreement: negotiate(options('blksize=8 windowsize=2'), undefined, limits),
        maximumBytes: 100,
        sink: { write: (data) => kept.push(...data) > 0 },
      },
      0,
    )
    const buffer = new Uint8Array(600)
    const poll = (): unknown => decodeTftp(buffer.slice(0, transfer.pollTransmit(buffer))).packet
    expect(poll()).toMatchObject({ kind: 'oack' })
    const send = (block: number, bytes: number): void =>
      transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'data', block, data: content(bytes) }) }, 1)
    send(1, 8)
    expect(transfer.pollTransmit(buffer)).toBe(0)
    send(2, 8)
    expect(poll()).toEqual({ kind: 'ack', block: 2 })
    send(4, 8)
    expect(poll()).toEqual({ kind: 'ack', block: 2 })
    send(3, 3)
    expect(poll()).toEqual({ kind: 'ack', block: 3 })
    expect(transfer.pollEvent()).toMatchObject({ outcome: 'completed', bytes: 19 })
    expect(kept).toEqual([...content(8), ...content(8), ...content(3)])
  })

  test('the last acknowledgement can be asked for again for a while, since it may be lost', () => {
    const transfer = new WriteTransfer(
      { agreement: negotiate(options('timeout=5'), undefined, limits), maximumBytes: 100, sink: { write: () => true } },
      0,
    )
    const buffer = new Uint8Array(600)
    const poll = (): unknown => decodeTftp(buffer.slice(0, transfer.pollTransmit(buffer))).packet
    const last = encodeTftp({ kind: 'data', block: 1, data: content(8) })
    const send = (payload: Uint8Array, now: number): void => transfer.handle({ kind: 'packet', payload }, now)
    poll()
    send(last, 1)
    expect([poll(), transfer.pollEvent()]).toMatchObject([
      { kind: 'ack', block: 1 },
      { outcome: 'completed', bytes: 8 },
    ])
    expect([transfer.isOver, transfer.pollTimeout()]).toEqual([false, 6001])
    send(last, 5001)
    expect(poll()).toEqual({ kind: 'ack', block: 1 })
    send(encodeTftp({ kind: 'data', block: 2, data: content(8) }), 5002)
    expect([transfer.pollTransmit(buffer), transfer.pollEvent()]).toEqual([0, undefined])
    transfer.handle({ kind: 'timeout' }, 6001)
    expect([transfer.isOver, transfer.pollTimeout(), transfer.bytes]).toEqual([true, undefined, 8])
    send(last, 6002)
    expect(transfer.pollTransmit(buffer)).toBe(0)
  })

  const receiving = (asked: string) => {
    const kept: number[] = []
    const transfer = new WriteTransfer(
      {
        agreement: negotiate(options(asked), undefined, limits),
        maximumBytes: 10_000,
        sink: { write: (data) => kept.push(...data) >= 0 },
      },
      0,
    )
    const buffer = new Uint8Array(1024)
    const poll = (): string => {
      const packet = decodeTftp(buffer.slice(0, transfer.pollTransmit(buffer))).packet
      return packet?.kind === 'ack' ? `ACK ${packet.block}` : (packet?.kind ?? '')
    }
    poll()
    const send = (block: number): string => {
      const payload = encodeTftp({ kind: 'data', block, data: content(asked === '' ? 512 : 8) })
      transfer.handle({ kind: 'packet', payload }, 1)
      return poll()
    }
    return { send, kept }
  }

  test('in lock-step a block that comes again has its acknowledgement lost, and gets it again', () => {
    const { send, kept } = receiving('')
    expect([send(1), send(1), send(1), send(2), send(1), send(2)]).toEqual([
      'ACK 1',
      'ACK 1',
      'ACK 1',
      'ACK 2',
      '',
      'ACK 2',
    ])
    expect(kept).toHaveLength(1024)
  })

  test('in windows a gap is told once, and a window that comes again by its last block (RFC 7440 section 4)', () => {
    const { send } = receiving('blksize=8 windowsize=4')
    expect([send(1), send(2), send(3), send(4)]).toEqual(['', '', '', 'ACK 4'])
    expect([send(1), send(2), send(3), send(4)]).toEqual(['', '', '', 'ACK 4'])
    // The first of the next window is missing, which nobody would hear of before a timeout.
    expect([send(6), send(7), send(8)]).toEqual(['ACK 4', '', ''])
    expect([send(5), send(6), send(8)]).toEqual(['', '', 'ACK 6'])
    expect([send(7), send(8), send(9), send(10)]).toEqual(['', '', '', 'ACK 10'])
  })

  test('ends at the limit of the lab', () => {
    const transfer = new WriteTransfer(
      { agreement: negotiate([], undefined, limits), maximumBytes: 600, sink: { write: () => true } },
      0,
    )
    for (const block of [1, 2])
      transfer.handle({ kind: 'packet', payload: encodeTftp({ kind: 'data', block, data: content(512) }) }, 1)
    expect(transfer.pollEvent()).toMatchObject({ outcome: 'failed', message: 'uploads end at 600 bytes' })
  })
})

describe('the door', () => {
  const client = { address: 1, port: 2000 }
  const read = (filename: string, mode = 'octet'): Uint8Array =>
    encodeTftp({ kind: 'rrq', filename, mode, options: [] })
  const door = (allowsUpload = false): TftpAdmission =>
    new TftpAdmission({ transfers: 3, transfersPerClient: 2, allowsUpload })

  test('a repeated request opens no second transfer; a new one from the same port takes its place', () => {
    const one = door()
    expect(one.decide(read('a'), client)).toMatchObject({ verdict: 'accept', replaces: undefined })
    const key = one.opened(client, read('a'))
    expect(one.decide(read('a'), client)).toMatchObject({ verdict: 'ignore', why: 'repetition' })
    expect(one.decide(read('b'), client)).toMatchObject({ verdict: 'accept', replaces: key })
    one.answered(key)
    expect(one.decide(read('a'), client)).toMatchObject({ verdict: 'accept', replaces: key })
  })

  test('what is no request is told as that, not as a limit', () => {
    const error = encodeTftp({ kind: 'error', code: 0, message: 'gone' })
    expect(door().decide(error, client)).toMatchObject({ verdict: 'ignore', why: 'no-request' })
    expect(door().decide(Uint8Array.of(0, 9), client)).toMatchObject({ verdict: 'ignore', why: 'no-request' })
  })

  test('limits hold per client and in all', () => {
    const one = door()
    const open = (address: number, port: number): string => one.opened({ address, port }, read('a'))
    open(1, 1)
    const second = open(1, 2)
    expect(one.decide(read('a'), { address: 1, port: 3 })).toMatchObject({
      verdict: 'ignore',
      reason: expect.stringContaining('the most for one'),
    })
    open(2, 1)
    expect(one.decide(read('a'), { address: 3, port: 1 })).toMatchObject({
      verdict: 'ignore',
      reason: expect.stringContaining('the most in all'),
    })
    one.closed(second)
    expect(one.decide(read('a'), { address: 1, port: 3 })).toMatchObject({ verdict: 'accept' })
  })

  test('those that nobody answered give way, the oldest first; those that did never do', () => {
    const one = new TftpAdmission({ transfers: 4, transfersPerClient: 2, allowsUpload: false, unanswered: 4 })
    const open = (address: number, port: number): string => one.opened({ address, port }, read('a'))
    const ask = (address: number, port: number) => one.decide(read('a'), { address, port })
    const known = open(1, 1)
    one.answered(known)
    const strangers = [open(2, 1), open(3, 1), open(4, 1)]
    expect(ask(5, 1)).toMatchObject({ verdict: 'accept', givesWay: undefined })
    open(5, 1)
    expect(ask(6, 1)).toMatchObject({ verdict: 'accept', givesWay: strangers[0] })
    one.closed(strangers[0]!)
    // A client that has its share loses its own oldest, not another's.
    const mine = open(3, 2)
    expect(ask(3, 3)).toMatchObject({ verdict: 'accept', givesWay: strangers[1] })
    one.answered(strangers[1]!)
    expect(ask(3, 3)).toMatchObject({ verdict: 'accept', givesWay: mine })
    one.answered(mine)
    expect(ask(3, 3)).toMatchObject({ verdict: 'ignore', reason: expect.stringContaining('the most for one') })
    one.answered(open(8, 1))
    expect(ask(7, 1)).toMatchObject({ verdict: 'ignore', reason: expect.stringContaining('the most in all') })
    one.closed(known)
    expect(ask(7, 1)).toMatchObject({ verdict: 'accept', givesWay: undefined })
  })

  test('writing is refused unless the lab has a folder for it; odd modes and rubbish always', () => {
    const write = encodeTftp({ kind: 'wrq', filename: 'a', mode: 'octet', options: [] })
    expect(door().decide(write, client)).toMatchObject({ verdict: 'refuse', reason: 'this server takes no uploads' })
    expect(door(true).decide(write, client)).toMatchObject({ verdict: 'accept', request: { kind: 'write' } })
    expect(door().decide(read('a', 'mail'), client)).toMatchObject({ verdict: 'refuse' })
    expect(door().decide(read('', 'octet'), client)).toMatchObject({ verdict: 'refuse' })
    expect(door().decide(Uint8Array.of(9, 9, 9), client)).toMatchObject({ verdict: 'ignore' })
  })
})

test('netascii goes both ways', () => {
  const text = new TextEncoder().encode('a\nb\rc\r\n')
  expect(new TextDecoder().decode(toNetascii(text))).toBe('a\r\nb\r\0c\r\0\r\n')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const coded = toNetascii(bytes)
      const reader = new NetasciiReader()
      expect([...reader.read(coded.subarray(0, cut)), ...reader.read(coded.subarray(cut))]).toEqual([...bytes])
    }),
  )
})

test('ranges of ports are read as they are written', () => {
  expect(['50000-50100', '1024-1024', '65535-65535'].map(parsePortRange)).toEqual([[50000, 50100], [1024, 1024], [65535, 65535]]) // prettier-ignore
  for (const text of ['', '50000', '50100-50000', '69-80', '60000-70000', '1-2-3', ' 50000-50100', '050000-50100 '])
    expect(parsePortRange(text), text).toBeUndefined()
})

test('ports are taken in turn, each address has them all, and those given back come last', () => {
  const pool = new PortPool([5000, 5002])
  expect([pool.take(1), pool.take(1), pool.take(2), pool.take(1), pool.take(1)]).toEqual([
    5000,
    5001,
    5002,
    5002,
    undefined,
  ])
  pool.give(1, 5001)
  expect([pool.take(1), pool.take(1)]).toEqual([5001, undefined])
  pool.give(1, 5000)
  pool.give(2, 5002)
  expect([pool.take(2), pool.take(1)]).toEqual([5002, 5000])
})

test('a file in netascii is read at any place as if it had been converted whole', () => {
  // Longer than what is converted at once, with line ends everywhere, at the seams too.
  const bytes = Uint8Array.from({ length: 40_000 }, (_, at) => (at % 3 === 0 ? 10 : at % 7 === 0 ? 13 : at & 255))
  const whole = toNetascii(bytes)
  const source = sourceOf(bytes)
  const text = new NetasciiSource(source, netasciiStarts(source)!)
  expect(text.size).toBe(whole.length)
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(20_000), (offset, length) => {
      const target = new Uint8Array(Math.min(length, whole.length - offset))
      expect(text.read(offset, target)).toBe(target.length)
      expect(Buffer.compare(target, whole.subarray(offset, offset + target.length))).toBe(0)
    }),
  )
})

test('a file in netascii that cannot be read any more says so', () => {
  const source = { ...sourceOf(content(20_000)), problem: 'the stick is gone' }
  const starts = netasciiStarts(source)!
  const gone = { ...source, read: () => undefined }
  expect(netasciiStarts(gone)).toBeUndefined()
  const text = new NetasciiSource(gone, starts)
  expect(text.read(0, new Uint8Array(512))).toBeUndefined()
  expect(text.problem).toBe('the stick is gone')
})
