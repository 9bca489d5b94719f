/**
 * The door of a TFTP server, port 69: which requests become transfers. Repeated requests do not open a second transfer,
 * limits hold per client and in all, writing is refused unless the lab has a folder for it.
 */
import { decodeTftp, encodeTftp, tftpErrors, type TftpOption } from '../../wire/tftp.ts'
import type { Endpoint } from '../machine.ts'

export interface AdmissionLimits {
  readonly transfers: number
  readonly transfersPerClient: number
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
    }
  | { readonly verdict: 'refuse'; readonly reply: Uint8Array; readonly filename: string; readonly reason: string }
  /** Not answered: the client asks again by itself. */
  | { readonly verdict: 'ignore'; readonly reason: string; readonly isRepetition: boolean }

interface Open {
  /** Tells this transfer from an earlier one of the same client port. */
  readonly id: string
  readonly client: number
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

const keyOf = (client: Endpoint): string => `${client.address}:${client.port}`

export class TftpAdmission {
  readonly #limits: AdmissionLimits
  readonly #open = new Map<string, Open>()
  readonly #perClient = new Map<number, number>()
  #count = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  get transfers(): number {
    return this.#open.size
  }

  decide(payload: Uint8Array, client: Endpoint): Admission {
    const { packet } = decodeTftp(payload)
    if (packet?.kind !== 'rrq' && packet?.kind !== 'wrq') {
      if (!packet || packet.kind === 'error')
        return { verdict: 'ignore', reason: 'it is no request', isRepetition: false }
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
      return { verdict: 'ignore', reason: 'the request is repeated', isRepetition: true }
    if (!known) {
      if (this.#open.size >= this.#limits.transfers)
        return {
          verdict: 'ignore',
          reason: `${this.#limits.transfers} transfers are under way, the most in all`,
          isRepetition: false,
        }
      if ((this.#perClient.get(client.address) ?? 0) >= this.#limits.transfersPerClient)
        return {
          verdict: 'ignore',
          reason: `${this.#limits.transfersPerClient} transfers of this client are under way, the most for one`,
          isRepetition: false,
        }
    }
    return {
      verdict: 'accept',
      request: { kind, filename, mode, options: packet.options },
      replaces: known?.id,
    }
  }

  /** A transfer of that client port begins; the name it goes by from here on. */
  opened(client: Endpoint, payload: Uint8Array): string {
    const { packet } = decodeTftp(payload)
    const request =
      packet?.kind === 'rrq' || packet?.kind === 'wrq'
        ? JSON.stringify([packet.kind, packet.filename, packet.mode.toLowerCase(), packet.options])
        : ''
    const key = keyOf(client)
    if (!this.#open.has(key)) this.#perClient.set(client.address, (this.#perClient.get(client.address) ?? 0) + 1)
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
    if (open) open.hasAnswered = true
  }

  /** A transfer that was replaced meanwhile leaves its place to the newer one. */
  closed(id: string): void {
    const open = this.#find(id)
    if (!open) return
    this.#open.delete(id.slice(0, id.indexOf('#')))
    const left = (this.#perClient.get(open.client) ?? 1) - 1
    if (left === 0) this.#perClient.delete(open.client)
    else this.#perClient.set(open.client, left)
  }

  #find(id: string): Open | undefined {
    const open = this.#open.get(id.slice(0, id.indexOf('#')))
    return open?.id === id ? open : undefined
  }
}
