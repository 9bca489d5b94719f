import { t } from '#messages/text.ts'
import { Anchor, Button, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useMemo, type ReactElement, type ReactNode } from 'react'
import { tellBytes, tellDuration } from '#shared/contract/amounts.ts'
import type { Boot, Client } from '#shared/contract/calls.ts'
import { formatDateTime, formatTime } from '#shared/contract/format.ts'
import { reserve } from '../files/change-lab.ts'
import { GroupsView } from '../machines/groups-view.tsx'
import { NextBoot } from '../machines/next-boot.tsx'
import { WakeButton } from '../machines/wake-button.tsx'
import { copyText } from '../parts/copy.ts'
import { Copyable } from '../parts/copyable.tsx'
import { DataTable, type RowAction } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { InvalidLab } from '../parts/invalid-lab.tsx'
import { FileProgressRow } from '../parts/file-progress.tsx'
import { NextStep } from '../parts/next-step.tsx'
import { Panes } from '../parts/panes.tsx'
import { StageBadge, stageWord } from '../parts/stage-badge.tsx'

import type { Column } from '../parts/table-columns.ts'
import { addressOf, go, useRoute } from '../route.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { useStore } from '../store.ts'
import { vendorText } from '../parts/vendor.ts'
import { Approvals } from './approvals.tsx'
import { EnginePanel } from './engine-panel.tsx'
import { Leases } from './leases.tsx'
import { canWake, wake } from './wake-machines.ts'

function loadingOf(boot: Boot | undefined): string {
  const file = boot?.files.findLast((one) => one.state === 'loading')
  if (!file) return boot?.detail ?? ''
  const share = file.size ? `${Math.round((file.bytes / file.size) * 100)} %` : tellBytes(file.bytes)
  return `${file.file} ${share}`
}

