/** What `pxe-lab respond` prints: sentences for people, or one JSON object a line. */
import { styleText } from 'node:util'
import { formatTime } from '#shared/contract/format.ts'
import { describeEvent, type EventLevel, type UntimedEvent } from '#shared/contract/events.ts'
import { printable } from '#shared/wire/printable.ts'

const styles: Readonly<Record<EventLevel, Parameters<typeof styleText>[0] | undefined>> = {
  info: undefined,
  good: 'green',
  warning: 'yellow',
  problem: 'red',
}

export type Log = (event: UntimedEvent) => void

/** Progress is for windows; a log wants beginnings and ends. */
const isProgress = (event: UntimedEvent): boolean =>
  event.type === 'transfer-progress' || (event.type === 'wds-pending' && !event.isNew)

export function textLog(write: (line: string) => void): Log {
  return (event) => {
    if (isProgress(event)) return
    const { level, text } = describeEvent(event)
    // An event is a line: what clients wrote begins none of its own.
    const line = printable(text)
    const time = formatTime(Date.now())
    const style = styles[level]
    write(`${time}  ${style ? styleText(style, line, { stream: process.stdout }) : line}\n`)
  }
}

/** `ready` comes first; what was told before it waits. */
export function jsonLog(write: (line: string) => void): Log {
  const waiting: string[] = []
  let isReady = false
  return (event) => {
    if (isProgress(event)) return
    const told = { ...event, time: new Date().toISOString(), text: describeEvent(event).text }
    const line = `${printable(JSON.stringify(told))}\n`
    if (!isReady && event.type !== 'ready') {
      waiting.push(line)
      return
    }
    write(line)
    if (isReady) return
    isReady = true
    for (const early of waiting.splice(0)) write(early)
  }
}
