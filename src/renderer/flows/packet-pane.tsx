import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { ActionIcon, Button, Chip, Group, Text, TextInput, Tooltip } from '@mantine/core'
import { IconPalette } from '@tabler/icons-react'
import { memo, useCallback, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import type { FilterProblem } from '#shared/trace/filter/syntax.ts'
import { formatPreciseDateTime } from '#shared/wire/time.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { PagedList } from '../parts/paged-list.tsx'
import { useRead } from '../parts/use-read.ts'
import { useSteady } from '../parts/use-steady.ts'
import type { PacketRow, SourceState } from './answers.ts'
import { ask } from './client.ts'
import { ColourRulesDialog, useColourRules } from './colour-rules.tsx'
import { FilterBook } from './filter-book.tsx'
import { FilterInput } from './filter-input.tsx'
import { ColumnMenu, columns, PacketHead, useColumns } from './packet-columns.tsx'
import { copyFrames, type FilterChange } from './packet-menu.tsx'
import { choiceOf, holdsPacket, isSeveral } from './packet-selection.ts'
import type { Place } from './places.ts'
import type { PacketColumn } from './preferences.ts'
import { live } from './source-names.ts'
import { usePacketMenu } from './use-packet-menu.tsx'
import type { SelectedPackets } from './use-packet-selection.ts'
import { Rich } from '../parts/rich.tsx'

interface PacketPaneProps {
  readonly place: Place
  readonly state: SourceState
  readonly problem: FilterProblem | undefined
  /** The machine of the boot that is shown. */
  readonly machine: string | undefined
  readonly onFilter: (text: string) => void
  readonly onChangeFilter: FilterChange
  readonly onFrame: (frame: number, attempt?: number) => void
  readonly selected: SelectedPackets
}

const colouredText: ReadonlySet<PacketColumn> = new Set<PacketColumn>(['protocol'])
const monoColumns: ReadonlySet<PacketColumn> = new Set<PacketColumn>([
  'number',
  'time',
  'delta',
  'clock',
  'source',
  'destination',
  'length',
  'machine',
])

function Cell({ row, column }: { readonly row: PacketRow; readonly column: PacketColumn }): ReactElement {
  const { isNumber, cell } = columns[column]
  const classes = [monoColumns.has(column) ? 'mono' : '', isNumber ? 'number' : ''].join(' ').trim()
  const title = column === 'time' || column === 'clock' ? formatPreciseDateTime(row.time) : undefined
  return (
    <span className={classes || undefined} title={title} data-column={column} data-protocol={colouredText.has(column) ? row.protocol : undefined}>
      {column === 'number' && row.isMarked && <span className="packet-mark" role="img" aria-label={t('flows.marked')}>◆ </span>}
      {column === 'summary' && row.isMalformed && <strong data-tone="bad">{t('flows.malformed')} </strong>}
      {column === 'summary' && row.comment !== '' && <span title={row.comment} role="img" aria-label={t('flows.comment', { comment: row.comment })}>✎ </span>}
      {cell(row)}
    </span>
  ) // prettier-ignore
}

/** Goes to a packet by its number; one that the filter hides is told. */
function GoTo({
  state,
  onFrame,
}: {
  readonly state: Pick<SourceState, 'first' | 'last'>
  readonly onFrame: (frame: number) => void
}): ReactElement {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const go = (): void => {
    const frame = Number(text)
    if (!Number.isInteger(frame) || frame < state.first || frame > state.last) {
      setProblem(t('flows.packet-range', { first: state.first, last: state.last }))
      return
    }
    setProblem(undefined)
    setText('')
    onFrame(frame)
  }
  return (
    <TextInput
      size="xs"
      w={86}
      id="go-to-packet"
      aria-label={t('flows.go-packet')}
      placeholder={t('flows.packet-no')}
      inputMode="numeric"
      value={text}
      error={problem}
      onChange={(event) => {
        setProblem(undefined)
        setText(event.currentTarget.value)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') go()
      }}
    />
  )
}

/** The packet that is selected is not in the list: why, and the way to see it. */
function HiddenNotice({ frame, onShowAll }: { readonly frame: number; readonly onShowAll: () => void }): ReactElement {
  return (
    <Group className="list-notice" gap={8} wrap="nowrap" role="status">
      <Text size="xs">{t('flows.filter-hides-packet-selected', { frame })}</Text>
      <Button size="compact-xs" variant="subtle" onClick={onShowAll}>
        {t('flows.clear-filter')}
      </Button>
    </Group>
  )
}

function NoMatch({ filter, onClear }: { readonly filter: string; readonly onClear: () => void }): ReactElement {
  return (
    <EmptyState
      title={t('flows.no-packet-matches-filter')}
      action={
        <Button size="compact-sm" variant="default" onClick={onClear}>
          {t('flows.clear-filter')}
        </Button>
      }
    >
      <Rich message={say('flows.filter-takes-none', { filter })} tags={{ filter: (text) => <code>{text}</code> }} />
    </EmptyState>
  )
}

interface ToolsProps extends Pick<PacketPaneProps, 'problem' | 'machine' | 'onFilter'> {
  readonly source: string
  readonly filter: string
}

/** What filters the list: drawn when that changes, not whenever packets come. */
const FilterTools = memo(function FilterTools({
  source,
  filter,
  problem,
  machine,
  onFilter,
}: ToolsProps): ReactElement {
  const presets = [
    ...(machine === undefined ? [] : [[t('flows.machine'), `client == ${machine}`] as const]),
    [t('flows.only-errors'), 'error'] as const,
    [t('flows.only-4011'), 'port == 4011'] as const,
    [t('flows.no-blocks'), '!(tftp.type == data || tftp.type == ack)'] as const,
  ]
  return (
    <>
      <FilterInput source={source} value={filter} onChange={onFilter} problem={problem} />
      <FilterBook filter={filter} isValid={problem === undefined} onFilter={onFilter} />
      <Group gap={4} wrap="nowrap">
        {presets.map(([label, text]) => (
          <Chip
            key={label}
            size="xs"
            radius="sm"
            checked={filter.trim() === text}
            onChange={(isOn) => onFilter(isOn ? text : '')}
          >
            {label}
          </Chip>
        ))}
      </Group>
    </>
  )
})

const ListTools = memo(function ListTools({ onColours }: { readonly onColours: () => void }): ReactElement {
  return (
    <>
      <Tooltip label={t('flows.colour-rules')}>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('flows.colour-rules')} onClick={onColours}>
          <IconPalette size={15} />
        </ActionIcon>
      </Tooltip>
      <ColumnMenu />
    </>
  )
})

