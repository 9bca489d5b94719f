/** Times as logs write them, in the orders of day and month that Windows has. */
import { formatUtc, utcSeconds } from '../wire/time.ts'

export interface LogTime {
  readonly text: string
  readonly localMs: number
  readonly biasMinutes: number | undefined
}

/** A date in figures, with any of the usual separators, and a time of day. */
const figures =
  /^\s*(?:\w{3} )?(\d{1,4})([-/.])(\d{1,2})\2(\d{2,4})[ T,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([AP]\.?M\.?)?\s*(Z|[+-]\d{1,4}(?::?\d\d)?)?/i

/**
 * Reads times of one file. Where day and month cannot be told apart, the order that another time of the file showed counts,
 * and month first before one did, as Configuration Manager writes it.
 */
export class LogClock {
  #isDayFirst = false

  read(text: string): LogTime | undefined {
    const found = figures.exec(text)
    if (!found) return undefined
    const [, first, separator, second, third, hours, minutes, seconds = '0', fraction = '0', half, zone] = found
    let [year, month, day] = [Number(first), Number(second), Number(third)]
    if (first!.length < 4) {
      const [a, b] = [Number(first), Number(second)]
      if (separator === '.' || a > 12) this.#isDayFirst = true
      else if (b > 12 || half !== undefined) this.#isDayFirst = false
      ;[month, day] = this.#isDayFirst ? [b, a] : [a, b]
      year = Number(third) + (third!.length === 2 ? 2000 : 0)
    }
    if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
    let hour = Number(hours)
    if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined
    if (half !== undefined) hour = (hour % 12) + (/^p/i.test(half) ? 12 : 0)
    const whole = utcSeconds(year, month, day, hour, Number(minutes), Number(seconds))
    return {
      text: found[0].trim(),
      localMs: whole * 1000 + Math.floor(Number(`0.${fraction}`) * 1000),
      biasMinutes: zone === undefined ? undefined : biasOf(zone),
    }
  }
}

const daysOf = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

/** Minutes to be added for UTC: CMTrace writes them so; ISO 8601 writes hours and minutes to be taken away. */
function biasOf(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0
  const iso = /^([+-])(\d\d):(\d\d)$/.exec(zone)
  if (iso) return (iso[1] === '-' ? 1 : -1) * (Number(iso[2]) * 60 + Number(iso[3]))
  return /^[+-]\d{1,3}$/.test(zone) ? Number(zone) : undefined
}

/** `2026-11-24 09:00:00.123` of a local time: the calendar of `formatUtc` without the letter that would claim a zone. */
export const localTimeText = (localMs: number): string =>
  formatUtc(BigInt(Math.round(localMs)) * 1_000_000n)
    .replace('T', ' ')
    .replace('Z', '')
