/** The packets that are selected beside the one that the place names, and what is done with all of them. */
import { useCallback, useMemo, useState } from 'react'
import type { Gesture } from '../parts/table-selection.ts'
import { useRead } from '../parts/use-read.ts'
import type { PacketRow, PacketTally, SourceState } from './answers.ts'
import { ask } from './client.ts'
import {
  choiceOf,
  extendToPacket,
  isSeveral,
  onlyPacket,
  togglePacket,
  type PacketSelection,
} from './packet-selection.ts'
import type { Place } from './places.ts'

export interface SelectedPackets {
  readonly selection: PacketSelection
  /** How many the filter leaves of what is selected, and how many of them are marked. */
  readonly tally: PacketTally | undefined
  readonly pick: (row: PacketRow, gesture: Gesture) => void
  readonly pickAll: () => void
  /** Leaves the one that details are shown of. */
  readonly pickOne: () => void
  /** Marks what is selected, or takes the marks off where all of it is marked. */
  readonly mark: () => void
}

const byGesture: Readonly<Record<Gesture, (before: PacketSelection, frame: number) => PacketSelection>> = {
  only: (_, frame) => onlyPacket(frame),
  toggle: togglePacket,
  extend: extendToPacket,
  move: (before, frame) => ({ ...before, current: frame }),
}

export function usePacketSelection(
  { source, frame, filter = '' }: Place,
  { first, last, filtered, matched, edits }: SourceState,
  onFrame: (frame: number, attempt?: number) => void,
): SelectedPackets {
  const list = `${source} ${filter}`
  const [own, setOwn] = useState({ list, selection: onlyPacket(frame) })
  // Whatever leads to another packet, or to another list, leaves that packet alone.
  const isPart = own.list === list && own.selection.current === frame
  const kept = own.selection
  const selection = useMemo(() => (isPart ? kept : onlyPacket(frame)), [isPart, kept, frame])
  const { value: tally } = useRead(
    () => ask('tally', source, choiceOf(selection)),
    JSON.stringify([list, selection.ranges, selection.current, first, filtered, matched, edits]),
  )
  const mark = useCallback(() => {
    const choice = choiceOf(selection)
    void ask('tally', source, choice).then(({ packets, marked }) => ask('mark', source, choice, marked < packets))
  }, [source, selection])
  return {
    selection,
    tally: isSeveral(selection) ? tally : undefined,
    pick: (row, gesture) => {
      const next = byGesture[gesture](selection, row.frame)
      setOwn({ list, selection: next })
      if (next.current !== frame) onFrame(row.frame, row.attempt)
    },
    pickAll: () => setOwn({ list, selection: { current: frame, anchor: frame, ranges: [[first, last]] } }),
    pickOne: () => setOwn({ list, selection: onlyPacket(frame) }),
    mark,
  }
}
