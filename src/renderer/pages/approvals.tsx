import { t } from '#messages/text.ts'
import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMemo, useState, type ReactElement, type ReactNode } from 'react'
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
import { vendorText } from '../parts/vendor.ts'

type Verdict = 'approve' | 'refuse' | 'forget'

type Say = { readonly verdict: Verdict | 'wait' | 'restore'; readonly name?: string; readonly remember?: boolean }

const done = {
  approve: 'pages.approved-requests',
  refuse: 'pages.refused-requests',
  forget: 'pages.removed-requests',
} as const

const say = (one: Approval, what: Say): Promise<unknown> => call('approvals.decide', { request: one.request, ...what })

/** Decides on requests, and offers to take that back: a machine that has gone on meanwhile waits again at its next boot. */
async function decide(
  some: readonly Approval[],
  again: () => void,
  verdict: Verdict,
  more: (one: Approval) => { readonly name?: string; readonly remember?: boolean } = () => ({}),
): Promise<void> {
  const isDone = await attempt(t('pages.approval'), async () => {
    await eachOf(some, (one) => say(one, { verdict, ...more(one) }), again)
    return true
  })
  if (!isDone) return
  const back = (one: Approval): Say => (verdict === 'forget' ? { verdict: 'restore' } : { verdict: 'wait', name: one.name, remember: one.isRemembered }) // prettier-ignore
  offerUndo(t(done[verdict], { count: some.length, request: some[0]?.request }), () => eachOf(some, (one) => say(one, back(one)), again)) // prettier-ignore
}

interface DecisionProps {
  readonly one: Approval
  readonly again: () => void
  /** Whether the buttons stand below the name. */
  readonly isNarrow: boolean
}

function Decision({ one, again, isNarrow }: DecisionProps): ReactElement {
  const [name, setName] = useState(one.name)
  const [remember, setRemember] = useState(true)
  if (one.state !== 'pending')
    return (
      <Group gap={8} wrap="nowrap">
        <Text truncate title={one.name}>
          {one.name}
        </Text>
        <Button
          className="keeps-width"
          size="compact-xs"
          variant="subtle"
          onClick={() => void decide([one], again, 'forget')}
        >
          {t('pages.remove')}
        </Button>
      </Group>
    )
  return (
    <Group gap={6} wrap={isNarrow ? 'wrap' : 'nowrap'}>
      <TextInput
        size="xs"
        w={108}
        aria-label={t('pages.name-request', { request: one.request })}
        placeholder={t('pages.name')}
        maxLength={63}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label={t('pages.remember')}
        checked={remember}
        onChange={(event) => setRemember(event.currentTarget.checked)}
      />
      <Button size="compact-xs" onClick={() => void decide([one], again, 'approve', () => ({ name, remember }))}>
        {t('pages.approve')}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => void decide([one], again, 'refuse', () => ({ name, remember }))}
      >
        {t('pages.refuse')}
      </Button>
    </Group>
  )
}

const keyOf = ({ request }: Approval): string => String(request)

/** Two or three lines of a cell, the first as it is, each whole on hover. */
function Lines({ first, more }: { readonly first: ReactNode; readonly more: readonly string[] }): ReactElement {
  return (
    <Stack gap={0}>
      <span>{first}</span>
      {more
        .filter((text) => text !== '')
        .map((text) => (
          <Text key={text} span size="xs" c="dimmed" truncate title={text}>
            {text}
          </Text>
        ))}
    </Stack>
  )
}

const whatItIs = ({ knownAs, vendor }: Approval): string => [knownAs, vendor].filter(Boolean).join(' · ')

