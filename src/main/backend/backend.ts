/**
 * The application behind the contract: one lab, its responder, what is known of clients and packets. It runs in a process
 * of its own under Electron and inside the local web server otherwise; windows come and go.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hostname } from 'node:os'
import { rehearsalSchema } from '#shared/contract/documents.ts'
import { CallFailure, pushMessage } from '#shared/contract/channel.ts'
import type {
  Client,
  Handlers,
  InterfaceInfo,
  LabState,
  LeaseInfo,
  LogLine,
  PortState,
  Push,
  PushName,
  Reply,
  Status,
} from '#shared/contract/calls.ts'
import { describeEvent, type LabEvent, type UntimedEvent } from '#shared/contract/events.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import { formatIpv4, isInNetwork, parseIpv4, parseIpv4Network, parseMac } from '#shared/wire/bytes.ts'
import type { Lease } from '#shared/machines/dhcp-server/leases.ts'
import { describeOwner, portOwners, portRemedy } from '../inspect/port-owner.ts'
import { writeRemedy } from '../files/replace-file.ts'
import { followFile } from '../io/watched-file.ts'
import { LiveFrames } from '../observe/live-frames.ts'
import { censusClientNames, takeCensus, type CensusResult } from '../probe/census.ts'
import { askWhoAnswers } from '../probe/dhcp-guard.ts'
import { rehearse, secondDhcpOpinion } from '../probe/rehearsal.ts'
import { PortTaken } from '../probe/wire-client.ts'
import { listInterfaces, selectInterfaces, type NetworkInterface } from '../responder/interfaces.ts'
import { nativeSocketsMissing } from '../responder/native-sockets.ts'
import type { ResponderSettings } from '../responder-process/messages.ts'
import type { ResponderSource } from '../responder-process/source.ts'
import type { RemedyEngine } from '../remedy/engine.ts'
import { engineIn, isElevated, perform, performElevated, type Request } from '../remedy/elevation.ts'
import { RemedyError } from '../remedy/kinds.ts'
import { addToHistory, readHistory } from '../workspace/check-history.ts'
import { collectFacts, readFacts } from '../inspect/facts.ts'
import { DhcpRival, RivalError } from '../rivals/dhcp-rival.ts'
import { version } from '../version.ts'
import { scenarioOfLab } from '#shared/simulation/lab-scenario.ts'
import { ScenarioLibrary } from '../workspace/scenario-library.ts'
import { shippedSites } from '../workspace/site-file.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { changeLabText, LabFile, parseLab, unreadableLab, type LabChange } from '../workspace/lab-file.ts'
import { listBootFiles } from './boot-files.ts'
import { Captures } from './captures.ts'
import { ClientBook, vendorOf } from './client-book.ts'
import { ResponderRoom } from './responder-room.ts'
import { readLicences } from './licences.ts'
import { propose, subnetFor } from './proposal.ts'

const tickMs = 200
const keptLogLines = 2000
const keptWarnings = 50
/** A storm is told a part at a time: a window that is busy reading shows nothing. */
const clientsInPush = 100
const linesInPush = 300
const serviceNames = { dhcp: 'DHCP', tftp: 'TFTP', bootServer: 'Boot server' } as const

type Listener = (message: unknown) => void
type JsonValue = Reply<'scenarios.ofLab'>

const unwritten =
  (what: string) =>
  (error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CallFailure(`${what} cannot be written (${code ?? message}); it is as it was`, writeRemedy(error))
  }
const infoOf = (one: NetworkInterface): InterfaceInfo => ({
  name: one.name,
  address: formatIpv4(one.address),
  prefixLength: one.prefixLength,
  mac: one.mac,
  isLoopback: one.isLoopback,
  hasLink: one.hasLink ?? null,
})

