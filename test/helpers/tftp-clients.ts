/**
 * TFTP clients as the field has them, as far as their acknowledgements go: when they send one, when they send it again and
 * when they give up. Each follows the public source that its comment names.
 */
import { decodeTftp, encodeTftp } from '#shared/wire/tftp.ts'

export interface ModelClient {
  /** Blocks in order so far. */
  readonly blocks: number
  readonly isDone: boolean
  readonly hasGivenUp: boolean
  /** When it will act by itself, in milliseconds. */
  readonly wakesAt: number
  receive(packet: Uint8Array, now: number): Uint8Array[]
  wake(now: number): Uint8Array[]
}

export interface ModelOptions {
  readonly blockSize: number
  readonly windowSize: number
}

interface Patience {
  readonly waitMs: number
  /** The wait that is its last. */
  readonly tries: number
  /** Whether any acknowledgement it sends begins the count anew, as with EDK2, or nothing does, as with U-Boot. */
  readonly forgives: boolean
}

abstract class Model implements ModelClient {
  blocks = 0
  isDone = false
  hasGivenUp = false
  wakesAt: number
  protected readonly options: ModelOptions
  readonly #patience: Patience
  #tries = 0
  #last: Uint8Array | undefined
  readonly #answered: boolean

  constructor(options: ModelOptions, hasOptions: boolean, patience: Patience) {
    this.options = options
    this.#patience = patience
    this.#answered = hasOptions
    this.wakesAt = patience.waitMs
  }

  /** A block that is not the next one. */
  protected abstract unexpected(block: number): boolean
  /** The next one came: whether it is acknowledged. */
  protected abstract expected(): boolean
  /** An acknowledgement went out. */
  protected acknowledged(): void {}

  receive(packet: Uint8Array, now: number): Uint8Array[] {
    if (this.hasGivenUp) return []
    const decoded = decodeTftp(packet).packet
    if (decoded?.kind === 'oack' && this.#answered && this.blocks === 0) return this.#acknowledge(now)
    if (decoded?.kind !== 'data') return []
    if (decoded.block !== ((this.blocks + 1) & 0xffff))
      return this.unexpected(decoded.block) ? this.#acknowledge(now) : []
    if (this.isDone) return []
    this.blocks++
    this.wakesAt = now + this.#patience.waitMs
    this.isDone = decoded.data.length < this.options.blockSize
    return this.expected() || this.isDone ? this.#acknowledge(now) : []
  }

  wake(now: number): Uint8Array[] {
    if (now < this.wakesAt) return []
    this.hasGivenUp = ++this.#tries >= this.#patience.tries
    if (this.hasGivenUp) return []
    this.wakesAt = now + this.#patience.waitMs
    this.woke()
    return this.#last ? [this.#last] : []
  }

  protected woke(): void {}

  #acknowledge(now: number): Uint8Array[] {
    this.#last = encodeTftp({ kind: 'ack', block: this.blocks & 0xffff })
    this.wakesAt = now + this.#patience.waitMs
    if (this.#patience.forgives) this.#tries = 0
    this.acknowledged()
    return [this.#last]
  }
}

/**
 * EDK2 (NetworkPkg/Mtftp4Dxe/Mtftp4Rrq.c): every block that is not the next one is answered with the last in order, behind or
 * ahead, and the window counts from there.
 */
export class Edk2Client extends Model {
  #ackedAt = 0
  constructor(options: ModelOptions) {
    super(options, true, { waitMs: 4000, tries: 6, forgives: true })
  }
  protected override unexpected(): boolean {
    return true
  }
  protected override expected(): boolean {
    return this.blocks - this.#ackedAt === this.options.windowSize
  }
  protected override acknowledged(): void {
    this.#ackedAt = this.blocks
  }
}

/** atftp 0.8 (tftp_file.c): one extra acknowledgement for whatever is not the next one, until the next one comes or it waited. */
export class AtftpClient extends Model {
  #inWindow = 0
  #extra = 0
  constructor(options: ModelOptions) {
    super(options, true, { waitMs: 5000, tries: 5, forgives: true })
  }
  protected override unexpected(): boolean {
    return this.#extra++ === 0
  }
  protected override expected(): boolean {
    this.#extra = 0
    return ++this.#inWindow >= this.options.windowSize
  }
  protected override acknowledged(): void {
    this.#inWindow = 0
  }
  protected override woke(): void {
    this.#extra = 0
  }
}

/**
 * U-Boot (net/tftp.c, 2021 and later): says once behind each block that the next one is missing, never twice, and counts its
 * waits of 5 s over the whole file; the eleventh ends it.
 */
export class UBootClient extends Model {
  #nextAck: number
  #saidAt = 0
  constructor(options: ModelOptions) {
    super(options, true, { waitMs: 5000, tries: 11, forgives: false })
    this.#nextAck = options.windowSize
  }
  protected override unexpected(): boolean {
    if (this.#saidAt === this.blocks) return false
    this.#saidAt = this.blocks
    this.#nextAck = this.blocks + this.options.windowSize
    return true
  }
  protected override expected(): boolean {
    if (this.blocks !== this.#nextAck) return false
    this.#nextAck += this.options.windowSize
    return true
  }
}

/** curl (lib/tftp.c): in lock-step; the block it has last is acknowledged again, any other ignored. */
export class CurlClient extends Model {
  constructor(options: ModelOptions) {
    super({ ...options, windowSize: 1 }, true, { waitMs: 6000, tries: 50, forgives: true })
  }
  protected override unexpected(block: number): boolean {
    return block === (this.blocks & 0xffff)
  }
  protected override expected(): boolean {
    return true
  }
}

/** iPXE and GRUB (net/udp/tftp.c, grub-core/net/tftp.c): in lock-step; whatever comes, the last in order is acknowledged. */
export class LockStepClient extends Model {
  constructor(options: ModelOptions) {
    super({ ...options, windowSize: 1 }, true, { waitMs: 2000, tries: 8, forgives: true })
  }
  protected override unexpected(): boolean {
    return true
  }
  protected override expected(): boolean {
    return true
  }
}
