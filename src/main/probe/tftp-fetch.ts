/** A TFTP read on real sockets, as one client does it: options, windows, what was lost, how fast (RFC 1350, 2347 to 2349, 7440). */
import { u16At } from '#shared/wire/bytes.ts'
import { decodeTftp, encodeTftp, tftpErrors, tftpOpcodes, type TftpOption } from '#shared/wire/tftp.ts'
import { familyOf, type IpAddress } from '#shared/wire/ip-address.ts'
import type { IpEndpoint } from '#shared/machines/machine.ts'
import { openIpSocket } from '../io/udp-socket.ts'

export interface TftpQuestion {
  /** Address to ask from, of the family of the server's. */
  readonly from: IpAddress
  readonly server: IpAddress
  /** The interface that addresses of one link are on (RFC 4007 section 11). */
  readonly zone?: string | undefined
  readonly file: string
  readonly options: readonly TftpOption[]
  /** Enough is enough: the rest is refused. */
  readonly mostBytes: number
  /** How often the same packet is sent, and how long each is waited for. */
  readonly tries: number
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onData?: (data: Uint8Array) => void
}

export type TftpAnswer =
  | {
      readonly ok: true
      readonly bytes: number
      readonly isWhole: boolean
      readonly blockSize: number
      readonly windowSize: number
      readonly ms: number
      /** Blocks that did not come, or came twice. */
      readonly lost: number
    }
  | {
      readonly ok: false
      readonly message: string
      /** Code of a TFTP error; undefined for silence. */
      readonly code: number | undefined
      readonly bytes: number
      /** What the server granted before it went silent. */
      readonly blockSize: number
    }

/** Room for a window of large blocks. */
const receiveBuffer = 4 << 20

export function fetchOverTftp(question: TftpQuestion): Promise<TftpAnswer> {
  const { server, file, options, mostBytes, tries, waitMs, signal } = question
  const rrq = encodeTftp({ kind: 'rrq', filename: file, mode: 'octet', options: [...options] })
  return new Promise((resolve) => {
    const socket = openIpSocket({
      family: familyOf(server),
      bind: { address: question.from },
      zone: question.zone,
      receiveBuffer,
      onDatagram: (payload, source) => hear(payload, source),
      onError: (error) => fail(error.message),
    })
    const started = performance.now()
    let peer: number | undefined
    let last: Uint8Array = rrq
    let tried = 1
    let blockSize = 512
    let windowSize = 1
    let received = 0
    let inWindow = 0
    let bytes = 0
    let lost = 0
    let timer: NodeJS.Timeout
    // What is lost on the way is asked for again.
    const send = (packet: Uint8Array): void => socket.send(packet, { address: server, port: peer ?? 69 }, () => {})
    let isOver = false
    const end = (answer: TftpAnswer): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      // The last packet has to leave first.
      setImmediate(() => void socket.close())
      resolve(answer)
    }
    const fail = (message: string, code?: number): void => end({ ok: false, message, code, bytes, blockSize })
    const cancel = (): void => {
      if (peer !== undefined) send(encodeTftp({ kind: 'error', code: tftpErrors.notDefined, message: 'cancelled' }))
      fail('it was cancelled')
    }
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (tried >= tries)
          return fail(peer === undefined ? 'nobody answered' : `no block came after ${bytes} bytes for ${(tries * waitMs) / 1000} s`) // prettier-ignore
        tried++
        lost++
        send(last)
        wait()
      }, waitMs)
    }
    const acknowledge = (): void => {
      last = encodeTftp({ kind: 'ack', block: received & 0xffff })
      inWindow = 0
      send(last)
    }
    const hear = (payload: Uint8Array, source: IpEndpoint): void => {
      if (isOver || source.address !== server || (peer !== undefined && source.port !== peer)) return
      const opcode = u16At(payload, 0)
      if (opcode === tftpOpcodes.data) {
        peer = source.port
        if (u16At(payload, 2) !== ((received + 1) & 0xffff)) {
          // A gap is said once; what follows it in the window is no further news.
          if (inWindow >= 0 && received > 0) {
            lost++
            acknowledge()
            inWindow = -windowSize
          }
          return
        }
        if (inWindow < 0) inWindow = 0
        received++
        inWindow++
        tried = 1
        const data = payload.subarray(4)
        bytes += data.length
        question.onData?.(data)
        const isLast = data.length < blockSize
        const ms = performance.now() - started
        if (isLast) {
          acknowledge()
          return end({ ok: true, bytes, isWhole: true, blockSize, windowSize, ms, lost })
        }
        if (bytes >= mostBytes) {
          send(encodeTftp({ kind: 'error', code: tftpErrors.notDefined, message: 'enough for a measurement' }))
          return end({ ok: true, bytes, isWhole: false, blockSize, windowSize, ms, lost })
        }
        if (inWindow >= windowSize) acknowledge()
        wait()
        return
      }
      const { packet } = decodeTftp(payload)
      if (packet?.kind === 'oack' && received === 0) {
        peer = source.port
        tried = 1
        for (const { name, value } of packet.options) {
          if (name.toLowerCase() === 'blksize') blockSize = Number(value)
          if (name.toLowerCase() === 'windowsize') windowSize = Number(value)
        }
        acknowledge()
        wait()
      } else if (packet?.kind === 'error') fail(packet.message || `error ${packet.code}`, packet.code)
    }
    socket.ready.then(
      () => {
        signal.addEventListener('abort', cancel)
        if (signal.aborted) return cancel()
        send(rrq)
        wait()
      },
      // Told by `onError`.
      () => {},
    )
  })
}
