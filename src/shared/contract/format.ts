/** Amounts in words with their units, the same in the window and in the log. */
import { formatDuration } from '../wire/time.ts'

export { formatDateTime, formatDuration, formatTime } from '../wire/time.ts'

/** How long ago something was, in whole days where it is more than two. */
export const formatAge = (milliseconds: number): string =>
  milliseconds < 172_800_000
    ? formatDuration(Math.max(0, milliseconds))
    : `${Math.floor(milliseconds / 86_400_000)} days`

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
