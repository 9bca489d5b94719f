/** Times as texts, from numbers: the one form of each, for window, reports, logs and command line. */

/** A date of the proleptic Gregorian calendar from days since 1970-01-01 (days are counted in eras of 400 years from March). */
function civil(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

/** Nanoseconds since 1970 as `2026-11-21T13:54:22.123Z` (ISO 8601, UTC, milliseconds). */
export function formatUtc(timeNs: bigint): string {
  const ms = Number(timeNs / 1_000_000n)
  const days = Math.floor(ms / 86_400_000)
  const rest = ms - days * 86_400_000
  const [year, month, day] = civil(days)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(rest / 3_600_000)}:${two((rest / 60_000) % 60)}:${two((rest / 1000) % 60)}.${String(rest % 1000).padStart(3, '0')}Z`
}

/** Seconds since 1970 of a date and a time of day; months and days count from 1. */
export function utcSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  // A year that begins in March has its leap day at its end.
  const from = year - (month <= 2 ? 1 : 0)
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const days = from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + dayOfYear - 719_468
  return ((days * 24 + hour) * 60 + minute) * 60 + second
}

const clockFields = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
const dateFields = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const precise = { fractionalSecondDigits: 3 } as const
// Swedish is the language of the form of ISO 8601; its decimal comma is written as a point.
const formatter = (fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat('sv-SE', fields)
const formats = {
  time: formatter(clockFields),
  preciseTime: formatter({ ...clockFields, ...precise }),
  dateTime: formatter({ ...dateFields, ...clockFields }),
  preciseDateTime: formatter({ ...dateFields, ...clockFields, ...precise }),
} as const
const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'longOffset' })

/** Dates reach so far (ECMA-262); reports of others hold what they like. */
const written = (format: keyof typeof formats, time: number): string =>
  Math.abs(time) <= 8.64e15 ? formats[format].format(time).replace(',', '.') : 'at no known time'

/** Milliseconds since 1970 as the time of day where the reader is: 13:04:05. */
export const formatTime = (time: number): string => written('time', time)

/** The same to the millisecond: 13:04:05.120. */
export const formatPreciseTime = (time: number): string => written('preciseTime', time)

/** The same with its date: 2026-01-02 13:04:05. */
export const formatDateTime = (time: number): string => written('dateTime', time)

/** The same with its date to the millisecond, as packets are dated: 2026-01-02 13:04:05.120. */
export const formatPreciseDateTime = (time: number): string => written('preciseDateTime', time)

/** The zone that those times are of, for whoever reads them elsewhere: GMT+01:00. */
export const zoneAt = (time: number): string =>
  zone.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? ''

/** A number with so many decimals, as programs write it. */
export const plainDecimals = (value: number, decimals: number): string => value.toFixed(decimals)

/** How long something took, the same wherever it is told: 850 ms, 59.8 s, 2 min 5 s, 1 h 10 min. */
export function formatDuration(milliseconds: number, decimal = plainDecimals): string {
  const whole = Math.round(milliseconds)
  if (whole < 1000) return `${whole} ms`
  const tenths = Math.round(milliseconds / 100)
  if (tenths < 600) return `${decimal(tenths / 10, 1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
