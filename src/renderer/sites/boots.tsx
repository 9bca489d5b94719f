import { Button, Group } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { formatDuration } from '#shared/wire/time.ts'
import { mostBootsAtOnce, type SiteBoot, type SiteFilter } from '#shared/contract/sites.ts'
import { copyText } from '../parts/copy.ts'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { Panes } from '../parts/panes.tsx'
import type { Column } from '../parts/table-columns.ts'
import { BootDetail } from './boot-detail.tsx'
import { MachineText, useSiteNames } from './names.tsx'
import { openInFlows } from './open-in-flows.ts'
import { show, type SitesPlace } from './place.ts'
import { useHub } from './use-hub.ts'
import { OutcomeSign, outcomeWord } from './words.tsx'

const keyOf = ({ id }: SiteBoot): string => String(id)

const columnsOf = (agentName: (id: string) => string, nameOf: (mac: string) => string): readonly Column<SiteBoot>[] => [
  { id: 'started', title: 'Began', width: 158, value: ({ startedAt }) => startedAt, text: ({ startedAt }) => formatDateTime(startedAt) }, // prettier-ignore
  { id: 'site', title: 'Site', width: 90, grows: 0.5, value: ({ site }) => site },
  { id: 'machine', title: 'Machine', width: 130, grows: 0.6, value: ({ mac }) => `${nameOf(mac)} ${mac}`.trim(), cell: ({ mac }) => <MachineText mac={mac} /> }, // prettier-ignore
  {
    id: 'verdict',
    title: 'Verdict',
    width: 170,
    grows: 1.6,
    value: ({ headline }) => headline,
    cell: ({ outcome, headline }) => (
      <span title={headline}>
        <OutcomeSign outcome={outcome} /> {headline}
      </span>
    ),
  },
  { id: 'code', title: 'Code', width: 80, isExtra: true, value: ({ code }) => code },
  { id: 'outcome', title: 'Outcome', width: 84, isExtra: true, value: ({ outcome }) => outcomeWord(outcome) },
  { id: 'firmware', title: 'Firmware', width: 130, grows: 0.6, isExtra: true, value: ({ firmware }) => firmware },
  { id: 'architecture', title: 'Architecture', width: 110, isExtra: true, value: ({ architecture }) => architecture },
  { id: 'vendor', title: 'Vendor', width: 120, isExtra: true, value: ({ vendor }) => vendor },
  { id: 'model', title: 'Model', width: 120, isExtra: true, value: ({ model }) => model },
  { id: 'file', title: 'Boot file', width: 140, isExtra: true, value: ({ bootFile }) => bootFile },
  { id: 'server', title: 'Server', width: 110, isExtra: true, value: ({ server }) => server },
  { id: 'address', title: 'Address', width: 110, isExtra: true, value: ({ address }) => address },
  { id: 'agent', title: 'Agent', width: 110, isExtra: true, value: ({ agent }) => agentName(agent) },
  { id: 'uuid', title: 'UUID', width: 260, isExtra: true, value: ({ uuid }) => uuid },
  { id: 'attempt', title: 'Attempt', width: 70, isNumber: true, isExtra: true, value: ({ attempt }) => attempt },
  {
    id: 'took',
    title: 'Took',
    width: 90,
    isExtra: true,
    value: ({ startedAt, lastAt }) => lastAt - startedAt,
    text: ({ startedAt, lastAt }) => formatDuration(lastAt - startedAt),
  },
]

interface BootsProps {
  readonly place: SitesPlace
  readonly filter: SiteFilter
  readonly agentName: (id: string) => string
}

/** Boots of all sites, the newest first, some at a time; one of them in detail. */
export function Boots({ place, filter, agentName }: BootsProps): ReactElement {
  const { offset } = place
  const { value, error } = useHub('sites.boots', { filter, offset, limit: mostBootsAtOnce })
  const { nameOf } = useSiteNames()
  const columns = useMemo(() => columnsOf(agentName, nameOf), [agentName, nameOf])
  const boots = value?.boots ?? []
  const total = value?.total ?? 0
  const selected = place.boot ?? boots[0]?.id
  if (error !== undefined) return <EmptyState title="The boots cannot be listed">{error}</EmptyState>
  if (value && total === 0)
    return <EmptyState title="No boot passes these filters">Clear a filter, or choose a longer period.</EmptyState>
  return (
    <Panes
      id="site-boots"
      share={60}
      first={
        <DataTable
          id="site-boot-list"
          label="Boots"
          rows={boots}
          columns={columns}
          keyOf={keyOf}
          selected={selected === undefined ? undefined : String(selected)}
          onSelect={(boot) => show({ ...place, boot: boot.id }, true)}
          actions={(some) =>
            some.length === 1
              ? [
                  { label: 'Open in Flows', run: () => openInFlows(some[0]!) },
                  { label: 'Copy MAC address', run: () => void copyText(some[0]!.mac) },
                ]
              : []
          }
          bar={
            total > boots.length ? (
              <Group gap={6} wrap="nowrap">
                <span className="sites-span">
                  {(offset + 1).toLocaleString()} to {(offset + boots.length).toLocaleString()} of{' '}
                  {total.toLocaleString()}
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={offset === 0}
                  onClick={() => show({ ...place, boot: undefined, offset: Math.max(0, offset - mostBootsAtOnce) })}
                >
                  Newer
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={offset + boots.length >= total}
                  onClick={() => show({ ...place, boot: undefined, offset: offset + mostBootsAtOnce })}
                >
                  Older
                </Button>
              </Group>
            ) : undefined
          }
        />
      }
      second={selected === undefined ? null : <BootDetail id={selected} place={place} agentName={agentName} />}
    />
  )
}
