/** The hub: agents come in at one port, a window looks at what they sent through the calls of `sites`. */
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CallFailure, pushMessage } from '#shared/contract/channel.ts'
import { calls, type Handlers } from '#shared/contract/calls.ts'
import { mostMachineNames, siteDimensions, type SiteBoot } from '#shared/contract/sites.ts'
import { vendorOf } from '../backend/client-book.ts'
import { readLicences } from '../backend/licences.ts'
import { openHttpServer, type HttpServer } from '../io/http-server.ts'
import { version } from '../version.ts'
import { AgentDoor } from './agent-door.ts'
import { machineChoice } from './boot-columns.ts'
import { BootIndex } from './boot-index.ts'
import { compareSights } from './compare-sights.ts'
import { SqliteDatabase, type Database } from './database.ts'
import { Intake } from './intake.ts'
import { MachineNames } from './machine-names.ts'
import { FolderStore, type PieceStore } from './piece-store.ts'
import { TokenBook } from './tokens.ts'

export interface HubOptions {
  /** Where tokens, index and captures lie unless `database` and `store` say otherwise. */
  readonly folder: string
  readonly host: string
  readonly port: number
  readonly tls: { readonly key: string; readonly certificate: string }
  readonly database?: Database | undefined
  readonly store?: PieceStore | undefined
  /** Boots and captures that are older are removed; undefined keeps everything. */
  readonly keepDays?: number | undefined
  readonly onError: (error: Error) => void
  /** The index of an older PXE Lab is brought to this layout: boots that are done, and how many there are. */
  readonly onLayoutProgress?: ((done: number, total: number) => void) | undefined
}

export const tokensFile = (folder: string): string => join(folder, 'tokens.json')

const removeEveryMs = 3_600_000
const dayMs = 86_400_000
const mostCaptureBytes = 64 << 20
const partBytes = 1 << 20
/** Clocks of agents are corrected by what they say; what is left is less than this. */
const sameBootMs = 120_000
/** Boots of one machine within that time. */
const mostSights = 5000
/** How often windows are told that there is something new: each of them asks for everything it shows. */
const tellEveryMs = 2000

type Listener = (message: unknown) => void

export class Hub {
  readonly handlers: Handlers
  readonly #intake: Intake
  readonly #index: BootIndex
  readonly #server: HttpServer
  readonly #names: MachineNames
  readonly #cleaner: NodeJS.Timeout | undefined
  readonly #listeners = new Set<Listener>()
  #telling: NodeJS.Timeout | undefined
  #capture: { readonly boot: number; readonly bytes: Uint8Array } | undefined

  private constructor(index: BootIndex, intake: Intake, server: HttpServer, names: MachineNames, options: HubOptions) {
    this.#index = index
    this.#intake = intake
    this.#server = server
    this.#names = names
    const { keepDays, onError } = options
    if (keepDays !== undefined) {
      // Days of the calendar, by the clock that the boots are dated with.
      const remove = (): void => void intake.removeBefore(new Date().getTime() - keepDays * dayMs).catch(onError)
      remove()
      this.#cleaner = setInterval(remove, removeEveryMs)
    }
    this.handlers = this.#makeHandlers()
  }

  /** Rejects with what the system, the database or the store says. */
  static async open(options: HubOptions): Promise<Hub> {
    const { folder, onError } = options
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    let running: Hub | undefined
    const onChange = (): void => {
      if (running) running.#tellWindows()
    }
    const database = options.database ?? SqliteDatabase.open(join(folder, 'index.sqlite'))
    let index: BootIndex
    try {
      index = await BootIndex.open(database, { onProgress: options.onLayoutProgress })
    } catch (error) {
      await database.close()
      throw error
    }
    try {
      const intake = new Intake({
        index,
        store: options.store ?? new FolderStore(join(folder, 'captures')),
        onError,
        onChange,
      })
      await intake.open()
      const names = new MachineNames(join(folder, 'machine-names.json'))
      const tokens = new TokenBook(tokensFile(folder))
      const door = new AgentDoor({ intake, tokens, incoming: join(folder, 'incoming'), onError })
      const server = await openHttpServer({
        host: options.host,
        port: options.port,
        tls: options.tls,
        onRequest: door.onRequest,
        onError,
        // A request that never ends is hung up on: parts are small.
        limits: { connections: 4096, headersMs: 10_000, idleMs: 60_000, keepAliveMs: 75_000 },
      })
      running = new Hub(index, intake, server, names, options)
      return running
    } catch (error) {
      await index.close()
      throw error
    }
  }

