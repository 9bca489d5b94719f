import { Button, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { VirtualList } from '../parts/virtual-list.tsx'
import { ask } from './client.ts'
import { nameOfSource } from './source-names.ts'

interface CompareViewProps {
  readonly source: string
  readonly attempt: number
  readonly other: string
  readonly frame: number | undefined
  readonly onFrame: (frame: number) => void
  readonly onClose: () => void
}

const columns = '86px 62px 62px 96px minmax(160px, 1fr)'

/** One boot at two places: which packet arrived where, and which died between. */
export function CompareView({ source, attempt, other, frame, onFrame, onClose }: CompareViewProps): ReactElement {
  const { value, error } = useRead(() => ask('compare', source, attempt, other), `${source} ${attempt} ${other}`)
  const [here, there] = [nameOfSource(source), nameOfSource(other)]
  if (error !== undefined) return <EmptyState title="The captures cannot be compared">{error}</EmptyState>
  if (!value) return <EmptyState title="Comparing">Matching the packets of both captures.</EmptyState>
  const items = value.rows.map((row, index) => ({ ...row, label: value.labels[index]!, index }))
  const ms = value.clockDifferenceNs / 1e6
  const clocks =
    Math.abs(ms) < 0.05
      ? 'The clocks of both agree.'
      : `The clock of ${there} is ${Math.abs(ms).toFixed(1)} ms ${ms > 0 ? 'ahead of' : 'behind'} that of ${here}; the way is told without it.`
  const paired = items.length - value.onlyLeft - value.onlyRight
  return (
    <div className="page-full" role="region" aria-label="Comparison">
      <div className="story">
        <Text fw={650}>
          {paired === 0
            ? `${there} holds nothing of this boot.`
            : value.onlyLeft + value.onlyRight === 0
              ? `All ${paired} packets are in both captures.`
              : `${paired} packets are in both; ${value.onlyLeft} only in ${here}, ${value.onlyRight} only in ${there}.`}
        </Text>
        <Text size="xs" c="dimmed">
          Matched by transaction, transfer and IP identification. {clocks}
        </Text>
        <Button size="compact-xs" variant="default" mt={4} onClick={onClose}>
          Back to the ladder
        </Button>
      </div>
      <div className="list-head" style={{ gridTemplateColumns: columns }}>
        <span>Time</span>
        <span title={here}>Here</span>
        <span title={there}>There</span>
        <span>Way</span>
        <span>What</span>
      </div>
      <VirtualList
        label="Packets of both captures"
        items={items}
        keyOf={(item) => item.index}
        selected={items.find((item) => item.left !== undefined && item.left === frame)?.index}
        onSelect={(item) => item.left !== undefined && onFrame(item.left)}
        rowHeight={24}
        columns={columns}
        row={(item) => {
          const died = item.left === undefined ? `only ${there}` : item.right === undefined ? 'died here' : ''
          return (
            <>
              <span className="mono">{(item.timeNs / 1e9).toFixed(4)}</span>
              <span className="mono">{item.left === undefined ? '–' : `#${item.left}`}</span>
              <span className="mono">{item.right === undefined ? '–' : `#${item.right}`}</span>
              <span className="mono" data-tone={died === '' ? undefined : 'bad'}>
                {died === '' ? `${((item.delayNs ?? 0) / 1e6).toFixed(2)} ms` : died}
              </span>
              <span>{item.label}</span>
            </>
          )
        }}
      />
    </div>
  )
}