/** What tells machines apart stands beside the decision; in a narrow window within the cell of the machine. */
const columnsWith = (again: () => void, isNarrow: boolean): readonly Column<Approval>[] => [
  { id: 'request', title: t('pages.request-title'), width: 64, isNumber: true, value: ({ request }) => request },
  {
    id: 'machine',
    title: t('pages.machine-title'),
    width: isNarrow ? 176 : 150,
    grows: 1,
    value: ({ mac }) => mac,
    cell: (one) => (
      <Lines
        first={
          <Copyable text={one.mac} hint={one.uuid === null ? whatItIs(one) : t('pages.uuid', { uuid: one.uuid })} />
        }
        more={isNarrow ? [whatItIs(one), [one.architecture, one.vendorClass].filter(Boolean).join(' · '), one.file] : [whatItIs(one)]} // prettier-ignore
      />
    ),
  },
  {
    id: 'architecture',
    title: t('pages.architecture-title'),
    hint: t('pages.architecture-hint'),
    width: 120,
    grows: 1,
    isExtra: isNarrow,
    value: ({ architecture, vendorClass }) => `${architecture} ${vendorClass}`.trim(),
    cell: ({ architecture, vendorClass }) => <Lines first={architecture || t('pages.not-said')} more={[vendorClass]} />,
  },
  {
    id: 'file',
    title: t('pages.file-title'),
    hint: t('pages.file-hint'),
    width: 120,
    grows: 1,
    isExtra: isNarrow,
    value: ({ file }) => file,
    cell: ({ file }) => (
      <span className="mono" title={file}>
        {file || t('pages.not-known')}
      </span>
    ),
  },
  {
    id: 'state',
    title: t('pages.state-title'),
    width: 118,
    value: ({ state, isRemembered }) => `${state}${state === 'pending' || isRemembered ? '' : t('pages.boot')}`,
    cell: ({ state, isRemembered, since }) => (
      <Lines
        first={`${state}${state === 'pending' || isRemembered ? '' : t('pages.boot')}`}
        more={[t('pages.first-seen', { when: formatTime(since) })]}
      />
    ),
  },
  {
    id: 'since',
    title: t('pages.since-title'),
    width: 150,
    isExtra: true,
    value: ({ since }) => since,
    text: ({ since }) => formatDateTime(since),
  },
  {
    id: 'vendor',
    title: t('pages.vendor-title'),
    width: 110,
    grows: 0.5,
    isExtra: true,
    value: ({ vendor }) => vendorText(vendor),
  },
  { id: 'uuid', title: t('pages.uuid-title'), width: 260, isExtra: true, value: ({ uuid }) => uuid },
  { id: 'name', title: t('pages.name'), width: 80, grows: 0.5, isExtra: true, value: ({ name }) => name },
  {
    id: 'decision',
    title: t('pages.decision-title'),
    width: isNarrow ? 226 : 336,
    cell: (one) => <Decision key={`${one.request} ${one.state}`} one={one} again={again} isNarrow={isNarrow} />,
  },
]

/** Pending devices of a lab that plays WDS. */
export function Approvals(): ReactElement {
  // What is told of the dialogue is in the log as well.
  const changes = useStore((one) => one.log.findLast(({ type }) => /^(wds|request)-/.test(type))?.id)
  const { value: requests, again } = useRead(() => call('approvals.list', {}), `${changes}`)
  const isNarrow = useMediaQuery('(max-width: 980px)', undefined, { getInitialValueInEffect: false }) ?? false
  const columns = useMemo(() => columnsWith(again, isNarrow), [again, isNarrow])
  if (!requests || requests.length === 0)
    return (
      <EmptyState title={t('pages.no-pending-devices')}>{t('pages.machine-not-prestaged-appears-here')}</EmptyState>
    )
  return (
    <>
      <DataTable
        key={isNarrow ? 'narrow' : 'wide'}
        id={isNarrow ? 'approvals-narrow' : 'approvals'}
        label={t('pages.pending-devices')}
        rows={requests}
        columns={columns}
        keyOf={keyOf}
        rowHeight={isNarrow ? 84 : 46}
        rowName={({ request }) => t('pages.request', { request })}
        actions={(some) => {
          const pending = some.filter(({ state }) => state === 'pending')
          const decided = some.filter(({ state }) => state !== 'pending')
          const all = (verdict: Verdict): Promise<void> =>
            decide(pending, again, verdict, ({ name }) => ({ name, remember: true }))
          return [
            ...(pending.length > 0
              ? [
                  { label: t('pages.approve-remember', { count: pending.length }), run: () => void all('approve') },
                  {
                    label: t('pages.refuse-remember', { count: pending.length }),
                    run: () => void all('refuse'),
                    isBad: true,
                  },
                ]
              : []),
            ...(decided.length > 0
              ? [
                  {
                    label: t('pages.remove-several', { count: decided.length }),
                    run: () => void decide(decided, again, 'forget'),
                    isBad: true,
                  },
                ]
              : []),
          ]
        }}
      />
      <Text size="xs" c="dimmed" p="xs">
        {t('pages.remember-keeps-decision-later-boots')}
      </Text>
    </>
  )
}
