/** Two states of a network: which machines boot differently, and why. */
import type { MachineKind } from './machine-kinds.ts'
import { isBooting, type Twin, type TwinCell, type TwinRow } from './twin.ts'

export interface Difference {
  /** Such as 10.20.1.0/24, and the reserved machine where the row is one's. */
  readonly scope: string
  readonly machine: string
  readonly kind: MachineKind
  /** Undefined where the scope, or the reservation, is in one of the two only. */
  readonly before: TwinCell | undefined
  readonly after: TwinCell | undefined
  readonly change: 'stops' | 'starts' | 'otherwise'
}

const keyOf = ({ scope, reservation }: TwinRow): string => `${scope.network} ${reservation?.who.toLowerCase() ?? ''}`
/** What of a cell a person in front of the machine would notice, and how sure it is. */
const gist = ({ state, code, files, verdict }: TwinCell): string => JSON.stringify([state, code, files.map(({ path, server }) => [path, server]), isBooting(state) ? '' : verdict]) // prettier-ignore

function changeOf(before: TwinCell | undefined, after: TwinCell | undefined): Difference['change'] {
  const [first, second] = [before, after].map((one) => one !== undefined && isBooting(one.state))
  return first === second ? 'otherwise' : first ? 'stops' : 'starts'
}

/** Machines that boot differently, those that stop booting first. A reserved machine without a row does what any machine does. */
export function compareTwins(before: Twin, after: Twin): Difference[] {
  const rowsOf = (twin: Twin) => new Map(twin.rows.map((row) => [keyOf(row), row]))
  const [old, own] = [rowsOf(before), rowsOf(after)]
  const order = { stops: 0, starts: 1, otherwise: 2 } as const
  const found: Difference[] = []
  for (const key of new Set([...old.keys(), ...own.keys()])) {
    const network = `${key.split(' ')[0]} `
    const [first, second] = [old.get(key) ?? old.get(network), own.get(key) ?? own.get(network)]
    const row = (second ?? first)!
    for (const { kind } of row.cells) {
      const [one, other] = [first, second].map((list) => list?.cells.find((cell) => cell.kind === kind))
      if (one && other && gist(one) === gist(other)) continue
      found.push({ scope: row.scope.network, machine: key.split(' ')[1]!, kind, before: one, after: other, change: changeOf(one, other) }) // prettier-ignore
    }
  }
  return found.sort((a, b) => order[a.change] - order[b.change])
}
