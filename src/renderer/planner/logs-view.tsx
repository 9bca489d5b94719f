import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Button, FileButton, Group, Progress, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useDeferredValue, useState, type ReactElement } from 'react'
import { prefixOf, type LogEntry } from '#shared/logs/entry.ts'
import { LogClock } from '#shared/logs/log-time.ts'
import { isMachineId, type LogFilter, type LogReport } from '#shared/logs/reading.ts'
import type { Failure, StoryReport } from '#shared/logs/story.ts'
import { rules } from '#shared/planner/plan.ts'
import { WithCodes } from '../ask/with-codes.tsx'
import { bad, doubtful, good, Mark } from '../doctor/mark.tsx'
import { Fold } from '../parts/fold.tsx'
import { LogAndWire } from './log-and-wire.tsx'
import { noLog, useLog, type OpenLog } from './use-log.ts'
import { Rich } from '../parts/rich.tsx'

interface LogsViewProps {
  readonly log: OpenLog
  readonly onLog: (log: OpenLog) => void
  readonly onFiles: (files: readonly File[]) => void
  /** To a rule among the verdicts; undefined where nothing is judged. */
  readonly onRule: ((id: string) => void) | undefined
}

const outcomeMarks = { failed: bad, unknown: doubtful, good, open: doubtful } as const
const outcomes = {
  failed: say('planner-page.failed'),
  unknown: say('planner-page.something-failed-known'),
  good: say('planner-page.went-well'),
  open: say('planner-page.nothing-failed-end-told'),
} as const
/** A log of ten thousand machines is not drawn whole. */
const mostStories = 200

function Line({ entry }: { readonly entry: LogEntry }): ReactElement {
  const { line, time, id, text } = entry
  return (
    <Text size="xs" className="mono wraps">
      {line}: {time} {prefixOf(entry)} {id} <WithCodes text={text} />
    </Text>
  )
}

function FailureView({
  failure: { title, means, fix, entry, chain, count, codes, rules: ids, source, isConfirmed },
  onRule,
}: {
  readonly failure: Failure
  readonly onRule: LogsViewProps['onRule']
}): ReactElement {
  return (
    <div className="log-failure">
      <Text size="sm" fw={600}>
        <WithCodes text={textOf(title)} />
        {count > 1 && ` ${t('planner-page.entries', { count })}`}
      </Text>
      <Line entry={entry} />
      {chain.map((one) => (
        <Line key={`${one.file} ${one.line}`} entry={one} />
      ))}
      <Text size="sm">
        <strong>{t('planner-page.cause')}</strong> <WithCodes text={textOf(means)} />
      </Text>
      {fix !== '' && (
        <Text size="sm">
          <strong>{t('planner-page.fix')}</strong> <WithCodes text={textOf(fix)} />
        </Text>
      )}
      {codes.map(({ code, words }) => (
        <Text key={code} size="sm">
          <span className="mono">
            <WithCodes text={code} />
          </span>{' '}
          {textOf(words)}
        </Text>
      ))}
      {ids.map((id) => (
        <Text key={id} size="sm">
          <Rich
            message={say('planner-page.planner-rule', { rule: id, title: rules.find((one) => one.id === id)?.title })}
            tags={{ rule: (text) => <span className="mono">{text}</span> }}
          />{' '}
          {onRule && (
            <Button size="compact-xs" variant="subtle" onClick={() => onRule(id)}>
              {t('planner-page.show-rule')}
            </Button>
          )}
        </Text>
      ))}
      <Text size="xs" c="dimmed">
        {source}
        {!isConfirmed && t('planner-page.wording-confirmed')}
      </Text>
    </div>
  )
}

function StoryView({
  story: { name, guid, outcome, entries, requests, failures, notes, steps, strange, strangeCount },
  onRule,
}: {
  readonly story: StoryReport
  readonly onRule: LogsViewProps['onRule']
}): ReactElement {
  return (
    <Fold
      label={textOf(name)}
      opens={outcome === 'failed' || outcome === 'unknown'}
      summary={
        <>
          <Mark {...outcomeMarks[outcome]} />
          <strong>{textOf(name)}</strong>{' '}
          <Text span size="xs" c="dimmed">
            {guid} {textOf(outcomes[outcome])}, {t('planner-page.entry-count', { count: entries })}
            {requests > 1 && t('planner-page.requests', { requests })}
          </Text>
        </>
      }
    >
      <div className="indented">
        {failures
          .filter((one) => !one.isOvercome)
          .map((one) => (
            <FailureView key={`${one.id} ${one.entry.line}`} failure={one} onRule={onRule} />
          ))}
        {failures
          .filter((one) => one.isOvercome)
          .map((one) => (
            <Text key={`${one.id} ${one.entry.line}`} size="sm" c="dimmed">
              <WithCodes text={t('planner-page.overcome-later', { title: one.title, line: one.entry.line })} />
            </Text>
          ))}
        {strangeCount > 0 && (
          <>
            <Text size="sm" fw={600}>
              {t('planner-page.unknown-errors', { count: strangeCount })}
            </Text>
            {strange.map((one) => (
              <Line key={`${one.file} ${one.line}`} entry={one} />
            ))}
          </>
        )}
        {notes.map((one) => (
          <Text key={`${one.id} ${one.entry.line}`} size="sm" c="dimmed">
            <WithCodes
              text={t('planner-page.failure-line', {
                title: one.title,
                line: one.entry.line,
                meaning: one.means,
                fix: one.fix,
              })}
            />
          </Text>
        ))}
        {steps.map((one) => (
          <Text key={`${textOf(one.text)} ${one.entry.line}`} size="sm" c="dimmed">
            <WithCodes text={t('planner-page.text-at-line', { text: one.text, line: one.entry.line })} />
          </Text>
        ))}
      </div>
    </Fold>
  )
}

