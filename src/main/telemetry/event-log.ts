/** Events as lines of JSON, each with its time, level and text: a form that Loki and others take apart by themselves. */
import { describeEvent, type DescribedEvent, type LabEvent } from '#shared/contract/events.ts'
import { printable } from '#shared/wire/printable.ts'

/** The names of levels that log viewers colour. */
const levels = { info: 'info', good: 'info', warning: 'warn', problem: 'error' } as const

/** Progress and repeated waiting are for windows; a log wants beginnings and ends. */
export const isProgress = (event: Pick<LabEvent, 'type'> & { readonly isNew?: boolean }): boolean =>
  event.type === 'transfer-progress' || (event.type === 'wds-pending' && event.isNew === false)

/** One line with its end. What packets said is escaped: a line stays one line. */
export function logLine(event: LabEvent, { level, text }: DescribedEvent = describeEvent(event)): string {
  const { time, ...rest } = event
  return `${printable(JSON.stringify({ time: new Date(time).toISOString(), level: levels[level], text, ...rest }))}\n`
}
