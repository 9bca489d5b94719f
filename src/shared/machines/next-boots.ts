/**
 * What machines load at their next boot, once. It is used up by the boot that begins to load it, not by a machine that merely
 * asks: firmware asks several servers, and again. That boot still gets it when its file breaks off and is asked for again, until
 * the file has been loaded whole, or for five minutes; so an installation that restarts the machine is not started twice.
 */
import type { BootPhase, InsteadOfRules } from './boot-answer.ts'
import type { ClientIdentity } from './client-identity.ts'

export interface NextBoot {
  /** In lower case with colons. */
  readonly mac: string
  readonly what: InsteadOfRules
  /** Milliseconds since 1970. */
  readonly since: number
  /** When the boot that uses it up began to load; undefined while it waits for one. */
  readonly begunAt: number | undefined
}

/** How long a boot that began may begin again. */
export const sameBootMs = 5 * 60_000
/** The same for the local disk, for which nothing is loaded: as long as firmware repeats its REQUEST. */
const sameLocalBootMs = 30_000
/** A REQUEST belongs to what was said this recently: EDK2 waits 3.8 s, relays and ROMs longer. */
const sameAnswerMs = 60_000
export const mostNextBoots = 10_000
const mostDecided = 8192

const named = (file: string): string => file.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()

/** Whether the file that is loaded is the one that was named: by its name, as TFTP and HTTP of ours ask for it. */
function isFile(wanted: string, loaded: string): boolean {
  const path = wanted.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').split(/[?#]/, 1)[0]!
  return named(path) === named(loaded)
}

export class NextBoots {
  readonly #now: () => number
  readonly #kept = new Map<string, NextBoot>()
  /** What a machine was told when it began, so that it is told the same when it goes on. */
  readonly #decided = new Map<string, { readonly at: number; readonly what: InsteadOfRules | undefined }>()
  /** Under which name a machine loads its file: placeholders of the name are filled in by then. */
  readonly #names = new Map<string, string>()
  #hasChanged = false

  /** `now` in milliseconds since 1970. */
  constructor(kept: readonly NextBoot[], now: () => number) {
    this.#now = now
    for (const one of kept.slice(0, mostNextBoots)) this.#kept.set(one.mac, one)
  }

  /** Those that wait, and those whose boot may begin again; the newest last. */
  list(): readonly NextBoot[] {
    this.#sweep()
    return [...this.#kept.values()]
  }

  /** False where there is no room for more. */
  set(mac: string, what: InsteadOfRules): boolean {
    this.#sweep()
    if (!this.#kept.has(mac) && this.#kept.size >= mostNextBoots) return false
    this.#kept.delete(mac)
    this.#kept.set(mac, { mac, what, since: this.#now(), begunAt: undefined })
    this.#names.delete(mac)
    this.#hasChanged = true
    return true
  }

  /** False where the machine has none. */
  undo(mac: string): boolean {
    const had = this.#kept.delete(mac)
    this.#hasChanged ||= had
    return had
  }

  /** Whether there is something new to store. */
  takeChanged(): boolean {
    const had = this.#hasChanged
    this.#hasChanged = false
    return had
  }

  choose(client: ClientIdentity, phase: BootPhase): InsteadOfRules | undefined {
    if (client.boot === 'none' && client.architectures.length === 0) return undefined
    const key = `${client.mac} ${client.isIpxe}`
    const before = this.#decided.get(key)
    const now = this.#now()
    if (phase === 'goes-on' && before && Math.abs(now - before.at) < sameAnswerMs) return before.what
    const what = this.#current(client.mac)?.what
    // Nobody is remembered for whom there was never anything.
    if (what !== undefined || before !== undefined) {
      this.#decided.delete(key)
      this.#decided.set(key, { at: now, what })
      if (this.#decided.size > mostDecided) this.#decided.delete(this.#decided.keys().next().value!)
    }
    return what
  }

  /** The machine was told that file, by its name with all placeholders filled in. */
  told(mac: string, file: string): void {
    if (this.#kept.has(mac)) this.#names.set(mac, file)
  }

  /** The machine took the answer that sends it to its local disk. */
  wentToLocalDisk(mac: string): void {
    const kept = this.#current(mac)
    if (kept?.what.kind === 'local-disk') this.#begin(kept)
  }

  /** Whether a machine waits for its local disk. */
  get hasLocalDisk(): boolean {
    return [...this.#kept.values()].some(({ what, begunAt }) => what.kind === 'local-disk' && begunAt === undefined)
  }

  /** A file has begun to be sent to the machine, or has been sent whole. Gives what it used up. */
  loaded(mac: string, file: string, isWhole: boolean): NextBoot | undefined {
    const kept = this.#current(mac)
    if (!kept || kept.what.kind !== 'file' || !isFile(this.#names.get(mac) ?? kept.what.file, file)) return undefined
    const isNews = kept.begunAt === undefined
    if (isWhole) {
      this.#kept.delete(mac)
      this.#names.delete(mac)
      this.#hasChanged = true
      // iPXE asks next, and goes by the rules; so does the same firmware at its next boot.
    } else this.#begin(kept)
    return isNews ? kept : undefined
  }

  #begin(kept: NextBoot): void {
    if (kept.begunAt !== undefined) return
    this.#kept.set(kept.mac, { ...kept, begunAt: this.#now() })
    this.#hasChanged = true
  }

  #current(mac: string): NextBoot | undefined {
    const kept = this.#kept.get(mac)
    if (kept && this.#isOver(kept)) {
      this.#kept.delete(mac)
      this.#names.delete(mac)
      this.#hasChanged = true
      return undefined
    }
    return kept
  }

  #isOver({ what, begunAt }: NextBoot): boolean {
    if (begunAt === undefined) return false
    // A clock that was set back makes no boot of yesterday one of now.
    return Math.abs(this.#now() - begunAt) > (what.kind === 'file' ? sameBootMs : sameLocalBootMs)
  }

  #sweep(): void {
    for (const mac of this.#kept.keys()) this.#current(mac)
  }
}
