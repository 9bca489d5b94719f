/**
 * The router advertiser on raw sockets of ICMPv6, one for each interface. Node has no way to wait for such a socket, so it is
 * looked at ten times a second: a router waits up to half a second before it answers, too (RFC 4861 section 6.2.6).
 */
import type { UntimedEvent } from '#shared/contract/events.ts'
import { RouterAdvertiser, type RouterAdvertiserConfiguration } from '#shared/machines/router-advertiser.ts'
import { icmp6Types } from '#shared/wire/icmpv6.ts'
import type { NetworkInterface } from './interfaces.ts'
import { nativeSockets, nativeSocketsMissing } from './native-sockets.ts'
import type { Icmp6Socket } from './socket-calls.ts'

const allRouters = 'ff02::2'
/** What hosts ask, and what other routers say. */
const heard = [icmp6Types.routerSolicitation, icmp6Types.routerAdvertisement]
const lookEveryMs = 100
/** Taken at a look; a flood of solicitations holds up nothing else. */
const mostAtOnce = 64

export interface RouterPortOptions {
  readonly tell: (event: UntimedEvent) => void
  /** Says a message once as long as it stays the same. */
  readonly warn: (key: string, message: string) => void
  readonly interfaces: () => readonly NetworkInterface[]
  readonly observe: (
    interfaceName: string,
    direction: 'in' | 'out',
    local: string | undefined,
    remote: string,
    payload: Uint8Array,
  ) => void
}

/** Why this machine cannot advertise itself, with what to do; undefined where it can. */
export function withoutRouterSockets(code: string | undefined): string | undefined {
  const remedy =
    'Let a router of the network advertise (with the flags M and O), or set ipv6.routerAdvertisements: null'
  if (process.platform !== 'linux')
    return `router advertisements cannot be sent from this system, only from Linux: machines learn their prefix from a router or not at all. ${remedy}`
  if (!nativeSockets?.openIcmp6)
    return `router advertisements cannot be sent: ${nativeSocketsMissing ?? 'raw sockets are not available'}. Install the package koffi, or: ${remedy.toLowerCase()}`
  if (code === 'EPERM' || code === 'EACCES')
    return `router advertisements cannot be sent: a raw socket needs root or CAP_NET_RAW, which this process has not (any more). Start as root again. ${remedy}`
  return code === undefined ? undefined : `router advertisements cannot be sent (${code}). ${remedy}`
}

export class RouterPort {
  readonly #options: RouterPortOptions
  readonly #sockets = new Map<string, { readonly index: number; readonly socket: Icmp6Socket }>()
  #machine: RouterAdvertiser | undefined
  #timer: NodeJS.Timeout | undefined
  #now: () => number = () => 0

  constructor(options: RouterPortOptions) {
    this.#options = options
  }

  /** From now on, with what the interfaces are now; `now` is by the clock of the machines. */
  serve(configuration: RouterAdvertiserConfiguration | undefined, now: number): void {
    const offset = now - performance.now()
    this.#now = () => performance.now() + offset
    const before = this.#machine
    this.#machine = configuration && new RouterAdvertiser(configuration)
    if (before) this.#machine?.takeOver(before, now)
    this.#follow()
    if (!this.#machine || this.#sockets.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#machine.handle({ kind: 'timeout' }, this.#now())
    this.#flush()
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref()
  }

  /** Says goodbye, so that nobody keeps this machine for a router. */
  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#machine?.cease()
    this.#flush()
    for (const { socket } of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  /** A socket for each interface that advertises; one that has gone and come back has another number. */
  #follow(): void {
    const wanted = new Set(this.#machine?.configuration.interfaces.map(({ name }) => name))
    const interfaces = this.#options.interfaces()
    const there = interfaces.filter(({ name, index }) => wanted.has(name) && index !== undefined)
    for (const [name, { index, socket }] of this.#sockets) {
      // One that has lost its addresses keeps it: when they come back, nobody here may open another.
      const now = interfaces.find((one) => one.name === name)
      if (now === undefined || now.index === undefined || now.index === index) continue
      this.#sockets.delete(name)
      socket.close()
    }
    for (const { name, index } of there) {
      if (this.#sockets.has(name)) continue
      const missing = withoutRouterSockets(undefined)
      if (missing !== undefined) return this.#options.warn('router advertisements', missing)
      try {
        const socket = nativeSockets!.openIcmp6!({ device: name, scope: index!, hears: heard, group: allRouters }) // prettier-ignore
        this.#sockets.set(name, { index: index!, socket })
      } catch (error) {
        const { code = String(error) } = error as NodeJS.ErrnoException
        this.#options.warn('router advertisements', withoutRouterSockets(code)!)
      }
    }
  }

  #look(): void {
    const machine = this.#machine
    if (!machine) return
    const now = this.#now()
    for (const [name, { socket }] of this.#sockets)
      for (let count = 0; count < mostAtOnce; count++) {
        const come = socket.receive()
        if (!come) break
        this.#options.observe(name, 'in', undefined, come.source, come.payload)
        machine.handle({ kind: 'icmp6', interface: name, ...come }, now)
      }
    const due = machine.pollTimeout()
    if (due !== undefined && due <= now) machine.handle({ kind: 'timeout' }, now)
    this.#flush()
  }

  #flush(): void {
    const machine = this.#machine
    if (!machine) return
    for (let event = machine.pollEvent(); event; event = machine.pollEvent()) this.#options.tell(event)
    for (let one = machine.pollTransmit(); one; one = machine.pollTransmit()) {
      const { socket } = this.#sockets.get(one.interface) ?? {}
      try {
        socket?.send(one.payload, one.sourceAddress, one.destination)
        if (socket) this.#options.observe(one.interface, 'out', one.sourceAddress, one.destination, one.payload)
      } catch (error) {
        const { code = String(error) } = error as NodeJS.ErrnoException
        this.#options.warn(`router ${one.interface}`, `a router advertisement could not be sent on ${one.interface} (${code}); it is sent again`) // prettier-ignore
      }
    }
  }
}
