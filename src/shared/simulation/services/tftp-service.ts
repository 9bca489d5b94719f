/** A TFTP server on a virtual host: the responder's door and transfers, with ports of its own for the data. */
import { formatIp } from '../../wire/ip-address.ts'
import { encodeTftp, tftpErrors, tftpOpcodes } from '../../wire/tftp.ts'
import { TftpAdmission } from '../../machines/tftp-server/admission.ts'
import { negotiate } from '../../machines/tftp-server/negotiation.ts'
import { ReadTransfer, type BlockSource } from '../../machines/tftp-server/read-transfer.ts'
import { Alarm } from '../clock.ts'
import { fileKey, type VirtualFile } from '../files.ts'
import type { Nic } from '../host.ts'
import type { UdpPacket } from '../packet.ts'
import type { Service, ServiceContext } from './service.ts'

export interface TftpServiceOptions {
  readonly find: (path: string) => VirtualFile | 'denied' | undefined
  readonly maxBlockSize: number
  readonly maxWindowSize: number
  readonly grantsWindow: boolean
  readonly grantsTimeout: boolean
  readonly rollsOver: boolean
  /** Ports that data comes from; undefined takes any, 'shared' the one that is asked. */
  readonly dataPorts: readonly [number, number] | 'shared' | undefined
  /** False where it listens to IPv4 alone. */
  readonly over6?: boolean
  /** A log line in the manner of the product. */
  readonly onDownload?: (path: string, client: string) => void
}

const anyPorts: readonly [number, number] = [32_768, 60_999]
const scratch = new Uint8Array(65_536)

/** Copies what is there of the file; the rest is counted. */
class CountedSource implements BlockSource {
  readonly #file: VirtualFile
  /** Bytes of the last block that are really there. */
  carried = 0
  constructor(file: VirtualFile) {
    this.#file = file
  }
  get size(): number {
    return this.#file.size
  }
  read(offset: number, target: Uint8Array): number {
    const { head, size } = this.#file
    const length = Math.min(target.length, size - offset)
    this.carried = Math.max(0, Math.min(head.length - offset, length))
    if (this.carried > 0) target.set(head.subarray(offset, offset + this.carried))
    return length
  }
}

export class TftpService implements Service {
  readonly #context: ServiceContext
  readonly #options: TftpServiceOptions
  readonly #admission = new TftpAdmission({ transfers: 100_000, transfersPerClient: 64, allowsUpload: false })
  /** Who listens to the packets of a client port that is being served from port 69. */
  readonly #shared = new Map<string, (packet: UdpPacket, nic: Nic) => void>()
  readonly #range: readonly [number, number]
  #nextPort: number

  constructor(context: ServiceContext, options: TftpServiceOptions) {
    this.#context = context
    this.#options = options
    const { dataPorts = anyPorts } = options
    this.#range = dataPorts === 'shared' ? anyPorts : dataPorts
    const [first, last] = this.#range
    this.#nextPort = first + Math.floor(context.random() * (last - first + 1))
  }

  start(): void {
    const { host, name, log } = this.#context
    const holder = host.bind({
      service: name,
      address: 0,
      firstPort: 69,
      lastPort: 69,
      over6: this.#options.over6 ?? true,
      receive: (packet, nic) => this.#request(packet, nic),
    })
    if (holder) log(`UDP port 69 is held by ${holder.service}: TFTP does not start.`, 'bad')
  }

  stop(): void {
    this.#context.host.unbind(this.#context.name)
  }

