/**
 * A thread that carries file transfers, each on a connected socket of its own. With native sockets it waits for all of
 * them in one system call, and answers a packet without going through Node's event loop; without them it uses dgram.
 */
import { setPriority } from 'node:os'
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { NetasciiReader, NetasciiSource, netasciiStarts } from '#shared/machines/tftp-server/netascii.ts'
import { ReadTransfer, type BlockSource } from '#shared/machines/tftp-server/read-transfer.ts'
import { defaultUnanswered } from '#shared/machines/tftp-server/retransmission.ts'
import { WriteTransfer } from '#shared/machines/tftp-server/write-transfer.ts'
import { familyOf } from '#shared/wire/ip-address.ts'
import { tftpErrors } from '#shared/wire/tftp.ts'
import { OutsideError } from '../../io/open-file.ts'
import { shortageOf } from '../../io/shortage.ts'
import { openIpSocket } from '../../io/udp-socket.ts'
import { beginUpload } from '../../io/upload-file.ts'
import { nativeSockets } from '../native-sockets.ts'
import { bytesSource, FileCache } from './file-cache.ts'
import type { FromWorker, ToWorker, TransferOrder } from './messages.ts'
import { PacketSampler } from './packet-sampler.ts'

const progressEveryMs = 100
/** Nice value: above the ordinary, below what drivers have. */
const priorityOfTransfers = -10
/** A control message is never older than this, even should its wake-up byte be lost. */
const longestWaitMs = 1000

/**
 * In lock-step a client answers within the time a processor needs to fall asleep and wake up again, and that would be the
 * larger part of each round trip: the thread looks a moment longer before it sleeps, the longer the fewer can answer.
 */
const spinMs = (transfers: number): number => (transfers <= 4 ? 0.1 : transfers <= 64 ? 0.03 : 0)

const port = parentPort!
const cache = new FileCache()
const tell = (message: FromWorker): void => port.postMessage(message)
const seen = new PacketSampler()

interface Running {
  readonly id: string
  readonly machine: ReadTransfer | WriteTransfer
  /** Tries to send; false where the socket takes nothing more for now. */
  readonly send: (bytes: Uint8Array, length: number) => boolean
  /** A datagram that the socket would not take yet. */
  stalled: number
  readonly buffer: Uint8Array
  /** Frees the socket and what the transfer opened; an upload that is not whole goes. */
  readonly close: () => void
  hasAnswered: boolean
  reported: number
  localPort: number
}

const running = new Map<string, Running>()
/** Orders taken back before their socket was open. */
const takenBack = new Set<string>()
/** A cancel for a transfer that has just ended finds nothing; it is not remembered for long. */
const mostTakenBack = 64
let progressAt = 0

function contentOf(order: TransferOrder): BlockSource {
  const { file } = order
  if (file.kind !== 'read') throw new Error('not a read request')
  if (file.content) {
    const source = bytesSource(file.content)
    const starts = file.isNetascii ? netasciiStarts(source) : undefined
    return starts ? new NetasciiSource(source, starts) : source
  }
  try {
    const { descriptor, size, within } = file
    return file.isNetascii ? cache.openNetascii(descriptor, size, within) : cache.open(descriptor, size, within)
  } catch (error) {
    // The client is told by the transfer, as later on.
    return { size: file.size, read: () => undefined, problem: `the file cannot be read (${codeOf(error)})` }
  }
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error))

interface Upload {
  readonly machine: WriteTransfer
  readonly discard: () => void
}

function uploadOf(order: TransferOrder, now: number): Upload {
  const { file } = order
  if (file.kind !== 'write') throw new Error('not a write request')
  const upload = beginUpload(file.root, file.path, order.id.replaceAll(/[^0-9.]/g, '-'))
  const reader = file.isNetascii ? new NetasciiReader() : undefined
  let problem: { code: number; message: string } | undefined
  const tried = (work: () => void): boolean => {
    try {
      work()
      return true
    } catch (error) {
      problem =
        codeOf(error) === 'EEXIST'
          ? { code: tftpErrors.fileExists, message: 'a file of that name exists' }
          : { code: tftpErrors.diskFull, message: `the file cannot be written (${codeOf(error)})` }
      return false
    }
  }
  const machine = new WriteTransfer(
    {
      agreement: order.agreement,
      maximumBytes: file.maximumBytes,
      unanswered: defaultUnanswered,
      sink: {
        write: (data) => tried(() => upload.write(reader ? reader.read(data) : data)),
        finish: () => tried(() => upload.finish()),
        get problem() {
          return problem
        },
      },
    },
    now,
  )
  return { machine, discard: () => upload.discard() }
}

/** A defect in one transfer ends that one, and no other of this thread. */
function guarded(transfer: Running, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!running.delete(transfer.id)) throw error
    const { bytes, retransmissions } = transfer.machine
    const end = { outcome: 'failed', message: codeOf(error), bytes, retransmissions } as const
    tell({ type: 'ended', id: transfer.id, end, hasBegun: true })
    transfer.close()
    seen.forget(transfer.id)
  }
}

function pump(transfer: Running): void {
  guarded(transfer, () => sendAll(transfer))
}

