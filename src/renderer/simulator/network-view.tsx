import { ActionIcon } from '@mantine/core'
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react'
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { PortHolder, Step, Story } from '#shared/simulation/story.ts'
import { useDrawingView } from './drawing-view.ts'
import type { Places, Point } from './layouts.ts'

interface NetworkViewProps {
  readonly scenario: Scenario
  readonly story: Story | undefined
  readonly step: Step | undefined
  /** How far the packet of the step is, 0 to 1. */
  readonly travelled: number
  /** Milliseconds of simulated time: what has happened so far. */
  readonly now: number
  readonly selected: string | undefined
  /** Where somebody put hosts and machines. */
  readonly places: Places
  readonly onPlace: (name: string, point: Point) => void
  readonly onSelect: (name: string) => void
  /** A machine was dropped at the wire of another segment. */
  readonly onMove: (name: string, segment: string) => void
  /** Delete was pressed on a host or a machine. */
  readonly onRemove: (name: string) => void
}

const box = { width: 140, height: 68 } as const
/** Room at the right end of a wire for its name. */
const nameRoom = 150
const gap = { x: 24, y: 62 } as const

interface Layout {
  readonly width: number
  readonly height: number
  readonly nodes: ReadonlyMap<string, Point>
  readonly buses: ReadonlyMap<string, { readonly y: number; readonly from: number; readonly to: number }>
}

/** Servers above the wire, machines that boot below it, routers between two wires at the left. */
function layoutOf(scenario: Scenario): Layout {
  const nodes = new Map<string, Point>()
  const buses = new Map<string, { y: number; from: number; to: number }>()
  const segments = Object.keys(scenario.segments)
  const hostsOf = (segment: string): string[] =>
    Object.entries(scenario.hosts)
      .filter(([, host]) => Object.keys(host.on).length === 1 && segment in host.on)
      .map(([name]) => name)
  const clientsOf = (segment: string): string[] =>
    Object.entries(scenario.clients)
      .filter(([, client]) => client.on === segment)
      .map(([name]) => name)
  const between = Object.entries(scenario.hosts).filter(([, host]) => Object.keys(host.on).length > 1)
  const left = between.length > 0 ? box.width + gap.x * 2 : gap.x
  const widest = Math.max(1, ...segments.map((one) => Math.max(hostsOf(one).length, clientsOf(one).length)))
  const nodesEnd = left + widest * (box.width + gap.x)
  const width = nodesEnd + nameRoom
  let y = gap.x
  // Servers' networks first, so that the machines that boot stand at the bottom.
  const ordered = [...segments].sort((a, b) => clientsOf(a).length - clientsOf(b).length)
  for (const segment of ordered) {
    const place = (names: readonly string[], top: number): void => {
      const room = nodesEnd - left
      const step = room / names.length
      for (const [index, name] of names.entries())
        nodes.set(name, { x: left + step * index + (step - box.width) / 2, y: top })
    }
    const above = hostsOf(segment)
    if (above.length > 0) {
      place(above, y)
      y += box.height + gap.y / 2
    }
    buses.set(segment, { y, from: gap.x, to: nodesEnd })
    y += gap.y / 2
    const below = clientsOf(segment)
    if (below.length > 0) {
      place(below, y)
      y += box.height + gap.x
    }
    // A router between two wires needs room of its own.
    else y += between.length > 0 ? box.height : gap.x
  }
  for (const [index, [name, host]] of between.entries()) {
    const ys = Object.keys(host.on).map((segment) => buses.get(segment)?.y ?? 0)
    nodes.set(name, {
      x: gap.x + index * (box.width + 8),
      y: (Math.min(...ys) + Math.max(...ys)) / 2 - box.height / 2,
    })
  }
  return { width, height: y, nodes, buses }
}

/** Points that a packet passes on one hop: from its sender to the wire, along it, and to each receiver. */
function pathsOf(
  hop: Step['hops'][number],
  at: (name: string) => Point | undefined,
  busY: number,
): readonly (readonly Point[])[] {
  const from = at(hop.from)
  if (!from) return []
  const start = { x: from.x + box.width / 2, y: from.y + (from.y > busY ? 0 : box.height) }
  const dive = { x: start.x, y: busY }
  if (hop.to.length === 0) return [[start, dive]]
  return hop.to.flatMap((name) => {
    const to = at(name)
    if (!to) return []
    const x = to.x + box.width / 2
    return [[start, dive, { x, y: busY }, { x, y: to.y + (to.y > busY ? 0 : box.height) }]]
  })
}

