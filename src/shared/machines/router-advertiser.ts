/**
 * Router advertisements (RFC 4861 section 6.2) for a wire that has no router: what machines need to learn their prefix, and that
 * addresses or the rest are to be had by DHCPv6. It forwards nothing, and says so by a router lifetime of 0 unless it is told.
 */
import {
  encodeRouterAdvertisement,
  icmp6Types,
  ndOptions,
  ndOptionTypes,
  readRouterAdvertisement,
  withChecksum6,
  type RouterAdvertisement,
} from '../wire/icmpv6.ts'
import { isLinkLocal, networkText6, type Ipv6Network } from '../wire/ip-address.ts'
import type { IncomingIcmp6, Machine, OutgoingIcmp6, Timeout } from './machine.ts'
import { Queue } from './queue.ts'

export interface AdvertisedPrefix {
  readonly network: Ipv6Network
  /** Flag A: machines make addresses of it by themselves. */
  readonly isAutonomous: boolean
  readonly validSeconds: number
  readonly preferredSeconds: number
}

export interface AdvertisingInterface {
  readonly name: string
  readonly linkLocal: string
  readonly mac: string | undefined
  readonly mtu: number
  readonly prefixes: readonly AdvertisedPrefix[]
  /** DNS servers (RFC 8106 section 5.1). */
  readonly dns: readonly string[]
}

export interface RouterAdvertiserConfiguration {
  readonly interfaces: readonly AdvertisingInterface[]
  /** Flag M: addresses by DHCPv6. */
  readonly isManaged: boolean
  /** Flag O: the rest by DHCPv6. */
  readonly hasOther: boolean
  /** 0: no default router. */
  readonly routerLifetimeSeconds: number
  /** Most seconds between two advertisements to everyone. */
  readonly intervalSeconds: number
}

export type RouterAdvertiserInput = IncomingIcmp6 | Timeout

export type RouterAdvertiserEvent =
  | {
      readonly type: 'router-advertised'
      readonly interface: string
      /** ff02::1 for everyone, or who asked. */
      readonly to: string
    }
  /** Told once for each router and what it says. */
  | {
      readonly type: 'other-router'
      readonly interface: string
      readonly address: string
      readonly advertisement: RouterAdvertisement
    }

const everyone = 'ff02::1'
const neverRouted = 255
/** The first three come at most 16 s after each other (MAX_INITIAL_RTR_ADVERT_INTERVAL, RFC 4861 section 10). */
const firstAdvertisements = 3
const firstIntervalMs = 16_000
/** Between two advertisements to everyone (MIN_DELAY_BETWEEN_RAS). */
const leastIntervalMs = 3000
/** A solicitation is answered within this, so that not every router speaks at once (MAX_RA_DELAY_TIME). */
const answerDelayMs = 100
/** Other routers that are remembered, and who asked within one delay; a wire has few, and a liar may name any number. */
const mostRouters = 256
/** Within `leastIntervalMs`; where more ask, everyone is told once (RFC 4861 section 6.2.6), and made-up hosts hold up no socket. */
const mostAskers = 16
/** Other routers that are told of within a minute: whoever makes them up fills no log. */
const mostToldOf = 16
const minuteMs = 60_000
/** Prefixes of an interface that are told to be over; more come and go on no wire. */
const mostWithdrawn = 16

interface State {
  readonly served: AdvertisingInterface
  sent: number
  /** When everyone was told last. */
  last: number
  next: number
  /** Whom an answer is owed, and when. */
  readonly asked: Map<string, number>
  /** When hosts were answered alone, within `leastIntervalMs`. */
  answered: number[]
  /** Prefixes that it advertised before and has no more, by their text, and until when machines may still believe in them. */
  readonly withdrawn: Map<string, { readonly prefix: AdvertisedPrefix; readonly until: number }>
}

export class RouterAdvertiser implements Machine<RouterAdvertiserInput, OutgoingIcmp6, RouterAdvertiserEvent> {
  readonly configuration: RouterAdvertiserConfiguration
  readonly #states: ReadonlyMap<string, State>
  readonly #transmits = new Queue<OutgoingIcmp6>()
  readonly #events = new Queue<RouterAdvertiserEvent>()
  readonly #known = new Map<string, string>()
  /** When others were told of, within a minute. */
  #toldAt: number[] = []
  #hasCeased = false

