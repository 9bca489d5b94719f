/** What happens to machines, as notices of the system: one for a storm, and then none for a while. */
import { t } from '#messages/text.ts'
import type { Approval, Client } from '#shared/contract/calls.ts'

/** What comes this close together is told as one. */
const gatherMs = 2000
/** After a notice the next one waits, whatever happens. */
const restMs = 60_000
const namedMachines = 3
const keptMachines = 4000

export interface Concerned {
  readonly mac: string
  readonly name: string
  readonly detail: string
}

export interface Notice {
  readonly title: string
  readonly body: string
  /** The machine to show; undefined for several. */
  readonly mac: string | undefined
}

interface Words {
  readonly one: (concerned: Concerned) => Omit<Notice, 'mac'>
  readonly title: (count: number) => string
}

function noticeOf(all: readonly Concerned[], words: Words): Notice {
  const [first] = all
  if (all.length === 1 && first) return { ...words.one(first), mac: first.mac }
  const names = all.slice(0, namedMachines).map(({ name }) => name)
  const rest = all.length - names.length
  return {
    title: words.title(all.length),
    body: t('desktop.names-and-more', { names, rest }),
    mac: undefined,
  }
}

/** Tells each occasion of a machine once. */
class Notices {
  readonly #words: Words
  readonly #show: (notice: Notice) => void
  /** By machine: the occasion that was told last. */
  readonly #told = new Map<string, number>()
  readonly #waiting = new Map<string, Concerned>()
  #timer: NodeJS.Timeout | undefined
  /** By the clock that nobody sets. */
  #restsUntil = 0

  constructor(words: Words, show: (notice: Notice) => void) {
    this.#words = words
    this.#show = show
  }

  add(key: string, occasion: number, concerned: Concerned, isWanted: boolean): void {
    if (this.#told.get(key) === occasion) return
    // Moved to the end: what is dropped when there are too many is what was told longest ago.
    this.#told.delete(key)
    this.#told.set(key, occasion)
    if (this.#told.size > keptMachines) this.#told.delete(this.#told.keys().next().value!)
    if (!isWanted) return
    this.#waiting.delete(key)
    this.#waiting.set(key, concerned)
    if (this.#waiting.size > keptMachines) this.#waiting.delete(this.#waiting.keys().next().value!)
    this.#plan()
  }

  /** What is no longer so is not told. */
  keep(isSo: (key: string) => boolean): void {
    for (const key of this.#waiting.keys()) if (!isSo(key)) this.#waiting.delete(key)
  }

  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  #plan(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        const all = [...this.#waiting.values()]
        this.#waiting.clear()
        if (all.length === 0) return
        this.#restsUntil = performance.now() + restMs
        this.#show(noticeOf(all, this.#words))
      },
      Math.max(gatherMs, this.#restsUntil - performance.now()),
    )
  }
}

/** Hears of clients as they change; tells each failed boot once. */
export class FailureNotices {
  readonly #notices: Notices
  readonly #from: number

  /** `from`: boots that ended before, as a back end that starts again tells them, are no news. Milliseconds since 1970. */
  constructor(show: (notice: Notice) => void, from = Date.now()) {
    this.#from = from
    this.#notices = new Notices(
      {
        one: ({ name, detail }) => ({
          title: t('desktop.boot-failed', { name }),
          body: detail || t('desktop.open-for-details'),
        }),
        title: (count) => t('desktop.boots-failed', { count }),
      },
      show,
    )
  }

  /** `isWanted` is false while a window is in front or the choice is off: what failed then is not told later. */
  hear(clients: readonly Client[], isWanted: boolean): void {
    for (const { mac, name, boots } of clients) {
      const [boot] = boots
      if (boot?.stage === 'failed' && boot.lastAt >= this.#from)
        this.#notices.add(mac, boot.startedAt, { mac, name: name ?? mac, detail: boot.detail }, isWanted)
    }
  }

  /** What waits is not told any more: somebody is looking. */
  forget(): void {
    this.#notices.forget()
  }
}

/** Hears of the list of approvals as it changes; tells each machine that waits once. */
export class ApprovalNotices {
  readonly #notices: Notices

  constructor(show: (notice: Notice) => void) {
    this.#notices = new Notices(
      {
        one: ({ name, detail }) => ({ title: t('desktop.waiting-for-approval', { name }), body: detail }),
        title: (count) => t('desktop.machines-wait', { count }),
      },
      show,
    )
  }

  /** `isWanted` as for failures. */
  hear(approvals: readonly Approval[], isWanted: boolean): void {
    const pending = approvals.filter(({ state }) => state === 'pending')
    const keyOf = ({ request }: Approval): string => `${request}`
    const keys = new Set(pending.map(keyOf))
    this.#notices.keep((key) => keys.has(key))
    for (const one of pending) {
      const { request, mac, name, architecture, since } = one
      const detail =
        architecture === ''
          ? t('desktop.pending-request', { request })
          : t('desktop.pending-request-of', { request, architecture })
      this.#notices.add(keyOf(one), since, { mac, name: name || mac, detail }, isWanted)
    }
  }

  forget(): void {
    this.#notices.forget()
  }
}
