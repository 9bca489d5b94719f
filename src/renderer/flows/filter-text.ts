/** Filters as text, made of what somebody pointed at. */

/** A value as a filter takes it: bare where it is one word, in quotation marks otherwise. */
const valueText = (value: string | number): string =>
  typeof value === 'number' || /^[\w.:/-]+$/.test(value)
    ? String(value)
    : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** The test that a field has a value; that it is there, where it has none. */
export const comparisonOf = (name: string, value: string | number | undefined): string =>
  value === undefined || value === '' ? name : `${name} == ${valueText(value)}`

/** What stands beside something else binds less than it would: alternatives are put in parentheses. */
const grouped = (filter: string): string => (/\|\||\bor\b/i.test(filter) ? `(${filter})` : filter)

/** A filter and a test besides. */
export const narrowed = (filter: string, test: string): string =>
  filter.trim() === '' ? test : `${grouped(filter.trim())} && ${grouped(test)}`

/** What a filter leaves, without what passes a test. */
export const without = (filter: string, test: string): string =>
  filter.trim() === '' ? `!(${test})` : `${grouped(filter.trim())} && !(${test})`