  /** A free port for one transfer; undefined where somebody sits on the whole range. */
  #takePort(receive: (packet: UdpPacket, nic: Nic) => void): number | undefined {
    const { host, name } = this.#context
    const [first, last] = this.#range
    const size = last - first + 1
    for (let tries = 0; tries < size; tries++) {
      const port = this.#nextPort
      this.#nextPort = port >= last ? first : port + 1
      const holder = host.bind({ service: `${name} data`, address: 0, firstPort: port, lastPort: port, receive })
      if (!holder) return port
      // One that holds the whole range leaves nothing to try.
      if (holder.firstPort <= first && holder.lastPort >= last) return undefined
    }
    return undefined
  }

  #request(packet: UdpPacket, nic: Nic): void {
    const { host, log } = this.#context
    const client = { address: packet.source, port: packet.sourcePort }
    const key = `${client.address}:${client.port}`
    const isShared = this.#options.dataPorts === 'shared'
    if (isShared && packet.payload[1] !== tftpOpcodes.rrq && packet.payload[1] !== tftpOpcodes.wrq)
      return this.#shared.get(key)?.(packet, nic)
    const admission = this.#admission.decide(packet.payload, client)
    if (admission.verdict === 'ignore') return
    const reply = (port: number, payload: Uint8Array, length = payload.length): void =>
      host.sendUdp(nic, port, client, payload, length, { source: packet.destination })
    let port: number | undefined
    const transferPort = (receive: (packet: UdpPacket, nic: Nic) => void): boolean => {
      if (isShared) {
        port = 69
        this.#shared.set(key, receive)
        return true
      }
      port = this.#takePort(receive)
      if (port === undefined)
        log(
          'TFTP: Registration Failed rc=2: no UDP port of the configured range is free, so the request is not answered.',
          'bad',
        )
      return port !== undefined
    }
    const close = (): void => {
      if (isShared) this.#shared.delete(key)
      else host.unbind(`${this.#context.name} data`, port)
    }
    const refuse = (code: number, message: string): void => {
      if (!transferPort(() => {})) return
      reply(port!, encodeTftp({ kind: 'error', code, message }))
      close()
    }
    if (admission.verdict === 'refuse') return refuse(tftpErrors.illegalOperation, admission.reason)
    const { filename, options } = admission.request
    const file = this.#options.find(filename)
    if (file === 'denied') {
      log(`TFTP: ${filename} for ${formatIp(client.address)}: access violation.`, 'warning')
      return refuse(tftpErrors.accessViolation, 'Access violation')
    }
    if (!file) {
      log(`TFTP: ${filename} for ${formatIp(client.address)}: file not found.`, 'warning')
      return refuse(tftpErrors.fileNotFound, `file ${filename} not found`)
    }
    const { maxBlockSize, maxWindowSize, grantsWindow, grantsTimeout, rollsOver } = this.#options
    const unknown = [...(grantsWindow ? [] : ['windowsize']), ...(grantsTimeout ? [] : ['timeout'])]
    const asked = options.filter((one) => !unknown.includes(one.name.toLowerCase()))
    const agreement = negotiate(asked, file.size, {
      maxBlockSize,
      maxWindowSize,
      mtu: nic.link.properties.mtu,
      family: typeof client.address === 'number' ? 4 : 6,
    })
    const source = new CountedSource(file)
    const transfer = new ReadTransfer({ source, agreement }, host.clock.now)
    const id = this.#admission.opened(client, packet.payload)
    const mostBytes = rollsOver ? Infinity : agreement.blockSize * 65_535
    const alarm = new Alarm(host.clock, () => {
      transfer.handle({ kind: 'timeout' }, host.clock.now)
      drain()
    })
    const drain = (): void => {
      for (let length = transfer.pollTransmit(scratch); length > 0; length = transfer.pollTransmit(scratch)) {
        const isData = scratch[1] === 3
        const carried = isData ? 4 + source.carried : length
        // A server that cannot count further falls silent here.
        if (isData && transfer.bytes >= mostBytes) continue
        reply(port!, scratch.slice(0, Math.min(carried, length)), length)
      }
      const end = transfer.pollEvent()
      if (!end) return alarm.set(transfer.pollTimeout())
      alarm.set(undefined)
      this.#context.counters.retransmissions += end.retransmissions
      close()
      this.#admission.closed(id)
      if (end.outcome === 'completed') this.#options.onDownload?.(filename, formatIp(client.address))
      else if (end.outcome !== 'size-probe')
        log(`TFTP: ${filename} for ${formatIp(client.address)} ended: ${end.message}.`, 'warning')
    }
    let hasAnswered = false
    const opened = transferPort((answer) => {
      if (answer.source !== client.address || answer.sourcePort !== client.port) return
      if (!hasAnswered) this.#admission.answered(id)
      hasAnswered = true
      transfer.handle({ kind: 'packet', payload: answer.payload }, host.clock.now)
      drain()
    })
    if (!opened) return this.#admission.closed(id)
    drain()
  }
}

/** Files of a host under the names clients use. */
export const finderIn =
  (files: ReadonlyMap<string, VirtualFile>) =>
  (path: string): VirtualFile | undefined =>
    files.get(fileKey(path))
