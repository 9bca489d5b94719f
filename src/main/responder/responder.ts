/**
 * Hosts the machines on real sockets. All datagrams that arrive in one turn of the event loop go through the machines
 * first, then their leases are made durable in one transaction, and only then the replies leave.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import type { Lab } from '#shared/lab/lab.ts'
import type { FoundServer, ListeningPort, TransferStatus, UntimedEvent } from '#shared/contract/events.ts'
import { formatIpv4, isInNetwork } from '#shared/wire/bytes.ts'
import { messageName } from '#shared/wire/dissect/dhcp-fields.ts'
import { decodeDhcp, ops } from '#shared/wire/dhcp/message.ts'
import { BootServer, isBootServerDiscovery } from '#shared/machines/boot-server.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import type { Endpoint, OutgoingDatagram } from '#shared/machines/machine.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { describeOwner, portOwners, portRemedy, type Protocol } from '../inspect/port-owner.ts'
import { isProbe } from '../probe/ask-wire.ts'
import { askWhoAnswers } from '../probe/dhcp-guard.ts'
import { BootFolder } from './boot-folder.ts'
import { bootConfigurationOf, dhcpConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { HttpBoot } from './http-boot.ts'
import { describeInterface, listInterfaces, selectInterfaces, type NetworkInterface } from './interfaces.ts'
import { LeaseStore } from './lease-store.ts'
import { nativeSocketsMissing } from './native-sockets.ts'
import { StartError } from './start-error.ts'
import { TftpService } from './tftp/service.ts'
import { openUdpPort, servesSeveralInterfaces, type UdpPort } from './udp-port.ts'

/** A datagram that passed through one of our sockets, for whoever watches. */
export interface ObservedDatagram {
  readonly direction: 'in' | 'out'
  readonly interface: NetworkInterface
  readonly localPort: number
  readonly remote: Endpoint
  readonly payload: Uint8Array
  /** Bytes it had, where `payload` is only its beginning. */
  readonly length?: number
  /** Milliseconds since 1970, where it is told later than it passed. */
  readonly time?: number
}

export interface ResponderOptions {
  readonly lab: Lab
  /** Absolute folders of boot files, state and uploads. */
  readonly bootFolder: string
  readonly stateFolder: string
  readonly uploadFolder: string | undefined
  readonly tell: (event: UntimedEvent) => void
  readonly observe?: (datagram: ObservedDatagram) => void
  /** Called when the responder ended by itself. */
  readonly onStopped?: (reason: string) => void
}

type Service = ListeningPort['service']

const interfacePollMs = 2000

