/**
 * What the page counts and filters by, of all boots, as columns of numbers in memory: a million boots are 60 MB, and any count over
 * them, with any filter, is one walk through them. So a page takes as long for one filter as for another, and no filter needs an
 * index of its own. Texts are numbered; a boot that is told again changes its row.
 */
import {
  outcomeClasses,
  outcomeClassOf,
  siteDimensions,
  type SiteBoot,
  type SiteDimension,
  type SiteFilter,
  type SiteGroup,
  type SiteOverview,
  type SiteTrend,
} from '#shared/contract/sites.ts'
import { parseHex } from '#shared/wire/bytes.ts'
import type { StoredBoot } from './boot-index.ts'

/** Numbers of texts, in the order in which they came. */
class Names {
  readonly texts: string[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(text: string): number {
    let known = this.#numbers.get(text)
    if (known === undefined) {
      known = this.texts.length
      this.#numbers.set(text, known)
      this.texts.push(text)
    }
    return known
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text)
  }
}

const firstRows = 4096

const grown = <T extends Uint8Array | Uint32Array | Float64Array>(column: T): T => {
  const larger = new (column.constructor as new (length: number) => T)(column.length * 2)
  larger.set(column)
  return larger
}

/** Hardware addresses by their 48 bits, so that the beginning of one is a span of numbers. */
const macNumber = (mac: string): number | undefined => {
  const digits = mac.replaceAll(':', '')
  return /^[0-9a-f]{12}$/.test(digits) && mac.includes(':') ? parseInt(digits, 16) : undefined
}

/** The span of hardware addresses that begin like a text; undefined where it is no such beginning. */
export function macSpan(text: string): readonly [first: number, last: number] | undefined {
  const digits = text.toLowerCase().replaceAll(/[:.-]/g, '')
  if (!/^[0-9a-f]{1,12}$/.test(digits)) return undefined
  return [parseInt(digits.padEnd(12, '0'), 16), parseInt(digits.padEnd(12, 'f'), 16)]
}

const isHex = (text: string): boolean => parseHex(text) !== undefined

/** What a UUID begins with; undefined where a text is no beginning of one. */
const uuidPrefix = (text: string): string | undefined => {
  const lower = text.toLowerCase()
  return lower.length >= 8 && /^[0-9a-f]{8}(-[0-9a-f-]*)?$/.test(lower) && isHex(lower.slice(0, 8)) ? lower : undefined
}

/** Machines whose boots are asked for: by a span of addresses, by name, or by what their UUID begins with. */
export interface MachineChoice {
  readonly span?: readonly [number, number] | undefined
  readonly name?: string | undefined
  readonly uuid?: string | undefined
}

/** What a filter's text means by a machine. */
export const machineChoice = (machine: string | undefined): MachineChoice | undefined =>
  machine === undefined || machine === ''
    ? undefined
    : { name: machine, span: macSpan(machine), uuid: uuidPrefix(machine) }

type Counts = Record<(typeof outcomeClasses)[number], number>

export class BootColumns {
  #count = 0
  #id = new Float64Array(firstRows)
  #started = new Float64Array(firstRows)
  #class = new Uint8Array(firstRows)
  #machine = new Uint32Array(firstRows)
  readonly #columns = Object.fromEntries(siteDimensions.map((name) => [name, new Uint32Array(firstRows)])) as Record<
    SiteDimension,
    Uint32Array
  >
  readonly #names = Object.fromEntries(siteDimensions.map((name) => [name, new Names()])) as Record<
    SiteDimension,
    Names
  >
  readonly #machines = new Names()
  #uuid = new Uint32Array(firstRows)
  readonly #uuids = new Names()
  /** By number of the machine: its address as a number, NaN where it has none. */
  #address = new Float64Array(firstRows)
  readonly #rowOf = new Map<number, number>()
  /** Rows by when their boot began; behind `#sorted` of them come those that have no place yet. */
  #order = new Uint32Array(firstRows)
  #sorted = 0
  #isOrderStale = false

  get count(): number {
    return this.#rowOf.size
  }

  #room(): void {
    if (this.#count < this.#id.length) return
    this.#id = grown(this.#id)
    this.#started = grown(this.#started)
    this.#class = grown(this.#class)
    this.#machine = grown(this.#machine)
    this.#uuid = grown(this.#uuid)
    this.#order = grown(this.#order)
    for (const name of siteDimensions) this.#columns[name] = grown(this.#columns[name])
  }

