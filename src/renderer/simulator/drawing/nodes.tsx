/** What stands in the drawing: hosts and machines as cards, segments as wires with their names, and the wires between. */
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
import type { ReactElement } from 'react'
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
    readonly says: string
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
        title="Drag to a wire to connect"
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
        <p>{` ${data.says}`}</p>
      </div>
    </div>
  )
}

function Wire({ id, data }: EdgeProps<WireEdge>): ReactElement {
  const path = (data?.points ?? []).map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
  return <BaseEdge id={id} path={path} interactionWidth={16} />
}

export const nodeTypes = { machine: Machine, segment: Segment }
export const edgeTypes = { wire: Wire }