export class Responder {
  readonly #options: ResponderOptions
  readonly #abort = new AbortController()
  #interfaces: NetworkInterface[] = []
  #dhcp: DhcpServer | undefined
  #proxy: ProxyDhcp | undefined
  #bootServer: BootServer | undefined
  #tftp: TftpService | undefined
  #http: HttpBoot | undefined
  #store: LeaseStore | undefined
  #ports: { readonly service: Service; readonly port: UdpPort }[] = []
  #replyListeners = new Set<(payload: Uint8Array) => void>()
  #isAnswering = false
  #isFlushPlanned = false
  #timer: NodeJS.Timeout | undefined
  #autoStop: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: ResponderOptions) {
    this.#options = options
  }

  get transfers(): TransferStatus[] {
    return this.#tftp?.transfers ?? []
  }

  get leases(): Lease[] {
    return this.#dhcp?.leases() ?? []
  }

  get poolUsage(): ReturnType<DhcpServer['usage']> {
    return this.#dhcp?.usage() ?? []
  }

  get listening(): ListeningPort[] {
    const { lab } = this.#options
    return [
      ...this.#ports.map(({ service, port }) => ({
        service,
        interface: port.interface.name,
        address: formatIpv4(port.interface.address),
        port: port.port,
      })),
      ...(this.#http
        ? this.#interfaces.map((served) => ({
            service: 'http' as const,
            interface: served.name,
            address: formatIpv4(served.address),
            port: lab.http.port,
          }))
        : []),
    ]
  }

  /** All sockets or none: rejects with a `StartError` and leaves nothing open. */
  async start(): Promise<void> {
    try {
      await this.#start()
    } catch (error) {
      await this.#closeAll()
      throw error
    }
  }

  async stop(reason = 'by request'): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#abort.abort()
    const wasAnswering = this.#isAnswering
    await this.#closeAll()
    if (wasAnswering) this.#options.tell({ type: 'stopped', reason })
  }

  /** Frees an address; false where no lease is on it. */
  forget(address: number): boolean {
    const done = this.#dhcp?.forget(address, Date.now()) ?? false
    if (done) this.#flush()
    return done
  }

  async #start(): Promise<void> {
    const { lab } = this.#options
    this.#interfaces = this.#findInterfaces()
    this.#checkAgainstInterfaces()
    const folder = await this.#openFolder()
    this.#buildMachines(this.#openStore())
    if (folder && lab.tftp.enabled && lab.mode !== 'listen') {
      this.#tftp = new TftpService(
        { ...lab.tftp, upload: this.#options.uploadFolder },
        folder,
        (event) => this.#options.tell(event),
        (served, remote, { direction, localPort, length, time, head }) =>
          this.#options.observe?.({ direction, interface: served, localPort, remote, payload: head, length, time }),
      )
      await this.#tftp.prepare()
    }
    for (const served of this.#interfaces) await this.#openPorts(served)
    if (folder && lab.http.enabled && lab.mode !== 'listen') await this.#openHttp(folder)
    const warnings = await this.#guard()
    this.#isAnswering = true
    this.#options.tell({ type: 'ready', mode: lab.mode, ports: this.listening })
    for (const warning of warnings) this.#options.tell(warning)
    void this.#followInterfaces()
    if (lab.autoStopMinutes !== null)
      this.#autoStop = setTimeout(() => {
        const reason = `after ${lab.autoStopMinutes} minutes, as the lab says`
        void this.stop(reason).then(() => this.#options.onStopped?.(reason))
      }, lab.autoStopMinutes * 60_000)
  }

  #wanted(): string[] {
    const { lab } = this.#options
    return typeof lab.interface === 'string' ? [lab.interface] : lab.interface
  }

  #findInterfaces(): NetworkInterface[] {
    const available = listInterfaces()
    const { found, missing } = selectInterfaces(this.#wanted(), available)
    if (missing.length > 0)
      throw new StartError(
        { kind: 'interface', missing },
        `no interface of this machine is ${missing.join(' or ')}`,
        `Choose one of: ${available.map(describeInterface).join(', ') || 'none has an IPv4 address yet'}.`,
      )
    if (found.length > 1 && !servesSeveralInterfaces)
      throw new StartError(
        { kind: 'configuration' },
        `several interfaces cannot be told apart here: ${nativeSocketsMissing}`,
        'Serve one interface, or install the package koffi.',
      )
    return [...found]
  }

  #checkAgainstInterfaces(): void {
    const { lab } = this.#options
    if (lab.mode !== 'dhcp') return
    const { subnets } = dhcpConfigurationOf(lab, this.#interfaces)
    for (const served of this.#interfaces) {
      const subnet = subnets.find((one) => isInNetwork(served.address, one.network))
      if (!subnet)
        // Relays may be all this lab serves; but then nobody on this wire gets an address.
        this.#options.tell({
          type: 'warning',
          message: `no subnet of the lab contains ${formatIpv4(served.address)} of ${served.name}: only relayed clients get addresses there`,
        })
      else if (subnet.pools.some((pool) => served.address >= pool.start && served.address <= pool.end))
        this.#options.tell({
          type: 'warning',
          message: `the pool of ${formatIpv4(subnet.network.address)}/${subnet.network.prefixLength} contains our own address ${formatIpv4(served.address)}; it is not given out`,
        })
    }
  }

  async #openFolder(): Promise<BootFolder | undefined> {
    const { lab, bootFolder } = this.#options
    if (lab.mode === 'listen' || (!lab.tftp.enabled && !lab.http.enabled)) return undefined
    try {
      return await BootFolder.open(bootFolder)
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      throw new StartError(
        { kind: 'boot-folder' },
        `the boot folder ${bootFolder} ${isMissing ? 'does not exist' : `cannot be used: ${(error as Error).message}`}`,
        'Create it, or name another in boot.files.',
      )
    }
  }

  #openStore(): Lease[] {
    const { lab, stateFolder, tell } = this.#options
    if (lab.mode !== 'dhcp') return []
    const file = join(stateFolder, 'leases.sqlite')
    try {
      const opened = LeaseStore.open(file, new Date())
      this.#store = opened.store
      if (opened.setAside) tell({ type: 'lease-database-set-aside', ...opened.setAside })
      return opened.leases
    } catch (error) {
      throw new StartError(
        { kind: 'state' },
        `leases cannot be kept in ${file}: ${(error as Error).message}`,
        'Make the folder writable, or name another in state.',
      )
    }
  }

  #buildMachines(leases: Iterable<Lease>): void {
    const { lab } = this.#options
    const shared = { interfaces: this.#interfaces, ports: lab.ports, filter: lab.clients }
    const boot = bootConfigurationOf(lab)
    if (lab.mode === 'dhcp') this.#dhcp = new DhcpServer(dhcpConfigurationOf(lab, this.#interfaces), leases)
    if (lab.mode === 'proxy-dhcp') this.#proxy = new ProxyDhcp({ ...shared, boot })
    if (lab.mode !== 'listen') this.#bootServer = new BootServer({ ...shared, boot })
  }

  async #openPorts(served: NetworkInterface): Promise<void> {
    const { lab } = this.#options
    const wanted: [Service, number, (payload: Buffer, source: Endpoint, port: UdpPort) => void][] = []
    if (lab.mode !== 'boot-server') wanted.push(['dhcp', lab.ports.dhcp, (...from) => this.#onDhcp(...from)])
    wanted.push(['boot-server', lab.ports.bootServer, (...from) => this.#onBootServer(...from)])
    if (this.#tftp) wanted.push(['tftp', lab.ports.tftp, (...from) => this.#onTftp(...from)])
    for (const [service, port, onDatagram] of wanted) {
      let opened: UdpPort | undefined
      try {
        opened = await openUdpPort({
          interface: served,
          port,
          onDatagram: (payload, source) => onDatagram(payload, source, opened!),
          onError: (error) =>
            this.#options.tell({
              type: 'warning',
              message: `${service} port ${port} on ${served.name}: ${error.message}`,
            }),
          ...(service === 'dhcp' ? { receiveBuffer: 8 << 20 } : {}),
        })
      } catch (error) {
        throw await this.#portError(port, served, error as NodeJS.ErrnoException)
      }
      this.#ports.push({ service, port: opened })
      const group = service === 'boot-server' ? bootConfigurationOf(lab).menu?.multicastAddress : undefined
      if (group !== undefined) opened.joinMulticast(group)
    }
  }

  async #portError(
    port: number,
    served: NetworkInterface,
    error: NodeJS.ErrnoException,
    protocol: Protocol = 'udp',
  ): Promise<StartError> {
    const code = error.code ?? 'UNKNOWN'
    // Windows lends nobody the address of an interface that nothing is plugged into.
    if (code === 'EADDRNOTAVAIL' && served.hasLink === false)
      return new StartError(
        { kind: 'port', port, code, owners: [] },
        `${describeInterface(served)} has no link, and its address cannot be used before it has one`,
        'Plug in the cable and switch on what is at its other end, then start again.',
      )
    const owners = code === 'EADDRINUSE' ? await portOwners([port], protocol) : []
    const why =
      code === 'EADDRINUSE'
        ? `is in use by ${owners.map(describeOwner).join(' and ') || 'another program'}`
        : code === 'EACCES' || code === 'EPERM'
          ? 'may not be opened without more rights'
          : `cannot be opened (${code})`
    return new StartError(
      { kind: 'port', port, code, owners },
      `${protocol.toUpperCase()} port ${port} on ${describeInterface(served)} ${why}`,
      portRemedy(code, port, owners, protocol),
    )
  }

  async #openHttp(folder: BootFolder): Promise<void> {
    const { lab } = this.#options
    const http = new HttpBoot(folder, (event) => this.#options.tell(event))
    this.#http = http
    for (const served of this.#interfaces) {
      try {
        await http.listen(served.address, lab.http.port)
      } catch (error) {
        throw await this.#portError(lab.http.port, served, error as NodeJS.ErrnoException, 'tcp')
      }
    }
  }

  /** Asks who else answers, where that matters; throws where answering beside them is not allowed. */
  async #guard(): Promise<UntimedEvent[]> {
    const { lab, tell } = this.#options
    if (lab.mode === 'listen' || lab.mode === 'boot-server' || lab.ports.dhcp !== 67) return []
    if (lab.mode === 'dhcp' && !lab.allowOtherServers) {
      const found = await this.#ask()
      if (this.#abort.signal.aborted)
        throw new StartError({ kind: 'cancelled' }, 'the start was cancelled', 'Start again.')
      const rivals = found.servers.filter((one) => one.role === 'dhcp')
      if (rivals.length > 0)
        throw new StartError(
          { kind: 'other-server', servers: rivals },
          `another DHCP server gives addresses here: ${rivals.map((one) => `${one.server} offers ${one.offered} on ${one.interface}`).join('; ')}`,
          'Choose mode proxy-dhcp to work beside it, or set allowOtherServers: true to answer all the same.',
        )
      return [{ type: 'other-servers', ...found }]
    }
    // Nothing depends on the answer: report it when it is there.
    void this.#ask().then((found) => {
      if (!this.#abort.signal.aborted) tell({ type: 'other-servers', ...found })
    })
    return []
  }

  async #ask(): Promise<{ servers: FoundServer[]; complaint: string | undefined }> {
    const results = await Promise.all(
      this.#interfaces.map((served) =>
        askWhoAnswers({
          interface: served,
          relay: (hear) => {
            const own = this.#ports.find(
              ({ service, port }) => service === 'dhcp' && port.interface.name === served.name,
            )?.port
            if (!own) return Promise.resolve(undefined)
            this.#replyListeners.add(hear)
            return Promise.resolve({ send: own.send, close: () => this.#replyListeners.delete(hear) })
          },
          signal: this.#abort.signal,
        }),
      ),
    )
    return {
      servers: results.flatMap((result) => result.servers),
      complaint: results.find((result) => result.complaint !== undefined)?.complaint,
    }
  }

  #watch(direction: 'in' | 'out', port: UdpPort, remote: Endpoint, payload: Uint8Array): void {
    this.#options.observe?.({ direction, interface: port.interface, localPort: port.port, remote, payload })
  }

  #onDhcp(payload: Buffer, source: Endpoint, port: UdpPort): void {
    this.#watch('in', port, source, payload)
    if (payload[0] === ops.reply) {
      for (const hear of this.#replyListeners) hear(payload)
      return
    }
    if (!this.#isAnswering) return
    // A broadcast comes back to its sender: our own question is not for us to answer.
    if (source.address === port.interface.address && isProbe(payload)) return
    const datagram = {
      kind: 'datagram',
      interface: port.interface.name,
      source,
      destinationPort: port.port,
      payload,
    } as const
    const hasAddress = payload.length > 16 && payload.readUInt32BE(12) !== 0
    if (this.#bootServer && hasAddress && isBootServerDiscovery(payload)) this.#bootServer.handle(datagram)
    else if (this.#dhcp) this.#dhcp.handle(datagram, Date.now())
    else if (this.#proxy) this.#proxy.handle(datagram)
    else this.#overhear(payload)
    this.#planFlush()
  }

  #onBootServer(payload: Buffer, source: Endpoint, port: UdpPort): void {
    this.#watch('in', port, source, payload)
    if (!this.#isAnswering) return
    if (!this.#bootServer) return this.#overhear(payload)
    this.#bootServer.handle({
      kind: 'datagram',
      interface: port.interface.name,
      source,
      destinationPort: port.port,
      payload,
    })
    this.#planFlush()
  }

  #overhear(payload: Uint8Array): void {
    const decoded = decodeDhcp(payload)
    if (decoded.hasCookie)
      this.#options.tell({ type: 'client-seen', client: identityOf(decoded.message), message: messageName(decoded) })
  }

  #onTftp(payload: Buffer, source: Endpoint, port: UdpPort): void {
    this.#watch('in', port, source, payload)
    if (this.#isAnswering) this.#tftp?.receive(payload, source, port)
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    // Runs after every datagram of this turn of the event loop has been handled.
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushPlanned = false
    const { tell } = this.#options
    const changes: Lease[] = []
    for (let lease = this.#dhcp?.pollChange(); lease; lease = this.#dhcp?.pollChange()) changes.push(lease)
    try {
      this.#store?.commit(changes)
    } catch (error) {
      // Not durable, so not acknowledged: the clients ask again.
      while (this.#dhcp?.pollTransmit());
      tell({
        type: 'warning',
        message: `leases cannot be stored, nothing is acknowledged: ${(error as Error).message}`,
      })
    }
    for (const machine of [this.#dhcp, this.#proxy, this.#bootServer]) {
      if (!machine) continue
      for (let reply = machine.pollTransmit(); reply; reply = machine.pollTransmit()) this.#send(reply)
      for (let event = machine.pollEvent(); event; event = machine.pollEvent()) tell(event)
    }
    this.#planTimeout()
  }

  #send(reply: OutgoingDatagram): void {
    const { port } =
      this.#ports.find((one) => one.port.interface.name === reply.interface && one.port.port === reply.sourcePort) ?? {}
    if (!port) return
    port.send(reply.payload, reply.destination)
    this.#watch('out', port, reply.destination, reply.payload)
  }

  #planTimeout(): void {
    clearTimeout(this.#timer)
    const at = this.#dhcp?.pollTimeout()
    if (at === undefined || this.#isStopped) return
    this.#timer = setTimeout(
      () => {
        this.#dhcp?.handle({ kind: 'timeout' }, Date.now())
        this.#flush()
      },
      // setTimeout takes no more than 24 days; an early call finds nothing due and plans again.
      Math.min(Math.max(at - Date.now(), 0) + 1, 86_400_000),
    )
  }

  /** Closes the ports of an interface that goes, opens them again when it comes back, with whatever address it has. */
  async #followInterfaces(): Promise<void> {
    for (;;) {
      try {
        await delay(interfacePollMs, undefined, { signal: this.#abort.signal, ref: false })
      } catch {
        return
      }
      const { found } = selectInterfaces(this.#wanted(), listInterfaces())
      const same = (a: NetworkInterface, b: NetworkInterface): boolean => a.name === b.name && a.address === b.address
      const lost = this.#interfaces.filter((old) => !found.some((one) => same(old, one)))
      const back = found.filter((one) => !this.#interfaces.some((old) => same(old, one)))
      if (lost.length === 0 && back.length === 0) continue
      this.#interfaces = [...found]
      this.#buildMachines(this.#dhcp?.leases() ?? [])
      for (const one of lost) {
        const closing = this.#ports.filter(({ port }) => same(port.interface, one))
        this.#ports = this.#ports.filter((entry) => !closing.includes(entry))
        await Promise.all(closing.map(({ port }) => port.close()))
        this.#options.tell({ type: 'interface-lost', interface: one.name, address: formatIpv4(one.address) })
      }
      for (const one of back) {
        try {
          await this.#openPorts(one)
          this.#options.tell({ type: 'interface-back', interface: one.name, address: formatIpv4(one.address) })
        } catch (error) {
          // Tried again at the next look.
          this.#interfaces = this.#interfaces.filter((other) => !same(other, one))
          this.#options.tell({ type: 'warning', message: (error as Error).message })
        }
      }
    }
  }

  async #closeAll(): Promise<void> {
    clearTimeout(this.#timer)
    clearTimeout(this.#autoStop)
    this.#isAnswering = false
    await this.#tftp?.close()
    await this.#http?.close()
    await Promise.all(this.#ports.map(({ port }) => port.close()))
    this.#ports = []
    this.#store?.close()
  }
}
