/**
 * The frames of now: datagrams of our own sockets, wrapped in the headers they travelled with, and what a live capture
 * brings. Kept as bytes up to a limit; windows fetch what they lack as pcapng.
 */
import { concatBytes, parseHex, parseIpv6 } from '#shared/wire/bytes.ts'
import { CaptureReader, linkTypes, type CapturedFrame, type CaptureInterface } from '#shared/wire/capture-file.ts'
import { formatIp, hardwareOfLinkLocal, isLinkLocal, isMulticast, type IpAddress } from '#shared/wire/ip-address.ts'
import { wrapIcmp6, wrapTcp, wrapUdp } from '#shared/wire/frame.ts'
import { encodeLabNote, noteInterface } from '#shared/wire/lab-note.ts'
import { exportedFrame, exportedHeader } from '#shared/trace/export.ts'
import { FrameStore } from '#shared/trace/frame-store.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { limitedBroadcast } from '#shared/machines/machine.ts'
import type { Observed, ObservedDatagram, ObservedNote } from '../responder/observed.ts'

const keptBytes = 64 * 1024 * 1024
const broadcastMac = Uint8Array.of(255, 255, 255, 255, 255, 255)
const unknownMac = new Uint8Array(6)
/** Where clients ask, and where those who look for a router do (RFC 8415 section 7.1, RFC 4861 section 4.1). */
const [allServers, allRouters] = ['ff02::1:2', 'ff02::2'] as const

const macBytes = (text: string): Uint8Array => parseHex(text) ?? unknownMac

/** Where the answering machine's hardware address stands in a DHCP message (RFC 2131 section 2: chaddr). */
const chaddrOf = (payload: Uint8Array): Uint8Array => (payload.length >= 34 ? payload.subarray(28, 34) : unknownMac)

/** Of a group, and of a host that has made its link-local address of its hardware address (RFC 2464 section 7, RFC 4291 appendix A). */
function macOf6(address: IpAddress): Uint8Array | undefined {
  if (typeof address === 'number') return undefined
  return isMulticast(address)
    ? Uint8Array.of(0x33, 0x33, ...parseIpv6(address)!.subarray(12))
    : hardwareOfLinkLocal(address)
}

/** Where no socket tells it, the first of its family that can reach the other side. */
function ownAddressOf({ local, interface: { address, ipv6 = [] }, remote }: ObservedDatagram): IpAddress {
  if (local !== undefined) return local
  if (typeof remote.address === 'number') return address
  const isNear = isLinkLocal(remote.address) || isMulticast(remote.address)
  const own = ipv6.find((one) => isLinkLocal(one.address) === isNear) ?? ipv6[0]
  return own?.address ?? '::'
}

/** Milliseconds since 1970 as a capture writes them, in whole microseconds. */
const stampOf = (time: number): { readonly seconds: number; readonly nanoseconds: number } => ({
  seconds: Math.floor(time / 1000),
  nanoseconds: Math.floor((time % 1000) * 1000) * 1000,
})

export interface FrameBatch {
  readonly pcapng: Uint8Array
  /** Number of the last frame in it. */
  readonly last: number
}

export class LiveFrames {
  readonly #store = new FrameStore(keptBytes)
  readonly #macOf: (address: string) => string | undefined
  readonly #interfaces = new Map<string, number>()
  /** Interfaces that a live capture sees: its frames are the real ones. */
  readonly #captured = new Set<string>()
  #ports: Lab['ports'] = { dhcp: 67, tftp: 69, bootServer: 4011, dhcp6: 547 }
  #count = 0
  /** Of another run of the back end too. */
  #generation = Date.now()
  #cleared: { readonly id: string; readonly pcapng: Uint8Array }[] = []

  constructor(macOf: (address: string) => string | undefined) {
    this.#macOf = macOf
  }

  /** Tells the services apart by their ports, which a lab may move. */
  setPorts(ports: Lab['ports']): void {
    this.#ports = ports
  }

