/**
 * The machines of a lab: who they are and what they load, as the responder tells it, and what their boots are, as the model
 * says. What a boot is comes from its verdict alone.
 */
import { inEnglish } from '#messages/text.ts'
import vendors from 'oui-data' with { type: 'json' }
import { z } from 'zod'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { parseIp } from '#shared/wire/ip-address.ts'
import { architectureName, architectureOf } from '#shared/wire/iana/architecture.ts'
import { labCheckName, labCheckOf } from '#shared/wire/lab-checks.ts'
import { locallyAdministered } from '#shared/wire/words.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import { clientSchema, fileProgressSchema, verdictSchema, type Boot, type Client, type FileProgress, type Verdict } from '#shared/contract/calls.ts' // prettier-ignore
import { formatDuration } from '#shared/contract/format.ts'
import { noNames, type GivenNames } from '#shared/lab/given-names.ts'
import { firmwareName } from '#shared/trace/firmware.ts'
import { machineNames, nameAddresses, type MachineNames } from '#shared/trace/name-addresses.ts'
import type { LabEvent, TransferEvent } from '#shared/contract/events.ts'

/** A boot in which something moved this recently counts as active. */
const activeMs = 30_000
const keptBoots = 20
const keptFiles = 60
/** Of more, those that were quiet for longest are forgotten. */
export const keptClients = 2000
export const keptAddresses = 8000
/** Transfers whose speed is followed: as many as may run at once. That one has ended may never be heard here. */
export const keptRates = 4096

/** What is written for the next run, so that the file stays small. */
const mostKept = { clients: 500, files: 20, boots: 10 } as const

type Writable<T> = { -readonly [K in keyof T]: T[K] }
/** `at`: when it was first asked for, which tells whose boot it belongs to. */
type KeptFile = Writable<FileProgress> & { readonly at: number }
type KeptClient = Omit<Writable<Client>, 'boots' | 'isReserved' | 'name'> & {
  /** When its first event came: until the model has a verdict that is all that is known of its boot. */
  readonly heardAt: number
  heardLastAt: number
  files: KeptFile[]
  /** The newest first. */
  verdicts: Verdict[]
  /** The failure that was told last, of which boot: a machine that goes on asking is not told again with each packet. */
  told?: { readonly startedAt: number; readonly headline: string }
}

/** What is kept of the book between two runs. */
export const keptBookSchema = z.object({
  clients: z.array(
    clientSchema.omit({ boots: true, isReserved: true, name: true }).extend({
      heardAt: z.number(),
      heardLastAt: z.number(),
      files: z.array(fileProgressSchema.extend({ at: z.number() })),
      verdicts: z.array(verdictSchema),
    }),
  ),
  addresses: z.array(z.tuple([z.string(), z.string()])),
})
export type KeptBook = z.infer<typeof keptBookSchema>

/** A hardware address; one of eight octets could be read as an IPv6 address. */
const isHardware = /^([\da-f]{2}:)+[\da-f]{2}$/

/** What PXE Lab itself asks on the wire is in Flows, and nobody who boots. */
const isMachine = ({ mac }: { readonly mac: string }): boolean => labCheckOf(mac) === undefined

export function vendorOf(mac: string): string {
  if (labCheckOf(mac) !== undefined) return labCheckName
  const first = parseInt(mac.slice(0, 2), 16)
  // An address of nobody, or of a group, was given to no card.
  if (first & 1 || mac === '00:00:00:00:00:00') return ''
  const name = vendors[mac.replaceAll(':', '').slice(0, 6).toUpperCase()]?.split('\n')[0]
  return name ?? (first & 2 ? locallyAdministered : '')
}

/** What kind of firmware or program is speaking, told from what it sends, until the model has a verdict that says it. */
export function firmwareOf(client: ClientIdentity): string {
  if (labCheckOf(client.mac) !== undefined) return labCheckName
  const { architecture } = client
  if (client.isIpxe) return firmwareName('ipxe', architecture)
  if (client.isRaspberryPi) return firmwareName('raspberry-pi', architecture)
  if (client.boot === 'http') return firmwareName('edk2-http', architecture)
  if (client.vendorClass.startsWith('U-Boot')) return firmwareName('u-boot', architecture)
  if (client.boot === 'pxe') {
    const isUefi = architecture !== undefined && architectureOf(architecture)?.boot === 'uefi'
    return firmwareName(isUefi ? 'edk2' : 'bios-rom', architecture)
  }
  if (client.vendorClass.startsWith('MSFT')) return firmwareName('windows-pe', architecture)
  if (/^(dhcpcd|systemd|udhcp|android)/i.test(client.vendorClass)) return client.vendorClass.split(/[-: ]/)[0]!
  return firmwareName('other', undefined)
}

