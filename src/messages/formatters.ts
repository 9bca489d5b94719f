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

/** As every other time here: Intl writes `sec` and `hr` in English. */
const englishSymbols: Readonly<Record<string, string>> = { second: 's', hour: 'h' }

/** Seconds as a person would say them: `250 ms`, `3.8 s`, `12 min`, `2 h 5 min`. */
export function span(value: number, language: string): string {
  const told = (number: number, unit: string, more: Intl.NumberFormatOptions = {}): string => {
    const symbol = language.startsWith('en') ? englishSymbols[unit] : undefined
    return symbol === undefined
      ? amount(language, { style: 'unit', unit, unitDisplay: 'short', ...more }).format(number)
      : `${amount(language, more).format(number)} ${symbol}`
  }
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

const listTypes: Readonly<Record<string, Intl.ListFormatType>> = { or: 'disjunction', parts: 'unit' }

/** `a, b and c`; `{names, list, or}` for a choice, `{parts, list, parts}` for `a, b, c`, `{told, list, items}` for clauses, `a; b, c; d`. */
export const list = (value: readonly string[], language: string, kind: string | null): string =>
  kind?.trim() === 'items'
    ? value.join(/^(ja|zh)/.test(language) ? '\uff1b' : '; ')
    : once(
        `list ${language} ${kind ?? ''}`,
        () => new Intl.ListFormat(language, { type: listTypes[kind?.trim() ?? ''] ?? 'conjunction' }),
      ).format(value)

/** A sentence without its full stop, to go on behind it. */
export const bare = (value: string): string => value.replace(/[.\u3002]$/, '')

/** At most three digits: 0.012, 3.84, 59.8, 1,240. */
const digits = (value: number, language: string): string =>
  amount(language, { maximumSignificantDigits: 3 }).format(value)

/** Seconds as a capture measures them: `12 \u00b5s`, `250 ms`, `3.84 s`, `75.2 s`. */
export const lapse = (value: number, language: string): string =>
  value < 1e-3
    ? `${digits(value * 1e6, language)} \u00b5s`
    : value < 1
      ? `${digits(value * 1e3, language)} ms`
      : `${digits(value, language)} s`

const sizes: readonly (readonly [from: number, unit: string])[] = [
  [1_048_576, 'MiB'],
  [1024, 'KiB'],
]

/** A number of bytes as a capture tells it: `1 byte`, `512 bytes`, `35.2 KiB`, `1.5 MiB`. */
export function octets(value: number, language: string): string {
  const size = sizes.find(([from]) => value >= from)
  return size
    ? `${digits(value / size[0], language)} ${size[1]}`
    : amount(language, { style: 'unit', unit: 'byte', unitDisplay: 'long', maximumSignificantDigits: 3 }).format(value)
}

/** A number of bytes as a file manager tells it, with decimal units: `39 bytes`, `520 kB`, `1.3 MB`. */
export function filesize(value: number, language: string): string {
  if (value < 1000) return octets(value, language)
  const [unit, scale, digits] = value < 1e6 ? ['kilobyte', 1e3, 0] : ['megabyte', 1e6, 1]
  return amount(language, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value / scale) // prettier-ignore
}

/** Words that stand at the beginning of a sentence, `{means, capital}`. */
export const capital = (value: string, language: string): string =>
  `${value.charAt(0).toLocaleUpperCase(language)}${value.slice(1)}`

/** A label within a sentence, `{column, lower}`: its first word begins small, unless it is a name in capitals. English alone does so. */
export const lower = (value: string, language: string): string =>
  /^\p{Lu}\p{Lu}/u.test(value) ? value : `${value.charAt(0).toLocaleLowerCase(language)}${value.slice(1)}`