function along(path: readonly Point[], share: number): Point {
  const lengths = path.slice(1).map((point, index) => Math.hypot(point.x - path[index]!.x, point.y - path[index]!.y))
  let left = lengths.reduce((sum, one) => sum + one, 0) * share
  for (const [index, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const [a, b] = [path[index]!, path[index + 1]!]
      return { x: a.x + ((b.x - a.x) * left) / length, y: a.y + ((b.y - a.y) * left) / length }
    }
    left -= length
  }
  return path.at(-1)!
}

const portText = ({ firstPort, lastPort }: PortHolder): string =>
  firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`

/** Who holds which port: a line for each service, as far as there is room. */
function Ports({ ports }: { readonly ports: readonly PortHolder[] }): ReactElement {
  const byService = new Map<string, string[]>()
  for (const one of ports) byService.set(one.service, [...(byService.get(one.service) ?? []), portText(one)])
  return (
    <>
      {[...byService].slice(0, 2).map(([service, list], index) => (
        <text key={service} x={8} y={47 + index * 13} className="node-ports">
          <title>{ports.map((one) => `UDP ${portText(one)}: ${one.service}`).join('\n')}</title>
          {`${service} ${list.join(' ')}`}
        </text>
      ))}
    </>
  )
}

/** How far below a wire a machine may be dropped to hang on it. */
const reach = 64

/** The segment at whose wire a machine is dropped, where it is another than its own. */
export function segmentAt(
  top: number,
  buses: ReadonlyMap<string, { readonly y: number }>,
  own: string,
): string | undefined {
  const near = [...buses]
    .map(([segment, { y }]) => ({ segment, distance: Math.abs(top - y) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= reach && near.segment !== own ? near.segment : undefined
}

/** The network as a drawing: hosts can be dragged, and the packet of the step travels along the links. */
export function NetworkView(props: NetworkViewProps): ReactElement {
  const { scenario, story, step, travelled, now, selected, places, onPlace, onSelect, onMove, onRemove } = props
  const layout = useMemo(() => layoutOf(scenario), [scenario])
  const [dragged, setDragged] = useState<Places>({})
  const svg = useRef<SVGSVGElement>(null)
  const { view, isWhole, zoom, fit, ground } = useDrawingView(svg, layout.width, layout.height)
  const drag = useRef<{ readonly name: string; readonly dx: number; readonly dy: number; moved: boolean }>(undefined)
  const at = (name: string): Point | undefined =>
    dragged[name] ?? places[name] ?? layout.nodes.get(name) ?? layout.nodes.get(name.replace(/-\d+$/, ''))
  const pointOf = (event: PointerEvent): Point => {
    const matrix = svg.current!.getScreenCTM()!.inverse()
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix)
    return { x, y }
  }
  const outcomeOf = (name: string): string | undefined => {
    const outcome = story?.outcomes.find((one) => one.name === name)
    if (!outcome) return undefined
    const end = story?.steps.find((one) => one.kind === 'end' && one.client === name)
    return end && end.at <= now + 0.001 ? outcome.state : 'running'
  }
  const node = (
    name: string,
    title: string,
    detail: string,
    kind: 'host' | 'client',
    second?: string,
  ): ReactElement => {
    const point = at(name)!
    const state = kind === 'client' ? outcomeOf(name) : undefined
    const outcome = story?.outcomes.find((one) => one.name === name)
    const stateText =
      state === 'booted'
        ? 'booted'
        : state === 'failed'
          ? outcome?.code || 'failed'
          : state === 'local'
            ? 'next device'
            : state === 'waiting'
              ? 'waiting'
              : detail
    return (
      <g
        key={name}
        className="net-node"
        data-kind={kind}
        data-state={state}
        data-selected={selected === name || undefined}
        transform={`translate(${point.x} ${point.y})`}
        role="button"
        tabIndex={0}
        aria-label={`${title}, ${stateText}`}
        aria-pressed={selected === name}
        onKeyDown={(event: KeyboardEvent) => {
          const isDelete = event.key === 'Delete' || event.key === 'Backspace'
          if (event.key !== 'Enter' && event.key !== ' ' && !isDelete) return
          event.preventDefault()
          event.stopPropagation()
          if (isDelete) onRemove(name)
          else onSelect(name)
        }}
        onPointerDown={(event) => {
          const pointer = pointOf(event)
          drag.current = { name, dx: pointer.x - point.x, dy: pointer.y - point.y, moved: false }
          ;(event.target as Element).setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          const held = drag.current
          if (held?.name !== name) return
          const pointer = pointOf(event)
          const next = { x: Math.round((pointer.x - held.dx) / 4) * 4, y: Math.round((pointer.y - held.dy) / 4) * 4 }
          if (!held.moved && Math.hypot(next.x - point.x, next.y - point.y) < 5) return
          held.moved = true
          setDragged({ [name]: next })
        }}
        onPointerUp={() => {
          const held = drag.current
          drag.current = undefined
          if (!held?.moved) return onSelect(name)
          const own = scenario.clients[name]?.on
          const segment = own === undefined ? undefined : segmentAt(point.y, layout.buses, own)
          setDragged({})
          if (segment === undefined) onPlace(name, point)
          else onMove(name, segment)
        }}
      >
        <rect width={box.width} height={box.height} rx={6} />
        <text x={8} y={17} className="node-name">
          {title}
        </text>
        <text x={8} y={32} className="node-detail">
          {stateText}
        </text>
        {kind === 'host' && second === undefined && <Ports ports={story?.ports[name] ?? []} />}
        {second !== undefined && (
          <text x={8} y={47} className="node-detail">
            {second}
          </text>
        )}
        {kind === 'client' && (
          <text x={8} y={47} className="node-ports">
            {detail === stateText ? '' : detail}
          </text>
        )}
      </g>
    )
  }
  const hops = step?.hops ?? []
  const part = hops.length === 0 ? 0 : Math.min(hops.length - 1, Math.floor(travelled * hops.length))
  const share = hops.length === 0 ? 0 : Math.min(1, travelled * hops.length - part)
  const hop = hops[part]
  const paths = hop ? pathsOf(hop, at, layout.buses.get(hop.segment)?.y ?? 0) : []
  const isLost = step !== undefined && step.fate !== 'delivered'
  return (
    <div className="network-box">
      <ActionIcon.Group orientation="vertical" className="network-zoom">
        <ActionIcon variant="default" size="sm" aria-label="Zoom in" onClick={() => zoom(true)}>
          <IconPlus size={14} />
        </ActionIcon>
        <ActionIcon variant="default" size="sm" aria-label="Zoom out" onClick={() => zoom(false)}>
          <IconMinus size={14} />
        </ActionIcon>
        <ActionIcon variant="default" size="sm" aria-label="Show the whole network" disabled={isWhole} onClick={fit}>
          <IconMaximize size={14} />
        </ActionIcon>
      </ActionIcon.Group>
      <svg
        ref={svg}
        className="network"
        viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
        {...ground}
        role="group"
        aria-label="Network"
        preserveAspectRatio="xMidYMid meet"
      >
        {[...layout.buses].map(([segment, { y, from, to }]) => (
          <g key={segment} className="net-bus">
            <line x1={from} x2={to} y1={y} y2={y} />
            <text x={to + 10} y={y - 2}>
              {segment}
              {scenario.segments[segment]!.vlan === undefined ? '' : `, VLAN ${scenario.segments[segment]!.vlan}`}
            </text>
            <text x={to + 10} y={y + 12}>
              {scenario.segments[segment]!.network}
            </text>
          </g>
        ))}
        {[
          ...Object.entries(scenario.hosts).flatMap(([name, host]) =>
            Object.keys(host.on).map((segment) => ({ name, segment })),
          ),
          ...Object.entries(scenario.clients).map(([name, client]) => ({ name, segment: client.on })),
        ].map(({ name, segment }) => {
          const point = at(name)
          const bus = layout.buses.get(segment)
          if (!point || !bus) return null
          const x = point.x + box.width / 2
          return (
            <line
              key={`${name} ${segment}`}
              className="net-link"
              x1={x}
              x2={x}
              y1={point.y + (point.y > bus.y ? 0 : box.height)}
              y2={bus.y}
            />
          )
        })}
        {paths.map((path, index) => (
          <polyline
            key={index}
            className="net-path"
            data-tone={step!.tone}
            points={path.map(({ x, y }) => `${x},${y}`).join(' ')}
          />
        ))}
        {Object.entries(scenario.hosts).map(([name, host]) =>
          node(
            name,
            story?.names[name] ?? host.title ?? name,
            Object.values(host.on)[0]!,
            'host',
            Object.values(host.on)[1],
          ),
        )}
        {Object.entries(scenario.clients).map(([name, client]) =>
          node(
            name,
            `${client.count > 1 ? `${client.count} × ` : ''}${story?.names[name] ?? client.title ?? name}`,
            client.firmware,
            'client',
          ),
        )}
        {paths.map((path, index) => {
          const point = along(path, isLost ? Math.min(share, 0.6) : share)
          return isLost && share >= 0.6 ? (
            <text key={index} className="net-lost" x={point.x} y={point.y + 6} textAnchor="middle">
              ✕
            </text>
          ) : (
            <circle key={index} className="net-packet" data-tone={step!.tone} cx={point.x} cy={point.y} r={6} />
          )
        })}
      </svg>
    </div>
  )
}
