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

const ExportDialog = lazy(async () => ({ default: (await import('../lab/export-dialog.tsx')).ExportDialog }))

const portLooks: Readonly<
  Record<PortState['state'], { readonly word: string; readonly colour: string; readonly shape: string }>
> = {
  ours: { word: 'answered by PXE Lab', colour: 'var(--lab-good)', shape: 'dot' },
  shared: { word: 'PXE Lab, and another program', colour: 'var(--lab-wait)', shape: 'dot' },
  taken: { word: 'held by another program', colour: 'var(--lab-bad)', shape: 'square' },
  free: { word: 'free', colour: 'var(--lab-quiet)', shape: 'ring' },
}

function Ports({ status }: { readonly status: Status }): ReactElement {
  const { value, error, again } = useRead(() => call('ports.read', {}), status.state)
  // An invalid lab file says nothing of the ports it would use.
  const hasMode = status.mode !== null
  return (
    <section className="section" aria-label="Ports">
      <Group justify="space-between" mb={4}>
        <Title order={2}>Ports</Title>
        <Button size="compact-xs" variant="subtle" onClick={again}>
          Refresh
        </Button>
      </Group>
      {error !== undefined && <Text c="var(--lab-bad)">The ports cannot be read: {error}</Text>}
      <table className="grid-table">
        <thead>
          <tr>
            <Box component="th" className="number" w={70}>
              UDP port
            </Box>
            <Box component="th" w={120}>
              Service
            </Box>
            <Box component="th" w={260}>
              State
            </Box>
            <th>Held by</th>
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
                  {!port.isWanted && port.state === 'free' && hasMode ? ', not used in this mode' : ''}
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
    <section className="section" aria-label="Events">
      <Title order={2} mb={4}>
        Events
      </Title>
      {log.length === 0 ? (
        <Text c="dimmed">
          Nothing has happened yet. <NextStep />
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
                  {line.level === 'problem' ? 'Problem: ' : line.level === 'warning' ? 'Warning: ' : ''}
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
      <Button size="compact-xs" variant="default" mt={4} onClick={() => setOpen(true)}>
        Export configuration…
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
          {isConnected && <Text mb={12}>{status.detail}</Text>}
          {complaint && (
            <Alert
              color="red"
              variant="light"
              title={status.startedAt === null ? `Did not start: ${complaint.about}` : `Problem: ${complaint.about}`}
              role="alert"
              mb={12}
            >
              {complaint.message}. <strong>{complaint.remedy}</strong>
              <div>
                <Button component="a" href={addressOf('doctor')} size="compact-sm" mt={8} variant="default">
                  Ask the Doctor
                </Button>
              </div>
            </Alert>
          )}
          {lab.problems.length > 0 && (
            <Alert color="red" variant="light" title="The lab file has problems" role="alert" mb={12}>
              {lab.problems.map((one) => (
                <div key={`${one.field}${one.line}`}>{problemText(one)}</div>
              ))}
              <Button component="a" href={addressOf('settings')} size="compact-sm" mt={8} variant="default">
                Correct it
              </Button>
            </Alert>
          )}
          <RestartNotice />
          <LabNotices notices={lab.notices} />
          {unlinked.length > 0 && (
            <Alert color="yellow" variant="light" title="No link" mb={12}>
              Nothing is at the other end of {unlinked.join(', ')}: the cable is out, or the machine there is switched
              off.
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
                <th scope="row">Mode</th>
                <td>{status.mode ?? 'none'}</td>
              </tr>
              <tr>
                <th scope="row">Interface</th>
                <td>
                  {status.interfaces.join(', ')}
                  {status.listening.length > 0 && (
                    <span className="mono"> {[...new Set(status.listening.map((one) => one.address))].join(', ')}</span>
                  )}
                </td>
              </tr>
              {status.pools.map((pool) => (
                <tr key={pool.subnet}>
                  <th scope="row">Pool</th>
                  <td>
                    {pool.used} of {pool.size} addresses of <span className="mono">{pool.subnet}</span> in use
                  </td>
                </tr>
              ))}
              {status.startedAt !== null && (
                <tr>
                  <th scope="row">Since</th>
                  <td title={formatDateTime(status.startedAt)}>{formatTime(status.startedAt)}</td>
                </tr>
              )}
              {status.stopsAt !== null && (
                <tr>
                  <th scope="row">Stops by itself</th>
                  <td title={formatDateTime(status.stopsAt)}>at {formatTime(status.stopsAt)}</td>
                </tr>
              )}
              <tr>
                <th scope="row">Packets</th>
                <td>
                  <Switch
                    size="xs"
                    label="Keep every packet of file transfers"
                    description={
                      status.keepsAllPackets
                        ? 'Large files push earlier boots out of the history.'
                        : 'Of fast transfers, the first packets, errors and repetitions are kept, and one block in a while.'
                    }
                    checked={status.keepsAllPackets}
                    onChange={({ currentTarget: { checked } }) =>
                      void attempt('Packets', () => call('frames.keep', { all: checked }))
                    }
                  />
                </td>
              </tr>
              <tr>
                <th scope="row">Lab file</th>
                <td className="wraps">
                  <span className="mono">{lab.path}</span>
                  {lab.lab && <ExportButton lab={lab.lab} />}
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
