/**
 * The application behind the contract: one lab, its responder, what is known of clients and packets. It runs in a process
 * of its own under Electron and inside the local web server otherwise; windows come and go.
 */
import { say } from '#messages/message.ts'
import { basename } from 'node:path'
import { hostname } from 'node:os'
import { CallFailure, pushMessage } from '#shared/contract/channel.ts'
import type {
  Approval,
  Client,
  Handlers,
  InterfaceInfo,
  LabState,
  LeaseInfo,
  PortState,
  Problem,
  Push,
  PushName,
  Reply,
  Status,
  Verdict,
} from '#shared/contract/calls.ts'
import type { LabEvent, UntimedEvent } from '#shared/contract/events.ts'
import { givenNames } from '#shared/lab/given-names.ts'
import { labFactsOf, labSchema, type Lab } from '#shared/lab/lab.ts'
import { parseMac } from '#shared/wire/bytes.ts'
import { compareIp, formatIp, parseIp } from '#shared/wire/ip-address.ts'
import { architectures, architectureName } from '#shared/wire/iana/architecture.ts'
import { viewOfLab } from '../inspect/lab-notices.ts'
import { exportForWindow } from '../lessons/export-lessons.ts'
import { describeOwner, portOwners, portRemedy } from '../inspect/port-owner.ts'
import { LiveFrames } from '../observe/live-frames.ts'
import { secureOnOf, wakeMachines, whyNoCard } from '../probe/wake.ts'
import {
  addressText,
  listInterfaces,
  listIpv6Only,
  selectInterfaces,
  type NetworkInterface,
} from '../responder/interfaces.ts'
import { withoutNative } from '../responder/without-native.ts'
import type { ResponderSettings } from '../responder-process/messages.ts'
import type { ResponderSource } from '../responder-process/source.ts'
import { leaseCountsOf, Telemetry, tellsOthers } from '../telemetry/telemetry.ts'
import { version } from '../version.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { readSpaceFile } from '../workspace/ask-space.ts'
import { ScenarioLibrary } from '../workspace/scenario-library.ts'
import { shippedSites } from '../workspace/site-file.ts'
import { BootRoom } from './boot-room.ts'
import { Captures } from './captures.ts'
import { ClassHost } from './class-host.ts'
import { ClientBook, vendorOf } from './client-book.ts'
import { LabRoom, unwritten } from './lab-room.ts'
import { LogBook } from './log-book.ts'
import { MachinePlans } from './machine-plans.ts'
import { FilesRoom } from './files-room.ts'
import { MachineRoom } from './machine-room.ts'
import { ProblemBook } from './problem-book.ts'
import { EngineRoom } from './engine-room.ts'
import { ResponderRoom } from './responder-room.ts'
import { WireRoom } from './wire-room.ts'
import { readLicences } from './licences.ts'
import { propose, subnetFor } from './proposal.ts'

const tickMs = 200
/** A storm is told a part at a time: a window that is busy reading shows nothing. */
const clientsInPush = 100
const serviceNames = { dhcp: 'DHCP', tftp: 'TFTP', bootServer: 'Boot server', dhcp6: 'DHCPv6' } as const

const verdictStates = { approve: 'approved', refuse: 'refused', wait: 'pending' } as const

type Listener = (message: unknown) => void
const noHub = (): never => {
  throw new CallFailure(say('room.no-sites'), say('room.open-hub'))
}
const withoutSites = {
  'sites.state': noHub,
  'sites.overview': noHub,
  'sites.trend': noHub,
  'sites.boots': noHub,
  'sites.boot': noHub,
  'sites.capture': noHub,
  'sites.compare': noHub,
  'sites.names': noHub,
  'sites.rename': noHub,
} as const

type JsonValue = Reply<'scenarios.ofLab'>

const infoOf = (one: NetworkInterface): InterfaceInfo => ({
  name: one.name,
  address: addressText(one),
  prefixLength: one.address === 0 ? 64 : one.prefixLength,
  ...(one.address === 0 ? { isIpv6Only: true } : {}),
  mac: one.mac,
  isLoopback: one.isLoopback,
  hasLink: one.hasLink ?? null,
  ...(one.description === undefined ? {} : { description: one.description }),
  ...(one.medium === undefined ? {} : { medium: one.medium }),
})

/** An interface that a lab can be made for, over IPv6 alone where it has no IPv4 address. */
const withAddress = (name: string): NetworkInterface =>
  selectInterfaces([name], listIpv6Only()).found[0] ?? withIpv4(name)

