import { t } from '#messages/text.ts'
import { useMemo, type ReactElement } from 'react'
import { tellAge, tellBytes, tellNumber } from '#shared/contract/amounts.ts'
import { formatDateTime } from '#shared/contract/format.ts'
import { agentHealth, lagOf, type SiteAgent, type SitesState } from '#shared/contract/sites.ts'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/table-columns.ts'
import { show, type SitesPlace } from './place.ts'

const keyOf = ({ id }: SiteAgent): string => id
const lostOf = ({ lostPieces, lostFrames }: SiteAgent): string =>
  [lostPieces > 0 ? `${lostPieces} ${lostPieces === 1 ? 'piece' : 'pieces'}` : '', lostFrames > 0 ? `${lostFrames} ${lostFrames === 1 ? 'frame' : 'frames'}` : ''].filter(Boolean).join(', ') || 'nothing' // prettier-ignore

const columnsOf = (now: number, version: string): readonly Column<SiteAgent>[] => [
  { id: 'agent', title: t('sites.agent-title'), width: 120, grows: 1, value: ({ name, id }) => name || id },
  { id: 'site', title: t('sites.site-title'), width: 110, grows: 0.7, value: ({ site }) => site },
  {
    id: 'state',
    title: t('sites.state-title'),
    width: 120,
    grows: 0.6,
    value: (agent) => agentHealth(agent, now).text,
    cell: (agent) => {
      const { text, tone } = agentHealth(agent, now)
      return (
        <span data-tone={tone}>
          {tone === 'good' ? '✓' : tone === 'bad' ? '✗' : '…'} {text}
        </span>
      )
    },
  },
  {
    id: 'seen',
    title: t('sites.seen-title'),
    hint: t('sites.seen-hint'),
    width: 100,
    value: ({ seenAt }) => seenAt,
    text: ({ seenAt }) => t('sites.ago', { age: tellAge(now - seenAt) }),
    cell: ({ seenAt }) => <span title={formatDateTime(seenAt)}>{t('sites.ago', { age: tellAge(now - seenAt) })}</span>,
  },
  {
    id: 'lag',
    title: t('sites.lag-title'),
    hint: t('sites.lag-hint'),
    width: 90,
    value: (agent) => lagOf(agent, now),
    text: (agent) => {
      const lag = lagOf(agent, now)
      return lag === null ? t('sites.not-known') : tellAge(lag)
    },
  },
  {
    id: 'spool',
    title: t('sites.spool-title'),
    hint: t('sites.spool-hint'),
    width: 135,
    value: ({ waitingBytes }) => waitingBytes,
    text: ({ waitingPieces, waitingBytes }) =>
      waitingPieces === null ? t('sites.not-known') : waitingPieces === 0 ? t('sites.empty') : t('sites.pieces', { count: waitingPieces, size: tellBytes(waitingBytes ?? 0) }), // prettier-ignore
  },
  { id: 'lost', title: t('sites.lost-title'), hint: t('sites.lost-hint'), width: 100, value: lostOf },
  {
    id: 'version',
    title: t('sites.version-title'),
    width: 70,
    value: (agent) => agent.version,
    cell: (agent) => (
      <span
        data-tone={agent.version !== version && agent.version !== '' ? 'wait' : undefined}
        title={agent.version === version ? undefined : t('sites.hub-version', { version })}
      >
        {agent.version}
      </span>
    ),
  },
  {
    id: 'clock',
    title: t('sites.clock-title'),
    hint: t('sites.clock-hint'),
    width: 110,
    isExtra: true,
    value: ({ clockAheadMs }) => clockAheadMs,
    text: ({ clockAheadMs }) => `${tellNumber(clockAheadMs / 1000, 1)} s`,
  },
  {
    id: 'pieces',
    title: t('sites.pieces-title'),
    width: 100,
    isNumber: true,
    isExtra: true,
    value: ({ pieces }) => pieces,
  },
]

interface AgentsProps {
  readonly hub: SitesState
  readonly version: string
  readonly place: SitesPlace
}

/** Every agent that ever sent something: how it is, and how far behind. */
export function Agents({ hub, version, place }: AgentsProps): ReactElement {
  const columns = useMemo(() => columnsOf(hub.now, version), [hub.now, version])
  return (
    <DataTable
      id="site-agents"
      label={t('sites.agents')}
      rows={hub.agents}
      columns={columns}
      keyOf={keyOf}
      actions={(some) =>
        some.length === 1
          ? [
              {
                label: t('sites.boots', { site: some[0]!.site }),
                run: () =>
                  show({ ...place, view: 'boots', boot: undefined, offset: 0, values: { site: some[0]!.site } }),
              },
            ]
          : []
      }
    />
  )
}
