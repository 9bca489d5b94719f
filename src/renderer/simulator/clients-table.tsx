import { t, textOf } from '#messages/text.ts'
import { Badge } from '@mantine/core'
import type { ReactElement } from 'react'
import { tellNumber } from '#shared/contract/amounts.ts'
import { firmwareEntry, firmwareText, type FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
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
  /** The first file that it requested. */
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
  booted: { text: t('simulator.booted'), color: 'green' },
  failed: { text: t('simulator.failed'), color: 'red' },
  local: { text: t('simulator.next-device'), color: 'gray' },
  waiting: { text: t('simulator.waiting'), color: 'yellow' },
} as const

const columns: readonly Column<ClientRow>[] = [
  { id: 'name', title: t('simulator.name-title'), width: 110, grows: 2, value: (one) => one.title },
  {
    id: 'outcome',
    title: t('simulator.outcome-title'),
    width: 92,
    value: (one) => words[one.state].text,
    cell: ({ state, because }) => (
      <Badge size="sm" variant="light" radius="sm" color={words[state].color} title={textOf(because)}>
        {words[state].text}
      </Badge>
    ),
  },
  { id: 'code', title: t('simulator.code-title'), width: 72, value: (one) => one.code || null },
  { id: 'file', title: t('simulator.file-title'), hint: t('simulator.file-hint'), width: 130, grows: 2, value: (one) => one.file }, // prettier-ignore
  { id: 'address', title: t('simulator.address-title'), width: 108, value: (one) => one.address || null },
  {
    id: 'seconds',
    title: t('simulator.seconds-title'),
    width: 72,
    isNumber: true,
    value: (one) => one.seconds,
    text: (one) => `${tellNumber(one.seconds, 1)} s`,
  },
  {
    id: 'firmware',
    title: t('simulator.firmware-title'),
    width: 130,
    grows: 1,
    value: (one) => firmwareText(one.firmware as FirmwareName),
  },
  {
    id: 'architecture',
    title: t('simulator.architecture-title'),
    hint: t('simulator.architecture-hint'),
    width: 110,
    grows: 1,
    value: (one) => one.architecture,
    text: (one) => architectureName(one.architecture),
  },
  { id: 'segment', title: t('simulator.segment-title'), width: 80, value: (one) => one.segment },
  { id: 'mac', title: t('simulator.mac-title'), width: 130, value: (one) => one.mac },
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
      label:
        rows.length === 1 ? t('simulator.remove-scenario') : t('simulator.remove-machines', { count: rows.length }),
      isBad: true,
      run: () => onRemove([...new Set(rows.map(({ name }) => clientKey(scenario.clients, name)))]),
    },
  ]
  return (
    <DataTable
      id="simulated-clients"
      label={t('simulator.machines')}
      rows={rowsOf(story, scenario)}
      columns={columns}
      keyOf={({ name }) => name}
      selected={selected}
      onSelect={({ name }) => onSelect(name)}
      actions={actions}
    />
  )
}