  /** Adds a boot, or changes what is known of it. */
  put(boot: StoredBoot): void {
    let row = this.#rowOf.get(boot.id)
    if (row === undefined) {
      this.#room()
      row = this.#count++
      this.#rowOf.set(boot.id, row)
      this.#order[row] = row
      this.#id[row] = boot.id
    }
    // It names the boot, and so stays.
    this.#started[row] = boot.startedAt
    this.#class[row] = outcomeClasses.indexOf(outcomeClassOf(boot.outcome))
    for (const name of siteDimensions) this.#columns[name][row] = this.#names[name].numberOf(boot[name])
    const machine = this.#machines.numberOf(boot.mac)
    this.#machine[row] = machine
    this.#uuid[row] = this.#uuids.numberOf(boot.uuid)
    if (machine >= this.#address.length) this.#address = grown(this.#address)
    this.#address[machine] = macNumber(boot.mac) ?? NaN
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const row = this.#rowOf.get(id)
      if (row === undefined) continue
      this.#rowOf.delete(id)
      // The last row takes its place.
      const last = --this.#count
      if (row !== last) {
        this.#id[row] = this.#id[last]!
        this.#started[row] = this.#started[last]!
        this.#class[row] = this.#class[last]!
        this.#machine[row] = this.#machine[last]!
        this.#uuid[row] = this.#uuid[last]!
        for (const name of siteDimensions) this.#columns[name][row] = this.#columns[name][last]!
        this.#rowOf.set(this.#id[row], row)
      }
      this.#isOrderStale = true
    }
  }

