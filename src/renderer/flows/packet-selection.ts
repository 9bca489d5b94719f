/**
 * Which packets of the list are selected, as ranges of frame numbers: of a range those are meant that the filter leaves, so that a
 * hundred thousand of them are told, copied and marked without being loaded. Numbers stay what they are while places in the list
 * move, because a live capture forgets its first packets or a mark takes one out of what the filter leaves.
 */
import type { FrameRange, PacketChoice } from './answers.ts'

export interface PacketSelection {
  /** The packet that keys and details go by; it may be one that is not selected. */
  readonly current: number | undefined
  /** Where a range begins. */
  readonly anchor: number | undefined
  /** Ascending; none touches another. */
  readonly ranges: readonly FrameRange[]
}

export const onlyPacket = (frame: number | undefined): PacketSelection => ({
  current: frame,
  anchor: frame,
  ranges: frame === undefined ? [] : [[frame, frame]],
})

export const holdsPacket = ({ ranges }: PacketSelection, frame: number): boolean =>
  ranges.some(([from, to]) => frame >= from && frame <= to)

/** Whether it may be more than the one packet that details are shown of. */
export const isSeveral = ({ ranges, current }: PacketSelection): boolean =>
  ranges.some(([from, to]) => from !== current || to !== current)

function joined(ranges: readonly FrameRange[]): FrameRange[] {
  const whole: [number, number][] = []
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = whole.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else whole.push([from, to])
  }
  return whole
}

/** Adds a packet or takes it away; the last one stays. */
export function togglePacket(selection: PacketSelection, frame: number): PacketSelection {
  const ranges = holdsPacket(selection, frame)
    ? selection.ranges.flatMap(([from, to]): FrameRange[] =>
        frame < from || frame > to
          ? [[from, to]]
          : [...(from < frame ? [[from, frame - 1] as const] : []), ...(frame < to ? [[frame + 1, to] as const] : [])],
      )
    : joined([...selection.ranges, [frame, frame]])
  return ranges.length === 0 ? onlyPacket(frame) : { current: frame, anchor: frame, ranges }
}

/** From where the range began to a packet. */
export function extendToPacket({ anchor }: PacketSelection, frame: number): PacketSelection {
  const start = anchor ?? frame
  return { current: frame, anchor: start, ranges: [[Math.min(start, frame), Math.max(start, frame)]] }
}

/** What the engine is asked about: what is selected, else the packet that details are shown of. */
export const choiceOf = (selection: PacketSelection): PacketChoice =>
  isSeveral(selection) ? { ranges: selection.ranges } : selection.current === undefined ? [] : [selection.current]
