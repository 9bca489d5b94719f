/**
 * Who asks: which machine has an address, and what machines have told of themselves. An address belongs to whom this server
 * gave it or spoke to at it, else to whom the segment says (ARP, RFC 826). What a machine merely writes into an address that
 * it loads is believed where nothing else is known, and opens no secret.
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { UntimedEvent } from '#shared/contract/events.ts'
import type { KnownMachines } from '#shared/lab/machine-configuration.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { NextBoots, type NextBoot } from '#shared/machines/next-boots.ts'
import { toldNumber, type MachineFacts } from '#shared/machines/variables/machines.ts'
import type { InsteadOfRules } from '#shared/machines/boot-answer.ts'
import { raspberryPiArchitecture } from '#shared/wire/dhcp/raspberry-pi.ts'
import { parseIp } from '#shared/wire/ip-address.ts'
import { formatUuid, parseMac, parseUuid } from '#shared/wire/bytes.ts'
import type { Asker } from './boot-folder.ts'
import { KeptList, readKeptList } from './kept-list.ts'

/** A machine is known by what it says at least this recently; who was quiet for longest is forgotten first. */
const mostMachines = 8192
/** How long an answer of the segment is good for. */
const neighbourMs = 10_000

const nextBootsFile = 'next-boots.json'
const toldFile = 'machines.json'

const whatSchema = z.union([
  z.object({ kind: z.literal('file'), file: z.string().min(1).max(1024) }),
  z.object({ kind: z.literal('local-disk') }),
])
const nextBootsSchema = z.array(
  z
    .object({ mac: z.string(), what: whatSchema, since: z.number(), begunAt: z.number().optional() })
    .transform((one): NextBoot => ({ ...one, begunAt: one.begunAt })),
)
const toldSchema = z.array(
  z
    .object({ mac: z.string(), serial: z.string().optional(), asset: z.string().optional() })
    .transform((one): Told => ({ mac: one.mac, serial: toldNumber(one.serial), asset: toldNumber(one.asset) })),
)

interface Told {
  readonly mac: string
  readonly serial: string | undefined
  readonly asset: string | undefined
}

/** Who asked for a file. */
export type Identified =
  | {
      readonly facts: MachineFacts
      /** Whether the address says so, rather than the machine alone. */
      readonly isSure: boolean
    }
  /** A clause: two machines are named. */
  | { readonly conflict: string }

export interface MachinesSeenOptions {
  readonly stateFolder: string
  readonly tell: (event: UntimedEvent) => void
  /** The hardware address that the segment knows for an address; undefined where it knows none. */
  readonly neighbour: (address: string) => Promise<string | undefined>
  readonly onUnwritten: (path: string, error: Error) => void
  /** Milliseconds since 1970, by the clock that leases are counted with. */
  readonly now: () => number
}

const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size > mostMachines) map.delete(map.keys().next().value!)
}

const hasAddress = (event: UntimedEvent): event is UntimedEvent & { client: ClientIdentity; address: string } =>
  event.type === 'dhcp-acknowledged' ||
  event.type === 'dhcp-offered' ||
  event.type === 'bootp-answered' ||
  event.type === 'boot-server-answered' ||
  event.type === 'wds-answered' ||
  event.type === 'wds-pending'

export class MachinesSeen {
  readonly #options: MachinesSeenOptions
  readonly #byAddress = new Map<string, string>()
  readonly #facts = new Map<string, Pick<MachineFacts, 'uuid' | 'architecture' | 'hostName'>>()
  readonly #told = new Map<string, Told>()
  readonly #neighbours = new Map<string, { readonly at: number; readonly mac: Promise<string | undefined> }>()
  readonly #stores: Readonly<Record<'nextBoots' | 'told', KeptList>>
  readonly #nextBoots: NextBoots

