/** What the tray says; undefined while nothing is listened to. */
import type { Status } from '#shared/contract/calls.ts'

const words: Partial<Readonly<Record<Status['state'], string>>> = { responding: 'responding', listening: 'listening' }

export function traySign(status: Status, labName: string): string | undefined {
  const word = words[status.state]
  if (word === undefined) return undefined
  const where = status.interfaces.length > 0 ? ` on ${status.interfaces.join(', ')}` : ''
  return `PXE Lab: ${labName} is ${word}${where}`
}