export class Backend {
  readonly handlers: Handlers
  #file: LabFile
  #text = ''
  #exists = false
  #isReadable = true
  #lab: Lab | null = null
  #problems: LabState['problems'] = []
  #warnings: string[] = []
  readonly #responder: ResponderRoom
  /** The text that the responder runs with. */
  #runningText: string | undefined
  readonly #clients = new ClientBook()
  readonly #frames = new LiveFrames((address) => this.#clients.macOf(address))
  readonly #scenarios = (): ScenarioLibrary => new ScenarioLibrary(this.#stateFile('scenarios'))
  readonly #rival = new DhcpRival((state) => this.#push('rival', state))
  readonly #captures = new Captures({
    frames: this.#frames,
    folder: () => this.#stateFile('captures'),
    httpPorts: () => (this.#lab?.http.enabled ? [80, 8080, this.#lab.http.port] : [80, 8080]),
    onChange: (state) => this.#push('capture', state),
  })
  readonly #listeners = new Set<Listener>()
  #log: LogLine[] = []
  #newLog: LogLine[] = []
  #logCount = 0
  #problemCount = 0
  #rate: { time: number; count: number }[] = []
  #toldFrames = 0
  #ticker: NodeJS.Timeout | undefined
  #unfollow: () => void = () => {}
  #asking: AbortController | undefined
  #changing: AbortController | undefined
  #stateFolder = ''
  /** When the change that this process makes itself is made or taken back. */
  #changeEnded: Promise<unknown> = Promise.resolve()
  #collecting: { readonly facts: Promise<Facts>; readonly stop: AbortController } | undefined

  /** `source` is where the responder's process comes from. */
  constructor(labPath: string, source: ResponderSource) {
    this.#file = new LabFile(labPath)
    this.#responder = new ResponderRoom({
      source,
      prepare: () => this.#prepare(),
      onEvent: (event) => this.#hear(event),
      onDatagram: (datagram) => this.#frames.addDatagram(datagram),
      onUnseen: (datagrams) => this.#frames.missed(datagrams),
      onChange: (settings) => this.#onResponder(settings),
    })
    this.handlers = this.#makeHandlers()
  }

  async open(): Promise<void> {
    // First: what changes while it is read is noticed.
    this.#follow()
    await this.#load()
    this.#responder.open()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker)
    this.#unfollow()
    this.#asking?.abort()
    this.#collecting?.stop.abort()
    this.#changing?.abort()
    // Together: a console window that is closed leaves five seconds for all of it.
    await Promise.all([
      this.#responder.close('the application ends'),
      this.#captures.stop(),
      this.#rival.stop(),
      // It is taken back first; otherwise its journal would have to tell the next start.
      this.#changeEnded,
    ])
  }

  /** Absolute; of the lab that is open now. */
  get stateFolder(): string {
    return this.#stateFolder
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

  /** Changes made in an editor show in the window without a reload. */
  #follow(): void {
    this.#unfollow = followFile(
      this.#file.path,
      async () => {
        await this.#load()
        this.#push('lab', this.#labState())
      },
      (error) => this.#tell({ type: 'warning', message: `the lab file ${this.#file.path}: ${error.message}` }),
    )
  }

  async #load(): Promise<void> {
    this.#exists = existsSync(this.#file.path)
    let text = ''
    let unread: unknown
    if (this.#exists) text = await this.#file.readText().catch((error: unknown) => ((unread = error), ''))
    this.#text = text
    this.#isReadable = unread === undefined
    if (!this.#exists || !this.#isReadable) {
      this.#lab = null
      // A lab like any other with a problem: the window says so, and another lab can be opened.
      this.#problems = this.#isReadable ? [] : [unreadableLab(this.#file.path, unread)]
      return this.#findState()
    }
    const parsed = parseLab(this.#text)
    this.#lab = parsed.ok ? parsed.lab : null
    this.#problems = parsed.ok ? [] : [...parsed.problems]
    const reserved = new Set(
      this.#lab?.dhcp.subnets.flatMap((subnet) => subnet.reservations.map((one) => one.mac && parseMac(one.mac))) ?? [],
    )
    this.#clients.setReserved((mac) => reserved.has(mac))
    await this.#findState()
  }

  #labState(): LabState {
    return {
      path: this.#file.path,
      exists: this.#exists,
      text: this.#text,
      lab: this.#lab,
      problems: this.#problems,
      needsRestart: this.#runningText !== undefined && this.#runningText !== this.#text,
    }
  }

  async #write(text: string): Promise<LabState> {
    if (!this.#isReadable) this.#requireLab()
    await this.#file.write(text).catch(unwritten(this.#file.path))
    await this.#load()
    const state = this.#labState()
    this.#push('lab', state)
    return state
  }

  /** Writes a changed lab only if it is valid: a bad value is told and nothing is applied. */
  async #change(changes: readonly LabChange[]): Promise<LabState> {
    if (!this.#isReadable) this.#requireLab()
    const text = changeLabText(this.#text, changes)
    const parsed = parseLab(text)
    // A file that was broken before may be mended one value at a time.
    const [first] = parsed.ok || this.#problems.length > 0 ? [] : parsed.problems
    if (first) throw new CallFailure(`${first.field} ${first.message} (it is ${first.value})`, first.remedy)
    return this.#write(text)
  }

  #requireLab(): Lab {
    if (this.#lab) return this.#lab
    const [first] = this.#problems
    throw first
      ? new CallFailure(`${first.line > 0 ? `line ${first.line}: ` : ''}${first.field} ${first.message}`, first.remedy)
      : new CallFailure('there is no lab yet', 'Answer the two questions of the first page.')
  }

  #statusNow(): Status {
    const lab = this.#responder.settings?.lab ?? this.#lab
    return {
      ...this.#responder.status,
      mode: lab?.mode ?? null,
      interfaces: lab ? (typeof lab.interface === 'string' ? [lab.interface] : lab.interface) : [],
      warnings: this.#warnings,
    }
  }

  async #prepare(): Promise<ResponderSettings> {
    await this.#load()
    const lab = this.#requireLab()
    this.#warnings = []
    return {
      lab,
      labText: this.#text,
      labFile: this.#file.path,
      bootFolder: this.#file.resolve(lab.boot.files),
      stateFolder: this.#stateFolder,
      uploadFolder: lab.tftp.upload === null ? undefined : this.#file.resolve(lab.tftp.upload),
    }
  }

  #onResponder(settings: ResponderSettings | undefined): void {
    if (settings) this.#frames.setPorts(settings.lab.ports)
    if (settings?.labText !== this.#runningText) {
      this.#runningText = settings?.labText
      this.#push('lab', this.#labState())
    }
    this.#push('status', this.#statusNow())
  }

  /** What happened here and not on the wire. */
  #tell(event: UntimedEvent): void {
    this.#hear({ ...event, time: Date.now() })
  }

  #hear(event: LabEvent): void {
    this.#clients.hear(event)
    if (event.type === 'transfer-progress') return
    const { level, text } = describeEvent(event)
    if (level === 'problem') this.#problemCount++
    if (event.type === 'warning') this.#warn(event.message)
    const line: LogLine = {
      id: ++this.#logCount,
      time: event.time,
      level,
      type: event.type,
      mac: 'client' in event && typeof event.client === 'object' ? event.client.mac : null,
      text,
    }
    this.#log.push(line)
    this.#newLog.push(line)
    if (this.#log.length > keptLogLines * 1.25) this.#log = this.#log.slice(-keptLogLines)
    if (this.#newLog.length > keptLogLines) this.#newLog.shift()
  }

  #warn(message: string): void {
    this.#warnings = [...this.#warnings.filter((one) => one !== message), message].slice(-keptWarnings)
  }

  /** What changed since the last tick goes to the windows, a few times a second however much it was. */
  #tick(): void {
    const now = Date.now()
    this.#rate.push({ time: now, count: this.#frames.count })
    while (this.#rate.length > 1 && now - this.#rate[0]!.time > 2000) this.#rate.shift()
    if (this.#listeners.size === 0) {
      this.#newLog = []
      return
    }
    const changed = this.#clients.takeChanged(clientsInPush)
    if (changed.length > 0) this.#push('clients', changed)
    if (this.#newLog.length > 0) this.#push('log', this.#newLog.splice(0, linesInPush))
    if (this.#frames.last !== this.#toldFrames) {
      this.#toldFrames = this.#frames.last
      this.#push('frames', { first: this.#frames.first, last: this.#frames.last })
      this.#captures.tick()
    }
    const first = this.#rate[0]!
    const seconds = Math.max(0.2, (now - first.time) / 1000)
    this.#push('counters', {
      packetsPerSecond: (this.#frames.count - first.count) / seconds,
      packets: this.#frames.count,
      activeBoots: this.#clients.activeBoots(now),
      transfers: this.#responder.transfers,
      problems: this.#problemCount,
    })
  }

  async #leases(): Promise<LeaseInfo[]> {
    const reserved = new Set(
      this.#lab?.dhcp.subnets.flatMap((subnet) => subnet.reservations.map((one) => parseIpv4(one.address))) ?? [],
    )
    return (await this.#responder.leases())
      .map((lease: Lease) => ({
        address: formatIpv4(lease.address),
        mac: lease.mac,
        hostName: lease.hostname ?? null,
        uuid: lease.uuid ?? null,
        state: lease.state,
        since: lease.since,
        until: Number.isFinite(lease.until) ? lease.until : null,
        isReserved: reserved.has(lease.address),
      }))
      .sort((a, b) => parseIpv4(a.address)! - parseIpv4(b.address)!)
  }

  async #ports(): Promise<PortState[]> {
    const lab = this.#lab ?? labSchema.parse({ interface: 'none' })
    const mode = this.#lab?.mode
    const ours = new Set(this.#responder.status.listening.map((one) => one.port))
    const wanted = (service: keyof Lab['ports']): boolean =>
      mode !== undefined &&
      (service === 'dhcp' ? mode !== 'boot-server' : service === 'tftp' ? mode !== 'listen' && lab.tftp.enabled : true)
    const services = Object.entries(lab.ports) as [keyof Lab['ports'], number][]
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

  async #reserve(mac: string, address: string, hostname: string | undefined): Promise<LabState> {
    const lab = this.#requireLab()
    const wanted = parseMac(mac)
    if (wanted === undefined)
      throw new CallFailure(`"${mac}" is not a MAC address`, 'Write six octets such as 52:54:00:00:00:01.')
    const number = parseIpv4(address)!
    const index = lab.dhcp.subnets.findIndex((subnet) => isInNetwork(number, parseIpv4Network(subnet.subnet)!))
    const subnet = lab.dhcp.subnets[index]
    if (!subnet) throw new CallFailure(`${address} is in no subnet of the lab`, 'Add a subnet that contains it.')
    const taken = subnet.reservations.find((one) => one.address === address)
    if (taken && (!taken.mac || parseMac(taken.mac) !== wanted))
      throw new CallFailure(
        `${address} is reserved for ${taken.mac ?? taken.uuid ?? 'another client'}`,
        'Choose another address.',
      )
    const known = subnet.reservations.findIndex((one) => one.mac !== undefined && parseMac(one.mac) === wanted)
    const value = { mac: wanted, address, ...(hostname ? { hostname } : {}) }
    const path = ['dhcp', 'subnets', index, 'reservations']
    return this.#change(
      known >= 0
        ? [{ path: [...path, known, 'address'], value: address }]
        : [
            {
              path: subnet.reservations.length > 0 ? [...path, subnet.reservations.length] : path,
              value: subnet.reservations.length > 0 ? value : [value],
            },
          ],
    )
  }

  /** Somebody asks the wire, and whoever asked before stops. */
  #asks(name: string): { readonly served: NetworkInterface; readonly signal: AbortSignal } {
    const { found } = selectInterfaces([name], listInterfaces())
    if (!found[0]) throw new CallFailure(`there is no interface ${name}`, 'Choose another interface.')
    this.#asking?.abort()
    this.#asking = new AbortController()
    return { served: found[0], signal: this.#asking.signal }
  }

  async #ask(name: string): Promise<Reply<'wire.ask'>> {
    if (this.#responder.isBusy)
      throw new CallFailure('the responder is running', 'Stop it first: it would hear its own answers.')
    const { served, signal } = this.#asks(name)
    const result = await askWhoAnswers({ interface: served, relay: () => Promise.resolve(undefined), signal })
    return { servers: [...result.servers], ...(result.complaint === undefined ? {} : { complaint: result.complaint }) }
  }

  async #census(name: string): Promise<Reply<'wire.census'>> {
    const { served, signal } = this.#asks(name)
    const { results, warnings, complaint } = await takeCensus(served, censusClientNames, signal)
    return {
      results: results.map((one) => ({ ...one, offers: [...one.offers] })),
      warnings: [...warnings],
      ...(complaint === undefined ? {} : { complaint }),
    }
  }

  async #rehearse(name: string, heard: CensusResult): Promise<Reply<'wire.rehearse'>> {
    const { served, signal } = this.#asks(name)
    try {
      const rehearsal = await rehearse({
        interface: served,
        client: heard.client,
        census: heard,
        signal,
        isBrief: false,
        onProgress: (text) => this.#push('wire', text),
      })
      if (!rehearsal) return null
      const second = await secondDhcpOpinion([heard])
      return rehearsalSchema.parse({ ...rehearsal, steps: [...rehearsal.steps, second] })
    } catch (error) {
      if (error instanceof PortTaken)
        throw new CallFailure(
          `${served.name} cannot be asked: ${error.message}`,
          'End what holds ports 67 and 68 here.',
        )
      throw error
    }
  }

  readonly #stateFile = (name: string): string => join(this.#stateFolder, name)

  /** What runs keeps the folder that it was started with. */
  async #findState(): Promise<void> {
    if (this.#responder.settings !== undefined || this.#captures.state.interface !== null || this.#changing) return
    const { folder, told } = await placeOfState(this.#file, this.#lab ?? undefined)
    const isNews = folder !== this.#stateFolder
    this.#stateFolder = folder
    if (isNews) for (const event of told) this.#tell(event)
  }

  /** Two windows that ask at once get the same. */
  #collect(): Promise<Facts> {
    const stop = new AbortController()
    const collect = async (): Promise<Facts> => {
      try {
        const facts = await collectFacts({ signal: stop.signal, onProgress: (text) => this.#push('doctor', text) })
        // A state folder that cannot be written takes the history, not the check.
        await addToHistory(this.#stateFile('checks.json'), facts).catch(() => {})
        return facts
      } finally {
        this.#collecting = undefined
        this.#push('doctor', '')
      }
    }
    this.#collecting ??= { facts: collect(), stop }
    return this.#collecting.facts
  }

  async #remedied<T>(work: (engine: RemedyEngine) => Promise<T>): Promise<T> {
    try {
      return await work(engineIn(this.#stateFile('remedies'), (record) => this.#push('remedy', record)))
    } catch (error) {
      if (error instanceof RemedyError) throw new CallFailure(error.message, error.remedy)
      throw error
    }
  }

  async #changeMachine(request: Request): Promise<Reply<'remedy.apply'>> {
    const changing = new AbortController()
    // A second change is refused; to cancel still means the first.
    this.#changing ??= changing
    try {
      return await this.#remedied(async (engine) => {
        if (!(await isElevated())) return performElevated(this.#stateFile('remedies'), request)
        const work = perform(engine, request, changing.signal)
        this.#changeEnded = work.catch(() => {})
        return work
      })
    } finally {
      if (this.#changing === changing) this.#changing = undefined
    }
  }

  #makeHandlers(): Handlers {
    return {
      'app.info': () => ({
        version,
        platform: process.platform,
        hostName: hostname(),
        remarks:
          nativeSocketsMissing === undefined || process.platform === 'win32'
            ? []
            : [`One interface only: ${nativeSocketsMissing}.`],
      }),
      'app.licences': () => readLicences(),
      'interfaces.list': () => listInterfaces().map(infoOf),
      'lab.read': () => this.#labState(),
      'lab.open': async ({ path }) => {
        if (this.#responder.isBusy)
          throw new CallFailure('the responder is running', 'Stop it before opening another lab.')
        this.#unfollow()
        this.#file = new LabFile(path)
        this.#follow()
        await this.#load()
        const state = this.#labState()
        this.#push('lab', state)
        return state
      },
      'lab.change': ({ changes }) => this.#change(changes.map(({ path, value }) => ({ path, value }))),
      'lab.write': ({ text }) => this.#write(text),
      'setup.propose': ({ interface: name, giver, files = './boot' }) => {
        const { found } = selectInterfaces([name], listInterfaces())
        if (!found[0]) throw new CallFailure(`there is no interface ${name}`, 'Choose another interface.')
        return propose(found[0], giver, files, this.#file.resolve(files))
      },
      'setup.subnet': ({ interface: name }) => {
        const { found } = selectInterfaces([name], listInterfaces())
        if (!found[0]) throw new CallFailure(`there is no interface ${name}`, 'Choose another interface.')
        return subnetFor(found[0])
      },
      'wire.ask': ({ interface: name }) => this.#ask(name),
      'wire.census': ({ interface: name }) => this.#census(name),
      'wire.rehearse': ({ interface: name, census }) => this.#rehearse(name, census),
      'wire.cancel': () => {
        this.#asking?.abort()
        return null
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
      'leases.list': () => this.#leases(),
      'leases.forget': async ({ address }) => {
        if (!(await this.#responder.forget(parseIpv4(address)!)))
          throw new CallFailure(`no lease on ${address} can be freed`, 'Start the responder in mode dhcp first.')
        return this.#leases()
      },
      'reservations.add': ({ mac, address, hostname: name }) => this.#reserve(mac, address, name),
      'frames.read': ({ after, mostBytes }) => {
        const { pcapng, last } = this.#frames.read(after, mostBytes)
        return { base64: Buffer.from(pcapng).toString('base64'), last }
      },
      'frames.clear': () => {
        this.#frames.clear()
        return null
      },
      'capture.read': () => this.#captures.state,
      'capture.start': ({ interface: name }) => this.#captures.start(name),
      'capture.stop': () => this.#captures.stop(),
      'captures.list': () => this.#captures.list(),
      'captures.read': ({ name, at }) => this.#captures.read(name, at),
      'captures.delete': ({ name }) => this.#captures.delete(name),
      'vendors.find': ({ macs }) => macs.map(vendorOf),
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
      'scenarios.ofLab': () => scenarioOfLab(this.#requireLab(), basename(this.#file.path)) as JsonValue,
      'doctor.collect': () => this.#collect(),
      'doctor.cancel': () => {
        this.#collecting?.stop.abort()
        return null
      },
      'doctor.history': () => readHistory(this.#stateFile('checks.json')),
      'doctor.read': ({ text }) => {
        const read = readFacts(text)
        if (!read.ok) throw new CallFailure(read.problems.join(' ').replace(/\.$/, ''), 'Choose another file.')
        return read.facts
      },
      'remedy.preview': ({ changes }) =>
        this.#remedied(async (engine) => ({
          ...(await engine.preview(changes)),
          needsElevation: !(await isElevated()),
        })),
      'remedy.apply': (remedy) => this.#changeMachine({ verb: 'apply', ...remedy }),
      'remedy.undo': ({ id }) => this.#changeMachine({ verb: 'undo', id }),
      'remedy.finish': ({ id }) => this.#changeMachine({ verb: 'finish', id }),
      'remedy.cancel': () => {
        this.#changing?.abort()
        return null
      },
      'remedy.list': () => this.#remedied((engine) => engine.list()),
      'plan.examples': () => shippedSites(),
      'rival.start': async ({ interface: name, clients }) => {
        const { found } = selectInterfaces([name], listInterfaces())
        if (!found[0]) throw new CallFailure(`no interface of this machine is ${name}`, 'Choose another.')
        try {
          return await this.#rival.start(found[0], clients)
        } catch (error) {
          if (error instanceof RivalError) throw new CallFailure(error.message, error.remedy)
          throw error
        }
      },
      'rival.stop': async () => {
        await this.#rival.stop()
        return this.#rival.state
      },
      'rival.read': () => this.#rival.state,
      'files.list': () => listBootFiles(this.#requireLab(), this.#file.resolve(this.#requireLab().boot.files)),
      'files.create': async () => {
        const lab = this.#requireLab()
        await mkdir(this.#file.resolve(lab.boot.files), { recursive: true })
        return listBootFiles(lab, this.#file.resolve(lab.boot.files))
      },
      'log.list': () => this.#log,
    }
  }
}