export class ClientBook {
  readonly #clients = new Map<string, KeptClient>()
  readonly #byAddress = new Map<string, string>()
  readonly #changed = new Set<string>()
  readonly #rates = new Map<string, { time: number; bytes: number }>()
  #isReserved: (mac: string) => boolean = () => false
  #given: GivenNames = noNames
  #names: MachineNames = new Map()
  #areNamesOld = false

  /** Says which hardware addresses have a reservation, and what the lab file calls its machines. */
  setLab(isReserved: (mac: string) => boolean, given: GivenNames): void {
    this.#isReserved = isReserved
    this.#given = given
    this.#areNamesOld = true
    for (const mac of this.#clients.keys()) this.#changed.add(mac)
  }

  /** What machines are called, by hardware or IP address. */
  get names(): MachineNames {
    this.#refreshNames()
    return this.#names
  }

  #refreshNames(): void {
    if (!this.#areNamesOld) return
    this.#areNamesOld = false
    const { byMac, byUuid, byAddress } = this.#given
    const gave = new Map([...byAddress, ...byMac])
    const machines = [...this.#clients.values()].map(({ mac, uuid, hostName, address }) => {
      const name = byMac.get(mac) ?? (uuid === null ? undefined : byUuid.get(uuid.toLowerCase()))
      if (name !== undefined) gave.set(mac, name)
      return { name: mac, hostName: hostName ?? '', address: (address === null ? undefined : parseIpv4(address)) ?? 0 }
    })
    const before = this.#names
    this.#names = machineNames(machines, gave)
    for (const mac of this.#clients.keys()) if (before.get(mac) !== this.#names.get(mac)) this.#changed.add(mac)
  }

  /** A sentence with the names of machines beside their addresses; `own`: the hardware address of the machine that it is about. */
  say(text: string, own = ''): string {
    return nameAddresses(text, this.names, own)
  }

  all(): Client[] {
    const lastOf = ({ heardLastAt, verdicts }: KeptClient): number => Math.max(heardLastAt, verdicts[0]?.lastAt ?? 0)
    return [...this.#clients.values()]
      .filter(isMachine)
      .sort((a, b) => lastOf(b) - lastOf(a))
      .map((client) => this.#snapshot(client))
  }

  /** Clients that changed since the last call. */
  takeChanged(most = Infinity): Client[] {
    // First: a name that a second machine has as well names neither any more.
    this.#refreshNames()
    const changed: Client[] = []
    for (const mac of this.#changed) {
      if (changed.length >= most) break
      this.#changed.delete(mac)
      const client = this.#clients.get(mac)
      if (client && isMachine(client)) changed.push(this.#snapshot(client))
    }
    return changed
  }

  activeBoots(now: number): number {
    let count = 0
    for (const client of this.#clients.values()) {
      const verdict = client.verdicts[0]
      // Whoever sets the clock makes no boot active, nor one that goes on still.
      const quietMs = Math.min(Math.abs(now - client.heardLastAt), Math.abs(now - (verdict?.lastAt ?? Infinity)))
      const isOver = verdict && (verdict.outcome === 'failed' || verdict.outcome === 'started')
      if (!isOver && isMachine(client) && quietMs < activeMs) count++
    }
    return count
  }

  /** Machines whose newest boot failed, the newest first. */
  failed(): { readonly mac: string; readonly name: string | null; readonly verdict: Verdict }[] {
    return [...this.#clients.values()]
      .flatMap(({ mac, verdicts: [verdict] }) =>
        verdict?.outcome === 'failed' ? [{ mac, name: this.names.get(mac) ?? null, verdict }] : [],
      ) // prettier-ignore
      .sort((a, b) => b.verdict.lastAt - a.verdict.lastAt)
  }

  /** What the model says of the newest boot of a machine. */
  newest(mac: string): Verdict | undefined {
    return this.#clients.get(mac)?.verdicts[0]
  }

  /** What a machine has said of itself. */
  factsOf(mac: string): Partial<Record<'uuid' | 'address' | 'hostName' | 'architecture' | 'serial' | 'asset', string>> {
    const client = this.#clients.get(mac)
    if (!client) return {}
    const { uuid, address, hostName, architecture, serial, asset } = client
    const facts = { uuid, address, hostName, architecture, serial, asset }
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== ''))
  }

  macOf(address: string): string | undefined {
    return this.#byAddress.get(address)
  }

  /** What it holds in memory. */
  get size(): Readonly<Record<'clients' | 'addresses' | 'changed' | 'rates', number>> {
    return {
      clients: this.#clients.size,
      addresses: this.#byAddress.size,
      changed: this.#changed.size,
      rates: this.#rates.size,
    }
  }

  /** What is kept for the next run. */
  get kept(): KeptBook {
    const clients = [...this.#clients.values()].slice(-mostKept.clients).map(({ told: _told, ...client }) => ({
      ...client,
      files: client.files.slice(-mostKept.files),
      verdicts: client.verdicts.slice(0, mostKept.boots),
    }))
    return { clients, addresses: [...this.#byAddress].slice(-mostKept.clients) }
  }

  /** Begins with what an earlier run kept. */
  restore({ clients, addresses }: KeptBook): void {
    for (const client of clients.slice(-keptClients)) {
      // What was on its way then has ended with the run, or is told anew.
      const files = client.files.map((file) => (file.state === 'loading' ? { ...file, state: 'failed' as const, detail: 'PXE Lab ended meanwhile' } : file)) // prettier-ignore
      this.#clients.set(client.mac, { ...client, files })
      this.#changed.add(client.mac)
    }
    this.#areNamesOld = true
    for (const [address, mac] of addresses.slice(-keptAddresses)) this.#remember(address, mac)
  }

  clear(): void {
    this.#areNamesOld = true
    this.#clients.clear()
    this.#changed.clear()
    this.#rates.clear()
  }

  /** What the model says of a boot; whether it failed and was not known to have failed so. */
  judge(verdict: Verdict): boolean {
    const client = this.#clientOf(verdict)
    const { verdicts } = client
    const at = verdicts.findIndex((one) => one.startedAt === verdict.startedAt)
    // Seen from the middle of it, where its first packets are not kept any more.
    const isInside = verdicts.some((one) => one.startedAt < verdict.startedAt && verdict.startedAt <= one.lastAt)
    if (at < 0 && isInside) return false
    const { startedAt } = verdict
    const headline = inEnglish(verdict.headline)
    const isTold = client.told?.startedAt === startedAt && client.told.headline === headline
    const isNews = verdict.outcome === 'failed' && !isTold && (at < 0 || verdicts[at]!.outcome !== 'failed')
    if (isNews) client.told = { startedAt, headline }
    if (at < 0) verdicts.push(verdict)
    else verdicts[at] = verdict
    verdicts.sort((a, b) => b.startedAt - a.startedAt)
    verdicts.length = Math.min(verdicts.length, keptBoots)
    if (client.firmware === '') client.firmware = verdict.firmware
    if (verdict.hostName !== '') this.#calls(client, { hostName: verdict.hostName })
    this.#changed.add(client.mac)
    return isNews
  }

  #clientOf({ mac: name, startedAt, firmware }: Verdict): KeptClient {
    // Where no hardware address was seen, the machine is known by its IP address.
    const isAddress = !isHardware.test(name) && parseIp(name) !== undefined
    const mac = isAddress ? (this.#byAddress.get(name) ?? `at ${name}`) : name
    const known = this.#clients.get(mac)
    const client = known ?? { ...this.#blank(mac, startedAt), firmware, address: isAddress ? name : null }
    this.#keep(client)
    return client
  }

  hear(event: LabEvent): void {
    switch (event.type) {
      case 'dhcp-offered':
        this.#meet(event.client, event.time, event.boot?.reason)
        // Its ROM takes the offer without a REQUEST.
        if (event.client.isRaspberryPi) this.#has(event.client.mac, event.address)
        return
      case 'dhcp-acknowledged':
      case 'bootp-answered':
      case 'boot-server-answered':
        this.#meet(event.client, event.time, event.boot?.reason)
        return this.#has(event.client.mac, event.address)
      case 'proxy-offered':
        return this.#meet(event.client, event.time, event.boot.reason)
      case 'wds-answered':
      case 'wds-pending':
      case 'wds-referred':
      case 'wds-refused':
      case 'wds-aborted':
        this.#meet(event.client, event.time)
        return this.#has(event.client.mac, event.address)
      case 'dhcp-ignored':
        return this.#meet(event.client, event.time, event.awaitsNoAnswer ? undefined : event.reason)
      case 'wds-ignored':
      case 'proxy-ignored':
      case 'boot-server-ignored':
        return this.#meet(event.client, event.time, event.reason)
      case 'wds-offered':
      case 'client-seen':
      case 'dhcp-refused':
      case 'pool-exhausted':
        return this.#meet(event.client, event.time)
      case 'machine-told': {
        const client = this.#clients.get(event.client.mac)
        if (!client) return
        client.serial = event.serial
        client.asset = event.asset
        this.#changed.add(client.mac)
        return
      }
      case 'transfer-started':
      case 'transfer-progress':
      case 'transfer-ended':
        return this.#transfer(event, event.time)
      case 'transfer-refused': {
        const client = this.#clients.get(this.#byAddress.get(event.client) ?? '')
        if (!client || event.file === '') return
        this.#addFile(client, {
          id: `refused#${event.time}`,
          at: event.time,
          file: event.file,
          bytes: 0,
          size: null,
          rate: 0,
          state: 'refused',
          detail: event.reason,
          retransmissions: 0,
        })
        return
      }
      default:
      // The rest is about no client's boot.
    }
  }

  #addFile(client: KeptClient, file: KeptFile): void {
    client.files.push(file)
    client.files.splice(0, client.files.length - keptFiles)
    this.#changed.add(client.mac)
  }

  #has(mac: string, address: string): void {
    // Before it has one it says so.
    if (address === '0.0.0.0') return
    this.#calls(this.#clients.get(mac)!, { address })
    this.#remember(address, mac)
  }

