/** From events to machines and their boots: who is where, what it loads, how earlier boots went. */
import vendors from 'oui-data' with { type: 'json' }
import { architectureName } from '#shared/wire/iana/architecture.ts'
import { labCheckName, labCheckOf } from '#shared/wire/lab-checks.ts'
import type { ClientIdentity } from '#shared/machines/client-identity.ts'
import type { Boot, Client, FileProgress } from '#shared/contract/calls.ts'
import { formatBytes, formatDuration } from '#shared/contract/format.ts'
import type { LabEvent, TransferEvent } from '#shared/contract/events.ts'

/** After this silence the next packet begins another boot. */
const newBootAfterMs = 60_000
/** A boot in which something moved this recently counts as active. */
const activeMs = 30_000
const keptBoots = 20
const keptFiles = 60
/** Of more, those that were quiet for longest are forgotten. */
export const keptClients = 2000
export const keptAddresses = 8000
/** Transfers whose speed is followed: as many as may run at once. That one has ended may never be heard here. */
export const keptRates = 4096

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type MutableBoot = Writable<Boot> & { files: Writable<FileProgress>[] }
type MutableClient = Omit<Writable<Client>, 'boots' | 'isReserved'> & { boots: MutableBoot[] }

export function vendorOf(mac: string): string {
  if (labCheckOf(mac) !== undefined) return labCheckName
  const first = parseInt(mac.slice(0, 2), 16)
  const name = vendors[mac.replaceAll(':', '').slice(0, 6).toUpperCase()]?.split('\n')[0]
  return name ?? (first & 2 ? 'locally administered' : '')
}

/** What kind of firmware or program is speaking, told from what it sends. */
export function firmwareOf(client: ClientIdentity): string {
  if (labCheckOf(client.mac) !== undefined) return labCheckName
  if (client.isIpxe) return 'iPXE'
  if (client.isRaspberryPi) return 'Raspberry Pi'
  if (client.boot === 'http') return 'UEFI HTTP boot'
  if (client.vendorClass.startsWith('U-Boot')) return 'U-Boot'
  if (client.boot === 'pxe') {
    const undi = /UNDI:(\d{3})/.exec(client.vendorClass)?.[1]
    if (client.architecture === 0) return 'BIOS PXE ROM'
    return undi === '003' ? 'UEFI PXE' : 'PXE client'
  }
  if (client.vendorClass.startsWith('MSFT')) return 'Windows'
  if (/^(dhcpcd|systemd|udhcp|android)/i.test(client.vendorClass)) return client.vendorClass.split(/[-: ]/)[0]!
  return 'DHCP client'
}

export class ClientBook {
  readonly #clients = new Map<string, MutableClient>()
  readonly #byAddress = new Map<string, string>()
  readonly #changed = new Set<string>()
  readonly #rates = new Map<string, { time: number; bytes: number }>()
  #isReserved: (mac: string) => boolean = () => false

