import { t, textOf } from '#messages/text.ts'
import { Anchor, NativeSelect, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import { clockText, type TimeLine } from '#shared/logs/time-line.ts'
import { ask, useSources } from '../flows/client.ts'
import { nameOfSource } from '../flows/source-names.ts'
import { Fold } from '../parts/fold.tsx'
import { useRead } from '../parts/use-read.ts'
import { addressOf } from '../route.ts'
import type { ReadLog } from './use-log.ts'

/** Of a machine no more than this is drawn. */
const mostItems = 500
const mostMachines = 100

function MachineLine({
  source,
  machine: { mac, items },
  opens,
}: {
  readonly source: string
  readonly machine: TimeLine['machines'][number]
  readonly opens: boolean
}): ReactElement {
  return (
    <Fold
      label={t('planner-page.log-capture', { mac })}
      opens={opens}
      summary={
        <>
          <strong className="mono">{mac}</strong>{' '}
          <Text span size="xs" c="dimmed">
            {formatDateTime(items[0]!.atMs)}
          </Text>
        </>
      }
    >
      <table className="grid-table">
        <thead>
          <tr>
            <th>{t('planner-page.time')}</th>
            <th>{t('planner-page.from')}</th>
            <th>{t('planner-page.what')}</th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, mostItems).map(({ atMs, from, text, entry, frame }, index) => (
            <tr key={index}>
              <td className="mono tight">{((atMs - items[0]!.atMs) / 1000).toFixed(3)} s</td>
              <td className="tight">{from === 'log' ? t('planner-page.log-line', { line: entry!.line }) : <Anchor href={addressOf('flows', `${source}||${frame}`)}>{t('planner-page.frame', { frame })}</Anchor>}</td>
              <td>{textOf(text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > mostItems && (
        <Text size="sm" c="dimmed">{t('planner-page.more-filter-time', { count: items.length - mostItems })}</Text>
      )}
    </Fold>
  )
} // prettier-ignore

function OneLog({ log, source, machine, version }: { readonly log: ReadLog; readonly source: string; readonly machine: string; readonly version: number }): ReactElement | null {
  const { value, error } = useRead(() => ask('timeLine', source, log.moments), `${source} ${version} ${log.name} ${log.moments.length} ${log.report.lines}`)
  const wanted = machine.toUpperCase().replace(/[^\dA-F]/g, '')
  if (error !== undefined) return <Text size="sm" c="var(--lab-bad)">{error}</Text>
  if (!value) return null
  const machines = value.machines.filter((one) => one.items.length > 0 && one.mac.replaceAll(':', '').includes(wanted))
  return (
    <>
      <Text size="sm" mb={4}>
        <strong>{log.name}</strong>: {textOf(clockText(value))}
      </Text>
      {machines.slice(0, mostMachines).map((one) => (
        <MachineLine key={one.mac} source={source} machine={one} opens={machines.length === 1} />
      ))}
      {machines.length > mostMachines && (
        <Text size="sm" c="dimmed">{t('planner-page.machines-more-filter-machine', { count: machines.length - mostMachines })}</Text>
      )}
    </>
  )
} // prettier-ignore

/** What logs say beside what a capture of the same time shows, on one clock. */
export function LogAndWire({ logs, machine }: { readonly logs: readonly ReadLog[]; readonly machine: string }): ReactElement | null {
  const states = useSources((one) => one.states)
  const [chosen, setChosen] = useState<string>()
  const told = logs.filter((one) => one.moments.length > 0)
  const sources = [...states.values()].filter((one) => one.attempts > 0).map((one) => one.source)
  if (told.length === 0) return null
  const source = chosen !== undefined && sources.includes(chosen) ? chosen : sources.at(-1)
  return (
    <section aria-label={t('planner-page.log-capture-2')}>
      <Title order={2} mt={16} mb={4}>
        {t('planner-page.log-capture-2')}
</Title>
      {source === undefined ? (
        <Text size="sm" c="dimmed">
          {t('planner-page.open-capture-same-time-flows')}
</Text>
      ) : (
        <>
          {sources.length > 1 && (
            <NativeSelect size="xs" maw={320} mb={6} aria-label={t('planner-page.capture')} value={source} onChange={(event) => setChosen(event.currentTarget.value)} data={sources.map((one) => ({ value: one, label: nameOfSource(one) }))} />
          )}
          {told.map((one, index) => (
            <OneLog key={`${one.name} ${index}`} log={one} source={source} machine={machine} version={states.get(source)!.last} />
          ))}
        </>
      )}
    </section>
  )
} // prettier-ignore
