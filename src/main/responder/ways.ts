/**
 * Whether what is sent to another network can leave. A socket that belongs to an interface takes an address without a route
 * for one on its own wire (ip(7), SO_BINDTODEVICE): the kernel asks for it by ARP, nobody answers, and no error comes back.
 * So the routes are asked by a socket that belongs to none, and where they know no way it is ARP that tells.
 */
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { formatIpv4, isInNetwork, maskOf, parseIpv4 } from '#shared/wire/bytes.ts'
import type { ServedInterface } from '#shared/machines/machine.ts'
import { openUdpSocket } from '../io/udp-socket.ts'

/** Routes change seldom; one that was added is noticed soon. */
const goodMs = 30_000
const badMs = 2000
/** Other networks whose way is remembered. */
const mostKnown = 1024
/** The kernel asks three times, a second apart (arp(7)); a host on the wire answers the first. */
const arpMs = 1000

const isLocal = (address: number, { address: own, prefixLength }: ServedInterface): boolean =>
  address === 0xffffffff || isInNetwork(address, { address: (own & maskOf(prefixLength)) >>> 0, prefixLength })

/** The interface of this machine that the routes send by, by its address there; undefined where there is no route. */
async function routeTo(address: number): Promise<number | undefined> {
  const socket = openUdpSocket({ bind: {}, peer: { address, port: 67 }, onDatagram: () => {}, onError: () => {} })
  try {
    await socket.ready
    return socket.localAddress
  } catch {
    return undefined
  } finally {
    await socket.close()
  }
}

/** Whether somebody on the wire of that interface says that the address is his (proc_net(5), /proc/net/arp). */
async function answersArp(address: number, device: string): Promise<boolean> {
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '')
  return table.split('\n').some((line) => {
    const [ip, , flags, , , name] = line.split(/\s+/)
    return ip === formatIpv4(address) && name === device && (Number(flags) & 2) !== 0
  })
}

export class Ways {
  readonly #known = new Map<string, { readonly until: number; readonly problem: Promise<string | undefined> }>()

  /** Why nothing can get from that interface to that address, as a clause; undefined at once where it is on its network. */
  problem(address: number, served: ServedInterface): Promise<string | undefined> | undefined {
    if (isLocal(address, served)) return undefined
    const key = `${served.name} ${address}`
    const known = this.#known.get(key)
    if (known && known.until > performance.now()) return known.problem
    const problem = this.#find(address, served)
    this.#known.delete(key)
    this.#known.set(key, { until: performance.now() + badMs, problem })
    if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value!)
    void problem.then((why) => {
      if (why === undefined && this.#known.get(key)?.problem === problem)
        this.#known.set(key, { until: performance.now() + goodMs, problem })
    })
    return problem
  }

  async #find(address: number, served: ServedInterface): Promise<string | undefined> {
    const by = await routeTo(address)
    const own = networkInterfaces()[served.name] ?? []
    if (by !== undefined && own.some((one) => parseIpv4(one.address) === by)) return undefined
    return by === undefined
      ? `this machine has no route to it`
      : `the route to it leaves by the interface with ${formatIpv4(by)}, not by ${served.name}`
  }

  /** Whether what was sent on the wire without a route found somebody there. */
  async arrived(address: number, served: ServedInterface): Promise<boolean> {
    if (await answersArp(address, served.name)) return true
    await delay(arpMs, undefined, { ref: false })
    return answersArp(address, served.name)
  }
}
