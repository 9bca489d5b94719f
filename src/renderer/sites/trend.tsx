import { t } from '#messages/text.ts'
import { Button, Group, SegmentedControl, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useMemo, useRef, useState, type ReactElement } from 'react'
import { tellDuration, tellNumber } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import type { OutcomeClass, SiteTrend } from '#shared/contract/sites.ts'
import { DataTable } from '../parts/data-table.tsx'
import { download } from '../parts/download.ts'
import type { Column } from '../parts/table-columns.ts'
import { standalone } from './picture.ts'
import { show, type SitesPlace } from './place.ts'
import { classes } from './words.tsx'

type Bucket = SiteTrend['buckets'][number]

const height = 168
const [left, right, top, bottom] = [44, 8, 8, 22]

const sumOf = (bucket: Bucket): number => classes.reduce((sum, { name }) => sum + bucket[name], 0)

/** A round number that is at least as large: 1, 2 or 5 with zeros. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= value)!
}

const textOfTime = (time: number, stepMs: number): string =>
  stepMs < 86_400_000 ? formatDateTime(time).slice(5, 16) : formatDateTime(time).slice(0, 10)

interface ChartProps {
  readonly trend: SiteTrend
  readonly width: number
  readonly onBucket: (bucket: Bucket) => void
}

/** Bars of boots over time. What failed is hatched, so that it is told apart without its colour. */
function Chart({ trend, width, onBucket }: ChartProps): ReactElement {
  const { buckets, stepMs } = trend
  const most = roundUp(Math.max(1, ...buckets.map(sumOf)))
  const room = { x: Math.max(10, width - left - right), y: height - top - bottom }
  const step = room.x / Math.max(1, buckets.length)
  const y = (value: number): number => top + room.y * (1 - value / most)
  const every = Math.max(1, Math.ceil(90 / step))
  return (
    <>
      <defs>
        <pattern id="trend-failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" fill="var(--lab-bad)" />
          <rect width="1.6" height="5" fill="var(--mantine-color-body)" />
        </pattern>
        <pattern id="trend-unclear" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="4" height="4" fill="var(--lab-wait)" />
          <rect width="4" height="1.2" fill="var(--mantine-color-body)" />
        </pattern>
      </defs>
      {[0, most / 2, most].map((value) => (
        <g key={value}>
          <line x1={left} x2={width - right} y1={y(value)} y2={y(value)} stroke="var(--lab-line)" />
          <text x={left - 6} y={y(value) + 4} textAnchor="end" fontSize={11} fill="var(--mantine-color-dimmed)">
            {Number.isInteger(value) ? tellNumber(value) : ''}
          </text>
        </g>
      ))}
      {buckets.map((bucket, at) => {
        const x = left + at * step
        let base = 0
        const told = classes.filter(({ name }) => bucket[name] > 0).map(({ name, label }) => `${label} ${bucket[name]}`) // prettier-ignore
        return (
          <g key={bucket.at} className="trend-bucket" onClick={() => onBucket(bucket)}>
            <title>{`${textOfTime(bucket.at, stepMs)}: ${told.join(', ') || t('sites.none')}`}</title>
            <rect x={x} y={top} width={step} height={room.y} fill="transparent" />
            {classes.map(({ name, colour }) => {
              const value = bucket[name]
              if (value === 0) return null
              base += value
              return (
                <rect
                  key={name}
                  x={x + Math.min(1, step * 0.1)}
                  y={y(base)}
                  width={Math.max(1, step - Math.min(2, step * 0.2))}
                  height={Math.max(0.5, (room.y * value) / most)}
                  fill={name === 'failed' ? 'url(#trend-failed)' : name === 'unclear' ? 'url(#trend-unclear)' : `var(${colour})`} // prettier-ignore
                />
              )
            })}
            {at % every === 0 && x + 84 < width && (
              <text x={x} y={height - 6} fontSize={11} fill="var(--mantine-color-dimmed)">
                {textOfTime(bucket.at, stepMs)}
              </text>
            )}
          </g>
        )
      })}
    </>
  )
}