  /** Tells a window what is new, until the function that it returns is called. */
  connect(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tellWindows(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      const message = pushMessage('sites', this.#intake.columns.count)
      for (const listener of this.#listeners) listener(message)
    }, tellEveryMs)
  }

  get port(): number {
    return this.#server.port
  }

  setTls(tls: HubOptions['tls']): void {
    this.#server.setTls(tls)
  }

  /** Resolves when everything that has come is indexed. */
  settled(): Promise<void> {
    return this.#intake.settled()
  }

  async close(): Promise<void> {
    clearInterval(this.#cleaner)
    clearTimeout(this.#telling)
    await this.#server.close()
    await this.#intake.close()
  }

  async #boot(id: number): Promise<SiteBoot> {
    const [boot] = this.#intake.columns.withAttempts(await this.#index.boots([id]))
    if (!boot) throw new CallFailure('this boot is not kept any more', 'Refresh the list.')
    return boot
  }

  #captureOf(boot: SiteBoot): Promise<Uint8Array> {
    return this.#intake.capture(boot, mostCaptureBytes)
  }

  async #part(id: number, at: number): Promise<{ base64: string; bytes: number; listenedMs: number | null }> {
    const boot = await this.#boot(id)
    // Parts are asked for one after the other.
    if (this.#capture?.boot !== id || at === 0) this.#capture = { boot: id, bytes: await this.#captureOf(boot) }
    const part = this.#capture.bytes.subarray(at, at + partBytes)
    return {
      base64: Buffer.from(part).toString('base64'),
      bytes: part.length,
      listenedMs: this.#intake.agents.find((one) => one.id === boot.agent)?.until ?? null,
    }
  }

  async #compare(id: number): Promise<ReturnType<typeof compareSights>[]> {
    const boot = await this.#boot(id)
    const agents = new Map(this.#intake.agents.map((one) => [one.id, one]))
    const clock = (one: SiteBoot): number => agents.get(one.agent)?.clockAheadMs ?? 0
    const name = (one: SiteBoot): string => `${one.site} (${agents.get(one.agent)?.name || one.agent.split('/')[1]})`
    const widest = Math.max(0, ...[...agents.values()].map((one) => Math.abs(one.clockAheadMs - clock(boot))))
    const { columns } = this.#intake
    const withinMs = sameBootMs + widest
    const { ids } = columns.page({ from: boot.startedAt - withinMs, to: boot.startedAt + withinMs }, { name: boot.mac }, 0, mostSights) // prettier-ignore
    const others = columns.withAttempts(await this.#index.sameAs(boot, ids))
    // Of each agent the sight that is nearest in time, each by its own clock.
    const nearest = new Map<string, SiteBoot>()
    const distance = (one: SiteBoot): number => Math.abs(one.startedAt - clock(one) - (boot.startedAt - clock(boot)))
    for (const other of others) {
      const known = nearest.get(other.agent)
      if (distance(other) <= sameBootMs && (!known || distance(other) < distance(known))) nearest.set(other.agent, other) // prettier-ignore
    }
    const own = await this.#captureOf(boot)
    return Promise.all(
      [...nearest.values()].map(
        async (other) =>
        compareSights({ boot, name: name(boot), pcapng: own }, { boot: other, name: name(other), pcapng: await this.#captureOf(other) }), // prettier-ignore
      ),
    )
  }

  #makeHandlers(): Handlers {
    const { columns } = this.#intake
    const refused = Object.fromEntries(
      Object.keys(calls).map((name) => [
        name,
        (): never => {
          throw new CallFailure('this is a hub of many sites, not a lab', 'Open a lab with pxe-lab serve for that.')
        },
      ]),
    ) as unknown as Handlers
    return {
      ...refused,
      'app.info': () => ({ version, platform: process.platform, hostName: hostname(), remarks: [], isHub: true }),
      'app.licences': () => readLicences(),
      'vendors.find': ({ macs }) => macs.map(vendorOf),
      'captures.list': () => [],
      'sites.state': () => {
        const { span, count } = columns
        return {
          now: Date.now(),
          boots: count,
          firstAt: span?.first ?? null,
          lastAt: span?.last ?? null,
          agents: this.#intake.agents,
          values: Object.fromEntries(siteDimensions.map((name) => [name, columns.values(name, 1000)])),
        }
      },
      'sites.overview': ({ filter, by, limit }) => columns.overview(filter, machineChoice(filter.machine), by, limit),
      'sites.trend': ({ filter, buckets }) => columns.trend(filter, machineChoice(filter.machine), buckets),
      'sites.boots': async ({ filter, offset, limit }) => {
        const { total, ids } = columns.page(filter, machineChoice(filter.machine), offset, limit)
        return { total, boots: columns.withAttempts(await this.#index.boots(ids)) }
      },
      'sites.boot': ({ boot }) => this.#boot(boot),
      'sites.capture': ({ boot, at }) => this.#part(boot, at),
      'sites.compare': ({ boot }) => this.#compare(boot),
      'sites.names': () => this.#names.list(),
      'sites.rename': async (named) => {
        if (!(await this.#names.set(named)))
          throw new CallFailure(`${mostMachineNames} machines have a name`, 'Take a name that nobody needs away first.')
        this.#tellWindows()
        return this.#names.list()
      },
    }
  }
}
