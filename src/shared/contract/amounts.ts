/** Amounts that stand beside a message, as in a cell of a table: with the digits of the language that is spoken. */
import { spokenLanguage } from '#messages/text.ts'
import { formatDuration } from '../wire/time.ts'
import { formatBytes } from './format.ts'

const kept = new Map<string, Intl.NumberFormat>()

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${spokenLanguage()} ${JSON.stringify(options)}`
  const known = kept.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(spokenLanguage(), options)
  kept.set(key, made)
  return made
}

/** A number with so many decimals: `1,240`, `59.8`. */
export const tellNumber = (value: number, decimals = 0): string =>
  formatter({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)

export const tellBytes = (bytes: number): string => formatBytes(bytes, tellNumber)

export const tellDuration = (milliseconds: number): string => formatDuration(milliseconds, tellNumber)

/** How long ago something was, in whole days where it is more than two. */
export const tellAge = (milliseconds: number): string =>
  milliseconds < 172_800_000
    ? tellDuration(Math.max(0, milliseconds))
    : formatter({ style: 'unit', unit: 'day', unitDisplay: 'long' }).format(Math.floor(milliseconds / 86_400_000))
