/**
 * The requests of unknown machines that wait for an administrator, and what was decided of them: the pending devices of
 * Windows Deployment Services (wdsutil /Get-AutoAddDevices). Who serves people decides here, the machine asks here.
 */
import type { ClientIdentity } from './client-identity.ts'

/** Both: an adapter with its address goes from machine to machine, and there are machines with one identifier. */
const keyOf = ({ mac, uuid }: Pick<ClientIdentity, 'mac' | 'uuid'>): string => `${mac} ${uuid ?? ''}`

export type RequestState = 'pending' | 'approved' | 'refused'

export interface PendingRequest {
  /** The number that the machine shows as "Pending Request ID". */
  readonly request: number
  readonly mac: string
  readonly uuid: string | undefined
  /** Number of the IANA table. */
  readonly architecture: number | undefined
  /** What it says of itself in option 60; empty for nothing. */
  readonly vendorClass: string
  /** The boot program that it gets when it is approved, as it is called on the server; empty where none is known. */
  readonly file: string
  /** Milliseconds by the clock of whoever hosts the machine. */
  readonly since: number
  readonly state: RequestState
  /** The name the administrator gave the machine; empty for none. */
  readonly name: string
  /** Whether the decision is for later boots too. */
  readonly isRemembered: boolean
}

/** What an administrator says of a request; what is undefined stays as it is. */
export interface Decision {
  /** `pending` takes a decision back. */
  readonly state?: RequestState | undefined
  readonly name?: string | undefined
  readonly remember?: boolean | undefined
}

/** Requests that are kept; of more, the oldest that nobody wants remembered gives way. */
export const mostRequests = 500

interface Kept {
  request: PendingRequest
  /** Whether the machine has been told what was decided. */
  isTold: boolean
}

export class PendingRequests {
  readonly #kept = new Map<string, Kept>()
  /** What was taken off the list, by number. */
  readonly #forgotten = new Map<number, PendingRequest>()
  #last = 0
  #hasChanged = false

  constructor(kept: readonly PendingRequest[] = []) {
    for (const request of kept.slice(-mostRequests)) {
      this.#kept.set(keyOf(request), { request, isTold: false })
      this.#last = Math.max(this.#last, request.request)
    }
  }

  /** The oldest first. */
  list(): readonly PendingRequest[] {
    return [...this.#kept.values()].map(({ request }) => request)
  }

  /**
   * The request of a machine for a boot program, a new one where it has none; undefined where so many are remembered that there is no
   * room.
   */
  ask(
    client: ClientIdentity,
    file: string,
    now: number,
  ): { readonly request: PendingRequest; readonly isNew: boolean } | undefined {
    const found = this.#kept.get(keyOf(client))
    if (found) return { request: found.request, isNew: false }
    if (!this.#makeRoom()) return undefined
    const { mac, uuid, architecture, vendorClass } = client
    const request: PendingRequest = { request: ++this.#last, mac, uuid, architecture, vendorClass, file, since: now, state: 'pending', name: '', isRemembered: false } // prettier-ignore
    this.#kept.set(keyOf(client), { request, isTold: false })
    this.#hasChanged = true
    return { request, isNew: true }
  }

  /** Undefined where there is no such request. */
  decide(number: number, { state, name, remember }: Decision): PendingRequest | undefined {
    const kept = this.#find(number)
    if (!kept) return undefined
    const before = kept.request
    kept.request = { ...before, state: state ?? before.state, name: name ?? before.name, isRemembered: remember ?? before.isRemembered } // prettier-ignore
    if (state !== undefined) kept.isTold = false
    this.#hasChanged = true
    return kept.request
  }

  /** Takes a request off the list: the machine asks anew. False where there is none. */
  forget(number: number): boolean {
    const kept = this.#find(number)
    if (!kept) return false
    this.#forgotten.set(number, kept.request)
    if (this.#forgotten.size > mostRequests) this.#forgotten.delete(this.#forgotten.keys().next().value!)
    return this.#delete(kept.request)
  }

  /** Takes back a `forget`. False where the machine has asked again, nothing is known of the request, or there is no room. */
  restore(number: number): boolean {
    const request = this.#forgotten.get(number)
    if (!request || this.#kept.has(keyOf(request)) || !this.#makeRoom()) return false
    this.#forgotten.delete(number)
    this.#kept.set(keyOf(request), { request, isTold: false })
    this.#hasChanged = true
    return true
  }

  /** The machine knows what was decided. */
  told(client: ClientIdentity): void {
    const kept = this.#kept.get(keyOf(client))
    if (kept) kept.isTold = true
  }

  /** The machine begins another boot: a decision that was for the one before is over. */
  beginsBoot(client: ClientIdentity): void {
    const kept = this.#kept.get(keyOf(client))
    if (kept?.isTold && !kept.request.isRemembered) this.#delete(kept.request)
  }

  /** Whether there is something to store since the last call. */
  takeChanged(): boolean {
    const changed = this.#hasChanged
    this.#hasChanged = false
    return changed
  }

  #find(number: number): Kept | undefined {
    return [...this.#kept.values()].find(({ request }) => request.request === number)
  }

  #delete(request: PendingRequest): boolean {
    this.#hasChanged = true
    return this.#kept.delete(keyOf(request))
  }

  #makeRoom(): boolean {
    if (this.#kept.size < mostRequests) return true
    const oldest = [...this.#kept.values()].find(({ request }) => !request.isRemembered)
    return oldest !== undefined && this.#delete(oldest.request)
  }
}
