import { t } from '#messages/text.ts'
import { tellNumber } from '#shared/contract/amounts.ts'
import { Button, Text } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import type { Column } from '../parts/table-columns.ts'
import { useRead } from '../parts/use-read.ts'
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

interface Item {
  readonly index: number
  readonly label: string
  readonly timeNs: number
  readonly left?: number | undefined
  readonly right?: number | undefined
  readonly delayNs?: number | undefined
}

const keyOf = ({ index }: Item): string => String(index)
const numbered = (frame: number | undefined): string => (frame === undefined ? '–' : `#${frame}`)

function columnsOf(here: string, there: string): readonly Column<Item>[] {
  const fate = ({ left, right }: Item): string =>
    left === undefined ? t('flows.only-there', { there }) : right === undefined ? t('flows.died-here') : ''
  const wayOf = (item: Item): string => fate(item) || `${tellNumber((item.delayNs ?? 0) / 1e6, 2)} ms`
  return [
    {
      id: 'time',
      title: t('flows.time-title'),
      width: 86,
      isNumber: true,
      value: ({ timeNs }) => timeNs,
      text: ({ timeNs }) => (timeNs / 1e9).toFixed(4),
    },
    {
      id: 'here',
      title: t('flows.here-title'),
      hint: here,
      width: 62,
      isNumber: true,
      value: ({ left }) => left ?? null,
      text: ({ left }) => numbered(left),
    },
    {
      id: 'there',
      title: t('flows.there-title'),
      hint: there,
      width: 62,
      isNumber: true,
      value: ({ right }) => right ?? null,
      text: ({ right }) => numbered(right),
    },
    {
      id: 'way',
      title: t('flows.way-title'),
      width: 110,
      value: (item) => (fate(item) === '' ? (item.delayNs ?? 0) : null),
      text: wayOf,
      cell: (item) => <span data-tone={fate(item) === '' ? undefined : 'bad'}>{wayOf(item)}</span>,
    },
    { id: 'what', title: t('flows.what-title'), width: 160, grows: 1, value: ({ label }) => label },
  ]
}

/** One boot at two places: which packet arrived where, and which died between. */
export function CompareView({ source, attempt, other, frame, onFrame, onClose }: CompareViewProps): ReactElement {
  const { value, error } = useRead(() => ask('compare', source, attempt, other), `${source} ${attempt} ${other}`)
  const [here, there] = [nameOfSource(source), nameOfSource(other)]
  const columns = useMemo(() => columnsOf(here, there), [here, there])
  const items = useMemo(
    () => value?.rows.map((row, index): Item => ({ ...row, label: value.labels[index]!, index })) ?? [],
    [value],
  )
  if (error !== undefined) return <EmptyState title={t('flows.captures-cannot-compared')}>{error}</EmptyState>
  if (!value) return <EmptyState title={t('flows.comparing')}>{t('flows.matching-packets-both-captures')}</EmptyState>
  const ms = value.clockDifferenceNs / 1e6
  const clocks =
    Math.abs(ms) < 0.05
      ? t('flows.clocks-both-agree')
      : ms > 0
        ? t('flows.clock-ms-ahead-way-told', { there, milliseconds: Math.abs(ms), here })
        : t('flows.clock-ms-behind-way-told', { there, milliseconds: Math.abs(ms), here })
  const paired = items.length - value.onlyLeft - value.onlyRight
  return (
    <div className="page-full" role="region" aria-label={t('flows.comparison')}>
      <div className="story">
        <Text fw={650}>
          {paired === 0
            ? t('flows.holds-nothing-boot', { capture: there })
            : value.onlyLeft + value.onlyRight === 0
              ? t('flows.all-packets-both-captures', { count: paired })
              : t('flows.packets-both-only-only', {
                  both: paired,
                  onlyHere: value.onlyLeft,
                  here,
                  onlyThere: value.onlyRight,
                  there,
                })}
        </Text>
        <Text size="xs" c="dimmed">
          {t('flows.matched-transaction-transfer-ip-identificati', { clocks })}
        </Text>
        <Button size="compact-xs" variant="default" mt={4} onClick={onClose}>
          {t('flows.back-ladder')}
        </Button>
      </div>
      <DataTable
        id="compared-packets"
        label={t('flows.packets-both-captures')}
        rows={items}
        columns={columns}
        keyOf={keyOf}
        rowHeight={24}
        selected={frame === undefined ? undefined : items.find(({ left }) => left === frame)?.index.toString()}
        onSelect={({ left }) => left !== undefined && onFrame(left)}
      />
    </div>
  )
}
