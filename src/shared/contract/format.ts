/** Amounts in words with their units, the same in the window and in the log. */
import { plainDecimals } from '../wire/time.ts'

export { formatDateTime, formatDuration, formatTime } from '../wire/time.ts'

/** `512 B`, `35.2 KiB`, `1.5 MiB`: at most one decimal and a binary unit (IEC 80000-13). */
export function formatBytes(bytes: number, decimal = plainDecimals): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${decimal(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`
}