function BootHistory({ boots }: { readonly boots: readonly Boot[] }): ReactElement | null {
  if (boots.length === 0) return null
  return (
    <section className="section">
      <Title order={2} mb={4}>
        {t('pages.earlier-boots')}
      </Title>
      <table className="grid-table">
        <thead>
          <tr>
            <th>{t('pages.when')}</th>
            <th>{t('pages.took')}</th>
            <th>{t('pages.firmware')}</th>
            <th>{t('pages.ended')}</th>
            <th className="number">{t('pages.files')}</th>
          </tr>
        </thead>
        <tbody>
          {boots.map((boot) => (
            <tr key={boot.startedAt}>
              <td title={formatDateTime(boot.startedAt)}>{formatTime(boot.startedAt)}</td>
              <td>{tellDuration(boot.lastAt - boot.startedAt)}</td>
              <td>{boot.firmware}</td>
              <td>
                <StageBadge stage={boot.stage} /> <WithCodes text={boot.detail} />
              </td>
              <td className="number">{boot.files.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What became of it, in the words that Flows, the log and a notice have for it. */
function Verdict({ boot, mac }: { readonly boot: Boot; readonly mac: string }): ReactElement | null {
  if (boot.detail === '') return null
  const isBad = boot.outcome === 'failed'
  return (
    <div className="boot-verdict" role={isBad ? 'alert' : undefined} data-outcome={boot.outcome}>
      <strong>
        <WithCodes text={boot.detail} />
      </strong>
      {boot.causes.length > 0 && (
        <>
          <Text size="sm" mt={4}>
            {boot.causes.length === 1 ? t('pages.cause') : t('pages.likely-causes')}
          </Text>
          <ul>
            {boot.causes.map((cause) => (
              <li key={cause}>
                <WithCodes text={cause} />
              </li>
            ))}
          </ul>
        </>
      )}
      {isBad && (
        <Anchor href={addressOf('flows', `live|${mac}`)} size="sm">
          {t('pages.show-evidence')}
        </Anchor>
      )}
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  )
}

/** One machine. The list shows the newest until one is chosen; whoever does something with it has chosen it. */
function ClientDetail({ client, onUse }: { readonly client: Client; readonly onUse: () => void }): ReactElement {
  const lab = useStore((one) => one.lab?.lab)
  const [boot, ...earlier] = client.boots
  const canReserve =
    lab?.mode === 'dhcp' && client.address !== null && !client.isReserved && !client.mac.startsWith('at ')
  return (
    <div className="client-detail" onPointerDownCapture={onUse} onFocusCapture={onUse}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1}>{client.name ?? <Copyable text={client.mac} hint={vendorText(client.vendor)} />}</Title>
          <Text c="dimmed">
            {[client.name ? client.mac : '', vendorText(client.vendor)].filter(Boolean).join(' · ')}
          </Text>
        </div>
        <Group gap={12}>
          <Anchor href={addressOf('flows', `live|${client.mac}`)} size="sm">
            {t('pages.show-packets')}
          </Anchor>
          {canWake(client) && <WakeButton client={client} />}
          {canReserve && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void reserve(client.mac, client.address!, client.name ?? client.hostName)}
            >
              {t('pages.reserve', { address: client.address })}
            </Button>
          )}
          {client.isReserved && <Text c="dimmed">{t('pages.address-reserved')}</Text>}
        </Group>
      </Group>
      <table className="grid-table spaced">
        <tbody>
          <Fact name={t('pages.fact-firmware')}>{client.firmware}</Fact>
          <Fact name={t('pages.fact-architecture')}>{client.architecture || t('pages.not-said')}</Fact>
          <Fact name={t('pages.fact-address')}>
            {client.address ? <Copyable text={client.address} /> : t('pages.none')}
          </Fact>
          {client.hostName !== null && client.hostName !== client.name && (
            <Fact name={t('pages.fact-calls-itself')}>{client.hostName}</Fact>
          )}
          <Fact name="UUID">{client.uuid ? <Copyable text={client.uuid} /> : t('pages.not-said')}</Fact>
          {client.serial !== null && <Fact name={t('pages.fact-serial-number')}>{client.serial}</Fact>}
          {client.asset !== null && <Fact name={t('pages.fact-asset-tag')}>{client.asset}</Fact>}
          <Fact name={t('pages.fact-boot-program')}>{client.reason || t('pages.none')}</Fact>
          {canWake(client) && (
            <Fact name={t('pages.fact-next-boot')}>
              <NextBoot client={client} />
            </Fact>
          )}
        </tbody>
      </table>
      {boot && (
        <section className="section">
          <Group gap={12} mb={4}>
            <Title order={2}>{t('pages.boot-2')}</Title>
            <StageBadge stage={boot.stage} />
            <Text c="dimmed" title={formatDateTime(boot.startedAt)}>
              {t('pages.began-took', {
                start: formatTime(boot.startedAt),
                duration: tellDuration(boot.lastAt - boot.startedAt),
              })}
            </Text>
          </Group>
          <Verdict boot={boot} mac={client.mac} />
          {boot.files.length === 0 ? (
            <Text c="dimmed">{t('pages.no-file-been-asked-yet')}</Text>
          ) : (
            boot.files.map((file) => <FileProgressRow key={file.id} file={file} />)
          )}
        </section>
      )}
      <BootHistory boots={earlier} />
    </div>
  )
}

export function ClientsPage(): ReactElement {
  const known = useStore((one) => one.clients)
  const isValid = useStore((one) => (one.lab?.lab ?? null) !== null)
  const mayWait = useStore(({ lab }) => lab?.lab?.role === 'wds' && lab.lab.wds.approve)
  const { item } = useRoute()
  const groups = useStore(({ lab }) => lab?.lab?.groups)
  const hasGroups = groups !== undefined && groups.length > 0
  const view = item === 'leases' || item === 'approvals' || (item === 'groups' && hasGroups) ? item : 'machines'
  const clients = useMemo(
    () => [...known.values()].sort((a, b) => (b.boots[0]?.lastAt ?? 0) - (a.boots[0]?.lastAt ?? 0)),
    [known],
  )
  const selected = item === undefined || view !== 'machines' ? clients[0] : known.get(item)
  return (
    <div className="page-full">
      {view !== 'machines' && <h1 className="visually-hidden">{headings[view]}</h1>}
      <div className="toolbar">
        <SegmentedControl
          size="xs"
          aria-label={t('pages.view')}
          value={view}
          onChange={(value) => go('clients', value === 'machines' ? undefined : value)}
          data={[
            { value: 'machines', label: t('pages.machines-count', { count: known.size }) },
            { value: 'leases', label: t('pages.leases') },
            ...(hasGroups ? [{ value: 'groups', label: t('pages.groups') }] : []),
            ...(mayWait ? [{ value: 'approvals', label: t('pages.approvals') }] : []),
          ]}
        />
      </div>
      {view === 'leases' ? (
        <>
          <div className="engine-above">
            <EnginePanel withChanges={false} />
          </div>
          <Leases />
        </>
      ) : view === 'groups' ? (
        <GroupsView groups={groups!} />
      ) : view === 'approvals' ? (
        <Approvals />
      ) : known.size === 0 && !isValid ? (
        <InvalidLab shows={t('pages.machines-2')} />
      ) : known.size === 0 ? (
        <EmptyState title={t('pages.no-machine-been-seen-yet')}>
          <NextStep />
        </EmptyState>
      ) : (
        <Panes
          id="clients"
          share={46}
          first={
            <DataTable
              id="machines"
              label={t('pages.machines-2')}
              rows={clients}
              columns={columns}
              keyOf={macOf}
              selected={selected?.mac}
              onSelect={(client) => go('clients', client.mac, true)}
              rowHeight={44}
              actions={actionsOn}
            />
          }
          second={
            selected ? (
              <ClientDetail
                client={selected}
                onUse={() => {
                  if (item !== selected.mac) go('clients', selected.mac, true)
                }}
              />
            ) : (
              <EmptyState title={t('pages.machine-not-known')}>{t('pages.choose-one-list')}</EmptyState>
            )
          }
        />
      )}
    </div>
  )
}

const headings = {
  leases: t('pages.leases'),
  approvals: t('pages.approvals'),
  groups: t('pages.groups'),
} as const

const macOf = (client: Client): string => client.mac

function actionsOn(some: readonly Client[]): RowAction[] {
  const sleepers = some.filter(canWake)
  const [only, second] = some
  return [
    ...(only && !second
      ? [
          { label: t('pages.show-packets'), run: () => go('flows', `live|${only.mac}`) },
          { label: t('pages.copy-mac-address'), run: () => void copyText(only.mac) },
        ]
      : []),
    ...(sleepers.length > 0
      ? [
          {
            label: sleepers.length === 1 ? t('pages.wake') : t('pages.wake-machines', { count: sleepers.length }),
            run: () => void wake(sleepers),
          },
        ]
      : []),
  ]
}

const columns: readonly Column<Client>[] = [
  {
    id: 'machine',
    title: t('pages.machine-title'),
    // A whole MAC address: cut off, the machines of one vendor look the same.
    width: 150,
    grows: 1,
    value: (client) => client.mac,
    cell: (client) => (
      <Stack gap={0}>
        <span className="mono">{client.mac}</span>
        <Text span size="xs" c="dimmed">
          {[client.address, client.name].filter(Boolean).join(' · ')}
        </Text>
      </Stack>
    ),
  },
  {
    id: 'firmware',
    title: t('pages.firmware'),
    width: 90,
    grows: 0.8,
    value: (client) => client.firmware,
    cell: (client) => (
      <Stack gap={0}>
        <span>{client.firmware}</span>
        <Text span size="xs" c="dimmed">
          {client.architecture}
        </Text>
      </Stack>
    ),
  },
  {
    id: 'status',
    title: t('pages.status-title'),
    width: 120,
    grows: 1.2,
    value: ({ boots: [boot] }) => (boot ? `${stageWord(boot.stage)} ${loadingOf(boot)}`.trim() : null),
    cell: ({ boots: [boot] }) => (
      <Stack gap={0}>
        {boot && <StageBadge stage={boot.stage} />}
        <Text span size="xs" c="dimmed">
          <WithCodes text={loadingOf(boot)} />
        </Text>
      </Stack>
    ),
  },
  { id: 'address', title: t('pages.address-title'), width: 110, isExtra: true, value: (client) => client.address },
  { id: 'name', title: t('pages.name'), width: 110, grows: 0.5, isExtra: true, value: (client) => client.name },
  {
    id: 'vendor',
    title: t('pages.vendor-title'),
    width: 110,
    grows: 0.5,
    isExtra: true,
    value: (client) => vendorText(client.vendor),
  },
  { id: 'uuid', title: t('pages.uuid-title'), width: 260, isExtra: true, value: (client) => client.uuid },
  {
    id: 'architecture',
    title: t('pages.architecture-title'),
    width: 110,
    isExtra: true,
    value: (client) => client.architecture,
  },
  {
    id: 'last',
    title: t('pages.last-title'),
    width: 150,
    isExtra: true,
    value: ({ boots: [boot] }) => boot?.lastAt ?? null,
    text: ({ boots: [boot] }) => (boot ? formatDateTime(boot.lastAt) : ''),
  },
]
