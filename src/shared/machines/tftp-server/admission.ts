/**
 * The door of a TFTP server, port 69: which requests become transfers. Repeated requests do not open a second transfer,
 * limits hold per client and in all, writing is refused unless the lab has a folder for it.
 */
import { decodeTftp, encodeTftp, tftpErrors, type TftpOption } from '../../wire/tftp.ts'
import type { IpEndpoint } from '../machine.ts'
import type { IpAddress } from '../../wire/ip-address.ts'

export interface AdmissionLimits {
  readonly transfers: number
  readonly transfersPerClient: number
  /**
   * Places for transfers whose client has not answered yet, beside those of `transfers`: requests can be forged, so the
   * oldest of them gives way to a newer one. Without this number they count like the others.
   */
  readonly unanswered?: number
  readonly allowsUpload: boolean
}

export interface TftpRequest {
  readonly kind: 'read' | 'write'
  readonly filename: string
  readonly mode: 'octet' | 'netascii'
  readonly options: readonly TftpOption[]
}

export type Admission =
  | {
      readonly verdict: 'accept'
      readonly request: TftpRequest
      /** A transfer of the same client port that this request puts an end to. */
      readonly replaces: string | undefined
      /** A transfer that nobody has answered, which ends for the sake of this one. */
      readonly givesWay: string | undefined
    }
  | { readonly verdict: 'refuse'; readonly reply: Uint8Array; readonly filename: string; readonly reason: string }
  /** Not answered: the client asks again by itself, or has asked for nothing. */
  | { readonly verdict: 'ignore'; readonly reason: string; readonly why: 'repetition' | 'limit' | 'no-request' }

interface Open {
  /** Tells this transfer from an earlier one of the same client port. */
  readonly id: string
  readonly client: IpAddress
  readonly request: string
  /** Whether the client has answered anything yet. */
  hasAnswered: boolean
}

const refusal = (code: number, message: string, filename: string): Admission => ({
  verdict: 'refuse',
  reply: encodeTftp({ kind: 'error', code, message }),
  filename,
  reason: message,
})

// By whole addresses, for IPv6 too: the machines of one wire share a /64, and a limit on that would hold up a room that boots.
const keyOf = (client: IpEndpoint): string => `${client.address}:${client.port}`

const portOf = (id: string): string => id.slice(0, id.indexOf('#'))