/** Sends what the machine has; reports the transfer when it has ended, and removes it when it is over. */
function sendAll(transfer: Running): void {
  const { machine, buffer } = transfer
  for (;;) {
    const length = transfer.stalled || machine.pollTransmit(buffer)
    if (length === 0) break
    if (!transfer.send(buffer, length)) {
      transfer.stalled = length
      timersAt = 0
      return
    }
    transfer.stalled = 0
    seen.look(transfer, 'out', buffer.subarray(0, length))
  }
  const end = machine.pollEvent()
  const { isOver } = machine
  if (isOver) {
    running.delete(transfer.id)
    transfer.close()
    seen.forget(transfer.id)
  }
  if (end || isOver) reportSeen()
  if (end) tell({ type: 'ended', id: transfer.id, end, hasBegun: true, isDallying: !isOver })
  else if (isOver) tell({ type: 'closed', id: transfer.id })
}

function reportSeen(): void {
  const packets = seen.take()
  if (packets.length > 0) tell({ type: 'seen', packets })
}

function reportProgress(now: number): void {
  if (now < progressAt) return
  progressAt = now + progressEveryMs
  reportSeen()
  const moved: [string, number, number][] = []
  for (const transfer of running.values()) {
    if (transfer.machine.bytes === transfer.reported) continue
    transfer.reported = transfer.machine.bytes
    moved.push([transfer.id, transfer.machine.bytes, transfer.machine.retransmissions])
  }
  if (moved.length > 0) tell({ type: 'progress', moved })
}

function received(transfer: Running, payload: Uint8Array, now: number): void {
  if (!transfer.hasAnswered) {
    transfer.hasAnswered = true
    tell({ type: 'answered', id: transfer.id })
  }
  seen.look(transfer, 'in', payload)
  guarded(transfer, () => transfer.machine.handle({ kind: 'packet', payload }, now))
  timersAt = Math.min(timersAt, transfer.machine.pollTimeout() ?? timersAt)
}

interface Carrier {
  open(
    order: TransferOrder,
    receive: (payload: Uint8Array) => void,
  ): Promise<Pick<Running, 'send' | 'localPort'> & { close: () => void }>
  /** Called whenever there may be work to do. */
  run(): void
}

async function begin(order: TransferOrder, carrier: Carrier): Promise<void> {
  const now = performance.now()
  let upload: Upload | undefined
  try {
    upload = order.file.kind === 'write' ? uploadOf(order, now) : undefined
    const machine =
      upload?.machine ??
      new ReadTransfer({ source: contentOf(order), agreement: order.agreement, unanswered: defaultUnanswered }, now)
    let transfer: Running | undefined
    const socket = await (order.local.isShared
      ? openShared(order)
      : carrier.open(order, (payload) => {
          if (!transfer || !running.has(order.id)) return
          received(transfer, payload, performance.now())
          pump(transfer)
        }))
    transfer = {
      id: order.id,
      machine,
      send: socket.send,
      stalled: 0,
      buffer: new Uint8Array(machine.datagramSize),
      hasAnswered: false,
      reported: 0,
      localPort: socket.localPort,
      close() {
        socket.close()
        upload?.discard()
      },
    }
    running.set(order.id, transfer)
    if (order.file.kind === 'read' && order.file.isSecret) seen.conceal(order.id)
    timersAt = 0
    if (takenBack.delete(order.id)) machine.abort('the order was taken back', false)
    pump(transfer)
  } catch (error) {
    upload?.discard()
    const message = error instanceof OutsideError ? error.message : `the transfer cannot begin (${codeOf(error)})`
    const end = { outcome: 'failed', message, bytes: 0, retransmissions: 0 } as const
    const isPortTaken = codeOf(error) === 'EADDRINUSE'
    const isPortHeld = isPortTaken && order.local.port !== 0
    // Of any port none is free only where all of them are in use.
    const mayPass = shortageOf(error) !== undefined || (isPortTaken && !isPortHeld)
    tell({ type: 'ended', id: order.id, end, hasBegun: false, isPortHeld, mayPass })
  }
}

/** In single-port mode the service has the socket, and a transfer only its messages. */
const openShared = ({ id, local }: TransferOrder): Pick<Running, 'send' | 'localPort'> & { close: () => void } => ({
  localPort: local.port,
  send: (bytes, length) => {
    tell({ type: 'send', id, payload: bytes.slice(0, length) })
    return true
  },
  close: () => {},
})

function obey(message: ToWorker, carrier: Carrier): void {
  if (message.type === 'keep') seen.keepsAll = message.all
  else if (message.type === 'open') void begin(message.order, carrier)
  else {
    const transfer = running.get(message.id)
    if (message.type === 'packet') {
      if (!transfer) return
      received(transfer, message.payload, performance.now())
      pump(transfer)
      return
    }
    if (!transfer) {
      takenBack.add(message.id)
      if (takenBack.size > mostTakenBack) takenBack.delete(takenBack.keys().next().value!)
      return
    }
    transfer.machine.abort(message.message, message.tellsClient)
    pump(transfer)
  }
}

