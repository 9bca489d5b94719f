/** What is not as it should be now: the one count of problems, and what it counts. */
import { textOf } from '#messages/text.ts'
import type { Complaint, LabState, Problem } from '#shared/contract/calls.ts'
import { describeEvent, type LabEvent } from '#shared/contract/events.ts'
import { isGrave } from '#shared/lab/boot-check.ts'
import type { LabMode } from '#shared/lab/lab.ts'
import type { ClientBook } from './client-book.ts'

/** A storm of failures is counted whole and listed in part. */
const mostListed = 100
/** Interfaces that are gone, and whatever else stands until it is over. */
const mostStanding = 100

export interface ProblemSources {
  readonly complaints: readonly (Complaint | null)[]
  readonly lab: Pick<LabState, 'problems' | 'notices' | 'exists'>
  readonly clients: Pick<ClientBook, 'failed'>
}

export class ProblemBook {
  /** By what would end it. */
  readonly #standing = new Map<string, Problem>()

  /** What stands until another event says that it is over. */
  hear(event: LabEvent, mode: LabMode | undefined): void {
    const stand = (key: string, about: string, remedy = ''): void => {
      this.#standing.delete(key)
      this.#standing.set(key, { about, text: describeEvent(event).text, remedy })
      if (this.#standing.size > mostStanding) this.#standing.delete(this.#standing.keys().next().value!)
    }
    switch (event.type) {
      case 'interface-lost':
        return stand(`interface ${event.interface}`, 'responder', 'Plug it in again, or serve another one.')
      case 'interface-back':
        return void this.#standing.delete(`interface ${event.interface}`)
      case 'engine-lost':
      case 'engine-refused':
        return stand(`engine ${event.server}`, 'responder', event.remedy)
      case 'engine-changed':
        if (!event.hasClasses)
          stand(`engine ${event.server}`, 'responder', 'Apply the boot logic again on the Lab page, or with pxe-lab engine apply.') // prettier-ignore
        else this.#standing.delete(`engine ${event.server}`)
        return
      case 'engine-applied':
      case 'engine-back':
        return void this.#standing.delete(`engine ${event.server}`)
      case 'leases-not-stored':
        return stand('leases', 'responder')
      case 'leases-stored-again':
        return void this.#standing.delete('leases')
      case 'lease-database-set-aside':
        return stand('database', 'responder')
      case 'responder-lost':
        return stand('process', 'responder', event.restartsInMs === undefined ? 'Start it again, and report it with the log.' : '') // prettier-ignore
      case 'responder-silent':
        return stand('process', 'responder', 'See whether the disk of its state folder answers, and whether somebody stopped its process.') // prettier-ignore
      case 'responder-restarted':
      case 'responder-answers':
        return void this.#standing.delete('process')
      case 'other-servers': {
        if (mode === 'dhcp' && event.servers.some(({ role }) => role === 'dhcp'))
          return stand('servers', 'responder', 'Two DHCP servers on one wire race for every client: turn one off, or choose mode proxy-dhcp.') // prettier-ignore
        return void this.#standing.delete('servers')
      }
      // What stood was about the run before.
      case 'ready':
      case 'stopped':
        for (const key of this.#standing.keys()) if (key !== 'database') this.#standing.delete(key)
        return
      default:
      // The rest stands in the log, or is what became of a boot.
    }
  }

  /** Everything that stands, the gravest first. */
  all({ complaints, lab, clients }: ProblemSources): { readonly count: number; readonly listed: Problem[] } {
    const problems: Problem[] = [
      ...complaints.flatMap((one) => (one ? [{ about: one.about, text: one.message, remedy: one.remedy }] : [])),
      ...this.#standing.values(),
      ...lab.problems.map(({ field, message, remedy }) => ({
        about: 'lab',
        text: `${field} ${textOf(message)}`,
        remedy: textOf(remedy),
      })),
      ...lab.notices.flatMap((one) => (one.level === 'warning' || isGrave(one) ? [{ about: 'lab', text: textOf(one.text), remedy: textOf(one.remedy) }] : [])), // prettier-ignore
    ]
    const failed = clients.failed()
    for (const { mac, name, verdict } of failed.slice(0, mostListed))
      problems.push({ about: mac, text: `${name ?? mac}: ${verdict.headline}`, remedy: verdict.causes[0] ?? '' })
    return { count: problems.length + Math.max(0, failed.length - mostListed), listed: problems.slice(0, mostListed) }
  }
}
