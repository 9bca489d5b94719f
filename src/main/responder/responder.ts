/**
 * Hosts the machines on real sockets. All datagrams that arrive in one turn of the event loop go through the machines
 * first, then their leases are made durable in one transaction, and only then the replies leave.
 */
import type { LeaseRestoration } from '#shared/machines/freed-leases.ts'
import { inEnglish } from '#messages/text.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { opendirSync, openSync, closeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lab } from '#shared/lab/lab.ts'
import type { EngineStatus, FoundServer, ListeningPort, TransferStatus, UntimedEvent } from '#shared/contract/events.ts'
import { formatIpv4, isInNetwork, maskOf, parseIpv4 } from '#shared/wire/bytes.ts'
import { messageTypes } from '#shared/wire/dhcp/kinds.ts'
import { formatIp, parseIp, type IpAddress } from '#shared/wire/ip-address.ts'
import { messageName } from '#shared/wire/dissect/dhcp-fields.ts'
import { decodeDhcp, messageTypeOf, ops } from '#shared/wire/dhcp/message.ts'
import { BootServer, isBootServerDiscovery } from '#shared/machines/boot-server.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { DhcpServer } from '#shared/machines/dhcp-server/server.ts'
import type { Lease6 } from '#shared/machines/dhcpv6-server/leases.ts'
import { Dhcp6Server } from '#shared/machines/dhcpv6-server/server.ts'
import {
  dhcp6Groups,
  ownAddresses,
  type Endpoint,
  type Endpoint6,
  type Outgoing6,
  type OutgoingDatagram,
} from '#shared/machines/machine.ts'
import { PendingRequests, type Decision, type PendingRequest } from '#shared/machines/pending-requests.ts'
import { ProxyDhcp } from '#shared/machines/proxy-dhcp.ts'
import { WdsServer } from '#shared/machines/wds-server.ts'
import type { UdpEnd } from '../io/udp-socket.ts'
import { isProbe } from '../probe/ask-wire.ts'
import { neighbours } from '../probe/neighbours.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import type { NextBoot } from '#shared/machines/next-boots.ts'
import { askWhoAnswers } from '../probe/dhcp-guard.ts'
import { giveFolder } from '../files/give-folder.ts'
import { actAs, giveUpRights, UnknownUser, whoRuns, type User } from '../system/rights.ts'
import { KeaEngine } from '../engine/kea-engine.ts'
import { filesFrom, openKeas } from '../engine/kea-control.ts'
import { CertificateError } from '../web/certificate.ts'
import { Answers } from './answers.ts'
import { BootFolder, type ServedFolder } from './boot-folder.ts'
import { bootConfigurationOf, dhcpConfigurationOf, roleConfigurationOf } from '#shared/lab/machine-configuration.ts'
import { dhcp6ConfigurationOf, routerAdvertiserConfigurationOf } from '#shared/lab/machine-configuration6.ts'
import { SeenWhereabouts } from '#shared/machines/whereabouts.ts'
import { HttpBoot } from './http-boot.ts'
import type { SeenSegment } from './http-frames.ts'
import { addressText, describeInterface, listIpv6Only, listServable, selectInterfaces, servedAs6, type NetworkInterface } from './interfaces.ts' // prettier-ignore
import { MachinesSeen } from './machines-seen.ts'
import { TemplateFolder } from './template-folder.ts'
import { KeptList } from './kept-list.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { LeaseStore, LeaseStoreError, type StoredLease } from './lease-store.ts'
import { nativeSockets, nativeSocketsMissing } from './native-sockets.ts'
import { followNotices } from '../inspect/lab-notices.ts'
import { portOwners, sharedPortWarnings } from '../inspect/port-owner.ts'
import { issuedCertificate, personsCertificate } from './https-certificate.ts'
import {
  openInterface,
  type InterfaceServices,
  type OpenInterface,
  type UdpService,
  type WebService,
} from './open-interface.ts'
import { noteOf, type Observed } from './observed.ts'
import { Repeats } from './repeats.ts'
import { RouterPort } from './router-port.ts'
import { readRequests, requestsFile } from './request-store.ts'
import type { Living } from './responder-life.ts'
import { StartError } from './start-error.ts'
import { movedBy, notLongerThanGiven, SteadyClock, type Clocks } from './steady-clock.ts'
import { withoutNative } from './without-native.ts'
import { TftpService, workerFile } from './tftp/service.ts'
import { servesSeveralInterfaces, type UdpPort } from './udp-port.ts'
import { Ways } from './ways.ts'
import type { LabNotice } from '#shared/lab/boot-check.ts'

const englishNotice = (notice: LabNotice): LabNotice => ({
  ...notice,
  text: inEnglish(notice.text),
  remedy: inEnglish(notice.remedy),
})

export interface ResponderOptions {
  readonly lab: Lab
  /** Path of the lab file: how other labs know who has the state folder. */
  readonly labFile: string
  /** Absolute folders of boot files, state and uploads. */
  readonly bootFolder: string
  readonly stateFolder: string
  readonly uploadFolder: string | undefined
  readonly tell: (event: UntimedEvent) => void
  readonly observe?: (seen: Observed) => void
  /** Whether it goes on after its process has ended: who else answers was asked before. */
  readonly isResuming?: boolean
  /** What is known of the lab's DHCP engine has changed. */
  readonly onEngine?: () => void
  /** For tests: a clock that can be made to jump. */
  readonly clocks?: Clocks
}

/** When a packet passed, finer than a millisecond: those of one conversation follow each other within some microseconds. */
const nowMs = (): number => performance.timeOrigin + performance.now()

