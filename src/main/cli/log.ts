/** What `pxe-lab respond` prints: sentences for people, or one JSON object a line. */
import { styleText } from 'node:util'
import { formatTime } from '#shared/contract/format.ts'
import { describeEvent, type DescribedEvent, type EventLevel, type UntimedEvent } from '#shared/contract/events.ts'
import type { GivenNames } from '#shared/lab/given-names.ts'
import { nameAddresses } from '#shared/trace/name-addresses.ts'
import { printable } from '#shared/wire/printable.ts'
import { isProgress, logLine } from '../telemetry/event-log.ts'

const styles: Readonly<Record<EventLevel, Parameters<typeof styleText>[0] | undefined>> = {
  info: undefined,
  good: 'green',
  warning: 'yellow',
  problem: 'red',
}

export type Log = (event: UntimedEvent) => void

/**
 * What an event is told with: the names of the lab file beside the addresses, those that machines were given too. Holds no more than
 * the lab file names.
 */
export function sayingNames(given: GivenNames): (event: UntimedEvent) => DescribedEvent {
  const names = new Map([...given.byAddress, ...given.byMac])
  /** Addresses by machine. */
  const held = new Map<string, string>()
  return (event) => {
    const client = 'client' in event && typeof event.client === 'object' ? event.client : undefined
    const uuid = client && 'uuid' in client && typeof client.uuid === 'string' ? client.uuid : ''
    const name = client && (given.byMac.get(client.mac) ?? given.byUuid.get(uuid))
    if (client && name !== undefined) names.set(client.mac, name)
    const isGiven = event.type === 'dhcp-acknowledged' || event.type === 'bootp-answered'
    if (isGiven && !given.byAddress.has(event.address)) {
      const { client: { mac }, address } = event // prettier-ignore
      names.delete(held.get(mac) ?? '')
      names.delete(address)
      if (name !== undefined) {
        held.set(mac, address)
        names.set(address, name)
      }
    }
    const { level, text } = describeEvent(event)
    return { level, text: nameAddresses(text, names, client?.mac) }
  }
}

type Say = (event: UntimedEvent) => DescribedEvent

export function textLog(write: (line: string) => void, say: Say): Log {
  return (event) => {
    if (isProgress(event)) return
    const { level, text } = say(event)
    // An event is a line: what clients wrote begins none of its own.
    const line = printable(text)
    const time = formatTime(Date.now())
    const style = styles[level]
    write(`${time}  ${style ? styleText(style, line, { stream: process.stdout }) : line}\n`)
  }
}

/** `ready` comes first; what was told before it waits. */
export function jsonLog(write: (line: string) => void, say: Say): Log {
  const waiting: string[] = []
  let isReady = false
  return (event) => {
    if (isProgress(event)) return
    const line = logLine({ ...event, time: Date.now() }, say(event))
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
