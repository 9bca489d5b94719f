/** Where hosts, machines and wires of a scenario are drawn, and the way of a wire from one to the other. */
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { Places, Point } from '../layouts.ts'

export const box = { width: 148, height: 72 } as const
/** Room at the right end of a wire for its name. */
const nameRoom = 150
const gap = { x: 28, y: 64 } as const
const rowGap = 26
/** So many machines stand in a row at least before another row is begun. */
const leastInRow = 6

export interface Bus {
  readonly y: number
  readonly from: number
  readonly to: number
}

export interface Layout {
  readonly nodes: ReadonlyMap<string, Point>
  readonly buses: ReadonlyMap<string, Bus>
  /** Where the wire of a machine that stands in a further row passes the rows before it. */
  readonly lanes: ReadonlyMap<string, number>
}

/** How many of some machines stand in a row, so that many of them are not one endless line. */
const inRow = (count: number): number => Math.max(leastInRow, Math.ceil(Math.sqrt(count * 2)))

/** Servers above the wire, machines that boot below it in rows, routers between two wires at the left. */
export function layoutOf(scenario: Scenario): Layout {
  const nodes = new Map<string, Point>()
  const buses = new Map<string, Bus>()
  const lanes = new Map<string, number>()
  const hostsOf = (segment: string): string[] =>
    Object.entries(scenario.hosts)
      .filter(([, host]) => Object.keys(host.on).length === 1 && segment in host.on)
      .map(([name]) => name)
  const clientsOf = (segment: string): string[] =>
    Object.entries(scenario.clients)
      .filter(([, client]) => client.on === segment)
      .map(([name]) => name)
  const segments = Object.keys(scenario.segments)
  const between = Object.entries(scenario.hosts).filter(([, host]) => Object.keys(host.on).length !== 1)
  const left = between.length > 0 ? between.length * (box.width + 8) + gap.x * 2 : gap.x
  const widest = Math.max(
    1,
    ...segments.map((one) => {
      const clients = clientsOf(one).length
      return Math.max(hostsOf(one).length, Math.min(clients, inRow(clients)))
    }),
  )
  const nodesEnd = left + widest * (box.width + gap.x)
  let y = gap.x
  /** A row of nodes over the whole width. */
  const place = (names: readonly string[], top: number): void => {
    const step = (nodesEnd - left) / names.length
    for (const [index, name] of names.entries())
      nodes.set(name, { x: left + step * index + (step - box.width) / 2, y: top })
  }
  // Servers' networks first, so that the machines that boot stand at the bottom.
  const ordered = [...segments].sort((a, b) => clientsOf(a).length - clientsOf(b).length)
  for (const segment of ordered) {
    const above = hostsOf(segment)
    if (above.length > 0) {
      place(above, y)
      y += box.height + gap.y / 2
    }
    buses.set(segment, { y, from: gap.x, to: nodesEnd })
    y += gap.y / 2
    const below = clientsOf(segment)
    const most = inRow(below.length)
    if (below.length <= most) place(below, y)
    else {
      const step = (nodesEnd - left) / most
      for (const [index, name] of below.entries()) {
        const [row, column] = [Math.floor(index / most), index % most]
        const x = left + step * column + (step - box.width) / 2
        nodes.set(name, { x, y: y + row * (box.height + rowGap) })
        // Left of its column, where the rows before it leave room; a little apart from those of other rows.
        if (row > 0) lanes.set(name, x - 4 - ((row - 1) % 4) * 5)
      }
    }
    if (below.length > 0) y += Math.ceil(below.length / most) * (box.height + rowGap)
    // A router between two wires needs room of its own.
    else y += between.length > 0 ? box.height : gap.x
  }
  for (const [index, [name, host]] of between.entries()) {
    const ys = Object.keys(host.on).map((segment) => buses.get(segment)?.y ?? 0)
    nodes.set(name, {
      x: gap.x + index * (box.width + 8),
      y: ys.length === 0 ? 0 : (Math.min(...ys) + Math.max(...ys)) / 2 - box.height / 2,
    })
  }
  return { nodes, buses, lanes }
}

/** Width of a wire with the room for its name. */
export const widthOf = ({ from, to }: Bus): number => to - from + nameRoom

export interface Drawn {
  readonly layout: Layout
  /** Where somebody put hosts and machines, or is putting one. */
  readonly places: Places
}

/** Where a host or a machine stands; one of several alike stands where all of them do. */
export function pointOf({ layout, places }: Drawn, name: string): Point | undefined {
  const at = (key: string): Point | undefined => places[key] ?? layout.nodes.get(key)
  return at(name) ?? at(name.replace(/-\d+$/, ''))
}

/** The points of the wire from a host or a machine to a segment. */
export function wireOf(drawn: Drawn, name: string, segment: string): readonly Point[] {
  const point = pointOf(drawn, name)
  const bus = drawn.layout.buses.get(segment)
  if (!point || !bus) return []
  const key = drawn.layout.nodes.has(name) ? name : name.replace(/-\d+$/, '')
  const isBelow = point.y + box.height / 2 > bus.y
  const start = { x: point.x + box.width / 2, y: isBelow ? point.y : point.y + box.height }
  const lane = drawn.places[key] === undefined ? drawn.layout.lanes.get(key) : undefined
  if (lane !== undefined) {
    const turn = start.y - rowGap / 2
    return [start, { x: start.x, y: turn }, { x: lane, y: turn }, { x: lane, y: bus.y }]
  }
  // Beside the wire it is met at its end.
  const x = Math.min(bus.to, Math.max(bus.from, start.x))
  return x === start.x ? [start, { x, y: bus.y }] : [start, { x: start.x, y: bus.y }, { x, y: bus.y }]
}

/** How far from a wire something may be dropped to hang on it. */
const reach = 64

/** The segment whose wire is at a height, where it is another than the own one. */
export function segmentAt(
  y: number,
  buses: ReadonlyMap<string, { readonly y: number }>,
  own?: string,
): string | undefined {
  const near = [...buses]
    .map(([segment, bus]) => ({ segment, distance: Math.abs(y - bus.y) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= reach && near.segment !== own ? near.segment : undefined
}
