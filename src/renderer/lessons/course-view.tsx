import { Alert, Anchor, Badge, Button, FileButton, Group, NumberInput, Stack, Switch, Text, Title } from '@mantine/core'
import { IconCheck, IconUsersGroup } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import type { LabProblem } from '#shared/lab/lab.ts'
import { mostVariant } from '#shared/lessons/variants.ts'
import { lessonLevels } from '#shared/lessons/lesson.ts'
import { t } from '#messages/text.ts'
import { hasBackEnd } from '../connection.ts'
import { problemText } from '../parts/problem-text.ts'
import { addressOf, go } from '../route.ts'
import { listScenarios } from '../scenarios.ts'
import { complain } from '../store.ts'
import { readTextOf } from '../text-file.ts'
import { course } from './client.ts'
import { ExportButton } from './export-button.tsx'
import { ownLesson, type CourseEntry } from './engine.ts'
import { PrintButton } from './print-button.tsx'
import { classPage, courseItem } from './place.ts'
import { forgetCourse, keyOf, keepState, takeOwn, useProgress } from './progress.ts'

const levels = {
  basics: 'lesson.level-basics',
  practice: 'lesson.level-practice',
  advanced: 'lesson.level-advanced',
} as const

/** Far above the longest lesson that somebody writes. */
const mostCharacters = 1_000_000

function LessonCard({ entry, number }: { readonly entry: CourseEntry; readonly number: number }): ReactElement {
  const { seed, isBlind, states, best } = useProgress()
  const place = { id: entry.id, seed, isBlind }
  const done = best[entry.id]
  const state = states[keyOf(place)]
  return (
    <Anchor
      href={addressOf('simulator', courseItem({ ...place, step: undefined }))}
      className="scenario-card"
      underline="never"
      c="inherit"
    >
      <Stack gap={2}>
        <Group gap={6} wrap="nowrap">
          <Text fw={600} size="sm">
            {t('lesson.numbered', { number, title: isBlind ? entry.blindTitle : entry.title })}
          </Text>
          {done && (
            <Badge size="xs" color="green" variant="light" tt="none" leftSection={<IconCheck size={10} />}>
              {t('lesson.score', { score: done.score, of: done.of })}
            </Badge>
          )}
          {!done && state && state.at > 0 && (
            <Badge size="xs" color="yellow" variant="light" tt="none">
              {t('lesson.begun')}
            </Badge>
          )}
        </Group>
        {!isBlind && (
          <Text size="xs" c="dimmed">
            {entry.summary}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {t('lesson.about-minutes', { minutes: entry.minutes })}
        </Text>
      </Stack>
    </Anchor>
  )
}

/** The course: its lessons by level, with what has been done so far. */
export function CourseView({ entries }: { readonly entries: readonly CourseEntry[] }): ReactElement {
  const { seed, isBlind, best } = useProgress()
  const [problems, setProblems] = useState<readonly LabProblem[]>()
  const done = entries.filter(({ id }) => best[id]).length
  const openOwn = async (file: File | null): Promise<void> => {
    if (!file) return
    try {
      const { text } = await readTextOf(file.slice(0, mostCharacters))
      const read = await course('own', text)
      setProblems(read.ok ? undefined : read.problems)
      if (!read.ok) return
      takeOwn(text)
      keepState({ id: ownLesson, seed, isBlind }, undefined)
      go('simulator', courseItem({ id: ownLesson, seed, isBlind, step: undefined }))
    } catch (error) {
      complain(error, t('lesson.open-own'))
    }
  }
  return (
    <div className="page-body">
      <Title order={1}>{t('lesson.course')}</Title>
      <Text c="dimmed" maw={760}>
        {t('lesson.about')}
      </Text>
      <Group mt="sm" gap="md" align="flex-end">
        <NumberInput
          label={t('lesson.variant-label')}
          description={t('lesson.variant-hint')}
          size="xs"
          w={260}
          min={1}
          max={mostVariant}
          allowDecimal={false}
          clampBehavior="strict"
          value={seed}
          onChange={(value) => typeof value === 'number' && value >= 1 && useProgress.setState({ seed: value })}
        />
        <Switch
          label={t('lesson.blind')}
          description={t('lesson.blind-hint')}
          size="xs"
          checked={isBlind}
          onChange={(event) => useProgress.setState({ isBlind: event.currentTarget.checked })}
        />
        <FileButton onChange={(file) => void openOwn(file)} accept=".yaml,.yml">
          {(props) => (
            <Button {...props} size="xs" variant="default">
              {t('lesson.open-own')}
            </Button>
          )}
        </FileButton>
        <PrintButton
          title={t('lesson.course')}
          lessons={async () => {
            const scenarios = await listScenarios()
            return entries.map((entry) => ({
              place: { id: entry.id, seed, isBlind },
              input: scenarios.find(({ id }) => id === entry.scenario)?.input,
            }))
          }}
        />
        <ExportButton wanted={() => ({ isBlind })} />
        {hasBackEnd && (
          <Button
            component="a"
            size="xs"
            variant="default"
            href={addressOf('simulator', classPage)}
            leftSection={<IconUsersGroup size={15} />}
          >
            {t('class.title')}
          </Button>
        )}
      </Group>
      {problems && (
        <Alert mt="sm" color="red" variant="light" role="alert" title={t('lesson.own-wrong')}>
          {problems.map((one) => (
            <Text key={problemText(one)} size="sm">
              {problemText(one)}
            </Text>
          ))}
        </Alert>
      )}
      <Group mt="sm" gap="xs">
        <Text size="sm" c="dimmed">
          {t('lesson.done-of', { done, of: entries.length })}
        </Text>
        {done > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={forgetCourse}>
            {t('lesson.forget')}
          </Button>
        )}
      </Group>
      {lessonLevels.map((level) => (
        <section key={level} className="section">
          <Title order={2} size="h4" mb={6}>
            {t(levels[level])}
          </Title>
          <div className="scenario-grid">
            {entries.map(
              (entry, at) => entry.level === level && <LessonCard key={entry.id} entry={entry} number={at + 1} />,
            )}
          </div>
        </section>
      ))}
    </div>
  )
}