  /** Takes in what a name, or its place in a sentence, depends on. */
  #calls(client: KeptClient, known: Partial<Pick<KeptClient, 'hostName' | 'address' | 'uuid'>>): void {
    Object.assign(client, known)
    this.#areNamesOld = true
  }

  #snapshot({ heardAt, heardLastAt, files, verdicts, told: _told, ...kept }: KeptClient): Client {
    const { mac } = kept
    const say = (text: string): string => this.say(text, mac)
    const isReserved = this.#isReserved(mac)
    // What booted is its firmware, and not the system that it started.
    const booted = verdicts.find(({ outcome }) => outcome !== 'idle' && outcome !== 'address' && outcome !== 'check')
    const firmware = booted?.firmware || kept.firmware
    const client = { ...kept, firmware, name: this.names.get(mac) ?? null, reason: say(kept.reason) }
    const filesOf = (from: number, until: number): FileProgress[] =>
      files.filter(({ at }) => at >= from && at < until).map(({ at: _at, ...file }) => file)
    const boots = verdicts.map((one, index): Boot => {
      const { headline, mac: _mac, hostName: _hostName, ...verdict } = one
      // What the oldest boot loaded before its first packet was seen is its own too.
      const from = index === verdicts.length - 1 ? -Infinity : verdict.startedAt
      return {
        ...verdict,
        detail: say(headline),
        causes: verdict.causes.map(say),
        files: filesOf(from, verdicts[index - 1]?.startedAt ?? Infinity),
      }
    })
    if (boots.length > 0) return { ...client, isReserved, boots }
    const lastAt = Math.max(heardLastAt, files.at(-1)?.at ?? 0)
    const beginning = { startedAt: heardAt, lastAt, outcome: 'unknown', stage: 'seen', detail: '', code: null, causes: [], firmware: client.firmware } as const // prettier-ignore
    return { ...client, isReserved, boots: [{ ...beginning, causes: [], files: filesOf(-Infinity, Infinity) }] }
  }

  #blank(mac: string, heardAt: number): KeptClient {
    return {
      mac,
      vendor: mac.startsWith('at ') ? '' : vendorOf(mac),
      firmware: '',
      architecture: '',
      uuid: null,
      address: null,
      hostName: null,
      serial: null,
      asset: null,
      reason: '',
      heardAt,
      heardLastAt: heardAt,
      files: [],
      verdicts: [],
    }
  }

  #meet(identity: ClientIdentity, time: number, reason?: string): void {
    const client = this.#clients.get(identity.mac) ?? this.#blank(identity.mac, time)
    client.heardLastAt = time
    this.#keep(client)
    const firmware = firmwareOf(identity)
    // The started system of a machine is not its firmware.
    const isSystem = identity.boot === 'none' && firmware !== 'U-Boot'
    if (!isSystem || client.firmware === '') client.firmware = firmware
    if (identity.architecture !== undefined) client.architecture = architectureName(identity.architecture)
    if (identity.uuid !== undefined) this.#calls(client, { uuid: identity.uuid })
    if (identity.hostName !== undefined) this.#calls(client, { hostName: identity.hostName })
    if (reason !== undefined) client.reason = reason
    this.#changed.add(client.mac)
  }

  /** Puts a client last, for it has just been heard of. */
  #keep(client: KeptClient): void {
    if (!this.#clients.delete(client.mac)) this.#areNamesOld = true
    this.#clients.set(client.mac, client)
    if (this.#clients.size <= keptClients) return
    const quietest = this.#clients.keys().next().value!
    this.#clients.delete(quietest)
    this.#areNamesOld = true
    this.#changed.delete(quietest)
  }

  #remember(address: string, mac: string): void {
    this.#byAddress.delete(address)
    this.#byAddress.set(address, mac)
    if (this.#byAddress.size > keptAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value!)
  }

  #transfer(event: Extract<TransferEvent, { readonly transfer: unknown }>, time: number): void {
    const { transfer } = event
    const mac = this.#byAddress.get(transfer.client) ?? this.#stranger(transfer.client, time)
    const client = this.#clients.get(mac)
    if (!client) return
    // Another run of the responder counts its transfers anew.
    const isNew = event.type === 'transfer-started'
    let file = isNew ? undefined : client.files.findLast((one) => one.id === transfer.id && one.state === 'loading')
    if (event.type === 'transfer-ended' && event.outcome === 'size-probe') {
      // The question about the size is not a download; the download follows.
      client.files = client.files.filter((one) => one !== file)
      this.#rates.delete(transfer.id)
      this.#changed.add(mac)
      return
    }
    if (!file) {
      file = {
        id: transfer.id,
        at: time,
        file: transfer.file,
        bytes: 0,
        size: transfer.size ?? null,
        rate: 0,
        state: 'loading',
        detail: '',
        retransmissions: 0,
        ...(transfer.kind === 'read' ? { blockSize: transfer.blockSize, windowSize: transfer.windowSize } : {}),
      }
      this.#addFile(client, file)
      this.#rates.set(transfer.id, { time, bytes: 0 })
      if (this.#rates.size > keptRates) this.#rates.delete(this.#rates.keys().next().value!)
    }
    const before = this.#rates.get(transfer.id)
    // The clock may have been set: nothing is loaded in no time, or less.
    if (before && time < before.time) this.#rates.set(transfer.id, { time, bytes: transfer.bytes })
    else if (before && time - before.time >= 200) {
      file.rate = ((transfer.bytes - before.bytes) * 1000) / (time - before.time)
      this.#rates.set(transfer.id, { time, bytes: transfer.bytes })
    }
    client.heardLastAt = time
    file.bytes = transfer.bytes
    file.retransmissions = transfer.retransmissions
    if (event.type === 'transfer-ended') {
      this.#rates.delete(transfer.id)
      file.state = event.outcome === 'completed' ? 'done' : 'failed'
      file.rate = event.durationMs > 0 ? (transfer.bytes * 1000) / event.durationMs : 0
      file.detail = event.outcome === 'completed' ? `in ${formatDuration(event.durationMs)}` : event.message
    }
    this.#changed.add(mac)
  }

  /** A client that loads files without having asked us for an address is known by that address. */
  #stranger(address: string, time: number): string {
    const mac = `at ${address}`
    if (!this.#clients.has(mac))
      this.#keep({ ...this.#blank(mac, time), firmware: 'unknown', address, reason: 'it asked this machine for files only' }) // prettier-ignore
    return mac
  }
}
