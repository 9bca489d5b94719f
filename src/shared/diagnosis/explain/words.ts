/** How numbers and lists are said. */
import type { Message } from '../rounds.ts'

const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })

/** At most three significant digits: 0.012, 3.84, 59.8, 1,240. */
const digits = (value: number): string => threeDigits.format(value)

export const secondsOf = (ns: number): string =>
  ns < 1e6 ? `${digits(ns / 1e3)} µs` : ns < 1e9 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`
export const nanoseconds = (ms: number): number => ms * 1e6

export const formatBytes = (bytes: number): string =>
  bytes < 1024
    ? `${digits(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
    : bytes < 1_048_576
      ? `${digits(bytes / 1024)} KiB`
      : `${digits(bytes / 1_048_576)} MiB`

export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
export const framesOf = (messages: readonly Message[]): number[] => messages.map((one) => one.event.frame)
export const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
