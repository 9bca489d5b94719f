/** What stands in the drawing: hosts and machines as cards, segments as wires with their names, and the wires between. */
import { t } from '#messages/text.ts'
import { Group, Paper, Text } from '@mantine/core'
import { IconDeviceDesktop, IconRouter, IconServer } from '@tabler/icons-react'
import {
  BaseEdge,
  Handle,
  Position,
  useConnection,
  type Edge,
  type EdgeProps,
  type Node,
  type NodeProps,
} from '@xyflow/react'
import { createContext, useContext, useState, type PointerEvent, type ReactElement } from 'react'
import type { Point } from '../layouts.ts'

export type MachineNode = Node<
  {
    readonly title: string
    readonly kind: 'host' | 'router' | 'client'
    /** How it is doing, or its address. */
    readonly state: string
    readonly mood: 'booted' | 'failed' | 'local' | 'waiting' | 'running' | undefined
    readonly lines: readonly string[]
    readonly hint: string
    /** Whether the packet of the step comes from it or goes to it. */
    readonly isActive: boolean
    readonly isSelected: boolean
    /** Whether its wire leaves it at the top. */
    readonly isBelow: boolean
  },
  'machine'
>

export type SegmentNode = Node<
  {
    readonly name: string
    readonly networks: readonly string[]
    readonly isSelected: boolean
  },
  'segment'
>

export type WireEdge = Edge<{ readonly points: readonly Point[] }, 'wire'>

const icons = { host: IconServer, router: IconRouter, client: IconDeviceDesktop } as const

// Lines that stand below each other have a space between them: the name of a card is what one reads on it.
function Machine({ data }: NodeProps<MachineNode>): ReactElement {
  const Icon = icons[data.kind]
  return (
    <Paper
      className="net-machine"
      data-kind={data.kind}
      data-mood={data.mood}
      data-active={data.isActive || undefined}
      data-selected={data.isSelected || undefined}
      title={data.hint}
    >
      <Group gap={5} wrap="nowrap">
        <Icon size={14} className="net-icon" />
        <Text className="net-name" truncate>
          {data.title}
        </Text>
      </Group>{' '}
      <Text className="net-state" truncate>
        {data.state}
      </Text>
      {data.lines.map((line) => (
        <Text key={line} className="net-line" truncate>
          {` ${line}`}
        </Text>
      ))}
      <Handle
        type="source"
        position={data.isBelow ? Position.Top : Position.Bottom}
        className="net-handle"
        title={t('simulator.drag-wire-connect')}
      />
    </Paper>
  )
}

function Segment({ data }: NodeProps<SegmentNode>): ReactElement {
  const isAsked = useConnection((one) => one.inProgress)
  return (
    <div className="net-segment" data-selected={data.isSelected || undefined} data-asked={isAsked || undefined}>
      <div className="net-bus">
        <Handle type="target" position={Position.Top} className="net-bus-handle" isConnectableStart={false} />
      </div>
      <div className="net-segment-name">
        <p>{data.name}</p>
        {data.networks.map((network) => (
          <p key={network}>{` ${network}`}</p>
        ))}
      </div>
    </div>
  )
}

/** From the end of a wire to where it is taken hold of. */
const gripGap = 8

interface WireEndsValue {
  /** Whether there is another segment to take an end to. */
  readonly isMovable: boolean
  /** A place of the window in the drawing. */
  readonly pointAt: (point: Point) => Point
  readonly onDrop: (wire: string, point: Point) => void
}

const WireEndsContext = createContext<WireEndsValue | undefined>(undefined)
/** What becomes of the end of a wire that somebody drags away from its segment. */
export const WireEnds = WireEndsContext.Provider

const pathOf = (points: readonly Point[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')

/** Where the end of a wire is taken hold of: a little before it, for two wires may meet a segment at one point from both sides. */
function gripOf(points: readonly Point[]): Point | undefined {
  const [before, end] = points.slice(-2)
  if (!before || !end) return undefined
  const length = Math.hypot(before.x - end.x, before.y - end.y)
  const share = length === 0 ? 0 : Math.min(1, gripGap / length)
  return { x: end.x + (before.x - end.x) * share, y: end.y + (before.y - end.y) * share }
}

/** A wire; its end at the segment can be dragged to another one. */
function Wire({ id, data }: EdgeProps<WireEdge>): ReactElement {
  const points = data?.points ?? []
  const ends = useContext(WireEndsContext)
  const [pulled, setPulled] = useState<Point>()
  const end = gripOf(points)
  const at = (event: PointerEvent): Point | undefined => ends?.pointAt({ x: event.clientX, y: event.clientY })
  return (
    <>
      <BaseEdge id={id} path={pathOf(points)} interactionWidth={16} />
      {pulled && <path className="net-pulled" d={pathOf([points[0]!, pulled])} />}
      {ends?.isMovable && end && (
        <circle
          className="net-wire-end nodrag nopan"
          cx={(pulled ?? end).x}
          cy={(pulled ?? end).y}
          r={6}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            setPulled(at(event))
          }}
          onPointerMove={(event) => pulled && setPulled(at(event))}
          onPointerUp={(event) => {
            const point = at(event)
            if (pulled && point) ends.onDrop(id, point)
            setPulled(undefined)
          }}
          onPointerCancel={() => setPulled(undefined)}
        >
          <title>{t('simulator.drag-another-segment')}</title>
        </circle>
      )}
    </>
  )
}

export const nodeTypes = { machine: Machine, segment: Segment }
export const edgeTypes = { wire: Wire }
