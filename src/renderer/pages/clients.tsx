import { Anchor, Button, Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMemo, useState, type ReactElement, type ReactNode } from 'react'
import type { Boot, Client, LeaseInfo } from '#shared/contract/calls.ts'
import { formatBytes, formatDateTime, formatDuration, formatTime } from '#shared/contract/format.ts'
import { call } from '../connection.ts'
import { Copyable } from '../parts/copyable.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { FileProgressRow } from '../parts/file-progress.tsx'
import { Panes } from '../parts/panes.tsx'
import { StageBadge } from '../parts/stage-badge.tsx'
import { useRead } from '../parts/use-read.ts'
import { VirtualList } from '../parts/virtual-list.tsx'
import { addressOf, go, useRoute } from '../route.ts'
import { Approvals } from './approvals.tsx'
import { attempt, useStore } from '../store.ts'

const reserve = (mac: string, address: string, hostname: string | null): Promise<unknown> =>
  attempt('Reservation', async () => {
    await call('reservations.add', { mac, address, ...(hostname ? { hostname } : {}) })
    notifications.show({ message: `${address} is reserved for ${mac}; it holds from the next start` })
  })

function loadingOf(boot: Boot | undefined): string {
  const file = boot?.files.findLast((one) => one.state === 'loading')
  if (!file) return boot?.detail ?? ''
  const share = file.size ? `${Math.round((file.bytes / file.size) * 100)} %` : formatBytes(file.bytes)
  return `${file.file} ${share}`
}