/** An interface that a subnet can be made of. */
function withIpv4(name: string): NetworkInterface {
  const [served] = selectInterfaces([name], listInterfaces()).found
  if (served) return served
  if (selectInterfaces([name], listIpv6Only()).found.length > 0)
    throw new CallFailure(say('room.no-ipv4', { name }), say('room.give-ipv4')) // prettier-ignore
  throw new CallFailure(say('room.no-interface', { name }), say('room.other-interface'))
}

export class Backend {
  readonly handlers: Handlers
  readonly #lab: LabRoom
  readonly #responder: ResponderRoom
  readonly #clients = new ClientBook()
  readonly #frames = new LiveFrames((address) => this.#clients.macOf(address))
  readonly #scenarios = (): ScenarioLibrary => new ScenarioLibrary(this.#lab.stateFile('scenarios'))
  readonly #wire = new WireRoom({
    isResponding: () => this.#responder.isBusy,
    onProgress: (text) => this.#push('wire', text),
    onRival: (state) => this.#push('rival', state),
  })
  readonly #captures = new Captures({
    frames: this.#frames,
    folder: () => this.#lab.stateFile('captures'),
    httpPorts: () => {
      const { http, https } = this.#lab.lab ?? {}
      return [80, 443, 8080, ...(http?.enabled ? [http.port] : []), ...(https?.enabled ? [https.port] : [])]
    },
    onChange: (state) => this.#push('capture', state),
  })
  readonly #listeners = new Set<Listener>()
  readonly #log = new LogBook((text, own) => this.#clients.say(text, own))
  readonly #problems = new ProblemBook()
  #toldProblems = '[]'
  /** Boots that ended before are told, and are no news. */
  readonly #openedAt = Date.now()
  /** The lab file whose boots are shown. */
  #bootsOf = ''
  readonly #boots = new BootRoom({
    frames: this.#frames,
    clients: this.#clients,
    log: this.#log,
    stateFile: (name) => this.#lab.ownStateFile(name),
    onVerdict: (verdict) => {
      this.#judge(verdict)
      if (verdict.lastAt >= this.#openedAt) this.#telemetry?.judged(verdict)
    },
    // What the history holds of earlier runs was told then.
    onSettled: (boot) => {
      if (boot.verdict.lastAt >= this.#openedAt) this.#telemetry?.settled(boot)
    },
    warn: (message) => this.#tell({ type: 'warning', message }),
  })
  #telemetry: Telemetry | undefined
  #telemetrySettings = ''
  #openingTelemetry: Promise<void> = Promise.resolve()
  #rate: { time: number; count: number }[] = []
  #toldFrames = 0
  #ticker: NodeJS.Timeout | undefined
  readonly #machine = new MachineRoom({
    stateFile: (name) => this.#lab.stateFile(name),
    onChecking: (text) => this.#push('doctor', text),
    labFacts: () => (this.#lab.lab ? labFactsOf(this.#lab.lab) : {}),
    onRemedy: (record) => this.#push('remedy', record),
  })

  readonly #class = new ClassHost({
    onChange: (state) => this.#push('class', state),
    warn: (message) => this.#tell({ type: 'warning', message }),
  })

  readonly #engine = new EngineRoom({
    lab: () => {
      const lab = this.#lab.require()
      return { lab, resolve: (path) => this.#lab.file.resolve(path), stateFolder: this.#lab.requireState() }
    },
    nameOf: (mac) => this.#clients.names.get(mac),
  })

  readonly #files = new FilesRoom({
    lab: () => {
      const lab = this.#lab.require()
      return { lab, root: this.#lab.file.resolve(lab.boot.files) }
    },
    aside: () => this.#lab.ownStateFile('replaced'),
  })

  readonly #plans = new MachinePlans({
    lab: () => this.#lab.require(),
    bootFolder: () => this.#lab.file.resolve(this.#lab.require().boot.files),
    running: () => (this.#responder.status.startedAt === null ? undefined : this.#responder.settings?.lab),
    nextBoots: () => this.#responder.nextBoots(),
    setNextBoot: (mac, what) => this.#responder.setNextBoot(mac, what),
    wake: (macs) => this.#wake(macs),
    bootOf: (mac) => this.#clients.newest(mac),
    factsOf: (mac) => this.#clients.factsOf(mac),
    architectureOf: (mac) => {
      const said = this.#clients.factsOf(mac).architecture
      return said === undefined ? undefined : architectures.find(({ name }) => name === said)?.code
    },
  })

  /** `source` is where the responder's process comes from. */
  constructor(labPath: string, source: ResponderSource) {
    this.#lab = new LabRoom({
      path: labPath,
      tell: (event) => this.#tell(event),
      onChange: (state) => this.#onLab(state),
      mayMoveState: () =>
        this.#responder.settings === undefined && this.#captures.state.interface === null && !this.#machine.isChanging,
    })
    this.#responder = new ResponderRoom({
      source,
      prepare: () => this.#prepare(),
      onEvent: (event) => this.#hear(event),
      onObserved: (seen) => this.#frames.addObserved(seen),
      onUnseen: (datagrams) => this.#frames.missed(datagrams),
      onChange: (settings) => this.#onResponder(settings),
    })
    this.handlers = this.#makeHandlers()
  }

  async open(): Promise<void> {
    await this.#lab.open()
    await this.#boots.open()
    this.#bootsOf = this.#lab.state.path
    this.#tellLab()
    this.#followTelemetry()
    this.#responder.open()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker)
    this.#lab.close()
    this.#files.close()
    this.#plans.close()
    // Together: a console window that is closed leaves five seconds for all of it.
    await Promise.all([
      this.#responder.close('the application ends'),
      this.#captures.stop(),
      this.#wire.close(),
      this.#machine.close(),
      this.#class.close(),
    ])
    // Last: what happened until the end is kept as well, and told.
    await this.#boots.close()
    await this.#openingTelemetry
    await this.#telemetry?.close()
  }

  /** Absolute; of the lab that is open now. */
  get stateFolder(): string {
    return this.#lab.stateFolder
  }

  /** A window has come; returns how to tell that it went. */
  connect(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #push<P extends PushName>(name: P, value: Push<P>): void {
    const message = pushMessage(name, value)
    for (const listener of this.#listeners) listener(message)
  }

  #statusNow(): Status {
    const lab = this.#responder.settings?.lab ?? this.#lab.lab
    return {
      ...this.#responder.status,
      mode: lab?.mode ?? null,
      interfaces: lab ? (typeof lab.interface === 'string' ? [lab.interface] : lab.interface) : [],
      warnings: this.#log.warnings,
      keepsAllPackets: this.#responder.keepsAllPackets,
    }
  }

  async #prepare(): Promise<ResponderSettings> {
    await this.#lab.load()
    this.#tellLab()
    const { file, text } = this.#lab
    const lab = this.#lab.require()
    const stateFolder = this.#lab.requireState()
    this.#log.forgetWarnings()
    return {
      lab,
      labText: text,
      labFile: file.path,
      bootFolder: file.resolve(lab.boot.files),
      stateFolder,
      uploadFolder: lab.tftp.upload === null ? undefined : file.resolve(lab.tftp.upload),
    }
  }

  #onLab(state: LabState): void {
    // Another lab has boots of its own, and moves there.
    if (state.path === this.#bootsOf) this.#boots.follow()
    this.#tellLab()
    this.#followTelemetry()
    this.#push('lab', state)
  }

  /** What others are told is as the lab file says; a file that is wrong changes nothing. */
  #followTelemetry(): void {
    const settings = this.#lab.lab?.telemetry
    const text = JSON.stringify([settings, this.#lab.state.path])
    if (settings === undefined || text === this.#telemetrySettings) return
    this.#telemetrySettings = text
    const before = this.#telemetry
    const next = tellsOthers(settings)
      ? new Telemetry({
          settings,
          resolve: (file) => this.#lab.file.resolve(file),
          leases: async () => leaseCountsOf(await this.#responder.leases().catch(() => [])),
          warn: (message) => this.#tell({ type: 'warning', message }),
        })
      : undefined
    this.#telemetry = next
    this.#openingTelemetry = this.#openingTelemetry.then(() => before?.close()).then(() => next?.open())
  }

  /** Clients with a reservation are marked, and called as the lab file calls them. */
  #tellLab(): void {
    // A mistake in the file takes no name from what runs.
    const lab = this.#lab.lab ?? this.#responder.settings?.lab
    const reserved = new Set(
      lab?.dhcp.subnets.flatMap((subnet) => subnet.reservations.map((one) => one.mac && parseMac(one.mac))) ?? [],
    )
    this.#clients.setLab((mac) => reserved.has(mac), givenNames(lab))
  }

  #onResponder(settings: ResponderSettings | undefined): void {
    if (settings) this.#frames.setPorts(settings.lab.ports)
    this.#lab.setRunning(settings?.labText)
    this.#push('status', this.#statusNow())
  }

  /** What happened here and not on the wire. */
  #tell(event: UntimedEvent): void {
    this.#hear({ ...event, time: Date.now() })
  }

  #hear(event: LabEvent): void {
    this.#telemetry?.hear(event)
    this.#clients.hear(event)
    this.#log.hear(event)
    this.#problems.hear(event, this.#statusNow().mode ?? undefined)
  }

  /** What the model says of a boot: the one source of clients, problems, notices and log. */
  #judge(verdict: Verdict): void {
    const isNews = this.#clients.judge(verdict)
    if (!isNews || verdict.lastAt < this.#openedAt) return
    const { mac, headline, causes } = verdict
    this.#tell({ type: 'boot-failed', client: { mac }, headline, cause: causes[0] ?? '' })
  }

  #problemsNow(): ReturnType<ProblemBook['all']> {
    const complaints = [this.#responder.status.complaint, this.#captures.complaint]
    const { count, listed } = this.#problems.all({ complaints, lab: this.#lab.state, clients: this.#clients })
    const say = (one: Problem): Problem => ({ ...one, text: this.#clients.say(one.text, one.about), remedy: this.#clients.say(one.remedy, one.about) }) // prettier-ignore
    return { count, listed: listed.map(say) }
  }

  #frameRange(): { first: number; last: number; generation: number } {
    const { first, last, generation } = this.#frames
    return { first, last, generation }
  }

  /** What changed since the last tick goes to the windows, a few times a second however much it was. */
  #tick(): void {
    const now = performance.now()
    this.#rate.push({ time: now, count: this.#frames.count })
    while (this.#rate.length > 1 && now - this.#rate[0]!.time > 2000) this.#rate.shift()
    this.#boots.tick()
    this.#log.name()
    if (this.#listeners.size === 0) {
      this.#log.dropFresh()
      return
    }
    const changed = this.#clients.takeChanged(clientsInPush)
    if (changed.length > 0) this.#push('clients', changed)
    const lines = this.#log.takeFresh()
    if (lines.length > 0) this.#push('log', lines)
    if (this.#frames.last !== this.#toldFrames) {
      this.#toldFrames = this.#frames.last
      this.#push('frames', this.#frameRange())
      this.#captures.tick()
    }
    const problems = this.#problemsNow()
    const listed = JSON.stringify(problems.listed)
    if (listed !== this.#toldProblems) this.#push('problems', problems.listed)
    this.#toldProblems = listed
    const first = this.#rate[0]!
    const seconds = Math.max(0.2, (now - first.time) / 1000)
    this.#push('counters', {
      packetsPerSecond: (this.#frames.count - first.count) / seconds,
      packets: this.#frames.count,
      activeBoots: this.#clients.activeBoots(Date.now()),
      transfers: this.#responder.transfers,
      problems: problems.count,
    })
  }

  async #leases(): Promise<LeaseInfo[]> {
    // Without a lab that can be read nobody is asked.
    const ofEngine = this.#lab.lab?.engine ? await this.#engine.leases() : undefined
    if (ofEngine) return ofEngine
    const reserved = new Set(
      [...(this.#lab.lab?.dhcp.subnets ?? []), ...(this.#lab.lab?.ipv6.subnets ?? [])].flatMap((subnet) =>
        subnet.reservations.map((one) => parseIp(one.address)),
      ),
    )
    return (await this.#responder.leases())
      .toSorted((a, b) => compareIp(a.address, b.address))
      .map((lease) => ({
        address: formatIp(lease.address),
        mac: lease.mac,
        hostName: this.#clients.names.get(lease.mac) ?? lease.hostname ?? null,
        uuid: lease.uuid ?? null,
        state: lease.state,
        since: lease.since,
        until: Number.isFinite(lease.until) ? lease.until : null,
        isReserved: reserved.has(lease.address),
      }))
  }

  /** Told for each machine that a packet left for; that it woke is never known. */
  async #wake(wanted: readonly string[], secret?: string): Promise<Reply<'clients.wake'>> {
    const password = secret === undefined ? undefined : secureOnOf(secret)
    if (secret !== undefined && !password)
      throw new CallFailure(say('room.bad-secureon'), say('room.secureon-form')) // prettier-ignore
    const macs = wanted.map((one) => {
      const mac = parseMac(one)
      const why = mac === undefined ? `${one} is no MAC address` : whyNoCard(mac)
      if (mac !== undefined && why === undefined) return mac
      throw new CallFailure(say('room.nobody-woken', { why }), say('room.give-mac'))
    })
    const { found, missing } = selectInterfaces([this.#lab.require().interface].flat(), listInterfaces())
    const { sent, failed } = await wakeMachines([...new Set(macs)], found, password)
    const all = [
      ...failed,
      ...missing.map((name) => `not on ${name}: this machine has no such interface with an address`),
    ]
    if (sent.length === 0)
      throw new CallFailure(say('room.no-wake-sent', { why: all }), say('room.check-interfaces')) // prettier-ignore
    for (const mac of new Set(macs)) this.#tell({ type: 'wake-sent', client: { mac }, sent, failed: all })
    return { sent, failed: all }
  }

  async #approvals(): Promise<Approval[]> {
    const requests = await this.#responder.requests()
    const isDecided = ({ state }: { state: Approval['state'] }): number => (state === 'pending' ? 0 : 1)
    return requests
      .map(({ uuid, architecture, ...one }) => ({
        ...one,
        uuid: uuid ?? null,
        architecture: architecture === undefined ? '' : architectureName(architecture),
        vendor: vendorOf(one.mac),
        knownAs: this.#clients.names.get(one.mac) ?? null,
      }))
      .sort((a, b) => isDecided(a) - isDecided(b) || a.request - b.request)
  }

  async #ports(): Promise<PortState[]> {
    const lab = this.#lab.lab ?? labSchema.parse({ interface: 'none' })
    const mode = this.#lab.lab?.mode
    const ours = new Set(this.#responder.status.listening.map((one) => one.port))
    const wanted = (service: keyof Lab['ports']): boolean =>
      mode !== undefined &&
      (service === 'dhcp' || service === 'dhcp6'
        ? mode !== 'boot-server'
        : service === 'tftp'
          ? mode !== 'listen' && lab.tftp.enabled
          : true)
    const services = (Object.entries(lab.ports) as [keyof Lab['ports'], number][]).filter(
      ([service]) => service !== 'dhcp6' || (lab.ipv6.enabled && mode !== 'listen'),
    )
    const owners = await portOwners(services.map(([, port]) => port))
    return services.map(([service, port]) => {
      const others = owners.filter(
        (one) => one.port === port && one.pid !== this.#responder.pid && one.pid !== process.pid,
      )
      const isOurs = ours.has(port)
      return {
        port,
        service: serviceNames[service],
        isWanted: wanted(service),
        state: isOurs ? (others.length > 0 ? 'shared' : 'ours') : others.length > 0 ? 'taken' : 'free',
        owners: [...new Set(others.map(describeOwner))],
        remedy: others.length > 0 && wanted(service) && !isOurs ? portRemedy('EADDRINUSE', port, others) : '',
      }
    })
  }

  #makeHandlers(): Handlers {
    return {
      ...this.#wire.handlers,
      ...this.#machine.handlers,
      ...this.#files.handlers,
      ...this.#plans.handlers,
      ...this.#class.handlers,
      'app.info': () => ({
        version,
        platform: process.platform,
        hostName: hostname(),
        remarks: [withoutNative() ?? []].flat(),
        isHub: false,
      }),
      'app.licences': () => readLicences(),
      'interfaces.list': () => [...listInterfaces(), ...listIpv6Only()].map(infoOf),
      'lab.read': () => this.#lab.state,
      'lab.open': async ({ path }) => {
        if (this.#responder.isBusy) throw new CallFailure(say('room.responder-runs'), say('room.stop-before-opening'))
        const state = await this.#lab.openOther(path)
        if (await this.#boots.move()) this.#push('reset', null)
        this.#bootsOf = state.path
        return state
      },
      'lab.change': ({ changes }) => this.#lab.change(changes.map(({ path, value }) => ({ path, value }))),
      'lab.check': ({ text }) => this.#lab.check(text),
      'lab.write': ({ text }) => this.#lab.write(text),
      'setup.propose': ({ interface: name, giver, files = './boot' }) => {
        return propose(withAddress(name), giver, files, this.#lab.file.resolve(files))
      },
      'setup.subnet': ({ interface: name }) => {
        return subnetFor(withIpv4(name))
      },
      'responder.start': async () => {
        await this.#responder.start()
        return this.#statusNow()
      },
      'responder.stop': async () => {
        await this.#responder.stop()
        return this.#statusNow()
      },
      'status.read': () => this.#statusNow(),
      'ports.read': () => this.#ports(),
      'clients.list': (): Client[] => this.#clients.all(),
      'https.read': () => this.#lab.readHttps(),
      'clients.wake': ({ macs, password }) => this.#wake(macs, password),
      'engine.read': () => this.#engine.read(),
      'engine.apply': () => this.#engine.change('apply'),
      'engine.undo': () => this.#engine.change('undo'),
      'leases.list': () => this.#leases(),
      'leases.forget': async ({ address }) => {
        if (this.#lab.lab?.engine && !address.includes(':')) {
          await this.#engine.free(address)
          return this.#leases()
        }
        if (!(await this.#responder.forget(parseIp(address)!)))
          throw new CallFailure(say('room.no-lease-freed', { address }), say('room.start-dhcp'))
        return this.#leases()
      },
      'leases.restore': async ({ address }) => {
        if (this.#lab.lab?.engine && !address.includes(':')) {
          await this.#engine.restore(address)
          return this.#leases()
        }
        const done = await this.#responder.restore(parseIp(address)!)
        if (done !== 'restored')
          throw new CallFailure(say('room.lease-not-restored', { address, why: done }), say('room.machine-asks-again')) // prettier-ignore
        return this.#leases()
      },
      'approvals.list': () => this.#approvals(),
      'approvals.decide': async ({ request, verdict, name, remember }) => {
        if (verdict === 'restore') {
          if (!(await this.#responder.restoreRequest(request)))
            throw new CallFailure(say('room.request-not-restored', { request }), say('room.decide-new-request')) // prettier-ignore
          return this.#approvals()
        }
        const decision =
          verdict === 'forget'
            ? undefined
            : verdict === 'change'
              ? { name, remember }
              : { state: verdictStates[verdict], name, remember: remember ?? false }
        if (!(await this.#responder.decide(request, decision)))
          throw new CallFailure(say('room.no-pending-request', { request }), say('room.refresh-list'))
        return this.#approvals()
      },
      'reservations.add': ({ mac, address, hostname: name }) => this.#lab.reserve(mac, address, name),
      'frames.read': ({ after, mostBytes }) => {
        const { pcapng, last } = this.#frames.read(after, mostBytes)
        return { base64: Buffer.from(pcapng).toString('base64'), last }
      },
      'frames.range': () => this.#frameRange(),
      'frames.keep': async ({ all }) => {
        await this.#responder.keepAllPackets(all)
        return this.#statusNow()
      },
      'frames.clear': () => {
        const id = this.#boots.clear()
        this.#push('frames', this.#frameRange())
        return { id }
      },
      'frames.restore': ({ id }) => {
        if (!this.#boots.takeBack(id))
          throw new CallFailure(say('room.packets-gone'), say('room.cleared-kept')) // prettier-ignore
        this.#push('frames', this.#frameRange())
        return null
      },
      'capture.read': () => this.#captures.state,
      'capture.start': ({ interface: name }) => this.#captures.start(name),
      'capture.stop': () => this.#captures.stop(),
      'captures.list': () => this.#captures.list(),
      'captures.read': ({ name, at }) => this.#captures.read(name, at),
      'captures.delete': ({ name }) => this.#captures.delete(name),
      'captures.restore': ({ name }) => this.#captures.restore(name),
      'vendors.find': ({ macs }) => macs.map(vendorOf),
      'ask.space': async () => (await readSpaceFile()) as unknown as JsonValue,
      'lessons.export': exportForWindow,
      'scenarios.list': async () =>
        (await this.#scenarios().list()).map(({ id, origin, input }) => ({ id, origin, input: input as JsonValue })),
      'scenarios.save': async ({ id, input }) => {
        const problems = await this.#scenarios()
          .save(id, input)
          .catch(unwritten(`scenario ${id}`))
        if (problems.length > 0) throw new CallFailure(problems[0]!, 'Correct it and save again.')
        return null
      },
      'scenarios.delete': async ({ id }) => {
        await this.#scenarios().delete(id)
        return null
      },
      'scenarios.ofLab': async () => {
        const lab = this.#lab.require()
        const { view } = await viewOfLab(lab, this.#lab.file.resolve(lab.boot.files))
        return scenarioOfLab(lab, basename(this.#lab.file.path), view) as JsonValue
      },
      'plan.examples': () => shippedSites(),
      'problems.list': () => this.#problemsNow().listed,
      'log.list': () => this.#log.lines,
      ...withoutSites,
    }
  }
}