  /** Reads what earlier runs kept. */
  constructor(options: MachinesSeenOptions) {
    this.#options = options
    const { stateFolder, tell, onUnwritten, now } = options
    const read = <T>(file: string, schema: z.ZodType<T[]>): { list: T[]; store: KeptList } => {
      const path = join(stateFolder, file)
      const { list, problem } = readKeptList(path, schema)
      if (problem !== undefined) tell({ type: 'warning', message: `${path} is not used: ${problem}` })
      return { list, store: new KeptList(path, (error) => onUnwritten(path, error)) }
    }
    const nextBoots = read(nextBootsFile, nextBootsSchema)
    const told = read(toldFile, toldSchema)
    this.#stores = { nextBoots: nextBoots.store, told: told.store }
    this.#nextBoots = new NextBoots(nextBoots.list, now)
    for (const one of told.list.slice(-mostMachines)) this.#told.set(one.mac, one)
  }

  /** For the answers of DHCP. */
  get known(): KnownMachines {
    return {
      told: (mac) => this.#told.get(mac) ?? {},
      nextBoot: (client, phase) => this.#nextBoots.choose(client, phase),
    }
  }

  get nextBoots(): readonly NextBoot[] {
    const list = this.#nextBoots.list()
    this.#storeNextBoots()
    return list
  }

  /** False where there is no room for more. */
  setNextBoot(mac: string, what: InsteadOfRules): boolean {
    const done = this.#nextBoots.set(mac, what)
    if (done) this.#tellNextBoot(mac, what, 'set')
    this.#storeNextBoots()
    return done
  }

  undoNextBoot(mac: string): boolean {
    const kept = this.#nextBoots.list().find((one) => one.mac === mac)
    const done = this.#nextBoots.undo(mac)
    if (kept && done) this.#tellNextBoot(mac, kept.what, 'undone')
    this.#storeNextBoots()
    return done
  }

