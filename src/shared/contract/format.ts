/** Amounts in words with their units, the same in the window and in the log. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dateAndTime = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })

/** Dates reach so far (ECMA-262); reports of others hold what they like. */
const isTime = (time: number): boolean => Math.abs(time) <= 8.64e15

/** Milliseconds since 1970 as the time of day where the reader is: 13:04:05. */
export const formatTime = (time: number): string => (isTime(time) ? timeOfDay.format(time) : 'at no known time')

/** The same with its date: 2026-01-02 13:04:05. */
export const formatDateTime = (time: number): string => (isTime(time) ? dateAndTime.format(time) : 'at no known time')

export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
