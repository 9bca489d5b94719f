/** Formats that ICU has not, for the compiled catalogues: each takes the value, the language and what stands behind the name. */

const kept = new Map<string, unknown>()
/** Such objects are costly to make and the same for each language. */
function once<T>(key: string, make: () => T): T {
  if (!kept.has(key)) kept.set(key, make())
  return kept.get(key) as T
}

const amount = (language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  once(`${language} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(language, options))

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** A number of bytes with at most three digits and a binary unit (IEC 80000-13), `1.46 MiB`. */
export function bytes(value: number, language: string): string {
  let scale = 0
  let rest = value
  // What would be rounded to 1,024 belongs to the next unit.
  while (rest >= 1023.5 && scale < units.length - 1) {
    rest /= 1024
    scale++
  }
  const digits = amount(
    language,
    scale === 0 ? {} : rest >= 999.5 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  )
  return `${digits.format(rest)}\u00a0${units[scale]}`
}

/** Seconds as a person would say them: `250 ms`, `3.8 s`, `12 min`, `2 h 5 min`. */
export function span(value: number, language: string): string {
  const told = (number: number, unit: string, more: Intl.NumberFormatOptions = {}): string =>
    amount(language, { style: 'unit', unit, unitDisplay: 'short', ...more }).format(number)
  if (value < 0.9995) return told(value * 1000, 'millisecond', { maximumSignificantDigits: 3 })
  if (value < 59.95) return told(value, 'second', { maximumSignificantDigits: 3 })
  const minutes = Math.round(value / 60)
  if (minutes < 60) return told(minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return told(Math.round(hours / 24), 'day')
  return minutes % 60 === 0 ? told(hours, 'hour') : `${told(hours, 'hour')} ${told(minutes % 60, 'minute')}`
}

/** Milliseconds since 1970 as local date and time with seconds; `{when, moment, time}` is the time alone. */
export const moment = (value: number, language: string, part: string | null): string =>
  once(
    `moment ${language} ${part ?? ''}`,
    () =>
      new Intl.DateTimeFormat(
        language,
        part?.trim() === 'time' ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'medium' },
      ),
  ).format(value)

/** `a, b and c`; `{names, list, or}` for a choice. */
export const list = (value: readonly string[], language: string, kind: string | null): string =>
  once(
    `list ${language} ${kind ?? ''}`,
    () => new Intl.ListFormat(language, { type: kind?.trim() === 'or' ? 'disjunction' : 'conjunction' }),
  ).format(value)
