/** Failed boots as notices: one for a storm, and then none for a while. */
import type { Client } from '#shared/contract/calls.ts'

/** Failures that come this close together are told as one. */
const gatherMs = 2000
/** After a notice the next one waits, whatever happens. */
const restMs = 60_000
const namedClients = 3
const keptClients = 4000

export interface FailedBoot {
  readonly mac: string
  readonly name: string
  readonly detail: string
}

export interface FailureNotice {
  readonly title: string
  readonly body: string
  /** The client to show; undefined for several. */
  readonly mac: string | undefined
}

export function noticeOf(failed: readonly FailedBoot[]): FailureNotice {
  const [first] = failed
  if (failed.length === 1 && first)
    return {
      title: `Boot failed: ${first.name}`,
      body: first.detail || 'Open PXE Lab for the details.',
      mac: first.mac,
    }
  const names = failed.slice(0, namedClients).map(({ name }) => name)
  const rest = failed.length - names.length
  return {
    title: `${failed.length} boots failed`,
    body: rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', '),
    mac: undefined,
  }
}

/** Hears of clients as they change; tells each failed boot once. */
export class FailureNotices {
  readonly #show: (notice: FailureNotice) => void
  /** By client: the boot that was told last, by its start in milliseconds. */
  readonly #told = new Map<string, number>()
  /** By client. */
  readonly #waiting = new Map<string, FailedBoot>()
  #timer: NodeJS.Timeout | undefined
  /** By the clock that nobody sets. */
  #restsUntil = 0

  constructor(show: (notice: FailureNotice) => void) {
    this.#show = show
  }

  /** `isWanted` is false while a window is in front or the choice is off: what failed then is not told later. */
  hear(clients: readonly Client[], isWanted: boolean): void {
    for (const client of clients) {
      const [boot] = client.boots
      if (boot?.stage !== 'failed' || this.#told.get(client.mac) === boot.startedAt) continue
      // Moved to the end: what is dropped when there are too many is what was told longest ago.
      this.#told.delete(client.mac)
      this.#told.set(client.mac, boot.startedAt)
      if (this.#told.size > keptClients) this.#told.delete(this.#told.keys().next().value!)
      if (!isWanted) continue
      this.#waiting.delete(client.mac)
      this.#waiting.set(client.mac, { mac: client.mac, name: client.hostName ?? client.mac, detail: boot.detail })
      if (this.#waiting.size > keptClients) this.#waiting.delete(this.#waiting.keys().next().value!)
    }
    if (this.#waiting.size > 0) this.#plan()
  }

  /** What waits is not told any more: somebody is looking. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  #plan(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        this.#restsUntil = performance.now() + restMs
        const failed = [...this.#waiting.values()]
        this.#waiting.clear()
        this.#show(noticeOf(failed))
      },
      Math.max(gatherMs, this.#restsUntil - performance.now()),
    )
  }
}