export class TftpAdmission {
  readonly #limits: AdmissionLimits
  readonly #open = new Map<string, Open>()
  /** Keys in the order in which they came. */
  readonly #unanswered = new Set<string>()
  readonly #perClient = new Map<IpAddress, { count: number; readonly unanswered: Set<string> }>()
  #count = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  get transfers(): number {
    return this.#open.size
  }

  /** The transfer of that client port; undefined where it has none. */
  transferOf(client: IpEndpoint): string | undefined {
    return this.#open.get(keyOf(client))?.id
  }

  decide(payload: Uint8Array, client: IpEndpoint): Admission {
    const { packet } = decodeTftp(payload)
    if (packet?.kind !== 'rrq' && packet?.kind !== 'wrq') {
      if (!packet || packet.kind === 'error')
        return {
          verdict: 'ignore',
          reason: packet ? 'an ERROR for a transfer that is over' : 'no TFTP packet',
          why: 'no-request',
        }
      return refusal(tftpErrors.illegalOperation, 'only requests come to this port', '')
    }
    const { filename } = packet
    const mode = packet.mode.toLowerCase()
    if (filename === '') return refusal(tftpErrors.illegalOperation, 'the request names no file', filename)
    if (mode !== 'octet' && mode !== 'netascii')
      return refusal(
        tftpErrors.illegalOperation,
        `mode "${packet.mode}" is not served, octet and netascii are`,
        filename,
      )
    const kind = packet.kind === 'rrq' ? 'read' : 'write'
    if (kind === 'write' && !this.#limits.allowsUpload)
      return refusal(tftpErrors.accessViolation, 'this server takes no uploads', filename)

    const key = keyOf(client)
    const described = JSON.stringify([packet.kind, filename, mode, packet.options])
    const known = this.#open.get(key)
    // The transfer repeats its first packet on its own timer; a second transfer would answer everything twice. A client
    // that has answered and asks again from the same port has begun anew: GRUB uses one port for every file.
    if (known && known.request === described && !known.hasAnswered)
      return { verdict: 'ignore', reason: 'the request is repeated', why: 'repetition' }
    const problem = known ? undefined : this.#limitReached(client.address)
    if (problem !== undefined) return { verdict: 'ignore', reason: problem, why: 'limit' }
    return {
      verdict: 'accept',
      request: { kind, filename, mode, options: packet.options },
      replaces: known?.id,
      givesWay: known ? undefined : this.#givesWay(client.address),
    }
  }

  #limitReached(address: IpAddress): string | undefined {
    const { transfers, transfersPerClient, unanswered } = this.#limits
    const theirs = this.#perClient.get(address)
    const strangers = unanswered === undefined ? 0 : this.#unanswered.size
    const theirStrangers = unanswered === undefined ? 0 : (theirs?.unanswered.size ?? 0)
    if (this.#open.size - strangers >= transfers) return `${transfers} transfers are under way, the most in all`
    if ((theirs?.count ?? 0) - theirStrangers >= transfersPerClient)
      return `${transfersPerClient} transfers of this client are under way, the most for one`
    return undefined
  }

  /** The oldest that nobody has answered: of this client where it has its share, else of all where there is no place. */
  #givesWay(address: IpAddress): string | undefined {
    const { transfersPerClient, unanswered } = this.#limits
    if (unanswered === undefined) return undefined
    const theirs = this.#perClient.get(address)
    const crowded =
      theirs && theirs.unanswered.size > 0 && theirs.count >= transfersPerClient
        ? theirs.unanswered
        : this.#unanswered.size >= unanswered
          ? this.#unanswered
          : undefined
    const [oldest] = crowded ?? []
    return oldest === undefined ? undefined : this.#open.get(oldest)?.id
  }

  /** A transfer of that client port begins; the name it goes by from here on. */
  opened(client: IpEndpoint, payload: Uint8Array): string {
    const { packet } = decodeTftp(payload)
    const request =
      packet?.kind === 'rrq' || packet?.kind === 'wrq'
        ? JSON.stringify([packet.kind, packet.filename, packet.mode.toLowerCase(), packet.options])
        : ''
    const key = keyOf(client)
    const theirs = this.#perClient.get(client.address) ?? { count: 0, unanswered: new Set() }
    this.#perClient.set(client.address, theirs)
    if (!this.#open.has(key)) theirs.count++
    for (const set of [this.#unanswered, theirs.unanswered]) {
      // To the end: it is the newest.
      set.delete(key)
      set.add(key)
    }
    const id = `${key}#${++this.#count}`
    this.#open.set(key, { id, client: client.address, request, hasAnswered: false })
    return id
  }

  /** Whether no newer request of the same client port has taken its place. */
  isCurrent(id: string): boolean {
    return this.#find(id) !== undefined
  }

  answered(id: string): void {
    const open = this.#find(id)
    if (!open) return
    open.hasAnswered = true
    this.#known(id, open)
  }

  #known(id: string, open: Open): void {
    const key = portOf(id)
    this.#unanswered.delete(key)
    this.#perClient.get(open.client)?.unanswered.delete(key)
  }

  /** A transfer that was replaced meanwhile leaves its place to the newer one. */
  closed(id: string): void {
    const open = this.#find(id)
    if (!open) return
    this.#known(id, open)
    this.#open.delete(portOf(id))
    const theirs = this.#perClient.get(open.client)
    if (theirs && --theirs.count === 0) this.#perClient.delete(open.client)
  }

  #find(id: string): Open | undefined {
    const open = this.#open.get(portOf(id))
    return open?.id === id ? open : undefined
  }
}
