/**
 * The ports that files are sent from where the lab bounds them (`tftp.ports`): each transfer has one alone, at the address that
 * was asked. They are taken in turn, so that a late packet of a transfer that has ended meets no new one.
 */
import type { IpAddress } from '#shared/wire/ip-address.ts'

export class PortPool {
  readonly #first: number
  readonly #last: number
  readonly #taken = new Map<IpAddress, Set<number>>()
  #next: number

  constructor([first, last]: readonly [number, number]) {
    this.#first = first
    this.#last = last
    this.#next = first
  }

  /** Undefined where all of them are in use. */
  take(address: IpAddress): number | undefined {
    const taken = this.#taken.get(address) ?? new Set()
    this.#taken.set(address, taken)
    if (taken.size > this.#last - this.#first) return undefined
    while (taken.has(this.#next)) this.#step()
    const port = this.#next
    taken.add(port)
    this.#step()
    return port
  }

  give(address: IpAddress, port: number): void {
    this.#taken.get(address)?.delete(port)
  }

  #step(): void {
    this.#next = this.#next === this.#last ? this.#first : this.#next + 1
  }
}