const swatch: Readonly<Record<OutcomeClass, string>> = {
  booted: 'good',
  failed: 'bad',
  unclear: 'wait',
  other: 'quiet',
}
const keyOf = ({ at }: Bucket): string => String(at)

const columnsOf = (stepMs: number): readonly Column<Bucket>[] => [
  {
    id: 'from',
    title: t('sites.from-title'),
    width: 150,
    grows: 1,
    value: ({ at }) => at,
    text: ({ at }) => formatDateTime(at),
  },
  { id: 'to', title: t('sites.to-title'), width: 150, grows: 1, value: ({ at }) => at + stepMs, text: ({ at }) => formatDateTime(at + stepMs) }, // prettier-ignore
  { id: 'boots', title: t('sites.boots-2'), width: 80, isNumber: true, value: sumOf },
  ...classes.map(({ name, label }): Column<Bucket> => ({ id: name, title: label, width: 80, isNumber: true, value: (bucket) => bucket[name] })), // prettier-ignore
]

interface TrendProps {
  readonly trend: SiteTrend
  readonly place: SitesPlace
}

/** Boots over time, as a picture that can be saved, and as a table. */
export function Trend({ trend, place }: TrendProps): ReactElement {
  const { ref, width } = useElementSize()
  const svg = useRef<SVGSVGElement>(null)
  const [view, setView] = useState<'picture' | 'table'>('picture')
  const { stepMs, buckets } = trend
  const columns = useMemo(() => columnsOf(stepMs), [stepMs])
  const totals = classes.map((one) => ({ ...one, count: buckets.reduce((sum, bucket) => sum + bucket[one.name], 0) }))
  const zoom = (bucket: Bucket): void =>
    show({ ...place, period: undefined, from: bucket.at, to: bucket.at + stepMs - 1, boot: undefined, offset: 0 })
  return (
    <section className="section" aria-label={t('sites.trend')}>
      <Group justify="space-between" mb={6} gap={8}>
        <Title order={2}>{t('sites.boots-over-time')}</Title>
        <Group gap={14} className="trend-legend">
          {totals.map(({ name, label, count }) => (
            <span key={name}>
              <span className="trend-swatch" data-class={name} aria-hidden="true" />
              {label} <span data-tone={swatch[name]}>{tellNumber(count)}</span>
            </span>
          ))}
          <SegmentedControl
            size="xs"
            aria-label={t('sites.form-trend')}
            value={view}
            onChange={(value) => setView(value)}
            data={[
              { value: 'picture', label: t('sites.chart') },
              { value: 'table', label: t('sites.table') },
            ]}
          />
          <Button
            size="compact-xs"
            variant="default"
            disabled={view !== 'picture'}
            onClick={() => svg.current && download('boots-over-time.svg', standalone(svg.current), 'image/svg+xml')}
          >
            {t('sites.save-picture')}
          </Button>
        </Group>
      </Group>
      {view === 'table' ? (
        <DataTable id="site-trend" label={t('sites.boots-over-time')} rows={buckets} columns={columns} keyOf={keyOf} mostRows={8} onSelect={zoom} /> // prettier-ignore
      ) : (
        <div ref={ref}>
          <svg
            ref={svg}
            role="img"
            aria-label={t('sites.trend-label', {
              step: stepText(stepMs),
              totals: totals.map(({ label, count }) => `${label} ${count}`).join(', '),
            })}
            width={width}
            height={height}
            viewBox={`0 0 ${Math.max(1, width)} ${height}`}
            className="block"
          >
            {width > 0 && <Chart trend={trend} width={width} onBucket={zoom} />}
          </svg>
          <Text size="xs" c="dimmed">
            {t('sites.bar-click-one-see-boots', { step: stepText(stepMs) })}
          </Text>
        </div>
      )}
    </section>
  )
}

const dayMs = 86_400_000
function stepText(stepMs: number): string {
  if (stepMs === dayMs) return t('sites.a-day')
  if (stepMs > dayMs) return t('sites.days', { count: Math.round(stepMs / dayMs) })
  return stepMs === 3_600_000 ? t('sites.an-hour') : tellDuration(stepMs).replace(/ 0 (s|min)$/, '')
}
