import { Button, FileButton, Group, Text, Textarea, Title } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import type { LogLine } from '#shared/planner/log-lines.ts'
import { readLog, type LogFinding } from '#shared/planner/logs.ts'
import { rules } from '#shared/planner/plan.ts'
import { bad, doubtful, good, Mark } from '../doctor/mark.tsx'
import { Fold } from '../parts/fold.tsx'

export interface OpenLog {
  readonly name: string
  readonly text: string
}

interface LogsViewProps {
  readonly log: OpenLog
  readonly onLog: (log: OpenLog) => void
  readonly onFile: (file: File) => void
  /** To a rule among the verdicts; undefined where nothing is judged. */
  readonly onRule: ((id: string) => void) | undefined
}

const kindMarks = { failure: bad, hint: doubtful, good } as const
/** More than that is read and not shown: a text field of megabytes is of no use. */
const mostShown = 200_000

function Line({ line }: { readonly line: LogLine }): ReactElement {
  return (
    <Text size="xs" className="mono" style={{ overflowWrap: 'anywhere' }}>
      {line.line}: {line.time} {line.component} {line.text}
    </Text>
  )
}

function FindingView({
  finding: { signature, first, last, count },
  onRule,
}: {
  readonly finding: LogFinding
  readonly onRule: LogsViewProps['onRule']
}): ReactElement {
  const { kind, title, means, remedy, source } = signature
  return (
    <Fold
      label={title}
      opens={kind === 'failure'}
      summary={
        <>
          <Mark {...kindMarks[kind]} />
          <strong>{title}</strong>{' '}
          <Text span size="xs" c="dimmed">
            {{ failure: 'failure', hint: 'hint', good: 'as it should be' }[kind]}
            {count > 1 && `, ${count} times`}
          </Text>
        </>
      }
    >
      <div style={{ paddingLeft: 20 }}>
        <Line line={first} />
        {count > 1 && <Line line={last} />}
        <Text size="sm">{means}</Text>
        {kind !== 'good' && (
          <Text size="sm">
            <strong>Remedy.</strong> {remedy}
          </Text>
        )}
        {signature.rules.map((id) => (
          <Text key={id} size="sm">
            <span className="mono">{id}</span> {rules.find((one) => one.id === id)?.title}{' '}
            {onRule && (
              <Button size="compact-xs" variant="subtle" onClick={() => onRule(id)}>
                How it is here
              </Button>
            )}
          </Text>
        ))}
        <Text size="xs" c="dimmed">
          {source}
        </Text>
      </div>
    </Fold>
  )
}

/** Logs of Configuration Manager and of Windows Setup: what is known of what they say. */
export function LogsView({ log, onLog, onFile, onRule }: LogsViewProps): ReactElement {
  const reading = useMemo(() => readLog(log.text), [log.text])
  const failures = reading.findings.filter((one) => one.signature.kind === 'failure').length
  const lines = `${reading.lines.toLocaleString('en')} ${reading.lines === 1 ? 'line' : 'lines'}`
  const isLarge = log.text.length > mostShown
  return (
    <>
      <div role="status">
        <Title order={1} mb={8}>
          {log.text.trim() === ''
            ? 'Paste or drop a log.'
            : failures > 0
              ? `${failures} known ${failures === 1 ? 'failure' : 'failures'} in ${lines}.`
              : reading.strangeCount > 0
                ? `No known failure, but ${reading.strangeCount} errors that nothing here knows.`
                : `No failure in ${lines}.`}
        </Title>
      </div>
      <Group gap="xs" mb={6}>
        <FileButton accept=".log,.txt,.lo_,text/plain" onChange={(file) => file && onFile(file)}>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              Open a log…
            </Button>
          )}
        </FileButton>
        <Button size="xs" variant="default" disabled={log.text === ''} onClick={() => onLog({ name: '', text: '' })}>
          Clear
        </Button>
        <Text size="xs" c="dimmed">
          {log.name || 'CreateTSMedia.log, SMSPXE.log, smsts.log, setupact.log, setuperr.log'}
        </Text>
      </Group>
      {isLarge ? (
        <Text size="sm" c="dimmed" mb={8}>
          The log is large ({(log.text.length / 1e6).toFixed(1)} million characters): it was read, and is not shown.
        </Text>
      ) : (
        <Textarea
          aria-label="Log"
          classNames={{ input: 'mono' }}
          rows={log.text === '' ? 10 : 5}
          spellCheck={false}
          placeholder="CreateTsMedia failed with error 0x80070490"
          value={log.text}
          onChange={(event) => onLog({ name: '', text: event.currentTarget.value })}
        />
      )}
      <section aria-label="What the log says">
        {reading.findings.map((one) => (
          <FindingView key={one.signature.id} finding={one} onRule={onRule} />
        ))}
        {reading.strangeCount > 0 && (
          <Fold
            label="Errors that nothing here knows"
            opens={failures === 0}
            summary={
              <>
                <Mark {...doubtful} />
                <strong>
                  {reading.strangeCount} {reading.strangeCount === 1 ? 'error' : 'errors'} that nothing here knows
                </strong>
              </>
            }
          >
            <div style={{ paddingLeft: 20 }}>
              {reading.strange.map((line) => (
                <Line key={line.line} line={line} />
              ))}
            </div>
          </Fold>
        )}
      </section>
    </>
  )
}
