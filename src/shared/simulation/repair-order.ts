/** Repairs of a scenario in an order that does not give the answer away, and is the same every time. */
import type { Repair } from './scenario.ts'

const weight = (text: string): number => {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 9973
  return sum
}

export const shuffledRepairs = (repairs: readonly Repair[]): Repair[] =>
  [...repairs].sort((a, b) => weight(a.title) - weight(b.title))