function BootHistory({ boots }: { readonly boots: readonly Boot[] }): ReactElement | null {
  if (boots.length === 0) return null
  return (
    <section className="section">
      <Title order={2} mb={4}>
        Earlier boots
      </Title>
      <table className="grid-table">
        <thead>
          <tr>
            <th>When</th>
            <th>Took</th>
            <th>Firmware</th>
            <th>Ended</th>
            <th className="number">Files</th>
          </tr>
        </thead>
        <tbody>
          {boots.map((boot) => (
            <tr key={boot.startedAt}>
              <td title={formatDateTime(boot.startedAt)}>{formatTime(boot.startedAt)}</td>
              <td>{formatDuration(boot.lastAt - boot.startedAt)}</td>
              <td>{boot.firmware}</td>
              <td>
                <StageBadge stage={boot.stage} /> {boot.detail}
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
      <strong>{boot.detail}</strong>
      {boot.causes.length > 0 && (
        <>
          <Text size="sm" mt={4}>
            {boot.causes.length === 1 ? 'Cause' : 'Likely causes'}
          </Text>
          <ul>
            {boot.causes.map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
        </>
      )}
      {isBad && (
        <Anchor href={addressOf('flows', `live|${mac}`)} size="sm">
          Show evidence
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

function ClientDetail({ client }: { readonly client: Client }): ReactElement {
  const lab = useStore((one) => one.lab?.lab)
  const [boot, ...earlier] = client.boots
  const canReserve =
    lab?.mode === 'dhcp' && client.address !== null && !client.isReserved && !client.mac.startsWith('at ')
  return (
    <div style={{ padding: '12px 20px' }}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1}>{client.hostName ?? <Copyable text={client.mac} hint={client.vendor} />}</Title>
          <Text c="dimmed">{[client.hostName ? client.mac : '', client.vendor].filter(Boolean).join(' · ')}</Text>
        </div>
        <Anchor href={addressOf('flows', `live|${client.mac}`)} size="sm">
          Show packets
        </Anchor>
        {canReserve && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => void reserve(client.mac, client.address!, client.hostName)}
          >
            Reserve {client.address}
          </Button>
        )}
        {client.isReserved && <Text c="dimmed">Address reserved</Text>}
      </Group>
      <table className="grid-table" style={{ marginTop: 8 }}>
        <tbody>
          <Fact name="Firmware">{client.firmware}</Fact>
          <Fact name="Architecture">{client.architecture || 'not said'}</Fact>
          <Fact name="Address">{client.address ? <Copyable text={client.address} /> : 'none'}</Fact>
          <Fact name="UUID">{client.uuid ? <Copyable text={client.uuid} /> : 'not said'}</Fact>
          <Fact name="Boot program">{client.reason || 'none'}</Fact>
        </tbody>
      </table>
      {boot && (
        <section className="section">
          <Group gap={12} mb={4}>
            <Title order={2}>This boot</Title>
            <StageBadge stage={boot.stage} />
            <Text c="dimmed" title={formatDateTime(boot.startedAt)}>
              began {formatTime(boot.startedAt)}, took {formatDuration(boot.lastAt - boot.startedAt)}
            </Text>
          </Group>
          <Verdict boot={boot} mac={client.mac} />
          {boot.files.length === 0 ? (
            <Text c="dimmed">No file has been asked for yet.</Text>
          ) : (
            boot.files.map((file) => <FileProgressRow key={file.id} file={file} />)
          )}
        </section>
      )}
      <BootHistory boots={earlier} />
    </div>
  )
}

const leaseWords: Readonly<Record<LeaseInfo['state'], string>> = {
  offered: 'offered',
  bound: 'in use',
  released: 'released',
  expired: 'ran out',
  declined: 'declined, left alone',
}

function Leases(): ReactElement {
  const changes = useStore((one) => (one.log.length === 0 ? 0 : one.log.at(-1)!.id))
  const labText = useStore((one) => one.lab?.text)
  const { value: leases, again } = useRead(() => call('leases.list', {}), `${changes}${labText}`)
  const [filter, setFilter] = useState('')
  const [selected, setSelected] = useState<string>()
  const free = (address: string): Promise<unknown> =>
    attempt('Lease', async () => {
      await call('leases.forget', { address })
      again()
    })
  const shown = leases?.filter((one) =>
    `${one.address} ${one.mac} ${one.hostName ?? ''}`.includes(filter.toLowerCase()),
  )
  if (leases?.length === 0)
    return (
      <EmptyState title="No address has been given">
        Leases appear here in mode dhcp, when the first client has got its address.
      </EmptyState>
    )
  return (
    <>
      <div className="toolbar">
        <TextInput
          size="xs"
          aria-label="Filter leases"
          placeholder="Filter by address, MAC or name"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          w={280}
        />
      </div>
      <div className="list-head" style={{ gridTemplateColumns: leaseColumns }}>
        <span>Address</span>
        <span>Client</span>
        <span>Name</span>
        <span>State</span>
        <span>Until</span>
      </div>
      <VirtualList
        label="Leases"
        items={shown ?? []}
        keyOf={(lease) => lease.address}
        selected={selected}
        onSelect={(lease) => setSelected(lease.address)}
        rowHeight={32}
        columns={leaseColumns}
        row={(lease) => (
          <>
            <Copyable text={lease.address} />
            <Copyable text={lease.mac} />
            <span>{lease.hostName}</span>
            <span>
              {leaseWords[lease.state]}
              {lease.isReserved ? ', reserved' : ''}
            </span>
            <span>{lease.until === null ? 'for ever' : formatDateTime(lease.until)}</span>
            <Group gap={8} wrap="nowrap">
              {!lease.isReserved && lease.state !== 'declined' && (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => void reserve(lease.mac, lease.address, lease.hostName)}
                >
                  Reserve
                </Button>
              )}
              {(lease.state === 'bound' || lease.state === 'declined') && (
                <Button size="compact-xs" variant="subtle" onClick={() => void free(lease.address)}>
                  Free
                </Button>
              )}
            </Group>
          </>
        )}
      />
    </>
  )
}

const leaseColumns = '120px 140px minmax(80px, 1fr) 150px 100px 150px'

export function ClientsPage(): ReactElement {
  const known = useStore((one) => one.clients)
  const mode = useStore((one) => one.lab?.lab?.mode)
  const mayWait = useStore(({ lab }) => lab?.lab?.role === 'wds' && lab.lab.wds.approve)
  const { item } = useRoute()
  const [filter, setFilter] = useState('')
  const view = item === 'leases' || item === 'approvals' ? item : 'machines'
  const clients = useMemo(() => {
    const wanted = filter.toLowerCase()
    return [...known.values()]
      .filter((one) =>
        [one.mac, one.vendor, one.firmware, one.address, one.hostName, one.uuid].some((text) =>
          text?.toLowerCase().includes(wanted),
        ),
      )
      .sort((a, b) => (b.boots[0]?.lastAt ?? 0) - (a.boots[0]?.lastAt ?? 0))
  }, [known, filter])
  const selected = item === undefined || view !== 'machines' ? clients[0] : known.get(item)
  return (
    <div className="page-full">
      <div className="toolbar">
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          onChange={(value) => go('clients', value === 'machines' ? undefined : value)}
          data={[
            { value: 'machines', label: `Machines (${known.size})` },
            { value: 'leases', label: 'Leases' },
            ...(mayWait ? [{ value: 'approvals', label: 'Approvals' }] : []),
          ]}
        />
        {view === 'machines' && known.size > 0 && (
          <TextInput
            size="xs"
            aria-label="Filter machines"
            placeholder="Filter by MAC, address, name, firmware"
            w={280}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )}
      </div>
      {view === 'leases' ? (
        <Leases />
      ) : view === 'approvals' ? (
        <Approvals />
      ) : known.size === 0 ? (
        <EmptyState title="No machine has been seen yet">
          {mode === undefined
            ? 'Set the lab up first.'
            : 'Start the responder, connect a machine and switch it on with network boot first in its boot order. It appears here with its first packet.'}
        </EmptyState>
      ) : (
        <Panes
          id="clients"
          share={46}
          first={
            <>
              <div className="list-head" style={{ gridTemplateColumns: columns }}>
                <span>Machine</span>
                <span>Firmware</span>
                <span>Status</span>
              </div>
              <VirtualList
                label="Machines"
                items={clients}
                keyOf={(client) => client.mac}
                selected={selected?.mac}
                onSelect={(client) => go('clients', client.mac, true)}
                rowHeight={44}
                columns={columns}
                row={(client) => (
                  <>
                    <Stack gap={0}>
                      <span className="mono">{client.mac}</span>
                      <Text span size="xs" c="dimmed">
                        {[client.address, client.hostName].filter(Boolean).join(' · ')}
                      </Text>
                    </Stack>
                    <Stack gap={0}>
                      <span>{client.firmware}</span>
                      <Text span size="xs" c="dimmed">
                        {client.architecture}
                      </Text>
                    </Stack>
                    <Stack gap={0}>
                      {client.boots[0] && <StageBadge stage={client.boots[0].stage} />}
                      <Text span size="xs" c="dimmed">
                        {loadingOf(client.boots[0])}
                      </Text>
                    </Stack>
                  </>
                )}
              />
            </>
          }
          second={
            selected ? (
              <ClientDetail client={selected} />
            ) : (
              <EmptyState title="This machine is not known">Choose one from the list.</EmptyState>
            )
          }
        />
      )}
    </div>
  )
}

const columns = 'minmax(120px, 1fr) minmax(90px, 0.8fr) minmax(120px, 1.2fr)'