  /** Leases of before. */
  restore(
    leases: Iterable<{ readonly mac: string; readonly address: string; readonly uuid?: string | undefined }>,
  ): void {
    for (const { mac, address, uuid } of leases) {
      remember(this.#byAddress, address, mac)
      if (uuid !== undefined) this.#meet(mac, { uuid })
    }
  }

  hear(event: UntimedEvent): void {
    if ('client' in event && typeof event.client === 'object' && 'architectures' in event.client) {
      const { mac, uuid, architecture, hostName } = event.client
      if (mac !== '') this.#meet(mac, { uuid, architecture, hostName })
    }
    // Of offers only the ROM of a Raspberry Pi takes one without asking for it.
    const isTaken = event.type !== 'dhcp-offered' || event.client.isRaspberryPi
    if (hasAddress(event) && isTaken && event.address !== '0.0.0.0' && event.client.mac !== '')
      remember(this.#byAddress, event.address, event.client.mac)
    if ('boot' in event && event.boot?.isOnce) {
      const { mac } = event.client
      if (event.boot.file !== undefined) this.#nextBoots.told(mac, event.boot.file)
      else if (event.type === 'dhcp-acknowledged') this.wentToLocalDisk(mac)
    }
    if (event.type === 'transfer-started' && event.transfer.kind !== 'write') void this.#loads(event.transfer, false)
    if (event.type === 'transfer-ended' && event.transfer.kind !== 'write' && event.outcome === 'completed')
      void this.#loads(event.transfer, true)
  }

  /** The machine takes the answer of its DHCP server, and ours with it. */
  wentToLocalDisk(mac: string): void {
    const before = this.#nextBoots.list().find((one) => one.mac === mac)
    this.#nextBoots.wentToLocalDisk(mac)
    if (before?.what.kind === 'local-disk' && before.begunAt === undefined) this.#tellNextBoot(mac, before.what, 'used')
    this.#storeNextBoots()
  }

  get awaitsLocalDisk(): boolean {
    return this.#nextBoots.hasLocalDisk
  }

  async #loads({ client, file }: { readonly client: string; readonly file: string }, isWhole: boolean): Promise<void> {
    if (this.#nextBoots.list().length === 0) return
    const mac = await this.#machineAt(client)
    const used = mac === undefined ? undefined : this.#nextBoots.loaded(mac, file, isWhole)
    if (used) this.#tellNextBoot(used.mac, used.what, 'used')
    this.#storeNextBoots()
  }

  #tellNextBoot(mac: string, what: InsteadOfRules, state: 'set' | 'undone' | 'used'): void {
    this.#options.tell({ type: 'next-boot', client: { mac }, state, file: what.kind === 'file' ? what.file : null })
  }

  #storeNextBoots(): void {
    if (this.#nextBoots.takeChanged()) this.#stores.nextBoots.write(this.#nextBoots.list())
  }

  #meet(mac: string, { uuid, architecture, hostName }: Partial<MachineFacts>): void {
    const before = this.#facts.get(mac)
    // The system that was booted says less of the machine than its firmware did.
    remember(this.#facts, mac, {
      uuid: uuid ?? before?.uuid,
      architecture: architecture ?? before?.architecture,
      hostName: hostName ?? before?.hostName,
    })
  }

  async #machineAt(address: string): Promise<string | undefined> {
    const own = this.#byAddress.get(address)
    if (own !== undefined) return own
    const now = performance.now()
    const known = this.#neighbours.get(address)
    if (known && now - known.at < neighbourMs) return known.mac
    const mac = this.#options.neighbour(address).catch(() => undefined)
    remember(this.#neighbours, address, { at: now, mac })
    return mac
  }

  /** Takes in what a request tells of its machine, whatever is asked for. */
  async learn({ client, query }: Asker, requested: string): Promise<void> {
    const told = claimsOf(query)
    const folder = /^[\\/]*([0-9a-f]{8})[\\/]/i.exec(requested)?.[1]
    if (told.serial === undefined && told.asset === undefined && folder === undefined) return
    const mac = await this.#machineAt(client)
    if (mac === undefined || (told.mac !== undefined && told.mac !== mac)) return
    const isRaspberryPi = this.#facts.get(mac)?.architecture === raspberryPiArchitecture
    const serial = told.serial ?? (isRaspberryPi ? toldNumber(folder?.toLowerCase()) : undefined)
    const before = this.#told.get(mac)
    const next: Told = { mac, serial: serial ?? before?.serial, asset: told.asset ?? before?.asset }
    if (next.serial === before?.serial && next.asset === before?.asset) return
    remember(this.#told, mac, next)
    this.#stores.told.write([...this.#told.values()])
    this.#options.tell({
      type: 'machine-told',
      client: { mac },
      serial: next.serial ?? null,
      asset: next.asset ?? null,
    })
  }

  async identify({ client, query }: Asker): Promise<Identified> {
    const address = parseIp(client) ?? 0
    const claims = claimsOf(query)
    const own = await this.#machineAt(client)
    if (own !== undefined && claims.mac !== undefined && claims.mac !== own)
      return { conflict: `it says that it is ${claims.mac}, and ${client} is the address of ${own}` }
    const mac = own ?? claims.mac
    if (mac === undefined) return { facts: { ...claims, mac: '', address, link: address }, isSure: false }
    const facts = this.#facts.get(mac)
    // What the firmware told is before what is written into an address; a serial number comes from there alone.
    return { facts: { ...claims, ...defined(this.#told.get(mac) ?? {}), ...defined(facts ?? {}), mac, address, link: address }, isSure: own !== undefined } // prettier-ignore
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#stores).map((one) => one.close()))
  }
}

const defined = <T extends object>(object: T): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>

/** What an address says of who loads it: `?mac=${net0/mac}&uuid=${uuid}&serial=${serial}&asset=${asset}`. */
function claimsOf(query: string | undefined): {
  readonly [key in 'mac' | 'uuid' | 'serial' | 'asset']?: string | undefined
} {
  if (query === undefined || query.length < 4) return {}
  const said = new URLSearchParams(query)
  const mac = parseMac(said.get('mac') ?? '')
  const uuid = parseUuid(said.get('uuid') ?? '')
  return defined({
    mac,
    uuid: uuid && formatUuid(uuid),
    serial: toldNumber(said.get('serial')),
    asset: toldNumber(said.get('asset')),
  })
}
