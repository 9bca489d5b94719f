/**
 * The order in which groups of machines are woken: a group after the one it waits for, and of each group so many at once. What a
 * machine does is told by its boots; nothing is known of one that sends no packet.
 */
import { parseMac } from '../wire/bytes.ts'
import { givenNames } from './given-names.ts'
import type { Lab } from './lab.ts'

export const groupSteps = ['waiting', 'asked', 'booting', 'booted', 'failed', 'left-out'] as const
export type GroupStep = (typeof groupSteps)[number]

export interface GroupMachine {
  readonly group: string
  readonly mac: string
  readonly name: string
  readonly step: GroupStep
  /** Why, where it failed or is left out; what it does otherwise. */
  readonly detail: string
}

/** What is known of the newest boot of a machine. */
export interface SeenBoot {
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly lastAt: number
  readonly outcome: string
  readonly headline: string
}

interface Entry {
  readonly group: string
  readonly mac: string
  readonly name: string
  step: GroupStep
  detail: string
  askedAt: number
}

/** A boot of which nothing has been heard for so long is as far as it goes. */
const quietMs = 30_000
/** Clocks of packets and of this process differ by less. */
const slackMs = 2000

export class GroupRun {
  readonly #groups: Lab['groups']
  readonly #entries: Entry[]
  #isOver = false

  /** The group of that name with those that come before it. Undefined where the lab has no such group. */
  static of(lab: Lab, name: string): GroupRun | undefined {
    const chain: Lab['groups'][number][] = []
    for (let at = lab.groups.find((one) => one.name === name); at && !chain.includes(at);) {
      chain.unshift(at)
      const { after } = at
      at = after === undefined ? undefined : lab.groups.find((one) => one.name === after)
    }
    return chain.length === 0 ? undefined : new GroupRun(lab, chain)
  }

  private constructor(lab: Lab, groups: Lab['groups']) {
    this.#groups = groups
    const { byMac } = givenNames(lab)
    const macs = new Map([...byMac].map(([mac, name]) => [name.toLowerCase(), mac]))
    const seen = new Set<string>()
    this.#entries = groups.flatMap(({ name: group, machines }) =>
      machines.flatMap((one): Entry[] => {
        const mac = parseMac(one) ?? macs.get(one.toLowerCase())
        // Whoever is in two groups boots with the first.
        if (mac === undefined || seen.has(mac)) return []
        seen.add(mac)
        return [{ group, mac, name: byMac.get(mac) ?? mac, step: 'waiting', detail: '', askedAt: 0 }]
      }),
    )
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get machines(): readonly GroupMachine[] {
    return this.#entries.map(({ askedAt: _askedAt, ...one }) => one)
  }

  /** Ends it: whoever has not booted is left out. */
  cancel(): void {
    for (const one of this.#entries)
      if (one.step !== 'booted' && one.step !== 'failed') this.#is(one, 'left-out', 'cancelled')
    this.#isOver = true
  }

  /** Nothing could be sent to a machine; `why` is a clause. */
  fail(mac: string, why: string): void {
    const one = this.#entries.find((entry) => entry.mac === mac)
    if (one) this.#is(one, 'failed', why)
  }

  /** Takes in what is seen now; returns the machines to wake now. `now` in milliseconds since 1970. */
  step(now: number, bootOf: (mac: string) => SeenBoot | undefined): readonly string[] {
    if (this.#isOver) return []
    for (const one of this.#entries) if (one.step === 'asked' || one.step === 'booting') this.#look(one, now, bootOf)
    const wake: string[] = []
    for (const { name, atOnce, after } of this.#groups) {
      const own = this.#entries.filter(({ group }) => group === name)
      const before = this.#entries.filter(({ group }) => group === after)
      const failed = before.filter(({ step }) => step === 'failed' || step === 'left-out')
      if (
        failed.length > 0 &&
        before.every(({ step }) => step !== 'asked' && step !== 'booting' && step !== 'waiting')
      ) {
        const why = `${failed.map((one) => one.name).join(', ')} of ${after} did not boot`
        for (const one of own) if (one.step === 'waiting') this.#is(one, 'left-out', why)
      }
      if (before.some(({ step }) => step !== 'booted')) continue
      let busy = own.filter(({ step }) => step === 'asked' || step === 'booting').length
      for (const one of own) {
        if (one.step !== 'waiting' || busy >= atOnce) continue
        busy++
        one.askedAt = now
        this.#is(one, 'asked', 'a wake-up packet was sent')
        wake.push(one.mac)
      }
    }
    this.#isOver = this.#entries.every(({ step }) => step === 'booted' || step === 'failed' || step === 'left-out')
    return wake
  }

  #look(one: Entry, now: number, bootOf: (mac: string) => SeenBoot | undefined): void {
    const minutes = this.#groups.find(({ name }) => name === one.group)!.waitMinutes
    const boot = bootOf(one.mac)
    if (!boot || boot.startedAt < one.askedAt - slackMs) {
      if (now - one.askedAt > minutes * 60_000)
        this.#is(one, 'failed', `it has sent nothing for ${minutes} min: it did not wake, or was on already`)
      return
    }
    const isQuiet = now - boot.lastAt > quietMs
    if (boot.outcome === 'failed') this.#is(one, 'failed', boot.headline)
    // With an address alone it boots from its disk, and nothing else is going to be seen of it.
    else if (boot.outcome === 'started' || (isQuiet && (boot.outcome === 'loaded' || boot.outcome === 'address')))
      this.#is(one, 'booted', boot.headline)
    else if (isQuiet && now - one.askedAt > minutes * 60_000)
      this.#is(one, 'failed', `its boot has not ended after ${minutes} min: ${boot.headline}`)
    else this.#is(one, 'booting', boot.headline)
  }

  #is(one: Entry, step: GroupStep, detail: string): void {
    one.step = step
    one.detail = detail
  }
}
