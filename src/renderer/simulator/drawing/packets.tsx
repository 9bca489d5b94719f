import { ViewportPortal } from '@xyflow/react'
import type { ReactElement } from 'react'
import type { Step } from '#shared/simulation/story.ts'
import type { Point } from '../layouts.ts'
import { wireOf, type Drawn } from './layout.ts'

/** Points that a packet passes on one hop: from its sender to the wire, along it, and to each receiver. */
export function pathsOf(hop: Step['hops'][number], drawn: Drawn): readonly (readonly Point[])[] {
  const out = wireOf(drawn, hop.from, hop.segment)
  if (out.length === 0) return []
  if (hop.to.length === 0) return [out]
  return hop.to.flatMap((name) => {
    const into = wireOf(drawn, name, hop.segment)
    return into.length === 0 ? [] : [[...out, ...into.toReversed()]]
  })
}

/** The point of a path after a share of its length. */
export function along(path: readonly Point[], share: number): Point {
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

/** The packet of the step on its way; the only part of the drawing that changes with every picture. */
export function Packets(props: {
  readonly drawn: Drawn
  readonly step: Step | undefined
  /** How far it is, 0 to 1. */
  readonly travelled: number
}): ReactElement | null {
  const { drawn, step, travelled } = props
  if (!step || step.hops.length === 0) return null
  const part = Math.min(step.hops.length - 1, Math.floor(travelled * step.hops.length))
  const share = Math.min(1, travelled * step.hops.length - part)
  const paths = pathsOf(step.hops[part]!, drawn)
  const isLost = step.fate !== 'delivered'
  return (
    <ViewportPortal>
      <svg className="net-packets" data-tone={step.tone} aria-hidden="true">
        {paths.map((path, index) => (
          <polyline key={index} className="net-path" points={path.map(({ x, y }) => `${x},${y}`).join(' ')} />
        ))}
        {paths.map((path, index) => {
          const point = along(path, isLost ? Math.min(share, 0.6) : share)
          return isLost && share >= 0.6 ? (
            <text key={index} className="net-lost" x={point.x} y={point.y + 6} textAnchor="middle">
              ✕
            </text>
          ) : (
            <circle key={index} className="net-packet" cx={point.x} cy={point.y} r={6} />
          )
        })}
      </svg>
    </ViewportPortal>
  )
}
