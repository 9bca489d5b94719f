import { t } from '#messages/text.ts'
import { Button, Group } from '@mantine/core'
import { useEffect, useMemo, type ReactElement } from 'react'
import type { LeaseInfo } from '#shared/contract/calls.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { call } from '../connection.ts'
import { reserve } from '../files/change-lab.ts'
import { Copyable } from '../parts/copyable.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import type { Column } from '../parts/table-columns.ts'
import { useRead } from '../parts/use-read.ts'
import { confirm } from '../shell/sheets.ts'
import { attempt, useStore } from '../store.ts'
import { eachOf, offerUndo } from '../undo.tsx'

const leaseWords: Readonly<Record<LeaseInfo['state'], string>> = {
  offered: t('pages.lease-offered'),
  bound: t('pages.lease-bound'),
  released: t('pages.lease-released'),
  expired: t('pages.lease-expired'),
  declined: t('pages.lease-declined'),
}
const addressOf = (lease: LeaseInfo): string => lease.address
/** A lease of Kea's is Kea's to keep. */
const isKeas = (): boolean => useStore.getState().lab?.lab?.engine != null
const canReserve = (lease: LeaseInfo): boolean => !isKeas() && !lease.isReserved && lease.state !== 'declined'
const canFree = ({ state }: LeaseInfo): boolean => state === 'bound' || state === 'declined'

const columnsWith = (free: (leases: readonly LeaseInfo[]) => void): readonly Column<LeaseInfo>[] => [
  {
    id: 'address',
    title: t('pages.address-title'),
    width: 120,
    value: addressOf,
    cell: ({ address }) => <Copyable text={address} />,
  },
  {
    id: 'client',
    title: t('pages.client-title'),
    width: 140,
    value: ({ mac }) => mac,
    cell: ({ mac }) => <Copyable text={mac} />,
  },
  { id: 'name', title: t('pages.name'), width: 80, grows: 1, value: ({ hostName }) => hostName },
  {
    id: 'state',
    title: t('pages.state-title'),
    width: 150,
    value: ({ state, isReserved }) => `${leaseWords[state]}${isReserved ? ', reserved' : ''}`,
  },
  {
    id: 'since',
    title: t('pages.since'),
    width: 150,
    isExtra: true,
    value: ({ since }) => since,
    text: ({ since }) => formatDateTime(since),
  },
  {
    id: 'until',
    title: t('pages.until-title'),
    width: 150,
    value: ({ until }) => until ?? Number.MAX_SAFE_INTEGER,
    text: ({ until }) => (until === null ? t('pages.no-end') : formatDateTime(until)),
  },
  { id: 'uuid', title: t('pages.uuid-title'), width: 260, isExtra: true, value: ({ uuid }) => uuid },
  {
    id: 'actions',
    title: t('pages.actions-title'),
    width: 130,
    cell: (lease) => (
      <Group gap={8} wrap="nowrap">
        {canReserve(lease) && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => void reserve(lease.mac, lease.address, lease.hostName)}
          >
            {t('pages.reserve-2')}
          </Button>
        )}
        {canFree(lease) && (
          <Button size="compact-xs" variant="subtle" onClick={() => free([lease])}>
            {t('pages.free')}
          </Button>
        )}
      </Group>
    ),
  },
]

const countOf = (some: readonly LeaseInfo[]): string =>
  some.length === 1 ? some[0]!.address : t('pages.address-count', { count: some.length })

/** Takes leases from their machines; taken back each as long as neither it nor its machine has found another. */
async function free(some: readonly LeaseInfo[], again: () => void): Promise<void> {
  // Others work with this server, and it may give the address to the next machine at once.
  const isSure =
    !isKeas() ||
    (await confirm({
      title: t('pages.free-kea', { count: countOf(some) }),
      text: t('pages.machine-keeps-using-address-until'),
      action: t('pages.free'),
    }))
  if (!isSure) return
  const freed: LeaseInfo[] = []
  await attempt(t('pages.lease'), async () => {
    try {
      for (const lease of some) {
        await call('leases.forget', { address: lease.address })
        freed.push(lease)
      }
    } finally {
      again()
    }
  })
  if (freed.length > 0) offerUndo(t('pages.freed-machine-keeps-using-address', { count: countOf(freed) }), () => eachOf(freed, (lease) => call('leases.restore', { address: lease.address }), again)) // prettier-ignore
}

/** Kea tells nobody of a new lease. */
const engineEveryMs = 3000

/** The addresses that this lab gave, or the engine that it names. */
export function Leases(): ReactElement {
  const changes = useStore((one) => (one.log.length === 0 ? 0 : one.log.at(-1)!.id))
  const labText = useStore((one) => one.lab?.text)
  const hasEngine = useStore((one) => one.lab?.lab?.engine != null)
  const { value: leases, error, again } = useRead(() => call('leases.list', {}), `${changes}${labText}`)
  useEffect(() => {
    if (!hasEngine) return
    const timer = window.setInterval(again, engineEveryMs)
    return () => window.clearInterval(timer)
  }, [hasEngine, again])
  const columns = useMemo(() => columnsWith((some) => void free(some, again)), [again])
  if (hasEngine && error !== undefined)
    return <EmptyState title={t('pages.leases-kea-cannot-read')}>{error}</EmptyState>
  if (hasEngine && leases?.length === 0)
    return <EmptyState title={t('pages.no-lease-kea-listed')}>{t('pages.leases-appear-here-when-kea')}</EmptyState>
  if (leases?.length === 0)
    return <EmptyState title={t('pages.no-address-been-given')}>{t('pages.leases-appear-here-mode-dhcp')}</EmptyState>
  return (
    <DataTable
      id="leases"
      label={t('pages.leases')}
      rows={leases ?? []}
      columns={columns}
      keyOf={addressOf}
      actions={(some) => {
        const [one] = some
        const freed = some.filter(canFree)
        return [
          ...(some.length === 1 && one && canReserve(one)
            ? [
                {
                  label: t('pages.reserve', { address: one.address }),
                  run: () => void reserve(one.mac, one.address, one.hostName),
                },
              ]
            : []),
          ...(freed.length > 0
            ? [
                {
                  label: t('pages.free-2', { count: countOf(freed) }),
                  run: () => void free(freed, again),
                  isBad: true,
                },
              ]
            : []),
        ]
      }}
    />
  )
}