function headline(reports: readonly LogReport[], isReading: boolean, machine: string): string {
  if (isReading) return t('planner-page.reading-log')
  if (reports.length === 0) return t('planner-page.paste-drop-log')
  if (machine !== '' && reports.every((one) => one.stories.length === 0))
    return t('planner-page.machine-log', { machine })
  const stories = reports.flatMap((one) => one.stories)
  const failures = stories.flatMap((one) => one.failures).filter((one) => !one.isOvercome).length
  const lines = t('planner-page.line-count', { count: reports.reduce((sum, one) => sum + one.lines, 0) })
  if (failures > 0) return t('planner-page.failures-in', { failures, lines })
  if (stories.some((one) => one.outcome === 'unknown')) return t('planner-page.something-failed-known-see-lines')
  if (stories.some((one) => one.outcome === 'good')) return t('planner-page.nothing-failed', { lines })
  if (stories.some((one) => one.failures.length > 0))
    return t('planner-page.failed-overcome-later-entry-tells', { lines })
  return t('planner-page.entry-tells-failure-none-went', { lines })
}

/** Logs of WDS, Configuration Manager and Windows Setup, told by machine and by step. */
export function LogsView({ log, onLog, onFiles, onRule }: LogsViewProps): ReactElement {
  const [machine, setMachine] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const moment = (text: string): number | undefined => new LogClock().read(text)?.localMs
  const wrongTime = (text: string): string | false => text.trim() !== '' && moment(text) === undefined && t('planner-page.such-2026-11-24-09')
  const filter: LogFilter = useDeferredValue(
    { ...(machine.trim() !== '' && { machine }), ...(moment(from) !== undefined && { fromMs: moment(from)! }), ...(moment(to) !== undefined && { toMs: moment(to)! }) }, // prettier-ignore
  )
  const { logs, progress, problem, stop } = useLog(log, filter)
  const reports = logs.map((one) => one.report)
  const stories = reports.flatMap((one) => one.stories)
  const { files, text } = log
  return (
    <>
      <div role="status">
        <Title order={1} mb={8}>
          {headline(reports, progress !== undefined, machine.trim())}
        </Title>
      </div>
      <Group gap="xs" mb={6} align="flex-start">
        <FileButton multiple accept=".log,.txt,.lo_,.xml,.gz,.zst,.lz4,text/plain" onChange={(list) => list.length > 0 && onFiles(list)}>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              {t('planner-page.open-logs')}
</Button>
          )}
        </FileButton>
        <Button size="xs" variant="default" disabled={text === '' && files.length === 0} onClick={() => onLog(noLog)}>
          {t('planner-page.clear')}
</Button>
        <TextInput size="xs" w={170} aria-label={t('planner-page.machine')} placeholder={t('planner-page.mac-address-guid')} value={machine} error={machine.trim() !== '' && !isMachineId(machine) && t('planner-page.such-00-15-5d')} onChange={(event) => setMachine(event.currentTarget.value)} />
        <TextInput size="xs" w={175} aria-label={t('planner-page.from')} placeholder={t('planner-page.2026-11-24-09-00')} value={from} error={wrongTime(from)} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput size="xs" w={175} aria-label={t('planner-page.to')} placeholder={t('planner-page.2026-11-24-10-00')} value={to} error={wrongTime(to)} onChange={(event) => setTo(event.currentTarget.value)} />
      </Group>
      {progress && (
        <Group gap="xs" mb={8}>
          <Progress className="grows" aria-label={t('planner-page.read')} value={(progress.read / Math.max(1, progress.total)) * 100} />
          <Button size="xs" variant="default" onClick={stop}>
            {t('planner-page.cancel')}
</Button>
        </Group>
      )}
      {problem !== undefined && (
        <Text size="sm" c="var(--lab-bad)" mb={8}>
          {problem}
        </Text>
      )}
      {files.length > 0 ? (
        <Text size="sm" c="dimmed" mb={8}>
          {files.map((one) => one.name).join(', ')}
        </Text>
      ) : (
        <Textarea
          aria-label={t('planner-page.log')}
          classNames={{ input: 'mono' }}
          rows={text === '' ? 10 : 5}
          spellCheck={false}
          placeholder={t('planner-page.smspxe-log-smsts-log-setupact')}
          value={text}
          onChange={(event) => onLog({ text: event.currentTarget.value, files: [] })}
        />
      )}
      <section aria-label={t('planner-page.log-says')}>
        {stories.slice(0, mostStories).map((one, index) => (
          <StoryView key={`${one.kind} ${textOf(one.name)} ${index}`} story={one} onRule={onRule} />
        ))}
        {stories.length > mostStories && (
          <Text size="sm" c="dimmed">
            {t('planner-page.more-stories', { count: stories.length - mostStories })}
          </Text>
        )}
      </section>
      {progress === undefined && <LogAndWire logs={logs} machine={machine} />}
    </>
  )
} // prettier-ignore