const interfacePollMs = 2000
/** How often it is seen whether the certificate of HTTPS is still good for its time. */
const certificateCheckMs = 3_600_000
/** Between two writes to the disk: in a storm those who ask meanwhile share one, and a single client never waits. */
const writeEveryMs = 2
/** What the responder itself keeps in the state folder. */
const ownedFiles = /^((leases|lock)\.sqlite|https(-ca)?\.pem|(approvals|next-boots|machines)\.json$)/

const isOver6 = (reply: OutgoingDatagram | Outgoing6): reply is Outgoing6 =>
  typeof reply.destination.address === 'string'

export class Responder implements Living {
  readonly #options: ResponderOptions
  readonly #abort = new AbortController()
  readonly #clock: SteadyClock
  readonly #repeats: Repeats
  #open: OpenInterface[] = []
  #services: InterfaceServices = { udp: [], web: [], onError: () => {} }
  /** Serves the boot folder over HTTPS, where the lab says so. */
  #https: HttpBoot | undefined
  /** When its certificate was looked at last, by the clock of the process. */
  #certificateSeenAt = -Infinity
  #dhcp: DhcpServer | undefined
  /** Answers over IPv6, whatever the mode. */
  #dhcp6: Dhcp6Server | undefined
  /** Says what routers say, where the lab wants it and the system lets it. */
  #router: RouterPort | undefined
  #proxy: ProxyDhcp | undefined
  #bootServer: BootServer | undefined
  /** What answers PXE clients where the lab plays a Windows server. */
  #windows: WdsServer | undefined
  #requests = new PendingRequests()
  #requestStore: KeptList | undefined
  /** Who the machines are; undefined before it starts. */
  #machines: MachinesSeen | undefined
  #tftp: TftpService | undefined
  /** Who gives the addresses where the lab does not. */
  #engine: KeaEngine | undefined
  /** Who it becomes when its ports are open. */
  #user: User | undefined
  #store: LeaseKeeper | undefined
  #answers: Answers | undefined
  #replyListeners = new Set<(payload: Uint8Array) => void>()
  /** Only sockets that belong to an interface pass over the routes. */
  readonly #ways = nativeSockets && process.platform === 'linux' ? new Ways() : undefined
  #isAnswering = false
  #isFlushPlanned = false
  #writtenAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  #starting: Promise<void> | undefined
  #following: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: ResponderOptions) {
    const { tell, observe } = options
    this.#options = {
      ...options,
      // In one line with the packets: what was decided about a request stands behind it.
      tell: (event) => {
        tell(event)
        this.#machines?.hear(event)
        const note = observe && noteOf(event)
        if (note) observe({ note, time: nowMs() })
      },
    }
    this.#clock = new SteadyClock(options.clocks)
    this.#repeats = new Repeats((message) => tell({ type: 'warning', message }))
  }

  get autoStop(): { readonly afterMs: number; readonly reason: string } | undefined {
    const { autoStopMinutes: minutes } = this.#options.lab
    return minutes === null
      ? undefined
      : { afterMs: minutes * 60_000, reason: `after ${minutes} minutes, as the lab says` }
  }

  get transfers(): TransferStatus[] {
    return this.#tftp?.transfers ?? []
  }

  /** Whether whoever watches sees every packet of a file, rather than one in a while. */
  keepAllPackets(all: boolean): void {
    this.#tftp?.keepAll(all)
  }

  get leases(): StoredLease[] {
    return [...(this.#dhcp?.leases() ?? []), ...(this.#dhcp6?.leases() ?? [])]
  }

  get poolUsage(): ReturnType<DhcpServer['usage']> {
    return [...(this.#dhcp?.usage() ?? []), ...(this.#dhcp6?.usage() ?? [])]
  }

  /** Each server of the lab's DHCP engine. */
  get engine(): readonly EngineStatus[] {
    return this.#engine?.status ?? []
  }

  get listening(): ListeningPort[] {
    return this.#open.flatMap((one) => one.listening)
  }

  /** All sockets or none: rejects with a `StartError` and leaves nothing open. */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch(async (error: unknown) => {
      await this.#closeAll()
      throw error
    })
    return this.#starting
  }

  /** Ends a start that is under way, too; resolves when nothing is open any more. */
  stop(reason = 'by request'): Promise<void> {
    this.#stopping ??= this.#stop(reason)
    return this.#stopping
  }

  /** Frees an address; false where no lease is on it. */
  forget(address: IpAddress): boolean {
    const now = this.#clock.now()
    const done =
      (typeof address === 'number' ? this.#dhcp?.forget(address, now) : this.#dhcp6?.forget(address, now)) ?? false
    if (done) this.#flush()
    return done
  }

  /** Gives back a lease that was freed. */
  restore(address: IpAddress): LeaseRestoration {
    const now = this.#clock.now()
    const done =
      (typeof address === 'number' ? this.#dhcp?.restore(address, now) : this.#dhcp6?.restore(address, now)) ??
      'unknown'
    if (done === 'restored') this.#flush()
    return done
  }

  /** Machines that wait for approval, and what was decided of others. */
  get requests(): readonly PendingRequest[] {
    return this.#requests.list()
  }

  /** Undefined where there is no such request. */
  decide(request: number, decision: Decision): PendingRequest | undefined {
    const decided = this.#requests.decide(request, decision)
    if (decided) {
      this.#options.tell({ type: 'request-decided', request: decided })
      this.#storeRequests()
    }
    return decided
  }

  /** Takes a request off the list; false where there is none. */
  forgetRequest(request: number): boolean {
    const done = this.#requests.forget(request)
    this.#storeRequests()
    return done
  }

  /** Puts a request back on the list; false where it is not known any more, or its machine has asked again. */
  restoreRequest(request: number): boolean {
    const done = this.#requests.restore(request)
    this.#storeRequests()
    return done
  }

  #storeRequests(): void {
    if (this.#requests.takeChanged()) this.#requestStore?.write(this.#requests.list())
  }

  async #stop(reason: string): Promise<void> {
    this.#abort.abort()
    await this.#starting?.catch(() => {})
    await this.#following
    await this.#engine?.stop()
    const wasAnswering = this.#isAnswering
    // Whoever was heard is answered.
    if (wasAnswering) this.#flush()
    await this.#closeAll()
    if (wasAnswering) this.#options.tell({ type: 'stopped', reason })
  }

  async #start(): Promise<void> {
    const { lab } = this.#options
    const interfaces = this.#findInterfaces()
    this.#checkAgainst(interfaces)
    this.#chooseUser()
    const folder = await this.#openFolder()
    this.#goOn()
    const { leases, leases6 } = this.#openStore()
    this.#openRequests()
    this.#openMachines(leases)
    this.#buildMachines(interfaces, leases, leases6)
    const served = folder && this.#machines ? new TemplateFolder(folder, this.#options.lab, this.#machines) : undefined
    this.#buildTftp(served)
    this.#services = this.#servicesOf(served)
    for (const one of interfaces) {
      this.#open.push(await openInterface(one, this.#services))
      this.#goOn()
    }
    this.#openRouter()
    for (const lost of [withoutNative(), giveUpRights(this.#user)])
      if (lost !== undefined) this.#options.tell({ type: 'warning', message: lost })
    await this.#tftp?.prepare()
    this.#goOn()
    await this.#showCertificate()
    this.#goOn()
    const warnings = await this.#guard()
    this.#goOn()
    this.#isAnswering = true
    this.#options.tell({ type: 'ready', mode: lab.mode, ports: this.listening })
    for (const warning of warnings) this.#options.tell(warning)
    this.#tellWithoutIpv6()
    this.#planFlush()
    if (process.platform === 'win32') void this.#tellSharers()
    this.#following = this.#follow()
    this.#followNotices()
    this.#startEngine()
  }

  /** Only now: machines that Kea sends here find their files. Losing it ends nothing here. */
  #startEngine(): void {
    const { lab, labFile, stateFolder, tell, onEngine = () => {} } = this.#options
    if (lab.engine === null) return
    const options = { engine: lab.engine, resolve: (path: string) => resolve(dirname(labFile), path), stateFolder }
    this.#engine = new KeaEngine({
      controls: openKeas(options),
      lab: () =>
        filesFrom(
          lab,
          this.#open.flatMap((one) => ownAddresses(one.interface).map(({ address }) => address)),
        ),
      tell,
      onStatus: onEngine,
    })
    this.#engine.start()
  }

  /** What the lab leaves its clients without: now, and whenever a boot file comes or goes. */
  #followNotices(): void {
    const { lab, bootFolder, tell } = this.#options
    const unfollow = followNotices(lab, bootFolder, (_, fresh, over) => {
      // What is kept in logs is English.
      for (const notice of over) tell({ type: 'lab-notice-over', notice: englishNotice(notice) })
      for (const notice of fresh) tell({ type: 'lab-notice', notice: englishNotice(notice) })
    })
    this.#abort.signal.addEventListener('abort', unfollow, { once: true })
  }

  async #tellSharers(): Promise<void> {
    const udp = this.listening.filter(({ service }) => service !== 'http' && service !== 'https')
    // Who holds a port is a help, and never worth the service: where the system does not tell, nothing is said.
    const owners = await portOwners([...new Set(udp.map(({ port }) => port))]).catch(() => [])
    if (this.#abort.signal.aborted) return
    const addresses = udp.map(({ address }) => address)
    for (const message of sharedPortWarnings(owners, process.pid, addresses))
      this.#options.tell({ type: 'warning', message })
  }

  /** Between the steps of a start: throws where it has been stopped. */
  #goOn(): void {
    if (this.#abort.signal.aborted)
      throw new StartError({ kind: 'cancelled' }, 'the start was cancelled', 'Start again.')
  }

  #wanted(): string[] {
    const { lab } = this.#options
    return typeof lab.interface === 'string' ? [lab.interface] : lab.interface
  }

  #findInterfaces(): NetworkInterface[] {
    const { lab } = this.#options
    const available = listServable(lab)
    const { found, missing } = selectInterfaces(this.#wanted(), available)
    const ipv6Only = missing.length === 0 || lab.ipv6.enabled ? [] : listIpv6Only()
    const withoutIpv4 = missing.filter((wish) => ipv6Only.some(({ name }) => name === wish))
    if (withoutIpv4.length > 0)
      throw new StartError(
        { kind: 'interface', missing },
        `${withoutIpv4.join(' and ')} has no IPv4 address, and this lab answers over IPv4 alone`,
        'Give it an IPv4 address, or set ipv6.enabled: true to serve it over IPv6.',
      )
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
    return found.map((one) => this.#withFamilies(one))
  }

  /** With its IPv6 addresses only where the lab answers there. */
  #withFamilies(one: NetworkInterface): NetworkInterface {
    if (this.#options.lab.ipv6.enabled) return one
    const { ipv6: _, ...ipv4 } = one
    return ipv4
  }

  #checkAgainst(interfaces: readonly NetworkInterface[]): void {
    const { lab } = this.#options
    if (lab.mode !== 'dhcp') return
    const { subnets } = dhcpConfigurationOf(lab, interfaces)
    for (const served of interfaces) {
      const own = ownAddresses(served)
      if (own.length === 0) continue
      const subnet = subnets.find((one) => own.some(({ address }) => isInNetwork(address, one.network)))
      if (!subnet)
        // Relays may be all this lab serves; but then nobody on this wire gets an address.
        this.#options.tell({
          type: 'warning',
          message: `no subnet of the lab contains ${formatIpv4(served.address)} of ${served.name}: only relayed clients get addresses there`,
        })
      for (const { address } of own)
        if (subnets.some(({ pools }) => pools.some((pool) => address >= pool.start && address <= pool.end)))
          this.#options.tell({
            type: 'warning',
            message: `a pool of the lab contains our own address ${formatIpv4(address)}; it is not given out`,
          })
    }
  }

  #chooseUser(): void {
    const { lab, labFile, tell } = this.#options
    try {
      const { user, warning } = whoRuns(labFile, lab.runAs)
      this.#user = user
      if (warning !== undefined) tell({ type: 'warning', message: warning })
    } catch (error) {
      if (!(error instanceof UnknownUser)) throw error
      throw new StartError(
        { kind: 'configuration' },
        `runAs names nobody this system knows: ${error.message}`,
        'Write a user or user:group of this machine in runAs.',
      )
    }
    // Threads of transfers are started when they are needed.
    const program = fileURLToPath(workerFile())
    const code = this.#cannot(() => closeSync(openSync(program, 'r')))
    if (code !== undefined)
      throw new StartError(
        { kind: 'configuration' },
        `${this.#user?.name} cannot read this program in ${dirname(program)} (${code})`,
        'Install it where everybody may read it, or write runAs: root.',
      )
  }

  /** Why the user that it becomes cannot do that, by the system's code; undefined where they can. */
  #cannot(action: () => void): string | undefined {
    try {
      actAs(this.#user, action)
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }

  async #openFolder(): Promise<BootFolder | undefined> {
    const { lab, bootFolder } = this.#options
    if (lab.mode === 'listen' || (!lab.tftp.enabled && !lab.http.enabled && !lab.https.enabled)) return undefined
    try {
      const folder = await BootFolder.open(bootFolder, lab.boot.raspberryPi)
      this.#mustRead(folder.root)
      return folder
    } catch (error) {
      if (error instanceof StartError) throw error
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      throw new StartError(
        { kind: 'boot-folder' },
        `the boot folder ${bootFolder} ${isMissing ? 'does not exist' : `cannot be used: ${(error as Error).message}`}`,
        'Create it, or name another in boot.files.',
      )
    }
  }

  #mustRead(folder: string): void {
    const code = this.#cannot(() => opendirSync(join(folder, '.')).closeSync())
    if (code === undefined) return
    throw new StartError(
      { kind: 'boot-folder' },
      `the boot folder ${folder} cannot be read by ${this.#user?.name ?? 'this user'} (${code})`,
      `Let everybody read it (chmod -R o+rX, and o+x for the folders above it), or name another user in runAs.`,
    )
  }

  #openStore(): { readonly leases: Lease[]; readonly leases6: Lease6[] } {
    const { lab, labFile, stateFolder, tell } = this.#options
    const file = join(stateFolder, 'leases.sqlite')
    const { store, leases = [], leases6 = [] } = lab.mode === 'dhcp' ? this.#openLeases(file, labFile) : {}
    this.#store =
      store &&
      new LeaseKeeper({
        store,
        // By now it is who it stays.
        reopen: () => LeaseStore.open(file, new Date(), labFile).store,
        all: () => [...(this.#dhcp?.records() ?? []), ...(this.#dhcp6?.records() ?? [])],
        onRefilled: (count) =>
          tell({
            type: 'warning',
            message: `the lease database ${file} was deleted or replaced while the lab runs; all ${count} leases that it knows are in a new one`,
          }),
      })
    this.#answers = new Answers({ store: this.#store, tell, send: (answer, done) => this.#send(answer, done) })
    const now = this.#clock.now()
    return {
      leases: leases.map((lease) => notLongerThanGiven(lease, now)),
      leases6: leases6.map((lease) => notLongerThanGiven(lease, now)),
    }
  }

  #openLeases(file: string, labFile: string): Omit<ReturnType<typeof LeaseStore.open>, 'setAside'> {
    try {
      const user = this.#user
      if (user) giveFolder(dirname(file), user, ownedFiles)
      const opened = actAs(user, () => LeaseStore.open(file, new Date(), labFile))
      if (opened.setAside) this.#options.tell({ type: 'lease-database-set-aside', ...opened.setAside })
      return opened
    } catch (error) {
      if (error instanceof LeaseStoreError) {
        const who = this.#user ? `, for the user ${this.#user.name}` : ''
        throw new StartError({ kind: 'state' }, `${error.message}${who}`, error.remedy)
      }
      const { code } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      throw new StartError(
        { kind: 'state' },
        `the state folder ${dirname(file)} cannot be given to ${this.#user?.name} (${code})`,
        'Name another folder in state.',
      )
    }
  }

  /** Requests that were kept, where machines may have to wait. */
  #openRequests(): void {
    const { lab, stateFolder, tell } = this.#options
    if (lab.mode === 'listen' || lab.role !== 'wds' || !lab.wds.approve) return
    const path = join(stateFolder, requestsFile)
    if (this.#user) giveFolder(stateFolder, this.#user, ownedFiles)
    const { requests, problem } = actAs(this.#user, () => readRequests(path))
    if (problem !== undefined)
      tell({ type: 'warning', message: `the list of approvals ${path} begins anew: ${problem}` })
    this.#requests = new PendingRequests(requests)
    this.#requestStore = new KeptList(path, (error) =>
      this.#repeats.say('requests', `approvals cannot be stored in ${path}: ${error.message}`),
    )
  }

  /** What machines told of themselves, and what their next boots load. */
  #openMachines(leases: readonly Lease[]): void {
    const { lab, stateFolder } = this.#options
    if (lab.mode === 'listen') return
    if (this.#user) giveFolder(stateFolder, this.#user, ownedFiles)
    this.#machines = actAs(
      this.#user,
      () =>
        new MachinesSeen({
          stateFolder,
          tell: this.#options.tell,
          neighbour: (address) => this.#neighbour(address),
          now: () => this.#clock.now(),
          onUnwritten: (path, error) => this.#repeats.say(path, `${path} cannot be written: ${error.message}`),
        }),
    )
    const bound = leases.filter(({ state }) => state === 'bound')
    this.#machines.restore(bound.map(({ mac, address, uuid }) => ({ mac, address: formatIpv4(address), uuid })))
  }

  async #neighbour(address: string): Promise<string | undefined> {
    const at = parseIpv4(address) ?? 0
    for (const { interface: served } of this.#open)
      for (const own of ownAddresses(served))
        if (
          isInNetwork(at, { address: (own.address & maskOf(own.prefixLength)) >>> 0, prefixLength: own.prefixLength })
        )
          return (await neighbours([address], { ...served, ...own })).get(address)
    return undefined
  }

  /** What machines load at their next boot. */
  get nextBoots(): readonly NextBoot[] {
    return this.#machines?.nextBoots ?? []
  }

  /** False where nothing can be set: there are too many already. */
  setNextBoot(mac: string, what: InsteadOfRules): boolean {
    return this.#machines?.setNextBoot(mac, what) ?? false
  }

  /** False where the machine has none. */
  undoNextBoot(mac: string): boolean {
    return this.#machines?.undoNextBoot(mac) ?? false
  }

  #buildMachines(all: readonly NetworkInterface[], leases: Iterable<Lease>, leases6: Iterable<Lease6>): void {
    const { lab } = this.#options
    const interfaces = all.filter(({ address }) => address !== 0)
    const served6 = all.map(servedAs6)
    const over6 = dhcp6ConfigurationOf(lab, served6, this.#machines?.known)
    this.#dhcp6 = over6 && new Dhcp6Server(over6, leases6, this.#dhcp6?.freed)
    this.#router?.serve(routerAdvertiserConfigurationOf(lab, served6), this.#clock.now())
    const shared = { interfaces, ports: lab.ports, filter: lab.clients }
    const known = this.#machines?.known
    const boot = bootConfigurationOf(lab, known)
    const seen = new SeenWhereabouts()
    if (lab.mode === 'dhcp')
      this.#dhcp = new DhcpServer({ ...dhcpConfigurationOf(lab, interfaces, known), seen }, leases, this.#dhcp?.freed)
    const role = roleConfigurationOf(lab, interfaces)
    if (role) {
      this.#windows = new WdsServer(role, this.#requests)
      return
    }
    if (lab.mode === 'proxy-dhcp') this.#proxy = new ProxyDhcp({ ...shared, boot, seen })
    if (lab.mode !== 'listen') this.#bootServer = new BootServer({ ...shared, boot, seen })
  }

  #buildTftp(folder: ServedFolder | undefined): void {
    const { lab, uploadFolder, tell, observe } = this.#options
    if (!folder || !lab.tftp.enabled || lab.mode === 'listen') return
    this.#tftp = new TftpService(
      { ...lab.tftp, upload: uploadFolder },
      folder,
      tell,
      (served, { local, remote }, { direction, localPort, length, time, head }) =>
        observe?.({ direction, interface: served, local, localPort, remote, payload: head, length, time }),
    )
  }

  /** What is opened on each interface, at the start and whenever one comes back. */
  #servicesOf(folder: ServedFolder | undefined): InterfaceServices {
    const { lab } = this.#options
    const udp: UdpService[] = []
    if (lab.mode !== 'boot-server')
      udp.push({
        service: 'dhcp',
        port: lab.ports.dhcp,
        onDatagram: (...from) => this.#onDhcp(...from),
        receiveBuffer: 8 << 20,
        hears: 'broadcasts',
        isAskedByAddress: false,
      })
    udp.push({
      service: 'boot-server',
      port: lab.ports.bootServer,
      onDatagram: (...from) => this.#onBootServer(...from),
      ...(this.#dhcp6 ? { onDatagram6: (...from) => this.#onDhcp6(...from) } : {}),
      hears: 'broadcasts',
      isAskedByAddress: true,
      multicastGroups: [...new Set(bootConfigurationOf(lab).menus.map(({ menu }) => menu.multicastAddress))].filter(
        (group) => group !== undefined,
      ),
    })
    if (this.#dhcp6 && lab.mode !== 'boot-server')
      udp.push({
        service: 'dhcp6',
        port: lab.ports.dhcp6,
        onDatagram6: (...from) => this.#onDhcp6(...from),
        receiveBuffer: 8 << 20,
        hears: 'broadcasts',
        isAskedByAddress: false,
        multicastGroups6: dhcp6Groups,
      })
    if (this.#tftp)
      udp.push({
        service: 'tftp',
        port: lab.ports.tftp,
        onDatagram: (...from) => this.#onTftp(...from),
        onDatagram6: (...from) => this.#onTftp(...from),
        hears: 'own-addresses',
        isAskedByAddress: true,
      })
    const web: WebService[] = []
    if (folder && lab.mode !== 'listen')
      for (const service of ['http', 'https'] as const) {
        if (!lab[service].enabled) continue
        const boot = this.#newHttp(folder, service)
        if (service === 'https') this.#https = boot
        web.push({
          service,
          port: lab[service].port,
          listen: (address, port, zone) => boot.listen(address, port, zone),
        })
      }
    return {
      udp,
      web,
      onError: (service, port, error) =>
        this.#repeats.say(`${service} ${port}`, `${service} port ${port}: ${error.message}`),
    }
  }

  #newHttp(folder: ServedFolder, scheme: 'http' | 'https'): HttpBoot {
    const { tell, observe } = this.#options
    return new HttpBoot(
      folder,
      tell,
      (message) => this.#repeats.say(scheme, message),
      observe && ((segment) => this.#onHttp(segment)),
      scheme,
    )
  }

  /**
   * Gives HTTPS the certificate for the names and addresses that machines are sent to now: read, issued or renewed by the user
   * that the responder has become. Throws a `StartError`.
   */
  async #showCertificate(): Promise<void> {
    const { lab, labFile, stateFolder } = this.#options
    const { host, certificate: cert, key } = lab.https
    if (!this.#https) return
    this.#certificateSeenAt = performance.now()
    const addresses = this.#open.flatMap(({ interface: one }) => [
      ...ownAddresses(one).map(({ address }) => formatIpv4(address)),
      ...(one.ipv6 ?? []).map(({ address }) => address),
    ])
    try {
      if (cert !== null && key !== null) {
        const files = { cert: resolve(dirname(labFile), cert), key: resolve(dirname(labFile), key) }
        const { certificate, warnings } = await personsCertificate(files, host === null ? addresses : [host])
        for (const warning of warnings) this.#repeats.say(warning, warning)
        this.#https.setTls(certificate)
      } else {
        const names = [...addresses, ...(host === null ? [] : [host])]
        this.#https.setTls(await issuedCertificate(stateFolder, [...new Set(names)]))
      }
    } catch (error) {
      if (error instanceof CertificateError) throw new StartError({ kind: 'configuration' }, error.what, error.remedy)
      const { code, message } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      throw new StartError({ kind: 'state' }, `the certificate of HTTPS boot cannot be kept in ${stateFolder} (${code}: ${message})`, 'Let this user write there, or name another folder in state.') // prettier-ignore
    }
  }

  /** What it shows stays where it cannot be renewed. */
  async #renewCertificate(): Promise<void> {
    try {
      await this.#showCertificate()
      this.#repeats.forget('certificate')
    } catch (error) {
      const { message, remedy = '' } = error as Error & { readonly remedy?: string }
      this.#repeats.say('certificate', `HTTPS boot keeps its certificate: ${message}. ${remedy}`)
    }
  }

  #onHttp({ local: localText, client, clientPort, ...segment }: SeenSegment): void {
    const [local, remote] = [parseIp(localText), parseIp(client)]
    const served = this.#open.find(({ interface: one }) =>
      typeof local === 'number'
        ? ownAddresses(one).some((own) => own.address === local)
        : one.ipv6?.some((own) => own.address === local),
    )
    if (!served || local === undefined || remote === undefined) return
    this.#options.observe?.({ ...segment, time: nowMs(), interface: served.interface, local, remote: { address: remote, port: clientPort } }) // prettier-ignore
  }

  /** Raw sockets, which only root may open: before it becomes somebody else. */
  #openRouter(): void {
    const { lab, tell } = this.#options
    const served6 = this.#open.map((one) => servedAs6(one.interface))
    const configuration = routerAdvertiserConfigurationOf(lab, served6)
    if (lab.ipv6.routerAdvertisements === null || !lab.ipv6.enabled || lab.mode === 'listen') return
    this.#router = new RouterPort({
      tell,
      warn: (key, message) => this.#repeats.say(key, message),
      interfaces: () => this.#open.map((one) => one.interface),
      observe: (interfaceName, direction, local, remote, payload) => this.#watchIcmp6(interfaceName, direction, local, remote, payload), // prettier-ignore
    })
    this.#router.serve(configuration, this.#clock.now())
  }

  #watchIcmp6(
    name: string,
    direction: 'in' | 'out',
    local: string | undefined,
    remote: string,
    payload: Uint8Array,
  ): void {
    const open = this.#open.find((one) => one.interface.name === name)
    if (open)
      this.#options.observe?.({ direction, interface: open.interface, local, localPort: 0, remote: { address: remote, port: 0 }, payload, time: nowMs(), isIcmp6: true }) // prettier-ignore
  }

  /** What a lab with IPv6 lacks on this machine, once at the start. */
  #tellWithoutIpv6(): void {
    const { lab, tell } = this.#options
    if (!lab.ipv6.enabled || lab.mode === 'listen') return
    for (const { interface: served } of this.#open) {
      const { linkLocal, addresses } = servedAs6(served)
      const { name } = served
      if (served.isLoopback) continue
      if (linkLocal === undefined && addresses.length === 0)
        tell({ type: 'warning', message: `${name} has no IPv6 address: nobody is answered over IPv6 there. Switch IPv6 on for it (on Linux: sysctl net.ipv6.conf.${name}.disable_ipv6=0), or set ipv6.enabled: false` }) // prettier-ignore
      else if (addresses.length === 0)
        tell({ type: 'warning', message: `${name} has a link-local IPv6 address only: machines on that wire find this server, and get no address from it unless ipv6.subnets names a network; relayed machines cannot reach its files. Give ${name} an address such as fd00:77::1/64` }) // prettier-ignore
    }
  }

  /** Asks who else answers, where that matters; throws where answering beside them is not allowed. */
  async #guard(): Promise<UntimedEvent[]> {
    const { lab, tell } = this.#options
    if (lab.mode === 'listen' || lab.mode === 'boot-server' || lab.ports.dhcp !== 67) return []
    if (this.#over4.length === 0) return []
    if (lab.mode === 'dhcp' && !lab.allowOtherServers && !this.#options.isResuming) {
      const found = await this.#ask()
      this.#goOn()
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
    void this.#ask()
      .catch((error: unknown) => ({ servers: [], complaint: error instanceof Error ? error.message : String(error) }))
      .then((found) => {
        if (this.#abort.signal.aborted) return
        tell({ type: 'other-servers', mode: lab.mode, ...found })
        const isAlone = found.complaint === undefined && !found.servers.some(({ role }) => role === 'dhcp')
        if (lab.mode === 'proxy-dhcp' && isAlone)
          tell({
            type: 'warning',
            message:
              'no DHCP server answered here, and in mode proxy-dhcp machines get their address from one. Choose mode dhcp where nobody assigns addresses',
          })
      })
    return []
  }

  /** Interfaces that are served over IPv4. */
  get #over4(): readonly OpenInterface[] {
    return this.#open.filter((one) => one.interface.address !== 0)
  }

  async #ask(): Promise<{ servers: FoundServer[]; complaint: string | undefined }> {
    const results = await Promise.all(
      this.#over4.map((one) =>
        askWhoAnswers({
          interface: one.interface,
          relay: (hear) => {
            const own = one.udp(this.#options.lab.ports.dhcp)
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

  #watch<Address extends IpAddress>(
    direction: 'in' | 'out',
    port: UdpPort<Address>,
    remote: UdpEnd<Address>,
    payload: Uint8Array,
    time = nowMs(),
  ): void {
    this.#options.observe?.({
      direction,
      interface: port.interface,
      local: port.asked,
      localPort: port.port,
      remote,
      payload,
      time,
    })
  }

  #onDhcp(payload: Buffer, source: Endpoint, port: UdpPort): void {
    this.#watch('in', port, source, payload)
    if (payload[0] === ops.reply) {
      for (const hear of this.#replyListeners) hear(payload)
      return
    }
    if (!this.#isAnswering) return
    // A broadcast comes back to its sender: our own question is not for us to answer.
    if (ownAddresses(port.interface).some(({ address }) => address === source.address) && isProbe(payload)) return
    const datagram = {
      kind: 'datagram',
      interface: port.interface.name,
      source,
      destinationPort: port.port,
      destinationAddress: port.asked,
      payload,
    } as const
    const hasAddress = payload.length > 16 && payload.readUInt32BE(12) !== 0
    if (this.#bootServer && hasAddress && isBootServerDiscovery(payload)) this.#bootServer.handle(datagram)
    else if (this.#dhcp) this.#dhcp.handle(datagram, this.#clock.now())
    else if (this.#proxy) {
      this.#proxy.handle(datagram)
      if (this.#machines?.awaitsLocalDisk) this.#seeRequest(payload)
    } else if (this.#windows) this.#windows.handle(datagram, this.#clock.now())
    else this.#overhear(payload)
    this.#planFlush()
  }

  #onDhcp6(payload: Buffer, source: Endpoint6, port: UdpPort<string>): void {
    this.#watch('in', port, source, payload)
    if (!this.#isAnswering || !this.#dhcp6) return
    this.#dhcp6.handle(
      {
        kind: 'datagram',
        interface: port.interface.name,
        source,
        destinationPort: port.port,
        destinationAddress: port.asked,
        payload,
      },
      this.#clock.now(),
    )
    this.#planFlush()
  }

  #onBootServer(payload: Buffer, source: Endpoint, port: UdpPort): void {
    this.#watch('in', port, source, payload)
    if (!this.#isAnswering) return
    const machine = this.#windows ?? this.#bootServer
    if (!machine) return this.#overhear(payload)
    const { port: destinationPort, asked: destinationAddress } = port
    machine.handle(
      { kind: 'datagram', interface: port.interface.name, source, destinationPort, destinationAddress, payload },
      this.#clock.now(),
    )
    this.#planFlush()
  }

  /** A machine that takes an address goes on by what we told it beside that: to its local disk, where nothing follows. */
  #seeRequest(payload: Uint8Array): void {
    const { message, hasCookie } = decodeDhcp(payload)
    const client = identityOf(message)
    if (hasCookie && messageTypeOf(message) === messageTypes.request && client.boot !== 'none' && message.ciaddr === 0)
      this.#machines?.wentToLocalDisk(client.mac)
  }

  #overhear(payload: Uint8Array): void {
    const decoded = decodeDhcp(payload)
    if (decoded.hasCookie)
      this.#options.tell({
        type: 'client-seen',
        client: identityOf(decoded.message),
        message: inEnglish(messageName(decoded)),
      })
  }

  #onTftp<Address extends IpAddress>(payload: Buffer, source: UdpEnd<Address>, port: UdpPort<Address>): void {
    const isOfTransfer = this.#isAnswering && (this.#tftp?.receive(payload, source, port) ?? false)
    // Those of transfers are told by the threads that carry them.
    if (!isOfTransfer) this.#watch('in', port, source, payload)
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    const pauseMs = this.#writtenAt + writeEveryMs - performance.now()
    if (pauseMs > 0) setTimeout(() => this.#flush(), pauseMs)
    // Runs after every datagram of this turn of the event loop has been handled.
    else setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushPlanned = false
    if (this.#answers?.flush(this.#dhcp, [this.#proxy, this.#bootServer, this.#windows], this.#dhcp6))
      this.#writtenAt = performance.now()
    this.#storeRequests()
    this.#planTimeout()
  }

  #send(reply: OutgoingDatagram | Outgoing6, done: (error: Error | undefined) => void): void {
    if (isOver6(reply)) return this.#send6(reply, done)
    const port = this.#open
      .find((one) => one.interface.name === reply.interface)
      ?.udp(reply.sourcePort, reply.sourceAddress)
    if (!port) return done(new Error(`the interface ${reply.interface} is gone`))
    const { address } = reply.destination
    const way = this.#ways?.problem(address, port.interface)
    if (way) void this.#sendFar(port, reply, way, done)
    else this.#sendBy(port, reply, done)
  }

  #send6(reply: Outgoing6, done: (error: Error | undefined) => void): void {
    const { interface: name, sourcePort, sourceAddress, destination } = reply
    const open = this.#open.find((one) => one.interface.name === name)
    const port = open?.udp6(sourcePort, destination.address, sourceAddress)
    if (!port) return done(new Error(`the interface ${name} has no IPv6 address any more`))
    this.#sendBy(port, reply, done)
  }

  /** To another network: without a route it may still be somebody on this very wire. */
  async #sendFar(
    port: UdpPort,
    reply: OutgoingDatagram,
    way: Promise<string | undefined>,
    done: (error: Error | undefined) => void,
  ): Promise<void> {
    const why = await way
    const error = await new Promise<Error | undefined>((resolve) => this.#sendBy(port, reply, resolve))
    if (error || why === undefined) return done(error)
    const isThere = await this.#ways!.arrived(reply.destination.address, port.interface)
    if (!this.#abort.signal.aborted) done(isThere ? undefined : new Error(why))
  }

  #sendBy<Address extends IpAddress>(
    port: UdpPort<Address>,
    reply: { readonly destination: UdpEnd<Address>; readonly payload: Uint8Array },
    done: (error: Error | undefined) => void,
  ): void {
    const time = nowMs()
    port.send(reply.payload, reply.destination, (error) => {
      if (!error) this.#watch('out', port, reply.destination, reply.payload, time)
      done(error)
    })
  }

  #planTimeout(): void {
    clearTimeout(this.#timer)
    const at = Math.min(this.#dhcp?.pollTimeout() ?? Infinity, this.#dhcp6?.pollTimeout() ?? Infinity)
    if (at === Infinity || this.#abort.signal.aborted) return
    this.#timer = setTimeout(
      () => {
        for (const server of [this.#dhcp, this.#dhcp6]) server?.handle({ kind: 'timeout' }, this.#clock.now())
        this.#flush()
      },
      // setTimeout takes no more than 24 days; an early call finds nothing due and plans again.
      Math.min(Math.max(at - this.#clock.now(), 0) + 1, 86_400_000),
    )
  }

  /** Every two seconds: has an interface come, gone or got another address, was the clock set, is the lease database there? */
  async #follow(): Promise<void> {
    for (;;) {
      try {
        await delay(interfacePollMs, undefined, { signal: this.#abort.signal, ref: false })
      } catch {
        return
      }
      this.#followClock()
      this.#answers?.checkStore()
      await this.#followInterfaces()
      if (performance.now() - this.#certificateSeenAt > certificateCheckMs) await this.#renewCertificate()
    }
  }

  /** Leases keep the time they have left: a client counts it by a clock of its own. */
  #followClock(): void {
    const milliseconds = this.#clock.follow()
    if (milliseconds === 0) return
    this.#options.tell({ type: 'clock-jumped', milliseconds })
    if (!this.#dhcp && !this.#dhcp6) return
    // What is on its way is counted with the time of before.
    this.#flush()
    this.#dhcp?.moveTimes((lease) => movedBy(lease, milliseconds))
    this.#dhcp6?.moveTimes((lease) => movedBy(lease, milliseconds))
    this.#flush()
  }

  /** Closes the ports of an interface that goes, opens all of them again when it comes back, with whatever address it has. */
  async #followInterfaces(): Promise<void> {
    let found: readonly NetworkInterface[]
    try {
      found = selectInterfaces(this.#wanted(), listServable(this.#options.lab)).found.map((one) =>
        this.#withFamilies(one),
      )
      this.#repeats.forget('interfaces')
    } catch (error) {
      // What cannot be looked at has not gone: a process without descriptors, for one, sees no interface.
      return this.#repeats.say('interfaces', `the interfaces cannot be listed: ${(error as Error).message}`)
    }
    const same = (a: NetworkInterface, b: NetworkInterface): boolean => a.name === b.name && a.address === b.address
    for (const one of this.#open.filter((open) => !found.some((there) => same(there, open.interface)))) {
      this.#open = this.#open.filter((other) => other !== one)
      this.#serveOpen()
      await one.close()
      const { name } = one.interface
      this.#tftp?.interfaceLost(name)
      this.#options.tell({ type: 'interface-lost', interface: name, address: addressText(one.interface) })
    }
    for (const open of this.#open)
      await this.#followAddresses(
        open,
        found.find((there) => same(there, open.interface))!,
      )
    for (const served of found.filter((there) => !this.#open.some((open) => same(there, open.interface)))) {
      try {
        const opened = await openInterface(served, this.#services)
        this.#open.push(opened)
        this.#serveOpen()
        await this.#renewCertificate()
        this.#repeats.forget(served.name)
        this.#options.tell({ type: 'interface-back', interface: served.name, address: addressText(served) })
      } catch (error) {
        // Tried again at the next look.
        this.#repeats.say(served.name, (error as Error).message)
      }
    }
  }

  async #followAddresses(open: OpenInterface, there: NetworkInterface): Promise<void> {
    const { lost, came, failed } = await open.follow(there)
    const { name } = there
    if (failed) this.#repeats.say(`${name} addresses`, failed.message)
    else this.#repeats.forget(`${name} addresses`)
    if (lost.length === 0 && came.length === 0) return
    this.#serveOpen()
    if (came.length > 0) await this.#renewCertificate()
    if (lost.length > 0) this.#tftp?.interfaceLost(name)
    for (const address of lost)
      this.#options.tell({ type: 'interface-lost', interface: name, address: formatIp(address) })
    for (const address of came)
      this.#options.tell({ type: 'interface-back', interface: name, address: formatIp(address) })
  }

  /** The machines go by the interfaces that are open; what they have in hand goes out before. */
  #serveOpen(): void {
    this.#flush()
    this.#buildMachines(
      this.#open.map((one) => one.interface),
      this.#dhcp?.handedOver() ?? [],
      this.#dhcp6?.handedOver() ?? [],
    )
    this.#planTimeout()
  }

  async #closeAll(): Promise<void> {
    this.#isAnswering = false
    this.#answers?.stop()
    this.#answers = undefined
    clearTimeout(this.#timer)
    this.#router?.close()
    this.#router = undefined
    await this.#tftp?.close()
    await Promise.all(this.#open.splice(0).map((one) => one.close()))
    this.#store?.close()
    await this.#requestStore?.close()
    await this.#machines?.close()
  }
}
