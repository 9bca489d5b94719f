import { t, textOf } from '#messages/text.ts'
import { Select, Title } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { siteGroups, siteGroupTitles, type SiteGroup, type SiteOverview } from '#shared/contract/sites.ts'
import { useVendors } from '../flows/use-boot.ts'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/table-columns.ts'
import { MachineText, useSiteNames } from './names.tsx'
import { narrowed, show, type SitesPlace } from './place.ts'
import { classes, OutcomeText, valueText } from './words.tsx'

type Row = SiteOverview['groups'][number]

const sumOf = (row: Row): number => classes.reduce((sum, { name }) => sum + row[name], 0)
const decided = ({ booted, failed }: Row): number => booted + failed
const share = (row: Row): number | null => (decided(row) === 0 ? null : row.failed / decided(row))
const keyOf = ({ value }: Row): string => `=${value}`

function Bar({ row }: { readonly row: Row }): ReactElement {
  const all = Math.max(1, sumOf(row))
  const failedShare = share(row)
  return (
    <span className="share">
      <span className="share-bar" aria-hidden="true">
        {classes.map(({ name }) => (
          <span key={name} data-class={name} style={{ width: `${(row[name] / all) * 100}%` }} />
        ))}
      </span>
      {failedShare === null ? '–' : `${Math.round(failedShare * 100)} %`}
    </span>
  )
}

const columnsOf = (by: SiteGroup, vendors: ReadonlyMap<string, string>, nameOf: (mac: string) => string): readonly Column<Row>[] => [
  {
    id: `value-${by}`,
    title: textOf(siteGroupTitles[by]),
    width: 180,
    grows: 1.5,
    value: ({ value }) => (by === 'machine' ? `${nameOf(value)} ${value}`.trim() : valueText(by, value)),
    cell: ({ value }) =>
      by === 'outcome' ? (
        <OutcomeText outcome={value} />
      ) : (
        <span title={by === 'machine' ? vendors.get(value) : undefined}>
          {by === 'machine' ? <MachineText mac={value} /> : valueText(by, value)}
        </span>
      ),
  },
  { id: 'boots', title: t('sites.boots-2'), width: 80, isNumber: true, value: sumOf, text: (row) => String(sumOf(row)) },
  ...classes.map(({ name, label }): Column<Row> => ({ id: name, title: label, width: 76, isNumber: true, value: (row) => row[name] })), // prettier-ignore
  {
    id: 'share',
    title: t('sites.share-title'),
    hint: t('sites.share-hint'),
    width: 150,
    grows: 1,
    value: share,
    text: (row) => (share(row) === null ? '' : `${Math.round(share(row)! * 100)} %`),
    cell: (row) => <Bar row={row} />,
  },
  { id: 'last', title: t('sites.last-title'), width: 150, value: ({ lastAt }) => lastAt, text: ({ lastAt }) => formatDateTime(lastAt) },
] // prettier-ignore

interface GroupsProps {
  readonly place: SitesPlace
  readonly overview: SiteOverview
}

/** Boots counted by one thing at a time; a row leads to its boots. */
export function Groups({ place, overview }: GroupsProps): ReactElement {
  const { by } = place
  const { groups, total } = overview
  const { nameOf } = useSiteNames()
  const vendors = useVendors(by === 'machine' ? groups.map(({ value }) => value) : none)
  const columns = useMemo(() => columnsOf(by, vendors, nameOf), [by, vendors, nameOf])
  return (
    <section className="section" aria-label={t('sites.boots-by', { group: siteGroupTitles[by] })}>
      <Title order={2} mb={2}>
        {t('sites.boots-by', { group: siteGroupTitles[by] })}
      </Title>
      <DataTable
        id="site-groups"
        label={t('sites.boots-by', { group: siteGroupTitles[by] })}
        rows={groups}
        columns={columns}
        keyOf={keyOf}
        mostRows={14}
        onSelect={({ value }) => show(narrowed(place, by, value))}
        actions={(some) =>
          some.length === 1
            ? [
                {
                  label: t('sites.show-these-boots'),
                  run: () => show({ ...narrowed(place, by, some[0]!.value), view: 'boots' }),
                },
              ]
            : []
        }
        bar={
          <>
            <Select
              size="xs"
              w={140}
              aria-label={t('sites.count-boots')}
              data={siteGroups.map((name) => ({ value: name, label: textOf(siteGroupTitles[name]) }))}
              value={by}
              onChange={(value) => show({ ...place, by: value as SiteGroup }, true)}
              allowDeselect={false}
              maxDropdownHeight={400}
            />
            {total > groups.length && <span className="sites-span">{t('sites.most-failures', { count: groups.length, total })}</span>}
          </>
        } // prettier-ignore
      />
    </section>
  )
}

const none: readonly string[] = []
