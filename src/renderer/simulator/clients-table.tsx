import { Badge } from '@mantine/core'
import type { ReactElement } from 'react'
import { firmwareEntry, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { ClientOutcome } from '#shared/simulation/simulation.ts'
import type { Story } from '#shared/simulation/story.ts'
import { architectureName } from '#shared/wire/iana/architecture.ts'
import { DataTable, type RowAction } from '../parts/data-table.tsx'
import type { Column } from '../parts/table-columns.ts'

/** A machine of the scenario, as it ended. */
interface ClientRow extends ClientOutcome {
  /** What people call it. */
  readonly title: string
  readonly architecture: number
  readonly segment: string
  /** The first file that it asked for. */
  readonly file: string | null
}

/** The key in the scenario that a machine, one of several perhaps (`pc-7`), was made from. */
export const clientKey = (clients: Scenario['clients'], name: string): string =>
  name in clients ? name : name.replace(/-\d+$/, '')

const rowsOf = ({ outcomes, names, bootFiles }: Story, { clients }: Scenario): ClientRow[] =>
  outcomes.map((one) => ({
    ...one,
    title: names[one.name] ?? one.name,
    architecture: firmwareEntry(one.firmware as FirmwareName).architecture,
    segment: clients[clientKey(clients, one.name)]?.on ?? '',
    file: bootFiles[one.name] ?? null,
  }))

const words = {
  booted: { text: 'Booted', color: 'green' },
  failed: { text: 'Failed', color: 'red' },
  local: { text: 'Next device', color: 'gray' },
  waiting: { text: 'Waiting', color: 'yellow' },
} as const

const columns: readonly Column<ClientRow>[] = [
  { id: 'name', title: 'Name', width: 110, grows: 2, value: (one) => one.title },
  {
    id: 'outcome',
    title: 'Outcome',
    width: 92,
    value: (one) => words[one.state].text,
    cell: ({ state, because }) => (
      <Badge size="sm" variant="light" radius="sm" color={words[state].color} title={because}>
        {words[state].text}
      </Badge>
    ),
  },
  { id: 'code', title: 'Code', width: 72, value: (one) => one.code || null },
  { id: 'file', title: 'Boot file', hint: 'The first file that it asked for', width: 130, grows: 2, value: (one) => one.file }, // prettier-ignore
  { id: 'address', title: 'Address', width: 108, value: (one) => one.address || null },
  {
    id: 'seconds',
    title: 'Duration',
    width: 72,
    isNumber: true,
    value: (one) => one.seconds,
    text: (one) => `${one.seconds.toFixed(1)} s`,
  },
  {
    id: 'firmware',
    title: 'Firmware',
    width: 130,
    grows: 1,
    value: (one) => firmwareEntry(one.firmware as FirmwareName).name,
  },
  {
    id: 'architecture',
    title: 'Architecture',
    hint: 'Option 93',
    width: 110,
    grows: 1,
    value: (one) => one.architecture,
    text: (one) => architectureName(one.architecture),
  },
  { id: 'segment', title: 'Segment', width: 80, value: (one) => one.segment },
  { id: 'mac', title: 'MAC address', width: 130, value: (one) => one.mac },
]

interface ClientsTableProps {
  readonly scenario: Scenario
  readonly story: Story
  readonly selected: string | undefined
  readonly onSelect: (name: string) => void
  /** Takes machines out of the scenario, by their keys. */
  readonly onRemove: (keys: readonly string[]) => void
}

/** How each machine ended; the one that is selected is the one whose boot is played. */
export function ClientsTable({ scenario, story, selected, onSelect, onRemove }: ClientsTableProps): ReactElement {
  const actions = (rows: readonly ClientRow[]): readonly RowAction[] => [
    {
      label: rows.length === 1 ? 'Remove from the scenario' : `Remove ${rows.length} machines`,
      isBad: true,
      run: () => onRemove([...new Set(rows.map(({ name }) => clientKey(scenario.clients, name)))]),
    },
  ]
  return (
    <DataTable
      id="simulated-clients"
      label="Machines"
      rows={rowsOf(story, scenario)}
      columns={columns}
      keyOf={({ name }) => name}
      selected={selected}
      onSelect={({ name }) => onSelect(name)}
      actions={actions}
    />
  )
}
