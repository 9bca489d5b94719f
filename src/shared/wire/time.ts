/** Times as texts, from numbers: the layers that must not know the time of day still have to write down when packets came. */

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