  /** Brings the rows into the order of time; what came since the last time is few, and mostly the newest. */
  #inOrder(): Uint32Array {
    if (this.#isOrderStale) {
      for (let row = 0; row < this.#count; row++) this.#order[row] = row
      this.#sorted = 0
      this.#isOrderStale = false
    }
    const started = this.#started
    if (this.#sorted < this.#count) {
      const fresh = this.#order.slice(this.#sorted, this.#count).sort((a, b) => started[a]! - started[b]!)
      // From behind, into the room that is there: the greater of both ends goes to the end.
      let old = this.#sorted - 1
      let young = fresh.length - 1
      for (let at = this.#count - 1; young >= 0; at--)
        this.#order[at] =
          old >= 0 && started[this.#order[old]!]! > started[fresh[young]!]! ? this.#order[old--]! : fresh[young--]!
      this.#sorted = this.#count
    }
    return this.#order
  }

  /** The first place in the order whose boot began at or after a time. */
  #placeOf(time: number): number {
    const order = this.#inOrder()
    let [low, high] = [0, this.#count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#started[order[middle]!]! < time) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Calls `take` with each row that a filter leaves, the oldest first. */
  #walk(filter: SiteFilter, machine: MachineChoice | undefined, take: (row: number) => void): void {
    const order = this.#inOrder()
    const first = filter.from === undefined ? 0 : this.#placeOf(filter.from)
    const last = filter.to === undefined ? this.#count : this.#placeOf(filter.to + 1)
    const wanted: { readonly column: Uint32Array; readonly value: number }[] = []
    for (const name of siteDimensions) {
      const value = filter[name]
      if (value === undefined) continue
      const found = this.#names[name].find(value)
      if (found === undefined) return
      wanted.push({ column: this.#columns[name], value: found })
    }
    const outcome = filter.class === undefined ? -1 : outcomeClasses.indexOf(filter.class)
    const isWanted = machine && this.#machineTest(machine)
    rows: for (let at = first; at < last; at++) {
      const row = order[at]!
      if (outcome >= 0 && this.#class[row] !== outcome) continue
      for (const { column, value } of wanted) if (column[row] !== value) continue rows
      if (isWanted && !isWanted(row)) continue
      take(row)
    }
  }

  #machineTest({ span, name, uuid }: MachineChoice): (row: number) => boolean {
    const number = name === undefined ? undefined : this.#machines.find(name)
    const hasUuid = uuid === undefined ? undefined : Uint8Array.from(this.#uuids.texts, (one) => Number(one.startsWith(uuid))) // prettier-ignore
    return (row) => {
      const machine = this.#machine[row]!
      if (machine === number) return true
      if (hasUuid?.[this.#uuid[row]!] === 1) return true
      if (!span) return false
      const address = this.#address[machine]!
      return address >= span[0] && address <= span[1]
    }
  }

  /** Adds which boot of its machine at its site each is, among those that are kept. */
  withAttempts(boots: readonly StoredBoot[]): SiteBoot[] {
    const wanted = new Uint8Array(this.#machines.texts.length)
    const rows = boots.map(({ id }) => this.#rowOf.get(id))
    for (const row of rows) if (row !== undefined) wanted[this.#machine[row]!] = 1
    const { site } = this.#columns
    const counts = new Map<number, number>()
    const attempts = new Map<number, number>()
    for (const row of this.#inOrder().subarray(0, this.#count)) {
      const machine = this.#machine[row]!
      if (wanted[machine] === 0) continue
      const place = site[row]! * wanted.length + machine
      const count = (counts.get(place) ?? 0) + 1
      counts.set(place, count)
      attempts.set(row, count)
    }
    return boots.map((boot, at) => ({ ...boot, attempt: attempts.get(rows[at] ?? -1) ?? 1 }))
  }

  /** Ids of boots, the newest first, and how many there are in all. */
  page(
    filter: SiteFilter,
    machine: MachineChoice | undefined,
    offset: number,
    limit: number,
  ): { readonly total: number; readonly ids: number[] } {
    const kept = new Uint32Array(this.#count)
    let total = 0
    this.#walk(filter, machine, (row) => (kept[total++] = row))
    const ids: number[] = []
    for (let at = total - 1 - offset; at >= 0 && ids.length < limit; at--) ids.push(this.#id[kept[at]!]!)
    return { total, ids }
  }

  overview(filter: SiteFilter, machine: MachineChoice | undefined, by: SiteGroup, limit: number): SiteOverview {
    const column = by === 'machine' ? this.#machine : this.#columns[by]
    const { texts } = by === 'machine' ? this.#machines : this.#names[by]
    const width = outcomeClasses.length
    const counts = new Uint32Array(texts.length * width)
    const lastAt = new Float64Array(texts.length)
    this.#walk(filter, machine, (row) => {
      const value = column[row]!
      counts[value * width + this.#class[row]!]!++
      lastAt[value] = this.#started[row]!
    })
    const failed = outcomeClasses.indexOf('failed')
    const sums = new Uint32Array(texts.length)
    for (let at = 0; at < counts.length; at++) sums[(at / width) | 0]! += counts[at]!
    const values: number[] = []
    for (let value = 0; value < texts.length; value++) if (sums[value]! > 0) values.push(value)
    const rank = (a: number, b: number): number =>
      counts[b * width + failed]! - counts[a * width + failed]! ||
      sums[b]! - sums[a]! ||
      (texts[a]! < texts[b]! ? -1 : 1)
    return {
      total: values.length,
      groups: greatest(values, rank, limit).map((value) => ({
        value: texts[value]!,
        lastAt: lastAt[value]!,
        ...(Object.fromEntries(outcomeClasses.map((name, at) => [name, counts[value * width + at]!])) as Counts),
      })),
    }
  }

  /** Boots over time in at most so many steps, each a round length of time. */
  trend(filter: SiteFilter, machine: MachineChoice | undefined, most: number): SiteTrend {
    const span = this.span
    if (!span) return { stepMs: 3_600_000, buckets: [] }
    const from = Math.max(filter.from ?? span.first, span.first)
    const to = Math.min(filter.to ?? span.last, span.last)
    if (to < from) return { stepMs: 3_600_000, buckets: [] }
    const step = steps.find((one) => Math.floor(to / one) - Math.floor(from / one) < most) ?? Math.ceil((to - from + 1) / Math.max(1, most - 1)) // prettier-ignore
    const first = Math.floor(from / step)
    const size = Math.floor(to / step) - first + 1
    const counts = Array.from({ length: size }, () => ({ booted: 0, failed: 0, unclear: 0, other: 0 }))
    this.#walk({ ...filter, from, to }, machine, (row) => {
      const bucket = counts[Math.floor(this.#started[row]! / step) - first]
      if (bucket) bucket[outcomeClasses[this.#class[row]!]!]++
    })
    return { stepMs: step, buckets: counts.map((one, at) => ({ at: (first + at) * step, ...one })) }
  }

  /** When the oldest and the newest boot began. */
  get span(): { readonly first: number; readonly last: number } | undefined {
    const order = this.#inOrder()
    if (this.#count === 0) return undefined
    return { first: this.#started[order[0]!]!, last: this.#started[order[this.#count - 1]!]! }
  }

  /** Values of a dimension, in alphabetical order; none where there are more than `most`. */
  values(name: SiteDimension, most: number): string[] {
    const { texts } = this.#names[name]
    return texts.length > most ? [] : texts.filter((one) => one !== '').sort()
  }
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const steps = [minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 28 * day, 364 * day]

/** The first of a list in an order, without ordering all of it: most come behind the last that is kept so far. */
function greatest(values: readonly number[], rank: (a: number, b: number) => number, limit: number): number[] {
  let best: number[] = []
  let bar: number | undefined
  for (const value of values) {
    if (bar !== undefined && rank(value, bar) >= 0) continue
    best.push(value)
    if (best.length < limit * 4) continue
    best = best.sort(rank).slice(0, limit)
    bar = best.at(-1)
  }
  return best.sort(rank).slice(0, limit)
}
