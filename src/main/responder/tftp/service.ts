/** TFTP on port 69 of every served interface: decides, opens the file, hands the transfer to a worker, tells of it. */
import { cpus } from 'node:os'
import { existsSync } from 'node:fs'
import { lstat, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { familyOf, formatIp, type IpAddress } from '#shared/wire/ip-address.ts'
import { parsePortRange } from '#shared/lab/lab.ts'
import { encodeTftp, tftpErrors, tftpOpcodes } from '#shared/wire/tftp.ts'
import { transferRefused, type TransferEvent, type TransferStatus } from '#shared/contract/events.ts'
import type { IpEndpoint } from '#shared/machines/machine.ts'
import { TftpAdmission, type TftpRequest } from '#shared/machines/tftp-server/admission.ts'
import { negotiate } from '#shared/machines/tftp-server/negotiation.ts'
import type { TransferEnd } from '#shared/machines/tftp-server/read-transfer.ts'
import { realPath } from '../../files/real-path.ts'
import { isInside } from '../../io/open-file.ts'
import { shortageOf } from '../../io/shortage.ts'
import { startThread, type Thread } from '../../io/worker-thread.ts'
import { segmentsOf, type ServedFolder } from '../boot-folder.ts'
import { zoneOf, type NetworkInterface } from '../interfaces.ts'
import { nativeSockets } from '../native-sockets.ts'
import type { UdpPort } from '../udp-port.ts'
import { PortPool } from './port-pool.ts'
import type { FromWorker, SeenPacket, ToWorker } from './messages.ts'

export interface TftpSettings {
  readonly maxBlockSize: number
  readonly maxWindowSize: number
  readonly maxTransfers: number
  readonly maxTransfersPerClient: number
  /** Folder that takes uploads; undefined refuses them. */
  readonly upload: string | undefined
  readonly maxUploadBytes: number
  /** Ports that files are sent from, as the lab file writes them; null for any. */
  readonly ports: string | null
  /** Whether they are sent from the port that is asked. */
  readonly singlePort: boolean
}

interface Job {
  readonly served: NetworkInterface
  /** Our address, and the client's. */
  readonly ends: TransferEnds
  readonly status: TransferStatus
  readonly worker: Carrier
  readonly startedAt: number
  readonly closeFile: () => Promise<void>
  /** Tells the client, from the port it asked, that nothing will come. */
  readonly refuse: (message: string) => void
  /** From the port it asked. */
  readonly send: (payload: Uint8Array) => void
  /** The transfer's own port is somebody else's again. */
  readonly givePort: () => void
  /** Its end has been told; an upload may still be acknowledged again for a while. */
  hasEnded: boolean
}

interface Carrier {
  readonly thread: Thread
  wake: number | undefined
  jobs: number
  /** It works, or why it never will. */
  onReady: (problem: string | undefined) => void
}

/** Text files for netascii are read through once, to know how long they become. */
const netasciiLimitBytes = 16 * 1024 * 1024
/** How many transfers one thread carries before another one is started. */
const transfersPerThread = 16

/** The program of its threads. */
export const workerFile = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('./worker.ts', import.meta.url)
    : new URL('./tftp-worker.js', import.meta.url)

/** Transfers whose clients have not answered yet; each holds a file and a socket open. */
const placesForStrangers = 512

/**
 * How often in a row a client is left to ask again because the system is short of something. No firmware asks so often before
 * it gives up by itself; what goes on asking is a program whose user should learn the cause.
 */
const mostSilences = 20
/** Clients that are remembered for that; who was left alone first is forgotten first. */
const mostSilenced = 1024

const portText = ({ address, port }: IpEndpoint): string => `${address}:${port}`

/** Files that are looked for at once: a slow disk must not gather requests that nobody waits for any more. */
const mostOpening = 1024

const shortText = (code: string): string => `the system is short of something just now (${code})`

/** By why there is no file; anything else is an access violation (RFC 1350, appendix). */
const errorOf: Readonly<Record<string, number>> = { 'not-found': tftpErrors.fileNotFound, busy: tftpErrors.notDefined }

export interface TransferEnds {
  readonly local: IpAddress
  readonly remote: IpEndpoint
}

/** Sees packets of transfers: whose they are, and what was kept of them. */
export type TransferObserver = (served: NetworkInterface, ends: TransferEnds, packet: SeenPacket) => void

/** A port that requests come to, of either family. */
type AskedPort = Pick<UdpPort<IpAddress>, 'interface' | 'port' | 'asked' | 'send'>

const localOf = ({ asked, interface: served }: AskedPort): IpAddress => asked ?? served.address

export class TftpService {
  readonly #settings: TftpSettings
  readonly #folder: ServedFolder | undefined
  readonly #tell: (event: TransferEvent) => void
  readonly #observe: TransferObserver
  readonly #admission: TftpAdmission
  readonly #jobs = new Map<string, Job>()
  /** Uploads that have ended and are acknowledged again, by client port; single-port mode alone asks. */
  readonly #dallying = new Map<string, string>()
  readonly #threads: Carrier[] = []
  readonly #ports: PortPool | undefined
  /** When each interface lost an address of ours last. */
  readonly #lostAt = new Map<string, number>()
  /** How often in a row each client was left to ask again. */
  readonly #silences = new Map<string, number>()
  #isClosed = false
  #keepsAll = false
  #opening = 0

  constructor(
    settings: TftpSettings,
    folder: ServedFolder | undefined,
    tell: (event: TransferEvent) => void,
    observe: TransferObserver = () => {},
  ) {
    this.#observe = observe
    this.#settings = settings
    this.#folder = folder
    this.#tell = tell
    const range = settings.ports === null || settings.singlePort ? undefined : parsePortRange(settings.ports)
    this.#ports = range && new PortPool(range)
    this.#admission = new TftpAdmission({
      transfers: settings.maxTransfers,
      transfersPerClient: settings.maxTransfersPerClient,
      unanswered: placesForStrangers,
      allowsUpload: settings.upload !== undefined,
    })
  }

  /** Whether whoever watches sees every packet of a transfer, rather than one in a while. */
  keepAll(all: boolean): void {
    this.#keepsAll = all
    for (const carrier of this.#threads) this.#order(carrier, { type: 'keep', all })
  }

  get transfers(): TransferStatus[] {
    return [...this.#jobs.values()].filter((job) => !job.hasEnded).map((job) => job.status)
  }

  /** An interface, or an address of it, has gone: who is silent from now on may not be the one to blame. */
  interfaceLost(name: string): void {
    this.#lostAt.set(name, performance.now())
  }

  /** Starts the first thread, so that the first client does not wait for it. */
  prepare(): Promise<void> {
    const carrier = this.#newThread()
    return new Promise((resolve, reject) => {
      carrier.onReady = (problem) => (problem === undefined ? resolve() : reject(new Error(problem)))
    })
  }

  /** Whether the packet belongs to a transfer, whose packets are told apart from those of the port. */
  receive(payload: Uint8Array, client: IpEndpoint, from: AskedPort): boolean {
    if (this.#settings.singlePort && this.#carry(payload, client)) return true
    this.#admit(payload, client, from)
    return false
  }

  /** In single-port mode whatever is no request is for the transfer of that client, or too late for it. */
  #carry(payload: Uint8Array, client: IpEndpoint): boolean {
    const isRequest = payload[0] === 0 && (payload[1] === tftpOpcodes.rrq || payload[1] === tftpOpcodes.wrq)
    if (isRequest) return false
    const id = this.#admission.transferOf(client) ?? this.#dallying.get(portText(client))
    const job = id === undefined ? undefined : this.#jobs.get(id)
    if (!job) return payload[1] === tftpOpcodes.ack || payload[1] === tftpOpcodes.data
    this.#order(job.worker, { type: 'packet', id: job.status.id, payload })
    return true
  }

  #admit(payload: Uint8Array, client: IpEndpoint, from: AskedPort): void {
    const admission = this.#admission.decide(payload, client)
    const clientText = formatIp(client.address)
    switch (admission.verdict) {
      case 'ignore':
        if (admission.why === 'limit')
          this.#tell({ type: 'transfer-deferred', client: clientText, reason: admission.reason })
        if (admission.why === 'no-request') this.#tell(transferRefused(clientText, '', admission.reason))
        return
      case 'refuse':
        this.#say(from, client, admission.reply)
        this.#tell(transferRefused(clientText, admission.filename, admission.reason))
        return
      case 'accept': {
        if (this.#opening >= mostOpening) {
          // Left alone it asks again.
          const reason = `${mostOpening} files are being looked for already`
          this.#tell({ type: 'transfer-deferred', client: clientText, reason })
          return
        }
        if (admission.replaces !== undefined) this.#replace(admission.replaces, 'the client began a new transfer')
        if (admission.givesWay !== undefined) {
          this.#replace(admission.givesWay, 'the client never answered, and others ask')
          this.#admission.closed(admission.givesWay)
        }
        const id = this.#admission.opened(client, payload)
        this.#opening++
        this.#open(id, admission.request, client, from)
          .catch((error: unknown) => {
            this.#admission.closed(id)
            const shortage = shortageOf(error)
            const reason = error instanceof Error ? error.message : String(error)
            if (shortage !== undefined && this.#leavesAlone(clientText)) {
              this.#tell({ type: 'transfer-deferred', client: clientText, reason: shortText(shortage) })
              return
            }
            this.#say(
              from,
              client,
              encodeTftp({ kind: 'error', code: tftpErrors.notDefined, message: 'the file cannot be served' }),
            )
            this.#tell(transferRefused(clientText, admission.request.filename, reason))
          })
          .finally(() => this.#opening--)
      }
    }
  }

  /** Answers from the port that was asked; whoever watches sees it, as it sees the request. */
  #say(from: AskedPort, client: IpEndpoint, payload: Uint8Array): void {
    from.send(payload, client)
    const time = performance.timeOrigin + performance.now()
    this.#observe(from.interface, { local: localOf(from), remote: client }, { id: '', direction: 'out', time, localPort: from.port, length: payload.length, head: payload }) // prettier-ignore
  }

  /** Ends every transfer and thread. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#jobs.values())
      this.#order(job.worker, { type: 'cancel', id: job.status.id, message: 'the server stops', tellsClient: true })
    // The threads need a moment to tell their clients; none has more to do than that.
    for (let waited = 0; this.#jobs.size > 0 && waited < 20; waited++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    await Promise.all(this.#threads.map(({ thread }) => thread.stop()))
    await Promise.all([...this.#jobs.values()].map((job) => job.closeFile()))
    this.#jobs.clear()
  }

  async #open(id: string, request: TftpRequest, client: IpEndpoint, from: AskedPort): Promise<void> {
    const refuse = (code: number, reason: string): void => {
      this.#admission.closed(id)
      this.#say(from, client, encodeTftp({ kind: 'error', code, message: reason }))
      this.#tell(transferRefused(formatIp(client.address), request.filename, reason))
    }
    if (request.kind === 'write') return this.#openUpload(id, request, client, from, refuse)
    if (!this.#folder) return refuse(tftpErrors.fileNotFound, 'this lab has no boot folder')
    const asker = { client: formatIp(client.address), server: formatIp(localOf(from)) }
    const file = await this.#folder.openFile(request.filename, asker)
    if (!file.ok && file.code === 'busy' && this.#leavesAlone(formatIp(client.address))) {
      // An ERROR would end its boot; left alone it asks again.
      this.#admission.closed(id)
      this.#tell({ type: 'transfer-deferred', client: formatIp(client.address), reason: file.reason })
      return
    }
    if (!file.ok) return refuse(errorOf[file.code] ?? tftpErrors.accessViolation, file.reason)
    const isNetascii = request.mode === 'netascii'
    if (isNetascii && file.size > netasciiLimitBytes) {
      await file.handle.close()
      return refuse(tftpErrors.illegalOperation, 'the file is too large for netascii, use octet')
    }
    if (this.#isClosed) return file.handle.close()
    // A converted text has another length, which is not known yet: tsize is left out there.
    const options = isNetascii
      ? request.options.filter((option) => option.name.toLowerCase() !== 'tsize')
      : request.options
    const agreement = negotiate(options, file.size, {
      ...this.#settings,
      mtu: from.interface.mtu,
      family: familyOf(client.address),
    })
    const { fd } = file.handle
    this.#start(id, client, from, () => file.handle.close(), {
      agreement,
      status: { file: file.name, kind: 'read', size: file.size },
      file: {
        kind: 'read',
        descriptor: fd,
        size: file.size,
        within: file.within,
        isNetascii,
        ...(file.content ? { content: file.content, isSecret: file.isSecret ?? false } : {}),
      },
    })
  }

  async #openUpload(
    id: string,
    request: TftpRequest,
    client: IpEndpoint,
    from: AskedPort,
    refuse: (code: number, reason: string) => void,
  ): Promise<void> {
    const segments = segmentsOf(request.filename)
    if (typeof segments === 'string') return refuse(tftpErrors.accessViolation, segments)
    let root: string
    try {
      await mkdir(this.#settings.upload!, { recursive: true })
      root = await realPath(this.#settings.upload!)
    } catch (error) {
      if (shortageOf(error) !== undefined) throw error
      const { code = String(error) } = error as NodeJS.ErrnoException
      return refuse(tftpErrors.accessViolation, `the folder for uploads cannot be used (${code})`)
    }
    const path = join(root, ...segments)
    const parent = await realPath(dirname(path)).catch((error: unknown) => {
      if (shortageOf(error) !== undefined) throw error
      return undefined
    })
    if (parent === undefined) return refuse(tftpErrors.fileNotFound, 'the folder for the upload does not exist')
    if (!isInside(root, parent)) return refuse(tftpErrors.accessViolation, 'the name leads out of the folder')
    // Of the name itself: a link that leads nowhere takes it as well.
    if (await lstat(path).then(() => true, () => false)) // prettier-ignore
      return refuse(tftpErrors.fileExists, existsSync(path) ? 'a file of that name exists' : 'a link of that name exists, and leads nowhere') // prettier-ignore
    if (this.#isClosed) return
    const agreement = negotiate(request.options, undefined, {
      ...this.#settings,
      mtu: from.interface.mtu,
      family: familyOf(client.address),
    })
    const announced = request.options.find((option) => option.name.toLowerCase() === 'tsize')?.value
    const size = announced !== undefined && /^\d+$/.test(announced) ? Number(announced) : undefined
    if (size !== undefined && size > this.#settings.maxUploadBytes)
      return refuse(tftpErrors.diskFull, `uploads end at ${this.#settings.maxUploadBytes} bytes`)
    this.#start(id, client, from, () => Promise.resolve(), {
      agreement,
      status: { file: segments.join('/'), kind: 'write', size },
      file: {
        kind: 'write',
        root,
        path,
        maximumBytes: this.#settings.maxUploadBytes,
        isNetascii: request.mode === 'netascii',
      },
    })
  }

  #start(
    id: string,
    client: IpEndpoint,
    from: AskedPort,
    closeFile: () => Promise<void>,
    what: Pick<Extract<ToWorker, { type: 'open' }>['order'], 'agreement' | 'file'> & {
      readonly status: Pick<TransferStatus, 'file' | 'kind' | 'size'>
    },
  ): void {
    if (!this.#admission.isCurrent(id)) {
      // The client asked for something else while the file was being opened.
      void closeFile()
      return
    }
    const served = from.interface
    const local = localOf(from)
    const { singlePort } = this.#settings
    const ownPort = this.#ports?.take(local)
    if (this.#ports && ownPort === undefined) {
      void closeFile()
      this.#admission.closed(id)
      // An ERROR would end its boot; left alone it asks again.
      const reason = `all ports of tftp.ports (${this.#settings.ports}) are in use at ${formatIp(local)}`
      this.#tell({ type: 'transfer-deferred', client: formatIp(client.address), reason })
      return
    }
    let worker: Carrier
    try {
      worker = this.#threadForNext()
    } catch (error) {
      void closeFile()
      if (ownPort !== undefined) this.#ports?.give(local, ownPort)
      throw error
    }
    const status: TransferStatus = {
      id,
      client: formatIp(client.address),
      ...what.status,
      blockSize: what.agreement.blockSize,
      windowSize: what.agreement.windowSize,
      bytes: 0,
      retransmissions: 0,
    }
    worker.jobs++
    this.#jobs.set(id, {
      served,
      ends: { local, remote: client },
      status,
      worker,
      startedAt: performance.now(),
      closeFile,
      refuse: (message) => this.#say(from, client, encodeTftp({ kind: 'error', code: tftpErrors.notDefined, message })),
      send: (payload) => from.send(payload, client),
      hasEnded: false,
      givePort: () => void (ownPort !== undefined && this.#ports?.give(local, ownPort)),
    })
    this.#order(worker, {
      type: 'open',
      order: {
        id,
        client,
        local: {
          address: local,
          device: served.isLoopback ? undefined : served.name,
          scope: served.index,
          zone: zoneOf(served),
          port: singlePort ? from.port : (ownPort ?? 0),
          isShared: singlePort,
        },
        agreement: what.agreement,
        file: what.file,
      },
    })
    this.#tell({ type: 'transfer-started', transfer: status })
  }

  /** The client listens on that port for a new transfer already: an ERROR of the old one would end the wrong one. */
  #replace(id: string, message: string): void {
    const job = this.#jobs.get(id)
    if (job) this.#order(job.worker, { type: 'cancel', id, message, tellsClient: false })
  }

  #order(worker: Carrier, message: ToWorker): void {
    worker.thread.send(message)
    if (worker.wake !== undefined) nativeSockets?.write(worker.wake, Uint8Array.of(1))
  }

  #threadForNext(): Carrier {
    const idlest = this.#threads.reduce<Carrier | undefined>(
      (best, one) => (!best || one.jobs < best.jobs ? one : best),
      undefined,
    )
    const most = Math.min(4, cpus().length)
    if (idlest && (idlest.jobs < transfersPerThread || this.#threads.length >= most)) return idlest
    return this.#newThread()
  }

  #newThread(): Carrier {
    const thread = startThread<FromWorker>({
      file: workerFile(),
      onMessage: (message) => this.#hear(carrier, message),
      onLost: (reason) => this.#lost(carrier, reason),
    })
    const carrier: Carrier = { thread, wake: undefined, jobs: 0, onReady: () => {} }
    this.#threads.push(carrier)
    if (this.#keepsAll) this.#order(carrier, { type: 'keep', all: true })
    return carrier
  }

  #lost(carrier: Carrier, reason: string): void {
    this.#threads.splice(this.#threads.indexOf(carrier), 1)
    carrier.onReady(reason)
    for (const job of this.#jobs.values())
      if (job.worker === carrier) {
        this.#ended(job.status.id, { outcome: 'failed', message: reason, bytes: 0, retransmissions: 0 })
        this.#release(job.status.id)
      }
  }

  #hear(carrier: Carrier, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        carrier.wake = message.wake
        carrier.onReady(undefined)
        return
      case 'seen':
        for (const packet of message.packets) {
          const job = this.#jobs.get(packet.id)
          if (job) this.#observe(job.served, job.ends, packet)
        }
        return
      case 'send':
        this.#jobs.get(message.id)?.send(message.payload)
        return
      case 'answered': {
        this.#admission.answered(message.id)
        const client = this.#jobs.get(message.id)?.status.client
        if (client !== undefined) this.#silences.delete(client)
        return
      }
      case 'progress':
        for (const [id, bytes, retransmissions] of message.moved) {
          const job = this.#jobs.get(id)
          if (!job) continue
          Object.assign(job.status, { bytes, retransmissions })
          this.#tell({ type: 'transfer-progress', transfer: job.status })
        }
        return
      case 'ended':
        if (!message.hasBegun) this.#refuseUnlessItPasses(message)
        this.#ended(message.id, message.end)
        if (!message.isDallying) this.#release(message.id, message.isPortHeld)
        return
      case 'closed':
        this.#release(message.id)
    }
  }

  /** An ERROR would end its boot. Where only the port was held, or the system was short of something, it asks again. */
  #refuseUnlessItPasses({ id, end, isPortHeld, mayPass }: Extract<FromWorker, { type: 'ended' }>): void {
    const job = this.#jobs.get(id)
    if (!job || isPortHeld || (mayPass && this.#leavesAlone(job.status.client))) return
    job.refuse(end.message)
  }

  /** Whether the client is left to ask again; counts that. */
  #leavesAlone(client: string): boolean {
    const before = this.#silences.get(client) ?? 0
    this.#silences.delete(client)
    if (before >= mostSilences) return false
    this.#silences.set(client, before + 1)
    if (this.#silences.size > mostSilenced) this.#silences.delete(this.#silences.keys().next().value!)
    return true
  }

  #ended(id: string, end: TransferEnd): void {
    const job = this.#jobs.get(id)
    if (!job || job.hasEnded) return
    job.hasEnded = true
    this.#admission.closed(id)
    this.#dallying.set(portText(job.ends.remote), id)
    Object.assign(job.status, { bytes: end.bytes, retransmissions: end.retransmissions })
    const { name } = job.served
    const wasLost = end.outcome === 'client-silent' && (this.#lostAt.get(name) ?? -Infinity) >= job.startedAt
    this.#tell({
      type: 'transfer-ended',
      transfer: job.status,
      outcome: wasLost ? 'failed' : end.outcome,
      message: wasLost
        ? `interface ${name} or its address went away during the transfer, and nothing came any more`
        : end.message,
      durationMs: performance.now() - job.startedAt,
    })
  }

  #release(id: string, isPortHeld = false): void {
    const job = this.#jobs.get(id)
    if (!job) return
    this.#jobs.delete(id)
    if (this.#dallying.get(portText(job.ends.remote)) === id) this.#dallying.delete(portText(job.ends.remote))
    if (!isPortHeld) job.givePort()
    job.worker.jobs--
    void job.closeFile()
  }
}