  setCaptured(interfaceName: string, isCaptured: boolean): void {
    if (isCaptured) this.#captured.add(interfaceName)
    else this.#captured.delete(interfaceName)
  }

  get first(): number {
    return this.#store.first
  }

  get last(): number {
    return this.#store.last
  }

  /** Frames that ever came. */
  get count(): number {
    return this.#count
  }

  /** So many came, of which nothing is known. */
  missed(count: number): void {
    this.#count += count
  }

  #interface(name: string, linkType: number, isSynthesised: boolean): number {
    const key = `${name} ${linkType} ${isSynthesised}`
    const known = this.#interfaces.get(key)
    if (known !== undefined) return known
    const index = this.#store.addInterface({ name, linkType, isSynthesised })
    this.#interfaces.set(key, index)
    return index
  }

  addObserved(seen: Observed): void {
    if ('note' in seen) this.#addNote(seen)
    else this.#addDatagram(seen)
  }

  /** A decision is no packet: it is not counted, and no capture of the wire takes its place. */
  #addNote({ note, time }: ObservedNote): void {
    const { name, linkType } = noteInterface
    const bytes = encodeLabNote(note)
    this.#store.add({ interface: this.#interface(name, linkType, true), ...stampOf(time), bytes })
  }

  #addDatagram(datagram: ObservedDatagram): void {
    const { direction, interface: served, remote, localPort, payload, length, time, tcp } = datagram
    this.#count++
    if (this.#captured.has(served.name)) return
    if (datagram.isIcmp6) return this.#addIcmp6(datagram)
    const { dhcp, tftp, bootServer, dhcp6 } = this.#ports
    const isIpv4 = typeof remote.address === 'number'
    const isDhcp = isIpv4 && tcp === undefined && (localPort === dhcp || localPort === bootServer)
    // Whoever reads a capture goes by the documented ports: what the lab serves elsewhere is shown there.
    const port = tcp !== undefined ? localPort : localPort === dhcp ? 67 : localPort === bootServer ? 4011 : localPort === tftp ? 69 : localPort === dhcp6 ? 547 : localPort // prettier-ignore
    const isDhcp6 = !isIpv4 && tcp === undefined && localPort === dhcp6
    const remotePort = isDhcp && dhcp !== 67 && remote.port !== 67 ? 68 : isDhcp6 && dhcp6 !== 547 && remote.port !== 547 ? 546 : remote.port // prettier-ignore
    const own = { mac: macBytes(served.mac), address: ownAddressOf(datagram), port }
    const isBroadcast = remote.address === limitedBroadcast
    const far = {
      // A relayed packet comes from the relay, whose hardware address no socket tells.
      mac: isBroadcast
        ? broadcastMac
        : isDhcp
          ? chaddrOf(payload)
          : (macOf6(remote.address) ?? macBytes(this.#macOf(formatIp(remote.address)) ?? '')),
      address: remote.address,
      port: remotePort,
    }
    // Whether a request was sent to us alone is not told either; a client without an address has broadcast.
    const isToGroup = isDhcp6 && direction === 'in' && datagram.local === undefined
    const near =
      direction === 'in' && remote.address === 0
        ? { mac: broadcastMac, address: limitedBroadcast, port }
        : isToGroup
          ? { mac: macOf6(allServers)!, address: allServers, port }
          : own
    const [source, destination] = direction === 'in' ? [far, near] : [own, far]
    const isDatagram = tcp === undefined
    const bytes = isDatagram
      ? wrapUdp({
          sourceMac: source.mac,
          destinationMac: destination.mac,
          sourceAddress: source.address,
          destinationAddress: destination.address,
          sourcePort: source.port,
          destinationPort: destination.port,
          payload,
          ...(length === undefined ? {} : { payloadLength: length }),
        })
      : wrapTcp({
          sourceMac: source.mac,
          destinationMac: destination.mac,
          source: source.address,
          destination: destination.address,
          sourcePort: source.port,
          destinationPort: destination.port,
          payload,
          payloadLength: length ?? payload.length,
          ...tcp,
        })
    this.#store.add({
      interface: this.#interface(served.name, linkTypes.ethernet, true),
      ...stampOf(time),
      bytes,
      ...(port === localPort ? {} : { comment: `on UDP port ${localPort} of the lab` }),
      originalLength: bytes.length + Math.max(0, (length ?? 0) - payload.length),
      direction,
    })
  }

  #addIcmp6(datagram: ObservedDatagram): void {
    const { direction, interface: served, remote, payload, time } = datagram
    const far = remote.address
    const near = direction === 'in' && datagram.local === undefined ? allRouters : ownAddressOf(datagram)
    if (typeof near === 'number' || typeof far === 'number') return
    const farMac = macOf6(far) ?? macBytes(this.#macOf(far) ?? '')
    const nearMac = direction === 'in' && isMulticast(near) ? macOf6(near)! : macBytes(served.mac)
    const bytes = wrapIcmp6(
      direction === 'in'
        ? { sourceMac: farMac, destinationMac: nearMac, source: far, destination: near }
        : { sourceMac: nearMac, destinationMac: farMac, source: near, destination: far },
      payload,
    )
    const index = this.#interface(served.name, linkTypes.ethernet, true)
    this.#store.add({ interface: index, ...stampOf(time), bytes, originalLength: bytes.length, direction })
  }

  addCaptured(frame: CapturedFrame, interfaceName: string, linkType: number): void {
    this.#count++
    const { seconds, nanoseconds, bytes, originalLength, direction } = frame
    const index = this.#interface(interfaceName, linkType, false)
    this.#store.add({ interface: index, seconds, nanoseconds, bytes, originalLength, direction })
  }

  /** Another number whenever what was read is not what is kept any more. */
  get generation(): number {
    return this.#generation
  }

  /** Forgets every frame; numbers go on counting. Whoever was told the name of what was cleared can take it back. */
  clear(): string {
    const { pcapng } = this.read(0, Infinity)
    const id = String(++this.#generation)
    this.#cleared.push({ id, pcapng })
    const bytes = (): number => this.#cleared.reduce((sum, one) => sum + one.pcapng.length, 0)
    while (this.#cleared.length > 1 && bytes() > keptBytes) this.#cleared.shift()
    this.#store.clear()
    return id
  }

  /** Puts back what was cleared, before what came since; false where it is not kept any more. */
  takeBack(id: string): boolean {
    const at = this.#cleared.findIndex((one) => one.id === id)
    if (at < 0) return false
    const [cleared] = this.#cleared.splice(at, 1)
    const since = this.read(0, Infinity)
    this.#store.clear()
    this.#generation++
    for (const { pcapng } of [cleared!, since]) {
      const interfaces: CaptureInterface[] = []
      const reader = new CaptureReader({
        onInterface: (one) => void interfaces.push(one),
        onFrame: (frame) => this.restore(frame, interfaces[frame.interface]!),
      })
      reader.push(pcapng)
      reader.end()
    }
    return true
  }

  /** Another lab's frames are to come: nothing can be taken back. */
  reset(): void {
    this.#store.clear()
    this.#generation++
    this.#cleared = []
  }

  /** A frame that an earlier run kept. */
  restore(frame: CapturedFrame, { name = '', linkType, isSynthesised }: CaptureInterface): void {
    const { seconds, nanoseconds, bytes, originalLength, direction, comment } = frame
    const index = this.#interface(name, linkType, isSynthesised)
    this.#store.add({ interface: index, seconds, nanoseconds, bytes, originalLength, direction, comment })
  }

  /** What came after frame `after`, up to `until`, at most about `mostBytes` of it; a capture file of its own. */
  read(after: number, mostBytes: number, until = this.last): FrameBatch {
    const store = this.#store
    const parts = [exportedHeader(store)]
    let last = Math.max(after, store.first - 1)
    for (let size = 0; last < Math.min(until, store.last) && size < mostBytes; last++) {
      const part = exportedFrame(store, last + 1)
      parts.push(part)
      size += part.length
    }
    return { pcapng: concatBytes(parts), last }
  }
}
