import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Box, Alert, Button, Group, SimpleGrid, Switch, Text, Title } from '@mantine/core'
import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react'
import type { LogLine, PortState, Status } from '#shared/contract/calls.ts'
import { formatDateTime, formatTime } from '#shared/contract/format.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { call } from '../connection.ts'
import { problemText } from '../parts/problem-text.ts'
import { EnginePanel } from './engine-panel.tsx'
import { HttpsPanel } from './https-panel.tsx'
import { LabNotices } from '../parts/lab-notices.tsx'
import { RestartNotice } from '../parts/restart-notice.tsx'
import { NextStep } from '../parts/next-step.tsx'
import { ModePicture } from '../parts/mode-picture.tsx'
import { StateLight } from '../parts/state-light.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import { StartStop } from '../shell/top-bar.tsx'
import { attempt, refreshInterfaces, useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'

const ExportDialog = lazy(async () => ({ default: (await import('../lab/export-dialog.tsx')).ExportDialog }))

const portLooks: Readonly<
  Record<PortState['state'], { readonly word: string; readonly colour: string; readonly shape: string }>
> = {
  ours: { word: t('pages.answered-by-pxe-lab'), colour: 'var(--lab-good)', shape: 'dot' },
  shared: { word: t('pages.pxe-lab-another-program'), colour: 'var(--lab-wait)', shape: 'dot' },
  taken: { word: t('pages.held-another-program'), colour: 'var(--lab-bad)', shape: 'square' },
  free: { word: t('pages.port-free'), colour: 'var(--lab-quiet)', shape: 'ring' },
}

function Ports({ status }: { readonly status: Status }): ReactElement {
  const { value, error, again } = useRead(() => call('ports.read', {}), status.state)
  // An invalid lab file says nothing of the ports it would use.
  const hasMode = status.mode !== null
  return (
    <section className="section" aria-label={t('pages.ports')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('pages.ports')}</Title>
        <Button size="compact-xs" variant="subtle" onClick={again}>
          {t('pages.refresh')}
        </Button>
      </Group>
      {error !== undefined && <Text c="var(--lab-bad)">{t('pages.ports-cannot-read', { reason: error })}</Text>}
      <table className="grid-table">
        <thead>
          <tr>
            <Box component="th" className="number" w={70}>
              {t('pages.udp-port')}
            </Box>
            <Box component="th" w={120}>
              {t('pages.service')}
            </Box>
            <Box component="th" w={260}>
              {t('pages.state-title')}
            </Box>
            <th>{t('pages.held')}</th>
          </tr>
        </thead>
        <tbody>
          {value?.map((port) => {
            const look = portLooks[port.state]
            const isTroubling = port.state === 'taken' && port.isWanted
            const colour = port.state === 'taken' && !port.isWanted ? 'var(--lab-quiet)' : look.colour
            return (
              <tr key={port.service}>
                <td className="number mono">{port.port}</td>
                <td>{port.service}</td>
                <td className="no-wrap" style={{ color: colour }}>
                  <span
                    className="dot mark"
                    data-shape={look.shape}
                    style={{ background: colour, borderColor: colour }}
                  />
                  {look.word}
                  {!port.isWanted && port.state === 'free' && hasMode ? t('pages.not-used-mode') : ''}
                </td>
                <td>
                  {port.owners.join(', ')}
                  {isTroubling && <Text size="xs">{port.remedy}</Text>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

const levelColour: Readonly<Record<LogLine['level'], string>> = {
  info: 'inherit',
  good: 'var(--lab-good)',
  warning: 'var(--lab-wait)',
  problem: 'var(--lab-bad)',
}

function RecentEvents(): ReactElement {
  const log = useStore((one) => one.log)
  return (
    <section className="section" aria-label={t('pages.events')}>
      <Title order={2} mb={4}>
        {t('pages.events')}
      </Title>
      {log.length === 0 ? (
        <Text c="dimmed">
          {t('pages.nothing-has-happened')} <NextStep />
        </Text>
      ) : (
        <div role="log" aria-live="off" className="event-list">
          {log
            .slice(-200)
            .toReversed()
            .map((line) => (
              <div key={line.id} className="event-line">
                <span
                  className="mono event-time"

                  title={formatDateTime(line.time)}
                >
                  {formatTime(line.time)}
                </span>
                <span style={{ color: levelColour[line.level] }}>
                  {line.level === 'problem'
                    ? `${t('pages.problem')} `
                    : line.level === 'warning'
                      ? `${t('pages.warning')} `
                      : ''}
                  <WithCodes text={line.text} />
                </span>
              </div>
            ))}
        </div>
      )}
    </section>
  )
}

function ExportButton({ lab }: { readonly lab: Lab }): ReactElement {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {t('pages.export-configuration')}
      </Button>
      {isOpen && (
        <Suspense>
          <ExportDialog lab={lab} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  )
}

export function LabPage(): ReactElement {
  const status = useStore((one) => one.status)
  const lab = useStore((one) => one.lab)
  const interfaces = useStore((one) => one.interfaces)
  // What the responder was doing when the connection was lost is not what it does.
  const isConnected = useStore((one) => one.connection === 'connected')
  useEffect(() => {
    const timer = window.setInterval(() => void refreshInterfaces().catch(() => {}), 2000)
    return () => window.clearInterval(timer)
  }, [])
  if (!status || !lab) return <div className="page-body" />
  const { complaint } = status
  // What went wrong is told below, with what to do.
  const isTold = status.detail === '' || status.detail === complaint?.message
  const unlinked = interfaces
    .filter((one) => one.hasLink === false && status.interfaces.includes(one.name))
    .map((one) => one.name)
  return (
    <div className="page-body">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={28}>
        <section>
          <Group gap={16} mb={6}>
            <Title order={1}>
              <StateLight state={status.state} />
            </Title>
            <StartStop size="sm" />
          </Group>
          {isConnected && !isTold && <Text mb={12}>{status.detail}</Text>}
          {complaint && (
            <Alert
              color="red"
              variant="light"
              title={
                status.startedAt === null
                  ? t('pages.did-not-start', { what: complaint.about })
                  : t('pages.problem-with', { what: complaint.about })
              }
              role="alert"
              mb={12}
            >
              {complaint.message}. <strong>{complaint.remedy}</strong>
              <div>
                <Button component="a" href={addressOf('doctor')} size="compact-sm" mt={8} variant="default">
                  {t('pages.ask-doctor')}
                </Button>
              </div>
            </Alert>
          )}
          {lab.problems.length > 0 && (
            <Alert color="red" variant="light" title={t('pages.lab-file-problems')} role="alert" mb={12}>
              {lab.problems.map((one) => (
                <div key={`${one.field}${one.line}`}>{problemText(one)}</div>
              ))}
              <Button component="a" href={addressOf('settings')} size="compact-sm" mt={8} variant="default">
                {t('pages.correct')}
              </Button>
            </Alert>
          )}
          <RestartNotice />
          <LabNotices notices={lab.notices} />
          {unlinked.length > 0 && (
            <Alert color="yellow" variant="light" title={t('pages.no-link')} mb={12}>
              {t('pages.nothing-other-end-cable-out', { unlinked: unlinked.join(', ') })}
            </Alert>
          )}
          {status.warnings.map((warning) => (
            <Alert key={warning} color="yellow" variant="light" mb={12}>
              {warning}
            </Alert>
          ))}
          <table className="grid-table">
            <tbody>
              <tr>
                <th scope="row">{t('pages.mode')}</th>
                <td>{status.mode ?? t('pages.none')}</td>
              </tr>
              <tr>
                <th scope="row">{t('pages.interface')}</th>
                <td>
                  {status.interfaces.join(', ')}
                  {status.listening.length > 0 && (
                    <span className="mono"> {[...new Set(status.listening.map((one) => one.address))].join(', ')}</span>
                  )}
                </td>
              </tr>
              {status.pools.map((pool) => (
                <tr key={pool.subnet}>
                  <th scope="row">{t('pages.pool')}</th>
                  <td>
                    <Rich
                      message={say('pages.pool-used', { used: pool.used, size: pool.size, subnet: pool.subnet })}
                      tags={{ subnet: (text) => <span className="mono">{text}</span> }}
                    />
                  </td>
                </tr>
              ))}
              {status.startedAt !== null && (
                <tr>
                  <th scope="row">{t('pages.since')}</th>
                  <td title={formatDateTime(status.startedAt)}>{formatTime(status.startedAt)}</td>
                </tr>
              )}
              {status.stopsAt !== null && (
                <tr>
                  <th scope="row">{t('pages.stops-itself')}</th>
                  <td title={formatDateTime(status.stopsAt)}>
                    {t('pages.at-time', { time: formatTime(status.stopsAt) })}
                  </td>
                </tr>
              )}
              <tr>
                <th scope="row">{t('pages.packets')}</th>
                <td>
                  <Switch
                    size="xs"
                    label={t('pages.keep-every-packet-file-transfers')}
                    description={
                      status.keepsAllPackets
                        ? t('pages.large-files-push-earlier-boots')
                        : t('pages.fast-transfers-first-packets-errors')
                    }
                    checked={status.keepsAllPackets}
                    onChange={({ currentTarget: { checked } }) =>
                      void attempt(t('pages.packets'), () => call('frames.keep', { all: checked }))
                    }
                  />
                </td>
              </tr>
              <tr>
                <th scope="row">{t('pages.lab-file')}</th>
                <td className="wraps">
                  <span className="mono">{lab.path}</span>
                  <Group gap="xs" mt={4}>
                    {lab.exists && (
                      <Button component="a" href={addressOf('settings', 'text')} size="compact-xs" variant="default">
                        {t('pages.edit-lab-file')}
                      </Button>
                    )}
                    {lab.lab && <ExportButton lab={lab.lab} />}
                  </Group>
                </td>
              </tr>
            </tbody>
          </table>
        </section>
        <section>{lab.lab && <ModePicture lab={lab.lab} />}</section>
      </SimpleGrid>
      <EnginePanel withChanges />
      <HttpsPanel />
      <Ports status={status} />
      <RecentEvents />
    </div>
  )
}
