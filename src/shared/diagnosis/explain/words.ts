/** How numbers and lists are said. */
import type { Message } from '../rounds.ts'

export const secondsOf = (ns: number): string => `${(ns / 1e9).toFixed(ns < 1e9 ? 3 : 1)} s`
export const nanoseconds = (ms: number): number => ms * 1e6

export const formatBytes = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1_048_576
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1_048_576).toFixed(1)} MiB`

export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
export const framesOf = (messages: readonly Message[]): number[] => messages.map((one) => one.event.frame)
export const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
