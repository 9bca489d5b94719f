import { Button, Group, Kbd, Text, Title } from '@mantine/core'
import { useEffect, useState, type ReactElement, type ReactNode } from 'react'
import { t, textOf } from '#messages/text.ts'
import { playbackShortcuts } from '#shared/knowledge/shortcuts.ts'
import type { Scenario } from '#shared/simulation/scenario.ts'
import type { Step } from '#shared/simulation/story.ts'
import type { Playback } from './playback.ts'

const twoDigits = (value: number): string => String(value).padStart(2, '0')
const clockText = (seconds: number): string => `${Math.floor(seconds / 60)}:${twoDigits(seconds % 60)}`

/** How long the presentation has gone on, by the timers of the window that is looked at. */
function Clock({ beganMs, view }: { readonly beganMs: number; readonly view: Window }): ReactElement {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const look = (): void => setSeconds(Math.max(0, Math.round((performance.now() - beganMs) / 1000)))
    look()
    const timer = view.setInterval(look, 1000)
    return () => view.clearInterval(timer)
  }, [beganMs, view])
  return (
    <Text className="notes-clock" aria-label={t('simulator.since')} title={t('simulator.since')}>
      {clockText(seconds)}
    </Text>
  )
}

interface NotesViewProps {
  readonly view: Window
  readonly beganMs: number
  readonly scenario: Scenario
  readonly steps: readonly Step[]
  readonly playback: Playback
  /** What the analysis says of the packets of the step and of the one before it. */
  readonly remarks: readonly string[]
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement => (
  <section aria-label={title}>
    <Text className="notes-title">{title}</Text>
    {children}
  </section>
)

/** What somebody in front of a class wants to read and the class does not: what comes next, what to say, the time, the keys. */
export function NotesView({ view, beganMs, scenario, steps, playback, remarks }: NotesViewProps): ReactElement {
  const { index } = playback
  const step = steps[index]
  const next = steps[index + 1]
  const repairs = scenario.repairs.filter((one) => one.isAccepted)
  return (
    <main className="notes">
      <Group justify="space-between" wrap="nowrap" align="start">
        <Title order={1} size="h4">
          {scenario.title}
        </Title>
        <Clock beganMs={beganMs} view={view} />
      </Group>
      <Part title={t('simulator.now')}>
        <Text c="dimmed" size="sm">
          {t('simulator.stands-at', { step: index + 1, steps: steps.length })}
        </Text>
        <Text className="notes-now" data-tone={step?.tone}>
          {textOf(step?.sentence) ?? t('simulator.notes-ready')}
        </Text>
        {remarks.map((text) => (
          <Text key={text} size="sm" mt={4}>
            {text}
          </Text>
        ))}
      </Part>
      <Part title={t('simulator.next-packet')}>
        <Text data-tone={next?.tone} className="notes-next">
          {textOf(next?.sentence) ?? t('simulator.no-next')}
        </Text>
        <Group gap="xs" mt="xs">
          <Button size="xs" variant="default" onClick={() => playback.to(index - 1)}>
            {t('simulator.previous')}
          </Button>
          <Button size="xs" onClick={() => playback.to(index + 1)}>
            {t('simulator.next')}
          </Button>
        </Group>
      </Part>
      <Part title={t('simulator.story')}>
        <Text size="sm">{scenario.summary}</Text>
        {scenario.look.length > 0 && (
          <>
            <Text size="sm" fw={600} mt={6}>
              {t('simulator.watch-for')}
            </Text>
            <ul>
              {scenario.look.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </>
        )}
        {scenario.goesWrong !== undefined && (
          <>
            <Text size="sm" fw={600} mt={6}>
              {t('simulator.wrong')}
            </Text>
            <Text size="sm">{scenario.goesWrong}</Text>
          </>
        )}
        {repairs.length > 0 && (
          <Text size="sm" fw={600} mt={6}>
            {t('simulator.repair')}
          </Text>
        )}
        {repairs.map((one) => (
          <Text key={one.title} size="sm">
            {one.title}. {one.says}
          </Text>
        ))}
      </Part>
      <Part title={t('simulator.keys')}>
        <dl className="notes-keys">
          {playbackShortcuts.map((one) => (
            <div key={one.keys[0]}>
              <dt>
                {one.keys.map((key) => (
                  <Kbd key={key} size="xs">
                    {key}
                  </Kbd>
                ))}
              </dt>
              <dd>{textOf(one.does)}</dd>
            </div>
          ))}
        </dl>
      </Part>
      <Text size="xs" c="dimmed">
        {t('simulator.notes-hint')}
      </Text>
    </main>
  )
}