/** Every packet that the filter leaves. */
export function PacketPane(props: PacketPaneProps): ReactElement {
  const { place, state, problem, machine, onFilter, onChangeFilter, onFrame, selected } = props
  const { source, frame, filter = '' } = place
  const { shown, tracks } = useColumns()
  const rules = useColourRules()
  const { open, menu } = usePacketMenu(source, onChangeFilter, selected)
  const [isColouring, setColouring] = useState(false)
  const setFilter = useSteady(onFilter)
  const colour = useCallback(() => setColouring(true), [])
  const row = useCallback(
    (one: PacketRow) => shown.map((column) => <Cell key={column} row={one} column={column} />),
    [shown],
  )
  const { value: at } = useRead(
    // With its frame: until the answer comes, the place is that of the packet before.
    async () => (frame === undefined ? undefined : { ...(await ask('placeOf', source, frame)), frame }),
    `${source} ${frame} ${state.filter} ${state.first} ${state.filtered} ${state.edits}`,
  )
  const fetch = useCallback((from: number, to: number) => ask('rows', source, from, to), [source])
  const openMenu = (event: MouseEvent | KeyboardEvent, row: PacketRow, element: Element): void => {
    const cell = event.target instanceof Element ? event.target.closest('[data-column]') : null
    const column = (cell?.getAttribute('data-column') ?? 'number') as PacketColumn
    open(event, row, column, element)
  }
  const isDone = state.filtered >= state.last
  const isEmpty = state.filter.trim() !== '' && state.matched === 0 && isDone
  const isHidden = frame !== undefined && at !== undefined && !at.isShown && isDone && !isEmpty
  return (
    <div className="flow-pane">
      <div className="toolbar packet-tools">
        <FilterTools source={source} filter={filter} problem={problem} machine={machine} onFilter={setFilter} />
        <Group gap={4} wrap="nowrap" ml="auto">
          <Text c="dimmed" size="xs" role="status" title={t('flows.read-analysed-s', { time: state.busyMs / 1000 })}>
            {isDone
              ? t('flows.packets', {
                  shown: state.matched,
                  all: state.last - state.first + 1,
                })
              : t('flows.packets-filtering', {
                  shown: state.matched,
                  all: state.last - state.first + 1,
                })}
          </Text>
          <Text size="xs" role="status">
            {selected.tally ? t('flows.selected', { count: selected.tally.packets }) : ''}
          </Text>
          <GoTo state={state} onFrame={onFrame} />
          <ListTools onColours={colour} />
        </Group>
      </div>
      {isHidden && <HiddenNotice frame={frame} onShowAll={() => onFilter('')} />}
      {isEmpty ? (
        <NoMatch filter={state.filter} onClear={() => onFilter('')} />
      ) : (
        <>
          <PacketHead shown={shown} tracks={tracks} />
          <PagedList<PacketRow>
            label={t('flows.packets-2')}
            count={state.matched}
            fetch={fetch}
            identity={`${source} ${state.filter} ${state.first}`}
            version={state.edits}
            selected={at?.isShown ? at.position : undefined}
            selectedKey={at?.frame}
            onSelect={selected.pick}
            several={{
              has: (row) => holdsPacket(selected.selection, row.frame),
              isSeveral: isSeveral(selected.selection),
              onAll: selected.pickAll,
              onOne: selected.pickOne,
              onCopy: () => void copyFrames(source, choiceOf(selected.selection), 'summary'),
            }}
            onMenu={openMenu}
            tint={(row) => rules[row.rule]?.tint}
            rowHeight={22}
            columns={tracks}
            follows={source === live}
            row={row}
            opening={state.opening}
          />
        </>
      )}
      {menu}
      {isColouring && <ColourRulesDialog onClose={() => setColouring(false)} />}
    </div>
  )
}
