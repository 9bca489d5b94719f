import { t, textOf } from '#messages/text.ts'
import {
  Badge,
  Button,
  Code,
  Group,
  Loader,
  Progress,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core'
import { useEffect, useMemo, useState, type KeyboardEvent, type ReactElement } from 'react'
import { heatGrid, reachOf, type Chosen, type HeatCell } from '#shared/diagnosis/co-hosting-heat.ts'
import {
  dimensionNames,
  dimensions,
  matrixClientNames,
  matrixClients,
  valueNames,
  type Dimension,
  type MatrixClient,
  type MatrixEntry,
} from '#shared/diagnosis/co-hosting.ts'
import { firmwareText } from '#shared/machines/pxe-client/firmwares.ts'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/table-columns.ts'
import { simulator, useMatrixProgress } from './client.ts'
import type { RemedyText } from './engine.ts'
import { describeCounts, Mark, MatrixHeat } from './matrix-heat.tsx'

const columns = Object.keys(dimensions) as Dimension[]
const heads: Readonly<Record<Dimension, string>> = {
  dhcp: t('simulator.head-dhcp'),
  pxe: t('simulator.head-pxe'),
  listen: t('simulator.head-listen'),
  option60: t('simulator.head-option-60'),
  files: '66, 67',
  service: t('simulator.head-service'),
  starts: t('simulator.head-starts'),
}

const widths: Readonly<Record<Dimension, number>> = {
  dhcp: 72,
  pxe: 92,
  listen: 52,
  option60: 110,
  files: 52,
  service: 62,
  starts: 84,
}
const keyOf = ({ key }: MatrixEntry): string => key

interface ChosenCell {
  readonly key: string
  readonly client: MatrixClient
}

const rowColumns = (
  selected: ChosenCell | undefined,
  choose: (cell: ChosenCell) => void,
): readonly Column<MatrixEntry>[] => [
  ...columns.map((name) => ({
    id: name,
    title: heads[name],
    hint: textOf(dimensionNames[name]),
    width: widths[name],
    value: ({ row }: MatrixEntry) => textOf(valueNames[row[name]]) ?? row[name],
  })),
  ...matrixClients.map((client) => ({
    id: client,
    title: matrixClientNames[client],
    hint: firmwareText(client),
    width: 78,
    grows: 1,
    value: ({ cells }: MatrixEntry) => short(cells[client]),
    cell: ({ key, cells }: MatrixEntry) => (
      <button
        type="button"
        className="matrix-cell"
        data-state={cells[client].state}
        data-selected={(selected?.key === key && selected.client === client) || undefined}
        tabIndex={-1}
        onClick={() => choose({ key, client })}
      >
        {short(cells[client])}
      </button>
    ),
  })),
]

/** What a cell says in one word. */
const short = ({ state, code, line }: MatrixEntry['cells'][MatrixClient]): string =>
  state === 'booted'
    ? t('simulator.boots')
    : code !== ''
      ? code
      : line.startsWith('BdsDxe')
        ? t('simulator.not-started')
        : line === ''
          ? t('simulator.hangs')
          : t('simulator.no-program')

function Detail({
  entry,
  client,
  onPlay,
}: {
  readonly entry: MatrixEntry
  readonly client: MatrixClient
  readonly onPlay: () => void
}): ReactElement {
  const [text, setText] = useState<RemedyText>()
  const cell = entry.cells[client]
  useEffect(() => {
    let isCurrent = true
    setText(undefined)
    void simulator('remedy', entry.key).then((value) => isCurrent && setText(value))
    return () => {
      isCurrent = false
    }
  }, [entry.key])
  return (
    <Stack gap="xs" p="md" className="matrix-detail" role="region" aria-label={t('simulator.cell')}>
      <Group gap="xs">
        <Title order={3} size="h5">
          {firmwareText(client)}
        </Title>
        <Badge color={cell.state === 'booted' ? 'green' : 'red'} variant="light" radius="sm">
          {short(cell)}
        </Badge>
        <Button size="compact-xs" onClick={onPlay}>
          {t('simulator.play')}
        </Button>
      </Group>
      {cell.line !== '' && (
        <pre
          className="client-screen"
          data-look={client === 'edk2' || client === 'edk2-2016' ? 'uefi' : 'bios'}
          data-small
        >
          {cell.line.trim()}
        </pre>
      )}
      <Text size="sm">{cell.because}.</Text>
      <Text size="sm" fw={600}>
        {text ? text.says : t('simulator.looking-nearest-row-boots')}
      </Text>
      {text?.remedy && text.remedy.commands.length > 0 && (
        <Code block className="commands">
          {text.remedy.commands.join('\n')}
        </Code>
      )}
    </Stack>
  )
}

/** The set-ups of a cell of the heat map, which differ in whether and when the service runs. */
function CellDetail({
  cell,
  client,
  onChoose,
  onRows,
}: {
  readonly cell: HeatCell
  readonly client: MatrixClient | undefined
  readonly onChoose: (key: string, client: MatrixClient) => void
  readonly onRows: () => void
}): ReactElement {
  return (
    <Stack gap="xs" p="md" role="region" aria-label={t('simulator.set-ups-cell')}>
      {cell.entries.map((entry) => (
        <div key={entry.key}>
          <Text size="sm">
            <Mark reach={reachOf(entry, client)} />{' '}
            {t('simulator.started', {
              service: valueNames[entry.row.service],
              when: valueNames[entry.row.starts],
            })}
          </Text>
          <Group gap={4}>
            {matrixClients.map((one) => (
              <UnstyledButton
                key={one}
                className="matrix-cell"
                data-state={entry.cells[one].state}
                onClick={() => onChoose(entry.key, one)}
              >
                {matrixClientNames[one]}: {short(entry.cells[one])}
              </UnstyledButton>
            ))}
          </Group>
        </div>
      ))}
      <Button size="compact-xs" variant="default" onClick={onRows}>
        {t('simulator.show-these-rows')}
      </Button>
    </Stack>
  )
}

/** Every way in which DHCP and a PXE service share servers, and what each kind of machine does. */
export function MatrixView({
  isByRow,
  onView,
  onPlay,
}: {
  readonly isByRow: boolean
  readonly onView: (view: 'matrix' | 'rows') => void
  readonly onPlay: (key: string, client: MatrixClient) => void
}): ReactElement {
  const [entries, setEntries] = useState<readonly MatrixEntry[]>()
  const [wanted, setWanted] = useState<Chosen>({})
  const [client, setClient] = useState<MatrixClient>()
  const [cell, setCell] = useState<HeatCell>()
  const [selected, setSelected] = useState<ChosenCell>()
  const progress = useMatrixProgress((one) => one.progress)
  useEffect(() => {
    let isCurrent = true
    void simulator('matrix').then((value) => isCurrent && setEntries(value))
    return () => {
      isCurrent = false
    }
  }, [])
  const grid = useMemo(() => heatGrid(entries ?? [], wanted), [entries, wanted])
  const shown = useMemo(
    () =>
      entries?.filter(({ row }) => columns.every((name) => wanted[name] === undefined || row[name] === wanted[name])) ??
      [],
    [entries, wanted],
  )
  const cells = useMemo(() => rowColumns(selected, setSelected), [selected])
  if (!entries)
    return (
      <Stack p="xl" maw={420}>
        <Group gap="xs">
          <Loader size={16} />
          <Text>{t('simulator.booting-four-kinds-machine-864')}</Text>
        </Group>
        <Progress
          value={progress ? (progress.done / progress.of) * 100 : 0}
          aria-label={t('simulator.cells-computed')}
        />
      </Stack>
    )
  const entry = entries.find((one) => one.key === selected?.key)
  /** Up and down go through the set-ups, left and right through the machines of one. */
  const goSideways = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const next = selected && step && matrixClients[matrixClients.indexOf(selected.client) + step]
    if (!next) return
    event.preventDefault()
    setSelected({ ...selected, client: next })
  }
  return (
    <div className="matrix">
      <div className="matrix-summary">
        <SegmentedControl
          size="xs"
          aria-label={t('simulator.view')}
          data={[
            { value: 'matrix', label: t('simulator.map') },
            { value: 'rows', label: t('simulator.rows') },
          ]}
          value={isByRow ? 'rows' : 'matrix'}
          onChange={(view) => onView(view)}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('simulator.machines')}
          data={[
            { value: '', label: t('simulator.all-machines') },
            ...matrixClients.map((one) => ({ value: one, label: matrixClientNames[one] })),
          ]}
          value={client ?? ''}
          onChange={(value) => setClient(matrixClients.find((one) => one === value))}
        />
        <Text size="sm" role="status">
          {t('simulator.set-ups-counted', { count: shown.length, counts: describeCounts(shown, client) })}
        </Text>
      </div>
      <div className="matrix-filters">
        {columns.map((name) => (
          <Select
            key={name}
            size="xs"
            label={textOf(dimensionNames[name])}
            placeholder={t('simulator.any')}
            clearable
            data={dimensions[name].map((value) => ({ value, label: textOf(valueNames[value]!) }))}
            value={wanted[name] ?? null}
            onChange={(value) => {
              const next: Partial<Record<Dimension, string>> = { ...wanted }
              if (value === null) delete next[name]
              else next[name] = value
              setWanted(next)
              setCell(undefined)
            }}
          />
        ))}
      </div>
      <div className="matrix-body">
        {isByRow ? (
          <div className="matrix-list" onKeyDown={goSideways}>
            <DataTable
              id="set-ups"
              label={t('simulator.set-ups', { count: shown.length })}
              rows={shown}
              columns={cells}
              rowHeight={28}
              keyOf={keyOf}
              selected={selected?.key}
              onSelect={(one) => setSelected((before) => ({ key: one.key, client: before?.client ?? 'bios' }))}
              actions={(some) =>
                some.length === 1
                  ? matrixClients.map((one) => ({
                      label: t('simulator.play-client', { client: matrixClientNames[one] }),
                      run: () => onPlay(some[0]!.key, one),
                    }))
                  : []
              }
            />
          </div>
        ) : (
          <div className="matrix-list">
            <MatrixHeat
              grid={grid}
              client={client}
              selected={cell}
              onSelect={(one) => {
                setCell(one)
                setSelected(undefined)
              }}
            />
          </div>
        )}
        <div className="matrix-side">
          {!isByRow && cell && (
            <CellDetail
              cell={cell}
              client={client}
              onChoose={(key, one) => setSelected({ key, client: one })}
              onRows={() => {
                setWanted(cell.chosen)
                onView('rows')
              }}
            />
          )}
          {entry && selected ? (
            <Detail entry={entry} client={selected.client} onPlay={() => onPlay(entry.key, selected.client)} />
          ) : !isByRow && cell ? null : (
            <Text p="md" size="sm" c="dimmed">
              {t('simulator.narrow-set-ups-down-filters')}
            </Text>
          )}
        </div>
      </div>
    </div>
  )
}
