import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, useState, type ReactElement } from 'react'
import { formatDateTime, formatTime } from '#shared/contract/format.ts'
import type { Approval } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { Copyable } from '../parts/copyable.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import type { Column } from '../parts/table-columns.ts'
import { useRead } from '../parts/use-read.ts'
import { attempt, useStore } from '../store.ts'
import { eachOf, offerUndo } from '../undo.tsx'

type Verdict = 'approve' | 'refuse' | 'forget'

type Say = { readonly verdict: Verdict | 'wait' | 'restore'; readonly name?: string; readonly remember?: boolean }

const done = { approve: 'Approved', refuse: 'Refused', forget: 'Removed' } as const

const say = (one: Approval, what: Say): Promise<unknown> => call('approvals.decide', { request: one.request, ...what })

/** Decides on requests, and offers to take that back: a machine that has gone on meanwhile waits again at its next boot. */
async function decide(
  some: readonly Approval[],
  again: () => void,
  verdict: Verdict,
  more: (one: Approval) => { readonly name?: string; readonly remember?: boolean } = () => ({}),
): Promise<void> {
  const isDone = await attempt('Approval', async () => {
    await eachOf(some, (one) => say(one, { verdict, ...more(one) }), again)
    return true
  })
  if (!isDone) return
  const back = (one: Approval): Say => (verdict === 'forget' ? { verdict: 'restore' } : { verdict: 'wait', name: one.name, remember: one.isRemembered }) // prettier-ignore
  offerUndo(`${done[verdict]} ${some.length === 1 ? `request ${some[0]!.request}` : `${some.length} requests`}`, () => eachOf(some, (one) => say(one, back(one)), again)) // prettier-ignore
}

function Decision({ one, again }: { readonly one: Approval; readonly again: () => void }): ReactElement {
  const [name, setName] = useState(one.name)
  const [remember, setRemember] = useState(true)
  if (one.state !== 'pending')
    return (
      <Button size="compact-xs" variant="subtle" onClick={() => void decide([one], again, 'forget')}>
        Remove
      </Button>
    )
  return (
    <Group gap={8} wrap="nowrap">
      <TextInput
        size="xs"
        w={130}
        aria-label={`Name of request ${one.request}`}
        placeholder="Name"
        maxLength={63}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label="Remember"
        checked={remember}
        onChange={(event) => setRemember(event.currentTarget.checked)}
      />
      <Button size="compact-xs" onClick={() => void decide([one], again, 'approve', () => ({ name, remember }))}>
        Approve
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => void decide([one], again, 'refuse', () => ({ name, remember }))}
      >
        Refuse
      </Button>
    </Group>
  )
}

const keyOf = ({ request }: Approval): string => String(request)

const columnsWith = (again: () => void): readonly Column<Approval>[] => [
  { id: 'request', title: 'Request ID', width: 76, isNumber: true, value: ({ request }) => request },
  {
    id: 'machine',
    title: 'Machine',
    width: 140,
    grows: 1,
    value: ({ mac }) => mac,
    cell: ({ mac, uuid }) => (
      <Stack gap={0}>
        <Copyable text={mac} />
        <Text span size="xs" c="dimmed">
          {uuid}
        </Text>
      </Stack>
    ),
  },
  { id: 'uuid', title: 'UUID', width: 260, isExtra: true, value: ({ uuid }) => uuid },
  { id: 'architecture', title: 'Architecture', width: 100, value: ({ architecture }) => architecture },
  {
    id: 'since',
    title: 'Since',
    width: 80,
    value: ({ since }) => since,
    text: ({ since }) => formatDateTime(since),
    cell: ({ since }) => <span title={formatDateTime(since)}>{formatTime(since)}</span>,
  },
  {
    id: 'state',
    title: 'State',
    width: 130,
    value: ({ state, isRemembered }) => `${state}${state === 'pending' || isRemembered ? '' : ', for this boot'}`,
  },
  { id: 'name', title: 'Name', width: 80, grows: 0.5, value: ({ name }) => name },
  {
    id: 'decision',
    title: 'Decision',
    width: 390,
    cell: (one) => <Decision key={`${one.request} ${one.state}`} one={one} again={again} />,
  },
]

/** Pending devices of a lab that plays WDS. */
export function Approvals(): ReactElement {
  // What is told of the dialogue is in the log as well.
  const changes = useStore((one) => one.log.findLast(({ type }) => /^(wds|request)-/.test(type))?.id)
  const { value: requests, again } = useRead(() => call('approvals.list', {}), `${changes}`)
  const columns = useMemo(() => columnsWith(again), [again])
  if (!requests || requests.length === 0)
    return (
      <EmptyState title="No pending devices">
        A machine that is not prestaged appears here when it shows its pending request ID, and waits until it is
        approved or refused.
      </EmptyState>
    )
  return (
    <>
      <DataTable
        id="approvals"
        label="Pending devices"
        rows={requests}
        columns={columns}
        keyOf={keyOf}
        rowHeight={46}
        rowName={({ request }) => `Request ${request}`}
        actions={(some) => {
          const pending = some.filter(({ state }) => state === 'pending')
          const decided = some.filter(({ state }) => state !== 'pending')
          const all = (verdict: Verdict): Promise<void> =>
            decide(pending, again, verdict, ({ name }) => ({ name, remember: true }))
          return [
            ...(pending.length > 0
              ? [
                  { label: `Approve ${pending.length} and remember`, run: () => void all('approve') },
                  { label: `Refuse ${pending.length} and remember`, run: () => void all('refuse'), isBad: true },
                ]
              : []),
            ...(decided.length > 0
              ? [{ label: `Remove ${decided.length}`, run: () => void decide(decided, again, 'forget'), isBad: true }]
              : []),
          ]
        }}
      />
      <Text size="xs" c="dimmed" p="xs">
        Remember keeps the decision for later boots. That a refused machine is told to abort at every boot is
        unconfirmed for WDS.
      </Text>
    </>
  )
}
