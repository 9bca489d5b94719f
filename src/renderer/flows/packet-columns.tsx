/** The columns of the packet list: which there are, how wide, and the head that changes both. */
import { t } from '#messages/text.ts'
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconColumns } from '@tabler/icons-react'
import { memo, useMemo, useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'
import { formatPreciseTime } from '#shared/wire/time.ts'
import type { PacketRow } from './answers.ts'
import { packetColumns, prefer, usePreferences, type PacketColumn } from './preferences.ts'

interface ColumnDefinition {
  readonly head: string
  /** In the menu, where the head does not say enough. */
  readonly about?: string
  readonly width: number
  readonly isNumber?: boolean
  readonly cell: (row: PacketRow) => string
}

export const columns: Readonly<Record<PacketColumn, ColumnDefinition>> = {
  number: { head: t('flows.no'), width: 56, isNumber: true, cell: (row) => String(row.frame) },
  time: { head: t('flows.time-title'), about: t('flows.time-since-first-packet'), width: 84, isNumber: true, cell: (row) => row.seconds.toFixed(3) },
  delta: { head: t('flows.delta'), about: t('flows.time-since-row-before'), width: 84, isNumber: true, cell: (row) => row.delta.toFixed(3) },
  clock: { head: t('flows.clock'), about: t('flows.time-day'), width: 104, isNumber: true, cell: (row) => formatPreciseTime(row.time) },
  protocol: { head: t('flows.protocol'), width: 92, cell: (row) => row.protocol },
  source: { head: t('flows.from'), width: 148, cell: (row) => row.source },
  destination: { head: t('flows.to'), width: 152, cell: (row) => row.destination },
  length: { head: t('flows.length'), about: t('flows.bytes-wire'), width: 66, isNumber: true, cell: (row) => String(row.length) },
  machine: { head: t('flows.machine-2'), width: 140, cell: (row) => row.machine },
  summary: { head: t('flows.what-title'), width: 240, cell: (row) => row.summary },
} // prettier-ignore

const narrowest = 40
const keyStep = 12

/** The columns that are shown, in their order; what a packet says is always among them. */
export function useColumns(): { readonly shown: readonly PacketColumn[]; readonly tracks: string } {
  const chosen = usePreferences((one) => one.columns)
  const widths = usePreferences((one) => one.widths)
  const shown = useMemo(() => packetColumns.filter((one) => one === 'summary' || chosen.includes(one)), [chosen])
  const tracks = shown
    .map((one) => (one === 'summary' ? `minmax(${widths.summary ?? columns.summary.width}px, 1fr)` : `${widths[one] ?? columns[one].width}px`))
    .join(' ') // prettier-ignore
  return { shown, tracks }
}

/** The border behind a head: dragged by pointer, moved by the arrow keys. */
function Border({ column }: { readonly column: PacketColumn }): ReactElement {
  const width = usePreferences((one) => one.widths[column]) ?? columns[column].width
  const from = useRef<{ readonly x: number; readonly width: number }>(undefined)
  const set = (next: number): void =>
    prefer({ widths: { ...usePreferences.getState().widths, [column]: Math.max(narrowest, Math.round(next)) } })
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -keyStep, ArrowRight: keyStep }[event.key]
    if (step === undefined) return
    event.preventDefault()
    set(width + step)
  }
  const move = (event: PointerEvent): void => {
    if (from.current) set(from.current.width + event.clientX - from.current.x)
  }
  return (
    <span
      className="column-border"
      role="separator"
      aria-orientation="vertical"
      aria-label={t('flows.width', { column: columns[column].head })}
      aria-valuenow={width}
      tabIndex={0}
      onKeyDown={press}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, width }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={move}
      onPointerUp={() => (from.current = undefined)}
      onDoubleClick={() => set(columns[column].width)}
    />
  )
}

export const PacketHead = memo(function PacketHead({ shown, tracks }: ReturnType<typeof useColumns>): ReactElement {
  return (
    <div className="list-head packet-head" style={{ gridTemplateColumns: tracks }}>
      {shown.map((one) => (
        <span key={one} className={columns[one].isNumber ? 'number' : undefined} title={columns[one].about}>
          {columns[one].head}
          {one !== 'summary' && <Border column={one} />}
        </span>
      ))}
    </div>
  )
})

export const ColumnMenu = memo(function ColumnMenu(): ReactElement {
  const chosen = usePreferences((one) => one.columns)
  return (
    <Menu position="bottom-end" shadow="sm" closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label={t('flows.columns')}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.columns')}>
            <IconColumns size={15} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {packetColumns
          .filter((one) => one !== 'summary')
          .map((one) => {
            const isOn = chosen.includes(one)
            return (
              <Menu.CheckboxItem
                key={one}
                checked={isOn}
                onChange={(isWanted) =>
                  prefer({ columns: isWanted ? [...chosen, one] : chosen.filter((other) => other !== one) })
                }
              >
                {columns[one].about ?? columns[one].head}
              </Menu.CheckboxItem>
            )
          })}
        <Menu.Divider />
        <Menu.Item onClick={() => prefer({ widths: {}, columns: usePreferences.getInitialState().columns })}>
          {t('flows.reset-columns')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
})
