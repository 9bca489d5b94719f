/** The lab's DHCP engine as the application knows it: asked directly, whether the responder runs or not. */
import { CallFailure } from '#shared/contract/channel.ts'
import type { EngineReport, EngineServer, LeaseInfo } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { EngineLab } from '#shared/kea/boot-classes.ts'
import { KeaProblem, type JsonObject } from '#shared/kea/control.ts'
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { filesFrom, openKeas, type KeaControl } from '../engine/kea-control.ts'
import { KeaLost } from '../engine/kea-channel.ts'
import { highAvailabilityText } from '../engine/kea-engine.ts'
import { addressesOf } from '../responder/interfaces.ts'

/** As many as a window can show and a busy Kea gives in a moment. */
const mostLeases = 20_000

export interface EngineRoomOptions {
  /** Throws a `CallFailure` where the lab file has problems. */
  readonly lab: () => { readonly lab: Lab; readonly resolve: (path: string) => string; readonly stateFolder: string }
  readonly nameOf: (mac: string) => string | undefined
}

/** Leases that can be given back; the oldest are forgotten first. */
const mostFreed = 1000

export class EngineRoom {
  readonly #options: EngineRoomOptions
  /** By address: what each server had. */
  readonly #freed = new Map<string, ReadonlyMap<string, JsonObject>>()

  constructor(options: EngineRoomOptions) {
    this.#options = options
  }

  /** Null where the lab names no engine. */
  read(): Promise<EngineReport | null> {
    return this.#withEach(async (keas, lab) => ({ servers: await Promise.all(keas.map((kea) => serverOf(kea, lab))) }))
  }

  /** One server after the other, as a pair needs it; rejects with what the first said that refused. */
  async change(how: 'apply' | 'undo'): Promise<EngineReport | null> {
    await this.#withEach(async (keas, lab) => {
      for (const kea of keas) {
        const done = await refused(kea, how === 'apply' ? kea.apply(lab) : kea.undo())
        if (done.unsaved) throw new CallFailure(`${kea.name}: ${done.unsaved.message}`, done.unsaved.remedy)
        if (done.isChanged) await refused(kea, kea.settle())
      }
    })
    return this.read()
  }

  /** Of the first server that lists them; undefined where the lab names no engine or none lists any. */
  async leases(): Promise<LeaseInfo[] | undefined> {
    const found = await this.#withEach(async (keas) => {
      let problem: unknown
      for (const kea of keas)
        try {
          const listed = await kea.leases(mostLeases)
          if (listed) return listed.leases
        } catch (error) {
          problem = error
        }
      if (problem instanceof KeaProblem) throw new CallFailure(problem.message, problem.remedy)
      return []
    })
    return found
      ?.map(({ address, mac, hostName, state, since, until }) => ({
        address,
        mac,
        hostName: this.#options.nameOf(mac) ?? (hostName === '' ? null : hostName),
        uuid: null,
        state,
        since,
        until: Number.isFinite(until) ? until : null,
        isReserved: false,
      }))
      .sort((a, b) => (parseIpv4(a.address) ?? 0) - (parseIpv4(b.address) ?? 0))
  }

  /** Frees the lease of an address in each server that has it: those of a pair do not tell each other of it. */
  async free(address: string): Promise<void> {
    await this.#withEach(async (keas) => {
      const taken = new Map<string, JsonObject>()
      try {
        await eachThere(keas, async (kea) => {
          const lease = await kea.freeLease(address)
          if (lease) taken.set(kea.name, lease)
        })
      } finally {
        // What was taken from one can be given back, whatever the other says.
        if (taken.size > 0) {
          this.#freed.delete(address)
          this.#freed.set(address, taken)
          if (this.#freed.size > mostFreed) this.#freed.delete(this.#freed.keys().next().value!)
        }
      }
      if (taken.size === 0) throw new CallFailure(`Kea has no lease on ${address} any more`, 'The list shows what it has now.') // prettier-ignore
    })
  }

  async restore(address: string): Promise<void> {
    await this.#withEach(async (keas) => {
      const taken = this.#freed.get(address)
      if (!taken) throw new CallFailure(`the lease on ${address} cannot be given back: PXE Lab does not have it any more`, 'The machine gets an address when it asks again.') // prettier-ignore
      await eachThere(
        keas.filter(({ name }) => taken.has(name)),
        (kea) => kea.restoreLease(taken.get(kea.name)!),
      )
      this.#freed.delete(address)
    })
  }

  async #withEach<T>(use: (keas: readonly KeaControl[], lab: EngineLab) => Promise<T>): Promise<T | null> {
    const { lab, resolve, stateFolder } = this.#options.lab()
    if (lab.engine === null) return null
    const keas = openKeas({ engine: lab.engine, resolve, stateFolder })
    try {
      return await use(keas, filesFrom(lab, addressesOf(lab)))
    } catch (error) {
      if (error instanceof KeaProblem) throw new CallFailure(error.message, error.remedy)
      throw error
    } finally {
      for (const kea of keas) kea.close()
    }
  }
}

/** Does the same with each server; of a pair one may be away, and learns of it from the other when it is back. */
async function eachThere(keas: readonly KeaControl[], work: (kea: KeaControl) => Promise<void>): Promise<void> {
  let lost: unknown
  let there = 0
  for (const kea of keas)
    try {
      await work(kea)
      there++
    } catch (error) {
      if (!(error instanceof KeaLost)) return refused(kea, Promise.reject(error as Error))
      lost = error
    }
  if (there === 0 && lost instanceof KeaProblem) throw lost
}

async function refused<T>({ name }: KeaControl, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof KeaProblem) throw new CallFailure(`${name}: ${error.message}`, error.remedy)
    throw error
  }
}

const nothingKnown = { version: '', pair: '', subnets: [], packets: null, listsLeases: false, classes: [], isInPlace: false, warnings: [] } // prettier-ignore

async function serverOf(kea: KeaControl, lab: EngineLab): Promise<EngineServer> {
  const { name } = kea
  try {
    const [state, plan] = [await kea.state(), await kea.plan(lab)]
    return {
      name,
      problem: '',
      remedy: '',
      version: state.version,
      pair: highAvailabilityText(state.highAvailability),
      subnets: [...state.subnets],
      packets: state.packets,
      listsLeases: state.listsLeases,
      classes: [...plan.classes],
      isInPlace: plan.isInPlace,
      warnings: [...plan.warnings],
    }
  } catch (error) {
    if (!(error instanceof KeaProblem)) throw error
    return { ...nothingKnown, name, problem: error.message, remedy: error.remedy }
  }
}
