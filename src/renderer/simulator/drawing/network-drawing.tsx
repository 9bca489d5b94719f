import { t } from '#messages/text.ts'
import { ActionIcon } from '@mantine/core'
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react'
import {
  MiniMap,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import { drawingActionOf } from '#shared/knowledge/shortcuts.ts'
import { connect, disconnect, move, reconnect, type Edit } from '#shared/simulation/edits.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { Step, Story } from '#shared/simulation/story.ts'
import type { Places, Point } from '../layouts.ts'
import { AddMenu } from './add-menu.tsx'
import './drawing.css'
import { elementsOf } from './elements.ts'
import { box, layoutOf, pointOf, segmentAt, type Drawn } from './layout.ts'
import { edgeTypes, nodeTypes, WireEnds, type MachineNode, type SegmentNode, type WireEdge } from './nodes.tsx'
import { Packets } from './packets.tsx'

interface DrawingProps {
  readonly scenario: Scenario
  readonly story: Story
  readonly step: Step | undefined
  /** How far the packet of the step is, 0 to 1. */
  readonly travelled: number
  /** Milliseconds of simulated time: what has happened so far. */
  readonly now: number
  readonly selected: string | undefined
  /** Whether it is looked at and not changed, as in front of a class. */
  readonly isShownOnly?: boolean
  /** Where somebody put hosts and machines. */
  readonly places: Places
  /** Something was put elsewhere; by one key after another where `isContinued`. */
  readonly onPlace: (name: string, point: Point, isContinued: boolean) => void
  readonly onSelect: (name: string) => void
  /** The settings of a host, machine or segment are wanted. */
  readonly onOpen: (name: string) => void
  /** Something was connected, moved, or taken off a wire. */
  readonly onEdit: (edit: Edit | undefined) => void
  readonly onAdd: (edit: Edit) => void
  readonly onRemove: (name: string) => void
}

type CanvasProps = Omit<DrawingProps, 'travelled' | 'places' | 'onPlace'> & {
  readonly drawn: Drawn
  readonly onDrag: (name: string, point: Point | undefined) => void
  readonly onPlace: (name: string, point: Point, isContinued: boolean) => void
}

/** So many nodes are hard to oversee without a map. */
const largeFrom = 40
const keyStep = 8
const grid: [number, number] = [4, 4]
const fitOptions = { padding: 0.04, minZoom: 0.15, maxZoom: 1.3 }
const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** What the drawing says to a screen reader: by our own keys, which the sheet of shortcuts has. */
const spokenLabels = {
  'node.a11yDescription.default': t('simulator.node-keys'),
  'node.a11yDescription.keyboardDisabled': t('simulator.node-keys'),
  'edge.a11yDescription.default': t('simulator.wire-of-network'),
  'handle.ariaLabel': t('simulator.wire-end'),
}

const segmentOf = ({ target }: WireEdge): string => target.replace(/^segment /, '')

/** Where a pointer was let go, in the window. */
const endOf = (event: MouseEvent | TouchEvent): Point => {
  const { clientX, clientY } = 'changedTouches' in event ? event.changedTouches[0]! : event
  return { x: clientX, y: clientY }
}

/**
 * The whole network is shown until somebody zooms or moves the drawing. Nothing moves under a pointer that holds something: what
 * has changed meanwhile is shown once it lets go.
 */
function useFit(
  drawn: Drawn,
  step: Step | undefined,
): { readonly onMoved: () => void; readonly fit: () => void; readonly hold: () => void } {
  const { fitView, getNode, getNodesBounds, getViewport } = useReactFlow()
  const width = useStore((one) => one.width)
  const height = useStore((one) => one.height)
  const isOwn = useRef(false)
  const isHeld = useRef(false)
  const isLate = useRef(false)
  useEffect(() => {
    if (isHeld.current) isLate.current = true
    else if (!isOwn.current) void fitView(fitOptions)
  }, [fitView, width, height, drawn.layout])
  useEffect(() => {
    // Whoever zoomed in sees each packet too: the drawing is moved where its ends are out of sight.
    const stands = (name: string): boolean => getNode(name) !== undefined
    // Of several machines that are one card, the card.
    const ends = [...new Set(step?.hops.flatMap(({ from, to }) => [from, ...to]))]
      .map((name) => (stands(name) ? name : name.replace(/-\d+$/, '')))
      .filter(stands)
    if (!isOwn.current || isHeld.current || ends.length === 0) return
    const bounds = getNodesBounds(ends)
    const { x, y, zoom } = getViewport()
    const isSeen = (from: number, length: number, room: number): boolean => from >= 0 && from + length <= room
    if (
      !isSeen(bounds.x * zoom + x, bounds.width * zoom, width) ||
      !isSeen(bounds.y * zoom + y, bounds.height * zoom, height)
    )
      void fitView({ ...fitOptions, maxZoom: zoom, nodes: ends.map((id) => ({ id })) })
    // Only a step moves it, not a place that somebody gives to something.
  }, [step])
  useEffect(() => {
    const letGo = (): void => {
      if (isLate.current && !isOwn.current) void fitView(fitOptions)
      isHeld.current = isLate.current = false
    }
    window.addEventListener('pointerup', letGo)
    window.addEventListener('pointercancel', letGo)
    return () => {
      window.removeEventListener('pointerup', letGo)
      window.removeEventListener('pointercancel', letGo)
    }
  }, [fitView])
  return {
    hold: () => {
      isHeld.current = true
    },
    onMoved: () => {
      isOwn.current = true
    },
    fit: () => {
      isOwn.current = false
      void fitView(fitOptions)
    },
  }
}

/** The drawing without its packets: it changes with each step, not with each picture. */
const Canvas = memo(function Canvas(props: CanvasProps): ReactElement {
  const { scenario, story, step, now, selected, drawn, onEdit, isShownOnly = false } = props
  const { screenToFlowPosition, zoomIn, zoomOut } = useReactFlow()
  const { onMoved, fit, hold } = useFit(drawn, step)
  const [target, setTarget] = useState<string>()
  const [isAdding, setAdding] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const isFocusLost = useRef(false)
  const { nodes, edges } = useMemo(
    () => elementsOf({ scenario, story, step, now, selected, drawn }),
    [scenario, story, step, now, selected, drawn],
  )
  useEffect(() => {
    // What had the focus was removed: the next of its kind has it, so that the keys go on.
    if (!isFocusLost.current || (document.activeElement && document.activeElement !== document.body)) return
    isFocusLost.current = false
    root.current?.querySelector<HTMLElement>('.react-flow__node')?.focus()
  }, [scenario])
  const { segments } = scenario
  const near =
    selected === undefined
      ? undefined
      : segments[selected]
        ? selected
        : (scenario.clients[selected]?.on ?? Object.keys(scenario.hosts[selected]?.on ?? {})[0])
  const first = Object.values(scenario.clients)[0]?.on ?? Object.keys(segments)[0]!
  const wanted = target ?? near ?? first
  const connectTo = (event: MouseEvent | TouchEvent, { fromNode, toNode }: FinalConnectionState): void => {
    if (!fromNode) return
    const over = toNode && toNode.id !== fromNode.id ? toNode.id.replace(/^segment /, '') : undefined
    const segment =
      over !== undefined && segments[over] ? over : segmentAt(screenToFlowPosition(endOf(event)).y, drawn.layout.buses)
    if (segment !== undefined) props.onEdit(connect(scenario, fromNode.id, segment))
  }
  /** What was dragged to the wire of another segment hangs there; elsewhere it stands where it was put. */
  const drop = (name: string, point: Point): void => {
    props.onDrag(name, undefined)
    const before = pointOf(drawn, name)
    const own = scenario.clients[name]?.on ?? Object.keys(scenario.hosts[name]?.on ?? {})[0]
    const isClient = scenario.clients[name] !== undefined
    const isMovable = isClient || Object.keys(scenario.hosts[name]?.on ?? {}).length === 1
    const segment = isMovable
      ? segmentAt(isClient ? point.y : point.y + box.height, drawn.layout.buses, own)
      : undefined
    if (segment !== undefined) props.onEdit(move(scenario, name, segment))
    else if (before) props.onPlace(name, point, false)
  }
  /** The next segment above or below to which something is not connected yet. */
  const segmentBeside = (name: string, from: string, step: number): string | undefined => {
    const taken = Object.keys(scenario.hosts[name]?.on ?? {})
    const ordered = [...drawn.layout.buses].sort(([, a], [, b]) => (a.y - b.y) * step).map(([segment]) => segment)
    return ordered.slice(ordered.indexOf(from) + 1).find((one) => !taken.includes(one))
  }
  const press = (event: KeyboardEvent): void => {
    const element = (event.target as Element).closest<HTMLElement>('.react-flow__node, .react-flow__edge')
    const id = element?.dataset['id']
    const action = drawingActionOf(event)
    if (element === null || id === undefined || action === undefined) return
    const name = id.replace(/^segment /, '')
    if (isShownOnly && action !== 'select') return
    const wire = edges.find((one) => one.id === id)
    const onSegment = id !== name
    // What has one wire has its focus on itself.
    const own = wire ?? (edges.filter(({ source }) => source === id).length === 1 ? edges.find(({ source }) => source === id) : undefined) // prettier-ignore
    const way = arrows[event.key]
    const point = pointOf(drawn, name)
    if (action === 'remove') {
      isFocusLost.current = true
      if (wire) props.onEdit(disconnect(scenario, wire.source, segmentOf(wire)))
      else props.onRemove(name)
    } else if (action === 'reconnect') {
      const next = own && way ? segmentBeside(own.source, segmentOf(own), way.y) : undefined
      if (own && next !== undefined) {
        isFocusLost.current = wire !== undefined
        props.onEdit(reconnect(scenario, own.source, segmentOf(own), next))
      }
    } else if (wire) return
    else if (action === 'open') props.onOpen(name)
    else if (action === 'select') props.onSelect(name)
    else if (!way || !point || onSegment) return
    else {
      const far = keyStep * (action === 'placeFar' ? 4 : 1)
      props.onPlace(name, { x: Math.round(point.x + way.x * far), y: Math.round(point.y + way.y * far) }, true)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const isLarge = nodes.length >= largeFrom
  const ends = useMemo(
    () => ({
      isMovable: Object.keys(segments).length > 1 && !isShownOnly,
      pointAt: screenToFlowPosition,
      onDrop: (id: string, point: Point): void => {
        const wire = edges.find((one) => one.id === id)
        const to = wire && segmentAt(point.y, drawn.layout.buses, segmentOf(wire))
        if (wire && to !== undefined) onEdit(reconnect(scenario, wire.source, segmentOf(wire), to))
      },
    }),
    [segments, screenToFlowPosition, edges, drawn, scenario, onEdit, isShownOnly],
  )
  return (
    <WireEnds value={ends}>
      <div
        ref={root}
        className="net-drawing"
        onPointerDownCapture={hold}
        onKeyDown={press}
        role="group"
        aria-label={t('simulator.network')}
      >
        <ReactFlow<MachineNode | SegmentNode>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          fitView
          fitViewOptions={fitOptions}
          minZoom={0.15}
          maxZoom={4}
          snapToGrid
          snapGrid={grid}
          nodeDragThreshold={5}
          nodesDraggable={!isShownOnly}
          nodesConnectable={!isShownOnly}
          elementsSelectable={false}
          edgesFocusable={false}
          zoomOnDoubleClick={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          panActivationKeyCode={null}
          zoomActivationKeyCode={null}
          proOptions={{ hideAttribution: true }}
          ariaLabelConfig={spokenLabels}
          aria-label={t('simulator.drawing')}
          onMoveStart={(event) => event && onMoved()}
          onNodesChange={(changes: NodeChange<MachineNode | SegmentNode>[]) => {
            for (const one of changes)
              if (one.type === 'position' && one.dragging === true && one.position) props.onDrag(one.id, one.position)
          }}
          onNodeDragStop={(_event, node) => drop(node.id, node.position)}
          onNodeClick={(_event, { id }) => props.onSelect(id.replace(/^segment /, ''))}
          onNodeDoubleClick={(_event, { id }) => !isShownOnly && props.onOpen(id.replace(/^segment /, ''))}
          onNodeContextMenu={(event, { id }) => {
            event.preventDefault()
            if (isShownOnly) return
            const name = id.replace(/^segment /, '')
            setTarget(
              segments[name] ? name : (scenario.clients[name]?.on ?? Object.keys(scenario.hosts[name]?.on ?? {})[0]),
            )
            setAdding(true)
          }}
          onConnectEnd={connectTo}
        >
          {!isShownOnly && (
            <Panel position="top-right">
              <AddMenu
                scenario={scenario}
                segment={wanted}
                onSegment={setTarget}
                isOpen={isAdding}
                onOpen={(isOpen) => {
                  setAdding(isOpen)
                  if (!isOpen) setTarget(undefined)
                }}
                onAdd={props.onAdd}
              />
            </Panel>
          )}
          {!isShownOnly && (
            <Panel position="bottom-right">
              <ActionIcon.Group orientation="vertical">
                <ActionIcon
                  variant="default"
                  size="sm"
                  aria-label={t('simulator.zoom')}
                  onClick={() => (onMoved(), void zoomIn())}
                >
                  <IconPlus size={14} />
                </ActionIcon>
                <ActionIcon
                  variant="default"
                  size="sm"
                  aria-label={t('simulator.zoom-out')}
                  onClick={() => (onMoved(), void zoomOut())}
                >
                  <IconMinus size={14} />
                </ActionIcon>
                <ActionIcon variant="default" size="sm" aria-label={t('simulator.show-whole-network')} onClick={fit}>
                  <IconMaximize size={14} />
                </ActionIcon>
              </ActionIcon.Group>
            </Panel>
          )}
          {isLarge && <MiniMap position="bottom-left" pannable zoomable ariaLabel={t('simulator.map-network')} />}
        </ReactFlow>
      </div>
    </WireEnds>
  )
})

/** The network as a drawing: everything in it can be moved, connected and removed, and the packet of the step travels along its wires. */
export function NetworkDrawing({ travelled, places, ...props }: DrawingProps): ReactElement {
  const layout = useMemo(() => layoutOf(props.scenario), [props.scenario])
  const [dragged, setDragged] = useState<Places>({})
  const drawn = useMemo((): Drawn => ({ layout, places: { ...places, ...dragged } }), [layout, places, dragged])
  // What is called is the newest, and the canvas is not drawn anew for it.
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const [calls] = useState(() => ({
    onPlace: (...told: Parameters<DrawingProps['onPlace']>) => latest.current.onPlace(...told),
    onSelect: (name: string) => latest.current.onSelect(name),
    onOpen: (name: string) => latest.current.onOpen(name),
    onEdit: (edit: Edit | undefined) => latest.current.onEdit(edit),
    onAdd: (edit: Edit) => latest.current.onAdd(edit),
    onRemove: (name: string) => latest.current.onRemove(name),
    onDrag: (name: string, point: Point | undefined) => setDragged(point ? { [name]: point } : {}),
  }))
  const { scenario, story, step, now, selected, isShownOnly = false } = props
  return (
    <ReactFlowProvider>
      <Canvas
        scenario={scenario}
        story={story}
        step={step}
        now={now}
        selected={selected}
        isShownOnly={isShownOnly}
        drawn={drawn}
        {...calls}
      />
      <Packets drawn={drawn} step={step} travelled={travelled} />
    </ReactFlowProvider>
  )
}
