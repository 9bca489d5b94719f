import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { formatDateTime, formatTime } from '#shared/contract/format.ts'
import type { Approval } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { Copyable } from '../parts/copyable.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'

type Verdict = 'approve' | 'refuse' | 'forget'

function Row({ one, again }: { readonly one: Approval; readonly again: () => void }): ReactElement {
  const [name, setName] = useState(one.name)
  const [remember, setRemember] = useState(true)
  const decide = (verdict: Verdict): Promise<unknown> =>
    attempt('Approval', async () => {
      await call('approvals.decide', { request: one.request, verdict, name, remember })
      again()
    })
  const isPending = one.state === 'pending'
  return (
    <tr aria-label={`Request ${one.request}`}>
      <td className="number">{one.request}</td>
      <td>
        <Copyable text={one.mac} />
        {one.uuid && (
          <Text size="xs" c="dimmed">
            {one.uuid}
          </Text>
        )}
      </td>
      <td>{one.architecture}</td>
      <td title={formatDateTime(one.since)}>{formatTime(one.since)}</td>
      <td>
        {one.state}
        {isPending || one.isRemembered ? '' : ', for this boot'}
      </td>
      <td>
        {isPending ? (
          <TextInput
            size="xs"
            aria-label={`Name of request ${one.request}`}
            maxLength={63}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : (
          one.name
        )}
      </td>
      <td>
        {isPending ? (
          <Group gap={8} wrap="nowrap">
            <Checkbox
              size="xs"
              label="Remember"
              checked={remember}
              onChange={(event) => setRemember(event.currentTarget.checked)}
            />
            <Button size="compact-xs" onClick={() => void decide('approve')}>
              Approve
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => void decide('refuse')}>
              Refuse
            </Button>
          </Group>
        ) : (
          <Button size="compact-xs" variant="subtle" onClick={() => void decide('forget')}>
            Remove
          </Button>
        )}
      </td>
    </tr>
  )
}

/** Pending devices of a lab that plays WDS. */
export function Approvals(): ReactElement {
  // What is told of the dialogue is in the log as well.
  const changes = useStore((one) => one.log.findLast(({ type }) => /^(wds|request)-/.test(type))?.id)
  const { value: requests, again } = useRead(() => call('approvals.list', {}), `${changes}`)
  if (!requests || requests.length === 0)
    return (
      <EmptyState title="No pending devices">
        A machine that is not prestaged appears here when it shows its pending request ID, and waits until it is
        approved or refused.
      </EmptyState>
    )
  return (
    <div style={{ padding: '12px 20px', overflow: 'auto' }}>
      <table className="grid-table" aria-label="Pending devices">
        <thead>
          <tr>
            <th className="number">Request ID</th>
            <th>Machine</th>
            <th>Architecture</th>
            <th>Since</th>
            <th>State</th>
            <th>Name</th>
            <th>Action</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((one) => (
            <Row key={`${one.request} ${one.state}`} one={one} again={again} />
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt={8}>
        Remember keeps the decision for later boots. That a refused machine is told to abort at every boot is
        unconfirmed for WDS.
      </Text>
    </div>
  )
}