  constructor(configuration: RouterAdvertiserConfiguration) {
    this.configuration = configuration
    this.#states = new Map(
      configuration.interfaces.map((served) => [
        served.name,
        {
          served,
          sent: 0,
          last: -Infinity,
          next: 0,
          asked: new Map<string, number>(),
          answered: [],
          withdrawn: new Map(),
        },
      ]),
    )
  }

  /**
   * Goes on for one that served the same wires otherwise. Prefixes that are gone are told to be over for as long as machines were
   * told to keep them: an on-link prefix ends at once (RFC 4861 section 6.3.4), and addresses made of it are used for nothing new
   * (RFC 4862 section 5.5.3 e). Without that, machines take a network for their own wire that nobody here has any more.
   */
  takeOver(before: RouterAdvertiser, now: number): void {
    for (const [name, state] of this.#states) {
      const old = before.#states.get(name)
      if (!old) continue
      const stays = new Set(state.served.prefixes.map(({ network }) => networkText6(network)))
      const gone = old.sent === 0 ? [] : old.served.prefixes.map((prefix) => ({ prefix, until: now + prefix.validSeconds * 1000 })) // prettier-ignore
      for (const one of [...old.withdrawn.values(), ...gone]) {
        const text = networkText6(one.prefix.network)
        if (stays.has(text) || one.until <= now) continue
        state.withdrawn.delete(text)
        state.withdrawn.set(text, one)
        if (state.withdrawn.size > mostWithdrawn) state.withdrawn.delete(state.withdrawn.keys().next().value!)
      }
    }
    for (const [key, says] of before.#known) this.#known.set(key, says)
    this.#toldAt = before.#toldAt
  }

  /** The first call of all may be a timeout: everyone is told at once. */
  handle(input: RouterAdvertiserInput, now: number): void {
    if (this.#hasCeased) return
    if (input.kind === 'icmp6') this.#receive(input, now)
    this.#advertise(now)
  }

  /** Says goodbye on every interface (RFC 4861 section 6.2.5); poll for what is to be sent. */
  cease(): void {
    if (this.#hasCeased) return
    this.#hasCeased = true
    // Who counted for no default router has nothing to take back.
    if (this.configuration.routerLifetimeSeconds > 0)
      for (const state of this.#states.values()) if (state.sent > 0) this.#send(state, everyone, 0)
  }

  pollTransmit(): OutgoingIcmp6 | undefined {
    return this.#transmits.shift()
  }

  pollEvent(): RouterAdvertiserEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): number | undefined {
    if (this.#hasCeased || this.#states.size === 0) return undefined
    return Math.min(...[...this.#states.values()].flatMap((state) => [state.next, ...state.asked.values()]))
  }

  #receive({ interface: name, source, payload, hopLimit }: IncomingIcmp6, now: number): void {
    const state = this.#states.get(name)
    // What crossed a router is no neighbour's (RFC 4861 section 6.1).
    if (!state || payload.length < 8 || payload[1] !== 0 || (hopLimit ?? neverRouted) !== neverRouted) return
    if (payload[0] === icmp6Types.routerSolicitation) this.#solicited(state, source, payload, now)
    if (payload[0] === icmp6Types.routerAdvertisement) this.#hear(state, source, payload, now)
  }

  #solicited(state: State, source: string, payload: Uint8Array, now: number): void {
    let end = 8
    let hasAddress = false
    for (const option of ndOptions(payload, 8, payload.length)) {
      hasAddress ||= option.type === ndOptionTypes.sourceLinkLayer
      ;({ end } = option)
    }
    // An option without a length, or one that is cut off, or an address of somebody who has none.
    if (end !== payload.length || (source === '::' && hasAddress)) return
    if (source === state.served.linkLocal) return
    if (state.asked.has(source)) return
    state.answered = state.answered.filter((at) => at > now - leastIntervalMs)
    if (isLinkLocal(source) && state.answered.length < mostAskers) {
      state.answered.push(now)
      state.asked.set(source, now + answerDelayMs)
    } else state.next = Math.min(state.next, Math.max(now + answerDelayMs, state.last + leastIntervalMs))
  }

  #hear({ served }: State, source: string, payload: Uint8Array, now: number): void {
    if (!isLinkLocal(source) || source === served.linkLocal) return
    const advertisement = readRouterAdvertisement(payload, 0, payload.length)
    if (!advertisement) return
    const key = `${served.name} ${source}`
    const says = JSON.stringify(advertisement)
    if (this.#known.get(key) === says) return
    this.#toldAt = this.#toldAt.filter((at) => at > now - minuteMs)
    // It is told of when it says so again.
    if (this.#toldAt.length >= mostToldOf) return
    this.#toldAt.push(now)
    this.#known.delete(key)
    this.#known.set(key, says)
    if (this.#known.size > mostRouters) this.#known.delete(this.#known.keys().next().value!)
    this.#events.push({ type: 'other-router', interface: served.name, address: source, advertisement })
  }

  #advertise(now: number): void {
    for (const state of this.#states.values()) {
      for (const [text, { until }] of state.withdrawn) if (until <= now) state.withdrawn.delete(text)
      for (const [to, at] of state.asked) {
        if (at > now) continue
        state.asked.delete(to)
        this.#send(state, to)
      }
      if (state.next > now) continue
      this.#send(state, everyone)
      state.sent++
      state.last = now
      const most = this.configuration.intervalSeconds * 1000
      // Routers that were switched on together are not to speak together: the interval varies, here without chance, by how many came.
      const interval = most * (0.75 + 0.05 * (state.sent % 6))
      state.next = now + Math.max(leastIntervalMs, state.sent < firstAdvertisements ? Math.min(interval, firstIntervalMs) : interval) // prettier-ignore
    }
  }

  #send({ served, withdrawn }: State, to: string, lifetimeSeconds = this.configuration.routerLifetimeSeconds): void {
    const { isManaged, hasOther, intervalSeconds } = this.configuration
    const { mac, mtu, prefixes, dns, linkLocal } = served
    const message = encodeRouterAdvertisement({
      isManaged,
      hasOther,
      lifetimeSeconds,
      mac,
      mtu,
      prefixes: [
        ...prefixes,
        ...[...withdrawn.values()].map(({ prefix }) => ({ ...prefix, validSeconds: 0, preferredSeconds: 0 })),
      ],
      dns,
      // RFC 8106 section 5.1: three intervals by default.
      dnsSeconds: 3 * intervalSeconds,
    })
    this.#transmits.push({
      interface: served.name,
      sourceAddress: linkLocal,
      destination: to,
      hopLimit: neverRouted,
      payload: withChecksum6(message, linkLocal, to),
    })
    this.#events.push({ type: 'router-advertised', interface: served.name, to })
  }
}
