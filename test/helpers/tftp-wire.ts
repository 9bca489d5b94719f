/** A wire between a transfer and a model of a client that loses, doubles and overtakes, under a clock of its own. */
import { negotiate } from '#shared/machines/tftp-server/negotiation.ts'
import { ReadTransfer, type TransferEnd } from '#shared/machines/tftp-server/read-transfer.ts'
import { randomFor } from '#shared/simulation/random.ts'
import type { ModelClient, ModelOptions } from './tftp-clients.ts'

export interface WireFaults {
  /** Of a hundred packets, each way. */
  readonly lostPercent?: number
  readonly doubledPercent?: number
  /** Overtaken by the one behind. */
  readonly latePercent?: number
  /** Decides instead of chance: the packet of that number, counted each way for itself, is lost. */
  readonly loses?: (direction: 'data' | 'ack', number: number) => boolean
}

export interface Outcome {
  /** Datagrams with DATA that the server sent, against those that a wire without faults takes. */
  readonly sent: number
  readonly blocks: number
  readonly end: TransferEnd | undefined
  readonly client: ModelClient
  readonly tookMs: number
}

/** One way, and the time a packet of 1500 bytes takes on a wire of 1 Gbit/s; milliseconds. */
const [latencyMs, serialMs, clientMs] = [0.15, 0.012, 0.03]

export function transferOver(
  makeClient: (options: ModelOptions) => ModelClient,
  { blocks, windowSize, timeoutSeconds }: { blocks: number; windowSize: number; timeoutSeconds?: number },
  { lostPercent = 0, doubledPercent = 0, latePercent = 0, loses }: WireFaults,
  seed: number,
): Outcome {
  const blockSize = 8
  const asked = [
    { name: 'blksize', value: String(blockSize) },
    ...(windowSize > 1 ? [{ name: 'windowsize', value: String(windowSize) }] : []),
    ...(timeoutSeconds === undefined ? [] : [{ name: 'timeout', value: String(timeoutSeconds) }]),
  ]
  const size = blocks * blockSize - 1
  const agreement = negotiate(asked, size, { maxBlockSize: 1468, maxWindowSize: 64, mtu: 1500 })
  const source = { size, read: (_offset: number, target: Uint8Array) => target.length }
  const transfer = new ReadTransfer({ source, agreement }, 0)
  const client = makeClient({ blockSize, windowSize })
  const random = randomFor(seed, 'wire')
  const chance = (percent: number): boolean => percent > 0 && random() * 100 < percent
  const buffer = new Uint8Array(transfer.datagramSize)
  const wire: { at: number; to: 'client' | 'server'; packet: Uint8Array }[] = []
  const counts = { data: 0, ack: 0 }
  let now = 0
  let sent = 0
  let end: TransferEnd | undefined
  const put = (to: 'client' | 'server', packet: Uint8Array, at: number): void => {
    const direction = to === 'client' ? 'data' : 'ack'
    if (loses ? loses(direction, ++counts[direction]) : chance(lostPercent)) return
    const arrives = at + (chance(latePercent) ? 4 * serialMs : 0)
    for (let copies = chance(doubledPercent) ? 2 : 1; copies > 0; copies--) wire.push({ at: arrives, to, packet })
  }
  // A client that has all of it is gone: what the server still sends reaches nobody.
  for (let step = 0; step < 1_000_000 && !client.isDone && !client.hasGivenUp; step++) {
    let leaves = now
    for (let length = transfer.pollTransmit(buffer); length > 0; length = transfer.pollTransmit(buffer)) {
      if (buffer[1] === 3) sent++
      leaves += serialMs
      put('client', buffer.slice(0, length), leaves + latencyMs)
    }
    end = transfer.pollEvent()
    if (end) break
    let next = 0
    for (let at = 1; at < wire.length; at++) if (wire[at]!.at < wire[next]!.at) next = at
    const first = wire[next]
    const due = Math.min(first?.at ?? Infinity, transfer.pollTimeout() ?? Infinity, client.wakesAt)
    now = Math.max(now, due)
    if (first && first.at <= due) {
      wire.splice(next, 1)
      if (first.to === 'server') transfer.handle({ kind: 'packet', payload: first.packet }, now)
      else for (const packet of client.receive(first.packet, now)) put('server', packet, now + clientMs + latencyMs)
    } else if (client.wakesAt <= due) {
      for (const packet of client.wake(now)) put('server', packet, now + clientMs + latencyMs)
    } else transfer.handle({ kind: 'timeout' }, now)
  }
  return { sent, blocks, end, client, tookMs: now }
}
