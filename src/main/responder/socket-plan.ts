/**
 * Which sockets a UDP service needs on an interface, so that broadcasts are heard once and every answer leaves from the
 * address that was asked (RFC 1122 section 4.1.3.5).
 */
import { createHash } from 'node:crypto'
import type { Endpoint, OwnAddress } from '#shared/machines/machine.ts'

/**
 * How sockets are told apart here: on Linux and macOS one belongs to an interface and may have every address there; on
 * Windows, and on loopback, one has an address, and on Windows hears the broadcasts of its interface as well; without native
 * sockets one has every address of the machine.
 */
export type Binding = 'interface' | 'address' | 'machine'

export interface PlannedSocket<Own = OwnAddress> {
  /** Undefined for every address. */
  readonly at: Own | undefined
  readonly hearsBroadcasts: boolean
}

/** The first is there as long as the interface is served; the others come and go with their addresses. */
export function socketPlan<Own>(
  binding: Binding,
  hears: 'broadcasts' | 'own-addresses',
  own: readonly Own[],
): readonly PlannedSocket<Own>[] {
  const each = (hearsBroadcasts: boolean): PlannedSocket<Own>[] => own.map((at) => ({ at, hearsBroadcasts }))
  if (hears === 'own-addresses') return each(false)
  const everywhere = { at: undefined, hearsBroadcasts: true }
  switch (binding) {
    case 'interface':
      return [everywhere, ...each(false)]
    case 'address':
      return each(true)
    case 'machine':
      return [everywhere]
  }
}

/** Copies come as fast as the sockets are read; what a client says again comes later. */
const copyMs = 1000
const mostRemembered = 4096

/** Tells the copies of one broadcast apart that several sockets hear: the first counts. */
export class Copies {
  readonly #seen = new Map<string, { readonly until: number; readonly counts: Map<number, number> }>()

  /** `at` is the address of the socket, `nowMs` any clock that only goes forward. */
  isCopy(payload: Uint8Array, source: Endpoint, at: number, nowMs: number): boolean {
    const digest = createHash('sha256').update(payload).digest('base64')
    const key = `${source.address} ${source.port} ${digest}`
    let found = this.#seen.get(key)
    if (!found || found.until < nowMs) {
      this.#seen.delete(key)
      found = { until: nowMs + copyMs, counts: new Map() }
      this.#seen.set(key, found)
      if (this.#seen.size > mostRemembered) this.#seen.delete(this.#seen.keys().next().value!)
    }
    // A socket that has heard it as often as any other is the first to hear it again.
    const most = Math.max(0, ...found.counts.values())
    const here = (found.counts.get(at) ?? 0) + 1
    found.counts.set(at, here)
    return here <= most
  }
}
