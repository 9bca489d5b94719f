/** The co-hosting matrix from afar: who boots in a set-up, counted, and the set-ups laid out on a grid. */
import { dimensions, matrixClients, type Dimension, type MatrixClient, type MatrixEntry } from './co-hosting.ts'

export type Reach = 'everybody' | 'some' | 'nobody'

/** Who boots in a set-up, of all kinds of machine or of the one that is asked about. */
export function reachOf({ cells }: MatrixEntry, client: MatrixClient | undefined): Reach {
  const asked = client === undefined ? matrixClients : [client]
  const booted = asked.filter((one) => cells[one].state === 'booted').length
  return booted === asked.length ? 'everybody' : booted > 0 ? 'some' : 'nobody'
}

export function countReaches(
  entries: readonly MatrixEntry[],
  client: MatrixClient | undefined,
): Readonly<Record<Reach, number>> {
  const counts = { everybody: 0, some: 0, nobody: 0 }
  for (const entry of entries) counts[reachOf(entry, client)]++
  return counts
}

/** Where DHCP and PXE run stands at the side, what is set stands above; the rest shares a cell. */
export const heatRows = ['dhcp', 'pxe'] as const satisfies readonly Dimension[]
export const heatColumns = ['listen', 'option60', 'files'] as const satisfies readonly Dimension[]

export type Chosen = Partial<Readonly<Record<Dimension, string>>>

export interface HeatCell {
  /** The values that its set-ups share. */
  readonly chosen: Chosen
  readonly entries: readonly MatrixEntry[]
}

export interface HeatRow {
  readonly chosen: Chosen
  readonly cells: readonly HeatCell[]
}

const combined = (names: readonly Dimension[], wanted: Chosen): Chosen[] =>
  names.reduce<Chosen[]>(
    (sofar, name) =>
      sofar.flatMap((chosen) =>
        dimensions[name]
          .filter((value) => wanted[name] === undefined || wanted[name] === value)
          .map((value) => ({ ...chosen, [name]: value })),
      ),
    [{}],
  )

const keyOf = (names: readonly Dimension[], values: Chosen): string => names.map((name) => values[name]).join('.')

/** The set-ups that `wanted` leaves, on the grid; rows and columns that it rules out are not there. */
export function heatGrid(entries: readonly MatrixEntry[], wanted: Chosen): readonly HeatRow[] {
  const names = [...heatRows, ...heatColumns]
  const byCell = new Map<string, MatrixEntry[]>()
  for (const entry of entries) {
    if (Object.entries(wanted).some(([name, value]) => entry.row[name as Dimension] !== value)) continue
    const key = keyOf(names, entry.row)
    const there = byCell.get(key)
    if (there) there.push(entry)
    else byCell.set(key, [entry])
  }
  const columns = combined(heatColumns, wanted)
  return combined(heatRows, wanted).map((chosen) => ({
    chosen,
    cells: columns.map((column) => {
      const both = { ...chosen, ...column }
      return { chosen: both, entries: byCell.get(keyOf(names, both)) ?? [] }
    }),
  }))
}
