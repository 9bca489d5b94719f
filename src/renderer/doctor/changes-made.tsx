import { t } from '#messages/text.ts'
import { Alert, Button, Group, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { formatDateTime } from '#shared/contract/format.ts'
import type { RemedyEntry } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'

const phases = {
  applying: t('doctor-page.being-made'),
  applied: t('doctor-page.made'),
  undoing: t('doctor-page.being-taken-back'),
  undone: t('doctor-page.taken-back'),
} as const

function Log({ entry }: { readonly entry: RemedyEntry }): ReactElement | null {
  if (entry.log.length === 0) return null
  return (
    <details>
      <summary>{t('doctor-page.run')}</summary>
      {entry.log.map(({ command, code, output }, index) => (
        <div key={index}>
          <div className="mono wraps">{command}</div>
          <pre className="mono doctor-raw">{`${output.trim()}${code === 0 ? '' : ` ${t('doctor-page.exit-code', { code })}`}`}</pre>
        </div>
      ))}
    </details>
  )
}

/** What was changed on this machine from here, and the way back. */
export function ChangesMade({
  entries,
  onChanged,
}: {
  readonly entries: readonly RemedyEntry[]
  readonly onChanged: () => void
}): ReactElement | null {
  const [busy, setBusy] = useState<string>()
  if (entries.length === 0) return null
  const act = async (verb: 'undo' | 'finish', id: string): Promise<void> => {
    setBusy(id)
    await attempt(t('doctor-page.changes-machine'), () => call(`remedy.${verb}`, { id }))
    setBusy(undefined)
    onChanged()
  }
  return (
    <section className="section" aria-label={t('doctor-page.changes-made-here')}>
      <Title order={2} mb={4}>
        {t('doctor-page.changes-made-here')}
      </Title>
      {entries.map((entry) => (
        <div key={entry.id} className="entry">
          {entry.isInterrupted && (
            <Alert color="orange" variant="light" title={t('doctor-page.interrupted', { change: entry.title })} mb={4}>
              {t('doctor-page.changes-place-finish-begun-bring', {
                done: entry.steps.filter((one) => one.state === 'done').length,
                all: entry.steps.length,
              })}
            </Alert>
          )}
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <Text size="sm" className="grows">
              {entry.title}{' '}
              <Text span c="dimmed" size="xs">
                {formatDateTime(Date.parse(entry.startedAt))},{' '}
                {entry.isInterrupted ? t('doctor-page.interrupted-2') : phases[entry.phase]}
              </Text>
              {entry.problem !== undefined && (
                <Text size="xs" c="var(--lab-bad)">
                  {entry.problem}
                </Text>
              )}
            </Text>
            {entry.isInterrupted && (
              <Button
                size="compact-xs"
                loading={busy === entry.id}
                onClick={() => void act('finish', entry.id)}
                variant="light"
              >
                {entry.phase === 'undoing' ? t('doctor-page.finish-taking-back') : t('doctor-page.finish')}
              </Button>
            )}
            {(entry.phase === 'applied' || (entry.isInterrupted && entry.phase === 'applying')) && (
              <Button
                size="compact-xs"
                variant="default"
                loading={busy === entry.id}
                onClick={() => void act('undo', entry.id)}
              >
                {t('doctor-page.undo')}
              </Button>
            )}
          </Group>
          <Log entry={entry} />
        </div>
      ))}
    </section>
  )
}