/** When the earliest transfer is due as far as is known; what only puts a deadline off is not minded, so this errs to the early side. */
let timersAt = 0

/** Gives every transfer whose time has come its turn; returns how long nothing else is due, in milliseconds. */
function runTimers(now: number): number {
  if (now < timersAt) return timersAt - now
  timersAt = now + longestWaitMs
  for (const transfer of running.values()) {
    const due = transfer.machine.pollTimeout()
    if (due !== undefined && due <= now) {
      transfer.machine.handle({ kind: 'timeout' }, now)
      pump(transfer)
    } else if (transfer.stalled) pump(transfer)
    timersAt = Math.min(timersAt, transfer.machine.pollTimeout() ?? timersAt, transfer.stalled ? now + 1 : timersAt)
  }
  return timersAt - now
}

function nativeCarrier(native: NonNullable<typeof nativeSockets>): Carrier & { readonly wake: number } {
  const [wakeRead, wakeWrite] = native.pipe()
  const descriptors = new Map<number, Running | undefined>()
  const owners = new Map<string, number>()
  const incoming = new Uint8Array(65536)
  const waiter = native.newWaiter()
  waiter.add(wakeRead)
  let isLooping = false

  const waitForPackets = (waitMs: number): number => {
    const until = performance.now() + spinMs(running.size)
    do {
      const count = waiter.wait(0)
      if (count !== 0) return count
    } while (performance.now() < until)
    return waiter.wait(Math.ceil(waitMs))
  }

  const loop = (): void => {
    while (running.size > 0) {
      const wait = runTimers(performance.now())
      if (running.size === 0) break
      const count = waitForPackets(wait)
      const now = performance.now()
      let isWoken = false
      for (let index = 0; index < count; index++) {
        const descriptor = waiter.ready(index)
        if (descriptor === wakeRead) {
          isWoken = true
          continue
        }
        const transfer = descriptors.get(descriptor)
        if (!transfer) continue
        const length = native.receive(descriptor, incoming)
        if (length >= 0) received(transfer, incoming.subarray(0, length), now)
        pump(transfer)
      }
      reportProgress(now)
      if (isWoken) {
        native.read(wakeRead, incoming)
        for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
          obey(next.message as ToWorker, carrier)
        // Opening goes through promises, which settle only outside this loop.
        isLooping = false
        setImmediate(carrier.run)
        return
      }
    }
    isLooping = false
  }

  const carrier = {
    wake: wakeWrite,
    async open(orderFor: TransferOrder) {
      const descriptor = native.open(orderFor.local)
      try {
        native.connect(descriptor, orderFor.client.address, orderFor.client.port, orderFor.local.scope)
        waiter.add(descriptor)
      } catch (error) {
        native.close(descriptor)
        throw error
      }
      descriptors.set(descriptor, undefined)
      owners.set(orderFor.id, descriptor)
      return {
        localPort: native.localPort(descriptor),
        send: (bytes: Uint8Array, length: number) =>
          // Anything but "not now" concerns this one datagram; the timer sends it again.
          native.send(descriptor, bytes, length) >= 0 || native.lastError() !== native.wouldBlock,
        close: () => {
          descriptors.delete(descriptor)
          waiter.remove(descriptor)
          native.close(descriptor)
        },
      }
    },
    run(): void {
      for (const [id, descriptor] of owners) {
        const transfer = running.get(id)
        if (transfer) descriptors.set(descriptor, transfer)
      }
      owners.clear()
      if (isLooping || running.size === 0) return
      isLooping = true
      loop()
    },
  }
  return carrier
}

function dgramCarrier(): Carrier {
  let timer: NodeJS.Timeout | undefined
  const carrier: Carrier = {
    async open(order, receive) {
      const { address, zone } = order.local
      const socket = openIpSocket({
        family: familyOf(address),
        bind: { address, port: order.local.port },
        zone,
        peer: order.client,
        onDatagram: receive,
        // A refused port shows here; the transfer's own timer decides how long to go on.
        onError: () => {},
      })
      try {
        await socket.ready
      } catch (error) {
        await socket.close()
        throw error
      }
      return {
        localPort: socket.localPort,
        send: (bytes, length) => {
          socket.send(Buffer.from(bytes.subarray(0, length)))
          return true
        },
        close: () => void socket.close(),
      }
    },
    run(): void {
      clearTimeout(timer)
      if (running.size === 0) return
      const now = performance.now()
      const wait = runTimers(now)
      reportProgress(now)
      timer = setTimeout(carrier.run, Math.min(wait, progressEveryMs))
    },
  }
  return carrier
}

try {
  // Firmware waits for every block: answering goes before whatever else this machine has to do. Concerns this thread only.
  setPriority(priorityOfTransfers)
} catch {
  // It takes rights that the documented ports take as well, but that may be granted apart; without them it is a wish.
}
const native = nativeSockets ? nativeCarrier(nativeSockets) : undefined
const carrier: Carrier = native ?? dgramCarrier()
port.on('message', (message: ToWorker) => {
  obey(message, carrier)
  // After the promises of opening have settled.
  setImmediate(carrier.run)
})
tell({ type: 'ready', wake: native?.wake })