  /** Says which hardware addresses have a reservation. */
  setReserved(isReserved: (mac: string) => boolean): void {
    this.#isReserved = isReserved
    for (const mac of this.#clients.keys()) this.#changed.add(mac)
  }

  all(): Client[] {
    return [...this.#clients.values()]
      .map((client) => this.#snapshot(client))
      .sort((a, b) => (b.boots[0]?.lastAt ?? 0) - (a.boots[0]?.lastAt ?? 0))
  }

  /** Clients that changed since the last call. */
  takeChanged(most = Infinity): Client[] {
    const changed: Client[] = []
    for (const mac of this.#changed) {
      if (changed.length >= most) break
      this.#changed.delete(mac)
      const client = this.#clients.get(mac)
      if (client) changed.push(this.#snapshot(client))
    }
    return changed
  }

  activeBoots(now: number): number {
    let count = 0
    for (const { mac, boots } of this.#clients.values()) {
      const boot = boots[0]
      if (
        boot &&
        labCheckOf(mac) === undefined &&
        Math.abs(now - boot.lastAt) < activeMs &&
        boot.stage !== 'failed' &&
        boot.stage !== 'started'
      )
        count++
    }
    return count
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

  hear(event: LabEvent): void {
    switch (event.type) {
      case 'dhcp-offered':
        this.#stage(event.client, event.time, 'offered', `was offered ${event.address}`, event.boot?.reason, true)
        // Its ROM takes the offer without a REQUEST.
        if (event.client.isRaspberryPi) this.#has(event.client.mac, event.address)
        return
      case 'dhcp-acknowledged':
        this.#stage(event.client, event.time, 'address', `has ${event.address}`, event.boot?.reason)
        return this.#has(event.client.mac, event.address)
      case 'bootp-answered':
        this.#stage(event.client, event.time, 'address', `has ${event.address} (BOOTP)`, event.boot?.reason, true)
        return this.#has(event.client.mac, event.address)
      case 'proxy-offered':
        this.#stage(event.client, event.time, 'offered', 'was offered this boot server', event.boot.reason, true)
        return
      case 'boot-server-answered':
        this.#stage(event.client, event.time, 'boot-server', `was told ${event.boot.file}`, event.boot.reason)
        return this.#has(event.client.mac, event.address)
      case 'wds-offered':
        this.#stage(event.client, event.time, 'offered', 'was offered this boot server', undefined, true)
        return
      case 'wds-answered':
        this.#stage(event.client, event.time, 'boot-server', `was told ${event.file}`, undefined)
        return this.#has(event.client.mac, event.address)
      case 'wds-pending':
        this.#stage(event.client, event.time, 'boot-server', `waits for approval, request ${event.request}`, undefined)
        return this.#has(event.client.mac, event.address)
      case 'wds-referred':
        this.#stage(event.client, event.time, 'boot-server', `was referred to ${event.to}`, undefined)
        return this.#has(event.client.mac, event.address)
      case 'wds-refused':
        this.#stage(event.client, event.time, 'failed', `was refused, request ${event.request}`, undefined)
        return this.#has(event.client.mac, event.address)
      case 'wds-aborted':
        this.#stage(event.client, event.time, 'boot-server', 'has no deployment and goes on to its next boot device', undefined) // prettier-ignore
        return this.#has(event.client.mac, event.address)
      case 'wds-ignored':
        this.#stage(event.client, event.time, 'seen', `not answered: ${event.reason}`, event.reason)
        return
      case 'client-seen':
        this.#stage(event.client, event.time, 'seen', `sent ${event.message}`, undefined, event.message === 'DISCOVER')
        return
      case 'dhcp-ignored':
      case 'proxy-ignored':
      case 'boot-server-ignored':
        this.#stage(event.client, event.time, 'seen', `not answered: ${event.reason}`, event.reason)
        return
      case 'dhcp-refused':
        this.#stage(event.client, event.time, 'failed', `refused ${event.address}: ${event.reason}`, undefined)
        return
      case 'pool-exhausted':
        this.#stage(event.client, event.time, 'failed', `no address left in ${event.subnet}`, undefined)
        return
      case 'transfer-started':
      case 'transfer-progress':
      case 'transfer-ended':
        return this.#transfer(event, event.time)
      case 'transfer-refused': {
        const mac = this.#byAddress.get(event.client)
        const boot = mac === undefined ? undefined : this.#currentBoot(mac, event.time)
        if (!boot || event.file === '') return
        boot.files.push({
          id: `refused#${event.time}`,
          file: event.file,
          bytes: 0,
          size: null,
          rate: 0,
          state: 'refused',
          detail: event.reason,
          retransmissions: 0,
        })
        boot.files.splice(0, boot.files.length - keptFiles)
        boot.lastAt = event.time
        // Boot programs try several names; only a machine that loaded nothing at all has failed by it.
        if (!boot.files.some((file) => file.state !== 'refused')) {
          boot.stage = 'failed'
          boot.detail = `${event.file}: ${event.reason}`
        }
        this.#changed.add(mac!)
        return
      }
      default:
      // The rest is about no client's boot.
    }
  }

  #has(mac: string, address: string): void {
    // Before it has one it says so.
    if (address === '0.0.0.0') return
    this.#clients.get(mac)!.address = address
    this.#remember(address, mac)
  }

  #snapshot(client: MutableClient): Client {
    const told = { ...structuredClone(client), isReserved: this.#isReserved(client.mac) }
    // No boot fails where none was begun: whoever counts failures must not count a check.
    if (labCheckOf(client.mac) !== undefined)
      for (const boot of told.boots) if (boot.stage === 'failed') boot.stage = 'seen'
    return told
  }

  #stage(
    identity: ClientIdentity,
    time: number,
    stage: Boot['stage'],
    detail: string,
    reason: string | undefined,
    begins = false,
  ): MutableClient {
    let client = this.#clients.get(identity.mac)
    if (!client) {
      client = {
        mac: identity.mac,
        vendor: vendorOf(identity.mac),
        firmware: '',
        architecture: '',
        uuid: null,
        address: null,
        hostName: null,
        reason: '',
        boots: [],
      }
    }
    this.#keep(client)
    const firmware = firmwareOf(identity)
    const isSystem = identity.boot === 'none' && firmware !== 'U-Boot'
    const current = client.boots[0]
    const hasLoaded = current?.files.some((file) => file.state === 'done') ?? false
    client.firmware = isSystem && current ? client.firmware : firmware
    if (identity.architecture !== undefined) client.architecture = architectureName(identity.architecture)
    if (identity.uuid !== undefined) client.uuid = identity.uuid
    if (identity.hostName !== undefined) client.hostName = identity.hostName
    if (reason !== undefined) client.reason = reason
    this.#changed.add(client.mac)
    // A ROM that asks again after it had loaded something was switched off and on; iPXE and systems go on where it ended.
    const isNew =
      !current ||
      (begins && Math.abs(time - current.lastAt) > newBootAfterMs) ||
      (begins && hasLoaded && !identity.isIpxe && !isSystem)
    if (isNew) {
      client.boots.unshift({ startedAt: time, lastAt: time, stage, detail, firmware, files: [] })
      client.boots.length = Math.min(client.boots.length, keptBoots)
      return client
    }
    current.lastAt = time
    if (isSystem && hasLoaded) {
      current.stage = 'started'
      current.detail = `${firmware} asks for an address: the system has started`
    } else if (!(stage === 'seen' && current.stage !== 'seen')) {
      current.stage = stage
      current.detail = detail
    }
    return client
  }

  /** Puts a client last, for it has just been heard of. */
  #keep(client: MutableClient): void {
    this.#clients.delete(client.mac)
    this.#clients.set(client.mac, client)
    if (this.#clients.size <= keptClients) return
    const quietest = this.#clients.keys().next().value!
    this.#clients.delete(quietest)
    this.#changed.delete(quietest)
  }

  #remember(address: string, mac: string): void {
    this.#byAddress.delete(address)
    this.#byAddress.set(address, mac)
    if (this.#byAddress.size > keptAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value!)
  }

  #currentBoot(mac: string, time: number): MutableBoot | undefined {
    const client = this.#clients.get(mac)
    if (!client) return undefined
    if (!client.boots[0])
      client.boots.unshift({
        startedAt: time,
        lastAt: time,
        stage: 'seen',
        detail: '',
        firmware: client.firmware,
        files: [],
      })
    return client.boots[0]
  }

  #transfer(event: Extract<TransferEvent, { readonly transfer: unknown }>, time: number): void {
    const { transfer } = event
    const mac = this.#byAddress.get(transfer.client) ?? this.#stranger(transfer.client)
    const boot = this.#currentBoot(mac, time)
    if (!boot) return
    let file = boot.files.find((one) => one.id === transfer.id)
    if (event.type === 'transfer-ended' && event.outcome === 'size-probe') {
      // The question about the size is not a download; the download follows.
      boot.files = boot.files.filter((one) => one !== file)
      this.#rates.delete(transfer.id)
      this.#changed.add(mac)
      return
    }
    if (!file) {
      file = {
        id: transfer.id,
        file: transfer.file,
        bytes: 0,
        size: transfer.size ?? null,
        rate: 0,
        state: 'loading',
        detail: '',
        retransmissions: 0,
      }
      boot.files.push(file)
      boot.files.splice(0, boot.files.length - keptFiles)
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
    file.bytes = transfer.bytes
    file.retransmissions = transfer.retransmissions
    boot.lastAt = time
    boot.stage = 'loading'
    boot.detail = `loads ${transfer.file}`
    if (event.type === 'transfer-ended') {
      this.#rates.delete(transfer.id)
      file.state = event.outcome === 'completed' ? 'done' : 'failed'
      file.rate = event.durationMs > 0 ? (transfer.bytes * 1000) / event.durationMs : 0
      file.detail = event.outcome === 'completed' ? `in ${formatDuration(event.durationMs)}` : event.message
      boot.stage = event.outcome === 'completed' ? 'loaded' : 'failed'
      boot.detail =
        event.outcome === 'completed'
          ? `has ${transfer.file}, ${formatBytes(transfer.bytes)}`
          : `${transfer.file}: ${event.message}`
    }
    this.#changed.add(mac)
  }

  /** A client that loads files without having asked us for an address is known by that address. */
  #stranger(address: string): string {
    const mac = `at ${address}`
    if (!this.#clients.has(mac))
      this.#keep({
        mac,
        vendor: '',
        firmware: 'unknown',
        architecture: '',
        uuid: null,
        address,
        hostName: null,
        reason: 'it asked this machine for files only',
        boots: [],
      })
    return mac
  }
}
