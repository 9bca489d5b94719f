import { t } from '#messages/text.ts'
import { Button, Group } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { tellDuration } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { mostBootsAtOnce, type SiteBoot, type SiteFilter } from '#shared/contract/sites.ts'
import { copyText } from '../parts/copy.ts'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { Panes } from '../parts/panes.tsx'
import type { Column } from '../parts/table-columns.ts'
import { vendorText } from '../parts/vendor.ts'
import { BootDetail } from './boot-detail.tsx'
import { MachineText, useSiteNames } from './names.tsx'
import { openInFlows } from './open-in-flows.ts'
import { show, type SitesPlace } from './place.ts'
import { useHub } from './use-hub.ts'
import { OutcomeSign, outcomeWord } from './words.tsx'

const keyOf = ({ id }: SiteBoot): string => String(id)

const columnsOf = (agentName: (id: string) => string, nameOf: (mac: string) => string): readonly Column<SiteBoot>[] => [
  { id: 'started', title: t('sites.started-title'), width: 158, value: ({ startedAt }) => startedAt, text: ({ startedAt }) => formatDateTime(startedAt) }, // prettier-ignore
  { id: 'site', title: t('sites.site-title'), width: 90, grows: 0.5, value: ({ site }) => site },
  { id: 'machine', title: t('sites.machine-title'), width: 130, grows: 0.6, value: ({ mac }) => `${nameOf(mac)} ${mac}`.trim(), cell: ({ mac }) => <MachineText mac={mac} /> }, // prettier-ignore
  {
    id: 'verdict',
    title: t('sites.verdict-title'),
    width: 170,
    grows: 1.6,
    value: ({ headline }) => headline,
    cell: ({ outcome, headline }) => (
      <span title={headline}>
        <OutcomeSign outcome={outcome} /> {headline}
      </span>
    ),
  },
  { id: 'code', title: t('sites.code-title'), width: 80, isExtra: true, value: ({ code }) => code },
  {
    id: 'outcome',
    title: t('sites.outcome-title'),
    width: 84,
    isExtra: true,
    value: ({ outcome }) => outcomeWord(outcome),
  },
  {
    id: 'firmware',
    title: t('sites.firmware-title'),
    width: 130,
    grows: 0.6,
    isExtra: true,
    value: ({ firmware }) => firmware,
  },
  {
    id: 'architecture',
    title: t('sites.architecture-title'),
    width: 110,
    isExtra: true,
    value: ({ architecture }) => architecture,
  },
  {
    id: 'vendor',
    title: t('sites.vendor-title'),
    width: 120,
    isExtra: true,
    value: ({ vendor }) => vendorText(vendor),
  },
  { id: 'model', title: t('sites.model-title'), width: 120, isExtra: true, value: ({ model }) => model },
  { id: 'file', title: t('sites.file-title'), width: 140, isExtra: true, value: ({ bootFile }) => bootFile },
  { id: 'server', title: t('sites.server-title'), width: 110, isExtra: true, value: ({ server }) => server },
  { id: 'address', title: t('sites.address-title'), width: 110, isExtra: true, value: ({ address }) => address },
  { id: 'agent', title: t('sites.agent-title'), width: 110, isExtra: true, value: ({ agent }) => agentName(agent) },
  { id: 'uuid', title: t('sites.uuid-title'), width: 260, isExtra: true, value: ({ uuid }) => uuid },
  {
    id: 'attempt',
    title: t('sites.attempt-title'),
    width: 70,
    isNumber: true,
    isExtra: true,
    value: ({ attempt }) => attempt,
  },
  {
    id: 'took',
    title: t('sites.took-title'),
    width: 90,
    isExtra: true,
    value: ({ startedAt, lastAt }) => lastAt - startedAt,
    text: ({ startedAt, lastAt }) => tellDuration(lastAt - startedAt),
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
  if (error !== undefined) return <EmptyState title={t('sites.boots-cannot-listed')}>{error}</EmptyState>
  if (value && total === 0)
    return (
      <EmptyState title={t('sites.no-boot-passes-these-filters')}>
        {t('sites.clear-filter-choose-longer-period')}
      </EmptyState>
    )
  return (
    <Panes
      id="site-boots"
      share={60}
      first={
        <DataTable
          id="site-boot-list"
          label={t('sites.boots-2')}
          rows={boots}
          columns={columns}
          keyOf={keyOf}
          selected={selected === undefined ? undefined : String(selected)}
          onSelect={(boot) => show({ ...place, boot: boot.id }, true)}
          actions={(some) =>
            some.length === 1
              ? [
                  { label: t('sites.open-flows'), run: () => openInFlows(some[0]!) },
                  { label: t('sites.copy-mac-address'), run: () => void copyText(some[0]!.mac) },
                ]
              : []
          }
          bar={
            total > boots.length ? (
              <Group gap={6} wrap="nowrap">
                <span className="sites-span">
                  {t('sites.range-of', {
                    first: offset + 1,
                    last: offset + boots.length,
                    total,
                  })}
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={offset === 0}
                  onClick={() => show({ ...place, boot: undefined, offset: Math.max(0, offset - mostBootsAtOnce) })}
                >
                  {t('sites.newer')}
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={offset + boots.length >= total}
                  onClick={() => show({ ...place, boot: undefined, offset: offset + mostBootsAtOnce })}
                >
                  {t('sites.older')}
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
